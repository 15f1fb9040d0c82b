"""The conformance suite of tests/contract notices what is wrong with a server, passes what is right, and spares leads.

Each server is the mock behind a thin layer of WSGI, and the suite is a process of its own, as its users run it.
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from lookalike.assembly import assemble
from lookalike.server.app import create_app
from lookalike.server.mock_handler import MockOptions
from lookalike.service import MockService
from tests.contract.passes import ANY, KNOWN, Pass, configuration
from tests.contract.target import BUNDLED, MOVING, NO_NUMBER, SAFE_METHODS, target
from tests.support.in_process import ASHA, FREE, PARTS
from tests.support.paths import ROOT
from tests.support.running import RunningMock, running_mock

SECONDS = 300
SECRET = "a-control-token"

Run = subprocess.CompletedProcess[str]


class Ask(Protocol):
    """Puts the request to the mock, or one with another body and other entries of the environ."""

    def __call__(self, body: bytes | None = None, **environ: str) -> Response: ...


Defect = Callable[[Request, Ask], Response]


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def behind(defect: Defect, control_token: str | None = None) -> WSGIApplication:
    """The mock, with its control API as it is and the answers of its operations altered."""
    app = create_app(assemble(PARTS), MockOptions(control_token=control_token))

    @Request.application
    def altered(request: Request) -> Response:
        sent = request.get_data()

        def ask(body: bytes | None = None, **environ: str) -> Response:
            content = sent if body is None else body
            more: WSGIEnvironment = {"wsgi.input": BytesIO(content), "CONTENT_LENGTH": str(len(content)), **environ}
            return Response.from_app(app, {**request.environ, **more}, buffered=True)

        return defect(request, ask)

    return lambda environ, start: (app if is_for_control(environ) else altered)(environ, start)


def is_for_control(environ: WSGIEnvironment) -> bool:
    return str(environ["PATH_INFO"]).startswith("/__lookalike/")


def answer(status: int, message: str, **more: Any) -> Response:
    body = {"status": status, "message": message, "success": status < 300, **more}
    return Response(json.dumps(body), status, mimetype="application/json")


SUCCESS = "Successfully updated lead."
UNAUTHORIZED = "UnAuthorized Access-Token!"
UNKNOWN = "Invalid contact number!"


def fields(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def instead(status: int, other: Response) -> Defect:
    """Answers all that has a status by another answer."""

    def defect(_: Request, ask: Ask) -> Response:
        told = ask()
        return other if told.status_code == status else told

    return defect


def where(condition: Callable[[Request], bool], other: Response) -> Defect:
    """Answers requests of a kind, where their token is valid, always alike."""

    def defect(request: Request, ask: Ask) -> Response:
        told = ask()
        return other if told.status_code != 401 and condition(request) else told

    return defect


def takes_any_token(_: Request, ask: Ask) -> Response:
    return ask(HTTP_AUTHORIZATION="Bearer tok-valid")


def takes_expired_tokens(request: Request, ask: Ask) -> Response:
    given = request.headers.get("Authorization", "")
    return ask(HTTP_AUTHORIZATION="Bearer tok-valid" if given == "Bearer tok-expired" else given)


def looks_up_before_the_token(_: Request, ask: Ask) -> Response:
    found = ask(HTTP_AUTHORIZATION="Bearer tok-valid")
    return found if found.status_code == 404 else ask()


def takes_text_as_country_code(request: Request, ask: Ask) -> Response:
    body = fields(request)
    if isinstance(body.get("new_country_code"), str):
        return ask(json.dumps({**body, "new_country_code": 1}).encode())
    return ask()


def needs_no_country_code(request: Request, ask: Ask) -> Response:
    body = fields(request)
    if "new_contact_number" in body and "new_country_code" not in body:
        return ask(json.dumps({**body, "new_country_code": 1}).encode())
    return ask()


def forgets_allow(_: Request, ask: Ask) -> Response:
    told = ask()
    told.headers.pop("Allow", None)
    return told


def says_html(_: Request, ask: Ask) -> Response:
    told = ask()
    told.mimetype = "text/html"
    return told


def has_text_among_tags(request: Request) -> bool:
    tags = fields(request).get("add_tags")
    return isinstance(tags, list) and any(isinstance(tag, str) for tag in tags)


def has_a_huge_number(request: Request) -> bool:
    return re.search(rb"[0-9]{19}", request.get_data()) is not None


def is_for_asha(request: Request) -> bool:
    return request.method == "PUT" and request.path == f"/leads/{ASHA}/update"


FAILURE = answer(500, "Internal Server Error")


class Planted(NamedTuple):
    """A defect, and what the report of the suite says of it: a finding of Schemathesis, or the name of a test."""

    defect: Defect
    finding: str


DEFECTS = {
    "another message": Planted(instead(201, answer(201, "Lead updated.")), "ST108 Response violates schema"),
    "a fourth member": Planted(instead(201, answer(201, SUCCESS, id=1)), "ST108 Response violates schema"),
    "another message of a 401": Planted(instead(401, answer(401, "No.")), "ST108 Response violates schema"),
    "200 for a success": Planted(instead(201, answer(200, SUCCESS)), "ST103 Undocumented status code"),
    "403 without a token": Planted(instead(401, answer(403, UNAUTHORIZED)), "ST103 Undocumented status code"),
    "takes any token": Planted(takes_any_token, "::test_without_a_valid_token"),
    "takes expired tokens": Planted(takes_expired_tokens, "::test_an_expired_token"),
    "looks up before the token": Planted(looks_up_before_the_token, "::test_without_a_valid_token"),
    "500 for text among the tags": Planted(where(has_text_among_tags, FAILURE), "ST101 Server error"),
    "500 for a huge number": Planted(where(has_a_huge_number, FAILURE), "ST101 Server error"),
    "404 for a lead that is there": Planted(where(is_for_asha, answer(404, UNKNOWN)), "::test_a_lead_that_is_there"),
    "400 for a lead that is not": Planted(instead(404, answer(400, UNKNOWN)), "::test_a_number_that_no_lead_has"),
    "201 for a lead that is not": Planted(instead(404, answer(201, SUCCESS)), "::test_a_number_that_no_lead_has"),
    "201 for what is not valid": Planted(instead(400, answer(201, SUCCESS)), "::test_a_body_without"),
    "takes text as country code": Planted(takes_text_as_country_code, "ST201 Schema-violating request accepted"),
    "needs no country code": Planted(needs_no_country_code, "[a number without country code]"),
    "405 without Allow": Planted(forgets_allow, "ST204 Wrong response to undeclared method"),
    "404 for other methods": Planted(instead(405, answer(404, UNKNOWN)), "ST204 Wrong response to undeclared method"),
    "HTML": Planted(says_html, "ST105 Undocumented Content-Type"),
}


def run_suite(url: str, *options: str, **variables: str) -> Run:
    """Point the suite at a server; nothing of this process's own environment tells it anything."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "LOOKALIKE"))
    }
    # Rewriting the asserts of Schemathesis and Hypothesis would take longer than most runs.
    command = [sys.executable, "-m", "pytest", "tests/contract", "--assert=plain", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "--base-url", url, *options],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def against(application: WSGIApplication, *options: str, **variables: str) -> Run:
    with serving(application) as url:
        return run_suite(url, *options, **variables)


