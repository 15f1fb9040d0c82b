"""Overlays change a document as OpenAPI Overlay 1.0 and 1.1 say, and keep the place of everything."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.reader import load_contract
from lookalike.errors import DocumentError
from lookalike.openapi.load import load_as_written
from lookalike.soundness import check
from tests.support.running import run_command, running_mock

API = """\
openapi: 3.0.3
info: {title: Shelf, version: "1"}
x-tags: [a, b, c, d]
paths:
  /books:
    get:
      tags: [books]
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: secret, in: query, schema: {type: string}}
        - {name: offset, in: query, schema: {type: integer}}
      responses: {"200": {description: OK}}
  /old: {get: {responses: {"200": {description: OK}}}}
  /new: {delete: {responses: {"204": {description: OK}}}}
"""


def overlay(folder: Path, actions: str, name: str = "overlay.yaml", version: str = "1.1.0") -> Path:
    path = folder / name
    path.write_text(f"overlay: {version}\ninfo: {{title: O, version: '1'}}\nactions:\n{actions}\n")
    return path


@pytest.fixture
def api(tmp_path: Path) -> Path:
    path = tmp_path / "api.yaml"
    path.write_text(API)
    return path


def changed(api: Path, actions: str) -> Any:
    return load_as_written(api, [overlay(api.parent, actions)]).data


# Actions, a place, and what is there then; None for nothing.
ACTIONS: dict[str, tuple[str, str, Any]] = {
    "an object is merged": (
        "- {target: $.info, update: {title: New, contact: {name: A}}}",
        "/info",
        {"title": "New", "version": "1", "contact": {"name": "A"}},
    ),
    "an object is merged all the way down": (
        "- {target: $, update: {paths: {/books: {get: {summary: S, tags: [more]}}}}}",
        "/paths/~1books/get/tags",
        ["books", "more"],
    ),
    "an object is appended to a list": ("- {target: \"$['x-tags']\", update: {name: x}}", "/x-tags/4", {"name": "x"}),
    "a text is appended to a list": ("- {target: \"$['x-tags']\", update: x}", "/x-tags", ["a", "b", "c", "d", "x"]),
    "a list is appended to a list": (
        "- {target: \"$['x-tags']\", update: [x, y]}",
        "/x-tags",
        ["a", "b", "c", "d", "x", "y"],
    ),
    "a text is replaced": ("- {target: $.info.title, update: New}", "/info/title", "New"),
    "every target is updated": ("- {target: '$.paths.*.get', update: {x-a: 1}}", "/paths/~1old/get/x-a", 1),
    "a member is removed": ("- {target: \"$.paths['/old']\", remove: true}", "/paths/~1old", None),
    "items are removed": (
        "- {target: \"$['x-tags'][?@ == 'a' || @ == 'c']\", remove: true}",
        "/x-tags",
        ["b", "d"],
    ),
    "remove false does nothing by itself": (
        "- {target: $.info, remove: false, update: {title: New}}",
        "/info/title",
        "New",
    ),
    "remove counts before update": ("- {target: \"$['x-tags']\", remove: true, update: x}", "/x-tags", None),
    "what is there is copied": (
        "- {target: \"$.paths['/new']\", copy: \"$.paths['/old']\"}",
        "/paths/~1new",
        {"get": {"responses": {"200": {"description": "OK"}}}, "delete": {"responses": {"204": {"description": "OK"}}}},
    ),
    "a path is renamed": (
        """\
- {target: $.paths, update: {/newest: {}}}
- {target: "$.paths['/newest']", copy: "$.paths['/old']"}
- {target: "$.paths['/old']", remove: true}""",
        "/paths/~1newest/get/responses/200/description",
        "OK",
    ),
    "what is copied is no alias of it": (
        """\
- {target: "$.paths['/new']", copy: "$.paths['/old']"}
- {target: "$.paths['/old'].get", update: {x-a: 1}}""",
        "/paths/~1new/get/x-a",
        None,
    ),
    "what is written once and put twice is no alias": (
        "- {target: '$.paths.*.get', update: {x-a: {}}}\n- {target: \"$.paths['/old'].get.x-a\", update: {b: 1}}",
        "/paths/~1books/get/x-a",
        {},
    ),
}


@pytest.mark.parametrize(("actions", "pointer", "value"), ACTIONS.values(), ids=ACTIONS)
def test_an_action_does_what_the_specification_says(api: Path, actions: str, pointer: str, value: Any) -> None:
    node = changed(api, actions)
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/")
        node = (node[int(name)] if isinstance(node, list) else node.get(name)) if node is not None else None
    assert node == value


def test_overlays_are_applied_one_after_the_other(api: Path) -> None:
    first = overlay(api.parent, "- {target: $.info, update: {title: One, x-a: 1}}", "one.yaml")
    second = overlay(api.parent, "- {target: $.info.x-a, update: 2}", "two.yaml", "1.0.0")
    assert load_as_written(api, [first, second]).data["info"] == {"title": "One", "version": "1", "x-a": 2}


def test_what_is_wrong_in_an_overlay_is_told_with_its_place_there(api: Path) -> None:
    actions = """\
