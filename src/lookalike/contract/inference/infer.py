"""Infers what a plain document implies about state, and writes it as the `x-lookalike` it could have stated.

Everything else reads that extension and does not know that it was inferred. The sequence: recognise resources, keep
those of which an item can exist, let the rules say what operations do, remember deletions of what is left, and let
what is left on an item's path be answered by example where that item exists. What a rule cannot answer from state so
that it fits its schema stays answered by example.
"""

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from lookalike.contract.grounds import EFFECT, Ground, Grounds
from lookalike.contract.inference import vocabulary
from lookalike.contract.inference.accounts import (
    WHO_ASKS,
    lone_users,
    shows_who_asks,
    signed_up,
    token_answer,
    users_of,
    with_tokens,
)
from lookalike.contract.inference.deletions import Tombstones, is_list, tombstones_on
from lookalike.contract.inference.envelopes import list_item_schemas
from lookalike.contract.inference.existence import takes_key
from lookalike.contract.inference.grounds import grounds_of_operation, grounds_of_resource
from lookalike.contract.inference.links import link_effect, linked_member
from lookalike.contract.inference.presence import is_presence, is_stored_file, presence_of, stored_file_of
from lookalike.contract.inference.raw_operation import RawOperation, last_segment, operations_of, parameter, segments
from lookalike.contract.inference.remote_calls import called_resources
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.resources.documented_items import documented_items
from lookalike.contract.inference.resources.parents import with_parents
from lookalike.contract.inference.resources.recognition import recognise_resources
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess
from lookalike.contract.inference.rules.actions import act_on_item
from lookalike.contract.inference.rules.creation import create_item
from lookalike.contract.inference.rules.lists import list_by_filter, list_by_value, list_items
from lookalike.contract.inference.rules.many_items import act_on_many
from lookalike.contract.inference.rules.methods import ON_COLLECTION, ON_ITEM
from lookalike.contract.inference.rules.nesting import bind_to_item
from lookalike.contract.inference.rules.reading import read_item
from lookalike.contract.inference.rules.rule import Inference, Rule
from lookalike.contract.inference.sketches import SKETCHES
from lookalike.contract.inference.verbs import undone_action
from lookalike.contract.routing import plain_path
from lookalike.contract.semantics import ACCEPTED, CREATE
from lookalike.json_values import format_fragment, format_pointer
from lookalike.openapi.document import Document
from lookalike.openapi.walk import METHODS
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

T = TypeVar("T")

OperationKey = tuple[str, str]
"""The path and the method of an operation."""

_ANY_ITEM: Mapping[str, Any] = {}
"""The example of an item that no example shows: a generated one takes its place."""

_CREATIONS = frozenset({"create", "new", "add", "bulk", "batch", "import", "register", "signup"})
_SEARCHES = frozenset({"search", "_search", "query", "find"})

_KNOWN_BY_KEY = {"present": (is_presence, presence_of), "stored": (is_stored_file, stored_file_of)}

BY_EXAMPLE = "answers by example"


class Inferred(NamedTuple):
    """Everything that was inferred: resources by name, and what operations do, as `x-lookalike` and in words.

    `words` has every operation of the document, also those of which nothing was inferred. `grounds` tells why each
    fact about an operation is believed, `resource_grounds` the same of resources.
    """

    resources: Mapping[str, Extension]
    operations: Mapping[OperationKey, Extension]
    words: Mapping[OperationKey, str]
    grounds: Mapping[OperationKey, Grounds]
    resource_grounds: Mapping[str, Grounds]


def with_inferred_semantics(document: Document, inferred: Inferred) -> Document:
    """The document with everything inferred written into it; itself where nothing was inferred."""
    if not inferred.operations:
        return document
    stated = document.data.get(KEYWORD, {})
    extended = copy.copy(document)
    extended.data = {
        **document.data,
        KEYWORD: {**stated, "resources": {**inferred.resources, **stated.get("resources", {})}},
        "paths": {path: _extended(path, item, inferred.operations) for path, item in document.data["paths"].items()},
    }
    return extended


