"""How a server that keeps the contract behaves: `respond(state, request, choose) -> outcome`, without effects.

The order of decisions: route 404, method 405, security 401, `Prefer`, media type, parse, parameters and body 400,
lookup 404, conflict, answer. A reading may move one step; where it does, it is asked for only by requests for which
the order matters. Everything is compiled once per contract into closures; these are the model.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from lookalike.codecs.media_types import ANYTHING
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.overlapping import OverlappingOperations, by_route, route_of
from lookalike.contract.responses import response_for
from lookalike.contract.routing import Match, Router, likeness
from lookalike.http import Request, Response, origin_of
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext
from lookalike.model.rejections import (
    INVALID,
    UNACCEPTABLE,
    UNPARSABLE,
    UNSUPPORTED,
    Rejection,
    readings_of,
    rejection_statuses,
)
from lookalike.model.request.reader import NO_ISSUES, ParsedRequestCache, RequestIssues, RequestReader
from lookalike.model.request.security import AccessDenied, compile_security
from lookalike.model.request.tokens import TokenTable
from lookalike.model.resources.items import ItemRegistry, ResourceItems
from lookalike.model.resources.transition import Transition
from lookalike.model.response.examples import ResponseBodies
from lookalike.model.response.headers import HeaderFields, is_absolute
from lookalike.model.response.prefer import (
    Variation,
    applied_preferences,
    compile_prefer,
    parse_prefer,
    parse_query_preferences,
    seed_of,
)
from lookalike.model.response.problem_details import violations_field
from lookalike.model.response.projection import ItemVisibility, Renderer, compile_body, compile_header_fields
from lookalike.model.response.response import DEFAULT_FORM, Outcome, Reason, ResponseBuilder, ResponseForm, header_text
from lookalike.model.state import Item, Key, State
from lookalike.openapi.recovery import OmittedOperation
from lookalike.openapi.walk import METHODS
from lookalike.readings import Choose
from lookalike.schema.view import SchemaView

_DONE = "done"
_PATHS = 2048  # that are remembered
_FIELD = re.compile(r"\{([^{}]+)\}")
_NONE: frozenset[str] = frozenset()

NO_VARIATION = Variation()
RespondToRequest = Callable[[RequestContext, tuple[str, ...]], Outcome]
HandlersByMethod = Mapping[str, RespondToRequest]


class Strictness(NamedTuple):
    """What is demanded of requests: credentials, and that they are valid; what is not is then only reported."""

    security: bool = True
    validity: bool = True


STRICT = Strictness()
_PROPOSED = 5  # operations, where there is none at a path
_REPORTED = frozenset({INVALID, UNPARSABLE, UNSUPPORTED})


class Model:
    """The behaviour that a contract describes."""

    def __init__(
        self,
        contract: Contract,
        tokens: Mapping[str, TokenTable] | None = None,
        strictness: Strictness = STRICT,
        variation: Variation = NO_VARIATION,
    ) -> None:
        self.contract = contract
        bodies = ResponseBodies(contract)
        self._kinds = ItemRegistry(contract, bodies)
        self._setting = _Dependencies(
            contract, tokens or {}, self._kinds, bodies, strictness, variation, ParsedRequestCache()
        )
        self._outside = ResponseBuilder(contract, None, self._setting.bodies)
        own = [(one.path, one) for one in contract.operations if one.base_path == contract.base_path]
        others = [(one.base_path + one.path, one) for one in contract.operations if one.base_path != contract.base_path]
        self._router = self._routes(own, contract.omitted_operations)
        self._elsewhere = self._routes(others) if others else None
        self._match = lru_cache(maxsize=_PATHS)(self._find)  # clients ask for the same paths again and again

    def _routes(
        self, operations: Sequence[tuple[str, Operation]], left_out: Iterable[OmittedOperation] = ()
    ) -> Router[dict[str, RespondToRequest]]:
        """What is at each path, by method."""
        routes = {path: self._behaviours(methods) for path, methods in by_route(operations).items()}
        for one in (one for one in left_out if one.method.lower() in METHODS):
            routes.setdefault(route_of(one.path), {}).setdefault(one.method, self._not_served(one))
        return Router(routes.items())

    def _not_served(self, left_out: OmittedOperation) -> RespondToRequest:
        """The behaviour of an operation that the document has, and has so that it cannot be served."""
        text = f"{left_out.method} {left_out.path} is left out of the mock: {left_out.problem.what}"
        return lambda context, texts: self.error(404, text, context.choose)

    def _behaviours(self, methods: Mapping[str, OverlappingOperations]) -> dict[str, RespondToRequest]:
        behaviours: dict[str, RespondToRequest] = {}
        for method, known in methods.items():
            if len(known.operations) == 1:
                behaviours[method] = self._on_first_use(known.operations[0], behaviours)
            else:
                behaviours[method] = self._told_apart(method, known)
        return behaviours

    def _told_apart(self, method: str, known: OverlappingOperations) -> RespondToRequest:
        """The behaviour of the operation that a request asks for, of several with one path and method."""
        ways = [self._behaviours({method: OverlappingOperations([one])}) for one in known.operations]
        return lambda context, texts: ways[known.asked_for(context.request)][method](context, texts)

    def _on_first_use(self, operation: Operation, methods: dict[str, RespondToRequest]) -> RespondToRequest:
        """A behaviour that compiles the operation when it is asked for, and puts that in its own place.

        Two threads that ask at once both do it, and either result will do.
        """

        def behaviour(context: RequestContext, texts: tuple[str, ...]) -> Outcome:
            compiled = OperationHandler(operation, self._setting).respond
            methods[operation.method] = compiled
            return compiled(context, texts)

        return behaviour

    def keys_of(self, resource: str, item: Item, choose: Choose) -> tuple[Key, ...]:
        """The key of an item, followed by its aliases."""
        return self._kinds[resource].keys_of(item, choose)

    def items(self, resource: str) -> ResourceItems:
        """What makes and finds the items of a resource."""
        return self._kinds[resource]

    def respond(self, state: State, request: Request, choose: Choose) -> Outcome:
        """What is answered to a request in a state, and what changes."""
        match = self._match(request.path)
        if match is None:
            return self._unknown_path(request, choose)
        behaviour = match.target.get(request.method)
        if behaviour is None and request.method == "HEAD":  # whoever sends the answer leaves its body out
            behaviour = match.target.get("GET")
        if behaviour is None:
            return self._less_concrete(request, state, choose) or self._unknown_method(request, match.target, choose)
        return behaviour(RequestContext(request, state, choose), match.texts)

    def _find(self, path: str) -> Match[dict[str, RespondToRequest]] | None:
        match = self._elsewhere.match(path) if self._elsewhere is not None else None
        return self._router.match(path) if match is None else match

    def _less_concrete(self, request: Request, state: State, choose: Choose) -> Outcome | None:
        """What a templated path answers where a more concrete one lacks the method; None where it does not fit."""
        match = self._router.match(request.path, lambda methods: request.method in methods)
        if match is None:
            return None
        outcome = match.target[request.method](RequestContext(request, state, choose), match.texts)
        misfits = any(violation.where == "path" and violation.pointer for violation in outcome.violations)
        return None if misfits else outcome

    def is_elsewhere(self, path: str) -> bool:
        """Whether a whole path is that of an operation with servers of its own, outside of the base path."""
        return self._elsewhere is not None and self._elsewhere.match(path) is not None

    def error(self, status: int, text: str, choose: Choose) -> Outcome:
        """An error outside of all operations, in the contract's own words where it has some."""
        return self._outside.undocumented(status, Reason((text,)), choose)

    def _unknown_path(self, request: Request, choose: Choose) -> Outcome:
        alike = sorted(self.contract.operations, key=lambda one: likeness(request.path, one.path), reverse=True)
        known = ", ".join(f"{operation.method} {operation.path}" for operation in alike[:_PROPOSED])
        text = f"there is no operation at {header_text(request.path)}; there is: {known}"
        return self._outside.undocumented(404, Reason((text + self._prefix_hint(request.path),)), choose)

    def _prefix_hint(self, path: str) -> str:
        """How the path would be served, where only a prefix is in the way."""
        starts = (index for index, character in enumerate(path) if character == "/" and index > 1)
        start = next((start for start in starts if self._router.match(path[start:])), 0)
        return f"; to serve it below {path[:start]}, start with --base-path {path[:start]}" if start else ""

    def _unknown_method(self, request: Request, known: HandlersByMethod, choose: Choose) -> Outcome:
        options = self.contract.http_policies.options.under(choose) == "204"
        head = "GET" in known and "HEAD" not in known
        allowed = ", ".join((*known, *(["HEAD"] if head else ()), *(["OPTIONS"] if options else ())))
        if request.method == "OPTIONS" and options:
            reason = Reason(("the methods that are documented",))
            return Outcome(Response(204, (("Allow", allowed), *self._outside.explain(reason, choose))))
        policy = self.contract.http_policies.method
        text = f"{request.method} is not an operation on this path; allowed: {allowed}"
        reason = Reason((text,), (), readings_of(policy))
        if policy.under(choose) == "404":
            return self._outside.undocumented(404, reason, choose)
        return self._outside.undocumented(405, reason, choose, (("Allow", allowed),))


