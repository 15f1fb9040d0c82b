"""Worlds: the possible states of a server that keeps its contract, and those that remain after each response.

A *world* has a choice for every question on which a response has depended so far, and the items as they are if those
choices are right. Questions are the readings of the contract, and unknown facts about the server, such as whether a tag
exists. A server violates the contract when no world is left that explains its responses.

A question is decided no sooner than it matters: `Exploration` runs the model, forks where it asks an open question, and
joins the branches where all answers come to the same. So a question that no request touches costs nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from lookalike.model.behaviour import Model
from lookalike.model.state import KEY_TYPES, Change, Delete, Item, Key, is_note_of_mock
from lookalike.readings import Choose

T = TypeVar("T")

Choices = Mapping[str, str]
WorldItems = tuple[tuple[str, Item], ...]

EXISTS = "exists:"
# Stands before the name of a resource among the items of a world, where nothing is known of its items any more.
UNKNOWN_ITEMS = "unknown:"
_YES_NO = ("yes", "no")


class Unpredictable(Exception):
    """The outcome depends on an unknown value, so that nothing can be concluded from it."""


class _Open(Exception):
    """The model asked a question that has no answer yet; it is run again with each answer."""

    def __init__(self, question: str) -> None:
        self.question = question


class Branch(NamedTuple, Generic[T]):
    """A result under some choices, which are those on which it depended."""

    choices: Choices
    value: T


@dataclass(frozen=True, slots=True)
class Questions:
    """The possible answers to each question: the choices of a reading; yes and no for a fact."""

    choices: Mapping[str, tuple[str, ...]]

    def answers(self, question: str) -> tuple[str, ...]:
        """All possible answers to a question."""
        return _YES_NO if question.startswith(EXISTS) else self.choices[question]


class Exploration(Generic[T]):
    """The results of a function that asks questions: it is run once for each combination of answers that matters.

    They are kept as a tree: forks are questions, and leaves are results. The function must be deterministic.
    `alternatives` are the sets of choices that are possible at an open question, by default each of its answers alone.
    More than `most_runs` are not made: the function then raises `Unpredictable`.
    """

    def __init__(
        self,
        questions: Questions,
        run: Callable[[Choose], T],
        alternatives: Callable[[str], Sequence[Choices]] | None = None,
        most_runs: int | None = None,
    ) -> None:
        self._run = run
        self._alternatives = alternatives or partial(_each_answer, questions)
        self._most_runs = most_runs
        self.runs = 0
        self._root: _Fork[T] | _Leaf[T] | None = None

    def under(self, given: Choices) -> list[Branch[T]]:
        """The possible results under given choices; branches of one question are joined if they are all equal."""
        return [Branch({**given, **choices}, value) for choices, value in self._ends(dict(given))]

    def value(self, choose: Choose) -> T:
        """The result under the choices that a function makes; where that raises an error, nothing is kept."""
        node = self._root
        while isinstance(node, _Fork):
            node = node.next.get(choose(node.question))
        return node.value if node is not None else self._kept_value(choose)

    def _kept_value(self, choose: Choose) -> T:
        """The result of a run of the function, which is kept in the tree."""
        asked: dict[str, str] = {}

        def recorded(question: str) -> str:
            asked[question] = choose(question)
            return asked[question]

        self.runs += 1
        value = self._run(recorded)
        self._keep(asked, _Leaf(value))
        return value

    def _ends(self, given: dict[str, str]) -> list[tuple[Choices, T]]:
        end = self._follow(given)
        if isinstance(end, _Leaf):
            return [({}, end.value)]
        alternatives = self._alternatives(end.question)
        parts = [self._ends({**given, **alternative}) for alternative in alternatives]
        if all(part == parts[0] for part in parts):
            return parts[0]
        return [
            ({**alternative, **choices}, value)
            for alternative, part in zip(alternatives, parts, strict=True)
            for choices, value in part
        ]

    def _follow(self, given: Choices) -> "_Fork[T] | _Leaf[T]":
        """The first open question on the path of the given choices, or the result at its end."""
        node = self._root
        while isinstance(node, _Fork) and node.question in given:
            node = node.next.get(given[node.question])
        return node if node is not None else self._explored(given)

    def _explored(self, given: Choices) -> "_Fork[T] | _Leaf[T]":
        """The same for a path that the tree does not have yet: the function is run, and the path is kept."""
        asked: dict[str, str] = {}

        def choose(question: str) -> str:
            if question not in given:
                raise _Open(question)
            asked[question] = given[question]
            return given[question]

        self.runs += 1
        if self._most_runs is not None and self.runs > self._most_runs:
            raise Unpredictable(f"more than {self._most_runs} combinations of readings lead to different answers")
        end: _Fork[T] | _Leaf[T]
        try:
            end = _Leaf(self._run(choose))
        except _Open as open_question:
            end = _Fork(open_question.question, {})
        self._keep(asked, end)
        return end

    def _keep(self, asked: dict[str, str], end: "_Fork[T] | _Leaf[T]") -> None:
        """Keep the end of a path of questions in the tree."""
        node = end
        for question, answer in reversed(asked.items()):
            node = _Fork(question, {answer: node})
        self._root = node if self._root is None else _grafted(self._root, node)


def _each_answer(questions: Questions, question: str) -> Sequence[Choices]:
    return [{question: answer} for answer in questions.answers(question)]


@dataclass(frozen=True, slots=True)
class _Leaf(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _Fork(Generic[T]):
    question: str
    next: "dict[str, _Fork[T] | _Leaf[T]]"


def _grafted(tree: _Fork[T] | _Leaf[T], path: _Fork[T] | _Leaf[T]) -> _Fork[T] | _Leaf[T]:
    """A tree with one more path, which is added at the first answer that the tree does not have."""
    root = tree
    while isinstance(tree, _Fork) and isinstance(path, _Fork) and path.next:
        (answer, rest), *_ = path.next.items()
        if answer not in tree.next:
            tree.next[answer] = rest
            break
        tree, path = tree.next[answer], rest
    return root


class World(NamedTuple):
    """The choices for all questions that mattered so far, and the items as they are under them."""

    choices: Choices
    items: WorldItems


@dataclass(frozen=True, slots=True)
class StateKnowledge:
    """The knowledge of the state of a server.

    `absent` are keys that no item has, by resource; of the resources in `complete`, all items are known.
    """

    absent: Mapping[str, frozenset[Key]]
    complete: frozenset[str] = frozenset()


class WorldState:
    """The state of a world, as the model sees it: what is unknown is a question, or raises `Unpredictable`."""

    def __init__(self, model: Model, items: WorldItems, around: StateKnowledge, choose: Choose) -> None:
        self._model = model
        self._items = items
        self._around = around
        self._choose = choose

    def get(self, resource: str, key: Key) -> Item | None:
        """The item of a key, empty if it is only known to exist; whether it exists may be a question."""
        for name, item in self._items:
            if name == resource and key in self._keys(resource, item):
                return item
            if name == UNKNOWN_ITEMS + resource:
                raise Unpredictable(f"which {resource} items there are is not known any more")
        if resource in self._around.complete or key in self._around.absent.get(resource, ()):
            return None
        if self._choose(f"{EXISTS}{resource}/{key}") == "yes":
            return {}
        return None

    def _keys(self, resource: str, item: Item) -> tuple[Key, ...]:
        try:
            return self._model.keys_of(resource, item, self._choose)
        except KeyError as error:
            raise Unpredictable(f"{error} of a {resource} is not known") from None

    def has_all(self, resource: str, keys: Sequence[Any]) -> bool:
        """Whether each value is the key of an item."""
        return all(type(key) in KEY_TYPES and self.get(resource, key) is not None for key in keys)

    def items(self, resource: str) -> Iterable[tuple[Key, Item]]:
        """All items of a resource with their keys; raises `Unpredictable` unless all are known."""
        is_unknown = any(name == UNKNOWN_ITEMS + resource for name, _ in self._items)
        if resource not in self._around.complete or is_unknown:
            raise Unpredictable(f"not all items of {resource} are known")
        known = (item for name, item in self._items if name == resource)
        return [(self._model.keys_of(resource, item, self._choose)[0], item) for item in known]

    def children(self, resource: str, parent: Key | None, start: int = 0, stop: int | None = None) -> list[Item]:
        """The items of a parent from `start` to `stop`; raises `Unpredictable` unless all are known."""
        found = [item for _, item in self.items(resource)]
        parent_of = self._model.items(resource).parent_of
        return [item for item in found if parent is None or parent_of(item) == parent][start:stop]

    def count(self, resource: str, parent: Key | None) -> int:
        """The number of items of a parent; raises `Unpredictable` unless all are known."""
        return 0 if is_note_of_mock(resource) else len(self.children(resource, parent))

    def number(self, resource: str) -> int:
        """A number that the server counts by itself is never known: raises `Unpredictable`."""
        raise Unpredictable(f"how many {resource} were counted is not known")


def apply_changes(model: Model, items: WorldItems, changes: Iterable[Change], choose: Choose) -> WorldItems:
    """The items after some changes, in the same order; an item that gets another key keeps its place."""
    now = list(items)
    for change in _paired(changes):
        place = _place_of(model, now, change.resource, change.gone, choose)
        if place is not None:
            del now[place]
        if change.item is not None:
            now.insert(len(now) if place is None else place, (change.resource, change.item))
    return tuple(now)


class _Replacement(NamedTuple):
    resource: str
    gone: Key
    item: Item | None


def _paired(changes: Iterable[Change]) -> Iterator[_Replacement]:
    """Changes as replacements: a deletion followed by a new item gives the item another key."""
    gone: Delete | None = None
    for change in changes:
        if isinstance(change, Delete):
            if gone is not None:
                yield _Replacement(gone.resource, gone.key, None)
            gone = change
        else:
            yield _Replacement(change.resource, gone.key if gone else change.key, change.item)
            gone = None
    if gone is not None:
        yield _Replacement(gone.resource, gone.key, None)


def _place_of(model: Model, items: list[tuple[str, Item]], resource: str, key: Key, choose: Choose) -> int | None:
    for place, (name, item) in enumerate(items):
        if name == resource and model.keys_of(resource, item, choose)[0] == key:
            return place
    return None


def distinct(worlds: Iterable[World]) -> tuple[World, ...]:
    """The worlds without duplicates, in their order."""
    found: list[World] = []
    for world in worlds:
        if world not in found:
            found.append(world)
    return tuple(found)


def possible_answers(worlds: Iterable[World], questions: Questions, question: str) -> tuple[str, ...]:
    """The answers to a question that at least one world gives, or leaves open."""
    answers = questions.answers(question)
    given: set[Any] = set()
    for world in worlds:
        given |= {world.choices[question]} if question in world.choices else set(answers)
    return tuple(answer for answer in answers if answer in given)
