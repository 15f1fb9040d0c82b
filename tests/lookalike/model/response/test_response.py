"""Documented answers of any document: which one, in which form, with which header fields and body."""

import json
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, ClassVar, cast
from xml.etree import ElementTree

import pytest

from lookalike.codecs.multipart import split_multipart
from lookalike.contract.responses import response_for
from lookalike.errors import UsageError
from lookalike.http import Headers, Request, Response
from lookalike.json_values import ABSENT
from lookalike.model.behaviour import Model
from lookalike.model.response import prefer
from lookalike.model.response.examples import NO_FITTING_BODY, ResponseBodies
from lookalike.model.response.outcome import Reason
from lookalike.model.response.prefer import MAX_DELAY, NO_VARIATION, Variation, parse_prefer
from lookalike.model.response.response import ResponseBuilder
from lookalike.openapi.document import parse_document
from lookalike.schema.directions import WRITE_ONLY, for_direction
from lookalike.schema.generation import faker_values as realistic
from lookalike.server.app import create_app
from lookalike.service import MockService
from lookalike.soundness import check
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract

USER = {
    "type": "object",
    "required": ["id", "password"],
    "properties": {
        "id": {"type": "integer"},
        "email": {"type": "string", "format": "email"},
        "password": {"type": "string", "writeOnly": True},
    },
}
SCHEMA = {"$ref": "#/components/schemas/User"}
OBJECT = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def document(responses: Any, **operation: Any) -> dict[str, Any]:
    described = {status: {"description": "an answer", **answer} for status, answer in responses.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": {"operationId": "get", "responses": described, **operation}}},
        "components": {"schemas": {"User": USER}},
    }


def contract_of(responses: Any, **operation: Any) -> Any:
    return read_contract(parse_document(json.dumps(document(responses, **operation)), "things.json"))


def mock(responses: Any, variation: Variation = NO_VARIATION, **operation: Any) -> MockService:
    return MockService(Model(contract_of(responses, **operation), {}, variation=variation), MemoryStore(), {}, {})


def get(server: MockService, query: str = "", at: float = 1.0, **headers: str) -> Response:
    return server.handle(Request("GET", "/things", query, Headers(headers), b"", at))


def in_json(schema: Any, **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **more}}}


def body(response: Response) -> Any:
    return json.loads(response.body)


SUCCESSES = [
    (["404", "202", "200", "2XX", "default"], 200),
    (["404", "2XX", "default", "301"], 200),
    (["404", "default", "301"], 200),
    (["404", "302", "301"], 301),
    (["404", "3XX"], 300),
    (["404"], 404),
]


@pytest.mark.parametrize(("statuses", "status"), SUCCESSES)
def test_the_success_is_the_lowest_2xx_then_its_range_then_the_default_then_the_lowest_3xx(
    statuses: list[str], status: int
) -> None:
    assert get(mock({name: {} for name in statuses})).status == status


