"""Changes of several items by one request: of each by what was sent for its key, or of all by the same steps."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lookalike.contract.semantics import ChangeMany, Merge, Step
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.rejections import Rejection
from lookalike.model.resources.create import ChangeSet
from lookalike.model.resources.effects import ApplyStep, Effect, compile_action
from lookalike.model.resources.items import ResourceItems
from lookalike.model.resources.listing import Filters
from lookalike.model.response.projection import Projection
from lookalike.model.state import Item, Key
from lookalike.pacing import timed
from lookalike.readings import Fixed

ParentKey = Callable[[Item | None, RequestContext], Key | None]


class ManyChanges:
    """A `change` step and the steps after it, compiled.

    `missing` makes the rejection for a key that no item has; where it is None, such keys are ignored.
    """

    def __init__(
        self,
        action: ChangeMany,
        items: ResourceItems,
        steps: Sequence[Step],
        parent_key: ParentKey,
        missing: Callable[[Key], Rejection] | None,
    ) -> None:
        self._items = items
        self._parent_key = parent_key
        self._filters = Filters(action)
        self._effect = Effect(steps, items)
        self._missing = missing
        self._sent = compile_source(action.each) if action.each is not None else None
        self._merge: ApplyStep | None = None
        if action.each is not None:
            merge = Merge("", action.each, Fixed("deep"), Fixed("deletes"), Fixed("dropped"), Fixed(()), "ignored")
            self._merge = compile_action(merge, items)

    def apply(self, item: Item | None, context: RequestContext) -> ChangeSet | Rejection:
        """The changes of all items, or none; the projection has the items afterwards, in the order of the request."""
        children = context.state.children(self._items.name, self._parent_key(item, context))
        found = [one for one in timed(children) if self._items.exists(one, context.request.at)]
        sent = self._sent_by_key(context)
        chosen = self._chosen(found, context) if self._sent is None else self._named(found, sent)
        if isinstance(chosen, Rejection):
            return chosen
        changed = []
        for one in chosen:
            after = self._changed(one, sent.get(one.get(self._items.key)), context)
            if isinstance(after, Rejection):
                return after
            changed.append(after)
        puts = tuple(self._items.put(one, context.choose) for one in changed)
        return ChangeSet(puts, (), Projection(items=changed, total=len(changed)))

    def _sent_by_key(self, context: RequestContext) -> dict[Any, Mapping[str, Any]]:
        """The objects that were sent, by their keys."""
        sent = self._sent(context) if self._sent is not None else ()
        objects = (one for one in sent if isinstance(one, Mapping)) if isinstance(sent, list) else ()
        return {self._items.as_key(one[self._items.key]): one for one in objects if _has_key(one, self._items.key)}

    def _chosen(self, found: Sequence[Item], context: RequestContext) -> list[Item]:
        """The items that the filters select; none where a request has no value for them."""
        required, _ = self._filters.predicates(context)
        return [one for one in timed(found) if all(holds(one) for holds in required)] if required else []

    def _named(self, found: Sequence[Item], sent: Mapping[Any, Any]) -> list[Item] | Rejection:
        by_key = {key: one for one in found if (key := one.get(self._items.key)) in sent}
        unknown = next((key for key in sent if key not in by_key), None)
        if unknown is not None and self._missing is not None:
            return self._missing(unknown)
        return [by_key[key] for key in sent if key in by_key]

    def _changed(self, item: Item, sent: Any, context: RequestContext) -> Item | Rejection:
        merged = self._merge(item, context, sent) if self._merge is not None else item
        applied = merged if isinstance(merged, Rejection) else self._effect.apply(merged, context)
        return applied if isinstance(applied, Rejection) else applied[0]


def _has_key(sent: Mapping[str, Any], key: str) -> bool:
    return isinstance(sent.get(key), str | int)
