"""Stories about webhooks: a server that changed an item tells of it as the document says.

OpenAPI does not state when a webhook is sent (3.1 section 4.8.1), and which change one tells of is taken from its name.
So one that is missing is held against a server only after a creation or a deletion, and only where the target file says
that webhooks are sent. One that comes, and is about the item, must be as documented in any case.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.contract.callbacks import UPDATED, Callback
from lookalike.contract.contract import Operation
from lookalike.contract.signing import signature_flaw
from lookalike.contract.subscriptions import SubscriptionResource, subscription_resources
from lookalike.contract.webhooks import WebhookEvent, member_of_item, pair
from lookalike.json_values import ABSENT, find, values_within
from lookalike.model.state import Item
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_type
from lookalike.verify.roles import Roles, change_by
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.callbacks import FOLLOWING, check_reachable, listener_of, patience, shape_flaw
from lookalike.verify.stories.changes import changed_in

if TYPE_CHECKING:  # it is for --listen alone
    from lookalike.verify.server.listener import CallbackListener, ReceivedRequest

_SECRET = "lookalike-verify-5pQ2"  # of a subscription that is deleted again


class _Receiver(NamedTuple):
    """A URL that the server sends webhooks to, with the secret that signs them, if known.

    It `is_promised` that they are sent where the target file says so, and not where a subscription was merely accepted.
    """

    url: str
    secret: str
    is_promised: bool


def check_webhook_sent(runner: StoryRunner, operation: Operation, roles: Roles) -> None:
    """Raise `ClauseBroken` if a webhook about a change is not as documented, or is missing although it is promised."""
    listener = listener_of(runner, "webhooks")
    receiver = _receiver(runner, listener)
    change = change_by(roles, operation)
    events = [
        one
        for one in pair(runner.environment.contract).events
        if (one.resource, one.change) == (roles.resource, change)
    ]
    created = runner.make(roles.resource)
    item = runner.known.get(created.resource, created.key) or {}
    earlier = listener.received(receiver.url) if operation is not roles.create else []
    if operation is roles.delete:
        step = runner.delete(created)
        if not step.is_success:
            raise Skipped(f"it answered {step.response.status}")
    elif operation is not roles.create:
        _change(runner, operation, created)
    item = runner.known.get(created.resource, created.key) or item
    key = runner.environment.model.items(roles.resource).key
    expected = _Expectation(events, item, key, receiver.secret, earlier)
    listener.wait(receiver.url, expected.has_any, patience(runner))
    flaws = expected.flaws(listener.wait(receiver.url, expected.is_met, FOLLOWING))
    asked = " or ".join(dict.fromkeys(f"{one.webhook.method} {one.name}" for one in events))
    if flaws and all(flaws):
        raise ClauseBroken(f"the webhook {asked} as documented", flaws[0])
    if not flaws and (change == UPDATED or not receiver.is_promised):
        raise NotObservable(f"no webhook about the {created.resource} came, and none is promised")
    if not flaws:
        check_reachable(runner, listener)
        raise ClauseBroken(f"the webhook {asked} within {patience(runner):g} s of the request", "none about the item")


def _change(runner: StoryRunner, operation: Operation, created: CreatedItem) -> None:
    """Change an item so that it is another one; raises `Skipped` if that fails."""
    try:
        changed_in(runner, operation, created, together=True)
    except ClauseBroken as broken:
        raise Skipped(f"the change failed, of which another clause tells: {broken.got}") from None


# --- Where webhooks come ---


def _receiver(runner: StoryRunner, listener: "CallbackListener") -> _Receiver:
    """The URL that the target file names, or one that is subscribed by the API itself; raises `Skipped`."""
    setup = runner.environment.webhooks
    if setup is not None:
        return _Receiver(listener.url_at(setup.path), setup.secret, True)
    members = next(subscription_resources(runner.environment.contract), None)
    create = runner.environment.roles[members.resource].create if members is not None else None
    if members is None or create is None:
        raise Skipped(
            "nothing says where the server sends webhooks; set it up to send them to the address of --listen, and "
            "write `webhooks: {path: /…}` in the target file"
        )
    url = listener.new_url(204)
    parent = runner.parent_of(members.resource)
    for body in _subscriptions(runner, create, members, url):
        made = runner.creation.create(create, parent, body)
        if isinstance(made, CreatedItem):
            shown = runner.known.get(made.resource, made.key) or {}
            sent = body.get(members.secret, "")
            return _Receiver(url, sent if shown.get(members.secret, sent) == sent else "", False)
    raise Skipped(f"the server accepts no {members.resource} with the URL {url}")


def _subscriptions(
    runner: StoryRunner, create: Operation, members: SubscriptionResource, url: str
) -> Iterator[dict[str, Any]]:
    """Bodies that subscribe a URL: one for all events with a secret, then a plain one."""
    plain = next(runner.environment.values.bodies(create), ABSENT)
    media = runner.environment.values.media(create)
    if not isinstance(plain, dict) or media is None:
        return
    known = item_type(create, media).properties
    names = list(dict.fromkeys(event.name for event in pair(runner.environment.contract).events))
    more = {members.events: names, members.switch: True, members.secret: _SECRET}
    yield {**plain, members.url: url, **{name: value for name, value in more.items() if name in known}}
    yield {**plain, members.url: url}


# --- Webhooks that came ---


class _Expectation(NamedTuple):
    """Webhooks about an item, whose key is a member of it, that do not come `earlier` than its change."""

    events: Sequence[WebhookEvent]
    item: Item
    key: str
    secret: str
    earlier: "Sequence[ReceivedRequest]"

    def flaws(self, received: "Sequence[ReceivedRequest]") -> list[str]:
        """The flaw of each request that tells of one of the events; empty for one that is as documented."""
        found = (self._flaw(one) for one in received if not any(one is other for other in self.earlier))
        return [flaw for flaw in found if flaw is not None]

    def has_any(self, received: "Sequence[ReceivedRequest]") -> bool:
        """Whether one of some requests tells of one of the events."""
        return bool(self.flaws(received))

    def is_met(self, received: "Sequence[ReceivedRequest]") -> bool:
        """Whether one of some requests is as documented."""
        return not all(self.flaws(received))

    def _flaw(self, received: "ReceivedRequest") -> str | None:
        """The flaw of a request; None if it is about something else, or an event that the document does not name."""
        body = _body_of(received)
        if not isinstance(body, dict):
            return None
        about = [one for one in self.events if one.webhook.method == received.method and self._is_shown(one, body)]
        named = [one for one in about if one.names is None or body.get(one.names[0]) == one.names[1]]
        unnamed = [one for one in about if one.names is not None and one.names[0] not in body]
        return min((_flaw(received, one.webhook, self.secret) for one in named or unnamed), key=bool, default=None)

    def _is_shown(self, event: WebhookEvent, body: Mapping[str, Any]) -> bool:
        """Whether a body shows the item in its documented place, or anywhere with another member beside its key."""
        key = self.item.get(self.key)
        shown = find(body, event.item) if event.item is not None else ABSENT
        names = shown if isinstance(shown, dict) else {}
        if any(str(names[n]) == str(key) for n in names if member_of_item(n, event.resource, self.item) == self.key):
            return True
        others = [(name, value) for name, value in self.item.items() if name != self.key]
        return any(
            one.get(self.key) == key and any(one.get(name, ABSENT) == value for name, value in others)
            for one in values_within(body)
            if isinstance(one, dict)
        )


def _body_of(received: "ReceivedRequest") -> Any:
    try:
        return plain_numbers(parse_json(received.body).value)
    except DecodeError:
        return ABSENT


def _flaw(received: "ReceivedRequest", webhook: Callback, secret: str) -> str:
    """The difference of a webhook from the document; empty if there is none."""
    missing = [name for name in webhook.required_headers if name.lower() not in received.headers]
    if missing:
        return f"no header field {missing[0]}"
    flaw = shape_flaw(received, webhook)
    if flaw or webhook.signature is None or not secret:
        return flaw
    return signature_flaw(webhook.signature, secret, received.headers, received.body)
