"""Validation: compiled schemas of a document, which give a verdict fast and an explanation when asked.

Rules that hold only under some readings (`x-lookalike-also`) are compiled together with all others. A value is so
validated once, whatever readings are in force: each violation says under which choices it counts, and the caller
filters.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property, lru_cache, partial
from itertools import chain
from typing import Any, NamedTuple

import jsonschema_rs

from lookalike.cache import Cache
from lookalike.json_values import (
    ABSENT,
    Pointer,
    PointerError,
    child,
    find,
    format_fragment,
    parse_fragment,
    references,
    resolve,
)
from lookalike.pacing import spend_turn
from lookalike.readings import When
from lookalike.schema.directions import READ_ONLY, WRITE_ONLY, for_direction, with_alternative_rules
from lookalike.schema.doubtful_rules import excludes_none, is_doubtful
from lookalike.schema.excerpts import Excerpts
from lookalike.schema.explanation import (
    ErrorBound,
    Explainer,
    Validator,
    broken_rules,
    error_bound,
    recursive_branches,
    with_opaque_alternatives,
)
from lookalike.schema.formats import FORMATS, FormatCheck
from lookalike.schema.member_validator import MemberValidator
from lookalike.schema.messages import describe
from lookalike.schema.published_errors import meant
from lookalike.schema.regexes import FEW_STEPS, USUAL, Effort, Patterns, pattern_options, patterns_of
from lookalike.schema.vocabulary import ALSO, CLAUSE, WHEN, clauses_of, when

ALWAYS: When = {}

# A schema that is compiled alone takes up to a megabyte, and some milliseconds to compile again.
MOST_COMPILED = 128
_MOST_RULES = 1000
_LARGE = 2_000  # objects and arrays behind a schema, from which on it is compiled together with others

_MOST_PARTS = 16  # of the document, kept to explain the next value too that breaks the same schema
_MOST_OPAQUE = 4  # validators that are kept for the same reason, each of which may take ten megabytes

_DOCUMENT = "lookalike://document/openapi"  # a URI of the document, against which relative references resolve
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Violation(NamedTuple):
    """One rule that a value breaks.

    `where` is the part of the message (`body`, `path`, ...), `pointer` leads to the value in it. `clauses` are the ids
    of the clauses that state the rule, `when` the choices under which it holds. Of a member that is required and not
    there, `missing` is the name. `location` is the place of the keyword in the document, behind all references (JSON
    Schema Core section 12.3.2). A rule `is_doubtful` if its author hardly meant it (`doubtful_rules`).
    """

    where: str
    pointer: Pointer
    keyword: str
    message: str
    clauses: tuple[str, ...] = ()
    when: When = ALWAYS
    missing: str = ""
    location: Pointer = ()
    is_doubtful: bool = False

    @property
    def member(self) -> Pointer:
        """The place of the member that the rule is about, also where it is not there."""
        return (*self.pointer, self.missing) if self.missing else self.pointer


class _Rule(NamedTuple):
    """The place of a keyword: the schemas around it, from the outermost on, and what the extension says there."""

    keyword_parents: tuple[Mapping[str, Any], ...]
    clauses: tuple[str, ...]
    when: When
    location: Pointer = ()
    is_doubtful: bool = False


class Compilation(NamedTuple):
    """The ways to compile a schema.

    `limited` makes a validator of another effort than the usual, as the `patterns` ask for it. `opaque` makes the one
    that explains no alternatives, for values that may be anybody's. `lenient` is the schema with `FormatCheck.LENIENT`.
    """

    plain: Callable[[], Validator]
    limited: Callable[[Effort], Validator] | None = None
    opaque: Callable[[Effort], Validator] | None = None
    patterns: Callable[[], Patterns] = Patterns
    lenient: Callable[[], "Schema"] | None = None


class Schema:
    """One schema of a document, compiled on first use; its verdict includes the rules of all choices."""

    def __init__(
        self, compilation: Compilation, document: Callable[[], Any], wrapper: Callable[[], Mapping[str, Any]]
    ) -> None:
        """`wrapper` makes the schema that is compiled, which refers into the document."""
        self._compilation = compilation
        self._limited: dict[Effort, Validator] = {}
        self._validator: Validator | None = None
        self._patterns: Patterns | None = None  # looked for on first use
        self._is_careful: bool | None = None  # whether the patterns may need more than the usual effort
        self._branches: int | None = None
        self._error_bound: ErrorBound | None = None
        self._document = document
        self._made_wrapper = wrapper
        # A recursive schema has as many paths as there are values, and each is as long as its value is deep.
        self._rules: Cache[tuple[str | int, ...], _Rule] = Cache(_MOST_RULES)
        self._targets: dict[str, Any] = {}

    def accepts(self, value: Any) -> bool:
        """Whether a value is valid; raises `ValueError` on first use for what is no schema."""
        is_careful = self._is_careful
        if is_careful is None:
            is_careful = self.look_at(self._compilation.patterns())
        if is_careful and (effort := self._effort_for(value)) is not USUAL:
            return self._validator_of(effort).is_valid(value)
        return (self._validator or self._compiled()).is_valid(value)

    @property
    def lenient(self) -> "Schema":
        """The schema that takes a time as ISO 8601 has it, such as one without a zone, for its format."""
        return self if self._compilation.lenient is None else self._compilation.lenient()

    def look_at(self, patterns: Patterns) -> bool:
        """Whether patterns, which are those of the schema and perhaps others, may need more than the usual effort."""
        self._patterns = patterns
        self._is_careful = is_careful = not patterns.are_harmless
        return is_careful

    def forget(self) -> None:
        """Free the memory of the compiled schema; it is compiled again on its next use."""
        self._validator = None
        self._limited.clear()

    def _effort_for(self, value: Any) -> Effort:
        """The effort with which all strings of a value together are matched in a bounded time."""
        return self._patterns.effort_for(value) if self._is_careful and self._patterns is not None else USUAL

    def _validator_of(self, effort: Effort) -> Validator:
        limited = self._compilation.limited
        if effort is USUAL or limited is None:
            return self._validator or self._compiled()
        if effort.is_apart:
            spend_turn()
        validator = self._limited.get(effort)
        if validator is None:
            validator = self._limited[effort] = limited(effort)
        return validator

    def _compiled(self) -> Validator:
        """The compiled schema. No lock: two threads that come at once both compile it, and either result will do."""
        spend_turn()
        validator = self._validator = self._compilation.plain()
        return validator

    def violations(self, value: Any, where: str, subject: str) -> Iterator[Violation]:
        """Every rule that the value breaks, under any choices; `subject` names the whole value in messages."""
        return (_violation(error, rule, where, subject) for error, rule in self._broken(value))

    def definite_violations(self, value: Any, where: str, subject: str) -> Iterator[Violation]:
        """The rules that the value breaks under all choices; if there are none, those that it breaks under some."""
        broken = tuple(self._broken(value))
        certain = tuple(pair for pair in broken if not pair[1].when)
        return (_violation(error, rule, where, subject) for error, rule in certain or broken)

    def format_errors(self, value: Any) -> Iterator[tuple[Pointer, Mapping[str, Any], Pointer]]:
        """The pointer to each string that is not in its `format`, the schema with that keyword, and its location."""
        for error, rule in () if self.accepts(value) else self._all_broken(value):
            if error.kind.name == "format" and rule.keyword_parents:
                yield tuple(error.instance_path), rule.keyword_parents[-1], rule.location

    def _broken(self, value: Any) -> Iterator[tuple[Any, _Rule]]:
        """The rules that a value breaks, as far as they are found within the bounds of `explanation`."""
        opaque = self._compilation.opaque
        if opaque is None:
            yield from self._all_broken(value)
        elif not self.accepts(value):
            effort = self._effort_for(value)
            means = self._validator_of(effort), partial(opaque, effort), self._recursive_branches, self._bound_on_errors
            explaining = Explainer(*means)
            for error in broken_rules(value, explaining):
                yield error, self._rule(tuple(error.evaluation_path))

    def _all_broken(self, value: Any) -> Iterator[tuple[Any, _Rule]]:
        validator = self._validator_of(self._effort_for(value))
        for error in chain.from_iterable(map(meant, validator.iter_errors(value))):
            yield error, self._rule(tuple(error.evaluation_path))

    def _recursive_branches(self) -> int:
        if self._branches is None:
            self._branches = recursive_branches(self._root, self._wrapper)
        return self._branches

    def _bound_on_errors(self) -> ErrorBound:
        if self._error_bound is None:
            spend_turn()
            self._error_bound = error_bound(self._root, self._wrapper)
        return self._error_bound

    def _rule(self, path: tuple[str | int, ...]) -> _Rule:
        rule = self._rules.get(path)
        if rule is None:
            rule = self._rule_at(path)
            self._rules.keep(path, rule)
        return rule

    def _rule_at(self, path: Sequence[str | int]) -> _Rule:
        """The rule at an evaluation path (JSON Schema Core section 12.3.1), with all conditions and the innermost
        clauses.

        The walk ends where the path leaves the document, as it does in the schemas of OpenAPI and JSON Schema
        themselves, and where jsonschema-rs reports another path than it took, as for references below propertyNames.
        The location is then empty.
        """
        # The errors of a keyword of our own (`costly_patterns`) have the path from the root of the document instead.
        node: Any = self._wrapper if path and path[0] in self._wrapper else self._root
        parents: list[Mapping[str, Any]] = []
        clauses: tuple[str, ...] = ()
        conditions: dict[str, frozenset[str]] = {}
        location: Pointer = ()
        for token in path:
            if isinstance(node, Mapping):
                parents.append(node)
                if CLAUSE in node or WHEN in node:  # a rule with a condition is not stated by the clause around it
                    clauses = clauses_of(node)
                for reading, choices in when(node.get(WHEN, {})).items():
                    conditions[reading] = conditions.get(reading, choices) & choices
            inner = child(node, token)
            refers = token == "$ref" and isinstance(inner, str)  # a member may have that name
            if inner is ABSENT or token == "$dynamicRef" or (refers and self._leads_out(inner)):
                break
            try:
                node = self._target(inner) if refers else inner
            except PointerError:
                break
            location = parse_fragment(inner) if refers else (*location, token)
        else:
            doubtful = is_doubtful(parents, path) or ("oneOf" in path[-1:] and excludes_none(self._behind(node)))
            return _Rule(tuple(parents), clauses, conditions, location, doubtful)
        return _Rule(tuple(parents), clauses, conditions)

    @cached_property
    def _root(self) -> Any:
        return self._document()

    @cached_property
    def _wrapper(self) -> Mapping[str, Any]:
        return self._made_wrapper()

    def _target(self, ref: str) -> Any:
        """The target of a reference, which is looked for once: a path may have a hundred of it."""
        if ref not in self._targets:
            self._targets[ref] = resolve(self._root, ref)
        return self._targets[ref]

    def _behind(self, branches: Sequence[Any]) -> list[Any]:
        """The alternatives of a rule behind their references into this document."""
        refs = [one.get("$ref") if isinstance(one, Mapping) else None for one in branches]
        return [
            self._target(ref) if isinstance(ref, str) and not self._leads_out(ref) else one
            for one, ref in zip(branches, refs, strict=True)
        ]

    def _leads_out(self, ref: str) -> bool:
        """Whether a reference is anything but a pointer into this document."""
        base, _, fragment = ref.partition("#")
        return fragment[:1] not in {"", "/"} or (base not in {"", _DOCUMENT} and base != self._root.get("$id"))


def _violation(error: Any, rule: _Rule, where: str, subject: str) -> Violation:
    message = describe(error, rule.keyword_parents, subject)
    missing = error.kind.property if error.kind.name == "required" else ""
    place = tuple(error.instance_path)
    fits_none = error.kind.name == "oneOf" and all(error.kind.context)
    of_rule = rule.clauses, rule.when, missing, rule.location, rule.is_doubtful and not fits_none
    return Violation(where, place, error.kind.name, message, *of_rule)


class _Direction:
    """The document, or a part of it, as it judges values that go one way (requests or responses)."""

    def __init__(self, described: Any, conditional: bool) -> None:
        self.described = described
        self._conditional = conditional

    @cached_property
    def root(self) -> Any:
        """The document with the rules of `x-lookalike-also` where a validator sees them."""
        return with_alternative_rules(self.described) if self._conditional else self.described

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        """The document, so that compiled schemas can refer to it."""
        return jsonschema_rs.Registry([(_DOCUMENT, self.root)], draft=jsonschema_rs.Draft202012)

    @cached_property
    def opaque_registry(self) -> jsonschema_rs.Registry:
        """The same with alternatives that are not explained."""
        spend_turn()
        opaque = with_opaque_alternatives(self.root)
        return jsonschema_rs.Registry([(_DOCUMENT, opaque)], draft=jsonschema_rs.Draft202012)


class _Together(NamedTuple):
    """A validator of objects, and the names of their members, each of which is to fit a schema of its own."""

    validator: Validator
    names: frozenset[str]


class Schemas:
    """The schemas of one document, each compiled on first use.

    Large ones are compiled together; of the others, the last `MOST_COMPILED` stay compiled.
    """

    def __init__(self, document: Any, mentions: Callable[[str], bool] | None = None) -> None:
        """`mentions(word)` tells cheaply whether a word may be in the document, which is not searched for it then."""
        self._document = document
        self._mentions = mentions
        self._mentioned = frozenset(word for word in (ALSO, READ_ONLY, WRITE_ONLY) if not mentions or mentions(word))
        self._directions: dict[str, _Direction] = {}
        self._known: dict[tuple[Pointer, str, str, FormatCheck], Schema] = {}
        self._compiled: deque[Schema] = deque()
        self._together: dict[tuple[str, FormatCheck], _Together] = {}
        self._apart: set[tuple[str, FormatCheck]] = set()  # where one is no schema, so that each is compiled alone
        self._excerpts = Excerpts(document)
        self._part = lru_cache(maxsize=_MOST_PARTS)(self._part_of)
        self._opaque = lru_cache(maxsize=_MOST_OPAQUE)(self._opaque_of)

    def at(
        self, *pointer: str | int, member: str = "", unsent: str = "", formats: FormatCheck = FormatCheck.NONE
    ) -> Schema:
        """The schema at a pointer; pointers that only refer to the same schema share it.

        - `member`: the schema is that of objects that have such a value under this name.
        - `unsent`: the direction, by the keyword of members that are not sent: `READ_ONLY` for requests, `WRITE_ONLY`
          for responses. These members are not required (JSON Schema Validation section 9.4); in responses they are not
          allowed either (OpenAPI 3.0 section 4.7.24.2).
        - `formats`: whether strings must be in their `format`, if that is known. By default, it is an annotation.
        """
        known = self._end(pointer), member, unsent if unsent in self._mentioned else "", formats
        if known not in self._known:
            self._known[known] = self._schema(*known)
        return self._known[known]

    def _schema(self, pointer: Pointer, member: str, unsent: str, formats: FormatCheck) -> Schema:
        def plain() -> Validator:
            name = _name(pointer, member)
            together = self._together_with(name, pointer, unsent, formats)
            return MemberValidator(together.validator, name) if together else limited(USUAL)

        def limited(effort: Effort) -> Validator:
            self._make_room(schema)
            registry = self._part(format_fragment(pointer), unsent).registry
            return _validator_of(_wrapper(pointer, member), registry, formats, effort)

        def opaque(effort: Effort) -> Validator:
            return self._opaque(pointer, member, unsent, formats, effort)

        def patterns() -> Patterns:
            return self._excerpts.patterns(format_fragment(pointer)) or self._patterns

        def document() -> Any:
            return self._part(format_fragment(pointer), unsent).root

        def lenient() -> Schema:
            return self.at(*pointer, member=member, unsent=unsent, formats=FormatCheck.LENIENT)

        ways = Compilation(plain, limited, opaque, patterns, lenient)
        schema = Schema(ways, document, partial(_wrapper, pointer, member))
        return schema

    def compile_together(self) -> None:
        """Compile all schemas that were asked for so far, for a caller who will ask each of them for its verdict."""
        for unsent, formats in {key[2:] for key in self._known}:
            self._compile_together(unsent, formats)
        for schema in self._known.values():
            schema.look_at(self._patterns)

    def _together_with(self, name: str, pointer: Pointer, unsent: str, formats: FormatCheck) -> _Together | None:
        """The schemas that one is compiled together with; None for one that is compiled alone."""
        together = self._together.get((unsent, formats))
        if together is not None and name in together.names:
            return together
        if (unsent, formats) in self._apart or self._excerpts.has(format_fragment(pointer), _LARGE):
            return None
        return self._compile_together(unsent, formats, self._component_pointers())

    def _compile_together(self, unsent: str, formats: FormatCheck, others: Iterable[Pointer] = ()) -> _Together | None:
        """Compile the schemas that were asked for so far, and others, as those of the members of one object.

        None if one of them is no schema.
        """
        known = {key[:2]: schema for key, schema in [*self._known.items()] if key[2:] == (unsent, formats)}
        named = {_name(*member): _reference(*member) for member in (*known, *((pointer, "") for pointer in others))}
        # Without other members, a validator looks for those of a value among the names, and not the other way around.
        wrapper = {"$schema": _DIALECT, "properties": named, "additionalProperties": False}
        try:
            validator = _validator_of(wrapper, self._direction(unsent).registry, formats)
        except ValueError:
            self._apart.add((unsent, formats))
            return None
        together = self._together[unsent, formats] = _Together(validator, frozenset(named))
        for schema in known.values():
            schema.forget()  # frees the memory of those that were compiled before, alone or together
        return together

    def _component_pointers(self) -> Iterator[Pointer]:
        """The pointers to the schemas of components and of their members, which are asked for sooner or later."""
        components = find(self._document, ("components", "schemas"), {})
        for name, schema in components.items() if isinstance(components, dict) else ():
            yield "components", "schemas", name
            members = schema.get("properties") if isinstance(schema, dict) else None
            for member, inner in members.items() if isinstance(members, dict) else ():
                if not _is_reference(inner):
                    yield "components", "schemas", name, "properties", member

    def document_for(self, unsent: str = "") -> Any:
        """The document for one direction (see `at`), without what only compiled schemas need."""
        return self._direction(unsent if unsent in self._mentioned else "").described

    @cached_property
    def _patterns(self) -> Patterns:
        """The patterns of the whole document."""
        return patterns_of(self._document, self._mentions)

    def _end(self, pointer: Pointer) -> Pointer:
        """The pointer to the same schema behind schemas that are nothing but a reference."""
        schema = find(self._document, pointer)
        if _is_reference(schema):
            with suppress(PointerError):
                for reference, node in references(schema, lambda reference: resolve(self._document, reference)):
                    pointer = parse_fragment(reference)
                    if not _is_reference(node):
                        break
        return pointer

    def _make_room(self, schema: Schema) -> None:
        """Forget the schema that was compiled first, where there are too many."""
        self._compiled.append(schema)
        if len(self._compiled) > MOST_COMPILED:
            self._compiled.popleft().forget()

    def _part_of(self, ref: str, unsent: str) -> _Direction:
        """The part of the document that a reference leads to, for one direction; all of it where that is large."""
        part = self._excerpts.of(ref, _LARGE)
        if part is None:
            return self._direction(unsent)
        return _Direction(for_direction(part, unsent) if unsent else part, ALSO in self._mentioned)

    def _opaque_of(self, pointer: Pointer, member: str, unsent: str, formats: FormatCheck, effort: Effort) -> Validator:
        """A validator of the schema at a pointer that explains no alternatives, for large values."""
        wrapper = _wrapper(pointer, member)
        part = self._part(format_fragment(pointer), unsent)
        return _validator_of(wrapper, part.opaque_registry, formats, effort._replace(steps=FEW_STEPS))

    def _direction(self, unsent: str) -> _Direction:
        """The document for one direction; the same one for all where no schema is marked."""
        if unsent not in self._directions:
            described = for_direction(self._document, unsent) if unsent else self._document
            if unsent and described is self._document:
                self._directions[unsent] = self._direction("")
            else:
                self._directions[unsent] = _Direction(described, ALSO in self._mentioned)
        return self._directions[unsent]


def _is_reference(node: Any) -> bool:
    """Whether a schema is nothing but a reference within its document."""
    return isinstance(node, dict) and node.keys() == {"$ref"} and str(node["$ref"]).startswith("#/")


def _validator_of(
    wrapper: dict[str, Any], registry: jsonschema_rs.Registry, formats: FormatCheck, effort: Effort = USUAL
) -> Validator:
    compiled = partial(
        jsonschema_rs.Draft202012Validator,
        wrapper,
        registry=registry,
        validate_formats=formats is not FormatCheck.NONE,
        formats=FORMATS[formats],
        pattern_options=pattern_options(effort.steps),
    )
    if not effort.is_apart:
        return compiled()
    from lookalike.schema.costly_patterns import IsolatedValidator, keywords_apart

    return IsolatedValidator(compiled(keywords=keywords_apart(effort)))


def _reference(pointer: Pointer, member: str) -> dict[str, Any]:
    """The schema that refers to one of the document, of a value or of one that has it as a member."""
    reference = {"$ref": f"{_DOCUMENT}{format_fragment(pointer)}"}
    return {"properties": {member: reference}} if member else reference


def _wrapper(pointer: Pointer, member: str) -> dict[str, Any]:
    """The same as the root of a resource, which alone says its dialect (JSON Schema Core section 8.1.1)."""
    return {"$schema": _DIALECT, **_reference(pointer, member)}


def _name(pointer: Pointer, member: str) -> str:
    """The name of a schema among those that are compiled together; a fragment has no spaces."""
    return f"{format_fragment(pointer)} {member}"


def published_schema(published: dict[str, Any], pointer: str, dynamic: str = "") -> Schema:
    """The schema at a pointer of a published document with an `$id`.

    `dynamic` is the `$dynamicAnchor` that the document leaves open for a dialect of schemas, as OpenAPI's does
    (`meta`); JSON Schema 2020-12 is put in (JSON Schema Core section 8.2.3.2).
    """
    registry = jsonschema_rs.Registry([(published["$id"], published)], draft=jsonschema_rs.Draft202012)
    filled = {"$defs": {"dynamic": {"$dynamicAnchor": dynamic, "$ref": _DIALECT}}} if dynamic else {}
    wrapper = {"$schema": _DIALECT, "$ref": f"{published['$id']}#{pointer}", **filled}
    compilation = Compilation(lambda: jsonschema_rs.Draft202012Validator(wrapper, registry=registry))
    return Schema(compilation, lambda: published, lambda: wrapper)


def published_schema_of_draft_4(published: dict[str, Any]) -> Schema:
    """A schema in draft 4, in which those of OpenAPI 3.0 and Swagger 2.0 are written."""
    return Schema(Compilation(lambda: jsonschema_rs.Draft4Validator(published)), lambda: published, lambda: published)


@cache
def json_schema() -> Schema:
    """The meta-schema of JSON Schema 2020-12."""
    wrapper = {"$schema": _DIALECT, "$ref": _DIALECT}
    return Schema(Compilation(lambda: jsonschema_rs.Draft202012Validator(wrapper)), lambda: wrapper, lambda: wrapper)
