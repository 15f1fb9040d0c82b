"""Actions on items, views of items, items that are found beside where they are made, and the order of lists."""

from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.contract.inference.verbs import counts_of_action, effects_of_action
from lookalike.schema.view import SchemaView
from tests.support.pet_documents import REF, body, document, mock, operation, send

TEXT = {"type": "string"}
LIST = {"type": "array", "items": REF}
INVOICE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": TEXT,
        "status": {"enum": ["draft", "open", "paid", "void", "canceled", "in_progress"]},
        "archived": {"type": "boolean"},
        "is_locked": {"type": "boolean"},
        "canceled_at": {"type": ["string", "null"], "format": "date-time"},
        "paid_on": {"type": ["string", "null"], "format": "date"},
        "archivedAt": {"type": ["integer", "null"]},
    },
}


@pytest.mark.parametrize(
    ("verb", "effects"),
    [
        ("cancel", {"status": "canceled", "canceled_at": "$generated.now"}),
        ("pay", {"status": "paid", "paid_on": "$generated.today"}),
        ("finalize", {"status": "open"}),
        ("void", {"status": "void"}),
        ("start", {"status": "in_progress"}),
        ("draft", {"status": "draft"}),
        ("archive", {"archived": True, "archivedAt": "$generated.seconds"}),
        ("unarchive", {"archived": False, "archivedAt": None}),
        ("lock", {"is_locked": True}),
        ("unlock", {"is_locked": False}),
        ("recalculate", {}),
        ("lines", {}),
        ("name", {}),
    ],
)
def test_an_action_sets_the_state_flag_and_date_of_its_name(verb: str, effects: dict[str, Any]) -> None:
    assert effects_of_action(SchemaView(INVOICE, ()), verb) == effects


@pytest.mark.parametrize("verb", ["duplicate", "copy", "actions/replicate"])
def test_a_copy_is_a_new_item_in_the_state_of_a_new_one_with_what_is_sent_along(verb: str) -> None:
    members = {"id": {"type": "integer", "readOnly": True}, "name": TEXT, "color": TEXT}
    item = {"type": "object", "properties": {**members, "status": {"enum": ["draft", "sent"]}}}
    paths = {
        "/letters": {
            "post": operation({"201": item}, item),
            "get": operation({"200": {"type": "array", "items": item}}),
        },
        "/letters/{letterId}": {"get": operation({"200": item}), "patch": operation({"200": item}, item)},
        f"/letters/{{letterId}}/{verb}": {"post": operation({"201": item}, {**item, "properties": {"name": TEXT}})},
    }
    server = mock(document(paths))
    send(server, "POST", "/letters", {"name": "a", "color": "red"})
    send(server, "PATCH", "/letters/1", {"status": "sent"})
    answer = send(server, "POST", f"/letters/1/{verb}", {"name": "b"})
    copied = {"id": 2, "name": "b", "color": "red", "status": "draft"}
    assert (body(answer), answer.header("Location")) == (copied, "/letters/2")
    assert body(send(server, "GET", "/letters")) == [{"id": 1, "name": "a", "color": "red", "status": "sent"}, copied]
    assert send(server, "POST", f"/letters/7/{verb}", {}).status == 404


@pytest.mark.parametrize(
    ("verb", "is_undone", "counts"),
    [
        ("favorite", False, {"favoritesCount": 1}),
        ("favorite", True, {"favoritesCount": -1}),
        ("like", False, {"likes": 1}),
        ("unlike", False, {"likes": -1}),
        ("follow", False, {"follower_count": 1}),
        ("stock", False, {}),
        ("tags", False, {}),
        ("recalculate", False, {}),
    ],
)
def test_an_action_counts_how_often_it_was_done(verb: str, is_undone: bool, counts: dict[str, int]) -> None:
    numbers = {
        name: {"type": "integer"} for name in ("favoritesCount", "likes", "follower_count", "stock", "tags_count")
    }
    item = {"type": "object", "properties": {**numbers, "favorites": {"type": "array"}}}
    assert counts_of_action(SchemaView(item, ()), verb, is_undone) == counts


def crud(**more: Any) -> dict[str, Any]:
    return {
        "/pets": {"post": operation({"201": REF}, {"type": "object"}), "get": operation({"200": LIST}), **more},
        "/pets/{id}": {"get": operation({"200": REF})},
    }


