"""XML documents as values, by the `xml` objects of a schema (OpenAPI 3.1 section 4.8.26), read and written.

Documents with a document type are refused, so that there are no entities to expand and nothing outside is loaded.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lookalike.codecs.charsets import is_charset, shown_charset
from lookalike.codecs.coercion import coerce_scalar
from lookalike.codecs.json_text import MAX_DEPTH, DecodeError
from lookalike.pacing import spend, timed
from lookalike.schema.generation.alternatives import Conjunction, alternatives
from lookalike.schema.generation.rules import item_schemas, member_schemas
from lookalike.schema.value_types import ValueType

MAX_ELEMENTS = 20_000
_TAGS_PER_STEP = 20

# --- Bytes to values ---


@dataclass(slots=True)
class Element:
    """An element of a document; its name and those of its attributes are without their prefixes."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """The text between the children; joined when it is asked for, since adding piece by piece copies all before."""

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.texts)


def from_xml(body: bytes, value_type: ValueType) -> Any:
    """The value of an XML document; raises `DecodeError`."""
    root, expected = _parse(body), _local_name(str(value_type.keyword("xml", {}).get("name", "")))
    if expected and root.name != expected:
        raise DecodeError(f"its root is {root.name}, not {expected}")
    return _value(root, value_type)


class _TreeBuilder:
    """Builds elements from the events of a parser; raises `DecodeError` for what is not read."""

    def __init__(self) -> None:
        self._document = Element("", {})
        self._open = [self._document]
        self._count = 0

    @property
    def root(self) -> Element:
        """The root of a document that was parsed to its end."""
        return self._document.children[0]

    def declare(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and not is_charset(encoding):
            raise DecodeError(f"its encoding {shown_charset(encoding)} is unknown")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if self._count > MAX_ELEMENTS:
            raise DecodeError(f"it has more than {MAX_ELEMENTS:,} elements and attributes")
        if len(self._open) > MAX_DEPTH:
            raise DecodeError(f"it is nested deeper than {MAX_DEPTH} levels")
        element = Element(_local_name(name), {_local_name(key): value for key, value in attributes.items()})
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, name: str) -> None:
        self._open.pop()

    def text(self, part: str) -> None:
        self._open[-1].texts.append(part)

    def refuse_document_type(self, *_: object) -> None:
        raise DecodeError("a document type is not allowed")


def _parse(body: bytes) -> Element:
    spend(body.count(b"<") // _TAGS_PER_STEP)
    builder = _TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = builder.declare
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse_document_type
    try:
        parser.Parse(body, True)
    except DecodeError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two for an unknown encoding
        raise DecodeError(str(error)) from None
    return builder.root


def _local_name(name: str) -> str:
    return name.rpartition(":")[2]


def _value(element: Element, value_type: ValueType) -> Any:
    types = value_type.types or frozenset()
    if "object" in types or (value_type.types is None and element.children):
        return _object(element, value_type)
    if "array" in types:
        return [_value(child, value_type.item()) for child in element.children]
    return coerce_scalar(element.text.strip() if types - {"string"} else element.text, value_type)


def _object(element: Element, value_type: ValueType) -> dict[str, Any]:
    found: dict[str, Any] = {}
    read: set[str] = set()
    children = _children_by_name(element)  # once, since a schema may have as many members as there are children
    for name in value_type.properties:
        member_type = value_type.member(name)
        hints = member_type.keyword("xml", {})
        own_name = hints.get("name", name)
        if hints.get("attribute"):
            if own_name in element.attributes:
                found[name] = coerce_scalar(element.attributes[own_name], member_type)
        elif member_type.types is not None and "array" in member_type.types:
            child_name, items = _array(children, name, own_name, member_type)
            read.add(child_name)
            found |= {} if items is None else {name: items}
        else:
            read.add(own_name)
            values = [_value(child, member_type) for child in children.get(own_name, ())]
            found |= {name: values[-1]} if values else {}
    others = (child for child in element.children if child.name not in read)
    return found | {child.name: _value(child, value_type.member(child.name)) for child in others}


def _array(
    children: Mapping[str, list[Element]], name: str, own_name: str, value_type: ValueType
) -> tuple[str, list[Any] | None]:
    """The name of the elements of an array, and its items, None if there is no such element.

    A wrapped array has an element of its own around its items; else each item is a child, under the item's name.
    """
    item_type = value_type.item()
    if value_type.keyword("xml", {}).get("wrapped"):
        wrappers = children.get(own_name, ())
        return own_name, [_value(child, item_type) for child in wrappers[-1].children] if wrappers else None
    item_name = item_type.keyword("xml", {}).get("name", name)
    return item_name, [_value(child, item_type) for child in children.get(item_name, ())] or None


def _children_by_name(element: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for child in element.children:
        found.setdefault(child.name, []).append(child)
    return found


# --- Values to bytes ---

ResolveReference = Callable[[str], Any]

_IS_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z", re.ASCII).match
_LITERALS = {None: "", True: "true", False: "false"}


def to_xml(value: Any, schema: Any, resolve: ResolveReference, matches: Callable[[str, str], bool]) -> str:
    """The document of a value; its root is named by the schema, else by the component that the schema refers to.

    `resolve` follows a `$ref`, and `matches` says whether a name matches a pattern of `patternProperties`.
    """
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _Writer(resolve, matches).root(value, schema)


class _Writer:
    """Writes values as elements, by the first alternative of each schema."""

    def __init__(self, resolve: ResolveReference, matches: Callable[[str, str], bool]) -> None:
        self._resolve = resolve
        self._matches = matches

    def root(self, value: Any, schema: Any) -> str:
        nodes = self._flattened((schema,))
        named = next((node["$ref"].rpartition("/")[2] for node in nodes if "$ref" in node), "root")
        return self._element(named, {**value} if isinstance(value, dict) else value, nodes, wrapped=True)

    def _flattened(self, nodes: Conjunction) -> Conjunction:
        return next(alternatives(nodes, self._resolve), ())

    def _element(self, name: str, value: Any, nodes: Conjunction, wrapped: bool = False) -> str:
        """An element; an array is one for each item, within one more where it is wrapped."""
        hints = _hints(nodes)
        if isinstance(value, list):
            is_wrapped = wrapped or bool(hints.get("wrapped"))
            item_nodes = self._item(nodes)
            # Without a name of its own, an item has that of the array: the wrapper's where there is one, else the name
            # of the member, on which `xml.name` of an array has no effect then.
            item_name = _hints(item_nodes).get("name") or (hints.get("name") if is_wrapped else None) or name
            inner = "".join(self._element(item_name, one, item_nodes) for one in timed(value))
            return _tag(_qualified(hints, name), hints, "", inner) if is_wrapped else inner
        if not isinstance(value, dict):
            return _tag(_qualified(hints, name), hints, "", _text(value).translate(_IN_TEXT))
        parts = [(key, one, self._flattened(member_schemas(nodes, key, self._matches))) for key, one in value.items()]
        attributes = "".join(_attribute(*part) for part in parts if _is_attribute(part[1], part[2]))
        inner = "".join(self._element(*part) for part in parts if not _is_attribute(part[1], part[2]))
        return _tag(_qualified(hints, name), hints, attributes, inner)

    def _item(self, nodes: Conjunction) -> Conjunction:
        return self._flattened(item_schemas(nodes, 0))


def _hints(nodes: Conjunction) -> Mapping[str, Any]:
    """The first `xml` object of a schema."""
    return next((node["xml"] for node in nodes if isinstance(node.get("xml"), Mapping)), {})


def _qualified(hints: Mapping[str, Any], name: str) -> str:
    local = _safe_name(str(hints.get("name") or name))
    return f"{_safe_name(hints['prefix'])}:{local}" if hints.get("prefix") else local


def _safe_name(name: str) -> str:
    """A name that XML allows; members of JSON objects may have any."""
    whole = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return whole if _IS_NAME(whole) else f"_{whole}"


def _is_attribute(value: Any, nodes: Conjunction) -> bool:
    return _hints(nodes).get("attribute") is True and not isinstance(value, (dict, list))


def _attribute(name: str, value: Any, nodes: Conjunction) -> str:
    return f" {_qualified(_hints(nodes), name)}={_quoted(_text(value))}"


def _quoted(text: str) -> str:
    return f'"{text.translate(_IN_ATTRIBUTE)}"'


# The same as in xml.sax.saxutils, which imports an HTTP client: a tenth of the modules of a mock.
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_IN_ATTRIBUTE = {**_IN_TEXT, **str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})}


def _tag(name: str, hints: Mapping[str, Any], attributes: str, inner: str) -> str:
    namespace = ""
    if hints.get("namespace"):
        prefix = f":{_safe_name(hints['prefix'])}" if hints.get("prefix") else ""
        namespace = f" xmlns{prefix}={_quoted(str(hints['namespace']))}"
    return f"<{name}{namespace}{attributes}>{inner}</{name}>"


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return _LITERALS[value]
    return "".join(filter(_is_character, str(value)))


def _is_character(c: str) -> bool:
    """Whether XML can hold a character (XML 1.0 section 2.2)."""
    return c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
