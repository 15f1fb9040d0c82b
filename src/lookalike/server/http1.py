"""HTTP/1.1 on a connection (RFC 9112): bytes to requests, responses to bytes, in the order of the requests.

All connections share one thread. A client that stalls, and a response that is delayed, keep only their own connection
waiting. The states of a connection, and what may follow, are in `http1_states`.
"""

import asyncio
import re
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPMethod
from typing import NamedTuple, cast

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from lookalike.http import BodySource, Request, Response, Transmission
from lookalike.pacing import TakesLong, begin_turn, end_turn
from lookalike.server.http1_heads import (
    WITHOUT_LENGTH,
    Head,
    HeadCache,
    ParsedHead,
    authority,
    date_line,
    field_name,
    origin_form,
    response_head,
    streamed_head,
    target_text,
    with_length,
)
from lookalike.server.http1_states import READING, WRITING, ReadEvent, ReadState, WriteEvent, WriteState
from lookalike.server.long_work import Application, LongRequest, LongWork

# Limits on one request: bytes of its target and header fields, and fields (RFC 6585 section 5).
_LONGEST_HEAD = 64 * 1024
_HEAD_TOO_LONG = f"the head of the request is longer than {_LONGEST_HEAD} bytes"
_MAX_FIELDS = 200
# Extensions of chunks and trailer fields have no more bytes than a head (RFC 9112 section 7.1.1): the parser keeps a
# trailer field until it ends. A chunk of one byte takes six, so that eight for each byte of a body are its own.
_BYTES_OF_CHUNK = 8
_FRAMING_TOO_LONG = f"the chunks of the body have more than {_LONGEST_HEAD} bytes of extensions and trailer fields"
# Limits on one turn of a connection: bytes of responses, and requests. The transport stops at as many bytes that the
# client has not taken, so at most twice as many are ever ahead of a client, and one response.
_TURN_BYTES = 32 * 1024
_TURN_REQUESTS = 64
# The requests of all connections that are decided in one round, which is one of each at least.
_ROUND_REQUESTS = 1024
# For how long a client that was refused early may go on sending before the connection ends under it, in seconds.
_LINGER = 2.0
# A connection is kept in HTTP/1.1 unless it says otherwise, and in HTTP/1.0 the other way round (RFC 9112 section 9.3).
_KEPT = {"1.0": b"Connection: keep-alive\r\n"}
# Closing such a socket resets the connection (RFC 9293 section 3.10.4), instead of ending the stream in order.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
# The bytes of a body from which on it is sent in pieces of as many: to copy more takes time that others wait for.
_LONG_BODY = 256 * 1024
# The most pieces of a body that is sent slowly.
_MAX_PIECES = 20
_TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REQUEST_LINE = re.compile(rb"(?P<method>[!#$%&'*+.^_`|~0-9A-Za-z-]+) (?P<target>[^ \r\n]+) HTTP/1\.[01]\r?\n").match
# The parser takes Proxy-Connection, which no specification has, for Connection.
_UPGRADE_FIELDS = frozenset({"connection", "proxy-connection", "upgrade"})
_IS_BEGINNING = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: [^\r\n]*)?\Z").match  # of a request line
_VERSIONS = frozenset({"1.0", "1.1"})
_OTHER_PROTOCOL = "this is not HTTP/1.1; the mock speaks no other protocol"
# The errors of the parser for a version that it does not know, and for the preface of HTTP/2 (RFC 9113 section 3.4).
_OF_OTHER_VERSIONS = frozenset({"Invalid HTTP version", "Pause on PRI/Upgrade"})
# The host and port in a Host field, which may be empty (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
_IS_HOST = re.compile(r"(?:\[[0-9A-Za-z:.%_~-]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]{0,5})?\Z").match
_UNKNOWN_CLIENT = ""  # one without any rights
_NO_HEAD: Head = ("", "", "", {})

