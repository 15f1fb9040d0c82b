"""Routing: from the path of a request to the operations on it, at a cost that does not grow with the document.

A tree of segments: under each node the literal ones by name, those that are partly templated by their pattern, and,
under `_TEMPLATED`, the one that takes any text. The marks are no texts, so that no segment of a request can be taken
for one. Concrete paths are matched before templated ones (OpenAPI 3.1 section 4.8.8.2).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import quote, unquote, urlsplit

T = TypeVar("T")

_TEMPLATED: Final = object()
_PATTERNS: Final = object()
_HERE: Final = object()
_ANY = "(.+?)"
_NAME = re.compile(r"\{([^{}]+)\}")


class Match(NamedTuple, Generic[T]):
    """What is at a path, and the text of each template in it, in order, percent-encoded as it was sent."""

    target: T
    texts: tuple[str, ...]


class Router(Generic[T]):
    """Targets by path template."""

    def __init__(self, targets: Iterable[tuple[str, T]]) -> None:
        self._root: dict[object, Any] = {}
        for template, target in targets:
            node = self._root
            for segment in template.split("/")[1:]:
                node = _below(node, segment)
            node[_HERE] = target

    def match(self, path: str) -> Match[T] | None:
        """What is at a percent-encoded path, or None."""
        sent = path.split("/")[1:]
        plain = [unquote(segment) for segment in sent] if "%" in path else sent
        return _find(self._root, plain, sent, 0, ())


def parameter_names(template: str) -> tuple[str, ...]:
    """The names of the templates in a path, in order."""
    return tuple(_NAME.findall(template))


def base_path(servers: Sequence[Mapping[str, Any]]) -> str:
    """The path of the first of some servers, without a slash at its end; variables have their defaults."""
    if not servers:
        return ""
    url: str = servers[0]["url"]
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:  # no URL at all, so nothing is said about the path
        return ""
    return f"/{path}" if path else ""


def _below(node: dict[object, Any], segment: str) -> dict[object, Any]:
    """The node for a segment below another, made where there is none yet."""
    if not _NAME.search(segment):
        return node.setdefault(unquote(segment), {})  # type: ignore[no-any-return]  # a tree of itself
    if _NAME.fullmatch(segment):
        return node.setdefault(_TEMPLATED, {})  # type: ignore[no-any-return]
    patterns: list[tuple[re.Pattern[str], dict[object, Any]]] = node.setdefault(_PATTERNS, [])
    pattern = _pattern(segment)
    known = next((inner for other, inner in patterns if other.pattern == pattern.pattern), None)
    if known is None:
        known = {}
        patterns.append((pattern, known))
        patterns.sort(key=lambda entry: -len(entry[0].pattern.replace(_ANY, "")))  # the more literal, the more specific
    return known


def _pattern(segment: str) -> re.Pattern[str]:
    """A segment that holds literal text and templates, or several templates."""
    literal = map(unquote, _NAME.split(segment)[::2])
    return re.compile(_ANY.join(map(re.escape, literal)) + r"\Z", re.DOTALL)


def _parts(pattern: re.Pattern[str], plain: str, sent: str) -> tuple[str, ...]:
    """The texts of the templates in a segment, also where a client has encoded what is literal in it."""
    match = pattern.match(sent)
    if match is not None:
        return match.groups()
    match = pattern.match(plain)
    return tuple(quote(text, safe="") for text in match.groups()) if match else ()


def _find(
    node: dict[object, Any], plain: Sequence[str], sent: Sequence[str], index: int, texts: tuple[str, ...]
) -> Match[Any] | None:
    if index == len(plain):
        return Match(node[_HERE], texts) if _HERE in node else None
    segment = plain[index]
    if segment in node:
        found = _find(node[segment], plain, sent, index + 1, texts)
        if found is not None:
            return found
    if not segment:
        return None
    for pattern, inner in node.get(_PATTERNS, ()):
        parts = _parts(pattern, segment, sent[index])
        found = _find(inner, plain, sent, index + 1, (*texts, *parts)) if parts else None
        if found is not None:
            return found
    templated = node.get(_TEMPLATED)
    return None if templated is None else _find(templated, plain, sent, index + 1, (*texts, sent[index]))
