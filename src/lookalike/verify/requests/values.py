"""Values for requests: bodies, members and keys that fit their schemas, drawn from a seed."""

import random
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from lookalike.codecs.forms import urlencodable_members
from lookalike.codecs.media_types import is_form, is_writable
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.requests import MediaType, Parameter
from lookalike.http import is_sequence
from lookalike.json_values import ABSENT, object_at
from lookalike.schema.generation.random_source import DETERMINISTIC, SeededRandomness
from lookalike.schema.generation.sampler import Exhausted, Sampler
from lookalike.schema.validator import READ_ONLY
from lookalike.schema.value_types import ValueType
from lookalike.schema.vocabulary import KEYWORD
from lookalike.verify.requests.marks import Marks

_RULES = ("enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "items", "minItems")
_VARIATIONS = 4
_MOST = 2**31 - 1  # what fits into any integer that a server may have


class ValueGenerator:
    """Makes values for the requests of a contract.

    They follow from the seed, but for the `marks` in names and for new keys: these are of one run only, so that two
    runs on one server never meet.
    """

    def __init__(self, contract: Contract, seed: int) -> None:
        self._root: dict[str, Any] = contract.schemas.document_for(READ_ONLY)
        self.marks = Marks()
        self._random = random.Random()  # noqa: S311  # nothing that is secret
        self._unmarked: set[str] = set()
        self._seed = seed
        self._number = 0

    def media(self, operation: Operation) -> MediaType | None:
        """The media type of an operation's body: JSON, but no patch, else a form or a sequence; None where none is."""
        every = sorted(operation.body.content.items(), key=lambda one: "*" in one[0]) if operation.body else ()
        known = sorted(every, key=lambda one: (is_sequence(one[0]), is_form(one[0])))
        return next((one for name, one in known if is_writable(name) and "json-patch" not in name), None)

    def sendable(self, operation: Operation, value: Any) -> Any:
        """A value for the body of an operation, without the members that its media type cannot hold."""
        media = self.media(operation)
        if media is not None and is_form(media.media_type) and isinstance(value, Mapping):
            return urlencodable_members(value, media)
        return value

    def bodies(self, operation: Operation, varied: bool = False) -> Iterator[Any]:
        """Bodies that fit, the document's example first; without the members that only the server sets.

        If `varied`, only those that look like what people send, and are other ones each time. Each comes with the mark
        of this run first, and then without, for servers that take no other names than some.
        """
        media = self.media(operation)
        if media is None:
            return
        for value in self._varied(operation, media) if varied else self.proposed(operation, media):
            whole = without_members(value, media.read_only_members)
            sent = self.sendable(operation, whole)
            if sent == whole or media.schema is None or media.schema.accepts(sent):
                yield from self._with_mark(operation, sent, media)

    def take_unmarked(self, operation: Operation) -> None:
        """From now on, the bodies of an operation come without a mark first: it refused one with a mark."""
        self._unmarked.add(operation.id)

    def _with_mark(self, operation: Operation, body: Any, media: MediaType) -> Iterator[Any]:
        marked = self.marked(body, media)
        both = (marked, body) if marked != body else (body,)
        yield from reversed(both) if operation.id in self._unmarked else both

    def marked(self, body: Any, media: MediaType) -> Any:
        """A body with the mark of this run in its names, if it fits its schema then too."""
        schema = media.schema
        return self.marks.marked(body, media.value_type, lambda value: schema is None or schema.accepts(value))

    def proposed(self, operation: Operation, media: MediaType) -> Iterator[Any]:
        """Values that fit a media type of an operation's body, the document's example first; for any media type."""
        example = operation.request_example.get("", ABSENT)
        if example is not ABSENT and (media.schema is None or media.schema.accepts(example)):
            yield example
        value = self._sampled(self._schema_of(operation, media), DETERMINISTIC)
        if value is not ABSENT:
            yield value
        yield from self._varied(operation, media)

    def _varied(self, operation: Operation, media: MediaType) -> Iterator[Any]:
        schema = self._schema_of(operation, media)
        for _ in range(_VARIATIONS):
            value = self._sampled(schema, SeededRandomness(self._next()))
            if value is not ABSENT:
                yield value

    def other_member_value(self, schema: Any, name: str, other_than: Any) -> Any:
        """Another value for a member of what fits a schema, or `ABSENT`."""
        for _ in range(6):
            value = self._sampled(schema, SeededRandomness(self._next()))
            found = value.get(name, ABSENT) if isinstance(value, dict) else ABSENT
            if found is not ABSENT and found != other_than and found not in (None, "", [], {}):
                return found
        return ABSENT

    def member_schemas(self, operation: Operation, create: Operation | None, resource: str) -> Iterator[Any]:
        """The schemas in which the members of an item are described: of bodies, and its own."""
        for one in (operation, create):
            media = self.media(one) if one is not None else None
            if one is not None and media is not None:
                yield self._schema_of(one, media)
        yield self._root[KEYWORD]["resources"][resource]["schema"]

    def parameter(self, operation: Operation, parameter: Parameter, made_up: bool) -> Any:
        """What the document gives as an example of a parameter, or, if it may be made up, anything that fits."""
        if parameter.name in operation.request_example:
            return operation.request_example[parameter.name]
        if parameter.default is not ABSENT:
            return parameter.default
        return self._sampled(_schema(parameter), DETERMINISTIC) if made_up else ABSENT

    def new_key(self, parameter: Parameter) -> Any:
        """A key that nothing has, or `ABSENT` where a parameter leaves no room for one."""
        schema, types = _schema(parameter), parameter.value_type.types
        text = f"lookalike-{self._random.getrandbits(48):012x}"
        proposals: tuple[Any, ...] = (
            self._random.randint(_MOST // 2, _MOST),
            text,
            str(UUID(int=self._random.getrandbits(128), version=4)),
            f"{self._random.getrandbits(96):024x}",
        )
        if types is not None and "string" not in types:
            proposals = (*proposals[:1], *(value for value in (schema.get("maximum"),) if isinstance(value, int)))
        elif schema.get("format") == "uuid":
            proposals = proposals[2:3]
        else:
            proposals = (*proposals[1:], self._sampled(schema, SeededRandomness(self._next())))
        fit = (one for one in proposals if one is not ABSENT and "enum" not in schema)
        return next((one for one in fit if _accepts(parameter, one)), ABSENT)

    def new_key_like(self, kind: ValueType, like: Any) -> Any:
        """A key that nothing has, for a member of a body that must be sent and has a value like this."""
        number = self._random.randint(_MOST // 2, _MOST)
        if not isinstance(like, str):
            return number
        return (
            str(UUID(int=self._random.getrandbits(128), version=4))
            if kind.keyword("format") == "uuid"
            else f"{like}-{number}"
        )

    def _schema_of(self, operation: Operation, media: MediaType) -> Any:
        path, _ = object_at(self._root, ("paths", operation.path))
        body, _ = object_at(self._root, (*path, operation.method.lower(), "requestBody"))
        _, content = object_at(self._root, (*body, "content", media.media_type))
        return content.get("schema", {})

    def _sampled(self, schema: Any, variety: Any) -> Any:
        try:
            return Sampler({**self._root, "sampled": schema}).sample(("sampled",), variety)
        except Exhausted:
            return ABSENT

    def _next(self) -> str:
        self._number += 1
        return f"{self._seed}/{self._number}"


def without_members(value: Any, names: frozenset[str]) -> Any:
    """An object without some members; any other value as it is."""
    return {name: one for name, one in value.items() if name not in names} if isinstance(value, dict) else value


def _schema(parameter: Parameter) -> dict[str, Any]:
    """The rules of a parameter that is no object, put together from wherever its schema has them."""
    kind = parameter.value_type
    rules = {name: rule for name in _RULES if (rule := kind.keyword(name, ABSENT)) is not ABSENT}
    return {**rules, **({"type": sorted(kind.types)} if kind.types else {})}


def _accepts(parameter: Parameter, value: Any) -> bool:
    return parameter.schema is None or parameter.schema.accepts({parameter.name: value})
