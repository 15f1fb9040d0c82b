"""Defects of validation: bodies that break a rule and are accepted, each repaired in its own way."""

import json
from collections.abc import Callable
from typing import Any

from lookalike.http import Request
from tests.defects.defect import Behave, as_if, shown
from tests.defects.requests import NOTHING, body_of, fields, with_body
from tests.support.in_process import ASHA, FREE, update

Fields = dict[str, Any]
LISTS = ("add_tags", "remove_tags")
KEYS = ("new_contact_number", "new_country_code")
NO_CHANGE: Fields = {"lead_data": {}}


def whole(repair: Callable[[Any], Any], found: Callable[[Any], bool]) -> Behave:
    """A server that takes some JSON values for bodies that it makes of them."""

    def rewrite(request: Request) -> Request:
        body = body_of(request)
        return with_body(request, repair(body)) if body is not NOTHING and found(body) else request

    return as_if(rewrite)


def repaired(repair: Callable[[Fields], Fields]) -> Behave:
    """A server that repairs the members of a body."""
    return whole(repair, lambda body: isinstance(body, dict) and json.dumps(repair(body)) != json.dumps(body))


def items(repair: Callable[[list[Any]], list[Any]], names: tuple[str, ...] = LISTS) -> Behave:
    """A server that repairs the items of lists of tags."""

    def fix(body: Fields) -> Fields:
        lists = {name: body[name] for name in names if isinstance(body.get(name), list)}
        return {**body, **{name: repair(values) for name, values in lists.items()}}

    return repaired(fix)


def member(names: tuple[str, ...], kind: type | tuple[type, ...], repair: Callable[[Any], Any]) -> Behave:
    """A server that repairs members of a type; those that are repaired to None are left out."""

    def fix(body: Fields) -> Fields:
        wrong = {name for name in names if name in body and type(body[name]) in _kinds(kind)}
        fixed = {name: repair(value) if name in wrong else value for name, value in body.items()}
        return _enough({name: value for name, value in fixed.items() if name not in wrong or value is not None})

    return repaired(fix)


def _kinds(kind: type | tuple[type, ...]) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


def _enough(body: Fields) -> Fields:
    """A body without half of a number, and with lead_data where it needs some."""
    kept = body if all(name in body for name in KEYS) else {name: body[name] for name in body if name not in KEYS}
    return kept if kept.keys() & {*KEYS, "lead_data"} else {**kept, **NO_CHANGE}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def dropping(kind: type) -> Callable[[list[Any]], list[Any]]:
    """A function that leaves items of a type out of a list."""
    return lambda values: [value for value in values if type(value) is not kind]


def _numeric(values: list[Any]) -> list[Any]:
    return [int(value) if isinstance(value, str) and value.isdecimal() else value for value in values]


def _only_first_checked(values: list[Any]) -> list[Any]:
    return [value for value in values if _is_number(value)] if values and _is_number(values[0]) else values


def _flat(values: list[Any]) -> list[Any]:
    return [inner for value in values for inner in (value if isinstance(value, list) else [value])]


def _numbers_in(text: str) -> list[int]:
    return [int(part) for part in text.replace(",", " ").split() if part.isdecimal()]


def _digits(text: str) -> int | None:
    return int(text) if text.removeprefix("+").isdecimal() else None


def _unchecked_removal(body: Fields) -> Fields:
    removed = body.get("remove_tags", [])
    bad = not isinstance(removed, list) or not all(map(_is_number, removed))
    return {name: value for name, value in body.items() if not (name == "remove_tags" and bad)}


def _number_alone_ignored(body: Fields) -> Fields:
    lacking = "lead_data" in body and "new_contact_number" in body and "new_country_code" not in body
    return {name: value for name, value in body.items() if name != "new_contact_number"} if lacking else body


def _own_code(body: Fields) -> Fields:
    lacking = "new_contact_number" in body and "new_country_code" not in body
    return {**body, "new_country_code": 91} if lacking else body


def _unreadable_as_nothing(request: Request) -> Request:
    return with_body(request, NO_CHANGE) if request.body and body_of(request) is NOTHING else request


def _completed(request: Request) -> Request:
    """A body that was cut short, with what is missing at its end."""
    ends = (request.body + end for end in (b"}", b"}}", b"]}", b'"}}'))
    whole_ones = (request._replace(body=body) for body in ends)
    cut = request.body.startswith(b"{") and body_of(request) is NOTHING
    return next((it for it in whole_ones if body_of(it) is not NOTHING), request) if cut else request


def _beside(**members: Any) -> Request:
    return update(ASHA, {"lead_data": {"city": "Pune"}, **members})


BODIES = (
    shown("a body that is not JSON changes nothing", "BODY-2 BODY-1", as_if(_unreadable_as_nothing), update(ASHA, "{")),
    shown(
        "a body that is cut short is completed",
        "BODY-2 BODY-1",
        as_if(_completed),
        update(ASHA, '{"lead_data": {"city": "Pune"}'),
    ),
    shown(
        "null is accepted as a body",
        "BODY-2",
        whole(lambda _: NO_CHANGE, lambda body: body is None),
        update(ASHA, "null"),
    ),
    shown("a number is accepted as a body", "BODY-2", whole(lambda _: NO_CHANGE, _is_number), update(ASHA, "5")),
    shown(
        "true is accepted as a body",
        "BODY-2",
        whole(lambda _: NO_CHANGE, lambda body: isinstance(body, bool)),
        update(ASHA, "true"),
    ),
    shown(
        "a text is accepted as a body",
        "BODY-2",
        whole(lambda _: NO_CHANGE, lambda body: isinstance(body, str)),
        update(ASHA, '"{}"'),
    ),
    shown(
        "an empty list is accepted as a body",
        "BODY-2",
        whole(lambda _: NO_CHANGE, lambda body: body == []),
        update(ASHA, []),
    ),
    shown(
        "a list of one update is accepted",
        "BODY-2",
        whole(lambda body: body[0], lambda body: isinstance(body, list) and len(body) == 1),
        update(ASHA, [{"lead_data": {}}]),
        update(ASHA, [{"lead_data": {"name": "Asha"}}]),
    ),
)

