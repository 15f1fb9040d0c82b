"""The judge of recorded traffic: which exchanges break the contract, on which side, and what is left open.

It sends nothing and knows only what the record shows. Browsers leave credentials out of what they record, so these are
judged only where the record shows some of their kind. Nothing is judged that depends on items that someone else may
have changed in between.
"""

import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import response_for
from lookalike.http import SAFE, ObservedExchange, Request, Response
from lookalike.model.strictness import Strictness
from lookalike.readings import Choose
from lookalike.schema.validator import Violation
from lookalike.verify.attribution import clause_of
from lookalike.verify.clauses import (
    CREDENTIALS,
    DOCUMENTED,
    IMPLEMENTED,
    INVALID,
    clause_id,
    clauses_of,
    name_of,
    stated_operations,
)
from lookalike.verify.coverage import Coverage
from lookalike.verify.oracle.comparison import flaw_of
from lookalike.verify.oracle.normalisations import Normalisations
from lookalike.verify.oracle.open_readings import OpenReadings
from lookalike.verify.oracle.response_details import detail_flaw
from lookalike.verify.oracle.session import OracleSettings, Session, subject_of
from lookalike.verify.oracle.worlds import EXISTS, StateKnowledge, Unpredictable, World, distinct, possible_answers
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.results import (
    ClauseResult,
    ClauseStatus,
    Failure,
    OperationResult,
    ReadingResult,
    ReadingStatus,
    Report,
    exit_code_of,
    redacted,
    verdict_of,
)
from lookalike.verify.server.client import Budget, Client, NoResponse
from lookalike.verify.server.redaction import LEAST_SECRET
from lookalike.verify.server.target import Credentials, UsableItems
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import questions_of, resource_of
from lookalike.verify.traffic.base_url import BaseUrl, router_of
from lookalike.verify.traffic.bounded_counter import BoundedCounter
from lookalike.verify.traffic.credentials import lacks_credentials
from lookalike.verify.traffic.drift import DocumentDrift
from lookalike.verify.traffic.known_items import KnownItems
from lookalike.verify.traffic.unknown_state import CarefulModel, UnknownState

# Servers usually take what these rules forbid, and documents seldom mean them to be enforced on requests.
_LENIENT = {"readOnly", "additionalProperties", "unevaluatedProperties", "format", "uniqueItems"}
_SECRET = re.compile("auth|cookie|token|secret|key|pass|credential|session", re.IGNORECASE)
_UNAUTHORIZED = {401, 403}
_NOT_IMPLEMENTED = {405, 501}
_NOT_MODIFIED = 304  # the answer to a condition of the client, not of the operation (RFC 9110 section 13)
_MOST_FAILURES = 3  # of one clause that are shown with their exchanges
# The findings of one clause and resource that are kept, and the bytes of the bodies of all of them. The others are
# counted, so that a long record takes no more memory than a short one.
_MOST_KEPT, _MOST_BYTES = 20, 32 * 2**20
_MOST_NOTES = 1_000  # different requests that break the contract, and secrets
_NOWHERE = "http://server.invalid"  # where the record does not tell the origin, so that no request is shown
_OTHERS = ("other requests", "other reasons")
_NOT_SEEN = "no exchange with it was recorded"


class TrafficFinding(NamedTuple):
    """A breach of the contract in an exchange: by the client, or by the server, with the clause that it breaks.

    Where someone else writes to the items of a `resource`, it may be their work. `violations` are the rules that a
    client has broken.
    """

    exchange: ObservedExchange
    expected: str
    got: str
    clause: str = ""
    before: tuple[ObservedExchange, ...] = ()
    resource: str = ""
    violations: tuple[Violation, ...] = ()

    @property
    def is_of_client(self) -> bool:
        """Whether it is the request that breaks the contract."""
        return not self.clause


class _Replayed:
    """A server that gives the recorded answer."""

    def __init__(self) -> None:
        self.response: Response | None = None

    def send(self, request: Request) -> Response:
        """The recorded answer; raises `NoResponse` if none came."""
        if self.response is None:
            raise NoResponse("no answer was recorded")
        return self.response

    def read(self, request: Request) -> Response:
        """The same."""
        return self.send(request)


