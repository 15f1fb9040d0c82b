"""Recorded traffic of the pets, as a HAR file has it."""

import json
from typing import Any

from tests.support.paths import FIXTURES

PETS = str(FIXTURES / "contracts" / "pets" / "openapi.yaml")
REX = {"id": 1, "name": "Rex", "kind": "dog", "created_at": "2026-03-01T00:00:00Z"}


def entry(method: str, path: str, status: int, shown: Any, sent: Any = None) -> dict[str, Any]:
    text = json.dumps(shown)
    posted = {} if sent is None else {"postData": {"mimeType": "application/json", "text": json.dumps(sent)}}
    fields = [] if sent is None else [{"name": "Content-Type", "value": "application/json"}]
    return {
        "request": {"method": method, "url": f"http://a.test/api{path}", "headers": fields, **posted},
        "response": {
            "status": status,
            "headers": [],
            "content": {"size": len(text), "text": text, "mimeType": "application/json"},
        },
    }
