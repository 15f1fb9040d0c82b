"""Where operations are, by which methods they answer, and with which status a request is refused."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.contract.routing import Router, base_path, base_paths, parameter_names
from lookalike.http import Request
from lookalike.model.strictness import Strictness
from lookalike.server.app import create_app
from lookalike.server.mock_handler import MockOptions
from tests.support.small import ask, document, mock, problem

PATHS = [
    "/pets/mine",
    "/pets/{id}",
    "/pets/{id}/",
    "/pets/x-{id}",
    "/files/{name}.{ext}",
    "/files/{name}.tar.{x}",
    "/files/{name}",
    "/Products('{id}')",
    "/a b/{c}",
    "/{any}/{thing}",
    "/",
]
ROUTER = Router([(path, path) for path in PATHS])


@pytest.mark.parametrize(
    ("path", "template", "texts"),
    [
        ("/pets/mine", "/pets/mine", ()),
        ("/pets/m%69ne", "/pets/mine", ()),
        ("/pets/7", "/pets/{id}", ("7",)),
        ("/pets/a%2Fb%2C", "/pets/{id}", ("a%2Fb%2C",)),
        ("/pets/7/", "/pets/{id}/", ("7",)),
        ("/pets/x-7", "/pets/x-{id}", ("7",)),
        ("/pets/x-", "/pets/{id}", ("x-",)),
        ("/files/a.b", "/files/{name}.{ext}", ("a", "b")),
        ("/files/a.b.c", "/files/{name}.{ext}", ("a", "b.c")),
        ("/files/a%2Eb", "/files/{name}.{ext}", ("a", "b")),
        ("/files/a.tar.b", "/files/{name}.tar.{x}", ("a", "b")),
        ("/files/ab", "/files/{name}", ("ab",)),
        ("/Products('7')", "/Products('{id}')", ("7",)),
        ("/Products%28%277%27%29", "/Products('{id}')", ("7",)),
        ("/a%20b/7", "/a b/{c}", ("7",)),
        ("/cats/mine", "/{any}/{thing}", ("cats", "mine")),
        ("/", "/", ()),
        ("/pets", None, None),
        ("/pets/mine/", "/pets/{id}/", ("mine",)),
        ("/files/ab/", None, None),
        ("/pets//", None, None),
        ("/x/", None, None),
        ("", None, None),
    ],
)
def test_a_path_leads_to_the_most_concrete_template(path: str, template: str | None, texts: Any) -> None:
    match = ROUTER.match(path)
    assert (match and (match.target, match.texts)) == (template and (template, texts))


def test_the_names_of_several_templates_in_a_segment_come_in_order() -> None:
    assert parameter_names("/x/{a}.{b}/y-{c}") == ("a", "b", "c")


def test_a_segment_of_many_delimiters_is_read_in_one_pass() -> None:
    router = Router([("/{a}-{b}-{c}-{d}.json", None)])
    assert router.match("/" + "-" * 100_000) is None
    assert router.match("/" + "-" * 100_000 + ".json") is not None


def test_the_cost_of_a_match_does_not_grow_with_the_number_of_paths() -> None:
    assert calls_of_a_match(10_000) == calls_of_a_match(10)


def calls_of_a_match(size: int) -> int:
    router = Router([(f"/a{number}/{{id}}/b", number) for number in range(size)])
    events: list[str] = []
    sys.setprofile(lambda *told: events.append(told[1]))
    router.match("/a7/5/b")
    sys.setprofile(None)
    return len(events)


def parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        ([], ""),
        ([{"url": "/"}], ""),
        ([{"url": "https://x.example/v1/"}, {"url": "/v2"}], "/v1"),
        ([{"url": "v1"}], "/v1"),
        (
            [
                {
                    "url": "{scheme}://x.example/{base}",
                    "variables": {"scheme": {"default": "https"}, "base": {"default": "v3"}},
                }
            ],
            "/v3",
        ),
        ([{"url": "http://[x/v1"}], ""),
        ([{"url": "../v2"}], "/v2"),
        ([{"url": "https://x.example/api/./v1/../v2/"}], "/api/v2"),
        ([{"url": ".."}], ""),
    ],
)
def test_the_base_path_is_that_of_the_first_server_with_the_defaults_of_its_variables(servers: Any, path: str) -> None:
    assert base_path(servers) == path


def test_a_path_parameter_is_required_also_where_the_document_does_not_say_so(tmp_path: Path) -> None:
    parameter = {"name": "id", "in": "path", "schema": {"type": "integer"}}
    file = tmp_path / "pets.json"
    file.write_text(json.dumps(document({"/pets/{id}": {"get": {"parameters": [parameter]}}})), encoding="utf-8")
    (operation,) = load_contract(file).operations
    assert operation.parameters["path", "id"].required


ROOT = [{"url": "/"}]


def test_the_operations_most_like_what_was_asked_for_are_named() -> None:
    paths: dict[str, Any] = {f"/{name}": {"get": {}} for name in "abcdefgh"}
    named = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    others = {"/h/{id}/lids": {"get": {"parameters": named}}, "/h/{id}": {"get": {"parameters": named}}}
    server = mock(document({**paths, **others}))
    assert "there is: GET /h, GET /h/{id}, GET /h/{id}/lids, " in problem(ask(server, "GET", "/h/"))["detail"]
    assert "there is: GET /h/{id}/lids, " in problem(ask(server, "GET", "/h/1/lid"))["detail"]


def test_a_prefix_is_proposed_only_where_one_is_in_the_way() -> None:
    server = mock(document({"/plain": {"get": {}}}))
    prefixed, doubled = ask(server, "GET", "/v1/plain"), ask(server, "GET", "//plain")
    assert (prefixed.status, doubled.status) == (404, 404)
    assert "start with --base-path /v1" in problem(prefixed)["detail"]
    assert "--base-path" not in problem(doubled)["detail"]


def test_operations_with_servers_of_their_own_are_served_there_and_there_only() -> None:
    paths = {
        "/plain": {"get": {}},
        "/files": {
            "servers": [{"url": "https://up.example/upload/v1"}],
            "post": {},
            "get": {"servers": [{"url": "/"}]},
        },
    }
    server = mock(document(paths, servers=[{"url": "https://x.example/v1"}]))
    client = create_app(server, MockOptions(base_path="/v1")).test_client()
    found = {
        (method, path): client.open(path, method=method).status_code
        for method in ("GET", "POST")
        for path in ("/v1/plain", "/plain", "/upload/v1/files", "/files", "/v1/nothing")
    }
    assert {at for at, status in found.items() if status == 200} == {
        ("GET", "/v1/plain"),
        ("POST", "/upload/v1/files"),
        ("GET", "/files"),
    }
    assert (found["POST", "/v1/plain"], found["GET", "/plain"]) == (405, 404)


@pytest.mark.parametrize(
    ("paths", "answered", "refused"),
    [
        (["/v1", "/v1", "/staging/api"], ["/v1/plain", "/staging/api/plain"], ["/plain", "/v1x/plain"]),
        (["", "/v1"], ["/plain", "/v1/plain"], ["/v2/plain", "/v1/v1/plain"]),
        (["/v1", ""], ["/v1/plain", "/plain"], ["/v2/plain"]),
    ],
)
def test_clients_of_each_server_of_the_document_are_answered(
    paths: list[str], answered: list[str], refused: list[str]
) -> None:
    first, *others = base_paths([{"url": f"https://api.example.com{path}"} for path in paths])
    client = create_app(mock(document({"/plain": {"get": {}}})), MockOptions(first, other_base_paths=(*others,)))
    found = {path: client.test_client().get(path).status_code for path in (*answered, *refused)}
    assert found == dict.fromkeys(answered, 200) | dict.fromkeys(refused, 404)


def test_head_is_answered_as_get_without_the_body() -> None:
    content = {"application/json": {"example": {"a": 1}}}
    server = mock(document({"/x": {"get": {"responses": {"200": {"description": "", "content": content}}}}}))
    client = create_app(server).test_client()
    got, headed = client.get("/x"), client.head("/x")
    assert (headed.status_code, headed.data) == (200, b"")
    assert headed.headers["Content-Type"] == got.headers["Content-Type"]
    assert headed.headers["Content-Length"] == str(len(got.data))


def test_another_method_is_answered_405_with_all_that_are_allowed() -> None:
    server = mock(document({"/x": {"get": {}, "put": {}}}))
    answer = ask(server, "POST", "/x")
    assert (answer.status, answer.header("Allow")) == (405, "GET, PUT, HEAD, OPTIONS")


def test_options_that_are_not_documented_are_answered_204_with_the_methods() -> None:
    server = mock(document({"/x": {"put": {}}, "/y": {"options": {}}}))
    answer = ask(server, "OPTIONS", "/x")
    assert (answer.status, answer.header("Allow"), answer.body) == (204, "PUT, OPTIONS", b"")
    assert ask(server, "OPTIONS", "/y").status == 200
    assert ask(server, "OPTIONS", "/z").status == 404


NEEDY = {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}
BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
JSON = {"Content-Type": "application/json"}


def refusing(*documented: str) -> Any:
    responses = {status: {"description": status} for status in ("200", *documented)}
    return mock(document({"/x": {"post": {"parameters": [NEEDY], "requestBody": BODY, "responses": responses}}}))


@pytest.mark.parametrize(
    ("documented", "invalid", "unparsable"),
    [
        ((), 400, 400),
        (("422", "400"), 422, 400),
        (("400",), 400, 400),
        (("422",), 422, 422),
        # An error that is described in general only: SDKs take 400 for a wrong request, and 422 for a failure.
        (("4XX",), 400, 400),
        (("default",), 400, 400),
        (("404",), 400, 400),
    ],
)
def test_an_invalid_request_is_refused_with_the_status_that_is_documented_for_it(
    documented: tuple[str, ...], invalid: int, unparsable: int
) -> None:
    server = refusing(*documented)
    assert ask(server, "POST", "/x").status == invalid
    assert ask(server, "POST", "/x?n=1", JSON, b"{").status == unparsable
    assert ask(server, "POST", "/x?n=1", {"Content-Type": "text/plain"}, b"{}").status == 415
    assert ask(server, "POST", "/x?n=1", JSON, b"{}").status == 200


def titled(title: str) -> dict[str, Any]:
    project = {"type": "object", "properties": {"project_id": {"type": "integer", "title": title}}}
    return {"components": {"schemas": {"Project": project}}}


@pytest.mark.parametrize(
    ("others", "schemas", "status"),
    [
        (("422",), {}, 422),
        (("400", "422"), {}, 422),
        (("400", "400", "422"), {}, 400),
        (("404",), titled("Project id"), 400),
        ((), titled("Project Id"), 422),
        (("400",), titled("Project Id"), 422),
    ],
)
def test_where_an_operation_documents_no_status_for_invalid_input_the_rest_of_the_document_suggests_it(
    others: tuple[str, ...], schemas: dict[str, Any], status: int
) -> None:
    errors = [{"200": {"description": "OK"}, one: {"description": "no"}} for one in others]
    paths = {f"/{number}": {"get": {"responses": responses}} for number, responses in enumerate(errors)}
    server = mock(document({**paths, "/x": {"get": {"parameters": [NEEDY]}}}, **schemas))
    assert ask(server, "GET", "/x").status == status


def test_errors_are_only_reported_where_that_is_asked_for() -> None:
    paths = {"/x": {"post": {"parameters": [NEEDY], "requestBody": BODY}}}
    server = mock(document(paths), strictness=Strictness(validity=False))
    assert ask(server, "POST", "/x?n=1", JSON, b"{}").header("Lookalike-Violations") is None
    for target, content_type, body, keywords in (
        ("/x?n=x", "application/json", b"[]", ["type", "type"]),
        ("/x?n=1", "application/json", b"{", ["syntax"]),
        ("/x?n=1", "text/plain", b"{}", ["content-type"]),
    ):
        answer = ask(server, "POST", target, {"Content-Type": content_type}, body)
        reported = json.loads(answer.header("Lookalike-Violations") or "")
        assert (answer.status, [violation["keyword"] for violation in reported]) == (200, keywords)
    assert ask(server, "GET", "/x").status == 405


def test_of_an_invalid_body_that_is_let_through_what_fits_is_remembered() -> None:
    members = {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}, "age": {"type": "number"}}
    pet = {"type": "object", "required": ["age"], "additionalProperties": False, "properties": members}
    shown = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}, "description": ""}
    sent = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    named = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    paths = {
        "/pets": {"post": {"requestBody": sent, "responses": {"201": shown}}},
        "/pets/{id}": {"parameters": named, "get": {"responses": {"200": shown}}},
    }
    data = document(paths, components={"schemas": {"Pet": pet}})
    server = mock(data, strictness=Strictness(validity=False))
    sent_body = json.dumps({"name": "Rex", "age": "old", "id": 9, "colour": "red"}).encode()
    answer = ask(server, "POST", "/pets", JSON, sent_body)
    assert len(json.loads(answer.header("Lookalike-Violations") or "")) == 2
    made = json.loads(answer.body)
    assert (made["name"], made["id"], type(made["age"]), "colour" in made) == ("Rex", 1, int, False)
    assert json.loads(ask(server, "GET", "/pets/1").body) == made


def test_a_report_of_many_violations_is_cut_to_whole_ones() -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    paths = {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}}
    server = mock(document(paths), strictness=Strictness(validity=False))
    field = ask(server, "POST", "/x", JSON, json.dumps([1] * 500).encode()).header("Lookalike-Violations") or ""
    assert len(field) <= 4000
    assert 10 < len(json.loads(field)) < 500


def test_problem_details_name_every_violation() -> None:
    answer = ask(refusing(), "POST", "/x?n=x", JSON, b"[]")
    assert problem(answer)["errors"] == [
        {
            "location": "query",
            "pointer": "/n",
            "keyword": "type",
            "message": "n must be an integer, written in plain digits without leading zeros",
        },
        {"location": "body", "pointer": "", "keyword": "type", "message": "the body must be an object, not an array"},
    ]


def test_a_missing_body_and_a_missing_parameter_are_told_together() -> None:
    body = {**BODY, "required": True}
    server = mock(document({"/x": {"post": {"parameters": [NEEDY], "requestBody": body}}}))
    assert problem(ask(server, "POST", "/x"))["detail"] == "n is required in the query; the body is missing"


def test_an_undeclared_template_is_a_text_of_its_own() -> None:
    server = mock(document({"/x/{id}/{other}": {"parameters": [parameter("id"), parameter("other")], "get": {}}}))
    assert server.handle(Request("GET", "/x/a%20b/c")).status == 200


def test_a_request_that_is_let_through_with_a_path_that_names_nothing_makes_nothing() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    media = {"content": {"application/json": {"schema": schema}}}
    item = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "get": {"responses": {"200": {"description": "a pet", **media}}},
    }
    created = {"201": {"description": "a pet", **media}}
    paths = {"/pets": {"post": {"requestBody": media, "responses": created}}, "/pets/{id}": item}
    server = mock(document(paths), strictness=Strictness(validity=False))
    assert ask(server, "GET", "/pets/x").status == 404
    assert server.state() == {"pet": []}


def test_a_fragment_in_a_path_is_what_no_client_sends() -> None:
    paths = {"/x": {"get": {}}, "/x#more": {"delete": {}, "get": {"responses": {"202": {"description": ""}}}}}
    server = mock(document(paths))
    assert (ask(server, "GET", "/x").status, ask(server, "DELETE", "/x").status) == (200, 200)


def _answering(status: int, *parameters: Any) -> dict[str, Any]:
    return {"parameters": [*parameters], "responses": {str(status): {"description": ""}}}


def _only(source: str, name: str, **schema: Any) -> Any:
    return {"name": name, "in": source, "required": True, "schema": schema}


def test_operations_on_one_path_are_told_apart_by_what_a_request_has_to_carry() -> None:
    text = {"type": "string"}
    paths = {
        "/x#list": {"get": _answering(202, _only("query", "list", type="boolean", enum=[True]))},
        "/x": {"get": _answering(200), "post": _answering(200, _only("query", "a", type="integer"))},
        "/x?draft=true": {"get": _answering(203)},
        "/x?draft=false&full": {"get": _answering(206)},
        "/x#part": {"get": _answering(201, _only("query", "part", **text), _only("query", "of", **text))},
        "/#one": {"post": _answering(201, _only("header", "X-Target", **text, enum=["one"]))},
        "/#two": {"post": _answering(202, _only("header", "X-Target", **text, const="two"))},
    }
    server = mock(document(paths))
    asked = {"": 200, "?list=true": 202, "?draft=true": 203, "?draft=false&full": 206, "?draft=false": 200}
    asked |= {"?part=1&of=2": 201, "?part=1": 200, "?list=true&draft=true": 202}
    assert {query: ask(server, "GET", f"/x{query}").status for query in asked} == asked
    targets = {name: ask(server, "POST", "/", headers={"X-Target": name}).status for name in ("one", "two", "six")}
    assert targets == {"one": 201, "two": 202, "six": 400}
    assert ask(server, "POST", "/x?a=7").status == 200


def test_paths_that_differ_in_the_names_of_templates_are_one() -> None:
    server = mock(
        document(
            {
                "/x/{a}": {"parameters": [parameter("a")], "get": {}},
                "/x/{b}": {"parameters": [parameter("b")], "delete": {}},
            }
        )
    )
    assert [ask(server, method, "/x/7").status for method in ("GET", "DELETE", "PUT")] == [200, 200, 405]


def test_a_method_that_the_most_concrete_path_lacks_is_that_of_a_templated_one_that_it_fits() -> None:
    named = {"parameters": [parameter("name")]}
    numbered = {"parameters": [{**parameter("name"), "schema": {"type": "integer"}}]}
    methods = {"get": named, "put": numbered}
    server = mock(document({"/x/me": {"delete": {}}, "/x/{name}": methods}))
    assert (ask(server, "GET", "/x/me").status, ask(server, "DELETE", "/x/me").status) == (200, 200)
    assert (ask(server, "PUT", "/x/me").status, ask(server, "POST", "/x/me").status) == (405, 405)
