"""Answers: the documented body of a status, with the true reason where it has room for one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from lookalike.contract.choices import Choose, Chosen, Fixed, Policy
from lookalike.contract.contract import Answer, Contract, Operation
from lookalike.contract.expressions import ABSENT
from lookalike.contract.schemas import Violation
from lookalike.http import Response
from lookalike.model.reasons import filled, problem
from lookalike.model.state import Change

JSON = "application/json"
PROBLEM = "application/problem+json"
UNFIT = "the documented example is answered, since what is remembered does not fit the documented schema"
_LONGEST_FIELD = 1000


class Outcome(NamedTuple):
    """What the model decided: the answer, what changes, what did not fit, and the clauses and readings behind it."""

    response: Response
    changes: tuple[Change, ...] = ()
    violations: tuple[Violation, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    operation: str = ""


class Reason(NamedTuple):
    """Why an answer is what it is: in sentences, by which clauses and readings."""

    texts: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()


Fields = tuple[tuple[str, str], ...]
Render = Callable[[Mapping[str, Any], Choose], bytes]


class Answers:
    """Makes the answers of one operation, or those outside of all operations."""

    def __init__(self, contract: Contract, operation: Operation | None) -> None:
        self._contract = contract
        self._operation = operation.id if operation else ""
        documented = operation.answers if operation else {}
        self._documented = {status: _compile(answer, contract.members) for status, answer in documented.items()}
        self._answers = documented
        self._asked = {status: _readings_behind(answer, contract.members) for status, answer in documented.items()}
        self._asked_otherwise = tuple(_readings_in(contract.errors.body if contract.errors else None))
        self._usual: dict[tuple[object, ...], Outcome] = {}

    def usual(self, status: str, reason: Reason, choose: Choose, more: Fields = ()) -> Outcome:
        """A documented answer whose reason is one of a few, made once for each under each choice."""
        choices = tuple(map(choose, self._asked.get(status, self._asked_otherwise)))
        key = (status, reason.texts, reason.clauses, more, choices)
        outcome = self._usual.get(key)
        if outcome is None:
            outcome = self._usual[key] = self.documented(status, reason, choose, more)
        return outcome

    def documented(self, status: str, reason: Reason, choose: Choose, more: Fields = ()) -> Outcome:
        """The documented answer of a status, or the error body for those that have none."""
        if status not in self._documented:
            return self.undocumented(int(status), reason, choose, more)
        answer = self._answers[status]
        values = self._values(answer.status, reason, choose)
        told = _told(answer, values["$answer.reasons"], reason.violations) if reason.violations else None
        body = told if told is not None else self._documented[status](values, choose)
        return self._outcome(answer.status, body, self._headers(answer.media_type, more, reason, choose), reason)

    def made(self, status: str, value: Any, reason: Reason, choose: Choose, more: Fields = ()) -> Outcome:
        """A documented answer whose body is a value; the usual one where that does not fit its schema."""
        answer = self._answers[status]
        if answer.schema is None or value is ABSENT:
            return self.usual(status, reason, choose, more)
        if not answer.schema.accepts(value):
            return self.documented(status, reason._replace(texts=(*reason.texts, UNFIT)), choose, more)
        headers = self._headers(answer.media_type, more, reason, choose)
        return self._outcome(answer.status, _dump(value), headers, reason)

    def undocumented(self, status: int, reason: Reason, choose: Choose, more: Fields = ()) -> Outcome:
        """An error that the document does not describe: in its own words, or as problem details (RFC 9457)."""
        values = self._values(status, reason, choose)
        errors = self._contract.errors
        if errors is not None:
            media_type, body = errors.media_type, _fill(errors.body, values, choose)
        else:
            media_type, body = PROBLEM, problem(status, reason.texts, reason.violations)
        return self._outcome(status, _dump(body), self._headers(media_type, more, reason, choose), reason)

    def example(self, status: str, name: str) -> bytes:
        """A documented example as it stands."""
        return _dump(self._answers[status].examples[name])

    def explain(self, reason: Reason, choose: Choose) -> Fields:
        """The header fields that say why."""
        why = "; ".join((*reason.texts, *self._hints(reason.readings, choose)))
        return (("Lookalike-Clause", ", ".join(reason.clauses) or "none"), ("Lookalike-Reason", visible(why)))

    def _values(self, status: int, reason: Reason, choose: Choose) -> dict[str, Any]:
        texts = [*reason.texts]
        if reason.readings and texts:
            texts[-1] += f" ({'; '.join(self._hints(reason.readings, choose))})"
        return {
            "$answer.status": status,
            "$answer.reason": "; ".join(texts),
            "$answer.reasons": texts,
            "$answer.operation": self._operation,
        }

    def _hints(self, readings: Sequence[str], choose: Choose) -> list[str]:
        """Which reading an answer rests on, and what else could be chosen."""
        return [self._hint(reading, choose(reading)) for reading in readings]

    def _hint(self, reading: str, choice: str) -> str:
        others = self._contract.readings[reading].alternatives(choice)
        switch = f"; to switch: --reading {reading}={', or '.join(others)}" if others else ""
        return f"by reading {reading}={choice}{switch}"

    def _outcome(self, status: int, body: bytes, headers: Fields, reason: Reason) -> Outcome:
        response = Response(status, headers, body)
        return Outcome(response, (), reason.violations, reason.clauses, reason.readings, self._operation)

    def _headers(self, media_type: str, more: Fields, reason: Reason, choose: Choose) -> Fields:
        content = (("Content-Type", media_type),) if media_type else ()
        return (*content, *more, *self.explain(reason, choose))


def visible(text: str) -> str:
    """The text as a header field may hold it: visible ASCII, the rest escaped, cut where it is very long."""
    ascii_only = text.encode("ascii", "backslashreplace").decode()
    escaped = "".join(c if " " <= c <= "~" else repr(c)[1:-1] for c in ascii_only)
    return escaped if len(escaped) <= _LONGEST_FIELD else escaped[: _LONGEST_FIELD - 3] + "..."


def _readings_behind(answer: Answer, members: Policy[Mapping[str, Any]]) -> tuple[str, ...]:
    """The readings that the body of an answer depends on."""
    choice = (members.reading,) if isinstance(members, Chosen) else ()
    return tuple(dict.fromkeys((*choice, *_readings_in(_template(answer)), *_readings_in(list(members.values)))))


def _readings_in(template: Any) -> Iterator[str]:
    if isinstance(template, list):
        for item in template:
            yield from _readings_in(item)
    elif isinstance(template, Mapping):
        if template.keys() == {"reading", "choices"}:
            yield template["reading"]
        for member in template.values():
            yield from _readings_in(member)


def _template(answer: Answer) -> Any:
    """What the body of an answer is made of: its template, else its first example."""
    return answer.template if answer.template is not None else next(iter(answer.examples.values()), None)


def _told(answer: Answer, texts: Sequence[str], violations: Sequence[Violation]) -> bytes | None:
    """The documented body with what is wrong in it; None where it has no room for that, or has a template."""
    if answer.template is not None or answer.schema is None:
        return None
    body = filled(answer.schema, _template(answer), answer.status, texts, violations)
    return None if body is None else _dump(body)


def _compile(answer: Answer, members: Policy[Mapping[str, Any]]) -> Render:
    """The function that makes a body; one that holds no places to fill is made once."""
    template = _template(answer)
    if template is None:
        return lambda values, choose: b""
    if _has_places(template) or any(_has_places(more) for more in members.values):
        return lambda values, choose: _dump(_with_members(_fill(template, values, choose), members, values, choose))
    if isinstance(members, Fixed):
        body = _dump(_extended(template, members.value))
        return lambda values, choose: body
    bodies = {choice: _dump(_extended(template, more)) for choice, more in members.by_choice.items()}
    return lambda values, choose: bodies[choose(members.reading)]


def _with_members(body: Any, members: Policy[Mapping[str, Any]], values: Mapping[str, Any], choose: Choose) -> Any:
    return _extended(body, _fill(members.under(choose), values, choose))


def _extended(body: Any, more: Mapping[str, Any]) -> Any:
    return {**body, **more} if isinstance(body, dict) else body


def _fill(template: Any, values: Mapping[str, Any], choose: Choose) -> Any:
    """The template with its places filled, and the parts that a reading chooses chosen."""
    if isinstance(template, str):
        return values.get(template, template)
    if isinstance(template, list):
        return [_fill(item, values, choose) for item in template]
    if not isinstance(template, Mapping):
        return template
    if template.keys() == {"reading", "choices"}:
        return _fill(template["choices"][choose(template["reading"])], values, choose)
    return {name: _fill(member, values, choose) for name, member in template.items()}


def _has_places(template: Any) -> bool:
    if isinstance(template, Mapping):
        return template.keys() == {"reading", "choices"} or any(map(_has_places, template.values()))
    if isinstance(template, list):
        return any(map(_has_places, template))
    return isinstance(template, str) and template.startswith("$answer.")


def _dump(value: Any) -> bytes:
    return orjson.dumps(value)
