"""Probes: scripts of requests whose answers differ between the choices of an open reading, the harmless ones first.

They are searched for, never listed: a probe is a story on which the model answers, or leaves the items, differently
under two choices that are both still possible.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from lookalike.contract.contract import Contract
from lookalike.contract.semantics import Merge, Step
from lookalike.http import Request
from lookalike.readings import Choose, Reading
from lookalike.verify.oracle.session import Session
from lookalike.verify.oracle.worlds import (
    Exploration,
    Unpredictable,
    World,
    WorldItems,
    WorldState,
    apply_changes,
    distinct,
    possible_answers,
)
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.runner.scripts import source_of

_UNKNOWN_TAG = 79_999_999
_NOT_A_DOUBLE = 2**53 + 1
_ODD_TAGS: tuple[list[Any], ...] = ([0], [-1], [1.5], [10**16], [_NOT_A_DOUBLE])


class Probe(NamedTuple):
    """A script that decides a reading. Its last request is sent three times, and must get the same answer each time.

    A `doubtful` probe may decide a reading, but never shows a violation.
    """

    reading: str
    requests: tuple[Request, ...]
    doubtful: bool = False


def probes(
    compose: RequestBuilder, session: Session, home: WorldItems, readings: Mapping[str, Reading]
) -> Iterator[Probe]:
    """A probe for each reading that is still open, then probes for readings that can only be decided together."""
    questions = session.setting.questions
    explored = [
        (story, Exploration(questions, partial(_visible_results, session, home, story)))
        for story in sorted(_stories(compose), key=len)
    ]

    def left(id: str) -> tuple[str, ...]:
        return possible_answers(session.worlds, questions, id)

    for id in (*readings, *readings):  # twice, since one decided reading may make a probe for another possible
        before: tuple[str, ...] = ()
        while len(left(id)) > 1 and left(id) != before:
            before = left(id)
            found = next((story for story, results in explored if _tells_apart(session, results, id, before)), None)
            if found is not None:
                yield _with_last_repeated(id, found)
    for story, results in explored:
        reading = _deciding_reading(session, results, readings)
        if reading is not None:
            yield _with_last_repeated(reading, story)
    for request in _doubtful(compose):
        results = Exploration(questions, partial(_visible_results, session, home, (request,)))
        reading = _deciding_reading(session, results, readings)
        if reading is not None:
            yield Probe(reading, (request,), doubtful=True)


def _with_last_repeated(reading: str, story: tuple[Request, ...]) -> Probe:
    return Probe(reading, (*story, *[story[-1]] * 2))


def sweep(compose: RequestBuilder) -> Iterator[tuple[Request, ...]]:
    """Every script that could be a probe: the choice that one of them decided must explain all the others."""
    return _stories(compose)


def _tells_apart(session: Session, results: Exploration[Any], id: str, left: tuple[str, ...]) -> bool:
    """Whether two choices of a reading lead to different visible results, in the first world that is left."""
    world = session.worlds[0]
    base = {question: answer for question, answer in world.choices.items() if question != id}
    values = [_results_under(session, {**base, id: choice}, results) for choice in left]
    return all(value is not None for value in values) and any(value != values[0] for value in values)


def _deciding_reading(session: Session, results: Exploration[Any], readings: Iterable[str]) -> str | None:
    """A reading on which the visible results of a script depend in the worlds that are left, or None."""
    known = distinct(World(world.choices, ()) for world in session.worlds)
    found = [branch for world in known for branch in results.under(world.choices)]
    if any(branch.value is None for branch in found):
        return None
    others = [branch.choices for branch in found if branch.value != found[0].value]
    return next((id for id in readings for other in others if other.get(id) != found[0].choices.get(id)), None)


def _results_under(session: Session, choices: Mapping[str, str], results: Exploration[Any]) -> Any:
    """The visible results of a script under some choices; every other question gets the first of its answers."""
    questions = session.setting.questions
    return results.value(lambda question: choices.get(question) or questions.answers(question)[0])


def _visible_results(session: Session, home: WorldItems, story: tuple[Request, ...], choose: Choose) -> Any:
    """The status, body shape and visible items after each request; None if the model needs an unknown value."""
    model, around = session.setting.model, session.setting.around
    items, seen = home, []
    for request in story:
        try:
            outcome = model.respond(WorldState(model, items, around, choose), request, choose)
        except Unpredictable:
            return None
        items = apply_changes(model, items, outcome.changes, choose)
        visible = session.visible(items) if session.observer is not None else None
        seen.append((outcome.response.status, _shape(outcome.response.body, model.contract), visible))
    return seen


def _shape(body: bytes, contract: Contract) -> Any:
    """The part of a body that a reading may decide: the types of its members, without wording and optional members."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    free = {name for more in contract.extra_members.values for name in more}
    return {name: type(member).__name__ for name, member in value.items() if name not in free}


