"""The Lead API's mock in this process, and a client that holds a valid token."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from lookalike.assembly import Sources, load
from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore

PARTS = load(Sources())
CONTRACT = PARTS.model.contract
NOW = 1_800_000_000.0
AUTHORIZED = {"Authorization": f"Bearer {PARTS.valid_token}"}
JSON = {"Content-Type": "application/json"}
ASHA, FREE = 9876543210, 9988776655

Data = dict[str, list[dict[str, Any]]]


def mock(readings: Mapping[str, str] | None = None, data: Data | None = None) -> MockService:
    """A mock with the bundled leads, or with others."""
    seeds = PARTS.data if data is None else data
    return MockService(PARTS.model, MemoryStore(), CONTRACT.choices(readings or {}), copy.deepcopy(seeds))


def update(number: object, body: object, headers: Mapping[str, str] | None = None, at: float = NOW) -> Request:
    """A request for the Lead API's operation; a body that is neither bytes nor text is sent as JSON."""
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    sent = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    fields = {**AUTHORIZED, **JSON} if headers is None else headers
    return Request("PUT", f"/leads/{number}/update", "", Headers(fields), sent, at)


def put(server: MockService, number: object, body: object, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to such a request."""
    return server.handle(update(number, body, headers))


def message(response: Response) -> str:
    """The message of an answer."""
    text: str = json.loads(response.body)["message"]
    return text


def leads(server: MockService) -> list[dict[str, Any]]:
    """All leads, in the order of their contact numbers."""
    return sorted((dict(lead) for lead in server.state()["lead"]), key=lambda lead: str(lead["contact_number"]))


def snapshot(server: MockService) -> str:
    """The whole state as text, so that 1, 1.0 and true differ."""
    return json.dumps(server.state(), sort_keys=True)
