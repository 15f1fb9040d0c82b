"""Requests of every kind that the contract knows, in one story: whoever answers all of them right may look right."""

from lookalike.http import Request
from tests.defects.requests import ABSENT, bearing, data, fields, move, tags, with_headers
from tests.support.in_process import ASHA, FREE, update

EMPTY, MARIA, AINO = 9000000007, 2025550143, 5550199
EVERYTHING = {
    "add_tags": [101, 102],
    "remove_tags": [103],
    "lead_data": {"name": "Jane Smith", "email": "jane.smith@example.com", "dob": "1990-01-01"},
    "new_contact_number": FREE,
    "new_country_code": 91,
}

_DENIED = tuple(
    bearing(credentials, number, body)
    for credentials in (None, "Bearer ", "Basic dG9rOg==", "Bearer wrong", "Bearer tok-expired", "Bearer tok-revoked")
    for number, body in ((ASHA, {"lead_data": {}}), (ABSENT, {"lead_data": {}}), (ASHA, {"lead_data": 1}))
)

_REFUSED = tuple(
    update(number, body)
    for number in (ASHA, ABSENT)
    for body in (
        "",
        "{",
        "[]",
        "null",
        {"add_tags": 5},
        {"lead_data": {"name": "Nobody"}, "add_tags": ["5"]},
        {"lead_data": {}, "add_tags": [5], "remove_tags": [3, True]},
        {"lead_data": [], "add_tags": [5]},
        {"new_contact_number": str(FREE), "new_country_code": 91},
        {"new_contact_number": FREE},
        {"add_tags": [5]},
        {},
    )
)

_TAGS = (
    tags(add=[5, 6, 5]),
    tags(add=[5, 6, 5]),
    tags(add=[3]),
    tags(remove=[104]),
    tags(remove=[5, 6]),
    tags(add=[5], remove=[7, 3]),
    tags(add=[5, 7], remove=[5]),
    tags(add=[]),
    tags(add=[3], number=EMPTY),
    tags(remove=[3], number=EMPTY),
)

_DATA = (
    data(name="Asha", score=1, tags=[1], nothing=None, open=True),
    data(name="Asha", score=1, tags=[1], nothing=None, open=True),
    data(MARIA, address={"city": "Salem", "geo": {"lat": 1}}),
    data(),
    data(AINO, consents=["email"]),
    update(ASHA, {"lead_data": {"a": "é🦉"}, "tags": [1], "name": "Extra"}),
    update(ASHA, {"lead_data": {"a": 10**20}}),
    with_headers(data(name="Asha"), content_type="Application/JSON; charset=utf-8"),
)

_MOVES = (
    move(ASHA, EMPTY),
    move(ASHA, EMPTY, add_tags=[5], lead_data={"name": "Nobody"}),
    move(ASHA, ASHA),
    update(ASHA, EVERYTHING),
    update(ASHA, EVERYTHING),
    fields(FREE, new_country_code=44),
    tags(add=[5], number=FREE),
    move(FREE, ASHA),
    move(FREE, ASHA),
    data(ASHA, name="Back"),
    data(FREE, name="Nobody"),
    move(MARIA, 9000000001, 1),
    move(9000000001, 9000000002, 1),
    move(9000000002, MARIA, 1),
)

TOUR: tuple[Request, ...] = (*_DENIED, *_REFUSED, *_TAGS, *_DATA, *_MOVES, *_REFUSED, *_TAGS)
