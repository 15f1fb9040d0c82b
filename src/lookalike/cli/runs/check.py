"""`lookalike check` at work."""

from contextlib import suppress
from pathlib import Path

from lookalike.cli.check_formats import FORMATS
from lookalike.cli.documents import choose_document, lead_by_default
from lookalike.cli.output import tell
from lookalike.contract.inference.explain import explanation, explanation_of_webhooks, overlay
from lookalike.contract.reader import load_contract
from lookalike.errors import DocumentError
from lookalike.openapi.load import load_description
from lookalike.openapi.recovery import recover
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.soundness import check


def run(
    document: Source | None, overlays: tuple[Path, ...], references: ReferenceRules, form: str, explain: bool
) -> int:
    """Print the problems of a document; the exit code of the command."""
    chosen = choose_document(document, lead_by_default)
    reader = SourceReader(references)
    found = check(chosen.source, overlays, reader)
    chosen.tell()
    if explain:
        with suppress(DocumentError):  # it is among the problems
            tell(_explanation(found.document, overlays, reader))
    tell(FORMATS[form](found))
    return 1 if found.problems else 0


def _explanation(source: Source, overlays: tuple[Path, ...], reader: SourceReader) -> str:
    document = recover(load_description(source, overlays, reader)).document
    inferred = overlay(document)
    how = "# To change what is inferred, edit this and pass the file as --overlay; {} stands for: by example.\n"
    webhooks = (
        explanation_of_webhooks(load_contract(source, overlays, reader=reader)) if "webhooks" in document.data else []
    )
    return "\n".join([*explanation(document), *webhooks, "", how + inferred if inferred else "Nothing was inferred."])
