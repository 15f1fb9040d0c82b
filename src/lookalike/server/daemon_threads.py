"""Threads for work that waits: started as they are needed, up to a number, and ended with the process."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread

_Job = Callable[[], None]


class DaemonThreads:
    """At most so many threads that do work in the order in which it came.

    The threads of `concurrent.futures` would keep the process until their work is done; the response of a server that
    hangs is no reason for that.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._lock = Lock()
        self._number = 0
        self._free = 0  # threads less the work that waits for one
        self._work: SimpleQueue[_Job] = SimpleQueue()

    def start(self, work: _Job) -> None:
        """Do some work as soon as a thread is free; it may not raise."""
        with self._lock:
            self._free -= 1
            is_new = self._free < 0 and self._number < self._most
            if is_new:
                self._number += 1
                self._free += 1
        self._work.put(work)
        if is_new:
            Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        while True:
            self._work.get()()
            with self._lock:
                self._free += 1
