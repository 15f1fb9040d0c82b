"""Header fields of answers, as the document describes them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.codecs.json_text import to_json
from lookalike.contract.responses import DocumentedResponse, HeaderField
from lookalike.json_values import ABSENT, PointerError, find, references, resolve
from lookalike.model.response.examples import ResponseBodies
from lookalike.schema.validator import Schemas

HeaderFields = tuple[tuple[str, str], ...]

# What the server, the representation, the connection and CORS decide, whatever a document says.
_NOT_OURS = frozenset(
    (
        *("connection", "content-encoding", "content-length", "content-type", "date", "keep-alive", "server"),
        *("te", "trailer", "transfer-encoding", "upgrade", "lookalike-clause", "lookalike-reason"),
        "lookalike-violations",
    )
)
_NAMED = frozenset({"example", "examples", "default", "const"})

# What makes a client do something, as follow, wait, keep or trust, is not made up where nothing has to be there.
_STEERS = frozenset(
    (
        *("accept-ranges", "age", "allow", "cache-control", "clear-site-data", "content-disposition", "content-range"),
        *("content-location", "deprecation", "etag", "expires", "last-modified", "link", "pragma", "refresh"),
        *("retry-after", "set-cookie", "strict-transport-security", "sunset", "vary", "warning", "www-authenticate"),
    )
)
_LEADS_ON = re.compile(r"next|prev|cursor|continuation", re.IGNORECASE).search


def documented_fields(answer: DocumentedResponse, bodies: ResponseBodies) -> Iterator[tuple[str, str]]:
    """The fields that an answer has: what is documented, but for what would steer a client by an invented value."""
    for field in answer.headers:
        if field.name.lower() in _NOT_OURS or field.name.lower().startswith("access-control-"):
            continue
        if _may_be_made_up(field, answer) or field.representation.examples or _is_named(field, bodies.root):
            text = header_value(bodies.of(field.representation).value, field)
            if text and is_header_text(text):
                yield field.name, text


def is_absolute(name: str, answer: DocumentedResponse | None, schemas: Schemas) -> bool:
    """Whether a field that holds a path is described so that it has to be a whole URL."""
    described = (
        one.representation.schema_pointer
        for one in (answer.headers if answer else ())
        if one.name.lower() == name.lower()
    )
    place = next(described, ())
    if not place:
        return False
    schema = schemas.at(*place, formats=True)
    return schema.accepts("http://localhost/a") and not schema.accepts("/a")


def _may_be_made_up(field: HeaderField, answer: DocumentedResponse) -> bool:
    name = field.name.lower()
    if name == "location":  # a redirection leads somewhere; where something was made, that is told by what was made
        return field.required or answer.status.startswith("3")
    return field.required or not (name in _STEERS or _LEADS_ON(name) or name.startswith("content-security-"))


def is_header_text(text: str) -> bool:
    """Whether a text may stand in a header field as it is."""
    return all(" " <= c <= "~" for c in text)


def not_named_in(fields: HeaderFields, more: HeaderFields) -> HeaderFields:
    """The fields of which nothing is said otherwise."""
    taken = {name.lower() for name, _ in more}
    return tuple(field for field in fields if field[0].lower() not in taken)


def header_value(value: Any, field: HeaderField) -> str:
    """A value as a header field holds it: style `simple` (OpenAPI 3.1 section 4.8.12.3), or the JSON of `content`."""
    if value is ABSENT or value is None:
        return ""
    if field.representation.media_type:
        return value if isinstance(value, str) else to_json(value).decode()
    if isinstance(value, Mapping):
        joint = "=" if field.explode else ","
        return ",".join(f"{name}{joint}{scalar_text(member)}" for name, member in value.items())
    return ",".join(map(scalar_text, value)) if isinstance(value, list) else scalar_text(value)


def scalar_text(value: Any) -> str:
    """A value that is neither object nor array as a header field holds it."""
    return value.strip() if isinstance(value, str) else to_json(value).decode()


def _is_named(field: HeaderField, root: Any) -> bool:
    """Whether the schema of a field names a value itself."""
    schema = find(root, field.representation.schema_pointer) if field.representation.schema_pointer else ABSENT
    try:
        behind = [node for _, node in references(schema, lambda reference: resolve(root, reference))]
    except PointerError:
        behind = []
    return any(isinstance(node, Mapping) and not _NAMED.isdisjoint(node) for node in (schema, *behind))
