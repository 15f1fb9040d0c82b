"""`Prefer`: what a client may ask of a response (RFC 7240), with the preferences that Prism introduced.

`code` and `example` choose a documented response; `dynamic` and `seed` generate the body; `delay` holds it back.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from lookalike.codecs.parameter_styles import form_decoded, query_fields
from lookalike.contract.contract import Operation
from lookalike.contract.responses import DocumentedResponse, response_for
from lookalike.http import Request
from lookalike.model.response.examples import is_valid_for_some_choice
from lookalike.model.response.outcome import Outcome, Reason, ResponseForm, header_text
from lookalike.model.response.response import ResponseBuilder
from lookalike.readings import Choose
from lookalike.schema.generation.faker_values import MISSING, is_installed

MAX_DELAY = 10_000  # milliseconds
_APPLIED = "Preference-Applied"  # RFC 7240 section 3
_IN_QUERY = {f"__{name}": name for name in ("code", "example", "dynamic", "seed")}
_CHOOSING = ("code", "example")  # the preferences that choose a documented response

# A preference is a token with a value, which is a token or a quoted string, and parameters, which are ignored
# (RFC 7240 section 2).
_TOKEN = r"[^\s=;,\"]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PREFERENCE = re.compile(rf"\s*({_TOKEN})\s*(?:=\s*({_QUOTED}|[^;,]*))?((?:\s*;(?:{_QUOTED}|[^,\"])*)?)")


class Variation(NamedTuple):
    """Whether bodies vary when no client asks for it, and from which seed; without one, each request has another."""

    by_default: bool = False
    seed: int | None = None


NO_VARIATION = Variation()

# Takes the preferences of a request, and gives the documented response that they choose, None where they choose none.
ForcedResponse = Callable[[Mapping[str, str], ResponseForm, Choose], Outcome | None]


# --- Reading preferences ---


def parse_prefer(field: str) -> dict[str, str]:
    """The values of a Prefer field by preference; of several with one name, the first (RFC 7240 section 2)."""
    found: dict[str, str] = {}
    for match in _PREFERENCE.finditer(field):
        name, value = match[1].lower(), (match[2] or "").strip()
        found.setdefault(name, re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value)
    return found


def parse_query_preferences(query: str) -> dict[str, str]:
    """The preferences in a query, where links and address bars can hold them: `__code=404`, as Prism has it."""
    named = ((_IN_QUERY.get(name), form_decoded(value)) for name, value in query_fields(query))
    return {name: value for name, value in named if name is not None}


# --- code and example: a documented response ---


def compile_prefer(operation: Operation, responses: ResponseBuilder) -> ForcedResponse:
    """The function that gives the documented response that preferences choose, or 400 where there is no such one."""
    return _ForcedResponses(operation, responses).respond


class _ForcedResponses:
    """The documented responses of an operation, as clients may ask for them."""

    def __init__(self, operation: Operation, responses: ResponseBuilder) -> None:
        self._operation = operation
        self._documented = operation.responses
        self._responses = responses

    def respond(self, preferences: Mapping[str, str], form: ResponseForm, choose: Choose) -> Outcome | None:
        code, example = preferences.get("code"), preferences.get("example")
        if code is None and example is None:
            return None
        status = code if code is not None else self._status_with_example(example or "")
        response = self._response_of(status)
        if response is None:
            return self._undocumented_code(code, choose) if code else self._undocumented_example(example, choose)
        media_type = _media_type_with_example(response, example, form)
        if example is not None and media_type is None:
            return self._undocumented_example(example, choose)
        form = form._replace(
            media_type=media_type or form.media_type, example=_example_to_show(response, example, form)
        )
        applied = ", ".join(f"{name}={preferences[name]}" for name in _CHOOSING if name in preferences)
        reason = Reason((f"asked for by Prefer: {applied}",), response.clauses)
        return self._responses.documented(status, reason, choose, ((_APPLIED, header_text(applied)),), form=form)

    def _status_with_example(self, example: str) -> str:
        statuses = (
            status
            for status, response in self._documented.items()
            if any(example in representation.examples for representation in response.content.values())
        )
        return next(statuses, "")

    def _response_of(self, status: str) -> DocumentedResponse | None:
        """The response of a status code, which a range or the default may describe; or of these by their names."""
        is_code = re.fullmatch(r"[1-5][0-9]{2}", status, re.ASCII) is not None
        return response_for(self._documented, status) if is_code else self._documented.get(status)

    def _undocumented_code(self, code: str, choose: Choose) -> Outcome:
        return self._bad_request("code", code, self._documented, choose)

    def _undocumented_example(self, example: str | None, choose: Choose) -> Outcome:
        known = {
            name
            for response in self._documented.values()
            for representation in response.content.values()
            for name in representation.examples
        }
        return self._bad_request("example", example or "", sorted(known), choose)

    def _bad_request(self, name: str, value: str, documented: Iterable[str], choose: Choose) -> Outcome:
        known = ", ".join(documented) or "none"
        text = f"Prefer: {name}={value} is not documented for {self._operation.id}; documented: {known}"
        return self._responses.documented("400", Reason((text,)), choose)


def _media_type_with_example(response: DocumentedResponse, example: str | None, form: ResponseForm) -> str | None:
    """The media type that has an example: that of the form, if it can be."""
    first = [form.media_type] if form.media_type in response.content else []
    return next((name for name in (*first, *response.content) if example in response.content[name].examples), None)


def _example_to_show(response: DocumentedResponse, example: str | None, form: ResponseForm) -> str:
    """The name of the example to answer: that which was asked for, else the first, if it is valid.

    Empty where the body is generated.
    """
    if example is not None or form.seed is not None:
        return example or ""
    representation = response.content.get(form.media_type) or next(iter(response.content.values()), None)
    first = next(iter(representation.examples.items()), None) if representation else None
    if representation is None or first is None:
        return ""
    schema = representation.schema
    return first[0] if schema is None or is_valid_for_some_choice(schema, first[1]) else ""


# --- dynamic, seed and delay: how a response is made ---


class AppliedPreferences(NamedTuple):
    """The preferences that are applied to the response that is due; `delay` is in milliseconds."""

    seed: str | None
    delay: int
    applied: tuple[str, ...]

    def told_in(self, outcome: Outcome) -> Outcome:
        """The outcome with `Preference-Applied`, and a hint where generated values would be better with Faker."""
        if not self.applied:
            return outcome
        before = outcome.response.header(_APPLIED)
        applied = header_text(", ".join((*([before] if before else ()), *self.applied)))
        others = (field for field in outcome.response.headers if field[0] != _APPLIED)
        headers = (*map(self._with_hint, others), (_APPLIED, applied))
        return outcome._replace(response=outcome.response._replace(headers=headers, delay=self.delay / 1000))

    def _with_hint(self, field: tuple[str, str]) -> tuple[str, str]:
        name, value = field
        is_poor = name == "Lookalike-Reason" and self.seed is not None and not is_installed()
        return (name, f"{value}; {MISSING}") if is_poor else field


def applied_preferences(preferences: Mapping[str, str], request: Request, variation: Variation) -> AppliedPreferences:
    """The preferences `dynamic`, `seed` and `delay` (in ms, at most 10 s) of a request; others are ignored."""
    seed, delay = preferences.get("seed"), preferences.get("delay", "")
    dynamic = {"true": True, "": True, "false": False}.get(preferences.get("dynamic", "-").lower())
    applied = [f"dynamic={str(dynamic).lower()}"] if dynamic is not None else []
    varies = (variation.by_default or seed is not None) if dynamic is None else dynamic
    if varies and seed is not None:
        applied.append(f"seed={seed}")
    milliseconds = min(int(delay), MAX_DELAY) if re.fullmatch(r"[0-9]{1,9}", delay, re.ASCII) else 0
    applied += [f"delay={milliseconds}"] if milliseconds else []
    return AppliedPreferences(seed_of(request, variation, seed) if varies else None, milliseconds, tuple(applied))


def seed_of(request: Request, variation: Variation, seed: str | None = None) -> str:
    """The seed of a generated response body: the same for equal requests, if a seed is given."""
    given = seed if seed is not None else variation.seed
    base = given if given is not None else f"at {request.at}"
    return f"{base} {request.method} {request.path}?{request.query}"
