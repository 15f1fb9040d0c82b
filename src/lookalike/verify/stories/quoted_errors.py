"""Quoted errors: the words of a server about a refusal, as reports repeat them."""

from typing import Any

from lookalike.http import Response
from lookalike.verify.oracle.comparison import value_of

_MOST_WORDS = 200
# The members of an error that say why (RFC 9457 section 3.1, and usual names).
_USUAL_MEMBERS = {"detail", "message", "error", "errors", "title", "reason", "description"}


def quoted_error(response: Response) -> str:
    """The server's own words about a refusal, in parentheses: the first text of its body, or nothing."""
    value = value_of(response)
    texts = [value] if isinstance(value, str) else _texts(value)
    named = next(iter(texts), "")
    return f' ("{" ".join(named.split())[:_MOST_WORDS]}")' if named.strip() else ""


def _texts(value: Any) -> list[str]:
    """The texts of an error: of the members that usually say what is wrong, then of any other, however deep."""
    if isinstance(value, dict):
        parts = sorted(value.items(), key=_is_other_member)
        return [text for _, part in parts for text in ([part] if isinstance(part, str) else _texts(part))]
    return (
        [text for part in value for text in ([part] if isinstance(part, str) else _texts(part))]
        if isinstance(value, list)
        else []
    )


def _is_other_member(member: tuple[str, Any]) -> bool:
    return member[0].lower() not in _USUAL_MEMBERS
