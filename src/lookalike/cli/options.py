"""Types of options, and the options that several commands share."""

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from lookalike.cli.help import Decorator, option
from lookalike.durations import seconds_of
from lookalike.openapi.sources import DEFAULT_RULES, ReferenceRules

T = TypeVar("T")

FILE = click.Path(path_type=Path, dir_okay=False)

OVERLAYS = option(
    "--overlay",
    "overlays",
    group="Document",
    multiple=True,
    type=FILE,
    help="Apply this OpenAPI Overlay to the document before it is used; repeatable, in the order given.",
)

REPORTS = option(
    "--report",
    "reports",
    group="Output",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write a report to a file; FORMAT is json, junit, html, markdown or sarif. Repeatable.",
)

_REFERENCES = (
    option(
        "--max-references",
        group="Document",
        type=click.IntRange(0),
        default=DEFAULT_RULES.most,
        show_default=True,
        metavar="N",
        help="Follow the references of the document to at most this many files and URLs.",
    ),
    option("--no-remote", group="Document", is_flag=True, help="Follow no reference of the document to a URL."),
    option(
        "--allow-private",
        group="Document",
        is_flag=True,
        help="Let a document from a public server refer to addresses of this machine and of private networks.",
    ),
)


def reference_options(function: Callable[..., T]) -> Callable[..., T]:
    """A decorator that adds the options about references, which arrive as one value: `references`."""

    @wraps(function)
    def command(max_references: int, no_remote: bool, allow_private: bool, **others: Any) -> T:
        return function(references=ReferenceRules(max_references, not no_remote, allow_private), **others)

    for add in reversed(_REFERENCES):
        add(command)
    return command


_SIZES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


class IntegerParam(click.IntRange):
    """A whole number within bounds."""

    name = "whole number"


class RateParam(click.FloatRange):
    """A number above zero."""

    name = "number"


class SizeParam(click.ParamType[int]):
    """A number of bytes, such as 1MiB."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The size in bytes."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+)\s*([A-Za-z]*)", str(value))
        if match is None or match[2].upper() not in _SIZES:
            self.fail(f"{value!r} is not a size; write 500KiB, 1MiB or a number of bytes", param, ctx)
        return int(match[1]) * _SIZES[match[2].upper()]


class PercentageParam(click.ParamType[float]):
    """A share written as a percentage, as 80%; its value is from 0 to 1."""

    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share."""
        if isinstance(value, float):
            return value
        number = str(value).removesuffix("%")
        if not number.isascii() or not number.isdigit() or int(number) > 100:
            self.fail(f"{value!r} is not a percentage; write one from 0% to 100%", param, ctx)
        return int(number) / 100


class DurationParam(click.ParamType[float]):
    """A span of time, such as 1h."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The span in seconds."""
        seconds = seconds_of(str(value))
        if seconds is None:
            self.fail(f"{value!r} is not a span of time; write 500ms, 90s, 15m, 1h or 7d", param, ctx)
        return seconds


class ReadingChoiceParam(click.ParamType[tuple[str, str]]):
    """A choice of a reading, such as requirement=tags-suffice."""

    name = "ID=CHOICE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The id of the reading and the choice."""
        if isinstance(value, tuple):
            return value[0], value[1]
        name, equals, choice = str(value).partition("=")
        if not (name and equals and choice):
            self.fail(f"{value!r} is not ID=CHOICE, as in requirement=tags-suffice", param, ctx)
        return name, choice


_MOST_PORT = 65_535
# A name or an IPv4 address, or an IPv6 address, which has two colons at least.
_IS_HOST = re.compile(r"(?:[A-Za-z0-9_.-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)\Z").match


class HeaderParam(click.ParamType[tuple[str, str]]):
    """A header field, such as X-Tenant: 7. Since fields hold spaces, an environment variable has one on each line."""

    name = "NAME:VALUE"
    envvar_list_splitter = "\n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The name and the value."""
        if isinstance(value, tuple):
            return value[0], value[1]
        name, colon, text = str(value).partition(":")
        if not colon or not name.strip():
            self.fail(f"{value!r} is not a header field; write NAME:VALUE", param, ctx)
        return name.strip(), text.strip()


class UrlParam(click.ParamType[str]):
    """An absolute http URL, or nothing."""

    name = "URL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URL as it was written."""
        from lookalike.callbacks.outgoing import url_flaw

        text = str(value)
        if text and url_flaw(text):
            self.fail(f"{text!r} is no absolute http URL, such as https://mock.example.com", param, ctx)
        return text


class HostParam(click.ParamType[str]):
    """The name or the address of a host, without scheme and port."""

    name = "HOST"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The host as it was written."""
        text = str(value)
        if not _IS_HOST(text):
            self.fail(f"{text!r} is no host; write the name or the address alone, such as hooks.example", param, ctx)
        return text


class AddressParam(click.ParamType[tuple[str, int]]):
    """An address to listen at, such as 127.0.0.1:0."""

    name = "HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The host and the port."""
        if isinstance(value, tuple):
            return value[0], value[1]
        host, colon, port = str(value).rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > _MOST_PORT:
            self.fail(f"{value!r} is no address; write HOST:PORT, such as 127.0.0.1:0", param, ctx)
        return host, int(port)


def host_option(group: str) -> Decorator:
    """The option of a command that serves: the address to listen on."""
    return option(
        "--host",
        group=group,
        default="127.0.0.1",
        show_default=True,
        metavar="ADDRESS",
        help="Listen on this address; 0.0.0.0 lets other machines in.",
    )


def port_option(group: str, default: int) -> Decorator:
    """The option of a command that serves: the port to listen on."""
    return option(
        "--port",
        group=group,
        default=default,
        show_default=True,
        type=IntegerParam(0, 65535),
        metavar="N",
        help="Listen on this port; 0 picks a free one, which is printed.",
    )


def max_body_option(group: str, default: str) -> Decorator:
    """The option of a command that serves: the size of request bodies."""
    return option(
        "--max-body",
        group=group,
        type=SizeParam(),
        default=default,
        show_default=True,
        help="Refuse a request whose body is longer (413).",
    )
