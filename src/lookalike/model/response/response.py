"""Responses: the documented body of a status, with the reason where the body has room for one.

Every response carries `Lookalike-Clause` and `Lookalike-Reason`; a documented body is never altered for our own use.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any

from lookalike.codecs.json_text import to_json
from lookalike.codecs.media_types import accepts_json, best_offer, can_hold, concrete_type, is_json, is_multipart
from lookalike.codecs.multipart import with_boundary
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import DocumentedResponse, Representation, response_for, status_code
from lookalike.http import Response
from lookalike.json_values import ABSENT
from lookalike.model.response.error_codes import (
    CodedMember,
    coded_members,
    with_codes,
    without_details,
    without_invented,
)
from lookalike.model.response.examples import (
    ResponseBodies,
    ResponseBody,
    breaks_doubtful_rules_alone,
    with_accepted_members,
    with_sent,
    without_elements,
    without_unfit_nulls,
)
from lookalike.model.response.headers import HeaderFields, documented_fields, not_named_in
from lookalike.model.response.outcome import BODILESS, DEFAULT_FORM, File, Outcome, Reason, ResponseForm, header_text
from lookalike.model.response.problem_details import (
    has_room,
    places_of_reason,
    problem_details,
    with_code_of_status,
    with_reason,
    with_title,
)
from lookalike.model.response.templates import compile_policy, compile_template, is_variable, readings_in
from lookalike.readings import Choose, Chosen, Fixed, Policy
from lookalike.schema.view import SchemaView

JSON = "application/json"
PROBLEM = "application/problem+json"
STATE_DOES_NOT_FIT = (
    "the documented example is answered, with what fits of it, since what is remembered does not fit the schema"
)
UNDESCRIBED = Representation(JSON)
NO_MEMBERS: Fixed[Mapping[str, Any]] = Fixed({})
# The value of Deprecation is a date (RFC 9745 section 2.1), of which `deprecated: true` tells nothing: the first second
# there is. A document that describes the field with an example has its own.
DEPRECATED_SINCE = "@0"


# Makes the bytes of a body from the values of its placeholders.
RenderBytes = Callable[[Mapping[str, Any], Choose], bytes]


@dataclass(frozen=True)
class _Rendering:
    """A documented response in a form, compiled."""

    response: DocumentedResponse
    representation: Representation
    body: ResponseBody
    render: RenderBytes
    media_type: str
    view: SchemaView
    names_other_cause: bool = False

    @cached_property
    def coded_members(self) -> tuple[CodedMember, ...]:
        """The members of the body that take one of a list of words; a refusal looks at them each time."""
        described = self.representation.schema is not None and isinstance(self.body.value, Mapping)
        return tuple(coded_members(self.view, self.body.value)) if described else ()

    @cached_property
    def has_room(self) -> bool:
        """Whether the body may tell the reason of a refusal. A template says itself where the reason goes."""
        schema, value = self.representation.schema, self.body.value
        if self.response.template is not None or schema is None or value is ABSENT:
            return False
        return has_room(schema, value)

    @property
    def is_any_json(self) -> bool:
        """Whether the document says nothing about the body but that it is JSON."""
        is_described = self.representation.schema is not None or bool(self.representation.examples)
        return not is_described and self.response.fixed_body is None and is_json(self.media_type)


class ResponseBuilder:
    """Makes the responses of one operation, or those that are no operation's."""

    def __init__(
        self, contract: Contract, operation: Operation | None, bodies: ResponseBodies, is_mock: bool = False
    ) -> None:
        self._contract = contract
        self._is_mock = is_mock
        self._operation = operation.id if operation else ""
        # What a list below an item of the state shows is not known: nothing has made any of it.
        is_below_item = operation is not None and operation.method == "GET" and operation.selector is not None
        self._lists_below_item = is_mock and is_below_item
        self._documented: Mapping[str, DocumentedResponse] = operation.responses if operation else {}
        self._bodies = bodies
        self._key_name = _name_of_key(operation) if operation else ""
        is_deprecated = operation is not None and operation.deprecated
        self._always: HeaderFields = (("Deprecation", DEPRECATED_SINCE),) if is_deprecated else ()
        error_body = contract.error_template.body if contract.error_template else None
        self._error_body = compile_template(error_body) if contract.error_template else None
        self._error_readings = tuple(readings_in(error_body))
        self._is_tolerant = operation is not None and _shows_anything(contract, operation)
        self._readings: dict[str, tuple[str, ...]] = {}
        self._fields: dict[str, HeaderFields] = {}
        self._renderings: dict[tuple[str, ResponseForm], _Rendering] = {}
        self._outcomes: dict[tuple[object, ...], Outcome] = {}

    # --- Responses ---

    def documented(
        self,
        status: str,
        reason: Reason,
        choose: Choose,
        fields: HeaderFields = (),
        *,
        form: ResponseForm = DEFAULT_FORM,
    ) -> Outcome:
        """The documented response of a status; an undocumented error if there is none, or none with a body."""
        response = response_for(self._documented, status)
        code = status_code(status)
        if response is None or (reason.refuses and not response.content):
            return self.undocumented(
                code, reason, choose, self._with_documented(response, fields) if response else fields
            )
        rendering = self._rendering(response, form)
        values = self._values(code, reason, choose)
        if reason.refuses and rendering.response.template is None:
            rendering = self._with_codes(rendering, code, reason)
            if rendering.names_other_cause and not rendering.has_room:
                return self.undocumented(code, reason, choose, self._with_documented(response, fields))
        body = self._refusal(rendering, values, reason) if reason.refuses else None
        if body is None:
            body = rendering.render(values, choose)
            if rendering.body.issue:
                reason = reason._replace(texts=(*reason.texts, rendering.body.issue))
        media_type = _with_boundary(rendering.media_type, body)
        headers = self._headers(media_type, self._with_documented(response, fields), reason, choose)
        return self._outcome(code, body, headers, reason)

    def cached(
        self,
        status: str,
        reason: Reason,
        choose: Choose,
        fields: HeaderFields = (),
        *,
        form: ResponseForm = DEFAULT_FORM,
    ) -> Outcome:
        """The same for one of few reasons: made once for each combination with fields, form and choices."""
        if form is not DEFAULT_FORM and not form.is_one_of_few:
            return self.documented(status, reason, choose, fields, form=form)
        key = (status, reason.texts, reason.clauses, fields, form, self.choices(status, choose))
        outcome = self._outcomes.get(key)
        if outcome is None:
            outcome = self._outcomes[key] = self.documented(status, reason, choose, fields, form=form)
        return outcome

    def from_value(  # noqa: PLR0913  # what is answered, why, and how
        self,
        status: str,
        value: Any,
        reason: Reason,
        choose: Choose,
        fields: HeaderFields = (),
        *,
        form: ResponseForm = DEFAULT_FORM,
    ) -> Outcome:
        """A response whose body is a value of the state; the documented one, with what fits, where it does not fit."""
        response = response_for(self._documented, status)
        form = _within(response, form) if response else form
        representation = response.content.get(form.media_type) if response else None
        if response is not None and not response.content:
            representation, form = UNDESCRIBED, form._replace(media_type=JSON)
        if response is None or representation is None or value is ABSENT or not _can_be_value(representation):
            return (self.documented if fields else self.cached)(status, reason, choose, fields, form=form)
        schema = None if self._is_tolerant else representation.schema
        is_fit = schema is None or schema.accepts(value) or schema.accepts(value := without_unfit_nulls(schema, value))
        is_fit = is_fit or (schema is not None and breaks_doubtful_rules_alone(schema, value))
        if schema is not None and not is_fit:
            reason = reason._replace(texts=(*reason.texts, STATE_DOES_NOT_FIT))
            documented_body = self._body(response, representation, form)
            value = with_accepted_members(schema.accepts, documented_body.value, value)
            if value is documented_body.value or documented_body.issue or response.fixed_body is not None:
                return self.documented(status, reason, choose, fields, form=form)
        media_type = _media_type(form, value)
        body = self._bodies.encoded(representation, media_type, value)
        media_type = _with_boundary(media_type, body)
        headers = self._headers(media_type, self._with_documented(response, fields), reason, choose)
        return self._outcome(status_code(status), body, headers, reason)

    def from_file(self, status: str, file: File, reason: Reason, choose: Choose, fields: HeaderFields = ()) -> Outcome:
        """A response whose body is a file that a client sent, under the media type that it was sent with."""
        response = response_for(self._documented, status)
        documented = self._with_documented(response, fields) if response else fields
        headers = self._headers(file.media_type, documented, reason, choose)
        return self._outcome(status_code(status), file.content, headers, reason)

    def example_of_sent(self, status: str, sent: Mapping[str, Any], form: ResponseForm) -> Any:
        """The documented body with what was sent in its members, as far as that fits; `ABSENT` if nothing does.

        An example shows the vendor's order, and a client expects its own.
        """
        response = response_for(self._documented, status)
        if response is None or not response.content:
            return ABSENT
        rendering = self._rendering(response, form)
        schema, value = rendering.representation.schema, rendering.body.value
        if not isinstance(value, Mapping) or rendering.response.template is not None:
            return ABSENT
        echoed = with_sent(value, sent, None if schema is None else schema.accepts)
        return ABSENT if echoed == value else echoed

    def undocumented(self, status: int, reason: Reason, choose: Choose, fields: HeaderFields = ()) -> Outcome:
        """An error that the document does not describe: in its error template, else as problem details (RFC 9457).

        A mock has the usual error of the document for it, as far as that has room for the reason.
        """
        fields = (*not_named_in(self._always, fields), *fields)
        template, values = self._contract.error_template, self._values(status, reason, choose)
        body = None
        if template is not None and self._error_body is not None:
            media_type, body = template.media_type, to_json(self._error_body(values, choose))
        elif self._is_mock and (usual := self._bodies.usual_error) is not None:
            rendering = self._with_codes(self._rendering(usual, DEFAULT_FORM), status, reason)
            media_type, body = rendering.media_type, self._refusal(rendering, values, reason)
        if body is None:
            media_type, body = PROBLEM, to_json(problem_details(status, reason.texts, reason.violations))
        return self._outcome(status, body, self._headers(media_type, fields, reason, choose), reason)

    def _outcome(self, status: int, body: bytes, headers: HeaderFields, reason: Reason) -> Outcome:
        if status in BODILESS:
            headers, body = tuple(field for field in headers if field[0] != "Content-Type"), b""
        response = Response(status, headers, body)
        return Outcome(response, (), reason.violations, reason.clauses, reason.readings, self._operation)

    # --- Negotiation and choices ---

    def negotiated(self, status: str, accept: str) -> ResponseForm | None:
        """The form of a documented response that an Accept field asks for; None if it accepts none."""
        response = response_for(self._documented, status)
        if response is None or not response.content:
            return DEFAULT_FORM
        media_type = best_offer(accept, response.content)
        return None if media_type is None else _form_of(response, media_type, accept)

    def as_json(self, status: str, accept: str) -> ResponseForm | None:
        """The form of the first documented JSON type, for a client that accepts some JSON type; else None."""
        response = response_for(self._documented, status)
        documented = next(filter(is_json, response.content), None) if response else None
        if response is None or documented is None or not accepts_json(accept):
            return None
        return _form_of(response, documented, accept)

    def choices(self, status: str, choose: Choose) -> tuple[str, ...]:
        """The choices that the body of a response depends on."""
        readings = self._readings.get(status)
        return tuple(map(choose, self._readings_of_body(status) if readings is None else readings))

    def _readings_of_body(self, status: str) -> tuple[str, ...]:
        response = response_for(self._documented, status)
        found = self._error_readings if response is None else _readings_of_body(response, self._contract.extra_members)
        self._readings[status] = found
        return found

    # --- Bodies ---

    def _rendering(self, response: DocumentedResponse, form: ResponseForm) -> _Rendering:
        """The rendering of a response in a form, cached where the form is one of few."""
        key = (response.status, form)
        rendering = self._renderings.get(key)
        if rendering is None:
            rendering = self._compiled(response, form)
            if form.is_one_of_few:
                self._renderings[key] = rendering
        return rendering

    def _compiled(self, response: DocumentedResponse, form: ResponseForm) -> _Rendering:
        form = _within(response, form)
        representation = response.content.get(form.media_type, UNDESCRIBED)
        body = self._body(response, representation, form)
        view = SchemaView(self._bodies.root, representation.schema_pointer)
        if self._empties_list(response, representation, form) and representation.schema is not None:
            body = body._replace(value=without_elements(view, representation.schema, body.value))
        media_type = _media_type(form, body.value)
        if body.value is ABSENT and representation is not UNDESCRIBED and is_json(media_type):
            body = body._replace(value={})  # no bytes at all are not JSON (RFC 8259 section 2)
        members = NO_MEMBERS if form.example else self._contract.extra_members

        def encode(value: Any) -> bytes:
            return self._bodies.encoded(representation, media_type, value)

        render = _render_nothing if body.value is ABSENT else _compile_bytes(body.value, members, encode)
        return _Rendering(response, representation, body, render, media_type, view)

    def _empties_list(self, response: DocumentedResponse, representation: Representation, form: ResponseForm) -> bool:
        """Whether a list below an item is answered that no example shows, and of which nothing is known.

        A list of errors is not: it has the reason.
        """
        is_success = response.status.startswith("2")
        return self._lists_below_item and is_success and not representation.examples and form.seed is None

    def _body(self, response: DocumentedResponse, representation: Representation, form: ResponseForm) -> ResponseBody:
        """The body that the document fixes for a response, else an example of the representation."""
        is_fixed = response.fixed_body is not None and not form.example
        return (
            ResponseBody(response.fixed_body) if is_fixed else self._bodies.of(representation, form.example, form.seed)
        )

    def _with_codes(self, rendering: _Rendering, status: int, reason: Reason) -> _Rendering:
        """The rendering of a refusal, with the code of its cause where the document lists codes."""
        representation, body = rendering.representation, rendering.body.value
        if representation.schema is None or not rendering.coded_members:
            return rendering
        text = "; ".join((*reason.texts, self._key_name) if status == HTTPStatus.NOT_FOUND else reason.texts)
        coded = with_codes(rendering.coded_members, representation.schema, body, status, text)
        if coded.body is body and not coded.names_other:
            return rendering

        def encode(value: Any) -> bytes:
            return self._bodies.encoded(representation, rendering.media_type, value)

        return replace(
            rendering,
            body=rendering.body._replace(value=coded.body),
            render=_compile_bytes(coded.body, self._contract.extra_members, encode),
            names_other_cause=coded.names_other,
        )

    def _refusal(self, rendering: _Rendering, values: Mapping[str, Any], reason: Reason) -> bytes | None:
        """The body of a refusal: the documented one with the reason in it; None if it has no room for that.

        Where any JSON is documented, it is problem details.
        """
        if rendering.is_any_json:
            return to_json(problem_details(values["$answer.status"], reason.texts, reason.violations))
        representation = rendering.representation
        schema, status, body = representation.schema, values["$answer.status"], rendering.body.value
        if schema is None or not rendering.has_room:
            return None
        if not representation.examples:
            body = with_title(schema, without_details(rendering.view, schema, body), status)
        explained = with_reason(schema, body, status, values["$answer.reasons"], reason.violations)
        if explained is not None and not representation.examples:
            told = places_of_reason(explained, status, values["$answer.reasons"], reason.violations)
            told |= {place for place, _ in rendering.coded_members if not rendering.names_other_cause}
            explained = without_invented(rendering.view, schema, explained, body, told)
            explained = with_code_of_status(schema, explained, body, status)
        return None if explained is None else self._bodies.encoded(representation, rendering.media_type, explained)

    def _values(self, status: int, reason: Reason, choose: Choose) -> dict[str, Any]:
        texts = [*reason.texts]
        if reason.readings and texts:
            texts[-1] += f" ({'; '.join(self._reading_hints(reason.readings, choose))})"
        return {
            "$answer.status": status,
            "$answer.reason": "; ".join(texts),
            "$answer.reasons": texts,
            "$answer.operation": self._operation,
        }

    # --- Header fields ---

    def explanation_fields(self, reason: Reason, choose: Choose) -> HeaderFields:
        """The header fields with the reasons for a response."""
        text = "; ".join((*reason.texts, *self._reading_hints(reason.readings, choose)))
        return (("Lookalike-Clause", ", ".join(reason.clauses) or "none"), ("Lookalike-Reason", header_text(text)))

    def _headers(self, media_type: str, fields: HeaderFields, reason: Reason, choose: Choose) -> HeaderFields:
        content_type = (("Content-Type", media_type),) if media_type else ()
        return (*content_type, *fields, *self.explanation_fields(reason, choose))

    def _with_documented(self, response: DocumentedResponse, fields: HeaderFields) -> HeaderFields:
        """The documented fields of a response, and others that take the place of those with the same name."""
        if response.status not in self._fields:
            found = tuple(documented_fields(response, self._bodies))
            self._fields[response.status] = (*not_named_in(self._always, found), *found)
        documented = self._fields[response.status]
        if not fields:
            return documented
        return (*not_named_in(documented, fields), *(field for field in fields if field[1]))

    def _reading_hints(self, readings: Sequence[str], choose: Choose) -> list[str]:
        """The choices that a response rests on, and the words that make others."""
        return [self._reading_hint(reading, choose(reading)) for reading in readings]

    def _reading_hint(self, reading: str, choice: str) -> str:
        others = self._contract.readings[reading].alternatives(choice)
        switch = f"; to switch: --reading {reading}={', or '.join(others)}" if others else ""
        return f"by reading {reading}={choice}{switch}"


