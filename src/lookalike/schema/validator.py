"""Compiled schemas: a verdict fast, an explanation when asked.

Rules that only some choices have are compiled along with all others, so a value is validated once; each violation says
under which choices it counts, and whoever answers filters them.
"""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import jsonschema_rs

from lookalike.json_values import ABSENT, PointerError, child, format_fragment, references, resolve
from lookalike.readings import When
from lookalike.schema.messages import describe
from lookalike.schema.value_types import ValueType
from lookalike.schema.vocabulary import ALSO, CLAUSE, WHEN, clauses_of, when

Path = tuple[str | int, ...]
ALWAYS: When = {}
READ_ONLY = "readOnly"
WRITE_ONLY = "writeOnly"

# Each takes a megabyte where schemas refer to many others, and each that was forgotten some milliseconds anew.
MOST_COMPILED = 128

_DOCUMENT = "lookalike://document/openapi"  # a name that others can be relative to
_IS_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}\Z").match
# Formats of OpenAPI that JSON Schema does not know; either alphabet of RFC 4648 does, with padding or without.
_FORMATS: dict[str, Callable[[str], bool]] = {"byte": lambda text: _IS_BASE64(text) is not None}
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


_Validator = jsonschema_rs.Draft202012Validator | jsonschema_rs.Draft4Validator


