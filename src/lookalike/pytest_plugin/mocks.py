"""The mocks of a test session: one for each document and set of options, with a sandbox for each test."""

import json
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from lookalike.api import Mock, load
from lookalike.assembly import bundled_document
from lookalike.cache import Cache
from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.openapi.sources import DOCUMENT_NAMES, LEAD
from lookalike.pytest_plugin.fixture import LookalikeFixture, SharedMock

# The options of a mark that are about the contract; all others are those of a mock.
_OF_CONTRACTS = ("overlays", "strict", "infer")
# The options that may be names of files.
_FILES = ("data", "tokens", "profile")
# Tests with many sets of options must not keep all of their mocks until the end.
_MOST_MOCKS = 16


class Mocks:
    """The mocks of a session; files are looked for beside the test, in the root folder, and where pytest was started.

    `given` is the document of the command line, and `configured` that of the configuration file.
    """

    def __init__(self, root: Path, started_in: Path, given: str | None, configured: str) -> None:
        self._folders = (root, started_in)
        self._otherwise = default_document(root, started_in, given, configured)
        self._contracts: Cache[str, Contract] = Cache(_MOST_MOCKS)
        self._shared: dict[str, SharedMock] = {}
        self._numbers = count(1)

    def __enter__(self) -> "Mocks":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for shared in self._shared.values():
            shared.close()

    def sandbox(self, folder: Path, marks: Iterable[pytest.Mark]) -> LookalikeFixture:
        """A new sandbox for a test in a folder; of its marks, the nearest comes first and decides.

        Raises `UsageError` and `DocumentError`.
        """
        return LookalikeFixture(self._of(folder, _options(marks)), f"test-{next(self._numbers)}")

    def _of(self, folder: Path, options: Mapping[str, Any]) -> SharedMock:
        folders = (folder, *self._folders)
        document = options.get("document", self._otherwise)
        if document is None:
            raise UsageError(
                "no document for the fixture; name one with --lookalike-document FILE, lookalike_document in the "
                "configuration of pytest, or @pytest.mark.lookalike(document=FILE)"
            )
        located = {
            **options,
            "document": _located(document, folders),
            "overlays": [_located(overlay, folders) for overlay in options.get("overlays", ())],
            **{name: _located(options[name], folders) for name in _FILES if options.get(name) is not None},
        }
        key = json.dumps(located, sort_keys=True, default=str)
        shared = self._shared.get(key)
        if shared is None:
            while len(self._shared) >= _MOST_MOCKS:
                self._shared.pop(next(iter(self._shared))).close()
            shared = self._shared[key] = SharedMock(self._mock(located))
        return shared

    def _mock(self, options: Mapping[str, Any]) -> Mock:
        for_contract = {name: options[name] for name in _OF_CONTRACTS if name in options}
        key = json.dumps([options["document"], for_contract], sort_keys=True, default=str)
        contract = self._contracts.get(key) or self._contracts.keep(key, load(options["document"], **for_contract))
        own = {name: value for name, value in options.items() if name not in ("document", *_OF_CONTRACTS)}
        try:
            return Mock(contract, **own)
        except TypeError as error:  # an option that there is not
            raise UsageError(f"@pytest.mark.lookalike: {str(error).removeprefix('Mock.__init__() ')}") from None


def _options(marks: Iterable[pytest.Mark]) -> dict[str, Any]:
    """The options of several marks, of which an earlier one takes precedence; raises `UsageError`."""
    options: dict[str, Any] = {}
    for mark in marks:
        if len(mark.args) > 1:
            raise UsageError("@pytest.mark.lookalike takes one document; all else has a name, as in data=FILE")
        options = {**({"document": mark.args[0]} if mark.args else {}), **mark.kwargs, **options}
    return options


def default_document(root: Path, started_in: Path, given: str | None, configured: str) -> Any:
    """The document of tests whose marks name none: of the command line, the configuration, or by its usual name."""
    if given:
        return _located(given, (started_in,), must_be_there=False)
    if configured:
        return _located(configured, (root,), must_be_there=False)
    found = (folder / name for folder in (root, started_in) for name in DOCUMENT_NAMES)
    return next((path for path in found if path.is_file()), None)


def _located(given: Any, folders: Iterable[Path], must_be_there: bool = True) -> Any:
    """A file by its full path: where it is relative, in the first of some folders that has it.

    URLs and values stay as they are, and `lead` is the Lead API. Raises `UsageError`.
    """
    if isinstance(given, Mapping) or (isinstance(given, str) and "://" in given):
        return given
    if given == LEAD:
        return bundled_document()
    paths = [folder / given for folder in folders]
    if not must_be_there:
        return paths[0]
    found = next((path for path in paths if path.is_file()), None)
    if found is None:
        raise UsageError(f"there is no file {' or '.join(dict.fromkeys(map(str, paths)))}")
    return found
