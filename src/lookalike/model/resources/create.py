"""Creation: the items that one request makes, one after the other."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from lookalike.contract.semantics import Create
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.rejections import Rejection
from lookalike.model.resources.effects import Effect
from lookalike.model.resources.items import ResourceItems
from lookalike.model.response.projection import EMPTY_PROJECTION, Projection
from lookalike.model.state import Change, Item, Key, Put
from lookalike.schema.validator import Violation


class ChangeSet(NamedTuple):
    """What an operation changes, the clauses behind it, what is shown of it, and whether something is new."""

    changes: tuple[Change, ...]
    clauses: tuple[str, ...]
    shown: Projection = EMPTY_PROJECTION
    is_new: bool = False


class Creation:
    """A `create` step and those after it, compiled."""

    def __init__(self, action: Create, items: ResourceItems, effect: Effect | None) -> None:
        self._action = action
        self._items = items
        self._effect = effect
        self._source = compile_source(action.source)

    def apply(self, context: RequestContext, given: Mapping[str, Any]) -> ChangeSet | Rejection:
        """Everything that is made; `given` holds the fields that tell the parent."""
        puts: dict[Key, Put] = {}
        shown: list[Item] = []
        clauses: dict[str, None] = {}
        number = 0
        for value in self._values(context):
            number = self._items.next_number(context, given, puts, number)
            made = self._made(value, given, number, context)
            if isinstance(made, Rejection):
                return made
            item, because = made
            put = self._put(item, number, puts, context)
            if isinstance(put, Rejection):
                return put
            if put is not None:
                puts[put.key] = put
                clauses.update(dict.fromkeys(because))
            if put is not None or not self._action.each:
                shown.append(item if put else self._present(item, puts, context) or item)
        first = shown[0] if shown else None
        return ChangeSet(tuple(puts.values()), tuple(clauses), Projection(first, shown, len(shown)), bool(puts))

    def _values(self, context: RequestContext) -> Iterable[Any]:
        value = self._source(context)
        if not self._action.each:
            return (value,)
        return value if isinstance(value, list) else ()

    def _made(
        self, value: Any, given: Mapping[str, Any], number: int, context: RequestContext
    ) -> tuple[Item, tuple[str, ...]] | Rejection:
        item = self._items.new(value, given, context.request.at, number)
        if self._effect is None:
            return item, ()
        applied = self._effect.apply(item, context)
        return applied if isinstance(applied, Rejection) else applied[:2]

    def _put(self, item: Item, number: int, puts: Mapping[Key, Put], context: RequestContext) -> Put | Rejection | None:
        """The change that remembers an item, or none where it is skipped, or why it cannot be."""
        taken = self._action.taken
        if taken != "replace" and self._present(item, puts, context) is not None:
            key = self._items.keys_of(item, context.choose)[0]
            why = f"{self._items.name} {key} is there already"
            return None if taken == "skip" else Rejection(taken, (Violation("body", (), "occupied", why),))
        return self._items.put(item, context.choose, self._items.counted(item, number))

    def _present(self, item: Item, puts: Mapping[Key, Put], context: RequestContext) -> Item | None:
        """The item under the same key, if there is one."""
        key = self._items.keys_of(item, context.choose)[0]
        return puts[key].item if key in puts else context.state.get(self._items.name, key)
