"""The alternatives of a schema: every way to meet it, each as schemas that must be met together and leave no choice.

`$ref` and `allOf` are laid out side by side, since all of their schemas count; of `anyOf`, `oneOf`, `if`, `not` and
`dependentSchemas` each alternative takes one branch. This is the schema's disjunctive normal form, made lazily. An
alternative may still be contradictory (`type: string` beside `type: object`): the sampler finds no value for it.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from lookalike.json_values import Resolve

Conjunction = tuple[Any, ...]
"""Schemas, as they are written, that must all be met. Those that `alternatives` yields are objects without choices."""

_MOST_PARTS = 500  # each is a level of recursion
MOST_ALTERNATIVES = 100  # ten oneOf of two branches have a thousand; a hundred tries are enough for a mock
_TYPES = ("object", "array", "string", "number", "boolean", "null")
_NO_CONDITION: Conjunction = ()


def alternatives(schemas: Conjunction, resolve: Resolve) -> Iterator[Conjunction]:
    """The ways to meet all of some schemas, in the order of the document; at most `MOST_ALTERNATIVES` are tried."""
    tried = islice(_laid_out(schemas, (), resolve), MOST_ALTERNATIVES)
    return (alternative for alternative in tried if alternative is not None)


def _laid_out(pending: Conjunction, done: Conjunction, resolve: Resolve) -> Iterator[Conjunction | None]:
    """Each alternative, and None for an attempt that ended at `false`, so that attempts are counted, too."""
    if not pending:
        yield done
        return
    if len(pending) + len(done) > _MOST_PARTS:
        yield None
        return
    schema, *rest = pending
    if schema is False:
        yield None
        return
    if not isinstance(schema, Mapping) or any(schema is other for other in done):  # `true`, or a circle of references
        yield from _laid_out((*rest,), done, resolve)
        return
    certain = (*_referenced(schema, resolve), *_parts(schema, "allOf"))
    for branches in product(*_choices(schema, resolve)):
        chosen = tuple(part for branch in branches for part in branch)
        yield from _laid_out((*certain, *chosen, *rest), (*done, schema), resolve)


def _referenced(schema: Mapping[str, Any], resolve: Resolve) -> Conjunction:
    return (resolve(schema["$ref"]),) if isinstance(schema.get("$ref"), str) else ()


def _parts(schema: Mapping[str, Any], keyword: str) -> Conjunction:
    return tuple(schema[keyword]) if isinstance(schema.get(keyword), list) else ()


def _choices(schema: Mapping[str, Any], resolve: Resolve) -> Iterator[list[Conjunction]]:
    """The ways to meet each keyword that leaves a choice."""
    for keyword in ("anyOf", "oneOf"):
        if isinstance(schema.get(keyword), list):
            yield list(_branches(schema, keyword))
    if "if" in schema:
        # "Neither said nor denied" comes first: most values meet a condition by lacking the member that it asks for.
        yield [_NO_CONDITION, (schema.get("else", True),), (schema["if"], schema.get("then", True))]
    if "not" in schema:
        yield negated(schema["not"], resolve)
    for name, dependent in (schema.get("dependentSchemas") or {}).items():
        yield [(dependent,), _without_member(name)]


def _branches(schema: Mapping[str, Any], keyword: str) -> Iterator[Conjunction]:
    """Each branch, null last; those that a discriminator names come first, and together with that name."""
    branches = sorted(schema[keyword], key=_is_null)
    for branch in branches:
        name = discriminator_value(schema, branch)
        if name is not None:
            member = schema["discriminator"]["propertyName"]
            yield branch, {"required": [member], "properties": {member: {"const": name}}}
    yield from ((branch,) for branch in branches)


def _is_null(schema: Any) -> bool:
    return bool(schema == {"type": "null"})


def discriminator_value(schema: Mapping[str, Any], branch: Any) -> str | None:
    """The value of the discriminator beside `oneOf` or `anyOf` that names a branch (OpenAPI 3.1 section 4.8.25).

    The key of the mapping that leads to the branch, else the name of its component; None if there is no
    discriminator, or the branch is not a reference.
    """
    ref = branch.get("$ref") if isinstance(branch, Mapping) else None
    if not isinstance(schema.get("discriminator"), Mapping) or not isinstance(ref, str):
        return None
    mapping = schema["discriminator"].get("mapping")
    name = ref.rpartition("/")[2]
    if not isinstance(mapping, Mapping):
        return name
    return next((key for key, target in mapping.items() if target in (ref, name)), name)


def negated(schema: Any, resolve: Resolve) -> list[Conjunction]:
    """The ways not to meet a schema, one for each keyword that can be broken on purpose, and no condition at last.

    The last one leaves it to chance, and to the check of each value: `not: {pattern: ...}` is met by most strings.
    """
    if not isinstance(schema, Mapping):
        return [(False,)] if schema is True else [_NO_CONDITION]
    ways = [way for keyword, value in schema.items() for way in _broken(keyword, value, resolve)]
    return [*ways, _NO_CONDITION]


def _broken(keyword: str, value: Any, resolve: Resolve) -> list[Conjunction]:
    """The ways to break one keyword; none if that is not known."""
    if keyword in _NEGATED_LIMITS:
        return _beyond_limit(keyword, value)
    negate = _NEGATED.get(keyword)
    return negate(value, resolve) if negate else []


def _without_member(name: str) -> Conjunction:
    return ({"properties": {name: False}},)


def _not_type(types: Any, _: Resolve) -> list[Conjunction]:
    listed = [types] if isinstance(types, str) else types
    left = [name for name in _TYPES if name not in listed and not (name == "number" and "integer" in listed)]
    return [({"type": left},)] if left else []


def _not_required(names: Any, _: Resolve) -> list[Conjunction]:
    return [_without_member(name) for name in names]


def _not_properties(properties: Any, resolve: Resolve) -> list[Conjunction]:
    return [
        ({"type": "object", "required": [name], "properties": {name: {"allOf": list(way)}}},)
        for name, schema in properties.items()
        for way in negated(schema, resolve)
        if way
    ]


def _not_any(branches: Any, resolve: Resolve) -> list[Conjunction]:
    """All branches of `anyOf` or `oneOf` broken at once."""
    ways = product(*(negated(branch, resolve) for branch in branches))
    return [tuple(part for way in chosen for part in way) for chosen in islice(ways, MOST_ALTERNATIVES)]


def _not_all(parts: Any, resolve: Resolve) -> list[Conjunction]:
    return [way for part in parts for way in negated(part, resolve)]


def _not_not(inner: Any, _: Resolve) -> list[Conjunction]:
    return [(inner,)]


def _not_referenced(reference: Any, resolve: Resolve) -> list[Conjunction]:
    return negated(resolve(reference), resolve)


_NEGATED: Mapping[str, Callable[[Any, Resolve], list[Conjunction]]] = {
    "type": _not_type,
    "required": _not_required,
    "properties": _not_properties,
    "anyOf": _not_any,
    "oneOf": _not_any,
    "allOf": _not_all,
    "not": _not_not,
    "$ref": _not_referenced,
}

# Each limit, with the type that it is about, its opposite, and how far beyond the limit that is.
_NEGATED_LIMITS: Mapping[str, tuple[str, str, int]] = {
    "minimum": ("number", "exclusiveMaximum", 0),
    "maximum": ("number", "exclusiveMinimum", 0),
    "exclusiveMinimum": ("number", "maximum", 0),
    "exclusiveMaximum": ("number", "minimum", 0),
    "minLength": ("string", "maxLength", -1),
    "maxLength": ("string", "minLength", 1),
    "minItems": ("array", "maxItems", -1),
    "maxItems": ("array", "minItems", 1),
}


def _beyond_limit(keyword: str, limit: Any) -> list[Conjunction]:
    type_name, opposite, offset = _NEGATED_LIMITS[keyword]
    if offset and limit + offset < 0:  # nothing is shorter than empty
        return []
    return [({"type": type_name, opposite: limit + offset},)]
