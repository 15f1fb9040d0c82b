"""Asking an operation what it has to do with a resource."""

from collections.abc import Collection, Sequence
from typing import Any

from lookalike.contract.inference.envelopes import is_item, item_template, key_template
from lookalike.contract.inference.raw_operation import RawOperation, parameter, segments
from lookalike.contract.inference.resources import CollectionPath, ResourceGuess
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

Raw = dict[str, Any]


class ResourceOperation:
    """An operation, asked what it does to a resource at a place."""

    def __init__(
        self, kind: ResourceGuess, place: CollectionPath, operation: RawOperation, siblings: Collection[str] = ()
    ) -> None:
        self.kind = kind
        self.place = place
        self.operation = operation
        self.siblings = frozenset(siblings)  # the methods on the same path

    @property
    def noun(self) -> str:
        """The resource in words."""
        name = self.kind.name
        return f"{'the' if self.kind.is_single else 'an' if name[:1].lower() in 'aeio' else 'a'} {name}"

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the path that name the item."""
        return tuple(filter(None, (*self._within(), self.place.own)))

    def select(self, **more: str) -> Raw:
        """The item that the path names."""
        return selected(self.kind.name, self.names, **more)

    def there(self) -> Raw:
        """The item that the path names; what there is one of for each parent is there as soon as that is."""
        return self.select(absent="create") if self.kind.is_single and self.place.outer else self.select()

    def owner(self) -> tuple[Raw, Raw]:
        """What comes beside a list or a creation, and inside of it, so that it is of one parent only."""
        kind, parent = self.kind, self.kind.parent
        if not self.place.outer or not kind.by:
            return {}, {}
        names = self.place.outer[-len(kind.by) :]
        if parent is None:
            return {}, {"within": _in_path(names)}
        return {"select": selected(parent.name, names)}, {}

    def _within(self) -> tuple[str, ...]:
        """The parameters that lead to the parent of an item, where they are part of its key or can be compared."""
        return self.place.outer[-len(self.kind.by) :] if self.kind.by and self.place.outer else ()

    def body(self) -> tuple[str, SchemaView] | None:
        """Where in the body the item is, and its schema; None where nothing in the body is like an item."""
        view = self.operation.body
        if view is None:
            return None
        if _is_like(view, self.kind):
            return "$request.body", view
        for name, member in view.members.items():
            is_alone = len(view.members) == 1 and bool(member.members or "object" in member.types)
            if is_item(member, self.kind.view, self.kind.key) or (is_alone and _is_like(member, self.kind)):
                return f"$request.body#{format_pointer((name,))}", member
        return None

    def each(self) -> tuple[str, SchemaView] | None:
        """Where in the body a list of items is, and the schema of one; None where there is no such list."""
        view = self.operation.body
        places = {"$request.body": view} if view else {}
        for name, member in view.members.items() if view else ():
            places[f"$request.body#{format_pointer((name,))}"] = member
        for place, one in places.items():
            if "array" in one.types and one.items and one.items.members and _is_like(one.items, self.kind):
                return place, one.items
        return None

    def answered(self, status: str, template: Any) -> Raw:
        """The answer of success: its body, where that is made of an item."""
        answer = {} if status == self.operation.success else {"status": status}
        return answer | ({"body": template} if template is not None else {})

    def template(self, status: str) -> Any:
        """The body about one item."""
        return item_template(self.operation.answer(status), self.kind.view, self.kind.key)

    def told(self, status: str) -> Any:
        """The body that tells the key of an item, and nothing else of it."""
        kind, operation = self.kind, self.operation
        noun = next((part for part in reversed(segments(kind.home.collection)) if not parameter(part)), "")
        shown = next(operation.examples(status), None)
        return key_template(operation.answer(status), kind.key, kind.view.members.get(kind.key), noun, shown)

    @property
    def is_key_sent(self) -> bool:
        """Whether clients may choose the key of a new item."""
        body, key = self.body() or self.each(), self.kind.key
        return body is not None and key in body[1].members and not body[1].members[key].is_marked("readOnly")

    def refused(self) -> str:
        """The status of a key that is taken, or what is done instead where none is documented."""
        return next((status for status in ("409", "422") if status in self.operation.statuses), "replace")


def selected(resource: str, names: Sequence[str], **more: str) -> Raw:
    """The item of a resource that parameters of the path name."""
    by = _in_path(names)
    return {"resource": resource, **({"by": by[0] if len(by) == 1 else by} if by else {}), **more}


def _in_path(names: Sequence[str]) -> list[str]:
    return [f"$request.path.{name}" for name in names]


def _is_like(view: SchemaView, kind: ResourceGuess) -> bool:
    """Whether a body has mostly the members of an item."""
    named = view.members.keys()
    if view.pointer == kind.view.pointer:
        return True
    if not named:
        return not view.types or "object" in view.types
    return len(named & kind.view.members.keys()) * 2 >= len(named)
