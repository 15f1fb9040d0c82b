"""Derivations: the ways in which a server makes a member of an item of its other members, as a table.

The choices of the reading `RESOURCE.MEMBER.derived` are their texts: `slug of title`, `sum of lines.price*quantity`,
`place from 1`, and `slug of title at first` of one that later changes leave alone.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import Any

from lookalike.json_values import ABSENT, is_number
from lookalike.naming.words import normalised, slug_of

AT_FIRST = "at first"
PLACE = "place"
CHANGES = "changes"
NOW = "$now"
_ALGORITHMS = ("md5", "sha1", "sha256")
_LOWERED = "-of-lower-case"
_NAME = r"[^\s.*]+"
_TEXT = re.compile(
    rf"(?P<way>[a-z0-9-]+) of (?P<source>{_NAME}(?:\.{_NAME})?(?:\*{_NAME})?)(?P<first> {AT_FIRST})?"
    rf"|(?P<count>{PLACE}|{CHANGES}) from (?P<start>[01])"
)


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a member is made: the way, and its source, else the number from which places and changes are counted.

    A source is a member, the product of two, those of each element of a list, or `NOW`, the time since 1970. What
    `stays` is made of a new item, where the client did not send it, and not made again by a change.
    """

    way: str
    source: str = ""
    start: int = 0
    stays: bool = False

    def __str__(self) -> str:
        if not self.source:
            return f"{self.way} from {self.start}"
        return f"{self.way} of {self.source}{' ' + AT_FIRST if self.stays else ''}"

    def of(self, item: Mapping[str, Any], at: float) -> Any:
        """The value that the other members of an item, or a time in seconds, give; `ABSENT` if they give none."""
        if self.source == NOW:
            return TIMES[self.way](at)
        value = _value_at(item, self.source)
        return ABSENT if value is ABSENT else WAYS[self.way](value)


def parse_derivation(text: str) -> Derivation | None:
    """The derivation of a choice; None if it is none."""
    found = _TEXT.fullmatch(text)
    if found is not None and found["count"]:
        return Derivation(found["count"], start=int(found["start"]))
    if found is None or found["way"] not in (TIMES if found["source"] == NOW else WAYS):
        return None
    return Derivation(found["way"], found["source"], stays=found["first"] is not None)


def told_derivation(description: str, members: Iterable[str]) -> Derivation | None:
    """The hash that a description says a member is, as "MD5 hash of the lower-case email address"; else None."""
    found = _HASH.search(description)
    phrase = normalised(found["source"]) if found is not None else ""
    sources = [name for name in members if normalised(name) in phrase]
    if found is None or not sources:
        return None
    lowered = _LOWERED if "lowercase" in phrase else ""
    return Derivation(f"{normalised(found['algorithm'])}{lowered}", max(sources, key=len), stays=True)


_HASH = re.compile(
    r"\b(?P<algorithm>md5|sha-?1|sha-?256)[ -](?:hash|digest|checksum) of (?P<source>[^.;]+)", re.IGNORECASE
)


def _value_at(item: Mapping[str, Any], source: str) -> Any:
    """The value of a source: of several members their product, and of a list one value for each element."""
    outer, _, inner = source.rpartition(".")
    names = inner.split("*")
    if not outer:
        return _product(item, names) if len(names) > 1 else item.get(names[0], ABSENT)
    elements = item.get(outer)
    if not isinstance(elements, list) or not all(isinstance(one, Mapping) for one in elements):
        return ABSENT
    return [_product(one, names) for one in elements]


def _product(members: Mapping[str, Any], names: list[str]) -> Any:
    values = [_as_number(members.get(name)) for name in names]
    return ABSENT if ABSENT in values else prod(values)


def _as_number(value: Any) -> Any:
    """A number without the error of a double; `ABSENT` for any other value."""
    return Decimal(repr(value)) if is_number(value) else ABSENT


def _slug(value: Any) -> Any:
    return slug_of(value, len(value)) if isinstance(value, str) else ABSENT


def _same(value: Any) -> Any:
    return value


def _lower_case(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else ABSENT


def _upper_case(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else ABSENT


def _length(value: Any) -> Any:
    return len(value) if isinstance(value, list | str) else ABSENT


def _hash_by(algorithm: str) -> Callable[[Any], Any]:
    def hashed(value: Any) -> Any:
        is_text = isinstance(value, str)
        return hashlib.new(algorithm, value.encode(), usedforsecurity=False).hexdigest() if is_text else ABSENT

    return hashed


def _hash_of_lower_case_by(algorithm: str) -> Callable[[Any], Any]:
    hashed = _hash_by(algorithm)
    return lambda value: hashed(_lower_case(value))


def _truth(value: Any) -> Any:
    return bool(value)


def _sum(value: Any) -> Any:
    numbers = value if isinstance(value, list) else [value]
    numbers = [one if isinstance(one, Decimal) else _as_number(one) for one in numbers]
    return ABSENT if ABSENT in numbers else _plain(sum(numbers, Decimal(0)))


def _milliseconds(at: float) -> int:
    return int(at * 1000)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)


# In the order in which they are tried: a copy says less than a slug of a text that is one already.
WAYS: Mapping[str, Callable[[Any], Any]] = {
    "copy": _same,
    "slug": _slug,
    "lower-case": _lower_case,
    "upper-case": _upper_case,
    "sum": _sum,
    "length": _length,
    "truth": _truth,
    **{name: _hash_by(name) for name in _ALGORITHMS},
    **{f"{name}{_LOWERED}": _hash_of_lower_case_by(name) for name in _ALGORITHMS},
}
KEY_WAYS = ("copy", "slug", "lower-case", "upper-case")  # those that give texts
TIMES: Mapping[str, Callable[[float], int]] = {"seconds": int, "milliseconds": _milliseconds}


def possible_sources(item: Mapping[str, Any]) -> Iterator[str]:
    """The sources that the members of an item have."""
    yield from item
    yield from _products(item)
    for name, value in item.items():
        first = value[0] if isinstance(value, list) and value else None
        if isinstance(first, Mapping):
            yield from (f"{name}.{one}" for one in (*_numbers(first), *_products(first)))


def _products(members: Mapping[str, Any]) -> Iterator[str]:
    numbers = _numbers(members)
    yield from (f"{one}*{other}" for at, one in enumerate(numbers) for other in numbers[at + 1 :])


def _numbers(members: Mapping[str, Any]) -> list[str]:
    return [name for name, value in members.items() if _as_number(value) is not ABSENT]
