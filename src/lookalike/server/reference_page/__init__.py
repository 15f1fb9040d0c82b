"""The reference page: the document as RapiDoc shows it, with its clauses and readings and what was inferred of it.

RapiDoc is a bundle that the extra `docs` brings; the page needs nothing from another host. Like the console, the files
are open to every client, and the script asks the control API for the document.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask

from lookalike.contract.contract import Contract, Operation
from lookalike.readings import Reading
from lookalike.server.page_files import page_file
from lookalike.verify.clauses import clauses_of

REMEDY = "the reference page needs the extra docs: pip install 'lookalike[docs]'"

_FOLDER = Path(__file__).parent
_PACKAGE = "flask_openapi3_rapidoc"
_BUNDLE = "templates/rapidoc/js/rapidoc-min.js"
# RapiDoc writes styles into its elements. No script but those of the page runs, whatever the document's Markdown has.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {"docs": "text/html", "docs.js": "text/javascript", "rapidoc.js": "text/javascript"}
_FILES = {"docs": "docs.html", "docs.js": "docs.js"}


def is_installed() -> bool:
    """Whether the bundle is there."""
    return find_spec(_PACKAGE) is not None


def page_response(name: str) -> flask.Response:
    """The response with a file of the page."""
    return page_file(_content(name), _TYPES[name], _POLICY)


@cache
def _content(name: str) -> bytes:
    if name in _FILES:
        return (_FOLDER / _FILES[name]).read_bytes()
    return files(_PACKAGE).joinpath(_BUNDLE).read_bytes()


def reference_document(contract: Contract, base_path: str) -> dict[str, Any]:
    """The document of a contract with one server, and with clauses, readings and grounds in its descriptions."""
    document = contract.document.data
    by_place = {(one.path, one.method.lower()): one for one in contract.operations}
    paths = {
        path: {
            name: _described(value, _of_operation(contract, by_place[path, name]))
            if (path, name) in by_place
            else value
            for name, value in item.items()
        }
        if isinstance(item, Mapping)
        else item
        for path, item in document.get("paths", {}).items()
    }
    info = _described(document.get("info", {}), _of_document(contract))
    return {**document, "info": info, "paths": paths, "servers": [{"url": base_path or "/"}]}


def _described(value: Mapping[str, Any], lines: Iterator[str]) -> dict[str, Any]:
    described = "\n".join([value.get("description") or "", "", *lines])
    return {**value, "description": described.strip()}


def _of_operation(contract: Contract, operation: Operation) -> Iterator[str]:
    clauses = [one for one in clauses_of(contract).values() if one.id.rpartition(".")[0] == operation.id]
    if clauses:
        yield from ("**Clauses**", "", *(f"- `{one.id}`: {one.statement}" for one in clauses), "")
    if operation.grounds:
        grounds = (f"- `{fact}`: {ground}" for fact, ground in operation.grounds.items())
        yield from ("**Inferred from the document, each fact with its ground**", "", *grounds, "")


def _of_document(contract: Contract) -> Iterator[str]:
    ids = {one.id for one in contract.operations}
    stated = [one for one in clauses_of(contract).values() if one.id.rpartition(".")[0] not in ids]
    if stated:
        lines = (f"- `{one.id}`: {one.statement} ({', '.join(one.sources)})" for one in stated)
        yield from ("**Clauses**", "", *lines, "")
    for reading in contract.readings.values():
        yield from _of_reading(reading)


def _of_reading(reading: Reading) -> Iterator[str]:
    yield from (f"**Reading `{reading.id}`**: {reading.question}", "")
    for id, statement in reading.choices.items():
        yield f"- `{id}`{' (the default)' if id == reading.default else ''}: {statement}"
    yield ""
