"""`verify --listen`: webhooks of a server are judged by the document, and none is missed that nothing promises."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from lookalike.contract.signatures import BASE64, Signature
from lookalike.contract.signing import signature_flaw, signed_fields
from lookalike.verify.server.listener import CallbackListener
from tests.support.receiver import SHOP
from tests.support.running import running_mock
from tests.support.servers.judging import CLAUSES, Judged, judged

SECRET = "s3cret"  # of this test
CREATED, CHANGED, DELETED = (f"{one}.sends-webhook" for one in ("POST /pets", "PUT /pets/{id}", "DELETE /pets/{id}"))
RIGHT = {"id": "e1", "at": "2026-01-01T00:00:00Z"}


class Pets(BaseHTTPRequestHandler):
    """A server of pets that was written by hand, with ways of its own; `hook` is where it sends webhooks."""

    ways: dict[str, Any]
    hook: str
    secret = SECRET
    kept: dict[str, dict[str, Any]]

    def do_POST(self) -> None:
        sent = self._sent()
        kind, member = ("pets", "name") if self.path == "/pets" else ("hooks", "url")
        if not isinstance(sent.get(member), str):
            self._answer(400, {})
            return
        key = f"/{kind}/{len(self.kept) + 1}"
        self.kept[key] = {**_shown(sent), "id": len(self.kept) + 1}
        self._answer(201, self.kept[key])
        if kind == "hooks":
            type(self).hook, type(self).secret = sent["url"], sent.get("secret", "")
        else:
            self._tell("pet.created", self.kept[key])

    def do_PUT(self) -> None:
        sent = self._sent()
        if self.path not in self.kept or not isinstance(sent.get("name"), str):
            self._answer(404 if self.path not in self.kept else 400, {})
            return
        self.kept[self.path] = {**_shown(sent), "id": self.kept[self.path]["id"]}
        self._answer(200, self.kept[self.path])
        self._tell("pet.updated", self.kept[self.path])

    def do_GET(self) -> None:
        self._answer(200 if self.path in self.kept else 404, self.kept.get(self.path, {}))

    def do_DELETE(self) -> None:
        found = self.kept.pop(self.path, None)
        self._answer(404 if found is None else 204, {} if found is None else None)
        if found is not None and self.path.startswith("/pets"):
            self._tell("pet.deleted", found)

    def _tell(self, event: str, pet: dict[str, Any]) -> None:
        if not self.hook:
            return
        value = {**RIGHT, "event": event, "data": pet, **self.ways.get("body", {})}
        value = {name: one for name, one in value.items() if name not in self.ways.get("without", ())}
        body = self.ways.get("text") or json.dumps(value).encode()
        digest = hmac.new(self.ways.get("secret", self.secret).encode(), body, hashlib.sha256).hexdigest()
        fields = {"Content-Type": "application/json", "X-Sign": f"v1={digest}", **self.ways.get("fields", {})}
        parts, sent = urlsplit(self.hook), {name: text for name, text in fields.items() if text}
        connection = HTTPConnection(parts.netloc, timeout=5)
        connection.request(self.ways.get("method", "POST"), parts.path, body, sent)
        connection.getresponse().read()

    def _sent(self) -> dict[str, Any]:
        try:
            sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        except ValueError:
            sent = None
        return sent if isinstance(sent, dict) else {}

    def _answer(self, status: int, value: Any) -> None:
        content = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if content:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None: ...  # noqa: A002  # as the library has it


def _shown(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name in ("name", "url", "events", "active", "secret")}


@contextmanager
def serving(ways: dict[str, Any], hook: str) -> Iterator[str]:
    handler = type("OfThisTest", (Pets,), {"ways": ways, "hook": hook, "kept": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    listener = CallbackListener("127.0.0.1", 0)
    port = urlsplit(listener.url_at("/")).port
    listener.close()
    assert port is not None
    return port


def judged_pets(
    folder: Path, ways: dict[str, Any], *clauses: str, secret: str = SECRET, said: bool = True, settle: str = "0.5s"
) -> Judged:
    """A server that sends to the listener, as the target file says, or only to whom its own API tells it."""
    document = yaml.safe_load(SHOP)
    if said:
        for path in ("/hooks", "/hooks/{id}"):
            del document["paths"][path]
    file = folder / "shop.json"
    file.write_text(json.dumps(document))
    port = free_port()
    setup = {"path": "/sent/here", **({"secret": secret} if secret else {})}
    target = {"credentials": {}, "disposable": True, "settle": settle, **({"webhooks": setup} if said else {})}
    with serving(ways, f"http://127.0.0.1:{port}/sent/here" if said else "") as url:
        chosen = [option for clause in clauses for option in ("--clause", clause)]
        listen = ("--listen", f"127.0.0.1:{port}")
        return judged(url, folder, *CLAUSES, *chosen, *listen, document=file, target=json.dumps(target))


@pytest.mark.parametrize("said", [True, False])
def test_webhooks_as_documented_keep_the_clauses(said: bool, tmp_path: Path) -> None:
    found = judged_pets(tmp_path, {}, CREATED, CHANGED, DELETED, said=said)
    assert {CREATED, CHANGED, DELETED} <= found.held(), found.output
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ({"body": {"id": 5}}, "id must be"),
        ({"without": ("event",)}, "event"),
        ({"fields": {"X-Sign": ""}}, "no header field X-Sign"),
        ({"secret": "another"}, "a signature that is not the HMAC-SHA256 of {body} by the secret"),
        ({"fields": {"Content-Type": "text/plain"}}, "a body of type text/plain, not of application/json"),
    ],
)
def test_a_webhook_that_is_not_as_documented_breaks_the_clause(
    ways: dict[str, Any], words: str, tmp_path: Path
) -> None:
    found = judged_pets(tmp_path, ways, CREATED)
    assert words in found.failures()[CREATED]
    assert found.exit_code == 1


@pytest.mark.parametrize("ways", [{"secret": "another"}, {"without": ("at",)}])
def test_a_webhook_that_was_subscribed_by_the_api_is_judged_by_the_secret_that_was_sent(
    ways: dict[str, Any], tmp_path: Path
) -> None:
    assert CREATED in judged_pets(tmp_path, ways, CREATED, said=False).failures()


def test_a_missing_webhook_counts_after_a_creation_or_deletion_if_the_target_file_promises_it(
    tmp_path: Path,
) -> None:
    ways = {"method": "PUT"}  # which no webhook of the document has
    found = judged_pets(tmp_path, ways, CREATED, CHANGED, DELETED, settle="0.1s")
    assert found.failures().keys() == {CREATED, DELETED}
    assert "within 0.1 s of the request / none about the item" in found.failures()[CREATED]
    assert found.statuses()[CHANGED].startswith("not-observable")
    assert not judged_pets(tmp_path, ways, CREATED, DELETED, said=False, settle="0.1s").failures()


@pytest.mark.parametrize("ways", [{"body": {"event": "pet.fed"}}, {"text": b'{"id": 1}'}, {"text": b"[1]"}])
def test_requests_about_something_else_accuse_no_server(ways: dict[str, Any], tmp_path: Path) -> None:
    assert not judged_pets(tmp_path, ways, CREATED, said=False, settle="0.1s").failures()


def test_without_a_secret_signatures_are_not_checked(tmp_path: Path) -> None:
    assert CREATED in judged_pets(tmp_path, {"secret": "another"}, CREATED, secret="").held()


def test_the_mock_sends_what_the_judge_expects(tmp_path: Path) -> None:
    file, port = tmp_path / "shop.yaml", free_port()
    file.write_text(SHOP)
    target = f"credentials: {{}}\nsettle: 5s\ndisposable: true\nwebhooks: {{path: /hook, secret: {SECRET}}}\n"
    options = ("--webhook-url", f"http://127.0.0.1:{port}/hook", "--webhook-secret", SECRET)
    with running_mock(str(file), *options) as mock:
        chosen = [option for clause in (CREATED, CHANGED, DELETED) for option in ("--clause", clause)]
        listen = ("--listen", f"127.0.0.1:{port}")
        found = judged(mock.url, tmp_path, *CLAUSES, *chosen, *listen, document=file, target=target)
    assert {CREATED, CHANGED, DELETED} <= found.held(), found.output


STANDARD = Signature(
    {"webhook-id": "{id}", "webhook-timestamp": "{timestamp}", "webhook-signature": "v1,{signature}"},
    "{id}.{timestamp}.{body}",
    encoding=BASE64,
)
IN_ONE = Signature({"Shop-Signature": "t={timestamp},v1={signature}"}, "{timestamp}.{body}")


@pytest.mark.parametrize("signature", [STANDARD, IN_ONE, Signature({"X": "sha1={signature}"}, algorithm="sha1")])
def test_a_signature_is_right_as_it_was_made_and_by_no_other_secret_time_or_body(signature: Signature) -> None:
    fields = {name.lower(): text for name, text in signed_fields(signature, SECRET, b"{}", 1_800_000_000).items()}
    assert signature_flaw(signature, SECRET, fields, b"{}") == ""
    assert "a signature that is not" in signature_flaw(signature, "another", fields, b"{}")
    assert "a signature that is not" in signature_flaw(signature, SECRET, fields, b"[]")
    later = {name: text.replace("1800000000", "1800000001") for name, text in fields.items()}
    assert bool(signature_flaw(signature, SECRET, later, b"{}")) == (later != fields)
    assert "no header field" in signature_flaw(signature, SECRET, {}, b"{}")


def test_one_of_several_signatures_is_enough_and_hex_is_in_any_case() -> None:
    fields = {name.lower(): text for name, text in signed_fields(STANDARD, SECRET, b"{}", 1.0).items()}
    two = {**fields, "webhook-signature": f"v1,AAAA {fields['webhook-signature']}"}
    assert signature_flaw(STANDARD, SECRET, two, b"{}") == ""
    upper = {"shop-signature": signed_fields(IN_ONE, SECRET, b"{}", 1.0)["Shop-Signature"].upper().lower()}
    assert signature_flaw(IN_ONE, SECRET, upper, b"{}") == ""
    assert "not of the form t={timestamp}" in signature_flaw(IN_ONE, SECRET, {"shop-signature": "abc"}, b"{}")
