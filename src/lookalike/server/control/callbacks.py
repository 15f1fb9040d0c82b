"""Callbacks and webhooks: those that were sent, those of the document, and where webhooks go."""

import time
from typing import Any

import flask

from lookalike.callbacks.deliveries import Delivery
from lookalike.contract.webhooks import WebhookTarget, pair, read_targets
from lookalike.json_values import ABSENT
from lookalike.server.control.messages import (
    ControlError,
    Routes,
    json_body,
    json_response,
    no_content,
    object_body,
    unknown_name,
)
from lookalike.server.control.rendered_exchanges import text_of
from lookalike.service import MockService


def get_callbacks(mock: MockService) -> flask.Response:
    """The callbacks that were sent, newest first."""
    return json_response([_delivered(one) for one in mock.deliveries()])


def post_webhook(mock: MockService, name: str) -> flask.Response:
    """Send a webhook."""
    sent = object_body()
    is_good = isinstance(sent.get("url"), str) and isinstance(sent.get("secret", ""), str)
    if sent.keys() - {"url", "body", "secret"} or not is_good:
        what = "send the URL to send the webhook to, and its body and the secret to sign it if you want others"
        raise ControlError(422, f"{what}: {{url, body, secret}}")
    webhooks = mock.model.contract.webhooks
    name = name if name in webhooks else f"/{name}"  # as some documents write them
    if name not in webhooks:
        raise unknown_name("webhook", name.removeprefix("/"), webhooks)
    target = WebhookTarget(sent["url"], secret=sent.get("secret", ""))
    delivery = mock.send_webhook(name, target, sent.get("body", ABSENT), time.time())
    return json_response(_delivered(delivery), 202)


def get_webhooks(mock: MockService) -> flask.Response:
    """The webhooks of the document, each with the changes after which it is sent."""
    events, others = pair(mock.model.contract)
    sent: dict[str, list[dict[str, str]]] = {name: [] for name in mock.model.contract.webhooks}
    for event in events:
        sent[event.webhook.name].append({"resource": event.resource, "change": event.change, "event": event.name})
    return json_response([{"name": name, "after": after, "why": others.get(name, "")} for name, after in sent.items()])


def get_webhook_targets(mock: MockService) -> flask.Response:
    """The targets of webhooks."""
    return json_response([one._asdict() for one in mock.webhook_targets])


def put_webhook_targets(mock: MockService) -> flask.Response:
    """Send webhooks to these URLs and to no others, until the next reset."""
    mock.webhook_targets = read_targets(json_body(), "the body")
    return get_webhook_targets(mock)


def delete_webhook_targets(mock: MockService) -> flask.Response:
    """Send webhooks to no URL."""
    mock.webhook_targets = ()
    return no_content()


def _delivered(delivery: Delivery) -> dict[str, Any]:
    request = delivery.request
    return {
        "number": delivery.number,
        "at": delivery.at,
        "operation": request.operation,
        "callback": request.callback,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": [list(field) for field in request.headers],
            "body": text_of(request.body),
        },
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
    }


ROUTES: Routes = (
    ("/callbacks", "GET", get_callbacks),
    ("/webhooks", "GET", get_webhooks),
    ("/webhooks/<path:name>", "POST", post_webhook),
    ("/webhook-targets", "GET", get_webhook_targets),
    ("/webhook-targets", "PUT", put_webhook_targets),
    ("/webhook-targets", "DELETE", delete_webhook_targets),
)
