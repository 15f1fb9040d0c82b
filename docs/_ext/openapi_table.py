"""The directive `openapi`: the operations of an OpenAPI document of this project, in tables."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).parents[2]
Document = Mapping[str, Any]


class OpenAPITable(SphinxDirective):
    """A table of the operations of a document file, and one of the parameters in their queries."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The tables, parsed by the parser of the page."""
        file = ROOT / self.arguments[0]
        self.env.note_dependency(str(file))
        return self.parse_text_to_nodes(markdown(yaml.safe_load(file.read_text(encoding="utf-8"))))


def markdown(document: Document) -> str:
    """The tables as Markdown."""
    return "\n".join([*_operations(document), "", *_query_parameters(document)])


def _operations(document: Document) -> Iterator[str]:
    prefix = document["servers"][0]["url"]
    yield "| operation | answers | |"
    yield "| --- | --- | --- |"
    for method, path, operation in _each(document):
        answers = ", ".join(status for status in operation["responses"] if status != "default")
        yield f"| `{method} {prefix}{path}` | {answers} | {operation['summary']} |"


def _query_parameters(document: Document) -> Iterator[str]:
    yield "| query parameter | of | |"
    yield "| --- | --- | --- |"
    for method, path, operation in _each(document):
        for parameter in operation.get("parameters", ()):
            yield f"| `{parameter['name']}` | `{method} {path}` | {_meaning(parameter)} |"


def _meaning(parameter: Document) -> str:
    described: str | None = parameter.get("description")
    return described or "{minimum} to {maximum}, by default {default}".format(**parameter["schema"])


def _each(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("openapi", OpenAPITable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
