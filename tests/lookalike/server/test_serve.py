"""What lies between the wire and the model: paths, headers, bodies, prefixes, and defects that nobody should see."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from lookalike.model.state import State
from lookalike.server.app import LookalikeApp, create_app
from lookalike.server.mock_handler import MockOptions
from lookalike.server.wsgi import EnvironHeaders, raw_path
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.in_process import ASHA, AUTHORIZED, CONTRACT, FREE, JSON, NOW, PARTS, mock, snapshot

UPDATE = f"/leads/{ASHA}/update"
BODY = b'{"lead_data": {"city": "Goa"}}'
ENVELOPE = {"status", "message", "success"}


def app(server: MockService | None = None, **options: Any) -> LookalikeApp:
    return create_app(server or mock(), MockOptions(**options), lambda: NOW)


def put(application: LookalikeApp, path: str = UPDATE, data: bytes = BODY, **more: Any) -> TestResponse:
    headers = {**AUTHORIZED, **JSON, **more.pop("headers", {})}
    return application.test_client().put(path, data=data, headers=headers, **more)


class Wire:
    """What a server would send for an environ as it comes from the wire."""

    def __init__(self, application: LookalikeApp, **changes: Any) -> None:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "PUT",
            "PATH_INFO": UPDATE,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(BODY)),
            "HTTP_AUTHORIZATION": AUTHORIZED["Authorization"],
            "wsgi.input": io.BytesIO(BODY),
            "wsgi.input_terminated": True,
        }
        environ |= changes
        self.environ = {name: value for name, value in environ.items() if value is not None}
        self.body = b"".join(application(self.environ, self._start))

    def _start(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        self.line, self.headers = status, {name.lower(): value for name, value in headers}
        self.status = int(status[:3])
        return lambda part: None


class Trickle(io.RawIOBase):
    """A body that comes byte by byte, as slow networks deliver it."""

    def __init__(self, body: bytes) -> None:
        self._rest = io.BytesIO(body)

    def read(self, size: int = -1, /) -> bytes:
        return self._rest.read(min(size, 1))


class Broken(io.RawIOBase):
    """A body whose connection is lost."""

    def read(self, size: int = -1, /) -> bytes:
        raise ConnectionResetError("reset by peer")


class Untouchable(io.RawIOBase):
    """A body that nobody may read."""

    def read(self, size: int = -1, /) -> bytes:
        raise AssertionError("the body was read")


class BrokenStore(MemoryStore):
    """A store with a defect."""

    def transact(self, decide: Callable[[State], Any]) -> Any:
        raise RuntimeError("the disk is on fire")


def test_an_operation_answers_what_the_contract_says() -> None:
    answer = put(app())
    assert (answer.status, answer.content_type) == ("201 Created", "application/json")
    assert answer.json == {"status": 201, "message": "Successfully updated lead.", "success": True}
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Lookalike-Clause"].startswith("OK-1")


def test_flask_hooks_see_the_control_api_and_not_the_operations() -> None:
    application = app()
    seen: list[str] = []
    application.before_request(lambda: seen.append("a request"))
    put(application)
    assert seen == []
    application.test_client().get("/__lookalike/health")
    assert seen == ["a request"]


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"PATH_INFO": "/leads/1/update"}, "/leads/1/update"),
        ({"PATH_INFO": "/a b/%/\xc3\xa9"}, "/a%20b/%25/%C3%A9"),
        ({"PATH_INFO": "/a/b", "REQUEST_URI": "/a%2Fb?c=/d"}, "/a%2Fb"),
        ({"PATH_INFO": "/a/b", "RAW_URI": "/a%2Fb"}, "/a%2Fb"),
        ({"PATH_INFO": "/a", "REQUEST_URI": "http://example.org:80/a%41?b"}, "/a%41"),
        ({"PATH_INFO": "/", "REQUEST_URI": "http://example.org"}, "/"),
        ({"PATH_INFO": "/", "REQUEST_URI": ""}, "/"),
        ({"PATH_INFO": "/a/b", "SCRIPT_NAME": "/mounted", "REQUEST_URI": "/mounted/a%2Fb"}, "/a/b"),
        ({"PATH_INFO": "*", "REQUEST_URI": "*"}, "*"),
        ({"PATH_INFO": ""}, ""),
    ],
)
def test_the_path_is_the_one_that_was_sent(environ: dict[str, str], path: str) -> None:
    assert raw_path(environ) == path


def test_headers_are_looked_up_by_lower_case_names() -> None:
    headers = EnvironHeaders({"HTTP_X_A": "1", "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "", "PATH": "/bin"})
    assert headers["x-a"] == "1"
    assert headers.get("content-type") == "text/plain"
    assert headers.get("x-b", "none") == "none"
    assert "x-b" not in headers
    assert dict(headers) == {"x-a": "1", "content-type": "text/plain"}
    assert len(headers) == 2


def test_a_percent_encoded_digit_is_that_digit() -> None:
    assert put(app(), f"/leads/%39{str(ASHA)[1:]}/update").status_code == 201


def test_a_whole_url_as_target_is_served_by_its_path() -> None:
    assert Wire(app(), REQUEST_URI=f"http://example.org{UPDATE}?a=b").status == 201


class TestBasePath:
    def test_an_operation_is_found_below_it(self) -> None:
        assert put(app(base_path="/api/v1"), f"/api/v1{UPDATE}").status_code == 201

    @pytest.mark.parametrize("path", [UPDATE, "/api/v1", "/api/v11" + UPDATE, "/api" + UPDATE, "/"])
    def test_a_path_outside_of_it_is_an_unknown_path_in_the_envelope(self, path: str) -> None:
        server = mock()
        before = snapshot(server)
        answer = put(app(server, base_path="/api/v1"), path)
        assert answer.status_code == 404
        assert answer.json is not None
        assert set(answer.json) == ENVELOPE
        assert "/api/v1" in answer.json["message"]
        assert snapshot(server) == before

    def test_the_journal_has_the_full_path_of_what_was_outside(self) -> None:
        server = mock()
        put(app(server, base_path="/api/v1"))
        assert server.journal()[0].request.path == UPDATE

    def test_the_control_api_is_not_below_it(self) -> None:
        client = app(base_path="/api/v1").test_client()
        assert client.get("/__lookalike/health").status_code == 200
        answer = client.get("/api/v1/__lookalike/health")
        assert answer.json is not None
        assert set(answer.json) == ENVELOPE


def test_head_is_answered_without_a_body_but_with_its_length() -> None:
    client = app().test_client()
    get, head = client.get(UPDATE), client.head(UPDATE)
    assert (head.status_code, head.data) == (405, b"")
    assert int(head.headers["Content-Length"]) > 0
    assert get.status_code == 405


class TestBodies:
    @pytest.mark.parametrize("stream", [Trickle(BODY), io.BytesIO(BODY), io.BytesIO(BODY + b"more")])
    def test_a_body_is_read_to_its_length(self, stream: Any) -> None:
        server = mock()
        assert Wire(app(server), **{"wsgi.input": stream}).status == 201
        assert server.journal()[0].request.body == BODY

    def test_a_body_in_chunks_is_read_to_its_end(self) -> None:
        assert Wire(app(), CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked").status == 201

    def test_chunks_count_more_than_a_length(self) -> None:
        assert Wire(app(), CONTENT_LENGTH="3", HTTP_TRANSFER_ENCODING="chunked").status == 201

    def test_a_request_without_a_length_has_no_body(self) -> None:
        assert Wire(app(), CONTENT_LENGTH=None, **{"wsgi.input": Untouchable()}).status == 400

    @pytest.mark.parametrize("length", ["-1", "+5", "two", "1_0", "٣", "5, 5", "0x1", " 5", "1.0"])
    def test_a_length_that_is_no_number_is_a_400_that_changes_nothing(self, length: str) -> None:
        assert_refused(400, CONTENT_LENGTH=length)

    @pytest.mark.parametrize("body", [b"", BODY[:-1], b"{}"])
    def test_a_body_that_is_shorter_than_its_length_is_a_400_that_changes_nothing(self, body: bytes) -> None:
        assert_refused(400, CONTENT_LENGTH="30", **{"wsgi.input": io.BytesIO(body)})

    def test_a_complete_object_that_is_shorter_than_its_length_is_a_400_too(self) -> None:
        assert_refused(400, CONTENT_LENGTH=str(len(BODY) + 1))

    @pytest.mark.parametrize("chunked", [None, "chunked"])
    def test_a_connection_that_breaks_is_a_400_that_changes_nothing(self, chunked: str | None) -> None:
        assert_refused(400, HTTP_TRANSFER_ENCODING=chunked, **{"wsgi.input": Broken()})

    @pytest.mark.parametrize("length", ["1048577", "9" * 30, "9" * 5000])
    def test_a_body_over_the_limit_is_a_413_before_it_is_read(self, length: str) -> None:
        assert_refused(413, CONTENT_LENGTH=length, **{"wsgi.input": Untouchable()})

    def test_chunks_over_the_limit_are_a_413(self) -> None:
        assert_refused(413, HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input": io.BytesIO(b" " * 1_048_577)})

    def test_a_body_of_just_the_limit_is_read(self) -> None:
        application = app(max_body=len(BODY))
        assert put(application).status_code == 201
        assert put(application, data=BODY + b" ").status_code == 413
        assert Wire(application, HTTP_TRANSFER_ENCODING="chunked").status == 201

    def test_the_journal_does_not_keep_the_connection_of_a_request(self) -> None:
        wire = Wire(app(), CONTENT_LENGTH="9999999")
        assert "wsgi.input" not in wire.environ


def assert_refused(status: int, **environ: Any) -> None:
    """The request is answered in the envelope, is in the journal, and changes nothing."""
    server = mock()
    before = snapshot(server)
    wire = Wire(app(server), **environ)
    assert wire.status == status
    body = json.loads(wire.body)
    assert (set(body), body["status"], body["success"]) == (ENVELOPE, status, False)
    assert wire.headers["lookalike-reason"]
    assert snapshot(server) == before
    assert [exchange.outcome.response.status for exchange in server.journal()] == [status]


class TestDefects:
    def broken(self) -> MockService:
        store = BrokenStore()
        return MockService(PARTS.model, store, CONTRACT.choices({}), PARTS.data)

    def test_a_defect_is_a_500_in_the_envelope_that_tells_nothing(self) -> None:
        answer = put(app(self.broken()))
        assert answer.status_code == 500
        assert answer.json is not None
        assert (set(answer.json), answer.json["status"]) == (ENVELOPE, 500)
        for secret in ("fire", "RuntimeError", "Traceback", ".py"):
            assert secret not in answer.text + str(answer.headers)

    def test_a_defect_is_in_the_log_of_the_server_with_its_traceback(self, caplog: pytest.LogCaptureFixture) -> None:
        put(app(self.broken()))
        assert "the disk is on fire" in caplog.text
        assert "Traceback" in caplog.text
        assert UPDATE in caplog.text

    def test_the_server_lives_on_after_a_defect(self) -> None:
        application = app(self.broken())
        assert [put(application).status_code for _ in range(3)] == [500, 500, 500]
        assert application.test_client().get("/__lookalike/health").status_code == 200

    def test_a_defect_behind_the_control_api_is_a_problem_that_tells_nothing(self) -> None:
        answer = app(self.broken()).test_client().delete(f"/__lookalike/state/lead/{ASHA}")
        assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
        assert "fire" not in answer.text


ODD = {
    "HTTP_AUTHORIZATION": ["", "Bearer", "Bearer \xff\xfe", "\x00", "Bearer " + "a" * 10_000],
    "CONTENT_TYPE": ["", "\xff", "application/json;", ";", "application/json; charset=\x00", "a" * 10_000],
    "HTTP_ACCEPT": ["\xff", ";q=x", "*/*;q=\xb2", ",,,", "application/json;q=1e999"],
    "HTTP_PREFER": ["\xff", "code=", "code=\xb2", "code=404, example=\x00", 'code="', "=" * 1000],
    "HTTP_ORIGIN": ["", "\xff", "null", "http://a b", "a\x00b"],
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": ["", "\xff", "PUT, \xe9"],
    "QUERY_STRING": ["\xff", "%", "a=%zz&=&&"],
    "PATH_INFO": [
        "",
        "*",
        "\xff",
        "/leads/\xff/update",
        "/leads/%/update",
        "/leads/\r\nX: y/update",
        "/\x00",
        "/" * 1000,
    ],
    "REQUEST_URI": ["\xff", "/leads/%ff%zz/update", "http://", "://", "?", "//x", "/leads/" + "9" * 10_000 + "/update"],
    "REQUEST_METHOD": ["get", "OPTIONS", "BREW", "P(T", "CONNECT", "TRACE"],
    "HTTP_HOST": ["", "\xff", "a b", "[", "x" * 10_000],
}


@pytest.mark.repetitive
@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ODD.items() for value in values])
@pytest.mark.parametrize("method", ["PUT", "OPTIONS"])
def test_odd_bytes_are_never_a_5xx_and_their_answer_can_be_sent(name: str, value: str, method: str) -> None:
    wire = Wire(app(), **{"REQUEST_METHOD": method, name: value})
    assert wire.status < 500
    sent = "".join(f"{field}: {content}" for field, content in wire.headers.items())
    assert sent.isascii()
    assert sent.isprintable()


def test_an_exchange_is_told_to_the_log() -> None:
    entries: list[dict[str, Any]] = []
    put(app(log=entries.append), f"/leads/{FREE}/update?a=b")
    (entry,) = entries
    assert (entry["method"], entry["path"], entry["status"]) == ("PUT", f"/leads/{FREE}/update", 404)
    assert entry["reason"]


@pytest.mark.parametrize("sent", [{}, {"X-Request-Id": "abc-1"}])
def test_a_request_has_one_id_in_its_response_the_log_and_the_journal(sent: dict[str, str]) -> None:
    entries: list[dict[str, Any]] = []
    server = mock()
    response = put(app(server, log=entries.append, has_request_ids=True), headers=sent)
    found = {
        response.headers["X-Request-Id"],
        entries[0]["request_id"],
        server.journal()[0].request.headers["x-request-id"],
    }
    assert len(found) == 1
    assert found == set(sent.values()) if sent else all(found)


def test_a_request_gets_no_id_where_none_is_asked_for() -> None:
    server = mock()
    assert "X-Request-Id" not in put(app(server)).headers
    assert "x-request-id" not in server.journal()[0].request.headers


def test_a_log_that_nobody_reads_any_more_stops_no_answer() -> None:
    def log(_: dict[str, Any]) -> None:
        raise BrokenPipeError

    assert put(app(log=log)).status_code == 201


@contextmanager
def served(application: LookalikeApp) -> Iterator[HTTPConnection]:
    """The application behind a server that is not the one of the mock."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        yield connection
    finally:
        connection.close()
        server.shutdown()
        server.server_close()


def test_any_wsgi_server_can_serve_the_application() -> None:
    with served(app()) as connection:
        connection.request("PUT", UPDATE, BODY, {**AUTHORIZED, **JSON})
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["success"]) == (201, True)


def test_chunks_that_another_server_decodes_are_read_too() -> None:
    with served(app()) as connection:
        connection.request("PUT", UPDATE, iter([BODY[:5], BODY[5:]]), {**AUTHORIZED, **JSON}, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["success"]) == (201, True)
