"""The Python API: the names that it exports, and how a mock is made, asked, changed and served from Python."""

import http.client
import inspect
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

import lookalike
from lookalike.assembly import bundled_document
from tests.support.user_script import PETS, TOKENS, get, post

DATA: dict[str, Any] = {"pet": [{"id": 1, "name": "Rex"}]}


@pytest.fixture
def mock() -> lookalike.Mock:
    return lookalike.Mock(lookalike.load(PETS), data=DATA, tokens=TOKENS)


def undocumented(names: Iterator[str]) -> list[str]:
    found: dict[str, Any] = {name: getattr(lookalike, name) for name in names}
    for name, value in list(found.items()):
        if inspect.isclass(value):
            own = {member: one for member, one in inspect.getmembers(value) if not member.startswith("_")}
            found |= {f"{name}.{member}": one for member, one in own.items() if callable(one)}
    return [name for name, value in found.items() if not inspect.getdoc(value)]


def test_every_exported_name_is_there_and_documented() -> None:
    assert set(lookalike.__all__) <= set(dir(lookalike))
    assert undocumented(name for name in lookalike.__all__ if name != "Handler") == []
    assert sorted(lookalike.__all__) == lookalike.__all__


def test_the_exported_names_are_these() -> None:
    """A name that is gone breaks scripts of users, and one that is new has to be kept: either is a decision."""
    assert lookalike.__all__ == [
        "Access",
        "Calibration",
        "Contract",
        "DocumentError",
        "Findings",
        "Handler",
        "Headers",
        "JournalEntry",
        "Location",
        "LookalikeError",
        "Mock",
        "MockServer",
        "Problem",
        "Report",
        "Request",
        "Response",
        "StateError",
        "UsageError",
        "VerificationError",
        "calibrate",
        "check",
        "load",
        "verify",
    ]


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError, match="'lookalike' has no attribute 'mok'"):
        _ = lookalike.mok  # type: ignore[attr-defined]  # that is the point


def test_importing_the_package_loads_neither_flask_nor_any_validator() -> None:
    """So that `lookalike --help` and the start of the mock do not wait for them."""
    heavy = {"flask", "hypothesis", "jsonschema", "jsonschema_rs", "yaml"}
    code = f"import sys, lookalike; print(sorted({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_functions_stay_functions_whatever_is_imported() -> None:
    """Modules below the package become its attributes, and one of the same name would take the place of a function."""
    code = (
        "import importlib, pkgutil, lookalike\n"
        "for module in pkgutil.walk_packages(lookalike.__path__, 'lookalike.'):\n"
        "    if not module.name.endswith('__main__'): importlib.import_module(module.name)\n"
        "print({type(getattr(lookalike, name)).__name__ for name in ('load', 'check', 'verify', 'calibrate')})"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("{'function'}\n", "")


def test_a_mapping_is_copied(mock: lookalike.Mock) -> None:
    document = json.loads(json.dumps(PETS))
    contract = lookalike.load(document)
    assert document == PETS
    document["paths"].clear()
    assert len(contract.operations) == 2


def test_a_mapping_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(lookalike.UsageError, match=r"the document is no JSON: .* set"):
        lookalike.load({"openapi": {1, 2}})


def test_a_problem_in_a_mapping_has_a_place() -> None:
    with pytest.raises(lookalike.DocumentError, match=r"document:2:3 \(#/openapi\): version 4.0.0 is not supported"):
        lookalike.load({"openapi": "4.0.0"})


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    for read in (lookalike.load, lookalike.check):
        with pytest.raises(lookalike.UsageError, match=r"cannot read .*nothing\.yaml: No such file"):
            read(tmp_path / "nothing.yaml")


def test_what_is_wrong_with_a_document_is_found(tmp_path: Path) -> None:
    document = tmp_path / "pets.json"
    document.write_text(json.dumps({**PETS, "paths": {"/pets": {"get": {"responses": {"200": {}}}}}}))
    (problem,) = lookalike.check(document).problems
    assert problem.location is not None
    assert problem.location.pointer == "/paths/~1pets/get/responses/200"


def test_a_document_without_inference_has_no_state() -> None:
    mock = lookalike.Mock(lookalike.load(PETS, infer=False), tokens=TOKENS)
    assert mock.state() == {}
    assert mock.handle(post("Tom")).status == 201


def test_names_of_header_fields_may_be_in_any_case(mock: lookalike.Mock) -> None:
    assert mock.handle(get(1)).status == 200
    request = lookalike.Request("GET", "/pets/1", headers={"AUTHORIZATION": "Bearer let-me-in"})
    assert mock.handle(request).status == 200


def test_a_request_without_a_time_arrives_now() -> None:
    expired = {"token": [{"token": "let-me-in", "expires": "2001-01-01T00:00:00Z"}]}
    mock = lookalike.Mock(lookalike.load(PETS), data=DATA, tokens=expired)
    began = time.time()
    assert mock.handle(get(1)).status == 401
    assert mock.handle(get(1)._replace(at=100.0)).status == 200
    assert [entry.request.at >= began for entry in reversed(mock.journal())] == [True, False]


def test_files_and_settings_are_those_of_the_command(tmp_path: Path) -> None:
    data, tokens, profile = tmp_path / "data.json", tmp_path / "tokens.json", tmp_path / "profile.json"
    contract = lookalike.load(bundled_document())
    leads = {"lead": [{"contact_number": 7, "country_code": 91, "tags": [], "data": {}}], "tag": []}
    data.write_text(json.dumps(leads))
    tokens.write_text(json.dumps({"bearerAuth": TOKENS["token"]}))
    reading = next(iter(contract.readings.values()))
    other, *_ = reading.alternatives(reading.default)
    profile.write_text(json.dumps({"readings": {reading.id: other}}))
    mock = lookalike.Mock(contract, data=data, tokens=str(tokens), profile=profile)
    assert (mock.state(), mock.choices[reading.id]) == (leads, other)
    assert mock.credentials["bearerAuth"]["valid"] == "let-me-in"
    chosen = lookalike.Mock(contract, profile=profile, readings={reading.id: reading.default})
    assert chosen.choices[reading.id] == reading.default


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data": {"cat": []}}, "there is no resource 'cat'"),
        ({"data": {"pet": [{"id": 1}]}}, "data .*: name is required"),
        ({"tokens": {"token": [{}]}}, "tokens .*: expected {token: TEXT}"),
        ({"tokens": {"token": None}}, r"tokens \(#/token\): expected a list of tokens"),
        ({"readings": {"colour": "red"}}, "there is no reading 'colour'"),
    ],
)
def test_what_does_not_fit_the_contract_is_a_usage_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(lookalike.UsageError, match=message):
        lookalike.Mock(lookalike.load(PETS), **options)


