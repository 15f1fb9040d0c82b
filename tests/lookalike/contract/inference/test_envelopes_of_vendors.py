"""What clients of APIs with envelopes, resource objects, several keys for an item and paths of actions rely on."""

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
    operation,
    send,
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
