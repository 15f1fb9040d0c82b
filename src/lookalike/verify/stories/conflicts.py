"""Stories about values that only one item may have: a second one is refused, and the first stays as it is."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import Unique
from lookalike.json_values import ABSENT, equal
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.requests.item_bodies import item_sent, item_type, with_item
from lookalike.verify.roles import Roles, item_in, taken_by_one
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import ACCEPTED, GONE
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.changes import whole_change
from lookalike.verify.stories.list_parameters import key_of

_CREATED = 201


def check_taken(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a second item is made with a value that only one may have, or is changed to have it."""
    if runner.environment.settle:
        raise Skipped("reads may lag behind, and so may what the server knows to be taken")
    is_new, is_tried = operation is roles.create, False
    for unique in taken_by_one(runner.environment.contract, roles, operation):
        first = runner.make(roles.resource, by=operation if is_new else None)
        runner.check_removable(first)
        for value in _same_values(unique, first.body.get(unique.field, ABSENT)):
            if is_new and _can_be_sent(runner, operation, unique, value):
                _check_refused(runner, operation, first, unique, value)
                is_tried = True
            elif not is_new and value is not ABSENT:
                is_tried |= _is_change_refused(runner, operation, first, unique, value)
    if not is_tried:
        raise Skipped("no item was made with a value that another may not have")


def _same_values(unique: Unique, value: object) -> Iterator[object]:
    """The values that are taken by one: itself, and with letters of the other case where case makes no difference."""
    yield value
    if unique.ignores_case and isinstance(value, str) and value.swapcase() != value:
        yield value.swapcase()


def _can_be_sent(runner: StoryRunner, operation: Operation, unique: Unique, value: object) -> bool:
    """Whether the document allows a value in a body."""
    body = next(runner.environment.values.bodies(operation), ABSENT)
    if value is ABSENT or not isinstance(body, dict):
        return False
    sent = with_item(operation, body, {**item_sent(operation, body), unique.field: value})
    return runner.environment.values.is_valid(operation, sent)


def _is_change_refused(
    runner: StoryRunner, operation: Operation, first: CreatedItem, unique: Unique, value: object
) -> bool:
    """Whether another item could be told to have a value of the first; raises `ClauseBroken` if it has it then."""
    second = runner.beside(first)
    members = whole_change(runner, operation, second, {unique.field: value})
    if members is None:
        return False
    step = runner.change(operation, second, members)
    if step.response.status == ACCEPTED:
        raise Skipped(f"{name_of(operation)} answered {ACCEPTED}, and may refuse it later")
    shown = _shown(runner, second) or item_in(operation, step.value) if step.is_success else {}
    if unique.field in shown and _is_same(unique, shown[unique.field], value):
        taken = f"the {first.resource} {first.key} has the {unique.field} {value}"
        raise ClauseBroken(f"status {unique.refused}: {taken}", step.got)
    return True


def _check_refused(
    runner: StoryRunner, operation: Operation, first: CreatedItem, unique: Unique, value: object
) -> None:
    """Raise `ClauseBroken` if another item with a value of the first is made, or takes its place."""
    runner.creation.check_learnable(operation)
    runner.creation.check_few_stay(first.resource)
    before = _shown(runner, first)
    step = ask_for_another(runner, operation, *request_for_another(runner, operation, first, {unique.field: value}))
    if not step.is_success:
        return
    if step.response.status == ACCEPTED:
        raise Skipped(f"{name_of(operation)} answered {ACCEPTED}, and may refuse it later")
    shown, key = item_in(operation, step.value), runner.environment.model.items(first.resource).key
    own = shown.get(key, value if unique.field == key else ABSENT)
    if own is ABSENT:
        raise Skipped("no answer shows whether another item was made")
    if unique.field in shown and not _is_same(unique, shown[unique.field], value):
        return  # the server made it another one, such as a name with a number
    if str(own) == str(key_of(runner, first)) and not _is_overwritten(runner, first, unique, before, step):
        return  # the answer is that there is one, which is shown
    taken = f"the {first.resource} {first.key} has the {unique.field} {value}"
    raise ClauseBroken(f"status {unique.refused}: {taken}", step.got)


def request_for_another(
    runner: StoryRunner, operation: Operation, first: CreatedItem, members: Mapping[str, object]
) -> tuple[ParameterValues, Any]:
    """The parameters and the body that make another item than the first, with some members."""
    body = next(runner.environment.values.bodies(operation, varied=True), ABSENT)
    told = with_item(operation, body, {**_other_members(runner, operation, first, body, members), **members})
    linked = runner.links.linked(operation, told, first.resource)
    values = runner.parameters.leading_to(operation, None, first.parent)
    return values, runner.parameters.naming_body(first.parent, operation, linked)


def ask_for_another(runner: StoryRunner, operation: Operation, values: ParameterValues, body: Any) -> StepResult:
    """The exchange of a request for an item, which is deleted in the end."""
    step = runner.ask(operation, runner.write(operation, values, body))
    runner.adopt_anything(step)
    return step


def _other_members(
    runner: StoryRunner, operation: Operation, first: CreatedItem, body: Any, kept: Collection[str]
) -> dict[str, object]:
    """The members in a body, those that the first item has too with other values, as far as these fit."""
    values, item = runner.environment.values, dict(item_sent(operation, body))
    schema, place = next(values.member_schemas(operation, None, first.resource))
    media = values.media(operation)
    for name in sorted(first.body.keys() - {*kept, *runner.links.members(operation)}):
        own, kind = first.body[name], item_type(operation, media).member(name) if media is not None else None
        drawn = values.other_member_value(schema, (*place, name), own)
        like = values.new_keys_like(kind, own) if kind is not None and isinstance(own, str) else ()
        told = ({**item, name: one} for one in (drawn, *like) if one is not ABSENT and one != own)
        item = next((one for one in told if values.is_valid(operation, with_item(operation, body, one))), item)
    return item


def _is_overwritten(
    runner: StoryRunner, first: CreatedItem, unique: Unique, before: dict[str, object], step: StepResult
) -> bool:
    """Whether the first item is other than it was, or gone, after an answer that says that a new one was made.

    Unless a text says that the value is taken, a success that is no 201 may be an update (RFC 9110 section 15.3.2).
    """
    is_told = unique in step.operation.unique
    return (is_told or step.response.status == _CREATED) and _shown(runner, first) != before


def _shown(runner: StoryRunner, created: CreatedItem) -> dict[str, object]:
    """The members that were sent of an item, as it is read; none if it is gone or not read."""
    read = runner.environment.roles[created.resource].read
    step = runner.read(created) if read is not None else None
    if read is None or step is None or step.response.status in GONE:
        return {}
    return {name: value for name, value in item_in(read, step.value).items() if name in created.body}


def _is_same(unique: Unique, one: object, other: object) -> bool:
    """Whether two values of a member are the same; a server may keep a text in small letters."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    return equal(one, other)
