"""Recognises the resources of a document: which paths belong to one, its schema, its key and its parent.

The evidence, strongest first: a link of the document (OpenAPI 3.1 section 4.8.20) that names the key; schemas that
are the same; the shape of paths (`/pets` and `/pets/{petId}`); and names that agree (`petId` and `id`). Nothing here
looks at what operations do: that is for `methods`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from lookalike.contract.grounds import Ground
from lookalike.contract.inference import vocabulary
from lookalike.contract.inference.envelopes import can_be_item, item_candidates, list_item_schemas, unwrapped
from lookalike.contract.inference.raw_operation import (
    RawOperation,
    last_segment,
    parameter,
    parameters_of,
    same_path,
    segments,
    suffix,
)
from lookalike.contract.inference.sketches import SKETCHES, item_of_sent
from lookalike.json_values import ABSENT, Pointer, find
from lookalike.schema.view import SchemaView, holds_objects

Methods = Mapping[str, RawOperation]
"""The operations on a path by method."""

Paths = Mapping[str, Methods]
"""The operations of a document by path and method."""

_SCALARS = frozenset({"string", "integer", "number"})
_STRING = frozenset({"string"})
_MAX_EXAMPLES = 20


@dataclass(frozen=True)
class ItemCollection:
    """A collection, by its path, and the path of its items, empty where they have none.

    `parent_parameters` are the path parameters before the item's own, which is the `key_parameter`.
    """

    path: str
    item_path: str = ""
    parent_parameters: tuple[str, ...] = ()
    key_parameter: str = ""

    @property
    def view(self) -> str:
        """The literal behind the key, where the path is that of a view of an item, as `/pods/{name}/status`."""
        last = last_segment(self.item_path)
        return "" if parameter(last) else last

    @property
    def has_verb(self) -> bool:
        """Whether a verb stands between the path of the collection and the key, as in `/cars/edit/{id}`."""
        return len(segments(self.item_path)) > len(segments(self.path)) + 1 and not self.view

    @property
    def is_paired_by_name(self) -> bool:
        """Whether the items are not below the path of the collection, but below its noun in singular or plural."""
        return bool(self.item_path) and not self.view and segments(self.item_path)[:-1] != segments(self.path)

    @property
    def is_composite(self) -> bool:
        """Whether several parameters in a row identify an item, as in `/repos/{owner}/{repo}`."""
        return len(segments(self.item_path)) > 1 and bool(parameter(segments(self.item_path)[-2]))


@dataclass(eq=False)
class ResourceGuess:
    """A resource that the document does not declare but that its paths and schemas imply.

    `collections` are all paths to its items; keys are made in the first, its `home`. `key` is the member that holds
    the key, or the path parameter where no member does. `parent_fields` hold the key of the parent, also where the
    parent is no known resource; `key_is_scoped` where keys are unique below one parent only. Fields that are no members
    may be `shown_at` a place inside of one. A resource that `is_single` has one item, or one for each parent.
    `key_ground` tells why the key is taken for one. Creations must send the members that are `needed`.
    """

    name: str
    schema: SchemaView
    key: str
    collections: list[ItemCollection]
    parent: "ResourceGuess | None" = None
    parent_fields: tuple[str, ...] = ()
    key_is_scoped: bool = False
    shown_at: dict[str, Pointer] = field(default_factory=dict)
    is_single: bool = False
    is_creatable: bool = False
    needed: frozenset[str] = frozenset()
    key_ground: Ground = Ground.SHOWN
    examples: list[Any] = field(default_factory=list)

    @property
    def home(self) -> ItemCollection:
        """The first collection."""
        return self.collections[0]

    def member_named(self, name: str) -> str:
        """The member with a name, however it is spelt, that is no part of the key; nothing where there is none."""
        own = {self.key, *(self.parent_fields if self.key_is_scoped else ())}
        wanted = vocabulary.normalised(name)
        return next((one for one in self.schema.members if vocabulary.normalised(one) == wanted and one not in own), "")

    @property
    def key_is_in_path_alone(self) -> bool:
        """Whether items do not show their key."""
        return self.key not in self.schema.members and self.key not in self.shown_at

    @property
    def has_items_beside(self) -> bool:
        """Whether the items are made in the home, and found at the path of another collection with fewer parents."""
        return not self.home.item_path and any(one.item_path for one in self.collections)

    def lineage(self) -> "Iterator[ResourceGuess]":
        """The resource, its parent, and so on."""
        resource: ResourceGuess | None = self
        while resource is not None:
            yield resource
            resource = resource.parent


def recognise_resources(paths: Paths, populated: bool = False) -> list[ResourceGuess]:
    """The resources of a document, those with shorter paths first.

    A list without items of its own is one only where items can be created, or where the mock is `populated`.
    """
    return _Recognition(paths, populated).resources


class _ItemGuess(NamedTuple):
    """The schema of an item, the member that the path parameter stands for, and the place of one inside of a member.

    Without either, no member fits. `ground` tells why that member is taken for the key.
    """

    schema: SchemaView
    key: str = ""
    shown_at: Pointer = ()
    ground: Ground = Ground.GUESSED


class _Recognition:
    """Goes through the paths from the shortest to the longest, so that parents come before their children."""

    def __init__(self, paths: Paths, populated: bool) -> None:
        self._paths = paths
        self._populated = populated
        self.resources: list[ResourceGuess] = []
        self._names: set[str] = set()
        self._by_noun: dict[str, list[ResourceGuess]] = {}
        self._composites: dict[str, list[ResourceGuess]] = {}
        in_order = sorted(paths, key=self._rank)
        unsaid: list[ItemCollection] = []
        for path in in_order:
            if _is_item_path(path):
                unsaid += self._add_items(path)
            elif _is_composite_path(path):
                self._add_composite(path)
        self._add_unsaid(unsaid)
        known = {collection.path for resource in self.resources for collection in resource.collections}
        for path in in_order:
            if not _is_item_path(path) and path not in known and path.rstrip("/") not in known:
                self._add_collection(path)

    def _rank(self, path: str) -> tuple[Any, ...]:
        """Shorter paths come first; of two that differ in a slash at the end, the one that can be read.

        Of those that differ in the name of a parameter, that of most methods comes first: others may be searches.
        """
        methods = self._paths[path]
        return len(segments(path)), same_path(path) + suffix(path), -len(methods), "get" not in methods, path

    def _add_items(self, path: str) -> list[ItemCollection]:
        """Add an item path: of a resource of its own, or another way to the items of a known one.

        Returns its collection where nothing describes an item there.
        """
        *above, last = segments(path)
        collection_path = self._without_verb(self._as_written("/" + "/".join(above), suffix(path)))
        collection = ItemCollection(collection_path, path, parameters_of(collection_path), parameter(last))
        twin = self._with_item_path(path)
        if twin is not None:
            twin.collections.append(collection)
            return []
        item = self._item(collection)
        if item is None:
            return [collection]
        known = self._known(collection_path, item.schema) or self._at_home(collection_path, item.schema)
        if known is not None and not self._are_others(collection, item.schema, known):
            known.collections.append(collection)
            return []
        key = item.key or collection.key_parameter
        shown_at = {key: item.shown_at} if item.shown_at else {}
        name = self._name_of(collection)
        self._add(ResourceGuess(name, item.schema, key, [collection], shown_at=shown_at, key_ground=item.ground))
        return []

    def _add_unsaid(self, collections: Sequence[ItemCollection]) -> None:
        """Add item paths at which nothing describes an item, where what is sent elsewhere describes those items."""
        sketched = {one.home.path: one for one in self.resources if one.schema.pointer[:1] == (SKETCHES,)}
        for collection in collections:
            if (resource := sketched.get(collection.path)) is not None:
                resource.collections.append(collection)
                resource.collections.sort(key=attrgetter("has_verb"))  # a Location leads to an item itself

    def _without_verb(self, path: str) -> str:
        """The path of a collection without a verb behind it: `/cars` for the start of `/cars/edit/{id}`."""
        *above, word = segments(path)
        if not above or parameter(above[-1]) or path in self._paths:
            return path
        outer = self._as_written("/" + "/".join(above), "")
        return outer if outer in self._paths and vocabulary.is_verb_before_key(word, above[-1]) else path

    def _are_others(self, collection: ItemCollection, schema: SchemaView, known: ResourceGuess) -> bool:
        """Whether items below a parent are others than those of the same noun at the top.

        As the secrets of an organisation beside those of a user: they have a schema of their own, and are put at
        their own path, by a key that others below another parent may have too.
        """
        is_put_here = "put" in self._paths[collection.item_path] and "post" not in self._paths.get(collection.path, {})
        has_own_schema = schema.pointer != known.schema.pointer
        return bool(collection.parent_parameters) and is_put_here and has_own_schema

    def _add_composite(self, path: str) -> None:
        """Add a resource whose items are named by several parameters in a row, as `/repos/{owner}/{repo}`.

        Evidence: a member of the item for the last one, and for each of the others a place where the item shows it.
        """
        literal, *parameters = segments(path)
        names = [*map(parameter, parameters)]
        collection = ItemCollection(f"/{literal}/{'/'.join(parameters[:-1])}", path, tuple(names[:-1]), names[-1])
        item = self._item(collection) if self._with_item_path(path) is None else None
        if item is None or not item.key:
            return
        scalars = [name for name, member in item.schema.members.items() if member.types & _SCALARS]
        for name in names[:-1]:
            if not place_inside(item.schema, name, "") and not vocabulary.key_field(name, "", scalars):
                return
        name = self._unused_name([vocabulary.singular(literal)])
        resource = ResourceGuess(name, item.schema, item.key, [collection], key_ground=item.ground)
        self._add(resource)
        self._composites.setdefault(literal, []).append(resource)

    def _composite_at(self, path: str, schema: SchemaView) -> ResourceGuess | None:
        """The resource named by several parameters that is listed or created at a path of the same noun.

        As `/user/repos`, or `/orgs/{org}/repos`, whose parameter can only stand for the owner.
        """
        *above, noun = segments(path) or [""]  # the root has none
        parents = [*filter(None, map(parameter, above))]
        for resource in self._composites.get(noun, ()):
            outer = resource.home.parent_parameters
            if parents and (len(parents) != len(outer) or self._types_of(path, parents[-1]) != _STRING):
                continue
            if _is_right_below(path) and can_be_item(schema, resource.schema, resource.key):
                return resource
        return None

    def _types_of(self, path: str, name: str) -> frozenset[str]:
        schemas = (operation.path_parameter_schema(name) for operation in self._paths[path].values())
        return next((schema.types for schema in schemas if schema is not None and schema.types), frozenset())

    def _add_collection(self, path: str) -> None:
        """Add a collection whose items have no path here, or a resource of which there is a single item.

        The evidence for a single one is that it can be both read and changed, and that what is read is no list. One
        that can be deleted comes and goes: it stands right below an item, and an operation makes it.
        """
        parents = tuple(filter(None, map(parameter, segments(path))))
        collection = ItemCollection(path, "", parents)
        operations = self._paths[path]
        read = operations.get("get")
        listed = next(_objects(list_item_schemas(read.success_schema)), None) if read else None
        made = operations["post"].success_schema if "post" in operations else None
        either = listed or made
        if (viewed := self._viewed_item(path, read)) is not None:
            home = viewed.home
            viewed.collections.append(ItemCollection(home.path, path, home.parent_parameters, home.key_parameter))
        elif (whole := self._listed_whole(path, listed)) is not None:
            whole.collections.append(collection)
        elif (beside := self._with_items_beside(path, either)) is not None:
            beside.collections.insert(0, collection)
        elif either is not None and (composite := self._composite_at(path, either)) is not None:
            composite.collections.append(collection)
        elif either is not None and self._names_holder(path, either):
            return  # its operations are those on another collection, bound to one item
        elif either is not None and _is_right_below(path) and (known := self._known(path, either)) is not None:
            known.collections.append(collection)
        elif listed is not None and (self._populated or "post" in operations):
            key = _key_of(listed, "", vocabulary.singular(_last_literal(path)))
            if key:
                self._add(ResourceGuess(self._name_of(collection), listed, key, [collection]))
        elif read and self._may_be_single(path, operations):
            schema = unwrapped(read.success_schema)
            if schema is not None and "object" in schema.types and schema.members and listed is None:
                *above, last = [one for one in segments(path) if not parameter(one)] or [""]
                name = self._unused_name([*map(vocabulary.singular, above), last])
                self._add(ResourceGuess(name, schema, "", [collection], is_single=True))

    def _names_holder(self, path: str, schema: SchemaView) -> bool:
        """Whether items below another are of its own kind and name it (`/tasks/{id}/subtasks`), or list all such.

        As tasks with a list of `projects`, at `/projects/{id}/tasks` beside `/tasks`.
        """
        *above, noun = segments(path) or [""]
        holder = self._with_item_path("/" + "/".join(above)) if above else None
        if holder is None or holder.is_single:
            return False
        if vocabulary.is_below_own_kind(noun, _last_literal(holder.home.path)):
            is_same = can_be_item(schema, holder.schema, holder.key)
            return is_same and bool(member_naming(holder, holder, "")[0])
        known = self._known(path, schema)
        return known is not None and all(member_naming(known, holder, parameter(above[-1])))

    @staticmethod
    def _may_be_single(path: str, operations: Methods) -> bool:
        if "delete" in operations and "{" in path:
            return _is_right_below(path) and bool(operations.keys() & {"put", "post"})
        return bool(operations.keys() & {"put", "patch"})

    def _viewed_item(self, path: str, read: RawOperation | None) -> ResourceGuess | None:
        """The resource whose item a path below it shows: `/pods/{name}/status`, or `/deployments/{name}/scale`."""
        above, _, last = path.rstrip("/").rpartition("/")
        schema = read.success_schema if read is not None and not parameter(last) else None
        resource = self._with_item_path(above) if schema is not None else None
        # Another name is another member of the item: /artifacts/{key}/latest is none of /artifacts/{id}.
        if schema is None or resource is None or resource.home.item_path.rstrip("/") != above:
            return None
        return resource if schema.pointer == resource.schema.pointer or _shows_part_of(schema, resource) else None

    def _listed_whole(self, path: str, listed: SchemaView | None) -> ResourceGuess | None:
        """The resource all of whose items are listed at a path without parameters, whatever their parents are."""
        if listed is None or "{" in path or "post" in self._paths[path]:
            return None
        noun = _last_literal(path)
        found = [
            one
            for one in self.resources
            if one.home.parent_parameters
            and not one.is_single
            and _last_literal(one.home.path) == noun
            and one.schema.pointer == listed.pointer
        ]
        return found[0] if len(found) == 1 else None

    def _with_items_beside(self, path: str, schema: SchemaView | None) -> ResourceGuess | None:
        """The resource whose items are made at a path below another item, and found at a shorter one.

        As `/issues/{number}/comments` and `/issues/comments/{id}`: evidence are the noun, the schema, the parents that
        both have, and that none is made at the shorter path.
        """
        parts = segments(path)
        parents = tuple(filter(None, map(parameter, parts)))
        is_below_item = any(map(parameter, parts[-2:-1]))
        if schema is None or not parents or not is_below_item or "post" not in self._paths[path]:
            return None
        for resource in self.resources:
            home = resource.home
            is_shorter = home.item_path and home.parent_parameters == parents[: len(home.parent_parameters)]
            if not is_shorter or not 0 < len(home.parent_parameters) < len(parents) or home.is_composite or home.view:
                continue
            is_made_there = "post" in self._paths.get(home.path, {})
            is_same = schema.pointer == resource.schema.pointer and _last_literal(home.path) == _last_literal(path)
            if is_same and not is_made_there:
                return resource
        return None

    def _add(self, resource: ResourceGuess) -> None:
        self.resources.append(resource)
        self._names.add(resource.name)
        if not resource.home.parent_parameters:
            self._by_noun.setdefault(vocabulary.singular(_last_literal(resource.home.path)), []).append(resource)

    def _as_written(self, path: str, ending: str) -> str:
        """The path of a collection as the document has it: with or without a slash or the items' suffix at its end.

        Else the path beside it with the same noun in singular or plural, as `/silences` of `/silence/{id}`; or the one
        that differs in the names of parameters, as `/owners/{owner}/pets` of `/owners/{id}/pets/{pet}`.
        """
        written = next((one for one in (path, f"{path}{ending}", f"{path}/") if one in self._paths), "")
        return written or self._by_singular.get(_with_singular(path)) or self._by_same_path.get(same_path(path), path)

    @cached_property
    def _by_same_path(self) -> dict[str, str]:
        """The paths that end in a literal, whatever their parameters are named; of several, the first one."""
        return {same_path(path): path for path in reversed([*self._paths]) if not parameter(last_segment(path))}

    @cached_property
    def _by_singular(self) -> dict[str, str]:
        """The paths that end in a literal, by themselves with that noun in the singular; of several, the shortest."""
        literals = (path for path in self._paths if segments(path) and not parameter(last_segment(path)))
        return {_with_singular(path): path for path in sorted(literals, key=len, reverse=True)}

    def _item(self, collection: ItemCollection) -> _ItemGuess | None:
        """The schema of an item, and its key; None where nothing describes one.

        A link states which member that is, and a parameter that is named like it shows it.
        """
        noun = vocabulary.singular(_last_literal(collection.path))
        schemas = [*_objects(self._item_schemas(collection))]
        whole = self._whole_item(collection)
        for schema in schemas if whole is None else [whole]:
            linked = self._linked_member(collection, schema)
            key = linked or self._key_of_item(schema, collection, noun)
            if key and self._fits_parameter(collection, schema.members[key]):
                is_shown = vocabulary.names_key(collection.key_parameter, noun, key)
                ground = Ground.STATED if linked else Ground.SHOWN if is_shown else Ground.GUESSED
                return _ItemGuess(schema, key, ground=ground)
        if not schemas:
            return None
        for schema in schemas if whole is None else [whole]:
            if place := place_inside(schema, collection.key_parameter, noun):
                return _ItemGuess(schema, "", place)
        first = whole or _in_envelope(schemas[0], noun)
        is_enveloped = first is not whole and first is not schemas[0]
        # A parameter may have a name of its own (`{subscriber_hash}`). A key that clients see in the item is the better
        # guess than one that only the Location field tells them.
        key = vocabulary.identifier(first.members)
        key = key or next((one for one in first.members if is_enveloped and vocabulary.normalised(one) == "name"), "")
        key = key if key and self._fits_parameter(collection, first.members[key]) else ""
        return _ItemGuess(first, key, ground=Ground.GUESSED if key else Ground.SHOWN)

    def _key_of_item(self, schema: SchemaView, collection: ItemCollection, noun: str) -> str:
        """The key of an item by the names of members.

        `{org}` that is a string is the `login` of an organisation rather than the number that is its `id`, and
        `{owner}/{repo}` are names.
        """
        key = _key_of(schema, collection.key_parameter, noun)
        if not key or self._parameter_types(collection) != _STRING or "integer" not in schema.members[key].types:
            return key
        is_unsaid = collection.is_composite and not schema.required  # a schema that requires nothing at all
        named = frozenset(schema.members) if is_unsaid else schema.required & schema.members.keys()
        texts = [name for name in named if schema.members[name].types == _STRING]
        if vocabulary.key_field(collection.key_parameter, noun, ["id"]) and collection.is_composite:
            return vocabulary.key_field(collection.key_parameter, noun, texts) or key
        return vocabulary.handle(texts) or key

    def _whole_item(self, collection: ItemCollection) -> SchemaView | None:
        """The schema of the whole body that reads an item, where that of the lists or creations beside it is the same.

        Such a body is the item itself, and no envelope around one, whatever objects are in it.
        """
        on_item, on_collection = self._paths.get(collection.item_path, {}), self._paths.get(collection.path, {})
        read = on_item["get"].success_schema if "get" in on_item else None
        if read is None or not read.members:
            return None
        listed = [*list_item_schemas(on_collection["get"].success_schema)] if "get" in on_collection else []
        sent = [on_collection["post"].request_schema] if "post" in on_collection else []
        sent += [on_item[method].request_schema for method in ("put", "patch") if method in on_item]
        is_alike = any(one is not None and one.pointer == read.pointer for one in (*listed, *sent))
        return read if is_alike and not self._is_envelope(read, collection) else None

    def _is_envelope(self, schema: SchemaView, collection: ItemCollection) -> bool:
        """Whether a schema has no key itself, but a list of things that have, or nothing but one thing that has.

        As `{"contacts": [{"id": 7}]}` and `{"contact": {"id": 7}}`.
        """
        noun = vocabulary.singular(_last_literal(collection.path))
        name = collection.key_parameter
        if _key_of(schema, name, noun) or place_inside(schema, name, noun):
            return False
        inner = [member.items for member in schema.members.values() if "array" in member.types]
        inner += [member for member in schema.members.values() if "object" in member.types and len(schema.members) == 1]
        return any(_key_of(one, name, noun) for one in inner if one is not None)

    def _item_schemas(self, collection: ItemCollection) -> Iterator[SchemaView]:
        """The schemas that may be the item's: of responses about one, then of lists; alternatives last."""
        on_item, on_collection = self._paths.get(collection.item_path, {}), self._paths.get(collection.path, {})
        operations = [on_item[method] for method in ("get", "put", "patch") if method in on_item]
        operations += [on_collection["post"]] if "post" in on_collection else []
        candidates = [[*item_candidates(one.success_schema)] for one in operations if one.success_schema is not None]
        if "get" in on_collection:
            candidates.append([*list_item_schemas(on_collection["get"].success_schema)])
        for schemas in sorted(candidates, key=lambda schemas: bool(schemas) and len(schemas[0].branches) > 1):
            yield from schemas
        read = on_item.get("get") or on_collection.get("get")
        is_unsaid = read is not None and (read.answers_unsaid or read.answers_any_json)
        if is_unsaid and not any(True for schemas in candidates for _ in _objects(iter(schemas))):
            yield from self._sent_items(collection)
        if not any(candidates) and not on_collection and not collection.parent_parameters and "get" in on_item:
            yield from self._made_below_items(collection)

    def _made_below_items(self, collection: ItemCollection) -> Iterator[SchemaView]:
        """The schemas of items that are made below others (`/tasks/{id}/files`), and found at `/files/{id}` alone."""
        noun = _last_literal(collection.path)
        for path, methods in self._paths.items():
            *above, last = segments(path) or [""]
            made = methods["post"].success_schema if "post" in methods else None
            if made is not None and last == noun and above and parameter(above[-1]):
                yield from item_candidates(made)

    def _sent_items(self, collection: ItemCollection) -> Iterator[SchemaView]:
        """The schema of items that are described in requests only, with a key that clients can see."""
        on_item, on_collection = self._paths.get(collection.item_path, {}), self._paths.get(collection.path, {})
        operations = [on_collection[method] for method in ("post", "put") if method in on_collection]
        operations += [on_item[method] for method in ("put", "patch", "post") if method in on_item]
        sent = next((one.sent_schema for one in operations if one.sent_schema and one.sent_schema.members), None)
        noun = vocabulary.singular(_last_literal(collection.path))
        if sent is None or not sent.members or not vocabulary.may_be_key(collection.key_parameter, noun):
            return
        key = vocabulary.identifier(sent.members) or "id"
        types = {"integer" if one == "number" else one for one in self._parameter_types(collection)}
        sketch = item_of_sent(sent, key, types & {"string", "integer"})
        place = f"item {collection.item_path}"
        yield SchemaView({**operations[0].data, SKETCHES: {place: sketch}}, (SKETCHES, place))

    def _linked_member(self, collection: ItemCollection, schema: SchemaView) -> str:
        """The member that a link passes as the item's path parameter (OpenAPI 3.1 section 4.8.20), or nothing."""
        ids = {operation.operation_id for operation in self._paths[collection.item_path].values()}
        for operation in self._paths.get(collection.path, {}).values():
            for link in operation.links:
                expression = link.get("parameters", {}).get(collection.key_parameter)
                if link.get("operationId") in ids and isinstance(expression, str):
                    name = expression.rpartition("#/")[2]
                    if name in schema.members:
                        return name
        return ""

    def _fits_parameter(self, collection: ItemCollection, member: SchemaView) -> bool:
        """Whether a member can be sent as the path parameter: anything can be sent as a string."""
        types = self._parameter_types(collection)
        return not types or not member.types or "string" in types or bool(types & member.types)

    def _parameter_types(self, collection: ItemCollection) -> frozenset[str]:
        operations = self._paths[collection.item_path].values()
        schemas = (operation.path_parameter_schema(collection.key_parameter) for operation in operations)
        return next((schema.types for schema in schemas if schema is not None and schema.types), frozenset())

    def _known(self, path: str, schema: SchemaView) -> ResourceGuess | None:
        """The top-level resource of the same noun whose schema fits, as `/users/{id}/pets` lists what `/pets` has.

        A thing that must have members that its items do not have is another one of the same name.
        """
        alike = self._by_noun.get(vocabulary.singular(_last_literal(path)), ())
        fitting = (one for one in alike if schema.required <= one.schema.members.keys() or one.schema.branches)
        return next((one for one in fitting if can_be_item(schema, one.schema, one.key)), None)

    def _at_home(self, path: str, schema: SchemaView) -> ResourceGuess | None:
        """The resource that is made at a path, and read below its singular: `/ref/{ref}`, `/refs` and `/refs/{ref}`."""
        at_home = (one for one in self.resources if one.home.path == path and one.home.is_paired_by_name)
        return next((one for one in at_home if can_be_item(schema, one.schema, one.key)), None)

    def _with_item_path(self, path: str) -> ResourceGuess | None:
        """The resource whose items have the same path already."""
        path = same_path(path)
        return next(
            (
                one
                for one in self.resources
                for collection in one.collections
                if same_path(collection.item_path) == path
            ),
            None,
        )

    def _name_of(self, collection: ItemCollection) -> str:
        return self._unused_name([vocabulary.singular(one) for one in segments(collection.path) if not parameter(one)])

    def _unused_name(self, nouns: list[str]) -> str:
        """The last noun of a path, with as many of those before it as make the name unique."""
        nouns = nouns or ["item"]
        names = ["-".join(nouns[start:]) for start in reversed(range(len(nouns)))]
        return next((name for name in names if name not in self._names), f"{names[-1]}-{len(self._names)}")


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


