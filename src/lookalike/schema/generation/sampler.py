"""The search for a value that fits a schema.

For each alternative of the schema (`alternatives.py`) and each of its types, values are proposed, the likeliest first,
and each is checked against the whole schema. Proposals may therefore be careless: `format`, `not` or `uniqueItems` that
they miss show in the check.

Recursion ends wherever a schema lets it: optional members are left out where they are nested deep, where the value is
large already, and where their schema is being met around them. All is bounded by a number of steps (`work.py`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, NamedTuple

from lookalike.http import essence
from lookalike.json_values import ABSENT, Pointer, PointerError, equal, find, resolve
from lookalike.schema.generation.alternatives import Conjunction, alternatives, discriminator_value
from lookalike.schema.generation.random_source import DETERMINISTIC, Deterministic, Randomness
from lookalike.schema.generation.rules import (
    Rules,
    item_schemas,
    keyword_values,
    member_schemas,
    named_values,
    property_names,
    rules_of,
    types_of,
)
from lookalike.schema.generation.scalars import numbers, strings
from lookalike.schema.generation.work import LARGEST, Exhausted, StepBudget, Work
from lookalike.schema.regexes import matches
from lookalike.schema.uncompiled import UncompiledValidator

_DEEP = 5  # levels at which optional members end ...
_DEEPEST = 24  # ... and everything
_LARGE = 400  # values made, from which on optional members are left out
_MOST_NAMES = 12
_MOST_OTHERS = 20  # other values that one member or item is tried with, where the first did not fit the whole
_CHOICES = ("anyOf", "oneOf")
_JSON = ("/json", "+json")  # the ends of media types of JSON
_DEMANDS = {"string": ("minLength",), "array": ("minItems", "minContains"), "object": ("minProperties",)}
_MOST_REPEATS = 3  # times that a schema may be met inside of itself, where a value is needed


class Sampler:
    """Makes values that fit the schemas of one document: the same each time, but for what a `Randomness` decides."""

    def __init__(self, root: Any, budget: StepBudget | None = None) -> None:
        """`budget` is that of the document, where it is more than this sampler that generates its values."""
        self._root = root
        self._accepts = UncompiledValidator(root)
        self._budget = budget or StepBudget()

    def sample(self, pointer: Pointer, randomness: Randomness = DETERMINISTIC) -> Any:
        """A value that fits the schema at a pointer; raises `Exhausted` if none is found."""
        name = str(pointer[-1]) if pointer else ""  # of the member that the schema describes, or of the schema
        return self.fitting(find(self._root, pointer, None), randomness, name)

    def fitting(self, schema: Any, randomness: Randomness = DETERMINISTIC, name: str = "") -> Any:
        """A value that fits a schema whose references are into the document; raises `Exhausted` if none is found.

        `name` is that of the member which it is for, if any.
        """
        if (known := self._budget.failure(schema)) is not None:
            raise Exhausted(known.why, known.schema)
        steps, found = self._search(schema, randomness, name)
        failure = found if isinstance(found, Exhausted) else None
        self._budget.pay(schema, steps, failure)
        self._budget.settle(schema, failure if isinstance(randomness, Deterministic) else None)
        if failure is not None:
            raise Exhausted(failure.why, failure.schema)
        return found

    def lean(self, pointer: Pointer) -> Any:
        """An unchecked value of the required members only, `ABSENT` for none: most schemas accept it."""
        schema = find(self._root, pointer, None)
        work = Work(self._budget.search().limit // 4)
        search = _ValueSearch(self._root, self._accepts, DETERMINISTIC, work, lean=True, checks_parts=False)
        found = self._first(schema, search)
        self._budget.pay(schema, work.steps, None)
        return ABSENT if isinstance(found, Exhausted) else found

    def _search(self, schema: Any, randomness: Randomness, name: str) -> tuple[int, Any]:
        """The steps that were taken, and a value that fits a schema, or the reason why there is none.

        At first the value that is proposed first, checked as a whole: it mostly fits, and a check of each part on its
        own takes longer than everything else. Then with optional members and in its formats, then without the former,
        at last without either.
        """
        work, steps = self._budget.search(), 0
        guess = Work(work.limit // 4)  # without checks, few schemas need as many
        search = _ValueSearch(self._root, self._accepts, randomness, guess, formats=True, checks_parts=False)
        found = self._first(schema, search, name)
        if not isinstance(found, Exhausted) and self._fits(schema, found):
            return guess.steps, found
        reason = Exhausted()
        for lean, formats in ((False, True), (True, True), (True, False)):
            search = _ValueSearch(self._root, self._accepts, randomness, work, lean, formats)
            found = self._first(schema, search, name)
            steps += work.steps
            if not isinstance(found, Exhausted):
                return steps, found
            reason = reason if reason.why else found
            work = self._budget.later_search()
        return steps, reason

    def _fits(self, schema: Any, value: Any) -> bool:
        try:
            return self._accepts((schema,), value)
        except (PointerError, RecursionError):
            return False

    def closest(self, pointer: Pointer) -> Any:
        """An unchecked value of the structure that a schema describes which nothing fits; None for none."""
        work = self._budget.later_search()
        search = _ValueSearch(self._root, self._accepts, DETERMINISTIC, work, is_checked=False)
        found = self._first(find(self._root, pointer, None), search)
        return None if isinstance(found, Exhausted) else found

    def _first(self, schema: Any, search: "_ValueSearch", name: str = "") -> Any:
        """The first value of a search, or the reason why there is none."""
        try:
            found = next(search.values((schema,), name), ABSENT)
        except Exhausted as error:
            found = Exhausted(error.why, error.schema)  # without the frames that the one which was raised holds
        except (PointerError, RecursionError, ArithmeticError):  # a schema that holds itself, or `multipleOf: 0`
            return Exhausted()
        demand = search.work.demand
        if demand is not None and (found is ABSENT or isinstance(found, Exhausted)):
            return Exhausted(str(demand), demand.schema)
        return Exhausted() if found is ABSENT else found


class _Target(NamedTuple):
    """One alternative of a schema, the rules of its schemas, its depth in the value, and the name of the member."""

    schemas: Conjunction
    rules: Rules
    depth: int
    name: str

    @property
    def required(self) -> dict[str, None]:
        """The names of the members that must be there, in the order of the document."""
        return dict.fromkeys(self.rules.get("required", ()))


@dataclass(slots=True)
class _ValueSearch:
    """One search; `open` are the schemas that are being met around the place where it is.

    One that is not `is_checked` proposes values also for what nothing fits. One that does not `checks_parts` proposes
    the first value that may fit, for a caller who checks the whole.
    """

    root: Any
    accepts: UncompiledValidator
    randomness: Randomness
    work: Work
    lean: bool = False
    formats: bool = False
    is_checked: bool = True
    checks_parts: bool = True
    made: int = 0
    open: list[Any] = field(default_factory=list)
    siblings: tuple[str, ...] = ()  # the members of the object that is being made

    def values(self, schemas: Conjunction, name: str = "", depth: int = 0, needed: bool = True) -> Iterator[Any]:
        """Values that fit all of some schemas, the best first; `name` is the member that they are for.

        Alternatives that recur come last, and only where a value is needed.
        """
        if depth > _DEEPEST:
            return
        if not self.is_checked:
            schemas = tuple(schema for schema in schemas if schema is not False)
        later = []
        for alternative in alternatives(schemas, self._resolve):
            self.work.spend()
            self.work.spend_on_parts(len(alternative) * len(self.open) // 16)
            repeats = max((sum(schema is other for other in self.open) for schema in alternative), default=0)
            if repeats == 0:
                yield from self._checked(schemas, alternative, name, depth)
            elif needed and repeats < _MOST_REPEATS:
                later.append(alternative)
        for alternative in later:
            yield from self._checked(schemas, alternative, name, depth)

    def _resolve(self, reference: str) -> Any:
        return resolve(self.root, reference)

    def _checked(self, schemas: Conjunction, alternative: Conjunction, name: str, depth: int) -> Iterator[Any]:
        applied = len(alternative) + sum(len(branches) for word in _CHOICES for branches in _lists(alternative, word))
        for value in self._proposed(_Target(alternative, rules_of(alternative), depth, name)):
            if not self.checks_parts:
                self.work.spend()
                self.made += 1
                yield value
                continue
            self.work.spend_on(value, applied)
            if not self.is_checked or self.accepts(schemas, value, self.formats):
                self.made += 1
                yield value

    def _proposed(self, target: _Target) -> Iterator[Any]:
        types = types_of(target.schemas, "string" if target.depth else "object")
        shown = list(named_values(target.schemas))
        self.work.spend_on_parts(len(shown) // 16)
        yield from self.randomness.of_named(shown, target.schemas)
        if "string" in types:
            yield from self._texts_of_json(target)
        if types:
            yield from self.randomness.realistic(target.name, types[0], target.rules, shown, self.siblings)
        for type_name in types:
            yield from self._of_type(type_name, target)

    def _of_type(self, type_name: str, target: _Target) -> Iterator[Any]:
        pick = self.randomness.pick
        for keyword in _DEMANDS.get(type_name, ()):
            if target.rules.get(keyword, 0) > LARGEST[keyword]:
                self.work.refuse(target.schemas, keyword)
                return
        if type_name == "object":
            yield from self._inside(target, self._objects(target))
        elif type_name == "array":
            yield from self._inside(target, self._arrays(target))
        elif type_name == "string":
            yield from strings(target.rules, pick, self.work)
        elif type_name in ("integer", "number"):
            yield from numbers(target.rules, type_name == "integer", pick)
        elif type_name == "boolean":
            yield from (pick(2) == 0, pick(1) != 0)
        else:
            yield None

    def _texts_of_json(self, target: _Target) -> Iterator[str]:
        """JSON for texts that hold such (JSON Schema Validation section 8), which clients parse."""
        media_types = keyword_values(target.schemas, "contentMediaType")
        is_encoded = any("contentEncoding" in schema for schema in target.schemas)
        if is_encoded or not any(isinstance(one, str) and essence(one).endswith(_JSON) for one in media_types):
            return
        held = (*keyword_values(target.schemas, "contentSchema"),) or ({"type": "object"},)
        for value in self.values(held, target.name, target.depth + 1):
            yield json.dumps(value, ensure_ascii=False)

    def _inside(self, target: _Target, values: Iterator[Any]) -> Iterator[Any]:
        """The values, each made while the schemas of the target count as being met."""
        while True:
            before = len(self.open)
            self.open.extend(target.schemas)
            try:
                value = next(values, ABSENT)
            finally:
                del self.open[before:]
            if value is ABSENT:
                return
            yield value

    def _is_lean(self, depth: int) -> bool:
        """Whether optional members and items are left out."""
        return self.lean or depth >= _DEEP or self.made > _LARGE

    # Objects

    def _objects(self, target: _Target) -> Iterator[Any]:
        """Objects with all members, with the required ones, with one more of them each, and with one member changed."""
        required = target.required
        names = list(dict.fromkeys((*property_names(target.schemas), *required)))
        wanted = [name for name in names if name in required] if self._is_lean(target.depth) else names
        full = self._object(target, wanted)
        if full is not None:
            yield from self._with_discriminator(target, full)
            yield full
        if len(wanted) > len(required):
            bare = self._object(target, required)
            if bare is not None:
                yield bare
                yield from self._with_one(target, names)
        if full:
            yield from self._with_one_changed(target, full)

    def _object(self, target: _Target, wanted: Iterable[str]) -> dict[str, Any] | None:
        """An object with the members wanted as far as they can be made; None if a required one cannot."""
        rules, required = target.rules, set(target.required)
        wanted = tuple(wanted)
        most = rules.get("maxProperties", len(wanted))
        found: dict[str, Any] = {}
        for name in sorted(wanted, key=lambda name: name not in required) if most < len(wanted) else wanted:
            self.siblings = wanted  # each time, since an object inside has others
            if len(found) < most:
                value = self._member(target, name, name in required)
                if value is not ABSENT:
                    found[name] = value
        for name, others in rules.get("dependentRequired", {}).items():
            for other in others if name in found else ():
                found.setdefault(other, self._member(target, other, True))
        self._add_unnamed(target, found)
        return None if required - found.keys() or ABSENT in found.values() else found

    def _member(self, target: _Target, name: str, needed: bool) -> Any:
        patterns = sum(map(len, keyword_values(target.schemas, "patternProperties")))
        self.work.spend_on_parts(len(target.schemas) + 3 * patterns)
        schemas = member_schemas(target.schemas, name, matches)
        return next(self.values(schemas, name, target.depth + 1, needed), ABSENT)

    def _add_unnamed(self, target: _Target, found: dict[str, Any]) -> None:
        """Add members that no schema names: as many as `minProperties` asks for, and one where all are of that kind."""
        rules = target.rules
        is_map = not property_names(target.schemas) and any(
            isinstance(schema, Mapping) and schema for schema in keyword_values(target.schemas, "additionalProperties")
        )
        least = max(rules.get("minProperties", 0), 1 if is_map and not (self.lean or target.depth >= _DEEP) else 0)
        least = min(least, rules.get("maxProperties", least))
        if len(found) >= least:
            return
        for name in islice(self._possible_names(target), 4 * least + 8):
            if name not in found:
                value = self._member(target, name, rules.get("minProperties", 0) > len(found))
                if value is not ABSENT:
                    found[name] = value
            if len(found) >= least:
                return

    def _possible_names(self, target: _Target) -> Iterator[str]:
        """Names that further members may have."""
        yield from property_names(target.schemas)
        allowed = keyword_values(target.schemas, "propertyNames")
        for patterns in keyword_values(target.schemas, "patternProperties"):
            for pattern in patterns:
                named = ({"type": "string", "pattern": pattern}, *allowed)
                yield from islice(self.values(named, depth=target.depth + 1), _MOST_NAMES)
        if allowed:
            yield from islice(self.values(({"type": "string"}, *allowed), depth=target.depth + 1), 100)
        yield from chain(("key",), (f"key{number}" for number in range(2, 1000)))

    def _with_discriminator(self, target: _Target, value: dict[str, Any]) -> Iterator[Any]:
        """The object with the discriminator's value for the schema that was asked for (OpenAPI 3.1 section 4.8.25).

        That schema is the first reference on the way to the one with the discriminator: `Cat`, where `Cat` has `Pet` in
        its `allOf`. A union has no value of its own: `Pet` is none, where `Pet` is one of `Cat` and `Dog`, and the
        alternative has the value of its branch already.
        """
        for index, schema in enumerate(target.schemas):
            if not isinstance(schema.get("discriminator"), Mapping):
                continue
            is_union = "oneOf" in schema or "anyOf" in schema
            member = schema["discriminator"].get("propertyName")
            asked = (
                one
                for position, one in enumerate(target.schemas[:index])
                if isinstance(one.get("$ref"), str)
                and (self._resolve(one["$ref"]) is not schema or (position == 0 and not is_union))
            )
            yield from (
                {**value, member: discriminator_value(schema, one)} for one in islice(asked, 1) if member in value
            )

    def _with_one(self, target: _Target, names: list[str]) -> Iterator[Any]:
        """Objects with one optional member each, for schemas that allow only some of them together."""
        for name in names[:_MOST_NAMES]:
            if name not in target.required:
                value = self._object(target, [*target.required, name])
                if value is not None:
                    yield value

    def _with_one_changed(self, target: _Target, full: dict[str, Any]) -> Iterator[Any]:
        for name in full:
            others = self.values(member_schemas(target.schemas, name, matches), name, target.depth + 1, False)
            yield from ({**full, name: other} for other in islice(others, 1, _MOST_OTHERS))

    # Arrays

    def _arrays(self, target: _Target) -> Iterator[Any]:
        """Arrays of the usual length, of the least, and of those near to both; at last, with another first item."""
        least, most = target.rules.get("minItems", 0), target.rules.get("maxItems", 10**6)
        listed = max((len(schema.get("prefixItems", ())) for schema in target.schemas), default=0)
        usual = 0 if self._is_lean(target.depth) else max(listed, self.randomness.item_count())
        for length in dict.fromkeys((max(least, min(usual, most)), least, min(least + 1, most), min(most, 3))):
            value = self._array(target, length)
            if value is not None:
                yield value
        if least <= 1 <= most:
            others = self.values(item_schemas(target.schemas, 0), target.name, target.depth + 1, False)
            yield from ([other] for other in islice(others, 1, _MOST_OTHERS))

    def _array(self, target: _Target, length: int) -> list[Any] | None:
        """An array with so many items, those that `contains` asks for first; None if one cannot be made."""
        rules = target.rules
        contained = keyword_values(target.schemas, "contains")
        wanted = rules.get("minContains", 1) if contained else 0
        least = max(rules.get("minItems", 0), wanted)
        found: list[Any] = []
        for index in range(max(length, wanted)):
            schemas = item_schemas(target.schemas, index)
            schemas = (*schemas, *contained) if index < wanted else schemas
            is_needed = length <= rules.get("minItems", 0)
            values = self.values(schemas, target.name, target.depth + 1, is_needed)
            value = next(self._new(values, found) if rules.get("uniqueItems") is True else values, ABSENT)
            if value is ABSENT:
                return None if index < least else found
            found.append(value)
        return found

    def _new(self, values: Iterator[Any], found: list[Any]) -> Iterator[Any]:
        """The values that are not among those found."""
        for value in values:
            self.work.spend_on_parts(len(found))
            if not any(equal(value, other) for other in found):
                yield value


def _lists(schemas: Conjunction, keyword: str) -> Iterator[list[Any]]:
    return (value for value in keyword_values(schemas, keyword) if isinstance(value, list))
