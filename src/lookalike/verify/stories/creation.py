"""Stories about created items: they can be read and are listed."""

import json
from contextlib import suppress
from functools import partial
from itertools import islice

from lookalike.contract.contract import Operation
from lookalike.contract.grounds import EFFECT, is_guessed
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.comparison import value_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.defaults import defaults_of, is_other
from lookalike.verify.requests.edge_values import EdgeValues, easily_refused, first_edge_values, long_texts
from lookalike.verify.requests.item_bodies import item_sent, item_type, with_item
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.observation import (
    ACCEPTED,
    check_answer,
    in_list,
    last_answer,
    naming_members,
    parent_name,
    see,
)
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.list_parameters import ListEnding, is_listed_elsewhere, key_of, keys_on_pages
from lookalike.verify.stories.ordering import note_order
from lookalike.verify.stories.other_media_types import check_other_media_types
from lookalike.verify.stories.own_links import check_location, check_own_links, check_shown_links
from lookalike.verify.stories.ownership import check_not_listed_to_others
from lookalike.verify.stories.valid_requests import needed

_CREATED, _SERVER_ERROR = 201, 500
_ABOUT_THE_BODY = {400, 409, 422}
_MOST_CHOICES = 4
_UNKNOWN_MEMBER = "lookalike_unknown"


