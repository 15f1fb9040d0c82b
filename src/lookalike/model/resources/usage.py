"""Usage: facts about the operations of a contract that shape the items of a resource."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.contract.requests import Parameter
from lookalike.model.context import RequestContext
from lookalike.model.resources.completion import FindRelated, nothing_related
from lookalike.model.resources.urls import ItemUrls


def _to_nothing(context: RequestContext, given: Mapping[str, Any]) -> FindRelated:
    return nothing_related


def _names_nothing(member: str) -> bool:
    return False


class Usage(NamedTuple):
    """The usage of the items of a resource by operations.

    `in_paths` are the parameters that name them, `members` those that requests describe, with their `defaults`;
    `sent_at_first` are the members that creations may have. `urls` are those at which they are read. Files that are
    sent for them are kept where some operation `is_downloaded`. `created_examples` are the examples of responses to
    their creation. Of a mock, `shows_all` is true: items have the members too that a server may leave out, and
    `related_to` finds the items that others show, `linked` are the lists to which operations add keys, `states` the
    words for the states of a member by which lists can be filtered, and `sent_inside` finds the members that requests
    describe of the objects in an item. `set_by_actions` are the members with the times of actions, which have not
    happened to a new item. Deleted items are remembered where some operation restores them (`are_restored`).
    `names_other` tells whether a member holds the key of an item of some resource, by its name. `listed_states` are the
    values of members that lists show unless a request asks for others, as those of active users.
    """

    in_paths: Sequence[Parameter] = ()
    members: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = {}
    sent_at_first: frozenset[str] = frozenset()
    urls: ItemUrls | None = None
    is_downloaded: bool = False
    created_examples: Sequence[Any] = ()
    shows_all: bool = False
    related_to: Callable[[RequestContext, Mapping[str, Any]], FindRelated] = _to_nothing
    linked: frozenset[str] = frozenset()
    states: Mapping[str, Sequence[Any]] = {}
    sent_inside: Callable[[], Mapping[str, frozenset[str]]] = dict
    set_by_actions: frozenset[str] = frozenset()
    are_restored: bool = False
    names_other: Callable[[str], bool] = _names_nothing
    listed_states: Mapping[str, str] = {}