class Schema:
    """One schema of a document, whose verdict is that of all rules at once, conditional ones included."""

    def __init__(self, compile_: Callable[[], _Validator], root: Callable[[], Any], wrapper: Mapping[str, Any]) -> None:
        self._compile = compile_
        self._validator: _Validator | None = None
        self._root = root
        self._wrapper = wrapper
        self._rules: dict[tuple[str | int, ...], _Rule] = {}

    def accepts(self, value: Any) -> bool:
        """The verdict on a value; raises `ValueError` on first use where the schema is none."""
        return (self._validator or self._compiled()).is_valid(value)

    def forget(self) -> None:
        """Give back the memory of what was compiled; it is compiled anew when it is asked for."""
        self._validator = None

    def _compiled(self) -> _Validator:
        """Compiled on first use; two threads that come at once both do it, and either result will do."""
        validator = self._validator = self._compile()
        return validator

    def violations(self, value: Any, where: str, subject: str) -> Iterator[Violation]:
        """Every rule that the value breaks, under whichever choices; `subject` names the whole value in messages."""
        return (_violation(error, rule, where, subject) for error, rule in self._broken(value))

    def foremost(self, value: Any, where: str, subject: str) -> Iterator[Violation]:
        """The rules that the value breaks under all choices; where it breaks none of these, every one."""
        broken = tuple(self._broken(value))
        certain = tuple(pair for pair in broken if not pair[1].when)
        return (_violation(error, rule, where, subject) for error, rule in certain or broken)

    def misspelt(self, value: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """The way to each text that is not in the format that is named, and the schema that names it."""
        for error, rule in () if self.accepts(value) else self._broken(value):
            if error.kind.name == "format" and rule.keyword_parents:
                yield tuple(error.instance_path), rule.keyword_parents[-1]

    def _broken(self, value: Any) -> Iterator[tuple[Any, _Rule]]:
        for error in (self._validator or self._compiled()).iter_errors(value):
            yield error, self._rule(tuple(error.evaluation_path))

    def _rule(self, path: tuple[str | int, ...]) -> _Rule:
        if path not in self._rules:
            self._rules[path] = self._walk(path)
        return self._rules[path]

    def _walk(self, path: Sequence[str | int]) -> _Rule:
        """Follow the keywords that led to a violation, collecting the conditions and the innermost clauses.

        The way ends where it leaves the document, as it does in the schemas of OpenAPI and JSON Schema themselves, and
        where jsonschema-rs tells another one, as it does for references below propertyNames.
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
            inner = child(node, token)
            refers = token == "$ref" and isinstance(inner, str)  # a member may have that name
            if inner is ABSENT or token == "$dynamicRef" or (refers and self._leads_out(inner)):
                break
            try:
                node = resolve(self._root(), inner) if refers else inner
            except PointerError:
                break
        return _Rule(tuple(parents), clauses, conditions)

    def _leads_out(self, ref: str) -> bool:
        """Whether a reference leads to no pointer into this document: to another one, or to an anchor."""
        base, _, fragment = ref.partition("#")
        return fragment[:1] not in {"", "/"} or (base not in {"", _DOCUMENT} and base != self._root().get("$id"))


def _violation(error: Any, rule: _Rule, where: str, subject: str) -> Violation:
    message = describe(error, rule.keyword_parents, subject)
    return Violation(where, tuple(error.instance_path), error.kind.name, message, rule.clauses, rule.when)


class _Side:
    """A document as its schemas judge values that go one way, made when it is first needed."""

    def __init__(self, described: Any, conditional: bool) -> None:
        self.described = described
        self._conditional = conditional

    @cached_property
    def root(self) -> Any:
        """The document with all rules where a validator sees them."""
        return with_alternative_rules(self.described) if self._conditional else self.described

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        """The document as something to refer to."""
        return jsonschema_rs.Registry([(_DOCUMENT, self.root)], draft=jsonschema_rs.Draft202012)


class Schemas:
    """The schemas of one document, each compiled when first used, and no more of them kept than `MOST_COMPILED`."""

    def __init__(self, document: Any, says: Callable[[str], bool] = lambda word: True) -> None:
        """`says(word)` tells whether a word may be in the document at all, which then is not searched for it."""
        self._document = document
        self._said = frozenset(word for word in (ALSO, READ_ONLY, WRITE_ONLY) if says(word))
        self._sides: dict[str, _Side] = {}
        self._known: dict[tuple[str, str, str, bool], Schema] = {}
        self._compiled: deque[Schema] = deque()

    def at(self, *pointer: str | int, member: str = "", unsent: str = "", formats: bool = False) -> Schema:
        """The schema at a place of the document; places that only refer to the same one share it.

        With a `member`, it is one of objects that have such a value under that name. A value that goes one way only
        may lack what is marked for the other: `unsent` is the keyword of members that are not required, `READ_ONLY`
        for requests and `WRITE_ONLY` for answers (JSON Schema 2020-12, validation, section 9.4), where they are not
        allowed either (OpenAPI 3.0 section 4.7.24.2). With `formats`, a text
        must be in the format that is named, where that is a known one.
        """
        known = self._end(format_fragment(pointer)), member, unsent if unsent in self._said else "", formats
        if known not in self._known:
            self._known[known] = self._schema(*known)
        return self._known[known]

    def _schema(self, ref: str, member: str, unsent: str, formats: bool) -> Schema:
        reference = {"$ref": f"{_DOCUMENT}{ref}"}
        wrapper = {"$schema": _DIALECT, **({"properties": {member: reference}} if member else reference)}

        def compile_() -> _Validator:
            self._make_room(schema)
            registry = self._side(unsent).registry
            known = _FORMATS if formats else None
            return jsonschema_rs.Draft202012Validator(
                wrapper, registry=registry, validate_formats=formats, formats=known
            )

        schema = Schema(compile_, lambda: self._side(unsent).root, wrapper)
        return schema

    def described(self, unsent: str = "") -> Any:
        """The document for one direction, without what only compiled schemas need; see `at`."""
        return self._side(unsent if unsent in self._said else "").described

    def _end(self, ref: str) -> str:
        """Where a reference leads in the end, through schemas that are nothing but references."""
        with suppress(PointerError):
            for end, node in references({"$ref": ref}, lambda ref: resolve(self._document, ref)):
                ref = end
                if not (isinstance(node, Mapping) and node.keys() == {"$ref"} and node["$ref"].startswith("#/")):
                    break
        return ref

    def _make_room(self, schema: Schema) -> None:
        """Forget the schema that was compiled first where there are too many."""
        self._compiled.append(schema)
        if len(self._compiled) > MOST_COMPILED:
            self._compiled.popleft().forget()

    def _side(self, unsent: str) -> _Side:
        """The document for one direction; the same for all where nothing is marked."""
        if unsent not in self._sides:
            described = for_direction(self._document, unsent) if unsent else self._document
            if unsent and described is self._document:
                self._sides[unsent] = self._side("")
            else:
                self._sides[unsent] = _Side(described, ALSO in self._said)
        return self._sides[unsent]


def published_schema(published: dict[str, Any], place: str, dynamic: str = "") -> Schema:
    """A schema that stands by itself under its `$id`, or one at a place in it.

    `dynamic` names an anchor that the schema leaves open; JSON Schema's own schema fills it.
    """
    registry = jsonschema_rs.Registry([(published["$id"], published)], draft=jsonschema_rs.Draft202012)
    filled = {"$defs": {"dynamic": {"$dynamicAnchor": dynamic, "$ref": _DIALECT}}} if dynamic else {}
    wrapper = {"$schema": _DIALECT, "$ref": f"{published['$id']}#{place}", **filled}
    return Schema(lambda: jsonschema_rs.Draft202012Validator(wrapper, registry=registry), lambda: published, wrapper)


def published_schema_of_draft_4(published: dict[str, Any]) -> Schema:
    """A schema in the dialect that those of OpenAPI 3.0 and before are written in."""
    return Schema(lambda: jsonschema_rs.Draft4Validator(published), lambda: published, published)


@cache
def json_schema() -> Schema:
    """The schema of all schemas."""
    wrapper = {"$schema": _DIALECT, "$ref": _DIALECT}
    return Schema(lambda: jsonschema_rs.Draft202012Validator(wrapper), lambda: wrapper, wrapper)


class UncompiledValidator:
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


def with_alternative_rules(node: Any) -> Any:
    """The document with the rules under `x-lookalike-also` moved to `allOf`, where a validator sees them."""
    if isinstance(node, list):
        return [with_alternative_rules(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {name: with_alternative_rules(value) for name, value in node.items() if name != ALSO}
    if ALSO in node:
        plain["allOf"] = [*plain.get("allOf", ()), *with_alternative_rules(node[ALSO])]
    return plain


def for_direction(root: Any, unsent: str) -> Any:
    """The document for values that go one way: no schema requires a member that is marked with the keyword `unsent`.

    In answers such a member is not allowed either. It may be marked where it is described: beside `required`, in a part
    of the same schema, or behind `$ref`. What is not changed is shared, the whole where nothing is marked.
    """

    def changed(node: Any, outer: frozenset[str]) -> Any:
        if isinstance(node, list):
            return _shared(node, [changed(item, outer) for item in node])
        if not isinstance(node, dict):
            return node
        inner = outer
        if isinstance(node.get("properties"), dict) or isinstance(node.get("allOf"), list):
            kind = ValueType((node,), lambda ref: resolve(root, ref))
            inner |= {name for name in kind.properties if kind.member(name).keyword(unsent) is True}
        # only the parts of a schema are about the same value, and so about the same members
        parts = {name: changed(value, inner if name in _PARTS else frozenset()) for name, value in node.items()}
        if inner and isinstance(node.get("required"), list):
            left = [name for name in node["required"] if not isinstance(name, str) or name not in inner]
            parts["required"] = _shared(node["required"], left)
        if unsent == WRITE_ONLY and inner and isinstance(node.get("properties"), dict):
            members = parts["properties"].items()
            parts["properties"] = {name: False if name in inner else value for name, value in members}
        return _shared(node, parts)

    return changed(root, frozenset()) if _mentions(root, unsent) else root


_PARTS = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", ALSO})


def _shared(old: Any, new: Any) -> Any:
    """The old value where the new one is made of the same parts."""
    values = zip(old, new, strict=True) if isinstance(old, list) and len(old) == len(new) else None
    if isinstance(old, dict):
        values = zip(old.values(), new.values(), strict=True)
    return old if values is not None and all(one is other for one, other in values) else new


def _mentions(node: Any, keyword: str) -> bool:
    if isinstance(node, list):
        return any(_mentions(item, keyword) for item in node)
    return isinstance(node, dict) and (
        node.get(keyword) is True or any(_mentions(item, keyword) for item in node.values())
    )
