"""The members that only a server sets in the metadata of an item: ids, the time of creation, versions and names."""

from typing import Any

from tests.support.pet_documents import REF, body, document, mock, operation, send

TEXT = {"type": "string"}
SERVERS = {"type": "string", "description": "Populated by the system. Read-only."}
ENTRY = {
    "type": "object",
    "properties": {
        "metadata": {
            "type": "object",
            "properties": {
                "name": TEXT,
                "generateName": TEXT,
                "uid": SERVERS,
                "resourceVersion": SERVERS,
                "creationTimestamp": {"type": "string", "format": "date-time"},
                "version": TEXT,
            },
        },
        "data": {"type": "object"},
    },
}
ITEM = {method: operation({"200": REF}, REF) for method in ("put", "patch")} | {"get": operation({"200": REF})}
PATHS = {
    "/entries": {"get": operation({"200": {"type": "array", "items": REF}}), "post": operation({"201": REF}, REF)},
    "/entries/{name}": ITEM,
}


def created(server: Any, **metadata: str) -> dict[str, Any]:
    sent = {"metadata": metadata, "data": {"a": "1"}}
    found: dict[str, Any] = body(send(server, "POST", "/entries", sent))["metadata"]
    return found


def test_a_new_item_has_the_metadata_that_the_document_leaves_to_the_server() -> None:
    server = mock(document(PATHS, ENTRY), is_mock=True)
    first, second = created(server, name="a"), created(server, name="b")
    assert first.keys() == {"name", "uid", "resourceVersion", "creationTimestamp"}
    assert first["uid"] != second["uid"]
    assert first["resourceVersion"] == "1"


def test_changes_keep_the_metadata_of_the_server_and_make_its_version_a_higher_one() -> None:
    server = mock(document(PATHS, ENTRY), is_mock=True)
    before = created(server, name="a")
    replaced = body(send(server, "PUT", "/entries/a", {"metadata": {"name": "a"}, "data": {}}))["metadata"]
    assert replaced == {**before, "resourceVersion": "2"}
    patched = body(send(server, "PATCH", "/entries/a", {"data": {"b": "2"}}))["metadata"]
    assert patched == {**before, "resourceVersion": "3"}
    assert body(send(server, "PATCH", "/entries/a", {"data": {"b": "2"}}))["metadata"] == patched, "nothing was changed"


def test_a_name_is_made_of_the_prefix_that_was_sent_for_it() -> None:
    server = mock(document(PATHS, ENTRY), is_mock=True)
    first, second = created(server, generateName="job-"), created(server, generateName="job-")
    assert first["name"].startswith("job-")
    assert first["name"] != second["name"]
    assert body(send(server, "GET", f"/entries/{first['name']}"))["metadata"] == first
