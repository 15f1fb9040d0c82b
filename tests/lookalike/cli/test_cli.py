"""The command line, as its users run it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import jwt
import pytest

from tests.support.paths import ROOT
from tests.support.running import JSON, PATIENCE, TOKEN, RunningMock, run_command, running_mock

LEAD = "/leads/9876543210/update"


@pytest.mark.parametrize("words", ["lookalike mock ope", "lookalike check ope"])
def test_shells_complete_the_names_of_documents(words: str) -> None:
    completed = run_command(COMP_WORDS=words, COMP_CWORD="2", _LOOKALIKE_COMPLETE="bash_complete")
    assert completed.stdout == "file,ope\n", completed.stderr


def test_shells_complete_the_options_of_a_command_whose_libraries_are_missing() -> None:
    script = (
        "import sys; sys.modules['harfile'] = None; sys.argv = ['lookalike']; from lookalike.__main__ import run; run()"
    )
    variables = {"COMP_WORDS": "lookalike proxy --h", "COMP_CWORD": "2", "_LOOKALIKE_COMPLETE": "bash_complete"}
    completed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ | variables, check=False
    )
    assert (completed.stdout, completed.stderr) == ("plain,--host\nplain,--har\nplain,--help\n", "")


def test_a_command_whose_libraries_are_missing_says_how_to_install_them() -> None:
    words = ["lookalike", "proxy", "http://127.0.0.1:1"]
    script = f"import sys; sys.modules['harfile'] = None; sys.argv = {words}; from lookalike.__main__ import run; run()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    remedy = "`lookalike proxy` needs harfile, which is not installed; run: pip install 'lookalike[verify]'"
    assert (done.returncode, done.stderr) == (2, f"lookalike: {remedy}\n")


def test_the_mock_announces_itself_only_when_it_answers() -> None:
    with running_mock() as mock:
        assert mock.lines[0] == f"Lookalike is listening on {mock.url}\n"
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201


def test_the_mock_prints_its_operations_a_valid_token_and_a_curl_line_that_works() -> None:
    with running_mock() as mock:
        lines = [mock.next_line() for _ in range(6)]
        assert "PUT /leads/{contact-number}/update" in lines[0]
        assert lines[1].startswith("A valid token: tok-valid")
        curl = subprocess.run(lines[3], shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert " 201 " in curl.stdout.splitlines()[0]
        seen = subprocess.run(lines[5], shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True)
        lead = next(lead for lead in json.loads(seen.stdout) if lead["contact_number"] == 9876543210)
        assert (lead["tags"], lead["data"]["name"]) == ([3, 7, 101, 102], "Asha R. Rao")


def test_the_curl_line_is_about_an_operation_that_needs_least(tmp_path: Path) -> None:
    needs = {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
    body = {"required": True, "content": {"application/json": {"schema": {"type": "object", "required": ["x"]}}}}
    answers = {"responses": {"200": {"description": ""}}}
    paths = {
        "/found": {"get": {"parameters": [needs], **answers}, "post": {"requestBody": body, **answers}},
        "/#all": {"get": answers},
    }
    document = tmp_path / "api.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}))
    with running_mock(str(document)) as mock:
        lines = [mock.next_line() for _ in range(5)]
        assert lines[4].strip() == f"curl -i {mock.url}/"
        curl = subprocess.run(lines[4], shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert " 200 " in curl.stdout.splitlines()[0]


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_mock_with_exit_code_0_while_clients_are_connected(with_signal: signal.Signals) -> None:
    with running_mock() as mock, socket.create_connection(("127.0.0.1", mock.port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        idle.recv(1000)
        with socket.create_connection(("127.0.0.1", mock.port)) as stalled:
            stalled.sendall(b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1")
            assert mock.stop(with_signal) == 0


def test_the_mock_serves_though_nobody_reads_what_it_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "lookalike", "mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.DEVNULL) as process:
        os.close(writing)
        try:
            deadline = time.monotonic() + PATIENCE
            while process.poll() is None and time.monotonic() < deadline:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as client:
                    client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    assert client.recv(1000).startswith(b"HTTP/1.1 404 ")
                    return
                time.sleep(0.05)
            pytest.fail("it does not serve")
        finally:
            process.kill()


def test_an_environment_variable_sets_an_option_and_a_flag_counts_before_it() -> None:
    environment = {**os.environ, "LOOKALIKE_READING": "requirement=tags-suffice", "LOOKALIKE_BASE_PATH": "/api/v1"}
    with running_mock("--base-path", "/v2", env=environment) as mock:
        assert mock.request("PUT", "/v2" + LEAD, {"add_tags": [5]}, TOKEN | JSON)[0] == 201
        assert mock.request("PUT", "/api/v1" + LEAD, {"add_tags": [5]}, TOKEN | JSON)[0] == 404


def test_a_file_sets_an_option_and_the_environment_counts_before_it(tmp_path: Path) -> None:
    settings = "mock: {base-path: /file, reading: [requirement=tags-suffice], cors: false}"
    (tmp_path / "lookalike.yaml").write_text(settings)
    environment = {**os.environ, "LOOKALIKE_BASE_PATH": "/environment"}
    with running_mock(cwd=tmp_path, env=environment) as mock:
        status, headers, _ = mock.request(
            "PUT", "/environment" + LEAD, {"add_tags": [5]}, TOKEN | JSON | {"Origin": "http://a"}
        )
        assert (status, "access-control-allow-origin" in headers) == (201, False)


def test_a_profile_holds_readings_and_a_flag_counts_before_it(tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("readings: {requirement: tags-suffice, occupied: 409}")
    with running_mock("--profile", str(profile), "--reading", "occupied=400") as mock:
        assert mock.put(9876543210, {"add_tags": [5]})[0] == 201
        assert mock.put(9876543210, {"new_contact_number": 9000000007, "new_country_code": 91})[0] == 400


def test_data_and_tokens_come_from_files(tmp_path: Path) -> None:
    data, tokens = tmp_path / "data.yaml", tmp_path / "tokens.yaml"
    data.write_text("lead: [{contact_number: 9000000001, country_code: 91}]")
    tokens.write_text("bearerAuth: [{token: mine}]")
    with running_mock("--data", str(data), "--tokens", str(tokens)) as mock:
        assert mock.put(9000000001, {"lead_data": {}})[0] == 401
        assert mock.put(9000000001, {"lead_data": {}}, Authorization="Bearer mine")[0] == 201
        assert mock.put(9876543210, {"lead_data": {}}, Authorization="Bearer mine")[0] == 404


def test_a_minted_token_is_accepted_and_an_expired_one_is_not() -> None:
    with running_mock() as mock:
        valid, expired = run_command("token").stdout.strip(), run_command("token", "--expired").stdout.strip()
        assert mock.put(9876543210, {"lead_data": {}}, Authorization=f"Bearer {valid}")[0] == 201
        assert mock.put(9876543210, {"lead_data": {}}, Authorization=f"Bearer {expired}")[0] == 401


def test_a_minted_token_expires_after_the_time_asked_for() -> None:
    claims = jwt.decode(run_command("token", "--expires-in", "90s").stdout.strip(), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 90


WRONG = {
    "an unknown reading": (["--reading", "colour=red"], "colour"),
    "an unknown choice": (["--reading", "order=never"], "lookup-first"),
    "a reading without a choice": (["--reading", "order"], "ID=CHOICE"),
    "a port that is none": (["--port", "70000"], "--port"),
    "a size that is none": (["--max-body", "big"], "1MiB"),
    "an unknown option": (["--colour"], "--colour"),
    "a document that is not there": (["nowhere.yaml"], "nowhere.yaml"),
    "data that is not there": (["--data", "nowhere.yaml"], "nowhere.yaml"),
    "a profile that is not there": (["--profile", "nowhere.yaml"], "nowhere.yaml"),
    "a host that is not this machine's": (["--host", "192.0.2.1"], "192.0.2.1"),
    "a folder as the document": (["."], "cannot read"),
}


@pytest.mark.repetitive
@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_one_message_and_exit_code_2(name: str, tmp_path: Path) -> None:
    arguments, named = WRONG[name]
    result = run_command("mock", "--port", "0", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert named in result.stderr
    assert "Traceback" not in result.stderr


FILES = {
    "seeds that break the schema": ("--data", "lead: [{contact_number: x, country_code: 1}]", "contact_number must be"),
    "a seed of an unknown resource": ("--data", "person: []", "person"),
    "two seeds of one key": (
        "--data",
        "lead: [{contact_number: 1, country_code: 1}, {contact_number: 1, country_code: 2}]",
        "#/lead/1",
    ),
    "data that is no object": ("--data", "- 1", "expected a list of items for each resource"),
    "data that is not YAML": ("--data", "lead: [", "not YAML"),
    "a token without a text": ("--tokens", "bearerAuth: [{expires: 2020-01-01T00:00:00Z}]", "#/bearerAuth/0"),
    "a token that expires never": ("--tokens", "bearerAuth: [{token: a, expires: never}]", "expires"),
    "a profile of an unknown choice": ("--profile", "readings: {order: never}", "never"),
    "settings of an unknown option": ("--config", "mock: {colour: red}", "colour"),
    "settings of an unknown command": ("--config", "mick: {port: 1}", "mick"),
}


@pytest.mark.repetitive
@pytest.mark.parametrize("name", FILES)
def test_a_mistake_in_a_file_is_one_message_that_names_the_file(name: str, tmp_path: Path) -> None:
    option, content, named = FILES[name]
    file = tmp_path / "wrong.yaml"
    file.write_text(content)
    arguments = ("--config", str(file), "mock") if option == "--config" else ("mock", option, str(file))
    result = run_command(*arguments, "--port", "0")
    assert result.returncode == 2
    assert "wrong.yaml" in result.stderr
    assert named in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_one_message_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run_command("mock", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 2
    assert "in use" in result.stderr
    assert "--port 0" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The bundled document and its files, to be edited."""
    (tmp_path / "fixtures").mkdir()
    for name in ("openapi.yaml", "fixtures/leads.yaml", "fixtures/tokens.yaml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    return tmp_path / "openapi.yaml"


def message(mock: RunningMock) -> str:
    answer: dict[str, str] = json.loads(mock.put(9876543210, {"lead_data": {}})[2])
    return answer["message"]


def wait_until(condition: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_watching_follows_a_change_of_the_document_and_keeps_the_state(copy: Path) -> None:
    with running_mock(str(copy), "--watch") as mock:
        mock.put(9876543210, {"lead_data": {"city": "Goa"}})
        copy.write_text(copy.read_text().replace("Successfully updated lead.", "Done."))
        wait_until(lambda: message(mock) == "Done.")
        assert any(lead["data"].get("city") == "Goa" for lead in mock.state()["lead"])


def test_watching_a_document_that_breaks_goes_on_with_the_one_before(copy: Path) -> None:
    text = copy.read_text()
    with running_mock(str(copy), "--watch") as mock:
        copy.write_text("openapi: [")
        time.sleep(0.6)
        assert message(mock) == "Successfully updated lead."
        copy.write_text(text.replace("Successfully updated lead.", "Back."))
        wait_until(lambda: message(mock) == "Back.")


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_tells_of_each_exchange_but_no_token(form: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lookalike", "mock", "--port", "0", "--log", form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("PUT", LEAD, b"{}", TOKEN | JSON)
    connection.getresponse().read()
    connection.close()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=PATIENCE)
    assert "400" in log
    assert "tok-valid" not in log
    if form == "json":
        assert json.loads(log.splitlines()[-1])["status"] == 400  # the first line says which document was taken


def test_the_environment_of_the_mock_does_not_pass_for_headers_of_its_clients() -> None:
    with running_mock(env={**os.environ, "HTTP_AUTHORIZATION": "Bearer tok-valid"}) as mock:
        assert mock.request("PUT", LEAD, {"lead_data": {}}, JSON)[0] == 401


def test_every_command_explains_itself() -> None:
    for command in ([], ["mock"], ["check"], ["token"]):
        result = run_command(*command, "--help")
        assert (result.returncode, "Usage:" in result.stdout) == (0, True)


def test_every_option_of_the_mock_has_an_environment_twin() -> None:
    from lookalike.cli.mock import command

    missing = [parameter.name for parameter in command.params if not parameter.envvar]
    assert not missing


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        ("mock", ("schemathesis", "hypothesis", "openapi_spec_validator", "pytest", "jwt", "pydantic")),
        ("mock", ("http.client", "urllib.request")),
        ("verify", ("schemathesis", "hypothesis", "openapi_spec_validator", "pytest", "jwt", "pydantic", "sqlite3")),
        ("verify", ("lookalike.verify.calibration", "lookalike.verify.traffic", "lookalike.model.populate")),
    ],
)
def test_a_command_does_not_load_what_few_of_its_runs_need(command: str, unwanted: tuple[str, ...]) -> None:
    code = "import sys, lookalike.cli.runs.%s; print([m for m in sys.modules if f'{m}.'.startswith(%r)])"
    command_line = [sys.executable, "-c", code % (command, tuple(f"{name}." for name in unwanted))]
    uncovered = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # it needs sqlite3
    result = subprocess.run(command_line, capture_output=True, text=True, check=True, env=uncovered)
    assert result.stdout.strip() == "[]"


