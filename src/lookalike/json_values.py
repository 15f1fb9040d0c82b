"""JSON values: pointers (RFC 6901), references, and equality (JSON Schema Core section 4.2.2)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z")


def parse_pointer(text: str) -> tuple[str, ...]:
    """The tokens of `/a/b~1c`; the empty text is the whole document. Raises `ValueError` for any other text."""
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r} is not a JSON Pointer: it starts with neither nothing nor a slash")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:])


def format_pointer(tokens: Iterable[str | int]) -> str:
    """The text of a pointer with those tokens."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def format_fragment(tokens: Iterable[str | int]) -> str:
    """The pointer with those tokens as a reference within a document (RFC 6901 section 6)."""
    return "#" + quote(format_pointer(tokens), safe="/~!$&'()*+,;=:@")


def index_of(token: str) -> int:
    """The index that a token is inside an array (RFC 6901 section 4); raises `ValueError` where it is none."""
    if not _INDEX.match(token):
        raise ValueError(f"{token!r} is not an index")
    return int(token)


def equal(one: Any, other: Any) -> bool:
    """Whether two values are equal as JSON."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    return bool(one == other)


class Absent:
    """The type of `ABSENT`, which stands for a value that a request does not hold."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


def at_pointer(value: Any, pointer: Sequence[str]) -> Any:
    """The value at a JSON Pointer inside another, or `ABSENT` (RFC 6901 section 4)."""
    for token in pointer:
        if isinstance(value, Mapping):
            value = value.get(token, ABSENT)
        elif isinstance(value, list):
            value = _item(value, token)
        else:
            return ABSENT
    return value


def _item(items: Sequence[Any], token: str) -> Any:
    try:
        return items[index_of(token)]
    except (ValueError, IndexError):
        return ABSENT


def resolve(root: Any, ref: str) -> Any:
    """What a reference inside of a document leads to, or nothing."""
    fragment = unquote(ref.partition("#")[2])
    return at(root, parse_pointer(fragment)) if not fragment or fragment.startswith("/") else None


def at(root: Any, pointer: tuple[str | int, ...] | list[str]) -> Any:
    """What stands at a place, or nothing."""
    for token in pointer:
        try:
            root = root[int(token)] if isinstance(root, list) else root[token]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return root


Pointer = tuple[str | int, ...]
