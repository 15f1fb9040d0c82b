"""The details of a documented response: header fields, formats in the body, and the absence of a body."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import DocumentedResponse, HeaderField, response_for
from lookalike.http import Response, essence
from lookalike.json_values import ABSENT, find
from lookalike.schema.directions import WRITE_ONLY
from lookalike.schema.formats import FormatCheck
from lookalike.schema.validator import Schema
from lookalike.schema.view import SchemaView
from lookalike.verify.oracle.comparison import BrokenKeyword, Flaw, is_named, value_of

_TELLING = 2  # members that an object shares with a schema
_WITHOUT_BODY = {204, 205}  # RFC 9110 sections 15.3.5 and 15.3.6
# Formats about which validators agree. A space in place of the T is allowed by RFC 3339 section 5.6.
_FORMATS = frozenset({"date-time", "date", "uuid", "email", "ipv4", "ipv6"})
_WITH_SPACE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def detail_flaw(contract: Contract, operation: Operation, response: Response, sent: bytes = b"") -> Flaw | None:
    """The detail that the document demands of a response and that it lacks, or None.

    A text that was `sent` in the request is not held against the server that shows it again.
    """
    if response.status in _WITHOUT_BODY and (response.body or _has_content(response)):
        return Flaw(f"a {response.status} without a body")
    answer = response_for(operation.responses, str(response.status))
    if answer is None or not is_named(operation, response.status):
        return None
    wrong = next((flaw for one in answer.headers if (flaw := _header_flaw(one, response))), "")
    if wrong or not response.body:
        return Flaw(wrong) if wrong else None
    return _content_flaw(contract, answer, response, sent)


def _content_flaw(contract: Contract, answer: DocumentedResponse, response: Response, sent: bytes) -> Flaw | None:
    """The format that a body lacks, or the place at which its members should be, or None."""
    media = answer.content.get(essence(response.header("Content-Type") or ""))
    if media is None or not media.schema_pointer:
        return None
    value = value_of(response)
    if value is ABSENT:  # such as XML
        return None
    schema = contract.schemas.at(*media.schema_pointer, unsent=WRITE_ONLY, formats=FormatCheck.STRICT)
    flaw = next(_format_flaws(schema, value, sent.decode("utf-8", "replace")), None)
    if flaw or not 200 <= response.status < 300:
        return flaw
    wrong = envelope_flaw(SchemaView(contract.document.data, media.schema_pointer), value)
    return Flaw(wrong) if wrong else None


def envelope_flaw(documented: SchemaView, value: Any) -> str:
    """The place at which the documented members of an object should be, if they are in another one; or nothing.

    An object of which all members are optional may have other ones, so that its schema accepts it in any envelope. Only
    an answer without any documented member in its place is wrong: those that it has elsewhere are no additions.
    """
    members = documented.members
    is_map = any(
        isinstance(documented.keyword(rule), Mapping) for rule in ("additionalProperties", "patternProperties")
    )
    if not isinstance(value, dict) or is_map or members.keys() & value.keys():
        return ""
    for name, inner in value.items():
        if isinstance(inner, dict) and _has_members(inner, members):
            return f"a body with the members {_few(members)} in it, not inside of {name}"
    wrapper = next((name for name, one in members.items() if _has_members(value, one.members)), "")
    return f"a body with these members inside of {wrapper}" if wrapper else ""


def _has_members(value: Mapping[str, Any], members: Mapping[str, SchemaView]) -> bool:
    """Whether an object has so many of some members that it cannot be by chance."""
    return len(value.keys() & members.keys()) >= max(1, min(_TELLING, len(members)))


def _few(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:_TELLING])


def _has_content(response: Response) -> bool:
    length = response.header("Content-Length") or "0"
    return length.strip() != "0" or response.header("Transfer-Encoding") is not None


def _header_flaw(field: HeaderField, response: Response) -> str:
    value = response.header(field.name)
    if value is None:
        return f"a header {field.name}" if field.required else ""
    schema = field.representation.schema
    if schema is None or field.representation.media_type or any(map(schema.accepts, _values_of(value))):
        return ""
    violation = next(schema.violations(value, "answer", f"the header {field.name}"), None)
    return f"a header in which {violation.message}" if violation is not None else ""


def _values_of(text: str) -> Iterator[Any]:
    """The values that a header field may stand for (OpenAPI 3.1 section 4.8.12.2, `simple`).

    Objects are sent in JSON as a rule, as flask-smorest does, whatever a document says of their style.
    """
    if text.startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            yield json.loads(text)
    yield text
    with suppress(ValueError):
        yield int(text)
    with suppress(ValueError):
        yield float(text)
    if text in ("true", "false"):
        yield text == "true"
    parts = [part.strip() for part in text.split(",")]
    yield parts
    with suppress(ValueError):
        yield [int(part) for part in parts]
    pairs: Mapping[str, str] = dict(zip(parts[::2], parts[1::2], strict=False))
    yield pairs


def _format_flaws(schema: Schema, value: Any, sent: str) -> Iterator[Flaw]:
    for pointer, rule, location in schema.format_errors(value):
        name, text = rule.get("format"), find(value, pointer)
        if name not in _FORMATS or not isinstance(text, str) or not text or text in sent:
            continue
        if name == "date-time" and _WITH_SPACE.fullmatch(text):
            continue
        place = ".".join(map(str, pointer)) or "the body"
        yield Flaw(
            f"a body in which {place} is in the format {name}", BrokenKeyword(location, name) if location else None
        )
