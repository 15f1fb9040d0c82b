"""The curl lines of a story can be pasted into a shell, where the server gives other keys than it gave the run."""

import re
import subprocess
from pathlib import Path

import pytest

from lookalike.reports.shell import curl_lines
from lookalike.verify.results import RecordedExchange, RecordedRequest
from tests.support.servers.judging import CLAUSES, judged
from tests.support.servers.notes import Notes
from tests.support.servers.serving import Answer, Asked, serving


def exchange(line: str, path: str, response: str, body: str = "") -> RecordedExchange:
    return RecordedExchange(line, "", 200, response, RecordedRequest("GET", path, "", {}, body))


def test_the_lines_of_a_failure_show_it_again_on_a_server_with_other_keys(tmp_path: Path) -> None:
    notes = Notes()

    def forgets_changes(asked: Asked) -> Answer:
        before = {id: dict(item) for id, item in notes.items.items()}
        answer = notes(asked)
        if asked.method == "PATCH":
            notes.items = before
        return answer

    with serving(forgets_changes) as url:
        found = judged(url, tmp_path, *CLAUSES)
        shown = found.output[found.output.index("✗ changeNote.changed-after-change:") :]
        lines = [line.strip() for line in shown.partition("\n\n")[0].splitlines() if "curl -" in line]
        done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    # The note that the story makes first is one beside the changed one, and no line names it.
    variables = [line.partition("=")[0] for line in lines if line.startswith("ID")]
    assert variables, lines
    assert [name for name in variables if f"/notes/${{{name}}}" not in "\n".join(lines)] == []
    assert "HTTP/1.1 404" not in done.stdout, done.stdout
    changed = next(asked for asked in notes.asked[::-1] if asked.method == "PATCH")
    assert {changed.path[1], notes.asked[-1].path[1]} <= {*notes.items}  # those that the pasted lines created


@pytest.mark.parametrize(
    ("response", "key", "line", "shown"),
    [
        ('{"id":"7"}', "7", "curl -i -X GET http://h/a/7", "curl -i -X GET http://h/a/${ID}"),
        ('{"a":{"key": 7}}', "7", "curl -i -X GET http://h/a/7", "curl -i -X GET http://h/a/${KEY}"),
        ('{"id":"7"}', "7", "curl -i -X GET 'http://h/a/7?b=7'", "curl -i -X GET 'http://h/a/'\"${ID}\"'?b=7'"),
        ('{"id":"7"}', "7", 'curl -i "http://h/$KEY/7"', 'curl -i "http://h/$KEY/${ID}"'),
    ],
)
def test_a_key_that_a_response_shows_is_a_variable(response: str, key: str, line: str, shown: str) -> None:
    first, second = curl_lines(
        (exchange("curl -i -X POST http://h/a", "/a", response), exchange(line, f"/a/{key}", ""))
    )
    assert second == shown
    set_from = re.match(r"(\w+)=\$\(curl -s -X POST http://h/a \| ", first)
    assert set_from is not None
    assert f"${{{set_from[1]}}}" in shown


@pytest.mark.parametrize(
    ("response", "body"),
    [('{"id":"8"}', ""), ('{"id":"7"}', '{"id":"7"}'), ('[{"id":"8"},{"id":"7"}]', ""), ("", "")],
    ids=["it is another", "the client chose it", "another comes first", "nothing is shown"],
)
def test_any_other_key_is_shown_as_it_was(response: str, body: str) -> None:
    story = (exchange("curl -i http://h/a", "/a", response, body), exchange("curl -i http://h/a/7", "/a/7", ""))
    assert curl_lines(story) == tuple(one.curl for one in story)
