"""Item links: members of a body that name items of other resources, which the story creates first."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from lookalike.contract.contract import Operation
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.item_bodies import item_type
from lookalike.verify.requests.links import Link, links_in, with_links
from lookalike.verify.roles import created_by
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import StoryExchanges


class ItemLinks:
    """The items that the bodies of a story name: one of each resource, and more where one body names several."""

    def __init__(self, exchanges: StoryExchanges, make: Callable[[str], CreatedItem]) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._known = exchanges.known
        self._make = make
        self._linked: dict[tuple[str, int], CreatedItem] = {}
        self._linking: set[str] = set()

    def linked(self, operation: Operation, body: Any, resource: str = "", named: CreatedItem | None = None) -> Any:
        """A body of a `resource` that names real items where its members name items of others.

        The item `named` stands for those of its resource. The body as it is where it does not fit then.
        """
        media = self._environment.values.media(operation)
        if media is None or not isinstance(body, dict):
            return body
        found = with_links(body, media.value_type, self._keys(), partial(self._value_of, resource, named), resource)
        return found if media.schema is None or media.schema.accepts(found) else body

    def renew(self) -> bool:
        """Let the next bodies name new items, and tell whether others were named before."""
        were_named = bool(self._linked)
        self._linked.clear()
        return were_named

    def members(self, operation: Operation) -> frozenset[str]:
        """The members of the item in an operation's body that name others."""
        return frozenset(one.member for one in self._links_of(operation))

    def resource_of(self, operation: Operation, member: str) -> str:
        """The resource of which a member of the item in an operation's body names one item, or nothing."""
        links = (one for one in self._links_of(operation) if not one.is_list and not one.is_object)
        return next((one.to.resource for one in links if one.member == member), "")

    def _links_of(self, operation: Operation) -> Iterable[Link]:
        media, own = self._environment.values.media(operation), created_by(self._environment.roles, operation)
        own = own or (operation.selector.resource if operation.selector is not None else "")
        return links_in(item_type(operation, media), self._keys(), own) if media is not None else ()

    def _keys(self) -> dict[str, str]:
        """The member that is the key, for each resource of which items can be created."""
        made = (name for name, one in self._environment.roles.items() if one.create is not None)
        return {name: key for name in made if (key := self._environment.model.items(name).key)}

    def _value_of(self, naming: str, named: CreatedItem | None, link: Link) -> Any:
        """The key that a link in a body of the resource `naming` holds: of its own kind, only that of a parent."""
        is_own = link.to.resource == naming and not link.is_parent
        return ABSENT if is_own else self.key_of(named if not link.ordinal else None, link.to.resource, link.ordinal)

    def key_of(self, named: CreatedItem | None, resource: str, ordinal: int = 0) -> Any:
        """The key of an item to be named, which is `named` or the same one for the whole story, or `ABSENT`."""
        if resource in self._linking:
            return ABSENT
        one = named if named is not None and named.resource == resource else self._own(resource, ordinal)
        item = self._known.get(resource, one.key) if one is not None else None
        return item.get(self._environment.model.items(resource).key, ABSENT) if item is not None else ABSENT

    def _own(self, resource: str, ordinal: int) -> CreatedItem | None:
        """The item of a resource that this story made to be named."""
        if (resource, ordinal) not in self._linked:
            self._linking.add(resource)
            try:
                self._linked[resource, ordinal] = self._make(resource)
            except Skipped:
                return None
            finally:
                self._linking.discard(resource)
        return self._linked[resource, ordinal]
