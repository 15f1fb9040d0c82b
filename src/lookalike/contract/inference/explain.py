"""Explanations of the inference: a line for each operation, and an Overlay that states the same."""

from typing import Any

from lookalike.contract.contract import Contract
from lookalike.contract.grounds import NO_GROUNDS, Ground, Grounds
from lookalike.contract.inference.infer import infer
from lookalike.contract.webhooks import pair
from lookalike.openapi.document import Document
from lookalike.openapi.walk import MORE_METHODS
from lookalike.openapi.yaml_text import to_yaml
from lookalike.schema.vocabulary import KEYWORD


def explanation(document: Document) -> list[str]:
    """One line for each operation: its method, its path, what it does to state, and why each of that is believed.

    A line for each resource with the grounds of its key, its schema and the items that are there at first follows.
    """
    inferred = infer(document.data)
    width = max((len(path) for path, _ in inferred.words), default=0)
    lines = [
        f"{method.upper():7}{path:{width}}  {text}{_in_brackets(inferred.grounds.get((path, method), NO_GROUNDS))}"
        for (path, method), text in inferred.words.items()
    ]
    resources = [f"resource {name}{_in_brackets(grounds)}" for name, grounds in inferred.resource_grounds.items()]
    return [*lines, *resources]


def explanation_of_webhooks(contract: Contract) -> list[str]:
    """One line for each webhook: the changes after which it is sent, or why it is sent on request alone."""
    events, others = pair(contract)
    width = max(map(len, contract.webhooks), default=0)
    sent = [
        f"webhook {event.webhook.name:{width}}  after a {event.resource} was {event.change}"
        + (f": {event.name}" if event.name != event.webhook.name else "")
        for event in events
    ]
    return [*sent, *(f"webhook {name:{width}}  on request alone: {why}" for name, why in others.items())]


def _in_brackets(grounds: Grounds) -> str:
    """The grounds of facts, those with the same one together: ` [shown: effect; guessed: page.limit]`."""
    by_ground = {ground: [fact for fact, one in grounds.items() if one is ground] for ground in Ground}
    parts = [f"{ground}: {', '.join(facts)}" for ground, facts in by_ground.items() if facts]
    return f"  [{'; '.join(parts)}]" if parts else ""


def overlay(document: Document) -> str:
    """The inference as YAML of an Overlay document (OpenAPI Overlay 1.0); empty if nothing was inferred."""
    inferred = infer(document.data)
    if not inferred.operations:
        return ""
    actions: list[dict[str, Any]] = [{"target": "$", "update": {KEYWORD: {"resources": inferred.resources}}}]
    actions += [
        {"target": f"$.paths['{path}']{_member(method)}", "update": {KEYWORD: extension}}
        for (path, method), extension in inferred.operations.items()
    ]
    title = f"What the operations of {document.title} do to state"
    return to_yaml({"overlay": "1.0.0", "info": {"title": title, "version": "1"}, "actions": actions})


def _member(method: str) -> str:
    """The place of an operation in its path item, in JSONPath (RFC 9535)."""
    return f".additionalOperations['{method.upper()}']" if method in MORE_METHODS else f".{method}"
