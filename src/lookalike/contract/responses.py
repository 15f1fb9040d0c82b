"""Documented responses: what a document says about each status (OpenAPI 3.1 sections 4.8.16 and 4.8.17).

The response that goes out over HTTP is `http.Response`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lookalike.json_values import Pointer
from lookalike.schema.validator import Schema

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Representation:
    """A body or header value in one media type: its schema, where that stands, and examples by name."""

    media_type: str
    schema_pointer: Pointer = ()
    schema: Schema | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Representation("")


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A header field of a response; `explode` says how objects are written in it (OpenAPI 3.1 section 4.8.12.2)."""

    name: str
    required: bool
    explode: bool
    representation: Representation


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """A documented response: its status (`200`, `2XX` or `default`), its representations, and its body template.

    `content` is by media type, the one that is sent by default first. Where `example_is_binding`, the first example is
    sent as it stands; else examples only say what a body may look like.
    """

    status: str
    content: Mapping[str, Representation]
    headers: tuple[HeaderField, ...]
    template: Any
    example_is_binding: bool
    clauses: tuple[str, ...]

    @property
    def default_representation(self) -> Representation:
        """The representation that is sent by default; without a media type where the document describes none."""
        return next(iter(self.content.values()), NOTHING)

    @property
    def media_type(self) -> str:
        """The media type that is sent by default, or nothing."""
        return self.default_representation.media_type

    @property
    def schema(self) -> Schema | None:
        """The schema of the default representation."""
        return self.default_representation.schema

    @property
    def fixed_body(self) -> Any:
        """The body in every representation: the template, else the binding example, else None."""
        if self.template is not None or not self.example_is_binding:
            return self.template
        return next((value for one in self.content.values() for value in one.examples.values()), None)


def response_for(responses: Mapping[str, DocumentedResponse], status: str) -> DocumentedResponse | None:
    """The response that describes a status: by its number, else its range, else the default (section 4.8.16)."""
    if status in responses:
        return responses[status]
    keys = (f"{status[:1]}XX", f"{status[:1]}xx", DEFAULT)
    return next((responses[key] for key in keys if key in responses), None)


def success_status(responses: Mapping[str, DocumentedResponse]) -> str:
    """The key of the response of success: the lowest 2xx, then 2XX, default, the lowest 3xx, 3XX; else nothing.

    A redirection counts last: many documents describe one as the only outcome of a success.
    """
    numbers = sorted(status for status in responses if status.isdigit())
    ranges = {digit: [status for status in responses if status.upper() == f"{digit}XX"] for digit in "23"}
    success, redirection = ([status for status in numbers if status[0] == digit] + ranges[digit] for digit in "23")
    default = [status for status in responses if status == DEFAULT]
    return next(iter((*success, *default, *redirection)), "")


@lru_cache(maxsize=1000)
def status_code(status: str) -> int:
    """The status to send: the lowest of a range, and 200 for `default`, as Prism does."""
    return 200 if status == DEFAULT else int(status.upper().replace("XX", "00"))
