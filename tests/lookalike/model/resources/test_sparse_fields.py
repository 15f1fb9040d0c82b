"""A client that asks for some members gets these, and those that the schema requires."""

from pathlib import Path
from typing import Any

import pytest

from lookalike.assembly import Sources, assemble, load
from tests.support.pet_documents import REF, body, document, mock, operation, saved, send

TEXT = {"type": "string"}
PET = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "name": TEXT, "kind": TEXT, "notes": TEXT},
}
LIST = {"type": "object", "properties": {"data": {"type": "array", "items": REF}, "total": {"type": "integer"}}}
REX = {"name": "Rex", "kind": "dog", "notes": "limps", "id": 1}


def paths(name: str) -> dict[str, Any]:
    query = {name: TEXT}
    return {
        "/pets": {"get": operation({"200": LIST}, query=query), "post": operation({"201": REF}, REF)},
        "/pets/{petId}": {"get": operation({"200": REF}, query=query)},
    }


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("fields", "name", {"name", "id"}),
        ("fields", "id,name,kind", {"id", "name", "kind"}),
        ("opt_fields", "name, notes", {"name", "notes", "id"}),
        ("$select", "kind", {"kind", "id"}),
        ("fields[pets]", "name", {"name", "id"}),
        ("fields", "data(name)", {"name", "id"}),
        ("fields", "*", {*REX}),
        ("fields", "", {*REX}),
        ("only", "kind", {"kind", "id"}),
        ("wanted", "kind", {*REX}),
    ],
)
def test_items_have_the_members_that_a_request_names(tmp_path: Path, name: str, value: str, shown: set[str]) -> None:
    server = assemble(load(Sources(saved(tmp_path, paths(name), PET))))
    send(server, "POST", "/pets", {key: REX[key] for key in ("name", "kind", "notes")})
    query = f"{name}={value}".replace(" ", "%20")
    expected = {key: REX[key] for key in REX if key in shown}
    assert body(send(server, "GET", f"/pets?{query}")) == {"data": [expected], "total": 1}
    assert body(send(server, "GET", f"/pets/1?{query}")) == expected
    assert server.state()["pet"] == [REX], "nothing is lost"


def test_a_judge_expects_no_member_to_be_left_out() -> None:
    server = mock(document(paths("fields"), PET))
    send(server, "POST", "/pets", {"name": "Rex", "kind": "dog"})
    assert body(send(server, "GET", "/pets/1?fields=name")) == {"name": "Rex", "kind": "dog", "id": 1}
