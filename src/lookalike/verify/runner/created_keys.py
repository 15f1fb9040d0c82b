"""Created keys: the key of an item that a request created, and whether the item is new."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote

from lookalike.contract.contract import Operation
from lookalike.http import Request, Response
from lookalike.verify.clauses import name_of
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.comparison import Comparison, difference, value_of
from lookalike.verify.oracle.ledger import MOST_UNLEARNED, Inventory
from lookalike.verify.requests.encoder import ParameterValues, decode_body
from lookalike.verify.requests.item_bodies import item_sent
from lookalike.verify.roles import created_by, item_in
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import StepResult, StoryExchanges, path_values
from lookalike.verify.runner.item_parameters import ItemParameters
from lookalike.verify.runner.listing import ListPage, inventory
from lookalike.verify.server.observer import poll_until


class CreatedKeys:
    """Finds the keys of items that one story creates, in answers and lists."""

    def __init__(self, exchanges: StoryExchanges, parameters: ItemParameters) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._known = exchanges.known
        self._parameters = parameters

    def list_before(self, operation: Operation, request: Request, again: bool) -> None:
        """List what there is before the first creation, and `again` before each of an item without a mark.

        Not before one that ought to be refused: a story sends dozens of those, while nothing else creates such items.
        """
        resource, ledger = created_by(self._environment.roles, operation), self._environment.ledger
        if not resource or self._environment.disposable:
            return
        known = ledger.before.get(resource)
        is_short = known is not None and known.is_complete and known.pages == 1
        if known is None or (again and is_short and not self._mark_in(request)):
            ledger.before[resource] = self.inventory(resource)

    def inventory(self, resource: str) -> Inventory:
        """The items of a resource that belong to no parent, as they are listed."""
        operation, items = self._environment.roles[resource].list, self._environment.model.items(resource)
        if operation is None or (items.resource.parent is not None and items.resource.parent.resource):
            return Inventory({}, is_complete=False)

        def ask(values: ParameterValues) -> ListPage:
            response = self._environment.client.read(self._exchanges.write(operation, values))
            self._environment.statuses[response.status] += 1
            return ListPage(response, value_of(response))

        try:
            return inventory(operation, items.key, self._parameters.leading_to(operation, None), ask)
        except Skipped:
            return Inventory({}, is_complete=False)

    def key_of(self, step: StepResult, resource: str, body: Any) -> Any:
        """The key of what a request created, or None where nothing shows it.

        Raises `Skipped` if it was there before: a server may get or create, and a Location may lead elsewhere.
        """
        proposed: dict[str, tuple[str, Any]] = {}
        for place, key in self._shown_keys(step, resource, body):
            proposed.setdefault(str(key), (place, key))
        for place, key in proposed.values():
            if self._is_new(step, resource, place, key):
                return key
        found = self._key_by_mark(step, resource)
        if found is None and proposed:
            raise Skipped(f"{name_of(step.operation)} answered with a {resource} that may have been there before")
        return found

    def _shown_keys(self, step: StepResult, resource: str, body: Any) -> Iterator[tuple[str, Any]]:
        """The keys that an answer or a request shows, and where: in the body, the path, `Location`, the request."""
        name = self._environment.model.items(resource).key
        wrappers = tuple(step.value.values()) if isinstance(step.value, dict) else ()
        for shown in (item_in(step.operation, step.value), step.value, *wrappers):
            if isinstance(shown, dict) and isinstance(shown.get(name), (str, int)):
                yield "body", shown[name]
        select = step.operation.selector
        if select is not None and select.if_absent == "create":
            yield "path", path_values(step).get(("path", select.by.name))
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
        parent = self._environment.model.items(resource).resource.parent
        if self._environment.disposable or place == "path" or (parent is not None and parent.resource):
            return True
        mark, answer = self._mark_in(step.request), step.response.body.decode("utf-8", "replace").lower()
        if place == "body" and mark and mark in answer:
            return True
        read = self.read(resource, key) if mark or place == "location" else None
        text = read.body.decode("utf-8", "replace").lower() if read is not None else ""
        if mark and mark in text:
            return True
        if place == "location" and (read is None or not self.shows_sent_members(step, resource, read)):
            return False
        before = self._environment.ledger.before.get(resource, Inventory({}, is_complete=False))
        if str(key) in before.items:
            return False
        return before.is_complete or step.response.status == 201 or "201" not in step.operation.responses

    def _mark_in(self, request: Request) -> str:
        return self._environment.values.marks.in_value(request.body.decode("utf-8", "replace"))

    def read(self, resource: str, key: Any, patiently: bool = True) -> Response | None:
        """The answer that shows the item of a key, or None; reads that may lag behind are repeated `patiently`."""
        read = self._environment.roles[resource].read
        if read is None or read.selector is None:
            return None
        try:
            by = read.selector.by
            request = self._exchanges.write(
                read, self._parameters.leading_to(read, None, None, {(by.source, by.name): key})
            )
        except Skipped:
            return None
        look = partial(self._environment.client.read, request)
        response = poll_until(look, lambda answer: answer.status < 300, self._environment.settle if patiently else 0)
        return response if response.status < 300 else None

    def shows_sent_members(self, step: StepResult, resource: str, read: Response) -> bool:
        """Whether a read of an item shows what a request sent."""
        operation, media = self._environment.roles[resource].read, self._environment.values.media(step.operation)
        if operation is None or media is None or not step.request.body:
            return False
        try:
            sent = decode_body(step.request.body, media)
        except ValueError:  # it was broken on purpose, and the server took it
            return False
        item, shown = item_sent(step.operation, sent), item_in(operation, value_of(read))
        comparison = Comparison(self._environment.normalisations, resource)
        return bool(item.keys() & shown.keys()) and not difference(shown, item, shown, comparison)

    def _key_by_mark(self, step: StepResult, resource: str) -> Any:
        """The key under which the list shows the mark of a request, or None."""
        mark = self._mark_in(step.request)
        if not mark or self._environment.roles[resource].list is None:
            return None
        marks = self._environment.values.marks

        def look() -> Any:
            found = self.inventory(resource).items
            return next((key for key, item in found.items() if marks.in_value(item) == mark), None)

        return poll_until(look, lambda key: key is not None, self._environment.settle)


def may_create(environment: Environment, operation: Operation) -> bool:
    """Whether an operation may create a further item: not after several whose keys could not be learned."""
    return environment.disposable or environment.ledger.unlearned[name_of(operation)] < MOST_UNLEARNED
