"""Checks references by name: every name that a document uses must exist, and rules must stand where they count.

The structure of the document has been checked before (`openapi/structure.py`), so that nothing here asks for types.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lookalike.contract.expressions import Expression, is_expression, parse_expression
from lookalike.contract.extension import fields as named_fields
from lookalike.contract.extension import readings
from lookalike.contract.requests import IGNORED_HEADERS
from lookalike.contract.routing import parameter_names
from lookalike.contract.semantics import ACCEPTED, CREATE, FILE
from lookalike.errors import Problem
from lookalike.json_values import Pointer, values_within
from lookalike.openapi.document import Document
from lookalike.openapi.walk import SchemaAt, operations, schemas
from lookalike.readings import Reading
from lookalike.schema.vocabulary import CLAUSE, KEYWORD, WHEN, clauses_of, when

# Below these a rule says nothing by itself, so that leaving it out under some choice would change the verdict on
# the rest (JSON Schema 2020-12, core, section 10.2).
_NOT_CONJUNCTIVE = frozenset({"anyOf", "oneOf", "not", "if", "contains", "propertyNames"})
_ERROR_PLACES = frozenset({"$answer.status", "$answer.reason", "$answer.reasons", "$answer.operation"})
_LIST_PLACES = frozenset(
    (
        *("$items", "$total", "$limit", "$offset", "$page", "$pages", "$more", "$earlier", "$next"),
        *("$first", "$last", "$empty", "$count", "$from", "$to"),
        *("$page.next", "$page.previous", "$offset.next", "$offset.previous"),
        *("$links.next", "$links.previous", "$links.first", "$links.last"),
        *("$paths.next", "$paths.previous", "$paths.first", "$paths.last"),
    )
)
# The types of the field that an action works on.
_FIELD_TYPES = {
    "union": ("array",),
    "subtract": ("array",),
    "merge": ("object",),
    "append": ("array",),
    "increment": ("integer", "number"),
}


def reference_problems(document: Document) -> list[Problem]:
    """All names that do not exist, and all rules that cannot count where they stand."""
    found = _ReferenceChecks(document)
    return [*found.problems(), *found.extension_problems()]


def extension_reference_problems(document: Document) -> list[Problem]:
    """The same, of `x-lookalike` alone."""
    return list(_ReferenceChecks(document).extension_problems())


class _ReferenceChecks:
    """The checks of one document, one method for each kind of object."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._data: Mapping[str, Any] = document.data
        self._extension: Mapping[str, Any] = self._data.get(KEYWORD, {})
        self._readings = readings(self._extension.get("readings", {}))
        self._resources: Mapping[str, Any] = self._extension.get("resources", {})
        self._created = set(_created(self._data))

    def problems(self) -> Iterator[Problem]:
        """The problems of OpenAPI's own objects."""
        yield from self._check_security(self._data, ())
        for pointer, operation in operations(self._data):
            yield from self._check_security(operation, pointer)
            yield from self._check_path(operation, pointer)
            if all(status.startswith("x-") for status in operation.get("responses", {})):
                remedy = "Add a response for a status such as '200'"
                yield self._document.problem("no response has a status", (*pointer, "responses"), remedy)

    def extension_problems(self) -> Iterator[Problem]:
        """The problems of `x-lookalike`, and of the keywords of ours in schemas."""
        for id, reading in self._readings.items():
            yield from self._check_choice(reading, reading.default, (KEYWORD, "readings", id, "default"))
        for name, resource in self._resources.items():
            yield from self._check_resource(name, resource)
        yield from self._check_choices(self._extension, (KEYWORD,))
        for name, scheme in self._data.get("components", {}).get("securitySchemes", {}).items():
            yield from self._check_scheme(self._dereferenced(scheme), ("components", "securitySchemes", name))
        for pointer, operation in operations(self._data):
            yield from self._check_operation(operation, pointer)
        for place in schemas(self._data):
            yield from self._check_rule(place)

    def _dereferenced(self, node: Any) -> Any:
        """A node behind its references; an empty object for a boolean schema."""
        end = self._document.dereference(node)
        return {} if isinstance(end, bool) else end

    def _check_name(self, name: str, known: Iterable[str], kind: str, pointer: Pointer) -> Iterator[Problem]:
        names = list(known)
        if name not in names:
            yield self._unknown_name(f"there is no {kind} {name!r}", name, names, pointer)

    def _unknown_name(self, what: str, name: str, known: Iterable[str], pointer: Pointer) -> Problem:
        """The problem of a name that does not exist, with the nearest one that does."""
        names = list(known)
        close = difflib.get_close_matches(name, names, 1)
        remedy = f"Did you mean {close[0]}?" if close else f"There is: {', '.join(names) or 'none'}"
        return self._document.problem(what, pointer, remedy)

    def _check_choices(self, node: Any, pointer: Pointer) -> Iterator[Problem]:
        """Check every `{reading: ID, choices: {…}}` in a node."""
        if isinstance(node, list):
            for index, item in enumerate(node):
                yield from self._check_choices(item, (*pointer, index))
        elif isinstance(node, Mapping):
            if "reading" in node and node.keys() <= {"reading", "choices"}:
                yield from self._check_chosen(node, pointer)
            for name, value in node.items():
                yield from self._check_choices(value, (*pointer, name))

    def _check_chosen(self, chosen: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        id = chosen["reading"]
        yield from self._check_name(id, self._readings, "reading", (*pointer, "reading"))
        if id in self._readings and "choices" in chosen:
            reading = self._readings[id]
            for choice in reading.choices.keys() - chosen["choices"].keys():
                what = f"the choice {choice!r} of reading {id!r} has no value here"
                yield self._document.problem(what, (*pointer, "choices"), f"Add {choice}: VALUE")
            for choice in chosen["choices"]:
                yield from self._check_choice(reading, choice, (*pointer, "choices", choice))

    def _check_choice(self, reading: Reading, choice: str, pointer: Pointer) -> Iterator[Problem]:
        if not reading.allows(choice):
            yield self._unknown_name(
                f"reading {reading.id!r} has no choice {choice!r}", choice, reading.choices, pointer
            )

    def _check_when(self, raw: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        for id, choices in when(raw).items():
            yield from self._check_name(id, self._readings, "reading", (*pointer, id))
            for choice in sorted(choices) if id in self._readings else ():
                yield from self._check_choice(self._readings[id], choice, (*pointer, id))

    def _check_clauses(self, ids: Iterable[str], pointer: Pointer) -> Iterator[Problem]:
        for id in ids:
            yield from self._check_name(id, self._extension.get("clauses", {}), "clause", pointer)

    def _check_resource(self, name: str, resource: Mapping[str, Any]) -> Iterator[Problem]:
        pointer = (KEYWORD, "resources", name)
        if "resource" in resource.get("parent", {}):
            yield from self._check_name(
                resource["parent"]["resource"], self._resources, "resource", (*pointer, "parent")
            )
        members, required = self._fields(name), set(self._required(resource["schema"], frozenset()))
        for field in _fields_of_key(resource.get("key", ())):
            is_in_path = any(f"{{{field}}}" in path for path in self._data.get("paths", {}))
            if not is_in_path:  # a path parameter need not be a member
                yield from self._check_name(field, members, f"field of {name}", (*pointer, "key"))
            if field not in required and "seed" in resource and name not in self._created:
                what = f"{field} is part of the key of {name}, but may be absent"
                yield self._document.problem(what, (*pointer, "key"), f"Add {field} to required")

    def _fields(self, resource: str) -> dict[str, Any]:
        return dict(self._members(self._resources[resource]["schema"], frozenset()))

    def _required(self, schema: Any, seen: frozenset[int]) -> Iterator[str]:
        """The members that a schema requires, itself or through `allOf`."""
        end = self._dereferenced(schema)
        if isinstance(end, Mapping) and id(end) not in seen:
            yield from end.get("required", ())
            for part in end.get("allOf", ()):
                yield from self._required(part, seen | {id(end)})

    def _check_scheme(self, scheme: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        for kind, ids in scheme.get(KEYWORD, {}).get("clauses", {}).items():
            yield from self._check_clauses(ids, (*pointer, KEYWORD, "clauses", kind))
        yield from self._check_choices(scheme.get(KEYWORD), (*pointer, KEYWORD))

    def _check_security(self, parent: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        schemes = self._data.get("components", {}).get("securitySchemes", {})
        for index, requirement in enumerate(parent.get("security", ())):
            for name in requirement:
                place = (*pointer, "security", index, name)
                yield from self._check_name(name, schemes, "security scheme", place)

    def _check_operation(self, operation: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        responses = operation.get("responses", {})
        for status, answer in responses.items():
            yield from self._check_answer(self._dereferenced(answer), (*pointer, "responses", status))
        yield from self._check_clauses(
            clauses_of(self._dereferenced(operation.get("requestBody", {}))), (*pointer, "requestBody")
        )
        extension = operation.get(KEYWORD, {})
        place = (*pointer, KEYWORD)
        for name, ids in extension.get("properties", {}).items():
            yield from self._check_clauses(ids, (*place, "properties", name))
        yield from self._check_success(extension.get("answer", {}), responses, (*place, "answer"))
        yield from self._check_choices(extension, place)
        for at, text in _expressions(extension, place):
            yield from self._check_expression(parse_expression(text), operation, pointer, at)
        yield from self._check_effect(extension, responses, place)

    def _check_success(self, answer: Any, responses: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        if isinstance(answer, str):
            yield from self._check_name(answer, responses, "answer", pointer)
            return
        for name in answer.keys() & {"status", "created"}:
            yield from self._check_name(answer[name], responses, "answer", (*pointer, name))
        for text in filter(_is_place, values_within(answer.get("body"))):
            if not text.startswith(("$item#/", "$request.", "$generated.")):
                yield from self._check_name(
                    text, sorted({"$item", FILE, *_LIST_PLACES, *_ERROR_PLACES}), "place", (*pointer, "body")
                )

    def _check_path(self, operation: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        path = str(pointer[1])
        place = pointer[:2]
        names = parameter_names(path)
        for name in dict.fromkeys(names):
            yield from self._check_name(name, self._declared(operation, pointer, "path"), "path parameter", place)
            if names.count(name) > 1:
                yield self._document.problem(f"{{{name}}} occurs twice in the path", place, "Rename one of the two")

    def _declared(self, operation: Mapping[str, Any], pointer: Pointer, source: str) -> list[str]:
        """The names of an operation's parameters in one location."""
        item = self._data["paths"][pointer[1]]
        raw = (self._dereferenced(one) for one in (*item.get("parameters", ()), *operation.get("parameters", ())))
        return [one["name"] for one in raw if one["in"] == source]

    def _check_answer(self, answer: Mapping[str, Any], pointer: Pointer) -> Iterator[Problem]:
        yield from self._check_clauses(clauses_of(answer), pointer)
        body = answer.get(KEYWORD, {}).get("body")
        yield from self._check_choices(body, (*pointer, KEYWORD, "body"))
        for text in filter(_is_place, values_within(body)):
            if text.startswith("$answer."):
                yield from self._check_name(text, _ERROR_PLACES, "place", (*pointer, KEYWORD, "body"))

    def _check_expression(
        self, expression: Expression, operation: Mapping[str, Any], pointer: Pointer, place: Pointer
    ) -> Iterator[Problem]:
        if expression.source == "body":
            yield from self._check_body_pointer(expression, operation, place)
        elif not (expression.source == "header" and expression.name.lower() in IGNORED_HEADERS):
            declared = self._declared(operation, pointer, expression.source)
            yield from self._check_name(expression.name, declared, f"{expression.source} parameter", place)

    def _check_body_pointer(
        self, expression: Expression, operation: Mapping[str, Any], place: Pointer
    ) -> Iterator[Problem]:
        if "requestBody" not in operation:
            what = f"{expression.text} points into a body, and the operation has none"
            yield self._document.problem(what, place, "Declare a requestBody")
            return
        content: Mapping[str, Any] = self._dereferenced(operation["requestBody"])["content"]
        media: Mapping[str, Any] = next(iter(content.values()), {})
        schema = media.get("schema")
        for token in expression.pointer:
            members = dict(self._members(schema, frozenset()))
            if not members:
                return  # the schema allows any members
            yield from self._check_name(token, members, "member of the body", place)
            schema = members.get(token)

    def _members(self, schema: Any, seen: frozenset[int]) -> Iterator[tuple[str, Any]]:
        """The properties that a schema describes, itself or through `allOf`, `anyOf` and `oneOf`."""
        end = self._dereferenced(schema)
        if not isinstance(end, Mapping) or id(end) in seen:
            return
        yield from end.get("properties", {}).items()
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in end.get(keyword, ()):
                yield from self._members(part, seen | {id(end)})

    def _check_effect(
        self, extension: Mapping[str, Any], responses: Mapping[str, Any], pointer: Pointer
    ) -> Iterator[Problem]:
        for name in ("select", "list"):
            if name in extension:
                yield from self._check_name(
                    extension[name]["resource"], self._resources, "resource", (*pointer, name, "resource")
                )
        select = extension.get("select", {})
        if select.get("absent", CREATE) not in (CREATE, ACCEPTED):
            yield from self._check_name(select["absent"], responses, "answer", (*pointer, "select", "absent"))
        if "refused" in select and select["resource"] in self._resources:
            fields, kind = self._fields(select["resource"]), f"field of {select['resource']}"
            for name in select["refused"]["where"]:
                yield from self._check_name(name, fields, kind, (*pointer, "select", "refused", "where", name))
        for index, other in enumerate(select.get("nor", ())):
            yield from self._check_name(
                other["resource"], self._resources, "resource", (*pointer, "select", "nor", index)
            )
        resource = select.get("resource", "")
        for index, step in enumerate(extension.get("apply", ())):
            place = (*pointer, "apply", index)
            yield from self._check_when(step.get(WHEN, {}), (*place, WHEN))
            yield from self._check_clauses(step.get("clauses", ()), (*place, "clauses"))
            for word in step.keys() & {"create", "clear", "change"}:
                resource = step[word]["resource"]
                yield from self._check_name(resource, self._resources, "resource", (*place, word, "resource"))
            for name in step.get("delete", {}).get("dependents", ()):
                yield from self._check_name(name, self._resources, "resource", (*place, "delete", "dependents", name))
            if resource in self._resources:
                yield from self._check_fields(step, resource, self._fields(resource), place)
        fields = self._fields(resource) if resource in self._resources and "unique" in extension else {}
        for name in extension.get("unique", {}) if fields else ():
            yield from self._check_name(name, fields, f"field of {resource}", (*pointer, "unique", name))
        for index, one in enumerate(extension.get("references", ())):
            place = (*pointer, "references", index, "resource")
            yield from self._check_name(one["resource"], self._resources, "resource", place)

    def _check_fields(self, step: Mapping[str, Any], resource: str, fields: Any, pointer: Pointer) -> Iterator[Problem]:
        kind = f"field of {resource}"
        for field in step.get("set", {}).get("fields", ()):
            yield from self._check_name(field, fields, kind, (*pointer, "set", "fields", field))
        for field in named_fields(step.get("replace", {}).get("keeps", ())):
            yield from self._check_name(field, fields, kind, (*pointer, "replace", "keeps"))
        for name, types in _FIELD_TYPES.items():
            if "field" not in step.get(name, {}):
                continue
            field, place = step[name]["field"], (*pointer, name)
            yield from self._check_name(field, fields, kind, (*place, "field"))
            declared = self._dereferenced(fields.get(field, {})).get("type", types[0])
            if declared not in types:
                what = f"{name} needs a field of type {' or '.join(types)}, and {field} is of type {declared}"
                yield self._document.problem(what, (*place, "field"))
            if "of" in step[name]:
                yield from self._check_name(step[name]["of"], self._resources, "resource", (*place, "of"))

    def _check_rule(self, place: SchemaAt) -> Iterator[Problem]:
        yield from self._check_clauses(clauses_of(place.schema), (*place.pointer, CLAUSE))
        if WHEN not in place.schema:
            return
        pointer = (*place.pointer, WHEN)
        yield from self._check_when(place.schema[WHEN], pointer)
        below = next((keyword for keyword in place.through if keyword in _NOT_CONJUNCTIVE), None)
        if below:
            what = f"a rule with {WHEN} stands below {below}, where it says nothing by itself"
            yield self._document.problem(what, pointer, f"Put {WHEN} beside {below}")


def _created(data: Mapping[str, Any]) -> Iterator[str]:
    """The resources of which an operation creates items."""
    for _, operation in operations(data):
        extension = operation.get(KEYWORD, {})
        yield from (step["create"]["resource"] for step in extension.get("apply", ()) if "create" in step)
        if extension.get("select", {}).get("absent") == "create":
            yield extension["select"]["resource"]


def _fields_of_key(raw: Any) -> Iterator[str]:
    """Every field of a key, under any choice of a reading."""
    if isinstance(raw, str):
        yield raw
    else:
        for part in raw["choices"].values() if isinstance(raw, Mapping) else raw:
            yield from _fields_of_key(part)


def _is_place(value: Any) -> bool:
    """Whether a value of a template stands for another, as `$item` does."""
    return isinstance(value, str) and value.startswith("$")


def _expressions(node: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Every expression in a node, with its pointer."""
    if is_expression(node):
        yield pointer, node
    elif isinstance(node, (list, Mapping)):
        for key, value in enumerate(node) if isinstance(node, list) else node.items():
            yield from _expressions(value, (*pointer, key))
