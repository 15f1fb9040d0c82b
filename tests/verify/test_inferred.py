"""Judging servers of documents that state no clauses: by what is created, read, listed, changed and deleted."""

import json
import subprocess
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lookalike.contract.reader import load_contract
from lookalike.http import Response
from lookalike.verify.defaults import LAYERS
from lookalike.verify.execution.options import Options
from lookalike.verify.results import ClauseStatus, Report
from lookalike.verify.roles import does_something
from lookalike.verify.run import Run
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Credentials, Target, load_target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of, environment_of_mock, mocked, prefixed
from tests.support.answering import answering
from tests.support.form_shop.shop import app_of as form_app
from tests.support.naive_pets import Pets
from tests.support.paths import FIXTURES, ROOT
from tests.support.pet_shop.naive import app_of as naive_app
from tests.support.pet_shop.shop import KEY, OLD, Conventions, Shop, app_of, serving
from tests.support.running import run_command, running_mock
from tests.support.small import document, model

DOCUMENT = ROOT / "tests" / "support" / "pet_shop" / "openapi.yaml"
FORMS = ROOT / "tests" / "support" / "form_shop" / "openapi.yaml"
SHOP = load_contract(DOCUMENT)
QUICK = Options(examples=12)
TARGET = Target({"key": Credentials(KEY)}, {})

DEFECTS = {
    "delete does not delete": "deletePet.absent-after-delete",
    "what is created is not kept": "createPet.readable-after-create",
    "a member is lost": "createPet.readable-after-create",
    "names are put in lower case": "patchPet.changed-after-change",  # when they are created, but not when changed
    "the list misses the latest": "createPet.listed-after-create",
    "the list is never refreshed": "createPet.listed-after-create",
    "visits are not listed": "addVisit.listed-after-create",
    "a replacement is lost": "updatePet.changed-after-change",
    "a change is lost": "patchPet.changed-after-change",
    "a change forgets the rest": "patchPet.rest-kept-after-change",
    "an unknown pet is a 200": "getPet.unknown-is-404",
    "an invalid body is a 500": "createPet.refused-when-invalid",
    "an invalid body is taken": "createPet.refused-when-invalid",
    "an answer breaks its schema": "getPet.answers-as-documented",
    "an undocumented status": "createPet.answers-as-documented",
    "credentials are not checked": "getPet.refused-without-credentials",
}
NUMBERS = count(1000, 7)
MANNERS = {
    "uuids": Conventions(),
    "numbers as text, 200 after deletion": Conventions(lambda: str(next(NUMBERS)), 200, 200, 422),
    "more members than documented": Conventions(extra={"links": {"self": "/"}}, newest_first=True),
}


def judged(url: str, asked: Options | None = None, target: Target = TARGET, contract: Any = SHOP) -> Report:
    environment = environment_of(contract, Client(prefixed(url, contract), ConnectionSettings(), Budget()), target, 1)
    return Run(environment, asked or Options(), lambda text: None).report()


def shop_with(pets: int) -> Shop:
    kept = {
        f"{OLD}-{number}": {"name": "Old", "kind": "dog", "made": "", "id": f"{OLD}-{number}"} for number in range(pets)
    }
    return Shop(pets=kept)


def statuses(report: Report) -> dict[str, str]:
    return {clause.id: f"{clause.status}: {clause.reason}" for clause in report.clauses}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_named_by_its_clause(defect: str) -> None:
    with serving(app_of(shop_with(1), Conventions(), defect)) as url:
        report = judged(url, Options(("clauses",)))
    found = {clause: failure for failure in report.failures for clause in (failure.clause, *failure.also)}
    assert report.exit_code == 1
    assert DEFECTS[defect] in found
    assert found[DEFECTS[defect]].reproduced == found[DEFECTS[defect]].attempts