class TestPrefer:
    ANSWERS: ClassVar = {
        "200": in_json(OBJECT, examples={"one": {"value": {"n": 1}}, "two": {"value": {"n": 2}}}),
        "404": in_json(OBJECT, example={"n": 404}),
        "5XX": in_json({"const": "broken"}),
    }

    @pytest.mark.parametrize(
        ("field", "status", "content"),
        [
            ("code=404", 404, {"n": 404}),
            ("code=503", 503, "broken"),
            ("code=5XX", 500, "broken"),
            ("example=two", 200, {"n": 2}),
            ("code=200, example=two", 200, {"n": 2}),
            ('Code = "200"; why=not , example="two"', 200, {"n": 2}),
            ("example=one, example=two", 200, {"n": 1}),
            ("return=minimal", 200, {"n": 1}),
        ],
    )
    def test_a_documented_answer_is_answered(self, field: str, status: int, content: Any) -> None:
        response = get(mock(self.ANSWERS), prefer=field)
        assert (response.status, body(response)) == (status, content)

    def test_a_query_asks_for_the_same_where_there_is_no_prefer(self) -> None:
        server = mock(self.ANSWERS)
        assert get(server, "a__b=1&__code=404").status == 404
        assert body(get(server, "__example=two")) == {"n": 2}
        assert get(server, "__code=404", prefer="code=200").status == 200
        assert get(server, "__nothing=404").status == 200
        assert get(server, "__seed=3").body == get(server, "__seed=3", at=9.0).body

    def test_what_was_applied_is_told_in_one_field(self) -> None:
        fields = get(mock(self.ANSWERS), prefer="delay=5, x=y, seed=3, dynamic=true, code=200").headers
        assert [value for name, value in fields if name == "Preference-Applied"] == [
            "code=200, dynamic=true, seed=3, delay=5"
        ]

    @pytest.mark.parametrize("field", ["code=404x", "code=422", "code=", "example=none", "code=200, example=none"])
    def test_what_is_not_documented_is_a_400_that_lists_what_is(self, field: str) -> None:
        response = get(mock(self.ANSWERS), prefer=field)
        assert response.status == 400
        known = "200, 404, 5XX" if field.startswith("code=4") else "example, one, two"
        assert f"documented: {known}" in body(response)["detail"]

    def test_a_code_is_not_answered_with_an_example_that_breaks_the_schema(self) -> None:
        answer = in_json(OBJECT, examples={"bad": {"value": {"n": "x"}}, "good": {"value": {"n": 5}}})
        assert body(get(mock({"200": answer}), prefer="code=200")) == {"n": 5}
        assert body(get(mock({"200": answer}), prefer="example=bad")) == {"n": "x"}

    def test_any_code_can_be_asked_for_where_there_is_a_default(self) -> None:
        response = get(mock({"200": {}, "default": in_json({"const": "x"})}), prefer="code=418")
        assert (response.status, body(response)) == (418, "x")

    def test_a_seed_means_the_same_body_each_time_and_another_another(self) -> None:
        server = mock({"200": in_json(OBJECT)})
        answers = [get(server, prefer=f"seed={seed}", at=at).body for seed, at in ((1, 1.0), (1, 2.0), (2, 3.0))]
        assert answers[0] == answers[1] != answers[2]

    def test_a_dynamic_body_varies_with_time_and_is_off_where_that_is_asked_for(self) -> None:
        server = mock({"200": in_json(OBJECT, example={"n": 7})})
        bodies = {get(server, prefer="dynamic=true", at=at).body for at in (1.0, 2.0, 3.0)}
        assert len(bodies) > 1
        assert body(get(server, prefer="dynamic=false")) == {"n": 7}

    def test_a_delay_is_bounded_and_kept_by_the_server(self) -> None:
        slept: list[float] = []
        client = create_app(mock({"204": {}}), sleep=slept.append).test_client()
        for delay in ("250", str(MAX_DELAY * 9), "-1", "1.5", "x", ""):
            assert client.get("/things", headers={"Prefer": f"delay={delay}"}).status_code == 204
        assert slept == [0.25, MAX_DELAY / 1000]

    def test_preferences_are_read_as_rfc_7240_has_them(self) -> None:
        field = 'a, B = "x, \\"y\\"; z" ; p=1; q="," , c=d;e=f,a=later, =, "'
        assert parse_prefer(field) == {"a": "", "b": 'x, "y"; z', "c": "d"}


