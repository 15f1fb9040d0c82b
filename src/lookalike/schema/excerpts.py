"""Excerpts: the part of a document that a schema leads to, in place, for code that copies the document it is given.

A validator keeps the document in a form of its own, which may take as much memory again. Most schemas lead to few
others.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.json_values import ABSENT, Pointer, find, made_at, parse_fragment

# Where one of these is, a reference means more than a pointer from the root (JSON Schema Core section 8.2).
_IDENTIFIERS = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})


def excerpt(root: Mapping[str, Any], reference: str, most: float) -> dict[str, Any] | None:
    """The part of a document with all that a reference within it leads to, at the same pointers.

    None where that is more than so many objects and arrays, or where references may be others than pointers from the
    root. What a reference to nowhere means is left to the validator.
    """
    found = _reached(root, reference, most)
    if found is None:
        return None
    part: dict[str, Any] = {}
    for pointer, value in found.items():
        around = [pointer[:length] for length in range(len(pointer))]
        if any(_is_identified(find(root, one)) for one in around):
            return None
        if found.keys().isdisjoint(around):  # else the outer value has it
            made_at(part, pointer[:-1])[str(pointer[-1])] = value
    return part


def _reached(root: Any, reference: str, most: float) -> dict[Pointer, Any] | None:
    """The values that a reference leads to, directly and through others, by their pointers."""
    found: dict[Pointer, Any] = {}
    passed = {reference}
    waiting = [reference]
    seen: set[int] = set()
    while waiting:
        reference = waiting.pop()
        if not reference.startswith("#/"):
            return None
        pointer = parse_fragment(reference)
        found[pointer] = find(root, pointer)
        for node in _nodes(found[pointer], seen):
            if len(seen) > most or _is_identified(node):
                return None
            inner = node.get("$ref") if isinstance(node, dict) else None
            if isinstance(inner, str) and inner not in passed:
                passed.add(inner)
                waiting.append(inner)
    return {pointer: value for pointer, value in found.items() if value is not ABSENT}


def _nodes(value: Any, seen: set[int]) -> Iterator[Any]:
    """The objects and arrays in a value, but for those that were seen."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (dict, list)) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += node.values() if isinstance(node, dict) else node


def _is_identified(node: Any) -> bool:
    return isinstance(node, dict) and not _IDENTIFIERS.isdisjoint(node)
