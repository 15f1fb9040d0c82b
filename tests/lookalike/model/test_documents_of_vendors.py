"""Documents as vendors write them: what an app expects of feature flags, of servers in a cloud, or of a forge."""

import json
import re
from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.model.behaviour import Model
from lookalike.model.strictness import Strictness
from lookalike.openapi.document import parse_document
from lookalike.openapi.load import normalized
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract
from tests.support.pet_documents import (
    COUNT,
    REF,
    TEXT,
    TEXTS,
    TRUTH,
    body,
    crud,
    described,
    document,
    operation,
    send,
    with_members,
)

PATCH = {"type": "array", "items": described("op path", op=TEXT, path=TEXT, value={"type": "object"})}


def tolerant_mock(data: Any) -> MockService:
    """A mock as it is without options."""
    contract = read_contract(normalized(parse_document(json.dumps(data), "vendor.json")))
    model = Model(contract, strictness=Strictness(media_types=False), is_mock=True)
    return MockService(model, MemoryStore(), contract.choices({}), {})


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        ({"type": "string", "pattern": "^[a-z]((?!..)[a-z0-9])+$", "example": "web1"}, "web2"),
        ({"type": "string", "maxLength": 2, "example": "abc"}, "abcd"),
        ({"type": "object", "example": "My name"}, "Rex"),
    ],
    ids=["pattern", "maxLength", "type"],
)
def test_a_rule_that_refuses_its_own_example_refuses_no_request(rule: Any, sent: Any) -> None:
    answers = {"201": REF, "400": described(message=TEXT)}
    server = tolerant_mock(document({"/pets": {"post": operation(answers, described(name=rule))}}))
    assert send(server, "POST", "/pets", {"name": sent}).status == 201


def test_a_rule_that_its_example_keeps_is_kept() -> None:
    rule = {"type": "string", "pattern": "^[a-z]+$", "example": "rex"}
    server = tolerant_mock(document({"/pets": {"post": operation({"201": REF}, described(name=rule))}}))
    assert send(server, "POST", "/pets", {"name": "R2"}).status == 400


def test_a_value_that_a_tool_describes_as_an_object_may_be_any() -> None:
    item = with_members(variations={"type": "array", "items": described("value", value={"type": "object"})})
    server = tolerant_mock(document(crud(), item) | {"openapi": "3.0.3"})
    sent = {"name": "Rex", "variations": [{"value": True}, {"value": "x"}]}
    assert body(send(server, "POST", "/pets", sent))["variations"] == sent["variations"]


