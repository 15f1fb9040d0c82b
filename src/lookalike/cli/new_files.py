"""New files of a command, which overwrite no others unless the user asks for it."""

from collections.abc import Iterable
from pathlib import Path

from lookalike.cli.help import option
from lookalike.errors import UsageError

force_option = option("--force", is_flag=True, help="Overwrite existing files.")


def check_new(files: Iterable[Path], force: bool) -> None:
    """Raise `UsageError` if a file is there already, before any of them is written."""
    found = next((file for file in files if file.exists()), None)
    if found is not None and not force:
        raise UsageError(f"{found} is there already; overwrite it with --force, or choose another name")
