"""Stories about idempotency keys: a request that is sent again under its key creates nothing more.

The reference is draft-ietf-httpapi-idempotency-key-header, sections 2.6 and 2.7. It leaves open whether a repeated
request is answered as before or refused, and lets a server tell requests apart by key and body together. So another
body under the same key is held against a server only where the document has a refusal for it.
"""

import re
from collections.abc import Mapping
from typing import Any

from lookalike.contract.contract import Contract, Operation
from lookalike.http import Request
from lookalike.json_values import ABSENT, object_at
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.comparison import difference
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import encode_body
from lookalike.verify.requests.item_bodies import item_sent
from lookalike.verify.roles import Roles, idempotency_header, item_in
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.exchanges import StepResult
from lookalike.verify.runner.story_runner import StoryRunner

_REFUSALS = ("409", "422")
_OTHER_BODY = re.compile(r"\b(?:another|different|other)\b.{0,20}\b(?:body|bodies|payload|parameters)\b", re.IGNORECASE)


def check_created_once(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a request creates another item when it is sent again under the same key."""
    values, place = runner.environment.values, idempotency_header(operation)
    key = values.new_key(operation.parameters[place]) if place is not None else ABSENT
    if place is None or key is ABSENT:
        raise Skipped("no unused value was found for the idempotency key")
    body = next(values.bodies(operation), ABSENT)
    created = runner.creation.create(operation, runner.parent_of(roles.resource), body, {place: key})
    if not isinstance(created, CreatedItem):
        raise Skipped(f"{name_of(operation)} answered {created.response.status}")
    request = _last(runner, place[1])
    before = runner.keys.inventory(roles.resource)
    again = runner.ask(operation, request)
    _check_same(runner, again, created, "the item of before, or a refusal: the request was sent again under its key")
    after = runner.keys.inventory(roles.resource)
    for new in after.items.keys() - before.items.keys() if before.is_complete else ():
        if _is_as_sent(runner, operation, created, after.items[new]):
            runner.adopt_anything(again._replace(value=after.items[new]))
            raise ClauseBroken("no other item: the request was sent again under its key", f"the {roles.resource} {new}")
    if told := _told_of_keys(runner.environment.contract, operation):
        _refuse_other_body(runner, operation, request, created, is_stated=_OTHER_BODY.search(told) is not None)


def _last(runner: StoryRunner, header: str) -> Request:
    """The last request of the story that has a header field."""
    return next(request for request, _ in reversed(runner.exchanges) if header in request.headers)


def _check_same(runner: StoryRunner, step: StepResult, created: CreatedItem, expected: str) -> None:
    """Raise `ClauseBroken` if an answer shows another item than the one that the story created."""
    key, item = (
        runner.environment.model.items(created.resource).key,
        runner.known.get(created.resource, created.key) or {},
    )
    shown = item_in(step.operation, step.value).get(key, item.get(key))
    if step.is_success and str(shown) != str(item.get(key)):
        runner.adopt_anything(step)
        raise ClauseBroken(expected, f"{step.got} with the {created.resource} {shown}")


def _is_as_sent(runner: StoryRunner, operation: Operation, created: CreatedItem, shown: Mapping[str, Any]) -> bool:
    comparison = runner.comparison(operation, created.resource)
    names = created.sent & shown.keys()
    return bool(names) and not difference(names, created.body, shown, comparison)


def _refuse_other_body(
    runner: StoryRunner, operation: Operation, request: Request, created: CreatedItem, is_stated: bool
) -> None:
    """Raise `ClauseBroken` if another body under the same key creates another item instead of being refused.

    Where it `is_stated` that such a body is refused, so it is if the answer shows the item of before.
    """
    values, media = runner.environment.values, runner.environment.values.media(operation)
    others = (one for one in values.bodies(operation, varied=True) if item_sent(operation, one) != created.body)
    other = next(others, ABSENT)
    if media is None or other is ABSENT:
        return
    body = encode_body(runner.links.linked(operation, other, created.resource), media)
    step = runner.ask(operation, request._replace(body=body))
    due = "a refusal: the key was sent with another body before"
    _check_same(runner, step, created, due)
    if is_stated and step.is_success:
        raise ClauseBroken(due, step.got)


def _told_of_keys(contract: Contract, operation: Operation) -> str:
    """The descriptions of the documented refusals that are about idempotency keys."""
    responses = ("paths", operation.path, operation.method.lower(), "responses")
    refusals = (object_at(contract.document.data, (*responses, status))[1] for status in _REFUSALS)
    texts = [str(one.get("description", "")) for one in refusals]
    return " ".join(text for text in texts if "idempoten" in text.lower())
