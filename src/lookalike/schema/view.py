"""A view of a schema as one object, for code that reads members and keywords wherever they are written.

A view looks through `$ref` and `allOf`, and through `anyOf` and `oneOf` where all but one of the branches are null. Of
several branches it shows the members that all of them describe alike. It is lazy, so that cyclic schemas are fine.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from lookalike.json_values import ABSENT, Pointer, find, object_at, parse_fragment
from lookalike.schema.value_types import types_meant

# Alternatives inside of alternatives: each level multiplies the work, and items of real documents have two at most.
_DEEPEST = 2


class SchemaViews:
    """The views of the schemas of one document, each made once: its operations have most schemas in common."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._known: dict[Pointer, SchemaView] = {}
        self._joined: dict[tuple[Pointer, ...], SchemaView] = {}

    def at(self, pointer: Pointer, node: Any = ABSENT) -> "SchemaView":
        """The view of the schema at a pointer, which is `node`, where that is known.

        It is the same for schemas that are nothing but a reference to the same one.
        """
        known = self._known.get(pointer)
        if known is None:
            node = find(self.root, pointer) if node is ABSENT else node
            known = self._known[pointer] = SchemaView(self.root, pointer, node, self)  # also for a circle of references
            if isinstance(node, dict) and len(node) == 1 and isinstance(node.get("$ref"), str):
                known = self._known[pointer] = self.at(parse_fragment(node["$ref"]))
        return known

    def of_all(self, places: "tuple[_SchemaNode, ...]") -> "SchemaView":
        """The view of a value that has to meet several schemas."""
        first, *others = places
        if not others:
            return self.at(*first)
        pointers = tuple(one.pointer for one in places)
        known = self._joined.get(pointers)
        if known is None:
            known = self._joined[pointers] = SchemaView(self.root, *first, self, tuple(others))
        return known


