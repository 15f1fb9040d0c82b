"""A state of which nothing is known, and the model that predicts from it only what depends on no item."""

from collections.abc import Iterable, Sequence

from lookalike.http import Request
from lookalike.model.behaviour import Model
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Item, Key, State, is_note_of_mock
from lookalike.readings import Choose
from lookalike.verify.oracle.worlds import Unpredictable


class UnknownState:
    """A state of which nothing is known: no look-up of an item can be predicted."""

    def get(self, resource: str, key: Key) -> Item | None:
        """Raise `Unpredictable`."""
        raise Unpredictable(f"which {resource} items there are is not known")

    def has_all(self, resource: str, keys: Sequence[object]) -> bool:
        """Raise `Unpredictable`."""
        raise Unpredictable(f"which {resource} items there are is not known")

    def items(self, resource: str) -> Iterable[tuple[Key, Item]]:
        """Raise `Unpredictable`."""
        raise Unpredictable(f"which {resource} items there are is not known")

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """Raise `Unpredictable`."""
        raise Unpredictable(f"which {resource} items there are is not known")

    def count(self, resource: str, parent: Key | None) -> int:
        """None of a mock's own; raises `Unpredictable` for others."""
        if is_note_of_mock(resource):
            return 0
        raise Unpredictable(f"which {resource} items there are is not known")

    def number(self, resource: str) -> int:
        """Raise `Unpredictable`."""
        raise Unpredictable(f"how many {resource} were counted is not known")


class CarefulModel(Model):
    """A model for items of which only the existence is known: what needs a member of one cannot be predicted."""

    def respond(self, state: State, request: Request, choose: Choose) -> Outcome:
        """The response to a request; raises `Unpredictable`."""
        try:
            return super().respond(state, request, choose)
        except KeyError as error:
            raise Unpredictable(f"{error} of an item is not known") from None
