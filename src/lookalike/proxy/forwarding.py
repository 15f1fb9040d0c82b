"""Forwarding (RFC 9110 section 7.6): fields that belong to one connection, and bodies that are passed on in pieces."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from threading import Lock

from lookalike.codecs.content_coding import ContentCodingError, decode_content
from lookalike.http import Headers, Request, Response, is_sequence
from lookalike.server.daemon_threads import DaemonThreads
from lookalike.verify.server.transport import StreamedResponse
from lookalike.verify.server.transport_errors import TransportError

VIA = "lookalike-proxy"
"""The name of the proxy in the field Via, by which it knows requests that it has sent itself."""

# RFC 9110 section 7.6.1, and the field that old browsers send to proxies.
_OF_THE_CONNECTION = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    )
)
_CODINGS = frozenset({"gzip", "x-gzip", "deflate", "identity"})  # those that the judge can undo


def forwarded(request: Request) -> Request:
    """The request as it is sent to the server: without the fields of its connection, and with Via.

    Codings of the response that could not be judged are not asked for.
    """
    headers = request.headers
    fields = {name: value for name, value in _end_to_end(headers.items(), headers) if name not in {"host", "expect"}}
    if "accept-encoding" in fields:
        fields["accept-encoding"] = _readable_codings(fields["accept-encoding"])
    fields["via"] = ", ".join(filter(None, (headers.get("via", ""), f"1.1 {VIA}")))
    return request._replace(headers=Headers(fields))


def observed(request: Request) -> Request:
    """The request as it is judged and recorded: without the fields of its connection."""
    return request._replace(headers=Headers(dict(_end_to_end(request.headers.items(), request.headers))))


def is_looped(request: Request) -> bool:
    """Whether a request has come through this proxy, or another one of its name, before."""
    return VIA in request.headers.get("via", "")


def passed_headers(got: StreamedResponse) -> tuple[tuple[str, str], ...]:
    """The header fields of a response that are passed on; a folded value becomes one line (RFC 9112 section 5.2)."""
    named = {name.lower(): value for name, value in got.headers}
    is_chunked = "transfer-encoding" in named
    return tuple(
        (name, " ".join(value.split("\n")).replace("\r", ""))
        for name, value in _end_to_end(got.headers, named)
        if not (is_chunked and name.lower() == "content-length")
    )


def _end_to_end(fields: Iterable[tuple[str, str]], by_name: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    listed = {name.strip().lower() for name in by_name.get("connection", "").split(",")}
    dropped = _OF_THE_CONNECTION | listed
    return ((name, value) for name, value in fields if name.lower() not in dropped)


def _readable_codings(field: str) -> str:
    codings = [one.strip() for one in field.split(",")]
    return ", ".join(one for one in codings if one.partition(";")[0].strip().lower() in _CODINGS) or "identity"


class PassedBody:
    """The body of a server's response on its way to the client, of which a copy of at most so many bytes is kept.

    `on_end` is called in a thread, once. `is_whole` says whether all of the body went through, and `failure` why it
    did not, where that is not because the client went.
    """

    def __init__(self, got: StreamedResponse, threads: DaemonThreads, longest: int, on_end: Callable[[], None]) -> None:
        self.size = 0
        self.is_whole = False
        self.failure = ""
        self._got = got
        self._threads = threads
        self._longest = longest
        self._on_end = on_end
        self._kept: list[bytes] = []
        self._lock = Lock()
        self._is_over = False
        self._is_reading = False
        self._is_unwanted = False
        media_types = (value for name, value in got.headers if name.lower() == "content-type")
        self.is_endless = is_sequence(next(media_types, ""))

    def next(self, then: Callable[[bytes | None], None]) -> None:
        """Read what comes next, in a thread."""
        self._is_reading = True
        self._threads.start(partial(self._read, then, asyncio.get_running_loop()))

    def close(self) -> None:
        """End the exchange with the server, which may not be at its end."""
        with self._lock:
            self._is_unwanted = True
            is_reading, is_over = self._is_reading, self._is_over
        if is_reading:  # the thread that reads ends the exchange
            self._got.interrupt()
        elif not is_over:
            self._threads.start(self.end)

    def end(self) -> None:
        """End the exchange with the server; a second call does nothing."""
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        self._got.close()
        self._on_end()

    def copy(self, headers: tuple[tuple[str, str], ...], status: int) -> tuple[Response, bool]:
        """The response as it was passed on, decoded, and whether its body was kept whole and could be decoded."""
        body, is_kept = b"".join(self._kept), self.size <= self._longest
        coding = next((value for name, value in headers if name.lower() == "content-encoding"), "")
        if is_kept and coding:
            try:
                body = decode_content(body, coding, self._longest)
            except ContentCodingError:
                body, is_kept = b"", False
        return Response(status, headers, body), is_kept

    def _read(self, then: Callable[[bytes | None], None], loop: asyncio.AbstractEventLoop) -> None:
        piece: bytes | None
        try:
            piece = self._got.read()
        except TransportError as error:
            piece, self.failure = None, "" if self._is_unwanted else error.what
        with self._lock:
            self._is_reading = False
            if self._is_unwanted:
                piece = None
        if piece:
            self.size += len(piece)
            if self.size <= self._longest:
                self._kept.append(piece)
        else:
            self.is_whole = piece is not None
            self.end()
        with suppress(RuntimeError):  # the proxy has stopped, and closed the loop
            loop.call_soon_threadsafe(then, piece)
