"""Routing: from the path of a request to the operations on it, at a cost that does not grow with the document.

A tree of segments: under each node the literal ones by name, those that are partly templated by what is literal in
them, and, under `_TEMPLATED`, the one that takes any text. The marks are no texts, so that no segment of a request can
be taken for one. Concrete paths are matched before templated ones (OpenAPI 3.1 section 4.8.8.2).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlsplit

T = TypeVar("T")

Literals = tuple[str, ...]

_TEMPLATED: Final = object()
_PATTERNS: Final = object()
_HERE: Final = object()
_BEHIND = re.compile(r"[?#]")
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

    def match(self, path: str, fits: Callable[[T], bool] | None = None) -> Match[T] | None:
        """What is at a percent-encoded path, or None; the most concrete of what `fits`, where that is said."""
        sent = path.split("/")[1:]
        plain = [unquote(segment) for segment in sent] if "%" in path else sent
        return _straight(self._root, plain, sent, fits) or _find(self._root, plain, sent, 0, (), fits)


def parameter_names(template: str) -> tuple[str, ...]:
    """The names of the templates in a path, in order."""
    return tuple(_NAME.findall(template))


def plain_path(template: str) -> str:
    """A path template without the query or fragment that some documents write behind it."""
    return _BEHIND.split(template, maxsplit=1)[0]


def query_behind(template: str) -> list[tuple[str, str]]:
    """The query that a document writes behind a path template, by name and text."""
    return parse_qsl(template.partition("#")[0].partition("?")[2], keep_blank_values=True)


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


def likeness(path: str, template: str) -> tuple[int, int]:
    """How many of its first segments a path has in common with a template, and how little they differ in length."""
    sent, known = path.strip("/").split("/"), template.strip("/").split("/")
    common = takewhile(lambda pair: pair[0] == pair[1] or pair[1].startswith("{"), zip(sent, known, strict=False))
    return sum(1 for _ in common), -abs(len(sent) - len(known))


def _below(node: dict[object, Any], segment: str) -> dict[object, Any]:
    """The node for a segment below another, made where there is none yet."""
    is_templated = _NAME.fullmatch(segment) is not None
    if is_templated or not _NAME.search(segment):
        below: dict[object, Any] = node.setdefault(_TEMPLATED if is_templated else unquote(segment), {})
        return below
    literals = tuple(map(unquote, _NAME.split(segment)[::2]))
    patterns: dict[Literals, dict[object, Any]] = node.get(_PATTERNS, {})
    patterns.setdefault(literals, {})
    # the more of a segment is literal, the more specific it is
    node[_PATTERNS] = dict(sorted(patterns.items(), key=lambda entry: -len("".join(entry[0]))))
    return patterns[literals]


def _parts(literals: Literals, plain: str, sent: str) -> tuple[str, ...]:
    """The texts of the templates in a segment, also where a client has encoded what is literal in it."""
    return _between(literals, sent) or tuple(quote(text, safe="") for text in _between(literals, plain))


def _between(literals: Literals, text: str) -> tuple[str, ...]:
    """What stands between literals, nowhere nothing, each as short as can be; no texts where that is not how it is."""
    start, *inner, end = literals
    here, there = len(start), len(text) - len(end)
    found = []
    for literal in inner:
        at = text.find(literal, here + 1, there)
        if at < 0:
            return ()
        found.append(text[here:at])
        here = at + len(literal)
    is_there = here < there and text.startswith(start) and text.endswith(end)
    return (*found, text[here:there]) if is_there else ()


def _straight(
    root: dict[object, Any], plain: Sequence[str], sent: Sequence[str], fits: Callable[[Any], bool] | None
) -> Match[Any] | None:
    """What is found without turning back, on the way that is looked at first; None says nothing."""
    node = root
    texts: tuple[str, ...] = ()
    for segment, text in zip(plain, sent):  # noqa: B905  # they are as long as each other, and this is asked each time
        if segment in node:
            node = node[segment]
        elif segment and _TEMPLATED in node and _PATTERNS not in node:
            node, texts = node[_TEMPLATED], (*texts, text)
        else:
            return None
    return Match(node[_HERE], texts) if _HERE in node and (fits is None or fits(node[_HERE])) else None


def _find(  # noqa: PLR0913, PLR0917  # where it is in the tree and in the path, and what it looks for
    node: dict[object, Any],
    plain: Sequence[str],
    sent: Sequence[str],
    index: int,
    texts: tuple[str, ...],
    fits: Callable[[Any], bool] | None,
) -> Match[Any] | None:
    if index == len(plain):
        return Match(node[_HERE], texts) if _HERE in node and (fits is None or fits(node[_HERE])) else None
    segment = plain[index]
    if segment in node:
        found = _find(node[segment], plain, sent, index + 1, texts, fits)
        if found is not None:
            return found
    if not segment:
        return None
    for literals, inner in node[_PATTERNS].items() if _PATTERNS in node else ():
        parts = _parts(literals, segment, sent[index])
        found = _find(inner, plain, sent, index + 1, (*texts, *parts), fits) if parts else None
        if found is not None:
            return found
    templated = node.get(_TEMPLATED)
    return None if templated is None else _find(templated, plain, sent, index + 1, (*texts, sent[index]), fits)
