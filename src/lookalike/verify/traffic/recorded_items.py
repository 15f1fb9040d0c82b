"""Items and examples in recorded answers, with which a mock answers as the server did."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from lookalike.codecs.media_types import is_json
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import response_for
from lookalike.http import ObservedExchange, Response, essence
from lookalike.json_values import ABSENT, PointerError, straighten, value_at
from lookalike.model.behaviour import Model
from lookalike.model.resources.keys import is_key
from lookalike.model.seeds import parents_first, seed_problems
from lookalike.readings import Choose, holds
from lookalike.verify.oracle.comparison import flaw_of, value_of
from lookalike.verify.roles import item_in, part_of, roles_of
from lookalike.verify.traffic.base_url import BaseUrl, router_of
from lookalike.verify.traffic.known_items import ItemName
from lookalike.verify.traffic.secrets import TrafficSecrets


class SeedItems(NamedTuple):
    """Items by resource, and a sentence about each that is left out."""

    items: dict[str, list[Mapping[str, Any]]]
    problems: tuple[str, ...]


class RecordedItems:
    """The items and the examples of a record, as of its end, without secrets."""

    def __init__(self, contract: Contract, model: Model, base: BaseUrl) -> None:
        self._contract = contract
        self._model = model
        self._base = base
        self._router = router_of(contract)
        self._roles = roles_of(contract)
        self._secrets = TrafficSecrets([one.parameter for one in contract.schemes.values() if one.parameter])
        self._items: dict[ItemName, dict[str, Any]] = {}
        self._examples: dict[tuple[str, str, str, str], Any] = {}

    def note(self, exchange: ObservedExchange) -> None:
        """Take up what an exchange shows."""
        self._secrets.learn(exchange)
        path, response = self._base.below(exchange), exchange.response
        match = self._router.match(path) if path is not None else None
        overlapping = match.target.get(exchange.request.method) if match is not None else None
        if match is None or overlapping is None or response is None or not 200 <= response.status < 300:
            return
        if "response.body" in exchange.missing:
            return
        operation = overlapping.operations[overlapping.asked_for(exchange.request)]
        values, value = tuple(map(unquote, match.texts)), value_of(response)
        self._note_example(operation, response, value)
        self._note_items(operation, values, value)

    def seeds(self, choose: Choose) -> SeedItems:
        """The items that fit the contract, those of parents first."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        problems: list[str] = []
        for resource in parents_first(self._contract.resources):
            for name, item in self._items.items():
                if name[0] != resource:
                    continue
                whole = {**self._parent_values(name), **self._without_secrets(item)}
                wrong = seed_problems(self._model, {**found, resource: [*found.get(resource, ()), whole]}, choose)
                if wrong:
                    problems.append(f"{resource} {'/'.join(name[1])} is left out: {wrong[0].what}")
                else:
                    found.setdefault(resource, []).append(whole)
        return SeedItems(found, tuple(problems))

    def examples(self, document: Any) -> list[dict[str, Any]]:
        """Overlay actions that put recorded answers into a document, as it is written, as examples."""
        return [action for place, value in self._examples.items() for action in self._actions(document, place, value)]

    def _note_example(self, operation: Operation, response: Response, value: Any) -> None:
        answer = response_for(operation.responses, str(response.status))
        media_type = essence(response.header("Content-Type") or "")
        if answer is None or media_type not in answer.content or not is_json(media_type) or value is ABSENT:
            return
        if flaw_of(operation, response, self._is_in_force):
            return
        status = next(one for one in operation.responses if operation.responses[one] is answer)
        self._examples.setdefault((operation.path, operation.method.lower(), status, media_type), value)

    def _is_in_force(self, when: Mapping[str, frozenset[str]]) -> bool:
        """Whether a rule is in force that only some choices have, by the default ones."""
        return holds(when, self._contract.choices({}).__getitem__)

    def _note_items(self, operation: Operation, values: tuple[str, ...], value: Any) -> None:
        for roles in self._roles.values():
            resource = roles.resource
            if operation is roles.delete:
                for name in [one for one in self._items if one == (resource, values) or _is_below(one, values)]:
                    del self._items[name]
            elif operation is roles.create and item_in(operation, value):
                item = item_in(operation, value)
                self._keep(resource, (*values, self._key_of(resource, item)), item)
            elif operation is roles.read or operation in roles.changes:
                self._keep(resource, values, item_in(operation, value))
            elif operation is roles.list:
                found = part_of(operation, value, "$items")
                for item in found if isinstance(found, list) else ():
                    if isinstance(item, dict):
                        self._keep(resource, (*values, self._key_of(resource, item)), item)

    def _key_of(self, resource: str, item: Mapping[str, Any]) -> str:
        key = item.get(self._model.items(resource).key)
        return str(key) if is_key(key) else ""

    def _keep(self, resource: str, values: tuple[str, ...], item: Mapping[str, Any]) -> None:
        if item and all(values):
            self._items[resource, values] = {**self._items.get((resource, values), {}), **item}

    def _parent_values(self, name: ItemName) -> dict[str, Any]:
        """The values of the fields that hold the key of the parent of an item."""
        parent = self._contract.resources[name[0]].parent
        if parent is None:
            return {}
        above = self._items.get((parent.resource, name[1][:-1]))
        if above is not None:
            whole = {**self._parent_values((parent.resource, name[1][:-1])), **above}
            return self._model.items(parent.resource).as_parent(whole, parent.fields)
        return dict(zip(parent.fields, name[1][:-1], strict=False)) if not parent.resource else {}

    def _without_secrets(self, value: Any) -> Any:
        return json.loads(self._secrets.hide_in_body(json.dumps(value), "application/json"))

    def _actions(self, document: Any, place: tuple[str, str, str, str], value: Any) -> Iterator[dict[str, Any]]:
        path, method, status, media_type = place
        try:
            pointer = straighten(document, ("paths", path, method, "responses", status, "content", media_type))
        except PointerError:  # the document is of an older version, which has its examples elsewhere
            return
        target = "$" + "".join(_segment(str(token)) for token in pointer)
        # An update is merged into what is there (Overlay 1.0 section 4.4.3), and a mixture of two is no example.
        written = value_at(document, pointer)
        for member in ("example", "examples"):
            if member in written:
                yield {"target": f"{target}.{member}", "remove": True}
        yield {"target": target, "update": {"example": self._without_secrets(value)}}


def _is_below(name: ItemName, values: tuple[str, ...]) -> bool:
    return len(name[1]) > len(values) and name[1][: len(values)] == values


def _segment(token: str) -> str:
    """A segment of a JSONPath that selects the member of a name (RFC 9535 sections 2.3.1 and 2.5.1)."""
    if token.isidentifier() and token.isascii():
        return f".{token}"
    escaped = token.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
