"""Documents: the contract that a mock serves, its page for readers, and the document of the control API itself."""

from pathlib import Path

import flask

from lookalike.openapi.document import load_document
from lookalike.server.control.messages import Routes, json_response, problem
from lookalike.service import MockService

DOCUMENT = Path(__file__).with_name("control.openapi.yaml")


def get_contract(mock: MockService) -> flask.Response:
    """The OpenAPI document that the mock serves."""
    return json_response(mock.model.contract.document.data)


def get_reference(base_path: str, mock: MockService) -> flask.Response:
    """The document for readers: with clauses, readings and the grounds of inferred facts in its descriptions."""
    from lookalike.server.reference_page import reference_document

    return json_response(reference_document(mock.model.contract, base_path))


def reference_page(name: str) -> flask.Response:
    """A file of the page for readers, or the extra that it needs."""
    from lookalike.server.reference_page import REMEDY, is_installed, page_response

    return page_response(name) if is_installed() else problem(404, REMEDY)


def get_openapi(_: MockService) -> flask.Response:
    """The OpenAPI document of the control API, with the path that it is served below."""
    served = flask.request.path.removesuffix("/openapi.json")
    return json_response({**load_document(DOCUMENT).data, "servers": [{"url": served}]})


ROUTES: Routes = (
    ("/contract", "GET", get_contract),
    ("/openapi.json", "GET", get_openapi),
)
