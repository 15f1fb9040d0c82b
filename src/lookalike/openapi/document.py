"""Documents: data from YAML or JSON text, with the line and column of each value for messages.

YAML is read as OpenAPI asks (OpenAPI 3.1 section 4.3): by the JSON schema of YAML 1.2 with string keys, so that the
data are what JSON could hold. PyYAML's own rules are those of YAML 1.1, where `NO` is false and `12:30:00` is 45000.
This is the only module that knows YAML.
"""

import gc
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from lookalike.errors import DocumentError, Location, Problem, UsageError
from lookalike.json_values import (
    ABSENT,
    Pointer,
    PointerError,
    dereference,
    format_pointer,
    index_of,
    parse_fragment,
    resolve,
    straighten,
)
from lookalike.openapi.sources import Source, SourceReader, read_text
from lookalike.openapi.zones import Zone

MAX_DEPTH = 200
MAX_DIGITS = 4300
MAX_EXPANDED = 200_000  # values, with each alias counted as what it stands for ...
MAX_EXPANSION = 10  # ... of documents that have less than a tenth as many values written

_Base: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"

# The types of plain scalars (YAML 1.2.2 section 10.2), with the characters that they can start with; all else is a
# string. `~`, an empty value and `True` are of the wider core schema (section 10.3), and cannot be meant otherwise.
_RESOLUTION: tuple[tuple[str, str, str], ...] = (
    ("null", r"null|Null|NULL|~|", "nN~"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
)

_SHAPES = {_TAG + name: re.compile(rf"(?:{pattern})\Z") for name, pattern, _ in _RESOLUTION}

_DEPTH_CHANGES: dict[type, int] = {
    yaml.SequenceStartEvent: 1,
    yaml.MappingStartEvent: 1,
    yaml.SequenceEndEvent: -1,
    yaml.MappingEndEvent: -1,
}

_Pointer = Sequence[str | int]

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class _Loader(_Base):  # type: ignore[misc]  # which of PyYAML's two loaders it is depends on the installation
    """Resolves plain scalars by the table above."""

    yaml_implicit_resolvers: dict[str | None, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's name


for _name, _, _first in _RESOLUTION:
    for _character in [*_first, *([""] if _name == "null" else [])]:
        _Loader.yaml_implicit_resolvers.setdefault(_character, []).append((_TAG + _name, _SHAPES[_TAG + _name]))


def _null(text: str) -> None:
    return None


def _boolean(text: str) -> bool:
    return text[0] in "tT"


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is beyond what a double holds")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"an integer has more than {MAX_DIGITS:,} digits")
    return int(text)


_SCALARS: dict[str, Callable[[str], Any]] = {
    _TAG + "null": _null,
    _TAG + "bool": _boolean,
    _TAG + "int": _integer,
    _TAG + "float": _number,
    _TAG + "str": str,
}


class _Dumper(yaml.SafeDumper):
    """Writes a value that comes twice in full each time, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always true."""
        return True


class SourceText:
    """The text of a file, and the position of each value in it, which is worked out when it is first asked for.

    `zone` is the part of the network that it came from, which limits where its references may lead.
    """

    def __init__(self, text: str, name: str, zone: Zone = Zone.FILE) -> None:
        self.text = text
        self.name = name
        self.zone = zone
        self._root: Any = None

    def locate(self, pointer: _Pointer) -> Location:
        """The position of the value at a pointer, or of the nearest value around it."""
        if self._root is None:
            self._root = _compose_leniently(self.text, self.name)
        if self._root is None:
            return Location(self.name, 1, 1, format_pointer(pointer))
        mark = _mark_at(self._root, pointer)
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
        return any(word in text.text for text in self.texts)

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
        """A value behind its references; raises `DocumentError` where one leads nowhere, or back to itself."""
        try:
            return dereference(node, self.lookup)
        except PointerError as error:
            raise self._unresolved(error) from None

    def straight_pointer(self, fragment: str, root: Pointer = ()) -> Pointer:
        """The pointer of a fragment, relative to a schema at `root`, without references on its way.

        Raises `DocumentError` where it leads nowhere.
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

    Raises `UsageError` where it cannot be read, and `DocumentError` where it is neither YAML nor JSON.
    """
    text, zone = (reader or SourceReader()).named(source)
    return parse_document(text, str(source), zone)


def load_referenced(source: Source, referrer: Zone, reader: SourceReader) -> Document:
    """The document of a source that another document refers to; raises `UsageError` and `DocumentError`.

    The message for a file that is neither YAML nor JSON says nothing of its content: it may be any file of the reader,
    and the message may be seen by the author of the document.
    """
    text, zone = reader.referenced(source, referrer)
    name = str(source)
    try:
        document = parse_document(text, name, zone)
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
    data = _parse_json(text)
    if data is not ABSENT:
        return Document(data, SourceText(text, name, zone))
    data = _parse_yaml(text, name)
    problem = _json_problem(text, name) if name.lower().endswith(".json") else None
    if problem is not None and isinstance(data, str):
        raise DocumentError([problem])
    notices = () if problem is None else (Problem(f"{problem.what}; it is read as YAML", "", problem.location),)
    return Document(data, SourceText(text, name, zone), notices=notices)


def load_yaml(source: Source) -> Any:
    """The data of a settings file in YAML or JSON; raises `UsageError` with the position."""
    try:
        return _parse(read_text(source), str(source))
    except DocumentError as error:
        raise UsageError(str(error)) from None


def to_yaml(data: Any) -> str:
    """Data as YAML, without aliases."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text


def write_yaml(path: Path, data: Any) -> None:
    """Write data to a file in YAML; raises `UsageError` where that cannot be."""
    try:
        path.write_text(to_yaml(data), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _parse(text: str, name: str) -> Any:
    data = _parse_json(text)
    return _parse_yaml(text, name) if data is ABSENT else data


def _parse_json(text: str) -> Any:
    """The data of a JSON object; `ABSENT` for any other text, which may be YAML."""
    if text.lstrip()[:1] == "{":
        try:
            with garbage_collection_paused():
                data = json.loads(text, object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_number)
            if _is_within_depth(data):
                return data
        except (ValueError, RecursionError):  # if it is no YAML, the error of YAML has a position, as of great depth
            return ABSENT
    return ABSENT


def _parse_yaml(text: str, name: str) -> Any:
    try:
        return _construct(text, name)
    except DocumentError:
        if (problem := _json_problem(text, name)) is not None:
            raise DocumentError([problem]) from None
        if (as_yaml := _as_yaml(text)) != text:
            _construct(as_yaml, name)  # a problem of the JSON itself comes before one that only YAML has with it
        raise


def _is_within_depth(data: Any) -> bool:
    """Whether objects and arrays are nested no deeper than recursive code can walk them."""
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        found = [one.values() if type(one) is dict else one for one in level]
        level = [entry for entries in found for entry in entries if type(entry) is dict or type(entry) is list]
        if not level:
            return True
    return False


def _construct(text: str, name: str) -> Any:
    with garbage_collection_paused():
        return _Constructor(name).value(_compose(text, name), 0)


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Pause the garbage collector: it walks all new values again and again, which took most of the time of a parse."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _compose_leniently(text: str, name: str) -> Any:
    """The YAML nodes of a text that was parsed before, as JSON perhaps; None where YAML does not read it."""
    try:
        with garbage_collection_paused():
            return _compose(_as_yaml(text), name)
    except DocumentError:
        return None


def _as_yaml(text: str) -> str:
    """JSON with lone surrogates and tabs replaced, which YAML does not read; positions stay the same."""
    return _SURROGATE.sub(r"\\uFFFD", text).replace("\t", " ") if text.lstrip()[:1] == "{" else text


def _compose(text: str, name: str) -> Any:
    try:
        _check_depth(text, name)
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise DocumentError([_syntax_problem(error, name)]) from None
    except yaml.YAMLError as error:
        raise DocumentError([Problem(f"{name} is not YAML: {' '.join(str(error).split())}")]) from None


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting, event by event: libyaml's composer recurses, and would overflow the stack of the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += _DEPTH_CHANGES.get(type(event), 0)
        if depth > MAX_DEPTH:
            raise DocumentError([Problem(f"nested deeper than {MAX_DEPTH} levels", "", _place(event, name))])


def _syntax_problem(error: yaml.MarkedYAMLError, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = ": ".join(filter(None, (error.context, error.problem))).replace("\n", " ")
    language = "JSON" if name.endswith(".json") else "YAML"
    return Problem(f"not {language}: {what}", "", Location(name, mark.line + 1, mark.column + 1, "") if mark else None)


def _json_problem(text: str, name: str) -> Problem | None:
    """The problem of a text that is meant as JSON and is none, in the words of JSON; None for any other text."""
    if not (name.lower().endswith(".json") or _LOOKS_LIKE_JSON(text)):
        return None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        return Problem(what, "", Location(name, error.lineno, error.colno, ""))
    except (ValueError, RecursionError):  # an integer that is too long, or great depth: YAML says so with a position
        return None
    return None


# In YAML, the keys of an object in braces may be quoted too; but few write them so.
_LOOKS_LIKE_JSON = re.compile(r'\s*\{\s*"').match


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


class _Constructor:
    """Makes data of YAML nodes; aliases share the value that they stand for.

    Code that copies or compiles data does not share it, so that a few lines of aliases of aliases may fill all memory
    there. Values are counted as often as they stand in the document, and limited by how many of them are written.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: dict[int, Any] = {}
        self._open: set[int] = set()
        self._written = 0
        self._expanded = 0
        self._sizes: dict[int, int] = {}

    def value(self, node: Any, depth: int) -> Any:
        """The data of a node."""
        if isinstance(node, yaml.ScalarNode):
            self._count(node, 1)
            return self._scalar(node)
        if node is None:
            return None
        key = id(node)
        if key in self._done:
            self._count(node, self._sizes[key])
            return self._done[key]
        if key in self._open:
            raise self._error(node, "this alias stands inside its own value", "Write the value out")
        if depth > MAX_DEPTH:
            raise self._error(node, f"nested deeper than {MAX_DEPTH} levels")
        self._open.add(key)
        before = self._expanded
        self._written += 1
        self._expanded += 1
        self._done[key] = self._collection(node, depth)
        self._sizes[key] = self._expanded - before
        self._open.discard(key)
        return self._done[key]

    def _count(self, node: Any, size: int) -> None:
        """Count a scalar, or all values that an alias stands for; `node` is the value of the alias."""
        self._written += 1
        self._expanded += size
        if self._expanded > MAX_EXPANDED and self._expanded > MAX_EXPANSION * self._written:
            what = f"aliases of this value make more than {MAX_EXPANDED:,} values of {self._written:,} that are written"
            raise self._error(node, what, "Write $ref instead of aliases")

    def _scalar(self, node: Any) -> Any:
        make = _SCALARS.get(node.tag)
        if make is None:
            raise self._error(node, f"the tag {_short(node.tag)} is not JSON", "Remove the tag")
        shape = _SHAPES.get(node.tag)
        if shape and not shape.match(node.value):
            raise self._error(node, f"{node.value[:40]!r} is not a {_short(node.tag)}", "Remove the tag")
        try:
            return make(node.value)
        except ValueError as error:
            raise self._error(node, str(error).partition(";")[0], "Put it in quotes if it is a string") from None

    def _collection(self, node: Any, depth: int) -> Any:
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, "seq")
            return [self.value(item, depth + 1) for item in node.value]
        self._check_tag(node, "map")
        found: dict[str, Any] = {}
        for key, value in self._pairs(node):
            name = self._key(key)
            if name in found:
                raise self._twice(node, key)
            found[name] = self.value(value, depth + 1)
        return self._merged(node, depth) | found

    def _twice(self, node: Any, again: Any) -> DocumentError:
        first = next(key for key, _ in self._pairs(node) if key.value == again.value)
        remedy = f"Remove one of the two: the first is in line {first.start_mark.line + 1}"
        return self._error(again, f"the key {again.value!r} comes twice", remedy)

    def _check_tag(self, node: Any, kind: str) -> None:
        if node.tag != _TAG + kind:
            raise self._error(node, f"the tag {_short(node.tag)} is not JSON", "Remove the tag")

    def _key(self, node: Any) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag not in _SCALARS:
            raise self._error(node, "this key is not a string", "Put it in quotes")
        text: str = node.value
        return text

    def _pairs(self, node: Any) -> Iterator[tuple[Any, Any]]:
        return ((key, value) for key, value in node.value if not _is_merge(key))

    def _merged(self, node: Any, depth: int) -> dict[str, Any]:
        """The members that `<<` merges in: not in YAML 1.2, but common, and never meant as a member of that name."""
        found: dict[str, Any] = {}
        for key, value in node.value:
            if _is_merge(key):
                merged = self.value(value, depth + 1)
                for part in reversed(merged if isinstance(merged, list) else [merged]):
                    if not isinstance(part, dict):
                        raise self._error(
                            value, "<< takes an object or an array of objects", "Write an alias of an object"
                        )
                    found |= part
        return found

    def _error(self, node: Any, what: str, remedy: str = "") -> DocumentError:
        return DocumentError([Problem(what, remedy, _place(node, self._name))])


def _place(node: Any, name: str) -> Location:
    return Location(name, node.start_mark.line + 1, node.start_mark.column + 1, "")


def _is_merge(key: Any) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and not key.style


def _short(tag: str) -> str:
    return tag.replace(_TAG, "!!")


def _mark_at(node: Any, pointer: _Pointer) -> Any:
    """The position of the innermost node that a pointer reaches; that of its key, where there is one."""
    mark = node.start_mark
    for token in pointer:
        step = next(_children(node, token), None)
        if step is None:
            break
        mark, node = step
    return mark


def _children(node: Any, token: str | int) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.start_mark, value) for key, value in node.value if key.value == str(token))
    elif isinstance(node, yaml.SequenceNode):
        with suppress(ValueError, IndexError):
            item = node.value[index_of(str(token))]
            yield item.start_mark, item
