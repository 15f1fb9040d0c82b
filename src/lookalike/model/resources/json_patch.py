"""JSON Patch: a list of operations on a value (RFC 6902).

The value that is patched stays as it is. A copy is made and changed in place, so that a patch of many operations takes
time in proportion to its length, where a new value for each would take the square of it. Twenty-six `copy` operations
in 1.2 kB could make 4 GB, so what they may add is limited, and so is the depth of the result.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lookalike.codecs.json_text import MAX_DEPTH
from lookalike.json_values import ABSENT, PointerError, equal, find, format_pointer, index_of, parse_pointer
from lookalike.pacing import timed

# The size that a value may have after a `copy`, as of a request body by default. Each value counts for its text, and
# for the bytes that it takes at least in memory.
MAX_SIZE = 1024 * 1024
MAX_OPERATIONS = 10_000
_VALUE_SIZE = 32
# Items that all insertions and removals may move to other places of their arrays, 80 MB of pointers.
MAX_MOVED = 10_000_000

PointerTokens = tuple[str, ...]
_END = "-"  # the place behind the last item of an array (RFC 6902 section 4.1)
_ROOT = ""


class PatchError(ValueError):
    """A patch that is malformed, or too large; `pointer` leads to the operation in the patch."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.pointer: tuple[str | int, ...] = ()


class PatchConflict(PatchError):
    """An operation that cannot be applied to the value as it is."""


def apply_patch(value: Any, patch: Sequence[Any], max_size: int = MAX_SIZE) -> Any:
    """The value after all operations; None if the last one left nothing. Raises `PatchError`, or `PatchConflict`."""
    if len(patch) > MAX_OPERATIONS:
        raise PatchError(f"the patch has more than {MAX_OPERATIONS:,} operations")
    document = _PatchedCopy(value, max_size)
    for index, operation in enumerate(timed(patch)):
        try:
            document.apply(operation)
        except PatchError as error:
            error.pointer = (index,)
            raise
        except RecursionError:  # found while a value was copied that is nested deeper than Python can walk
            raise _at_operation(index, _TOO_DEEP) from None
    if not _is_within_depth(document.root, MAX_DEPTH):
        raise PatchError(_TOO_DEEP)
    return document.root


_TOO_DEEP = f"the result is nested deeper than {MAX_DEPTH} levels"


def _at_operation(index: int, message: str) -> PatchError:
    error = PatchError(message)
    error.pointer = (index,)
    return error


