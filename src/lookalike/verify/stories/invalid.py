"""Invalid requests: variants of a valid request, each of which breaks one rule of the document."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from lookalike.codecs.media_types import is_multipart, may_be_json
from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType, Parameter
from lookalike.http import SAFE, Headers, Request
from lookalike.json_values import ABSENT, find
from lookalike.verify.oracle.comparison import BrokenKeyword
from lookalike.verify.requests.broken_values import NULL_FOR_ABSENT, BrokenRule, RulePath, broken_rules
from lookalike.verify.requests.encoder import NotEncodable, ParameterValues, can_encode, encode_body
from lookalike.verify.requests.raw_bodies import is_raw
from lookalike.verify.requests.values import ValueGenerator
from lookalike.verify.roles import creates_by_replacing
from lookalike.verify.runner.endings import Skipped

MOST_INVALID = 60  # of one operation: an answer may take 50 ms, and documents have hundreds of operations
_OTHER_TYPE = "application/x-lookalike"
_LONGEST = 60  # characters of a value in a description


# A value that comes twice asks for no more than one that comes once.
_NOT_OF_PARAMETERS = ("null", NULL_FOR_ABSENT, "required", "uniqueItems")
_NULL_TAKEN = BrokenKeyword((), NULL_FOR_ABSENT)
_FOR_OTHER_TYPE = frozenset({"415"})
_FOR_INVALID = frozenset({"400", "422", "4XX", "DEFAULT"})


class ValidInput(NamedTuple):
    """The operation, the parameters and the body of a request that should be accepted."""

    operation: Operation
    values: ParameterValues
    body: Any


class InvalidRequest(NamedTuple):
    """A request that breaks a rule, and its fault in words."""

    what: str
    request: Request
    twice: RulePath | None = None
    """The path in the body to a list that has an item twice."""
    rule: BrokenKeyword | None = None
    """The rule, if a server that does not enforce it here probably does so nowhere."""

    @property
    def refusals(self) -> frozenset[str]:
        """The documented statuses that show that a server looks for such a fault."""
        return _FOR_OTHER_TYPE if self.request.headers.get("content-type") == _OTHER_TYPE else _FOR_INVALID


WriteRequest = Callable[[ParameterValues, Any], Request]


def invalid_requests(
    valid: ValidInput, values: ValueGenerator, write: WriteRequest
) -> Iterator[tuple[str, Iterator[InvalidRequest]]]:
    """The rules that a request can break, by name, each with requests that break it; the best come first."""
    yield from _parameters(valid, values, write)
    media = values.media(valid.operation)
    if media is None or valid.body is ABSENT:
        return
    plain = write(valid.values, valid.body)
    body = valid.operation.body
    if "415" in valid.operation.responses:
        yield "media type", iter([_of_other_type(plain)])
    if body is not None and body.required:
        yield "required body", iter([InvalidRequest("no body", write(valid.values, ABSENT))])
    if is_raw(media.media_type):
        return
    for rule in broken_rules(media.value_type, valid.body, values.fitting):
        if rule.name == "null" and not (body is not None and body.required):  # many servers take it for no body
            continue
        yield rule.name, _bodies(valid, rule, values, plain)
    if may_be_json(media.media_type):
        yield "the body", iter([InvalidRequest("a body that is not JSON", plain._replace(body=b'{"'))])


def _of_other_type(plain: Request) -> InvalidRequest:
    """The request under a media type that no document has."""
    headers = Headers({**plain.headers, "content-type": _OTHER_TYPE})
    return InvalidRequest(f"a body of type {_OTHER_TYPE}", plain._replace(headers=headers))


def invalid_variants(valid: ValidInput, values: ValueGenerator, write: WriteRequest) -> Iterator[InvalidRequest]:
    """The best request for each rule that a valid one can be made to break, as many as are sent of one operation."""
    for _, requests in islice(invalid_requests(valid, values, write), MOST_INVALID):
        yield from islice(requests, 1)


def _bodies(valid: ValidInput, rule: BrokenRule, values: ValueGenerator, plain: Request) -> Iterator[InvalidRequest]:
    """Requests with a broken body, those that break nothing else first."""
    media = values.media(valid.operation)
    if media is None:
        return
    counted = [(_violations(media, value), value) for value in rule.values]
    for number, value in sorted(counted, key=_count):
        is_invalid = number and not _is_valid_as_text(media, value)
        if is_invalid and can_encode(value, media) and values.sendable(valid.operation, value) == value:
            twice = rule.path if rule.keyword == "uniqueItems" else None
            everywhere = _NULL_TAKEN if rule.keyword == NULL_FOR_ABSENT else None
            request = plain._replace(body=encode_body(value, media))
            yield InvalidRequest(_described(rule, value), request, twice, everywhere)


def _is_valid_as_text(media: MediaType, body: Any) -> bool:
    """Whether a multipart body is valid to a server that takes its parts for text, of any type they are sent as."""
    if not is_multipart(media.media_type) or not isinstance(body, dict) or media.schema is None:
        return False
    texts = {
        name: json.dumps(value) if "string" in (media.value_type.member(name).types or ()) else value
        for name, value in body.items()
        if not isinstance(value, str)
    }
    return bool(texts) and media.schema.accepts({**body, **texts})


def _count(entry: tuple[int, Any]) -> int:
    return entry[0]


def _violations(media: MediaType, value: Any) -> int:
    """The number of rules that a body breaks."""
    if media.schema is None or media.schema.accepts(value):
        return 0
    return len(list(media.schema.violations(value, "body", "the body"))) or 1


def _described(rule: BrokenRule, value: Any) -> str:
    place, part = ".".join(map(str, rule.path)), find(value, rule.path, ABSENT)
    if part is ABSENT:
        return f"no {place}"
    text = json.dumps(part)
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{place or 'the body'} = {shown}"


def _parameters(
    valid: ValidInput, values: ValueGenerator, write: WriteRequest
) -> Iterator[tuple[str, Iterator[InvalidRequest]]]:
    operation = valid.operation
    for (source, name), parameter in operation.parameters.items():
        if source == "path" and operation.method not in SAFE and not creates_by_replacing(operation):
            continue  # a refusal of another key tells nothing of the rules for keys
        if "object" in (parameter.value_type.types or ()):
            continue
        if parameter.required and source != "path":
            rest = {key: value for key, value in valid.values.items() if key != (source, name)}
            yield f"required of {name}", _written(valid, rest, f"no {name}", write)
        value = valid.values.get((source, name), ABSENT)
        value = values.parameter(operation, parameter, made_up=True) if value is ABSENT else value
        for rule in broken_rules(parameter.value_type, value, values.fitting):
            if rule.keyword in _NOT_OF_PARAMETERS or (source == "path" and not _is_safe_key(operation, rule)):
                continue
            yield f"{rule.keyword} of {name}", _broken(valid, parameter, rule, write)


def _is_safe_key(operation: Operation, rule: BrokenRule) -> bool:
    """Whether a key that breaks a rule is certainly none that an item has: it is made of one that is new."""
    return operation.method in SAFE or rule.keyword in ("pattern", "maxLength")


def _broken(valid: ValidInput, parameter: Parameter, rule: BrokenRule, write: WriteRequest) -> Iterator[InvalidRequest]:
    """Requests in which one parameter breaks a rule."""
    place = (parameter.location, parameter.name)
    own = valid.values.get(place, "")
    for value in rule.values:
        if parameter.location == "path" and valid.operation.method not in SAFE and str(own)[:3] not in str(value):
            continue
        sent: Mapping[Any, Any] = {**valid.values, place: value}
        for request in _written(valid, sent, f"{parameter.name}={value}"[:_LONGEST], write):
            # Many servers take a header field without a value for none.
            if parameter.location != "header" or request.request.headers.get(parameter.name.lower(), "").strip():
                yield request


def _written(valid: ValidInput, values: ParameterValues, what: str, write: WriteRequest) -> Iterator[InvalidRequest]:
    try:
        yield InvalidRequest(what, write(values, valid.body))
    except (NotEncodable, Skipped):  # as an empty text in a path
        return
