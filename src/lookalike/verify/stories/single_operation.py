"""The clause table of a stated operation: scripts that detect a server which breaks a clause.

The scripts are derived from the contract (security, schemas, steps, properties), never written for one API. The model
predicts the response to each of their requests. Scripts about effects are in `effects.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract.semantics import Merge, Subtract, Union
from lookalike.http import Request
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.runner.scripts import Script, ScriptBuilder, property_of, source_of
from lookalike.verify.stories.effects import effects

Label = Callable[[Request], Sequence[str]]


def table(compose: RequestBuilder, refused_by: Label) -> Iterator[Script]:
    """All scripts, basic ones first; `refused_by` names the clauses by which a request is refused in any case."""
    yield from _success(compose)
    yield from _security(compose)
    yield from _lookup(compose)
    yield from _validation(compose, refused_by)
    yield from _media_types(compose)
    yield from effects(compose)
    yield from _robust(compose, refused_by)


def _success(compose: RequestBuilder) -> Iterator[Script]:
    for clause in compose.operation.responses[compose.operation.success_status].clauses:
        for key in compose.owned:
            yield Script(clause, f"a plain request for {key}", (compose.request(key, compose.base()),))


def _security(compose: RequestBuilder) -> Iterator[Script]:
    """Every way to fail authorization: alone, after an authorized request, and together with other faults."""
    if not compose.operation.security:
        return
    clauses = compose.operation.security[0][0].scheme.bearer.clauses
    order = property_of(compose, "security-first")
    let_in = compose.request(compose.first, compose.base())
    kinds: set[str] = set()
    for kind, name, headers, query in compose.unauthorized():
        fields = {**headers, **compose.json}
        refused = compose.request(compose.first, compose.base(), fields, query)
        for clause in (clause for clause in clauses.get(kind, ()) if clause not in order):
            yield Script(clause, name, (let_in, refused))
            if compose.may_move and kind not in kinds:
                move = compose.request(compose.first, compose.move(compose.usable.spare[0]), fields, query)
                yield Script(clause, f"{name}, with a new key, and the item keeps the old one", (move, let_in))
            kinds.add(kind)
        for clause in order:
            for what, key, body in _other_faults(compose):
                yield Script(clause, f"{name}, and {what}", (compose.request(key, body, fields, query),))


def _other_faults(compose: RequestBuilder) -> Iterator[tuple[str, Any, Any]]:
    """Other faults of a request: in words, the key of the item, and the body."""
    for absent in compose.usable.absent[:1]:
        yield "no item has the key", absent, compose.base()
    wrong = {source_of(step): "text" for step in compose.steps(Union)}
    yield "the body is not valid", compose.first, {**compose.base(), **wrong}
    for other in compose.owned[1:2] if compose.may_move else ():
        yield "the new key is taken", compose.first, compose.move(other)


def _lookup(compose: RequestBuilder) -> Iterator[Script]:
    select = compose.operation.selector
    for clause in compose.operation.responses[select.if_absent].clauses if select else ():
        for absent in compose.usable.absent[:2]:
            request = compose.request(absent, compose.base())
            yield Script(clause, "a key of no item", (request, request))


def _validation(compose: RequestBuilder, refused_by: Label) -> Iterator[Script]:
    """Bodies that break a rule under every reading, each with the clause by which the model refuses it."""
    general = compose.operation.responses["400"].clauses if "400" in compose.operation.responses else ()
    before = compose.request(compose.first, compose.base())
    told = False
    for name, body in _broken_bodies(compose):
        request = compose.request(compose.first, body)
        found = [clause for clause in refused_by(request) if clause not in general]
        if found:
            yield Script(found[0], name, (request,))
        for clause in general if found and not told else ():
            yield Script(clause, f"{name}, and nothing changes", (before, request), True)
        told = told or bool(found)


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


def _broken_bodies(compose: RequestBuilder) -> Iterator[tuple[str, Any]]:
    whole = compose.raw(compose.base())
    for name, value in _KINDS.items():
        if not isinstance(value, dict):
            yield f"the body is {name}", value
    yield "the body is null", None
    yield "the body is a valid one in an array", [compose.base()]
    yield "the body is cut short by one brace", whole[:-1]
    yield "the body is cut short", whole[: len(whole) // 2]
    yield "the body is two values", whole + whole
    members = sorted(compose.operation.body.first.members) if compose.operation.body else []
    for member in members:
        for name, value in _KINDS.items():
            yield f"{member} is {name}", {**compose.base(), **compose.beside(member), member: value}
    for member in members:
        plausible = compose.plausible(member)
        yield f"{member} comes alone", {member: plausible}
        yield f"{member} comes with what is always valid", {**compose.base(), member: plausible}


def _media_types(compose: RequestBuilder) -> Iterator[Script]:
    media_type = compose.json["Content-Type"]
    spellings = (
        f"{media_type}; charset=utf-8",
        media_type.upper(),
        f"{media_type};charset=UTF-8",
        f"{media_type} ; a=b",
    )
    for clause in property_of(compose, "media-type"):
        for spelling in spellings:
            headers = {**compose.authorized, "Content-Type": spelling}
            yield Script(
                clause, f"Content-Type: {spelling}", (compose.request(compose.first, compose.base(), headers),)
            )


def _robust(compose: RequestBuilder, refused_by: Label) -> Iterator[Script]:
    for clause in property_of(compose, "robust"):
        tell = ScriptBuilder(compose, clause)
        for name, body in _strange_bodies(compose):
            yield tell.strange(name, compose.request(compose.first, body))
        for name, body in _strange_keys(compose):
            request = compose.request(compose.first, body)
            # Accepted, it would take an item that is not ours away from its path, from where nothing brings it back.
            if compose.usable.resettable or refused_by(request):
                yield tell.strange(name, request)
        for name, headers in _strange_headers(compose):
            yield tell.strange(name, compose.request(compose.first, compose.base(), headers))


def _strange_bodies(compose: RequestBuilder) -> Iterator[tuple[str, bytes]]:
    merge = next(iter(compose.steps(Merge)), None)
    source = source_of(merge) if merge else "lookalike"
    key = compose.data_keys[0]

    def within(value: str) -> bytes:
        return f'{{"{source}": {{"{key}": {value}}}}}'.encode("utf-8", "surrogatepass")

    for name, value in _STRANGE_VALUES.items():
        yield name, within(value)
    yield "members that come twice", f'{{"{source}": {{}}, "{source}": {{"{key}": 1}}}}'.encode()
    yield "bytes that are no UTF-8", within('"')[:-2] + b'\xff\xfe"}}'
    yield "a byte order mark", b"\xef\xbb\xbf" + within("1")
    yield "UTF-16", within("1").decode().encode("utf-16")
    yield "no body", b""
    takers = {source_of(step) for step in compose.steps(Subtract)}
    for member in _members(compose):
        if compose.usable.resettable or member in takers:  # an absent value can be taken away without harm
            yield f"{member} holds a huge number", f'{{"{source}": {{"{key}": 1}}, "{member}": [{_HUGE}]}}'.encode()
        if member not in compose.beside(member):
            yield f"{member} is a string of 20,000 characters", compose.raw({member: "x" * 20_000})


def _strange_keys(compose: RequestBuilder) -> Iterator[tuple[str, bytes]]:
    """Bodies with a strange value for a member by which an item gets another key."""
    for member in _members(compose):
        if member in compose.beside(member):
            yield f"{member} is a huge number", f'{{"{member}": {_HUGE}}}'.encode()
            yield f"{member} is a string of 20,000 characters", compose.raw({member: "x" * 20_000})


def _members(compose: RequestBuilder) -> list[str]:
    return sorted(compose.operation.body.first.members) if compose.operation.body else []


_HUGE = "9" * 400
_STRANGE_VALUES: Mapping[str, str] = {
    "an integer of 400 digits": "9" * 400,
    "an integer beyond 2^63": str(2**63),
    "an integer beyond 2^64": str(2**64),
    "an integer of 5,000 digits": "9" * 5000,
    "a number beyond all doubles": "1e400",
    "a number next to zero": "1e-400",
    "a number with a fraction": "0.1",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "an array nested 100 levels deep": "[" * 100 + "]" * 100,
    "an array nested 600 levels deep": "[" * 600 + "]" * 600,
    "an array nested 5,000 levels deep": "[" * 5000 + "]" * 5000,
    "an array nested 100,000 levels deep": "[" * 100_000 + "]" * 100_000,
    "an object nested 100 levels deep": '{"a":' * 100 + "1" + "}" * 100,
    "an object nested 600 levels deep": '{"a":' * 600 + "1" + "}" * 600,
    "an object nested 1,500 levels deep": '{"a":' * 1500 + "1" + "}" * 1500,
    "an object nested 20,000 levels deep": '{"a":' * 20_000 + "1" + "}" * 20_000,
    "objects in objects": '{"a": {"b": {"c": null}}}',
    "a text of 300,000 characters": '"' + "a" * 300_000 + '"',
    "a lone surrogate": '"\\ud800"',
    "NUL in a text": '"a\\u0000b"',
    "null": "null",
}


def _strange_headers(compose: RequestBuilder) -> Iterator[tuple[str, dict[str, str]]]:
    token = compose.credentials.valid
    yield "two tokens in one header", {"Authorization": f"Bearer {token}, Bearer x", **compose.json}
    yield "a long token", {"Authorization": "Bearer " + "x" * 4000, **compose.json}
    yield "an invalid Content-Type", {**compose.authorized, "Content-Type": ";;;"}
    yield "an unknown charset", {**compose.authorized, "Content-Type": "application/json; charset=nonsense"}
    yield "an invalid Accept", {**compose.authorized, **compose.json, "Accept": "nonsense"}
