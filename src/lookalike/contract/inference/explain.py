"""Explains what was inferred: in one line per operation, and as an Overlay that states the same."""

from typing import Any

from lookalike.contract.inference.infer import infer
from lookalike.openapi.document import Document, to_yaml
from lookalike.openapi.walk import MORE_METHODS
from lookalike.schema.vocabulary import KEYWORD


def explanation(document: Document) -> list[str]:
    """One line for each operation: its method, its path, and what it does to state."""
    words = infer(document.data).words
    width = max((len(path) for path, _ in words), default=0)
    return [f"{method.upper():7}{path:{width}}  {text}" for (path, method), text in words.items()]


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
    title = f"What {document.name} does to state"
    return to_yaml({"overlay": "1.0.0", "info": {"title": title, "version": "1"}, "actions": actions})


def _member(method: str) -> str:
    """The place of an operation in its path item, in JSONPath (RFC 9535)."""
    return f".additionalOperations['{method.upper()}']" if method in MORE_METHODS else f".{method}"
