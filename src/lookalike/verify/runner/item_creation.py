"""Item creation: a story creates the items that it needs, and remembers them for their deletion."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.extension import Resource
from lookalike.json_values import ABSENT, find, with_value_at, without_value_at
from lookalike.model.resources.items import ResourceItems
from lookalike.model.state import Put
from lookalike.verify.clauses import READABLE, clause_id, name_of
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.ledger import MOST_STAYING
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.requests.item_bodies import agreeing, item_sent, item_type, with_item
from lookalike.verify.requests.values import NameStyle, ProposedBody
from lookalike.verify.roles import Roles, created_by, item_in, new_keys
from lookalike.verify.runner.created_keys import CreatedKeys, may_create
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult, StoryExchanges, path_values
from lookalike.verify.runner.item_links import ItemLinks
from lookalike.verify.runner.item_parameters import ItemParameters
from lookalike.verify.runner.quoted_errors import quoted_error, without_told
from lookalike.verify.server.observer import poll_until

_ATTEMPTS = 3
_EXAMPLE = "in an overlay, give the request body an example that the server accepts"
_CONFLICT = 409
# Refusals after which another name may be accepted; 0 is before the first answer.
_ABOUT_THE_BODY = {0, 400, 409, 422}


class ItemCreation:
    """Creates the items of one story."""

    def __init__(
        self,
        exchanges: StoryExchanges,
        parameters: ItemParameters,
        links: ItemLinks,
        keys: CreatedKeys,
        parent_of: Callable[[str], CreatedItem | None],
    ) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._known = exchanges.known
        self._parent_of = parent_of
        self._parameters = parameters
        self._links = links
        self._keys = keys

    def make(
        self, resource: str, create: Operation, varied: bool = False, parent: CreatedItem | None = None
    ) -> CreatedItem:
        """A new item below a `parent`, a new one by default; raises `Skipped` where the server lets none be created.

        If it is `varied`, it is like what people send, and not made of the simplest values.
        """
        parent = parent or self._parent_of(resource)
        refusals: list[StepResult] = []
        has_failed = False
        for body in self._bodies(create, varied, refusals):
            if body.names is NameStyle.UNMARKED and refusals and refusals[-1].response.status not in _ABOUT_THE_BODY:
                continue
            if has_failed and not body.is_least:
                continue  # it may have created the item, and would create each of the next
            step = self.create(create, parent, body.value)
            if isinstance(step, CreatedItem):
                self._environment.values.accepted(create, body, varied, is_first=not refusals)
                return step
            refusals.append(step)
            status = step.response.status
            if has_failed or (status not in _ABOUT_THE_BODY and not self._exchanges.is_accepted):
                break  # it is another server, or fails with any body
            has_failed = status >= 500
        if not refusals:
            raise Skipped(f"no body in JSON or as a form was found for {name_of(create)}")
        last = refusals[-1].response
        raise Skipped(f"{name_of(create)} answered {last.status}{quoted_error(last)}; {_EXAMPLE}")

    def _bodies(self, create: Operation, varied: bool, refusals: Sequence[StepResult]) -> Iterator[ProposedBody]:
        """The proposed bodies, and at last the first of them without members that refusals tell of.

        A server may refuse an optional member that only later requests may have, such as a version.
        """
        values, first = self._environment.values, None
        for body in values.proposed_bodies(create, varied):
            first = first or body
            yield body
        for _ in range(_ATTEMPTS if first is not None else 0):
            if first is None or not refusals or refusals[-1].response.status not in _ABOUT_THE_BODY:
                return
            fewer = without_told(first.value, refusals[-1].response)
            rest = next((one for one in fewer if values.is_valid(create, one)), ABSENT)
            if rest is ABSENT:
                return
            first = first._replace(value=values.marks.renewed(rest))
            yield first

    def create(
        self,
        operation: Operation,
        parent: CreatedItem | None,
        body: Any,
        values: ParameterValues | None = None,
        named: CreatedItem | None = None,
    ) -> CreatedItem | StepResult:
        """The item that a request makes, or the exchange where it was refused.

        `values` are of further parameters. Links in the body to the resource of `named` name that item.
        """
        resource = (
            operation.selector.resource if operation.selector and operation.selector.if_absent == "create" else ""
        )
        action = operation.steps[0].action
        items = self._environment.model.items(resource or getattr(action, "resource", ""))
        self.check_learnable(operation)
        given = self._new_path_key(operation)
        values = {**self._parameters.leading_to(operation, None, parent, given), **(values or {})}
        keyed = agreeing(self._keyed(operation, items.key, given, body), values)

        def send_linked() -> tuple[Any, StepResult]:
            linked = self._links.linked(operation, keyed, items.resource.name, named or parent)
            sent = self._parameters.naming_body(parent, operation, linked)
            return sent, self._exchanges.ask(operation, self._exchanges.write(operation, values, sent))

        sent, step = send_linked()
        if step.response.status == _CONFLICT and self._links.members(operation) and self._links.renew():
            sent, step = send_linked()  # there may be one item only for each that it names, as one loan of a book
        proposed = item_sent(operation, body)
        if step.response.status in _ABOUT_THE_BODY and item_sent(operation, keyed).keys() < proposed.keys():
            # A key that may be left out is the client's to choose all the same.
            key = self._new_key_like(operation, items.key, body)
            sent = with_item(operation, sent, {**item_sent(operation, sent), items.key: key})
            step = self._exchanges.ask(operation, self._exchanges.write(operation, values, sent))
        body = sent
        if not step.is_success:
            return step
        is_below = parent is not None and _names_parent(operation, items.resource, given, item_sent(operation, body))
        created = self.adopt(step, parent if is_below else None, body)
        if created is None:
            self._note_unlearned(operation)
            raise Skipped(f"no answer, Location or list shows the key of the item that {name_of(operation)} created")
        self._await(created)
        return created

    def _await(self, created: CreatedItem) -> None:
        """Wait until an item can be read, where reads may lag behind; whether it ever can be is for others to judge."""
        read, environment = self._environment.roles[created.resource].read, self._environment
        if read is None or not environment.settle or created.resource in environment.never_seen:
            return
        with suppress(Skipped):
            request = self._parameters.request_about(read, created)
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
            found = self._environment.values.new_key(operation.parameters[place])
            if found is ABSENT:
                break
            if self._keys.read(select.resource, found, patiently=False) is None:
                return {place: found}
        raise Skipped(f"no unused value was found for {select.by.name}")

    def _keyed(self, operation: Operation, key: str, given: ParameterValues, body: Any) -> Any:
        """The body with the new key that is in the path, or with one of its own where clients choose it there."""
        item = item_sent(operation, body)
        if key not in item:
            return body
        if given:
            return with_item(operation, body, {**item, key: next(iter(given.values()))})
        rest = with_item(operation, body, {name: value for name, value in item.items() if name != key})
        if self._environment.values.is_valid(operation, rest):
            return rest
        return with_item(operation, body, {**item, key: self._new_key_like(operation, key, body)})

    def _new_key_like(self, operation: Operation, key: str, body: Any) -> Any:
        """A new value for the member of a body that is the key: the first that fits, else the first."""
        media, item = self._environment.values.media(operation), item_sent(operation, body)
        if media is None:
            return item[key]
        proposed = [*self._environment.values.new_keys_like(item_type(operation, media).member(key), item[key])]
        fit = (one for one in proposed if self._is_valid_key(operation, body, key, one))
        return next(fit, proposed[0])

    def _is_valid_key(self, operation: Operation, body: Any, key: str, value: Any) -> bool:
        named = with_item(operation, body, {**item_sent(operation, body), key: value})
        return self._environment.values.is_valid(operation, named)

    def adopt(self, step: StepResult, parent: CreatedItem | None, body: Any) -> CreatedItem | None:
        """The item that a request created, as the server shows it; None where no answer shows its key.

        Raises `Skipped` if the item was there before.
        """
        put = next((change for change in step.due.changes if isinstance(change, Put)), None)
        if put is None:
            return None
        items, sent_item = self._environment.model.items(put.resource), item_sent(step.operation, body)
        key = self._keys.key_of(step, put.resource, sent_item)
        if key is None:
            return None
        shown = item_in(step.operation, step.value)
        shown = {name: value for name, value in shown.items() if name in items.view.members}
        if items.key not in shown or str(shown[items.key]) != str(key):
            shown = {**shown, items.key: items.as_key(key)}
        sent = frozenset(sent_item) - items.identity_fields
        shown = {name: value for name, value in shown.items() if name not in sent}
        led = {name: value for (source, name), value in path_values(step).items() if source == "path"}
        above = {**(parent.values if parent else {}), **led}
        clause = clause_id(step.operation, READABLE)
        if self._known.get(put.resource, items.as_key(key)) is not None:
            if self._says_it_was_there(step):
                raise Skipped(f"{name_of(step.operation)} answered with a {put.resource} that was there before")
            expected = f"a key that no other {put.resource} has"
            raise ClauseBroken(expected, f"the key {key} of one that is there", clause)
        is_promised = step.response.status == 202
        try:
            added = self._known.adopt(put, shown)
        except KeyError:  # part of its key is nowhere to be seen
            return None
        created = CreatedItem(put.resource, added, sent, above, parent, clause, is_promised=is_promised)
        created.body = sent_item
        self.remember(created)
        return created

    def _says_it_was_there(self, step: StepResult) -> bool:
        """Whether a server that answers creations with 201 gave another success (RFC 9110 section 15.3.2)."""
        target = (step.request.method, step.request.path)
        alike = (answer for request, answer in self._exchanges.exchanges if (request.method, request.path) == target)
        return step.response.status != 201 and any(answer.status == 201 for answer in alike)

    def remember(self, created: CreatedItem) -> None:
        """Keep in mind what is to be deleted, in the journal too, for the case that this run is cut off."""
        self._exchanges.created.add(created)
        roles = self._environment.roles[created.resource]
        if roles.is_visible or roles.delete is not None:
            self._environment.ledger.learned.add(created.resource)
        elif roles.create is not None:
            self._environment.ledger.unlearned[name_of(roles.create)] += 1
        deletion = None
        if roles.delete is not None:
            with suppress(Skipped):  # its path may name the item in a way that no request can be written for
                deletion = self._parameters.deletion_of(roles.delete, created)
        if deletion is None and not created.goes_with_parent:
            self._environment.ledger.staying[created.resource] += 1
            item = self._known.get(created.resource, created.key) or {}
            put = self._environment.model.items(created.resource).put(item, self._exchanges.choose)
            self._environment.ledger.shared.setdefault(created.resource, (put, created.values))
        if deletion is not None:
            self._exchanges.created.note_made(deletion.path)
        if deletion is not None and not self._environment.resettable:
            self._environment.note(deletion)

    def with_key_of(self, operation: Operation, created: CreatedItem | None, roles: Roles | None, body: Any) -> Any:
        """A body that names no item but this one, or a new one: others must not be met by chance."""
        body = self._parameters.naming_body(created, operation, body)
        if roles is None:
            return body
        items = self._environment.model.items(roles.resource)
        item = (self._known.get(created.resource, created.key) or {}) if created is not None else {}
        key, body = items.key, self._without_new_key(operation, items, body, item.get(items.key))
        sent = item_sent(operation, body)
        if key not in sent:
            return body
        if key in item:
            return with_item(operation, body, {**sent, key: item[key]})
        return body if self._environment.disposable else self._keyed(operation, key, {}, body)

    def _without_new_key(self, operation: Operation, items: ResourceItems, body: Any, own: Any) -> Any:
        """A body that gives an item no other key: without such a member, or with the key that the item has."""
        for pointer in new_keys(operation, items.identity_fields):
            if find(body, pointer, ABSENT) is not ABSENT:
                rest = without_value_at(body, pointer)
                is_optional = own is None or self._environment.values.is_valid(operation, rest)
                body = rest if is_optional else with_value_at(body, pointer, own)
        return body

    def adopt_anything(self, step: StepResult) -> None:
        """Remember whatever a request created, so that it is deleted again."""
        resource = created_by(self._environment.roles, step.operation)
        if not resource or not step.is_success:
            return
        try:
            key = self._keys.key_of(step, resource, self._keys.marked_item_in(step))
        except Skipped:  # it was there before, unless the answer says that it is new
            if step.response.status == 201:
                self._note_unlearned(step.operation)
            return
        if key is None:
            self._note_unlearned(step.operation)
            return
        if self._known.get(resource, key) is None:
            self._adopt_shown(step, resource, key)

    def _adopt_shown(self, step: StepResult, resource: str, key: Any) -> None:
        """Remember an item that a request created under a key, as the answer shows it."""
        items, shown = self._environment.model.items(resource), item_in(step.operation, step.value)
        led = {name: value for (_, name), value in path_values(step).items()}
        with suppress(KeyError):
            item = {**dict.fromkeys(items.parent_fields), **shown, items.key: items.as_key(key)}
            put = items.put(item, self._exchanges.choose)
            self._known.apply((put,))
            above = items.resource.parent.resource if items.resource.parent else ""
            parent = next(reversed(self._exchanges.created.of(above)), None)
            fields = step.request.headers
            self.remember(CreatedItem(resource, put.key, frozenset(), led, parent, fields=fields))

    def adopt_beside_others(
        self, step: StepResult, resource: str, shown: Mapping[str, Any], sent: Mapping[str, Any]
    ) -> CreatedItem | None:
        """One of the items that a request created, as the answer shows it; None where part of its key is not seen."""
        items = self._environment.model.items(resource)
        led = {name: value for (_, name), value in path_values(step).items()}
        members = {name: value for name, value in shown.items() if name in items.view.members}
        key = {items.key: items.as_key(shown[items.key])}
        item = {**dict.fromkeys(items.parent_fields), **led, **members, **sent, **key}
        try:
            put = items.put(item, self._exchanges.choose)
        except KeyError:
            return None
        self._known.apply((put,))
        above = items.resource.parent.resource if items.resource.parent else ""
        parent = next(reversed(self._exchanges.created.of(above)), None)
        names, clause = frozenset(sent) - items.identity_fields, clause_id(step.operation, READABLE)
        created = CreatedItem(resource, put.key, names, led, parent, clause, body=dict(sent))
        self.remember(created)
        return created

    def adopt_replaced(self, step: StepResult, resource: str) -> bool:
        """Whether a request to an unused key created the item that it sent; the item is deleted in the end."""
        select = step.operation.selector
        key = path_values(step).get(("path", select.by.name)) if select is not None else None
        read = self._keys.read(resource, key) if key is not None else None
        if read is None or not self._keys.shows_sent_members(step, resource, read):
            return False
        self._adopt_shown(step, resource, key)
        return True

    def check_learnable(self, operation: Operation) -> None:
        """Raise `Skipped` if several items of an operation exist whose keys cannot be learned."""
        if not may_create(self._environment, operation):
            raise Skipped(f"{why_left(self._environment, operation)}; it creates no more of them in this run")

    def check_few_stay(self, resource: str) -> None:
        """Raise `Skipped` if the run has created several items that no operation deletes."""
        if self._environment.ledger.staying[resource] >= MOST_STAYING and not self._environment.disposable:
            raise Skipped(
                f"no operation deletes a {resource}, and {MOST_STAYING} were made already; add one that does in an "
                "overlay, or call the server disposable: true in the target file"
            )

    def _note_unlearned(self, operation: Operation) -> None:
        self._environment.ledger.unlearned[name_of(operation)] += 1
        self._environment.ledger.uncertain.add(created_by(self._environment.roles, operation))


def _names_parent(operation: Operation, resource: Resource, own: ParameterValues, sent: Mapping[str, Any]) -> bool:
    """Whether a request that creates an item tells its parent, in its parameters or in a member of the body.

    A list below the parent may show items that are made elsewhere: which of them, a document without such a member
    does not say.
    """
    fields = resource.parent.fields if resource.parent is not None else ()
    return any(place not in own and place[0] != "header" for place in operation.parameters) or any(
        field in sent or field in dict(resource.shown_at) for field in fields
    )


def why_left(environment: Environment, create: Operation) -> str:
    """The reason why items that an operation creates stay behind, and the remedy."""
    name = name_of(create)
    made = next((one for one in environment.roles.values() if one.create is create), None)
    if made is not None and not made.is_visible and made.delete is None:
        why = f"no operation reads, lists or deletes the items that {name} creates; an overlay can add one"
    else:
        why = f"no answer, Location or list shows keys that find the items of {name}; name the key in an overlay"
    return why if environment.disposable else f"{why}, or call the server disposable: true in the target file"
