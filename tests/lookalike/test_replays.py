"""A request that is sent again with its idempotency key makes nothing twice, where the document has such a key."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import REF, body, document, mock, operation, send

LIST = {"type": "array", "items": REF}


def server_with(name: str = "Idempotency-Key", **statuses: Any) -> MockService:
    create = operation({"201": REF, **{status.removeprefix("s"): None for status in statuses}}, REF)
    create["parameters"] = [{"name": name, "in": "header", "schema": {"type": "string"}}] if name else []
    paths = {
        "/pets": {"post": create, "get": operation({"200": LIST})},
        "/pets/{petId}": {"get": operation({"200": REF})},
    }
    return mock(document(paths))


def post(server: MockService, name: str, key: str = "k1", field: str = "Idempotency-Key", **more: str) -> Response:
    headers = Headers({"Content-Type": "application/json", field: key, **more})
    return server.handle(Request("POST", "/pets", "", headers, b'{"name": "%s"}' % name.encode(), NOW))


@pytest.mark.parametrize("field", ["Idempotency-Key", "X-Idempotency-Key", "idempotency_key"])
def test_a_request_that_is_sent_again_gets_the_response_of_the_first_time(field: str) -> None:
    server = server_with(field)
    first, second = post(server, "Rex", field=field), post(server, "Rex", field=field)
    assert (second.status, second.body) == (first.status, first.body) == (201, b'{"name":"Rex","id":1}')
    assert second.header("Location") == first.header("Location")
    assert "the response to the first request" in str(second.header("Lookalike-Reason"))
    assert len(body(send(server, "GET", "/pets"))) == 1
    assert post(server, "Rex", "k2", field).body == b'{"name":"Rex","id":2}'


@pytest.mark.parametrize(("documented", "status"), [({}, 422), ({"s409": 1}, 409), ({"s422": 1, "s409": 1}, 422)])
def test_a_key_that_comes_with_another_request_is_refused(documented: Any, status: int) -> None:
    server = server_with(**documented)
    post(server, "Rex")
    refused = post(server, "Tiger")
    assert refused.status == status
    assert "choose another key" in str(refused.header("Lookalike-Reason"))
    assert len(body(send(server, "GET", "/pets"))) == 1
    assert post(server, "Rex").status == 201, "the first request is still known"


def test_a_request_that_was_refused_may_be_mended_and_sent_with_the_same_key() -> None:
    server = server_with()
    headers = Headers({"Content-Type": "application/json", "Idempotency-Key": "k1"})
    assert server.handle(Request("POST", "/pets", "", headers, b"{", NOW)).status == 400
    assert post(server, "Rex").status == 201


def test_keys_of_two_users_and_of_two_sandboxes_do_not_meet() -> None:
    server = server_with()
    post(server, "Rex", Authorization="Bearer a")
    assert post(server, "Tiger", Authorization="Bearer b").status == 201
    server.reset()
    assert body(post(server, "Tiger", Authorization="Bearer a"))["name"] == "Tiger", "a reset forgets the keys"


def test_a_key_may_be_a_member_of_the_body() -> None:
    sent = {"type": "object", "properties": {"name": {"type": "string"}, "idempotency_key": {"type": "string"}}}
    paths = {"/pets": {"post": operation({"201": REF}, sent)}, "/pets/{petId}": {"get": operation({"200": REF})}}
    server = mock(document(paths))
    answers = [
        send(server, "POST", "/pets", {"name": name, "idempotency_key": key})
        for name, key in (("Rex", "a"), ("Rex", "a"), ("Rex", "b"), ("Tiger", "a"))
    ]
    assert [body(one).get("id") for one in answers] == [1, 1, 2, None]
    assert answers[-1].status == 422


def test_a_key_that_no_document_has_means_nothing() -> None:
    server = server_with("")
    assert [body(post(server, "Rex"))["id"] for _ in range(2)] == [1, 2]


def test_a_request_that_is_sent_twice_at_once_makes_one_item() -> None:
    server = server_with()
    with ThreadPoolExecutor(8) as pool:
        answers = {answer.body for answer in pool.map(lambda _: post(server, "Rex"), range(40))}
    assert answers == {b'{"name":"Rex","id":1}'}
