"""How alike a real server and the mock of its document answer the same random requests.

A request names an item by when it was created, since the keys of both need not agree; where clients choose the key in
the path, both get the same, since lists may be sorted by it. Bodies are drawn once for both. Of lists, the items that
the requests created are compared; of values, times and generated ids by being there. What only one of the two did, such
as to create or change an item, counts once: by the statuses of that request. No later answer is compared as to that
item.
"""

import random
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from lookalike.assembly import Sources, assemble, load
from lookalike.contract.contract import Contract, Operation
from lookalike.http import SAFE, Headers, Request, Response
from lookalike.model.strictness import Strictness
from lookalike.verify.calibration.calibrator import Calibrator, Decisions
from lookalike.verify.environment import Environment
from lookalike.verify.oracle.tracked_items import CreatedItem
from lookalike.verify.requests.encoder import ParameterValues
from lookalike.verify.roles import Roles, creates_by_replacing, item_in, part_of
from lookalike.verify.runner.endings import ClauseBroken, NotObservable, Skipped
from lookalike.verify.runner.exchanges import StepResult, path_values
from lookalike.verify.server.client import Budget, Client, NoResponse
from lookalike.verify.server.target import load_target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from lookalike.verify.stories.inferred import roles_for
from lookalike.verify.stories.invalid import ValidInput, invalid_variants
from tests.real_servers.servers import RealServer, Running
from tests.support.servers.judging import run_here

_INVALID = 0.15
_CREATES = 0.3
_MOST_ITEMS = 6
_VARIABLE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_UNITS = (1, 1000)  # of times as numbers, in a second
_DAY = 24 * 3600  # seconds


class Step(NamedTuple):
    """An operation, the number of the item that it is about, a body, and the number of the rule that it breaks."""

    operation: Operation
    item: int
    body: Any
    broken: int | None


class Likeness(NamedTuple):
    """How many requests and documented members were compared, and the shares that were alike."""

    requests: int
    statuses: float
    members: float


