"""Excerpts: the part of a document that a schema leads to, in place, for code that copies the document it is given.

A validator keeps the document in a form of its own, which may take as much memory again. Most schemas lead to few
others.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.cache import Cache
from lookalike.json_values import ABSENT, Pointer, children, find, made_at, parse_fragment
from lookalike.schema.regexes import Patterns, regular_expressions, sizes_of

# Where one of these is, a reference means more than a pointer from the root (JSON Schema Core section 8.2).
_IDENTIFIERS = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})
_MOST_TARGETS = 10_000


class _Target(NamedTuple):
    """The value that a reference leads to, the references in it, its objects and arrays, and its patterns."""

    pointer: Pointer
    value: Any
    references: tuple[str, ...]
    size: int
    patterns: Patterns


class Excerpts:
    """The excerpts of a document; the target of a reference is searched once, since most schemas lead to the same."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._targets: Cache[str, _Target | None] = Cache(_MOST_TARGETS)

    def of(self, reference: str, most: float = math.inf) -> dict[str, Any] | None:
        """The part of the document with all that a reference within it leads to, at the same pointers.

        None where that is more than so many objects and arrays, or where references may be others than pointers from
        the root. What a reference to nowhere means is left to the validator.
        """
        reached = self._reached(reference, most)
        if reached is None:
            return None
        values = {target.pointer: target.value for target in reached if target.value is not ABSENT}
        part: dict[str, Any] = {}
        for pointer, value in values.items():
            if values.keys().isdisjoint(
                pointer[:length] for length in range(len(pointer))
            ):  # else the outer one has it
                made_at(part, pointer[:-1])[str(pointer[-1])] = value
        return part

    def has(self, reference: str, most: float) -> bool:
        """Whether there is such a part."""
        return self._reached(reference, most) is not None

    def patterns(self, reference: str) -> Patterns | None:
        """The patterns of all that a reference leads to; None where references may be others than pointers."""
        reached = self._reached(reference, math.inf)
        if reached is None:
            return None
        found = [target.patterns for target in reached]
        return Patterns(any(one.may_backtrack for one in found), max((one.largest for one in found), default=0))

    def _reached(self, reference: str, most: float) -> list[_Target] | None:
        """The targets of a reference and of those in its target, and so on."""
        reached: dict[str, _Target] = {}
        waiting = [reference]
        size = 0
        while waiting:
            reference = waiting.pop()
            if reference in reached:
                continue
            target = self._target(reference)
            if target is None or (size := size + target.size) > most:
                return None
            reached[reference] = target
            waiting += target.references
        return [*reached.values()]

    def _target(self, reference: str) -> _Target | None:
        if reference in self._targets:
            return self._targets[reference]
        return self._targets.keep(reference, _target(self._root, reference))


def _target(root: Any, reference: str) -> _Target | None:
    """The target of a reference; None where identifiers are in it or around it."""
    if not reference.startswith("#/"):
        return None
    pointer = parse_fragment(reference)
    value = find(root, pointer)
    nodes = [*_nodes(value)]
    objects = [node for node in nodes if isinstance(node, dict)]
    around = [find(root, pointer[:length]) for length in range(len(pointer))]
    if any(isinstance(one, dict) and not _IDENTIFIERS.isdisjoint(one) for one in (*objects, *around)):
        return None
    references = dict.fromkeys(inner for one in objects if isinstance(inner := one.get("$ref"), str))
    patterns = sizes_of({pattern for one in objects for pattern in regular_expressions(one)})
    return _Target(pointer, value, tuple(references), len(nodes), patterns)


def _nodes(value: Any) -> Iterator[Any]:
    """The objects and arrays in a value, each once, however many aliases of YAML stand for it."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (dict, list)) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += children(node)
