"""Stories that failed, read back from a report in JSON, so that they can be run again."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.openapi.document import load_document
from lookalike.schema.validator import Schemas
from lookalike.verify.clauses import inferred_clauses
from lookalike.verify.environment import Environment
from lookalike.verify.run_state import SavedStory
from lookalike.verify.runner.scripts import Script
from lookalike.verify.safety.permissions import send_policy_for
from lookalike.verify.server.redaction import DOLLAR, pattern_of
from lookalike.verify.stories.replay import story_of
from lookalike.verify.stories.story import Story, scripted

_SCHEMA = Path(__file__).with_name("report.schema.json")


def read_failures(path: Path) -> list[dict[str, Any]]:
    """The failures of a report; raises `UsageError` with the place of what is not as it must be."""
    document = load_document(path)
    violations = Schemas(load_document(_SCHEMA).data).at().violations(document.data, "report", "the report")
    for wrong in violations:
        remedy = "Give a report that verify wrote, with --report json=FILE"
        raise UsageError(str(document.problem(wrong.message, wrong.pointer, remedy)))
    failures: list[dict[str, Any]] = document.data["failures"]
    return failures


def saved_story(failure: Mapping[str, Any], environment: Environment) -> SavedStory:
    """The story of a failure, from its requests where a stated operation was judged, else from its recipe.

    Raises `UsageError` for a failure that the contract or the target file has no place for.
    """
    clause, title = failure["clause"], failure["title"]
    if failure.get("recipe") or clause in inferred_clauses(environment.contract):
        return SavedStory(_by_recipe(failure, environment.contract))
    if not environment.stated:
        raise UsageError(f"{clause}: {title}: {environment.contract.document.name} has no such clause to judge")
    stated = environment.stated[0]
    requests = saved_requests(failure, stated.client.placeholders)
    script = Script(clause, title, requests, strange=failure["strange"])
    allowed = send_policy_for(stated)
    why = next(filter(None, map(allowed.refusal, requests)), None)
    if why:
        raise UsageError(f"{clause}: {title}: {why}")
    return SavedStory(scripted(stated, script), failure["known"])


def saved_requests(failure: Mapping[str, Any], tokens: Mapping[str, str]) -> tuple[Request, ...]:
    """The requests of a failure; `tokens` holds placeholders by what they stand for. Raises `UsageError`."""
    try:
        return tuple(_request(exchange["sent"], tokens) for exchange in failure["story"])
    except ValueError as error:  # of Base64 and of UTF-8
        name = f"{failure['clause']}: {failure['title']}"
        raise UsageError(f"{name}: a body is not as `encoding` says: {error}") from None


def _by_recipe(failure: Mapping[str, Any], contract: Contract) -> Story:
    clause, title = failure["clause"], failure["title"]
    if clause not in inferred_clauses(contract):
        raise UsageError(f"{clause}: {title}: no such clause follows from {contract.document.name}")
    recipe = failure.get("recipe") or {"layer": "clauses", "about": clause}
    try:
        return replace(story_of(recipe, contract), clause=clause, title=title)
    except UsageError as error:
        raise UsageError(f"{clause}: {title}: {error}") from None


def _request(sent: Mapping[str, Any], tokens: Mapping[str, str]) -> Request:
    texts = {shown: text for text, shown in tokens.items()} | {DOLLAR * 2: DOLLAR}
    pattern = pattern_of(texts)

    def filled(text: str) -> str:
        return pattern.sub(lambda match: texts[match[0]], text)

    for lacking in _lacking(json.dumps(sent), texts):
        raise UsageError(f"a story needs {lacking}, which the target file does not give")
    body = base64.b64decode(sent["body"]) if sent["encoding"] else filled(sent["body"]).encode()
    headers = Headers({name: filled(value) for name, value in sent["headers"].items()})
    return Request(sent["method"], filled(sent["path"]), filled(sent["query"]), headers, body)


def _lacking(text: str, texts: Mapping[str, str]) -> Iterator[str]:
    shown = text.replace(DOLLAR * 2, "")
    return (name for name in ("$EXPIRED_TOKEN", "$REVOKED_TOKEN") if name in shown and name not in texts)
