"""Keys wherever they are: inside of a member, of several parameters, and in what clients see."""

from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import REF, body, document, mock, operation, send

LIST = {"type": "array", "items": REF}
TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def having_key(holder: str, key: str) -> dict[str, Any]:
    inner = {"type": "object", "properties": {key: TEXT, "note": TEXT}}
    return {"type": "object", "properties": {"kind": TEXT, holder: inner, "data": {"type": "object"}}}


@pytest.mark.parametrize(("holder", "key", "parameter"), [("metadata", "name", "name"), ("sys", "id", "entry_id")])
def test_an_item_whose_key_is_inside_of_a_member_is_kept_whole_and_found_by_that_key(
    holder: str, key: str, parameter: str
) -> None:
    paths = {
        "/entries": {"get": operation({"200": LIST}), "post": operation({"201": REF}, REF)},
        f"/entries/{{{parameter}}}": {
            "get": operation({"200": REF}),
            "put": operation({"200": REF}, REF),
            "patch": operation({"200": REF}, REF),
            "delete": operation({"204": None}),
        },
    }
    server = mock(document(paths, having_key(holder, key)))
    sent = {"kind": "K", holder: {key: "mine", "note": "n"}, "data": {"a": "1"}}
    assert body(send(server, "POST", "/entries", sent)) == sent
    assert body(send(server, "GET", "/entries/mine")) == sent
    assert body(send(server, "GET", "/entries")) == [sent]
    renamed = body(send(server, "PUT", "/entries/mine", {"kind": "L", holder: {key: "other"}}))
    assert renamed == {"kind": "L", holder: {key: "mine"}}, "the key stays, as the path says it"
    assert body(send(server, "PATCH", "/entries/mine", {"data": {"b": "2"}}))["data"] == {"b": "2"}
    assert send(server, "DELETE", "/entries/mine").status == 204
    assert send(server, "GET", "/entries/mine").status == 404


def test_an_object_in_an_item_is_not_taken_for_the_item() -> None:
    order = {
        "type": "object",
        "required": ["total"],
        "properties": {"total": {"type": "integer"}, "customer": {"type": "object", "properties": {"id": TEXT}}},
    }
    paths = {
        "/orders": {"get": operation({"200": LIST}), "post": operation({"201": REF}, REF)},
        "/orders/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, order))
    made = send(server, "POST", "/orders", {"total": 3, "customer": {"id": "c7"}})
    assert body(made) == {"total": 3, "customer": {"id": "c7"}}
    assert body(send(server, "GET", str(made.header("Location")))) == {"total": 3, "customer": {"id": "c7"}}


OWNED = {
    "type": "object",
    "required": ["id", "name", "owner"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "example": "Hello"},
        "owner": {"type": "object", "required": ["login"], "properties": {"login": {**TEXT, "example": "asha"}}},
    },
}
MADE_OF = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}


def composite() -> Any:
    item = "/repos/{owner}/{repo}"
    paths = {
        "/user/repos": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
        "/orgs/{org}/repos": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
        item: {
            "get": operation({"200": REF}),
            "delete": operation({"204": None}),
            "patch": operation({"200": REF}, {"type": "object", "properties": {"id": {"type": "integer"}}}),
        },
        f"{item}/notes": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
    }
    return mock(document(paths, OWNED))


def test_what_is_made_elsewhere_is_found_by_all_parameters_of_its_path() -> None:
    server = composite()
    made = send(server, "POST", "/user/repos", {"name": "demo"})
    assert body(made) == {"id": 1, "name": "demo", "owner": {"login": "asha"}}
    assert made.header("Location") == "/repos/asha/demo"
    assert body(send(server, "GET", "/repos/asha/demo")) == body(made)
    assert send(server, "GET", "/repos/other/demo").status == 404
    assert body(send(server, "PATCH", "/repos/asha/demo", {"id": 5}))["owner"] == {"login": "asha"}
    assert send(server, "DELETE", "/repos/asha/demo").status == 204
    assert send(server, "GET", "/repos/asha/demo").status == 404
    assert body(send(server, "GET", "/user/repos")) == []


def test_what_is_made_below_an_owner_is_the_owners_and_in_its_list_alone() -> None:
    server = composite()
    for org in ("acme", "other"):
        assert body(send(server, "POST", f"/orgs/{org}/repos", {"name": "tool"}))["owner"] == {"login": org}
    assert body(send(server, "GET", "/repos/acme/tool"))["owner"] == {"login": "acme"}
    assert len(body(send(server, "GET", "/orgs/acme/repos"))) == 1
    assert len(body(send(server, "GET", "/user/repos"))) == 2


