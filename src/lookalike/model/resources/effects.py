"""Effects: what an operation does to the selected item, step by step, all or nothing.

A step takes an item and returns it, changed or not; it never changes one in place. A step that cannot be taken returns
a `Rejection`, and nothing of the request takes effect. Readings are asked for only where the result depends on them.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lookalike.contract import semantics
from lookalike.contract.expressions import Expression
from lookalike.json_values import ABSENT, equal
from lookalike.model.context import RequestContext, ValueSource, compile_source, member_of
from lookalike.model.generated_values import compile_value
from lookalike.model.rejections import CONFLICTING, INVALID, UNPARSABLE, Rejection, readings_of
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.json_patch import PatchConflict, PatchError, apply_patch
from lookalike.model.state import Item
from lookalike.readings import Choose, Fixed, Policy, holds
from lookalike.schema.validator import Violation

# What becomes of an item; the value is that of the action's source, if it has one.
ApplyStep = Callable[[Item, RequestContext, Any], Item | Rejection]
_NOTHING: Mapping[str, Any] = {}

KnownReferences = Callable[[Sequence[Any], RequestContext], Sequence[Any] | Rejection]


# An item after all steps, the clauses behind those that changed it, and whether it may have another key now.
EffectResult = tuple[Item, tuple[str, ...], bool]


class Effect:
    """The steps of an operation, compiled."""

    def __init__(self, steps: Sequence[semantics.Step], items: ResourceItems) -> None:
        self._steps = tuple((1 << index, *_compiled(step, items)) for index, step in enumerate(steps))
        self._clauses = tuple(step.clauses for step in steps)
        self._moving = sum(1 << index for index, step in enumerate(steps) if _may_move(step.action, items))
        self._behind: dict[int, tuple[str, ...]] = {0: ()}

    def apply(self, item: Item, context: RequestContext) -> EffectResult | Rejection:
        """What comes of an item; it is the same one where nothing changes it."""
        taken = 0
        sent = context.body if type(context.body) is dict else _NOTHING
        for bit, awaited, source, act in self._steps:
            if not awaited:
                value = source(context)
            elif awaited in sent:
                value = sent[awaited]
            else:
                continue
            after = act(item, context, value)
            if after is item:
                continue
            if type(after) is Rejection:
                return after
            taken |= bit
            item = after
        clauses = self._behind[taken] if taken in self._behind else self._clauses_of(taken)
        return item, clauses, bool(taken & self._moving)

    def _clauses_of(self, taken: int) -> tuple[str, ...]:
        """The clauses behind the steps whose bits are set."""
        stated = (clauses for index, clauses in enumerate(self._clauses) if taken >> index & 1)
        self._behind[taken] = tuple(dict.fromkeys(clause for clauses in stated for clause in clauses))
        return self._behind[taken]


def _compiled(step: semantics.Step, items: ResourceItems) -> tuple[str, ValueSource, ApplyStep]:
    """The member of the body without which a step does nothing, if any, else where its value is; and what it does."""
    awaited = _awaited(step)
    return awaited, _source(step.action), _guarded(step, items, awaited)


def _awaited(step: semantics.Step) -> str:
    """The member of the body without which a step does nothing, and whose value it takes; nothing where it needs none.

    What a `set` takes it looks up itself, as it may set several fields.
    """
    action = step.action
    if isinstance(action, semantics.SetFields):
        sources = [step.needs] if step.needs else [*action.fields.values()] if action.own == Fixed("no-op") else []
    else:
        sources = [action.source] if isinstance(action, _IDLE_WITHOUT) else []
    members = {member_of(source) for source in sources}
    return members.pop() if len(members) == 1 else ""


def _source(action: semantics.Action) -> ValueSource:
    """The function that finds the value of an action."""
    if isinstance(action, semantics.Increment):
        return compile_value(action.by)
    return compile_source(action.source) if isinstance(action, (*_IDLE_WITHOUT, *_WHOLE)) else _no_value


def _no_value(context: RequestContext) -> Any:
    return ABSENT


def _may_move(action: semantics.Action, items: ResourceItems) -> bool:
    """Whether an action may give an item another key: what sets other fields by name does not."""
    fields = action.fields if isinstance(action, semantics.SetFields) else [getattr(action, "field", "")]
    return "" in fields or not items.pinned.isdisjoint(fields)


def _guarded(step: semantics.Step, items: ResourceItems, awaited: str) -> ApplyStep:
    """The action of a step, taken only where its conditions hold; that the awaited member came is known."""
    act = _COMPILE[type(step.action)](step.action, items)
    is_known = bool(awaited) and step.needs is not None and member_of(step.needs) == awaited
    needs = compile_source(step.needs) if step.needs and not is_known else None
    lacks = compile_source(step.lacks) if step.lacks else None
    if needs is None and lacks is None and not step.when:
        return act

    def guarded(item: Item, context: RequestContext, value: Any) -> Item | Rejection:
        if (needs and needs(context) is ABSENT) or (lacks and lacks(context) is not ABSENT):
            return item
        after = act(item, context, value)
        return after if after is item or holds(step.when, context.choose) else item

    return guarded


# What does nothing where its source is absent, and what takes its place; both have a source.
_IDLE_WITHOUT = (semantics.Union, semantics.Subtract, semantics.Merge, semantics.Append)
_WHOLE = (semantics.Replace, semantics.Patch)

HashableForms = Callable[[Sequence[Any]], Iterable[Any]]
CombineLists = Callable[[Sequence[Any], Sequence[Any], RequestContext, HashableForms], Sequence[Any]]


def _union(action: semantics.Union, items: ResourceItems) -> ApplyStep:
    def united(
        present: Sequence[Any], values: Sequence[Any], context: RequestContext, marked: HashableForms
    ) -> Sequence[Any]:
        known = set(marked(present))
        new = {mark: value for mark, value in zip(marked(values), values) if mark not in known}  # noqa: B905  # both are as long
        return [*present, *new.values()]

    return _combined(action, united)


def _subtract(action: semantics.Subtract, items: ResourceItems) -> ApplyStep:
    spared = _spared(action.excepted)

    def left(
        present: Sequence[Any], values: Sequence[Any], context: RequestContext, marked: HashableForms
    ) -> Sequence[Any]:
        gone = spared(set(marked(values)), context, marked)
        return [value for mark, value in zip(marked(present), present) if mark not in gone]  # noqa: B905  # both are as long

    return _combined(action, left)


def _combined(action: semantics.Union | semantics.Subtract, combine: CombineLists) -> ApplyStep:
    """The action that makes another list of a field's, with one that is sent."""
    field, of, known = action.field, action.of, _known(action.of, action.unknown)

    def combined(item: Item, context: RequestContext, values: Any) -> Item | Rejection:
        if type(values) is not list or not values:
            return item
        if of and not context.state.has_all(of, values):
            values = known(values, context)
            if type(values) is Rejection:
                return values
        present = item.get(field, ())
        try:
            after = combine(present, values, context, iter)
        except TypeError:  # objects and lists have no hash
            after = combine(present, values, context, _as_texts)
        return item if len(after) == len(present) else {**item, field: after}

    return combined


