"""Combining: several documents become one, each below a path of its own, so that one mock serves them all.

Components, operation ids and webhooks that are of the same name in two documents are renamed in the later one, and
the references to them with them. Security that a document asks for as a whole is written into its operations. Of
`x-lookalike`, resources, readings and clauses are put together; whatever two documents state differently is refused,
since it could hold for one of them only.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from lookalike.errors import DocumentError, UsageError
from lookalike.json_values import Pointer, PointerError, format_fragment, made_at, parse_fragment, value_at
from lookalike.openapi.document import Document, MountedDocument, Origin
from lookalike.openapi.object_types import ObjectAt, objects, pointer_of
from lookalike.openapi.sources import Source, beside
from lookalike.openapi.walk import METHODS
from lookalike.openapi.zones import Zone
from lookalike.schema.vocabulary import KEYWORD

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_TEMPLATE = re.compile(r"\{[^{}]*\}")
# Members of the document that are combined by rules of their own, or say nothing about what is served.
_OF_WHOLE = frozenset(
    ("openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs", "jsonSchemaDialect")
)
_USUAL_NAMES = frozenset({"api", "index", "openapi", "spec", "swagger"})  # of files, which tell none from another
_BY_NAME = ("resources", "readings", "clauses", "binds-nobody")  # of x-lookalike

BasePath = Callable[[Sequence[Mapping[str, Any]]], str]


class PlacedDocument(NamedTuple):
    """A normalized document with the source that it was read from, and the path that it is served below."""

    document: Document
    source: Source
    path: str


def combine(documents: Sequence[PlacedDocument], base_path: BasePath) -> Document:
    """One document with all operations of several, whose data are changed; their paths begin with that of their part.

    `base_path` finds the path in a list of servers. Raises `DocumentError` if two describe the same operation, or
    state something different for the mock as a whole.
    """
    combination = _Combination(base_path)
    for label, part in zip(_labels(documents), documents, strict=True):
        combination.add(part, label)
    return combination.document(documents)


def _labels(documents: Sequence[PlacedDocument]) -> Iterator[str]:
    """A short name for each document, for what has to be renamed."""
    taken: set[str] = set()
    for part in documents:
        label = stem = name_of(part.source)
        number = 1
        while label in taken:
            number += 1
            label = f"{stem}_{number}"
        taken.add(label)
        yield label


def name_of(source: Source) -> str:
    """A short name of a document, such as a path to serve it below may have: that of its file, else of its server."""
    if isinstance(source, Path):
        named = source.stem if source.stem not in _USUAL_NAMES else source.absolute().parent.name
    else:
        url = urlsplit(source)
        stem = Path(url.path).stem
        named = stem if stem and stem not in _USUAL_NAMES else (url.hostname or "")
    return _UNFIT.sub("-", named).strip("-") or "document"


class _Combination:
    """The documents that were added so far, as one."""

    def __init__(self, base_path: BasePath) -> None:
        self._base_path = base_path
        self._data: dict[str, Any] = {"openapi": "3.1.0", "paths": {}, "components": {}}
        self._origins: dict[tuple[str, ...], Origin] = {}
        self._unreadable: dict[str, str] = {}
        self._operation_ids: set[str] = set()
        self._routes: dict[str, tuple[PlacedDocument, Pointer]] = {}
        self._parts_by_path: dict[str, PlacedDocument] = {}

    def add(self, part: PlacedDocument, label: str) -> None:
        """Add a document, whose names that are taken get the label in front."""
        data = part.document.data
        if not isinstance(data, dict):
            return
        moves = dict([*self._moved_components(data, label), *self._moved_members(data, label)])
        paths = dict(self._moved_paths(part))
        moved_paths: dict[Pointer, Pointer] = {
            ("paths", path): ("paths", places[0].path) for path, places in paths.items()
        }
        _Renaming(data, {**moves, **moved_paths}).do()
        self._rename_operations(data, label)
        for before, after in moves.items():
            self._put(part, before, after)
        for path, places in paths.items():
            for place in places:
                self._add_path(part, path, place)
        self._add_extension(part)
        self._unreadable |= part.document.unreadable

    def document(self, documents: Sequence[PlacedDocument]) -> Document:
        """All that was added."""
        all_data = [part.document.data for part in documents]
        titles = (str(_dict(data, "info").get("title") or "") for data in all_data)
        self._data["info"] = {"title": ", ".join(filter(None, titles)) or "several documents", "version": "1"}
        # The first one has no path, since each path has that of its part. URLs in items that begin with one of the
        # others lead to the mock.
        urls = (str(server.get("url", "")) for data in all_data for server in _list(data, "servers"))
        origins = dict.fromkeys(
            "://".join(urlsplit(url)[:2]) for url in urls if url.startswith(("http://", "https://"))
        )
        self._data["servers"] = [{"url": url} for url in ("/", *origins) if "{" not in url]
        self._data["tags"] = [tag for data in all_data for tag in _list(data, "tags")]
        # Files that documents name are read with the rights of the first: only documents that are files may name any.
        first = min((part.document for part in documents), key=_zone)
        notices = tuple(one for part in documents for one in part.document.notices)
        combined = Document(self._data, first.text, (self._origins,), self._unreadable, notices)
        combined.mounts = tuple(
            MountedDocument(part.source, part.path, label, self._paths_of(part))
            for part, label in zip(documents, _labels(documents), strict=True)
        )
        return combined

    def _paths_of(self, part: PlacedDocument) -> frozenset[str]:
        return frozenset(path for path, other in self._parts_by_path.items() if other is part)

    # --- Components, and members of the document that references may lead to ---

    def _moved_components(self, data: Mapping[str, Any], label: str) -> Iterator[tuple[Pointer, Pointer]]:
        for container, entries in _dict(data, "components").items():
            known = _dict(self._data["components"], container)
            for name, entry in entries.items() if isinstance(entries, dict) else ():
                place = ("components", container, name)
                is_shared = container == "securitySchemes" and known.get(name) == entry
                is_taken = name in known and not is_shared
                yield (
                    place,
                    ("components", container, _free(f"{label}.{name}", {*known, *entries})) if is_taken else place,
                )

    def _moved_members(self, data: Mapping[str, Any], label: str) -> Iterator[tuple[Pointer, Pointer]]:
        for name, value in data.items():
            if name == "webhooks" and isinstance(value, dict):
                known = _dict(self._data, name)
                for hook in value:
                    yield (name, hook), (name, _free(f"{label}.{hook}", known) if hook in known else hook)
            elif name not in _OF_WHOLE and name != KEYWORD:
                yield (name,), (_free(f"{label}.{name}", self._data) if name in self._data else name,)

    def _put(self, part: PlacedDocument, before: Pointer, after: Pointer) -> None:
        made_at(self._data, after[:-1])[str(after[-1])] = value_at(part.document.data, before)
        self._origins[tuple(map(str, after))] = Origin(before, part.document)

    # --- Operations ---

    def _moved_paths(self, part: PlacedDocument) -> Iterator[tuple[str, list["_CombinedPath"]]]:
        """The new paths of each path: several where its operations have servers of their own."""
        usual = self._base_path(_list(part.document.data, "servers"))
        for path, item in _dict(part.document.data, "paths").items():
            if not isinstance(item, dict) or path.startswith("x-"):
                continue
            methods: dict[str, list[str]] = {}
            for method in [one for one in METHODS if one in item]:
                servers = _list(item[method], "servers") or _list(item, "servers")
                own = self._base_path(servers) if servers else usual
                methods.setdefault(part.path if own == usual else own, []).append(method)
            places = [_CombinedPath(prefix + path, of_prefix) for prefix, of_prefix in methods.items()]
            yield path, places or [_CombinedPath(part.path + path, [])]

    def _add_path(self, part: PlacedDocument, path: str, place: "_CombinedPath") -> None:
        before = part.document.data["paths"][path]
        self._claim(part, path, place)
        self._parts_by_path[place.path] = part
        item = self._data["paths"].setdefault(place.path, {})
        item.update({name: value for name, value in before.items() if name not in METHODS and name != "servers"})
        self._origins["paths", place.path] = Origin(("paths", path), part.document)
        for method in place.methods:
            operation = item[method] = before[method]
            self._origins["paths", place.path, method] = Origin(("paths", path, method), part.document)
            if isinstance(operation, dict):
                operation.pop("servers", None)
                if "security" in part.document.data:
                    operation.setdefault("security", part.document.data["security"])

    def _claim(self, part: PlacedDocument, path: str, place: "_CombinedPath") -> None:
        """Note which document describes a path; raises `DocumentError` if another one describes it too."""
        here = ("paths", path)
        other, there = self._routes.setdefault(_TEMPLATE.sub("{}", place.path), (part, here))
        if other is part:
            return
        line = other.document.locate(there).line
        what = f"{place.path} is described by {other.document.name} (line {line}) too"
        mounted = f"/{name_of(part.source)}={part.source}"
        remedy = f"Serve one of them below a path of its own, as in: lookalike mock {other.source} {mounted}"
        raise DocumentError([part.document.problem(what, here, remedy)])

    def _rename_operations(self, data: dict[str, Any], label: str) -> None:
        renamed: dict[str, str] = {}
        found = [one for one in objects(data) if one.object_type in {"operation", "link"}]
        for one in (one for one in found if one.object_type == "operation"):
            name = one.node.get("operationId")
            if isinstance(name, str) and name in self._operation_ids:
                renamed[name] = one.node["operationId"] = _free(f"{label}.{name}", self._operation_ids)
        for one in found:
            name = one.node.get("operationId")
            if not isinstance(name, str):
                continue
            if one.object_type == "link":
                one.node["operationId"] = renamed.get(name, name)
            else:
                self._operation_ids.add(name)

    # --- x-lookalike ---

    def _add_extension(self, part: PlacedDocument) -> None:
        ours = part.document.data.get(KEYWORD)
        if not isinstance(ours, dict):
            return
        together = self._data.setdefault(KEYWORD, {})
        self._origins.setdefault((KEYWORD,), Origin((KEYWORD,), part.document))
        for name, value in _with_whole_paths(ours, part).items():
            if name in _BY_NAME and isinstance(value, dict):
                for entry, content in value.items():
                    self._state(part, (KEYWORD, name, entry), together.setdefault(name, {}), content)
            else:
                self._state(part, (KEYWORD, name), together, value)

    def _state(self, part: PlacedDocument, here: Pointer, container: dict[str, Any], value: Any) -> None:
        name = str(here[-1])
        if container.setdefault(name, value) != value:
            what = f"{' '.join(map(str, here))} is stated otherwise by another document"
            raise DocumentError(
                [part.document.problem(what, here, "Rename it, or serve this document by a mock of its own")]
            )
        self._origins.setdefault(tuple(map(str, here)), Origin(here, part.document))


class _CombinedPath(NamedTuple):
    """A path of the combined document, and the methods of the path before it that are there."""

    path: str
    methods: list[str]


class _Renaming:
    """The references of one document, which are rewritten in place to where things are moved to."""

    def __init__(self, data: dict[str, Any], moves: Mapping[Pointer, Pointer]) -> None:
        self._data = data
        self._moves = {before: after for before, after in moves.items() if before != after}
        self._schemas = {
            str(before[2]): format_fragment(after)
            for before, after in self._moves.items()
            if before[:2] == ("components", "schemas")
        }
        self._schemes = {
            str(before[2]): str(after[2])
            for before, after in self._moves.items()
            if before[:2] == ("components", "securitySchemes")
        }

    def do(self) -> None:
        """Rewrite all references."""
        if not self._moves:
            return
        found = list(objects(self._data))
        heirs = self._heirs(found) if self._schemas else {}
        for one in found:
            node = one.node
            if one.object_type == "schema" and isinstance(node.get("discriminator"), dict):
                self._rename_mapping(node, heirs.get(format_fragment(pointer_of(one.link)), []))
            for keyword in ("$ref", "operationRef"):
                if isinstance(node.get(keyword), str):
                    node[keyword] = self._moved(node[keyword])
            if one.object_type in {"document", "operation"} and self._schemes:
                self._rename_schemes(node)

    def _heirs(self, found: Sequence[ObjectAt]) -> dict[str, list[str]]:
        """The components that have each schema in their `allOf`, by the reference to it."""
        heirs: dict[str, list[str]] = {}
        for one in found:
            pointer = pointer_of(one.link)
            if one.object_type == "schema" and pointer[:2] == ("components", "schemas") and len(pointer) == 3:
                for branch in _list(one.node, "allOf"):
                    heirs.setdefault(str(branch.get("$ref")), []).append(str(pointer[2]))
        return heirs

    def _rename_mapping(self, schema: dict[str, Any], heirs: Sequence[str]) -> None:
        """State the values of a discriminator that were the names of components (OpenAPI 3.1 section 4.8.25)."""
        mapping = schema["discriminator"].setdefault("mapping", {})
        if not isinstance(mapping, dict):
            return
        for value, target in mapping.items():
            if isinstance(target, str):
                mapping[value] = self._schemas.get(target) or self._moved(target)
        branches = [one.get("$ref", "") for keyword in ("oneOf", "anyOf") for one in _list(schema, keyword)]
        for name in (*(str(ref).rpartition("/")[2] for ref in branches), *heirs):
            if name in self._schemas and self._schemas[name] not in mapping.values():
                mapping.setdefault(name, self._schemas[name])

    def _rename_schemes(self, node: dict[str, Any]) -> None:
        if isinstance(node.get("security"), list):
            node["security"] = [
                {self._schemes.get(name, name): scopes for name, scopes in one.items()}
                if isinstance(one, dict)
                else one
                for one in node["security"]
            ]

    def _moved(self, ref: str) -> str:
        """The reference to where the target of another one is moved to."""
        if not ref.startswith("#/"):
            return ref
        try:
            pointer = parse_fragment(ref)
        except PointerError:
            return ref
        for length in range(1, min(len(pointer), 3) + 1):
            after = self._moves.get(pointer[:length])
            if after is not None:
                return format_fragment((*after, *pointer[length:]))
        return ref


def _with_whole_paths(ours: Mapping[str, Any], part: PlacedDocument) -> dict[str, Any]:
    """`x-lookalike` with paths of files that mean the same in every document.

    Raises `UsageError` for those of a document from the network, which may only name what is there, too.
    """
    named = {"tokens": ours["tokens"]} if isinstance(ours.get("tokens"), str) else {}
    resources = dict(_dict(ours, "resources"))
    seeded = {
        name: one for name, one in resources.items() if isinstance(one, dict) and isinstance(one.get("seed"), str)
    }
    if (named or seeded) and part.document.text.zone is not Zone.FILE:
        raise UsageError(
            f"{part.document.name} names files of tokens or items, which is for a document that is served alone",
            "Pass them with --tokens and --data",
        )
    resources |= {name: {**one, "seed": _whole(part, one["seed"])} for name, one in seeded.items()}
    whole = {**ours, **({"resources": resources} if resources else {})}
    return {**whole, **{name: _whole(part, text) for name, text in named.items()}}


def _whole(part: PlacedDocument, name: str) -> str:
    source = beside(part.source, name)
    return quote(str(source.absolute())) if isinstance(source, Path) else source


def _zone(document: Document) -> Zone:
    return document.text.zone


def _free(wanted: str, taken: Any) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _dict(node: Any, name: str) -> dict[str, Any]:
    value = node.get(name) if isinstance(node, Mapping) else None
    return value if isinstance(value, dict) else {}


def _list(node: Any, name: str) -> list[Any]:
    """The objects in a list that a member holds."""
    value = node.get(name) if isinstance(node, Mapping) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
