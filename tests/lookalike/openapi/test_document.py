"""Documents: YAML as OpenAPI means it, and a place for everything that is wrong."""

import gc
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import DocumentError, UsageError
from lookalike.openapi.document import load_document, parse_document
from lookalike.openapi.yaml_text import MAX_DEPTH, MAX_DIGITS, load_yaml


def data(text: str) -> Any:
    return parse_document(text, "d.yaml").data


def problem(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "d.yaml")
    return str(caught.value)


# Plain scalars by the JSON schema of YAML 1.2.2 section 10.2; what it leaves over is text.
SCALARS: dict[str, Any] = {
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "": None,
    "nUll": "nUll",
    "true": True,
    "True": True,
    "FALSE": False,
    "tRue": "tRue",
    "NO": "NO",
    "no": "no",
    "yes": "yes",
    "Yes": "Yes",
    "on": "on",
    "off": "off",
    "y": "y",
    "n": "n",
    "0": 0,
    "-0": 0,
    "201": 201,
    "-7": -7,
    "+7": "+7",
    "010": "010",
    "-010": "-010",
    "0o17": "0o17",
    "0x1F": "0x1F",
    "0b1": "0b1",
    "1_000": "1_000",
    "1,000": "1,000",
    "12:30:00": "12:30:00",
    "12:30": "12:30",
    "190:20:30.15": "190:20:30.15",
    "2020-01-01": "2020-01-01",
    "2020-01-01T00:00:00Z": "2020-01-01T00:00:00Z",
    "2020-01-01 00:00:00": "2020-01-01 00:00:00",
    "1e3": 1000.0,
    "1E+3": 1000.0,
    "1e-3": 0.001,
    "-1.5e2": -150.0,
    "1.5": 1.5,
    "-0.0": -0.0,
    "5.": 5.0,
    ".5": ".5",
    "-.5": "-.5",
    "1e": "1e",
    "1.2.3": "1.2.3",
    "3.1.0": "3.1.0",
    ".inf": ".inf",
    "-.INF": "-.INF",
    ".nan": ".nan",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "=": "=",
    "<<": "<<",
    "٣": "٣",
    "1 2": "1 2",
    "9" * 40: int("9" * 40),
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items())
def test_a_plain_scalar_is_what_json_has_or_a_text(text: str, value: Any) -> None:
    found = data(f"a: {text}\nb:\n- {text}")
    assert (json.dumps(found["a"]), json.dumps(found["b"])) == (json.dumps(value), json.dumps([value]))


@pytest.mark.parametrize("text", [text for text in SCALARS if text])
def test_in_quotes_everything_is_a_text(text: str) -> None:
    assert data(f"a: '{text}'\nb: \"{text}\"\nc: |-\n  {text}") == {"a": text, "b": text, "c": text}


@pytest.mark.parametrize("key", ["201", "NO", "on", "true", "null", "1.5", "2020-01-01", "12:30:00", "010", "~"])
def test_keys_are_texts_as_written(key: str) -> None:
    assert data(f"{key}: 1\nx: {{{key}: 2}}") == {key: 1, "x": {key: 2}}


