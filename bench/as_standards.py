r"""A document as the standards have it read, for a tool that reads it otherwise.

- Parameters in headers called Accept, Content-Type and Authorization are ignored (OpenAPI 3.1 section 4.8.12.2.1).
- Answers of the statuses 204, 205 and 304 have no body (RFC 9110 sections 6.4.1 and 15.3.6).
- Patterns are those of ECMA-262 (JSON Schema Core section 6.4); Python has a line feed before `$`,
  digits and letters of all scripts in `\d` and `\w`, and other spaces in `\s`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

IGNORED = frozenset({"accept", "authorization", "content-type"})
_BODILESS = frozenset({"204", "205", "304"})
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

_TOKEN = re.compile(r"\[\\S\]|\\p\{[^}]*\}|\\.|.", re.DOTALL)
_SPACES = r" \t\n\v\f\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES = {"\\d": "0-9", "\\s": _SPACES, "\\w": "A-Za-z0-9_", "\\p{L}": "A-Za-z", "\\p{N}": "0-9", "\\p{Z}": " "}


def as_standards_have_it(document: Any) -> Any:
    """The document with nothing in it that a standard has ignored, and patterns that Python reads as they are meant."""
    document = with_patterns(document)
    for node in _operations(document):
        if "parameters" in node:
            node["parameters"] = [one for one in node["parameters"] if not _is_ignored(end_of(document, one))]
        for status in _BODILESS & {*map(str, node.get("responses", {}))}:
            answer = end_of(document, node["responses"][status])
            node["responses"][status] = {name: answer[name] for name in answer if name not in {"content", "schema"}}
    return document


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Path items and operations, both of which may have parameters."""
    for path in document.get("paths", {}).values():
        if isinstance(path, dict):
            yield path
            yield from (node for name, node in path.items() if name in _METHODS and isinstance(node, dict))


def _is_ignored(parameter: Mapping[str, Any]) -> bool:
    return parameter.get("in") == "header" and str(parameter.get("name")).lower() in IGNORED


def end_of(document: Any, node: Any) -> Any:
    """What a chain of references within the document leads to."""
    while "$ref" in node:
        pointer, node = node["$ref"].removeprefix("#/"), document
        for token in map(unquote, pointer.split("/")):
            node = node[int(token) if isinstance(node, list) else token.replace("~1", "/").replace("~0", "~")]
    return node


def with_patterns(node: Any) -> Any:
    """Schemas whose patterns Python reads as they are meant."""
    if isinstance(node, list):
        return [with_patterns(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {name: with_patterns(member) for name, member in node.items()}
    if isinstance(found.get("pattern"), str):
        found["pattern"] = for_python(found["pattern"])
    return found


def for_python(pattern: str) -> str:
    """A pattern of ECMA-262 as Python has to have it written, as far as that can be."""
    is_in_class, parts = False, []
    for token in _TOKEN.findall(pattern):
        characters = _CLASSES.get(token)
        if characters is not None:
            parts.append(characters if is_in_class else f"[{characters}]")
        elif token in {r"\S", r"[\S]"} and not is_in_class:
            parts.append(f"[^{_SPACES}]")
        elif token == "$" and not is_in_class:
            parts.append(r"$(?!\n)")
        else:
            is_in_class = token == "[" or (is_in_class and token != "]")
            parts.append(token)
    return "".join(parts)
