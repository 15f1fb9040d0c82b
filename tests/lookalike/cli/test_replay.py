"""`lookalike replay` with a session that the proxy recorded, on a mock that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lookalike.cli import commands
from lookalike.errors import UsageError
from tests.support.paths import FIXTURES
from tests.support.running import running_mock

PETS = str(FIXTURES / "contracts" / "pets" / "openapi.yaml")
SESSION = "title: Seen\nproves: []\nsteps: [{request: GET /pets/PET, answer: {status: 200, body: {name: Minka}}}]\n"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_mock(PETS) as mock:
        yield f"http://127.0.0.1:{mock.port}"


def replayed(folder: Path, session: str, url: str, *options: str) -> Result:
    file = folder / "session.yaml"
    file.write_text(session, encoding="utf-8")
    return CliRunner().invoke(commands, ["replay", str(file), url, PETS, *options], standalone_mode=False)


@pytest.mark.parametrize(
    ("pet", "code", "told"),
    [("1", 0, "all 1 steps were answered as recorded"), ("2", 1, 'expected name "Minka", got "Bello"')],
)
def test_the_exit_code_and_the_lines_say_whether_the_mock_answers_so(
    pet: str, code: int, told: str, url: str, tmp_path: Path
) -> None:
    result = replayed(tmp_path, SESSION.replace("PET", pet), url)
    assert (result.return_value, told in result.output) == (code, True)


@pytest.mark.parametrize(
    ("more", "options", "why"),
    [
        ("data: {pet: []}\n", (), "has initial items, readings or a state"),
        ("", ("--target", "target.yaml"), "replayed on a mock alone"),
    ],
)
def test_a_session_that_cannot_be_replayed_so_is_refused(
    more: str, options: tuple[str, ...], why: str, url: str, tmp_path: Path
) -> None:
    error = replayed(tmp_path, SESSION.replace("PET", "1") + more, url, *options).exception
    assert isinstance(error, UsageError)
    assert why in str(error)
