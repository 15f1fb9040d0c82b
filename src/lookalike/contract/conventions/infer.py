"""Inference: what operations do to what is remembered, as values that the document could have written itself.

Nobody else knows of conventions. What cannot be answered from what is remembered so that the answer fits its schema is
left as it is: answered by example.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.contract.conventions import naming
from lookalike.contract.conventions.described import Described, operations_of
from lookalike.contract.conventions.examples import examples_of
from lookalike.contract.conventions.resources import Kind, Paths, Place, recognised
from lookalike.contract.conventions.wrapping import is_item, item_template, list_template
from lookalike.contract.document import Document
from lookalike.contract.extension import KEYWORD
from lookalike.contract.places import METHODS
from lookalike.contract.pointers import format_pointer
from lookalike.contract.views import View

Raw = dict[str, Any]
Key = tuple[str, str]

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
BY_EXAMPLE = "answers by example"


class Inferred(NamedTuple):
    """What was inferred: resources by name, what operations do by path and method, and that in words."""

    resources: Mapping[str, Raw]
    operations: Mapping[Key, Raw]
    words: Mapping[Key, str]


def with_conventions(document: Document) -> Document:
    """The document with what was inferred written into it; the very same where that is nothing."""
    found = inferred(document.data)
    if not found.operations:
        return document
    ours = document.data.get(KEYWORD, {})
    written = copy.copy(document)
    written.data = {
        **document.data,
        KEYWORD: {**ours, "resources": {**found.resources, **ours.get("resources", {})}},
        "paths": {path: _written(path, item, found.operations) for path, item in document.data["paths"].items()},
    }
    return written


def _written(path: str, item: Mapping[str, Any], operations: Mapping[Key, Raw]) -> Mapping[str, Any]:
    added = {
        method: {**item[method], KEYWORD: operations[path, method]}
        for method in METHODS
        if (path, method) in operations
    }
    return {**item, **added} if added else item


def inferred(data: Mapping[str, Any]) -> Inferred:
    """What a document means by convention where it does not say it itself."""
    paths = operations_of(data)
    ours = data.get(KEYWORD, {}).get("resources", {})
    operations: dict[Key, Raw] = {}
    words: dict[Key, str] = {}
    used: dict[str, Kind] = {}
    for kind in recognised(paths):
        for place in kind.places:
            for operation, found in _of_place(kind, place, paths):
                key = (operation.path, operation.method)
                if found is not None and key not in operations and not operation.is_ours:
                    operations[key], words[key] = found
                    used |= {one.name: one for one in reversed([*_line(kind)])}
    resources = {name: _resource(kind, paths) for name, kind in used.items() if name not in ours}
    for path, methods in paths.items():
        for method, one in methods.items():
            usual = f"as {KEYWORD} says" if one.is_ours else BY_EXAMPLE
            words.setdefault((path, method), usual)
    return Inferred(resources, operations, words)


def _line(kind: Kind | None) -> Iterator[Kind]:
    """A resource and those that it belongs to."""
    while kind is not None:
        yield kind
        kind = kind.parent


def _resource(kind: Kind, paths: Paths) -> Raw:
    raw: Raw = {"schema": {"$ref": f"#{format_pointer(kind.view.pointer)}"}}
    if not kind.is_single:
        raw["key"] = kind.key
    if kind.by:
        owner = {"resource": kind.parent.name} if kind.parent else {}
        raw["parent"] = {**owner, "by": list(kind.by), **({} if kind.scoped else {"keys": "global"})}
    examples = examples_of(kind, paths)
    return raw | ({"examples": examples} if examples else {})


Found = tuple[Raw, str] | None


def _of_place(
    kind: Kind, place: Place, paths: Mapping[str, Mapping[str, Described]]
) -> Iterator[tuple[Described, Found]]:
    """What each operation of a place does."""
    if kind.is_single:
        for method, operation in paths[place.collection].items():
            yield operation, _ITEM[method](_Asked(kind, place, operation)) if method in _ITEM else None
        return
    for method, operation in paths.get(place.item, {}).items():
        yield operation, _ITEM[method](_Asked(kind, place, operation)) if method in _ITEM else None
    for method, operation in paths.get(place.collection, {}).items():
        yield operation, _COLLECTION[method](_Asked(kind, place, operation)) if method in _COLLECTION else None
    for path, methods in paths.items():
        if "get" in methods and path.startswith(f"{place.collection}/") and "{" not in path[len(place.collection) :]:
            yield methods["get"], _find(_Asked(kind, place, methods["get"]))


class _Asked:
    """An operation, asked what it does to a resource at a place."""

    def __init__(self, kind: Kind, place: Place, operation: Described) -> None:
        self.kind = kind
        self.place = place
        self.operation = operation

    @property
    def noun(self) -> str:
        """The resource in words."""
        return f"{'the' if self.kind.is_single else 'an' if self.kind.name[:1] in 'aeio' else 'a'} {self.kind.name}"

    def select(self, **more: str) -> Raw:
        """The item that the path names."""
        by = [f"$request.path.{name}" for name in (*self._within(), self.place.own) if name]
        named: Raw = {"by": by[0] if len(by) == 1 else by} if by else {}
        return {"resource": self.kind.name, **named, **more}

    def owner(self) -> tuple[Raw, Raw]:
        """What comes beside a list or a creation, and inside of it, so that it is of one parent only."""
        kind, parent = self.kind, self.kind.parent
        if not self.place.outer or not kind.by:
            return {}, {}
        by = [f"$request.path.{name}" for name in self.place.outer[-len(kind.by) :]]
        if parent is None:
            return {}, {"within": by}
        return {"select": {"resource": parent.name, "by": by[0] if len(by) == 1 else by}}, {}

    def _within(self) -> tuple[str, ...]:
        """The parameters that lead to the parent of an item, where they are part of its key or can be compared."""
        return self.place.outer[-len(self.kind.by) :] if self.kind.by and self.place.outer else ()

    def body(self) -> tuple[str, View] | None:
        """Where in the body the item is, and its schema; None where nothing in the body is like an item."""
        view = self.operation.body
        if view is None:
            return None
        if _is_like(view, self.kind):
            return "$request.body", view
        for name, member in view.members.items():
            if is_item(member, self.kind.view, self.kind.key) or (
                len(view.members) == 1 and _is_like(member, self.kind)
            ):
                return f"$request.body#{format_pointer((name,))}", member
        return None

    def answered(self, status: str, template: Any) -> Raw:
        """The answer of success: its body, where that is made of an item."""
        usual = status == self.operation.success
        answer = {**({} if usual and status.isdigit() else {"status": status} if not usual else {})}
        return answer | ({"body": template} if template is not None else {})

    def template(self, status: str) -> Any:
        """The body about one item."""
        return item_template(self.operation.answer(status), self.kind.view, self.kind.key)

    @property
    def is_key_sent(self) -> bool:
        """Whether clients may choose the key of a new item."""
        body, key = self.body(), self.kind.key
        return body is not None and key in body[1].members and not body[1].members[key].says("readOnly")

    def refused(self) -> str:
        """The status of a key that is taken, or what is done instead where none is documented."""
        return next((status for status in ("409", "422") if status in self.operation.statuses), "replace")


def _is_like(view: View, kind: Kind) -> bool:
    """Whether a body has mostly the members of an item."""
    named = view.members.keys()
    if view.pointer == kind.view.pointer or (not named and "array" not in view.types):
        return True
    return len(named & kind.view.members.keys()) * 2 >= len(named)


def _read(asked: _Asked) -> Found:
    template = asked.template(asked.operation.success)
    if template is None:
        return None
    by = f" by {asked.place.own}" if asked.place.own else ""
    return {"select": asked.select(), **_answer(asked.answered(asked.operation.success, template))}, (
        f"reads {asked.noun}{by}"
    )


def _replace(asked: _Asked) -> Found:
    body = asked.body()
    if body is None or not asked.operation.success:
        return None
    status = asked.operation.success
    creates = "201" in asked.operation.statuses
    select = asked.select(absent="create") if creates else asked.select()
    answer = asked.answered(status, asked.template(status))
    if creates and status != "201":
        answer["created"] = "201"
    words = f"replaces {asked.noun}" + (", or creates it" if creates else "")
    return {"select": select, "apply": [{"replace": {"with": body[0]}}], **_answer(answer)}, words


def _change(asked: _Asked) -> Found:
    operation = asked.operation
    view = operation.body
    is_list = view is not None and "array" in view.types
    body = asked.body()
    steps: list[Raw] = []
    if body is not None and not is_list:
        steps.append({"merge": {"with": body[0], "depth": "deep", "null": "deletes"}})
    if JSON_PATCH in operation.media_types or is_list:
        steps.append({"patch": {"with": "$request.body"}})
    if not steps or not operation.success:
        return None
    ways = [{"merge": "RFC 7396", "patch": "JSON Patch"}[name] for step in steps for name in step]
    answer = asked.answered(operation.success, asked.template(operation.success))
    return {"select": asked.select(), "apply": steps, **_answer(answer)}, f"changes {asked.noun} ({', '.join(ways)})"


def _delete(asked: _Asked) -> Found:
    if not asked.operation.success:
        return None
    answer = asked.answered(asked.operation.success, asked.template(asked.operation.success))
    found: Raw = {"select": asked.select(), "apply": [{"delete": {}}], **_answer(answer)}
    return found, f"deletes {asked.noun}, and what belongs to it"


def _create(asked: _Asked) -> Found:
    operation, kind = asked.operation, asked.kind
    body = asked.body()
    status = "201" if "201" in operation.statuses else operation.success
    if body is None or not status:
        return None
    beside, inside = asked.owner()
    taken = {"taken": asked.refused()} if asked.is_key_sent else {}
    create = {"resource": kind.name, "with": body[0], **inside, **taken}
    template = asked.template(status)
    if template is None and not body[1].members:
        return None  # nothing tells that it is about such a thing
    answer = asked.answered(status, template)
    if kind.home.item:
        fields = dict(zip(kind.home.outer[-len(kind.by) :], kind.by, strict=False)) if kind.by else {}
        answer["location"] = _path_with(kind.home.item, {**fields, kind.home.own: kind.key})
    return {**beside, "apply": [{"create": create}], **_answer(answer)}, f"creates {asked.noun}, {_keyed(asked)}"


def _path_with(path: str, fields: Mapping[str, str]) -> str:
    for name, field in fields.items():
        path = path.replace("{" + name + "}", "{" + field + "}")
    return path


def _keyed(asked: _Asked) -> str:
    """How the key of a new item is chosen, in words."""
    key = asked.kind.view.members.get(asked.kind.key)
    if key is None:
        return f"key {asked.kind.key} (counted, not in the body)"
    kind = key.keyword("format") or next(iter(sorted(key.types)), "any type")
    taken = {"replace": "a taken one is replaced"}.get(asked.refused(), f"a taken one is answered {asked.refused()}")
    return f"key {asked.kind.key} ({kind}, {f'sent or counted; {taken}' if asked.is_key_sent else 'counted'})"


def _list(asked: _Asked) -> Found:
    operation, kind = asked.operation, asked.kind
    template = list_template(operation.answer(operation.success), kind.view, kind.key)
    if template is None:
        return None
    beside, inside = asked.owner()
    found = _words_of_query(asked)
    listing = {"resource": kind.name, **inside, **found}
    answer = asked.answered(operation.success, template)
    return {**beside, "list": listing, **_answer(answer)}, f"lists {kind.name} items{_told(found)}"


def _find(asked: _Asked) -> Found:
    """A list below a collection that only filters it, such as `/pet/findByStatus`."""
    found = _words_of_query(asked)
    unknown = asked.operation.queries.keys() - set(_queried(found))
    if not found.get("where") or any(asked.operation.queries[name][1] for name in unknown):
        return None
    return _list(asked)


def _replace_by_body(asked: _Asked) -> Found:
    """PUT on a collection, where the body tells which item is meant."""
    body = asked.body()
    key = asked.kind.key
    if body is None or key not in body[1].members or asked.place.outer:
        return None
    found = _replace(asked)
    if found is None:
        return None
    way = body[0] if "#" in body[0] else f"{body[0]}#"
    found[0]["select"]["by"] = f"{way}{format_pointer((key,))}"
    return found


def _answer(answer: Raw) -> Raw:
    return {"answer": answer} if answer else {}


def _words_of_query(asked: _Asked) -> Raw:
    """What the parameters in the query do to a list, by their names."""
    where: Raw = {}
    page: Raw = {}
    found: Raw = {}
    members = asked.kind.view.members
    by_name = {naming.plain(naming.singular(name)): name for name, view in members.items() if "array" in view.types}
    by_name |= {naming.plain(name): name for name in members}
    for name, (view, _) in asked.operation.queries.items():
        plain, source = naming.plain(name), f"$request.query.{name}"
        word = next((word for word, names in _WORDS.items() if plain in names), None)
        if plain in by_name and _is_filter(asked.kind.view.members[by_name[plain]]):
            where[by_name[plain]] = source
        elif word in _PAGE:
            page.setdefault(word, source)
            default = view.keyword("default")
            if word == "limit" and isinstance(default, int) and default > 0:
                page["default"] = default
            if word == "number" and 0 in (default, view.keyword("minimum")):
                page["first"] = 0
        elif word is not None:
            found.setdefault(word, source)
    return {**({"where": where} if where else {}), **found, **({"page": page} if page else {})}


def _is_filter(member: View) -> bool:
    inner = member.items if "array" in member.types else member
    return inner is not None and not inner.types & {"object", "array"}


_WORDS: Mapping[str, frozenset[str]] = {
    "limit": naming.LIMIT,
    "offset": naming.OFFSET,
    "number": naming.PAGE,
    "cursor": naming.CURSOR,
    "sort": naming.SORT,
    "order": naming.ORDER,
    "search": naming.SEARCH,
}
_PAGE = frozenset({"limit", "offset", "number", "cursor"})


def _queried(found: Raw) -> Iterator[str]:
    """The names of the parameters that mean something."""
    for value in found.values():
        for source in value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(source, str):
                yield source.removeprefix("$request.query.")


def _told(found: Raw) -> str:
    """What can be asked of a list, in words."""
    said = [f"where {', '.join(found['where'])}"] if "where" in found else []
    said += [f"{word} by {found[word].rpartition('.')[2]}" for word in ("search", "sort") if word in found]
    said += [f"pages by {', '.join(sorted(found['page'].keys() & _PAGE))}"] if "page" in found else []
    return f" ({'; '.join(said)})" if said else ""


_ITEM: Mapping[str, Callable[[_Asked], Found]] = {
    "get": _read,
    "put": _replace,
    "patch": _change,
    "delete": _delete,
}
_COLLECTION: Mapping[str, Callable[[_Asked], Found]] = {
    "get": _list,
    "post": _create,
    "put": _replace_by_body,
}
