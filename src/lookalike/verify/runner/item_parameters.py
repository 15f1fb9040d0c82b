"""Item parameters: the values that lead a request to an item, or to where one is to be created."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from lookalike.contract.contract import Operation
from lookalike.contract.expressions import Expression
from lookalike.contract.grounds import is_guessed
from lookalike.contract.requests import Parameter
from lookalike.contract.routing import parameter_names, plain_path
from lookalike.http import SAFE, Request
from lookalike.json_values import ABSENT, equal, with_value_at
from lookalike.model.resources.keys import is_key
from lookalike.model.state import Key
from lookalike.naming.keys import key_field
from lookalike.verify.oracle.comparison import value_of
from lookalike.verify.oracle.ledger import Deletion
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.requests.values import has_choices
from lookalike.verify.roles import IF_MATCH, asked_for, enclosing, words_out_of_sight
from lookalike.verify.runner.endings import Skipped
from lookalike.verify.runner.exchanges import ANY_TAG, StoryExchanges
from lookalike.verify.runner.item_links import ItemLinks
from lookalike.verify.runner.listing import things_in


class _Enclosing(NamedTuple):
    """The operation on the item that a path begins with, its resource, and its parameters by those of the path."""

    operation: Operation
    resource: str
    names: Mapping[str, str]


class ItemParameters:
    """The values of parameters in the requests of one story, by location and name."""

    def __init__(self, exchanges: StoryExchanges, links: ItemLinks, make: Callable[[str], CreatedItem]) -> None:
        self._exchanges = exchanges
        self._environment = exchanges.environment
        self._known = exchanges.known
        self._links = links
        self._make = make
        self._enclosing: dict[str, CreatedItem] = {}
        self._listed: dict[tuple[str, str], Any] = {}  # by path and query of the list; each is read once in a story

    def leading_to(
        self,
        operation: Operation,
        created: CreatedItem | None,
        parent: CreatedItem | None = None,
        given: ParameterValues | None = None,
    ) -> dict[tuple[str, str], Any]:
        """The values of the parameters that lead to an item, or to where one is to be created; raises `Skipped`."""
        about = created or parent
        named: dict[tuple[str, str], Any] = dict(given or {})
        for one in (about, about.parent if about else None):
            named = {**(self._named(operation, one) if one else {}), **named}
        led = about.values if about else {}
        if about is None and not named:
            named = self._values_of_enclosing(operation)
        for key, parameter in operation.parameters.items():
            if key in named or not (parameter.required or parameter.location == "path"):
                continue
            if parameter.name in led and parameter.location == "path":
                named[key] = led[parameter.name]
                continue
            if key == IF_MATCH:
                named[key] = self._tag_of(created)
                continue
            named[key] = self._member_key(operation, parameter.name)
            named[key] = self._value_of(operation, parameter) if named[key] is ABSENT else named[key]
            named[key] = self._listed_key(operation, parameter, named) if named[key] is ABSENT else named[key]
            if named[key] is ABSENT:
                raise Skipped(f"nothing is known of {parameter.name}; give it under parameters in the target file")
        return named

    def listing(
        self, operation: Operation, created: CreatedItem, given: ParameterValues | None = None
    ) -> dict[tuple[str, str], Any]:
        """The values of the parameters of a list that has an item; raises `Skipped` if none is known to have it.

        A filter may leave it out by its default, as a list of what is published does a draft; what is archived may be
        asked for too. A list below another item, such as a type, need not have what was created elsewhere.
        """
        if created.parent is None and not created.values and (above := self._enclosing_of(operation)) is not None:
            raise Skipped(f"the list is of one {above.resource}, and whose the {created.resource} is, is not known")
        values = self.leading_to(operation, created.parent, given=given)
        item = self._known.get(created.resource, created.key) or {}
        for member, source in operation.listing.where.items() if operation.listing is not None else ():
            place = (source.source, source.name)
            default = operation.parameters[place].default if place in operation.parameters else ABSENT
            own = item.get(member, ABSENT)
            if place in values or ABSENT in (default, own) or equal(default, own):
                continue
            if is_guessed(operation.grounds, f"where.{member}"):
                raise Skipped(f"the default of {source.name} may leave the {created.resource} out of the list")
            values[place] = own
        return {**dict.fromkeys(asked_for(operation, words_out_of_sight(item)), True), **values}

    def request_about(self, operation: Operation, created: CreatedItem | None) -> Request:
        """The request of an operation about an item, with no more in its body than must be there; raises `Skipped`."""
        body = self.naming_body(created, operation, self._environment.values.needed_body(operation))
        return self._exchanges.write(operation, self.leading_to(operation, created), body)

    def deletion_of(self, operation: Operation, created: CreatedItem) -> Deletion:
        """The request that deletes an item, with no more of it than names the item; raises `Skipped`."""
        return deletion_by(operation, self.request_about(operation, created), self.naming_body(created, operation))

    def naming_body(self, created: CreatedItem | None, operation: Operation, body: Any = ABSENT) -> Any:
        """A body with the keys of an item and of its parent, where an operation finds the item by them."""
        select = operation.selector
        if created is None or select is None or select.resource != created.resource:
            return body
        items = self._environment.model.items(created.resource)
        item = {items.key: created.key, **(self._known.get(created.resource, created.key) or {})}
        for way, name in zip((*select.within, select.by), (*items.parent_fields, items.key), strict=False):
            body = _with_key_at(way, body, item.get(name))
        return body

    def _values_of_enclosing(self, operation: Operation) -> dict[tuple[str, str], Any]:
        """The values of parameters that name a new item in the path of an operation of which nothing else is known."""
        above = self._enclosing_of(operation)
        if above is None:
            return {}
        if above.resource not in self._enclosing:  # one for the story: its requests need not be about different ones
            self._enclosing[above.resource] = self._make(above.resource)
        values = self.leading_to(above.operation, self._enclosing[above.resource])
        return {("path", name): values["path", theirs] for name, theirs in above.names.items()}

    def _enclosing_of(self, operation: Operation) -> _Enclosing | None:
        """The item that the path of an operation names, where the target file does not; None if it names none."""
        above, names = enclosing(self._environment.contract, operation), parameter_names(plain_path(operation.path))
        if above is None or above.selector is None:
            return None
        pairs = zip(names, parameter_names(plain_path(above.path)), strict=False)
        mine = {name: theirs for name, theirs in pairs if name not in self._environment.given}
        return _Enclosing(above, above.selector.resource, mine) if mine else None

    def _member_key(self, operation: Operation, name: str) -> Any:
        """The key of an item that may become a member by an operation, if the parameter names it; else `ABSENT`."""
        kind = self._environment.memberships.get(operation.id)
        is_named = kind is not None and kind.name == name and name not in self._environment.given
        return self._links.key_of(None, kind.member) if kind is not None and is_named else ABSENT

    def _tag_of(self, created: CreatedItem | None) -> str:
        """The current entity tag of an item; `*`, for any, where none is shown (RFC 9110 section 13.1.1)."""
        read = self._environment.roles[created.resource].read if created is not None else None
        if read is None:
            return ANY_TAG
        response = self._environment.client.read(self.request_about(read, created))
        return response.header("ETag") or ANY_TAG

    def _value_of(self, operation: Operation, parameter: Parameter) -> Any:
        """The value that the user gives, else one that fits: none in paths of writes to servers that stay.

        A choice before the key, such as an environment, may stand there, since only the run's own items are written.
        """
        if parameter.name in self._environment.given:
            return self._environment.given[parameter.name]
        is_path, select = parameter.location == "path", operation.selector
        is_choice = has_choices(parameter) and (select is None or select.by.name != parameter.name)
        if is_path and not is_choice and not self._environment.disposable and operation.method not in SAFE:
            return ABSENT
        return self._environment.values.parameter(operation, parameter, self._environment.disposable or not is_path)

    def _listed_key(self, operation: Operation, parameter: Parameter, named: ParameterValues) -> Any:
        """The key of the first thing in the list that a read is below, such as a version of a page; else `ABSENT`."""
        above, _, last = plain_path(operation.path).rpartition("/")
        if operation.method != "GET" or last != f"{{{parameter.name}}}":
            return ABSENT
        gets = (one for one in self._environment.contract.operations if one.method == "GET")
        listing = next((one for one in gets if plain_path(one.path) == above), None)
        places = {place for place, one in listing.parameters.items() if one.required} if listing is not None else set()
        if listing is None or not places <= named.keys():
            return ABSENT
        request = self._exchanges.write(listing, {place: named[place] for place in places})
        if (request.path, request.query) in self._listed:
            return self._listed[request.path, request.query]
        first = next(iter(things_in(value_of(self._environment.client.read(request)))), {})
        found = first.get(key_field(parameter.name, above.rpartition("/")[2], first), ABSENT)
        if not is_key(found):  # the list may show one later
            return ABSENT
        self._listed[request.path, request.query] = found
        return found

    def _named(self, operation: Operation, created: CreatedItem) -> dict[tuple[str, str], Any]:
        """The values of the expressions by which an operation names an item, or the parent of its items."""
        item = self._known.get(created.resource, created.key)
        items, select = self._environment.model.items(created.resource), operation.selector
        if item is None:
            return {}
        single = self._environment.model.items(select.resource) if select is not None else items
        if select is not None and single.resource.is_single:
            given = (item if single is items else items.as_parent(item, single.parent_fields)).get
            return dict(_by_place(zip((*select.within, select.by), map(given, single.parent_fields), strict=False)))
        if items.resource.is_single:
            return {}
        if select is not None and select.resource == created.resource:
            within = zip(select.within, (item.get(name) for name in items.parent_fields), strict=False)
            other = items.other_key(select.by.name) if select.by.source == "path" else ""  # `/flows/name/{name}`
            return dict(_by_place([*within, (select.by, item.get(other or items.key))]))
        ways: tuple[Expression, ...] = ()
        for place in (operation.listing, select, operation.steps[0].action if operation.steps else None):
            ways = ways or getattr(place, "within", ())
        return dict(_by_place(zip(ways[-1:], (item.get(items.key),), strict=False)))


def _by_place(pairs: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """Values by the places and names of their parameters."""
    return (((way.source, way.name), value) for way, value in pairs if way.name and value is not None)


def naming_body(operation: Operation, key: Key) -> Any:
    """A body with the key of an item, where an operation finds the item by it; else `ABSENT`."""
    return _with_key_at(operation.selector.by, ABSENT, key) if operation.selector is not None else ABSENT


def _with_key_at(way: Expression, body: Any, key: Any) -> Any:
    """The body with a key at the place that an expression names, if that is in a body."""
    is_there = way.source == "body" and bool(way.pointer)
    within = {} if body is ABSENT else body
    return with_value_at(within, way.pointer, key) if is_there and isinstance(within, dict) else body


def deletion_by(operation: Operation, request: Request, body: Any) -> Deletion:
    """The deletion that a request makes, with no other parameter in its query than the one that names the item."""
    select = operation.selector
    named = quote(select.by.name) if select is not None and select.by.source == "query" else None
    query = [one for one in request.query.split("&") if one.partition("=")[0] == named]
    return Deletion(operation.id, request.path, "&".join(query), "" if body is ABSENT else json.dumps(body))
