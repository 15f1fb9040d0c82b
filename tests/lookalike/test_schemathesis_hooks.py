"""The check for Schemathesis, in a process of its own: once registered, it takes part in all validations."""

import subprocess
import sys

from tests.support.paths import FIXTURES
from tests.support.running import PATIENCE

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"

USER = """
import sys
import requests, schemathesis
import lookalike
from lookalike import schemathesis_hooks

with lookalike.Mock(lookalike.load(sys.argv[1])).serve() as server:
    schema = schemathesis.openapi.from_path(sys.argv[1])
    schema.config.update(base_url=server.url)
    pet = schema["/pets/{petId}"]

    def send(method, **parts):
        case = pet[method].Case(path_parameters={"petId": 1}, **parts)
        case.call_and_validate(checks=[schemathesis_hooks.lookalike])

    send("GET")
    send("PATCH", body={"name": "Mia"}, media_type="application/json")
    send("GET")
    send("PATCH", body={"name": "Tom"}, media_type="application/json")
    print("no complaint")
    requests.patch(f"http://{server.host}:{server.port}/__lookalike/state/pet/1", json={"name": "Mia"})  # it is lost
    send("GET")
"""


def test_a_change_that_is_lost_is_found_and_a_server_that_keeps_its_document_is_not_blamed() -> None:
    command = [sys.executable, "-c", USER, str(PETS)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.stdout == "no complaint\n", ended.stderr
    assert "Breaks the clause changePet.changed-after-change" in ended.stderr
