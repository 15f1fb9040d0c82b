"""Created keys: the key of an item that a request created, and whether the item is new."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote

from lookalike.contract.contract import Operation
from lookalike.http import Request, Response
from lookalike.model.resources.keys import is_key
from lookalike.naming.words import normalised
from lookalike.verify.clauses import name_of
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.comparison import difference, value_of
from lookalike.verify.oracle.ledger import MOST_UNLEARNED, Inventory
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.roles import created_by, item_in, part_of
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

    def marked_item_in(self, step: StepResult) -> dict[str, Any]:
        """The item that a request sent with the mark of this run; empty where it sent none."""
        return self._exchanges.item_sent(step.operation, step.request) if self._mark_in(step.request) else {}

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
            if self._is_certain(step, resource, place):
                return key
            proposed.setdefault(str(key), (place, key))
        keys = [key for _, key in proposed.values()]
        found = self._key_read(step, resource, [*keys, *self._named_keys(step, resource)]) if keys else None
        if found is not None:
            return found
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
        stated = part_of(step.operation, step.value, f"$item#/{name}")
        if isinstance(stated, (str, int)):
            yield "body", stated
        select = step.operation.selector
        if select is not None and select.if_absent == "create":
            yield "path", path_values(step).get(("path", select.by.name))
        location = (step.response.header("Location") or "").partition("?")[0].rstrip("/")
        if location:
            yield "location", unquote(location.rpartition("/")[2])
        if isinstance(body, dict) and name in body:
            yield "sent", body[name]

    def _is_certain(self, step: StepResult, resource: str, place: str) -> bool:
        """Whether the key in a place of an answer is the new item's: the mark is beside it, or no item is another's.

        A 202 may show what was begun, which has a key of its own, in place of the item (RFC 9110 section 15.3.3).
        """
        mark, parent = self._mark_in(step.request), self._environment.model.items(resource).resource.parent
        if step.response.status == 202:
            return place == "path"
        is_alone = self._environment.disposable or (parent is not None and bool(parent.resource))
        return is_alone or place == "path" or (place == "body" and bool(mark) and mark in _text(step.response))

    def _named_keys(self, step: StepResult, resource: str) -> Iterator[Any]:
        """Further values of an answer that may be the key, by the names of their members, such as `target_id`."""
        name = normalised(self._environment.model.items(resource).key)
        for member, value in step.value.items() if isinstance(step.value, dict) else ():
            if normalised(member).endswith(name) and is_key(value):
                yield value

    def _key_read(self, step: StepResult, resource: str, keys: Sequence[Any]) -> Any:
        """The first of some keys that leads to the item that was sent, or the key of one with its mark in the list.

        None where none does, or where another item is read. Without a mark, an item is only looked for after a 202.
        """
        mark = self._mark_in(step.request)
        if self._environment.roles[resource].read is None or not (mark or step.response.status == 202):
            return None

        def is_sent(read: Response) -> bool:
            return mark in _text(read) if mark else self.shows_sent_members(step, resource, read)

        def look() -> tuple[Any, bool]:
            reads = [(key, self.read(resource, key, patiently=False)) for key in keys]
            shown = [(key, read) for key, read in reads if read is not None]
            found = next((key for key, read in shown if is_sent(read)), None)
            if found is not None or shown or not mark:
                return found, bool(shown)
            return self.marked_in_list(mark, resource), False

        return poll_until(look, lambda seen: seen[0] is not None or seen[1], self._environment.settle)[0]

    def _is_new(self, step: StepResult, resource: str, place: str, key: Any) -> bool:
        """Whether an item without a mark was shown not to have been there before.

        A list from before that does not have it shows it. Without one, a 201 is believed (RFC 9110 section 15.3.2), and
        any other success if no 201 is documented. A `Location` is believed where it leads to what was sent.
        """
        if place == "location":
            read = self.read(resource, key, patiently=not self._mark_in(step.request))
            if read is None or not self.shows_sent_members(step, resource, read):
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
        operation, item = (
            self._environment.roles[resource].read,
            self._exchanges.item_sent(step.operation, step.request),
        )
        if operation is None:
            return False
        answer = value_of(read)
        shown = item_in(operation, answer)
        comparison = self._exchanges.comparison(operation, resource, answer)
        return bool(item.keys() & shown.keys()) and not difference(shown, item, shown, comparison)

    def _key_by_mark(self, step: StepResult, resource: str) -> Any:
        """The key under which the list shows the mark of a request, or None."""
        mark = self._mark_in(step.request)
        if not mark or self._environment.roles[resource].list is None:
            return None
        look = partial(self.marked_in_list, mark, resource)
        return poll_until(look, lambda key: key is not None, self._environment.settle)

    def marked_in_list(self, mark: str, resource: str) -> Any:
        """The key of the item with a mark in the list, as it is now, or None."""
        if self._environment.roles[resource].list is None:
            return None
        marks, found = self._environment.values.marks, self.inventory(resource).items
        return next((key for key, item in found.items() if marks.in_value(item) == mark), None)


def _text(response: Response | None) -> str:
    """The text of an answer, in which a mark may stand; empty where there is none."""
    return response.body.decode("utf-8", "replace").lower() if response is not None else ""


def may_create(environment: Environment, operation: Operation) -> bool:
    """Whether an operation may create a further item: not after several whose keys could not be learned."""
    return environment.disposable or environment.ledger.unlearned[name_of(operation)] < MOST_UNLEARNED
