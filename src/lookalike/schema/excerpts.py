"""Excerpts: the part of a document that a schema leads to, in place, for code that copies the document it is given.

A validator keeps the document in a form of its own, which may take as much memory again. Most schemas lead to few
others.
"""

from collections.abc import Mapping
from typing import Any

from lookalike.json_values import Pointer, PointerError, parse_fragment, value_at

# Where one of these is, a reference means more than a pointer from the root (JSON Schema Core section 8.2).
_IDENTIFIERS = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})


def excerpt(root: Mapping[str, Any], reference: str, most: float) -> dict[str, Any] | None:
    """The part of a document with all that a reference within it leads to, at the same pointers.

    None where that is more than so many objects and arrays, or where references may be others than pointers from the
    root.
    """
    found = _reached(root, reference, most)
    if found is None:
        return None
    part: dict[str, Any] = {}
    for pointer in sorted(found, key=len):  # an outer value has the inner ones in it
        if any(map(_is_identified, _around(root, pointer))):
            return None
        _place(root, pointer, part)
    return part


def _reached(root: Any, reference: str, most: float) -> set[Pointer] | None:
    """The pointers to the values that a reference leads to, directly and through others."""
    found: set[Pointer] = set()
    passed, references = {reference}, [reference]
    seen: set[int] = set()
    while references:
        reference = references.pop()
        if not reference.startswith("#/"):
            return None
        try:
            pointer = parse_fragment(reference)
            waiting = [value_at(root, pointer)]
        except PointerError:  # the validator tells of it
            continue
        found.add(pointer)
        while waiting:
            node = waiting.pop()
            if id(node) in seen or not isinstance(node, (dict, list)):
                continue
            seen.add(id(node))
            if len(seen) > most:
                return None
            if isinstance(node, list):
                waiting += node
                continue
            if _is_identified(node):
                return None
            inner = node.get("$ref")
            if isinstance(inner, str) and inner not in passed:
                passed.add(inner)
                references.append(inner)
            waiting += node.values()
    return found


def _is_identified(node: Any) -> bool:
    return isinstance(node, Mapping) and not _IDENTIFIERS.isdisjoint(node)


def _around(root: Any, pointer: Pointer) -> list[Any]:
    """The objects and arrays on the way to a value."""
    nodes = [root]
    for token in pointer[:-1]:
        nodes.append(value_at(nodes[-1], (token,)))
    return nodes


def _place(root: Any, pointer: Pointer, part: dict[str, Any]) -> None:
    """Put the value at a pointer into the part, unless a value around it is there.

    An object stands for an array around it: a pointer leads through both alike.
    """
    *around, last = map(str, pointer)
    node = root
    for token in around:
        node = value_at(node, (token,))
        part = part.setdefault(token, {})
        if part is node:
            return
    part[last] = value_at(node, (last,))
