"""A target file is read as its schema says, and each mistake is told with its place and what was probably meant."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.verify.server.target import Credentials, Target, load_target
from tests.support.in_process import CONTRACT

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
security: [{bearer: []}]
paths:
  /shops/{shop}/pets:
    parameters: [{name: shop, in: path, required: true, schema: {type: string}}]
    get: {operationId: listPets, responses: {"200": {description: all}}}
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
"""
SCHEMA = json.loads((files("lookalike.verify.server") / "target.schema.json").read_text(encoding="utf-8"))


def load(folder: Path, text: str) -> Target:
    (folder / "openapi.yaml").write_text(DOCUMENT)
    (folder / "target.yaml").write_text(text)
    return load_target(folder / "target.yaml", load_contract(folder / "openapi.yaml"))


def message(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        load(folder, text)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_file_without_members_is_a_target_file(tmp_path: Path) -> None:
    assert load(tmp_path, "{}") == Target({}, {})


def test_a_server_is_disposable_where_the_file_says_so_alone(tmp_path: Path) -> None:
    assert load(tmp_path, "disposable: true").disposable
    assert not load(tmp_path, "disposable: false").disposable
    assert not load(tmp_path, "{}").disposable
    assert "disposable must be a boolean" in message(tmp_path, 'disposable: "yes"')


def test_an_environment_variable_is_put_in_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PET_TOKEN", "s3cret")
    target = load(tmp_path, 'credentials: {bearer: {valid: "a ${PET_TOKEN} b ${PET_TOKEN} $c"}}')
    assert target.credentials == {"bearer": Credentials("a s3cret b s3cret $c")}


def test_an_environment_variable_that_is_missing_is_told_with_its_place_and_remedy(tmp_path: Path) -> None:
    assert message(tmp_path, 'settle: 2s\ncredentials:\n  bearer: {valid: "${NO_SUCH_TOKEN}"}') == (
        "target.yaml:3:12 (#/credentials/bearer/valid): the environment variable NO_SUCH_TOKEN is not set. "
        "Set it, for instance by export NO_SUCH_TOKEN=…"
    )


MISTAKES = [
    ("dispossable: true", "1:1", "unknown member of the target file: dispossable (did you mean disposable?)"),
    (
        "credentials:\n  bearer: {valid: a, expird: b}",
        "2:3 (#/credentials/bearer)",
        "unknown member of credentials.bearer: credentials.bearer.expird (did you mean expired?)",
    ),
    (
        "credentials:\n  baerer: {valid: abcd}",
        "2:3 (#/credentials/baerer)",
        "openapi.yaml has no security scheme 'baerer'. Did you mean bearer?",
    ),
    ("readings: {order: newest}", "1:12 (#/readings/order)", "openapi.yaml has no reading 'order'. It has: none"),
    ("settle: soon", "1:1 (#/settle)", "settle must be a duration, such as 2s or 500ms"),
]


@pytest.mark.parametrize(("text", "place", "what"), MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_was_meant(tmp_path: Path, text: str, place: str, what: str) -> None:
    assert message(tmp_path, text) == f"target.yaml:{place}: {what}"


def test_every_mistake_is_told_at_once_and_no_message_shows_a_token(tmp_path: Path) -> None:
    told = message(tmp_path, "credentials: {bearer: {valid: [s3cret-token], expired: 5}}\nsettle: [s3cret-token]")
    assert len(told.splitlines()) == 3
    assert "s3cret" not in told


def test_a_choice_that_a_reading_does_not_have_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "target.yaml"
    file.write_text("readings:\n  occupied: '500'")
    with pytest.raises(UsageError, match=r"target.yaml:2:3 \(#/readings/occupied\): .*'500'"):
        load_target(file, CONTRACT)


def test_the_schema_is_one_and_describes_every_member_in_a_sentence() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def undescribed(schema: object, path: str) -> list[str]:
        if not isinstance(schema, dict):
            return []
        members = schema.get("properties", {}).items()
        lacking = [f"{path}/{name}" for name, member in members if not member.get("description", "").endswith(".")]
        inner = [*members, ("*", schema.get("additionalProperties")), ("-", schema.get("items"))]
        return lacking + [found for name, member in inner for found in undescribed(member, f"{path}/{name}")]

    assert undescribed(SCHEMA, "") == []
