"""What can go wrong for a user.

LookalikeError
├── UsageError       a wrong flag, file or setting (exit code 2)
└── DocumentError    a document with problems, each with its place
"""

from collections.abc import Iterable
from dataclasses import dataclass


class LookalikeError(Exception):
    """Any error that is told in one message, without a traceback; `exit_code` is that of the command it ends."""

    exit_code = 2


class UsageError(LookalikeError):
    """A wrong flag, file or setting."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; `pointer` is a JSON Pointer (RFC 6901)."""

    file: str
    line: int
    column: int
    pointer: str

    def __str__(self) -> str:
        pointer = f" (#{self.pointer})" if self.pointer else ""
        return f"{self.file}:{self.line}:{self.column}{pointer}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do about it."""

    what: str
    remedy: str = ""
    location: Location | None = None

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        return f"{place}{self.what}{'. ' + self.remedy if self.remedy else ''}"


class DocumentError(LookalikeError):
    """A document that does not say what it must."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
