"""The existence of items: the resources of which examples show some, or of which clients can create some."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from lookalike.contract.inference.account_operations import users_shown_at
from lookalike.contract.inference.accounts import lone_users, signed_up, token_answer
from lookalike.contract.inference.inferred import OperationKey
from lookalike.contract.inference.nearby_paths import made_at
from lookalike.contract.inference.operation_index import OperationIndex
from lookalike.contract.inference.resources.documented_items import documented_items
from lookalike.contract.inference.resources.parents import with_parents
from lookalike.contract.inference.resources.resource_guess import Paths, ResourceGuess, key_member
from lookalike.contract.inference.rules.creation import create_item
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.sessions import session_start
from lookalike.contract.path_segments import last_segment, segments
from lookalike.contract.semantics import CREATE
from lookalike.naming.paths import is_making_verb

ANY_ITEM: Mapping[str, Any] = {}
"""The example of an item that no example shows: a generated one takes its place."""

_READING = frozenset({"get", "query"})


def existing_resources(
    recognised: Sequence[ResourceGuess], index: OperationIndex, populated: bool
) -> list[ResourceGuess]:
    """The recognised resources, with their parents, that have an item which clients can find, or that clients can make.

    Repeated until nothing changes, since a child is unreachable where its parent is: of an unknown parent no example
    exists either.
    """
    resources = []
    paths = index.paths
    joining = [one for methods in paths.values() for one in methods.values() if one.method == "post"]
    has_login = any(token_answer(one) or session_start(one) for one in joining)
    recognised = [*recognised, *(lone_users(paths, recognised) if has_login else ())]
    others = [one for one in recognised if not (one.is_single and users_shown_at(one.home.path, paths, recognised))]
    words = _making_words(paths)
    for resource in others:
        resource.examples = documented_items(resource, index.paths)
        resource.needed = frozenset(_needed_to_create(resource, index))
        resource.is_creatable = (
            _is_creatable(resource, index)
            or any(signed_up(one, [resource]) for one in joining)
            or _is_made_at_word(resource, paths, words)
        )
        if _is_own_membership(resource, index):
            resource.examples = []
        if resource.home.path in paths and users_shown_at(resource.home.path, paths, [resource]):
            resource.examples = resource.examples or [ANY_ITEM]
        if not resource.examples and not resource.is_creatable and _is_changed_only(resource, index):
            resource.examples = [ANY_ITEM]
        if resource.examples or resource.is_creatable or populated:
            resources.append(resource)
    while True:
        resources = with_parents(resources, index.paths)
        existing = [
            one for one in resources if one.is_creatable or one.is_single or _starts_with_items(one, index, populated)
        ]
        if len(existing) == len(resources):
            return resources
        resources = existing


def _is_creatable(resource: ResourceGuess, index: OperationIndex) -> bool:
    """Whether an operation makes items; reading makes none but a single one, which exists as soon as its parent."""
    found = (pair for collection in resource.collections for pair in index.rules_on(resource, collection))
    return any(creates(rule(on)) for on, rule in found if resource.is_single or on.operation.method not in _READING)


def _is_own_membership(resource: ResourceGuess, index: OperationIndex) -> bool:
    """Whether clients alone make and end such items by their key, as what a user follows: none is there at first.

    Below an item, an example shows those of that item, as the members of a group.
    """
    home = resource.home
    methods = index.paths.get(home.item_path, {})
    is_by_key = {"put", "delete"} <= methods.keys() and not methods["put"].media_types
    is_own = home.is_composite or not home.parent_parameters
    is_made_otherwise = any("post" in index.paths.get(one.path, {}) for one in resource.collections)
    return resource.is_creatable and is_by_key and is_own and not is_made_otherwise


def _making_words(paths: Paths) -> Mapping[tuple[str, ...], Sequence[str]]:
    """The paths that end in a verb which makes a thing, such as `/orders/send`, by the segments before it.

    Or in a word where something is begun that is done later (202), such as `/exports/orders`.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for path, methods in paths.items():
        if "post" in methods and (is_making_verb(last_segment(path)) or "202" in methods["post"].statuses):
            found.setdefault(segments(path)[:-1], []).append(path)
    return found


def _is_made_at_word(resource: ResourceGuess, paths: Paths, words: Mapping[tuple[str, ...], Sequence[str]]) -> bool:
    return any(
        made_at(path, resource, place, paths) is not None
        for place in resource.collections
        for path in words.get(segments(place.path), ())
    )


def _needed_to_create(resource: ResourceGuess, index: OperationIndex) -> Iterator[str]:
    """The members that the body of a creation must have, or one of its forms."""
    for collection in resource.collections:
        for on, rule in index.rules_on(resource, collection):
            body = on.item_in_body() if rule is create_item else None
            for form in (body[1], *body[1].branches) if body is not None else ():
                yield from form.required


def _is_changed_only(resource: ResourceGuess, index: OperationIndex) -> bool:
    """Whether clients list, read and change or delete items that they cannot make, so that there must be some."""
    inferred = {
        (on.operation.path, on.operation.method)
        for one in resource.collections
        for on, rule in index.rules_on(resource, one)
        if rule(on) is not None
    }
    home = resource.home
    changes = {(home.item_path, method) for method in ("put", "patch", "post", "delete")}
    return {(home.path, "get"), (home.item_path, "get")} <= inferred and bool(changes & inferred)


def creates(inference: Inference | None) -> bool:
    """Whether an operation makes items, with its key or if there is none yet."""
    if inference is None:
        return False
    extension, _ = inference
    has_create_step = any("create" in step for step in extension.get("apply", ()))
    return has_create_step or extension.get("select", {}).get("absent") == CREATE


def _starts_with_items(resource: ResourceGuess, index: OperationIndex, populated: bool) -> bool:
    """Whether items exist from the start under keys that their path takes."""
    has_parent = not resource.parent_fields or (resource.parent is not None and bool(resource.parent.examples))
    return populated or (has_parent and takes_key(resource, index.paths))


def takes_key(resource: ResourceGuess, paths: Paths) -> bool:
    """Whether the item path accepts keys of the member's type.

    It does not where the parameter is a string and the key a number: the path then asks for a name that the document
    does not say, and no client would find an example by its number.
    """
    key, home = key_member(resource), resource.home
    operations = paths.get(home.item_path, {}).values()
    schemas = (operation.path_parameter_schema(home.key_parameter) for operation in operations)
    types = next((schema.types for schema in schemas if schema is not None), frozenset())
    return key is None or types != {"string"} or not key.types or "string" in key.types


def is_reachable(resource: ResourceGuess, found: Mapping[OperationKey, Inference]) -> bool:
    """Whether clients learn which items exist, by reading, listing or creating them.

    They do so at the resource's home, or at its other collections where the home is but the start of a path: as columns
    that are made at `/boards/{id}/columns` and changed at `/columns/{id}`.
    """
    is_written = any(path == resource.home.path for path, _ in found)
    return any(
        key in found
        for home in (resource.collections[:1] if is_written else resource.collections)
        for key in (*product((home.item_path, home.path), ("get", "put")), (home.path, "post"))
    )
