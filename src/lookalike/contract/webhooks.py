"""Webhooks that belong to a change of state: which of them tell of which change, and where the item is in their body.

OpenAPI states neither (3.1 section 4.8.1), so both are taken from names and schemas, and only where these are plain:
`petCreated` and `pet.created`, whose body is a pet or has one as a member.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.callbacks import CREATED, DELETED, UPDATED, Callback
from lookalike.contract.contract import Contract
from lookalike.contract.responses import Representation
from lookalike.errors import UsageError
from lookalike.json_values import ABSENT, Pointer
from lookalike.naming.keys import key_field
from lookalike.naming.words import normalised, singular, words_of
from lookalike.schema.directions import WRITE_ONLY
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_CHANGES: Mapping[str, str] = {
    **dict.fromkeys(("created", "create", "new", "added", "add", "registered", "placed"), CREATED),
    **dict.fromkeys(("updated", "update", "changed", "change", "modified", "edited", "edit"), UPDATED),
    **dict.fromkeys(("deleted", "delete", "removed", "remove", "destroyed"), DELETED),
}
_FILLERS = frozenset({"on", "event", "events", "webhook", "webhooks", "hook", "notification", "notify", "was", "is"})
# Members of a body around the item: those that hold it, and those that name the event.
_HOLDERS = ("data", "object", "payload", "resource", "item", "record", "entity", "body", "content")
_EVENT_NAMES = frozenset({"event", "type", "eventtype", "eventname", "action", "topic", "trigger"})


class WebhookEvent(NamedTuple):
    """A webhook that is sent after a change of an item: one of CREATED, UPDATED and DELETED.

    `body` is its body, or one branch of that where there are several; `item` the place of the item in the body, and
    `names` the member that names the event, with its value. Each is None if there is none.
    """

    webhook: Callback
    resource: str
    change: str
    name: str
    body: Representation | None = None
    item: Pointer | None = None
    names: tuple[str, Any] | None = None


class WebhookTarget(NamedTuple):
    """A URL that webhooks are sent to: those that are named, or all where none is; `secret` signs them."""

    url: str
    webhooks: tuple[str, ...] = ()
    secret: str = ""

    def wants(self, event: WebhookEvent) -> bool:
        """Whether a webhook is sent there."""
        return not self.webhooks or bool({"*", event.name, event.webhook.name} & set(self.webhooks))


class PairedWebhooks(NamedTuple):
    """The webhooks that belong to changes, and for each other one by its name why it is sent on request alone."""

    events: tuple[WebhookEvent, ...]
    others: Mapping[str, str]


def pair(contract: Contract) -> PairedWebhooks:
    """The webhooks of a contract with the changes that they belong to."""
    events: list[WebhookEvent] = []
    others: dict[str, str] = {}
    finder = _EventFinder(contract)
    for webhook in contract.webhooks.values():
        found = list(finder.events(webhook))
        events += found
        if not found:
            others[webhook.name] = finder.why_not(webhook)
    return PairedWebhooks(tuple(events), others)


def read_targets(data: Any, name: str) -> tuple[WebhookTarget, ...]:
    """The targets of webhooks from data of a name; raises `UsageError` with the place that is wrong."""
    if not isinstance(data, list):
        raise UsageError(f"{name}: expected a list of targets, as in [{{url: http://127.0.0.1:9000/hook}}]")
    return tuple(_target(one, f"{name} (#/{index})") for index, one in enumerate(data))


def _target(data: Any, where: str) -> WebhookTarget:
    if not isinstance(data, Mapping) or not data.keys() <= set(WebhookTarget._fields):
        raise UsageError(f"{where}: a target has the members url, webhooks and secret")
    url, webhooks, secret = data.get("url"), data.get("webhooks", []), data.get("secret", "")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise UsageError(f"{where}: url must be an absolute http URL")
    if not isinstance(webhooks, list | tuple) or not all(isinstance(one, str) for one in webhooks):
        raise UsageError(f"{where}: webhooks must be a list of names")
    if not isinstance(secret, str):
        raise UsageError(f"{where}: secret must be a text")
    return WebhookTarget(url, tuple(webhooks), secret)


class _EventFinder:
    """Finds the events of webhooks, by the resources of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._root = contract.document.data
        self._schemas = contract.schemas
        self._items = {
            name: SchemaView(self._root, (KEYWORD, "resources", name, "schema")) for name in contract.resources
        }
        self._nouns = {normalised(singular(name)): name for name in contract.resources}

    def events(self, webhook: Callback) -> Iterator[WebhookEvent]:
        """The events of a webhook; none if they are not plain."""
        noun, change = self._read_name(webhook.name)
        begun = WebhookEvent(webhook, self._nouns.get(noun, ""), change, webhook.name)
        whole = next(iter(webhook.content.values()), None)
        if whole is None:
            yield from (begun,) if begun.resource and change else ()
        elif whole.schema_pointer:
            view = SchemaView(self._root, whole.schema_pointer)
            for body in view.branches or (view,):
                one = whole if body is view else self._branch(whole, body.pointer)
                yield from self._of_body(begun._replace(body=one), body)

    def _branch(self, whole: Representation, pointer: Pointer) -> Representation:
        """A body by one branch of its schema, with the examples of that."""
        schema = self._schemas.at(*pointer, unsent=WRITE_ONLY)
        examples = {name: value for name, value in whole.examples.items() if schema.accepts(value)}
        return Representation(whole.media_type, pointer, schema, examples)

    def why_not(self, webhook: Callback) -> str:
        """The reason why a webhook is not sent by itself."""
        noun, change = self._read_name(webhook.name)
        if not change:
            return "its name tells of no creation, change or deletion"
        resource = self._nouns.get(noun)
        return f"its body shows no {resource}" if resource else "it names no resource that is stored"

    def _of_body(self, begun: WebhookEvent, body: SchemaView) -> Iterator[WebhookEvent]:
        """The events of a body, which may name them in a member."""
        member, values = next(
            ((name, _texts(view)) for name, view in body.members.items() if _names_event(name, view)), ("", [])
        )
        named = [(*self._read_name(value), value) for value in values]
        fitting = [
            (noun, change, value)
            for noun, change, value in named
            if change and begun.change in ("", change) and (not noun or self._may_be(noun, begun.resource))
        ]
        for noun, change, value in fitting:
            resource, name = begun.resource or self._nouns.get(noun, ""), begun.name if begun.change else value
            event = begun._replace(resource=resource, change=change, name=name, names=(member, value))
            yield from self._located(event, body)
        if begun.change and not any(change for _, change, _ in named):
            names = (member, begun.name) if member and not values else None
            yield from self._located(begun._replace(names=names), body)

    def _read_name(self, name: str) -> tuple[str, str]:
        """The noun of an event and its change; of a noun with others before it (`shop.pet.created`), a known one."""
        whole = noun, change = _read_name(name)
        while noun not in self._nouns and "." in name:
            name = name.partition(".")[2]
            noun, _ = _read_name(name)
        return (noun, change) if noun in self._nouns else whole

    def _may_be(self, noun: str, resource: str) -> bool:
        """Whether a noun is that of a resource, or of any where none is named."""
        return noun in self._nouns and resource in ("", self._nouns[noun])

    def _located(self, event: WebhookEvent, body: SchemaView) -> Iterator[WebhookEvent]:
        """The event with its resource and the place of the item in the body, if both are plain."""
        holders = {*_HOLDERS, normalised(singular(event.resource))}
        places = [
            place
            for name, view in body.members.items()
            if normalised(name) in holders
            for place in (((name,), view), *(((name, inner), one) for inner, one in view.members.items()))
        ]
        wanted = [event.resource] if event.resource else list(self._items)
        found = [
            (name, place) for place, view in (*places, ((), body)) for name in wanted if self._shows(view, name, event)
        ]
        if found and len({name for name, _ in found}) == 1:
            resource, place = found[0]
            is_of_item = not place and event.names is not None and event.names[0] in self._items[resource].members
            yield event._replace(resource=resource, item=place, names=None if is_of_item else event.names)

    def _shows(self, view: SchemaView, resource: str, event: WebhookEvent) -> bool:
        """Whether a schema is that of the items of a resource; or has mostly their members, where a name says so."""
        item = self._items[resource]
        if view.pointer == item.pointer or not event.resource:
            return view.pointer == item.pointer
        ours = [name for name in view.members if member_of_item(name, resource, item.members)]
        return 2 * len(ours) > len(view.members) and view.required <= set(ours)


def member_of_item(name: str, resource: str, members: Mapping[str, Any]) -> str:
    """The member of an item that a member of a body holds: the same one, or `id` for `petId`; else nothing."""
    if name in members:
        return name
    owner = normalised(singular(resource))
    return key_field(name, resource, members) if normalised(name).startswith(owner) else ""


def _names_event(name: str, view: SchemaView) -> bool:
    return normalised(name) in _EVENT_NAMES and view.types <= {"string"}


def _texts(view: SchemaView) -> list[str]:
    """The texts that a member may have, where these are listed."""
    constant = view.keyword("const", ABSENT)
    listed = view.keyword("enum", []) if constant is ABSENT else [constant]
    return [one for one in listed if isinstance(one, str)]


def _read_name(name: str) -> tuple[str, str]:
    """The noun of an event and its change, each empty where the name has none: `pet` and CREATED of `pet.created`."""
    words = [word for word in words_of(name) if word not in _FILLERS]
    for index in (-1, 0):
        if words and words[index] in _CHANGES:
            change = _CHANGES[words.pop(index)]
            return normalised(singular("".join(words))), change
    return normalised(singular("".join(words))), ""
