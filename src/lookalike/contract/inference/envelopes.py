"""Envelopes: items stand in bodies alone, in a list, or in an envelope that may count them or point to the next page.

A *template* is a body as `x-lookalike` writes it, with places such as `$item`, `$items` and `$total`. One is made only
where the schema can hold the item there: the evidence is the schema, and names for everything around the item.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.inference.kinds import kinds_of
from lookalike.json_values import format_pointer
from lookalike.naming.keys import identifier_member, key_field
from lookalike.naming.lists import (
    COUNTERS,
    CURSOR,
    LINKS,
    NEXT_LINK,
    NEXT_PAGE,
    NEXT_PATH,
    NEXT_PLACES,
    OFFSET,
    OTHER_PAGES,
    PAGE,
    PAGE_FLAGS,
)
from lookalike.naming.members import is_links, is_true_at_first
from lookalike.naming.words import normalised, singular
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView, contradicting_members, types_agree

_MAX_DEPTH = 2
"""How deep in envelopes lists and items are looked for: `{"data": {"items": […]}}`. A schema may be in itself."""
_DEEPEST_COUNTERS = 4
"""How deep places for counters are looked for, as `meta.paging.links.next`: schemas may refer to themselves."""
_AGREEING = 8  # members agree for each one that does not: those who write documents by hand make mistakes
_ORDERS = frozenset({"sort", "sorting", "order", "ordering"})  # `sort.empty` says that there is none, as of Spring

_URL_FORMATS = frozenset({"uri", "url", "uri-reference", "iri"})

_OWN_ADDRESSES = frozenset({"uri", "url", "href", "self"})

_KEY_TYPES = frozenset({"string", "integer"})

# A number that is all of a body is taken for a key, unless its name says what else it is.
_NO_KEYS = frozenset({*COUNTERS, "code", "errorcode", "status", "statuscode", "version"})


def can_be_item(schema: SchemaView | None, item: SchemaView, key: str) -> bool:
    """Whether a schema can describe an item.

    It is the item's schema, or one of its alternatives, or has it as one; or at least half of its members are the
    item's, of types that agree, and the key is one of them where the item has it. A member may show a thing of which
    the item has the key, or the other way round. Of many, a few that it need not show may contradict the item's.
    """
    if schema is None or "array" in schema.types:
        return False
    is_form = any(one.pointer == schema.pointer for one in item.branches)
    if is_form or item.pointer in (schema.pointer, *(one.pointer for one in schema.branches)):
        return True
    names = schema.members.keys()
    if not names or (key in item.members and key not in names):
        return False
    shared = names & item.members.keys()
    agreeing = {name for name in shared if types_agree(schema.members[name], item.members[name])}
    is_alike = len(agreeing) * 2 >= len(names) and (key not in shared or key in agreeing)
    contradicting = contradicting_members(schema, item)
    is_clear = not contradicting & schema.required and len(contradicting) * _AGREEING <= len(agreeing)
    return is_alike and (not contradicting or is_clear)


def item_template(schema: SchemaView | None, item: SchemaView, key: str, depth: int = 0) -> Any:
    """The template of a response about one item, which is all of the body, the only one of a list, or a member.

    Or a member of an envelope in it, as of `{"data": {"account": {…}}}`. Of several forms of a body, it is that of the
    first one that can show the item, and is not a list if possible.
    """
    if can_be_item(schema, item, key):
        return "$item"
    if schema is None:
        return None
    if "array" in schema.types and can_be_item(schema.items, item, key):
        return ["$item"]
    if (place := next(_places_of_item(schema, item, key, depth), None)) is not None:
        return envelope(schema, place)
    forms = [one for form in schema.branches if (one := item_template(form, item, key, depth)) is not None]
    return next((one for one in forms if not isinstance(one, list)), forms[0] if forms else None)


def _places_of_item(schema: SchemaView, item: SchemaView, key: str, depth: int) -> Iterator[dict[str, Any]]:
    """The members of a body that can show the item, the likeliest first, each with its template by its name."""
    for name, member in schema.members.items():
        if can_be_item(member, item, key):
            yield {name: "$item"}
    for name, member in schema.members.items():
        if "array" in member.types and can_be_item(member.items, item, key):
            counts = {**_counts_by_name(schema, name), **_counters(schema, is_relative=False)}
            yield {**{one: 1 for one, place in counts.items() if place == "$total"}, name: ["$item"]}
    for name, member in _inner_envelopes(schema, depth):
        if (inner := item_template(member, item, key, depth + 1)) is not None:
            yield {name: inner}


def list_template(schema: SchemaView | None, item: SchemaView, key: str, depth: int = 0) -> Any:
    """The template of a response with a list of items, and with how many there are, by the names of members."""
    if schema is None:
        return None
    if "array" in schema.types:
        return "$items" if can_be_item(schema.items, item, key) else None
    for name, member in schema.members.items() if depth < _MAX_DEPTH else ():
        inner = list_template(member, item, key, depth + 1)
        if inner is not None:
            counters = _counters(schema, has_relative_links(item))
            return envelope(schema, {**_counts_by_name(schema, name), **counters, name: inner})
    return None


def key_template(schema: SchemaView | None, key: str, key_member: SchemaView | None, noun: str, example: Any) -> Any:
    """The template of a response that shows the key alone (`7`), or under another name (`{"petId": 7}`).

    The evidence is the name of the member, or that it is the only one; other members are as in the example, or
    sample values.
    """
    if schema is None or key_member is None:
        return None
    place = f"$item#{format_pointer((key,))}"
    if _can_be_key(schema, key_member):
        # A text that is all of a body is more often a message than a key.
        return place if "integer" in schema.types else None
    candidates = {name: member for name, member in schema.members.items() if _can_be_key(member, key_member)}
    holder = next((name for name in candidates if key_field(name, noun, [key])), "")
    if not holder and len(schema.members) == 1:
        numbers = (name for name, member in candidates.items() if "integer" in member.types)
        holder = next((name for name in numbers if normalised(name) not in _NO_KEYS), "")
    if not holder:
        return None
    # A text of the example that begins with `$` would be read as a place.
    is_plain = isinstance(example, Mapping) and '"$' not in json.dumps(example)
    others = example if is_plain else {name: sample_value(member) for name, member in schema.members.items()}
    return {**others, holder: place}


def _can_be_key(schema: SchemaView, key_member: SchemaView) -> bool:
    is_free = schema.keyword("enum") is None and schema.keyword("const") is None
    return is_free and bool(schema.types) and schema.types <= _KEY_TYPES and bool(schema.types & key_member.types)


_BESIDE = frozenset({"warnings", "errors", "messages", "meta", "links"})


def unwrapped(schema: SchemaView | None) -> SchemaView | None:
    """The object that is the only member of a body, as the settings in `{"settings": {…}}`; else the schema itself.

    Beside it there may be warnings.
    """
    members = schema.members.items() if schema is not None else ()
    inner = [one for name, one in members if normalised(name) not in _BESIDE]
    return inner[0] if len(inner) == 1 and inner[0].members else schema


def item_candidates(schema: SchemaView, depth: int = 0) -> Iterator[SchemaView]:
    """The schemas that may be the item's in a response about one: all of the body, then each object in it.

    Of an envelope in it, too.
    """
    yield schema
    yield from (member for member in schema.members.values() if "object" in member.types)
    for _, member in _inner_envelopes(schema, depth):
        yield from [*item_candidates(member, depth + 1)][1:]


def _inner_envelopes(schema: SchemaView, depth: int) -> Iterator[tuple[str, SchemaView]]:
    """The envelope in the body of a response, by its name: the only object, with one object in it and without a key."""
    objects = [(name, member) for name, member in schema.members.items() if "object" in member.types]
    for name, member in objects if len(objects) == 1 and depth < _MAX_DEPTH else ():
        inner = [one for one in member.members.values() if "object" in one.types]
        if len(inner) == 1 and not identifier_member(member.members):
            yield name, member


def list_item_schemas(schema: SchemaView | None, depth: int = 0) -> Iterator[SchemaView]:
    """The schemas that may be the items' in a response with a list of them; how the list is sorted is none."""
    if schema is None:
        return
    if "array" in schema.types and schema.items is not None:
        yield schema.items
    for name, member in schema.members.items() if depth < _MAX_DEPTH else ():
        if normalised(name) not in _ORDERS or len(schema.members) == 1:
            yield from list_item_schemas(member, depth + 1)


