"""Parameters: every style reads what the specification's table of examples writes, and values fit their schemas."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.contract.expressions import parse_expression
from lookalike.http import Headers, Request
from lookalike.json_values import ABSENT
from lookalike.model.context import RequestContext, compile_source
from lookalike.model.rejections import Rejection
from lookalike.model.request.parameters import compile_parameters
from tests.support.small import ask, context_of, document, mock, model, problem

TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
COLOR: dict[str, Any] = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}, "B": {"type": "integer"}},
    "additionalProperties": False,
}
BLUE, COLORS, RGB = "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}


def parameter(source: str, schema: Any, **more: Any) -> dict[str, Any]:
    required = {"required": True} if source == "path" else {}
    return {"name": "color", "in": source, "schema": schema, **required, **more}


def read(raw: Any, sent: str, name: str = "color", others: tuple[Any, ...] = (), **components: Any) -> Any:
    """The value that a parameter has where a text is sent; the violations' messages where it has none."""
    source = raw["in"]
    path = "/x/{color}" if source == "path" else "/x"
    data = document({path: {"get": {"parameters": [raw, *others]}}}, **components)
    context = context_with(data, source, sent)
    if isinstance(context, Rejection):
        return [violation.message for violation in context.violations]
    return getattr(context, source).get(name, ABSENT)


def context_with(
    data: Any, source: str, sent: str, headers: Mapping[str, str] | None = None
) -> RequestContext | Rejection:
    contract = model(data).contract
    (operation,) = contract.operations
    fields = {"header": {"color": sent}, "cookie": {"cookie": sent}}.get(source, {})
    request = Request("GET", "/", sent if source == "query" else "", Headers({**fields, **(headers or {})}))
    context = context_of(request)
    rejection = compile_parameters(operation, contract.http_policies)(context, (sent,) if source == "path" else ())
    return context if rejection is None else rejection


