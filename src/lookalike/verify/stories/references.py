"""Stories about references: a body that names an item which does not exist is refused, where the document says so."""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import ItemReference
from lookalike.json_values import ABSENT, Pointer, equal, find, with_value_at
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_pointer, type_at
from lookalike.verify.roles import Roles, item_in
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.observation import ACCEPTED
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.changes import whole_change
from lookalike.verify.stories.conflicts import ask_for_another, request_for_another


def check_references(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an item is made or changed that names one which does not exist."""
    is_new = operation is roles.create
    created = runner.make(roles.resource, by=operation if is_new else None)
    runner.check_removable(created)
    ask = _ask_for_another if is_new else _ask_to_change
    steps = [(one, key, ask(runner, operation, created, one, key)) for one, key in _unknown_keys(runner, operation)]
    for reference, key, step in steps:
        if step is not None and step.response.status == ACCEPTED:
            raise Skipped(f"{name_of(operation)} answered {ACCEPTED}, and may refuse it later")
        if step is not None and step.is_success and _is_taken_over(operation, reference, step, key):
            raise ClauseBroken(f"status {reference.refused}: there is no {reference.resource} {key}", step.got)
    if all(step is None for _, _, step in steps):
        raise Skipped("no key was found that no item has and that can be sent")


def _unknown_keys(runner: StoryRunner, operation: Operation) -> Iterator[tuple[ItemReference, Any]]:
    """The references of an operation, each with a key that no item has, in the form of one that an item has."""
    values = runner.environment.values
    media, body = values.media(operation), next(values.bodies(operation), None)
    if media is None or not isinstance(body, Mapping):
        return
    for reference in operation.references:
        place, like = reference.key.pointer, runner.links.key_of(None, reference.resource)
        kind = type_at(media.value_type, place)
        if not isinstance(like, str | int):
            continue
        is_list = "array" in (kind.types or ())
        keys = values.new_keys_like(kind.item() if is_list else kind, like)
        fit = (key for key in keys if values.is_valid(operation, with_value_at(body, place, [key] if is_list else key)))
        new = next((key for key in fit if runner.keys.read(reference.resource, key, patiently=False) is None), ABSENT)
        if new is not ABSENT:
            yield reference, [new] if is_list else new


def _place(operation: Operation, reference: ItemReference) -> Pointer:
    """The place of the key in the item that is sent."""
    return reference.key.pointer[len(item_pointer(operation)) :]


def _ask_for_another(
    runner: StoryRunner, operation: Operation, first: CreatedItem, reference: ItemReference, key: object
) -> StepResult | None:
    runner.creation.check_learnable(operation)
    runner.creation.check_few_stay(first.resource)
    values, body = request_for_another(runner, operation, first, {})
    return ask_for_another(runner, operation, values, with_value_at(body, reference.key.pointer, key))


def _ask_to_change(
    runner: StoryRunner, operation: Operation, created: CreatedItem, reference: ItemReference, key: object
) -> StepResult | None:
    members = whole_change(runner, operation, created, with_value_at({}, _place(operation, reference), key))
    return runner.change(operation, created, members) if members is not None else None


def _is_taken_over(operation: Operation, reference: ItemReference, step: StepResult, key: object) -> bool:
    """Whether an answer shows the key that was sent, or not the member: a server may have put null in its place."""
    shown, place = item_in(operation, step.value), _place(operation, reference)
    return place[0] not in shown or equal(find(shown, place, ABSENT), key)
