"""`lookalike restore`."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.options import FILE
from lookalike.cli.output import tell
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
def command(file: Path, **options: Any) -> int:
    """Undo what a run of `lookalike verify` that was killed left on the server at URL.

    JOURNAL is the file in which that run recorded its changes: items that it moved are moved back, and items that it
    created are deleted.

    Exit code 0: nothing is left; 1: something is; 2: wrong usage; 3: the server did not answer.
    """
    chosen = ServerOptions(**options)
    with opened(chosen, undoing=True) as server:
        entries = read_journal(file, server.client.url)
        environment = environment_for(server, chosen, look=False)
        undone = [one for stated in environment.stated for one in undo_moves(entries, stated.compose, stated.client)]
        undone += restore_items(entries, environment)
    lines = server.client.redacted("\n".join(one.text for one in undone))
    tell(lines or "nothing was moved or created, so nothing had to be undone")
    return 0 if all(one.is_done for one in undone) else 1