def _set_parent(resource: ResourceGuess, by_item_path: Mapping[str, Sequence[ResourceGuess]], paths: Paths) -> None:
    collection = next((collection for collection in resource.collections if collection.parent_parameters), None)
    if collection is None:
        return
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
    nouns = _nouns_before_parameters(collection.path)
    resource.parent_fields = tuple(
        vocabulary.parent_field(
            name,
            nouns[name],
            resource.key,
            _members_that_may_hold(resource, _pattern(name, collection, paths) or _pattern_of_key(resource.parent)),
            resource.schema.members,
        )
        for name in parameters
    )
    for name, parent_field in zip(parameters, resource.parent_fields, strict=True):
        place = () if parent_field in resource.schema.members else place_inside(resource.schema, name, nouns[name])
        if place and place not in resource.shown_at.values():
            resource.shown_at[parent_field] = place


def _in_envelope(schema: SchemaView, noun: str) -> SchemaView:
    """The only member of a schema where that is an object of a noun, as of `{"tag": {…}}`; else the schema itself."""
    name, *others = schema.members or [""]
    is_envelope = not others and vocabulary.normalised(name) == vocabulary.normalised(noun) != ""
    return schema.members[name] if is_envelope and schema.members[name].members else schema


def _members_that_may_hold(resource: ResourceGuess, pattern: Any) -> list[str]:
    """The members whose values may be those of a path parameter: scalars, with its pattern where it has one."""
    members = resource.schema.members.items()
    return [
        name for name, one in members if one.possible_types & _SCALARS and one.keyword("pattern") in (None, pattern)
    ]


