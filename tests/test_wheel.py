"""What `pip install` brings works from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.running import running_mock

BUILD_SECONDS = 300


def test_the_wheel_alone_serves_the_lead_api_from_any_folder(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    wheels, installed, elsewhere = tmp_path / "wheels", tmp_path / "installed", tmp_path / "elsewhere"
    command = [*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)]
    subprocess.run(command, check=True, timeout=BUILD_SECONDS, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    elsewhere.mkdir()
    with running_mock(cwd=elsewhere, env={**os.environ, "PYTHONPATH": str(installed)}) as mock:
        assert mock.put(9876543210, {"lead_data": {}})[0] == 201
        assert mock.request("GET", "/__lookalike/openapi.json")[0] == 200
        check = [sys.executable, "-m", "lookalike", "check"]
        environment = {**os.environ, "PYTHONPATH": str(installed)}
        checked = subprocess.run(check, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert str(ROOT) not in checked.stdout
    assert (installed / "lookalike" / "contract" / "extension.schema.json").is_file()
