"""Quoted errors: the words of a server about a refusal, as reports repeat them."""

import re
from collections.abc import Iterator
from typing import Any

from lookalike.http import Response
from lookalike.json_values import Pointer, without_value_at
from lookalike.verify.oracle.comparison import value_of

_MOST_WORDS = 200
_WORD = re.compile(r"[\w$@-]+")
# The members of an error that say why (RFC 9457 section 3.1, and usual names).
_USUAL_MEMBERS = {"detail", "message", "error", "errors", "title", "reason", "description"}


def quoted_error(response: Response) -> str:
    """The server's own words about a refusal, in parentheses: the first text of its body, or nothing."""
    value = value_of(response)
    texts = [value] if isinstance(value, str) else _texts(value)
    named = next(iter(texts), "")
    return f' ("{" ".join(named.split())[:_MOST_WORDS]}")' if named.strip() else ""


def _texts(value: Any) -> list[str]:
    """The texts of an error: of the members that usually say what is wrong, then of any other, however deep."""
    if isinstance(value, dict):
        parts = sorted(value.items(), key=_is_other_member)
        return [text for _, part in parts for text in ([part] if isinstance(part, str) else _texts(part))]
    return (
        [text for part in value for text in ([part] if isinstance(part, str) else _texts(part))]
        if isinstance(value, list)
        else []
    )


def _is_other_member(member: tuple[str, Any]) -> bool:
    return member[0].lower() not in _USUAL_MEMBERS


def without_told(body: Any, response: Response) -> Iterator[Any]:
    """The bodies that lack one of the members, at any depth, whose names stand in the words of a refusal."""
    value = value_of(response)
    told = frozenset(_WORD.findall(" ".join([value] if isinstance(value, str) else _texts(value))))
    return (without_value_at(body, path) for path in _members(body) if path[-1] in told)


def _members(value: Any, path: Pointer = ()) -> Iterator[Pointer]:
    """The places of the members of an object and of the objects in it."""
    for name, one in value.items() if isinstance(value, dict) else ():
        yield (*path, name)
        yield from _members(one, (*path, name))
