"""Sources of documents: files and http(s) URLs."""

import re
from collections.abc import Callable
from contextlib import suppress
from os.path import normpath
from pathlib import Path
from stat import S_ISREG
from urllib.parse import unquote, urljoin

from lookalike.errors import UsageError

TIMEOUT = 10.0
LONGEST = 64 * 2**20
_SCHEMES = ("http://", "https://")
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")  # before the message of an OSError that a library has wrapped

Source = Path | str
"""A file, or an http(s) URL as a string."""


def source_of(text: str) -> Source:
    """The source that an argument or a reference names."""
    return text if text.startswith(_SCHEMES) else Path(text)


def beside(source: Source, name: str) -> Source:
    """The source that a relative name in another source means (RFC 3986 section 5)."""
    if name.startswith(_SCHEMES):
        return name
    if isinstance(source, str):
        with suppress(ValueError):  # no URL; reading it says so
            return urljoin(source, name)
        return name
    return Path(normpath(source.parent / unquote(name)))


def read_text(source: Source) -> str:
    """The text of a source, in UTF-8; raises `UsageError` where it cannot be read."""
    return _decoded(_read(source, _read_file), source)


def read_referenced(source: Source) -> str:
    """The text of a source that a document refers to; raises `UsageError` also for a device, a pipe or a folder.

    A user may name `/dev/stdin` or a pipe. A document that does would stop the reader, or fill its memory.
    """
    return _decoded(_read(source, _read_regular_file), source)


def _decoded(content: bytes, source: Source) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{source} is not UTF-8 (byte {error.start}); save it as UTF-8") from None


def _read(source: Source, read_file: Callable[[Path], bytes]) -> bytes:
    try:
        return read_file(source) if isinstance(source, Path) else _fetch(source)
    except (OSError, ValueError) as error:  # a URL that is none is a ValueError
        cause = getattr(error, "reason", error)  # of a URLError
        why = getattr(cause, "strerror", None) or _ERRNO.sub("", str(cause))
        raise UsageError(f"cannot read {source}: {why}") from None


def _read_regular_file(path: Path) -> bytes:
    if not S_ISREG(path.stat().st_mode):
        raise ValueError("it is no regular file")
    return _read_file(path)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return _bounded(file.read(LONGEST + 1))


def _bounded(content: bytes) -> bytes:
    if len(content) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST // 2**20} MiB")
    return content


def _fetch(url: str) -> bytes:
    if not url.startswith(_SCHEMES):
        raise ValueError("only http and https URLs are read")
    from urllib.request import Request, urlopen  # here, since it takes time to load, and few documents need it

    request = Request(url, headers={"Accept": "application/yaml, application/json, */*", "User-Agent": "lookalike"})  # noqa: S310  # http or https, by source_of
    with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        return _bounded(answer.read(LONGEST + 1))
