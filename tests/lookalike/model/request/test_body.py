"""Bodies of every media type: how they are read, which schema judges them, and what is refused with which status."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from requests import Request as Prepared

from lookalike.http import Headers, Request, Response
from lookalike.model.rejections import Rejection
from lookalike.model.request.body import compile_body_reader, compile_body_validator
from tests.support.small import ask, context_of, document, mock, model, problem

TEXT: dict[str, Any] = {"type": "string"}
PET = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "age": {"type": "integer", "minimum": 0},
        "good": {"type": "boolean"},
        "tags": {"type": "array", "items": TEXT},
        "owner": {"type": "object", "properties": {"id": {"type": "integer"}}},
    },
}
REX = {"name": "Rex", "age": 3, "good": True, "tags": ["a", "b"], "owner": {"id": 7}}


def posting(content: dict[str, Any], required: bool = True, **more: Any) -> dict[str, Any]:
    """A document with an operation that takes such bodies."""
    return document({"/x": {"post": {"requestBody": {"required": required, "content": content}, **more}}})


def value(content: dict[str, Any], sent: bytes, content_type: str) -> Any:
    """What is read of a body, or the messages of the violations."""
    contract = model(posting(content)).contract
    operation = contract.operations[0]
    context = context_of(Request("POST", "/x", "", Headers({"Content-Type": content_type}), sent))
    read = compile_body_reader(operation, contract.http_policies)(context)
    rejection = (
        read
        if isinstance(read, Rejection)
        else compile_body_validator(operation.body, contract.http_policies)(context, read)
    )
    return context.body if rejection is None else sorted(violation.message for violation in rejection.violations)


def post(content: dict[str, Any], sent: bytes, content_type: str | None, required: bool = True) -> Response:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return ask(mock(posting(content, required)), "POST", "/x", headers, sent)


def whole_type(media_type: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    return {media_type: {**({} if schema is None else {"schema": schema}), **more}}


JSON_TYPES = ["application/json", "application/vnd.pets+json", "application/json; charset=utf-8", "APPLICATION/JSON"]


@pytest.mark.parametrize("sent_as", JSON_TYPES)
@pytest.mark.parametrize("documented", ["application/*", "*/*"])
def test_json_under_any_of_its_names_is_read_and_judged(sent_as: str, documented: str) -> None:
    content = whole_type(documented, PET)
    assert value(content, json.dumps(REX).encode(), sent_as) == REX
    assert value(content, b'{"name": 1}', sent_as) == ["name must be a string, not an integer"]
    assert post(content, b"{", sent_as).status == 400


FORM = "application/x-www-form-urlencoded"


def test_a_form_is_read_by_the_types_of_its_members() -> None:
    sent = urlencode({**REX, "good": "true", "owner": json.dumps(REX["owner"])}, doseq=True).encode()
    assert value(whole_type(FORM, PET), sent, FORM) == REX
    assert value(whole_type(FORM, PET), b"name=Rex&owner[id]=7&x=%zz", FORM) == {
        "name": "Rex",
        "owner": {"id": 7},
        "x": "%zz",
    }


def test_a_form_that_does_not_fit_is_refused_member_by_member() -> None:
    assert value(whole_type(FORM, PET), b"age=-1&good=yes", FORM) == [
        "age must be at least 0",
        "good must be a boolean, not a string",
        "name is required",
    ]
    assert value(whole_type(FORM, PET), b"name=a&name=b", FORM) == ["name must be a string, not an array"]
    assert value(whole_type(FORM, PET), b"", FORM) == ["name is required"]


def test_the_encoding_of_a_member_says_how_its_items_are_written() -> None:
    content = whole_type(FORM, PET, encoding={"tags": {"style": "pipeDelimited", "explode": False}})
    assert value(content, b"name=Rex&tags=a|b", FORM) == {"name": "Rex", "tags": ["a", "b"]}
    assert value(content, b"name=Rex&tags=", FORM) == {"name": "Rex", "tags": []}
    content = whole_type(FORM, PET, encoding={"tags": {"explode": False}})
    assert value(content, b"name=Rex&tags=a,b%2Cc", FORM) == {"name": "Rex", "tags": ["a", "b,c"]}


MULTIPART = "multipart/form-data"
UPLOAD = {
    "type": "object",
    "required": ["photo"],
    "properties": {**PET["properties"], "photo": {"type": "string", "format": "binary"}},  # type: ignore[dict-item]
}


def multipart(*parts: tuple[str, Any]) -> tuple[bytes, str]:
    """A body as another library writes it."""
    prepared = Prepared("POST", "http://localhost/", files=list(parts)).prepare()
    assert isinstance(prepared.body, bytes)
    return prepared.body, str(prepared.headers["Content-Type"])


def test_a_multipart_form_is_read_with_its_files_and_by_the_media_types_of_its_parts() -> None:
    photo = b"\x89PNG\r\n--\xff\r\n"
    sent = multipart(
        ("name", (None, "Réx")),
        ("age", (None, "3")),
        ("tags", (None, "a")),
        ("tags", (None, "b")),
        ("owner", (None, '{"id": 7}', "application/json")),
        ("photo", ("p.png", photo, "image/png")),
    )
    assert value(whole_type(MULTIPART, UPLOAD), *sent) == {
        "name": "Réx",
        "age": 3,
        "tags": ["a", "b"],
        "owner": {"id": 7},
        "photo": photo.decode("latin-1"),
    }


def test_an_array_may_come_as_one_part_in_json() -> None:
    sent = multipart(("photo", (None, "x")), ("tags", (None, '["a", "b"]', "application/json")))
    assert value(whole_type(MULTIPART, UPLOAD), *sent) == {"photo": "x", "tags": ["a", "b"]}
    sent = multipart(("photo", (None, "x")), ("tags", (None, '["a", "b"]')))
    assert value(whole_type(MULTIPART, UPLOAD), *sent) == {"photo": "x", "tags": ["a", "b"]}


def test_a_part_of_another_media_type_than_its_encoding_says_is_refused() -> None:
    content = whole_type(MULTIPART, UPLOAD, encoding={"photo": {"contentType": "image/png, image/jpeg"}})
    assert isinstance(value(content, *multipart(("photo", ("p", b"x", "image/png")))), dict)
    assert value(content, *multipart(("photo", ("p", b"x", "text/plain")))) == [
        "photo must be of type image/png or image/jpeg, not text/plain"
    ]
    assert value(content, *multipart(("name", (None, "x")))) == ["photo is required"]


@pytest.mark.parametrize(
    ("sent", "content_type"),
    [
        (b"x", MULTIPART),
        (b"x", MULTIPART + "; boundary=b"),
        (b"--b\r\n\r\n", MULTIPART + "; boundary=b"),
        (b"--b\r\n\r\n\r\n--b--", MULTIPART + "; boundary=b"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", MULTIPART + '; boundary="b"'),
        (b"--b\r\n" * 2000 + b"--b--", MULTIPART + "; boundary=b"),
    ],
)
def test_a_malformed_multipart_body_is_answered_400(sent: bytes, content_type: str) -> None:
    assert post(whole_type(MULTIPART, UPLOAD), sent, content_type).status == 400


def test_text_is_read_in_its_charset_and_judged() -> None:
    content = whole_type("text/plain", {"type": "string", "maxLength": 4})
    assert value(content, "Réx".encode("latin-1"), "text/plain; charset=ISO-8859-1") == "Réx"
    assert value(content, "Réx".encode(), "text/plain") == "Réx"
    assert value(content, b"", "text/plain") == ""
    assert value(content, b"Rexes", "text/plain") == ["the body must have at most 4 characters"]
    assert value(whole_type("text/*", {"type": "integer"}), b"12", "text/x") == 12


@pytest.mark.parametrize("charset", ["utf-8", "nonsense", "zlib", "hex", "idna", "unicode_escape", "x" * 500])
def test_bytes_that_their_charset_cannot_decode_are_answered_400(charset: str) -> None:
    answer = post(whole_type("text/plain", TEXT), b"\xff\xfe\\ud800", f"text/plain; charset={charset}")
    assert answer.status == 400


@pytest.mark.parametrize(
    ("media_type", "sent", "status"),
    [
        ("application/vnd.pet", b'{"name": "Rex"}', 200),
        ("application/vnd.pet", b'{"name": 1}', 400),
        ("application/vnd.pet", b'"Rex"', 400),
        ("image/png", b"\x89PNG\r\n", 200),
        ("application/jwt", b"e30.eyJuYW1lIjoiUmV4In0.c2ln", 200),
        ("application/jwt", b"e30.eyJuYW1lIjoxfQ.c2ln", 400),
        ("application/jwt", b"e30.eyJuYW1lIjoxf.c2ln", 400),
        ("application/jwt", b"a.b.c.d.e", 200),
        ("application/jwt", b'{"name": "Rex"}', 200),
        ("application/jwt", b'{"name": 1}', 400),
        ("application/jwt", b"X", 400),
    ],
)
def test_what_is_described_as_an_object_is_judged_as_one_in_any_media_type_where_it_is_json_or_claims(
    media_type: str, sent: bytes, status: int
) -> None:
    named = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert post(whole_type(media_type, named), sent, media_type).status == status


def test_binary_bodies_are_taken_as_they_come() -> None:
    content = whole_type("application/octet-stream", {"type": "string", "format": "binary"})
    assert value(content, b"\x00\xff", "application/octet-stream") == "\x00\xff"
    assert post(content, b"", "application/octet-stream").status == 200
    assert post(whole_type("image/*"), b"\xff", "image/png").status == 200


XML_PET = {
    "type": "object",
    "required": ["name"],
    "xml": {"name": "pet"},
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string", "xml": {"name": "called"}},
        "tags": {"type": "array", "xml": {"wrapped": True}, "items": {"type": "string", "xml": {"name": "tag"}}},
        "ages": {"type": "array", "items": {"type": "integer", "xml": {"name": "age"}}},
        "owner": {"type": "object", "properties": {"good": {"type": "boolean"}}},
    },
}


def test_xml_is_read_by_the_hints_of_the_schema() -> None:
    sent = (
        b'<p:pet xmlns:p="urn:p" id="7"><called>Rex &amp; co</called><tags><tag>a</tag><tag>b</tag></tags>'
        b"<age>1</age><age>2</age><owner><good>true</good></owner></p:pet>"
    )
    assert value(whole_type("application/xml", XML_PET), sent, "application/xml") == {
        "id": 7,
        "name": "Rex & co",
        "tags": ["a", "b"],
        "ages": [1, 2],
        "owner": {"good": True},
    }
    assert value(whole_type("application/xml", XML_PET), b'<pet id="x"/>', "application/xml") == [
        "id must be an integer, not a string",
        "name is required",
    ]


BOMB = b'<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><pet><called>&b;</called></pet>'
OUTSIDE = b'<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><pet><called>&x;</called></pet>'


@pytest.mark.parametrize(
    "sent",
    [BOMB, OUTSIDE, b"<pet>", b"x", b"<a>" * 300 + b"</a>" * 300, b'<?xml version="1.0" encoding="x"?><pet/>', b"\xff"],
)
def test_xml_that_is_broken_or_declares_anything_is_answered_400(sent: bytes) -> None:
    assert post(whole_type("application/xml", XML_PET), sent, "application/xml").status == 400


def test_the_root_of_xml_is_named_as_the_schema_says_with_any_prefix() -> None:
    content = whole_type("application/xml", {"type": "object", "xml": {"name": "pet"}})
    assert post(content, b'<x:pet xmlns:x="urn:x"/>', "application/xml").status == 200
    refused = post(content, b"<dog/>", "application/xml")
    assert (refused.status, problem(refused)["detail"]) == (
        400,
        "the body is not valid application/xml: its root is dog, not pet",
    )


SEVERAL = {
    "*/*": {"schema": {"type": "string", "const": "any"}},
    "text/*": {"schema": {"type": "string", "const": "text"}},
    "text/plain": {"schema": {"type": "string", "const": "plain"}},
    "text/plain; version=2": {"schema": {"type": "string", "const": "second"}},
}


@pytest.mark.parametrize(
    ("content_type", "only"),
    [
        ("text/plain", "plain"),
        ("Text/Plain; charset=utf-8", "plain"),
        ("text/plain;version=2", "second"),
        ("text/x-other", "text"),
    ],
)
def test_the_most_exact_media_type_judges_the_body(content_type: str, only: str) -> None:
    for sent in ("any", "text", "plain", "second"):
        assert post(SEVERAL, sent.encode(), content_type).status == (200 if sent == only else 400)


def test_each_media_type_has_its_own_schema() -> None:
    content = {**whole_type("application/json", {"type": "object"}), **whole_type(FORM, PET)}
    assert post(content, b"{}", "application/json").status == 200
    assert post(content, b"age=3", FORM).status == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "json", ";", "application/jsonp", None])
def test_another_content_type_is_answered_415_and_told_what_is_documented(content_type: str | None) -> None:
    answer = post(whole_type("application/json", PET), b"{}", content_type)
    assert answer.status == 415
    assert "Content-Type must be application/json" in problem(answer)["detail"]


@pytest.mark.parametrize("documented", ["application/octet-stream", "application/xml", "text/plain", FORM])
def test_a_body_without_content_type_is_never_taken_for_json_where_no_json_is_documented(documented: str) -> None:
    answer = post(whole_type(documented, TEXT), b"a", None)
    assert (answer.status, problem(answer)["errors"][0]["keyword"]) == (415, "content-type")


@pytest.mark.parametrize("sent", [b'{"name": "\xff"}', b'{"name": "\xff", "age": 1.5}'])
def test_json_that_is_not_utf_8_is_told_by_the_byte(sent: bytes) -> None:
    answer = post(whole_type("application/json", PET), sent, "application/json")
    assert problem(answer)["detail"] == "the body is not valid JSON: it is not UTF-8 at byte 10"


def test_a_body_is_required_where_the_document_says_so() -> None:
    for content_type in ("application/json", None):
        assert post(whole_type("application/json", PET), b"", content_type).status == 400
        assert post(whole_type("application/json", PET), b"", content_type, required=False).status == 200


def test_a_body_that_is_not_described_is_not_looked_at() -> None:
    server = mock(document({"/x": {"post": {}}}))
    assert ask(server, "POST", "/x", {"Content-Type": "nonsense"}, b"\xff").status == 200
    assert post({}, b"\xff", "nonsense").status == 200


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("byte", "c3RyaW5n", "%%"),
        ("byte", "_-8=", "not base64"),
        ("date-time", "2027-01-15T08:00:00Z", "2027-01-15"),
        ("uuid", "0" * 8 + "-0000-4000-8000-" + "0" * 12, "1"),
    ],
)
def test_the_formats_of_a_request_count_where_they_are_known(name: str, good: str, bad: str) -> None:
    content = whole_type("application/json", {"type": "string", "format": name})
    assert value(content, json.dumps(good).encode(), "application/json") == good
    assert value(content, json.dumps(bad).encode(), "application/json") == [f"the body must be in the format {name}"]
    unknown = whole_type("application/json", {"type": "string", "format": "of-ours"})
    assert value(unknown, b'"x"', "application/json") == "x"


ACCOUNT = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"allOf": [{"$ref": "#/components/schemas/Id"}]},
        "name": TEXT,
        "secret": {"type": "string", "writeOnly": True},
    },
}
COMPONENTS = {
    "schemas": {
        "Id": {"type": "integer", "readOnly": True},
        "Account": ACCOUNT,
        "Extended": {"allOf": [{"$ref": "#/components/schemas/Account"}, {"required": ["id", "more"]}]},
    }
}


@pytest.mark.parametrize(("name", "missing"), [("Account", "name"), ("Extended", "more")])
def test_a_required_member_that_is_read_only_is_not_required_of_a_request(name: str, missing: str) -> None:
    content = whole_type("application/json", {"$ref": f"#/components/schemas/{name}"})
    server = mock({**posting(content), "components": COMPONENTS})
    headers = {"Content-Type": "application/json"}
    sent = {"name": "x", "secret": "y", "more": 1}
    assert ask(server, "POST", "/x", headers, json.dumps(sent).encode()).status == 200
    del sent[missing]
    answer = ask(server, "POST", "/x", headers, json.dumps(sent).encode())
    assert (answer.status, problem(answer)["detail"]) == (400, f"{missing} is required")


def test_a_read_only_member_that_is_sent_must_fit_and_is_left_out() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}, "name": TEXT}}
    content = whole_type("application/json", schema)
    assert value(content, b'{"id": 5, "name": "x"}', "application/json") == {"name": "x"}
    assert value(content, b'{"id": "5"}', "application/json") == ["id must be an integer, not a string"]
