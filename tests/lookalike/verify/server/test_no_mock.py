"""A server without a target file is tested only if it is a Lookalike mock: any other one would be reset and emptied."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.http import Request, Response
from tests.support.answering import answering
from tests.support.paths import ROOT
from tests.support.running import run_command

pytestmark = pytest.mark.repetitive

SHOP = ROOT / "tests" / "support" / "pet_shop" / "openapi.yaml"
PRETENDERS: dict[str, Any] = {
    "an object": {"id": 5},
    "an empty object": {},
    "a list": [],
    "nothing": None,
    "the health of many servers": {"status": "ok"},
}


@pytest.mark.parametrize("value", PRETENDERS.values(), ids=PRETENDERS)
def test_a_server_that_answers_everything_with_json_is_no_mock(value: Any, tmp_path: Path) -> None:
    writes: list[str] = []

    def handle(request: Request) -> Response:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            writes.append(f"{request.method} {request.path}")
        return Response(200, (("Content-Type", "application/json"),), json.dumps(value).encode())

    with answering(handle) as url:
        done = run_command("verify", url, SHOP, "--only", "clauses", cwd=tmp_path)
    assert (done.returncode, writes) == (2, [])
    assert "is not a Lookalike mock that lets this machine in" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_body_that_no_parser_reads_is_no_mock_either(tmp_path: Path) -> None:
    with answering(lambda request: Response(200, (), b"[" * 100_000)) as url:
        done = run_command("verify", url, SHOP, cwd=tmp_path)
    assert done.returncode == 2
    assert "is not a Lookalike mock" in done.stderr
