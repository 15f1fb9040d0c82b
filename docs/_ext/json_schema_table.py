"""The directive `json-schema`: a table of the members that a JSON Schema of this project describes."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec

ROOT = Path(__file__).parents[2]
Schema = Mapping[str, Any]


class JsonSchemaTable(SphinxDirective):
    """A table of the members of a schema file.

    `:definition:` names one of its `$defs` in place of the whole; with `:inline:`, the members of the definitions that
    it refers to are listed too.
    """

    required_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"definition": directives.unchanged_required, "inline": directives.flag}

    def run(self) -> list[nodes.Node]:
        """The table, parsed by the parser of the page."""
        file = ROOT / self.arguments[0]
        self.env.note_dependency(str(file))
        root = json.loads(file.read_text(encoding="utf-8"))
        schema = root["$defs"][self.options["definition"]] if "definition" in self.options else root
        definitions = root["$defs"] if "inline" in self.options else {}
        return self.parse_text_to_nodes(markdown_table(schema, definitions))


def markdown_table(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    """A Markdown table with a row for each member, at any depth, that the schema describes."""
    rows = (_row(path, member, required) for path, member, required in members(schema, definitions))
    return "\n".join(["| member | type | |", "| --- | --- | --- |", *rows])


def members(schema: Schema, definitions: Mapping[str, Schema], path: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """The members below a schema with their paths: `a.b` in an object, `a[]` in a list, `a.NAME` under any name."""
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield below, member, name in required
        yield from members(_inlined(member, definitions), definitions, below)
    for keyword, suffix in (("items", "[]"), ("additionalProperties", ".NAME")):
        inner = schema.get(keyword)
        if isinstance(inner, Mapping):
            yield from members(inner, definitions, f"{path}{suffix}".removeprefix("."))
    then = schema.get("then")  # an object in place of a plain value
    if isinstance(then, Mapping) and "properties" in then:
        yield from members({"properties": _own(then)}, definitions, path)


def _own(schema: Schema) -> Schema:
    """The members of a conditional object, without `choices`, which every setting may have."""
    return {name: member for name, member in schema["properties"].items() if name != "choices"}


def _inlined(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    return definitions.get(name, schema)


def _row(path: str, schema: Schema, required: bool) -> str:
    text = _text(schema).replace("|", "\\|").replace("<", "&lt;")
    return f"| `{path}` | {_type(schema)} | {'required. ' if required else ''}{text} |"


def _text(schema: Schema) -> str:
    text: str = schema.get("description", "")
    return text


def _type(schema: Schema) -> str:
    """The type of a value, its only values, or the name of the definition that it refers to."""
    if "else" in schema and "type" not in schema:  # a plain value, or one that depends on a reading
        return _type(schema["else"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "$ref" in schema and "type" not in schema:
        name: str = schema["$ref"].rpartition("/")[2]
        return name
    names = schema.get("type", "any")
    return names if isinstance(names, str) else " or ".join(names)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("json-schema", JsonSchemaTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
