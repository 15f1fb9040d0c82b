"""Forms: objects as URL-encoded bodies, as far as servers read them as they are meant (OpenAPI 3.1 section 4.8.14)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from lookalike.codecs.forms import from_urlencoded
from lookalike.contract.equality import same
from lookalike.contract.requests import Encoding, Media
from lookalike.requesting.texts import text_of

_PLAIN = Encoding((), "form", True)
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def formed(value: Any, media: Media) -> bytes | None:
    """The form of an object; None where it would be read as anything else, by the mock at least."""
    if not isinstance(value, Mapping):
        return None
    pairs = [pair for name, one in value.items() for pair in _pairs(name, one, media.encoding.get(name, _PLAIN))]
    try:
        body = urlencode(pairs).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return None
    return body if same(from_urlencoded(body, media), value) else None


def formable(value: Mapping[str, Any], media: Media) -> dict[str, Any]:
    """The members of an object that a form can hold."""
    return {name: one for name, one in value.items() if formed({name: one}, media) is not None}


def _pairs(name: str, value: Any, encoding: Encoding) -> Iterator[tuple[str, str]]:
    """The fields of a member; of an object there are some only where the document says how it is written."""
    if isinstance(value, Mapping):
        for member, one in value.items() if encoding.style == "deepObject" else ():
            yield from _pairs(f"{name}[{member}]", one, encoding)
    elif isinstance(value, list) and not encoding.explode:
        yield name, _DELIMITERS.get(encoding.style, ",").join(map(text_of, value))
    elif isinstance(value, list):
        yield from ((name, text_of(one)) for one in value)
    elif value is not None:
        yield name, text_of(value)
