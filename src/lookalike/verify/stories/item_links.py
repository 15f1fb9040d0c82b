"""Item links: members of a body that name items of other resources, which the story creates first."""

from collections.abc import Callable
from functools import partial
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_type
from lookalike.verify.requests.links import links_in, with_links
from lookalike.verify.stories.endings import Skipped
from lookalike.verify.stories.exchanges import StoryExchanges


class ItemLinks:
    """The items that the bodies of a story name, one of each resource."""

    def __init__(self, exchanges: StoryExchanges, make: Callable[[str], CreatedItem]) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._known = exchanges.known
        self._make = make
        self._linked: dict[str, CreatedItem] = {}
        self._linking: set[str] = set()

    def linked(self, operation: Operation, body: Any, resource: str = "") -> Any:
        """A body of a `resource` that names real items where its members name items of others.

        The body as it is where it does not fit then.
        """
        media = self._environment.values.media(operation)
        if media is None or not isinstance(body, dict):
            return body
        found = with_links(body, media.value_type, self._keys(), partial(self.key_of, resource))
        return found if media.schema is None or media.schema.accepts(found) else body

    def members(self, operation: Operation) -> frozenset[str]:
        """The members of the item in an operation's body that name others."""
        media = self._environment.values.media(operation)
        kind = item_type(operation, media) if media else None
        return frozenset(one.member for one in links_in(kind, self._keys())) if kind else frozenset()

    def _keys(self) -> dict[str, str]:
        """The member that is the key, for each resource of which items can be created."""
        made = (name for name, one in self._environment.roles.items() if one.create is not None)
        return {name: key for name in made if (key := self._environment.model.items(name).key)}

    def key_of(self, naming: str, resource: str) -> Any:
        """The key of an item to be named, the same one for the whole story, or `ABSENT`."""
        if resource in (naming, *self._linking):
            return ABSENT
        if resource not in self._linked:
            self._linking.add(resource)
            try:
                self._linked[resource] = self._make(resource)
            except Skipped:
                return ABSENT
            finally:
                self._linking.discard(resource)
        one = self._linked[resource]
        item = self._known.get(resource, one.key)
        return item.get(self._environment.model.items(resource).key, ABSENT) if item is not None else ABSENT
