"""JSON values: pointers (RFC 6901), references (`$ref`), and equality (JSON Schema Core section 4.2.2).

The only module that walks a pointer or follows a reference. A document is written by strangers: it may refer to
nothing, to itself, or through a thousand others, and each walker or follower of its own would have to think of that
again. Whoever meets references elsewhere calls `follow`, `dereference` or `references`; `tests/test_architecture.py`
finds loops that do it themselves.
"""

import difflib
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeGuard
from urllib.parse import quote, unquote

Pointer = tuple[str | int, ...]
"""The tokens of a JSON Pointer, unescaped; an index of an array may be an `int`."""

Resolve = Callable[[str], Any]
"""A function from a reference to the value that it leads to."""

# Hand-written documents refer through two or three others, bundled ones through ten at most. A chain that is longer is
# a mistake or an attack, even where it is no circle.
MOST_REFERENCES = 100

# A document may have thousands of broken references beside thousands of names, and comparing two takes microseconds.
_MOST_NAMES = 2_000
_MOST_TYPED_WRONG = 3

_MOST_PARSED = 4096

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z")


class Absent:
    """The type of `ABSENT`, which stands for a value that is not there, where None would be JSON's null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


class PointerError(ValueError):
    """A JSON Pointer or a reference that leads to no value.

    `reached` is the part of the way that exists, `token` the first one that leads no further, and `value` what was
    there instead; these are empty where the text is no pointer, or a circle of references.
    """

    def __init__(
        self, what: str, reached: Pointer = (), token: str = "", value: Any = ABSENT, remedy: str = ""
    ) -> None:
        super().__init__(what)
        self.reached = reached
        self.token = token
        self.value = value
        self._remedy = remedy

    @property
    def remedy(self) -> str:
        """The remedy: the name that was probably meant, if there is a similar one."""
        names = islice(self.value if isinstance(self.value, Mapping) else (), _MOST_NAMES)
        similar = [name for name in map(str, names) if abs(len(name) - len(self.token)) <= _MOST_TYPED_WRONG]
        close = difflib.get_close_matches(self.token, similar, 1)
        return f"Did you mean #{format_pointer((*self.reached, close[0]))}?" if close else self._remedy


def parse_pointer(text: str) -> tuple[str, ...]:
    """The tokens of `/a/b~1c`; the empty string is the whole document. Raises `PointerError` for any other text."""
    if text and not text.startswith("/"):
        raise PointerError(f"{text!r} is not a JSON Pointer: it does not start with a slash")
    # ~1 comes first: the other way round, ~01 would become a slash (RFC 6901 section 4).
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:])


def format_pointer(tokens: Iterable[str | int]) -> str:
    """The text of a pointer."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


@lru_cache(maxsize=_MOST_PARSED)  # a document names each of its components again and again
def parse_fragment(reference: str) -> tuple[str, ...]:
    """The tokens of the pointer in a reference (`#/a/b%20c`; RFC 6901 section 6); what is before the `#` is ignored.

    Raises `PointerError` for an anchor (`#name`).
    """
    fragment = unquote(reference.partition("#")[2])
    if fragment and not fragment.startswith("/"):
        what = f"{reference!r} leads nowhere: {fragment!r} is neither a JSON Pointer nor a known anchor"
        raise PointerError(what, remedy="Write a reference like #/components/schemas/NAME")
    return parse_pointer(fragment)


def format_fragment(tokens: Iterable[str | int]) -> str:
    """A pointer as a reference within a document (RFC 6901 section 6)."""
    return "#" + quote(format_pointer(tokens), safe="/~!$&'()*+,;=:@")


def index_of(token: str) -> int:
    """The array index that a token means; raises `PointerError` for signs, leading zeros and other digits than 0-9.

    RFC 6901 section 4. `int()` would take `-1`, `01`, `1_0` and Arabic digits.
    """
    if not _INDEX.match(token):
        raise PointerError(f"{token!r} is not an index", token=token)
    return int(token)


def child(value: Any, token: str | int) -> Any:
    """The value one token further (RFC 6901 section 4), or `ABSENT`."""
    if isinstance(value, (dict, Mapping)):  # nearly all are dictionaries, and asking an abstract class takes long
        return value.get(token, ABSENT)
    if not isinstance(value, list):
        return ABSENT
    try:
        return value[token if isinstance(token, int) else index_of(token)]
    except (PointerError, IndexError):
        return ABSENT


def children(value: Any) -> Collection[Any]:
    """The values in an object or array; none in a single value."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def depth_of(value: Any) -> int:
    """The depth of nested objects and arrays, without recursion."""
    depth, level = 0, [value]
    while level:
        inner = [one for one in level if isinstance(one, (dict, list))]
        depth += bool(inner)
        level = [entry for one in inner for entry in (one.values() if isinstance(one, dict) else one)]
    return depth


def values_within(value: Any) -> Iterator[Any]:
    """A value and all values in it, in the order in which they are written; without recursion, however deep it is."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, dict):
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)


def with_scalars(value: Any, change: Callable[[Any], Any]) -> Any:
    """A copy of a value with each string, number, boolean and null in it changed by a function."""
    if isinstance(value, list):
        return [with_scalars(item, change) for item in value]
    if isinstance(value, dict):
        return {name: with_scalars(item, change) for name, item in value.items()}
    return change(value)


def find(value: Any, pointer: Iterable[str | int], otherwise: Any = ABSENT) -> Any:
    """The value at a pointer inside another; `otherwise` if there is none."""
    for token in pointer:
        value = child(value, token)
        if value is ABSENT:
            return otherwise
    return value