def _form_of(response: DocumentedResponse, media_type: str, accept: str) -> ResponseForm:
    is_range = "*" in media_type
    if media_type == response.media_type and not is_range:
        return DEFAULT_FORM
    return ResponseForm(media_type, concrete_type(media_type, accept) if is_range else "")


def _within(response: DocumentedResponse, form: ResponseForm) -> ResponseForm:
    """The form, in the first media type of a response where it does not have the one that is asked for."""
    is_offered = form.media_type in response.content
    return form if is_offered else form._replace(media_type=response.media_type, sent_as="")


def _can_be_value(representation: Representation) -> bool:
    """Whether a value of the state can be sent: as JSON also where the document does not describe the body."""
    return representation.schema is not None or is_json(representation.media_type)


def _media_type(form: ResponseForm, value: Any) -> str:
    """The media type to send a value in: where a range is documented, the one that the client names if that can be."""
    if form.sent_as and can_hold(form.sent_as, value):
        return form.sent_as
    return concrete_type(form.media_type, None)


def _name_of_key(operation: Operation) -> str:
    """The name under which requests send the key of an item, which the codes of errors may have in them."""
    by = operation.selector.by if operation.selector is not None else None
    return "" if by is None else str((*by.pointer, by.name)[0])


def _shows_anything(contract: Contract, operation: Operation) -> bool:
    """Whether items are shown although they break their schema, since the server does not check it."""
    named = (operation.selector, operation.listing, *(step.action for step in operation.steps))
    resources = {getattr(one, "resource", "") for one in named if one is not None}
    return any(contract.resources[name].conventions.is_tolerant for name in resources if name in contract.resources)


