"""The mock of any document, as its users start it: flags for security and errors, a curl line that works."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import JSON, PATIENCE, running_mock
from tests.support.small import document

NEEDY = {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}, "example": 1}
BODY = {"content": {"application/json": {"schema": {"type": "object"}, "example": {}}}}
SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Hush"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "query": {"type": "apiKey", "in": "query", "name": "hush"},
}


def written(folder: Path, *schemes: str, **more: Any) -> str:
    """A file with an operation that asks for all of these schemes."""
    operation = {"requestBody": BODY, "security": [{name: [] for name in schemes}]}
    file = folder / "api.json"
    data = document({"/x": {"post": operation}}, components={"securitySchemes": SCHEMES}, **more)
    file.write_text(json.dumps(data), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("schemes", [("bearer",), ("basic",), ("header", "cookie"), ()])
def test_the_curl_line_carries_the_credentials_that_the_operation_asks_for(
    tmp_path: Path, schemes: tuple[str, ...]
) -> None:
    with running_mock(written(tmp_path, *schemes, servers=[{"url": "/v1"}])) as mock:
        line = next(line for line in iter(mock.next_line, "") if line.startswith("  curl"))
        curl = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert " 200 " in curl.stdout.splitlines()[0]


def test_without_security_and_with_errors_reported_everything_is_let_through(tmp_path: Path) -> None:
    with running_mock(written(tmp_path, "bearer"), "--no-security", "--errors", "report") as mock:
        status, headers, _ = mock.request("POST", "/x", b"[]", JSON)
        assert status == 200
        assert json.loads(headers["lookalike-violations"])[0]["message"] == "the body must be an object, not an array"


def test_the_journal_shows_no_key_whatever_its_name(tmp_path: Path) -> None:
    with running_mock(written(tmp_path, "header", "query", "cookie"), "--log", "json") as mock:
        sent = {**JSON, "X-Hush": "s3cret", "Cookie": "sid=s3cret"}
        assert mock.request("POST", "/x?a=1&hush=s3cret", {}, sent)[0] == 200
        assert mock.request("POST", "/x?hush=s3cret", {}, {"X-Hush": "s3cret"})[0] == 401
        journal = mock.request("GET", "/__lookalike/journal")[2].decode()
        assert "s3cret" not in journal
        assert "a=1&hush=(redacted)" in journal


@pytest.mark.parametrize("options", [(), ("--control-prefix", "/admin")])
def test_a_mock_that_others_reach_has_a_control_token_that_is_printed(options: tuple[str, ...]) -> None:
    with running_mock("lead", "--host", "0.0.0.0", *options) as mock:
        told = next(line for line in iter(mock.next_line, "") if line.startswith("The token of the control API: "))
        token = told.split()[-1]
        state = f"{options[1] if options else '/__lookalike'}/state"
        assert mock.request("GET", state)[0] == 401
        assert mock.request("GET", state, headers={"Authorization": f"Bearer {token}"})[0] == 200


@pytest.mark.parametrize("options", [("--base-path", "/__lookalike"), ("--control-prefix", "leads?")])
def test_a_control_api_that_hides_operations_is_refused_at_the_start(options: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "lookalike", "mock", "lead", "--port", "0", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--control-prefix" in done.stderr
