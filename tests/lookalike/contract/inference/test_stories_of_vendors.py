"""What the SDKs of vendors do first on a mock of their documents: start at the root, read by any key, upload a file."""

import json
from typing import Any

from lookalike.http import Headers, Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.seeds import examples
from lookalike.model.strictness import Strictness
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract
from tests.support.in_process import NOW
from tests.support.pet_documents import (
    COUNT,
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
    with_members,
)

THING = described(id=TEXT, type=TEXT)


def told(text: str, **schema: Any) -> dict[str, Any]:
    """A schema of a text, with a description."""
    return {"type": "string", "description": text, **schema}


def send_form(server: MockService, path: str, **parts: str) -> Response:
    """The response to a form with some parts, of which `file` is one with the name of its own."""
    lines = []
    for name, value in parts.items():
        of_file = '; filename="local.txt"' if name == "file" else ""
        lines.append(f'--x\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n\r\n{value}\r\n')
    fields = Headers({"Content-Type": "multipart/form-data; boundary=x"})
    return server.handle(Request("POST", path, "", fields, "".join([*lines, "--x--\r\n"]).encode(), NOW))


def test_an_item_that_a_text_says_is_always_there_is_there() -> None:
    paths = crud()
    text = "The id. The root pet of an account is always represented by the ID `0`."
    paths["/pets/{id}"]["parameters"] = [
        {"name": "id", "in": "path", "required": True, "description": text, "schema": TEXT}
    ]
    server = mock(document(paths, described(id=TEXT, name=TEXT)), is_mock=True)
    assert body(send(server, "GET", "/pets/0"))["id"] == "0"


def test_an_error_keeps_the_members_that_have_but_one_value() -> None:
    error = described(message=TEXT, hint=TEXT, type={"type": "string", "enum": ["error"]})
    paths = {**crud(), "/pets/{id}": {"get": operation({"200": REF, "404": error})}}
    server = mock(document(paths), is_mock=True)
    refused = body(send(server, "GET", "/pets/7"))
    assert (refused["type"], "hint" in refused) == ("error", False)


def test_a_type_is_the_one_word_that_its_description_tells() -> None:
    members = {"type": told('The object type: "pet"'), "other_type": told('The type, such as "a" or "b"')}
    made = body(send(mock(document(crud(), with_members(**members)), is_mock=True), "POST", "/pets", {"name": "Rex"}))
    assert made["type"] == "pet"
    assert made.get("other_type") not in ("a", "b")