def patched(sent: Any, patch: Any) -> Any:
    """The item after a patch, of which a client may send a list or one beside a comment."""
    paths = crud() | {"/pets/{id}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, sent)}}
    item = with_members(note=TEXT, tags=TEXTS)
    server = tolerant_mock(document(paths, item) | {"openapi": "3.0.3"})
    send(server, "POST", "/pets", {"name": "Rex"})
    assert send(server, "PATCH", "/pets/1", patch).status == 200
    return body(send(server, "GET", "/pets/1"))


@pytest.mark.parametrize(
    "operation_of_patch",
    [
        {"op": "replace", "path": "/name", "value": "Bo"},
        {"op": "replace", "path": "/note", "value": "shy"},
    ],
    ids=["a member that it has", "a documented one that it lacks"],
)
@pytest.mark.parametrize("is_beside_comment", [False, True], ids=["a list", "beside a comment"])
def test_a_patch_in_plain_json_is_applied(operation_of_patch: Any, is_beside_comment: bool) -> None:
    sent = described("patch", comment=TEXT, patch=PATCH) if is_beside_comment else PATCH
    patch: Any = [operation_of_patch]
    found = patched(sent, {"comment": "x", "patch": patch} if is_beside_comment else patch)
    assert found[operation_of_patch["path"].removeprefix("/")] == operation_of_patch["value"]


def test_a_patch_adds_to_a_list_that_an_item_does_not_show_yet() -> None:
    assert patched(PATCH, [{"op": "add", "path": "/tags/-", "value": "new"}])["tags"] == ["new"]


def test_a_time_is_in_milliseconds_where_the_example_is() -> None:
    item = with_members(creationDate={"type": "integer", "example": 1_443_652_232_590})
    assert body(send(tolerant_mock(document(crud(), item)), "POST", "/pets", {"name": "Rex"}))["creationDate"] > 10**12


def test_a_new_item_shows_where_it_is() -> None:
    links = described(self=described(href={**TEXT, "example": "/pets/9"}))
    paths = crud() | {"/pets": {"post": operation({"201": REF}, described("name", name=TEXT))}}
    server = tolerant_mock(document(paths, with_members(_links=links)))
    assert body(send(server, "POST", "/pets", {"name": "Rex"}))["_links"] == {"self": {"href": "/pets/1"}}


def test_a_secret_that_is_reset_by_its_name_is_another_one() -> None:
    reset = operation({"200": REF}) | {"summary": "Reset an environment's key"}
    item = with_members(apiKey={**TEXT, "example": "XXX"})
    made = operation({"201": REF}, described("name", name=TEXT))
    server = tolerant_mock(document(crud() | {"/pets": {"post": made}, "/pets/{id}/apiKey": {"post": reset}}, item))
    before = body(send(server, "POST", "/pets", {"name": "Rex"}))
    after = body(send(server, "POST", "/pets/1/apiKey"))
    assert after["apiKey"] != before["apiKey"]
    assert body(send(server, "GET", "/pets/1")) == after


def flags() -> MockService:
    """A mock of projects and their flags, which are not below the path of projects."""
    project = described("key", key=TEXT, name=TEXT)
    text = "Only these, if true. By default, archived flags are not included in the list."
    archived = {"name": "archived", "in": "query", "schema": TRUTH, "description": text}
    listed = operation({"200": {"type": "array", "items": REF}})
    paths = {
        "/projects": {"post": operation({"201": project}, project)},
        "/projects/{projectKey}": {"get": operation({"200": project}), "delete": operation({"204": None})},
        "/flags/{projectKey}": {
            "get": {**listed, "parameters": [archived]},
            "post": operation({"201": REF}, described("key", key=TEXT, archived=TRUTH)),
        },
        "/flags/{projectKey}/{flagKey}": {"get": operation({"200": REF})},
    }
    server = tolerant_mock(document(paths, described("key", key=TEXT, archived=TRUTH, size=COUNT)))
    send(server, "POST", "/projects", {"key": "shop"})
    send(server, "POST", "/flags/shop", {"key": "old", "archived": True})
    send(server, "POST", "/flags/shop", {"key": "new", "archived": False})
    return server


def test_a_parent_is_known_by_the_name_of_its_key_in_another_path() -> None:
    server = flags()
    assert send(server, "POST", "/flags/nope", {"key": "x"}).status == 404
    assert send(server, "GET", "/flags/shop/old").status == 200
    send(server, "DELETE", "/projects/shop")
    assert send(server, "GET", "/flags/shop/old").status == 404


@pytest.mark.parametrize(("query", "listed"), [("", ["new"]), ("?archived=true", ["old"])])
def test_a_list_leaves_out_what_its_text_says_is_left_out_by_default(query: str, listed: list[str]) -> None:
    assert [one["key"] for one in body(send(flags(), "GET", f"/flags/shop{query}"))] == listed


@pytest.mark.parametrize(
    ("alternatives", "status"),
    [
        ([described(name=TEXT), described(color=TEXT)], 201),
        ([described("name", name=TEXT), described("name color", name=TEXT, color=TEXT)], 201),
        ([described("name", name=TEXT), described("color", color=TEXT)], 400),
        ([{"required": ["name"]}, {"required": ["color"]}], 400),
        ([described(name=COUNT), described(color=COUNT)], 400),
    ],
    ids=["objects", "more-of-the-same", "one-member-of-two", "presence", "none-fits"],
)
def test_alternatives_that_do_not_exclude_each_other_may_be_sent_at_once(alternatives: Any, status: int) -> None:
    post = operation({"201": REF, "400": described(message=TEXT)}, {"oneOf": alternatives})
    server = tolerant_mock(document({"/pets": {"post": post}}))
    assert send(server, "POST", "/pets", {"name": "rex", "color": "red"}).status == status


WIDE: dict[str, Any] = dict.fromkeys(("id", "name", "agenda", "zone", "place", "host", "uuid", "topic", "url"), TEXT)


def test_a_list_shows_the_items_of_which_it_describes_one_member_otherwise() -> None:
    """As documents without shared schemas do: meetings are made below a user, and read and deleted at the top."""
    shown, listed = described(**WIDE, pmi=COUNT), described(**WIDE, pmi=TEXT)
    kinds = {"type": "string", "enum": ["live", "past"], "default": "live"}
    members = {"get": operation({"200": described(meetings={"type": "array", "items": listed})}, query={"pmi": kinds})}
    members["post"] = operation({"201": shown}, described(topic=TEXT, pmi=COUNT))
    paths = {
        "/users": {"post": operation({"201": REF}, REF)},
        "/users/{userId}": {"get": operation({"200": REF})},
        "/users/{userId}/meetings": members,
        "/meetings/{meetingId}": {"get": operation({"200": shown}), "delete": operation({"204": None})},
    }
    server = tolerant_mock(document(paths))
    send(server, "POST", "/users", {"name": "asha"})
    meeting = body(send(server, "POST", "/users/1/meetings", {"topic": "Plans", "pmi": 7}))
    assert body(send(server, "GET", f"/meetings/{meeting['id']}"))["pmi"] == 7
    shown_in_list = body(send(server, "GET", "/users/1/meetings"))["meetings"]
    assert [(one["topic"], "pmi" in one) for one in shown_in_list] == [("Plans", False)], "`live` is no number"
    assert send(server, "DELETE", f"/meetings/{meeting['id']}").status == 204
    assert body(send(server, "GET", "/users/1/meetings"))["meetings"] == []


def test_an_item_is_sent_in_the_only_object_beside_an_action() -> None:
    sent = described("action", action={"enum": ["create", "invite"]}, user_info=described("name", name=TEXT))
    paths = {**crud(), "/pets": {"post": operation({"201": REF}, sent), "get": operation({"200": [REF]})}}
    paths["/pets"]["get"] = operation({"200": {"type": "array", "items": REF}})
    server = tolerant_mock(document(paths))
    made = body(send(server, "POST", "/pets", {"action": "create", "user_info": {"name": "Rex"}}))
    assert (made["name"], "action" in made) == ("Rex", False)


def test_a_list_beside_the_only_object_is_made_where_it_is_sent() -> None:
    one = described("name", name=TEXT)
    sent = described(pet=one, pets={"type": "array", "items": one})
    shown = described(ids={"type": "array", "items": COUNT}, pets={"type": "array", "items": REF})
    paths = crud()
    paths["/pets"] = {**paths["/pets"], "post": operation({"201": shown}, sent)}
    server = tolerant_mock(document(paths))
    made = body(send(server, "POST", "/pets", {"pets": [{"name": "a"}, {"name": "b"}]}))
    assert [one["name"] for one in made["pets"]] == ["a", "b"]


def test_those_are_made_that_are_sent_under_the_noun_of_their_collection_whatever_is_answered() -> None:
    member = described("email", id=TEXT, email=TEXT)
    sent = described("members", members={"type": "array", "items": described(email=TEXT)})
    paths = {
        **crud(),
        "/pets/{id}/members": {
            "post": operation({"201": described(ids=TEXT, added_at=TEXT)}, sent),
            "get": operation({"200": described(members={"type": "array", "items": member})}),
        },
        "/pets/{id}/members/{memberId}": {"delete": operation({"204": None})},
    }
    data = document(paths)
    server = tolerant_mock(data)
    send(server, "POST", "/pets", {"name": "Rex"})
    answer = send(server, "POST", "/pets/1/members", {"members": [{"email": "a@b.co"}, {"email": "c@d.co"}]})
    assert (answer.status, body(answer).keys()) == (201, {"ids", "added_at"})
    listed = body(send(server, "GET", "/pets/1/members"))["members"]
    assert [one["email"] for one in listed] == ["a@b.co", "c@d.co"]
    assert send(server, "DELETE", f"/pets/1/members/{listed[0]['id']}").status == 204
    assert infer(data).grounds["/pets/{id}/members", "post"][EFFECT] is Ground.GUESSED


def test_a_post_beside_a_list_of_what_it_shows_adds_to_that_list() -> None:
    listed = described(items={"type": "array", "items": REF}, total=COUNT)
    made = operation({"201": REF}, described("key", key=TEXT)) | {"summary": "Create a flag"}
    paths = {
        "/flags/{projectKey}": {"get": operation({"200": listed}), "post": made},
        "/flags/{projectKey}/{flagKey}": {"get": operation({"200": REF})},
    }
    server = tolerant_mock(document(paths, described("key", key=TEXT, name=TEXT)))
    assert body(send(server, "POST", "/flags/shop", {"key": "new"}))["key"] == "new"
    assert [one["key"] for one in body(send(server, "GET", "/flags/shop"))["items"]] == ["new"]


PERSON = described(id=COUNT, login=TEXT, full_name=TEXT)


def forge(**more: Any) -> MockService:
    """A mock of users who are made by an admin, and of their repositories."""
    repository = described(id=COUNT, name=TEXT, full_name=TEXT, owner=REF)
    named = described("name", name=TEXT)
    paths = {
        "/user": {"get": operation({"200": REF})},
        "/user/repos": {
            "get": operation({"200": {"type": "array", "items": repository}}),
            "post": operation({"201": repository}, named),
        },
        "/repos/search": {
            "get": operation({"200": described(data={"type": "array", "items": repository})}, query={"q": TEXT})
        },
        "/repos/{owner}/{repo}": {"get": operation({"200": repository}), "delete": operation({"204": None})},
        "/admin/users": {"post": operation({"201": REF}, described("username", username=TEXT, password=TEXT))},
        "/admin/users/{username}": {"delete": operation({"204": None})},
        "/users/{username}": {"get": operation({"200": REF})},
    }
    return tolerant_mock(document(paths | more, PERSON))


def test_a_login_is_the_name_that_was_sent_as_a_username() -> None:
    server = forge()
    made = body(send(server, "POST", "/admin/users", {"username": "asha", "password": "x"}))
    assert made["login"] == "asha"
    assert "password" not in made
    assert body(send(server, "GET", "/users/asha")) == made
    send(server, "DELETE", "/admin/users/asha")
    assert send(server, "GET", "/users/asha").status == 404


def test_the_full_name_of_a_thing_begins_with_its_owner() -> None:
    made = body(send(forge(), "POST", "/user/repos", {"name": "notes"}))
    assert made["full_name"] == f"{made['owner']['login']}/notes"


def test_a_search_behind_the_noun_of_items_finds_those_that_a_user_made() -> None:
    server = forge()
    for name in ("notes", "zebra"):
        send(server, "POST", "/user/repos", {"name": name})
    assert [one["name"] for one in body(send(server, "GET", "/repos/search?q=zeb"))["data"]] == ["zebra"]


def test_a_path_tells_the_login_of_someone_who_is_put_there() -> None:
    told = [{"name": "person", "in": "path", "required": True, "schema": TEXT, "description": "username of the person"}]
    put = operation({"204": None}, described(full_name=TEXT)) | {"summary": "Add a person"}
    paths = {
        "/people": {"get": operation({"200": {"type": "array", "items": REF}})},
        "/people/{person}": {"parameters": told, "get": operation({"200": REF}), "put": put},
    }
    server = tolerant_mock(document(paths, PERSON))
    send(server, "PUT", "/people/bo", {"full_name": "Bo Larsen"})
    assert body(send(server, "GET", "/people/bo"))["login"] == "bo"


def test_an_id_beside_the_number_of_an_item_is_its_own() -> None:
    item = described(id=COUNT, number=COUNT, title=TEXT)
    made = operation({"201": REF}, described("title", title=TEXT))
    listed = operation({"200": {"type": "array", "items": REF}})
    paths = {"/issues": {"get": listed, "post": made}, "/issues/{number}": {"get": operation({"200": REF})}}
    server = tolerant_mock(document(paths, item))
    assert len({body(send(server, "POST", "/issues", {"title": one}))["id"] for one in "abc"}) == 3


def test_a_key_has_the_letters_that_an_example_shows_before_its_number() -> None:
    read = operation({"200": REF})
    read["responses"]["200"]["content"]["application/json"]["example"] = {"key": "ED-1", "title": "old"}
    made = operation({"201": REF}, described("title", title=TEXT))
    paths = {"/issues": {"post": made}, "/issues/{key}": {"get": read}}
    server = tolerant_mock(document(paths, described(key=TEXT, title=TEXT)))
    assert body(send(server, "POST", "/issues", {"title": "a"}))["key"].startswith("ED-")


def test_a_new_item_is_in_the_first_state_that_a_request_may_ask_for() -> None:
    state = {"type": "string", "enum": ["closed", "open"]}
    paths = crud() | {"/pets": {"post": operation({"201": REF}, described("name", name=TEXT, state=state))}}
    server = tolerant_mock(document(paths, with_members(state=TEXT)))
    assert body(send(server, "POST", "/pets", {"name": "Rex"}))["state"] == "open"


def test_what_is_merged_is_closed() -> None:
    paths = crud() | {"/pets/{id}/merge": {"post": operation({"200": None})}}
    server = tolerant_mock(document(paths, with_members(state=TEXT, merged=TRUTH, mergeable_state=TEXT)))
    send(server, "POST", "/pets", {"name": "Rex", "state": "open", "merged": False, "mergeable_state": "clean"})
    send(server, "POST", "/pets/1/merge")
    found = body(send(server, "GET", "/pets/1"))
    assert (found["state"], found["merged"], found["mergeable_state"]) == ("closed", True, "clean")


def test_items_belong_where_they_are_made() -> None:
    named, listed = described("name", name=TEXT), operation({"200": {"type": "array", "items": REF}})
    org = described("name", name=TEXT)
    paths = {
        "/orgs": {"post": operation({"201": org}, named)},
        "/orgs/{org}": {"get": operation({"200": org})},
        "/rooms": {"post": operation({"201": described(id=COUNT, name=TEXT)}, named)},
        "/rooms/{room}": {"get": operation({"200": described(id=COUNT, name=TEXT)})},
        "/rooms/{room}/teams": {"get": listed},
        "/rooms/{room}/teams/{team}": {"get": operation({"200": REF}), "put": operation({"204": None})},
        "/teams/{id}": {"get": operation({"200": REF})},
        "/orgs/{org}/teams": {"get": listed, "post": operation({"201": REF}, named)},
    }
    server = tolerant_mock(document(paths, described(id=COUNT, name=TEXT)))
    send(server, "POST", "/orgs", {"name": "acme"})
    assert body(send(server, "POST", "/orgs/acme/teams", {"name": "devs"}))["name"] == "devs"
    assert [one["name"] for one in body(send(server, "GET", "/orgs/acme/teams"))] == ["devs"]
    assert body(send(server, "GET", "/teams/1"))["name"] == "devs"


def test_what_an_owner_and_a_name_identify_is_made_at_its_own_path_and_listed_at_that_of_the_owner() -> None:
    shown = described("full_name", full_name=TEXT, description=TEXT, uuid=TEXT, size=COUNT)
    listed = described(values={"type": "array", "items": shown}, size=COUNT)
    paths = {
        "/repositories/{workspace}": {"get": operation({"200": listed})},
        "/repositories/{workspace}/{slug}": {
            "get": operation({"200": shown, "404": None}),
            "post": {**operation({"200": shown}, described(description=TEXT)), "summary": "Create a repository"},
            "put": {**operation({"200": shown}, described(description=TEXT)), "summary": "Update a repository"},
            "delete": operation({"204": None}),
        },
        "/repositories/{workspace}/{slug}/issues": {"post": operation({"201": REF}, REF)},
        "/repositories/{workspace}/{slug}/issues/{id}": {"get": operation({"200": REF})},
    }
    server = tolerant_mock(document(paths))
    assert send(server, "PUT", "/repositories/acme/shop", {"description": "a"}).status == 404
    made = body(send(server, "POST", "/repositories/acme/shop", {"description": "a"}))
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["uuid"])
    assert body(send(server, "PUT", "/repositories/acme/shop", {"description": "b"}))["uuid"] == made["uuid"]
    assert [one["description"] for one in body(send(server, "GET", "/repositories/acme"))["values"]] == ["b"]
    assert body(send(server, "GET", "/repositories/other"))["values"] == []
    assert send(server, "POST", "/repositories/acme/shop/issues", {"name": "Bug"}).status == 201
    assert send(server, "POST", "/repositories/acme/none/issues", {"name": "Bug"}).status == 404
    assert send(server, "DELETE", "/repositories/acme/shop").status == 204
    assert send(server, "GET", "/repositories/acme/shop").status == 404


