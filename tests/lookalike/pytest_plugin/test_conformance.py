"""`pytest --lookalike-url URL`: the clauses of a server as tests."""

import importlib
import json
from collections.abc import Iterator

import pytest

import lookalike
from lookalike.server.serve import MockServer
from tests.support.paths import FIXTURES

# Loaded before the sessions in this process, each of which forgets what it imports: an extension in C must not be
# imported twice.
for name in ("conformance", "httpx_transport", "requests_adapter"):
    importlib.import_module(f"lookalike.pytest_plugin.{name}")

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
FORGETFUL = """
overlay: 1.1.0
info: {title: DELETE is answered but deletes nothing, version: "1"}
actions:
  - target: $.paths['/pets/{petId}'].delete
    update: {x-lookalike: {}}
"""
OF_DELETE = "deletePet and (absent or documented)"


@pytest.fixture
def forgetful(pytester: pytest.Pytester) -> Iterator[MockServer]:
    """A server that keeps a pet which is deleted."""
    overlay = pytester.path / "forgetful.yaml"
    overlay.write_text(FORGETFUL)
    with lookalike.Mock(lookalike.load(PETS, overlays=[overlay])).serve() as server:
        yield server


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with lookalike.Mock(lookalike.load(PETS)).serve() as server:
        yield server


def run(pytester: pytest.Pytester, server: MockServer, *options: str) -> pytest.RunResult:
    url = f"http://{server.host}:{server.port}"
    named = ("--lookalike-url", url, "--lookalike-document", str(PETS))
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *named, *options)


def test_each_clause_is_a_test_beside_the_tests_of_the_project(pytester: pytest.Pytester, server: MockServer) -> None:
    pytester.makepyfile("def test_own(): ...")
    result = run(pytester, server, "--collect-only", "-q")
    result.stdout.fnmatch_lines(["*::test_own", "lookalike::createPet.readable-after-create", "57 tests collected*"])


def test_selected_clauses_are_judged_and_no_others(pytester: pytest.Pytester, server: MockServer) -> None:
    result = run(pytester, server, "-k", OF_DELETE)
    result.assert_outcomes(passed=2, deselected=54)
    result.stdout.fnmatch_lines(["*conforms in what was exercised (1 of 14 operations)*"])


def test_a_clause_is_selected_by_the_id_that_pytest_prints(pytester: pytest.Pytester, server: MockServer) -> None:
    pytester.makepyfile("def test_own(): ...")
    id = "lookalike::deletePet.absent-after-delete"
    run(pytester, server, id).assert_outcomes(passed=1)
    run(pytester, server, f"elsewhere/{id}", str(next(pytester.path.glob("*.py")))).assert_outcomes(passed=2)
    result = run(pytester, server, "lookalike", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["56 tests collected*"])


@pytest.mark.repetitive
def test_processes_of_one_run_judge_the_server_once(
    pytester: pytest.Pytester, forgetful: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # other plugins take seconds in each process
    url = f"http://{forgetful.host}:{forgetful.port}"
    named = ("--lookalike-url", url, "--lookalike-document", str(PETS), "-k", OF_DELETE)
    result = pytester.runpytest_subprocess("-p", "xdist", "-p", "lookalike.pytest_plugin", "-n2", *named)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*violates Pets 1.0.0 (1 held, 1 violated*"])


def test_a_broken_clause_fails_with_its_story_and_in_every_report(
    pytester: pytest.Pytester, forgetful: MockServer
) -> None:
    files = ("--junit-xml=pytest.xml", "--lookalike-report", "json=report.json")
    result = run(pytester, forgetful, "-k", OF_DELETE, *files)
    result.assert_outcomes(passed=1, failed=1, deselected=54)
    result.stdout.fnmatch_lines(["*deletePet.absent-after-delete*", "  expected: *404*", "  curl *DELETE*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    report = json.loads((pytester.path / "report.json").read_text())
    assert [failure["clause"] for failure in report["failures"]] == ["deletePet.absent-after-delete"]
    assert 'failures="1"' in (pytester.path / "pytest.xml").read_text()


def test_a_clause_that_is_waived_or_was_not_exercised_is_skipped_and_never_passes(
    pytester: pytest.Pytester, forgetful: MockServer
) -> None:
    (pytester.path / "target.yaml").write_text(
        "waivers: [{clause: deletePet.absent-after-delete, reason: ticket 7, until: '2099-12-31'}]"
    )
    url = f"http://{forgetful.host}:{forgetful.port}/api"
    named = ("--lookalike-url", url, "--lookalike-document", str(PETS), "--lookalike-target", "target.yaml", "-rs")
    journal = ("--lookalike-journal", "changes.jsonl")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *named, *journal, "-k", f"{OF_DELETE} or settings")
    result.stdout.fnmatch_lines(["SKIPPED*waived: ticket 7*"])
    assert result.parseoutcomes()["skipped"] >= 1
    assert "failed" not in result.parseoutcomes()
    assert (pytester.path / "changes.jsonl").is_file()


def test_a_server_that_cannot_be_judged_fails_every_test(pytester: pytest.Pytester, server: MockServer) -> None:
    url = f"http://{server.host}:{server.port}/elsewhere"
    named = ("--lookalike-url", url, "--lookalike-document", str(PETS))
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *named, "-k", OF_DELETE)
    result.assert_outcomes(failed=2, deselected=54)
    result.stdout.fnmatch_lines(["lookalike: *is not a Lookalike mock*"])


MISTAKES = {
    "no such document": (("--lookalike-document", "no.yaml"), "*no.yaml*"),
    "no such report": (("--lookalike-report", "pdf=x"), "*'pdf=x' is not a report*"),
    "another machine": (
        ("--lookalike-url", "http://api.invalid"),
        "lookalike: api.invalid is not this machine*add --lookalike-yes*",
    ),
    "no such target file": (("--lookalike-target", "no.yaml"), "*no.yaml*"),
    "a URL of no server": (("--lookalike-url", "ftp://x"), "*"),
    "no such clause": (("lookalike::deletePet.absent",), "*there is no clause 'deletePet.absent' in *"),
    "a mistake with several processes": (("-n2", "lookalike::no"), "*there is no clause 'no' in *"),
}


@pytest.mark.parametrize(("options", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_a_line_and_runs_nothing(
    options: tuple[str, ...], message: str, pytester: pytest.Pytester, server: MockServer
) -> None:
    result = run(pytester, server, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])
