"""Telling a story: its requests are sent one after the other, and what the model predicts is compared."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from lookalike.contract.builtin_readings import members_of
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.expressions import Expression
from lookalike.contract.requests import Parameter
from lookalike.contract.routing import parameter_names, plain_path
from lookalike.contract.semantics import Replace
from lookalike.http import SAFE, Headers, Request, Response
from lookalike.json_values import ABSENT
from lookalike.model.response.response import Outcome
from lookalike.model.state import Delete, Put
from lookalike.verify.attribution import clause_of
from lookalike.verify.clauses import CHANGED, READABLE, clause_id, name_of
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.oracle.comparison import Comparison, difference, flaw_of, value_of
from lookalike.verify.oracle.ledger import MOST_STAYING, MOST_UNLEARNED, Inventory, Undeleted
from lookalike.verify.oracle.response_details import detail_flaw
from lookalike.verify.oracle.session import JudgedExchange
from lookalike.verify.oracle.tracked_items import CreatedItem, CreatedItems, TrackedItems
from lookalike.verify.oracle.worlds import Branch, Unpredictable, World
from lookalike.verify.requests.encoder import NotEncodable, decode_body
from lookalike.verify.requests.links import links_in, with_links
from lookalike.verify.requests.values import NameStyle
from lookalike.verify.roles import IF_MATCH, Roles, enclosing, item_in, shown_members
from lookalike.verify.server.client import NoResponse
from lookalike.verify.server.observer import poll_until
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.listing import ListPage, inventory
from lookalike.verify.stories.scripts import Script

Placed = Mapping[tuple[str, str], Any]
Learned = Callable[[StatedOperation, tuple[World, ...], JudgedExchange], None]

_GONE = {404, 410}
_PRECONDITION_REQUIRED = 428
_ATTEMPTS = 3
_ANY_TAG = "*"
_IDEMPOTENCY = "idempotency-key"
_IDEMPOTENT = "idempoten"  # in the names of such headers, which vary
_EXAMPLE = "in an overlay, give the request body an example that the server accepts"
_MOST_WORDS = 200
# The members of an error that say what is wrong (RFC 9457 section 3.1, and usual names).
_TELLING = {"detail", "message", "error", "errors", "title", "reason", "description"}
# Refusals after which another name may be accepted; 0 is before the first answer.
_FORBIDDEN = {401, 403}
_ABOUT_THE_BODY = {0, 400, 409, 422}


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
    """An answer that the document does not allow, what it allows, and how many requests had been sent by then."""

    operation: Operation
    expected: str
    got: str
    length: int


def _ignored(stated: StatedOperation, before: tuple[World, ...], judged: JudgedExchange) -> None:
    """Take no note of what an exchange taught."""


class StoryRunner:
    """Runs one story.

    `exchanges` are those so far, `judged` those of a script, and `flaws` the answers that the document does not allow.
    A `remark` says what a story that passed left out.
    `learned` is called after each exchange of a script that some world explains, with the worlds before it.
    """

    def __init__(self, environment: Environment, learned: Learned = _ignored) -> None:
        self.environment = environment
        self.judged: list[JudgedExchange] = []
        self._learned = learned
        self.choose = environment.readings.choose
        self.known = TrackedItems(environment.model, self.choose)
        self.exchanges: list[tuple[Request, Response]] = []
        self.flaws: list[UndocumentedAnswer] = []
        self.remark = ""
        self._linked: dict[str, CreatedItem] = {}
        self._linking: set[str] = set()
        self._enclosing: dict[str, CreatedItem] = {}
        self._created = CreatedItems()

    # Scripts of stated operations

    def play(self, stated: StatedOperation, script: Script) -> None:
        """Send the requests of a script up to the first that no world explains; raises `ClauseBroken` then."""
        session, operation = stated.session, stated.compose.operation
        for request in script.requests:
            before = session.worlds
            judged = session.step_blindly(request) if script.strange else session.step(request)
            self.environment.durations.setdefault(operation.id, []).append(session.seconds)
            self._count(operation, request, judged.response)
            self.judged.append(judged)
            if judged.finding is not None:
                wrong = judged.finding
                clause = clause_of(stated.compose, wrong, request, judged.response, script.clause)
                raise ClauseBroken(wrong.expected, wrong.got, clause, wrong)
            self._learned(stated, before, judged)

    def _count(self, operation: Operation, request: Request, response: Response) -> None:
        self.exchanges.append((request, response))
        self._created.note(request, response)
        self.environment.statuses[response.status] += 1
        self.environment.coverage.note(operation, response)

    # Requests

    def values_for(
        self,
        operation: Operation,
        created: CreatedItem | None,
        parent: CreatedItem | None = None,
        given: Placed | None = None,
    ) -> dict[tuple[str, str], Any]:
        """The values of the parameters that lead to an item, or to where it is to be made; raises `Skipped`."""
        about = created or parent
        named: dict[tuple[str, str], Any] = dict(given or {})
        for one in (about, about.parent if about else None):
            named = {**(self._named(operation, one) if one else {}), **named}
        led = about.values if about else {}
        if about is None and not named:
            named = self._values_of_enclosing(operation)
        for key, parameter in operation.parameters.items():
            if key in named or not (parameter.required or parameter.location == "path"):
                continue
            if parameter.name in led and parameter.location == "path":
                named[key] = led[parameter.name]
                continue
            if key == IF_MATCH:
                named[key] = self._tag_of(created)
                continue
            named[key] = self._member_key(operation, parameter.name)
            named[key] = self._value_of(operation, parameter) if named[key] is ABSENT else named[key]
            if named[key] is ABSENT:
                raise Skipped(f"nothing is known of {parameter.name}; give it under parameters in the target file")
        return named

    def _values_of_enclosing(self, operation: Operation) -> dict[tuple[str, str], Any]:
        """The values of parameters that name a new item in the path of an operation of which nothing else is known."""
        above = enclosing(self.environment.contract, operation)
        names = parameter_names(plain_path(operation.path))
        mine = {name for name in names if name not in self.environment.given}
        if above is None or above.selector is None or not mine:
            return {}
        resource = above.selector.resource
        if resource not in self._enclosing:  # one for the story: its requests need not be about different ones
            self._enclosing[resource] = self.make(resource)
        values = self.values_for(above, self._enclosing[resource])
        pairs = zip(names, parameter_names(plain_path(above.path)), strict=False)
        return {("path", name): values["path", theirs] for name, theirs in pairs if name in mine}

    def _member_key(self, operation: Operation, name: str) -> Any:
        """The key of an item that may become a member by an operation, if the parameter names it; else `ABSENT`."""
        kind = self.environment.memberships.get(operation.id)
        is_named = kind is not None and kind.name == name and name not in self.environment.given
        return self._linked_key("", kind.member) if kind is not None and is_named else ABSENT

    def _tag_of(self, created: CreatedItem | None) -> str:
        """The current entity tag of an item; `*`, for any, where none is shown (RFC 9110 section 13.1.1)."""
        read = self.environment.roles[created.resource].read if created is not None else None
        if read is None:
            return _ANY_TAG
        response = self.environment.client.read(self.write(read, self.values_for(read, created)))
        return response.header("ETag") or _ANY_TAG

    def _value_of(self, operation: Operation, parameter: Parameter) -> Any:
        """What the user told of a parameter, else what fits; no part of the path of a write to somebody's server."""
        if parameter.name in self.environment.given:
            return self.environment.given[parameter.name]
        is_path = parameter.location == "path"
        if is_path and not self.environment.disposable and operation.method not in SAFE:
            return ABSENT
        return self.environment.values.parameter(operation, parameter, self.environment.disposable or not is_path)

    def _named(self, operation: Operation, created: CreatedItem) -> dict[tuple[str, str], Any]:
        """The values of the expressions by which an operation names an item, or the parent of its items."""
        item = self.known.get(created.resource, created.key)
        items, select = self.environment.model.items(created.resource), operation.selector
        if item is None:
            return {}
        single = self.environment.model.items(select.resource) if select is not None else items
        if select is not None and single.resource.is_single:
            given = (item if single is items else items.as_parent(item, single.parent_fields)).get
            return dict(_placed(zip((*select.within, select.by), map(given, single.parent_fields), strict=False)))
        if items.resource.is_single:
            return {}
        if select is not None and select.resource == created.resource:
            within = zip(select.within, (item.get(name) for name in items.parent_fields), strict=False)
            return dict(_placed([*within, (select.by, item.get(items.key))]))
        ways: tuple[Expression, ...] = ()
        for place in (operation.listing, select, operation.steps[0].action if operation.steps else None):
            ways = ways or getattr(place, "within", ())
        return dict(_placed(zip(ways[-1:], (item.get(items.key),), strict=False)))

    def ask(self, operation: Operation, request: Request, refused: bool = False) -> StepResult:
        """Send a request; note what the document does not allow of the answer, unless it ought to be `refused`."""
        branches = self.predict(request)
        operation = self._asked(operation, branches[0].value)
        self._look_before(operation, request, again=not refused)
        started = time.monotonic()
        response = self.environment.client.send(request)
        if response.status == _PRECONDITION_REQUIRED:
            request, response = self._sent_with_tag(operation, request, response)
        self.environment.durations.setdefault(operation.id, []).append(time.monotonic() - started)
        self._count(operation, request, response)
        self._note_write(operation, response)
        step = StepResult(operation, request, response, value_of(response), self._consistent(branches, response))
        self._note_success(step)
        flaw = flaw_of(operation, response, self.environment.readings.certain)
        flaw = flaw or detail_flaw(self.environment.contract, operation, response, request.body)
        if flaw and not (refused and response.status >= 500):
            self.flaws.append(UndocumentedAnswer(operation, flaw, step.got, len(self.exchanges)))
        return step

    def _note_success(self, step: StepResult) -> None:
        """Note which of its documented successes an operation answers with.

        One may depend on the request, as 200 or 201 of a PUT: an operation that keeps to none is not accused.
        """
        if step.is_success:
            self.note_choice(f"{step.operation.name}.success", str(step.response.status))

    def _sent_with_tag(self, operation: Operation, request: Request, refused: Response) -> tuple[Request, Response]:
        """The request again with the current entity tag, which a 428 asks for (RFC 6585 section 3), and its answer."""
        if IF_MATCH not in operation.parameters or IF_MATCH[1] in request.headers:
            return request, refused
        self._count(operation, request, refused)
        fields = {name: text for name, text in request.headers.items() if name != "content-type"}
        read = request._replace(method="GET", query="", headers=Headers(fields), body=b"")
        tag = self.environment.client.read(read).header("ETag") or _ANY_TAG
        again = request._replace(headers=Headers({**request.headers, IF_MATCH[1]: tag}))
        return again, self.environment.client.send(again)

    def _note_write(self, operation: Operation, response: Response) -> None:
        """Note that a request may have created an item: all but a refusal may, an error too."""
        created, ledger = self._created_by(operation), self.environment.ledger
        resource = created or (operation.selector.resource if operation.selector else "")
        if resource and operation.method not in SAFE and not 300 <= response.status < 500:
            ledger.written.add(resource)
        if created and (response.status == 202 or response.status >= 500):
            ledger.uncertain.add(created)

    def _asked(self, operation: Operation, due: Outcome) -> Operation:
        """The operation that a request is for in the end: of several on its path, its values may name another."""
        if due.operation in ("", operation.id):
            return operation
        return next((one for one in self.environment.contract.operations if one.id == due.operation), operation)

    def eventually(self, check: Callable[[], None]) -> None:
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
        if response.status in _GONE and accepting and self._are_builtin(branches):
            fitting = [branch for branch in branches if branch.value.response.status in _GONE]
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
        self, operation: Operation, values: Mapping[tuple[str, str], Any], body: Any = ABSENT, guarded: bool = True
    ) -> Request:
        """A request, its body in JSON or as a form; raises `Skipped`."""
        try:
            request = self.environment.writer.request(
                operation, values, body, self.environment.values.media(operation), guarded
            )
        except NotEncodable as error:
            raise Skipped(str(error)) from None
        return self._with_own_idempotency_key(request)

    def write_with(
        self, operation: Operation, values: Mapping[tuple[str, str], Any], body: Any, tokens: Mapping[str, str]
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

    # Making items

    def make(self, resource: str, varied: bool = False, by: Operation | None = None) -> CreatedItem:
        """A new item, with the parents that it needs; raises `Skipped` where the server lets none be made.

        If it is `varied`, it is like what people send, and not made of the simplest values. It is made `by` an
        operation, the usual one of the resource by default.
        """
        items, create = self.environment.model.items(resource), by or self.environment.roles[resource].create
        if items.resource.is_single:
            return self._the_only(resource)
        if create is None:
            return self._owned(resource)
        if not self._may_create(create) and resource in self.environment.ledger.shared:
            return self._shared_item(resource)
        parent = self.parent_of(resource)
        refused, status = "", 0
        for body in self.environment.values.proposed_bodies(create, varied):
            if body.names is NameStyle.UNMARKED and refused and status not in _ABOUT_THE_BODY:
                continue
            step = self.create(create, parent, body.value)
            if isinstance(step, CreatedItem):
                self.environment.values.accepted(create, body, varied)
                return step
            status = step.response.status
            refused = f"{name_of(create)} answered {status}{words_of(step.response)}; {_EXAMPLE}"
            if status >= 500 or (status not in _ABOUT_THE_BODY and not self.is_accepted):
                break  # it may have created the item, and would create the next; or it is another server
        raise Skipped(refused or f"no body in JSON or as a form was found for {name_of(create)}")

    def make_any(self, resource: str) -> CreatedItem:
        """An item whose values do not matter: where no operation deletes it, the same one for the whole run."""
        if resource in self.environment.ledger.shared and not self.environment.disposable:
            return self._shared_item(resource)
        return self.make(resource)

    def _shared_item(self, resource: str) -> CreatedItem:
        """The shared item of a resource; it may have been changed since, so that none of its members is compared."""
        put, values = self.environment.ledger.shared[resource]
        self.known.apply((put,))
        return CreatedItem(resource, put.key, frozenset(), values)

    @property
    def is_accepted(self) -> bool:
        """Whether the server has accepted any request of the run."""
        return self.environment.is_accepted

    def parent_of(self, resource: str) -> CreatedItem | None:
        """A new item that items of a resource can belong to, or None where they belong to nothing."""
        parent = self.environment.contract.resources[resource].parent
        return self.make(parent.resource) if parent is not None and parent.resource else None

    def create(
        self, operation: Operation, parent: CreatedItem | None, body: Any, values: Placed | None = None
    ) -> CreatedItem | StepResult:
        """The item that a request makes, or the exchange where it was refused; `values` are of further parameters."""
        resource = (
            operation.selector.resource if operation.selector and operation.selector.if_absent == "create" else ""
        )
        action = operation.steps[0].action
        items = self.environment.model.items(resource or getattr(action, "resource", ""))
        self.check_learnable(operation)
        given = self._new_path_key(operation)
        values = {**self.values_for(operation, None, parent, given), **(values or {})}
        keyed = self._keyed(operation, items.key, given, body)
        sent = self.linked(operation, keyed, items.resource.name)
        step = self.ask(operation, self.write(operation, values, sent))
        if step.response.status in _ABOUT_THE_BODY and isinstance(body, dict) and keyed.keys() < body.keys():
            # A key that may be left out is the client's to choose all the same.
            sent = {**sent, items.key: self._new_key_like(operation, items.key, body)}
            step = self.ask(operation, self.write(operation, values, sent))
        body = sent
        if not step.is_success:
            return step
        created = self.adopt(step, parent, body)
        if created is None:
            self._note_unlearned(operation)
            raise Skipped(f"no answer, Location or list shows the key of the item that {name_of(operation)} created")
        self._await(created)
        return created

    def linked(self, operation: Operation, body: Any, resource: str = "") -> Any:
        """A body of a `resource` that names real items where its members name items of others.

        The body as it is where it does not fit then.
        """
        media = self.environment.values.media(operation)
        if media is None or not isinstance(body, dict):
            return body
        found = with_links(body, media.value_type, self._keys(), partial(self._linked_key, resource))
        return found if media.schema is None or media.schema.accepts(found) else body

    def link_members(self, operation: Operation) -> frozenset[str]:
        """The members of an operation's body that name items."""
        media = self.environment.values.media(operation)
        return frozenset(one.member for one in links_in(media.value_type, self._keys())) if media else frozenset()

    def _keys(self) -> dict[str, str]:
        """The member that is the key, for each resource of which items can be made."""
        made = (name for name, one in self.environment.roles.items() if one.create is not None)
        return {name: key for name in made if (key := self.environment.model.items(name).key)}

    def _linked_key(self, naming: str, resource: str) -> Any:
        """The key of an item to be named, the same one for the whole story, or `ABSENT`."""
        if resource in (naming, *self._linking):
            return ABSENT
        if resource not in self._linked:
            self._linking.add(resource)
            try:
                self._linked[resource] = self.make(resource)
            except Skipped:
                return ABSENT
            finally:
                self._linking.discard(resource)
        one = self._linked[resource]
        item = self.known.get(resource, one.key)
        return item.get(self.environment.model.items(resource).key, ABSENT) if item is not None else ABSENT

    def _await(self, created: CreatedItem) -> None:
        """Wait until an item can be read, where reads may lag behind; whether it ever can be is for others to judge."""
        read, environment = self.environment.roles[created.resource].read, self.environment
        if read is None or not environment.settle or created.resource in environment.never_seen:
            return
        with suppress(Skipped):
            request = self.write(read, self.values_for(read, created))
            seen = poll_until(
                lambda: environment.client.read(request), lambda answer: answer.status < 300, environment.settle
            )
            if seen.status >= 300:
                environment.never_seen.add(created.resource)

    def _new_path_key(self, operation: Operation) -> dict[tuple[str, str], Any]:
        """A key that was shown to be unused, for a path in which clients choose it; else nothing."""
        select = operation.selector
        if select is None or select.if_absent != "create" or select.by.source != "path":
            return {}
        place = (select.by.source, select.by.name)
        for _ in range(_ATTEMPTS):
            found = self.environment.values.new_key(operation.parameters[place])
            if found is ABSENT:
                break
            if self._read_by_key(select.resource, found, patiently=False) is None:
                return {place: found}
        raise Skipped(f"no unused value was found for {select.by.name}")

    def _keyed(self, operation: Operation, key: str, given: Placed, body: Any) -> Any:
        """The body with the new key that is in the path, or with one of its own where clients choose it there."""
        if given:
            return {**body, key: next(iter(given.values()))} if isinstance(body, dict) and key in body else body
        if not isinstance(body, dict) or key not in body:
            return body
        media = self.environment.values.media(operation)
        rest = {name: value for name, value in body.items() if name != key}
        if media is None or media.schema is None or media.schema.accepts(rest):
            return rest
        return {**rest, key: self._new_key_like(operation, key, body)}

    def _new_key_like(self, operation: Operation, key: str, body: Mapping[str, Any]) -> Any:
        """A new value for the member of a body that is the key."""
        media = self.environment.values.media(operation)
        return self.environment.values.new_key_like(media.value_type.member(key), body[key]) if media else body[key]

    def adopt(self, step: StepResult, parent: CreatedItem | None, body: Any) -> CreatedItem | None:
        """The item that a request created, as the server shows it; None where no answer shows its key.

        Raises `Skipped` if the item was there before.
        """
        put = next((change for change in step.due.changes if isinstance(change, Put)), None)
        if put is None:
            return None
        items = self.environment.model.items(put.resource)
        key = self._key_of_created(step, put.resource, body)
        if key is None:
            return None
        shown = item_in(step.operation, step.value)
        shown = {name: value for name, value in shown.items() if name in items.view.members}
        if items.key not in shown or str(shown[items.key]) != str(key):
            shown = {**shown, items.key: items.as_key(key)}
        sent = frozenset(body) - items.identity_fields if isinstance(body, dict) else frozenset[str]()
        shown = {name: value for name, value in shown.items() if name not in sent}
        led = {name: value for (source, name), value in self._values_of(step).items() if source == "path"}
        above = {**(parent.values if parent else {}), **led}
        clause = clause_id(step.operation, READABLE)
        if self.known.get(put.resource, items.as_key(key)) is not None:
            expected = f"a key that no other {put.resource} has"
            raise ClauseBroken(expected, f"the key {key} of one that is there", clause)
        is_promised = step.response.status == 202
        try:
            added = self.known.adopt(put, shown)
        except KeyError:  # part of its key is nowhere to be seen
            return None
        created = CreatedItem(put.resource, added, sent, above, parent, clause, is_promised=is_promised)
        created.body = dict(body) if isinstance(body, dict) else {}
        self._remember(created)
        return created

    def _remember(self, created: CreatedItem) -> None:
        """Keep in mind what is to be deleted, in the journal too, for the case that this run is cut off."""
        self._created.add(created)
        roles = self.environment.roles[created.resource]
        if roles.is_visible or roles.delete is not None:
            self.environment.ledger.learned.add(created.resource)
        elif roles.create is not None:
            self.environment.ledger.unlearned[name_of(roles.create)] += 1
        if roles.delete is None and not _goes_with_parent(created):
            self.environment.ledger.staying[created.resource] += 1
            item = self.known.get(created.resource, created.key) or {}
            put = self.environment.model.items(created.resource).put(item, self.choose)
            self.environment.ledger.shared.setdefault(created.resource, (put, created.values))
        delete = roles.delete
        if delete is not None and not self.environment.resettable:
            with suppress(Skipped):
                self.environment.note(delete.id, self.write(delete, self.values_for(delete, created)).path)

    def with_key_of(self, created: CreatedItem | None, roles: Roles | None, body: Any) -> Any:
        """A body that names no item but this one, where items must not be met by chance."""
        key = self.environment.model.items(roles.resource).key if roles is not None else ""
        if self.environment.disposable or not isinstance(body, dict) or key not in body:
            return body
        rest = {name: value for name, value in body.items() if name != key}
        item = (self.known.get(created.resource, created.key) or {}) if created is not None else {}
        return {**rest, key: item[key]} if key in item else rest

    def adopt_anything(self, step: StepResult) -> None:
        """Remember what came of a request that nothing more is told about, so that it is deleted again."""
        self._follow_made(step)
        resource = self._created_by(step.operation)
        if not resource or not step.is_success:
            return
        try:
            key = self._key_of_created(step, resource, {})
        except Skipped:  # it was there before
            return
        if key is None:
            self._note_unlearned(step.operation)
            return
        if self.known.get(resource, key) is None:
            self._adopt_shown(step, resource, key)

    def _adopt_shown(self, step: StepResult, resource: str, key: Any) -> None:
        """Remember an item that a request created under a key, as the answer shows it."""
        items, shown = self.environment.model.items(resource), item_in(step.operation, step.value)
        led = {name: value for (_, name), value in self._values_of(step).items()}
        with suppress(KeyError):
            item = {**dict.fromkeys(items.parent_fields), **shown, items.key: items.as_key(key)}
            put = items.put(item, self.choose)
            self.known.apply((put,))
            above = items.resource.parent.resource if items.resource.parent else ""
            parent = next(reversed(self._created.of(above)), None)
            fields = step.request.headers
            self._remember(CreatedItem(resource, put.key, frozenset(), led, parent, fields=fields))

    def adopt_replaced(self, step: StepResult, resource: str) -> bool:
        """Whether a request to an unused key created the item that it sent; the item is deleted in the end."""
        select = step.operation.selector
        key = self._values_of(step).get(("path", select.by.name)) if select is not None else None
        read = self._read_by_key(resource, key) if key is not None else None
        if read is None or not self._shows_what_was_sent(step, resource, read):
            return False
        self._adopt_shown(step, resource, key)
        return True

    def _values_of(self, step: StepResult) -> dict[tuple[str, str], Any]:
        parts = zip(plain_path(step.operation.path).split("/"), step.request.path.split("/"), strict=True)
        return {
            ("path", name[1:-1]): unquote(value) for name, value in parts if name.startswith("{") and name.endswith("}")
        }

    # What was created, and whether it is new

    def _created_by(self, operation: Operation) -> str:
        """The resource whose items an operation creates, or nothing."""
        return next((name for name, one in self.environment.roles.items() if one.create is operation), "")

    def _look_before(self, operation: Operation, request: Request, again: bool) -> None:
        """List what there is before the first creation, and `again` before each of an item without a mark.

        Not before one that ought to be refused: a story sends dozens of those, while nothing else creates such items.
        """
        resource, ledger = self._created_by(operation), self.environment.ledger
        if not resource or self.environment.disposable:
            return
        known = ledger.before.get(resource)
        is_short = known is not None and known.is_complete and known.pages == 1
        if known is None or (again and is_short and not self._mark_in(request)):
            ledger.before[resource] = self.inventory(resource)

    def inventory(self, resource: str) -> Inventory:
        """The items of a resource that belong to no parent, as they are listed."""
        operation, items = self.environment.roles[resource].list, self.environment.model.items(resource)
        if operation is None or (items.resource.parent is not None and items.resource.parent.resource):
            return Inventory({}, is_complete=False)

        def ask(values: Placed) -> ListPage:
            response = self.environment.client.read(self.write(operation, values))
            self.environment.statuses[response.status] += 1
            return ListPage(response, value_of(response))

        try:
            return inventory(operation, items.key, self.values_for(operation, None), ask)
        except Skipped:
            return Inventory({}, is_complete=False)

    def _key_of_created(self, step: StepResult, resource: str, body: Any) -> Any:
        """The key of what a request created, or None where nothing shows it.

        Raises `Skipped` if it was there before: a server may get or create, and a Location may lead elsewhere.
        """
        proposed = {str(key): (place, key) for place, key in reversed([*self._told_keys(step, resource, body)])}
        for place, key in reversed(proposed.values()):
            if self._is_new(step, resource, place, key):
                return key
        found = self._key_by_mark(step, resource)
        if found is None and proposed:
            raise Skipped(f"{name_of(step.operation)} answered with a {resource} that may have been there before")
        return found

    def _told_keys(self, step: StepResult, resource: str, body: Any) -> Iterator[tuple[str, Any]]:
        """The keys that an answer or a request tells, and where: in the body, the path, Location, what was sent."""
        name = self.environment.model.items(resource).key
        wrappers = tuple(step.value.values()) if isinstance(step.value, dict) else ()
        for shown in (item_in(step.operation, step.value), step.value, *wrappers):
            if isinstance(shown, dict) and isinstance(shown.get(name), (str, int)):
                yield "body", shown[name]
        select = step.operation.selector
        if select is not None and select.if_absent == "create":
            yield "path", self._values_of(step).get(("path", select.by.name))
        location = (step.response.header("Location") or "").partition("?")[0].rstrip("/")
        if location:
            yield "location", unquote(location.rpartition("/")[2])
        if isinstance(body, dict) and name in body:
            yield "sent", body[name]

    def _is_new(self, step: StepResult, resource: str, place: str, key: Any) -> bool:
        """Whether an item was shown not to have been there before.

        Its mark shows it, in the answer or where it is read; else a list from before that does not have it. Where there
        is neither, a 201 is believed (RFC 9110 section 15.3.2), and any other success if no 201 is documented.
        """
        parent = self.environment.model.items(resource).resource.parent
        if self.environment.disposable or place == "path" or (parent is not None and parent.resource):
            return True
        mark, answer = self._mark_in(step.request), step.response.body.decode("utf-8", "replace").lower()
        if place == "body" and mark and mark in answer:
            return True
        read = self._read_by_key(resource, key) if mark or place == "location" else None
        text = read.body.decode("utf-8", "replace").lower() if read is not None else ""
        if mark and mark in text:
            return True
        if place == "location" and (read is None or not self._shows_what_was_sent(step, resource, read)):
            return False
        before = self.environment.ledger.before.get(resource, Inventory({}, is_complete=False))
        if str(key) in before.items:
            return False
        return before.is_complete or step.response.status == 201 or "201" not in step.operation.responses

    def _mark_in(self, request: Request) -> str:
        return self.environment.values.marks.in_value(request.body.decode("utf-8", "replace"))

    def _read_by_key(self, resource: str, key: Any, patiently: bool = True) -> Response | None:
        """The answer that shows the item of a key, or None; reads that may lag behind are repeated `patiently`."""
        read = self.environment.roles[resource].read
        if read is None or read.selector is None:
            return None
        try:
            by = read.selector.by
            request = self.write(read, self.values_for(read, None, None, {(by.source, by.name): key}))
        except Skipped:
            return None
        look = partial(self.environment.client.read, request)
        response = poll_until(look, lambda answer: answer.status < 300, self.environment.settle if patiently else 0)
        return response if response.status < 300 else None

    def _shows_what_was_sent(self, step: StepResult, resource: str, read: Response) -> bool:
        operation, media = self.environment.roles[resource].read, self.environment.values.media(step.operation)
        if operation is None or media is None or not step.request.body:
            return False
        sent = decode_body(step.request.body, media)
        shown, comparison = item_in(operation, value_of(read)), Comparison(self.environment.freedoms, resource)
        return isinstance(sent, dict) and bool(sent.keys() & shown) and not difference(shown, sent, shown, comparison)

    def _key_by_mark(self, step: StepResult, resource: str) -> Any:
        """The key under which the list shows the mark of a request, or None."""
        mark = self._mark_in(step.request)
        if not mark or self.environment.roles[resource].list is None:
            return None
        marks = self.environment.values.marks

        def look() -> Any:
            found = self.inventory(resource).items
            return next((key for key, item in found.items() if marks.in_value(item) == mark), None)

        return poll_until(look, lambda key: key is not None, self.environment.settle)

    def check_learnable(self, operation: Operation) -> None:
        """Raise `Skipped` if several items of an operation exist whose keys cannot be learned."""
        if not self._may_create(operation):
            raise Skipped(f"{why_left(self.environment.roles, operation)}; it creates no more of them in this run")

    def check_few_stay(self, resource: str) -> None:
        """Raise `Skipped` if the run has created several items that no operation deletes."""
        if self.environment.ledger.staying[resource] >= MOST_STAYING and not self.environment.disposable:
            raise Skipped(
                f"no operation deletes a {resource}, and {MOST_STAYING} were made already; add one that does in an "
                "overlay, or call the server disposable: true in the target file"
            )

    def _may_create(self, operation: Operation) -> bool:
        return self.environment.disposable or self.environment.ledger.unlearned[name_of(operation)] < MOST_UNLEARNED

    def _note_unlearned(self, operation: Operation) -> None:
        self.environment.ledger.unlearned[name_of(operation)] += 1
        self.environment.ledger.uncertain.add(self._created_by(operation))

    def _owned(self, resource: str) -> CreatedItem:
        """An item that was there before the run: it may be read, but on a real server is never changed by a story.

        Nothing of it was sent by this run, so that none of its members is compared.
        """
        owned = self.environment.owned.get(resource, ())
        if not owned:
            raise Skipped(_why_none(self.environment.contract, resource))
        put = self.environment.model.items(resource).put(owned[0], self.choose)
        self.known.apply((put,))
        return CreatedItem(resource, put.key, frozenset(), {}, removable=False)

    def _the_only(self, resource: str) -> CreatedItem:
        """The only item of its kind, or of a parent made for it, as it is read.

        Without such a parent it is somebody's, so it is changed on a server of ours only.
        """
        read = self.environment.roles[resource].read
        if read is None:
            raise Skipped(f"no operation reads the {resource}")
        parent = self.parent_of(resource)
        step = self.ask(read, self.write(read, self.values_for(read, None, parent)))
        if not step.is_success:
            raise Skipped(f"{name_of(read)} answered {step.response.status}")
        items, above = self.environment.model.items(resource), parent and self.known.get(parent.resource, parent.key)
        given = (
            self.environment.model.items(parent.resource).as_parent(above, items.parent_fields)
            if parent and above
            else {}
        )
        put = items.put({**item_in(read, step.value), **given}, self.choose)
        self.known.apply((put,))
        values = parent.values if parent else {}
        return CreatedItem(resource, put.key, frozenset(), values, parent, removable=bool(given))

    # Following them

    def read(self, created: CreatedItem) -> StepResult:
        """Read an item; raises `Skipped` where no operation does."""
        read = self.environment.roles[created.resource].read
        if read is None:
            raise Skipped(f"no operation reads a {created.resource}")
        return self.ask(read, self.write(read, self.values_for(read, created)))

    def change(self, operation: Operation, created: CreatedItem, body: Any) -> StepResult:
        """Change an item, and remember what the model makes of it; raises `Skipped` where it is somebody's."""
        self.check_removable(created)
        step = self.ask(operation, self.write(operation, self.values_for(operation, created), body))
        if step.is_success:
            self.known.apply(step.due.changes)
            names = frozenset(body) - self.environment.model.items(created.resource).identity_fields
            # The mock keeps members that a replacement cannot have; that a server does is a guess, which accuses none.
            guessed = {
                name for step in operation.steps if isinstance(step.action, Replace) for name in step.action.keeps
            }
            created.sent, created.clause = (created.sent - guessed) | names, clause_id(operation, CHANGED)
            created.body |= body
            self._follow(created, step)
        return step

    def _follow_made(self, step: StepResult) -> None:
        """Follow the item that a successful write names, if this story created it."""
        select = step.operation.selector
        if not step.is_success or select is None or select.by.source != "path" or step.request.method in SAFE:
            return
        if self._created_by(step.operation) not in ("", select.resource):
            return  # the answer shows an item below it, which has a key of its own
        named = str(self._values_of(step).get(("path", select.by.name)))
        key = self.environment.model.items(select.resource).key
        for created in self._created.of(select.resource):
            item = self.known.get(created.resource, created.key)
            if item is not None and str(item.get(key)) == named:
                self._follow(created, step)

    def _follow(self, created: CreatedItem, step: StepResult) -> None:
        """Take the key that a change shows: the item may be named by what was changed."""
        items, shown = self.environment.model.items(created.resource), item_in(step.operation, step.value)
        item, key = self.known.get(created.resource, created.key), shown.get(items.key)
        if item is None or not isinstance(key, (str, int)) or str(key) == str(item.get(items.key)):
            return
        put = items.put({**item, items.key: items.as_key(key)}, self.choose)
        self.environment.renaming.add(created.resource)
        self.known.apply((Delete(created.resource, created.key), put))
        created.key = put.key
        self._remember(created)

    def delete(self, created: CreatedItem) -> StepResult:
        """Delete an item, and forget it; raises `Skipped` where it is somebody's, or no operation deletes it."""
        self.check_removable(created)
        delete = self.environment.roles[created.resource].delete
        if delete is None:
            raise Skipped(f"no operation deletes a {created.resource}")
        step = self.ask(delete, self.write(delete, self.values_for(delete, created)))
        if step.is_success:
            self.known.apply((*step.due.changes, Delete(created.resource, created.key)))
            if step.response.status != 202:
                self._created.remove(created)
        return step

    def comparison(self, operation: Operation, resource: str) -> Comparison:
        """How the items of a resource that an operation shows are compared."""
        members = shown_members(self.environment.contract, operation)
        return Comparison(self.environment.freedoms, resource, members)

    def check_removable(self, created: CreatedItem) -> None:
        """Raise `Skipped` if an item was there before this run, and the server is not disposable."""
        if not (created.removable or self.environment.disposable):
            raise Skipped(
                f"the {created.resource} was there before this run; it is changed only on a server that the target "
                "file calls disposable: true"
            )

    def clean_up(self) -> None:
        """Delete what was made, last first; what cannot be is noted."""
        while self._created and not self.environment.resettable:
            created = self._created.last
            gone = self.environment.roles[created.resource].delete is None and _goes_with_parent(created)
            with suppress(Skipped, NoResponse):
                gone = gone or self._is_removed(created)
            if not gone:
                self._note_undeleted(created)
            self._created.remove(created)  # only now: where the run ends in between, the item is still to be deleted

    def _note_undeleted(self, created: CreatedItem) -> None:
        """Keep an item for the end of the run, when its deletion is tried again, if any operation deletes it."""
        delete, ledger = self.environment.roles[created.resource].delete, self.environment.ledger
        try:
            path = self.write(delete, self.values_for(delete, created)).path if delete is not None else ""
        except Skipped:  # no path leads to it, as to one whose key is empty
            path = ""
        if delete is None or not path:
            ledger.undeletable.setdefault(created.resource, []).append(str(created.key))
        elif not self._created.is_deleted(path):
            ledger.undeleted[path] = Undeleted(f"{created.resource} {created.key}", delete.id)

    def _is_removed(self, created: CreatedItem) -> bool:
        delete = self.environment.roles[created.resource].delete
        if delete is None or self.known.get(created.resource, created.key) is None:
            return delete is not None
        request = self.write(delete, self.values_for(delete, created))
        was_deleted = self._created.is_deleted(request.path)
        response = self.environment.client.send(request)
        if response.status == _PRECONDITION_REQUIRED:
            request, response = self._sent_with_tag(delete, request, response)
        if response.status in _FORBIDDEN and created.fields:
            as_creator = {name: text for name, text in created.fields.items() if name.lower() != "content-type"}
            response = self.environment.client.send(
                request._replace(headers=Headers({**request.headers, **as_creator}))
            )
        if response.status in _GONE and not was_deleted:
            self._doubt(created)
        self._created.note(request, response)
        if self._created.is_deleted(request.path):
            self.environment.ledger.undeleted.pop(request.path, None)
        return 200 <= response.status < 300 or response.status in _GONE

    def _doubt(self, created: CreatedItem) -> None:
        """Note an item that is said to be gone, and is listed still: its path leads elsewhere.

        A server may make keys of names, and not read them back from a path that encodes them (RFC 3986 section 2.1).
        """
        if str(created.key) not in self.inventory(created.resource).items:
            return
        self.environment.ledger.doubtful.add((created.resource, str(created.key)))
        create, key = self.environment.roles[created.resource].create, str(created.key)
        # A key that needs no encoding leads to the item: where that is gone, the server lost it, which is for a clause.
        if create is not None and quote(key, safe="") != key:
            self.environment.ledger.unlearned[name_of(create)] += 1


def _goes_with_parent(created: CreatedItem) -> bool:
    """Whether an item is below one that its story deletes, or has deleted."""
    return created.parent is not None and created.parent.removable


def words_of(response: Response) -> str:
    """The server's own words about a refusal, in parentheses: the first text of its body, or nothing."""
    value = value_of(response)
    texts = [value] if isinstance(value, str) else _texts(value)
    named = next(iter(texts), "")
    return f' ("{" ".join(named.split())[:_MOST_WORDS]}")' if named.strip() else ""


def _texts(value: Any) -> list[str]:
    """The texts of an error: of the members that usually say what is wrong, then of any other, however deep."""
    if isinstance(value, dict):
        parts = sorted(value.items(), key=_is_other_member)
        return [text for _, part in parts for text in ([part] if isinstance(part, str) else _texts(part))]
    return (
        [text for part in value for text in ([part] if isinstance(part, str) else _texts(part))]
        if isinstance(value, list)
        else []
    )


def _is_other_member(member: tuple[str, Any]) -> bool:
    return member[0].lower() not in _TELLING


def _placed(pairs: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """Values by the places and names of their parameters."""
    return (((way.source, way.name), value) for way, value in pairs if way.name and value is not None)


def why_left(roles: Mapping[str, Roles], create: Operation) -> str:
    """Why items that an operation creates stay behind, and the remedy."""
    name, made = name_of(create), next((one for one in roles.values() if one.create is create), None)
    if made is not None and not made.is_visible and made.delete is None:
        why = f"no operation reads, lists or deletes the items that {name} creates; an overlay can add one"
    else:
        why = f"no answer, Location or list shows the keys of the items that {name} creates; name the key in an overlay"
    return f"{why}, or call the server disposable: true in the target file"


def _why_none(contract: Contract, resource: str) -> str:
    """Why there is no item of a resource that a story may use, and the remedy."""
    prefix, _, noun = resource.partition("-")
    if prefix in ("deleted", "present") and not members_of(contract, resource):  # only that it is there, or is not
        return (
            f"the document does not show how a {noun} is created, or what its key is; state both in an overlay "
            "(lookalike check --explain prints one)"
        )
    return f"no operation creates a {resource}; name one under resources in the target file, as owned"
