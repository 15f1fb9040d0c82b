"""What is sent is of the media type that its header says, also where a document names a range, or nothing of a body."""

import json
from typing import Any

import pytest

from lookalike.http import Response
from tests.support.small import ask, document, mock

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def get(content: Any, accept: str = "*/*", **more: Any) -> Response:
    responses = {"200": {"description": "read", "content": content, **more}}
    return ask(mock(document({"/x": {"get": {"responses": responses}}})), "GET", "/x", {"Accept": accept})


VALUES = {
    "string": {"schema": {"type": "string"}},
    "example": {"example": "hello"},
    "integer": {"schema": {"type": "integer"}},
    "null": {"schema": {"type": ["string", "null"]}, "example": None},
    "object": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
    "array": {"schema": {"type": "array", "items": {"type": "string"}}},
    "nothing": {},
}


@pytest.mark.parametrize("accept", ["*/*", BROWSER, "application/json"])
@pytest.mark.parametrize("media", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("name", ["*/*", "application/*", "application/*+json", "application/json"])
def test_what_is_labelled_as_json_is_json(name: str, media: Any, accept: str) -> None:
    response = get({name: media}, accept)
    assert response.status == 200
    label = response.header("Content-Type")
    assert label in {"application/json", "application/xml"}
    if label != "application/xml":
        json.loads(response.body)


@pytest.mark.parametrize(
    ("example", "label"), [("<p>hello</p>", "text/html"), ("hello", "application/json"), ({"a": 1}, "application/json")]
)
def test_a_text_that_begins_like_html_is_sent_as_html(example: Any, label: str) -> None:
    assert get({"*/*": {"example": example}}, BROWSER).header("Content-Type") == label


def test_an_image_that_a_client_names_is_sent_as_that() -> None:
    assert (
        get({"image/*": {"schema": {"type": "string", "format": "binary"}}}, "image/webp").header("Content-Type")
        == "image/webp"
    )


@pytest.mark.parametrize(
    ("offers", "accept", "chosen"),
    [
        (["application/json;version=1", "application/json;version=2"], "application/json;version=2", 1),
        (["application/json;version=1", "application/json;version=2"], "application/json", 0),
        (["application/json;version=2", "application/json"], "application/json", 1),
        (["application/json", "application/json;odata=minimal"], "application/json;odata=minimal", 1),
        (["application/json", "application/json;odata=minimal"], "application/json", 0),
        (
            ["application/ld+json", 'application/ld+json;profile="http://a/"'],
            'application/ld+json;profile="http://a/"',
            1,
        ),
        (["application/json", "application/json;version=2"], "application/json;version=3", 0),
    ],
)
def test_parameters_of_a_media_range_choose_between_offers(offers: list[str], accept: str, chosen: int) -> None:
    response = get({name: {"example": number} for number, name in enumerate(offers)}, accept)
    assert response.header("Content-Type") == offers[chosen]
    assert response.body == str(chosen).encode()


def test_an_undescribed_json_error_is_problem_details() -> None:
    parameter = {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}
    responses = {"200": {"description": "read"}, "422": {"description": "wrong", "content": {"application/json": {}}}}
    server = mock(document({"/x": {"get": {"parameters": [parameter], "responses": responses}}}))
    response = ask(server, "GET", "/x")
    assert response.status == 422
    assert response.header("Content-Type") == "application/json"
    assert json.loads(response.body)["detail"] == "n is required in the query"


@pytest.mark.parametrize(("example", "sent"), [("\u00e9\u2014", "??"), ("a\r\nSet-Cookie: b=1", "a??Set-Cookie: b=1")])
def test_a_required_field_is_sent_without_the_characters_that_it_cannot_hold(example: str, sent: str) -> None:
    field = {"schema": {"type": "string"}, "example": example}
    headers = {"X-Needed": {**field, "required": True}, "X-Other": field}
    response = get({}, headers=headers)
    assert response.header("X-Needed") == sent
    assert response.header("X-Other") is None


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("decimal", "1.5"),
        ("int64", "1"),
        ("http-date", "Mon, 01 Jan 2024 00:00:00 GMT"),
        ("date-time-rfc-2822", "Mon, 01 Jan 2024 00:00:00 +0000"),
        ("date-time-local", "2024-01-01T00:00:00"),
        ("char", "a"),
        ("media-range", "application/json"),
        ("sf-boolean", "?1"),
    ],
)
def test_a_string_of_a_registered_format_is_of_that_format(name: str, sample: str) -> None:
    response = get({"application/json": {"schema": {"type": "string", "format": name}}})
    assert json.loads(response.body) == sample


def test_an_integer_that_is_a_time_is_one() -> None:
    response = get({"application/json": {"schema": {"type": "integer", "format": "unixtime"}}})
    assert json.loads(response.body) == 1_704_067_200


URI = {"type": "string", "format": "uri"}
ONLY_PAGES: dict[str, tuple[Any, Any, Any]] = {
    "links that may be null": ({"next_page_uri": {**URI, "type": ["string", "null"]}}, None, {"next_page_uri": None}),
    "links that may be left out": ({"links": {"type": "object", "properties": {"next": URI}}}, None, {"links": {}}),
    "a flag of an example": ({"has_more": {"type": "boolean"}}, {"has_more": True}, {"has_more": False}),
    "the number of a page": (
        {"meta": {"type": "object", "properties": {"pages": {"type": "object"}}}},
        {"meta": {"pages": {"next_page": 4}}},
        {"meta": {"pages": {"next_page": None}}},
    ),
    "a cursor of an example": ({"cursor": {"type": "string"}}, {"cursor": "abc"}, {}),
}


@pytest.mark.parametrize("name", ONLY_PAGES)
def test_a_list_that_is_answered_by_example_has_no_next_page(name: str) -> None:
    members, example, expected = ONLY_PAGES[name]
    schema = {"type": "object", "properties": {"pets": {"type": "array", "items": {"type": "string"}}, **members}}
    media = {"schema": schema, **({"example": {"pets": ["Rex"], **example}} if example else {})}
    found = json.loads(get({"application/json": media}).body)
    assert found.pop("pets")
    assert found == expected
