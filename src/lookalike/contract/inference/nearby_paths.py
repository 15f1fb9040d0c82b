"""The effects of operations on paths beside collections and below items, told by the words of the path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lookalike.contract.inference.envelopes import can_be_item, list_item_schemas
from lookalike.contract.inference.inferred import OperationKey
from lookalike.contract.inference.item_paths import ItemPath, collection_of, nearest_above
from lookalike.contract.inference.operation_index import SEARCHES
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import ResourceOperation, shows_item
from lookalike.contract.inference.resources.references import member_naming
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess
from lookalike.contract.inference.rules.actions import act_on_item
from lookalike.contract.inference.rules.creation import create_item
from lookalike.contract.inference.rules.links import (
    link_effect,
    linked_member,
    list_linked_by_path,
    list_named,
    list_of_member,
)
from lookalike.contract.inference.rules.lists import list_by_filter, list_by_value, list_items
from lookalike.contract.inference.rules.nesting import bind_to_item
from lookalike.contract.inference.rules.reading import read_item, read_newest
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.contract.inference.verbs import undone_action
from lookalike.contract.path_segments import last_segment, parameter, segments
from lookalike.naming.paths import is_below_own_kind, is_changing, is_making_verb
from lookalike.naming.words import are_alike, normalised, singular
from lookalike.schema.view import SchemaView


def bound_collections(
    paths: Paths,
    items: Mapping[str, ItemPath],
    resources: Sequence[ResourceGuess],
    found: Mapping[OperationKey, Inference],
) -> Iterator[tuple[OperationKey, Inference]]:
    """Lists and creations below an item that items of another resource name, as `/lists/{id}/cards` beside `/cards`.

    Or below one of their own kind, such as `/tasks/{id}/subtasks`. Items may name several others, as `/visits` do which
    are listed at `/doctors/{id}/visits` and `/patients/{id}/visits`.
    """
    by_noun = {normalised(singular(last_segment(one.home.path))): one for one in reversed(resources) if one.home.path}
    by_schema = {one.schema.pointer: one for one in reversed(resources) if not one.is_single}
    for path, methods in paths.items():
        above, _, last = path.rstrip("/").rpartition("/")
        holder, resource = items.get(above), by_noun.get(normalised(singular(last)))
        listed = list_item_schemas(methods["get"].success_schema) if "get" in methods else ()
        resource = resource or next((by_schema[one.pointer] for one in listed if one.pointer in by_schema), None)
        if holder is not None and is_below_own_kind(last, last_segment(holder.resource.home.path)):
            resource = holder.resource
        if holder is None or resource is None:
            continue
        if resource.parent_fields and normalised(last) != normalised(last_segment(resource.home.path)):
            continue  # `/configs/{id}/deleted-settings` are others
        for method, operation in methods.items():
            if resource.key_is_scoped and method != "get":
                continue  # where it is to be made, its parent is not told
            if (path, method) not in found and not operation.has_extension:
                inference = bind_to_item(ResourceOperation(resource, ItemCollection(path), operation), *holder)
                if inference is not None:
                    yield (path, method), inference


def mixed_lists(
    paths: Paths,
    items: Mapping[str, ItemPath],
    resources: Sequence[ResourceGuess],
    found: Mapping[OperationKey, Inference],
) -> Iterator[tuple[OperationKey, Inference]]:
    """Lists of things of several kinds below an item, as the files and folders at `/folders/{id}/items`.

    Evidence: the list has a form for each, with the name of a resource whose items name the one above in a member.
    """
    for path, methods in paths.items():
        holder = items.get(collection_of(path)) if "get" in methods and not parameter(last_segment(path)) else None
        if holder is None or (path, "get") in found or methods["get"].has_extension:
            continue
        listed = [one for one in list_item_schemas(methods["get"].success_schema) if len(one.branches) > 1]
        forms = listed[0].branches if listed else ()
        kinds = [one for form in forms if (one := _resource_of_form(form, resources, holder.resource)) is not None]
        if len(kinds) < 2:
            continue
        expression = f"$request.path.{holder.collection.key_parameter}"
        any_kind = replace(kinds[0][0], schema=listed[0])
        inference = list_items(ResourceOperation(any_kind, ItemCollection(path), methods["get"]))
        if inference is None:
            continue
        inference[0]["select"] = ResourceOperation(*holder, methods["get"]).selector()
        inference[0]["list"]["where"] = {kinds[0][1]: expression}
        inference[0]["list"]["others"] = [
            {"resource": other.name, "where": {member: expression}} for other, member in kinds[1:]
        ]
        names = " and ".join(one.name for one, _ in kinds)
        yield (path, "get"), (inference[0], f"lists {names} items, of one {holder.resource.name}")


def _resource_of_form(
    form: SchemaView, resources: Sequence[ResourceGuess], holder: ResourceGuess
) -> tuple[ResourceGuess, str] | None:
    """The resource that a form of the items of a list is named after, with the member that names the holder."""
    name = normalised(str(form.pointer[-1])) if form.pointer else ""
    named = [one for one in resources if not one.is_single and name.startswith(normalised(one.name))]
    resource = max(named, key=lambda one: len(one.name), default=None)
    if resource is None or not can_be_item(form, resource.schema, resource.key):
        return None
    member, is_list = member_naming(resource, holder, holder.home.key_parameter)
    member = member if member and not is_list else member_naming(resource, resource, "")[0]
    return (resource, member) if member else None


def lists_by_path(
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


def items_by_other_keys(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Reads of an item by another member than its key, as `/articles/by-slug/{slug}` and `/users/email/{email}`.

    Evidence: the response shows the item, and the parameter has the name of one of its members.
    """
    by_home = {one.home.path.rstrip("/"): one for one in resources if one.home.path and not one.is_single}
    for path, methods in paths.items():
        above, _, last = path.rstrip("/").rpartition("/")
        resource, name = by_home.get(above.rpartition("/")[0]), parameter(last)
        if resource is None or not name or "get" not in methods or (path, "get") in found:
            continue
        if parameter(last_segment(above)):
            continue  # `/earnings/{code}/{date}` has a key of two parts
        home = resource.home
        on = ResourceOperation(resource, ItemCollection(home.path, path, home.parent_parameters, name), methods["get"])
        is_named = bool(resource.member_about(name) or resource.member_named(f"{name}_name"))
        if is_named and not on.operation.has_extension and not home.is_composite:
            inference = read_item(on) if on.list_template() is None else None
            if inference is not None:
                yield (path, "get"), inference