class TestDynamicMock:
    def test_every_body_varies_and_a_seed_makes_it_the_same_for_the_same_request(self) -> None:
        answers = {"200": in_json(OBJECT, example={"n": 7})}
        assert len({get(mock(answers, Variation(True)), at=at).body for at in (1.0, 2.0, 3.0)}) > 1
        seeded = [get(mock(answers, Variation(True, 5)), query, at) for query, at in (("", 1.0), ("", 2.0), ("a", 3.0))]
        assert seeded[0].body == seeded[1].body != seeded[2].body

    def test_without_faker_prefer_says_what_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (realistic, prefer):
            monkeypatch.setattr(module, "is_installed", lambda: False)
        response = get(mock({"200": in_json(SCHEMA)}), prefer="dynamic=true")
        assert realistic.MISSING in (response.header("Lookalike-Reason") or "")
        assert response.status == 200

    def test_without_faker_the_option_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from lookalike import assembly

        monkeypatch.setattr(assembly, "is_installed", lambda: False)
        with pytest.raises(UsageError, match="pip install"):
            assembly.load(assembly.Sources(variation=Variation(True)))


class TestNegotiation:
    ANSWERS: ClassVar = {
        "200": {
            "content": {
                "text/csv": {"example": "a,b"},
                "application/json": {"schema": OBJECT},
                "image/*": {"example": "pixels"},
            }
        },
        "400": {"content": {"text/plain": {"example": "no"}, "application/xml": {"example": "<no/>"}}},
    }

    @pytest.mark.parametrize(
        ("accept", "media_type", "content"),
        [
            ("*/*", "application/json", b'{"n":1}'),
            ("text/*", "text/csv", b"a,b"),
            ("image/webp", "image/webp", b"pixels"),
            ("image/*", "application/octet-stream", b"pixels"),
        ],
    )
    def test_the_representation_is_the_one_that_is_accepted(self, accept: str, media_type: str, content: bytes) -> None:
        response = get(mock(self.ANSWERS), accept=accept)
        assert (response.header("Content-Type"), response.body) == (media_type, content)

    def test_json_is_the_default(self) -> None:
        assert get(mock(self.ANSWERS)).header("Content-Type") == "application/json"

    def test_an_accept_that_no_representation_meets_is_a_406(self) -> None:
        response = get(mock(self.ANSWERS), accept="video/mp4")
        assert response.status == 406
        assert "application/json, text/csv, image/*" in body(response)["detail"]

    def test_a_response_without_content_meets_any_accept(self) -> None:
        assert get(mock({"204": {}}), accept="video/mp4").status == 204

    def test_what_a_client_asks_for_in_a_range_is_not_kept(self) -> None:
        server = mock(self.ANSWERS)
        for number in range(50):
            get(server, accept=f"image/x-{number}")
        (by_method,) = [server.model._router.match("/things")]
        assert by_method is not None
        answers = by_method.target["GET"].__self__._responses  # type: ignore[attr-defined]
        assert len(answers._outcomes) + len(answers._renderings) < 5


