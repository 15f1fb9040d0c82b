"""What an app expects of an API by its document alone: memberships, cancellations, searches, changes of parts."""

import json
import re
from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.contract.inference.inferred import BY_EXAMPLE
from lookalike.contract.inference.states import states_of
from lookalike.openapi.document import parse_document
from lookalike.openapi.recovery import recover
from lookalike.schema.view import SchemaView
from tests.support.pet_documents import REF, TEXT, body, crud, document, mock, operation, send, with_members

LIST = {"type": "array", "items": REF}


@pytest.mark.parametrize(
    ("member", "states"),
    [
        ({"type": "string", "description": "One of `pending`, `approved` or `canceled`."}, 3),
        ({"type": "string", "enum": ["a", "b"], "description": "`c` or `d`"}, 2),
        ({"type": "string", "description": "Only `pending`."}, 0),
        ({"type": "integer", "description": "`1` or `2`, see `pending` and `paid`"}, 0),
    ],
)
def test_states_are_read_from_the_description_where_no_enum_lists_them(member: Any, states: int) -> None:
    assert len(states_of("status", SchemaView(member, ()))) == states
    assert len(states_of("note", SchemaView(member, ()))) == len(member.get("enum", ()))


def test_a_state_that_is_told_in_prose_is_that_of_a_new_thing_until_an_action_changes_it() -> None:
    state = {"type": "string", "description": "Can be `pending`, `succeeded`, or `canceled`."}
    cancel = {"post": operation({"200": REF})}
    server = mock(document({**crud(), "/pets/{id}/cancel": cancel}, with_members(status=state)))
    assert body(send(server, "POST", "/pets", {"name": "a"}))["status"] == "pending"
    assert body(send(server, "POST", "/pets/1/cancel"))["status"] == "canceled"


def ground_of_deletion(paths: dict[str, Any]) -> Ground:
    data = document(paths, with_members(status={"enum": ["active", "canceled"]}))
    return infer(data).grounds["/pets/{id}", "delete"][EFFECT]


def test_a_deletion_that_says_that_it_cancels_leaves_the_thing_in_that_state() -> None:
    paths = crud()
    paths["/pets/{id}"]["delete"] = {**operation({"200": REF}), "description": "<p>Cancels a stay at once.</p>"}
    server = mock(document(paths, with_members(status={"enum": ["active", "canceled"]})))
    assert body(send(server, "POST", "/pets", {"name": "a"}))["status"] == "active"
    assert body(send(server, "DELETE", "/pets/1"))["status"] == "canceled"
    assert body(send(server, "GET", "/pets/1"))["status"] == "canceled"
    assert ground_of_deletion(paths) is Ground.GUESSED
    paths["/pets/{id}"]["delete"]["description"] = "Deletes a stay."
    assert ground_of_deletion(paths) is Ground.SHOWN
    server = mock(document(paths, with_members(status={"enum": ["active", "canceled"]})))
    send(server, "POST", "/pets", {"name": "a"})
    send(server, "DELETE", "/pets/1")
    assert send(server, "GET", "/pets/1").status == 404


@pytest.mark.parametrize("sent", [None, {"type": "object", "properties": {"role": TEXT}}])
def test_a_member_is_added_by_put_where_nothing_else_makes_one(sent: Any) -> None:
    user = {"type": "object", "required": ["login"], "properties": {"login": TEXT, "role": TEXT}}
    paths = {
        **crud(),
        "/pets/{id}/keepers": {"get": operation({"200": {"type": "array", "items": user}})},
        "/pets/{id}/keepers/{login}": {
            "put": {**operation({"204": None}, sent), "summary": "Add a keeper"},
            "get": operation({"204": None, "404": None}),
            "delete": operation({"204": None}),
        },
    }
    server = mock(document(paths))
    send(server, "POST", "/pets", {"name": "a"})
    assert send(server, "GET", "/pets/1/keepers/asha").status == 404
    assert send(server, "PUT", "/pets/1/keepers/asha", {"role": "vet"} if sent else None).status == 204
    assert [one["login"] for one in body(send(server, "GET", "/pets/1/keepers"))] == ["asha"]
    assert send(server, "GET", "/pets/1/keepers/asha").status == 204
    assert send(server, "DELETE", "/pets/1/keepers/asha").status == 204
    assert body(send(server, "GET", "/pets/1/keepers")) == []
    assert send(server, "PUT", "/pets/7/keepers/asha", {} if sent else None).status == 404


