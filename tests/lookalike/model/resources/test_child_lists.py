"""Lists of children that their parent shows."""

from typing import Any

from lookalike.service import MockService
from tests.support.pet_documents import REF, body, document, mock, operation, send

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
TRACK = {"type": "object", "properties": {"id": WHOLE, "language": TEXT, "secret": {**TEXT, "writeOnly": True}}}
ALBUM = {
    "type": "object",
    "required": ["title"],
    "properties": {"id": WHOLE, "title": TEXT, "tracks": {"type": "array", "items": TRACK}},
}
CRUD = {"get": operation({"200": ALBUM}), "delete": operation({"204": None})}
PATHS = {
    "/albums": {"get": operation({"200": {"type": "array", "items": ALBUM}}), "post": operation({"201": ALBUM}, ALBUM)},
    "/albums/{albumId}": CRUD,
    "/albums/{albumId}/tracks": {"post": operation({"201": TRACK}, TRACK)},
    "/albums/{albumId}/tracks/{trackId}": {"get": operation({"200": TRACK}), "delete": operation({"204": None})},
}


def albums() -> MockService:
    server = mock(document(PATHS), is_mock=True)
    for title in ("First", "Second"):
        send(server, "POST", "/albums", {"title": title, "tracks": [{"id": 70, "language": "en"}]})
    return server


def tracks_of(server: MockService, album: int) -> Any:
    return body(send(server, "GET", f"/albums/{album}"))["tracks"]


def test_a_parent_shows_the_children_that_were_made_below_it_behind_those_that_were_sent_with_it() -> None:
    server = albums()
    made = body(send(server, "POST", "/albums/1/tracks", {"language": "de", "secret": "x"}))
    assert tracks_of(server, 1) == [{"id": 70, "language": "en"}, made]
    assert "secret" not in made
    assert tracks_of(server, 2) == [{"id": 70, "language": "en"}], "the other parent has no children"
    listed = body(send(server, "GET", "/albums"))
    assert [len(one["tracks"]) for one in listed] == [2, 1]


def test_a_parent_does_not_show_a_child_that_was_deleted() -> None:
    server = albums()
    made = body(send(server, "POST", "/albums/1/tracks", {"language": "de"}))
    assert send(server, "DELETE", f"/albums/1/tracks/{made['id']}").status == 204
    assert tracks_of(server, 1) == [{"id": 70, "language": "en"}]


def test_the_model_of_a_server_that_is_judged_does_not_expect_children_in_their_parent() -> None:
    server = mock(document(PATHS))
    send(server, "POST", "/albums", {"title": "First", "tracks": []})
    send(server, "POST", "/albums/1/tracks", {"language": "de"})
    assert tracks_of(server, 1) == []


def test_items_show_and_count_the_items_that_name_them_and_no_others() -> None:
    note = {"type": "object", "required": ["id", "label"], "properties": {"id": WHOLE, "label": TEXT}}
    label = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": TEXT, "notes": {"type": "array", "items": REF}, "note_count": WHOLE},
    }
    paths = {
        "/labels": {
            "get": operation({"200": {"type": "array", "items": label}}),
            "post": operation({"201": label}, {"type": "object", "properties": {"name": TEXT}}),
        },
        "/labels/{name}": {"get": operation({"200": label})},
        "/notes": {"post": operation({"201": REF}, {"type": "object", "properties": {"label": TEXT}})},
        "/notes/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, note), is_mock=True)
    for name in ("a", "a,b"):
        send(server, "POST", "/labels", {"name": name})
    for name in ("a", "a", "a,b"):
        send(server, "POST", "/notes", {"label": name})
    shown = [
        ([inner["label"] for inner in one["notes"]], one["note_count"]) for one in body(send(server, "GET", "/labels"))
    ]
    assert shown == [(["a", "a"], 2), (["a,b"], 1)]


def test_a_child_names_its_parent_where_any_kind_of_thing_may_be_named() -> None:
    kinds = {"type": "string", "enum": ["Band", "Album"]}
    members = {"id": WHOLE, "text": TEXT, "subject_id": WHOLE, "subject_type": kinds}
    note = {"type": "object", "required": ["subject_id", "subject_type"], "properties": members}
    below = {
        "get": operation({"200": {"type": "array", "items": note}}),
        "post": operation({"201": note}, {"type": "object", "properties": {"text": TEXT}}),
    }
    server = mock(document({**PATHS, "/albums/{albumId}/notes": below}), is_mock=True)
    for title in ("First", "Second"):
        send(server, "POST", "/albums", {"title": title})
    made = body(send(server, "POST", "/albums/2/notes", {"text": "loud"}))
    assert (made["subject_id"], made["subject_type"], made["text"]) == (2, "Album", "loud")
