"""Existing items: those that a story uses and has not created."""

from collections.abc import Callable

from lookalike.contract.builtin_readings import members_of
from lookalike.contract.contract import Contract
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.roles import item_in
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import StoryExchanges
from lookalike.verify.runner.item_parameters import ItemParameters


class ExistingItems:
    """The items that one story may use although it has not created them."""

    def __init__(
        self,
        exchanges: StoryExchanges,
        parameters: ItemParameters,
        parent_of: Callable[[str], CreatedItem | None],
    ) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._known = exchanges.known
        self._parameters = parameters
        self._parent_of = parent_of

    def item(self, resource: str) -> CreatedItem:
        """The single item of a resource, or one that the target file names; raises `Skipped` if there is none."""
        is_single = self._environment.model.items(resource).resource.is_single
        return self._single(resource) if is_single else self._owned(resource)

    def shared(self, resource: str) -> CreatedItem:
        """The shared item of a resource; it may have been changed since, so that none of its members is compared."""
        put, values = self._environment.ledger.shared[resource]
        self._known.apply((put,))
        return CreatedItem(resource, put.key, frozenset(), values)

    def _owned(self, resource: str) -> CreatedItem:
        """An item that was there before the run: it may be read, but on a real server is never changed by a story.

        Nothing of it was sent by this run, so that none of its members is compared.
        """
        owned = self._environment.owned.get(resource, ())
        if not owned:
            raise Skipped(_why_none(self._environment.contract, resource))
        put = self._environment.model.items(resource).put(owned[0], self._exchanges.choose)
        self._known.apply((put,))
        return CreatedItem(resource, put.key, frozenset(), {}, removable=False)

    def _single(self, resource: str) -> CreatedItem:
        """The only item of its kind, or of a parent created for it, as it is read.

        Without such a parent it was there before, so that it is changed on a disposable server only.
        """
        read = self._environment.roles[resource].read
        if read is None:
            raise Skipped(f"no operation reads the {resource}")
        parent = self._parent_of(resource)
        step = self._exchanges.ask(read, self._exchanges.write(read, self._parameters.leading_to(read, None, parent)))
        if not step.is_success:
            raise Skipped(f"{name_of(read)} answered {step.response.status}")
        items, above = self._environment.model.items(resource), parent and self._known.get(parent.resource, parent.key)
        given = (
            self._environment.model.items(parent.resource).as_parent(above, items.parent_fields)
            if parent and above
            else {}
        )
        put = items.put({**item_in(read, step.value), **given}, self._exchanges.choose)
        self._known.apply((put,))
        values = parent.values if parent else {}
        return CreatedItem(resource, put.key, frozenset(), values, parent, removable=bool(given))


def _why_none(contract: Contract, resource: str) -> str:
    """The reason why there is no item of a resource that a story may use, and the remedy."""
    prefix, _, noun = resource.partition("-")
    if prefix in ("deleted", "present") and not members_of(contract, resource):  # only that it is there, or is not
        return (
            f"the document does not show how a {noun} is created, or what its key is; state both in an overlay "
            "(lookalike check --explain prints one)"
        )
    return f"no operation creates a {resource}; name one under resources in the target file, as owned"
