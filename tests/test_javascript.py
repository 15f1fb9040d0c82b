"""The package for JavaScript, by its own tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.support.paths import FIXTURES, ROOT
from tests.support.running import PATIENCE

PACKAGE = ROOT / "src" / "lookalike-js"
PAGE = "docs/guide/javascript.md"
DOCUMENT = FIXTURES / "contracts" / "pets" / "openapi.yaml"


def test_the_tests_of_the_package_pass() -> None:
    assert_passes(PACKAGE / "test")


def test_the_first_example_of_the_docs_passes(tmp_path: Path) -> None:
    [example] = [block for block in blocks(PAGE) if block.file == "shop.test.js"]
    (tmp_path / "shop.test.mjs").write_text(example.text, encoding="utf-8")
    shutil.copy(DOCUMENT, tmp_path)
    installed = tmp_path / "node_modules" / "@lookalike" / "testing"
    installed.parent.mkdir(parents=True)
    installed.symlink_to(PACKAGE)
    assert_passes(tmp_path / "shop.test.mjs")


def assert_passes(tests: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js here")
    command = Path(sys.executable).with_name("lookalike")
    environment = {
        **os.environ,
        "LOOKALIKE": str(command),
        "LOOKALIKE_DOCUMENT": str(DOCUMENT),
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
    }
    tested = subprocess.run(
        [node, "--test", str(tests)],
        cwd=tests.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
