"""A log that is not read never stops the server: lines are dropped, and counted."""

import errno
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from lookalike.server.log import DroppingLog
from lookalike.server.serve import LoopErrors
from tests.support.running import JSON, PATIENCE, TOKEN

LINE = "x" * 99


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        with suppress(OSError):  # a test may have closed it
            os.close(end)


def test_lines_are_written_while_they_are_read(pipe: tuple[int, int]) -> None:
    log = DroppingLog(pipe[1])
    log.write("one")
    log.write("zwölf")
    assert os.read(pipe[0], 100) == "one\nzwölf\n".encode()


def test_lines_that_are_not_read_are_dropped_and_counted_when_there_is_room_again(pipe: tuple[int, int]) -> None:
    log = DroppingLog(pipe[1])
    for _ in range(5000):
        log.write(LINE)
    dropped = log.dropped
    assert dropped > 0
    received = b""
    while len(received) < (5000 - dropped) * 100:
        received += os.read(pipe[0], 65536)
    log.write("at last")
    assert received == (LINE.encode() + b"\n") * (5000 - dropped)
    assert os.read(pipe[0], 1000) == (
        f"{dropped:,} lines of this log were dropped, as they were not read\nat last\n".encode()
    )
    assert log.dropped == 0


def test_a_line_that_is_too_long_to_be_written_at_once_is_cut(pipe: tuple[int, int]) -> None:
    DroppingLog(pipe[1]).write("y" * 100_000)
    written = os.read(pipe[0], 200_000)
    assert len(written) <= 4096
    assert written.endswith(b"y...\n")


def test_a_pipe_without_a_reader_drops_everything(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    log = DroppingLog(pipe[1])
    log.write("one")
    log.write("two")
    assert log.dropped == 2


def test_records_of_logging_are_lines_too(pipe: tuple[int, int]) -> None:
    log = DroppingLog(pipe[1])
    log.emit(logging.LogRecord("x", logging.ERROR, __file__, 1, "cannot answer %s\nsecond line", ("GET",), None))
    assert os.read(pipe[0], 100) == b"cannot answer GET\nsecond line\n"


def test_a_mock_whose_log_nobody_reads_answers_on() -> None:
    command = [sys.executable, "-m", "lookalike", "mock", "lead", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition(":")[2])
            request = f"PUT /leads/9876543210/{'p' * 900} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                answered = 0
                for _ in range(200):
                    client.sendall(request)
                    answered += client.recv(65536).startswith(b"HTTP/1.1 404")
            assert answered == 200
        finally:
            process.kill()


class Loop:
    """An event loop that notes the errors that reach its default handler."""

    def __init__(self) -> None:
        self.reached: list[Any] = []

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        self.reached.append(context["exception"])


def test_missing_descriptors_are_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now, loop = [0.0], Loop()
    errors = LoopErrors(lambda: now[0])
    for second in (0.0, 1.0, 59.0, 60.0, 61.0):
        now[0] = second
        errors(loop, {"exception": OSError(errno.EMFILE, "Too many open files")})  # type: ignore[arg-type]  # a double
    assert [record.getMessage() for record in caplog.records] == [
        "new clients have to wait: Too many open files; raise the limit, as with ulimit -n"
    ] * 2
    assert loop.reached == []


def test_clients_that_are_gone_are_not_logged_and_defects_are(caplog: pytest.LogCaptureFixture) -> None:
    loop, errors, defect = Loop(), LoopErrors(), ValueError("a defect")
    for error in (ConnectionResetError(), BrokenPipeError(), TimeoutError(), defect):
        errors(loop, {"exception": error})  # type: ignore[arg-type]  # a double
    assert (loop.reached, caplog.records) == ([defect], [])


def test_a_server_without_descriptors_accepts_again_when_some_are_free() -> None:
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))\n"
        "sys.argv = ['lookalike', 'mock', 'lead', '--port', '0', '--log', 'off']\n"
        "from lookalike.cli import main; main()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            port = int(process.stdout.readline().rpartition(b":")[2])
            clients = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(80)]
            line = process.stderr.readline()
            while b"new clients have to wait" not in line:
                line = process.stderr.readline()
            for client in clients:
                client.close()
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                fields = "".join(f"{name}: {value}\r\n" for name, value in (TOKEN | JSON).items())
                client.sendall(
                    f"PUT /leads/9876543210/update HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: 17\r\n\r\n".encode()
                    + b'{"lead_data": {}}'
                )
                assert client.recv(65536).startswith(b"HTTP/1.1 201")
        finally:
            process.kill()
            _, rest = process.communicate()
    assert b"Traceback" not in line + rest
    assert b"wait" not in rest
