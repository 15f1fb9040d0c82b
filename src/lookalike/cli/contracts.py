"""The contract of a command, and the lines for the user about its document."""

from collections.abc import Sequence
from pathlib import Path

from lookalike.cli.documents import ChosenDocument, typed
from lookalike.cli.output import tell
from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.openapi.combining import name_of
from lookalike.openapi.sources import LEAD, SourceReader


def load_chosen(chosen: ChosenDocument, overlays: Sequence[Path], reader: SourceReader) -> Contract:
    """The contract of a document; once it was read, a line says which document was chosen and what it lacks."""
    contract = load_contract(chosen.source, overlays, reader=reader)
    chosen.tell()
    tell_of_flaws(contract)
    return contract


def tell_of_flaws(contract: Contract) -> None:
    """Say on standard error which parts of the document are left out, and how many other flaws it has."""
    for notice in contract.document.notices:
        tell(str(notice), err=True)
    for method, path, problem in contract.omitted_operations:
        tell(f"{method} {path} is left out: {problem}", err=True)
    if contract.ignored_issues:
        count = len(contract.ignored_issues)
        names = [typed(mount.source) for mount in contract.document.mounts] or [contract.document.name]
        found = f"{count} flaw{'s' if count > 1 else ''} of {', '.join(names)} ignored"
        of_each = "" if len(names) == 1 else ", and so on"
        tell(f"{found}; to see all: lookalike check {names[0]}{of_each}", err=True)
    if len(contract.document.mounts) > 1:
        for source, below, *_ in contract.document.mounts:
            if not below:
                mounted = f"/{LEAD if typed(source) == LEAD else name_of(source)}={typed(source)}"
                remedy = f"to serve it below a path of its own, write {mounted}"
                tell(f"{typed(source)} has no base path, so its paths begin at /; {remedy}", err=True)
