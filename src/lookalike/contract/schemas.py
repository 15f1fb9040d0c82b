"""Compiled schemas: a verdict fast, an explanation when asked.

Rules that only some choices have are compiled along with all others, so a value is validated once; each violation says
under which choices it counts, and whoever answers filters them.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import jsonschema_rs

from lookalike.contract.choices import When
from lookalike.contract.extension import ALSO, CLAUSE, WHEN, clauses_of, when
from lookalike.contract.messages import describe
from lookalike.contract.pointers import format_pointer, parse_pointer

Path = tuple[str | int, ...]
ALWAYS: When = {}

# Each takes a megabyte where schemas refer to many others, and each that was forgotten some milliseconds anew.
MOST_COMPILED = 128

_FURTHEST = 20  # references that one schema may be behind
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


_Validator = jsonschema_rs.Draft202012Validator | jsonschema_rs.Draft4Validator


class Schema:
    """One schema of a document, whose verdict is that of all rules at once, conditional ones included."""

    def __init__(self, compile_: Callable[[], _Validator], root: Any, wrapper: Mapping[str, Any]) -> None:
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
        for error in (self._validator or self._compiled()).iter_errors(value):
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
            if token == "$dynamicRef" or (token == "$ref" and self._leads_out(node["$ref"])):
                break
            try:
                node = _resolve(self._root, node["$ref"]) if token == "$ref" else node[token]
            except (KeyError, IndexError):
                break
        return _Rule(tuple(parents), clauses, conditions)

    def _leads_out(self, ref: str) -> bool:
        base = ref.partition("#")[0]
        return base not in {"", _DOCUMENT} and base != self._root.get("$id")


class Schemas:
    """The schemas of one document, each compiled when first used, and no more of them kept than `MOST_COMPILED`."""

    def __init__(self, document: Any, conditional: bool = True) -> None:
        """`conditional` tells whether there may be rules that only some choices have."""
        self._root = with_other_choices(document) if conditional else document
        self._known: dict[str, Schema] = {}
        self._compiled: deque[Schema] = deque()

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(_DOCUMENT, self._root)], draft=jsonschema_rs.Draft202012)

    def at(self, *pointer: str | int) -> Schema:
        """The schema at a place of the document; places that only refer to the same one share it."""
        ref = self._end(f"#{_fragment(pointer)}")
        if ref not in self._known:
            wrapper = {"$schema": _DIALECT, "$ref": f"{_DOCUMENT}{ref}"}
            schema = Schema(lambda: self._compile(schema, wrapper), self._root, wrapper)
            self._known[ref] = schema
        return self._known[ref]

    def _end(self, ref: str) -> str:
        """Where a reference leads in the end, through schemas that are nothing but references."""
        for _ in range(_FURTHEST):
            node = _resolve(self._root, ref)
            if not (isinstance(node, Mapping) and node.keys() == {"$ref"} and node["$ref"].startswith("#/")):
                break
            ref = node["$ref"]
        return ref

    def _compile(self, schema: Schema, wrapper: dict[str, Any]) -> _Validator:
        """Compile a schema, and forget the one that was compiled first where there are too many."""
        self._compiled.append(schema)
        if len(self._compiled) > MOST_COMPILED:
            self._compiled.popleft().forget()
        return jsonschema_rs.Draft202012Validator(wrapper, registry=self._registry)


def published_schema(published: dict[str, Any], place: str, dynamic: str = "") -> Schema:
    """A schema that stands by itself under its `$id`, or one at a place in it.

    `dynamic` names an anchor that the schema leaves open; JSON Schema's own schema fills it.
    """
    registry = jsonschema_rs.Registry([(published["$id"], published)], draft=jsonschema_rs.Draft202012)
    filled = {"$defs": {"dynamic": {"$dynamicAnchor": dynamic, "$ref": _DIALECT}}} if dynamic else {}
    wrapper = {"$schema": _DIALECT, "$ref": f"{published['$id']}#{place}", **filled}
    return Schema(lambda: jsonschema_rs.Draft202012Validator(wrapper, registry=registry), published, wrapper)


def published_schema_of_draft_4(published: dict[str, Any]) -> Schema:
    """A schema in the dialect that those of OpenAPI 3.0 and before are written in."""
    return Schema(lambda: jsonschema_rs.Draft4Validator(published), published, published)


@cache
def json_schema() -> Schema:
    """The schema of all schemas."""
    wrapper = {"$schema": _DIALECT, "$ref": _DIALECT}
    return Schema(lambda: jsonschema_rs.Draft202012Validator(wrapper), wrapper, wrapper)


def _resolve(root: Any, ref: str) -> Any:
    """What a reference into a document leads to; raises `LookupError` where that is nothing."""
    node = root
    for token in parse_pointer(unquote(ref.partition("#")[2])):
        node = node[int(token)] if isinstance(node, list) else node[token]
    return node


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
