"""Notes over HTTP, written by hand from `notes.yaml`: dictionaries and plain ifs, with switches for ways of its own."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.support.servers.serving import Answer, Asked

Item = dict[str, Any]


def is_text(most: int, least: int = 0) -> Callable[[Any], bool]:
    """Whether a value is a text of so many characters."""
    return lambda value: isinstance(value, str) and least <= len(value) <= most


def is_price(value: Any) -> bool:
    """Whether a value is a number from 0 to 1000."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1000


def is_moment(value: Any) -> bool:
    """Whether a value is a date-time of RFC 3339, as far as it is looked at."""
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:.+", value) is not None


def are_tags(value: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def is_place(value: Any) -> bool:
    """Whether a value is an object whose city and country are texts."""
    return isinstance(value, dict) and all(isinstance(value.get(name, ""), str) for name in ("city", "country"))


FITS: Mapping[str, Callable[[Any], bool]] = {
    "title": is_text(200, least=1),
    "label": is_text(40),
    "price": is_price,
    "due": is_moment,
    "tags": are_tags,
    "place": is_place,
}
MADE = "2030-01-01T00:00:00Z"


def as_sent(item: Item) -> Item:
    """The members as they were sent."""
    return item


@dataclass
class Notes:
    """The server, and what it remembers.

    `kept` makes what is stored of what was sent, `shown` what is answered of what is stored; `instead` are answers to
    operations by method and path template. Statuses are those of the answers that they name. `put_unknown` other than
    404 creates. `delay` is how many seconds a write takes to be seen. `others` are the ids of notes that were there
    before, `touched` the ids of those that were replaced, changed or deleted, `created_ids` of those created since.
    """

    kept: Callable[[Item], Item] = as_sent
    shown: Callable[[Item], Item] = as_sent
    created: int = 201
    deleted: int = 204
    refused: int = 400
    gone: int = 404
    delete_unknown: int = 404
    put_unknown: int = 404
    unknown_members: str = "dropped"
    unique: str = ""
    unique_for_ever: bool = False
    reuses_ids: bool = False
    put_keeps: bool = False
    soft: str = ""
    newest_first: bool = False
    page: int = 1000
    delay: float = 0.0
    checks: bool = True
    instead: Mapping[str, Answer] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    pinned: int = 0
    dead: dict[str, Item] = field(default_factory=dict)
    late: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __call__(self, asked: Asked) -> Answer:  # noqa: PLR0911  # its routes, one after the other
        """The answer to a request."""
        self.asked.append(asked)
        self._catch_up()
        template = "/".join(("{id}" if place == 1 else part) for place, part in enumerate(asked.path))
        answer = self.instead.get(f"{asked.method} /{template}")
        if answer is not None:
            return answer
        match (asked.method, *asked.path):
            case ("GET", "notes"):
                return self.list()
            case ("POST", "notes"):
                return self.create(asked)
            case ("POST", "notes", id, "pin"):
                return self.pin(id)
            case ("GET" | "HEAD", "notes", id):
                return self.read(id)
            case ("PUT", "notes", id):
                return self.replace(id, asked)
            case ("PATCH", "notes", id):
                return self.change(id, asked)
            case ("DELETE", "notes", id):
                return self.delete(id)
        return Answer(404)

    def list(self) -> Answer:
        """All notes, as far as one page goes."""
        every = [self.shown(item) for item in self.items.values()]
        return Answer(200, (every[::-1] if self.newest_first else every)[: self.page])

    def create(self, asked: Asked) -> Answer:
        """A new note."""
        if not self.fits(asked.body):
            return Answer(self.refused)
        item = self.stored(asked.body)
        taken = [*self.items.values(), *(self.dead.values() if self.unique_for_ever else ())]
        if self.unique and any(one.get(self.unique) == item.get(self.unique) for one in taken):
            return Answer(409)
        id = self.new_id(item)
        item = {**item, "id": id, "made": MADE}
        self._write(lambda: self.items.__setitem__(id, item))
        return self.answer_created(item)

    def answer_created(self, item: Item) -> Answer:
        """The answer that tells of a new note."""
        return Answer(self.created, self.shown(item))

    def new_id(self, item: Item) -> str:
        """An id that no note has; one that was deleted may come again where they are reused."""
        if self.reuses_ids:
            return next(id for id in map(str, count(1)) if id not in self.items)
        return str(next(self.numbers))

    def read(self, id: str) -> Answer:
        """One note."""
        if id in self.items:
            return Answer(200, self.shown(self.items[id]))
        if id in self.dead and self.soft:
            return Answer(200, self.shown(self.dead[id]))
        return Answer(self.gone if id in self.dead else 404)

    def replace(self, id: str, asked: Asked) -> Answer:
        """The note as it was sent, whatever it was."""
        if id not in self.items and self.put_unknown == 404:
            return Answer(404)
        if not self.fits(asked.body):
            return Answer(self.refused)
        before = self.items.get(id)
        self.touched.add(id)
        old = before if before is not None and self.put_keeps else {}
        item = {**old, **self.stored(asked.body), "id": id, "made": MADE}
        self._write(lambda: self.items.__setitem__(id, item))
        return Answer(200 if before is not None else self.put_unknown, self.shown(item))

    def change(self, id: str, asked: Asked) -> Answer:
        """The note with the members that were sent."""
        if id not in self.items:
            return Answer(404)
        if not self.fits(asked.body, is_part=True):
            return Answer(self.refused)
        self.touched.add(id)
        item = {**self.items[id], **self.stored(asked.body)}
        self._write(lambda: self.items.__setitem__(id, item))
        return Answer(200, self.shown(item))

    def delete(self, id: str) -> Answer:
        """No note any more, or one that is marked as deleted, or only not listed, where deletion is `soft`."""
        if id not in self.items:
            return Answer(self.delete_unknown)
        self.touched.add(id)
        self._write(lambda: self._bury(id))
        return Answer(self.deleted)

    def pin(self, id: str) -> Answer:
        """An action of which the document does not tell what it does."""
        self.pinned += 1
        return Answer(202 if id in self.items else 404)

    def fits(self, body: Any, is_part: bool = False) -> bool:
        """Whether a body is one of a note, or of a part of it."""
        if not self.checks:
            return isinstance(body, dict)
        if not isinstance(body, dict) or not (is_part or "title" in body):
            return False
        if self.unknown_members == "refused" and body.keys() - FITS.keys():
            return False
        return all(name not in FITS or FITS[name](value) for name, value in body.items())

    def stored(self, body: Any) -> Item:
        """What is stored of a body."""
        known = body if self.unknown_members == "kept" else {name: body[name] for name in body if name in FITS}
        return self.kept({name: value for name, value in known.items() if name not in ("id", "made")})

    def _bury(self, id: str) -> None:
        item = self.items.pop(id, None)
        if item is not None:
            self.dead[id] = {**item, **({"deleted": True} if self.soft == "marked" else {})}

    def _write(self, write: Callable[[], None]) -> None:
        if self.delay:
            self.late.append((time.monotonic() + self.delay, write))
        else:
            write()

    def _catch_up(self) -> None:
        while self.late and self.late[0][0] <= time.monotonic():
            self.late.pop(0)[1]()


def with_others(notes: Notes, number: int = 2) -> Notes:
    """The server with notes that are someone else's."""
    for at in range(number):
        id = f"old-{at}"
        notes.items[id] = {"id": id, "title": f"Old {at}", "made": MADE}
    return notes
