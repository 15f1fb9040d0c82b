"""Near misses: refused requests with the operations or the body that would have worked."""

from typing import Any

import pytest
from werkzeug.test import Client

import lookalike
from lookalike.server.app import create_app
from tests.support.paths import FIXTURES

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"


def client() -> Client:
    return create_app(lookalike.Mock(lookalike.load(PETS))).test_client()


def misses(api: Client) -> Any:
    return api.get("/__lookalike/near-misses").json


@pytest.mark.parametrize(
    ("method", "path", "operation", "differences"),
    [
        ("GET", "/pet/1", "getPet", ["'pets' instead of 'pet'"]),
        ("PATCH", "/pets", "listPets", ["method GET instead of PATCH"]),
        ("POST", "/pet/", "createPet", ["'pets' instead of 'pet'"]),
        ("GET", "/pets/1/vists", "listVisits", ["'visits' instead of 'vists'"]),
        ("GET", "/v2/pets", "getPet", ["'pets' instead of 'v2'"]),
        ("DELETE", "/pets/1/x", "deletePet", ["no segment 'x' at the end"]),
    ],
)
def test_a_request_that_is_no_operation_has_the_nearest_one(
    method: str, path: str, operation: str, differences: list[str]
) -> None:
    api = client()
    answer = api.open(path, method=method)
    assert answer.status_code in (404, 405)
    (miss,) = misses(api)
    assert (miss["status"], miss["request"]) == (answer.status_code, {"method": method, "path": path})
    assert (miss["operations"][0]["operation"], miss["operations"][0]["differences"]) == (operation, differences)


def test_a_body_that_is_wrong_has_its_problems_and_an_item_that_is_not_there_its_reason() -> None:
    api = client()
    api.post("/pets", json={"name": "Rex", "kind": "fish"})
    api.get("/pets/99")
    item, body = misses(api)
    assert (item["operations"], [problem["in"] for problem in item["problems"]]) == ([], ["path"])
    assert "there is no pet 99; there is: 1, 2" in item["reason"]
    assert [(problem["in"], problem["pointer"]) for problem in body["problems"]] == [("body", ["kind"])]


def test_answers_refused_tokens_and_faults_are_none() -> None:
    api = client()
    api.get("/pets/1")
    api.get("/pets/1", headers={"Lookalike-Fault": "status=404"})
    api.get("/pets/1", headers={"Lookalike-Fault": "expired"})
    assert misses(api) == []
