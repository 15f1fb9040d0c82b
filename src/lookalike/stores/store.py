"""The store of a sandbox: its state, of which each change is one transaction."""

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

from lookalike.model.state import Change, Decision, State
from lookalike.stores.memory import InitialItems
from lookalike.stores.records import Records

T = TypeVar("T")
D = TypeVar("D", bound=Decision)


class Store(Protocol):
    """A place for the state of one sandbox, such as `stores.memory.MemoryStore`."""

    @property
    def records(self) -> Records | None:
        """The records that processes share beside the items; None if one process has the store alone."""
        ...

    @property
    def is_untouched(self) -> bool:
        """Whether it holds the initial items that it was given, and nothing was changed in them."""
        ...

    def begin(self, items: InitialItems, follow: Callable[[str], None]) -> None:
        """Have initial items, unless there is a state from an earlier run.

        `follow` is called with the settings that an earlier run or another process kept; empty ones are those of a
        reset.
        """
        ...

    def drop(self) -> None:
        """Delete everything that is stored."""
        ...

    def keep_settings(self, text: str) -> None:
        """Keep a text with the state, until the next reset."""
        ...

    def mark_used(self) -> None:
        """Tell other processes that the sandbox is in use."""
        ...

    def drop_idle(self, ttl: float) -> bool:
        """Delete everything that is stored, unless another process used it within some seconds; whether it did."""
        ...

    def transact(self, decide: Callable[[State], D]) -> D:
        """Call a function with the state, commit the changes that it returns, and return its decision.

        No other request sees the state in between; where the function raises, nothing is changed.
        """
        ...

    def transact_at_length(self, decide: Callable[[State], D]) -> D:
        """The same for a function that may take long; other requests see the state meanwhile, and may change it.

        It is called again where they have changed it, so it must have no effects of its own.
        """
        ...

    def read(self, look: Callable[[State], T]) -> T:
        """The result of a function of the state, which does not change while the function runs."""
        ...

    def together(self, work: Callable[[], T]) -> T:
        """The result of a function, all of whose reads and changes are one transaction; it may be called again."""
        ...

    def replace(self, changes: Iterable[Change]) -> None:
        """Delete all items, then commit changes; `InitialItems` may be shared instead of stored once more."""
        ...


class Update(NamedTuple, Generic[T]):
    """A change of the state by hand: the changes to commit, and the result for the caller."""

    result: T
    changes: tuple[Change, ...] = ()
