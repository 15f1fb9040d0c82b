"""A HAR file with the bodies that Playwright puts beside it: in the same folder, or with it in a ZIP archive."""

import zipfile
from pathlib import Path, PurePath
from typing import IO

from lookalike.errors import UsageError

LARGEST = 512 * 2**20
"""The bytes of a HAR file, and of all files beside it together, that are read at most."""

_ZIP = b"PK\x03\x04"
_HAR = ".har"


class HarArchive:
    """The content of a HAR file, and the files that it names; raises `UsageError` if the file cannot be read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._zip: zipfile.ZipFile | None = None
        self._left = LARGEST
        try:
            with file.open("rb") as opened:
                self.content = self._content(opened)
        except OSError as error:
            raise UsageError(f"cannot read {file}: {error.strerror}") from None

    def _content(self, opened: IO[bytes]) -> bytes:
        is_zip = opened.read(len(_ZIP)) == _ZIP
        opened.seek(0)
        if not is_zip:
            return self._bounded(opened)
        try:
            self._zip = zipfile.ZipFile(self._file)
            name = next(name for name in self._zip.namelist() if name.endswith(_HAR))
            with self._zip.open(name) as har:
                return self._bounded(har)
        except StopIteration:
            raise UsageError(f"{self._file} is a ZIP archive without a HAR file") from None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise UsageError(f"{self._file} is a ZIP archive that cannot be read: {error}") from None

    def _bounded(self, opened: IO[bytes]) -> bytes:
        content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError(f"{self._file} is larger than {LARGEST // 2**20} MiB", "Record a shorter session")
        return content

    def attached(self, name: str) -> bytes | None:
        """The content of a file beside the HAR file; None if there is none of that name, or no room for it.

        A name with a folder is none, so that a record of someone else reads no file elsewhere.
        """
        if PurePath(name).name != name or "\\" in name:
            return None
        try:
            with (self._file.parent / name).open("rb") if self._zip is None else self._zip.open(name) as opened:
                content = opened.read(self._left + 1)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            return None
        if len(content) > self._left:
            return None
        self._left -= len(content)
        return content
