"""`lookalike judge`."""

from typing import Any

import click

from lookalike.cli.documents import document_argument
from lookalike.cli.help import Command, option
from lookalike.cli.options import FILE, OVERLAYS, REPORTS, reference_options
from lookalike.cli.runs import run
from lookalike.cli.traffic import FAIL_ON_REQUESTS, SETTLE, TRAFFIC


@click.command(
    cls=Command,
    examples=[
        ("lookalike judge session.har openapi.yaml", "test what a browser has recorded"),
        (
            "lookalike judge e2e.har openapi.yaml --report junit=judge.xml",
            "test what the end-to-end tests of CI have recorded",
        ),
    ],
    otherwise="the Lead API",
)
@click.argument("file", type=FILE)
@document_argument
@OVERLAYS
@reference_options
@option(
    "--url",
    group=TRAFFIC,
    default="",
    metavar="URL",
    help="Judge the exchanges below this URL. By default those below the base path of the document, with the server "
    "that answered most requests to its operations.",
)
@SETTLE
@FAIL_ON_REQUESTS
@REPORTS
def command(**options: Any) -> int | None:
    """Test by DOCUMENT what FILE, an HTTP Archive (HAR), has recorded of a server, and send nothing.

    Exit code 0: the server keeps the document in what was recorded; 1: it breaks a clause; 2: wrong usage; 3: nothing
    could be judged.
    """
    return run("judge", options)
