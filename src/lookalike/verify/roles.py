"""Roles: the operations that create, read, list, change and delete the items of a resource."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.callbacks import CREATED, DELETED, UPDATED
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.extension import Resource
from lookalike.contract.grounds import (
    CASCADE,
    EFFECT,
    GUARD,
    ORDERED_BY_AGE,
    SORTED_AS_TOLD,
    TAKEN,
    UNIQUE,
    Ground,
    is_guessed,
)
from lookalike.contract.inference.descriptions import sentences_of
from lookalike.contract.inference.verbs import verb_of
from lookalike.contract.path_segments import last_segment
from lookalike.contract.requests import ParameterKey
from lookalike.contract.responses import success_status
from lookalike.contract.routing import plain_path
from lookalike.contract.semantics import CREATE, Create, DeleteItem, Dependents, Merge, Replace, SetFields, Unique
from lookalike.http import SAFE, essence
from lookalike.json_values import ABSENT, Pointer, find, object_at, with_value_at
from lookalike.model.resources.keys import key_fields
from lookalike.naming.lists import order_of
from lookalike.naming.members import asked_for_too, is_out_of_sight, is_state, selects_members
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.directions import WRITE_ONLY
from lookalike.schema.view import SchemaView
from lookalike.verify.requests.item_bodies import item_type
from lookalike.verify.requests.raw_bodies import file_member, file_type, is_raw

IF_MATCH: ParameterKey = ("header", "if-match")
IF_NONE_MATCH: ParameterKey = ("header", "if-none-match")
SENDER = ("header", "Authorization")  # where a request names the current user

_SIGNS = ("+", "-")
_ALREADY = (re.compile(r"\balready (?:been )?(\w+)"), re.compile(r"\b(\w+) already\b"))
_SETTING = (
    r"\bsets? (?:\w+ ){0,3}NAME (?:\w+ ){0,4}to \W?VALUE\b",
    r"\bmarks? (?:\w+ ){1,4}as \W?VALUE\b",
    r"\bNAME (?:\w+ ){0,3}(?:becomes|(?:is|gets) set to|(?:is changed|changes) to) \W?VALUE\b",
    r"^\W*(?:it|the (?:\w+ ){1,2})becomes \W?VALUE\b",
)
_CONDITIONS = re.compile(
    r"\b(?:if|when|unless|until|once|after|later|may|can|could|might|eventually|asynchron\w+|queue\w*|schedul\w+)\b",
    re.IGNORECASE,
)
_UPLOADS = frozenset({"upload", "content", "file", "raw", "data", "binary", "blob", "bytes", "media"})
_DOWNLOADS = _UPLOADS - {"upload"} | {"download", "original"}
_BOUNDS = {"at-least": True, "above": True, "at-most": False, "below": False}
_COUNT: ParameterKey = ("query", "$count")


class Roles(NamedTuple):
    """The operations on the items of one resource."""

    resource: str
    create: Operation | None
    read: Operation | None
    list: Operation | None
    changes: tuple[Operation, ...]
    delete: Operation | None

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations that have a role."""
        return tuple(one for one in (self.create, self.read, self.list, *self.changes, self.delete) if one is not None)

    @property
    def is_visible(self) -> bool:
        """Whether items can be read or listed."""
        return self.read is not None or self.list is not None


class SortChoice(NamedTuple):
    """A choice of the parameter that sorts a list, such as `-price` or `price desc`, and the value that asks for it.

    `direction` is `asc` or `desc` where a word says so; what a sign stands for is not stated.
    """

    place: ParameterKey
    text: str
    value: Any
    direction: str

    @property
    def has_direction(self) -> bool:
        """Whether a word or a sign stands for a direction."""
        return bool(self.direction) or self.text.startswith(_SIGNS)

    @property
    def has_minus(self) -> bool:
        """Whether a minus asks for the reverse of the order for the name alone."""
        return self.text.startswith("-")

    @property
    def name(self) -> str:
        """The choice as part of a query."""
        return f"{self.place[1]}={self.text}"


