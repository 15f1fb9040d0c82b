"""The runner of a story: it sends its requests, and creates, reads, changes and deletes the items that it is about."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import Replace
from lookalike.http import SAFE, Request
from lookalike.json_values import ABSENT
from lookalike.model.state import Delete
from lookalike.verify.attribution import clause_of
from lookalike.verify.clauses import CHANGED, clause_id
from lookalike.verify.environment import Environment, StatedOperation
from lookalike.verify.oracle.session import JudgedExchange
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.oracle.worlds import World
from lookalike.verify.roles import created_by, creates_by_replacing, item_in
from lookalike.verify.runner.accounts import Accounts
from lookalike.verify.runner.created_keys import CreatedKeys, may_create
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult, StoryExchanges, path_values
from lookalike.verify.runner.existing_items import ExistingItems
from lookalike.verify.runner.item_creation import ItemCreation
from lookalike.verify.runner.item_deletion import ItemDeletion
from lookalike.verify.runner.item_links import ItemLinks
from lookalike.verify.runner.item_parameters import ItemParameters
from lookalike.verify.runner.scripts import Script

OnExplained = Callable[[StatedOperation, tuple[World, ...], JudgedExchange], None]


def _ignore(stated: StatedOperation, before: tuple[World, ...], judged: JudgedExchange) -> None:
    """Ignore an exchange that some world explains."""


class StoryRunner(StoryExchanges):
    """Runs one story.

    Its parts work on items: `parameters` leads requests to them, `links` names others in a body, `keys` learns the keys
    that a server chose, `creation` makes items, and `deletion` deletes them at the end. `accounts` signs up and logs
    in.

    `exchanges` are those so far, `judged` those of a script, and `flaws` the answers that the document does not allow.
    A `remark` says what a story that passed left out.
    `on_explained` is called after each exchange of a script that some world explains, with the worlds before it.
    """

    def __init__(self, environment: Environment, on_explained: OnExplained = _ignore) -> None:
        super().__init__(environment)
        self.judged: list[JudgedExchange] = []
        self.remark = ""
        self._on_explained = on_explained
        self.links = ItemLinks(self, self.make)
        self.parameters = ItemParameters(self, self.links, self.make)
        self.keys = CreatedKeys(self, self.parameters)
        self._existing = ExistingItems(self, self.parameters, self.parent_of)
        self.creation = ItemCreation(self, self.parameters, self.links, self.keys, self.parent_of)
        self.deletion = ItemDeletion(self, self.parameters, self.keys)
        self.accounts = Accounts(self, self.parameters, self.creation)

    def before_sending(self, operation: Operation, request: Request, refused: bool) -> None:
        """List the items that exist, so that a new one can be recognised."""
        self.keys.list_before(operation, request, again=not refused)

    # Items

    def make(self, resource: str, varied: bool = False, by: Operation | None = None) -> CreatedItem:
        """A new item, with the parents that it needs; raises `Skipped` if the server lets none be created.

        If it is `varied`, it is like what people send, and not made of the simplest values. It is created `by` an
        operation, the usual one of the resource by default.
        """
        create = by or self.environment.roles[resource].create
        if create is None or self.environment.contract.resources[resource].is_single:
            return self._existing.item(resource)
        if resource in self.environment.ledger.shared and not may_create(self.environment, create):
            return self._existing.shared(resource)
        return self.creation.make(resource, create, varied)

    def beside(self, created: CreatedItem) -> CreatedItem:
        """A new item beside another one, below the same parent; raises `Skipped`."""
        create = self.environment.roles[created.resource].create
        if created.parent is None or create is None:
            return self.make(created.resource, varied=True)
        return self.creation.make(created.resource, create, varied=True, parent=created.parent)

    def others(self, created: CreatedItem) -> Iterator[CreatedItem]:
        """New items that stay as they are when another one is changed or deleted: one beside it, and a namesake."""
        for make in (self.beside, self._namesake):
            with suppress(Skipped):
                yield make(created)

    def _namesake(self, created: CreatedItem) -> CreatedItem:
        """A new item of the same key below another parent; raises `Skipped` if clients do not choose the key."""
        create = self.environment.roles[created.resource].create
        if created.parent is None or create is None or not creates_by_replacing(create) or create.selector is None:
            raise Skipped("its key is not chosen by clients below a parent")
        place = (create.selector.by.source, create.selector.by.name)
        body = next(self.environment.values.bodies(create, varied=True), ABSENT)
        key = self.parameters.leading_to(create, created)[place]
        made = self.creation.create(create, self.parent_of(created.resource), body, {place: key})
        if not isinstance(made, CreatedItem):
            raise Skipped(f"it answered {made.response.status}")
        return made

    def make_any(self, resource: str) -> CreatedItem:
        """An item whose values do not matter: where no operation deletes it, the same one for the whole run."""
        is_shared = resource in self.environment.ledger.shared and not self.environment.disposable
        return self._existing.shared(resource) if is_shared else self.make(resource)

    def parent_of(self, resource: str) -> CreatedItem | None:
        """A new item that items of a resource can belong to, or None where they belong to nothing."""
        parent = self.environment.contract.resources[resource].parent
        return self.make(parent.resource) if parent is not None and parent.resource else None

    def adopt_anything(self, step: StepResult) -> None:
        """Remember whatever a request created, so that it is deleted again."""
        self._follow_made(step)
        self.creation.adopt_anything(step)

    def play(self, stated: StatedOperation, script: Script) -> None:
        """Send the requests of a script up to the first that no world explains; raises `ClauseBroken` then."""
        session, operation = stated.session, stated.compose.operation
        for request in script.requests:
            before = session.worlds
            judged = session.step_blindly(request) if script.strange else session.step(request)
            self.environment.durations.setdefault(operation.id, []).append(session.seconds)
            self.count(operation, request, judged.response)
            self.judged.append(judged)
            if judged.finding is not None:
                wrong = judged.finding
                clause = clause_of(stated.compose, wrong, request, judged.response, script.clause)
                raise ClauseBroken(wrong.expected, wrong.got, clause, wrong)
            self._on_explained(stated, before, judged)

    def read(self, created: CreatedItem) -> StepResult:
        """Read an item; raises `Skipped` if no operation does."""
        read = self.environment.roles[created.resource].read
        if read is None:
            raise Skipped(f"no operation reads a {created.resource}")
        return self.ask(read, self.parameters.request_about(read, created))

    def change_request(self, operation: Operation, created: CreatedItem, members: Any) -> Request:
        """The request that changes members of an item; raises `Skipped`."""
        body = self.parameters.naming_body(created, operation, self.environment.values.around_item(operation, members))
        return self.write(operation, self.parameters.leading_to(operation, created), body)

    def change(self, operation: Operation, created: CreatedItem, members: Any) -> StepResult:
        """Change members of an item, and remember its new state; raises `Skipped` for one that was there before."""
        self.check_removable(created)
        step = self.ask(operation, self.change_request(operation, created, members))
        if step.is_success:
            self.known.apply(step.due.changes)
            names = frozenset(members) - self.environment.model.items(created.resource).identity_fields
            # The mock keeps members that a replacement cannot have; that a server does is a guess, which accuses none.
            guessed = {
                name for step in operation.steps if isinstance(step.action, Replace) for name in step.action.keeps
            }
            created.sent, created.clause = (created.sent - guessed) | names, clause_id(operation, CHANGED)
            created.body |= members
            self._follow(created, step)
        return step

    def _follow_made(self, step: StepResult) -> None:
        """Follow the item that a successful write names, if this story created it."""
        select = step.operation.selector
        if not step.is_success or select is None or select.by.source != "path" or step.request.method in SAFE:
            return
        if created_by(self.environment.roles, step.operation) not in ("", select.resource):
            return  # the answer shows an item below it, which has a key of its own
        named = str(path_values(step).get(("path", select.by.name)))
        key = self.environment.model.items(select.resource).key
        for created in self.created.of(select.resource):
            item = self.known.get(created.resource, created.key)
            if item is not None and str(item.get(key)) == named:
                self._follow(created, step)

    def _follow(self, created: CreatedItem, step: StepResult) -> None:
        """Take the key that a change shows: the item may be named by what was changed."""
        items, shown = self.environment.model.items(created.resource), item_in(step.operation, step.value)
        item, key = self.known.get(created.resource, created.key), shown.get(items.key)
        if item is None or not isinstance(key, (str, int)) or str(key) == str(item.get(items.key)):
            return
        others = (other for _, other in self.known.items(created.resource))
        if any(str(one.get(items.key)) == str(key) for one in others):
            return
        if not (self._is_named_by(str(key), created) or self._has_moved(created, key)):
            return  # the answer shows another item, which may be of a user, and would be deleted in the end
        put = items.put({**item, items.key: items.as_key(key)}, self.choose)
        self.environment.renaming.add(created.resource)
        self.known.apply((Delete(created.resource, created.key), put))
        created.key = put.key
        self.creation.remember(created)

    def _is_named_by(self, key: str, created: CreatedItem) -> bool:
        """Whether a key is a value that was sent for an item, or made of a name that was, as the mark in both shows."""
        mark = self.environment.values.marks.in_value(key)
        own = self.environment.model.items(created.resource).key
        return key == str(created.body.get(own)) or (bool(mark) and mark in json.dumps(created.body).lower())

    def _has_moved(self, created: CreatedItem, key: Any) -> bool:
        """Whether an item is read under a key that no item had before, and under its own no longer."""
        before = self.environment.ledger.before.get(created.resource)
        if before is None or not before.is_complete or str(key) in before.items:
            return False
        own = self.known.get(created.resource, created.key) or {}
        own_key = own.get(self.environment.model.items(created.resource).key)
        reads = [self.keys.read(created.resource, one, patiently=False) for one in (key, own_key)]
        return reads[0] is not None and reads[1] is None

    def delete(self, created: CreatedItem) -> StepResult:
        """Delete an item, and forget it; raises `Skipped` for one that was there before, or where no operation does."""
        self.check_removable(created)
        delete = self.environment.roles[created.resource].delete
        if delete is None:
            raise Skipped(f"no operation deletes a {created.resource}")
        step = self.ask(delete, self.parameters.request_about(delete, created))
        if step.is_success:
            self.known.apply((*step.due.changes, Delete(created.resource, created.key)))
            if step.response.status != 202:
                self.created.remove(created)
        return step

    def check_removable(self, created: CreatedItem) -> None:
        """Raise `Skipped` if an item was there before this run, and the server is not disposable."""
        if not (created.removable or self.environment.disposable):
            raise Skipped(
                f"the {created.resource} was there before this run; it is changed only on a server that the target "
                "file calls disposable: true"
            )
