"""A script of a user: the whole Python API, run and type-checked against the installed wheel."""

import json
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from wsgiref.types import WSGIApplication

import lookalike

PET = {"type": "object", "required": ["name"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "/v1"}],
    "security": [{"token": []}],
    "paths": {
        "/pets": {
            "post": {
                "operationId": "addPet",
                "requestBody": {"required": True, "content": CONTENT},
                "responses": {"201": {"description": "added", "content": CONTENT}},
            },
        },
        "/pets/{petId}": {
            "get": {
                "operationId": "getPet",
                "parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "a pet", "content": CONTENT}, "404": {"description": "none"}},
            }
        },
    },
    "components": {
        "schemas": {"Pet": PET},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}
TOKENS = {"token": [{"token": "let-me-in"}]}


def post(name: str) -> lookalike.Request:
    headers = lookalike.Headers({"Content-Type": "application/json", "Authorization": "Bearer let-me-in"})
    return lookalike.Request("POST", "/pets", headers=headers, body=json.dumps({"name": name}).encode())


def get(number: int) -> lookalike.Request:
    return lookalike.Request("GET", f"/pets/{number}", headers={"Authorization": "Bearer let-me-in"})


def answered(handler: lookalike.Handler, request: lookalike.Request) -> int:
    return handler(request).status


def refused(mock: lookalike.Mock) -> tuple[str, int | str | None]:
    try:
        mock.put_item("pet", 9, {"id": 9, "name": 9})
    except lookalike.StateError as error:
        return error.resource, error.key
    raise AssertionError("a name that is a number fits no pet")


def misplaced(document: dict[str, Any]) -> lookalike.Location | None:
    try:
        lookalike.load(document)
    except lookalike.DocumentError as error:
        problem: lookalike.Problem = error.problems[0]
        return problem.location
    raise AssertionError("there is no such version")


def in_process(contract: lookalike.Contract) -> None:
    mock = lookalike.Mock(contract, data={"pet": [{"id": 1, "name": "Rex"}]}, tokens=TOKENS)
    response: lookalike.Response = mock.handle(get(1))
    assert (response.status, response.json()) == (200, {"id": 1, "name": "Rex"})
    assert answered(mock.handle, get(7)) == 404
    created: dict[str, Any] = mock.handle(post("Tom")).json()
    assert created["name"] == "Tom"
    assert [pet["name"] for pet in mock.state()["pet"]] == ["Rex", "Tom"]
    mock.put_item("pet", 9, {"id": 9, "name": "Ada"})
    mock.patch_item("pet", 9, {"name": "Eve"})
    assert mock.item("pet", 9) == {"id": 9, "name": "Eve"}
    assert mock.delete_item("pet", 9)
    entry: lookalike.JournalEntry = mock.journal(limit=1)[0]
    assert (entry.request.method, entry.outcome.operation) == ("POST", "addPet")
    assert refused(mock) == ("pet", 9)
    mock.replace_state({"pet": []})
    mock.reset()
    assert len(mock.state()["pet"]) == 1


def over_http(contract: lookalike.Contract) -> None:
    mock = lookalike.Mock(contract, tokens=TOKENS, data={"pet": [{"id": 1, "name": "Rex"}]}, security=False)
    application: WSGIApplication = mock.wsgi_app
    assert callable(application)
    with mock.serve(port=0, control_token=None) as server:
        serving: lookalike.MockServer = server
        assert serving.url == f"http://127.0.0.1:{serving.port}/v1"
        with urllib.request.urlopen(f"{serving.url}/pets/1") as response:
            assert json.load(response) == {"id": 1, "name": "Rex"}


def from_files(folder: Path) -> None:
    document = folder / "pets.json"
    document.write_text(json.dumps(PETS))
    overlay = folder / "overlay.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: More, version: '1'}\nactions: [{target: $.info, update: {title: More pets}}]\n"
    )
    contract = lookalike.load(document, overlays=[overlay])
    assert contract.title == "More pets"
    findings: lookalike.Findings = lookalike.check(str(document))
    assert findings.problems == ()
    place = misplaced({"openapi": "4.0.0"})
    assert place is not None
    assert (place.line, place.pointer) == (2, "/openapi")


def judged(contract: lookalike.Contract) -> None:
    mock = lookalike.Mock(contract, data={"pet": [{"id": 1, "name": "Rex"}]}, tokens=TOKENS)
    access = lookalike.Access(control_token="secret", max_requests=500)
    with mock.serve(control_token="secret") as server:
        root = f"http://{server.host}:{server.port}"
        report: lookalike.Report = lookalike.verify(root, contract, access=access, layers=["clauses"])
        assert (report.exit_code, report.failures) == (0, ())
        calibration = lookalike.calibrate(root, contract, access=access)
        assert lookalike.Mock(contract, readings=calibration.readings).choices == {}


def main() -> None:
    contract = lookalike.load(PETS)
    in_process(contract)
    over_http(contract)
    judged(contract)
    with TemporaryDirectory() as folder:
        from_files(Path(folder))
    print("done")


if __name__ == "__main__":
    main()
