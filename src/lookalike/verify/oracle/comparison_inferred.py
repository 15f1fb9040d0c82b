"""Comparison of a response with the document, and with the values that were sent; a server may choose the rest."""

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from lookalike.codecs.json_text import DecodeError
from lookalike.codecs.media_types import may_be_json
from lookalike.codecs.sequences import EVENTS, event_data, from_sequence
from lookalike.contract.contract import Operation
from lookalike.contract.responses import DocumentedResponse, response_for
from lookalike.http import Response, essence, is_sequence
from lookalike.json_values import ABSENT
from lookalike.readings import When
from lookalike.schema.messages import ONE_OF_OVERLAP
from lookalike.schema.validator import Schema
from lookalike.schema.view import SchemaView
from lookalike.verify.oracle.freedoms import Freedoms, Ways

Applies = Callable[[When], bool]

_BODILESS = {204, 205, 304}
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ABSENT)
# Members that servers take and do not show, whether or not the document says writeOnly.
_SECRETS = ("password", "secret", "token", "passphrase")


def _without_readings(when: When) -> bool:
    """Whether a rule applies if no reading is decided: only if it depends on no reading."""
    return not when


def flaw_of(operation: Operation, response: Response, applies: Applies = _without_readings) -> str:
    """The response that the document demands, or an empty string if it allows the actual one.

    An undocumented error response is allowed: documents need not list all errors (OpenAPI 3.1 section 4.8.16). A rule
    that depends on readings counts if it `applies`.
    """
    status = response.status
    answer = response_for(operation.responses, str(status))
    if status >= 500:
        return "" if is_named(operation, status) else f"no {status}"
    if 200 <= status < 300 and not is_named(operation, status) and _successes(operation):
        return f"a documented status ({', '.join(_successes(operation))})"
    is_binding = answer is not None and (status < 300 or is_named(operation, status))
    return _body_flaw(answer, response, applies) if answer is not None and is_binding else ""


def is_named(operation: Operation, status: int) -> bool:
    """Whether a document has a status by its number or its range, and not only by `default`."""
    return any(key.upper() in (str(status), f"{status // 100}XX") for key in operation.responses)


def _successes(operation: Operation) -> list[str]:
    return [status for status in operation.responses if status.startswith("2")]


def _body_flaw(answer: DocumentedResponse, response: Response, applies: Applies) -> str:
    if not answer.content or response.status in _BODILESS or (not response.body and response.status >= 400):
        return ""
    sent = essence(response.header("Content-Type") or "")
    media = next((one for name, one in answer.content.items() if _covers(essence(name), sent)), None)
    if media is None or (not response.body and may_be_json(media.media_type)):
        return f"a body of type {', '.join(answer.content)}"
    if media.schema is None:
        return ""
    if is_sequence(sent):
        return _sequence_flaw(media.schema, response, applies)
    return _value_flaw(media.schema, value_of(response), applies) if _is_sent_as_json(sent) else ""


def _value_flaw(schema: Schema, value: Any, applies: Applies) -> str:
    """The expectation that a value fails, or an empty string; alternatives of a oneOf may overlap."""
    if value is ABSENT:
        return "a body that is JSON"
    found = () if schema.accepts(value) else schema.violations(value, "answer", "the body")
    wrong = next((one for one in found if ONE_OF_OVERLAP not in one.message and applies(one.when)), None)
    return f"a body in which {wrong.message}" if wrong else ""


def _sequence_flaw(schema: Schema, response: Response, applies: Applies) -> str:
    """The expectation that a sequence fails, or an empty string; a schema may describe its events or their data."""
    sent = response.header("Content-Type") or ""
    try:
        items = from_sequence(response.body, sent)
    except DecodeError as error:
        return f"a body that is {essence(sent)}: {error}"
    if essence(sent) == EVENTS and schema.accepts(event_data(items)):
        return ""
    return _value_flaw(schema, items, applies)


def _covers(documented_type: str, sent: str) -> bool:
    kind, _, part = documented_type.partition("/")
    return documented_type in (sent, "*/*") or (part == "*" and sent.startswith(f"{kind}/"))


def _is_sent_as_json(media_type: str) -> bool:
    return may_be_json(media_type) and not media_type.endswith("*")


def value_of(response: Response) -> Any:
    """The JSON value of a body, or `ABSENT`."""
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        return ABSENT


class Comparison(NamedTuple):
    """How members are compared: the freedoms of the server, the name of the resource, and the schema that is shown.

    A member that the schema of the answer does not describe need not be shown (an empty schema describes all).
    """

    freedoms: Freedoms
    resource: str = ""
    members: Mapping[str, SchemaView] = MappingProxyType({})


def difference(
    names: Iterable[str], expected: Mapping[str, Any], shown: Mapping[str, Any], comparison: Comparison
) -> str:
    """How the members of some names are other than expected, or nothing; secrets need not be shown."""
    freedoms, members = comparison.freedoms, comparison.members
    found: dict[str, Ways] = {}
    for name in sorted(names):
        if name not in expected:
            continue
        if name not in shown and (_may_be_left_out(name, expected[name]) or (members and name not in members)):
            continue
        member = f"{comparison.resource}.{name}"
        as_text = name in members and "string" in members[name].types
        found[member] = freedoms.explaining(member, expected[name], shown.get(name, ABSENT), as_text)
        if not found[member]:
            got = "nothing" if name not in shown else json.dumps(shown[name])
            return f"{name} = {json.dumps(expected[name])}, not {got}"
    freedoms.keep(found)
    return ""


def _may_be_left_out(name: str, value: Any) -> bool:
    return value in _EMPTY or any(word in name.lower() for word in _SECRETS)
