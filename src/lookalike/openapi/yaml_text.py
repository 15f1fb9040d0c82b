"""YAML and JSON text as data, with the line and column of each value for messages.

YAML is read as OpenAPI asks (OpenAPI 3.1 section 4.3): by the JSON schema of YAML 1.2 with string keys, so that the
data are what JSON could hold. PyYAML's own rules are those of YAML 1.1, where `NO` is false and `12:30:00` is 45000.
This is the only module that knows YAML.
"""

import gc
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from lookalike.errors import DocumentError, Location, Problem, UsageError
from lookalike.json_values import ABSENT, index_of
from lookalike.openapi.sources import Source, read_text

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
    """Write data to a file in YAML; raises `UsageError` if that cannot be."""
    try:
        path.write_text(to_yaml(data), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _parse(text: str, name: str) -> Any:
    data = parse_json(text)
    return parse_yaml(text, name) if data is ABSENT else data


def parse_json(text: str) -> Any:
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


def parse_yaml(text: str, name: str) -> Any:
    """The data of a YAML text; raises `DocumentError` with the position."""
    try:
        return _construct(text, name)
    except DocumentError:
        if (problem := json_problem(text, name)) is not None:
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


def compose_leniently(text: str, name: str) -> Any:
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
        raise DocumentError([_syntax_problem(error, text, name)]) from None
    except yaml.YAMLError as error:
        raise DocumentError([Problem(f"{name} is not YAML: {' '.join(str(error).split())}")]) from None


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting, event by event: libyaml's composer recurses, and would overflow the stack of the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += _DEPTH_CHANGES.get(type(event), 0)
        if depth > MAX_DEPTH:
            raise DocumentError([Problem(f"nested deeper than {MAX_DEPTH} levels", "", _place(event, name))])


_NO_TOKEN = "found character that cannot start any token"


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = ": ".join(filter(None, (error.context, error.problem))).replace("\n", " ")
    remedy = ""
    if error.problem == _NO_TOKEN and mark is not None and text[mark.index : mark.index + 1] == "\t":
        what, remedy = "a tab indents this line", "Indent it by spaces (YAML 1.2.2 section 6.1)"
    language = "JSON" if name.endswith(".json") else "YAML"
    place = Location(name, mark.line + 1, mark.column + 1, "") if mark else None
    return Problem(f"not {language}: {what}", remedy, place)


def json_problem(text: str, name: str) -> Problem | None:
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


def mark_at(node: Any, pointer: Sequence[str | int]) -> Any:
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