def test_an_envelope_that_is_sent_and_shown_everywhere_is_not_taken_for_the_item() -> None:
    pet = {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}, "name": TEXT}}
    envelope = {"type": "object", "properties": {"pets": {"type": "array", "items": pet}}}
    both = operation({"200": REF}, REF)
    paths = {
        "/pets": {"get": operation({"200": REF}), "put": both, "post": both},
        "/pets/{id}": {"get": operation({"200": REF}), "post": both},
    }
    server = mock(document(paths, envelope))
    made = body(send(server, "PUT", "/pets", {"pets": [{"name": "Mine"}]}))
    assert made["pets"][0].keys() == {"id", "name"}
    assert body(send(server, "GET", "/pets")) == made
    assert body(send(server, "GET", f"/pets/{made['pets'][0]['id']}")) == made


@pytest.mark.parametrize(
    ("collection", "item"),
    [
        ("/silences", "/silence/{petID}"),
        ("/v2/people", "/v2/person/{id}"),
        ("/Categories", "/category/{category_id}"),
        ("/pet", "/pets/{petId}"),
    ],
)
def test_a_collection_is_found_where_its_items_have_the_noun_in_another_number(collection: str, item: str) -> None:
    paths = {
        collection: {"get": operation({"200": LIST}), "post": operation({"201": REF}, REF)},
        item: {"get": operation({"200": REF}), "delete": operation({"204": None})},
    }
    server = mock(document(paths))
    at = item.partition("{")[0]
    made = send(server, "POST", collection, {"name": "Rex"})
    assert made.header("Location") == f"{at}1"
    assert body(send(server, "GET", f"{at}1")) == {"name": "Rex", "id": 1}
    assert body(send(server, "GET", collection)) == [{"name": "Rex", "id": 1}]
    assert send(server, "DELETE", f"{at}1").status == 204
    assert body(send(server, "GET", collection)) == []


def test_what_is_created_at_one_noun_is_listed_at_its_plural_too() -> None:
    paths = {
        "/pet": {"post": operation({"201": REF}, REF)},
        "/pet/{petId}": {"get": operation({"200": REF})},
        "/pets": {"get": operation({"200": LIST})},
    }
    server = mock(document(paths))
    send(server, "POST", "/pet", {"name": "Rex"})
    assert body(send(server, "GET", "/pets")) == [{"name": "Rex", "id": 1}]


def test_that_two_nouns_name_one_collection_accuses_no_server() -> None:
    paths = {
        "/silences": {"get": operation({"200": LIST}), "post": operation({"201": REF}, REF)},
        "/silence/{id}": {"get": operation({"200": REF})},
    }
    grounds = infer(document(paths)).grounds
    assert grounds["/silences", "post"][EFFECT] is grounds["/silences", "get"][EFFECT] is Ground.GUESSED
    assert grounds["/silence/{id}", "get"][EFFECT] is Ground.SHOWN


def test_keys_with_patterns_are_made_for_every_resource_of_a_document_with_many_paths() -> None:
    paths: dict[str, Any] = {}
    schemas = {}
    for prefix in ("AC", "CA", "SM", "QU", "AD", "RE"):
        sid = {"type": "string", "pattern": f"^{prefix}[0-9a-fA-F]{{32}}$", "minLength": 34, "maxLength": 34}
        thing = {"type": "object", "properties": {"sid": sid, "name": TEXT}}
        schemas[prefix] = sid
        below = f"/{prefix}/{{Sid}}"
        parameters = [{"name": "Sid", "in": "path", "required": True, "schema": sid}]
        paths[f"/{prefix}"] = {"post": operation({"201": thing}, {"type": "object", "properties": {"name": TEXT}})}
        paths[below] = {"parameters": parameters, "get": operation({"200": thing})}
        for number in range(12):
            paths[f"{below}/part{number}"] = {"parameters": parameters, "get": operation({"200": TEXT})}
    server = mock(document(paths))
    for prefix in schemas:
        made = body(send(server, "POST", f"/{prefix}", {"name": "x"}))
        assert made["sid"].startswith(prefix), made
        assert body(send(server, "GET", f"/{prefix}/{made['sid']}")) == made


WATCH = {"type": "object", "properties": {"watched": {"type": "boolean"}, "note": TEXT}}
NAMED = {"type": "object", "required": ["name"], "properties": {"id": {"type": "integer"}, "name": TEXT, "color": TEXT}}


