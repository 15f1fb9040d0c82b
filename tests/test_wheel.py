"""The wheel is all that a user needs: from any folder, on the command line and in Python, with its types."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.paths import ROOT
from tests.support.running import running_mock

BUILD_SECONDS = 300
LOWEST = ROOT / ".ci" / "lowest.txt"
SCRIPT = ROOT / "tests" / "support" / "user_script.py"


PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [*PIP, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=BUILD_SECONDS, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def installed(wheel: Path, name: str, *options: str, interpreter: str = sys.executable) -> Path:
    """The interpreter of a new environment with the wheel, made with another interpreter."""
    environment = wheel.parent / name
    subprocess.run([interpreter, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    install = [*PIP, "--python", str(python), "install", *options, str(wheel)]
    subprocess.run(install, check=True, timeout=BUILD_SECONDS, capture_output=True, text=True)
    return python


@pytest.fixture(scope="module")
def python(wheel: Path) -> Path:
    """The interpreter of an environment that holds the wheel alone; what it depends on is that of the tests."""
    found = installed(wheel, "environment", "--no-deps", "--no-index")
    (packages,) = found.parents[1].glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return found


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(python), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_alone_serves_the_lead_api_from_any_folder(python: Path, tmp_path: Path) -> None:
    with running_mock(cwd=tmp_path, python=str(python)) as mock:
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201
        assert mock.request("GET", "/__lookalike/openapi.json")[0] == 200
    checked = run(python, "-m", "lookalike", "check", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert str(ROOT) not in checked.stdout
    where = run(python, "-c", "import lookalike; print(lookalike.__file__)", cwd=tmp_path).stdout
    packages = Path(where.strip()).parent
    assert packages.is_relative_to(python.parents[1])
    assert (packages / "openapi" / "extension.schema.json").is_file()
    assert (packages / "py.typed").is_file()


def test_files_of_others_are_those_of_the_sboms_and_have_their_licenses(python: Path) -> None:
    (packages,) = python.parents[1].glob("lib/python*/site-packages")
    (information,) = packages.glob("lookalike-*.dist-info")
    bundled = {"vendored": ("server/console/vendor", "*.mjs"), "published": ("openapi/published", "*.schema.json")}
    named = set()
    for sbom, (folder, pattern) in bundled.items():
        works = json.loads((information / "sboms" / f"{sbom}.cdx.json").read_text())["components"]
        stated = {part["name"]: part["hashes"][0]["content"] for one in works for part in one["components"]}
        files = (packages / "lookalike" / folder).glob(pattern)
        assert stated == {file.name: sha256(file.read_bytes()).hexdigest() for file in files}
        named |= {one["name"] for one in works}
    assert named == {file.name.removesuffix(".LICENSE") for file in information.glob("licenses/**/*.LICENSE")}


def test_the_wheel_works_with_the_lowest_versions_that_it_allows(wheel: Path, tmp_path: Path) -> None:
    try:
        python = installed(wheel, "lowest", "--no-compile", "--constraint", str(LOWEST))
    except subprocess.CalledProcessError as error:
        if os.environ.get("LOOKALIKE_CI") or "ResolutionImpossible" in error.stderr:
            raise
        pytest.skip("the lowest versions cannot be installed here, as without a package index")
    with running_mock(cwd=tmp_path, python=str(python)) as mock:
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201
    # The files of `init` have settings of `verify`, which needs more than a plain install has.
    begun = run(python, "-m", "lookalike", "init", cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr
    checked = run(python, "-m", "lookalike", "check", "--explain", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    without = run(python, "-c", "import lookalike; lookalike.verify", cwd=tmp_path).stderr
    assert without.endswith("lookalike.verify needs more: run: pip install 'lookalike[verify]'\n")


def newest_python() -> tuple[str, str]:
    """Version and path of the newest Python that is here, also where pyenv keeps it; this one, where none is newer."""
    for minor in range(14, sys.version_info.minor, -1):
        version = f"3.{minor}"
        command = [f"python{version}", "-c", "import sys; print(sys.executable)"]
        variables = os.environ | {"PYENV_VERSION": version}
        with suppress(OSError, subprocess.CalledProcessError):
            found = subprocess.run(command, capture_output=True, text=True, env=variables, check=True)
            return version, found.stdout.strip()
    return f"3.{sys.version_info.minor}", sys.executable


def test_the_wheel_works_with_the_newest_python_that_is_here(wheel: Path, tmp_path: Path) -> None:
    version, interpreter = newest_python()
    python = installed(wheel, version, "--no-compile", interpreter=interpreter)
    with running_mock(cwd=tmp_path, python=str(python)) as mock:
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201
    checked = run(python, "-W", "error", "-m", "lookalike", "check", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert (python.parents[1] / "lib" / f"python{version}").is_dir()


def test_the_lowest_versions_are_those_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = (project["dependencies"], *project["optional-dependencies"].values())
    named = [
        requirement for group in groups for requirement in map(Requirement, group) if requirement.name != "lookalike"
    ]
    lowest = {one.name: one for one in map(Requirement, LOWEST.read_text().splitlines()[1:])}
    for requirement in named:
        (version,) = (one.version for one in lowest[canonicalize_name(requirement.name)].specifier)
        bounds = [
            Version(one.version.removesuffix(".*")) for one in requirement.specifier if one.operator in {">=", "=="}
        ]
        assert Version(version).release[: len(bounds[0].release)] == bounds[0].release, requirement


def test_a_script_of_a_user_runs_with_the_wheel(python: Path, tmp_path: Path) -> None:
    result = run(python, str(SCRIPT), cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "done"


WRONG_USES = (
    "lookalike.Mok",
    'lookalike.Mock("openapi.yaml")',
    'lookalike.load("openapi.yaml").title + 1',
    'lookalike.check("openapi.yaml").problem',
    'lookalike.Mock(lookalike.load({})).serve(port="80")',
)


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_script_of_a_user_has_the_types_of_the_wheel(python: Path, tmp_path: Path, checker: str) -> None:
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(SCRIPT.read_text())
    wrong.write_text("\n".join(("import lookalike", *WRONG_USES)) + "\n")
    options = {"mypy": ["--strict", "--python-executable", str(python)], "pyright": ["--pythonpath", str(python)]}
    found = run(Path(sys.executable), "-m", checker, *options[checker], right.name, wrong.name, cwd=tmp_path).stdout
    lines = {int(line) for line in re.findall(r"wrong\.py:(\d+)[:\d]*(?: -)? error", found)}
    assert lines == set(range(2, 2 + len(WRONG_USES))), found
    assert "right.py:" not in found
