"""Explanations of a refused value, bounded in work: which rules it breaks, as far as that is found in time.

jsonschema-rs gives a verdict in time proportional to the value, since it remembers what it saw. Its list of errors has
no such bound: it explains why each branch of `anyOf` and `oneOf` fails, and in a branch that leads back to the same
schema again, so that 110 bytes took all memory; as do two parts of an `allOf` that lead back to one schema. And it
lists all errors before it gives the first, of which a body of 1 MiB can have 350,000. So here

- a schema that leads back to itself in several ways is explained to a small depth only, and below it as one rule;
- of a large value a part is explained that breaks rules by itself, and is small;
- of a value that a schema may have thousands of errors about, the first is explained.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

import jsonschema_rs

from lookalike.json_values import Pointer, PointerError, depth_of, resolve, values_within
from lookalike.pacing import timed

MAX_VALUES = 500  # a value with more objects, arrays and scalars in it is explained in parts
MAX_PATHS = 64  # ways through alternatives that lead back to themselves: the number of them to the power of the depth
MAX_ERRORS = 8_000  # that a schema may have about a value, as far as its lists of names and alternatives tell
_MAX_TOLD = 500  # errors, of which each is a message
_FREE_VALUES = 4  # which no schema has too many errors about, and need no look at it
_COPIED = 16  # values that an error takes as long to copy as to be made: members, choices, characters, digits
_FREE_DEPTH = 2  # no limit applies up to this depth
_CHUNK = 200  # entries of the largest object or array that are explained together
_MAX_COPIED = 300_000  # entries, in looking for a chunk that has errors
_MAX_ATTEMPTS = 3  # chunks whose errors are looked at
_MAX_NODES = 20_000  # of a document, that are searched for such alternatives, or of a value for the largest one
_ALTERNATIVES = ("anyOf", "oneOf")
# Keywords whose schemas may all be about the same value, and groups of those of which one is about each value.
_ALL_OF_THEM = (*_ALTERNATIVES, "allOf", "patternProperties", "dependentSchemas")
_ONE_OF_THEM = (
    ("$ref",),
    ("properties", "additionalProperties", "items", "prefixItems"),
    ("then", "else"),
    ("unevaluatedProperties", "unevaluatedItems"),
)
# Rules that a whole breaks if a part of it does; the last one only if no item was put in place of others.
_BROKEN_BY_PARTS = frozenset({"maxItems", "maxProperties", "uniqueItems"})


class Validator(Protocol):
    """The questions to jsonschema-rs."""

    def is_valid(self, instance: Any) -> bool:
        """The verdict."""
        ...

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """All errors, which are found before the first is given."""
        ...

    def validate(self, instance: Any) -> None:
        """Raise the first error."""
        ...


class ErrorBound(NamedTuple):
    """A bound on the number of errors that a schema may have about a value.

    `names` are the most names that it requires of an object, `branches` the most alternatives for a value, and
    `choices` the most values of an `enum`.
    """

    names: int
    branches: int
    choices: int = 0

    def errors_about(self, value: Any) -> int:
        """The most errors about a value, with those of its alternatives; large ones count for more."""
        found = 0
        for one in values_within(value):
            found += 1 + (self.choices + _length(one)) // _COPIED
            found += self.names * (1 + len(one) // _COPIED) if isinstance(one, dict) else 0
        return found * self.branches


class _UnexplainedKind(NamedTuple):
    name: str = "unexplained"


class _Unexplained(NamedTuple):
    """Stands for the errors of a large value that were not found in time; looks like an error of jsonschema-rs."""

    instance_path: Pointer = ()
    evaluation_path: Pointer = ()
    kind: _UnexplainedKind = _UnexplainedKind()


class Explainer(NamedTuple):
    """The means of explaining values that a schema refuses.

    `validator` gives the errors, and `opaque` makes one that explains no alternatives; `branches` counts the
    alternatives that lead back to themselves (see `recursive_branches`), and `error_bound` is the bound on its errors.
    """

    validator: Validator
    opaque: Callable[[], Validator]
    branches: Callable[[], int]
    error_bound: Callable[[], ErrorBound]

    def errors(self, value: Any) -> Iterator[Any]:
        """The errors of a value; the first alone where there may be too many."""
        if _is_within(value, _FREE_VALUES) or self.error_bound().errors_about(value) <= MAX_ERRORS:
            return self.validator.iter_errors(value)
        return _first_error(self.validator, value)


def broken_rules(value: Any, explaining: Explainer) -> Iterator[Any]:
    """The errors of a value that is not valid: all of them where it is small, else those of a part of it."""
    depth = depth_of(value)
    if depth > _FREE_DEPTH and explaining.branches() ** depth > MAX_PATHS:
        explaining = explaining._replace(validator=explaining.opaque())
    if _is_within(value, MAX_VALUES):
        found = explaining.errors(value)
    else:
        found = iter(_errors_in_parts(value, explaining) or (_Unexplained(),))
    return islice(found, _MAX_TOLD)


def _length(value: Any) -> int:
    """The length of a text, which an error copies, or the digits of a number, which it writes in quadratic time."""
    if isinstance(value, Decimal):
        return len(value.as_tuple().digits)
    return len(value) if isinstance(value, str) else 0


def _first_error(validator: Validator, value: Any) -> Iterator[Any]:
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        yield error


# --- Large values ---


def _is_within(value: Any, most: int) -> bool:
    """Whether a value has no more than so many objects, arrays and scalars."""
    return sum(1 for _ in islice(values_within(value), most + 1)) <= most


def _errors_in_parts(value: Any, explaining: Explainer) -> list[Any]:
    """The errors of the first chunk of the largest object or array that has any by itself.

    An error counts if the value that it is about was not cut. The items before an array's chunk are replaced by one
    that is valid, so that the indices are right.
    """
    focus, size = _largest(value)
    valid: list[Any] = []
    attempts = copied = 0
    for start in timed(range(0, size, _CHUNK)):
        cut, chunk = _cut(value, focus, start, [])
        copied += cut.size
        if copied > _MAX_COPIED:
            return []
        if explaining.validator.is_valid(cut.value):
            valid = valid or [chunk[0]]
            continue
        if valid:  # only now, since doing so for each chunk would take quadratic time
            cut, _ = _cut(value, focus, start, valid)
        found = [error for error in explaining.errors(cut.value) if cut.keeps(error)]
        attempts += 1
        if found or attempts == _MAX_ATTEMPTS:
            return found
    # Each entry is valid, so the rule is about the object or array itself, and there are few errors.
    cut, _ = _cut(value, focus, 0, [])
    return list(explaining.opaque().iter_errors(value)) if cut.places == {focus} else []


def _largest(value: Any) -> tuple[Pointer, int]:
    """The place and the length of the object or array with the most entries, of those that are reached first."""
    best: tuple[Pointer, int] = ((), 0)
    pending: deque[tuple[Pointer, Any]] = deque([((), value)])
    for _ in range(_MAX_NODES):  # level by level, so that what is not looked at is deep inside
        if not pending:
            break
        place, one = pending.popleft()
        if len(one) > best[1]:
            best = place, len(one)
        entries = one.items() if isinstance(one, dict) else enumerate(one)
        inner = (((*place, name), inner) for name, inner in entries if isinstance(inner, (dict, list)))
        pending.extend(islice(inner, _MAX_NODES))
    return best


class _ReducedValue(NamedTuple):
    """A value with fewer entries in some objects and arrays, whose places these are."""

    value: Any
    places: set[Pointer]
    is_padded: bool
    size: int  # entries that were copied

    def keeps(self, error: Any) -> bool:
        """Whether an error is one of the whole value too."""
        path = tuple(error.instance_path)
        is_intact = not any(place[: len(path)] == path for place in self.places)
        keyword = error.kind.name
        is_telling = keyword in _BROKEN_BY_PARTS and not (keyword == "uniqueItems" and self.is_padded)
        return is_intact or (path in self.places and is_telling)


def _cut(value: Any, focus: Pointer, start: int, valid: Sequence[Any]) -> tuple[_ReducedValue, list[Any]]:
    """A value with the chunk of one object or array that begins at an index, and the first entries of all others."""
    places: set[Pointer] = set()
    chunk: list[Any] = []
    size = 0

    def entry(one: Any, place: Pointer, name: str | int) -> Any:
        return cut(one, (*place, name)) if isinstance(one, (dict, list)) else one

    def cut(one: Any, place: Pointer) -> Any:
        nonlocal size
        first = start if place == focus else 0
        if len(one) > _CHUNK:
            places.add(place)
        if isinstance(one, dict):
            names = islice(one, first, first + _CHUNK)
            kept = {name: entry(one[name], place, name) for name in names}
            size += len(kept)
            if place == focus:
                chunk.extend(kept.values())
            return kept
        items = [entry(item, place, index) for index, item in enumerate(one[first : first + _CHUNK], first)]
        size += len(items)
        if place == focus:
            chunk.extend(items)
        return [*chain.from_iterable([valid] * first), *items] if place == focus and valid else items

    whole = cut(value, ()) if isinstance(value, (dict, list)) else value
    return _ReducedValue(whole, places, bool(valid), size), chunk


# --- Alternatives that lead back to themselves ---


def recursive_branches(root: Any, schema: Any) -> int:
    """The most ways in which one schema leads back to itself about the same value, of all that a schema leads to.

    With two or more, the ways through a nested value double at each level. A schema that leads to more than 20,000
    objects and arrays is taken for such a one.
    """
    component_of = _components(root, schema)
    if component_of is None:
        return 2
    return max((_ways(root, node, component_of) for _, node in component_of.values()), default=0)


def error_bound(root: Any, schema: Any) -> ErrorBound:
    """The bound on the errors of a schema, by the first 20,000 objects and arrays that it leads to."""
    names = branches = 1
    choices = 0
    pending: deque[Any] = deque([schema])
    passed = {id(schema)}
    while pending and len(passed) < _MAX_NODES:
        node = pending.popleft()
        if isinstance(node, Mapping):
            wanted = [node.get("required"), *_entries(node.get("dependentRequired"))]
            names = max(names, sum(len(one) for one in wanted if isinstance(one, list)))
            branches = max(branches, sum(1 for word in _ALTERNATIVES for _ in _entries(node.get(word))))
            choices = max(choices, sum(1 for _ in _entries(node.get("enum"))))
        for inner in _led_to(root, node):
            if id(inner) not in passed:
                passed.add(id(inner))
                pending.append(inner)
    return ErrorBound(names, branches, choices)


def _ways(root: Any, node: Any, component_of: "_Components") -> int:
    """The number of keywords, and of entries in those that have several schemas, that lead from a node back to it."""
    if not isinstance(node, Mapping):
        return 0
    component = component_of[id(node)][0]

    def leads_back(word: str, inner: Any) -> bool:
        target = _referred(root, inner) if word == "$ref" else inner
        return component_of.get(id(target), (0, None))[0] == component

    apart = [inner for word in _ALL_OF_THEM for inner in _entries(node.get(word)) if leads_back(word, inner)]
    groups = [any(word in node and leads_back(word, node[word]) for word in words) for words in _ONE_OF_THEM]
    return len(apart) + sum(groups)


def _entries(several: Any) -> Iterator[Any]:
    """The schemas in a list or an object of schemas."""
    if isinstance(several, (list, Mapping)):
        yield from several.values() if isinstance(several, Mapping) else several


def _referred(root: Any, reference: Any) -> Any:
    if isinstance(reference, str):
        with suppress(PointerError):
            return resolve(root, reference)
    return None


# The objects and arrays of a document by identity, with the component of each: those that lead to one another have the
# same, which is the identity of one of them.
_Components = dict[int, tuple[int, Any]]


def _components(root: Any, schema: Any) -> _Components | None:
    """The strongly connected components behind a schema, by Tarjan's algorithm, without recursion; None if too many."""
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_nodes: list[Any] = []
    found: _Components = {}
    path: list[tuple[Any, Iterator[Any]]] = []

    def enter(node: Any) -> None:
        number[id(node)] = lowest[id(node)] = len(number)
        open_nodes.append(node)
        path.append((node, _led_to(root, node)))

    enter(schema)
    while path:
        node, following = path[-1]
        key = id(node)
        inner = next(following, None)
        if inner is None:
            path.pop()
            if path:
                outer = id(path[-1][0])
                lowest[outer] = min(lowest[outer], lowest[key])
            if lowest[key] == number[key]:
                while True:
                    member = open_nodes.pop()
                    found[id(member)] = key, member
                    if member is node:
                        break
        elif id(inner) not in number:
            if len(number) == _MAX_NODES:
                return None
            enter(inner)
        elif id(inner) not in found:
            lowest[key] = min(lowest[key], number[id(inner)])
    return found


