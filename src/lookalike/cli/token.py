"""`lookalike token`."""

import time

import click

from lookalike.cli.help import Command, option
from lookalike.cli.options import DurationParam
from lookalike.model.minting import mint

_HOUR = 3600.0


@click.command(cls=Command, examples=[("lookalike token --expires-in 15m", "a token that is valid for 15 minutes")])
@option(
    "--expires-in",
    type=DurationParam(),
    default="1h",
    show_default=True,
    help="Let the token be valid for this time, such as 90s, 15m or 7d.",
)
@option("--expired", is_flag=True, help="Print a token that expired an hour ago.")
def command(expires_in: float, expired: bool) -> None:
    """Print a bearer token (a JSON Web Token) that every mock accepts.

    It is signed with the development key of Lookalike, which is not a secret.
    """
    now = time.time()
    click.echo(mint(now - 2 * _HOUR, _HOUR) if expired else mint(now, expires_in))
