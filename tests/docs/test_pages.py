"""Every code block of README and docs/ works: each page is followed from top to bottom, in a folder of its own."""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lookalike.cli import commands
from lookalike.openapi.document import parse_document
from tests.docs.pages import Block, blocks, inline_codes, page_names
from tests.docs.reader import a_reader, chromium
from tests.support.paths import FIXTURES, ROOT
from tests.support.running import PATIENCE

EXAMPLE = FIXTURES / "contracts" / "pets" / "openapi.yaml"
PLUGIN = ROOT / "src" / "lookalike" / "pytest_plugin" / "__init__.py"
ALERTMANAGER = "prometheus-alertmanager"
DIRECTIVES = ("{click}", "{eval-rst}", "{json-schema}", "{note}", "{openapi}", "{toctree}")

# Blocks that are not run here, by how they begin, with the reason. Their commands are checked all the same.
NOT_RUN = {
    "uvx --from ~/lookalike": "uv is not among the test tools",
    "pipx run --spec ~/lookalike": "pipx is not among the test tools",
    "docker build": "there is no Docker daemon where the tests run",
    "# .github/workflows/": "GitHub runs it",
    "# .gitlab-ci.yml": "GitLab runs it",
    "# .pre-commit-config.yaml": "pre-commit is not among the test tools; tests/test_delivery.py runs the hook",
    "lookalike mock openapi.yaml --host 0.0.0.0 --log json": "its database is nowhere; test_replicas.py has replicas",
    "upstream lookalike {": "nginx is not among the test tools",
    "# deployment.yaml": "there is no Kubernetes where the tests run",
    "# service.yaml": "there is no Kubernetes where the tests run",
    "npm install": "npm is not among the test tools",
    "node --test": "its package comes with npm; tests/test_javascript.py runs it",
    "// test/": "Vitest and Playwright come with npm; make javascript runs such tests of the example",
    "// vitest.config.js": "Vitest comes with npm; make javascript runs the example, which has such a file",
    "// playwright.config.js": "Playwright comes with npm; make javascript runs the example, which has such a file",
    "make javascript": "npm is not among the test tools",
    "make mock": "it is run in a fresh clone (test_readme.py)",
    "make test": "it is what runs this",
    "python -m pytest tests/contract --base-url": "there is no such server; tests/test_contract_suite.py has others",
}

# Blocks of one page that take long, and that the same lines of another page prove.
RUN_ON_ANOTHER_PAGE = {
    ("docs/getting-started.md", "python3 -m venv .venv"): "README.md",
    ("docs/getting-started.md", ".venv/bin/pip install ~/lookalike'[verify,dynamic]'"): "README.md",
}

# Blocks without the name of a file that another test takes as its data: page, language, and the test.
RUN_ELSEWHERE = {("docs/reference/extension.md", "yaml"): "tests/lookalike/contract/test_extension.py"}


def is_run(block: Block) -> bool:
    return not (is_directive(block) or is_not_run(block) or is_run_on_another_page(block) or is_run_elsewhere(block))


def is_directive(block: Block) -> bool:
    return block.language in DIRECTIVES


def is_not_run(block: Block) -> bool:
    return any(block.text.startswith(start) for start in NOT_RUN)


def is_run_on_another_page(block: Block) -> bool:
    return any(block.page == page and block.text.startswith(start) for page, start in RUN_ON_ANOTHER_PAGE)


def is_run_elsewhere(block: Block) -> bool:
    return block.file is None and (block.page, block.language) in RUN_ELSEWHERE


def all_blocks() -> list[Block]:
    return [block for page in page_names() for block in blocks(page)]


@pytest.mark.parametrize("page", [page for page in page_names() if any(map(is_run, blocks(page)))])
def test_a_page_can_be_followed_from_top_to_bottom(page: str, tmp_path: Path) -> None:
    if any(block.language == "js" for block in blocks(page)) and chromium() is None:
        pytest.skip("no Chromium here")
    if any(ALERTMANAGER in block.text for block in blocks(page)) and not shutil.which(ALERTMANAGER):
        pytest.skip(f"{ALERTMANAGER} is not installed")
    with a_reader(tmp_path) as reader:
        if page != "README.md" and "openapi.yaml" in (ROOT / page).read_text(encoding="utf-8"):
            shutil.copy(EXAMPLE, reader.folder)
        for block in filter(is_run, blocks(page)):
            reader.follow(block)


def test_every_exception_is_still_needed() -> None:
    found = all_blocks()
    assert not [start for start in NOT_RUN if not any(block.text.startswith(start) for block in found)]
    assert len([block for block in found if is_run_on_another_page(block)]) == len(RUN_ON_ANOTHER_PAGE)
    for (page, _), test in RUN_ELSEWHERE.items():
        assert any(map(is_run_elsewhere, blocks(page)))
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")


