"""Routing: from the path of a request to the operations on it, at a cost that does not grow with the document.

A tree of segments: under each node the literal ones by name and, under `_TEMPLATED`, the one that takes any text. The
two marks are no texts, so that no segment of a request can be taken for one.
Concrete paths are matched before templated ones (OpenAPI 3.1 section 4.8.8.2).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import unquote

T = TypeVar("T")

_TEMPLATED: Final = object()
_HERE: Final = object()


class Match(NamedTuple, Generic[T]):
    """What is at a path, and the decoded text of each templated segment, in order."""

    target: T
    texts: tuple[str, ...]


class Router(Generic[T]):
    """Targets by path template."""

    def __init__(self, targets: Iterable[tuple[str, T]]) -> None:
        self._root: dict[object, Any] = {}
        for template, target in targets:
            node = self._root
            for segment in template.split("/")[1:]:
                node = node.setdefault(_TEMPLATED if segment.startswith("{") else segment, {})
            node[_HERE] = target

    def match(self, path: str) -> Match[T] | None:
        """What is at a percent-encoded path, or None."""
        segments = path.split("/")[1:]
        if "%" in path:
            segments = [unquote(segment) for segment in segments]
        return _find(self._root, segments, 0, ())


def parameter_names(template: str) -> tuple[str, ...]:
    """The names of the templated segments of a path, in order."""
    return tuple(segment[1:-1] for segment in template.split("/") if segment.startswith("{"))


def _find(node: dict[object, Any], segments: Sequence[str], index: int, texts: tuple[str, ...]) -> Match[Any] | None:
    if index == len(segments):
        return Match(node[_HERE], texts) if _HERE in node else None
    segment = segments[index]
    if segment in node:
        found = _find(node[segment], segments, index + 1, texts)
        if found is not None:
            return found
    templated = node.get(_TEMPLATED)
    if templated is None or not segment:
        return None
    return _find(templated, segments, index + 1, (*texts, segment))
