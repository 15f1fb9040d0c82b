"""Memberships: links between items of two resources, as `PUT /groups/{groupId}/members/{userId}` makes them.

Evidence: the path of an item of one resource, a list below it, and below that list operations without a body whose
parameter names an item of another resource, of which the list shows the key. A member may also be added by a request to
the list itself, if nothing but that key is required in its body.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.inference.envelopes import list_item_schemas
from lookalike.contract.responses import success_status
from lookalike.contract.routing import parameter_names, plain_path
from lookalike.contract.semantics import Create
from lookalike.model.resources.keys import key_fields
from lookalike.naming.words import normalised, singular
from lookalike.schema.view import SchemaView
from lookalike.verify.requests.links import Link, ResourceKey, links_in, named_by, nouns_of
from lookalike.verify.roles import Roles, enclosing, roles_of

_ADDING = frozenset({"PUT", "POST"})


class Membership(NamedTuple):
    """A link between an item of the resource `group` and one of `member`, which the path parameter `name` names.

    `key` is the member of a listed object that holds the key; it is empty where the list consists of keys. An item is
    added by its key in the body if there is a `link`; `name` is empty if no parameter names it.
    """

    group: str
    member: str
    name: str
    key: str
    list: Operation
    add: Operation
    remove: Operation | None
    link: Link | None = None


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
        remove = next((one for one in bodiless if one.method == "DELETE"), None)
        add = next((one for one in bodiless if one.method in _ADDING), None)
        by_body = next(_by_body(contract, listing, keys), None) if add is None else None
        named = add or remove
        name = parameter_names(plain_path(named.path))[-1] if named is not None else ""
        to = _named_member(listing, name, nouns) if name else None
        if by_body is not None:
            add, link = by_body
            removes_it = to is not None and to.resource == link.to.resource
            key = _shown_key(contract, listing, link.member, link.to.key)
            if key is not None:
                name, remove = (name, remove) if removes_it else ("", None)
                yield Membership(group, link.to.resource, name, key, listing, add, remove, link)
        elif add is not None and to is not None:
            key = _shown_key(contract, listing, name, to.key)
            if key is not None:
                yield Membership(group, to.resource, name, key, listing, add, remove)


def _named_member(listing: Operation, name: str, nouns: Mapping[str, ResourceKey]) -> ResourceKey | None:
    """The resource whose item a path parameter names: by its own name, or as its key below a list of its noun."""
    same = nouns.get(normalised(singular(plain_path(listing.path).rpartition("/")[2])))
    return named_by(name, nouns) or (same if same is not None and normalised(same.key) == normalised(name) else None)


def _by_body(contract: Contract, listing: Operation, keys: Mapping[str, str]) -> Iterator[tuple[Operation, Link]]:
    """The operations on the path of a list that take the key of an item and nothing else, unless they create items."""
    for operation in contract.operations:
        if operation.method != "POST" or operation.body is None or operation.path != listing.path:
            continue
        if any(isinstance(step.action, Create) for step in operation.steps):
            continue
        kind = operation.body.first.value_type
        required = kind.keyword("required", ())
        links = [link for link in links_in(kind, keys) if link.member in required]
        if len(links) == 1 and len(required) == 1:
            yield operation, links[0]


def _group_of(contract: Contract, listing: Operation, roles: Mapping[str, Roles]) -> str:
    """The resource of the item that the path of a list is directly below, or nothing."""
    above = enclosing(contract, listing) if listing.method == "GET" else None
    is_direct = above is not None and plain_path(listing.path).count("/") == plain_path(above.path).count("/") + 1
    resource = above.selector.resource if above is not None and above.selector is not None and is_direct else ""
    return resource if resource and roles[resource].create is not None and roles[resource].read is not None else ""


def _shown_key(contract: Contract, listing: Operation, parameter: str, key: str) -> str | None:
    """The member of a listed item that holds the key, empty where items are keys; None if the list shows none."""
    status = success_status(listing.responses)
    pointer = listing.responses[status].default_representation.schema_pointer if status else ()
    schema = SchemaView(contract.document.data, pointer) if pointer else None
    for item in list_item_schemas(schema):
        if item.types and item.types <= {"string", "integer"}:
            return ""
        named = [name for name in item.members if normalised(name) == normalised(parameter)]
        return next(iter(named), key if key in item.members else None)
    return None
