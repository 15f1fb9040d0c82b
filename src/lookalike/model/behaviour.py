"""How a server that keeps the contract behaves: `respond(state, request, choose) -> outcome`, without effects.

The order of decisions: route 404, method 405, security 401, `Prefer`, media type, parse, parameters and body 400,
lookup 404, conflict, answer. A reading may move one step; where it does, it is asked for only by requests for which
the order matters. Everything is compiled once per contract into closures; these are the model.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from lookalike.contract.choices import Choose
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.routing import Router
from lookalike.contract.views import View
from lookalike.http import Request
from lookalike.model.answers import Answers, Outcome, Reason, visible
from lookalike.model.body import compile_read, compile_validate
from lookalike.model.faults import Fault, readings_of
from lookalike.model.items import Items
from lookalike.model.negotiation import accepts
from lookalike.model.parameters import compile_path
from lookalike.model.prefer import compile_prefer
from lookalike.model.scope import Scope
from lookalike.model.security import Denial, compile_security
from lookalike.model.shown import Fill, compile_body
from lookalike.model.state import Item, Key, State
from lookalike.model.tokens import TokenTable
from lookalike.model.transition import Transition

_DONE = "done"
_FIELD = re.compile(r"\{([^{}]+)\}")
_NONE: frozenset[str] = frozenset()

Behaviour = Callable[[Scope, tuple[str, ...]], Outcome]


class Model:
    """The behaviour that a contract describes."""

    def __init__(self, contract: Contract, tokens: Mapping[str, TokenTable] | None = None) -> None:
        self.contract = contract
        self._kinds = {name: Items(contract, name) for name in contract.resources}
        self._outside = Answers(contract, None)
        by_path: dict[str, dict[str, Behaviour]] = {}
        for operation in contract.operations:
            methods = by_path.setdefault(operation.path, {})
            methods[operation.method] = self._on_first_use(operation, methods, tokens or {})
        self._router = Router(by_path.items())

    def _on_first_use(
        self, operation: Operation, methods: dict[str, Behaviour], tokens: Mapping[str, TokenTable]
    ) -> Behaviour:
        """A behaviour that compiles the operation when it is asked for, and puts that in its own place.

        Two threads that ask at once both do it, and either result will do.
        """

        def behaviour(scope: Scope, texts: tuple[str, ...]) -> Outcome:
            compiled = _Operation(self.contract, operation, tokens, self._kinds).respond
            methods[operation.method] = compiled
            return compiled(scope, texts)

        return behaviour

    def keys_of(self, resource: str, item: Item, choose: Choose) -> tuple[Key, ...]:
        """The key of an item, followed by its aliases."""
        return self._kinds[resource].keys_of(item, choose)

    def items(self, resource: str) -> Items:
        """What makes and finds the items of a resource."""
        return self._kinds[resource]

    def respond(self, state: State, request: Request, choose: Choose) -> Outcome:
        """What is answered to a request in a state, and what changes."""
        match = self._router.match(request.path)
        if match is None:
            return self._unknown_path(request, choose)
        behaviour = match.target.get(request.method)
        if behaviour is None:
            return self._unknown_method(request, match.target, choose)
        return behaviour(Scope(request, state, choose), match.texts)

    def error(self, status: int, text: str, choose: Choose) -> Outcome:
        """An error outside of all operations, in the contract's own words where it has some."""
        return self._outside.undocumented(status, Reason((text,)), choose)

    def _unknown_path(self, request: Request, choose: Choose) -> Outcome:
        known = ", ".join(f"{operation.method} {operation.path}" for operation in self.contract.operations[:5])
        text = f"there is no operation at {visible(request.path)}; there is: {known}"
        return self._outside.undocumented(404, Reason((text + self._prefix_hint(request.path),)), choose)

    def _prefix_hint(self, path: str) -> str:
        """How the path would be served, where only a prefix is in the way."""
        starts = (index for index, character in enumerate(path) if character == "/" and index)
        start = next((start for start in starts if self._router.match(path[start:])), 0)
        return f"; to serve it below {path[:start]}, start with --base-path {path[:start]}" if start else ""

    def _unknown_method(self, request: Request, known: Mapping[str, Behaviour], choose: Choose) -> Outcome:
        policy = self.contract.decide.method
        text = f"{request.method} is not an operation on this path; allowed: {', '.join(known)}"
        reason = Reason((text,), (), readings_of(policy))
        if policy.under(choose) == "404":
            return self._outside.undocumented(404, reason, choose)
        return self._outside.undocumented(405, reason, choose, (("Allow", ", ".join(known)),))