@pytest.mark.parametrize("name", MANNERS)
@pytest.mark.parametrize(("pets", "layers"), [(0, ("clauses",)), (75, LAYERS)])
def test_a_server_that_keeps_the_document_in_its_own_way_is_not_accused(
    name: str, pets: int, layers: tuple[str, ...]
) -> None:
    with serving(app_of(shop_with(pets), MANNERS[name])) as url:
        report = judged(url, Options(layers, examples=QUICK.examples))
    assert [(one.clause, one.expected, one.got) for one in report.failures] == []
    assert report.exit_code == 0, report.problem
    lacking = {id: told for id, told in statuses(report).items() if not told.startswith(ClauseStatus.HELD)}
    unknown = (
        "not-exercised: the document does not say what it does; it is sent only to a server that the target file "
        "calls disposable: true"
    )
    rules = ("answers-as-documented", "is-implemented", "refused-without-credentials")
    assert lacking == {f"groomPet.{rule}": unknown for rule in rules}


def test_a_read_that_lags_behind_is_waited_for_as_long_as_the_target_file_says_and_no_longer() -> None:
    with serving(app_of(shop_with(1), Conventions(lag=0.15))) as url:
        patient = judged(url, Options(examples=6), replace(TARGET, settle=1.0))
    with serving(app_of(shop_with(1), Conventions(lag=1.0))) as url:
        hasty = judged(url, Options(("clauses",)), replace(TARGET, settle=0.05))
    assert [(one.clause, one.expected, one.got) for one in patient.failures] == []
    lacking = {id for id, told in statuses(patient).items() if not told.startswith(ClauseStatus.HELD)}
    assert lacking == {
        "groomPet.answers-as-documented",
        "groomPet.is-implemented",
        "groomPet.refused-without-credentials",
    }
    assert "createPet.readable-after-create" in {one.clause for one in hasty.failures}


SEEN_LATER = {
    "delete does not delete",
    "what is created is not kept",
    "the list misses the latest",
    "a change is lost",
    "a change forgets the rest",
}


@pytest.mark.parametrize("defect", sorted(SEEN_LATER))
def test_a_defect_of_a_server_whose_reads_lag_behind_is_found_too_and_told_without_what_came_too_early(
    defect: str,
) -> None:
    target = replace(TARGET, settle=0.5)
    with serving(app_of(shop_with(1), Conventions(lag=0.1), defect)) as url:
        report = judged(url, Options(("clauses",), clauses=(DEFECTS[defect],)), target)
    failure = next(one for one in report.failures if one.clause == DEFECTS[defect])
    assert failure.reproduced == failure.attempts
    assert len(failure.story) < 8


@pytest.mark.parametrize("layer", LAYERS)
def test_only_what_was_created_is_changed_and_nothing_is_left_behind(layer: str) -> None:
    shop = shop_with(3)
    before = {id: dict(pet) for id, pet in shop.pets.items()}
    with serving(app_of(shop, Conventions())) as url:
        report = judged(url, Options((layer,), examples=QUICK.examples))
    assert shop.pets == before
    assert not shop.visits
    assert not {id for id in shop.touched if id in before}
    assert shop.groomed == 0
    assert report.left_behind == ()


def test_a_server_that_loses_deletions_is_said_to_keep_what_was_made() -> None:
    with serving(app_of(Shop(), Conventions(), "delete does not delete")) as url:
        report = judged(url, Options(("clauses",), clauses=("createPet.readable-after-create",)))
    assert report.exit_code == 0


def test_without_credentials_in_the_target_nothing_is_judged_and_the_reason_is_told() -> None:
    with serving(app_of(Shop(), Conventions())) as url:
        report = judged(url, Options(("clauses",)), Target({}, {}))
    assert (report.exit_code, report.failures) == (3, ())
    assert "the target file gives no credentials for key" in statuses(report)["getPet.answers-as-documented"]


def test_a_wrong_base_path_is_told_as_such_and_accuses_nobody() -> None:
    with serving(app_of(Shop(), Conventions())) as url:
        report = judged(f"{url}/v9", Options(("clauses",)))
    assert (report.exit_code, report.failures) == (3, ())
    assert "the URL, the base path or the credentials are probably wrong" in report.problem
    assert {one.status for one in report.clauses} == {ClauseStatus.NOT_EXERCISED}


