"""Fault plans: rules with the number of requests that each has counted, and their effect on an outcome.

The model is pure, so the usual outcome of a request is worked out first. A fault before the commit takes its changes
away; one after the commit leaves them and changes the response alone.

Chance is drawn from the seed and name of a rule and the number of the request, so that the same requests meet the same
faults in every run, and in every process that shares the state.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from random import Random
from typing import NamedTuple

from lookalike.codecs.json_text import to_json
from lookalike.codecs.media_types import is_json
from lookalike.contract.responses import response_for
from lookalike.faults.rules import AFTER_COMMIT, MAX_DELAY, REAL, Fault, FaultRule
from lookalike.http import Request, Response, Transmission
from lookalike.json_values import ABSENT
from lookalike.model.behaviour import Model
from lookalike.model.response.outcome import BODILESS, Outcome
from lookalike.readings import Choose

FIELD = "Lookalike-Fault"
"""The header field that asks for a fault, and names it in the response."""

ON_REQUEST = "on-request"
"""The name of the fault that a request asks for itself."""

_MAX_TOKENS = 1000  # whose requests are counted apart


class Counter(NamedTuple):
    """The number of requests that a rule has counted: all of them, or in a window of a rate limit the present one's."""

    requests: int = 0
    window: int = 0


Counts = Mapping[str, Counter]
"""The counters of rules by name; those that count each token apart have one by name and hash of the token."""

NO_COUNTS: Counts = {}


class FaultPlan(NamedTuple):
    """The rules of a sandbox, with their counters."""

    rules: tuple[FaultRule, ...] = ()
    counts: Counts = NO_COUNTS


class _DueFault(NamedTuple):
    """A fault that applies to a request, with the name of its rule and the number of the request there."""

    name: str
    fault: Fault
    random: Random


class Arrival(NamedTuple):
    """A request as rules see it: its time, the operation that it is for, and its credentials."""

    at: float
    operation: str
    credentials: str


class Injection(NamedTuple):
    """An outcome with its faults, and the plan after it."""

    outcome: Outcome
    plan: FaultPlan


class FaultInjector:
    """Changes the outcomes of a model by rules; `choose` decides its readings."""

    def __init__(self, model: Model, choose: Choose) -> None:
        self._model = model
        self._choose = choose

    def inject(self, plan: FaultPlan, request: Request, outcome: Outcome, asked: Fault = REAL) -> Injection:
        """The outcome of a request with the fault that it asks for itself and those that are due by the rules."""
        arrival = Arrival(request.at, outcome.operation, self._model.credentials_of(request, self._choose))
        counts = dict(plan.counts)
        due: list[_DueFault] = []
        fields: list[tuple[str, str]] = []
        if asked is not REAL:
            due.append(_DueFault(ON_REQUEST, asked, Random(request.path)))  # noqa: S311  # a delay is not a secret
        for rule in (rule for rule in plan.rules if _is_counted(rule, arrival)):
            counter = _count(rule, arrival, counts)
            fault = _fault_of(rule, counter)
            if fault is not REAL:
                random = _random(rule, counter.requests, "latency")
                due.append(_DueFault(rule.name, _in_time(rule, fault, arrival.at), random))
            if rule.limit is not None:
                fields += _limit_fields(rule, counter, arrival.at)
        return Injection(self._apply(due, outcome, tuple(fields)), plan._replace(counts=counts))

    def _apply(self, due: list[_DueFault], outcome: Outcome, fields: tuple[tuple[str, str], ...]) -> Outcome:
        usual, answering = outcome, next((one for one in due if one.fault.status or one.fault.reset), None)
        if answering is not None:
            outcome = self._answered(answering, outcome)
        is_committed = answering is None or answering.fault.at == AFTER_COMMIT
        response = outcome.response
        names = dict.fromkeys(one.name for one in due)
        told = ((FIELD, ", ".join(names)),) if names else ()
        response = response._replace(headers=(*response.headers, *fields, *told))
        for one in due:
            response = _deformed(response, one)
        return outcome._replace(response=response, usual=usual if is_committed and due else None)

    def _answered(self, due: _DueFault, outcome: Outcome) -> Outcome:
        """The outcome with an error or a reset in the place of its response."""
        name, fault, _ = due
        changes = outcome.changes if fault.at == AFTER_COMMIT else ()
        answer = self._reset(name, fault, outcome) if fault.reset else self._forced(name, fault, outcome.operation)
        return answer._replace(changes=changes, operation=outcome.operation)

    def _reset(self, name: str, fault: Fault, outcome: Outcome) -> Outcome:
        """A reset: of the usual answer after the commit; before it, of an error that stands for none in the journal."""
        if fault.at != AFTER_COMMIT:
            text = f"the fault {name} resets the connection"
            outcome = self._model.forced(outcome.operation, 503, text, self._choose)
        return outcome._replace(response=outcome.response._replace(transmission=Transmission(is_reset=True)))

    def _forced(self, name: str, fault: Fault, operation: str) -> Outcome:
        text = "the token has expired" if fault.expired else f"the fault {name} answers {fault.status}"
        fields = fault.headers
        if fault.retry_after is not None:
            fields = (*fields, ("Retry-After", str(fault.retry_after)))
        if fault.expired and not any(field.lower() == "www-authenticate" for field, _ in fields):
            fields = (*fields, ("WWW-Authenticate", 'Bearer error="invalid_token"'))
        outcome = self._model.forced(operation, fault.status, text, self._choose, fields)
        if fault.body is ABSENT or fault.status in BODILESS:
            return outcome
        return outcome._replace(response=self._with_body(outcome.response, fault, operation))

    def _with_body(self, response: Response, fault: Fault, operation: str) -> Response:
        """The response with the body of a fault: as JSON, unless it is a text of another media type."""
        media_type = next((text for name, text in fault.headers if name.lower() == "content-type"), "")
        if not media_type:
            found = next((one for one in self._model.contract.operations if one.id == operation), None)
            documented = response_for(found.responses, str(fault.status)) if found is not None else None
            media_type = (documented.media_type if documented is not None else "") or "application/json"
        as_text = isinstance(fault.body, str) and not is_json(media_type)
        body = str(fault.body).encode() if as_text else to_json(fault.body)
        others = (field for field in response.headers if field[0].lower() != "content-type")
        return response._replace(headers=(("Content-Type", media_type), *others), body=body)


