"""Inference: what operations do to what is remembered, as values that the document could have written itself.

Nobody else knows of conventions. What cannot be answered from what is remembered so that the answer fits its schema is
left as it is: answered by example.
"""

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from lookalike.contract.inference.deletions import Deletions, deletions_on, is_list
from lookalike.contract.inference.methods import (
    ON_COLLECTION,
    ON_ITEM,
    Inference,
    Rule,
    found_by_query,
    shown_after_action,
)
from lookalike.contract.inference.raw_operation import RawOperation, operations_of
from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.resources import (
    CollectionPath,
    Paths,
    ResourceGuess,
    examples_of,
    recognised,
    settled,
    takes_key,
)
from lookalike.contract.routing import plain_path
from lookalike.contract.semantics import CREATE
from lookalike.json_values import format_fragment
from lookalike.openapi.document import Document
from lookalike.openapi.walk import METHODS
from lookalike.schema.vocabulary import KEYWORD

T = TypeVar("T")
Raw = dict[str, Any]
OperationKey = tuple[str, str]
Below = Mapping[str, Sequence[RawOperation]]
Ways = Mapping[str, Sequence[str]]

BY_EXAMPLE = "answers by example"


class ItemPath(NamedTuple):
    """A resource, and a place where its items have a path."""

    kind: ResourceGuess
    place: CollectionPath


class Inferred(NamedTuple):
    """What was inferred: resources by name, what operations do by path and method, and that in words."""

    resources: Mapping[str, Raw]
    operations: Mapping[OperationKey, Raw]
    words: Mapping[OperationKey, str]


def with_conventions(document: Document, made_up: bool = False) -> Document:
    """The document with what was inferred written into it; the very same where that is nothing."""
    found = inferred(document.data, made_up)
    if not found.operations:
        return document
    ours = document.data.get(KEYWORD, {})
    written = copy.copy(document)
    written.data = {
        **document.data,
        KEYWORD: {**ours, "resources": {**found.resources, **ours.get("resources", {})}},
        "paths": {path: _written(path, item, found.operations) for path, item in document.data["paths"].items()},
    }
    return written


def _written(path: str, item: Mapping[str, Any], operations: Mapping[OperationKey, Raw]) -> Mapping[str, Any]:
    added = {
        method: {**item[method], KEYWORD: operations[path, method]}
        for method in METHODS
        if (path, method) in operations
    }
    return {**item, **added} if added else item


def inferred(data: Mapping[str, Any], made_up: bool = False) -> Inferred:
    """What a document means by convention where it does not say it itself.

    With items that are `made_up` there are also resources of which the document shows none, and lets none be made.
    """
    paths = operations_of(data)
    ways = _ways(paths)
    ours = data.get(KEYWORD, {}).get("resources", {})
    operations: dict[OperationKey, Raw] = {}
    words: dict[OperationKey, str] = {}
    used: dict[str, ResourceGuess] = {}
    below = _read_below(paths)
    plain = {path: methods for path, methods in paths.items() if plain_path(path) == path}
    known = [kind for kind in recognised(plain, made_up) if _can_exist(kind, paths, ways, below) or made_up]
    kinds = _lasting(known, paths, made_up)
    for kind in kinds:
        for place in kind.places:
            for asked, ask in _of_place(kind, place, paths, ways, below):
                operation = asked.operation
                key = (operation.path, operation.method)
                found = ask(asked) if key not in operations and not operation.is_ours else None
                if found is not None:
                    operations[key], words[key] = found
                    used |= {one.name: one for one in reversed([*kind.line()])}
    resources = {name: _resource(kind) for name, kind in used.items() if name not in ours}
    items = _items_of([kind for kind in kinds if kind.name in used and _is_told(kind, operations)])
    deletions = _deletions(paths, items, operations, {*resources, *ours})
    for key, found in [*_by_example(paths, {**items, **deletions}, operations)]:
        operations[key], words[key] = found
    resources |= {one.name: one.resource() for one in deletions.values()}
    every = {(path, method): one for path, methods in paths.items() for method, one in methods.items()}
    said = {key: words.get(key, f"as {KEYWORD} says" if one.is_ours else BY_EXAMPLE) for key, one in every.items()}
    return Inferred(resources, operations, said)


def _items_of(kinds: Sequence[ResourceGuess]) -> dict[str, ItemPath]:
    """The resource and the place of each path of items."""
    return {place.item: ItemPath(kind, place) for kind in reversed(kinds) for place in kind.places if place.item}


def _deletions(
    paths: Paths, items: Mapping[str, ItemPath], operations: Mapping[OperationKey, Raw], names: Collection[str]
) -> dict[str, Deletions]:
    """What is remembered of deletions, by the path where nothing else is known of what is there."""
    found: dict[str, Deletions] = {}
    for path, methods in sorted(paths.items(), key=lambda one: len(one[0])):
        creation = paths.get(_collection(path), {}).get("post")
        every = [*methods.values(), *([creation] if creation and not is_list(creation) else [])]
        if "delete" not in methods or any(one.is_ours or (one.path, one.method) in operations for one in every):
            continue
        known: dict[str, ItemPath | Deletions] = {**items, **found}
        above = _nearest(path, known)
        holder = ResourceOperation(above.kind, above.place, methods["delete"]) if isinstance(above, ItemPath) else above
        one = deletions_on(path, methods, holder, {*names, *(one.name for one in found.values())})
        if one is not None:
            found[path] = one
    return found


