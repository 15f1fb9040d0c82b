"""`--webhook-url URL`: where a mock sends its webhooks, and the lines about them at the start."""

from collections.abc import Collection, Iterable

from lookalike.callbacks.outgoing import url_flaw
from lookalike.callbacks.sender import refusal
from lookalike.cli.output import tell
from lookalike.contract.contract import Contract
from lookalike.contract.webhooks import WebhookTarget, pair
from lookalike.errors import UsageError

_MOST_TOLD = 12


def webhook_targets(urls: Iterable[str], hosts: Collection[str]) -> tuple[WebhookTarget, ...]:
    """The targets at URLs; raises `UsageError` for one to which nothing may be sent."""
    for url in urls:
        why = url_flaw(url) or refusal(url, hosts)
        if why:
            raise UsageError(f"--webhook-url {url}: {why}")
    return tuple(map(WebhookTarget, urls))


def tell_of_webhooks(contract: Contract, secret: str) -> None:
    """Say on standard error which webhooks are not sent after a change, and whether signatures are missing."""
    events, others = pair(contract)
    if not contract.webhooks:
        tell("--webhook-url: the document has no webhooks, so that none is sent", err=True)
    for name, why in [*others.items()][:_MOST_TOLD]:
        tell(f"webhook {name} is sent on request alone: {why}", err=True)
    if len(others) > _MOST_TOLD:
        tell(f"and {len(others) - _MOST_TOLD} more; to see all: lookalike check DOCUMENT --explain", err=True)
    if not secret and any(event.webhook.signature for event in events):
        tell("webhooks are not signed; --webhook-secret sets the secret of the signatures", err=True)
