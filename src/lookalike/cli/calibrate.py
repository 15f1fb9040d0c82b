"""`lookalike calibrate`."""

from pathlib import Path
from typing import Any

from lookalike.cli.help import option
from lookalike.cli.options import FILE
from lookalike.cli.runs import run
from lookalike.cli.server_options import server_command


@server_command(
    (
        ("lookalike calibrate http://127.0.0.1:8000 lead", "find out how a server of the Lead API reads its document"),
        ("lookalike calibrate URL openapi.yaml --target target.yaml", "the same for any server and its document"),
        ("lookalike calibrate URL openapi.yaml --target target.yaml --check profile.yaml", "find out what has changed"),
    ),
    option(
        "--output",
        group="Output",
        type=FILE,
        default=Path("profile.yaml"),
        show_default=True,
        help="Write the profile to this file.",
    ),
    option(
        "--check",
        group="Output",
        type=FILE,
        metavar="PROFILE",
        help="Write nothing, but tell what has changed since this profile was written; exit code 1 if anything has.",
    ),
)
def command(**options: Any) -> int | None:
    """Find out how the server at URL decides the questions that its document leaves open.

    The decisions are written to a profile; `lookalike mock --profile` then behaves like that server.

    Exit code 0: done, and questions without a decision are listed; 1: the server violates its document in any case, or
    with --check it has changed; 2: wrong usage; 3: the server could not be tested.
    """
    return run("calibrate", options)