def test_a_url_without_the_base_path_of_the_document_is_told_what_it_lacks() -> None:
    contract = load_contract(FIXTURES / "contracts" / "pets" / "openapi.yaml")
    with answering(lambda request: Response(404, (("Content-Type", "text/html"),), b"<p>no")) as url:
        environment = environment_of(contract, Client(url, ConnectionSettings(), Budget()), Target({}, {}), 1)
        report = Run(environment, Options(), lambda text: None).report()
    assert report.problem.endswith("; the document has its paths below /api")
    assert report.exit_code == 3
    assert all(one.status is ClauseStatus.NOT_EXERCISED for one in report.clauses)
    assert report.requests < 200


def test_a_wrong_key_is_told_as_such_and_accuses_nobody() -> None:
    with serving(app_of(Shop(), Conventions())) as url:
        report = judged(url, Options(("clauses",)), Target({"key": Credentials("wrong")}, {}))
    assert (report.exit_code, report.failures) == (3, ())


def test_credentials_appear_in_no_report() -> None:
    with serving(app_of(Shop(), Conventions(), "delete does not delete")) as url:
        report = judged(url, Options(("clauses",)))
    assert report.failures
    assert KEY not in repr(report)


def test_sequences_alone_find_what_a_change_loses_and_shrink_it() -> None:
    with serving(app_of(shop_with(1), Conventions(), "a replacement is lost")) as url:
        report = judged(url, Options(("sequences",), examples=120))
    failure = next(one for one in report.failures if one.clause == "updatePet.changed-after-change")
    assert [exchange.request.partition("/")[0].strip() for exchange in failure.story] == ["POST", "PUT", "GET"]


def test_sequences_alone_find_what_is_there_after_its_deletion() -> None:
    with serving(app_of(shop_with(1), Conventions(), "delete does not delete")) as url:
        report = judged(url, Options(("sequences",)))
    assert "deletePet.absent-after-delete" in {one.clause for one in report.failures}


def test_generated_inputs_find_what_no_plain_request_shows() -> None:
    with serving(app_of(shop_with(1), Conventions(), "a far offset is a 500")) as url:
        plain, generated = judged(url, Options(("clauses",))), judged(url, Options(("generated",)))
    assert plain.exit_code == 0
    assert "listPets.answers-as-documented" in {one.clause for one in generated.failures}


TARGET_FILE = f"credentials: {{key: {{valid: {KEY}}}}}\n"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    (cwd / "target.yaml").write_text(TARGET_FILE)
    return run_command(*arguments, "--target", "target.yaml", cwd=cwd)


def test_what_a_cut_off_run_made_is_deleted_by_its_journal(tmp_path: Path) -> None:
    shop = shop_with(1)
    with serving(app_of(shop, Conventions())) as url:
        asked = ("--only", "clauses", "--clause", "deletePet.absent-after-delete")
        done = run("verify", url, str(DOCUMENT), *asked, cwd=tmp_path)
        journal = tmp_path / "lookalike-journal.jsonl"
        lines = [line for line in journal.read_text().splitlines() if "DELETE" not in line]
        journal.write_text("\n".join(lines))
        made = [json.loads(line)["made"] for line in lines if "made" in line]
        shop.pets[made[0].rpartition("/")[2]] = {"id": "left"}
        restored = run("restore", "lookalike-journal.jsonl", url, str(DOCUMENT), cwd=tmp_path)
    assert (done.returncode, restored.returncode) == (0, 0), done.stderr + restored.stderr
    assert restored.stdout == "".join(f"{path} is gone\n" for path in reversed(made))
    assert list(shop.pets) == [f"{OLD}-0"]
    assert KEY not in journal.read_text() + done.stdout