def _extended(path: str, item: Mapping[str, Any], operations: Mapping[OperationKey, Extension]) -> Mapping[str, Any]:
    added = {
        method: {**item[method], KEYWORD: operations[path, method]}
        for method in METHODS
        if (path, method) in operations
    }
    return {**item, **added} if added else item


def infer(data: Mapping[str, Any], populated: bool = False) -> Inferred:
    """The semantics that the document implies, for operations that have no `x-lookalike`.

    Where the mock is `populated`, items exist of every resource, so that also those are kept of which the document
    shows no item and no operation creates one.
    """
    index = _Index(operations_of(data))
    recognised = recognise_resources(index.plain_paths, populated)
    guesses = _existing_resources(recognised, index, populated)
    found = _Inferences(index.paths, data.get(KEYWORD, {}).get("resources", {}))
    _apply_rules(found, index, guesses)
    _add_remote_calls(found, populated)
    _add_accounts(found, guesses)
    used = [one for one in guesses if one.name in found.guesses]
    reachable = [one for one in used if _is_reachable(one, found.effects)]
    items = {**dict(_unread_item_paths(reachable, index.paths)), **_item_paths(reachable)}
    found.add_guessed(_bound_collections(index.paths, items, used, found.effects))
    found.add_guessed(_lists_by_path(index.paths, used, found.effects))
    found.add_guessed(_parts_of_collections(index.paths, used, found.effects))
    found.add_guessed(_searches(index.paths, used, found.effects))
    found.replace_guessed(_links(index.paths, items))
    found.add_guessed(_actions(index.paths, items, found.effects))
    _add_known_by_request(found, recognised, index)
    _add_only_read(found, recognised, index)
    for prefix, (is_such, effect_of) in _KNOWN_BY_KEY.items():
        _add_known_by_key(found, items, prefix, is_such, effect_of)
    tombstones = _tombstones(index.paths, items, found.effects, found.names)
    found.add_guessed(_answered_by_example(index.paths, {**items, **tombstones}, found.effects))
    found.keys_alone |= {one.name: one for one in tombstones.values()}
    return found.result()


class _Inferences:
    """The inferences so far: the effects of operations with their grounds, and the resources that they are about.

    `guesses` are the recognised resources by name; of those in `keys_alone`, nothing but keys is known.
    """

    def __init__(self, paths: Paths, stated_resources: Collection[str]) -> None:
        self.paths = paths
        self.effects: dict[OperationKey, Inference] = {}
        self.grounds: dict[OperationKey, Grounds] = {}
        self.guesses: dict[str, ResourceGuess] = {}
        self.keys_alone: dict[str, Tombstones] = {}
        self._stated_resources = stated_resources

    @property
    def names(self) -> set[str]:
        """The names of all resources, those that the document states among them."""
        return {*self.guesses, *self.keys_alone, *self._stated_resources}

    def add_guessed(self, effects: Iterable[tuple[OperationKey, Inference]]) -> None:
        """Add effects that only names suggest."""
        added = dict(effects)
        self.effects |= added
        self.grounds |= {key: {EFFECT: Ground.GUESSED} for key in added}

    def replace_guessed(self, effects: Iterable[tuple[OperationKey, Inference]]) -> None:
        """Put effects in the place of those that were found, unless the document states them."""
        self.add_guessed(one for one in effects if not self.paths[one[0][0]][one[0][1]].has_extension)

    def add_resource(self, resource: ResourceGuess) -> None:
        """Add a resource with those that it is below."""
        self.guesses |= {one.name: one for one in reversed([*resource.lineage()])}

    def result(self) -> Inferred:
        """Everything that was found, in words too."""
        words = {}
        for path, methods in self.paths.items():
            for method, operation in methods.items():
                otherwise = f"as {KEYWORD} says" if operation.has_extension else BY_EXAMPLE
                _, words[path, method] = self.effects.get((path, method), ({}, otherwise))
        recognised = {name: guess for name, guess in self.guesses.items() if name not in self._stated_resources}
        return Inferred(
            {name: _resource(guess) for name, guess in recognised.items()}
            | {name: keys.resource() for name, keys in self.keys_alone.items()},
            {key: extension for key, (extension, _) in self.effects.items()},
            words,
            self.grounds,
            {name: grounds_of_resource(guess) for name, guess in recognised.items()},
        )