def check_readable(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a created item cannot be read as it was sent."""
    created = runner.make(needed(roles).resource, by=operation)
    answer = last_answer(runner, operation)
    runner.eventually(partial(see, runner, created, created.sent))
    if answer is not None and answer.status == _CREATED:
        check_location(runner, operation, created, answer)
    check_shown_links(runner, operation, created, answer)
    check_answer(runner, operation, created, created.sent, answer)
    # Both are there at once, so that a server which gives one key to both is found out.
    with suppress(Skipped):  # simple values are enough to judge by, but they hide what is cut or spelt otherwise
        other = runner.make(needed(roles).resource, varied=True, by=operation)
        runner.eventually(partial(see, runner, other, other.sent))
    tried: list[tuple[EdgeValues, int | None]] = [(first_edge_values, None)]
    if needed(roles).delete is not None:  # of what stays, few are made; a server that refuses long texts takes the rest
        tried.append((long_texts, 1))
    for edges, attempts in tried:
        with suppress(Skipped):
            other = _make_with_edge_values(runner, operation, created, edges, attempts)
            runner.eventually(partial(see, runner, other, other.sent))
    if needed(roles).delete is not None or created.goes_with_parent:
        check_other_media_types(runner, operation, needed(roles))
    _check_choices(runner, operation, created)
    with suppress(Skipped):
        _check_defaults(runner, operation, needed(roles))
    with suppress(Skipped):
        _note_unknown_member(runner, operation, needed(roles))


def _check_choices(runner: StoryRunner, operation: Operation, beside: CreatedItem) -> None:
    """Raise `ClauseBroken` if an item with another kind of object in it cannot be read as it was sent."""
    values, is_single = runner.environment.values, runner.environment.contract.resources[beside.resource].is_single
    if is_single or runner.environment.roles[beside.resource].delete is None:
        return
    kept = runner.environment.model.items(beside.resource).identity_fields | naming_members(runner, beside)
    for body in islice(values.with_choices(operation, next(values.bodies(operation), ABSENT)), _MOST_CHOICES):
        with suppress(Skipped):
            told = values.body_with_edge_values(operation, body, kept)
            told = told if told is not ABSENT else body
            made = runner.creation.create(operation, runner.parent_of(beside.resource), told)
            if isinstance(made, CreatedItem):
                runner.eventually(partial(see, runner, made, made.sent))


def _check_defaults(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a member that was not sent is shown with another value than its default in the request.

    The default is the value that the consumer of the input assumes (OpenAPI, Schema Object). One that is shown as null
    or not at all may still be assumed.
    """
    values, items = runner.environment.values, runner.environment.model.items(roles.resource)
    body, media = next(values.bodies(operation), ABSENT), values.media(operation)
    if not isinstance(body, dict) or media is None or items.resource.is_single:
        return
    defaults = {
        name: default
        for name, default in defaults_of(item_type(operation, media)).items()
        if name in items.view.members and items.view.members[name].keyword("default", default) == default
    }
    rest = {name: value for name, value in item_sent(operation, body).items() if name not in defaults}
    body = with_item(operation, body, rest)
    if not defaults or (media.schema is not None and not media.schema.accepts(body)):
        return
    created = runner.creation.create(operation, runner.parent_of(roles.resource), body)
    answer = last_answer(runner, operation)
    if not isinstance(created, CreatedItem) or answer is None or answer.status == ACCEPTED:
        return
    shown = item_in(operation, value_of(answer))
    if not shown and roles.read is not None:
        shown = item_in(roles.read, runner.read(created).value)
    for name in sorted(defaults.keys() & shown.keys()):
        if is_other(shown[name], defaults[name]):
            raise ClauseBroken(
                f"{name} = {json.dumps(defaults[name])}, its default, since it was not sent", json.dumps(shown[name])
            )


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
    created = runner.creation.create(operation, runner.parent_of(resource), body)
    if isinstance(created, CreatedItem):
        runner.note_choice(f"{operation.name}.unknown-members", "taken")
        is_kept = _UNKNOWN_MEMBER in item_in(roles.read, runner.read(created).value)
        runner.note_choice(f"{resource}.unknown-members", "kept" if is_kept else "dropped")
    elif created.response.status in _ABOUT_THE_BODY:
        runner.note_choice(f"{operation.name}.unknown-members", "refused")
    # An answer with a member that the document does not have may break its schema; a server error is one in any case.
    noted = runner.flaws[flaws:]
    runner.flaws[flaws:] = [one for one in noted if runner.exchanges[one.length - 1][1].status >= _SERVER_ERROR]


def check_listed(runner: StoryRunner, operation: Operation, roles: Roles | None) -> None:
    """Raise `ClauseBroken` if a created item is not in the list, or is in the list of another parent too."""
    one = needed(roles)
    created = runner.make(one.resource)
    runner.eventually(partial(_check_in_list, runner, created))
    if is_listed_elsewhere(runner, created):
        name = f"{created.resource} {created.key}"
        raise ClauseBroken(f"a list of another {parent_name(runner, created)} without the {name}", "a list with it")
    if one.list is not None:
        with suppress(Skipped):
            check_not_listed_to_others(runner, one.list, created)
    if created.parent is not None and created.parent.removable:
        for listing in runner.environment.contract.operations:
            if _lists_below(listing, one, created.parent.resource):
                _check_listed_below(runner, created, listing)
    with suppress(Skipped, NotObservable):
        note_order(runner, one)


def _check_in_list(runner: StoryRunner, created: CreatedItem) -> None:
    """Raise `ClauseBroken` if an item is not in the list, or that about its answers where it leads elsewhere."""
    shown, listing = in_list(runner, created), runner.environment.roles[created.resource].list
    if listing is not None:
        check_own_links(runner, listing, created, shown)


def _make_with_edge_values(
    runner: StoryRunner, operation: Operation, beside: CreatedItem, edges: EdgeValues, attempts: int | None
) -> CreatedItem:
    """A new item with values of `edges`, which a careless server does not keep; raises `Skipped` if none is made.

    Members that made the key of the item `beside` it are left as they are. Of the attempts with fewer and fewer such
    values, so many are made.
    """
    resource, naming = beside.resource, naming_members(runner, beside)
    values, keys = runner.environment.values, runner.environment.model.items(resource).identity_fields
    if runner.environment.contract.resources[resource].is_single:
        raise Skipped("there is only one")
    parent, media = runner.parent_of(resource), values.media(operation)
    sets = easily_refused(item_type(operation, media)) if media is not None else ()
    for refused in islice(sets, attempts):
        body = values.body_with_edge_values(
            operation, next(values.bodies(operation), ABSENT), keys | naming | refused, edges
        )
        made = runner.creation.create(operation, parent, body) if body is not ABSENT else None
        if isinstance(made, CreatedItem):
            return made
        if made is not None and made.response.status not in _ABOUT_THE_BODY:
            break
    raise Skipped("no item was made of values that are easily lost")


def _lists_below(operation: Operation, roles: Roles, parent: str) -> bool:
    """Whether an operation lists the items of a resource that belong to one item of the resource `parent`."""
    listing, select = operation.listing, operation.selector
    if listing is None or listing.resource != roles.resource:
        return False
    is_known = operation is roles.list or not is_guessed(operation.grounds, EFFECT)
    return is_known and (bool(listing.within) or (select is not None and select.resource == parent))


def _check_listed_below(runner: StoryRunner, created: CreatedItem, listing: Operation) -> None:
    """Raise `ClauseBroken` if a list below the parent of an item lacks it, or one below another parent has it."""
    key, name = str(key_of(runner, created)), parent_name(runner, created)
    with suppress(Skipped, NotObservable):
        keys, ending, _ = keys_on_pages(runner, listing, runner.parameters.listing(listing, created))
        if key not in keys and ending is ListEnding.LAST:
            raise ClauseBroken(f"the list of its {name} with the {created.resource} {key}", "a list without it")
        elsewhere = runner.parameters.leading_to(listing, None, runner.parent_of(created.resource))
        if key in keys_on_pages(runner, listing, elsewhere).keys:
            raise ClauseBroken(f"a list of another {name} without the {created.resource} {key}", "a list with it")
