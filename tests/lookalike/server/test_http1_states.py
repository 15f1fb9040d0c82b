"""The states of a connection: the tables are these, and no order of events leads out of them."""

import asyncio
import re
from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.server.http1_states import READING, WRITING, ReadEvent, ReadState, WriteEvent, WriteState
from tests.support.connection import play

# The state after an event, by the state before; a hyphen where the event cannot occur.
READING_TABLE = """
                    IDLE       HEAD       BODY       LAST_HEAD  LAST_BODY  ENDED
BEGUN               HEAD       HEAD       -          LAST_HEAD  -          ENDED
HEAD_READ           -          BODY       -          LAST_BODY  -          ENDED
REQUEST_READ        -          -          IDLE       -          ENDED      ENDED
LAST_REQUEST_READ   -          -          ENDED      -          ENDED      ENDED
REREAD              -          -          HEAD       -          LAST_HEAD  -
REFUSED             ENDED      ENDED      ENDED      ENDED      ENDED      ENDED
STOPPING            ENDED      LAST_HEAD  LAST_BODY  LAST_HEAD  LAST_BODY  ENDED
STREAM_ENDED        ENDED      ENDED      ENDED      ENDED      ENDED      ENDED
"""
WRITING_TABLE = """
                 IDLE       SCHEDULED  DELAYED          BLOCKED          DELAYED_BLOCKED  ENDED
SCHEDULED        SCHEDULED  -          -                -                -                -
DECIDED          -          IDLE       -                -                -                ENDED
DELAYED          DELAYED    -          -                DELAYED_BLOCKED  -                ENDED
DELAY_OVER       -          -          IDLE             -                BLOCKED          -
BLOCKED          BLOCKED    -          DELAYED_BLOCKED  -                -                ENDED
UNBLOCKED        -          -          -                IDLE             DELAYED          ENDED
ENDED            ENDED      ENDED      ENDED            ENDED            ENDED            ENDED
"""

Table = Mapping[Any, Mapping[Any, IntEnum]]


def read(text: str) -> dict[tuple[str, str], str]:
    states, *rows = [line.split() for line in text.strip().splitlines()]
    cells = ((event, state, after) for event, *found in rows for state, after in zip(states, found, strict=True))
    return {(event, state): after for event, state, after in cells if after != "-"}


def flat(table: Table) -> dict[tuple[str, str], str]:
    return {(event.name, before.name): after.name for event, row in table.items() for before, after in row.items()}


@pytest.mark.parametrize(("table", "text"), [(READING, READING_TABLE), (WRITING, WRITING_TABLE)])
def test_the_transitions_are_these(table: Table, text: str) -> None:
    assert flat(table) == read(text)


@pytest.mark.parametrize(
    ("table", "states", "events"), [(READING, ReadState, ReadEvent), (WRITING, WriteState, WriteEvent)]
)
def test_every_state_is_reached_and_none_but_the_end_is_kept(
    table: Table, states: type[IntEnum], events: type[Enum]
) -> None:
    assert set(table) == set(events)
    edges = {(before, after) for row in table.values() for before, after in row.items()}
    first, *_, last = states
    assert {after for before, after in edges if before is last} == {last}
    assert {after for before, after in edges if before is not last} | {first} == set(states)
    assert {before for before, after in edges if after is last} == set(states)


# Requests as they come, whole or in parts, with what they may make a connection do: keep, close, delay, refuse.
HEAD = (
    b"PUT /leads/9876543210/update HTTP/1.1\r\nHost: localhost\r\n"
    b"Authorization: Bearer tok-valid\r\nContent-Type: application/json\r\n"
)
PIECES = (
    HEAD + b"Content-Length: 17\r\n\r\n" + b'{"lead_data": {}}',
    HEAD + b"Content-Length: 17\r\n\r\n",
    b'{"lead_data": {}}',
    HEAD + b"Prefer: delay=1\r\nContent-Length: 0\r\n\r\n",
    HEAD + b"Lookalike-Fault: dribble=3ms\r\nContent-Length: 0\r\n\r\n",
    HEAD + b"Lookalike-Fault: truncate=3\r\nContent-Length: 0\r\n\r\n",
    HEAD + b"Lookalike-Fault: reset\r\nContent-Length: 0\r\n\r\n",
    HEAD + b"Connection: close\r\n\r\n",
    HEAD + b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}",
    HEAD + b"Proxy-Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}",
    HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    HEAD + b"Content-Length: 9999999\r\n\r\n{",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n",
    HEAD[:30],
    HEAD[30:],
    b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n",
    b"\0",
    b"X: " + b"a" * 70_000 + b"\r\n",
)
EVENTS = ("turn", "later", "end_of_stream", "stop", "gone")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(EVENTS), st.integers(1, 3)), max_size=14))
def test_no_order_of_events_leads_out_of_the_tables(events: list[bytes | str | int]) -> None:
    played = asyncio.run(play(events))
    client, connection = played.client, played.connection
    assert played.defects == []
    assert connection._writing in {WriteState.IDLE, WriteState.ENDED}
    assert not connection._waiting
    if connection._reading is ReadState.ENDED:
        assert connection._writing is WriteState.ENDED
    else:
        assert not client.is_paused


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES[:1] + PIECES[3:4]), min_size=1, max_size=9),
    full=st.integers(1, 5),
    others=st.lists(st.sampled_from(["turn", "later"]), max_size=5),
)
def test_every_request_that_was_read_gets_its_response_in_order(
    pieces: list[bytes], full: int, others: list[str]
) -> None:
    client = asyncio.run(play([full, b"".join(pieces), *others, "later"])).client
    expected = [b"201" if piece is PIECES[0] else b"400" for piece in pieces]
    assert re.findall(rb"HTTP/1\.1 (\d{3})", client.sent) == expected


def test_a_server_that_stops_answers_the_request_that_has_begun_and_closes_after_it() -> None:
    whole, head, body = PIECES[:3]
    played = asyncio.run(play([whole + head, "turn", "stop", "turn", body, "turn"]))
    client, connection = played.client, played.connection
    assert re.findall(rb"HTTP/1\.1 (\d{3})", client.sent) == [b"201", b"201"]
    assert client.sent.count(b"Connection: close") == 1
    assert client.is_closed
    assert connection._reading is ReadState.ENDED
