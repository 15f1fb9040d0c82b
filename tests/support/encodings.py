"""Encodings in which a secret may come back."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote


def percent(text: str) -> str:
    return "".join(f"%{octet:02x}" for octet in text.encode())


def unicode_escapes(text: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in text)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "percent-encoded where it must": lambda text: quote(text, safe=""),
    "percent-encoded all over": percent,
    "percent-encoded in capitals": lambda text: percent(text).upper(),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "in JSON": json.dumps,
    "in JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "in JSON with every character escaped": unicode_escapes,
    "in JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "in a string of Python": repr,
    "in HTML": html.escape,
    "in HTML by numbers": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "in HTML by hexadecimal numbers": lambda text: "".join(f"&#x{ord(character):X};" for character in text),
    "in HTML in HTML": lambda text: html.escape(html.escape(text)),
    "in Base64": base64_of,
    "in Base64 behind one octet": lambda text: base64_of(f"a{text}"),
    "in Base64 behind a name": lambda text: f"Basic {base64_of(f'someone:{text}')}",
    "in Base64 before something": lambda text: base64_of(f"{text}: more"),
    "in Base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "in Base64 in a URL": lambda text: quote(base64_of(text), safe=""),
    "in hexadecimal": lambda text: text.encode().hex(),
    "in hexadecimal capitals": lambda text: text.encode().hex().upper(),
    "in hexadecimal with colons": lambda text: text.encode().hex(":"),
}
