"""URL-encoded forms as objects (OpenAPI 3.1 section 4.8.15.1, URL Living Standard section 5), read and written.

Multipart forms have a file of their own.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from lookalike.codecs import parameter_styles as styles
from lookalike.codecs.coercion import coerce, coerce_json, has_string_items
from lookalike.codecs.json_text import DecodeError, to_json
from lookalike.contract.requests import Encoding, MediaType
from lookalike.json_values import equal
from lookalike.pacing import spend

# How a member is written of which the document says nothing (OpenAPI 3.1 section 4.8.15.1).
DEFAULT_ENCODING = Encoding((), "form", True)
MAX_FIELDS = 10_000  # of a form, each of which costs some microseconds
_FIELDS_PER_STEP = 5
_BEGINNINGS_OF_JSON = ("{", "[")
_JOINS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}

# --- Bytes to values ---


def from_urlencoded(body: bytes, media: MediaType) -> dict[str, Any]:
    """The object in a URL-encoded form; what the schema does not allow stays as it came. Raises `DecodeError`.

    `a[b]=1` is a member of the object `a`, unless the schema describes a member of that very name.
    """
    texts: dict[str, list[str]] = {}
    nested: dict[str, list[styles.NameAndText]] = {}
    described = frozenset(media.value_type.properties)
    number = body.count(b"&")
    spend(number // _FIELDS_PER_STEP)
    if number >= MAX_FIELDS:
        raise DecodeError(f"it has more than {MAX_FIELDS:,} fields")
    for name, text in styles.query_fields(body.decode("latin-1")):
        owner, bracket, _ = name.partition("[")
        if owner and bracket and name.endswith("]") and name not in described:
            nested.setdefault(owner, []).append((name, text))
        else:
            texts.setdefault(name, []).append(text)
    found = {name: _member(listed, name, media) for name, listed in texts.items()}
    for name, fields in nested.items():  # each group is walked once, however many names there are
        raw = styles.deep_object(fields, name)
        if raw is not None:
            found[name] = coerce(styles.decode_leaves(raw, styles.form_decoded), media.value_type.member(name))
    return found


def _member(texts: Sequence[str], name: str, media: MediaType) -> Any:
    value_type, encoding = media.value_type.member(name), media.encoding.get(name, DEFAULT_ENCODING)
    types = value_type.types or frozenset()
    if "array" in types and not encoding.explode and len(texts) == 1:
        text = texts[0] if has_string_items(value_type) else styles.with_literal_commas(texts[0])
        texts = re.split(styles.DELIMITERS.get(encoding.style, ","), text) if text else []
    decoded = [styles.form_decoded(text) for text in texts]
    is_untyped = name in media.value_type.properties and value_type.types is None
    is_json = len(decoded) == 1 and ("object" in types or (is_untyped and decoded[0][:1] in _BEGINNINGS_OF_JSON))
    if is_json:
        return coerce_json(decoded[0], value_type)
    return coerce(decoded, value_type)


# --- Values to bytes ---


def to_urlencoded(value: Any, media: MediaType) -> bytes | None:
    """The form of an object as the document describes it; None where reading it back would give anything else.

    A verifier must send what it means: null, an empty list and most nested objects have no form.
    """
    if not isinstance(value, Mapping):
        return None
    fields = [
        field for name, one in value.items() for field in _fields(name, one, media.encoding.get(name, DEFAULT_ENCODING))
    ]
    try:
        body = urlencode(fields).encode()
    except UnicodeEncodeError:  # a lone surrogate
        return None
    return body if equal(from_urlencoded(body, media), value) else None


def urlencodable_members(value: Mapping[str, Any], media: MediaType) -> dict[str, Any]:
    """The members of an object that a form can hold."""
    return {name: one for name, one in value.items() if to_urlencoded({name: one}, media) is not None}


def to_html_form(value: Any) -> bytes:
    """The form of a response, of which no encoding is described: a list once for each item, objects as JSON."""
    if not isinstance(value, dict):
        return b"" if value is None else to_json(value)
    return urlencode({name: _html_text(member) for name, member in value.items()}, doseq=True).encode()


def simple_text(value: Any) -> str:
    """A value as the text of a parameter: lists and objects with commas, as the style `simple` has them."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, list):
        return ",".join(map(simple_text, value))
    if isinstance(value, Mapping):
        return ",".join(f"{name},{simple_text(one)}" for name, one in value.items())
    return str(value)


def _fields(name: str, value: Any, encoding: Encoding) -> Iterator[tuple[str, str]]:
    """The fields of a member; an object has some only where the document says how it is written."""
    if isinstance(value, Mapping):
        for member, one in value.items() if encoding.style == "deepObject" else ():
            yield from _fields(f"{name}[{member}]", one, encoding)
    elif isinstance(value, list) and not encoding.explode:
        yield name, _JOINS.get(encoding.style, ",").join(map(simple_text, value))
    elif isinstance(value, list):
        yield from ((name, simple_text(one)) for one in value)
    elif value is not None:
        yield name, simple_text(value)


def _html_text(member: Any) -> Any:
    if isinstance(member, list):
        return [_html_text(item) for item in member]
    return member if isinstance(member, str) else to_json(member).decode()
