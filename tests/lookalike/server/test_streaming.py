"""Streams: items are sent one by one, and a list of events goes on as long as its client listens."""

import asyncio
import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

import lookalike
from lookalike.codecs.sequences import encoded_items, to_sequence
from lookalike.sandboxes import Sandboxes
from lookalike.server.daemon_threads import DaemonThreads
from lookalike.server.mock_handler import MockOptions
from lookalike.server.serve import MockServer
from lookalike.server.streaming import FollowedList, StreamingDispatcher, TimedItems, WatchedList

MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
}
ONE = {"description": ".", "content": {"application/json": {"schema": MESSAGE}}}
LINES = [{"line": 1}, {"line": 2}, {"line": 3}]


def answered(media_type: str, item: Any, **more: Any) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "array", "items": item}, **more}}
    return {"responses": {"200": {"description": ".", "content": content}}}


FEED = lookalike.load(
    {
        "openapi": "3.1.0",
        "info": {"title": "Feed", "version": "1"},
        "paths": {
            "/messages": {
                "get": answered("text/event-stream", MESSAGE),
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": MESSAGE}}},
                    "responses": {"201": ONE},
                },
            },
            "/messages/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"responses": {"200": ONE, "404": {"description": "."}}},
            },
            "/log": {"get": answered("application/jsonl", {"type": "object"}, example=LINES)},
        },
    }
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    mock = lookalike.Mock(FEED)
    options = MockOptions("/api", other_base_paths=("/v2",))
    with MockServer(StreamingDispatcher(mock, options, Sandboxes(mock), 0.01), "127.0.0.1", 0) as server:
        yield server.port