class TestFields:
    HEADERS: ClassVar[dict[str, Any]] = {
        "X-Limit": {"required": True, "schema": {"type": "integer", "minimum": 10}},
        "X-Optional": {"schema": {"type": "integer"}},
        "X-Default": {"schema": {"type": "string", "default": "d"}},
        "ETag": {"schema": {"type": "string"}, "example": '"abc"'},
        "X-List": {"schema": {"type": "array", "items": {"type": "integer"}}, "example": [1, 2]},
        "X-Object": {"schema": {"type": "object"}, "example": {"a": 1, "b": True}},
        "X-Exploded": {"explode": True, "schema": {"type": "object"}, "example": {"a": 1, "b": "x"}},
        "X-Content": {"content": {"application/json": {"schema": {"type": "object"}, "example": {"a": 1}}}},
        "X-Split": {"schema": {"type": "string"}, "example": "a\r\nSet-Cookie: b"},
        "X-Next-Page": {"schema": {"type": "integer"}},
        "Link": {"schema": {"type": "string"}},
        "Retry-After": {"schema": {"type": "integer"}},
        "Location": {"schema": {"type": "string"}},
        "Content-Type": {"schema": {"type": "string"}, "example": "text/wrong"},
        "Content-Length": {"required": True, "schema": {"type": "integer"}},
        "Access-Control-Allow-Origin": {"required": True, "schema": {"type": "string"}},
    }

    def test_fields_are_sent_that_are_ours_to_send_and_steer_no_client_by_what_is_made_up(self) -> None:
        fields = get(mock({"200": {**in_json(OBJECT), "headers": self.HEADERS}})).headers
        assert [field for field in fields if not field[0].startswith("Lookalike-")] == [
            ("Content-Type", "application/json"),
            ("X-Limit", "10"),
            ("X-Optional", "1"),
            ("X-Default", "d"),
            ("ETag", '"abc"'),
            ("X-List", "1,2"),
            ("X-Object", "a,1,b,true"),
            ("X-Exploded", "a=1,b=x"),
            ("X-Content", '{"a":1}'),
        ]

    def test_a_field_keeps_its_name_whatever_that_is_called_which_it_refers_to(self) -> None:
        shared = {"404": {"headers": {"Remaining": {"schema": {"type": "integer"}, "example": 7}}}}
        reference = {"$ref": "#/paths/~1things/get/responses/404/headers/Remaining"}
        fields = get(mock({"200": {"headers": {"X-Left": reference}}, **shared})).headers
        assert ("X-Left", "7") in [*fields]

    def test_a_redirection_leads_somewhere(self) -> None:
        location = {"Location": {"schema": {"type": "string", "format": "uri"}}}
        response = get(mock({"302": {"headers": location}}))
        assert (response.status, response.header("Location")) == (302, "https://example.com/")

    def test_pages_see_the_fields_that_are_documented(self) -> None:
        answers = {"200": {**in_json(OBJECT), "headers": self.HEADERS}}
        response = create_app(mock(answers)).test_client().get("/things", headers={"Origin": "http://a.example"})
        exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"X-Limit", "ETag", "Lookalike-Reason", "Location"} <= {*exposed}
        assert "Content-Type" not in exposed

    def test_a_field_that_the_mock_sets_takes_the_place_of_the_documented_one(self) -> None:
        contract = contract_of({"201": {"headers": {"Location": {"schema": {}, "example": "/documented"}}}})
        answers = ResponseBuilder(contract, contract.operations[0], ResponseBodies(contract))
        outcome = answers.documented("201", Reason(("made",)), str, (("location", "/things/1"),))
        assert [value for name, value in outcome.response.headers if name.lower() == "location"] == ["/things/1"]

    def test_a_deprecated_operation_says_so_in_every_answer(self) -> None:
        server = mock({"200": {}}, deprecated=True)
        assert [get(server, prefer=prefer).header("Deprecation") for prefer in ("", "code=404")] == ["@0", "@0"]
        assert get(mock({"200": {}})).header("Deprecation") is None

    def test_a_document_that_knows_since_when_says_that(self) -> None:
        headers = {"Deprecation": {"schema": {"type": "string"}, "example": "@1688169599"}}
        assert get(mock({"200": {"headers": headers}}, deprecated=True)).header("Deprecation") == "@1688169599"

    @pytest.mark.parametrize("status", ["204", "205", "304"])
    def test_a_status_that_has_no_body_is_sent_without_one(self, status: str) -> None:
        response = get(mock({status: in_json(OBJECT)}))
        assert (response.status, response.body, response.header("Content-Type")) == (int(status), b"", None)

    def test_a_304_has_no_length(self) -> None:
        client = create_app(mock({"304": {}})).test_client()
        assert "Content-Length" not in client.get("/things").headers


