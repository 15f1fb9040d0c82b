"""Sparse fields: the members of items that a request asks for by `fields`, where a document has such a parameter.

As in JSON:API (`fields[pets]=name`), Google's APIs (`fields=items(id,name)`) and OData (`$select=name`).
"""

import re
from collections.abc import Mapping
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.model.context import RequestContext
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item
from lookalike.naming.members import is_holder
from lookalike.naming.words import normalised

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
        self._holder = next((name for name, view in items.view.members.items() if is_holder(name) and view.members), "")
        held = items.view.members.get(self._holder)
        self._held = held.members.keys() if held is not None else frozenset[str]()
        self._always_held = held.required if held is not None else frozenset[str]()

    def __bool__(self) -> bool:
        return bool(self._parameters)

    def applied(self, projection: Projection, context: RequestContext) -> Projection:
        """The projection with the members that the request names, and those that the schema requires.

        If it names no member of the items, as with a star, they are shown whole. Those of the `attributes` of a
        resource object leave its other members as they are (JSON:API 1.1, Sparse Fieldsets).
        """
        named = {name for parameter in self._parameters for name in _names_in(context.query.get(parameter, ()))}
        if not named & self._members:
            return projection.with_each(lambda item: self._with_held(item, named)) if named & self._held else projection
        kept = named | self._always
        return projection.with_each(lambda item: _only(item, kept))

    def _with_held(self, item: Item, names: set[str]) -> Mapping[str, Any]:
        held = item.get(self._holder)
        return {**item, self._holder: _only(held, names | self._always_held)} if isinstance(held, Mapping) else item


def _names_in(value: Any) -> list[str]:
    """All names in a list, or in a text with any signs between them."""
    texts = value if isinstance(value, list | tuple) else [value]
    return [name for text in texts for name in _NAME.findall(str(text))]


def _only(item: Mapping[str, Any], names: set[str]) -> Mapping[str, Any]:
    return {name: value for name, value in item.items() if name in names}
