"""Requests of all kinds to the Lead API, at random: most of them plain, any part of one may be odd."""

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from lookalike.http import Headers, Request
from tests.support.in_process import NOW

LEADS = (9876543210, 9000000007, 27005550142, 2025550143, 5550199)
FREE = (9000000101, 9000000102, 9999999999)
_ODDITY = 0.07  # of each part of a request
_PATHS = (*FREE, "919876543210", "4427005550142", "abc", "1.5", "007", "-5", "+91", "")
_TOKENS = ("bearer tok-valid", "Bearer tok-valid;", "Bearer tok-expired", "Bearer x", "", None)
_MEDIA_TYPES = ("Application/JSON; charset=utf-8", "text/plain", None)
_ACCEPT = ("*/*", "application/json", "text/html", "text/html, */*;q=0")
_METHODS = ("GET", "DELETE", "POST")
_NUMBERS: tuple[Any, ...] = (
    *LEADS,
    *FREE,
    9876543210.0,
    -7,
    0,
    1.5,
    10**15,
    2**53 + 1,
    2**64,
    "9000000101",
    None,
    True,
    [],
)
_CODES: tuple[Any, ...] = (91, 27, 1, 44, 0, -1, 1.0, 2.5, "91", None, [])
_TAGS = (1, 3, 7, 101, 102, 103, 104, 999_999)
_ODD: tuple[Any, ...] = ("text", 5, None, {}, [[]], [None], ["3"], [True], [1.5], [-1], [2**53 + 1])
_KEYS = ("name", "city", "address", "tags", "country_code", "contact_number", "a")
_VALUES: tuple[Any, ...] = (
    "x",
    "",
    0,
    1.5,
    True,
    None,
    [],
    [1, {"a": 2}],
    {},
    {"a": 1},
    {"geo": {"lat": 1}},
    {"geo": None},
)
_RAW = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"5",
    b'"text"',
    b"{} {}",
    b'{"add_tags": [NaN]}',
    b"\xff",
    b'{"add_tags": [3], "add_tags": []}',
)


def random_requests(seed: int, count: int) -> Iterator[Request]:
    """So many requests; the same seed gives the same ones."""
    pick = random.Random(seed)
    for _ in range(count):
        yield _request(pick)


def _request(pick: random.Random) -> Request:
    def part(usual: Any, odd: Sequence[Any]) -> Any:
        return pick.choice(odd) if pick.random() < _ODDITY else usual

    fields = {
        "Authorization": part("Bearer tok-valid", _TOKENS),
        "Content-Type": part("application/json", _MEDIA_TYPES),
        "Accept": part(None, _ACCEPT),
        "X-Access-Token": part(None, ["tok-valid"]),
    }
    headers = Headers({name: value for name, value in fields.items() if value is not None})
    path = f"/leads/{part(pick.choice(LEADS), _PATHS)}/update"
    return Request(part("PUT", _METHODS), path, "", headers, part(json.dumps(_body(pick)).encode(), _RAW), NOW)


def _body(pick: random.Random) -> dict[str, Any]:
    members: dict[str, Any] = {
        "add_tags": pick.sample(_TAGS, pick.randint(0, 3)),
        "remove_tags": pick.sample(_TAGS, pick.randint(0, 3)),
        "lead_data": {name: pick.choice(_VALUES) for name in pick.sample(_KEYS, pick.randint(0, 3))},
        "tags": [3],
        "unknown": pick.choice(_VALUES),
    }
    if pick.random() < 0.3:
        members |= {"new_contact_number": pick.choice(_NUMBERS), "new_country_code": pick.choice(_CODES)}
    if pick.random() < _ODDITY:
        members[pick.choice(sorted(members))] = pick.choice(_ODD)
    chosen = pick.sample(sorted(members), pick.randint(0, len(members)))
    usual = {} if pick.random() < 0.3 else {"lead_data": {"name": pick.choice("abc")}}
    return usual | {name: members[name] for name in chosen}
