"""Resources: which paths are about the same kind of thing, what it looks like, and what it is found by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lookalike.contract.inference import vocabulary as naming
from lookalike.contract.inference.envelopes import elements, envelope, is_item
from lookalike.contract.inference.raw_operation import RawOperation, parameter, segments
from lookalike.schema.view import SchemaView

Paths = Mapping[str, Mapping[str, RawOperation]]
_SCALARS = frozenset({"string", "integer", "number"})


@dataclass(frozen=True)
class CollectionPath:
    """A collection, the path of its items if there is one, and the parameters that lead there, the item's own last."""

    collection: str
    item: str = ""
    outer: tuple[str, ...] = ()
    own: str = ""


@dataclass(eq=False)
class ResourceGuess:
    """A resource that was recognised; the first of its places is where its keys come from."""

    name: str
    view: SchemaView
    key: str
    places: list[CollectionPath]
    parent: "ResourceGuess | None" = None
    by: tuple[str, ...] = ()
    scoped: bool = False
    is_single: bool = False
    is_made: bool = False
    examples: list[Any] = field(default_factory=list)

    @property
    def home(self) -> CollectionPath:
        """The first place."""
        return self.places[0]

    def line(self) -> "Iterator[ResourceGuess]":
        """The resource, what it belongs to, and so on."""
        kind: ResourceGuess | None = self
        while kind is not None:
            yield kind
            kind = kind.parent


def recognised(paths: Paths, made_up: bool = False) -> list[ResourceGuess]:
    """The resources of a document, parents before what belongs to them; also mere lists, where items are `made_up`."""
    return _Recognition(paths, made_up).kinds


