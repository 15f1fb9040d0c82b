"""The ledger of a run: the items that existed before it, and those that it created and has not deleted yet."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from lookalike.model.state import Put

# The number of items that a run creates at most by one operation if no answer shows their keys: they stay behind.
MOST_UNLEARNED = 3
# The number of items of a resource that no operation deletes, after which searches make no more.
MOST_STAYING = 10


class Inventory(NamedTuple):
    """The items of a list, by their keys as text; it `is_complete` if the list was read to its end."""

    items: dict[str, Any]
    is_complete: bool
    pages: int = 1


class Deletion(NamedTuple):
    """A request that deletes an item: the id of its operation, its path, and the query or the body in JSON.

    These are empty where the path names the item. If not, it may be the path of all items.
    """

    operation: str
    path: str
    query: str = ""
    body: str = ""

    @property
    def is_by_path(self) -> bool:
        """Whether the path names the item."""
        return not (self.query or self.body)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The items of each resource from `before` the first creation, and those that were created since.

    `written` names the resources to which something was written that may have created an item. `unlearned` counts, by
    operation, created items whose keys no answer shows, and `staying`, by resource, those that no operation deletes;
    `before_story` is the ledger as it was before this story. `undeleted` holds the names of the items that
    are still to be deleted. Items of the resources in `uncertain` may appear that no answer describes: one was a 202 or
    an error, or there was none; `failed` counts the last two. Of the resources `learned`, an item was created whose key
    an answer showed. `refused` are the items without a mark that were refused as invalid: a server may have created
    them all the same.
    `doubtful` are the items, by resource and key, that were answered to be gone although nothing had deleted them.
    `undeletable` are the items that no operation deletes, as keys by resource. `shared` are items that no operation
    deletes, with the values that lead to them: stories to which its values do not matter use the same one.
    """

    before: dict[str, Inventory] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    unlearned: Counter[str] = field(default_factory=Counter)
    undeleted: dict[Deletion, str] = field(default_factory=dict)
    undeletable: dict[str, list[str]] = field(default_factory=dict)
    shared: dict[str, tuple[Put, Mapping[str, Any]]] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)
    failed: Counter[str] = field(default_factory=Counter)
    learned: set[str] = field(default_factory=set)
    refused: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    staying: Counter[str] = field(default_factory=Counter)
    before_story: "Ledger | None" = None

    def for_story(self) -> "Ledger":
        """The ledger of one story: its own of what decides its requests, the one of the run of what is to be deleted.

        So nothing that a story created is lost, however it ends.
        """
        return replace(
            self,
            before={**self.before},
            shared={**self.shared},
            unlearned=self.unlearned.copy(),
            staying=self.staying.copy(),
            before_story=replace(self, unlearned=self.unlearned.copy(), staying=self.staying.copy(), before_story=None),
        )

    def take_over(self, story: "Ledger") -> None:
        """Add the entries of a story."""
        for resource, inventory in story.before.items():
            self.before.setdefault(resource, inventory)
        for resource, shared in story.shared.items():
            self.shared.setdefault(resource, shared)
        if story.before_story is not None:
            self.unlearned.update(story.unlearned - story.before_story.unlearned)
            self.staying.update(story.staying - story.before_story.staying)
