"""`--save FILE`: the state of all sandboxes in a file, from one run of the mock to the next."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from lookalike.codecs.json_text import DecodeError, parse_json, plain_numbers
from lookalike.errors import UsageError
from lookalike.sandboxes import Sandboxes
from lookalike.snapshots import as_data, read_snapshot

_REMEDY = "Mend it, or delete the file to start anew"


def take_up(file: Path, sandboxes: Sandboxes) -> None:
    """Bring the sandboxes back that a file holds; there may be no file yet.

    Raises `UsageError` if it cannot be read or does not fit the contract, and where it could not be written later.
    """
    folder = file.absolute().parent
    if not os.access(folder, os.W_OK) or file.is_dir():
        raise UsageError(f"--save {file}: no file can be written there")
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"--save {file}: {error.strerror}") from None
    try:
        data = plain_numbers(parse_json(content).value)
    except DecodeError as error:
        raise UsageError(f"{file} is not JSON: {error}", _REMEDY) from None
    if not isinstance(data, Mapping):
        raise UsageError(f"{file}: expected a snapshot for each sandbox", _REMEDY)
    try:
        snapshots = {name: read_snapshot(one, f"{file} (#/{name})") for name, one in data.items()}
        sandboxes.restore(snapshots, str(file))
    except UsageError as error:
        raise UsageError(str(error), _REMEDY) from None


def save(file: Path, sandboxes: Sandboxes) -> None:
    """Write the state of all sandboxes to a file, which is replaced at once: a reader sees the old one or the new one.

    Raises `UsageError` if it cannot be written.
    """
    data = {name: as_data(snapshot) for name, snapshot in sandboxes.saved().items()}
    text = json.dumps(data, ensure_ascii=False, indent=1)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text + "\n", encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"--save {file}: the state could not be written: {error.strerror}") from None