class _Index:
    """The operations of a document, found by path in the ways that the rules need."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        # Some documents write several operations on one path with a query behind it (`/templates?draft=true`).
        self._variants: dict[str, list[str]] = {}
        # GET operations whose path goes on without parameters (`/pets/findByStatus` for `/pets`).
        self._reads_below: dict[str, list[RawOperation]] = {}
        # Creations at `/networks/create` or `/users/bulk` beside `/networks` and `/users`.
        self._made_below: dict[str, list[RawOperation]] = {}
        # Those about many items by their keys, at `/orders/batch-retrieve` or `/orders/bulk/delete`.
        self._about_many: dict[str, list[RawOperation]] = {}
        for path, methods in paths.items():
            if plain_path(path) != path:
                self._variants.setdefault(plain_path(path), []).append(path)
            end = len(path)
            if "post" in methods and _is_creation(path.rpartition("/")[2]):
                self._made_below.setdefault(path.rpartition("/")[0], []).append(methods["post"])
            if "post" in methods and path.rpartition("/")[2] in _SEARCHES:
                self._reads_below.setdefault(path.rpartition("/")[0], []).append(methods["post"])
            for above in _above(path) if "post" in methods else ():
                if vocabulary.is_about_many(path.removeprefix(above)):
                    self._about_many.setdefault(above, []).append(methods["post"])
            while "get" in methods and (end := path.rfind("/", 0, end)) >= 0 and "{" not in path[end:]:
                self._reads_below.setdefault(path[:end], []).append(methods["get"])

    @property
    def plain_paths(self) -> Paths:
        """The paths without a query behind them, from which resources are recognised."""
        return {path: methods for path, methods in self.paths.items() if plain_path(path) == path}

    def rules_on(self, resource: ResourceGuess, collection: ItemCollection) -> Iterator[tuple[ResourceOperation, Rule]]:
        """The operations that may be about a resource, each with the rule that tells."""
        on_collection = ON_ITEM if resource.is_single else ON_COLLECTION
        is_made = resource.is_single or any("post" in self.paths.get(one.path, {}) for one in resource.collections)
        made = self._made_below.get("/" + "/".join(segments(collection.path)), ())
        is_made = is_made or bool(made)
        for path, rules in ((collection.item_path, ON_ITEM), (collection.path, on_collection)):
            for variant in (path, *self._variants.get(path, ())):
                methods = self.paths.get(variant, {})
                is_other_list = rules is on_collection and self._is_other_list(variant, resource)
                for method, operation in methods.items():
                    if method in rules and not (is_other_list and method == "delete"):
                        yield ResourceOperation(resource, collection, operation, methods, is_made), rules[method]
        for operation in made if not resource.is_single else ():
            yield ResourceOperation(resource, collection, operation), create_item
        for operation in self._reads_below.get(collection.path, ()):
            yield ResourceOperation(resource, collection, operation), list_by_filter
        for operation in self._about_many.get(collection.path, ()):
            yield ResourceOperation(resource, collection, operation), act_on_many

    def _is_other_list(self, path: str, resource: ResourceGuess) -> bool:
        """Whether a path only lists items that are made and deleted elsewhere, as `/me/watched/videos`.

        DELETE empties such a list, and does not delete the items.
        """
        home = resource.home
        is_made_there = path == home.path or "post" in self.paths.get(path, {})
        return not is_made_there and "delete" in self.paths.get(home.item_path, {})


def _above(path: str) -> Iterator[str]:
    """The paths one and two segments above another one, as far as those segments are words."""
    for _ in range(2):
        path, _, word = path.rpartition("/")
        if not path or parameter(word):
            return
        yield path


def _apply_rules(found: _Inferences, index: _Index, resources: Sequence[ResourceGuess]) -> None:
    """Add the effect of the first rule that applies to each operation, with its grounds."""
    for resource in resources:
        for collection in resource.collections:
            if collection.path in index.paths and _who_asks(collection.path, index.paths, [resource]):
                continue  # it shows one user, as `_add_accounts` says
            for on, rule in index.rules_on(resource, collection):
                key = (on.operation.path, on.operation.method)
                effect = rule(on) if key not in found.effects and not on.operation.has_extension else None
                if effect is not None:
                    found.effects[key] = effect
                    found.grounds[key] = grounds_of_operation(on, effect[0])
                    is_sketched = resource.schema.pointer[:1] == (SKETCHES,)
                    if is_sketched or (resource.examples == [_ANY_ITEM] and not resource.is_single):
                        found.grounds[key] = {**found.grounds[key], EFFECT: Ground.GUESSED}
                    found.add_resource(resource)


def _add_remote_calls(found: _Inferences, populated: bool) -> None:
    """Add the resources that procedures are about, and the effects of these."""
    stated = {(path, one.method) for path, on in found.paths.items() for one in on.values() if one.has_extension}
    for guess, calls in called_resources(found.paths, {*found.effects, *stated}, found.names):
        guess.examples = documented_items(guess, found.paths)
        if guess.examples or populated or any(_creates(inference) for inference, _ in calls.values()):
            found.guesses[guess.name] = guess
            found.effects |= {key: inference for key, (inference, _) in calls.items()}
            found.grounds |= {key: grounds for key, (_, grounds) in calls.items()}


def _add_accounts(found: _Inferences, resources: Sequence[ResourceGuess]) -> None:
    """Add logins, sign-ups, and the operations on the user who asks."""
    accounts = dict(_accounts(found.paths, resources, found.effects))
    found.add_guessed(accounts.items())
    named = {name for extension, _ in accounts.values() for name in _resources_of(extension)}
    for resource in resources:
        if resource.name in named:
            found.add_resource(resource)


def _existing_resources(recognised: Sequence[ResourceGuess], index: _Index, populated: bool) -> list[ResourceGuess]:
    """The recognised resources, with their parents, that have an item which clients can find, or that clients can make.

    Repeated until nothing changes, since a child is unreachable where its parent is: of an unknown parent no example
    exists either.
    """
    resources = []
    paths = index.paths
    recognised = [*recognised, *lone_users(paths, recognised)]
    joining = [one for methods in paths.values() for one in methods.values() if one.method == "post"]
    others = [one for one in recognised if not (one.is_single and _who_asks(one.home.path, paths, recognised))]
    for resource in others:
        resource.examples = documented_items(resource, index.paths)
        resource.needed = frozenset(_needed_to_create(resource, index))
        resource.is_creatable = _is_creatable(resource, index) or any(signed_up(one, [resource]) for one in joining)
        if resource.home.path in paths and _who_asks(resource.home.path, paths, [resource]):
            resource.examples = resource.examples or [_ANY_ITEM]
        if not resource.examples and not resource.is_creatable and _is_changed_only(resource, index):
            resource.examples = [_ANY_ITEM]
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


def _who_asks(path: str, paths: Paths, resources: Sequence[ResourceGuess]) -> ResourceGuess | None:
    return shows_who_asks(path, paths[path].get("get"), resources)


def _accounts(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Logins, sign-ups, and the operations on the user who asks."""
    users = users_of(paths, resources)
    for path, methods in paths.items():
        user = _who_asks(path, paths, resources)
        for method, operation in methods.items():
            if (path, method) in found or operation.has_extension:
                continue
            if user is not None and method in ON_ITEM:
                on = ResourceOperation(user, ItemCollection("", path), operation, methods)
                inference = ON_ITEM[method](on)
                if inference is not None:
                    inference[0]["select"] = {"resource": user.name, "by": WHO_ASKS}
                    if "answer" in inference[0]:
                        inference[0]["answer"] = with_tokens(inference[0]["answer"], operation, user)
                    yield (path, method), (inference[0], f"{inference[1]}: the one who asks")
            elif (new := signed_up(operation, resources)) is not None:
                made = create_item(ResourceOperation(new, new.home, operation))
                if made is not None:
                    made[0]["answer"] = with_tokens(made[0].get("answer", {}), operation, new)
                    yield (path, method), made
            elif (answer := token_answer(operation, users)) is not None:
                yield (path, method), (answer, "gives a token")