def _stories(compose: RequestBuilder) -> Iterator[tuple[Request, ...]]:
    """Candidates: requests that differ from a plain one in one respect; those about data come after a preparation."""
    yield from (((request,)) for request in _harmless(compose))
    yield from (((request,)) for request in _changing(compose))
    yield from _fractional(compose)
    for step in compose.steps(Merge):
        source = source_of(step)
        key = compose.data_keys[0]
        for name, value in _reserved(compose, step):
            yield (compose.request(compose.first, {source: {key: 1, name: value}}),)
        for before, after in (({"a": 1}, {"b": 2}), (1, None), (1, {"a": None, "b": 2})):
            yield (
                compose.request(compose.first, {source: {key: before}}),
                compose.request(compose.first, {source: {key: after}}),
            )
    if compose.tags:
        for adder, taker in compose.sets:
            tag = list(compose.tags[:1])
            both = {**compose.base(), source_of(adder): tag, source_of(taker) or source_of(adder): tag}
            yield (compose.request(compose.first, both),)


def _reserved(compose: RequestBuilder, step: Step) -> Iterator[tuple[str, Any]]:
    """The reserved members of a step that may be written on this server, with their values.

    Where the target file does not limit the members, parts of the item's key are sent as they are: a server that takes
    them for those of the item itself changes nothing.
    """
    own = compose.move(compose.first).values() if compose.may_move else ()
    item = compose.usable.owned[0] if compose.usable.owned else {}
    for name in _reserved_names(step):
        if compose.usable.resettable or name in compose.usable.data_keys:
            yield name, 1
        elif not compose.usable.data_keys and item.get(name) in own:
            yield name, item[name]


def _reserved_names(step: Step) -> list[str]:
    """The members of an object that a reading excludes from it."""
    if not isinstance(step.action, Merge):
        return []
    return sorted({name for names in step.action.without.values for name in names})


def _odd_parts_of_a_move(compose: RequestBuilder) -> Iterator[tuple[str, Any]]:
    """Numbers in place of the parts of a key that some servers refuse: a fraction, a negative and a very long one."""
    if compose.mover is None:
        return
    for name, value in compose.move(compose.first).items():
        if isinstance(value, int):
            yield from ((name, odd) for odd in (value + 0.5, -1, _NOT_A_DOUBLE))


def _harmless(compose: RequestBuilder) -> Iterator[Request]:
    """Requests that change almost nothing under any choice."""
    base, first = compose.base(), compose.first
    absent = next(iter(compose.usable.absent), None)
    valid = {"Authorization": f"Bearer {compose.credentials.valid}"}
    typed = {**valid, **compose.json}
    untyped = ({**valid, "Content-Type": "text/plain"}, valid)
    if absent is not None:
        for headers in untyped:
            yield compose.request(absent, base, headers)
        yield compose.request(absent, b"")
        yield compose.request(absent, [])
        yield compose.request(absent, b"{")
        for adder, _ in compose.sets:
            for value in ("text", *_ODD_TAGS):
                yield compose.request(absent, {**base, source_of(adder): value})
        for name, value in _odd_parts_of_a_move(compose):
            yield compose.request(absent, {**base, name: value})
        for step in compose.steps(Merge):
            for name in _reserved_names(step):
                yield compose.request(absent, {source_of(step): {name: 1}})
        yield compose.request(absent, dict.fromkeys(base, "text"))
        yield compose.request(absent, b"{", dict(compose.json))
        yield compose.request(absent, base)._replace(method="GET", body=b"")
        for text in ("abc", "1.5", "007", "-5", "+91"):
            yield compose.request(text, base)
        yield compose.request("abc", base, dict(compose.json))
        yield compose.request(_NOT_A_DOUBLE, base)
        yield compose.request(10**15, base)
    yield compose.request(first, b"")
    yield compose.request(first, [])
    yield compose.request(first, {})
    yield compose.request(first, base, {**typed, "Accept": "text/html"})
    for headers in untyped:
        yield compose.request(first, base, headers)
        yield compose.request(first, dict.fromkeys(base, "text"), headers)  # whether a body of another type is read
    yield compose.request(first, base, {**typed, "Authorization": f"bearer {compose.credentials.valid}"})
    yield compose.request(first, base, {**typed, "Authorization": f"Bearer {compose.credentials.valid};"})
    for header in ("x-access-token", "access-token", "x-auth-token"):
        yield compose.request(first, base, {header: compose.credentials.valid, **compose.json})
    for item in compose.usable.owned[:1]:
        joined = "".join(str(item[field]) for field in ("country_code", compose.identity) if field in item)
        yield compose.request(joined, base)
    yield compose.request(str(first), base)


