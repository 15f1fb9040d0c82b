"""The paths of items, and which of them other paths are below."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess
from lookalike.contract.path_segments import last_segment, parameter, parameters_of, same_path, segments
from lookalike.naming.keys import key_field

T = TypeVar("T")


class ItemPath(NamedTuple):
    """A resource whose items have a path in one of its collections."""

    resource: ResourceGuess
    collection: ItemCollection


def item_paths(resources: Sequence[ResourceGuess]) -> dict[str, ItemPath]:
    """The item paths of resources; of two resources on one path, the one recognised first."""
    return {
        collection.item_path: ItemPath(resource, collection)
        for resource in reversed(resources)
        for collection in resource.collections
        if collection.item_path
    }


def unread_item_paths(resources: Sequence[ResourceGuess], paths: Paths) -> Iterator[tuple[str, ItemPath]]:
    """The paths of items that no operation has, but others are below: `/users/{id}` of `/users/{id}/activate`."""
    without = [one for one in resources if not one.is_single and not any(place.item_path for place in one.collections)]
    by_home = {tuple(segments(one.home.path)): one for one in without}
    for path in paths if by_home else ():
        parts = tuple(segments(path))
        for end in range(len(parts) - 1):
            resource, key = by_home.get(parts[:end]), parameter(parts[end])
            if resource is None or not key:
                continue
            home = resource.home
            if key_field(key, last_segment(home.path), resource.schema.members) == resource.key:
                item_path = "/" + "/".join(parts[: end + 1])
                yield item_path, ItemPath(resource, ItemCollection(home.path, item_path, home.parent_parameters, key))


def renamed_item_paths(items: Mapping[str, ItemPath], paths: Paths) -> Iterator[tuple[str, ItemPath]]:
    """The same paths as other paths begin that name their parameters otherwise.

    As `/customers/{customerId}` of `/customers/{customerId}/orders`, beside `/customers/{id}`. One that names another
    member, such as `{name}`, asks for items otherwise.
    """
    by_form = {same_path(path): one for path, one in items.items()}
    for path in paths:
        parts = segments(path)
        for end in range(2, len(parts)):
            start = "/" + "/".join(parts[:end])
            is_start = bool(parameter(parts[end - 1])) and not parameter(parts[end]) and start not in items
            found = by_form.get(same_path(start)) if is_start else None
            own = parameters_of(start)
            if found is not None and _names_key(own[-1], found):
                place = replace(found.collection, item_path=start, parent_parameters=own[:-1], key_parameter=own[-1])
                yield start, ItemPath(found.resource, place)


def _names_key(parameter_name: str, path: ItemPath) -> bool:
    resource, noun = path.resource, last_segment(path.collection.path)
    return key_field(parameter_name, noun, (*resource.schema.members, resource.key)) == resource.key


def collection_of(path: str) -> str:
    """The path without its last segment."""
    return path.rstrip("/").rpartition("/")[0]


def nearest_above(path: str, by_path: Mapping[str, T]) -> T | None:
    """The entry of a path, or of the longest path that it is below; either may have a slash at its end."""
    while path and path not in by_path and f"{path}/" not in by_path:
        path = path.rstrip("/").rpartition("/")[0]
    return by_path.get(path) or by_path.get(f"{path}/")
