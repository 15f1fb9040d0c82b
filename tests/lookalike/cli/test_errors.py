"""Whatever goes wrong, the user reads one line; the exit code says whose mistake it is. A trace is shown on request."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from lookalike.cli import INTERRUPTED, main
from tests.support.paths import ROOT
from tests.support.running import PATIENCE, run_command

PETS = str(ROOT / "fixtures" / "contracts" / "pets" / "openapi.yaml")
URL = "http://127.0.0.1:9"  # the discard service, which no machine has

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The exit code and standard error of a command, which runs in this process and an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lookalike", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        return code, capsys.readouterr().err

    return command


WRONG_FILES: dict[str, bytes | None] = {
    "missing.yaml": None,
    "binary.yaml": bytes(range(256)),
    "unfinished.yaml": b"a: [",
    "unfinished.json": b'{"a":',
    "a-list.yaml": b"- 1",
    "a-text.yaml": b"nothing",
}
PLACES = {
    "the document": ("mock", "--port", "0", "{}"),
    "an overlay": ("mock", PETS, "--port", "0", "--overlay", "{}"),
    "data": ("mock", PETS, "--port", "0", "--data", "{}"),
    "tokens": ("mock", PETS, "--port", "0", "--tokens", "{}"),
    "a profile": ("mock", PETS, "--port", "0", "--profile", "{}"),
    "settings": ("--config", "{}", "mock", PETS, "--port", "0"),
    "a target": ("verify", URL, PETS, "--target", "{}"),
    "a report": ("replay", "{}", URL, PETS),
    "a journal": ("restore", "{}", URL, PETS),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("file", WRONG_FILES)
def test_a_file_that_cannot_be_used_is_one_line_that_names_it(file: str, place: str, run: Run, tmp_path: Path) -> None:
    content = WRONG_FILES[file]
    if content is not None:
        (tmp_path / file).write_bytes(content)
    code, told = run(*(argument.format(file) for argument in PLACES[place]))
    (line,) = told.splitlines()
    assert code == 2
    assert file in line
    assert "Traceback" not in line


@pytest.mark.parametrize("place", PLACES)
def test_a_folder_in_place_of_a_file_is_one_line_that_names_it(place: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    code, told = run(*(argument.format("folder") for argument in PLACES[place]))
    (line,) = told.splitlines()
    assert (code, "folder" in line, "directory" in line) == (2, True, True)


WRONG_USAGE = {
    "an unknown command": (("moc",), "lookalike: no such command 'moc'"),
    "an unknown option": (("mock", "--prot", "1"), "(see `lookalike mock --help`)"),
    "no URL": (("verify",), "lookalike verify: missing argument 'URL'"),
    "a number that is none": (("mock", "--port", "x"), "'x' is not a valid whole number"),
    "a number that is too large": (("mock", "--port", "99999"), "not in the range"),
    "a value that is missing": (("mock", "--data"), "'--data' requires an argument"),
    "a URL that is not read": (("check", "ftp://example.com/x.yaml"), "neither a file nor an http(s) URL"),
    "a header field that is none": (("verify", URL, PETS, "--header", "x"), "write NAME:VALUE"),
    "an issuer that is no URL": (("mock", PETS, "--issuer", "shop"), "'shop' is no absolute http URL"),
    "a host with a port": (("mock", PETS, "--callback-host", "shop:80"), "write the name or the address alone"),
    "an address without a port": (("verify", URL, PETS, "--listen", "localhost"), "write HOST:PORT"),
    "an unknown report": (("verify", URL, PETS, "--report", "pdf=x"), "json="),
}


@pytest.mark.parametrize("name", WRONG_USAGE)
def test_wrong_usage_is_one_line_that_says_what_to_do(name: str, run: Run) -> None:
    arguments, words = WRONG_USAGE[name]
    code, told = run(*arguments)
    (line,) = told.splitlines()
    assert code == 2
    assert words.lower() in line.lower()


def test_a_wrong_value_is_told_with_the_place_where_it_was_set(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lookalike.yaml").write_text("mock: {port: x}")
    assert "(from the settings file)" in run("mock")[1]
    monkeypatch.setenv("LOOKALIKE_PORT", "y")
    assert "(from the environment variable LOOKALIKE_PORT)" in run("mock")[1]


def test_without_a_command_the_help_is_shown_and_the_exit_code_is_2(run: Run) -> None:
    code, told = run()
    assert (code, told.startswith("Usage: lookalike [OPTIONS] COMMAND")) == (2, True)


def broken(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, into which a defect is planted."""
    code = "import lookalike.cli.token as module; module.mint = None; from lookalike.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=PATIENCE,
        check=False,
    )


def test_an_internal_error_is_one_line_and_exit_code_3() -> None:
    done = broken("token")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "lookalike: internal error: TypeError: 'NoneType' object is not callable; "
        "run again with --debug to see the trace\n"
    )


