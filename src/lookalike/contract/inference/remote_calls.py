"""Resources of documents whose paths name procedures, as `conversations.create`, `/pets/list` or `/createPet`.

The evidence is that names, parameters and schemas agree: several procedures have one noun, an object with a key is in
what they answer, and those about one item take that key. All of it is guessed, so that it accuses no server.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from lookalike.contract.grounds import Ground
from lookalike.contract.inference import vocabulary
from lookalike.contract.inference.actions import effects_of_action
from lookalike.contract.inference.envelopes import item_candidates, list_item_schemas
from lookalike.contract.inference.methods import Inference, change_item, create_item, delete_item, list_items, read_item
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import ResourceOperation
from lookalike.contract.inference.resources import ItemCollection, Paths, ResourceGuess
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

_CREATE, _READ, _LIST, _CHANGE, _DELETE = "create", "read", "list", "change", "delete"
_VERBS: Mapping[str, str] = {
    **dict.fromkeys(("create", "add", "new", "insert", "post", "register", "upload"), _CREATE),
    **dict.fromkeys(("info", "get", "read", "show", "retrieve", "describe", "view", "details", "fetch"), _READ),
    **dict.fromkeys(("list", "search", "query", "find", "all"), _LIST),
    **dict.fromkeys(("update", "edit", "modify", "change", "patch", "rename", "set"), _CHANGE),
    **dict.fromkeys(("delete", "remove", "destroy"), _DELETE),
}
_SCALARS = frozenset({"string", "integer", "number"})


class _Procedure(NamedTuple):
    """An operation whose path names a procedure: the family that it belongs to, its noun, and its verb."""

    family: str
    noun: str
    verb: str
    operation: RawOperation


class _Family(NamedTuple):
    """The procedures about one noun, by what they do; those of other verbs are in `others`."""

    noun: str
    by_kind: Mapping[str, RawOperation]
    others: Mapping[str, RawOperation]

    @property
    def nouns(self) -> list[str]:
        """The names of an item: the noun of the procedures, and the members in which they answer with one."""
        answered = [member for one in self.by_kind.values() for member in _answered_members(one)]
        return [self.noun, *(name for name, one in answered if "object" in one.types or one.members)]


def called_resources(
    paths: Paths, taken: Collection[tuple[str, str]], names: Collection[str]
) -> Iterator[tuple[ResourceGuess, dict[tuple[str, str], Inference]]]:
    """The resources that procedures are about, each with what its procedures do by path and method.

    `taken` are the operations of which something else is known, and `names` those of other resources.
    """
    used = set(names)
    for family in _families(paths, taken):
        resource = _resource(family, used)
        found = dict(_inferences(resource, family)) if resource is not None else {}
        if resource is not None and _is_whole(family, found):
            used.add(resource.name)
            yield resource, found


def _families(paths: Paths, taken: Collection[tuple[str, str]]) -> Iterator[_Family]:
    """The families of procedures of which one finds items and another makes them, or several find them."""
    by_name: dict[str, list[_Procedure]] = {}
    for path, methods in paths.items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete") and (path, method) not in taken:
                for one in _procedures(path, operation):
                    by_name.setdefault(one.family, []).append(one)
    for procedures in by_name.values():
        by_kind: dict[str, RawOperation] = {}
        others: dict[str, RawOperation] = {}
        for one in procedures:
            kind = _VERBS.get(one.verb)
            if kind is None:
                others[one.verb] = one.operation
            else:
                by_kind.setdefault(kind, one.operation)
        if by_kind.keys() & {_READ, _LIST} and len(by_kind) > 1:
            yield _Family(procedures[0].noun, by_kind, others)


def _procedures(path: str, operation: RawOperation) -> Iterator[_Procedure]:
    """The procedure that a path names, if it has no parameters and does: `users.info`, `/users/info`, `/getUser`."""
    above, _, last = path.rstrip("/").rpartition("/")
    if "{" in path or operation.has_extension or not last:
        return
    left, separator, verb = last.replace(":", ".").rpartition(".")
    if separator:
        noun = vocabulary.singular(left.rpartition(".")[2])
        yield _Procedure(f"{above}/{left}", noun, _verb_of(verb, noun, operation), operation)
        return
    first, *others = vocabulary.words(last) or [last]
    if others and first in _VERBS:
        noun = vocabulary.singular("-".join(others))
        yield _Procedure(f"{above}/{noun}", noun, first, operation)
    elif not others and above:
        yield _Procedure(above, vocabulary.singular(above.rpartition("/")[2]), first, operation)


def _verb_of(text: str, noun: str, operation: RawOperation) -> str:
    """The verb of a procedure: `create`, `createUser` of the users, or `postMessage` that answers with a `message`.

    What else is behind a verb, as in `getPresence`, is another thing than the item.
    """
    first, *others = vocabulary.words(text) or [text]
    rest = vocabulary.singular("".join(others))
    is_made = _VERBS.get(first) == _CREATE and any(name == rest for name, _ in _answered_members(operation))
    return first if not others or rest == vocabulary.normalised(noun) or is_made else text.lower()


def _resource(family: _Family, names: Collection[str]) -> ResourceGuess | None:
    """The resource of a family, whose items are objects with a key that the procedures about one of them take."""
    for schema in _item_schemas(family):
        key = _key_of(schema, family)
        if key:
            name = family.noun if family.noun not in names else f"{family.noun}-{len(names)}"
            listed, read = family.by_kind.get(_LIST), family.by_kind.get(_READ)
            places = ItemCollection(listed.path if listed else "", read.path if read else "")
            return ResourceGuess(name, schema, key, [places], key_ground=Ground.GUESSED)
    return None


def _item_schemas(family: _Family) -> Iterator[SchemaView]:
    """The schemas of objects in what reading, listing and creating answer, those that are called by the noun first."""
    found: list[SchemaView] = []
    for kind in (_READ, _CREATE, _LIST):
        answered = family.by_kind[kind].success_schema if kind in family.by_kind else None
        if answered is None:
            continue
        schemas = list_item_schemas(answered) if kind == _LIST else item_candidates(answered)
        found += [one for one in schemas if one.members]
    named = [one for one in found if any(_is_key_name(name, "") for name in one.members)]
    yield from (*named, *(one for one in found if one not in named))


def _key_of(schema: SchemaView, family: _Family) -> str:
    """The member that identifies an item, and that the procedures about one item take under some name."""
    scalars = [name for name, one in schema.members.items() if not one.types or one.types & _SCALARS]
    about_one = [family.by_kind[kind] for kind in (_READ, _CHANGE, _DELETE) if kind in family.by_kind]
    key = vocabulary.identifier(scalars)
    if key:
        return key if all(_place_of_key(one, key, family.nouns) for one in about_one) else ""
    taken = [{*one.query_parameters, *_sent_members(one)} for one in about_one]
    shared = [name for name in scalars if taken and all(name in names for names in taken)]
    return next(iter(vocabulary.identifying(shared, family.noun)), "")


def _place_of_key(operation: RawOperation, key: str, nouns: Collection[str]) -> str:
    """The runtime expression of the key in a request: of a query parameter or a member of the body; else nothing."""
    wanted = [key, *(f"{noun}{ending}" for noun in nouns for ending in ("", "id", "key"))]
    places = {name: f"$request.query.{name}" for name in operation.query_parameters}
    places |= {name: f"$request.body#{format_pointer((name,))}" for name in _sent_members(operation)}
    by_name = {vocabulary.normalised(name): place for name, place in places.items()}
    return next((by_name[one] for name in wanted if (one := vocabulary.normalised(name)) in by_name), "")


def _is_key_name(name: str, noun: str) -> bool:
    return bool(vocabulary.identifier([name])) or vocabulary.normalised(name) == vocabulary.normalised(noun)


def _sent_members(operation: RawOperation) -> Mapping[str, SchemaView]:
    return operation.request_schema.members if operation.request_schema is not None else {}


def _answered_members(operation: RawOperation) -> Iterator[tuple[str, SchemaView]]:
    if operation.success_schema is not None:
        yield from operation.success_schema.members.items()


_RULES: Mapping[str, Callable[[ResourceOperation], Inference | None]] = {
    _CREATE: create_item,
    _READ: read_item,
    _LIST: list_items,
    _CHANGE: change_item,
    _DELETE: delete_item,
}


def _inferences(resource: ResourceGuess, family: _Family) -> Iterator[tuple[tuple[str, str], Inference]]:
    """The effects of the procedures of a family."""
    for kind, operation in family.by_kind.items():
        inference = _RULES[kind](ResourceOperation(resource, resource.home, operation))
        if inference is None:
            continue
        if kind in (_READ, _CHANGE, _DELETE):
            place = _place_of_key(operation, resource.key, family.nouns)
            if not place:
                continue
            inference[0]["select"] = {"resource": resource.name, "by": place}
        inference[0].get("answer", {}).pop("location", None)
        yield (operation.path, operation.method), inference
    for verb, operation in family.others.items():
        place = _place_of_key(operation, resource.key, family.nouns)
        on = ResourceOperation(resource, resource.home, operation)
        inference = _act(on, verb, place, family.nouns) if place else None
        if inference is not None:
            yield (operation.path, operation.method), inference


def _act(on: ResourceOperation, verb: str, place: str, nouns: Collection[str]) -> Inference | None:
    """An action on the item whose key is at a place of the request.

    Evidence: the item has the state, flag, date or member that the verb names; or the item is answered under one of the
    `nouns` under which it is read.
    """
    resource, operation = on.resource, on.operation
    status = operation.success_status
    changed = effects_of_action(resource.schema, verb) | _set_by_name(resource, verb, operation)
    template = on.item_template(status)
    may_be_new = vocabulary.words(verb)[:1] in _MAYBE_NEW
    shows_item = (
        not may_be_new and template is not None and any(name in nouns for name, _ in _answered_members(operation))
    )
    if not status or not (changed or shows_item):
        return None
    answer = on.response(status, template)
    extension = {
        "select": {"resource": resource.name, "by": place},
        **({"apply": [{"set": {"fields": changed}}]} if changed else {}),
        **({"answer": answer} if answer else {}),
    }
    if not changed:
        return extension, f"shows {on.noun_phrase} as it is"
    words = ", ".join(f"{name} to {value}" for name, value in changed.items())
    return extension, f"sets {words} of {on.noun_phrase}"


# Verbs whose procedures may answer with another item than the one that was asked about.
_MAYBE_NEW = (["open"], ["start"], ["retry"], ["copy"], ["clone"], ["duplicate"], ["fork"])


def _set_by_name(resource: ResourceGuess, verb: str, operation: RawOperation) -> dict[str, str]:
    """The member that a verb names behind `set`, with the value that is sent under its name, as of `setTopic`."""
    wanted = vocabulary.normalised(verb)
    member = resource.member_named(wanted.removeprefix("set")) if wanted.startswith("set") else ""
    by_name = {vocabulary.normalised(name): name for name in _sent_members(operation)}
    sent = by_name.get(vocabulary.normalised(member)) if member else None
    return {member: f"$request.body#{format_pointer((sent,))}"} if sent else {}


def _is_whole(family: _Family, found: Mapping[tuple[str, str], Inference]) -> bool:
    """Whether items can be found at all, and none of the main procedures is left to examples: all or none."""
    main = [family.by_kind[kind] for kind in (_CREATE, _READ, _LIST) if kind in family.by_kind]
    return len(main) > 1 and all((one.path, one.method) in found for one in main)