def change_by(roles: Roles, operation: Operation) -> str:
    """The type of change that an operation makes of an item, as webhooks tell of it."""
    return CREATED if operation is roles.create else DELETED if operation is roles.delete else UPDATED


def created_by(roles: Mapping[str, Roles], operation: Operation) -> str:
    """The resource whose items an operation creates, or nothing."""
    return next((name for name, one in roles.items() if one.create is operation), "")


def roles_of(contract: Contract) -> dict[str, Roles]:
    """The roles for each resource of a contract."""
    return {name: _roles(contract, name) for name in contract.resources}


def _roles(contract: Contract, name: str) -> Roles:
    own = [one for one in contract.operations if one.base_path == contract.base_path]
    about = [one for one in own if one.selector and one.selector.resource == name and one.selector.needs_item]
    about = [one for one in about if not acts_on_sender(one)]
    makers = [one for one in own if _creates(one, name)] + [one for one in about if creates_by_replacing(one)]
    makers = [] if contract.resources[name].is_single else makers
    readers = [one for one in about if one.method == "GET" and not one.steps and not one.listing and one.success.body]
    readers = [one for one in readers if one.selector and not one.selector.is_newest]
    listing = [one for one in own if one.listing is not None and one.listing.resource == name]
    listers = [one for one in listing if place_of(one.success.body, "$items") is not None]  # others count items
    listers = [one for one in listers if one.body is None or not one.body.required]
    create = next(iter(makers), None)
    # Items that are made at the top may be in no list below a parent.
    listers = sorted(listers, key=lambda one: (is_guessed(one.grounds, EFFECT), _is_below_other(one, create)))
    return Roles(
        name,
        create,
        next(iter(readers), None),
        next((one for one in listers if not _is_filtered(one)), None),
        tuple(
            one
            for one in about
            if one.steps and all(isinstance(step.action, Replace) or _merges(step.action) for step in one.steps[:1])
        ),
        next((one for one in about if any(isinstance(step.action, DeleteItem) for step in one.steps)), None),
    )


def acts_on_sender(operation: Operation) -> bool:
    """Whether an operation is about the user whose credentials a request has, as `DELETE /users/me` is.

    Sent with the credentials of the target file, it never reaches an item that a run has created.
    """
    select = operation.selector
    return select is not None and (select.by.source, select.by.name) == SENDER


def is_guarded(operation: Operation) -> bool:
    """Whether each alternative of `security` asks for credentials that a request carries (OpenAPI 3.1, 4.8.30)."""
    return bool(operation.security) and all(
        any(one.scheme.kind != "mutualTLS" for one in alternative) for alternative in operation.security
    )


def _is_below_other(listing: Operation, create: Operation | None) -> bool:
    """Whether a list is at a path with more parameters than that where its items are made, beside their own key."""
    if create is None:
        return False
    return _path_parameters(listing) > _path_parameters(create) - creates_by_replacing(create)


def _path_parameters(operation: Operation) -> int:
    return sum(source == "path" for source, _ in operation.parameters)


def _creates(operation: Operation, name: str) -> bool:
    first = operation.steps[0].action if operation.steps else None
    return isinstance(first, Create) and first.resource == name and not first.each and first.source.source == "body"


def creates_by_replacing(operation: Operation) -> bool:
    """Whether an operation creates an item if none has the key (an upsert)."""
    return operation.selector is not None and operation.selector.if_absent == CREATE and bool(operation.steps)


def _merges(action: object) -> bool:
    return isinstance(action, Merge) and not action.field


def is_merge(operation: Operation) -> bool:
    """Whether an operation changes only the members that were sent."""
    return bool(operation.steps) and _merges(operation.steps[0].action)


def members_set(operation: Operation) -> list[str]:
    """The members that an action sets, as far as names and prose tell."""
    return [name for step in operation.steps if isinstance(step.action, SetFields) for name in step.action.fields]


