"""`Prefer`: what a client may ask of an answer (RFC 7240)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from lookalike.codecs.parameter_styles import form_decoded, query_fields
from lookalike.contract.contract import Operation
from lookalike.contract.responses import DocumentedResponse, response_for
from lookalike.http import Request
from lookalike.model.response.examples import fits
from lookalike.model.response.response import Outcome, Reason, ResponseBuilder, ResponseForm, header_text
from lookalike.readings import Choose
from lookalike.schema.generation.faker_values import MISSING, is_installed

MAX_DELAY = 10_000
_APPLIED = "Preference-Applied"
_IN_QUERY = {f"__{name}": name for name in ("code", "example", "dynamic", "seed")}
_ANSWERED_BY = ("code", "example")

# A preference is a token with a value, a token or a quoted text, and parameters that mean nothing here.
_TOKEN = r"[^\s=;,\"]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PREFERENCE = re.compile(rf"\s*({_TOKEN})\s*(?:=\s*({_QUOTED}|[^;,]*))?((?:\s*;(?:{_QUOTED}|[^,\"])*)?)")


class Variation(NamedTuple):
    """Whether bodies vary, and from which seed; without one, they do from request to request."""

    by_default: bool = False
    seed: int | None = None


class AppliedPreferences(NamedTuple):
    """What a client asks of the answer that it would get anyway; `delay` is in milliseconds."""

    seed: str | None
    delay: int
    applied: tuple[str, ...]

    def granted(self, outcome: Outcome) -> Outcome:
        """The outcome, with what was applied and, where bodies were to vary, whether that could be done well."""
        if not self.applied:
            return outcome
        before = outcome.response.header(_APPLIED)
        applied = header_text(", ".join((*([before] if before else ()), *self.applied)))
        others = (field for field in outcome.response.headers if field[0] != _APPLIED)
        headers = (*map(self._told, others), (_APPLIED, applied))
        return outcome._replace(response=outcome.response._replace(headers=headers, delay=self.delay / 1000))

    def _told(self, field: tuple[str, str]) -> tuple[str, str]:
        name, value = field
        lacking = name == "Lookalike-Reason" and self.seed is not None and not is_installed()
        return (name, f"{value}; {MISSING}") if lacking else field


ForcedResponse = Callable[[Mapping[str, str], ResponseForm, Choose], Outcome | None]


def compile_prefer(operation: Operation, answers: ResponseBuilder) -> ForcedResponse:
    """The function from preferences to the documented answer that they ask for; None where they ask for none."""

    def preferred(wanted: Mapping[str, str], form: ResponseForm, choose: Choose) -> Outcome | None:
        code, example = wanted.get("code"), wanted.get("example")
        if code is None and example is None:
            return None
        status = code if code is not None else _status_of(operation, example or "")
        answer = _known(operation, status)
        if answer is None:
            return _unknown("code", code or "", operation.responses, choose) if code else _no_example(example, choose)
        holding = _holding(answer, example, form)
        if example is not None and holding is None:
            return _no_example(example, choose)
        form = form._replace(media_type=holding or form.media_type, example=_example(answer, example, form))
        return _forced(status, form, wanted, choose)

    def _forced(status: str, form: ResponseForm, wanted: Mapping[str, str], choose: Choose) -> Outcome:
        applied = ", ".join(f"{name}={wanted[name]}" for name in _ANSWERED_BY if name in wanted)
        answer = response_for(operation.responses, status)
        reason = Reason((f"asked for by Prefer: {applied}",), answer.clauses if answer else ())
        return answers.documented(status, reason, choose, ((_APPLIED, header_text(applied)),), form=form)

    def _no_example(example: str | None, choose: Choose) -> Outcome:
        media = (media for answer in operation.responses.values() for media in answer.content.values())
        known = {name for one in media for name in one.examples}
        return _unknown("example", example or "", sorted(known), choose)

    def _unknown(what: str, value: str, known: Iterable[str], choose: Choose) -> Outcome:
        text = f"Prefer: {what}={value} is not documented for {operation.id}; documented: {', '.join(known)}"
        return answers.documented("400", Reason((text,)), choose)

    return preferred


def parse_prefer(field: str) -> dict[str, str]:
    """The preferences of a Prefer field by name, the first of each counting (RFC 7240 section 2)."""
    found: dict[str, str] = {}
    for match in _PREFERENCE.finditer(field):
        name, value = match[1].lower(), (match[2] or "").strip()
        found.setdefault(name, re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value)
    return found


def parse_query_preferences(query: str) -> dict[str, str]:
    """The preferences in a query, as links and address bars can hold them: `__code=404`, as Prism has it."""
    named = ((_IN_QUERY.get(name), form_decoded(value)) for name, value in query_fields(query))
    return {name: value for name, value in named if name is not None}


def applied_preferences(wanted: Mapping[str, str], request: Request, variation: Variation) -> AppliedPreferences:
    """What else is asked for: bodies that vary (`dynamic`, `seed`), and time to wait (`delay`, in milliseconds)."""
    seed, delay = wanted.get("seed"), wanted.get("delay", "")
    dynamic = {"true": True, "": True, "false": False}.get(wanted.get("dynamic", "-").lower())
    applied = [f"dynamic={str(dynamic).lower()}"] if dynamic is not None else []
    varies = (variation.by_default or seed is not None) if dynamic is None else dynamic
    if varies and seed is not None:
        applied.append(f"seed={seed}")
    waits = min(int(delay), MAX_DELAY) if re.fullmatch(r"[0-9]{1,9}", delay, re.ASCII) else 0
    applied += [f"delay={waits}"] if waits else []
    return AppliedPreferences(seed_of(request, variation, seed) if varies else None, waits, tuple(applied))


def seed_of(request: Request, variation: Variation, seed: str | None = None) -> str:
    """What the body of one answer is drawn from: the same for the same request where a seed is given."""
    given = seed if seed is not None else variation.seed
    base = given if given is not None else f"at {request.at}"
    return f"{base} {request.method} {request.path}?{request.query}"


def _known(operation: Operation, status: str) -> DocumentedResponse | None:
    """The answer of a status that can be asked for: one that is documented by its number, its range or the default."""
    is_number = re.fullmatch(r"[1-5][0-9]{2}", status, re.ASCII) is not None
    return response_for(operation.responses, status) if is_number else operation.responses.get(status)


def _holding(answer: DocumentedResponse, example: str | None, form: ResponseForm) -> str | None:
    """The media type that has an example: the one that is asked for, if it can be."""
    of_form = [form.media_type] if form.media_type in answer.content else []
    return next((name for name in (*of_form, *answer.content) if example in answer.content[name].examples), None)


def _example(answer: DocumentedResponse, example: str | None, form: ResponseForm) -> str:
    """The example to answer: the one of that name, else the first if it fits, unless the body is to vary."""
    if example is not None or form.seed is not None:
        return example or ""
    media = answer.content.get(form.media_type) or next(iter(answer.content.values()), None)
    first = next(iter(media.examples.items()), None) if media else None
    is_sound = first and media and (media.schema is None or fits(media.schema, first[1]))
    return first[0] if first and is_sound else ""


def _status_of(operation: Operation, example: str) -> str:
    found = (
        status
        for status, answer in operation.responses.items()
        if any(example in media.examples for media in answer.content.values())
    )
    return next(found, "")
