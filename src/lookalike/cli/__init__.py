"""The command line: reads options and settings, runs a command, and turns every error into a line and an exit code.

Each command is imported only when it is named, and what it does only when it runs (`runs/`), so that help is shown at
once and the mock starts without the libraries that checking needs.
"""

import importlib
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from click.exceptions import NoArgsIsHelpError

from lookalike.cli.help import Debug, debug_option, option, write_examples
from lookalike.cli.output import drop_output, tell
from lookalike.errors import LookalikeError, UsageError
from lookalike.openapi.yaml_text import garbage_collection_paused, load_yaml

CONFIG = "lookalike.yaml"
_DOCUMENT = "document"

FAILED = 3
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it

_COMMANDS = {
    "init": "Write starter files for an API: settings, target file, overlay.",
    "mock": "Serve a mock of an API that keeps state.",
    "verify": "Test whether a server behaves as its document says.",
    "judge": "Test recorded traffic, and send nothing.",
    "proxy": "Test the traffic between a client and a server while it passes through.",
    "learn": "Make items and examples for the mock from recorded traffic.",
    "calibrate": "Find out how a server decides the questions that its document leaves open.",
    "replay": "Run the failed tests of a report, or a recorded session, again.",
    "restore": "Undo what a killed run of verify left on a server.",
    "check": "Check a document, and list its problems.",
    "token": "Print a token that the mock accepts.",
}
_EXAMPLES = (
    ("lookalike mock openapi.yaml", "serve a mock of your API on port 4010"),
    ("lookalike verify http://127.0.0.1:8000 openapi.yaml", "test a server on this machine by the same document"),
)


class Commands(click.Group):
    """The commands by name, each from the module of that name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        return _load(cmd_name) if cmd_name in _COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        write_examples(_EXAMPLES, formatter)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lookalike", message="lookalike %(version)s")
@option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Read settings from this file instead of {CONFIG} of the current folder.",
)
@click.pass_context
def commands(context: click.Context, config: Path | None) -> None:
    """Mock an HTTP API from its OpenAPI document, and test servers against it.

    Every option can also be set by an environment variable (--base-path is LOOKALIKE_BASE_PATH) or in lookalike.yaml
    (`mock: {base-path: /api}`). The command line takes precedence over the environment, which takes precedence
    over the file.
    """
    command = context.invoked_subcommand or ""
    context.default_map = {command: _settings(config, command)}


commands.params.append(debug_option())


def main() -> None:
    """Run the command line and exit: 2 for a user's mistake, 3 where the system or Lookalike itself fails."""
    debug = Debug()
    if sys.stdout is None:  # it is closed, which is to be an error like that of a full disk
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    output = sys.stdout
    code: int | str | None
    try:
        code = commands.main(prog_name="lookalike", standalone_mode=False, obj=debug)
    except NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except SystemExit as error:
        # Where the reader of a pipe has left, click replaces the output, and takes exit code 1, which would say that a
        # document or server fails.
        code = error.code if sys.stdout is output else FAILED
    except Exception as error:  # noqa: BLE001  # the last handler: no traceback reaches a user who did not ask for it
        message, code = _message_and_code(error)
        if debug.is_on and not isinstance(error, _EXPECTED):
            message = traceback.format_exc()
        with suppress(OSError):  # standard error is closed
            tell(message, err=True)
    sys.exit(code)


_EXPECTED = (click.ClickException, click.Abort, LookalikeError)


def _message_and_code(error: Exception) -> tuple[str, int]:
    """The line that reports an error, and the exit code."""
    match error:
        case click.ClickException():
            return _in_a_line(error), error.exit_code
        case LookalikeError():
            return f"lookalike: {error}", error.exit_code
        case click.Abort():  # click's word for Ctrl-C
            return "lookalike: interrupted", INTERRUPTED
        case OSError():
            drop_output()
            return f"lookalike: {_reason_of(error)}", FAILED
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"lookalike: internal error: {what}; run again with --debug to see the trace", FAILED


def _in_a_line(error: click.ClickException) -> str:
    """The message of click, with the command that it is about and the place of the value that it refuses."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else "lookalike"
    message = error.format_message().strip().rstrip(".")
    if isinstance(error, click.BadParameter) and context is not None and error.param is not None:
        message += _place_of(context, error.param)
    return f"{command}: {message[:1].lower()}{message[1:]} (see `{command} --help`)"


def _place_of(context: click.Context, parameter: click.Parameter) -> str:
    """The source of a value, in words; empty for the command line."""
    source = context.get_parameter_source(parameter.name or "")
    if source is ParameterSource.ENVIRONMENT:
        return f" (from the environment variable {parameter.envvar})"
    return " (from the settings file)" if source is ParameterSource.DEFAULT_MAP else ""


def _reason_of(error: OSError) -> str:
    place = f"{error.filename}" if error.filename else "the output cannot be written"
    return f"{place}: {error.strerror or error}"


def _load(name: str) -> click.Command:
    with garbage_collection_paused():  # modules hold no garbage
        command: click.Command = importlib.import_module(f"lookalike.cli.{name}").command
    return command


def _settings(config: Path | None, command: str) -> dict[str, Any]:
    """The settings of a command by parameter name; `document` is that of all commands that name no other.

    Those of other commands are not looked into, since these take long to load, and may need more than is installed.
    """
    path = config or Path(CONFIG)
    if not path.exists() and config is None:
        return {}
    raw = load_yaml(path)
    if raw is None:  # an empty file
        return {}
    if not isinstance(raw, dict):
        raise UsageError(f"{path}: expected the settings of each command below its name, as in `mock: {{port: 4011}}`")
    document = raw.pop(_DOCUMENT, None)
    if document is not None and not isinstance(document, str):
        raise UsageError(f"{path} (#/{_DOCUMENT}): expected a file or a URL, as in `document: openapi.yaml`")
    unknown = raw.keys() - _COMMANDS.keys()
    if unknown:
        known = ", ".join((_DOCUMENT, *_COMMANDS))
        raise UsageError(f"{path} (#/{min(unknown)}): there is no such command or setting; there are: {known}")
    for name, given in raw.items():
        if not isinstance(given, dict):
            expected = f"the command's settings, as in `{name}: {{OPTION: VALUE}}`"
            raise UsageError(f"{path} (#/{name}): expected {expected}")
    section = _section(path, command, raw[command]) if command in raw else {}
    return section if document is None else {_DOCUMENT: document, **section}


def _section(path: Path, name: str, section: dict[str, Any]) -> dict[str, Any]:
    """The settings of a command, which are named as its flags are, by parameter name."""
    known = {flag.lstrip("-"): parameter for parameter in _load(name).params for flag in parameter.opts}
    unknown = [key for key in section if key not in known]
    if unknown:
        names = ", ".join(sorted(known))
        raise UsageError(f"{path} (#/{name}/{unknown[0]}): unknown setting; known: {names}")
    return {str(known[key].name): value for key, value in section.items()}
