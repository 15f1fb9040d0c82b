"""Routing: from the path of a request to the operations on it, at a cost that does not grow with the document.

A tree of segments. A node has its literal segments by text; under `_PATTERNS` those with literals around a template
(`report-{id}.pdf`), the ones with most literals first; and under `_TEMPLATED` the one that is a template alone. These
marks are objects rather than strings, so that no segment of a request equals one. Concrete paths are matched before
templated ones (OpenAPI 3.1 section 4.8.8).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit

T = TypeVar("T")

Literals = tuple[str, ...]

_TEMPLATED: Final = object()
_PATTERNS: Final = object()
_HERE: Final = object()
_BEHIND = re.compile(r"[?#]")
_NAME = re.compile(r"\{([^{}]+)\}")


class Match(NamedTuple, Generic[T]):
    """The target at a path, and the text of each template in order, percent-encoded as it was sent."""

    target: T
    texts: tuple[str, ...]


class Router(Generic[T]):
    """Finds targets by the path of a request."""

    def __init__(self, targets: Iterable[tuple[str, T]]) -> None:
        self._root: dict[object, Any] = {}
        for template, target in targets:
            node = self._root
            for segment in template.split("/")[1:]:
                node = _below(node, segment)
            node[_HERE] = target

    def match(self, path: str, fits: Callable[[T], bool] | None = None) -> Match[T] | None:
        """The most concrete target at a percent-encoded path that `fits` accepts; None if there is none."""
        sent = path.split("/")[1:]
        plain = [unquote(segment) for segment in sent] if "%" in path else sent
        return _straight(self._root, plain, sent, fits) or _find(self._root, plain, sent, 0, (), fits)


def parameter_names(template: str) -> tuple[str, ...]:
    """The names of the parameters in a path template, in order."""
    return tuple(_NAME.findall(template))


def plain_path(template: str) -> str:
    """A path template without the query or fragment that some documents write behind it, against section 4.8.8."""
    return _BEHIND.split(template, maxsplit=1)[0]


def query_behind(template: str) -> list[tuple[str, str]]:
    """The query that a document writes behind a path template, as pairs of name and text."""
    return parse_qsl(template.partition("#")[0].partition("?")[2], keep_blank_values=True)


def base_path(servers: Sequence[Mapping[str, Any]]) -> str:
    """The path of the first server, without a slash at its end; variables have their defaults (section 4.8.6)."""
    return _path_of(servers[0]) if servers else ""


def base_paths(servers: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The paths of all servers, each once, the first server's first."""
    return tuple(dict.fromkeys(map(_path_of, servers)))


def _path_of(server: Mapping[str, Any]) -> str:
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    try:
        # Without dot segments, which clients remove (RFC 3986 section 5.2.4).
        return path_prefix(urljoin("/", urlsplit(url).path))
    except ValueError:  # not a URL: the document then says nothing about a base path
        return ""


def path_prefix(path: str) -> str:
    """A path that others can follow: with a slash at its start and none at its end; empty for the root."""
    stripped = path.strip("/")
    return f"/{stripped}" if stripped else ""


def likeness(path: str, template: str) -> tuple[int, int]:
    """The likeness of a path and a template, for suggestions: the segments that agree, then the equality of lengths."""
    sent, known = path.strip("/").split("/"), template.strip("/").split("/")
    common = takewhile(lambda pair: pair[0] == pair[1] or pair[1].startswith("{"), zip(sent, known, strict=False))
    return sum(1 for _ in common), -abs(len(sent) - len(known))


def _below(node: dict[object, Any], segment: str) -> dict[object, Any]:
    """The node of a segment below another, added if there is none."""
    is_templated = _NAME.fullmatch(segment) is not None
    if is_templated or not _NAME.search(segment):
        below: dict[object, Any] = node.setdefault(_TEMPLATED if is_templated else unquote(segment), {})
        return below
    literals = tuple(map(unquote, _NAME.split(segment)[::2]))
    patterns: dict[Literals, dict[object, Any]] = node.get(_PATTERNS, {})
    patterns.setdefault(literals, {})
    # The more of a segment is literal, the more concrete it is.
    node[_PATTERNS] = dict(sorted(patterns.items(), key=lambda entry: -len("".join(entry[0]))))
    return patterns[literals]


def _parts(literals: Literals, plain: str, sent: str) -> tuple[str, ...]:
    """The texts of the templates in a segment, also where a client percent-encoded its literals."""
    return _between(literals, sent) or tuple(quote(text, safe="") for text in _between(literals, plain))


def _between(literals: Literals, text: str) -> tuple[str, ...]:
    """The shortest texts between literals, none of them empty; no texts where a segment does not have the literals."""
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
    """The match of the first branch at each segment, without backtracking; None if another branch may still match."""
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
