"""What the clients of platforms ask for: details behind a word, batches, pages by key, items of any kind of thing."""

from typing import Any

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from tests.support.pet_documents import (
    CRUD,
    MANY,
    REF,
    TEXT,
    TRUTH,
    body,
    crud,
    described,
    document,
    mock,
    operation,
    send,
)

LIST = {"type": "array", "items": REF}


def test_a_path_may_have_a_slash_at_its_end_that_is_not_documented() -> None:
    server = mock(document(CRUD), is_mock=True)
    assert send(server, "POST", "/pets/", {"id": 1, "name": "Rex"}).status == 201
    assert body(send(server, "GET", "/pets/1/"))["name"] == "Rex"
    assert send(mock(document(CRUD)), "GET", "/pets/1/").status == 404, "a server that is judged need not do so"


def test_an_item_is_shown_at_a_word_behind_its_path() -> None:
    item = described("id", id=TEXT, name=TEXT, image=TEXT)
    paths = {
        "/boxes/create": {"post": operation({"201": described("id", id=TEXT)}, described(name=TEXT, image=TEXT))},
        "/boxes/{id}": {"delete": operation({"204": None})},
        "/boxes/{id}/details": {"get": operation({"200": item})},
    }
    server = mock(document(paths), is_mock=True)
    key = body(send(server, "POST", "/boxes/create", {"name": "web", "image": "nginx"}))["id"]
    assert body(send(server, "GET", f"/boxes/{key}/details")) == {"id": key, "name": "web", "image": "nginx"}
    send(server, "DELETE", f"/boxes/{key}")
    assert send(server, "GET", f"/boxes/{key}/details").status == 404
    assert infer(document(paths)).grounds["/boxes/{id}/details", "get"][EFFECT] is Ground.GUESSED, "it may show more"


def test_items_are_made_and_read_in_batches() -> None:
    inputs = {"type": "array", "items": described(name=TEXT)}
    keys = {"type": "array", "items": described("id", id={"type": "integer"})}
    shown = described(results=LIST)
    batches = {
        "/pets/batch/create": {"post": operation({"201": shown}, described(inputs=inputs))},
        "/pets/batch/read": {"post": operation({"200": shown}, described(inputs=keys))},
    }
    server = mock(document({**crud(), **batches}), is_mock=True)
    made = body(send(server, "POST", "/pets/batch/create", {"inputs": [{"name": "Rex"}, {"name": "Tom"}]}))["results"]
    assert [one["name"] for one in made] == ["Rex", "Tom"]
    read = send(server, "POST", "/pets/batch/read", {"inputs": [{"id": made[1]["id"]}]})
    assert body(read)["results"] == [made[1]]


def test_items_are_made_and_found_by_a_name_below_any_kind_of_thing() -> None:
    item = described("name label", name=TEXT, label=TEXT)
    paths = {
        "/v3/properties/{objectType}": {
            "get": operation({"200": described(results=LIST)}),
            "post": operation({"201": REF}, REF),
        },
        "/v3/properties/{objectType}/{propertyName}": {
            "get": operation({"200": REF}),
            "delete": operation({"204": None}),
        },
    }
    server = mock(document(paths, item), is_mock=True)
    made = {"name": "size", "label": "Size"}
    send(server, "POST", "/v3/properties/contacts", made)
    assert body(send(server, "GET", "/v3/properties/contacts/size")) == made
    assert body(send(server, "GET", "/v3/properties/contacts"))["results"] == [made]
    assert body(send(server, "GET", "/v3/properties/companies"))["results"] == []
    assert send(server, "GET", "/v3/properties/companies/size").status == 404
    assert {facts[EFFECT] for facts in infer(document(paths, item)).grounds.values()} == {Ground.GUESSED}


def test_the_cursor_of_a_next_page_is_a_key_where_it_is_written_as_keys_are() -> None:
    key = {"type": "string", "pattern": "^pet_[a-z0-9]{8}$"}
    item = described("id name", id=key, name=TEXT)
    page = described("data", data=LIST, iterator={"type": ["string", "null"]})
    listed = operation({"200": page}, query={"limit": {"type": "integer"}, "iterator": key})
    paths = {**crud(), "/pets": {"get": listed, "post": operation({"201": REF}, described("name", name=TEXT))}}
    server = mock(document(paths, item), is_mock=True)
    made = [body(send(server, "POST", "/pets", {"name": name}))["id"] for name in "abc"]
    first = body(send(server, "GET", "/pets?limit=2"))
    assert first["iterator"] == made[1]
    last = body(send(server, "GET", f"/pets?limit=2&iterator={first['iterator']}"))
    assert ([one["id"] for one in last["data"]], last.get("iterator")) == (made[2:], None)