TAGS = (
    shown("numeric texts are accepted as tags", "BODY-3", items(_numeric), fields(add_tags=["101"])),
    shown("texts in a list of tags are ignored", "BODY-3", items(dropping(str)), fields(add_tags=["x", 5])),
    shown(
        "booleans in a list of tags are numbers",
        "BODY-3",
        items(lambda values: [int(value) if isinstance(value, bool) else value for value in values]),
        fields(add_tags=[True]),
    ),
    shown("nulls in a list of tags are ignored", "BODY-3", items(dropping(type(None))), fields(remove_tags=[None])),
    shown("objects in a list of tags are ignored", "BODY-3", items(dropping(dict)), fields(add_tags=[{"id": 5}])),
    shown("lists in a list of tags are made flat", "BODY-3", items(_flat), fields(add_tags=[[5]])),
    shown(
        "only the first item of a list of tags is checked",
        "BODY-3",
        items(_only_first_checked),
        fields(add_tags=[5, "x"]),
    ),
    shown(
        "a single number is accepted as add_tags",
        "BODY-3",
        member(("add_tags",), (int, float), lambda value: [value]),
        fields(add_tags=5),
    ),
    shown(
        "a single number is accepted as remove_tags",
        "BODY-3",
        member(("remove_tags",), (int, float), lambda value: [value]),
        fields(remove_tags=7),
    ),
    shown(
        "a text is accepted as a list of tags", "BODY-3", member(LISTS, str, _numbers_in), fields(add_tags="101, 102")
    ),
    shown(
        "an object is accepted as a list of tags", "BODY-3", member(LISTS, dict, lambda value: []), fields(add_tags={})
    ),
    shown(
        "a boolean is accepted as a list of tags",
        "BODY-3",
        member(LISTS, bool, lambda value: []),
        fields(remove_tags=False),
    ),
    shown("remove_tags is not checked", "BODY-3", repaired(_unchecked_removal), fields(remove_tags=["x"])),
    shown(
        "the items of remove_tags are not checked",
        "BODY-3",
        items(lambda values: [value for value in values if _is_number(value)], ("remove_tags",)),
        fields(remove_tags=["x"]),
    ),
)

DATA = (
    shown(
        "a list is accepted as lead_data",
        "BODY-4",
        member(("lead_data",), list, lambda value: {}),
        update(ASHA, {"lead_data": []}),
    ),
    shown(
        "a text is accepted as lead_data",
        "BODY-4",
        member(("lead_data",), str, lambda value: {}),
        update(ASHA, {"lead_data": "name"}),
    ),
    shown(
        "a number is accepted as lead_data",
        "BODY-4",
        member(("lead_data",), (int, float), lambda value: {}),
        update(ASHA, {"lead_data": 5}),
    ),
    shown(
        "a boolean is accepted as lead_data",
        "BODY-4",
        member(("lead_data",), bool, lambda value: {}),
        update(ASHA, {"lead_data": True}),
    ),
)

NUMBERS = (
    shown(
        "a numeric text is accepted as a new number",
        "BODY-5",
        member(KEYS[:1], str, _digits),
        update(ASHA, {KEYS[0]: str(FREE), KEYS[1]: 91}),
    ),
    shown(
        "a numeric text is accepted as a new country code",
        "BODY-5",
        member(KEYS[1:], str, _digits),
        update(ASHA, {KEYS[0]: FREE, KEYS[1]: "+91"}),
    ),
    shown(
        "a boolean new number is ignored",
        "BODY-5",
        member(KEYS[:1], bool, lambda value: None),
        _beside(new_contact_number=True, new_country_code=91),
    ),
    shown(
        "a boolean is a new country code",
        "BODY-5",
        member(KEYS[1:], bool, int),
        update(ASHA, {KEYS[0]: FREE, KEYS[1]: True}),
    ),
    shown(
        "a new number that is a list is ignored",
        "BODY-5",
        member(KEYS[:1], list, lambda value: None),
        _beside(new_contact_number=[FREE], new_country_code=91),
    ),
    shown(
        "a new number that is an object is ignored",
        "BODY-5",
        member(KEYS[:1], dict, lambda value: None),
        _beside(new_contact_number={}, new_country_code=91),
    ),
    shown(
        "a new country code that is a list is ignored",
        "BODY-5",
        member(KEYS[1:], list, lambda value: None),
        _beside(new_country_code=[91]),
    ),
    shown(
        "a new country code that is an object is ignored",
        "BODY-5",
        member(KEYS[1:], dict, lambda value: None),
        _beside(new_country_code={}),
    ),
    shown(
        "a new number that is a text is ignored",
        "BODY-5",
        member(KEYS[:1], str, lambda value: None),
        _beside(new_contact_number="x", new_country_code=91),
    ),
    shown(
        "a new number without country code is ignored beside lead_data",
        "BODY-6",
        repaired(_number_alone_ignored),
        _beside(new_contact_number=FREE),
    ),
    shown("a country code of 91 is assumed", "BODY-6", repaired(_own_code), update(ASHA, {"new_contact_number": FREE})),
)

DEFECTS = (*BODIES, *TAGS, *DATA, *NUMBERS)