def _is_creation(word: str) -> bool:
    """Whether the word at the end of a path is of making: `create`, `bulk`, or as `createWithList`."""
    plain = vocabulary.normalised(word)
    return plain in _CREATIONS or plain.startswith(("createwith", "bulkcreate", "batchcreate", "createmany"))


def _is_creatable(resource: ResourceGuess, index: _Index) -> bool:
    inferences = (rule(on) for collection in resource.collections for on, rule in index.rules_on(resource, collection))
    return any(map(_creates, inferences))


def _needed_to_create(resource: ResourceGuess, index: _Index) -> Iterator[str]:
    """The members that the body of a creation must have."""
    for collection in resource.collections:
        for on, rule in index.rules_on(resource, collection):
            body = on.item_in_body() if rule is create_item else None
            yield from body[1].required if body is not None else ()


def _is_changed_only(resource: ResourceGuess, index: _Index) -> bool:
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


def _resources_of(extension: Extension) -> Iterator[str]:
    """The names of the resources whose items an operation selects or creates."""
    if "select" in extension:
        yield extension["select"]["resource"]
    yield from (step["create"]["resource"] for step in extension.get("apply", ()) if "create" in step)


def _creates(inference: Inference | None) -> bool:
    if inference is None:
        return False
    extension, _ = inference
    has_create_step = any("create" in step for step in extension.get("apply", ()))
    return has_create_step or extension.get("select", {}).get("absent") == CREATE


