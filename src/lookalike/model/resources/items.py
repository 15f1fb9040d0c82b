"""The items of a resource: how they are made, found, and kept to their schema."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.expressions import Expression
from lookalike.contract.requests import Parameter
from lookalike.contract.semantics import Create, Merge, Replace
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.generated_values import now, today
from lookalike.model.resources.keys import compile_key_coercion, compile_keys, compile_parent, key_fields
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.state import Item, Key, Put
from lookalike.readings import Choose
from lookalike.schema.generation.sampler import Exhausted
from lookalike.schema.validator import READ_ONLY, Violation
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_CREATED = frozenset({"created", "createdat", "createdon", "createddate", "creationdate", "datecreated", "createtime"})
_UPDATED = frozenset(
    (
        *("updated", "updatedat", "updatedon", "updateddate", "dateupdated", "updatetime", "lastupdated"),
        *("modified", "modifiedat", "lastmodified", "lastmodifiedat", "datemodified"),
    )
)
# When what is there from the start was made: one moment of the past that is the same each time.
SEEDED_AT = 1_767_225_600.0
_ROUNDS = 4
_TEXT_RULES = ("pattern", "minLength", "maxLength", "format")
_NO_TYPES: frozenset[str] = frozenset()
_MOST = 10**9  # a client's own key beyond this is none that counting goes on from

KeyFormat = Callable[[str, int], Any]

# How keys are written, by the number that was counted: the first that the schema of the key accepts.
_INTEGERS: tuple[KeyFormat, ...] = (lambda name, number: number,)
_TEXTS: tuple[KeyFormat, ...] = (
    lambda name, number: f"{name}-{number}",
    lambda name, number: str(number),
    lambda name, number: str(uuid5(NAMESPACE_URL, f"{name}/{number}")),
    lambda name, number: f"{number:024x}",
    lambda name, number: f"{number:032x}",
    lambda name, number: f"{name[:1].upper()}{number}",
)
_UUIDS = _TEXTS[2:3] + _TEXTS


class ResourceItems:
    """The items of one resource of a contract."""

    def __init__(
        self,
        contract: Contract,
        name: str,
        bodies: ResponseBodies,
        in_paths: Sequence[Parameter] = (),
        sent: Iterable[str] = (),
    ) -> None:
        resource = contract.resources[name]
        self._bodies = bodies
        self._in_paths = in_paths
        self.name = name
        self.resource = resource
        self.keys_of = compile_keys(resource)
        self.parent_of = compile_parent(resource)
        self.view = SchemaView(contract.document.data, (KEYWORD, "resources", name, "schema"))
        self._schema = contract.item_schemas[name]
        self._members = self.view.members
        self._types = {field: view.types for field, view in self._members.items()}
        self.key = self._key_field()
        self.as_key = compile_key_coercion(self.types_of(self.key))  # of a value from a path
        self.by = resource.parent.fields if resource.parent else ()
        self.pinned = frozenset({*key_fields(resource), *self.by})
        self.hidden = self.pinned - self._members.keys()
        read_only = frozenset(field for field, view in self._members.items() if view.is_marked("readOnly"))
        self._server_sets = read_only - {field for field in self._spelt(dict.fromkeys(sent)) if not _is_stamp(field)}
        self._pinned = self.pinned | self._server_sets
        self._filled = tuple(self._to_fill())
        self._touched = tuple(field for field in self._members if _plain(field) in _UPDATED and self._is_time(field))

    def put(self, item: Item, choose: Choose, number: int = 0) -> Put:
        """The change that remembers an item."""
        keys = self.keys_of(item, choose)
        return Put(self.name, keys[0], item, keys[1:], self.parent_of(item), number)

    def types_of(self, field: str) -> frozenset[str]:
        """The types that a field may have."""
        return self._types.get(field, _NO_TYPES)

    def below(self, parent: Item, fields: Sequence[str]) -> dict[str, Any]:
        """The fields of an item that belongs to one of these, which hold its key."""
        above = self.resource.parent.fields if self.resource.parent and self.resource.parent.scopes_keys else ()
        return dict(zip(fields, (*(parent[field] for field in above), parent.get(self.key, self.name)), strict=False))

    def new(self, body: Any, given: Mapping[str, Any], at: float, number: int) -> Item:
        """An item made of a body; `given` is what is known of it besides, as the key of its parent.

        A key that was sent and does not fit the schema of an item is not taken: another is counted.
        """
        sent = self._spelt(body) if isinstance(body, dict) else {}
        item = {name: value for name, value in sent.items() if name not in self._server_sets}
        if self.key in item and not self._accepts_key(item[self.key]):
            del item[self.key]
        return self.filled({**item, **given}, at, number)

    def replaced(self, old: Item, body: Any, at: float) -> Item:
        """An item with a body in its place, but for its key and what only the server sets."""
        sent = self._spelt(body) if isinstance(body, dict) else {}
        kept = {name: value for name, value in old.items() if name in self._pinned}
        return self.filled({**{name: value for name, value in sent.items() if name not in self._pinned}, **kept}, at)

    def changed(self, old: Item, new: Item, at: float) -> Item:
        """A changed item with its key and what only the server sets as they were, and the time of the change."""
        kept = {name: old[name] for name in self._pinned if name in old}
        after = {**{name: value for name, value in self._spelt(new).items() if name not in self._pinned}, **kept}
        for name in self.view.required - after.keys():
            if name in self._members and "null" in self._members[name].types:
                after[name] = None
        return self.touched(old, after, at)

    def restored(self, old: Item, after: Item) -> Item:
        """A changed item, each member of which that does not fit as it was."""
        unfit = {one.pointer[0] for one in self.violations(after) if one.pointer}
        if not unfit:
            return after
        kept = {name: value for name, value in after.items() if name not in unfit}
        return {**kept, **{name: value for name, value in old.items() if name in unfit}}

    def _spelt(self, sent: Item) -> Item:
        """What was sent under the names of fields, where it was under others, as `FriendlyName` for `friendly_name`."""
        if sent.keys() <= self._members.keys():
            return sent
        known = self._members
        return {
            name if name in known else self._plain_names.get(_plain(name), name): value for name, value in sent.items()
        }

    @cached_property
    def _plain_names(self) -> Mapping[str, str]:
        return {_plain(name): name for name in self._members}

    def touched(self, old: Item, after: Item, at: float) -> Item:
        """The item with the time of its change, where it has changed at all."""
        plain = {name: value for name, value in after.items() if name not in self._touched}
        before = {name: value for name, value in old.items() if name not in self._touched}
        if plain == before:
            return old
        return {**after, **{name: self._time(name, at) for name in self._touched if name in after}}

    def filled(self, item: Item, at: float, number: int = 0) -> Item:
        """An item with everything that a client leaves to the server, so that it fits the schema."""
        whole = dict(item)
        if self.key and not self._is_key(whole.get(self.key, ABSENT)):
            whole[self.key] = self._form(number)
        for name, is_time in self._filled:
            if name not in whole:
                whole[name] = self._time(name, at) if is_time else self._sample(name)
        return self._fitted(whole)

    def first(self, given: Mapping[str, Any]) -> Item:
        """What there is from the start, where there is one for each parent: like the example, or with all members."""
        shown = next(iter(self.resource.examples), None)
        return self.filled({**(shown or self.sampled(0)), **given}, SEEDED_AT)

    def sampled(self, number: int) -> Item:
        """The beginnings of an item that is made up, without its key; the number tells it from others."""
        whole = self._bodies.sampled(self.view)
        return {name: value for name, value in whole.items() if name != self.key} if isinstance(whole, dict) else {}

    def counted(self, item: Item, number: int = 0) -> int:
        """The number that an item counts as, so that no later one gets its key; 0 where its key was not counted."""
        key = item.get(self.key)
        if isinstance(key, int):
            return key if 0 < key < _MOST else 0
        if key is not None and key == self._form(number):
            return number
        found = re.search(r"([0-9]{1,9})[^0-9]*\Z", key) if isinstance(key, str) else None
        return int(found[1]) if found and self._form(int(found[1])) == key else 0

    def next_number(
        self, context: RequestContext, given: Mapping[str, Any], taken: Mapping[Key, Any], latest: int = 0
    ) -> int:
        """The number of the next item, whose key no item has."""
        number = max(context.state.number(self.name), latest) + 1
        while self.key and self._is_taken({**given, self.key: self._form(number)}, context, taken):
            number += 1
        return number

    def _is_taken(self, item: Item, context: RequestContext, taken: Mapping[Key, Any]) -> bool:
        key = self.keys_of(item, context.choose)[0]
        return key in taken or context.state.get(self.name, key) is not None

    def seen(self, item: Item) -> Item:
        """An item without the fields that clients do not see."""
        return {name: value for name, value in item.items() if name not in self.hidden} if self.hidden else item

    def shown(self, example: Item) -> Item:
        """An item that an example shows, with its texts in the formats that are named, but for its key."""
        spelt = self._bodies.in_format(self.view.pointer, self.seen(example))
        return {**spelt, **{name: example[name] for name in self.pinned if name in example}}

    def violations(self, item: Item) -> tuple[Violation, ...]:
        """What does not fit of an item, but for what clients do not see; none that only some choices have."""
        seen = self.seen(item)
        if self._schema.accepts(seen):
            return ()
        return tuple(one for one in self._schema.violations(seen, "body", f"the {self.name}") if not one.when)

    def _fitted(self, item: dict[str, Any]) -> Item:
        """The item with what does not fit replaced by what does, as far as that can be found."""
        for _ in range(_ROUNDS):
            found = self.violations(item)
            if not found:
                break
            for violation in found:
                self._mend(item, violation)
        return item

    def _mend(self, item: dict[str, Any], violation: Violation) -> None:
        name = violation.pointer[0] if violation.pointer else None
        if isinstance(name, str) and name not in self._members:
            item.pop(name, None)
        elif isinstance(name, str) and name not in self.pinned:
            item[name] = self._sample(name)
        elif name is None:
            missing = self.view.required - item.keys()
            item.update({name: self._sample(name) for name in missing if name in self._members})
            if violation.keyword in ("additionalProperties", "unevaluatedProperties"):
                for extra in item.keys() - self._members.keys() - self.hidden:
                    del item[extra]

    def _key_field(self) -> str:
        """The one field that is the key, or nothing where there are several or none."""
        names = self.resource.keys.values[0]
        return names[0][0] if len(names) == 1 and len(names[0]) == 1 else ""

    def _is_key(self, value: Any) -> bool:
        types = self.types_of(self.key)
        if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
            return False
        return not types or bool(types & ({"string"} if isinstance(value, str) else {"integer", "number"}))

    @cached_property
    def _form(self) -> Callable[[int], Any]:
        """The function from a number to a key."""
        if not self.key:
            return lambda number: number
        types = self.types_of(self.key) or frozenset[str]().union(
            *(one.value_type.types or () for one in self._in_paths)
        )
        format_ = self._members[self.key].keyword("format") if self.key in self._members else None
        forms = _INTEGERS if types and "string" not in types else _UUIDS if format_ == "uuid" else _TEXTS
        name = self.name
        fit = [form for form in self._forms(forms) if self._accepts_key(form(name, 1))] or [forms[0]]
        form = max(fit, key=lambda form: self._paths_of(form(name, 1)))  # the first of the best
        return lambda number: form(name, number)

    def _forms(self, usual: Sequence[KeyFormat]) -> Iterator[KeyFormat]:
        """The ways to write keys: the usual ones, one as long as paths want it, those that fit them, counted."""
        yield from usual
        longest = max((one.value_type.keyword("minLength", 0) for one in self._in_paths), default=0)
        yield lambda name, number: str(number).rjust(longest, "0")
        for text in self._fitting_texts():
            for counted in ("[0-9]+", "[0-9A-Za-z]+"):
                if runs := [*re.finditer(counted, text)]:
                    yield _amid(text[: runs[-1].start()], len(runs[-1][0]), text[runs[-1].end() :])

    def _fitting_texts(self) -> Iterator[str]:
        """Texts that fit the key's member, or a pattern that a path has for it."""
        described = [one.value_type for one in self._in_paths if one.value_type.keyword("pattern") is not None]
        rules = [
            {word: kind.keyword(word) for word in _TEXT_RULES if kind.keyword(word) is not None} for kind in described
        ]
        found = [self._sample(self.key)] if self.key in self._members else []
        for one in rules:
            with suppress(Exhausted):
                found.append(self._bodies.sampler.fitting({"type": "string", **one}))
        yield from (text for text in found if isinstance(text, str))

    def _accepts_key(self, key: Any) -> bool:
        found = self._schema.violations({self.key: key}, "item", self.name)
        return not any(one.pointer[:1] == (self.key,) for one in found)

    def _paths_of(self, key: Any) -> int:
        """How many paths take a key; documents may differ with themselves about what they take."""
        values = (key, str(key), *([int(key)] if isinstance(key, str) and key.isdecimal() else ()))
        return sum(
            one.schema is None or any(one.schema.accepts({one.name: value}) for value in values)
            for one in self._in_paths
        )

    def _to_fill(self) -> Iterator[tuple[str, bool]]:
        """The fields that a client may leave to the server, and whether what each gets is the time."""
        for name, view in self._members.items():
            if name == self.key or view.is_marked("writeOnly"):
                continue
            is_time = self._is_time(name)
            known = is_time and _is_stamp(name)
            if is_time and (known or view.is_marked("readOnly")):
                yield name, True
            elif view.keyword("default") is not None or view.is_marked("readOnly") or name in self.view.required:
                yield name, False

    def _sample(self, field: str) -> Any:
        """What a field gets that nobody sent: its default, else an empty list, else something that fits it."""
        view = self._members[field]
        default = view.keyword("default")
        if default is None and "array" in view.types and not view.keyword("minItems"):
            return []
        return self._bodies.sampled(view) if default is None else default

    def _is_time(self, field: str) -> bool:
        view = self._members[field]
        if view.keyword("format") in ("date-time", "date"):
            return True
        return bool(view.types & {"integer"}) and _is_stamp(field)

    def _time(self, field: str, at: float) -> Any:
        view = self._members[field]
        if "string" not in view.types:
            return int(at)
        return today(at) if view.keyword("format") == "date" else now(at)


