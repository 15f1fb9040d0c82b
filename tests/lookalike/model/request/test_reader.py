"""The request reader: a request that comes again is parsed once, and never taken for another one."""

import json
import random
from typing import Any

import pytest

from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.model.rejections import Rejection
from lookalike.model.request.reader import NO_ISSUES, ParsedRequestCache, RequestReader
from lookalike.model.request.tokens import token_table
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.in_process import CONTRACT, leads, mock, put, snapshot, update
from tests.support.random_requests import random_requests
from tests.support.small import ask, context_of, document, model
from tests.support.small import mock as small_mock

TOKENS = {"bearerAuth": token_table([("tok-valid",), ("tok-expired", 0.0), ("tok-revoked", None, True)])}
NAME = {"name": "n", "schema": {"type": "string"}}
THING = {"type": "object", "properties": {"size": {"type": "integer"}, "more": {}}, "required": ["size"]}
PUT = {
    "parameters": [{**NAME, "in": source} for source in ("query", "header", "cookie")],
    "requestBody": {"content": {"application/json": {"schema": THING}, "text/plain": {}}},
}
CREATE: dict[str, Any] = {
    "/things": {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": THING}}},
            "responses": {"201": {"description": "made", "content": {"application/json": {"schema": THING}}}},
        },
        "get": {
            "responses": {
                "200": {
                    "description": "all",
                    "content": {"application/json": {"schema": {"type": "array", "items": THING}}},
                }
            }
        },
    },
    "/things/{id}": {
        "get": {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]}
    },
}


def reader() -> RequestReader:
    contract = model(document({"/things": {"put": PUT}})).contract
    return RequestReader(contract.operations[0], contract.http_policies, ParsedRequestCache())


def request_for(
    body: bytes = b'{"size": 1}', query: str = "", content_type: str = "application/json", **headers: str
) -> Request:
    return Request("PUT", "/things", query, Headers({"Content-Type": content_type, **headers}), body)


def read_values(one: RequestReader, request: Request) -> tuple[Any, ...]:
    context = context_of(request)
    issues = one.read(context, ())
    return context.query, context.header, context.cookie, context.body, context.media, issues


def test_what_came_before_is_not_read_again() -> None:
    one = reader()
    bodies = [read_values(one, request_for(bytes(bytearray(b'{"size": 1}'))))[3] for _ in range(4)]
    assert bodies == [{"size": 1}] * 4
    assert bodies[0] is not bodies[1]
    assert bodies[1] is bodies[2] is bodies[3]


def test_what_is_wrong_is_known_when_it_comes_again() -> None:
    one = reader()
    found = [read_values(one, request_for(b'{"size": "x"}'))[-1].rejection for _ in range(3)]
    assert isinstance(found[0], Rejection)
    assert found[0] == found[1]
    assert found[1] is found[2]


def test_requests_that_differ_in_one_part_are_read_apart() -> None:
    differing = [
        request_for(),
        request_for(b'{"size": 2}'),
        request_for(query="n=1"),
        request_for(N="1"),
        request_for(Cookie="n=1"),
        request_for(content_type="text/plain"),
    ]
    one = reader()
    alone = [read_values(reader(), request) for request in differing]
    assert [read_values(one, request) for _ in range(3) for request in differing] == alone * 3
    assert len({str(parts) for parts in alone}) == len(differing)


def test_operations_that_are_asked_the_same_are_not_mistaken() -> None:
    sayings = ParsedRequestCache()
    strict, lax = (
        document({"/things": {"put": {"requestBody": {"content": {"application/json": media}}}}})
        for media in ({"schema": THING}, {})
    )
    readers = [
        RequestReader(made.operations[0], made.http_policies, sayings)
        for made in (model(strict).contract, model(lax).contract)
    ]
    for _ in range(3):
        assert read_values(readers[0], request_for(b"{}"))[-1].rejection is not None
        assert read_values(readers[1], request_for(b"{}"))[-1] is NO_ISSUES


def test_what_a_reading_has_a_part_in_is_read_under_each_choice() -> None:
    body = {"lead_data": None, "new_contact_number": 9000000101, "new_country_code": 91}
    servers = [mock({"null-field": choice}) for choice in CONTRACT.readings["null-field"].choices]
    alone = [put(server, 9876543210, body).status for server in servers]
    assert len(set(alone)) > 1
    for _ in range(3):
        for server in servers:
            server.reset()
        assert [put(server, 9876543210, body).status for server in servers] == alone


def test_what_was_read_is_not_changed_by_what_is_done_with_it() -> None:
    server = small_mock(document(CREATE))
    for _ in range(4):
        made = ask(server, "POST", "/things", {"Content-Type": "application/json"}, b'{"size": 3, "more": {"a": [1]}}')
        assert made.status == 201
    listed = json.loads(ask(server, "GET", "/things").body)
    assert [{name: item[name] for name in ("size", "more")} for item in listed] == [{"size": 3, "more": {"a": [1]}}] * 4


@pytest.mark.repetitive
def test_a_model_that_knows_every_request_answers_as_one_that_knows_none() -> None:
    pick = random.Random(8)
    requests = list(random_requests(8, 150))
    for _ in range(3):
        choices = {name: pick.choice(list(reading.choices)) for name, reading in CONTRACT.readings.items()}
        knowing = mock(choices)
        pick.shuffle(requests)
        for request in requests:
            state = knowing.state()
            new = Model(CONTRACT, TOKENS, is_mock=True)
            unknowing = MockService(
                new, MemoryStore(), CONTRACT.choices(choices), {name: list(items) for name, items in state.items()}
            )
            assert knowing.handle(request) == unknowing.handle(request), request
            assert snapshot(knowing) == snapshot(unknowing)


def test_what_is_remembered_has_a_bound() -> None:
    one = reader()
    for number in range(3000):
        for _ in range(2):
            read_values(one, request_for(b'{"size": %d}' % number))
    assert 0 < len(one._cache._parsed) <= 2048
    assert 0 < len(one._cache._hashes) <= 2048


@pytest.mark.parametrize(
    "long",
    [
        request_for(b'{"size": 1, "more": "%s"}' % (b"x" * 2000)),
        request_for(Cookie="n=" + "x" * 2000),
        request_for(N="x" * 2000),
        request_for(query="n=" + "x" * 2000),
        request_for(content_type="application/json;x=" + "x" * 2000),
    ],
    ids=["body", "cookie", "header", "query", "type"],
)
def test_long_requests_are_not_remembered(long: Request) -> None:
    one = reader()
    bodies = [read_values(one, long)[3] for _ in range(4)]
    assert len({id(body) for body in bodies}) == 4
    assert not one._cache._hashes


def test_an_update_that_came_before_still_changes_the_lead() -> None:
    server = mock()
    bodies = [{"lead_data": {"name": "A"}, "add_tags": [101]}, {"lead_data": {"name": "B"}, "remove_tags": [101]}]
    for number in range(6):
        assert server.handle(update(9876543210, bodies[number % 2])).status == 201
        lead = next(lead for lead in leads(server) if lead["contact_number"] == 9876543210)
        assert lead["data"]["name"] == "AB"[number % 2]
        assert (101 in lead["tags"]) == (number % 2 == 0)