def _starts_with_items(resource: ResourceGuess, index: _Index, populated: bool) -> bool:
    """Whether items exist from the start under keys that their path takes."""
    has_parent = not resource.parent_fields or (resource.parent is not None and bool(resource.parent.examples))
    return populated or (has_parent and takes_key(resource, index.paths))


def _is_reachable(resource: ResourceGuess, found: Mapping[OperationKey, Inference]) -> bool:
    """Whether clients learn at the resource's home which items exist: by reading, listing or creating them."""
    home = resource.home
    shown_by = ((home.item_path, "get"), (home.item_path, "put"), (home.path, "get"), (home.path, "post"))
    return any(key in found for key in shown_by)


def _schema(schema: SchemaView) -> Extension:
    """A schema as a resource refers to it; a sketch, which the document does not have, as a whole."""
    is_sketch = schema.pointer[:1] == (SKETCHES,)
    return dict(schema.parts[0]) if is_sketch else {"$ref": format_fragment(schema.pointer)}


def _resource(resource: ResourceGuess) -> Extension:
    """A resource as `x-lookalike` declares it."""
    extension: Extension = {"schema": _schema(resource.schema)}
    if not resource.is_single:
        extension["key"] = resource.key
    if resource.parent_fields:
        parent = {"resource": resource.parent.name} if resource.parent else {}
        keys = {} if resource.key_is_scoped else {"keys": "global"}
        extension["parent"] = {**parent, "by": list(resource.parent_fields), **keys}
    if resource.shown_at:
        extension["shown-at"] = {name: format_pointer(place) for name, place in resource.shown_at.items()}
    return extension | ({"examples": resource.examples} if resource.examples else {})


class _ItemPath(NamedTuple):
    """A resource whose items have a path in one of its collections."""

    resource: ResourceGuess
    collection: ItemCollection


def _item_paths(resources: Sequence[ResourceGuess]) -> dict[str, _ItemPath]:
    """The item paths of resources; of two resources on one path, the one recognised first."""
    return {
        collection.item_path: _ItemPath(resource, collection)
        for resource in reversed(resources)
        for collection in resource.collections
        if collection.item_path
    }


def _unread_item_paths(resources: Sequence[ResourceGuess], paths: Paths) -> Iterator[tuple[str, _ItemPath]]:
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
            if vocabulary.key_field(key, last_segment(home.path), resource.schema.members) == resource.key:
                item_path = "/" + "/".join(parts[: end + 1])
                yield item_path, _ItemPath(resource, ItemCollection(home.path, item_path, home.parent_parameters, key))


