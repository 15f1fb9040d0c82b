"""How a server that keeps the contract behaves: `respond(state, request, choose) -> outcome`, without effects.

The order of decisions: route 404, method 405, security 401, `Prefer`, media type, parse, parameters and body 400,
lookup 404, conflict, answer. A reading may move one step; where it does, it is asked for only by requests for which
the order matters. Everything is compiled once per contract into closures; these are the model.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lookalike.contract.choices import Choose
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.extension import Select, Step
from lookalike.contract.routing import Router
from lookalike.contract.schemas import Violation
from lookalike.http import Request
from lookalike.model.answers import USUAL, Answers, Form, Outcome, Reason, visible
from lookalike.model.bodies import Bodies
from lookalike.model.body import compile_read, compile_validate
from lookalike.model.effects import Effect
from lookalike.model.faults import Fault, readings_of
from lookalike.model.keys import KeysOf, compile_keys
from lookalike.model.parameters import compile_path
from lookalike.model.prefer import Variation, compile_prefer, preferences, seed_of, wish
from lookalike.model.scope import Scope, compile_source
from lookalike.model.security import Denial, compile_security
from lookalike.model.state import Change, Delete, Item, Key, Put, State
from lookalike.model.tokens import TokenTable

THE_SAME = Variation()
Behaviour = Callable[[Scope, tuple[str, ...]], Outcome]


class Model:
    """The behaviour that a contract describes."""

    def __init__(
        self,
        contract: Contract,
        tokens: Mapping[str, TokenTable] | None = None,
        variation: Variation = THE_SAME,
    ) -> None:
        self.contract = contract
        self.bodies = Bodies(contract)
        made = _Made(self.bodies, variation)
        self._keys = {name: compile_keys(resource) for name, resource in contract.resources.items()}
        self._outside = Answers(contract, None, self.bodies)
        by_path: dict[str, dict[str, Behaviour]] = {}
        for operation in contract.operations:
            behaviour = _Operation(contract, operation, tokens or {}, self._keys, made).respond
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


class Affected(NamedTuple):
    """What an operation changes, and the clauses behind it."""

    changes: tuple[Change, ...]
    clauses: tuple[str, ...]


class _Selection:
    """The item that an operation is about, and what becomes of it."""

    def __init__(self, select: Select, steps: tuple[Step, ...], keys_of: KeysOf) -> None:
        self._resource = select.resource
        self._absent = select.absent
        self._key = compile_source(select.by)
        self._keys_of = keys_of
        self._effect = Effect(steps, select.resource, keys_of)

    def item(self, scope: Scope) -> Item | Fault:
        """The item that the request names, or the fault that there is none."""
        key = self._key(scope)
        item = scope.state.get(self._resource, key)
        if item is None:
            return Fault(self._absent, (Violation("path", (), "unknown", f"there is no {self._resource} {key}"),))
        return item

    def affected(self, item: Item, scope: Scope) -> Affected | Fault:
        """What changes, by which clauses; or why nothing does."""
        after = self._effect.apply(item, scope)
        if isinstance(after, Fault):
            return after
        changed, clauses = after
        return Affected(self._changes(item, changed, scope.choose), clauses)

    def _changes(self, before: Item, after: Item, choose: Choose) -> tuple[Change, ...]:
        if after is before:
            return ()
        (old_key, *_), (key, *aliases) = self._keys_of(before, choose), self._keys_of(after, choose)
        put = Put(self._resource, key, after, tuple(aliases))
        return (put,) if key == old_key else (Delete(self._resource, old_key), put)


class _Made(NamedTuple):
    """How bodies are made."""

    bodies: Bodies
    variation: Variation


class _Operation:
    """One operation, compiled."""

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        tokens: Mapping[str, TokenTable],
        keys: Mapping[str, KeysOf],
        made: _Made,
    ) -> None:
        self._decide = contract.decide
        self._operation = operation
        self._answers = Answers(contract, operation, made.bodies)
        self._variation = made.variation
        self._authenticate = compile_security(operation, tokens)
        self._preferred = compile_prefer(operation, self._answers)
        self._read = compile_read(operation.body, contract.decide)
        self._validate = compile_validate(operation.body, contract.decide)
        self._read_path = compile_path(operation, contract.decide)
        select = operation.select
        self._selection = _Selection(select, operation.steps, keys[select.resource]) if select else None
        self._success = operation.answers[operation.answer]

    def respond(self, scope: Scope, texts: tuple[str, ...]) -> Outcome:
        """Decide one request."""
        denial = self._authenticate(scope)
        if denial is not None:
            return self._denied(scope, texts, denial)
        prefer = scope.request.headers.get("prefer")
        if prefer is not None:
            return self._preferring(scope, texts, preferences(prefer))
        if self._variation.by_default:
            scope.seed = seed_of(scope.request, self._variation)
        return self._negotiated(scope, texts)

    def _preferring(self, scope: Scope, texts: tuple[str, ...], wanted: Mapping[str, str]) -> Outcome:
        """What `Prefer` asks for: a documented answer, or something of the answer that is due."""
        wished = wish(wanted, scope.request, self._variation)
        scope.seed = wished.seed
        forced = self._preferred(wanted, self._form(scope, self._operation.answer), scope.choose)
        return wished.granted(forced if forced is not None else self._negotiated(scope, texts))

    def _negotiated(self, scope: Scope, texts: tuple[str, ...]) -> Outcome:
        accept = scope.request.headers.get("accept")
        if accept is not None and self._answers.suited(self._operation.answer, accept) is None:
            unacceptable = self._not_acceptable(scope, accept)
            if unacceptable is not None:
                return unacceptable
        return self._decided(scope, texts)

    def _form(self, scope: Scope, status: str) -> Form:
        """The form in which a client gets an answer; by default where none suits it."""
        accept = scope.request.headers.get("accept")
        form = USUAL if accept is None else self._answers.suited(status, accept) or USUAL
        return form if scope.seed is None else form._replace(seed=scope.seed)

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
        challenge = (("WWW-Authenticate", denial.challenge),)
        return answer("401", reason, scope.choose, challenge, form=self._form(scope, "401"))

    def _not_acceptable(self, scope: Scope, accept: str) -> Outcome | None:
        policy = self._decide.accept
        if policy.under(scope.choose) != "406":
            return None
        text = f"Accept: {accept} excludes {', '.join(self._success.content)}, and nothing else is documented"
        return self._answers.documented("406", Reason((text,), (), readings_of(policy)), scope.choose)

    def _refused(self, scope: Scope, fault: Fault) -> Outcome:
        answer = self._operation.answers.get(fault.status)
        stated = (clause for violation in fault.violations for clause in violation.clauses)
        clauses = dict.fromkeys((*stated, *(answer.clauses if answer else ())))
        texts = tuple(dict.fromkeys(violation.message for violation in fault.violations))
        reason = Reason(texts, tuple(clauses), fault.readings, fault.violations)
        return self._answers.documented(fault.status, reason, scope.choose, form=self._form(scope, fault.status))

    def _done(self, scope: Scope, item: Item | None) -> Outcome:
        changes: tuple[Change, ...] = ()
        clauses: tuple[str, ...] = ()
        if self._selection is not None and item is not None:
            affected = self._selection.affected(item, scope)
            if isinstance(affected, Fault):
                return self._refused(scope, affected)
            changes, clauses = affected
        text = "done" if changes or self._selection is None else "done; nothing had to change"
        reason = Reason((text,), (*self._success.clauses, *clauses))
        form = self._form(scope, self._operation.answer)
        outcome = self._answers.usual(self._operation.answer, reason, scope.choose, form=form)
        return outcome._replace(changes=changes) if changes else outcome
