"""Random stories about a few leads and tags, so that requests meet what earlier ones have left behind."""

import json
import random
from typing import Any

from lookalike.http import Request
from tests.support.in_process import ASHA, FREE, JSON, update

NUMBERS = (ASHA, FREE, 9000000007, 2025550143, 9000000001, 9999999999)
PATHS: tuple[object, ...] = (*NUMBERS, *NUMBERS, 919876543210, 12025550143, "abc", "1.5", "-5", "007", "+91", 10**15)
CODES = (91, 1, 44)
TAGS = (3, 5, 7, 103, 999, 2.5, 0, -1)
NAMES = ("name", "city", "address", "tags", "data", "id")
VALUES: tuple[Any, ...] = (
    "Asha",
    1,
    0.5,
    None,
    True,
    [1],
    {},
    {"city": "Pune"},
    {"city": None, "geo": {"lat": 1}},
    "é🦉",
)
WRONG: tuple[Any, ...] = (None, True, "9876543210", "", {}, [1], ["5"], [True], [None], 1.5, 7)
TEXTS = ("", "{", "[]", "null", "7", '"{}"', '{"lead_data": {"a": NaN}}', '{"a": 1,}', "{} {}", "\ufeff")
VALID = "Bearer tok-valid"
# Without a token these are left out: whether an empty body or NaN is one that does not parse, and whether a negative
# number is malformed, is more than the reading on what comes before the 401 says.
UNCLEAR = ("", '{"lead_data": {"a": NaN}}', "-5")
CREDENTIALS = (
    None,
    VALID + ";",
    "bearer tok-valid",
    "Bearer",
    "Basic dG9r",
    "Bearer tok-expired",
    "Bearer tok-revoked",
)


def random_story(seed: int, length: int) -> tuple[Request, ...]:
    """Requests, two thirds of which are valid; the same seed gives the same ones."""
    chance = random.Random(seed)
    return tuple(_request(chance) for _ in range(length))


def _request(chance: random.Random) -> Request:
    kind = chance.random()
    if kind < 0.65:
        return update(chance.choice(NUMBERS), _body(chance))
    if kind < 0.8:
        return update(chance.choice(PATHS), _body(chance, wrong=0.4))
    if kind < 0.85:
        return update(chance.choice(PATHS), chance.choice(TEXTS))
    path = chance.choice([path for path in PATHS if path not in UNCLEAR])
    if kind < 0.95:
        return update(path, _body(chance, wrong=0.2), _headers(chance))
    return update(path, chance.choice([text for text in TEXTS if text not in UNCLEAR]), _headers(chance))


def _headers(chance: random.Random) -> dict[str, str]:
    credentials = chance.choice(CREDENTIALS)
    return {**JSON, **({} if credentials is None else {"Authorization": credentials})}


def _body(chance: random.Random, wrong: float = 0.0) -> dict[str, Any]:
    made = {
        "add_tags": [chance.choice(TAGS) for _ in range(chance.randrange(4))],
        "remove_tags": [chance.choice(TAGS) for _ in range(chance.randrange(3))],
        "lead_data": {chance.choice(NAMES): chance.choice(VALUES) for _ in range(chance.randrange(4))},
        "new_contact_number": chance.choice(NUMBERS),
        "new_country_code": chance.choice(CODES),
        "nickname": "A",
    }
    shares = {"lead_data": 0.7, "new_contact_number": 0.25, "new_country_code": 0.35, "nickname": 0.1}
    body = {name: value for name, value in made.items() if chance.random() < shares.get(name, 0.5)}
    spoilt = {name: chance.choice(WRONG) for name in body if chance.random() < wrong}
    copied: dict[str, Any] = json.loads(json.dumps({**body, **spoilt}))
    return copied