def test_a_change_of_few_members_among_others_is_kept() -> None:
    item = with_members(a=TEXT, b=TEXT)
    sent = {"type": "object", "properties": {"a": TEXT, "notify": {"type": "boolean"}, "reason": TEXT, "by": TEXT}}
    paths = crud()
    paths["/pets/{id}"]["patch"] = operation({"200": REF}, sent)
    server = mock(document(paths, item))
    send(server, "POST", "/pets", {"name": "n", "a": "1", "b": "2"})
    changed = body(send(server, "PATCH", "/pets/1", {"a": "3", "notify": True}))
    assert changed == {"id": 1, "name": "n", "a": "3", "b": "2"}


def test_a_list_inside_of_a_body_is_not_taken_for_the_item() -> None:
    item = with_members(reviewers={"type": "array", "items": TEXT})
    sent = {"type": "object", "properties": {"wait": {"type": "integer"}, "people": LIST, "name": TEXT}}
    paths = crud()
    paths["/pets/{id}"]["put"] = operation({"200": REF}, sent)
    server = mock(document(paths, item))
    send(server, "POST", "/pets", {"name": "n"})
    assert body(send(server, "PUT", "/pets/1", {"wait": 3, "people": [{"name": "x"}], "name": "m"}))["name"] == "m"


def test_things_are_found_by_a_search_apart_from_their_collection() -> None:
    hits = {"type": "object", "properties": {"total_count": {"type": "integer"}, "items": LIST}}
    search = {"get": operation({"200": hits}, query={"q": TEXT})}
    server = mock(document({**crud(), "/search/pets": search}, with_members(kind=TEXT)))
    for name, kind in (("Rex", "dog"), ("Tom", "cat"), ("Felix", "cat")):
        send(server, "POST", "/pets", {"name": name, "kind": kind})
    found = body(send(server, "GET", "/search/pets?q=kind:cat"))
    assert (found["total_count"], [one["name"] for one in found["items"]]) == (2, ["Tom", "Felix"])
    assert body(send(server, "GET", "/search/pets?q=nothing"))["items"] == []


def test_only_those_of_a_collection_that_are_asked_for_are_deleted() -> None:
    paths = crud()
    paths["/pets"]["delete"] = operation({"200": None}, query={"name": TEXT})
    server = mock(document(paths))
    for name in ("a", "b", "a"):
        send(server, "POST", "/pets", {"name": name})
    send(server, "DELETE", "/pets?name=a")
    assert [one["name"] for one in body(send(server, "GET", "/pets"))] == ["b"]
    send(server, "DELETE", "/pets")
    assert body(send(server, "GET", "/pets")) == []


def test_the_parent_is_shown_by_its_key_where_a_member_may_be_the_key_or_the_thing() -> None:
    visit = {
        "type": "object",
        "required": ["pet"],
        "properties": {"id": {"type": "integer"}, "pet": {"anyOf": [TEXT, {"type": "object"}]}, "why": TEXT},
    }
    sent = {"type": "object", "properties": {"why": TEXT}}
    paths = {
        **crud(),
        "/pets/{pet}/visits": {"post": operation({"201": visit}, sent), "get": operation({"200": {"items": visit}})},
    }
    paths["/pets/{pet}"] = paths.pop("/pets/{id}")
    server = mock(document(paths, {"type": "object", "properties": {"id": TEXT, "name": TEXT}}))
    made = body(send(server, "POST", "/pets", {"name": "a"}))
    assert body(send(server, "POST", f"/pets/{made['id']}/visits", {"why": "ill"}))["pet"] == made["id"]


def test_a_thing_moves_to_another_parent_where_its_key_does_not_depend_on_it() -> None:
    card = {"type": "object", "properties": {"id": {"type": "integer"}, "pet_id": {"type": "integer"}, "text": TEXT}}
    cards = {"type": "array", "items": card}
    paths = {
        **crud(),
        "/pets/{id}/cards": {"get": operation({"200": cards})},
        "/cards": {"post": operation({"201": card}, card), "get": operation({"200": cards})},
        "/cards/{id}": {"get": operation({"200": card}), "patch": operation({"200": card}, card)},
    }
    server = mock(document(paths))
    for name in "ab":
        send(server, "POST", "/pets", {"name": name})
    send(server, "POST", "/cards", {"pet_id": 1, "text": "x"})
    assert body(send(server, "PATCH", "/cards/1", {"pet_id": 2}))["pet_id"] == 2
    assert body(send(server, "GET", "/pets/1/cards")) == []
    assert [one["text"] for one in body(send(server, "GET", "/pets/2/cards"))] == ["x"]


