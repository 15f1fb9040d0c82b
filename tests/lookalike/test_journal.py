"""The journal is bounded in entries and in bytes, and says what it cut."""

import tracemalloc
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.journal import JOURNAL_BODY, JOURNAL_LENGTH, MockJournal, any_entry
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Delete, Put
from lookalike.schema.validator import Violation

MIB = 2**20


def request(number: int = 0, body: bytes = b"", size_of_header: int = 0, path: str = "/pets") -> Request:
    return Request("PUT", f"{path}/{number}", "", Headers({"x": "h" * size_of_header + str(number)}), body, 1.0)


def outcome(body: bytes = b"", item: Any = None, violations: int = 0) -> Outcome:
    found = tuple(Violation("body", (), "type", f"violation {number}") for number in range(violations))
    changes = () if item is None else (Put("pet", 1, item), Delete("pet", 2))
    return Outcome(Response(200, (("A", "b"),), body), changes, found)


def numbers(journal: MockJournal) -> list[int]:
    return [entry.number for entry in journal.entries(any_entry, 10 * JOURNAL_LENGTH)]


def test_the_latest_thousand_entries_are_kept() -> None:
    journal = MockJournal()
    for number in range(JOURNAL_LENGTH + 37):
        journal.record(request(number), outcome())
    assert numbers(journal) == [*range(JOURNAL_LENGTH + 37, 37, -1)]


WEIGHTS: dict[str, dict[str, Any]] = {
    "request bodies": {"body": 1_000_000},
    "response bodies": {"content": 1_000_000},
    "heads": {"header": 60_000},
    "targets": {"path": 60_000},
    "items": {"fields": 1_000},
    "large items": {"fields": 5_000},
    "violations": {"violations": 1_000},
    "small exchanges": {},
}


def record(journal: MockJournal, weights: dict[str, int], times: int) -> None:
    """Record exchanges of that weight, no two of which share anything."""
    for number in range(times):
        fields = weights.get("fields", 0)
        journal.record(
            request(
                number,
                b"%d" % number + b"x" * weights.get("body", 0),
                weights.get("header", 0),
                "/" + "p" * weights.get("path", 0),
            ),
            outcome(
                b"%d" % number + b"y" * weights.get("content", 0),
                {f"field {name} of {number}": f"text {name}" for name in range(fields)} if fields else None,
                weights.get("violations", 0),
            ),
        )


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_no_traffic_takes_more_memory_than_the_limit_and_what_is_not_measured_yet(weights: dict[str, int]) -> None:
    limit, unmeasured = 2 * MIB, 15
    journal = MockJournal(limit)
    record(journal, weights, 16)
    tracemalloc.start()
    record(journal, weights, 15)
    of_recent = tracemalloc.get_traced_memory()[0]
    record(journal, weights, 1)
    tracemalloc.clear_traces()
    before = tracemalloc.get_traced_memory()[0]
    record(journal, weights, 52)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert held <= limit + of_recent / 15 * unmeasured
    assert journal.size <= limit
    assert numbers(journal)[0] == 16 + 15 + 1 + 52


def test_large_exchanges_push_out_older_ones_and_the_latest_stays() -> None:
    journal = MockJournal(MIB)
    record(journal, {"body": 60_000}, 160)
    assert 10 <= len(numbers(journal)) <= 32
    assert numbers(journal)[0] == 160


@pytest.mark.parametrize(
    ("sent", "decided", "cut"),
    [
        (request(body=b"x" * (JOURNAL_BODY + 1)), outcome(), ("request.body",)),
        (request(body=b"x" * JOURNAL_BODY), outcome(b"y" * JOURNAL_BODY), ()),
        (request(), outcome(b"y" * (JOURNAL_BODY + 1)), ("response.body",)),
        (request(), outcome(item={"text": "z" * 100_000}), ("changes",)),
        (request(), outcome(item={"text": "z" * 1_000}), ()),
        (request(), outcome(violations=101), ("violations",)),
        (request(), outcome(violations=100), ()),
    ],
)
def test_what_is_too_large_is_cut_and_named(sent: Request, decided: Outcome, cut: tuple[str, ...]) -> None:
    journal = MockJournal()
    journal.record(sent, decided)
    (entry,) = journal.entries(any_entry, 1)
    assert entry.cut == cut
    assert entry.request.body == sent.body[:JOURNAL_BODY]
    assert entry.outcome.response.body == decided.response.body[:JOURNAL_BODY]
    assert entry.outcome.changes == (() if "changes" in cut else decided.changes)
    assert entry.outcome.violations == decided.violations[:100]


def test_an_item_that_only_python_can_hold_is_kept_while_it_is_small() -> None:
    journal = MockJournal()
    journal.record(request(), outcome(item={"price": Decimal("1.10"), "big": 2**70}))
    (entry,) = journal.entries(any_entry, 1)
    assert entry.cut == ()
    assert entry.outcome.changes[0] == Put("pet", 1, {"price": Decimal("1.10"), "big": 2**70})


@pytest.mark.usefixtures("impatient_threads")
def test_threads_lose_no_entry_and_no_count_while_the_journal_is_read() -> None:
    journal = MockJournal(64 * MIB)
    recording = [Thread(target=record, args=(journal, {"fields": 3}, 100)) for _ in range(8)]
    for thread in recording:
        thread.start()
    while any(thread.is_alive() for thread in recording):
        latest = numbers(journal)
        assert latest == sorted(latest, reverse=True)
    assert sorted(numbers(journal)) == [*range(1, 801)]
    journal.clear()
    assert (numbers(journal), journal.size) == ([], 0)
