"""State in memory: dictionaries, and one lock for all of them.

Many sandboxes start with the same items, and share the dictionaries of `InitialItems`. A named one that is changed has
layers with its changes over these, so that it takes the memory of its changes alone. The default one copies the
dictionaries of a resource before its first change (copy-on-write), since a dictionary is read faster than a layer.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence, Set
from functools import cached_property
from itertools import chain, islice
from threading import RLock
from typing import Any, NamedTuple, TypeVar

import orjson

from lookalike.errors import SandboxError
from lookalike.model.state import KEY_TYPES, Change, Decision, Delete, Item, Key, Put, State
from lookalike.pacing import spend_on_items
from lookalike.stores.layers import Layer, LayerOfMappings, copied
from lookalike.stores.records import Records

T = TypeVar("T")
D = TypeVar("D", bound=Decision)

_NOTHING: Mapping[Key, Any] = {}
_ATTEMPTS = 3  # of a decision that takes long, beside others that are quicker


class StoredItems(NamedTuple):
    """The dictionaries of a store, by resource: of items, aliases, highest numbers, parents, and children.

    `names` has the aliases of each key that has any, so that a change need not look through those of all items.
    """

    items: dict[str, MutableMapping[Key, Item]]
    aliases: dict[str, MutableMapping[Key, Key]]
    names: dict[str, MutableMapping[Key, tuple[Key, ...]]]
    numbers: dict[str, int]
    parents: dict[str, MutableMapping[Key, Key]]
    children: dict[str, MutableMapping[Key, MutableMapping[Key, Item]]]


class InitialItems(tuple[Put, ...]):
    """Items that states start with; a store shares the dictionaries of `stored` instead of making its own."""

    @cached_property
    def stored(self) -> StoredItems:
        """The items as a store holds them; they are never changed."""
        return MemoryStore(iter(self)).content


class MemoryStore:
    """A `Store` that is also the `State` which it shows; methods of the state are called under its lock."""

    __slots__ = (
        "_aliases",
        "_children",
        "_initial",
        "_is_untouched",
        "_items",
        "_lock",
        "_names",
        "_numbers",
        "_parents",
        "_shared",
    )

    records: Records | None = None  # what is in memory cannot be shared
    _has_layers = False

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._lock = RLock()
        # The resources whose dictionaries belong to initial items too, and are copied before they are changed; None
        # where nothing is shared, so that a commit asks no more than that.
        self._shared: frozenset[str] | None = None
        self._is_untouched = False
        self._initial: dict[str, MutableMapping[Key, Item]] | None = None  # where layers go over them
        self._items: dict[str, MutableMapping[Key, Item]] = {}
        self._aliases: dict[str, MutableMapping[Key, Key]] = {}
        self._names: dict[str, MutableMapping[Key, tuple[Key, ...]]] = {}
        self._numbers: dict[str, int] = {}
        self._parents: dict[str, MutableMapping[Key, Key]] = {}
        self._children: dict[str, MutableMapping[Key, MutableMapping[Key, Item]]] = {}
        self.replace(changes)

    def get(self, resource: str, key: Key) -> Item | None:
        """The item under a key or alias; None if there is none."""
        items = self._items.get(resource)
        if items is None:
            return None
        item = items.get(key)
        if item is None and resource in self._aliases:
            return items.get(self._aliases[resource].get(key, key))
        return item

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each value is the key, or an alias, of an item."""
        items, aliases = self._items.get(resource, _NOTHING), self._aliases.get(resource, _NOTHING)
        for key in keys:  # noqa: SIM110  # a generator takes twice as long
            if type(key) not in KEY_TYPES or (key not in items and key not in aliases):
                return False
        return True

    def items(self, resource: str) -> Collection[tuple[Key, Item]]:
        """All items of a resource with their keys, in the order of their creation, as a view.

        Pairs in a list would take ten times as long as the items alone, and let no other thread run.
        """
        items = self._items.get(resource, _NOTHING)
        spend_on_items(len(items))
        return items.items()

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """The items of a parent, or all items where that is None, from `start` to `stop` in the order of creation."""
        items = self._items_of(resource, parent)
        spend_on_items(len(items) if stop is None else min(stop, len(items)))
        return list(islice(items.values(), start, stop))

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of a parent, or of all items where that is None."""
        return len(self._items_of(resource, parent))

    def number(self, resource: str) -> int:
        """The highest number that an item of a resource ever had, also if that item is gone."""
        return self._numbers.get(resource, 0)

    def transact(self, decide: Callable[[State], D]) -> D:
        """Call a function with the state, and commit the changes of its decision, all under the lock."""
        with self._lock:
            decision = decide(self)
            if decision.changes:
                self._apply(decision.changes)
            return decision

    def transact_at_length(self, decide: Callable[[State], D]) -> D:
        """The same for a function that may take long: it sees the state of its start, and has no lock.

        Where others have changed the state meanwhile, it is called again; the last time under the lock, so that it
        ends.
        """
        for _ in range(_ATTEMPTS):
            with self._lock:
                state, shared = self._copy(), self._shared
            decision = decide(state)
            if not decision.changes:
                return decision
            with self._lock:
                if self._shared is shared:  # each commit makes another set of those that are shared
                    self._apply(decision.changes)
                    return decision
        return self.transact(decide)

    def read(self, look: Callable[[State], T]) -> T:
        """The result of a function of the state, which does not change while the function runs."""
        with self._lock:
            state = self._copy()
        return look(state)

    def replace(self, changes: Iterable[Change]) -> None:
        """Delete all items, then commit changes."""
        with self._lock:
            before = self._own_items()
            self._replace(changes)
        while before:  # at once, 256 MiB would take 100 ms, in which no other thread runs
            before.pop()

    @property
    def is_untouched(self) -> bool:
        """Whether the store still has its initial items, and shares them."""
        return self._is_untouched

    def begin(self, items: InitialItems, follow: Callable[[str], None]) -> None:
        """Have initial items: in memory, nothing is left of an earlier run, and no other process changes anything."""
        self.replace(items)

    def together(self, work: Callable[[], T]) -> T:
        """The result of a function, during which no other thread sees the state."""
        with self._lock:
            return work()

    def drop(self) -> None:
        """Nothing: memory is free once the store is."""

    def keep_settings(self, text: str) -> None:
        """Nothing: the service has the settings, and lives no shorter."""

    def mark_used(self) -> None:
        """Nothing: no other process has a part in it."""

    def drop_idle(self, ttl: float) -> bool:
        """Whether the sandbox may be dropped: it may, since no other process uses it."""
        return True

    @property
    def content(self) -> StoredItems:
        """The dictionaries of the store itself."""
        return StoredItems(self._items, self._aliases, self._names, self._numbers, self._parents, self._children)

    def _replace(self, changes: Iterable[Change]) -> None:
        if isinstance(changes, InitialItems):
            self._share(changes.stored)
            self._initial = changes.stored.items if self._has_layers else None
            return
        self._shared, self._is_untouched, self._initial = None, False, None
        self._items, self._aliases, self._names = {}, {}, {}
        self._numbers, self._parents, self._children = {}, {}, {}
        self._apply(tuple(changes))

    def _own_items(self) -> list[Item]:
        """The items of dictionaries that are not shared; layers hold few."""
        own = () if self._is_untouched else self._items.values()
        return [*chain.from_iterable(items.values() for items in own if isinstance(items, dict))]

    def _copy(self) -> "MemoryStore":
        """The present state as one that does not change: it shares all dictionaries, until they are changed here."""
        other = MemoryStore()
        other._share(self.content)
        other._own(frozenset())
        if not self._is_untouched:  # else they are shared, and belong to the initial items
            self._shared = frozenset(self._items)
        return other

    def _share(self, stored: StoredItems) -> None:
        """Have initial items, without a copy."""
        self._shared, self._is_untouched = frozenset(stored.items), True
        self._items, self._aliases, self._names, self._numbers, self._parents, self._children = stored

    def _own(self, changed: Set[str]) -> None:
        """Copy the shared dictionaries of resources that are about to be changed."""
        shared = self._shared or frozenset()
        if self._is_untouched:
            self._items, self._aliases, self._names = dict(self._items), dict(self._aliases), dict(self._names)
            self._numbers, self._parents, self._children = (
                dict(self._numbers),
                dict(self._parents),
                dict(self._children),
            )
            self._is_untouched = False
        for resource in shared & changed:
            self._own_resource(resource)
        self._shared = shared - changed or None

    def _own_resource(self, resource: str) -> None:
        """Have dictionaries of a resource, or layers over the initial ones, that may be changed."""
        is_initial = self._initial is not None and self._items[resource] is self._initial.get(resource)
        own: Callable[[Any], Any] = Layer if is_initial else copied
        self._items[resource] = own(self._items[resource])
        if resource in self._aliases:
            self._aliases[resource] = own(self._aliases[resource])
            self._names[resource] = own(self._names[resource])
        if resource in self._parents:
            self._parents[resource] = own(self._parents[resource])
            children = self._children[resource]
            if is_initial:
                self._children[resource] = LayerOfMappings(children)
            elif isinstance(children, Layer):
                self._children[resource] = children.copy()
            else:
                self._children[resource] = {key: dict(items) for key, items in children.items()}

    def _apply(self, changes: Sequence[Change]) -> None:
        if self._shared is not None:
            self._own({change.resource for change in changes})
        for change in changes:
            if type(change) is Put:
                self._put(change)
            else:
                self._delete(change)

    def _items_of(self, resource: str, parent: Key | None) -> Mapping[Key, Item]:
        if parent is None:
            return self._items.get(resource, {})
        return self._children.get(resource, {}).get(parent, {})

    def _put(self, change: Put) -> None:
        resource, key, item, aliases, parent, number = change
        if resource in self._items:
            self._items[resource][key] = item
        else:
            self._items[resource] = {key: item}
        if aliases or resource in self._aliases:
            self._delete_aliases(resource, key)
            self._aliases.setdefault(resource, {}).update(dict.fromkeys(aliases, key))
            names = self._names.setdefault(resource, {})
            if aliases:
                names[key] = aliases
        if number and number > self._numbers.get(resource, 0):
            self._numbers[resource] = number
        if parent is not None or resource in self._parents:
            self._set_parent(change)

    def _set_parent(self, change: Put) -> None:
        """Enter an item under its parent, and under no other."""
        parents = self._parents.setdefault(change.resource, {})
        if parents.get(change.key, change.parent) != change.parent:
            self._clear_parent(change.resource, change.key)
        if change.parent is not None:
            parents[change.key] = change.parent
            self._siblings(change.resource, change.parent)[change.key] = change.item

    def _clear_parent(self, resource: str, key: Key) -> None:
        parent = self._parents.get(resource, {}).pop(key, None)
        if parent is not None:
            siblings = self._siblings(resource, parent)
            del siblings[key]
            if not siblings:
                del self._children[resource][parent]

    def _siblings(self, resource: str, parent: Key) -> MutableMapping[Key, Item]:
        """The items of a parent, which are to be changed."""
        children = self._children.setdefault(resource, {})
        if isinstance(children, LayerOfMappings):
            return children.to_change(parent)
        return children.setdefault(parent, {})

    def _delete(self, change: Put | Delete) -> None:
        self._items.get(change.resource, {}).pop(change.key, None)
        self._clear_parent(change.resource, change.key)
        self._delete_aliases(change.resource, change.key)

    def _delete_aliases(self, resource: str, key: Key) -> None:
        names = self._names.get(resource)
        for alias in names.pop(key, ()) if names else ():
            if self._aliases[resource].get(alias) == key:  # it may be that of another item by now
                del self._aliases[resource][alias]


def too_large(most: int, option: str) -> SandboxError:
    """The error of a commit after which a sandbox would have more bytes of items than an option allows."""
    return SandboxError(
        507,
        f"the items of this sandbox would have more than {most} bytes",
        f"POST /__lookalike/reset empties it, and {option} sets the limit",
    )


DEFAULT_STATE_SIZE = 256 * 2**20
_UNMEASURED = 15  # commits to the default sandbox before items are measured, which would cost each a tenth of its time


class BoundedMemoryStore(MemoryStore):
    """A memory store whose items, but for the initial ones, take at most a number of bytes.

    Only each commit after `unmeasured` ones is measured together with these, until the bound is met: then each is.
    """

    __slots__ = ("_commits", "_most", "_option", "_size", "_sizes", "_unmeasured", "_waiting")

    def __init__(self, most: int, unmeasured: int = 0, option: str = "--sandbox-size") -> None:
        """`option` is that of the command line which sets the bound."""
        self._most = most
        self._unmeasured = unmeasured
        self._option = option
        self._commits = 0  # since the last one that was measured
        self._waiting: list[Sequence[Change]] = []
        self._sizes: dict[tuple[str, Key], int] | None = None  # of the items that were put since
        self._size = 0
        super().__init__()

    def replace(self, changes: Iterable[Change]) -> None:
        """Delete all items, then commit changes; raises `SandboxError` if they are too large."""
        if not isinstance(changes, InitialItems):
            changes = tuple(changes)
            self._check(sum(_sizes_of(changes).values()))
        super().replace(changes)

    def _replace(self, changes: Iterable[Change]) -> None:
        self._sizes, self._size, self._commits = None, 0, self._unmeasured
        self._waiting.clear()
        super()._replace(changes)

    def _apply(self, changes: Sequence[Change]) -> None:
        if self._commits < self._unmeasured:
            self._commits += 1
            super()._apply(changes)
            self._waiting.append(changes)
            return
        if self._waiting:
            latest = {(change.resource, change.key): change for waiting in self._waiting for change in waiting}
            sizes = _sizes_of(latest.values())
            self._measure(sizes, self._size_with(sizes))
            self._waiting.clear()
        sizes = _sizes_of(changes)
        size = self._size_with(sizes)
        self._check(size)
        super()._apply(changes)
        self._measure(sizes, size)
        self._commits = 0

    def _size_with(self, sizes: Mapping[tuple[str, Key], int]) -> int:
        """The bytes of all items once those of some sizes are committed."""
        known = self._sizes or {}
        return self._size + sum(sizes.values()) - sum(known.get(key, 0) for key in sizes)

    def _measure(self, sizes: Mapping[tuple[str, Key], int], size: int) -> None:
        """Know the sizes of items that were committed, and the bytes of all."""
        known = self._sizes or {}
        for key, size_of_item in sizes.items():
            if size_of_item:
                known[key] = size_of_item
            else:
                known.pop(key, None)
        self._sizes, self._size = known, size

    def _check(self, size: int) -> None:
        if size > self._most:
            raise too_large(self._most, self._option)


def _sizes_of(changes: Iterable[Change]) -> dict[tuple[str, Key], int]:
    """The bytes of items by resource and key; 0 for those that are deleted."""
    return {(one.resource, one.key): _size_of(one.item) if isinstance(one, Put) else 0 for one in changes}


def _size_of(item: Item) -> int:
    """The bytes of memory that an item takes, about, by its JSON: `{}` is two bytes there, and 64 in memory."""
    try:
        text = orjson.dumps(item, default=str)
    except TypeError:  # an integer of more than 64 bits
        text = str(item).encode()
    return len(text) + sum(text.count(sign) * size for sign, size in _SIZES)


# The bytes of memory behind the signs of JSON: of an object, an array, a member and an entry.
_SIZES = ((b"{", 64), (b"[", 56), (b":", 80), (b",", 32))


class _SandboxStore(BoundedMemoryStore):
    """The store of a named sandbox, of which there may be thousands over the same initial items."""

    __slots__ = ()
    _has_layers = True


class MemoryStores:
    """The stores of all sandboxes in memory; `size` bounds the items of each, and `state_size` of the default one."""

    is_shared = False

    def __init__(self, size: int, default: str = "default", state_size: int = DEFAULT_STATE_SIZE) -> None:
        self._size = size
        self._state_size = state_size
        self._default = default

    def open(self, name: str) -> MemoryStore:
        """The store of a sandbox."""
        if name == self._default:
            return BoundedMemoryStore(self._state_size, _UNMEASURED, "--state-size")
        return _SandboxStore(self._size)

    def names(self) -> list[str]:
        """The sandboxes of an earlier run: none."""
        return []

    def count(self) -> int:
        """The number of those."""
        return 0

    def is_made_for(self, fingerprint: str) -> bool:
        """Whether the items were last known to fit a document: there are none."""
        return True

    def keep_fingerprint(self, fingerprint: str) -> None:
        """Nothing; see `is_made_for`."""

    def reopen(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