@pytest.mark.parametrize(("end", "member"), [("batch-retrieve", "ids"), ("bulk/get", "petIds"), ("listMany", "ids")])
def test_many_items_are_read_and_deleted_by_the_keys_that_are_sent(end: str, member: str) -> None:
    keys = {"type": "object", "properties": {member: {"type": "array", "items": {"type": "integer"}}}}
    many = {f"/pets/{end}": {"post": operation({"200": {"type": "object", "properties": {"pets": LIST}}}, keys)}}
    gone = {"/pets/batch-delete": {"post": operation({"204": None}, keys)}}
    api = mock(document({**crud(), **many, **gone}, INVOICE))
    for name in "abc":
        send(api, "POST", "/pets", {"name": name})
    shown = body(send(api, "POST", f"/pets/{end}", {member: [1, 3, 7]}))["pets"]
    assert [one["name"] for one in shown] == ["a", "c"]
    assert send(api, "POST", "/pets/batch-delete", {member: [1, 2]}).status == 204
    assert [one["name"] for one in body(send(api, "GET", "/pets"))] == ["c"]


def test_a_list_of_items_that_are_deleted_elsewhere_is_emptied_without_their_deletion() -> None:
    watched = {"get": operation({"200": LIST}), "delete": operation({"204": None})}
    paths = {**crud(), "/me/watched/pets": watched}
    paths["/pets/{id}"] = {"get": operation({"200": REF}), "delete": operation({"204": None})}
    api = mock(document(paths, INVOICE))
    send(api, "POST", "/pets", {"name": "a"})
    assert send(api, "DELETE", "/me/watched/pets").status == 204
    assert send(api, "GET", "/pets/1").status == 200


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ({"type": "integer"}, 1),
        ({"type": "object", "properties": {"count": {"type": "number"}}}, {"count": 1}),
        ({"type": "object", "properties": {"total": {"type": "integer"}}}, {"total": 1}),
    ],
)
def test_items_are_counted_at_a_path_that_says_so(method: str, answer: dict[str, Any], count: Any) -> None:
    asked = {"parameters": [{"name": "status", "in": "query", "schema": TEXT}]}
    api = mock(document({**crud(), "/pets/count": {method: {**operation({"200": answer}), **asked}}}, INVOICE))
    for status in ("draft", "paid"):
        send(api, "POST", "/pets", {"name": "a", "status": status})
    assert body(send(api, method.upper(), "/pets/count?status=paid")) == count


def test_a_parameter_of_another_type_than_a_member_sets_none() -> None:
    members = {"id": {"type": "integer"}, "name": TEXT, "lines": {"type": "array", "items": TEXT}}
    asked = {"parameters": [{"name": "lines", "in": "query", "schema": {"type": "boolean"}}]}
    create = {**operation({"201": REF}, REF), **asked}
    paths = {**crud(), "/pets": {**crud()["/pets"], "post": create}}
    found = infer(document(paths, {"type": "object", "properties": members}))
    assert found.grounds["/pets", "post"][EFFECT] is Ground.SHOWN


@pytest.mark.parametrize("word", ["filter", "search", "paginate"])
def test_a_search_by_post_has_pages_that_its_body_asks_for(word: str) -> None:
    sent = {"type": "object", "properties": {"limit": {"type": "integer"}, "offset": {"type": "integer"}}}
    api = mock(document({**crud(), f"/pets/{word}": {"post": operation({"200": LIST}, sent)}}, INVOICE))
    for name in ("a", "b", "c"):
        send(api, "POST", "/pets", {"name": name})
    found = body(send(api, "POST", f"/pets/{word}", {"limit": 1, "offset": 1}))
    assert [one["name"] for one in found] == ["b"]


def test_a_search_whose_filters_are_not_understood_lists_all() -> None:
    query = {"type": "object", "properties": {"query": {"type": "object", "properties": {"fuzzy": TEXT}}}}
    api = mock(document({**crud(), "/pets/search": {"post": operation({"200": LIST}, query)}}, INVOICE))
    send(api, "POST", "/pets", {"name": "a"})
    assert [one["name"] for one in body(send(api, "POST", "/pets/search", {"query": {"fuzzy": "x"}}))] == ["a"]


