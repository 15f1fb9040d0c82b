"""`lookalike check`."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from lookalike.cli.documents import DocumentParam, choose_document, lead_by_default
from lookalike.cli.help import Command, Option
from lookalike.cli.options import OVERLAYS
from lookalike.contract.inference.explain import explanation, overlay
from lookalike.errors import DocumentError, Problem
from lookalike.openapi.load import load_description
from lookalike.openapi.recovery import recover
from lookalike.openapi.sources import Source
from lookalike.soundness import Findings, check


@click.command(
    cls=Command,
    examples=[
        ("lookalike check openapi.yaml", "list what is wrong with a document"),
        ("lookalike check openapi.yaml --explain", "see what the mock infers about state, as an overlay to edit"),
    ],
    otherwise="the Lead API",
)
@click.argument("document", required=False, type=DocumentParam(), envvar="LOOKALIKE_DOCUMENT")
@OVERLAYS
@click.option(
    "--format",
    "form",
    cls=Option,
    group="Output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Print the problems as text for people, or as JSON for programs.",
)
@click.option(
    "--explain",
    cls=Option,
    group="Output",
    is_flag=True,
    help="Print what is inferred for each operation, and an overlay that says the same, to be edited.",
)
def command(document: Source | None, overlays: tuple[Path, ...], form: str, explain: bool) -> int:
    """Check DOCUMENT and the files that it names, and print each problem with its place.

    Exit code 0: the document is sound; 1: it has problems; 2: it could not be read.
    """
    chosen = choose_document(document, lead_by_default)
    found = check(chosen.source, overlays)
    chosen.tell()
    if explain:
        with suppress(DocumentError):  # it is among the problems
            click.echo(_explanation(found.document, overlays))
    click.echo(_FORMS[form](found))
    return 1 if found.problems else 0


def _text(found: Findings) -> str:
    if not found.problems:
        return f"{found.document} is sound: {', '.join(_count(*entry) for entry in found.counts.items())}"
    return "\n".join([*map(str, found.problems), _count("problem", len(found.problems))])


def _explanation(source: Source, overlays: tuple[Path, ...]) -> str:
    document = recover(load_description(source, overlays)).document
    inferred = overlay(document)
    how = "# To change what is inferred, edit this and pass the file as --overlay; {} stands for: by example.\n"
    return "\n".join([*explanation(document), "", how + inferred if inferred else "Nothing was inferred."])


def _count(noun: str, number: int) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _json(found: Findings) -> str:
    whole = {"document": str(found.document), "sound": not found.problems, "problems": [*map(_entry, found.problems)]}
    return json.dumps(whole, indent=2)


def _entry(problem: Problem) -> dict[str, Any]:
    place = problem.location
    where = {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer} if place else {}
    return {"what": problem.what, "remedy": problem.remedy, **where}


_FORMS = {"text": _text, "json": _json}