def test_a_plan_names_every_clause_and_sends_nothing(tmp_path: Path) -> None:
    done = run("verify", "https://shop.example.com", str(DOCUMENT), "--plan", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "createPet.listed-after-create: " in done.stdout


def test_another_host_is_judged_only_where_that_is_allowed(tmp_path: Path) -> None:
    done = run("verify", "https://shop.example.com", str(DOCUMENT), cwd=tmp_path)
    assert done.returncode == 2
    assert "allowed_hosts: [shop.example.com]" in done.stderr


def test_an_unknown_clause_is_a_wrong_usage_that_lists_those_that_follow_from_the_document(tmp_path: Path) -> None:
    done = run("verify", "http://127.0.0.1:1", str(DOCUMENT), "--clause", "createPet.nothing", cwd=tmp_path)
    assert done.returncode == 2
    assert "createPet.readable-after-create" in done.stderr


def test_how_long_a_read_may_lag_comes_from_the_target_file(tmp_path: Path) -> None:
    (tmp_path / "target.yaml").write_text("credentials: {}\nsettle: 500ms\n")
    assert load_target(tmp_path / "target.yaml", SHOP).settle == 0.5


def test_values_that_no_operation_creates_come_from_the_target_file(tmp_path: Path) -> None:
    (tmp_path / "target.yaml").write_text("credentials: {}\nparameters: {organisation: acme}\n")
    assert load_target(tmp_path / "target.yaml", SHOP).parameters == {"organisation": "acme"}


def test_a_mock_of_the_shop_keeps_all_that_its_document_says() -> None:
    with running_mock(str(DOCUMENT)) as mock:
        client = Client(mock.url, ConnectionSettings(), Budget())
        environment = environment_of_mock(SHOP, client, mocked(client, None), 1)
        report = Run(environment, QUICK, lambda text: None).report()
    assert report.failures == ()
    assert {clause.status for clause in report.clauses} == {ClauseStatus.HELD}


def test_a_server_of_a_part_of_a_document_is_accused_of_nothing_but_the_operations_that_are_not_there() -> None:
    pets = load_contract(FIXTURES / "contracts" / "pets" / "openapi.yaml")
    naive = Pets([{"id": 7, "name": "Minka", "kind": "cat", "created_at": "2026-01-01T00:00:00Z"}])
    with serving(naive_app(naive)) as url:
        report = judged(url, QUICK, Target({}, {}), pets)
    held = {clause.id for clause in report.clauses if clause.status is ClauseStatus.HELD}
    missing = {"getSettings.is-implemented", "addVisit.is-implemented"}  # /users/{username} may have no new users
    assert {one.clause for one in report.failures} == missing
    assert {
        "createPet.listed-after-create",
        "changePet.rest-kept-after-change",
        "deletePet.absent-after-delete",
    } <= held
    assert "getSettings.answers-as-documented" not in held
    assert list(naive.pets) == [7]


def test_basic_credentials_are_sent_encoded_and_shown_to_nobody() -> None:
    basic = load_contract(DOCUMENT, [DOCUMENT.with_name("basic.overlay.yaml")])
    client = Client("http://127.0.0.1:1", ConnectionSettings(), Budget())
    environment = environment_of(basic, client, Target({"key": Credentials("asha:open-sesame")}, {}), 1)
    request = environment.writer.request(next(one for one in basic.operations if one.id == "listPets"), {})
    assert request.headers["authorization"] == "Basic YXNoYTpvcGVuLXNlc2FtZQ=="
    assert "YXNoYTpvcGVuLXNlc2FtZQ" not in client.curl(request)
    shown = client.curl(request).partition("Basic ")[2].rstrip('"')
    told = subprocess.run(
        ["bash", "-c", f"printf %s {shown}"], env={"TOKEN": "asha:open-sesame"}, capture_output=True, check=True
    )
    assert told.stdout == b"YXNoYTpvcGVuLXNlc2FtZQ=="


def test_operations_that_share_a_path_are_each_asked_for(tmp_path: Path) -> None:
    def answering(name: str, *parameters: Any) -> Any:
        schema = {"type": "object", "required": [name], "properties": {name: {"const": 1}}}
        content = {"application/json": {"schema": schema}}
        return {"parameters": [*parameters], "responses": {"200": {"description": "", "content": content}}}

    def target(name: str) -> Any:
        return {"name": "X-Target", "in": "header", "required": True, "schema": {"type": "string", "enum": [name]}}

    paths = {
        "/x": {"get": answering("plain")},
        "/x?draft=true": {"get": answering("draft", {"name": "q", "in": "query", "schema": {"type": "string"}})},
        "/#one": {"post": answering("one", target("one"))},
        "/#two": {"post": answering("two", target("two"))},
    }
    document = tmp_path / "api.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}))
    with running_mock(str(document)) as mock:
        client = Client(mock.url, ConnectionSettings(), Budget())
        environment = environment_of_mock(load_contract(document), client, mocked(client, None), 1)
        report = Run(environment, QUICK, lambda text: None).report()
    assert report.failures == ()
    held = [clause.id for clause in report.clauses if clause.status is ClauseStatus.HELD]
    assert [id.partition(".")[0] for id in held if id.endswith("answers-as-documented")] == [
        "GET /x",
        "GET /x?draft=true",
        "POST /#one",
        "POST /#two",
    ]


def test_an_input_that_names_another_operation_of_its_path_is_judged_by_that(tmp_path: Path) -> None:
    def answering(status: str, name: str, *parameters: Any) -> Any:
        schema = {"type": "object", "required": [name], "properties": {name: {"const": 1}}}
        answer = {"description": "", "content": {"application/json": {"schema": schema}}}
        return {"get": {"operationId": name, "parameters": [*parameters], "responses": {status: answer}}}

    draft = {"name": "draft", "in": "query", "schema": {"type": "boolean"}}
    paths = {"/x": answering("200", "plain", draft), "/x?draft=true": answering("202", "draft")}
    document = tmp_path / "api.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}))
    with running_mock(str(document)) as mock:
        client = Client(mock.url, ConnectionSettings(), Budget())
        environment = environment_of_mock(load_contract(document), client, mocked(client, None), 1)
        report = Run(environment, Options(("generated",)), lambda text: None).report()
    assert report.failures == ()
    assert set(environment.statuses) >= {200, 202}


FORM_DEFECTS = {
    "": set[str](),
    "lists are lost": {"createCustomer.readable-after-create"},
    "the rest is lost": {"updateCustomer.rest-kept-after-change"},
    "a name is not required": {"createCustomer.refused-when-invalid"},
    "no number is checked": {"createCustomer.refused-when-invalid", "updateCustomer.refused-when-invalid"},
}


@pytest.mark.parametrize("defect", FORM_DEFECTS)
def test_a_server_that_takes_forms_is_judged_by_forms(defect: str) -> None:
    with serving(form_app(defect)) as url:
        report = judged(url, QUICK, Target({}, {}), load_contract(FORMS))
    assert {failure.clause for failure in report.failures} == FORM_DEFECTS[defect]
    if not defect:
        assert {clause.status for clause in report.clauses} == {ClauseStatus.HELD}


def test_a_mock_of_a_document_with_forms_is_judged_by_forms() -> None:
    with running_mock(str(FORMS)) as mock:
        contract = load_contract(FORMS)
        known = mocked(Client(mock.url, ConnectionSettings(), Budget()), None)
        client = Client(prefixed(mock.url, contract), ConnectionSettings(), Budget())
        report = Run(environment_of_mock(contract, client, known, 1), QUICK, lambda text: None)
        assert {clause.status for clause in report.report().clauses} == {ClauseStatus.HELD}


class TestReplay:
    """Stories about clauses that follow from a document, run again from a report."""

    @staticmethod
    def report(defect: str, cwd: Path, *asked: str) -> dict[str, Any]:
        with serving(app_of(shop_with(1), Conventions(), defect)) as url:
            run("verify", url, str(DOCUMENT), *asked, "--report", "json=r.json", cwd=cwd)
        found: dict[str, Any] = json.loads((cwd / "r.json").read_text())
        assert found["failures"]
        return found

    @staticmethod
    def replayed(defect: str, cwd: Path, *asked: str) -> subprocess.CompletedProcess[str]:
        with serving(app_of(shop_with(1), Conventions(), defect)) as url:
            return run("replay", "r.json", url, str(DOCUMENT), *asked, cwd=cwd)

    # That names are folded only when they are created shows in two stories, of which a replay tells one.
    @pytest.mark.parametrize("defect", [one for one in DEFECTS if one != "names are put in lower case"][::3])
    def test_a_failing_story_of_the_table_fails_again_and_no_more_after_the_fix(
        self, defect: str, tmp_path: Path
    ) -> None:
        failures = self.report(defect, tmp_path, "--only", "clauses")["failures"]
        told_by = {clause: one["clause"] for one in failures for clause in (one["clause"], *one["also"])}
        again, fixed = self.replayed(defect, tmp_path), self.replayed("", tmp_path)
        assert (again.returncode, fixed.returncode) == (1, 0), again.stderr + fixed.stderr
        assert f"{told_by[DEFECTS[defect]]}: " in again.stdout
        assert "still broken\n  expected: " in again.stdout
        assert {line.rpartition(": ")[2] for line in fixed.stdout.splitlines()} == {"nothing wrong was seen"}

    @pytest.mark.parametrize(
        ("layer", "defect"), [("generated", "a far offset is a 500"), ("sequences", "delete does not delete")]
    )
    def test_a_generated_story_is_told_again_with_what_was_generated(
        self, layer: str, defect: str, tmp_path: Path
    ) -> None:
        report = self.report(defect, tmp_path, "--only", layer)
        assert {failure["recipe"]["layer"] for failure in report["failures"]} == {layer}
        assert (self.replayed(defect, tmp_path).returncode, self.replayed("", tmp_path).returncode) == (1, 0)

    def test_what_a_replay_made_is_deleted_again_and_nothing_else_is_changed(self, tmp_path: Path) -> None:
        self.report("the list misses the latest", tmp_path, "--only", "clauses")
        shop = shop_with(2)
        with serving(app_of(shop, Conventions())) as url:
            run("replay", "r.json", url, str(DOCUMENT), cwd=tmp_path)
        assert shop.touched
        assert set(shop.pets) == {f"{OLD}-0", f"{OLD}-1"}
        assert not shop.touched & set(shop.pets)

    def test_a_story_that_ends_at_another_fault_is_not_judged(self, tmp_path: Path) -> None:
        self.report("delete does not delete", tmp_path, "--only", "clauses")
        again = self.replayed("an invalid body is a 500", tmp_path)
        assert again.returncode == 0, again.stderr
        again = self.replayed("what is created is not kept", tmp_path)
        assert again.returncode == 3
        assert "it answered 404: deletePet.absent-after-delete" in again.stderr
        assert "not judged" in again.stdout

    def test_a_server_that_refuses_all_is_not_said_to_be_mended(self, tmp_path: Path) -> None:
        self.report("credentials are not checked", tmp_path, "--only", "clauses")
        closed = Flask(__name__)
        closed.before_request(lambda: ({"why": "no key"}, 401))
        with serving(closed) as url:
            again = run("replay", "r.json", url, str(DOCUMENT), cwd=tmp_path)
        assert again.returncode == 3
        assert "no request was accepted; it answers 401 to most" in again.stderr

    def test_a_story_of_what_the_document_has_no_more_is_a_wrong_usage(self, tmp_path: Path) -> None:
        report = self.report("delete does not delete", tmp_path, "--only", "sequences")
        report["failures"][0]["recipe"]["about"] = "owner"
        (tmp_path / "r.json").write_text(json.dumps(report))
        again = self.replayed("", tmp_path)
        assert again.returncode == 2
        assert "r.json: deletePet.absent-after-delete: " in again.stderr
        assert f"the story is about owner, which {DOCUMENT} does not have" in again.stderr

    def test_an_invalid_recipe_is_wrong_usage_with_the_place(self, tmp_path: Path) -> None:
        report = self.report("delete does not delete", tmp_path, "--only", "sequences")
        report["failures"][0]["recipe"]["moves"][0] = ["fly", 0]
        (tmp_path / "r.json").write_text(json.dumps(report))
        again = self.replayed("", tmp_path)
        assert again.returncode == 2
        assert "#/failures/0/recipe/moves/0/0" in again.stderr


def test_an_action_that_only_shows_its_item_is_not_known_to_be_harmless() -> None:
    thing = {"type": "object", "properties": {"id": {"type": "integer"}}}
    answer = {
        "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}}
    }
    named = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    paths: dict[str, Any] = {
        "/things": {"post": {"requestBody": {"content": {"application/json": {"schema": thing}}}, "responses": answer}},
        "/things/{id}": {"get": {"responses": answer}, "parameters": named},
        "/things/{id}/burn": {"post": {"responses": answer}, "parameters": named},
    }
    data = document(paths, components={"schemas": {"T": thing}})
    known = {one.path: does_something(one) for one in model(data).contract.operations}
    assert known == {"/things": True, "/things/{id}": True, "/things/{id}/burn": False}
