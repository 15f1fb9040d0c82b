"""Commands and options whose help is grouped and ends with examples, and whose options can be set in three places."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from lookalike.cli.documents import EXPLANATION

_HELP_WIDTH = 100
_OTHERS = "Other options"
PREFIX = "LOOKALIKE_"


class Option(click.Option):
    """An option that belongs to a group of the help page, and has an environment variable of the same name.

    `--max-body` is LOOKALIKE_MAX_BODY: https://click.palletsprojects.com/en/stable/options/#values-from-environment-variables
    """

    def __init__(self, *names: Any, group: str = _OTHERS, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.group = group
        if self.envvar is None:
            longest = max(self.opts, key=len)
            self.envvar = PREFIX + longest.lstrip("-").replace("-", "_").upper()

    def get_help_extra(self, ctx: click.Context) -> Any:
        """The default; click's `0<=x<=65535` says nothing that the error message would not."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(*names: str, **settings: Any) -> Decorator:
    """The decorator that adds an `Option` to a command."""
    return click.option(*names, cls=Option, **settings)


class Command(click.Command):
    """A command of `lookalike`.

    `examples` are command lines with what each does; `otherwise` says which document is taken where none is found.
    """

    def __init__(
        self, *names: Any, examples: Sequence[tuple[str, str]] = (), otherwise: str = "", **settings: Any
    ) -> None:
        super().__init__(*names, **settings)
        self._examples = examples
        self._otherwise = otherwise
        self.params.append(debug_option())

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> click.Context:
        """The context, in which help is as wide as lines of prose are easily read."""
        return super().make_context(info_name, args, parent, **{"max_content_width": _HELP_WIDTH, **extra})

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description of the command, and the sources of its document."""
        super().format_help_text(ctx, formatter)
        if self._otherwise:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(f"{EXPLANATION}{self._otherwise}.")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options by group, in the order in which the groups come up; those that all commands have come last."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for option in self.get_params(ctx):
            record = option.get_help_record(ctx) if isinstance(option, click.Option) else None
            if record is not None:  # arguments are explained in the text
                groups.setdefault(getattr(option, "group", _OTHERS), []).append(record)
        groups[_OTHERS] = groups.pop(_OTHERS, [])
        for name, records in groups.items():
            with formatter.section(name):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        write_examples(self._examples, formatter)


def write_examples(examples: Sequence[tuple[str, str]], formatter: click.HelpFormatter) -> None:
    """Write command lines, each below the comment that says what it does."""
    with formatter.section("Examples" if len(examples) > 1 else "Example"):
        for line, comment in examples:
            formatter.write(f"  # {comment}\n  {line}\n")


def debug_option() -> Option:
    """The option that shows the trace of an internal error."""
    return Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember_debug,
        help="Show the Python trace of an internal error.",
    )


def _remember_debug(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.find_root().ensure_object(Debug).is_on = True


class Debug:
    """Whether the trace of an internal error is shown; made before the options are read, which decide it."""

    is_on = False