class Side:
    """One of the two servers, with the items that it created, None for each that it refused."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._calibrator = Calibrator(environment, Decisions(environment.contract))
        self._items: defaultdict[str, list[CreatedItem | None]] = defaultdict(list)

    def count(self, resource: str) -> int:
        """How many items of a resource were asked for."""
        return len(self._items[resource])

    def play(self, step: Step, like: StepResult | None = None) -> StepResult | None:
        """The answer to a step; None where it cannot be asked. An item gets the key of one created `like` it."""
        before = len(self._calibrator.results)
        with suppress(Skipped, NotObservable, ClauseBroken, NoResponse):
            self._ask(step, _chosen_key(like) if like is not None else {})
        asked = [one for one in self._calibrator.results[before:] if one.operation is step.operation]
        return asked[-1] if asked else None  # others made what the step is about

    def _ask(self, step: Step, key: ParameterValues) -> None:
        calibrator, operation = self._calibrator, step.operation
        roles = roles_for(operation, self.environment.roles)
        own = self._item(roles.resource, step.item) if roles is not None and _is_about_item(operation, roles) else None
        if roles is not None and operation is roles.create and step.broken is None:
            made: CreatedItem | StepResult | None = None
            try:
                made = calibrator.creation.create(operation, self._parent(roles.resource, step.item), step.body, key)
            finally:
                self._items[roles.resource].append(made if isinstance(made, CreatedItem) else None)
            return
        parent = self._parent(roles.resource, step.item) if roles is not None else None
        values = calibrator.parameters.leading_to(operation, own, parent)
        request = calibrator.write(operation, values, step.body)
        if step.broken is not None:
            valid = ValidInput(operation, values, step.body)
            broken = [*invalid_variants(valid, self.environment.values, partial(calibrator.write, operation))]
            request = broken[step.broken % len(broken)].request if broken else request
        calibrator.ask(operation, request, refused=True)

    def drop(self, step: Step) -> None:
        """Take the item of a step for one that was refused, since only one of the two servers did what was asked."""
        roles = roles_for(step.operation, self.environment.roles)
        items = self._items[roles.resource] if roles is not None else []
        if items and roles is not None and step.operation is roles.create and step.broken is None:
            items[-1] = None
        elif items and roles is not None and _is_about_item(step.operation, roles):
            items[step.item % len(items)] = None

    def _item(self, resource: str, number: int) -> CreatedItem | None:
        items = self._items[resource]
        return items[number % len(items)] if items else None

    def _parent(self, resource: str, number: int) -> CreatedItem | None:
        parent = self.environment.contract.resources[resource].parent
        return self._item(parent.resource, number) if parent is not None and parent.resource else None

    def shown(self, told: StepResult) -> Iterator[tuple[str, str, Any]]:
        """The members of what an answer shows, each with the place of the item, and without what differs anyhow."""
        operation, value = told.operation, told.value
        if operation.listing is not None:
            listed = part_of(operation, value, "$items")
            objects = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
            found = [(self._name(operation.listing.resource, one), one) for one in objects]
            found = [(name, one) for name, one in found if name]
            yield "", "items", [name for name, _ in found]
        else:
            item = item_in(operation, value) or (value if isinstance(value, dict) else {})
            found = [("item", item)]
        documented = self._documented(operation)
        resource = self._resource(operation)
        key = self.environment.model.items(resource).key if resource else ""
        for name, item in found:
            for member, content in item.items():
                if not documented or member in documented:
                    named = self._name(resource, item) if member == key else ""
                    yield name, member, named or self._plain(content)

    def _documented(self, operation: Operation) -> frozenset[str]:
        """The members of the items that an operation is about; empty where it is about none."""
        resource = self._resource(operation)
        return frozenset(self.environment.model.items(resource).view.members if resource else ())

    def _resource(self, operation: Operation) -> str:
        """The resource whose items an operation is about, or nothing."""
        roles = roles_for(operation, self.environment.roles)
        listed = operation.listing.resource if operation.listing is not None else ""
        return listed or (roles.resource if roles is not None else "")

    def _name(self, resource: str, item: dict[str, Any]) -> str:
        key = item.get(self.environment.model.items(resource).key)
        own = (number for number, one in enumerate(self._items[resource]) if one is not None and _key(one) == str(key))
        number = next(own, None)
        return "" if number is None else f"{resource} {number}"

    def _plain(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._plain(one) for one in value]
        if isinstance(value, dict):
            return {name: self._plain(one) for name, one in value.items()}
        for resource, items in self._items.items():
            for number, one in enumerate(items):
                if one is not None and isinstance(value, str) and _key(one) == value:
                    return f"{resource} {number}"
        if type(value) is int and (unit := next((one for one in _UNITS if _is_now(value, one)), 0)):
            return f"a time in 1/{unit} s"
        return "of its own" if isinstance(value, str) and _VARIABLE.match(value) else value


def _is_about_item(operation: Operation, roles: Roles) -> bool:
    return operation.selector is not None and operation.selector.resource == roles.resource


def _is_now(value: int, unit: int) -> bool:
    return abs(value / unit - time.time()) < _DAY


def _key(item: CreatedItem) -> str:
    return str(item.key).rpartition("/")[2]


def _chosen_key(created: StepResult) -> ParameterValues:
    """The key in the path of a request that created an item under it; nothing where clients do not choose it there."""
    operation = created.operation
    if not creates_by_replacing(operation) or operation.selector is None:
        return {}
    place = (operation.selector.by.source, operation.selector.by.name)
    return {at: value for at, value in path_values(created).items() if at == place}


def likeness(one: Side, other: Side, steps: Iterable[Step]) -> Likeness:
    """How alike two servers answer some steps; one that either cannot be asked counts for nothing."""
    count = statuses = members = equal = 0
    for step in steps:
        told = one.play(step)
        others = other.play(step, told)
        if told is None or others is None:
            continue
        count += 1
        statuses += told.response.status == others.response.status
        if told.is_success != others.is_success and step.operation.method not in SAFE:
            one.drop(step)
            other.drop(step)
        if told.response.status == others.response.status and told.is_success:
            theirs = {(place, member): value for place, member, value in other.shown(others)}
            ours = {(place, member): value for place, member, value in one.shown(told)}
            members += len(ours.keys() | theirs.keys())
            equal += sum(name in theirs and theirs[name] == value for name, value in ours.items())
    return Likeness(count, statuses / max(count, 1), equal / max(members, 1))


def steps_of(side: Side, seed: int, count: int) -> Iterator[Step]:
    """Random steps of all operations, most of them valid; bodies are drawn by one side."""
    environment, pick = side.environment, random.Random(seed)
    operations = environment.contract.operations
    creates = [roles.create for roles in environment.roles.values() if roles.create is not None]
    for _ in range(count):
        operation = pick.choice(creates) if creates and pick.random() < _CREATES else pick.choice(operations)
        bodies: Sequence[Any] = [*_few(environment.values.bodies(operation, varied=pick.random() < 0.5))]
        broken = pick.randrange(1000) if pick.random() < _INVALID else None
        if bodies:
            yield Step(operation, pick.randrange(_MOST_ITEMS), bodies[0], broken)


def _few(bodies: Iterator[Any]) -> Iterator[Any]:
    yield from (body for body, _ in zip(bodies, range(1), strict=False))


def overlays_of(server: RealServer) -> tuple[Path, ...]:
    """The overlay of a server, if it has one."""
    overlay = server.folder / "overlay.yaml"
    return (overlay,) if overlay.exists() else ()


def calibrated(running: Running, folder: Path, profile: Path) -> tuple[int, str]:
    """The exit code of `calibrate` for a real server, and what it says; writes the profile."""
    files = ["--target", str(running.server.folder / "target.yaml"), "--journal", str(folder / "journal.jsonl")]
    for overlay in overlays_of(running.server):
        files += ["--overlay", str(overlay)]
    for name, value in running.server.headers.items():
        files += ["--header", f"{name}: {value}"] if name == "Authorization" else []
    return run_here("calibrate", running.url, str(running.document), *files, "--output", str(profile))


def sides(running: Running, contract: Contract, profile: Path | None) -> tuple[Side, Side]:
    """The real server and the mock of its document, calibrated by a profile where there is one."""
    server = running.server
    tolerant = Strictness(media_types=False)
    sources = Sources(running.document, overlays=overlays_of(server), profile=profile, strictness=tolerant)
    mock = assemble(load(sources))
    real, imitation = _client(server, running.url), _client(server, "http://127.0.0.1")

    def answer(request: Request) -> Response:
        return mock.handle(request._replace(headers=Headers({**server.headers, **request.headers})))

    imitation.rehearse(answer)
    ours, theirs = _environment(server, contract, real), _environment(server, contract, imitation)
    return Side(ours), Side(replace(theirs, values=ours.values))  # so that both know the marks of the bodies


def _client(server: RealServer, url: str) -> Client:
    return Client(url, ConnectionSettings(headers=dict(server.headers)), Budget())


def _environment(server: RealServer, contract: Contract, client: Client) -> Environment:
    target = load_target(server.folder / "target.yaml", contract)
    return environment_of(contract, client, replace(target, disposable=True), 1)
