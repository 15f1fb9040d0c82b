"""`lookalike restore`."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.server_options import JUDGING, ServerOptions, environment_for, opened
from lookalike.verify.safety.journal import read_journal, undo_moves
from lookalike.verify.safety.undo import restore_items


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@JUDGING
def command(file: Path, **options: Any) -> None:
    """Put back what a run that was cut off left moved or made on the server at URL, by the journal FILE of that run."""
    entries, judging = read_journal(file), ServerOptions(**options)
    with opened(judging, plan=True) as found:
        environment = environment_for(found, judging, plan=True)
        told = [line for stated in environment.stated for line in undo_moves(entries, stated.compose, stated.client)]
        told += restore_items(entries, environment)
    click.echo("\n".join(told) or "nothing was moved")