def test_a_thing_that_nobody_makes_is_shown_under_the_key_that_was_asked_for() -> None:
    paths = {"/pets": {"get": operation({"200": MANY})}, "/pets/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, described("id name", id=TEXT, name=TEXT)), is_mock=True)
    assert body(send(server, "GET", "/pets/abc"))["id"] == "abc"


def test_what_is_placed_on_an_item_by_its_key_is_listed_below_it() -> None:
    place = {"allOf": [THING, {"description": "The pet this note was placed on"}]}
    note = described(id=TEXT, item=place, message=TEXT)
    order = {"type": "array", "items": described(by=TEXT, direction=TEXT)}
    notes = described(order=order, entries={"type": "array", "items": {"$ref": "#/components/schemas/Note"}})
    paths = {
        **crud(),
        "/notes": {"post": operation({"201": {"$ref": "#/components/schemas/Note"}}, note)},
        "/notes/{note_id}": {"get": operation({"200": {"$ref": "#/components/schemas/Note"}})},
        "/pets/{id}/notes": {"get": operation({"200": notes})},
    }
    data = document(paths, described(id=TEXT, name=TEXT))
    data["components"]["schemas"]["Note"] = note
    server = mock(data, is_mock=True)
    first, second = (body(send(server, "POST", "/pets", {"name": name}))["id"] for name in "ab")
    send(server, "POST", "/notes", {"message": "nice", "item": {"id": first, "type": "pet"}})
    lists = [body(send(server, "GET", f"/pets/{pet}/notes"))["entries"] for pet in (first, second)]
    assert [[one["message"] for one in notes] for notes in lists] == [["nice"], []]


def stored_files() -> MockService:
    """A mock of files that are sent in a form with their attributes, and answered as the only ones of a list."""
    file = described(id=TEXT, name=TEXT, size=COUNT, is_old=TRUTH)
    listed = described(entries={"type": "array", "items": REF}, total_count=COUNT)
    sent = described(attributes=described(name=TEXT), file={"type": "string", "format": "binary"})
    form = {"requestBody": {"content": {"multipart/form-data": {"schema": sent}}}}
    download = {"responses": {"200": {"description": "", "content": {"application/octet-stream": {}}}}}
    paths = {
        "/files": {"post": {**operation({"201": listed}), **form}},
        "/files/{id}": {"get": operation({"200": REF})},
        "/files/{id}/content": {"get": download, "post": {**operation({"200": listed}), **form}},
    }
    return mock(document(paths, file), is_mock=True)


def test_a_file_has_the_name_that_was_sent_beside_it_and_is_counted_as_one() -> None:
    made = body(send_form(stored_files(), "/files", attributes=json.dumps({"name": "a.txt"}), file="hello"))
    assert made["total_count"] == 1
    assert made["entries"][0].items() >= {"name": "a.txt", "size": 5}.items()


def test_a_new_file_takes_the_place_of_the_one_that_is_downloaded() -> None:
    server = stored_files()
    made = body(send_form(server, "/files", attributes=json.dumps({"name": "a.txt"}), file="hello"))["entries"][0]
    path = f"/files/{made['id']}/content"
    changed = body(send_form(server, path, attributes=json.dumps({"name": "b.txt"}), file="hello world"))["entries"][0]
    assert changed.items() >= {"id": made["id"], "name": "b.txt", "size": 11}.items()
    assert send(server, "GET", path).body == b"hello world"


DATE = {"type": "string", "format": "date-time"}


def pets(item: dict[str, Any], **paths: Any) -> MockService:
    """A mock of pets with further operations on one of them, by the end of their path."""
    more = {f"/pets/{{id}}/{end}": operations for end, operations in paths.items()}
    return mock(document({**crud(), **more}, item), is_mock=True)


def test_a_short_list_shows_the_other_members_that_a_request_names() -> None:
    short = {"type": "array", "items": {"$ref": "#/components/schemas/Short"}}
    paths = {**crud(), "/pets": {**crud()["/pets"], "get": operation({"200": short}, query={"fields": TEXT})}}
    data = document(paths, with_members(notes=TEXT))
    data["components"]["schemas"]["Short"] = with_members()
    server = mock(data, is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex", "notes": "fresh"})
    assert body(send(server, "GET", "/pets"))[0].keys() == {"id", "name"}
    assert body(send(server, "GET", "/pets?fields=notes"))[0] == {"id": 1, "notes": "fresh"}


def test_a_flag_that_is_set_has_the_date_since_when_it_is() -> None:
    item = with_members(completed=TRUTH, completed_at=DATE)
    paths = {**crud(), "/pets/{id}": {**crud()["/pets/{id}"], "patch": operation({"200": REF}, REF)}}
    server = mock(document(paths, item), is_mock=True)
    assert not body(send(server, "POST", "/pets", {"name": "Rex", "completed": False})).get("completed_at")
    changed = [body(send(server, "PATCH", "/pets/1", {"completed": value})) for value in (True, False)]
    assert [bool(one.get("completed_at")) for one in changed] == [True, False]


def tolerant(data: Any) -> MockService:
    """A mock that takes what servers usually take."""
    contract = read_contract(parse_document(json.dumps(data), "pets.json"))
    model, choices = Model(contract, strictness=Strictness(media_types=False)), contract.choices({})
    return MockService(model, MemoryStore(), choices, examples(model, choices.__getitem__))


def test_what_the_path_tells_need_not_be_sent_again() -> None:
    visit = described("pet text", id=COUNT, pet=TEXT, text=TEXT)
    paths = {
        "/pets": crud()["/pets"],
        "/pets/{pet_gid}": crud()["/pets/{id}"],
        "/pets/{pet_gid}/visits": {"post": operation({"201": visit}, visit)},
    }
    server = tolerant(document(paths))
    send(server, "POST", "/pets", {"name": "Rex"})
    sent = [send(server, "POST", "/pets/1/visits", one).status for one in ({"text": "ill"}, {})]
    assert sent == [201, 400]


def test_an_update_of_what_is_sent_alone_needs_none_of_the_members() -> None:
    update = operation({"200": REF}, described("name kind", name=TEXT, kind=TEXT))
    update["description"] = "Only the fields provided will be updated; unspecified fields will remain unchanged."
    paths = {**crud(), "/pets/{id}": {**crud()["/pets/{id}"], "put": update}}
    server = mock(document(paths, with_members(kind=TEXT)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex", "kind": "dog"})
    assert body(send(server, "PUT", "/pets/1", {"name": "Bello"})).items() >= {"name": "Bello", "kind": "dog"}.items()


def test_what_undoes_a_state_leads_back_to_that_of_a_new_item() -> None:
    state = {"type": "string", "enum": ["save", "schedule", "sent"]}
    done = {"post": operation({"204": None})}
    server = pets(with_members(status=state), schedule=done, unschedule=done)
    send(server, "POST", "/pets", {"name": "Rex"})
    states = []
    for action in ("schedule", "unschedule"):
        send(server, "POST", f"/pets/1/{action}")
        states.append(body(send(server, "GET", "/pets/1"))["status"])
    assert states == ["schedule", "save"]


def test_an_action_that_is_answered_with_201_shows_its_item() -> None:
    server = pets(with_members(), restore={"post": operation({"201": REF})})
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "POST", "/pets/1/restore")) == {"name": "Rex", "id": 1}


def test_a_list_names_the_parent_around_it_and_each_child_by_the_same_words() -> None:
    text = "The hash of the lowercase name of the owner."
    item, visit = described(id=told(text), name=TEXT), described(id=COUNT, owner_hash=told(text), text=TEXT)
    listed = described(visits={"type": "array", "items": visit}, pet_id=TEXT)
    paths = {
        "/pets": crud()["/pets"],
        "/pets/{pet_id}": crud()["/pets/{id}"],
        "/pets/{pet_id}/visits": {"post": operation({"201": visit}, visit), "get": operation({"200": listed})},
        "/pets/{pet_id}/visits/{visit_id}": {"get": operation({"200": visit})},
    }
    server = mock(document(paths, item), is_mock=True)
    pet = body(send(server, "POST", "/pets", {"name": "Rex"}))["id"]
    assert body(send(server, "POST", f"/pets/{pet}/visits", {"text": "ill"}))["owner_hash"] == pet
    assert body(send(server, "GET", f"/pets/{pet}/visits"))["pet_id"] == pet


def test_an_object_of_any_members_is_read_as_it_was_put() -> None:
    free = {"type": "object"}
    server = pets(with_members(), metadata={"get": operation({"200": free}), "put": operation({"204": None}, free)})
    send(server, "POST", "/pets", {"name": "Rex"})
    send(server, "PUT", "/pets/1/metadata", {"theme": "dark"})
    assert body(send(server, "GET", "/pets/1/metadata")) == {"theme": "dark"}


def test_a_file_tells_its_size_where_no_operation_downloads_it() -> None:
    file = described(id=TEXT, path=TEXT, size=COUNT)
    stored = {**operation({"200": file}), "requestBody": {"content": {"application/octet-stream": {"schema": {}}}}}
    paths = {**crud(), "/pets/{id}/files/{path}": {"put": stored}}
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    fields = Headers({"Content-Type": "application/octet-stream"})
    shown = body(server.handle(Request("PUT", "/pets/1/files/a.txt", "", fields, b"hello", NOW)))
    assert shown.items() >= {"path": "a.txt", "size": 5}.items()


def test_a_new_item_has_sent_nothing() -> None:
    sent = {"type": "integer", "description": "The total number of emails sent for this campaign.", "readOnly": True}
    assert body(send(pets(with_members(emails_sent=sent)), "POST", "/pets", {"name": "Rex"}))["emails_sent"] == 0


def test_a_parent_is_none_of_the_own_kind_where_the_text_names_others() -> None:
    note = described(id=COUNT, parent=told("Identifier of the parent pet, as a string."), text=TEXT)
    paths = {
        **crud(),
        "/notes": {"post": operation({"201": note, "404": None}, note)},
        "/notes/{id}": {"get": operation({"200": note})},
    }
    server = mock(document(paths), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    assert send(server, "POST", "/notes", {"parent": "1", "text": "x"}).status == 201


def test_what_was_done_since_a_time_is_found_by_its_date() -> None:
    item = with_members(completed=TRUTH, completed_at=DATE)
    listing = operation({"200": MANY}, query={"completed_since": DATE})
    paths = {**crud(), "/pets": {"post": operation({"201": REF}, REF), "get": listing}}
    server = mock(document(paths, item), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex", "completed": True, "completed_at": "2026-01-02T00:00:00Z"})
    found = [body(send(server, "GET", f"/pets?completed_since={year}-01-01T00:00:00Z")) for year in (2026, 2027)]
    assert [len(one) for one in found] == [1, 0]


def test_what_is_made_below_an_account_or_a_user_is_theirs() -> None:
    item = with_members(account_slug=TEXT, owner=described(id=TEXT, type=TEXT))
    both = crud()["/pets"]
    paths = {**crud(), "/{account_slug}/pets": both, "/users/{user_id}/pets": both}
    server = mock(document(paths, item), is_mock=True)
    assert body(send(server, "POST", "/acme/pets", {"name": "Rex"}))["account_slug"] == "acme"
    assert body(send(server, "POST", "/users/ann/pets", {"name": "Bello"}))["owner"]["id"] == "ann"
    lists = [body(send(server, "GET", path)) for path in ("/acme/pets", "/users/ann/pets", "/users/bob/pets", "/pets")]
    assert [[one["name"] for one in pets] for pets in lists] == [["Rex"], ["Bello"], [], ["Rex", "Bello"]]


def test_things_of_several_kinds_are_listed_in_the_one_that_holds_them() -> None:
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for name in ("Folder", "File"):
        kind = {"type": "string", "enum": [name.lower()]}
        schemas[f"{name}Mini"] = described(id=TEXT, name=TEXT, type=kind)
        schemas[name] = described(id=TEXT, name=TEXT, type=kind, parent=described(id=TEXT, name=TEXT), size=COUNT)
        ref = {"$ref": f"#/components/schemas/{name}"}
        paths[f"/{name.lower()}s"] = {"post": operation({"201": ref}, ref)}
        paths[f"/{name.lower()}s/{{id}}"] = {"get": operation({"200": ref})}
    forms = [{"$ref": f"#/components/schemas/{name}"} for name in ("FolderMini", "FileMini")]
    page = described(entries={"type": "array", "items": {"oneOf": forms}}, total_count=COUNT)
    data = document({**paths, "/folders/{id}/items": {"get": operation({"200": page})}})
    data["components"]["schemas"] |= schemas
    server = mock(data, is_mock=True)
    root, other = (body(send(server, "POST", "/folders", {"name": name}))["id"] for name in "ab")
    for path, name in (("/folders", "inner"), ("/files", "a.txt")):
        send(server, "POST", path, {"name": name, "parent": {"id": root}})
    shown = [body(send(server, "GET", f"/folders/{one}/items")) for one in (root, other)]
    assert [[(one["type"], one["name"]) for one in page["entries"]] for page in shown] == [
        [("folder", "inner"), ("file", "a.txt")],
        [],
    ]
    assert [page["total_count"] for page in shown] == [2, 0]


def test_a_flag_may_be_sent_as_python_writes_it() -> None:
    paths = {**crud(), "/pets": {**crud()["/pets"], "get": operation({"200": MANY}, query={"all": TRUTH})}}
    server = tolerant(document(paths))
    assert [send(server, "GET", f"/pets?all={one}").status for one in ("True", "False", "TRUE")] == [200, 200, 400]


def test_a_new_item_is_in_the_state_that_its_list_shows() -> None:
    state = {"type": "string", "enum": ["pending", "active", "inactive"]}
    listing = operation({"200": MANY}, query={"status": {**state, "default": "active"}})
    paths = {**crud(), "/pets": {"post": operation({"201": REF}, described(name=TEXT)), "get": listing}}
    server = mock(document(paths, with_members(status=state)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "GET", "/pets"))[0].items() >= {"name": "Rex", "status": "active"}.items()


def test_an_action_sets_a_flag_that_is_a_number() -> None:
    flag = {"type": "integer", "enum": [0, 1]}
    server = pets(with_members(active=flag), activate={"post": operation({"200": REF})})
    send(server, "POST", "/pets", {"name": "Rex", "active": 0})
    assert body(send(server, "POST", "/pets/1/activate"))["active"] == 1


def test_things_that_nobody_makes_are_listed_by_the_keys_that_were_asked_for() -> None:
    listing = operation({"200": MANY}, query={"ids": {"type": "array", "items": TEXT}})
    paths = {"/pets": {"get": listing}, "/pets/{id}": {"get": operation({"200": REF})}}
    server = mock(document(paths, described("id name", id=TEXT, name=TEXT)), is_mock=True)
    assert [one["id"] for one in body(send(server, "GET", "/pets?ids=b&ids=a"))] == ["b", "a"]
    assert len(body(send(server, "GET", "/pets"))) == 1


def test_an_item_is_copied_by_an_operation_of_that_name() -> None:
    copy = {**operation({"201": REF}, described(name=TEXT)), "summary": "Duplicate a pet."}
    change = operation({"200": REF}, REF)
    paths = {**crud(), "/pets/{id}": {**crud()["/pets/{id}"], "post": copy, "patch": change}}
    server = mock(document(paths, with_members(kind=TEXT)), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex", "kind": "dog"})
    assert body(send(server, "POST", "/pets/1", {"name": "Copy"})).items() >= {"id": 2, "name": "Copy"}.items()
    assert [one["kind"] for one in body(send(server, "GET", "/pets"))] == ["dog", "dog"]


def test_items_that_do_not_show_what_lists_them_have_parents_of_their_own_kind() -> None:
    item, brief = with_members(parent=described(id=COUNT)), {"id": COUNT, "name": TEXT}
    both = crud()["/pets"]
    paths = {
        **crud(),
        "/rooms": {"post": operation({"201": described(id=COUNT)}, described(name=TEXT))},
        "/rooms/{room_id}": {"get": operation({"200": described(id=COUNT)})},
        "/rooms/{room_id}/pets": {"get": both["get"]},
        "/pets/{id}/subpets": {**both, "get": operation({"200": {"type": "array", "items": described("id", **brief)}})},
    }
    server = mock(document(paths, item), is_mock=True)
    send(server, "POST", "/pets", {"name": "Rex"})
    assert body(send(server, "POST", "/pets/1/subpets", {"name": "Whelp"}))["parent"]["id"] == 1
    assert [one["name"] for one in body(send(server, "GET", "/pets/1/subpets"))] == ["Whelp"]
