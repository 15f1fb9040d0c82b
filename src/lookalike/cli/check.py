"""`lookalike check`."""

from contextlib import suppress
from pathlib import Path

import click

from lookalike.cli.check_formats import FORMATS
from lookalike.cli.documents import choose_document, document_argument, lead_by_default
from lookalike.cli.help import Command, option
from lookalike.cli.options import OVERLAYS, reference_options
from lookalike.cli.output import tell
from lookalike.contract.inference.explain import explanation, explanation_of_webhooks, overlay
from lookalike.contract.reader import load_contract
from lookalike.errors import DocumentError
from lookalike.openapi.load import load_description
from lookalike.openapi.recovery import recover
from lookalike.openapi.sources import ReferenceRules, Source, SourceReader
from lookalike.soundness import check


@click.command(
    cls=Command,
    examples=[
        ("lookalike check openapi.yaml", "list the problems of a document"),
        ("lookalike check openapi.yaml --format github", "show each problem at its line of a pull request"),
        ("lookalike check openapi.yaml --explain", "see what the mock infers about state, as an overlay to edit"),
    ],
    otherwise="the Lead API",
)
@document_argument
@OVERLAYS
@reference_options
@option(
    "--format",
    "form",
    group="Output",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Print the problems as text, a line for each cause; or each with its place, as JSON, as annotations of GitHub "
    "Actions, or as SARIF.",
)
@option(
    "--explain",
    group="Output",
    is_flag=True,
    help="Print the effects that are inferred for each operation, and an overlay that states them, to be edited.",
)
def command(
    document: Source | None, overlays: tuple[Path, ...], references: ReferenceRules, form: str, explain: bool
) -> int:
    """Check DOCUMENT and the files that it names, and print each problem with its place.

    Exit code 0: the document is sound; 1: it has problems; 2: it could not be read.
    """
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
