"""The JSON types that a schema allows, for a value, its members and its items.

Parameters, forms and XML are text: `1` may be meant as a number or a string. Decoders ask here which before a schema
can validate the value.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from lookalike.json_values import Resolve
from lookalike.schema.regexes import FEW_STEPS, matches

Types = frozenset[str]

_BRANCHES = ("anyOf", "oneOf")
_PARTS = ("allOf", *_BRANCHES)
_IMPLIED = {"properties": "object", "additionalProperties": "object", "items": "array", "prefixItems": "array"}
TYPE_NAMES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
NUMBER_TYPES = frozenset({"integer", "number"})
_NUMBER_FORMATS = frozenset(
    ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", *("float", "double", "decimal"))
)


def types_meant(types: Types, number_format: Any) -> Types:
    """The types, without the text that is only another way to write a number.

    ASP.NET reads numbers from texts too, and describes each as `{"type": ["integer", "string"], "format": "int32"}`.
    """
    is_number = number_format in _NUMBER_FORMATS and not NUMBER_TYPES.isdisjoint(types)
    return types - {"string"} if is_number else types


class ValueType:
    """The types that the schemas of one value allow together; `types` is None where they leave it open.

    Cyclic schemas are fine: references are followed lazily, and each schema is looked at once.
    """

    def __init__(self, schemas: Iterable[Any], resolve: Resolve) -> None:
        self._schemas = tuple(schemas)
        self._resolve = resolve
        self._members: dict[str, ValueType] = {}

    @cached_property
    def types(self) -> Types | None:
        """The JSON types that a value may have; a `number` may be an `integer`."""
        known: dict[int, Types | None] = {}
        found = [types for schema in self._schemas if (types := self._types_of(schema, known)) is not None]
        return frozenset[str]().union(*found) if found else None

    @cached_property
    def is_scalar(self) -> bool:
        """Whether the value is no array or object; also where no type is stated, since text is a scalar then."""
        return self.types is None or not self.types & {"array", "object"}

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """The names of the members that are described."""
        return tuple(dict.fromkeys(name for node in self._flat(_PARTS) for name in node.get("properties", {})))

    @cached_property
    def is_union(self) -> bool:
        """Whether an object may be one of several that are described apart, by `anyOf` or `oneOf`."""
        return bool(self.choices)

    @cached_property
    def choices(self) -> tuple[Any, ...]:
        """The schemas of the objects that a value may be one of, if there are several."""
        unions = (node.get(keyword, ()) for node in self._nodes for keyword in _BRANCHES)
        objects = ([one for one in union if "object" in (self._types_of(one, {}) or ())] for union in unions)
        return next((tuple(found) for found in objects if len(found) > 1), ())

    @cached_property
    def is_open(self) -> bool:
        """Whether an object may have members that are not described."""
        stated = [node["additionalProperties"] for node in self._flat(_PARTS) if "additionalProperties" in node]
        return any(rule is not False for rule in stated) if stated else not self.properties

    def member(self, name: str) -> "ValueType":
        """The type of a member of an object; any type for one that no schema describes."""
        known = self._members.get(name)
        if known is None:
            if name not in self._described:
                return self._other_member or ValueType(self._schemas_of(name), self._resolve)
            known = self._members[name] = ValueType(self._schemas_of(name), self._resolve)
        return known

    def item(self, index: int = 0) -> "ValueType":
        """The type of the item of an array at an index."""
        return self._items[min(index, len(self._items) - 1)]

    def keyword(self, name: str, otherwise: Any = None) -> Any:
        """The value of a keyword that holds for every value but null.

        So it stands beside or behind references and `allOf`, or in the only branch of `anyOf` or `oneOf` besides null.
        """
        return next((node[name] for node in self._flat(("allOf",), sole_branches=True) if name in node), otherwise)

    def marked_members(self, name: str) -> frozenset[str]:
        """The names of the members that are described, and for which a keyword, like `readOnly`, is true."""
        if any(node.get("patternProperties") for node in self._nodes):
            described: Iterable[str] = self.properties
        else:  # most members neither have the keyword nor lead to a schema that may
            signs = frozenset({name, "$ref", "allOf"})
            described = {
                member
                for node in self._nodes
                for member, schema in node.get("properties", {}).items()
                if isinstance(schema, Mapping) and not signs.isdisjoint(schema)
            }
        return frozenset(member for member in described if self.member(member).keyword(name) is True)

    @cached_property
    def _items(self) -> tuple["ValueType", ...]:
        """The types of the items of `prefixItems`, and at last of all that follow."""
        nodes = list(self._flat(_PARTS))
        longest = max((len(node.get("prefixItems", ())) for node in nodes), default=0)
        return tuple(ValueType(_item_schemas(nodes, index), self._resolve) for index in range(longest + 1))

    def _schemas_of(self, name: str) -> Iterator[Any]:
        nodes = self._nodes
        named = [node["properties"][name] for node in nodes if name in node.get("properties", {})]
        matched = [
            schema
            for node in nodes
            for pattern, schema in node.get("patternProperties", {}).items()
            if matches(pattern, name, FEW_STEPS)
        ]
        others = (node.get("additionalProperties") for node in nodes)
        yield from named + matched or (other for other in others if isinstance(other, Mapping))

    @cached_property
    def _described(self) -> frozenset[str]:
        return frozenset(self.properties)

    @cached_property
    def _other_member(self) -> "ValueType | None":
        """The type of every member that is not described, unless it depends on the name.

        It is kept once: names come from requests, which must neither fill the memory nor make a type for each.
        """
        if any(node.get("patternProperties") for node in self._nodes):
            return None
        others = (node.get("additionalProperties") for node in self._nodes)
        return ValueType((other for other in others if isinstance(other, Mapping)), self._resolve)

    @cached_property
    def _nodes(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self._flat(_PARTS))

    def _flat(self, parts: tuple[str, ...], sole_branches: bool = False) -> Iterator[Mapping[str, Any]]:
        """Every schema that these consist of, by `$ref` and by the keywords `parts`, each once.

        With `sole_branches`, so does the only branch of a union besides null.
        """
        passed: set[int] = set()
        pending = list(reversed(self._schemas))
        while pending:
            node = pending.pop()
            if not isinstance(node, Mapping) or id(node) in passed:
                continue
            passed.add(id(node))
            yield node
            pending += reversed([*self._parts_of(node, parts), *(_sole_branches(node) if sole_branches else ())])

    def _parts_of(self, node: Mapping[str, Any], keywords: tuple[str, ...]) -> Iterator[Any]:
        """The schemas that one consists of, by reference and by some keywords, in the order in which they count."""
        if isinstance(node.get("$ref"), str):
            yield self._resolve(node["$ref"])
        for keyword in keywords:
            yield from node.get(keyword, ())

    def _types_of(self, schema: Any, known: dict[int, Types | None]) -> Types | None:
        """The types of one schema; `known` has those of the ones passed, None for one that is inside of itself."""
        if not isinstance(schema, Mapping):
            return None
        if id(schema) not in known:
            known[id(schema)] = None
            known[id(schema)] = self._types_of_parts(schema, known)
        return known[id(schema)]

    def _types_of_parts(self, schema: Mapping[str, Any], known: dict[int, Types | None]) -> Types | None:
        rules = [_stated_types(schema)]
        if isinstance(schema.get("$ref"), str):
            rules.append(self._types_of(self._resolve(schema["$ref"]), known))
        rules += [self._types_of(part, known) for part in schema.get("allOf", ())]
        for keyword in _BRANCHES:
            branches = [self._types_of(branch, known) for branch in schema.get(keyword, ())]
            stated = [branch for branch in branches if branch is not None]
            rules.append(frozenset[str]().union(*stated) if stated and len(stated) == len(branches) else None)
        applied = [rule for rule in rules if rule is not None]
        return frozenset.intersection(*applied) if applied else None


def _sole_branches(node: Mapping[str, Any]) -> Iterator[Any]:
    """The branch of each union of a schema that has no other one but null."""
    for keyword in _BRANCHES:
        branches = [
            one for one in node.get(keyword, ()) if not (isinstance(one, Mapping) and one.get("type") == "null")
        ]
        yield from branches if len(branches) == 1 else ()


def _item_schemas(nodes: Iterable[Mapping[str, Any]], index: int) -> Iterator[Any]:
    for node in nodes:
        front = node.get("prefixItems", ())
        if index < len(front):
            yield front[index]
        elif "items" in node:
            yield node["items"]


def _stated_types(schema: Mapping[str, Any]) -> Types | None:
    stated = schema.get("type")
    if stated is None and "const" in schema:
        stated = [TYPE_NAMES[type(schema["const"])]]
    if stated is None and "enum" in schema:
        stated = [TYPE_NAMES[type(value)] for value in schema["enum"]]
    if stated is None:
        stated = sorted({implied for keyword, implied in _IMPLIED.items() if keyword in schema}) or None
    if stated is None:
        return None
    types = types_meant(frozenset([stated] if isinstance(stated, str) else stated), schema.get("format"))
    return types | {"integer"} if "number" in types else types