def ask(
    port: int, method: str, path: str, sent: Any = None, base_path: str = "/api", **fields: str
) -> tuple[HTTPConnection, HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    body = None if sent is None else json.dumps(sent)
    connection.request(method, f"{base_path}{path}", body, {"Content-Type": "application/json", **fields})
    return connection, connection.getresponse()


@pytest.mark.parametrize("base_path", ["/api", "/v2"])
def test_a_list_of_events_goes_on_with_what_is_created_in_its_sandbox(port: int, base_path: str) -> None:
    ask(port, "DELETE", "/sandboxes/a", base_path="/__lookalike")[0].close()
    connection, events = ask(port, "GET", "/messages", base_path=base_path, **{"Lookalike-Sandbox": "a"})
    for sandbox, text in (("b", "elsewhere"), ("a", "hi"), ("a", "ho")):
        other, created = ask(port, "POST", "/messages", {"text": text}, **{"Lookalike-Sandbox": sandbox})
        assert created.status == 201
        other.close()
    shown = [events.readline() for _ in range(4)]
    assert [json.loads(line[6:])["text"] for line in shown[::2]] == ["hi", "ho"]
    assert shown[1::2] == [b"\n", b"\n"]
    connection.close()


def test_json_lines_come_as_chunks_and_end(port: int) -> None:
    connection, got = ask(port, "GET", "/log")
    assert got.getheader("Transfer-Encoding") == "chunked"
    assert [json.loads(line) for line in got.read().splitlines()] == LINES
    connection.request("GET", "/api/messages/99")  # the connection goes on
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("media_type", ["text/event-stream", "application/jsonl", "application/json-seq"])
def test_a_sequence_is_the_sum_of_its_items(media_type: str) -> None:
    body = to_sequence(LINES, media_type)
    items = encoded_items(body, media_type)
    assert (len(items), b"".join(items)) == (3, body)


def named(name: str, version: int = 1) -> bytes:
    return json.dumps({"metadata": {"name": name, "version": version}}).encode()


@pytest.mark.parametrize(("query", "first"), [("", ["ADDED a", "ADDED b"]), ("resourceVersion=7", [])])
def test_a_watched_list_tells_of_what_is_added_modified_and_deleted(query: str, first: list[str]) -> None:
    after = [[named("a", 2), named("b")], None, [named("b"), named("c")]]
    looks = iter(after)
    source = WatchedList([named("a"), named("b")], query, 0.0, lambda: next(looks), DaemonThreads(1, "looks"))
    events = [json.loads(piece or b"") for piece in asyncio.run(pieces(source, len(first) + 3))]
    told = [f"{event['type']} {event['object']['metadata']['name']}" for event in events]
    assert told == [*first, "MODIFIED a", "DELETED a", "ADDED c"]


def test_a_watch_ends_when_the_time_is_over_that_was_asked_for() -> None:
    source = WatchedList([], "timeoutSeconds=0", 0.0, list, DaemonThreads(1, "looks"))
    assert asyncio.run(pieces(source, 1)) == [b""]


def test_a_list_whose_document_has_watches_goes_on_where_a_client_watches_it() -> None:
    pod = {"type": "object", "properties": {"metadata": {"type": "object", "properties": {"name": {"type": "string"}}}}}
    ref = {"$ref": "#/components/schemas/Pod"}
    items = {"type": "object", "properties": {"items": {"type": "array", "items": ref}}}
    content = {name: {"schema": items} for name in ("application/json", "application/json;stream=watch")}
    sent = {"content": {"application/json": {"schema": ref}}}
    made = {"description": ".", **sent}
    watch = {"name": "watch", "in": "query", "schema": {"type": "boolean"}}
    paths = {
        "/pods": {
            "get": {"parameters": [watch], "responses": {"200": {"description": ".", "content": content}}},
            "post": {"requestBody": sent, "responses": {"201": made}},
        },
        "/pods/{name}": {
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"responses": {"200": made}},
        },
    }
    components = {"schemas": {"Pod": pod}}
    info = {"title": "Pods", "version": "1"}
    mock = lookalike.Mock(lookalike.load({"openapi": "3.1.0", "info": info, "paths": paths, "components": components}))
    with MockServer(StreamingDispatcher(mock, MockOptions(), Sandboxes(mock), 0), "127.0.0.1", 0) as server:
        ask(server.port, "POST", "/pods", {"metadata": {"name": "a"}}, "")[0].close()
        listed, plain = ask(server.port, "GET", "/pods?watch=false", None, "")
        assert len(json.loads(plain.read())["items"]) == 1
        listed.close()
        connection, events = ask(server.port, "GET", "/pods?watch=true", None, "")
        ask(server.port, "POST", "/pods", {"metadata": {"name": "b"}}, "")[0].close()
        told = [json.loads(events.readline()) for _ in range(2)]
        connection.close()
    assert [(one["type"], one["object"]["metadata"]["name"]) for one in told] == [("ADDED", "a"), ("ADDED", "b")]


async def pieces(source: TimedItems, count: int) -> list[bytes | None]:
    found: list[bytes | None] = []
    for _ in range(count):
        came = asyncio.get_running_loop().create_future()
        source.next(came.set_result)
        found.append(await came)
    return found


def test_a_followed_list_sends_what_is_new_or_changed_once() -> None:
    looks = iter([[b"1", b"2"], [b"1", b"2"], [b"1", b"2b", b"3"], [b"2b"], [b"4"]])
    source = FollowedList([b"1"], 0.0, lambda: next(looks), DaemonThreads(1, "looks"))
    assert asyncio.run(pieces(source, 5)) == [b"1", b"2", b"2b", b"3", b"4"]


def test_a_list_that_cannot_be_seen_for_a_while_is_not_sent_again() -> None:
    looks = iter([None, [b"1"], None, [b"1", b"2"]])
    source = FollowedList([b"1"], 0.0, lambda: next(looks), DaemonThreads(1, "looks"))
    assert asyncio.run(pieces(source, 2)) == [b"1", b"2"]


def test_a_closed_source_looks_no_more() -> None:
    looked: list[int] = []

    def look() -> list[bytes]:
        looked.append(1)
        return []

    async def run() -> None:
        source = FollowedList([], 0.0, look, DaemonThreads(1, "looks"))
        source.next(lambda piece: None)
        source.close()
        await asyncio.sleep(0.3)

    asyncio.run(run())
    assert looked == []
