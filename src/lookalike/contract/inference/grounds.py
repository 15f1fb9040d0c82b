"""The grounds of what was inferred: which facts paths, schemas and examples show, and which are guessed from names.

The line is drawn where a server that keeps the document could still do otherwise. A path template and a schema bind a
server; that `limit` bounds a list, or that a POST on an item changes it, is usual and no more.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.expressions import is_expression
from lookalike.contract.grounds import (
    CASCADE,
    EFFECT,
    EXAMPLES,
    KEY,
    ORDERED_BY_AGE,
    PARENT,
    SCHEMA,
    SORTED_AS_TOLD,
    TAKEN,
    TOTAL,
    UNKNOWN_PARENT,
    Ground,
    Grounds,
)
from lookalike.contract.inference.descriptions import first_page, names_key, states, states_order, states_order_by_age
from lookalike.contract.inference.envelopes import list_item_schemas
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.resources.resource_guess import ResourceGuess
from lookalike.contract.inference.sketches import SKETCHES
from lookalike.contract.routing import plain_path
from lookalike.json_values import find
from lookalike.naming.keys import KEY_ENDINGS
from lookalike.naming.lists import OTHER_PAGES, order_of
from lookalike.naming.members import is_holder, is_out_of_sight
from lookalike.naming.words import normalised, words_of
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView, is_key_of_shown

_NOT_FOUND = frozenset({"404", "410", "4XX"})
MERGE_PATCH = "application/merge-patch+json"
_COUNTERS = frozenset(
    {"$total", "$pages", "$page", "$limit", "$offset", "$more", "$earlier", "$next", *OTHER_PAGES.values()}
)

# OData says itself what its query options mean (OData 4.01 protocol, sections 11.2.6.3 and 11.2.6.4).
_STANDARD_PAGING: Mapping[str, str] = {"$request.query.$top": "limit", "$request.query.$skip": "offset"}
_STANDARD_COUNT = "@odata.count"  # of all items that are asked for, without regard to the page (section 11.2.6.5)


def grounds_of_operation(on: ResourceOperation, extension: Extension) -> Grounds:
    """The ground of each fact that a rule inferred for an operation."""
    is_guess = (
        _is_told_in_prose(on, extension)
        or on.comes_and_goes
        or _is_guessed_membership(on, extension)
        or (on.operation.method == "post" and on.comes_by_change)
        or _takes_query(extension)
        or _changes_list(extension)
        or _is_about_many(extension)
        or _makes_unshown(on, extension)
        or any("is" in step for step in extension.get("apply", ()))  # actions by their name in the body
    )
    return _grounds(on, extension, Ground.GUESSED if is_guess else _effect(on))


def grounds_of_call(on: ResourceOperation, extension: Extension) -> Grounds:
    """The ground of each fact about a procedure, whose verb and schemas show what it does."""
    return _grounds(on, extension, Ground.SHOWN)


def _grounds(on: ResourceOperation, extension: Extension, effect: Ground) -> Grounds:
    facts = {EFFECT: effect}
    if "list" in extension:
        facts |= dict(_of_list(on, extension))
    for step in extension.get("apply", ()):
        for name, options in step.items():
            facts |= dict(_of_step(on, name, options))
    return facts


def grounds_of_resource(resource: ResourceGuess) -> Grounds:
    """The ground of each fact about a resource: its key, its schema, its parent, and the items at the start."""
    members = resource.schema.members
    facts = {SCHEMA: _guess_unless(resource.schema.pointer[:1] != (SKETCHES,))}
    if not resource.is_single:
        facts[KEY] = resource.key_ground
    if resource.parent_fields:
        facts[PARENT] = _guess_unless(not any(field in members for field in resource.parent_fields))
    if resource.examples:
        facts[EXAMPLES] = Ground.GUESSED  # an example is not an item that a server must have
    return facts


def _is_told_in_prose(on: ResourceOperation, extension: Extension) -> bool:
    """Whether only a description gives a method another effect than its own, and may mean less than it seems to say.

    Such are a PUT that merges or adds, and a DELETE that cancels.
    """
    actions = {name for step in extension.get("apply", ()) for name in step}
    if on.operation.method == "delete":
        return not actions & {"delete", "clear"}
    return on.operation.method == "put" and ("merge" in actions or (on.resource.is_single and _adds(on)))


def _takes_query(extension: Extension) -> bool:
    """Whether a new item gets members from the query, of which only their names tell."""
    steps = extension.get("apply", ())
    return any("create" in step for step in steps) and any("set" in step for step in steps)


def _changes_list(extension: Extension) -> bool:
    """Whether an operation adds to a list or takes from it, as members such as `add_events` say by their names."""
    return any(word in step for step in extension.get("apply", ()) for word in ("union", "subtract"))


def _is_about_many(extension: Extension) -> bool:
    """Whether several items are changed, or a number is told that counts those with which something was done.

    Of both only names tell.
    """
    is_change = any("change" in step for step in extension.get("apply", ()))
    counts = "list" not in extension and "$total" in _places(extension.get("answer", {}).get("body"))
    return is_change or counts


def _makes_unshown(on: ResourceOperation, extension: Extension) -> bool:
    """Whether items are made of a list of which only the name tells that, since the answer shows none of them."""
    named = on.list_named_in_body()
    lists = [step["create"].get("each") for step in extension.get("apply", ()) if "create" in step]
    return named is not None and named[0] in lists and "body" not in extension.get("answer", {})


def _is_guessed_membership(on: ResourceOperation, extension: Extension) -> bool:
    """Whether nothing but the DELETE beside it tells that a PUT without a body makes something."""
    is_told = on.creates_by_name or "201" in on.operation.statuses
    return on.operation.method == "put" and "apply" not in extension and on.is_membership and not is_told


def _effect(on: ResourceOperation) -> Ground:
    operation, collection = on.operation, on.collection
    is_elsewhere = plain_path(operation.path) not in (collection.path, collection.item_path)
    # One template in two spellings names two members, and either may be another thing's key.
    has_other_key = bool(collection.item_path) and collection.key_parameter != on.resource.home.key_parameter
    is_unsaid = operation.success_is_unsaid or operation.creates_unsaid or operation.answers_any_json
    if collection.view or collection.has_verb or is_elsewhere or has_other_key or is_unsaid:
        # A view may leave parts of the item as they are; a list is found below the collection; or it is an action;
        # or the document says but how the operation fails.
        return Ground.GUESSED
    is_on_item = plain_path(operation.path) == collection.item_path or on.resource.is_single
    if collection.is_paired_by_name and not is_on_item:
        return Ground.GUESSED
    if operation.method == "post":
        return _guess_unless(_is_change_by_schema(on) if is_on_item else _is_creation(on))
    if is_on_item:
        return Ground.SHOWN  # RFC 9110 section 9.3 and RFC 5789 say what the methods do to an item
    if operation.method in ("get", "query"):
        # Where fewer parents are named than items have, those may be listed that concern the user, rather than all.
        is_of_all = len(collection.parent_parameters) < len(on.resource.home.parent_parameters)
        return (
            Ground.GUESSED
            if is_of_all or _lists_keys(on)
            else _guess_unless(collection is on.resource.home or lists_items(on))
        )
    is_deletion = operation.method == "delete" and bool(on.key_in_query)
    return _guess_unless(is_deletion or _has_schema_of_item(on))


_ADDS = re.compile(r"(?:^|[.\n])\s*(?:adds?|appends?)\b", re.IGNORECASE)


def _adds(on: ResourceOperation) -> bool:
    """Whether the text of a PUT says that it adds to what is there, which takes the place of RFC 9110 section 9.3.4."""
    return _ADDS.search(on.operation.text) is not None


def _is_change_by_schema(on: ResourceOperation) -> bool:
    """Whether a POST on an item takes nothing but members of it, and shows the item itself and no new one.

    RFC 9110 section 9.3.3 leaves open what a POST does; a body with other members may be the input of an action.
    """
    body, shown, item = on.changes_in_body(), on.operation.success_schema, on.resource.schema
    if body is None or not body[1].members or shown is None or "201" in on.operation.statuses:
        return False
    shows_item = any(_is_alike(one, item) for one in (shown, *shown.members.values()))
    return shows_item and body[1].members.keys() <= item.members.keys()


def _is_creation(on: ResourceOperation) -> bool:
    """Whether a POST on a collection creates: its items have paths, a 201 is documented, or it takes a whole item."""
    return bool(on.collection.item_path) or "201" in on.operation.statuses or _has_schema_of_item(on)


def _has_schema_of_item(on: ResourceOperation) -> bool:
    """Whether the body has the item's members, all but those that the server sets."""
    body, item = on.item_in_body() or on.list_in_body(), on.resource.schema
    if body is None or not body[1].members:
        return False
    unsent = {name for name, member in item.members.items() if member.is_marked("readOnly") or name == on.resource.key}
    return item.members.keys() - unsent <= body[1].members.keys() <= item.members.keys()


