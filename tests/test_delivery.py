"""The steps that CI runs: those of the GitHub Action, the GitLab component, the hook for pre-commit, and a release."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.openapi.document import parse_document
from lookalike.openapi.yaml_text import load_yaml
from tests.support.paths import FIXTURES, ROOT

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
ACTION: Any = load_yaml(ROOT / "action.yml")
INPUTS, JOBS = (
    parse_document(text, "verify.yml").data
    for text in (ROOT / "templates" / "verify.yml").read_text(encoding="utf-8").split("\n---\n")
)
RELEASE: Any = load_yaml(ROOT / ".github" / "workflows" / "release.yml")
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


def test_the_job_of_gitlab_fails_for_a_violation_and_writes_its_reports_without_bash(tmp_path: Path) -> None:
    (job,) = JOBS.values()
    overlay, target = tmp_path / "forgetful.yaml", tmp_path / "target.yaml"
    overlay.write_text(FORGETFUL, encoding="utf-8")
    target.write_text("disposable: true\n", encoding="utf-8")
    given = {"document": str(PETS), "options": "--only clauses --clause deletePet.absent-after-delete"}
    with lookalike.Mock(lookalike.load(PETS, overlays=[overlay])).serve() as server:
        inputs = {
            name: given.get(name, one.get("default", server.url)) for name, one in INPUTS["spec"]["inputs"].items()
        }
        variables = {
            name: re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: inputs[match[1]], value)
            for name, value in job["variables"].items()
        }
        done = run(shlex.join(["sh", "-e", "-c", "\n".join(job["script"])]), tmp_path, variables)
    assert done.returncode == 1, done.stdout + done.stderr
    reports = {one.name for one in (tmp_path / "reports").iterdir()}
    assert reports == {"lookalike.json", "lookalike.xml", "lookalike.md"}
    assert job["artifacts"]["reports"]["junit"].removeprefix("reports/") in reports
    assert "$[[" not in "".join([*job["script"], *job["before_script"]])


def test_only_the_job_that_publishes_may_prove_who_it_is_and_it_has_no_password() -> None:
    jobs = RELEASE["jobs"]
    assert RELEASE["permissions"] == {"contents": "read"}
    assert [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})] == ["publish"]
    assert not [step for step in jobs["publish"]["steps"] if "run" in step or "password" in step.get("with", {})]
    assert "secrets." not in (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def test_the_dockerfile_keeps_the_rules_of_hadolint(tmp_path: Path) -> None:
    told = run(f"hadolint {shlex.quote(str(ROOT / 'Dockerfile'))}", tmp_path, {})
    assert (told.returncode, told.stdout) == (0, "")


def _has_engine() -> bool:
    """Whether an engine for containers answers; its client alone builds nothing."""
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0


if _has_engine():  # elsewhere, the rules of hadolint are all that can be tried

    def test_the_image_is_built_and_its_mock_is_no_root(tmp_path: Path) -> None:
        image = f"lookalike-{os.getpid()}"
        built = run(f"docker build --quiet --tag {image} {shlex.quote(str(ROOT))}", tmp_path, {})
        assert built.returncode == 0, built.stderr
        told = run(
            f"docker run --rm {image} --version; docker run --rm --entrypoint id {image} -u; docker rmi -f {image}",
            tmp_path,
            {},
        )
        assert told.stdout.splitlines()[:2] == [f"lookalike {version('lookalike')}", "10001"], told.stderr
