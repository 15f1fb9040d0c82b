"""`verify --listen`: callbacks of a server are judged by the document, and nothing is held against one unseen."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from lookalike.errors import UsageError
from lookalike.verify.server.listener import CallbackListener
from tests.support.receiver import JOBS
from tests.support.servers.judging import CLAUSES, Judged, judged

CLAUSE = "startJob.calls-back"
LISTEN = ("--listen", "127.0.0.1:0")
# Where a callback is sent to, with what, and how late, by the name of a server.
SERVERS: dict[str, dict[str, Any]] = {
    "right": {},
    "late": {"seconds": 0.3},
    "another method": {"method": "PUT"},
    "another path": {"query": ""},
    "another body": {"body": {"id": 1, "state": "waiting"}},
    "no JSON": {"text": "done"},
    "another media type": {"media_type": "text/plain"},
    "none": {"method": ""},
}


class Jobs(BaseHTTPRequestHandler):
    """A server of jobs that was written by hand, with ways of its own."""

    ways: dict[str, Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            sent = json.loads(body)
            fits = isinstance(sent["title"], str) and isinstance(sent.get("hook", ""), str)
        except (ValueError, KeyError, TypeError):
            fits = False
        self._answer(201 if fits else 400, {"id": 1, "title": sent["title"]} if fits else {})
        asked = parse_qs(urlsplit(self.path).query).get("notify", [""])[0] or self.headers.get("X-Hook") or ""
        hook = asked or (sent.get("hook") if fits else "")
        if fits and hook:
            threading.Thread(target=self._call, args=(hook,), daemon=True).start()

    def _call(self, hook: str) -> None:
        ways = {"method": "POST", "query": "?queue={queue}&job=1", "media_type": "application/json", **self.ways}
        if not ways["method"] or not hook.startswith("http://127.0.0.1"):
            return
        time.sleep(ways.get("seconds", 0.0))
        parts = urlsplit(hook)
        connection = HTTPConnection(parts.netloc, timeout=5)
        target = parts.path + ways["query"].replace("{queue}", self.path.split("/")[2])
        body = ways.get("text") or json.dumps(ways.get("body", {"id": 1, "state": "done"}))
        connection.request(ways["method"], target, body, {"Content-Type": ways["media_type"]})
        connection.getresponse().read()

    def _answer(self, status: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None: ...  # noqa: A002  # as the library has it


@contextmanager
def serving(ways: dict[str, Any]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfThisTest", (Jobs,), {"ways": ways}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def judged_jobs(folder: Path, ways: dict[str, Any], *options: str, settle: str = "0.5s") -> Judged:
    document = yaml.safe_load(JOBS)
    # The callback that no server of these tests sends.
    del document["paths"]["/queues/{queue}/jobs"]["post"]["callbacks"]["watched"]
    file = folder / "jobs.json"
    file.write_text(json.dumps(document))
    with serving(ways) as url:
        target = f"credentials: {{}}\ndisposable: true\nsettle: {settle}\n"
        return judged(url, folder, *CLAUSES, "--clause", CLAUSE, *options, document=file, target=target)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("another method", "as a callback / PUT"),
        ("another path", "&job=1"),
        ("another body", "state must be"),
        ("no JSON", "a body that is not JSON"),
        ("another media type", "a body of type text/plain, not of application/json"),
        ("none", "within 0.5 s of the request, as a callback / none"),
    ],
)
def test_a_callback_that_is_not_as_documented_breaks_the_clause(name: str, words: str, tmp_path: Path) -> None:
    found = judged_jobs(tmp_path, SERVERS[name], *LISTEN)
    assert words in found.failures()[CLAUSE]
    assert found.exit_code == 1


@pytest.mark.parametrize("name", ["right", "late"])
def test_a_callback_as_documented_keeps_the_clause(name: str, tmp_path: Path) -> None:
    assert judged_jobs(tmp_path, SERVERS[name], *LISTEN, settle="5s").statuses()[CLAUSE].startswith("held")


@pytest.mark.parametrize(("name", "word"), [("right", "held"), ("none", "violated")])
def test_a_url_may_be_asked_for_in_a_parameter_and_have_more_behind_it(name: str, word: str, tmp_path: Path) -> None:
    document = yaml.safe_load(JOBS)
    operation = document["paths"]["/queues/{queue}/jobs"]["post"]
    finished = operation["callbacks"].pop("finished")
    for source, parameter in (("query", "notify"), ("header", "X-Hook")):
        operation["parameters"][1:] = [{"name": parameter, "in": source, "schema": {"type": "string"}}]
        url = f"{{$request.{source}.{parameter.upper() if source == 'header' else parameter}}}/done"
        operation["callbacks"] = {"finished": {url: next(iter(finished.values()))}}
        file = tmp_path / f"{source}.json"
        file.write_text(json.dumps(document))
        with serving({**SERVERS[name], "query": "/done"}) as server:
            options = ("--clause", CLAUSE, *LISTEN)
            target = "credentials: {}\ndisposable: true\nsettle: 0.5s\n"
            found = judged(server, tmp_path, *CLAUSES, *options, document=file, target=target)
        assert found.statuses()[CLAUSE].startswith(word), source


def test_without_the_option_nothing_is_held_against_a_server(tmp_path: Path) -> None:
    found = judged_jobs(tmp_path, SERVERS["none"])
    assert "--listen" in found.statuses()[CLAUSE]
    assert not found.failures()


def test_an_address_that_is_taken_is_told() -> None:
    listener = CallbackListener("127.0.0.1", 0)
    port = int(listener.new_url(204).split(":")[2].partition("/")[0])
    with pytest.raises(UsageError, match=f"--listen 127.0.0.1:{port}"):
        CallbackListener("127.0.0.1", port)
    listener.close()
