"""Servers as processes: started on a free port, asked until they answer, weighed, and stopped with their children."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.peers.contract import Sent, exchange

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LONGEST_START = 120.0  # seconds
PAUSE = 0.004  # seconds between two questions whether it is there


class Server(NamedTuple):
    """A server that runs: the leader of a session of its own."""

    port: int
    session: int

    @property
    def memory(self) -> float:
        """Resident memory (RSS), in MiB, over all its processes."""
        return sum(int(fields[21]) for fields in _members(self.session)) * PAGE / 2**20


class DidNotStart(Exception):
    """A server that gave no right answer in time; says what it told."""


@contextmanager
def running(command: Callable[[int], list[str]], first: Sent) -> Iterator[Server]:
    """A server, from its first answer 201 to `first` on; raises `DidNotStart`."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command(port),
            cwd=folder,
            env={**os.environ, "NODE_ENV": "production"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            if not _answers(process, port, first):
                log.seek(0)
                raise DidNotStart(log.read().decode(errors="replace").strip()[-500:])
            yield Server(port, process.pid)
        finally:
            _stop(process)


def cpu_of(session: int) -> float:
    """CPU seconds that the processes of a session have used, with those of their children that have ended."""
    return sum(sum(map(int, fields[11:15])) for fields in _members(session)) / TICK


def _answers(process: subprocess.Popen[bytes], port: int, first: Sent) -> bool:
    end = time.monotonic() + LONGEST_START
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if exchange(port, first)[0] == 201:
                return True
        time.sleep(PAUSE)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _members(session: int) -> Iterator[list[str]]:
    """The fields of /proc/PID/stat from the third on (proc(5)), of each process of a session."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                yield fields


@contextmanager
def running_mock_of(document: Path) -> Iterator[str]:
    """The URL of a mock of a document, from the moment on when it listens."""
    port = _free_port()
    command = [sys.executable, "-m", "lookalike", "mock", str(document), "--port", str(port), "--log", "off"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said = ""
        for line in process.stdout or ():  # warnings may come before the one that it listens
            said += line
            if "listening" in line:
                break
        else:
            raise DidNotStart(said.strip() or f"the mock of {document.name} said nothing")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def running_peer(command: Callable[[int], list[str]]) -> Iterator[str]:
    """The URL of another mock server, from the moment on when it takes connections."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            command(port), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            end = time.monotonic() + LONGEST_START
            while not _takes_connections(port):
                if process.poll() is not None or time.monotonic() > end:
                    raise DidNotStart(f"{command(port)[0]} does not listen")
                time.sleep(PAUSE)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