def _by_example(
    paths: Paths, above: Mapping[str, ItemPath | Deletions], operations: Mapping[OperationKey, Raw]
) -> Iterator[tuple[OperationKey, tuple[Raw, str]]]:
    """What else is on the path of an item, or below it: answered by example, but only where that item is.

    On the path of a collection of which deletions are remembered, a creation brings back what was deleted.
    """
    beside = {_collection(path): one for path, one in above.items() if isinstance(one, Deletions) and one.is_of_many}
    for path, methods in paths.items():
        holder = _nearest(path, above)
        for method, operation in methods.items():
            if (path, method) in operations or operation.is_ours:
                continue
            shown = (
                shown_after_action(ResourceOperation(holder.kind, holder.place, operation))
                if isinstance(holder, ItemPath)
                else None
            )
            if shown is not None:
                yield (path, method), shown
                continue
            said, words = _where_it_is(holder, operation)
            makes = beside.get(path.rstrip("/")) if method == "post" and not is_list(operation) else None
            if makes is not None and "apply" not in said:
                said, words = {**said, "apply": [makes.all_back()]}, f"{words}, and what was deleted is back"
            if said:
                yield (path, method), (said, BY_EXAMPLE + words)


def _where_it_is(holder: ItemPath | Deletions | None, operation: RawOperation) -> tuple[Raw, str]:
    """What an operation has to do with what it is below, and the same in words."""
    if holder is None:
        return {}, ""
    if isinstance(holder, Deletions):
        said, words = holder.said_of(operation)
        return said, f", {words}"
    asked = ResourceOperation(holder.kind, holder.place, operation)
    return {"select": asked.select()}, f" where {asked.noun} is"


def _collection(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0]


def _nearest(path: str, found: Mapping[str, T]) -> T | None:
    """What was found on a path, or on the longest that it is below."""
    while path and path not in found:
        path = path.rpartition("/")[0]
    return found.get(path)


def _can_exist(kind: ResourceGuess, paths: Paths, ways: Ways, below: Below) -> bool:
    """Whether there ever are items: some are made, or shown by the document; else nobody could find one."""
    kind.examples = examples_of(kind, paths)
    asked = (one for place in kind.places for one in _of_place(kind, place, paths, ways, below))
    kind.is_made = any(_makes(ask(one)) for one, ask in asked)
    return bool(kind.examples) or kind.is_made


def _lasting(kinds: list[ResourceGuess], paths: Paths, made_up: bool) -> list[ResourceGuess]:
    """The resources, each with what it belongs to, without those of which an item neither is there nor can be made.

    Of what belongs to something unknown, no example can be there; and no client finds one by a key that its path does
    not take.
    """
    while True:
        kinds = settled(kinds, paths)
        lasting = [kind for kind in kinds if kind.is_made or kind.is_single or _starts(kind, paths, made_up)]
        if len(lasting) == len(kinds):
            return kinds
        kinds = lasting


def _starts(kind: ResourceGuess, paths: Paths, made_up: bool) -> bool:
    """Whether there are items from the start that clients can find."""
    is_placed = not kind.by or (kind.parent is not None and bool(kind.parent.examples))
    return made_up or (is_placed and takes_key(kind, paths))


def _is_told(kind: ResourceGuess, operations: Mapping[OperationKey, Raw]) -> bool:
    """Whether clients are told at its home which items there are: they are read, listed or made there."""
    asked = (
        (kind.home.item, "get"),
        (kind.home.item, "put"),
        (kind.home.collection, "get"),
        (kind.home.collection, "post"),
    )
    return any(one in operations for one in asked)


def _makes(found: Inference) -> bool:
    if found is None:
        return False
    creates = any("create" in step for step in found[0].get("apply", ()))
    return creates or found[0].get("select", {}).get("absent") == CREATE


def _resource(kind: ResourceGuess) -> Raw:
    raw: Raw = {"schema": {"$ref": format_fragment(kind.view.pointer)}}
    if not kind.is_single:
        raw["key"] = kind.key
    if kind.by:
        owner = {"resource": kind.parent.name} if kind.parent else {}
        raw["parent"] = {**owner, "by": list(kind.by), **({} if kind.scoped else {"keys": "global"})}
    return raw | ({"examples": kind.examples} if kind.examples else {})


def _of_place(
    kind: ResourceGuess, place: CollectionPath, paths: Paths, ways: Ways, below: Below
) -> Iterator[tuple[ResourceOperation, Rule]]:
    """The operations of a place as they are asked about the resource, each with the way to ask what it does."""
    for path, asks in ((place.item, ON_ITEM), (place.collection, ON_ITEM if kind.is_single else ON_COLLECTION)):
        for way in (path, *ways.get(path, ())):
            methods = paths.get(way, {})
            for method, operation in methods.items():
                if method in asks:
                    yield ResourceOperation(kind, place, operation, methods), asks[method]
    for operation in below.get(place.collection, ()):
        yield ResourceOperation(kind, place, operation), found_by_query


def _ways(paths: Paths) -> Ways:
    """The paths that are others with something behind them, by those."""
    ways: dict[str, list[str]] = {}
    for path in paths:
        if plain_path(path) != path:
            ways.setdefault(plain_path(path), []).append(path)
    return ways


def _read_below(paths: Paths) -> Below:
    """The GET operations below each path whose own paths go on without parameters."""
    below: dict[str, list[RawOperation]] = {}
    for path, methods in paths.items():
        start = len(path)
        while "get" in methods and (start := path.rfind("/", 0, start)) >= 0 and "{" not in path[start:]:
            below.setdefault(path[:start], []).append(methods["get"])
    return below
