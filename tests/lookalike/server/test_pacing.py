"""Requests that take long: they are given up in the thread that serves all clients, and answered beside it."""

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from itertools import count
from operator import itemgetter
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.codecs.forms import from_urlencoded
from lookalike.codecs.json_text import parse_json
from lookalike.codecs.xml_text import from_xml
from lookalike.contract.requests import MediaType
from lookalike.http import Headers, Request, Response
from lookalike.model.state import Change, Put, State
from lookalike.pacing import SECONDS_OF_TURN, STEPS_OF_TURN, TakesLong, at_length, begin_turn, beside, end_turn, spend
from lookalike.schema.value_types import ValueType
from lookalike.server.dispatch import Dispatcher
from lookalike.server.serve import MockServer
from lookalike.service import MockService
from lookalike.stores.memory import BoundedMemoryStore, MemoryStore
from lookalike.stores.store import Update

MANY = 2_000
LEFT = 10  # steps of a turn, which others have taken the rest of: for a thousand items
# Made of three thousand proposals, of which none fits.
GREEDY = {"type": "string", "pattern": "^(?=.{40}$)[a-z]{1,80}$", "minLength": 70}
RECURSIVE = {"anyOf": [{"type": "object", "required": [name], "properties": {"k": {"$ref": "#/components/schemas/X"}}}
                       for name in "zy"]}  # fmt: skip


def shows(schema: Any) -> dict[str, Any]:
    return {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Long", "version": "1"},
    "paths": {
        "/ok": {"get": {"responses": {"200": {"description": "OK"}}}},
        "/greedy": {"get": {"responses": shows(GREEDY)}},
        "/body": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/X"}}}},
                "responses": {"200": {"description": "OK"}, "400": {"description": "Bad"}},
            }
        },
        "/pets": {
            "get": {
                "parameters": [
                    {"name": "sort", "in": "query", "schema": {"type": "string"}},
                    {"name": "id", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "description": "OK",
                        "content": {
                            media_type: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}
                            for media_type in ("application/json", "application/xml")
                        },
                    }
                },
            },
            "post": {"responses": {"201": shows({"$ref": "#/components/schemas/Pet"})["200"]}},
        },
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"responses": shows({"$ref": "#/components/schemas/Pet"})},
            "delete": {"responses": {"204": {"description": "Deleted"}}},
        },
    },
    "components": {
        "schemas": {"X": RECURSIVE, "Pet": {"type": "object", "properties": {"id": {"type": "integer"}}}},
    },
}


def service(tmp_path: Path, items: int = 3, size: int = 0) -> MockService:
    document = tmp_path / "long.json"
    document.write_text(json.dumps(DOCUMENT))
    data = {"pet": [{"id": number, **({"text": "x" * size} if size else {})} for number in range(items)]}
    return assemble(load(Sources(document, data=data)))


def get(path: str, query: str = "", accept: str = "*/*") -> Request:
    return Request("GET", path, query, Headers({"accept": accept}), b"", 1.0)


def post(path: str, body: bytes) -> Request:
    return Request("POST", path, "", Headers({"content-type": "application/json"}), body, 1.0)


def in_turn(work: Callable[[], Response]) -> Response | None:
    """The response of the thread that serves all clients; None where it gives the request up."""
    begin_turn()
    spend(STEPS_OF_TURN - LEFT)
    try:
        return work()
    except TakesLong:
        return None
    finally:
        end_turn()


class Long(NamedTuple):
    requests: tuple[Request, ...]
    is_long_again: bool = False
    items: int = 3
    size: int = 0


NAMES = dict.fromkeys(map(str, range(20_000)), 1)
LONG = {
    "the first request to an operation": Long((get("/ok"),)),
    "a body that is searched for": Long((get("/greedy"),)),
    "the first refused body of a recursive schema": Long(
        (post("/body", b'{"k":' * 20 + b"1" + b"}" * 20),),
    ),
    "a body of many names": Long((post("/pets", json.dumps(NAMES).encode()),), is_long_again=True),
    "a list of many items": Long((get("/pets"),), is_long_again=True, items=MANY),
    "a list of large items": Long((get("/pets"),), is_long_again=True, items=20, size=50_000),
}