def text_of(contract: Contract, operation: Operation) -> str:
    """The summary and the description of an operation."""
    _, raw = object_at(contract.document.data, ("paths", operation.path, operation.method.lower()))
    return f"{raw.get('summary', '')}. {raw.get('description', '')}"


def values_told(contract: Contract, operation: Operation) -> dict[str, Any]:
    """The values that an action sets members to, as its text says: "Sets the status to paused", "It becomes paid"."""
    sentences = [one for one in sentences_of(text_of(contract, operation)) if not _CONDITIONS.search(one)]
    fields = [
        pair for step in operation.steps if isinstance(step.action, SetFields) for pair in step.action.fields.items()
    ]
    found = {}
    for name, source in fields:
        if source.source == "value" and isinstance(source.value, str | bool):
            spelt, value = r"[ _-]?".join(map(re.escape, words_of(name))), re.escape(str(source.value).lower())
            patterns = [one.replace("NAME", spelt).replace("VALUE", value) for one in _SETTING]
            if any(re.search(pattern, one, re.IGNORECASE) for pattern in patterns for one in sentences):
                found[name] = source.value
    return found


def refuses_what_is_done(contract: Contract, operation: Operation) -> bool:
    """Whether a refusal of an action is for what the action did already, as "Paused already" is of a pause."""
    select = operation.selector
    place = ("paths", operation.path, operation.method.lower(), "responses", select.if_done if select else "")
    if select is None or not select.if_done or operation.method != "POST" or operation.path.endswith("}"):
        return False
    text = str(object_at(contract.document.data, place)[1].get("description", "")).lower()
    told = {word for pattern in _ALREADY for word in pattern.findall(text)}
    verb = next(iter(words_of(verb_of(last_segment(operation.path)))), "")  # without Latin letters there are no words
    states = {str(value).lower() for _, value in select.done}
    return bool(verb) and any(word.startswith(verb.removesuffix("e")) or word in states for word in told)


def states_set(operation: Operation, member: str) -> set[Any]:
    """The values that an operation sets a member of its item to, as far as names and prose tell."""
    fields = (step.action.fields for step in operation.steps if isinstance(step.action, SetFields))
    sources = (one[member] for one in fields if member in one)
    return {one.value for one in sources if one.source == "value" and isinstance(one.value, str | bool)}


def refused_states(operation: Operation) -> dict[str, tuple[Any, ...]]:
    """The values of members with which the document says that an operation is refused, but for those it leads to.

    To do once more what is done already may be no error.
    """
    guard = operation.selector.guard if operation.selector is not None else None
    is_of_child = any(isinstance(step.action, Create) for step in operation.steps)
    if guard is None or is_of_child or is_guessed(operation.grounds, GUARD):
        return {}
    left = {
        name: tuple(one for one in values if one not in states_set(operation, name))
        for name, values in guard.where.items()
    }
    return {name: values for name, values in left.items() if values}


def new_keys(operation: Operation, keys: frozenset[str]) -> Iterator[Pointer]:
    """The pointers into a body to the values that an operation sets as part of a key, such as `new_name`."""
    for step in operation.steps:
        for field, source in step.action.fields.items() if isinstance(step.action, SetFields) else ():
            if field in keys and source.source == "body" and source.pointer:
                yield source.pointer


def _is_filtered(operation: Operation) -> bool:
    """Whether a list is filtered by a required parameter."""
    wanted = {source.name for source in operation.listing.where.values()} if operation.listing else set()
    return any(one.required and one.location == "query" and one.name in wanted for one in operation.parameters.values())


def enclosing(contract: Contract, operation: Operation) -> Operation | None:
    """The operation on the item that the path of another operation begins with, the longest one, or None.

    Such as GET /boxes/{id} for GET /boxes/{box_id}/labels; the names of parameters need not agree.
    """
    shape = _shape(operation.path)
    about_items = (one for one in contract.operations if one.selector is not None and one.selector.needs_item)
    found = [one for one in about_items if _leads_to(one) == shape[: len(_shape(one.path))] != shape]
    return max(found, key=lambda one: len(_shape(one.path)), default=None)


