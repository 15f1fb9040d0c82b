"""Observers: reads of items beside the operation under test, as the control API or the target file allows."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from lookalike.errors import VerificationError
from lookalike.http import Headers, Request, Response
from lookalike.json_values import ABSENT, Absent, find, parse_pointer, with_scalars
from lookalike.model.state import Item, Key
from lookalike.verify.server.client import Sender
from lookalike.verify.server.target import ReadOperation
from lookalike.verify.side_by_side import side_by_side

T = TypeVar("T")


class Observation(NamedTuple):
    """The items that were read, by identity: their fields, or None if there is no such item."""

    items: Mapping[Key, Item | None]


class Observer(Protocol):
    """A way to read the items of a resource."""

    fields: frozenset[str]

    def look(self, identities: Iterable[Key]) -> Observation:
        """The items of these identities, and others that the same request shows; some may be impossible to read."""
        ...


class ControlObserver:
    """Reads the items of a Lookalike mock through its control API."""

    def __init__(self, server: Sender, resource: str, identity: str, fields: Iterable[str], headers: Headers) -> None:
        self.fields = frozenset(fields)
        self._server = server
        self._request = Request("GET", f"/__lookalike/state/{resource}", "", headers)
        self._identity = identity

    def look(self, identities: Iterable[Key]) -> Observation:
        """All items of the resource; any other identity has none."""
        answer = self._server.read(self._request)
        try:
            items = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise VerificationError(
                f"the control API of the mock answers {answer.status} without JSON to GET {self._request.path}; check "
                "that a Lookalike mock is at this URL"
            ) from None
        absent: dict[Key, Item | None] = dict.fromkeys(identities)
        return Observation({**absent, **{item[self._identity]: item for item in items}})


class PathObserver:
    """Reads items by the path or the search that the target file gives, several at the same time if allowed."""

    def __init__(
        self, server: Sender, observe: ReadOperation, identity: str, fields: Iterable[str], headers: Headers
    ) -> None:
        self.fields = frozenset(fields)
        self._server = server
        self._observe = observe
        self._identity = identity
        self._placeholder = "{" + identity + "}"
        self._headers = headers if observe.search is None else Headers({**headers, "Content-Type": "application/json"})
        self._pointer = parse_pointer(observe.item)
        self._is_search = self._placeholder not in observe.path.partition("?")[0]

    def look(self, identities: Iterable[Key]) -> Observation:
        """The item of each identity; an answer that shows neither an item nor its absence is left out."""
        wanted = list(identities)
        found = zip(
            wanted, side_by_side([partial(self._read, one) for one in wanted], self._observe.concurrency), strict=True
        )
        return Observation({identity: item for identity, item in found if not isinstance(item, Absent)})

    def _read(self, identity: Key) -> Item | Absent | None:
        """The item, None if there is none, or `ABSENT` if the answer shows neither."""
        answer = self._server.read(self._request(identity))
        if answer.status in {404, 410} and not self._is_search:
            return None
        value = _json(answer)
        found = find(value, self._pointer)
        if isinstance(found, Mapping):
            return self._fields_of(found) if self._is_requested(found, identity) else ABSENT
        return None if self._ends_too_early(value) else ABSENT

    def _request(self, identity: Key) -> Request:
        """The read or search of one identity."""
        path = self._observe.path.replace(self._placeholder, quote(str(identity), safe=""))
        search = self._observe.search
        body = b"" if search is None else json.dumps(_filled_in(search, self._placeholder, identity)).encode()
        path, _, query = path.partition("?")
        return Request(self._observe.method, path, query, self._headers, body)

    def _is_requested(self, found: Item, identity: Key) -> bool:
        """Whether an item is the requested one: a search may find similar ones."""
        key = _at(found, self._observe.fields.get(self._identity, self._identity))
        return not self._is_search or key is ABSENT or str(key) == str(identity)

    def _ends_too_early(self, value: Any) -> bool:
        """Whether the answer has the array that should hold the item, but that is too short."""
        *way, last = self._pointer or ("",)
        around = find(value, way)
        return isinstance(around, list) and last.isdecimal() and int(last) >= len(around)

    def _fields_of(self, found: Item) -> Item:
        places = {field: self._observe.fields.get(field, field) for field in self.fields}
        read = {field: _at(found, place) for field, place in places.items()}
        return {field: value for field, value in read.items() if value is not ABSENT}


def _json(answer: Response) -> Any:
    """The JSON value of an answer, or `ABSENT` if it is no 200, or reports an error: many searches do so with a 200."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ABSENT
    failed = isinstance(value, Mapping) and (value.get("error") or value.get("errors") or value.get("success") is False)
    return ABSENT if answer.status != 200 or failed else value


def _filled_in(search: Any, placeholder: str, identity: Key) -> Any:
    """A search whose placeholder is filled in: a string that is the placeholder becomes the identity, else its text."""

    def filled(one: Any) -> Any:
        if not isinstance(one, str):
            return one
        return identity if one == placeholder else one.replace(placeholder, str(identity))

    return with_scalars(search, filled)


def poll_until(look: Callable[[], T], is_right: Callable[[T], bool], seconds: float) -> T:
    """The first result that is right, or the last one when time is up: reads may lag behind changes."""
    end = time.monotonic() + seconds
    seen = look()
    while not is_right(seen) and time.monotonic() < end:
        time.sleep(min(0.1, seconds / 5))
        seen = look()
    return seen


def _at(item: Mapping[str, Any], place: str) -> Any:
    """The member of an item under a name or a JSON Pointer, or `ABSENT`."""
    return find(item, parse_pointer(place)) if place.startswith("/") else item.get(place, ABSENT)
