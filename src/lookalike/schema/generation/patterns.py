r"""Strings that match a regular expression, made by a walk over the syntax tree of Python's own parser.

A string is only a proposal, which is checked by the engine that validates: assertions (`\\b`, look-arounds) are passed
over, and ECMA-262 and Python differ in details.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from re import _constants as tokens  # neither has a public name; rstr, exrex and Hypothesis read them as well ...
from re import _parser as parser  # ... and Python 3.11 to 3.14 have them alike
from typing import Any

from lookalike.schema.generation.work import Work

Pick = Callable[[int], int]
"""A function that chooses one of so many, counted from 0."""

MOST_REPEATS = 64
_LONGEST_PATTERN = 10_000
_PRINTABLE = [chr(code) for code in (*range(97, 123), *range(48, 58), *range(65, 91), 45, 95, 32, *range(33, 127))]


def _is_no_digit(character: str) -> bool:
    return not character.isdigit()


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_no_word(character: str) -> bool:
    return not _is_word(character)


def _is_no_space(character: str) -> bool:
    return not character.isspace()


_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    tokens.CATEGORY_DIGIT: str.isdigit,
    tokens.CATEGORY_NOT_DIGIT: _is_no_digit,
    tokens.CATEGORY_WORD: _is_word,
    tokens.CATEGORY_NOT_WORD: _is_no_word,
    tokens.CATEGORY_SPACE: str.isspace,
    tokens.CATEGORY_NOT_SPACE: _is_no_space,
}
# What ECMA-262 writes otherwise than Python; a class of Unicode (`\p{L}`) is narrowed to letters or digits of ASCII.
_PROPERTY = re.compile(r"\\p\{(?:\w+=)?(\w+)\}")
_SPELLINGS = ((re.compile(r"\(\?<(?![=!])"), "(?P<"), (re.compile(r"\\u\{?([0-9a-fA-F]{4})\}?"), r"\\u\1"))
_UPPER, _DIGITS = ("Lu", "Uppercase_Letter"), ("N", "Nd", "Number")


def pick_first(count: int) -> int:
    """The first of so many."""
    return 0


def string_matching(pattern: str, work: Work, longer_by: int = 0, pick: Pick = pick_first) -> str | None:
    """A string that should match; None if the pattern cannot be read.

    Its repetitions are as short as they may be, and together longer by `longer_by` characters, as far as they go.

    `pick(n)` chooses one of n characters or branches, counted from 0.
    """
    tree = _parsed(pattern)
    if tree is None:
        return None
    try:
        return _Walk(longer_by, pick, work).text(tree)
    except (_NoMatch, RecursionError):
        return None


@lru_cache(maxsize=1000)
def _parsed(pattern: str) -> Any:
    if len(pattern) > _LONGEST_PATTERN:
        return None
    pattern = _PROPERTY.sub(_narrowed, pattern)
    for found, instead in _SPELLINGS:
        pattern = found.sub(instead, pattern)
    try:
        with warnings.catch_warnings(action="ignore"):  # a set in a set means something else to Python some day
            return parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return None


def _narrowed(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    span = "A-Z" if found[1] in _UPPER else "0-9" if found[1] in _DIGITS else "a-z"
    return span if before.count("[") > before.count("]") else f"[{span}]"


class _NoMatch(Exception):
    """A class of characters that holds none."""


class _Walk:
    """The making of one string; repetitions take what is left of the length to add, the first of them first."""

    def __init__(self, longer_by: int, pick: Pick, work: Work) -> None:
        self._left = longer_by
        self._pick = pick
        self._work = work
        self._groups: dict[int, str] = {}

    def text(self, tree: Any) -> str:
        return "".join(self._one(token, value) for token, value in tree)

    def _one(self, token: Any, value: Any) -> str:
        self._work.spend_on_parts()
        step = _STEPS.get(token)
        return step(self, value) if step else ""

    def literal(self, code: int) -> str:
        return chr(code)

    def not_literal(self, code: int) -> str:
        return self._among([c for c in _PRINTABLE if c != chr(code)])

    def anything(self, _: Any) -> str:
        return self._among(_PRINTABLE)

    def one_of(self, members: Any) -> str:
        (first, _), *_rest = members
        inside = list(_characters(members))
        self._work.spend_on_parts(len(inside))
        if first is tokens.NEGATE:
            excluded = set(inside)
            return self._among([c for c in _PRINTABLE if c not in excluded])
        return self._among(inside)

    def branch(self, value: Any) -> str:
        _, branches = value
        return self.text(branches[self._pick(len(branches))])

    def group(self, value: Any) -> str:
        number, *_flags, inner = value
        text = self.text(inner)
        if number is not None:
            self._groups[number] = text
        return text

    def atomic(self, inner: Any) -> str:
        return self.text(inner)

    def reference(self, number: int) -> str:
        text = self._groups.get(number, "")
        self._work.spend_on_parts(len(text))
        return text

    def repeat(self, value: Any) -> str:
        least, most, inner = value
        more = min(self._left, int(most) - least, MOST_REPEATS * 100)
        more += self._pick(min(int(most) - least - more, 8) + 1)
        self._left -= more
        return "".join([self._repeated(inner) for _ in range(least + more)])

    def _repeated(self, inner: Any) -> str:
        self._work.spend_on_parts()  # also for a repetition of nothing
        return self.text(inner)

    def _among(self, characters: list[str]) -> str:
        if not characters:
            raise _NoMatch
        return characters[self._pick(len(characters))]


def _characters(members: Any) -> Iterator[str]:
    for token, value in members:
        if token is tokens.LITERAL:
            yield chr(value)
        elif token is tokens.RANGE:
            low, high = value
            yield from map(chr, range(low, min(high, low + 200) + 1))
        elif token is tokens.CATEGORY:
            yield from filter(_CATEGORIES[value], [*_PRINTABLE, "\t"])


_STEPS: dict[Any, Callable[[_Walk, Any], str]] = {
    tokens.LITERAL: _Walk.literal,
    tokens.NOT_LITERAL: _Walk.not_literal,
    tokens.ANY: _Walk.anything,
    tokens.IN: _Walk.one_of,
    tokens.BRANCH: _Walk.branch,
    tokens.SUBPATTERN: _Walk.group,
    tokens.ATOMIC_GROUP: _Walk.atomic,
    tokens.GROUPREF: _Walk.reference,
    tokens.MAX_REPEAT: _Walk.repeat,
    tokens.MIN_REPEAT: _Walk.repeat,
    tokens.POSSESSIVE_REPEAT: _Walk.repeat,
}
