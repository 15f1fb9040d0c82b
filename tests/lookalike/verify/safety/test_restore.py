"""`lookalike restore` says what it undid, and by its exit code whether anything is left."""

import json
from pathlib import Path

import pytest

from lookalike.http import Request, Response
from tests.support.answering import answering
from tests.support.running import run_command

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: &pet
        {type: object, required: [name], properties: {id: {type: integer}, name: {type: string}}}}}}}}
    post:
      operationId: createPet
      requestBody: {required: true, content: {application/json: {schema: *pet}}}
      responses: {"201": {description: made, content: {application/json: {schema: *pet}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      responses: {"200": {description: it, content: {application/json: {schema: *pet}}}}
    delete: {operationId: deletePet, responses: {"204": {description: gone}}}
"""


def restored(folder: Path, status: int, *entries: object, pets: object = None) -> tuple[int, str, list[str]]:
    """The exit code, the output, and the requests of a restoration whose deletions get a status, and its lists `pets`.

    Without `pets`, nothing is listed.
    """
    seen: list[str] = []

    def handle(request: Request) -> Response:
        seen.append(f"{request.method} {request.path}")
        if request.method == "GET":
            return Response(404 if pets is None else 200, JSON, json.dumps(pets).encode())
        return Response(status)

    (folder / "openapi.yaml").write_text(DOCUMENT)
    (folder / "target.yaml").write_text("{}")
    with answering(handle) as url:
        lines = [{"run": "a", "url": url}, *entries]
        (folder / "journal.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        done = run_command("restore", "journal.jsonl", url, "openapi.yaml", "--target", "target.yaml", cwd=folder)
    assert done.stderr == ""
    return done.returncode, done.stdout, seen


JSON = (("Content-Type", "application/json"),)
CREATED = [{"run": "a", "made": f"/pets/{number}", "by": "deletePet"} for number in (1, 2)]
DELETED = {"run": "a", "method": "DELETE", "path": "/pets/2", "status": 204}
ASKED = {"run": "a", "method": "DELETE", "path": "/pets/1", "body": ""}


@pytest.mark.parametrize("status", [204, 404])
def test_what_is_left_is_deleted_the_last_first_and_what_was_deleted_is_not_asked_for(
    status: int, tmp_path: Path
) -> None:
    assert restored(tmp_path, status, *CREATED) == (
        0,
        "/pets/2 is gone\n/pets/1 is gone\n",
        ["DELETE /pets/2", "DELETE /pets/1"],
    )
    assert restored(tmp_path, status, *CREATED, DELETED, ASKED) == (0, "/pets/1 is gone\n", ["DELETE /pets/1"])


@pytest.mark.parametrize("status", [403, 409, 500])
def test_what_cannot_be_deleted_is_told_by_the_exit_code(status: int, tmp_path: Path) -> None:
    code, told, _ = restored(tmp_path, status, CREATED[0])
    assert (code, told) == (1, f"/pets/1 could not be deleted ({status})\n")


def test_an_operation_that_the_document_lacks_is_told(tmp_path: Path) -> None:
    code, told, seen = restored(tmp_path, 204, {"run": "a", "made": "/cats/1", "by": "deleteCat"})
    assert (code, seen) == (1, [])
    assert told == "/cats/1 could not be deleted: the document has no operation deleteCat\n"


MARKS = {"run": "a", "marks": "qwertyuio"}
UNANSWERED = {"run": "a", "method": "POST", "path": "/pets", "body": "{}"}
LEFT = [{"id": 7, "name": "Rex"}, {"id": 8, "name": "Tom lookalike-qwertyuioabcdef"}]


def test_a_creation_that_was_not_answered_is_found_in_the_list_by_its_mark(tmp_path: Path) -> None:
    assert restored(tmp_path, 204, MARKS, UNANSWERED, pets=LEFT) == (
        0,
        "pet 8 is gone\n",
        ["GET /pets", "DELETE /pets/8", "GET /pets"],
    )
    answered = {"run": "a", "method": "POST", "path": "/pets", "status": 400}
    assert restored(tmp_path, 204, MARKS, UNANSWERED, answered, pets=LEFT)[2] == []


def test_a_creation_that_was_not_answered_and_cannot_be_looked_for_is_told(tmp_path: Path) -> None:
    code, told, _ = restored(tmp_path, 204, MARKS, UNANSWERED)
    assert (code, told) == (1, "POST /pets was not answered; see whether a pet is left\n")
