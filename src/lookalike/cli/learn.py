"""`lookalike learn`."""

from typing import Any

import click

from lookalike.cli.documents import document_argument
from lookalike.cli.help import Command, option
from lookalike.cli.new_files import force_option
from lookalike.cli.options import FILE, OVERLAYS, reference_options
from lookalike.cli.runs import run


@click.command(
    cls=Command,
    examples=[
        ("lookalike learn session.har openapi.yaml", "make seeds.yaml and examples.yaml of what was recorded"),
        ("lookalike mock openapi.yaml --data seeds.yaml --overlay examples.yaml", "serve what was learnt"),
    ],
    otherwise="the Lead API",
)
@click.argument("file", type=FILE)
@document_argument
@OVERLAYS
@reference_options
@option(
    "--url",
    default="",
    metavar="URL",
    help="Learn from the exchanges below this URL. By default it is found as by `lookalike judge`.",
)
@option(
    "--seeds",
    type=FILE,
    default="seeds.yaml",
    show_default=True,
    help="Write the items to this file, for `lookalike mock --data`.",
)
@option(
    "--examples",
    type=FILE,
    default="examples.yaml",
    show_default=True,
    help="Write an overlay with the answers as examples to this file, for --overlay.",
)
@force_option
def command(**options: Any) -> int | None:
    """Make items and examples for the mock from FILE, an HTTP Archive (HAR) with answers of a server.

    Items are as the last answers showed them. Credentials, passwords and tokens are replaced by $SECRET.
    """
    return run("learn", options)
