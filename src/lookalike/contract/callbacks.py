"""Callbacks and webhooks: requests that a server sends to its clients (OpenAPI 3.1 sections 4.8.1 and 4.8.18)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lookalike.contract.requests import IGNORED_HEADERS
from lookalike.contract.responses import Representation
from lookalike.json_values import Pointer

if TYPE_CHECKING:  # most documents have no callbacks
    from lookalike.contract.signatures import Signature

CREATED, UPDATED, DELETED = "created", "updated", "deleted"
"""The changes of an item that a webhook may tell of."""

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})
# A runtime expression in braces; one may also stand alone (section 4.8.20.4).
_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")

Follow = Callable[[Pointer], tuple[Pointer, Mapping[str, Any]]]
ReadContent = Callable[[Pointer, Mapping[str, Any]], Iterator[tuple[str, Representation]]]


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback of an operation, or a webhook: its URL, with runtime expressions in braces, its method, and its body.

    A webhook has no URL: its receiver registers one outside of the document.
    `headers` are by name, each with an example; `content` is by media type, and is empty without a body. `signature`
    says how it is signed, None if the document does not; `status` is that of a successful response to it, and
    `required_headers` are the names of header fields that it has in any case.
    """

    name: str
    url: str
    method: str
    headers: Mapping[str, Any]
    content: Mapping[str, Representation]
    signature: "Signature | None" = None
    status: int = 204
    required_headers: tuple[str, ...] = ()


def read_callbacks(follow: Follow, read_content: ReadContent, pointer: Pointer) -> Iterator[Callback]:
    """The callbacks of the operation at a pointer."""
    for name in follow(pointer)[1].get("callbacks", ()):
        place, by_url = follow((*pointer, "callbacks", name))
        for url in (url for url in by_url if not url.startswith("x-")):
            yield from _of_path_item(follow, read_content, (*place, url), Callback(str(name), str(url), "", {}, {}))


def read_webhooks(follow: Follow, read_content: ReadContent) -> Iterator[Callback]:
    """The webhooks of a document."""
    for name in follow(())[1].get("webhooks", ()):
        yield from _of_path_item(follow, read_content, ("webhooks", name), Callback(str(name), "", "", {}, {}))


def _of_path_item(follow: Follow, read_content: ReadContent, pointer: Pointer, named: Callback) -> Iterator[Callback]:
    from lookalike.contract.signatures import read_signature

    at_item, item = follow(pointer)
    for method in sorted(_METHODS & item.keys()):
        at_body = (*at_item, method, "requestBody")
        content = dict(read_content(*follow(at_body))) if "requestBody" in item[method] else {}
        parameters = [
            follow((*at_item, method, "parameters", index))[1]
            for index in range(len(item[method].get("parameters", ())))
        ]
        signature = read_signature(item[method], parameters)
        statuses = [int(one) for one in item[method].get("responses", ()) if re.fullmatch("2[0-9][0-9]", str(one))]
        yield replace(
            named,
            method=method.upper(),
            headers=dict(_headers(parameters)),
            content=content,
            signature=signature,
            status=min(statuses, default=204),
            required_headers=tuple(_required_headers(parameters)),
        )


def _headers(parameters: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The header parameters that the document gives an example or a default of."""
    for raw in parameters:
        example = raw.get("example", raw.get("schema", {}).get("example", raw.get("schema", {}).get("default")))
        if raw.get("in") == "header" and example is not None:
            yield raw["name"], example


def _required_headers(parameters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The names of the header parameters that are in any case there, but for those that OpenAPI ignores."""
    for raw in parameters:
        name = str(raw.get("name"))
        if raw.get("in") == "header" and raw.get("required") is True and name.lower() not in IGNORED_HEADERS:
            yield name


def filled(template: str, value_of: Callable[[str], str]) -> str:
    """A template with the values of its expressions, one in braces or one alone."""
    if template.startswith("$"):
        return value_of(template)
    return _EMBEDDED.sub(lambda match: value_of(match[1]), template)
