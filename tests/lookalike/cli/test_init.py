"""`lookalike init`: the files that it writes are valid at once, and it overwrites none."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import lookalike
from lookalike.assembly import bundled_document
from lookalike.cli import commands
from lookalike.errors import UsageError
from lookalike.openapi.yaml_text import write_yaml
from lookalike.verify.server.target import load_target
from tests.support.recorded import PETS

SCHEMES = {
    "it's a key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "certificate": {"type": "mutualTLS"},
}
SECURED = {
    "openapi": "3.1.0",
    "info": {"title": "A: #title\nof two lines", "version": "1"},
    "security": [{name: []} for name in SCHEMES],
    "components": {"securitySchemes": SCHEMES},
    "paths": {f"/it's/{number}": {"get": {"responses": {"200": {"description": "."}}}} for number in range(12)},
}


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words, standalone_mode=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(PETS, tmp_path / "openapi.yaml")
    write_yaml(tmp_path / "secured.yaml", SECURED)
    return tmp_path


@pytest.mark.parametrize("document", ["openapi.yaml", "secured.yaml", "lead"])
def test_the_files_are_valid_at_once(folder: Path, document: str) -> None:
    assert run("init", document).exception is None
    checked = run("check", "--format", "json")
    assert checked.exception is None, checked.output
    contract = lookalike.load(
        bundled_document() if document == "lead" else folder / document, overlays=[folder / "overlay.yaml"], strict=True
    )
    target = load_target(folder / "target.yaml", contract)
    assert set(target.credentials) == {one.name for one in contract.schemes.values() if one.kind != "mutualTLS"}


def test_nothing_is_overwritten_unless_that_is_asked_for(folder: Path) -> None:
    (folder / "target.yaml").write_text("mine: 1\n", encoding="utf-8")
    refused = run("init", "openapi.yaml")
    assert isinstance(refused.exception, UsageError)
    assert "target.yaml is there already; overwrite it with --force" in str(refused.exception)
    assert not (folder / "lookalike.yaml").exists()
    assert run("init", "openapi.yaml", "--force").exception is None
    assert "mine" not in (folder / "target.yaml").read_text(encoding="utf-8")
