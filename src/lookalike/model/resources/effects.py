"""Effects: what an operation does to the selected item, step by step, all or nothing.

A step takes an item and returns it, changed or not; it never changes one in place. A step that cannot be taken returns
a `Rejection`, and nothing of the request takes effect. Readings are asked for only where the result depends on them.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lookalike.contract import semantics
from lookalike.contract.expressions import Expression, parse_value
from lookalike.json_values import ABSENT, Pointer, equal, find, is_number
from lookalike.model.context import RequestContext, ValueSource, compile_source, member_of
from lookalike.model.generated_values import compile_value
from lookalike.model.rejections import CONFLICTING, INVALID, UNPARSABLE, Rejection, readings_of
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.json_patch import PatchConflict, PatchError, apply_patch
from lookalike.model.resources.keys import is_key
from lookalike.model.resources.strategic_merge import is_strategic_merge, with_merged_lists
from lookalike.model.state import Item
from lookalike.readings import Choose, Fixed, Policy, holds
from lookalike.schema.validator import Violation
from lookalike.schema.view import SchemaView

# Takes an item and the value of the step's source, `ABSENT` where it has none. The very same item means no change.
ApplyStep = Callable[[Item, RequestContext, Any], Item | Rejection]

# An item after all steps, the clauses of the steps that changed it, and whether its key may have changed. A plain
# tuple, since it is unpacked at once, on the path of every update.
EffectResult = tuple[Item, tuple[str, ...], bool]

_NO_MEMBERS: Mapping[str, Any] = {}


# --- The steps of an operation ---


class Effect:
    """The steps of an operation, compiled."""

    def __init__(self, steps: Sequence[semantics.Step], items: ResourceItems) -> None:
        self._steps = tuple((1 << index, *_compile_step(step, items)) for index, step in enumerate(steps))
        self._clauses = tuple(step.clauses for step in steps)
        self._moving = sum(1 << index for index, step in enumerate(steps) if _may_move(step.action, items))
        # The clauses for each set of steps that changed something, as bits: the sets that come up are few.
        self._clauses_by_steps: dict[int, tuple[str, ...]] = {0: ()}

    def apply(self, item: Item, context: RequestContext) -> EffectResult | Rejection:
        """The item after all steps; the same object if nothing changes it."""
        changing = 0
        members = context.body if type(context.body) is dict else _NO_MEMBERS
        for bit, awaited_member, source, apply_step in self._steps:
            if not awaited_member:
                value = source(context)
            elif awaited_member in members:
                value = members[awaited_member]
            else:
                continue
            after = apply_step(item, context, value)
            if after is item:
                continue
            if type(after) is Rejection:
                return after
            changing |= bit
            item = after
        known = self._clauses_by_steps
        clauses = known[changing] if changing in known else self._clauses_of(changing)
        return item, clauses, bool(changing & self._moving)

    def _clauses_of(self, changing: int) -> tuple[str, ...]:
        stated = (clauses for index, clauses in enumerate(self._clauses) if changing >> index & 1)
        found = self._clauses_by_steps[changing] = tuple(
            dict.fromkeys(clause for clauses in stated for clause in clauses)
        )
        return found


def _compile_step(step: semantics.Step, items: ResourceItems) -> tuple[str, ValueSource, ApplyStep]:
    """The member that a step waits for, if any, else the source of its value; and the function that applies it.

    A member of the body that is absent is the usual reason to skip a step, and is found without a call.
    """
    awaited = _awaited_member(step)
    return awaited, _source_of(step.action), _with_conditions(step, items, awaited)


def _awaited_member(step: semantics.Step) -> str:
    """The member of the body without which a step does nothing, and whose value it takes; empty where it needs none.

    A `set` looks up its values itself, as it may set several fields.
    """
    action = step.action
    if isinstance(action, semantics.SetFields):
        sources = [step.needs] if step.needs else [*action.fields.values()] if action.own == Fixed("no-op") else []
    else:
        sources = [action.source] if isinstance(action, _SKIPPED_WITHOUT_SOURCE) else []
    members = {member_of(source) for source in sources}
    return members.pop() if len(members) == 1 else ""


def _source_of(action: semantics.Action) -> ValueSource:
    if isinstance(action, semantics.Increment):
        return compile_value(action.by)
    return compile_source(action.source) if isinstance(action, (*_SKIPPED_WITHOUT_SOURCE, *_WHOLE_ITEM)) else _no_value


def _no_value(context: RequestContext) -> Any:
    return ABSENT


def _may_move(action: semantics.Action, items: ResourceItems) -> bool:
    """Whether an action may change the key of an item: not if it sets other fields, by name."""
    fields = action.fields if isinstance(action, semantics.SetFields) else [getattr(action, "field", "")]
    return "" in fields or not items.identity_fields.isdisjoint(fields)


def _with_conditions(step: semantics.Step, items: ResourceItems, awaited: str) -> ApplyStep:
    """The action of a step with its conditions, except that the awaited member is present, which is checked before."""
    apply_action = compile_action(step.action, items)
    wanted, is_any = step.wanted, step.wanted is None
    is_checked = is_any and bool(awaited) and step.needs is not None and member_of(step.needs) == awaited
    needs = compile_source(step.needs) if step.needs and not is_checked else None
    lacks = compile_source(step.lacks) if step.lacks else None
    if needs is None and lacks is None and not step.when:
        return apply_action

    def apply_guarded(item: Item, context: RequestContext, value: Any) -> Item | Rejection:
        needed = needs(context) if needs else wanted
        if needed is ABSENT or not (is_any or needed == wanted) or (lacks and lacks(context) is not ABSENT):
            return item
        after = apply_action(item, context, value)
        return after if after is item or holds(step.when, context.choose) else item

    return apply_guarded


_SKIPPED_WITHOUT_SOURCE = (semantics.Union, semantics.Subtract, semantics.Merge, semantics.Append)
_WHOLE_ITEM = (semantics.Replace, semantics.Patch)


# --- union and subtract: fields that are sets ---

# Maps the values of a list to hashable ones, which are equal if and only if the values are.
ToHashable = Callable[[Sequence[Any]], Iterable[Any]]
CombineLists = Callable[[Sequence[Any], Sequence[Any], RequestContext, ToHashable], Sequence[Any]]


def _compile_union(action: semantics.Union, items: ResourceItems) -> ApplyStep:
    if items.related.links.shows_objects(action.field):
        return _compile_linking(action.field, items)

    def union(
        present: Sequence[Any], values: Sequence[Any], context: RequestContext, hashable: ToHashable
    ) -> Sequence[Any]:
        known = set(hashable(present))
        new = {hashed: value for hashed, value in zip(hashable(values), values) if hashed not in known}  # noqa: B905  # both are as long
        return [*present, *new.values()]

    return _compile_set_action(action, union)


def _compile_subtract(action: semantics.Subtract, items: ResourceItems) -> ApplyStep:
    if items.related.links.shows_objects(action.field):
        return _compile_unlinking(action.field, items)

    without_excepted = _compile_exceptions(action.excepted)

    def subtract(
        present: Sequence[Any], values: Sequence[Any], context: RequestContext, hashable: ToHashable
    ) -> Sequence[Any]:
        removed = without_excepted(set(hashable(values)), context, hashable)
        return [value for hashed, value in zip(hashable(present), present) if hashed not in removed]  # noqa: B905  # both are as long

    return _compile_set_action(action, subtract)


def _compile_linking(field: str, items: ResourceItems) -> ApplyStep:
    """The action that adds the objects that keys stand for; a key alone may be sent for a list of one."""

    def link(item: Item, context: RequestContext, sent: Any) -> Item:
        present = item.get(field) or []
        new = [key for key in _keys(sent) if not any(items.related.links.is_of(field, one, key) for one in present)]
        linked = [items.related.linked(field, key, item, context) for key in new]
        linked = items.related.links.numbered(field, present, new, linked)
        return {**item, field: [*present, *linked]} if linked else item

    return link


def _compile_unlinking(field: str, items: ResourceItems) -> ApplyStep:
    def unlink(item: Item, context: RequestContext, sent: Any) -> Item:
        present, keys = item.get(field) or [], _keys(sent)
        kept = [one for one in present if not any(items.related.links.is_of(field, one, key) for key in keys)]
        return item if len(kept) == len(present) else {**item, field: kept}

    return unlink


def _keys(sent: Any) -> list[Any]:
    return sent if type(sent) is list else [sent] if isinstance(sent, str | int | dict) else []


def _compile_set_action(action: semantics.Union | semantics.Subtract, combine: CombineLists) -> ApplyStep:
    """The action that combines a field with a list, or with a single key that was sent in the path or the body.

    A list of the same length is unchanged.
    """
    field, resource, keep_known = action.field, action.of, _compile_unknown_policy(action.of, action.unknown)

    def apply_set_action(item: Item, context: RequestContext, values: Any) -> Item | Rejection:
        if is_key(values):
            values = [values]
        if type(values) is not list or not values:
            return item
        if resource and not context.state.has_all(resource, values):
            values = keep_known(values, context)
            if type(values) is Rejection:
                return values
        present = item.get(field) or ()
        try:
            after = combine(present, values, context, iter)
        except TypeError:  # objects and arrays have no hash
            after = combine(present, values, context, _as_texts)
        return item if len(after) == len(present) else {**item, field: after}

    return apply_set_action


def _as_texts(values: Sequence[Any]) -> Iterable[Any]:
    return [json.dumps(value, sort_keys=True) for value in values]


def _compile_unknown_policy(
    resource: str, policy: Policy[str]
) -> Callable[[Sequence[Any], RequestContext], Sequence[Any] | Rejection]:
    """The function that filters or rejects a list of keys by the policy on keys of unknown items."""

    def keep_known(values: Sequence[Any], context: RequestContext) -> Sequence[Any] | Rejection:
        verdict = policy.under(context.choose)
        if verdict == "accepted":
            return values
        are_known = [context.state.has_all(resource, (value,)) for value in values]
        if verdict == "ignored":
            return [value for value, is_known in zip(values, are_known, strict=True) if is_known]
        unknown = [value for value, is_known in zip(values, are_known, strict=True) if not is_known]
        message = f"there is no {resource} {', '.join(map(str, unknown))}"
        return Rejection(INVALID, (Violation("body", (), "unknown", message),), readings_of(policy))

    return keep_known


def _compile_exceptions(
    policy: Policy[semantics.Operand],
) -> Callable[[set[Any], RequestContext, ToHashable], set[Any]]:
    """The function that removes the values that another list excepts from a set.

    The policy is asked for only where one of its lists has a value in common with the set.
    """
    operands = {operand: _compile_operand(operand) for operand in policy.values}
    may_except = tuple(values_of for operand, values_of in operands.items() if operand)  # an empty list never does

    def without_excepted(values: set[Any], context: RequestContext, hashable: ToHashable) -> set[Any]:
        for values_of in may_except:
            if not values.isdisjoint(hashable(values_of(context))):
                chosen = operands[policy.under(context.choose)]
                return values.difference(hashable(chosen(context)))
        return values

    return without_excepted


def _compile_operand(operand: semantics.Operand) -> Callable[[RequestContext], Sequence[Any]]:
    if not isinstance(operand, Expression):
        constant: Sequence[Any] = operand
        return lambda context: constant
    source = compile_source(operand)

    def sent_list(context: RequestContext) -> Sequence[Any]:
        values: Any = source(context)
        return values if type(values) is list else ()

    return sent_list


# --- merge: members of an object, of a field or of the item ---


def _compile_merge(action: semantics.Merge, items: ResourceItems) -> ApplyStep:
    return _compile_field_merge(action) if action.field else _compile_item_merge(action, items)


def _compile_field_merge(action: semantics.Merge) -> ApplyStep:
    field, merge = action.field, _ObjectMerger(action)
    reserved = frozenset(name for names in action.without.values for name in names)

    def merge_field(item: Item, context: RequestContext, value: Any) -> Item:
        if type(value) is not dict or not value:
            return item
        given: dict[str, Any] = value if reserved.isdisjoint(value) else without_reserved(value, context.choose)
        return {**item, field: merge.merged(item.get(field, {}), given, context.choose)} if given else item

    def without_reserved(value: dict[str, Any], choose: Choose) -> dict[str, Any]:
        left_out = action.without.under(choose)
        return {name: member for name, member in value.items() if name not in left_out}

    return merge_field


def _compile_item_merge(action: semantics.Merge, items: ResourceItems) -> ApplyStep:
    """Merge into the item itself: JSON Merge Patch (RFC 7396), where it is deep and null deletes."""
    merge = _ObjectMerger(action)

    def merge_item(item: Item, context: RequestContext, given: Any) -> Item | Rejection:
        if not isinstance(given, Mapping):
            return item
        if outdated := items.outdated(item, given):
            return Rejection(CONFLICTING, outdated)
        left_out = action.without.under(context.choose)
        kept = {name: value for name, value in given.items() if name not in left_out}
        if is_strategic_merge(context.request.headers.get("content-type", "")):
            kept = with_merged_lists(kept, item, items.view)
        kept = items.nested.numbered(items.nested.named(kept, item), item)
        for name in action.blank:
            if name in kept:
                kept[name] = _with_nulls(kept[name], item.get(name))
        after = items.changed(item, merge.merged(item, kept, context.choose), context.request.at)
        after = {**after, **related} if (related := items.related.shown(kept, context, item=item)) else after
        fit = items.with_valid_members(item, after, context) if action.unfit == "ignored" else after
        return _valid(items, item, fit)

    return merge_item


def _with_nulls(given: Any, old: Any) -> Any:
    """A map with null in place of each empty text; an empty text in place of the map deletes all that it had."""
    if given == "":
        return dict.fromkeys(old) if isinstance(old, dict) else {}
    return {key: None if value == "" else value for key, value in given.items()} if isinstance(given, dict) else given


class _ObjectMerger:
    """Merges one object into another, as deep as the action says."""

    def __init__(self, action: semantics.Merge) -> None:
        self._null = action.null
        self._null_in_new = action.null_in_new
        self._depth = action.depth

    def merged(self, old: Item, given: Mapping[str, Any], choose: Choose, is_new: bool = False) -> dict[str, Any]:
        """One object after another was merged into it, which `is_new` inside of one that was not there before."""
        new = {**old, **given}
        for name, value in given.items():
            if value is None and self._null.under(choose) == "deletes":
                del new[name]
            elif type(value) is dict and (is_new or self._is_merged(old.get(name), value, choose)):
                before = old.get(name)
                there = before if type(before) is dict else None
                new[name] = self.merged(there or {}, value, choose, is_new or there is None)
        return new

    def _is_merged(self, before: Any, value: dict[str, Any], choose: Choose) -> bool:
        """Whether an object is merged; the policy is asked for only if merging differs from replacing."""
        is_object = type(before) is dict
        if not ((is_object and before) or _holds_null(value)) or self._depth.under(choose) != "deep":
            return False
        return is_object or (self._null.under(choose) == "deletes" and self._null_in_new.under(choose) == "dropped")


def _holds_null(value: dict[str, Any]) -> bool:
    return any(member is None or (type(member) is dict and _holds_null(member)) for member in value.values())


# --- replace and patch: the whole item ---


def _compile_replace(action: semantics.Replace, items: ResourceItems) -> ApplyStep:
    def replace(item: Item, context: RequestContext, value: Any) -> Item | Rejection:
        if outdated := items.outdated(item, value):
            return Rejection(CONFLICTING, outdated)
        value = items.nested.numbered(items.nested.named(value, item), item)
        after = items.replaced(item, value, context.request.at, action.keeps)
        after = {**after, **items.related.shown(value, context, item=item)}
        return items.marks.added(item, after, context.request.at)

    return replace


def _compile_patch(action: semantics.Patch, items: ResourceItems) -> ApplyStep:
    def patch(item: Item, context: RequestContext, operations: Any) -> Item | Rejection:
        if not isinstance(operations, list):
            return item
        if items.is_of_mock:
            operations = [*_with_what_is_shown(item, operations, items.view.members)]
        try:
            after = apply_patch(item, operations)
        except PatchError as error:
            is_conflict = isinstance(error, PatchConflict)
            if action.unfit == "ignored" and not is_conflict:
                return item
            found = (Violation("body", error.pointer, "patch", str(error)),)
            return Rejection(CONFLICTING if is_conflict else UNPARSABLE, found)  # RFC 5789 section 2.2
        if not isinstance(after, dict):
            message = f"the patch must leave the {items.name} an object"
            return Rejection(INVALID, (Violation("body", (), "patch", message),))
        return _valid(items, item, items.changed(item, after, context.request.at))

    return patch


def _with_what_is_shown(item: Item, patch: list[Any], members: Mapping[str, SchemaView]) -> Iterator[Any]:
    """The operations of a patch, of which those on documented members that an item lacks begin with an empty value.

    A server that shows all of its members has a text to replace there, or a list to add to.
    """
    there = set(item)
    for operation in patch:
        path = operation.get("path") if isinstance(operation, Mapping) else None
        name, _, rest = path.removeprefix("/").partition("/") if isinstance(path, str) else ("", "", "")
        if name in members and name not in there:
            there.add(name)
            if rest == "-" and operation.get("op") == "add" and "array" in members[name].types:
                yield {"op": "add", "path": f"/{name}", "value": []}
            elif not rest and operation.get("op") == "replace":
                yield {**operation, "op": "add"}
                continue
        yield operation


def _valid(items: ResourceItems, before: Item, after: Item) -> Item | Rejection:
    """The item, if it fits its schema; of a server that keeps what does not fit, as far as the change is about it."""
    found = items.violations(after)
    if found and items.resource.conventions.is_tolerant:
        found = tuple(one for one in found if not _is_as_before(one.pointer[:1], before, after))
    return Rejection(INVALID, found) if found else after


def _is_as_before(place: Pointer, before: Item, after: Item) -> bool:
    return bool(place) and equal(find(before, place, ABSENT), find(after, place, ABSENT))


# --- append, increment and set: single fields ---


def _compile_append(action: semantics.Append, items: ResourceItems) -> ApplyStep:
    field = action.field

    def append(item: Item, context: RequestContext, value: Any) -> Item:
        if value is ABSENT or value == []:
            return item
        return {**item, field: [*item.get(field, ()), *(value if isinstance(value, list) else [value])]}

    return append


def _compile_increment(action: semantics.Increment, items: ResourceItems) -> ApplyStep:
    field = action.field

    def increment(item: Item, context: RequestContext, step: Any) -> Item:
        return {**item, field: item.get(field, 0) + step} if is_number(step) and step else item

    return increment


def _compile_set(action: semantics.SetFields, items: ResourceItems) -> ApplyStep:
    return _FieldSetter(action, items).apply


class _FieldSetter:
    """Sets fields, and so moves an item to another key, unless that key is occupied."""

    def __init__(self, action: semantics.SetFields, items: ResourceItems) -> None:
        self._action = action
        self._resource = items.name
        self._keys_of = items.keys_of
        self._items = items
        self._objects = frozenset(filter(items.related.shows_object, action.fields))
        self._sources = tuple((field, compile_value(source)) for field, source in action.fields.items())
        # Whether moving an item to its own key may be a conflict.
        self._own_key_matters = action.own != Fixed("no-op")
        nothing = parse_value(None)
        self._removed = [field for field, one in action.fields.items() if one == nothing and items.may_lack(field)]

    def apply(self, item: Item, context: RequestContext, _: Any) -> Item | Rejection:
        given = {field: value for field, source in self._sources if (value := source(context)) is not ABSENT}
        for field in given.keys() & self._objects:
            given[field] = self._items.related.shown_by_key(field, given[field], item, context)
        is_same = all(equal(item.get(field, ABSENT), value) for field, value in given.items())
        is_same = is_same and not (self._action.counts and not self._sources)
        if is_same and not self._own_key_matters:
            return item
        after = item
        if not is_same:
            after = {**item, **given, **self._counted(item)}
            after = self._items.marks.with_dates_of_states(item, after, context.request.at)
        for field in self._removed:
            after = {name: value for name, value in after.items() if name != field}
        old_keys, keys = self._keys_of(item, context.choose), self._keys_of(after, context.choose)
        if keys[0] == old_keys[0] and self._own_key_matters:
            own = self._action.own
            if own.under(context.choose) == "occupied":
                return self._occupied(keys[0], context, *readings_of(own))
        if is_same:
            return item
        if any(type(key) not in (int, str) for key in keys):
            message = f"the key of a {self._resource} must be a string or an integer"
            return Rejection(INVALID, (Violation("body", (), "type", message),))
        for key in keys:
            if key not in old_keys and context.state.get(self._resource, key) is not None:
                return self._occupied(key, context)
        return after

    def _counted(self, item: Item) -> dict[str, Any]:
        return {field: max(0, (item.get(field) or 0) + number) for field, number in self._action.counts.items()}

    def _occupied(self, key: Any, context: RequestContext, *readings: str) -> Rejection:
        policy = self._action.occupied
        status = policy.under(context.choose)
        message = f"{key} already belongs to another {self._resource}"
        return Rejection(status, (Violation("body", (), "occupied", message),), (*readings, *readings_of(policy)))


def _compile_restore(action: semantics.Restore, items: ResourceItems) -> ApplyStep:
    def restore(item: Item, context: RequestContext, _: Any) -> Item:
        return item if items.exists(item, context.request.at) else items.restored(item)

    return restore


def compile_action(action: semantics.Action, items: ResourceItems) -> ApplyStep:
    """The function that applies an action to an item, with the value of its source."""
    return _COMPILE[type(action)](action, items)


_COMPILE: Mapping[type, Callable[[Any, ResourceItems], ApplyStep]] = {
    semantics.Union: _compile_union,
    semantics.Subtract: _compile_subtract,
    semantics.Merge: _compile_merge,
    semantics.SetFields: _compile_set,
    semantics.Replace: _compile_replace,
    semantics.Patch: _compile_patch,
    semantics.Append: _compile_append,
    semantics.Increment: _compile_increment,
    semantics.Restore: _compile_restore,
}
