"""`lookalike mock`."""

import json
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.cli.options import Choice, Size
from lookalike.cli.watch import watch
from lookalike.contract.contract import Operation
from lookalike.model.prefer import Variation
from lookalike.model.tokens import mint
from lookalike.server.app import create_app
from lookalike.server.operations import Options
from lookalike.server.serve import serve

_FILE = click.Path(path_type=Path)
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class _Settings:
    """The options of the command."""

    document: Path | None
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
    dynamic: bool
    seed: int | None


@click.command()
@click.argument("document", required=False, type=_FILE, envvar="LOOKALIKE_DOCUMENT")
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
    type=Choice(),
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
    type=Size(),
    default="1MiB",
    show_default=True,
    envvar="LOOKALIKE_MAX_BODY",
    help="The longest body; a longer one is answered 413.",
)
@click.option("--control-token", envvar="LOOKALIKE_CONTROL_TOKEN", help="Token of /__lookalike/; else loopback only.")
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
        Variation(settings.dynamic, settings.seed),
    )
    parts = load(sources)
    mock = assemble(parts)
    prefix = _prefix(parts.model.contract.base_path if settings.base_path is None else settings.base_path)
    options = Options(prefix, settings.cors, settings.max_body, settings.control_token, _LOGS[settings.log])
    app = create_app(mock, options)
    if settings.follow:
        watch(sources, parts, mock, _tell)
    host = _in_url(settings.host)
    serve(app, settings.host, settings.port, lambda port: _announce(f"http://{host}:{port}", prefix, parts))


def _prefix(path: str) -> str:
    stripped = path.strip("/")
    return f"/{stripped}" if stripped else ""


def _announce(origin: str, prefix: str, parts: Parts) -> None:
    click.echo(f"Lookalike is listening on {origin}")
    for operation in parts.model.contract.operations:
        click.echo(f"  {operation.method} {prefix}{operation.path}  {operation.summary}")
    token = parts.valid_token or mint(time.time(), _DAY)
    click.echo(f"A valid token: {token}")
    example = next(iter(parts.model.contract.operations), None)
    if example is not None:
        click.echo("Try it:")
        click.echo(f"  {_curl(example, origin + prefix, token)}")
    resource = next(iter(parts.model.contract.resources), None)
    if resource is not None:
        click.echo("See what it remembers:")
        click.echo(f"  curl -s {origin}/__lookalike/state/{resource}")
    sys.stdout.flush()


def _curl(operation: Operation, url: str, token: str) -> str:
    path = operation.path
    for name, value in operation.example.items():
        path = path.replace("{" + name + "}", str(value)) if name else path
    command = ["curl", "-i", "-X", operation.method, url + path, "-H", f"Authorization: Bearer {token}"]
    if operation.body is not None and "" in operation.example:
        body = json.dumps(operation.example[""], ensure_ascii=False)
        command += ["-H", f"Content-Type: {operation.body.media_type}", "-d", body]
    return shlex.join(command)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _log_text(entry: dict[str, Any]) -> None:
    click.echo(f"{entry['method']} {entry['path']} -> {entry['status']} {entry['reason']}", err=True)


def _log_json(entry: dict[str, Any]) -> None:
    click.echo(json.dumps(entry), err=True)


_LOGS: dict[str, Callable[[dict[str, Any]], None] | None] = {"text": _log_text, "json": _log_json, "off": None}