def test_requests_need_no_credentials_without_security() -> None:
    mock = lookalike.Mock(lookalike.load(PETS), data=DATA, security=False)
    assert mock.handle(lookalike.Request("GET", "/pets/1")).status == 200


def test_a_mock_is_a_wsgi_application(mock: lookalike.Mock) -> None:
    client = Client(mock.wsgi_app)
    answer = client.get("/v1/pets/1", headers={"Authorization": "Bearer let-me-in"})
    assert (answer.status_code, answer.json) == (200, {"id": 1, "name": "Rex"})
    assert client.get("/__lookalike/health").status_code == 200


def status(server: lookalike.MockServer, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_server_serves_until_the_end_of_its_block(mock: lookalike.Mock) -> None:
    others = set(threading.enumerate())
    with mock.serve() as server:
        assert server.url == f"http://127.0.0.1:{server.port}/v1"
        assert status(server, "/v1/pets/1", Authorization="Bearer let-me-in") == 200
        assert status(server, "/__lookalike/state") == 200
        assert [entry.request.path for entry in mock.journal()] == ["/pets/1"]
    with pytest.raises(OSError, match="refused"):
        status(server, "/v1/pets/1")
    assert [thread for thread in set(threading.enumerate()) - others if thread.name == "lookalike"] == []
    server.close()


def test_servers_do_not_meet(mock: lookalike.Mock) -> None:
    other = lookalike.Mock(mock.contract, data={"pet": []}, tokens=TOKENS)
    with mock.serve(base_path="/a") as one, other.serve(base_path="", control_token="secret") as two:
        assert status(one, "/a/pets/1", Authorization="Bearer let-me-in") == 200
        assert status(two, "/pets/1", Authorization="Bearer let-me-in") == 404
        assert status(two, "/__lookalike/state") == 401


def test_a_port_that_is_taken_is_a_usage_error(mock: lookalike.Mock) -> None:
    with (
        mock.serve() as server,
        pytest.raises(lookalike.UsageError, match=f"port {server.port} of 127.0.0.1 is in use"),
    ):
        mock.serve(port=server.port)


def lead_mock(**readings: str) -> lookalike.Mock:
    return lookalike.Mock(lookalike.load(bundled_document()), readings=readings)


def test_a_mock_conforms_to_its_contract_and_events_tell_the_steps() -> None:
    mock, events = lead_mock(), list[object]()
    with mock.serve() as server:
        report = lookalike.verify(
            server.url,
            mock.contract,
            layers=["clauses"],
            clauses=["TAG-1"],
            on_event=events.append,
        )
    assert (report.verdict, report.exit_code) == ("conforms", 0)
    assert {clause.status for clause in report.clauses if clause.id == "TAG-1"} == {"held"}
    assert type(events[-1]).__name__ == "RunEnded"
    assert report.requests < 200


def test_a_calibration_is_a_profile_of_the_server() -> None:
    mock = lead_mock(requirement="tags-suffice")
    with mock.serve() as server:
        found = lookalike.calibrate(server.url, mock.contract)
    assert found.readings["requirement"] == "tags-suffice"
    assert found.report is not None
    assert found.report.requests > 0
    assert lookalike.Mock(mock.contract, readings=found.readings).choices["requirement"] == "tags-suffice"


def test_a_server_elsewhere_is_not_judged_unless_that_is_allowed() -> None:
    with pytest.raises(lookalike.UsageError, match=r"example.com is not this machine.*allow_remote=True"):
        lookalike.verify("http://example.com", lookalike.load(bundled_document()))


def test_a_clause_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(lookalike.UsageError, match="there is no clause 'TAG-9'"):
        lookalike.verify("http://127.0.0.1:1", lookalike.load(bundled_document()), clauses=["TAG-9"])


def test_a_server_that_is_not_there_is_not_judged() -> None:
    with pytest.raises(lookalike.LookalikeError, match=r"cannot be reached"):
        lookalike.verify("http://127.0.0.1:1", lookalike.load(bundled_document()))


def test_writes_are_in_the_journal_of_a_run(tmp_path: Path) -> None:
    mock, target, journal = lead_mock(), tmp_path / "target.yaml", tmp_path / "journal.jsonl"
    target.write_text(
        "credentials: {bearerAuth: {valid: tok-valid}}\n"
        "resources: {lead: {owned: [{contact_number: 9876543210, country_code: 91}], spare: [], absent: []}}\n"
    )
    with mock.serve() as server:
        access = lookalike.Access(journal=journal)
        lookalike.verify(
            server.url, mock.contract, target=target, access=access, layers=["clauses"], clauses=["DATA-1"]
        )
    assert any("9876543210" in line for line in journal.read_text().splitlines())
