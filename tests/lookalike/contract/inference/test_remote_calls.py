"""Documents whose paths name procedures: an item that one of them makes is read, listed and changed by the others."""

from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.contract.inference.infer import infer
from lookalike.service import MockService
from tests.support.pet_documents import body, document, mock, operation, send

TEXT, TRUTH = {"type": "string"}, {"type": "boolean"}
CHANNEL = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": TEXT, "name": TEXT, "is_archived": TRUTH},
}
REF = {"$ref": "#/components/schemas/Pet"}


def answering(name: str, schema: Any) -> dict[str, Any]:
    """A body that says whether it went well, beside what was asked for."""
    return {"200": {"type": "object", "required": ["ok"], "properties": {"ok": TRUTH, name: schema}}}


def taking(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT)}


ONE, MANY, OK = (
    answering("channel", REF),
    answering("channels", {"type": "array", "items": REF}),
    answering("ok", TRUTH),
)


def dotted(key: str = "channel") -> dict[str, Any]:
    return {
        "/conversations.create": {"post": operation(ONE, taking("name"))},
        "/conversations.info": {"get": operation(ONE, query={key: TEXT})},
        "/conversations.list": {"get": operation(MANY, query={"limit": {"type": "integer"}})},
        "/conversations.rename": {"post": operation(ONE, taking(key, "name"))},
        "/conversations.archive": {"post": operation(OK, taking(key))},
        "/conversations.delete": {"post": operation(OK, taking(key))},
        "/conversations.getPresence": {"get": operation(answering("presence", TEXT), query={key: TEXT})},
    }


def all_post() -> dict[str, Any]:
    return {
        "/v1/createChannel": {"post": operation(ONE, taking("name"))},
        "/v1/getChannel": {"post": operation(ONE, taking("channelId"))},
        "/v1/listChannels": {"post": operation(MANY, taking("name"))},
        "/v1/updateChannel": {"post": operation(ONE, taking("channelId", "name"))},
        "/v1/archive_channel": {"post": operation(OK, taking("channelId"))},
        "/v1/deleteChannel": {"post": operation(OK, taking("channelId"))},
    }


def below_the_noun() -> dict[str, Any]:
    return {
        "/channels/create": {"post": operation({"201": REF}, taking("name"))},
        "/channels/get": {"get": operation({"200": REF}, query={"id": TEXT})},
        "/channels/list": {"get": operation({"200": {"type": "array", "items": REF}})},
        "/channels/update": {"post": operation({"200": REF}, taking("id", "name"))},
        "/channels/archive": {"post": operation({"200": REF}, taking("id"))},
        "/channels/delete": {"delete": operation({"204": None}, query={"id": TEXT})},
    }


def call(server: MockService, method: str, path: str, **values: str) -> Any:
    if method in ("GET", "DELETE"):
        query = "&".join(f"{name}={value}" for name, value in values.items())
        return send(server, method, f"{path}?{query}" if query else path)
    return send(server, method, path, values)


def channel(answer: Any) -> Any:
    value = body(answer)
    return value.get("channel", value)


@pytest.mark.parametrize(
    ("paths", "key"),
    [(dotted(), "channel"), (dotted("channel_id"), "channel_id"), (all_post(), "channelId"), (below_the_noun(), "id")],
    ids=["dotted", "dotted, with an id", "all POST", "below the noun"],
)
def test_what_one_procedure_makes_the_others_find_change_and_delete(paths: Any, key: str) -> None:
    server = mock(document(paths, CHANNEL))
    create, read, listing, change, archive, delete = (
        (next(iter(methods)).upper(), path) for path, methods in list(paths.items())[:6]
    )
    made = channel(call(server, *create, name="general"))
    assert made["name"] == "general"
    assert channel(call(server, *read, **{key: made["id"]})) == made
    call(server, *create, name="random")
    answered = body(call(server, *listing))
    listed = answered if isinstance(answered, list) else answered["channels"]
    assert [one["name"] for one in listed] == ["general", "random"]
    call(server, *change, **{key: made["id"], "name": "lobby"})
    assert channel(call(server, *read, **{key: made["id"]})) == {**made, "name": "lobby"}
    if "archive_channel" not in archive[1]:
        call(server, *archive, **{key: made["id"]})
        assert channel(call(server, *read, **{key: made["id"]}))["is_archived"] is True
    call(server, *delete, **{key: made["id"]})
    assert call(server, *read, **{key: made["id"]}).status == 404


def test_a_procedure_sets_the_member_that_it_names_and_one_that_answers_with_the_item_shows_it() -> None:
    members = {"id": TEXT, "name": TEXT, "topic": {"type": "object", "properties": {"value": TEXT, "creator": TEXT}}}
    paths = {
        **dotted(),
        "/conversations.setTopic": {"post": operation(ONE, taking("channel", "topic"))},
        "/conversations.join": {"post": operation(ONE, taking("channel"))},
    }
    server = mock(document(paths, {**CHANNEL, "properties": members}))
    made = channel(call(server, "POST", "/conversations.create", name="general"))
    changed = channel(call(server, "POST", "/conversations.setTopic", channel=made["id"], topic="Cakes"))
    assert changed["topic"]["value"] == "Cakes"
    assert channel(call(server, "POST", "/conversations.join", channel=made["id"])) == changed
    assert call(server, "POST", "/conversations.join", channel="none").status == 404


