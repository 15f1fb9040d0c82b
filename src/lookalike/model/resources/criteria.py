"""Criteria: conditions that name the fields that they are about, as `[{"field": "age", "operator": "gt", "value": 3}]`.

Or as a text: `age gt 3 and name eq 'Rex'` of OData and SCIM, `name = "Rex"` of AIP-160, `Name=="Rex"`, or as calls
such as `equals(name,'Rex'),greaterThan(age,3)` of servers of JSON:API.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.json_values import format_pointer
from lookalike.model.resources.filters import ItemPredicate, condition
from lookalike.model.state import Item
from lookalike.naming.lists import comparison_of, direction_in, field_in, operator_in, value_in
from lookalike.naming.words import normalised

_MOST = 100  # conditions
_CONDITION = re.compile(
    r"""[\s(]*(?P<field>[A-Za-z_][\w./-]*)\s*(?P<operator>[=!<>]=|<>|[=<>:]|(?<=\s)[A-Za-z]{2,8}(?=\s))\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s"'()&|]+))[\s)]*"""
)
_CALL = re.compile(
    r"""\s*(?P<operator>[A-Za-z][\w-]*)\(\s*(?P<field>[A-Za-z_][\w./-]*)\s*,\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s"'(),\[\]]+))\s*\)\s*(?:,|\Z)"""
)
_CALL_OF_CALLS = re.compile(r"\s*(?P<how>and|or)\((?P<calls>.*)\)\s*", re.IGNORECASE | re.DOTALL)
_CONNECTIVE = re.compile(r"(?P<and>and\s|&&)|(?P<or>or\s|\|\|)", re.IGNORECASE)


def criteria_of(sent: Any, fields: Mapping[str, str]) -> list[ItemPredicate]:
    """The predicates of conditions, all of which must hold; of groups of conditions, those of one group must.

    `fields` has the places of items by the normalised names. A condition about another field, or by a comparison that
    is not known, is ignored; so is a text in another language.
    """
    if isinstance(sent, str):
        alternatives = [criteria_of(group, fields) for group in _calls_in(sent) or _groups_in(sent)]
        return [_any_of(alternatives)] if alternatives and all(alternatives) else []
    elements = [one for one in sent if isinstance(one, Mapping)][:_MOST] if isinstance(sent, list) else []
    groups = [criteria_of(group, fields) for one in elements for group in one.values() if _is_group(group)]
    found = [_any_of(groups)] if groups else []
    return [*found, *(condition for one in elements for condition in _condition(one, fields))]


def _groups_in(text: str) -> list[list[dict[str, str]]]:
    """The conditions in a text, in groups with `or` between them; none where it has anything else, as inner groups."""
    groups: list[list[dict[str, str]]] = [[]]
    position = 0
    for _ in range(_MOST):
        found = _CONDITION.match(text, position)
        if found is None:
            return []
        groups[-1].append(_condition_in(found))
        if found.end() == len(text):
            is_nested = "(" in text and len(groups) > 1 and any(len(one) > 1 for one in groups)
            return [] if is_nested else groups
        between = _CONNECTIVE.match(text, found.end())
        if between is None:
            return []
        groups += [[]] if between["or"] else []
        position = between.end()
    return []


def _calls_in(text: str) -> list[list[dict[str, str]]]:
    """The same of conditions that are written as calls, within one call of `and` or `or` at most."""
    outer = _CALL_OF_CALLS.fullmatch(text)
    calls, position = outer["calls"] if outer else text, 0
    conditions: list[dict[str, str]] = []
    while position < len(calls) and len(conditions) < _MOST:
        found = _CALL.match(calls, position)
        if found is None:
            return []
        conditions.append(_condition_in(found))
        position = found.end()
    return [[one] for one in conditions] if outer and outer["how"].lower() == "or" else [conditions]


def _condition_in(found: re.Match[str]) -> dict[str, str]:
    value = next(one for one in found.group("double", "single", "plain") if one is not None)
    return {"field": found["field"], "operator": found["operator"], "value": value}


def orders_in(sent: Any) -> list[str]:
    """The fields to sort by, each with its direction behind it, of `[{"field": "age", "direction": "desc"}]`."""
    if isinstance(sent, Mapping):
        field, direction = field_in(sent), direction_in(sent)
        return [f"{field} {direction}".strip()] if field else []
    return [text for one in sent for text in orders_in(one)] if isinstance(sent, list) else [str(sent)]


def _is_group(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) and field_in(one) for one in value)


def _any_of(groups: list[list[ItemPredicate]]) -> ItemPredicate:
    def holds(item: Item) -> bool:
        return any(all(one(item) for one in group) for group in groups)

    return holds


def _condition(sent: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[ItemPredicate]:
    place, (how, is_negated) = _place(field_in(sent), fields), comparison_of(operator_in(sent))
    value = value_in(sent)
    if place is not None and how and value is not None:
        yield condition(place, how, is_negated, value)


def _place(name: str, fields: Mapping[str, str]) -> str | None:
    """The place of a field, or of one inside of it, as of `Owner.Name`."""
    first, *inner = re.split(r"[./]", name)
    outer = fields.get(normalised(first), "")
    inside = format_pointer((outer, *inner)) if inner and outer and not outer.startswith("/") else None
    return fields.get(normalised(name), inside)