def _with_boundary(media_type: str, body: bytes) -> str:
    return with_boundary(media_type, body) if is_multipart(media_type) else media_type


def _readings_of_body(response: DocumentedResponse, members: Policy[Mapping[str, Any]]) -> tuple[str, ...]:
    """The readings that the body of a response depends on: those of its template, and of the extra members."""
    template = response.fixed_body
    if template is None:
        template = next(iter(response.default_representation.examples.values()), None)
    of_members = (members.reading,) if isinstance(members, Chosen) else ()
    return tuple(dict.fromkeys((*of_members, *readings_in(template), *readings_in(list(members.values)))))


# --- Bytes of a body ---


def _render_nothing(values: Mapping[str, Any], choose: Choose) -> bytes:
    return b""


def _compile_bytes(template: Any, members: Policy[Mapping[str, Any]], encode: Callable[[Any], bytes]) -> RenderBytes:
    """The function that makes the bytes of a body: once for all or for each choice, where no placeholder is in it."""
    if is_variable(template) or any(map(is_variable, members.values)):
        fill, fill_members = compile_template(template), compile_policy(members)

        def render_template(values: Mapping[str, Any], choose: Choose) -> bytes:
            return encode(_extended(fill(values, choose), fill_members(values, choose)))

        return render_template
    if isinstance(members, Fixed):
        body = encode(_extended(template, members.value))

        def render_constant(values: Mapping[str, Any], choose: Choose) -> bytes:
            return body

        return render_constant
    reading = members.reading
    bodies = {choice: encode(_extended(template, more)) for choice, more in members.by_choice.items()}

    def render_by_choice(values: Mapping[str, Any], choose: Choose) -> bytes:
        return bodies[choose(reading)]

    return render_by_choice


def _extended(body: Any, members: Mapping[str, Any]) -> Any:
    return {**body, **members} if members and isinstance(body, dict) else body
