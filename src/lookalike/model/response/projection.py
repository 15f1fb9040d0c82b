"""What an operation shows of the state, and the bodies that are made of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from lookalike.contract.expressions import is_expression, parse_expression, parse_value
from lookalike.json_values import ABSENT, find, parse_pointer
from lookalike.model.context import RequestContext
from lookalike.model.generated_values import compile_value
from lookalike.model.response.headers import HeaderFields, is_header_text, scalar_text
from lookalike.model.state import Item
from lookalike.schema.view import SchemaView


class Projection(NamedTuple):
    """The item that an operation is about, or items of a list, with the part of the whole that they are."""

    item: Item | None = None
    items: Sequence[Item] = ()
    total: int = 0
    limit: int = 0
    offset: int = 0
    page: int = 1
    more: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.limit) if self.limit else 1

    @property
    def next(self) -> Any:
        """What stands for the items that come next, where there are any."""
        return str(self.offset + len(self.items)) if self.more else ABSENT


EMPTY_PROJECTION = Projection()


class ItemVisibility(NamedTuple):
    """What is known of items: their schema, the members that no client sees, and what a schema's value may be."""

    view: SchemaView
    hidden: frozenset[str]
    sampled: Callable[[SchemaView], Any]


Renderer = Callable[[Projection, RequestContext], Any]
Project = Callable[[Item], Any]

_PLACES: Mapping[str, Callable[[Projection], Any]] = {
    "$total": lambda shown: shown.total,
    "$limit": lambda shown: shown.limit,
    "$offset": lambda shown: shown.offset,
    "$page": lambda shown: shown.page,
    "$pages": lambda shown: shown.pages,
    "$more": lambda shown: shown.more,
    "$next": lambda shown: shown.next,
}


def compile_body(template: Any, view: SchemaView | None, own: ItemVisibility) -> Renderer:
    """The function that makes a body of a template; `view` is the schema of the body."""
    if isinstance(template, Mapping):
        members = {name: compile_body(one, _member(view, name), own) for name, one in template.items()}
        return _object(_made_up(view, own, members) | members)
    if isinstance(template, list):
        parts = [compile_body(one, view.items if view else None, own) for one in template]
        return lambda shown, context: [value for part in parts if (value := part(shown, context)) is not ABSENT]
    if template == "$item":
        show = compile_projection(view, own)
        return lambda shown, context: ABSENT if shown.item is None else show(shown.item)
    if template == "$items":
        show_each = compile_projection(view.items if view else None, own)
        return lambda shown, context: [show_each(item) for item in shown.items]
    return _compile_value(template)


def compile_header_fields(fields: Sequence[tuple[str, Any]]) -> Callable[[Projection, RequestContext], HeaderFields]:
    """The function that makes header fields of a template each; those without a value are left out."""
    parts = [(name, _compile_value(template)) for name, template in fields]

    def fill(shown: Projection, context: RequestContext) -> HeaderFields:
        found = ((name, part(shown, context)) for name, part in parts)
        texts = ((name, scalar_text(value)) for name, value in found if value is not ABSENT)
        return tuple((name, text) for name, text in texts if is_header_text(text))

    return fill


def _compile_value(template: Any) -> Renderer:
    """The function that makes a value that is neither object nor list, nor a whole item."""
    if isinstance(template, str) and template.startswith("$item#/"):
        pointer = parse_pointer(template.removeprefix("$item#"))
        return lambda shown, context: ABSENT if shown.item is None else find(shown.item, pointer)
    if isinstance(template, str) and template in _PLACES:
        place = _PLACES[template]
        return lambda shown, context: place(shown)
    source = compile_value(parse_expression(template) if is_expression(template) else parse_value(template))
    return lambda shown, context: source(context)


def compile_projection(view: SchemaView | None, own: ItemVisibility) -> Project:
    """The function from an item to what a client sees of it where the schema of the answer is `view`.

    Members that are written only are left out, and what the answer's schema does not describe where it is another
    than the items' own, or is closed. What another schema requires and the item does not have is made up.
    Of several forms it is that of the items' own schema.
    """
    view = view or own.view
    view = next((one for one in view.branches if one.pointer == own.view.pointer), view)
    differs = view.pointer != own.view.pointer
    described = frozenset(view.members) if view.members and (differs or view.is_closed) else None
    gone = _written_only(view) | _written_only(own.view) | own.hidden
    deeper = {name: inner for name, member in view.members.items() if (inner := _inside(member, frozenset()))}
    required = sorted((view.required & view.members.keys()) - gone) if differs else []
    made_up = cache(lambda name: own.sampled(view.members[name]))
    if not gone and described is None and not deeper:
        return lambda item: item

    def project(item: Item) -> Any:
        kept = {name: value for name, value in item.items() if name not in gone}
        if described is not None:
            kept = {name: value for name, value in kept.items() if name in described}
        for name, inner in deeper.items():
            if name in kept:
                kept[name] = inner(kept[name])
        return {**kept, **{name: made_up(name) for name in required if name not in kept}}

    return project


def _object(parts: Mapping[str, Renderer]) -> Renderer:
    def fill(shown: Projection, context: RequestContext) -> Any:
        made = {name: part(shown, context) for name, part in parts.items()}
        return {name: value for name, value in made.items() if value is not ABSENT}

    return fill


def _made_up(view: SchemaView | None, own: ItemVisibility, said: Mapping[str, Renderer]) -> dict[str, Renderer]:
    """What must be in an object, where a template says nothing of it."""
    if view is None:
        return {}
    lacking = (view.required & view.members.keys()) - said.keys() - _written_only(view)
    return {name: _compile_made_up(view.members[name], own) for name in sorted(lacking)}


def _compile_made_up(view: SchemaView, own: ItemVisibility) -> Renderer:
    made = cache(lambda: own.sampled(view))
    return lambda shown, context: made()


def _member(view: SchemaView | None, name: str) -> SchemaView | None:
    return view.members.get(name) if view else None


def _written_only(view: SchemaView) -> frozenset[str]:
    return frozenset(name for name, member in view.members.items() if member.is_marked("writeOnly"))


def _inside(view: SchemaView, passed: frozenset[Any]) -> Callable[[Any], Any] | None:
    """The function that leaves out what is written only inside of a value, or nothing where there is none."""
    if view.pointer in passed:
        return None
    passed |= {view.pointer}
    each = _inside(view.items, passed) if view.items else None
    gone = _written_only(view)
    deeper = {name: inner for name, member in view.members.items() if (inner := _inside(member, passed))}
    if each is None and not gone and not deeper:
        return None

    def show(value: Any) -> Any:
        if isinstance(value, list):
            return [each(item) for item in value] if each else value
        if not isinstance(value, Mapping):
            return value
        kept = {name: member for name, member in value.items() if name not in gone}
        return {name: deeper[name](member) if name in deeper else member for name, member in kept.items()}

    return show
