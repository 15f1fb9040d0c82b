"""`lookalike judge`."""

from pathlib import Path

import click

from lookalike.cli.contracts import load_chosen
from lookalike.cli.documents import choose_document, document_argument, lead_by_default
from lookalike.cli.help import Command, option
from lookalike.cli.options import FILE, OVERLAYS, REPORTS, reference_options
from lookalike.cli.traffic import FAIL_ON_REQUESTS, SETTLE, TRAFFIC, end
from lookalike.har.reading import read_har
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.reports.formats import destinations
from lookalike.verify.traffic.base_url import base_of
from lookalike.verify.traffic.credentials import seen_schemes
from lookalike.verify.traffic.judge import TrafficJudge


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
def command(  # noqa: PLR0913, PLR0917  # each option is an argument
    file: Path,
    document: Source | None,
    overlays: tuple[Path, ...],
    references: ReferenceRules,
    url: str,
    settle: float,
    fail_on_requests: bool,
    reports: tuple[str, ...],
) -> int:
    """Test by DOCUMENT what FILE, an HTTP Archive (HAR), has recorded of a server, and send nothing.

    Exit code 0: the server keeps the document in what was recorded; 1: it breaks a clause; 2: wrong usage; 3: nothing
    could be judged.
    """
    files, recording = destinations(reports), read_har(file)
    chosen = choose_document(document, lead_by_default)
    contract = load_chosen(chosen, overlays, SourceReader(references))
    base = base_of(contract, recording.exchanges, url)
    own = [one for one in recording.exchanges if base.below(one) is not None]
    judge = TrafficJudge(contract, base, settle, seen_schemes(contract, own))
    for exchange in recording.exchanges:
        judge.judge(exchange)
    report = judge.report(recording.problems)
    return end(report, judge, files, fail_on_requests)
