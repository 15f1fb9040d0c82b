"""Streams: sequences of JSON values or events whose items are sent one by one, and lists of events that go on.

A list of events is a subscription: when its items are sent, it stays open, and the items that are created or changed
afterwards follow.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from urllib.parse import parse_qsl

from lookalike.codecs.sequences import EVENTS, encoded_items
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.overlapping import by_route
from lookalike.contract.routing import Router
from lookalike.errors import SandboxError
from lookalike.http import BodySource, Request, Response, Transmission, essence, is_sequence, is_watch
from lookalike.model.response.outcome import Outcome
from lookalike.sandboxes import Sandboxes
from lookalike.server.daemon_threads import DaemonThreads
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.server.sandbox_path import in_sandbox, without_sandbox
from lookalike.service import MockService

_logger = logging.getLogger(__name__)

_SHORTEST_LOOK = 0.1  # seconds between two looks at the state for an open stream
_SILENCE = 15.0  # seconds after which a comment keeps the connection (HTML Living Standard section 9.2.7)
_COMMENT = b":\n\n"


class StreamingDispatcher(Dispatcher):
    """A mock with its control API, which sends the items of sequences one by one, `interval` seconds apart.

    Without an interval, only watches of Kubernetes are streamed.
    """

    def __init__(self, mock: MockService, options: MockOptions, sandboxes: Sandboxes, interval: float) -> None:
        super().__init__(mock, options, sandboxes)
        self._interval = interval
        self._routed: Contract | None = None
        self._threads = DaemonThreads(1, "lookalike streams")

    def respond(self, request: Request, client: str) -> Response:
        """The response to a request."""
        response = super().respond(request, client)
        media_type = response.header("Content-Type") or ""
        is_plain = 200 <= response.status < 300 and response.transmission is None
        if is_plain and "watch=" in request.query and self._is_watched(request):
            return response._replace(transmission=Transmission(source=self._watched(request, response.body)))
        if not is_plain or not self._interval or not is_sequence(media_type):
            return response
        return response._replace(transmission=Transmission(source=self._source(request, response.body, media_type)))

    def _source(self, request: Request, body: bytes, media_type: str) -> BodySource:
        items = encoded_items(body, media_type)
        if essence(media_type) != EVENTS or request.method != "GET" or not self._is_list(request):
            return TimedItems(items, self._interval)

        def look() -> list[bytes] | None:
            outcome = self._preview(request)
            if outcome is None or not 200 <= outcome.response.status < 300:
                return None
            return encoded_items(outcome.response.body, media_type)

        return FollowedList(items, self._interval, look, self._threads)

    def _watched(self, request: Request, body: bytes) -> BodySource:
        def look() -> list[bytes] | None:
            outcome = self._preview(request)
            is_seen = outcome is not None and 200 <= outcome.response.status < 300
            return objects_of(outcome.response.body) if outcome is not None and is_seen else None

        return WatchedList(objects_of(body), request.query, self._interval, look, self._threads)

    def _is_watched(self, request: Request) -> bool:
        """Whether a request watches a list, in a document whose lists can be watched as those of Kubernetes."""
        operation = self._operation(request) if request.method == "GET" and asks_to_watch(request.query) else None
        if operation is None or operation.listing is None or "200" not in operation.responses:
            return False
        return any(map(is_watch, operation.responses["200"].content))

    def _is_list(self, request: Request) -> bool:
        """Whether a request is for a list."""
        operation = self._operation(request)
        return operation is not None and operation.listing is not None

    def _operation(self, request: Request) -> Operation | None:
        """The operation of a request. The model is not asked, since it may end the turn of this thread."""
        contract = self._mock.model.contract
        if self._routed is not contract:  # --watch has read the document again
            self._routed = contract
            self._router = Router(by_route((one.path, one) for one in contract.operations).items())
        path = without_sandbox(request.path)
        match = self._router.match(path.removeprefix(self._operations.prefix_of(path, self._mock.model)))
        overlapping = match.target.get(request.method) if match is not None else None
        return overlapping.operations[overlapping.asked_for(request)] if overlapping is not None else None

    def _preview(self, request: Request) -> Outcome | None:
        """The outcome of a request in the state that there is now, or None where its sandbox or the store is gone."""
        with suppress(SandboxError):
            request = in_sandbox(request)
            mock = self._sandboxes.of(request)
            prefix = self._operations.prefix_of(request.path, mock.model)
            path, base_path = request.path.removeprefix(prefix), request.base_path + prefix
            return mock.preview(request._replace(path=path, base_path=base_path, at=time.time()))
        return None


class TimedItems:
    """The items of a sequence: the first at once, each other one `interval` seconds after the one before."""

    is_endless = False

    def __init__(self, items: Iterable[bytes], interval: float) -> None:
        self._items = [*items]
        self._interval = interval
        self._sent = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def next(self, then: Callable[[bytes | None], None]) -> None:
        """Call a function with the next item, in its time."""
        self._after(self._interval if self._sent else 0.0, lambda: then(self._item()))

    def close(self) -> None:
        """Send no more."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _item(self) -> bytes:
        if self._sent == len(self._items):
            return b""
        self._sent += 1
        return self._items[self._sent - 1]

    def _after(self, seconds: float, call: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, call)


