"""Stories that failed, read back from a report in JSON, so that they can be told again."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.openapi.document import load_document
from lookalike.schema.validator import Schemas
from lookalike.verify.environment import SavedStory
from lookalike.verify.run_inferred import Saved
from lookalike.verify.server.redaction import DOLLAR, pattern_of
from lookalike.verify.stories.replay import story_of
from lookalike.verify.stories.roles import clauses

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


def saved_story(failure: Mapping[str, Any], tokens: Mapping[str, str]) -> SavedStory:
    """The story of a failure; `tokens` holds placeholders by what they stand for. Raises `UsageError` for others."""
    try:
        requests = tuple(_request(exchange["sent"], tokens) for exchange in failure["story"])
    except ValueError as error:  # of Base64 and of UTF-8
        raise UsageError(
            f"{failure['clause']}: {failure['title']}: a body is not as `encoding` says: {error}"
        ) from None
    return SavedStory(failure["clause"], failure["title"], requests, failure["known"], failure["strange"])


def saved_recipe(failure: Mapping[str, Any], contract: Contract) -> Saved:
    """The story of a failure of a clause that follows from a document; raises `UsageError` where that lacks it."""
    clause, title = failure["clause"], failure["title"]
    if clause not in clauses(contract):
        raise UsageError(f"{clause}: {title}: no such clause follows from {contract.document.name}")
    recipe = failure.get("recipe") or {"layer": "clauses", "about": clause}
    try:
        return Saved(clause, title, story_of(recipe, contract))
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