def counter_place(name: str, schema: SchemaView, *, may_be_absent: bool = True) -> str | None:
    """The place that a member or header field is named after, such as `$total` for `totalCount`, where its type fits.

    The number of the next page is none of a member that must always be a number: the last page has no next one.
    """
    plain = normalised(name)
    numbers = OTHER_PAGES if may_be_absent and schema.types & NUMBER_TYPES else {}
    typed = PAGE_FLAGS if "boolean" in schema.types else numbers
    place = typed.get(plain) or COUNTERS.get(plain)
    if plain == "size" and _TOTAL.search(str(schema.keyword("description", ""))):
        place = "$total"
    return place if place is not None and _can_hold(schema, place) else None


_TOTAL = re.compile(r"\btotal (?:number|count)\b(?![^.]*\bpage\b)", re.IGNORECASE)


def has_relative_links(item: SchemaView) -> bool:
    """Whether an item shows its own address without an origin, by its example or description."""
    own = [one for name, one in item.members.items() if normalised(name) in _OWN_ADDRESSES]
    return any(str(one.example or "").startswith("/") or "relative" in str(one.keyword("description")) for one in own)


def _counters(schema: SchemaView, is_relative: bool, are_links: bool = False, depth: int = 0) -> dict[str, Any]:
    """Places for members that count the list: beside it, and in objects beside it.

    Links to other pages are paths where items have such (`is_relative`), or where an example has one. In an object of
    nothing else (`are_links`) any text of such a name is one.
    """
    places: dict[str, Any] = {}
    is_numbered = any(normalised(name) == "totalpages" for name in schema.members)
    for name, (holder, member) in _members_with_holders(schema).items():
        may_be_absent = name not in holder.required or "null" in member.types
        place = counter_place(name, member, may_be_absent=may_be_absent) or _link_place(
            name, member, may_be_absent=may_be_absent, is_relative=is_relative, is_url=are_links
        )
        if (
            place is None and is_numbered and name == "number" and _can_hold(member, "$page")
        ):  # as Spring's pages have it
            place = "$page"
        if place is not None:
            places[name] = place
        elif next_page := _next_page(name, member):
            places[name] = next_page
        elif (
            ("object" in member.types or _are_any_links(member))
            and depth < _DEEPEST_COUNTERS
            and normalised(name) not in _ORDERS
            and (inner := _counters(member, is_relative, is_links(name), depth + 1))
        ):
            places[name] = envelope(member, inner)
    return places


