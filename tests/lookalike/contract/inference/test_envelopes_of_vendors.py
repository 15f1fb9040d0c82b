"""What clients of APIs with envelopes, resource objects, several keys for an item and paths of actions rely on."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.pet_documents import (
    COUNT,
    MANY,
    REF,
    TEXT,
    body,
    described,
    document,
    mock,
    mock_of_pages,
    operation,
    send,
    with_members,
)

LISTED: dict[str, Any] = {"data": {"type": "array", "items": REF}}
RESOURCE = described("id", id=TEXT, type=TEXT, attributes=described(name=TEXT, kind=TEXT))
SENT = described(data=described(type=TEXT, attributes=described(name=TEXT, kind=TEXT)))


def resource_objects(pet: Any = RESOURCE) -> Any:
    """A mock of pets as resource objects of JSON:API, which can be filtered and be shown in part."""
    query = {"filter": TEXT, "fields[pet]": TEXT}
    paths = {
        "/pets": {
            "get": operation({"200": described(**LISTED)}, query=query),
            "post": operation({"201": described(data=REF)}, SENT),
        },
        "/pets/{id}": {"get": operation({"200": described(data=REF)}, query=query)},
    }
    return mock(document(paths, pet), is_mock=True)


def kept(server: Any, **attributes: str) -> Any:
    return body(send(server, "POST", "/pets", {"data": {"type": "pet", "attributes": attributes}}))["data"]


def test_a_resource_object_has_the_attributes_of_all_of_its_parts() -> None:
    server = resource_objects({"allOf": [described(attributes=described(weight=COUNT)), RESOURCE]})
    pet = kept(server, name="Rex", kind="dog")
    shown = body(send(server, "GET", f"/pets/{pet['id']}"))["data"]
    assert (shown["attributes"]["name"], shown["attributes"]["kind"]) == ("Rex", "dog")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('equals(name,"Rex")', ["Rex"]),
        ("equals(kind,'dog'),starts-with(name,'M')", ["Max"]),
        ("or(equals(name,'Rex'),equals(kind,'cat'))", ["Rex", "Tom"]),
        ("and(equals(kind,'dog'),equals(name,'Tom'))", []),
        ("unknown(name,'Rex')", ["Rex", "Max", "Tom"]),
    ],
)
def test_a_filter_of_calls_is_followed(text: str, found: list[str]) -> None:
    server = resource_objects()
    for name, kind in (("Rex", "dog"), ("Max", "dog"), ("Tom", "cat")):
        kept(server, name=name, kind=kind)
    listed = body(send(server, "GET", f"/pets?filter={quote(text)}"))["data"]
    assert [one["attributes"]["name"] for one in listed] == found


def test_a_resource_object_has_the_attributes_that_a_request_names() -> None:
    server = resource_objects()
    pet = kept(server, name="Rex", kind="dog")
    shown = body(send(server, "GET", f"/pets/{pet['id']}?fields[pet]=name"))["data"]
    assert shown == {**pet, "attributes": {"name": "Rex"}}


def test_the_reason_of_a_404_below_an_item_stands_in_the_list_of_errors() -> None:
    error = described("errors", errors={"type": "array", "items": described("message", message=TEXT)})
    paths = {
        "/pets": {"get": operation({"200": MANY}), "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF, "404": error})},
    }
    server = mock(document(paths), is_mock=True)
    assert "no pet 7" in body(send(server, "GET", "/pets/7"))["errors"][0]["message"]


def several_keys(parameter: str, text: str, pet: Any) -> Any:
    paths = {
        "/pets": {"get": operation({"200": MANY}), "post": operation({"201": REF}, REF)},
        f"/pets/{{{parameter}}}": {"get": operation({"200": REF})},
    }
    data = document(paths, pet)
    data["paths"][f"/pets/{{{parameter}}}"]["parameters"][0]["description"] = text
    return mock(data, is_mock=True)


@pytest.mark.parametrize(
    ("parameter", "text", "is_found"),
    [
        ("petIdOrSlug", "", True),
        ("id_or_slug", "", True),
        ("petId", "The ID or slug of a pet.", True),
        ("petId", "An ID, slug, or shortened slug of a pet", True),
        ("petId", "The ID of a pet. Its slug or name changes.", False),
    ],
)
def test_an_item_is_found_by_any_of_the_keys_that_its_path_takes(parameter: str, text: str, is_found: bool) -> None:
    server = several_keys(parameter, text, described(id=COUNT | {"readOnly": True}, name=TEXT, slug=TEXT))
    made = body(send(server, "POST", "/pets", {"name": "Rex", "slug": "rex"}))
    assert body(send(server, "GET", f"/pets/{made['id']}")) == made
    assert send(server, "GET", "/pets/rex").status == (200 if is_found else 404)


@pytest.mark.parametrize("holder", ["attributes", "profile"])
def test_an_item_is_found_by_a_key_inside_of_its_attributes(holder: str) -> None:
    members: dict[str, Any] = {"id": COUNT, holder: described(login=TEXT)}
    pet = {"type": "object", "properties": members}
    server = several_keys("petId", "The ID or login of a pet", pet)
    send(server, "POST", "/pets", {holder: {"login": "rex"}})
    assert body(send(server, "GET", "/pets/rex"))["id"] == 1


def test_a_user_is_shown_to_oneself_as_me() -> None:
    user = {"$ref": "#/components/schemas/User"}
    paths = {
        "/users": {
            "get": operation({"200": {"type": "array", "items": user}}),
            "post": operation({"201": user}, user),
        },
        "/users/{id}": {"get": operation({"200": user})},
    }
    data = document(paths)
    data["components"]["schemas"]["User"] = described(id=TEXT, name=TEXT, email=TEXT)
    server = mock(data, is_mock=True)
    made = body(send(server, "POST", "/users", {"name": "Asha", "email": "asha@example.com"}))
    assert body(send(server, "GET", "/users/me")) == made
    assert send(server, "GET", "/users/you").status == 404
    assert send(mock(data), "GET", "/users/me").status == 404, "a judge expects no such thing"


STATE = {"type": "string", "enum": ["STAGED", "ACTIVE", "SUSPENDED"]}


def test_a_verb_behind_a_word_for_the_life_of_an_item_changes_its_state() -> None:
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
        "/pets/{id}/lifecycle/suspend": {"post": operation({"200": None})},
    }
    server = mock(document(paths, with_members(status=STATE)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    assert send(server, "POST", "/pets/1/lifecycle/suspend").status == 200
    assert body(send(server, "GET", "/pets/1"))["status"] == "SUSPENDED"


def test_a_post_that_says_that_it_is_partial_changes_an_item_beside_a_put_that_says_that_it_is_not() -> None:
    changing = operation({"200": REF}, REF)
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {
            "get": operation({"200": REF}),
            "post": {**changing, "description": "Updates a pet with partial update semantics."},
            "put": {**changing, "description": "Replaces a pet. Don't use PUT for partial updates."},
        },
    }
    server = mock(document(paths, with_members(kind=TEXT)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex", "kind": "dog"})
    assert body(send(server, "POST", "/pets/1", {"name": "Max"})) == {"id": 1, "name": "Max", "kind": "dog"}
    assert "kind" not in body(send(server, "PUT", "/pets/1", {"name": "Tom"}))


def test_a_list_from_a_first_index_has_the_rest_behind_it() -> None:
    shown = described(
        startAt=COUNT, maxResults=COUNT, isLast={"type": "boolean"}, values={"type": "array", "items": REF}
    )
    server = mock_of_pages(shown, {"startAt": COUNT, "maxResults": COUNT}, "abc")
    page = body(send(server, "GET", "/pets?startAt=2&maxResults=2"))
    assert page == {"startAt": 2, "maxResults": 2, "isLast": True, "values": [{"id": 3, "name": "c"}]}


def test_the_next_page_is_told_in_an_object_that_the_last_page_lacks() -> None:
    following = described(offset=TEXT, uri={"type": "string", "format": "uri"})
    shown = described(**LISTED, next_page=following, size=COUNT | {"description": "Total number of pets."})
    server = mock_of_pages(shown, {"limit": COUNT, "offset": TEXT}, "abc")
    first = body(send(server, "GET", "/pets?limit=2"))
    assert (len(first["data"]), first["size"]) == (2, 3)
    last = body(send(server, "GET", f"/pets?limit=2&offset={first['next_page']['offset']}"))
    assert last == {"data": [{"id": 3, "name": "c"}], "size": 3}


def test_an_object_about_the_list_is_on_its_last_page_too_where_its_cursor_is_missing() -> None:
    shown = described(**LISTED, metadata=described(next_cursor=TEXT))
    server = mock_of_pages(shown, {"limit": COUNT, "cursor": TEXT}, "abc")
    first = body(send(server, "GET", "/pets?limit=2"))
    last = body(send(server, "GET", f"/pets?limit=2&cursor={first['metadata']['next_cursor']}"))
    assert last == {"data": [{"id": 3, "name": "c"}], "metadata": {}}


def test_the_list_of_what_an_action_adds_is_that_of_the_item() -> None:
    tag = {"$ref": "#/components/schemas/Tag"}
    tags = {"type": "array", "items": tag}
    paths = {
        "/tags": {"get": operation({"200": tags}), "post": operation({"201": tag}, described(name=TEXT))},
        "/tags/{id}": {"get": operation({"200": tag})},
        "/pets": {"post": operation({"201": REF}, described(name=TEXT))},
        "/pets/{id}": {"get": operation({"200": REF})},
        "/pets/{id}/addTag": {"post": operation({"200": None}, described(tag=TEXT))},
        "/pets/{id}/removeTag": {"post": operation({"200": None}, described(tag=TEXT))},
        "/pets/{id}/tags": {"get": operation({"200": described(data=tags)})},
    }
    data = document(paths, with_members(tags=tags))
    data["components"]["schemas"]["Tag"] = described(id=TEXT, name=TEXT)
    server = mock(data, is_mock=True)
    key = body(send(server, "POST", "/tags", {"name": "red"}))["id"]
    for name in "ab":
        send(server, "POST", "/pets", {"name": name})
    send(server, "POST", "/pets/1/addTag", {"tag": key})
    assert body(send(server, "GET", "/pets/1/tags")) == {"data": [{"id": key, "name": "red"}]}
    assert body(send(server, "GET", "/pets/2/tags")) == {"data": []}
    send(server, "POST", "/pets/1/removeTag", {"tag": key})
    assert body(send(server, "GET", "/pets/1/tags")) == {"data": []}


def test_a_bare_list_links_to_what_is_behind_its_cursor_and_is_searched_by_q_before_search() -> None:
    query = {"after": TEXT, "limit": COUNT, "search": TEXT, "q": TEXT}
    paths = {
        "/pets": {"get": operation({"200": MANY}, query=query), "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths), is_mock=True)
    for name in ("Rex", "Max", "Tom"):
        send(server, "POST", "/pets", {"name": name})
    first = send(server, "GET", "/pets?limit=2")
    links = dict(re.findall(r'<http://localhost([^>]*)>; rel="(\w+)"', str(first.header("Link"))))
    last = send(server, "GET", next(target for target, relation in links.items() if relation == "next"))
    assert [one["name"] for one in body(first) + body(last)] == ["Rex", "Max", "Tom"]
    assert 'rel="next"' not in str(last.header("Link"))
    assert [one["name"] for one in body(send(server, "GET", "/pets?q=Max"))] == ["Max"]


@pytest.mark.parametrize("verb", ["reset-stream-key", "regenerateStreamKey"])
def test_an_action_that_renews_a_key_gives_another_one(verb: str) -> None:
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
        f"/pets/{{id}}/{verb}": {"post": operation({"200": REF})},
    }
    server = mock(document(paths, with_members(stream_key=TEXT | {"readOnly": True})), is_mock=True)
    made = body(send(server, "POST", "/pets", {"name": "Rex"}))
    renewed = body(send(server, "POST", f"/pets/1/{verb}"))
    assert made["stream_key"] != renewed["stream_key"]
    assert body(send(server, "GET", "/pets/1")) == renewed


def test_a_put_changes_an_item_by_what_is_sent_where_the_document_leaves_the_body_out() -> None:
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF}), "put": {**operation({"200": REF}), "summary": "Update a pet"}},
    }
    server = mock(document(paths, with_members(kind=TEXT)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex", "kind": "dog"})
    assert body(send(server, "PUT", "/pets/1", {"kind": "cat"})) == {"id": 1, "name": "Rex", "kind": "cat"}
    assert body(send(server, "GET", "/pets/1"))["kind"] == "cat"
