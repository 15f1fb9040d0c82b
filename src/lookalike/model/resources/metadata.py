"""Metadata of items that only the server sets: a unique id, the time of creation, and a version.

Such as `metadata.uid` and `metadata.resourceVersion`. The evidence is the name, and that the document calls the member
read-only, by its keyword or in its description; the time of creation is known by its name alone, as at the top of an
item.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lookalike.json_values import ABSENT, Pointer, find, with_value_at
from lookalike.model.generated_values import timestamp
from lookalike.model.state import Item
from lookalike.naming.keys import ABOUT_THE_ITEM, is_prefix_of_name, is_unique
from lookalike.naming.members import is_time_of_creation, is_version
from lookalike.naming.words import normalised
from lookalike.schema.view import SchemaView

# Makes a value of the name of the item and the time of its creation, in seconds since 1970.
MakeValue = Callable[[str, float], Any]

_IS_LOCK = re.compile(r"optimistic (?:concurrency|lock)", re.IGNORECASE)
_IS_SERVERS = re.compile(r"(?:populated|set|assigned|generated) by the (?:system|server)|read-?only", re.IGNORECASE)


class ServerMetadata:
    """The members that a server sets in the objects about an item, of the schema of a resource."""

    def __init__(self, makers: Mapping[Pointer, MakeValue], locks: Sequence[Pointer] = ()) -> None:
        self._makers = makers
        self._locks = locks
        self._versions = [place for place, make in makers.items() if make in (_first_number, _first_text)]

    @classmethod
    def of(cls, item: SchemaView) -> "ServerMetadata | None":
        """The metadata that items of a schema have; None if they have none."""
        views = dict(_about_the_item(item))
        found = ((place, _maker_of(place[-1], view)) for place, view in views.items())
        makers: dict[Pointer, MakeValue] = {place: maker for place, maker in found if maker is not None}
        texts = {place: str(view.keyword("description", "")) for place, view in views.items()}
        locks = [place for place, text in texts.items() if place in makers and _IS_LOCK.search(text)]
        return cls(makers, locks) if makers else None

    def completed(self, item: dict[str, Any], named: str, at: float) -> dict[str, Any]:
        """An item with those members that it lacks; `named` is unique to it."""
        for place, make in self._makers.items():
            if find(item, place) is ABSENT:
                item = with_value_at(item, place, make(named, at))
        return item

    def outdated(self, old: Item, sent: Mapping[str, Any]) -> Pointer:
        """The place of a version in what was sent that is not the one of the item; empty if there is none.

        Clients send the version that they have read, so that they do not undo a change which they have not seen.
        """
        versions = ((place, find(sent, place)) for place in self._locks)
        return next((place for place, one in versions if one not in (ABSENT, None, "", find(old, place))), ())

    def kept(self, old: Item, sent: Item) -> Item:
        """A sent item with those members as the old one has them."""
        values = {place: value for place in self._makers if (value := find(old, place)) is not ABSENT}
        for place, value in values.items():
            sent = with_value_at(sent, place, value)
        return sent

    def revised(self, item: Item) -> Item:
        """A changed item with the next version."""
        for place in self._versions:
            version = find(item, place)
            if isinstance(version, int):
                item = with_value_at(item, place, version + 1)
            elif isinstance(version, str) and version.isdecimal():
                item = with_value_at(item, place, str(int(version) + 1))
        return item


def place_of_prefix(item: SchemaView, place_of_name: Pointer) -> Pointer:
    """The place of the member that is sent for a name to be made of, beside that of the name; empty without one."""
    *above, _ = place_of_name
    holder = item.inside(above) if above else item
    members = holder.members if holder is not None else ()
    return next(((*above, one) for one in members if is_prefix_of_name(one)), ())


def generated_name(item: Item, place: Pointer, number: int) -> str:
    """The name that a server makes of the prefix at a place; nothing if none was sent."""
    prefix = find(item, place)
    is_given = isinstance(prefix, str) and prefix
    return f"{prefix}{uuid5(NAMESPACE_URL, f'{prefix} {number}').hex[:_SUFFIX]}" if is_given else ""


_SUFFIX = 5  # letters and digits


def _about_the_item(item: SchemaView) -> Iterator[tuple[tuple[str, str], SchemaView]]:
    for holder, held in item.members.items():
        if normalised(holder) in ABOUT_THE_ITEM:
            yield from (((holder, name), view) for name, view in held.members.items())


def _maker_of(name: str, view: SchemaView) -> MakeValue | None:
    if is_time_of_creation(name) and (not view.types or view.types & {"string", "integer"}):
        return _seconds if "integer" in view.types else _time
    if not _is_servers(view):
        return None
    if is_version(name):
        return _first_number if "integer" in view.types else _first_text
    return _uuid if is_unique(name) and view.types == {"string"} else None


def _is_servers(view: SchemaView) -> bool:
    return view.is_marked("readOnly") or bool(_IS_SERVERS.search(str(view.keyword("description", ""))))


def _time(named: str, at: float) -> str:
    return timestamp(at)


def _seconds(named: str, at: float) -> int:
    return int(at)


def _first_number(named: str, at: float) -> int:
    return 1


def _first_text(named: str, at: float) -> str:
    return "1"


def _uuid(named: str, at: float) -> str:
    return str(uuid5(NAMESPACE_URL, f"{named} {at}"))
