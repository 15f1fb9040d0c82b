"""Cleaning up at the end of a run: items that could not be deleted before, and items of this run that lists show."""

import json
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.json_values import equal
from lookalike.schema.value_types import ValueType
from lookalike.verify.clauses import name_of
from lookalike.verify.environment import Environment
from lookalike.verify.events import CleanUp, Listener, ignore
from lookalike.verify.oracle.ledger import Deletion, Inventory
from lookalike.verify.requests.item_bodies import item_type
from lookalike.verify.requests.marks import Marks
from lookalike.verify.roles import is_merge
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import GONE
from lookalike.verify.runner.item_creation import why_left
from lookalike.verify.runner.item_parameters import deletion_by, naming_body
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.safety.journal import is_gone
from lookalike.verify.server.client import NoResponse

_ATTEMPTS = 3
_PAUSE = 0.1
_MOST_KEYS = 20  # in one line
_PATIENCE = 1.0  # how long to look for items that may appear late, in seconds
_MOST_STATES = 12  # that are tried for an item that cannot be deleted
_LOOKS = 10  # in that time


def clean_up(environment: Environment, listen: Listener = ignore) -> list[str]:
    """Delete everything that a run has left; tells what stays, in words."""
    if environment.resettable:
        return []
    _retry(environment, listen)
    stays = [*environment.ledger.undeleted.values()]
    stays += [name for resource in sorted(environment.ledger.written) for name in _sweep(environment, resource)]
    lines = (_doubtful, _unlearned, _failed, _undeletable)
    return [*stays, *(line for lines_of in lines for line in lines_of(environment))]


def not_cleaned_up(environment: Environment, error: Exception) -> list[str]:
    """The items that stay since no request can be answered, or sent, any more."""
    return [*(f"{name}: {error}" for name in environment.ledger.undeleted.values()), *_undeletable(environment)]


def _undeletable(environment: Environment) -> Iterator[str]:
    """A line for each resource with items that no operation deletes."""
    for resource, keys in sorted(environment.ledger.undeletable.items()):
        if len(keys) == 1:
            yield f"{resource} {keys[0]}"
            continue
        shown, more = ", ".join(keys[:_MOST_KEYS]), len(keys) - _MOST_KEYS
        shown += f", and {more} others" if more > 0 else ""
        yield (
            f"{len(keys)} {resource} items, which no operation deletes: {shown}; add one that does in an overlay, or "
            "judge a server that may be thrown away"
        )


def _doubtful(environment: Environment) -> Iterator[str]:
    """The items that are listed still, although a DELETE was answered as if they were gone.

    They are not deleted by their keys, which may have been given to items of others since.
    """
    doubtful = environment.ledger.doubtful
    for resource in sorted({resource for resource, _ in doubtful}):
        listed = inventory(environment, resource).items
        yield from (f"{resource} {key}" for key in listed if (resource, key) in doubtful)


def is_deleted(environment: Environment, deletion: Deletion) -> bool:
    """Whether the server confirms that an item is gone, which is noted then."""
    operation = next((one for one in environment.contract.operations if one.id == deletion.operation), None)
    is_confirmed = operation is not None and is_gone(status_of_deletion(environment, operation, deletion))
    if is_confirmed:
        environment.note_gone(deletion)
    return is_confirmed


def status_of_deletion(environment: Environment, operation: Operation, deletion: Deletion) -> int:
    """The status of a DELETE, or of a second one after a 202: it may never be acted upon (RFC 9110 section 15.3.3).

    That of a read counts where it does not find the item any more: its key may be of another one soon, and some servers
    answer 202 to each DELETE.
    """
    needed, naming = environment.values.needed_body(operation), json.loads(deletion.body) if deletion.body else {}
    body = {**needed, **naming} if isinstance(needed, dict) else naming or needed
    request = environment.writer.request(operation, {}, body, environment.values.media(operation))
    query = "&".join(one for one in (deletion.query, request.query) if one)
    request = request._replace(path=deletion.path, query=query)
    status = environment.client.send(request).status
    if status != 202:
        return status
    time.sleep(min(environment.settle, _PATIENCE))
    has_read = any(one.method == "GET" and one.path == operation.path for one in environment.contract.operations)
    read = request._replace(method="GET", body=b"") if has_read and deletion.is_by_path else None

    def is_read_gone() -> bool:
        return read is not None and environment.client.read(read).status in GONE

    if is_read_gone():
        return 404
    status = environment.client.send(request).status
    return 404 if status == 202 and is_read_gone() else status


def _retry(environment: Environment, listen: Listener) -> None:
    """Try again what was refused: it may have been locked, or have had children then."""
    undeleted = environment.ledger.undeleted
    for attempt in range(_ATTEMPTS):
        for deletion in [*undeleted]:
            listen(CleanUp(len(undeleted)))
            if is_deleted(environment, deletion):
                del undeleted[deletion]
        if not undeleted:
            return
        time.sleep(_PAUSE * attempt)
    for deletion in [one for one in undeleted if _is_deleted_in_another_state(environment, one)]:
        del undeleted[deletion]


def _is_deleted_in_another_state(environment: Environment, deletion: Deletion) -> bool:
    """Whether an item is gone once a change gave it another state: a server may delete only what is archived."""
    deleting = (one for one in environment.roles.values() if one.delete and one.delete.id == deletion.operation)
    roles = next(deleting, None) if deletion.is_by_path else None
    for change in roles.changes if roles is not None else ():
        media = environment.values.media(change)
        if not is_merge(change) or media is None:
            continue
        for member, value in islice(_states(item_type(change, media)), _MOST_STATES):
            body = environment.values.around_item(change, {member: value})
            request = environment.writer.request(change, {}, body, media)._replace(path=deletion.path)
            if environment.client.send(request).status < 300 and is_deleted(environment, deletion):
                return True
    return False


