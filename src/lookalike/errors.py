"""The errors of Lookalike: catch `LookalikeError` for all of them, or a branch of this tree.

LookalikeError                    any error of Lookalike (exit code 2)
├── UsageError                    a wrong argument, option, file or setting
│   ├── StateError                items that do not fit the contract
│   └── SandboxError              a sandbox that cannot be made, used or changed
├── DocumentError                 a document with problems, each with its place
├── VerificationError             a server could not be judged (exit code 3)
│   ├── Unreachable               the server cannot be reached, or stopped answering
│   ├── NoResponse                no complete response came to a request
│   └── JournalError              the journal cannot be written, so nothing may be changed
│
│   transcripts
├── TranscriptMismatch            a server does not do what a transcript says (exit code 1)
│
│   verify
├── OutOfBudget                   the time or the requests that a run may take are used up
├── Skipped                       a story cannot be told
├── NotObservable                 the effect of a story cannot be observed
└── NotEncodable                  a request cannot be built

Exit codes of the commands: 0 it conforms, or is sound; 1 it does not; 2 wrong usage, or a file that cannot be used;
3 the server could not be judged, or the system or Lookalike itself failed; 130 interrupted (as shells count).

Exceptions that never leave the room that raises them are not in this tree; `tests/lookalike/test_errors.py` lists them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file: line and column count from 1; `pointer` is a JSON Pointer (RFC 6901)."""

    file: str
    line: int
    column: int
    pointer: str

    def __str__(self) -> str:
        pointer = f" (#{self.pointer})" if self.pointer else ""
        return f"{self.file}:{self.line}:{self.column}{pointer}"


ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a document: its description, its place, and its remedy.

    `severity` is `error`, or `warning` for a problem that does not change how the document is served.
    """

    what: str
    remedy: str = ""
    location: Location | None = None
    severity: str = ERROR

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        return f"{place}{self.what}{'. ' + self.remedy if self.remedy else ''}"


class LookalikeError(Exception):
    """Any error of Lookalike; its message is complete, and a command that ends with it has its `exit_code`."""

    exit_code = 2

    def __reduce__(self) -> tuple[Any, ...]:
        """The message and fields to pickle, since the arguments of subclasses are not their `args`."""
        return Exception.__new__, (type(self), *self.args), vars(self)


class UsageError(LookalikeError):
    """A wrong argument, option, file or setting; `problem` holds the message in its parts."""

    def __init__(self, what: str, remedy: str = "", location: Location | None = None) -> None:
        self.problem = Problem(what, remedy, location)
        super().__init__(str(self.problem))


class StateError(UsageError):
    """Items that do not fit the contract: those of a resource, or the one under `key`; `reasons` say why."""

    def __init__(self, resource: str, reasons: Sequence[str], key: int | str | None = None) -> None:
        self.resource = resource
        self.key = key
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


class SandboxError(UsageError):
    """A sandbox that cannot be made, used or changed; `status` is that of the response which says so."""

    def __init__(self, status: int, what: str, remedy: str = "") -> None:
        self.status = status
        super().__init__(what, remedy)


class DocumentError(LookalikeError):
    """A document with problems: it cannot be read, or is no sound description of an API."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class VerificationError(LookalikeError):
    """A server could not be judged: it cannot be reached, or too little can be known of it."""

    exit_code = 3
