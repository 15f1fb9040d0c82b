"""Marks: text in the names of the items that a run creates.

With a mark, a name is unique even if two runs of one seed judge one server, a server that gets or creates by name
creates, and an item is known to be of this run wherever an answer shows it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zlib import crc32

from lookalike.json_values import find
from lookalike.schema.value_types import ValueType
from lookalike.verify.requests.run_names import in_letters

_OF_A_BODY = 6  # letters; 300 million marks, so that the stories of a run do not meet
# The last words of the members that usually must be unique, and by which servers look up what to get or to create.
_NAMES = ("name", "title", "slug", "login", "email", "subject", "handle")
_EMAIL = ("email", "idn-email")
_JSON_API = ("data", "attributes")  # the place of the members of an item, in JSON:API
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

NamePath = tuple[str, ...]


class Marks:
    """The marks of one run: the id of the run, and further letters for each body.

    Those of a `story` begin at a number of its own, so that they do not depend on the stories before it.
    """

    def __init__(self, run: str, story: str = "") -> None:
        self.run = run
        # Without a run there are no marks, and no text may be taken for one.
        self._pattern = re.compile(f"{run}[a-z]{{{_OF_A_BODY}}}" if run else "(?!)", re.IGNORECASE)
        self._number = crc32(story.encode()) if story else 0

    def marked(self, body: Any, kind: ValueType, is_accepted: Callable[[Any], bool], as_slug: bool = False) -> Any:
        """The body with a mark in each of its names, or as it is where none fits.

        With `as_slug`, names consist of lower-case letters and hyphens alone, as many servers demand of them.
        """
        if not isinstance(body, dict):
            return body
        mark = self._next()
        marked = body
        for path in _names_in(body, kind):
            member = _at(kind, path)
            proposals = _slugs(mark) if as_slug else _proposals(str(find(body, path)), member, mark)
            for text in proposals:
                changed = _with(marked, path, text)
                if is_accepted(changed):
                    marked = changed
                    break
        return marked

    def marked_text(self, name: str, text: str, kind: ValueType) -> str:
        """A new value for one member, with a mark if the member is a name."""
        return next(_proposals(text, kind, self._next())) if _is_name(name) and _is_free(kind) else text

    def in_value(self, value: Any) -> str:
        """The mark in a JSON value or a text, in lower case, or nothing."""
        found = self._pattern.search(value if isinstance(value, str) else json.dumps(value))
        return found[0].lower() if found else ""

    def renewed(self, value: Any) -> Any:
        """The JSON value with another mark in place of its own; unchanged if it has none."""
        old = self.in_value(value)
        return json.loads(re.sub(old, self._next(), json.dumps(value), flags=re.IGNORECASE)) if old else value

    def _next(self) -> str:
        self._number += 1
        return self.run + in_letters(self._number, _OF_A_BODY)


def _names_in(body: Mapping[str, Any], kind: ValueType) -> list[NamePath]:
    """The names in a body and in the objects in it; if there are none, one text that may be anything."""
    free = [path for path in _texts_in(body) if _is_free(_at(kind, path))]
    return [path for path in free if _is_name(path[-1])] or free[:1]


def _texts_in(body: Mapping[str, Any], path: NamePath = ()) -> Iterator[NamePath]:
    """The places of texts in an object, in the objects that are its members, and in those of JSON:API in these."""
    for name, value in body.items():
        if isinstance(value, str):
            yield (*path, name)
        elif isinstance(value, dict) and (not path or (*path, name) == _JSON_API):
            yield from _texts_in(value, (*path, name))


def _is_name(member: str) -> bool:
    return member.lower().endswith(_NAMES)


def _is_free(kind: ValueType) -> bool:
    """Whether any text may stand there, as far as the document says."""
    is_text = kind.types is None or "string" in kind.types
    is_bound = kind.keyword("enum") is not None or kind.keyword("const") is not None
    return is_text and not is_bound and kind.keyword("format") in (None, *_EMAIL)


def _proposals(text: str, kind: ValueType, mark: str) -> Iterator[str]:
    """Texts with a mark, the most legible first, none longer than allowed."""
    if kind.keyword("format") in _EMAIL or text.count("@") == 1:
        yield f"{mark}@{text.rpartition('@')[2] or 'example.com'}"
    most = kind.keyword("maxLength")
    for end in (f" lookalike-{mark}", f"-{mark}", mark):
        room = len(text) if most is None else most - len(end)
        if room > 0:
            yield text[:room].rstrip() + end
    yield mark
    yield mark + text.lstrip(_WORD)  # as in a name of a domain: shop.example


def _slugs(mark: str) -> Iterator[str]:
    yield f"lookalike-{mark}"
    yield mark


def _at(kind: ValueType, path: NamePath) -> ValueType:
    for name in path:
        kind = kind.member(name)
    return kind


def _with(body: Mapping[str, Any], path: NamePath, text: str) -> dict[str, Any]:
    name, *rest = path
    return {**body, name: _with(body[name], tuple(rest), text) if rest else text}
