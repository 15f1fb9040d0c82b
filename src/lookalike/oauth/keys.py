"""The key that signs ID tokens: RS256 (RFC 7518 section 3.3), which every client of OpenID Connect can check.

The key is part of the program and no secret, so that all replicas and all runs of the mock have the same one. A
signature is one line of arithmetic, for which a package of cryptography would be the largest dependency of all.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

# Two primes of 1,024 bits. The public exponent is the usual one.
_P = int(
    "f55bd9b2245840e000f44f586477202b18b14023a4938a87565fd44fba09e40c8a5c834375e7c7ce89d61c7b52b6a9e3bcae"
    "bafb411dbddc346a2b5f9853c74518c13a56b593d81da067865849351a2e7ea015654843d66a280330c17de741e218d752e6"
    "e366f9a03e41361e361874d88d337fa08095262d68f5475611e321a7",
    16,
)
_Q = int(
    "b6a030226f831918b306d7738e6d70bd07f8629d0e1a7b0cd45bd52e8175532ef2da22e7a9a0dcd1a3ce0136a3148cd3c732"
    "1ace1233c29dc6361e5e03f1a747f4fe2d5c7122782a4439da0d1e1d86d94fc81648a5da803770581949623a9bd94ebd4239"
    "0793f95cac9ca62aebf44f430e1095b043f2816d990d65a51f062131",
    16,
)
_MODULUS = _P * _Q
_PUBLIC = 65537
_PRIVATE = pow(_PUBLIC, -1, (_P - 1) * (_Q - 1))
_SIZE = 256
_KEY_ID = "lookalike-development"
# The wrapping of the hash: the DER of a DigestInfo for SHA-256 (RFC 8017 section 9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def key_set() -> dict[str, Any]:
    """The public key as a JSON Web Key Set (RFC 7517)."""
    number = base64_url(_MODULUS.to_bytes(_SIZE, "big"))
    return {
        "keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _KEY_ID, "n": number, "e": base64_url(b"\1\0\1")}]
    }


def signed(claims: Mapping[str, Any]) -> str:
    """A JSON Web Token with claims, signed with the key."""
    header = {"alg": "RS256", "typ": "JWT", "kid": _KEY_ID}
    text = ".".join(base64_url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{text}.{base64_url(_signature(text.encode()))}"


def _signature(data: bytes) -> bytes:
    """The signature of data: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.1)."""
    wrapped = _DIGEST_INFO + hashlib.sha256(data).digest()
    padded = b"\0\1" + b"\xff" * (_SIZE - len(wrapped) - 3) + b"\0" + wrapped
    return pow(int.from_bytes(padded, "big"), _PRIVATE, _MODULUS).to_bytes(_SIZE, "big")


def base64_url(data: bytes) -> str:
    """Base64 in the alphabet of URLs, without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