def _pattern_of_key(resource: ResourceGuess | None) -> Any:
    key = key_member(resource) if resource is not None else None
    return key.keyword("pattern") if key is not None else None


def _pattern(name: str, collection: ItemCollection, paths: Paths) -> Any:
    operations = (*paths.get(collection.item_path, {}).values(), *paths.get(collection.path, {}).values())
    schemas = (operation.path_parameter_schema(name) for operation in operations)
    return next((schema.keyword("pattern") for schema in schemas if schema is not None), None)


def _parent_of(collection: ItemCollection, by_item_path: Mapping[str, Sequence[ResourceGuess]]) -> ResourceGuess | None:
    """The resource on whose item path a collection stands."""
    parts = segments(collection.path)
    last = max(index for index, segment in enumerate(parts) if parameter(segment))
    path = same_path("/" + "/".join(parts[: last + 1]))
    # The table was made before any parent was set: a resource may have dropped that path since.
    resources = by_item_path.get(path, ())
    return next(
        (one for one in resources if any(same_path(other.item_path) == path for other in one.collections)), None
    )


def _objects(schemas: Iterator[SchemaView]) -> Iterator[SchemaView]:
    return (schema for schema in schemas if schema.members and (not schema.types or "object" in schema.types))


def _key_of(schema: SchemaView, parameter_name: str, noun: str, types: frozenset[str] = _SCALARS) -> str:
    members = [name for name, member in schema.members.items() if not member.types or member.types & types]
    return vocabulary.key_field(parameter_name or "id", noun, members)


