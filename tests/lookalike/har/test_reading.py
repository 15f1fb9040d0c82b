"""HAR files as recorders write them, and as nobody should."""

import base64
import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.har.reading import Recording, read_har
from lookalike.http import Response


def entry(**more: Any) -> dict[str, Any]:
    """What a browser records of a POST; `more` are members of the entry, or of `request` and `response`."""
    request = {
        "method": "POST",
        "url": "https://api.test/v1/pets?a=b%20c",
        "headers": [{"name": ":authority", "value": "api.test"}, {"name": "X-Tag", "value": "1"}],
        "postData": {"mimeType": "application/json", "text": '{"name": "Rex"}'},
    }
    response = {
        "status": 201,
        "headers": [{"name": "content-type", "value": "application/json"}, {"name": "content-encoding", "value": "br"}],
        "content": {"size": 8, "mimeType": "application/json", "text": '{"id":1}'},
    }
    return {
        "startedDateTime": "2026-03-01T10:00:00.500Z",
        "time": 250,
        **{name: value for name, value in more.items() if name not in ("request", "response")},
        "request": {**request, **more.get("request", {})},
        "response": {**response, **more.get("response", {})},
    }


def read(folder: Path, *entries: Any) -> Recording:
    file = folder / "a.har"
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), encoding="utf-8")
    return read_har(file)


def test_an_entry_is_an_exchange_without_what_is_not_true_of_the_decoded_body(tmp_path: Path) -> None:
    (found,), problems = read(tmp_path, entry())
    assert not problems
    assert found.origin == "https://api.test"
    assert found.request[:3] == ("POST", "/v1/pets", "a=b%20c")
    assert dict(found.request.headers) == {"x-tag": "1"}
    assert found.request.body == b'{"name": "Rex"}'
    assert found.request.at == 1772359200.5
    assert found.seconds == 0.25
    assert found.response == Response(201, (("content-type", "application/json"),), b'{"id":1}')
    assert not found.missing


def test_exchanges_are_in_the_order_of_their_start(tmp_path: Path) -> None:
    later = entry(startedDateTime="2026-03-01T12:00:00+01:00")
    earlier = entry(startedDateTime="2026-03-01T10:00:00Z")
    assert [one.number for one in read(tmp_path, later, earlier).exchanges] == [2, 1]


