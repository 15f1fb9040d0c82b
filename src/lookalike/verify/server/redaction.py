"""Placeholders: what stands in place of tokens wherever a request is shown.

Each is an expression for a shell in which `TOKEN`, `EXPIRED_TOKEN` and `REVOKED_TOKEN` hold tokens, so that a curl line
sends what was sent, and a saved story can be told again.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from lookalike.verify.server.target import Credentials

DOLLAR = "$"  # where each placeholder begins
_LEAST_SECRET = 4  # shorter texts give nothing away, and are found in all others


def half(token: str) -> str:
    """The first half of a token."""
    return token[: max(1, len(token) // 2)]


def shortened(token: str) -> str:
    """A token without its last character."""
    return token[:-1]


def lengthened(token: str) -> str:
    """A token with one character too many."""
    return f"{token}x"


def swapped(token: str) -> str:
    """A token in the other letter case."""
    return token.swapcase()


def basic(token: str) -> str:
    """A token as the password of basic credentials (RFC 7617)."""
    return base64.b64encode(f"user:{token}".encode()).decode()


def quoted(token: str) -> str:
    """A token as it stands in a query."""
    return quote(token, safe="")


_MADE_OF: Mapping[Callable[[str], str], str] = {
    shortened: "${TOKEN%?}",
    lengthened: "${TOKEN}x",
    half: '$(printf %s "$TOKEN" | head -c HALF)',
    swapped: '$(printf %s "$TOKEN" | tr a-zA-Z A-Za-z)',
    basic: "$(printf user:%s \"$TOKEN\" | base64 | tr -d '\\n')",
    quoted: "$QUOTED_TOKEN",
}


def placeholders(credentials: Credentials) -> dict[str, str]:
    """The placeholder of each token, and of each text that a run makes of one, by what it stands for."""
    made = {make(credentials.valid): expression for make, expression in _MADE_OF.items()}
    length = str(len(half(credentials.valid)))
    tokens = (
        (credentials.revoked, "$REVOKED_TOKEN"),
        (credentials.expired, "$EXPIRED_TOKEN"),
        (credentials.valid, "$TOKEN"),
    )
    return {
        **{text: shown.replace("HALF", length) for text, shown in made.items() if len(text) >= _LEAST_SECRET},
        **{token: shown for token, shown in tokens if token},
    }


def pattern_of(texts: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of some texts, a longer one before a shorter that it holds; it has one group."""
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")" if longest_first else "((?!))")
