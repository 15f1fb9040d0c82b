"""The mock as a service: one model and one store, with a journal of the requests that were answered.

This is the place where decisions meet effects. The model decides and changes nothing; the store commits what was
decided, or nothing of it, before any other request sees the state.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from lookalike.callbacks.deliveries import (
    DELIVERY,
    MOST_DELIVERIES,
    Deliveries,
    Delivery,
    MemoryDeliveries,
    StoredDeliveries,
)
from lookalike.callbacks.outgoing import Callbacks
from lookalike.callbacks.sender import CallbackSender
from lookalike.editable_state import EditableState, deletions, items_by_resource
from lookalike.errors import SandboxError, UsageError
from lookalike.faults.plan import FIELD, FaultInjector, FaultPlan
from lookalike.faults.rules import REAL, read_fault
from lookalike.faults.settings import FaultSettings
from lookalike.http import Request, Response
from lookalike.journal import (
    DEFAULT_SIZE,
    JOURNAL_LENGTH,
    ExchangeJournal,
    JournalEntry,
    MockJournal,
    StoredJournal,
    any_entry,
)
from lookalike.json_values import format_pointer
from lookalike.model.behaviour import Model
from lookalike.model.request.security import INVALID_TOKEN_CHALLENGE
from lookalike.model.response.outcome import Outcome
from lookalike.model.seeds import seed_problems, seeds
from lookalike.model.state import Change, Decision, Delete, Put, State
from lookalike.oauth.grants import NO_SIGN_INS, SignIns, is_revoked
from lookalike.oauth.server import Answer
from lookalike.pacing import TakesLong, at_length, is_beside, without_limit
from lookalike.readings import Choose
from lookalike.replays import MOST_REPLAYS, REPLAY, Replays
from lookalike.snapshots import MemorySnapshots, MockClock, Snapshot, Snapshots, StoredSnapshots, as_data, read_snapshot
from lookalike.stores.memory import InitialItems
from lookalike.stores.records import Records
from lookalike.stores.store import Store, Update

if TYPE_CHECKING:  # most documents have no webhooks
    from lookalike.callbacks.webhooks import Webhooks
    from lookalike.contract.webhooks import WebhookTarget

T = TypeVar("T")
D = TypeVar("D", bound=Decision)

_CURRENT = "the current state"
_FAULT_FIELD = FIELD.lower()
_MAX_SNAPSHOTS = 100  # of a sandbox
_MOST_RECORDS = {REPLAY: MOST_REPLAYS, DELIVERY: MOST_DELIVERIES}
_NO_RULES: Mapping[str, Any] = {}


class _Handled(NamedTuple):
    """A request at the time of the mock's clock, its outcome, and whether it was decided now, not before."""

    request: Request
    outcome: Outcome
    is_new: bool


class InitialConfiguration(NamedTuple):
    """The configuration that a mock starts with: model, choice for each reading, and the data with its name.

    `items` are those of the data, checked.
    """

    model: Model
    choices: Mapping[str, str]
    data: Any
    data_name: str
    items: InitialItems


def initial(model: Model, choices: Mapping[str, str], data: Any, data_name: str = "data") -> InitialConfiguration:
    """The configuration of a mock; raises `UsageError` if the data do not fit the model."""
    items = InitialItems(seeds(model, data, choices.__getitem__, data_name))
    return InitialConfiguration(model, choices, data, data_name, items)


