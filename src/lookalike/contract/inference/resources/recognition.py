"""Recognises the resources of a document: which paths belong to one, its schema, its key and its parent.

The evidence, strongest first: a link of the document (OpenAPI 3.1 section 4.8.20) that names the key; schemas that
are the same; the shape of paths (`/pets` and `/pets/{petId}`); and names that agree (`petId` and `id`). Nothing here
looks at what operations do: that is for the `rules`.
"""

from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

from lookalike.contract.grounds import Ground
from lookalike.contract.inference.envelopes import can_be_item, list_item_schemas, unwrapped
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.collection_paths import (
    composite_parts,
    is_composite_path,
    is_item_path,
    is_right_below,
    last_literal,
    with_singular,
)
from lookalike.contract.inference.resources.item_recognition import (
    SCALARS,
    STRING,
    ItemRecognition,
    key_by_name,
    object_schemas,
    place_inside,
)
from lookalike.contract.inference.resources.references import member_naming
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Methods, Paths, ResourceGuess
from lookalike.contract.inference.sent_items import keys_sent
from lookalike.contract.inference.sketches import SKETCHES
from lookalike.contract.path_segments import last_segment, parameter, parameters_of, same_path, segments, suffix
from lookalike.json_values import Pointer
from lookalike.naming.keys import key_field, names_key
from lookalike.naming.paths import is_below_own_kind, is_making, is_verb_before_key
from lookalike.naming.words import normalised, singular
from lookalike.schema.view import SchemaView

_UNSHOWN_KEY = "id"  # of records that have none


def recognise_resources(paths: Paths, populated: bool = False) -> list[ResourceGuess]:
    """The resources of a document, those with shorter paths first.

    A list without items of its own is one only where items can be created, or where the mock is `populated`.
    """
    return _Recognition(paths, populated).resources


