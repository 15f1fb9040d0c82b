"""Sources of documents: files and http(s) URLs, and the rules for those that documents refer to."""

import os
import re
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from os.path import normpath
from pathlib import Path
from threading import Thread
from typing import NamedTuple, TypeVar
from urllib.parse import unquote, urljoin

from lookalike.errors import UsageError
from lookalike.openapi.zones import NotAllowed, Zone, check_zone

DOCUMENT_NAMES = ("openapi.yaml", "openapi.yml", "openapi.json")
"""The usual names of a document, which are looked for where none is named."""

LEAD = "lead"
"""The name of the Lead API; a file of that name is `./lead`, so that the name means the same in every folder."""

LONGEST = 64 * 2**20
"""The size of the longest source, in bytes."""

_TIMEOUT = 10.0  # of one source
_LONGEST_IN_ALL = 4 * LONGEST
_TIMEOUT_IN_ALL = 60.0
_SCHEMES = ("http://", "https://")
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")  # before the message of an OSError that a library has wrapped
# Control characters that neither YAML nor JSON may have (YAML 1.2.2 section 5.1).
_IS_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]").search

T = TypeVar("T")

Source = Path | str
"""A file, or an http(s) URL as a string."""


class Mount(NamedTuple):
    """A document that is served beside others, below a path; None is that of its first server."""

    source: Source
    path: str | None = None


class SourceContent(NamedTuple):
    """The content of a source, and the zone that it came from."""

    source: Source
    encoded: bytes
    zone: Zone = Zone.FILE

    @property
    def text(self) -> str:
        """The text, which is kept encoded: one emoji makes each character of a string four bytes.

        Raises `UsageError` where it is not in UTF-8.
        """
        try:
            return self.encoded.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.source} is not UTF-8 (byte {error.start}); save it as UTF-8") from None


class ReferenceRules(NamedTuple):
    """The rules for the references of documents: how many sources they may lead to, whether to URLs, and whether from
    a document of a public server to addresses of private networks.
    """

    most: int = 2_000  # the largest documents that are split have some hundred
    remote: bool = True
    private: bool = False


DEFAULT_RULES = ReferenceRules()


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


