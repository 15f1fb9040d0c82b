"""How alike a server and a mock answer the same random requests, with such requests to `fixtures/contracts/pets`.

Keys are the one thing that two servers need not share: a request names an item by when it was created, and keys in
answers are compared by that too. Times are compared by being there.
"""

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lookalike.http import Headers, Request, Response

Send = Callable[[Request], Response]

JSON = Headers({"Content-Type": "application/json"})
MERGE_PATCH = Headers({"Content-Type": "application/merge-patch+json"})
NAMES = ("Rex", " Minka ", "Bello", "Tom Tom", "Zoë")
KINDS = ("cat", "dog", "bird")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_ODD = 0.12
_MEMBERS = {
    "pet": ("id", "name", "kind", "tags", "created_at"),
    "visit": ("id", "reason", "cost"),
    "user": ("username", "email", "password"),
    "settings": ("language", "newsletter"),
    "event": ("code", "title", "announced", "labels"),
    "ticket": ("seat", "holder", "scans"),
    "customer": ("email", "name", "notes"),
}
# Bodies that hold a list: their other members, the member with the list, and the kind of its items.
_LISTS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "pets": (("total",), "data", "pet"),
    "events": (("of", "more"), "events", "event"),
    "tickets": ((), "tickets", "ticket"),
    "sale": (("sold",), "tickets", "ticket"),
}


class Step(NamedTuple):
    """A request in which `{pet}` and `{visit}` stand for keys; `makes` names the kind of item that it may create."""

    method: str
    path: str
    body: Any = None
    query: str = ""
    pet: int | str = 0
    visit: int | str = 0
    makes: str = ""
    about: str = ""


@dataclass
class Side:
    """One of the two servers, and the keys of the items that it created."""

    send: Send
    base: str
    pets: list[Any] = field(default_factory=list)
    visits: list[Any] = field(default_factory=list)

    def play(self, step: Step) -> tuple[int, Any]:
        """The status and the JSON body of the answer to a step."""
        pet = self._key(self.pets, step.pet)
        visit = self._key(self.visits, step.visit)
        path = self.base + step.path.replace("{pet}", str(pet)).replace("{visit}", str(visit))
        raw = step.body if isinstance(step.body, bytes) else json.dumps(step.body).encode()
        headers = MERGE_PATCH if step.about == "settings" else JSON
        request = Request(step.method, path, step.query, headers, b"" if step.body is None else raw)
        response = self.send(request)
        try:
            value = json.loads(response.body) if response.body else None
        except ValueError:
            value = response.body.decode("utf-8", "replace")
        if response.status == 201 and isinstance(value, dict):
            if step.makes == "pet":
                self.pets.append(value.get("id"))
            if step.makes == "visit":
                self.visits.append(value.get("id"))
        return response.status, self._plain(value)

    @staticmethod
    def _key(keys: list[Any], which: int | str) -> Any:
        if isinstance(which, str):
            return which
        return keys[which % len(keys)] if keys else 999_999

    def _plain(self, value: Any) -> Any:
        """The value with ordinal numbers in place of keys, and a mark in place of times."""
        if isinstance(value, list):
            return [self._plain(one) for one in value]
        if isinstance(value, dict):
            return {name: self._key_or_plain(name, one) for name, one in value.items()}
        return "a time" if isinstance(value, str) and _TIME.match(value) else value

    def _key_or_plain(self, name: str, value: Any) -> Any:
        keys = (("pet", self.pets), ("visit", self.visits))
        found = (f"{kind} {known.index(value)}" for kind, known in keys if name == "id" and value in known)
        return next(found, None) or self._plain(value)


class Likeness(NamedTuple):
    """The shares of statuses and of documented members that were alike, and the first differences."""

    statuses: float
    members: float
    differences: list[str]


def likeness(one: Side, other: Side, steps: Iterable[Step]) -> Likeness:
    """How alike two servers answer some requests."""
    count = statuses = members = equal = 0
    differences: list[str] = []
    for step in steps:
        (status, body), (other_status, other_body) = one.play(step), other.play(step)
        count += 1
        statuses += status == other_status
        if status != other_status:
            differences.append(f"{step.method} {step.path}?{step.query} {step.body}: {status}, not {other_status}")
            continue
        if status < 300:
            for name, value, shown in _pairs(step.about, body, other_body):
                members += 1
                equal += value == shown
                if value != shown:
                    differences.append(f"{step.method} {step.path} {step.body}: {name}: {value!r}, not {shown!r}")
    return Likeness(statuses / count, equal / max(members, 1), differences)


