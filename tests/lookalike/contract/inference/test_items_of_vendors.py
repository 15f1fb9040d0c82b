"""New and changed items of vendors' documents: their keys, states, versions, slugs, and the things that they show."""

import pytest

from tests.support.pet_documents import (
    COUNT,
    REF,
    TEXT,
    TEXTS,
    TRUTH,
    body,
    described,
    document,
    mock,
    operation,
    send,
    with_members,
)

ITEM = {"get": operation({"200": REF})}


def test_an_action_leads_to_the_state_that_its_example_shows_where_none_is_listed() -> None:
    cancelled = {"id": 7, "status": "CANCELED"}
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/pets/{id}/cancel": {"post": operation({"200": {**described(pet=REF), "example": {"pet": cancelled}}})},
    }
    server = mock(document(paths, with_members(status=TEXT)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "POST", "/pets/1/cancel"))["pet"]["status"] == "CANCELED"


def test_a_key_is_linked_to_the_list_of_such_keys_and_unlinked_again() -> None:
    changed = operation({"200": REF}, described(owner_id=TEXT))
    paths = {
        "/pets": {"post": operation({"201": REF}, described(name=TEXT))},
        "/pets/{id}": ITEM,
        "/pets/{id}/link-owner": {"post": changed},
        "/pets/{id}/unlink-owner": {"post": changed},
    }
    server = mock(document(paths, with_members(owner_ids=TEXTS)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    for owner in ("o-1", "o-2"):
        send(server, "POST", "/pets/1/link-owner", {"owner_id": owner})
    assert body(send(server, "GET", "/pets/1"))["owner_ids"] == ["o-1", "o-2"]
    assert body(send(server, "POST", "/pets/1/unlink-owner", {"owner_id": "o-1"}))["owner_ids"] == ["o-2"]


def test_the_key_is_the_member_that_the_last_word_of_the_parameter_names() -> None:
    address = described(ip={"type": "string", "format": "ipv4"}, region=described(name=TEXT, slug=TEXT))
    paths = {
        "/reserved_ips": {"post": operation({"201": described(reserved_ip=REF)}, described(region=TEXT))},
        "/reserved_ips/{reserved_ip}": {"get": operation({"200": described(reserved_ip=REF)})},
    }
    server = mock(document(paths, address), is_mock=True)
    made = body(send(server, "POST", "/reserved_ips", {"region": "ams"}))["reserved_ip"]
    assert made["region"]["slug"] == "ams"
    assert body(send(server, "GET", f"/reserved_ips/{made['ip']}"))["reserved_ip"] == made


def test_a_slug_of_what_an_item_shows_is_that_and_none_of_its_own_title() -> None:
    pet = with_members(kind=described(slug=TEXT, name=TEXT), kind_slug={"type": "string", "readOnly": True}, slug=TEXT)
    paths = {"/pets": {"post": operation({"201": REF}, described(name=TEXT, kind=TEXT))}, "/pets/{id}": ITEM}
    made = body(send(mock(document(paths, pet), is_mock=True), "POST", "/pets", {"name": "Old Rex", "kind": "cat"}))
    assert (made["kind"]["slug"], made["kind_slug"], made["slug"]) == ("cat", "cat", "old-rex")


def test_two_items_have_fingerprints_of_their_own_in_the_form_of_the_example() -> None:
    mark = {"type": "string", "example": "3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"}
    paths = {"/pets": {"post": operation({"201": REF}, described(name=TEXT))}, "/pets/{id}": ITEM}
    server = mock(document(paths, with_members(fingerprint=mark)), is_mock=True)
    marks = [body(send(server, "POST", "/pets", {"name": name}))["fingerprint"] for name in "ab"]
    assert len({*marks, mark["example"]}) == 3
    assert all([len(part) for part in one.split(":")] == [2] * 16 for one in marks)


def test_a_list_that_examples_show_and_a_version_are_in_a_new_item_too() -> None:
    pet = with_members(toys=TEXTS, tags=TEXTS, version=COUNT)
    shown = operation({"200": {**REF}})
    shown["responses"]["200"]["content"]["application/json"]["example"] = {"id": 9, "toys": ["ball"]}
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": shown, "patch": operation({"200": REF}, REF)},
    }
    server = mock(document(paths, pet), is_mock=True)
    made = body(send(server, "POST", "/pets", {"name": "Rex"}))
    assert (made["toys"], made["version"], "tags" in made) == ([], 1, False)
    assert body(send(server, "PATCH", f"/pets/{made['id']}", {"name": "Max", "version": 1}))["version"] == 2


@pytest.mark.parametrize(
    "text",
    ["To remove an attribute, specify the value as an empty string.", "To clear a field, set it to null."],
)
def test_put_keeps_what_is_not_sent_where_the_text_says_how_a_member_is_removed(text: str) -> None:
    change = {**operation({"200": REF}, with_members()), "description": text}
    paths = {"/pets": {"post": operation({"201": REF}, REF)}, "/pets/{id}": {**ITEM, "put": change}}
    server = mock(document(paths, with_members(age=COUNT)))
    send(server, "POST", "/pets", {"name": "Rex", "age": 3})
    assert body(send(server, "PUT", "/pets/1", {}))["name"] == "Rex"


def test_an_object_with_a_key_alone_is_shown_as_the_item_that_has_it() -> None:
    order = described(id=COUNT, pet=REF)
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/orders": {"post": operation({"201": order}, order)},
        "/orders/{id}": {"get": operation({"200": order})},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"id": 7, "name": "Rex"})
    assert body(send(server, "POST", "/orders", {"pet": {"id": 7}}))["pet"] == {"id": 7, "name": "Rex"}
    assert body(send(server, "POST", "/orders", {"pet": {"id": 8}}))["pet"] == {"id": 8}


