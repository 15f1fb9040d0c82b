"""A view of a schema as one object, for code that reads members and keywords wherever they are written.

A view looks through `$ref` and `allOf`, and through `anyOf` and `oneOf` where all but one of the branches are null. Of
several branches it shows the members that all of them describe alike. It is lazy, so that cyclic schemas are fine.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from lookalike.json_values import Pointer, find, object_at, parse_fragment

# Alternatives inside of alternatives: each level multiplies the work, and items of real documents have two at most.
_DEEPEST = 2


class SchemaView:
    """The schema at a pointer of a document; its own `pointer` is the one behind its references."""

    def __init__(self, root: Any, pointer: Pointer) -> None:
        self._root = root
        self._start = pointer
        self.pointer = object_at(root, pointer)[0]

    @cached_property
    def parts(self) -> tuple[Mapping[str, Any], ...]:
        """The schemas that a value has to meet, all of them."""
        return tuple(node for _, node in self._flattened(self._start, frozenset()))

    def keyword(self, name: str, default: Any = None) -> Any:
        """The value of a keyword in the first part that has it."""
        return next((part[name] for part in self.parts if name in part), default)

    @property
    def example(self) -> Any:
        """The first example, by either keyword; None where there is none."""
        examples = self.keyword("examples")
        first = examples[0] if isinstance(examples, list) and examples else None
        return self.keyword("example", first)

    def is_marked(self, name: str) -> bool:
        """Whether a keyword, like `readOnly`, is true."""
        return any(part.get(name) is True for part in self.parts)

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that the value may have; empty where they are left open."""
        named = self.keyword("type", [])
        found = frozenset([named] if isinstance(named, str) else named)
        if found or not (self.members or any("properties" in part for part in self.parts)):
            return found or (frozenset({"array"}) if self.keyword("items") else found)
        return frozenset({"object"})

    @property
    def possible_types(self) -> frozenset[str]:
        """The same, with those of each branch where there are several: a key, or the object that it stands for."""
        return self.types or frozenset(name for branch in self.branches for name in branch.types)

    @cached_property
    def members(self) -> dict[str, "SchemaView"]:
        """A view of each member that is described, by name."""
        places = self._members(self._start, frozenset())
        return {name: SchemaView(self._root, place) for name, place in places.items()}

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the required members."""
        return self._required(self._start, frozenset())

    def inside(self, names: Iterable[str | int]) -> "SchemaView | None":
        """A view of the member of a member, and so on; None where one of them is not described."""
        view: SchemaView | None = self
        for name in names:
            view = view.members.get(str(name)) if view is not None else None
        return view

    @cached_property
    def items(self) -> "SchemaView | None":
        """A view of the items of an array."""
        for pointer, node in self._flattened(self._start, frozenset()):
            if isinstance(node.get("items"), Mapping):
                return SchemaView(self._root, (*pointer, "items"))
        return None

    @cached_property
    def branches(self) -> "tuple[SchemaView, ...]":
        """A view of each branch of `oneOf` and `anyOf`, where there are several besides null."""
        return tuple(
            SchemaView(self._root, (*pointer, name, index))
            for pointer, node in self._flattened(self._start, frozenset())
            for name in ("oneOf", "anyOf")
            if len(_branches(node, name)) > 1
            for index in _branches(node, name)
        )

    @cached_property
    def is_closed(self) -> bool:
        """Whether members that are not described are forbidden."""
        return any(part.get(name) is False for part in self.parts for name in _CLOSING)

    def _members(self, start: Pointer, passed: frozenset[Pointer]) -> dict[str, Pointer]:
        """The pointer to the schema of each member."""
        found: dict[str, Pointer] = {}
        for pointer, node in self._flattened(start, passed):
            for name in _object(node.get("properties")):
                found.setdefault(name, (*pointer, "properties", name))
            for branches in _alternatives(pointer, node, len(passed)):
                first, *others = [self._members(one, passed | {pointer}) for one in branches]
                for name, place in first.items():
                    if all(name in one and self._is_equal(place, one[name]) for one in others):
                        found.setdefault(name, place)
        return found

    def _required(self, start: Pointer, passed: frozenset[Pointer]) -> frozenset[str]:
        found: set[str] = set()
        for pointer, node in self._flattened(start, passed):
            found.update(_list(node.get("required")))
            for branches in _alternatives(pointer, node, len(passed)):
                found |= frozenset.intersection(*(self._required(one, passed | {pointer}) for one in branches))
        return frozenset(found)

    def _is_equal(self, one: Pointer, other: Pointer) -> bool:
        return bool(find(self._root, one) == find(self._root, other))

    def _flattened(self, start: Pointer, passed: frozenset[Pointer]) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
        """The schemas that a value has to meet, with their pointers, each once: there may be 2^25 ways to one."""
        seen = {*passed}
        waiting = [start]
        while waiting:
            pointer = waiting.pop()
            node = find(self._root, pointer)
            if isinstance(node, Mapping) and pointer not in seen:
                seen.add(pointer)
                yield pointer, node
                waiting += reversed(list(_parts_of(pointer, node)))


_CLOSING = ("additionalProperties", "unevaluatedProperties")


def holds_objects(view: SchemaView) -> bool:
    """Whether a member is an object with members of its own, or a list of such."""
    held = view.items if "array" in view.types else view
    return held is not None and bool(held.members)


def _parts_of(pointer: Pointer, node: Mapping[str, Any]) -> Iterator[Pointer]:
    """The schemas that are met wherever a schema is: behind its reference, in `allOf`, and as the only branch."""
    if isinstance(node.get("$ref"), str):
        yield parse_fragment(node["$ref"])
    yield from ((*pointer, "allOf", index) for index, _ in enumerate(_list(node.get("allOf"))))
    for name in ("oneOf", "anyOf"):
        branches = _branches(node, name)
        if len(branches) == 1:
            yield (*pointer, name, *branches)


def _alternatives(pointer: Pointer, node: Mapping[str, Any], depth: int) -> Iterator[list[Pointer]]:
    """The branches of `oneOf` and of `anyOf`, where there are several, and they are not too deep in others."""
    for name in ("oneOf", "anyOf") if depth < _DEEPEST else ():
        branches = _branches(node, name)
        if len(branches) > 1:
            yield [(*pointer, name, index) for index in branches]


def _branches(node: Mapping[str, Any], name: str) -> list[int]:
    branches = _list(node.get(name))
    return [index for index, one in enumerate(branches) if not (isinstance(one, Mapping) and one.get("type") == "null")]


def _object(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
