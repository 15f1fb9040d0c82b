"""Header fields of responses: those that the document describes, with values that mislead no client."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.codecs.json_text import to_json
from lookalike.contract.responses import DocumentedResponse, HeaderField
from lookalike.json_values import ABSENT, PointerError, find, references, resolve
from lookalike.model.response.examples import ResponseBodies
from lookalike.schema.formats import FormatCheck
from lookalike.schema.validator import Schemas

HeaderFields = tuple[tuple[str, str], ...]

# Fields that the server, the representation, the connection and CORS decide, whatever a document says.
_RESERVED = frozenset(
    (
        *("connection", "content-encoding", "content-length", "content-type", "date", "keep-alive", "server"),
        *("te", "trailer", "transfer-encoding", "upgrade", "lookalike-clause", "lookalike-reason"),
        "lookalike-violations",
    )
)

# Fields that make a client do something: follow, wait, cache or trust. Their values are not generated, unless the
# document requires the field: an invented `Retry-After: 3600` stops a client, an invented `Link` sends it elsewhere.
_DIRECTIVES = frozenset(
    (
        *("accept-ranges", "age", "allow", "cache-control", "clear-site-data", "content-disposition", "content-range"),
        *("content-location", "deprecation", "etag", "expires", "last-modified", "link", "pragma", "refresh"),
        *("retry-after", "set-cookie", "strict-transport-security", "sunset", "vary", "warning", "www-authenticate"),
    )
)
_IS_PAGING = re.compile(r"next|prev|cursor|continuation", re.IGNORECASE).search
_STATED_VALUES = frozenset({"example", "examples", "default", "const"})


def documented_fields(response: DocumentedResponse, bodies: ResponseBodies) -> Iterator[tuple[str, str]]:
    """The names and values of the fields that a response is documented to have."""
    for field in response.headers:
        if field.name.lower() in _RESERVED or field.name.lower().startswith("access-control-"):
            continue
        is_stated = bool(field.representation.examples) or _states_value(field, bodies.root)
        if is_stated or _may_be_generated(field, response):
            text = header_value(bodies.of(field.representation).value, field)
            if _leads_on(field.name, text) and not field.required:
                continue  # an example is one page, and its links would send a client to the vendor, with its token
            if text and field.required and not is_header_text(text):
                text = "".join(c if is_header_text(c) else "?" for c in text)  # better than a required field that lacks
            if text and is_header_text(text):
                yield field.name, text


def _leads_on(name: str, text: str) -> bool:
    """Whether a field links to a next page (RFC 8288)."""
    return name.lower() == "link" and "next" in text


def is_absolute(name: str, response: DocumentedResponse | None, schemas: Schemas) -> bool:
    """Whether the schema of a field accepts absolute URLs only, no paths."""
    pointers = (
        field.representation.schema_pointer
        for field in (response.headers if response else ())
        if field.name.lower() == name.lower()
    )
    pointer = next(pointers, ())
    if not pointer:
        return False
    schema = schemas.at(*pointer, formats=FormatCheck.STRICT)
    return schema.accepts("http://localhost/a") and not schema.accepts("/a")


def not_named_in(fields: HeaderFields, others: HeaderFields) -> HeaderFields:
    """The fields whose names do not occur in others, in any letter case."""
    names = {name.lower() for name, _ in others}
    return tuple(field for field in fields if field[0].lower() not in names)


def header_value(value: Any, field: HeaderField) -> str:
    """A value as text: in the style `simple` (OpenAPI 3.1 section 4.8.12.3), or as the JSON of `content`.

    Empty for null and for no value.
    """
    if value is ABSENT or value is None:
        return ""
    if field.representation.media_type:
        return value if isinstance(value, str) else to_json(value).decode()
    if isinstance(value, Mapping):
        joint = "=" if field.explode else ","
        return ",".join(f"{name}{joint}{scalar_text(member)}" for name, member in value.items())
    return ",".join(map(scalar_text, value)) if isinstance(value, list) else scalar_text(value)


def scalar_text(value: Any) -> str:
    """A value that is neither object nor array as text."""
    return value.strip() if isinstance(value, str) else to_json(value).decode()


def is_header_text(text: str) -> bool:
    """Whether a text may stand in a header field as it is: visible ASCII and spaces (RFC 9110 section 5.5)."""
    return all(" " <= c <= "~" for c in text)


def _may_be_generated(field: HeaderField, response: DocumentedResponse) -> bool:
    name = field.name.lower()
    if name == "location":  # of a redirection; that of a new item is made of the item
        return field.required or response.status.startswith("3")
    is_directive = name in _DIRECTIVES or _IS_PAGING(name) or name.startswith("content-security-")
    return field.required or not is_directive


def _states_value(field: HeaderField, root: Any) -> bool:
    """Whether the schema of a field names a value itself, also behind references."""
    pointer = field.representation.schema_pointer
    schema = find(root, pointer) if pointer else ABSENT
    try:
        behind = [node for _, node in references(schema, lambda reference: resolve(root, reference))]
    except PointerError:
        behind = []
    return any(isinstance(node, Mapping) and not _STATED_VALUES.isdisjoint(node) for node in (schema, *behind))
