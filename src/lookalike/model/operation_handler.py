"""The handler of one operation: it takes the steps in which a request is decided, in order.

The order is documented (steps 1 and 2, route and method, are in `behaviour`):

3. security: 401, 403
4. `Prefer`: a documented response that the client asks for
5. negotiation: 406
6. syntax of the body: 400, 415
7. parameters and body: 400, 422
8. look-up of the item: 404
9. conditions and conflicts: 412, 409
10. changes, which the caller commits
11. the response of success

A reading may move one step. It is asked for only by a request for which the order matters, so that others fork no
worlds. Everything that does not depend on a request is compiled once.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lookalike.codecs.media_types import ANYTHING
from lookalike.codecs.sequences import EVENTS
from lookalike.contract.contract import Operation
from lookalike.contract.conventions import OperationConventions, Place
from lookalike.contract.example_pairs import example_pairs
from lookalike.contract.extension import DOCUMENTED
from lookalike.contract.responses import response_for
from lookalike.http import essence
from lookalike.model.context import RequestContext
from lookalike.model.dependencies import Dependencies
from lookalike.model.rejections import (
    INVALID,
    UNACCEPTABLE,
    UNPARSABLE,
    UNSUPPORTED,
    Rejection,
    readings_of,
    statuses_by_kind,
)
from lookalike.model.request.body import with_changes_alone, with_partial_update, with_unsaid_body
from lookalike.model.request.exemplified import ExemplifiedRequests
from lookalike.model.request.reader import NO_ISSUES, RequestIssues, RequestReader
from lookalike.model.request.security import AccessDenied, allow_all, compile_security
from lookalike.model.resources.conditions import Conditions
from lookalike.model.resources.logins import precedes_credentials, with_logins
from lookalike.model.resources.transition import Transition, with_nearest_keys
from lookalike.model.response.headers import HeaderFields
from lookalike.model.response.outcome import DEFAULT_FORM, Outcome, Reason, ResponseForm
from lookalike.model.response.prefer import (
    applied_preferences,
    compile_prefer,
    parse_prefer,
    parse_query_preferences,
    seed_of,
)
from lookalike.model.response.problem_details import violations_field
from lookalike.model.response.response import ResponseBuilder
from lookalike.model.state import Item
from lookalike.model.success_builder import SuccessBuilder
from lookalike.naming.words import normalised
from lookalike.schema.validator import Violation

# Query parameters by which a request is only tried, and the values that say so.
_TRIALS = frozenset({"dryrun", "validateonly"})
_TRIED = (True, "true", "All")
# Violations of these kinds are only reported where validity is not enforced. Any other rejection still stands.
_TOLERABLE = frozenset({INVALID, UNPARSABLE, UNSUPPORTED})


class OperationHandler:
    """One operation, compiled: `respond` decides a request."""

    def __init__(self, operation: Operation, dependencies: Dependencies) -> None:
        contract = dependencies.contract
        operation = with_changes_alone(with_unsaid_body(operation)) if dependencies.is_mock else operation
        operation = with_partial_update(operation, contract.operations)
        self._operation = operation
        self._policies = contract.http_policies
        self._is_strict = dependencies.strictness.validity
        self._variation = dependencies.variation
        self._varies = dependencies.variation.by_default
        is_open = dependencies.is_mock and bool(operation.security) and precedes_credentials(contract, operation)
        is_secured = dependencies.strictness.security and not is_open
        authenticate = compile_security(operation, dependencies.tokens) if is_secured else allow_all
        is_checked = is_secured and bool(operation.security) and all(operation.security) and not dependencies.tokens
        self._authenticate = with_logins(authenticate, dependencies.items) if is_checked else authenticate
        self._tolerates_types = not dependencies.strictness.media_types
        self._reader = RequestReader(
            operation, contract.http_policies, dependencies.parsed_requests, self._tolerates_types
        )
        self._transition = Transition(operation, dependencies.items)
        self._selection = self._transition.selection
        self._names_keys = dependencies.is_mock
        self._trials = _parameters_of_trials(operation) if dependencies.is_mock else ()
        self._conditions = _compile_conditions(operation, self._transition, dependencies)
        self._responses = ResponseBuilder(contract, operation, dependencies.bodies, dependencies.is_mock)
        self._forced_response = compile_prefer(operation, self._responses)
        self._statuses = {
            **statuses_by_kind(operation.responses, dependencies.status_of_invalid),
            **operation.conventions.statuses,
        }
        self._conventions = operation.conventions
        self._known_members = _known_members(operation)
        self._insists_on = operation.conventions.insists_on
        is_stricter = self._known_members is not None or self._insists_on
        self._read = self._read_strictly if is_stricter else self._reader.read
        pairs = example_pairs(contract.document.data, operation) if dependencies.pairs_examples else ()
        self._exemplified = ExemplifiedRequests(pairs, operation)
        self._decide = self._decide_by_example if pairs else self._decide_by_rules
        self._documents_406 = "406" in operation.responses
        success = operation.responses[operation.success_status]
        self._may_stream = dependencies.is_mock and len(success.content) > 1 and EVENTS in map(essence, success.content)
        self._success = SuccessBuilder(operation, self._transition, self._responses, dependencies, self._conditions)

    def respond(self, context: RequestContext, texts: tuple[str, ...]) -> Outcome:
        """The outcome of a request; `texts` are the path parameters as they were sent, in order."""
        # 3. Security comes before anything that describes the operation.
        denial = self._authenticate(context)
        if denial is not None:
            return self._deny(context, texts, denial)
        # 4. Prefer (RFC 7240), or the query parameters of the same meaning, for links and address bars.
        headers = context.request.headers
        if "prefer" in headers:
            return self._respond_as_preferred(context, texts, parse_prefer(headers["prefer"]))
        if "__" in context.request.query and (preferences := parse_query_preferences(context.request.query)):
            return self._respond_as_preferred(context, texts, preferences)
        if self._varies:
            context.seed = seed_of(context.request, self._variation)
        return self._negotiate(context, texts) if "accept" in headers else self._decide(context, texts)

    def _respond_as_preferred(
        self, context: RequestContext, texts: tuple[str, ...], preferences: Mapping[str, str]
    ) -> Outcome:
        """Step 4: the documented response that is asked for, else the usual one with the other preferences applied."""
        applied = applied_preferences(preferences, context.request, self._variation)
        context.seed = applied.seed
        forced = self._forced_response(preferences, self._form(context, self._success.status), context.choose)
        return applied.told_in(forced if forced is not None else self._negotiate(context, texts))

    def _negotiate(self, context: RequestContext, texts: tuple[str, ...]) -> Outcome:
        """Step 5: a 406, unless the client accepts a media type of the success response (RFC 9110 section 12.5.1)."""
        accept = context.request.headers.get("accept", "*/*")
        if accept in ANYTHING or self._negotiated(self._success.status, accept) is not None:
            return self._decide(context, texts)
        policy = self._policies.accept
        choice = policy.under(context.choose)
        if choice == "ignored" or (choice == DOCUMENTED and self._tolerates_types and not self._documents_406):
            return self._decide(context, texts)
        offered = ", ".join(self._success.media_types)
        reason = Reason(
            (f"Accept: {accept} excludes {offered}, and nothing else is documented",),
            (),
            readings_of(policy),
            refuses=True,
        )
        return self._responses.documented(self._statuses[UNACCEPTABLE], reason, context.choose)

    def _decide_by_example(self, context: RequestContext, texts: tuple[str, ...]) -> Outcome:
        """The documented response to a request that equals its example, also where that is invalid; it changes nothing.

        An example of a 400 has a request that no rule would let through.
        """
        self._read(context, texts)
        pair = self._exemplified.pair(context, self._reader.body(context))
        if pair is None:
            return self._decide_by_rules(context, texts)
        reason = Reason((f"the request is the documented example {pair.name}",))
        form = self._form(context, pair.status)._replace(media_type=pair.media_type, example=pair.name)
        return self._responses.documented(pair.status, reason, context.choose, form=form)

    def _decide_by_rules(self, context: RequestContext, texts: tuple[str, ...]) -> Outcome:
        # 6. and 7. The reader parses and validates the request.
        issues = self._read(context, texts)
        if issues is not NO_ISSUES:
            return self._decide_with_issues(context, issues)
        # 8. The item that the request names.
        item = self._selection.item(context) if self._selection is not None else None
        if type(item) is Rejection:
            return self._reject(context, self._helpful(item, context))
        return self._complete(context, item)

    def _helpful(self, rejection: Rejection, context: RequestContext) -> Rejection:
        """The rejection with the keys that were probably meant, where the mock knows which items there are."""
        if not self._names_keys or self._selection is None:
            return rejection
        return with_nearest_keys(rejection, self._selection.items, context)

    def _decide_with_issues(self, context: RequestContext, issues: RequestIssues) -> Outcome:
        """Steps 7 and 8 for a request with issues: one is answered, or all are only reported."""
        rejection, not_found, reported = issues.rejection, issues.not_found, None
        if rejection is not None and self._conventions.unchecked and _is_unchecked(rejection, self._conventions):
            rejection = None
            context.body = self._reader.unchecked_body(context)
        if rejection is not None and not self._is_strict and rejection.status in _TOLERABLE:
            reported, rejection = rejection, None
            context.body = self._reader.valid_members(context, reported)
        names_item = issues.has_valid_path or reported is not None
        item = self._selection.item(context) if self._selection is not None and names_item else None
        if isinstance(item, Rejection):
            not_found, item = item, None
        if not_found is not None:
            rejection = self._first_of(context, rejection, issues.is_unparsable, not_found)
        if rejection is not None:
            return self._reject(context, self._helpful(rejection, context))
        outcome = self._complete(context, item)
        return outcome if reported is None else _with_violations(outcome, reported)

    def _read_strictly(self, context: RequestContext, texts: tuple[str, ...]) -> RequestIssues:
        """The issues of a request to a server that refuses or requires more members than the document says."""
        issues, body = self._reader.read(context, texts), context.body
        if issues is not NO_ISSUES or not isinstance(body, Mapping):
            return issues
        unknown = () if self._known_members is None else sorted(body.keys() - self._known_members)
        violations = (
            *(_about_members("additionalProperties", f"the body has an unknown member {name}") for name in unknown),
            *(_about_members("required", f"{name} is missing") for name in sorted(self._insists_on - body.keys())),
        )
        return RequestIssues(Rejection(INVALID, violations)) if violations else issues

    def _first_of(
        self, context: RequestContext, rejection: Rejection | None, is_unparsable: bool, not_found: Rejection
    ) -> Rejection:
        """The rejection of a request that is invalid and names an unknown item too, by the policy `order`."""
        if rejection is None:
            return not_found
        policy = self._policies.order
        order = policy.under(context.choose)
        is_valid_first = order == "validate-first" or (order == "parse-first" and is_unparsable)
        return (rejection if is_valid_first else not_found).because_of(policy)

    def _complete(self, context: RequestContext, item: Item | None) -> Outcome:
        if self._conditions is not None and (failed := self._conditions.rejection(item, context)) is not None:
            return self._reject(context, failed)
        # 9. and 10. The changes: all of them, or none if one conflicts with the state.
        change_set = self._transition.apply(item, context)
        if type(change_set) is Rejection:
            return self._reject(context, change_set)
        # 11. The response of success.
        form = self._form(context, self._success.status_of(change_set.is_new))
        outcome = self._success.outcome(change_set, context, form)
        if self._trials and any(context.query.get(name) in _TRIED for name in self._trials):
            return outcome._replace(changes=())
        return outcome

    def _deny(self, context: RequestContext, texts: tuple[str, ...], denial: AccessDenied) -> Outcome:
        """Step 3: 401 or 403, unless a reading puts the body's syntax or the path before security."""
        body = self._reader.body(context)
        malformed = self._reader.parameters(context, texts)
        policy = self._policies.security_order
        if isinstance(body, Rejection) or malformed is not None:
            order = policy.under(context.choose)
            if isinstance(body, Rejection) and order in {"after-parse", "last"}:
                return self._reject(context, body.because_of(policy))
            if malformed is not None and order in {"after-route", "last"}:
                return self._reject(context, malformed.because_of(policy))
            denial = denial._replace(readings=(*denial.readings, *readings_of(policy)))
        reason = Reason((denial.reason,), denial.clauses, denial.readings, refuses=True)
        respond = self._responses.documented if denial.readings else self._responses.cached
        status = self._statuses[denial.kind]
        return respond(status, reason, context.choose, _challenges(denial.challenges), form=self._form(context, status))

    def _reject(self, context: RequestContext, rejection: Rejection) -> Outcome:
        status = self._statuses.get(rejection.status, rejection.status)
        if self._conventions.refusals and rejection.status == INVALID:
            status = _status_by_rule(rejection, self._conventions.refusals) or status
        response = response_for(self._operation.responses, status)
        stated = (clause for violation in rejection.violations for clause in violation.clauses)
        clauses = dict.fromkeys((*stated, *(response.clauses if response else ())))
        texts = tuple(dict.fromkeys(violation.message for violation in rejection.violations))
        reason = Reason(texts, tuple(clauses), rejection.readings, rejection.violations, refuses=True)
        return self._responses.documented(status, reason, context.choose, form=self._form(context, status))

    def _negotiated(self, status: str, accept: str) -> ResponseForm | None:
        """The form that a client accepts; the documented JSON for any JSON type, since SDKs send a vendor's type."""
        form = self._responses.negotiated(status, accept)
        return self._responses.as_json(status, accept) if form is None and self._tolerates_types else form

    def _form(self, context: RequestContext, status: str) -> ResponseForm:
        """The form of a response that the client accepts; the default where it accepts none."""
        accept = context.request.headers.get("accept")
        form = DEFAULT_FORM
        if self._may_stream and _asks_for_stream(context.body):
            accept = EVENTS
        if accept is not None and accept not in ANYTHING:
            form = self._negotiated(status, accept) or DEFAULT_FORM
        return form if context.seed is None else form._replace(seed=context.seed)


