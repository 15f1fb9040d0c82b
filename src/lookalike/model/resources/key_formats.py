"""The keys that a server makes: how they are written, and which number a key was made of."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeGuard
from uuid import NAMESPACE_URL, uuid5

from lookalike.contract.builtin_readings import KEY_LETTERS, KEY_NUMBER, KEY_PATTERN
from lookalike.contract.requests import Parameter
from lookalike.model.response.examples import ResponseBodies
from lookalike.naming.members import is_slug
from lookalike.naming.words import slug_of
from lookalike.schema.generation.work import Exhausted
from lookalike.schema.validator import Schema
from lookalike.schema.value_types import NUMBER_TYPES
from lookalike.schema.view import SchemaView

_STRING_RULES = ("pattern", "minLength", "maxLength", "format")
_CHANGES = 3  # between small and capital letters and digits, from which on a text is none that people choose
_LONGEST_PREFIX = 5  # letters before the number in a text
_MAX_NUMBER = 10**9  # a client's own integer key beyond this does not move the counter

_KEY_OF_MONGODB = "_id"  # 24 hexadecimal digits, unless an example or a rule says otherwise

# From the name of a resource and a number to a key.
KeyFormat = Callable[[str, int], Any]


def _integer(name: str, number: int) -> int:
    return number


def _named(name: str, number: int) -> str:
    return f"{name}-{number}"


def _digits(name: str, number: int) -> str:
    return str(number)


def _uuid(name: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{name}/{number}"))


def _object_id(name: str, number: int) -> str:
    return f"{number:024x}"


def _key_of_mongodb(name: str, number: int) -> str:
    return f"{hashlib.sha256(name.encode()).hexdigest()[:14]}{number:010x}"  # no two resources have the same


def _hex_32(name: str, number: int) -> str:
    return f"{number:032x}"


def _initial(name: str, number: int) -> str:
    return f"{name[:1].upper()}{number}"


_STRING_FORMATS: tuple[KeyFormat, ...] = (_named, _digits, _uuid, _object_id, _hex_32, _initial)
_UUID_FIRST: tuple[KeyFormat, ...] = (_uuid, *_STRING_FORMATS)


_FORMS: Mapping[str, KeyFormat] = {"uuid": _uuid, "number": _digits, "hex-24": _object_id, "hex-32": _hex_32}


# Shapes of keys as examples show them, and the formats that have the same.
_SHAPES: Sequence[tuple[re.Pattern[str], KeyFormat]] = (
    (re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), _uuid),
    (re.compile(r"[0-9]+"), _digits),
    (re.compile(r"[0-9a-f]{24}"), _object_id),
    (re.compile(r"[0-9a-f]{32}"), _hex_32),
)
# A key of letters and digits at random, behind a prefix for its kind: `cus_NffrFeUfNV2Hib`, `AC4f0d2b1c`, `C012AB3CD`,
# `BK-7F3A9`. One without a sign before it is longer than the words that people choose.
_RANDOM = re.compile(
    r"(?P<prefix>(?P<sign>(?:[A-Za-z]+[_-])+)|[A-Z]{1,3}(?=[0-9a-f]{8}|[0-9][0-9A-Z]{6,}\Z))?"
    r"(?P<random>[0-9A-Za-z]{4}(?(sign)|[0-9A-Za-z]{4})[0-9A-Za-z]*)"
)
# A text and a number behind a sign, such as `INV-0042`, `1512085950.000216`, or `ED-1`.
_COUNTED = re.compile(r"(?P<start>\S*[-_.:#/]|[A-Z]{2,10}-)(?P<number>[0-9]{2,}|(?<=[A-Z]-)[0-9])")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def shape_of(example: str) -> KeyFormat | None:
    """The format of keys that look like an example; None if it is a name."""
    for pattern, key_format in _SHAPES:
        if pattern.fullmatch(example):
            return key_format
    if counted := _COUNTED.fullmatch(example):
        return _padded(counted["start"], len(counted["number"]), "")
    found = _RANDOM.fullmatch(example)
    if found is None or not _is_random(found["random"]):
        return None
    return _like(found["prefix"] or "", found["random"])


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str)


def _is_random(text: str) -> bool:
    """Whether a text has digits among its letters, as no word has."""
    changes = sum(_class_of(one) != _class_of(other) for one, other in pairwise(text))
    return changes >= _CHANGES and any(map(str.isdigit, text))


def _class_of(letter: str) -> int:
    return 0 if letter.isdigit() else 1 if letter.isupper() else 2


def _like(prefix: str, example: str) -> KeyFormat:
    """A format of as many letters as an example has, of the same kinds, behind a prefix."""
    kinds = {_class_of(one) for one in example}
    letters = [one for one in _LETTERS if _class_of(one) in kinds]
    if re.fullmatch(r"[0-9a-f]+", example):
        letters = [*"0123456789abcdef"]
    return _random_behind(prefix, letters, len(example))


def _random_behind(prefix: str, letters: Sequence[str], length: int) -> KeyFormat:
    """A format of so many letters behind a prefix."""

    def random_text(name: str, number: int) -> str:
        rest = int.from_bytes(hashlib.sha256(f"{name}/{number}".encode()).digest())
        text = ""
        for _ in range(length):
            rest, index = divmod(rest, len(letters))
            text += letters[index]
        return prefix + text

    return random_text


def _of_form(form: str) -> KeyFormat:
    """The format of a choice of `key-form`."""
    if found := re.fullmatch(KEY_PATTERN, form):
        length = int(found["length"])
        letters = KEY_LETTERS[found["letters"]]
        is_counted = letters.isdigit()
        return _padded(found["prefix"], length, "") if is_counted else _random_behind(found["prefix"], letters, length)
    return _FORMS["number" if re.fullmatch(KEY_NUMBER, form) else form]


class KeyFormats:
    """Makes the keys of a resource, in the first format that the schema of items and the most paths accept.

    `in_paths` are the parameters that name the items in paths: documents may contradict themselves about keys. A `form`
    that a server was seen to use counts before all of this.
    """

    def __init__(  # noqa: PLR0913  # everything that says how a key looks
        self,
        name: str,
        *,
        field: str,
        view: SchemaView | None,
        schema: Schema,
        bodies: ResponseBodies,
        in_paths: Sequence[Parameter],
        form: str = "",
        examples: Sequence[Any] = (),
    ) -> None:
        self._name = name
        self._field = field
        self._view = view
        self._schema = schema
        self._bodies = bodies
        self._in_paths = in_paths
        self._form = form
        self._examples = examples
        self._is_slug = is_slug(field) and not any(map(shape_of, filter(_is_text, examples)))

    def key(self, number: int, title: str = "") -> Any:
        """The key that is made of a number; the number itself where no single field is the key.

        That of an item with a title begins with it where the key is a slug, such as `how-to-sail-1`.
        """
        if title and self._is_slug and self.is_valid(found := f"{slug_of(title)}-{number}".lstrip("-")):
            return found
        return self._format(self._name, number) if self._field else number

    @cached_property
    def first(self) -> int:
        """The number of the first key."""
        found = re.fullmatch(KEY_NUMBER, self._form)
        return int(found["first"]) if found else 1

    def number_of(self, key: Any, number: int) -> int:
        """The number that a key was made of, `number` being probable; 0 if it was made of none."""
        if isinstance(key, int):
            return key if 0 < key < _MAX_NUMBER else 0
        if key is not None and key == self.key(number):
            return number
        found = re.search(r"([0-9]{1,9})[^0-9]*\Z", key) if isinstance(key, str) else None
        return int(found[1]) if found and (self._is_slug or self.key(int(found[1])) == key) else 0

    def is_valid(self, key: Any) -> bool:
        """Whether the schema of items accepts a key."""
        found = self._schema.violations({self._field: key}, "item", self._name)
        return not any(one.pointer[:1] == (self._field,) for one in found)

    def has_type(self, key: Any) -> bool:
        """Whether a value is of a type that a key may have."""
        types = self._view.types if self._view else frozenset[str]()
        if isinstance(key, bool) or not isinstance(key, int | str) or key == "":
            return False
        return not types or bool(types & ({"string"} if isinstance(key, str) else NUMBER_TYPES))

    @cached_property
    def _format(self) -> KeyFormat:
        types = self._view.types if self._view else frozenset[str]()
        if self._form:
            return _of_form(self._form) if not types or "string" in types else _integer
        types = types or frozenset[str]().union(*(one.value_type.types or () for one in self._in_paths))
        if types and "string" not in types:
            formats: tuple[KeyFormat, ...] = (_integer,)
        else:
            is_uuid = self._view is not None and self._view.keyword("format") == "uuid"
            formats = _UUID_FIRST if is_uuid else _STRING_FORMATS
            if self._field == _KEY_OF_MONGODB:
                formats = (_key_of_mongodb, *formats)
        fitting = [one for one in self._candidates(formats) if self.is_valid(one(self._name, 1))] or [formats[0]]
        return max(fitting, key=self._paths_that_accept)  # the first of those that the most paths accept

    def _candidates(self, formats: Sequence[KeyFormat]) -> Iterator[KeyFormat]:
        """The format of examples, common ones, digits as long as paths want them, and texts with a number in them."""
        shown = [self._view.example] if self._view is not None else []
        shown += [*self._examples, *(example for one in self._in_paths for example in one.examples)]
        yield from filter(None, (shape_of(one) for one in shown if isinstance(one, str)))
        yield from formats
        longest = max((one.value_type.keyword("minLength", 0) for one in self._in_paths), default=0)
        yield _padded("", longest, "")
        for text in self._fitting_texts():
            for digits in ("[0-9]+", "[0-9A-Za-z]+"):
                if runs := [*re.finditer(digits, text)]:
                    start, end = runs[-1].span()
                    for first in range(start, min(end, start + _LONGEST_PREFIX)):  # `Rm` of `RmAAAAAAAA` may be fixed
                        yield _padded(text[:first], end - first, text[end:])

    def _fitting_texts(self) -> Iterator[str]:
        """Texts that fit the key's own schema, or that of a path parameter with a pattern."""
        if self._view is not None:
            default = self._view.keyword("default")
            text = self._bodies.sampled(self._view) if default is None else default
            if isinstance(text, str):
                yield text
        keywords = (parameter.value_type.keyword for parameter in self._in_paths)
        rules_of_paths = ({word: keyword(word) for word in _STRING_RULES} for keyword in keywords)
        # Dozens of paths may have the same rules, and a text for a pattern is much work.
        distinct = {tuple(rules.items()): rules for rules in rules_of_paths if rules["pattern"] is not None}
        for given in distinct.values():
            rules = {word: value for word, value in given.items() if value is not None}
            with suppress(Exhausted):
                yield self._bodies.sampler.fitting({"type": "string", **rules})

    def _paths_that_accept(self, key_format: KeyFormat) -> int:
        key = key_format(self._name, 1)
        values = (key, str(key), *([int(key)] if isinstance(key, str) and key.isdecimal() else ()))
        return sum(
            one.schema is None or any(one.schema.accepts({one.name: value}) for value in values)
            for one in self._in_paths
        )


def _padded(start: str, length: int, end: str) -> KeyFormat:
    """A format with the number between two constant texts, written in at least so many digits."""

    def padded(name: str, number: int) -> str:
        return start + str(number).rjust(length, "0") + end

    return padded
