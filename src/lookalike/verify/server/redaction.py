"""Redaction: secrets are hidden in every request and response that is shown, in any encoding.

A secret that stands as it was sent is replaced by its placeholder: an expression for a shell in which `TOKEN`,
`EXPIRED_TOKEN`, `REVOKED_TOKEN` and `INSUFFICIENT_TOKEN` hold tokens, so that a curl line sends what was sent, and a
saved story can be replayed. A secret in another encoding was not sent like that, so nothing has to be made of it again:
it is `ENCODED`.
"""

import base64
import html
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from lookalike.verify.server.target import Credentials

DOLLAR = "$"  # the first character of each placeholder
ENCODED = "[encoded secret]"

LEAST_SECRET = 4  # characters: shorter texts give nothing away, and stand within many others
_NAME = re.compile(r"\$[A-Z_]+|\$\{TOKEN#\*:\}")  # the placeholder of a whole secret
_STRING_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})|\\+x([0-9a-fA-F]{2})")
_MOST_LAYERS = 5  # gateways put an answer into one of their own, and escape it again, but not without end
_LEAST_ENCODED = 6  # for other encodings: there are many, so shorter ones would match by chance


class Redaction:
    """Hides secrets; `placeholders` holds the text that is shown in place of each."""

    def __init__(self, placeholders: Mapping[str, str]) -> None:
        self.placeholders = placeholders
        self._exact = pattern_of(placeholders)
        # Texts that a run makes of a token hold most of it, or less than a secret, so they need no search of their own.
        whole = (secret for secret, shown in placeholders.items() if _NAME.fullmatch(shown))
        self._encodings = [_encodings_of(secret) for secret in whole if len(secret) >= _LEAST_ENCODED]

    def split(self, text: str) -> list[str]:
        """The text in pieces: what is not a secret, and the placeholder of one, in turn."""
        pieces = self._exact.split(text)
        pieces[1::2] = [self.placeholders[secret] for secret in pieces[1::2]]
        return pieces

    def hide(self, text: str) -> str:
        """The text without secrets."""
        text = "".join(self.split(text))
        decoded = _decoded(text)
        for encodings in self._encodings:
            if encodings.may_be_in(decoded):
                text = encodings.pattern.sub(ENCODED, text)
        return text


# Tokens that a run makes of the valid one, to be refused with them, and how a shell makes them


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


def _as_user_and_password(token: str) -> str:
    """A token NAME:PASSWORD as the basic scheme sends it."""
    return base64.b64encode(token.encode()).decode()


def _password(token: str) -> str:
    """The password of a token NAME:PASSWORD, or nothing."""
    return token.partition(":")[2]


_MADE_OF: Mapping[Callable[[str], str], str] = {
    _password: "${TOKEN#*:}",
    shortened: "${TOKEN%?}",
    lengthened: "${TOKEN}x",
    half: '$(printf %s "$TOKEN" | head -c HALF)',
    swapped: '$(printf %s "$TOKEN" | tr a-zA-Z A-Za-z)',
    basic: "$(printf user:%s \"$TOKEN\" | base64 | tr -d '\\n')",
    _as_user_and_password: "$(printf %s \"$TOKEN\" | base64 | tr -d '\\n')",
    quoted: "$QUOTED_TOKEN",
}


def placeholders(credentials: Credentials) -> dict[str, str]:
    """The placeholder of each token, and of each text that a run makes of the valid one, by that text."""
    made = {make(credentials.valid): expression for make, expression in _MADE_OF.items()}
    length = str(len(half(credentials.valid)))
    tokens = (
        (credentials.revoked, "$REVOKED_TOKEN"),
        (credentials.expired, "$EXPIRED_TOKEN"),
        (credentials.insufficient, "$INSUFFICIENT_TOKEN"),
        (credentials.valid, "$TOKEN"),
    )
    return {
        **{text: shown.replace("HALF", length) for text, shown in made.items() if len(text) >= LEAST_SECRET},
        **{token: shown for token, shown in tokens if token},
    }