def _next_page(name: str, schema: SchemaView) -> dict[str, str]:
    """The places in an object about the next page, as `{"offset": "…", "uri": "…"}`; none in any other.

    The whole object is missing from the last page.
    """
    if LINKS.get(normalised(name)) != NEXT_LINK or "object" not in schema.types:
        return {}
    found = {}
    for inner, member in schema.members.items():
        plain, is_text = normalised(inner), "string" in member.types
        if plain in _PLACES_OF_NUMBERS:
            found[inner] = "$next" if is_text else _PLACES_OF_NUMBERS[plain]
        elif is_text and plain in _ADDRESSES:
            found[inner] = NEXT_PATH if plain == "path" else NEXT_LINK
    is_about_place = any(place in NEXT_PLACES for place in found.values())
    return found if is_about_place and all(found.values()) and schema.required <= found.keys() else {}


# The next place by the name of a member that is a number; a cursor is a text.
_PLACES_OF_NUMBERS: Mapping[str, str] = {
    **dict.fromkeys(CURSOR, ""),
    **dict.fromkeys(OFFSET, "$offset.next"),
    **dict.fromkeys(PAGE, "$page.next"),
}
_ADDRESSES = frozenset({"url", "uri", "href", "link", "path"})


def _members_with_holders(schema: SchemaView) -> dict[str, tuple[SchemaView, SchemaView]]:
    """The members of an object with the schema that describes each: links may be any of the next and previous ones."""
    forms = (*schema.branches, schema) if _are_any_links(schema) else (schema,)
    return {name: (form, member) for form in forms for name, member in form.members.items()}


def _are_any_links(schema: SchemaView) -> bool:
    """Whether an object is described by forms with links to other pages and nothing else, several of which it may have.

    Other alternatives are those of a thing or its key, and the like.
    """
    names = [name for form in schema.branches for name in form.members] if not schema.members else []
    return bool(names) and schema.keyword("oneOf") is None and all(normalised(name) in LINKS for name in names)


