"""Things of which only the keys are known: tombstones, stored files, and flags that are only set or unset."""

from collections.abc import Callable, Collection, Mapping

from lookalike.contract.inference.inferred import Inferences, OperationKey
from lookalike.contract.inference.item_paths import ItemPath, collection_of, nearest_above
from lookalike.contract.inference.presence import is_presence, is_stored_file, presence_of, stored_file_of
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.resources.resource_guess import Paths
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.tombstones import Tombstones, is_list, tombstones_on

KNOWN_BY_KEY = {"present": (is_presence, presence_of), "stored": (is_stored_file, stored_file_of)}


def add_bare_keys(
    found: Inferences,
    items: Mapping[str, ItemPath],
    prefix: str,
    is_such: Callable[[Mapping[str, RawOperation]], bool],
    effect_of: Callable[[Tombstones, RawOperation], Inference | None],
) -> None:
    """Add the effects of operations on things of which little more is known than that they are there."""
    for path, methods in found.paths.items():
        if not is_such(methods) or any((path, method) in found.effects for method in methods):
            continue
        above = nearest_above(path, items)
        holder = ResourceOperation(*above, methods["get"]) if above is not None else None
        keys = tombstones_on(path, methods, holder, found.names, prefix)
        if keys is not None:
            found.keys_alone[keys.name] = keys
            effects = {(path, method): effect_of(keys, operation) for method, operation in methods.items()}
            found.add_guessed((key, effect) for key, effect in effects.items() if effect is not None)


def remembered_deletions(
    paths: Paths,
    items: Mapping[str, ItemPath],
    found: Mapping[OperationKey, Inference],
    names: Collection[str],
) -> dict[str, Tombstones]:
    """The tombstones by path, where a DELETE and everything beside it is answered by example."""
    by_path: dict[str, Tombstones] = {}
    for path, methods in sorted(paths.items(), key=lambda entry: len(entry[0])):  # outer ones first
        creation = paths.get(collection_of(path), {}).get("post")
        operations = [*methods.values(), *([creation] if creation and not is_list(creation) else [])]
        is_known = any(one.has_extension or (one.path, one.method) in found for one in operations)
        if "delete" not in methods or is_known:
            continue
        holders: dict[str, ItemPath | Tombstones] = {**items, **by_path}
        above = nearest_above(path, holders)
        holder = ResourceOperation(*above, methods["delete"]) if isinstance(above, ItemPath) else above
        tombstones = tombstones_on(path, methods, holder, {*names, *(one.name for one in by_path.values())})
        if tombstones is not None:
            by_path[path] = tombstones
    return by_path