def test_a_thing_is_changed_below_the_plural_and_read_below_the_singular() -> None:
    sent = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "note": TEXT}}
    item = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "note": TEXT}}
    paths = {
        "/git/pet/{name}": {"get": operation({"200": REF})},
        "/git/pets": {"post": operation({"201": REF}, sent)},
        "/git/pets/{name}": {"patch": operation({"200": REF}, sent), "delete": operation({"204": None})},
    }
    server = mock(document(paths, item))
    send(server, "POST", "/git/pets", {"name": "a", "note": "1"})
    assert body(send(server, "PATCH", "/git/pets/a", {"name": "a", "note": "2"}))["note"] == "2"
    assert body(send(server, "GET", "/git/pet/a"))["note"] == "2"
    assert send(server, "DELETE", "/git/pets/a").status == 204
    assert send(server, "GET", "/git/pet/a").status == 404


def test_another_thing_of_the_same_name_is_no_item_of_the_first() -> None:
    visit = with_members(amount=TEXT, fee=TEXT)
    other = {**with_members(amount=TEXT, owner=TEXT), "required": ["owner"]}
    paths = {
        **crud(),
        "/visits": {"get": operation({"200": {"type": "array", "items": visit}})},
        "/visits/{id}": {"get": operation({"200": visit})},
        "/pets/{id}/visits": {
            "post": operation({"201": other}, other),
            "get": operation({"200": {"type": "array", "items": other}}),
        },
    }
    assert "pet-visit" in infer(document(paths, with_members())).resources


def test_two_kinds_that_are_listed_below_each_other_are_read() -> None:
    tab, field = with_members(tab=TEXT), with_members(field=TEXT)
    tabs, fields = ({"type": "array", "items": one} for one in (tab, field))
    paths = {
        **crud(),
        "/fields": {"get": operation({"200": fields}), "post": operation({"201": field}, field)},
        "/fields/{fieldId}": {"get": operation({"200": field})},
        "/fields/{fieldId}/pets": {"get": operation({"200": LIST})},
        "/pets/{id}/tabs": {"get": operation({"200": tabs}), "post": operation({"201": tab}, tab)},
        "/pets/{id}/tabs/{tabId}": {"get": operation({"200": tab}), "delete": operation({"204": None})},
        "/pets/{id}/tabs/{tabId}/fields": {"get": operation({"200": fields})},
    }
    server = mock(document(paths))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "POST", "/pets/1/tabs", {"name": "t"}))["name"] == "t"
    assert [one["name"] for one in body(send(server, "GET", "/pets/1/tabs"))] == ["t"]


def test_the_last_word_of_a_parameter_names_the_key() -> None:
    item = {"type": "object", "required": ["sha"], "properties": {"sha": TEXT, "content": TEXT}}
    paths = {
        "/blobs": {"post": operation({"201": REF}, {"type": "object", "properties": {"content": TEXT}})},
        "/blobs/{file_sha}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, item))
    made = body(send(server, "POST", "/blobs", {"content": "x"}))
    assert body(send(server, "GET", f"/blobs/{made['sha']}"))["content"] == "x"


def test_a_thing_is_made_below_its_collection_at_create() -> None:
    made = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "warning": TEXT}}
    sent = {"type": "object", "properties": {"name": TEXT}}
    paths = {
        "/pets/json": {"get": operation({"200": LIST})},
        "/pets/create": {"post": operation({"201": made}, sent)},
        "/pets/{id}/json": {"get": operation({"200": REF})},
        "/pets/{id}": {"delete": operation({"204": None})},
    }
    server = mock(document(paths))
    key = body(send(server, "POST", "/pets/create", {"name": "a"}))["id"]
    assert body(send(server, "GET", f"/pets/{key}/json")) == {"id": key, "name": "a"}
    assert [one["name"] for one in body(send(server, "GET", "/pets/json"))] == ["a"]
    assert send(server, "DELETE", f"/pets/{key}").status == 204
    assert send(server, "GET", f"/pets/{key}/json").status == 404