def test_the_help_of_commands_loads_nothing_that_they_run() -> None:
    code = (
        "import sys, click; from lookalike.cli import commands; context = click.Context(commands)\n"
        "assert all(commands.get_command(context, one) for one in commands.list_commands(context))\n"
        "print(sorted({'lookalike.contract.contract', 'lookalike.verify.results', 'asyncio'} & sys.modules.keys()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


PETS = str(ROOT / "fixtures" / "contracts" / "pets" / "openapi.yaml")


def test_explain_tells_a_line_for_each_operation_and_the_overlay_that_says_the_same() -> None:
    done = run_command("check", "--explain", PETS)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert "POST   /pets                           creates a pet, key id (integer, counted)  [shown: effect]" in lines
    assert "POST   /pets/{petId}/vaccinate         answers by example where a pet is  [guessed: effect]" in lines
    assert "- target: $.paths['/pets'].post" in lines


def test_an_api_without_extension_is_mocked_with_state_and_location_below_its_base_path() -> None:
    with running_mock(PETS) as mock:
        status, headers, _ = mock.request("POST", "/api/pets", {"name": "Rex", "kind": "dog"}, JSON)
        assert (status, headers["location"]) == (201, "/api/pets/3")
        assert json.loads(mock.request("GET", headers["location"])[2])["name"] == "Rex"


def test_a_stateless_mock_remembers_nothing_and_a_populated_one_has_items_from_the_start() -> None:
    with running_mock(PETS, "--stateless") as mock:
        assert mock.request("GET", "/api/pets/99")[0] == 200
    with running_mock(PETS, "--populate", "4") as mock:
        assert json.loads(mock.request("GET", "/api/pets")[2])["total"] == 4
