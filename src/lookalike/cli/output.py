"""Output of commands: lines in which no character controls the terminal.

Documents, servers and the names of files have texts in them that others have written. What is coloured on purpose, and
the line of progress, go their own way; their texts are escaped before.
"""

import click

from lookalike.reports.characters import legible_text


def tell(text: str, *, err: bool = False) -> None:
    """Print a text on standard output, or on standard error."""
    click.echo(legible_text(text), err=err)