def test_things_without_a_path_of_their_own_are_made_and_deleted_by_lists_of_their_keys() -> None:
    emails = {"type": "array", "items": described(email=TEXT, verified=TRUTH)}
    sent = {"oneOf": [described("emails", emails=TEXTS), TEXTS]}
    paths = {
        "/user/emails": {
            "get": operation({"200": emails}),
            "post": operation({"201": emails}, sent),
            "delete": operation({"204": None}, sent),
        },
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/user/emails", {"emails": ["a@example.com"]})
    made = body(send(server, "POST", "/user/emails", {"emails": ["b@example.com", "c@example.com"]}))
    assert made == [{"email": "b@example.com", "verified": False}, {"email": "c@example.com", "verified": False}]
    assert send(server, "DELETE", "/user/emails", {"emails": ["a@example.com", "c@example.com"]}).status == 204
    assert body(send(server, "GET", "/user/emails")) == [made[0]]


def test_keys_are_known_by_a_reference_to_the_member_of_what_is_listed() -> None:
    listed = {"allOf": [described(things={"type": "array", "items": described(urn=TEXT, note=TEXT)})]}
    place = "#/paths/~1pets~1%7Bid%7D~1things/get/responses/200/content/application~1json/schema/allOf/0/properties"
    urns = {"type": "array", "items": {"$ref": f"{place}/things/items/properties/urn"}}
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/pets/{id}/things": {
            "get": operation({"200": listed}),
            "post": operation({"200": listed}, described(things=urns)),
        },
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    send(server, "POST", "/pets/1/things", {"things": ["a:1", "b:2"]})
    shown = body(send(server, "GET", "/pets/1/things"))["things"]
    assert [one["urn"] for one in shown] == ["a:1", "b:2"]


def test_a_new_item_has_the_defaults_that_the_text_of_its_creation_tells() -> None:
    method = TEXT | {"description": "Can be: `GET` or `POST` and the default is `POST`."}
    sent = described(name=TEXT, method=method, retries=COUNT | {"description": "How often. Defaults to 3."})
    pet = with_members(method={"type": ["string", "null"]}, retries={"type": ["integer", "null"]})
    server = mock(document({"/pets": {"post": operation({"201": REF}, sent)}, "/pets/{id}": ITEM}, pet), is_mock=True)
    made = [body(send(server, "POST", "/pets", {"name": "Rex", **more})) for more in ({}, {"method": "GET"})]
    assert [(one["method"], one["retries"]) for one in made] == [("POST", 3), ("GET", 3)]


