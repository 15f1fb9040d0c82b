"""The steps that others run in CI: the GitHub Action and the hook for pre-commit."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.openapi.document import load_yaml
from tests.support.paths import FIXTURES, ROOT

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
ACTION: Any = load_yaml(ROOT / "action.yml")
HOOKS: Any = load_yaml(ROOT / ".pre-commit-hooks.yaml")
FORGETFUL = """
overlay: 1.1.0
info: {title: DELETE is answered but deletes nothing, version: "1"}
actions:
  - target: $.paths['/pets/{petId}'].delete
    update: {x-lookalike: {}}
"""


def run(script: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does: by bash, ended by the first command that fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def step(name: str) -> Any:
    return next(one for one in ACTION["runs"]["steps"] if one["name"] == name)


def test_the_action_fails_for_a_violation_unless_the_baseline_has_it_and_writes_every_report(tmp_path: Path) -> None:
    overlay, target = tmp_path / "forgetful.yaml", tmp_path / "target.yaml"
    overlay.write_text(FORGETFUL, encoding="utf-8")
    target.write_text("disposable: true\n", encoding="utf-8")
    with lookalike.Mock(lookalike.load(PETS, overlays=[overlay])).serve() as server:
        environment = {
            "URL": server.url,
            "DOCUMENT": str(PETS),
            "TARGET": str(target),
            "BASELINE": "baseline.json",  # which is not there in the first run
            "OPTIONS": "--only clauses --clause deletePet.absent-after-delete",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }
        first = run(step("Verify")["run"], tmp_path, environment)
        assert first.returncode == 1, first.stdout + first.stderr
        found = json.loads((tmp_path / "lookalike" / "report.json").read_text(encoding="utf-8"))
        assert [one["clause"] for one in found["failures"]] == ["deletePet.absent-after-delete"]
        assert "deletePet.absent-after-delete" in (tmp_path / "summary.md").read_text(encoding="utf-8")
        assert {one.name for one in (tmp_path / "lookalike").iterdir()} == {"report.json", "junit.xml", "report.sarif"}
        (tmp_path / "lookalike" / "report.json").rename(tmp_path / "baseline.json")
        second = run(step("Verify")["run"], tmp_path, environment)
        assert second.returncode == 0, second.stdout + second.stderr


def test_every_input_of_the_action_reaches_its_step_as_a_variable_and_not_as_text_of_the_script() -> None:
    variables = {**step("Verify")["env"], **step("Install")["env"]}
    for name in ACTION["inputs"]:
        assert f"${{{{ inputs.{name} }}}}" in variables.values()
    assert not [one for one in ACTION["runs"]["steps"] if "${{" in one.get("run", "")]


@pytest.mark.parametrize(("text", "code"), [(PETS.read_text(encoding="utf-8"), 0), ("openapi: 3.1.0\n", 2)])
def test_the_hook_checks_a_document(text: str, code: int, tmp_path: Path) -> None:
    (hook,) = HOOKS
    assert re.search(hook["files"], "api/openapi.yaml")
    assert not re.search(hook["files"], "api/myopenapi.yaml")
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    done = run(shlex.join([*hook["entry"].split(), "openapi.yaml"]), tmp_path, {})
    assert (done.returncode != 0) == (code != 0), done.stdout + done.stderr
