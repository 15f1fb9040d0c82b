"""Conventions: how one server does what a plain document leaves open, as values that the model compiles.

They are the decided built-in readings. Each is empty where the mock does as it does by default, so that a reading
without a decision costs a request nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.derivations import Derivation
from lookalike.readings import Policy

Place = tuple[str, str]
"""A rule that a server treats in its own way: the place of the value, such as `body/name`, and the keyword."""


@dataclass(frozen=True, slots=True)
class OperationConventions:
    """The conventions of one operation.

    `statuses` are those of refusals by their kind (`model.rejections`), and `refusals` those by the rule that is
    broken; one with an empty place is broken at any. The rules in `unchecked` refuse nothing, and with
    `refuses_unknown` a member that the document does not have is refused. A body without a member in `insists_on` is
    refused, whatever the document requires. `absent` is what the operation does where there is no item, in the words of
    the selector's `if_absent`, where a reading decides that; `deleted` is that for an item that was deleted, and
    `deleted_parent` for one whose parent was, both empty where they are as for any deleted one.
    """

    statuses: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[Place, str] = field(default_factory=dict)
    unchecked: frozenset[Place] = frozenset()
    refuses_unknown: bool = False
    insists_on: frozenset[str] = frozenset()
    absent: Policy[str] | None = None
    deleted: str = ""
    deleted_parent: str = ""


@dataclass(frozen=True, slots=True)
class ResourceConventions:
    """The conventions of the items of one resource.

    `unsent` holds the values of members that no client sent, `ABSENT` if there is none; the server makes one of each
    member in `made`. The members `ignored` are set by the server whatever was sent, those `unchangeable` stay as they
    were in the new item, and those `withheld` are not shown. `kept` names the normalisations of a member's values
    (`model.resources.normalisation`); those `masked` are shown as a constant. `order` is the member by which lists are
    sorted, with a minus before it for a descending order; empty for that of creation. Where items are only marked as
    deleted, `mark_of_deletion` is the member and its value, and `lists_deleted` tells whether they stay in lists. No
    two items have the same value of a `unique` member. `key_form` is that of keys that the server makes.
    `derived` members are made of others. Items are stored as they are, valid or not, where some operation on them takes
    invalid ones or the server itself makes such (`is_tolerant`).

    Creations and deletions are seen after a `lag`, in seconds. `deleted` is the status that the key of a deleted item
    gets, empty if it is that of an unknown one. `key_reuse` is `never` where no client may give such a key again,
    and `server` where the server itself gives it again. Where an operation tells deleted items from others, they are
    remembered (`tells_deleted`).
    """

    unsent: Mapping[str, Any] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    unchangeable: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    masked: frozenset[str] = frozenset()
    derived: Mapping[str, Derivation] = field(default_factory=dict)
    drops_unknown: bool = False
    order: str = ""
    mark_of_deletion: tuple[str, Any] | None = None
    lists_deleted: bool = True
    unique: tuple[str, ...] = ()
    key_form: str = ""
    is_tolerant: bool = False
    lag: float = 0.0
    deleted: str = ""
    key_reuse: str = ""
    tells_deleted: bool = False

    @property
    def remembers_deleted(self) -> bool:
        """Whether a deleted item leaves a trace, or is seen for a while."""
        return bool(self.lag or self.deleted or self.key_reuse == "never" or self.tells_deleted)


USUAL = OperationConventions()
USUAL_ITEMS = ResourceConventions()
