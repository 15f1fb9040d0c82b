"""The clause table: for every clause, stories that a server which breaks it cannot get through.

The stories are derived from what the contract declares (security, schemas, steps, properties), never written for one
API. What is due in each of their steps is the model's to say.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.contract.extension import Merge, Set, Step, Subtract, Union
from lookalike.http import Request
from lookalike.verify.composing import Composer


@dataclass(frozen=True, slots=True)
class Case:
    """A story about one clause: requests in their order, and whether what they do must be seen to judge it."""

    clause: str
    title: str
    requests: tuple[Request, ...]
    hidden: bool = False


Label = Callable[[Request], Sequence[str]]


def table(composer: Composer, refused_by: Label) -> Iterator[Case]:
    """All cases, cheap and basic ones first; `refused_by` names the clauses by which a request is refused for sure."""
    for make in (_success, _security, _lookup, _validation, _media_types, _sets, _merges, _moves, _atomic, _robust):
        yield from make(composer, refused_by)


def _success(compose: Composer, _: Label) -> Iterator[Case]:
    for clause in compose.operation.answers[compose.operation.answer].clauses:
        yield Case(clause, "a plain request", (compose.request(compose.first, compose.base()),))


def _security(compose: Composer, _: Label) -> Iterator[Case]:
    if not compose.operation.security:
        return
    clauses = compose.operation.security[0][0].bearer.clauses
    order = _property(compose, "security-first")
    for kind, name, headers, query in compose.unauthorized():
        fields = {**headers, **compose.json}
        own = "invalid" if query else kind
        for clause in (clause for clause in clauses.get(own, ()) if clause not in order):
            yield Case(clause, name, (compose.request(compose.first, compose.base(), fields, query),))
    for _kind, name, headers, query in compose.unauthorized():
        fields = {**headers, **compose.json}
        for clause in order:
            for absent in compose.pool.absent[:1]:
                yield Case(
                    clause,
                    f"{name}, and nobody has the number",
                    (compose.request(absent, compose.base(), fields, query),),
                )
            yield Case(
                clause,
                f"{name}, and the body is not valid",
                (compose.request(compose.first, _wrong(compose), fields, query),),
            )


def _wrong(compose: Composer) -> Any:
    """A body that parses and is not valid under any reading."""
    return {
        **compose.base(),
        **{step.action.source.pointer[0]: "text" for step in compose.steps(Union) if isinstance(step.action, Union)},
    }


def _lookup(compose: Composer, _: Label) -> Iterator[Case]:
    select = compose.operation.select
    for clause in compose.operation.answers[select.absent].clauses if select else ():
        for absent in compose.pool.absent[:2]:
            request = compose.request(absent, compose.base())
            yield Case(clause, "a number that nobody has", (request, request))


def _validation(compose: Composer, refused_by: Label) -> Iterator[Case]:
    """Bodies that break a rule for sure, each labelled with the clause by which the model refuses it."""
    rejected = compose.operation.answers["400"].clauses if "400" in compose.operation.answers else ()
    first = True
    for name, body in _broken_bodies(compose):
        request = compose.request(compose.first, body)
        clauses = [clause for clause in refused_by(request) if clause not in rejected]
        for clause in clauses[:1]:
            yield Case(clause, name, (request,))
            for general in rejected if first else ():
                yield Case(
                    general,
                    f"{name}, and nothing changes",
                    (compose.request(compose.first, compose.base()), request),
                    True,
                )
            first = False


_KINDS: Mapping[str, Any] = {
    "true": True,
    "false": False,
    "a number": 7,
    "a text": "text",
    "a text of digits": "7101",
    "an empty text": "",
    "an empty array": [],
    "an array with a number": [7101],
    "an array with a text": ["7101"],
    "an array with null": [None],
    "an array with true": [True],
    "an array with an array": [[7101]],
    "an array with an object": [{}],
    "an array of numbers and a text": [7101, "x"],
    "an empty object": {},
    "an object": {"a": 1},
}


def _broken_bodies(compose: Composer) -> Iterator[tuple[str, Any]]:
    for name, value in _KINDS.items():
        if not isinstance(value, dict):
            yield f"the body is {name}", value
    yield "the body is null", None
    yield "the body is not JSON", b"{"
    yield "the body is two values", b"{} {}"
    members = sorted(compose.operation.body.members) if compose.operation.body else []
    for member in members:
        for name, value in _KINDS.items():
            yield f"{member} is {name}", {**compose.base(), **_beside(compose, member), member: value}
    for member in members:
        yield f"{member} comes alone", {member: _plausible(compose, member)}
        yield f"{member} comes with what is always valid", {**compose.base(), member: _plausible(compose, member)}


def _beside(compose: Composer, member: str) -> dict[str, Any]:
    """What must come with a member so that only its own value is wrong: a move to a spare number, or nothing."""
    move = compose.move(compose.pool.owned[0], compose.pool.spare[0]) if compose.may_move else {}
    return move if member in move else {}


def _plausible(compose: Composer, member: str) -> Any:
    return _beside(compose, member).get(member, compose.base().get(member, list(compose.tags[:1])))


def _media_types(compose: Composer, _: Label) -> Iterator[Case]:
    media_type = compose.json["Content-Type"]
    for clause in _property(compose, "media-type"):
        for spelling in (
            f"{media_type}; charset=utf-8",
            media_type.upper(),
            f"{media_type};charset=UTF-8",
            f"{media_type} ; a=b",
        ):
            headers = {**_authorized(compose), "Content-Type": spelling}
            yield Case(clause, f"Content-Type: {spelling}", (compose.request(compose.first, compose.base(), headers),))


def _sets(compose: Composer, _: Label) -> Iterator[Case]:
    """Adding to sets and taking from them, alone and together, what is there and what is not."""
    for adder, taker in compose.sets:
        add, take = _source(adder), _source(taker) if taker else ""
        clauses, no_op = _own_clauses(compose, adder), _property(compose, "no-op")
        for clause in clauses:
            yield from _changing_sets(compose, clause, add, take)
        for clause in no_op:
            yield from _repeating_sets(compose, clause, add, take)


def _changing_sets(compose: Composer, clause: str, add: str, take: str) -> Iterator[Case]:
    tags = list(compose.tags[:3])
    if not tags:
        return
    one, rest = tags[:1], tags[1:]
    yield _case(compose, clause, "values are added", {take: tags}, {add: tags}, hidden=True)
    if not take:
        return
    yield _case(compose, clause, "the first of the values is taken away", {add: tags}, {take: one}, hidden=True)
    yield _case(compose, clause, "all but the first are taken away", {add: tags}, {take: rest}, hidden=True)
    yield _case(
        compose,
        clause,
        "one is added while another is taken away",
        {add: one, take: rest},
        {add: rest[-1:], take: one},
        hidden=True,
    )
    yield _case(
        compose, clause, "all are added again at once", {take: tags}, {add: tags[::-1]}, {take: tags}, hidden=True
    )


def _repeating_sets(compose: Composer, clause: str, add: str, take: str) -> Iterator[Case]:
    tags = list(compose.tags[:2])
    if not tags:
        return
    yield _case(
        compose, clause, "a value is added that is there", {add: tags}, {add: tags}, {add: tags[:1]}, hidden=True
    )
    yield _case(
        compose, clause, "a value is added twice in one list", {take or add: tags}, {add: tags + tags}, hidden=True
    )
    if take:
        yield _case(compose, clause, "a value is taken away that is not there", {take: tags}, {take: tags}, hidden=True)
        yield _case(
            compose,
            clause,
            "what is there is added and what is not is taken away",
            {add: tags[:1], take: tags[1:]},
            {add: tags[:1], take: tags[1:]},
            hidden=True,
        )


def _merges(compose: Composer, _: Label) -> Iterator[Case]:
    keys = compose.data_keys
    for step in compose.steps(Merge):
        source = _source(step)
        for clause in _own_clauses(compose, step):
            for value in ("changed", 5, False, ["a", {"b": 1}], "é🦉"):
                bodies = ({source: {keys[0]: "before"}}, {source: {keys[0]: value}})
                yield _case(compose, clause, f"a member becomes {value!r}", *bodies, hidden=True, base=False)
            if len(keys) > 1:
                both: dict[str, Any] = {source: {keys[0]: 1, keys[1]: 2}}
                yield _case(
                    compose,
                    clause,
                    "the members that are not named stay",
                    both,
                    {source: {keys[1]: 3}},
                    {source: {keys[0]: 4}},
                    hidden=True,
                    base=False,
                )
            yield _case(
                compose,
                clause,
                "an empty object changes nothing",
                {source: {keys[0]: 1}},
                {source: {}, **_tag(compose)},
                hidden=True,
                base=False,
            )


def _moves(compose: Composer, _: Label) -> Iterator[Case]:
    step = compose.mover
    if step is None or not compose.may_move:
        return
    item, spare = compose.pool.owned[0], compose.pool.spare[0]
    base, move = compose.base(), compose.move(item, spare)
    there = compose.request(compose.first, move)
    for clause in _own_clauses(compose, step):
        prepared = compose.request(compose.first, {**base, **_tag(compose)})
        yield Case(clause, "the new number answers", (prepared, there, compose.request(spare, base)), True)
        yield Case(clause, "the old number does not answer any more", (there, compose.request(compose.first, base)))
        yield Case(
            clause,
            "a move beside other changes",
            (compose.request(compose.first, {**base, **move, **_tag(compose)}), compose.request(spare, base)),
            True,
        )
        yield Case(
            clause,
            "there and back",
            (
                there,
                compose.request(spare, compose.move(item, compose.first)),
                compose.request(compose.first, base),
                compose.request(spare, base),
            ),
            True,
        )
    for clause in _property(compose, "others-unchanged"):
        yield from _others(compose, clause)
    for clause in _property(compose, "repeatable"):
        yield Case(clause, "a move again", (there, there, compose.request(spare, base)), True)


def _others(compose: Composer, clause: str) -> Iterator[Case]:
    base = compose.base()
    for other in compose.pool.owned[1:2]:
        taken = compose.request(compose.first, compose.move({**compose.pool.owned[0]}, other[compose.identity]))
        rest = (compose.request(compose.first, base), compose.request(other[compose.identity], base))
        yield Case(clause, "the new number belongs to another", (taken, *rest), True)
    yield _case(compose, clause, "other items stay as they are", {**base, **_tag(compose)}, hidden=True)
    moved = compose.request(compose.first, compose.move(compose.pool.owned[0], compose.pool.spare[0]))
    yield Case(clause, "others stay as they are while one moves", (moved,), True)


def _atomic(compose: Composer, refused_by: Label) -> Iterator[Case]:
    """Requests of which one part cannot be done, so that the others must not be; and repeated requests."""
    base, tags = compose.base(value="not to be stored"), list(compose.tags[:2])
    parts = [{_source(adder): tags} for adder, _ in compose.sets]
    for clause in _property(compose, "atomic"):
        before = compose.request(
            compose.first, {**compose.base(), **{_source(taker): tags for _, taker in compose.sets if taker}}
        )
        for name, broken in _broken_parts(compose):
            body = {**base, **{key: value for part in parts for key, value in part.items()}, **broken}
            yield Case(clause, f"{name} beside valid changes", (before, compose.request(compose.first, body)), True)
    for clause in _property(compose, "repeatable"):
        body = {**compose.base(), **_tag(compose)}
        yield _case(compose, clause, "the same request twice", body, body, hidden=True)
        for adder, taker in compose.sets:
            both = {_source(adder): tags[:1], **({_source(taker): tags[1:]} if taker else {})}
            yield _case(compose, clause, "adding and taking away twice", both, both, hidden=True)


def _broken_parts(compose: Composer) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, taker in compose.sets:
        if taker:
            yield f"{_source(taker)} is a text", {_source(taker): "text"}
            yield f"{_source(taker)} holds a text", {_source(taker): [compose.tags[0], "x"]}
    if compose.may_move:
        move = compose.move(compose.pool.owned[0], compose.pool.spare[0])
        for member in sorted(move)[:1]:
            yield f"{member} is a text", {**move, member: "text"}
        for other in compose.pool.owned[1:2]:
            yield "a number that belongs to another", compose.move(compose.pool.owned[0], other[compose.identity])


def _robust(compose: Composer, _: Label) -> Iterator[Case]:
    for clause in _property(compose, "robust"):
        for name, body in _strange_bodies(compose):
            yield Case(clause, name, (compose.request(compose.first, body),))
        for name, headers in _strange_headers(compose):
            yield Case(clause, name, (compose.request(compose.first, compose.base(), headers),))


def _strange_bodies(compose: Composer) -> Iterator[tuple[str, bytes]]:
    merge = next(iter(compose.steps(Merge)), None)
    source = _source(merge) if merge else "lookalike"
    key = compose.data_keys[0]

    def within(value: str) -> bytes:
        return f'{{"{source}": {{"{key}": {value}}}}}'.encode("utf-8", "surrogatepass")

    yield "an integer of 400 digits", within("9" * 400)
    yield "an integer beyond 2^63", within(str(2**63))
    yield "an integer beyond 2^64", within(str(2**64))
    yield "an integer of 5,000 digits", within("9" * 5000)
    yield "a number beyond all doubles", within("1e400")
    yield "a number next to zero", within("1e-400")
    yield "NaN", within("NaN")
    yield "Infinity", within("-Infinity")
    yield "a body nested 100 levels deep", within("[" * 100 + "]" * 100)
    yield "a body nested 5,000 levels deep", within("[" * 5000 + "]" * 5000)
    yield "a long text", within('"' + "a" * 20_000 + '"')
    yield "a lone surrogate", within('"\\ud800"')
    yield "NUL in a text", within('"a\\u0000b"')
    yield "null", within("null")
    yield "members that come twice", f'{{"{source}": {{}}, "{source}": {{"{key}": 1}}}}'.encode()
    yield "bytes that are no UTF-8", within('"') + b'\xff\xfe"}}'
    yield "a byte order mark", b"\xef\xbb\xbf" + within("1")
    yield "UTF-16", within("1").decode().encode("utf-16")
    for adder, _ in compose.sets:
        yield (
            f"a huge number in {_source(adder)}",
            f'{{"{source}": {{"{key}": 1}}, "{_source(adder)}": [{"9" * 30}]}}'.encode(),
        )
    yield "no body", b""


def _strange_headers(compose: Composer) -> Iterator[tuple[str, dict[str, str]]]:
    authorized = _authorized(compose)
    yield "two tokens in one header", {"Authorization": f"Bearer {compose.credentials.valid}, Bearer x", **compose.json}
    yield "a Content-Type that is none", {**authorized, "Content-Type": ";;;"}
    yield "a charset that is none", {**authorized, "Content-Type": "application/json; charset=nonsense"}
    yield "an Accept that is none", {**authorized, **compose.json, "Accept": "nonsense"}
    yield "a long token", {"Authorization": "Bearer " + "x" * 4000, **compose.json}


def _authorized(compose: Composer) -> dict[str, str]:
    return {"Authorization": f"Bearer {compose.credentials.valid}"}


def _property(compose: Composer, name: str) -> tuple[str, ...]:
    return compose.operation.properties.get(name, ())


def _own_clauses(compose: Composer, step: Step) -> list[str]:
    """The clauses of a step that state no property of the operation as a whole."""
    general = {clause for clauses in compose.operation.properties.values() for clause in clauses}
    return [clause for clause in step.clauses if clause not in general]


def _source(step: Step | None) -> str:
    """The member of the body that a step reads."""
    action = step.action if step else None
    if isinstance(action, (Union, Subtract, Merge)):
        return action.source.pointer[0]
    return next(source.pointer[0] for source in action.fields.values()) if isinstance(action, Set) else ""


def _tag(compose: Composer) -> dict[str, Any]:
    """A member that adds a value to a set."""
    return {_source(adder): list(compose.tags[:1]) for adder, _ in compose.sets}


def _case(
    compose: Composer, clause: str, title: str, *bodies: dict[str, Any], hidden: bool = False, base: bool = True
) -> Case:
    """A story of bodies for the first item, each with what makes it valid under every reading."""
    always = compose.base() if base else {}
    requests = tuple(
        compose.request(compose.first, {**always, **{key: value for key, value in body.items() if key}})
        for body in bodies
    )
    return Case(clause, title, requests, hidden)