def _is_alike(schema: SchemaView, item: SchemaView) -> bool:
    """Whether a schema is the item's, or is written with the same members."""
    return schema.pointer == item.pointer or (bool(item.members) and schema.members.keys() == item.members.keys())


def lists_items(on: ResourceOperation) -> bool:
    """Whether an operation shows a list of what has the schema of the item."""
    schemas = list_item_schemas(on.operation.success_schema)
    return any(_is_alike(schema, on.resource.schema) for schema in schemas)


def _lists_keys(on: ResourceOperation) -> bool:
    """Whether a list shows the keys of what its items show, or the other way round: either may be another member."""
    item = on.resource.schema.members
    listed = (one.members for one in list_item_schemas(on.operation.success_schema))
    return any(name in item and is_key_of_shown(view, item[name]) for one in listed for name, view in one.items())


def _of_list(on: ResourceOperation, extension: Extension) -> Iterator[tuple[str, Ground]]:
    operation, listing = on.operation, extension["list"]
    if "select" in extension:  # many servers answer with an empty list for a parent that there is not
        yield UNKNOWN_PARENT, _guess_unless(bool(_NOT_FOUND & {status.upper() for status in operation.statuses}))
    for member, expression in listing.get("where", {}).items():
        if not is_expression(expression):  # the state that a path is named after
            yield f"where.{member}", Ground.GUESSED
            continue
        parameter, member_schema = _parameter(operation, expression), on.resource.schema.members.get(member)
        if parameter is not None and parameter.members:  # the members of an object, whose names alone are the same
            yield f"where.{member}", Ground.GUESSED
            continue
        # A list of keys under a name of its own is a guess, whatever its format.
        are_keys = member == on.resource.key and parameter is not None and "array" in parameter.types
        is_shown = member_schema is not None and not are_keys and _has_values_of(parameter, member_schema)
        is_of_flag = member_schema is not None and member_schema.is_flag
        is_flag = parameter is not None and parameter.is_flag
        is_unsaid = not _text(operation, expression)  # of a flag: `dnssec` may say whether such members are shown
        is_shown = is_shown or (is_flag and is_of_flag and is_unsaid and not is_out_of_sight(member))
        is_shown = is_shown or _names_other(member, parameter, member_schema)
        is_text = parameter is not None and parameter.types == {"string"} and not parameter.keyword("enum")
        is_stated = states("where", _text(operation, expression)) and not (is_of_flag and is_text)
        yield f"where.{member}", _ground(is_shown, is_stated)
    for how, fields in listing.get("compare", {}).items():
        for member, expression in fields.items():
            is_stated = states(_BOUNDS.get(how, ""), _text(operation, expression))
            yield f"compare.{how}.{member}", _ground(is_shown=False, is_stated=is_stated)
    if "search" in listing:
        text = _text(operation, listing["search"])
        is_search = _is_search(operation, listing["search"])
        yield "search", _ground(is_search and not text, is_search and states("search", text))
    yield from _of_order(on, listing)
    body = extension.get("answer", {}).get("body")
    for keyword, expression in listing.get("page", {}).items():
        if isinstance(expression, str):
            is_described = _parameter(operation, expression) is not None or operation.method != "get"
            is_echoed = _is_echoed(operation, expression) or (keyword == "cursor" and _is_next(expression, body))
            is_known = _is_value_known(keyword, on, expression, body)
            is_shown = (is_described and is_echoed) or (is_known and _is_paired(operation, keyword, listing["page"]))
            is_stated = states(f"page.{keyword}", _text(operation, expression))
            is_standard = _STANDARD_PAGING.get(expression) == keyword
            yield f"page.{keyword}", _ground(is_shown, is_standard or (is_stated and is_known))
    headers = [name for name, place in extension.get("answer", {}).get("headers", {}).items() if place == "$total"]
    if _COUNTERS & set(_places(body)) or headers:
        # What a header field counts says nothing about a number in the body.
        in_body = _place_of(body, "$total") is not None
        texts = [_text_of_total(operation, body)] if in_body else [_text_of_header(operation, name) for name in headers]
        is_of_all = _is_total_shown(operation, body) or _place_of(body, "$pages") is not None
        is_of_all = is_of_all or (not any(texts) and _is_total_named(operation, body, headers))
        is_standard = _place_of(body, "$total") == (_STANDARD_COUNT,)
        yield TOTAL, _ground(is_of_all, is_standard or any(states(TOTAL, text) for text in texts))


