"""`lookalike check`."""

from typing import Any

import click

from lookalike.cli.check_formats import FORMATS
from lookalike.cli.documents import document_argument
from lookalike.cli.help import Command, option
from lookalike.cli.options import OVERLAYS, reference_options
from lookalike.cli.runs import run


@click.command(
    cls=Command,
    examples=[
        ("lookalike check openapi.yaml", "list the problems of a document"),
        ("lookalike check openapi.yaml --format github", "show each problem at its line of a pull request"),
        ("lookalike check openapi.yaml --explain", "see what the mock infers about state, as an overlay to edit"),
    ],
    otherwise="the Lead API",
)
@document_argument
@OVERLAYS
@reference_options
@option(
    "--format",
    "form",
    group="Output",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Print the problems as text, a line for each cause; or each with its place, as JSON, as annotations of GitHub "
    "Actions, or as SARIF.",
)
@option(
    "--explain",
    group="Output",
    is_flag=True,
    help="Print the effects that are inferred for each operation, and an overlay that states them, to be edited.",
)
def command(**options: Any) -> int | None:
    """Check DOCUMENT and the files that it names, and print each problem with its place.

    Exit code 0: the document is sound; 1: it has problems; 2: it could not be read.
    """
    return run("check", options)