class _PatchedCopy:
    """The copy of a value that operations change; it shares nothing with the value or with the patch."""

    def __init__(self, value: Any, max_size: int) -> None:
        self._max_size = max_size
        self._size = self._moved = 0
        # The value is the one member of an object, so that every pointer leads into an object or array.
        self._holder: dict[str, Any] = {_ROOT: self._copied(value)}

    @property
    def root(self) -> Any:
        return self._holder.get(_ROOT)

    def apply(self, operation: Any) -> None:
        name = operation.get("op") if isinstance(operation, Mapping) else None
        if not isinstance(name, str) or name not in _OPERATIONS:
            raise PatchError(f"op must be one of {', '.join(_OPERATIONS)}")
        _OPERATIONS[name](self, operation)

    # --- Operations (RFC 6902 section 4) ---

    def add(self, operation: Mapping[str, Any]) -> None:
        self._insert(_pointer(operation, "path"), self._copied(_value(operation)))

    def remove(self, operation: Mapping[str, Any]) -> None:
        self._take(_pointer(operation, "path"))

    def replace(self, operation: Mapping[str, Any]) -> None:
        pointer, value = _pointer(operation, "path"), _value(operation)
        around, token = self._around(pointer)
        around[token] = self._copied(value)

    def move(self, operation: Mapping[str, Any]) -> None:
        source, target = _pointer(operation, "from"), _pointer(operation, "path")
        if target[: len(source)] == source and target != source:
            raise PatchError("a value cannot be moved into itself")
        self._insert(target, self._take(source))

    def copy(self, operation: Mapping[str, Any]) -> None:
        target = _pointer(operation, "path")
        around, token = self._around(_pointer(operation, "from"))
        copied = self._copied(around[token], is_limited=True)
        self._insert(target, copied)

    def test(self, operation: Mapping[str, Any]) -> None:
        pointer = _pointer(operation, "path")
        around, token = self._around(pointer)
        if not equal(around[token], _value(operation)):
            raise PatchConflict(f"the value at {format_pointer(pointer)} is another one")

    # --- Places ---

    def _around(self, pointer: PointerTokens) -> tuple[Any, Any]:
        """The object or array that holds the value at a pointer, and the name or index of it there."""
        *outer, token = (_ROOT, *pointer)
        around = find(self._holder, outer)
        if find(around, (token,)) is ABSENT:
            raise PatchConflict(f"there is nothing at {format_pointer(pointer)}")
        return around, int(token) if isinstance(around, list) else token

    def _take(self, pointer: PointerTokens) -> Any:
        around, token = self._around(pointer)
        if isinstance(around, list):
            self._count_moved(len(around) - token)
        return around.pop(token)

    def _insert(self, pointer: PointerTokens, value: Any) -> None:
        *outer, token = (_ROOT, *pointer)
        around = find(self._holder, outer)
        if isinstance(around, list):
            index = len(around) if token == _END else _index(token, len(around))
            self._count_moved(len(around) - index)
            around.insert(index, value)
        elif isinstance(around, dict):
            around[token] = value
        elif around is ABSENT:
            raise PatchConflict(f"there is nothing at {format_pointer(outer[1:])}")
        else:
            raise PatchConflict(f"{token} cannot be added to what is neither object nor array")

    def _count_moved(self, items: int) -> None:
        self._moved += items
        if self._moved > MAX_MOVED:
            raise PatchError(f"the patch moves more than {MAX_MOVED:,} items of arrays")

    # --- Copies ---

    def _copied(self, value: Any, is_limited: bool = False) -> Any:
        """A copy of a value; its size counts, and must stay within the limit where it `is_limited`.

        Only `copy` makes more of a request than was sent, so only it is refused.
        """
        copied = value
        self._size += _VALUE_SIZE
        if isinstance(value, str):
            self._size += len(value)
        elif isinstance(value, Mapping):
            copied = {}
            for name, member in timed(value.items()):  # a loop takes one frame a level, a comprehension two
                self._size += len(name)
                copied[name] = self._copied(member, is_limited)
        elif isinstance(value, list):
            copied = []
            for item in timed(value):
                copied.append(self._copied(item, is_limited))
        if is_limited and self._size > self._max_size:
            raise PatchError(f"copies must not make the value larger than {self._max_size:,} bytes")
        return copied


_OPERATIONS: Mapping[str, Callable[[_PatchedCopy, Mapping[str, Any]], None]] = {
    "add": _PatchedCopy.add,
    "remove": _PatchedCopy.remove,
    "replace": _PatchedCopy.replace,
    "move": _PatchedCopy.move,
    "copy": _PatchedCopy.copy,
    "test": _PatchedCopy.test,
}


def _pointer(operation: Mapping[str, Any], name: str) -> PointerTokens:
    text = operation.get(name)
    if not isinstance(text, str):
        raise PatchError(f"{name} is required")
    try:
        return parse_pointer(text)
    except PointerError as error:
        raise PatchError(str(error)) from None


def _value(operation: Mapping[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchError("value is required")
    return operation["value"]


def _index(token: str, length: int) -> int:
    """The index at which an item is inserted into an array."""
    try:
        index = index_of(token)
    except PointerError as error:
        raise PatchError(str(error)) from None
    if index > length:
        raise PatchConflict(f"there is no place {index} in an array of {length}")
    return index


def _is_within_depth(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    members = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_within_depth(member, levels - 1) for member in members)
