"""HTTP/1.1 on a connection (RFC 9112): bytes to requests, responses to bytes, in the order in which requests came.

All connections share one thread: a client that stalls, and an answer that is held back, keep only their own waiting.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from http import HTTPMethod
from typing import cast
from urllib.parse import quote

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from lookalike.http import Request, Response
from lookalike.server.dispatch import Dispatcher
from lookalike.server.http1_heads import WITHOUT_LENGTH, Fields, Head, HeadCache, ParsedHead, origin_form, status_line

_LONGEST_HEAD = 64 * 1024
# How long a client that was refused early may go on sending before the connection ends under it, in seconds.
_LINGER = 2.0
_KEPT = {"1.0": b"Connection: keep-alive\r\n"}  # as it is in later versions without a word (RFC 9112 section 9.3)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_ASCII = "".join(map(chr, range(33, 127)))
_IS_HEAD = re.compile(rb"(?P<method>[!#$%&'*+.^_`|~0-9A-Za-z-]+) (?P<target>[^ \r\n]+) HTTP/1\.[01]\r?\n").match


_NOBODY = ""  # a client who may do no more than all others
_NO_HEAD: Head = ("", "", "", {})


# A request that is to be answered, its version of HTTP, whether it is the last, and the answer where that is a refusal
# to read on.
_Turn = tuple[Request, str, bool, Response | None]
_Answered = tuple[_Turn, Response]


class Connections:
    """All connections that are open.

    What has come on them in one round of the event loop is decided first and then sent, as the code that decides stays
    in the caches of the processor that way: a third more requests a second.
    """

    def __init__(self, site: Dispatcher, clock: Callable[[], float] = time.time) -> None:
        self.site = site
        self.clock = clock
        self.open: set[Connection] = set()
        self.heads = HeadCache()
        self._due: list[Connection] = []

    def new(self) -> "Connection":
        """A connection, which joins once a client is there."""
        return Connection(self)

    def answer(self, connection: "Connection") -> None:
        """Answer what comes next on a connection, soon."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._answer_all)
        self._due.append(connection)

    def _answer_all(self) -> None:
        due, self._due = self._due, []
        for connection, decided in [(connection, connection.decide()) for connection in due]:
            connection.deliver(decided)


class Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._site = connections.site
        self._clock = connections.clock
        self._heads = connections.heads
        self._parser = HttpRequestParser(self)
        self._waiting: deque[_Turn] = deque()
        self._is_due = False  # what comes first of these is about to be answered
        self._is_held = False  # an answer is to come later, and those behind it after it
        self._is_choked = False  # the client does not take what was written
        self._is_deaf = False  # nothing more is read
        self._is_ending = False  # it ends with the last answer that is due
        self._is_in_head = self._is_in_body = False
        self._timer: asyncio.TimerHandle | None = None
        self._whole = b""  # what came last, where it began with a request
        self._begin()

    def _begin(self) -> None:
        self._head: Head = _NO_HEAD
        self._target = b""
        self._fields: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._room = self._length_of_head = 0

    def finish(self) -> None:
        """End with the answer that is due, or at once where none is."""
        self._is_ending = True
        if not (self._is_busy or self._is_in_head or self._is_in_body):
            self._close()

    def abort(self) -> None:
        """End now."""
        self._transport.abort()

    # What asyncio calls:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast(asyncio.Transport, transport)
        address = transport.get_extra_info("peername")
        self._client: str = address[0] if address else ""
        self._connections.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self._connections.open.discard(self)
        self._is_deaf = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        begins = not (self._is_in_head or self._is_in_body or self._is_deaf)
        if begins and self._is_known(data):
            return
        self._whole = data if begins else b""
        if self._is_in_head:
            self._length_of_head += len(data)
        rest = data
        while rest and not self._is_deaf:
            rest = self._fed(rest)
        if self._is_in_head and self._length_of_head > _LONGEST_HEAD:
            self._misread(431, f"the head of the request is longer than {_LONGEST_HEAD} bytes")

    def eof_received(self) -> bool:
        """The client sends nothing more; what it has asked for, it may still wait for."""
        if self._is_in_body and not self._is_deaf:
            self._refuse(self._site.incomplete(self._request()))
        self._is_deaf = self._is_ending = True
        return self._is_busy

    def pause_writing(self) -> None:
        """The client takes nothing at the moment."""
        self._is_choked = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has taken enough."""
        self._is_choked = False
        self._go_on()

    # What the parser calls:

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begin()
        self._is_in_head = True

    def on_url(self, url: bytes) -> None:
        """The target of the request, or a part of it."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field, or a trailer field, which nobody looks at."""
        if self._is_in_body:
            return
        key, text, fields = _key(name), value.decode("latin-1"), self._fields
        fields[key] = f"{fields[key]}, {text}" if key in fields else text

    def on_headers_complete(self) -> None:
        """The head has ended; a body over the limit is refused before it comes."""
        self._is_in_head, self._is_in_body = False, True
        headers = self._fields
        path, query = origin_form(_text(self._target))
        self._head = (self._parser.get_method().decode("ascii"), path, query, headers)
        stated = headers.get("content-length")
        if stated is None and "transfer-encoding" not in headers:
            return
        self._room = self._site.longest_body(path, headers, self._client)
        if stated is not None and int(stated) > self._room:
            self._refuse(self._site.too_large(self._request(), self._client))
        elif headers.get("expect", "").lower() == "100-continue" and not (
            self._is_busy or self._parser.should_upgrade()
        ):
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._is_deaf:
            return
        self._parts.append(body)
        self._room -= len(body)
        if self._room < 0:
            self._refuse(self._site.too_large(self._request(), self._client))

    def on_message_complete(self) -> None:
        """The request has ended."""
        self._is_in_body = False
        is_tunnel = self._head[0] == "CONNECT"  # and what follows is no HTTP
        if self._is_deaf or (self._parser.should_upgrade() and not is_tunnel):
            return
        self._is_deaf = is_tunnel or not self._parser.should_keep_alive()
        body, version = b"".join(self._parts), self._parser.get_http_version()
        _, path, _, headers = self._head
        if not self._is_deaf and version == "1.1" and len(body) <= self._site.longest_body(path, headers, _NOBODY):
            self._heads.remember(self._whole, ParsedHead(self._head, len(body)))
        self._whole = b""
        self._take((self._request(body), version, self._is_deaf, None))

    # What comes of it:

    @property
    def _is_busy(self) -> bool:
        """Whether answers are due that have not been sent."""
        return self._is_held or self._is_choked or bool(self._waiting)

    def _fed(self, data: bytes) -> bytes:
        """What is left of some bytes after the parser: nothing, but for a request that wishes to upgrade.

        No server has to grant that (RFC 9110 section 7.8), but the parser leaves the body to who does: so such a
        request is read once more, without its wish.
        """
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            if self._is_deaf:
                return b""
            self._parser = HttpRequestParser(self)
            return self._without_upgrade() + data[upgrade.args[0] :]
        except HttpParserCallbackError:  # a defect of ours
            raise
        except HttpParserInvalidMethodError:
            self._unknown_method(data)
        except HttpParserError as error:
            self._misread(400, f"this is not HTTP/1.1: {error}")
        return b""

    def _is_known(self, data: bytes) -> bool:
        """Whether this is one request whose head has come before, which is taken then."""
        read = self._heads.recall(data)
        if read is None:
            return False
        self._head, length = read
        self._take((Request(*self._head, data[len(data) - length :], self._clock()), "1.1", False, None))
        return True

    def _without_upgrade(self) -> bytes:
        method, _, _, headers = self._head
        kept = {name: text for name, text in headers.items() if name not in {"connection", "upgrade"}}
        if "close" in headers["connection"].lower():
            kept["connection"] = "close"
        lines = [f"{method} {_text(self._target)} HTTP/1.1", *[f"{name}: {kept[name]}" for name in kept], "\r\n"]
        return "\r\n".join(lines).encode("latin-1")

    def _unknown_method(self, data: bytes) -> None:
        """A method that the parser does not know is one that no operation has, or none at all."""
        head = _IS_HEAD(data)
        if head is None or head["method"].decode() in HTTPMethod.__members__:
            self._misread(400, "this is not HTTP/1.1: the request begins with no method")
        elif not self._is_deaf:
            request = Request(head["method"].decode(), *origin_form(_text(head["target"])), {}, b"", self._clock())
            self._refuse(self._site.respond(request, self._client))

    def _misread(self, status: int, why: str) -> None:
        if not self._is_deaf:
            self._refuse(self._site.misread(self._request(), status, why))

    def _refuse(self, response: Response) -> None:
        """Answer before the request has ended, and read no more."""
        self._is_deaf = True
        self._is_in_head = self._is_in_body = False
        self._take((self._request(), "1.1", True, response._replace(delay=0.0)))

    def _request(self, body: bytes = b"") -> Request:
        return Request(*self._head, body, self._clock())

    def _take(self, turn: _Turn) -> None:
        self._waiting.append(turn)
        self._go_on()

    def _go_on(self) -> None:
        """Answer what is waiting; where nothing is, end or read on."""
        if self._is_held or self._is_choked or self._is_due:
            return
        if self._waiting:
            self._is_due = True
            self._connections.answer(self)
        elif self._is_ending:
            self._close()
        elif not self._is_deaf:
            self._transport.resume_reading()

    def decide(self) -> list[_Answered]:
        """What is answered next: all that was asked, up to the first answer that is held back."""
        answered: list[_Answered] = []
        while self._waiting and not (answered and answered[-1][1].delay):
            turn = self._waiting.popleft()
            request, _, _, refusal = turn
            answered.append((turn, refusal or self._site.respond(request, self._client)))
        return answered

    def deliver(self, answered: list[_Answered]) -> None:
        """Send what was decided, or hold it back as long as it says."""
        self._is_due = False
        for number, (turn, response) in enumerate(answered, 1):
            if response.delay:
                self._is_held = True
                self._transport.pause_reading()
                self._timer = asyncio.get_running_loop().call_later(response.delay, self._send_late, turn, response)
            else:
                self._send(turn, response, number == len(answered))

    def _send_late(self, turn: _Turn, response: Response) -> None:
        self._is_held = False
        self._send(turn, response, True)
        self._go_on()

    def _send(self, turn: _Turn, response: Response, is_latest: bool) -> None:
        request, version, is_last, refusal = turn
        is_last = is_last or (self._is_ending and is_latest and not self._waiting)
        connection = b"Connection: close\r\n" if is_last else _KEPT.get(version, b"")
        head = _head(response.status, response.headers, len(response.body))
        body = b"" if request.method == "HEAD" else response.body
        self._transport.write(b"%b%b%b\r\n%b" % (head, _date(int(self._clock())), connection, body))
        if is_last and refusal is not None:
            self._hang_up()
        elif is_last:
            self._close()

    def _hang_up(self) -> None:
        """End after a while, so that a client that is still sending gets its answer (RFC 9112 section 9.6)."""
        if self._transport.can_write_eof():
            with suppress(OSError):  # the client may be gone altogether
                self._transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(_LINGER, self._transport.close)

    def _close(self) -> None:
        self._is_deaf = True
        self._waiting.clear()
        self._transport.close()


def _text(target: bytes) -> str:
    """A target as a text; what is not ASCII is percent-encoded."""
    return target.decode("ascii") if target.isascii() else quote(target, safe=_ASCII)


@lru_cache(maxsize=256)  # clients send the same ones again and again
def _key(name: bytes) -> str:
    return name.decode("latin-1").lower()


@lru_cache(maxsize=256)  # the same is answered again and again
def _head(status: int, headers: Fields, length: int) -> bytes:
    fields = "".join([f"{name}: {text}\r\n" for name, text in headers])
    stated = "" if status in WITHOUT_LENGTH else f"Content-Length: {length}\r\n"
    return f"HTTP/1.1 {status_line(status)}\r\n{fields}{stated}".encode("latin-1")


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return f"Date: {formatdate(second, usegmt=True)}\r\n".encode("ascii")
