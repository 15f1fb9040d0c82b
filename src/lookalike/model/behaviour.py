"""How a server that keeps the contract behaves: `respond(state, request, choose) -> outcome`, without effects.

The order of decisions: route 404, method 405, security 401, `Prefer`, media type, parse, parameters and body 400,
lookup 404, conflict, answer. A reading may move one step; where it does, it is asked for only by requests for which
the order matters. Everything is compiled once per contract into closures; these are the model.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.contract.choices import Choose
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.routing import Router, parameter_names
from lookalike.http import Request
from lookalike.model.answers import Answers, Outcome, Reason
from lookalike.model.body import compile_read, compile_validate
from lookalike.model.effects import Effect
from lookalike.model.faults import Fault, readings_of
from lookalike.model.keys import KeysOf, compile_keys
from lookalike.model.negotiation import accepts
from lookalike.model.parameters import compile_path
from lookalike.model.parsing import Parsed
from lookalike.model.prefer import compile_prefer
from lookalike.model.scope import Scope, compile_source
from lookalike.model.security import Denial, compile_security
from lookalike.model.state import Change, Delete, Item, Key, Put, State
from lookalike.model.tokens import TokenTable

Behaviour = Callable[[Scope, tuple[str, ...]], Outcome]


class Model:
    """The behaviour that a contract describes."""

    def __init__(self, contract: Contract, tokens: Mapping[str, TokenTable] | None = None) -> None:
        self.contract = contract
        self._keys = {name: compile_keys(resource) for name, resource in contract.resources.items()}
        self._outside = Answers(contract, None)
        by_path: dict[str, dict[str, Behaviour]] = {}
        for operation in contract.operations:
            behaviour = _Operation(contract, operation, tokens or {}, self._keys).respond
            by_path.setdefault(operation.path, {})[operation.method] = behaviour
        self._router = Router(by_path.items())

    def keys_of(self, resource: str, item: Item, choose: Choose) -> tuple[Key, ...]:
        """The key of an item, followed by its aliases."""
        return self._keys[resource](item, choose)

    def respond(self, state: State, request: Request, choose: Choose) -> Outcome:
        """What is answered to a request in a state, and what changes."""
        match = self._router.match(request.path)
        if match is None:
            return self._unknown_path(request, choose)
        behaviour = match.target.get(request.method)
        if behaviour is None:
            return self._unknown_method(request, match.target, choose)
        return behaviour(Scope(request, state, choose), match.texts)

    def _unknown_path(self, request: Request, choose: Choose) -> Outcome:
        known = ", ".join(f"{operation.method} {operation.path}" for operation in self.contract.operations[:5])
        text = f"there is no operation at {request.path}; there is: {known}"
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
        keys: Mapping[str, KeysOf],
    ) -> None:
        self._decide = contract.decide
        self._answers = Answers(contract, operation)
        self._operation = operation
        self._authenticate = compile_security(operation, tokens)
        self._preferred = compile_prefer(operation, self._answers)
        self._read = compile_read(operation.body, contract.decide) if operation.body else None
        self._validate = compile_validate(operation.body, contract.decide) if operation.body else None
        parameters = tuple(operation.parameters[name] for name in parameter_names(operation.path))
        self._read_path = compile_path(parameters, contract.decide)
        self._select = operation.select
        if operation.select is not None:
            self._by = compile_source(operation.select.by)
            self._keys_of = keys[operation.select.resource]
            self._effect = Effect(operation.steps, operation.select.resource, self._keys_of)
        self._media_type = operation.answers[operation.answer].media_type
        self._clauses = operation.answers[operation.answer].clauses

    def respond(self, scope: Scope, texts: tuple[str, ...]) -> Outcome:
        """Decide one request."""
        denial = self._authenticate(scope)
        if denial is not None:
            return self._denied(scope, texts, denial)
        headers = scope.request.headers
        prefer = headers.get("prefer")
        if prefer is not None:
            preferred = self._preferred(prefer, scope.choose)
            if preferred is not None:
                return preferred
        accept = headers.get("accept")
        if accept is not None and not accepts(accept, self._media_type):
            if self._decide.accept.under(scope.choose) == "406":
                return self._not_acceptable(scope, accept)
        return self._decided(scope, texts)

    def _decided(self, scope: Scope, texts: tuple[str, ...]) -> Outcome:
        unreadable, parsed = self._parsed(scope)
        malformed = self._read_path(scope, texts)
        fault = unreadable
        if fault is None and malformed is not None and malformed.status != "404":
            fault = malformed
        if fault is None and parsed is not None and self._validate is not None:
            fault = self._validate(scope, parsed)
        if self._select is None:
            return self._refused(scope, fault) if fault else self._done(scope, (), ())
        item = None if malformed else scope.state.get(self._select.resource, self._key(scope))
        if fault is None:
            return self._absent(scope, malformed) if item is None else self._effected(scope, item)
        if item is None and (malformed is None or malformed.status == "404"):
            return self._both(scope, fault, unreadable is not None, malformed)
        return self._refused(scope, fault)

    def _parsed(self, scope: Scope) -> tuple[Fault | None, Parsed | None]:
        if self._read is None:
            return None, None
        parsed = self._read(scope)
        return (None, parsed) if type(parsed) is Parsed else (parsed, None)  # type: ignore[return-value]  # the other of two

    def _key(self, scope: Scope) -> Any:
        return self._by(scope)

    def _both(self, scope: Scope, fault: Fault, unreadable: bool, malformed: Fault | None) -> Outcome:
        """An invalid request for something unknown: which of the two is answered is a matter of order."""
        policy = self._decide.order
        order = policy.under(scope.choose)
        if order == "validate-first" or (order == "parse-first" and unreadable):
            return self._refused(scope, fault._replace(readings=(*fault.readings, *readings_of(policy))))
        return self._absent(scope, malformed, *readings_of(policy))

    def _denied(self, scope: Scope, texts: tuple[str, ...], denial: Denial) -> Outcome:
        """No valid token: 401, unless a reading puts the body's syntax or the path before security."""
        unreadable, _ = self._parsed(scope)
        malformed = self._read_path(scope, texts)
        policy = self._decide.security_order
        if unreadable is not None or malformed is not None:
            order = policy.under(scope.choose)
            readings = readings_of(policy)
            if unreadable is not None and order in ("after-parse", "last"):
                return self._refused(scope, unreadable._replace(readings=(*unreadable.readings, *readings)))
            if malformed is not None and order in ("after-route", "last"):
                return self._refused(scope, malformed._replace(readings=(*malformed.readings, *readings)))
            denial = denial._replace(readings=(*denial.readings, *readings))
        reason = Reason((denial.reason,), denial.clauses, denial.readings)
        answer = self._answers.documented if denial.readings else self._answers.usual
        return answer("401", reason, scope.choose, (("WWW-Authenticate", denial.challenge),))

    def _not_acceptable(self, scope: Scope, accept: str) -> Outcome:
        text = f"Accept: {accept} excludes {self._media_type}, and nothing else is documented"
        return self._answers.documented("406", Reason((text,), (), readings_of(self._decide.accept)), scope.choose)

    def _refused(self, scope: Scope, fault: Fault) -> Outcome:
        answer = self._operation.answers.get(fault.status)
        stated = (clause for violation in fault.violations for clause in violation.clauses)
        clauses = dict.fromkeys((*stated, *(answer.clauses if answer else ())))
        texts = tuple(dict.fromkeys(violation.message for violation in fault.violations))
        reason = Reason(texts, tuple(clauses), fault.readings, fault.violations)
        return self._answers.documented(fault.status, reason, scope.choose)

    def _absent(self, scope: Scope, malformed: Fault | None, *readings: str) -> Outcome:
        if malformed is not None:
            return self._refused(scope, malformed._replace(readings=(*malformed.readings, *readings)))
        select = self._operation.select
        assert select is not None
        text = f"no {select.resource} has the key {self._key(scope)}"
        clauses = self._operation.answers[select.absent].clauses if select.absent in self._operation.answers else ()
        return self._answers.documented(select.absent, Reason((text,), clauses, readings), scope.choose)

    def _effected(self, scope: Scope, item: Item) -> Outcome:
        after = self._effect.apply(item, scope)
        if type(after) is Fault:
            return self._refused(scope, after)
        changed, clauses = after  # type: ignore[misc]  # a fault was returned above
        return self._done(scope, clauses, self._changes(item, changed, scope.choose))

    def _changes(self, item: Item, changed: Item, choose: Choose) -> tuple[Change, ...]:
        if changed is item:
            return ()
        assert self._select is not None
        resource = self._select.resource
        (old_key, *_), (key, *aliases) = self._keys_of(item, choose), self._keys_of(changed, choose)
        put = Put(resource, key, changed, tuple(aliases))
        return (put,) if key == old_key else (Delete(resource, old_key), put)

    def _done(self, scope: Scope, clauses: tuple[str, ...], changes: tuple[Change, ...]) -> Outcome:
        text = "done" if changes or self._select is None else "done; nothing had to change"
        reason = Reason((text,), (*self._clauses, *clauses))
        outcome = self._answers.usual(self._operation.answer, reason, scope.choose)
        return outcome._replace(changes=changes) if changes else outcome