MESSAGE = {"type": "object", "properties": {"ts": TEXT, "text": TEXT}, "required": ["ts", "text"]}


def posting() -> dict[str, Any]:
    """Messages that one family of procedures makes, and that of the channels they belong to lists."""
    message = {"$ref": "#/components/schemas/Message"}
    told = {"200": {"type": "object", "properties": {"channel": TEXT, "ts": TEXT, "message": message, "ok": TRUTH}}}
    listed = answering("messages", {"type": "array", "items": message})
    missing = {"type": "string", "enum": ["invalid_auth", "channel_not_found", "message_not_found"]}
    refused = {"404": {"type": "object", "required": ["error"], "properties": {"error": missing}}}
    without = {"200": {"type": "object", "properties": {"channel": TEXT, "ts": TEXT, "text": TEXT}}}
    return {
        **dotted(),
        "/chat.delete": {"post": operation(without | refused, taking("channel", "ts"))},
        "/chat.postMessage": {"post": operation(told | refused, taking("channel", "text", "icon"))},
        "/chat.update": {"post": operation(without | refused, taking("channel", "ts", "text"))},
        "/conversations.history": {"get": operation(listed, query={"channel": TEXT, "limit": {"type": "integer"}})},
    }


def test_what_a_procedure_makes_is_listed_by_another_noun_that_its_key_belongs_to() -> None:
    data = document(posting(), CHANNEL)
    data["components"]["schemas"]["Message"] = MESSAGE
    server = mock(data)
    one, other = (channel(call(server, "POST", "/conversations.create", name=name))["id"] for name in ("a", "b"))
    made = body(call(server, "POST", "/chat.postMessage", channel=one, text="hello"))
    assert (made["channel"], made["message"]) == (one, {"ts": made["ts"], "text": "hello"})
    changed = body(call(server, "POST", "/chat.update", channel=one, ts=made["ts"], text="hi"))
    assert changed == {"channel": one, "ts": made["ts"], "text": "hi"}
    assert body(call(server, "GET", "/conversations.history", channel=one))["messages"] == [
        {"ts": made["ts"], "text": "hi"}
    ]
    assert body(call(server, "GET", "/conversations.history", channel=other))["messages"] == []
    assert body(call(server, "POST", "/chat.delete", channel=one, ts=made["ts"]))["ts"] == made["ts"]
    again = call(server, "POST", "/chat.delete", channel=one, ts=made["ts"])
    assert (again.status, body(again)["error"]) == (404, "message_not_found")
    nowhere = call(server, "POST", "/chat.postMessage", channel="none", text="hello")
    assert (nowhere.status, body(nowhere)["error"]) == (404, "channel_not_found")


def test_a_procedure_about_another_thing_than_the_item_is_answered_by_example() -> None:
    words = infer(document(dotted(), CHANNEL)).words
    assert words["/conversations.getPresence", "get"] == "answers by example"


def test_a_single_procedure_makes_no_resource() -> None:
    paths = {"/users.identity": {"get": operation(ONE)}, "/reports/create": {"post": operation(ONE, taking("name"))}}
    assert infer(document(paths, CHANNEL)).resources == {}


def test_plain_verbs_whose_schemas_agree_are_shown_and_others_guessed() -> None:
    grounds = infer(document(dotted(), CHANNEL)).grounds
    shown = {path for (path, _), facts in grounds.items() if facts[EFFECT] is Ground.SHOWN}
    assert shown == {f"/conversations.{verb}" for verb in ("create", "info", "list", "rename", "delete")}


@pytest.mark.parametrize(
    ("verb", "post"),
    [
        pytest.param("rename", operation(ONE, taking("channel", "reason")), id="other members"),
        pytest.param("rename", operation(OK, taking("channel", "name")), id="shows no item"),
        pytest.param("delete", operation(OK, taking("channel", "name")), id="more than a key"),
        pytest.param("create", operation(ONE, taking("title")), id="takes no part of it"),
    ],
)
def test_a_procedure_whose_schemas_do_not_agree_with_its_verb_is_a_guess(verb: str, post: dict[str, Any]) -> None:
    path = f"/conversations.{verb}"
    grounds = infer(document({**dotted(), path: {"post": post}}, CHANNEL)).grounds
    assert grounds[path, "post"][EFFECT] is Ground.GUESSED


def test_a_search_by_post_lists_the_items_that_its_body_asks_for() -> None:
    listed = {"200": {"type": "array", "items": REF}}
    paths = {
        "/channels": {"post": operation({"201": REF}, REF), "get": operation(listed)},
        "/channels/{id}": {"get": operation({"200": REF})},
        "/channels/search": {"post": operation(listed, taking("query", "name"))},
        "/channels/find": {"post": operation(listed, {"type": "object", "properties": {"filter": taking("name")}})},
    }
    server = mock(document(paths, CHANNEL))
    for name in ("general", "random"):
        send(server, "POST", "/channels", {"id": f"C-{name}", "name": name})
    assert [one["name"] for one in body(send(server, "POST", "/channels/search", {"query": "gener"}))] == ["general"]
    assert [one["name"] for one in body(send(server, "POST", "/channels/search", {"name": "random"}))] == ["random"]
    assert [one["id"] for one in body(send(server, "POST", "/channels/find", {"filter": {"name": "random"}}))] == [
        "C-random"
    ]
    assert len(body(send(server, "POST", "/channels/search", {}))) == 2
