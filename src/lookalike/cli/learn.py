"""`lookalike learn`."""

from pathlib import Path

import click

from lookalike.assembly import Sources, parts_of
from lookalike.cli.contracts import load_chosen
from lookalike.cli.documents import choose_document, document_argument, lead_by_default
from lookalike.cli.help import Command, option
from lookalike.cli.new_files import check_new, force_option
from lookalike.cli.options import FILE, OVERLAYS, reference_options
from lookalike.cli.output import tell
from lookalike.errors import UsageError
from lookalike.har.reading import read_har
from lookalike.openapi.load import load_as_written
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.openapi.yaml_text import write_yaml
from lookalike.verify.traffic.base_url import base_of
from lookalike.verify.traffic.recorded_items import RecordedItems


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
def command(  # noqa: PLR0913, PLR0917  # each option is an argument
    file: Path,
    document: Source | None,
    overlays: tuple[Path, ...],
    references: ReferenceRules,
    url: str,
    seeds: Path,
    examples: Path,
    force: bool,
) -> None:
    """Make items and examples for the mock from FILE, an HTTP Archive (HAR) with answers of a server.

    Items are as the last answers showed them. Credentials, passwords and tokens are replaced by $SECRET.
    """
    check_new((seeds, examples), force)
    recording = read_har(file)
    chosen = choose_document(document, lead_by_default)
    reader = SourceReader(references)
    contract = load_chosen(chosen, overlays, reader)
    base = base_of(contract, recording.exchanges, url)
    if not base.origin:
        raise UsageError(f"{file} has no exchange with an operation of {contract.document.name}; name where with --url")
    parts = parts_of(contract, Sources(data={}))
    record = RecordedItems(contract, parts.model, base)
    for exchange in recording.exchanges:
        record.note(exchange)
    found = record.seeds(parts.choices.__getitem__)
    actions = record.examples(load_as_written(chosen.source, overlays, reader).data)
    for problem in (*recording.problems, *found.problems):
        tell(problem, err=True)
    if not found.items and not actions:
        raise UsageError(
            f"{file} has no answer with items or examples of {contract.document.name}", "Nothing is written"
        )
    counts = ", ".join(f"{len(items)} of {resource}" for resource, items in found.items.items())
    if found.items:
        write_yaml(seeds, found.items)
        tell(f"{seeds}: items: {counts}")
    if actions:
        title = f"Recorded answers of {contract.document.title}"
        write_yaml(examples, {"overlay": "1.0.0", "info": {"title": title, "version": "1"}, "actions": actions})
        tell(f"{examples}: {sum('update' in one for one in actions)} answers as examples")
    options = [*([f"--data {seeds}"] if found.items else []), *([f"--overlay {examples}"] if actions else [])]
    tell(f"Serve them: lookalike mock {contract.document.name} {' '.join(options)}")
