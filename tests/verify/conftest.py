"""Whole runs take seconds each: of a test with many parameters a part is run, and all with `LOOKALIKE_RUNS=all`."""

import os
from collections import Counter
from pathlib import Path

import pytest

EVERY = 1 if os.environ.get("LOOKALIKE_RUNS") == "all" else 3
HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)  # behind -k
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect all but each third parameter of a test; the first one stays, and so do tests that are named alone."""
    seen: Counter[str] = Counter()
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        test, _, parameters = item.nodeid.partition("[")
        is_chosen = not parameters or HERE not in item.path.parents or seen[test] % EVERY == 0
        (kept if is_chosen else left).append(item)
        seen[test] += bool(parameters)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
