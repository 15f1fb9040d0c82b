"""Answers: the documented body of a status, with the true reason where it has room for one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

from lookalike.codecs.json_text import to_json
from lookalike.codecs.media_types import best_offer, concrete_type, is_multipart
from lookalike.codecs.multipart import with_boundary
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import DocumentedResponse, Representation, response_for, status_code
from lookalike.http import Response
from lookalike.json_values import ABSENT
from lookalike.model.response.examples import ResponseBodies, ResponseBody, with_accepted_members
from lookalike.model.response.headers import HeaderFields, documented_fields, not_named_in
from lookalike.model.response.problem_details import has_room, problem_details, with_reason, with_title
from lookalike.model.response.templates import compile_choice, compile_template, has_places, readings_in
from lookalike.model.state import Change
from lookalike.readings import Choose, Chosen, Fixed, Policy
from lookalike.schema.validator import Violation

JSON = "application/json"
PROBLEM = "application/problem+json"
STATE_DOES_NOT_FIT = (
    "the documented example is answered, with what fits of it, since what is remembered does not fit the schema"
)
UNDESCRIBED = Representation(JSON)
NO_MEMBERS: Fixed[Mapping[str, Any]] = Fixed({})
# The value of Deprecation is a day (RFC 9745 section 2.1), and documents tell none: it has been so all along. One that
# describes the field itself, with an example, tells its own.
SOME_TIME_AGO = "@0"
BODILESS = frozenset({*range(100, 200), 204, 205, 304})  # RFC 9110 sections 6.4.1 and 15.3.6
_LONGEST_FIELD = 1000


class Outcome(NamedTuple):
    """What the model decided: the answer, what changes, what did not fit, and the clauses and readings behind it."""

    response: Response
    changes: tuple[Change, ...] = ()
    violations: tuple[Violation, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    operation: str = ""


class Reason(NamedTuple):
    """Why an answer is what it is: in sentences, by which clauses and readings; and whether it is a refusal."""

    texts: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    refuses: bool = False


Render = Callable[[Mapping[str, Any], Choose], bytes]


class ResponseForm(NamedTuple):
    """How a client wants an answer: in which of its media types, by which example, drawn from which seed.

    What is empty or None the document decides. `media_type` is one that the document lists; `sent_as` is what a client
    gets to read in its place where that is a range.
    """

    media_type: str = ""
    sent_as: str = ""
    example: str = ""
    seed: str | None = None

    @property
    def is_one_of_few(self) -> bool:
        """Whether clients can think of a few such forms only, so that what comes of each may be kept."""
        return self.seed is None and not self.sent_as


DEFAULT_FORM = ResponseForm()


@dataclass(frozen=True)
class _Rendered:
    """An answer in a form: its representation, what the body is made of and how, and as what it is sent."""

    answer: DocumentedResponse
    media: Representation
    body: ResponseBody
    render: Render
    sent_as: str

    @cached_property
    def has_room(self) -> bool:
        """Whether the body may tell what is wrong with a request, which a template says itself."""
        schema, value = self.media.schema, self.body.value
        if self.answer.template is not None or schema is None or value is ABSENT:
            return False
        return has_room(schema, value)


class ResponseBuilder:
    """Makes the answers of one operation, or those outside of all operations."""

    def __init__(self, contract: Contract, operation: Operation | None, bodies: ResponseBodies) -> None:
        self._contract = contract
        self._operation = operation.id if operation else ""
        self._answers: Mapping[str, DocumentedResponse] = operation.responses if operation else {}
        self._bodies = bodies
        self._always: HeaderFields = (("Deprecation", SOME_TIME_AGO),) if operation and operation.deprecated else ()
        self._error_body = compile_template(contract.error_template.body) if contract.error_template else None
        self._asked_otherwise = tuple(readings_in(contract.error_template.body if contract.error_template else None))
        self._asked: dict[str, tuple[str, ...]] = {}
        self._fields: dict[str, HeaderFields] = {}
        self._rendered: dict[tuple[str, ResponseForm], _Rendered] = {}
        self._usual: dict[tuple[object, ...], Outcome] = {}

    def usual(
        self, status: str, reason: Reason, choose: Choose, more: HeaderFields = (), *, form: ResponseForm = DEFAULT_FORM
    ) -> Outcome:
        """A documented answer whose reason is one of a few, made once for each under each choice."""
        if form is not DEFAULT_FORM and not form.is_one_of_few:
            return self.documented(status, reason, choose, more, form=form)
        key = (status, reason.texts, reason.clauses, more, form, self.choices(status, choose))
        outcome = self._usual.get(key)
        if outcome is None:
            outcome = self._usual[key] = self.documented(status, reason, choose, more, form=form)
        return outcome

    def choices(self, status: str, choose: Choose) -> tuple[str, ...]:
        """The choices that the body of an answer depends on."""
        asked = self._asked.get(status)
        return tuple(map(choose, self._readings_behind(status) if asked is None else asked))

    def documented(
        self, status: str, reason: Reason, choose: Choose, more: HeaderFields = (), *, form: ResponseForm = DEFAULT_FORM
    ) -> Outcome:
        """The answer that the document has for a status, or the error body where it has none."""
        answer = response_for(self._answers, status)
        number = status_code(status)
        if answer is None or (reason.refuses and not answer.content):
            return self.undocumented(number, reason, choose, self._fields_of(answer, more) if answer else more)
        rendered = self._rendered_as(answer, form)
        values = self._values(number, reason, choose)
        body = self._told(rendered, values, reason) if reason.refuses and rendered.has_room else None
        if body is None:
            body = rendered.render(values, choose)
            if rendered.body.flaw:
                reason = reason._replace(texts=(*reason.texts, rendered.body.flaw))
        headers = self._headers(_sent_as(rendered.sent_as, body), self._fields_of(answer, more), reason, choose)
        return self._outcome(number, body, headers, reason)

    def made(  # noqa: PLR0913  # what is answered, why, and how
        self,
        status: str,
        value: Any,
        reason: Reason,
        choose: Choose,
        more: HeaderFields = (),
        *,
        form: ResponseForm = DEFAULT_FORM,
    ) -> Outcome:
        """A documented answer whose body is a value; the usual one where that does not fit its schema."""
        answer = response_for(self._answers, status)
        form = _within(answer, form) if answer else form
        media = answer.content.get(form.media_type) if answer else None
        if answer is None or media is None or media.schema is None or value is ABSENT:
            return (self.documented if more else self.usual)(status, reason, choose, more, form=form)
        if not media.schema.accepts(value):
            reason = reason._replace(texts=(*reason.texts, STATE_DOES_NOT_FIT))
            shown = self._body_of(answer, media, form)
            value = with_accepted_members(media.schema.accepts, shown.value, value)
            if value is shown.value or shown.flaw or answer.fixed_body is not None:
                return self.documented(status, reason, choose, more, form=form)
        body = self._bodies.bytes_of(media, form.sent_as, value)
        headers = self._headers(_sent_as(_media_type(form), body), self._fields_of(answer, more), reason, choose)
        return self._outcome(status_code(status), body, headers, reason)

    def _told(self, rendered: _Rendered, values: Mapping[str, Any], reason: Reason) -> bytes | None:
        """The documented body with what is wrong in it; None where it has no room for that."""
        schema, number = rendered.media.schema, values["$answer.status"]
        if schema is None:
            return None
        body = rendered.body.value if rendered.media.examples else with_title(schema, rendered.body.value, number)
        told = with_reason(schema, body, number, values["$answer.reasons"], reason.violations)
        return None if told is None else self._bodies.bytes_of(rendered.media, rendered.sent_as, told)

    def suited(self, status: str, accept: str) -> ResponseForm | None:
        """The form of a documented answer that an Accept field asks for; None where there is none."""
        answer = response_for(self._answers, status)
        if answer is None or not answer.content:
            return DEFAULT_FORM
        media_type = best_offer(accept, answer.content)
        if media_type is None:
            return None
        if media_type == answer.media_type and "*" not in media_type:
            return DEFAULT_FORM
        return ResponseForm(media_type, concrete_type(media_type, accept) if "*" in media_type else "")

    def _readings_behind(self, status: str) -> tuple[str, ...]:
        """The readings that the body of an answer depends on."""
        answer = response_for(self._answers, status)
        found = _readings_behind(answer, self._contract.extra_members) if answer else self._asked_otherwise
        self._asked[status] = found
        return found

    def _fields_of(self, answer: DocumentedResponse, more: HeaderFields) -> HeaderFields:
        """The fields of a documented answer, and more that come first where both name one."""
        if answer.status not in self._fields:
            found = tuple(documented_fields(answer, self._bodies))
            self._fields[answer.status] = (*not_named_in(self._always, found), *found)
        described = self._fields[answer.status]
        return (*not_named_in(described, more), *more) if more else described

    def _rendered_as(self, answer: DocumentedResponse, form: ResponseForm) -> _Rendered:
        """How an answer is rendered in a form, which is found out once where the form is one of a few."""
        key = (answer.status, form)
        rendered = self._rendered.get(key)
        if rendered is None:
            rendered = self._compiled(answer, form)
            if form.is_one_of_few:
                self._rendered[key] = rendered
        return rendered

    def _compiled(self, answer: DocumentedResponse, form: ResponseForm) -> _Rendered:
        form = _within(answer, form)
        media = answer.content.get(form.media_type, UNDESCRIBED)
        body = self._body_of(answer, media, form)
        members = NO_MEMBERS if form.example else self._contract.extra_members
        dump = partial(self._bodies.bytes_of, media, form.sent_as)
        render = _nothing if body.value is ABSENT else _compile(body.value, members, dump)
        return _Rendered(answer, media, body, render, _media_type(form))

    def _body_of(self, answer: DocumentedResponse, media: Representation, form: ResponseForm) -> ResponseBody:
        """What a representation is made of: what is fixed for the answer, else what is found for the schema."""
        is_fixed = answer.fixed_body is not None and not form.example
        return ResponseBody(answer.fixed_body) if is_fixed else self._bodies.of(media, form.example, form.seed)

    def undocumented(self, status: int, reason: Reason, choose: Choose, more: HeaderFields = ()) -> Outcome:
        """An error that the document does not describe: in its own words, or as problem details (RFC 9457)."""
        more = (*not_named_in(self._always, more), *more)
        values = self._values(status, reason, choose)
        errors = self._contract.error_template
        if errors is not None and self._error_body is not None:
            media_type, body = errors.media_type, self._error_body(values, choose)
        else:
            media_type, body = PROBLEM, problem_details(status, reason.texts, reason.violations)
        return self._outcome(status, to_json(body), self._headers(media_type, more, reason, choose), reason)

    def explain(self, reason: Reason, choose: Choose) -> HeaderFields:
        """The header fields that say why."""
        why = "; ".join((*reason.texts, *self._hints(reason.readings, choose)))
        return (("Lookalike-Clause", ", ".join(reason.clauses) or "none"), ("Lookalike-Reason", header_text(why)))

    def _values(self, status: int, reason: Reason, choose: Choose) -> dict[str, Any]:
        texts = [*reason.texts]
        if reason.readings and texts:
            texts[-1] += f" ({'; '.join(self._hints(reason.readings, choose))})"
        return {
            "$answer.status": status,
            "$answer.reason": "; ".join(texts),
            "$answer.reasons": texts,
            "$answer.operation": self._operation,
        }

    def _hints(self, readings: Sequence[str], choose: Choose) -> list[str]:
        """Which reading an answer rests on, and what else could be chosen."""
        return [self._hint(reading, choose(reading)) for reading in readings]

    def _hint(self, reading: str, choice: str) -> str:
        others = self._contract.readings[reading].alternatives(choice)
        switch = f"; to switch: --reading {reading}={', or '.join(others)}" if others else ""
        return f"by reading {reading}={choice}{switch}"

    def _outcome(self, status: int, body: bytes, headers: HeaderFields, reason: Reason) -> Outcome:
        if status in BODILESS:
            headers, body = tuple(field for field in headers if field[0] != "Content-Type"), b""
        response = Response(status, headers, body)
        return Outcome(response, (), reason.violations, reason.clauses, reason.readings, self._operation)

    def _headers(self, media_type: str, more: HeaderFields, reason: Reason, choose: Choose) -> HeaderFields:
        content = (("Content-Type", media_type),) if media_type else ()
        return (*content, *more, *self.explain(reason, choose))


def header_text(text: str) -> str:
    """The text as a header field may hold it: visible ASCII, the rest escaped, cut where it is very long."""
    escaped = text
    if not (text.isascii() and text.isprintable()):
        ascii_only = text.encode("ascii", "backslashreplace").decode()
        escaped = "".join(c if " " <= c <= "~" else repr(c)[1:-1] for c in ascii_only)
    return escaped if len(escaped) <= _LONGEST_FIELD else escaped[: _LONGEST_FIELD - 3] + "..."


def _readings_behind(answer: DocumentedResponse, members: Policy[Mapping[str, Any]]) -> tuple[str, ...]:
    """The readings that the body of an answer depends on."""
    choice = (members.reading,) if isinstance(members, Chosen) else ()
    return tuple(dict.fromkeys((*choice, *readings_in(_template(answer)), *readings_in(list(members.values)))))


def _within(answer: DocumentedResponse, form: ResponseForm) -> ResponseForm:
    """The form in a media type of the answer: its first where it has not the one that is asked for."""
    return form if form.media_type in answer.content else form._replace(media_type=answer.media_type, sent_as="")


def _media_type(form: ResponseForm) -> str:
    return form.sent_as or concrete_type(form.media_type, None)


def _sent_as(media_type: str, body: bytes) -> str:
    return with_boundary(media_type, body) if is_multipart(media_type) else media_type


def _template(answer: DocumentedResponse) -> Any:
    """What the body of an answer is made of: its template, else its first example."""
    return (
        answer.fixed_body
        if answer.fixed_body is not None
        else next(iter(answer.default_representation.examples.values()), None)
    )


def _nothing(values: Mapping[str, Any], choose: Choose) -> bytes:
    return b""


def _compile(template: Any, members: Policy[Mapping[str, Any]], dump: Callable[[Any], bytes]) -> Render:
    """The function that makes a body; one that holds no places to fill is made once."""
    if has_places(template) or any(has_places(more) for more in members.values):
        fill, more = compile_template(template), compile_choice(members)
        return lambda values, choose: dump(_extended(fill(values, choose), more(values, choose)))
    if isinstance(members, Fixed):
        body = dump(_extended(template, members.value))
        return lambda values, choose: body
    bodies = {choice: dump(_extended(template, more)) for choice, more in members.by_choice.items()}
    return lambda values, choose: bodies[choose(members.reading)]


def _extended(body: Any, more: Mapping[str, Any]) -> Any:
    return {**body, **more} if more and isinstance(body, dict) else body
