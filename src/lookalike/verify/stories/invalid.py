"""Spoiling: requests that break what a document says about them, one thing at a time."""

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

_NO_WORD = "lookalike"
_MOST = 12
_WRITTEN_OTHERWISE = frozenset({"integer", "number", "boolean"})


def spoilt(operation: Operation, request: Request, values: ValueGenerator) -> Iterator[tuple[str, Request]]:
    """What is wrong, in words, and the request, made of one in which nothing is."""
    media = values.media(operation)
    if media is not None and request.body:
        for what, body in islice(_bodies(media, decode_body(request.body, media)), _MOST):
            yield what, request._replace(body=encode_body(body, media))
        if not is_form(media.media_type):
            yield "a body that is not JSON", request._replace(body=b'{"')
    for (source, name), parameter in operation.parameters.items():
        types = parameter.value_type.types or frozenset()
        if source == "query" and types and types <= _WRITTEN_OTHERWISE:
            rest = [pair for pair in parse_qsl(request.query, keep_blank_values=True) if pair[0] != name]
            yield f"{name}={_NO_WORD}", request._replace(query=urlencode([*rest, (name, _NO_WORD)]))


def _bodies(media: MediaType, body: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(body, dict):
        return
    for name in body:
        rest = {other: value for other, value in body.items() if other != name}
        if media.schema is not None and not media.schema.accepts(rest):
            yield f"no {name}", rest
    for name in media.value_type.properties:
        if name not in media.read_only_members:
            for value in _wrong(media.value_type.member(name)):
                if can_encode({name: value}, media):
                    yield f"{name} = {json.dumps(value)}", {**body, name: value}


def _wrong(kind: ValueType) -> Iterator[Any]:
    """Values that no reading of a schema allows: of another type, or none of the words that there are."""
    types = kind.types
    if types is not None:
        yield [] if "array" not in types and "object" in types else {} if "object" not in types else 7
    if types and types <= _WRITTEN_OTHERWISE:
        yield _NO_WORD
    if "string" in (types or ()) and kind.keyword("enum", None):
        yield _NO_WORD
    if types == frozenset({"string"}) and kind.keyword("minLength", 0):
        yield ""
