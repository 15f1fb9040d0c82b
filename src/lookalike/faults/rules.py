"""Fault rules as values, and how they are read: which requests a rule is about, when it applies, and what it does.

A rule is written as an object, in a file, in a request to the control API, or in the header field of one request. Its
members are those of the table at the end of this module.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import DocumentedResponse, response_for
from lookalike.durations import seconds_of
from lookalike.errors import UsageError
from lookalike.json_values import ABSENT

MAX_DELAY = 60.0
"""The longest delay of a response, in seconds."""

AFTER_COMMIT = "after-commit"
_MOMENTS = ("before-commit", AFTER_COMMIT)
_REAL = "real"
_MAX_RULES = 100
_MAX_ANSWERS = 1000
_MAX_NUMBER = 10**9
_IS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z").match
_IS_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z").match
_IS_FIELD_VALUE = re.compile(r"[ -~]{0,1000}\Z").match
# Those frame the message: a wrong one would change where the response ends, for which `truncate` is there.
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "date"})


@dataclass(frozen=True, slots=True)
class UniformLatency:
    """A delay from `low` to `high` seconds; a fixed one where both are equal."""

    low: float
    high: float

    def draw(self, random: Random) -> float:
        """A delay in seconds."""
        return random.uniform(self.low, self.high)


@dataclass(frozen=True, slots=True)
class LognormalLatency:
    """A delay of `median` seconds, with the long tail of real networks: its logarithm has the deviation `sigma`."""

    median: float
    sigma: float

    def draw(self, random: Random) -> float:
        """A delay in seconds."""
        return min(random.lognormvariate(math.log(self.median), self.sigma), MAX_DELAY)


Latency = UniformLatency | LognormalLatency


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit of so many requests in a window of so many seconds; further ones are refused."""

    requests: int
    window: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A deviation from the usual answer to one request.

    A `status` of 0 leaves the answer as it is. `at` tells whether a reset or an error comes before or after the changes
    of the request are committed. `truncate` is the number of bytes of the body that are sent, and `dribble` the seconds
    that it takes to send it. With `expired`, the credentials are refused as expired.
    """

    status: int = 0
    body: Any = ABSENT
    headers: tuple[tuple[str, str], ...] = ()
    retry_after: int | None = None
    expired: bool = False
    reset: bool = False
    at: str = _MOMENTS[0]
    truncate: int | None = None
    dribble: float = 0.0
    malformed: bool = False
    latency: Latency | None = None
    deliberate: bool = False


REAL = Fault()
"""No fault: the usual answer."""


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A rule: the requests that it counts, those of them to which it applies, and the fault.

    `operation` is the id of an operation, empty for all requests; `token` and `sandbox` narrow it down likewise.
    `start` and `until` are times in seconds since 1970. Of the counted requests it applies to a `rate`, to `every` so
    many-th, to the `first` ones, or to those `after` so many. With `each_token`, those with each token are counted by
    themselves. A scenario has `answers`: the faults of the first requests, one after the other, and again from the
    beginning where it is to `repeat`.
    """

    name: str
    fault: Fault
    operation: str = ""
    token: str = ""
    sandbox: str = ""
    start: float | None = None
    until: float | None = None
    rate: float | None = None
    every: int | None = None
    first: int | None = None
    after: int | None = None
    each_token: bool = False
    limit: RateLimit | None = None
    answers: tuple[Fault, ...] = ()
    repeat: bool = False
    seed: int = 0


def read_rules(data: Any, contract: Contract, source: str) -> tuple[FaultRule, ...]:
    """The rules by their names, checked against a contract.

    Raises `UsageError` with the source and the place in it for what is not a rule, names no operation, or forces a body
    that the document does not allow and that is not marked as deliberate.
    """
    if not isinstance(data, Mapping):
        raise UsageError(f"{source}: expected rules by name, as in `lost: {{every: 3, reset: true}}`")
    if len(data) > _MAX_RULES:
        raise UsageError(f"{source}: there may be at most {_MAX_RULES} rules, and these are {len(data)}")
    return tuple(_read_rule(name, raw, contract, source) for name, raw in data.items())


def read_fault(text: str) -> Fault:
    """The fault in a header field, such as `status=503; at=after-commit`; raises `UsageError`."""
    raw: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in re.split("[;,]", text))):
        name, equals, value = part.partition("=")
        raw[name.strip()] = _from_text(value.strip()) if equals else True
    unknown = next((name for name in raw if name not in _IN_HEADER), None)
    if unknown is not None or not raw:
        raise UsageError(f"Lookalike-Fault: {unknown or text!r} is no fault; write one of {', '.join(_IN_HEADER)}")
    return _fault(_members(raw, "Lookalike-Fault"), "Lookalike-Fault")


