"""Runtime expressions: where in a request a value is found (OpenAPI 3.1 section 4.8.20.4)."""

import re
from dataclasses import dataclass
from typing import Any

from lookalike.json_values import parse_pointer
from lookalike.schema.vocabulary import EXPRESSIONS

_GRAMMAR = re.compile(
    r"\$request\.(?:(?P<body>body)(?:\#(?P<pointer>(?:/[^#]*)?))?|(?P<source>path|query|header|cookie)\.(?P<name>[^#]+))\Z"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """`$request.path.NAME`, `.query.NAME`, `.header.NAME`, `.cookie.NAME` or `$request.body#/POINTER`.

    Where values are set, also `$generated.NAME`, or a value that stands for itself (of the source `value`).
    """

    text: str
    source: str
    name: str = ""
    pointer: tuple[str, ...] = ()
    value: Any = None


def is_expression(value: object) -> bool:
    """Whether the value is written as an expression over the request."""
    return isinstance(value, str) and value.startswith("$request.")


def parse_expression(text: str) -> Expression:
    """Read an expression; raises `ValueError` with what was expected."""
    match = _GRAMMAR.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not an expression. {EXPRESSIONS}")
    if match["body"]:
        return Expression(text, "body", pointer=parse_pointer(match["pointer"] or ""))
    return Expression(text, match["source"], name=match["name"])


def parse_value(raw: Any) -> Expression:
    """Read an expression, or a value that stands for itself; raises `ValueError` for a text that is neither."""
    if is_expression(raw):
        return parse_expression(raw)
    if isinstance(raw, str) and raw.startswith("$generated."):
        return Expression(raw, "generated", name=raw.removeprefix("$generated."))
    return Expression(str(raw), "value", value=raw)
