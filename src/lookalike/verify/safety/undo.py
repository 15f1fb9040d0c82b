"""Undo: the changes of a run on a server that cannot be reset are put back, as far as its operations can."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.contract.contract import Operation
from lookalike.contract.routing import Router, plain_path
from lookalike.contract.semantics import Merge
from lookalike.http import Request
from lookalike.model.state import Item
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.equality import same_field
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.requests.marks import Marks
from lookalike.verify.runner.scripts import source_of
from lookalike.verify.safety.cleanup import inventory, is_swept, marked_keys, status_of_deletion
from lookalike.verify.safety.journal import (
    Entry,
    RecordedMarks,
    RecordedWrite,
    UndoAttempt,
    is_gone,
    remaining_creations,
    unanswered_writes,
)


class UndoRequests(NamedTuple):
    """Requests that undo changes, and a sentence for each change that they cannot undo."""

    requests: tuple[Request, ...]
    left: tuple[str, ...]


def remedies(compose: RequestBuilder, home: Item, seen: Item, by_null: bool = False) -> UndoRequests:
    """The requests that bring an item back from its observed state to an earlier one.

    With `by_null`, members of objects that are new are removed by null, which some servers store instead.
    """
    body: dict[str, Any] = {}
    left: list[str] = []
    for adder, taker in compose.sets:
        field = getattr(adder.action, "field", "")
        was, now = list(home.get(field, ())), list(seen.get(field, ()))
        body |= _members(source_of(adder), [tag for tag in was if tag not in now])
        body |= _members(source_of(taker), [tag for tag in now if tag not in was])
    for step in compose.steps(Merge):
        field = getattr(step.action, "field", "")
        was, now = home.get(field, {}), seen.get(field, {})
        new = [name for name in now if name not in was]
        may_remove = by_null and isinstance(step.action, Merge) and "deletes" in step.action.null.values
        removed = dict.fromkeys(new) if may_remove else {}
        body |= _members(source_of(step), {**dict(_changed(was, now)), **removed})
        left += [f"{name} in the {field} of {home[compose.identity]}" for name in new if name not in removed]
    if not body:
        return UndoRequests((), tuple(left))
    return UndoRequests((compose.request(home[compose.identity], {**_base(compose, home), **body}),), tuple(left))


def _members(name: str, value: Any) -> dict[str, Any]:
    return {name: value} if name and value else {}


def _changed(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in was.items():
        if name not in now or not same_field("", value, now[name]):
            yield name, value


def _base(compose: RequestBuilder, home: Item) -> dict[str, Any]:
    """A valid body: with members as they were before, or else the plain one of this run."""
    for step in compose.steps(Merge):
        was = home.get(getattr(step.action, "field", ""), {})
        if was:
            name = next(iter(was))
            return {source_of(step): {name: was[name]}}
    return compose.base()


def restore_items(entries: Sequence[Entry], environment: Environment) -> list[UndoAttempt]:
    """Delete the created items of a journal that are still there, the last one first; then those that are listed."""
    by_id = {operation.id: operation for operation in environment.contract.operations}
    undone = []
    for creation in remaining_creations(entries):
        operation = by_id.get(creation.operation)
        if operation is None:
            why = f"the document has no operation {creation.operation}"
            undone.append(UndoAttempt(f"{creation.path} could not be deleted: {why}", False))
            continue
        status = status_of_deletion(environment, operation, creation)
        what = "is gone" if is_gone(status) else f"could not be deleted ({status})"
        named = f"{creation.path}{creation.query and '?'}{creation.query} {creation.body}".rstrip()
        undone.append(UndoAttempt(f"{named} {what}", is_gone(status)))
    return [*undone, *_restore_listed(entries, environment)]


def _restore_listed(entries: Sequence[Entry], environment: Environment) -> Iterator[UndoAttempt]:
    """Delete the items that bear the marks of a run: no answer had told of them when it was killed."""
    runs = [Marks(entry.run) for entry in entries if isinstance(entry, RecordedMarks)]
    open_writes = unanswered_writes(entries)
    for resource, roles in environment.roles.items():
        create = roles.create
        sent = [one for one in open_writes if create is not None and _is_for(create, one)]
        if create is None or not sent:
            continue
        for key in [key for marks in runs for key in marked_keys(environment, resource, marks)]:
            is_done = is_swept(environment, resource, key)
            yield UndoAttempt(f"{resource} {key} {'is gone' if is_done else 'could not be deleted'}", is_done)
        if not inventory(environment, resource).is_complete:
            yield UndoAttempt(
                f"{sent[0].method} {sent[0].path} was not answered; see whether a {resource} is left", False
            )


def _is_for(operation: Operation, write: RecordedWrite) -> bool:
    router = Router([(plain_path(operation.path), operation)])
    return operation.method == write.method and router.match(write.path) is not None
