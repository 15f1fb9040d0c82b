"""Where references may lead: by the zone of the document that has them, and within a number, a size and a time."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.openapi import sources
from lookalike.openapi.document import load_referenced, parse_document
from lookalike.openapi.load import normalized
from lookalike.openapi.sources import ReferenceRules, SourceReader
from lookalike.openapi.zones import NotAllowed, Zone, check_zone, zone_of
from lookalike.soundness import check
from tests.support.hostile import hostile, slowly

FILE, PRIVATE, LINK_LOCAL, PUBLIC = Zone.FILE, Zone.PRIVATE, Zone.LINK_LOCAL, Zone.PUBLIC

ADDRESSES = {
    "127.0.0.1": PRIVATE,
    "127.9.9.9": PRIVATE,
    "0.0.0.0": PRIVATE,  # the system takes it for this machine
    "10.1.2.3": PRIVATE,
    "172.16.0.1": PRIVATE,
    "192.168.1.1": PRIVATE,
    "100.64.0.1": PRIVATE,
    "224.0.0.1": PRIVATE,
    "255.255.255.255": PRIVATE,
    "169.254.169.254": LINK_LOCAL,
    "8.8.8.8": PUBLIC,
    "::1": PRIVATE,
    "::": PRIVATE,
    "fd00::1": PRIVATE,
    "fe80::1%eth0": LINK_LOCAL,
    "::ffff:127.0.0.1": PRIVATE,
    "::ffff:169.254.169.254": LINK_LOCAL,
    "64:ff9b::7f00:1": PRIVATE,
    "64:ff9b::a9fe:a9fe": LINK_LOCAL,
    "2002:7f00:1::": PRIVATE,
    "2606:4700:4700::1111": PUBLIC,
}


@pytest.mark.parametrize(("address", "zone"), ADDRESSES.items())
def test_an_address_is_of_a_zone(address: str, zone: Zone) -> None:
    assert zone_of(address) is zone


# The referrer, the target, and whether the reference is followed: by default, and with --allow-private.
ROUTES = [
    (None, PRIVATE, True, True),  # the user
    (None, LINK_LOCAL, True, True),
    (FILE, PRIVATE, True, True),
    (FILE, PUBLIC, True, True),
    (FILE, LINK_LOCAL, False, False),
    (PRIVATE, PRIVATE, True, True),
    (PRIVATE, PUBLIC, True, True),
    (PRIVATE, LINK_LOCAL, False, False),
    (PUBLIC, PUBLIC, True, True),
    (PUBLIC, PRIVATE, False, True),
    (PUBLIC, LINK_LOCAL, False, False),
]


@pytest.mark.parametrize(("referrer", "target", "by_default", "if_allowed"), ROUTES)
def test_a_document_reaches_some_zones(referrer: Zone | None, target: Zone, by_default: bool, if_allowed: bool) -> None:
    for allows_private, expected in ((False, by_default), (True, if_allowed)):
        told = "--allow-private" if target is PRIVATE else "no reference may lead"  # the option is told where it helps
        with nullcontext() if expected else pytest.raises(NotAllowed, match=told):
            check_zone(referrer, target, "there", allows_private)


SCHEMA = b'{"type": "object", "properties": {"name": {"type": "string"}}}'


def counting(fetched: list[bytes], answer: bytes) -> Callable[[bytes], list[bytes]]:
    """An answer that is always the same, and notes the requests that it is for."""

    def respond(request: bytes) -> list[bytes]:
        fetched.append(request)
        return [answer]

    return respond


def answered(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content)


@pytest.fixture
def origin() -> Iterator[str]:
    """A server on this machine with one schema."""
    with hostile(lambda _: [answered(SCHEMA)]) as url:
        yield url


SPELLINGS = [
    "http://127.0.0.1:{}/s.json",
    "http://localhost:{}/s.json",
    "http://2130706433:{}/s.json",
    "http://0x7f.1:{}/s.json",
    "http://[::ffff:127.0.0.1]:{}/s.json",
    "http://%31%32%37.0.0.1:{}/s.json",
    "http://0.0.0.0:{}/s.json",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_this_machine_is_reached_from_a_public_document(origin: str, spelling: str) -> None:
    url = spelling.format(origin.rpartition(":")[2])
    with pytest.raises(UsageError, match=r"--allow-private|Name or service|Address family|not known"):
        SourceReader().referenced(url, PUBLIC)


def test_a_public_document_reaches_this_machine_if_that_is_allowed(origin: str) -> None:
    read = SourceReader(ReferenceRules(private=True)).referenced(f"{origin}/s.json", PUBLIC)
    assert (read.text, read.zone) == (SCHEMA.decode(), PUBLIC)  # and what it says counts as public


@pytest.mark.parametrize("referrer", [FILE, PRIVATE, PUBLIC])
def test_a_link_local_address_is_reached_by_no_reference(referrer: Zone) -> None:
    with pytest.raises(UsageError, match=r"169\.254\.169\.254, a link-local address"):
        SourceReader(ReferenceRules(private=True)).referenced("http://169.254.169.254/latest", referrer)


@pytest.mark.parametrize("target", ["http://169.254.169.254/", "ftp://127.0.0.1/", "file:///etc/passwd"])
def test_a_redirect_leads_no_further_than_a_reference(target: str) -> None:
    moved = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with hostile(lambda _: [moved.encode()]) as url:
        for read in (SourceReader().named, partial(SourceReader().referenced, referrer=FILE)):
            with pytest.raises(UsageError, match=r"link-local|neither http nor https|not allowed"):
                read(url + "/s.json")


def public(data: Any) -> Any:
    """A document from a public server."""
    whole = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}, **data}
    return parse_document(json.dumps(whole), "https://api.example.com/openapi.json", PUBLIC)


def schemas(**schemas: Any) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


def test_a_document_gets_no_rights_by_the_base_that_it_states(origin: str) -> None:
    document = public(schemas(A={"$id": f"{origin}/", "properties": {"a": {"$ref": "s.json"}}}))
    bundled = normalized(document, document.name)
    assert "--allow-private" in str(bundled.unreadable[f"{origin}/s.json#"])


def test_what_a_local_document_has_read_is_not_given_to_a_public_one(origin: str) -> None:
    reader = SourceReader()
    assert load_referenced(f"{origin}/s.json", FILE, reader).data == json.loads(SCHEMA)
    with pytest.raises(UsageError, match="--allow-private"):
        load_referenced(f"{origin}/s.json", PUBLIC, reader)


@pytest.mark.parametrize("ref", ["file:///etc/hosts", "/etc/hosts", "../../../../etc/hosts", "C:\\a.yaml"])
def test_a_document_from_a_url_refers_to_no_file(ref: str) -> None:
    fetched: list[bytes] = []
    with hostile(counting(fetched, answered(b""))) as url:
        document = parse_document(public(schemas(A={"$ref": ref})).text.text, f"{url}/api.json", PRIVATE)
        bundled = normalized(document, f"{url}/api.json")
    (reason,) = bundled.unreadable.values()
    assert "only http and https URLs are read" in reason or "neither YAML nor JSON" in reason
    assert not any(b"/etc/hosts" not in request for request in fetched)  # or asked of the server, where it is a path


def test_a_reference_to_a_url_is_followed_once_in_a_check(tmp_path: Path) -> None:
    fetched: list[bytes] = []
    with hostile(counting(fetched, answered(SCHEMA))) as url:
        refs = {name: {"$ref": f"{url}/s.json{fragment}"} for name, fragment in (("A", ""), ("B", "#/properties/name"))}
        path = tmp_path / "api.json"
        path.write_text(public(schemas(**refs)).text.text)
        assert check(path).problems == ()
    assert len(fetched) == 1


def test_no_reference_to_a_url_is_followed_without_remote(tmp_path: Path, origin: str) -> None:
    path = tmp_path / "api.json"
    path.write_text(public(schemas(A={"$ref": f"{origin}/s.json"})).text.text)
    (problem,) = check(path, (), SourceReader(ReferenceRules(remote=False))).problems
    assert "with --no-remote, no reference to a URL is followed" in str(problem)


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "], ids=["body", "head"])
def test_a_source_that_comes_byte_by_byte_is_given_up(first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_TIMEOUT", 0.1)
    with hostile(lambda _: slowly(first, b" ")) as url:
        reader = SourceReader()
        for read in (reader.named, partial(reader.referenced, referrer=FILE)):
            with pytest.raises(UsageError, match=r"did not come within 0\.1 seconds"):
                read(url)


def test_all_sources_of_a_document_have_one_limit_of_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_LONGEST_IN_ALL", 100)
    reader = SourceReader()
    for name in "ab":
        (tmp_path / name).write_text("#" * 70)
    assert reader.referenced(tmp_path / "a", FILE).text == "#" * 70
    with pytest.raises(UsageError, match="it is longer than"):
        reader.referenced(tmp_path / "b", FILE)


def test_all_sources_of_a_document_have_one_limit_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_TIMEOUT_IN_ALL", 0.0)
    (tmp_path / "a").write_text("a: b")
    with pytest.raises(UsageError, match="seconds in all"):
        SourceReader().referenced(tmp_path / "a", FILE)


ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
SECRETS = {
    "passwd": b"root:x:0:0:hunter2:/root:/bin/bash\n",
    "shadow": b"@hunter2: [\n",
    "environment": b"PASSWORD=hunter2\n",
    "key.pem": b"-----BEGIN hunter2-----\n%hunter2\n",
    "alias": b"*hunter2\n",
    "tag": b"!!hunter2 x\n",
    "twice": b"hunter2: 1\nhunter2: 2\n",
    "long": b"hunter2" * 10,
    "binary": b"{\x00hunter2}",
    "latin": b"hunter2\xff",
    "null": b"",
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("place", ["schema", "tokens", "seed"])
def test_nothing_of_a_file_that_is_neither_yaml_nor_json_is_told(tmp_path: Path, name: str, place: str) -> None:
    (tmp_path / name).write_bytes(SECRETS[name])
    data: dict[str, Any] = schemas(A={"$ref": name} if place == "schema" else ITEM)
    if place == "tokens":
        data["x-lookalike"] = {"tokens": name}
    if place == "seed":
        resource = {"key": "id", "schema": {"$ref": "#/components/schemas/A"}, "seed": name}
        data["x-lookalike"] = {"resources": {"a": resource}}
    path = tmp_path / "api.json"
    path.write_text(public(data).text.text)
    told = "\n".join(map(str, check(path).problems))
    assert "hunter2" not in told
    assert any(why in told for why in ("neither YAML nor JSON", "no text", "not UTF-8"))


def test_a_pipe_that_nobody_writes_to_is_refused_for_seeds_and_tokens(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / "api.json"
    path.write_text(public({"x-lookalike": {"tokens": "pipe"}}).text.text)
    (problem,) = check(path).problems
    assert "it is no regular file" in str(problem)
