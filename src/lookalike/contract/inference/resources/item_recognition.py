"""Recognises the items of a collection: their schema, and the member that is the key."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lookalike.contract.grounds import Ground
from lookalike.contract.inference.descriptions import member_named
from lookalike.contract.inference.envelopes import item_candidates, list_item_schemas
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.collection_paths import last_literal
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths
from lookalike.contract.inference.sketches import SKETCHES, item_of_sent
from lookalike.contract.path_segments import parameter, segments
from lookalike.json_values import Pointer
from lookalike.naming.keys import (
    ABOUT_THE_ITEM,
    handle_member,
    identifier_member,
    is_named_after,
    key_field,
    may_be_key,
    names_key,
)
from lookalike.naming.paths import DETAILS
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.view import SchemaView

SCALARS = frozenset({"string", "integer", "number"})
STRING = frozenset({"string"})


class _ItemGuess(NamedTuple):
    """The schema of an item, the member that the path parameter stands for, and the place of one inside of a member.

    Without either, no member fits. `ground` tells why that member is taken for the key.
    """

    schema: SchemaView
    key: str = ""
    shown_at: Pointer = ()
    ground: Ground = Ground.GUESSED


class ItemRecognition:
    """Recognises the items of a collection by the schemas of the operations on it and on its items."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def guess(self, collection: ItemCollection) -> _ItemGuess | None:
        """The schema of an item, and its key; None where nothing describes one.

        A link states which member that is, and a parameter that is named like it shows it.
        """
        noun = singular(last_literal(collection.path))
        schemas = [*object_schemas(self._item_schemas(collection))]
        whole = self._whole_item(collection)
        for schema in schemas if whole is None else [whole]:
            linked = self._linked_member(collection, schema)
            key = linked or self._key_of_item(schema, collection, noun)
            is_shown = bool(key) and names_key(collection.key_parameter, noun, key)
            place = place_inside(schema, collection.key_parameter, noun) if not key and _is_thing(schema) else ()
            if place and normalised(str(place[0])) != normalised(noun):
                return _ItemGuess(schema, "", place)  # a membership with its user, not the group beside that
            if not (linked or is_shown) and (described := self._described_member(collection, noun, schema)):
                key, is_shown = described, True
            # Documents contradict themselves: an `id` that is a text of digits is an integer in the path.
            is_text = is_shown and schema.members[key].types == STRING
            if key and (is_text or self._fits_parameter(collection, schema.members[key])):
                ground = Ground.STATED if linked else Ground.SHOWN if is_shown else Ground.GUESSED
                return _ItemGuess(self._form_with_what_is_sent(collection, schema), key, ground=ground)
        if not schemas:
            return None
        for schema in schemas if whole is None else [whole]:
            if place := place_inside(schema, collection.key_parameter, noun):
                return _ItemGuess(schema, "", place)
        first = whole or _in_envelope(schemas[0], noun)
        is_enveloped = first is not whole and first is not schemas[0]
        # A parameter may have a name of its own (`{subscriber_hash}`). A key that clients see in the item is the better
        # guess than one that only the Location field tells them.
        key = identifier_member(first.members)
        names = [one for one in first.members if normalised(one) == "name"]
        is_about_noun = _is_about(noun, collection)
        key = key or next((one for one in names if is_enveloped or (is_about_noun and one in first.required)), "")
        key = key if key and self._fits_parameter(collection, first.members[key]) else ""
        return _ItemGuess(first, key, ground=Ground.GUESSED if key else Ground.SHOWN)

    def _key_of_item(self, schema: SchemaView, collection: ItemCollection, noun: str) -> str:
        """The key of an item by the names of members.

        `{org}` that is a string is the `login` of an organisation rather than the number that is its `id`, and
        `{owner}/{repo}` are names.
        """
        key = key_by_name(schema, collection.key_parameter, noun)
        if not key or self._parameter_types(collection) != STRING or "integer" not in schema.members[key].types:
            return key
        # A schema that requires nothing at all says as little.
        is_unsaid = not schema.required and (collection.is_composite or self._is_told_handle(collection))
        named = frozenset(schema.members) if is_unsaid else schema.required & schema.members.keys()
        texts = [name for name in named if schema.members[name].types == STRING]
        if key_field(collection.key_parameter, noun, ["id"]) and collection.is_composite:
            return key_field(collection.key_parameter, noun, texts) or key
        return handle_member(texts) or key

    def _is_told_handle(self, collection: ItemCollection) -> bool:
        """Whether a text about `{collaborator}` says that it is the name of a user in addresses."""
        operations = self._paths[collection.item_path].values()
        texts = (operation.parameter_text("path", collection.key_parameter) for operation in operations)
        return any(handle_member(words_of(text)[:_FIRST]) for text in texts)

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
        noun = singular(last_literal(collection.path))
        name = collection.key_parameter
        if key_by_name(schema, name, noun) or place_inside(schema, name, noun):
            return False
        inner = [member.items for member in schema.members.values() if "array" in member.types]
        inner += [member for member in schema.members.values() if "object" in member.types and len(schema.members) == 1]
        return any(key_by_name(one, name, noun) for one in inner if one is not None)

    def _item_schemas(self, collection: ItemCollection) -> Iterator[SchemaView]:
        """The schemas that may be the item's: of responses about one, then of lists; alternatives last."""
        on_item, on_collection = self._paths.get(collection.item_path, {}), self._paths.get(collection.path, {})
        detailed = self.read_in_detail(collection) if "get" not in on_item else None
        operations = [detailed] if detailed is not None else []
        operations += [on_item[method] for method in ("get", "put", "patch") if method in on_item]
        operations += [on_collection["post"]] if "post" in on_collection else []
        candidates = [[*item_candidates(one.success_schema)] for one in operations if one.success_schema is not None]
        if "get" in on_collection:
            listed = [*list_item_schemas(on_collection["get"].success_schema)]
            is_best = "get" not in on_item and detailed is None and all(_tell_more(listed, one) for one in candidates)
            candidates.insert(0 if is_best else len(candidates), listed)
        for schemas in sorted(candidates, key=lambda schemas: bool(schemas) and len(schemas[0].branches) > 1):
            yield from schemas
        read = on_item.get("get") or on_collection.get("get")
        is_unsaid = read is not None and (read.answers_unsaid or read.answers_any_json)
        if is_unsaid and not any(True for schemas in candidates for _ in object_schemas(iter(schemas))):
            yield from self._sent_items(collection)
        if not any(candidates) and collection.parent_parameters and "put" in on_collection:
            yield from list_item_schemas(on_collection["put"].success_schema)  # made by PUT, and shown by their parent
        if not any(candidates) and not on_collection and not collection.parent_parameters and "get" in on_item:
            yield from self._made_below_items(collection)

    def read_in_detail(self, collection: ItemCollection) -> RawOperation | None:
        """The GET that shows an item at a word behind its path, as `/containers/{id}/details`; None without one."""
        found = (self._paths.get(f"{collection.item_path}/{word}", {}).get("get") for word in DETAILS)
        return next((one for one in found if one is not None), None)

    def _form_with_what_is_sent(self, collection: ItemCollection, shown: SchemaView) -> SchemaView:
        """The form of what is read that has all members of what is shown, and more of those that a PUT sends.

        As a file with its content, beside a folder, where the answer to what was stored leaves the content out.
        """
        on_item = self._paths.get(collection.item_path, {})
        read = on_item["get"].success_schema if "get" in on_item else None
        sent = on_item["put"].request_schema if "put" in on_item else None
        if read is None or sent is None:
            return shown
        forms = (one for one in read.branches if shown.members.keys() <= one.members.keys())
        return next((one for one in forms if one.members.keys() & sent.members.keys() - shown.members.keys()), shown)

    def _made_below_items(self, collection: ItemCollection) -> Iterator[SchemaView]:
        """The schemas of items that are made below others (`/tasks/{id}/files`), and found at `/files/{id}` alone."""
        noun = last_literal(collection.path)
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
        noun = singular(last_literal(collection.path))
        if sent is None or not sent.members or not may_be_key(collection.key_parameter, noun):
            return
        key = identifier_member(sent.members) or "id"
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

    def _described_member(self, collection: ItemCollection, noun: str, schema: SchemaView) -> str:
        """The member that the description of `{database}` names, as "Database name" does; else nothing."""
        if not _is_about(noun, collection):
            return ""
        operations = self._paths[collection.item_path].values()
        texts = (operation.parameter_text("path", collection.key_parameter) for operation in operations)
        return member_named(next((text for text in texts if text), ""), schema.members)

    def _fits_parameter(self, collection: ItemCollection, member: SchemaView) -> bool:
        """Whether a member can be sent as the path parameter: anything can be sent as a string."""
        types = self._parameter_types(collection)
        return not types or not member.types or "string" in types or bool(types & member.types)

    def _parameter_types(self, collection: ItemCollection) -> frozenset[str]:
        operations = self._paths[collection.item_path].values()
        schemas = (operation.path_parameter_schema(collection.key_parameter) for operation in operations)
        return next((schema.types for schema in schemas if schema is not None and schema.types), frozenset())