# OpenAPI 3.1.0 section 4.8.12.3, "Style Examples"; 3.1.1 writes label with commas where it is not exploded.
TABLE: list[tuple[str, str, bool, Any, Any, str]] = [
    ("path", "matrix", False, TEXT, "", ";color"),
    ("path", "matrix", False, TEXT, BLUE, ";color=blue"),
    ("path", "matrix", False, TEXTS, COLORS, ";color=blue,black,brown"),
    ("path", "matrix", False, COLOR, RGB, ";color=R,100,G,200,B,150"),
    ("path", "matrix", True, TEXT, "", ";color"),
    ("path", "matrix", True, TEXT, BLUE, ";color=blue"),
    ("path", "matrix", True, TEXTS, COLORS, ";color=blue;color=black;color=brown"),
    ("path", "matrix", True, COLOR, RGB, ";R=100;G=200;B=150"),
    ("path", "label", False, TEXT, "", "."),
    ("path", "label", False, TEXT, BLUE, ".blue"),
    ("path", "label", False, TEXTS, COLORS, ".blue.black.brown"),
    ("path", "label", False, TEXTS, COLORS, ".blue,black,brown"),
    ("path", "label", False, COLOR, RGB, ".R.100.G.200.B.150"),
    ("path", "label", False, COLOR, RGB, ".R,100,G,200,B,150"),
    ("path", "label", True, TEXT, BLUE, ".blue"),
    ("path", "label", True, TEXTS, COLORS, ".blue.black.brown"),
    ("path", "label", True, COLOR, RGB, ".R=100.G=200.B=150"),
    ("query", "form", False, TEXT, "", "color="),
    ("query", "form", False, TEXT, BLUE, "color=blue"),
    ("query", "form", False, TEXTS, COLORS, "color=blue,black,brown"),
    ("query", "form", False, COLOR, RGB, "color=R,100,G,200,B,150"),
    ("query", "form", True, TEXT, "", "color="),
    ("query", "form", True, TEXT, BLUE, "color=blue"),
    ("query", "form", True, TEXTS, COLORS, "color=blue&color=black&color=brown"),
    ("query", "form", True, COLOR, RGB, "R=100&G=200&B=150"),
    ("query", "spaceDelimited", False, TEXTS, COLORS, "color=blue%20black%20brown"),
    ("query", "spaceDelimited", False, COLOR, RGB, "color=R%20100%20G%20200%20B%20150"),
    ("query", "pipeDelimited", False, TEXTS, COLORS, "color=blue|black|brown"),
    ("query", "pipeDelimited", False, TEXTS, COLORS, "color=blue%7Cblack%7Cbrown"),
    ("query", "pipeDelimited", False, COLOR, RGB, "color=R|100|G|200|B|150"),
    ("query", "deepObject", True, COLOR, RGB, "color[R]=100&color[G]=200&color[B]=150"),
    ("query", "deepObject", True, COLOR, RGB, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("path", "simple", False, TEXT, BLUE, "blue"),
    ("path", "simple", False, TEXTS, COLORS, "blue,black,brown"),
    ("path", "simple", False, COLOR, RGB, "R,100,G,200,B,150"),
    ("path", "simple", True, COLOR, RGB, "R=100,G=200,B=150"),
    ("header", "simple", False, TEXT, BLUE, "blue"),
    ("header", "simple", False, TEXTS, COLORS, "blue, black,brown"),
    ("header", "simple", False, COLOR, RGB, "R,100,G,200,B,150"),
    ("header", "simple", True, COLOR, RGB, "R=100, G=200, B=150"),
    ("cookie", "form", False, TEXT, BLUE, "a=b; color=blue"),
    ("cookie", "form", False, TEXTS, COLORS, "color=blue,black,brown"),
    ("cookie", "form", False, COLOR, RGB, "color=R,100,G,200,B,150; a=b"),
    ("cookie", "form", True, TEXTS, COLORS, "color=blue; color=black; color=brown"),
]


@pytest.mark.parametrize("row", TABLE)
def test_every_example_of_the_table_of_styles_is_read(row: tuple[str, str, bool, Any, Any, str]) -> None:
    source, style, explode, schema, value, sent = row
    assert read(parameter(source, schema, style=style, explode=explode), sent) == value


def written(value: Any, style: str, explode: bool, encode: Callable[[Any], str]) -> str:
    """What a client sends, written from the specification and by nothing that reads."""
    mark = {"label": ".", "matrix": ";", "spaceDelimited": "%20", "pipeDelimited": "|"}.get(style, ",")
    pairs = [(encode(name), encode(part)) for name, part in value.items()] if isinstance(value, dict) else []
    items = [encode(part) for part in value] if isinstance(value, list) else []
    flat = items or [part for pair in pairs for part in pair]
    if not isinstance(value, dict | list):
        start = {"form": "color=", "label": ".", "matrix": ";color="}.get(style, "")
        return start + encode(value)
    if style == "deepObject":
        return "&".join(f"color%5B{name}%5D={part}" for name, part in pairs)
    exploded = [f"{name}={part}" for name, part in pairs]
    if style in ("form", "matrix") and explode:
        lead = "" if style == "form" else ";"
        return lead + ("&" if style == "form" else ";").join(exploded or [f"color={item}" for item in items])
    if style == "matrix":
        return ";color=" + ",".join(flat)
    if style in ("simple", "label"):
        inner = mark if explode or style == "simple" else ","
        return ("." if style == "label" else "") + inner.join(exploded if explode and pairs else flat)
    return "color=" + mark.join(flat)


WAYS = [
    *(("path", style, explode) for style in ("simple", "label", "matrix") for explode in (False, True)),
    *(("query", "form", explode) for explode in (False, True)),
    *(("query", style, False) for style in ("spaceDelimited", "pipeDelimited")),
    ("query", "deepObject", True),
]
ANY = {"type": "object", "additionalProperties": TEXT}
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES: list[tuple[Any, Any]] = [
    (TEXT, texts),
    (TEXTS, st.lists(texts, min_size=1, max_size=4)),
    ({"type": "array", "items": {"type": "boolean"}}, st.lists(st.booleans(), min_size=1, max_size=3)),
    ({"type": "number"}, numbers),
    ({"type": "array", "items": {"type": "number"}}, st.lists(numbers, min_size=1, max_size=3)),
    (ANY, st.dictionaries(texts.filter(lambda name: not set(name) & set("[]")), texts, min_size=1, max_size=3)),
    (COLOR, st.fixed_dictionaries({"R": st.integers()}, optional={"G": st.integers(), "B": st.integers()})),
]


def encoded(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return quote(text, safe="").replace(".", "%2E")


@pytest.mark.parametrize(("source", "style", "explode"), WAYS)
@pytest.mark.parametrize(("schema", "values"), VALUES)
def test_what_is_written_in_a_style_is_read_as_the_same_value(
    source: str, style: str, explode: bool, schema: Any, values: Any
) -> None:
    if style == "deepObject" and schema["type"] != "object":
        return
    if style in ("spaceDelimited", "pipeDelimited") and schema["type"] not in ("array", "object"):
        return
    path = "/x/{color}" if source == "path" else "/x"
    raw = parameter(source, schema, style=style, explode=explode)
    contract = model(document({path: {"get": {"parameters": [raw]}}})).contract
    read_all = compile_parameters(contract.operations[0], contract.http_policies)
    delimiter = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style)

    @settings(max_examples=25, deadline=None)
    @given(value=values)
    def round_trip(value: Any) -> None:
        if delimiter and delimiter in "".join(map(str, (*value, *(value.values() if isinstance(value, dict) else ())))):
            return  # the specification has no way to write it (OpenAPI 3.1.1 appendix E)
        sent = written(value, style, explode, encoded)
        context = context_of(Request("GET", "/", sent if source == "query" else ""))
        assert read_all(context, (sent,) if source == "path" else ()) is None, sent
        assert getattr(context, source)["color"] == value, sent

    round_trip()


TYPES: list[tuple[Any, str, Any]] = [
    ({"$ref": "#/components/schemas/Number"}, "12", 12),
    ({"allOf": [{"minimum": 3}, {"type": "integer"}]}, "12", 12),
    ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "true", True),
    ({"oneOf": [{"type": "integer", "maximum": 5}, {"type": "string", "pattern": "^1"}]}, "12", "12"),
    ({"type": ["integer", "null"]}, "null", None),
    ({"type": ["integer", "string"]}, "12", 12),
    ({"type": ["string", "null"]}, "null", "null"),
    ({"enum": [1, 2]}, "2", 2),
    ({"const": True}, "true", True),
    ({"type": "number"}, "1e3", 1000.0),
    ({"type": "number"}, "12345678901234567890", 12345678901234567890),
    ({"type": "string"}, "12", "12"),
    ({}, "12", "12"),
    ({"type": ["string", "array"], "items": TEXT}, "12", "12"),
    ({"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}, "1", 1),
    ({"items": {"type": "integer"}}, "1", [1]),
]
SCHEMAS = {
    "Number": {"$ref": "#/components/schemas/Other"},
    "Other": {"type": "integer"},
    "Tree": {"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}, {"type": "integer"}]},
}


@pytest.mark.parametrize(("schema", "sent", "value"), TYPES)
def test_a_text_becomes_what_its_schema_says_through_references_and_combinations(
    schema: Any, sent: str, value: Any
) -> None:
    found = read(parameter("query", schema), f"color={sent}", components={"schemas": SCHEMAS})
    assert (found, type(found)) == (value, type(value))


def test_a_schema_that_holds_itself_is_no_trouble() -> None:
    raw = parameter("query", {"$ref": "#/components/schemas/Tree"})
    assert read(raw, "color=1", components={"schemas": SCHEMAS}) == 1


REFUSED: list[tuple[Any, str, str]] = [
    ({"type": "integer"}, "color=x", "color must be an integer, written in plain digits without leading zeros"),
    ({"type": "integer", "maximum": 5}, "color=6", "color must be at most 5"),
    ({"type": "array", "items": {"type": "integer"}}, "color=1&color=x", "color[1] must be an integer, not a string"),
    (COLOR, "R=x", "color.R must be an integer, not a string"),
    (TEXT, "color=a&color=b", "color must come once"),
    ({"type": "boolean"}, "color=1", "color must be a boolean, not a string"),
    ({"type": "number"}, "color=1e999", "color must be a number, not a string"),
]


@pytest.mark.parametrize(("schema", "sent", "message"), REFUSED)
def test_a_value_that_does_not_fit_is_named_with_its_place(schema: Any, sent: str, message: str) -> None:
    assert read(parameter("query", schema), sent) == [message]


def test_a_default_stands_for_what_is_absent_and_not_for_what_is_empty() -> None:
    raw = parameter("query", {"type": "integer", "default": 20})
    assert read(raw, "") == 20
    assert read(raw, "color=5") == 5
    assert isinstance(read(raw, "color="), list)


def test_an_empty_value_is_allowed_where_the_document_says_so() -> None:
    schema = {"type": "integer"}
    assert read(parameter("query", schema, allowEmptyValue=True), "color") == ""
    assert isinstance(read(parameter("query", schema), "color"), list)


def test_reserved_characters_stand_for_themselves() -> None:
    assert read(parameter("query", TEXT, allowReserved=True), "color=a/b?c:d+e") == "a/b?c:d+e"
    assert read(parameter("query", TEXT), "color=a+b%2Bc") == "a b+c"


def test_a_parameter_with_content_is_read_by_its_media_type() -> None:
    raw: Any = {"name": "color", "in": "query", "content": {"application/json": {"schema": COLOR}}}
    assert read(raw, "color=" + quote(json.dumps(RGB))) == RGB
    assert read(raw, 'color={"R": "x"}') == ["color.R must be an integer, not a string"]
    assert read(raw, "color={")[0].startswith("color is not valid JSON")
    raw["content"]["application/json"]["schema"] = {"type": "integer"}
    assert read(raw, "color=12") == 12
    assert read(raw, "color=%2212%22") == ["color must be an integer, not a string"]


def test_deep_objects_hold_objects_and_arrays() -> None:
    schema = {"type": "object", "properties": {"a": COLOR, "b": {"type": "array", "items": {"type": "integer"}}}}
    raw = parameter("query", schema, style="deepObject", explode=True)
    assert read(raw, "color[a][R]=1&color[b][]=1&color[b][]=2") == {"a": {"R": 1}, "b": [1, 2]}
    assert read(raw, "color[b][1]=1&color[b][0]=2") == {"b": [2, 1]}
    assert read(raw, "color[b]=1&color[b]=2") == {"b": [1, 2]}


def test_an_exploded_object_leaves_the_other_parameters_alone() -> None:
    other = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    assert read(parameter("query", ANY), "a=1&page=2&b=3", others=(other,)) == {"a": "1", "b": "3"}


def test_the_names_of_headers_have_no_case() -> None:
    raw = {"name": "X-Count", "in": "header", "schema": {"type": "integer"}}
    context = context_with(document({"/x": {"get": {"parameters": [raw]}}}), "", "", {"x-COUNT": "7"})
    assert isinstance(context, RequestContext)
    assert context.header == {"x-count": 7}


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_headers_that_openapi_leaves_to_http_are_no_parameters(name: str) -> None:
    raw = {"name": name, "in": "header", "required": True, "schema": {"type": "integer"}}
    assert ask(mock(document({"/x": {"get": {"parameters": [raw]}}})), "GET", "/x").status == 200


def test_a_parameter_of_the_operation_overrides_that_of_the_path() -> None:
    shared = [parameter("query", {"type": "integer"}, required=True), {**parameter("header", TEXT), "required": True}]
    own = [parameter("query", TEXT)]
    server = mock(document({"/x": {"parameters": shared, "get": {"parameters": own}}}))
    assert ask(server, "GET", "/x?color=x", {"Color": "red"}).status == 200
    assert ask(server, "GET", "/x", {"Color": "red"}).status == 200
    assert [error["location"] for error in problem(ask(server, "GET", "/x"))["errors"]] == ["header"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    body = {"required": True, "content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}
    parameters = [
        parameter("path", {"type": "integer"}),
        parameter("query", {"type": "integer"}),
        {**parameter("header", TEXT), "required": True},
        {**parameter("cookie", TEXT), "required": True},
    ]
    server = mock(document({"/x/{color}": {"post": {"parameters": parameters, "requestBody": body}}}))
    answer = ask(server, "POST", "/x/red?color=red", {"Content-Type": "application/json"}, b"{}")
    assert answer.status == 400
    assert [(error["location"], error["pointer"], error["keyword"]) for error in problem(answer)["errors"]] == [
        ("path", "/color", "type"),
        ("query", "/color", "type"),
        ("header", "/color", "required"),
        ("cookie", "/color", "required"),
        ("body", "", "required"),
    ]


def test_expressions_find_values_of_parameters_and_else_the_text_that_came() -> None:
    data = document(
        {"/x": {"get": {"parameters": [parameter("query", {"type": "integer"}), parameter("cookie", TEXTS)]}}}
    )
    contract = model(data).contract
    headers = Headers({"cookie": "color=a; color=b; other=c", "x-Id": "9"})
    context = context_of(Request("GET", "/x", "color=5&page=2", headers))
    assert compile_parameters(contract.operations[0], contract.http_policies)(context, ()) is None
    found = {
        text: compile_source(parse_expression(f"$request.{text}"))(context)
        for text in ("query.color", "query.page", "query.none", "cookie.color", "cookie.other", "header.X-ID")
    }
    assert found == {
        "query.color": 5,
        "query.page": "2",
        "query.none": ABSENT,
        "cookie.color": ["a", "b"],
        "cookie.other": "c",
        "header.X-ID": "9",
    }


HOSTILE = [
    "%",
    "%zz",
    "%ff",
    "%00",
    "\x00",
    "ÿ",
    "a&a",
    "9" * 5000,
    "-",
    "[",
    "]]",
    "[a][b",
    "," * 50,
    "=",
    "&&&;",
    "\udcff",
]


@pytest.mark.repetitive
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("source", "style", "explode", "schema"), [row[:4] for row in TABLE])
def test_no_text_is_a_failure_of_the_server(source: str, style: str, explode: bool, schema: Any, text: str) -> None:
    path = "/x/{color}" if source == "path" else "/x"
    raw = parameter(source, schema, style=style, explode=explode)
    server = mock(document({path: {"get": {"parameters": [raw]}}}))
    headers = {"header": {"color": text}, "cookie": {"cookie": f"color={text}; {text}"}}.get(source)
    sent = f"color={text}&{text}&color[{text}]={text}"
    for start in ("", ".", ";color="):
        target = {"path": f"/x/{start}{text}", "query": f"/x?{sent}"}.get(source, "/x")
        assert ask(server, "GET", target, headers).status in (200, 400, 404)


def test_a_parameter_may_be_that_of_another_operation() -> None:
    place = "#/paths/~1x/get/parameters/0"
    paths = {
        "/x": {"get": {"parameters": [{"name": "n", "in": "query", "schema": {"type": "integer"}}]}},
        "/y": {"get": {"parameters": [{"$ref": place}]}},
    }
    assert ask(mock(document(paths)), "GET", "/y?n=a").status == 400
    assert ask(mock(document(paths)), "GET", "/y?n=1").status == 200
