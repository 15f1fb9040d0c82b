"""Resources of documents whose paths name procedures, such as `conversations.create`, `/pets/list` or `/createPet`.

The evidence is that names, parameters and schemas agree: several procedures have one noun, an object with a key is in
what they answer, and those about one item take that key. A plain verb and schemas that agree show the effect; all else
is guessed, so that it accuses no server.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.contract.expressions import body_expression
from lookalike.contract.grounds import EFFECT, Ground, Grounds
from lookalike.contract.inference.envelopes import envelope, item_candidates, list_item_schemas
from lookalike.contract.inference.grounds import grounds_of_call, lists_items
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.resources.resource_guess import ItemCollection, Paths, ResourceGuess
from lookalike.contract.inference.rules.changes import change_item
from lookalike.contract.inference.rules.creation import create_item
from lookalike.contract.inference.rules.deletion import delete_item
from lookalike.contract.inference.rules.lists import list_items
from lookalike.contract.inference.rules.reading import read_item
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.verbs import effects_of_action
from lookalike.json_values import format_pointer
from lookalike.naming.keys import identifier_member, identifying_members
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.view import SchemaView

_CREATE, _READ, _LIST, _CHANGE, _DELETE = "create", "read", "list", "change", "delete"
_VERBS: Mapping[str, str] = {
    **dict.fromkeys(("create", "add", "new", "insert", "post", "register", "upload"), _CREATE),
    **dict.fromkeys(("info", "get", "read", "show", "retrieve", "describe", "view", "details", "fetch"), _READ),
    **dict.fromkeys(("list", "search", "query", "find", "all"), _LIST),
    **dict.fromkeys(("update", "edit", "modify", "change", "patch", "rename", "set"), _CHANGE),
    **dict.fromkeys(("delete", "remove", "destroy"), _DELETE),
}
# A search need not list all, nor a `set` change what its name says; what is posted or uploaded may be another thing.
_VAGUE_VERBS = frozenset({"post", "upload", "search", "query", "find", "set"})
_SCALARS = frozenset({"string", "integer", "number"})


GroundedInference = tuple[Inference, Grounds]
"""The effect of an operation, and the ground of each fact about it."""


class _Procedure(NamedTuple):
    """An operation whose path names a procedure: the family that it belongs to, its noun, and its verb."""

    family: str
    noun: str
    verb: str
    operation: RawOperation


class _Family(NamedTuple):
    """The procedures about one noun, by what they do; those of other verbs are in `others`.

    The verbs of the `plain` kinds leave no doubt.
    """

    noun: str
    by_kind: Mapping[str, RawOperation]
    others: Mapping[str, RawOperation]
    plain: Collection[str]

    @property
    def nouns(self) -> list[str]:
        """The names of an item: the noun of the procedures, and the members in which they answer with one."""
        answered = [member for one in self.by_kind.values() for member in _answered_members(one)]
        return [self.noun, *(name for name, one in answered if "object" in one.types or one.members)]


def called_resources(
    paths: Paths, taken: Collection[tuple[str, str]], names: Collection[str]
) -> Iterator[tuple[ResourceGuess, dict[tuple[str, str], GroundedInference]]]:
    """The resources that procedures are about, each with what its procedures do by path and method, and why.

    `taken` are the operations of which something else is known, and `names` those of other resources.
    """
    used = set(names)
    known: list[tuple[ResourceGuess, _Family]] = []
    for family in _families(paths, taken):
        resource = _resource(family, used, known)
        found = dict(_inferences(resource, family)) if resource is not None else {}
        if resource is not None and _is_whole(family, found):
            used.add(resource.name)
            known.append((resource, family))
            yield resource, found


def _families(paths: Paths, taken: Collection[tuple[str, str]]) -> Iterator[_Family]:
    """The families of procedures of which one finds items and another makes them, or several find them.

    Last come those whose items another family lists, as `conversations.history` what `chat.postMessage` makes.
    """
    by_name: dict[str, list[_Procedure]] = {}
    for path, methods in paths.items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete") and (path, method) not in taken:
                for one in _procedures(path, operation):
                    by_name.setdefault(one.family, []).append(one)
    listed_elsewhere = []
    for procedures in by_name.values():
        by_kind: dict[str, RawOperation] = {}
        others: dict[str, RawOperation] = {}
        plain: set[str] = set()
        for one in procedures:
            kind = _VERBS.get(one.verb)
            if kind is None:
                others[one.verb] = one.operation
            elif kind not in by_kind:
                by_kind[kind] = one.operation
                if one.verb not in _VAGUE_VERBS:
                    plain.add(kind)
        if by_kind.keys() & {_READ, _LIST} and len(by_kind) > 1:
            yield _Family(procedures[0].noun, by_kind, others, plain)
        elif _CREATE in by_kind:
            listed_elsewhere.append(_Family(procedures[0].noun, by_kind, others, ()))
    everything = [one.operation for procedures in by_name.values() for one in procedures]
    for family in listed_elsewhere:
        yield from _with_list_of_others(family, everything)


def _with_list_of_others(family: _Family, everything: Sequence[RawOperation]) -> Iterator[_Family]:
    """The family with the first procedure of another that lists the things it makes; named after these."""
    made = [(name, one.pointer) for name, one in _answered_members(family.by_kind[_CREATE]) if one.members]
    for operation in everything:
        listed = {one.pointer for one in list_item_schemas(operation.success_schema)} if made else set()
        for name, pointer in made:
            if pointer in listed:
                yield _Family(singular(name), {**family.by_kind, _LIST: operation}, family.others, ())
                return


def _procedures(path: str, operation: RawOperation) -> Iterator[_Procedure]:
    """The procedure that a path names, if it has no parameters and does: `users.info`, `/users/info`, `/getUser`."""
    above, _, last = path.rstrip("/").rpartition("/")
    if "{" in path or operation.has_extension or not last:
        return
    left, separator, verb = last.replace(":", ".").rpartition(".")
    if separator:
        noun = singular(left.rpartition(".")[2])
        yield _Procedure(f"{above}/{left}", noun, _verb_of(verb, noun, operation), operation)
        return
    first, *others = words_of(last) or [last]
    if others and first in _VERBS:
        noun = singular("-".join(others))
        yield _Procedure(f"{above}/{noun}", noun, first, operation)
    elif not others and above:
        yield _Procedure(above, singular(above.rpartition("/")[2]), first, operation)


def _verb_of(text: str, noun: str, operation: RawOperation) -> str:
    """The verb of a procedure: `create`, `createUser` of the users, or `postMessage` that answers with a `message`.

    What else is behind a verb, as in `getPresence`, is another thing than the item.
    """
    first, *others = words_of(text) or [text]
    rest = singular("".join(others))
    is_made = _VERBS.get(first) == _CREATE and any(name == rest for name, _ in _answered_members(operation))
    return first if not others or rest == normalised(noun) or is_made else text.lower()


def _resource(
    family: _Family, names: Collection[str], known: Sequence[tuple[ResourceGuess, _Family]]
) -> ResourceGuess | None:
    """The resource of a family, whose items are objects with a key that the procedures about one of them take.

    Where all of them take the key of an item of another family too, items belong to that one.
    """
    above = [(one, _shared_key(family, others.nouns)) for one, others in known]
    parent, field = next(((one, name) for one, name in above if name), (None, ""))
    for schema in _item_schemas(family):
        key = _key_of(schema, family, field)
        if key:
            name = family.noun if family.noun not in names else f"{family.noun}-{len(names)}"
            listed, read = family.by_kind.get(_LIST), family.by_kind.get(_READ)
            places = ItemCollection(listed.path if listed else "", read.path if read else "")
            guess = ResourceGuess(name, schema, key, [places], parent, key_ground=Ground.GUESSED)
            if parent is not None:
                guess.parent_fields, guess.key_is_scoped = (field,), True
            return guess
    return None


def _shared_key(family: _Family, nouns: Sequence[str]) -> str:
    """The name under which all procedures of a family take the key of an item of another; nothing where some do not."""
    first, *others = map(_places_in_request, family.by_kind.values())
    shared = (name for name in first if all(name in one for one in others))
    wanted = {*map(normalised, _names_of_key(nouns))}
    return next((name for name in shared if normalised(name) in wanted), "")


def _item_schemas(family: _Family) -> list[SchemaView]:
    """The schemas of objects in what reading, listing and creating answer.

    Those come first that are listed, then those that have a member with the name of a key.
    """
    found: list[SchemaView] = []
    for kind in (_READ, _CREATE, _LIST):
        answered = family.by_kind[kind].success_schema if kind in family.by_kind else None
        if answered is not None:
            schemas = list_item_schemas(answered) if kind == _LIST else item_candidates(answered)
            found += [one for one in schemas if one.members]
    listed = family.by_kind[_LIST].success_schema if _LIST in family.by_kind else None
    pointers = {one.pointer for one in list_item_schemas(listed)}

    def rank(schema: SchemaView) -> tuple[bool, bool]:
        return schema.pointer not in pointers, not any(_is_key_name(name, "") for name in schema.members)

    return sorted(found, key=rank)


def _key_of(schema: SchemaView, family: _Family, parent_field: str) -> str:
    """The member that identifies an item, and that the procedures about one item take under some name."""
    members = {name: one for name, one in schema.members.items() if name != parent_field}
    scalars = [name for name, one in members.items() if not one.types or one.types & _SCALARS]
    about_one = [family.by_kind[kind] for kind in (_READ, _CHANGE, _DELETE) if kind in family.by_kind]
    key = identifier_member(scalars)
    if key:
        return key if all(_place_of_key(one, key, family.nouns) for one in about_one) else ""
    taken = [_places_in_request(one) for one in about_one]
    shared = [name for name in scalars if taken and all(name in names for names in taken)]
    # A name that says nothing, such as `ts`, is that of the key where there is no other that all of them take.
    return next(iter(identifying_members(shared, family.noun) or (shared if len(shared) == 1 else ())), "")


def _place_of_key(operation: RawOperation, key: str, nouns: Collection[str]) -> str:
    """The runtime expression of the key in a request: of a query parameter or a member of the body; else nothing."""
    by_name = {normalised(name): place for name, place in _places_in_request(operation).items()}
    names = map(normalised, (key, *(f"{noun}{key}" for noun in nouns), *_names_of_key(nouns)))
    return next((by_name[one] for one in names if one in by_name), "")


def _names_of_key(nouns: Collection[str]) -> list[str]:
    return [f"{noun}{ending}" for noun in nouns for ending in ("", "id", "key")]


def _places_in_request(operation: RawOperation) -> dict[str, str]:
    """The runtime expression of each query parameter and member of the body by name."""
    places = {name: f"$request.query.{name}" for name in operation.query_parameters}
    return places | {name: body_expression(name) for name in _sent_members(operation)}


def _is_key_name(name: str, noun: str) -> bool:
    return bool(identifier_member([name])) or normalised(name) == normalised(noun)


def _sent_members(operation: RawOperation) -> Mapping[str, SchemaView]:
    return operation.request_schema.members if operation.request_schema is not None else {}


def _answered_members(operation: RawOperation) -> Iterator[tuple[str, SchemaView]]:
    if operation.success_schema is not None:
        yield from operation.success_schema.members.items()


_GUESSED: Grounds = {EFFECT: Ground.GUESSED}
_RULES: Mapping[str, Callable[[ResourceOperation], Inference | None]] = {
    _CREATE: create_item,
    _READ: read_item,
    _LIST: list_items,
    _CHANGE: change_item,
    _DELETE: delete_item,
}


def _inferences(resource: ResourceGuess, family: _Family) -> Iterator[tuple[tuple[str, str], GroundedInference]]:
    """The effects of the procedures of a family, and their grounds."""
    for kind, operation in family.by_kind.items():
        on = ResourceOperation(resource, resource.home, operation)
        inference = _RULES[kind](on)
        if inference is None:
            continue
        if kind in (_READ, _CHANGE, _DELETE):
            select = _selector(resource, operation, family)
            if not select:
                continue
            inference[0]["select"] = select
        elif resource.parent is not None:
            inference[0]["select"] = {"resource": resource.parent.name, "by": _place_of_parent(resource, operation)}
        answer = inference[0].get("answer", {})
        answer.pop("location", None)
        if kind != _LIST and (body := _body_around(resource, operation, family.nouns, answer.get("body"))):
            inference[0]["answer"] = {**answer, "body": body}
        is_shown = kind in family.plain and _is_shown(kind, on, inference[0])
        yield (
            (operation.path, operation.method),
            (inference, grounds_of_call(on, inference[0]) if is_shown else _GUESSED),
        )
    for verb, operation in family.others.items():
        select = _selector(resource, operation, family)
        on = ResourceOperation(resource, resource.home, operation)
        inference = _act(on, verb, select, family.nouns) if select else None
        if inference is not None:
            yield (operation.path, operation.method), (inference, _GUESSED)


def _is_shown(kind: str, on: ResourceOperation, inferred: Extension) -> bool:
    """Whether the schemas of a procedure agree with its plain verb: it takes parts of an item, or shows some.

    Beside keys, a creation and a change take nothing but members of the item, and a deletion nothing at all.
    """
    if kind in (_READ, _LIST):
        return kind == _READ or lists_items(on)
    by = inferred.get("select", {}).get("by", ())
    keys = [by] if isinstance(by, str) else by
    sent = {name for name in _sent_members(on.operation) if body_expression(name) not in keys}
    if kind == _DELETE:
        return not sent
    is_item_shown = on.item_template(on.operation.success_status) is not None
    return bool(sent) and sent <= on.resource.schema.members.keys() and is_item_shown


def _selector(resource: ResourceGuess, operation: RawOperation, family: _Family) -> Extension:
    """The `select` of the item whose key a request has, and that of its parent; empty if it has not."""
    own, above = _place_of_key(operation, resource.key, family.nouns), _place_of_parent(resource, operation)
    if not own or (resource.parent is not None and not above):
        return {}
    return {"resource": resource.name, "by": [above, own] if above else own}


def _place_of_parent(resource: ResourceGuess, operation: RawOperation) -> str:
    return _places_in_request(operation).get(resource.parent_fields[0], "") if resource.parent is not None else ""


def _body_around(resource: ResourceGuess, operation: RawOperation, nouns: Collection[str], template: Any) -> Any:
    """The body template, with the members that are an item's, or the key of its parent; nothing if there are none.

    As the `channel` and the `ts` beside a `message`, or a message without its `ts`.
    """
    parent = {field: _place_of_parent(resource, operation) for field in resource.parent_fields}
    places: dict[str, Any] = {}
    for name, one in _answered_members(operation):
        if name in parent or name in resource.schema.members:
            places[name] = parent.get(name) or f"$item#{format_pointer((name,))}"
        elif name in nouns and one.members and one.members.keys() <= resource.schema.members.keys():
            places[name] = "$item"
    is_item = template is not None and not isinstance(template, dict)
    if not places or operation.success_schema is None or (is_item and not places.keys() & parent.keys()):
        return None
    return {**envelope(operation.success_schema, places), **({} if is_item else template or {}), **places}


def _act(on: ResourceOperation, verb: str, select: Extension, nouns: Collection[str]) -> Inference | None:
    """An action on the item whose key a request has.

    Evidence: the item has the state, flag, date or member that the verb names; or the item is answered under one of the
    `nouns` under which it is read.
    """
    resource, operation = on.resource, on.operation
    status = operation.success_status
    changed = effects_of_action(resource.schema, verb) | _set_by_name(resource, verb, operation)
    template = on.item_template(status)
    may_be_new = words_of(verb)[:1] in _MAYBE_NEW
    shows_item = (
        not may_be_new and template is not None and any(name in nouns for name, _ in _answered_members(operation))
    )
    if not status or not (changed or shows_item):
        return None
    answer = on.response(status, template)
    extension = {
        "select": select,
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
    wanted = normalised(verb)
    member = resource.member_named(wanted.removeprefix("set")) if wanted.startswith("set") else ""
    by_name = {normalised(name): name for name in _sent_members(operation)}
    sent = by_name.get(normalised(member)) if member else None
    return {member: body_expression(sent)} if sent else {}


def _is_whole(family: _Family, found: Mapping[tuple[str, str], GroundedInference]) -> bool:
    """Whether items can be found at all, and none of the main procedures is left to examples: all or none."""
    main = [family.by_kind[kind] for kind in (_CREATE, _READ, _LIST) if kind in family.by_kind]
    return len(main) > 1 and all((one.path, one.method) in found for one in main)
