"""Freedoms: the ways in which a server may keep a value otherwise than it was sent.

The list is closed: outer spaces and the case of letters of a text, another spelling of an instant or a number, numbers
rounded to two decimals or more, duplicates of a list dropped. A server keeps each member in one way for a whole run;
only the ways that explain everything seen of a member are left. Nothing is ever shortened, and no inner character lost.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

from lookalike.json_values import ABSENT
from lookalike.verify.oracle.comparison import same_value

_EMPTY: tuple[Any, ...] = (None, "", [], {}, ABSENT)
_AS_SENT = ""
_MOST_DECIMALS = 9


class Way(NamedTuple):
    """One way to keep texts, numbers and lists, as a combination of names from the tables below."""

    spaces: str
    case: str
    decimals: str
    duplicates: str


_SPACES: Mapping[str, Callable[[str], str]] = {_AS_SENT: str, "outer spaces are removed": str.strip}
_CASE: Mapping[str, Callable[[str], str]] = {
    _AS_SENT: str,
    "letters are lower case": str.lower,
    "letters are upper case": str.upper,
}
_DECIMALS: Mapping[str, int] = {
    _AS_SENT: -1,
    **{f"numbers are rounded to {places} decimals": places for places in range(2, _MOST_DECIMALS)},
}
_DUPLICATES = (_AS_SENT, "duplicates are dropped")

_PLAIN = Way(_AS_SENT, _AS_SENT, _AS_SENT, _AS_SENT)
WAYS = tuple(Way(*names) for names in product(_SPACES, _CASE, _DECIMALS, _DUPLICATES))

Ways = frozenset[Way]
_ALL: Ways = frozenset(WAYS)


class Freedoms:
    """For each member, the ways that explain everything that was seen of it in a run."""

    def __init__(self, left: Mapping[str, Ways] = MappingProxyType({})) -> None:
        self.left: dict[str, Ways] = {**left}

    def explaining(self, member: str, sent: Any, shown: Any, as_text: bool = False) -> Ways:
        """The ways left for a member that turn what was sent into what is shown; none is a violation.

        `as_text` tells of a number that the document describes as a text where it is shown.
        """
        number = _number(shown) if as_text and _is_number(sent) and isinstance(shown, str) else None
        shown = shown if number is None else number
        explains: dict[Way, bool] = {}
        for way in {_relevant(way, sent) for way in WAYS}:
            explains[way] = _matches(sent, shown, way)
        return frozenset(way for way in self.left.get(member, _ALL) if explains[_relevant(way, sent)])

    def keep(self, found: Mapping[str, Ways]) -> None:
        """Leave only these ways for some members."""
        self.left |= found

    def copy(self) -> "Freedoms":
        """The same ways, for one story."""
        return Freedoms(self.left)

    def joined(self, other: "Freedoms") -> "Freedoms | None":
        """The ways that explain what another story saw too, or None if nothing explains both for some member."""
        both = {**self.left, **{name: ways & self.left.get(name, _ALL) for name, ways in other.left.items()}}
        return Freedoms(both) if all(both.values()) else None

    def told(self) -> list[str]:
        """The members that are not kept as they were sent, and how, in words."""
        kept = ((member, ways) for member, ways in sorted(self.left.items()) if _PLAIN not in ways)
        least = ((member, min(ways, key=_deviations)) for member, ways in kept)
        return [f"{member}: {', '.join(name for name in way if name)}" for member, way in least]


_NAMES = {
    "outer spaces are removed": "trimmed",
    "letters are lower case": "lower-case",
    "letters are upper case": "upper-case",
    "duplicates are dropped": "without-duplicates",
    **{f"numbers are rounded to {places} decimals": f"rounded-{places}" for places in range(2, _MOST_DECIMALS)},
}


def names_of_ways(ways: Ways) -> list[str]:
    """The normalisations of the way among some that differs the least from none, as built-in readings name them."""
    return [_NAMES[name] for name in min(ways, key=_deviations) if name]


def _deviations(way: Way) -> tuple[int, Way]:
    return sum(map(bool, way)), way


def _relevant(way: Way, sent: Any) -> Way:
    """A way without the parts that make no difference to a value."""
    if isinstance(sent, str):
        return way._replace(decimals=_AS_SENT, duplicates=_AS_SENT)
    return _PLAIN._replace(decimals=way.decimals) if _is_number(sent) else way


def _spelt(text: str, way: Way) -> str:
    return _CASE[way.case](_SPACES[way.spaces](text))


def _matches(sent: Any, shown: Any, way: Way) -> bool:
    if isinstance(sent, Mapping) and isinstance(shown, Mapping):  # objects may be completed
        return all(_matches(value, shown.get(name, ABSENT), way) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(shown, list):
        return _same_list(sent, shown, way)
    if isinstance(sent, str) and isinstance(shown, str):
        return _spelt(sent, way) == shown or _same_moment(sent, shown)
    if _is_number(sent) and _is_number(shown):
        return _same_number(sent, shown, way)
    return (sent in _EMPTY and shown in _EMPTY) or same_value(sent, shown, rounded=True)


def _same_list(sent: list[Any], shown: list[Any], way: Way) -> bool:
    """Whether the items are the same, in any order; without duplicates where these are dropped."""
    if way.duplicates:
        texts = [_kept_text(one, way) for one in sent]
        return set(texts) == {*map(_text, shown)} and len(shown) == len({*texts})
    if len(sent) != len(shown):
        return False
    return all(_matches(one, other, way) for one, other in zip(sent, shown, strict=True)) or Counter(
        _kept_text(one, way) for one in sent
    ) == Counter(map(_text, shown))


def _kept_text(value: Any, way: Way) -> str:
    return _text(_spelt(value, way) if isinstance(value, str) else value)


def _same_number(sent: float, shown: float, way: Way) -> bool:
    """Whether a number is the same as a double, or as rounded to some decimals, in either direction of a tie."""
    if same_value(sent, shown, rounded=True):
        return True
    places = _DECIMALS[way.decimals]
    if places < 0:
        return False
    exact, rounded = Decimal(repr(sent)), Decimal(repr(shown))
    is_rounded = rounded == round(rounded, places)
    return is_rounded and abs(exact - rounded) <= Decimal(1).scaleb(-places) / 2


def alike(one: Any, other: Any) -> bool:
    """Whether two values say the same: objects may have more members, lists another order, times another spelling."""
    return _matches(one, other, _PLAIN)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(text: str) -> float | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return float(found) if found.is_finite() else None


def _same_moment(one: str, other: str) -> bool:
    moment = _moment(one)
    return moment is not None and moment == _moment(other)


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if len(text) >= len("2030-01-01T00:00") else None
    except ValueError:
        return None
