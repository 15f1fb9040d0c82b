"""The package for JavaScript, by its own tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import FIXTURES, ROOT
from tests.support.running import PATIENCE

PACKAGE = ROOT / "src" / "lookalike-js"


def test_the_tests_of_the_package_pass() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js here")
    document = FIXTURES / "contracts" / "pets" / "openapi.yaml"
    environment = {
        **os.environ,
        "LOOKALIKE": str(Path(sys.executable).with_name("lookalike")),
        "LOOKALIKE_DOCUMENT": str(document),
    }
    tested = subprocess.run(
        [node, "--test", str(PACKAGE / "test")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