class _Recognition:
    """Goes through the paths from the shortest to the longest."""

    def __init__(self, paths: Paths, made_up: bool) -> None:
        self._paths = paths
        self._made_up = made_up
        self.kinds: list[ResourceGuess] = []
        self._names: set[str] = set()
        self._alike: dict[str, list[ResourceGuess]] = {}
        in_order = sorted(paths, key=self._rank)
        for path in in_order:
            if _is_item_path(path):
                self._add_items(path)
        known = {place.collection for kind in self.kinds for place in kind.places}
        for path in in_order:
            if not _is_item_path(path) and path not in known and path.rstrip("/") not in known:
                self._add_collection(path)

    def _rank(self, path: str) -> tuple[Any, ...]:
        """Shorter paths come first; of two that differ in a slash at the end, the one that shows the item."""
        return len(segments(path)), path.rstrip("/"), "get" not in self._paths[path], path

    def _add_items(self, path: str) -> None:
        """An item path: of a resource of its own, or another way to the items of one that is known."""
        *above, last = segments(path)
        collection = self._spelt("/" + "/".join(above))
        outer = tuple(filter(None, map(parameter, above)))
        place = CollectionPath(collection, path, outer, parameter(last))
        twin = self._twin(path)
        if twin is not None:
            twin.places.append(place)
            return
        view, key = self._item_view(place)
        if view is None:
            return
        known = self._known(collection, view)
        if known is not None:
            known.places.append(place)
        else:
            self._add(ResourceGuess(self._name_of(place), view, key or place.own, [place]))

    def _add_collection(self, path: str) -> None:
        """A collection whose items have no path here, or a thing of which there is one."""
        above = segments(path)
        outer = tuple(filter(None, map(parameter, above)))
        operations = self._paths[path]
        read = operations.get("get")
        listed = next(_objects(elements(read.answer(read.success))), None) if read else None
        if listed is not None and _is_right_below(path) and (known := self._known(path, listed)) is not None:
            known.places.append(CollectionPath(path, "", outer))
        elif listed is not None and (self._made_up or "post" in operations):
            key = _key_of(listed, "", naming.singular(_literal(path)))
            if key:
                self._add(
                    ResourceGuess(self._name_of(CollectionPath(path)), listed, key, [CollectionPath(path, "", outer)])
                )
        elif read and operations.keys() & {"put", "patch"} and not (outer and "delete" in operations):
            view = read.answer(read.success)
            if view is not None and "object" in view.types and view.members and listed is None:
                place = CollectionPath(path, "", outer)
                self._add(ResourceGuess(self._unused([_literal(path)]), view, "", [place], is_single=True))

    def _add(self, kind: ResourceGuess) -> None:
        self.kinds.append(kind)
        self._names.add(kind.name)
        if not kind.home.outer:
            self._alike.setdefault(_literal(kind.home.collection), []).append(kind)

    def _spelt(self, collection: str) -> str:
        """The path of a collection as the document writes it."""
        return f"{collection}/" if collection not in self._paths and f"{collection}/" in self._paths else collection

    def _item_view(self, place: CollectionPath) -> tuple[SchemaView | None, str]:
        """The schema of an item and the member that the path names it by, which need not be there."""
        noun = naming.singular(_literal(place.collection))
        views = [*_objects(self._views(place))]
        for view in views:
            key = self._linked(place, view) or _key_of(view, place.own, noun)
            if key and self._fits_parameter(place, view.members[key]):
                return view, key
        return (views[0] if views else None), ""

    def _views(self, place: CollectionPath) -> Iterator[SchemaView]:
        """What may be an item: in answers about one, in what is sent for one, in lists; of one form before several."""
        items, collection = self._paths.get(place.item, {}), self._paths.get(place.collection, {})
        asked = [items[method] for method in ("get", "put", "patch") if method in items]
        asked += [collection["post"]] if "post" in collection else []
        answers = [answer for one in asked if (answer := one.answer(one.success)) is not None]
        found = [[*envelope(answer)] for answer in answers]
        if "get" in collection:
            found.append([*elements(collection["get"].answer(collection["get"].success))])
        for views in sorted(found, key=lambda views: bool(views) and len(views[0].branches) > 1):
            yield from views

    def _linked(self, place: CollectionPath, view: SchemaView) -> str:
        """The member that a link of the document gives to the path of the item."""
        ids = {operation.id for operation in self._paths[place.item].values()}
        for operation in self._paths.get(place.collection, {}).values():
            for link in operation.links:
                given = link.get("parameters", {}).get(place.own)
                if link.get("operationId") in ids and isinstance(given, str):
                    name = given.rpartition("#/")[2]
                    if name in view.members:
                        return name
        return ""

    def _fits_parameter(self, place: CollectionPath, member: SchemaView) -> bool:
        found = (operation.path_parameter(place.own) for operation in self._paths[place.item].values())
        named = next((view.types for view in found if view is not None and view.types), frozenset())
        return not named or not member.types or "string" in named or bool(named & member.types)

    def _known(self, collection: str, view: SchemaView) -> ResourceGuess | None:
        """The resource that a collection of the same name and schema is of."""
        alike = self._alike.get(_literal(collection), ())
        return next((kind for kind in alike if is_item(view, kind.view, kind.key)), None)

    def _twin(self, path: str) -> ResourceGuess | None:
        """The resource whose items have that path already, but for a slash at the end."""
        return next(
            (kind for kind in self.kinds for one in kind.places if one.item.rstrip("/") == path.rstrip("/")), None
        )

    def _name_of(self, place: CollectionPath) -> str:
        """A name that no other resource has: the singular of the collection's, behind others where it must be."""
        return self._unused([naming.singular(one) for one in segments(place.collection) if not parameter(one)])

    def _unused(self, words: list[str]) -> str:
        words = words or ["item"]
        names = ["-".join(words[start:]) for start in reversed(range(len(words)))]
        return next((name for name in names if name not in self._names), f"{names[-1]}-{len(self._names)}")


def settled(kinds: Sequence[ResourceGuess], paths: Paths) -> list[ResourceGuess]:
    """The resources, each knowing what it belongs to, from the first of its places that is below something.

    A thing of which there is one below something that is not known is left out.
    """
    by_path: dict[str, list[ResourceGuess]] = {}
    for kind in kinds:
        for place in kind.places:
            by_path.setdefault(place.item.rstrip("/"), []).append(kind)
    for kind in kinds:
        _settle(kind, by_path, paths)
    return [kind for kind in kinds if kind.parent is not None or not (kind.is_single and kind.home.outer)]


def takes_key(kind: ResourceGuess, paths: Paths) -> bool:
    """Whether the path of an item takes a key of its type: not where it asks for a text, and the key is a number."""
    key, home = kind.view.members.get(kind.key), kind.home
    found = (operation.path_parameter(home.own) for operation in paths.get(home.item, {}).values())
    asked = next((view.types for view in found if view is not None), frozenset())
    return key is None or asked != {"string"} or not key.types or "string" in key.types


def _settle(kind: ResourceGuess, by_path: Mapping[str, Sequence[ResourceGuess]], paths: Paths) -> None:
    place = next((place for place in kind.places if place.outer), None)
    if place is None:
        return
    kind.scoped = place is kind.home
    owner = _owner(place, by_path)
    kind.parent = owner if owner is not None and kind not in owner.line() else None
    kind.places = [one for one in kind.places if not one.outer or _owner(one, by_path) is kind.parent]
    if kind.parent is None and not kind.scoped:
        return
    within = place.outer
    if kind.parent is not None:
        within = place.outer[-len(kind.parent.by) - 1 :] if kind.parent.scoped else place.outer[-1:]
    nouns = _nouns(place.collection)
    kind.by = tuple(
        naming.parent_field(
            param, nouns[param], kind.key, _holding(kind, _pattern(param, place, paths)), kind.view.members
        )
        for param in within
    )


