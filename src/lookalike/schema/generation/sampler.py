"""The search for a value that fits a schema: proposals are made form by form and type by type, each is checked.

Optional members are left out where they are nested deep, where the value is large already, and where their schema is
being met around them, so that recursion ends wherever the schema lets it. All is bounded by a number of steps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from lookalike.json_values import Pointer, PointerError, equal, find, resolve
from lookalike.schema.generation import rules as r
from lookalike.schema.generation.alternatives import Conjunction, alternatives, discriminator_value
from lookalike.schema.generation.random_source import DETERMINISTIC, Randomness
from lookalike.schema.generation.scalars import numbers, strings
from lookalike.schema.validator import UncompiledValidator, matches

MOST_STEPS = 8_000
_DEEP = 5  # where optional members end ...
_DEEPEST = 24  # ... and everything
_LARGE = 400
_MOST_NAMES = 12
_ABSENT = object()


class Exhausted(Exception):
    """No value was found within the number of steps."""


@dataclass(slots=True)
class _Run:
    """One search: how it varies, what it has done, and the schemas that are being met around the place it is at."""

    variety: Randomness
    lean: bool
    formats: bool
    is_checked: bool = True
    steps: int = 0
    made: int = 0
    open: list[Any] = field(default_factory=list)

    def step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Exhausted


class Sampler:
    """Makes values that fit the schemas of one document; pure, and the same value each time but where it is varied."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._fits = UncompiledValidator(root)

    def sample(self, place: Pointer, variety: Randomness = DETERMINISTIC) -> Any:
        """A value that fits the schema at a place; raises `Exhausted` where none is found."""
        return self.fitting(find(self._root, place, None), variety)

    def fitting(self, schema: Any, variety: Randomness = DETERMINISTIC) -> Any:
        """A value that fits a schema that the document holds; raises `Exhausted` where none is found."""
        for lean, formats in ((False, True), (True, True), (True, False)):
            found = self._first(schema, _Run(variety, lean, formats))
            if found is not _ABSENT:
                return found
        raise Exhausted

    def closest(self, place: Pointer) -> Any:
        """Where nothing fits a schema, something of the shape that it describes, unchecked; None where it has none."""
        found = self._first(find(self._root, place, None), _Run(DETERMINISTIC, False, False, is_checked=False))
        return None if found is _ABSENT else found

    def _first(self, schema: Any, run: _Run) -> Any:
        try:
            return next(self._values((schema,), "", run, 0, True), _ABSENT)
        except (Exhausted, RecursionError, PointerError):  # the latter for a schema that holds itself without end
            return _ABSENT

    def _values(self, nodes: Conjunction, name: str, run: _Run, depth: int, needed: bool) -> Iterator[Any]:
        """Values that fit all of some schemas, the best first; those that recur only where one is needed."""
        if depth > _DEEPEST:
            return
        if not run.is_checked:
            nodes = tuple(node for node in nodes if node is not False)
        later = []
        for form in alternatives(nodes, self._resolve):
            run.step()
            again = max((sum(node is other for other in run.open) for node in form), default=0)
            if again == 0:
                yield from self._checked(nodes, form, name, run, depth)
            elif needed and again < 3:
                later.append(form)
        for form in later:
            yield from self._checked(nodes, form, name, run, depth)

    def _checked(self, nodes: Conjunction, form: Conjunction, name: str, run: _Run, depth: int) -> Iterator[Any]:
        for value in self._proposed(form, name, run, depth):
            run.step()
            if not run.is_checked or self._fits(nodes, value, run.formats):
                run.made += 1
                yield value

    def _proposed(self, form: Conjunction, name: str, run: _Run, depth: int) -> Iterator[Any]:
        types = r.types_of(form, "string" if depth else "object")
        yield from run.variety.of_choices(list(r.preferred(form)), form)
        rules = r.rules_of(form)
        if "string" in types[:1]:
            yield from run.variety.realistic(name, rules)
        for kind in types:
            yield from self._of_type(kind, form, rules, run, depth)

    def _of_type(self, kind: str, form: Conjunction, rules: r.Rules, run: _Run, depth: int) -> Iterator[Any]:
        pick = run.variety.pick
        if kind == "object":
            yield from self._within(form, run, self._objects(form, rules, run, depth))
        elif kind == "array":
            yield from self._within(form, run, self._arrays(form, rules, run, depth))
        elif kind == "string":
            yield from strings(rules, pick)
        elif kind in ("integer", "number"):
            yield from numbers(rules, kind == "integer", pick)
        else:
            yield from {"boolean": (pick(2) == 0, pick(1) != 0), "null": (None,)}.get(kind, ())

    def _within(self, form: Conjunction, run: _Run, values: Iterator[Any]) -> Iterator[Any]:
        """The values, made while the schemas of the form count as being met."""
        while True:
            before = len(run.open)
            run.open.extend(form)
            try:
                value = next(values, _ABSENT)
            finally:
                del run.open[before:]
            if value is _ABSENT:
                return
            yield value

    def _objects(self, form: Conjunction, rules: r.Rules, run: _Run, depth: int) -> Iterator[Any]:
        required = rules.get("required", [])
        names = list(dict.fromkeys((*r.names_of(form), *required)))
        lean = run.lean or depth >= _DEEP or run.made > _LARGE
        wanted = [name for name in names if name in required or not lean]
        full = self._object(form, rules, wanted, run, depth)
        if full is not None:
            yield from self._named(form, full)
            yield full
        if len(wanted) > len(required):
            bare = self._object(form, rules, required, run, depth)
            if bare is not None:
                yield bare
                yield from self._with_one(form, rules, required, (names, run, depth))
        if full:
            yield from self._differing(form, full, run, depth)

    def _with_one(self, form: Conjunction, rules: r.Rules, required: list[str], rest: Any) -> Iterator[Any]:
        """Objects that have one optional member, for schemas that allow only some of them together."""
        names, run, depth = rest
        for name in names[:_MOST_NAMES]:
            if name not in required:
                value = self._object(form, rules, [*required, name], run, depth)
                if value is not None:
                    yield value

    def _object(self, form: Conjunction, rules: r.Rules, wanted: list[str], run: _Run, depth: int) -> Any:
        """An object with the members wanted as far as they can be made; None where one that is required cannot."""
        required = {*rules.get("required", ())}
        most = rules.get("maxProperties", len(wanted))
        found: dict[str, Any] = {}
        for name in sorted(wanted, key=lambda name: name not in required) if most < len(wanted) else wanted:
            if len(found) < most:
                value = self._member(form, name, run, depth, name in required)
                if value is not _ABSENT:
                    found[name] = value
        for name, others in rules.get("dependentRequired", {}).items():
            for other in others if name in found else ():
                found.setdefault(other, self._member(form, other, run, depth, True))
        self._fill_up(form, rules, found, run, depth)
        return None if required - found.keys() or _ABSENT in found.values() else found

    def _member(self, form: Conjunction, name: str, run: _Run, depth: int, needed: bool) -> Any:
        nodes = r.member(form, name, matches)
        return next(self._values(nodes, name, run, depth + 1, needed), _ABSENT)

    def _fill_up(self, form: Conjunction, rules: r.Rules, found: dict[str, Any], run: _Run, depth: int) -> None:
        """Add members that no schema names, where there must be more, or where such members are all there is."""
        open_ended = not r.names_of(form) and any(
            isinstance(node, Mapping) and node for node in r.all_of(form, "additionalProperties")
        )
        least = max(rules.get("minProperties", 0), 1 if open_ended and not (run.lean or depth >= _DEEP) else 0)
        least = min(least, rules.get("maxProperties", least))
        if len(found) >= least:
            return
        for name in islice(self._names(form, run, depth), 4 * least + 8):
            if name not in found:
                value = self._member(form, name, run, depth, rules.get("minProperties", 0) > len(found))
                if value is not _ABSENT:
                    found[name] = value
            if len(found) >= least:
                return

    def _names(self, form: Conjunction, run: _Run, depth: int) -> Iterator[str]:
        """Names that further members may have."""
        yield from r.names_of(form)
        allowed = r.all_of(form, "propertyNames")
        for patterns in r.all_of(form, "patternProperties"):
            for pattern in patterns:
                named = ({"type": "string", "pattern": pattern}, *allowed)
                yield from islice(self._values(named, "", run, depth + 1, True), _MOST_NAMES)
        if allowed:
            yield from islice(self._values(({"type": "string"}, *allowed), "", run, depth + 1, True), 100)
        yield from chain(("key",), (f"key{number}" for number in range(2, 1000)))

    def _named(self, form: Conjunction, value: dict[str, Any]) -> Iterator[Any]:
        """The object with the name that a discriminator has for the schema that was asked for."""
        refs = [node for node in form if isinstance(node.get("$ref"), str)]
        for node in form:
            if isinstance(node.get("discriminator"), Mapping):
                member = node["discriminator"].get("propertyName")
                asked = [ref for ref in refs if ref is form[0] or self._resolve(ref["$ref"]) is not node]
                yield from ({**value, member: discriminator_value(node, ref)} for ref in asked[:1] if member in value)

    def _differing(self, form: Conjunction, full: dict[str, Any], run: _Run, depth: int) -> Iterator[Any]:
        """The object with another value for one of its members."""
        for name in full:
            others = self._values(r.member(form, name, matches), name, run, depth + 1, False)
            yield from ({**full, name: other} for other in islice(others, 1, 20))

    def _arrays(self, form: Conjunction, rules: r.Rules, run: _Run, depth: int) -> Iterator[Any]:
        least, most = rules.get("minItems", 0), rules.get("maxItems", 10**6)
        listed = max((len(node.get("prefixItems", ())) for node in form), default=0)
        usual = 0 if run.lean or depth >= _DEEP or run.made > _LARGE else max(listed, run.variety.items())
        for length in dict.fromkeys((max(least, min(usual, most)), least, min(least + 1, most), min(most, 3))):
            value = self._array(form, rules, length, run, depth)
            if value is not None:
                yield value
        yield from self._other_arrays(form, rules, run, depth)

    def _other_arrays(self, form: Conjunction, rules: r.Rules, run: _Run, depth: int) -> Iterator[Any]:
        """Arrays whose first item is another one."""
        if rules.get("maxItems", 1) >= 1 >= rules.get("minItems", 0):
            others = self._values(r.item(form, 0), "", run, depth + 1, False)
            yield from ([other] for other in islice(others, 1, 20))

    def _array(self, form: Conjunction, rules: r.Rules, length: int, run: _Run, depth: int) -> list[Any] | None:
        """An array with so many items, those that it must contain first; None where one cannot be made."""
        contained = r.all_of(form, "contains")
        wanted = rules.get("minContains", 1) if contained else 0
        found: list[Any] = []
        for index in range(max(length, wanted)):
            nodes = r.item(form, index)
            nodes = (*nodes, *contained) if index < wanted else nodes
            values = self._values(nodes, "", run, depth + 1, length <= rules.get("minItems", 0))
            unique = rules.get("uniqueItems") is True
            value = next((one for one in values if not (unique and any(equal(one, other) for other in found))), _ABSENT)
            if value is _ABSENT:
                return None if index < max(rules.get("minItems", 0), wanted) else found
            found.append(value)
        return found

    def _resolve(self, ref: str) -> Any:
        return resolve(self._root, ref)
