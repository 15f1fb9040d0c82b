"""Every command and snippet of the README does what the README says."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.support.paths import ROOT
from tests.support.running import JSON, PATIENCE, TOKEN, RunningMock, running_mock

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SETUP_SECONDS = 300


def blocks(language: str) -> list[str]:
    return [text.strip() for kind, text in BLOCKS if kind == language]


def shell_block(start: str) -> str:
    return next(block for block in blocks("sh") if block.startswith(start))


def shell(command: str, mock: RunningMock) -> str:
    here = command.replace("127.0.0.1:4010", f"127.0.0.1:{mock.port}")
    done = subprocess.run(here, shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def running() -> Iterator[RunningMock]:
    with running_mock() as mock:
        yield mock


@pytest.fixture
def mock(running: RunningMock) -> RunningMock:
    running.reset()
    return running


def test_the_first_exchange_is_a_201_and_shows_in_the_state(mock: RunningMock) -> None:
    update, look = (
        block for block in blocks("sh") if ("9876543210" in block and "tags" in block) or "state/lead" in block
    )
    assert " 201 " in shell(update, mock).splitlines()[0]
    lead = json.loads(shell(look, mock))
    assert (lead["data"]["name"], lead["tags"]) == ("Asha R. Rao", [3, 7, 101, 102])


def test_the_reset_that_the_readme_names_brings_the_seeds_back(mock: RunningMock) -> None:
    before = mock.state()
    mock.put(9876543210, {"lead_data": {"name": "changed"}})
    shell("curl -s -X POST http://127.0.0.1:4010/__lookalike/reset", mock)
    assert "curl -s -X POST http://127.0.0.1:4010/__lookalike/reset" in README
    assert mock.state() == before


def test_the_request_of_the_story_gets_the_answer_that_the_readme_shows(mock: RunningMock) -> None:
    story = next(block for block in blocks("sh") if "27005550142" in block)
    assert json.loads(shell(story, mock)) == json.loads(blocks("json")[0])


def test_the_request_of_the_story_succeeds_under_the_reading_that_the_readme_names() -> None:
    assert "lookalike mock --reading requirement=tags-suffice" in README
    story = next(block for block in blocks("sh") if "27005550142" in block)
    with running_mock("--reading", "requirement=tags-suffice") as mock:
        assert json.loads(shell(story, mock))["status"] == 201


def test_an_api_of_ones_own_remembers_as_the_readme_says() -> None:
    document = shell_block("lookalike mock fixtures").split()[-1]
    with running_mock(str(ROOT / document)) as mock:
        created, listed, deleted, gone = (
            shell(line, mock) for line in shell_block("curl -s http://127.0.0.1:4010/api/pets").splitlines()
        )
    rex = json.loads(created)
    assert (rex["id"], rex["name"], "created_at" in rex) == (3, "Rex", True)
    assert [pet["name"] for pet in json.loads(listed)["data"]] == ["Bello", "Rex"]
    assert (deleted, "there is no pet 3" in gone) == ("", True)


def test_the_readings_can_be_listed_as_the_readme_says(mock: RunningMock) -> None:
    listed = shell("curl -s http://127.0.0.1:4010/__lookalike/readings", mock)
    assert "curl -s http://127.0.0.1:4010/__lookalike/readings" in README
    assert "requirement" in listed


def test_the_journal_shows_the_last_400(mock: RunningMock) -> None:
    mock.put(9876543210, {"add_tags": []})
    exchanges = json.loads(shell(shell_block("curl -s 'http"), mock))
    assert '"status":400' in json.dumps(exchanges, separators=(",", ":"))


def test_waiting_for_health_ends_once_the_mock_is_there(mock: RunningMock) -> None:
    shell(shell_block("until curl"), mock)


def test_the_python_snippet_prints_the_success(mock: RunningMock) -> None:
    code = blocks("python")[0].replace("127.0.0.1:4010", f"127.0.0.1:{mock.port}")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.strip() == "201 Successfully updated lead."


def test_the_fetch_snippet_prints_the_success_in_a_browser(mock: RunningMock, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    code = blocks("js")[0].replace("127.0.0.1:4010", f"127.0.0.1:{mock.port}").replace("console.log(", "write(")
    page = tmp_path / "page.html"
    script = f"const write = (...words) => document.body.append(words.join(' '));\n{code}"
    page.write_text(f"<body><script type=module>{script}</script></body>")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command = [chromium, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000", "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    assert "201 Successfully updated lead." in done.stdout


def test_prefer_works_as_the_readme_says(mock: RunningMock) -> None:
    assert mock.put(9876543210, {"lead_data": {}}, Prefer="code=404")[0] == 404


def test_clients_with_a_prefix_are_served_as_the_readme_says() -> None:
    assert "lookalike mock --base-path /api/v1" in README
    with running_mock("--base-path", "/api/v1") as mock:
        assert mock.request("PUT", "/api/v1/leads/9876543210/update", {"lead_data": {}}, TOKEN | JSON)[0] == 201


def test_the_tables_name_every_command_and_every_option_of_the_mock() -> None:
    from lookalike.cli import commands
    from lookalike.cli.mock import command

    assert all(f"`lookalike {name}" in README for name in commands.list_commands(click.Context(commands)))
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert not [option for option in options if f"`{option}" not in README]


def target_of_the_readme(tmp_path: Path) -> Path:
    file = tmp_path / "target.yaml"
    file.write_text(next(block for block in blocks("yaml") if block.startswith("credentials:")))
    return file


def verify(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "API_TOKEN": "tok-valid", "OLD_TOKEN": "tok-expired"}
    command = [sys.executable, "-m", "lookalike", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_the_target_file_of_the_readme_is_one_and_the_command_beside_it_plans_a_run(tmp_path: Path) -> None:
    _, command, *arguments = shlex.split(shell_block("lookalike verify"))
    target_of_the_readme(tmp_path)
    done = verify(command, *arguments, "--plan", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "https://staging.example.com/leads/9876543210/update" in done.stdout


def test_the_mock_can_be_verified_and_calibrated_as_the_readme_says(mock: RunningMock, tmp_path: Path) -> None:
    assert "`lookalike verify http://127.0.0.1:4010`" in README
    assert "`lookalike calibrate http://127.0.0.1:4010 --output profile.yaml`" in README
    assert verify("verify", mock.url, "--only", "clauses", cwd=tmp_path).returncode == 0
    assert verify("calibrate", mock.url, "--output", "profile.yaml", cwd=tmp_path).returncode == 0
    with running_mock("--profile", str(tmp_path / "profile.yaml")) as calibrated:
        assert calibrated.put(9876543210, {"lead_data": {}})[0] == 201


def test_a_document_that_states_no_clauses_is_judged_as_the_readme_says() -> None:
    document = "fixtures/contracts/pets/openapi.yaml"
    assert f"`lookalike mock {document}`" in README
    block = next(one for one in blocks("sh") if one.startswith("lookalike verify http://127.0.0.1:4010 fixtures"))
    with running_mock(document, cwd=ROOT) as pets:
        _, *arguments = shlex.split(block.replace("4010", str(pets.port)))
        done = verify(*arguments, "--only", "clauses", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    told = README.partition("## Judging a server of any other document")[2].partition("## The control API")[0]
    named = [id for row in re.findall(r"^\| (`\w+\..*?) \|", told, re.MULTILINE) for id in re.findall(r"`(.*?)`", row)]
    assert len(named) == 9
    assert not [id for id in named if id not in done.stdout and not id.endswith("without-credentials")]


def test_the_examples_for_ci_use_flags_that_there_are() -> None:
    from lookalike.cli.verify import command

    flags = set(
        re.findall(r" (--[a-z-]+)", "\n".join(block for block in blocks("yaml") if "lookalike verify" in block))
    )
    assert flags
    assert flags <= {option for parameter in command.params for option in parameter.opts}


def test_the_readme_counts_the_planted_defects_right() -> None:
    from tests.defects.catalogue import DEFECTS

    assert f"`tests/defects` holds {len(DEFECTS)}" in README


def test_the_architecture_lists_every_part_of_the_package() -> None:
    listed = next(text for kind, text in BLOCKS if kind == "" and "contract/" in text)
    parts = {
        path.name.removesuffix(".py") for path in (ROOT / "src" / "lookalike").iterdir() if path.name[0] not in "_."
    }
    missing = [part for part in parts - {"py.typed"} if not re.search(rf"^(\w+, )*{part}\b", listed, re.MULTILINE)]
    assert not missing


def test_make_mock_sets_everything_up_in_a_fresh_clone(tmp_path: Path) -> None:
    assert shell_block("make mock") == "make mock"
    clone = tmp_path / "clone"
    ignored = shutil.ignore_patterns(".venv*", ".git", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, clone, ignore=ignored)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "MAKE", "COV"))
    }
    process = subprocess.Popen(
        ["make", "mock", "ARGS=--port 0 --log off"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = next((line for line in process.stdout if "listening on" in line), "")
        curl = next((line for line in process.stdout if line.strip().startswith("curl -i")), "false")
        assert "listening on http://127.0.0.1:" in line
        done = subprocess.run(curl, shell=True, capture_output=True, text=True, timeout=SETUP_SECONDS, check=True)
        assert " 201 " in done.stdout.splitlines()[0]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate()


def test_make_test_is_what_ci_runs() -> None:
    assert shell_block("make test") == "make test"
    assert re.search(r"^exec make .*\btest$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