def pattern_of(texts: Iterable[str]) -> re.Pattern[str]:
    """A pattern of one group that finds any of some texts, a longer one before a shorter one that it contains."""
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")" if longest_first else "((?!))")


# Encodings


class _Encodings(NamedTuple):
    """The ways in which a secret may come back: a pattern that finds each, and what `_Decoded` has of any of them."""

    pattern: re.Pattern[str]
    text: str
    hexadecimal: str
    base64: tuple[str, ...]

    def may_be_in(self, decoded: "_Decoded") -> bool:
        """Whether the pattern may find something: it takes a hundred times as long as this question."""
        return (
            self.text in decoded.text
            or self.hexadecimal in decoded.hexadecimal
            or any(core in decoded.base64 for core in self.base64)
        )


class _Decoded(NamedTuple):
    """A text without escapes, as it may hold secrets in clear, in hexadecimal, and in Base64."""

    text: str
    hexadecimal: str
    base64: str


def _decoded(text: str) -> _Decoded:
    plain = text
    for _ in range(_MOST_LAYERS):
        before = plain
        plain = html.unescape(_STRING_ESCAPE.sub(_character_of, unquote(plain)))
        if plain == before:
            break
    plain = plain.replace("\\", "")
    lower = plain.lower().replace(" ", "+")
    return _Decoded(lower, lower.replace(":", "").replace("-", ""), plain.replace("-", "+").replace("_", "/"))


def _character_of(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2], 16))


@lru_cache(maxsize=256)
def _encodings_of(secret: str) -> _Encodings:
    """The ways in which servers send a secret back, in any letter case unless that has a meaning."""
    octets = secret.encode("utf-8", "surrogatepass")
    cores = [core for before in range(3) if len(core := _base64_core(octets, before)) >= _LEAST_ENCODED]
    run = r"[A-Za-z0-9+/_-]*"
    patterns = [
        f"(?i:{''.join(map(_escaped_or_not, secret))})",
        f"(?i:{'[:-]?'.join(f'{octet:02x}' for octet in octets)})",
        *(f"{run}{''.join(map(_base64_character, core))}{run}=*" for core in cores),
    ]
    return _Encodings(
        re.compile("|".join(patterns)), secret.lower().replace(" ", "+").replace("\\", ""), octets.hex(), tuple(cores)
    )


def _escaped_or_not(character: str) -> str:
    """A pattern for a character as it is, or escaped for a URL, for JSON or a string literal, or for HTML or XML.

    Each escape may have been escaped again, as by a gateway that puts the answer of a server into one of its own.
    """
    octets = "".join(f"%(?:25)*{octet:02x}" for octet in character.encode("utf-8", "surrogatepass"))
    code = ord(character)
    ways = [
        rf"\\*{re.escape(character)}",
        octets,
        rf"\\+u{code:04x}",
        rf"&(?:amp;)*#0*{code};",
        rf"&(?:amp;)*#x0*{code:x};",
        *([rf"\\+x{code:02x}"] if code < 0x100 else []),
        *([r"\+"] if character == " " else []),
        *(f"&(?:amp;)*{name};" for name in _ENTITIES.get(character, ())),
    ]
    return f"(?:{'|'.join(ways)})"


_ENTITIES: Mapping[str, tuple[str, ...]] = {
    "&": ("amp",),
    "<": ("lt",),
    ">": ("gt",),
    '"': ("quot",),
    "'": ("apos",),
}


def _base64_core(octets: bytes, before: int) -> str:
    """The Base64 characters that some octets have wherever they stand behind `before` others, modulo 3.

    Base64 spells three octets with four characters (RFC 4648 section 4), so the first and last characters also depend
    on the neighbours, and are left out.
    """
    text = base64.b64encode(bytes(before) + octets).decode()
    first = -(-before * 8 // 6)
    return text[first : (before + len(octets)) * 8 // 6]


def _base64_character(character: str) -> str:
    """A pattern for a Base64 character, in both alphabets (RFC 4648 sections 4 and 5), and as in a URL or JSON."""
    return {"+": r"(?:\+|-|%2[Bb])", "/": r"(?:\\?/|_|%2[Ff])"}.get(character, character)