def _is_thing(schema: SchemaView) -> bool:
    """Whether a schema has several plain values of its own, as no envelope has."""
    plain = [one for one in schema.members.values() if one.types & SCALARS]
    return len(plain) >= _FEWEST_OF_THING


_FEWEST_OF_THING = 2
_FIRST = 2  # words of a text: "username of the collaborator", "The username"


def _is_about(noun: str, collection: ItemCollection) -> bool:
    """Whether a path parameter has the noun of its collection in its name, as `{contextField}` of a context has."""
    return normalised(noun) in normalised(collection.key_parameter)


def _tell_more(listed: Sequence[SchemaView], made: Sequence[SchemaView]) -> bool:
    """Whether a list shows more of its items than the answer to a creation or change, which may tell but the key."""
    members = max((frozenset(one.members) for one in listed), key=len, default=frozenset[str]())
    return bool(members) and all(2 * len(one.members) <= len(members) and one.members.keys() & members for one in made)


def _in_envelope(schema: SchemaView, noun: str) -> SchemaView:
    """The only member of a schema where that is an object of a noun, as of `{"tag": {…}}`; else the schema itself."""
    name, *others = schema.members or [""]
    is_envelope = not others and normalised(name) == normalised(noun) != ""
    return schema.members[name] if is_envelope and schema.members[name].members else schema


