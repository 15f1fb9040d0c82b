"""Generated inputs: queries and bodies that Schemathesis generates from a document, valid or not."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike.codecs.media_types import is_form, is_writable
from lookalike.contract.contract import Operation
from lookalike.contract.requests import MediaType
from lookalike.http import SAFE
from lookalike.json_values import ABSENT, Pointer, object_at
from lookalike.verify.clauses import INVALID, clause_id, name_of
from lookalike.verify.oracle.comparison import is_named
from lookalike.verify.roles import Roles
from lookalike.verify.runner.endings import ClauseBroken, Skipped
from lookalike.verify.runner.story_runner import StoryRunner
from lookalike.verify.stories.story import Story, Tell
from lookalike.verify.stories.valid_requests import about, check_allowed

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_PATH = "/generated"


class GeneratedInput(NamedTuple):
    """The query parameters of a request by name, and its body, `ABSENT` if it has none."""

    query: tuple[tuple[str, Any], ...]
    body: Any


def takes_input(operation: Operation) -> bool:
    """Whether an operation has query parameters or a body, which can be generated."""
    if operation.body is not None:
        return any(is_writable(name) for name in operation.body.content)
    return any(one.location == "query" for one in operation.parameters.values())


def inputs(
    document: Any, operation: Operation, media: MediaType | None, is_valid: bool
) -> "SearchStrategy[GeneratedInput]":
    """Inputs of an operation; their bodies, if any, are of one media type."""
    import schemathesis
    from schemathesis import GenerationMode

    mode = GenerationMode.POSITIVE if is_valid else GenerationMode.NEGATIVE
    described = schemathesis.openapi.from_dict(_inputs_alone(document, operation, media))[_PATH]["POST"]
    return described.as_strategy(generation_mode=mode).map(_input).filter(_is_json)


def _inputs_alone(document: Any, operation: Operation, media: MediaType | None) -> Any:
    """The document with a POST that has the query parameters and the body of the operation, as JSON or a form.

    Other media types are not generated, and other parameters are not taken from here: generating them takes time, and
    an input that is invalid by them alone tells nothing.
    """
    alone: dict[str, Any] = {
        "parameters": [*_query_parameters(document, operation)],
        "responses": {"default": {"description": ""}},
        "security": [],
    }
    if media is not None:
        here, body = object_at(document, (*_place(operation), "requestBody"))
        _, content = object_at(document, (*here, "content", media.media_type))
        generated = media.media_type if is_form(media.media_type) else "application/json"
        alone["requestBody"] = {**body, "content": {generated: content}}
    return {**document, "paths": {**document["paths"], _PATH: {"post": alone}}}


def _place(operation: Operation) -> Pointer:
    return ("paths", operation.path, operation.method.lower())


def _query_parameters(document: Any, operation: Operation) -> Iterator[Mapping[str, Any]]:
    """The query parameters of an operation, which come before those of its path (OpenAPI 3.1 section 4.8.9)."""
    seen = set()
    for place in (_place(operation), _place(operation)[:-1]):
        here, holder = object_at(document, place)
        for number, _ in enumerate(holder.get("parameters", ())):
            _, parameter = object_at(document, (*here, "parameters", number))
            name = (parameter.get("name"), parameter.get("in"))
            if name[1] == "query" and name not in seen:
                seen.add(name)
                yield parameter


def _input(case: Any) -> GeneratedInput:
    from schemathesis.core import NOT_SET

    query = tuple(case.query.items()) if isinstance(case.query, dict) else ()
    return GeneratedInput(query, ABSENT if case.body is NOT_SET else case.body)


def _is_json(made: GeneratedInput) -> bool:
    try:
        json.dumps([made.query, None if made.body is ABSENT else made.body], allow_nan=False).encode()
    except (TypeError, ValueError):
        return False
    return True


def story_of(operation: Operation, roles: Roles | None, made: GeneratedInput) -> Story:
    """The story of an input: the response must be documented, and must not be a 5xx."""
    body = {} if made.body is ABSENT else {"body": made.body}
    recipe = {"layer": "generated", "about": operation.id, "query": made.query, **body}
    return Story("", name_of(operation), _told_of(operation, roles, made), recipe)


def _told_of(operation: Operation, roles: Roles | None, made: GeneratedInput) -> Tell:

    def tell(runner: StoryRunner) -> None:
        created, parent = about(runner, operation, roles)
        check_allowed(runner, operation, roles, created)
        if roles is not None and roles.resource in runner.environment.renaming and operation.method not in SAFE:
            raise Skipped("keys are made of what is sent, so that an item may get one that no path leads to")
        values = runner.parameters.leading_to(operation, created, parent)
        values |= {("query", name): value for name, value in made.query}
        body = runner.creation.with_key_of(operation, created, roles, made.body)
        body = runner.environment.values.sendable(operation, body)
        request = runner.write(operation, values, body if operation.body is not None else ABSENT)
        due = runner.due(request).response
        step = runner.ask(operation, request, refused=due.status >= 400)
        runner.adopt_anything(step)
        is_fault = step.response.status >= 500 and not is_named(operation, step.response.status)
        if is_fault and due.status >= 400:
            raise ClauseBroken(
                f"status {due.status}: {due.header('Lookalike-Reason')}", step.got, clause_id(operation, INVALID)
            )

    return tell