# The rows of the tables of states, by the event.
_ON_BEGUN = READING[ReadEvent.BEGUN]
_ON_HEAD_READ = READING[ReadEvent.HEAD_READ]
_ON_REQUEST_READ = READING[ReadEvent.REQUEST_READ]
_ON_LAST_REQUEST_READ = READING[ReadEvent.LAST_REQUEST_READ]
_ON_REREAD = READING[ReadEvent.REREAD]
_ON_REFUSED = READING[ReadEvent.REFUSED]
_ON_STOPPING = READING[ReadEvent.STOPPING]
_ON_STREAM_ENDED = READING[ReadEvent.STREAM_ENDED]
_ON_SCHEDULED = WRITING[WriteEvent.SCHEDULED]
_ON_DECIDED = WRITING[WriteEvent.DECIDED]
_ON_DELAYED = WRITING[WriteEvent.DELAYED]
_ON_DELAY_OVER = WRITING[WriteEvent.DELAY_OVER]
_ON_BLOCKED = WRITING[WriteEvent.BLOCKED]
_ON_UNBLOCKED = WRITING[WriteEvent.UNBLOCKED]
_ON_ENDED = WRITING[WriteEvent.ENDED]

# The states that are compared for every request: a name of this module is found faster than a member of its class.
_BETWEEN_REQUESTS = ReadState.IDLE
_NO_MORE_REQUESTS = ReadState.ENDED
_IN_HEAD = frozenset({ReadState.HEAD, ReadState.LAST_HEAD})
_IN_BODY = frozenset({ReadState.BODY, ReadState.LAST_BODY})
_NOTHING_DUE = WriteState.IDLE
_UNTAKEN = frozenset({WriteState.BLOCKED, WriteState.DELAYED_BLOCKED})
_NOTHING_TO_SEND = frozenset({WriteState.IDLE, WriteState.ENDED})

# A request that is to be answered, its version of HTTP, and the response where the request was refused while it was
# read. A tuple takes a third of the time of a NamedTuple.
_Turn = tuple[Request, str, Response | None]
# A turn with its response, or None where that takes long to make.
_Decided = tuple[_Turn, Response | None]


class Limits(NamedTuple):
    """The limits of connections: how many there may be, and how long each may take for a part, in seconds.

    `header` is for the head of a request, `body` for its body, and for the client to take a response; `keep_alive` is
    the time without a request.
    """

    connections: int = 10_000
    header: float = 30.0
    body: float = 60.0
    keep_alive: float = 75.0


DEFAULT_LIMITS = Limits()


