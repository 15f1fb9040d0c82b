"""Overlays: files that change a document without editing it (OpenAPI Overlay Specification 1.0 and 1.1).

The author of an overlay sees the document as written, so overlays are applied before it is bundled or upgraded.
Messages about a value from an overlay name its position there.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike.errors import DocumentError, Problem
from lookalike.json_values import Pointer, children, format_pointer, value_at, values_within
from lookalike.openapi.document import Document, Origin, load_document
from lookalike.openapi.sources import Source
from lookalike.openapi.yaml_text import MAX_DEPTH

if TYPE_CHECKING:
    from lookalike.openapi.json_paths import JsonPaths

MOST_ADDED = 1_000_000
_VERSIONS = ("1.0.", "1.1.")
_KEYWORDS = ("remove", "copy", "update")


class _Node(NamedTuple):
    """A value that a JSONPath selects, with its pointer."""

    pointer: Pointer
    value: Any


def apply_overlay(document: Document, source: Source) -> Document:
    """The document, changed in place by an overlay; a target that selects nothing becomes one of its `notices`.

    Raises `UsageError` if the overlay cannot be read, and `DocumentError` if it is invalid or does not fit.
    """
    overlay = load_document(source)
    problems = list(_problems(overlay))
    if problems:
        raise DocumentError(problems)
    from lookalike.openapi.json_paths import JsonPaths  # here, since few documents have overlays

    limits = _OverlayLimits(_SizeLimit(MOST_ADDED), JsonPaths(document.data))
    for index, action in enumerate(overlay.data["actions"]):
        document = _Action(overlay, index, action, limits).apply_to(document)
    return document


def _problems(overlay: Document) -> Iterator[Problem]:
    """The structural problems of an overlay (Overlay 1.1.0 section 4.4)."""
    data = overlay.data
    if not isinstance(data, Mapping) or not isinstance(data.get("overlay"), str):
        yield overlay.problem("this is not an overlay: overlay is missing", (), "Start it with overlay: 1.0.0")
        return
    if not f"{data['overlay']}.".startswith(_VERSIONS):
        yield overlay.problem(
            f"Overlay {data['overlay']} is not supported; 1.0 and 1.1 are", ("overlay",), "Write overlay: 1.0.0"
        )
    if not isinstance(data.get("actions"), list) or not data["actions"]:
        yield overlay.problem(
            "an overlay must have an array of actions", (), "Add actions: [{target: $.info, update: {}}]"
        )
        return
    for index, action in enumerate(data["actions"]):
        here = ("actions", index)
        if not isinstance(action, Mapping) or not isinstance(action.get("target"), str):
            yield overlay.problem("an action must have a target", here, "Add a JSONPath, like target: $.paths")
        elif not action.keys() & set(_KEYWORDS):
            yield overlay.problem("an action must have update, remove or copy", here)
        elif not isinstance(action.get("copy", ""), str) or not isinstance(action.get("remove", False), bool):
            yield overlay.problem("remove must be a boolean, and copy a JSONPath", here)


class _SizeLimit:
    """The number of values that an overlay may still add.

    Twenty-five actions that copy the document into itself would make it 2^25 times its size.
    """

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, value: Any) -> bool:
        """Subtract the number of values in a value; return whether the limit allows them."""
        self._left -= sum(1 for _ in islice(values_within(value), self._left + 1))
        return self._left >= 0


class _OverlayLimits(NamedTuple):
    size: _SizeLimit
    paths: "JsonPaths"


class _Action:
    """One action of an overlay."""

    def __init__(self, overlay: Document, index: int, action: Mapping[str, Any], limits: _OverlayLimits) -> None:
        self._limits = limits
        self._overlay = overlay
        self._here: Pointer = ("actions", index)
        self._action = action
        self._origins: dict[tuple[str, ...], Origin] = {}

    def apply_to(self, document: Document) -> Document:
        """The document after this action."""
        nodes = self._select("target", document.data)
        if not nodes:
            what = f"{self._action['target']} selects nothing in {document.name}"
            problem = self._overlay.problem(what, (*self._here, "target"))
            return document.moved(document.data, {}, (problem,))
        keyword = next(name for name in _KEYWORDS if name in self._action and self._action[name] is not False)
        _APPLY[keyword](self, document, nodes)
        return document.moved(document.data, self._origins)

    def _select(self, name: str, data: Any) -> list[_Node]:
        """The values that a JSONPath of the action selects."""
        try:
            return [_Node(*node) for node in self._limits.paths.select(self._action[name], data).items()]
        except ValueError as error:
            raise self._error(str(error), name) from None

    def _error(self, what: str, *inside: str | int) -> DocumentError:
        return DocumentError([self._overlay.problem(what, (*self._here, *inside))])

    def remove(self, document: Document, nodes: list[_Node]) -> None:
        removed = {pointer for pointer, _ in nodes}
        indices: dict[Pointer, list[int]] = {}  # those that lists lose
        for pointer in sorted(removed, key=_place_in_order, reverse=True):
            if not pointer:
                raise self._error("the whole document cannot be removed", "target")
            if isinstance(pointer[-1], int):
                indices.setdefault(pointer[:-1], []).insert(0, pointer[-1])
        lengths = {parent: len(value_at(document.data, parent)) for parent in indices}
        for pointer in sorted(removed, key=_place_in_order, reverse=True):
            del value_at(document.data, pointer[:-1])[pointer[-1]]
        for parent, gone in indices.items():
            if any(parent[:end] in removed for end in range(len(parent) + 1)):
                continue
            here, missing = _after_removal(parent, indices), set(gone)
            left = [index for index in range(lengths[parent]) if index not in missing]
            for now, before in enumerate(left):
                self._record_origin((*here, now), Origin((*parent, before)))

    def copy(self, document: Document, nodes: list[_Node]) -> None:
        sources = self._select("copy", document.data)
        if len(sources) != 1:
            raise self._error(f"copy must select one value, and selects {len(sources)}", "copy")
        pointer, value = sources[0]
        value = _copied(value)  # a target may be inside the source
        for node in nodes:
            self._put(document, node, value, Origin(pointer))

    def update(self, document: Document, nodes: list[_Node]) -> None:
        for node in nodes:
            self._put(document, node, self._action["update"], Origin((*self._here, "update"), self._overlay.text))

    def _put(self, document: Document, node: _Node, value: Any, origin: Origin) -> None:
        """Append a value to an array, merge it into an object or array, or replace a single value by it."""
        if not self._limits.size.take(value):
            raise self._error(f"the overlay adds more than {MOST_ADDED:,} values")
        if len(node.pointer) + _depth(value) > MAX_DEPTH:
            raise self._error(f"the overlay nests values deeper than {MAX_DEPTH} levels")
        if isinstance(node.value, list) and not isinstance(value, list):
            value, origin = [value], Origin(origin.pointer, origin.file)
            self._record_origin((*node.pointer, len(node.value)), origin)
            node.value.append(_copied(value[0]))
        elif isinstance(node.value, (dict, list)) or isinstance(value, (dict, list)):
            self._merge(node, value, origin)
        elif not node.pointer:
            raise self._error(f"{document.name} is a single value, which no overlay changes", "target")
        else:
            value_at(document.data, node.pointer[:-1])[node.pointer[-1]] = value
            self._record_origin(node.pointer, origin)

    def _merge(self, node: _Node, value: Any, origin: Origin) -> None:
        pointer, target = node
        if isinstance(target, list) and isinstance(value, list):
            for index, item in enumerate(value):
                self._record_origin((*pointer, len(target)), _inside(origin, index))
                target.append(_copied(item))
        elif isinstance(target, dict) and isinstance(value, dict):
            for name, item in value.items():
                here = _Node((*pointer, name), target.get(name))
                if name in target and (isinstance(item, (dict, list)) or isinstance(target[name], (dict, list))):
                    self._merge(here, item, _inside(origin, name))
                else:
                    target[name] = _copied(item)
                    self._record_origin(here.pointer, _inside(origin, name))
        else:
            place = format_pointer(pointer)
            what = f"{_type_words(value)} cannot be merged into {_type_words(target)} (at #{place})"
            raise self._error(what)

    def _record_origin(self, pointer: Pointer, origin: Origin) -> None:
        self._origins[tuple(map(str, pointer))] = origin


_APPLY: dict[str, Callable[[_Action, Document, list[_Node]], None]] = {
    "remove": _Action.remove,
    "copy": _Action.copy,
    "update": _Action.update,
}


def _inside(origin: Origin, token: str | int) -> Origin:
    return Origin((*origin.pointer, token), origin.file)


def _copied(value: Any) -> Any:
    """A copy of a value of a document, three times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [*map(_copied, value)] if isinstance(value, list) else value


def _depth(value: Any) -> int:
    """The number of levels of a value, 0 of a single one; it stops at `MAX_DEPTH` and one more."""
    level, depth = [value], -1
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [inner for one in level for inner in children(one)]
    return depth


def _after_removal(pointer: Pointer, removed: Mapping[Pointer, list[int]]) -> Pointer:
    """The pointer of a value once lists have lost some indices, which are in order."""
    return tuple(
        token - bisect_left(removed.get(pointer[:end], ()), token) if isinstance(token, int) else token
        for end, token in enumerate(pointer)
    )


def _place_in_order(pointer: Pointer) -> tuple[tuple[int, str], ...]:
    """A key that sorts pointers in the order of a document, values behind those that they are in."""
    return tuple(map(_sortable, pointer))


def _sortable(token: str | int) -> tuple[int, str]:
    """A key that sorts indices by number and names as strings; the tokens of one parent are all of one type."""
    return (token, "") if isinstance(token, int) else (0, token)


def _type_words(value: Any) -> str:
    return "an object" if isinstance(value, Mapping) else "an array" if isinstance(value, list) else "a single value"
