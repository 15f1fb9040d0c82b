"""`lookalike restore`."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.server_options import JUDGING, ServerOptions, bench_for, desk_for, opened
from lookalike.verify.safety import undo_inferred as restoring
from lookalike.verify.safety.journal import read_journal, undo_moves


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@JUDGING
def command(file: Path, **options: Any) -> None:
    """Put back what a run that was cut off left moved or made on the server at URL, by the journal FILE of that run."""
    entries, judging = read_journal(file), ServerOptions(**options)
    with opened(judging, plan=True) as found:
        if found.contract.clauses:
            bench = bench_for(found, judging, plan=True)
            told = undo_moves(entries, bench.compose, bench.client)
        else:
            told = restoring.restore(entries, desk_for(found, judging))
    click.echo("\n".join(told) or "nothing was moved")
