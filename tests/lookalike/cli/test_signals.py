"""Ctrl-C and SIGTERM end every command: at once where nothing is to be cleaned up, whatever native code does."""

import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import pytest

from lookalike.__main__ import INTERRUPTED
from lookalike.cli import _COMMANDS
from tests.support.hostile import hostile
from tests.support.paths import FIXTURES
from tests.support.running import PATIENCE

pytestmark = pytest.mark.repetitive

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
# Native code that runs for hours and never looks for signals, where a module is about to be imported.
BUSY = """
import sys, importlib.abc
class Busy(importlib.abc.MetaPathFinder):
    def find_spec(self, name, *_):
        if name == {place!r}:
            print("busy", flush=True)
            sum(range(10**15))
sys.meta_path.insert(0, Busy())
from lookalike.__main__ import run
run()
"""
# The module that a command imports in the middle of its work, by the words of the command.
PLACES = {
    **{name: (f"lookalike.cli.{name}", (name,)) for name in _COMMANDS},
    "a validation": ("lookalike.soundness", ("check", str(PETS))),
    "the command line itself": ("lookalike.cli", ("check", str(PETS))),
    "the library of the command line": ("click", ("check", str(PETS))),
}


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a process, and its errors."""
    _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors


@contextmanager
def started(*commands: Sequence[str], folder: Path | None = None) -> Iterator[list[subprocess.Popen[str]]]:
    with ExitStack() as stack:
        processes = []
        for command in commands:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            processes.append(process)
        yield processes


@pytest.mark.parametrize(
    ("number", "names"), [(signal.SIGINT, [*PLACES]), (signal.SIGTERM, ["verify", "a validation"])]
)
def test_a_signal_ends_each_command_in_the_middle_of_native_code(number: signal.Signals, names: list[str]) -> None:
    commands = [("-c", BUSY.format(place=PLACES[name][0]), *PLACES[name][1]) for name in names]
    with started(*commands) as processes:
        for name, process in zip(names, processes, strict=True):
            assert process.stdout is not None
            assert process.stdout.readline() == "busy\n", name
        for process in processes:
            process.send_signal(number)
        assert dict(zip(names, map(ended, processes), strict=True)) == dict.fromkeys(names, (-number, ""))


def test_a_signal_ends_commands_that_wait_for_a_server_which_never_answers(tmp_path: Path) -> None:
    asked, over = [], Event()

    def silence(request: bytes) -> Iterable[bytes]:
        asked.append(request)
        over.wait(PATIENCE)
        return []

    (tmp_path / "target.yaml").write_text("{}")
    with hostile(silence) as url:
        commands = {
            "calibrate": ("calibrate", url, str(PETS), "--target", "target.yaml", "--timeout", "1h"),
            "check": ("check", f"{url}/openapi.yaml"),
        }
        with started(*(("-m", "lookalike", *words) for words in commands.values()), folder=tmp_path) as processes:
            while len(asked) < len(commands):
                assert all(process.poll() is None for process in processes)
                Event().wait(0.01)
            for process in processes:
                process.send_signal(signal.SIGINT)
            told = dict(zip(commands, map(ended, processes), strict=True))
        over.set()
    assert told == {"calibrate": (INTERRUPTED, "\nlookalike: interrupted\n"), "check": (-signal.SIGINT, "")}
