"""`lookalike verify`."""

from typing import Any

import click

from lookalike.cli.help import option
from lookalike.cli.options import FILE, REPORTS, AddressParam, DurationParam, IntegerParam, PercentageParam
from lookalike.cli.runs import run
from lookalike.cli.server_options import server_command
from lookalike.verify.defaults import LAYERS


@server_command(
    (
        ("lookalike verify http://127.0.0.1:4010 openapi.yaml", "test a mock, which needs no target file"),
        (
            "lookalike verify https://staging.example.com openapi.yaml --target target.yaml --report junit=report.xml",
            "test a deployment, and write a report for CI",
        ),
    ),
    option(
        "--only",
        "layers",
        group="Tests",
        multiple=True,
        type=click.Choice(LAYERS),
        help="Run only this layer of tests; repeatable.",
    ),
    option(
        "--clause",
        "clauses",
        group="Tests",
        multiple=True,
        metavar="ID",
        help="Test only this clause, and generate inputs for its operation alone; repeatable.",
    ),
    option(
        "--require",
        group="Tests",
        multiple=True,
        metavar="ID",
        help="Exit with code 3 unless this clause was tested and held; `all` stands for every clause. Repeatable.",
    ),
    option(
        "--min-coverage",
        group="Tests",
        type=PercentageParam(),
        default="0%",
        show_default=True,
        help="Exit with code 3 unless this share of the documented responses (status and media type) was seen.",
    ),
    option(
        "--examples",
        group="Tests",
        type=IntegerParam(1),
        default=60,
        show_default=True,
        metavar="N",
        help="Generate this many inputs of each kind. More inputs find more failures, but take longer.",
    ),
    option(
        "--fail-on",
        group="Tests",
        type=click.Choice(("any", "reproduced")),
        help="Count every failure, or only those that were reproduced when the test was repeated. By default, a "
        "failure that was not reproduced counts only if one response proves it, "
        "such as a 5xx, and it was seen twice.",
    ),
    option(
        "--baseline",
        group="Tests",
        type=FILE,
        help="Waive the clauses that are violated in this JSON report, so that only new violations count.",
    ),
    option(
        "--max-response-time",
        group="Tests",
        type=DurationParam(),
        help="Count an operation as violated if the median time of its answers is longer than this.",
    ),
    option(
        "--listen",
        group="Tests",
        type=AddressParam(),
        help="Listen here for the callbacks and webhooks of the server, and judge them; port 0 is any free one. The "
        "server must reach the address.",
    ),
    option("--exit-first", "-x", group="Tests", is_flag=True, help="Stop at the first failure."),
    option("--plan", group="Tests", is_flag=True, help="Print the requests of the run, and send none of them."),
    REPORTS,
)
def command(**options: Any) -> int | None:
    """Test whether the server at URL behaves as DOCUMENT says, including the state that it keeps.

    Exit code 0: it conforms; 1: it breaks a clause; 2: wrong usage; 3: it could not be tested; 130: interrupted.
    """
    return run("verify", options)