def test_an_action_leads_to_the_state_that_the_example_of_its_answer_shows() -> None:
    def shown(status: str) -> dict[str, Any]:
        pet = {"id": 7, "status": status}
        return {"type": "object", "properties": {"pet": REF}, "examples": [{"pet": pet}]}

    read = {
        "/pets": {"post": operation({"201": shown("NEW")}, REF)},
        "/pets/{id}": {"get": operation({"200": shown("NEW")})},
    }
    verbs = {verb: {"post": operation({"200": shown(state)})} for verb, state in (("groom", "CLEAN"), ("look", "NEW"))}
    paths = {**read, **{f"/pets/{{id}}/{verb}": methods for verb, methods in verbs.items()}}
    api = mock(document(paths, {"type": "object", "properties": {"id": {"type": "integer"}, "status": TEXT}}))
    assert body(send(api, "GET", "/pets/7"))["pet"]["status"] == "NEW"
    made = body(send(api, "POST", "/pets", {"status": "OLD"}))["pet"]["id"]
    assert body(send(api, "POST", f"/pets/{made}/groom"))["pet"] == {"id": made, "status": "CLEAN"}
    send(api, "POST", f"/pets/{made}/look")
    assert body(send(api, "GET", f"/pets/{made}"))["pet"]["status"] == "CLEAN"


@pytest.mark.parametrize(
    ("status", "text", "again"),
    [("409", "Conflict", 409), ("400", "The order is already closed", 400), ("400", "Bad request", 200)],
)
def test_an_action_that_was_done_to_an_item_is_refused_where_the_document_says_so(
    status: str, text: str, again: int
) -> None:
    order = {"type": "object", "properties": {"id": {"type": "integer"}, "state": {"enum": ["open", "closed"]}}}
    close = operation({"200": REF})
    close["responses"][status] = {"description": text}
    read = operation({"200": REF})
    server = mock(
        document(
            {
                "/orders": {"post": operation({"201": REF})},
                "/orders/{id}": {"get": read},
                "/orders/{id}/close": {"post": close},
            },
            order,
        )
    )
    assert body(send(server, "POST", "/orders", {}))["state"] == "open"
    assert [send(server, "POST", "/orders/1/close").status for _ in range(2)] == [200, again]
    assert body(send(server, "GET", "/orders/1"))["state"] == "closed"


@pytest.mark.parametrize(
    ("noun", "state"), [("cancellation", "cancelled"), ("publication", "published"), ("approval", "approved")]
)
def test_an_action_may_be_named_by_a_noun_and_answer_with_a_thing_of_its_own(noun: str, state: str) -> None:
    record = {"type": "object", "properties": {"reason": TEXT, "at": TEXT}}
    states = {"enum": ["new", "cancelled", "published", "approved"]}
    order = {"type": "object", "properties": {"id": {"type": "integer"}, "status": states}}
    paths = {
        "/orders": {"post": operation({"201": REF})},
        "/orders/{id}": {"get": operation({"200": REF})},
        f"/orders/{{id}}/{noun}": {"post": operation({"201": record}, record)},
    }
    server = mock(document(paths, order))
    send(server, "POST", "/orders", {})
    assert send(server, "POST", f"/orders/1/{noun}", {"reason": "late"}).status == 201
    assert body(send(server, "GET", "/orders/1"))["status"] == state


@pytest.mark.parametrize("member", ["assignee", "assignee_id", "assignedTo"])
def test_an_action_that_gives_one_value_sets_the_member_of_its_name(member: str) -> None:
    user = {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT}}
    held = {"anyOf": [user, {"type": "null"}]} if member == "assignee" else {"type": ["integer", "null"]}
    assigned_at = {"type": ["string", "null"], "format": "date-time"}
    task = {"type": "object", "properties": {"id": {"type": "integer"}, member: held, "assigned_at": assigned_at}}
    sent = {"type": "object", "properties": {"userId": {"type": "integer"}}}
    paths = {
        "/tasks": {"post": operation({"201": REF})},
        "/tasks/{id}": {"get": operation({"200": REF})},
        "/tasks/{id}/assign": {"post": operation({"200": REF}, sent)},
    }
    server = mock(document(paths, task))
    assert body(send(server, "POST", "/tasks", {})).get(member) is None
    shown = {"id": 7} if member == "assignee" else 7
    assert body(send(server, "POST", "/tasks/1/assign", {"userId": 7}))[member] == shown
    assert body(send(server, "GET", "/tasks/1"))[member] == shown


USER_REF = {"$ref": "#/components/schemas/User"}


