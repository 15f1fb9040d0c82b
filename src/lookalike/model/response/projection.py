"""Projections: the part of the state that a response shows, and the bodies and header fields that are made of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from lookalike.contract.expressions import is_expression, parse_expression, parse_value
from lookalike.contract.semantics import FILE, SESSION_END, SESSION_START
from lookalike.http import origin_of
from lookalike.json_values import ABSENT, Pointer, find, parse_pointer
from lookalike.model.context import RequestContext, ValueSource
from lookalike.model.generated_values import cleared_cookie, compile_value, cookie_with_token
from lookalike.model.response.headers import HeaderFields, is_header_text, scalar_text
from lookalike.model.state import Item
from lookalike.naming.keys import identifying_members
from lookalike.naming.lists import LINKS, NEXT_LINK, NEXT_PATH, NEXT_PLACES
from lookalike.naming.members import is_issued_secret
from lookalike.naming.words import normalised, singular
from lookalike.pacing import timed
from lookalike.schema.view import SchemaView, contradicting_members, is_key_of_shown


class Projection(NamedTuple):
    """The item that an operation is about, or a page of items with its place in the whole list.

    `total`, `limit` and `offset` count items; `page` counts from the first number that the document has.
    `last_key` is the key of the last item, where that is the cursor of the next page.
    `page_parameters` returns the query parameters that ask for the page at an offset, given a limit.
    """

    item: Item | None = None
    items: Sequence[Item] = ()
    total: int = 0
    limit: int = 0
    offset: int = 0
    page: int = 1
    more: bool = False
    last_key: Any = None
    page_parameters: Callable[[int, int], Mapping[str, str]] | None = None

    def with_each(self, change: Callable[[Item], Item]) -> "Projection":
        """The projection with every item changed."""
        item = self.item if self.item is None else change(self.item)
        return self._replace(item=item, items=[change(one) for one in timed(self.items)])


EMPTY_PROJECTION = Projection()


class ItemVisibility(NamedTuple):
    """The schema of the items of a projection, their hidden fields, and a source of sample values.

    The members `masked` are shown, though the document may call them `writeOnly`. Where a request `names_members`,
    those are shown too that the schema of the response leaves out, if it is open.
    """

    view: SchemaView
    hidden: frozenset[str]
    sampled: Callable[[SchemaView], Any]
    masked: frozenset[str] = frozenset()
    names_members: bool = False


Renderer = Callable[[Projection, RequestContext], Any]
Project = Callable[[Item], Any]


# --- Bodies and header fields from templates ---


def compile_body(template: Any, view: SchemaView | None, visibility: ItemVisibility) -> Renderer:
    """The function that makes a body from a template; `view` is the schema of that part of the body."""
    if isinstance(template, Mapping):
        members = {name: compile_body(one, _member(view, name), visibility) for name, one in template.items()}
        items = [members[name] for name, one in template.items() if one == "$item"]
        members |= {name: _absent_if_empty(members[name]) for name, one in template.items() if _is_next_page(name, one)}
        return _compile_object(_required_samples(view, visibility, members) | members, items)
    if isinstance(template, list):
        return _compile_list([compile_body(one, view.items if view else None, visibility) for one in template])
    if template == "$item":
        return _compile_item(compile_projection(view, visibility))
    if template == "$items":
        return _compile_items(compile_projection(view.items if view else None, visibility))
    absent = None if view is not None and "null" in view.types else ABSENT
    if template in PAGE_LINKS:
        return _compile_page_link(PAGE_LINKS[template], absent, is_path=template.startswith("$paths."))
    return _compile_value(template, absent)


def compile_header_fields(
    fields: Sequence[tuple[str, Any]],
) -> Callable[[Projection, RequestContext], HeaderFields]:
    """The function that makes header fields from templates, leaving out those that have no value or cannot hold it."""
    renderers = [(name, _compile_field(template)) for name, template in fields]

    def header_fields(projection: Projection, context: RequestContext) -> HeaderFields:
        values = ((name, render(projection, context)) for name, render in renderers)
        texts = ((name, scalar_text(value)) for name, value in values if value is not ABSENT)
        # A field of empty text is not sent, but keeps the documented example from being sent in its place.
        return tuple((name, text) for name, text in texts if is_header_text(text))

    return header_fields


def _compile_field(template: Any) -> Renderer:
    if template == "$links":
        return _link_field
    if isinstance(template, Mapping):
        return _compile_object({name: _compile_field(one) for name, one in template.items()})
    for prefix, make in ((SESSION_START, cookie_with_token), (SESSION_END, cleared_cookie)):
        if isinstance(template, str) and template.startswith(prefix):
            return _compile_expression(partial(make, template.removeprefix(prefix)))
    return _compile_value(template)


def _compile_object(members: Mapping[str, Renderer], items: Sequence[Renderer] = ()) -> Renderer:
    def render_object(projection: Projection, context: RequestContext) -> Any:
        if items and projection.item is None:
            return ABSENT  # the documented body says more than an envelope around nothing
        values = {name: render(projection, context) for name, render in members.items()}
        return {name: value for name, value in values.items() if value is not ABSENT}

    return render_object


def _is_next_page(name: str, template: Any) -> bool:
    """Whether a member is an object about the next page alone, which the last page has none of.

    Others stay, as the `metadata` in which clients look for a cursor.
    """
    if LINKS.get(normalised(name)) != NEXT_LINK:
        return False
    places = [*template.values()] if isinstance(template, Mapping) else []
    is_about_place = any(place in NEXT_PLACES for place in places)
    return is_about_place and all(place in (*NEXT_PLACES, NEXT_LINK, NEXT_PATH) for place in places)


def _absent_if_empty(render: Renderer) -> Renderer:
    def render_unless_empty(projection: Projection, context: RequestContext) -> Any:
        return render(projection, context) or ABSENT

    return render_unless_empty


def _compile_list(items: Sequence[Renderer]) -> Renderer:
    def render_list(projection: Projection, context: RequestContext) -> Any:
        return [value for render in items if (value := render(projection, context)) is not ABSENT]

    return render_list


def _compile_item(project: Project) -> Renderer:
    def render_item(projection: Projection, context: RequestContext) -> Any:
        return ABSENT if projection.item is None else project(projection.item)

    return render_item


def _compile_items(project: Project) -> Renderer:
    def render_items(projection: Projection, context: RequestContext) -> Any:
        if project is _project_whole:
            return [*projection.items]
        return [project(item) for item in timed(projection.items)]

    return render_items


def _compile_value(template: Any, absent: Any = ABSENT) -> Renderer:
    """The function for a template that is neither object nor list, nor a whole item.

    `absent` stands for a page that is not there.
    """
    if isinstance(template, str) and template.startswith("$item#/"):
        return _compile_item_value(parse_pointer(template.removeprefix("$item#")))
    if isinstance(template, str) and template in _PLACEHOLDERS:
        return _compile_placeholder(_PLACEHOLDERS[template])
    if isinstance(template, str) and template in _OTHER_PAGES:
        return _compile_other_page(_OTHER_PAGES[template], absent)
    expression = parse_expression(template) if is_expression(template) else parse_value(template)
    return _compile_expression(compile_value(expression))


def _compile_item_value(pointer: Pointer) -> Renderer:
    def render_item_value(projection: Projection, context: RequestContext) -> Any:
        return ABSENT if projection.item is None else find(projection.item, pointer)

    return render_item_value


def _compile_placeholder(value_of: Callable[[Projection], Any]) -> Renderer:
    def render_placeholder(projection: Projection, context: RequestContext) -> Any:
        return value_of(projection)

    return render_placeholder


def _compile_expression(source: ValueSource) -> Renderer:
    def render_expression(projection: Projection, context: RequestContext) -> Any:
        return source(context)

    return render_expression


def _file(projection: Projection) -> Any:
    """Nothing: a file is sent as it is, and where none was sent for the item, the documented example is."""
    return ABSENT


def _pages(projection: Projection) -> int:
    return -(-projection.total // projection.limit) if projection.limit else 1


def _next_cursor(projection: Projection) -> Any:
    """The key of the last item, else the offset behind this page, as cursors are opaque; `ABSENT` on the last page."""
    behind = projection.offset + len(projection.items) if projection.last_key is None else projection.last_key
    return str(behind) if projection.more else ABSENT


def _has_earlier(projection: Projection) -> bool:
    return projection.offset > 0


def _count(projection: Projection) -> int:
    return len(projection.items)


def _from(projection: Projection) -> int | None:
    return projection.offset + 1 if projection.items else None


def _to(projection: Projection) -> int | None:
    return projection.offset + len(projection.items) if projection.items else None


def _is_last(projection: Projection) -> bool:
    return not projection.more


def _is_first(projection: Projection) -> bool:
    return projection.offset == 0


def _is_empty(projection: Projection) -> bool:
    return not projection.items


_PLACEHOLDERS: Mapping[str, Callable[[Projection], Any]] = {
    "$total": attrgetter("total"),
    "$limit": attrgetter("limit"),
    "$offset": attrgetter("offset"),
    "$page": attrgetter("page"),
    "$pages": _pages,
    "$more": attrgetter("more"),
    "$earlier": _has_earlier,
    "$first": _is_first,
    "$last": _is_last,
    "$empty": _is_empty,
    "$count": _count,
    "$from": _from,
    "$to": _to,
    "$next": _next_cursor,
    FILE: _file,
}


# --- Other pages ---


def _next_page(projection: Projection) -> int | None:
    return projection.page + 1 if projection.more else None


def _previous_page(projection: Projection) -> int | None:
    return projection.page - 1 if projection.offset else None


def _next_offset(projection: Projection) -> int | None:
    return projection.offset + len(projection.items) if projection.more else None


def _previous_offset(projection: Projection) -> int | None:
    return max(projection.offset - projection.limit, 0) if projection.offset else None


_OTHER_PAGES: Mapping[str, Callable[[Projection], int | None]] = {
    "$page.next": _next_page,
    "$page.previous": _previous_page,
    "$offset.next": _next_offset,
    "$offset.previous": _previous_offset,
}


def _compile_other_page(number_of: Callable[[Projection], int | None], absent: Any) -> Renderer:
    def render_other_page(projection: Projection, context: RequestContext) -> Any:
        number = number_of(projection)
        return absent if number is None else number

    return render_other_page


PAGE_LINKS: Mapping[str, str] = {
    "$links.next": "next",
    "$links.previous": "prev",
    "$links.first": "first",
    "$links.last": "last",
    "$paths.next": "next",
    "$paths.previous": "prev",
    "$paths.first": "first",
    "$paths.last": "last",
}
"""The relation (RFC 8288, registry of IANA) of each place, of whole URLs and of those without an origin."""


def _compile_page_link(relation: str, absent: Any, *, is_path: bool) -> Renderer:
    def render_page_link(projection: Projection, context: RequestContext) -> Any:
        link = _page_links(projection, context).get(relation, absent)
        return link.removeprefix(origin_of(context.request)) if is_path and isinstance(link, str) else link

    return render_page_link


def _link_field(projection: Projection, context: RequestContext) -> Any:
    """The Link field (RFC 8288); empty where all items are on one page."""
    links = _page_links(projection, context)
    if not links.keys() & {"next", "prev"}:
        return ""
    return ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items())


def _page_links(projection: Projection, context: RequestContext) -> dict[str, str]:
    """The URLs of other pages, at the origin and base path that the request was sent to, by relation.

    A documented example of such a URL names the vendor's host: a client that followed it would take its token there.
    """
    limit, offset = projection.limit, projection.offset
    if projection.page_parameters is None or not limit:
        return {}
    offsets = {"first": 0, "last": (projection.total - 1) // limit * limit if projection.total else 0}
    if offset > 0:
        offsets["prev"] = max(offset - limit, 0)
    if projection.more:
        offsets["next"] = offset + len(projection.items)
    request = context.request
    sent = parse_qsl(request.query, keep_blank_values=True)
    links = {}
    for relation, start in offsets.items():
        parameters = projection.page_parameters(start, limit)
        if parameters:
            query = urlencode({**dict(sent), **parameters})
            links[relation] = f"{origin_of(request)}{request.base_path}{request.path}?{query}"
    return links


def _required_samples(
    view: SchemaView | None, visibility: ItemVisibility, given: Mapping[str, Renderer]
) -> dict[str, Renderer]:
    """Samples for the members that a schema requires of an object and a template does not have."""
    if view is None:
        return {}
    missing = (view.required & view.members.keys()) - given.keys() - _write_only(view)
    return {name: _compile_sample(view.members[name], visibility) for name in sorted(missing)}


def _compile_sample(view: SchemaView, visibility: ItemVisibility) -> Renderer:
    @cache
    def sample() -> Any:
        return visibility.sampled(view)

    def render_sample(projection: Projection, context: RequestContext) -> Any:
        return sample()

    return render_sample


# --- Items as clients see them ---


def compile_projection(view: SchemaView | None, visibility: ItemVisibility) -> Project:
    """The function from an item to what a client sees of it, where the response's schema is `view`.

    Left out are `writeOnly` members, and those that the response does not describe, if its schema is closed or another
    than the items' own. Members that another schema requires and the item lacks are sampled. Of several alternatives,
    the items' own schema is taken.
    """
    view = view or visibility.view
    view = next((one for one in view.branches if one.pointer == visibility.view.pointer), view)
    is_other_schema = view.pointer != visibility.view.pointer
    is_partial = view.is_closed or (is_other_schema and not visibility.names_members)
    described = frozenset(view.members) if view.members and is_partial else None
    removed = (_write_only(view) | _write_only(visibility.view)) - visibility.masked | visibility.hidden
    nested = _compile_nested(view, frozenset())
    if is_other_schema:
        nested |= _compile_keys(view, visibility)
        removed |= contradicting_members(view, visibility.view)
    # A secret is often shown at the creation only, whose schema alone has it.
    secrets = frozenset(filter(is_issued_secret, view.members)) - visibility.view.members.keys()
    required = sorted(((view.required | secrets) & view.members.keys()) - removed) if is_other_schema else []
    if not removed and described is None and not nested:
        return _project_whole

    @cache
    def sample(name: str) -> Any:
        return visibility.sampled(view.members[name])

    def project(item: Item) -> Any:
        kept = {name: value for name, value in item.items() if name not in removed}
        if described is not None:
            kept = {name: value for name, value in kept.items() if name in described}
        for name, change in nested.items():
            if name in kept:
                kept[name] = change(kept[name])
        return {**kept, **{name: sample(name) for name in required if name not in kept}}

    return project


def _compile_keys(view: SchemaView, visibility: ItemVisibility) -> dict[str, Callable[[Any], Any]]:
    """The change of each member that shows the key of a thing where items hold the thing, or the other way round.

    Lists of many frameworks show less of a thing, or more, than the operation that reads one.
    """
    items = visibility.view.members
    return {
        name: _compile_key(name, member, visibility)
        for name, member in view.members.items()
        if name in items and is_key_of_shown(member, items[name])
    }


def _compile_key(name: str, view: SchemaView, visibility: ItemVisibility) -> Callable[[Any], Any]:
    if "array" in view.types and view.items is not None:
        change_one = _compile_key(singular(name), view.items, visibility)
        return lambda values: [change_one(one) for one in values] if isinstance(values, list) else values

    def change(value: Any) -> Any:
        """The key in a thing, or the thing with a key; a sample where the one is not found in the other."""
        if view.members and not isinstance(value, Mapping) and value is not None:
            holders = [one for one, member in view.members.items() if _json_type(value) in member.types]
            key = next(iter(identifying_members(holders, singular(name))), None)
            return {**visibility.sampled(view), **({key: value} if key else {})}
        if not view.members and isinstance(value, Mapping):
            holders = [one for one, inner in value.items() if _json_type(inner) in view.types]
            key = next(iter(identifying_members(holders, singular(name))), None)
            return value[key] if key else visibility.sampled(view)
        return value

    return change


def _json_type(value: Any) -> str:
    return {str: "string", int: "integer"}.get(type(value), "")


def _project_whole(item: Item) -> Any:
    return item


def _member(view: SchemaView | None, name: str) -> SchemaView | None:
    return view.members.get(name) if view else None


def _write_only(view: SchemaView) -> frozenset[str]:
    return frozenset(name for name, member in view.members.items() if member.is_marked("writeOnly"))


def _compile_nested(view: SchemaView, visited: frozenset[Any]) -> dict[str, Callable[[Any], Any]]:
    """The functions that remove `writeOnly` members, by the name of the member that they are inside of."""
    compiled = ((name, _compile_removal(member, visited)) for name, member in view.members.items())
    return {name: remove_inside for name, remove_inside in compiled if remove_inside is not None}


def _compile_removal(view: SchemaView, visited: frozenset[Any]) -> Callable[[Any], Any] | None:
    """The function that removes `writeOnly` members inside a value; None if there are none.

    A recursive schema is followed once round: what is deeper is shown as it is.
    """
    if view.pointer in visited:
        return None
    visited |= {view.pointer}
    remove_from_item = _compile_removal(view.items, visited) if view.items else None
    removed, nested = _write_only(view), _compile_nested(view, visited)
    if remove_from_item is None and not removed and not nested:
        return None

    def remove(value: Any) -> Any:
        if isinstance(value, list):
            return [remove_from_item(item) for item in value] if remove_from_item else value
        if not isinstance(value, Mapping):
            return value
        kept = {name: member for name, member in value.items() if name not in removed}
        return {name: nested[name](member) if name in nested else member for name, member in kept.items()}

    return remove
