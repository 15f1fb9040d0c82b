"""The results of a run of `verify`, as values of which reports are made; `report.schema.json` describes their JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, Literal, TypeVar, cast

_MOST_MISSING = 12  # clauses that a message names

T = TypeVar("T")


class ClauseStatus(StrEnum):
    """The status of a clause. Only `held` is a pass; a `flaky` clause was broken, but not when it was tested again."""

    HELD = "held"
    VIOLATED = "violated"
    FLAKY = "flaky"
    NOT_OBSERVABLE = "not-observable"
    NOT_EXERCISED = "not-exercised"


class ReadingStatus(StrEnum):
    """The result of a reading; `contradicted` if the server keeps to none of its choices."""

    DECIDED = "decided"
    UNDECIDED = "undecided"
    NOT_OBSERVABLE = "not-observable"
    CONTRADICTED = "contradicted"


class Verdict(StrEnum):
    """The verdict on a server."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request with placeholders for secrets; `encoding` is `base64` if the body is not in UTF-8."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    encoding: Literal["", "base64"] = ""


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """A request as a curl line, with placeholders such as `$TOKEN` for secrets, and the response to it."""

    curl: str
    request: str
    status: int
    response: str
    sent: RecordedRequest


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """The result of a clause: how many requests tested it, and the reason and the remedy if it is not held.

    Of a broken clause, `file` and `line` are its place in the document, or that of the operation that it follows from.
    """

    id: str
    says: str
    sources: tuple[str, ...]
    status: ClauseStatus
    requests: int
    reason: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """The result of a reading: its choice, or those that are left, joined with a bar; `evidence` is a curl line.

    It `is_usual` if it is a built-in reading of which the server follows the default.
    """

    id: str
    question: str
    status: ReadingStatus
    choice: str
    evidence: str = ""
    is_usual: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A broken clause, with the shortest story that shows it; the last exchange of the story breaks the clause.

    `expected` lists the responses or states that are right in the worlds that were left. Of `attempts` replays from the
    same start, `reproduced` failed too. Two kinds of failure do not fail the run: a `flaky` one, which no replay
    reproduced, and one that is `waived`, for the reason that the target file gives. `known` are the choices of readings
    that were decided before the story. In a `strange` story, any response but a 5xx is right. A story whose requests
    depend on responses is replayed by its `recipe`. `also` are other clauses, of which answers break the same rule of
    a schema.
    """

    clause: str
    title: str
    story: tuple[RecordedExchange, ...]
    expected: str
    got: str
    reproduced: int
    attempts: int
    waived: str = ""
    known: dict[str, str] = field(default_factory=dict)
    strange: bool = False
    recipe: Mapping[str, Any] = field(default_factory=dict)
    flaky: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationResult:
    """Whether requests of an operation were sent, and whether a clause judged a response; `reason` is why none did."""

    id: str
    method: str
    path: str
    is_sent: bool
    is_judged: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The results of a run, which took so many `seconds`.

    `exit_code` is 0 if the server conforms, 1 if it violates its contract, 3 if it could not be judged (`problem` is
    the reason), and 130 if the run was interrupted. `seed` is None for recorded traffic, where nothing is generated.
    `left_behind` lists the changes that could not be undone. `statuses` counts the responses by status. `coverage` is
    the share, from 0 to 1, of the documented responses (operation, status and media type) that the server sent. `notes`
    are sentences about the run that change no verdict, such as about waivers that are of no use. `normalisations` tell
    of each member that is not kept as it was sent.
    """

    url: str
    document: str
    verdict: Verdict
    exit_code: int
    clauses: tuple[ClauseResult, ...]
    readings: tuple[ReadingResult, ...]
    failures: tuple[Failure, ...]
    requests: int
    seconds: float
    seed: int | None
    problem: str = ""
    left_behind: tuple[str, ...] = ()
    statuses: Mapping[int, int] = field(default_factory=dict)
    operations: tuple[OperationResult, ...] = ()
    coverage: float = 1.0
    notes: tuple[str, ...] = ()
    normalisations: tuple[str, ...] = ()


def redacted(value: T, hide: Callable[[str], str]) -> T:
    """A copy of a result in which each text has gone through `hide`, the texts of lists and objects within it too."""
    return cast(T, _redacted(value, hide))


def _redacted(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, StrEnum) else hide(value)
    if isinstance(value, Mapping):
        return {_redacted(name, hide): _redacted(one, hide) for name, one in value.items()}
    if isinstance(value, list | tuple):
        items = [_redacted(one, hide) for one in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)  # a named tuple takes arguments
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _redacted(getattr(value, one.name), hide) for one in fields(value)})
    return value


def exit_code_of(interrupted: bool, failures: Iterable[Failure], problem: str) -> int:
    """The exit code of a run: a failure that is neither waived nor flaky counts more than a problem."""
    if interrupted:
        return 130
    if any(not (failure.waived or failure.flaky) for failure in failures):
        return 1
    return 3 if problem else 0


def verdict_of(exit_code: int) -> Verdict:
    """The verdict of an exit code."""
    return {0: Verdict.CONFORMS, 1: Verdict.VIOLATES}.get(exit_code, Verdict.UNJUDGED)


def unmet_requirements(required: Iterable[str], known: Iterable[str], clauses: Iterable[ClauseResult]) -> str:
    """The problem of a run in which required clauses are not held, or an empty string; `all` requires each clause."""
    required = tuple(required)
    held = {clause.id for clause in clauses if clause.status is ClauseStatus.HELD}
    missing = [id for id in (known if "all" in required else required) if id not in held]
    return f"required and not held: {listed(missing, _MOST_MISSING)}" if missing else ""


def listed(texts: Sequence[str], most: int) -> str:
    """Texts behind each other, and how many more there are than a reader takes in."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
