"""`lookalike restore`."""

from typing import Any

import click

from lookalike.cli.options import FILE
from lookalike.cli.runs import run
from lookalike.cli.server_options import server_command


@server_command(
    (
        (
            "lookalike restore lookalike-journal.jsonl https://staging.example.com openapi.yaml --target target.yaml",
            "undo the changes that a killed run recorded in its journal",
        ),
    ),
    file=click.argument("file", metavar="JOURNAL", type=FILE),
)
def command(**options: Any) -> int | None:
    """Undo what a run of `lookalike verify` that was killed left on the server at URL.

    JOURNAL is the file in which that run recorded its changes: items that it moved are moved back, and items that it
    created are deleted.

    Exit code 0: nothing is left; 1: something is; 2: wrong usage; 3: the server did not answer.
    """
    return run("restore", options)