def _add_known_by_request(found: _Inferences, recognised: Sequence[ResourceGuess], index: _Index) -> None:
    """Add things that are read by a key and changed, but neither made nor shown by an example: any key has one.

    As the profile of `GET /profiles/{name}`, beside `PATCH` there or `POST /profiles/{name}/follow`, in a document that
    does not say how profiles come to be. Those that can be deleted are not there under any key.
    """
    for resource in recognised:
        path = resource.home.item_path
        methods = index.paths.get(path, {})
        is_known = resource.name in found.names or any((path, method) in found.effects for method in methods)
        is_such = "get" in methods and methods.keys() <= {"head", "get", "put", "patch"}
        if is_known or not is_such or resource.parent_fields or resource.key_is_in_path_alone:
            continue
        items = {path: _ItemPath(resource, resource.home)}
        effects = dict(_actions(index.paths, items, found.effects))
        for method in methods.keys() & ON_ITEM.keys():
            inference = ON_ITEM[method](ResourceOperation(*items[path], methods[method], methods))
            if inference is not None:
                effects[path, method] = inference
        if (path, "get") not in effects or not any("apply" in extension for extension, _ in effects.values()):
            continue
        for extension, _ in effects.values():
            extension["select"]["absent"] = CREATE
        found.add_guessed(effects.items())
        found.add_resource(resource)


_CHOOSING = ("where", "compare", "search", "selectors")


def _add_only_read(found: _Inferences, recognised: Sequence[ResourceGuess], index: _Index) -> None:
    """Add things that are listed and read, but neither made, changed nor shown by an example: the products of a shop.

    So a list leads to what it lists; any other key is answered by example. The list is not filtered: no client could
    make an item that a filter finds, and an empty list is no help to a page.
    """
    for resource in recognised:
        home = resource.home
        methods = [index.paths.get(path, {}) for path in (home.path, home.item_path)]
        is_such = all(one.keys() - {"head"} == {"get"} and not one["get"].has_extension for one in methods)
        places = [(path, "get") for path in (home.path, home.item_path)]
        is_known = resource.name in found.names or not found.effects.keys().isdisjoint(places)
        if is_known or not is_such or home.parent_parameters or resource.key_is_in_path_alone:
            continue
        on_list, on_item = (ResourceOperation(resource, home, one["get"]) for one in methods)
        listing, reading = list_items(on_list), read_item(on_item)
        if listing is None or reading is None or not takes_key(resource, index.paths):
            continue
        for keyword in _CHOOSING:
            listing[0]["list"].pop(keyword, None)
        reading[0]["select"]["absent"] = ACCEPTED
        resource.examples = [_ANY_ITEM]
        found.add_guessed(zip(places, ((listing[0], f"lists {resource.name} items"), reading), strict=True))
        found.add_resource(resource)


def _add_known_by_key(
    found: _Inferences,
    items: Mapping[str, _ItemPath],
    prefix: str,
    is_such: Callable[[Mapping[str, RawOperation]], bool],
    effect_of: Callable[[Tombstones, RawOperation], Inference | None],
) -> None:
    """Add the effects of operations on things of which little more is known than that they are there."""
    for path, methods in found.paths.items():
        if not is_such(methods) or any((path, method) in found.effects for method in methods):
            continue
        above = _nearest(path, items)
        holder = ResourceOperation(*above, methods["get"]) if above is not None else None
        keys = tombstones_on(path, methods, holder, found.names, prefix)
        if keys is not None:
            found.keys_alone[keys.name] = keys
            effects = {(path, method): effect_of(keys, operation) for method, operation in methods.items()}
            found.add_guessed((key, effect) for key, effect in effects.items() if effect is not None)


