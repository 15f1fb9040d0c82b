"""Criteria: conditions in the body of a search, such as `[{"field": "age", "operator": "gt", "value": 3}]`."""

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.model.resources.filters import ItemPredicate, compared, has_value, opposite
from lookalike.model.state import Item
from lookalike.naming.lists import EQUALS, comparison_of, direction_in, field_in, operator_in, value_in
from lookalike.naming.words import normalised

_MOST = 100  # conditions


def criteria_of(sent: Any, fields: Mapping[str, str]) -> list[ItemPredicate]:
    """The predicates of conditions, all of which must hold; of groups of conditions, those of one group must.

    `fields` has the places of items by the normalised names. A condition about another field, or by a comparison that
    is not known, is ignored.
    """
    elements = [one for one in sent if isinstance(one, Mapping)][:_MOST] if isinstance(sent, list) else []
    groups = [criteria_of(group, fields) for one in elements for group in one.values() if _is_group(group)]
    found = [_any_of(groups)] if groups else []
    return [*found, *(condition for one in elements for condition in _condition(one, fields))]


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
    place, (how, is_negated) = fields.get(normalised(field_in(sent))), comparison_of(operator_in(sent))
    value = value_in(sent)
    if place is not None and how and value is not None:
        holds = has_value(place, value) if how == EQUALS else compared(place, how, value)
        yield opposite(holds) if is_negated else holds
