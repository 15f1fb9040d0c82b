"""`lookalike restore`."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.judging import JUDGING, Judging, connected
from lookalike.verify.journal import read_journal, restore


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@JUDGING
def command(file: Path, **options: Any) -> None:
    """Move back what a run that was cut off left moved on the server at URL, by the journal FILE of that run."""
    entries = read_journal(file)
    with connected(Judging(**options), plan=True) as bench:
        told = restore(entries, bench.compose, bench.client)
    click.echo("\n".join(told) or "nothing was moved")