class TestBodies:
    @pytest.mark.parametrize(
        ("media", "content"),
        [
            ({"schema": OBJECT, "example": {"n": 5}}, {"n": 5}),
            ({"schema": OBJECT, "examples": {"a": {"value": {}}, "b": {"value": {"n": 6}}}}, {"n": 6}),
            ({"schema": OBJECT, "example": '{"n": 7}'}, {"n": 7}),
            ({"schema": {**OBJECT, "examples": [{"n": "x"}, {"n": 8}]}, "example": {}}, {"n": 8}),
            ({"schema": OBJECT}, {"n": 1}),
            ({"example": [1]}, [1]),
            ({"schema": SCHEMA, "example": {"id": 3, "password": "secret"}}, {"id": 3}),
            ({"schema": SCHEMA}, {"id": 1, "email": "user@example.com"}),
            ({"schema": {"type": "array", "items": SCHEMA}, "example": [{"id": 3, "password": "s"}]}, [{"id": 3}]),
        ],
    )
    def test_the_body_is_the_first_example_that_fits_else_made_of_the_schema(self, media: Any, content: Any) -> None:
        assert body(get(mock({"200": {"content": {"application/json": media}}}))) == content

    @pytest.mark.parametrize(
        ("schema", "example", "answered"),
        [
            (SCHEMA, {"id": 3, "email": "me"}, {"id": 3, "email": "user@example.com"}),
            (
                {"items": SCHEMA},
                [{"id": 3}, {"id": 4, "email": "me"}],
                [{"id": 3}, {"id": 4, "email": "user@example.com"}],
            ),
            ({"format": "date"}, "2020-01-01T00:00:00Z", "2024-01-01"),
            ({"format": "date", "pattern": "^no date$"}, "no date", "no date"),
            ({"format": "colour"}, "any", "any"),
        ],
    )
    def test_a_text_of_an_example_that_is_not_in_its_format_is_answered_as_another_that_is(
        self, schema: Any, example: Any, answered: Any
    ) -> None:
        server = mock({"200": in_json(schema, example=example)})
        assert body(get(server)) == answered
        assert body(get(server, Prefer="example=example")) == example

    def test_where_nothing_fits_the_closest_is_answered_and_the_reason_says_so(self) -> None:
        schema = {"type": "object", "required": ["a"], "properties": {"a": False}}
        response = get(mock({"200": in_json(schema, example={"a": 1})}))
        assert body(response) == {"a": 1}
        assert NO_FITTING_BODY in (response.header("Lookalike-Reason") or "")
        assert body(get(mock({"200": in_json(schema)}))) == {"a": "string"}
        closed = {
            "type": "object",
            "additionalProperties": False,
            "allOf": [{"properties": {"n": {"type": "integer"}}, "required": ["n"]}],
        }
        assert body(get(mock({"200": in_json(closed)}))) == {"n": 1}

    def test_check_says_where_no_body_is_found(self, tmp_path: Path) -> None:
        file = tmp_path / "things.json"
        schema = {"type": "object", "required": ["a"], "properties": {"a": False}}
        file.write_text(json.dumps(document({"200": in_json(schema), "404": in_json(OBJECT)})), encoding="utf-8")
        (problem,) = check(file).problems
        assert problem.what == "no body could be generated that fits this schema"
        assert problem.location is not None
        assert problem.location.pointer == "/paths/~1things/get/responses/200/content/application~1json/schema"

    def test_check_says_what_asks_for_more_than_is_generated(self, tmp_path: Path) -> None:
        file = tmp_path / "things.json"
        schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "minItems": 10**7}}}
        file.write_text(json.dumps(document({"200": in_json(schema)})), encoding="utf-8")
        (problem,) = check(file).problems
        assert "minItems is above 3,000, the most that is generated" in problem.what
        assert problem.location is not None
        assert problem.location.pointer.endswith("/schema/properties/a")

    def test_a_body_is_made_once(self) -> None:
        contract = contract_of({"200": in_json(SCHEMA)})
        bodies = ResponseBodies(contract)
        media = contract.operations[0].responses["200"].content["application/json"]
        assert bodies.of(media) is bodies.of(media)

    def test_the_default_body_can_be_had_as_a_value(self) -> None:
        contract = contract_of({"2XX": in_json(OBJECT), "204": {}})
        answers, bodies = contract.operations[0].responses, ResponseBodies(contract)
        found, empty = response_for(answers, "200"), response_for(answers, "204")
        assert found is not None
        assert bodies.of(found.default_representation).value == {"n": 1}
        assert empty is not None
        assert bodies.of(empty.default_representation).value is ABSENT
        assert response_for(answers, "404") is None

    def test_the_places_of_a_template_take_the_values_that_are_given(self) -> None:
        answer = {**in_json({}), "x-lookalike": {"body": {"why": "$answer.reason", "n": "$answer.status"}}}
        contract = contract_of({"200": answer}, **{"x-lookalike": {}})
        answers = ResponseBuilder(contract, contract.operations[0], ResponseBodies(contract))
        assert body(answers.documented("200", Reason(("read",)), str).response) == {"why": "read", "n": 200}
        made = answers.from_value("200", {"data": [{"id": 1}], "first": {"id": 1}}, Reason(("read",)), str)
        assert body(made.response) == {"data": [{"id": 1}], "first": {"id": 1}}

    def test_what_is_written_only_is_neither_required_nor_allowed_in_answers(self) -> None:
        schemas = {
            "A": {"required": ["s", "a"], "allOf": [{"$ref": "#/schemas/B"}], "properties": {"a": {}}},
            "B": {"properties": {"s": {"$ref": "#/schemas/C"}}},
            "C": {"writeOnly": True},
        }
        seen = for_direction({"schemas": schemas}, WRITE_ONLY)["schemas"]
        assert seen["A"]["required"] == ["a"]
        assert seen["B"]["properties"] == {"s": False}

    def test_a_document_that_writes_nothing_only_is_left_as_it_is(self) -> None:
        whole = {"schemas": {"A": {"properties": {"writeOnly": {"type": "string"}}}}}
        assert for_direction(whole, WRITE_ONLY) is whole