@pytest.mark.parametrize(
    "shown",
    [USER_REF, {"allOf": [USER_REF]}, {"anyOf": [USER_REF, {"type": "null"}]}, {"oneOf": [{"type": "null"}, USER_REF]}],
)
def test_a_related_item_is_shown_for_its_key_however_the_document_refers_to_it(shown: Any) -> None:
    sent = {"type": "object", "properties": {"assignee_id": {"type": "integer"}}}
    paths = {
        "/users": {"post": operation({"201": USER_REF}, USER_REF)},
        "/users/{id}": {"get": operation({"200": USER_REF})},
        "/tasks": {"post": operation({"201": REF}, sent)},
        "/tasks/{id}": {"get": operation({"200": REF})},
    }
    data = document(paths, {"type": "object", "properties": {"id": {"type": "integer"}, "assignee": shown}})
    data["components"]["schemas"]["User"] = {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT}}
    server = mock(data, is_mock=True)
    send(server, "POST", "/users", {"name": "Asha"})
    assert body(send(server, "POST", "/tasks", {"assignee_id": 1}))["assignee"] == {"id": 1, "name": "Asha"}


def test_an_action_below_actions_sets_the_state_of_its_name_or_what_is_sent_with_it() -> None:
    told = {"type": "object", "properties": {"action": {"type": "object", "properties": {"command": TEXT}}}}
    paths = crud()
    for verb, name in (("poweroff", ""), ("change_type", "type"), ("resize", "size"), ("reboot", "size")):
        schema = {"type": "object", "properties": {name: TEXT}} if name else None
        paths[f"/pets/{{id}}/actions/{verb}"] = {"post": operation({"201": told}, schema)}
    server = {"id": {"type": "integer"}, "status": {"enum": ["running", "off"]}, "type": TEXT, "size": TEXT}
    api = mock(document(paths, {"type": "object", "properties": server}))
    send(api, "POST", "/pets", {"type": "small", "size": "1"})
    send(api, "POST", "/pets/1/actions/poweroff")
    for verb, values in (("change_type", {"type": "large"}), ("resize", {"size": "2"}), ("reboot", {"size": "3"})):
        assert send(api, "POST", f"/pets/1/actions/{verb}", values).status == 201
    assert body(send(api, "GET", "/pets/1")) == {"id": 1, "status": "off", "type": "large", "size": "2"}


def test_an_action_is_seen_at_the_item_afterwards_and_taken_back_by_delete() -> None:
    lock = {"put": operation({"204": None}), "delete": operation({"204": None})}
    cancel = {"post": operation({"200": REF}, {"type": "object", "properties": {"name": TEXT, "by": TEXT}})}
    server = mock(document({**crud(), "/pets/{id}/lock": lock, "/pets/{id}/cancel": cancel}, INVOICE))
    assert body(send(server, "POST", "/pets", {"name": "a"}))["status"] == "draft"
    assert send(server, "PUT", "/pets/1/lock", None).status == 204
    assert body(send(server, "GET", "/pets/1"))["is_locked"] is True
    assert send(server, "DELETE", "/pets/1/lock").status == 204
    assert body(send(server, "GET", "/pets/1"))["is_locked"] is False
    canceled = body(send(server, "POST", "/pets/1/cancel", {"name": "because", "by": "me"}))
    assert (canceled["status"], canceled["name"]) == ("canceled", "because")
    assert body(send(server, "GET", "/pets/1")) == canceled
    assert send(server, "POST", "/pets/7/cancel", {}).status == 404


def test_a_view_shows_the_item_and_replaces_the_member_that_it_is_named_after() -> None:
    view = {"get": operation({"200": REF}), "put": operation({"200": REF}, REF), "patch": operation({"200": REF}, REF)}
    paths = {**crud(), "/pets/{id}/status": view}
    paths["/pets/{id}"]["put"] = operation({"200": REF}, REF)
    server = mock(document(paths, INVOICE))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets/1/status"))["name"] == "a"
    assert body(send(server, "PUT", "/pets/1/status", {"name": "b", "status": "paid"}))["name"] == "a"
    assert body(send(server, "GET", "/pets/1"))["status"] == "paid"


def deployments() -> Any:
    """Deployments that other paths show a part of, as those of Kubernetes."""
    metadata = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
    count = {"type": "object", "properties": {"replicas": {"type": "integer"}}}
    spec = {"type": "object", "properties": {"replicas": {"type": "integer"}, "image": TEXT}}
    told = {"type": "string", "description": "The name of the resource that this object represents."}
    own = {"kind": told, "apiVersion": {**TEXT, "description": "The version of this object."}}
    deployment = {"type": "object", "properties": {**own, "metadata": metadata, "spec": spec, "status": count}}
    scale = {"$ref": "#/components/schemas/Scale"}
    anything = {"type": "object"}
    paths = {
        "/apis/apps/v1/deployments": {"post": operation({"201": REF}, REF)},
        "/apis/apps/v1/deployments/{name}": {"get": operation({"200": REF})},
        "/apis/apps/v1/deployments/{name}/status": {
            "get": operation({"200": REF}),
            "patch": operation({"200": REF}, anything),
        },
        "/apis/apps/v1/deployments/{name}/scale": {
            "get": operation({"200": scale}),
            "put": operation({"200": scale, "201": scale}, scale),
        },
    }
    data = document(paths, deployment)
    data["components"]["schemas"]["Scale"] = {
        "type": "object",
        "properties": {**own, "metadata": metadata, "spec": count, "status": count},
    }
    return data