@dataclass(slots=True)
class _Count:
    """The number of exchanges that were judged by a clause, and of those that broke it."""

    judged: int = 0
    broken: int = 0


class TrafficJudge:
    """Judges the exchanges with one server, in their order; reads may lag behind writes for `settle` seconds.

    `seen` are the names of the security schemes whose credentials would be in the record if they had been sent.
    """

    def __init__(self, contract: Contract, base: BaseUrl, settle: float = 0.0, seen: Collection[str] = ()) -> None:
        self.findings: list[TrafficFinding] = []  # of the server, the first ones of each clause
        self._numbers: Counter[tuple[str, str]] = Counter()  # of all findings of the server, by clause and resource
        self._of_clients = BoundedCounter[tuple[str, str]](_MOST_NOTES)  # requests that break the contract, and why
        self._bytes = 0  # of the bodies in the findings
        self._secrets: dict[str, str] = {}  # credentials of the requests of findings, with their placeholders
        self._contract = contract
        self._base = base
        self._seen = frozenset(seen)
        self._started = time.monotonic()
        model = CarefulModel(contract, {}, Strictness(security=False, media_types=False))
        self._model = model
        self._router = router_of(contract)
        self._readings = OpenReadings(questions_of(contract, {}), {})
        self._items = KnownItems(contract, model, Normalisations(), settle)
        self._drift = DocumentDrift(contract)
        self._coverage = Coverage(contract)
        self._counts = {id: _Count() for id in clauses_of(contract)}
        self._statuses: Counter[int] = Counter()
        self._judged: set[str] = set()
        self._elsewhere = 0
        self._unproved: Counter[str] = Counter()  # differences in items to which someone else writes, by resource
        self._replayed = _Replayed()
        self._stated = {one.id: one for one in stated_operations(contract)}
        self._sessions: dict[str, Session] = {}

    def judge(self, exchange: ObservedExchange) -> tuple[TrafficFinding, ...]:
        """The findings of an exchange."""
        path = self._base.below(exchange)
        if path is None:
            self._elsewhere += 1
            return ()
        exchange = exchange._replace(request=exchange.request._replace(path=path))
        if exchange.response is not None:
            self._statuses[exchange.response.status] += 1
        found = tuple(self._found(exchange))
        for finding in found:
            self._keep(finding)
        return found

    @property
    def is_broken_by_clients(self) -> bool:
        """Whether any request broke the contract."""
        return bool(self._of_clients)

    def _keep(self, finding: TrafficFinding) -> None:
        """Count a finding, and keep it for the report unless there are many like it."""
        request = finding.exchange.request
        if len(self._secrets) < _MOST_NOTES:
            self._secrets |= _secrets_of(request)
        if finding.is_of_client:
            known = bool(self._router.match(request.path))
            note = (_line(finding.exchange).partition(" -> ")[0], finding.got) if known else ("", "")
            self._of_clients.count(note, _OTHERS)
            return
        kind = (finding.clause, finding.resource)
        self._numbers[kind] += 1
        is_first = self._numbers[kind] == 1
        if is_first or (self._numbers[kind] <= _MOST_KEPT and self._bytes < _MOST_BYTES):
            self.findings.append(finding)
            self._bytes += sum(one.size for one in (finding.exchange, *finding.before))

    def forget(self) -> None:
        """Take nothing for known of items any more, after a change whose effect is not."""
        self._items.forget()

    def _found(self, exchange: ObservedExchange) -> Iterator[TrafficFinding]:
        request, response = exchange.request, exchange.response
        match = self._router.match(request.path)
        overlapping = match.target.get("GET" if request.method == "HEAD" else request.method) if match else None
        if match is None or overlapping is None:
            if request.method not in SAFE:
                self._items.forget()
            if request.method != "OPTIONS":  # which browsers send by themselves, before requests to other origins
                self._drift.note_unknown(request.method, request.path, response.status if response is not None else 0)
                yield TrafficFinding(exchange, "a request to an operation of the document", "one that it does not have")
            return
        operation = overlapping.operations[overlapping.asked_for(request)]
        violations = self._violations(exchange)
        if violations:
            yield TrafficFinding(
                exchange,
                f"a request that {name_of(operation)} allows",
                "; ".join(dict.fromkeys(one.message for one in violations)),
                violations=violations,
            )
        if response is not None and response.status != _NOT_MODIFIED and request.method != "HEAD":
            self._coverage.note(operation, response)
            if "response.body" not in exchange.missing:
                self._drift.note(operation, request.body, response)
            yield from self._of_server(operation, exchange, response, violations)
        yield from self._of_items(operation, match.texts, exchange)

    def _of_items(
        self, operation: Operation, texts: tuple[str, ...], exchange: ObservedExchange
    ) -> Iterator[TrafficFinding]:
        """The findings of an exchange that shows what was written before."""
        of_list = self._items.listed(operation, texts, exchange)
        for followed in (self._items.follow(operation, texts, exchange), *of_list):
            finding = followed.finding
            if finding is not None and finding.resource in self._items.shared:
                self._unproved[finding.resource] += 1
                continue
            if followed.clause in self._counts:
                self._count(operation, followed.clause, finding is None)
            if finding is not None:
                write, resource = finding.write, finding.resource
                yield TrafficFinding(exchange, finding.expected, finding.got, finding.clause, (write,), resource)

    def _of_server(
        self, operation: Operation, exchange: ObservedExchange, response: Response, violations: tuple[Violation, ...]
    ) -> Iterator[TrafficFinding]:
        """The findings of a response by itself."""
        if operation.id in self._stated:
            yield from self._of_stated(operation, exchange, response)
            return
        got = f"status {response.status}"
        if "response.body" not in exchange.missing:
            flaw = flaw_of(operation, response, self._readings.certain)
            flaw = flaw or detail_flaw(self._contract, operation, response, exchange.request.body)
            clause = clause_id(operation, DOCUMENTED)
            self._count(operation, clause, not flaw)
            if flaw:
                yield TrafficFinding(exchange, flaw.expected, got, clause)
        if response.status in _NOT_IMPLEMENTED or response.status < 300:
            clause = clause_id(operation, IMPLEMENTED)
            self._count(operation, clause, response.status < 300)
            if response.status >= 300:
                yield TrafficFinding(exchange, f"an answer of {name_of(operation)}", got, clause)
        clause = clause_id(operation, CREDENTIALS)
        is_decided = response.status in _UNAUTHORIZED or response.status < 300
        if is_decided and clause in self._counts and lacks_credentials(operation, exchange.request, self._seen):
            self._count(operation, clause, response.status >= 300)
            if response.status < 300:
                yield TrafficFinding(exchange, "a refusal (401 or 403), since no credentials were sent", got, clause)
        enforced = [one for one in violations if one.keyword not in _LENIENT]
        clause = clause_id(operation, INVALID)
        if enforced and clause in self._counts and response.status not in _UNAUTHORIZED and response.status < 500:
            self._count(operation, clause, response.status >= 300)
            if response.status < 300:
                yield TrafficFinding(exchange, f"a refusal, since {enforced[0].message}", got, clause)

    def _of_stated(
        self, operation: Operation, exchange: ObservedExchange, response: Response
    ) -> Iterator[TrafficFinding]:
        """The findings of a response by the clauses of the document, in all worlds that explain those before.

        Of the items, nothing is carried over from one exchange to the next: someone else may have changed them.
        """
        if exchange.missing or response.status in _UNAUTHORIZED:
            return
        # What every world allows comes first: of items that are not known, no world predicts the response.
        flaw = flaw_of(operation, response, self._readings.certain)
        if flaw:
            answer = response_for(operation.responses, str(response.status))
            answer = answer or response_for(operation.responses, operation.success_status)
            clause = next(iter(answer.clauses if answer is not None else ()), "") or name_of(operation)
            self._count(operation, clause, is_held=False)
            yield TrafficFinding(exchange, flaw.expected, f"status {response.status}", clause)
            return
        session, identity = self._session(operation)
        self._replayed.response = response
        judged = session.step(exchange.request)
        session.worlds = distinct(World(_without_facts(world), ()) for world in session.worlds)
        answer = response_for(operation.responses, str(response.status))
        clauses = {*(answer.clauses if answer is not None else ())} & self._counts.keys()
        if judged.finding is None:
            for clause in clauses:
                self._count(operation, clause, is_held=True)
            return
        wrong = judged.finding
        builder = RequestBuilder(operation, UsableItems(), Credentials(""), identity)
        clause = clause_of(builder, wrong, exchange.request, response) or next(iter(clauses), "")
        self._count(operation, clause, is_held=False)
        yield TrafficFinding(exchange, wrong.expected, wrong.got, clause or name_of(operation))

    def _session(self, operation: Operation) -> tuple[Session, str]:
        resource, identity = resource_of(self._contract, operation)
        if resource not in self._sessions:
            model = CarefulModel(self._contract, {}, Strictness(security=False))
            subject = subject_of(self._contract, resource, identity, ())
            settings = OracleSettings(model, subject, StateKnowledge({}), questions_of(self._contract, {}))
            self._sessions[resource] = Session(settings, self._replayed, None, [World({}, ())])
        return self._sessions[resource], identity

    def _violations(self, exchange: ObservedExchange) -> tuple[Violation, ...]:
        """The rules that a request breaks under any readings; none if it is not known as a whole.

        A cookie or a secret that is missing may be one that the recorder left out.
        """
        if "request.body" in exchange.missing:
            return ()
        try:
            branches = self._readings.predict(partial(self._refusal, exchange.request))
        except Unpredictable:
            return ()
        first = branches[0].value
        if not all(branch.value for branch in branches):
            return ()
        return tuple(
            one for one in first if one.where != "cookie" and not any(_SECRET.search(str(part)) for part in one.pointer)
        )

    def _refusal(self, request: Request, choose: Choose) -> tuple[Violation, ...]:
        try:
            outcome = self._model.respond(UnknownState(), request, choose)
        except Unpredictable:
            return ()
        return outcome.violations if 400 <= outcome.response.status < 500 else ()

    def _count(self, operation: Operation, clause: str, is_held: bool) -> None:
        self._judged.add(operation.id)
        count = self._counts.setdefault(clause, _Count())
        count.judged += 1
        count.broken += not is_held

    # The report

    def report(self, problems: Iterable[str] = ()) -> Report:
        """The report on all exchanges so far; `problems` are sentences about the record, for its notes."""
        self._withdraw_unproved()
        client = Client(f"{self._base.origin or _NOWHERE}{self._base.path}", ConnectionSettings({}), Budget())
        client.hide(self._secrets)
        failures = tuple(self._failures(client))
        clauses = tuple(self._clause_result(id) for id in clauses_of(self._contract))
        operations = tuple(self._operation_results())
        problem = "" if self._judged else _nothing_judged(self._base, sum(self._statuses.values()), self._elsewhere)
        exit_code = exit_code_of(interrupted=False, failures=failures, problem=problem)
        report = Report(
            url=f"{self._base.origin}{self._base.path}",
            document=self._contract.document.title,
            verdict=verdict_of(exit_code),
            exit_code=exit_code,
            clauses=clauses,
            readings=tuple(self._reading_results()),
            failures=failures,
            requests=sum(self._statuses.values()),
            seconds=time.monotonic() - self._started,
            seed=None,
            problem=problem,
            statuses=dict(sorted(self._statuses.items())),
            operations=operations,
            coverage=self._coverage.fraction,
            notes=(*self._client_notes(), *self._drift.notes(), *self._other_notes(), *problems),
        )
        return redacted(report, client.redacted)

    def _failures(self, client: Client) -> Iterator[Failure]:
        shown: Counter[str] = Counter()
        for finding in self.findings:
            shown[finding.clause] += 1
            if shown[finding.clause] > _MOST_FAILURES:
                continue
            exchanges = (*finding.before, finding.exchange)
            story = tuple(client.shown(one.request, one.response) for one in exchanges if one.response is not None)
            title = f"exchange {finding.exchange.number}: {_line(finding.exchange)}"
            yield Failure(finding.clause, title, story, finding.expected, finding.got, 0, 0)

    def _clause_result(self, id: str) -> ClauseResult:
        clause, count = clauses_of(self._contract)[id], self._counts[id]
        status = ClauseStatus.VIOLATED if count.broken else ClauseStatus.HELD if count.judged else None
        reason = f"broken by {count.broken} of {count.judged} exchanges" if count.broken else ""
        reason = reason if status is not None else "no recorded exchange is about it"
        return ClauseResult(
            id, clause.statement, clause.sources, status or ClauseStatus.NOT_EXERCISED, count.judged, reason
        )

    def _operation_results(self) -> Iterator[OperationResult]:
        for one in self._contract.operations:
            is_sent, is_judged = one.id in self._coverage.sent, one.id in self._judged
            reason = "" if is_judged else _NOT_SEEN if not is_sent else "no clause could be judged by what was recorded"
            yield OperationResult(one.id, one.method, one.path, is_sent, is_judged, reason)

    def _reading_results(self) -> Iterator[ReadingResult]:
        session = next(iter(self._sessions.values()), None)
        for id, reading in self._contract.readings.items():
            left = (
                possible_answers(session.worlds, session.setting.questions, id)
                if session is not None
                else self._readings.possible(id)
            )
            status = ReadingStatus.DECIDED if len(left) == 1 else ReadingStatus.UNDECIDED
            yield ReadingResult(id, reading.question, status, " | ".join(left))

    def _client_notes(self) -> Iterator[str]:
        """A sentence for each way in which requests break the contract, with how often they do."""
        for (line, got), count in self._of_clients.items():
            if line:
                yield f"a request breaks the contract: {line}: {got} ({count}x)"

    def _withdraw_unproved(self) -> None:
        """Take back findings about items to which someone else was seen to write later in the record."""
        withdrawn = [kind for kind in self._numbers if kind[1] in self._items.shared]
        for clause, resource in withdrawn:
            number = self._numbers.pop((clause, resource))
            self._unproved[resource] += number
            self._counts[clause].judged -= number
            self._counts[clause].broken -= number
        if withdrawn:
            self.findings = [one for one in self.findings if one.resource not in self._items.shared]

    def _other_notes(self) -> Iterator[str]:
        for resource, number in self._unproved.items():
            yield (
                f"{resource}: someone else wrote to its items during the record, so {number} that differ from what "
                "was written prove nothing"
            )
        if self._elsewhere:
            yield f"exchanges with other servers or paths, which were not judged: {self._elsewhere}"


def _without_facts(world: World) -> dict[str, str]:
    return {question: answer for question, answer in world.choices.items() if not question.startswith(EXISTS)}


def _line(exchange: ObservedExchange) -> str:
    request = exchange.request
    status = exchange.response.status if exchange.response is not None else "no answer"
    return f"{request.method} {request.path} -> {status}"


def _nothing_judged(base: BaseUrl, below: int, elsewhere: int) -> str:
    others = f"; {elsewhere} exchanges are with other servers or paths" if elsewhere else ""
    if not base.origin:
        where = f"below {base.path or '/'} was recorded{others}; name where the operations are with --url"
        return f"no exchange with an operation of the document {where}"
    of_operations = " and an operation of the document" if below else ""
    return f"no exchange with {base.origin}{base.path}{of_operations} was recorded{others}"


def _secrets_of(request: Request) -> dict[str, str]:
    """The credentials in the header of a request, with their placeholders."""
    parts = (value.partition(" ") for name, value in request.headers.items() if _SECRET.search(name))
    secrets = (token or scheme for scheme, _, token in parts)
    return {secret: "$TOKEN" for secret in secrets if len(secret) >= LEAST_SECRET}
