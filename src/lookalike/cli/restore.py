"""`lookalike restore`."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.options import FILE
from lookalike.cli.server_options import ServerOptions, environment_for, opened, server_command
from lookalike.verify.safety.journal import read_journal, undo_moves
from lookalike.verify.safety.undo import restore_items


@server_command(
    (
        (
            "lookalike restore lookalike-journal.jsonl https://staging.example.com openapi.yaml --target target.yaml",
            "undo the changes that a killed run recorded in its journal",
        ),
    ),
    file=click.argument("file", metavar="JOURNAL", type=FILE),
)
def command(file: Path, **options: Any) -> None:
    """Undo what a run of `lookalike verify` that was killed left on the server at URL.

    JOURNAL is the file in which that run recorded its changes: items that it moved are moved back, and items that it
    created are deleted.
    """
    entries, chosen = read_journal(file), ServerOptions(**options)
    with opened(chosen, undoing=True) as server:
        environment = environment_for(server, chosen, look=False)
        told = [line for stated in environment.stated for line in undo_moves(entries, stated.compose, stated.client)]
        told += restore_items(entries, environment)
    click.echo("\n".join(told) or "nothing was moved or created, so nothing had to be undone")
