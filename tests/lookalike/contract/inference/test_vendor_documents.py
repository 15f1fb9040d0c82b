"""What vendors' documents write in other ways than most, and what their clients expect of it."""

from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.http import Headers, Request
from tests.support.pet_documents import REF, TEXT, body, document, mock, operation, send

NAMED: dict[str, Any] = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
LIST = {"type": "array", "items": REF}
ENVELOPE = {"type": "object", "properties": {"pets": LIST}}


def test_a_child_belongs_to_its_parent_also_where_two_paths_name_the_parent_differently() -> None:
    paths = {
        "/spaces": {"post": operation({"201": REF}, REF)},
        "/spaces/{name}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
        "/spaces/{space}/maps": {"post": operation({"201": REF}, REF)},
        "/spaces/{space}/maps/{name}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, NAMED))
    assert send(server, "POST", "/spaces/nowhere/maps", {"name": "m"}).status == 404
    assert send(server, "POST", "/spaces", {"name": "a"}).status == 201
    assert send(server, "POST", "/spaces/a/maps", {"name": "m"}).status == 201
    assert body(send(server, "GET", "/spaces/a/maps/m")) == {"name": "m"}
    assert send(server, "DELETE", "/spaces/a").status == 204
    assert send(server, "POST", "/spaces", {"name": "a"}).status == 201
    assert send(server, "GET", "/spaces/a/maps/m").status == 404, "the map went with its space"


def test_paths_that_end_in_a_format_are_a_collection_and_its_items() -> None:
    paths = {
        "/messages.json": {"get": operation({"200": LIST}), "post": operation({"201": REF}, REF)},
        "/messages/{id}.json": {"get": operation({"200": REF}), "delete": operation({"204": None})},
    }
    server = mock(document(paths))
    made = send(server, "POST", "/messages.json", {"name": "hello"})
    assert body(made) == {"name": "hello", "id": 1}
    assert made.header("Location") == "/messages/1.json"
    assert body(send(server, "GET", "/messages/1.json")) == {"name": "hello", "id": 1}
    assert body(send(server, "GET", "/messages.json")) == [{"name": "hello", "id": 1}]
    assert send(server, "DELETE", "/messages/1.json").status == 204
    assert send(server, "GET", "/messages/1.json").status == 404


def test_the_children_of_paths_that_end_in_a_format_belong_to_their_parent() -> None:
    paths = {
        "/accounts.json": {"post": operation({"201": REF}, REF)},
        "/accounts/{id}.json": {"get": operation({"200": REF})},
        "/accounts/{accountId}/calls.json": {"post": operation({"201": REF}, REF)},
        "/accounts/{accountId}/calls/{id}.json": {"get": operation({"200": REF})},
    }
    server = mock(document(paths))
    assert send(server, "POST", "/accounts/1/calls.json", {"name": "c"}).status == 404
    assert send(server, "POST", "/accounts.json", {"name": "a"}).status == 201
    assert send(server, "POST", "/accounts/1/calls.json", {"name": "c"}).status == 201
    assert body(send(server, "GET", "/accounts/1/calls/1.json"))["name"] == "c"


def test_the_key_is_a_member_that_clients_see_where_the_parameter_has_another_name() -> None:
    paths = {
        "/members": {"get": operation({"200": LIST}), "post": operation({"201": REF}, REF)},
        "/members/{subscriber_hash}": {"get": operation({"200": REF})},
    }
    member = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}}}
    server = mock(document(paths, member))
    keys = [body(send(server, "POST", "/members", {"name": name}))["id"] for name in "ab"]
    assert len({*keys}) == 2
    assert [body(send(server, "GET", f"/members/{key}"))["name"] for key in keys] == ["a", "b"]