def _pairs(about: str, body: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """The documented members of both bodies, side by side."""
    if about in _LISTS and isinstance(body, dict) and isinstance(other, dict):
        beside, inside, kind = _LISTS[about]
        for name in beside:
            yield name, body.get(name), other.get(name)
        yield from _pairs(kind, body.get(inside), other.get(inside))
    elif isinstance(body, list) and isinstance(other, list):
        yield "length", len(body), len(other)
        for one, two in zip(body, other, strict=False):
            yield from _pairs(about.removesuffix("s"), one, two)
    elif isinstance(body, dict) and isinstance(other, dict):
        for name in _MEMBERS.get(about, ("message",)):
            if name in body or name in other:
                yield name, body.get(name, "absent"), other.get(name, "absent")


def pet_steps(seed: int, count: int) -> Iterator[Step]:
    """Random requests of all kinds, most of them valid; the same seed gives the same ones."""
    pick = random.Random(seed)
    for number in range(count):
        yield _step(pick, number)


def _step(pick: random.Random, number: int) -> Step:
    pet: int | str = pick.randrange(1000) if pick.random() > _ODD else pick.choice(("abc", "4242424", "-1"))
    visit: int | str = pick.randrange(1000)
    if pick.random() < _ODD:
        visit = pick.choice(("abc", "00000000-0000-4000-8000-000000000000"))
    name = pick.choice(("ann", "bob", "carl", f"new-{number}"))
    ways: Mapping[str, Callable[[], Step]] = {
        "create": lambda: Step("POST", "/pets", _pet(pick, number), makes="pet", about="pet"),
        "list": lambda: Step("GET", "/pets", query=_query(pick), about="pets"),
        "read": lambda: Step("GET", "/pets/{pet}", pet=pet, about="pet"),
        "replace": lambda: Step("PUT", "/pets/{pet}", _pet(pick, number), pet=pet, about="pet"),
        "change": lambda: Step("PATCH", "/pets/{pet}", _part(pick, number), pet=pet, about="pet"),
        "delete": lambda: Step("DELETE", "/pets/{pet}", pet=pet),
        "visit": lambda: Step("POST", "/pets/{pet}/visits", _visit(pick), pet=pet, makes="visit", about="visit"),
        "visits": lambda: Step("GET", "/pets/{pet}/visits", pet=pet, about="visits"),
        "see visit": lambda: Step("GET", "/pets/{pet}/visits/{visit}", pet=pet, visit=visit, about="visit"),
        "vaccinate": lambda: Step("POST", "/pets/{pet}/vaccinate", pet=pet, about="order"),
        "user": lambda: Step("PUT", f"/users/{name}", _user(pick), about="user"),
        "see user": lambda: Step("GET", f"/users/{name}", about="user"),
        "set": lambda: Step("PATCH", "/settings", _settings(pick), about="settings"),
        "settings": lambda: Step("GET", "/settings", about="settings"),
    }
    weights = (6, 3, 5, 4, 4, 2, 3, 2, 2, 1, 3, 3, 2, 1)
    return ways[pick.choices([*ways], weights)[0]]()


def _spoilt(pick: random.Random, body: dict[str, Any]) -> Any:
    """The body, or now and then one with something wrong or unknown in it."""
    if pick.random() > 2 * _ODD:
        return body
    name = pick.choice(sorted(body)) if body else "name"
    return pick.choice(
        (
            {one: value for one, value in body.items() if one != name},
            {**body, name: pick.choice((5, None, [], {}, "", True))},
            {**body, "unknown": "text"},
            b'{"',
            [],
            "text",
        )
    )


def _pet(pick: random.Random, number: int) -> Any:
    tags = {"tags": pick.choices(("a", "b", "Loud"), k=pick.randrange(4))} if pick.random() < 0.6 else {}
    name = f"{pick.choice(NAMES)} {number}" if pick.random() < 0.8 else pick.choice(NAMES)
    return _spoilt(pick, {"name": name, "kind": pick.choice(KINDS), **tags})


def _part(pick: random.Random, number: int) -> Any:
    whole = {"name": f"{pick.choice(NAMES)} {number}", "kind": pick.choice(KINDS), "tags": ["x", "x"]}
    return {name: whole[name] for name in pick.sample(sorted(whole), pick.randrange(1, 3))}


def _visit(pick: random.Random) -> Any:
    cost = {"cost": pick.choice((1, 2.5, 3.14159, 0))} if pick.random() < 0.7 else {}
    return _spoilt(pick, {"reason": pick.choice(("a check", " Fever ")), **cost})


def _user(pick: random.Random) -> Any:
    password = {"password": "secret"} if pick.random() < 0.5 else {}
    return _spoilt(pick, {"email": pick.choice(("Ann@example.com", "bob@example.com")), **password})


def _settings(pick: random.Random) -> Any:
    both = {"language": "fr", "newsletter": False}
    return _spoilt(pick, pick.choice(({"language": "de"}, {"newsletter": True}, both)))


def _query(pick: random.Random) -> str:
    usual = ("", "", "kind=cat", "tag=a", "sort=name", "sort=-name", "limit=2", "limit=3&offset=2", "offset=1")
    return pick.choice(("limit=abc", "offset=-x", "unknown=1")) if pick.random() < _ODD else pick.choice(usual)
