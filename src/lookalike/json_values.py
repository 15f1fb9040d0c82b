"""JSON Pointers: the way to a place inside a document (RFC 6901)."""

import re
from collections.abc import Iterable
from urllib.parse import quote

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