def _of_order(on: ResourceOperation, listing: Mapping[str, Any]) -> Iterator[tuple[str, Ground]]:
    shows, operation = {"sort": _names_members, "order": _names_directions}, on.operation
    for keyword in ("criteria", "selectors", "sort", "order"):
        if keyword in listing:
            yield keyword, _guess_unless(keyword in shows and shows[keyword](operation, listing[keyword], on))
    if states_order(_text(operation, listing.get("sort", ""))):
        yield SORTED_AS_TOLD, Ground.STATED
    if "order" in listing and "sort" not in listing:
        told = _text(operation, listing["order"]) or operation.text
        if _names_directions(operation, listing["order"], on) and states_order_by_age(told):
            yield ORDERED_BY_AGE, Ground.STATED


_BOUNDS: Mapping[str, str] = {"at-least": "at-least", "above": "at-least", "at-most": "at-most", "below": "at-most"}
"""The facts that descriptions state of comparisons, by the name of the comparison."""


def _of_step(on: ResourceOperation, name: str, options: Mapping[str, Any]) -> Iterator[tuple[str, Ground]]:
    if name == "create" and "taken" in options:
        yield TAKEN, _guess_unless(options["taken"] == "409")
    if name == "replace" and "keeps" in options:
        yield "keeps", Ground.GUESSED
    if name == "merge":
        yield "null", _guess_unless(MERGE_PATCH in on.operation.media_types)
    if name == "delete" and on.resource.home.item_path:
        yield CASCADE, Ground.GUESSED
    if name == "set" and str(options["fields"].get(on.resource.key, "")).endswith(f"/{on.resource.key}"):
        yield "rename", Ground.GUESSED  # many servers refuse or ignore the key in a body; `new_name` is plain


