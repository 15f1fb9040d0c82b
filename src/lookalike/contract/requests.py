"""Parameters and request bodies as a document describes them (OpenAPI 3.1 sections 4.8.12 and 4.8.13)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from lookalike.json_values import ABSENT, Pointer
from lookalike.schema.directions import READ_ONLY
from lookalike.schema.validator import Schema
from lookalike.schema.value_types import NUMBER_TYPES, ValueType
from lookalike.schema.vocabulary import COLLECTION_FORMAT, clauses_of

IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})  # OpenAPI 3.1 section 4.8.12.1
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_EXPLODED = frozenset({"form", "cookie"})  # OpenAPI 3.1 section 4.8.12.2: the default of explode

# Styles by Swagger 2.0's `collectionFormat`, which an upgraded document keeps where OpenAPI 3 has no style for it.
_DELIMITED = {"ssv": "spaceDelimited", "pipes": "pipeDelimited", "tsv": "tabDelimited"}

ParameterKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its location, its serialisation and its schema (OpenAPI 3.1 section 4.8.12).

    `location` is `path`, `query`, `header` or `cookie`. `schema` validates an object whose one member is the value, so
    that messages and pointers begin with the name; it is None where the document has none. `media_type` is that of a
    parameter with `content`, else empty; `default` is `ABSENT` if there is none. `examples` are its own, or those of
    its schema, and so is the `description`.
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
    examples: tuple[Any, ...]
    description: str = ""

    def accepts(self, value: Any) -> bool:
        """Whether a value fits the schema, if there is one."""
        return self.schema is None or self.schema.accepts({self.name: value})


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a member of a form (OpenAPI 3.1 section 4.8.15); empty `media_types` allow any."""

    media_types: tuple[str, ...]
    style: str
    explode: bool


@dataclass(frozen=True, slots=True)
class MediaType:
    """A request body in one media type: its schema, and how members are written where it is a form."""

    media_type: str
    schema: Schema | None
    value_type: ValueType
    encoding: Mapping[str, Encoding]

    @property
    def members(self) -> frozenset[str]:
        """The names of the described members."""
        return frozenset(self.value_type.properties)

    @property
    def number_members(self) -> frozenset[str]:
        """The members that are numbers or lists of numbers."""
        return frozenset(name for name in self.value_type.properties if _holds_numbers(self.value_type.member(name)))

    @property
    def read_only_members(self) -> frozenset[str]:
        """The members that are `readOnly`."""
        return frozenset(
            name for name in self.value_type.properties if self.value_type.member(name).keyword(READ_ONLY) is True
        )


@dataclass(frozen=True, slots=True)
class RequestBody:
    """A request body: `content` is by media type or range, as written; there is at least one.

    One that `is_partial` needs none of the members that its schema requires of the object at the `changes`.
    """

    required: bool
    content: Mapping[str, MediaType]
    clauses: tuple[str, ...]
    is_partial: bool = False
    changes: Pointer = ()

    @property
    def first(self) -> MediaType:
        """The media type that is written first."""
        return next(iter(self.content.values()))


Follow: TypeAlias = Callable[[Pointer], tuple[Pointer, Mapping[str, Any]]]


class DocumentLookup(NamedTuple):
    """Functions that look into a document, so that this module need not know it.

    `follow` returns the object at a pointer behind its references, and where that stands; `schema` compiles the schema
    at a pointer, as that of a member where a name is given; `value_type` reads the types of a schema.
    """

    follow: Follow
    schema: Callable[..., Schema]
    value_type: Callable[[Any], ValueType]