def below_labels(**methods: Any) -> Any:
    """A mock of labels, which have names for keys, and of the watch of each."""
    change = {"type": "object", "properties": {"new_name": TEXT, "color": TEXT}}
    paths = {
        "/labels": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
        "/labels/{name}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, change)},
        "/labels/{name}/watch": methods,
        "/labels/{name}/notes": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
    }
    server = mock(document(paths, NAMED))
    send(server, "POST", "/labels", {"name": "bug"})
    return server


def test_a_single_thing_below_an_item_that_can_be_deleted_is_there_from_its_put_to_its_delete() -> None:
    deleted = {"delete": operation({"204": None})}
    server = below_labels(get=operation({"200": WATCH}), put=operation({"200": WATCH}, WATCH), **deleted)
    assert send(server, "GET", "/labels/bug/watch").status == 404
    assert body(send(server, "PUT", "/labels/bug/watch", {"watched": True}))["watched"] is True
    assert body(send(server, "GET", "/labels/bug/watch"))["watched"] is True
    assert send(server, "PUT", "/labels/none/watch", {"watched": True}).status == 404
    assert send(server, "DELETE", "/labels/bug/watch").status == 204
    assert send(server, "GET", "/labels/bug/watch").status == 404
    assert send(server, "PUT", "/labels/bug/watch", {"watched": False}).status == 200


def test_a_single_thing_that_a_post_makes_is_made_once_and_only_changed_by_a_put() -> None:
    server = below_labels(
        get=operation({"200": WATCH}),
        post=operation({"201": WATCH, "409": None}, WATCH),
        put=operation({"204": None}, WATCH),
        delete=operation({"204": None}),
    )
    assert send(server, "PUT", "/labels/bug/watch", {"note": "a"}).status == 404
    assert send(server, "POST", "/labels/bug/watch", {"watched": True, "note": "a"}).status == 201
    assert send(server, "POST", "/labels/bug/watch", {"watched": True}).status == 409
    assert send(server, "PUT", "/labels/bug/watch", {"watched": True, "note": "b"}).status == 204
    assert body(send(server, "GET", "/labels/bug/watch")) == {"watched": True, "note": "b"}


def test_an_item_that_gets_a_new_name_is_found_by_that_with_all_that_is_below_it() -> None:
    server = below_labels()
    send(server, "POST", "/labels", {"name": "ui"})
    send(server, "POST", "/labels/bug/notes", {"name": "n"})
    assert body(send(server, "PATCH", "/labels/bug", {"color": "red"}))["name"] == "bug"
    assert send(server, "PATCH", "/labels/bug", {"new_name": "ui"}).status == 409
    renamed = body(send(server, "PATCH", "/labels/bug", {"new_name": "defect"}))
    assert renamed["name"] == "defect"
    assert body(send(server, "GET", "/labels/defect")) == renamed
    assert send(server, "GET", "/labels/bug").status == 404
    assert [one["name"] for one in body(send(server, "GET", "/labels/defect/notes"))] == ["n"]


def test_what_is_only_told_by_its_status_is_known_to_be_told() -> None:
    paths = {
        "/members": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
        "/members/{name}": {"get": operation({"204": None, "404": None}), "delete": operation({"204": None})},
    }
    contract = document(paths, NAMED)
    assert infer(contract).words["/members/{name}", "get"] == "tells whether a member is there"
    server = mock(contract)
    send(server, "POST", "/members", {"name": "asha"})
    assert [send(server, "GET", f"/members/{name}").status for name in ("asha", "bo")] == [204, 404]


def test_a_key_that_is_a_path_is_found_by_its_end_in_a_mock() -> None:
    paths = {
        "/refs": {"post": operation({"201": REF}, REF)},
        "/refs/{name}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
    }
    server = mock(document(paths, MADE_OF), is_mock=True)
    send(server, "POST", "/refs", {"name": "refs/heads/main"})
    assert body(send(server, "GET", "/refs/heads%2Fmain")) == {"name": "refs/heads/main"}
    assert send(server, "GET", "/refs/main").status == 404
    assert send(server, "DELETE", "/refs/heads%2Fmain").status == 204
    assert send(server, "GET", "/refs/refs%2Fheads%2Fmain").status == 404


