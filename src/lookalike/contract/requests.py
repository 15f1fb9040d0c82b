"""What a document says about requests: parameters and bodies, read once and frozen."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lookalike.json_values import ABSENT, Pointer
from lookalike.schema.validator import READ_ONLY, Schema
from lookalike.schema.value_types import ValueType
from lookalike.schema.vocabulary import clauses_of

_IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})  # OpenAPI 3.1 section 4.8.12.1
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_EXPLODED = frozenset({"form", "cookie"})  # OpenAPI 3.1 section 4.8.12.2: the default of explode

ParameterKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: where it is, how it is written, and what it may be.

    `location` is `path`, `query`, `header` or `cookie`. `schema` judges an object with the value as its one member, so
    that messages and pointers begin with the name; it is None where nothing is said. `media_type` is that of a
    parameter with `content`, else empty; `default` is `ABSENT` where there is none.
    """

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    allow_empty: bool
    allow_reserved: bool
    media_type: str
    value_type: ValueType
    schema: Schema | None
    default: Any


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a member of a form is written; `media_types` are those that a part may have, none meaning any."""

    media_types: tuple[str, ...]
    style: str
    explode: bool


@dataclass(frozen=True, slots=True)
class MediaType:
    """A body of one media type: its schema, and how the members of a form are written."""

    media_type: str
    schema: Schema | None
    value_type: ValueType
    encoding: Mapping[str, Encoding]

    @property
    def members(self) -> frozenset[str]:
        """The names of the members that are described."""
        return frozenset(self.value_type.properties)

    @property
    def number_members(self) -> frozenset[str]:
        """Those of the members that are numbers, or lists of numbers."""
        return frozenset(name for name in self.value_type.properties if _holds_numbers(self.value_type.member(name)))

    @property
    def read_only_members(self) -> frozenset[str]:
        """Those of the members that only the server sets."""
        return frozenset(
            name for name in self.value_type.properties if self.value_type.member(name).keyword(READ_ONLY) is True
        )


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body of a request, by media type or range, as they are written; there is at least one."""

    required: bool
    content: Mapping[str, MediaType]
    clauses: tuple[str, ...]

    @property
    def first(self) -> MediaType:
        """The media type that is named first."""
        return next(iter(self.content.values()))


class DocumentLookup(NamedTuple):
    """How to look into a document: the object at a place behind its references, the schema there, a schema's kind.

    `schema(pointer, member)` judges the value itself, or as a member of that name where there is one.
    """

    follow: Callable[[Pointer], tuple[Pointer, Mapping[str, Any]]]
    schema: Callable[..., Schema]
    kind: Callable[[Any], ValueType]


def parameters(
    look: DocumentLookup, places: Iterator[tuple[Pointer, Mapping[str, Any]]]
) -> dict[ParameterKey, Parameter]:
    """Parameters by where they are and their name; of two alike, the later counts (OpenAPI 3.1 section 4.8.10.1)."""
    found: dict[ParameterKey, Parameter] = {}
    for pointer, raw in places:
        source, name = raw["in"], raw["name"]
        if source == "header" and name.lower() in _IGNORED_HEADERS:
            continue
        found[source, name.lower() if source == "header" else name] = _parameter(look, pointer, raw)
    return found


def _parameter(look: DocumentLookup, pointer: Pointer, raw: Mapping[str, Any]) -> Parameter:
    source, name = raw["in"], raw["name"]
    media_type = next(iter(raw.get("content", {})), "")
    place = (*pointer, "content", media_type, "schema") if media_type else (*pointer, "schema")
    said = "schema" in (raw["content"][media_type] if media_type else raw)
    _, schema = look.follow(place) if said else (place, {})
    style = raw.get("style", _STYLES.get(source, "simple"))
    kind = look.kind(schema)
    return Parameter(
        name=name,
        location=source,
        required=raw.get("required", False),
        style=style,
        explode=raw.get("explode", style in _EXPLODED),
        allow_empty=source == "query" and raw.get("allowEmptyValue", False),
        allow_reserved=raw.get("allowReserved", False),
        media_type=media_type.partition(";")[0].strip().lower(),
        value_type=kind,
        schema=look.schema(place, name) if said else None,
        default=kind.keyword("default", ABSENT),
    )


def request_body(look: DocumentLookup, here: Pointer) -> RequestBody | None:
    """The body that is described at a place; None where no media type is named, so that nothing is said about it."""
    pointer, raw = look.follow(here)
    media = {name: _media(look, (*pointer, "content", name), name) for name in raw["content"]}
    return RequestBody(raw.get("required", False), media, clauses_of(raw)) if media else None


def _media(look: DocumentLookup, here: Pointer, name: str) -> MediaType:
    _, raw = look.follow(here)
    said = "schema" in raw
    place = (*here, "schema")
    kind = look.kind(look.follow(place)[1] if said else {})
    return MediaType(
        media_type=name,
        schema=look.schema(place) if said else None,
        value_type=kind,
        encoding={name: _encoding(entry) for name, entry in raw.get("encoding", {}).items()},
    )


def _encoding(raw: Mapping[str, Any]) -> Encoding:
    listed = (part.strip().lower() for part in raw.get("contentType", "").split(","))
    style = raw.get("style", "form")
    return Encoding(tuple(filter(None, listed)), style, raw.get("explode", style in _EXPLODED))


def _holds_numbers(kind: ValueType) -> bool:
    """Whether a member of a body is a number, or a list of numbers."""
    return any(types is not None and types <= {"number", "integer"} for types in (kind.types, kind.item().types))
