"""Random requests to the API of `fixtures/contracts/tickets`, whose clients choose all keys."""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.support.alike import Step

_ODD = 0.12
_CODES = ("fair", "gala", "opera", "ball", "race", "expo", "show", "open-air")
_SEATS = ("A1", "A2", "B1", "B2")
_LABELS = ("new", "Indoor", "late")
_EMAILS = ("ann@example.com", "bob@example.com", "carl@example.com")


def ticket_steps(seed: int, count: int) -> Iterator[Step]:
    """Random requests of all kinds, most of them valid; the same seed gives the same ones."""
    pick = random.Random(seed)
    for _ in range(count):
        yield _step(pick)


def _step(pick: random.Random) -> Step:
    code, seat, email = pick.choice(_CODES), pick.choice(_SEATS), pick.choice(_EMAILS)
    if pick.random() < _ODD:
        code = "unknown"
    event, customer = f"/events/{code}", f"/customers/{email}"
    ways: Mapping[str, Callable[[], Step]] = {
        "announce": lambda: Step("POST", "/events", _event(pick), about="event"),
        "list": lambda: Step("GET", "/events", query=_query(pick), about="events"),
        "read": lambda: Step("GET", event, about="event"),
        "call off": lambda: Step("DELETE", event),
        "rename": lambda: Step("POST", f"{event}/rename", _spoilt(pick, {"to": pick.choice(_CODES)}), about="event"),
        "label": lambda: Step("PUT", f"{event}/labels", _spoilt(pick, _changes(pick)), about="event"),
        "sell": lambda: Step("POST", f"{event}/tickets", _spoilt(pick, _sale(pick)), about="sale"),
        "tickets": lambda: Step("GET", f"{event}/tickets", about="tickets"),
        "scan": lambda: Step("POST", f"{event}/tickets/{seat}/scan", about="ticket"),
        "customer": lambda: Step("PUT", customer, _spoilt(pick, _customer(pick)), about="customer"),
        "note": lambda: Step("POST", f"{customer}/notes", _spoilt(pick, {"note": "a note"}), about="customer"),
    }
    weights = (7, 4, 4, 2, 1, 3, 4, 2, 3, 3, 3)
    return ways[pick.choices([*ways], weights)[0]]()


def _spoilt(pick: random.Random, body: dict[str, Any]) -> Any:
    """The body, or now and then one with something wrong or unknown in it."""
    if pick.random() > 2 * _ODD:
        return body
    name = pick.choice(sorted(body)) if body else "name"
    return pick.choice(
        (
            {one: value for one, value in body.items() if one != name},
            {**body, name: pick.choice((5, None, {}, True))},
            {**body, "unknown": "text"},
            b'{"',
            [],
            "text",
        )
    )


def _event(pick: random.Random) -> Any:
    title = pick.choice(("The fair", " A gala ", "Opera night", "zoo", "Ball"))
    labels = {"labels": pick.sample(_LABELS, pick.randrange(3))} if pick.random() < 0.4 else {}
    return _spoilt(pick, {"code": pick.choice(_CODES), "title": title, **labels})


def _changes(pick: random.Random) -> dict[str, Any]:
    add, remove = pick.sample(_LABELS, pick.randrange(3)), pick.sample(_LABELS, pick.randrange(2))
    return {"add": add, **({"remove": remove} if remove else {})}


def _sale(pick: random.Random) -> dict[str, Any]:
    seats = pick.sample(_SEATS, pick.randrange(1, 3))
    return {"tickets": [{"seat": one, **({"holder": "Ann"} if pick.random() < 0.5 else {})} for one in seats]}


def _customer(pick: random.Random) -> dict[str, Any]:
    name = {"name": pick.choice(("Ann", "Bob "))} if pick.random() < 0.7 else {}
    return {**name, **({"notes": ["old"]} if pick.random() < 0.3 else {})}


def _query(pick: random.Random) -> str:
    usual = ("", "", "q=fair", "page=1", "page=2", "q=night&page=1")
    return pick.choice(("page=0", "page=x", "unknown=1")) if pick.random() < _ODD else pick.choice(usual)
