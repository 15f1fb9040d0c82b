"""What is wrong with a document is told in one line with its place, and no broken document gets any further."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.assembly import bundled_document, token_tables
from lookalike.contract.contract import Contract
from lookalike.contract.lint import lint
from lookalike.errors import DocumentError
from lookalike.model.behaviour import Model
from lookalike.model.state import Put
from lookalike.openapi.document import Document, parse_document
from lookalike.openapi.load import normalized
from lookalike.openapi.recovery import recover
from lookalike.soundness import check
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract
from tests.support.in_process import update
from tests.support.running import run_command

TEXT = bundled_document().read_text(encoding="utf-8")
DATA = parse_document(TEXT, "openapi.yaml").data

# What is changed in the text of the bundled document, into what, and the lines that tell of it: the pointer, and
# words of what is wrong and what to do. Every line is expected, and no other.
BROKEN: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "another version": ("openapi: 3.1.0", "openapi: 4.0.0", [("/openapi", "supported are 2.0, 3.0, 3.1, 3.2")]),
    "a version that is a number": (
        "openapi: 3.1.0",
        "openapi: 3.1",
        [("/openapi", "openapi must be a string of three numbers like 3.1.0")],
    ),
    "a missing member": ("  title: Lead API\n", "", [("/info", "title is required")]),
    "a misspelt member": (
        "      summary: Update a",
        "      sumary: Update a",
        [("/paths/~1leads~1{contact-number}~1update/put", "did you mean summary?")],
    ),
    "a type that is none": (
        "type: integer\n            x-lookalike-also",
        "type: integr\n            x-lookalike-also",
        [("/paths/~1leads~1{contact-number}~1update/put/parameters/0/schema/type", '"integer"')],
    ),
    "a pattern that is none": (
        "items: {type: string, minLength: 1}",
        "items: {type: string, pattern: '('}",
        [("", "not a regular expression")],
    ),
    "a reference to nothing": (
        "schema: {$ref: '#/components/schemas/LeadUpdate'}",
        "schema: {$ref: '#/components/schemas/LeadUpdat'}",
        [("/schema/$ref", "Did you mean #/components/schemas/LeadUpdate?")],
    ),
    "a reference to itself": (
        "    TagList:\n      description: Ids of tags.\n",
        "    TagList:\n      $ref: '#/components/schemas/TagList'\n",
        [
            ("/components/schemas/LeadUpdate/properties/add_tags/$ref", "leads back to itself"),
            ("/components/schemas/LeadUpdate/properties/remove_tags/$ref", "leads back to itself"),
            ("/components/schemas/TagList/$ref", "leads back to itself"),
        ],
    ),
    "a reference out of the document": (
        "schema: {$ref: '#/components/schemas/LeadUpdate'}",
        "schema: {$ref: 'other.yaml#/LeadUpdate'}",
        [("/schema/$ref", "cannot read other.yaml")],
    ),
    "a reference to a thing of another kind": (
        "schema: {$ref: '#/components/schemas/Updated'}\n",
        "schema: {$ref: '#/info/title'}\n",
        [("", "title")],
    ),
    "a parameter that the path does not name": (
        "  /leads/{contact-number}/update:",
        "  /leads/{number}/update:",
        [("/paths/~1leads~1{number}~1update", "'number'. Did you mean contact-number?")],
    ),
    "a security scheme that is not there": (
        "  - bearerAuth: []",
        "  - bearer: []",
        [("/security/0/bearer", "bearerAuth")],
    ),
    "an unknown member of the extension": (
        "    accept: {reading: accept}",
        "    acept: {reading: accept}",
        [("/x-lookalike/decide", "did you mean accept?")],
    ),
    "a word that is not of the vocabulary": (
        "    accept: {reading: accept}",
        "    accept: strict",
        [("/x-lookalike/decide/accept", 'one of "406", "ignored"')],
    ),
    "a reading whose choices mean nothing here": (
        "    accept: {reading: accept}",
        "    accept: {reading: empty-data}",
        [("/accept/choices/present", '"406"'), ("/accept/choices/absent", '"406"')],
    ),
    "a reading that is not there": (
        "    accept: {reading: accept}",
        "    accept: {reading: acceptance}",
        [("/x-lookalike/decide/accept/reading", "Did you mean accept?")],
    ),
    "a choice without its value": (
        "choices: {accepted: kept, rejected: kept, truncated: truncated}",
        "choices: {accepted: kept, truncated: truncated}",
        [("/x-lookalike/decide/fraction/choices", "'rejected' of reading 'fraction' has no value")],
    ),
    "a value for a choice that is not there": (
        "choices: {accepted: kept, rejected: kept, truncated: truncated}",
        "choices: {accepted: kept, rejected: kept, truncated: truncated, lost: kept}",
        [("/x-lookalike/decide/fraction/choices/lost", "reading 'fraction' has no choice 'lost'")],
    ),
    "a default that is no choice": (
        "default: shallow",
        "default: shalow",
        [("/x-lookalike/readings/merge/default", "Did you mean shallow?")],
    ),
    "a clause that is not there": (
        "clauses: [DATA-1]",
        "clauses: [DATA-2]",
        [("/apply/2/clauses", "Did you mean DATA-1?")],
    ),
    "an action that is none": (
        "- union:",
        "- unite:",
        [("/apply/0", "unknown member"), ("/apply/0", "union, subtract, merge, set, create, replace, patch, append")],
    ),
    "an expression that is none": (
        "with: $request.body#/add_tags",
        "with: $request.boddy#/add_tags",
        [("/apply/0/union/with", "Write $request.path.NAME")],
    ),
    "an expression that points nowhere in the body": (
        "with: $request.body#/add_tags",
        "with: $request.body#/add_tag",
        [("/apply/0/union/with", "Did you mean add_tags?")],
    ),
    "an expression that points to a parameter that is not there": (
        "by: $request.path.contact-number",
        "by: $request.path.number",
        [("/x-lookalike/select/by", "there is no path parameter 'number'")],
    ),
    "a resource that is not there": (
        "select: {resource: lead,",
        "select: {resource: leads,",
        [("/select/resource", "Did you mean lead?")],
    ),
    "an answer that is not there": ("absent: '404'", "absent: '410'", [("/select/absent", "answer '410'")]),
    "a field that is not there": (
        "fields: {country_code: $request.body#/new_country_code}",
        "fields: {country: $request.body#/new_country_code}",
        [("/apply/4/set/fields/country", "Did you mean country_code?")],
    ),
    "a field of another type": (
        "              field: data\n",
        "              field: tags\n",
        [("/apply/2/merge/field", "merge needs a field of type object, and tags is of type array")],
    ),
    "a key that may be absent": (
        "      required: [contact_number, country_code]\n",
        "      required: [contact_number]\n",
        [("/x-lookalike/resources/lead/key", "Add country_code to required")] * 2,
    ),
    "a place in an answer that is none": (
        "status: $answer.status\n              message",
        "status: $answer.code\n              message",
        [("/responses/400/x-lookalike/body", "there is no place '$answer.code'")],
    ),
    "a rule that says nothing by itself": (
        "          if: {required: [new_contact_number]}",
        "          if: {required: [new_contact_number], x-lookalike-when: {merge: shallow}}",
        [("/allOf/0/if/x-lookalike-when", "Put x-lookalike-when beside if")],
    ),
    "a rule of another choice in place": (
        "x-lookalike-when: {requirement: enforced}",
        "x-lookalike-when: {requirement: any-field}",
        [("/components/schemas/LeadUpdate/allOf/1/x-lookalike-when", "Move it to x-lookalike-also")],
    ),
    "a rule of the default that other tools do not see": (
        "- x-lookalike-when: {unknown-field: rejected}",
        "- x-lookalike-when: {unknown-field: ignored}",
        [("/x-lookalike-also/5/x-lookalike-when", "Move it to allOf")],
    ),
    "an example that does not fit": (
        "value: {new_contact_number: 9988776655, new_country_code: 91}",
        "value: {new_contact_number: '9988776655', new_country_code: 91}",
        [
            ("/examples/number/value/new_contact_number", "must be a number, not a string"),
            ("/examples/number/value/new_contact_number", "must be an integer, not a string"),
        ],
    ),
    "an example of an answer that does not fit": (
        "value: {status: 404, message: Invalid contact number!, success: false}",
        "value: {status: 400, message: Invalid contact number!, success: false}",
        [("/responses/404/content/application~1json/examples/unknown-lead/value/status", "must be 404")],
    ),
    "a default that does not fit": (
        "          default: []\n",
        "          default: {}\n",
        [("/components/schemas/Lead/properties/tags/default", "must be an array")],
    ),
}


def broken(name: str) -> Document:
    before, after, _ = BROKEN[name]
    assert before in TEXT
    return parse_document(TEXT.replace(before, after, 1), "openapi.yaml")


@pytest.mark.parametrize("name", BROKEN)
def test_each_way_to_break_the_document_is_told_with_its_place_and_nothing_else_is(name: str) -> None:
    found = [str(problem) for problem in lint(broken(name)).problems]
    assert len(found) == len(BROKEN[name][2]), found
    for pointer, words in BROKEN[name][2]:
        assert any(f"{pointer}): " in line and words in line for line in found), found


def line_of(document: Document, problem: Any) -> str:
    """The text at the place that a problem names."""
    text: str = document.text.text.splitlines()[problem.location.line - 1]
    return text[problem.location.column - 1 :]


@pytest.mark.parametrize("name", [name for name, case in BROKEN.items() if case[1].strip()])
def test_the_place_of_a_problem_is_in_the_document_and_near_the_change(name: str) -> None:
    document = broken(name)
    for problem in lint(document).problems:
        assert problem.location is not None
        assert problem.location.file == "openapi.yaml"
        assert line_of(document, problem)


def test_the_bundled_document_is_sound() -> None:
    findings = check(None)
    assert (findings.problems, dict(findings.counts)) == ((), {"operation": 1, "clause": 21, "reading": 30})


def project(folder: Path, **replaced: str) -> Path:
    """A copy of the bundled document and its files, some of them replaced."""
    (folder / "fixtures").mkdir()
    for name in ("leads", "tokens"):
        text = (bundled_document().parent / "fixtures" / f"{name}.yaml").read_text(encoding="utf-8")
        (folder / "fixtures" / f"{name}.yaml").write_text(replaced.get(name, text), encoding="utf-8")
    (folder / "openapi.yaml").write_text(replaced.get("document", TEXT), encoding="utf-8")
    return folder / "openapi.yaml"


def test_a_sound_document_is_exit_code_0_and_says_what_it_holds(tmp_path: Path) -> None:
    done = run_command("check", project(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'openapi.yaml'} is sound: 1 operation, 21 clauses, 30 readings\n"


def test_a_problem_is_exit_code_1_and_one_line_with_file_line_column_pointer_and_remedy(tmp_path: Path) -> None:
    before, after, _ = BROKEN["a default that is no choice"]
    document = project(tmp_path, document=TEXT.replace(before, after, 1))
    line = TEXT[: TEXT.index(before)].count("\n") + 1
    done = run_command("check", "openapi.yaml", cwd=tmp_path)
    meant = "Did you mean shallow?"
    assert document.exists()
    assert (done.returncode, done.stderr) == (1, "")
    where = f"openapi.yaml:{line}:7 (#/x-lookalike/readings/merge/default)"
    assert done.stdout.splitlines() == [f"{where}: reading 'merge' has no choice 'shalow'. {meant}", "1 problem"]


def test_a_program_can_read_the_problems(tmp_path: Path) -> None:
    before, after, _ = BROKEN["a default that is no choice"]
    done = run_command("check", "--format", "json", project(tmp_path, document=TEXT.replace(before, after, 1)))
    told = json.loads(done.stdout)
    assert (done.returncode, told["sound"], len(told["problems"])) == (1, False, 1)
    assert told["problems"][0]["pointer"] == "/x-lookalike/readings/merge/default"
    assert told["problems"][0].keys() == {"what", "remedy", "severity", "file", "line", "column", "pointer"}


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "cannot read"), ("a: [", "not YAML"), ("a: 1\na: 2\n", "comes twice"), ("{" * 100_000, "deeper")],
    ids=["no file", "no YAML", "a key twice", "too deep"],
)
def test_what_cannot_be_read_is_exit_code_2_and_one_line(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "openapi.yaml").write_text(text)
    done = run_command("check", tmp_path / "openapi.yaml")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert words in done.stderr


def test_the_mock_refuses_a_broken_document_with_the_same_lines_and_exit_code_2(tmp_path: Path) -> None:
    before, after, _ = BROKEN["a resource that is not there"]
    document = project(tmp_path, document=TEXT.replace(before, after, 1))
    told = run_command("check", document).stdout.splitlines()[:-1]
    done = run_command("mock", document, "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lookalike: " + "\n".join(told) + "\n"


SEEDS = {
    "an item that does not fit": ("lead: [{contact_number: a, country_code: 1}]", "/lead/0", "must be an integer"),
    "two items that do not fit": ("lead: [{contact_number: 1}, {country_code: 1}]", "/lead/1", "is required"),
    "a resource that is not there": ("leads: []", "/leads", "this contract has: lead, tag"),
    "no list": ("lead: {}", "/lead", "expected a list"),
    "no object": ("[]", "", "expected an object"),
    "a key twice": (
        "lead: [{contact_number: 1, country_code: 1}, {contact_number: 1, country_code: 2}]",
        "/lead/1",
        "the key 1 is already that of #/lead/0",
    ),
    "a key twice under another reading only": (
        "lead: [{contact_number: 11, country_code: 1}, {contact_number: 1, country_code: 11}]",
        "/lead/1",
        "under the reading number-form=international",
    ),
}


@pytest.mark.parametrize("name", SEEDS)
def test_seeds_that_do_not_fit_are_told_with_their_place(tmp_path: Path, name: str) -> None:
    text, pointer, words = SEEDS[name]
    findings = check(project(tmp_path, leads=text))
    last = findings.problems[-1]
    assert last.location is not None
    assert (last.location.file, last.location.pointer) == (str(tmp_path / "fixtures" / "leads.yaml"), pointer)
    assert words in last.what


def test_a_seed_or_token_file_that_is_not_there_is_a_problem_where_it_is_named(tmp_path: Path) -> None:
    document = project(tmp_path)
    for file in ("leads", "tokens"):
        (tmp_path / "fixtures" / f"{file}.yaml").unlink()
    places = [problem.location.pointer for problem in check(document).problems if problem.location]
    assert places == ["/x-lookalike/tokens", "/x-lookalike/resources/tag/seed"]


def test_tokens_that_are_none_are_a_problem_where_their_file_is_named(tmp_path: Path) -> None:
    (problem,) = check(project(tmp_path, tokens="bearerAuth: [{tok: x}]")).problems
    assert "(#/bearerAuth/0): expected {token: TEXT}" in problem.what


def test_a_resource_whose_schema_says_nothing_has_no_fields_for_a_key() -> None:
    data = copy.deepcopy(DATA)
    data["components"]["schemas"]["Lead"] = True
    problems = lint(parse_document(json.dumps(data), "edited.json")).problems
    assert "there is no field of lead 'contact_number'" in problems[0].what


def nodes(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
    return [place for key, value in children for place in [(*here, key), *nodes(value, (*here, key))]]


PLACES = nodes(DATA)
INSTEAD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, -1.5, True, "", "x", "404", [], {}, [[]], {"x": {}}, {"reading": "merge"}, ["x"]]
)
REFERENCE = st.sampled_from(PLACES).map(
    lambda place: {"$ref": "#/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in place)}
)


LEAD = {"contact_number": 5, "country_code": 91, "tags": [1], "data": {}}
BODIES: list[Any] = [{"lead_data": {"a": 1}, "add_tags": [2]}, {"new_contact_number": 6, "new_country_code": 1}, [], {}]


def parent_of(data: Any, place: tuple[Any, ...]) -> Any:
    for key in place[:-1]:
        data = data[key]
    return data


def readable(document: Document) -> Contract | None:
    """The contract of a document that nothing had to be left out of."""
    try:
        sound, *flaws = recover(normalized(document))
        return None if any(flaws) else read_contract(sound)
    except DocumentError:
        return None


@pytest.mark.repetitive
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), st.none() | INSTEAD | REFERENCE | st.sampled_from(PLACES), st.booleans())
def test_a_document_with_any_node_removed_or_replaced_is_refused_with_places_or_served(
    place: tuple[Any, ...], instead: Any, remove: bool
) -> None:
    data = copy.deepcopy(DATA)
    parent = parent_of(data, place)
    if remove:
        del parent[place[-1]]
    else:
        parent[place[-1]] = instead
    document = parse_document(json.dumps(data), "edited.json")
    problems = lint(document).problems
    assert all(problem.location is not None for problem in problems)
    contract = readable(document)
    if contract is None:
        assert problems
        return
    choices = contract.choices({})
    model = Model(contract, token_tables({"bearerAuth": [{"token": "tok-valid"}]}, "tokens"))
    for body in BODIES:
        outcome = model.respond(MemoryStore([Put("lead", 5, dict(LEAD))]), update(5, body), choices.__getitem__)
        assert 200 <= outcome.response.status < 500