def parts_of_collections(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Creations at a word behind a collection, and lists there, such as `/numbers/local` and `/numbers/mobile`.

    Evidence: the 201 that a creation is answered with, or that the word is a verb such as `/send` where no other path
    makes such items; and the item in its body.
    """
    by_segments = {tuple(segments(place.path)): (one, place) for one in resources for place in one.collections}
    for path, methods in paths.items():
        resource, place = by_segments.get(tuple(segments(path)[:-1]), (None, None))
        if resource is None or place is None or (made := made_at(path, resource, place, paths)) is None:
            continue
        part = ItemCollection(path, "", place.parent_parameters)
        listed = list_items(ResourceOperation(resource, part, methods["get"])) if "get" in methods else None
        for method, inference in (("post", made), ("get", listed)):
            if inference is not None and (path, method) not in found and not methods[method].has_extension:
                yield (path, method), inference


def newest_items(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Reads of the item of a collection that was created last, as at `/releases/latest`."""
    by_segments = {tuple(segments(place.path)): (one, place) for one in resources for place in one.collections}
    for path, methods in paths.items():
        *above, word = segments(path) or [""]
        resource, place = by_segments.get(tuple(above), (None, None)) if word in _NEWEST else (None, None)
        is_open = "get" in methods and (path, "get") not in found and not methods["get"].has_extension
        if resource is not None and place is not None and is_open and not resource.is_single:
            part = ItemCollection(path, "", place.parent_parameters)
            if (inference := read_newest(ResourceOperation(resource, part, methods["get"]))) is not None:
                yield (path, "get"), inference


_NEWEST = frozenset({"latest", "newest", "last", "most-recent", "most_recent"})


def made_at(path: str, resource: ResourceGuess, place: ItemCollection, paths: Paths) -> Inference | None:
    """The creation of items of a resource at a word behind one of its collections."""
    operation, word = paths[path].get("post"), last_segment(path)
    if operation is None or resource.is_single or parameter(word):
        return None
    is_made_elsewhere = any("post" in paths.get(one.path, {}) for one in resource.collections)
    is_begun = is_making_verb(word) or "202" in operation.statuses
    is_shown = "201" in operation.statuses or (not is_made_elsewhere and is_begun)
    part = ItemCollection(path, "", place.parent_parameters)
    return create_item(ResourceOperation(resource, part, operation)) if is_shown else None


def lists_of_marked_items(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Lists of the items that an action marked, as `/favourites` beside `/statuses/{id}/favourite`.

    Evidence: the action sets a flag, and the list is named after it and shows the schema of such items.
    """
    by_name = {one.name: one for one in resources}
    marks = {}
    for (path, _), (extension, _) in found.items():
        resource = by_name.get(extension.get("select", {}).get("resource"))
        set_fields = [step["set"].get("fields", {}) for step in extension.get("apply", ()) if "set" in step]
        flags = {name: True for fields in set_fields for name, value in fields.items() if value is True}
        if resource is not None and flags:
            marks[normalised(last_segment(path)), resource.schema.pointer] = resource, flags
    for path, methods in paths.items() if marks else ():
        if "get" not in methods or "{" in path or (path, "get") in found or methods["get"].has_extension:
            continue
        word = normalised(singular(last_segment(path)))
        shown = list_item_schemas(methods["get"].success_schema)
        resource, flags = next((marks[word, one.pointer] for one in shown if (word, one.pointer) in marks), (None, {}))
        on = ResourceOperation(resource, ItemCollection(path), methods["get"]) if resource is not None else None
        if on is not None and (inference := list_items(on)) is not None:
            inference[0]["list"]["where"] = {**inference[0]["list"].get("where", {}), **flags}
            yield (path, "get"), inference


def searches_elsewhere(
    paths: Paths, resources: Sequence[ResourceGuess], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Searches over all items of a resource apart from its collection, as `/search/repositories` beside `/repos`."""
    for path, methods in paths.items():
        above, noun = ["", "", *segments(path)][-2:]
        if noun in SEARCHES:  # `/repos/search`, where those of a user are made
            above, noun = noun, above
        if above not in SEARCHES or (path, "get") in found or "get" not in methods or methods["get"].has_extension:
            continue
        for resource in resources:
            named = next((one for one in reversed(segments(resource.home.path)) if not parameter(one)), "")
            on = ResourceOperation(resource, ItemCollection(path), methods["get"])
            inference = list_by_filter(on) if are_alike(named, noun) else None
            if inference is not None:
                yield (path, "get"), inference
                break


def links_of_items(paths: Paths, items: Mapping[str, ItemPath]) -> Iterator[tuple[OperationKey, Inference]]:
    """Operations on the links of items, which are no things of their own: as long as no path reads or changes one."""
    for path, methods in paths.items():
        holder = items.get(collection_of(path))
        member = linked_member(holder.resource, path, methods) if holder is not None else ""
        if holder is None or not member:
            continue
        below = [one for one in paths if collection_of(one) == path and parameter(segments(one)[-1])]
        if any(paths[one].keys() & {"post", "patch"} or _reads(paths[one].get("get")) for one in below):
            continue
        for one in (path, *below):
            for method, operation in paths[one].items():
                inference = link_effect(ResourceOperation(*holder, operation), member)
                if inference is not None:
                    yield (one, method), inference


def links_by_path(paths: Paths, items: Mapping[str, ItemPath]) -> Iterator[tuple[OperationKey, Inference]]:
    """Links that are added and taken away by their path alone, as `PUT /issues/{id}/labels/{labelId}`."""
    for path, methods in paths.items():
        above = collection_of(path)
        holder, listing = items.get(collection_of(above)), paths.get(above, paths.get(f"{above}/", {}))
        if holder is None or listing.keys() - {"get"} or not parameter(last_segment(path)):
            continue
        if member := list_linked_by_path(holder.resource, above, methods):
            for one, operation in (
                *((path, one) for one in methods.values()),
                *((above, one) for one in listing.values()),
            ):
                inference = link_effect(ResourceOperation(*holder, operation), member)
                if inference is not None:
                    yield (one, operation.method), inference


def lists_changed_by_actions(
    paths: Paths, items: Mapping[str, ItemPath], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Lists of what actions add to an item and take away from it, as `/tasks/{id}/tags` beside `/tasks/{id}/addTag`."""
    changed = {
        (collection_of(path), step[word]["field"])
        for (path, _), (extension, _) in found.items()
        if collection_of(path) in items
        for step in extension.get("apply", ())
        for word in ("union", "subtract")
        if word in step
    }
    for path, methods in paths.items():
        holder = items.get(collection_of(path))
        member = list_named(holder.resource, last_segment(path)) if holder is not None and "get" in methods else ""
        if holder is not None and (collection_of(path), member) in changed and not methods["get"].has_extension:
            inference = link_effect(ResourceOperation(*holder, methods["get"]), member)
            if inference is not None:
                yield (path, "get"), inference


def lists_of_members(
    paths: Paths, items: Mapping[str, ItemPath], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Lists below an item that show one of its own, as `/orders/{id}/items` beside the `items` that orders are made of.

    Nothing else is done there: lists to which operations add are of things in themselves.
    """
    for path, methods in paths.items():
        holder = items.get(collection_of(path)) if methods.keys() - {"head"} == {"get"} else None
        if holder is None or (path, "get") in found or methods["get"].has_extension:
            continue
        inference = list_of_member(ResourceOperation(*holder, methods["get"]))
        if inference is not None and not any(one.startswith(f"{path.rstrip('/')}/") for one in paths):
            yield (path, "get"), inference


def changes_by_unsaid_bodies(
    paths: Paths, items: Mapping[str, ItemPath], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Changes of an item by a body that the document leaves out.

    Evidence: the name of the operation begins with a verb of changing, as "Update an issue", and it shows the item.
    """
    for path, holder in items.items():
        for method in ("put", "patch"):
            operation = paths.get(path, {}).get(method)
            if operation is None or (path, method) in found or operation.has_extension or operation.media_types:
                continue
            on = ResourceOperation(*holder, operation)
            if is_changing(operation.title) and shows_item(operation, holder.resource):
                merge = {"with": "$request.body", "depth": "deep", "null": "deletes", "unfit": "ignored"}
                answer = on.response(operation.success_status, on.item_template(operation.success_status))
                extension = {"select": on.selector(), "apply": [{"merge": merge}], **answer_keyword(answer)}
                yield (path, method), (extension, f"changes {on.noun_phrase} by what is sent, which is not described")


def _reads(operation: RawOperation | None) -> bool:
    return operation is not None and operation.success_schema is not None


def actions_before_keys(
    paths: Paths, items: Mapping[str, ItemPath], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Actions on items by the verb before their key, such as `/orders/cancel/{id}`, as if it stood behind the key."""
    for path, methods in paths.items():
        above, _, key = path.rstrip("/").rpartition("/")
        collection, _, verb = above.rpartition("/")
        holder = items.get(f"{collection}/{key}") if parameter(key) and not parameter(verb) else None
        for method, operation in methods.items() if holder is not None else ():
            if (path, method) not in found and not operation.has_extension:
                turned = operation.described_at(f"{collection}/{key}/{verb}")
                inference = act_on_item(ResourceOperation(*holder, turned)) if holder is not None else None
                if inference is not None:
                    yield (path, method), inference


def actions_on_items(
    paths: Paths, items: Mapping[str, ItemPath], found: Mapping[OperationKey, Inference]
) -> Iterator[tuple[OperationKey, Inference]]:
    """Actions on items, by the verb at the end of their path, and changes of one member, which may be in another."""
    collections = {collection_of(path) for path in paths if parameter(last_segment(path))}
    for path, methods in paths.items():
        holder = nearest_above(collection_of(path), items)
        if (
            holder is None
            or path.rstrip("/") in collections
            or "{" in path.removeprefix(holder.collection.item_path.rstrip("/"))
        ):
            continue
        undone = paths.get(f"{collection_of(path)}/{undone_action(last_segment(path))}", {})
        done = methods.get("post", methods.get("put"))
        for method, operation in methods.items():
            if (path, method) not in found and not operation.has_extension:
                is_taken_back = method == "delete" and operation.request_schema is None
                other = done if is_taken_back else undone.get(method)
                inference = act_on_item(ResourceOperation(*holder, operation, methods), other)
                if inference is not None:
                    yield (path, method), inference