def _tombstones(
    paths: Paths,
    items: Mapping[str, _ItemPath],
    found: Mapping[OperationKey, Inference],
    names: Collection[str],
) -> dict[str, Tombstones]:
    """The tombstones by path, where a DELETE and everything beside it is answered by example."""
    by_path: dict[str, Tombstones] = {}
    for path, methods in sorted(paths.items(), key=lambda entry: len(entry[0])):  # outer ones first
        creation = paths.get(_collection_of(path), {}).get("post")
        operations = [*methods.values(), *([creation] if creation and not is_list(creation) else [])]
        is_known = any(one.has_extension or (one.path, one.method) in found for one in operations)
        if "delete" not in methods or is_known:
            continue
        holders: dict[str, _ItemPath | Tombstones] = {**items, **by_path}
        above = _nearest(path, holders)
        holder = ResourceOperation(*above, methods["delete"]) if isinstance(above, _ItemPath) else above
        tombstones = tombstones_on(path, methods, holder, {*names, *(one.name for one in by_path.values())})
        if tombstones is not None:
            by_path[path] = tombstones
    return by_path


def _bound_collections(
    paths: Paths,
    items: Mapping[str, _ItemPath],
    resources: Sequence[ResourceGuess],
    found: Mapping[OperationKey, Inference],
) -> Iterator[tuple[OperationKey, Inference]]:
    """Lists and creations below an item that items of another resource name, as `/lists/{id}/cards` beside `/cards`.

    Or below one of their own kind, as `/tasks/{id}/subtasks`.
    """
    by_noun = {vocabulary.singular(last_segment(one.home.path)): one for one in reversed(resources) if one.home.path}
    by_schema = {one.schema.pointer: one for one in reversed(resources) if not one.is_single}
    for path, methods in paths.items():
        above, _, last = path.rstrip("/").rpartition("/")
        holder, resource = items.get(above), by_noun.get(vocabulary.singular(last))
        listed = list_item_schemas(methods["get"].success_schema) if "get" in methods else ()
        resource = resource or next((by_schema[one.pointer] for one in listed if one.pointer in by_schema), None)
        if holder is not None and vocabulary.is_below_own_kind(last, last_segment(holder.resource.home.path)):
            resource = holder.resource
        if holder is None or resource is None or resource.parent_fields:
            continue
        for method, operation in methods.items():
            if (path, method) not in found and not operation.has_extension:
                inference = bind_to_item(ResourceOperation(resource, ItemCollection(path), operation), *holder)
                if inference is not None:
                    yield (path, method), inference


