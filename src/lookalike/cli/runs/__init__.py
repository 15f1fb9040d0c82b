"""The commands at work, a module for each: it is imported when its command runs, since the help needs nothing of it."""

import importlib
from collections.abc import Mapping
from typing import Any

from lookalike.errors import UsageError
from lookalike.openapi.yaml_text import garbage_collection_paused

_OPTIONAL_LIBRARIES = {"harfile", "hypothesis", "jinja2", "requests", "schemathesis"}


def run(name: str, options: Mapping[str, Any]) -> int | None:
    """Run a command with its options; its exit code, or None for 0. Raises `UsageError` where a library is missing."""
    try:
        with garbage_collection_paused():  # modules hold no garbage
            module = importlib.import_module(f"lookalike.cli.runs.{name}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _OPTIONAL_LIBRARIES:
            raise
        raise UsageError(
            f"`lookalike {name}` needs {error.name}, which is not installed; run: pip install 'lookalike[verify]'"
        ) from None
    code: int | None = module.run(**options)
    return code
