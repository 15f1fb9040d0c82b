"""Dictionaries over frozen ones: a layer holds the entries that differ, and reads the others below.

Ten thousand sandboxes of a hundred thousand initial items would be a thousand million entries if each had a dictionary
of its own.
"""

from collections.abc import ItemsView, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from itertools import chain
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")
Value = TypeVar("Value")


class Layer(MutableMapping[K, V]):
    """A mapping in the order of a dictionary that starts with the entries of `below`, which must never change."""

    __slots__ = ("_below", "_deleted", "_length", "_own")

    def __init__(self, below: Mapping[K, V], own: Mapping[K, V] | None = None, deleted: Iterable[K] = ()) -> None:
        self._below = below
        self._own = dict(own or {})
        self._deleted = set(deleted)  # keys of `below`; one that is among the own ones too was added again, as the last
        self._length = len(below) - len(self._deleted) + sum(1 for _ in self._added())

    def __getitem__(self, key: K) -> V:
        if key in self._own:
            return self._own[key]
        if key in self._deleted:
            raise KeyError(key)
        return self._below[key]

    def get(self, key: K, default: Any = None) -> Any:
        """The value of a key, or the default; the inherited method would raise and catch an exception for each."""
        if key in self._own:
            return self._own[key]
        return default if key in self._deleted else self._below.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._own or (key in self._below and key not in self._deleted)

    def __setitem__(self, key: K, value: V) -> None:
        self._length += key not in self
        self._own[key] = value

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._own.pop(key, None)
        self._length -= 1
        if key in self._below:
            self._deleted.add(key)
            if len(self._deleted) == len(self._below):  # nothing below is visible, so that no key need be remembered
                self._below, self._deleted = {}, set()

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self.entries())

    def items(self) -> ItemsView[K, V]:
        """The entries in order."""
        return _EntriesView(self)

    def values(self) -> ValuesView[V]:
        """The values in order."""
        return _ValuesView(self)

    def entries(self) -> Iterator[tuple[K, V]]:
        """The entries of `below` that are left, each with its present value, then the others."""
        if not self._own and not self._deleted:
            return iter(self._below.items())
        return chain(self._entries_below(), self._added())

    def copy(self) -> "Layer[K, V]":
        """Another layer over the same mapping."""
        return Layer(self._below, self._own, self._deleted)

    @property
    def size(self) -> int:
        """The number of entries that the layer itself holds, deleted ones among them."""
        return len(self._own) + len(self._deleted)

    def _entries_below(self) -> Iterator[tuple[K, V]]:
        own, deleted = self._own, self._deleted
        return ((key, own.get(key, value)) for key, value in self._below.items() if key not in deleted)

    def _added(self) -> Iterator[tuple[K, V]]:
        below, deleted = self._below, self._deleted
        return ((key, value) for key, value in self._own.items() if key not in below or key in deleted)


class LayerOfMappings(Layer[K, MutableMapping[Any, Value]]):
    """A layer over a mapping of mappings, each of which gets a layer of its own once it is to be changed."""

    __slots__ = ()

    def to_change(self, key: K) -> MutableMapping[Any, Value]:
        """The mapping of a key, which may be changed; an empty one where there was none."""
        if key not in self._own:
            self[key] = Layer(self[key]) if key in self else {}
        return self._own[key]

    def copy(self) -> "LayerOfMappings[K, Value]":
        """Another layer over the same mapping, whose changes do not show in this one."""
        own = {key: copied(mapping) for key, mapping in self._own.items()}
        return LayerOfMappings(self._below, own, self._deleted)


def copied(mapping: MutableMapping[K, V]) -> MutableMapping[K, V]:
    """A copy of a dictionary, or of a layer without the mapping below."""
    return mapping.copy() if isinstance(mapping, Layer) else dict(mapping)


class _EntriesView(ItemsView[K, V]):
    _mapping: Layer[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return self._mapping.entries()


class _ValuesView(ValuesView[V]):
    _mapping: Layer[Any, V]

    def __iter__(self) -> Iterator[V]:
        return (value for _, value in self._mapping.entries())
