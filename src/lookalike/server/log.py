"""A log that never makes the server wait: lines that cannot be written at once are dropped, and counted.

A pipe that is not read holds 64 KiB on Linux; the next write to it blocks, and with it a server that has one thread.
"""

import logging
import os
import select
import sys

# A pipe that is ready takes so many bytes without blocking (POSIX, PIPE_BUF is at least 512; on Linux it is 4096).
_AT_ONCE = getattr(select, "PIPE_BUF", 512)


class DroppingLog(logging.Handler):
    """Lines for a file descriptor; as a handler of `logging`, it writes records there too.

    `dropped` is the number of lines that were dropped since the last one that was written.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.dropped = 0
        self._descriptor = descriptor
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(descriptor, select.POLLOUT)

    def write(self, line: str) -> None:
        """Write a line, or drop it where that would block, or where the other end is closed."""
        if self.dropped and self._is_written(f"{self.dropped:,} lines of this log were dropped, as they were not read"):
            self.dropped = 0
        if self.dropped or not self._is_written(line):
            self.dropped += 1

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record of `logging`, which may have many lines."""
        for line in self.format(record).splitlines():
            self.write(line)

    def _is_written(self, line: str) -> bool:
        data = line.encode("utf-8", "backslashreplace")
        data = (data if len(data) < _AT_ONCE else data[: _AT_ONCE - 4] + b"...") + b"\n"
        try:
            return self._is_ready() and os.write(self._descriptor, data) == len(data)
        except OSError:
            return False

    def _is_ready(self) -> bool:
        # Windows has no poll for pipes; there a log that is not read stops the server.
        return self._poll is None or any(event & select.POLLOUT for _, event in self._poll.poll(0))


def log_to_stderr() -> DroppingLog:
    """A log on standard error, which also gets the records of `logging`, such as tracebacks of defects."""
    log = DroppingLog(sys.stderr.fileno())
    logging.basicConfig(handlers=[log], format="%(message)s", level=logging.WARNING, force=True)
    return log
