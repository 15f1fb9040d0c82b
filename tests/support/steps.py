"""The steps that a piece of work takes: calls of functions, Python's own and built-in ones, on any machine the same."""

import sys
from collections.abc import Callable


def steps(work: Callable[[], object]) -> int:
    """How many calls are made by a piece of work."""
    made = 0

    def count(*_: object) -> None:
        nonlocal made
        made += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return made


def grows_linearly(work: Callable[[int], object], size: int = 200) -> bool:
    """Whether work of four times the size takes at most five times the steps."""
    work(size)  # what is compiled or cached on first use does not count
    return steps(lambda: work(4 * size)) <= 5 * steps(lambda: work(size))
