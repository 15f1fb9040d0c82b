"""Sparse fields: the members of items that a request asks for by `fields`, where a document has such a parameter.

As in JSON:API (`fields[pets]=name`), Google's APIs (`fields=items(id,name)`) and OData (`$select=name`).
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.model.context import RequestContext
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item
from lookalike.naming.members import is_holder
from lookalike.naming.words import normalised
from lookalike.schema.view import SchemaView

_NAMES = frozenset({"fields", "field", "optfields", "select", "only", "attributes"})
_OF_RESOURCE = re.compile(r"^fields\[[^\]]*\]$")
_NAME = re.compile(r"[A-Za-z_$][\w$-]*")


class SparseFields:
    """The query parameters of an operation that name the members to show, compiled."""

    def __init__(self, operation: Operation, items: ResourceItems) -> None:
        self._items = items
        self._parameters = [
            name
            for place, name in operation.parameters
            if place == "query"
            and (normalised(name) in _NAMES or _OF_RESOURCE.match(name))
            and name not in items.view.members  # which filters by that member
        ]
        self._always = {*items.view.required, *items.identity_fields}
        self._members = items.view.members.keys()

    def __bool__(self) -> bool:
        return bool(self._parameters)

    @cached_property
    def _holder(self) -> tuple[str, SchemaView] | None:
        """The member that holds the attributes of a resource object, with the schema of these."""
        members = self._items.view.members.items()
        return next(((name, view) for name, view in members if is_holder(name) and view.members), None)

    def names_members(self, context: RequestContext) -> bool:
        """Whether a request names members of the items, which then are the ones to show."""
        return bool(self._named(context) & self._members)

    def _named(self, context: RequestContext) -> set[str]:
        return {name for parameter in self._parameters for name in _names_in(context.query.get(parameter, ()))}

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with the members that the request names, and those that the schema requires.

        If it names no member of the items, as with a star, they are shown whole. Those of the `attributes` of a
        resource object leave its other members as they are (JSON:API 1.1, Sparse Fieldsets).
        """
        named = self._named(context)
        if not named & self._members:
            return self._with_attributes(projection, named)
        kept = named | self._always
        return projection.with_each(lambda item: _only(item, kept))

    def _with_attributes(self, projection: Projection, named: set[str]) -> Projection:
        """The projection with those of the attributes that are named, if any is."""
        if self._holder is None or not named & self._holder[1].members.keys():
            return projection
        name, view = self._holder
        kept = named | view.required

        def with_some(item: Item) -> Mapping[str, Any]:
            held = item.get(name)
            return {**item, name: _only(held, kept)} if isinstance(held, Mapping) else item

        return projection.with_each(with_some)


def _names_in(value: Any) -> list[str]:
    """All names in a list, or in a text with any signs between them."""
    texts = value if isinstance(value, list | tuple) else [value]
    return [name for text in texts for name in _NAME.findall(str(text))]


def _only(item: Mapping[str, Any], names: set[str]) -> Mapping[str, Any]:
    return {name: value for name, value in item.items() if name in names}
