"""`lookalike proxy`."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.documents import document_argument
from lookalike.cli.help import Command, option
from lookalike.cli.options import (
    FILE,
    OVERLAYS,
    REPORTS,
    DurationParam,
    SizeParam,
    host_option,
    max_body_option,
    port_option,
    reference_options,
)
from lookalike.cli.runs import run
from lookalike.cli.traffic import FAIL_ON_REQUESTS, SETTLE, TRAFFIC
from lookalike.proxy.paths import PREFIX

_SERVER, _OUTPUT, _PROXY = "Server", "Output", "Proxy"


@click.command(
    cls=Command,
    examples=[
        (
            "lookalike proxy http://127.0.0.1:8000 openapi.yaml",
            "let a client use http://127.0.0.1:4020 instead, and see what either side does wrong",
        ),
        (
            "lookalike proxy https://staging.example.com openapi.yaml --har session.har --mock-missing",
            "record the session, and let a mock answer what the server does not have yet",
        ),
    ],
    otherwise="the Lead API",
)
@click.argument("url")
@document_argument
@OVERLAYS
@reference_options
@option(
    "--base-path",
    group=TRAFFIC,
    metavar="PATH",
    help="Judge the operations below this path of the server: by default that of URL, else that of the document.",
)
@SETTLE
@FAIL_ON_REQUESTS
@option(
    "--mock-missing",
    "mocks_missing",
    group=TRAFFIC,
    is_flag=True,
    help="Let a mock answer where the server does not have an operation of the document (404, 405, 501).",
)
@option(
    "--cacert",
    group=_SERVER,
    type=FILE,
    help="Trust the certificates in this file instead of those of the system.",
)
@option("--insecure", group=_SERVER, is_flag=True, help="Trust any certificate.")
@option(
    "--timeout",
    group=_SERVER,
    type=DurationParam(),
    default="60s",
    show_default=True,
    help="Wait this long for the head of an answer, and for each further part of it.",
)
@host_option(_PROXY)
@port_option(_PROXY, 4020)
@max_body_option(_PROXY, "64MiB")
@option(
    "--max-response",
    group=_PROXY,
    type=SizeParam(),
    default="2MiB",
    show_default=True,
    help="Pass a longer body of a response or request on without judging or recording it.",
)
@option(
    "--console",
    "has_console",
    group=_OUTPUT,
    is_flag=True,
    help=f"Show exchanges as they pass, and the verdict so far, on a page of the proxy: {PREFIX}",
)
@option(
    "--har",
    group=_OUTPUT,
    type=FILE,
    help="Write all exchanges to this HTTP Archive (HAR), without secrets.",
)
@option(
    "--record",
    group=_OUTPUT,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write the session to a new file of this folder, without secrets, for `lookalike replay`.",
)
@REPORTS
def command(**options: Any) -> int | None:
    """Stand between clients and the server at URL, and judge both sides by DOCUMENT, until Ctrl-C.

    Requests and answers are passed on as they are. A client uses the proxy instead of the server, or as its proxy for
    plain HTTP (HTTP_PROXY).

    Exit code 0: the server keeps the document in what was seen; 1: it breaks a clause; 2: wrong usage; 3: nothing
    could be judged.
    """
    return run("proxy", options)
