"""JSON Patch: a list of operations on a value (RFC 6902). The value that is patched stays as it is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lookalike.json_values import ABSENT, equal, find, index_of, parse_pointer

PointerTokens = tuple[str, ...]
_END = "-"


class PatchError(ValueError):
    """An operation that cannot be applied; `pointer` is the way to it in the patch, the message says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.pointer: tuple[str | int, ...] = ()


class PatchConflict(PatchError):
    """An operation that the value, as it is, has no place for."""


def apply_patch(value: Any, patch: Sequence[Any]) -> Any:
    """The value after all operations; raises `PatchError` where one cannot be applied."""
    for index, operation in enumerate(patch):
        try:
            value = _applied(value, operation)
        except PatchError as error:
            error.pointer = (index,)
            raise
    return value


def _applied(value: Any, operation: Any) -> Any:
    name = operation.get("op") if isinstance(operation, Mapping) else None
    if not isinstance(name, str) or name not in _OPERATIONS:
        raise PatchError(f"op must be one of {', '.join(_OPERATIONS)}")
    return _OPERATIONS[name](value, operation)


def _pointer(operation: Mapping[str, Any], name: str) -> PointerTokens:
    text = operation.get(name)
    if not isinstance(text, str):
        raise PatchError(f"{name} is required")
    try:
        return parse_pointer(text)
    except ValueError as error:
        raise PatchError(str(error)) from None


def _value(operation: Mapping[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchError("value is required")
    return operation["value"]


def _at(value: Any, pointer: PointerTokens) -> Any:
    found = find(value, pointer)
    if found is ABSENT:
        raise PatchConflict(f"there is nothing at /{'/'.join(pointer)}")
    return found


def _with(value: Any, pointer: PointerTokens, change: Callable[[Any, str], Any]) -> Any:
    """The value with a change of the array or object around the place that a pointer leads to."""
    if len(pointer) == 1:
        return change(value, pointer[0])
    first, *rest = pointer
    inner = _with(_at(value, (first,)), tuple(rest), change)
    if isinstance(value, list):
        return [inner if index == int(first) else item for index, item in enumerate(value)]
    return {**value, first: inner}


def _index(items: list[Any], token: str, end: int) -> int:
    try:
        index = index_of(token)
    except ValueError as error:
        raise PatchError(str(error)) from None
    if index >= end:
        raise PatchConflict(f"there is no place {index} in a list of {len(items)}")
    return index


def _added(value: Any, pointer: PointerTokens, new: Any) -> Any:
    def add(around: Any, token: str) -> Any:
        if isinstance(around, list):
            index = len(around) if token == _END else _index(around, token, len(around) + 1)
            return [*around[:index], new, *around[index:]]
        if not isinstance(around, Mapping):
            raise PatchConflict(f"{token} cannot be added to what is neither object nor array")
        return {**around, token: new}

    return _with(value, pointer, add) if pointer else new


def _removed(value: Any, pointer: PointerTokens) -> Any:
    def remove(around: Any, token: str) -> Any:
        if isinstance(around, list):
            index = _index(around, token, len(around))
            return [*around[:index], *around[index + 1 :]]
        return {name: member for name, member in around.items() if name != token}

    _at(value, pointer)
    return _with(value, pointer, remove) if pointer else None


def _add(value: Any, operation: Mapping[str, Any]) -> Any:
    return _added(value, _pointer(operation, "path"), _value(operation))


def _remove(value: Any, operation: Mapping[str, Any]) -> Any:
    return _removed(value, _pointer(operation, "path"))


def _replace(value: Any, operation: Mapping[str, Any]) -> Any:
    pointer, new = _pointer(operation, "path"), _value(operation)
    return _added(_removed(value, pointer), pointer, new)


def _move(value: Any, operation: Mapping[str, Any]) -> Any:
    source, target = _pointer(operation, "from"), _pointer(operation, "path")
    if target[: len(source)] == source and target != source:
        raise PatchError("a value cannot be moved into itself")
    return _added(_removed(value, source), target, _at(value, source))


def _copy(value: Any, operation: Mapping[str, Any]) -> Any:
    return _added(value, _pointer(operation, "path"), _at(value, _pointer(operation, "from")))


def _test(value: Any, operation: Mapping[str, Any]) -> Any:
    pointer = _pointer(operation, "path")
    if not equal(_at(value, pointer), _value(operation)):
        raise PatchConflict(f"/{'/'.join(pointer)} is another value")
    return value


_OPERATIONS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