def _states(kind: ValueType) -> Iterator[tuple[str, Any]]:
    """The members of a few values, each with its values."""
    for name in sorted(kind.properties):
        yield from ((name, value) for value in kind.member(name).keyword("enum") or ())


def _sweep(environment: Environment, resource: str) -> Iterator[str]:
    """Delete the items that bear the mark of this run, or that were refused, late ones too; tells which stay.

    Those that no operation deletes are told with the others of that kind.
    """
    if environment.roles[resource].delete is None:
        told = environment.ledger.undeletable.get(resource, [])
        marked = [key for key in marked_keys(environment, resource, environment.values.marks) if key not in told]
        if marked:
            environment.ledger.undeletable[resource] = [*told, *marked]
        return
    kept = {*environment.ledger.undeleted.values()}
    # Counted, not timed: the same seed sends the same requests, however fast the server is.
    again = _LOOKS if resource in environment.ledger.uncertain else 0
    tried: set[str] = set()
    for look in range(again + 1):
        time.sleep(max(environment.settle, _PATIENCE) / _LOOKS if look else 0.0)
        for key in _own_keys(environment, resource):
            if key not in tried and f"{resource} {key}" not in kept and not is_swept(environment, resource, key):
                yield f"{resource} {key}"
            tried.add(key)


def inventory(environment: Environment, resource: str) -> Inventory:
    """The items of a resource as they are listed, without what had to be made to list them: an item to look below."""
    runner = StoryRunner(environment)
    try:
        return runner.keys.inventory(resource)
    finally:
        runner.deletion.clean_up()


def _own_keys(environment: Environment, resource: str) -> list[str]:
    """The keys of the listed items that bear the mark of this run, or that are as a request that was refused.

    A server may refuse a request, and create its item all the same: under a key that was sent, and that was not there
    before.
    """
    listed, before = inventory(environment, resource).items, environment.ledger.before.get(resource)
    refused = environment.ledger.refused.get(resource, ()) if before is not None and before.is_complete else ()
    old = before.items if before is not None else {}

    def is_own(key: str, item: Any) -> bool:
        is_new = key not in old and any(_is_shown(one, key, item) for one in refused)
        return is_new or bool(environment.values.marks.in_value(item))

    return [key for key, item in listed.items() if is_own(key, item)]


def _is_shown(sent: Mapping[str, Any], key: str, shown: Mapping[str, Any]) -> bool:
    """Whether an item has a key that was sent, and all else as it was sent."""
    return key in sent.values() and all(equal(value, shown[name]) for name, value in sent.items() if name in shown)


def marked_keys(environment: Environment, resource: str, marks: Marks) -> list[str]:
    """The keys of the items that bear a mark, as far as they are listed."""
    listed = inventory(environment, resource).items
    return [key for key, item in listed.items() if marks.in_value(item)]


def is_swept(environment: Environment, resource: str, key: str) -> bool:
    """Whether the server confirms that a listed item is gone, once its deletion was asked for."""
    delete, runner = environment.roles[resource].delete, StoryRunner(environment)
    if delete is None or delete.selector is None:
        return False
    by = delete.selector.by
    try:
        body = naming_body(delete, environment.model.items(resource).as_key(key))
        request = runner.write(
            delete, runner.parameters.leading_to(delete, None, None, {(by.source, by.name): key}), body
        )
        return is_deleted(environment, deletion_by(delete, request, body))
    except (Skipped, NoResponse):
        return False


def _unlearned(environment: Environment) -> Iterator[str]:
    creating = {name_of(one.create): one for one in environment.roles.values() if one.create is not None}
    for name, number in environment.ledger.unlearned.items():
        create = creating[name].create
        is_told = creating[name].resource in environment.ledger.undeletable
        if number and create is not None and not is_told and not _is_listed(environment, name):
            yield f"items that {name} created ({number} in all): {why_left(environment, create)}"


def _failed(environment: Environment) -> Iterator[str]:
    """A line for each resource of which creations failed, unless its whole list shows what they made.

    Items below a parent go with it.
    """
    for resource, number in sorted(environment.ledger.failed.items()):
        create, parent = environment.roles[resource].create, environment.contract.resources[resource].parent
        if not number or create is None or parent is not None:
            continue
        if not inventory(environment, resource).is_complete:
            yield (
                f"{resource} items that {name_of(create)} may have created where it answered 5xx, or not at all "
                f"({number} in all): no list shows them all; the texts of this run have "
                f"{environment.values.marks.run} in them"
            )


def _is_listed(environment: Environment, name: str) -> bool:
    """Whether the list of what an operation creates was read to its end, and shows no new item without a mark."""
    for resource, roles in environment.roles.items():
        if roles.create is not None and name_of(roles.create) == name:
            before = environment.ledger.before.get(resource)
            return before is not None and before.is_complete and _shows_no_unmarked(environment, resource, before)
    return False


def _shows_no_unmarked(environment: Environment, resource: str, before: Inventory) -> bool:
    """Whether a list shows, beside the items from before, none but those with a key and the mark of this run."""
    now, in_value = inventory(environment, resource), environment.values.marks.in_value
    return now.is_complete and all(in_value(now.items[key]) for key in now.items.keys() - before.items.keys())
