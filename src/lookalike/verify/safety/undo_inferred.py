"""Restoring: what a run that was cut off made, and did not delete again."""

from collections.abc import Sequence
from typing import Any

from lookalike.verify.stories.teller import Desk

_GONE = {404, 410}


def restore(entries: Sequence[dict[str, Any]], desk: Desk) -> list[str]:
    """Delete what a journal says was made and not deleted, last first; tells what was done, in sentences."""
    deleted = {entry["path"] for entry in entries if entry.get("method") == "DELETE"}
    by_id = {operation.id: operation for operation in desk.contract.operations}
    told = []
    for entry in reversed([entry for entry in entries if "made" in entry]):
        path, operation = entry["made"], by_id.get(entry.get("by", ""))
        if operation is None or path in deleted:
            continue
        status = desk.client.send(desk.writer.request(operation, {})._replace(path=path)).status
        done = 200 <= status < 300 or status in _GONE
        told.append(f"{path} is gone" if done else f"{path} could not be deleted ({status})")
    return told