def _as_texts(values: Sequence[Any]) -> Iterable[Any]:
    """For each value a text, equal where the values are."""
    return [json.dumps(value, sort_keys=True) for value in values]


def _known(of: str, policy: Policy[str]) -> KnownReferences:
    """The function that keeps of a list what the policy on items that name nothing lets through."""

    def known(values: Sequence[Any], context: RequestContext) -> Sequence[Any] | Rejection:
        verdict = policy.under(context.choose)
        if verdict == "accepted":
            return values
        are_known = [context.state.has_all(of, (value,)) for value in values]
        if verdict == "ignored":
            return [value for value, is_known in zip(values, are_known, strict=True) if is_known]
        unknown = [value for value, is_known in zip(values, are_known, strict=True) if not is_known]
        why = f"there is no {of} {', '.join(map(str, unknown))}"
        return Rejection(INVALID, (Violation("body", (), "unknown", why),), readings_of(policy))

    return known


def _spared(policy: Policy[semantics.Operand]) -> Callable[[set[Any], RequestContext, HashableForms], set[Any]]:
    """The function that leaves out of a set what another list spares, asking only where that makes a difference."""
    operands = {operand: _items_of(operand) for operand in policy.values}
    every = tuple(items for operand, items in operands.items() if operand)  # an empty list spares nothing

    def spared(values: set[Any], context: RequestContext, marked: HashableForms) -> set[Any]:
        for items in every:
            if not values.isdisjoint(marked(items(context))):
                return values.difference(marked(operands[policy.under(context.choose)](context)))
        return values

    return spared


def _items_of(operand: semantics.Operand) -> Callable[[RequestContext], Sequence[Any]]:
    if not isinstance(operand, Expression):
        return lambda context: operand
    source: ValueSource = compile_source(operand)

    def items(context: RequestContext) -> Sequence[Any]:
        values: Any = source(context)
        return values if type(values) is list else ()

    return items


def _merge(action: semantics.Merge, items: ResourceItems) -> ApplyStep:
    field = action.field
    if not field:
        return _merge_item(action, items)

    merged = _merger(action)
    reserved = frozenset(name for names in action.without.values for name in names)

    def merge(item: Item, context: RequestContext, value: Any) -> Item:
        if type(value) is not dict or not value:
            return item
        given = value if reserved.isdisjoint(value) else without(value, context.choose)
        return {**item, field: merged(item.get(field, {}), given, context.choose)} if given else item

    def without(given: dict[str, Any], choose: Choose) -> dict[str, Any]:
        names = action.without.under(choose)
        return {name: value for name, value in given.items() if name not in names}

    return merge