def _counts_by_name(schema: SchemaView, listed: str) -> dict[str, Any]:
    """The place of the number beside a list that is named after it, such as `articlesCount` or `total_articles`."""
    nouns = {normalised(listed), normalised(singular(listed))}
    names = {
        counted
        for noun in nouns
        for counted in (f"{noun}count", f"{noun}total", f"total{noun}", f"numberof{noun}", f"num{noun}")
    }
    return {
        name: "$total"
        for name, member in schema.members.items()
        if normalised(name) in names and _can_hold(member, "$total")
    }


def _link_place(name: str, schema: SchemaView, *, may_be_absent: bool, is_relative: bool, is_url: bool) -> str | None:
    """The link to another page that a member is named after, where its schema or example says that it is a URL.

    One that must be a string always is left to its example: there is no next page of the last one.
    """
    place = LINKS.get(normalised(name))
    if place is None or "string" not in schema.types:
        return None
    example = next((value for value in (schema.keyword("example"), *_examples(schema)) if isinstance(value, str)), "")
    is_url = is_url or schema.keyword("format") in _URL_FORMATS or example.startswith(("http://", "https://", "/"))
    is_named_so = normalised(name).endswith(("url", "uri", "link"))
    is_always_there = place in ("$links.first", "$links.last")
    if not (is_url or is_named_so) or not (may_be_absent or is_always_there):
        return "$next" if normalised(name) == NEXT_PAGE and may_be_absent and not is_url else None
    is_path = example.startswith("/") or (is_relative and not example)
    return place.replace("$links.", "$paths.") if is_path else place


def _examples(schema: SchemaView) -> list[Any]:
    examples = schema.keyword("examples")
    return examples if isinstance(examples, list) else []


def _can_hold(schema: SchemaView, place: str) -> bool:
    if place in ("$more", "$earlier", *PAGE_FLAGS.values()):
        return "boolean" in schema.types
    return "string" in schema.types if place == "$next" else bool(schema.types & NUMBER_TYPES)


def envelope(schema: SchemaView, places: dict[str, Any]) -> dict[str, Any]:
    """An object with places, and with a sample value of each other member that is required, in the schema's order.

    Where none is required, flags are shown too, as most frameworks do: `success` is true, `error` is not. Members with
    a pattern are left to the model, which can make values for patterns; `writeOnly` members are not shown.
    """
    found, kinds = {}, kinds_of(schema)
    for name, (_, member) in _members_with_holders(schema).items():
        is_flag = not schema.required and member.types == {"boolean"}
        if name in places:
            found[name] = places[name]
        elif name in kinds:
            found[name] = kinds[name]
        elif is_flag and not member.keyword("enum"):
            found[name] = is_true_at_first(name, is_sent=True)
        elif name in schema.required and not member.keyword("pattern") and not member.is_marked("writeOnly"):
            found[name] = sample_value(member)
    return found


_SIMPLEST: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": False, "null": None}

_BY_FORMAT = {
    "date-time": "2030-01-01T00:00:00Z",
    "date": "2030-01-01",
    "email": "somebody@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000001",
}

_MAX_SAMPLE_DEPTH = 4


def sample_value(schema: SchemaView, depth: int = 0) -> Any:
    """A value of a schema: its default, constant, first example or first choice, else the simplest of its type.

    Objects have their required members, four levels deep.
    """
    for keyword in ("default", "const", "example"):
        if (value := schema.keyword(keyword)) is not None:
            return value
    for keyword in ("examples", "enum"):
        if isinstance(values := schema.keyword(keyword), list) and values:
            return values[0]
    if "object" in schema.types:
        required = schema.required if depth < _MAX_SAMPLE_DEPTH else ()
        return {name: sample_value(one, depth + 1) for name, one in schema.members.items() if name in required}
    if "array" in schema.types:
        return [sample_value(schema.items, depth + 1)] * schema.keyword("minItems", 0) if schema.items else []
    if "string" in schema.types:
        text = str(_BY_FORMAT.get(schema.keyword("format", ""), "text"))
        return text.ljust(schema.keyword("minLength", 0), "x")[: schema.keyword("maxLength")]
    first = next((name for name in _SIMPLEST if name in schema.types), "string")
    return schema.keyword("minimum", _SIMPLEST[first]) if first in ("integer", "number") else _SIMPLEST[first]
