"""The document of a command: every command that takes one looks for it in the same places, in the same order."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from lookalike.cli.output import tell
from lookalike.openapi.sources import DOCUMENT_NAMES, LEAD, Mount, Source, source_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EXPLANATION = (
    f"DOCUMENT is an OpenAPI document: a file, a URL, or `{LEAD}` for the Lead API, which comes with Lookalike "
    f"(a file of that name is ./{LEAD}). By default it is LOOKALIKE_DOCUMENT, else `document:` in lookalike.yaml, "
    f"else {DOCUMENT_NAMES[0]}, .yml or .json in the current folder, else "
)
"""The help of the argument; where nothing else is found, each command goes on in its own way."""


class _FileNames:
    """The part of a parameter type that has shells complete names of files; only types of click do so by themselves."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The one item that tells a shell to look for files."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class DocumentParam(_FileNames, click.ParamType[Source]):
    """A file, a URL, or `lead`."""

    name = "DOCUMENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Source:
        """The source of a document."""
        if value == LEAD:
            return lead_api()
        if isinstance(value, str) and "://" in value and source_of(value) != value:
            self.fail(f"{value!r} is neither a file nor an http(s) URL", param, ctx)
        return source_of(value) if isinstance(value, str) else Path(value)


class MountParam(_FileNames, click.ParamType[Mount]):
    """A document among several, with the path that it is served below in front: `/orders=orders.yaml`."""

    name = DocumentParam.name

    def split_envvar_value(self, rv: str) -> list[str]:
        """LOOKALIKE_DOCUMENT names one document, whose path may have spaces."""
        return [rv]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Mount:
        """A document, with a path where one is given."""
        mounted = None if Path(value).is_file() else _MOUNTED.match(value)
        if mounted is None:
            return Mount(DocumentParam().convert(value, param, ctx))
        path = mounted["path"].rstrip("/")
        if path and not _IS_PATH(path):
            self.fail(f"{mounted['path']!r} is not a path like /orders", param, ctx)
        return Mount(DocumentParam().convert(mounted["document"], param, ctx), path)


_MOUNTED = re.compile(r"(?P<path>/[^=]*)=(?P<document>.+)", re.DOTALL)
_IS_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+\Z").match


class DocumentsArgument(click.Argument):
    """Any number of documents; the settings file may name one without a list around it."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """The documents, converted."""
        return super().type_cast_value(ctx, (value,) if isinstance(value, str) else value)


document_argument = click.argument("document", required=False, type=DocumentParam(), envvar="LOOKALIKE_DOCUMENT")


class ChosenDocument(NamedTuple):
    """A document and how it was chosen, in a line for the user; empty if the command line names it."""

    source: Source
    notice: str = ""

    def tell(self) -> None:
        """Say on standard error which document was taken."""
        if self.notice:
            tell(self.notice, err=True)


Fallback = Callable[[], ChosenDocument]


def choose_document(given: Source | None, otherwise: Fallback) -> ChosenDocument:
    """The document that the current command works on; `otherwise` chooses where none is named or found."""
    if given is not None:
        return ChosenDocument(given, _notice(given))
    found = next((path for path in map(Path, DOCUMENT_NAMES) if path.is_file()), None)
    if found is not None:
        return ChosenDocument(found, f"document: {found}, found in the current folder")
    return otherwise()


def lead_api() -> Path:
    """The document of the Lead API."""
    from lookalike.assembly import bundled_document  # here, so that --help does not load what a mock is made of

    return bundled_document()


def typed(source: Source) -> str:
    """A document as it is typed on a command line."""
    return LEAD if source == lead_api() else str(source)


def lead_by_default() -> ChosenDocument:
    """The Lead API, for the commands that need nothing else to be useful."""
    return ChosenDocument(lead_api(), "document: the Lead API, since no other is named or found here")


def _notice(given: Source) -> str:
    source = click.get_current_context().get_parameter_source("document")
    if source in _PLACES:
        return f"document: {given}, named {_PLACES[source]}"
    if given == lead_api() and Path(LEAD).exists():
        return f"document: the Lead API; the file of that name is ./{LEAD}"
    return ""


_PLACES = {
    ParameterSource.ENVIRONMENT: "by LOOKALIKE_DOCUMENT",
    ParameterSource.DEFAULT_MAP: "in the settings",
}