def test_lists_in_envelopes_create_items_by_put_too_and_one_item_is_shown_and_changed_in_one() -> None:
    paths = {
        "/pets": {"get": operation({"200": ENVELOPE}), "put": operation({"200": ENVELOPE}, ENVELOPE)},
        "/pets/{id}": {"get": operation({"200": ENVELOPE}), "post": operation({"200": ENVELOPE}, ENVELOPE)},
    }
    server = mock(document(paths))
    made = body(send(server, "PUT", "/pets", {"pets": [{"name": "Rex"}, {"name": "Max"}]}))
    assert made == {"pets": [{"name": "Rex", "id": 1}, {"name": "Max", "id": 2}]}
    assert body(send(server, "GET", "/pets")) == made
    assert body(send(server, "GET", "/pets/2")) == {"pets": [{"name": "Max", "id": 2}]}
    assert body(send(server, "POST", "/pets/2", {"pets": [{"name": "Moritz"}]})) == {
        "pets": [{"name": "Moritz", "id": 2}]
    }
    assert body(send(server, "PUT", "/pets", {"pets": [{"name": "Bo", "id": 1}]})) == {
        "pets": [{"name": "Bo", "id": 1}]
    }
    assert [one["name"] for one in body(send(server, "GET", "/pets"))["pets"]] == ["Bo", "Moritz"]


def test_an_item_is_sent_in_the_envelope_that_it_is_answered_in_also_where_little_of_it_is_sent() -> None:
    section = {
        "type": "object",
        "required": ["gid"],
        "properties": {"gid": {"type": "string"}, "name": {"type": "string"}},
    }
    others = {name: {"type": "string"} for name in ("before", "after", "near")}
    sent = {
        "type": "object",
        "properties": {"data": {"type": "object", "properties": {"name": {"type": "string"}, **others}}},
    }
    shown = {"type": "object", "properties": {"data": REF}}
    paths = {
        "/sections": {"post": operation({"201": shown}, sent)},
        "/sections/{section_gid}": {"get": operation({"200": shown}), "put": operation({"200": shown}, sent)},
    }
    server = mock(document(paths, section))
    made = body(send(server, "POST", "/sections", {"data": {"name": "a"}}))["data"]
    assert made["name"] == "a"
    send(server, "PUT", f"/sections/{made['gid']}", {"data": {"name": "b"}})
    assert body(send(server, "GET", f"/sections/{made['gid']}"))["data"]["name"] == "b"


def test_a_list_of_names_is_filtered_by_the_name_of_one() -> None:
    tagged = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
    }
    paths = {
        "/pets": {
            "get": operation({"200": LIST}, query={"tag_name": {"type": "string"}}),
            "post": operation({"201": REF}, {"type": "object"}),
        },
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, tagged))
    for tags in (["web"], ["db", "web"], []):
        send(server, "POST", "/pets", {"tags": tags})
    assert [one["id"] for one in body(send(server, "GET", "/pets?tag_name=db"))] == [2]


def test_a_list_of_summaries_is_one_of_the_items_that_another_path_shows_in_full() -> None:
    text = {"type": "string"}
    full = {"type": "object", "properties": {"Id": text, **{f"Detail{number}": text for number in range(6)}}}
    summary = {"type": "object", "required": ["Id"], "properties": {"Id": text, "Names": text, "Image": text}}
    listed = {"type": "array", "items": summary}
    paths = {
        "/containers/json": {"get": operation({"200": listed})},
        "/containers/create": {"post": operation({"201": {"type": "object", "properties": {"Id": text}}}, full)},
        "/containers/{id}/json": {"get": operation({"200": full})},
        "/containers/{id}": {"delete": operation({"204": None})},
    }
    server = mock(document(paths))
    made = body(send(server, "POST", "/containers/create", {"Detail1": "a"}))
    assert [one["Id"] for one in body(send(server, "GET", "/containers/json"))] == [made["Id"]]


