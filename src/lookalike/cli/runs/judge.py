"""`lookalike judge` at work."""

from pathlib import Path

from lookalike.cli.contracts import load_chosen
from lookalike.cli.documents import choose_document, lead_by_default
from lookalike.cli.runs.traffic_report import end
from lookalike.har.reading import read_har
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.reports.formats import destinations
from lookalike.verify.traffic.base_url import base_of
from lookalike.verify.traffic.credentials import seen_schemes
from lookalike.verify.traffic.judge import TrafficJudge


def run(  # noqa: PLR0913, PLR0917  # each option is an argument
    file: Path,
    document: Source | None,
    overlays: tuple[Path, ...],
    references: ReferenceRules,
    url: str,
    settle: float,
    fail_on_requests: bool,
    reports: tuple[str, ...],
) -> int:
    """Judge what was recorded, and print and write the report; the exit code of the command."""
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
