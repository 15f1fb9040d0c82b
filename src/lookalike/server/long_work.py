"""Long work: requests that are answered in threads beside the event loop, so that no other client waits for them.

These are requests that an application expects to take long, and those that were given up for taking too many steps
(`pacing`). Python lets another thread run every few milliseconds, so the event loop goes on.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol

from lookalike.http import Request, Response
from lookalike.pacing import TakesLong, beside
from lookalike.server.daemon_threads import DaemonThreads

_logger = logging.getLogger(__name__)


class Application(Protocol):
    """Anything that connections serve, such as a mock with its control API, or a proxy.

    `client` is the address of the client, or empty where that is unknown. So many requests that take long are answered
    at once as `most_at_once` says.
    """

    most_at_once: int

    def respond(self, request: Request, client: str) -> Response:
        """The response to a request."""
        ...

    def takes_long(self, request: Request) -> bool:
        """Whether the response is to be made in a thread beside the event loop."""
        ...

    def refusal_to_proxies(self, path: str, host: str) -> str:
        """The reason to refuse a request whose target is a whole URL (RFC 9112 section 3.2.2); empty if it may."""
        ...

    def longest_body(self, path: str, headers: Mapping[str, str], client: str) -> int:
        """The limit on the body of a request, in bytes."""
        ...

    def too_large(self, request: Request, client: str) -> Response:
        """The response to a request whose body is over the limit."""
        ...

    def incomplete(self, request: Request) -> Response:
        """The response to a request whose body ended early."""
        ...

    def misread(self, request: Request, status: int, why: str) -> Response:
        """The response to bytes that are no request; `request` holds the part that could be read."""
        ...


class LongRequest(NamedTuple):
    """A request that takes long, the address of its client, and whether that still waits for the response."""

    request: Request
    client: str
    is_wanted: Callable[[], bool]


class LongWork:
    """Threads that answer the requests to an application that take long; they end with the process."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._threads = DaemonThreads(application.most_at_once, "lookalike long work")

    def take(self, asked: LongRequest, then: Callable[[Response], None]) -> None:
        """Answer a request, and call a function with the response in the running event loop.

        One whose client has gone is dropped before its turn, since others wait behind it.
        """
        self._threads.start(partial(self._answer, asked, then, asyncio.get_running_loop()))

    def _answer(self, asked: LongRequest, then: Callable[[Response], None], loop: asyncio.AbstractEventLoop) -> None:
        request, client, is_wanted = asked
        if not is_wanted():
            return
        response = self._respond(request, client)
        with suppress(RuntimeError):  # the server has stopped, and closed the loop
            loop.call_soon_threadsafe(then, response)

    def _respond(self, request: Request, client: str) -> Response:
        try:
            with beside():
                return self._application.respond(request, client)
        except (Exception, TakesLong):  # a defect must not end the thread
            _logger.exception("cannot answer %s %s", request.method, request.path)
            return self._application.misread(request, 500, "the mock failed; its log says why")