@lru_cache(maxsize=1000)
def _fields_of(challenges: tuple[str, ...]) -> HeaderFields:
    return tuple(("WWW-Authenticate", challenge) for challenge in challenges)


def _let_in(context: RequestContext) -> None:
    """Security that nobody asked for."""


class _Dependencies(NamedTuple):
    """What all operations of a model have in common."""

    contract: Contract
    tokens: Mapping[str, TokenTable]
    kinds: ItemRegistry
    bodies: ResponseBodies
    strictness: Strictness
    variation: Variation
    sayings: ParsedRequestCache


class OperationHandler:
    """One operation, compiled."""

    def __init__(self, operation: Operation, setting: _Dependencies) -> None:
        contract, tokens = setting.contract, setting.tokens
        self._is_strict = setting.strictness.validity
        self._variation = setting.variation
        self._varies = setting.variation.by_default
        self._decide = contract.http_policies
        self._operation = operation
        self._answers = ResponseBuilder(contract, operation, setting.bodies)
        self._authenticate = compile_security(operation, tokens) if setting.strictness.security else _let_in
        self._preferred = compile_prefer(operation, self._answers)
        self._reader = RequestReader(operation, contract.http_policies, setting.sayings)
        self._statuses = rejection_statuses(operation.responses)
        self._transition = Transition(operation, setting.kinds)
        self._selection = self._transition.selection
        self._status = operation.success_status
        self._success = operation.responses[self._status]
        self._shows = _compile_shown(operation, self._transition, setting)
        self._location = _below_own_servers(operation.success.location, operation, contract)
        created = response_for(operation.responses, operation.success.created) if self._location else None
        self._is_located_absolutely = is_absolute("Location", created, contract.schemas)
        self._fields = compile_header_fields(operation.success.headers) if operation.success.headers else None
        self._unchanged = _unchanged(operation)
        self._usual: dict[tuple[object, ...], Outcome] = {}

    def respond(self, context: RequestContext, texts: tuple[str, ...]) -> Outcome:
        """Decide one request."""
        denial = self._authenticate(context)
        if denial is not None:
            return self._denied(context, texts, denial)
        headers = context.request.headers
        if "prefer" in headers:
            return self._preferring(context, texts, parse_prefer(headers["prefer"]))
        if "__" in context.request.query and (wanted := parse_query_preferences(context.request.query)):
            return self._preferring(context, texts, wanted)
        if self._varies:
            context.seed = seed_of(context.request, self._variation)
        return self._negotiated(context, texts) if "accept" in headers else self._decided(context, texts)

    def _preferring(self, context: RequestContext, texts: tuple[str, ...], wanted: Mapping[str, str]) -> Outcome:
        """What `Prefer` asks for: a documented answer, or something of the answer that is due."""
        wished = applied_preferences(wanted, context.request, self._variation)
        context.seed = wished.seed
        forced = self._preferred(wanted, self._form(context, self._status), context.choose)
        return wished.granted(forced if forced is not None else self._negotiated(context, texts))

    def _negotiated(self, context: RequestContext, texts: tuple[str, ...]) -> Outcome:
        accept = context.request.headers.get("accept", "*/*")
        if accept in ANYTHING or self._answers.suited(self._status, accept) is not None:
            return self._decided(context, texts)
        unacceptable = self._not_acceptable(context, accept)
        return self._decided(context, texts) if unacceptable is None else unacceptable

    def _form(self, context: RequestContext, status: str) -> ResponseForm:
        """The form in which a client gets an answer; by default where none suits it."""
        accept = context.request.headers.get("accept")
        form = (
            DEFAULT_FORM
            if accept is None or accept in ANYTHING
            else self._answers.suited(status, accept) or DEFAULT_FORM
        )
        return form if context.seed is None else form._replace(seed=context.seed)

    def _decided(self, context: RequestContext, texts: tuple[str, ...]) -> Outcome:
        """Read and check everything, then look up, then act."""
        flaws = self._reader.read(context, texts)
        if flaws is NO_ISSUES:
            item = self._selection.item(context) if self._selection is not None else None
            return self._refused(context, item) if type(item) is Rejection else self._done(context, item)
        return self._flawed(context, flaws)

    def _flawed(self, context: RequestContext, flaws: RequestIssues) -> Outcome:
        """The refusal of a request with flaws, or what it asks for where they are only reported."""
        fault, unknown, reported = flaws.fault, flaws.unknown, None
        if fault is not None and not self._is_strict and fault.status in _REPORTED:
            reported, fault = fault, None
            context.body = self._reader.valid_members(context, reported)
        is_named = flaws.names_item or reported is not None
        item = self._selection.item(context) if self._selection is not None and is_named else None
        if isinstance(item, Rejection):
            unknown, item = item, None
        if unknown is not None:
            fault = self._first(context, fault, flaws.is_unreadable, unknown)
        if fault is not None:
            return self._refused(context, fault)
        outcome = self._done(context, item)
        return outcome if reported is None else _reporting(outcome, reported)

    def _first(
        self, context: RequestContext, fault: Rejection | None, unreadable: bool, unknown: Rejection
    ) -> Rejection:
        """Which of two faults is answered: what was asked for is unknown, and the request may be invalid too."""
        if fault is None:
            return unknown
        policy = self._decide.order
        order = policy.under(context.choose)
        first = fault if order == "validate-first" or (order == "parse-first" and unreadable) else unknown
        return first.because_of(policy)

    def _denied(self, context: RequestContext, texts: tuple[str, ...], denial: AccessDenied) -> Outcome:
        """No valid token: 401, unless a reading puts the body's syntax or the path before security."""
        parsed = self._reader.body(context)
        malformed = self._reader.parameters(context, texts)
        policy = self._decide.security_order
        if isinstance(parsed, Rejection) or malformed is not None:
            order = policy.under(context.choose)
            if isinstance(parsed, Rejection) and order in {"after-parse", "last"}:
                return self._refused(context, parsed.because_of(policy))
            if malformed is not None and order in {"after-route", "last"}:
                return self._refused(context, malformed.because_of(policy))
            denial = denial._replace(readings=(*denial.readings, *readings_of(policy)))
        reason = Reason((denial.reason,), denial.clauses, denial.readings, refuses=True)
        answer = self._answers.documented if denial.readings else self._answers.usual
        status = self._statuses[denial.kind]
        return answer(status, reason, context.choose, _fields_of(denial.challenges), form=self._form(context, status))

    def _not_acceptable(self, context: RequestContext, accept: str) -> Outcome | None:
        policy = self._decide.accept
        if policy.under(context.choose) != "406":
            return None
        text = f"Accept: {accept} excludes {', '.join(self._success.content)}, and nothing else is documented"
        reason = Reason((text,), (), readings_of(policy), refuses=True)
        return self._answers.documented(self._statuses[UNACCEPTABLE], reason, context.choose)

    def _refused(self, context: RequestContext, fault: Rejection) -> Outcome:
        status = self._statuses.get(fault.status, fault.status)
        answer = response_for(self._operation.responses, status)
        stated = (clause for violation in fault.violations for clause in violation.clauses)
        clauses = dict.fromkeys((*stated, *(answer.clauses if answer else ())))
        texts = tuple(dict.fromkeys(violation.message for violation in fault.violations))
        reason = Reason(texts, tuple(clauses), fault.readings, fault.violations, refuses=True)
        return self._answers.documented(status, reason, context.choose, form=self._form(context, status))

    def _done(self, context: RequestContext, item: Item | None) -> Outcome:
        apply = self._transition.apply(item, context)
        if type(apply) is Rejection:
            return self._refused(context, apply)
        changes, clauses, shown, is_new = apply
        status = self._operation.success.created if is_new else self._status
        form = self._form(context, status)
        if self._shows is None and self._fields is None and not is_new and form is DEFAULT_FORM:
            outcome = self._as_usual(bool(changes), clauses, context.choose)
        else:
            more = (("Location", self._located(shown.item, context)),) if is_new and self._location else ()
            if self._fields is not None:
                more = (*more, *self._fields(shown, context))
            reason = self._reason(bool(changes), clauses)
            body = self._shows(shown, context) if self._shows is not None else ABSENT
            outcome = self._answers.made(status, body, reason, context.choose, more, form=form)
        return Outcome(outcome.response, changes, (), outcome.clauses, (), outcome.operation) if changes else outcome

    def _located(self, item: Item | None, context: RequestContext) -> str:
        path = _path_of(self._location, item)
        return origin_of(context.request) + path if self._is_located_absolutely else path

    def _as_usual(self, is_change: bool, clauses: tuple[str, ...], choose: Choose) -> Outcome:
        """The answer that tells nothing of the state, made once for each way through the steps."""
        key = (is_change, clauses, self._answers.choices(self._status, choose))
        outcome = self._usual.get(key)
        if outcome is None:
            reason = self._reason(is_change, clauses)
            outcome = self._usual[key] = self._answers.documented(self._status, reason, choose)
        return outcome

    def _reason(self, is_change: bool, clauses: tuple[str, ...]) -> Reason:
        """Why all is well."""
        return Reason((_DONE if is_change else self._unchanged,), (*self._success.clauses, *clauses))