@pytest.mark.parametrize("name", LONG)
def test_a_request_that_takes_long_is_answered_beside_and_then_in_turn(tmp_path: Path, name: str) -> None:
    long = LONG[name]
    mock = service(tmp_path, long.items, long.size)
    for request in long.requests:
        assert in_turn(lambda request=request: mock.handle(request)) is None  # type: ignore[misc]  # a default
        with beside():
            first = mock.handle(request)
        assert first == service(tmp_path, long.items, long.size).handle(request)  # as in a thread that nobody waits for
        again = in_turn(lambda request=request: mock.handle(request))  # type: ignore[misc]  # a default
        assert again == (None if long.is_long_again else first)


@pytest.mark.parametrize(
    "request_",
    [get("/pets"), get("/pets", "id=7"), get("/pets", accept="application/xml")],
    ids=["a list", "a filtered list", "a list as XML"],
)
def test_the_clock_ends_a_turn_where_the_cost_of_each_item_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: Request
) -> None:
    few, many = service(tmp_path, 10), service(tmp_path, 100)
    expected = [few.handle(request_), many.handle(request_)]
    seconds = count(step=SECONDS_OF_TURN / 50)
    monkeypatch.setattr("lookalike.pacing.time.perf_counter", lambda: next(seconds))
    assert in_turn(lambda: few.handle(request_)) == expected[0]
    assert in_turn(lambda: many.handle(request_)) is None
    with beside():
        assert many.handle(request_) == expected[1]


def test_a_long_list_is_sorted_in_parts_as_it_is_as_a_whole(tmp_path: Path) -> None:
    draw = Random(1)
    data = {"pet": [{"id": number, "kind": draw.choice("abcde")} for number in range(4_100)]}
    document = tmp_path / "long.json"
    document.write_text(json.dumps(DOCUMENT))
    mock = assemble(load(Sources(document, data=data)))
    for by, is_down in (("kind", False), ("-kind", True)):
        items = json.loads(mock.handle(get("/pets", f"sort={by}")).body)
        assert items == sorted(data["pet"], key=itemgetter("kind"), reverse=is_down)


def test_short_requests_are_answered_in_turn_whatever_was_given_up_before(tmp_path: Path) -> None:
    mock = service(tmp_path, MANY)
    mock.handle(get("/ok"))

    def both() -> Response:
        with pytest.raises(TakesLong):
            mock.handle(get("/pets"))
        return mock.handle(get("/ok"))

    assert in_turn(both) == mock.handle(get("/ok"))
    assert len(mock.journal(limit=10)) == 3  # the request that was given up left nothing


def test_no_thread_but_the_one_that_serves_all_clients_gives_a_request_up(tmp_path: Path) -> None:
    spend(10**9)
    assert at_length(lambda: 1) == 1
    begin_turn()
    try:
        with pytest.raises(TakesLong):
            at_length(lambda: 1)
    finally:
        end_turn()
    assert len(json.loads(service(tmp_path, MANY).handle(get("/pets")).body)) == MANY


ANYTHING = ValueType((), lambda reference: None)
FORM = MediaType("application/x-www-form-urlencoded", None, ANYTHING, {})
MANY_PARTS: dict[str, Callable[[], Any]] = {
    "a form": lambda: from_urlencoded(b"a=1&" * 5_000, FORM),
    "XML": lambda: from_xml(b"<a>" + b"<b/>" * 15_000 + b"</a>", ANYTHING),
    "exact numbers": lambda: parse_json(b"[" + b"1.5," * 100_000 + b"1]"),
}