- target: $.paths['/books'].get.parameters
  update:
    name: page
    in: query
    schema: {$ref: '#/components/schemas/Page'}"""
    (left_out,) = load_contract(api, [overlay(api.parent, actions)]).omitted_operations
    where = f"{api.parent / 'overlay.yaml'}:8:14 (#/actions/0/update/schema/$ref)"
    assert str(left_out.problem).startswith(f"{where}: #/components/schemas/Page points nowhere")


def test_what_is_behind_something_removed_keeps_its_place(api: Path) -> None:
    target = "$.paths['/books'].get.parameters[?@.name == 'secret']"
    document = load_as_written(api, [overlay(api.parent, f'- {{target: "{target}", remove: true}}')])
    here = ("paths", "/books", "get", "parameters", 1, "name")
    assert document.data["paths"]["/books"]["get"]["parameters"][1]["name"] == "offset"
    assert str(document.locate(here)) == f"{api}:11:12 (#/paths/~1books/get/parameters/2/name)"


BROKEN: dict[str, tuple[str, str]] = {
    "no target": ("- {update: {}}", ":4:3 (#/actions/0): an action must have a target"),
    "nothing to do": ("- {target: $.info}", ":4:3 (#/actions/0): an action must have update, remove or copy"),
    "no JSONPath": ("- {target: info, update: {}}", ":4:4 (#/actions/0/target): 'info' is not a JSONPath"),
    "a JSONPath of another dialect": ("- {target: '$.paths[(@.length-1)]', remove: true}", "(#/actions/0/target)"),
    "what cannot be merged": (
        "- {target: $.info, update: [1]}",
        "(#/actions/0): an array cannot be merged into an object",
    ),
    "what cannot be merged further down": (
        "- {target: $.info, update: {title: {a: 1}}}",
        "an object cannot be merged into a single value (at #/info/title)",
    ),
    "two things to copy": ("- {target: $.info, copy: '$.paths.*'}", "copy must select one value, and selects 3"),
    "everything removed": ("- {target: $, remove: true}", "the whole document cannot be removed"),
    "thirty doublings": (
        "\n".join(["- {target: $, update: {x-twice: [1]}}"] + 30 * ["- {target: $.x-twice, copy: $.x-twice}"]),
        "(#/actions/20): the overlay adds more than 1,000,000 values",
    ),
    "updates below each other": (
        "\n".join(
            ["- {target: $, update: {x: {}}}"]
            + [f"- {{target: '$.x{'.a' * 150 * n}', update: {'{a: ' * 150}{{}}{'}' * 150}}}" for n in range(2)]
        ),
        "(#/actions/2): the overlay nests values deeper than 200 levels",
    ),
    "descendants of descendants": (
        f"- {{target: $, update: {{x: {'[' * 150}{']' * 150}}}}}\n- {{target: '$..*..*..*..*', remove: true}}",
        "(#/actions/1/target): the JSONPaths of the overlay take more than 300,",
    ),
    "filters that go through the document for each value": (
        f"- {{target: $, update: {{x: [{'[0],' * 1500}]}}}}\n- {{target: '$..[?count($..*) == 3]', remove: true}}",
        "(#/actions/1/target): the JSONPaths of the overlay take more than 300,",
    ),
    "comparisons of great values": (
        f"- {{target: $, update: {{x: [{'[0],' * 1500}]}}}}\n- {{target: '$..[?$.x == $.x]', remove: true}}",
        "(#/actions/1/target): the JSONPaths of the overlay take more than 300,",
    ),
    "indices that come again and again": (
        f"- {{target: \"$['x-tags'][{','.join(['*'] * 80_000)}]\", update: x}}",
        "(#/actions/0/target): the JSONPaths of the overlay take more than 300,",
    ),
    "patterns without end": (
        "\n".join(f"- {{target: \"$.info[?search(@, 'a{{{n}}}')]\", remove: true}}" for n in range(1, 41)),
        "/target): the JSONPaths of the overlay take more than 300,",
    ),
    "thousands of actions on all values": (
        "\n".join(["- {target: '$..[?@..a || @..b || @..c]', remove: true}"] * 2000),
        "/target): the JSONPaths of the overlay take more than 300,",
    ),
    "remove that is no truth value": ("- {target: $.info, remove: please}", "remove must be a boolean"),
}


@pytest.mark.repetitive
@pytest.mark.parametrize(("actions", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_overlay_is_refused_with_its_place(api: Path, actions: str, words: str) -> None:
    path = overlay(api.parent, actions)
    with pytest.raises(DocumentError) as refused:
        load_as_written(api, [path])
    assert str(path) in str(refused.value)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "text", ["openapi: 3.1.0", "[]", "overlay: 2.0.0\nactions: [{target: $, update: {}}]", "overlay: 1.0.0"]
)
def test_a_document_that_is_not_an_overlay_is_refused(api: Path, text: str) -> None:
    (api.parent / "overlay.yaml").write_text(text)
    with pytest.raises(DocumentError, match=r"overlay\.yaml:1:1"):
        load_as_written(api, [api.parent / "overlay.yaml"])


def test_a_target_that_selects_nothing_is_a_problem_for_check_and_a_warning_of_the_mock(api: Path) -> None:
    path = overlay(api.parent, "- {target: $.nothing, update: {}}")
    place, what = f"{path}:4:4 (#/actions/0/target): ", f"$.nothing selects nothing in {api}"
    done = run_command("check", api, "--overlay", path)
    assert (done.returncode, done.stdout.splitlines()) == (1, [f"{place}warning: {what}", "1 problem"])
    with running_mock(str(api), "--overlay", str(path)) as mock:
        assert mock.request("GET", "/books")[0] == 200
        mock.stop()
        assert mock.errors().startswith(f"{place}{what}\n")


def test_an_overlay_tells_the_mock_what_somebody_elses_document_does_not(api: Path) -> None:
    example = json.dumps([{"title": "Emma"}])
    actions = f"""\
