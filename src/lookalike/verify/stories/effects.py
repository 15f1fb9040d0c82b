"""Scripts about effects: on sets, objects and keys; atomic and repeatable requests; other items are left alone."""

from collections.abc import Iterator
from typing import Any

from lookalike.contract.semantics import Merge, Step
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.runner.scripts import Script, ScriptBuilder, own_clauses, property_of, source_of

# Pairs of a value before and a value after; each pair has found a server that changed, cut or kept values wrongly.
_VALUES: tuple[tuple[Any, Any], ...] = (
    ("before", "changed"),
    ("before", 5),
    (1, 1.5),
    (1, 0),
    (True, False),
    ("x", ""),
    ("x", " Mixed Case and Blanks "),
    ("x", "<b>&amp; \"quoted\" 'text'</b>"),
    ("x", "é🦉 नमस्ते"),
    ("x", "a text that is rather longer than the columns of most tables are wide, and then some more"),
    (["a"], ["b", {"c": 1}]),
    ([1, 2], []),
    ({"a": {"b": 1}}, {"a": {"c": 2}}),
    ({"a": 1}, "no object"),
)


def effects(compose: RequestBuilder) -> Iterator[Script]:
    """All scripts about effects."""
    for adder, taker in compose.sets:
        yield from _sets(compose, adder, taker)
    for step in compose.steps(Merge):
        yield from _merges(compose, step)
    if compose.may_move and compose.mover is not None:
        yield from _moves(compose, compose.mover)
    yield from _others(compose)
    yield from _again(compose)
    yield from _all_or_nothing(compose)


def _sets(compose: RequestBuilder, adder: Step, taker: Step | None) -> Iterator[Script]:
    """Additions to and removals from a set, alone and together, of values that are in the set and that are not."""
    add, take, tags = source_of(adder), source_of(taker), list(compose.tags[:3])
    if not tags:
        return
    one, rest = tags[:1], tags[1:]
    for clause in own_clauses(compose, adder):
        build = ScriptBuilder(compose, clause, on_sets=True)
        yield build.bodies("values are added", {take: tags}, {add: tags})
        yield build.bodies("the first of the values is taken away", {add: tags}, {take: one})
        yield build.bodies("all but the first are taken away", {add: tags}, {take: rest}, {})
        yield build.bodies("one is added while another is taken away", {add: one, take: rest}, {add: rest, take: one})
        yield build.bodies("all are added at once, in another order", {take: tags}, {add: tags[::-1]}, {take: tags})
        yield build.bodies("the body has a member named like the field", {add: one}, {_field(adder): rest})
        for other in compose.owned[1:]:  # one of them may have no others
            steps = ({add: one}, {take: one})
            requests = (compose.request(other, {**compose.base(), **body}) for body in steps if take)
            yield build.hidden(f"one is added to {other}, and taken away", *requests)
        if compose.usable.resettable:
            present = list(compose.usable.owned[0].get(_field(adder), ()))
            yield build.bodies("everything is taken away", {take: [*present, *tags]}, {add: one}, {take: one})
    for clause in property_of(compose, "no-op"):
        build = ScriptBuilder(compose, clause, on_sets=True)
        yield build.bodies("a present value is added", {add: tags}, {add: tags}, {add: one})
        yield build.bodies("a value is added twice in one list", {take: tags}, {add: tags + tags})
        yield build.bodies("an absent value is taken away", {take: tags}, {take: tags})
        yield build.bodies("nothing is added and nothing taken away", {add: one, take: rest}, {add: [], take: []})
        yield build.bodies("a present value is added and an absent one taken away", *[{add: one, take: rest}] * 2)


def _merges(compose: RequestBuilder, step: Step) -> Iterator[Script]:
    """Members of every type set over members of every type; members that are not named stay."""
    source, keys = source_of(step), compose.data_keys
    for clause in own_clauses(compose, step):
        build = ScriptBuilder(compose, clause)
        for before, value in _VALUES:
            yield build.exactly(f"a member becomes {value!r}", {source: {keys[0]: before}}, {source: {keys[0]: value}})
        if len(keys) > 1:
            both = {source: {keys[0]: 1, keys[1]: 2}}
            yield build.exactly("members that are not named stay", both, {source: {keys[1]: 3}}, {source: {keys[0]: 4}})
        yield build.exactly("no members", {source: {keys[0]: 1}}, {source: {}, **_addition(compose)})
        for name, value in _named_like_fields(compose, step):
            yield build.exactly(f"a member named {name}", {source: {keys[0]: 1, name: value}}, {source: {keys[0]: 2}})