def _leads_to(operation: Operation) -> tuple[str, ...] | None:
    """The shape of a path that ends with the key of an item, or None."""
    select, shape = operation.selector, _shape(operation.path)
    is_last = select is not None and operation.path.endswith(f"{{{select.by.name}}}")
    return shape if is_last and select is not None and select.by.source == "path" else None


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if part.startswith("{") else part for part in plain_path(path).split("/"))


def has_filter(operation: Operation) -> bool:
    """Whether the document shows that a parameter of a list asks for the items with some value."""
    return search_of(operation) is not None or any(True for _ in (*filters_of(operation), *bounds_of(operation)))


def has_limit(operation: Operation) -> bool:
    """Whether the document shows which parameter limits the items of a page."""
    return limit_of(operation) is not None


def told_dependents(contract: Contract, delete: Operation, roles: Mapping[str, Roles]) -> tuple[Dependents, ...]:
    """The items that go with the one which an operation deletes, or prevent it, as its text says, if any can be made.

    Those that are below it, and so name it in their path, have no member for it (`by` is empty).
    """
    if is_guessed(delete.grounds, CASCADE) or delete.selector is None:
        return ()
    found: list[Dependents] = []
    for action in (step.action for step in delete.steps if isinstance(step.action, DeleteItem)):
        found += action.dependents
        below = (name for name, one in contract.resources.items() if one.parent is not None)
        if action.children.isdecimal():  # a status
            parents = {name: contract.resources[name].parent for name in below}
            own = (name for name, one in parents.items() if one and one.resource == delete.selector.resource)
            found += (Dependents(name, "", action.children) for name in own)
    return tuple(one for one in found if one.resource in roles and roles[one.resource].create is not None)


def taken_by_one(contract: Contract, roles: Roles, operation: Operation) -> tuple[Unique, ...]:
    """The members whose value only one may have of the items that are made or changed; and a key that must be sent.

    A text says so. Of the key of a new item, a documented 409 is enough.
    """
    action = operation.steps[0].action if operation.steps else None
    if place_of(operation.success.body, "$item") is None and not roles.is_visible:
        return ()
    told = () if is_guessed(operation.grounds, UNIQUE) else operation.unique
    key = _only_key(contract.resources[roles.resource])
    if not isinstance(action, Create):
        return tuple(one for one in told if one.field != key)
    if action.each:
        return ()
    is_told = any(one.field == key for one in told)
    is_refused = action.taken in operation.responses and not is_guessed(operation.grounds, EFFECT, TAKEN)
    by_key = (Unique(key, action.taken),) if is_refused and not is_told and _must_be_sent(operation, key) else ()
    return (*told, *by_key)


def _must_be_sent(create: Operation, member: str) -> bool:
    """Whether clients have to send a member of a new item."""
    contents = create.body.content.values() if create.body is not None else ()
    kinds = (item_type(create, media) for media in contents)
    return any(
        member in kind.keyword("required", []) and kind.member(member).keyword("readOnly") is not True for kind in kinds
    )


def _only_key(resource: Resource) -> str:
    """The member that alone is the key of an item, or nothing."""
    fields = key_fields(resource)
    return next(iter(fields)) if len(fields) == 1 else ""


def filters_of(operation: Operation) -> Iterator[tuple[str, ParameterKey]]:
    """The members by which a list can be filtered, and the parameters."""
    for member, source in operation.listing.where.items() if operation.listing else ():
        place = (source.source, source.name)
        if place in operation.parameters and not is_guessed(operation.grounds, f"where.{member}"):
            yield member, place


def bounds_of(operation: Operation) -> Iterator[tuple[str, ParameterKey, bool]]:
    """The members that a parameter of a list bounds, the parameter, and whether it is the lower bound."""
    for how, fields in operation.listing.compare.items() if operation.listing else ():
        for member, source in fields.items() if how in _BOUNDS else ():
            place = (source.source, source.name)
            if place in operation.parameters and not is_guessed(operation.grounds, f"compare.{how}.{member}"):
                yield member, place, _BOUNDS[how]


