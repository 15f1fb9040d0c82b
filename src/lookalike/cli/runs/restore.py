"""`lookalike restore` at work."""

from pathlib import Path
from typing import Any

from lookalike.cli.output import tell
from lookalike.cli.runs.server_access import ServerOptions, environment_for, opened
from lookalike.verify.safety.journal import read_journal, undo_moves
from lookalike.verify.safety.undo import restore_items


def run(file: Path, **options: Any) -> int:
    """Undo the changes that a journal has; the exit code of the command."""
    chosen = ServerOptions(**options)
    with opened(chosen, undoing=True) as server:
        entries = read_journal(file, server.client.url)
        environment = environment_for(server, chosen, look=False)
        undone = [one for stated in environment.stated for one in undo_moves(entries, stated.compose, stated.client)]
        undone += restore_items(entries, environment)
    lines = server.client.redacted("\n".join(one.text for one in undone))
    tell(lines or "nothing was moved or created, so nothing had to be undone")
    return 0 if all(one.is_done for one in undone) else 1
