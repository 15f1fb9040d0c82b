"""Stories about items that are sent in another documented media type than JSON: forms, which hold plain values."""

from contextlib import suppress
from functools import partial
from typing import Any

from lookalike.codecs.media_types import is_form, is_multipart
from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.json_values import ABSENT
from lookalike.verify.requests.item_bodies import item_pointer
from lookalike.verify.requests.raw_bodies import file_member
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.observation import ACCEPTED, see
from lookalike.verify.runner.story_runner import StoryRunner


def check_other_media_types(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if an item that was sent as a form, beside JSON, cannot be read as it was sent."""
    usual = runner.environment.values.media(operation)
    if operation.body is None or operation.method != "POST" or item_pointer(operation):
        return
    for media in operation.body.content.values():
        is_other = media is not usual and (is_form(media.media_type) or is_multipart(media.media_type))
        if is_other and not file_member(media):
            with suppress(Skipped):
                _check_form(runner, operation, roles, media)


def _check_form(runner: StoryRunner, operation: Operation, roles: Roles, media: MediaType) -> None:
    body = next(runner.environment.values.bodies(operation, varied=True), ABSENT)
    key, parent = runner.environment.model.items(roles.resource).key, runner.parent_of(roles.resource)
    plain = _plain_members(body, key) if isinstance(body, dict) else {}
    linked = runner.links.linked(operation, plain, roles.resource)
    sent = runner.parameters.naming_body(parent, operation, linked)
    if not plain or media.schema is None or not media.schema.accepts(sent):
        raise Skipped("no form was found for it")
    values = runner.parameters.leading_to(operation, None, parent)
    step = runner.ask(operation, runner.write(operation, values, sent, media=media))
    if not step.is_success or step.response.status == ACCEPTED:
        runner.adopt_anything(step)
        return
    made = runner.creation.adopt(step, parent, sent)
    if made is None:
        runner.adopt_anything(step)
    else:
        runner.eventually(partial(see, runner, made, made.sent))


def _plain_members(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The members that a form can hold, without the key: no null, no empty text, and no flag that is not set.

    A form of HTML has no member for such a flag, and some servers take any text for true.
    """
    plain = {name: value for name, value in body.items() if isinstance(value, str | int | float) and value != ""}
    return {name: True if isinstance(value, bool) else value for name, value in plain.items() if name != key}
