"""Operations that are answered by example, which may depend on the item that their path is below."""

from collections.abc import Iterator, Mapping

from lookalike.contract.inference.inferred import BY_EXAMPLE, OperationKey
from lookalike.contract.inference.item_paths import ItemPath, collection_of, nearest_above
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.resources.resource_guess import Paths
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.tombstones import Tombstones, is_list


def answered_by_example(
    paths: Paths,
    holders: Mapping[str, ItemPath | Tombstones],
    found: Mapping[OperationKey, Inference],
) -> Iterator[tuple[OperationKey, Inference]]:
    """Other operations on the path of an item or below it: answered by example, or with 404 if it does not exist.

    A creation on a collection with tombstones clears them.
    """
    beside = {
        collection_of(path): one for path, one in holders.items() if isinstance(one, Tombstones) and one.are_of_many
    }
    for path, methods in paths.items():
        holder = nearest_above(path, holders)
        for method, operation in methods.items():
            if (path, method) in found or operation.has_extension:
                continue
            extension, words = _where_holder_exists(holder, operation)
            cleared = beside.get(path.rstrip("/")) if method == "post" and not is_list(operation) else None
            if cleared is not None and "apply" not in extension:
                extension = {**extension, "apply": [cleared.clearing_step()]}
                words += ", and what was deleted is back"
            if _tells_presence(holder, operation):
                words = f"tells{words.replace(' where', ' whether', 1)} there"
            else:
                words = BY_EXAMPLE + words
            if extension:
                yield (path, method), (extension, words)


def _where_holder_exists(holder: ItemPath | Tombstones | None, operation: RawOperation) -> Inference:
    """The dependence of an operation on the item, or on the tombstones, that its path is below."""
    if holder is None:
        return {}, ""
    if isinstance(holder, Tombstones):
        extension, words = holder.semantics_of(operation)
        return extension, f", {words}"
    on = ResourceOperation(*holder, operation)
    return {"select": on.selector()}, f" where {on.noun_phrase} is"


def _tells_presence(holder: ItemPath | Tombstones | None, operation: RawOperation) -> bool:
    """Whether a GET of an item has nothing to show: its status tells whether the item is there."""
    is_of_item = isinstance(holder, ItemPath) and operation.path == holder.collection.item_path
    return is_of_item and operation.method == "get" and operation.success_status == "204"
