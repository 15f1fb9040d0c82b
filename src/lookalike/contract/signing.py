"""Signing of callbacks and webhooks by a secret that client and server share, and checking of signatures."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from uuid import uuid4

from lookalike.contract.signatures import BASE64, HEX, Signature

_PLACEHOLDER = re.compile(r"\{(body|id|timestamp|signature)\}")
_KEY_OF_STANDARD = "whsec_"  # of a key in Base64, by the specification of Standard Webhooks


def signed_fields(signature: Signature, secret: str, body: bytes, at: float) -> dict[str, str]:
    """The header fields that sign a body at a time in seconds since 1970."""
    values = {"body": body, "id": f"msg_{uuid4().hex}".encode(), "timestamp": str(int(at)).encode()}
    known = {**values, "signature": _encoded(_digest(signature, secret, values), signature.encoding)}
    return {name: _filled(template, known).decode() for name, template in signature.headers.items()}


def signature_flaw(signature: Signature, secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The flaw in the signature of a request; empty if it is right.

    The names of `headers` are in lower case. One of several signatures is enough, as while secrets are exchanged.
    """
    values, signed = {"body": body}, ""
    for name, template in signature.headers.items():
        given = headers.get(name.lower())
        if given is None:
            return f"no header field {name}, which signs it"
        found = _read(template, given)
        if found is None:
            return f"{name}: {given}, which is not of the form {template}"
        values |= found
        signed += f" {given}" if "{signature}" in template else ""
    digest = _digest(signature, secret, values)
    encodings = (HEX, BASE64) if signature.has_open_encoding else (signature.encoding,)
    if any(_encoded(digest, one).decode() in (signed.lower() if one == HEX else signed) for one in encodings):
        return ""
    return f"a signature that is not the HMAC-{signature.algorithm.upper()} of {signature.payload} by the secret"


def _read(template: str, given: str) -> dict[str, bytes] | None:
    """The values of the placeholders in a header field, but for signatures; None if it is not of that form."""
    literals = _PLACEHOLDER.split(template)[::2]
    names = _PLACEHOLDER.findall(template)
    wanted = "".join(re.escape(one) + r"([^\s,;]+)" for one in literals[:-1])
    match = re.search(wanted, given)
    if match is None:
        return None
    return {name: value.encode() for name, value in zip(names, match.groups(), strict=True) if name != "signature"}


def _digest(signature: Signature, secret: str, values: Mapping[str, bytes]) -> bytes:
    return hmac.new(_key(secret), _filled(signature.payload, values), getattr(hashlib, signature.algorithm)).digest()


def _encoded(digest: bytes, encoding: str) -> bytes:
    return base64.b64encode(digest) if encoding == BASE64 else digest.hex().encode()


def _filled(template: str, values: Mapping[str, bytes]) -> bytes:
    """A template with the values of its placeholders; one without a value stays as it is."""
    pattern = re.compile(_PLACEHOLDER.pattern.encode())
    return pattern.sub(lambda match: values.get(match[1].decode(), match[0]), template.encode())


def _key(secret: str) -> bytes:
    if secret.startswith(_KEY_OF_STANDARD):
        try:
            return base64.b64decode(secret.removeprefix(_KEY_OF_STANDARD), validate=True)
        except ValueError:
            pass
    return secret.encode()
