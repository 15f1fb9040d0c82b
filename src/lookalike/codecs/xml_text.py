"""XML as values, by what a schema says under `xml` (OpenAPI 3.1 section 4.8.26).

Documents with a document type are refused, so that there are no entities to expand and nothing outside is asked for.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from lookalike.codecs.coercion import coerce_scalar
from lookalike.codecs.json_text import MAX_DEPTH, DecodeError
from lookalike.schema.generation.alternatives import Nodes, forms
from lookalike.schema.generation.rules import item, member
from lookalike.schema.value_types import ValueType


@dataclass(slots=True)
class Element:
    """An element; names are without their prefixes."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""


def from_xml(body: bytes, kind: ValueType) -> Any:
    """The value of an XML document; raises `DecodeError`."""
    root, named = _parse(body), _local(str(kind.keyword("xml", {}).get("name", "")))
    if named and root.name != named:
        raise DecodeError(f"its root is {root.name}, not {named}")
    return _value(root, kind)


def _parse(body: bytes) -> Element:
    top = Element("", {})
    open_: list[Element] = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_) > MAX_DEPTH:
            raise DecodeError(f"it is nested deeper than {MAX_DEPTH} levels")
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        open_[-1].children.append(element)
        open_.append(element)

    def text(part: str) -> None:
        open_[-1].text += part

    def refuse(*_: object) -> None:
        raise DecodeError("a document type is not allowed")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: open_.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # an unknown encoding is one of the others
        raise error if isinstance(error, DecodeError) else DecodeError(str(error)) from None
    return top.children[0]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _value(element: Element, kind: ValueType) -> Any:
    types = kind.types or frozenset()
    if "object" in types or (kind.types is None and element.children):
        return _object(element, kind)
    if "array" in types:
        return [_value(child, kind.item()) for child in element.children]
    return coerce_scalar(element.text.strip() if types - {"string"} else element.text, kind)


def _object(element: Element, kind: ValueType) -> dict[str, Any]:
    found: dict[str, Any] = {}
    used: set[str] = set()
    for name in kind.properties:
        member = kind.member(name)
        hints = member.keyword("xml", {})
        own = hints.get("name", name)
        if hints.get("attribute"):
            if own in element.attributes:
                found[name] = coerce_scalar(element.attributes[own], member)
        elif member.types is not None and "array" in member.types:
            found |= _list(element, name, own, member, used)
        else:
            used.add(own)
            values = [_value(child, member) for child in _named(element, own)]
            found |= {name: values[-1]} if values else {}
    others = (child for child in element.children if child.name not in used)
    return found | {child.name: _value(child, kind.member(child.name)) for child in others}


def _list(element: Element, name: str, own: str, kind: ValueType, used: set[str]) -> dict[str, Any]:
    """The items of an array, in an element of their own where they are wrapped; else they are named as one item is."""
    item = kind.item()
    if kind.keyword("xml", {}).get("wrapped"):
        used.add(own)
        wrappers = list(_named(element, own))
        return {name: [_value(part, item) for part in wrappers[-1].children]} if wrappers else {}
    each = item.keyword("xml", {}).get("name", name)
    used.add(each)
    values = [_value(child, item) for child in _named(element, each)]
    return {name: values} if values else {}


def _named(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element.children if child.name == name)


Resolve = Callable[[str], Any]


_IS_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z", re.ASCII).match


def to_xml(value: Any, schema: Any, resolve: Resolve, matches: Callable[[str, str], bool]) -> str:
    """A document whose root is named by the schema, or by the component that it refers to."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _Writer(resolve, matches).root(value, schema)


class _Writer:
    def __init__(self, resolve: Resolve, matches: Callable[[str, str], bool]) -> None:
        self._resolve = resolve
        self._matches = matches

    def root(self, value: Any, schema: Any) -> str:
        form = self._form((schema,))
        named = next((node["$ref"].rpartition("/")[2] for node in form if "$ref" in node), "root")
        return self._element(named, {**value} if isinstance(value, dict) else value, form, wrapped=True)

    def _form(self, nodes: Nodes) -> Nodes:
        return next(forms(nodes, self._resolve), ())

    def _element(self, name: str, value: Any, form: Nodes, wrapped: bool = False) -> str:
        """An element; of a list, one for each item, inside of one more where it is wrapped."""
        hints = _hints(form)
        if isinstance(value, list):
            inner = "".join(self._element(self._item_name(name, form), one, self._item(form)) for one in value)
            return _tag(_qualified(hints, name), hints, "", inner) if wrapped or hints.get("wrapped") else inner
        if not isinstance(value, dict):
            return _tag(_qualified(hints, name), hints, "", _text(value))
        parts = [(key, one, self._form(member(form, key, self._matches))) for key, one in value.items()]
        attributes = "".join(_attribute(*part) for part in parts if _is_attribute(part[1], part[2]))
        inner = "".join(self._element(*part) for part in parts if not _is_attribute(part[1], part[2]))
        return _tag(_qualified(hints, name), hints, attributes, inner)

    def _item(self, form: Nodes) -> Nodes:
        return self._form(item(form, 0))

    def _item_name(self, name: str, form: Nodes) -> str:
        return _hints(self._item(form)).get("name") or name


def _hints(form: Nodes) -> Mapping[str, Any]:
    return next((node["xml"] for node in form if isinstance(node.get("xml"), Mapping)), {})


def _qualified(hints: Mapping[str, Any], name: str) -> str:
    local = _safe(str(hints.get("name") or name))
    return f"{_safe(hints['prefix'])}:{local}" if hints.get("prefix") else local


def _safe(name: str) -> str:
    whole = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return whole if _IS_NAME(whole) else f"_{whole}"


def _is_attribute(value: Any, form: Nodes) -> bool:
    return _hints(form).get("attribute") is True and not isinstance(value, (dict, list))


def _attribute(name: str, value: Any, form: Nodes) -> str:
    return f" {_qualified(_hints(form), name)}={quoteattr(_plain(value))}"


def _tag(name: str, hints: Mapping[str, Any], attributes: str, inner: str) -> str:
    space = ""
    if hints.get("namespace"):
        prefix = f":{_safe(hints['prefix'])}" if hints.get("prefix") else ""
        space = f" xmlns{prefix}={quoteattr(str(hints['namespace']))}"
    return f"<{name}{space}{attributes}>{inner}</{name}>"


def _text(value: Any) -> str:
    return escape(_plain(value))


def _plain(value: Any) -> str:
    text = {None: "", True: "true", False: "false"}.get(value) if value is None or isinstance(value, bool) else None
    return "".join(_characters(str(value))) if text is None else text


def _characters(text: str) -> Iterator[str]:
    """The characters that XML can hold (XML 1.0 section 2.2)."""
    return (c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
