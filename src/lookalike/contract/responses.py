"""Answers as a document describes them: representations and header fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lookalike.json_values import Pointer
from lookalike.schema.validator import Schema

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Representation:
    """One way to represent a value: its media type, its schema and the place of that, and examples by name."""

    media_type: str
    schema_pointer: Pointer = ()
    schema: Schema | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Representation("")


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A header field of an answer; `explode` is how its objects are written (OpenAPI 3.1 section 4.8.12.3)."""

    name: str
    required: bool
    explode: bool
    representation: Representation


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """A documented answer: its status (`200`, `2XX` or `default`), what it may look like, and its template if any.

    `content` has the media type that is answered by default first. Where `example_is_binding`, the first example is
    answered as it stands.
    """

    status: str
    content: Mapping[str, Representation]
    headers: tuple[HeaderField, ...]
    template: Any
    example_is_binding: bool
    clauses: tuple[str, ...]

    @property
    def default_representation(self) -> Representation:
        """The representation that is answered by default; of no media type where nothing is described."""
        return next(iter(self.content.values()), NOTHING)

    @property
    def media_type(self) -> str:
        """The media type that is answered by default, or nothing."""
        return self.default_representation.media_type

    @property
    def schema(self) -> Schema | None:
        """The schema of the default representation."""
        return self.default_representation.schema

    @property
    def fixed_body(self) -> Any:
        """What the body is made of in any representation: the template, else a binding example, else None."""
        if self.template is not None or not self.example_is_binding:
            return self.template
        return next((value for one in self.content.values() for value in one.examples.values()), None)


def response_for(answers: Mapping[str, DocumentedResponse], status: str) -> DocumentedResponse | None:
    """The answer that describes a status: by its number, else by its range, else the default."""
    if status in answers:
        return answers[status]
    keys = (f"{status[:1]}XX", f"{status[:1]}xx", DEFAULT)
    return next((answers[key] for key in keys if key in answers), None)


def success_status(answers: Mapping[str, DocumentedResponse]) -> str:
    """Which answer tells of a success: the lowest 2xx, then 2XX, default, the lowest 3xx, 3XX; else nothing."""
    numbers = sorted(status for status in answers if status.isdigit())
    of_range = {digit: [status for status in answers if status.upper() == f"{digit}XX"] for digit in "23"}
    first, second = ([status for status in numbers if status[0] == digit] + of_range[digit] for digit in "23")
    return next(iter((*first, *(status for status in answers if status == DEFAULT), *second)), "")


@lru_cache(maxsize=1000)
def status_code(status: str) -> int:
    """The status to send: the lowest of a range, and 200 for the default, as Prism has it."""
    return 200 if status == DEFAULT else int(status.upper().replace("XX", "00"))