class MockService(EditableState):
    """A server that keeps a contract: one model, one store, and one choice for each reading.

    `choices` is the choice in force by reading. `credentials` holds, by security scheme, a token that is `valid`, one
    that is `expired` and one that is `revoked`, as far as there are any. A mock has one such service for each sandbox.
    """

    def __init__(  # noqa: PLR0913  # the parts that `assembly` puts together
        self,
        model: Model,
        store: Store,
        choices: Mapping[str, str],
        data: Any,
        data_name: str = "data",
        *,
        journal_size: int = DEFAULT_SIZE,
        items: InitialItems | None = None,
        name: str = "default",
        faults: Mapping[str, Any] = _NO_RULES,
    ) -> None:
        """A service in its initial state; `items` are those of the data, where they were checked before.

        `name` is that of the sandbox, and `faults` are the fault rules, by name, that every sandbox starts with.
        """
        self.credentials: Mapping[str, Mapping[str, str]] = {}
        self.callbacks: CallbackSender | None = None  # only of contracts that have any
        self._sign_ins = NO_SIGN_INS
        self._set_targets: tuple[WebhookTarget, ...] | None = None  # where webhooks go, if that was set since the start
        self._faults = FaultSettings(name, faults)
        self._store = store
        records = self._records = store.records
        self._journal_size = journal_size
        self._journal: ExchangeJournal = (
            MockJournal(journal_size) if records is None else StoredJournal(records, journal_size)
        )
        self._clock: MockClock | None = None
        self._snapshots: Snapshots | None = (
            None if records is None else StoredSnapshots(records)
        )  # few sandboxes ever have one
        self._deliveries: Deliveries = MemoryDeliveries() if records is None else StoredDeliveries(records)
        self._replays: Replays | None = None
        if items is None:
            self._configure(initial(model, dict(choices), data, data_name))
        else:
            self._configure(InitialConfiguration(model, choices, data, data_name, items))
        self._faults = self._faults.under(model.contract)
        self._store.begin(self._initial.items, self._take_up)
        self._store.read(_nothing)  # by which it follows the settings of an earlier run

    def branch(self, name: str, store: Store, journal_size: int = DEFAULT_SIZE) -> "MockService":
        """The sandbox of a name: the same contract in its initial state, with a store and a journal of its own."""
        model, choices, data, data_name, items = self._initial
        other = MockService(
            model,
            store,
            choices,
            data,
            data_name,
            journal_size=journal_size,
            items=items,
            name=name,
            faults=self._faults.at_start,
        )
        other.credentials = self.credentials
        other.callbacks = self.callbacks
        return other

    def _configure(self, initial: InitialConfiguration, choices: Mapping[str, str] | None = None) -> None:
        fields = initial.model.idempotency_fields
        self._replays = Replays(fields, self._records) if fields else None
        self._initial = initial
        self.model = initial.model
        self.choices = initial.choices if choices is None else choices
        self.choose: Choose = self.choices.__getitem__

    def _refused(self, operation: str, status: int, text: str) -> Outcome:
        return self.model.forced(operation, status, text, self.choose)

    def handle(self, request: Request) -> Response:
        """The response to a request, whose path is below the base path of the contract."""
        if self._records is not None:
            return self._handle_together(request, self._records)
        return self._handle(request) if self._replays is None else self._handle_once(request, self._replays)

    def _handle(self, request: Request) -> Response:
        decide = partial(self._decide, request)
        try:
            try:
                outcome = self._store.transact(decide)
            except TakesLong:
                outcome = at_length(partial(self._decide_at_length, request, decide))
            if self.callbacks is not None:
                self._call_back(self.callbacks, self._timed(request), outcome)
        except SandboxError as error:
            return self._refuse_for_now(request, error)
        if self._replays is not None:
            self._replays.keep(request, outcome.usual or outcome)
        return self.record(request if self._clock is None else self._timed(request), outcome)

    def _handle_once(self, request: Request, replays: Replays) -> Response:
        """The response to a request; if it was sent before with the same idempotency key, that of the first time."""
        if is_beside():  # what is made on first use is made before the lock is taken, for which others wait
            at_length(partial(self._store.transact_at_length, partial(self._prepare, request)))
        with replays.lock:
            earlier = replays.outcome(request, self._refused)
            return self._handle(request) if earlier is None else self.record(request, earlier)

    def _prepare(self, request: Request, state: State) -> Update[None]:
        """Decide a request, and change nothing."""
        self.model.respond(state, self._timed(request), self.choose)
        return Update(None)

    def _handle_together(self, request: Request, records: Records) -> Response:
        """The response to a request, whose journal entry and idempotency record are committed with its changes."""
        decide = partial(self._decide_once, request)

        def work() -> Update[_Handled]:
            handled = self._store.transact(decide)
            self._journal.record(*handled.result[:2])
            return handled

        try:
            try:
                (timed, outcome, is_new), _ = self._store.together(work)
            except TakesLong:
                (timed, outcome, is_new), _ = at_length(partial(self._decide_at_length, request, decide))
                self.record(timed, outcome)  # apart, since a write would make a long look at the state meet others
        except SandboxError as error:
            return self._refuse_for_now(request, error)
        if self.callbacks is not None and is_new:
            self._call_back(self.callbacks, timed, outcome)
        records.tidy(JOURNAL_LENGTH, self._journal_size, _MOST_RECORDS)
        return outcome.response

    def _call_back(self, callbacks: CallbackSender, request: Request, outcome: Outcome) -> None:
        """Send the callbacks and webhooks that a request leads to, once it is committed."""
        callbacks.follow(self.model.contract, request, outcome, self._deliveries, self._webhook_targets_of)

    def _webhook_targets_of(self, webhooks: "Webhooks") -> "Sequence[WebhookTarget]":
        """The targets of webhooks: the URLs that are set, and those that clients subscribed by the document itself."""
        own = self.webhook_targets
        if webhooks.has_subscriptions:
            with suppress(SandboxError):  # the store cannot be reached any more, and the change is committed
                return *own, *self._store.read(webhooks.subscribed)
        return own

    def _decide_once(self, request: Request, state: State) -> "Update[_Handled]":
        """The outcome of a request; if it was sent before with the same idempotency key, that of the first time."""
        replays = self._replays
        replayed = None if replays is None else replays.outcome(request, self._refused)
        outcome = self._decide(request, state) if replayed is None else replayed
        if replays is not None and replayed is None:
            replays.keep(request, outcome.usual or outcome)
        return Update(_Handled(self._timed(request), outcome, replayed is None), outcome.changes)

    def _decide(self, request: Request, state: State) -> Outcome:
        # Within the transaction, since the store may find that another process has set the clock or the faults.
        if self._faults.plan is None and not self._sign_ins.spent and _FAULT_FIELD not in request.headers:
            timed = request if self._clock is None else self._timed(request)
            return _with_items_before(state, self.model.respond(state, timed, self.choose))
        return _with_items_before(state, self._respond_with_faults(state, self._timed(request)))

    def _decide_at_length(self, request: Request, decide: Callable[[State], D]) -> D:
        """The decision about a request that takes long, during which others are answered."""
        # Faults count requests, which is an effect, so these are decided once, after a look that is kept.
        has_effects = self._faults.plan is not None or self._sign_ins.spent or _FAULT_FIELD in request.headers
        if has_effects:
            self._store.transact_at_length(partial(self._prepare, request))
        return (self._store.transact if has_effects else self._store.transact_at_length)(decide)

    def _refuse_for_now(self, request: Request, error: SandboxError) -> Response:
        """The response to a request that the store could not commit."""
        response = self.refuse(request, error.status, str(error))
        again = (("Retry-After", "1"),) if error.status == 503 else ()
        return response._replace(headers=(*response.headers, *again))

    def together(self, work: Callable[[], T]) -> T:
        """The result of a function, all of whose reads and changes are one transaction where processes share the store.

        It may be called again where another process was faster.
        """
        return work() if self._records is None else self._store.together(work)

    def catch_up(self) -> None:
        """Follow the settings that other processes kept; raises `SandboxError` if the store cannot be reached."""
        if self._records is not None:
            self._store.read(_nothing)

    def _respond_with_faults(self, state: State, request: Request) -> Outcome:
        """The outcome of a request with the faults of the rules, and that of its own header field.

        A token that was revoked is refused first.
        """
        outcome = self._unless_revoked(request, self.model.respond(state, request, self.choose))
        try:
            text = request.headers.get(_FAULT_FIELD)
            asked = REAL if text is None else read_fault(text)
        except UsageError as error:
            return self.model.forced(outcome.operation, 400, str(error), self.choose)
        outcome, plan = FaultInjector(self.model, self.choose).inject(
            self._faults.plan or FaultPlan(), request, outcome, asked
        )
        if self._faults.plan is not None:
            self._faults = self._faults.counted(plan)
            self._keep_settings()  # in the same transaction, so that no process counts a request twice
        return outcome

    def _unless_revoked(self, request: Request, outcome: Outcome) -> Outcome:
        """The outcome of a request, or its refusal where the operation needs credentials and these were revoked."""
        spent = self._sign_ins.spent
        credentials = self.model.credentials_of(request, self.choose) if spent else ""
        if not credentials or not self.model.is_secured(outcome.operation) or not is_revoked(credentials, spent):
            return outcome
        challenge = (("WWW-Authenticate", INVALID_TOKEN_CHALLENGE),)
        return self.model.forced(outcome.operation, 401, "the token was revoked", self.choose, challenge)

    def sign_in(self, request: Request, respond: Callable[[Request, SignIns], Answer]) -> Response:
        """The response of an authorization server to a request, by the clock and the sign-ins of this sandbox."""

        def decide(state: State) -> Update[Response]:
            response, sign_ins = respond(self._timed(request), self._sign_ins)
            if sign_ins is not self._sign_ins:
                self._sign_ins = sign_ins
                self._keep_settings()  # in the same transaction, so that no code is used twice
            return Update(response)

        return self._store.transact(decide).result

    def preview(self, request: Request) -> Outcome:
        """The outcome of a request in the present state; its changes are not kept, and the journal has no entry."""
        if self._clock is not None:
            request = self._timed(request)
        return self._store.read(lambda state: self.model.respond(state, request, self.choose))

    def _timed(self, request: Request) -> Request:
        """The request at the time that the clock shows."""
        return request if self._clock is None else request._replace(at=self._clock.time(request.at))

    def refuse(self, request: Request, status: int, why: str) -> Response:
        """The error response to a request that is refused before the model sees it, recorded like any other."""
        # The form of errors is made once, by the first of them; a refusal is not decided again beside.
        return self.record(request, without_limit(partial(self.model.error, status, why, self.choose)))

    def record(self, request: Request, outcome: Outcome) -> Response:
        """The response of an outcome, which is written to the journal."""
        try:
            self._journal.record(request, outcome)
        except SandboxError:  # the store cannot be reached, which is no reason to answer nothing
            return outcome.response
        return outcome.response

    def reset(self) -> None:
        """Go back to the initial items, readings, time, faults and sign-ins, and clear the journal."""
        self.together(self._reset)

    def _reset(self) -> None:
        self._configure(self._initial)
        self._clock = None
        self._sign_ins = NO_SIGN_INS
        self._set_targets = None
        self._faults = self._faults.restored(self.model.contract, None)
        self._store.replace(self._initial.items)
        if self._replays is not None:
            self._replays.forget()
        self._deliveries.clear()
        self.clear_journal()

    def follow(self, after: InitialConfiguration) -> None:
        """Serve by another configuration, and keep the state and the readings that were set since the start.

        If the state was never changed and does not fit, it becomes the initial one of that configuration. Raises
        `UsageError` if a changed one, or the readings, do not fit; nothing is changed then.
        """
        choices = self._choices_under(after)
        if self.is_untouched:
            self.together(lambda: self._begin_under(after, choices))
        else:
            self._carry_over(after, choices)

    def _begin_under(self, after: InitialConfiguration, choices: Mapping[str, str]) -> None:
        """Serve by another configuration, with the items that are there, or its initial ones if those do not fit."""
        faults = self._faults.under(after.model.contract)
        kept = self._store.read(lambda state: items_by_resource(state, self.model.contract.resources))
        items = after.items
        with suppress(UsageError):
            items = initial(after.model, choices, kept, _CURRENT).items
        self._faults = faults
        self._configure(after, choices)
        self._store.replace(items)
        self._keep_settings()

    def misfits(self, after: InitialConfiguration) -> Iterator[str]:
        """Each reason why the state, or the readings and faults that were set, do not fit another configuration."""
        try:
            self._faults.under(after.model.contract)
            choose = self._choices_under(after).__getitem__
        except UsageError as error:
            yield str(error)
            return
        items = self._store.read(lambda state: items_by_resource(state, self.model.contract.resources))
        for pointer, what in seed_problems(after.model, items, choose):
            yield f"{_CURRENT} (#{format_pointer(pointer)}): {what}"

    def check(self, after: InitialConfiguration) -> None:
        """Raise `UsageError` if the state, or the readings that were set, do not fit another configuration."""
        for why in self.misfits(after):
            raise UsageError(why)

    def _choices_under(self, after: InitialConfiguration) -> Mapping[str, str]:
        """The choices of another configuration, with those that were set here since the start."""
        set_since = self._readings()
        return after.model.contract.choices({**after.choices, **set_since}) if set_since else after.choices

    def restart(self, after: InitialConfiguration) -> None:
        """Serve by another configuration, from its initial state."""
        self._initial = after
        self.reset()

    def set_readings(self, choices: Mapping[str, str]) -> None:
        """Decide some readings otherwise until the next reset; raises `UsageError` if there is no such choice."""

        def work() -> None:
            self._carry_over(self._initial, self.model.contract.choices({**self.choices, **choices}))

        self.together(work)

    def _carry_over(self, after: InitialConfiguration, choices: Mapping[str, str]) -> None:
        """Serve by another configuration and other choices, with the items that are there."""
        names = tuple(self.model.contract.resources)

        def carry_over(state: State) -> Update[None]:
            removed = deletions(state, names)
            kept = seeds(after.model, items_by_resource(state, names), choices.__getitem__, _CURRENT)
            faults = self._faults.under(after.model.contract)
            self._configure(after, choices)
            self._faults = faults
            self._keep_settings()  # in the same transaction, so that no process has one without the other
            return Update(None, (*removed, *kept))

        self._store.transact(carry_over)  # so that no request is decided by one model and committed under another

    @property
    def initial(self) -> InitialConfiguration:
        """The configuration that a reset goes back to."""
        return self._initial

    @property
    def is_untouched(self) -> bool:
        """Whether the state is the initial one, and nothing was ever changed in it."""
        return self._store.is_untouched

    @property
    def clock(self) -> MockClock | None:
        """The clock that was set; None where requests have the time of their arrival."""
        return self._clock

    @clock.setter
    def clock(self, clock: MockClock | None) -> None:

        def work() -> None:
            self._clock = clock
            self._keep_settings()

        self.together(work)

    @property
    def webhook_targets(self) -> "tuple[WebhookTarget, ...]":
        """The targets of webhooks in this sandbox, besides the URLs that clients subscribed by the document itself."""
        at_first = () if self.callbacks is None else self.callbacks.targets
        return at_first if self._set_targets is None else self._set_targets

    @webhook_targets.setter
    def webhook_targets(self, targets: "tuple[WebhookTarget, ...]") -> None:

        def work() -> None:
            self._set_targets = targets
            self._keep_settings()

        self.together(work)

    @property
    def faults(self) -> Mapping[str, Any]:
        """The fault rules in force, as they were written, by name."""
        return self._faults.rules

    def fault_plan(self) -> FaultPlan:
        """The fault rules as values, with the number of requests that each has counted."""
        self._store.read(_nothing)  # by which it follows other processes
        return self._faults.plan or FaultPlan()

    def set_faults(self, rules: Mapping[str, Any], anew: str = "") -> None:
        """Have other fault rules until the next reset, by name; those that were there already go on counting.

        The rule `anew` begins to count anew in any case. Raises `UsageError` if one is not a rule, or breaks the
        contract.
        """

        def work() -> None:
            self._faults = self._faults.changed(self.model.contract, rules, anew)
            self._keep_settings()

        self.together(work)

    def snapshot(self) -> Snapshot:
        """The present state, as far as it decides how requests are answered."""
        names = tuple(self.model.contract.resources)

        def look(state: State) -> Snapshot:
            numbers = {name: state.number(name) for name in names if state.number(name)}
            items = items_by_resource(state, names)
            return self._settings()._replace(items=items, numbers=numbers)

        return self._store.read(look)

    def restore(self, snapshot: Snapshot, name: str = "the snapshot") -> None:
        """Go back to a snapshot; the journal stays. Raises `UsageError` if it does not fit the contract."""
        self.together(partial(self._restore, snapshot, name))

    def _restore(self, snapshot: Snapshot, name: str) -> None:
        choices, changes = self._changes_to(snapshot, name)
        self._faults = self._faults.restored(self.model.contract, snapshot.faults)
        self._store.replace(changes)
        self._configure(self._initial, choices)
        self._clock = snapshot.clock
        self._sign_ins = snapshot.sign_ins or NO_SIGN_INS
        self._set_targets = snapshot.webhook_targets
        self._keep_settings()

    def _take_up(self, text: str) -> None:
        """Have the settings of an earlier run, or of another process."""
        settings = read_snapshot(json.loads(text), "the settings in the store") if text else Snapshot({})
        self._configure(self._initial, self.model.contract.choices({**self._initial.choices, **settings.readings}))
        self._clock = settings.clock
        self._faults = self._faults.restored(self.model.contract, settings.faults)
        self._sign_ins = settings.sign_ins or NO_SIGN_INS
        self._set_targets = settings.webhook_targets

    def _keep_settings(self) -> None:
        """Have readings, clock, faults and sign-ins survive this process, where the state does."""
        self._store.keep_settings(json.dumps(as_data(self._settings())))

    def _settings(self) -> Snapshot:
        """All but the items that decides how requests are answered, as a snapshot without items."""
        sign_ins = None if self._sign_ins == NO_SIGN_INS else self._sign_ins
        return Snapshot({}, {}, self._readings(), self._clock, self._faults.state, sign_ins, self._set_targets)

    def _readings(self) -> dict[str, str]:
        """The choices that were made since the start."""
        before = self._initial.choices
        return {name: choice for name, choice in self.choices.items() if choice != before.get(name)}

    def drop(self) -> None:
        """Delete everything that is stored of this sandbox."""
        self._deliveries.clear()
        self._store.drop()

    def drop_idle(self, ttl: float) -> bool:
        """Delete everything that is stored, unless another process used it within some seconds; whether it did."""
        return self._store.drop_idle(ttl)

    def deliveries(self) -> list[Delivery]:
        """The callbacks that were sent for this sandbox, newest first."""
        return self._deliveries.latest()

    def send_webhook(self, name: str, target: "WebhookTarget", body: Any, at: float) -> Delivery:
        """Send a webhook of the document to a target soon; its body is the documented one where none is given.

        Raises `UsageError` if the mock sends no webhooks, or the body is not as documented.
        """
        contract = self.model.contract
        if self.callbacks is None:
            raise UsageError("this mock sends no webhooks: its document had none when it was started")
        request = without_limit(partial(Callbacks(contract).webhook, contract.webhooks[name], target.url, body))
        return self.callbacks.send([request._replace(secret=target.secret)], self._deliveries, at)[0]

    def mark_used(self) -> None:
        """Tell other processes that this sandbox is in use."""
        self._store.mark_used()

    def save(self, name: str, snapshot: Snapshot | None = None) -> None:
        """Keep the present state under a name, or a snapshot that came from a file.

        Raises `UsageError` if that does not fit the contract, and `SandboxError` where too many are kept.
        """
        kept = self.snapshots.sizes
        if len(kept) >= _MAX_SNAPSHOTS and name not in kept:
            raise SandboxError(507, f"a sandbox keeps at most {_MAX_SNAPSHOTS} snapshots", "Delete one first")
        if snapshot is None:
            snapshot = self.snapshot()
        else:
            self._changes_to(snapshot, "the snapshot")
        if self._snapshots is None:
            self._snapshots = MemorySnapshots()
        self._snapshots.keep(name, snapshot)

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots that were saved, by name."""
        return MemorySnapshots() if self._snapshots is None else self._snapshots

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot, if there is one of that name."""
        if self._snapshots is not None:
            self._snapshots.delete(name)

    def _changes_to(self, snapshot: Snapshot, name: str) -> tuple[Mapping[str, str], list[Change]]:
        """The choices under a snapshot, and the changes that make an empty state its own."""
        choices = self._initial.choices
        if snapshot.readings:
            choices = self.model.contract.choices({**choices, **snapshot.readings})
        changes: list[Change] = []
        for resource, number in snapshot.numbers.items():
            if resource in self.model.contract.resources:
                # The highest number may be that of an item which is gone: one is stored and deleted in its stead.
                changes += Put(resource, "", {}, (), None, number), Delete(resource, "")
        return choices, [*changes, *seeds(self.model, snapshot.items, choices.__getitem__, name)]

    def check_store(self) -> None:
        """Raise `SandboxError` (503) where the store cannot be reached."""
        self._store.read(_nothing)

    def journal(
        self, keep: Callable[[JournalEntry], bool] = any_entry, limit: int = 100, after: int = 0
    ) -> list[JournalEntry]:
        """The latest exchanges `after` a number, newest first: at most `limit` of those that a function keeps."""
        return self._journal.entries(keep, limit, after)

    def clear_journal(self) -> None:
        """Delete all exchanges from the journal; their numbers are not given again."""
        self._journal.clear()


def _with_items_before(state: State, outcome: Outcome) -> Outcome:
    """An outcome with the items that its changes replace or delete, for the journal."""
    changes = outcome.changes
    if not changes:
        return outcome
    before = tuple([state.get(change.resource, change.key) for change in changes])
    return Outcome._make((*outcome[:-1], before))  # the last field; _replace takes twice the time, for each change


def _nothing(state: State) -> None:
    """A look at nothing."""
