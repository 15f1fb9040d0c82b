"""Forms: the ways in which a schema can be met, each as a list of schemas without references or alternatives.

`allOf` and `$ref` are laid out flat; of `oneOf`, `anyOf`, `if`, `not` and `dependentSchemas` each form takes one way.
A form that cannot be met is sorted out by whoever makes a value of it.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from typing import Any

Node = Any
Conjunction = tuple[Node, ...]
Resolve = Callable[[str], Node]

MOST_ALTERNATIVES = 100
_TYPES = ("object", "array", "string", "number", "boolean", "null")
_NOTHING: Conjunction = ()


def alternatives(nodes: Conjunction, resolve: Resolve) -> Iterator[Conjunction]:
    """The ways to meet all of some schemas, in the order of the document."""
    tried = islice(_laid_out(nodes, (), resolve), MOST_ALTERNATIVES)
    return (form for form in tried if form is not None)


def _laid_out(pending: Conjunction, flat: Conjunction, resolve: Resolve) -> Iterator[Conjunction | None]:
    """Each form, and None for each attempt that ends at a schema that nothing meets."""
    if not pending:
        yield flat
        return
    node, *rest = pending
    if node is False:
        yield None
        return
    if not isinstance(node, Mapping) or any(node is other for other in flat):
        yield from _laid_out((*rest,), flat, resolve)
        return
    certain = (*_referred(node, resolve), *_listed(node, "allOf"))
    for ways in product(*_alternatives(node, resolve)):
        chosen = tuple(part for way in ways for part in way)
        yield from _laid_out((*certain, *chosen, *rest), (*flat, node), resolve)


def _referred(node: Mapping[str, Any], resolve: Resolve) -> Conjunction:
    return (resolve(node["$ref"]),) if isinstance(node.get("$ref"), str) else ()


def _listed(node: Mapping[str, Any], keyword: str) -> Conjunction:
    return tuple(node[keyword]) if isinstance(node.get(keyword), list) else ()


def _alternatives(node: Mapping[str, Any], resolve: Resolve) -> Iterator[list[Conjunction]]:
    """For each keyword that leaves a choice, the ways to meet it."""
    for keyword in ("anyOf", "oneOf"):
        if isinstance(node.get(keyword), list):
            yield list(_branches(node, keyword))
    if "if" in node:
        yield [_NOTHING, (node.get("else", True),), (node["if"], node.get("then", True))]
    if "not" in node:
        yield negated(node["not"], resolve)
    for name, schema in (node.get("dependentSchemas") or {}).items():
        yield [(schema,), ({"properties": {name: False}},)]


def _branches(node: Mapping[str, Any], keyword: str) -> Iterator[Conjunction]:
    """Each branch, with the name that a discriminator has for it where that can be met; null comes last."""
    branches = sorted(node[keyword], key=lambda branch: branch == {"type": "null"})
    for branch in branches:
        name = discriminator_value(node, branch)
        if name is not None:
            member = node["discriminator"]["propertyName"]
            yield branch, {"required": [member], "properties": {member: {"const": name}}}
    yield from ((branch,) for branch in branches)


def discriminator_value(node: Mapping[str, Any], branch: Node) -> str | None:
    """The value of a discriminator that stands for a branch (OpenAPI 3.1 section 4.8.25)."""
    ref = branch.get("$ref") if isinstance(branch, Mapping) else None
    if not isinstance(node.get("discriminator"), Mapping) or not isinstance(ref, str):
        return None
    mapping = node["discriminator"].get("mapping") or {}
    name = ref.rpartition("/")[2]
    return next((key for key, target in mapping.items() if target in (ref, name)), name)


def negated(node: Node, resolve: Resolve) -> list[Conjunction]:
    """The ways not to meet a schema, as far as they can be told; else no way in particular."""
    if not isinstance(node, Mapping):
        return [(False,)] if node is True else [_NOTHING]
    known = [way for keyword, value in node.items() if keyword in _NEGATED for way in _NEGATED[keyword](value, resolve)]
    return [*known, _NOTHING]


def _not_type(types: Any, _: Resolve) -> list[Conjunction]:
    listed = [types] if isinstance(types, str) else types
    left = [name for name in _TYPES if name not in listed and not (name == "number" and "integer" in listed)]
    return [({"type": left},)] if left else []


def _not_required(names: Any, _: Resolve) -> list[Conjunction]:
    return [({"properties": {name: False}},) for name in names]


def _not_properties(properties: Any, resolve: Resolve) -> list[Conjunction]:
    return [
        ({"type": "object", "required": [name], "properties": {name: {"allOf": list(way)}}},)
        for name, schema in properties.items()
        for way in negated(schema, resolve)
        if way
    ]


def _not_any(branches: Any, resolve: Resolve) -> list[Conjunction]:
    ways = product(*(negated(branch, resolve) for branch in branches))
    return [tuple(part for way in chosen for part in way) for chosen in islice(ways, MOST_ALTERNATIVES)]


_NEGATED: dict[str, Callable[[Any, Resolve], list[Conjunction]]] = {
    "type": _not_type,
    "required": _not_required,
    "properties": _not_properties,
    "anyOf": _not_any,
    "oneOf": _not_any,
    "allOf": lambda parts, resolve: [way for part in parts for way in negated(part, resolve)],
    "not": lambda inner, _: [(inner,)],
    "$ref": lambda ref, resolve: negated(resolve(ref), resolve),
    "minimum": lambda limit, _: [({"type": "number", "exclusiveMaximum": limit},)],
    "maximum": lambda limit, _: [({"type": "number", "exclusiveMinimum": limit},)],
    "exclusiveMinimum": lambda limit, _: [({"type": "number", "maximum": limit},)],
    "exclusiveMaximum": lambda limit, _: [({"type": "number", "minimum": limit},)],
    "minLength": lambda limit, _: [({"type": "string", "maxLength": limit - 1},)] if limit else [],
    "maxLength": lambda limit, _: [({"type": "string", "minLength": limit + 1},)],
    "minItems": lambda limit, _: [({"type": "array", "maxItems": limit - 1},)] if limit else [],
    "maxItems": lambda limit, _: [({"type": "array", "minItems": limit + 1},)],
}
