"""Observing: reading the items of a server beside the operation that is judged, where somebody said how."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from lookalike.http import Headers, Request, Response
from lookalike.json_values import ABSENT, Absent, find, parse_pointer
from lookalike.model.state import Item, Key
from lookalike.verify.server.client import Sender
from lookalike.verify.server.target import ReadOperation

T = TypeVar("T")


class Observation(NamedTuple):
    """What was seen: under each identity that was looked for, the fields of its item, or None where there is none."""

    items: Mapping[Key, Item | None]


class Observer(Protocol):
    """A way to read the items of a resource."""

    fields: frozenset[str]

    def look(self, identities: Iterable[Key]) -> Observation:
        """What there is under these identities, and under others where that costs nothing."""
        ...


class ControlObserver:
    """Reads all items of a Lookalike mock through its control API."""

    def __init__(self, server: Sender, resource: str, identity: str, fields: Iterable[str], headers: Headers) -> None:
        self.fields = frozenset(fields)
        self._server = server
        self._request = Request("GET", f"/__lookalike/state/{resource}", "", headers)
        self._identity = identity

    def look(self, identities: Iterable[Key]) -> Observation:
        """All items; those looked for that are not among them are not there."""
        items = json.loads(self._server.read(self._request).body)
        absent: dict[Key, Item | None] = dict.fromkeys(identities)
        return Observation({**absent, **{item[self._identity]: item for item in items}})


class PathObserver:
    """Reads one item after the other by a path, or a search, that the target file names."""

    def __init__(
        self, server: Sender, observe: ReadOperation, identity: str, fields: Iterable[str], headers: Headers
    ) -> None:
        self.fields = frozenset(fields)
        self._server = server
        self._observe = observe
        self._identity = identity
        self._place = "{" + identity + "}"
        self._headers = headers if observe.search is None else Headers({**headers, "Content-Type": "application/json"})
        self._pointer = parse_pointer(observe.item)
        self._searches = self._place not in observe.path.partition("?")[0]

    def look(self, identities: Iterable[Key]) -> Observation:
        """The item under each identity; one whose answer cannot be read was not seen."""
        found = ((identity, self._read(identity)) for identity in identities)
        return Observation({identity: item for identity, item in found if not isinstance(item, Absent)})

    def _read(self, identity: Key) -> Item | Absent | None:
        """The item, None where there is none, or `ABSENT` where nothing can be said."""
        answer = self._server.read(self._request(identity))
        if answer.status in {404, 410} and not self._searches:
            return None
        value = _json(answer)
        found = find(value, self._pointer)
        if isinstance(found, Mapping):
            return self._fields_of(found) if self._is(found, identity) else ABSENT
        return None if self._ends_too_early(value) else ABSENT

    def _request(self, identity: Key) -> Request:
        """The request with an identity in place."""
        path = self._observe.path.replace(self._place, quote(str(identity), safe=""))
        search = self._observe.search
        body = b"" if search is None else json.dumps(_with(search, self._place, identity)).encode()
        path, _, query = path.partition("?")
        return Request(self._observe.method, path, query, self._headers, body)

    def _is(self, found: Item, identity: Key) -> bool:
        """Whether this is the item: a search may find another that is like it."""
        key = _at(found, self._observe.fields.get(self._identity, self._identity))
        return not self._searches or key is ABSENT or str(key) == str(identity)

    def _ends_too_early(self, value: Any) -> bool:
        """Whether an array that should hold the item is there, and too short."""
        *way, last = self._pointer or ("",)
        around = find(value, way)
        return isinstance(around, list) and last.isdecimal() and int(last) >= len(around)

    def _fields_of(self, found: Item) -> Item:
        places = {field: self._observe.fields.get(field, field) for field in self.fields}
        read = {field: _at(found, place) for field, place in places.items()}
        return {field: value for field, value in read.items() if value is not ABSENT}


def _json(answer: Response) -> Any:
    """What a read was answered, or `ABSENT` where that is no success, or tells of an error."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ABSENT
    failed = isinstance(value, Mapping) and (value.get("error") or value.get("errors") or value.get("success") is False)
    return ABSENT if answer.status != 200 or failed else value


def _with(search: Any, place: str, identity: Key) -> Any:
    """A JSON value with an identity in place: as it is where a string is just the place, as text inside others."""
    if isinstance(search, str):
        return identity if search == place else search.replace(place, str(identity))
    if isinstance(search, list):
        return [_with(item, place, identity) for item in search]
    if isinstance(search, Mapping):
        return {name: _with(member, place, identity) for name, member in search.items()}
    return search


def poll_until(look: Callable[[], T], is_right: Callable[[T], bool], seconds: float) -> T:
    """What is seen once it is right, or after so many seconds at the latest, since a read may lag behind."""
    end = time.monotonic() + seconds
    seen = look()
    while not is_right(seen) and time.monotonic() < end:
        time.sleep(min(0.1, seconds / 5))
        seen = look()
    return seen


def _at(item: Mapping[str, Any], place: str) -> Any:
    return find(item, parse_pointer(place)) if place.startswith("/") else item.get(place, ABSENT)
