"""A reader who follows a page of the documentation from top to bottom, in a folder of its own.

- A block of `sh` is run by bash; variables and the folder stay from block to block. One that starts a mock runs until
  the page starts another on the same port, or ends. The port is a free one, and put in place of the documented one.
- A block of any language whose first line is a comment with a file name is written to that file.
- A block of `python` is run; one of `js` is run by a browser.
- A block of `text` or `json` shows the output of the block before it, with `...` for what may be anything.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.docs.pages import Block
from tests.support.paths import ROOT
from tests.support.process_group import process_group
from tests.support.running import LEAN_PYTEST, PATIENCE

_START = re.compile(r"^(?P<before>(?:\w+=\S+ )*)(?P<command>(?:\S*/)?lookalike mock\b(?P<options>[^|&;\n]*))$")
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=localhost:)\d+")
_USUAL_PORT = "4010"
CHECKOUT = "~/lookalike"
SETUP_SECONDS = 300  # for blocks that install something


def chromium() -> str | None:
    """The browser that runs blocks of `js`, where it is installed."""
    return shutil.which("chromium") or shutil.which("google-chrome")


class Reader:
    """Someone with bash, curl and `lookalike` on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = folder.parent / "shell-state"
        self._mocks: dict[str, _Mock] = {}
        self._output = ""

    def follow(self, block: Block) -> None:
        """Do what a block says; raises `AssertionError` with its place where it fails, or its output is another."""
        try:
            self._follow(block)
        except AssertionError as error:
            raise AssertionError(f"{block.place}\n{block.text}\n{error}") from None

    def _follow(self, block: Block) -> None:
        if block.file is not None:
            self._write(block.file, block.text)
        elif block.language == "sh":
            self._shell(block.text)
        elif block.language == "python":
            self._output = self._run([sys.executable, "-c", self._here(block.text)])
        elif block.language == "js":
            self._output = self._browse(block.text)
        elif block.language in ("text", "json"):
            self._compare(block)
        else:
            raise AssertionError(f"no test runs blocks of {block.language!r}")

    def leave(self) -> None:
        """Stop the mocks that run."""
        for mock in self._mocks.values():
            mock.stop()

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(text), encoding="utf-8")

    def _shell(self, text: str) -> None:
        start = _START.match(text.strip().replace("\\\n", ""))
        if start is None:
            self._output = self._run(["bash", "-c", self._script(self._in_background(self._here(text)))])
            return
        named = re.search(r"--port[= ](\d+)", start["options"])
        port = named[1] if named else _USUAL_PORT
        if port in self._mocks:
            self._mocks.pop(port).stop()
        options = re.sub(r"--port[= ]\d+", "", start["options"])
        command = self._here(
            f"{start['before']}exec {start['command'].removesuffix(start['options'])}{options} --port 0"
        )
        mock = _Mock(["bash", "-c", self._script(command)], self.folder, self._environment())
        self._mocks[port] = mock
        self._output = mock.banner.replace(f":{mock.port}", f":{port}")

    def _in_background(self, text: str) -> str:
        """The text with a free port for a mock that it starts and stops itself."""
        if not re.search(r"^\S*lookalike mock .*&$", text, re.MULTILINE):
            return text
        port = str(_free_port())
        return f"export LOOKALIKE_PORT={port}\n{text.replace(_USUAL_PORT, port)}\nunset LOOKALIKE_PORT"

    def _script(self, text: str) -> str:
        """A script that goes on where the one before it ended."""
        before = f"source {self._state}; cd -- $FOLDER_NOW\n" if self._state.exists() else ""
        after = f"FOLDER_NOW=$PWD; declare -px > {self._state}; declare -p FOLDER_NOW >> {self._state}"
        return f"set -eu\n{before}{text}\n{after}\n"

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SETUP_SECONDS,
            check=False,
            process_group=process_group(),
        )
        assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return self._as_documented(done.stdout)

    def _environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOOKALIKE_", "VIRTUAL_ENV"))}
        constraints = str(ROOT / ".ci" / "constraints.txt")
        return {**kept, **LEAN_PYTEST, "PATH": path, "COLUMNS": "120", "PIP_CONSTRAINT": constraints}

    def _here(self, text: str) -> str:
        """The text with the ports of the mocks that run, and the folder of the project."""
        ports = {port: str(mock.port) for port, mock in self._mocks.items()}
        return _PORT.sub(lambda match: ports.get(match[0], match[0]), text).replace(CHECKOUT, str(ROOT))

    def _as_documented(self, text: str) -> str:
        ports = {str(mock.port): port for port, mock in self._mocks.items()}
        return _PORT.sub(lambda match: ports.get(match[0], match[0]), text).replace(str(ROOT), CHECKOUT)

    def _browse(self, code: str) -> str:
        browser = chromium()
        assert browser is not None, "no Chromium here"
        page = self.folder / "page.html"
        script = self._here(code).replace("console.log(", "write(")
        write = "const write = (...words) => document.body.append(words.join(' '));"
        page.write_text(f"<body><script type=module>{write}\n{script}</script></body>", encoding="utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        flags += [f"--user-data-dir={self.folder / 'profile'}", "--virtual-time-budget=5000", "--dump-dom"]
        shown = re.search(r"</script>(.*?)</body>", self._run([browser, *flags, page.as_uri()]), re.DOTALL)
        return shown[1] if shown else ""

    def _compare(self, block: Block) -> None:
        expected, got = (_normal(text, block.language) for text in (block.text, self._output))
        pattern = ".*".join(re.escape(part) for part in expected.split("..."))
        assert re.fullmatch(pattern, got, re.DOTALL), f"expected\n{expected}\ngot\n{got}"


class _Mock:
    """A mock that a page started."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=process_group(),
        )
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()
        self.port = self._wait()

    @property
    def banner(self) -> str:
        """All that it has said so far."""
        return "".join(self._lines)

    def _drain(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            self._lines.extend(iter(lines.readline, ""))

    def _wait(self) -> int:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            announced = re.search(r"listening on http://\S*:(\d+)", self.banner)
            if announced and _is_healthy(int(announced[1])):
                return int(announced[1])
            time.sleep(0.02)
        self.stop()
        raise AssertionError(f"the mock did not start\n{self.banner}")

    def stop(self) -> None:
        """Stop it as its users do."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(PATIENCE)
        self._thread.join()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/__lookalike/health", timeout=PATIENCE):
            return True
    except OSError:
        return False


def _normal(text: str, language: str) -> str:
    """Output as it is compared: JSON without layout, text without white space at its ends."""
    if language == "json":
        return json.dumps(_parsed(text), sort_keys=True, ensure_ascii=False)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise AssertionError(f"this is not JSON:\n{text}") from None


@contextmanager
def a_reader(folder: Path) -> Iterator[Reader]:
    """A reader in an empty folder, whose mocks are stopped at the end."""
    place = folder / "api"
    place.mkdir()
    reader = Reader(place)
    try:
        yield reader
    finally:
        reader.leave()