class _Operation:
    """One operation, compiled."""

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        tokens: Mapping[str, TokenTable],
        kinds: Mapping[str, Items],
    ) -> None:
        self._decide = contract.decide
        self._operation = operation
        self._answers = Answers(contract, operation)
        self._authenticate = compile_security(operation, tokens)
        self._preferred = compile_prefer(operation, self._answers)
        self._read = compile_read(operation.body, contract.decide)
        self._validate = compile_validate(operation.body, contract.decide)
        self._read_path = compile_path(operation, contract.decide)
        self._transition = Transition(operation, kinds)
        self._selection = self._transition.selection
        self._success = operation.answers[operation.answer]
        self._shows = _compile_shown(contract, operation, self._transition)
        self._location = operation.success.location
        self._unchanged = _unchanged(operation)

    def respond(self, scope: Scope, texts: tuple[str, ...]) -> Outcome:
        """Decide one request."""
        denial = self._authenticate(scope)
        if denial is not None:
            return self._denied(scope, texts, denial)
        prefer = scope.request.headers.get("prefer")
        preferred = None if prefer is None else self._preferred(prefer, scope.choose)
        if preferred is not None:
            return preferred
        accept = scope.request.headers.get("accept")
        if accept is not None and not accepts(accept, self._success.media_type):
            unacceptable = self._not_acceptable(scope, accept)
            if unacceptable is not None:
                return unacceptable
        return self._decided(scope, texts)

    def _decided(self, scope: Scope, texts: tuple[str, ...]) -> Outcome:
        """Read and check everything, then look up, then act."""
        parsed = self._read(scope)
        malformed = self._read_path(scope, texts)
        unknown = malformed if malformed is not None and malformed.status == "404" else None
        if isinstance(parsed, Fault):
            fault: Fault | None = parsed
        else:
            fault = malformed if unknown is None and malformed else self._validate(scope, parsed)
        item = self._selection.item(scope) if self._selection is not None and malformed is None else None
        if isinstance(item, Fault):
            unknown, item = item, None
        if unknown is not None:
            fault = self._first(scope, fault, isinstance(parsed, Fault), unknown)
        return self._refused(scope, fault) if fault is not None else self._done(scope, item)

    def _first(self, scope: Scope, fault: Fault | None, unreadable: bool, unknown: Fault) -> Fault:
        """Which of two faults is answered: what was asked for is unknown, and the request may be invalid too."""
        if fault is None:
            return unknown
        policy = self._decide.order
        order = policy.under(scope.choose)
        first = fault if order == "validate-first" or (order == "parse-first" and unreadable) else unknown
        return first.resting_on(policy)

    def _denied(self, scope: Scope, texts: tuple[str, ...], denial: Denial) -> Outcome:
        """No valid token: 401, unless a reading puts the body's syntax or the path before security."""
        parsed = self._read(scope)
        malformed = self._read_path(scope, texts)
        policy = self._decide.security_order
        if isinstance(parsed, Fault) or malformed is not None:
            order = policy.under(scope.choose)
            if isinstance(parsed, Fault) and order in {"after-parse", "last"}:
                return self._refused(scope, parsed.resting_on(policy))
            if malformed is not None and order in {"after-route", "last"}:
                return self._refused(scope, malformed.resting_on(policy))
            denial = denial._replace(readings=(*denial.readings, *readings_of(policy)))
        reason = Reason((denial.reason,), denial.clauses, denial.readings)
        answer = self._answers.documented if denial.readings else self._answers.usual
        return answer("401", reason, scope.choose, (("WWW-Authenticate", denial.challenge),))

    def _not_acceptable(self, scope: Scope, accept: str) -> Outcome | None:
        policy = self._decide.accept
        if policy.under(scope.choose) != "406":
            return None
        text = f"Accept: {accept} excludes {self._success.media_type}, and nothing else is documented"
        return self._answers.documented("406", Reason((text,), (), readings_of(policy)), scope.choose)

    def _refused(self, scope: Scope, fault: Fault) -> Outcome:
        answer = self._operation.answers.get(fault.status)
        stated = (clause for violation in fault.violations for clause in violation.clauses)
        clauses = dict.fromkeys((*stated, *(answer.clauses if answer else ())))
        texts = tuple(dict.fromkeys(violation.message for violation in fault.violations))
        reason = Reason(texts, tuple(clauses), fault.readings, fault.violations)
        return self._answers.documented(fault.status, reason, scope.choose)

    def _done(self, scope: Scope, item: Item | None) -> Outcome:
        affected = self._transition.affected(item, scope)
        if isinstance(affected, Fault):
            return self._refused(scope, affected)
        changes, clauses, shown, is_new = affected
        reason = Reason((_DONE if changes else self._unchanged,), (*self._success.clauses, *clauses))
        status = self._operation.success.created if is_new else self._operation.answer
        more = (("Location", _located(self._location, shown.item)),) if is_new and self._location else ()
        if self._shows is None:
            outcome = self._answers.usual(status, reason, scope.choose, more)
        else:
            outcome = self._answers.made(status, self._shows(shown, scope), reason, scope.choose, more)
        return outcome._replace(changes=changes) if changes else outcome


def _unchanged(operation: Operation) -> str:
    """Why nothing changed."""
    if operation.steps:
        return "done; nothing had to change"
    return _DONE if operation.select is None and operation.list is None else "as it is remembered"


def _compile_shown(contract: Contract, operation: Operation, transition: Transition) -> Fill | None:
    """The function that makes the body of a success of the state, or nothing where the document has it as it is."""
    if operation.success.body is None:
        return None
    view = View(contract.document.data, operation.success.place)
    items = transition.shows
    return compile_body(operation.success.body, view, items.view if items else view, items.hidden if items else _NONE)


def _located(path: str, item: Item | None) -> str:
    """The path of an item: fields of it stand in braces."""
    fields = item or {}
    return _FIELD.sub(lambda match: quote(str(fields.get(match[1], "")), safe=""), path)
