"""WSGI environments, read as requests (PEP 3333)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

_KEYS: dict[str, str] = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


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
    if target is None:
        return quote(environ["PATH_INFO"], safe="/:@!$&'()*+,;=~", encoding="latin-1")
    path = target.partition("?")[0]
    if not path.startswith("/") and "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path


def read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The whole body; raises `TooLarge`, before it is read where its length is known, or `Incomplete`."""
    stated = environ.get("CONTENT_LENGTH")
    if not stated:
        return _read_chunks(environ, limit) if "HTTP_TRANSFER_ENCODING" in environ else b""
    length = int(stated) if stated.isascii() and stated.isdigit() else -1
    if length > limit:
        raise TooLarge
    body: bytes = environ["wsgi.input"].read(length) if length > 0 else b""
    if len(body) != length:
        raise Incomplete
    return body


def _read_chunks(environ: WSGIEnvironment, limit: int) -> bytes:
    body = b""
    while part := environ["wsgi.input"].read(limit + 1 - len(body)):
        body += part
        if len(body) > limit:
            raise TooLarge
    return body


def _key(name: str) -> str:
    key = "HTTP_" + name.upper().replace("-", "_")
    if len(_KEYS) < 1000:  # names come from the contract; this only guards against one that takes them from requests
        _KEYS[name] = key
    return key
