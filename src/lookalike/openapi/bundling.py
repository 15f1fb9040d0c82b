"""Bundling: objects in other files and at other URLs are put into the document that refers to them.

After this step all references are within one document. An object whose type has a place among the components goes there
under its own name; any other, like a path item, takes the place of the reference to it. Objects are moved, not
copied, so that a schema that refers to itself across files does so within the document.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lookalike.errors import LookalikeError, Problem
from lookalike.json_values import Pointer, PointerError, dereference, find, format_fragment, made_at, value_at
from lookalike.openapi.document import Document, Origin, load_referenced
from lookalike.openapi.example_values import example_value
from lookalike.openapi.object_types import (
    COMPONENTS_2,
    COMPONENTS_3,
    OPENAPI_3,
    SWAGGER_2,
    ObjectAt,
    VisitedObjects,
    is_swagger_2,
    objects,
    pointer_of,
)
from lookalike.openapi.sources import Source, SourceReader, beside, source_of
from lookalike.openapi.zones import Zone

# The members that hold references; most objects of a document have none of them.
_REFERRING = frozenset({"$ref", "$dynamicRef", "discriminator", "externalValue", "security"})
_TEXTS_OF_EXAMPLES = frozenset({"value", "dataValue", "serializedValue"})
# A reference to a component, as JSON or YAML has it, whose name needs no escapes.
_TO_COMPONENT = re.compile(rb"""\$ref["']?:\s*["']?#/components/[A-Za-z]+/[A-Za-z0-9._-]+(?=["'\s,}])""")
# What has a reference of another kind, or another base for all.
_OTHER_REFERENCES = ("$dynamicRef", "$id", "$self", "externalValue", "discriminator")
_ANCHORS = ("$anchor", "$dynamicAnchor")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class _Base(NamedTuple):
    """The base of references: the source that they are relative to, and the zone of the document that they stand in.

    The two belong together: a document may state any base, and gets no rights with it.
    """

    source: Source
    zone: Zone


def bundle(document: Document, source: Source | None = None, reader: SourceReader | None = None) -> Document:
    """The document with all that it refers to; references that cannot be read stay, with the reason in `unreadable`."""
    if _refers_to_components_only(document):
        return document
    base = source_of(document.name) if source is None else source
    return _Bundle(document, base, reader or SourceReader()).document()


def _refers_to_components_only(document: Document) -> bool:
    """Whether every reference of a document is to a component of its own, by the text as it was written.

    Most are so. A search in the text takes a fifth of the time of the walk that looks for the others.
    """
    text = document.text.encoded
    is_3_2 = str(document.data.get("openapi")).startswith("3.2")  # which names schemes by URI
    if document.origins or is_3_2 or any(map(document.mentions, _OTHER_REFERENCES)):
        return False
    count = text.count(b"$ref")
    return count > 0 and count == sum(1 for _ in _TO_COMPONENT.finditer(text))


class _Bundle:
    """One document and the others that it refers to."""

    def __init__(self, document: Document, source: Source, reader: SourceReader) -> None:
        self._document = document
        self._reader = reader
        self._source = source
        self._files: dict[str, Document] = {}
        self._resources = _SchemaResources()
        is_old = is_swagger_2(document.data)
        self._is_3_2 = not is_old and str(document.data.get("openapi")).startswith("3.2")
        self._types = SWAGGER_2 if is_old else OPENAPI_3
        self._components: Mapping[str, Pointer] = COMPONENTS_2 if is_old else COMPONENTS_3
        self._refs: dict[tuple[str, Zone, str, str], str] = {}
        self._waiting: list[tuple[_Base, ObjectAt]] = []
        self._added: dict[Pointer, Any] = {}
        self._origins: dict[tuple[str, ...], Origin] = {}
        self._unreadable: dict[str, str] = {}
        self._notices: list[Problem] = []
        self._seen = VisitedObjects()
        self._add_file(document, source)

    def document(self) -> Document:
        """The bundled document."""
        data = self._document.data
        self._walk(_Base(self._source, self._document.text.zone), objects(data, self._types, seen=self._seen))
        while self._waiting:
            base, found = self._waiting.pop()
            self._walk(base, objects(found.node, self._types, found.object_type, found.link, self._seen))
        for (*container, name), piece in self._added.items():
            made_at(data, container)[str(name)] = piece
        moved = self._document.moved(data, self._origins, tuple(self._notices))
        moved.unreadable = self._unreadable
        return moved

    def _walk(self, file: _Base, found: Iterator[ObjectAt]) -> None:
        for one in found:
            node = one.node
            if _REFERRING.isdisjoint(node):
                continue
            base = self._resources.base_of(node, file)
            if "$ref" in node or "$dynamicRef" in node or "discriminator" in node:
                self._resolve(base, one)
            if "externalValue" in node and one.object_type == "example":
                self._load_example(base, one)
            if self._is_3_2 and "security" in node and one.object_type in ("document", "operation"):
                self._bundle_schemes(base, node["security"])

    def _load_example(self, base: _Base, found: ObjectAt) -> None:
        """Put the value of an example in another file into it, unless it has one; report a file that cannot be read."""
        name = found.node["externalValue"]
        here = pointer_of(found.link)
        if not isinstance(name, str) or _TEXTS_OF_EXAMPLES & found.node.keys():
            return
        try:
            value = example_value(self._reader.referenced(beside(base.source, name), base.zone).text, here)
        except (LookalikeError, ValueError) as error:
            what = f"the example in externalValue is not used: {str(error).partition(chr(10))[0]}"
            self._notices.append(self._document.problem(what, (*here, "externalValue"), "Write it as value"))
        else:
            del found.node["externalValue"]  # beside value, it is not allowed
            found.node["value"] = value

    def _bundle_schemes(self, base: _Base, requirements: Any) -> None:
        """Bundle the schemes that requirements name by the URI of another file (OpenAPI 3.2 section 4.30)."""
        for requirement in requirements if isinstance(requirements, list) else ():
            for name in [name for name in requirement if "#" in name] if isinstance(requirement, dict) else ():
                requirement[self._ref(base, name, "security-scheme")] = requirement.pop(name)

    def _resolve(self, base: _Base, found: ObjectAt) -> None:
        node, object_type = found.node, found.object_type
        if object_type == "schema":
            if isinstance(node.get("$dynamicRef"), str):  # as a plain reference at first (Core section 8.2.3.2)
                node["$dynamicRef"] = self._ref(base, node["$dynamicRef"], object_type)
            mapping = _mapping(node)
            for name, ref in mapping.items():
                if isinstance(ref, str) and re.search(r"[/#]|\.(json|ya?ml)$", ref):
                    mapping[name] = self._ref(base, ref, "schema")
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return
        if object_type in self._components and not _is_path(found.link):
            node["$ref"] = self._ref(base, ref, object_type)
        else:
            self._replace(base, found, ref)

    def _ref(self, base: _Base, ref: str, object_type: str) -> str:
        """The reference within the bundled document that replaces one in some file."""
        name, _, fragment = ref.partition("#")
        target = beside(base.source, name) if name else base.source
        key = (str(target), base.zone, fragment, object_type)
        if key not in self._refs:
            self._refs[key] = self._new_ref(target, base.zone, fragment, object_type)
        return self._refs[key]

    def _new_ref(self, target: Source, referrer: Zone, fragment: str, object_type: str) -> str:
        try:
            file, pointer = self._end(target, referrer, fragment)
            if file is self._document:
                return format_fragment(pointer)
            piece = value_at(file.data, pointer)
        except (LookalikeError, PointerError) as error:
            if target == self._source:
                return f"#{fragment}"
            outside = f"{target}#{fragment}"
            self._unreadable[outside] = str(error).partition("\n")[0]
            return outside
        place = self._free(object_type, str(pointer[-1]) if pointer else Path(str(target)).stem)
        self._added[place] = piece
        self._origins[tuple(map(str, place))] = Origin(pointer, file.text)
        if type(piece) is dict:
            self._waiting.append((_Base(target, file.text.zone), ObjectAt(_link(place), piece, object_type)))
        return format_fragment(place)

    def _end(self, target: Source, referrer: Zone, fragment: str) -> tuple[Document, Pointer]:
        """The file and the pointer in it that a reference leads to; raises `LookalikeError` if there is none."""
        embedded = self._resources.at(target)
        if embedded is None and str(target) not in self._files:
            self._add_file(load_referenced(target, referrer, self._reader), target)
            embedded = self._resources.at(target)  # the file may say that it is another resource
        file, root = embedded or (self._files[str(target)], ())
        self._reader.check(target, referrer, file.text.zone)  # another document may have been allowed to load it
        if fragment and not fragment.startswith("/"):
            anchored = self._resources.anchored(target, fragment) or _anchored_in(file, fragment)
            if anchored is not None:
                return file, anchored
        return file, file.straight_pointer(fragment, root)

    def _add_file(self, file: Document, source: Source) -> None:
        self._files[str(source)] = file
        if file.mentions("$id") or file.mentions("$self"):
            self._resources.add(file, source)

    def _free(self, object_type: str, wanted: str) -> Pointer:
        """A pointer among the components that is not taken, by the wanted name or with a number behind it."""
        container = self._components[object_type]
        components = find(self._document.data, container)
        taken = components if isinstance(components, dict) else {}
        name = stem = _UNFIT.sub("_", wanted).strip("_") or object_type
        number = 1
        while name in taken or (*container, name) in self._added:
            number += 1
            name = f"{stem}_{number}"
        return (*container, name)

    def _replace(self, base: _Base, found: ObjectAt, ref: str) -> None:
        """Replace a reference by the object that it leads to, with the members beside the reference kept."""
        own = {key: value for key, value in found.node.items() if key != "$ref"}
        try:
            file, pointer, piece = self._last(base, ref)
        except (LookalikeError, PointerError) as error:
            if not ref.startswith("#"):
                self._unreadable[ref] = str(error).partition("\n")[0]
            return
        if type(piece) is not dict or _holds(piece, found.node):
            return  # no object, or a circle
        self._walk(
            _Base(source_of(file.name), file.text.zone),
            objects(piece, self._types, found.object_type, _link(pointer), self._seen),
        )
        here = pointer_of(found.link)
        self._origins[tuple(map(str, here))] = Origin(pointer, None if file is self._document else file.text)
        self._origins.update({(*map(str, here), key): Origin((*here, key)) for key in own})
        found.node.clear()
        found.node.update({**piece, **own})

    def _last(self, base: _Base, ref: str) -> tuple[Document, Pointer, Any]:
        """The end of a chain of references across files: its file, its place there, and itself.

        Raises `LookalikeError` or `PointerError` if it leads nowhere, or back to itself.
        """
        here, zone = base
        file: Document = self._document
        pointer: Pointer = ()

        def step(ref: str) -> Any:
            nonlocal here, zone, file, pointer
            name, _, fragment = ref.partition("#")
            here = beside(here, name) if name else here  # each reference is relative to the file that it stands in
            file, pointer = self._end(here, zone, fragment)
            zone = file.text.zone
            return value_at(file.data, pointer)

        piece = dereference({"$ref": ref}, step)
        return file, pointer, piece


def _is_path(link: Any) -> bool:
    """Whether a link is to a path item, which stays in place: routing reads the path items of a document itself."""
    return link is not None and link[0] == (None, "paths")


def _holds(node: Any, inner: Any) -> bool:
    """Whether an object is inside another, or is it."""
    waiting, passed = [node], set()
    while waiting:
        one = waiting.pop()
        if one is inner:
            return True
        if isinstance(one, (dict, list)) and id(one) not in passed:
            passed.add(id(one))
            waiting += one.values() if isinstance(one, dict) else one
    return False


def _mapping(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping of the discriminator of a schema, or an empty one."""
    discriminator = schema.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, Mapping) else None
    return mapping if isinstance(mapping, dict) else {}


