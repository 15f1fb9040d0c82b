"""Path values: what the path of a list or creation tells of items, where it leads to none of their parents.

As `/{account_slug}/sites` tells the `account_slug` of sites, and `/users/{user_id}/playlists` the owner of playlists.
"""

from collections.abc import Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.expressions import Expression
from lookalike.contract.path_segments import parameters_of
from lookalike.json_values import format_pointer, with_value_at
from lookalike.model.context import RequestContext
from lookalike.model.resources.filters import place_of_field
from lookalike.model.resources.items import ResourceItems
from lookalike.naming.keys import KEYS, identifier_member
from lookalike.naming.members import is_owner
from lookalike.naming.words import normalised

_SCALARS = frozenset({"string", "integer"})
_USERS = frozenset({"userid", "username", "user", "login"})


def told_by_path(operation: Operation, items: ResourceItems) -> Mapping[str, Expression]:
    """The members of a mock's items that have the value of the last path parameter, or the places of their owner's key.

    Nothing where the path selects an item: the parent, then.
    """
    names = parameters_of(operation.path)
    if not items.is_of_mock or operation.selector is not None or not names:
        return {}
    expression, plain = Expression(f"$request.path.{names[-1]}", "path", name=names[-1]), normalised(names[-1])
    members = items.view.members.items()
    own = [name for name, view in members if normalised(name) == plain and view.types & _SCALARS and name != items.key]
    if own and plain not in KEYS:
        return {own[0]: expression}
    owners = [(name, identifier_member(view.members)) for name, view in members if plain in _USERS and is_owner(name)]
    return {format_pointer(place): expression for place in owners[:1] if place[1]}


def values_of_path(told: Mapping[str, Expression], context: RequestContext) -> dict[str, Any]:
    """The members of a new item that the path tells."""
    made: dict[str, Any] = {}
    for field, expression in told.items():
        made = with_value_at(made, place_of_field(field), context.path.get(expression.name))
    return made
