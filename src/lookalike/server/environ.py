"""WSGI environments, read as requests (PEP 3333)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote
from wsgiref.types import InputStream, WSGIEnvironment

_KEYS: dict[str, str] = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_MOST_DIGITS = 18

_SAFE = "/:@!$&'()*+,;=~"  # RFC 3986 section 3.3
_IS_PLAIN = re.compile(r"[A-Za-z0-9/._-]*\Z").match


class TooLarge(Exception):
    """A body is longer than the limit."""


class Incomplete(Exception):
    """A body ended before its length."""


class EnvironHeaders(Mapping[str, str]):
    """The header fields of a request, read where they are."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_KEYS.get(name) or _key(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """The field of that name, in lower case, or the default."""
        return self._environ.get(_KEYS.get(name) or _key(name), default)

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            if key.startswith("HTTP_"):
                yield key[5:].lower().replace("_", "-")
        yield from (name for name in ("content-type", "content-length") if self._environ.get(_KEYS[name]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def raw_path(environ: WSGIEnvironment) -> str:
    """The path as it was sent, percent-encoded, where the server tells; else encoded anew.

    The target of a request may be a whole URL (RFC 9112 section 3.2.2).
    """
    target: str | None = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if not target or environ.get("SCRIPT_NAME"):
        decoded: str = environ["PATH_INFO"]
        return decoded if _IS_PLAIN(decoded) else quote(decoded, _SAFE, encoding="latin-1", errors="replace")
    path = target.partition("?")[0]
    if not path.startswith("/") and "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path


def read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The whole body; raises `TooLarge`, before it is read where its length is known, or `Incomplete`.

    The stream is taken out, so that a journal that keeps the environ does not keep the connection. Chunks count more
    than a stated length (RFC 9112 section 6.3).
    """
    stream, stated = environ.pop("wsgi.input"), environ.get("CONTENT_LENGTH")
    try:
        if "HTTP_TRANSFER_ENCODING" in environ:
            return _read_chunks(stream, limit)
        return _read_length(stream, stated, limit) if stated else b""
    except OSError:
        raise Incomplete from None


def _read_length(stream: InputStream, stated: str, limit: int) -> bytes:
    if not (stated.isascii() and stated.isdigit()):
        raise Incomplete
    if len(stated) > _MOST_DIGITS or int(stated) > limit:
        raise TooLarge
    length = int(stated)
    body = stream.read(length) if length else b""
    while len(body) < length:  # a stream may give less than it was asked for
        part = stream.read(length - len(body))
        if not part:
            raise Incomplete
        body += part
    return body


def _read_chunks(stream: InputStream, limit: int) -> bytes:
    """A body without a stated length, in one go: only so does Granian tell one that broke off, which is then empty."""
    body = stream.read()
    if len(body) > limit:
        raise TooLarge
    return body


def _key(name: str) -> str:
    key = "HTTP_" + name.upper().replace("-", "_")
    if len(_KEYS) < 1000:  # names come from the contract; this only guards against one that takes them from requests
        _KEYS[name] = key
    return key
