"""Answers as a document describes them: representations, header fields, and what never goes back to a client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lookalike.contract.places import Pointer
from lookalike.contract.pointers import parse_pointer
from lookalike.contract.schemas import Schema

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Media:
    """One way to represent a value: its media type, its schema and the place of that, and examples by name."""

    type: str
    place: Pointer = ()
    schema: Schema | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """A header field of an answer; `explode` is how its objects are written (OpenAPI 3.1 section 4.8.12.3)."""

    name: str
    required: bool
    explode: bool
    media: Media


@dataclass(frozen=True, slots=True)
class Answer:
    """A documented answer: its status (`200`, `2XX` or `default`), what it may look like, and its template if any.

    `content` has the media type that is answered by default first.
    """

    status: str
    content: Mapping[str, Media]
    headers: tuple[Field, ...]
    template: Any
    clauses: tuple[str, ...]

    @property
    def media_type(self) -> str:
        """The media type that is answered by default, or nothing."""
        return next(iter(self.content), "")

    @property
    def schema(self) -> Schema | None:
        """The schema of the default representation."""
        return self.content[self.media_type].schema if self.content else None

    @property
    def examples(self) -> Mapping[str, Any]:
        """The examples of the default representation by name."""
        return self.content[self.media_type].examples if self.content else {}


def documented(answers: Mapping[str, Answer], status: str) -> Answer | None:
    """The answer that describes a status: by its number, else by its range, else the default."""
    keys = (status, f"{status[:1]}XX", f"{status[:1]}xx", DEFAULT)
    return next((answers[key] for key in keys if key in answers), None)


def success(answers: Mapping[str, Answer]) -> str:
    """Which answer tells of a success: the lowest 2xx, then 2XX, default, the lowest 3xx, 3XX; else nothing."""
    numbers = sorted(status for status in answers if status.isdigit())
    of_range = {digit: [status for status in answers if status.upper() == f"{digit}XX"] for digit in "23"}
    first, second = ([status for status in numbers if status[0] == digit] + of_range[digit] for digit in "23")
    return next(iter((*first, *(status for status in answers if status == DEFAULT), *second)), "")


def number_of(status: str) -> int:
    """The status to send: the lowest of a range, and 200 for the default, as Prism has it."""
    return 200 if status == DEFAULT else int(status.upper().replace("XX", "00"))


def answer_side(data: Any) -> Any:
    """The document as answers have to fit it: members that are `writeOnly` are neither required nor allowed.

    (OpenAPI 3.0 section 4.7.24.2; 3.1 leaves it to the one who reads.) The very same where there are none.
    """
    return _without(data, data) if _mentions(data) else data


def _mentions(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_mentions, node))
    return isinstance(node, Mapping) and (node.get("writeOnly") is True or any(map(_mentions, node.values())))


def _without(node: Any, root: Any) -> Any:
    if isinstance(node, list):
        return [_without(item, root) for item in node]
    if not isinstance(node, Mapping):
        return node
    copied = {name: _without(value, root) for name, value in node.items()}
    hidden = _write_only(node, root, frozenset())
    if hidden:
        _hide(copied, hidden)
    return copied


def _hide(schema: dict[str, Any], hidden: frozenset[str]) -> None:
    """Take names out of a schema and of the schemas that it is put together from where it stands."""
    if isinstance(schema.get("required"), list):
        schema["required"] = [name for name in schema["required"] if name not in hidden]
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {
            name: False if name in hidden else value for name, value in schema["properties"].items()
        }
    for part in schema["allOf"] if isinstance(schema.get("allOf"), list) else ():
        if isinstance(part, dict):
            _hide(part, hidden)


def _write_only(schema: Mapping[str, Any], root: Any, passed: frozenset[int]) -> frozenset[str]:
    """The names of the members that a schema, or one that it is put together from, marks as written only."""
    end = _end(schema, root)
    if not isinstance(end, Mapping) or id(end) in passed:
        return frozenset()
    properties, parts = end.get("properties"), end.get("allOf")
    named = properties.items() if isinstance(properties, Mapping) else ()
    own = frozenset(name for name, value in named if _is_write_only(value, root))
    inherited = (_write_only(part, root, passed | {id(end)}) for part in parts) if isinstance(parts, list) else ()
    return own.union(*inherited)


def _is_write_only(schema: Any, root: Any) -> bool:
    end = _end(schema, root)
    return isinstance(end, Mapping) and end.get("writeOnly") is True


def _end(node: Any, root: Any) -> Any:
    """What a schema is behind its `$ref`, unless it says `writeOnly` itself."""
    for _ in range(20):
        if not isinstance(node, Mapping) or "writeOnly" in node or not isinstance(node.get("$ref"), str):
            break
        node = resolve(root, node["$ref"])
    return node


def resolve(root: Any, ref: str) -> Any:
    """What a reference inside of a document leads to, or nothing."""
    fragment = unquote(ref.partition("#")[2])
    return at(root, parse_pointer(fragment)) if not fragment or fragment.startswith("/") else None


def at(root: Any, pointer: tuple[str | int, ...] | list[str]) -> Any:
    """What stands at a place, or nothing."""
    for token in pointer:
        try:
            root = root[int(token)] if isinstance(root, list) else root[token]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return root