def test_things_in_an_envelope_are_known_by_name_where_they_have_no_other_key() -> None:
    tag = {"type": "object", "properties": {"tag": {"type": "object", "properties": {"name": TEXT, "note": TEXT}}}}
    sent = {"type": "object", "properties": {"name": TEXT, "note": TEXT}}
    paths = {
        "/tags": {"post": operation({"201": tag}, sent)},
        "/tags/{tag_id}": {"get": operation({"200": tag}), "delete": operation({"204": None})},
    }
    server = mock(document(paths))
    assert body(send(server, "POST", "/tags", {"name": "prod", "note": "x"})) == {"tag": {"name": "prod", "note": "x"}}
    assert body(send(server, "GET", "/tags/prod"))["tag"]["note"] == "x"


def test_an_index_is_the_number_of_a_thing_in_its_collection() -> None:
    issue = with_members(number={"type": "integer"})
    issues = {"type": "array", "items": issue}
    paths = {
        **crud(),
        "/pets/{id}/issues": {"post": operation({"201": issue}, with_members()), "get": operation({"200": issues})},
        "/pets/{id}/issues/{index}": {"get": operation({"200": issue})},
    }
    server = mock(document(paths))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "POST", "/pets/1/issues", {"name": "b"}))["number"] == 1
    assert body(send(server, "GET", "/pets/1/issues/1"))["name"] == "b"


LABEL: dict[str, Any] = {"type": "object", "required": ["name", "color"], "properties": {"name": TEXT, "color": TEXT}}
NAMES: dict[str, Any] = {"type": "array", "items": TEXT}
NAMED: dict[str, Any] = {"type": "object", "properties": {"labels": NAMES}}


@pytest.mark.parametrize("shown", [LABEL, {"oneOf": [TEXT, LABEL]}])
@pytest.mark.parametrize("sent", [NAMES, NAMED])
def test_labels_are_added_to_an_issue_and_taken_away_and_the_issue_shows_them(shown: Any, sent: Any) -> None:
    labels = {"type": "array", "items": LABEL}
    item = {**with_members(labels={"type": "array", "items": shown}), "required": ["labels"]}
    paths = {
        **crud(),
        "/labels": {"get": operation({"200": labels}), "post": operation({"201": LABEL}, LABEL)},
        "/labels/{name}": {"get": operation({"200": LABEL})},
        "/pets/{id}/labels": {
            "get": operation({"200": labels}),
            "post": operation({"200": labels}, {"oneOf": [sent, TEXT]}),
            "put": operation({"200": labels}, {"oneOf": [NAMED, NAMES]}),
            "delete": operation({"204": None}),
        },
        "/pets/{id}/labels/{name}": {"delete": operation({"200": labels})},
    }
    new = {"type": "object", "properties": {"name": TEXT, "labels": NAMES}}
    paths["/pets"] = {
        "post": operation({"201": REF}, new),
        "get": operation({"200": LIST}, query={"labels": TEXT}),
    }
    paths["/pets/{id}"]["patch"] = operation({"200": REF}, new)
    server = mock(document(paths, item))

    def names(answer: Any) -> list[str]:
        return [one["name"] for one in answer]

    def written(*keys: str) -> Any:
        return [*keys] if sent is NAMES else {"labels": [*keys]}

    send(server, "POST", "/labels", {"name": "bug", "color": "red"})
    send(server, "POST", "/pets", {"name": "a"})
    added = body(send(server, "POST", "/pets/1/labels", written("bug", "new")))
    assert (names(added), added[0]["color"]) == (["bug", "new"], "red"), "a label that is known is shown as it is"
    assert names(body(send(server, "POST", "/pets/1/labels", written("bug")))) == ["bug", "new"]
    assert names(body(send(server, "GET", "/pets/1"))["labels"]) == ["bug", "new"]
    assert names(body(send(server, "DELETE", "/pets/1/labels/bug"))) == ["new"]
    assert names(body(send(server, "PUT", "/pets/1/labels", written("x", "y")))) == ["x", "y"]
    assert names(body(send(server, "GET", "/pets/1/labels"))) == ["x", "y"]
    assert send(server, "DELETE", "/pets/1/labels").status == 204
    assert body(send(server, "GET", "/pets/1"))["labels"] == []
    assert send(server, "POST", "/pets/7/labels", written("bug")).status == 404
    assert body(send(server, "POST", "/pets", {"labels": ["bug"]}))["labels"] == [{"name": "bug", "color": "red"}]
    assert names(body(send(server, "PATCH", "/pets/2", {"labels": ["z"]}))["labels"]) == ["z"]


