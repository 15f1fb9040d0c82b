"""The results of a run of `verify`, as values of which reports are made; `report.schema.json` describes their JSON."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, Literal, TypeVar, cast

T = TypeVar("T")


class ClauseStatus(StrEnum):
    """How a clause came out; only `held` is a pass. A `flaky` one was broken once, and not when it was tried again."""

    HELD = "held"
    VIOLATED = "violated"
    FLAKY = "flaky"
    NOT_OBSERVABLE = "not-observable"
    NOT_EXERCISED = "not-exercised"


class ReadingStatus(StrEnum):
    """What is known of a reading; `contradicted` tells of a server that keeps to none of its choices."""

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
    """A request in its parts, with placeholders for tokens; `encoding` is `base64` for a body that is no UTF-8."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    encoding: Literal["", "base64"] = ""


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """A request as a curl line with `$TOKEN` in place of tokens, and the answer to it; both without secrets."""

    curl: str
    request: str
    status: int
    response: str
    sent: RecordedRequest


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """How a clause came out: by how many requests, why not where it is not held, and what would change that.

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
    """What is known of a reading: its choice (or those left, joined with a bar), and the exchange that told."""

    id: str
    question: str
    status: ReadingStatus
    choice: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A broken clause: the shortest story that shows it (the last exchange is the one that breaks it).

    `expected` says what each world that was left would have answered or kept; `reproduced` of `attempts` replays
    from a fresh precondition failed too. `waived` holds the reason where the target file waives it; `known` the choices
    that were decided before. Of a `strange` story nothing is due but answers that are no 5xx. A story that
    follows what the server answers is told again by its `recipe`. A `flaky` failure did not come again, and does not
    fail the run.
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


@dataclass(frozen=True, slots=True)
class OperationResult:
    """Whether an operation was sent any request, and judged by any clause; `reason` says why not."""

    id: str
    method: str
    path: str
    is_sent: bool
    is_judged: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found.

    `exit_code` is 0 conforms, 1 violates, 3 could not be judged, 130 interrupted; `problem` says why it could not be
    judged; `left_behind` lists what could not be put back; `seconds` is how long it took. `coverage` is the share, from
    0 to 1, of the documented responses (operation, status and media type) that were answered.
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
    seed: int
    problem: str = ""
    left_behind: tuple[str, ...] = ()
    statuses: Mapping[int, int] = field(default_factory=dict)
    operations: tuple[OperationResult, ...] = ()
    coverage: float = 1.0


def redacted(value: T, hide: Callable[[str], str]) -> T:
    """A copy of a result in which each text has gone through `hide`, the texts of lists and objects within it too."""
    return cast(T, _redacted(value, hide))


def _redacted(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, StrEnum) else hide(value)
    if isinstance(value, Mapping):
        return {_redacted(name, hide): _redacted(one, hide) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_redacted(one, hide) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _redacted(getattr(value, one.name), hide) for one in fields(value)})
    return value


def exit_code_of(interrupted: bool, failures: Iterable[Failure], problem: str) -> int:
    """The exit code of a run: a failure that is neither waived nor flaky counts before the reason of a part judged."""
    if interrupted:
        return 130
    if any(not (failure.waived or failure.flaky) for failure in failures):
        return 1
    return 3 if problem else 0


def verdict_of(exit_code: int) -> Verdict:
    """The verdict that an exit code tells."""
    return {0: Verdict.CONFORMS, 1: Verdict.VIOLATES}.get(exit_code, Verdict.UNJUDGED)


def required_but_not_held(required: Iterable[str], known: Iterable[str], clauses: Iterable[ClauseResult]) -> str:
    """Which clauses had to be held and are not, in words, or nothing; `all` requires every clause that is known."""
    required = tuple(required)
    held = {clause.id for clause in clauses if clause.status is ClauseStatus.HELD}
    missing = [id for id in (known if "all" in required else required) if id not in held]
    return f"required and not held: {', '.join(missing)}" if missing else ""
