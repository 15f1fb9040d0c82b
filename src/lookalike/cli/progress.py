"""The progress of a run, on a terminal."""

import sys

import click

_WIDTH = 78  # a line that wraps cannot be written over
_CLEARED = "\r\033[K"


def on_terminal(text: str) -> None:
    """Show a text on standard error in place of the one before, where that is a terminal."""
    if sys.stderr is not None and sys.stderr.isatty():
        click.echo(f"{_CLEARED}{text[:_WIDTH]}\r", nl=False, err=True)


def is_coloured() -> bool:
    """Whether standard output is a terminal, which shows colours."""
    return sys.stdout is not None and sys.stdout.isatty()
