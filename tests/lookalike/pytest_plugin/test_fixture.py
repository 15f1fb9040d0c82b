"""The fixture `lookalike`, as suites use it."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import FIXTURES
from tests.support.running import LEAN_PYTEST

# Loaded before the sessions in this process, each of which forgets what it imports: an extension in C must not be
# imported twice.
for name in ("conformance", "httpx_transport", "requests_adapter"):
    importlib.import_module(f"lookalike.pytest_plugin.{name}")

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
OF_PETS = ("--lookalike-document", str(PETS), "-p", "no:cacheprovider")


def run(pytester: pytest.Pytester, text: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(text)
    return pytester.runpytest_inprocess(*(options or OF_PETS))


WAYS = {
    "the test client of Flask": "lookalike.client.post('/api/pets', json=REX).status_code",
    "requests": "lookalike.session.post('/pets', json=REX).status_code",
    "requests with a URL": "lookalike.session.post(lookalike.base_url + '/pets', json=REX).status_code",
    "httpx": "lookalike.httpx.post('/pets', json=REX).status_code",
    "httpx with a transport": (
        "httpx.Client(transport=lookalike.transport, base_url=lookalike.base_url).post('/pets', json=REX).status_code"
    ),
    "httpx, asynchronous": "asyncio.run(posted(lookalike)).status_code",
    "HTTP": "requests.post(lookalike.url + '/pets', json=REX).status_code",
    "a value": "lookalike.handle(Request('POST', '/pets', headers=JSON, body=json.dumps(REX).encode())).status",
}
TEST = """
import asyncio, httpx, json, requests
from lookalike import Request
REX, JSON = {"name": "Rex", "kind": "dog"}, {"Content-Type": "application/json"}

async def posted(lookalike):
    async with httpx.AsyncClient(transport=lookalike.transport, base_url=lookalike.base_url) as client:
        return await client.post("/pets", json=REX)

"""


def test_every_way_to_ask_reaches_the_sandbox_of_the_test_and_no_other(pytester: pytest.Pytester) -> None:
    tests = [
        f"def test_{number}(lookalike):\n"
        f"    assert {way} == 201\n"
        "    assert [pet['name'] for pet in lookalike.state['pet']] == ['Minka', 'Bello', 'Rex']\n"
        "    assert [entry.request.method for entry in lookalike.journal] == ['POST']\n"
        for number, way in enumerate(WAYS.values())
    ]
    run(pytester, TEST + "\n".join(tests)).assert_outcomes(passed=len(WAYS))


def test_state_journal_and_reset_are_at_hand(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
        def test_it(lookalike):
            lookalike.patch_item("pet", 1, {"name": "Mia"})
            assert lookalike.item("pet", 1)["name"] == "Mia"
            assert lookalike.httpx.get("/pets/1").json()["name"] == "Mia"
            assert lookalike.journal[0].outcome.response.status == 200
            assert lookalike.delete_item("pet", 1) and not lookalike.delete_item("pet", 1)
            lookalike.replace_state({"pet": []})
            assert lookalike.state["pet"] == []
            lookalike.reset()
            assert len(lookalike.state["pet"]) == 2 and not lookalike.journal
            assert lookalike.client.get("/__lookalike/state").json.keys() == lookalike.state.keys()
        """,
    ).assert_outcomes(passed=1)


def test_marks_of_a_module_and_of_a_test_are_joined_and_the_nearest_decides(pytester: pytest.Pytester) -> None:
    pytester.mkdir("tests")
    (pytester.path / "tests" / "pets.yaml").write_text(PETS.read_text(encoding="utf-8"))
    (pytester.path / "tests" / "test_marks.py").write_text("""
import pytest
pytestmark = pytest.mark.lookalike("pets.yaml", data={"pet": []})

def test_module(lookalike):
    assert lookalike.state["pet"] == []

@pytest.mark.lookalike(data={"pet": [{"id": 9, "name": "Kea", "kind": "bird", "created_at": "2026-03-01T00:00:00Z"}]})
def test_nearest(lookalike):
    assert lookalike.session.get("/pets/9").json()["name"] == "Kea"

@pytest.mark.lookalike(readings={"pet.put-unknown": "created"}, document="lead")
class TestLead:
    @pytest.mark.lookalike(data=None, readings={"requirement": "tags-suffice"})
    def test_lead(self, lookalike):
        assert lookalike.reading("requirement") == "tags-suffice"
        assert lookalike.reading("requirement", "enforced") == "enforced"
        assert lookalike.credentials["bearerAuth"]["valid"] == "tok-valid"

    @pytest.mark.lookalike(data=None, readings={"requirement": "tags-suffice"})
    def test_readings_are_those_of_the_mark_again(self, lookalike):
        assert lookalike.reading("requirement") == "tags-suffice"
""")
    pytester.runpytest_inprocess("tests").assert_outcomes(passed=4)