def _named_like_fields(compose: RequestBuilder, step: Step) -> Iterator[tuple[str, Any]]:
    """Members named like fields of the item itself, where anything may be written."""
    names = {name for names in step.action.without.values for name in names} if isinstance(step.action, Merge) else ()
    for name in sorted(names) if compose.usable.resettable else ():
        value = compose.usable.owned[0].get(name)
        yield name, list(compose.tags[:1]) if isinstance(value, list) else {} if isinstance(value, dict) else 1


def _moves(compose: RequestBuilder, mover: Step) -> Iterator[Script]:
    """Changes of the key: there and back, repeated, beside other changes, and with another value of a second field."""
    spare = compose.usable.spare[0]
    base, move = compose.base(), compose.move(spare)
    there, stay = compose.request(compose.first, move), compose.request(compose.first, base)
    after, back = compose.request(spare, base), compose.request(spare, compose.move(compose.first))
    beside = compose.request(compose.first, {**base, **move, **_addition(compose)})
    for clause in own_clauses(compose, mover):
        build = ScriptBuilder(compose, clause)
        yield build.hidden(
            "the item is found under its new key",
            compose.request(compose.first, {**base, **_addition(compose)}),
            there,
            after,
        )
        yield build.case("no item is found under the old key any more", there, stay)
        yield build.hidden("a move beside other changes", beside, after)
        yield build.hidden("there and back", there, back, stay, after)
        for name, value in move.items():
            if value != spare and isinstance(value, int) and not compose.prefix:
                yield build.hidden(f"another {name}", compose.request(compose.first, {**move, name: value + 1}), after)
    for clause in property_of(compose, "others-unchanged"):
        build = ScriptBuilder(compose, clause)
        for other in compose.owned[1:2]:
            taken = compose.request(compose.first, compose.move(other))
            yield build.hidden("the new key belongs to another item", taken, stay, compose.request(other, base))
        yield build.hidden("other items stay as they are while one moves", there)
    for clause in property_of(compose, "repeatable"):
        yield ScriptBuilder(compose, clause).hidden("a move again", there, there, after)


def _others(compose: RequestBuilder) -> Iterator[Script]:
    for clause in property_of(compose, "others-unchanged"):
        for key in compose.owned:
            request = compose.request(key, {**compose.base(), **_addition(compose)})
            yield ScriptBuilder(compose, clause).hidden(f"other items stay as they are when {key} changes", request)


def _again(compose: RequestBuilder) -> Iterator[Script]:
    """The same request several times."""
    tags = list(compose.tags[:2])
    for clause in property_of(compose, "repeatable"):
        build = ScriptBuilder(compose, clause)
        yield build.bodies("the same request four times", *[_addition(compose)] * 4)
        for adder, taker in compose.sets:
            both = {source_of(adder): tags[:1], source_of(taker): tags[1:]}
            yield build.bodies("adding and taking away twice", both, both)


def _all_or_nothing(compose: RequestBuilder) -> Iterator[Script]:
    """Requests with one invalid part, so that their other parts must have no effect either."""
    tags = list(compose.tags[:2])
    additions = {source_of(adder): tags for adder, _ in compose.sets}
    removals = {source_of(taker): tags for _, taker in compose.sets if taker is not None}
    for clause in property_of(compose, "atomic"):
        build = ScriptBuilder(compose, clause)
        before = compose.request(compose.first, {**compose.base(), **removals})
        for name, broken in _broken_parts(compose):
            body = {**compose.base(value="not to be stored"), **additions, **broken}
            yield build.hidden(f"{name} beside valid changes", before, compose.request(compose.first, body))
        for name, broken in _broken_parts(compose) if compose.may_move else ():
            move = compose.move(compose.usable.spare[0])
            if not move.keys() & broken.keys():
                body = {**compose.base(), **move, **broken}
                yield build.hidden(f"{name} beside a move", before, compose.request(compose.first, body))


def _broken_parts(compose: RequestBuilder) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, taker in compose.sets:
        if taker is not None:
            yield f"{source_of(taker)} is a string", {source_of(taker): "text"}
            yield f"{source_of(taker)} holds a string", {source_of(taker): [*compose.tags[:1], "x"]}
    if compose.may_move:
        move = compose.move(compose.usable.spare[0])
        for member in sorted(move)[:1]:
            yield f"{member} is a string", {**move, member: "text"}
        for other in compose.owned[1:2]:
            yield "a key that belongs to another item", compose.move(other)


def _addition(compose: RequestBuilder) -> dict[str, Any]:
    """A body that adds a value to each set."""
    return {source_of(adder): list(compose.tags[:1]) for adder, _ in compose.sets}


def _field(step: Step) -> str:
    """The field that a step changes."""
    return getattr(step.action, "field", "")