def test_a_view_of_its_own_schema_changes_the_part_that_it_shows_and_that_of_a_member_nothing_else() -> None:
    server, path = mock(deployments(), is_mock=True), "/apis/apps/v1/deployments"
    send(server, "POST", path, {"metadata": {"name": "web"}, "spec": {"replicas": 2, "image": "nginx"}})
    assert body(send(server, "GET", f"{path}/web/scale"))["spec"]["replicas"] == 2
    send(server, "PUT", f"{path}/web/scale", {"metadata": {"name": "web"}, "spec": {"replicas": 5}})
    assert body(send(server, "GET", f"{path}/web"))["spec"] == {"replicas": 5, "image": "nginx"}
    send(server, "PATCH", f"{path}/web/status", {"spec": {"replicas": 9}, "status": {"replicas": 4}})
    after = body(send(server, "GET", f"{path}/web"))
    assert (after["spec"]["replicas"], after["status"]) == (5, {"replicas": 4})
    assert send(server, "PUT", f"{path}/none/scale", {"metadata": {"name": "none"}}).status == 404


def test_an_item_has_the_kind_of_its_schema_and_the_version_of_its_path() -> None:
    made = body(
        send(mock(deployments(), is_mock=True), "POST", "/apis/apps/v1/deployments", {"metadata": {"name": "a"}})
    )
    assert (made["kind"], made["apiVersion"]) == ("Pet", "apps/v1")


def test_what_an_action_was_sent_is_null_again_once_another_undoes_it() -> None:
    customer = {"anyOf": [TEXT, {"type": "object"}, {"type": "null"}]}
    item = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "customer": customer}}
    attach = operation({"200": REF}, {"type": "object", "properties": {"customer": TEXT}})
    paths = {
        "/methods": {"post": operation({"201": REF}, {"type": "object", "properties": {"customer": TEXT}})},
        "/methods/{id}": {"get": operation({"200": REF})},
        "/methods/{id}/attach": {"post": attach},
        "/methods/{id}/detach": {"post": operation({"200": REF})},
    }
    server = mock(document(paths, item))
    send(server, "POST", "/methods", {})
    assert body(send(server, "POST", "/methods/1/attach", {"customer": "asha"}))["customer"] == "asha"
    assert body(send(server, "POST", "/methods/1/detach"))["customer"] is None
    assert body(send(server, "GET", "/methods/1"))["customer"] is None


def test_a_path_whose_parameter_has_another_name_is_no_view_of_an_item() -> None:
    server = mock(document({**crud(), "/pets/{name}/latest": {"get": operation({"200": REF, "404": {}})}}, INVOICE))
    found = {one.path: one.selector for one in server.model.contract.operations}
    assert found["/pets/{name}/latest"] is None
    assert found["/pets/{id}"] is not None


def test_items_that_are_made_below_one_parent_are_found_at_a_shorter_path_and_go_with_that_parent() -> None:
    notes = "/pets/{id}/notes"
    paths = {
        **crud(),
        notes: {"post": operation({"201": REF}, {"type": "object"}), "get": operation({"200": LIST})},
        "/pets/notes/{note_id}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
    }
    paths["/pets/{id}"]["delete"] = operation({"204": None})
    server = mock(document({**paths, "/pets/{id}": paths["/pets/{id}"]}, INVOICE))
    for _ in "ab":
        send(server, "POST", "/pets", {})
    made = [body(send(server, "POST", f"/pets/{pet}/notes", {"name": str(pet)})) for pet in (1, 2)]
    assert made[0]["id"] != made[1]["id"]
    assert body(send(server, "GET", f"/pets/notes/{made[1]['id']}")) == made[1]
    assert body(send(server, "GET", "/pets/1/notes")) == [made[0]]
    assert send(server, "POST", "/pets/9/notes", {}).status == 404
    assert send(server, "DELETE", "/pets/1").status == 204
    assert send(server, "GET", f"/pets/notes/{made[0]['id']}").status == 404


