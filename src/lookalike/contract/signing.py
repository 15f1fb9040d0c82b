"""Signing of callbacks and webhooks by a secret that client and server share."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from uuid import uuid4

from lookalike.contract.signatures import BASE64, Signature

_PLACEHOLDER = re.compile(rb"\{(body|id|timestamp|signature)\}")
_KEY_OF_STANDARD = "whsec_"  # of a key in Base64, by the specification of Standard Webhooks


def signed_fields(signature: Signature, secret: str, body: bytes, at: float) -> dict[str, str]:
    """The header fields that sign a body at a time in seconds since 1970."""
    values = {"body": body, "id": f"msg_{uuid4().hex}".encode(), "timestamp": str(int(at)).encode()}
    digest = hmac.new(_key(secret), _filled(signature.payload, values), getattr(hashlib, signature.algorithm)).digest()
    text = base64.b64encode(digest) if signature.encoding == BASE64 else digest.hex().encode()
    known = {**values, "signature": text}
    return {name: _filled(template, known).decode() for name, template in signature.headers.items()}


def _filled(template: str, values: Mapping[str, bytes]) -> bytes:
    return _PLACEHOLDER.sub(lambda match: values[match[1].decode()], template.encode())


def _key(secret: str) -> bytes:
    if secret.startswith(_KEY_OF_STANDARD):
        try:
            return base64.b64decode(secret.removeprefix(_KEY_OF_STANDARD), validate=True)
        except ValueError:
            pass
    return secret.encode()
