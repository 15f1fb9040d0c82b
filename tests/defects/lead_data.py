"""Defects of lead_data: what becomes of the members that are given, and of the others."""

from collections.abc import Callable
from typing import Any

from tests.defects.defect import Behave, Lead, hidden, leaving
from tests.defects.requests import data, fields, move
from tests.support.in_process import ASHA, FREE

Body = dict[str, Any]
Data = dict[str, Any]
MARIA, AINO = 2025550143, 5550199


def keeping(data_of: Callable[[Data, Data, Data], Data]) -> Behave:
    """A server that leaves other data behind; `data_of` makes it of that before, that due, and what was given."""

    def change(before: Lead, after: Lead, body: Body) -> Lead:
        given = body.get("lead_data") or {}
        return {**after, "data": data_of(before["data"], after["data"], given)}

    return leaving(change)


def storing(name_of: Callable[[str], str] = str, value_of: Callable[[Any], Any] = lambda value: value) -> Behave:
    """A server that changes names or values of what it is given."""

    def data_of(before: Data, after: Data, given: Data) -> Data:
        others = {name: value for name, value in after.items() if name not in given or name in before}
        old = {name: before.get(name, value) for name, value in others.items()}
        return {**old, **{name_of(name): value_of(value) for name, value in given.items()}}

    return keeping(data_of)


def only(kept: Callable[[str, Any, Data, Data], bool]) -> Behave:
    """A server that takes over some members only; `kept` gets name, value, the data before and all that was given."""

    def data_of(before: Data, after: Data, given: Data) -> Data:
        lost = {name for name, value in given.items() if not kept(name, value, before, given)}
        now = {name: before[name] if name in lost and name in before else value for name, value in after.items()}
        return {name: value for name, value in now.items() if name not in lost or name in before}

    return keeping(data_of)


def _only_what_was_given(before: Data, after: Data, given: Data) -> Data:
    return dict(given) if None in given.values() else after


def _appended(before: Data, after: Data, given: Data) -> Data:
    lists = {name for name in given if isinstance(given[name], list) and isinstance(before.get(name), list)}
    return {**after, **{name: before[name] + given[name] for name in lists}}


def _concatenated(before: Data, after: Data, given: Data) -> Data:
    texts = {name for name in given if isinstance(given[name], str) and isinstance(before.get(name), str)}
    return {**after, **{name: f"{before[name]} {given[name]}" for name in texts}}


def _counted(before: Data, after: Data, given: Data) -> Data:
    return {**after, "updates": before.get("updates", 0) + 1}


def _merged_on_two_levels(before: Data, after: Data, given: Data) -> Data:
    """Objects in lead_data merge with the old ones, but objects in those replace them."""

    def both(name: str) -> bool:
        return isinstance(given[name], dict) and isinstance(before.get(name), dict)

    return {**after, **{name: {**before[name], **given[name]} for name in given if both(name)}}


def _flattened(before: Data, after: Data, given: Data) -> Data:
    objects = {name: value for name, value in given.items() if isinstance(value, dict) and value}
    flat = {f"{name}.{inner}": value for name, members in objects.items() for inner, value in members.items()}
    return {**{name: value for name, value in after.items() if name not in objects}, **flat}


def _with_unknown_fields(before: Lead, after: Lead, body: Body) -> Lead:
    known = {"add_tags", "remove_tags", "lead_data", "new_contact_number", "new_country_code"}
    return {**after, "data": {**after["data"], **{name: body[name] for name in body if name not in known}}}


def _lost_without_data(before: Lead, after: Lead, body: Body) -> Lead:
    return after if "lead_data" in body else {**after, "data": {}}


def _recoded(before: Lead, after: Lead, body: Body) -> Lead:
    return after if "new_country_code" in body else {**after, "country_code": 91}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