def has_order(operation: Operation) -> bool:
    """Whether the document states the order of a list, or shows by which members it can be sorted."""
    is_newest_first = operation.listing is not None and operation.listing.is_newest_first
    return is_newest_first or sorts_as_told(operation) or bool(orders_of(operation) or directions_by_age(operation))


def sorts_as_told(operation: Operation) -> bool:
    """Whether a description says that `MEMBER,asc` and `MEMBER,desc` sort a list, though not by which members."""
    return operation.grounds.get(SORTED_AS_TOLD) is Ground.STATED


def search_of(operation: Operation) -> ParameterKey | None:
    """The parameter that searches a list for a text, if the document shows it."""
    search = operation.listing.search if operation.listing else None
    place = (search.source, search.name) if search is not None else None
    return place if place in operation.parameters and not is_guessed(operation.grounds, "search") else None


def orders_of(operation: Operation) -> dict[str, list[SortChoice]]:
    """The choices of the parameter that sorts a list, by the members that they name, with or without a direction."""
    sort = operation.listing.sort if operation.listing else None
    parameter = operation.parameters.get((sort.source, sort.name)) if sort is not None else None
    found: dict[str, list[SortChoice]] = {}
    if sort is None or parameter is None or is_guessed(operation.grounds, "sort"):
        return found
    is_list = "array" in (parameter.value_type.types or ())
    choices = (parameter.value_type.item() if is_list else parameter.value_type).keyword("enum", ())
    for text in map(str, choices):
        member, direction = order_of(text)
        said = "" if text.startswith(_SIGNS) else direction
        place, value = (sort.source, sort.name), [text] if is_list else text
        found.setdefault(member, []).append(SortChoice(place, text, value, said))
    return found


def directions_by_age(operation: Operation) -> list[SortChoice]:
    """The choices of a parameter that sorts a list by the creation of items alone, as its text says."""
    found = directions_of(operation) if operation.grounds.get(ORDERED_BY_AGE) is Ground.STATED else None
    if found is None:
        return []
    place, written = found
    return [SortChoice(place, written[one], written[one], one) for one in ("asc", "desc")]


def directions_of(operation: Operation) -> tuple[ParameterKey, Mapping[str, str]] | None:
    """The parameter with the choices `asc` and `desc` for the direction of an order, and how each is written."""
    order = operation.listing.order if operation.listing else None
    parameter = operation.parameters.get((order.source, order.name)) if order is not None else None
    if order is None or parameter is None or is_guessed(operation.grounds, "order"):
        return None
    written = {str(value).lower(): str(value) for value in parameter.value_type.keyword("enum", ())}
    return ((order.source, order.name), written) if {"asc", "desc"} <= written.keys() else None


def words_out_of_sight(item: Mapping[str, Any]) -> set[str]:
    """The words for an item that lists may leave out, such as `archived` or `draft`, by its flags and states."""
    flags = (name for name, value in item.items() if value is True)
    states = (value for name, value in item.items() if is_state(name) and isinstance(value, str))
    return {normalised(singular(one)).removeprefix("is") for one in (*flags, *states) if is_out_of_sight(one)}


def asked_for(operation: Operation, words: set[str]) -> tuple[ParameterKey, ...]:
    """The flags among the parameters of a list that ask for what it may leave out, such as `include_archived`."""
    flags = (key for key, one in operation.parameters.items() if "boolean" in (one.value_type.types or ()))
    return tuple((place, name) for place, name in flags if place == "query" and asked_for_too(name) in words)


def limit_of(operation: Operation) -> ParameterKey | None:
    """The parameter that limits the items of a page, if the document shows it."""
    limit = operation.listing.page.limit if operation.listing else None
    if limit is None or is_guessed(operation.grounds, "page.limit"):
        return None
    return limit.source, limit.name