def test_an_item_is_found_by_its_slug_where_another_path_has_its_number_and_the_slug_is_that_of_its_name() -> None:
    slug = {**TEXT, "example": "justice-league"}
    numbered = {"name": "team_id", "in": "path", "required": True, "schema": WHOLE}
    team = {
        "type": "object",
        "required": ["id", "name", "slug"],
        "properties": {"id": WHOLE, "name": TEXT, "slug": slug},
    }
    paths = {
        "/teams": {"post": operation({"201": REF}, MADE_OF)},
        "/teams/{team_id}": {"parameters": [numbered], "get": operation({"200": REF})},
        "/orgs/{org}/teams": {"post": operation({"201": REF}, MADE_OF)},
        "/orgs/{org}/teams/{team_slug}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, team))
    made = body(send(server, "POST", "/teams", {"name": "Core Devs"}))
    assert made == {"id": 1, "name": "Core Devs", "slug": "core-devs"}
    assert body(send(server, "GET", "/teams/1")) == made
    made = body(send(server, "POST", "/orgs/acme/teams", {"name": "Web Devs"}))
    assert body(send(server, "GET", "/orgs/acme/teams/web-devs")) == made


def test_the_number_of_children_in_a_state_is_counted_by_that_state() -> None:
    state = {**TEXT, "enum": ["open", "closed"]}
    counts = {name: {**WHOLE, "example": 80} for name in ("open_issues_count", "stars_count", "age")}
    repo = {"type": "object", "required": ["id", *counts], "properties": {"id": WHOLE, **counts}}
    issue = {"type": "object", "required": ["id", "state"], "properties": {"id": WHOLE, "state": state}}
    one = {"$ref": "#/components/schemas/Issue"}
    paths = {
        "/repos": {"post": operation({"201": REF}, MADE_OF)},
        "/repos/{id}": {"get": operation({"200": REF})},
        "/repos/{repo_id}/issues": {"post": operation({"201": one}, MADE_OF)},
        "/repos/{repo_id}/issues/{id}": {
            "patch": operation({"200": one}, {"type": "object", "properties": {"state": state}})
        },
    }
    data = document(paths, repo)
    data["components"]["schemas"]["Issue"] = issue
    server = mock(data, is_mock=True)
    assert body(send(server, "POST", "/repos", {"name": "a"})) == {
        "id": 1,
        "open_issues_count": 0,
        "stars_count": 0,
        "age": 80,
    }
    for _ in range(2):
        send(server, "POST", "/repos/1/issues", {"name": "a"})
    assert body(send(server, "GET", "/repos/1"))["open_issues_count"] == 2
    send(server, "PATCH", "/repos/1/issues/1", {"state": "closed"})
    assert body(send(server, "GET", "/repos/1"))["open_issues_count"] == 1


def test_the_location_of_what_is_made_below_an_item_and_found_beside_it_has_its_own_key() -> None:
    paths = {
        "/repos": {"post": operation({"201": REF}, MADE_OF)},
        "/repos/{repo}": {"get": operation({"200": REF})},
        "/repos/{repo}/issues": {"post": operation({"201": REF}, MADE_OF)},
        "/repos/{repo}/issues/{issue}": {"get": operation({"200": REF})},
        "/repos/{repo}/issues/{issue}/comments": {"post": operation({"201": REF}, MADE_OF)},
        "/repos/{repo}/issues/comments/{comment}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, {"type": "object", "required": ["id"], "properties": {"id": WHOLE, "name": TEXT}}))
    for path in ("/repos", "/repos/1/issues", "/repos/1/issues/1/comments"):
        made = send(server, "POST", path, {"name": "a"})
    assert made.header("Location") == "/repos/1/issues/comments/1"


def test_secrets_of_an_organisation_are_none_of_the_users() -> None:
    own = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "visibility": TEXT}}
    put = operation({"201": None, "204": None}, {"type": "object", "properties": {"value": TEXT}})
    paths = {
        "/user/secrets": {"get": operation({"200": LIST})},
        "/user/secrets/{name}": {"get": operation({"200": REF}), "put": put},
        "/orgs/{org}/secrets": {"get": operation({"200": {"type": "array", "items": own}})},
        "/orgs/{org}/secrets/{name}": {"get": operation({"200": own}), "put": put},
    }
    server = mock(document(paths, NAMED))
    assert send(server, "PUT", "/orgs/acme/secrets/TOKEN", {"value": "x"}).status == 201
    assert [one["name"] for one in body(send(server, "GET", "/orgs/acme/secrets"))] == ["TOKEN"]
    assert body(send(server, "GET", "/orgs/other/secrets")) == body(send(server, "GET", "/user/secrets")) == []
