"""What web pages of other origins may do: call operations and read every answer, and nothing with the control API.

The last judge is a browser.
"""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from lookalike.server.app import create_app
from lookalike.server.mock_handler import MockOptions
from tests.support.in_process import ASHA, AUTHORIZED, FREE, JSON, NOW, mock
from tests.support.running import PATIENCE, RunningMock, running_mock

UPDATE = f"/leads/{ASHA}/update"
ORIGIN = "http://app.example:3000"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization,content-type",
}


def client(**options: Any) -> Client:
    return create_app(mock(), MockOptions(**options), lambda: NOW).test_client()


def names(text: str) -> set[str]:
    return {name.strip().lower() for name in text.split(",")}


class TestPreflight:
    def test_it_is_answered_before_security_and_allows_what_it_asks_for(self) -> None:
        answer = client().options(UPDATE, headers=PREFLIGHT)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
        assert names(answer.headers["Access-Control-Allow-Headers"]) == {"authorization", "content-type"}
        assert int(answer.headers["Access-Control-Max-Age"]) > 0
        assert "origin" in names(answer.headers["Vary"])
        assert "Content-Length" not in answer.headers

    def test_it_is_answered_on_unknown_paths_too_so_that_the_page_can_read_the_404(self) -> None:
        assert client().options("/nowhere", headers=PREFLIGHT).status_code == 204

    def test_no_headers_are_allowed_that_were_not_asked_for(self) -> None:
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}
        assert "Access-Control-Allow-Headers" not in client().options(UPDATE, headers=asked).headers

    def test_a_page_of_the_internet_may_use_a_mock_in_a_private_network_if_it_asks(self) -> None:
        asked = {**PREFLIGHT, "Access-Control-Request-Private-Network": "true"}
        assert client().options(UPDATE, headers=asked).headers["Access-Control-Allow-Private-Network"] == "true"
        assert "Access-Control-Allow-Private-Network" not in client().options(UPDATE, headers=PREFLIGHT).headers

    @pytest.mark.parametrize("missing", ["Origin", "Access-Control-Request-Method"])
    def test_options_that_ask_for_nothing_are_a_request_of_the_contract(self, missing: str) -> None:
        asked = {name: value for name, value in PREFLIGHT.items() if name != missing}
        answer = client().options(UPDATE, headers=asked)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "PUT")


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        (UPDATE, AUTHORIZED, {"lead_data": {}}, 201),
        (UPDATE, AUTHORIZED, {}, 400),
        (UPDATE, {}, {}, 401),
        (f"/leads/{FREE}/update", AUTHORIZED, {"lead_data": {}}, 404),
        ("/nowhere", {}, {}, 404),
        (UPDATE, AUTHORIZED, {"lead_data": {"long": "x" * 2000}}, 413),
    ],
)
def test_a_page_can_read_every_answer_and_why_it_is_so(path: str, headers: Any, body: Any, status: int) -> None:
    answer = client(max_body=1000).put(path, json=body, headers={**JSON, **headers, "Origin": ORIGIN})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "origin" in names(answer.headers["Vary"])
    exposed = names(answer.headers["Access-Control-Expose-Headers"])
    assert exposed >= {"lookalike-clause", "lookalike-reason", "www-authenticate", "preference-applied", "allow"}


def test_a_page_may_send_cookies_and_read_what_comes_of_them() -> None:
    api = client()
    answers = api.options(UPDATE, headers=PREFLIGHT), api.put(UPDATE, json={}, headers={**AUTHORIZED, "Origin": ORIGIN})
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN  # with credentials, no wildcard would do


def test_a_client_that_is_no_page_is_not_told_of_origins() -> None:
    answer = client().put(UPDATE, json={"lead_data": {}}, headers=AUTHORIZED)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_without_cors_no_page_is_given_permission() -> None:
    api = client(cors=False)
    preflight = api.options(UPDATE, headers=PREFLIGHT)
    answer = api.put(UPDATE, json={"lead_data": {}}, headers={**AUTHORIZED, "Origin": ORIGIN})
    assert (preflight.status_code, answer.status_code) == (405, 201)
    for headers in (preflight.headers, answer.headers):
        assert not [name for name, _ in headers if name.startswith("Access-Control")]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that it overrides
        """Nothing."""