PETS = {
    "type": "array",
    "xml": {"wrapped": True, "name": "pets", "namespace": "http://example.com/pets"},
    "items": {
        "type": "object",
        "xml": {"name": "pet", "prefix": "p", "namespace": "http://example.com/p"},
        "properties": {
            "id": {"type": "integer", "xml": {"attribute": True}},
            "tag": {"type": "array", "items": {"type": "string"}},
            "box": {"type": "array", "items": {"type": "string", "xml": {"name": "thing"}}, "xml": {"wrapped": True}},
            "na me": {"type": "string"},
        },
    },
    "example": [{"id": 1, "tag": ["a", "b"], "box": ["<c>"], "na me": "x & y\x00"}],
}
SENT: list[tuple[str, Any, bytes]] = [
    ("application/vnd.things+json; v=1", {"schema": OBJECT}, b'{"n":1}'),
    ("application/json", {"example": 2**70}, b"1180591620717411303424"),
    ("text/plain", {"example": "text"}, b"text"),
    ("text/plain", {"schema": {"type": "string"}}, b"string"),
    ("text/plain", {"schema": OBJECT}, b'{"n":1}'),
    ("text/html", {}, b""),
    ("application/octet-stream", {"schema": {"type": "string", "format": "binary"}}, b"string"),
    ("application/octet-stream", {"schema": {}}, b"{}"),
    ("application/x-www-form-urlencoded", {"example": {"a": "b c", "n": [1, True]}}, b"a=b+c&n=1&n=true"),
    ("application/x-ndjson", {"example": [{"a": 1}, {"a": 2}]}, b'{"a":1}\n{"a":2}\n'),
    ("text/event-stream", {"example": [{"a": 1}, "two\nlines"]}, b'data: {"a":1}\n\ndata: two\ndata: lines\n\n'),
    ("text/event-stream", {"example": "event: x\ndata: 1\n\n"}, b"event: x\ndata: 1\n\n"),
    ("application/xml", {"example": "<a/>"}, b"<a/>"),
]