BODIES = {
    "in Base64": (
        {"response": {"content": {"size": 2, "text": base64.b64encode(b"\xff\0").decode(), "encoding": "base64"}}},
        b"\xff\0",
    ),
    "in Base64 of gzip": (
        {"response": {"headers": [{"name": "Content-Encoding", "value": "gzip"}], "content": {
            "size": 3, "text": base64.b64encode(gzip.compress(b"one")).decode(), "encoding": "base64"}}},
        b"one",
    ),
    "a file in gzip": (
        {"response": {"content": {"size": 2, "text": base64.b64encode(b"\x1f\x8b").decode(), "encoding": "base64"}}},
        b"\x1f\x8b",
    ),
    "a form": (
        {"request": {"postData": {"mimeType": "application/x-www-form-urlencoded", "params": [
            {"name": "a b", "value": "1"}, {"name": "c"}]}}},
        b"a+b=1&c=",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("more", "body"), BODIES.values(), ids=BODIES)
def test_bodies_are_read_in_every_form(more: dict[str, Any], body: bytes, tmp_path: Path) -> None:
    (found,), _ = read(tmp_path, entry(**more))
    assert found.response is not None
    assert body in (found.request.body, found.response.body)


MISSING = {
    "a response that was cut": ({"response": {"content": {"size": 900, "text": "{"}}}, {"response.body"}),
    "a response that was left out": ({"response": {"content": {"size": 900}}}, {"response.body"}),
    "responses that are never recorded": (
        {"response": {"content": {"mimeType": "application/json"}}},
        {"response.body"},
    ),
    "a response of unknown size": ({"response": {"content": {"size": -1}}}, {"response.body"}),
    "a response that has no body": ({"response": {"status": 204, "content": {"size": -1}}}, set()),
    "requests that are never recorded": ({"request": {"postData": None}}, {"request.body"}),
    "a request of unknown size": ({"request": {"postData": None, "bodySize": -1}}, {"request.body"}),
    "a request whose field tells of a body": (
        {"request": {"postData": None, "bodySize": 0, "headers": [{"name": "Content-Length", "value": "9"}]}},
        {"request.body"},
    ),
    "a request that has no body": ({"request": {"method": "DELETE", "postData": None, "bodySize": -1}}, set()),
    "a request that was left out": ({"request": {"postData": None, "bodySize": 9}}, {"request.body"}),
    "a text that was left out": (
        {"request": {"postData": {"mimeType": "application/json", "text": "", "params": []}, "bodySize": 27}},
        {"request.body"},
    ),
    "bytes that are no text": (
        {"request": {"postData": {"mimeType": "application/octet-stream", "text": "\ufffd\0"}}},
        {"request.body"},
    ),
    "a file that is not there": ({"response": {"content": {"size": 9, "_file": "1.json"}}}, {"response.body"}),
    "a file elsewhere": ({"response": {"content": {"size": 9, "_file": "../1.json"}}}, {"response.body"}),
    "a multipart request": (
        {"request": {"postData": {"mimeType": "multipart/form-data", "params": [{"name": "a"}]}}},
        {"request.body"},
    ),
    "nothing that was sent": (
        {"request": {"postData": None, "bodySize": 0}, "response": {"content": {"size": 0}}},
        set(),
    ),
}


@pytest.mark.parametrize(("more", "missing"), MISSING.values(), ids=MISSING)
def test_a_body_that_was_sent_and_is_not_in_the_file_is_known_to_be_missing(
    more: dict[str, Any], missing: set[str], tmp_path: Path
) -> None:
    (found,), _ = read(tmp_path, entry(**more))
    assert found.missing == missing


ATTACHED = entry(
    request={"postData": {"mimeType": "application/json", "text": "", "params": [], "_file": "1.json"}, "bodySize": 2},
    response={"content": {"size": 3, "mimeType": "application/json", "_file": "2.dat"}},
)
ATTACHMENTS = {"a.har": json.dumps({"log": {"entries": [ATTACHED]}}).encode(), "1.json": b"{}", "2.dat": b"\xff\0\1"}


@pytest.mark.parametrize("is_zip", [False, True], ids=["a folder", "a ZIP archive"])
def test_bodies_in_files_of_their_own_are_read_from(is_zip: bool, tmp_path: Path) -> None:
    file = tmp_path / ("a.har.zip" if is_zip else "a.har")
    if is_zip:
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in ATTACHMENTS.items():
                archive.writestr(name, content)
    else:
        for name, content in ATTACHMENTS.items():
            (tmp_path / name).write_bytes(content)
    (found,), problems = read_har(file)
    assert not problems
    assert not found.missing
    assert found.response is not None
    assert (found.request.body, found.response.body) == (b"{}", b"\xff\0\1")


def test_no_file_outside_of_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_bytes(b'{"own": 1}')
    (tmp_path / "below").mkdir()
    for name in ("../1.json", str(tmp_path / "1.json"), "..\\1.json", "", "..", "\0"):
        (found,), _ = read(tmp_path / "below", entry(response={"content": {"size": 9, "_file": name}}))
        assert found.missing == {"response.body"}


@pytest.mark.parametrize("url", ["data:text/plain,a", "blob:https://api.test/1", "wss://api.test/v1/pets"])
def test_an_entry_without_an_http_request_is_left_out(url: str, tmp_path: Path) -> None:
    assert read(tmp_path, entry(request={"url": url})) == Recording((), ())


def test_an_aborted_request_has_no_response_and_one_from_the_cache_is_none(tmp_path: Path) -> None:
    aborted = entry(response={"status": 0})
    recording = read(tmp_path, aborted, entry(_fromCache="disk"), entry(response={"status": 101}))
    assert [(one.number, one.response) for one in recording.exchanges] == [(1, None)]
    assert not recording.problems


BROKEN_ENTRIES = {
    "no object": (3, "it has no object request"),
    "no request": ({"response": {}}, "it has no object request"),
    "no response": ({"request": {}}, "it has no object response"),
    "no URL": (entry(request={"url": 3}), "request.url is no http URL"),
    "another scheme": (entry(request={"url": "file:///etc/passwd"}), "request.url is no http URL"),
    "half a character": (entry(request={"url": "http://a/\ud800"}), "request.url is no http URL"),
    "a wrong port": (entry(request={"url": "http://a:99999/"}), "request.url is no http URL"),
    "no method": (entry(request={"method": None}), "request.method is no method"),
    "a method with a line break": (entry(request={"method": "GET\r\nX"}), "request.method is no method"),
    "headers of no list": (entry(request={"headers": 3}), "headers are no list"),
    "a header without a value": (entry(request={"headers": [{"name": "a"}]}), "a header field has no name"),
    "no Base64": (
        entry(response={"content": {"text": "?", "encoding": "base64"}}),
        "a body is said to be in Base64 and is not",
    ),
}


@pytest.mark.parametrize(("broken", "problem"), BROKEN_ENTRIES.values(), ids=BROKEN_ENTRIES)
def test_an_entry_that_cannot_be_read_is_named_and_the_others_are_read(
    broken: Any, problem: str, tmp_path: Path
) -> None:
    recording = read(tmp_path, broken, entry())
    assert [one.number for one in recording.exchanges] == [2]
    assert len(recording.problems) == 1
    assert recording.problems[0].startswith(f"entry 1 is left out: {problem}")


def test_times_and_sizes_that_are_nonsense_count_as_unknown(tmp_path: Path) -> None:
    (found,), _ = read(tmp_path, entry(startedDateTime="yesterday", time="x", request={"bodySize": "?"}))
    assert (found.request.at, found.seconds) == (0.0, 0.0)


FILES = {
    "no JSON": (b"<html>", "is not a HAR file: it is not JSON: Expecting value"),
    "no UTF-8": (b"\xff\xfe\xff", "is not a HAR file: it is not JSON"),
    "too deep": (b"[" * 100_000, "is not a HAR file: it is not JSON"),
    "too many digits": (b'{"log": ' + b"9" * 5000 + b"}", "is not a HAR file: it is not JSON"),
    "no log": (b'{"entries": []}', "is not a HAR file: it has no list at log.entries"),
    "no list": (b'{"log": {"entries": {}}}', "is not a HAR file: it has no list at log.entries"),
    "half an archive": (b"PK\x03\x04\0", "is a ZIP archive that cannot be read: File is not a zip file"),
    "a list": (b"[]", "is not a HAR file: it has no list at log.entries"),
}


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_har_is_told_in_a_line(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "a.har"
    file.write_bytes(content)
    with pytest.raises(UsageError) as told:
        read_har(file)
    assert str(told.value).startswith(f"{file} {message}")
    assert "\n" not in str(told.value)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.har"
    file.write_bytes(b'\xef\xbb\xbf{"log": {"entries": []}}')
    assert read_har(file) == Recording((), ())


def test_a_file_that_is_missing_or_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_har(tmp_path / "no.har")
    monkeypatch.setattr("lookalike.har.archive.LARGEST", 1)
    with pytest.raises(UsageError, match="larger than"):
        read(tmp_path, entry())
