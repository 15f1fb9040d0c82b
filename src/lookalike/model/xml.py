"""XML of a value, as the `xml` of its schema has it: name, attribute, wrapped, prefix and namespace (OpenAPI 3.1)."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lookalike.schema.generation.alternatives import Nodes, forms
from lookalike.schema.generation.rules import item, member

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
            return _tag(_named(hints, name), hints, "", inner) if wrapped or hints.get("wrapped") else inner
        if not isinstance(value, dict):
            return _tag(_named(hints, name), hints, "", _text(value))
        parts = [(key, one, self._form(member(form, key, self._matches))) for key, one in value.items()]
        attributes = "".join(_attribute(*part) for part in parts if _is_attribute(part[1], part[2]))
        inner = "".join(self._element(*part) for part in parts if not _is_attribute(part[1], part[2]))
        return _tag(_named(hints, name), hints, attributes, inner)

    def _item(self, form: Nodes) -> Nodes:
        return self._form(item(form, 0))

    def _item_name(self, name: str, form: Nodes) -> str:
        return _hints(self._item(form)).get("name") or name


def _hints(form: Nodes) -> Mapping[str, Any]:
    return next((node["xml"] for node in form if isinstance(node.get("xml"), Mapping)), {})


def _named(hints: Mapping[str, Any], name: str) -> str:
    local = _safe(str(hints.get("name") or name))
    return f"{_safe(hints['prefix'])}:{local}" if hints.get("prefix") else local


def _safe(name: str) -> str:
    whole = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return whole if _IS_NAME(whole) else f"_{whole}"


def _is_attribute(value: Any, form: Nodes) -> bool:
    return _hints(form).get("attribute") is True and not isinstance(value, (dict, list))


def _attribute(name: str, value: Any, form: Nodes) -> str:
    return f" {_named(_hints(form), name)}={quoteattr(_plain(value))}"


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
