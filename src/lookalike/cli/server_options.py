"""The options of the commands that send requests to a server."""

from collections.abc import Callable
from typing import Any

import click

from lookalike.cli.documents import document_argument
from lookalike.cli.help import Command, Decorator, option
from lookalike.cli.options import (
    FILE,
    OVERLAYS,
    DurationParam,
    HeaderParam,
    IntegerParam,
    RateParam,
    SizeParam,
    reference_options,
)
from lookalike.verify.defaults import JOURNAL

_OPTIONS: tuple[Any, ...] = (
    click.argument("url"),
    document_argument,
    OVERLAYS,
    reference_options,
    option(
        "--target",
        group="Server",
        type=FILE,
        help="Describe the server by this target file: credentials, and the items that may be changed. "
        "Required, unless the server is a Lookalike mock.",
    ),
    option("--yes", group="Server", is_flag=True, help="Allow requests to a server on another machine."),
    option(
        "--header",
        "headers",
        group="Server",
        multiple=True,
        type=HeaderParam(),
        help="Send this header field with every request; repeatable.",
    ),
    option(
        "--timeout",
        group="Server",
        type=DurationParam(),
        default="10s",
        show_default=True,
        help="Wait this long for each answer, from the connection to its last byte.",
    ),
    option(
        "--max-response",
        group="Limits",
        type=SizeParam(),
        default="64MiB",
        show_default=True,
        help="Refuse a response that is larger, before or after it is decompressed.",
    ),
    option(
        "--cleanup-timeout",
        group="Limits",
        type=DurationParam(),
        default="30s",
        show_default=True,
        help="At the end, or after Ctrl-C, take this long to undo the changes of the run.",
    ),
    option("--cacert", group="Server", type=FILE, help="Trust the certificates in this file (PEM) for https."),
    option("--insecure", group="Server", is_flag=True, help="Do not verify the server's certificate."),
    option(
        "--control-token",
        group="Server",
        metavar="TOKEN",
        help="The control token of the mock, if it was started with one.",
    ),
    option(
        "--seed",
        group="Tests",
        type=IntegerParam(),
        default=1,
        show_default=True,
        metavar="N",
        help="Seed of the generated requests: runs with the same seed send the same requests.",
    ),
    option(
        "--max-time",
        group="Limits",
        type=DurationParam(),
        help="Stop after this time, such as 60s, and report what is known by then.",
    ),
    option(
        "--max-requests",
        group="Limits",
        type=IntegerParam(1),
        metavar="N",
        help="Stop after this many requests, and report what is known by then.",
    ),
    option(
        "--rate",
        group="Limits",
        type=RateParam(0, min_open=True),
        metavar="N",
        help="Send at most this many requests per second.",
    ),
    option(
        "--concurrency",
        group="Limits",
        type=IntegerParam(1),
        metavar="N",
        help="Run this many tests at the same time, each with items of its own. "
        "By default as many as the target file says, else 4, and 1 for a server on this machine.",
    ),
    option(
        "--journal",
        group="Output",
        type=FILE,
        default=JOURNAL,
        show_default=True,
        help="Record each change in this file before it is requested, so that `lookalike restore` can undo it. "
        "Used with --target only.",
    ),
)


def server_command(
    examples: tuple[tuple[str, str], ...], *own: Decorator, file: Decorator | None = None
) -> Callable[[Callable[..., Any]], Command]:
    """A decorator that makes a command with these options and its `own`; the argument `file` comes before the URL."""

    def decorate(function: Callable[..., Any]) -> Command:
        for add in reversed((*((file,) if file else ()), *_OPTIONS, *own)):
            function = add(function)
        otherwise = "the Lead API if the server is a mock of it"
        return click.command(cls=Command, examples=examples, otherwise=otherwise)(function)

    return decorate
