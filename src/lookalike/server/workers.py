"""Workers: processes that serve one address, and their parent, which restarts those that end.

Each has a listening socket of its own (SO_REUSEPORT), among which the kernel spreads new connections. The parent keeps
all of them open, so that those that wait for a worker which was killed are taken by the next one. A worker ends when
its parent does, however that ends: the end of a pipe tells it.
"""

import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from lookalike.errors import LookalikeError, UsageError
from lookalike.server.serve import Endpoint, listen

_logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# For how long workers may send what is due after the signal, before they are killed, in seconds.
_GRACE = 0.75
# The pause before a worker is started again, in seconds: doubled each time, until one lives for so long.
_FIRST_PAUSE, _LAST_PAUSE, _LIFE = 0.1, 5.0, 10.0

Serve = Callable[[socket.socket, int], None]
"""Serves on a socket until the other end of a pipe is closed."""


class _Running(NamedTuple):
    """A worker that runs: the time of its start, and the pause before the next start if it ends soon."""

    listener: socket.socket
    started: float
    pause: float


class _Waiting(NamedTuple):
    """A worker that is to be started at a time."""

    listener: socket.socket
    due: float
    pause: float


def run_workers(
    endpoint: Endpoint, number: int, work: Serve, on_ready: Callable[[int], None], tell: Callable[[str], None]
) -> None:
    """Have a number of processes work, until SIGINT or SIGTERM.

    `on_ready` is called with the port once clients can connect, before the first process is forked; `tell` with a line
    about each that ends. Raises `UsageError` if the address cannot be bound.
    """
    if sys.platform == "win32":
        raise UsageError("--workers needs processes that are forked, which Windows does not have", _REMEDY)
    listeners = _listeners(endpoint, number)
    woken = _wake_on_signals()  # before clients know of the port, after which a signal may come at any time
    on_ready(listeners[0].getsockname()[1])
    gc.freeze()  # what was loaded is shared with the workers as long as no collection touches it
    lifeline, parents_end = os.pipe()

    def start(listener: socket.socket) -> int:
        process = os.fork()
        if process == 0:
            os.close(parents_end)
            for other in listeners:
                if other is not listener:
                    other.close()
            _be_worker(work, listener, lifeline)
        return process

    running = {start(listener): _Running(listener, time.monotonic(), _FIRST_PAUSE) for listener in listeners}
    waiting: list[_Waiting] = []
    while not _is_asked_to_stop(woken, min((one.due - time.monotonic() for one in waiting), default=None)):
        for process, status in _ended(list(running)):
            listener, started, pause = running.pop(process)
            if time.monotonic() - started > _LIFE:
                pause = _FIRST_PAUSE
            tell(f"worker {process} {_how_it_ended(status)}; another one is started in {pause:g} s")
            waiting.append(_Waiting(listener, time.monotonic() + pause, min(2 * pause, _LAST_PAUSE)))
        for one in [one for one in waiting if one.due <= time.monotonic()]:
            waiting.remove(one)
            running[start(one.listener)] = _Running(one.listener, time.monotonic(), one.pause)
    os.close(parents_end)
    _end(set(running))
    for listener in listeners:
        listener.close()


def _listeners(endpoint: Endpoint, number: int) -> list[socket.socket]:
    """The sockets of workers, on one port."""
    # One of its own tells whether another program, or another mock with workers, has the port.
    with listen(endpoint.host, endpoint.port) as alone:
        port: int = alone.getsockname()[1]
    if sys.platform != "linux":  # other kernels do not spread connections: there all take them from one socket
        one = listen(endpoint.host, port)
        return [one, *(one.dup() for _ in range(number - 1))]
    return [listen(endpoint.host, port, is_shared=True) for _ in range(number)]


def _wake_on_signals() -> int:
    """The end of a pipe from which the numbers of signals can be read."""
    woken, waker = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    for number in (*_SIGNALS, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)  # the pipe tells
    return woken


def _is_asked_to_stop(woken: int, timeout: float | None) -> bool:
    """Wait for a signal, or for some seconds; whether it is one to stop."""
    select.select([woken], [], [], None if timeout is None else max(timeout, 0.0))
    try:
        return any(number in _SIGNALS for number in os.read(woken, 4096))
    except BlockingIOError:
        return False


def _be_worker(work: Serve, listener: socket.socket, lifeline: int) -> None:
    """Work, and end the process."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (*_SIGNALS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        work(listener, lifeline)
        code = 0
    except LookalikeError as error:
        _logger.warning("worker %s: %s", os.getpid(), error)
    except BaseException:  # the parent's own code must not run on here
        _logger.exception("worker %s failed", os.getpid())
    finally:
        os._exit(code)


def _ended(processes: list[int]) -> list[tuple[int, int]]:
    """Those of some processes that have ended, with their status."""
    found = (os.waitpid(process, os.WNOHANG) for process in processes)
    return [(process, status) for process, status in found if process]


def _how_it_ended(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


def _end(processes: set[int]) -> None:
    """Let processes send what is due, and kill those that take too long."""
    deadline = time.monotonic() + _GRACE
    for process in processes:
        os.kill(process, signal.SIGTERM)
    while processes and time.monotonic() < deadline:
        processes -= {process for process, _ in _ended(list(processes))}
        time.sleep(0.01)
    for process in processes:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


_REMEDY = "Start several mocks on one --store, behind a load balancer"