def object_schemas(schemas: Iterator[SchemaView]) -> Iterator[SchemaView]:
    """Those of several schemas that describe an object."""
    return (schema for schema in schemas if schema.members and (not schema.types or "object" in schema.types))


def key_by_name(schema: SchemaView, parameter_name: str, noun: str, types: frozenset[str] = SCALARS) -> str:
    """The member of one of some types that a path parameter stands for by its name; nothing if there is none."""
    members = [name for name, member in schema.members.items() if not member.types or member.types & types]
    return key_field(parameter_name or "id", noun, members)


def place_inside(schema: SchemaView, parameter_name: str, noun: str) -> Pointer:
    """The place of a key inside of a member: of an object about the item (`metadata`), or of the one it is named after.

    As `/metadata/name` for `{name}`, or `/owner/login` for `{owner}`. Empty if there is none.
    """
    for name, member in schema.members.items():
        if "object" not in member.types or not member.members:
            continue
        is_about_item = normalised(name) in ABOUT_THE_ITEM
        if is_about_item and (inner := key_by_name(member, parameter_name, noun)):
            return (name, inner)
        if is_named_after(parameter_name, name):
            texts = [one for one, view in member.members.items() if view.types == STRING]
            inner = handle_member(texts) or key_by_name(member, parameter_name, name)
            if inner:
                return (name, inner)
    return ()
