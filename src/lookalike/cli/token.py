"""`lookalike token`."""

import time

import click

from lookalike.cli.options import DurationParam
from lookalike.model.request.tokens import mint

_HOUR = 3600.0


@click.command()
@click.option("--expires-in", type=DurationParam(), default="1h", show_default=True, help="How long it is valid.")
@click.option("--expired", is_flag=True, help="One that expired an hour ago.")
def command(expires_in: float, expired: bool) -> None:
    """Mint a token (JWT) that the mock accepts, signed with the mock's own development key."""
    now = time.time()
    click.echo(mint(now - 2 * _HOUR, _HOUR) if expired else mint(now, expires_in))
