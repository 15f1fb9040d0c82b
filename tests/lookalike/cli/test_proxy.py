"""`lookalike proxy`, as its users have it: a real server, real clients, one process between them."""

import gzip
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from lookalike.cli import commands
from lookalike.errors import UsageError
from tests.support.accessibility import serious_barriers
from tests.support.paths import FIXTURES

PETS = str(FIXTURES / "contracts" / "pets" / "openapi.yaml")
REX = {"id": 1, "name": "Rex", "kind": "dog", "created_at": "2026-01-01T00:00:00Z"}
PACKED = gzip.compress(json.dumps(REX).encode(), mtime=0)
ZEROES = 300 * 1024
TOKEN = "tok-of-asha-1234"


class Server(BaseHTTPRequestHandler):
    """A server that has some of the operations, and bodies of all kinds."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str]]]
    gone: threading.Event

    def do_GET(self) -> None:
        self.seen.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
        path = self.path.partition("?")[0]
        answers = {
            "/api/pets/1": (json.dumps(REX).encode(), [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]),
            "/api/pets/2": (b'{"id": 2, "name": 3}', []),
            "/packed": (PACKED, [("Content-Encoding", "gzip")]),
            "/large": (bytes(ZEROES), []),
        }
        if path == "/events":
            self._events()
        elif path == "/chunks":
            self._head(200, [("Transfer-Encoding", "chunked"), ("Connection", "X-Hop"), ("X-Hop", "1")])
            self.wfile.write(b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        elif path == "/cut":
            self._head(200, [("Content-Length", "100")])
            self.wfile.write(b"abc")
            self.close_connection = True
        elif path in answers:
            body, fields = answers[path]
            self._head(200, [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *fields])
            self.wfile.write(b"" if self.command == "HEAD" else body)
        else:
            body = b'{"detail": "Not Found"}'
            self._head(404, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.command, self.path, {"body": sent.decode()}))
        self._head(501, [("Content-Length", "0")])

    def _head(self, status: int, fields: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()

    def _events(self) -> None:
        self._head(200, [("Content-Type", "text/event-stream"), ("Connection", "close")])
        self.close_connection = True
        try:
            for number in range(10_000):
                self.wfile.write(b"data: %d\n\n" % number)
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            self.gone.set()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the base class
        pass


class Setting(NamedTuple):
    """A server, and the address of a proxy before it with the files that it writes."""

    server: ThreadingHTTPServer
    port: int
    process: subprocess.Popen[str]
    har: Path
    connections: list[HTTPConnection]

    def connect(self) -> HTTPConnection:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.connections.append(connection)
        return connection

    def get(self, target: str, method: str = "GET", body: bytes | None = None, **headers: str) -> HTTPResponse:
        connection = self.connect()
        connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return connection.getresponse()


@contextmanager
def proxied(folder: Path) -> Iterator[Setting]:
    Server.seen, Server.gone = [], threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    words = [
        f"http://127.0.0.1:{server.server_port}",
        PETS,
        "--port",
        "0",
        "--har",
        "s.har",
        "--mock-missing",
        "--console",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "lookalike", "proxy", *words, "--max-response", "100KiB"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
    )
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:(\d+)/api to", process.stdout.readline())
    assert found is not None
    process.stdout.readline()
    assert process.stdout.readline() == f"Console: http://127.0.0.1:{found[1]}/__lookalike-proxy/\n"
    connections: list[HTTPConnection] = []
    try:
        yield Setting(server, int(found[1]), process, folder / "s.har", connections)
    finally:
        for connection in connections:
            connection.close()
        process.kill()
        process.communicate()
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    with proxied(tmp_path_factory.mktemp("proxy")) as found:
        yield found


def test_answers_are_passed_on_byte_by_byte_with_their_fields(setting: Setting) -> None:
    got = setting.get("/api/pets/1")
    assert json.loads(got.read()) == REX
    assert [value for name, value in got.getheaders() if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert [name for name, _ in got.getheaders()].count("Date") == 1
    packed = setting.get("/packed", Accept_Encoding="gzip, br")
    assert (packed.read(), packed.getheader("Content-Encoding")) == (PACKED, "gzip")


def test_the_server_gets_the_request_without_the_fields_of_its_connection(setting: Setting) -> None:
    setting.get("/packed?a=%20b", Accept_Encoding="gzip, br", Connection="X-Hop", X_Hop="1", Te="trailers", X_Own="1")
    _, target, fields = Server.seen[-1]
    assert target == "/packed?a=%20b"
    assert fields.keys() & {"connection", "x-hop", "te", "via", "x-own"} == {"via", "x-own"}
    assert fields["host"] == f"127.0.0.1:{setting.server.server_port}"
    assert fields["accept-encoding"] == "gzip"


def test_chunks_heads_and_connections_that_are_kept_are_passed_on(setting: Setting) -> None:
    connection = setting.connect()
    for method, target, body in (("GET", "/chunks", b"abcdefg"), ("HEAD", "/api/pets/1", b""), ("GET", "/large", None)):
        connection.request(method, target)
        got = connection.getresponse()
        assert got.read() == (bytes(ZEROES) if body is None else body)
        assert got.getheader("X-Hop") is None
        assert method != "HEAD" or int(got.headers["Content-Length"]) > 0


def test_a_client_of_http_1_0_gets_a_body_without_chunks(setting: Setting) -> None:
    with socket.create_connection(("127.0.0.1", setting.port), 20) as sent:
        sent.sendall(b"GET /chunks HTTP/1.0\r\nHost: localhost\r\n\r\n")
        answer = b"".join(iter(lambda: sent.recv(4096), b""))
    assert answer.endswith(b"\r\n\r\nabcdefg")
    assert b"chunked" not in answer


def test_events_come_one_by_one_and_a_client_that_goes_ends_them_at_the_server(setting: Setting) -> None:
    got = setting.get("/events")
    assert [got.readline(), got.readline(), got.readline()] == [b"data: 0\n", b"\n", b"data: 1\n"]
    setting.connections[-1].close()
    got.close()
    assert Server.gone.wait(20)


def test_a_body_that_breaks_off_breaks_off_for_the_client(setting: Setting) -> None:
    with pytest.raises(IncompleteRead):
        setting.get("/cut").read()


def test_it_is_a_proxy_for_the_server_and_for_no_other(setting: Setting) -> None:
    origin = f"http://127.0.0.1:{setting.server.server_port}"
    assert setting.get(f"{origin}/api/pets/1").status == 200
    refused = setting.get("http://other.test/")
    assert (refused.status, b"NO_PROXY" in refused.read()) == (403, True)


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("Host", "rebound.test", 403), ("Host", "localhost", 200), ("Via", "1.1 lookalike-proxy", 508)],
)
def test_foreign_names_and_requests_of_its_own_are_refused(
    setting: Setting, name: str, value: str, status: int
) -> None:
    connection = setting.connect()
    connection.request("GET", "/api/pets/1", headers={name: value})
    assert connection.getresponse().status == status


def test_the_mock_answers_what_the_server_does_not_have_and_nothing_else(setting: Setting) -> None:
    body = json.dumps({"name": "Mia", "kind": "cat"}).encode()
    created = setting.get("/api/pets", "POST", body, Content_Type="application/json")
    assert (created.status, json.loads(created.read())["name"]) == (201, "Mia")
    assert setting.get("/api/pets").status == 200
    assert setting.get("/api/pets/77").read() == b'{"detail": "Not Found"}'  # the server has the operation
    assert setting.get("/api/nothing").read() == b'{"detail": "Not Found"}'


def test_the_console_shows_exchanges_as_they_pass_with_what_is_wrong_and_the_verdict(
    setting: Setting, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(f"http://127.0.0.1:{setting.port}/__lookalike-proxy/")
    expect(page.locator("#live")).to_have_text("Live")
    setting.get("/api/pets/2?token=hidden-token-of-asha").read()
    setting.get("/api/pets/none").read()
    setting.get("/api/pets?limit=1").read()
    expect(page.get_by_role("row", name="200 answered by the mock:").first).to_be_visible()
    expect(page.get_by_role("row", name="✗ 200 getPet.answers-as-documented: expected")).to_be_visible()
    page.get_by_role("button", name="GET /api/pets/none").first.click()
    expect(page.locator("#exchange pre mark")).to_have_text("/api/pets/none")
    page.get_by_role("button", name="GET /api/pets/2").first.click()
    expect(page.locator("#exchange")).to_contain_text("What is wrong with the response")
    assert "hidden-token" not in page.content()
    found = [*serious_barriers(page, "light"), *serious_barriers(page, "dark")]
    page.get_by_role("button", name="Verdict").click()
    expect(page.locator("#report")).to_contain_text("violates its document")
    found += [*serious_barriers(page, "light"), *serious_barriers(page, "dark")]
    page.close()
    assert (found, failures) == ([], [])


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [("journal", "localhost", 200), ("journal", "rebound.test", 403), ("state", "localhost", 404)],
)
def test_the_console_answers_this_machine_and_changes_nothing(
    target: str, host: str, status: int, setting: Setting
) -> None:
    assert setting.get(f"/__lookalike-proxy/{target}", Host=host).status == status
    assert not [one for one in Server.seen if one[1].startswith("/__lookalike-proxy/")]


def test_the_console_names_no_path_that_it_does_not_serve(setting: Setting) -> None:
    detail = json.loads(setting.get("/__lookalike-proxy/state").read())["detail"]
    assert detail == "/__lookalike-proxy/ is a page that shows the traffic, and changes nothing"


def test_a_long_request_is_passed_on_whole(setting: Setting) -> None:
    sent = json.dumps({"name": "a" * 150_000})
    setting.get("/api/pets", "POST", sent.encode(), Content_Type="application/json").read()
    assert Server.seen[-1] == ("POST", "/api/pets", {"body": sent})


def test_verdicts_are_printed_as_they_come_and_ctrl_c_prints_the_summary(tmp_path: Path) -> None:
    with proxied(tmp_path) as setting:
        setting.get("/api/pets/2", Authorization=f"Bearer {TOKEN}").read()
        setting.get(f"/api/pets/1?token={TOKEN}").read()
        with pytest.raises(IncompleteRead):
            setting.get("/cut").read()
        for name in ("Mia", "a" * 150_000):  # the second one is too long to be kept
            body = json.dumps({"name": name, "kind": "cat"}).encode()
            setting.get("/api/pets", "POST", body, Content_Type="application/json").read()
        setting.process.send_signal(signal.SIGINT)
        output, _ = setting.process.communicate(timeout=60)
    assert setting.process.returncode == 1
    assert re.search(
        r"^✗ GET /api/pets/2 -> 200 \(\d+ ms\)\n    getPet\.answers-as-documented: expected", output, re.MULTILINE
    )
    assert re.search(r"^✗ GET /cut -> 200 \(\d+ ms\): it closed the connection", output, re.MULTILINE)
    assert re.search(r"^~ POST /api/pets -> 201 ", output, re.MULTILINE)
    assert "answered by the mock, since the server does not have it: POST /api/pets (2x)" in output
    assert "violates Pets 1.0.0 (" in output
    assert TOKEN not in output
    assert TOKEN not in setting.har.read_text(encoding="utf-8")
    entries = json.loads(setting.har.read_text(encoding="utf-8"))["log"]["entries"]
    assert [entry for entry in entries if entry["request"]["bodySize"] == -1 and "postData" not in entry["request"]]
    judged = CliRunner().invoke(commands, ["judge", str(setting.har), PETS], standalone_mode=False)
    assert judged.return_value == 1
    assert "createPet.is-implemented   held" not in judged.output
    assert "expected:   a body in which" in judged.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ftp://a.test"], "is not an http URL"),
        (["http://a.test", PETS, "--har", "/no/such/folder/a.har"], "--har /no/such/folder/a.har: No such file"),
        (["http://a.test", PETS, "--cacert", "/no/such.pem"], "--cacert /no/such.pem: there is no such file"),
        (["http://a.test", PETS, "--report", "pdf=a"], "pdf"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_served(words: list[str], message: str) -> None:
    result = CliRunner().invoke(commands, ["proxy", *words], standalone_mode=False)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)


def test_a_server_that_is_not_there_is_a_502_and_nothing_can_be_judged(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    words = [sys.executable, "-m", "lookalike", "proxy", f"http://127.0.0.1:{port}", PETS, "--port", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    found = re.search(r":(\d+)/api to", process.stdout.readline())
    assert found is not None
    connection = HTTPConnection("127.0.0.1", int(found[1]), timeout=20)
    connection.request("GET", "/api/pets/1")
    got = connection.getresponse()
    assert (got.status, b"the connection is refused" in got.read()) == (502, True)
    connection.close()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert "✗ GET /api/pets/1 -> no answer" in output
    assert process.returncode == 3