def count_parameter(operation: Operation) -> ParameterKey | None:
    """The parameter that asks a list to count its items too (OData 4.01 protocol, section 11.2.6.5), or None."""
    parameter = operation.parameters.get(_COUNT)
    return _COUNT if parameter is not None and "boolean" in (parameter.value_type.types or ()) else None


def idempotency_header(operation: Operation) -> ParameterKey | None:
    """The header parameter that makes a request safe to repeat, such as Idempotency-Key, or None.

    Its name is that of draft-ietf-httpapi-idempotency-key-header, or a variant such as X-Idempotency-Key.
    """
    headers = (place for place in operation.parameters if place[0] == "header")
    return next((place for place in headers if "idempoten" in place[1]), None)


def download_of(contract: Contract, operation: Operation) -> Operation | None:
    """The operation that answers with the file that another one takes, or None.

    It is a GET on the path of a PUT, or of a form with one file, of the same type; or a download of the same item: of
    one that is made by such a form, or beside an upload at a path that says so, as `/upload` and `/download`.
    """
    if operation.body is None or operation.method not in {"PUT", "POST"}:
        return None
    taken = {essence(name) for name in operation.body.content if is_raw(name)}
    in_forms = {essence(file_type(media)) for media in operation.body.content.values() if file_member(media)}
    if same := _raw_at(contract, operation.path, in_forms | (taken if operation.method == "PUT" else set())):
        return same
    resource = _resource_of_file(operation) if not taken else _resource_of_upload(operation)
    found = [one for one in contract.operations if resource and _is_download(one, resource)]
    return found[0] if len(found) == 1 else None


def _raw_at(contract: Contract, path: str, types: set[str]) -> Operation | None:
    """The operation that reads a body of one of some media types at a path, or None."""
    gets = (one for one in contract.operations if one.method == "GET" and one.path == path)
    return next((one for one in gets if types & _types_of_success(one)), None)


def _resource_of_file(operation: Operation) -> str:
    """The resource of which an operation makes an item of a form with one file; else nothing."""
    action = operation.steps[0].action if operation.steps else None
    content = operation.body.content.values() if operation.body is not None else ()
    is_of_file = isinstance(action, Create) and not action.each and any(file_member(media) for media in content)
    return action.resource if isinstance(action, Create) and is_of_file else ""


def _resource_of_upload(operation: Operation) -> str:
    """The resource of the item that a file is uploaded to, at a path below it that says so; else nothing."""
    select, (above, _, word) = operation.selector, operation.path.rpartition("/")
    is_below = select is not None and above.endswith(f"{{{select.by.name}}}")
    return select.resource if select is not None and is_below and normalised(word) in _UPLOADS else ""


def _is_download(operation: Operation, resource: str) -> bool:
    """Whether an operation answers with the whole file of an item, by a path below it that says so."""
    word = normalised(operation.path.rpartition("/")[2])
    select = operation.selector if operation.method == "GET" and word in _DOWNLOADS else None
    is_raw_file = any(is_raw(name) for name in _types_of_success(operation))
    return select is not None and select.resource == resource and is_raw_file


def _types_of_success(operation: Operation) -> set[str]:
    status = success_status(operation.responses)
    return {essence(name) for name in operation.responses[status].content} if status else set()


def touched_by(contract: Contract, operation: Operation, roles: Roles | None) -> frozenset[str] | None:
    """The resources whose items a story about an operation may create, change or delete; None if that is not known."""
    if roles is not None:
        return with_parents(contract, roles.resource)
    above = enclosing(contract, operation)
    if above is not None and above.selector is not None and operation.method in SAFE:
        return with_parents(contract, above.selector.resource)
    return frozenset() if operation.method in SAFE else None


def with_parents(contract: Contract, resource: str) -> frozenset[str]:
    """A resource, and those whose items have to be there for one of its own."""
    found: set[str] = set()
    while resource and resource not in found:
        found.add(resource)
        parent = contract.resources[resource].parent
        resource = parent.resource if parent is not None else ""
    return frozenset(found)


