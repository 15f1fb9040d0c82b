"""Whole runs take seconds each: of a test with many parameters an eighth is run, and all with `LOOKALIKE_RUNS=all`."""

import os
from collections import Counter
from pathlib import Path

import pytest

EVERY = 1 if os.environ.get("LOOKALIKE_RUNS") == "all" else 8
HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect all but each eighth parameter of a test, unless tests are asked for by their names."""
    if config.option.keyword or any("::" in asked for asked in config.args):
        return
    seen: Counter[str] = Counter()
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        test, _, parameters = item.nodeid.partition("[")
        is_chosen = HERE not in item.path.parents or seen[test] % EVERY == 0
        (kept if is_chosen else left).append(item)
        seen[test] += bool(parameters)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