@pytest.mark.parametrize("name", MANY_PARTS)
def test_a_body_of_many_parts_is_read_beside(name: str) -> None:
    begin_turn()
    try:
        with pytest.raises(TakesLong):
            MANY_PARTS[name]()
    finally:
        end_turn()
    MANY_PARTS[name]()


# --- The store ---


def put(key: int) -> tuple[Change, ...]:
    return (Put("pet", key, {"id": key}),)


STORES: dict[str, Callable[[], MemoryStore]] = {
    "memory": lambda: MemoryStore(put(1)),
    "bounded": lambda: BoundedMemoryStore(2**20),
}


@pytest.mark.parametrize("kind", STORES)
def test_others_commit_while_a_decision_takes_long_and_it_is_taken_again_on_what_they_left(kind: str) -> None:
    store = STORES[kind]()
    store.replace(put(1))
    seen: list[int] = []

    def decide(state: State) -> Update[int]:
        seen.append(state.count("pet", None))
        if len(seen) == 1:  # another thread, which would wait for ever if there were a lock
            other = Thread(target=store.transact, args=(lambda _: Update(None, put(2)),))
            other.start()
            other.join()
            assert state.count("pet", None) == seen[0]  # it sees the state of its start
        return Update(seen[-1], put(10 + seen[-1]))

    assert store.transact_at_length(decide).result == 2
    assert seen == [1, 2]
    assert [key for key, _ in store.items("pet")] == [1, 2, 12]


def test_a_decision_that_others_overtake_again_and_again_is_taken_under_the_lock_at_last() -> None:
    store = MemoryStore(put(1))
    seen: list[int] = []

    def decide(state: State) -> Update[None]:
        seen.append(state.count("pet", None))
        if len(seen) < 9:
            store.transact(lambda _: Update(None, put(100 + len(seen))))  # its own thread has the lock too
        return Update(None, put(1))

    store.transact_at_length(decide)
    assert seen == [1, 2, 3, 4]


def test_a_look_at_many_items_holds_no_lock_and_sees_no_later_change() -> None:
    store = MemoryStore(change for key in range(2000) for change in put(key))

    def look(state: State) -> int:
        other = Thread(target=store.transact, args=(lambda _: Update(None, put(5000)),))
        other.start()
        other.join()
        return state.count("pet", None)

    assert store.read(look) == 2000
    assert store.count("pet", None) == 2001


# --- The server ---


def test_other_clients_are_answered_while_a_response_is_worked_out(tmp_path: Path) -> None:
    """Were it worked out in the thread that serves all clients, the second client would wait for ever."""
    mock = service(tmp_path)
    dispatcher, may_end = Dispatcher(mock), Event()
    decide = mock.model.respond
    steps: list[Request] = []

    def respond(state: State, request: Request, choose: Any) -> Any:
        if request.path == "/pets/1" and len(steps) < 2:
            steps.append(request)
            spend(10**6)
            assert may_end.wait(30)
        return decide(state, request, choose)

    mock.model.respond = respond  # type: ignore[method-assign]  # a response that takes as long as the test wants
    with (
        MockServer(dispatcher, "127.0.0.1", 0) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as slow,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as other,
    ):
        slow.request("GET", "/pets/1")
        while len(steps) < 2:
            other.request("GET", "/pets/2")
            assert other.getresponse().read() == b'{"id":2}'
        other.request("DELETE", "/pets/2")
        assert other.getresponse().status == 204
        may_end.set()
        assert slow.getresponse().read() == b'{"id":1}'


PETS = Path(__file__).parents[3] / "fixtures" / "contracts" / "pets" / "openapi.yaml"


def test_the_first_refusal_of_a_mock_makes_the_form_of_its_errors_at_once() -> None:
    service = assemble(load(Sources(PETS)))
    begin_turn()
    try:
        refusal = service.refuse(Request("GET", "/elsewhere"), 404, "nothing is here")
    finally:
        end_turn()
    assert (refusal.status, json.loads(refusal.body)) == (404, {"error": "nothing is here"})
