"""Compiled schemas: a verdict fast, an explanation when asked.

Rules that only some choices have are compiled along with all others, so a value is validated once; each violation says
under which choices it counts, and whoever answers filters them.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import jsonschema_rs

from lookalike.contract.choices import When
from lookalike.contract.extension import ALSO, CLAUSE, WHEN, clauses_of, when
from lookalike.contract.messages import describe
from lookalike.contract.pointers import format_pointer, parse_pointer
from lookalike.contract.value_types import Kind

Path = tuple[str | int, ...]
ALWAYS: When = {}
READ_ONLY = "readOnly"
WRITE_ONLY = "writeOnly"
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
        self._rooted: dict[str, tuple[Any, jsonschema_rs.Registry]] = {}

    def at(self, *pointer: str | int, member: str = "", unsent: str = "", formats: bool = False) -> Schema:
        """The schema at a place of the document.

        With a `member`, it is one of objects that have such a value under that name. A value that goes one way only
        may lack what is marked for the other: `unsent` is the keyword of members that are not required, `READ_ONLY`
        for requests and `WRITE_ONLY` for answers (JSON Schema 2020-12, validation, section 9.4). With `formats`, a text
        must be in the format that is named, where that is a known one.
        """
        root, registry = self._root_without(unsent)
        reference = {"$ref": f"{_DOCUMENT}#{_fragment(pointer)}"}
        wrapper = {"$schema": _DIALECT, **({"properties": {member: reference}} if member else reference)}
        validator = jsonschema_rs.Draft202012Validator(wrapper, registry=registry, validate_formats=formats)
        return Schema(validator, root, wrapper)

    def _root_without(self, unsent: str) -> tuple[Any, jsonschema_rs.Registry]:
        """The document with what is never sent not required, and its registry; one where nothing is marked so."""
        if unsent not in self._rooted:
            root = without_required(self._root, unsent) if unsent else self._root
            if unsent and root is self._root:
                self._rooted[unsent] = self._root_without("")
            else:
                registry = jsonschema_rs.Registry([(_DOCUMENT, root)], draft=jsonschema_rs.Draft202012)
                self._rooted[unsent] = root, registry
        return self._rooted[unsent]


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


def without_required(root: Any, marked: str) -> Any:
    """The document in which no schema requires a member that is marked with a keyword; what is not changed is shared.

    A member may be marked where it is described: beside `required`, in a part of the same schema, or behind `$ref`.
    """

    def resolve(ref: str) -> Any:
        node = root
        for token in parse_pointer(unquote(ref.partition("#")[2])):
            node = node[int(token)] if isinstance(node, list) else node[token]
        return node

    def changed(node: Any, outer: frozenset[str]) -> Any:
        if isinstance(node, list):
            return _shared(node, [changed(item, outer) for item in node])
        if not isinstance(node, dict):
            return node
        inner = outer
        if "properties" in node or "allOf" in node:
            kind = Kind((node,), resolve)
            inner |= {name for name in kind.properties if kind.member(name).keyword(marked) is True}
        # only the parts of a schema are about the same value, and so about the same members
        parts = {name: changed(value, inner if name in _PARTS else frozenset()) for name, value in node.items()}
        if inner and isinstance(node.get("required"), list):
            parts["required"] = _shared(node["required"], [name for name in node["required"] if name not in inner])
        return _shared(node, parts)

    return changed(root, frozenset()) if _mentions(root, marked) else root


_PARTS = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else"})


def _shared(old: Any, new: Any) -> Any:
    """The old value where the new one is made of the same parts."""
    values = zip(old, new, strict=True) if isinstance(old, list) and len(old) == len(new) else None
    if isinstance(old, dict):
        values = zip(old.values(), new.values(), strict=True)
    return old if values is not None and all(one is other for one, other in values) else new


def _mentions(node: Any, keyword: str) -> bool:
    if isinstance(node, list):
        return any(_mentions(item, keyword) for item in node)
    return isinstance(node, dict) and (keyword in node or any(_mentions(item, keyword) for item in node.values()))


def _fragment(pointer: Sequence[str | int]) -> str:
    """The pointer as part of a URI (RFC 6901 section 6)."""
    return quote(format_pointer(pointer), safe="/~")