def _lists_by_path(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Lists of the items of a resource by a value in the path, as `/bookings/client/{client_id}` beside `/bookings`."""
    by_home = {one.home.path.rstrip("/"): one for one in resources if one.home.path and not one.home.parent_parameters}
    for path, methods in paths.items():
        above, _, last = path.rstrip("/").rpartition("/")
        resource = by_home.get(above) or by_home.get(above.rpartition("/")[0])
        is_open = "get" in methods and (path, "get") not in found and not methods["get"].has_extension
        if resource is not None and parameter(last) and is_open:
            word = above.removeprefix(resource.home.path.rstrip("/")).strip("/")
            on = ResourceOperation(resource, ItemCollection(path), methods["get"])
            if (inference := list_by_value(on, parameter(last), word)) is not None:
                yield (path, "get"), inference


def _parts_of_collections(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Creations at a word behind a collection, and lists there, as `/numbers/local` and `/numbers/mobile`.

    Evidence: the 201 that a creation is answered with, and the item in its body.
    """
    by_segments = {tuple(segments(place.path)): (one, place) for one in resources for place in one.collections}
    for path, methods in paths.items():
        resource, place = by_segments.get(tuple(segments(path)[:-1]), (None, None))
        if resource is None or place is None or parameter(last_segment(path)) or "201" not in _statuses(methods):
            continue
        part = ItemCollection(path, "", place.parent_parameters)
        inferred = {
            (path, method): rule(ResourceOperation(resource, part, methods[method]))
            for method, rule in (("post", create_item), ("get", list_items))
            if method in methods and (path, method) not in found and not methods[method].has_extension
        }
        if inferred.get((path, "post")) is not None:
            yield from ((key, inference) for key, inference in inferred.items() if inference is not None)


def _statuses(methods: Mapping[str, RawOperation]) -> Collection[str]:
    return methods["post"].statuses if "post" in methods else ()


def _searches(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Searches over all items of a resource apart from its collection, as `/search/repositories` beside `/repos`."""
    for path, methods in paths.items():
        above, noun = ["", "", *segments(path)][-2:]
        if above not in _SEARCHES or (path, "get") in found or "get" not in methods or methods["get"].has_extension:
            continue
        for resource in resources:
            named = next((one for one in reversed(segments(resource.home.path)) if not parameter(one)), "")
            on = ResourceOperation(resource, ItemCollection(path), methods["get"])
            inference = list_by_filter(on) if vocabulary.are_alike(named, noun) else None
            if inference is not None:
                yield (path, "get"), inference
                break


def _links(paths: Paths, items: Mapping[str, _ItemPath]) -> Iterator[tuple[OperationKey, Inference]]:
    """Operations on the links of items, which are no things of their own: as long as no path reads or changes one."""
    for path, methods in paths.items():
        holder = items.get(_collection_of(path))
        member = linked_member(holder.resource, path, methods) if holder is not None else ""
        if holder is None or not member:
            continue
        below = [one for one in paths if _collection_of(one) == path and parameter(segments(one)[-1])]
        if any(paths[one].keys() & {"post", "patch"} or _reads(paths[one].get("get")) for one in below):
            continue
        for one in (path, *below):
            for method, operation in paths[one].items():
                inference = link_effect(ResourceOperation(*holder, operation), member)
                if inference is not None:
                    yield (one, method), inference


def _reads(operation: RawOperation | None) -> bool:
    return operation is not None and operation.success_schema is not None


def _actions(
    paths: Paths, items: Mapping[str, _ItemPath], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Actions on items, by the verb at the end of their path, and changes of one member, which may be in another."""
    for path, methods in paths.items():
        holder = _nearest(_collection_of(path), items)
        if holder is None or "{" in path.removeprefix(holder.collection.item_path.rstrip("/")):
            continue
        undone = paths.get(f"{_collection_of(path)}/{undone_action(last_segment(path))}", {})
        for method, operation in methods.items():
            if (path, method) not in found and not operation.has_extension:
                inference = act_on_item(ResourceOperation(*holder, operation), undone.get(method))
                if inference is not None:
                    yield (path, method), inference


def _answered_by_example(
    paths: Paths,
    holders: Mapping[str, _ItemPath | Tombstones],
    found: Mapping[OperationKey, Inference],
) -> Iterator[tuple[OperationKey, Inference]]:
    """Other operations on the path of an item or below it: answered by example, or with 404 if it does not exist.

    A creation on a collection with tombstones clears them.
    """
    beside = {
        _collection_of(path): one for path, one in holders.items() if isinstance(one, Tombstones) and one.are_of_many
    }
    for path, methods in paths.items():
        holder = _nearest(path, holders)
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


def _where_holder_exists(holder: _ItemPath | Tombstones | None, operation: RawOperation) -> Inference:
    """The dependence of an operation on the item, or on the tombstones, that its path is below."""
    if holder is None:
        return {}, ""
    if isinstance(holder, Tombstones):
        extension, words = holder.semantics_of(operation)
        return extension, f", {words}"
    on = ResourceOperation(*holder, operation)
    return {"select": on.selector()}, f" where {on.noun_phrase} is"


def _tells_presence(holder: _ItemPath | Tombstones | None, operation: RawOperation) -> bool:
    """Whether a GET of an item has nothing to show: its status tells whether the item is there."""
    is_of_item = isinstance(holder, _ItemPath) and operation.path == holder.collection.item_path
    return is_of_item and operation.method == "get" and operation.success_status == "204"


def _collection_of(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0]


def _nearest(path: str, by_path: Mapping[str, T]) -> T | None:
    """The entry of a path, or of the longest path that it is below; either may have a slash at its end."""
    while path and path not in by_path and f"{path}/" not in by_path:
        path = path.rstrip("/").rpartition("/")[0]
    return by_path.get(path) or by_path.get(f"{path}/")