class Connections:
    """All connections that are open.

    The requests that came on them in one round of the event loop are decided first, and then their responses are sent:
    the code that decides stays in the caches of the processor that way, which makes a third more requests a second.
    """

    def __init__(
        self, dispatcher: Application, clock: Callable[[], float] = time.time, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.dispatcher = dispatcher
        self.clock = clock
        self.limits = limits
        self.open: set[Connection] = set()
        self.heads = HeadCache()
        self._scheduled: list[Connection] = []
        self._worker: LongWork | None = None

    def new(self) -> "Connection":
        """A connection, which is among the open ones once a client is there."""
        return Connection(self)

    def tick(self) -> None:
        """End the connections that take too long; called once a second.

        One timer serves all of them, so that no request has to start and cancel one of its own.
        """
        for connection in tuple(self.open):
            connection.tick()

    def work(self, asked: LongRequest, then: Callable[[Response], None]) -> None:
        """Let the thread for long work answer a request, and call a function with the response, in the event loop."""
        if self._worker is None:
            self._worker = LongWork(self.dispatcher)
        self._worker.take(asked, then)

    def schedule(self, connection: "Connection") -> None:
        """Let a connection answer the requests that wait on it, in the next round of the event loop."""
        if not self._scheduled:
            asyncio.get_running_loop().call_soon(self._answer)
        self._scheduled.append(connection)

    def _answer(self) -> None:
        scheduled, self._scheduled = self._scheduled, []
        begin_turn()
        try:
            most = min(_TURN_REQUESTS, _ROUND_REQUESTS // len(scheduled)) or 1
            answers = [(connection, connection.decide(most)) for connection in scheduled]
        finally:
            end_turn()
        for connection, decided in answers:
            connection.deliver(decided)


class _Pieces:
    """A long body as the source of its pieces, between which other connections have their turn."""

    is_endless = False

    def __init__(self, body: bytes) -> None:
        self._left = memoryview(body)

    def next(self, then: Callable[[bytes | None], None]) -> None:
        """Call a function with the next piece."""
        piece, self._left = self._left[:_LONG_BODY], self._left[_LONG_BODY:]
        asyncio.get_running_loop().call_soon(then, bytes(piece))

    def close(self) -> None:
        """Free the body."""
        self._left = memoryview(b"")


class Connection(asyncio.Protocol):
    """One connection; its methods are called by asyncio, by the parser, and by `Connections`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._dispatcher = connections.dispatcher
        self._clock = connections.clock
        self._heads = connections.heads
        self._parser = HttpRequestParser(self)
        self._reading = ReadState.IDLE
        self._writing = WriteState.IDLE
        self._waiting: deque[_Turn] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._source: BodySource | None = None  # of the response that is being sent
        self._is_chunked = False  # whether that response has chunks (RFC 9112 section 7.1)
        self._age = 0  # in ticks, of the part of an exchange that the client is to send or take
        self._whole = b""  # what came last, where it began with a request
        self._start: bytes | None = None  # at least the first line of the request, where it is known
        self._begin()

    def _begin(self) -> None:
        self._head: Head = _NO_HEAD
        self._target = b""
        self._fields: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._room = self._length_of_head = self._size_of_fields = self._number_of_fields = 0
        self._number_of_hosts = self._size_of_framing = 0

    def finish(self) -> None:
        """Close the connection after the responses that are due, or at once where none is."""
        self._reading = _ON_STOPPING[self._reading]
        if self._reading is _NO_MORE_REQUESTS and self._writing in _NOTHING_TO_SEND:
            self._close()

    def abort(self) -> None:
        """Close the connection now."""
        self._transport.abort()

    def tick(self) -> None:
        """End the connection if its client takes too long; called once a second."""
        self._age += 1
        limits = self._connections.limits
        if self._writing in _UNTAKEN:
            if self._age > limits.body:
                self.abort()
        elif self._writing is not _NOTHING_DUE:
            self._age = 0  # the client waits for us
        elif self._reading in _IN_HEAD and self._age > limits.header:
            self._misread(408, f"the head of the request did not come within {limits.header:g} seconds")
        elif self._reading in _IN_BODY and self._age > limits.body:
            self._misread(408, f"the body of the request did not come within {limits.body:g} seconds")
        elif self._reading is _BETWEEN_REQUESTS and self._age > limits.keep_alive:
            self._close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=_TURN_BYTES)
        address = transport.get_extra_info("peername")
        self._client: str = address[0] if address else ""
        if len(self._connections.open) >= self._connections.limits.connections:
            self._transport.write(_TOO_MANY)
            self._close()
            return
        self._connections.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._connections.open.discard(self)
        self._end()
        if self._timer is not None:
            self._timer.cancel()
        self._release()

    def data_received(self, data: bytes) -> None:
        """Bytes have come from the client."""
        begins = self._reading is _BETWEEN_REQUESTS
        if begins and self._is_remembered(data):
            return
        self._whole = data if begins else b""
        if begins:
            self._start = data
        elif self._reading in _IN_HEAD:
            self._length_of_head += len(data)
            if self._start is not None and b"\n" not in self._start.lstrip(b"\r\n"):
                self._start += data
        elif self._reading in _IN_BODY:
            self._size_of_framing += len(data)
        rest = data
        while rest and self._reading is not _NO_MORE_REQUESTS:
            rest = self._feed(rest)
        if self._reading in _IN_HEAD and self._length_of_head > _LONGEST_HEAD:
            self._misread(431, _HEAD_TOO_LONG)
        if self._reading in _IN_BODY and self._size_of_framing > _LONGEST_HEAD:
            self._misread(431, _FRAMING_TOO_LONG)
        if len(self._waiting) > _TURN_REQUESTS:
            self._transport.pause_reading()  # until these are answered

    def eof_received(self) -> bool:
        """The client sends no more; True keeps the connection for the responses that are due."""
        if self._reading in _IN_BODY:
            self._refuse(self._dispatcher.incomplete(self._request()))
        self._reading = _ON_STREAM_ENDED[self._reading]
        if self._source is not None and self._source.is_endless:
            return False
        return self._writing not in _NOTHING_TO_SEND

    def pause_writing(self) -> None:
        """The buffer of the transport is full: the client does not take what was written."""
        self._writing = _ON_BLOCKED[self._writing]
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The buffer of the transport has room again."""
        self._writing = _ON_UNBLOCKED[self._writing]
        self._age = 0
        if self._source is not None:
            self._read_on()
            self._ask(self._source)
        self._proceed()

    # httptools.HttpRequestParser

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begin()
        self._age = 0
        self._reading = _ON_BEGUN[self._reading]

    def on_url(self, url: bytes) -> None:
        """The request target, or a part of it."""
        self._size_of_fields += len(url)
        if self._size_of_fields > _LONGEST_HEAD:
            self._misread(431, _HEAD_TOO_LONG)
            return
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field; or a trailer field, which is discarded (RFC 9110 section 6.5.1)."""
        if self._reading in _IN_BODY:
            return
        key, text, fields = field_name(name), value.decode("latin-1"), self._fields
        self._number_of_fields += 1
        self._number_of_hosts += key == "host"
        self._size_of_fields += len(name) + len(value)
        if self._number_of_fields > _MAX_FIELDS:
            self._misread(431, f"the request has more than {_MAX_FIELDS} header fields")
            return
        if self._size_of_fields > _LONGEST_HEAD:
            self._misread(431, _HEAD_TOO_LONG)
            return
        fields[key] = f"{fields[key]}, {text}" if key in fields else text

    def on_headers_complete(self) -> None:
        """The head has ended; a body over the limit is refused before it comes."""
        self._reading = _ON_HEAD_READ[self._reading]
        self._age = 0
        headers = self._fields
        path, query = origin_form(target_text(self._target))
        self._head = (self._parser.get_method().decode("ascii"), path, query, headers)
        if not self._is_sound_head(path, headers):
            return
        stated = headers.get("content-length")
        if stated is None and "transfer-encoding" not in headers:
            return
        self._room = self._dispatcher.longest_body(path, headers, self._client)
        if stated is not None and int(stated) > self._room:
            self._refuse(self._dispatcher.too_large(self._request(), self._client))
        elif stated != "0" and self._expects_continue():
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._reading is _NO_MORE_REQUESTS:
            return
        self._parts.append(body)
        self._room -= len(body)
        self._size_of_framing -= _BYTES_OF_CHUNK * len(body)
        if self._room < 0:
            self._refuse(self._dispatcher.too_large(self._request(), self._client))

    def on_message_complete(self) -> None:
        """The request has ended."""
        if self._reading is _NO_MORE_REQUESTS or self._parser.should_upgrade():
            return
        self._start = None
        body, version = b"".join(self._parts), self._parser.get_http_version()
        if not self._parser.should_keep_alive():
            self._reading = _ON_LAST_REQUEST_READ[self._reading]
        else:
            self._reading = _ON_REQUEST_READ[self._reading]
            if version == "1.1":
                self._remember(len(body))
        self._take((self._request(body), version, None))

    # Requests

    def _is_sound_head(self, path: str, headers: Mapping[str, str]) -> bool:
        """Whether a head can be answered; otherwise it is refused. The parser has checked its syntax."""
        flaw = next(self._flaws(path, headers), None)
        return flaw is None or self._misread(*flaw)

    def _flaws(self, path: str, headers: Mapping[str, str]) -> Iterator[tuple[int, str]]:
        """The reasons to refuse a head, each with its status."""
        version = self._parser.get_http_version()
        # Empty lines before a request: RFC 9112 section 2.2. The parser also takes HTTP/2, RTSP and ICE.
        line = (self._start or b"").lstrip(b"\r\n").partition(b"\n")[0]
        if version not in _VERSIONS or (line and b" HTTP/1." not in line):
            yield 505, _OTHER_PROTOCOL
        if self._head[0] == "CONNECT":  # what follows it is no HTTP
            yield 501, "the mock is no proxy"
        if b"#" in self._target:  # RFC 9112 section 3.2
            yield 400, "a request target has no fragment"
        hosts = self._number_of_hosts
        if hosts > 1 or (hosts == 0 and version == "1.1"):  # RFC 9112 section 3.2
            yield 400, f"a request has one Host field, and this one has {hosts or 'none'}"
        coding = headers.get("transfer-encoding")
        if coding is not None and ("content-length" in headers or version == "1.0"):  # RFC 9112 sections 6.1 and 6.3
            yield 400, "Transfer-Encoding excludes Content-Length and HTTP/1.0"
        if coding is not None and coding.lower() != "chunked":
            yield 501, f"the transfer coding {coding} is not supported; send chunked"
        if not self._target.startswith(b"/") and b"://" in self._target:
            # RFC 9112 section 3.2.2: the target of a proxy counts, not the Host. The control API is not for proxies.
            self._fields["host"] = authority(self._target).decode("latin-1")
            if not self._fields["host"]:  # RFC 9110 section 4.2.1
                yield 400, "the request target has no host"
            closed = self._dispatcher.refusal_to_proxies(path, self._fields["host"])
            if closed:
                yield 403, closed
        if not _IS_HOST(headers.get("host", "")):  # RFC 9112 section 3.2, RFC 9110 section 4.2.4
            yield 400, f"the Host {headers['host']!r} is no host with an optional port"

    def _feed(self, data: bytes) -> bytes:
        """Parse bytes; what is left of them is nothing, except after a request that wishes to upgrade.

        No server has to grant that (RFC 9110 section 7.8), but the parser leaves the body to a server that does: so
        the request is parsed once more, without its wish.
        """
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            if self._reading is _NO_MORE_REQUESTS:
                return b""
            self._reading = _ON_REREAD[self._reading]
            self._parser = HttpRequestParser(self)
            return self._without_upgrade() + data[upgrade.args[0] :]
        except HttpParserCallbackError:  # a defect of ours
            raise
        except HttpParserInvalidMethodError:
            self._unknown_method(data)
        except HttpParserError as error:
            if str(error) in _OF_OTHER_VERSIONS:
                self._misread(505, _OTHER_PROTOCOL)
            self._misread(400, f"this is not HTTP/1.1: {error}")
        return b""

    def _is_remembered(self, data: bytes) -> bool:
        """Whether this is one request whose head has come before; it is taken then, and nothing is parsed."""
        parsed = self._heads.recall(data)
        if parsed is None:
            return False
        self._head, length = parsed
        self._take((Request(*self._head, data[len(data) - length :], self._clock()), "1.1", None))
        return True

    def _remember(self, length: int) -> None:
        """Remember the head of a request that came in one piece, unless its body is over the limit of some clients."""
        _, path, _, headers = self._head
        if length <= self._dispatcher.longest_body(path, headers, _UNKNOWN_CLIENT):
            self._heads.remember(self._whole, ParsedHead(self._head, length))
        self._whole = b""

    def _expects_continue(self) -> bool:
        """Whether the client waits for a 100 before it sends its body (RFC 9110 section 10.1.1), and may have it now.

        While earlier responses are due it gets none, since it would take a 100 for an answer to an earlier request.
        """
        return (
            self._fields.get("expect", "").lower() == "100-continue"
            and self._parser.get_http_version() == "1.1"
            and self._writing in _NOTHING_TO_SEND
            and not self._parser.should_upgrade()
        )

    def _without_upgrade(self) -> bytes:
        method, _, _, headers = self._head
        kept = {name: text for name, text in headers.items() if name not in _UPGRADE_FIELDS}
        if "close" in headers.get("connection", "").lower():
            kept["connection"] = "close"
        lines = [f"{method} {target_text(self._target)} HTTP/1.1", *[f"{name}: {kept[name]}" for name in kept], "\r\n"]
        return "\r\n".join(lines).encode("latin-1")

    def _unknown_method(self, data: bytes) -> None:
        """Answer a method that the parser does not know: no operation has it, or it is none at all."""
        line = _REQUEST_LINE(data.lstrip(b"\r\n"))
        if line is None and _IS_BEGINNING(data):  # the rest of the line is still to come (RFC 9110 section 9.1)
            self._misread(501, "the method is not supported")
        elif line is None or line["method"].decode() in HTTPMethod.__members__:
            self._misread(400, "this is not HTTP/1.1: the request begins with no method")
        elif self._reading is not _NO_MORE_REQUESTS:
            path, query = origin_form(target_text(line["target"]))
            request = Request(line["method"].decode(), path, query, {}, b"", self._clock())
            self._refuse(self._dispatcher.respond(request, self._client))

    def _misread(self, status: int, why: str) -> bool:
        """Refuse a request that cannot be read, unless another reason was found before; False in any case."""
        if self._reading is not _NO_MORE_REQUESTS:
            self._refuse(self._dispatcher.misread(self._request(), status, why))
        return False

    def _refuse(self, response: Response) -> None:
        """Answer a request before it has ended, and read no more."""
        self._reading = _ON_REFUSED[self._reading]
        self._take((self._request(), "1.1", response._replace(delay=0.0)))

    def _request(self, body: bytes = b"") -> Request:
        return Request(*self._head, body, self._clock())

    # Responses

    def _take(self, turn: _Turn) -> None:
        self._waiting.append(turn)
        self._age = 0
        if self._writing is _NOTHING_DUE:
            self._proceed()

    def _proceed(self) -> None:
        """Schedule the requests that wait; where none does, read on, or close the connection after the last."""
        if self._writing is not _NOTHING_DUE:
            return
        if self._waiting:
            self._writing = _ON_SCHEDULED[self._writing]
            self._connections.schedule(self)
        elif self._reading is _NO_MORE_REQUESTS:
            self._close()
        else:
            self._transport.resume_reading()

    def decide(self, most: int) -> list[_Decided]:
        """The responses of one turn: to the requests that wait, up to its limits or the first that has to wait."""
        decided: list[_Decided] = []
        size = 0
        while self._waiting and size < _TURN_BYTES and len(decided) < most:
            turn = self._waiting.popleft()
            request, _, refusal = turn
            if refusal is None and self._dispatcher.takes_long(request):
                decided.append((turn, None))
                break
            try:
                response = refusal or self._dispatcher.respond(request, self._client)
            except TakesLong:
                decided.append((turn, None))
                break
            decided.append((turn, response))
            if response.delay or response.transmission is not None:
                break
            size += len(response.body)
        return decided

    def deliver(self, decided: list[_Decided]) -> None:
        """Send responses, the last one after its delay, or when it has been worked out."""
        self._writing = _ON_DECIDED[self._writing]
        for number, (turn, response) in enumerate(decided, 1):
            if response is None:
                self._hold()
                asked = LongRequest(turn[0], self._client, self._is_open)
                self._connections.work(asked, partial(self._send_after_delay, turn))
            elif response.delay or response.transmission is not None:
                self._hold()
                self._send_after_delay(turn, response)
            else:
                self._send(turn, response, number == len(decided))
        self._proceed()

    def _is_open(self) -> bool:
        """Whether the client is still there; asked by another thread too."""
        return self._writing is not WriteState.ENDED

    def _hold(self) -> None:
        """Send nothing, and read nothing, until a response may be sent."""
        self._writing = _ON_DELAYED[self._writing]
        self._transport.pause_reading()

    def _send_after_delay(self, turn: _Turn, response: Response) -> None:
        """Send the response that the connection waits for, after its delay."""
        self._timer = asyncio.get_running_loop().call_later(response.delay, self._send_late, turn, response)

    def _send_late(self, turn: _Turn, response: Response) -> None:
        if response.transmission is not None:
            self._send_by(turn, response, response.transmission)
            return
        if len(response.body) > _LONG_BODY:
            whole = response._replace(headers=with_length(response))
            self._send_by(turn, whole, Transmission(source=_Pieces(response.body)))
            return
        if self._writing is WriteState.ENDED:  # the client has gone
            return
        self._writing = _ON_DELAY_OVER[self._writing]
        self._send(turn, response, True)
        self._proceed()

    def _send(self, turn: _Turn, response: Response, is_latest: bool) -> None:
        request, version, refusal = turn
        is_last = is_latest and self._reading is _NO_MORE_REQUESTS and not self._waiting
        connection = b"Connection: close\r\n" if is_last else _KEPT.get(version, b"")
        head = response_head(response.status, response.headers, len(response.body))
        content = b"" if request.method == "HEAD" else response.body
        self._transport.write(b"%b%b%b\r\n%b" % (head, date_line(int(self._clock())), connection, content))
        if is_last and refusal is not None:
            self._linger()
        elif is_last:
            self._close()

    def _send_by(self, turn: _Turn, response: Response, transmission: Transmission) -> None:
        """Send a response that is streamed, or as a fault of the network would have it: in part, slowly, not at all."""
        if self._writing is WriteState.ENDED:  # the client has gone
            if transmission.source is not None:
                transmission.source.close()
        elif transmission.is_reset:
            self._reset()
        elif transmission.source is not None:
            self._send_streamed(turn, response, transmission.source)
        else:
            self._send_badly(turn, response, transmission)

    def _send_badly(self, turn: _Turn, response: Response, transmission: Transmission) -> None:
        request, version, _ = turn
        content = b"" if request.method == "HEAD" else response.body
        sent = content if transmission.length is None else content[: transmission.length]
        is_last = self._reading is _NO_MORE_REQUESTS and not self._waiting
        connection = b"Connection: close\r\n" if is_last else _KEPT.get(version, b"")
        head = response_head(response.status, response.headers, len(response.body))
        self._transport.write(b"%b%b%b\r\n" % (head, date_line(int(self._clock())), connection))
        number = max(1, min(len(sent), _MAX_PIECES)) if transmission.duration else 1
        size = -(-len(sent) // number)
        pieces = deque(sent[start : start + size] for start in range(0, len(sent), size or 1))
        self._send_pieces(pieces, transmission.duration / number, is_last or len(sent) < len(content))

    def _send_pieces(self, pieces: deque[bytes], pause: float, closes: bool) -> None:
        """Send the next piece of a body, and the others after a pause; then go on, or close the connection."""
        if self._writing is WriteState.ENDED:
            return
        if pieces:
            self._transport.write(pieces.popleft())
            later = partial(self._send_pieces, pieces, pause, closes)
            self._timer = asyncio.get_running_loop().call_later(pause, later)
        elif closes:
            self._close()
        else:
            self._writing = _ON_DELAY_OVER[self._writing]
            self._proceed()

    def _send_streamed(self, turn: _Turn, response: Response, source: BodySource) -> None:
        """Send the head of a response, and begin with its body, framed as RFC 9112 section 6 has it."""
        request, version, _ = turn
        self._source = source
        has_body = request.method != "HEAD" and response.status not in WITHOUT_LENGTH
        is_open = has_body and response.header("Content-Length") is None  # its length is not known
        self._is_chunked = is_open and version != "1.0"
        if is_open and not self._is_chunked:  # the end of the connection is that of the body
            self._reading = _ON_REFUSED[self._reading]
            self._waiting.clear()
        is_last = self._reading is _NO_MORE_REQUESTS and not self._waiting
        connection = b"Connection: close\r\n" if is_last else _KEPT.get(version, b"")
        coding = b"Transfer-Encoding: chunked\r\n" if self._is_chunked else b""
        date = b"" if response.header("Date") is not None else date_line(int(self._clock()))
        head = streamed_head(response.status, response.headers)
        self._transport.write(b"%b%b%b%b\r\n" % (head, date, coding, connection))
        if not has_body:
            self._end_stream()
            return
        if self._writing is WriteState.DELAYED:
            self._read_on()
            self._ask(source)

    def _read_on(self) -> None:
        """Read while a body is streamed, which is the only way to see that the client goes."""
        if len(self._waiting) <= _TURN_REQUESTS:
            self._transport.resume_reading()

    def _ask(self, source: BodySource) -> None:
        """Ask for the next piece of a body; while the client takes none, none is asked for."""
        source.next(partial(self._send_piece, source))

    def _send_piece(self, source: BodySource, piece: bytes | None) -> None:
        if self._source is not source:  # the client has gone
            return
        if piece is None:
            self._break_off()
        elif not piece:
            if self._is_chunked:
                self._transport.write(b"0\r\n\r\n")
            self._end_stream()
        else:
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._is_chunked else piece)
            if self._writing is WriteState.DELAYED:
                self._ask(source)

    def _end_stream(self) -> None:
        """Go on after a streamed response, or close the connection after the last."""
        self._release()
        self._writing = _ON_DELAY_OVER[self._writing]
        self._proceed()

    def _break_off(self) -> None:
        """End the connection so that the client sees that the body is not whole."""
        is_seen = self._is_chunked or self._reading is not _NO_MORE_REQUESTS
        self._release()
        if is_seen:
            self._close()
        else:
            self._reset()

    def _release(self) -> None:
        """Close the source of the response that was being sent, if any."""
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def _reset(self) -> None:
        """Close the connection so that the client sees a reset."""
        connected = self._transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._end()
        self._transport.abort()

    def _linger(self) -> None:
        """Close after a while, so that a client that is still sending gets its response (RFC 9112 section 9.6)."""
        self._writing = _ON_ENDED[self._writing]
        if self._transport.can_write_eof():
            with suppress(OSError):  # the client may be gone altogether
                self._transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(_LINGER, self._transport.close)

    def _close(self) -> None:
        self._end()
        self._transport.close()

    def _end(self) -> None:
        self._reading = _ON_STREAM_ENDED[self._reading]
        self._writing = _ON_ENDED[self._writing]
        self._waiting.clear()