def test_a_block_that_no_test_knows_fails_the_page(tmp_path: Path) -> None:
    with a_reader(tmp_path) as reader, pytest.raises(AssertionError, match="no test runs blocks of 'ini'"):
        reader.follow(Block("page.md", 1, "ini", "[mock]\n"))


def test_output_that_is_not_the_documented_one_fails_the_page(tmp_path: Path) -> None:
    with a_reader(tmp_path) as reader:
        reader.follow(Block("page.md", 1, "sh", "echo '{\"id\": 3}'\n"))
        reader.follow(Block("page.md", 4, "json", '{"id": 3}\n'))
        with pytest.raises(AssertionError, match=r"page\.md:8"):
            reader.follow(Block("page.md", 8, "json", '{"id": 4}\n'))


def test_a_command_that_fails_fails_the_page(tmp_path: Path) -> None:
    with a_reader(tmp_path) as reader, pytest.raises(AssertionError, match=r"page\.md:7"):
        reader.follow(Block("page.md", 7, "sh", "lookalike check nothing.yaml\n"))


KILLED = """
import os, signal, subprocess
from tests.support.process_group import process_group
subprocess.Popen(["sleep", "3600"], process_group=process_group())
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_that_is_killed_leaves_no_process_behind() -> None:
    # Its output is at an end when all that had a hand on it have ended, and not before.
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, stdout=subprocess.PIPE, timeout=PATIENCE, check=False
    )
    assert done.returncode == -signal.SIGKILL


def test_output_stands_behind_what_writes_it() -> None:
    for page in page_names():
        shown = [block for block in blocks(page) if not is_directive(block)]
        for before, block in zip([None, *shown], shown, strict=False):
            if block.language in ("text", "json"):
                assert before is not None, block.place
                assert before.language in ("sh", "python", "js"), block.place
                assert is_run(before), block.place


def test_every_file_that_a_page_shows_is_used_there() -> None:
    implicit = {"lookalike.yaml"}  # read from the working directory
    for block in all_blocks():
        if block.file is not None and is_run(block):
            later = [other.text for other in blocks(block.page) if other.line > block.line and other.language == "sh"]
            assert block.file in implicit or any(block.file in text for text in later), block.place


def test_data_in_yaml_and_json_can_be_parsed() -> None:
    for block in all_blocks():
        if block.language == "yaml":
            parse_document(block.text, block.place)
        elif block.language == "json":
            json.loads(block.text)


# Commands are checked wherever they are named, whether they are run or not.

_COMMAND = re.compile(r"(?<!~/)\blookalike +([a-z]+)([^|;&)`]*)")


def named_commands(text: str) -> list[tuple[str, set[str]]]:
    """The `lookalike` commands in a text, each with the options behind it."""
    found = _COMMAND.findall(text.replace("\\\n", " ").replace("\n", " ; "))
    return [(name, set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest))) for name, rest in found]


def texts(page: str) -> list[str]:
    """The texts of a page that may hold commands: its blocks, the values of those in YAML, and its code spans."""
    values = [one for block in blocks(page) if block.language == "yaml" for one in values_of(block)]
    return [*(block.text for block in blocks(page)), *values, *(code for code, _ in inline_codes(page))]


def values_of(block: Block) -> list[str]:
    """The texts in the data of a block."""
    waiting, found = [parse_document(block.text, block.place).data], []
    while waiting:
        value = waiting.pop()
        found += [value] if isinstance(value, str) else []
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return found


def known_options(name: str) -> set[str]:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None, name
    found = (option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts))
    return {*found, "--help"}


@pytest.mark.parametrize("page", page_names())
def test_every_command_that_is_named_exists_with_its_options(page: str) -> None:
    for text in texts(page):
        for name, options in named_commands(text):
            assert options <= known_options(name), text


def test_a_wrong_command_is_noticed() -> None:
    assert named_commands("uvx --from ~/lookalike lookalike mok --prot 1 | head -1") == [("mok", {"--prot"})]
    assert named_commands("`lookalike check --explian`") == [("check", {"--explian"})]


def test_every_option_that_is_named_exists() -> None:
    names = commands.list_commands(click.Context(commands))
    known = {option for name in names for option in known_options(name)} | {"--config", "--version", "--base-url"}
    known.update(re.findall(r'"(--lookalike-[a-z-]+)"', PLUGIN.read_text(encoding="utf-8")))
    for page in page_names():
        for code, line in inline_codes(page):
            option = re.match(r"--[a-z-]+", code)
            assert option is None or option[0] in known, f"{page}:{line}: {code}"


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in [*page_names(), "CONTRIBUTING.md"]:
        for name in re.findall(r"`(?:make|\n?make) ([a-z-]+)|^make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE):
            assert set(filter(None, name)) <= targets, f"{page}: make {name}"