class Witness:
    """The mock without a control API, so that its state cannot be put back; it notes what it is asked."""

    class Seen(NamedTuple):
        method: str
        path: str
        body: bytes

    def __init__(self) -> None:
        self.mock = assemble(PARTS)
        self._app = create_app(self.mock)
        self.seen: list[Witness.Seen] = []

    @property
    def application(self) -> WSGIApplication:
        @Request.application
        def noting(request: Request) -> Response:
            if is_for_control(request.environ):
                return Response(status=404)
            body = request.get_data()
            self.seen.append(self.Seen(request.method, request.path, body))
            return Response.from_app(self._app, {**request.environ, "wsgi.input": BytesIO(body)}, buffered=True)

        return noting

    def moves(self) -> list["Witness.Seen"]:
        """The requests that would give the lead another number or country code."""
        asked = (seen for seen in self.seen if seen.path == f"/leads/{ASHA}/update")
        return [seen for seen in asked if any(name.encode() in seen.body for name in MOVING)]


class Evidence(NamedTuple):
    """The runs of the suite by what they are for, and the witnesses of some of them by the same names."""

    runs: dict[str, Future[Run]]
    witnesses: dict[str, Witness]


@pytest.fixture(scope="module")
def evidence() -> Iterator[Evidence]:
    """All runs, two at a time; where something is to be found, one failure is enough."""
    witnesses = {name: Witness() for name in ("spared", "moving", "unasked")}
    guarded = behind(lambda _, ask: ask(), SECRET)
    with ThreadPoolExecutor(2) as pool:

        def run(application: WSGIApplication, *options: str, **variables: str) -> Future[Run]:
            return pool.submit(against, application, *options, **variables)

        runs = {
            "guarded": run(guarded, LOOKALIKE_CONTROL_TOKEN=SECRET),
            "spared": run(witnesses["spared"].application, **BUNDLED),
            "moving": run(witnesses["moving"].application, LOOKALIKE_MAY_MOVE="1", **BUNDLED),
            "always 401": run(answer(401, UNAUTHORIZED), **BUNDLED),
            "always 400": run(answer(400, "no"), **BUNDLED),
            "wrong token": run(guarded, LOOKALIKE_CONTROL_TOKEN="another"),
            "unasked": run(witnesses["unasked"].application),
            **{name: run(behind(planted.defect), "-x") for name, planted in DEFECTS.items()},
        }
        yield Evidence(runs, witnesses)
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", DEFECTS)
def test_the_suite_fails_for_a_server_with_a_defect_and_names_it(name: str, evidence: Evidence) -> None:
    run = evidence.runs[name].result()
    assert run.returncode == 1, run.stdout
    assert DEFECTS[name].finding in run.stdout


