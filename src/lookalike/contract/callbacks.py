"""Callbacks: requests that an operation sends to its client (OpenAPI 3.1 section 4.8.18), as values."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.contract.responses import Representation
from lookalike.json_values import Pointer

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})
# A runtime expression in braces; one may also stand alone (section 4.8.20.4).
_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")

Follow = Callable[[Pointer], tuple[Pointer, Mapping[str, Any]]]
ReadContent = Callable[[Pointer, Mapping[str, Any]], Iterator[tuple[str, Representation]]]


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback of an operation: its URL, with runtime expressions in braces, its method, and its body.

    `headers` are by name, each with an example; `content` is by media type, and is empty without a body.
    """

    name: str
    url: str
    method: str
    headers: Mapping[str, Any]
    content: Mapping[str, Representation]


def read_callbacks(follow: Follow, read_content: ReadContent, pointer: Pointer) -> Iterator[Callback]:
    """The callbacks of the operation at a pointer."""
    for name in follow(pointer)[1].get("callbacks", ()):
        place, by_url = follow((*pointer, "callbacks", name))
        for url in (url for url in by_url if not url.startswith("x-")):
            at_item, item = follow((*place, url))
            for method in _METHODS & item.keys():
                at_body = (*at_item, method, "requestBody")
                content = dict(read_content(*follow(at_body))) if "requestBody" in item[method] else {}
                headers = dict(_headers(follow, (*at_item, method)))
                yield Callback(str(name), str(url), method.upper(), headers, content)


def _headers(follow: Follow, pointer: Pointer) -> Iterator[tuple[str, Any]]:
    """The header parameters that the document gives an example or a default of."""
    for index in range(len(follow(pointer)[1].get("parameters", ()))):
        _, raw = follow((*pointer, "parameters", index))
        example = raw.get("example", raw.get("schema", {}).get("example", raw.get("schema", {}).get("default")))
        if raw.get("in") == "header" and example is not None:
            yield raw["name"], example


def filled(template: str, value_of: Callable[[str], str]) -> str:
    """A template with the values of its expressions, one in braces or one alone."""
    if template.startswith("$"):
        return value_of(template)
    return _EMBEDDED.sub(lambda match: value_of(match[1]), template)