def test_an_unknown_key_of_what_is_only_read_is_answered_by_example_in_its_envelope_too() -> None:
    item = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    }
    shown = {"type": "object", "properties": {"data": REF}}
    listed = {"type": "object", "properties": {"data": LIST}}
    paths: dict[str, Any] = {
        "/users": {"get": operation({"200": listed})},
        "/users/{id}": {"get": operation({"200": shown})},
    }
    paths["/users/{id}"]["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    server = mock(document(paths, item))
    assert set(body(send(server, "GET", "/users/99"))["data"]) == {"id", "name"}


def test_what_is_made_at_a_part_of_a_collection_is_in_the_whole() -> None:
    made = operation({"201": REF}, {"type": "object"})
    paths = {
        "/numbers.json": {"get": operation({"200": LIST}), "post": made},
        "/numbers/{Sid}.json": {"get": operation({"200": REF})},
        "/numbers/local.json": {"get": operation({"200": LIST}), "post": made},
        "/numbers/search.json": {"post": operation({"200": LIST}, {"type": "object"})},
    }
    number = {
        "type": "object",
        "required": ["sid"],
        "properties": {"sid": {"type": "string"}, "name": {"type": "string"}},
    }
    server = mock(document(paths, number))
    sid = body(send(server, "POST", "/numbers/local.json", {"name": "a"}))["sid"]
    assert [one["name"] for one in body(send(server, "GET", "/numbers.json"))] == ["a"]
    assert body(send(server, "GET", f"/numbers/{sid}.json")) == body(send(server, "GET", "/numbers/local.json"))[0]


def test_put_replaces_the_members_that_a_request_can_have_and_keeps_the_others() -> None:
    key = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "secret": {"type": "string"}},
    }
    renaming = {"type": "object", "properties": {"name": {"type": "string"}}}
    paths = {
        "/keys": {"post": operation({"201": REF}, REF)},
        "/keys/{id}": {"get": operation({"200": REF}), "put": operation({"200": REF}, renaming)},
    }
    server = mock(document(paths, key))
    assert send(server, "POST", "/keys", {"id": 1, "name": "k", "secret": "mine"}).status == 201
    assert body(send(server, "PUT", "/keys/1", {"name": "other"})) == {"id": 1, "name": "other", "secret": "mine"}
    assert body(send(server, "PUT", "/keys/1", {})) == {"id": 1, "secret": "mine"}, "the name can be sent, and was not"


URL = {"type": ["string", "null"], "format": "uri", "example": "https://api.vendor.example/pets?page=7"}
PAGING = {"limit": {"type": "integer"}, "offset": {"type": "integer"}}


