"""`lookalike judge`."""

from pathlib import Path

import click

from lookalike.cli.documents import DocumentParam, choose_document, lead_by_default
from lookalike.cli.help import Command, Option
from lookalike.cli.options import FILE, OVERLAYS, DurationParam, reference_options, tell_of_flaws
from lookalike.cli.progress import is_coloured
from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.har.reading import read_har
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.reports.as_text import as_text
from lookalike.reports.formats import destinations, write_reports
from lookalike.verify.traffic.credentials import seen_schemes
from lookalike.verify.traffic.judge import TrafficJudge, base_of


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
@click.argument("document", required=False, type=DocumentParam(), envvar="LOOKALIKE_DOCUMENT")
@OVERLAYS
@reference_options
@click.option(
    "--url",
    cls=Option,
    group="Traffic",
    default="",
    metavar="URL",
    help="Judge the exchanges below this URL. By default those below the base path of the document, with the server "
    "that answered most requests to its operations.",
)
@click.option(
    "--settle",
    cls=Option,
    group="Traffic",
    type=DurationParam(),
    default="0s",
    show_default=True,
    help="Let reads lag behind changes for this long.",
)
@click.option(
    "--fail-on-requests",
    cls=Option,
    group="Traffic",
    is_flag=True,
    help="Exit with code 1, too, if a client sent a request that the document does not allow.",
)
@click.option(
    "--report",
    "reports",
    cls=Option,
    group="Output",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write a report to a file; FORMAT is json, junit, html, markdown or sarif. Repeatable.",
)
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
    contract = load_contract(chosen.source, overlays, reader=SourceReader(references))
    chosen.tell()
    tell_of_flaws(contract)
    base = base_of(contract, recording.exchanges, url)
    if base is None:
        raise UsageError(
            f"{file} has no exchange with an operation of {contract.document.name} below "
            f"{contract.base_path or '/'}; name where the operations are with --url"
        )
    own = [one for one in recording.exchanges if base.below(one) is not None]
    judge = TrafficJudge(contract, base, settle, seen_schemes(contract, own))
    for exchange in recording.exchanges:
        judge.judge(exchange)
    report = judge.report(recording.problems)
    click.echo(as_text(report, is_coloured(), names_unexercised=False))
    write_reports(report, files)
    is_broken_by_client = any(one.is_of_client for one in judge.findings)
    return 1 if fail_on_requests and is_broken_by_client and report.exit_code == 0 else report.exit_code
