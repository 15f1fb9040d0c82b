"""A session with one server: it sends requests, and keeps the worlds that explain answers and observed state."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypeVar

from lookalike.contract.contract import Contract
from lookalike.contract.semantics import Merge, Subtract, Union
from lookalike.http import Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.response.outcome import Outcome
from lookalike.model.state import Item, Key
from lookalike.readings import Choose
from lookalike.verify.oracle.comparison import Mismatch, mismatch, reason_of
from lookalike.verify.oracle.equality import same_field
from lookalike.verify.oracle.worlds import (
    EXISTS,
    UNKNOWN_ITEMS,
    Branch,
    Exploration,
    Questions,
    StateKnowledge,
    Unpredictable,
    World,
    WorldItems,
    WorldState,
    apply_changes,
    distinct,
)
from lookalike.verify.server.client import NoResponse, Sender
from lookalike.verify.server.observer import Observation, Observer, poll_until
from lookalike.verify.side_by_side import side_by_side

_MOST_WORLDS = 400
_MOST_OUTCOMES = 256
_PARTS = ("body", "header", "status")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prediction:
    """The verdict of one world on one answer; equal predictions lead to the same world."""

    mismatch: Mismatch | None
    items: WorldItems
    status: int
    clauses: tuple[str, ...] = field(compare=False)
    reason: str = field(compare=False, default="")


class Unexplained(NamedTuple):
    """A disagreement of every world with an answer: the wrong part, the expectation in words and as a status, clauses.

    Where what the server remembers is wrong, `identity` and `field` tell of which item, and what of it; an item that
    should not be there, or should, is wrong in the field that identifies it.
    """

    part: str
    expected: str
    got: str
    status: int
    clauses: tuple[str, ...]
    identity: Key = ""
    field: str = ""


class Difference(NamedTuple):
    """The expected and the observed value of a field of an item, in words."""

    expected: str
    got: str
    identity: Key
    field: str


class JudgedExchange(NamedTuple):
    """An exchange with its finding, if any."""

    request: Request
    response: Response
    finding: Unexplained | None


class FailureStreak(NamedTuple):
    """The number of failures in a row (an unexpected 5xx, or no answer), when they began, and the last in words."""

    length: int = 0
    since: float = 0.0
    last: str = ""

    def longer(self, how: str) -> "FailureStreak":
        """The streak after another failure."""
        return FailureStreak(self.length + 1, self.since or time.time(), how)


@dataclass(frozen=True, slots=True)
class WatchedResource:
    """The observed resource: its name, the field that identifies an item, and the fields that can be observed."""

    resource: str
    identity: str
    seen: frozenset[str]
    unseen: Mapping[str, Any]
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OracleSettings:
    """The fixed settings of a session; a read may lag behind a change for `settle` seconds.

    `resettable` tells that the server can be brought back to its first state.
    """

    model: Model
    subject: WatchedResource
    around: StateKnowledge
    questions: Questions
    settle: float = 0.0
    resettable: bool = False


Note = Callable[[tuple[World, ...], JudgedExchange], None]


class ParallelExchanges(NamedTuple):
    """Exchanges side by side: the first that no world explains, and whether the items stayed as they were."""

    found: JudgedExchange | None
    is_unchanged: bool


class Session:
    """One run against one server; `worlds` are those that explain every answer so far.

    `touched` tells whether any request since it was last set to false may have changed anything; `pending` is the
    request that no answer came to, if the session was broken off; `streak` is that of the last requests; `surprised`
    tells whether any answer was one that no world explains; `given_up` holds the questions that are not followed any
    more, since too many worlds were left; `seconds` is what the last answer took.
    """

    def __init__(
        self, setting: OracleSettings, server: Sender, observer: Observer | None, worlds: Sequence[World]
    ) -> None:
        self.worlds = tuple(worlds)
        self.touched = True
        self.pending: Request | None = None
        self.surprised = False
        self.streak = FailureStreak()
        self.observer = observer
        self.setting = setting
        self.given_up: set[str] = set()
        self._model = setting.model
        self._server = server
        self._subject = setting.subject
        self._looked: set[Key] = set()
        self._last: Request | None = None
        self._outcomes: dict[tuple[int, int], tuple[Request, WorldItems, Exploration[Outcome]]] = {}
        self.seconds = 0.0

    def step(self, request: Request) -> JudgedExchange:
        """Send a request and judge the answer, and the state afterwards where it can be observed.

        Raises `NoResponse` if no answer came; the worlds then allow for both, that it was done and that it was not.
        """
        last, self._last = self._last, None
        try:
            response = self._answer(request)
        except NoResponse:
            self._doubt(request)
            raise
        branches = self.predict(request, response)
        self.touched = self.touched or response.status < 400 or any(one.value.status < 400 for one in branches)
        kept = [branch for branch in branches if branch.value.mismatch is None]
        finding = None if kept else self._finding(branches, response)
        self.surprised = self.surprised or finding is not None
        if not kept:
            kept = [branch for branch in branches if branch.value.status == response.status]
        worlds = distinct(World(branch.choices, branch.value.items) for branch in kept)
        failed = finding is not None and response.status >= 500
        self.streak = self.streak.longer(f"status {response.status}") if failed else FailureStreak()
        if not worlds:
            self.touched = True
            if not self.setting.resettable:  # the request may or may not have had its effect
                done = (World(one.choices, one.value.items) for one in branches)
                self.worlds = self._bounded(distinct([*self.worlds, *done]))
            return JudgedExchange(request, response, finding)
        self.worlds = worlds
        lost = self._watch(worlds, branches) if self.observer is not None else None
        if self.observer is None:
            self.worlds = self._bounded(worlds)
        if finding is None and lost is None:
            self._last = request if response.status < 300 else last
        return JudgedExchange(request, response, finding or lost)

    def is_refused(self, request: Request) -> bool:
        """Whether a request is refused, and changes nothing, in every world."""
        return all(
            400 <= branch.value.status < 500 and branch.value.items == world.items
            for world, branches in self._branches(request, Response(0))
            for branch in branches
        )

    def is_in_effect(self, request: Request) -> bool:
        """Whether a request was the last one that was accepted, and would change nothing in any world."""
        if request != self._last:
            return False
        every = [(world, one.value) for world, found in self._branches(request, Response(0)) for one in found]
        return all(200 <= value.status < 300 and value.items == world.items for world, value in every)

    def step_strange(self, requests: Sequence[Request]) -> list[Response]:
        """Send requests that only must be answered below 500, and take over the observed state at the end."""
        self.touched, self._last = True, None
        try:
            return [self._answer(request) for request in requests]
        finally:
            self.take_over_observed_state()

    def step_refused(self, requests: Sequence[Request], most: int, note: Note) -> ParallelExchanges | None:
        """Send requests that every world refuses, at most `most` at the same time, and look at the items once.

        `note` is called with the worlds before each exchange that some world explains, in order. None if an answer is
        missing: nothing is learned then.
        """
        before = self.worlds
        try:
            responses = side_by_side([partial(self._server.send, request) for request in requests], most)
            judged = [
                self._judged_refusal(request, response, note)
                for request, response in zip(requests, responses, strict=True)
            ]
            seen = self.look()
        except NoResponse:
            self._forget(before)
            return None
        found = next((one for one in judged if one.finding is not None), None)
        left = [world for world in self.worlds if seen is None or self._difference(world, seen) is None]
        if found is not None or not left:
            self.surprised = True
            self._forget(self.worlds)
            return ParallelExchanges(found, bool(left))
        self.worlds = self._bounded(left)
        self.streak = FailureStreak()
        return ParallelExchanges(None, True)

    def _judged_refusal(self, request: Request, response: Response, note: Note) -> JudgedExchange:
        worlds, branches = self.worlds, self.predict(request, response)
        kept = [branch for branch in branches if branch.value.mismatch is None]
        if not kept:
            return JudgedExchange(request, response, self._finding(branches, response))
        self.worlds = distinct(World(branch.choices, branch.value.items) for branch in kept)
        judged = JudgedExchange(request, response, None)
        note(worlds, judged)
        return judged

    def _forget(self, before: tuple[World, ...]) -> None:
        """Go back to earlier worlds, with the items as they are now."""
        self.worlds, self.touched, self._last = before, True, None
        with suppress(NoResponse):
            self.take_over_observed_state()

    def step_blindly(self, request: Request) -> JudgedExchange:
        """Send a request that only must be answered below 500; its effects are taken over as they are observed."""
        self.touched, self._last = True, None
        try:
            response = self._answer(request)
        except NoResponse:
            self.take_over_observed_state()
            raise
        self.take_over_observed_state()
        if response.status < 500:
            self.streak = FailureStreak()
            return JudgedExchange(request, response, None)
        self.streak = self.streak.longer(f"status {response.status}")
        expected = "any answer that is not a 5xx"
        return JudgedExchange(request, response, Unexplained("status", expected, f"status {response.status}", 0, ()))

    def start_anew(self, items: WorldItems) -> None:
        """Take the server to be in its first state again, with these items."""
        self.touched, self._last = False, None
        self.worlds = distinct(World(world.choices, items) for world in self.worlds)

    def _answer(self, request: Request) -> Response:
        self.pending, started = request, time.monotonic()
        response = self.attempt(lambda: self._server.send(request))
        self.pending, self.seconds = None, time.monotonic() - started
        return response

    def attempt(self, call: Callable[[], T]) -> T:
        """The result of a call; a call without an answer makes the streak longer."""
        try:
            return call()
        except NoResponse as error:
            self.streak = self.streak.longer(str(error))
            raise

    def _doubt(self, request: Request) -> None:
        """Allow for a request without an answer: in each world, it may have had its effect or not."""
        self.touched = True
        if not self.setting.resettable:
            self.worlds = self._bounded(distinct([*self.worlds, *self._worlds_after(request)]))

    def _worlds_after(self, request: Request) -> Iterator[World]:
        """The worlds after a request, for those in which it has an effect."""
        for world, branches in self._branches(request, Response(0)):
            for branch in branches:
                if branch.value.items != world.items:
                    yield World(branch.choices, branch.value.items)

    def take_over_observed_state(self) -> None:
        """Take over the observed state into every world, where there is an observer."""
        if self.observer is not None:
            seen = self._look(self.worlds)
            self.worlds = distinct(World(world.choices, self._adopted(world.items, seen)) for world in self.worlds)

    def predict(self, request: Request, response: Response) -> list[Branch[Prediction]]:
        """The predictions of all worlds for an answer, forked where it depends on open questions."""
        return [branch for _, branches in self._branches(request, response) for branch in branches]

    def _branches(self, request: Request, response: Response) -> Iterator[tuple[World, list[Branch[Prediction]]]]:
        """Each world with its predictions for an answer; worlds with the same items are explored together."""
        known: list[tuple[WorldItems, Exploration[Prediction]]] = []
        for world in self.worlds:
            explored = next((explored for items, explored in known if items == world.items), None)
            if explored is None:
                explored = Exploration(self.setting.questions, partial(self._predicted, request, response, world.items))
                known.append((world.items, explored))
            yield world, explored.under(world.choices)

    def _predicted(self, request: Request, response: Response, items: WorldItems, choose: Choose) -> Prediction:
        followed = partial(self._answer_to, choose)
        try:
            outcome = self._explored(request, items).value(followed)
        except Unpredictable:
            return Prediction(None, items, response.status, ())
        wrong = mismatch(self._model.contract, outcome, response, choose)
        after = self._hidden(apply_changes(self._model, items, outcome.changes, choose)) if outcome.changes else items
        return Prediction(wrong, after, outcome.response.status, outcome.clauses, reason_of(outcome))

    def _explored(self, request: Request, items: WorldItems) -> Exploration[Outcome]:
        """The outcomes of a request, which are asked for before it is sent, and once its answer is there."""
        key = (id(request), id(items))  # neither can be hashed; they are held, so that no other object has their ids
        if key not in self._outcomes:
            if len(self._outcomes) >= _MOST_OUTCOMES:
                self._outcomes.clear()
            explored = Exploration(self.setting.questions, partial(self._respond, request, items))
            self._outcomes[key] = (request, items, explored)
        return self._outcomes[key][2]

    def _respond(self, request: Request, items: WorldItems, choose: Choose) -> Outcome:
        return self._model.respond(WorldState(self._model, items, self.setting.around, choose), request, choose)

    def _answer_to(self, choose: Choose, question: str) -> str:
        """The answer to a question; raises `Unpredictable` for one that was given up."""
        if question in self.given_up:
            raise Unpredictable(f"{question} was given up, since too many worlds were left")
        return choose(question)

    def _hidden(self, items: WorldItems) -> WorldItems:
        """The items with their unobservable fields as they were at first, so that no prediction depends on them."""
        if not self._subject.unseen:
            return items
        resource, unseen = self._subject.resource, self._subject.unseen
        return tuple((name, {**item, **unseen} if name == resource else item) for name, item in items)

    def _finding(self, branches: Sequence[Branch[Prediction]], response: Response) -> Unexplained:
        """The disagreement, by the world in which the least is wrong."""
        wrong = [(branch.value.mismatch, branch.value) for branch in branches if branch.value.mismatch is not None]
        part, first = min(((one.part, value) for one, value in wrong), key=lambda pair: _PARTS.index(pair[0]))
        due = dict.fromkeys(one.expected for one, _ in wrong if one.part == part)
        return Unexplained(part, ", or ".join(due), f"status {response.status}", first.status, first.clauses)

    def _watch(self, worlds: Sequence[World], branches: Sequence[Branch[Prediction]]) -> Unexplained | None:
        """Observe the items, and keep the worlds that agree with the observation."""
        seen = self._look(worlds)
        if any(name == UNKNOWN_ITEMS + self._subject.resource for world in worlds for name, _ in world.items):
            self.worlds = distinct(World(world.choices, self._adopted(world.items, seen)) for world in worlds)
            return None
        left = [world for world in worlds if self._difference(world, seen) is None]
        if left:
            self.worlds = self._bounded(left)
            return None
        self.touched = True
        differences = dict.fromkeys(filter(None, (self._difference(world, seen) for world in worlds)))
        self.worlds = distinct(World(world.choices, self._adopted(world.items, seen)) for world in worlds)
        clauses = dict.fromkeys(clause for branch in branches for clause in branch.value.clauses)
        first = next(iter(differences))
        status = branches[0].value.status
        return Unexplained("state", first.expected, first.got, status, tuple(clauses), first.identity, first.field)

    def _bounded(self, worlds: Sequence[World]) -> tuple[World, ...]:
        """The worlds, with the fewest questions given up that bring them below the limit; no world is left out.

        An answer that depends on a question that was given up is not predicted, so that it accuses nothing. Where the
        worlds differ in their items instead, nothing is known of these any more, until they are observed again.
        """
        worlds = tuple(worlds)
        while len(worlds) > _MOST_WORLDS:
            question = next((one for one in _varying(worlds) if len(_without(worlds, one)) < len(worlds)), None)
            if question is None:
                self.given_up.add(f"items of {self._subject.resource}")
                worlds = _without_items(worlds, self._subject.resource)
                continue
            self.given_up.add(question)
            worlds = _without(worlds, question)
        return worlds

    def look(self) -> Observation | None:
        """The observed state, or None where there is no observer."""
        return self._look(self.worlds) if self.observer is not None else None

    def visible(self, items: WorldItems) -> dict[Key, dict[str, Any]]:
        """The observable fields of the items, by identity."""
        seen = self._subject.seen
        return {
            identity: {name: value for name, value in item.items() if name in seen}
            for identity, item in self._by_identity(items).items()
        }

    def _look(self, worlds: Sequence[World]) -> Observation:
        assert self.observer is not None  # noqa: S101  # callers asked
        observer = self.observer
        for world in worlds:
            self._looked.update(self._by_identity(world.items))
        return poll_until(
            lambda: self.attempt(lambda: observer.look(sorted(self._looked, key=str))),
            lambda seen: any(self._difference(world, seen) is None for world in worlds),
            self.setting.settle,
        )

    def _difference(self, world: World, seen: Observation) -> Difference | None:
        """The first field in which an observation differs from a world, or None."""
        expected = self._by_identity(world.items)
        for identity, item in seen.items.items():
            due = expected.get(identity)
            what = f"{self._subject.resource} {identity}"
            if item is None or due is None:
                if item is not due:
                    there, gone = f"there is a {what}", f"there is no {what}"
                    words = (there, gone) if item is None else (gone, there)
                    return Difference(*words, identity, self._subject.identity)
                continue
            for name in sorted(self._subject.seen & item.keys()):
                if not same_field(self._subject.kinds.get(name, ""), due.get(name), item[name]):
                    where = f"{name} of {what}"
                    return Difference(f"{where} is {due.get(name)!r}", f"{where} is {item[name]!r}", identity, name)
        return None

    def _by_identity(self, items: WorldItems) -> dict[Key, Item]:
        resource, identity = self._subject.resource, self._subject.identity
        return {item[identity]: item for name, item in items if name == resource}

    def _adopted(self, items: WorldItems, seen: Observation) -> WorldItems:
        """The items as they were observed, in their order; unobserved items stay, and new ones come last."""
        name, identity = self._subject.resource, self._subject.identity
        items = tuple(one for one in items if one[0] != UNKNOWN_ITEMS + name)
        kept = [
            (resource, {**item, **(seen.items.get(item[identity], item) or {})} if resource == name else item)
            for resource, item in items
            if resource != name or seen.items.get(item[identity], item) is not None
        ]
        known = self._by_identity(items)
        found = ((key, item) for key, item in seen.items.items() if item is not None and key not in known)
        new = ((name, {**self._subject.unseen, identity: key, **item}) for key, item in found)
        return (*kept, *new)


def _varying(worlds: Sequence[World]) -> list[str]:
    """The questions that worlds answer differently; facts about the server come before the readings of the contract."""
    answers: dict[str, set[str]] = {}
    for world in worlds:
        for question, answer in world.choices.items():
            answers.setdefault(question, set()).add(answer)
    varying = [question for question, given in answers.items() if len(given) > 1]
    return sorted(varying, key=lambda question: not question.startswith(EXISTS))


def _without(worlds: Sequence[World], question: str) -> tuple[World, ...]:
    """The worlds with a question left open again; those that differed in nothing else become one."""
    return distinct(
        World({name: answer for name, answer in world.choices.items() if name != question}, world.items)
        for world in worlds
    )


def _without_items(worlds: Sequence[World], resource: str) -> tuple[World, ...]:
    """The worlds with nothing known of the items of a resource; if that makes them no fewer, of any items."""
    fewer = distinct(World(world.choices, _unknown(world.items, {resource})) for world in worlds)
    if len(fewer) < len(worlds):
        return fewer
    every = {name.removeprefix(UNKNOWN_ITEMS) for world in worlds for name, _ in world.items}
    return distinct(World(world.choices, _unknown(world.items, every)) for world in worlds)


def _unknown(items: WorldItems, resources: set[str]) -> WorldItems:
    """The items, with a mark instead of those of some resources."""
    gone = {*resources, *(UNKNOWN_ITEMS + name for name in resources)}
    marks: WorldItems = tuple((UNKNOWN_ITEMS + name, {}) for name in sorted(resources))
    return (*marks, *(one for one in items if one[0] not in gone))


def subject_of(contract: Contract, resource: str, identity: str, seen: Iterable[str]) -> WatchedResource:
    """The observed resource, given the fields that can be observed."""
    defaults = contract.item_defaults[resource]
    visible = frozenset(seen)
    kinds = {
        step.action.field: "set" if isinstance(step.action, (Union, Subtract)) else "object"
        for operation in contract.operations
        if operation.selector is not None and operation.selector.resource == resource
        for step in operation.steps
        if isinstance(step.action, (Union, Subtract, Merge))
    }
    unseen = {name: value for name, value in defaults.items() if name not in visible}
    return WatchedResource(resource, identity, visible, unseen, kinds)