class ItemRegistry:
    """The items of every resource of a contract, each made when they are first asked for."""

    def __init__(self, contract: Contract, bodies: ResponseBodies) -> None:
        self._contract = contract
        self._bodies = bodies
        self._made: dict[str, ResourceItems] = {}
        self._below: dict[str, list[str]] = {}
        for name, resource in contract.resources.items():
            if resource.parent is not None:
                self._below.setdefault(resource.parent.resource, []).append(name)

    def __getitem__(self, name: str) -> ResourceItems:
        if name not in self._made:
            in_paths, sent = self._in_paths.get(name, ()), self._sent(name)
            self._made[name] = ResourceItems(self._contract, name, self._bodies, in_paths, sent)
        return self._made[name]

    def _sent(self, name: str) -> Iterator[str]:
        """The members that a client may send for an item by what is said of bodies, whatever is said of the item."""
        for operation, source in self._sources.get(name, ()):
            kind = operation.body.first.value_type if operation.body and source.source == "body" else None
            for token in source.pointer if kind else ():
                kind = kind.member(str(token)) if kind else None
            if kind:
                yield from (one for one in kind.properties if kind.member(one).keyword(READ_ONLY) is not True)

    @cached_property
    def _sources(self) -> Mapping[str, Sequence[tuple[Operation, Expression]]]:
        """The operations that make or change the items of each resource, and where in a request that is."""
        found: dict[str, list[tuple[Operation, Expression]]] = {}
        for operation in self._contract.operations:
            for action in (step.action for step in operation.steps):
                if isinstance(action, Create):
                    found.setdefault(action.resource, []).append((operation, action.source))
                elif isinstance(action, Replace | Merge) and operation.selector:
                    found.setdefault(operation.selector.resource, []).append((operation, action.source))
        return found

    @cached_property
    def _in_paths(self) -> Mapping[str, Sequence[Parameter]]:
        """The parameters that name the items of each resource in paths."""
        found: dict[str, list[Parameter]] = {}
        for operation in self._contract.operations:
            select = operation.selector
            named = (
                operation.parameters.get(("path", select.by.name)) if select and select.by.source == "path" else None
            )
            if select and named:
                found.setdefault(select.resource, []).append(named)
        return found

    def below(self, name: str) -> Iterator[ResourceItems]:
        """The resources whose items belong to those of another."""
        return (self[below] for below in self._below.get(name, ()))


def _amid(start: str, length: int, end: str) -> KeyFormat:
    """Keys that begin and end alike, with a number between, written in that many digits."""
    return lambda name, number: start + str(number).rjust(length, "0") + end


def _is_stamp(field: str) -> bool:
    return _plain(field) in _CREATED | _UPDATED


def _plain(name: str) -> str:
    """A name in lower case without anything but letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