def _link(pointer: Pointer) -> Any:
    link: Any = None
    for token in pointer:
        link = (link, token)
    return link


def _anchored_in(file: Document, anchor: str) -> Pointer | None:
    """The pointer to the schema with an anchor in a file, in any of its resources."""
    waiting: list[tuple[Any, Any]] = [(None, file.data)]
    while waiting:
        link, node = waiting.pop()
        if isinstance(node, Mapping):
            if any(node.get(name) == anchor for name in _ANCHORS):
                return pointer_of(link)
            waiting += [((link, key), inner) for key, inner in node.items()]
        elif isinstance(node, list):
            waiting += [((link, index), inner) for index, inner in enumerate(node)]
    return None


class _SchemaResources:
    """The schema resources of all files: schemas with an `$id`, which is the base URI of the references inside of them.

    JSON Schema Core sections 8.2.1 and 8.2.2, and `$self` of a document (OpenAPI 3.2 section 4.1.2.1).
    """

    def __init__(self) -> None:
        self._roots: dict[str, tuple[Document, Pointer]] = {}
        self._anchors: dict[tuple[str, str], Pointer] = {}
        self._bases: dict[int, _Base] = {}

    def at(self, target: Source) -> tuple[Document, Pointer] | None:
        """The file that holds a resource, and the pointer to it there."""
        return self._roots.get(str(target))

    def anchored(self, target: Source, anchor: str) -> Pointer | None:
        """The pointer to the schema with an anchor in a resource, in the file that holds it."""
        return self._anchors.get((str(target), anchor))

    def base_of(self, node: Mapping[str, Any], file: _Base) -> _Base:
        """The base of the references in an object: that of the resource around it, else its file."""
        return self._bases.get(id(node), file)

    def add(self, file: Document, source: Source) -> None:
        """Add the resources of a file."""
        own = file.data.get("$self") if isinstance(file.data, Mapping) else None
        if isinstance(own, str):
            self._roots[str(beside(source, own.partition("#")[0]))] = (file, ())
        waiting: list[tuple[Any, Any, Source]] = [(None, file.data, source)]
        while waiting:
            link, node, base = waiting.pop()
            if isinstance(node, list):
                waiting += [((link, index), inner, base) for index, inner in enumerate(node)]
            if not isinstance(node, dict) or id(node) in self._bases:
                continue
            name = node.get("$id")
            if isinstance(name, str) and not name.startswith("#"):  # drafts before 2019-09 wrote anchors so
                base = beside(base, name.partition("#")[0])
                self._roots.setdefault(str(base), (file, pointer_of(link)))
            for keyword in _ANCHORS:
                if isinstance(node.get(keyword), str):
                    self._anchors.setdefault((str(base), node[keyword]), pointer_of(link))
            self._bases[id(node)] = _Base(base, file.text.zone)
            waiting += [((link, key), inner, base) for key, inner in node.items() if key not in _DATA]


# Members that hold data, in which `$id` is no keyword.
_DATA = frozenset({"const", "default", "enum", "example", "examples", "value"})
