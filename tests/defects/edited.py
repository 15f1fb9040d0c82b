"""Servers made mechanically: they follow a document in which one thing was changed."""

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from lookalike.assembly import bundled_document, token_tables
from lookalike.http import Handler
from lookalike.model.behaviour import Model
from lookalike.openapi.document import parse_document
from lookalike.openapi.yaml_text import load_yaml
from lookalike.service import MockService
from tests.defects.defect import Behave, DefectiveMock
from tests.support.contracts import read_contract
from tests.support.in_process import CONTRACT, PARTS

PATH = "/leads/{contact-number}/update"

Edit = Callable[[Any], None]


def following(edit: Edit) -> Behave:
    """A server that follows the document after an edit of its data, on the state of the mock that it stands for."""

    def behave(mock: DefectiveMock) -> Handler:
        return MockService(_model(edit), mock._store, mock.choices, copy.deepcopy(PARTS.data)).handle

    return behave


@cache
def _model(edit: Edit) -> Model:
    document = copy.deepcopy(CONTRACT.document.data)
    edit(document)
    tokens = load_yaml(bundled_document().parent / "fixtures" / "tokens.yaml")
    return Model(read_contract(parse_document(json.dumps(document), "edited.json")), token_tables(tokens, "tokens"))


def at(document: Any, *tokens: str | int) -> Any:
    """What a path of members leads to."""
    for token in tokens:
        document = document[token]
    return document


def operation(*tokens: str | int) -> tuple[str | int, ...]:
    return ("paths", PATH, "put", *tokens)


def schema(*tokens: str | int) -> tuple[str | int, ...]:
    return ("components", "schemas", *tokens)


def step(index: int, *tokens: str | int) -> tuple[str | int, ...]:
    return operation("x-lookalike", "apply", index, *tokens)


def answer(status: str, *tokens: str | int) -> tuple[str | int, ...]:
    """The body of an answer: its template, or its example."""
    if status == "400":
        return operation("responses", status, "x-lookalike", "body", *tokens)
    example = {"201": "updated", "401": "unauthorized", "404": "unknown-lead"}[status]
    return operation("responses", status, "content", "application/json", "examples", example, "value", *tokens)


def setting(place: tuple[str | int, ...], value: Any) -> Behave:
    """A server that follows the document with something else at a place."""

    def edit(document: Any) -> None:
        at(document, *place[:-1])[place[-1]] = copy.deepcopy(value)

    return following(edit)


def without(*place: str | int) -> Behave:
    """A server that follows the document without what is at a place."""

    def edit(document: Any) -> None:
        del at(document, *place[:-1])[place[-1]]

    return following(edit)


def succeeding_with(status: str, content: bool) -> Behave:
    """A server whose success has another status, with the body that says so or with none."""

    def edit(document: Any) -> None:
        answers = at(document, *operation("responses"))
        answers[status] = answers.pop("201") if content else {"description": "Done."}
        at(document, *operation("x-lookalike"))["answer"] = status
        if content:
            at(
                document, *operation("responses", status, "content", "application/json", "examples", "updated", "value")
            )["status"] = int(status)

    return following(edit)
