"""The command line: reads options, puts parts together, maps outcomes to exit codes.

Each command is loaded only when it is called, so that the mock starts without what checking needs.
"""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from lookalike.errors import LookalikeError, UsageError
from lookalike.openapi.document import garbage_collection_paused, load_yaml

CONFIG = "lookalike.yaml"
_TOOLS = {"hypothesis", "requests", "schemathesis"}

_COMMANDS = {
    "mock": "Serve the mock of a contract.",
    "verify": "Judge a server by a contract.",
    "calibrate": "Find out how a server reads what a contract leaves open.",
    "replay": "Tell failing stories again, from a report of verify.",
    "restore": "Move back what a run that was cut off left moved.",
    "check": "Say whether a document is a sound contract.",
    "token": "Mint a token that the mock accepts.",
}


class Commands(click.Group):
    """The commands by name, each from the module of that name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, loaded now."""
        if cmd_name not in _COMMANDS:
            return None
        return _load(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lookalike", message="lookalike %(version)s")
@click.option("--config", type=click.Path(path_type=Path), help=f"Settings; {CONFIG} in this folder by default.")
@click.pass_context
def commands(context: click.Context, config: Path | None) -> None:
    """Mock an HTTP API from its contract, and check servers against it.

    Every option is also an environment variable (--base-path is LOOKALIKE_BASE_PATH) and a key of lookalike.yaml
    (base-path, below the name of the command); a flag counts before the environment, that before the file.
    """
    context.default_map = _settings(config)


def main() -> None:
    """Run the command line; an error is one message on stderr and its own exit code, 2 for those of a user."""
    try:
        commands()
    except LookalikeError as error:
        click.echo(f"lookalike: {error}", err=True)
        sys.exit(error.exit_code)


def _load(name: str) -> click.Command:
    try:
        with garbage_collection_paused():  # of modules none is garbage
            command: click.Command = importlib.import_module(f"lookalike.cli.{name}").command
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _TOOLS:
            raise
        raise UsageError(
            f"`lookalike {name}` needs more than the mock does; run: pip install 'lookalike[verify]'"
        ) from None
    return command


def _settings(config: Path | None) -> dict[str, Any]:
    path = config or Path(os.environ.get("LOOKALIKE_CONFIG", CONFIG))
    if not path.exists() and config is None and "LOOKALIKE_CONFIG" not in os.environ:
        return {}
    settings = load_yaml(path)
    if settings is None:  # an empty file
        return {}
    if not isinstance(settings, dict) or not all(isinstance(section, dict) for section in settings.values()):
        raise UsageError(f"{path}: expected the settings of each command below its name, as in `mock: {{port: 4011}}`")
    unknown = settings.keys() - _COMMANDS.keys()
    if unknown:
        raise UsageError(f"{path}: there is no command {min(unknown)!r}; there is: {', '.join(_COMMANDS)}")
    return {name: _section(path, name, section) for name, section in settings.items()}


def _section(path: Path, name: str, section: dict[str, Any]) -> dict[str, Any]:
    """The settings of a command, which are named as its flags are, by parameter name."""
    known = {flag.lstrip("-"): parameter for parameter in _load(name).params for flag in parameter.opts}
    unknown = [key for key in section if key not in known]
    if unknown:
        names = ", ".join(sorted(known))
        raise UsageError(f"{path} (#/{name}/{unknown[0]}): unknown setting; known: {names}")
    return {str(known[key].name): value for key, value in section.items()}