def _asks_for_stream(body: Any) -> bool:
    """Whether a body asks for events instead of one JSON value, as that of a chat does by `"stream": true`."""
    return isinstance(body, Mapping) and body.get("stream") is True


def _about_members(keyword: str, message: str) -> Violation:
    return Violation("body", (), keyword, message)


def _parameters_of_trials(operation: Operation) -> tuple[str, ...]:
    """The query parameters by which a request is only tried, as `dryRun` of Kubernetes."""
    return tuple(name for place, name in operation.parameters if place == "query" and normalised(name) in _TRIALS)


def _known_members(operation: Operation) -> frozenset[str] | None:
    """The members of the body, where all others are refused; None where they are not."""
    if not operation.conventions.refuses_unknown or operation.body is None:
        return None
    return frozenset(name for media in operation.body.content.values() for name in media.value_type.properties)


def _is_unchecked(rejection: Rejection, conventions: OperationConventions) -> bool:
    """Whether a server checks none of the rules for which a request would be refused."""
    if rejection.status != INVALID:
        return False
    rules = ((place_of_violation(one), one.keyword) for one in rejection.violations)
    return all(rule in conventions.unchecked for rule in rules)


def _status_by_rule(rejection: Rejection, refusals: Mapping[Place, str]) -> str:
    """The status of the rule that a server checks first: a value of another type cannot even be decoded."""
    first = min(rejection.violations, key=lambda one: one.keyword != "type")
    return refusals.get((place_of_violation(first), first.keyword)) or refusals.get(("", first.keyword), "")


def place_of_violation(violation: Violation) -> str:
    """The place of a value that breaks a rule, with a star for the index of any list: `body/tags/*`."""
    parts = ("*" if isinstance(part, int) else str(part) for part in violation.pointer)
    return "/".join((violation.where, *parts))


def _compile_conditions(operation: Operation, transition: Transition, dependencies: Dependencies) -> Conditions | None:
    """The conditions of an operation of a mock; None where the document has none, or of which no item is known."""
    if not dependencies.is_mock or transition.items is None:
        return None
    conditions = Conditions(operation, transition.items, dependencies.items)
    return conditions if conditions.is_any else None


@lru_cache(maxsize=1000)
def _challenges(challenges: tuple[str, ...]) -> HeaderFields:
    return tuple(("WWW-Authenticate", challenge) for challenge in challenges)


def _with_violations(outcome: Outcome, rejection: Rejection) -> Outcome:
    """The outcome of a request that was answered in spite of violations, with these in a header field."""
    response = outcome.response
    headers = (*response.headers, ("Lookalike-Violations", violations_field(rejection.violations)))
    return outcome._replace(response=response._replace(headers=headers), violations=rejection.violations)
