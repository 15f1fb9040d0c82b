"""Memberships: links between items of two resources, as `PUT /groups/{groupId}/members/{userId}` makes them.

Evidence: the path of an item of one resource, a list below it, and below that list operations without a body whose
parameter names an item of another resource, of which the list shows the key.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.inference.envelopes import list_item_schemas
from lookalike.contract.inference.vocabulary import normalised
from lookalike.contract.responses import success_status
from lookalike.contract.routing import parameter_names, plain_path
from lookalike.model.resources.keys import key_fields
from lookalike.schema.view import SchemaView
from lookalike.verify.requests.links import named_by, nouns_of
from lookalike.verify.roles import Roles, enclosing, roles_of

_ADDING = frozenset({"PUT", "POST"})


class Membership(NamedTuple):
    """A link between an item of the resource `group` and one of `member`, which the path parameter `name` names.

    `key` is the member of a listed object that holds the key; it is empty where the list consists of keys.
    """

    group: str
    member: str
    name: str
    key: str
    list: Operation
    add: Operation
    remove: Operation | None


def memberships_of(contract: Contract) -> dict[str, Membership]:
    """The memberships of a contract, by the ids of the operations that make and end them."""
    return {operation.id: one for one in _memberships(contract) for operation in (one.add, one.remove) if operation}


def _memberships(contract: Contract) -> Iterator[Membership]:
    roles = roles_of(contract)
    keys = {name: next(iter(key_fields(contract.resources[name])), "") for name, one in roles.items() if one.create}
    nouns = nouns_of(keys)
    for listing in contract.operations:
        group = _group_of(contract, listing, roles)
        below = [
            one for one in contract.operations if plain_path(one.path).startswith(f"{plain_path(listing.path)}/{{")
        ]
        below = [one for one in below if plain_path(one.path).count("/") == plain_path(listing.path).count("/") + 1]
        if not group or any(one.method == "GET" and one.success.body for one in below):
            continue
        bodiless = [one for one in below if one.body is None or not one.body.required]
        add = next((one for one in bodiless if one.method in _ADDING), None)
        remove = next((one for one in bodiless if one.method == "DELETE"), None)
        if add is None:
            continue
        name = parameter_names(plain_path(add.path))[-1]
        to = named_by(name, nouns)
        key = _shown_key(contract, listing, name, to.key) if to is not None else None
        if to is not None and key is not None:
            yield Membership(group, to.resource, name, key, listing, add, remove)


def _group_of(contract: Contract, listing: Operation, roles: Mapping[str, Roles]) -> str:
    """The resource of the item that the path of a list is directly below, or nothing."""
    above = enclosing(contract, listing) if listing.method == "GET" else None
    is_direct = above is not None and plain_path(listing.path).count("/") == plain_path(above.path).count("/") + 1
    resource = above.selector.resource if above is not None and above.selector is not None and is_direct else ""
    return resource if resource and roles[resource].create is not None and roles[resource].read is not None else ""


def _shown_key(contract: Contract, listing: Operation, parameter: str, key: str) -> str | None:
    """The member of a listed item that holds the key, empty where items are keys; None where the list shows none."""
    status = success_status(listing.responses)
    pointer = listing.responses[status].default_representation.schema_pointer if status else ()
    schema = SchemaView(contract.document.data, pointer) if pointer else None
    for item in list_item_schemas(schema):
        if item.types and item.types <= {"string", "integer"}:
            return ""
        named = [name for name in item.members if normalised(name) == normalised(parameter)]
        return next(iter(named), key if key in item.members else None)
    return None
