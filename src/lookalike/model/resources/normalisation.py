"""Normalisations: the ways in which servers keep a value otherwise than it was sent, as functions by name."""

import json
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from functools import reduce
from typing import Any

from lookalike.contract.builtin_readings import MASKED
from lookalike.json_values import is_number
from lookalike.schema.view import SchemaView

Normalise = Callable[[Any], Any]

_ROUNDED = "rounded-"


def compile_normalisation(names: Iterable[str], view: SchemaView | None) -> Normalise:
    """The function that applies normalisations one after the other; `view` is the schema of the member."""
    functions = [_of_name(name, view) for name in names]

    def normalise(value: Any) -> Any:
        return reduce(_applied, functions, value)

    return normalise


def _applied(value: Any, function: Normalise) -> Any:
    return function(value)


def _of_name(name: str, view: SchemaView | None) -> Normalise:
    if name.startswith(MASKED):
        return _masked(json.loads(name.removeprefix(MASKED)))
    if name == "sorted":
        return _sorted
    if name == "without-duplicates":
        return _without_duplicates
    if name == "rounded-to-multiple":
        unit = view.keyword("multipleOf") if view is not None else None
        return _rounding_to(Decimal(str(unit))) if is_number(unit) and unit else _as_it_is
    if name.startswith(_ROUNDED):
        return _rounding_to(Decimal(1).scaleb(-int(name.removeprefix(_ROUNDED))))
    return _on_texts(_TEXTS[name])


_TEXTS: dict[str, Callable[[str], str]] = {"trimmed": str.strip, "lower-case": str.lower, "upper-case": str.upper}


def _as_it_is(value: Any) -> Any:
    return value


def _on_texts(function: Callable[[str], str]) -> Normalise:
    """The function on a text, and on each text of a list."""

    def normalise(value: Any) -> Any:
        if isinstance(value, str):
            return function(value)
        return [normalise(one) for one in value] if isinstance(value, list) else value

    return normalise


def _without_duplicates(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kept: list[Any] = []
    for one in value:
        if one not in kept:
            kept.append(one)
    return kept


def _masked(mask: str) -> Normalise:
    def masked(value: Any) -> Any:
        return mask if isinstance(value, str) and value else value

    return masked


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value


def _rounding_to(unit: Decimal) -> Normalise:
    def rounded(value: Any) -> Any:
        if not is_number(value):
            return value
        units = (Decimal(repr(value)) / unit).to_integral_value(ROUND_HALF_EVEN)
        exact = units * unit
        return value if isinstance(value, int) and exact == value else float(exact)

    return rounded