def place_inside(schema: SchemaView, parameter_name: str, noun: str) -> Pointer:
    """The place of a key inside of a member: of an object about the item (`metadata`), or of the one it is named after.

    As `/metadata/name` for `{name}`, or `/owner/login` for `{owner}`. Empty where there is none.
    """
    for name, member in schema.members.items():
        if "object" not in member.types or not member.members:
            continue
        is_about_item = vocabulary.normalised(name) in vocabulary.ABOUT_THE_ITEM
        if is_about_item and (inner := _key_of(member, parameter_name, noun)):
            return (name, inner)
        if vocabulary.is_named_after(parameter_name, name):
            texts = [one for one, view in member.members.items() if view.types == _STRING]
            inner = vocabulary.handle(texts) or _key_of(member, parameter_name, name)
            if inner:
                return (name, inner)
    return ()


def _shows_part_of(schema: SchemaView, resource: ResourceGuess) -> bool:
    """Whether a schema has the key inside of the same member as the items of a resource, and no members but theirs."""
    place = resource.shown_at.get(resource.key, ())
    return len(place) > 1 and bool(schema.inside(place)) and schema.members.keys() <= resource.schema.members.keys()


def _is_item_path(path: str) -> bool:
    """Whether a path ends in a literal and a parameter (`/pets/{petId}`)."""
    parts = segments(path)
    return len(parts) > 1 and bool(parameter(parts[-1])) and not parameter(parts[-2]) and "{" not in parts[-2]


