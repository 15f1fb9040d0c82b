"""Reading a HAR file: from what browsers, Playwright and mitmproxy write to exchanges in the order of their start.

Recorders differ, and leave things out. So an entry that cannot be read is named and left out, and a body that was sent
and is not there differs from one that was never sent: nothing can be concluded from an unknown body.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from lookalike.codecs.content_coding import ContentCodingError, decode_content
from lookalike.errors import UsageError
from lookalike.har.archive import LARGEST, HarArchive
from lookalike.http import Headers, ObservedExchange, Request, Response, essence

MOCKED = "answered by the mock"
"""The comment on an entry that says nothing about the server, since the proxy let a mock answer."""

_FORM = "application/x-www-form-urlencoded"
# The text in a file is decoded, and joined from chunks, so these fields are not true of it any more.
_OF_THE_CODED_BODY = {"content-encoding", "content-length", "transfer-encoding"}
_SAFE_IN_PATHS = "/:@!$&'()*+,;=~%"
_SAFE_IN_QUERIES = f"{_SAFE_IN_PATHS}?"
_BOM = b"\xef\xbb\xbf"  # some recorders on Windows begin with one
_BODILESS = {204, 205, 304}
_WITH_BODY = {"POST", "PUT", "PATCH"}
_SWITCHING = 101  # to WebSocket: what follows is not HTTP
# The schemes of URLs that browsers record too, and for which they ask no server over HTTP.
_NOT_HTTP = {"about", "blob", "chrome", "chrome-extension", "data", "moz-extension", "ws", "wss"}
_LOST = "\ufffd"  # in place of bytes that are no text, which some recorders write as one


class Recording(NamedTuple):
    """The exchanges of a file, and a sentence about each entry that could not be read."""

    exchanges: tuple[ObservedExchange, ...]
    problems: tuple[str, ...]


class _Unreadable(Exception):
    """An entry that is not as HAR has it; the message says how."""


def read_har(file: Path) -> Recording:
    """The exchanges of a HAR file; raises `UsageError` if it is none."""
    archive = HarArchive(file)
    entries = _entries(file, archive.content.removeprefix(_BOM))
    exchanges: list[ObservedExchange] = []
    problems: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            exchanges += _exchange(number, entry, archive)
        except _Unreadable as error:
            problems.append(f"entry {number} is left out: {error}")
    return Recording(tuple(sorted(exchanges, key=_start)), tuple(problems))


def _entries(file: Path, content: bytes) -> list[Any]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not a HAR file: it is not JSON: {_first_line(error)}") from None
    log = data.get("log") if isinstance(data, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise UsageError(f"{file} is not a HAR file: it has no list at log.entries")
    return entries


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].partition(" (char")[0]


def _start(exchange: ObservedExchange) -> float:
    return exchange.request.at


def _exchange(number: int, entry: Any, archive: HarArchive) -> Iterator[ObservedExchange]:
    """The exchange of an entry, or nothing where none reached a server as HTTP; raises `_Unreadable`."""
    sent, got = _object(entry, "request"), _object(entry, "response")
    if entry.get("_fromCache") or got.get("status") == _SWITCHING or entry.get("comment") == MOCKED:
        return
    url = sent.get("url")
    if isinstance(url, str) and url.partition(":")[0].lower() in _NOT_HTTP:
        return
    missing: set[str] = set()
    origin, path, query = _target(url)
    headers = Headers(_joined(_fields(sent)))
    body = _request_body(_with_attached(sent, "postData", archive), missing)
    method = sent.get("method")
    if not isinstance(method, str) or not method.isascii() or not method.isprintable() or " " in method or not method:
        raise _Unreadable("request.method is no method")
    request = Request(method.upper(), path, query, headers, body, _time(entry.get("startedDateTime")))
    response = _response(_with_attached(got, "content", archive), method.upper(), missing)
    yield ObservedExchange(number, origin, request, response, _seconds(entry.get("time")), frozenset(missing))


def _with_attached(message: dict[str, Any], name: str, archive: HarArchive) -> dict[str, Any]:
    """A message with the body that Playwright has written to a file of its own, which the member `name` refers to."""
    body = message.get(name)
    file = body.get("_file") if isinstance(body, dict) else None
    content = archive.attached(file) if isinstance(file, str) else None
    if content is None:
        return message
    return {**message, name: {**message[name], "text": base64.b64encode(content).decode(), "encoding": "base64"}}


def _object(entry: Any, name: str) -> dict[str, Any]:
    found = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(found, dict):
        raise _Unreadable(f"it has no object {name}")
    return found


def _target(url: Any) -> tuple[str, str, str]:
    """The origin, path and query of a URL, percent-encoded; raises `_Unreadable`."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        is_http = parts.scheme in ("http", "https") and bool(parts.hostname)
        port = parts.port
        target = quote(parts.path or "/", _SAFE_IN_PATHS), quote(parts.query, _SAFE_IN_QUERIES)
    except ValueError:  # also a lone surrogate, which no UTF-8 can hold
        is_http = False
    if not is_http:
        raise _Unreadable("request.url is no http URL")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    origin = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}"
    return origin, *target