def _holding(kind: ResourceGuess, pattern: Any) -> list[str]:
    """The members of an item that may hold what a path parameter with such a pattern does."""
    members = kind.view.members.items()
    return [name for name, view in members if view.types & _SCALARS and view.keyword("pattern") in (None, pattern)]


def _pattern(param: str, place: CollectionPath, paths: Paths) -> Any:
    operations = (*paths.get(place.item, {}).values(), *paths.get(place.collection, {}).values())
    views = (operation.path_parameter(param) for operation in operations)
    return next((view.keyword("pattern") for view in views if view is not None), None)


def _owner(place: CollectionPath, by_path: Mapping[str, Sequence[ResourceGuess]]) -> ResourceGuess | None:
    """The resource whose items a collection is below."""
    parts = segments(place.collection)
    last = max(index for index, segment in enumerate(parts) if parameter(segment))
    path = "/" + "/".join(parts[: last + 1])
    found = by_path.get(path, ())  # where it still is: a place that belongs to something else has been left out
    return next((kind for kind in found if any(one.item.rstrip("/") == path for one in kind.places)), None)


def _objects(views: Iterator[SchemaView]) -> Iterator[SchemaView]:
    return (view for view in views if view.members and (not view.types or "object" in view.types))


def _key_of(view: SchemaView, param: str, noun: str) -> str:
    members = [name for name, member in view.members.items() if not member.types or member.types & _SCALARS]
    return naming.key_field(param or "id", noun, members)


def _is_item_path(path: str) -> bool:
    parts = segments(path)
    return len(parts) > 1 and bool(parameter(parts[-1])) and not parameter(parts[-2]) and "{" not in parts[-2]


def _is_right_below(collection: str) -> bool:
    """Whether nothing stands between a collection and what it belongs to, if that is anything."""
    above = segments(collection)[:-1]
    return not any(map(parameter, above)) or bool(parameter(above[-1]))


def _literal(collection: str) -> str:
    return next((part for part in reversed(segments(collection)) if not parameter(part)), "")


def _nouns(path: str) -> dict[str, str]:
    """The singular of what stands before each parameter of a path."""
    parts = segments(path)
    return {
        parameter(part): naming.singular(parts[index - 1]) if index and not parameter(parts[index - 1]) else ""
        for index, part in enumerate(parts)
        if parameter(part)
    }


_MOST = 20


# On how many levels a thing of which there is one has all its members; where that does not fit, it has fewer.
_WHOLE = 2


def examples_of(kind: ResourceGuess, paths: Mapping[str, Mapping[str, RawOperation]]) -> list[Any]:
    """The items that the document shows, each key once; of a thing of which there is one, at least what is made up."""
    found: dict[Any, Any] = {}
    for place in kind.places:
        for path in (place.collection, place.item):
            for item in _shown(kind, paths.get(path, {})):
                if kind.is_single or _is_key(item[kind.key], kind):
                    found.setdefault(item.get(kind.key), item)
    return [*found.values()][:_MOST] or ([{}] if kind.is_single else [])


def _shown(kind: ResourceGuess, operations: Mapping[str, RawOperation]) -> Iterator[Any]:
    """The items in the examples of reading and listing."""
    if "get" not in operations:
        return
    read = operations["get"]
    for example in read.examples(read.success):
        yield from _items_in(example, kind, 0)


def _is_key(value: Any, kind: ResourceGuess) -> bool:
    types = kind.view.members[kind.key].types if kind.key in kind.view.members else frozenset()
    named = {int: {"integer", "number"}, str: {"string"}}.get(type(value), set())
    return bool(named) and (not types or bool(types & named))


def _items_in(value: Any, kind: ResourceGuess, depth: int) -> Iterator[Any]:
    """The objects in a value that have what an item must have."""
    if isinstance(value, list):
        for one in value:
            yield from _items_in(one, kind, depth)
    elif isinstance(value, Mapping):
        required = kind.view.required or ({kind.key} if kind.key else kind.view.members.keys())
        if value.keys() >= required and (not kind.key or kind.key in value):
            yield value
        elif depth < 2:
            for member in value.values():
                yield from _items_in(member, kind, depth + 1)
