"""XML as values, by what a schema says under `xml` (OpenAPI 3.1 section 4.8.26).

Documents with a document type are refused, so that there are no entities to expand and nothing outside is asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lookalike.codecs.coercion import scalar
from lookalike.codecs.json_text import MAX_DEPTH, Unparsable
from lookalike.schema.value_types import Kind


@dataclass(slots=True)
class Element:
    """An element; names are without their prefixes."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""


def from_xml(body: bytes, kind: Kind) -> Any:
    """The value of an XML document; raises `Unparsable`."""
    root, named = _parse(body), _local(str(kind.keyword("xml", {}).get("name", "")))
    if named and root.name != named:
        raise Unparsable(f"its root is {root.name}, not {named}")
    return _value(root, kind)


def _parse(body: bytes) -> Element:
    top = Element("", {})
    open_: list[Element] = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_) > MAX_DEPTH:
            raise Unparsable(f"it is nested deeper than {MAX_DEPTH} levels")
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        open_[-1].children.append(element)
        open_.append(element)

    def text(part: str) -> None:
        open_[-1].text += part

    def refuse(*_: object) -> None:
        raise Unparsable("a document type is not allowed")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: open_.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # an unknown encoding is one of the others
        raise error if isinstance(error, Unparsable) else Unparsable(str(error)) from None
    return top.children[0]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _value(element: Element, kind: Kind) -> Any:
    types = kind.types or frozenset()
    if "object" in types or (kind.types is None and element.children):
        return _object(element, kind)
    if "array" in types:
        return [_value(child, kind.item()) for child in element.children]
    return scalar(element.text.strip() if types - {"string"} else element.text, kind)


def _object(element: Element, kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {}
    used: set[str] = set()
    for name in kind.properties:
        member = kind.member(name)
        hints = member.keyword("xml", {})
        own = hints.get("name", name)
        if hints.get("attribute"):
            if own in element.attributes:
                found[name] = scalar(element.attributes[own], member)
        elif member.types is not None and "array" in member.types:
            found |= _list(element, name, own, member, used)
        else:
            used.add(own)
            values = [_value(child, member) for child in _named(element, own)]
            found |= {name: values[-1]} if values else {}
    others = (child for child in element.children if child.name not in used)
    return found | {child.name: _value(child, kind.member(child.name)) for child in others}


def _list(element: Element, name: str, own: str, kind: Kind, used: set[str]) -> dict[str, Any]:
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
