"""Comparison of a response: with the prediction of the model, with the document, and with the values that were sent.

Whatever binds a server is compared here in one way, whether the document states its clauses or they were inferred.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from lookalike.codecs.json_text import MAX_DEPTH, DecodeError
from lookalike.codecs.media_types import may_be_json
from lookalike.codecs.sequences import EVENTS, event_data, from_sequence
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import DocumentedResponse, response_for
from lookalike.contract.undecided_readings import is_secret
from lookalike.http import Request, Response, essence, is_sequence
from lookalike.json_values import ABSENT, Pointer, depth_of, find, is_number
from lookalike.model.response.outcome import Outcome
from lookalike.model.response.response import PROBLEM
from lookalike.naming.words import normalised
from lookalike.readings import Choose, When, holds
from lookalike.schema.messages import ONE_OF_OVERLAP, name_of
from lookalike.schema.validator import Schema, Violation
from lookalike.schema.value_types import NUMBER_TYPES, TYPE_NAMES
from lookalike.schema.view import SchemaView
from lookalike.verify.oracle.normalisations import Normalisations, NormalisationSet


class Mismatch(NamedTuple):
    """The part of a response that differs from the prediction, and the expectation in words."""

    part: str
    expected: str


def mismatch(contract: Contract, outcome: Outcome, got: Response, choose: Choose) -> Mismatch | None:
    """The first difference of a response from the prediction, or None.

    The wording of undocumented bodies, and of the message of a 400, is not compared.
    """
    expected = outcome.response
    if got.status != expected.status:
        return Mismatch("status", f"status {expected.status}: {reason_of(outcome)}")
    answer = _documented(contract, outcome, expected.status)
    if answer is None:
        return _allow_mismatch(expected, got)
    flaw = _body_flaw(answer, got, partial(holds, choose=choose))
    return Mismatch("body", flaw.expected) if flaw else None


def reason_of(outcome: Outcome) -> str:
    """The reason that the model gives for its response."""
    return outcome.response.header("Lookalike-Reason") or ""


def _documented(contract: Contract, outcome: Outcome, status: int) -> DocumentedResponse | None:
    operation = next((one for one in contract.operations if one.id == outcome.operation), None)
    return response_for(operation.responses, str(status)) if operation else None


def _allow_mismatch(expected: Response, got: Response) -> Mismatch | None:
    """A 405 lists the allowed methods (RFC 9110 section 15.5.6)."""
    wanted = expected.header("Allow")
    if expected.status != 405 or wanted is None:
        return None
    listed = {method.strip().upper() for method in (got.header("Allow") or "").split(",")}
    missing = [method for method in wanted.split(", ") if method not in listed]
    return (
        Mismatch("header", f"a header Allow with {', '.join(missing)} (RFC 9110 section 15.5.6)") if missing else None
    )


Applies = Callable[[When], bool]


class BrokenKeyword(NamedTuple):
    """A keyword of a schema, by its location, and how a value breaks it, wherever in an answer that is."""

    location: Pointer
    wording: str


class Flaw(NamedTuple):
    """The response that the document demands in place of another one, and the rule that the body of that breaks."""

    expected: str
    rule: BrokenKeyword | None = None


_BODY = "the body"  # its name in messages
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BODILESS = {204, 205, 304}
_REFUSALS = {400, 404, 409, 422}


_PLACES = frozenset({"position", "pos", "index", "rank", "ordinal", "order", "sortorder", "displayorder", "sequence"})
_REVISIONS = frozenset(
    {"version", "versionnumber", "lockversion", "rowversion", "revision", "rev", "resourceversion", "generation"}
)
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ABSENT)


def _without_readings(when: When) -> bool:
    """Whether a rule applies if no reading is decided: only if it depends on no reading."""
    return not when


def flaw_of(
    operation: Operation, response: Response, applies: Applies = _without_readings, requests: Sequence[Request] = ()
) -> Flaw | None:
    """The response that the document demands, or None if it allows the actual one.

    An undocumented error response is allowed: documents need not list all errors (OpenAPI 3.1 section 4.8.16). A rule
    that depends on readings counts if it `applies`. An integer that is wider than its format is allowed where the
    `requests` had it: a format only says how wide an integer is, and that server keeps all of it.
    """
    status = response.status
    answer = response_for(operation.responses, str(status))
    if status >= 500:
        return None if is_named(operation, status) else Flaw(f"no {status}")
    if 200 <= status < 300 and not is_named(operation, status) and _successes(operation):
        return Flaw(f"a documented status ({', '.join(_successes(operation))})")
    if answer is None or operation.method == "HEAD":
        return None
    is_binding = status < 300 or is_named(operation, status) or _is_refusal_by_default(answer, response)
    return _body_flaw(answer, response, applies, requests) if is_binding else None


def _is_refusal_by_default(answer: DocumentedResponse, response: Response) -> bool:
    """Whether an operation itself refused a request, in the media type of the `default` response.

    Other errors, and those in other types, may be of what stands before it: a router, a gateway, a rate limit.
    """
    sent = essence(response.header("Content-Type") or "")
    return response.status in _REFUSALS and any(_covers(essence(name), sent) for name in answer.content)


def is_named(operation: Operation, status: int) -> bool:
    """Whether a document has a status by its number or its range, and not only by `default`."""
    return any(key.upper() in (str(status), f"{status // 100}XX") for key in operation.responses)


def _successes(operation: Operation) -> list[str]:
    return [status for status in operation.responses if status.startswith("2")]


def _body_flaw(
    answer: DocumentedResponse, response: Response, applies: Applies, requests: Sequence[Request] = ()
) -> Flaw | None:
    """The body that a documented response demands, or None if the actual one is right."""
    if not answer.content or response.status in _BODILESS:
        return None
    shown_type = essence(response.header("Content-Type") or "")
    media = next((one for name, one in answer.content.items() if _covers(essence(name), shown_type)), None)
    if media is None and response.status >= 400 and shown_type == PROBLEM:
        # Frameworks that document their problem details as plain JSON send them so all the same, as ASP.NET does.
        media = next((one for name, one in answer.content.items() if essence(name) == "application/json"), None)
    if media is None or (not response.body and may_be_json(media.media_type)):
        return Flaw(f"a body of type {', '.join(answer.content)}")
    if media.schema is None:
        return None
    if is_sequence(shown_type):
        return _sequence_flaw(media.schema, response, applies)
    return _json_flaw(media.schema, response, applies, requests) if _is_sent_as_json(shown_type) else None


def _json_flaw(schema: Schema, response: Response, applies: Applies, requests: Sequence[Request]) -> Flaw | None:
    value = value_of(response)
    if value is ABSENT:  # a limit of ours is no violation of theirs
        return None if _is_beyond_limits(response.body) else Flaw("a body that is JSON")
    return _value_flaw(schema, value, applies, requests)


def _value_flaw(schema: Schema, value: Any, applies: Applies, requests: Sequence[Request] = ()) -> Flaw | None:
    """The expectation that a value fails, or None; alternatives of a oneOf may overlap.

    Rules that depend on no reading come first, so that no reading is asked for without need.
    """
    found = () if schema.accepts(value) else tuple(schema.violations(value, "answer", _BODY))
    binding = (one for one in sorted(found, key=_is_conditional) if ONE_OF_OVERLAP not in one.message)
    wrong = next((one for one in binding if applies(one.when) and not _is_wide_as_sent(one, value, requests)), None)
    return Flaw(f"a body in which {wrong.message}", _broken_rule(wrong)) if wrong else None


def _broken_rule(violation: Violation) -> BrokenKeyword | None:
    """The rule that a violation breaks, the same for an item and for a list of such items."""
    place = name_of(violation.pointer, _BODY)
    wording = violation.message.replace(f"{place}.", "").replace(place, "")
    return BrokenKeyword(violation.location, wording) if violation.location else None


def _is_wide_as_sent(violation: Violation, value: Any, requests: Sequence[Request]) -> bool:
    """Whether a value is beyond the limits of `int32` as one of the requests had it."""
    shown = find(value, violation.pointer, None) if violation.keyword in ("minimum", "maximum") else None
    is_wide = type(shown) is int and not -(2**31) <= shown < 2**31
    return is_wide and any(str(shown) in one.query or str(shown).encode() in one.body for one in requests)


def _is_conditional(violation: Violation) -> bool:
    return bool(violation.when)


def _sequence_flaw(schema: Schema, response: Response, applies: Applies) -> Flaw | None:
    """The expectation that a sequence fails, or None; a schema may describe its events or their data."""
    sent = response.header("Content-Type") or ""
    try:
        items = from_sequence(response.body, sent)
    except DecodeError as error:
        return Flaw(f"a body that is {essence(sent)}: {error}")
    if essence(sent) == EVENTS and schema.accepts(event_data(items)):
        return None
    return _value_flaw(schema, items, applies)


def _covers(documented_type: str, sent: str) -> bool:
    kind, _, part = documented_type.partition("/")
    return documented_type in (sent, "*/*") or (part == "*" and sent.startswith(f"{kind}/"))


def _is_sent_as_json(media_type: str) -> bool:
    return may_be_json(media_type) and not media_type.endswith("*")


def value_of(response: Response) -> Any:
    """The JSON value of a body, or `ABSENT`; a surrogate without its other half is U+FFFD (RFC 8259 section 8.2)."""
    try:
        return _parsed(response.body)
    except ValueError:
        return ABSENT


def _is_beyond_limits(body: bytes) -> bool:
    """Whether a body has more levels or digits than are read: RFC 8259 section 9 leaves such limits to each reader."""
    try:
        _parsed(body)
    except DecodeError:
        return True
    except ValueError:
        return False
    return False


def _parsed(body: bytes) -> Any:
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        if _SURROGATE.search(body):  # no validator takes half of a pair, nor does a URL
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
            value = json.loads(whole.decode("utf-16", "replace"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except (ValueError, RecursionError):  # of an integer with too many digits, or too many levels
        raise DecodeError("it has more levels or digits than are read") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and depth_of(value) > MAX_DEPTH:
        raise DecodeError(f"it is nested deeper than {MAX_DEPTH} levels")
    return value


def _refuse_constant(name: str) -> Any:
    """NaN and Infinity, which the parser takes, are not JSON (RFC 8259 section 6)."""
    raise json.JSONDecodeError("no JSON", name, 0)


class Comparison(NamedTuple):
    """The terms of a comparison: the normalisations of the server, the resource, and the schema that is shown.

    A member that the schema of the answer does not describe need not be shown (an empty schema describes all).
    Members that are `write_only` in requests are not compared: what answers show under their names is another value.
    Those that are `unasked` need not be shown. `fits` tells whether an item in the answer fits its schema.
    """

    normalisations: Normalisations
    resource: str = ""
    members: Mapping[str, SchemaView] = MappingProxyType({})
    write_only: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset()
    fits: Callable[[Mapping[str, Any]], bool] | None = None


class MemberDifference(NamedTuple):
    """A member that is other than expected: the expected member, and the value in its place, in words."""

    expected: str
    got: str


def difference(
    names: Iterable[str], expected: Mapping[str, Any], shown: Mapping[str, Any], comparison: Comparison
) -> MemberDifference | None:
    """The first difference among the members of some names; secrets need not be shown."""
    normalisations, members = comparison.normalisations, comparison.members
    found: dict[str, NormalisationSet] = {}
    for name in sorted(names):
        if name not in expected or name in comparison.write_only:
            continue
        is_undescribed = bool(members) and name not in members
        if name not in shown and (
            is_undescribed or name in comparison.unasked or _may_be_left_out(name, expected[name])
        ):
            continue
        member = f"{comparison.resource}.{name}"
        if name in members and _lost_precision(members[name], expected[name], shown.get(name)):
            return MemberDifference(f"{name} = {json.dumps(expected[name])}", json.dumps(shown[name]))
        ways = normalisations.explaining(member, expected[name], shown.get(name, ABSENT), members.get(name))
        if not ways and (
            _is_place_in_row(name, expected[name], shown.get(name))
            or _is_next_revision(name, expected[name], shown.get(name))
            or _is_expanded(members.get(name), expected[name], shown.get(name))
            or _is_documented_otherwise(comparison, name, expected, shown)
        ):
            continue
        if not ways:
            got = "nothing" if name not in shown else json.dumps(shown[name])
            return MemberDifference(f"{name} = {json.dumps(expected[name])}", got)
        found[member] = ways
    normalisations.keep(found)
    return None


def _is_place_in_row(name: str, sent: Any, shown: Any) -> bool:
    """Whether a place in a row is the last one there is, or the first, where one beyond was sent, or the next one.

    A later item with the same place moves it on. That it is a place is suggested by its name.
    """
    is_place = normalised(name) in _PLACES and type(sent) is int and type(shown) is int
    return is_place and (0 <= shown <= sent + 1 or sent < 0 <= shown <= 1)


def _is_next_revision(name: str, sent: Any, shown: Any) -> bool:
    """Whether the revision that a change was based on is shown as the next one, as optimistic locks have it.

    That it is a revision is suggested by its name.
    """
    return normalised(name) in _REVISIONS and type(sent) is int and type(shown) is int and shown == sent + 1


def _is_expanded(schema: SchemaView | None, sent: Any, shown: Any) -> bool:
    """Whether an object is shown for the key that was sent, or objects for keys, as the schema of the answer has it."""
    if schema is not None and isinstance(sent, list) and isinstance(shown, list) and len(sent) == len(shown):
        return all(_is_expanded(schema.items, *one) for one in zip(sent, shown, strict=True))
    is_object = isinstance(shown, Mapping) and not isinstance(sent, (Mapping, list))
    return schema is not None and is_object and "object" in schema.possible_types


def _is_documented_otherwise(
    comparison: Comparison, name: str, expected: Mapping[str, Any], shown: Mapping[str, Any]
) -> bool:
    """Whether the schema of the answer takes a member as it is shown, and not as it was sent.

    Such as the end of the number of a card. An item of another kind than the one expected fits with neither, and a
    number that is shown as a text is still compared.
    """
    is_spelt_alike = name in shown and type(shown[name]) is type(expected[name])
    if comparison.fits is None or not is_spelt_alike or not comparison.fits(shown):
        return False
    return not (comparison.fits({**shown, name: expected[name]}) or comparison.fits(expected))


def is_of_no_documented_type(schema: SchemaView | None, shown: Any) -> bool:
    """Whether the schema of an answer takes no value of the type that is shown; a null may stand for a lost one."""
    types = schema.possible_types if schema is not None and shown not in (None, ABSENT) else frozenset()
    return bool(types) and types.isdisjoint(NUMBER_TYPES if is_number(shown) else {TYPE_NAMES[type(shown)]})


def _lost_precision(schema: SchemaView, sent: Any, shown: Any) -> bool:
    """Whether a 64-bit integer came back as the nearest double, although `int64` promises all of its bits."""
    is_wide = schema.keyword("format") == "int64" and type(sent) is int
    return is_wide and isinstance(shown, (int, float)) and shown != sent and float(shown) == float(sent)


def _may_be_left_out(name: str, value: Any) -> bool:
    return value in _EMPTY or is_secret(name)
