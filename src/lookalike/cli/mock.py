"""`lookalike mock`: its options."""

from pathlib import Path
from typing import Any

import click

from lookalike.cli.documents import DocumentsArgument, MountParam
from lookalike.cli.help import Command, option
from lookalike.cli.options import (
    FILE,
    OVERLAYS,
    DurationParam,
    HostParam,
    IntegerParam,
    ReadingChoiceParam,
    SizeParam,
    UrlParam,
    host_option,
    max_body_option,
    port_option,
    reference_options,
)
from lookalike.cli.runs import run
from lookalike.faults.profiles import PROFILES
from lookalike.server.control.access import PREFIX

_DOCUMENT, _STATE, _ANSWERS, _FAULTS, _SERVER = "Document", "State", "Answers", "Faults", "Server"


@click.command(
    cls=Command,
    examples=[
        ("lookalike mock openapi.yaml --populate 20", "serve your API, with twenty generated items of each resource"),
        (
            "lookalike mock openapi.yaml --port 0 --no-security --watch",
            "any free port, no credentials, reload on changes",
        ),
        (
            "lookalike mock users.yaml /orders=orders.yaml",
            "two APIs in one server, the second one below /orders",
        ),
        (
            "lookalike mock lead --reading requirement=tags-suffice",
            "the Lead API, with one of its open questions decided",
        ),
    ],
    otherwise="the Lead API",
)
@click.argument(
    "document", cls=DocumentsArgument, nargs=-1, required=False, type=MountParam(), envvar="LOOKALIKE_DOCUMENT"
)
@OVERLAYS
@reference_options
@option(
    "--strict",
    group=_DOCUMENT,
    is_flag=True,
    help="Refuse to start if anything in the document is wrong, instead of leaving that part out.",
)
@option(
    "--watch",
    "follow",
    group=_DOCUMENT,
    is_flag=True,
    help="Reload the document and the other files when they change; the state is kept.",
)
@option(
    "--data",
    group=_STATE,
    type=FILE,
    help="Start with the items in this file, a list for each resource, instead of the examples in the document.",
)
@option(
    "--populate",
    group=_STATE,
    default=0,
    type=IntegerParam(0, 100_000),
    metavar="N",
    help="Start with at least N items of each resource; those that are missing are generated.",
)
@option(
    "--stateless",
    group=_STATE,
    is_flag=True,
    help="Store nothing: answer with the examples and schemas of the document, unless it has x-lookalike.",
)
@option(
    "--store",
    group=_STATE,
    default="memory:",
    show_default=True,
    metavar="URL",
    help="Keep the state here: memory:, sqlite:///FILE or postgresql://HOST/DATABASE.",
)
@option(
    "--durable",
    group=_STATE,
    is_flag=True,
    help="Let commits to SQLite survive a power failure too; each takes several times as long.",
)
@option(
    "--save",
    group=_STATE,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the state of all sandboxes to this file at the end, and read it at the start.",
)
@option(
    "--reading",
    "readings",
    group=_STATE,
    multiple=True,
    type=ReadingChoiceParam(),
    help="Decide a question that the document leaves open (GET /__lookalike/readings lists them); repeatable.",
)
@option(
    "--profile",
    group=_STATE,
    type=FILE,
    help="Take such decisions from this file, which `lookalike calibrate` writes; --reading takes precedence.",
)
@option(
    "--security/--no-security",
    group=_ANSWERS,
    default=True,
    show_default=True,
    help="Refuse requests without the credentials that the document asks for.",
)
@option(
    "--tokens",
    group=_ANSWERS,
    type=FILE,
    help="Accept the tokens, keys and passwords in this file only, for the schemes that it names.",
)
@option(
    "--sign-in",
    group=_ANSWERS,
    type=click.Choice(["auto", "page"]),
    default="auto",
    show_default=True,
    help="With OAuth 2 or OpenID Connect: sign users in at once, or show them a page.",
)
@option(
    "--issuer",
    group=_ANSWERS,
    type=UrlParam(),
    default="",
    metavar="URL",
    help="Issue tokens in the name of this URL, by which clients reach the mock, instead of the Host of the request.",
)
@option(
    "--errors",
    group=_ANSWERS,
    type=click.Choice(["refuse", "report"]),
    default="refuse",
    show_default=True,
    help="Refuse an invalid request, or answer it as usual and list what is wrong in the header Lookalike-Violations.",
)
@option(
    "--strict-accept",
    group=_ANSWERS,
    is_flag=True,
    help="Refuse every media type in Accept (406) and Content-Type (415) that the document does not name, and times "
    "without a zone. By default, usual ones, such as a vendor's JSON type, are accepted.",
)
@option(
    "--examples",
    "pairs_examples",
    group=_ANSWERS,
    is_flag=True,
    help="Answer a request that equals an example of the document with the response example of the same name.",
)
@option(
    "--dynamic/--no-dynamic",
    group=_ANSWERS,
    help="Generate new values for each response that does not depend on the state, instead of repeating the example. "
    "Needs: pip install 'lookalike[dynamic]'.",
)
@option(
    "--seed",
    group=_ANSWERS,
    type=IntegerParam(),
    metavar="N",
    help="Make --dynamic generate the same values in each run, and --populate different ones.",
)
@option(
    "--stream-interval",
    group=_ANSWERS,
    type=DurationParam(),
    default="0s",
    metavar="TIME",
    help="Send the items of sequences (server-sent events, JSON lines, JSON sequences) one by one, at this interval; "
    "a list of events stays open, and items that are created or changed follow.",
)
@option(
    "--faults",
    group=_FAULTS,
    type=FILE,
    help="Inject faults by the rules in this file: delays, errors, lost connections, rate limits, scenarios.",
)
@option(
    "--chaos",
    group=_FAULTS,
    type=click.Choice(list(PROFILES)),
    help="Inject the faults of an unreliable service, a slow network, or a service that is down.",
)
@host_option(_SERVER)
@port_option(_SERVER, 4010)
@option(
    "--workers",
    group=_SERVER,
    default=1,
    show_default=True,
    type=IntegerParam(1, 64),
    metavar="N",
    help="Serve with N processes, which share the state in a --store of SQLite or PostgreSQL.",
)
@option(
    "--base-path",
    group=_SERVER,
    metavar="PATH",
    help="Serve all paths below this one, such as /api/v1, instead of the path of the document's first server.",
)
@option(
    "--callback-host",
    "callback_hosts",
    group=_SERVER,
    multiple=True,
    type=HostParam(),
    metavar="HOST",
    help="Let the mock send callbacks and webhooks to this host too, besides this machine; repeatable.",
)
@option(
    "--webhook-url",
    "webhook_urls",
    group=_SERVER,
    multiple=True,
    metavar="URL",
    help="Send the webhooks of the document here, each after the changes that it tells of; repeatable.",
)
@option(
    "--webhook-secret",
    group=_SERVER,
    default="",
    metavar="TEXT",
    help="Sign callbacks and webhooks by this secret, where the document says how.",
)
@option(
    "--cors/--no-cors",
    group=_SERVER,
    default=True,
    show_default=True,
    help="Let web pages of any origin call the mock (CORS).",
)
@max_body_option(_SERVER, "1MiB")
@option(
    "--max-connections",
    group=_SERVER,
    type=IntegerParam(1),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Refuse further clients with 503.",
)
@option(
    "--header-timeout",
    group=_SERVER,
    type=DurationParam(),
    default="30s",
    show_default=True,
    help="Answer a request whose head takes longer with 408.",
)
@option(
    "--body-timeout",
    group=_SERVER,
    type=DurationParam(),
    default="60s",
    show_default=True,
    help="Answer a request whose body takes longer with 408, and close where a response is not taken for as long.",
)
@option(
    "--keep-alive-timeout",
    group=_SERVER,
    type=DurationParam(),
    default="75s",
    show_default=True,
    help="Close a connection that has no request for this time.",
)
@option(
    "--journal-size",
    group=_SERVER,
    type=SizeParam(),
    default="64MiB",
    show_default=True,
    help="Keep the latest exchanges for the control API in at most this much memory.",
)
@option(
    "--control/--no-control",
    group=_SERVER,
    default=True,
    show_default=True,
    help="Serve the control API, which shows and changes the state.",
)
@option(
    "--control-prefix",
    group=_SERVER,
    default=PREFIX,
    show_default=True,
    metavar="PATH",
    help="Serve the control API below this path.",
)
@option(
    "--tls",
    group=_SERVER,
    is_flag=True,
    help="Serve over HTTPS, with a certificate for this machine that is made on the spot; the start says which file "
    "clients must trust.",
)
@option(
    "--tls-cert",
    group=_SERVER,
    type=FILE,
    help="Serve over HTTPS with the certificate in this file (PEM); --tls-key has its key.",
)
@option(
    "--tls-key",
    group=_SERVER,
    type=FILE,
    help="The private key of --tls-cert (PEM).",
)
@option(
    "--max-sandboxes",
    group=_SERVER,
    type=IntegerParam(0),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Refuse to create more sandboxes (503).",
)
@option(
    "--sandbox-size",
    group=_SERVER,
    type=SizeParam(),
    default="16MiB",
    show_default=True,
    help="Refuse a change by which the items of a sandbox would take more (507); its journal takes as much at most.",
)
@option(
    "--state-size",
    group=_SERVER,
    type=SizeParam(),
    default="256MiB",
    show_default=True,
    help="Refuse a change by which the items of the default sandbox, in memory, would take more (507).",
)
@option(
    "--sandbox-ttl",
    group=_SERVER,
    type=DurationParam(),
    default="1h",
    show_default=True,
    help="Drop a sandbox that was not used for this time.",
)
@option(
    "--control-token",
    group=_SERVER,
    metavar="TOKEN",
    help="Open the control API to every client that sends this token, instead of to this machine only. "
    "With a --host that others reach, a token is generated and printed.",
)
@option(
    "--log",
    group=_SERVER,
    type=click.Choice(["text", "json", "off"]),
    default="text",
    show_default=True,
    help="Log each request on standard error, in this form.",
)
@option(
    "--metrics",
    group=_SERVER,
    is_flag=True,
    help="Keep metrics for Prometheus, at /__lookalike/metrics. Needs: pip install 'lookalike[metrics]'.",
)
@option(
    "--list",
    "shows_all",
    group=_SERVER,
    is_flag=True,
    help="List every operation at the start, not only the first twelve.",
)
def command(**options: Any) -> int | None:
    """Serve a mock of the API that DOCUMENT describes, until Ctrl-C.

    The mock checks requests, stores the items that they create and change, and answers as the document says.
    Several documents are served by one mock, each below the path of its first server, or below the one that is given in
    front, as in /orders=orders.yaml.
    """
    return run("mock", options)