def made_at(root: dict[str, Any], pointer: Iterable[str | int]) -> dict[str, Any]:
    """The object at a pointer, which is put there, with those around it, if there is none."""
    for token in pointer:
        inner = root.get(str(token))
        if not isinstance(inner, dict):
            inner = root[str(token)] = {}
        root = inner
    return root


def with_value_at(root: Mapping[str, Any], pointer: Pointer, value: Any) -> dict[str, Any]:
    """A copy of an object with a value at a pointer; objects that are not there are made."""
    first, *rest = pointer
    if not rest:
        return {**root, str(first): value}
    inner = root.get(str(first))
    return {**root, str(first): with_value_at(inner if isinstance(inner, Mapping) else {}, tuple(rest), value)}


def without_value_at(value: Any, pointer: Pointer) -> Any:
    """A copy of a value without the member at a pointer; the value itself if there is none."""
    first, *rest = pointer
    if isinstance(value, dict) and first in value:
        kept = {name: member for name, member in value.items() if name != first}
        return {**value, first: without_value_at(value[str(first)], tuple(rest))} if rest else kept
    if isinstance(value, list) and isinstance(first, int) and rest:
        return [without_value_at(item, tuple(rest)) if index == first else item for index, item in enumerate(value)]
    return value


def value_at(root: Any, pointer: Pointer, reference: str = "") -> Any:
    """The value at a pointer; raises `PointerError` with what was reached. `reference` is how messages name it."""
    node = root
    for index, token in enumerate(pointer):
        inner = node.get(token, ABSENT) if type(node) is dict else child(node, token)
        if inner is ABSENT:
            raise _leads_nowhere(reference or f"#{format_pointer(pointer)}", pointer[:index], token, node)
        node = inner
    return node


def _leads_nowhere(reference: str, reached: Pointer, token: str | int, value: Any) -> PointerError:
    place = f"in #{format_pointer(reached)}" if reached else "at the root"
    what = f"{reference} points nowhere: there is no {str(token)!r} {place}"
    return PointerError(what, reached, str(token), value)


def pointer_to(root: Any, node: Any) -> Pointer | None:
    """The first pointer to an object or array, by its identity; None if the root does not hold it."""
    pending: list[tuple[Pointer, Any]] = [((), root)]
    while pending:
        pointer, one = pending.pop()
        if one is node:
            return pointer
        entries = list(one.items() if isinstance(one, Mapping) else enumerate(one))
        pending.extend(((*pointer, name), inner) for name, inner in reversed(entries) if isinstance(inner, dict | list))
    return None


def resolve(root: Any, reference: str) -> Any:
    """The value that a reference within a document leads to; raises `PointerError` if there is none."""
    return value_at(root, parse_fragment(reference), reference)


def references(node: Any, resolve: Resolve) -> Iterator[tuple[str, Any]]:
    """Each reference on the way from a node, with the value that it leads to, until a value that is not a reference.

    Raises `PointerError` for a circle, and for a chain of more than `MOST_REFERENCES`; and whatever `resolve` raises.
    """
    passed: set[int] = set()  # by identity: across files, one text may be two references
    while isinstance(node, (dict, Mapping)) and isinstance(reference := node.get("$ref"), str):
        if id(node) in passed:
            remedy = "Remove one of the references of the circle"
            raise PointerError(f"{reference} leads back to itself", remedy=remedy)
        if len(passed) >= MOST_REFERENCES:
            what = f"{reference} is behind more than {MOST_REFERENCES} references"
            raise PointerError(what, remedy="Refer to the value itself")
        passed.add(id(node))
        node = resolve(reference)
        yield reference, node


def dereference(node: Any, resolve: Resolve) -> Any:
    """The value that a node is behind its references, which is itself where it has none; raises as `references`."""
    for _, value in references(node, resolve):
        node = value
    return node


def follow(root: Any, pointer: Pointer) -> tuple[Pointer, Any]:
    """The value at a pointer behind its references, and where it is; raises `PointerError` if there is none."""
    node = value_at(root, pointer)
    if isinstance(node, (dict, Mapping)) and "$ref" in node:
        for reference, value in references(node, lambda reference: resolve(root, reference)):
            pointer, node = parse_fragment(reference), value
    return pointer, node


def object_at(root: Any, pointer: Pointer) -> tuple[Pointer, Mapping[str, Any]]:
    """The same as `follow`, for reading members: an empty object stands for anything else, and for nothing."""
    try:
        pointer, node = follow(root, pointer)
    except PointerError:
        return pointer, {}
    return pointer, node if isinstance(node, (dict, Mapping)) else {}


def straighten(root: Any, pointer: Pointer) -> Pointer:
    """The pointer to the same value that leads through no reference; raises `PointerError` if there is none.

    RFC 6901 knows no references on the way, but bundlers write pointers that lead on behind one:
    `#/paths/~1a/get/parameters/0/schema` where that parameter is itself a `$ref`.
    """
    rest, node, passed = deque(pointer), root, 0
    straight: list[str | int] = []
    while rest:
        reference = node.get("$ref") if isinstance(node, Mapping) and rest[0] not in node else None
        if isinstance(reference, str) and reference.startswith("#/") and passed < MOST_REFERENCES:
            rest.extendleft(reversed(parse_fragment(reference)))
            straight, node, passed = [], root, passed + 1
            continue
        token = rest.popleft()
        inner = child(node, token)
        if inner is ABSENT:
            raise _leads_nowhere(f"#{format_pointer(pointer)}", tuple(straight), token, node)
        straight.append(token)
        node = inner
    return tuple(straight)


def equal(one: Any, other: Any) -> bool:
    """Whether two values are equal as JSON: 1 and 1.0 are, 1 and true are not, though Python says so."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    return bool(one == other)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number in JSON, where true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