class _Recognition:
    """Goes through the paths from the shortest to the longest, so that parents come before their children."""

    def __init__(self, paths: Paths, populated: bool) -> None:
        self._paths = paths
        self._items = ItemRecognition(paths)
        self._populated = populated
        self.resources: list[ResourceGuess] = []
        self._names: set[str] = set()
        self._by_noun: dict[str, list[ResourceGuess]] = {}
        self._composites: dict[str, list[ResourceGuess]] = {}
        in_order = sorted(paths, key=self._rank)
        unsaid: list[ItemCollection] = []
        for path in in_order:
            if is_item_path(path):
                unsaid += self._add_items(path)
            elif is_composite_path(path):
                self._add_composite(path)
        self._add_unsaid(unsaid)
        collections = [collection for resource in self.resources for collection in resource.collections]
        known = {one.path for one in collections}
        known |= {one.item_path for one in collections if one.path in self._listing_of_owners}
        for path in in_order:
            if not is_item_path(path) and path not in known and path.rstrip("/") not in known:
                self._add_collection(path)
        for resource in [*self.resources]:
            self._divide_by_parents(resource)
        self._add_paths_elsewhere()

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
        if path in self._listing_of_owners:
            return []
        *above, last = segments(path)
        collection_path = self._without_verb(self._as_written("/" + "/".join(above), suffix(path)))
        collection = ItemCollection(collection_path, path, parameters_of(collection_path), parameter(last))
        twin = self._with_item_path(path)
        if twin is not None:
            twin.collections.append(collection)
            return []
        item = self._items.guess(collection)
        if item is None:
            return [collection]
        known = self._known(collection_path, item.schema) or self._at_home(collection_path, item.schema)
        if known is not None and not self._are_others(collection, item.schema, known):
            known.collections.append(collection)
            return []
        key = item.key or collection.key_parameter
        shown_at = {key: item.shown_at} if item.shown_at else {}
        name = self._name_of(collection)
        on_collection = self._paths.get(collection_path, {})
        guess = ResourceGuess(name, item.schema, key, [collection], shown_at=shown_at, key_ground=item.ground)
        is_read_at_word = "get" not in self._paths[path] and self._items.read_in_detail(collection) is not None
        is_put_unread = "put" in on_collection and "get" not in {*self._paths[path], *on_collection}
        guess.is_guessed = is_read_at_word or is_put_unread
        self._add(guess)
        return []

    def _add_unsaid(self, collections: Sequence[ItemCollection]) -> None:
        """Add item paths at which nothing describes an item, where what is sent elsewhere describes those items."""
        sketched = {one.home.path: one for one in self.resources if one.schema.pointer[:1] == (SKETCHES,)}
        for collection in collections:
            if (resource := sketched.get(collection.path)) is not None:
                resource.collections.append(collection)
                resource.collections.sort(key=attrgetter("has_verb"))  # a Location leads to an item itself

    def _add_paths_elsewhere(self) -> None:
        """Add the paths of items that have no path of their own, where other paths are below them.

        As `/files/{id}` of `/files/{id}/content`, where files are made at `/tasks/{id}/files`, or `/doctors/{id}` of
        `/doctors/{id}/visits` beside `/doctors`.
        """
        pathless = [one for one in self.resources if not one.is_single and not _has_item_path(one)]
        by_noun = {last_segment(one.home.path): one for one in reversed(pathless)}
        for path in self._paths if by_noun else ():
            *above, noun, last, _ = ["", "", "", *segments(path)]
            resource, key = by_noun.get(noun), parameter(last)
            if resource is None or not key or any(map(parameter, above)):
                continue
            collection_path = "/".join(["", *filter(None, above), noun])
            place = ItemCollection(collection_path, f"{collection_path}/{last}", (), key, is_without_operations=True)
            if place not in resource.collections and key_field(key, noun, resource.schema.members) == resource.key:
                resource.collections.append(place)

    def _without_verb(self, path: str) -> str:
        """The path of a collection without a verb behind it: `/cars` for the start of `/cars/edit/{id}`."""
        *above, word = segments(path)
        if not above or parameter(above[-1]) or path in self._paths:
            return path
        outer = self._as_written("/" + "/".join(above), "")
        return outer if outer in self._paths and is_verb_before_key(word, above[-1]) else path

    def _are_others(self, collection: ItemCollection, schema: SchemaView, known: ResourceGuess) -> bool:
        """Whether items below a parent are others than those of the same noun at the top.

        As the secrets of an organisation beside those of a user: they have a schema of their own, and are put at
        their own path, by a key that others below another parent may have too. Or as the tags that an article has, at
        `PUT /articles/{id}/tags/{slug}` without a body, beside the tags that are made at `/tags/{slug}`. Or as the
        endpoints of an application beside those of operators: both have all operations, and a schema of their own.
        """
        methods = self._paths[collection.item_path]
        if self._are_made_apart(collection, schema, known):
            return True
        is_put_here = "put" in methods and "post" not in self._paths.get(collection.path, {})
        has_own_schema = schema.pointer != known.schema.pointer
        is_membership = "delete" in methods and is_put_here and not methods["put"].media_types
        return bool(collection.parent_parameters) and (
            (is_put_here and has_own_schema) or (is_membership and self._is_made_at_home(known))
        )

    def _are_made_apart(self, collection: ItemCollection, schema: SchemaView, known: ResourceGuess) -> bool:
        """Whether items are made, read and deleted below a parent, and have members that those elsewhere lack."""
        places = (collection, known.home)
        is_whole = all(
            "post" in self._paths.get(one.path, {}) and {"get", "delete"} <= self._paths.get(one.item_path, {}).keys()
            for one in places
        )
        return (
            is_whole and bool(collection.parent_parameters) and not schema.members.keys() <= known.schema.members.keys()
        )

    def _is_made_at_home(self, resource: ResourceGuess) -> bool:
        """Whether an operation at the home of a resource takes a body to make its items of."""
        home = resource.home
        makers = (self._paths.get(home.path, {}).get("post"), self._paths.get(home.item_path, {}).get("put"))
        return any(one is not None and bool(one.media_types) for one in makers)

    def _add_composite(self, path: str) -> None:
        """Add a resource whose items are named by several parameters in a row, such as `/repos/{owner}/{repo}`.

        Evidence: a member of the item for the last one, and for each of the others a place where the item shows it. Or
        that items are made at the path before the last one, as `POST /properties/{objectType}` does; or listed there,
        and made at their own, as the name of that operation says ("Create a repository").
        """
        collection = _composite_collection(path)
        names, literal = [*collection.parent_parameters, collection.key_parameter], last_literal(path)
        is_made_here = "post" in self._paths.get(collection.path, {})
        if len(segments(path)) > len(names) + 1 and not is_made_here:
            self._add_membership(collection)
            return
        item = self._items.guess(collection) if self._with_item_path(path) is None else None
        if item is not None and self._is_made(collection, collection.item_path):
            is_shown = bool(item.key) and names_key(collection.key_parameter, singular(literal), item.key)
            key = item.key if is_shown else collection.key_parameter
            self._add(ResourceGuess(self._name_of(collection), item.schema, key, [collection], is_guessed=True))
            return
        if item is None or not item.key:
            return
        if is_made_here:
            name, key = self._name_of(collection), item.key
            self._add(ResourceGuess(name, item.schema, key, [collection], key_ground=item.ground, is_guessed=True))
            return
        scalars = [name for name, member in item.schema.members.items() if member.types & SCALARS]
        for name in names[:-1]:
            if not place_inside(item.schema, name, "") and not key_field(name, "", scalars):
                return
        name = self._unused_name([singular(literal)])
        resource = ResourceGuess(name, item.schema, item.key, [collection], key_ground=item.ground)
        self._add(resource)
        self._composites.setdefault(literal, []).append(resource)

    @cached_property
    def _listing_of_owners(self) -> frozenset[str]:
        """The paths that list the items of an owner, as `/repositories/{workspace}`, and are no path of an item.

        Evidence: an operation makes such items there or at their own path, as its name says.
        """
        composites = map(_composite_collection, filter(is_composite_path, self._paths))
        return frozenset(
            one.path for one in composites if self._is_made(one, one.path) or self._is_made(one, one.item_path)
        )

    def _is_made(self, collection: ItemCollection, path: str) -> bool:
        """Whether items of a collection are made at a path, as the name of the operation says, and listed and read."""
        on_item, on_collection = self._paths[collection.item_path], self._paths.get(collection.path, {})
        makers = (self._paths[path][method] for method in ("post", "put") if method in self._paths.get(path, {}))
        is_listed = "get" in on_collection and any(True for _ in list_item_schemas(on_collection["get"].success_schema))
        return "get" in on_item and is_listed and any(is_making(one.title) for one in makers)

    def _add_membership(self, collection: ItemCollection) -> None:
        """Add what is made of items with such names by these alone, as `PUT /user/starred/{owner}/{repo}`.

        Evidence: PUT without a body and DELETE, and that the path before the names lists such items.
        """
        literals, _ = composite_parts(collection.item_path)
        methods, listing = self._paths[collection.item_path], self._paths.get("/" + "/".join(literals), {})
        is_such = {"put", "delete"} <= methods.keys() and not methods["put"].media_types and "get" in listing
        listed = next(object_schemas(list_item_schemas(listing["get"].success_schema)), None) if is_such else None
        for known in (one for found in self._composites.values() for one in found) if listed is not None else ():
            is_as_long = len(known.home.parent_parameters) == len(collection.parent_parameters)
            if listed is not None and is_as_long and can_be_item(listed, known.schema, known.key):
                name, key = self._unused_name([singular(literals[-1])]), known.key
                resource = ResourceGuess(name, listed, key, [collection], key_ground=Ground.GUESSED, is_guessed=True)
                self._add(resource)
                self._composites.setdefault(literals[-1], []).append(resource)
                return

    def _composite_at(self, path: str, schema: SchemaView) -> ResourceGuess | None:
        """The resource named by several parameters that is listed or created at a path of the same noun.

        As `/user/repos`, or `/orgs/{org}/repos`, whose parameter can only stand for the owner.
        """
        *above, noun = segments(path) or [""]  # the root has none
        parents = [*filter(None, map(parameter, above))]
        for resource in self._composites.get(noun, ()):
            outer = resource.home.parent_parameters
            if parents and (len(parents) != len(outer) or self._types_of(path, parents[-1]) != STRING):
                continue
            if is_right_below(path) and can_be_item(schema, resource.schema, resource.key):
                return resource
        return None

    def _types_of(self, path: str, name: str) -> frozenset[str]:
        schemas = (operation.path_parameter_schema(name) for operation in self._paths[path].values())
        return next((schema.types for schema in schemas if schema is not None and schema.types), frozenset())

    def _add_collection(self, path: str) -> None:
        """Add a collection whose items have no path here, or a resource of which there is a single item.

        The evidence for a single one is that it can be both read and changed, and that what is read is not a list. One
        that can be deleted comes and goes: it stands right below an item, and an operation makes it.
        """
        parents = tuple(filter(None, map(parameter, segments(path))))
        collection = ItemCollection(path, "", parents)
        operations = self._paths[path]
        read = operations.get("get")
        shown = read.success_schema if read and not _shows_what_is_put(read, operations) else None
        things = next(object_schemas(list_item_schemas(shown)), None) if shown else None
        made = operations["post"].success_schema if "post" in operations else None
        whole_item = unwrapped(read.success_schema) if read and "post" not in operations else None
        is_whole = whole_item is not None and self._is_changed_whole(path, whole_item, operations)
        listed = None if is_whole else things
        either = listed or made
        known = self._known(path, either) if either is not None and is_right_below(path) else None
        if (viewed := self._viewed_item(path, read)) is not None:
            home = viewed.home
            viewed.collections.append(ItemCollection(home.path, path, home.parent_parameters, home.key_parameter))
        elif (whole := self._listed_whole(path, listed)) is not None:
            whole.collections.append(collection)
        elif (beside := self._with_items_beside(path, either)) is not None:
            beside.collections.insert(0, collection)
        elif either is not None and known is None and (composite := self._composite_at(path, either)) is not None:
            composite.collections.append(collection)
        elif either is not None and self._names_holder(path, either):
            return  # its operations are those on another collection, bound to one item
        elif known is not None:
            known.collections.append(collection)
        elif listed is not None and (made_at := self._made_at(path, listed)):
            key = key_by_name(listed, "", singular(last_literal(path)))
            keys = keys_sent(operations["post"].request_schema, listed) if "post" in operations and not key else None
            if key or keys is not None or self._is_sent(listed, path):
                key = keys.member if keys is not None else key
                others = [ItemCollection(one, "", parents) for one in made_at if one != path]
                name, places = self._name_of(collection), [collection, *others]
                is_guessed = bool(others) or not key or keys is not None
                self._add(ResourceGuess(name, listed, key or _UNSHOWN_KEY, places, is_guessed=is_guessed))
        elif read and self._may_be_single(path, operations):
            settings = unwrapped(read.success_schema)
            # One that is not set may be shown as an empty object, which is another form of it.
            forms = (settings, *settings.branches) if settings is not None else ()
            schema = next((one for one in forms if one.members), None)
            schema = schema or (settings if _is_free(settings) and _is_put_freely(operations) else None)
            if schema is not None and "object" in schema.types and listed is None:
                *above, last = [one for one in segments(path) if not parameter(one)] or [""]
                name = self._unused_name([*map(singular, above), last])
                is_list = things is not None and self._is_put_whole(path, schema, operations)
                is_guessed = schema is not settings or is_list or operations.keys() <= {"get", "head", "post"}
                self._add(ResourceGuess(name, schema, "", [collection], is_single=True, is_guessed=is_guessed))

    def _made_at(self, path: str, listed: SchemaView) -> list[str]:
        """The paths at which the items of a list are made: its own, else others below the same item that show one.

        As `POST /accounts/{id}/deposits`, which shows one of the `/accounts/{id}/transactions`.
        """
        operations = self._paths[path]
        if self._populated or "post" in operations or ("put" in operations and operations["put"].is_adding):
            return [path]
        above = path.rstrip("/").rpartition("/")[0]
        holder = self._with_item_path(above) if parameter(last_segment(above)) else None
        if holder is not None and holder.schema.pointer == listed.pointer:
            return []  # what is shown is the item itself, as by `/people/{id}/promote` beside `/people/{id}/reports`
        return self._showing.get((above, listed.pointer), []) if parameter(last_segment(above)) else []

    def _is_sent(self, listed: SchemaView, path: str) -> bool:
        """Whether what is listed is sent there too, alone or in a list: records without a key, as of a history."""
        operations = (self._paths[path][method] for method in ("post", "put") if method in self._paths[path])
        sent = [one.request_schema for one in operations if one.request_schema is not None]
        one_or_many = (view for one in sent for view in (one, *list_item_schemas(one)))
        return any(view.pointer == listed.pointer for view in one_or_many)

    @cached_property
    def _showing(self) -> dict[tuple[str, Pointer], list[str]]:
        """The paths below an item with POST, not GET, that show a thing; by the item's path and the thing's schema."""
        found: dict[tuple[str, Pointer], list[str]] = {}
        for path, methods in self._paths.items():
            above = path.rstrip("/").rpartition("/")[0]
            shown = methods["post"].success_schema if "post" in methods and "get" not in methods else None
            if shown is not None and parameter(last_segment(above)):
                found.setdefault((above, shown.pointer), []).append(path)
        return found

    def _names_holder(self, path: str, schema: SchemaView) -> bool:
        """Whether items below another are of its own kind and name it (`/tasks/{id}/subtasks`), or list all such.

        As tasks with a list of `projects`, at `/projects/{id}/tasks` beside `/tasks`.
        """
        *above, noun = segments(path) or [""]
        holder = self._with_item_path("/" + "/".join(above)) if above else None
        if holder is None or holder.is_single:
            return False
        if is_below_own_kind(noun, last_literal(holder.home.path)):
            is_same = can_be_item(schema, holder.schema, holder.key)
            return is_same and bool(member_naming(holder, holder, "")[0])
        known = self._known(path, schema)
        return known is not None and all(member_naming(known, holder, parameter(above[-1])))

    def _is_changed_whole(self, path: str, shown: SchemaView, operations: Methods) -> bool:
        """Whether clients send values that a response shows beside a list: it is an item with a list, and no envelope.

        Or they send all of what is shown, lists alone (`PUT /databases/{id}/firewall` with its `rules`), where nothing
        says that this adds to them. What a known item shows in a member of that name is a part of it.
        """
        changes = (operations[method].request_schema for method in ("put", "patch") if method in operations)
        is_changed = any(
            name in shown.members and bool(one.types & SCALARS)
            for sent in changes
            if sent is not None
            for name, one in sent.members.items()
        )
        is_changed = is_changed or self._is_put_whole(path, shown, operations)
        above, _, last = path.rstrip("/").rpartition("/")
        holder = self._with_item_path(above) if is_changed else None
        return is_changed and (holder is None or not holder.member_named(last))

    def _is_put_whole(self, path: str, shown: SchemaView, operations: Methods) -> bool:
        """Whether a PUT sends the very lists that are shown, whose elements have no path of their own."""
        sent = operations["put"].request_schema if "put" in operations and "post" not in operations else None
        lists = {name for name, one in shown.members.items() if "array" in one.types}
        is_whole = sent is not None and bool(lists) and lists == sent.members.keys()
        is_adding = is_whole and operations["put"].is_adding
        return is_whole and not is_adding and not any(one.startswith(f"{path.rstrip('/')}/") for one in self._paths)

    @staticmethod
    def _may_be_single(path: str, operations: Methods) -> bool:
        if "delete" in operations and "{" in path:
            return is_right_below(path) and bool(operations.keys() & {"put", "post"})
        return bool(operations.keys() & {"put", "patch"}) or _is_changed_by_post(operations)

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
        noun = last_literal(path)
        found = [
            one
            for one in self.resources
            if one.home.parent_parameters
            and not one.is_single
            and last_literal(one.home.path) == noun
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
            is_same = schema.pointer == resource.schema.pointer and last_literal(home.path) == last_literal(path)
            if is_same and not is_made_there:
                return resource
        return None

    def _add(self, resource: ResourceGuess) -> None:
        self.resources.append(resource)
        self._names.add(resource.name)
        if not resource.home.parent_parameters:
            self._by_noun.setdefault(normalised(singular(last_literal(resource.home.path))), []).append(resource)

    def _as_written(self, path: str, ending: str) -> str:
        """The path of a collection as the document has it: with or without a slash or the items' suffix at its end.

        Else the path beside it with the same noun in singular or plural, as `/silences` of `/silence/{id}`; or the one
        that differs in the names of parameters, such as `/owners/{owner}/pets` of `/owners/{id}/pets/{pet}`.
        """
        written = next((one for one in (path, f"{path}{ending}", f"{path}/") if one in self._paths), "")
        return written or self._by_singular.get(with_singular(path)) or self._by_same_path.get(same_path(path), path)

    @cached_property
    def _by_same_path(self) -> dict[str, str]:
        """The paths that end in a literal, whatever their parameters are named; of several, the first one."""
        return {same_path(path): path for path in reversed([*self._paths]) if not parameter(last_segment(path))}

    @cached_property
    def _by_singular(self) -> dict[str, str]:
        """The paths that end in a literal, by themselves with that noun in the singular; of several, the shortest."""
        literals = (path for path in self._paths if segments(path) and not parameter(last_segment(path)))
        return {with_singular(path): path for path in sorted(literals, key=len, reverse=True)}

    def _known(self, path: str, schema: SchemaView) -> ResourceGuess | None:
        """The top-level resource of the same noun whose schema fits, as `/users/{id}/pets` lists what `/pets` has.

        A thing that must have members that its items do not have is another one of the same name.
        """
        alike = self._by_noun.get(normalised(singular(last_literal(path))), ())
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

    def _divide_by_parents(self, resource: ResourceGuess) -> None:
        """Make resources of their own of items that are made and found below other parents.

        As the tracks of an asset, and those of a stream.
        """
        made = [one for one in resource.collections if "post" in self._paths.get(one.path, {})]
        is_below_one = all(one.parent_parameters for one in made) and not resource.home.is_composite
        if resource.is_single or resource.has_items_beside or not is_below_one:
            return
        by_parent: dict[str, list[ItemCollection]] = {}
        for one in (one for one in made if one.item_path):
            by_parent.setdefault(same_path(one.path.rpartition("/")[0]), []).append(one)
        for others in [*by_parent.values()][1:]:
            resource.collections = [one for one in resource.collections if one not in others]
            name, shown_at = self._name_of(others[0]), {**resource.shown_at}
            self._add(
                ResourceGuess(
                    name, resource.schema, resource.key, others, shown_at=shown_at, key_ground=resource.key_ground
                )
            )

    def _name_of(self, collection: ItemCollection) -> str:
        return self._unused_name([singular(one) for one in segments(collection.path) if not parameter(one)])

    def _unused_name(self, nouns: list[str]) -> str:
        """The last noun of a path, with as many of those before it as make the name unique."""
        nouns = nouns or ["item"]
        names = ["-".join(nouns[start:]) for start in reversed(range(len(nouns)))]
        return next((name for name in names if name not in self._names), f"{names[-1]}-{len(self._names)}")


def _composite_collection(path: str) -> ItemCollection:
    """The collection of items that the parameters at the end of a path name."""
    literals, parameters = composite_parts(path)
    *above, name = map(parameter, parameters)
    return ItemCollection("/" + "/".join((*literals, *parameters[:-1])), path, tuple(above), name)


def _shows_what_is_put(read: RawOperation, operations: Methods) -> bool:
    """Whether PUT or PATCH sends scalars that a GET shows: of one thing then, whatever lists are in it."""
    sent = next((operations[one].request_schema for one in ("put", "patch") if one in operations), None)
    shown = read.success_schema
    if sent is None or shown is None:
        return False
    return any(shown.members[name].types & SCALARS for name in shown.members.keys() & sent.members.keys())


def _is_changed_by_post(operations: Methods) -> bool:
    """Whether POST changes what GET shows, as settings: it sends members of that, and shows it as no new thing."""
    read, change = operations.get("get"), operations.get("post")
    shown = read.success_schema if read is not None else None
    if change is None or shown is None or "201" in change.statuses:
        return False
    answered, sent = change.success_schema, change.request_schema
    if answered is None or sent is None or answered.pointer != shown.pointer:
        return False
    known = {*map(normalised, shown.members)} & {*map(normalised, sent.members)}
    return bool(known) and 2 * len(known) >= len(sent.members)


def _is_free(schema: SchemaView | None) -> bool:
    """Whether a schema is that of an object of any members, as of the metadata that clients keep."""
    return schema is not None and schema.types - {"null"} == {"object"} and not schema.members and not schema.is_closed


def _is_put_freely(operations: Methods) -> bool:
    return any(_is_free(operations[method].request_schema) for method in ("put", "patch") if method in operations)


def _shows_part_of(schema: SchemaView, resource: ResourceGuess) -> bool:
    """Whether a schema has the key inside of the same member as the items of a resource, and no members but theirs."""
    place = resource.shown_at.get(resource.key, ())
    return len(place) > 1 and bool(schema.inside(place)) and schema.members.keys() <= resource.schema.members.keys()


def _has_item_path(resource: ResourceGuess) -> bool:
    return any(one.item_path for one in resource.collections)
