"""The options of the commands that judge traffic: `lookalike judge` and `lookalike proxy`."""

from lookalike.cli.help import option
from lookalike.cli.options import DurationParam

TRAFFIC = "Traffic"

SETTLE = option(
    "--settle",
    group=TRAFFIC,
    type=DurationParam(),
    default="0s",
    show_default=True,
    help="Let reads lag behind changes for this long.",
)
FAIL_ON_REQUESTS = option(
    "--fail-on-requests",
    group=TRAFFIC,
    is_flag=True,
    help="Exit with code 1, too, if a client sent a request that the document does not allow.",
)
