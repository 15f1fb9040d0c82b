"""README.md is short, and `make mock` sets everything up in a fresh clone."""

import os
import re
import shutil
import subprocess
from importlib.metadata import files, metadata
from pathlib import Path

from tests.docs.pages import blocks
from tests.support.paths import ROOT
from tests.support.process_group import process_group

SETUP_SECONDS = 300


def test_the_readme_has_two_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 160


def test_make_mock_sets_everything_up_in_a_fresh_clone(tmp_path: Path) -> None:
    assert "make mock\n" in [block.text for block in blocks("README.md")]
    clone = tmp_path / "clone"
    ignored = shutil.ignore_patterns(".venv*", ".git", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "build")
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
        process_group=process_group(),
    )
    assert process.stdout is not None
    try:
        line = next((line for line in process.stdout if "listening on" in line), "")
        curl = next((line for line in process.stdout if line.strip().startswith("curl -i")), "false")
        assert "listening on http://127.0.0.1:" in line
        done = subprocess.run(curl, shell=True, capture_output=True, text=True, timeout=SETUP_SECONDS, check=True)
        assert " 201 " in done.stdout.splitlines()[0]
    finally:
        process.terminate()
        process.communicate()


def test_make_test_is_what_ci_runs() -> None:
    assert "make test\n" in [block.text for block in blocks("README.md")]
    assert re.search(r"^exec make .*\btest$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


def test_the_documentation_counts_the_planted_defects_right() -> None:
    from tests.defects.catalogue import DEFECTS

    for page in ("decisions.md", "testing.md"):
        text = (ROOT / "docs" / "develop" / page).read_text(encoding="utf-8")
        assert set(re.findall(r"(\d+) defects", text)) == {str(len(DEFECTS))}


def test_the_architecture_lists_every_part_of_the_package() -> None:
    text = (ROOT / "docs" / "develop" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`(\w+)/?`", "".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE))))
    parts = {
        path.name.removesuffix(".py") for path in (ROOT / "src" / "lookalike").iterdir() if path.name[0] not in "_."
    }
    assert parts - {"py.typed"} == listed


def test_the_package_says_its_license() -> None:
    assert metadata("lookalike")["License-Expression"] == "MIT AND Apache-2.0"
    assert [file for file in files("lookalike") or () if file.match("licenses/LICENSE")]
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n\nCopyright (c) 2026")
