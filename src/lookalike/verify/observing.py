"""Observing: reading the items of a server beside the operation that is judged, where somebody said how."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from lookalike.contract.expressions import ABSENT, Absent, at_pointer
from lookalike.contract.pointers import parse_pointer
from lookalike.http import Headers, Request
from lookalike.model.state import Item, Key
from lookalike.verify.client import Server
from lookalike.verify.target import Observe


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

    def __init__(self, server: Server, resource: str, identity: str, fields: Iterable[str], headers: Headers) -> None:
        self.fields = frozenset(fields)
        self._server = server
        self._request = Request("GET", f"/__lookalike/state/{resource}", "", headers)
        self._identity = identity

    def look(self, identities: Iterable[Key]) -> Observation:
        """All items; those looked for that are not among them are not there."""
        items = json.loads(self._server.send(self._request).body)
        absent: dict[Key, Item | None] = dict.fromkeys(identities)
        return Observation({**absent, **{item[self._identity]: item for item in items}})


class PathObserver:
    """Reads one item after the other by a path that the target file names."""

    def __init__(
        self, server: Server, observe: Observe, identity: str, fields: Iterable[str], headers: Headers
    ) -> None:
        self.fields = frozenset(fields)
        self._server = server
        self._observe = observe
        self._identity = identity
        self._headers = headers

    def look(self, identities: Iterable[Key]) -> Observation:
        """The item under each identity; one whose answer cannot be read was not seen."""
        found = ((identity, self._read(identity)) for identity in identities)
        return Observation({identity: item for identity, item in found if not isinstance(item, Absent)})

    def _read(self, identity: Key) -> Item | Absent | None:
        """The item, None where there is none, or `ABSENT` where nothing can be said."""
        path = self._observe.get.replace("{" + self._identity + "}", quote(str(identity), safe=""))
        answer = self._server.send(Request("GET", path, "", self._headers))
        if answer.status in {404, 410}:
            return None
        try:
            found = at_pointer(json.loads(answer.body), parse_pointer(self._observe.item))
        except (ValueError, RecursionError):
            return ABSENT
        if answer.status != 200 or not isinstance(found, Mapping):
            return ABSENT
        places = {field: self._observe.fields.get(field, field) for field in self.fields}
        read = {field: _at(found, place) for field, place in places.items()}
        return {field: value for field, value in read.items() if value is not ABSENT}


def settled(look: Callable[[], Observation], is_right: Callable[[Observation], bool], seconds: float) -> Observation:
    """What is seen once it is right, or after so many seconds at the latest, since a read may lag behind."""
    end = time.monotonic() + seconds
    seen = look()
    while not is_right(seen) and time.monotonic() < end:
        time.sleep(min(0.1, seconds))
        seen = look()
    return seen


def _at(item: Mapping[str, Any], place: str) -> Any:
    return at_pointer(item, parse_pointer(place)) if place.startswith("/") else item.get(place, ABSENT)