def test_what_a_client_may_send_but_did_not_is_null_whatever_an_example_shows() -> None:
    item = described("id name server", id=COUNT, name=TEXT, server={"type": ["integer", "null"], "example": 12})
    made = operation({"201": REF}, described("name", name=TEXT, server=COUNT))
    server = tolerant_mock(document(crud() | {"/pets": {"post": made}}, item))
    assert body(send(server, "POST", "/pets", {"name": "Rex"}))["server"] is None
    assert body(send(server, "POST", "/pets", {"name": "Rex", "server": 7}))["server"] == 7


def test_an_action_changes_the_object_of_which_members_are_sent() -> None:
    members = {"delete": TRUTH, "rebuild": TRUTH}
    changed = operation({"201": described(action=TEXT)}, described("", **members))
    item = with_members(protection=described("", **members))
    server = tolerant_mock(document(crud() | {"/pets/{id}/actions/change_protection": {"post": changed}}, item))
    send(server, "POST", "/pets", {"name": "Rex"})
    send(server, "POST", "/pets/1/actions/change_protection", {"delete": True})
    assert body(send(server, "GET", "/pets/1"))["protection"]["delete"] is True


@pytest.mark.parametrize(
    ("action", "member", "value"),
    [("renew", "renewals", 1), ("report-lost", "status", "lost"), ("renew", "status", "active")],
)
def test_a_loan_counts_its_renewals_and_may_be_reported_lost(action: str, member: str, value: Any) -> None:
    states = {"type": "string", "enum": ["active", "lost"]}
    item = described("id status renewals", id=COUNT, status=states, renewals=COUNT)
    acted = {f"/pets/{{id}}/{action}": {"post": operation({"200": REF})}}
    made = operation({"201": REF}, described(name=TEXT))
    server = tolerant_mock(document(crud() | {"/pets": {"post": made}} | acted, item))
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "POST", f"/pets/1/{action}"))[member] == value


def test_a_new_item_was_lent_now() -> None:
    item = described("id lent_at", id=COUNT, lent_at={**TEXT, "format": "date-time"})
    made = operation({"201": REF}, described("", name=TEXT))
    server = tolerant_mock(document(crud() | {"/pets": {"post": made}}, item))
    assert body(send(server, "POST", "/pets", {"name": "Rex"}))["lent_at"].startswith("2027-")


def test_a_key_that_one_schema_calls_a_number_is_the_integer_of_another() -> None:
    listed = {"type": "array", "items": described("id name", id={"type": "number"}, name=TEXT)}
    paths = crud()
    paths["/pets"]["get"] = operation({"200": listed})
    server = tolerant_mock(document(paths))
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "GET", "/pets")) == [{"id": 1, "name": "Rex"}]