def parameters(
    lookup: DocumentLookup, places: Iterable[tuple[Pointer, Mapping[str, Any]]], known: dict[Pointer, Parameter]
) -> dict[ParameterKey, Parameter]:
    """Read parameters, by location and name; `known` are those that were read, which operations have in common.

    Of two alike the later counts, so that an operation overrides its path (OpenAPI 3.1 section 4.8.10). Header fields
    that have a meaning of their own are no parameters (section 4.8.12.1).
    """
    found: dict[ParameterKey, Parameter] = {}
    for pointer, raw in places:
        source, name = raw["in"], raw["name"]
        if source == "header" and name.lower() in IGNORED_HEADERS:
            continue
        if pointer not in known:
            known[pointer] = _parameter(lookup, pointer, raw)
        found[source, name.lower() if source == "header" else name] = known[pointer]
    return found


def _parameter(lookup: DocumentLookup, pointer: Pointer, raw: Mapping[str, Any]) -> Parameter:
    source, name = raw["in"], raw["name"]
    media_type = next(iter(raw.get("content", {})), "")
    place = (*pointer, "content", media_type, "schema") if media_type else (*pointer, "schema")
    has_schema = "schema" in (raw["content"][media_type] if media_type else raw)
    _, schema = lookup.follow(place) if has_schema else (place, {})
    style = _DELIMITED.get(raw.get(COLLECTION_FORMAT, "")) or raw.get("style", _STYLES.get(source, "simple"))
    kind = lookup.value_type(schema)
    return Parameter(
        name=name,
        location=source,
        required=source == "path" or raw.get("required", False),  # a path has a text there in any case
        style=style,
        explode=raw.get("explode", style in _EXPLODED),
        allow_empty=source == "query" and raw.get("allowEmptyValue", False),
        allow_reserved=raw.get("allowReserved", False),
        media_type=media_type.partition(";")[0].strip().lower(),
        value_type=kind,
        schema=lookup.schema(place, name) if has_schema else None,
        default=kind.keyword("default", ABSENT),
        examples=tuple(_examples(lookup, pointer, raw)) or _examples_of_schema(kind),
        description=str(raw.get("description") or kind.keyword("description", "")),
    )


def _examples(lookup: DocumentLookup, pointer: Pointer, raw: Mapping[str, Any]) -> Iterator[Any]:
    if "example" in raw:
        yield raw["example"]
    yield from (value for _, value in named_examples(lookup.follow, pointer, raw))


def named_examples(follow: Follow, pointer: Pointer, raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values in the map `examples` of an object, by name (OpenAPI 3.1 section 4.8.19)."""
    for name in raw.get("examples", ()):
        _, example = follow((*pointer, "examples", name))
        if "value" in example:
            yield name, example["value"]


def _examples_of_schema(kind: ValueType) -> tuple[Any, ...]:
    shown = kind.keyword("examples")
    return tuple(shown) if isinstance(shown, list) else (kind.keyword("example", ABSENT),)


def request_body(lookup: DocumentLookup, here: Pointer) -> RequestBody | None:
    """Read the request body at a pointer; None if it names no media type, since it then says nothing."""
    pointer, raw = lookup.follow(here)
    media = {name: _media(lookup, (*pointer, "content", name), name) for name in raw["content"]}
    return RequestBody(raw.get("required", False), media, clauses_of(raw)) if media else None


def _media(lookup: DocumentLookup, here: Pointer, name: str) -> MediaType:
    _, raw = lookup.follow(here)
    has_schema = "schema" in raw
    place = (*here, "schema")
    kind = lookup.value_type(lookup.follow(place)[1] if has_schema else {})
    return MediaType(
        media_type=name,
        schema=lookup.schema(place) if has_schema else None,
        value_type=kind,
        encoding={name: _encoding(entry) for name, entry in raw.get("encoding", {}).items()},
    )


def _encoding(raw: Mapping[str, Any]) -> Encoding:
    listed = (part.strip().lower() for part in raw.get("contentType", "").split(","))
    style = _DELIMITED.get(raw.get(COLLECTION_FORMAT, "")) or raw.get("style", "form")
    return Encoding(tuple(filter(None, listed)), style, raw.get("explode", style in _EXPLODED))


def _holds_numbers(kind: ValueType) -> bool:
    return any(types is not None and types <= NUMBER_TYPES for types in (kind.types, kind.item().types))
