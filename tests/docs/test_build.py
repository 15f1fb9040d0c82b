"""`make docs`: the pages are built without a warning, and hold every command and option."""

import html
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import lookalike
from lookalike.cli import commands
from tests.support.paths import ROOT
from tests.support.running import PATIENCE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages; what the Makefile runs, into another folder and without the network."""
    folder = tmp_path_factory.mktemp("site")
    recipe = re.search(r"^docs:.*\n\t@(.*) docs build/docs$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    options = recipe[1].replace("$(VENV)/bin/python", sys.executable).split()
    # A proxy that nothing listens on, so that a page that needed the network would fail.
    offline = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    environment = {**offline, "PATH": "/usr/bin:/bin", "SPHINX_NO_COLOR": "1"}
    command = [*options, "-d", str(folder / "doctrees"), "docs", str(folder / "html")]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


def text_of(page: Path) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8")))


def test_the_reference_has_every_command_with_every_option(site: Path) -> None:
    text = text_of(site / "reference" / "commands.html")
    names = commands.list_commands(click.Context(commands))
    found = {name: commands.get_command(click.Context(commands), name) for name in names}
    for name, command in found.items():
        assert command is not None
        assert f"lookalike {name} [OPTIONS]" in text
        for parameter in command.params:
            assert all(option in text for option in parameter.opts if option.startswith("--")), (name, parameter.opts)
            assert parameter.envvar is None or str(parameter.envvar) in text


def test_the_reference_has_every_name_of_the_python_api(site: Path) -> None:
    text = (site / "reference" / "python.html").read_text(encoding="utf-8")
    assert [name for name in lookalike.__all__ if f'id="lookalike.{name}"' not in text] == []


def test_the_pages_load_nothing_from_other_sites(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|img|link|iframe)[^>]*?(?:src|href)=\"(https?:[^\"]*)", page.read_text())
        assert loaded == [], page


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("extension", ("answer.location", "create.taken", "decide")),
        ("target-file", ("observe.NAME.settle", "credentials.NAME.token_command")),
        ("report", ("failures[].reproduced", "clauses[].status")),
        ("control-api", ("GET /__lookalike/state/{resource}/{key}", "limit")),
    ],
)
def test_the_reference_lists_members_and_operations(site: Path, page: str, words: tuple[str, ...]) -> None:
    text = text_of(site / "reference" / f"{page}.html")
    assert not [word for word in words if word not in text]
