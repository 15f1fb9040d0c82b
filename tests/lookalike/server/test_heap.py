"""The heap: pages that are free in it go back to the system, and long collections are not repeated."""

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from lookalike.server.heap import LongCollections, malloc_trim, trim

STATM = Path("/proc/self/statm")


def resident() -> int:
    return int(STATM.read_text(encoding="ascii").split()[1])


@pytest.mark.skipif(malloc_trim() is None, reason="the C library has no such function")
def test_free_pages_between_others_go_back_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.server.heap._LARGEST", 10**9)
    kept = [bytes(60_000) for _ in range(1_000)]  # in the heap, since glibc maps what has 128 KiB and more
    del kept[::2]
    before = resident()
    trim()
    assert before - resident() > 5_000  # pages of 4 KiB, of the 7,000 that are free


@pytest.mark.skipif(malloc_trim() is None, reason="the C library has no such function")
def test_the_heap_of_a_large_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lookalike.server.heap._LARGEST", 1)
    monkeypatch.setattr("lookalike.server.heap.malloc_trim", lambda: pytest.fail)
    trim()


@pytest.fixture
def frozen() -> Iterator[int]:
    """The number of objects that collections do not visit, before a test that may freeze some."""
    gc.unfreeze()  # a server of this process may have frozen some
    yield gc.get_freeze_count()
    gc.unfreeze()


def collect(seconds: float) -> None:
    """A full collection that takes some seconds by its clock."""
    callback = LongCollections(clock=count(0.0, seconds).__next__)
    gc.callbacks.append(callback)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(callback)


def test_the_survivors_of_a_long_collection_are_not_visited_again(frozen: int) -> None:
    collect(seconds=0.02)
    assert gc.get_freeze_count() > frozen


def test_a_short_collection_freezes_nothing(frozen: int) -> None:
    collect(seconds=0.005)
    assert gc.get_freeze_count() == frozen
