"""Effects: what an operation does to the selected item, step by step, all or nothing.

A step takes an item and returns it, changed or not; it never changes one in place. A step that cannot be taken returns
a `Fault`, and nothing of the request takes effect. Readings are asked for only where the result depends on them.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lookalike.contract import actions
from lookalike.contract.expressions import Expression
from lookalike.json_values import ABSENT, equal
from lookalike.model.context import RequestContext, ValueSource, compile_source, member_of
from lookalike.model.generated_values import compile_value
from lookalike.model.rejections import CONFLICTING, INVALID, UNPARSABLE, Fault, readings_of
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.json_patch import Conflict, Unpatchable, patched
from lookalike.model.state import Item
from lookalike.readings import Choose, Fixed, Policy, holds
from lookalike.schema.validator import Violation

# What becomes of an item; the value is that of the action's source, if it has one.
Act = Callable[[Item, RequestContext, Any], Item | Fault]
_NOTHING: Mapping[str, Any] = {}

Kept = Callable[[Sequence[Any], RequestContext], Sequence[Any] | Fault]


# An item after all steps, the clauses behind those that changed it, and whether it may have another key now.
Applied = tuple[Item, tuple[str, ...], bool]


class Effect:
    """The steps of an operation, compiled."""

    def __init__(self, steps: Sequence[actions.Step], items: ResourceItems) -> None:
        self._steps = tuple((1 << index, *_compiled(step, items)) for index, step in enumerate(steps))
        self._clauses = tuple(step.clauses for step in steps)
        self._moving = sum(1 << index for index, step in enumerate(steps) if _may_move(step.action, items))
        self._behind: dict[int, tuple[str, ...]] = {0: ()}

    def apply(self, item: Item, scope: RequestContext) -> Applied | Fault:
        """What comes of an item; it is the same one where nothing changes it."""
        taken = 0
        sent = scope.body if type(scope.body) is dict else _NOTHING
        for bit, awaited, source, act in self._steps:
            if not awaited:
                value = source(scope)
            elif awaited in sent:
                value = sent[awaited]
            else:
                continue
            after = act(item, scope, value)
            if after is item:
                continue
            if type(after) is Fault:
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


def _compiled(step: actions.Step, items: ResourceItems) -> tuple[str, ValueSource, Act]:
    """The member of the body without which a step does nothing, if any, else where its value is; and what it does."""
    awaited = _awaited(step)
    return awaited, _source(step.action), _guarded(step, items, awaited)


def _awaited(step: actions.Step) -> str:
    """The member of the body without which a step does nothing, and whose value it takes; nothing where it needs none.

    What a `set` takes it looks up itself, as it may set several fields.
    """
    action = step.action
    if isinstance(action, actions.Set):
        sources = [step.needs] if step.needs else [*action.fields.values()] if action.own == Fixed("no-op") else []
    else:
        sources = [action.source] if isinstance(action, _IDLE_WITHOUT) else []
    members = {member_of(source) for source in sources}
    return members.pop() if len(members) == 1 else ""


def _source(action: actions.Action) -> ValueSource:
    """The function that finds the value of an action."""
    if isinstance(action, actions.Increment):
        return compile_value(action.by)
    return compile_source(action.source) if isinstance(action, (*_IDLE_WITHOUT, *_WHOLE)) else _no_value


def _no_value(scope: RequestContext) -> Any:
    return ABSENT


def _may_move(action: actions.Action, items: ResourceItems) -> bool:
    """Whether an action may give an item another key: what sets other fields by name does not."""
    fields = action.fields if isinstance(action, actions.Set) else [getattr(action, "field", "")]
    return "" in fields or not items.pinned.isdisjoint(fields)


def _guarded(step: actions.Step, items: ResourceItems, awaited: str) -> Act:
    """The action of a step, taken only where its conditions hold; that the awaited member came is known."""
    act = _COMPILE[type(step.action)](step.action, items)
    is_known = bool(awaited) and step.needs is not None and member_of(step.needs) == awaited
    needs = compile_source(step.needs) if step.needs and not is_known else None
    lacks = compile_source(step.lacks) if step.lacks else None
    if needs is None and lacks is None and not step.when:
        return act

    def guarded(item: Item, scope: RequestContext, value: Any) -> Item | Fault:
        if (needs and needs(scope) is ABSENT) or (lacks and lacks(scope) is not ABSENT):
            return item
        after = act(item, scope, value)
        return after if after is item or holds(step.when, scope.choose) else item

    return guarded


# What does nothing where its source is absent, and what takes its place; both have a source.
_IDLE_WITHOUT = (actions.Union, actions.Subtract, actions.Merge, actions.Append)
_WHOLE = (actions.Replace, actions.Patch)

Marked = Callable[[Sequence[Any]], Iterable[Any]]
Combine = Callable[[Sequence[Any], Sequence[Any], RequestContext, Marked], Sequence[Any]]


def _union(action: actions.Union, items: ResourceItems) -> Act:
    def united(present: Sequence[Any], values: Sequence[Any], scope: RequestContext, marked: Marked) -> Sequence[Any]:
        known = set(marked(present))
        new = {mark: value for mark, value in zip(marked(values), values) if mark not in known}  # noqa: B905  # both are as long
        return [*present, *new.values()]

    return _combined(action, united)


def _subtract(action: actions.Subtract, items: ResourceItems) -> Act:
    spared = _spared(action.spared)

    def left(present: Sequence[Any], values: Sequence[Any], scope: RequestContext, marked: Marked) -> Sequence[Any]:
        gone = spared(set(marked(values)), scope, marked)
        return [value for mark, value in zip(marked(present), present) if mark not in gone]  # noqa: B905  # both are as long

    return _combined(action, left)


def _combined(action: actions.Union | actions.Subtract, combine: Combine) -> Act:
    """The action that makes another list of a field's, with one that is sent."""
    field, of, known = action.field, action.of, _known(action.of, action.unknown)

    def combined(item: Item, scope: RequestContext, values: Any) -> Item | Fault:
        if type(values) is not list or not values:
            return item
        if of and not scope.state.has_all(of, values):
            values = known(values, scope)
            if type(values) is Fault:
                return values
        present = item.get(field, ())
        try:
            after = combine(present, values, scope, iter)
        except TypeError:  # objects and lists have no hash
            after = combine(present, values, scope, _as_texts)
        return item if len(after) == len(present) else {**item, field: after}

    return combined