def test_the_suite_passes_for_the_mock_behind_the_same_layer(evidence: Evidence) -> None:
    run = evidence.runs["guarded"].result()
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("name", "missing"), [("always 401", "201, 400, 404, 405"), ("always 400", "201, 401, 404, 405")]
)
def test_a_server_that_answers_all_alike_fails_for_what_it_never_answered(
    name: str, missing: str, evidence: Evidence
) -> None:
    run = evidence.runs[name].result()
    assert run.returncode == 1
    assert f"never answered: {missing}," in run.stdout


def test_a_control_token_that_is_not_taken_is_told(evidence: Evidence) -> None:
    run = evidence.runs["wrong token"].result()
    assert run.returncode == 1
    assert "LOOKALIKE_CONTROL_TOKEN is set, but no control API" in run.stdout


def test_on_another_machine_no_control_api_is_looked_for_without_a_control_token() -> None:
    # Nothing can be sent to names under .invalid (RFC 6761 section 6.4).
    assert target("http://leads.invalid", BUNDLED).control is None


def test_a_server_that_cannot_be_reset_is_asked_nothing_before_its_leads_are_known(evidence: Evidence) -> None:
    run = evidence.runs["unasked"].result()
    assert run.returncode == 1
    assert "set LOOKALIKE_TOKEN, LOOKALIKE_LEAD, LOOKALIKE_ABSENT_LEAD to test" in run.stdout
    assert not evidence.witnesses["unasked"].seen


def test_where_the_state_cannot_be_put_back_no_other_lead_is_asked_for_and_this_one_keeps_its_number(
    evidence: Evidence,
) -> None:
    run, witness = evidence.runs["spared"].result(), evidence.witnesses["spared"]
    assert run.returncode == 0, run.stdout
    assert {seen.path for seen in witness.seen} == {f"/leads/{number}/update" for number in (ASHA, FREE, NO_NUMBER)}
    assert {seen.method for seen in witness.seen} == {"PUT", *SAFE_METHODS}
    assert not witness.moves()


def test_where_the_lead_may_move_it_has_its_number_again_afterwards(evidence: Evidence) -> None:
    run, witness = evidence.runs["moving"].result(), evidence.witnesses["moving"]
    assert run.returncode == 0, run.stdout
    assert witness.moves()
    lead = witness.mock.item("lead", ASHA)
    assert lead is not None
    assert lead["country_code"] == 91
    assert others(witness.mock) == others(assemble(PARTS))


def others(mock: MockService) -> list[Any]:
    return [lead for lead in mock.state()["lead"] if lead["contact_number"] != ASHA]


# The command line of Schemathesis finds nothing either.

RESET_BEFORE_EACH_CASE = """
import os
import requests
import schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    requests.post(os.environ["RESET"], timeout=30).raise_for_status()
"""


def toml(table: dict[str, Any], name: str = "") -> str:
    """A table of a configuration file; keys may hold dots."""
    values = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items() if not isinstance(value, dict)]
    tables = [
        toml(value, f"{name}.{json.dumps(key)}".lstrip(".")) for key, value in table.items() if isinstance(value, dict)
    ]
    return "\n".join([*([f"[{name}]"] if name else []), *values, *tables])


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    with running_mock("--log", "off") as mock:
        yield mock


@pytest.mark.parametrize(
    ("which", "due"), [(KNOWN, {201, 400, 401, 405}), (ANY, {201, 400, 401, 404, 405})], ids=["known", "any"]
)
def test_the_command_line_of_schemathesis_finds_nothing(
    which: Pass, due: set[int], mock: RunningMock, tmp_path: Path
) -> None:
    (tmp_path / "schemathesis.toml").write_text(toml({**configuration(which), "hooks": "resetting"}))
    (tmp_path / "resetting.py").write_text(RESET_BEFORE_EACH_CASE)
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(ROOT / "openapi.yaml"), "--url", mock.url]
    environment = {"RESET": f"{mock.url}/__lookalike/reset", "PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    run = subprocess.run(
        [*command, "--report-har-path", "answers.har"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    entries = json.loads((tmp_path / "answers.har").read_text())["log"]["entries"]
    assert {entry["response"]["status"] for entry in entries} == due
