"""Captured values: keys and the like that a server chose in one response, in the calls that follow."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from lookalike.http import Headers
from lookalike.transcripts.transcript import Call

_NAMED = re.compile(r"\$\{(\w+)\}")
_NAMED_IN_JSON = re.compile(r'"\$\{(\w+)\}"|\$\{(\w+)\}')


def filled(call: Call, values: Mapping[str, Any]) -> Call:
    """A call with captured values in place of their names; names of no value stay as they are."""
    if not values:
        return call
    request = call.request
    return replace(
        call,
        request=request._replace(
            path=_in_url(request.path, values),
            query=_in_url(request.query, values),
            headers=Headers({name: _in_text(value, values) for name, value in request.headers.items()}),
            body=_in_json(request.body.decode("utf-8", "surrogateescape"), values).encode("utf-8", "surrogateescape"),
        ),
        body=json.loads(_in_json(json.dumps(call.body), values)),
    )


def _in_url(text: str, values: Mapping[str, Any]) -> str:
    return _NAMED.sub(lambda found: quote(_text(values[found[1]]), safe="") if found[1] in values else found[0], text)


def _in_text(text: str, values: Mapping[str, Any]) -> str:
    return _NAMED.sub(lambda found: _text(values[found[1]]) if found[1] in values else found[0], text)


def _in_json(text: str, values: Mapping[str, Any]) -> str:
    """JSON in which a text that is a name alone becomes the value, of whatever type."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in values:
            return found[0]
        return json.dumps(values[name]) if found[1] else json.dumps(_text(values[name]))[1:-1]

    return _NAMED_IN_JSON.sub(value, text)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
