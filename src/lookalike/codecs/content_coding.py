"""Content codings: bodies that are compressed (RFC 9110 section 8.4), decoded within a limit."""

import zlib

ACCEPTED = "gzip, deflate"  # what Accept-Encoding says (RFC 9110 section 12.5.3)
_MAX_CODINGS = 4  # layers, since each costs time and more than one serves no client
_MAX_MEMBERS = 100  # of gzip in one body, since each copies all that follows it, and empty ones weigh 20 bytes
_GZIP = frozenset({"gzip", "x-gzip"})
_GZIP_OR_ZLIB, _RAW_DEFLATE = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS


class ContentCodingError(ValueError):
    """A body that cannot be decoded; the message goes behind an article.

    `status` is what a server answers: 415 for its coding, 400 for its bytes, 413 for its size.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def decode_content(body: bytes, codings: str, limit: int) -> bytes:
    """The body without the codings that a Content-Encoding field names; raises `ContentCodingError`.

    `limit` is in bytes, for each layer: a few kilobytes may stand for gigabytes.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    if len(names) > _MAX_CODINGS:
        raise ContentCodingError(415, f"body has more than {_MAX_CODINGS} content codings")
    for name in reversed(names):  # the last one was applied last
        if name in _GZIP or name == "deflate":
            body = inflate(body, name, limit) if body else body
        elif name not in {"", "identity"}:
            raise ContentCodingError(415, f"body must have the Content-Encoding {ACCEPTED}, not {name}")
    return body


def inflate(body: bytes, name: str, limit: int) -> bytes:
    """The content of a gzip or deflate body; gzip may have several members (RFC 1952 section 2.2).

    `limit` is in bytes. Raises `ContentCodingError`.
    """
    # Some clients send deflate without the zlib wrapper that RFC 9110 section 8.4.1.2 demands.
    is_wrapped = name in _GZIP or (body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0)
    pieces: list[bytes] = []
    size = 0
    while body:
        if len(pieces) == _MAX_MEMBERS:
            raise ContentCodingError(413, f"body has more than {_MAX_MEMBERS} members of {name}")
        decoder = zlib.decompressobj(_GZIP_OR_ZLIB if is_wrapped else _RAW_DEFLATE)
        try:
            piece = decoder.decompress(body, limit + 1 - size)
        except zlib.error as error:
            raise ContentCodingError(400, f"body is not valid {name}: {error}") from None
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise ContentCodingError(413, f"body is longer than {limit} bytes without its {name}")
        if not decoder.eof:
            raise ContentCodingError(400, f"body is not valid {name}: it ends too early")
        body = decoder.unused_data
    return b"".join(pieces)