# --- Which requests a rule applies to ---


def _is_counted(rule: FaultRule, arrival: Arrival) -> bool:
    return (
        rule.operation in ("", arrival.operation)
        and rule.token in ("", arrival.credentials)
        and (rule.start is None or rule.start <= arrival.at)
        and (rule.until is None or arrival.at < rule.until)
    )


def _count(rule: FaultRule, arrival: Arrival, counts: dict[str, Counter]) -> Counter:
    """Count a request, and the counter after it; it restarts in each window of a rate limit."""
    key = rule.name
    if rule.each_token:
        key = f"{rule.name} {sha256(arrival.credentials.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    window = int(arrival.at // rule.limit.window) if rule.limit is not None else 0
    before = counts.pop(key, Counter())
    if rule.each_token:
        _make_room(rule.name, counts)
    counter = Counter(before.requests + 1 if before.window == window else 1, window)
    counts[key] = counter  # at the end, so that the oldest of many tokens comes first
    return counter


def _make_room(name: str, counts: dict[str, Counter]) -> None:
    """Forget the token that was seen longest ago, where there are too many."""
    keys = [key for key in counts if key.startswith(f"{name} ")]
    if len(keys) >= _MAX_TOKENS:
        del counts[keys[0]]


def _fault_of(rule: FaultRule, counter: Counter) -> Fault:
    """The fault that a rule has for the request that it counted last."""
    number = counter.requests
    if rule.answers:
        index = (number - 1) % len(rule.answers) if rule.repeat else number - 1
        return rule.answers[index] if index < len(rule.answers) else REAL
    applies = (
        (rule.rate is None or _random(rule, number, "rate").random() < rule.rate)
        and (rule.every is None or number % rule.every == 0)
        and (rule.first is None or number <= rule.first)
        and (rule.after is None or number > rule.after)
        and (rule.limit is None or number > rule.limit.requests)
    )
    return rule.fault if applies else REAL


def _random(rule: FaultRule, number: int, purpose: str) -> Random:
    return Random(f"{rule.seed} {rule.name} {number} {purpose}")  # noqa: S311  # repeatable, and no secret


def _in_time(rule: FaultRule, fault: Fault, at: float) -> Fault:
    """The fault with the time after which its cause is over, where it tells clients to wait and has no other."""
    if fault.retry_after is not None or fault.status not in (429, 503):
        return fault
    if rule.limit is not None:
        return replace(fault, retry_after=_rest_of_window(rule.limit.window, at))
    return fault if rule.until is None else replace(fault, retry_after=math.ceil(rule.until - at))


def _rest_of_window(window: int, at: float) -> int:
    return max(1, math.ceil(window - at % window))


def _limit_fields(rule: FaultRule, counter: Counter, at: float) -> list[tuple[str, str]]:
    """`RateLimit-Policy` and `RateLimit`, as in draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4."""
    limit = rule.limit
    if limit is None:
        return []
    left = max(0, limit.requests - counter.requests)
    return [
        ("RateLimit-Policy", f'"{rule.name}";q={limit.requests};w={limit.window}'),
        ("RateLimit", f'"{rule.name}";r={left};t={_rest_of_window(limit.window, at)}'),
    ]


# --- The effect of a fault on a response ---


def _deformed(response: Response, due: _DueFault) -> Response:
    """The response later, slower, shorter, or with a body that is broken."""
    fault = due.fault
    if fault.latency is not None:
        response = response._replace(delay=min(response.delay + fault.latency.draw(due.random), MAX_DELAY))
    if fault.malformed:
        response = response._replace(body=_malformed(response.body))
    transmission = response.transmission
    if (fault.truncate is None and not fault.dribble) or (transmission is not None and transmission.is_reset):
        return response
    before = transmission or Transmission()
    length = before.length if fault.truncate is None else min(fault.truncate, len(response.body))
    return response._replace(transmission=Transmission(length, max(before.duration, fault.dribble)))


def _malformed(body: bytes) -> bytes:
    """A body that is not JSON any more: without its last character, or with one that closes nothing."""
    bare = body.rstrip()
    return bare[:-1] if bare[-1:] in (b"}", b"]", b'"') and len(bare) > 1 else bare + b"}" if bare else body