def test_null_says_nothing_of_flags_and_counts_where_each_member_may_be_null() -> None:
    number, text, flag = ({"type": [kind, "null"]} for kind in ("integer", "string", "boolean"))
    pet = described(id=number, token=text, approved=flag, views=number, kind=text, lookup={})
    paths = {"/pets": {"post": operation({"201": REF}, described(kind=TEXT))}, "/pets/{id}": ITEM}
    made = body(send(mock(document(paths, pet), is_mock=True), "POST", "/pets", {}))
    assert (made["approved"], made["views"], made["kind"], type(made["token"])) == (False, 0, None, str)


def test_settings_are_changed_by_post_where_that_shows_them_as_no_new_thing() -> None:
    paths = {"/configuration": {"get": operation({"200": REF}), "post": operation({"200": REF}, described(Name=TEXT))}}
    server = mock(document(paths), is_mock=True)
    assert body(send(server, "POST", "/configuration", {"Name": "Rex"}))["name"] == "Rex"
    assert body(send(server, "GET", "/configuration"))["name"] == "Rex"


def test_a_post_makes_what_nothing_else_could_make_but_a_deletion_ends() -> None:
    right = described(holder=TEXT, write=TRUTH, manage=TRUTH)
    item = {"get": operation({"200": right}), "delete": operation({"204": None})}
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": ITEM,
        "/pets/{id}/rights": {"get": operation({"200": {"type": "array", "items": right}})},
        "/pets/{id}/rights/{holder}": {**item, "post": operation({"200": right}, described(write=TRUTH))},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    assert send(server, "GET", "/pets/1/rights/asha").status == 404
    for write in (False, True):
        made = body(send(server, "POST", "/pets/1/rights/asha", {"write": write}))
        assert (made["holder"], made["write"]) == ("asha", write)
    assert body(send(server, "GET", "/pets/1/rights")) == [made]


def test_a_membership_shows_the_user_of_its_path_and_is_no_part_of_the_group_beside() -> None:
    person, group = described(login=TEXT, id=COUNT), described(login=TEXT, id=COUNT, members_url=TEXT)
    membership = described(url=TEXT, role=TEXT, organization=group, user=person)
    item = {"get": operation({"200": membership}), "delete": operation({"204": None})}
    put = operation({"200": membership}, described(role=TEXT)) | {"summary": "Set a membership for a user"}
    paths = {"/orgs/{org}/memberships/{username}": {**item, "put": put | {"operationId": "add-or-update-membership"}}}
    server = mock(document(paths), is_mock=True)
    send(server, "PUT", "/orgs/acme/memberships/bo", {"role": "admin"})
    found = body(send(server, "GET", "/orgs/acme/memberships/bo"))
    assert (found["role"], found["user"]["login"]) == ("admin", "bo")


def test_an_item_names_another_of_its_kind_by_its_noun() -> None:
    pet = with_members(parent={"anyOf": [{"type": "null"}, described("id", id=COUNT, name=TEXT)]})
    sent = described(name=TEXT, parent_pet_id=COUNT)
    server = mock(document({"/pets": {"post": operation({"201": REF}, sent)}, "/pets/{id}": ITEM}, pet), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    pup = body(send(server, "POST", "/pets", {"name": "Pup", "parent_pet_id": 1}))
    assert pup["parent"] == {"id": 1, "name": "Rex"}


def test_nothing_has_happened_to_a_new_item_whatever_the_names_of_its_flags_and_numbers() -> None:
    valid = TRUTH | {"description": "Whether the check was successful."}
    size = COUNT | {"description": "The number of calls currently in the queue."}
    pet = with_members(valid=valid, available=TRUTH, size=size)
    paths = {"/pets": {"post": operation({"201": REF}, described(name=TEXT))}, "/pets/{id}": ITEM}
    made = body(send(mock(document(paths, pet), is_mock=True), "POST", "/pets", {"name": "Rex"}))
    assert (made["valid"], made["available"], made["size"]) == (False, True, 0)
