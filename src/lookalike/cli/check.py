"""`lookalike check`."""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from lookalike.cli.options import OVERLAYS, DocumentParam
from lookalike.contract.inference.explain import explanation, overlay
from lookalike.errors import DocumentError, Problem
from lookalike.openapi.load import load_description
from lookalike.openapi.recovery import recover
from lookalike.openapi.sources import Source
from lookalike.soundness import Findings, check


@click.command()
@click.argument("document", required=False, type=DocumentParam(), envvar="LOOKALIKE_DOCUMENT")
@OVERLAYS
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    envvar="LOOKALIKE_FORMAT",
    help="How to tell what was found.",
)
@click.option(
    "--explain",
    is_flag=True,
    envvar="LOOKALIKE_EXPLAIN",
    help="Tell what was inferred for each operation, and the overlay that says the same.",
)
def command(document: Source | None, overlays: tuple[Path, ...], form: str, explain: bool) -> None:
    """Say whether DOCUMENT, or the bundled one, is a sound contract.

    Exit code 0: it is; 1: it has problems, each told with its place; 2: it could not be read.
    """
    found = check(document, overlays)
    if explain:
        with suppress(DocumentError):  # which is among the problems
            click.echo(_explanation(found.document, overlays))
    click.echo(_FORMS[form](found))
    sys.exit(1 if found.problems else 0)


def _text(found: Findings) -> str:
    if not found.problems:
        return f"{found.document} is sound: {', '.join(_count(*entry) for entry in found.counts.items())}"
    return "\n".join([*map(str, found.problems), _count("problem", len(found.problems))])


def _explanation(source: Source, overlays: tuple[Path, ...]) -> str:
    document = recover(load_description(source, overlays)).document
    said = overlay(document)
    how = "# To say it otherwise, change what follows and pass the file as --overlay; {} means: by example.\n"
    return "\n".join([*explanation(document), "", how + said if said else "Nothing was inferred."])


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
