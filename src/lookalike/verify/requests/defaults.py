"""Documented defaults: the values that a server assumes for members that are not sent."""

from typing import Any

from lookalike.schema.value_types import ValueType

_SCALARS = (str, int, float, bool)


def defaults_of(kind: ValueType) -> dict[str, Any]:
    """The default of each member of a request that has a plain one, except those that no client sets or sees."""
    members = {name: kind.member(name) for name in kind.properties}
    return {
        name: default
        for name, member in members.items()
        if isinstance(default := member.keyword("default"), _SCALARS)
        and not (member.keyword("readOnly") or member.keyword("writeOnly"))
    }


def is_other(shown: Any, default: Any) -> bool:
    """Whether a value that is shown is of the type of a default, and another one; letter case does not count."""
    if isinstance(shown, str) and isinstance(default, str):
        return shown.strip().casefold() != default.strip().casefold()
    if isinstance(shown, bool) or isinstance(default, bool):
        return isinstance(shown, bool) and isinstance(default, bool) and shown is not default
    return isinstance(shown, int | float) and isinstance(default, int | float) and shown != default