def test_all_items_of_a_collection_are_deleted_at_once_where_delete_is_documented_there() -> None:
    server = mock(document(crud(delete=operation({"204": None})), INVOICE))
    for _ in "ab":
        send(server, "POST", "/pets", {})
    assert send(server, "DELETE", "/pets").status == 204
    assert body(send(server, "GET", "/pets")) == []


@pytest.mark.parametrize(
    ("description", "order"),
    [
        ("Returns the pets, with the most recent pets appearing first.", "cba"),
        ("Newest pets are first.", "cba"),
        ("Returns the most recent state of each. The first is free.", "abc"),
    ],
)
def test_a_list_is_in_the_documented_order(description: str, order: str) -> None:
    listing = {**operation({"200": LIST}, query={"limit": {"type": "integer"}}), "description": description}
    server = mock(document({**crud(), "/pets": {**crud()["/pets"], "get": listing}}, INVOICE))
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    assert "".join(one["name"] for one in body(send(server, "GET", "/pets"))) == order
    assert "".join(one["name"] for one in body(send(server, "GET", "/pets?limit=2"))) == order[:2]


def test_a_sort_by_the_time_of_creation_may_be_named_without_its_ending_and_puts_the_newer_first() -> None:
    item = {**INVOICE, "properties": {**INVOICE["properties"], "created_at": {**TEXT, "format": "date-time"}}}
    query = {"sort": {"enum": ["created", "name"], "default": "created"}, "direction": {"default": "desc", **TEXT}}
    paths = crud()
    paths["/pets"]["get"] = operation({"200": LIST}, query=query)
    server = mock(document(paths, {**item, "required": ["created_at"]}))
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    assert "".join(one["name"] for one in body(send(server, "GET", "/pets"))) == "cba"
    assert "".join(one["name"] for one in body(send(server, "GET", "/pets?direction=asc"))) == "abc"


def test_a_flag_such_as_a_star_is_set_from_put_to_delete() -> None:
    tells = {"responses": {"204": {"description": "it is"}, "404": {"description": "it is not"}}}
    star = {"get": tells, "put": operation({"204": None}), "delete": operation({"204": None})}
    others = {"/pets/{id}/{version}": {"get": operation({"200": REF})}, "/user/following/{username}": star}
    server = mock(document({**crud(), "/pets/{id}/star": star, **others}, INVOICE))
    send(server, "POST", "/pets", {})
    send(server, "POST", "/pets", {})
    for path, other in (("/pets/1/star", "/pets/2/star"), ("/user/following/asha", "/user/following/ben")):
        assert send(server, "GET", path).status == 404
        assert send(server, "PUT", path, None).status == 204
        assert send(server, "PUT", path, None).status == 204
        assert send(server, "GET", path).status == 204
        assert send(server, "GET", other).status == 404
        assert send(server, "DELETE", path).status == 204
        assert send(server, "GET", path).status == 404


@pytest.mark.parametrize("name", ["notes", "note_count", "notesCount", "total_notes", "number_of_notes"])
def test_a_parent_shows_how_many_children_it_has(name: str) -> None:
    item = {**INVOICE, "required": [name], "properties": {**INVOICE["properties"], name: {"type": "integer"}}}
    made_of = {"type": "object", "properties": {"name": TEXT}}
    paths = {
        "/pets": {"post": operation({"201": REF}, made_of), "get": operation({"200": LIST})},
        "/pets/{id}": {"get": operation({"200": REF})},
        "/pets/{id}/notes": {"post": operation({"201": REF}, made_of), "get": operation({"200": LIST})},
        "/pets/{id}/notes/{note_id}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
    }
    server = mock(document(paths, item))
    assert body(send(server, "POST", "/pets", {}))[name] == 0
    for _ in "ab":
        send(server, "POST", "/pets/1/notes", {})
    assert body(send(server, "GET", "/pets/1"))[name] == 2
    assert body(send(server, "GET", "/pets"))[0][name] == 2
    assert send(server, "DELETE", "/pets/1/notes/1").status == 204
    assert body(send(server, "GET", "/pets/1"))[name] == 1


def test_actions_children_and_views_are_found_below_paths_that_end_in_a_slash() -> None:
    item = "/pets/{id}/"
    paths = {
        "/pets/": crud()["/pets"],
        item: {"get": operation({"200": REF})},
        f"{item}cancel/": {"post": operation({"200": REF})},
        f"{item}photo/": {"get": operation({"200": TEXT})},
        f"{item}status/": {"get": operation({"200": REF}), "put": operation({"200": REF}, REF)},
    }
    server = mock(document(paths, INVOICE))
    send(server, "POST", "/pets/", {"name": "a"})
    assert body(send(server, "POST", "/pets/1/cancel/"))["status"] == "canceled"
    assert body(send(server, "GET", "/pets/1/status/"))["name"] == "a"
    assert send(server, "GET", "/pets/1/photo/").status == 200
    assert send(server, "GET", "/pets/7/photo/").status == 404