def _from_text(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text.strip('"')


def _read_rule(name: Any, raw: Any, contract: Contract, source: str) -> FaultRule:
    where = f"{source} (#/{name})"
    if not isinstance(name, str) or not _IS_NAME(name):
        raise UsageError(f"{where}: a rule is named by 1 to 64 letters, digits, dots, hyphens and underscores")
    if not isinstance(raw, Mapping):
        raise UsageError(f"{where}: expected an object, as in `{{every: 3, reset: true}}`")
    members = _members(raw, where)
    choosing = [one for one in _CHOOSING if one in members]
    if len(choosing) > 1:
        raise UsageError(f"{where}: {' and '.join(choosing)} exclude each other")
    answers = members.pop("answers", ())
    scenario = tuple(_answer(answer, f"{where[:-1]}/answers/{index})") for index, answer in enumerate(answers))
    rule = {one: members.pop(one) for one in _OF_RULES if one in members}
    fault = _limited(members) if "limit" in rule else members
    if scenario and (fault or choosing):
        raise UsageError(f"{where}: {next(iter((*fault, *choosing)))} goes into the answers of a scenario, not beside")
    operation = _operation(rule.pop("operation", ""), contract, where)
    made = FaultRule(
        name,
        REAL if scenario else _fault(fault, where),
        operation.id if operation else "",
        answers=scenario,
        **rule,
    )
    _check_bodies(made, (operation,) if operation else contract.operations, where)
    return made


def _limited(members: Mapping[str, Any]) -> dict[str, Any]:
    """The fault of a rate limit, which is 429 (RFC 6585 section 4) unless the rule has another status."""
    return {"status": 429, **members}


def _answer(raw: Any, where: str) -> Fault:
    """An answer of a scenario: a status, an object, or `real`."""
    if raw == _REAL:
        return REAL
    members = _members({"status": raw} if isinstance(raw, int) else raw, where)
    foreign = next((name for name in members if name not in _DOING and name not in _BESIDE), None)
    if foreign is not None:
        raise UsageError(f"{where}: {foreign} is of the whole rule, not of one answer")
    return _fault(members, where)


def _members(raw: Any, where: str) -> dict[str, Any]:
    """The members of a rule, read by the table."""
    if not isinstance(raw, Mapping):
        raise UsageError(f"{where}: expected a status, `real`, or an object like {{status: 503, retry_after: 1}}")
    found = {}
    for name, value in raw.items():
        if name not in _MEMBERS:
            raise UsageError(f"{where}: there is no member {str(name)[:40]!r}; there are: {', '.join(_MEMBERS)}")
        read, expected, field = _MEMBERS[name]
        try:
            found[field] = read(value)
        except (TypeError, ValueError):
            raise UsageError(f"{where}: {name} must be {expected}") from None
    return found


def _fault(members: Mapping[str, Any], where: str) -> Fault:
    fault = Fault(**members)
    if replace(fault, at=REAL.at, deliberate=False) == REAL:
        raise UsageError(f"{where}: it does nothing; add one of {', '.join(_DOING)}")
    if fault.status == 0 and not fault.expired:
        alone = next((name for name in ("body", "headers", "retry_after") if name in members), None)
        if alone is not None:
            raise UsageError(f"{where}: {alone} needs a status")
    for one, other in _EXCLUSIVE:
        if one in members and other in members and members[one] is not False and members[other] is not False:
            raise UsageError(f"{where}: {one} and {other} exclude each other")
    return replace(fault, status=401) if fault.expired else fault


def _operation(text: str, contract: Contract, where: str) -> Operation | None:
    """The operation of an id, or of a method and path."""
    if not text:
        return None
    for operation in contract.operations:
        if text in (operation.id, f"{operation.method} {operation.path}"):
            return operation
    known = ", ".join(operation.name for operation in contract.operations[:5])
    raise UsageError(f"{where}: there is no operation {text[:80]!r}; there are: {known}")


def _check_bodies(rule: FaultRule, operations: Iterable[Operation], where: str) -> None:
    """Raise `UsageError` if a forced body breaks the contract of each operation that it is for."""
    for fault in (rule.fault, *rule.answers):
        if fault.body is ABSENT or fault.deliberate:
            continue
        remedy = "Mark it with `deliberate: true` to send it all the same"
        responses = [(one, response_for(one.responses, str(fault.status))) for one in operations]
        documented = [(one, response) for one, response in responses if response is not None]
        if not documented:
            raise UsageError(f"{where}: no operation that it is for documents the status {fault.status}", remedy)
        for operation, response in documented:
            why = _misfit(response, fault.body)
            if why:
                raise UsageError(f"{where}: the body breaks the contract of {operation.name}: {why}", remedy)


def _misfit(response: DocumentedResponse, body: Any) -> str:
    """The reason why a body is none of a documented response; empty if it is one."""
    if not response.content:
        return f"the {response.status} that is documented has no body"
    schema = response.schema
    violation = next(schema.violations(body, "body", "the body"), None) if schema is not None else None
    return "" if violation is None else violation.message


# --- The members of a rule ---


def _integer(low: int, high: int = _MAX_NUMBER) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError
        return value

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _anything(value: Any) -> Any:
    return value


def _rate(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _moment(value: Any) -> str:
    if value not in _MOMENTS:
        raise ValueError
    return str(value)


def _duration(value: Any) -> float:
    seconds = seconds_of(value)
    if seconds is None or seconds > MAX_DELAY:
        raise ValueError
    return seconds


def _window(value: Any) -> int:
    seconds = seconds_of(value)
    if seconds is None or seconds < 1 or seconds != int(seconds):
        raise ValueError
    return int(seconds)


def _latency(value: Any) -> Latency:
    match value:
        case str():
            return UniformLatency(_duration(value), _duration(value))
        case {"uniform": [low, high], **others} if not others and _duration(low) <= _duration(high):
            return UniformLatency(_duration(low), _duration(high))
        case {"lognormal": {"median": median, "sigma": int() | float() as sigma, **rest}, **others}:
            if not rest and not others and _duration(median) > 0 and 0 <= sigma <= 5:
                return LognormalLatency(_duration(median), float(sigma))
    raise ValueError


def _limit(value: Any) -> RateLimit:
    match value:
        case {"requests": requests, "per": per, **others} if not others:
            return RateLimit(_integer(1)(requests), _window(per))
    raise ValueError


def _fields(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        raise ValueError
    for name, text in value.items():
        if not _IS_FIELD_NAME(name) or not _IS_FIELD_VALUE(text) or name.lower() in _FRAMING:
            raise ValueError
    return tuple(value.items())


def _time(value: Any) -> float:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _answers(value: Any) -> list[Any]:
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_ANSWERS:
        raise ValueError
    return value


_TRUTH = "true or false"
_COUNT = f"a whole number from 1 to {_MAX_NUMBER}"
_TIME = "a time like 2030-01-01T00:00:00Z"
_LATENCIES = (
    f"a span of time like 200ms of at most {MAX_DELAY:g}s, {{uniform: [LOW, HIGH]}}, "
    "or {lognormal: {median: TIME, sigma: NUMBER}}"
)
# Each member of a rule, with its reader, its description for messages, and the field of the value that it becomes.
_MEMBERS: Mapping[str, tuple[Callable[[Any], Any], str, str]] = {
    "operation": (_text, "the operationId of an operation, or its method and path", "operation"),
    "token": (_text, "a token, an API key, or NAME:PASSWORD", "token"),
    "sandbox": (_text, "the name of a sandbox", "sandbox"),
    "from": (_time, _TIME, "start"),
    "until": (_time, _TIME, "until"),
    "rate": (_rate, "a number from 0 to 1", "rate"),
    "every": (_integer(1), _COUNT, "every"),
    "first": (_integer(1), _COUNT, "first"),
    "after": (_integer(0), f"a whole number from 0 to {_MAX_NUMBER}", "after"),
    "each_token": (_truth, _TRUTH, "each_token"),
    "limit": (_limit, "like {requests: 10, per: 60s}, with one request or more and in whole seconds", "limit"),
    "answers": (_answers, f"a list of 1 to {_MAX_ANSWERS} answers, as in [503, real]", "answers"),
    "repeat": (_truth, _TRUTH, "repeat"),
    "seed": (_integer(0), "a whole number", "seed"),
    "status": (_integer(200, 599), "a status from 200 to 599", "status"),
    "body": (_anything, "a JSON value", "body"),
    "headers": (_fields, "header fields by name, none of which frames the message", "headers"),
    "retry_after": (_integer(0), "a whole number of seconds", "retry_after"),
    "expired": (_truth, _TRUTH, "expired"),
    "reset": (_truth, _TRUTH, "reset"),
    "at": (_moment, " or ".join(_MOMENTS), "at"),
    "truncate": (_integer(0), "a number of bytes", "truncate"),
    "dribble": (_duration, f"a span of time, like 2s, of at most {MAX_DELAY:g}s", "dribble"),
    "malformed": (_truth, _TRUTH, "malformed"),
    "latency": (
        _latency,
        _LATENCIES,
        "latency",
    ),
    "deliberate": (_truth, _TRUTH, "deliberate"),
}
_CHOOSING = ("rate", "every", "first", "after", "limit")
_DOING = ("status", "expired", "reset", "truncate", "dribble", "malformed", "latency", "limit", "answers")
_BESIDE = ("body", "headers", "retry_after", "at", "deliberate")
# A connection that is reset carries no answer.
_EXCLUSIVE = (
    ("status", "expired"),
    *(("reset", one) for one in ("status", "expired", "truncate", "dribble", "malformed")),
)
_OF_RULES = tuple(one.name for one in fields(FaultRule) if one.name not in ("name", "fault", "answers"))
_IN_HEADER = ("status", "retry_after", "expired", "reset", "at", "truncate", "dribble", "malformed", "latency")
