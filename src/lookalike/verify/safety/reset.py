"""Resets: the server and the worlds return to the start of a story, and at the end to the start of the run."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TypeVar

from lookalike.errors import VerificationError
from lookalike.http import Request
from lookalike.model.resources.keys import key_fields
from lookalike.model.state import Item
from lookalike.verify.environment import StatedOperation
from lookalike.verify.oracle.worlds import WorldItems
from lookalike.verify.safety.journal import entry_for, undo_moves
from lookalike.verify.safety.undo import remedies
from lookalike.verify.server.client import NoResponse, OutOfBudget

_ATTEMPTS = 4

T = TypeVar("T")


def return_to_start(stated: StatedOperation) -> None:
    """Bring the server and the worlds to the start of a story; the choices learned so far stay."""
    session = stated.session
    if stated.reset is None:
        _go_home(stated)
        return
    if session.touched:
        session.attempt(stated.reset)
    session.start_anew(stated.home)


def restore_items(stated: StatedOperation, items: WorldItems) -> None:
    """Bring the members of items that can be observed back to an earlier state, as far as operations can.

    A reset does it otherwise. Without it, a story of which the first request makes a member would find it there when
    the story is run again.
    """
    if stated.reset is not None:
        return
    return_to_start(stated)
    seen = stated.session.look()
    for earlier in _items(stated, items) if seen is not None else ():
        item = seen.items.get(earlier[stated.compose.identity]) if seen is not None else None
        if item is not None:
            for request in remedies(stated.compose, earlier, item, by_null=True).requests:
                stated.session.step(request)


def restore_initial_state(stated: StatedOperation) -> tuple[str, ...]:
    """Bring the server back to the start of the run, within the budget for cleaning up; lists what could not be."""
    stated.client.lift_limits()
    try:
        return retrying(partial(_put_back, stated))
    except (VerificationError, OutOfBudget) as error:
        return (f"items may be under other keys than before: {error}",)


def retrying(call: Callable[[], T]) -> T:
    """The result of a call that may be repeated, which is tried a few times while no response comes."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(NoResponse):
            return call()
    return call()


def _put_back(stated: StatedOperation) -> tuple[str, ...]:
    if stated.reset is not None:
        stated.reset()
        return ()
    if stated.session.pending is not None:  # the server may have carried it out, though no response came
        undo_moves([entry_for(stated.session.pending)], stated.compose, stated.client)
    _go_home(stated)
    if stated.session.surprised and stated.compose.may_move:
        _bring_back(stated)
    return tuple(_put_items_back(stated))


def _bring_back(stated: StatedOperation) -> None:
    """Give items their keys back that no world knows to be elsewhere: a refused request may have moved them."""
    compose, send = stated.compose, stated.client.send
    for home in _items(stated, stated.home):
        key = home[compose.identity]
        if send(compose.request(key, compose.base())).status == 404:
            ways = (compose.request(spare, compose.move(key)) for spare in compose.usable.spare)
            any(200 <= send(request).status < 300 for request in ways)


def _go_home(stated: StatedOperation) -> None:
    """Give items the keys back that they had, once it is known which they have now."""
    for request in _doubts(stated):
        stated.session.step(request)
    for request in _ways_home(stated):
        stated.session.step(request)


def _doubts(stated: StatedOperation) -> Iterator[Request]:
    """A request about each item of whose key the worlds differ: its response decides."""
    identity = stated.compose.identity
    for place, home in enumerate(_items(stated, stated.home)):
        now = [_items(stated, world.items)[place:] for world in stated.session.worlds]
        if len({items[0][identity] for items in now if items}) > 1:
            yield stated.compose.request(home[identity], stated.compose.base())


def _ways_home(stated: StatedOperation) -> Iterator[Request]:
    """A request for each item that has another key than at the start, by the first world."""
    compose, worlds = stated.compose, stated.session.worlds
    homes, now = _items(stated, stated.home), _items(stated, worlds[0].items if worlds else ())
    fields = key_fields(stated.contract.resources[_resource(stated)])
    for home, item in zip(homes, now, strict=False):
        if item[compose.identity] != home[compose.identity]:
            yield compose.request(item[compose.identity], compose.move(home[compose.identity]))
        elif any(item[field] != home[field] for field in fields):
            values = compose.move(home[compose.identity])
            own = {name: value for name, value in values.items() if value != home[compose.identity]}
            yield compose.request(item[compose.identity], {**compose.base(), **own})


def _resource(stated: StatedOperation) -> str:
    select = stated.compose.operation.selector
    return select.resource if select else ""


def _items(stated: StatedOperation, items: WorldItems) -> list[Item]:
    return [item for name, item in items if name == _resource(stated)]


def _put_items_back(stated: StatedOperation) -> Iterator[str]:
    """Restore the members of items that can be observed; lists those that stay changed."""
    seen = stated.session.look()
    for home in _items(stated, stated.home):
        item = seen.items.get(home[stated.compose.identity]) if seen is not None else None
        if item is not None:
            found = remedies(stated.compose, home, item)
            for request in found.requests:
                stated.client.send(request)
            yield from found.left
    if seen is None and stated.client.sent:
        yield "tags and data of owned items, which cannot be read"
