"""Runtime expressions: where in a request a value is found (OpenAPI 3.1 section 4.8.20.4).

Of the grammar there, `$url`, `$method`, `$statusCode` and `$response` are left out: state depends on the request alone.
"""

import re
from dataclasses import dataclass
from typing import Any

from lookalike.json_values import format_pointer, parse_pointer
from lookalike.schema.vocabulary import EXPRESSIONS

_GRAMMAR = re.compile(
    r"\$request\.(?:(?P<body>body)(?:\#(?P<pointer>(?:/[^#]*)?))?|(?P<source>path|query|header|cookie)\.(?P<name>[^#]+))\Z"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """`$request.path.NAME`, `.query.NAME`, `.header.NAME`, `.cookie.NAME` or `$request.body#/POINTER`.

    `source` is the word behind `$request`; where values are set it may also be `generated` (`$generated.NAME`), or
    `value` for a literal. `SELECTED_ITEM` is what a copy is made of.
    """

    text: str
    source: str
    name: str = ""
    pointer: tuple[str, ...] = ()
    value: Any = None


SELECTED_ITEM = Expression("$item", "item")


def is_expression(value: object) -> bool:
    """Whether a value is written as an expression over the request."""
    return isinstance(value, str) and value.startswith("$request.")


def body_expression(*place: str | int) -> str:
    """The text of the expression for a place in the body of a request."""
    return f"$request.body#{format_pointer(place)}"


def parse_expression(text: str) -> Expression:
    """Parse an expression. Raises `ValueError`, whose message says what is expected."""
    match = _GRAMMAR.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not an expression. {EXPRESSIONS}")
    if match["body"]:
        return Expression(text, "body", pointer=parse_pointer(match["pointer"] or ""))
    return Expression(text, match["source"], name=match["name"])


def parse_value(raw: Any) -> Expression:
    """Parse an expression, or take a value literally. Raises `ValueError` for a broken expression."""
    if is_expression(raw):
        return parse_expression(raw)
    if isinstance(raw, str) and raw.startswith("$generated."):
        return Expression(raw, "generated", name=raw.removeprefix("$generated."))
    return Expression(str(raw), "value", value=raw)
