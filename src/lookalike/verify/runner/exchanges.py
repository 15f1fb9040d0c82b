"""The exchanges of a story: requests are sent, and their answers compared with the predictions of the model."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote

from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.contract.routing import plain_path
from lookalike.http import SAFE, Headers, Request, Response
from lookalike.json_values import ABSENT
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Delete
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.comparison import Comparison, Flaw, flaw_of, value_of
from lookalike.verify.oracle.response_details import detail_flaw
from lookalike.verify.oracle.tracked_items import CreatedItems, TrackedItems
from lookalike.verify.oracle.worlds import Branch, Unpredictable
from lookalike.verify.requests.encoder import NotEncodable, ParameterValues, decode_body
from lookalike.verify.requests.item_bodies import item_sent
from lookalike.verify.roles import (
    IF_MATCH,
    created_by,
    fits_with_item,
    shown_members,
    unasked_members,
    write_only_members,
)
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.server.client import NoResponse
from lookalike.verify.server.observer import poll_until

GONE = {404, 410}
ANY_TAG = "*"
PRECONDITION_REQUIRED = 428
_ABOUT_THE_INPUT = {400, 422}
_IDEMPOTENCY = "idempotency-key"
_IDEMPOTENT = "idempoten"  # in the names of such headers, which vary


class StepResult(NamedTuple):
    """An exchange: an operation, the request, the answer and its JSON value, and what the model predicts."""

    operation: Operation
    request: Request
    response: Response
    value: Any
    due: Outcome

    @property
    def is_success(self) -> bool:
        """Whether the request was accepted."""
        return 200 <= self.response.status < 300

    @property
    def got(self) -> str:
        """The answer in words."""
        return f"status {self.response.status}"


class UndocumentedAnswer(NamedTuple):
    """An answer that the document does not allow, its flaw, and how many requests had been sent by then."""

    operation: Operation
    flaw: Flaw
    got: str
    length: int


class StoryExchanges:
    """The exchanges of one story: requests are written, predicted by the model, sent, and compared.

    `exchanges` are those so far, and `flaws` the answers that the document does not allow. `known` are the items that
    the model predicts from, and `created` those that the story has to delete in the end.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.choose = environment.readings.choose
        self.known = TrackedItems(environment.model, self.choose)
        self.created = CreatedItems()
        self.exchanges: list[tuple[Request, Response]] = []
        self.flaws: list[UndocumentedAnswer] = []

    def ask(self, operation: Operation, request: Request, refused: bool = False) -> StepResult:
        """Send a request; note what the document does not allow of the answer, unless it ought to be `refused`."""
        branches = self.predict(request)
        operation = self._decided_operation(operation, branches[0].value)
        self.before_sending(operation, request, refused)
        started = time.monotonic()
        try:
            response = self.environment.client.send(request)
        except NoResponse:
            self._note_unanswered(operation)
            raise
        if response.status == PRECONDITION_REQUIRED and not refused:
            request, response = self.with_current_tag(operation, request, response)
        self.environment.durations.setdefault(operation.id, []).append(time.monotonic() - started)
        self.count(operation, request, response)
        self._note_write(operation, request, response)
        step = StepResult(operation, request, response, value_of(response), self._consistent(branches, response))
        self._note_success(step)
        self._note_deleted(step)
        so_far = [one for one, _ in self.exchanges]
        flaw = flaw_of(operation, response, self.environment.readings.certain, so_far)
        flaw = flaw or detail_flaw(self.environment.contract, operation, response, request.body)
        if flaw and not (refused and response.status >= 500):
            self.flaws.append(UndocumentedAnswer(operation, flaw, step.got, len(self.exchanges)))
        return step

    def comparison(self, operation: Operation, resource: str, answer: Any = ABSENT) -> Comparison:
        """The terms by which the item that an operation shows, in an `answer` if there is one, is compared."""
        environment, contract = self.environment, self.environment.contract
        return Comparison(
            environment.normalisations,
            resource,
            shown_members(contract, operation),
            write_only_members(environment.roles[resource]),
            unasked_members(contract, operation),
            partial(fits_with_item, operation, answer) if answer is not ABSENT else None,
        )

    def before_sending(self, operation: Operation, request: Request, refused: bool) -> None:
        """Called with each request once its answer is predicted; it ought to be `refused`, or not."""

    def _note_success(self, step: StepResult) -> None:
        """Note which of its documented successes an operation answers with.

        One may depend on the request, as 200 or 201 of a PUT: an operation that keeps to none is not accused.
        """
        if step.is_success:
            self.note_choice(f"{step.operation.name}.success", str(step.response.status))

    def _note_deleted(self, step: StepResult) -> None:
        """Forget an item that a procedure deleted: asked again, it may refuse in any way, not just by 404."""
        operation = step.operation
        if step.is_success and operation.method != "DELETE" and step.response.status != 202:
            deletions = (change for change in step.due.changes if isinstance(change, Delete))
            self.known.apply(one for one in deletions if self.environment.roles[one.resource].delete is operation)

    def with_current_tag(self, operation: Operation, request: Request, refused: Response) -> tuple[Request, Response]:
        """The request again with the current entity tag, which a 428 asks for (RFC 6585 section 3), and its answer."""
        if IF_MATCH not in operation.parameters or IF_MATCH[1] in request.headers:
            return request, refused
        self.count(operation, request, refused)
        fields = {name: text for name, text in request.headers.items() if name != "content-type"}
        read = request._replace(method="GET", query="", headers=Headers(fields), body=b"")
        tag = self.environment.client.read(read).header("ETag") or ANY_TAG
        again = request._replace(headers=Headers({**request.headers, IF_MATCH[1]: tag}))
        return again, self.environment.client.send(again)

    def _note_write(self, operation: Operation, request: Request, response: Response) -> None:
        """Note that a request may have created an item: all but a refusal may, an error too."""
        created, ledger = created_by(self.environment.roles, operation), self.environment.ledger
        resource = created or (operation.selector.resource if operation.selector else "")
        if resource and operation.method not in SAFE and not 300 <= response.status < 500:
            ledger.written.add(resource)
        if created and (response.status == 202 or response.status >= 500):
            ledger.uncertain.add(created)
            ledger.failed[created] += response.status >= 500
        if created and response.status in _ABOUT_THE_INPUT and not self._is_marked(request):
            ledger.refused.setdefault(created, []).append(self.item_sent(operation, request))

    def _note_unanswered(self, operation: Operation) -> None:
        """Note that a request without an answer may have created an item, as one with an error."""
        created, ledger = created_by(self.environment.roles, operation), self.environment.ledger
        if created:
            ledger.written.add(created)
            ledger.uncertain.add(created)
            ledger.failed[created] += 1

    def item_sent(self, operation: Operation, request: Request) -> dict[str, Any]:
        """The item in the body of a request; empty where that has none, or is broken on purpose."""
        media = self.environment.values.media(operation)
        if media is None or not request.body:
            return {}
        try:
            return item_sent(operation, decode_body(request.body, media))
        except ValueError:
            return {}

    def _is_marked(self, request: Request) -> bool:
        return bool(self.environment.values.marks.in_value(request.body.decode("utf-8", "replace")))

    def _decided_operation(self, operation: Operation, due: Outcome) -> Operation:
        """The operation that a request is for in the end: of several on its path, its values may name another."""
        if due.operation in ("", operation.id):
            return operation
        return next((one for one in self.environment.contract.operations if one.id == due.operation), operation)

    def eventually(self, check: Callable[[], object]) -> None:
        """Check what is read, again where reads may lag behind; what came too early is left out of the story."""
        sent, flaws = len(self.exchanges), len(self.flaws)

        def look() -> ClauseBroken | NotObservable | Skipped | None:
            if len(self.flaws) == flaws:
                del self.exchanges[sent:]
            try:
                check()
            except (ClauseBroken, Skipped, NotObservable) as wrong:
                return wrong
            return None

        wrong = poll_until(look, lambda found: found is None, self.environment.settle)
        if wrong is not None:
            raise wrong

    def predict(self, request: Request) -> list[Branch[Outcome]]:
        """The predictions of the model, one for each combination of open readings that makes a difference.

        Raises `Skipped` where the server shows too little of its items for a prediction.
        """
        try:
            return self.environment.readings.predict(partial(self.environment.model.respond, self.known, request))
        except KeyError as error:
            raise Skipped(f"no answer shows the member {error}, which the next request needs") from None
        except Unpredictable as reason:
            raise Skipped(str(reason)) from None

    def due(self, request: Request) -> Outcome:
        """The prediction under the first of the choices that are left; raises `Skipped`."""
        return self.predict(request)[0].value

    def refusal(self, request: Request) -> Outcome | None:
        """The prediction, if the request is refused as invalid under every choice that is left; raises `Skipped`."""
        outcomes = [branch.value for branch in self.predict(request)]
        refused = all(400 <= one.response.status < 500 and one.response.status != 404 for one in outcomes)
        return outcomes[0] if refused else None

    def is_open(self, request: Request) -> bool:
        """Whether the choices that are left differ in whether they accept a request; raises `Skipped`."""
        return len({branch.value.response.status < 400 for branch in self.predict(request)}) > 1

    def _consistent(self, branches: list[Branch[Outcome]], response: Response) -> Outcome:
        """The prediction that goes with an answer; a success rules out the choices under which it is refused.

        A refusal may have another reason than a reading, but for the 404 that one alone predicts.
        """
        accepting = [branch for branch in branches if branch.value.response.status < 400]
        fitting = accepting if response.status < 300 else []
        if response.status in GONE and accepting and self._are_builtin(branches):
            fitting = [branch for branch in branches if branch.value.response.status in GONE]
        if fitting and len(fitting) < len(branches):
            self._keep(fitting)
        return (fitting or branches)[0].value

    def _are_builtin(self, branches: Iterable[Branch[Outcome]]) -> bool:
        """Whether predictions differ by built-in readings alone."""
        return all(reading in self.environment.open_readings for one in branches for reading in one.choices)

    def _keep(self, branches: Sequence[Branch[Any]]) -> None:
        """Rule out all worlds but those of some predictions; the last exchange is the evidence of what that decides."""
        readings = self.environment.readings
        open_before = {id for one in branches for id in one.choices if len(readings.possible(id)) > 1}
        readings.keep(branches)
        for id in sorted(one for one in open_before if len(readings.possible(one)) == 1):
            shown = self.environment.client.shown(*self.exchanges[-1])
            self.environment.evidence.setdefault(id, f"{shown.curl} -> {shown.status}")

    def follows(self, reading: str, choice: str) -> bool:
        """Whether the server may follow a choice of a built-in reading that the last answer shows.

        Where reads may lag behind, they show choices that do not last: the reading is then given up.
        """
        environment = self.environment
        if choice not in environment.open_readings.get(reading, ()) or reading in environment.readings.unknown:
            return True
        if choice in environment.readings.possible(reading):
            self._keep([Branch({reading: choice}, None)])
            return True
        if environment.settle:
            environment.readings.give_up(reading)
        return bool(environment.settle)

    def note_choice(self, reading: str, choice: str) -> None:
        """Note a choice that the last answer shows of a reading that nothing is judged by; it may change in a run."""
        if not self.follows(reading, choice):
            self.environment.readings.give_up(reading)

    def write(
        self,
        operation: Operation,
        values: ParameterValues,
        body: Any = ABSENT,
        guarded: bool = True,
        media: MediaType | None = None,
    ) -> Request:
        """A request, its body in JSON or as a form, or in another media type; raises `Skipped`."""
        media = media or self.environment.values.media(operation)
        try:
            request = self.environment.writer.request(operation, values, body, media, guarded)
        except NotEncodable as error:
            raise Skipped(str(error)) from None
        return self._with_own_idempotency_key(request)

    def write_with(
        self, operation: Operation, values: ParameterValues, body: Any, tokens: Mapping[str, str]
    ) -> Request:
        """A request with other credentials than the valid ones, by scheme; raises `Skipped`."""
        encoder, media = self.environment.writer.sending(tokens), self.environment.values.media(operation)
        try:
            request = encoder.request(operation, values, body, media)
        except NotEncodable as error:
            raise Skipped(str(error)) from None
        return self._with_own_idempotency_key(request)

    def _with_own_idempotency_key(self, request: Request) -> Request:
        """The request with an idempotency key of its own, if it has one.

        A server answers a request whose key it knows with a stored response, and does nothing
        (draft-ietf-httpapi-idempotency-key-header, section 2).
        """
        name = next((name for name in request.headers if _IDEMPOTENT in name), _IDEMPOTENCY)
        key = request.headers.get(name) or self.environment.client.headers.get(name)
        if key is None or request.method in SAFE:
            return request
        created = self.environment.values.idempotency_key(key)
        return request._replace(headers=Headers({**request.headers, name: created}))

    @property
    def is_accepted(self) -> bool:
        """Whether the server has accepted any request of the run."""
        return self.environment.is_accepted

    def count(self, operation: Operation, request: Request, response: Response) -> None:
        """Count an exchange, and note which item a DELETE deleted."""
        self.exchanges.append((request, response))
        self.created.note(request, response)
        self.environment.statuses[response.status] += 1
        self.environment.coverage.note(operation, response)


def path_values(step: StepResult) -> dict[tuple[str, str], Any]:
    """The values of the path parameters of a request."""
    parts = zip(plain_path(step.operation.path).split("/"), step.request.path.split("/"), strict=True)
    return {
        ("path", name[1:-1]): unquote(value) for name, value in parts if name.startswith("{") and name.endswith("}")
    }