def _led_to(root: Any, node: Any) -> Iterator[Any]:
    """The objects and arrays in another, and what it refers to."""
    entries = node.values() if isinstance(node, Mapping) else node
    yield from (one for one in entries if isinstance(one, (Mapping, list)))
    target = _referred(root, node.get("$ref")) if isinstance(node, Mapping) else None
    if isinstance(target, (Mapping, list)):
        yield target


def with_opaque_alternatives(node: Any) -> Any:
    """A document in which alternatives and references are one rule each, whose error has none of theirs in it.

    No schema leads back to itself but by a reference, so that what is explained has the size of the document at most.

    A value is valid by `not: {not: SCHEMA}` if it is by SCHEMA; what fails is `not`, which has nothing to explain.
    """
    if isinstance(node, list):
        return [with_opaque_alternatives(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: with_opaque_alternatives(value) for name, value in node.items() if not _is_opaque(name, value)}
    wrapped = [
        {"not": {"not": {name: with_opaque_alternatives(value)}}}
        for name, value in node.items()
        if _is_opaque(name, value)
    ]
    return {**kept, "allOf": [*kept.get("allOf", ()), *wrapped]} if wrapped else kept


def _is_opaque(name: str, value: Any) -> bool:
    if name == "$ref":
        return isinstance(value, str)
    return name in _ALTERNATIVES and isinstance(value, list) and all(isinstance(one, (dict, bool)) for one in value)