def _fields(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The header fields of a message; those of HTTP/2 that begin with a colon are no header fields."""
    fields = message.get("headers", [])
    if not isinstance(fields, list):
        raise _Unreadable("headers are no list")
    return [field for field in map(_field, fields) if field[0] and not field[0].startswith(":")]


def _field(field: Any) -> tuple[str, str]:
    match field:
        case {"name": str(name), "value": str(value)}:
            return name, value
    raise _Unreadable("a header field has no name or no value")


def _joined(fields: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _request_body(sent: Mapping[str, Any], missing: set[str]) -> bytes:
    post = sent.get("postData")
    length = _joined(_fields(sent)).get("content-length", "0")
    is_sent = _is_positive(sent.get("bodySize")) or length != "0"
    if not isinstance(post, dict):
        is_unknown = str(sent.get("method")).upper() in _WITH_BODY and sent.get("bodySize") != 0
        if is_unknown or is_sent:
            missing.add("request.body")
        return b""
    text, params = post.get("text"), post.get("params")
    if isinstance(text, str) and (text or not (params or is_sent)) and _LOST not in text:
        return _bytes(text, post.get("encoding"))
    if isinstance(params, list) and essence(str(post.get("mimeType", ""))) == _FORM:
        pairs = [(one.get("name"), one.get("value", "")) for one in params if isinstance(one, dict)]
        return urlencode([(str(name), str(value)) for name, value in pairs]).encode()
    missing.add("request.body")
    return b""


def _response(got: Mapping[str, Any], method: str, missing: set[str]) -> Response | None:
    """The response, or None where no answer came: recorders give it the status 0, or none."""
    status = got.get("status")
    if not isinstance(status, int) or not 200 <= status <= 599:
        return None
    content = got.get("content")
    content = content if isinstance(content, dict) else {}
    given = _fields(got)
    fields = [(name, value) for name, value in given if name.lower() not in _OF_THE_CODED_BODY]
    media_type = content.get("mimeType")
    is_typed = any(name.lower() == "content-type" for name, _ in fields)
    if not is_typed and isinstance(media_type, str) and "/" in media_type:
        fields.append(("Content-Type", media_type))
    text = content.get("text")
    body = _bytes(text, content.get("encoding")) if isinstance(text, str) else b""
    # The size is that of the decoded body; a shorter text was cut. Without text and size, bodies were not recorded.
    is_cut = _is_positive(content.get("size")) and content["size"] > len(body)
    is_left_out = not isinstance(text, str) and content.get("size") != 0
    if (is_cut or is_left_out) and method != "HEAD" and status not in _BODILESS:
        missing.add("response.body")
    return Response(status, tuple(fields), _decoded(body, given))


def _bytes(text: str, encoding: Any) -> bytes:
    if encoding != "base64":
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _Unreadable("a body is said to be in Base64 and is not") from None


def _decoded(body: bytes, fields: list[tuple[str, str]]) -> bytes:
    """The body, which some recorders leave in gzip, as its first two bytes tell (RFC 1952 section 2.3.1)."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return decode_content(body, _joined(fields).get("content-encoding", ""), LARGEST)
    except ContentCodingError:
        return body


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0


def _time(text: Any) -> float:
    """A time in seconds since 1970; 0 if the file does not say it."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _seconds(milliseconds: Any) -> float:
    is_span = isinstance(milliseconds, int | float) and 0 <= milliseconds < 1e12
    return milliseconds / 1000 if is_span else 0.0