class FollowedList(TimedItems):
    """The items of a list of events, and those that are new in it or changed, as long as the client listens.

    `look` gives the list as it is now, None if it cannot be seen for now. A thread asks for it: there may be many
    streams, and each list may be long.
    """

    is_endless = True
    comment = _COMMENT

    def __init__(
        self, items: list[bytes], interval: float, look: Callable[[], list[bytes] | None], threads: DaemonThreads
    ) -> None:
        super().__init__(items, interval)
        self._look = look
        self._threads = threads
        self._known: frozenset[bytes] | None = None  # made by the thread: it takes as long as the list
        self._silent = 0.0

    def next(self, then: Callable[[bytes | None], None]) -> None:
        """Call a function with the next item, as soon as there is one, or with a comment after a while without any."""
        if self._sent < len(self._items):
            super().next(then)
            return
        pause = max(self._interval, _SHORTEST_LOOK)
        told = partial(self._tell, then, pause, asyncio.get_running_loop())
        self._after(pause, lambda: self._threads.start(told))

    def _tell(self, then: Callable[[bytes | None], None], pause: float, loop: asyncio.AbstractEventLoop) -> None:
        """Look at the list, in a thread beside the event loop, and go on there."""
        if self._is_closed:  # while this waited for the thread
            return
        try:
            if self._known is None:
                self._known = frozenset(self._items)
            now = self._look()
            new: list[bytes] | None = [] if now is None else self._news(now)
        except Exception:  # a defect must not end the thread
            _logger.exception("cannot look at a list that is streamed")
            new = None
        with suppress(RuntimeError):  # the server has stopped, and closed the loop
            loop.call_soon_threadsafe(self._go_on, then, pause, new)

    def _news(self, now: list[bytes]) -> list[bytes]:
        """The items that were not in the list when it was looked at before."""
        known, self._known = self._known or frozenset(), frozenset(now)
        return [item for item in now if item not in known]

    def _go_on(self, then: Callable[[bytes | None], None], pause: float, new: list[bytes] | None) -> None:
        if self._is_closed:
            return
        if new is None:
            then(None)
            return
        self._items, self._sent, self._silent = new, 0, self._silent + pause
        if self._items:
            self._silent = 0.0
            then(self._item())
        elif self._silent >= _SILENCE and self.comment:
            self._silent = 0.0
            then(self.comment)
        else:
            self.next(then)


class WatchedList(FollowedList):
    """The events of a watch of Kubernetes: an object is ADDED, MODIFIED or DELETED, one in each line.

    Objects that are there already are added at first, unless the query names the version that the client has seen.
    """

    comment = b""

    def __init__(
        self,
        objects: list[bytes],
        query: str,
        interval: float,
        look: Callable[[], list[bytes] | None],
        threads: DaemonThreads,
    ) -> None:
        asked = dict(parse_qsl(query))
        is_from_start = asked.get("resourceVersion", "0") == "0"
        super().__init__([_event("ADDED", one) for one in objects if is_from_start], interval, look, threads)
        self._objects = {_key_of(one): one for one in objects}
        seconds = asked.get("timeoutSeconds", "")
        self._end = time.monotonic() + int(seconds) if seconds.isdecimal() else None

    def next(self, then: Callable[[bytes | None], None]) -> None:
        """Call a function with the next event, or with nothing when the time that the client asked for is over."""
        if self._end is not None and time.monotonic() >= self._end:
            then(b"")
        else:
            super().next(then)

    def _news(self, now: list[bytes]) -> list[bytes]:
        before, self._objects = self._objects, {_key_of(one): one for one in now}
        gone = [_event("DELETED", one) for key, one in before.items() if key not in self._objects]
        return gone + [
            _event("MODIFIED" if key in before else "ADDED", one)
            for key, one in self._objects.items()
            if before.get(key) != one
        ]


def asks_to_watch(query: str) -> bool:
    """Whether a query has `watch=true`."""
    return dict(parse_qsl(query)).get("watch", "").lower() in ("true", "1")


def objects_of(body: bytes) -> list[bytes]:
    """The objects of a list in JSON, each as a text of its own; none if the body is no list."""
    shown = json.loads(body)
    items = shown.get("items") if isinstance(shown, dict) else None
    return [json.dumps(one).encode() for one in items] if isinstance(items, list) else []


def _key_of(item: bytes) -> str:
    """The identity of an object: its UID, else its namespace and name."""
    value = json.loads(item)
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        return item.decode()
    return str(metadata.get("uid") or f"{metadata.get('namespace', '')}/{metadata.get('name', '')}")


def _event(event: str, item: bytes) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (event.encode(), item)