TAGGED = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "tags": {"type": "array", "items": {"type": "object", "properties": {"id": TEXT, "name": TEXT}}},
        "watchers": {"type": "array", "items": TEXT},
        "parent": {"type": ["object", "null"], "properties": {"id": TEXT, "name": TEXT}},
        "projects": {"type": "array", "items": {"type": "object", "properties": {"id": TEXT}}},
    },
}
MADE_OF = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}


def tasks() -> Any:
    """A mock of tasks with tags, watchers, subtasks and projects."""

    def keys(name: str, schema: Any) -> Any:
        return {"post": operation({"200": None}, {"type": "object", "properties": {name: schema}})}

    project = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "title": TEXT}}
    paths = {
        "/tasks": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
        "/tasks/{task}": {"get": operation({"200": REF})},
        "/tasks/{task}/addTag": keys("tag", TEXT),
        "/tasks/{task}/removeTag": keys("tag", TEXT),
        "/tasks/{task}/addWatchers": keys("watchers", {"type": "array", "items": TEXT}),
        "/tasks/{task}/subtasks": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
        "/projects": {"post": operation({"201": project}, project)},
        "/projects/{project}": {"get": operation({"200": project})},
        "/projects/{project}/tasks": {"get": operation({"200": LIST}), "post": operation({"201": REF}, MADE_OF)},
    }
    return mock(document(paths, TAGGED))


def test_actions_add_to_a_list_of_the_item_and_take_away_from_it() -> None:
    server = tasks()
    path = f"/tasks/{body(send(server, 'POST', '/tasks', {'name': 'a'}))['id']}"
    for tag in ("t1", "t2", "t1"):
        assert send(server, "POST", f"{path}/addTag", {"tag": tag}).status == 200
    send(server, "POST", f"{path}/removeTag", {"tag": "t2"})
    send(server, "POST", f"{path}/addWatchers", {"watchers": ["asha", "bo"]})
    shown = body(send(server, "GET", path))
    assert [one["id"] for one in shown["tags"]] == ["t1"]
    assert shown["watchers"] == ["asha", "bo"]
    assert send(server, "POST", "/tasks/none/addTag", {"tag": "t1"}).status == 404


def test_an_item_made_below_one_of_its_own_kind_has_that_for_a_parent() -> None:
    server = tasks()
    outer = body(send(server, "POST", "/tasks", {"name": "a"}))["id"]
    assert body(send(server, "POST", f"/tasks/{outer}/subtasks", {"name": "b"}))["parent"]["id"] == outer
    assert [one["name"] for one in body(send(server, "GET", f"/tasks/{outer}/subtasks"))] == ["b"]


def test_an_item_made_below_another_is_listed_below_it_alone_where_it_names_that_in_a_list() -> None:
    server = tasks()
    for project in ("p", "q"):
        send(server, "POST", "/projects", {"id": project})
    assert body(send(server, "POST", "/projects/p/tasks", {"name": "a"}))["projects"] == [{"id": "p"}]
    assert [one["name"] for one in body(send(server, "GET", "/projects/p/tasks"))] == ["a"]
    assert body(send(server, "GET", "/projects/q/tasks")) == []


def test_a_change_of_the_state_sets_the_date_of_that_state_and_takes_back_that_of_the_last() -> None:
    paths = crud()
    paths["/pets/{id}"]["patch"] = operation({"200": REF}, REF)
    server = mock(document(paths, INVOICE), is_mock=True)
    send(server, "POST", "/pets", {"name": "a"})
    canceled = body(send(server, "PATCH", "/pets/1", {"status": "canceled"}))
    assert isinstance(canceled["canceled_at"], str)
    assert body(send(server, "PATCH", "/pets/1", {"name": "b"}))["canceled_at"] == canceled["canceled_at"]
    paid = body(send(server, "PATCH", "/pets/1", {"status": "paid", "paid_on": "2026-01-02"}))
    assert (paid["canceled_at"], paid["paid_on"]) == (None, "2026-01-02"), "what was sent stays"


