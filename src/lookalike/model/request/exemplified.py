"""Requests that equal an example of the document, valid or not."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lookalike.codecs.json_text import DecodedValue, plain_numbers
from lookalike.codecs.parameter_styles import form_decoded, percent_decoded, query_fields
from lookalike.contract.contract import Operation
from lookalike.contract.example_pairs import ExamplePair
from lookalike.contract.requests import ParameterKey
from lookalike.http import essence
from lookalike.json_values import ABSENT, equal
from lookalike.model.context import RequestContext

_SENT_AS_TEXT = (str, int, float, bool)


class ExemplifiedRequests:
    """The requests of the examples of an operation that have a response of the same name."""

    def __init__(self, pairs: Sequence[ExamplePair], operation: Operation) -> None:
        # Those that say most come first: an example without a filter equals a request with one only in part.
        self._pairs = sorted(pairs, key=lambda pair: -len(pair.parameters) - len(pair.bodies))
        self._queries = frozenset(name for source, name in operation.parameters if source == "query")

    def pair(self, context: RequestContext, body: Any) -> ExamplePair | None:
        """The pair whose request this is; `context` has the values of its parameters, and `body` is the decoded one."""
        sent = {name: form_decoded(text) for name, text in query_fields(context.request.query)}
        value = plain_numbers(body.value) if isinstance(body, DecodedValue) else ABSENT
        return next((pair for pair in self._pairs if self._is_request_of(pair, context, sent, value)), None)

    def _is_request_of(self, pair: ExamplePair, context: RequestContext, sent: Mapping[str, str], body: Any) -> bool:
        asked = {name for source, name in pair.parameters if source == "query"}
        return (
            not (self._queries & sent.keys()) - asked  # a parameter that the example does not have
            and all(_is_sent(key, value, context, sent) for key, value in pair.parameters.items())
            and (not pair.bodies or _is_body(pair.bodies, context, body))
        )


def _is_sent(key: ParameterKey, example: Any, context: RequestContext, sent: Mapping[str, str]) -> bool:
    """Whether a parameter has the value of an example, also if that does not fit its schema."""
    source, name = key
    values: Mapping[str, Any] = getattr(context, source)
    texts = {"query": sent, "header": context.request.headers}.get(source, {})
    if source == "query" and name in values and not _is_in_query(name, sent):
        return False  # a default, which was not sent
    value = values.get(name, texts.get(name, ABSENT))
    if source == "path" and isinstance(value, str):
        value = percent_decoded(value)  # one that breaks its schema is there as it was sent
    return _is_alike(value, example)


def _is_in_query(name: str, sent: Iterable[str]) -> bool:
    return any(one == name or one.startswith(f"{name}[") for one in sent)


def _is_body(examples: Mapping[str, Any], context: RequestContext, body: Any) -> bool:
    """Whether a body is that of an example in its media type, or in any if the request names none of them."""
    named = essence(context.request.headers.get("content-type", ""))
    same_type = [example for media_type, example in examples.items() if essence(media_type) == named]
    return any(_is_alike_body(example, context.request.body, body) for example in same_type or examples.values())


def _is_alike_body(example: Any, content: bytes, body: Any) -> bool:
    if equal(body, example):
        return True
    if not isinstance(example, str):
        return False
    if content.strip() == example.strip().encode():
        return True
    try:
        return equal(body, json.loads(example))  # JSON in a string, as many documents have it
    except (ValueError, RecursionError):
        return False


def _is_alike(value: Any, example: Any) -> bool:
    """Whether two values are equal, or are the same text: `7` is what is sent for both 7 and "7"."""
    if value is ABSENT:
        return False
    are_scalars = isinstance(value, _SENT_AS_TEXT) and isinstance(example, _SENT_AS_TEXT)
    return equal(value, example) or (are_scalars and _text(value) == _text(example))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