def test_lines_that_are_things_of_their_own_are_no_links() -> None:
    line = with_members(count={"type": "integer"})
    lines = {"type": "array", "items": line}
    paths = {
        **crud(),
        "/pets/{id}/lines": {"post": operation({"201": line}, line), "get": operation({"200": lines})},
        "/pets/{id}/lines/{line_id}": {"get": operation({"200": line}), "patch": operation({"200": line}, line)},
    }
    server = mock(document(paths, with_members(lines=lines)))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "POST", "/pets/1/lines", {"name": "l", "count": 2}))["count"] == 2
    assert body(send(server, "PATCH", "/pets/1/lines/1", {"count": 3}))["count"] == 3


def test_a_thing_counts_its_likes_once_for_each_change_of_the_flag_and_never_below_zero() -> None:
    like = {"post": operation({"200": REF}), "delete": operation({"200": REF})}
    item = with_members(liked={"type": "boolean"}, likes={"type": "integer"})
    server = mock(document({**crud(), "/pets/{id}/like": like}, item))
    send(server, "POST", "/pets", {"name": "a"})
    told = [
        (one["liked"], one["likes"])
        for one in (body(send(server, method, "/pets/1/like")) for method in ("DELETE", "POST", "POST", "DELETE"))
    ]
    assert told == [(False, 0), (True, 1), (True, 1), (False, 0)]


def test_likes_without_a_flag_are_counted_each_time() -> None:
    like = {"post": operation({"200": REF}), "delete": operation({"200": REF})}
    server = mock(document({**crud(), "/pets/{id}/like": like}, with_members(likes={"type": "integer"})))
    send(server, "POST", "/pets", {"name": "a"})
    told = [body(send(server, method, "/pets/1/like"))["likes"] for method in ("POST", "POST", "DELETE")]
    assert told == [1, 2, 1]


def test_a_profile_that_nothing_makes_is_that_of_the_name_that_is_asked_for_and_remembers_who_follows() -> None:
    profile = {
        "type": "object",
        "required": ["username", "following"],
        "properties": {"username": TEXT, "following": {"type": "boolean"}},
    }
    follow = {"post": operation({"200": profile}), "delete": operation({"200": profile})}
    paths = {"/profiles/{username}": {"get": operation({"200": profile})}, "/profiles/{username}/follow": follow}
    data = document(paths)
    assert infer(data).grounds["/profiles/{username}", "get"][EFFECT] is Ground.GUESSED
    server = mock(data)
    assert body(send(server, "GET", "/profiles/asha")) == {"username": "asha", "following": False}
    assert body(send(server, "POST", "/profiles/asha/follow"))["following"] is True
    assert body(send(server, "GET", "/profiles/asha"))["following"] is True
    assert body(send(server, "GET", "/profiles/ben"))["following"] is False
    assert body(send(server, "DELETE", "/profiles/asha/follow"))["following"] is False


def test_a_profile_that_is_read_and_changed_and_made_by_nothing_is_there_and_keeps_its_changes() -> None:
    one = {
        "get": operation({"200": REF}),
        "patch": operation({"200": REF}, {"type": "object", "properties": {"bio": TEXT}}),
    }
    named = {"type": "object", "required": ["username"], "properties": {"username": TEXT, "bio": TEXT}}
    server = mock(document({"/profiles/{username}": one}, named))
    send(server, "PATCH", "/profiles/asha", {"bio": "sails"})
    assert body(send(server, "GET", "/profiles/asha")) == {"username": "asha", "bio": "sails"}
    assert body(send(server, "GET", "/profiles/ben"))["username"] == "ben"
    deletable = document({"/profiles/{username}": {**one, "delete": operation({"204": None})}}, named)
    assert "apply" not in infer(deletable).operations.get(("/profiles/{username}", "patch"), {})


