"""Shapes: where in a body the item or the items stand, by the template from which the model makes such bodies."""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.contract.expressions import ABSENT
from lookalike.contract.responses import at

Path = tuple[str | int, ...]


def place_of(template: Any, wanted: str, path: Path = ()) -> Path | None:
    """The way to a place such as `$item` in a template, or None."""
    if template == wanted:
        return path
    parts: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(template, Mapping):
        parts = iter(template.items())
    elif isinstance(template, list):
        parts = iter(enumerate(template))
    return next((found for name, part in parts if (found := place_of(part, wanted, (*path, name))) is not None), None)


def item_in(operation: Operation, value: Any) -> dict[str, Any]:
    """The item in a body; empty where there is none to be seen."""
    found = part_of(operation, value, "$item")
    return found if isinstance(found, dict) else {}


def part_of(operation: Operation, value: Any, wanted: str) -> Any:
    """What stands at a place of a body, or None."""
    path = place_of(operation.success.body, wanted)
    return None if path is None or value is ABSENT else at(value, path)
