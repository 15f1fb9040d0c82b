"""The real mock, as its users start it: a process of its own on a free port."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from tests.support.process_group import process_group

PATIENCE = 120.0  # seconds until something is taken to hang, on a busy machine too
# For the pytest of a test: it is spared the plugins of other packages, whose imports take three seconds.
LEAN_PYTEST = {"PYTEST_ADDOPTS": "-p no:schemathesis -p no:hypothesispytest -p no:faker -p no:anyio"}
TOKEN = {"Authorization": "Bearer tok-valid"}
JSON = {"Content-Type": "application/json"}


@dataclass
class RunningMock:
    """A mock that runs; `lines` are what it has said so far on standard output."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)
    _queue: Queue[str] = field(default_factory=Queue)
    _errors: Queue[str] = field(default_factory=Queue)

    @property
    def url(self) -> str:
        """The origin that it announced."""
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request; a body that is not bytes goes as JSON. Header names of the answer are in lower case."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, content, headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def put(self, number: int | str, body: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Update a lead with a valid token."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("PUT", f"/leads/{number}/update", body, TOKEN | JSON | more)

    def state(self) -> Any:
        """All that it remembers."""
        return json.loads(self.request("GET", "/__lookalike/state")[2])

    def reset(self) -> None:
        """Bring the seeds back."""
        assert self.request("POST", "/__lookalike/reset")[0] < 300

    def next_line(self) -> str:
        """The next line of standard output that was not read yet, or nothing."""
        try:
            line = self._queue.get(timeout=PATIENCE)
        except Empty:
            return ""
        self.lines.append(line)
        return line

    def errors(self) -> str:
        """What it has said so far on standard error."""
        return "".join(self._errors.queue)

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Stop it; the exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(PATIENCE)


@contextmanager
def running_mock(*arguments: str, python: str = sys.executable, **options: Any) -> Iterator[RunningMock]:
    """A mock on a free port, stopped at the end; `options` are those of `subprocess.Popen`."""
    command = [python, "-m", "lookalike", "mock", "--port", "0", *arguments]
    options = {"process_group": process_group(), **options}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    mock = RunningMock(process, 0)
    readers = [
        threading.Thread(target=_drain, args=(stream, lines), daemon=True)
        for stream, lines in ((process.stdout, mock._queue), (process.stderr, mock._errors))
    ]
    for reader in readers:
        reader.start()
    try:
        announced = re.search(r"listening on https?://.*:(\d+)", mock.next_line())
        if announced is None:
            raise AssertionError(f"the mock did not start: {mock.errors()}")
        mock.port = int(announced[1])
        yield mock
    finally:
        _end(process)
        for reader in readers:
            reader.join()


def _end(process: subprocess.Popen[str]) -> None:
    """Stop it as its users do, so that what it went through is counted as covered."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _drain(stream: Any, lines: "Queue[str]") -> None:
    with stream:
        for line in stream:
            lines.put(line)


def run_command(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of Lookalike to its end, with further variables in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "lookalike", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=PATIENCE,
        check=False,
    )


def exchange(mock: RunningMock, data: bytes, hang_up: bool = True) -> bytes:
    """Send bytes, end the sending side unless told otherwise, and take what comes back until the server ends too."""
    received = b""
    with socket.create_connection(("127.0.0.1", mock.port), timeout=5) as connection:
        try:
            connection.sendall(data)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        except OSError:
            pass  # a server may hang up on what is no HTTP
    return received
