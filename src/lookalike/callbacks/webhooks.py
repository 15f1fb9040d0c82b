"""The webhooks that a change leads to: their bodies, with the item as it is after the change, and where they go."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Any
from uuid import uuid4

from lookalike.callbacks.outgoing import OutgoingRequest, addressed, encoded, fields_of
from lookalike.contract.callbacks import CREATED, DELETED, UPDATED
from lookalike.contract.contract import Contract
from lookalike.contract.subscriptions import SubscriptionResource, subscription_resources
from lookalike.contract.webhooks import WebhookEvent, WebhookTarget, member_of_item, pair
from lookalike.http import Request
from lookalike.json_values import find, with_value_at
from lookalike.model.response.examples import ResponseBodies, with_accepted_members
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Change, Item, Put, State
from lookalike.naming.words import normalised
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_MOST_CHANGES = 1000  # of one request, whose webhooks are sent
# Members of an envelope.
_IDS = frozenset({"id", "eventid", "messageid", "deliveryid", "webhookid", "uuid"})
_TIMES = frozenset({"timestamp", "time", "created", "createdat", "occurredat", "sentat", "at", "date", "eventtime"})


class Webhooks:
    """The webhooks of a contract that are sent after changes of its resources."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._bodies = ResponseBodies(contract)
        self._subscriptions = [*subscription_resources(contract)]

    def subscribed(self, state: State) -> list[WebhookTarget]:
        """The targets that clients registered as items of the document's own resource of subscriptions."""
        return [
            target
            for one in self._subscriptions
            for item in state.children(one.resource, None)
            if (target := _target(item, one)) is not None
        ]

    @property
    def has_subscriptions(self) -> bool:
        """Whether the document has a resource of subscriptions."""
        return bool(self._subscriptions)

    def of(self, request: Request, outcome: Outcome, targets: Sequence[WebhookTarget]) -> list[OutgoingRequest]:
        """The webhooks of the changes of a request that is committed, to each target that wants them."""
        changes = islice(zip(outcome.changes, outcome.before, strict=True), _MOST_CHANGES)
        return [
            one
            for change, before in changes
            for event in self._events.get((change.resource, _type_of(change, before)), ())
            for one in self._to_all(
                event, change.item if isinstance(change, Put) else before or {}, request, outcome.operation, targets
            )
        ]

    def _to_all(
        self, event: WebhookEvent, item: Item, request: Request, operation: str, targets: Sequence[WebhookTarget]
    ) -> Iterator[OutgoingRequest]:
        """The requests that tell of an event, one for each target that wants it."""
        wanting = [target for target in targets if target.wants(event)]
        if wanting:
            webhook = event.webhook
            fields, body = fields_of(webhook, next(iter(webhook.content), "")), self._body(event, item, request)
            for target in wanting:
                yield addressed(
                    OutgoingRequest(
                        operation,
                        event.name,
                        webhook.method,
                        target.url,
                        fields,
                        body,
                        signature=webhook.signature,
                        secret=target.secret,
                    )
                )

    @cached_property
    def _events(self) -> Mapping[tuple[str, str], Sequence[WebhookEvent]]:
        """The events by resource and type of change; of hundreds of webhooks they take a while to find."""
        found: dict[tuple[str, str], list[WebhookEvent]] = {}
        for event in pair(self._contract).events:
            found.setdefault((event.resource, event.change), []).append(event)
        return found

    def _body(self, event: WebhookEvent, item: Item, request: Request) -> bytes:
        """The body of a webhook: the documented one, with the item in its place, and about this event."""
        representation, place = event.body, event.item
        if representation is None or place is None:
            return b""
        documented = self._bodies.of(representation).value
        if not isinstance(documented, dict):
            documented = {}
        view = SchemaView(self._contract.document.data, representation.schema_pointer)
        inside = find(documented, place)
        shown = self._shown(event, view.inside(place) or view, item, inside if isinstance(inside, dict) else {})
        value = with_value_at(documented, place, shown) if place else shown
        members = [*self._about_the_event(event, view, request.at)]
        value = {**value, **{name: one for name, one in members if place or name not in item}}
        if representation.schema is not None:
            value = with_accepted_members(representation.schema.accepts, documented, value)
        return encoded(self._bodies, representation, value, request)

    def _shown(self, event: WebhookEvent, view: SchemaView, item: Item, documented: Item) -> dict[str, Any]:
        """An item as a webhook shows it, beside the documented members that are none of its own."""
        ours = SchemaView(self._contract.document.data, (KEYWORD, "resources", event.resource, "schema")).members
        names = {name: member_of_item(name, event.resource, ours) for name in view.members or ours}
        others = {name: value for name, value in documented.items() if not names.get(name)}
        shown = {
            name: item[member]
            for name, member in names.items()
            if member in item and not (ours[member].is_marked("writeOnly"))
        }
        return {**others, **shown}

    def _about_the_event(self, event: WebhookEvent, view: SchemaView, at: float) -> Iterator[tuple[str, Any]]:
        """The members around an item: the name of the event, an id of its own, and its time."""
        if event.names is not None:
            yield event.names
        for name, member in view.members.items():
            if normalised(name) in _IDS and "string" in member.types:
                yield name, str(uuid4())
            elif normalised(name) in _TIMES and "string" in member.types and member.keyword("format") == "date-time":
                yield name, datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            elif normalised(name) in _TIMES and "integer" in member.types:
                yield name, int(at)


def _type_of(change: Change, before: Item | None) -> str:
    """The type of a change: CREATED, UPDATED or DELETED; empty if the item stays as it was."""
    if isinstance(change, Put):
        return CREATED if before is None else UPDATED if before != change.item else ""
    return "" if before is None else DELETED


def _target(item: Item, members: SubscriptionResource) -> WebhookTarget | None:
    """The target of a subscription; None if it has no URL, or is switched off."""
    url, events, secret = (item.get(name) for name in (members.url, members.events, members.secret))
    if not isinstance(url, str) or item.get(members.switch) is False:
        return None
    names = tuple(map(str, events)) if isinstance(events, list) else ()
    return WebhookTarget(url, names, secret if isinstance(secret, str) else "")