def _is_composite_path(path: str) -> bool:
    """Whether a path is a literal and several parameters (`/repos/{owner}/{repo}`)."""
    first, *others = segments(path) or [""]
    return len(others) > 1 and "{" not in first and all(map(parameter, others))


def _is_right_below(collection_path: str) -> bool:
    """Whether a collection stands directly below an item, or has no parameter before it."""
    above = segments(collection_path)[:-1]
    return not any(map(parameter, above)) or bool(parameter(above[-1]))


def _with_singular(path: str) -> str:
    """A path whose last segment is a noun in lower case and in the singular."""
    *above, noun = segments(path) or [""]  # the root has none
    return "/".join((*above, vocabulary.singular(noun).lower()))


def _last_literal(path: str) -> str:
    return next((part for part in reversed(segments(path)) if not parameter(part)), "")


def _nouns_before_parameters(path: str) -> dict[str, str]:
    """The singular of the literal before each parameter of a path, empty where another parameter is before it."""
    parts = segments(path)
    return {
        parameter(part): vocabulary.singular(parts[index - 1]) if index and not parameter(parts[index - 1]) else ""
        for index, part in enumerate(parts)
        if parameter(part)
    }


def member_naming(resource: ResourceGuess, other: ResourceGuess, key_parameter: str) -> tuple[str, bool]:
    """The member in which items name one of another resource, and whether it is a list; nothing where there is none.

    It holds the key, an object, or a list of such. Items name one of their own kind in a member for the parent.
    """
    noun = "parent" if other is resource else vocabulary.singular(_last_literal(other.home.path))
    named = (noun if other is resource else key_parameter, noun)
    members = resource.schema.members.items()
    scalars = [name for name, one in members if not one.types & {"object", "array"}]
    objects = [name for name, one in members if "object" in one.types and holds_objects(one)]
    for names in (scalars, objects):
        if member := vocabulary.member_for_other(*named, names):
            return member, False
    lists = {vocabulary.singular(name): name for name, one in members if "array" in one.types and holds_objects(one)}
    return lists.get(vocabulary.member_for_other(*named, lists), ""), True


