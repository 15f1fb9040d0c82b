"""The effects of query parameters on a list, by their names: to filter, search, sort, or select a page.

The evidence is names alone, so nothing here accuses a server. The members of the body of a QUERY (OpenAPI 3.2) count as
query parameters.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from lookalike.contract.expressions import body_expression
from lookalike.contract.inference.descriptions import first_page
from lookalike.contract.inference.envelopes import counter_place
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resource_operation import Extension
from lookalike.json_values import format_pointer
from lookalike.naming.keys import handle_member, identifying_members
from lookalike.naming.lists import (
    BEFORE,
    CURSOR,
    DIRECTIONS,
    EQUALS,
    LIMIT,
    NEXT_PAGE,
    OFFSET,
    ORDER,
    PAGE,
    SEARCH,
    SORT,
    comparison_of,
    comparisons_in,
    is_condition,
)
from lookalike.naming.members import is_holder, is_owner, is_time_of_change, is_time_of_creation
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView

_NAMES: Mapping[str, frozenset[str]] = {
    "limit": LIMIT,
    "offset": OFFSET,
    "number": PAGE,
    "cursor": CURSOR,
    "before": BEFORE,
    "sort": SORT,
    "order": ORDER,
    "search": SEARCH,
}
"""The names of the parameters behind each keyword of `list` and of its `page`."""

_NEWEST_FIRST = re.compile(
    r"(?:most recent|newest|latest|recently created)\b[^.]{0,60}\bfirst\b|reverse chronological order",
    re.IGNORECASE,
)
_SIMPLE_SEARCH = "q"  # a `search` beside it takes conditions
_PLACES_OF_PAGES = frozenset({"offset", "number", "cursor", "before"})
_PAGE_KEYWORDS = _PLACES_OF_PAGES | {"limit"}
_FILTERS = frozenset({"filter", "filters", "where", "criteria", "query"})  # objects whose members are compared
_CONDITIONS_IN_WORDS = frozenset({"filter", "where", "criteria", "condition", "conditions"})
_DEEPEST_FILTER = 5  # members inside of each other: schemas may refer to themselves
_DATE_FORMATS = ("date", "date-time")
# The keywords of `list` that choose which items it has.
CHOOSING = frozenset({"where", "compare", "criteria", "search", "selectors"})
_KEYS = "ids"
_WITH_COMMAS = re.compile(r"\bcomma[- ](?:separated|delimited)\b|\bseparated by commas\b", re.IGNORECASE)
_FILTER = re.compile(r"^filter\[([^\]]+)\]$")  # `filter[status]`, as JSON:API recommends


def listing_keywords(operation: RawOperation, item: SchemaView, key: str = "") -> Extension:
    """The `where`, `compare`, `criteria`, `search`, `selectors`, `sort`, `order` and `page` of a list.

    A parameter with the name of a member, or of the singular of a list's name, filters by that member. So does one with
    the names of a member and of one inside of it (`guestEmail`), or of a member and a comparison (`price__gte`). `ids`
    are values of the `key`, whatever its name.
    `count` or `size` beside `offset` or `page` is that of a page, also where the items have such a member.
    """
    where: Extension = {}
    page: Extension = {}
    others: Extension = {}
    selectors: Extension = {}
    compare: Extension = {}
    fields = _FilterableFields(item, key)
    parameters = [*_parameters(operation)]
    names = [_FILTER.sub(r"\1", name) for name, _, _ in parameters]
    keywords = [
        _keyword_of(normalised(name), schema, operation) for name, (_, _, schema) in zip(names, parameters, strict=True)
    ]
    has_pages = not _PLACES_OF_PAGES.isdisjoint(keywords)
    for (name, expression, schema), bare_name, keyword in zip(parameters, names, keywords, strict=True):
        plain_name = normalised(bare_name)
        is_size = keyword == "limit" and keywords.count(keyword) == 1 and has_pages and "integer" in schema.types
        if not is_size and (field := fields.direct(plain_name)) and _names_value(schema, item.members[field]):
            where[field] = expression
        elif field := fields.whole(plain_name, schema) or (
            fields.any_of(bare_name, schema) if _lists_values(operation, name, bare_name, schema) else ""
        ):
            where.setdefault(field, expression)
        elif plain_name in _SELECTORS:
            place = _SELECTORS[plain_name](item)
            if place is not None:
                selectors.setdefault(place, expression)
        elif keyword in _PAGE_KEYWORDS and not _is_inside(expression):
            page.setdefault(keyword, expression)
            page |= _told_of_pages(operation, name, keyword, schema, item.members.get(key))
        elif keyword is not None:
            others[keyword] = expression if plain_name == _SIMPLE_SEARCH else others.get(keyword, expression)
        elif condition := fields.condition(bare_name, plain_name, schema, operation.parameter_text("query", name)):
            how, field = condition
            bounds = where if how == EQUALS else compare.setdefault(how, {})
            is_second = field in bounds and not field.startswith("/")  # `level__in` beside `level`
            bounds.setdefault(format_pointer((field,)) if is_second else field, expression)
    if operation.method == "get":
        page = page or _told_by_envelope(operation)
    if _NEWEST_FIRST.search(f"{operation.text} {operation.text_of_status(operation.success_status)}"):
        others["newest-first"] = True
    if selectors:
        others["selectors"] = selectors
    if compare:
        others["compare"] = compare
    return {**({"where": where} if where else {}), **others, **({"page": page} if page else {})}


def _is_inside(expression: str) -> bool:
    """Whether an expression reads a member of a filter, whose `start` is that of a time and none of a page."""
    return expression.removeprefix(body_expression()).count("/") > 1


def _lists_values(operation: RawOperation, name: str, bare_name: str, schema: SchemaView) -> bool:
    """Whether a parameter takes several values: as an array, or as a text in which commas divide them.

    Keys are often listed so; of other texts, the description has to say it.
    """
    if "array" in schema.types or normalised(bare_name) == _KEYS:
        return True
    is_plural = "string" in schema.types and singular(bare_name) != bare_name
    return is_plural and _WITH_COMMAS.search(operation.parameter_text("query", name)) is not None


def _names_value(parameter: SchemaView, member: SchemaView) -> bool:
    """Whether some word of a parameter can be the value of a member: `live` is no `type` of meetings with numbers."""
    words, types = parameter.keyword("enum"), member.types - {"null"}
    if not isinstance(words, list) or not types or not types <= NUMBER_TYPES:
        return True
    return any(str(word).lstrip("-").isdecimal() for word in words)


def _are_conditions(schema: SchemaView) -> bool:
    """Whether a value lists conditions that name the fields they are about, or groups of such conditions."""
    one = schema.items if "array" in schema.types else None
    groups = [member.items for member in one.members.values() if member.items is not None] if one is not None else []
    return one is not None and any(is_condition(view.members) for view in (one, *groups))


def _keyword_of(plain_name: str, schema: SchemaView, operation: RawOperation) -> str | None:
    """The keyword of `list` or of its `page` that a parameter is for by its name, or as it lists conditions.

    A `filter` that is a text has conditions in words. A `page` that is a text, as the `next_page` beside the list is,
    has no number.
    """
    is_free_text = schema.types == {"string"} and not schema.keyword("enum")
    if _are_conditions(schema) or (plain_name in _CONDITIONS_IN_WORDS and is_free_text):
        return "criteria"
    keyword = next((keyword for keyword, names in _NAMES.items() if plain_name in names), None)
    if keyword == "sort" and _are_directions(schema.keyword("enum")):
        return "order"
    shown = operation.success_schema if keyword == "number" and schema.types == {"string"} else None
    next_pages = [one for name, one in (shown.members if shown else {}).items() if normalised(name) == NEXT_PAGE]
    return "cursor" if any("string" in one.types for one in next_pages) else keyword


def _are_directions(words: Any) -> bool:
    """Whether the choices of a parameter are directions, such as `asc` and `desc`, and name no member."""
    return isinstance(words, list) and bool(words) and all(str(one).lower() in DIRECTIONS for one in words)


def _told_by_envelope(operation: RawOperation) -> Extension:
    """The size of a page and its place by the numbers around the list, where no parameter of pages is described.

    Such documents describe `page` and `per_page` once for all lists, in prose.
    """
    outer = operation.success_schema
    levels = [outer, *(outer.members.values() if outer is not None else ())]
    levels += [inner for one in levels[1:] if one is not None for inner in one.members.values()]
    found: Extension = {}
    for level in levels:
        for name, member in level.members.items() if level is not None and "array" not in level.types else ():
            if keyword := _ECHOES.get(counter_place(name, member) or ""):
                found.setdefault(keyword, f"$request.query.{name}")
    return found if "limit" in found and len(found) > 1 else {}


_ECHOES: Mapping[str, str] = {"$limit": "limit", "$page": "number", "$offset": "offset"}


def _told_of_pages(
    operation: RawOperation, name: str, keyword: str, schema: SchemaView, key: SchemaView | None
) -> Extension:
    """The size of a page by the default of a parameter, that pages are counted from 0, or that cursors are keys."""
    default = schema.keyword("default")
    if keyword == "limit" and isinstance(default, int) and default > 0:
        return {"default": default}
    if keyword == "cursor":
        return {"keyset": True} if key is not None and _is_written_alike(schema, key) else {}
    told = first_page(operation.parameter_text("query", name)) if keyword == "number" else None
    is_from_zero = keyword == "number" and 0 in (default, schema.keyword("minimum"), told) and told != 1
    return {"first": 0} if is_from_zero else {}


def _is_written_alike(cursor: SchemaView, key: SchemaView) -> bool:
    """Whether a cursor has the pattern or format of the keys, which no offset has."""
    rules = ((cursor.keyword(rule), key.keyword(rule)) for rule in ("pattern", "format"))
    return any(own is not None and own == of_key for own, of_key in rules) and cursor.types - {"null"} == {"string"}


class _FilterableFields:
    """The fields of an item that parameters can filter by: members, and places inside of them by JSON Pointer."""

    def __init__(self, item: SchemaView, key: str = "") -> None:
        self._item = item
        self._key = key
        singulars = [(normalised(singular(name)), name) for name, _ in _lists(item)]
        self._members = {one + ending: name for one, name in singulars for ending in ("", "name", "id")}
        self._members |= {normalised(name): name for name in item.members}
        self._lists = {one: name for one, name in singulars if _holds_members(item.members[name])}

    def direct(self, plain_name: str) -> str:
        """The member with a name, where that can be compared with a parameter; else nothing."""
        name = self._members.get(plain_name, "")
        return name if name and _can_be_filtered(self._item.members[name]) else ""

    def any_of(self, name: str, parameter: SchemaView) -> str:
        """The field of which a parameter lists values, as `lookup_keys` those of `lookup_key`; else nothing."""
        one = normalised(singular(name))
        return self.direct(one) or (self._key if normalised(name) == _KEYS else self.inside(one, parameter))

    def whole(self, plain_name: str, parameter: SchemaView) -> str:
        """The object of which a parameter lists members, as `recurring[interval]` of `recurring`; else nothing."""
        name = self._members.get(plain_name, "")
        held = self._item.members[name] if name else None
        forms = (held, *held.branches) if held is not None else ()
        is_such = any(parameter.members.keys() <= one.members.keys() for one in forms)
        return name if parameter.members and is_such else ""

    def inside(self, plain_name: str, parameter: SchemaView, text: str = "") -> str:
        """The place inside of an object, or of the objects of a list, that a parameter names; else nothing.

        That of `author` is the member that the `text` about the parameter names ("by its `number`"), else the one of
        its type that identifies an author, such as `/author/username` for a text.
        """
        for plain, member in self._members.items():
            name = self._lists.get(plain, member)  # of `assignee` and `assignees`, the list has them all
            held = self._item.members[name]
            view = held.items if "array" in held.types else held
            if view is None or not view.members or not plain_name.startswith(plain):
                continue
            scalars = {one: member for one, member in view.members.items() if _can_be_filtered(member)}
            rest = plain_name.removeprefix(plain)
            if not rest:
                types = (parameter.items or parameter).types - {"null"}
                fitting = [one for one, member in scalars.items() if not types or types & member.types]
                texts = handle_member(fitting) if "string" in types else ""  # an id that is a text says less
                told = next((one for one in scalars if f" its `{one}`" in text), "")
                found = told or texts or next(iter(identifying_members(fitting, plain)), "")
            else:
                found = next((one for one in scalars if normalised(one) in (rest, plain_name)), "")
            if found:
                return format_pointer((name, found))
        return self._held(plain_name)

    def _held(self, plain_name: str) -> str:
        """The place of a member of the `attributes` of an item, and the like."""
        for name, held in self._item.members.items():
            for inner, member in held.members.items() if is_holder(name) else ():
                if normalised(inner) == plain_name and _can_be_filtered(member):
                    return format_pointer((name, inner))
        return ""

    def condition(self, name: str, plain_name: str, parameter: SchemaView, text: str) -> tuple[str, str] | None:
        """The comparison and the field that a parameter is about by its name; None where it is about none."""
        owner = self._owner(parameter) if is_owner(name) else ""
        if place := self.inside(plain_name, parameter, text) or owner:
            return EQUALS, place
        if parameter.is_flag:  # `in_stock` does not ask for items whose stock is true
            flag = self._flag_alone(name)
            return (EQUALS, flag) if flag else None
        for how, rest in comparisons_in(name):
            for plain in (rest, rest + "at", rest + "on", rest + "date", rest.removesuffix("date")):
                field = self.direct(plain) or self.inside(plain, parameter)
                if field and (how == EQUALS or not self._is_flag(field)):
                    return how, field
            if field := self._longer(how, rest):
                return how, field
            if rest in ("date", "time") and (field := self._date):
                return how, field
        how, _ = comparison_of(name)  # `from` and `to`
        is_of_time = parameter.keyword("format") in _DATE_FORMATS and how not in ("", EQUALS)
        return (how, self._date) if is_of_time and self._date else None

    def _is_flag(self, field: str) -> bool:
        """Whether a field is true or false, of which nothing is more: `completed_since` asks for its date."""
        return field in self._item.members and self._item.members[field].is_flag

    def _flag_alone(self, name: str) -> str:
        """The flag of the items that are asked for alone, as `isActive` by `activeOnly`; else nothing."""
        words = words_of(name)
        rest = words[:-1] if words[-1:] == ["only"] else words[1:] if words[:1] == ["only"] else []
        found = self._members.get("".join(rest)) or self._members.get("is" + "".join(rest), "") if rest else ""
        return found if found and self._item.members[found].is_flag else ""

    def _longer(self, how: str, noun: str) -> str:
        """The only field that a comparison may be about by a part of its name: `price_per_night` of `min_price`.

        Or the only number with the noun at its end, as `unit_price`, or in the name of the same bound, as `price_min`.
        """
        beginning = {one for plain, one in self._members.items() if plain.startswith(noun) and self.direct(plain)}
        if len(beginning) == 1:
            return next(iter(beginning))
        numbers = [name for name, one in self._item.members.items() if not NUMBER_TYPES.isdisjoint(one.types)]
        ending = [name for name in numbers if "".join(words_of(name)[-1:]) == noun]
        ends = [name for name in numbers if (how, noun) in comparisons_in(name)]
        return ending[0] if len(ending) == 1 else ends[0] if len(ends) == 1 else ""

    def _owner(self, parameter: SchemaView) -> str:
        """The place in the only object for the maker of an item, such as `user` where `creator` is asked for."""
        owners = [name for name, member in self._item.members.items() if is_owner(name) and member.members]
        return self.inside(normalised(owners[0]), parameter) if len(owners) == 1 else ""

    @cached_property
    def _date(self) -> str:
        """The member that `date_from` is about where none has that name: the only date, else that of the creation."""
        dates = [name for name, member in self._item.members.items() if member.keyword("format") in _DATE_FORMATS]
        created = [name for name in dates if is_time_of_creation(name)]
        own = [name for name in dates if name not in created and not is_time_of_change(name)]
        return own[0] if len(own) == 1 else created[0] if len(created) == 1 and not own else ""


def _place_of_labels(item: SchemaView) -> str | None:
    """The JSON Pointer to the map with the labels of an item, such as `/metadata/labels`; None if there is none."""
    for place in (("labels",), ("metadata", "labels"), ("meta", "labels"), ("tags",)):
        view = item.inside(place)
        if view is not None and "object" in view.types and not view.members:
            return format_pointer(place)
    return None


def _place_of_fields(item: SchemaView) -> str:
    """The JSON Pointer to the item itself, whose members a field selector names."""
    return ""


_SELECTORS: Mapping[str, Callable[[SchemaView], str | None]] = {
    **dict.fromkeys(("labelselector", "labelsselector", "labels", "selector"), _place_of_labels),
    "fieldselector": _place_of_fields,
}
"""The place of the values that a selector is about, by the name of the parameter."""


def _parameters(operation: RawOperation) -> Iterator[tuple[str, str, SchemaView]]:
    """The names that a request can ask by, with the runtime expression and the schema of each."""
    for name, (schema, _) in operation.query_parameters.items():
        yield name, f"$request.query.{name}", schema
    if operation.method in ("query", "post") and operation.request_schema is not None:
        yield from _members_of_filters(operation.request_schema)


def _members_of_filters(schema: SchemaView, place: tuple[str, ...] = ()) -> Iterator[tuple[str, str, SchemaView]]:
    """The members of a body, those of the filters in it one by one: `query.filter.state_filter.states`."""
    for name, member in schema.members.items():
        plain_name, inner = normalised(name), (*place, name)
        if (
            member.members
            and len(inner) < _DEEPEST_FILTER
            and (plain_name in _FILTERS or plain_name.endswith("filter"))
        ):
            yield from _members_of_filters(member, inner)
        else:
            yield name, body_expression(*inner), member


def used_parameters(keywords: Mapping[str, Any]) -> Iterator[str]:
    """The names of the query parameters that have a meaning."""
    for value in keywords.values():
        if isinstance(value, Mapping):
            yield from used_parameters(value)
        elif isinstance(value, str):
            yield value.removeprefix("$request.query.")


def in_words(keywords: Extension) -> str:
    """The same in words, in parentheses; empty where no parameter has a meaning."""
    parts = [f"where {_listed(keywords['where'])}"] if "where" in keywords else []
    parts += [f"{_listed(fields)} {how.replace('-', ' ')}" for how, fields in keywords.get("compare", {}).items()]
    parts += [
        f"{word} by {re.split('[./]', keywords[word])[-1]}"
        for word in ("criteria", "search", "sort")
        if word in keywords
    ]
    parts += [f"pages by {', '.join(sorted(keywords['page'].keys() & _PAGE_KEYWORDS))}"] if "page" in keywords else []
    return f" ({'; '.join(parts)})" if parts else ""


def _listed(fields: Iterable[str]) -> str:
    """The names of fields, each once: a member that two parameters are about stands there as a JSON Pointer, too."""
    return ", ".join(dict.fromkeys(name.removeprefix("/") if name.rfind("/") == 0 else name for name in fields))


def _lists(item: SchemaView) -> Iterator[tuple[str, SchemaView]]:
    return ((name, member) for name, member in item.members.items() if "array" in member.types)


def _holds_members(member: SchemaView) -> bool:
    return member.items is not None and bool(member.items.members)


def _can_be_filtered(member: SchemaView) -> bool:
    """Whether a member, or an element of a list, is a scalar, which a parameter can be compared with."""
    value = member.items if "array" in member.types else member
    return value is not None and not value.types & {"object", "array"}