def _as_texts(values: Sequence[Any]) -> Iterable[Any]:
    """For each value a text, equal where the values are."""
    return [json.dumps(value, sort_keys=True) for value in values]


def _known(of: str, policy: Policy[str]) -> Kept:
    """The function that keeps of a list what the policy on items that name nothing lets through."""

    def known(values: Sequence[Any], scope: RequestContext) -> Sequence[Any] | Fault:
        verdict = policy.under(scope.choose)
        if verdict == "accepted":
            return values
        are_known = [scope.state.has_all(of, (value,)) for value in values]
        if verdict == "ignored":
            return [value for value, is_known in zip(values, are_known, strict=True) if is_known]
        unknown = [value for value, is_known in zip(values, are_known, strict=True) if not is_known]
        why = f"there is no {of} {', '.join(map(str, unknown))}"
        return Fault(INVALID, (Violation("body", (), "unknown", why),), readings_of(policy))

    return known


def _spared(policy: Policy[actions.Operand]) -> Callable[[set[Any], RequestContext, Marked], set[Any]]:
    """The function that leaves out of a set what another list spares, asking only where that makes a difference."""
    operands = {operand: _items_of(operand) for operand in policy.values}
    every = tuple(items for operand, items in operands.items() if operand)  # an empty list spares nothing

    def spared(values: set[Any], scope: RequestContext, marked: Marked) -> set[Any]:
        for items in every:
            if not values.isdisjoint(marked(items(scope))):
                return values.difference(marked(operands[policy.under(scope.choose)](scope)))
        return values

    return spared


def _items_of(operand: actions.Operand) -> Callable[[RequestContext], Sequence[Any]]:
    if not isinstance(operand, Expression):
        return lambda scope: operand
    source: ValueSource = compile_source(operand)

    def items(scope: RequestContext) -> Sequence[Any]:
        values: Any = source(scope)
        return values if type(values) is list else ()

    return items


def _merge(action: actions.Merge, items: ResourceItems) -> Act:
    field = action.field
    if not field:
        return _merge_item(action, items)

    merged = _merger(action)
    reserved = frozenset(name for names in action.without.values for name in names)

    def merge(item: Item, scope: RequestContext, value: Any) -> Item:
        if type(value) is not dict or not value:
            return item
        given = value if reserved.isdisjoint(value) else without(value, scope.choose)
        return {**item, field: merged(item.get(field, {}), given, scope.choose)} if given else item

    def without(given: dict[str, Any], choose: Choose) -> dict[str, Any]:
        names = action.without.under(choose)
        return {name: value for name, value in given.items() if name not in names}

    return merge


def _merger(action: actions.Merge) -> Callable[[Item, Mapping[str, Any], Choose], dict[str, Any]]:
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


