"""The parents of resources, by the shape of their paths, and the members that hold the keys of these."""

from collections.abc import Mapping, Sequence
from typing import Any

from lookalike.contract.inference.envelopes import can_be_item, list_item_schemas
from lookalike.contract.inference.resources.collection_paths import nouns_before_parameters
from lookalike.contract.inference.resources.item_recognition import SCALARS, place_inside
from lookalike.contract.inference.resources.references import member_described
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess, key_member
from lookalike.contract.path_segments import last_segment, parameter, same_path, segments
from lookalike.json_values import Pointer
from lookalike.naming.keys import identifier_member, is_like_key, names_of_key_of, parent_field
from lookalike.naming.words import normalised, singular
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView


def with_parents(resources: Sequence[ResourceGuess], paths: Paths) -> list[ResourceGuess]:
    """The resources with their parents set, by the shape of their paths.

    Those that are made below a parent come first: of two resources that are each listed below the other, as screens
    with a field and fields of a screen's tab, the one that needs no parent has none. A single item below a parent that
    is not known is left out: without the parent, its own key cannot be told.
    """
    by_item_path: dict[str, list[ResourceGuess]] = {}
    for resource in resources:
        for collection in resource.collections:
            by_item_path.setdefault(same_path(collection.item_path), []).append(resource)
    for resource in sorted(resources, key=_is_made_without_parent):
        _set_parent(resource, by_item_path, paths)
    return [one for one in resources if one.parent is not None or not (one.is_single and one.home.parent_parameters)]


def _is_made_without_parent(resource: ResourceGuess) -> bool:
    return not resource.home.parent_parameters


def _set_parent(resource: ResourceGuess, by_item_path: Mapping[str, Sequence[ResourceGuess]], paths: Paths) -> None:
    below = [one for one in resource.collections if one.parent_parameters]
    if not below:
        return
    # Items belong where they are made: teams to an organisation, and not to the repositories that they are given.
    made = next((one for one in below if "post" in paths.get(one.path, {})), below[0])
    is_first = below[0] is resource.home or _is_parent_above(below[0], made, resource.schema, paths)
    collection = below[0] if is_first else made
    # Where the home has no item path, items are found by their key alone, at another path.
    resource.key_is_scoped = collection is resource.home and not resource.has_items_beside
    parent = _parent_of(collection, by_item_path)
    resource.parent = parent if parent is not None and resource not in parent.lineage() else None
    resource.collections = [
        one
        for one in resource.collections
        if not one.parent_parameters
        or resource.home.is_composite
        or resource.has_items_beside
        or _parent_of(one, by_item_path) is resource.parent
    ]
    if resource.parent is None and not resource.key_is_scoped:
        return
    resource.shown_at = {name: place for name, place in resource.shown_at.items() if name == resource.key}
    parameters = collection.parent_parameters
    if resource.parent is not None:
        length = len(resource.parent.parent_fields) + 1 if resource.parent.key_is_scoped else 1
        parameters = parameters[-length:]
    nouns = nouns_before_parameters(collection.path)
    in_path = {name: _schema_in_path(name, collection, paths) for name in parameters}
    resource.parent_fields = tuple(
        parent_field(
            name,
            nouns[name],
            _members_that_may_hold(
                resource,
                (schema.keyword("pattern") if schema else None) or _pattern_of_key(resource.parent),
                _types_of_key(resource.parent, schema) if name == parameters[-1] else SCALARS,
            ),
            (*resource.schema.members, resource.key),
            resource.parent.key if resource.parent is not None and name == parameters[-1] else "",
        )
        for name, schema in in_path.items()
    )
    for name, holder in zip(parameters, resource.parent_fields, strict=True):
        place = () if holder in resource.schema.members else _place_of_parent(resource.schema, name, nouns[name])
        if not place and name == parameters[-1] and holder not in resource.schema.members:
            place = _place_of_same_text(resource)
        if place and place not in resource.shown_at.values():
            resource.shown_at[holder] = place
    if _is_parent_unknown(resource, collection, paths):
        resource.parent, resource.parent_fields = None, ()
        resource.collections = [one for one in resource.collections if not one.parent_parameters]


def _is_parent_unknown(resource: ResourceGuess, collection: ItemCollection, paths: Paths) -> bool:
    """Whether items name one of their own kind as their parent, and nothing tells which other one lists them.

    As the section that a task is in, where tasks are made at `/tasks`, and listed below a task as well: no list below a
    section could have any.
    """
    shown = {*resource.schema.members, *resource.shown_at}
    is_made_apart = "post" in paths.get(resource.home.path, {}) and "post" not in paths.get(collection.path, {})
    is_apart = is_made_apart and not resource.home.parent_parameters and not resource.key_is_scoped
    return is_apart and shown.isdisjoint(resource.parent_fields) and _are_below_own_kind(resource, paths)


def _are_below_own_kind(resource: ResourceGuess, paths: Paths) -> bool:
    """Whether a path right below that of an item lists such items, as `/tasks/{id}/subtasks`."""
    item_path = same_path(resource.home.item_path)
    below = (one for path, one in paths.items() if "get" in one and same_path(path).rpartition("/")[0] == item_path)
    listed = (view for one in below for view in list_item_schemas(one["get"].success_schema))
    return any(can_be_item(view, resource.schema, resource.key) for view in listed)


