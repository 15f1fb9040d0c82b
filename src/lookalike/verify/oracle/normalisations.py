"""Normalisations: the ways in which a server may keep a value otherwise than it was sent.

The list is closed: outer spaces and the case of letters of a text, another spelling of an instant or a number, numbers
rounded to the documented `multipleOf` or to two decimals or more, duplicates of a list dropped. A server keeps each
member in one way for a whole run; only the ways that explain everything seen of a member are left. Nothing is ever
shortened, and no inner character lost.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

from lookalike.contract.builtin_readings import NORMALISATIONS
from lookalike.json_values import ABSENT, is_number
from lookalike.schema.view import SchemaView
from lookalike.verify.oracle.equality import same_value

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMATS_OF_NUMBERS = {"decimal", "decimal128", "double", "float", "number", "int32", "int64", "uint64"}
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ABSENT)
_AS_SENT = ""
_TO_MULTIPLE = "rounded-to-multiple"


class Normalisation(NamedTuple):
    """One way to keep texts, numbers and lists, as a combination of choices of the reading `RESOURCE.MEMBER.kept`."""

    spaces: str
    case: str
    rounding: str
    duplicates: str


_SPACES: Mapping[str, Callable[[str], str]] = {_AS_SENT: str, "trimmed": str.strip}
_CASE: Mapping[str, Callable[[str], str]] = {_AS_SENT: str, "lower-case": str.lower, "upper-case": str.upper}
_ROUNDING = (_AS_SENT, *(name for name in NORMALISATIONS if name.startswith("rounded-")))
_DUPLICATES = (_AS_SENT, "without-duplicates")

_PLAIN = Normalisation(_AS_SENT, _AS_SENT, _AS_SENT, _AS_SENT)
WAYS = tuple(Normalisation(*names) for names in product(_SPACES, _CASE, _ROUNDING, _DUPLICATES))

NormalisationSet = frozenset[Normalisation]
_ALL: NormalisationSet = frozenset(WAYS)


class Normalisations:
    """The ways, by member, that explain everything that was seen of it in a run."""

    def __init__(self, left: Mapping[str, NormalisationSet] = MappingProxyType({})) -> None:
        self.left: dict[str, NormalisationSet] = {**left}

    def explaining(self, member: str, sent: Any, shown: Any, view: SchemaView | None = None) -> NormalisationSet:
        """The ways left for a member that turn what was sent into what is shown; none is a violation.

        `view` is the schema of the member where it is shown: it may describe a number as a text, and name a
        `multipleOf` to which numbers are rounded.
        """
        as_text = view is not None and "string" in view.types
        unit = view.keyword("multipleOf") if view is not None else None
        number = _number(shown) if as_text and is_number(sent) and isinstance(shown, str) else None
        shown = shown if number is None else number
        if as_text and view is not None and view.keyword("format") in _FORMATS_OF_NUMBERS:
            sent, shown = _as_number(sent), _as_number(shown)
        explains: dict[Normalisation, bool] = {}
        for way in {_relevant(way, sent) for way in WAYS}:
            explains[way] = _matches(sent, shown, way, unit)
        return frozenset(way for way in self.left.get(member, _ALL) if explains[_relevant(way, sent)])

    def keep(self, found: Mapping[str, NormalisationSet]) -> None:
        """Leave only these ways for some members."""
        self.left |= found

    def copy(self) -> "Normalisations":
        """The same ways, for one story."""
        return Normalisations(self.left)

    def joined(self, other: "Normalisations") -> "Normalisations | None":
        """The ways that explain what another story saw too, or None if nothing explains both for some member."""
        both = {**self.left, **{name: ways & self.left.get(name, _ALL) for name, ways in other.left.items()}}
        return Normalisations(both) if all(both.values()) else None

    def in_words(self) -> list[str]:
        """The members that are not kept as they were sent, and how, in words."""
        kept = ((member, ways) for member, ways in sorted(self.left.items()) if _PLAIN not in ways)
        least = ((member, min(ways, key=_deviations)) for member, ways in kept)
        return [f"{member}: {', '.join(NORMALISATIONS[name] for name in way if name)}" for member, way in least]


def names_of_ways(ways: NormalisationSet) -> list[str]:
    """The normalisations of the way among some that differs the least from none, as built-in readings name them."""
    return [name for name in min(ways, key=_deviations) if name]


def _deviations(way: Normalisation) -> tuple[int, Normalisation]:
    return sum(map(bool, way)), way


def _relevant(way: Normalisation, sent: Any) -> Normalisation:
    """A way without the parts that make no difference to a value."""
    if isinstance(sent, str):
        return way._replace(rounding=_AS_SENT, duplicates=_AS_SENT)
    return _PLAIN._replace(rounding=way.rounding) if is_number(sent) else way


def _spelt(text: str, way: Normalisation) -> str:
    return _CASE[way.case](_SPACES[way.spaces](text))


def _matches(sent: Any, shown: Any, way: Normalisation, unit: Any = None) -> bool:
    if isinstance(sent, Mapping) and isinstance(shown, Mapping):  # objects may be completed
        return all(_matches(value, shown.get(name, ABSENT), way, unit) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(shown, list):
        return _same_list(sent, shown, way, unit)
    if isinstance(sent, str) and isinstance(shown, str):
        return _spelt(sent, way) == shown or _same_moment(sent, shown) or _is_filled_decimal(sent, shown)
    if is_number(sent) and is_number(shown):
        return _same_number(sent, shown, way, unit)
    return (sent in _EMPTY and shown in _EMPTY) or same_value(sent, shown, rounded=True)


def _same_list(sent: list[Any], shown: list[Any], way: Normalisation, unit: Any) -> bool:
    """Whether the items are the same, in any order; without duplicates where these are dropped."""
    if way.duplicates:
        texts = [_kept_text(one, way) for one in sent]
        return set(texts) == {*map(_text, shown)} and len(shown) == len({*texts})
    if len(sent) != len(shown):
        return False
    return all(_matches(one, other, way, unit) for one, other in zip(sent, shown, strict=True)) or Counter(
        _kept_text(one, way) for one in sent
    ) == Counter(map(_text, shown))


def _kept_text(value: Any, way: Normalisation) -> str:
    return _text(_spelt(value, way) if isinstance(value, str) else value)


def _same_number(sent: float, shown: float, way: Normalisation, unit: Any) -> bool:
    """Whether a number is the same as a double, or as rounded to some unit, in either direction of a tie."""
    step = _unit_of(way, unit)
    if step is None:
        return same_value(sent, shown, rounded=True)
    exact, rounded = Decimal(repr(sent)), Decimal(repr(shown))
    try:
        return not rounded % step and abs(exact - rounded) <= step / 2
    except InvalidOperation:  # so large a number has no digits behind the point
        return same_value(sent, shown, rounded=True)


def _unit_of(way: Normalisation, unit: Any) -> Decimal | None:
    """The unit to which a way rounds numbers, or None where it rounds none."""
    if way.rounding == _TO_MULTIPLE:
        return Decimal(repr(unit)) if is_number(unit) and unit > 0 else None
    return Decimal(1).scaleb(-int(way.rounding.rpartition("-")[2])) if way.rounding else None


def alike(one: Any, other: Any) -> bool:
    """Whether two values say the same: objects may have more members, lists another order, times another spelling."""
    return _matches(one, other, _PLAIN)


def may_be_kept_as(sent: Any, shown: Any) -> bool:
    """Whether some way in which servers keep values turns one that was sent into one that is shown."""
    return bool(Normalisations().explaining("", sent, shown))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _number(text: str) -> float | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return float(found) if found.is_finite() else None


def _as_number(value: Any) -> Any:
    """The number that a text spells, if it spells one."""
    number = _number(value) if isinstance(value, str) else None
    return value if number is None else number


def _is_filled_decimal(sent: str, shown: str) -> bool:
    """Whether a text is the decimal number that was sent, with more zeros at its end, as "5.00" for "5".

    With a point it is taken for a number, which has no zeros before it either; "05" alone may be a code.
    """
    if not (_DECIMAL.fullmatch(sent) and _DECIMAL.fullmatch(shown)):
        return False
    (whole, _, digits), (shown_whole, _, shown_digits) = sent.partition("."), shown.partition(".")
    if "." in shown:
        whole = re.sub("^(-?)0+(?=[0-9])", r"\1", whole)
    return whole == shown_whole and digits.ljust(len(shown_digits), "0") == shown_digits


def _same_moment(one: str, other: str) -> bool:
    moment = _moment(one)
    return moment is not None and moment == _moment(other)


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if len(text) >= len("2030-01-01T00:00") else None
    except ValueError:
        return None
