"""Requests are encoded so that they reach the item that they are about, and nothing else."""

import pytest

from lookalike.contract.contract import Operation
from lookalike.contract.reader import load_contract
from lookalike.verify.requests.encoder import NotEncodable, RequestEncoder

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets/{id}:
    delete:
      operationId: deletePet
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"204": {description: gone}}
"""


@pytest.fixture(scope="module")
def operation(tmp_path_factory: pytest.TempPathFactory) -> Operation:
    file = tmp_path_factory.mktemp("encoder") / "openapi.yaml"
    file.write_text(DOCUMENT)
    return load_contract(file).operations[0]


@pytest.mark.parametrize("key", ["", ".", "..", "../..", "../../admin", "a/../b", "a/..", "./a", "/a", "a//b", "..\\a"])
def test_a_key_that_leads_elsewhere_is_in_no_path(key: str, operation: Operation) -> None:
    with pytest.raises(NotEncodable, match=r"id is .*, which cannot stand in a path without leading elsewhere"):
        RequestEncoder({}).request(operation, {("path", "id"): key})


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a/b", "/pets/a%2Fb"),
        ("...", "/pets/..."),
        ("a..b", "/pets/a..b"),
        ("a?b#c", "/pets/a%3Fb%23c"),
        ("a b\r\nHost: x", "/pets/a%20b%0D%0AHost%3A%20x"),
        ("@evil.example", "/pets/%40evil.example"),
        (7, "/pets/7"),
    ],
)
def test_any_other_key_is_one_segment_of_the_path(key: object, path: str, operation: Operation) -> None:
    assert RequestEncoder({}).request(operation, {("path", "id"): key}).path == path