def _below_own_servers(location: str, operation: Operation, contract: Contract) -> str:
    """The path of what is created by an operation, which may have servers of its own."""
    return operation.base_path + location if location and operation.base_path != contract.base_path else location


def _unchanged(operation: Operation) -> str:
    """Why nothing changed."""
    if operation.steps:
        return "done; nothing had to change"
    return _DONE if operation.success.body is None else "as it is remembered"


def _compile_shown(operation: Operation, transition: Transition, setting: "_Dependencies") -> Renderer | None:
    """The function that makes the body of a success of the state, or nothing where the document has it as it is."""
    if operation.success.body is None:
        return None
    view = SchemaView(setting.contract.document.data, operation.success.schema_pointer)
    items = transition.shows
    known = ItemVisibility(items.view if items else view, items.hidden if items else _NONE, setting.bodies.sampled)
    return compile_body(operation.success.body, view, known)


def _path_of(path: str, item: Item | None) -> str:
    """The path of an item: fields of it stand in braces."""
    fields = item or {}
    return _FIELD.sub(lambda match: quote(str(fields.get(match[1], "")), safe=""), path)


def _reporting(outcome: Outcome, fault: Rejection) -> Outcome:
    """The outcome of a request that was let through, with what is wrong with it in a header field."""
    response = outcome.response
    headers = (*response.headers, ("Lookalike-Violations", violations_field(fault.violations)))
    return outcome._replace(response=response._replace(headers=headers), violations=fault.violations)
