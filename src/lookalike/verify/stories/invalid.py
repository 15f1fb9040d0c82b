"""Invalid requests: variants of a valid request, each of which breaks one rule of the document."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from lookalike.codecs.media_types import is_form
from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.http import Request
from lookalike.schema.value_types import ValueType
from lookalike.verify.requests.encoder import can_encode, decode_body, encode_body
from lookalike.verify.requests.values import ValueGenerator

_INVALID_TEXT = "lookalike"
_MAX_VARIANTS = 12
_NOT_TEXT = frozenset({"integer", "number", "boolean"})


def invalid_variants(operation: Operation, request: Request, values: ValueGenerator) -> Iterator[tuple[str, Request]]:
    """The invalid variants of a valid request, each with a description of its fault."""
    media = values.media(operation)
    if media is not None and request.body:
        for what, body in islice(_bodies(media, decode_body(request.body, media)), _MAX_VARIANTS):
            yield what, request._replace(body=encode_body(body, media))
        if not is_form(media.media_type):
            yield "a body that is not JSON", request._replace(body=b'{"')
    for (source, name), parameter in operation.parameters.items():
        types = parameter.value_type.types or frozenset()
        if source == "query" and types and types <= _NOT_TEXT:
            rest = [pair for pair in parse_qsl(request.query, keep_blank_values=True) if pair[0] != name]
            yield f"{name}={_INVALID_TEXT}", request._replace(query=urlencode([*rest, (name, _INVALID_TEXT)]))


def _bodies(media: MediaType, body: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(body, dict):
        return
    for name in body:
        rest = {other: value for other, value in body.items() if other != name}
        if media.schema is not None and not media.schema.accepts(rest):
            yield f"no {name}", rest
    for name in media.value_type.properties:
        if name not in media.read_only_members:
            for value in _invalid_values(media.value_type.member(name)):
                if can_encode({name: value}, media):
                    yield f"{name} = {json.dumps(value)}", {**body, name: value}


def _invalid_values(value_type: ValueType) -> Iterator[Any]:
    """Values that a schema allows under no reading: of another type, not in its enum, or too short."""
    types = value_type.types
    if types is not None:
        yield [] if "array" not in types and "object" in types else {} if "object" not in types else 7
    if types and types <= _NOT_TEXT:
        yield _INVALID_TEXT
    if "string" in (types or ()) and value_type.keyword("enum", None):
        yield _INVALID_TEXT
    if types == frozenset({"string"}) and value_type.keyword("minLength", 0):
        yield ""
