"""Which document a command takes: the same places, in the same order, for all commands; it says which one it took."""

import json
import shutil
from pathlib import Path

import pytest

from lookalike.reports.as_json import as_json
from tests.support.paths import ROOT
from tests.support.running import run_command, running_mock
from tests.support.sample_report import CONFORMING
from tests.support.small import document

pytestmark = pytest.mark.repetitive

PETS = ROOT / "fixtures" / "contracts" / "pets" / "openapi.yaml"


def written(path: Path, title: str = "Small") -> Path:
    """A sound document that is told apart by its name."""
    path.write_text(json.dumps({**document({"/x": {"get": {}}}), "info": {"title": title, "version": "1"}}))
    return path


def test_the_argument_counts_before_the_environment_that_before_the_settings_and_that_before_the_folder(
    tmp_path: Path,
) -> None:
    for name in ("argument.json", "environment.json", "general.json", "own.json", "openapi.json"):
        written(tmp_path / name)
    settings = tmp_path / "lookalike.yaml"
    settings.write_text("document: general.json\ncheck: {document: own.json}")
    environment = {"LOOKALIKE_DOCUMENT": "environment.json"}
    given = run_command("check", "argument.json", cwd=tmp_path, **environment)
    assert (given.stdout[:22], given.stderr) == ("argument.json is sound", "")
    named = run_command("check", cwd=tmp_path, **environment)
    assert named.stdout.startswith("environment.json is sound")
    assert named.stderr == "document: environment.json, named by LOOKALIKE_DOCUMENT\n"
    own = run_command("check", cwd=tmp_path)
    assert own.stdout.startswith("own.json is sound")
    assert own.stderr == "document: own.json, named in the settings\n"
    settings.write_text("document: general.json")
    assert run_command("check", cwd=tmp_path).stdout.startswith("general.json is sound")
    settings.unlink()
    found = run_command("check", cwd=tmp_path)
    assert found.stdout.startswith("openapi.json is sound")
    assert found.stderr == "document: openapi.json, found in the current folder\n"


@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.yml", "openapi.json"])
def test_a_document_of_a_usual_name_is_found_in_the_folder(name: str, tmp_path: Path) -> None:
    written(tmp_path / name)
    assert run_command("check", cwd=tmp_path).stdout.startswith(f"{name} is sound")


def test_a_folder_of_a_usual_name_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").mkdir()
    assert "the Lead API" in run_command("check", cwd=tmp_path).stderr


@pytest.mark.parametrize("arguments", [(), ("lead",)])
def test_check_and_mock_take_the_lead_api_where_nothing_is_found_and_where_it_is_named(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = run_command("check", *arguments, cwd=tmp_path)
    assert done.returncode == 0
    assert "openapi.yaml is sound" in done.stdout
    assert done.stderr == ("" if arguments else "document: the Lead API, since no other is named or found here\n")
    with running_mock(*arguments, cwd=tmp_path) as mock:
        assert "PUT /leads/{contact-number}/update" in mock.next_line()


def test_a_mock_takes_several_documents_from_the_settings_and_says_where_each_of_them_is(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        written(tmp_path / name)
    (tmp_path / "lookalike.yaml").write_text("mock: {document: [a.json, /shop=b.json]}")
    with running_mock(cwd=tmp_path) as mock:
        assert mock.next_line() == f"a.json is at {mock.url}/\n"
        assert mock.next_line() == f"b.json is at {mock.url}/shop\n"
        assert (mock.request("GET", "/x")[0], mock.request("GET", "/shop/x")[0]) == (200, 200)
        assert mock.request("GET", "/__lookalike/state")[0] == 200
        remedy = "to serve it below a path of its own, write /a=a.json"
        assert f"a.json has no base path, so its paths begin at /; {remedy}" in mock.errors()


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        (("a.json", "a.json"), "/x is described by a.json (line 1) too. Serve one of them below a path of its own"),
        (("a.json", "/a b=a.json"), "'/a b' is not a path like /orders"),
        (("a.json", "gone.json"), "cannot read gone.json: No such file or directory"),
    ],
)
def test_several_documents_that_cannot_be_served_together_are_one_line_of_error(
    documents: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    written(tmp_path / "a.json")
    done = run_command("mock", "--port", "0", *documents, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert words in line


def test_lead_is_the_lead_api_also_where_a_file_has_that_name(tmp_path: Path) -> None:
    written(tmp_path / "lead")
    named = run_command("check", "lead", cwd=tmp_path)
    assert "1 operation, " in named.stdout
    assert named.stderr == "document: the Lead API; the file of that name is ./lead\n"
    assert run_command("check", "./lead", cwd=tmp_path).stdout.startswith("lead is sound")


def test_commands_that_ask_a_server_take_the_lead_api_where_a_mock_of_it_is_asked(tmp_path: Path) -> None:
    with running_mock("lead", cwd=tmp_path) as mock:
        done = run_command("calibrate", mock.url, "--output", "profile.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, f"document: the Lead API, which the mock at {mock.url} serves\n")


@pytest.mark.parametrize("command", [("verify",), ("calibrate",), ("replay", "r.json"), ("restore", "j.jsonl")])
def test_commands_that_ask_a_server_name_the_ways_where_no_document_is_known(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "r.json").write_text(as_json(CONFORMING))
    (tmp_path / "j.jsonl").write_text("")
    with running_mock(str(PETS), cwd=tmp_path) as mock:  # another API than the Lead API
        done = run_command(*command, mock.url, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert all(way in line for way in ("after the URL", "`lead`", "document:", "lookalike.yaml", "openapi.yaml"))


def test_a_document_in_the_folder_counts_before_the_one_that_the_mock_serves(tmp_path: Path) -> None:
    shutil.copy(PETS, tmp_path / "openapi.yaml")
    with running_mock("lead", cwd=tmp_path) as mock:
        done = run_command("verify", mock.url, "--plan", cwd=tmp_path)
    assert done.stderr == "document: openapi.yaml, found in the current folder\n"


WRONG_SETTINGS = {
    "a document that is no text": ("document: {a: b}", "#/document"),
    "a section that is no object": ("mock: 4010", "#/mock"),
    "an unknown name": ("documents: x.yaml", "there are: document, init, mock"),
}


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_mistake_in_the_settings_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    text, words = WRONG_SETTINGS[name]
    (tmp_path / "lookalike.yaml").write_text(text)
    done = run_command("check", cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("lookalike: lookalike.yaml (#/")
    assert words in line
