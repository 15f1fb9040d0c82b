"""Several documents in one mock: each below a path of its own, with one state, one journal and one control API."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.errors import DocumentError, UsageError
from lookalike.http import Headers, Request, Response
from lookalike.openapi.sources import Mount
from lookalike.service import MockService
from tests.support.things import document

CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return path


def parts(*mounts: Mount | Path, **settings: Any) -> Parts:
    return load(Sources(tuple(one if isinstance(one, Mount) else Mount(one) for one in mounts), **settings))


def ask(mock: MockService, method: str, path: str, body: Any = None) -> Response:
    headers = Headers({} if body is None else {"content-type": "application/json"})
    return mock.handle(Request(method, path, "", headers, b"" if body is None else json.dumps(body).encode()))


@pytest.fixture
def users(tmp_path: Path) -> Path:
    return written(tmp_path, "users.yaml", document("user", "/u"))


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return written(tmp_path, "orders.yaml", document("order", "/o"))


def test_each_document_is_served_below_the_path_of_its_first_server(users: Path, orders: Path) -> None:
    mock = assemble(parts(users, orders))
    assert ask(mock, "GET", "/u/users").json() == [{"id": 1, "name": "user"}]
    assert ask(mock, "GET", "/o/orders").json() == [{"id": 1, "name": "order"}]
    assert ask(mock, "GET", "/users").status == ask(mock, "GET", "/o/users").status == 404


def test_one_state_and_one_journal_hold_what_happens_in_all_documents(users: Path, orders: Path) -> None:
    mock = assemble(parts(users, orders))
    assert ask(mock, "POST", "/u/users", {"name": "Ann"}).header("Location") == "/u/users/2"
    ask(mock, "POST", "/o/orders", {"name": "Bolt"})
    assert {name: len(items) for name, items in mock.state().items()} == {"user": 2, "order": 2}
    assert [entry.request.path for entry in mock.journal()] == ["/o/orders", "/u/users"]


def test_a_path_in_front_of_a_document_replaces_that_of_its_server(users: Path) -> None:
    mock = assemble(parts(Mount(users, "/mine")))
    assert (ask(mock, "GET", "/mine/users").status, ask(mock, "GET", "/u/users").status) == (200, 404)


def test_items_of_two_documents_that_have_the_same_name_are_not_mixed(tmp_path: Path, users: Path) -> None:
    stricter = document("user", "/v")
    stricter["components"]["schemas"]["Thing"]["properties"]["name"]["maxLength"] = 4
    mock = assemble(parts(users, written(tmp_path, "people.yaml", stricter)))
    assert ask(mock, "POST", "/u/users", {"name": "Annabel"}).status == 201
    assert ask(mock, "POST", "/v/users", {"name": "Annabel"}).status == 400
    assert (ask(mock, "GET", "/u/users/2").status, ask(mock, "GET", "/v/users/2").status) == (200, 404)
    assert {name: len(items) for name, items in mock.state().items()} == {"user": 2, "people.user": 1}


def test_operations_of_the_same_id_are_told_apart(users: Path, orders: Path) -> None:
    contract = parts(users, orders).model.contract
    assert [one.id for one in contract.operations if one.method == "GET"][::2] == ["list", "orders.list"]


def test_security_of_a_whole_document_stays_with_its_operations(tmp_path: Path, orders: Path) -> None:
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    secured = document("user", "/u", security=[{"key": []}])
    secured["components"]["securitySchemes"] = {"key": key}
    mock = assemble(parts(written(tmp_path, "users.yaml", secured), orders))
    assert (ask(mock, "GET", "/u/users").status, ask(mock, "GET", "/o/orders").status) == (401, 200)


@pytest.mark.parametrize("union", ["oneOf", "allOf"])
def test_a_discriminator_still_goes_by_the_names_that_its_document_has(union: str, tmp_path: Path) -> None:
    def zoo(base: str) -> dict[str, Any]:
        data = document("animal", base)
        cat = {"$ref": "#/components/schemas/Cat"}
        pet: dict[str, Any] = {"discriminator": {"propertyName": "kind"}}
        if union == "oneOf":
            branch: dict[str, Any] = CAT
            pet = {**pet, "oneOf": [cat]}
        else:
            pet, branch = {**pet, **CAT}, {"allOf": [{"$ref": "#/components/schemas/Pet"}]}
        data["components"]["schemas"] |= {"Pet": pet, "Cat": branch}
        shown = {"schema": {"$ref": "#/components/schemas/Pet"} if union == "oneOf" else cat}
        data["paths"] |= {"/any": {"get": {"responses": {"200": {"description": "d", "content": {}}}}}}
        data["paths"]["/any"]["get"]["responses"]["200"]["content"] = {"application/json": shown}
        return data

    both = written(tmp_path, "a.yaml", zoo("/a")), written(tmp_path, "b.yaml", zoo("/b"))
    mock = assemble(parts(*both))
    assert ask(mock, "GET", "/a/any").json() == ask(mock, "GET", "/b/any").json() == {"kind": "Cat"}


def test_operations_with_servers_of_their_own_keep_the_path_of_these(tmp_path: Path, orders: Path) -> None:
    data = document("user", "/u")
    data["paths"]["/users"]["get"]["servers"] = [{"url": "https://old.example.com/legacy"}]
    mock = assemble(parts(written(tmp_path, "users.yaml", data), orders))
    assert ask(mock, "GET", "/legacy/users").status == 200
    assert ask(mock, "POST", "/u/users", {"name": "Ann"}).status == 201


def test_documents_of_any_version_are_served_together(tmp_path: Path, users: Path) -> None:
    old = {
        "swagger": "2.0",
        "info": {"title": "old", "version": "1"},
        "basePath": "/old",
        "paths": {
            "/things": {
                "get": {"responses": {"200": {"description": "d", "schema": {"$ref": "#/definitions/Thing"}}}},
            }
        },
        "definitions": {"Thing": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
    }
    mock = assemble(parts(users, written(tmp_path, "old.yaml", old)))
    assert ask(mock, "GET", "/old/things").json().keys() == {"n"}


def test_two_documents_that_describe_one_path_are_refused_with_the_places_and_the_remedy(
    tmp_path: Path, users: Path
) -> None:
    other = written(tmp_path, "other.yaml", document("user", "/u"))
    with pytest.raises(DocumentError) as refused:
        parts(users, other)
    (problem,) = refused.value.problems
    assert str(problem) == (
        f"{other}:8:3 (#/paths/~1users): /u/users is described by {users} (line 8) too. Serve one of them below a path "
        f"of its own, as in: lookalike mock {users} /other={other}"
    )
    assert ask(assemble(parts(users, Mount(other, "/other"))), "GET", "/other/users").status == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("openapi: [", "did not find expected node content"),
        ("", "an OpenAPI document is an object"),
        ({"openapi": "9.1.0"}, "version 9.1.0 is not supported"),
    ],
)
def test_a_wrong_document_among_several_is_one_message_with_its_place(
    content: Any, message: str, tmp_path: Path, users: Path
) -> None:
    wrong = written(tmp_path, "wrong.yaml", content)
    with pytest.raises(DocumentError) as refused:
        parts(users, wrong)
    (problem,) = refused.value.problems
    assert str(problem).startswith(f"{wrong}:")
    assert message in str(problem)


def test_an_issue_that_is_found_later_is_located_in_the_document_that_has_it(tmp_path: Path, users: Path) -> None:
    data = document("order", "/o")
    data["paths"]["/orders"]["get"]["responses"]["200"] = {"$ref": "#/components/responses/Gone"}
    path = written(tmp_path, "orders.yaml", data)
    (omitted,) = parts(users, path).model.contract.omitted_operations
    assert (omitted.path, omitted.problem.location and omitted.problem.location.file) == ("/o/orders", str(path))


BROKEN: dict[str, dict[str, Any]] = {
    "a server variable that is a text": {"servers": [{"url": "/{v}", "variables": {"v": "text"}}]},
    "servers that are none": {"servers": [7, {}]},
    "components that are a list": {"components": []},
    "security that is a text": {"security": "key"},
    "tags that are a text": {"tags": "x"},
    "a link to no name": {"components": {"links": {"one": {"operationId": ["list"]}}}},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_document_with_a_broken_part_is_served_with_others_as_far_as_it_is_sound(
    name: str, tmp_path: Path, users: Path
) -> None:
    paths = {"/fine": {"get": {"operationId": "list", "responses": {"200": {"description": "d"}}}}}
    broken = written(tmp_path, "broken.yaml", {**document("order"), "paths": paths, **BROKEN[name]})
    mock = assemble(parts(users, broken))
    assert (ask(mock, "GET", "/fine").status, ask(mock, "GET", "/u/users").status) == (200, 200)


def test_an_overlay_is_for_the_document_that_it_extends_else_for_all(tmp_path: Path, users: Path, orders: Path) -> None:
    def overlay(name: str, target: str, **more: Any) -> Path:
        update = {"target": target, "update": {"description": name}}
        return written(tmp_path, name, {"overlay": "1.0.0", "info": {}, "actions": [update], **more})

    one = overlay("one.yaml", "$.paths.*.get", extends="orders.yaml")
    every = overlay("every.yaml", "$.paths['/users'].post")
    contract = parts(users, orders, overlays=(one, every)).model.contract
    described = {
        (path, method): operation["description"]
        for path, item in contract.document.data["paths"].items()
        for method, operation in item.items()
        if "description" in operation
    }
    assert described == {
        ("/u/users", "post"): "every.yaml",
        ("/o/orders", "get"): "one.yaml",
        ("/o/orders/{id}", "get"): "one.yaml",
    }
    assert contract.document.notices == ()
    nowhere = overlay("nowhere.yaml", "$.paths['/none']")
    (notice,) = parts(users, orders, overlays=(nowhere,)).model.contract.document.notices
    assert str(notice).startswith(f"{nowhere}:")


def test_populate_fills_all_documents(users: Path, orders: Path) -> None:
    state = assemble(parts(users, orders, populate=3)).state()
    assert {name: len(items) for name, items in state.items()} == {"user": 3, "order": 3}


def test_what_two_documents_state_differently_for_the_whole_mock_is_refused(tmp_path: Path) -> None:
    def stating(noun: str, title: str) -> Path:
        ours = {"errors": {"media-type": "application/json", "body": {"title": title}}}
        return written(tmp_path, f"{noun}.yaml", document(noun, f"/{noun}", **{"x-lookalike": ours}))

    with pytest.raises(DocumentError, match="x-lookalike errors is stated otherwise by another document"):
        parts(stating("user", "one"), stating("order", "other"))
    parts(stating("user", "one"), stating("order", "one"))


def test_the_files_that_a_document_names_are_found_beside_it(tmp_path: Path, users: Path) -> None:
    thing = {"$ref": "#/components/schemas/Thing"}
    resources = {"order": {"schema": thing, "key": ["id"], "seed": "seeds/orders.yaml"}}
    data = document("order", "/o", **{"x-lookalike": {"resources": resources}})
    data["components"]["schemas"]["Thing"]["required"] = ["id"]
    path = written(tmp_path, "deep/orders.yaml", data)
    written(tmp_path, "deep/seeds/orders.yaml", {"order": [{"id": 7, "name": "seeded"}]})
    assert assemble(parts(users, path)).state()["order"] == [{"id": 7, "name": "seeded"}]


def test_every_file_of_every_document_is_followed(tmp_path: Path, users: Path) -> None:
    data = document("order", "/o")
    data["components"]["schemas"]["Thing"] = {"$ref": "thing.yaml"}
    path = written(tmp_path, "orders.yaml", data)
    thing = written(tmp_path, "thing.yaml", {"type": "object", "properties": {"name": {"type": "string"}}})
    assert {users, path, thing} <= set(parts(users, path).files)


def test_no_document_is_read_where_one_is_missing(tmp_path: Path, users: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*gone\.yaml: No such file or directory"):
        parts(users, tmp_path / "gone.yaml")
