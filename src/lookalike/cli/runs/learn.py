"""`lookalike learn` at work."""

from pathlib import Path

from lookalike.assembly import Sources, parts_of
from lookalike.cli.contracts import load_chosen
from lookalike.cli.documents import choose_document, lead_by_default
from lookalike.cli.new_files import check_new
from lookalike.cli.output import tell
from lookalike.errors import UsageError
from lookalike.har.reading import read_har
from lookalike.openapi.load import load_as_written
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.openapi.yaml_text import write_yaml
from lookalike.verify.traffic.base_url import base_of
from lookalike.verify.traffic.recorded_items import RecordedItems


def run(  # noqa: PLR0913, PLR0917  # each option is an argument
    file: Path,
    document: Source | None,
    overlays: tuple[Path, ...],
    references: ReferenceRules,
    url: str,
    seeds: Path,
    examples: Path,
    force: bool,
) -> None:
    """Write the items and examples that were recorded."""
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