class SourceReader:
    """A reader of the sources of one document, each of which is read once, within a number, a size and a time in all.

    Raises `UsageError` if a source cannot be read, or may not.
    """

    def __init__(self, rules: ReferenceRules = DEFAULT_RULES) -> None:
        self.rules = rules
        self._contents: dict[str, SourceContent] = {}
        self._refusals: dict[tuple[str, Zone], str] = {}
        self._referenced: set[str] = set()
        self._asked: dict[Source, None] = {}
        self._room = _LONGEST_IN_ALL
        self._time = _TIMEOUT_IN_ALL

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were asked for so far, also those that could not be read."""
        return tuple(source for source in self._asked if isinstance(source, Path))

    def named(self, source: Source) -> SourceContent:
        """The content of a source that the user names, who may name any file, be it a pipe, and any address."""
        self._asked[source] = None
        known = self._contents.get(str(source))
        if known is not None:
            return known
        if isinstance(source, Path):  # which may be a terminal or a pipe, and then come as slowly as it likes
            content = _read(source, lambda: _open(source, None, self.rules, LONGEST))
        else:
            content = _read(source, lambda: _within(_TIMEOUT, lambda: _open(source, None, self.rules, LONGEST)))
        self._contents[str(source)] = content
        return content

    def referenced(self, source: Source, referrer: Zone) -> SourceContent:
        """The content of a source that a document refers to: a regular file with text, or a URL it may reach."""
        name = str(source)
        self._asked[source] = None
        if isinstance(source, str):
            _read(source, self._check_remote)
        known = self._contents.get(name)
        if known is not None:
            self.check(source, referrer, known.zone)
            return known
        refusal = self._refusals.get((name, referrer))
        if refusal is not None:
            raise UsageError(refusal)
        try:
            content = self._read_referenced(source, referrer)
        except UsageError as error:
            self._refusals[name, referrer] = str(error)
            raise
        self._contents[name] = content
        return content

    def check(self, source: Source, referrer: Zone, zone: Zone) -> None:
        """Raise `UsageError` if a document of a zone may not refer to a source that was read from another one."""
        if zone is not Zone.FILE:  # the schemas of a file that a document knows by their `$id` are no other place
            _read(source, lambda: check_zone(referrer, zone, "its address", self.rules.private))

    def _check_remote(self) -> None:
        if not self.rules.remote:
            raise NotAllowed("with --no-remote, no reference to a URL is followed")

    def _read_referenced(self, source: Source, referrer: Zone) -> SourceContent:
        self._referenced.add(str(source))
        if len(self._referenced) > self.rules.most:
            raise UsageError(
                f"{source} is not read: the document refers to more than {self.rules.most:,} files; "
                "--max-references allows more"
            )
        began = time.monotonic()
        try:
            content = _read(source, lambda: self._limited(source, referrer))
        finally:
            self._time -= time.monotonic() - began
        self._room -= len(content.encoded)
        return content

    def _limited(self, source: Source, referrer: Zone) -> SourceContent:
        seconds, size = min(_TIMEOUT, self._time), min(LONGEST, self._room)
        if seconds <= 0:
            raise TimeoutError(f"the files before it took {_TIMEOUT_IN_ALL:.0f} seconds in all")
        if size <= 0:
            raise ValueError(f"the files before it have {_LONGEST_IN_ALL // 2**20} MiB in all")
        content = _within(seconds, lambda: _open(source, referrer, self.rules, size))
        if _IS_BINARY(content.text):
            raise ValueError("it is no text")
        return content


def _within(seconds: float, work: Callable[[], T]) -> T:
    """The result of a function; raises `TimeoutError` if it takes longer, and leaves it to its thread.

    Neither a name server nor a file system has a timeout of its own, and a peer that sends a byte now and then keeps
    within the timeout of a socket for ever. Waiting for a thread ends in time, and at Ctrl-C.
    """
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001  # raised again in the thread that waits
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"it did not come within {seconds:.3g} seconds")
    return results[0]


def read_text(source: Source) -> str:
    """The text of a source that the user names, in UTF-8; raises `UsageError` if it cannot be read."""
    return SourceReader().named(source).text


def _read(source: Source, read: Callable[[], T]) -> T:
    """The result of a function that reads a source; raises `UsageError` with its reason where it fails."""
    try:
        return read()
    except (OSError, ValueError, NotAllowed) as error:  # a URL that is none is a ValueError
        cause = getattr(error, "reason", error)  # of a URLError
        why = getattr(cause, "strerror", None) or _ERRNO.sub("", str(cause)) or type(cause).__name__
        raise UsageError(f"cannot read {source}: {why}") from None


def _open(source: Source, referrer: Zone | None, rules: ReferenceRules, longest: int) -> SourceContent:
    if isinstance(source, Path):
        content, zone = (_read_file if referrer is None else _read_regular_file)(source, longest), Zone.FILE
    else:
        if not source.startswith(_SCHEMES):
            raise ValueError("only http and https URLs are read")
        from lookalike.openapi.fetching import fetch  # here, since it takes time to load, and few documents need it

        content, zone = fetch(source, referrer, rules.private, longest, _TIMEOUT)
    if len(content) > longest:
        raise ValueError(f"it is longer than {longest / 2**20:.3g} MiB")
    return SourceContent(source, content, zone)


def _read_file(path: Path, longest: int) -> bytes:
    with path.open("rb") as file:
        return file.read(longest + 1)


def _read_regular_file(path: Path, longest: int) -> bytes:
    """The content of a file that is no device, pipe or folder, also where it is replaced by one in the meantime."""
    # Neither waits for a writer of a pipe, nor makes a terminal that of the process.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no regular file")
        with open(descriptor, "rb", closefd=False) as file:  # a descriptor has no path
            return file.read(longest + 1)
    finally:
        os.close(descriptor)
