"""`lookalike init`."""

from typing import Any

import click

from lookalike.cli import CONFIG
from lookalike.cli.documents import document_argument
from lookalike.cli.help import Command
from lookalike.cli.new_files import force_option
from lookalike.cli.options import reference_options
from lookalike.cli.runs import run


@click.command(
    cls=Command,
    examples=[("lookalike init openapi.yaml", f"write {CONFIG}, target.yaml and overlay.yaml for your API")],
    otherwise="the Lead API",
)
@document_argument
@reference_options
@force_option
def command(**options: Any) -> int | None:
    """Write starter files for DOCUMENT into the current folder: settings, a target file, and an overlay.

    They are valid as they are, and have comments on what may be added.
    """
    return run("init", options)
