"""Subscriptions: resources of a document whose items say where webhooks go, by the names that such resources have."""

from collections.abc import Iterator
from typing import NamedTuple

from lookalike.contract.contract import Contract
from lookalike.naming.words import normalised, singular
from lookalike.schema.view import SchemaView
from lookalike.schema.vocabulary import KEYWORD

_RESOURCES = ("webhook", "webhookendpoint", "webhookconfig", "hook", "subscription", "webhooksubscription")
_URLS = ("url", "targeturl", "callbackurl", "webhookurl", "endpointurl", "deliveryurl", "endpoint", "uri", "callback")
_EVENTS = ("events", "eventtypes", "enabledevents", "topics", "subscribedevents")
_SWITCHES = ("active", "enabled", "isactive", "isenabled")
_SECRETS = ("secret", "signingsecret", "signingkey", "webhooksecret")


class SubscriptionResource(NamedTuple):
    """A resource of subscriptions, with the members of its items that hold a URL, a list of events, a switch, a secret.

    All but that of the URL are empty if there is none.
    """

    resource: str
    url: str
    events: str = ""
    switch: str = ""
    secret: str = ""


def subscription_resources(contract: Contract) -> Iterator[SubscriptionResource]:
    """The resources of subscriptions that a contract has."""
    for resource in contract.resources:
        if normalised(singular(resource)) in _RESOURCES:
            members = SchemaView(contract.document.data, (KEYWORD, "resources", resource, "schema")).members
            by_name = {normalised(name): name for name in members}
            found = [
                next((by_name[name] for name in names if name in by_name), "")
                for names in (_URLS, _EVENTS, _SWITCHES, _SECRETS)
            ]
            if found[0]:
                yield SubscriptionResource(resource, *found)
