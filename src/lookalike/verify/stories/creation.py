"""Stories about created items: they can be read and are listed."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_sent, item_type, with_item
from lookalike.verify.requests.telling_values import easily_refused
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.stories.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.stories.observation import (
    check_answer,
    in_list,
    last_answer,
    naming_members,
    parent_name,
    see,
)
from lookalike.verify.stories.ordering import note_order
from lookalike.verify.stories.paging import listed
from lookalike.verify.stories.runner import StoryRunner
from lookalike.verify.stories.valid_requests import needed

_ABOUT_THE_BODY = {400, 409, 422}
_UNKNOWN_MEMBER = "lookalike_unknown"


def check_readable(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Break the clause where a created item cannot be read as it was sent."""
    created = runner.make(needed(roles).resource, by=operation)
    answer = last_answer(runner, operation)
    runner.eventually(partial(see, runner, created, created.sent))
    check_answer(runner, operation, created, created.sent, answer)
    # Both are there at once, so that a server which gives one key to both is found out.
    with suppress(Skipped):  # simple values are enough to judge by, but they hide what is cut or spelt otherwise
        other = runner.make(needed(roles).resource, varied=True, by=operation)
        runner.eventually(partial(see, runner, other, other.sent))
    with suppress(Skipped):
        step = _make_telling(runner, operation, needed(roles).resource, naming_members(runner, created))
        runner.eventually(partial(see, runner, step, step.sent))
    with suppress(Skipped):
        _note_unknown_member(runner, operation, needed(roles))


def _note_unknown_member(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Note whether a member that the document does not have is refused, kept or dropped; a server may do any of it."""
    values, resource = runner.environment.values, roles.resource
    body, media = next(values.bodies(operation), ABSENT), values.media(operation)
    if (
        not isinstance(body, dict)
        or media is None
        or media.schema is None
        or roles.read is None
        or roles.delete is None
    ):
        return
    body = with_item(operation, body, {**item_sent(operation, body), _UNKNOWN_MEMBER: "text"})
    if not media.schema.accepts(body):
        return
    flaws = len(runner.flaws)
    created = runner.create(operation, runner.parent_of(resource), body)
    if isinstance(created, CreatedItem):
        runner.note_choice(f"{operation.name}.unknown-members", "taken")
        is_kept = _UNKNOWN_MEMBER in item_in(roles.read, runner.read(created).value)
        runner.note_choice(f"{resource}.unknown-members", "kept" if is_kept else "dropped")
    elif created.response.status in _ABOUT_THE_BODY:
        runner.note_choice(f"{operation.name}.unknown-members", "refused")
    del runner.flaws[flaws:]


def check_listed(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Break the clause where a created item is not in the list, or is in the list of another parent too."""
    one = needed(roles)
    created = runner.make(one.resource)
    runner.eventually(partial(in_list, runner, created))
    if created.parent is not None and one.list is not None and created.parent.removable:
        _check_not_listed_elsewhere(runner, created)
    with suppress(Skipped, NotObservable):
        note_order(runner, one)


def _make_telling(runner: StoryRunner, operation: Operation, resource: str, naming: frozenset[str]) -> CreatedItem:
    """A new item with values that a careless server does not keep; raises `Skipped` if none is made.

    The members of `naming` are left as they are.
    """
    values, keys = runner.environment.values, runner.environment.model.items(resource).identity_fields
    if runner.environment.contract.resources[resource].is_single:
        raise Skipped("there is only one")
    parent, media = runner.parent_of(resource), values.media(operation)
    for refused in easily_refused(item_type(operation, media)) if media is not None else ():
        body = values.telling_body(operation, next(values.bodies(operation), ABSENT), keys | naming | refused)
        made = runner.create(operation, parent, body) if body is not ABSENT else None
        if isinstance(made, CreatedItem):
            return made
        if made is not None and made.response.status not in _ABOUT_THE_BODY:
            break
    raise Skipped("no item was made of values that are easily lost")


def _check_not_listed_elsewhere(runner: StoryRunner, created: CreatedItem) -> None:
    """Break the clause where the list of another parent has an item too."""
    with suppress(Skipped, NotObservable):
        elsewhere = replace(created, parent=runner.parent_of(created.resource), values={})
        if listed(runner, elsewhere) is not None:
            raise ClauseBroken(
                f"a list of another {parent_name(runner, created)} without the {created.resource} {created.key}",
                "a list with it",
            )