READ: dict[str, tuple[str, Any]] = {
    "an empty text": ("", None),
    "a comment only": ("# nothing\n", None),
    "JSON": ('{"a": [1, 2.5, "x", null, true]}', {"a": [1, 2.5, "x", None, True]}),
    "JSON with spaces before it": ('\n\n  {"a": 1}', {"a": 1}),
    "YAML that starts like JSON": ("{a: 1, b: [x]}", {"a": 1, "b": ["x"]}),
    "JSON with a comma too many, which is YAML": ('{"a": 1,}', {"a": 1}),
    "JSON with NaN, which is a text in YAML": ('{"a": NaN}', {"a": "NaN"}),
    "CRLF": ("a: 1\r\nb:\r\n  - 2\r\n", {"a": 1, "b": [2]}),
    "a folded text": ("a: >-\n  one\n  two\n", {"a": "one two"}),
    "an alias": ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
    "an alias of a scalar": ("a: &x 1\nb: *x", {"a": 1, "b": 1}),
    "a merge key": ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
    "a merge key with a list": ("a: {<<: [{b: 1}, {b: 2, c: 2}], d: 3}", {"a": {"b": 1, "c": 2, "d": 3}}),
    "a merge key in quotes": ("'<<': 1", {"<<": 1}),
    "tags of JSON's types": (
        "a: !!str 1\nb: !!int '1'\nc: !!float 1\nd: !!map {}",
        {"a": "1", "b": 1, "c": 1.0, "d": {}},
    ),
    "emoji": ("a: 🦉", {"a": "🦉"}),
    "a document start": ("---\na: 1\n", {"a": 1}),
    "a long list": ("[" + "1," * 5000 + "1]", [1] * 5001),
    "a text full of brackets": ("a: '" + "[" * 1000 + "'", {"a": "[" * 1000}),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_a_document_is_read_as_it_is_meant(text: str, value: Any) -> None:
    assert json.dumps(data(text)) == json.dumps(value)


REFUSED: dict[str, tuple[str, str]] = {
    "a key twice": (
        "a: 1\nb: 2\na: 3",
        "d.yaml:3:1: the key 'a' comes twice. Remove one of the two: the first is in line 1",
    ),
    "a key twice in JSON": ('{"a": 1,\n "a": 2}', "d.yaml:2:2: the key 'a' comes twice. Remove one of the two"),
    "a key twice, once in quotes": ("201: 1\n'201': 2", "d.yaml:2:1: the key '201' comes twice"),
    "an alias inside of itself": (
        "a: &x\n  b: *x",
        "d.yaml:1:4: this alias stands inside its own value. Write the value out",
    ),
    "an alias of nothing": ("a: *x", "d.yaml:1:4: not YAML: found undefined alias"),
    "a tag of Python": (
        "a: !!python/object/apply:os.system [id]",
        "d.yaml:1:4: the tag !!python/object/apply:os.system is",
    ),
    "a tag of one's own": ("a: !mine 1", "d.yaml:1:4: the tag !mine is not JSON. Remove the tag"),
    "a tag of a set": ("a: !!set {b}", "d.yaml:1:4: the tag !!set is not JSON"),
    "a tag of a time": ("a: !!timestamp 2020-01-01", "d.yaml:1:4: the tag !!timestamp is not JSON"),
    "a tag of bytes": ("a: !!binary aGk=", "d.yaml:1:4: the tag !!binary is not JSON"),
    "a tag that does not fit": ("a: !!int x", "d.yaml:1:4: "),
    "a tag of a number that JSON has not": ("a: !!float nan", "d.yaml:1:4: 'nan' is not a !!float. Remove"),
    "a tag of an octal number": ("a: !!int 010", "d.yaml:1:4: '010' is not a !!int"),
    "a tag of a truth of YAML 1.1": ("a: !!bool yes", "d.yaml:1:4: 'yes' is not a !!bool"),
    "a tag of null on a text": ("a: !!null x", "d.yaml:1:4: 'x' is not a !!null"),
    "a key twice after a pair of surrogates": (
        '{"owl": "\\ud83e\\udd89",\n"a": 1, "a": 2}',
        "d.yaml:2:9: the key 'a' comes twice. Remove one of the two: the first is in line 2",
    ),
    "a comma too few after a pair of surrogates": (
        '{"owl": "\\ud83e\\udd89",\n"a": 1 "b": 2}',
        "d.yaml:2:8: not JSON: expecting ',' delimiter",
    ),
    "a bracket too few in JSON": ('{"a": [1, 2}', "d.yaml:1:12: not JSON: expecting ',' delimiter"),
    "a brace too few in JSON": ('{"a": {"b": 1}', "d.yaml:1:15: not JSON: expecting ',' delimiter"),
    "text behind JSON": ('{"a": 1} x', "d.yaml:1:10: not JSON: extra data"),
    "a comma too few in an object of YAML": ("{a: [1}", "d.yaml:1:7: not YAML: "),
    "a key that is a list": ("? [a]\n: 1", "d.yaml:1:3: this key is not a string. Put it in quotes"),
    "a merge of a text": ("a: {<<: x}", "d.yaml:1:9: << takes an object"),
    "a tab": ("a:\n\tb: 1", "d.yaml:2:1: not YAML: a tab indents this line. Indent it by spaces"),
    "an open list": ("a: [1, 2\nb: 3", "d.yaml:2:2: not YAML: while parsing a flow sequence"),
    "an open text": ('a: "x\n', "not YAML: "),
    "a colon too many": ("a: b: c", "d.yaml:1:5: not YAML: mapping values are not allowed"),
    "two documents": ("a: 1\n---\nb: 2", "d.yaml:2:1: not YAML: expected a single document"),
    "a float beyond the range": ("a: 1e400", "d.yaml:1:4: 1e400 is beyond what a double holds"),
    "an integer that is too long": (
        "a: " + "9" * (MAX_DIGITS + 1),
        "d.yaml:1:4: an integer has more than 4,300 digits",
    ),
    "control characters": ("a: \x01", "not YAML"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_text_that_is_not_json_is_refused_in_one_line_with_its_place(text: str, message: str) -> None:
    said = problem(text)
    assert message in said
    assert "\n" not in said
    assert len(said) < 300


def test_json_that_is_broken_is_not_called_yaml() -> None:
    with pytest.raises(DocumentError, match=r"^d\.json:1:5: not JSON"):
        parse_document('{"a"}]', "d.json")


BOMBS: dict[str, str] = {
    "open lists": "[" * 100_000,
    "lists": "[" * 100_000 + "]" * 100_000,
    "open objects": "{a: " * 100_000,
    "JSON objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "JSON objects one level too deep": '{"a":' * (MAX_DEPTH + 2) + "1" + "}" * (MAX_DEPTH + 2),
    "lists one level too deep": "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
    "compact lists": "- " * 100_000,
    "compact keys": "? " * 100_000,
    "compact values": ": " * 100_000,
    "compact lists with two spaces": "-  " * 100_000,
    "indented lists": "\n".join(" " * level + "-" for level in range(3000)),
    "indented objects": "\n".join(" " * level + "a:" for level in range(3000)),
    "lists behind a key": "a: " + "[" * 100_000,
    "lists behind a text with brackets": "a: ']]]]'\nb: " + "[" * 100_000,
    "lists behind closed brackets in a comment": "# " + "]" * 100_000 + "\n" + "[" * 100_000,
    "anchors": "&a [" * 100_000,
    "tags": "!!seq [" * 50_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_document_of_great_depth_is_refused_and_the_process_lives(tmp_path: Path, text: str) -> None:
    """In a process of its own, since a crash of the C library would end this one."""
    (tmp_path / "d.yaml").write_text(text)
    code = (
        "import sys; from pathlib import Path; from lookalike.openapi.document import load_document\n"
        "from lookalike.errors import DocumentError\n"
        "try: load_document(Path(sys.argv[1]))\n"
        "except DocumentError as error: print('refused', len(str(error)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "d.yaml")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("refused ")


def tower(floors: int) -> str:
    return "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, floors))])


def test_a_tower_of_aliases_shares_its_values() -> None:
    found = data(tower(12))
    assert found["a11"][0] is found["a11"][1]


def test_a_tower_of_aliases_that_others_could_not_copy_is_refused_with_its_place() -> None:
    with pytest.raises(DocumentError, match=r"d.yaml:15:6: aliases of this value make more than 200,000 values"):
        parse_document(tower(60), "d.yaml")


def test_a_long_document_is_read_without_a_collection_of_garbage() -> None:
    """Counted, not timed: each collection would walk nodes that all stay."""
    text, phases = "- {a: [1, 2]}\n" * 5000, list[str]()

    def count(phase: str, info: dict[str, int]) -> None:
        phases.append(phase)

    gc.collect()
    gc.callbacks.append(count)
    try:
        parse_document(text, "d.yaml")
        assert len(phases) <= 4
    finally:
        gc.callbacks.remove(count)


@pytest.mark.parametrize("text", ["a: 1", "a: [", "a: 1\na: 2"])
@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(text: str, enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with suppress(DocumentError):
            parse_document(text, "d.yaml").locate(("a",))
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


PLACES: list[tuple[tuple[str | int, ...], int, int]] = [
    ((), 1, 1),
    (("a",), 1, 1),
    (("a", "b"), 2, 3),
    (("a", "b", 0), 3, 7),
    (("a", "b", "1"), 4, 7),
    (("a", "b", 1, "c/d"), 4, 7),
    (("a", "b", 1, "c/d", "nowhere"), 4, 7),
    (("a", "b", 7), 2, 3),
    (("a", "x"), 1, 1),
    (("201",), 6, 1),
    (("201", "k"), 6, 10),
    (("alias", "k"), 6, 10),
]


@pytest.mark.parametrize(("pointer", "line", "column"), PLACES)
def test_a_pointer_leads_to_its_place_or_to_the_nearest_around_it(
    pointer: tuple[str | int, ...], line: int, column: int
) -> None:
    document = parse_document("a:\n  b:\n    - 1\n    - c/d: {e: 1}\n# comment\n201: &x {k: 1}\nalias: *x\n", "d.yaml")
    location = document.locate(pointer)
    assert (location.line, location.column) == (line, column)


def test_a_location_is_written_as_file_line_column_and_pointer() -> None:
    location = parse_document('{"a/b": {"c~d": 1}}', "d.json").locate(("a/b", "c~d"))
    assert str(location) == "d.json:1:10 (#/a~1b/c~0d)"


LOOKUPS: list[tuple[str, Any]] = [
    ("#", {"a": {"b/c": [1, {"d": 2}], "e f": 3, "é": 4, "201": 5}}),
    ("#/a/b~1c/1/d", 2),
    ("#/a/e%20f", 3),
    ("#/a/%C3%A9", 4),
    ("#/a/201", 5),
]


@pytest.mark.parametrize(("ref", "value"), LOOKUPS)
def test_a_reference_leads_to_a_value(ref: str, value: Any) -> None:
    assert parse_document("a: {b/c: [1, {d: 2}], e f: 3, é: 4, 201: 5}", "d.yaml").lookup(ref) == value


NOWHERE: list[tuple[str, str]] = [
    ("#/components/schemas/Laed", "Did you mean #/components/schemas/Lead?"),
    ("#/component/schemas/Lead", "Did you mean #/components?"),
    ("#/components/schemas/zzz", "there is no 'zzz' in #/components/schemas"),
    ("#/components/schemas/Lead/5/x", "there is no '5'"),
    ("#/list/2", "there is no '2' in #/list"),
    ("#/list/x", "there is no 'x' in #/list"),
    ("other.yaml#/a", "leads out of d.yaml"),
    ("https://example.com/a", "leads out of d.yaml"),
]


@pytest.mark.parametrize(("ref", "said"), NOWHERE)
def test_a_reference_that_leads_nowhere_is_told_with_what_was_meant(ref: str, said: str) -> None:
    document = parse_document("components:\n  schemas:\n    Lead: {type: object}\nlist: [1, 2]\n", "d.yaml")
    with pytest.raises(DocumentError) as caught:
        document.lookup(ref)
    assert said in str(caught.value)


@pytest.mark.parametrize("ref", ["#a", "#/list/-1", "#/list/01", "#/list/1_0", "#/list/٣", "#/list/ 1"])
def test_a_reference_that_is_no_pointer_leads_nowhere(ref: str) -> None:
    with pytest.raises(DocumentError):
        parse_document("list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "d.yaml").lookup(ref)


def test_files_may_start_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load_document(tmp_path / "d.yaml").data == load_yaml(tmp_path / "d.yaml") == {"a": 1}


def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9")
    (tmp_path / "utf16.yaml").write_bytes("a: 1".encode("utf-16"))
    for name, said in {
        "absent.yaml": "cannot read .*absent.yaml: No such file or directory",
        ".": "cannot read .*: Is a directory",
        "latin.yaml": r"latin.yaml is not UTF-8 \(byte 3\); save it as UTF-8",
        "utf16.yaml": r"utf16.yaml is not UTF-8 \(byte 0\)",
    }.items():
        with pytest.raises(UsageError, match=said):
            load_document(tmp_path / name)


def test_a_data_file_with_an_error_is_a_wrong_setting_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text("a: 1\na: 2\n")
    with pytest.raises(UsageError, match=r"d.yaml:2:1: the key 'a' comes twice"):
        load_yaml(tmp_path / "d.yaml")


def values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )


json_values = values(st.text())
printable_values = values(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("éß道🦉"))
)


@settings(max_examples=300, deadline=None)
@given(value=json_values, indent=st.sampled_from([None, 2]))
def test_every_json_text_means_the_same_as_a_document(value: Any, indent: int | None) -> None:
    assert json.dumps(data(json.dumps({"a": value}, indent=indent))) == json.dumps({"a": value})


@settings(max_examples=200, deadline=None)
@given(value=printable_values)
def test_json_inside_yaml_means_the_same(value: Any) -> None:
    assert json.dumps(data("# comment\na: " + json.dumps(value, ensure_ascii=False))) == json.dumps({"a": value})


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="ab:- \n'\"[]{},#&*!|>?%@`01.\t<~", max_size=40))
def test_no_text_raises_anything_but_a_document_error(text: str) -> None:
    with suppress(DocumentError):
        document = parse_document(text, "d.yaml")
        assert json.dumps(document.data)
        assert document.locate(("a", 0)).line >= 1


@pytest.mark.parametrize("space", [" ", "\t", "\n\t"])
def test_json_that_yaml_does_not_read_has_places_too(space: str) -> None:
    text = '{_"owl": "\\ud83e\\udd89",_"n": 1,_"a": [1, {"b": 2}]}'.replace("_", space)
    document = parse_document(text, "d.json")
    assert document.data["owl"] == "🦉"
    assert document.locate(("a", 1, "b")).line == 1 + 3 * space.count("\n")
    with pytest.raises(DocumentError, match=r"Did you mean #/owl"):
        document.lookup("#/owk")


def test_a_problem_without_a_place_in_the_text_is_shown_at_the_start_of_the_document() -> None:
    for text in ("", '{"a": "\x7f"}'):
        assert str(parse_document(text, "d.json").locate(("a",))) == "d.json:1:1 (#/a)"


def test_a_value_may_have_many_aliases() -> None:
    text = "a: &a {b: [1, 2, 3]}\nc:\n" + "- *a\n" * 100_000
    assert len(parse_document(text, "d.yaml").data["c"]) == 100_000
