"""A server that sends tokens back, in its headers and bodies and in many encodings: no output of a run has any."""

import json

import pytest

from lookalike.http import Request, Response
from tests.support.answering import answering
from tests.support.encodings import ENCODINGS
from tests.support.running import run_command

pytestmark = pytest.mark.repetitive

TOKEN = "S3cret+Token/~12=="
HEADER = "h-98765-value"
DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
security: [{bearer: []}]
paths:
  /pets:
    get:
      operationId: listPets
      responses: {"200": {description: all, content: {application/json: {schema: {type: array}}}}}
    post:
      operationId: createPet
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      responses: {"200": {description: it, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
    delete: {operationId: deletePet, responses: {"204": {description: gone}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Pet: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
"""
FILES = {"json": "r.json", "junit": "r.xml", "html": "r.html", "markdown": "r.md", "sarif": "r.sarif"}


def echo(request: Request) -> Response:
    """An answer that breaks the document in its status, body and headers, and shows what was sent in each of them."""
    sent = request.headers.get("authorization", "nothing").removeprefix("Bearer ")
    texts = [encode(text) for encode in ENCODINGS.values() for text in (sent, request.headers.get("x-api-key", ""))]
    fields = (("Content-Type", "application/json"), ("X-Seen", sent), ("Location", f"/pets/7?token={sent}"))
    body = {"id": 7, "name": " ".join(texts), sent: texts, "query": request.query}
    status = {"POST": 201, "GET": 200, "DELETE": 299}.get(request.method, 200)
    return Response(status, fields, json.dumps(body).encode())


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All that a run writes, by where."""
    folder = tmp_path_factory.mktemp("echoes")
    (folder / "openapi.yaml").write_text(DOCUMENT)
    (folder / "target.yaml").write_text('credentials: {bearer: {valid: "${PET_TOKEN}", expired: expired-7-token}}')
    reports = [word for form, name in FILES.items() for word in ("--report", f"{form}={name}")]
    options = ["--target", "target.yaml", "--header", f"X-Api-Key: {HEADER}", "--examples", "6", *reports]
    with answering(echo) as url:
        done = run_command("verify", url, "openapi.yaml", *options, cwd=folder, PET_TOKEN=TOKEN)
    assert done.returncode == 1
    written = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".yaml")
    files = {path.name: path.read_text("utf-8", "replace") for path in written}
    assert {*FILES.values(), "lookalike-journal.jsonl"} <= files.keys()
    return {"stdout": done.stdout, "stderr": done.stderr, **files}


@pytest.mark.repetitive
@pytest.mark.parametrize("secret", [TOKEN, HEADER], ids=["the token", "a header of the command line"])
@pytest.mark.parametrize("name", ENCODINGS)
def test_no_output_has_a_secret_in_any_encoding(name: str, secret: str, outputs: dict[str, str]) -> None:
    planted = ENCODINGS[name](secret)
    assert [where for where, text in outputs.items() if planted in text] == []


def test_what_was_hidden_is_marked_so_that_the_answer_can_be_understood(outputs: dict[str, str]) -> None:
    failure = json.loads(outputs["r.json"])["failures"][0]
    assert "$TOKEN" in failure["story"][-1]["curl"]
    assert "$HEADER_X_API_KEY" in failure["story"][-1]["curl"]
    assert "[encoded secret]" in outputs["r.json"]