NAMES = (
    hidden("names are stored in lower case", "DATA-1", storing(str.lower), data(firstName="Asha")),
    hidden(
        "names are stored without blanks",
        "DATA-1",
        storing(lambda name: name.replace(" ", "_")),
        data(**{"first name": "Asha"}),
    ),
    hidden(
        "new names are ignored", "DATA-1 IDEM-1", only(lambda name, value, before, given: name in before), data(score=1)
    ),
    hidden(
        "present names keep their values",
        "DATA-1 IDEM-1",
        only(lambda name, value, before, given: name not in before),
        data(name="Asha"),
    ),
    hidden(
        "only the first member counts",
        "DATA-1 ATOM-1",
        only(lambda name, value, before, given: name == next(iter(given))),
        data(name="Asha", score=1),
    ),
    hidden(
        "only the last member counts",
        "DATA-1 ATOM-1",
        only(lambda name, value, before, given: name == [*given][-1]),
        data(name="Asha", score=1),
    ),
    hidden(
        "an update without email loses it",
        "DATA-1",
        keeping(
            lambda before, after, given: {
                name: value for name, value in after.items() if name != "email" or name in given
            }
        ),
        data(name="Asha"),
    ),
    hidden(
        "an unknown field is stored as data",
        "DATA-1 TAG-2",
        leaving(_with_unknown_fields),
        fields(tags=[5], nickname="A"),
        readings="unknown-field",
    ),
)

VALUES = (
    hidden(
        "values are stored as texts",
        "DATA-1",
        storing(value_of=lambda value: value if isinstance(value, dict | list) or value is None else str(value)),
        data(score=1),
    ),
    hidden(
        "texts are stored in lower case",
        "DATA-1",
        storing(value_of=lambda value: value.lower() if _is_text(value) else value),
        data(name="Asha"),
    ),
    hidden(
        "texts are cut at 16 characters",
        "DATA-1",
        storing(value_of=lambda value: value[:16] if _is_text(value) else value),
        data(email="jane.smith@example.com"),
    ),
    hidden(
        "texts are stored without what goes beyond ASCII",
        "DATA-1",
        storing(value_of=lambda value: value.encode("ascii", "replace").decode() if _is_text(value) else value),
        data(name="Zoë"),
    ),
    hidden(
        "texts are escaped for HTML",
        "DATA-1",
        storing(value_of=lambda value: value.replace("&", "&amp;").replace("<", "&lt;") if _is_text(value) else value),
        data(name="<b>A & B</b>"),
    ),
    hidden("empty texts are ignored", "DATA-1", only(lambda name, value, before, given: value != ""), data(name="")),
    hidden(
        "zero and false are ignored",
        "DATA-1",
        only(lambda name, value, before, given: isinstance(value, str | list | dict) or value is None or bool(value)),
        data(score=0, open=False),
    ),
    hidden(
        "fractions are rounded",
        "DATA-1",
        storing(value_of=lambda value: round(value) if isinstance(value, float) else value),
        data(score=0.5),
    ),
    hidden(
        "booleans are stored as numbers",
        "DATA-1",
        storing(value_of=lambda value: int(value) if isinstance(value, bool) else value),
        data(open=True),
    ),
    hidden("objects are made flat", "DATA-1", keeping(_flattened), data(address={"city": "Pune"})),
    hidden(
        "lists are appended to the old ones",
        "DATA-1 IDEM-1",
        keeping(_appended),
        data(channels=["email"]),
        data(channels=["sms"]),
    ),
    hidden("texts are appended to the old ones", "DATA-1 IDEM-1", keeping(_concatenated), data(name="Asha")),
    hidden(
        "null is stored as an empty text",
        "DATA-1",
        storing(value_of=lambda value: "" if value is None else value),
        data(name=None),
        readings="null",
    ),
    hidden("null clears all data", "DATA-1", keeping(_only_what_was_given), data(name=None), readings="null"),
    hidden(
        "objects merge on the first level only",
        "DATA-1",
        keeping(_merged_on_two_levels),
        data(MARIA, address={"geo": {"lat": 1}}),
        readings="merge",
    ),
    hidden(
        "an empty lead_data clears the data",
        "DATA-1 TAG-1 TAG-2 IDEM-1",
        keeping(lambda before, after, given: after if given else {}),
        fields(add_tags=[3], lead_data={}),
    ),
)

FRAME = (
    hidden("each update is counted in the data", "DATA-1 IDEM-1 TAG-1 TAG-2", keeping(_counted), data(name="Asha")),
    hidden(
        "an update without lead_data loses the data", "DATA-1 MOVE-1", leaving(_lost_without_data), move(ASHA, FREE)
    ),
    hidden(
        "an update without country code makes it 91",
        "DATA-1 TAG-1 TAG-2 MOVE-1 MOVE-2 IDEM-1",
        leaving(_recoded),
        data(MARIA, name="Maria"),
    ),
)

DEFECTS = (*NAMES, *VALUES, *FRAME)