@pytest.mark.parametrize("name", ["petsCount", "total_pets", "petTotal", "number_of_pets"])
def test_a_number_that_is_named_after_the_list_counts_what_is_listed(name: str) -> None:
    envelope = {"type": "object", "properties": {"pets": LIST, name: {"type": "integer"}}}
    server = mock(document({**crud(), "/pets": {**crud()["/pets"], "get": operation({"200": envelope})}}))
    assert body(send(server, "GET", "/pets"))[name] == 0
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets"))[name] == 1


def test_a_list_below_a_collection_has_its_items_or_those_of_the_state_that_it_is_named_after() -> None:
    listed = {"get": operation({"200": LIST})}
    item = with_members(status={"enum": ["available", "sold"]}, featured={"type": "boolean"})
    paths = {**crud(), **{f"/pets/{word}": listed for word in ("sold", "featured", "recent", "starred")}}
    server = mock(document(paths, item))
    send(server, "POST", "/pets", {"name": "a", "status": "sold"})
    send(server, "POST", "/pets", {"name": "b", "featured": True})
    names = {path: [one["name"] for one in body(send(server, "GET", f"/pets/{path}"))] for path in ("sold", "recent")}
    assert names == {"sold": ["a"], "recent": ["a", "b"]}
    assert [one["name"] for one in body(send(server, "GET", "/pets/featured"))] == ["b"]
    assert infer(document(paths, item)).words["/pets/starred", "get"] == BY_EXAMPLE


def test_a_flag_is_no_filter_by_a_text_that_means_something_else() -> None:
    parameter = {"name": "favorited", "in": "query", "description": "Filter by favorites of a user", "schema": TEXT}
    paths = crud()
    paths["/pets"]["get"] = {**paths["/pets"]["get"], "parameters": [parameter]}
    data = document(paths, with_members(favorited={"type": "boolean"}))
    server = mock(data)
    send(server, "POST", "/pets", {"name": "a", "favorited": True})
    found = [len(body(send(server, "GET", f"/pets?favorited={text}"))) for text in ("asha", "true", "1", "false")]
    assert found == [1, 1, 1, 0]
    assert infer(data).grounds["/pets", "get"]["where.favorited"] is Ground.GUESSED


def test_settings_in_an_envelope_keep_the_members_that_a_change_does_not_send() -> None:
    settings = {"type": "object", "required": ["theme", "size"], "properties": {"theme": TEXT, "size": TEXT}}
    sent = {"type": "object", "properties": {"theme": TEXT, "size": TEXT}}
    shown, changed = ({"type": "object", "properties": {"settings": one}} for one in (settings, sent))
    path = {"get": operation({"200": shown}), "put": operation({"200": shown}, changed)}
    server = mock(document({"/settings": path}))
    send(server, "PUT", "/settings", {"settings": {"theme": "dark", "size": "large"}})
    send(server, "PUT", "/settings", {"settings": {"theme": "light"}})
    assert body(send(server, "GET", "/settings")) == {"settings": {"theme": "light", "size": "large"}}


def test_the_content_of_an_item_is_one_thing_whatever_lists_are_in_it() -> None:
    parts = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT}}}
    shown = {"type": "object", "properties": {"html": TEXT, "plain": TEXT, "parts": parts}}
    sent = {"type": "object", "properties": {"html": TEXT, "template": TEXT}}
    content = {"get": operation({"200": shown}), "put": operation({"200": shown}, sent)}
    server = mock(document({**crud(), "/pets/{id}/content": content}))
    send(server, "POST", "/pets", {"name": "n"})
    send(server, "PUT", "/pets/1/content", {"html": "<p>hi</p>"})
    assert body(send(server, "GET", "/pets/1/content"))["html"] == "<p>hi</p>"


