"""Applied schemas: those that a schema applies to the same value, and how many ways lead through them.

A validator takes each way anew, also a native one: twenty-five schemas of two references each make 2^25 ways. A chain
of references may be longer than the stack, though no value of the document is nested deeply.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from lookalike.errors import DocumentError

MOST_WAYS = 10_000
MOST_LEVELS = 100
"""How deep schemas may apply others to one value, whose walks take several calls a level; documents rarely have 20."""
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})
_BY_NAME = frozenset({"dependentSchemas"})


class _Ways(NamedTuple):
    """The ways through a schema and those that it applies: their number, and the levels of the longest one."""

    number: int
    levels: int


_OPEN = _Ways(0, 0)
"""Stands for a schema whose parts are being counted."""


class AppliedSchemas:
    """The schemas that those of a document apply; `target` follows a reference, and raises `DocumentError`.

    Schemas, and what was counted of them, are known by their identities.
    """

    def __init__(self, target: Callable[[str], Any]) -> None:
        self._target = target
        self._ways: dict[int, _Ways] = {}
        self._circles: set[int] = set()

    def excess(self, schema: dict[str, Any]) -> tuple[str, str] | None:
        """The limit that a schema exceeds and its parts do not, in words, with a remedy; None if there is none."""
        here = self._counted(schema)
        parts = [self._ways[id(part)] for part in self._parts(schema)]
        if here.number > MOST_WAYS >= max((part.number for part in parts), default=0):
            return f"in more than {MOST_WAYS:,} ways", "Refer to each schema once"
        if here.levels > MOST_LEVELS >= max((part.levels for part in parts), default=0):
            return f"in more than {MOST_LEVELS} levels", "Shorten the chain of references"
        return None

    def is_circle(self, schema: dict[str, Any]) -> bool:
        """Whether a schema that was counted applies itself to the same value, without end."""
        return id(schema) in self._circles

    def _counted(self, schema: dict[str, Any]) -> _Ways:
        """The ways through a schema; a circle is no way."""
        waiting: list[tuple[dict[str, Any], bool]] = [(schema, False)]
        while waiting:
            node, has_parts = waiting.pop()
            parts = self._parts(node)
            if has_parts:
                below = [self._ways[id(part)] for part in parts]
                levels = 1 + max((part.levels for part in below), default=0)
                self._circles.update(id(part) for part in parts if self._ways[id(part)] is _OPEN)
                self._ways[id(node)] = _Ways(1 + sum(part.number for part in below), levels)
            elif id(node) not in self._ways:
                self._ways[id(node)] = _OPEN
                waiting.append((node, True))
                waiting += [(part, False) for part in parts]
        return self._ways[id(schema)]

    def _parts(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        return [part for part in self._applied(schema) if isinstance(part, dict)]

    def _applied(self, schema: dict[str, Any]) -> Iterator[Any]:
        """The schemas that a schema applies to the same value (JSON Schema Core section 10.2)."""
        if isinstance(schema.get("$ref"), str):
            with suppress(DocumentError):  # reported where the references are followed
                yield self._target(schema["$ref"])
        for keyword in IN_PLACE & schema.keys():
            value = schema[keyword]
            yield from value if isinstance(value, list) else value.values() if keyword in _BY_NAME else (value,)