def watched_by(contract: Contract, operation: Operation, roles: Roles | None, is_about_lists: bool) -> frozenset[str]:
    """The resources that nothing else may touch during a story about an operation.

    One is a resource whose list the story looks through, for its clause or because no operation reads an item. Another
    is the only item of its kind, which no story has for itself.
    """
    if roles is None:
        return frozenset()
    resource = contract.resources[roles.resource]
    is_shared = resource.is_single and resource.parent is None and operation.method not in SAFE
    looks_through = is_about_lists or (roles.read is None and roles.list is not None)
    return frozenset({roles.resource}) if is_shared or looks_through else frozenset()


def does_something(operation: Operation) -> bool:
    """Whether the effect or the result of an operation is known, beyond the existence of its item.

    The answer to an action does not show its effect.
    """
    shows = operation.success.body is not None and operation.method == "GET"
    return bool(operation.steps) or operation.listing is not None or shows


Path = tuple[str | int, ...]


def place_of(template: Any, wanted: str, path: Path = ()) -> Path | None:
    """The path to a placeholder such as `$item` in a template, or None."""
    if template == wanted:
        return path
    parts: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(template, Mapping):
        parts = iter(template.items())
    elif isinstance(template, list):
        parts = iter(enumerate(template))
    return next((found for name, part in parts if (found := place_of(part, wanted, (*path, name))) is not None), None)


def item_in(operation: Operation, value: Any) -> dict[str, Any]:
    """The item in a body, or an empty object."""
    found = part_of(operation, value, "$item")
    return found if isinstance(found, dict) else {}


def shown_members(contract: Contract, operation: Operation) -> Mapping[str, SchemaView]:
    """The members of an item that the schema of a success describes; empty if it describes none."""
    view = _shown_item(contract, operation)
    return view.members if view is not None else {}


def unasked_members(contract: Contract, operation: Operation) -> frozenset[str]:
    """The members of an item that a success need not show, since a parameter that selects members is left out.

    Its default says which it shows, as a list or by the name of a view.
    """
    view = _shown_item(contract, operation)
    selections = [
        one.default
        for one in operation.parameters.values()
        if one.location == "query" and one.default is not ABSENT and selects_members(one.name)
    ]
    if view is None or not selections:
        return frozenset()
    asked = {name for default in selections if isinstance(default, list) for name in default}
    return frozenset(view.members.keys() - view.required - asked)


def _shown_item(contract: Contract, operation: Operation) -> SchemaView | None:
    """The schema of the item that a success shows, or None."""
    path, status = place_of(operation.success.body, "$item"), success_status(operation.responses)
    pointer = operation.responses[status].default_representation.schema_pointer if status else ()
    if path is None or not pointer:
        return None
    view: SchemaView | None = SchemaView(contract.document.data, pointer)
    for name in path:
        view = view.members.get(str(name)) if view is not None else None
    return view


def fits_with_item(operation: Operation, answer: Any, item: Mapping[str, Any]) -> bool:
    """Whether an answer fits the schema of the operation's success with an item in the place of its own."""
    path, status = place_of(operation.success.body, "$item"), success_status(operation.responses)
    schema = operation.responses[status].schema if status else None
    if path is None or schema is None:
        return True
    return schema.accepts(with_value_at(answer, path, dict(item)) if path else item)


def write_only_members(roles: Roles) -> frozenset[str]:
    """The members of an item that the schema of any of its requests marks `writeOnly`."""
    writes = (one for one in (roles.create, *roles.changes) if one is not None and one.body is not None)
    kinds = (item_type(one, media) for one in writes if one.body for media in one.body.content.values())
    return frozenset(name for kind in kinds for name in kind.marked_members(WRITE_ONLY))


def part_of(operation: Operation, value: Any, wanted: str) -> Any:
    """The value in a body at a placeholder of the template, or None."""
    path = place_of(operation.success.body, wanted)
    return None if path is None or value is ABSENT else find(value, path, None)
