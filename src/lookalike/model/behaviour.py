"""The behaviour of a contract: `Model.respond(state, request, choose)` finds the operation and has it decide.

Here are the first two steps of the order of decisions, 1. route: 404, and 2. method: 405. The others are in
`operation_handler`. Nothing here changes anything: changes are values in the outcome.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.overlapping import OverlappingOperations, by_route, route_of
from lookalike.contract.routing import Match, Router, likeness
from lookalike.http import Request, Response, origin_of
from lookalike.model.context import RequestContext
from lookalike.model.dependencies import Dependencies
from lookalike.model.operation_handler import OperationHandler
from lookalike.model.rejections import readings_of, status_of_invalid
from lookalike.model.request.idempotency import IdempotencyField, idempotency_fields
from lookalike.model.request.reader import ParsedRequestCache
from lookalike.model.request.security import compile_binding, credentials_of
from lookalike.model.request.tokens import TokenTable
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.examples import ORIGIN, ResponseBodies
from lookalike.model.response.outcome import Outcome, Reason, header_text
from lookalike.model.response.prefer import NO_VARIATION, Variation
from lookalike.model.response.response import ResponseBuilder
from lookalike.model.state import Item, Key, State
from lookalike.model.strictness import STRICT, Strictness
from lookalike.openapi.recovery import OmittedOperation
from lookalike.openapi.walk import METHODS
from lookalike.pacing import spend_turn
from lookalike.readings import Choose

_ORIGIN = ORIGIN.encode()
_MAX_PATHS = 2048  # whose match is cached
_MAX_SUGGESTIONS = 5  # operations that a 404 names
_LONGEST_BASE_PATH = 16  # segments that a 404 tries as one

# Takes the context of a request, and the texts of the templates of its path in order.
Respond = Callable[[RequestContext, tuple[str, ...]], Outcome]
RespondByMethod = Mapping[str, Respond]


class Model:
    """The behaviour that a contract describes. It has no state, so that one model serves any number of them.

    `sandbox_of` finds the sandbox that a request's credentials are bound to; it is None where none are. A model that
    `is_mock` helps clients with more than a server owes them; of a server that is judged, not every item is known.
    With `pairs_examples`, a request that equals an example gets the response of the same name.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # the parts that `assembly` puts together
        self,
        contract: Contract,
        tokens: Mapping[str, TokenTable] | None = None,
        strictness: Strictness = STRICT,
        variation: Variation = NO_VARIATION,
        is_mock: bool = False,
        pairs_examples: bool = False,
    ) -> None:
        self.contract = contract
        bodies = ResponseBodies(contract)
        self._items = ItemRegistry(contract, bodies, is_mock)
        self._dependencies = Dependencies(
            contract,
            tokens or {},
            self._items,
            bodies,
            strictness,
            variation,
            ParsedRequestCache(),
            is_mock,
            status_of_invalid(contract),
            pairs_examples,
        )
        self.sandbox_of = compile_binding(contract.schemes.values(), tokens or {})
        self._responses = ResponseBuilder(contract, None, bodies, is_mock)  # of requests that are no operation's
        self._operations = {operation.id: operation for operation in contract.operations}
        self._forced_responses: dict[str, ResponseBuilder] = {}
        own = [(one.path, one) for one in contract.operations if one.base_path == contract.base_path]
        others = [(one.base_path + one.path, one) for one in contract.operations if one.base_path != contract.base_path]
        self._router = self._routes(own, contract.omitted_operations)
        self._other_servers = self._routes(others) if others else None
        self._match = lru_cache(maxsize=_MAX_PATHS)(self._find)  # clients ask for the same paths again and again

    def respond(self, state: State, request: Request, choose: Choose) -> Outcome:
        """The response to a request in a state, and the changes that it makes."""
        # 1. Route.
        match = self._match(request.path)
        if match is None:
            return self._unknown_path(request, choose)
        # 2. Method. HEAD is GET without a body (RFC 9110 section 9.3.2), which the server leaves out.
        respond = match.target.get(request.method)
        if respond is None and request.method == "HEAD":
            respond = match.target.get("GET")
        if respond is None:
            outcome = self._respond_by_template(request, state, choose)
            return outcome or self._unknown_method(request, match.target, choose)
        # 3. to 11.
        outcome = respond(RequestContext(request, state, choose), match.texts)
        return _at_origin(outcome, request) if _ORIGIN in outcome.response.body else outcome

    @cached_property
    def idempotency_fields(self) -> Mapping[str, IdempotencyField]:
        """The fields and members for idempotency keys, by the ids of the operations that have one."""
        return idempotency_fields(self.contract)

    def error(self, status: int, text: str, choose: Choose) -> Outcome:
        """An error that is no operation's, in the contract's error body where it has one."""
        return self._responses.undocumented(status, Reason((text,)), choose)

    def forced(
        self, operation: str, status: int, text: str, choose: Choose, fields: tuple[tuple[str, str], ...] = ()
    ) -> Outcome:
        """The response of an operation with a forced status, in any state.

        It is the documented one, if there is one. `operation` is an id, or empty for a request that is no operation's.
        """
        responses = self._responses_of(operation)
        return responses.documented(str(status), Reason((text,), refuses=status >= 400), choose, fields)

    def is_secured(self, operation: str) -> bool:
        """Whether an operation can be used with credentials only."""
        found = self._operations.get(operation)
        return found is not None and bool(found.security) and all(found.security)

    def _responses_of(self, operation: str) -> ResponseBuilder:
        builder = self._forced_responses.get(operation)
        if builder is None:
            builder = ResponseBuilder(
                self.contract, self._operations.get(operation), self._dependencies.bodies, self._dependencies.is_mock
            )
            self._forced_responses[operation] = builder
        return builder

    def credentials_of(self, request: Request, choose: Choose) -> str:
        """The token, API key or NAME:PASSWORD of a request, for the first scheme that has one; empty without any.

        Where no scheme is documented, those of the Authorization field.
        """
        found = (credentials_of(request, scheme, choose) for scheme in self.contract.schemes.values())
        return next(filter(None, found), "") or request.headers.get("authorization", "").partition(" ")[2].strip()

    def keys_of(self, resource: str, item: Item, choose: Choose) -> tuple[Key, ...]:
        """The key of an item, followed by its aliases."""
        return self._items[resource].keys_of(item, choose)

    def items(self, resource: str) -> ResourceItems:
        """The items of a resource: how they are made and found."""
        return self._items[resource]

    def is_elsewhere(self, path: str) -> bool:
        """Whether a whole path is that of an operation with servers of its own, outside the contract's base path."""
        return self._other_servers is not None and self._other_servers.match(path) is not None

    def is_known(self, path: str) -> bool:
        """Whether a path below the contract's base path is that of an operation."""
        return self._match(path) is not None

    # --- Routes ---

    def _routes(
        self, operations: Sequence[tuple[str, Operation]], omitted: Iterable[OmittedOperation] = ()
    ) -> Router[dict[str, Respond]]:
        routes = {path: self._by_method(methods) for path, methods in by_route(operations).items()}
        for one in (one for one in omitted if one.method.lower() in METHODS):
            routes.setdefault(route_of(one.path), {}).setdefault(one.method, self._respond_omitted(one))
        return Router(routes.items())

    def _by_method(self, methods: Mapping[str, OverlappingOperations]) -> dict[str, Respond]:
        found: dict[str, Respond] = {}
        for method, overlapping in methods.items():
            if len(overlapping.operations) == 1:
                found[method] = self._compile_on_first_use(overlapping.operations[0], found)
            else:
                found[method] = self._respond_overlapping(method, overlapping)
        return found

    def _compile_on_first_use(self, operation: Operation, by_method: dict[str, Respond]) -> Respond:
        """A function that compiles its operation when it is first called, and then replaces itself in the table.

        A document may have a thousand operations, of which a run uses ten. Two threads may both compile one; either
        result will do.
        """

        def respond(context: RequestContext, texts: tuple[str, ...]) -> Outcome:
            spend_turn()
            compiled = OperationHandler(operation, self._dependencies).respond
            by_method[operation.method] = compiled
            return compiled(context, texts)

        return respond

    def _respond_overlapping(self, method: str, overlapping: OverlappingOperations) -> Respond:
        """The function for several operations with one path and method, which differ in parameters or body."""
        handlers = [self._by_method({method: OverlappingOperations([one])}) for one in overlapping.operations]

        def respond(context: RequestContext, texts: tuple[str, ...]) -> Outcome:
            return handlers[overlapping.asked_for(context.request)][method](context, texts)

        return respond

    def _respond_omitted(self, omitted: OmittedOperation) -> Respond:
        """The function for an operation that the document describes in a way that cannot be served."""
        text = f"{omitted.method} {omitted.path} is left out of the mock: {omitted.problem.what}"

        def respond(context: RequestContext, texts: tuple[str, ...]) -> Outcome:
            return self.error(404, text, context.choose)

        return respond

    def _find(self, path: str) -> Match[dict[str, Respond]] | None:
        match = self._found_at(path)
        if match is None and self._dependencies.is_mock:
            # Django, FastAPI and Flask redirect to the documented path with a slash at its end, which most SDKs leave
            # out; most other servers take a path with one too, as some SDKs send it.
            return self._found_at(path.removesuffix("/") if path.endswith("/") else f"{path}/")
        return match

    def _found_at(self, path: str) -> Match[dict[str, Respond]] | None:
        match = self._other_servers.match(path) if self._other_servers is not None else None
        return self._router.match(path) if match is None else match

    def _respond_by_template(self, request: Request, state: State, choose: Choose) -> Outcome | None:
        """The response of a templated path, where a more concrete path matches but lacks the method.

        None where there is no such path, or the text is no valid value of its template. `GET /pets/mine` beside
        `DELETE /pets/{id}`: OpenAPI 3.1 section 4.8.8.2 prefers the concrete path, but says nothing of methods.
        """
        match = self._router.match(request.path, lambda methods: request.method in methods)
        if match is None:
            return None
        outcome = match.target[request.method](RequestContext(request, state, choose), match.texts)
        is_invalid = any(violation.where == "path" and violation.pointer for violation in outcome.violations)
        return None if is_invalid else outcome

    # --- Requests that are no operation's ---

    def _unknown_path(self, request: Request, choose: Choose) -> Outcome:
        alike = sorted(self.contract.operations, key=lambda one: likeness(request.path, one.path), reverse=True)
        known = ", ".join(f"{operation.method} {operation.path}" for operation in alike[:_MAX_SUGGESTIONS])
        text = f"there is no operation at {header_text(request.path)}; there is: {known}"
        return self._responses.undocumented(404, Reason((text + self._base_path_hint(request.path),)), choose)

    def _base_path_hint(self, path: str) -> str:
        """The option that serves the document so that a path is found, where the path only has a prefix too many."""
        starts = (index for index, character in enumerate(path) if character == "/" and index > 1)
        # Each start reads the rest of the path, and a head has room for a path of 30,000 segments.
        likely = islice(starts, _LONGEST_BASE_PATH)
        start = next((start for start in likely if self._router.match(path[start:])), 0)
        return f"; to serve it below {path[:start]}, start with --base-path {path[:start]}" if start else ""

    def _unknown_method(self, request: Request, by_method: RespondByMethod, choose: Choose) -> Outcome:
        """405 with the methods that are allowed (RFC 9110 section 15.5.6), or the answer to OPTIONS (9.3.7)."""
        policies = self.contract.http_policies
        answers_options = policies.options.under(choose) == "204"
        has_head = "GET" in by_method and "HEAD" not in by_method
        allowed = ", ".join((*by_method, *(["HEAD"] if has_head else ()), *(["OPTIONS"] if answers_options else ())))
        if request.method == "OPTIONS" and answers_options:
            reason = Reason(("the methods that are documented",))
            explanation = self._responses.explanation_fields(reason, choose)
            return Outcome(Response(204, (("Allow", allowed), *explanation)))
        text = f"{request.method} is not an operation on this path; allowed: {allowed}"
        reason = Reason((text,), (), readings_of(policies.method))
        if policies.method.under(choose) == "404":
            return self._responses.undocumented(404, reason, choose)
        return self._responses.undocumented(405, reason, choose, (("Allow", allowed),))


def _at_origin(outcome: Outcome, request: Request) -> Outcome:
    """The outcome with the origin and base path that the request was sent to, in URLs that lead to the mock."""
    origin = f"{origin_of(request)}{request.base_path}".encode()
    return outcome._replace(response=outcome.response._replace(body=outcome.response.body.replace(_ORIGIN, origin)))