def _guess_unless(is_shown: bool) -> Ground:
    return Ground.SHOWN if is_shown else Ground.GUESSED


def _ground(is_shown: bool, is_stated: bool) -> Ground:
    return Ground.STATED if is_stated else _guess_unless(is_shown)


def _text(operation: RawOperation, expression: str) -> str:
    """The description of the query parameter that an expression reads."""
    return operation.parameter_text("query", expression.removeprefix("$request.query."))


# Of two numbers, one for the size of a page and one for its place, each says what the other means: `skip` and `limit`.
_PAIRED = frozenset({"limit", "offset", "number"})


def _is_paired(operation: RawOperation, keyword: str, page: Mapping[str, Any]) -> bool:
    """Whether a list has an integer parameter for the size of a page and another one for its place."""
    pair = page.keys() & _PAIRED
    parameters = [_parameter(operation, page[one]) for one in pair]
    return (
        keyword in pair
        and "limit" in pair
        and len(pair) > 1
        and all(one is not None and one.types - {"null"} == {"integer"} for one in parameters)
    )


def _is_value_known(keyword: str, on: ResourceOperation, expression: str, body: Any) -> bool:
    """Whether it is known which value of a parameter asks for the second page, where that is more than a count."""
    if keyword == "number":
        return _has_known_start(on.operation, expression)
    if keyword == "cursor" and _place_of(body, "$next") is None:  # it is the key of the last item, if that is said
        return names_key(_text(on.operation, expression), on.resource.key)
    return True


def _has_known_start(operation: RawOperation, expression: str) -> bool:
    """Whether the number of the first page is known: by a default, the least number, or the description."""
    schema = _parameter(operation, expression)
    numbers = (schema.keyword("default"), schema.keyword("minimum")) if schema is not None else ()
    return 0 in numbers or 1 in numbers or first_page(_text(operation, expression)) is not None


def _parameter(operation: RawOperation, expression: str) -> SchemaView | None:
    """The schema of the query parameter that an expression reads."""
    name = expression.removeprefix("$request.query.")
    return operation.query_parameters[name][0] if name in operation.query_parameters else None


def _has_values_of(parameter: SchemaView | None, member: SchemaView) -> bool:
    """Whether a parameter takes just the values that a member has: the same schema, choices or format."""
    value = member.items if "array" in member.types and member.items else member
    if parameter is None:
        return False
    parameter = parameter.items if "array" in parameter.types and parameter.items else parameter
    if parameter.pointer == value.pointer:
        return True
    return any(
        parameter.keyword(keyword) is not None and parameter.keyword(keyword) == value.keyword(keyword)
        for keyword in ("enum", "format", "pattern")
    )