def _merge_item(action: actions.Merge, items: ResourceItems) -> Act:
    """Set members of the item itself (RFC 7396, where it is deep and null deletes)."""
    merged = _merger(action)

    def merge(item: Item, scope: RequestContext, given: Any) -> Item | Fault:
        if not isinstance(given, Mapping):
            return item
        without = action.without.under(scope.choose)
        kept = {name: value for name, value in given.items() if name not in without}
        after = items.changed(item, merged(item, kept, scope.choose), scope.request.at)
        return _sound(items, items.restored(item, after) if action.unfit == "ignored" else after)

    return merge


def _replace(action: actions.Replace, items: ResourceItems) -> Act:
    def replace(item: Item, scope: RequestContext, value: Any) -> Item | Fault:
        return items.touched(item, items.replaced(item, value, scope.request.at), scope.request.at)

    return replace


def _patch(action: actions.Patch, items: ResourceItems) -> Act:
    def patch(item: Item, scope: RequestContext, given: Any) -> Item | Fault:
        if not isinstance(given, list):
            return item
        try:
            after = patched(item, given)
        except Unpatchable as error:
            is_conflict = isinstance(error, Conflict)
            if action.unfit == "ignored" and not is_conflict:
                return item
            found = (Violation("body", error.pointer, "patch", str(error)),)
            return Fault(CONFLICTING if is_conflict else UNPARSABLE, found)
        if not isinstance(after, dict):
            return Fault(INVALID, (Violation("body", (), "patch", f"nothing of the {items.name} would be left"),))
        return _sound(items, items.changed(item, after, scope.request.at))

    return patch


def _sound(items: ResourceItems, item: Item) -> Item | Fault:
    """The item, or what is wrong with it."""
    found = items.violations(item)
    return Fault(INVALID, found) if found else item


def _append(action: actions.Append, items: ResourceItems) -> Act:
    field = action.field

    def append(item: Item, scope: RequestContext, value: Any) -> Item:
        if value is ABSENT or value == []:
            return item
        return {**item, field: [*item.get(field, ()), *(value if isinstance(value, list) else [value])]}

    return append


def _increment(action: actions.Increment, items: ResourceItems) -> Act:
    field = action.field

    def increment(item: Item, scope: RequestContext, step: Any) -> Item:
        is_number = isinstance(step, int | float) and not isinstance(step, bool)
        return {**item, field: item.get(field, 0) + step} if is_number and step else item

    return increment


def _holds_null(value: dict[str, Any]) -> bool:
    return any(member is None or (type(member) is dict and _holds_null(member)) for member in value.values())


def _set(action: actions.Set, items: ResourceItems) -> Act:
    resource, keys_of = items.name, items.keys_of
    sources = tuple((field, compile_value(source)) for field, source in action.fields.items())
    moves = action.own != Fixed("no-op")

    def set_fields(item: Item, scope: RequestContext, value: Any) -> Item | Fault:
        given = {field: value for field, source in sources if (value := source(scope)) is not ABSENT}
        if all(equal(item.get(field, ABSENT), value) for field, value in given.items()):
            return stays(item, scope) if moves else item
        after = {**item, **given}
        before_keys, keys = keys_of(item, scope.choose), keys_of(after, scope.choose)
        if keys[0] == before_keys[0] and moves and action.own.under(scope.choose) == "occupied":
            return occupied(keys[0], scope, *readings_of(action.own))
        if any(type(key) not in (int, str) for key in keys):
            why = f"what a {resource} is found by must be a text or an integer"
            return Fault(INVALID, (Violation("body", (), "type", why),))
        for key in keys:
            if key not in before_keys and scope.state.get(resource, key) is not None:
                return occupied(key, scope)
        return after

    def stays(item: Item, scope: RequestContext) -> Item | Fault:
        """An item that is to move to where it is."""
        if action.own.under(scope.choose) == "occupied":
            return occupied(keys_of(item, scope.choose)[0], scope, *readings_of(action.own))
        return item

    def occupied(key: Any, scope: RequestContext, *readings: str) -> Fault:
        why = f"{key} already belongs to another {resource}"
        status = action.occupied.under(scope.choose)
        return Fault(status, (Violation("body", (), "occupied", why),), (*readings, *readings_of(action.occupied)))

    return set_fields


_COMPILE: Mapping[type, Callable[[Any, ResourceItems], Act]] = {
    actions.Union: _union,
    actions.Subtract: _subtract,
    actions.Merge: _merge,
    actions.Set: _set,
    actions.Replace: _replace,
    actions.Patch: _patch,
    actions.Append: _append,
    actions.Increment: _increment,
}
