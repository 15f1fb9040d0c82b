"""`lookalike replay`."""

from typing import Any

import click

from lookalike.cli.help import option
from lookalike.cli.options import FILE
from lookalike.cli.runs import run
from lookalike.cli.server_options import server_command


@server_command(
    (
        (
            "lookalike replay report.json http://127.0.0.1:8000 openapi.yaml",
            "see whether the failures that `verify --report json=report.json` found are fixed",
        ),
        (
            "lookalike replay sessions/session-1.yaml http://127.0.0.1:4010 openapi.yaml",
            "see whether a mock answers as the server did that `proxy --record sessions` recorded",
        ),
    ),
    option(
        "--clause",
        "clauses",
        group="Tests",
        multiple=True,
        metavar="ID",
        help="Run only the failed tests of this clause; repeatable.",
    ),
    file=click.argument("file", metavar="REPORT", type=FILE),
)
def command(**options: Any) -> int | None:
    """Run the failed tests of REPORT once more against the server at URL, or send a recorded session to a mock.

    REPORT is a report of `lookalike verify` in JSON, or a session that `lookalike proxy --record` wrote (in YAML). A
    session begins with the initial items of the mock.

    Exit code 0: none fails any more, and all was answered as recorded; 1: otherwise; 2: wrong usage; 3: the server
    could not be tested; 130: interrupted.
    """
    return run("replay", options)
