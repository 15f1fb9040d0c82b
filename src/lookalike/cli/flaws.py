"""What a command says of a document that is not sound, before it goes on with the rest."""

import click

from lookalike.contract.contract import Contract


def tell_of_flaws(contract: Contract) -> None:
    """Say on standard error what of the document is left out, and that more is wrong with it."""
    for notice in contract.document.notices:
        click.echo(str(notice), err=True)
    for method, path, problem in contract.left_out:
        click.echo(f"{method} {path} is left out: {problem}", err=True)
    if contract.ignored:
        name, count = contract.document.name, len(contract.ignored)
        found = f"{count} flaw{'s' if count > 1 else ''} of {name} ignored"
        click.echo(f"{found}; to see all: lookalike check {name}", err=True)
