"""Output of commands: lines in which no character controls the terminal.

Documents, servers and file names contain text that others have written. Text that is coloured on purpose, and the line
of progress, are written elsewhere, and escaped before.
"""

import click

from lookalike.reports.characters import legible_text


def tell(text: str, *, err: bool = False) -> None:
    """Print a text on standard output, or on standard error."""
    click.echo(legible_text(text), err=err)