@pytest.mark.parametrize(("media_type", "media", "sent"), SENT)
def test_a_body_is_sent_as_its_media_type_has_it(media_type: str, media: Any, sent: bytes) -> None:
    response = get(mock({"200": {"content": {media_type: media}}}))
    assert (response.header("Content-Type"), response.body) == (media_type, sent)


PARTS: dict[str, Any] = {
    "type": "object",
    "required": ["text", "more", "files"],
    "properties": {
        "text": {"type": "string"},
        "more": {"type": "object"},
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
    "example": {"text": "a\r\n--lookalike\r\nb", "more": {"n": 1}, "files": ["one", "two"]},
}


def parts_in(response: Response) -> list[Message]:
    """The parts of an answer, as the parser of the standard library finds them."""
    head = f"Content-Type: {response.header('Content-Type')}\r\n\r\n".encode()
    message = message_from_bytes(head + response.body)
    assert message.is_multipart()
    assert message.defects == []
    return cast("list[Message]", message.get_payload())


def content_of(part: Message) -> Any:
    return part.get_payload(decode=True)


@pytest.mark.parametrize("way", ["form-data", "mixed", "related"])
def test_a_multipart_answer_has_a_part_for_each_member_and_its_boundary_is_in_none(way: str) -> None:
    media = {"schema": PARTS, "encoding": {"files": {"contentType": "image/png, image/jpeg"}}}
    parts = parts_in(get(mock({"200": {"content": {f"multipart/{way}": media}}})))
    assert [(part.get_param("name", header="Content-Disposition"), part.get_content_type()) for part in parts] == [
        ("text", "text/plain"),
        ("more", "application/json"),
        ("files", "image/png"),
        ("files", "image/png"),
    ]
    assert [content_of(part) for part in parts] == [b"a\r\n--lookalike\r\nb", b'{"n":1}', b"one", b"two"]
    assert all((part.get_content_disposition() == "form-data") == (way == "form-data") for part in parts)


@pytest.mark.parametrize(
    ("media_type", "media", "contents"),
    [
        ("multipart/mixed", {"schema": {"type": "array", "items": OBJECT, "minItems": 2}}, [b'{"n":1}', b'{"n":1}']),
        ("multipart/mixed", {"example": "--x\nContent-Type: text/plain\n\nhi\n--x--\n"}, [b"hi"]),
        ('multipart/mixed; boundary="a b"', {"example": ["hi", 7]}, [b"hi", b"7"]),
        ("multipart/mixed", {"schema": {"type": "string"}}, [b"string"]),
    ],
)
def test_a_multipart_answer_may_be_a_list_or_be_written_out_or_name_its_boundary(
    media_type: str, media: Any, contents: list[bytes]
) -> None:
    assert [content_of(part) for part in parts_in(get(mock({"200": {"content": {media_type: media}}})))] == contents


def test_a_multipart_answer_is_one_that_a_request_could_be() -> None:
    response = get(mock({"200": {"content": {"multipart/form-data": {"schema": PARTS}}}}))
    content_type = response.header("Content-Type") or ""
    assert [part.name for part in split_multipart(response.body, content_type)] == ["text", "more", "files", "files"]


def test_xml_is_named_as_its_schema_says() -> None:
    response = get(mock({"200": {"content": {"application/xml": {"schema": PETS}}}}))
    (pet,) = ElementTree.fromstring(response.body)
    assert (pet.tag, pet.attrib) == ("{http://example.com/p}pet", {"id": "1"})
    names = [child.tag.removeprefix("{http://example.com/pets}") for child in pet]
    assert names == ["tag", "tag", "box", "na_me"]
    assert [child.text for child in pet] == ["a", "b", None, "x & y"]
    assert [(thing.tag, thing.text) for thing in pet[2]] == [("{http://example.com/pets}thing", "<c>")]
