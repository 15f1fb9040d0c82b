"""A 404 says which items there are, so that a typing error is seen at once."""

from pathlib import Path

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.service import MockService
from tests.support.pet_documents import CRUD, body, document, mock, operation, saved, send

TEXT = {"type": "string"}
PET = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
ERROR = {"type": "object", "properties": {"message": TEXT}}


def server_of(folder: Path, *keys: str) -> MockService:
    paths = {**CRUD, "/pets/{petId}": {**CRUD["/pets/{petId}"], "get": operation({"200": PET, "404": ERROR})}}
    server = assemble(load(Sources(saved(folder, paths, PET))))
    for key in keys:
        send(server, "POST", "/pets", {"id": key, "name": "Rex"})
    return server


@pytest.mark.parametrize(
    ("keys", "asked", "message"),
    [
        (("cus_NffrFe", "cus_8epDeb", "pi_1"), "cus_NfrFe", "there is no pet cus_NfrFe; there is: cus_NffrFe, "),
        (("rex",), "Rex", "there is no pet Rex; there is: rex"),
        ((), "rex", "there is no pet rex"),
        (("a", "b", "c", "d"), "z", "there is no pet z; there is: a, b, c"),
    ],
)
def test_a_404_names_the_nearest_keys_in_the_message_that_is_documented(
    tmp_path: Path, keys: tuple[str, ...], asked: str, message: str
) -> None:
    answer = send(server_of(tmp_path, *keys), "GET", f"/pets/{asked}")
    assert answer.status == 404
    assert body(answer)["message"].startswith(message), body(answer)


def test_a_judge_who_does_not_know_all_items_predicts_no_names_of_keys() -> None:
    server = mock(document(CRUD))
    send(server, "POST", "/pets", {"id": 7, "name": "Rex"})
    assert send(server, "GET", "/pets/8").header("Lookalike-Reason") == "there is no pet 8"
