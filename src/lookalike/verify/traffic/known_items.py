"""Items as recorded exchanges show them, and the differences that may be held against a server.

Between two exchanges anyone may have written, and no record shows it. So an item is followed only from a write that the
record shows to the first answer that shows the item again, by the same user: once it was seen right, a later difference
is the work of someone else. Whatever may have written to an item without its effect being known ends that, too. In a
record that shows the work of someone else, a difference after a write may be theirs as well, and proves nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.grounds import EFFECT, is_guessed
from lookalike.contract.routing import parameter_names, plain_path
from lookalike.http import SAFE, ObservedExchange, Response
from lookalike.json_values import ABSENT, find
from lookalike.model.behaviour import Model
from lookalike.model.resources.keys import is_key
from lookalike.verify.clauses import ABSENT_AFTER, CHANGED, LISTED, READABLE, clause_id, is_guess
from lookalike.verify.oracle.comparison import Comparison, difference, value_of
from lookalike.verify.oracle.normalisations import Normalisations
from lookalike.verify.roles import (
    Roles,
    creates_by_replacing,
    is_merge,
    item_in,
    new_keys,
    part_of,
    roles_of,
    shown_members,
    with_parents,
    write_only_members,
)
from lookalike.verify.runner.listing import ListPage, is_end

_GONE = {404, 410}
# The items that are followed at once, and the bytes of what wrote them: those that were written first are given up.
_MOST_ITEMS, _MOST_BYTES = 10_000, 32 * 2**20
_ACCEPTED = 202  # it will be done later (RFC 9110 section 15.3.3)
# Fields that say nothing of who asks. Any other may: a tenant, an account, a sandbox.
_OF_NO_USER = re.compile(
    r"(accept|content|sec|if|x-forwarded|access-control)(-.*)?|user-agent|referer|origin|connection|host|date|pragma|"
    r"cache-control|upgrade-insecure-requests|dnt|te|priority|range|prefer|idempotency-key|"
    r".*(request-?id|trace|correlation|b3|sentry|baggage).*"
)


class ItemFinding(NamedTuple):
    """A clause that an answer breaks: what it had to show, what it shows, and the write that says so.

    `resource` is that of the item, if someone else could have changed it in between; empty if the old item is back.
    """

    clause: str
    expected: str
    got: str
    write: ObservedExchange
    resource: str = ""


class TrackingResult(NamedTuple):
    """The result of an exchange: a clause that it is about, if it shows a followed item, and the finding, if any."""

    clause: str = ""
    finding: ItemFinding | None = None


@dataclass(slots=True)
class _Tracked:
    """An item after a write: the members that it must show, or that it is gone, and what was shown of it before."""

    expected: Mapping[str, Any]
    clause: str
    write: ObservedExchange
    user: frozenset[tuple[str, str]]
    is_deleted: bool = False
    shown: Mapping[str, Any] | None = None
    is_listed: bool = False

    @property
    def until(self) -> float:
        """The time when the write was answered; what was asked before may show the item as it was."""
        return self.write.request.at + self.write.seconds


ItemName = tuple[str, tuple[str, ...]]
"""A resource, and the values of the path that lead to an item of it."""


class _ItemsByName(dict[ItemName, _Tracked]):
    """The items that are tracked; `names` has all under each key of a resource, by any path."""

    def __init__(self) -> None:
        super().__init__()
        self.names: defaultdict[tuple[str, str], set[ItemName]] = defaultdict(set)
        self._bytes = 0

    def __setitem__(self, name: ItemName, tracked: _Tracked) -> None:
        self.discard(name)
        while self and (len(self) >= _MOST_ITEMS or self._bytes + tracked.write.size > _MOST_BYTES):
            del self[next(iter(self))]
        super().__setitem__(name, tracked)
        self._bytes += tracked.write.size
        resource, values = name
        if values:
            self.names[resource, values[-1]].add(name)

    def __delitem__(self, name: ItemName) -> None:
        self._bytes -= self[name].write.size
        super().__delitem__(name)
        resource, values = name
        same = self.names.get((resource, values[-1])) if values else None
        if same is not None:
            same.discard(name)
            if not same:
                del self.names[resource, values[-1]]

    def discard(self, name: ItemName) -> None:
        """Give up an item, if it is tracked."""
        if name in self:
            del self[name]

    def clear(self) -> None:
        super().clear()
        self.names.clear()
        self._bytes = 0


class KnownItems:
    """The items that a record shows; a read may lag behind a write for `settle` seconds."""

    def __init__(self, contract: Contract, model: Model, normalisations: Normalisations, settle: float = 0.0) -> None:
        self._contract = contract
        self._model = model
        self._normalisations = normalisations
        self._settle = settle
        self._items = _ItemsByName()
        self._roles = roles_of(contract)
        self.shared: set[str] = set()  # the resources to whose items someone else was seen to write

    def follow(self, operation: Operation, texts: tuple[str, ...], exchange: ObservedExchange) -> TrackingResult:
        """Judge an exchange by the item that it shows, and follow that item; `texts` are the values in its path."""
        response, values = exchange.response, tuple(map(unquote, texts))
        roles = next((one for one in self._roles.values() if operation in _single(one)), None)
        if operation.method in SAFE:
            is_read = roles is not None and operation is roles.read and response is not None
            return self._read(roles, values, exchange, response) if is_read and roles and response else TrackingResult()
        if response is not None and 300 <= response.status < 500:  # it was refused
            tracked = self._items.get((roles.resource, values)) if roles is not None else None
            if roles is not None and tracked is not None and not tracked.clause and response.status in _GONE:
                self._note_others(roles, tracked, {})
            return TrackingResult()
        if roles is None:
            self._items.clear()
        elif response is None or not 200 <= response.status < 300 or response.status == _ACCEPTED:
            self._doubt(roles.resource, values if operation is not roles.create else ())
        else:
            self._written(operation, roles, values, exchange, response)
        return TrackingResult()

    def listed(
        self, operation: Operation, texts: tuple[str, ...], exchange: ObservedExchange
    ) -> Iterator[TrackingResult]:
        """Judge a list by the items that were created, and those that were deleted."""
        roles = next((one for one in self._roles.values() if operation is one.list), None)
        response = exchange.response
        is_plain = not exchange.request.query and "response.body" not in exchange.missing
        if roles is None or response is None or response.status != 200 or not is_plain:
            return
        value, key = value_of(response), self._model.items(roles.resource).key
        found = part_of(operation, value, "$items")
        if is_guessed(operation.grounds, EFFECT) or not isinstance(found, list) or not all(map(_is_object, found)):
            return
        shown = {str(item.get(key)): item for item in found}
        is_whole = is_end(operation, ListPage(response, value), len(found), len(found))
        collection, user = tuple(map(unquote, texts)), _user_of(exchange)
        for name in [one for one in self._items if one[0] == roles.resource and one[1][:-1] == collection]:
            tracked = self._items[name]
            if self._is_early(tracked, exchange) or tracked.user != user:
                continue
            if tracked.clause:
                yield self._in_list(roles, name, shown.get(name[1][-1]), is_whole)
            elif name[1][-1] in shown or is_whole:
                self._note_others(roles, tracked, shown.get(name[1][-1], {}))

    def _in_list(self, roles: Roles, name: ItemName, item: Mapping[str, Any] | None, is_whole: bool) -> TrackingResult:
        """Judge a list by one item, which it shows or does not show."""
        tracked, said = self._items[name], f"{name[0]} {name[1][-1]}"
        if tracked.is_deleted:
            if item is None or tracked.shown is None or item != tracked.shown:
                return TrackingResult()
            del self._items[name]
            expected, got = f"a list without {said}, since it was deleted", "the item as it was before"
            return TrackingResult(tracked.clause, ItemFinding(tracked.clause, expected, got, tracked.write))
        if roles.create is None or tracked.clause != clause_id(roles.create, READABLE) or tracked.is_listed:
            return TrackingResult()
        clause = clause_id(roles.create, LISTED)
        if item is not None:
            tracked.is_listed = True
            if all(member in item and item[member] == sent for member, sent in tracked.expected.items()):
                self._items[name] = _Tracked({}, "", tracked.write, tracked.user, shown=item)  # it was seen right
            return TrackingResult(clause)
        if not is_whole:
            return TrackingResult()
        del self._items[name]
        expected = f"a list with {said}"
        return TrackingResult(clause, ItemFinding(clause, expected, "one without it", tracked.write, name[0]))

    def _note_others(self, roles: Roles, tracked: _Tracked, shown: Mapping[str, Any]) -> None:
        """Note that someone else writes, if an item differs in what clients may send from when it was seen last."""
        before, sent = tracked.shown or {}, self._model.items(roles.resource).sent_names
        if not shown or any(before[name] != shown[name] for name in sent & before.keys() & shown.keys()):
            self.shared.add(roles.resource)

    def _is_early(self, tracked: _Tracked, exchange: ObservedExchange) -> bool:
        """Whether an exchange may show an item as it was before a write."""
        return exchange.request.at < tracked.until + self._settle

    def forget(self) -> None:
        """Take nothing for known any more, after a write whose effect is not."""
        self._items.clear()

    def _read(
        self, roles: Roles, values: tuple[str, ...], exchange: ObservedExchange, response: Response
    ) -> TrackingResult:
        tracked, read, user = self._items.get((roles.resource, values)), roles.read, _user_of(exchange)
        if read is None or "response.body" in exchange.missing:
            return TrackingResult()
        shown = item_in(read, value_of(response)) if response.status == 200 else {}
        if tracked is None or not tracked.clause:  # seen before, or for the first time: nothing is to be expected
            self._items.discard((roles.resource, values))
            if tracked is not None and tracked.user == user and (shown or response.status in _GONE):
                self._note_others(roles, tracked, shown)
            if shown:
                self._items[roles.resource, values] = _Tracked({}, "", exchange, user, shown=shown)
            return TrackingResult()
        if self._is_early(tracked, exchange) or tracked.user != user or is_guessed(read.grounds, EFFECT):
            return TrackingResult()
        if not shown and response.status not in _GONE:
            return TrackingResult()
        del self._items[roles.resource, values]
        if shown and not exchange.request.query:
            self._items[roles.resource, values] = _Tracked({}, "", exchange, tracked.user, shown=shown)
        return self._compared(tracked, read, " ".join([roles.resource, *values[-1:]]), shown, exchange)

    def _compared(
        self, tracked: _Tracked, read: Operation, name: str, shown: Mapping[str, Any], exchange: ObservedExchange
    ) -> TrackingResult:
        """Judge the first answer after a write; it shows no members where the item is gone."""
        resource = "" if tracked.is_deleted else name.partition(" ")[0]
        if tracked.is_deleted:
            # A server may keep what is deleted, and mark it; only one that shows it as before forgot to delete it.
            if shown and shown != tracked.shown:
                return TrackingResult()
            expected, got = f"no {name}, since it was deleted", "the item as it was before" if shown else ""
        elif not shown:
            expected, got = f"the {name}, which is there", "no such item"
        else:
            write_only = write_only_members(self._roles[resource])
            comparison = Comparison(self._normalisations, resource, shown_members(self._contract, read), write_only)
            # A query may ask for some members alone.
            names = tracked.expected.keys() & shown.keys() if exchange.request.query else tracked.expected.keys()
            wrong = difference(names, tracked.expected, shown, comparison)
            expected, got = (f"{name} with {wrong.expected}", wrong.got) if wrong is not None else ("", "")
        finding = ItemFinding(tracked.clause, expected, got, tracked.write, resource) if got else None
        return TrackingResult(tracked.clause, finding)

    def _written(
        self,
        operation: Operation,
        roles: Roles,
        values: tuple[str, ...],
        exchange: ObservedExchange,
        response: Response,
    ) -> None:
        sent = value_of(Response(0, (), exchange.request.body)) if "request.body" not in exchange.missing else None
        body = sent if isinstance(sent, dict) else {}
        user = _user_of(exchange)
        if operation is roles.delete:
            before, overlaps = (
                self._items.get((roles.resource, values)),
                self._overlaps(roles.resource, values, exchange),
            )
            self._doubt(roles.resource, values)
            for resource in self._contract.resources:
                if roles.resource in with_parents(self._contract, resource) - {resource}:
                    self._doubt(resource, ())
            if not overlaps and not is_guess(self._contract, operation, ABSENT_AFTER):
                clause, shown = clause_id(operation, ABSENT_AFTER), before.shown if before is not None else None
                self._items[roles.resource, values] = _Tracked({}, clause, exchange, user, True, shown)
        elif operation in roles.changes:
            overlaps = self._overlaps(roles.resource, values, exchange)
            self._doubt(roles.resource, values)
            rule = READABLE if creates_by_replacing(operation) and response.status == 201 else CHANGED
            keys = new_keys(operation, self._model.items(roles.resource).identity_fields)
            stays = all(find(body, pointer, ABSENT) in (ABSENT, *values[-1:]) for pointer in keys)
            if body and stays and not overlaps and not is_guess(self._contract, operation, rule):
                self._items[roles.resource, values] = _Tracked(
                    self._readable(roles.resource, body), clause_id(operation, rule), exchange, user
                )
        elif operation is roles.create and not is_guess(self._contract, operation, READABLE):
            key = self._key_of(operation, roles, response)
            if key:
                self._doubt(roles.resource, (key,))
                self._items[roles.resource, (*values, key)] = _Tracked(
                    self._readable(roles.resource, body), clause_id(operation, READABLE), exchange, user
                )

    def _readable(self, resource: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a request that the item must show."""
        identity = self._model.items(resource).identity_fields
        return {name: value for name, value in body.items() if name not in identity}

    def _key_of(self, operation: Operation, roles: Roles, response: Response) -> str:
        """The key of a created item, as the body or the Location shows it, if any."""
        key = item_in(operation, value_of(response)).get(self._model.items(roles.resource).key)
        if is_key(key):
            return str(key)
        location = (response.header("Location") or "").partition("?")[0].rstrip("/")
        is_below = roles.read is not None and len(parameter_names(plain_path(roles.read.path))) > 0
        return unquote(location.rpartition("/")[2]) if is_below else ""

    def _overlaps(self, resource: str, values: tuple[str, ...], exchange: ObservedExchange) -> bool:
        """Whether a write began before another one on the same item was answered: either may be the later one."""
        before = self._items.get((resource, values))
        return before is not None and exchange.request.at < before.until

    def _doubt(self, resource: str, values: tuple[str, ...]) -> None:
        """Forget an item, by any path that leads to it; without values, all items of its resource."""
        if values:
            for name in [*self._items.names.get((resource, values[-1]), ())]:
                del self._items[name]
            return
        for name in [one for one in self._items if one[0] == resource]:
            del self._items[name]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _single(roles: Roles) -> Iterator[Operation]:
    """The operations on single items of a resource, whose effects are known."""
    for operation in (roles.create, roles.read, *roles.changes, roles.delete):
        if operation is not None and (operation.method in SAFE or len(operation.steps) == 1 or is_merge(operation)):
            yield operation


def _user_of(exchange: ObservedExchange) -> frozenset[tuple[str, str]]:
    """The header fields that may tell one user from another."""
    fields = exchange.request.headers.items()
    return frozenset(field for field in fields if not _OF_NO_USER.fullmatch(field[0]))
