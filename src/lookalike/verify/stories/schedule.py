"""The schedule of a run: the stories that are run side by side, in batches.

It is the same at any concurrency. What a batch teaches is known to the next one alone, so that a story sends the same
whether the others of its batch are run before it, after it or at the same time.
"""

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

# Larger batches learn later from each other; smaller ones wait more often for their slowest story.
LARGEST = 40


class Scheduled(Protocol):
    """A story, or a search for one: the resources whose items it touches (None: any), and whose lists it watches."""

    @property
    def touches(self) -> frozenset[str] | None:
        """The resources whose items it creates, changes or deletes."""
        ...

    @property
    def watches(self) -> frozenset[str]:
        """The resources that nothing else may touch at the same time."""
        ...


T = TypeVar("T", bound=Scheduled)


def next_batch(left: Sequence[T], proven: Collection[str], largest: int) -> list[T]:
    """The stories of those left that are run next, in their order.

    Of each resource that is not `proven`, a single story is run first: whether the server lets items be created, and
    shows their keys, is learned before many are created.
    """
    batch: list[T] = []
    for story in left:
        if len(batch) < largest and all(_may_meet(story, other, proven) for other in batch):
            batch.append(story)
    return batch


def may_affect_all(story: Scheduled) -> bool:
    """Whether a story does something unknown, as switching the server to maintenance: such come last."""
    return story.touches is None


def _may_meet(one: Scheduled, other: Scheduled, proven: Collection[str]) -> bool:
    """Whether two stories may be run at the same time."""
    if one.touches is None or other.touches is None:
        return False
    if one.watches & other.touches or other.watches & one.touches:
        return False
    return (one.touches & other.touches) <= set(proven)
