"""Explaining: what was inferred, in one line per operation, and as an overlay that says the same."""

from typing import Any

from lookalike.contract.inference.infer import inferred
from lookalike.openapi.document import Document, to_yaml
from lookalike.openapi.walk import MORE_METHODS
from lookalike.schema.vocabulary import KEYWORD


def explained(document: Document) -> list[str]:
    """A line for each operation: the method, the path, and what it does."""
    words = inferred(document.data).words
    width = max((len(path) for path, _ in words), default=0)
    return [f"{method.upper():7}{path:{width}}  {said}" for (path, method), said in words.items()]


def overlay(document: Document) -> str:
    """An Overlay document (OpenAPI Overlay 1.0) in YAML that says what was inferred; nothing where that is nothing."""
    found = inferred(document.data)
    if not found.operations:
        return ""
    actions: list[dict[str, Any]] = [{"target": "$", "update": {KEYWORD: {"resources": found.resources}}}]
    actions += [
        {"target": f"$.paths['{path}']{_member(method)}", "update": {KEYWORD: raw}}
        for (path, method), raw in found.operations.items()
    ]
    title = f"What {document.name} does to state"
    return to_yaml({"overlay": "1.0.0", "info": {"title": title, "version": "1"}, "actions": actions})


def _member(method: str) -> str:
    """Where an operation is on its path, in JSONPath."""
    return f".additionalOperations['{method.upper()}']" if method in MORE_METHODS else f".{method}"
