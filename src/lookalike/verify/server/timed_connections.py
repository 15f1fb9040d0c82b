"""Connections whose responses are read within a deadline, head and interim responses included."""

import io
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from functools import partial
from http.client import HTTPResponse
from threading import Thread
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from lookalike.verify.interruption import LONGEST_WAIT

_CAN_ACKNOWLEDGE_AT_ONCE = hasattr(socket, "TCP_QUICKACK")  # as on Linux

WhileWaiting = Callable[[bool], None]
"""A function that is called every now and then in a wait: for an answer if the request is sent, else to connect."""


def no_wait(is_sent: bool) -> None:
    """Do nothing in a wait."""


class _TimedReader(io.RawIOBase):
    """Reads from a socket until a deadline, which further bytes do not extend."""

    def __init__(
        self, sock: socket.socket, raw: io.RawIOBase, seconds: float, while_waiting: WhileWaiting = no_wait
    ) -> None:
        self._socket = sock
        self._raw = raw
        self._while_waiting = while_waiting
        self._deadline = time.monotonic() + seconds
        self._seconds_each: float | None = None

    def wait_for_each(self, seconds: float) -> None:
        """Wait so long for each part from now on, and for ever for all of them."""
        self._seconds_each = seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        each = self._seconds_each
        deadline = self._deadline if each is None else time.monotonic() + each
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(min(left, LONGEST_WAIT))
            if _CAN_ACKNOWLEDGE_AT_ONCE:  # else a server that sends head and body apart waits 40 ms between (Nagle)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            try:
                return self._socket.recv_into(buffer)  # a SocketIO reads nothing more once its time was out
            except TimeoutError:
                self._while_waiting(True)
        raise TimeoutError("timed out")

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimedResponse(HTTPResponse):
    """A response that is read, status line and interim responses included, in what is left of the timeout."""

    def __init__(self, while_waiting: WhileWaiting, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.seconds = sock.gettimeout()  # urllib3 has set it to what connecting and sending have left
        self.reader: _TimedReader | None = None
        if self.seconds is not None:
            self.reader = _TimedReader(sock, self.fp.detach(), self.seconds, while_waiting)
            self.fp = io.BufferedReader(self.reader)

    def begin(self) -> None:
        """Read the head of the final response; http.client skips 100 alone of the interim ones."""
        super().begin()
        while 100 <= self.status < 200 and self.status != 101:  # behind 101 there is another protocol
            self.headers = self.msg = None  # type: ignore[assignment]  # as they are before a head is read
            super().begin()
        if self.status >= 500:  # uvicorn for one then closes the connection without saying so, under the next request
            self.will_close = True


class PartwiseTimedResponse(TimedResponse):
    """A response whose head is read in what is left of the timeout, and its body in as much again for each part."""

    def begin(self) -> None:
        """Read the head of the final response."""
        super().begin()
        if self.reader is not None and self.seconds is not None:
            self.reader.wait_for_each(self.seconds)


_Pools = Mapping[str, type[HTTPConnectionPool]]


def pools_of(response: type[TimedResponse], while_waiting: WhileWaiting) -> _Pools:
    """The pools, by scheme, whose connections read responses of a class."""
    # As a static method, since a partial in a class is a method from Python 3.14 on.
    made = cast(type[HTTPResponse], staticmethod(partial(response, while_waiting)))

    class TimedConnection(HTTPConnection):
        response_class = made

        def connect(self) -> None:
            connect_while(super().connect, self.close, while_waiting)

    class SecureTimedConnection(HTTPSConnection):
        response_class = made

        def connect(self) -> None:
            connect_while(super().connect, self.close, while_waiting)

    class TimedPool(HTTPConnectionPool):
        ConnectionCls = TimedConnection

    class SecureTimedPool(HTTPSConnectionPool):
        ConnectionCls = SecureTimedConnection

    return {"http": TimedPool, "https": SecureTimedPool}


def connect_while(connect: Callable[[], None], close: Callable[[], None], while_waiting: WhileWaiting) -> None:
    """Connect in another thread: until a name is resolved or a SYN is answered, the system tells of no signal.

    A connection that comes once the wait has ended is closed.
    """
    done: Future[None] = Future()

    def run() -> None:
        try:
            connect()
            done.set_result(None)
        except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
            done.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        while not wait((done,), LONGEST_WAIT).done:
            while_waiting(False)
    except BaseException:
        done.add_done_callback(lambda _: close())
        raise
    done.result()


class TimedAdapter(HTTPAdapter):
    """Connects so that a timeout covers a response, directly and through proxies."""

    def __init__(self, pools: _Pools, **options: Any) -> None:
        self._pools = pools  # before the manager is made, which needs them
        super().__init__(**options)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the manager of the pools for direct connections."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The manager of the pools for connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # it has pools of its own, and Requests needs an extra for it
            manager.pool_classes_by_scheme = self._pools
        return manager
