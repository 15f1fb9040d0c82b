"""WSGI (PEP 3333) in both directions: the operations for a WSGI server, and a WSGI application for our own server."""

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

from lookalike.errors import SandboxError
from lookalike.http import BodySource, Request, Response, Transmission
from lookalike.server.http1_heads import origin_form, status_line, with_length
from lookalike.server.mock_handler import MockHandler
from lookalike.server.sandbox_path import PREFIX, in_sandbox

SOURCE = "lookalike.source"
"""The key of an environ under which our own server has a function that takes the `BodySource` of a response.

It is to a stream what `wsgi.file_wrapper` is to a file: an iterable would hold a thread instead.
"""

_KEYS: dict[str, str] = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_MOST_DIGITS = 18

_SAFE = "/:@!$&'()*+,;=~"  # RFC 3986 section 3.3
_IS_PLAIN = re.compile(r"[A-Za-z0-9/._-]*\Z").match


class BodyTooLarge(Exception):
    """The body is longer than the limit."""


class BodyIncomplete(Exception):
    """The body ended before its Content-Length."""


class WsgiHandler:
    """The operations of a mock as a WSGI application; `clock` is in seconds since 1970, `sleep` delays responses."""

    def __init__(self, operations: MockHandler, clock: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._operations = operations
        self._clock = clock
        self._sleep = sleep

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The response to a request."""
        headers = EnvironHeaders(environ)
        request = Request(
            environ["REQUEST_METHOD"], raw_path(environ), environ.get("QUERY_STRING", ""), headers, b"", self._clock()
        )
        response = self._respond(request, environ)
        if response.delay:
            self._sleep(response.delay)
        start_response(status_line(response.status), list(with_length(response)))
        content = b"" if request.method == "HEAD" else response.body
        return [content] if response.transmission is None else self._badly(content, response.transmission)

    def _badly(self, content: bytes, transmission: Transmission) -> Iterator[bytes]:
        """Content as a fault of the network would have it.

        An application cannot reset its connection (PEP 3333): content that is shorter than its length comes nearest.
        """
        if transmission.duration:
            self._sleep(transmission.duration)
        yield b"" if transmission.is_reset else content[: transmission.length]

    def _respond(self, request: Request, environ: WSGIEnvironment) -> Response:
        try:
            body = read_body(environ, self._operations.max_body)
        except BodyTooLarge:
            return self._operations.too_large(request)
        except BodyIncomplete:
            return self._operations.incomplete(request)
        request = request._replace(body=body)
        if request.path.startswith(PREFIX):
            try:
                request = in_sandbox(request)
            except SandboxError as error:
                return self._operations.refuse(request, error.status, str(error))
        if self._operations.sign_in.serves(request.path):
            return self._operations.respond_to_sign_in(request)
        return self._operations.respond(request)


def call_wsgi(application: WSGIApplication, request: Request, client: str) -> Response:
    """The response of a WSGI application to a request from a client address, without Content-Length."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        started[:] = int(status[:3]), tuple(field for field in headers if field[0].lower() != "content-length")
        return parts.append

    parts: list[bytes] = []
    sources: list[BodySource] = []
    content = application({**_environ(request, client), SOURCE: sources.append}, start_response)
    try:
        parts.extend(content)
    finally:
        close = getattr(content, "close", None)
        if close is not None:
            close()
    status, headers = started
    transmission = Transmission(source=sources[0]) if sources else None
    return Response(status, headers, b"".join(parts), transmission=transmission)


def _environ(request: Request, client: str) -> WSGIEnvironment:
    # A name with an underscore is left out: WSGI could not tell it from the one with a hyphen (CGI, RFC 3875).
    fields = {_KEYS.get(name) or _key(name): value for name, value in request.headers.items() if "_" not in name}
    return {
        **fields,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "CONTENT_LENGTH": str(len(request.body)),
        "REMOTE_ADDR": client,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


class EnvironHeaders(Mapping[str, str]):
    """The header fields of a request, as a view of its environ."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_KEYS.get(name) or _key(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field by its lower-case name, or the default."""
        return self._environ.get(_KEYS.get(name) or _key(name), default)

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            if key.startswith("HTTP_"):
                yield key[5:].lower().replace("_", "-")
        yield from (name for name in ("content-type", "content-length") if self._environ.get(_KEYS[name]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def raw_path(environ: WSGIEnvironment) -> str:
    """The path as it was sent, where the WSGI server gives the request target; otherwise PATH_INFO, encoded again."""
    target: str | None = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if not target or environ.get("SCRIPT_NAME"):
        decoded: str = environ["PATH_INFO"]
        return decoded if _IS_PLAIN(decoded) else quote(decoded, _SAFE, encoding="latin-1", errors="replace")
    return origin_form(target)[0]


def read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The whole body; raises `BodyTooLarge`, before anything is read where the length is given, or `BodyIncomplete`.

    The stream is taken out of the environ: the journal keeps a view of the environ, and would keep the connection.
    Transfer-Encoding overrides Content-Length (RFC 9112 section 6.3).
    """
    stream, stated = environ.pop("wsgi.input"), environ.get("CONTENT_LENGTH")
    try:
        if "HTTP_TRANSFER_ENCODING" in environ:
            return _read_chunks(stream, limit)
        return _read_length(stream, stated, limit) if stated else b""
    except OSError:
        raise BodyIncomplete from None


def _read_length(stream: InputStream, stated: str, limit: int) -> bytes:
    if not (stated.isascii() and stated.isdigit()):
        raise BodyIncomplete
    if len(stated) > _MOST_DIGITS or int(stated) > limit:
        raise BodyTooLarge
    length = int(stated)
    body = stream.read(length) if length else b""
    while len(body) < length:  # a stream may give less than it is asked for
        part = stream.read(length - len(body))
        if not part:
            raise BodyIncomplete
        body += part
    return body


def _read_chunks(stream: InputStream, limit: int) -> bytes:
    """A body without a length, with one call: some servers raise only then for a body that broke off."""
    body = stream.read()
    if len(body) > limit:
        raise BodyTooLarge
    return body


def _key(name: str) -> str:
    key = "HTTP_" + name.upper().replace("-", "_")
    if len(_KEYS) < 1000:  # names come from contracts; the bound is for those that take them from requests
        _KEYS[name] = key
    return key