def _is_parent_above(collection: ItemCollection, made: ItemCollection, item: SchemaView, paths: Paths) -> bool:
    """Whether items name the parent of a collection, as `boardId`, or that has the things that they are made below.

    As the columns of a board have the cards on it.
    """
    nouns = nouns_before_parameters(collection.path)
    noun = normalised(nouns[collection.parent_parameters[-1]])
    is_named = bool(noun) and any(normalised(name).startswith(noun) for name in item.members)
    above, between = segments(collection.path)[:-1], nouns_before_parameters(made.path)[made.parent_parameters[-1]]
    below = (segments(path) for path in paths)
    return is_named or any(one[:-1] == above and singular(one[-1]) == between for one in below if one)


def _place_of_parent(item: SchemaView, parameter_name: str, noun: str) -> Pointer:
    """The place of the key of a parent inside of a member: `/depot/id` for the `{id}` of a depot, too; else nothing."""
    if place := place_inside(item, parameter_name, noun):
        return place
    named = (name for name in item.members if noun and normalised(name) == normalised(singular(noun)))
    shown = (name for name in named if parameter_name in item.members[name].members and is_like_key(parameter_name))
    if shown_in := next(shown, ""):
        return shown_in, parameter_name
    described = member_described(item, singular(noun))
    return (described, key) if described and (key := identifier_member(item.members[described].members)) else ()


def _place_of_same_text(resource: ResourceGuess) -> Pointer:
    """The place of the only member that is described in the words of the parent's key; else nothing."""
    key = key_member(resource.parent) if resource.parent is not None else None
    text = key.keyword("description") if key is not None else None
    if not isinstance(text, str) or len(text.split()) < _FEWEST_WORDS:
        return ()
    alike = [name for name, one in resource.schema.members.items() if one.keyword("description") == text]
    return (alike[0],) if len(alike) == 1 and alike[0] != resource.key else ()


_FEWEST_WORDS = 5  # "The ID" is any


def _members_that_may_hold(resource: ResourceGuess, pattern: Any, types: frozenset[str]) -> list[str]:
    """The members beside the key whose values may be those of a path parameter: of its types, and its pattern if any.

    As the number in `project_id` is not the key of `/projects/{slug}/issues`.
    """
    return [
        name
        for name, one in resource.schema.members.items()
        if name != resource.key and one.possible_types & types and one.keyword("pattern") in (None, pattern)
    ]


def _types_of_key(resource: ResourceGuess | None, in_path: SchemaView | None) -> frozenset[str]:
    """The types of the key of a parent, where it is known, and of the path parameter for it."""
    key = key_member(resource) if resource is not None else None
    types = key.possible_types | (in_path.types if in_path is not None else frozenset()) if key is not None else SCALARS
    is_number = bool(types & NUMBER_TYPES)  # some languages have one type for both
    return (types | NUMBER_TYPES if is_number else types & SCALARS) or SCALARS


def _pattern_of_key(resource: ResourceGuess | None) -> Any:
    key = key_member(resource) if resource is not None else None
    return key.keyword("pattern") if key is not None else None


def _schema_in_path(name: str, collection: ItemCollection, paths: Paths) -> SchemaView | None:
    operations = (*paths.get(collection.item_path, {}).values(), *paths.get(collection.path, {}).values())
    schemas = (operation.path_parameter_schema(name) for operation in operations)
    return next((schema for schema in schemas if schema is not None), None)


def _parent_of(collection: ItemCollection, by_item_path: Mapping[str, Sequence[ResourceGuess]]) -> ResourceGuess | None:
    """The resource on whose item path a collection stands."""
    parts = segments(collection.path)
    last = max(index for index, segment in enumerate(parts) if parameter(segment))
    path = same_path("/" + "/".join(parts[: last + 1]))
    if path not in by_item_path:
        return _named_by_parameters(collection, by_item_path)
    # The table was made before any parent was set: a resource may have dropped that path since.
    resources = by_item_path[path]
    return next(
        (one for one in resources if any(same_path(other.item_path) == path for other in one.collections)), None
    )


def _named_by_parameters(
    collection: ItemCollection, by_item_path: Mapping[str, Sequence[ResourceGuess]]
) -> ResourceGuess | None:
    """The resource whose keys have the names of a collection's parameters, as `/flags/{projectKey}` those of projects.

    Evidence: the last of them says the noun of that resource, and no other resource has such keys.
    """
    names = collection.parent_parameters
    found = {id(one): one for those in by_item_path.values() for one in those if _has_keys(one, names)}
    return next(iter(found.values())) if len(found) == 1 else None


def _has_keys(resource: ResourceGuess, names: tuple[str, ...]) -> bool:
    home = resource.home
    is_named = normalised(names[-1]) in names_of_key_of(normalised(singular(last_segment(home.path))), is_list=False)
    return is_named and (*home.parent_parameters, home.key_parameter) == names and bool(home.item_path)
