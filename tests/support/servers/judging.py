"""`lookalike verify` as a user runs it, in this process or in one of its own, and its JSON report."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from lookalike.cli import main
from tests.support.running import PATIENCE

HERE = Path(__file__).parent
NOTES = HERE / "notes.yaml"
TARGET = "credentials: {}\n"
CLAUSES = ("--only", "clauses")

Actions = Sequence[Mapping[str, Any]]


class Judged(NamedTuple):
    """A run: its exit code, what it wrote to standard output and error, and its report (empty if there is none)."""

    exit_code: int
    output: str
    report: dict[str, Any]

    @property
    def last_line(self) -> str:
        """The verdict in words."""
        return self.output.rstrip().rpartition("\n")[2]

    def failures(self) -> dict[str, str]:
        """What was expected and came instead, by the clause that is broken."""
        return {one["clause"]: f"{one['expected']} / {one['got']}" for one in self.report.get("failures", ())}

    def statuses(self) -> dict[str, str]:
        """How each clause came out, with the reason where it is neither held nor broken."""
        return {one["id"]: f"{one['status']}: {one['reason']}" for one in self.report.get("clauses", ())}

    def held(self) -> set[str]:
        """The clauses that are held."""
        return {one["id"] for one in self.report.get("clauses", ()) if one["status"] == "held"}


def judged(
    url: str, cwd: Path, *options: str, document: Path = NOTES, changes: Actions = (), target: str = TARGET
) -> Judged:
    """What is found of a server by the clauses of a document, to which changes are made as an overlay makes them."""
    line = command_line(url, cwd, *options, document=document, changes=changes, target=target)
    code, output = run_here(*line)
    return Judged(code, output, report_in(cwd))


def run_here(*arguments: str) -> tuple[int, str]:
    """The exit code of the command line in this process, and what it writes to standard output and error."""
    output, argv = io.StringIO(), sys.argv
    sys.argv = ["lookalike", *arguments]
    try:
        with redirect_stdout(output), redirect_stderr(output):
            main()
    except SystemExit as end:
        return (end.code if isinstance(end.code, int) else 0), output.getvalue()
    finally:
        sys.argv = argv
    return 0, output.getvalue()


def judged_in_a_process(
    url: str, cwd: Path, *options: str, document: Path = NOTES, changes: Actions = (), target: str = TARGET, **env: str
) -> Judged:
    """The same by a process of its own, with more variables in its environment."""
    with started(url, cwd, *options, document=document, changes=changes, target=target, **env) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    return Judged(process.returncode, output, report_in(cwd))


def started(
    url: str, cwd: Path, *options: str, document: Path = NOTES, changes: Actions = (), target: str = TARGET, **env: str
) -> subprocess.Popen[str]:
    """The process of a run that goes on."""
    line = command_line(url, cwd, *options, document=document, changes=changes, target=target)
    return subprocess.Popen(
        [sys.executable, "-m", "lookalike", *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env={**os.environ, **env},
    )


def command_line(
    url: str, cwd: Path, *options: str, document: Path, changes: Actions = (), target: str = TARGET
) -> list[str]:
    """The arguments of a run, whose files are below a directory."""
    (cwd / "target.yaml").write_text(target)
    line = ["verify", url, str(document), "--target", str(cwd / "target.yaml"), *options]
    if changes:
        overlay = {"overlay": "1.1.0", "info": {"title": "Changes", "version": "1"}, "actions": list(changes)}
        (cwd / "changes.overlay.json").write_text(json.dumps(overlay))
        line += ["--overlay", str(cwd / "changes.overlay.json")]
    if not any(option.startswith("json=") for option in options):
        line += ["--report", f"json={cwd / 'report.json'}"]
    return [*line, "--journal", str(cwd / "journal.jsonl")]


def report_in(cwd: Path) -> dict[str, Any]:
    """The report of the run before, or nothing."""
    file = cwd / "report.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found
