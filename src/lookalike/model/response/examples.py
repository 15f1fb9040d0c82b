"""Bodies: the value that answers with a representation, from its examples or else from its schema."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any, NamedTuple

from lookalike.codecs.encoding import encode
from lookalike.codecs.media_types import is_multipart
from lookalike.codecs.multipart import to_multipart
from lookalike.contract.contract import Contract
from lookalike.contract.responses import Representation
from lookalike.json_values import ABSENT, Pointer, find, resolve
from lookalike.schema.generation.random_source import DETERMINISTIC, SeededRandomness
from lookalike.schema.generation.sampler import Exhausted, Sampler
from lookalike.schema.validator import WRITE_ONLY, Schema, Violation, matches
from lookalike.schema.view import SchemaView

NO_FITTING_BODY = "no body was found that fits the documented schema"


class ResponseBody(NamedTuple):
    """A value, `ABSENT` where nothing is described; and what is wrong with it, if anything."""

    value: Any
    flaw: str = ""


class ResponseBodies:
    """The bodies of all representations of a contract, each made when it is first asked for."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._made: dict[int, tuple[Representation, ResponseBody]] = {}

    @cached_property
    def root(self) -> Any:
        """The document as answers have to fit it."""
        return self._contract.response_document

    @cached_property
    def sampler(self) -> Sampler:
        """What makes values that answers may have."""
        return Sampler(self.root)

    def of(self, media: Representation, example: str = "", seed: str | None = None) -> ResponseBody:
        """The example of that name; else a body that is drawn from the seed; else the one that is always the same."""
        if example in media.examples:
            return ResponseBody(media.examples[example])
        if seed is not None and media.schema is not None:
            drawn = self._sampled(media, SeededRandomness(seed))
            if drawn is not None:
                return drawn
        if id(media) not in self._made:
            self._made[id(media)] = media, self._usual(media)  # the key lives as long as what it stands for
        return self._made[id(media)][1]

    def sampled(self, view: SchemaView) -> Any:
        """Something that fits a schema of the document, as far as that can be found."""
        try:
            return self.sampler.sample(view.pointer)
        except Exhausted:
            return self.sampler.closest(view.pointer)

    def in_format(self, place: Pointer, value: Any) -> Any:
        """A value that fits the schema at a place, with another text for each that is not in the format named there."""
        schema = self._contract.schemas.at(*place, unsent=WRITE_ONLY, formats=True)
        for pointer, named in schema.format_errors(value):
            try:
                value = _with(value, pointer, self.sampler.fitting({**named, "type": "string"}))
            except Exhausted:
                continue
        return value

    def bytes_of(self, media: Representation, sent_as: str, value: Any) -> bytes:
        """A value as it is sent: in the media type of its description, or in one within that range."""
        if is_multipart(sent_as or media.media_type):
            return to_multipart(value, sent_as or media.media_type, self._types_of_parts(media))
        return encode(value, sent_as or media.media_type, lambda one: self._xml(media, one))

    def _types_of_parts(self, media: Representation) -> dict[str, str]:
        """The media types of the members of a body, as far as they are described and no ranges."""
        described = find(self.root, media.schema_pointer[:-1], {}) if media.schema_pointer else {}
        raw = {name: one.get("contentType", "") for name, one in described.get("encoding", {}).items()}
        first = {name: text.partition(",")[0].strip() for name, text in raw.items()}
        return {name: kind for name, kind in first.items() if kind and "*" not in kind}

    def _xml(self, media: Representation, value: Any) -> str:
        from lookalike.codecs.xml_text import to_xml

        schema = find(self.root, media.schema_pointer, {}) if media.schema_pointer else {}
        return to_xml(value, schema, lambda ref: resolve(self.root, ref), matches)

    def _usual(self, media: Representation) -> ResponseBody:
        if media.schema is None:
            return ResponseBody(next(iter(media.examples.values()), ABSENT))
        for example in media.examples.values():
            for value in _readings_of(example):
                shown = without_hidden(media.schema, value)
                if fits(media.schema, shown):
                    return ResponseBody(self.in_format(media.schema_pointer, shown))
        return self._sampled(media, DETERMINISTIC) or ResponseBody(self._closest(media), NO_FITTING_BODY)

    def _sampled(self, media: Representation, variety: Any) -> ResponseBody | None:
        try:
            value = self.sampler.sample(media.schema_pointer, variety)
        except Exhausted:
            return None
        return ResponseBody(value) if media.schema is None or fits(media.schema, value) else None

    def _closest(self, media: Representation) -> Any:
        """An example all the same, or something of the shape that the schema describes."""
        return next(iter(media.examples.values())) if media.examples else self.sampler.closest(media.schema_pointer)


def fits(schema: Schema, value: Any) -> bool:
    """Whether a value fits under some choices of the readings."""
    try:
        return schema.accepts(value) or all(violation.when for violation in _violations(schema, value))
    except ValueError:  # half of a surrogate pair is no text to the validator
        return False


def with_accepted_members(accepts: Callable[[Any], bool], shown: Any, value: Any) -> Any:
    """What is shown, with as much of another value in it as is accepted there; the very same where that is nothing."""
    if accepts(value):
        return value
    if isinstance(shown, dict) and isinstance(value, dict):
        for name, member in value.items():
            found = with_accepted_members(partial(_within, accepts, shown, name), shown.get(name, ABSENT), member)
            if found is not shown.get(name, ABSENT):
                shown = {**shown, name: found}
    elif isinstance(shown, list) and isinstance(value, list) and shown and value:
        found = (with_accepted_members(lambda one: accepts([one]), shown[0], one) for one in value)
        each = [one for one in found if one is not shown[0]]
        return each if each and accepts(each) else shown
    return shown


def _within(accepts: Callable[[Any], bool], shown: dict[str, Any], name: str, member: Any) -> bool:
    return accepts({**shown, name: member})


def without_hidden(schema: Schema, value: Any) -> Any:
    """An example without the members that a client never sees, which a schema of answers does not allow."""
    try:
        hidden = [one.pointer for one in _violations(schema, value) if one.keyword == "falseSchema" and one.pointer]
    except ValueError:
        return value
    for pointer in hidden:
        value = _without(value, pointer)
    return value


def _violations(schema: Schema, value: Any) -> Iterator[Violation]:
    return iter(()) if schema.accepts(value) else schema.violations(value, "body", "the body")


def _without(value: Any, pointer: tuple[str | int, ...]) -> Any:
    first, *rest = pointer
    if isinstance(value, dict) and first in value:
        kept = {name: member for name, member in value.items() if name != first}
        return {**value, first: _without(value[first], tuple(rest))} if rest else kept
    if isinstance(value, list) and isinstance(first, int) and rest:
        return [_without(item, tuple(rest)) if index == first else item for index, item in enumerate(value)]
    return value


def _with(value: Any, pointer: tuple[str | int, ...], text: Any) -> Any:
    """A value with a text at a place inside of it, itself unchanged."""
    if not pointer:
        return text
    first, *rest = pointer
    copied = copy.copy(value)
    copied[first] = _with(value[first], tuple(rest), text)
    return copied


def _readings_of(example: Any) -> Iterator[Any]:
    """An example, and what it says where it is JSON written as a text, as many documents have it."""
    yield example
    if isinstance(example, str):
        try:
            yield json.loads(example)
        except (ValueError, RecursionError):
            return