- target: $.paths['/books'].get.responses['200']
  update: {{content: {{application/json: {{example: {example}}}}}}}"""
    with running_mock(str(api), "--overlay", str(overlay(api.parent, actions))) as mock:
        assert json.loads(mock.request("GET", "/books")[2]) == [{"title": "Emma"}]


def test_a_sound_overlay_is_sound(api: Path) -> None:
    path = overlay(api.parent, "- {target: $.info, update: {title: New}}")
    assert check(api, [path]).problems == ()


def test_what_is_selected_twice_is_removed_once(api: Path) -> None:
    assert changed(api, "- {target: \"$['x-tags'][0,0,-4]\", remove: true}")["x-tags"] == ["b", "c", "d"]


def test_what_is_left_keeps_its_place_where_lists_in_lists_lose_items_at_once(api: Path) -> None:
    target = "$.paths['/books'].get.parameters[0, 1].schema.enum[1]"
    api.write_text(
        api.read_text().replace(
            "schema: {type: integer}}\n        - {name: s", "schema: {enum: [1, 2, 3]}}\n        - {name: s", 1
        )
    )
    document = load_as_written(api, [overlay(api.parent, f'- {{target: "{target}", remove: true}}')])
    here = ("paths", "/books", "get", "parameters", 0, "schema", "enum", 1)
    assert str(document.locate(here)).endswith("(#/paths/~1books/get/parameters/0/schema/enum/2)")


def test_a_list_may_be_removed_together_with_its_items(api: Path) -> None:
    actions = "- {target: \"$['x-nested']..*\", remove: true}"
    api.write_text(api.read_text() + "x-nested: [[a, [b]], {c: [d]}, e]\n")
    assert changed(api, actions)["x-nested"] == []


def test_an_overlay_changes_no_document_that_is_a_single_value(api: Path) -> None:
    api.write_text("5\n")
    with pytest.raises(DocumentError, match=r"#/actions/0/target\): .* is a single value"):
        changed(api, "- {target: $, update: 6}")


def test_descendants_are_found_as_deep_as_a_document_may_be(api: Path) -> None:
    api.write_text(api.read_text() + f"x-deep: {'{a: ' * 190}{{bottom: 1}}{'}' * 190}\n")
    assert "bottom: 2" in json.dumps(changed(api, "- {target: $..bottom, update: 2}")).replace('"', "")


@pytest.mark.parametrize("function", ["search", "match"])
def test_a_pattern_that_backtracks_without_end_ends(api: Path, function: str) -> None:
    api.write_text(api.read_text() + f"x-long: {{description: {'a' * 60}!}}\n")
    target = f"$..[?{function}(@.description, '^(a+)+$')]"
    document = load_as_written(api, [overlay(api.parent, f'- {{target: "{target}", remove: true}}')])
    assert document.data["x-long"]["description"] == "a" * 60 + "!"


@pytest.mark.parametrize(("function", "pattern"), [("search", "longer"), ("match", "a long(er|est) one")])
def test_a_filter_may_match_a_pattern(api: Path, function: str, pattern: str) -> None:
    api.write_text(api.read_text() + "x-a: {b: {description: a longer one}, c: {description: along ones}}\n")
    target = f"$['x-a'][?{function}(@.description, '{pattern}')]"
    document = load_as_written(api, [overlay(api.parent, f'- {{target: "{target}", remove: true}}')])
    assert list(document.data["x-a"]) == ["c"]
