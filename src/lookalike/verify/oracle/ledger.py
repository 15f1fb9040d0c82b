"""The ledger of a run: what was there before it, and what it created and has not deleted yet."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# So many items may be created by an operation whose keys cannot be learned; none of them can be deleted again.
MOST_UNLEARNED = 3


class Inventory(NamedTuple):
    """The items of a list by their keys as texts; `is_complete` if the list was read to its end."""

    items: dict[str, Any]
    is_complete: bool
    pages: int = 1


class Undeleted(NamedTuple):
    """An item that is to be deleted: its name in reports, and the id of the operation that deletes it by its path."""

    name: str
    operation: str


@dataclass(slots=True)
class Ledger:
    """The inventories by resource from `before` the first creation, and what was created since.

    `written` names the resources to which something was written that may have created an item. `unlearned` counts by
    operation the items whose keys no answer shows, `undeleted` holds by path the items that could not be deleted so
    far. It `is_uncertain` whether everything that was created is there already, if an answer promised an item for
    later, or was an error.
    """

    before: dict[str, Inventory] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    unlearned: Counter[str] = field(default_factory=Counter)
    undeleted: dict[str, Undeleted] = field(default_factory=dict)
    is_uncertain: bool = False