def _doubtful(compose: RequestBuilder) -> Iterator[Request]:
    """Requests with two faults. A reading says which one is refused first, but frameworks may mix the checks."""
    for headers in ({}, {"Content-Type": "text/plain"}):
        yield compose.request(compose.first, compose.base(), headers)
    yield compose.request(compose.first, b"", dict(compose.json))


def _changing(compose: RequestBuilder) -> Iterator[Request]:
    base, first = compose.base(), compose.first
    yield compose.request(first, {**base, "lookalike_unknown": 1})
    for step in compose.steps(Merge):
        source = source_of(step)
        yield compose.request(first, {source: {}})
    odd = _ODD_TAGS if compose.usable.resettable else ()
    for adder, taker in compose.sets:
        source = source_of(adder)
        for value in ([], None, list(compose.tags[:1]), [_UNKNOWN_TAG], *odd):
            yield compose.request(first, {source: value})
            yield compose.request(first, {**base, source: value})
        for value in _removable(compose) if taker else ():
            yield compose.request(first, {**base, source_of(taker): value})
    yield from _moving(compose)


def _fractional(compose: RequestBuilder) -> Iterator[tuple[Request, ...]]:
    """A part of the own key with a fraction, and then as it was: a server that rounds it has the right one again."""
    if not compose.may_move:
        return
    base, own = compose.base(), compose.move(compose.first)
    for name, value in own.items():
        if isinstance(value, int) and value != compose.first:
            bodies = ({**base, name: value + 0.5}, {**base, name: value})
            yield tuple(compose.request(compose.first, body) for body in bodies)


def _removable(compose: RequestBuilder) -> Iterator[list[Any]]:
    """Odd elements that may be removed from a set of any server, since no set has them."""
    yield from _ODD_TAGS
    yield [_UNKNOWN_TAG + 0.5]
    yield from ([tag + 0.5] for tag in compose.tags[:1] if isinstance(tag, int))  # where unknown ones are refused


def _moving(compose: RequestBuilder) -> Iterator[Request]:
    """Parts of a move; moves to the own key, to another key field alone, and to the key of another item."""
    if not compose.may_move:
        return
    base, first = compose.base(), compose.first
    own, spare = compose.move(first), compose.move(compose.usable.spare[0])
    for name, value in own.items():
        yield compose.request(first, {name: value})
        yield compose.request(first, {**base, name: value})
        yield compose.request(first, {**base, name: None})
        if value != first and isinstance(value, int):
            for other in (value + 1, 0) if compose.usable.resettable else () if compose.prefix else (value + 1,):
                yield compose.request(first, {**base, name: other})
    yield compose.request(first, {**base, **own})
    yield compose.request(first, {**dict.fromkeys(base), **own})
    for key in (*compose.owned[1:2], *([_NOT_A_DOUBLE] if compose.usable.resettable else ())):
        yield compose.request(first, {**base, **compose.move(key)})
    written = {
        name: json.dumps(value) + (".0" if value == compose.usable.spare[0] else "") for name, value in spare.items()
    }
    text = ", ".join(f'"{name}": {value}' for name, value in written.items())
    yield compose.request(first, f"{{{text}}}".encode())
