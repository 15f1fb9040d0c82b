"""Contracts of documents that tests write."""

from lookalike.contract.contract import Contract
from lookalike.contract.reader import compiled_contract
from lookalike.contract.reference_checks import reference_problems
from lookalike.errors import DocumentError
from lookalike.openapi.document import Document
from lookalike.openapi.structure import structure_problems


def read_contract(document: Document) -> Contract:
    """The contract of an OpenAPI 3.1 document, with inferred semantics; a document with any problem is an error."""
    problems = structure_problems(document) or reference_problems(document)
    if problems:
        raise DocumentError(problems)
    return compiled_contract(document)