def test_things_of_one_noun_that_are_made_apart_and_have_other_members_are_others() -> None:
    own = described("id url", id=TEXT, url=TEXT, channels={"type": "array", "items": TEXT})
    paths: dict[str, Any] = {
        f"{above}/endpoints{end}": methods
        for above, schema in (("/webhooks", described("id url", id=TEXT, url=TEXT)), ("/apps/{appId}", own))
        for end, methods in (
            (
                "",
                {
                    "post": operation({"201": schema}, schema),
                    "get": operation({"200": {"type": "array", "items": schema}}),
                },
            ),
            ("/{endpointId}", {"get": operation({"200": schema}), "delete": operation({"204": None})}),
        )
    }
    server = mock(document(paths), is_mock=True)
    made = {"id": "e", "url": "https://example.com", "channels": ["red"]}
    assert body(send(server, "POST", "/apps/a/endpoints", made)) == made
    assert body(send(server, "GET", "/webhooks/endpoints")) == []


def test_an_example_that_contradicts_its_schema_does_not_say_what_is_answered() -> None:
    read = operation({"200": REF})
    read["responses"]["200"]["content"]["application/json"]["example"] = [{"id": 5, "name": "Rex"}]
    server = mock(document({**CRUD, "/pets/{petId}": {"get": read}}), is_mock=True)
    send(server, "POST", "/pets", {"id": 1, "name": "Tom"})
    assert body(send(server, "GET", "/pets/1")) == {"id": 1, "name": "Tom"}


def test_one_form_of_an_item_is_made_below_a_parent_and_read_at_the_top() -> None:
    dog = described("id bark", id={"type": "integer"}, bark=TEXT)
    cat = described("id purr", id={"type": "integer"}, purr=TEXT, tail=TRUTH, lives={"type": "integer"})
    refs = {name: {"$ref": f"#/components/schemas/{name}"} for name in ("Dog", "Cat")}
    either = {"oneOf": [refs["Cat"], refs["Dog"]]}
    paths = {
        "/homes/{homeId}/pets": {
            "get": operation({"200": {"type": "array", "items": either}}),
            "post": operation({"201": refs["Dog"]}, described(bark=TEXT)),
        },
        "/pets/{petId}": {"get": operation({"200": either})},
    }
    data = document(paths)
    data["components"]["schemas"] |= {"Dog": dog, "Cat": cat}
    server = mock(data, is_mock=True)
    made = body(send(server, "POST", "/homes/h/pets", {"bark": "loud"}))
    assert body(send(server, "GET", f"/pets/{made['id']}"))["bark"] == "loud"


def test_what_an_action_marked_is_listed_under_the_name_of_the_action() -> None:
    item = described("name", id={"type": "integer"}, name=TEXT, favourited=TRUTH)
    paths = {
        **crud(),
        "/pets/{id}/favourite": {"post": operation({"200": REF})},
        "/favourites": {"get": operation({"200": MANY})},
    }
    server = mock(document(paths, item), is_mock=True)
    for name in "ab":
        send(server, "POST", "/pets", {"name": name})
    send(server, "POST", "/pets/2/favourite")
    assert [one["name"] for one in body(send(server, "GET", "/favourites"))] == ["b"]
    assert infer(document(paths, item)).grounds["/favourites", "get"][EFFECT] is Ground.GUESSED


def test_a_text_with_the_name_of_a_noun_need_not_name_an_item_where_a_404_says_no_more() -> None:
    box = described("id", id=TEXT, pet=TEXT)
    made = {"post": operation({"201": box, "404": None}, described(pet=TEXT))}
    server = mock(document({**CRUD, "/boxes": made, "/boxes/{id}": {"get": operation({"200": box})}}), is_mock=True)
    assert send(server, "POST", "/boxes", {"pet": "any dog at all"}).status == 201