def test_a_slug_that_the_server_makes_is_made_of_the_title() -> None:
    item = {"type": "object", "required": ["slug"], "properties": {"slug": TEXT, "title": TEXT}}
    sent = {"type": "object", "properties": {"title": TEXT}}
    paths = {
        "/pets": {"post": operation({"201": REF}, sent)},
        "/pets/{slug}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, item))
    slugs = [body(send(server, "POST", "/pets", {"title": "How to déal, with cats!"}))["slug"] for _ in range(2)]
    assert slugs == ["how-to-deal-with-cats-1", "how-to-deal-with-cats-2"]
    assert body(send(server, "GET", f"/pets/{slugs[0]}"))["title"] == "How to déal, with cats!"


@pytest.mark.parametrize(
    ("example", "end"),
    [("2020-01-01T00:00:00.000Z", r"\.\d{3}Z"), ("2020-01-01T00:00:00+00:00", r"\+00:00"), (None, "Z")],
)
def test_times_are_written_as_the_example_writes_them(example: str | None, end: str) -> None:
    time = {"type": "string", "format": "date-time", **({"example": example} if example else {})}
    server = mock(document(crud(), with_members(created_at={**time, "readOnly": True})))
    created = body(send(server, "POST", "/pets", {"name": "a"}))["created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" + end, created)


def test_a_put_on_the_collection_replaces_the_pet_of_its_key_also_where_pets_have_tags_that_resemble_them() -> None:
    tags = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT}}}
    paths = crud()
    paths["/pets"] = {"post": operation({"200": REF}, REF), "put": operation({"200": REF, "404": None}, REF)}
    server = mock(document(paths, with_members(tags=tags)))
    send(server, "POST", "/pets", {"id": 7, "name": "a", "tags": []})
    assert body(send(server, "PUT", "/pets", {"id": 7, "name": "b", "tags": []}))["name"] == "b"
    assert body(send(server, "GET", "/pets/7"))["name"] == "b"
    assert send(server, "PUT", "/pets", {"id": 8, "name": "b", "tags": []}).status == 404


def test_a_post_on_a_thing_without_a_body_sets_what_its_query_names() -> None:
    paths = crud()
    query = [{"name": name, "in": "query", "schema": TEXT} for name in ("name", "notify")]
    paths["/pets/{id}"]["post"] = {**operation({"200": REF}), "parameters": query}
    server = mock(document(paths))
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "POST", "/pets/1?name=b&notify=yes"))["name"] == "b"
    assert body(send(server, "GET", "/pets/1"))["name"] == "b"


@pytest.mark.parametrize("word", ["bulk", "batch", "createWithList", "create"])
def test_a_list_that_is_sent_below_a_collection_makes_each_of_its_items(word: str) -> None:
    paths = {**crud(), f"/pets/{word}": {"post": operation({"200": REF}, LIST)}}
    server = mock(document(paths))
    assert send(server, "POST", f"/pets/{word}", [{"name": "a"}, {"name": "b"}]).status == 200
    assert [one["name"] for one in body(send(server, "GET", "/pets"))] == ["a", "b"]


