"""A resource that the document does not declare but that its paths and schemas imply."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.grounds import Ground
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.path_segments import last_segment, parameter, segments
from lookalike.json_values import Pointer
from lookalike.naming.keys import member_ending_in, names_of_key_of
from lookalike.naming.words import normalised, singular
from lookalike.schema.view import SchemaView

Methods = Mapping[str, RawOperation]
"""The operations on a path by method."""

Paths = Mapping[str, Methods]
"""The operations of a document by path and method."""


@dataclass(frozen=True)
class ItemCollection:
    """A collection, by its path, and the path of its items, empty if they have none.

    `parent_parameters` are the path parameters before the item's own, which is the `key_parameter`. Where no operation
    has the path of items, but others are below it, `is_without_operations` is true.
    """

    path: str
    item_path: str = ""
    parent_parameters: tuple[str, ...] = ()
    key_parameter: str = ""
    is_without_operations: bool = False

    @property
    def view(self) -> str:
        """The literal behind the key, where the path is that of a view of an item, such as `/pods/{name}/status`."""
        last = last_segment(self.item_path)
        return "" if parameter(last) else last

    @property
    def has_verb(self) -> bool:
        """Whether a verb stands between the path of the collection and the key, as in `/cars/edit/{id}`."""
        return len(segments(self.item_path)) > len(segments(self.path)) + 1 and not self.view

    @property
    def is_paired_by_name(self) -> bool:
        """Whether the items are not below the path of the collection, but below its noun in singular or plural."""
        return bool(self.item_path) and not self.view and segments(self.item_path)[:-1] != segments(self.path)

    @property
    def is_composite(self) -> bool:
        """Whether several parameters in a row identify an item, as in `/repos/{owner}/{repo}`."""
        return len(segments(self.item_path)) > 1 and bool(parameter(segments(self.item_path)[-2]))


@dataclass(eq=False)
class ResourceGuess:
    """A resource that the document does not declare but that its paths and schemas imply.

    `collections` are all paths to its items; keys are made in the first, its `home`. `key` is the member that holds
    the key, or the path parameter where no member does. `parent_fields` hold the key of the parent, also where the
    parent is no known resource; `key_is_scoped` where keys are unique below one parent only. Other fields than members
    may be `shown_at` a place inside of one. A resource that `is_single` has one item, or one for each parent.
    `key_ground` tells why the key is taken for one. Creations must send the members that are `needed`. What
    operations do to the items is guessed of those that are made beside their list, that have no key, that only their
    parent shows, of lists that PUT replaces, and of what may be shown as nothing: `is_guessed`.
    """

    name: str
    schema: SchemaView
    key: str
    collections: list[ItemCollection]
    parent: "ResourceGuess | None" = None
    parent_fields: tuple[str, ...] = ()
    key_is_scoped: bool = False
    shown_at: dict[str, Pointer] = field(default_factory=dict)
    is_single: bool = False
    is_creatable: bool = False
    is_guessed: bool = False
    needed: frozenset[str] = frozenset()
    key_ground: Ground = Ground.SHOWN
    examples: list[Any] = field(default_factory=list)

    @property
    def home(self) -> ItemCollection:
        """The first collection."""
        return self.collections[0]

    def member_named(self, name: str) -> str:
        """The member with a name, however it is spelt, that is no part of the key; nothing if there is none."""
        own = {self.key, *(self.parent_fields if self.key_is_scoped else ())}
        wanted = normalised(name)
        return next((one for one in self.schema.members if normalised(one) == wanted and one not in own), "")

    def member_about(self, word: str) -> str:
        """The same, else the member for the key of what a word names, or the only one that ends in the word.

        As `driver_ids` for `drivers`, or `current_driver` for `driver`.
        """
        others = [name for name in self.schema.members if name not in (self.key, *self.parent_fields)]
        keys = names_of_key_of(word, is_list=singular(word) != word)
        named = (name for name in others if normalised(name) in keys)
        return self.member_named(word) or next(named, "") or member_ending_in(word, others)

    @property
    def key_is_in_path_alone(self) -> bool:
        """Whether items do not show their key."""
        return self.key not in self.schema.members and self.key not in self.shown_at

    @property
    def is_without_keys(self) -> bool:
        """Whether items are records that nothing shows a key of, and that are listed and made alone."""
        return self.key_is_in_path_alone and not any(one.item_path for one in self.collections) and not self.is_single

    @property
    def has_items_beside(self) -> bool:
        """Whether the items are made in the home, and found at the path of another collection with fewer parents."""
        return not self.home.item_path and any(one.item_path for one in self.collections)

    def lineage(self) -> "Iterator[ResourceGuess]":
        """The resource, its parent, and so on."""
        resource: ResourceGuess | None = self
        while resource is not None:
            yield resource
            resource = resource.parent


def key_member(resource: ResourceGuess) -> SchemaView | None:
    """The schema of the key, where an item shows it."""
    first, *inner = resource.shown_at.get(resource.key, (resource.key,))
    member = resource.schema.members.get(str(first))
    return member.inside(inner) if member is not None else None