def documented_items(resource: ResourceGuess, paths: Paths) -> list[Any]:
    """The items in the examples of reading and listing, at most 20, one for each key.

    A single resource has at least one item, empty where no example shows it, so that it is there from the start.
    """
    by_key: dict[Any, Any] = {}
    for collection in resource.collections:
        for path in (collection.path, collection.item_path):
            for item in _items_in_examples(resource, paths.get(path, {})):
                key = find(item, resource.shown_at.get(resource.key, (resource.key,)), None)
                has_key = _can_be_key(key, resource)  # an example in a broken document may have an array there
                if resource.is_single or has_key:
                    by_key.setdefault(key if has_key else None, item)
    return [*by_key.values()][:_MAX_EXAMPLES] or ([{}] if resource.is_single else [])


def key_member(resource: ResourceGuess) -> SchemaView | None:
    """The schema of the key, where an item shows it."""
    first, *inner = resource.shown_at.get(resource.key, (resource.key,))
    member = resource.schema.members.get(str(first))
    return member.inside(inner) if member is not None else None


def _items_in_examples(resource: ResourceGuess, operations: Mapping[str, RawOperation]) -> Iterator[Any]:
    if "get" not in operations:
        return
    read = operations["get"]
    for example in read.response_examples(read.success_status):
        yield from _items_in(example, resource, 0)


def _can_be_key(value: Any, resource: ResourceGuess) -> bool:
    member = key_member(resource)
    types = member.types if member is not None else frozenset()
    own_types = {int: {"integer", "number"}, str: {"string"}}.get(type(value), set())
    return bool(own_types) and (not types or bool(types & own_types))


def _items_in(value: Any, resource: ResourceGuess, depth: int) -> Iterator[Any]:
    """The objects in a value that have all members that an item must have; in envelopes, at most two deep."""
    if isinstance(value, list):
        for one in value:
            yield from _items_in(one, resource, depth)
    elif isinstance(value, Mapping):
        schema = resource.schema
        required = schema.required or ({resource.key} if resource.key else schema.members.keys())
        has_key = not resource.key or find(value, resource.shown_at.get(resource.key, (resource.key,))) is not ABSENT
        if value.keys() >= required and has_key:
            yield value
        elif depth < 2:
            for member in value.values():
                yield from _items_in(member, resource, depth + 1)
