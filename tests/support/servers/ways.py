"""Ways to keep or show the members of a note: the normalisations of correct servers, and faults beside them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

Item = dict[str, Any]


def changed(item: Item, **ways: Any) -> Item:
    """The item with some of its members put through functions, where it has them."""
    return {name: ways[name](value) if name in ways else value for name, value in item.items()}


# Freedoms


def without_outer_spaces(item: Item) -> Item:
    """Texts are trimmed."""
    return changed(item, title=str.strip, label=str.strip)


def in_lower_case(item: Item) -> Item:
    """Labels are folded to lower case."""
    return changed(item, label=str.lower)


def at_the_same_instant(item: Item) -> Item:
    """Times are kept in UTC, with milliseconds."""
    return changed(item, due=_in_utc)


def with_two_decimals(item: Item) -> Item:
    """Prices are kept in cents."""
    return changed(item, price=_in_cents)


def without_duplicates(item: Item) -> Item:
    """Tags are a set, in the order in which they first came."""
    return changed(item, tags=_each_once)


def with_defaults(item: Item) -> Item:
    """A place in no country is at home."""
    return changed(item, place=_at_home)


def with_more(item: Item) -> Item:
    """A link that the document does not tell of."""
    return {**item, "links": {"self": f"/notes/{item['id']}"}}


def with_counted_reads() -> Callable[[Item], Item]:
    """Members that are others whenever a note is shown."""
    reads = count()
    return lambda item: {**item, "etag": f'"{next(reads)}"', "seen": f"2030-01-01T00:00:{next(reads) % 60:02}Z"}


# Faults


def cut(item: Item) -> Item:
    """Titles lose what does not fit into a column of twelve characters."""
    return changed(item, title=_first_twelve)


def without_dashes(item: Item) -> Item:
    """Titles lose characters from their middle."""
    return changed(item, title=_without_dashes)


def as_wall_time(item: Item) -> Item:
    """Times lose their offset: another instant."""
    return changed(item, due=_wall_time)


def in_whole_numbers(item: Item) -> Item:
    """Prices lose their decimals."""
    return changed(item, price=int)


def without_the_second_tag(item: Item) -> Item:
    """A tag is lost that is no duplicate."""
    return changed(item, tags=_without_the_second)


def without_the_label(item: Item) -> Item:
    """A member is lost."""
    return {name: value for name, value in item.items() if name != "label"}


def without_the_city(item: Item) -> Item:
    """A member of a member is lost."""
    return changed(item, place=_nowhere)


def _in_utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _wall_time(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment + timedelta(hours=1)).replace(tzinfo=None).isoformat() + "Z"


def _in_cents(number: float) -> float:
    return round(number * 100) / 100


def _each_once(tags: list[Any]) -> list[Any]:
    return list(dict.fromkeys(map(str, tags)))


def _at_home(place: Item) -> Item:
    return {"country": "LV", **place}


def _first_twelve(text: str) -> str:
    return text[:12]


def _without_dashes(text: str) -> str:
    return text.replace("-", "").replace("e", "")


def _without_the_second(tags: list[Any]) -> list[Any]:
    return tags[:1] + tags[2:]


def _nowhere(place: Item) -> Item:
    return {name: value for name, value in place.items() if name != "city"}
