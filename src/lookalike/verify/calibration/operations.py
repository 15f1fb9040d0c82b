"""Lessons about single operations: unknown items, paths, invalid input, and media types."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from lookalike.codecs.json_text import DecodeError, parse_json
from lookalike.codecs.media_types import may_be_json
from lookalike.contract.contract import Operation
from lookalike.contract.conventions import Place
from lookalike.contract.decided_readings import is_answered_by_example
from lookalike.contract.extension import ErrorTemplate
from lookalike.contract.semantics import Create
from lookalike.contract.undecided_readings import is_secret
from lookalike.http import SAFE, Headers, Request, essence
from lookalike.json_values import ABSENT, find
from lookalike.model.operation_handler import place_of_violation
from lookalike.naming.members import is_issued_secret
from lookalike.schema.validator import Violation
from lookalike.verify.calibration.bodies import UNKNOWN_MEMBER, SentMembers, accepts, usable_body
from lookalike.verify.calibration.calibrator import Calibrator
from lookalike.verify.calibration.errors import error_template
from lookalike.verify.oracle.comparison import value_of
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.stories.invalid import ValidInput, invalid_variants
from lookalike.verify.stories.valid_requests import about, check_allowed

# A server may hide what does not exist behind a 403 (RFC 9110 section 15.5.4).
_UNKNOWN = frozenset({403, 404, 410})
_INVALID = frozenset({400, 422})
_NOT_ABOUT_INPUT = frozenset({401, 403, 405, 408, 429})
_LONGEST_ANSWER = 16_384  # characters of JSON; a longer one is rather a file


def unknown_item(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> None:
    """A request about an item that does not exist, and one that is invalid too."""
    select = operation.selector
    if select is None or select.by.source != "path" or select.if_present:
        return
    resource = select.resource
    if calibrator.environment.contract.resources[resource].is_single:
        return
    values = _unknown_values(calibrator, operation, resource)
    body = usable_body(calibrator, operation)
    step = calibrator.ask(operation, calibrator.write(operation, values, body))
    status = step.response.status
    is_item = roles is not None and operation in (roles.read, roles.delete, *roles.changes)
    if operation.method == "PUT" and is_item:
        created = step.is_success and calibrator.creation.adopt_replaced(step, resource)
        if created or 400 <= status < 500:
            calibrator.decide(f"{resource}.put-unknown", "creates" if created else "refused", step)
    elif operation.method == "DELETE" and is_item:
        calibrator.decide(f"{resource}.delete-unknown", "succeeds" if step.is_success else "refused", step)
    elif status in _UNKNOWN and calibrator.is_accepted:
        calibrator.decide(f"{resource}.unknown", str(status), step)
        calibrator.decide(f"{operation.name}.unknown", "refused", step)
    elif step.is_success and operation.method in ("GET", "POST") and not (roles and operation is roles.read):
        calibrator.adopt_anything(step)
        calibrator.decide(f"{operation.name}.unknown", "ignored", step)
    if isinstance(body, dict) and status in _UNKNOWN:
        _order_of_checks(calibrator, operation, values, body, status)


def _unknown_values(calibrator: Calibrator, operation: Operation, resource: str) -> Mapping[tuple[str, str], Any]:
    select, parent = operation.selector, calibrator.environment.contract.resources[resource].parent
    above = calibrator.parent_of(resource) if parent is not None and parent.resource else None
    by = select.by.name if select is not None else ""
    key = calibrator.environment.values.new_key(operation.parameters["path", by])
    if key is ABSENT:
        raise Skipped("no unused key was found")
    return calibrator.parameters.leading_to(operation, None, above, {("path", by): key})


def _order_of_checks(
    calibrator: Calibrator,
    operation: Operation,
    values: Mapping[tuple[str, str], Any],
    body: SentMembers,
    unknown: int,
) -> None:
    valid = ValidInput(operation, values, body)
    for invalid in invalid_variants(valid, calibrator.environment.values, partial(calibrator.write, operation)):
        request = invalid.request
        if calibrator.due(request).violations and request.body:
            step = calibrator.ask(operation, request, refused=True)
            first = "lookup-first" if step.response.status == unknown else "validate-first"
            if not step.is_success and step.response.status < 500:
                calibrator.decide("http.order", first, step)
            return


def path_parameters(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> None:
    """A path parameter of the wrong type."""
    for place, parameter in operation.parameters.items():
        types = parameter.value_type.types or frozenset()
        is_bound = types == {"integer"} or parameter.value_type.keyword("format") == "uuid"
        if place[0] != "path" or not is_bound:
            continue
        values = dict(_leading_values(calibrator, operation, roles))
        body = usable_body(calibrator, operation)
        request = calibrator.write(operation, {**values, place: values.get(place, 1)}, body)
        request = request._replace(path=_with_segment(operation.path, request.path, parameter.name, "lookalike"))
        step = calibrator.ask(operation, request, refused=True)
        status = step.response.status
        if 400 <= status < 500:
            calibrator.decisions.paths["404" if status == 404 else "invalid"] += 1
            if status != 404:
                _note_refusal(calibrator, operation, {(f"path/{parameter.name}", "type")}, status)
            calibrator.decide("http.path-parameter", calibrator.decisions.paths.most_common(1)[0][0], step)


def _leading_values(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> Mapping[tuple[str, str], Any]:
    with suppress(Skipped):
        own, parent = about(calibrator, operation, roles)
        return calibrator.parameters.leading_to(operation, own, parent)
    return {
        place: calibrator.environment.values.new_key(parameter)
        for place, parameter in operation.parameters.items()
        if place[0] == "path"
    }


def _plain(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> Request:
    _, values, body = _valid(calibrator, operation, roles)
    return calibrator.write(operation, values, body)


def _valid(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> ValidInput:
    own, parent = about(calibrator, operation, roles)
    check_allowed(calibrator, operation, roles, own)
    body = usable_body(calibrator, operation)
    return ValidInput(operation, calibrator.parameters.leading_to(operation, own, parent), body)


def invalid_input(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> None:
    """Requests that break one rule each: the statuses of their refusals, and the rules that are not checked."""
    if roles is not None and operation is roles.delete:
        return
    name, valid = operation.name, _valid(calibrator, operation, roles)
    for invalid in invalid_variants(valid, calibrator.environment.values, partial(calibrator.write, operation)):
        request = invalid.request
        due = calibrator.due(request)
        rules = {(place_of_violation(one), one.keyword) for one in due.violations}
        if due.response.status < 400 or due.response.status == 404 or len(rules) != 1:
            continue
        step = calibrator.ask(operation, request, refused=True)
        calibrator.adopt_anything(step)
        status = step.response.status
        is_syntax = any(keyword == "syntax" for _, keyword in rules)
        if step.is_success and not is_syntax:
            calibrator.decisions.accepted.setdefault(name, set()).update(rules)
        elif 400 <= status < 500 and status not in _NOT_ABOUT_INPUT:
            if _is_null(due.violations[0], request):  # many servers take it for a missing value
                calibrator.decisions.refused.setdefault(name, {}).setdefault(next(iter(rules)), status)
            else:
                _note_refusal(calibrator, operation, rules, status)


def _is_null(violation: Violation, request: Request) -> bool:
    """Whether a value of another type is null in the body of a request."""
    if violation.keyword != "type" or violation.where != "body":
        return False
    try:
        return find(parse_json(request.body).value, violation.pointer, ABSENT) is None
    except DecodeError:
        return False


def _note_refusal(calibrator: Calibrator, operation: Operation, rules: Iterable[Place], status: int) -> None:
    """Count the status with which a request that breaks some rules was refused."""
    name, checked = operation.name, {rule for rule in rules if rule[1] != "syntax"}
    kind = "refusal" if checked else "unparsable"
    calibrator.decisions.refusals.setdefault(f"{name}.{kind}", Counter())[status] += 1
    if checked:
        calibrator.decisions.refused.setdefault(name, {}).update(dict.fromkeys(checked, status))


def unknown_members(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> None:
    """Whether an operation takes members that the document does not have."""
    roles_of = calibrator.environment.roles
    made = [roles_of[step.action.resource] for step in operation.steps if isinstance(step.action, Create)]
    if not (calibrator.environment.disposable or all(one.delete is not None for one in made)):
        return  # what it makes would stay behind
    valid = _valid(calibrator, operation, roles)
    if not isinstance(valid.body, dict):
        return
    body = {**valid.body, UNKNOWN_MEMBER: "text"}
    if not accepts(calibrator, operation, body):
        return
    step = calibrator.ask(operation, calibrator.write(operation, valid.values, body), refused=True)
    calibrator.adopt_anything(step)
    id = f"{operation.name}.unknown-members"
    if step.is_success:
        calibrator.decide(id, "taken", step)
    elif step.response.status in _INVALID:
        plain = calibrator.ask(operation, calibrator.write(operation, valid.values, valid.body))
        calibrator.adopt_anything(plain)
        if plain.is_success:
            calibrator.decide(id, "refused", step)
            _note_refusal(calibrator, operation, {("body", "additionalProperties")}, step.response.status)


def answer(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> None:
    """The answer of a read that depends on no item, such as the version of the server; without secrets, and not large.

    The values of members whose names tell of secrets are left out.
    """
    status = operation.success_status
    if not is_answered_by_example(operation) or not may_be_json(operation.responses[status].media_type):
        return
    step = calibrator.ask(operation, _plain(calibrator, operation, roles))
    if step.is_success and step.value is not ABSENT:
        text = json.dumps(_without_secrets(step.value), ensure_ascii=False)
        if len(text) <= _LONGEST_ANSWER:
            calibrator.decide(f"{operation.name}.answer", text, step)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [*map(_without_secrets, value)]
    if not isinstance(value, dict):
        return value
    hidden = {name for name, one in value.items() if one and (is_secret(name) or is_issued_secret(name))}
    return {name: "$SECRET" if name in hidden else _without_secrets(one) for name, one in value.items()}


def media_types(calibrator: Calibrator, operation: Operation, roles: Roles | None) -> None:
    """Media types that are not documented, and a body that is missing."""
    if operation.method in SAFE:
        if "406" not in operation.responses and not calibrator.has("http.accept"):
            plain = _plain(calibrator, operation, roles)
            step = calibrator.ask(operation, _with_header(plain, "accept", "application/x-lookalike"), refused=True)
            calibrator.decide("http.accept", "406" if step.response.status == 406 else "ignored", step)
        return
    media = calibrator.environment.values.media(operation)
    if media is None or essence(media.media_type) != "application/json" or operation.body is None:
        return
    if not operation.body.required:
        return
    plain = _plain(calibrator, operation, roles)
    step = calibrator.ask(operation, plain._replace(body=b""), refused=True)
    calibrator.adopt_anything(step)
    if step.response.status < 500 and not calibrator.has("http.empty-body"):
        calibrator.decide("http.empty-body", "as-empty-object" if step.is_success else "400", step)
    if 400 <= step.response.status < 500 and step.response.status not in _NOT_ABOUT_INPUT:
        calibrator.decisions.refusals.setdefault(f"{operation.name}.no-body", Counter())[step.response.status] += 1
    if calibrator.has("http.media-type"):
        return
    fresh = _plain(calibrator, operation, roles)
    step = calibrator.ask(operation, _with_header(fresh, "content-type", "text/plain"), refused=True)
    calibrator.adopt_anything(step)
    status = step.response.status
    choice = {415: "415", 400: "400"}.get(status, "ignored" if step.is_success else "body-ignored")
    if status < 500:
        calibrator.decide("http.media-type", choice, step)


def _with_header(request: Request, name: str, value: str) -> Request:
    headers = {field: text for field, text in request.headers.items() if field.lower() != name}
    return request._replace(headers=Headers({**headers, name: value}))


def _with_segment(template: str, path: str, name: str, text: str) -> str:
    """The path with a text in the place of one parameter."""
    parts = zip(template.split("/"), path.split("/"), strict=True)
    return "/".join(text if part == "{" + name + "}" else segment for part, segment in parts)


def undocumented_path(calibrator: Calibrator) -> None:
    """A path that is not documented, for the body of errors that the document does not describe."""
    headers = Headers({"accept": "application/json"})
    for path in ("/lookalike-unknown-path", "/lookalike-unknown-path/1"):
        request = Request("GET", path, "", headers)
        response = calibrator.environment.client.send(request)
        if 400 <= response.status < 500:
            template = error_template(request, response.status, value_of(response))
            media_type = essence(response.header("Content-Type") or "")
            if template is not None and may_be_json(media_type):
                calibrator.decisions.errors = ErrorTemplate(media_type, template)
