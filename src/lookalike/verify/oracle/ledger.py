"""The ledger of a run: the items that existed before it, and those that it created and has not deleted yet."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# The number of items that a run creates at most by one operation if no answer shows their keys: they stay behind.
MOST_UNLEARNED = 3


class Inventory(NamedTuple):
    """The items of a list, by their keys as text; it `is_complete` if the list was read to its end."""

    items: dict[str, Any]
    is_complete: bool
    pages: int = 1


class Undeleted(NamedTuple):
    """An item that is still to be deleted: its name in reports, and the id of the operation that deletes it."""

    name: str
    operation: str


@dataclass(slots=True)
class Ledger:
    """The items of each resource from `before` the first creation, and those that were created since.

    `written` names the resources to which something was written that may have created an item. `unlearned` counts, by
    operation, created items whose keys no answer shows. `undeleted` holds, by path, the items that are still to be
    deleted. The ledger `is_uncertain` if items may appear that it does not list: an answer was a 202, or an error.
    """

    before: dict[str, Inventory] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    unlearned: Counter[str] = field(default_factory=Counter)
    undeleted: dict[str, Undeleted] = field(default_factory=dict)
    is_uncertain: bool = False