def _is_search(operation: RawOperation, expression: str) -> bool:
    """Whether a parameter takes any text and has no other name than one for searches: a `query` has many languages."""
    parameter, name = _parameter(operation, expression), normalised(expression.removeprefix("$request.query."))
    is_text = parameter is not None and parameter.types - {"null"} == {"string"}
    is_free = parameter is not None and all(parameter.keyword(rule) is None for rule in ("enum", "format", "pattern"))
    return is_text and is_free and name != "query"


def _names_other(member: str, parameter: SchemaView | None, schema: SchemaView | None) -> bool:
    """Whether a parameter takes the key of another item that a member of its name holds, as `book_id`."""
    words = words_of(member)
    is_key = len(words) > 1 and words[-1] in KEY_ENDINGS
    types = [one.types - {"null"} if one is not None else frozenset() for one in (parameter, schema)]
    return is_key and bool(types[0]) and types[0] == types[1]


def _names_members(operation: RawOperation, expression: str, on: ResourceOperation) -> bool:
    """Whether the choices of a parameter are names of members, with or without a direction."""
    item = on.resource.schema.members
    held = (name for holder, one in item.items() if is_holder(holder) for name in one.members)
    choices, members = _choices(operation, expression), {normalised(name) for name in (*item, *held)}
    return bool(choices) and all(normalised(order_of(one, members)[0]) in members for one in choices)


def _names_directions(operation: RawOperation, expression: str, on: ResourceOperation) -> bool:
    """Whether a parameter has the choices `asc` and `desc`."""
    return {"asc", "desc"} <= {one.lower() for one in _choices(operation, expression)}


def _choices(operation: RawOperation, expression: str) -> list[str]:
    """The choices of the query parameter that an expression reads, or of the elements of its list, as text."""
    schema = _parameter(operation, expression)
    choices: Any = (schema.items or schema).keyword("enum") if schema is not None else None
    return [*map(str, choices)] if isinstance(choices, list) else []


def _is_echoed(operation: RawOperation, expression: str) -> bool:
    """Whether the response has a number of the same name as a parameter beside the list, which it so explains."""
    name, schema = normalised(expression.removeprefix("$request.query.")), operation.success_schema
    levels = [schema, *schema.members.values()] if schema is not None else []
    return any(
        normalised(member) == name and bool(one.types & NUMBER_TYPES)
        for level in levels
        for member, one in level.members.items()
    )


def _is_next(expression: str, body: Any) -> bool:
    """Whether the member for the next page is named after a parameter, as `nextCursor` after `cursor`."""
    member = (_place_of(body, "$next") or ("",))[-1]
    return normalised(member).endswith(normalised(expression.removeprefix("$request.query.")))


def _is_total_shown(operation: RawOperation, body: Any) -> bool:
    """Whether an example counts more items than it lists, so that the number is none of the items on the page."""
    total, items = _place_of(body, "$total"), _place_of(body, "$items")
    if total is None or items is None:
        return False
    for example in operation.response_examples(operation.success_status):
        count, shown = find(example, total, None), find(example, items, None)
        if isinstance(count, int) and isinstance(shown, list) and count > len(shown):
            return True
    return False


def _is_total_named(operation: RawOperation, body: Any, headers: list[str]) -> bool:
    """Whether a number is called a total, or is the `count` beside links to the pages on both sides.

    A `count` alone may be that of the page.
    """
    place, schema = _place_of(body, "$total"), operation.success_schema
    if not place:
        return any("total" in normalised(name) for name in headers)
    around = schema.inside(place[:-1]) if schema is not None else None
    beside = {normalised(name) for name in around.members} if around is not None else set()
    return "total" in normalised(place[-1]) or beside >= {"count", "next", "previous"}


def _text_of_total(operation: RawOperation, body: Any) -> str:
    """The description of the number beside a list."""
    place, schema = _place_of(body, "$total"), operation.success_schema
    member = schema.inside(place) if place is not None and schema is not None else None
    return str(member.keyword("description") or "") if member is not None else ""


def _text_of_header(operation: RawOperation, name: str) -> str:
    return operation.response_header_text(operation.success_status, name)


def _places(template: Any) -> Iterator[str]:
    if isinstance(template, Mapping):
        for part in template.values():
            yield from _places(part)
    elif isinstance(template, str):
        yield template


def _place_of(template: Any, wanted: str, path: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    if template == wanted:
        return path
    parts = template.items() if isinstance(template, Mapping) else ()
    return next((found for name, part in parts if (found := _place_of(part, wanted, (*path, name))) is not None), None)