def test_links_to_other_pages_lead_to_the_mock_and_are_null_at_the_end() -> None:
    page = {"type": "object", "properties": {"results": LIST, "next": URL, "previous": URL, "first_page_uri": URL}}
    paths = {
        "/pets": {"get": operation({"200": page}, query=PAGING), "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths))
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    first = body(send(server, "GET", "/pets?limit=2&x=1"))
    assert first["next"] == "http://localhost/pets?limit=2&x=1&offset=2"
    assert first["first_page_uri"] == "http://localhost/pets?limit=2&x=1&offset=0"
    assert first["previous"] is None
    last = body(send(server, "GET", first["next"].removeprefix("http://localhost")))
    assert [one["name"] for one in last["results"]] == ["c"]
    assert last["next"] is None
    assert last["previous"] == first["first_page_uri"]


def test_a_link_field_names_the_pages_that_there_are_and_never_the_example_of_the_document() -> None:
    link = {"schema": {"type": "string"}, "example": '<https://api.vendor.example/pets?page=2>; rel="next"'}
    listing = operation({"200": LIST}, query={"per_page": {"type": "integer"}, "page": {"type": "integer"}})
    listing["responses"]["200"]["headers"] = {"Link": link}
    paths = {
        "/pets": {"get": listing, "post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths))
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    assert send(server, "GET", "/pets?per_page=30").header("Link") is None
    assert send(server, "GET", "/pets?per_page=2").header("Link") == (
        '<http://localhost/pets?per_page=2&page=1>; rel="first", '
        '<http://localhost/pets?per_page=2&page=2>; rel="last", '
        '<http://localhost/pets?per_page=2&page=2>; rel="next"'
    )


def test_links_to_other_pages_keep_the_base_path_that_the_request_was_sent_below() -> None:
    page = {"type": "object", "properties": {"results": LIST, "next": URL}}
    server = mock(
        document({"/pets": {"get": operation({"200": page}, query=PAGING), "post": operation({"201": REF}, REF)}})
    )
    for name in "ab":
        send(server, "POST", "/pets", {"name": name})
    host = Headers({"Host": "mock.example:8080"})
    answer = server.handle(Request("GET", "/pets", "limit=1", host, base_path="/v1"))
    assert body(answer)["next"] == "http://mock.example:8080/v1/pets?limit=1&offset=1"


@pytest.mark.parametrize(
    ("text", "is_partial"),
    [
        ("Partially updates a pet.", True),
        ("Updates a pet. Unspecified fields remain unchanged.", True),
        ("Changes a pet; any parameters not provided will be left unchanged.", True),
        ("Only the fields that are sent are updated.", True),
        ("Replaces a pet.", False),
        ("Update a pet. Missing pets are answered 404.", False),
        ("Updates a pet. The name must not be changed.", False),
    ],
)
def test_put_keeps_what_is_not_sent_only_where_the_text_says_so(text: str, is_partial: bool) -> None:
    change = {**operation({"200": REF}, {"type": "object", "properties": {"name": {}, "age": {}}}), "description": text}
    pet = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {}, "age": {}}}
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{id}": {"get": operation({"200": REF}), "put": change},
    }
    server = mock(document(paths, pet))
    send(server, "POST", "/pets", {"name": "Rex", "age": 3})
    changed = body(send(server, "PUT", "/pets/1", {"name": "Max"}))
    assert changed == ({"id": 1, "name": "Max", "age": 3} if is_partial else {"id": 1, "name": "Max"})


def test_a_number_beside_a_list_that_is_called_results_counts_all_items() -> None:
    envelope = {"type": "object", "properties": {"data": LIST, "results": {"type": "integer"}}}
    server = mock(document({"/pets": {"get": operation({"200": envelope}), "post": operation({"201": REF}, REF)}}))
    assert body(send(server, "GET", "/pets"))["results"] == 0


def test_what_is_only_listed_and_read_has_the_key_that_its_schema_shows() -> None:
    region = {"type": "object", "properties": {"id": {"type": "string", "example": "us-east"}, "name": TEXT}}
    paths = {"/regions": {"get": operation({"200": LIST})}, "/regions/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, region))
    assert [one["id"] for one in body(send(server, "GET", "/regions"))] == ["us-east"]
    assert send(server, "GET", "/regions/us-east").status == 200


def test_a_new_item_gets_the_members_that_the_query_of_its_creation_names() -> None:
    hook = {"type": "object", "properties": {"id": {"type": "string"}, "site_id": TEXT, "event": TEXT}}
    query = {"site_id": TEXT}
    paths = {
        "/hooks": {"get": operation({"200": LIST}, query=query), "post": operation({"201": REF}, REF, query)},
        "/hooks/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, hook))
    assert body(send(server, "POST", "/hooks?site_id=a", {"event": "built"}))["site_id"] == "a"
    assert len(body(send(server, "GET", "/hooks?site_id=a"))) == 1
    assert body(send(server, "GET", "/hooks?site_id=b")) == []


def test_add_subnet_adds_the_subnet_that_is_sent_and_delete_subnet_takes_it_away() -> None:
    subnet = {"type": "object", "properties": {"ip_range": TEXT, "gateway": TEXT}, "required": ["gateway", "ip_range"]}
    network = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "subnets": {"type": "array", "items": subnet}},
    }
    sent = {"type": "object", "properties": {"ip_range": TEXT}}
    paths = {
        "/networks": {"post": operation({"201": REF}, REF)},
        "/networks/{id}": {"get": operation({"200": REF})},
        "/networks/{id}/actions/add_subnet": {"post": operation({"201": None}, sent)},
        "/networks/{id}/actions/delete_subnet": {"post": operation({"201": None}, sent)},
    }
    server = mock(document(paths, network))
    key = body(send(server, "POST", "/networks", {}))["id"]
    for ip_range in ("10.0.1.0/24", "10.0.2.0/24"):
        send(server, "POST", f"/networks/{key}/actions/add_subnet", {"ip_range": ip_range})
    first, second = body(send(server, "GET", f"/networks/{key}"))["subnets"]
    assert first["ip_range"] == "10.0.1.0/24"
    assert "gateway" in first, "what was not sent is completed"
    send(server, "POST", f"/networks/{key}/actions/delete_subnet", {"ip_range": "10.0.1.0/24"})
    assert body(send(server, "GET", f"/networks/{key}"))["subnets"] == [second]


def test_a_put_that_adds_or_updates_makes_the_item_also_where_a_post_makes_others() -> None:
    paths = {
        "/pets": {"post": operation({"201": REF}, REF)},
        "/pets/{name}": {
            "get": operation({"200": REF}),
            "put": {**operation({"200": REF}, REF), "summary": "Add or update a pet"},
        },
    }
    server = mock(document(paths, NAMED))
    assert send(server, "PUT", "/pets/Rex", {"name": "Rex"}).status == 200
    assert body(send(server, "GET", "/pets/Rex")) == {"name": "Rex"}


def test_what_clients_change_beside_a_list_is_one_item_and_no_list() -> None:
    content = {"type": "object", "properties": {"html": TEXT, "variants": {"type": "array", "items": NAMED}}}
    change = {"type": "object", "properties": {"html": TEXT}}
    paths = {
        "/campaigns": {"post": operation({"201": REF}, REF)},
        "/campaigns/{id}": {"get": operation({"200": REF})},
        "/campaigns/{id}/content": {"get": operation({"200": content}), "put": operation({"200": content}, change)},
    }
    server = mock(document(paths))
    key = body(send(server, "POST", "/campaigns", {"name": "news"}))["id"]
    send(server, "PUT", f"/campaigns/{key}/content", {"html": "<p>Hi</p>"})
    assert body(send(server, "GET", f"/campaigns/{key}/content"))["html"] == "<p>Hi</p>"


def test_a_new_item_is_not_verified_and_has_counted_nothing_whatever_an_example_shows() -> None:
    stats = {"type": "object", "properties": {"member_count": {"type": "integer", "example": 7}}}
    sender = {
        "type": "object",
        "required": ["id", "verified", "stats"],
        "properties": {"id": {"type": "integer"}, "verified": {"type": "boolean", "example": True}, "stats": stats},
    }
    sent = {"type": "object", "properties": {"name": TEXT}}
    paths = {"/senders": {"post": operation({"201": REF}, sent)}, "/senders/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, sender), is_mock=True)
    made = body(send(server, "POST", "/senders", {"name": "Us"}))
    assert made["verified"] is False
    assert made["stats"] == {"member_count": 0}


def test_the_answer_to_a_deletion_says_that_the_item_is_deleted() -> None:
    pet = {"type": "object", "properties": {"id": TEXT, "name": TEXT, "kind": TEXT, "deleted": {"type": "boolean"}}}
    deletion = {"type": "object", "properties": {"id": TEXT, "deleted": {"type": "boolean"}}}
    paths = {"/pets": {"post": operation({"201": REF}, REF)}, "/pets/{id}": {"delete": operation({"200": deletion})}}
    server = mock(document(paths, pet))
    key = body(send(server, "POST", "/pets", {"name": "Rex"}))["id"]
    assert body(send(server, "DELETE", f"/pets/{key}")) == {"id": key, "deleted": True}


def test_an_id_that_is_a_text_may_be_an_integer_in_the_path() -> None:
    article = {"type": "object", "properties": {"id": TEXT, "title": TEXT}}
    in_path = [{"name": "article_id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    paths = {
        "/articles": {"post": operation({"201": REF}, REF)},
        "/articles/{article_id}": {"parameters": in_path, "get": operation({"200": REF})},
    }
    server = mock(document(paths, article))
    key = body(send(server, "POST", "/articles", {"title": "How to"}))["id"]
    assert body(send(server, "GET", f"/articles/{key}"))["title"] == "How to"


def test_items_are_as_a_list_shows_them_where_their_creation_answers_but_with_the_key() -> None:
    made = {"type": "object", "properties": {"id": TEXT, "token": TEXT}}
    listed = {"type": "object", "properties": {"id": TEXT, "name": TEXT, "created_at": TEXT, "last_used_at": TEXT}}
    paths = {
        "/keys": {
            "get": operation({"200": {"type": "array", "items": listed}}),
            "post": operation({"201": made}, {"type": "object", "properties": {"name": TEXT}}),
        },
        "/keys/{id}": {"delete": operation({"204": None})},
    }
    server = mock(document(paths))
    key = body(send(server, "POST", "/keys", {"name": "app"}))["id"]
    assert [(one["id"], one["name"]) for one in body(send(server, "GET", "/keys"))] == [(key, "app")]
    assert send(server, "DELETE", f"/keys/{key}").status == 204
    assert body(send(server, "GET", "/keys")) == []


def test_a_put_is_partial_where_each_form_of_a_creation_needs_a_member_that_it_does_not() -> None:
    members = {"email": TEXT, "phone": TEXT, "name": TEXT}
    forms = [{"required": ["email"]}, {"required": ["phone"]}]
    paths = {
        "/contacts": {"post": operation({"201": REF}, {"type": "object", "properties": members, "anyOf": forms})},
        "/contacts/{id}": {
            "get": operation({"200": REF}),
            "put": operation({"200": REF}, {"type": "object", "properties": members}),
        },
    }
    server = mock(document(paths, {"type": "object", "properties": {"id": TEXT, **members}}))
    key = body(send(server, "POST", "/contacts", {"email": "asha@example.com"}))["id"]
    changed = body(send(server, "PUT", f"/contacts/{key}", {"name": "Asha"}))
    assert (changed["email"], changed["name"]) == ("asha@example.com", "Asha")


def test_pages_are_asked_for_by_the_numbers_around_a_list_where_no_parameter_is_described() -> None:
    number = {"type": "integer"}
    pagination = {"type": "object", "properties": {"page": number, "per_page": number, "total_entries": number}}
    envelope = {"type": "object", "properties": {"pets": LIST, "pagination": pagination}}
    server = mock(document({"/pets": {"get": operation({"200": envelope}), "post": operation({"201": REF}, REF)}}))
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    page = body(send(server, "GET", "/pets?per_page=2&page=2"))
    assert [one["name"] for one in page["pets"]] == ["c"]
    assert page["pagination"] == {"page": 2, "per_page": 2, "total_entries": 3}


def test_verbs_may_stand_before_the_key_and_make_items() -> None:
    request = {"type": "object", "properties": {"id": TEXT, "title": TEXT, "status": {"enum": ["sent", "canceled"]}}}
    shown = {"type": "object", "properties": {"request": REF, "warnings": {"type": "array", "items": NAMED}}}
    listed = {"type": "object", "properties": {"requests": LIST}}
    paths = {
        "/request/send": {"post": operation({"200": shown}, {"type": "object", "properties": {"title": TEXT}})},
        "/request/list": {"get": operation({"200": listed})},
        "/request/{id}": {"get": operation({"200": shown})},
        "/request/cancel/{id}": {"post": operation({"200": None})},
    }
    server = mock(document(paths, request))
    key = body(send(server, "POST", "/request/send", {"title": "Sign"}))["request"]["id"]
    assert [one["id"] for one in body(send(server, "GET", "/request/list"))["requests"]] == [key]
    assert send(server, "POST", f"/request/cancel/{key}").status == 200
    assert body(send(server, "GET", f"/request/{key}"))["request"]["status"] == "canceled"
    assert send(server, "POST", "/request/cancel/another").status == 404


def test_one_thing_beside_warnings_is_read_and_changed() -> None:
    account = {"type": "object", "properties": {"email": TEXT, "callback_url": TEXT}}
    warnings = {"type": "array", "items": NAMED}
    shown = {"type": "object", "properties": {"account": account, "warnings": warnings}}
    change = {"type": "object", "properties": {"callback_url": TEXT}}
    server = mock(document({"/account": {"get": operation({"200": shown}), "put": operation({"200": shown}, change)}}))
    send(server, "PUT", "/account", {"callback_url": "https://example.com/a"})
    assert body(send(server, "GET", "/account"))["account"]["callback_url"] == "https://example.com/a"


CHOICES = {"type": "array", "items": NAMED, "description": "The choices. Can be more than one if n is above 1."}


@pytest.mark.parametrize(("sent", "count"), [({"n": {"type": "integer"}}, 1), ({"choices": CHOICES}, 0)])
def test_a_list_that_is_said_to_have_elements_has_some_in_a_new_item_unless_a_client_could_have_sent_them(
    sent: dict[str, Any], count: int
) -> None:
    answer = {"type": "object", "required": ["id", "choices"], "properties": {"id": TEXT, "choices": CHOICES}}
    paths = {
        "/answers": {"post": operation({"201": REF}, {"type": "object", "properties": sent})},
        "/answers/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, answer), is_mock=True)
    assert len(body(send(server, "POST", "/answers", {}))["choices"]) == count


def test_a_body_that_asks_for_a_stream_is_answered_with_events() -> None:
    post = operation({"200": REF}, {"type": "object", "properties": {"stream": {"type": "boolean"}}})
    post["responses"]["200"]["content"]["text/event-stream"] = {"schema": REF}
    server = mock(document({"/chat": {"post": post}}), is_mock=True)
    accept = Headers({"accept": "application/json", "content-type": "application/json"})
    types = [
        server.handle(Request("POST", "/chat", "", accept, text)).header("Content-Type")
        for text in (b'{"stream": true}', b'{"stream": false}')
    ]
    assert types == ["text/event-stream", "application/json"]


def test_a_thing_is_the_same_at_paths_whose_operations_have_versions_of_their_own() -> None:
    paths = {
        "/v3/spaces": {"get": operation({"200": LIST})},
        "/v7/spaces": {"post": operation({"201": REF}, REF)},
        "/v7/spaces/{name}": {"get": operation({"200": REF})},
        "/v2/spaces/{name}": {"delete": operation({"204": None})},
        "/v4/spaces/{name}/maps": {"post": operation({"201": REF}, REF)},
        "/v1/spaces/{name}/maps": {"get": operation({"200": LIST})},
    }
    server = mock(document(paths, NAMED))
    assert send(server, "POST", "/v7/spaces", {"name": "a"}).header("Location") == "/v7/spaces/a"
    assert body(send(server, "GET", "/v3/spaces")) == [{"name": "a"}]
    assert send(server, "POST", "/v4/spaces/a/maps", {"name": "m"}).status == 201
    assert send(server, "POST", "/v4/spaces/b/maps", {"name": "m"}).status == 404
    assert body(send(server, "GET", "/v1/spaces/a/maps")) == [{"name": "m"}]
    assert send(server, "DELETE", "/v2/spaces/a").status == 204
    assert send(server, "GET", "/v7/spaces/a").status == 404
    grounds = infer(document(paths, NAMED)).grounds
    assert grounds["/v7/spaces", "post"][EFFECT] is Ground.SHOWN
    assert grounds["/v2/spaces/{name}", "delete"][EFFECT] is Ground.GUESSED, "so that no server is accused for it"


def test_a_new_item_is_read_at_its_location_whatever_version_that_has() -> None:
    paths = {
        "/v1/spaces": {"post": operation({"201": REF}, REF), "get": operation({"200": LIST})},
        "/v2/spaces/{name}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, NAMED))
    assert send(server, "POST", "/v1/spaces", {"name": "a"}).header("Location") == "/v2/spaces/a"


def test_two_versions_that_have_the_same_operation_are_apart_where_their_items_are() -> None:
    other = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "color": TEXT, "size": TEXT}}
    paths: dict[str, Any] = {}
    for number, item in ((1, REF), (2, other)):
        listed = operation({"200": {"type": "array", "items": item}})
        paths[f"/v{number}/spaces"] = {"get": listed, "post": operation({"201": item}, item)}
        paths[f"/v{number}/spaces/{{name}}"] = {"get": operation({"200": item})}
    server = mock(document(paths, NAMED))
    assert send(server, "POST", "/v1/spaces", {"name": "a"}).status == 201
    assert [body(send(server, "GET", f"/v{number}/spaces")) for number in (1, 2)] == [[{"name": "a"}], []]


def test_a_post_at_the_path_of_an_item_makes_it_where_its_name_says_so() -> None:
    item = {
        "get": operation({"200": REF}),
        "post": {**operation({"200": REF}, REF), "summary": "Create a new secret"},
        "patch": operation({"200": REF}, REF),
    }
    server = mock(document({"/secrets": {"get": operation({"200": LIST})}, "/secrets/{name}": item}, NAMED))
    assert send(server, "GET", "/secrets/key").status == 404
    assert send(server, "PATCH", "/secrets/key", {"name": "key"}).status == 404
    assert send(server, "POST", "/secrets/key", {"name": "key"}).status == 200
    assert body(send(server, "GET", "/secrets")) == [{"name": "key"}]
