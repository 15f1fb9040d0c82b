"""The proof that a defect is one: no choices at all, for whatever readings matter, explain what its server does.

This is a plain search that shares nothing with the verifier, since defects are there to prove the verifier.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.http import Request, Response
from lookalike.model.response.outcome import Outcome
from lookalike.model.seeds import seeds
from lookalike.model.state import State
from lookalike.readings import Choose
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.in_process import CONTRACT, PARTS

FIXED_MESSAGES = {201: "Successfully updated lead.", 401: "UnAuthorized Access-Token!", 404: "Invalid contact number!"}
DOCUMENTED = {*FIXED_MESSAGES, 400}


class Seen(NamedTuple):
    """What came of a request: the answer, and the leads afterwards as text."""

    response: Response
    leads: str


class _Open(Exception):
    def __init__(self, reading: str) -> None:
        self.reading = reading


def observed(server: MockService, story: Sequence[Request]) -> list[Seen]:
    """What a server does in a story."""
    return [Seen(server.handle(request), leads_as_text(server.state()["lead"])) for request in story]


def explanation(story: Sequence[Request], seen: Sequence[Seen], with_state: bool) -> Mapping[str, str] | None:
    """Choices under which a right server does what was seen, or None if there are none."""
    return next(_explanations(story, seen, with_state, {}), None)


def _explanations(
    story: Sequence[Request], seen: Sequence[Seen], with_state: bool, choices: dict[str, str]
) -> Iterator[dict[str, str]]:
    """All partial choices that explain it; a choice is made only where the right server asks for it."""
    try:
        if _explains(story, seen, with_state, lambda reading: _known(choices, reading)):
            yield choices
    except _Open as asked:
        for choice in choices_of(asked.reading):
            yield from _explanations(story, seen, with_state, {**choices, asked.reading: choice})


def _known(choices: Mapping[str, str], reading: str) -> str:
    if reading not in choices:
        raise _Open(reading)
    return choices[reading]


def choices_of(reading: str) -> list[str]:
    """Every choice of a reading, with an example of one that is a name of the server's own."""
    known = CONTRACT.readings[reading]
    return [*known.choices, *(["x-access-token"] if known.other else [])]


def _explains(story: Sequence[Request], seen: Sequence[Seen], with_state: bool, choose: Choose) -> bool:
    store = MemoryStore(seeds(PARTS.model, PARTS.data, choose, "data"))
    for request, (response, leads) in zip(story, seen, strict=True):
        outcome = store.transact(deciding(request, choose))
        if not agree(outcome, response, choose):
            return False
        if with_state and leads != store.read(lambda state: leads_as_text(item for _, item in state.items("lead"))):
            return False
    return True


def deciding(request: Request, choose: Choose) -> Callable[[State], Outcome]:
    """What the right server decides in a state, under some choices."""
    return lambda state: PARTS.model.respond(state, request, choose)


def agree(due: Outcome, got: Response, choose: Choose) -> bool:
    """Whether an answer is the one that is due, in as much as the contract binds it."""
    status = due.response.status
    if got.status != status:
        return False
    if not due.operation or status not in DOCUMENTED:
        return True
    if (got.header("Content-Type") or "").partition(";")[0].strip().lower() != "application/json":
        return False
    try:
        body = json.loads(got.body)
    except ValueError:
        return False
    return isinstance(body, dict) and _is_documented(status, body, choose)


def _is_documented(status: int, body: dict[str, Any], choose: Choose) -> bool:
    if not body.keys() >= {"status", "message", "success"}:
        return False
    if not (_same(body["status"], status) and body["success"] is (status == 201)):
        return False
    message = body["message"]
    if message != FIXED_MESSAGES.get(status, message) or (status == 400 and not _is_message(message, choose)):
        return False
    return len(body) == 3 or choose("extra-members") == "present"


def _same(got: Any, due: int) -> bool:
    return isinstance(got, int | float) and not isinstance(got, bool) and got == due


def _is_message(message: Any, choose: Choose) -> bool:
    texts = [message] if choose("messages") == "string" else message
    return isinstance(texts, list) and bool(texts) and all(isinstance(text, str) and text for text in texts)


def leads_as_text(leads: Any) -> str:
    """The leads as text that is equal for equal leads: tags in any order, numbers by their value."""
    return "\n".join(sorted(_as_text({**lead, "tags": sorted(map(_as_text, lead["tags"]))}) for lead in leads))


def _as_text(value: Any) -> str:
    return json.dumps(_normal(value), sort_keys=True)


def _normal(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_normal(item) for item in value]
    return {name: _normal(item) for name, item in value.items()} if isinstance(value, dict) else value
