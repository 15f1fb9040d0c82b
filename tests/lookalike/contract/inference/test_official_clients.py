"""What the official clients of vendors do with a mock of their whole documents."""

from typing import Any

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import (
    COUNT,
    MANY,
    NUMBER,
    REF,
    TEXT,
    TRUTH,
    body,
    described,
    document,
    mock,
    mock_of_pages,
    operation,
    send,
    with_members,
)

PAGING = {"per_page": COUNT, "page": COUNT}
LINK = {"schema": TEXT, "example": '<https://api.vendor.example/pets?page=2>; rel="next"'}


def post_form(server: MockService, path: str, text: str) -> Response:
    fields = Headers({"Content-Type": "application/x-www-form-urlencoded"})
    return server.handle(Request("POST", path, "", fields, text.encode(), NOW))


def form(schema: Any) -> dict[str, Any]:
    """An operation that makes a pet of a form."""
    made = operation({"201": REF})
    return {**made, "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


def test_a_numbered_list_links_to_its_pages_where_other_lists_are_documented_to() -> None:
    linking = operation({"200": MANY}, query=PAGING)
    linking["responses"]["200"]["headers"] = {"Link": LINK}
    paths = {
        "/pets": {"get": operation({"200": MANY}, query=PAGING), "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
        "/toys": {"get": linking, "post": operation({"201": REF}, REF)},
        "/toys/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths), is_mock=True)
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    link = str(send(server, "GET", "/pets?per_page=2").header("Link"))
    assert '<http://localhost/pets?per_page=2&page=2>; rel="next"' in link


def test_an_example_never_links_a_client_to_a_next_page_at_the_vendor() -> None:
    linking = operation({"200": {"type": "array", "items": TEXT}})
    linking["responses"]["200"]["headers"] = {"Link": LINK}
    server = mock(document({"/words": {"get": linking}}), is_mock=True)
    assert send(server, "GET", "/words").header("Link") is None


ORGANISATION = described("id", id=TEXT, name=TEXT)


def below_organisations(**listed: Any) -> Any:
    """The paths of an organisation that clients can read, of which there is an example, and of pets below it."""
    shown = operation({"200": ORGANISATION})
    shown["responses"]["200"]["content"]["application/json"]["example"] = {"id": "octo"}
    return {
        "/orgs/{orgId}": {"get": shown, "patch": operation({"200": ORGANISATION}, ORGANISATION)},
        "/orgs/{orgId}/pets": {"get": operation({"200": MANY}), "post": operation({"201": REF}, REF)},
        "/orgs/{orgId}/pets/{id}": {"get": operation({"200": REF})},
        **({"/orgs": listed} if listed else {}),
    }


def test_clients_make_things_below_any_item_that_they_can_neither_make_nor_list() -> None:
    server = mock(document(below_organisations()), is_mock=True)
    assert send(server, "POST", "/orgs/acme/pets", {"name": "a"}).status == 201
    assert [one["name"] for one in body(send(server, "GET", "/orgs/acme/pets"))] == ["a"]
    assert body(send(server, "GET", "/orgs/octo/pets")) == []
    assert send(server, "GET", "/orgs/acme").status == 404


def test_an_item_below_an_unknown_one_is_not_found_where_a_list_shows_which_there_are() -> None:
    listing = operation({"200": {"type": "array", "items": ORGANISATION}})
    server = mock(document(below_organisations(get=listing)), is_mock=True)
    assert send(server, "POST", "/orgs/octo/pets", {"name": "a"}).status == 201
    assert send(server, "POST", "/orgs/acme/pets", {"name": "a"}).status == 404


def test_things_below_an_unknown_item_are_not_found_by_the_model_of_a_server_that_is_judged() -> None:
    server = mock(document(below_organisations()), is_mock=False)
    assert send(server, "POST", "/orgs/acme/pets", {"name": "a"}).status == 404


def test_an_item_is_found_by_the_name_that_its_description_says_identifies_it_too() -> None:
    name = {"type": "string", "description": "An application-defined string that uniquely identifies the pet."}
    paths = {
        "/pets": {"get": operation({"200": MANY}), "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
        "/pets/{petId}/toys": {"post": operation({"201": REF}, REF), "get": operation({"200": MANY})},
        "/pets/{petId}/toys/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, with_members(unique_name=name)), is_mock=True)
    assert body(send(server, "POST", "/pets", {"unique_name": "rex"}))["id"] == 1
    assert body(send(server, "GET", "/pets/rex"))["id"] == 1
    assert send(server, "POST", "/pets/rex/toys", {"name": "ball"}).status == 201
    assert body(send(server, "GET", "/pets/1/toys/1"))["name"] == "ball"
    assert body(send(server, "GET", "/pets/rex/toys/1"))["name"] == "ball"
    assert send(server, "DELETE", "/pets/rex").status == 204
    assert send(server, "GET", "/pets/1").status == 404


def test_fields_of_a_form_that_come_once_for_each_value_are_the_list_that_an_item_shows() -> None:
    sent = described(Name=TEXT, Permission={"type": "array", "items": TEXT})
    paths = {"/pets": {"post": form(sent)}, "/pets/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, with_members(permissions={"type": "array", "items": TEXT})), is_mock=True)
    post_form(server, "/pets", "Name=a&Permission=read&Permission=write")
    assert body(send(server, "GET", "/pets/1"))["permissions"] == ["read", "write"]


def test_json_in_a_field_of_a_form_that_may_be_anything_is_read() -> None:
    paths = {"/pets": {"post": form(described(name=TEXT, data={}))}, "/pets/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, with_members(data={})), is_mock=True)
    post_form(server, "/pets", "name={}&data=%7B%22a%22%3A1%7D")
    post_form(server, "/pets", "name=b&data=plain")
    assert [body(send(server, "GET", f"/pets/{key}"))["data"] for key in (1, 2)] == [{"a": 1}, "plain"]
    assert body(send(server, "GET", "/pets/1"))["name"] == "{}"


def test_a_null_that_only_one_form_of_an_item_allows_is_left_out_of_the_other() -> None:
    full = with_members(token={"type": ["string", "null"]})
    paths = {
        "/pets": {
            "get": operation({"200": {"type": "array", "items": with_members(token=TEXT)}}),
            "post": operation({"201": full}, full),
        },
        "/pets/{id}": {"get": operation({"200": full})},
    }
    server = mock(document(paths), is_mock=True)
    for name in "ab":
        send(server, "POST", "/pets", {"name": name, "token": None})
    assert body(send(server, "GET", "/pets")) == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]


def test_pages_that_are_asked_for_by_a_text_are_found_by_the_text_for_the_next_one() -> None:
    page = described(data=MANY, has_more=TRUTH, next_page={"type": ["string", "null"]})
    server = mock_of_pages(page, {"limit": COUNT, "page": TEXT}, "abcde")
    seen, target = [], "/pets?limit=2"
    while target:
        found = body(send(server, "GET", target))
        seen += [one["name"] for one in found["data"]]
        target = f"/pets?limit=2&page={found['next_page']}" if found["has_more"] else ""
    assert seen == [*"abcde"]


def test_a_filter_whose_default_is_none_lets_everything_through() -> None:
    listing = operation({"200": MANY}, query={"kind": {"type": "string", "default": "none"}})
    paths = {
        "/pets": {"get": listing, "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, with_members(kind=TEXT)), is_mock=True)
    send(server, "POST", "/pets", {"kind": "dog"})
    assert len(body(send(server, "GET", "/pets"))) == 1
    assert body(send(server, "GET", "/pets?kind=cat")) == []


def test_members_that_begin_with_add_and_remove_change_a_list() -> None:
    words = {"type": "array", "items": TEXT}
    change = described(name=TEXT, tags=words, add_tags=words, remove_tags=words)
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, change)},
    }
    server = mock(document(paths, with_members(tags=words)), is_mock=True)
    send(server, "POST", "/pets", {"tags": ["old", "kept"]})
    changed = send(server, "PATCH", "/pets/1", {"add_tags": ["new"], "remove_tags": ["old"]})
    assert body(changed)["tags"] == ["kept", "new"]
    assert "add_tags" not in body(changed)


def test_a_put_that_makes_an_item_is_201_and_one_that_changes_it_is_the_other_success() -> None:
    paths = {"/pets/{id}": {"get": operation({"200": REF}), "put": operation({"201": REF, "204": None}, REF)}}
    server = mock(document(paths), is_mock=True)
    statuses = [send(server, "PUT", "/pets/7", {"name": name}).status for name in "ab"]
    assert statuses == [201, 204]
    assert body(send(server, "GET", "/pets/7"))["name"] == "b"


def test_an_answer_by_example_has_what_was_sent_in_any_spelling_and_place() -> None:
    shown = described(to=TEXT, ttl=TEXT, service_sid=TEXT, details=described("score", note=TEXT, score=NUMBER))
    checking = operation({"200": shown}, described(To=TEXT, Ttl=NUMBER, Note=TEXT))
    server = mock(document({"/services/{ServiceSid}/checks": {"post": checking}}), is_mock=True)
    found = body(send(server, "POST", "/services/VA1/checks", {"To": "+1", "Ttl": 60, "Note": "hi"}))
    assert (found["to"], found["ttl"], found["service_sid"]) == ("+1", "60", "VA1")
    assert found["details"]["note"] == "hi"
    assert "score" in found["details"]


def test_the_fixed_letters_of_a_pattern_begin_the_key() -> None:
    key = {"type": "string", "pattern": "^Rm[A-Z0-9]{8,}$"}
    making = operation({"201": REF}, described(name=TEXT))
    paths = {"/pets": {"post": making}, "/pets/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, described("id name", id=key, name=TEXT)), is_mock=True)
    keys = [body(send(server, "POST", "/pets", {"name": name}))["id"] for name in "ab"]
    assert keys == ["Rm00000001", "Rm00000002"]
    assert body(send(server, "GET", "/pets/Rm00000002"))["name"] == "b"


def test_whether_an_action_was_done_is_told_by_204_or_404() -> None:
    paths = {
        "/pulls": {"post": operation({"201": REF}, REF)},
        "/pulls/{id}": {"get": operation({"200": REF})},
        "/pulls/{id}/merge": {"put": operation({"200": REF}), "get": operation({"204": None, "404": None})},
    }
    server = mock(document(paths, with_members(merged=TRUTH)), is_mock=True)
    send(server, "POST", "/pulls", {"name": "a"})
    assert send(server, "GET", "/pulls/1/merge").status == 404
    assert send(server, "PUT", "/pulls/1/merge").status == 200
    assert send(server, "GET", "/pulls/1/merge").status == 204


def test_nothing_is_refunded_redeemed_or_merged_of_a_new_item() -> None:
    time = {"type": ["string", "null"], "format": "date-time", "example": "2020-01-01T00:00:00Z"}
    members = described(
        "id amount_refunded times_redeemed merged_at",
        id=COUNT,
        name=TEXT,
        amount_refunded=COUNT,
        times_redeemed=COUNT,
        merged_at=time,
    )
    paths = {
        "/pets": {"post": operation({"201": REF}, described(name=TEXT))},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    made = body(send(mock(document(paths, members), is_mock=True), "POST", "/pets", {"name": "a"}))
    assert (made["amount_refunded"], made["times_redeemed"], made["merged_at"]) == (0, 0, None)


def test_lists_are_filtered_by_one_of_several_and_by_who_made_the_items() -> None:
    person = described(login=TEXT)
    members = {"assignee": person, "assignees": {"type": "array", "items": person}, "user": person}
    paths = {
        "/pets": {
            "get": operation({"200": MANY}, query={"assignee": TEXT, "creator": TEXT}),
            "post": operation({"201": REF}, REF),
        },
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, with_members(**members)), is_mock=True)
    for name, others in (("a", "bo cy"), ("b", "cy")):
        assignees = [{"login": one} for one in others.split()]
        send(server, "POST", "/pets", {"name": name, "assignees": assignees, "user": {"login": f"by-{name}"}})
    found = {
        query: [one["name"] for one in body(send(server, "GET", f"/pets?{query}"))]
        for query in ("assignee=bo", "assignee=cy", "creator=by-b")
    }
    assert found == {"assignee=bo": ["a"], "assignee=cy": ["a", "b"], "creator=by-b": ["b"]}


def test_a_change_of_a_version_that_is_not_the_latest_is_a_conflict() -> None:
    text = "May be used for optimistic concurrency. Populated by the system. Read-only."
    metadata = described(name=TEXT, resourceVersion={"type": "string", "description": text})
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{name}": {"get": operation({"200": REF}), "put": operation({"200": REF}, REF)},
    }
    server = mock(document(paths, described("metadata", metadata=metadata, color=TEXT)), is_mock=True)
    read = body(send(server, "POST", "/pets", {"metadata": {"name": "a"}, "color": "red"}))
    assert send(server, "PUT", "/pets/a", {**read, "color": "blue"}).status == 200
    assert send(server, "PUT", "/pets/a", {**read, "color": "green"}).status == 409
    assert send(server, "PUT", "/pets/a", {"metadata": {"name": "a"}, "color": "grey"}).status == 200
    assert body(send(server, "GET", "/pets/a"))["color"] == "grey"


def test_members_that_only_requests_have_are_not_shown_inside_of_others() -> None:
    sent = described(name=TEXT, card=described(number=TEXT, year=TEXT, cvc=TEXT))
    paths = {
        "/pets": {"post": operation({"201": REF}, sent)},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, with_members(card=described(year=COUNT, last4=TEXT))), is_mock=True)
    send(server, "POST", "/pets", {"card": {"number": "4242", "year": "2030", "cvc": "1", "note": "mine"}})
    card = body(send(server, "GET", "/pets/1"))["card"]
    assert card.keys() & {"number", "cvc"} == set()
    assert (card["year"], card["note"]) == (2030, "mine")


def test_the_answer_to_a_new_name_shows_what_is_made_of_it() -> None:
    name = {"type": "string", "example": "Hello-World"}
    full_name = {"type": "string", "example": "octo/Hello-World"}
    members = described("name full_name", name=name, full_name=full_name)
    paths = {
        "/pets": {"post": operation({"201": REF}, described(name=TEXT))},
        "/pets/{name}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, described(name=TEXT))},
    }
    server = mock(document(paths, members), is_mock=True)
    assert body(send(server, "POST", "/pets", {"name": "old"}))["full_name"] == "octo/old"
    assert body(send(server, "PATCH", "/pets/old", {"name": "new"}))["full_name"] == "octo/new"
    assert body(send(server, "GET", "/pets/new"))["full_name"] == "octo/new"


def test_an_item_below_a_parent_is_read_by_another_member_and_gone_with_the_item() -> None:
    releases = "/pets/{petId}/releases"
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{petId}": {"get": operation({"200": REF})},
        releases: {"post": operation({"201": REF}, REF), "get": operation({"200": MANY})},
        f"{releases}/{{id}}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
        f"{releases}/tags/{{tag}}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, with_members(tag_name=TEXT)), is_mock=True)
    for _ in "ab":
        send(server, "POST", "/pets", {})
    for tag in ("v1", "v2"):
        send(server, "POST", "/pets/1/releases", {"tag_name": tag})
    assert body(send(server, "GET", "/pets/1/releases/tags/v2"))["id"] == 2
    assert send(server, "GET", "/pets/2/releases/tags/v2").status == 404
    send(server, "DELETE", "/pets/1/releases/2")
    assert send(server, "GET", "/pets/1/releases/tags/v2").status == 404


def test_the_reason_that_is_sent_with_an_action_is_kept_under_a_longer_name() -> None:
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
        "/pets/{id}/lock": {"put": operation({"204": None}, described(lock_reason=TEXT))},
    }
    server = mock(document(paths, with_members(locked=TRUTH, active_lock_reason=TEXT)), is_mock=True)
    send(server, "POST", "/pets", {"name": "a"})
    assert send(server, "PUT", "/pets/1/lock", {"lock_reason": "spam"}).status == 204
    assert body(send(server, "GET", "/pets/1"))["active_lock_reason"] == "spam"


def test_related_items_are_shown_inside_of_lists_and_objects_too() -> None:
    related = {"anyOf": [TEXT, {"$ref": "#/components/schemas/Product"}]}
    line = described(price=described(product=related))
    product = {"$ref": "#/components/schemas/Product"}
    paths = {
        "/products": {"post": operation({"201": product}, described(title=TEXT))},
        "/products/{id}": {"get": operation({"200": product})},
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF}, query={"expand": {"type": "array", "items": TEXT}})},
    }
    data = document(paths, with_members(items=described(data={"type": "array", "items": line})))
    data["components"]["schemas"]["Product"] = described("id", id=TEXT, title=TEXT)
    server = mock(data, is_mock=True)
    key = body(send(server, "POST", "/products", {"title": "Pro"}))["id"]
    send(server, "POST", "/pets", {"items": {"data": [{"price": {"product": key}}]}})
    found = body(send(server, "GET", "/pets/1?expand=items.data.price.product"))
    assert found["items"]["data"][0]["price"]["product"] == {"id": key, "title": "Pro"}
    assert body(send(server, "GET", "/pets/1"))["items"]["data"][0]["price"]["product"] == key


def test_a_default_that_is_a_text_for_a_flag_spoils_no_later_change() -> None:
    flag = {"type": "boolean", "readOnly": True, "default": "false"}
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, REF)},
    }
    server = mock(document(paths, with_members(has_files=flag)), is_mock=True)
    assert body(send(server, "POST", "/pets", {"name": "a"}))["has_files"] is False
    assert send(server, "PATCH", "/pets/1", {"name": "b"}).status == 200
