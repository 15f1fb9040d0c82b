"""Long work: requests that are answered in a thread beside the event loop, so that no other client waits for them.

Python lets another thread run every few milliseconds, so the event loop goes on. One thread is enough: requests to the
control API come from a test or a console, one after the other, and their order stays as it was.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from lookalike.http import Request, Response
from lookalike.server.dispatch import Dispatcher

_logger = logging.getLogger(__name__)

_Job = tuple[Request, str, Callable[[Response], None], asyncio.AbstractEventLoop]


class LongWork:
    """A thread that answers requests by a dispatcher; it ends with the process."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        # A daemon, so that a response that nobody waits for any more does not keep the process.
        Thread(target=self._run, name="lookalike long work", daemon=True).start()

    def take(self, request: Request, client: str, then: Callable[[Response], None]) -> None:
        """Answer a request, and call a function with the response in the running event loop."""
        self._jobs.put((request, client, then, asyncio.get_running_loop()))

    def _run(self) -> None:
        while True:
            request, client, then, loop = self._jobs.get()
            response = self._respond(request, client)
            with suppress(RuntimeError):  # the server has stopped, and closed the loop
                loop.call_soon_threadsafe(then, response)

    def _respond(self, request: Request, client: str) -> Response:
        try:
            return self._dispatcher.respond(request, client)
        except Exception:  # a defect must not end the thread
            _logger.exception("cannot answer %s %s", request.method, request.path)
            return self._dispatcher.misread(request, 500, "the mock failed; its log says why")
