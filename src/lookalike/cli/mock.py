"""`lookalike mock`."""

import json
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.cli.options import OVERLAYS, DocumentParam, ReadingChoiceParam, SizeParam, tell_of_flaws
from lookalike.cli.watch import watch
from lookalike.contract.contract import Operation
from lookalike.contract.security import API_KEY, BASIC, BEARER
from lookalike.model.operation_handler import Strictness
from lookalike.model.request.tokens import mint
from lookalike.model.response.prefer import Variation
from lookalike.openapi.sources import Source
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.server.serve import serve

_FILE = click.Path(path_type=Path)
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class _Settings:
    """The options of the command."""

    document: Source | None
    overlays: tuple[Path, ...]
    strict: bool
    host: str
    port: int
    base_path: str | None
    data: Path | None
    tokens: Path | None
    readings: tuple[tuple[str, str], ...]
    profile: Path | None
    cors: bool
    follow: bool
    log: str
    max_body: int
    control_token: str | None
    stateless: bool
    populate: int
    security: bool
    errors: str
    dynamic: bool
    seed: int | None


@click.command()
@click.argument("document", required=False, type=DocumentParam(), envvar="LOOKALIKE_DOCUMENT")
@OVERLAYS
@click.option("--strict", is_flag=True, envvar="LOOKALIKE_STRICT", help="Refuse a document that has anything wrong.")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="LOOKALIKE_HOST", help="Address to listen on.")
@click.option(
    "--port",
    default=4010,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="LOOKALIKE_PORT",
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--base-path", envvar="LOOKALIKE_BASE_PATH", help="Prefix of all paths, as /api/v1.")
@click.option("--data", type=_FILE, envvar="LOOKALIKE_DATA", help="Items to start with, a list per resource.")
@click.option("--tokens", type=_FILE, envvar="LOOKALIKE_TOKENS", help="Tokens that are valid, expired or revoked.")
@click.option(
    "--reading",
    "readings",
    multiple=True,
    type=ReadingChoiceParam(),
    envvar="LOOKALIKE_READING",
    help="How to read what the documentation leaves open; repeatable.",
)
@click.option("--profile", type=_FILE, envvar="LOOKALIKE_PROFILE", help="A file of readings.")
@click.option("--cors/--no-cors", default=True, show_default=True, envvar="LOOKALIKE_CORS", help="Answer browsers.")
@click.option("--watch", "follow", is_flag=True, envvar="LOOKALIKE_WATCH", help="Follow changes of the files.")
@click.option(
    "--log",
    type=click.Choice(["text", "json", "off"]),
    default="text",
    show_default=True,
    envvar="LOOKALIKE_LOG",
    help="How to tell of each exchange.",
)
@click.option(
    "--max-body",
    type=SizeParam(),
    default="1MiB",
    show_default=True,
    envvar="LOOKALIKE_MAX_BODY",
    help="The longest body; a longer one is answered 413.",
)
@click.option("--stateless", is_flag=True, envvar="LOOKALIKE_STATELESS", help="Infer nothing about state.")
@click.option(
    "--populate",
    default=0,
    type=click.IntRange(0, 100_000),
    envvar="LOOKALIKE_POPULATE",
    help="Items of each resource to start with, made up where there are not as many.",
)
@click.option("--control-token", envvar="LOOKALIKE_CONTROL_TOKEN", help="Token of /__lookalike/; else loopback only.")
@click.option(
    "--security/--no-security",
    default=True,
    show_default=True,
    envvar="LOOKALIKE_SECURITY",
    help="Ask for credentials.",
)
@click.option(
    "--errors",
    type=click.Choice(["refuse", "report"]),
    default="refuse",
    show_default=True,
    envvar="LOOKALIKE_ERRORS",
    help="Refuse an invalid request, or let it through and say in a header what is wrong with it.",
)
@click.option("--dynamic/--no-dynamic", envvar="LOOKALIKE_DYNAMIC", help="Vary the bodies that no state decides.")
@click.option("--seed", type=int, envvar="LOOKALIKE_SEED", help="What varied bodies are drawn from; else the time.")
def command(**options: Any) -> None:
    """Serve the mock of DOCUMENT, or of the Lead API where none is given."""
    _mock(_Settings(**options))


def _mock(settings: _Settings) -> None:
    sources = Sources(
        settings.document,
        settings.data,
        settings.tokens,
        settings.profile,
        dict(settings.readings),
        settings.overlays,
        settings.strict,
        infer=not settings.stateless,
        populate=settings.populate,
        strictness=Strictness(settings.security, settings.errors == "refuse"),
        variation=Variation(settings.dynamic, settings.seed),
    )
    parts = load(sources)
    tell_of_flaws(parts.model.contract)
    mock = assemble(parts)
    prefix = _prefix(parts.model.contract.base_path if settings.base_path is None else settings.base_path)
    options = MockOptions(prefix, settings.cors, settings.max_body, settings.control_token, _LOGS[settings.log])
    if settings.follow:
        watch(sources, parts, mock, _tell)
    host = _in_url(settings.host)
    site = Dispatcher(mock, options)

    def announce(port: int) -> None:
        with suppress(OSError):  # nobody reads it any more
            _announce(f"http://{host}:{port}", prefix, parts)

    serve(site, settings.host, settings.port, announce)


def _prefix(path: str) -> str:
    stripped = path.strip("/")
    return f"/{stripped}" if stripped else ""


def _announce(origin: str, prefix: str, parts: Parts) -> None:
    click.echo(f"Lookalike is listening on {origin}")
    for operation in parts.model.contract.operations:
        click.echo(f"  {operation.method} {_place(operation, prefix, parts)}  {operation.summary}".rstrip())
    token = parts.valid_token or mint(time.time(), _DAY)
    if any(scheme.kind == BEARER for scheme in parts.model.contract.schemes.values()):
        click.echo(f"A valid token: {token}")
    example = min(parts.model.contract.operations, key=_unknowns, default=None)
    if example is not None:
        click.echo("Try it:")
        click.echo(f"  {_curl(example, origin + _place(example, prefix, parts), token)}")
    resource = next(iter(parts.model.contract.resources), None)
    if resource is not None:
        click.echo("See what it remembers:")
        click.echo(f"  curl -s {origin}/__lookalike/state/{resource}")
    sys.stdout.flush()


def _unknowns(operation: Operation) -> int:
    """How much of a request that has to be there no example of the document tells."""
    known = {("path", name) for name in operation.request_example}
    has_body = operation.body is None or not operation.body.required or "" in operation.request_example
    return len([key for key, one in operation.parameters.items() if one.required and key not in known]) + (not has_body)


def _place(operation: Operation, prefix: str, parts: Parts) -> str:
    """The whole path of an operation, which may have servers of its own."""
    is_usual = operation.base_path == parts.model.contract.base_path
    return (prefix if is_usual else operation.base_path) + operation.path


def _curl(operation: Operation, url: str, token: str) -> str:
    for name, value in operation.request_example.items():
        url = url.replace("{" + name + "}", str(value)) if name else url
    url = url.partition("#")[0]  # which no client sends
    url += _key_in_query(operation, token, "&" if "?" in url else "?")
    command = ["curl", "-i", "-X", operation.method, url, *_credentials(operation, token)]
    if operation.body is not None and "" in operation.request_example:
        body = json.dumps(operation.request_example[""], ensure_ascii=False)
        command += ["-H", f"Content-Type: {operation.body.first.media_type}", "-d", body]
    return shlex.join(command)


def _credentials(operation: Operation, token: str) -> list[str]:
    """What curl must be told for the first of the alternatives that an operation names."""
    first = next(iter(operation.security), ())
    ways = {BEARER: ["-H", f"Authorization: Bearer {token}"], BASIC: ["-u", "user:password"]}
    found = [ways.get(requirement.scheme.kind, []) for requirement in first]
    keys = [one.scheme for one in first if one.scheme.kind == API_KEY and one.scheme.location != "query"]
    fields = [
        f"Cookie: {one.parameter}={token}" if one.location == "cookie" else f"{one.parameter}: {token}" for one in keys
    ]
    return [*(word for words in found for word in words), *(word for text in fields for word in ("-H", text))]


def _key_in_query(operation: Operation, token: str, joint: str) -> str:
    first = (one.scheme for one in next(iter(operation.security), ()))
    keys = {one.parameter: token for one in first if one.kind == API_KEY and one.location == "query"}
    return f"{joint}{urlencode(keys)}" if keys else ""


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _log_text(entry: dict[str, Any]) -> None:
    click.echo(f"{entry['method']} {entry['path']} -> {entry['status']} {entry['reason']}", err=True)


def _log_json(entry: dict[str, Any]) -> None:
    click.echo(json.dumps(entry), err=True)


_LOGS: dict[str, Callable[[dict[str, Any]], None] | None] = {"text": _log_text, "json": _log_json, "off": None}
