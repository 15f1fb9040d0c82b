"""Documents: the data of a file, with the place of each value in the author's text, whatever steps have moved it."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from lookalike.errors import DocumentError, Location, Problem, UsageError
from lookalike.json_values import (
    ABSENT,
    Pointer,
    PointerError,
    dereference,
    format_pointer,
    parse_fragment,
    resolve,
    straighten,
)
from lookalike.openapi.sources import Source, SourceReader
from lookalike.openapi.yaml_text import compose_leniently, json_problem, mark_at, parse_json, parse_yaml
from lookalike.openapi.zones import Zone

_Pointer = Sequence[str | int]


class SourceText:
    """The text of a file, and the position of each value in it, which is worked out when it is first asked for.

    It is kept `encoded` in UTF-8, since one emoji makes each character of a string four bytes. `zone` is the part of
    the network that it came from, which limits where its references may lead.
    """

    def __init__(self, text: str, name: str, zone: Zone = Zone.FILE) -> None:
        self.encoded = text.encode("utf-8", "surrogatepass")
        self.name = name
        self.zone = zone
        self._root: Any = None

    @property
    def text(self) -> str:
        """The text, decoded now."""
        return self.encoded.decode("utf-8", "surrogatepass")

    def mentions(self, word: str) -> bool:
        """Whether a word is anywhere in the text."""
        return word.encode() in self.encoded

    def locate(self, pointer: _Pointer) -> Location:
        """The position of the value at a pointer, or of the nearest value around it."""
        if self._root is None:
            self._root = compose_leniently(self.text, self.name)
        if self._root is None:
            return Location(self.name, 1, 1, format_pointer(pointer))
        mark = mark_at(self._root, pointer)
        return Location(self.name, mark.line + 1, mark.column + 1, format_pointer(pointer))


class Origin(NamedTuple):
    """The place of a value before a step; `file` where that is in another file, or in a whole other document."""

    pointer: _Pointer
    file: "SourceText | Document | None" = None


Origins = Mapping[tuple[str, ...], Origin]
"""The values that a step moved: the pointer after it, and the origin; values inside of them moved along."""


class MountedDocument(NamedTuple):
    """One of the documents that were combined: its source, the path that it is served below, and all of its paths.

    `label` is a short name, which stands in front of names that another document has, too.
    """

    source: Source
    path: str
    label: str
    paths: frozenset[str]


class Document:
    """The data of a document, and where in its text each value is.

    `origins` has one entry for each step that moved values (overlays, bundling, upgrades), so that messages name the
    position where a value was written. `unreadable` has the reason for each reference that could not be read, `notices`
    problems of the steps themselves. `mounts` are the documents that it was combined of.
    """

    mounts: tuple[MountedDocument, ...] = ()

    def __init__(
        self,
        data: Any,
        text: SourceText,
        origins: tuple[Origins, ...] = (),
        unreadable: Mapping[str, str] | None = None,
        notices: tuple[Problem, ...] = (),
    ) -> None:
        self.data = data
        self.text = text
        self.name = text.name
        self.origins = origins
        self.unreadable = unreadable or {}
        self.notices = notices

    @property
    def title(self) -> str:
        """Its title and version (OpenAPI 3.1 section 4.8.2), or the name of its file if it has none."""
        info = self.data.get("info")
        named = [str(info.get(name) or "") for name in ("title", "version")] if isinstance(info, Mapping) else []
        return " ".join(filter(None, named)) or self.name.rpartition("/")[2]

    def locate(self, pointer: _Pointer) -> Location:
        """The position where the value at a pointer was written, or of the nearest value around it."""
        origin = Origin(tuple(map(str, pointer)))
        for moved in reversed(self.origins):
            origin = _before(moved, tuple(map(str, origin.pointer)))
            if origin.file is not None:
                return origin.file.locate(origin.pointer)
        return self.text.locate(origin.pointer)

    def mentions(self, word: str) -> bool:
        """Whether a word is in any of the files of the document, be it in a comment: a cheap test before a walk."""
        return any(text.mentions(word) for text in self.texts)

    @property
    def texts(self) -> tuple[SourceText, ...]:
        """The texts of the files that the document was made of, its own first."""
        files = dict.fromkeys(origin.file for moved in self.origins for origin in moved.values())
        others = (file.texts if isinstance(file, Document) else (file,) for file in files if file is not None)
        return tuple(dict.fromkeys((self.text, *chain.from_iterable(others))))

    def moved(self, data: Any, origins: Origins, notices: tuple[Problem, ...] = ()) -> "Document":
        """The document after one more step, which moved values."""
        steps = (*self.origins, origins) if origins else self.origins
        after = Document(data, self.text, steps, self.unreadable, (*self.notices, *notices))
        after.mounts = self.mounts
        return after

    def problem(self, what: str, pointer: _Pointer, remedy: str = "") -> Problem:
        """A problem at a pointer."""
        return Problem(what, remedy, self.locate(pointer))

    def lookup(self, ref: str) -> Any:
        """The value that a local reference (`#/a/b`) leads to; raises `DocumentError` if there is none."""
        if ref in self.unreadable:
            raise DocumentError([Problem(self.unreadable[ref])])
        if not ref.startswith("#"):
            raise DocumentError([Problem(f"{ref!r} leads out of {self.name}", "Write a reference that starts with #/")])
        try:
            return resolve(self.data, ref)
        except PointerError as error:
            raise self._unresolved(error) from None

    def dereference(self, node: Any) -> Any:
        """A value behind its references; raises `DocumentError` if one leads nowhere, or back to itself."""
        try:
            return dereference(node, self.lookup)
        except PointerError as error:
            raise self._unresolved(error) from None

    def straight_pointer(self, fragment: str, root: Pointer = ()) -> Pointer:
        """The pointer of a fragment, relative to a schema at `root`, without references on its way.

        Raises `DocumentError` if it leads nowhere.
        """
        try:
            return straighten(self.data, (*root, *parse_fragment(f"#{fragment}")))
        except PointerError as error:
            raise self._unresolved(error) from None

    def _unresolved(self, error: PointerError) -> DocumentError:
        return DocumentError([self.problem(str(error), error.reached, error.remedy)])


def _before(origins: Origins, here: tuple[str, ...]) -> Origin:
    """The origin of a value in a step."""
    for length in range(len(here), -1, -1):
        if here[:length] in origins:
            pointer, file = origins[here[:length]]
            return Origin((*pointer, *here[length:]), file)
    return Origin(here)


def load_document(source: Source, reader: SourceReader | None = None) -> Document:
    """The document of a source that the user names.

    Raises `UsageError` if it cannot be read, and `DocumentError` where it is neither YAML nor JSON.
    """
    content = (reader or SourceReader()).named(source)
    return parse_document(content.text, str(source), content.zone)


def load_referenced(source: Source, referrer: Zone, reader: SourceReader) -> Document:
    """The document of a source that another document refers to; raises `UsageError` and `DocumentError`.

    The message for a file that is neither YAML nor JSON says nothing of its content: it may be any file of the reader,
    and the message may be seen by the author of the document.
    """
    content = reader.referenced(source, referrer)
    name = str(source)
    try:
        document = parse_document(content.text, name, content.zone)
    except DocumentError as error:
        if name.lower().endswith(_SUFFIXES):
            raise
        place = error.problems[0].location
        raise UsageError(f"{place or name}: this is neither YAML nor JSON") from None
    if not isinstance(document.data, dict | list | bool):
        raise UsageError(f"{name} is neither YAML nor JSON: it holds no object and no array")
    return document


_SUFFIXES = (".yaml", ".yml", ".json")


def parse_document(text: str, name: str, zone: Zone = Zone.FILE) -> Document:
    """The document of a YAML or JSON text; raises `DocumentError` with the position.

    A file that is JSON by its name, and read as YAML, says so in a notice: other programs refuse it.
    """
    data = parse_json(text)
    if data is not ABSENT:
        return Document(data, SourceText(text, name, zone))
    data = parse_yaml(text, name)
    problem = json_problem(text, name) if name.lower().endswith(".json") else None
    if problem is not None and isinstance(data, str):
        raise DocumentError([problem])
    notices = () if problem is None else (Problem(f"{problem.what}; it is read as YAML", "", problem.location),)
    return Document(data, SourceText(text, name, zone), notices=notices)