def test_a_document_of_the_usual_name_is_found_and_the_configuration_names_another(pytester: pytest.Pytester) -> None:
    (pytester.path / "openapi.yaml").write_text(PETS.read_text(encoding="utf-8"))
    run(pytester, "def test_it(lookalike):\n    assert 'pet' in lookalike.state", "-q").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nlookalike_document = lead")
    run(pytester, "def test_it(lookalike):\n    assert 'lead' in lookalike.state", "-q").assert_outcomes(passed=1)


def test_faults_are_those_of_the_test_and_reach_each_client_in_its_own_way(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
        import httpx, pytest, requests

        def test_status(lookalike):
            lookalike.fault(operation="listPets", first=1, status=503)
            assert [lookalike.session.get("/pets").status_code for _ in range(2)] == [503, 200]

        @pytest.mark.parametrize("rule, of_requests, of_httpx", [
            ({"reset": True}, requests.ConnectionError, httpx.ReadError),
            ({"truncate": 10}, requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError),
            ({"latency": "30s"}, requests.ReadTimeout, httpx.ReadTimeout),
        ], ids=str)
        def test_network(lookalike, rule, of_requests, of_httpx):
            lookalike.fault(**rule)
            with pytest.raises(of_requests):
                lookalike.session.get("/pets", timeout=5)
            with pytest.raises(of_httpx):
                lookalike.httpx.get("/pets", timeout=5)

        def test_no_fault(lookalike):
            assert lookalike.session.get("/pets").status_code == 200
        """,
    ).assert_outcomes(passed=5)


MISTAKES = {
    "no document": ("", (), "no document for the fixture; name one with --lookalike-document FILE"),
    "no such file": ('@pytest.mark.lookalike("no.yaml")', (), "there is no file */no.yaml"),
    "no such option": ("@pytest.mark.lookalike(dat=3)", OF_PETS, "*unexpected keyword argument 'dat'"),
    "two documents": ('@pytest.mark.lookalike("a", "b")', (), "*takes one document; all else has a name*"),
    "data that do not fit": ('@pytest.mark.lookalike(data={"pet": [3]})', OF_PETS, "*pet*"),
    "no such reading": ('@pytest.mark.lookalike(readings={"x": "y"})', OF_PETS, "*there is no reading 'x'*"),
}


@pytest.mark.parametrize(("mark", "options", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_a_line(
    mark: str, options: tuple[str, ...], message: str, pytester: pytest.Pytester
) -> None:
    result = run(pytester, f"import pytest\n{mark}\ndef test_it(lookalike): ...", *options, "-q")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"lookalike: {message}*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_failed_test_shows_what_the_mock_was_asked_and_why_it_answered_so(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_it(lookalike):
            lookalike.session.get("/pets/99?a=b")
            assert lookalike.session.post("/pets", json={"name": 3}).ok
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["GET /pets/99[?]a=b -> 404 *", "POST /pets -> 400  *name must be a string*"])


def test_a_passed_test_shows_nothing_of_it(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(lookalike):\n    lookalike.session.get('/pets')", *OF_PETS, "-rA")
    result.stdout.no_fnmatch_line("*GET /pets*")


@pytest.mark.repetitive
def test_tests_in_several_processes_never_meet(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_it(lookalike, number):
            lookalike.session.post("/pets", json={"name": "Rex", "kind": "dog"})
            assert lookalike.session.get("/pets").json()["total"] == 3
        """,
        *OF_PETS,
        "-n2",
    ).assert_outcomes(passed=8)


def test_a_session_that_does_not_use_the_plugin_loads_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("""
import sys
HOOKS = {"lookalike", "lookalike.errors", "lookalike.http", "lookalike.verify", "lookalike.pytest_plugin"}

def test_it():
    assert {name for name in sys.modules if name.partition(".")[0] == "lookalike"} <= HOOKS
    assert not {"flask", "requests", "httpx"} & sys.modules.keys()
""")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    environment = {**os.environ, **LEAN_PYTEST}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