class SchemaView:
    """The schema at a pointer of a document; its own `pointer` is the one behind its references."""

    def __init__(
        self,
        root: Any,
        pointer: Pointer,
        node: Any = ABSENT,
        views: SchemaViews | None = None,
        beside: "tuple[_SchemaNode, ...]" = (),
    ) -> None:
        """`node` is the schema at the pointer, where that is known; those of its parts are among the `views`.

        Of the schemas `beside` it, too, a value has to meet all.
        """
        self._root = root
        self._start = _SchemaNode(pointer, find(root, pointer) if node is ABSENT else node)
        self._beside = beside
        self._views = views or SchemaViews(root)

    @cached_property
    def pointer(self) -> Pointer:
        """The pointer behind the references of the schema."""
        return object_at(self._root, self._start.pointer)[0]

    @cached_property
    def pointers(self) -> tuple[Pointer, ...]:
        """The pointers of the `parts`, behind their references: that of `User` in `anyOf` a user or null, too."""
        return tuple(pointer for pointer, _ in self._places)

    @cached_property
    def parts(self) -> tuple[Mapping[str, Any], ...]:
        """The schemas that a value has to meet, all of them."""
        return tuple(node for _, node in self._places)

    def keyword(self, name: str, default: Any = None) -> Any:
        """The value of a keyword in the first part that has it."""
        for part in self.parts:
            if name in part:
                return part[name]
        return default

    @property
    def example(self) -> Any:
        """The first example, by either keyword; None if there is none."""
        examples = self.keyword("examples")
        first = examples[0] if isinstance(examples, list) and examples else None
        return self.keyword("example", first)

    @property
    def has_one_value(self) -> bool:
        """Whether a single value is possible, as of `{"const": "error"}`."""
        listed = self.keyword("enum")
        return self.keyword("const") is not None or (isinstance(listed, list) and len(listed) == 1)

    def is_marked(self, name: str) -> bool:
        """Whether a keyword, like `readOnly`, is true."""
        return any(part.get(name) is True for part in self.parts)

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that the value may have; empty if they are left open."""
        named = self.keyword("type", [])
        found = types_meant(frozenset([named] if isinstance(named, str) else named), self.keyword("format"))
        if found or not (self.members or any("properties" in part for part in self.parts)):
            return found or (frozenset({"array"}) if self.keyword("items") else found)
        return frozenset({"object"})

    @property
    def possible_types(self) -> frozenset[str]:
        """The same, with those of each branch where there are several: a key, or the object that it stands for."""
        return self.types or frozenset(name for branch in self.branches for name in branch.types)

    @property
    def is_flag(self) -> bool:
        """Whether the value is true or false, or perhaps null."""
        return self.types - {"null"} == {"boolean"}

    @property
    def may_be_null(self) -> bool:
        """Whether null is one of the types, or a branch of its own."""
        parts = ((part, name) for part in self.parts for name in _CHOICES)
        branches = (branch for part, name in parts for branch in _list(part.get(name)))
        return "null" in self.types or any(_object(branch).get("type") == "null" for branch in branches)

    @property
    def is_never_null(self) -> bool:
        """Whether null is none of the stated types, so that no schema need be compiled to see that it is refused."""
        return bool(self.keyword("type")) and not self.may_be_null

    @cached_property
    def members(self) -> dict[str, "SchemaView"]:
        """A view of each member that is described, by name."""
        places = self._members(self._places, frozenset())
        return {name: self._views.of_all(parts) for name, parts in places.items()}

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the required members."""
        return self._required(self._places, frozenset())

    def inside(self, names: Iterable[str | int]) -> "SchemaView | None":
        """A view of the member of a member, and so on; None if one of them is not described."""
        view: SchemaView | None = self
        for name in names:
            view = view.members.get(str(name)) if view is not None else None
        return view

    @cached_property
    def items(self) -> "SchemaView | None":
        """A view of the items of an array."""
        for pointer, node in self._places:
            if isinstance(node.get("items"), dict):
                return self._views.at((*pointer, "items"), node["items"])
        return None

    @cached_property
    def branches(self) -> "tuple[SchemaView, ...]":
        """A view of each branch of `oneOf` and `anyOf`, where there are several besides null."""
        return tuple(
            self._views.at(*place)
            for one in self._places
            for name in _CHOICES
            if len(branches := _branches(one, name)) > 1
            for place in branches
        )

    @cached_property
    def is_closed(self) -> bool:
        """Whether members that are not described are forbidden."""
        return any(part.get(name) is False for part in self.parts for name in _CLOSING)

    @cached_property
    def _places(self) -> "tuple[_SchemaNode, ...]":
        return tuple(self._flattened((self._start, *self._beside), frozenset()))

    def _members(
        self, places: "Iterable[_SchemaNode]", passed: frozenset[Pointer]
    ) -> "dict[str, tuple[_SchemaNode, ...]]":
        """The places of the schemas of each member: the first one that says what it holds, and other objects.

        An envelope for all answers leaves that open (`data: {}`), and each answer says it beside, in `allOf`. So does
        one that adds to the `attributes` of another resource object: they are the members of both.
        """
        found: dict[str, tuple[_SchemaNode, ...]] = {}
        for one in places:
            for name, member in _object(one.node.get("properties")).items():
                place = _SchemaNode((*one.pointer, "properties", name), member)
                known = found.get(name, ())
                if not known or (_is_open(known[0].node) and not _is_open(member)):
                    found[name] = (place,)
                elif _adds_members(member, known):
                    found[name] = (*known, place)
            for branches in _alternatives(one, len(passed)):
                below = passed | {one.pointer}
                first, *others = [self._members(self._flattened((branch,), below), below) for branch in branches]
                for name, parts in first.items():
                    nodes = [part.node for part in parts]
                    if all(name in other and nodes == [part.node for part in other[name]] for other in others):
                        found.setdefault(name, parts)
        return found

    def _required(self, places: "Iterable[_SchemaNode]", passed: frozenset[Pointer]) -> frozenset[str]:
        found: set[str] = set()
        for one in places:
            found.update(_list(one.node.get("required")))
            for branches in _alternatives(one, len(passed)):
                below = passed | {one.pointer}
                required = [self._required(self._flattened((branch,), below), below) for branch in branches]
                found |= frozenset.intersection(*required)
        return frozenset(found)

    def _flattened(self, starts: "tuple[_SchemaNode, ...]", passed: frozenset[Pointer]) -> "Iterator[_SchemaNode]":
        """The schemas that a value has to meet, with their pointers, each once: there may be 2^25 ways to one."""
        seen = {*passed}
        waiting = [*reversed(starts)]
        while waiting:
            one = waiting.pop()
            if isinstance(one.node, dict) and one.pointer not in seen:
                seen.add(one.pointer)
                yield one
                if not _COMPOSED.isdisjoint(one.node):
                    waiting += reversed(list(self._parts_of(one)))

    def _parts_of(self, one: "_SchemaNode") -> "Iterator[_SchemaNode]":
        """The schemas that are met wherever a schema is: behind its reference, in `allOf`, and as the only branch."""
        reference = one.node.get("$ref")
        if isinstance(reference, str):
            pointer = parse_fragment(reference)
            yield _SchemaNode(pointer, find(self._root, pointer))
        yield from _entries(one, "allOf")
        for name in _CHOICES:
            branches = _branches(one, name)
            if len(branches) == 1:
                yield branches[0]


