"""Attribution of a finding to a clause: a script about one clause may reveal the failure of another."""

import json
from collections.abc import Collection

from lookalike.contract.semantics import SetFields, Step, Subtract, Union
from lookalike.http import Request, Response
from lookalike.model.state import Key
from lookalike.verify.oracle.session import Unexplained
from lookalike.verify.requests.builder import RequestBuilder


def clause_of(
    compose: RequestBuilder, finding: Unexplained, request: Request, response: Response, story: str = ""
) -> str:
    """The clause that a finding breaks; `story` is the clause of the script, or empty."""
    operation = compose.operation
    robust = operation.property_clauses.get("robust", ())
    if response.status >= 500 and robust and finding.status not in {401, 403, 404}:
        return robust[0]
    if finding.part in ("body", "header"):
        answer = operation.responses.get(str(response.status))
        return next(iter(answer.clauses if answer else ()), "") or story or _first(finding.clauses)
    if finding.part == "state" and response.status < 400:
        return _of_state(compose, finding, request, story)
    if story in robust:
        return _first(finding.clauses) or story
    return story or _first(finding.clauses)


def owners_of(compose: RequestBuilder, field: str) -> tuple[str, ...]:
    """The clauses about the effects on a field."""
    properties = compose.operation.property_clauses
    general = {clause for clauses in properties.values() for clause in clauses}
    steps = [step for step in compose.operation.steps if field in changed_fields(step)]
    own = [clause for step in steps for clause in step.clauses if clause not in general]
    sets = any(isinstance(step.action, (Union, Subtract)) for step in steps)
    return (*dict.fromkeys(own), *(properties.get("no-op", ()) if sets else ()))


def changed_fields(step: Step) -> Collection[str]:
    """The fields that a step changes."""
    return step.action.fields if isinstance(step.action, SetFields) else (getattr(step.action, "field", ""),)


def _of_state(compose: RequestBuilder, finding: Unexplained, request: Request, story: str) -> str:
    properties = compose.operation.property_clauses
    if finding.identity not in _concerned(compose, request):
        return _first(properties.get("others-unchanged", ())) or story
    owners = owners_of(compose, finding.field)
    whole = (*properties.get("repeatable", ()), *properties.get("atomic", ()), *owners_of(compose, compose.identity))
    return story if story in (*owners, *whole) else _first(owners) or story


def _concerned(compose: RequestBuilder, request: Request) -> set[Key]:
    """The keys that a request is about: the one in its path, and the one that it gives to the item."""
    keys = (*compose.owned, *compose.usable.spare)
    found = {key for key in keys if compose.path(key) == request.path}
    action = compose.mover.action if compose.mover else None
    if isinstance(action, SetFields):
        try:
            body = json.loads(request.body)
            found.add(body[action.fields[compose.identity].pointer[0]])
        except (ValueError, KeyError, TypeError):
            pass
    return found


def _first(clauses: Collection[str]) -> str:
    return next(iter(clauses), "")