@pytest.mark.parametrize("arguments", [("--debug", "token"), ("token", "--debug")])
def test_the_trace_of_an_internal_error_is_shown_where_it_is_asked_for(arguments: tuple[str, ...]) -> None:
    done = broken(*arguments)
    assert done.returncode == 3
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "TypeError: 'NoneType' object is not callable" in done.stderr


def test_the_trace_is_shown_where_the_environment_asks_for_it() -> None:
    assert broken("token", LOOKALIKE_DEBUG="1").stderr.startswith("Traceback")


def redirected(command: str) -> subprocess.CompletedProcess[str]:
    """A command of the shell, in which `lookalike` is this one."""
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; lookalike() {{ "{sys.executable}" -m lookalike "$@"; }}; {command}'],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("command", ["token", "check lead", "--help"])
def test_a_full_disk_is_one_line_and_exit_code_3(command: str) -> None:
    done = redirected(f"lookalike {command} > /dev/full")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "lookalike: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("command", ["token", "check lead --explain"])
def test_a_standard_output_that_is_closed_is_one_line_and_exit_code_3(command: str) -> None:
    done = redirected(f"lookalike {command} >&-")
    assert (done.returncode, done.stderr) == (3, "lookalike: the output cannot be written: Bad file descriptor\n")


def is_served(port: int) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/__lookalike/health") as response:
        return bool(response.status == 200)
    return False


@pytest.mark.parametrize("output", [">&-", "> /dev/full"])
def test_a_mock_serves_without_an_output_and_ends_well(output: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = f'exec "{sys.executable}" -m lookalike mock lead --log off --port {port} {output}'
    with subprocess.Popen(["bash", "-c", command], stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + PATIENCE
        while not is_served(port) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("command", ["check lead --explain", "mock --help"])
def test_a_pipe_whose_reader_has_left_causes_neither_a_traceback_nor_a_verdict(command: str) -> None:
    done = redirected(f"lookalike {command} | true")
    assert (done.returncode, done.stderr) == (3, "")


def test_texts_of_others_cannot_control_the_terminal(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "b\x1b[31m.json"
    broken.write_text(
        '{"openapi": "3.1.0", "info": {"title": "\\u001b]0;x\\u0007", "version": "1"}, "paths": {"/\\u001b[2J": 1}}'
    )
    for command in (("replay", "a\x1b[31m.json", URL), ("check", str(broken)), ("mock", str(broken), "--strict")):
        told = run(*command)[1]
        assert "\x1b" not in told
        assert "\x07" not in told
    assert run("replay", "a\x1b[31m.json", URL)[1].startswith("lookalike: cannot read a\\x1b[31m.json: ")


CONTROLS = "\x1b[31m\x07\x9b"
HOSTILE = {
    "openapi": "3.1.0",
    "info": {"title": CONTROLS, "version": CONTROLS},
    "tags": [{"name": CONTROLS}],
    "paths": {
        f"/a{CONTROLS}": {
            "get": {
                "operationId": CONTROLS,
                "tags": [CONTROLS],
                "responses": {
                    "200": {
                        "description": CONTROLS,
                        "content": {"application/json": {"schema": {"type": CONTROLS, "pattern": f"({CONTROLS}"}}},
                    }
                },
            },
            "post": {f"x{CONTROLS}": 1, "requestBody": {"$ref": f"#/components/{CONTROLS}"}, "responses": {}},
        }
    },
}


@pytest.mark.repetitive
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "d.json"),
        ("check", "d.json", "--explain"),
        *(("check", "d.json", "--format", form) for form in ("json", "github", "sarif")),
        ("mock", "d.json", "--strict"),
        ("verify", URL, "d.json"),
        ("calibrate", URL, "d.json"),
        ("replay", "d.json", URL),
        ("restore", "d.json", URL),
        ("check", "no.yaml"),
        ("--config", "settings.yaml", "check", "d.json"),
    ],
    ids=" ".join,
)
def test_no_command_writes_control_characters_of_a_document(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "d.json").write_text(json.dumps(HOSTILE))
    (tmp_path / "no.yaml").write_text(f"a: [{CONTROLS}\n b: }}")
    (tmp_path / "settings.yaml").write_text('"ch\\eck": {"st\\arict": 1}')
    done = run_command(*arguments, cwd=tmp_path)
    told = done.stdout + done.stderr
    assert told
    assert not [one for one in told if (one < " " and one not in "\n\t") or "\x7f" <= one < "\xa0"]
    assert "internal error" not in told


@pytest.mark.parametrize("loaded", ["lookalike.cli", "click", "lookalike.cli.check"])
def test_an_interruption_while_modules_are_loaded_is_no_traceback(loaded: str) -> None:
    """The interruption comes from the module itself, so that it hits this moment on any machine."""
    code = (
        "import os, signal, sys, importlib.abc\n"
        "class Interrupting(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {loaded!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "sys.argv = ['lookalike', 'check', 'missing.yaml']\n"
        "from lookalike.__main__ import run\n"
        "run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode in {-signal.SIGINT, INTERRUPTED}
    assert done.stderr in {"", "\nlookalike: interrupted\n", "lookalike: interrupted\n"}