@contextmanager
def pages(folder: Path) -> Iterator[str]:
    """The origin that a folder is served from, which is not that of the mock."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=5000",
    "--dump-dom",
)

PAGE = """<!doctype html><meta charset=utf-8><pre id=result>no result</pre><script type=module>
const result = document.getElementById("result");
try {
  result.textContent = JSON.stringify(await (async () => { %s })());
} catch (error) {
  result.textContent = JSON.stringify({failed: String(error)});
}
</script>"""


def in_a_browser(script: str, folder: Path) -> Any:
    """What the body of an async function returns in a page of an origin of its own; `{failed: ...}` where it throws."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    (folder / "pages").mkdir()
    (folder / "pages" / "page.html").write_text(PAGE % script, encoding="utf-8")
    with pages(folder / "pages") as origin:
        command = [chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"{origin}/page.html"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE, check=True)
    _, _, rest = done.stdout.partition('<pre id="result">')
    text, found, _ = rest.partition("</pre>")
    assert found, done.stdout + done.stderr
    return json.loads(text)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningMock]:
    with running_mock("--log", "off") as started:
        yield started


FETCH = """
const answer = await fetch("%s/leads/%s/update", {
  method: "PUT",
  headers: {Authorization: "Bearer %s", "Content-Type": "application/json"},
  body: JSON.stringify({lead_data: {city: "Goa"}}),
});
return {
  status: answer.status,
  success: (await answer.json()).success,
  clause: answer.headers.get("Lookalike-Clause"),
  challenge: answer.headers.get("WWW-Authenticate"),
};
"""


def test_a_page_of_another_origin_updates_a_lead_and_reads_the_answer(running: RunningMock, tmp_path: Path) -> None:
    result = in_a_browser(FETCH % (running.url, ASHA, "tok-valid"), tmp_path)
    assert result == {"status": 201, "success": True, "clause": "OK-1, DATA-1", "challenge": None}
    lead = next(lead for lead in running.state()["lead"] if lead["contact_number"] == ASHA)
    assert lead["data"]["city"] == "Goa"


def test_a_page_of_another_origin_reads_why_it_is_refused(running: RunningMock, tmp_path: Path) -> None:
    result = in_a_browser(FETCH % (running.url, ASHA, "tok-expired"), tmp_path)
    assert (result["status"], result["success"]) == (401, False)
    assert result["clause"]
    assert result["challenge"] == 'Bearer error="invalid_token"'


def test_a_page_cannot_read_a_mock_without_cors(tmp_path: Path) -> None:
    with running_mock("--log", "off", "--no-cors") as silent:
        assert "failed" in in_a_browser(FETCH % (silent.url, ASHA, "tok-valid"), tmp_path)


RESET = """
const url = "%s/__lookalike/";
const sent = {mode: "no-cors", method: "POST", body: "{}"};
const form = document.createElement("form");
form.method = "post";
form.action = url + "reset";
form.target = "frame";
document.body.insertAdjacentHTML("beforeend", "<iframe name=frame></iframe>");
document.body.append(form);
form.submit();
await new Promise(done => document.querySelector("iframe").onload = done);
const blind = await fetch(url + "reset", sent);
const failures = [];
for (const [path, method] of [["reset", "POST"], ["state", "PUT"], ["state", "GET"], ["journal", "DELETE"]]) {
  await fetch(url + path, {method, ...(method === "PUT" ? {body: "{}"} : {})}).catch(() => failures.push(method));
}
return {blind: blind.type, failures};
"""


def test_no_page_can_reset_or_read_the_mock_of_a_developer(running: RunningMock, tmp_path: Path) -> None:
    assert running.put(ASHA, {"lead_data": {"name": "Changed"}})[0] == 201
    before = running.state()
    result = in_a_browser(RESET % running.url, tmp_path)
    assert result == {"blind": "opaque", "failures": ["POST", "PUT", "GET", "DELETE"]}
    assert running.state() == before
    assert running.request("GET", "/__lookalike/journal")[2] != b"[]"


def test_the_reset_that_no_page_can_send_is_one_that_a_program_can(running: RunningMock) -> None:
    assert running.put(ASHA, {"lead_data": {"name": "Changed"}})[0] == 201
    before = running.state()
    running.reset()
    assert running.state() != before
