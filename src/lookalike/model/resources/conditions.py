"""Conditional requests to a mock: entity tags of its items, and the conditions on them (RFC 9110 section 13).

A tag is sent where the document has the field, and a condition counts where the document has it, or its refusal.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cached_property

from lookalike.codecs.json_text import to_json
from lookalike.contract.contract import Operation
from lookalike.contract.responses import response_for
from lookalike.model.context import RequestContext
from lookalike.model.rejections import Rejection
from lookalike.model.resources.child_counts import ChildCounts
from lookalike.model.resources.child_lists import ChildLists
from lookalike.model.resources.item_registry import ItemRegistry
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.memberships import Memberships
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item
from lookalike.schema.validator import Violation

NOT_MODIFIED = "304"
_FAILED = "412"
_TAG = re.compile(r'\*|(?:W/)?"[^"]*"')  # an unquoted one, which some clients send, matches nothing
_READING = frozenset({"GET", "HEAD"})
_TAG_LENGTH = 32  # hexadecimal digits


class Conditions:
    """The conditions of an operation on items, and the tags that it shows."""

    def __init__(self, operation: Operation, items: ResourceItems, registry: ItemRegistry) -> None:
        success, selector = response_for(operation.responses, operation.success_status), operation.selector
        is_reading = operation.method in _READING
        is_on_item = selector is not None and selector.resource == items.name
        self._items = items
        self._registry = registry
        self._shows_tag = any(field.name.lower() == "etag" for field in (success.headers if success else ()))
        self._may_be_unmodified = is_reading and self._shows_tag and NOT_MODIFIED in operation.responses
        self._names = tuple(
            name
            for name in ("if-match", "if-none-match")
            if is_on_item and not is_reading
            if _FAILED in operation.responses or ("header", name) in operation.parameters
        )

    @cached_property
    def _added(self) -> Sequence[Callable[[Projection, RequestContext], Projection]]:
        """The functions that add the members which change although the stored item does not."""
        added = (one(self._items, self._registry) for one in (Memberships, ChildCounts, ChildLists))
        return [one.applied for one in added if one]

    @property
    def is_any(self) -> bool:
        """Whether the document has any of it for this operation."""
        return self._shows_tag or bool(self._names)

    def shown_tag(self, projection: Projection, context: RequestContext) -> str:
        """The entity tag of what a response shows; empty if the document has none for it."""
        if not self._shows_tag:
            return ""
        return self._tag_of(projection, context)

    def _tag_of(self, projection: Projection, context: RequestContext) -> str:
        """The entity tag of an item, or of all that a list shows: another one after each change (section 8.8.3)."""
        for add in self._added:
            projection = add(projection, context)
        shown = projection.items if projection.item is None else (projection.item,)
        content = to_json([self._items.public(one) for one in shown])
        return f'"{hashlib.sha256(content).hexdigest()[:_TAG_LENGTH]}"'

    def rejection(self, item: Item | None, context: RequestContext) -> Rejection | None:
        """The rejection of a change whose condition does not hold for the item, or for there being none."""
        for name in self._names:
            field = context.request.headers.get(name)
            tag = self._tag_of(Projection(item), context) if field is not None and item is not None else ""
            if field is None or _has(field, tag) is (name == "if-match"):
                continue
            found = f"the current one is {tag}" if tag else "there is no item"
            message = f"{name.title()} is {field}, and {found}"
            return Rejection(_FAILED, (Violation("header", (name,), "condition", message),))
        return None

    def is_unmodified(self, tag: str, context: RequestContext) -> bool:
        """Whether a client says that it has the content with a tag, and the document has an answer for that."""
        field = context.request.headers.get("if-none-match") if self._may_be_unmodified else None
        return field is not None and _has(field, tag)


def _has(field: str, tag: str) -> bool:
    """Whether a field names a tag, or any by `*`; none names that of an item that is not there."""
    return bool(tag) and not {"*", tag}.isdisjoint(_plain(field))


def _plain(field: str) -> list[str]:
    """The tags of a field, weak ones among them: clients copy what a server between made weak by compressing it."""
    return [one.removeprefix("W/") for one in _TAG.findall(field)]
