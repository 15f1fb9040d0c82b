"""Output of commands: lines in which no character controls the terminal.

Documents, servers and file names contain text that others have written. Text that is coloured on purpose, and the line
of progress, are written elsewhere, and escaped before.
"""

import os
import sys
from contextlib import suppress

import click

from lookalike.reports.characters import legible_text


def tell(text: str, *, err: bool = False) -> None:
    """Print a text on standard output, or on standard error."""
    click.echo(legible_text(text), err=err)


def drop_output() -> None:
    """Give up what is still to be written: Python would try once more when it exits, and complain."""
    with suppress(OSError, ValueError, AttributeError):  # AttributeError: there is no standard output at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
