"""Signatures of callbacks and webhooks (HMAC, RFC 2104), as far as a document says how they are made.

A document says so by the keyword `x-lookalike-signature` of the operation, by the header parameters of Standard
Webhooks (standardwebhooks.com), or by a header parameter for a signature whose description names HMAC and its hash.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.schema.vocabulary import SIGNATURE

HEX, BASE64 = "hex", "base64"

_IS_SIGNATURE = re.compile("signature|hmac", re.IGNORECASE).search
_HASH = re.compile(
    r"\bhmac\b.{0,40}?\bsha-?_?(1|256|384|512)\b|\bsha-?_?(1|256|384|512)\b.{0,40}?\bhmac\b", re.IGNORECASE | re.DOTALL
)
_HASH_WORD = re.compile(r"hmac[-_ ]?sha-?_?(1|256|384|512)", re.IGNORECASE)
_PREFIX = re.compile(r"\b((?:sha(?:1|256|384|512)|v[0-9]+)=)")
_STANDARD = ("id", "timestamp", "signature")
_PREFIXES_OF_STANDARD = ("webhook-", "svix-")


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of a request: templates of header fields by name, and of the text that the HMAC is made of.

    Both may have `{timestamp}` (seconds since 1970) and `{id}`, the payload also `{body}`, fields also `{signature}`.
    With `has_open_encoding` the document does not say how the digest is written.
    """

    headers: Mapping[str, str]
    payload: str = "{body}"
    algorithm: str = "sha256"
    encoding: str = HEX
    has_open_encoding: bool = False


def read_signature(operation: Mapping[str, Any], parameters: Iterable[Mapping[str, Any]]) -> Signature | None:
    """The signature of the requests of an operation, whose parameters are resolved; None if it says nothing."""
    if SIGNATURE in operation:
        return Signature(**operation[SIGNATURE])
    headers = {str(one["name"]): one for one in parameters if one.get("in") == "header"}
    lower = {name.lower(): name for name in headers}
    for prefix in _PREFIXES_OF_STANDARD:
        names = [lower.get(prefix + ending) for ending in _STANDARD]
        if all(names):
            templates = dict(zip(map(str, names), ("{id}", "{timestamp}", "v1,{signature}"), strict=True))
            return Signature(templates, "{id}.{timestamp}.{body}", encoding=BASE64)
    return next(filter(None, (_described(name, raw) for name, raw in headers.items())), None)


def _described(name: str, parameter: Mapping[str, Any]) -> Signature | None:
    """The signature that a header parameter describes."""
    schema = parameter.get("schema", {})
    said = " ".join(str(one.get("description", "")) for one in (parameter, schema))
    shown = " ".join(str(one.get(member, "")) for one in (parameter, schema) for member in ("example", "pattern"))
    found = _HASH_WORD.search(said) or _HASH.search(said)
    # Where a time is part of what is signed, a description in words does not say how.
    if found is None or not _IS_SIGNATURE(name) or "timestamp" in said.lower():
        return None
    prefix = _PREFIX.search(f"{shown} {said}")
    template = f"{prefix[1] if prefix else ''}{{signature}}"
    algorithm = f"sha{next(filter(None, found.groups()))}"
    encoding = BASE64 if "base64" in said.lower() else HEX
    return Signature({name: template}, "{body}", algorithm, encoding, encoding == HEX and "hex" not in said.lower())