def test_a_flag_that_was_not_sent_is_off_though_the_example_shows_it_on() -> None:
    shown = {"id": 1, "name": "a", "has_dog": True, "allows_dogs": True}
    flags = {"has_dog": {"type": "boolean"}, "allows_dogs": {"type": "boolean", "readOnly": True}}
    item = {**with_members(**flags), "required": [*flags]}
    paths = crud(item)
    paths["/pets"]["post"] = operation({"201": item}, with_members(has_dog={"type": "boolean"}))
    paths["/pets/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["example"] = shown
    server = mock(document(paths))
    new = body(send(server, "POST", "/pets", {"name": "b"}))
    assert (new.get("has_dog"), new["allows_dogs"]) == (False, True)


def test_members_without_an_example_have_texts_that_people_would_write() -> None:
    names = ("email", "bio", "avatar", "username", "title", "nonsense")
    tags = {"type": "array", "items": TEXT, "minItems": 1}
    members = {**dict.fromkeys(names, TEXT), "tags": tags, "city": {"type": "string", "maxLength": 2}}
    item = {"type": "object", "required": [*members], "properties": members}
    shown = body(send(mock(document({"/pets": {"get": operation({"200": item})}})), "GET", "/pets"))
    assert re.fullmatch(r"[a-z]+\.[a-z]+@example\.com", shown["email"])
    assert shown["email"] == f"{shown['username']}@example.com"
    assert shown["avatar"].startswith("https://example.com/")
    assert len(shown["bio"].split()) > 4
    assert shown["title"] != "string" != shown["tags"][0]
    assert shown["nonsense"] == "string"
    assert len(shown["city"]) <= 2
    assert shown == body(send(mock(document({"/pets": {"get": operation({"200": item})}})), "GET", "/pets"))


def test_an_update_whose_body_needs_none_of_what_a_creation_needs_keeps_what_it_does_not_send() -> None:
    new = {"type": "object", "required": ["name", "price"], "properties": {"name": TEXT, "price": {"type": "integer"}}}
    paths = crud()
    paths["/pets"]["post"] = operation({"201": REF}, new)
    paths["/pets/{id}"]["put"] = operation({"200": REF}, {"type": "object", "properties": new["properties"]})
    server = mock(document(paths, with_members(price={"type": "integer"})))
    send(server, "POST", "/pets", {"name": "a", "price": 1})
    assert body(send(server, "PUT", "/pets/1", {"price": 2})) == {"id": 1, "name": "a", "price": 2}
    paths["/pets/{id}"]["put"] = operation({"200": REF}, new)
    server = mock(document(paths, with_members(price={"type": "integer"}, note=TEXT)))
    assert infer(document(paths)).operations["/pets/{id}", "put"]["apply"] == [{"replace": {"with": "$request.body"}}]


def test_an_envelope_that_requires_nothing_says_that_it_succeeded() -> None:
    flags = {"success": {"type": "boolean"}, "hasErrors": {"type": "boolean"}}
    envelope = {"type": "object", "properties": {**flags, "message": TEXT, "pet": REF}}
    paths = crud()
    paths["/pets"]["post"] = operation({"201": envelope}, REF)
    answer = body(send(mock(document(paths)), "POST", "/pets", {"name": "a"}))
    assert answer == {"success": True, "hasErrors": False, "pet": {"id": 1, "name": "a"}}


def test_a_key_of_mongodb_has_24_hexadecimal_digits_that_no_other_resource_has() -> None:
    item = {"type": "object", "properties": {"_id": TEXT, "name": TEXT}}
    owner = {"type": "object", "properties": {"_id": TEXT, "name": TEXT, "age": {"type": "integer"}}}
    paths = {**crud(), "/owners": {"post": operation({"201": owner}, owner)}}
    paths["/owners/{id}"] = {"get": operation({"200": owner})}
    server = mock(document(paths, item))
    keys = [body(send(server, "POST", path, {"name": "a"}))["_id"] for path in ("/pets", "/pets", "/owners")]
    assert all(re.fullmatch("[0-9a-f]{24}", key) for key in keys)
    assert len({*keys}) == 3
    assert body(send(server, "GET", f"/pets/{keys[1]}"))["name"] == "a"


def test_operations_of_which_only_errors_are_documented_succeed_all_the_same() -> None:
    failing = operation({"400": None, "404": None}, REF)
    paths = {
        "/pets": {"post": operation({"405": None}, REF), "put": failing},
        "/pets/{id}": {"get": operation({"200": REF}), "delete": operation({"400": None, "404": None})},
    }
    written = parse_document(json.dumps(document(paths, with_members(price={"type": "integer"}))), "pets.json")
    recovered = recover(written)
    told = [one.what for one in recovered.ignored]
    assert told == ["no response of success is documented; any 2xx is taken for one"] * 3
    server = mock(written.data)
    assert send(server, "POST", "/pets", {"id": 7, "name": "a", "price": 1}).status == 200
    assert body(send(server, "PUT", "/pets", {"id": 7, "name": "b", "price": 1}))["name"] == "b"
    assert body(send(server, "GET", "/pets/7"))["name"] == "b"
    assert send(server, "POST", "/pets", {"price": "dear"}).status == 400
    assert send(server, "DELETE", "/pets/7").status == 200
    assert send(server, "GET", "/pets/7").status == 404
    grounds = infer(written.data).grounds
    assert {grounds[place][EFFECT] for place in grounds if place[1] != "get"} == {Ground.GUESSED}


def test_a_creation_of_which_only_a_201_is_documented_makes_the_pet_that_is_sent() -> None:
    made = {"responses": {"201": {"description": "Null response"}}}
    listed = operation({"200": LIST})
    data = document({"/pets": {"get": listed, "post": made}, "/pets/{id}": {"get": operation({"200": LIST})}})
    assert infer(data).grounds["/pets", "post"][EFFECT] is Ground.GUESSED
    server = mock(data, is_mock=True)
    created = send(server, "POST", "/pets", {"name": "Rex"})
    assert (created.status, created.header("Location")) == (201, "/pets/1")
    assert send(server, "POST", "/pets").status == 201
    assert body(send(server, "GET", "/pets/1")) == [{"id": 1, "name": "Rex"}]
    assert len(body(send(server, "GET", "/pets"))) == 2
