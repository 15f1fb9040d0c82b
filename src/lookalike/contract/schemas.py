"""Compiled schemas: a verdict fast, an explanation when asked.

Rules that only some choices have are compiled along with all others, so a value is validated once; each violation says
under which choices it counts, and whoever answers filters them.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import jsonschema_rs

from lookalike.contract.choices import When
from lookalike.contract.extension import ALSO, CLAUSE, WHEN, clauses_of, when
from lookalike.contract.messages import describe
from lookalike.contract.pointers import format_pointer, parse_pointer

Path = tuple[str | int, ...]
ALWAYS: When = {}
_DOCUMENT = "urn:lookalike:document"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Violation(NamedTuple):
    """What does not fit: where (`body`, `path`), the way to the place, the rule, in words, and what it rests on."""

    where: str
    pointer: Path
    keyword: str
    message: str
    clauses: tuple[str, ...] = ()
    when: When = ALWAYS


class _Rule(NamedTuple):
    keyword_parents: tuple[Mapping[str, Any], ...]
    clauses: tuple[str, ...]
    when: When


class Schema:
    """One schema of a document. `accepts(value)` is the verdict under all rules at once, conditional ones included."""

    def __init__(self, validator: jsonschema_rs.Draft202012Validator, root: Any, wrapper: Mapping[str, Any]) -> None:
        self.accepts = validator.is_valid
        self._errors = validator.iter_errors
        self._root = root
        self._wrapper = wrapper
        self._rules: dict[tuple[str | int, ...], _Rule] = {}

    def violations(self, value: Any, where: str, subject: str) -> Iterator[Violation]:
        """Every rule that the value breaks, under whichever choices; `subject` names the whole value in messages."""
        for error in self._errors(value):
            rule = self._rule(tuple(error.evaluation_path))
            pointer = tuple(error.instance_path)
            yield Violation(
                where,
                pointer,
                error.kind.name,
                describe(error, rule.keyword_parents, subject),
                rule.clauses,
                rule.when,
            )

    def _rule(self, path: tuple[str | int, ...]) -> _Rule:
        if path not in self._rules:
            self._rules[path] = self._walk(path)
        return self._rules[path]

    def _walk(self, path: Sequence[str | int]) -> _Rule:
        """Follow the keywords that led to a violation, collecting the conditions and the innermost clauses.

        The way ends where it leaves the document, as it does in the schemas of OpenAPI and JSON Schema themselves.
        """
        node: Any = self._wrapper
        parents: list[Mapping[str, Any]] = []
        clauses: tuple[str, ...] = ()
        conditions: dict[str, frozenset[str]] = {}
        for token in path:
            if isinstance(node, Mapping):
                parents.append(node)
                if CLAUSE in node or WHEN in node:  # a rule that only some choices have rests on no certain clause
                    clauses = clauses_of(node)
                for reading, choices in when(node.get(WHEN, {})).items():
                    conditions[reading] = conditions.get(reading, choices) & choices
            if token == "$dynamicRef" or (token == "$ref" and node["$ref"] == _DIALECT):
                break
            node = self._resolve(node["$ref"]) if token == "$ref" else node[token]
        return _Rule(tuple(parents), clauses, conditions)

    def _resolve(self, ref: str) -> Any:
        node = self._root
        for token in parse_pointer(unquote(ref.partition("#")[2])):
            node = node[int(token)] if isinstance(node, list) else node[token]
        return node


class Schemas:
    """The schemas of one document, compiled when first asked for."""

    def __init__(self, document: Any) -> None:
        self._root = with_other_choices(document)
        self._registry = jsonschema_rs.Registry([(_DOCUMENT, self._root)], draft=jsonschema_rs.Draft202012)

    def at(self, *pointer: str | int) -> Schema:
        """The schema at a place of the document."""
        wrapper = {"$schema": _DIALECT, "$ref": f"{_DOCUMENT}#{_fragment(pointer)}"}
        validator = jsonschema_rs.Draft202012Validator(wrapper, registry=self._registry)
        return Schema(validator, self._root, wrapper)


def published_schema(published: dict[str, Any], place: str, dynamic: str = "") -> Schema:
    """A schema that stands by itself under its `$id`, or one at a place in it.

    `dynamic` names an anchor that the schema leaves open; JSON Schema's own schema fills it.
    """
    registry = jsonschema_rs.Registry([(published["$id"], published)], draft=jsonschema_rs.Draft202012)
    filled = {"$defs": {"dynamic": {"$dynamicAnchor": dynamic, "$ref": _DIALECT}}} if dynamic else {}
    wrapper = {"$schema": _DIALECT, "$ref": f"{published['$id']}#{place}", **filled}
    return Schema(jsonschema_rs.Draft202012Validator(wrapper, registry=registry), published, wrapper)


@cache
def json_schema() -> Schema:
    """The schema of all schemas."""
    wrapper = {"$schema": _DIALECT, "$ref": _DIALECT}
    return Schema(jsonschema_rs.Draft202012Validator(wrapper), wrapper, wrapper)


class Fits:
    """Whether a value fits some of the schemas of a document, followed only as far as the value leads.

    For schemas that are asked about a few times: nothing is compiled, so a document may be as large as it likes.
    """

    def __init__(self, root: Any) -> None:
        self._root = root

    def __call__(self, nodes: Sequence[Any], value: Any, formats: bool = True) -> bool:
        """The verdict; a schema that cannot be used is met by nothing. Raises `RecursionError` for a circle."""
        validator = self._with_formats if formats else self._plain
        try:
            return all(node is True or validator.evolve(schema=node).is_valid(value) for node in nodes)
        except (TypeError, AttributeError, LookupError):
            return False

    @cached_property
    def _plain(self) -> Any:
        return _following()(self._root)

    @cached_property
    def _with_formats(self) -> Any:
        return _following()(self._root, format_checker=_following().FORMAT_CHECKER)


@cache
def _following() -> Any:
    """The validator that follows a schema as it goes, with patterns and multiples as the compiled ones have them."""
    import jsonschema  # here, since a mock that answers by examples never needs it
    from jsonschema.validators import extend

    def pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(value, str) and not matches(pattern, value):
            yield jsonschema.ValidationError("pattern")

    def multiple_of(_: Any, divisor: Any, value: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and Fraction(str(value)) % Fraction(str(divisor)):
            yield jsonschema.ValidationError("multipleOf")

    under_way = threading.local()
    follow: Any = jsonschema.Draft202012Validator.VALIDATORS["$ref"]

    def reference(validator: Any, ref: str, value: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
        """What a reference leads to, which may be about parts of the value, but not about the same value once more."""
        steps: set[tuple[str, int]] = under_way.__dict__.setdefault("steps", set())
        step = ref, id(value)
        if step in steps:
            raise RecursionError(ref)
        steps.add(step)
        try:
            yield from follow(validator, ref, value, schema)
        finally:
            steps.discard(step)

    ours = {"pattern": pattern, "multipleOf": multiple_of, "$ref": reference}
    return extend(jsonschema.Draft202012Validator, ours)  # type: ignore[no-untyped-call]  # they have no types


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern (ECMA-262); none does where it is no regular expression."""
    return _of_pattern(pattern)(text)


@lru_cache(maxsize=1000)
def _of_pattern(pattern: str) -> Callable[[str], bool]:
    try:
        accepts: Callable[[str], bool] = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    except ValueError:
        return lambda text: False
    return accepts


def with_other_choices(node: Any) -> Any:
    """The document with the rules under `x-lookalike-also` moved to `allOf`, where a validator sees them."""
    if isinstance(node, list):
        return [with_other_choices(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {name: with_other_choices(value) for name, value in node.items() if name != ALSO}
    if ALSO in node:
        plain["allOf"] = [*plain.get("allOf", ()), *with_other_choices(node[ALSO])]
    return plain


def _fragment(pointer: Sequence[str | int]) -> str:
    """The pointer as part of a URI (RFC 6901 section 6)."""
    return quote(format_pointer(pointer), safe="/~")