def test_a_state_and_its_date_may_have_other_words_for_the_same() -> None:
    date = {"type": ["string", "null"], "format": "date-time"}
    states = {"enum": ["TODO", "DONE"]}
    task = {"type": "object", "properties": {"id": {"type": "integer"}, "status": states, "completedAt": date}}
    paths = crud()
    paths["/pets/{id}"]["patch"] = operation({"200": REF}, REF)
    server = mock(document(paths, task), is_mock=True)
    send(server, "POST", "/pets", {})
    assert isinstance(body(send(server, "PATCH", "/pets/1", {"status": "DONE"}))["completedAt"], str)
    assert body(send(server, "PATCH", "/pets/1", {"status": "TODO"}))["completedAt"] is None


EVENTS = ["APPROVE", "REQUEST_CHANGES", "COMMENT"]


@pytest.mark.parametrize("enum", [None, ["PENDING", "APPROVED", "CHANGES_REQUESTED", "COMMENTED"]])
def test_a_review_gets_the_state_of_the_action_that_its_event_names_or_that_its_text_tells_without_one(
    enum: list[str] | None,
) -> None:
    state = {"type": "string", "example": "CHANGES_REQUESTED", **({"enum": enum} if enum else {})}
    review = {
        "type": "object",
        "properties": {"id": {"type": "integer", "readOnly": True}, "text": TEXT, "state": state},
    }
    event = {"enum": EVENTS, "description": "What is done. By leaving this blank, you set the state to `PENDING`."}
    sent = {"type": "object", "properties": {"text": TEXT, "event": event}}
    paths = {
        "/reviews": {"post": operation({"201": REF}, sent)},
        "/reviews/{id}": {"get": operation({"200": REF})},
        "/reviews/{id}/events": {"post": operation({"200": REF}, sent)},
    }
    server = mock(document(paths, review), is_mock=True)
    made = [body(send(server, "POST", "/reviews", {"text": "x", "event": event}))["state"] for event in EVENTS]
    assert made == ["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]
    changed = body(send(server, "POST", "/reviews/3/events", {"text": "y", "event": "APPROVE"}))
    assert changed == {"id": 3, "text": "y", "state": "APPROVED"}
    assert body(send(server, "GET", "/reviews/3")) == changed
    assert body(send(server, "POST", "/reviews", {"text": "z"}))["state"] == "PENDING"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_closes_an_item_as_its_state_event_says(method: str) -> None:
    states = {"state": {"enum": ["opened", "closed"]}, "closed_at": {"type": ["string", "null"], "format": "date-time"}}
    issue = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}, "name": TEXT, **states}}
    sent = {"type": "object", "properties": {"name": TEXT, "state_event": {"enum": ["close", "reopen"]}}}
    paths = {
        "/issues": {"post": operation({"201": REF}, sent)},
        "/issues/{id}": {"get": operation({"200": REF}), method.lower(): operation({"200": REF}, sent)},
    }
    server = mock(document(paths, issue), is_mock=True)
    assert body(send(server, "POST", "/issues", {"name": "a"}))["state"] == "opened"
    closed = body(send(server, method, "/issues/1", {"name": "a", "state_event": "close"}))
    assert (closed["state"], closed["closed_at"] is None) == ("closed", False)
    assert body(send(server, method, "/issues/1", {"name": "b"}))["state"] == "closed"
    reopened = body(send(server, method, "/issues/1", {"name": "b", "state_event": "reopen"}))
    assert (reopened["state"], reopened["closed_at"]) == ("opened", None)


def test_the_latest_release_is_the_one_of_its_repository_that_was_created_last() -> None:
    paths = {
        "/repos": {"post": operation({"201": REF}, REF)},
        "/repos/{repo}": {"get": operation({"200": REF})},
        "/repos/{repo}/releases/latest": {"get": operation({"200": REF})},
        "/repos/{repo}/releases": {"post": operation({"201": REF}, REF)},
        "/repos/{repo}/releases/{id}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
    }
    server = mock(document(paths), is_mock=True)
    for name in ("a", "b"):
        send(server, "POST", "/repos", {"name": name})
    for repo, name in ((1, "1.0"), (1, "1.1"), (2, "0.1")):
        send(server, "POST", f"/repos/{repo}/releases", {"name": name})
    assert body(send(server, "GET", "/repos/1/releases/latest"))["name"] == "1.1"
    assert send(server, "DELETE", "/repos/1/releases/2").status == 204
    assert body(send(server, "GET", "/repos/1/releases/latest"))["name"] == "1.0"
    send(server, "DELETE", "/repos/1/releases/1")
    assert [send(server, "GET", f"/repos/{repo}/releases/latest").status for repo in (1, 3)] == [404, 404]