def _merger(action: semantics.Merge) -> Callable[[Item, Mapping[str, Any], Choose], dict[str, Any]]:
    """The function that merges one object into another, as deep as the action says."""

    def merged(old: Item, given: Mapping[str, Any], choose: Choose) -> dict[str, Any]:
        new = {**old, **given}
        for name, value in given.items():
            if value is None and action.null.under(choose) == "deletes":
                del new[name]
            elif type(value) is dict and may_merge(old.get(name), value) and action.depth.under(choose) == "deep":
                before = old.get(name)
                new[name] = merged(before if type(before) is dict else {}, value, choose)
        return new

    def may_merge(before: Any, value: dict[str, Any]) -> bool:
        return (type(before) is dict and bool(before)) or _holds_null(value)

    return merged


def _merge_item(action: semantics.Merge, items: ResourceItems) -> ApplyStep:
    """Set members of the item itself (RFC 7396, where it is deep and null deletes)."""
    merged = _merger(action)

    def merge(item: Item, context: RequestContext, given: Any) -> Item | Rejection:
        if not isinstance(given, Mapping):
            return item
        without = action.without.under(context.choose)
        kept = {name: value for name, value in given.items() if name not in without}
        after = items.changed(item, merged(item, kept, context.choose), context.request.at)
        return _sound(items, items.restored(item, after) if action.unfit == "ignored" else after)

    return merge


def _replace(action: semantics.Replace, items: ResourceItems) -> ApplyStep:
    def replace(item: Item, context: RequestContext, value: Any) -> Item | Rejection:
        return items.touched(item, items.replaced(item, value, context.request.at), context.request.at)

    return replace


def _patch(action: semantics.Patch, items: ResourceItems) -> ApplyStep:
    def patch(item: Item, context: RequestContext, given: Any) -> Item | Rejection:
        if not isinstance(given, list):
            return item
        try:
            after = apply_patch(item, given)
        except PatchError as error:
            is_conflict = isinstance(error, PatchConflict)
            if action.unfit == "ignored" and not is_conflict:
                return item
            found = (Violation("body", error.pointer, "patch", str(error)),)
            return Rejection(CONFLICTING if is_conflict else UNPARSABLE, found)
        if not isinstance(after, dict):
            return Rejection(INVALID, (Violation("body", (), "patch", f"nothing of the {items.name} would be left"),))
        return _sound(items, items.changed(item, after, context.request.at))

    return patch


def _sound(items: ResourceItems, item: Item) -> Item | Rejection:
    """The item, or what is wrong with it."""
    found = items.violations(item)
    return Rejection(INVALID, found) if found else item


def _append(action: semantics.Append, items: ResourceItems) -> ApplyStep:
    field = action.field

    def append(item: Item, context: RequestContext, value: Any) -> Item:
        if value is ABSENT or value == []:
            return item
        return {**item, field: [*item.get(field, ()), *(value if isinstance(value, list) else [value])]}

    return append


def _increment(action: semantics.Increment, items: ResourceItems) -> ApplyStep:
    field = action.field

    def increment(item: Item, context: RequestContext, step: Any) -> Item:
        is_number = isinstance(step, int | float) and not isinstance(step, bool)
        return {**item, field: item.get(field, 0) + step} if is_number and step else item

    return increment


def _holds_null(value: dict[str, Any]) -> bool:
    return any(member is None or (type(member) is dict and _holds_null(member)) for member in value.values())


def _set(action: semantics.SetFields, items: ResourceItems) -> ApplyStep:
    resource, keys_of = items.name, items.keys_of
    sources = tuple((field, compile_value(source)) for field, source in action.fields.items())
    moves = action.own != Fixed("no-op")

    def set_fields(item: Item, context: RequestContext, value: Any) -> Item | Rejection:
        given = {field: value for field, source in sources if (value := source(context)) is not ABSENT}
        if all(equal(item.get(field, ABSENT), value) for field, value in given.items()):
            return stays(item, context) if moves else item
        after = {**item, **given}
        before_keys, keys = keys_of(item, context.choose), keys_of(after, context.choose)
        if keys[0] == before_keys[0] and moves and action.own.under(context.choose) == "occupied":
            return occupied(keys[0], context, *readings_of(action.own))
        if any(type(key) not in (int, str) for key in keys):
            why = f"what a {resource} is found by must be a text or an integer"
            return Rejection(INVALID, (Violation("body", (), "type", why),))
        for key in keys:
            if key not in before_keys and context.state.get(resource, key) is not None:
                return occupied(key, context)
        return after

    def stays(item: Item, context: RequestContext) -> Item | Rejection:
        """An item that is to move to where it is."""
        if action.own.under(context.choose) == "occupied":
            return occupied(keys_of(item, context.choose)[0], context, *readings_of(action.own))
        return item

    def occupied(key: Any, context: RequestContext, *readings: str) -> Rejection:
        why = f"{key} already belongs to another {resource}"
        status = action.occupied.under(context.choose)
        return Rejection(status, (Violation("body", (), "occupied", why),), (*readings, *readings_of(action.occupied)))

    return set_fields


_COMPILE: Mapping[type, Callable[[Any, ResourceItems], ApplyStep]] = {
    semantics.Union: _union,
    semantics.Subtract: _subtract,
    semantics.Merge: _merge,
    semantics.SetFields: _set,
    semantics.Replace: _replace,
    semantics.Patch: _patch,
    semantics.Append: _append,
    semantics.Increment: _increment,
}