class _SchemaNode(NamedTuple):
    """A schema and the pointer to it."""

    pointer: Pointer
    node: Any


_CLOSING = ("additionalProperties", "unevaluatedProperties")
_CHOICES = ("oneOf", "anyOf")
_COMPOSED = frozenset({"$ref", "allOf", *_CHOICES})
_SAYING_LITTLE = frozenset({"type", "items", "title", "description", "nullable", "additionalProperties"})


def holds_objects(view: SchemaView) -> bool:
    """Whether a member is an object with members of its own, or a list of such."""
    held = view.items if "array" in view.types else view
    return held is not None and bool(held.members)


_KEY_TYPES = frozenset({"string", "integer"})


def is_key_of_shown(one: SchemaView, other: SchemaView) -> bool:
    """Whether one member can only hold a thing, or a list of such, and the other one its key, or a list of keys."""
    if "array" in one.types and "array" in other.types and one.items is not None and other.items is not None:
        return is_key_of_shown(one.items, other.items)
    types = [view.types - {"null"} for view in (one, other)]
    return any(
        types[key] and types[key] <= _KEY_TYPES and types[1 - key] == {"object"} and bool(view.members)
        for key, view in ((0, other), (1, one))
    )


def contradicting_members(schema: SchemaView, item: SchemaView) -> frozenset[str]:
    """The members that a schema describes in other types than the item does, so that it cannot show the item's."""
    shared = schema.members.keys() & item.members.keys()
    pairs = {name: (schema.members[name], item.members[name]) for name in shared}
    return frozenset(name for name, pair in pairs.items() if not types_agree(*pair) and not is_key_of_shown(*pair))


def types_agree(one: SchemaView, other: SchemaView) -> bool:
    """Whether values of the second schema may fit the first, by their types: each integer is a number."""
    types = other.types | {"number"} if "integer" in other.types else other.types
    return not one.types or not types or bool(one.types & types)


def _alternatives(one: _SchemaNode, depth: int) -> Iterator[list[_SchemaNode]]:
    """The branches of `oneOf` and of `anyOf`, where there are several, and they are not too deep in others."""
    for name in _CHOICES if depth < _DEEPEST else ():
        branches = _branches(one, name)
        if len(branches) > 1:
            yield branches


def _branches(one: _SchemaNode, name: str) -> list[_SchemaNode]:
    return [branch for branch in _entries(one, name) if _object(branch.node).get("type") != "null"]


def _entries(one: _SchemaNode, name: str) -> list[_SchemaNode]:
    # An index is a text, as in a reference: one and the same schema has one pointer.
    entries = enumerate(_list(one.node.get(name)))
    return [_SchemaNode((*one.pointer, name, str(index)), entry) for index, entry in entries]


def _is_open(node: Any) -> bool:
    """Whether a schema leaves open what a value holds: anything, any object, or a list of such."""
    schema = _object(node)
    return schema.keys() <= _SAYING_LITTLE and ("items" not in schema or _is_open(schema["items"]))


def _adds_members(node: Any, known: tuple[_SchemaNode, ...]) -> bool:
    """Whether a schema describes members that those already known for a value, objects too, may not have."""
    others = [part.node for part in known]
    return node not in others and all(_object(one).get("properties") for one in (node, *others))


def _object(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
