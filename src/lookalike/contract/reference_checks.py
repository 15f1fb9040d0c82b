"""References: every name that a document uses is the name of something, and rules stand where they can count.

Reads documents whose shape has been checked (`shape.py`).
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lookalike.contract.expressions import Expression, is_expression, parse_expression
from lookalike.contract.extension import readings
from lookalike.contract.routing import parameter_names
from lookalike.contract.semantics import ACCEPTED, CREATE
from lookalike.errors import Problem
from lookalike.json_values import Pointer
from lookalike.openapi.document import Document
from lookalike.openapi.walk import SchemaAt, operations, schemas
from lookalike.readings import Reading
from lookalike.schema.vocabulary import CLAUSE, KEYWORD, WHEN, clauses_of, when

# Below these a rule says nothing by itself, so that leaving it out under some choice would change the verdict on
# the rest (JSON Schema 2020-12, core, section 10.2).
_DEPENDENT = frozenset({"anyOf", "oneOf", "not", "if", "contains", "propertyNames"})
_UNDECLARED = frozenset({"accept", "authorization", "content-type"})  # OpenAPI 3.1 section 4.8.12.1
_PLACES = frozenset({"$answer.status", "$answer.reason", "$answer.reasons", "$answer.operation"})
_VALUES = frozenset({"$items", "$total", "$limit", "$offset", "$page", "$pages", "$more", "$next"})
_FIELDS = {
    "union": ("array",),
    "subtract": ("array",),
    "merge": ("object",),
    "append": ("array",),
    "increment": ("integer", "number"),
}


def reference_problems(document: Document) -> list[Problem]:
    """Names of nothing, and rules that cannot count where they stand."""
    found = _References(document)
    return [*found.problems(), *found.extension_problems()]


def extension_reference_problems(document: Document) -> list[Problem]:
    """Those of them that the extension has."""
    return list(_References(document).extension_problems())


class _References:
    """One document, and what it has names for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._data: Mapping[str, Any] = document.data
        self._ours: Mapping[str, Any] = self._data.get(KEYWORD, {})
        self._readings = readings(self._ours.get("readings", {}))
        self._resources: Mapping[str, Any] = self._ours.get("resources", {})
        self._created = set(_created(self._data))

    def problems(self) -> Iterator[Problem]:
        """What OpenAPI's own objects have wrong."""
        yield from self._of_security(self._data, ())
        for here, operation in operations(self._data):
            yield from self._of_security(operation, here)
            yield from self._of_path(operation, here)
            if all(status.startswith("x-") for status in operation.get("responses", {})):
                remedy = "Add an answer for a status like '200'"
                yield self._document.problem("no answer has a status", (*here, "responses"), remedy)

    def extension_problems(self) -> Iterator[Problem]:
        """What is wrong under `x-lookalike`, and with what goes with it."""
        for id, reading in self._readings.items():
            yield from self._choice(reading, reading.default, (KEYWORD, "readings", id, "default"))
        for name, resource in self._resources.items():
            yield from self._of_resource(name, resource)
        yield from self._of_choices(self._ours, (KEYWORD,))
        for name, scheme in self._data.get("components", {}).get("securitySchemes", {}).items():
            yield from self._of_scheme(self._end(scheme), ("components", "securitySchemes", name))
        for here, operation in operations(self._data):
            yield from self._of_operation(operation, here)
        for place in schemas(self._data):
            yield from self._of_rule(place)

    def _end(self, node: Any) -> Any:
        """What a node is behind its references; of a boolean schema, an empty one."""
        end = self._document.dereference(node)
        return {} if isinstance(end, bool) else end

    def _known(self, name: str, known: Iterable[str], kind: str, here: Pointer) -> Iterator[Problem]:
        names = list(known)
        if name not in names:
            yield self._missing(f"there is no {kind} {name!r}", name, names, here)

    def _missing(self, what: str, name: str, known: Iterable[str], here: Pointer) -> Problem:
        """The problem of a name of nothing, with what may have been meant."""
        names = list(known)
        close = difflib.get_close_matches(name, names, 1)
        remedy = f"Did you mean {close[0]}?" if close else f"There is: {', '.join(names) or 'none'}"
        return self._document.problem(what, here, remedy)

    def _of_choices(self, node: Any, here: Pointer) -> Iterator[Problem]:
        """Every `{reading: ID, choices: {…}}` inside of a node."""
        if isinstance(node, list):
            for index, item in enumerate(node):
                yield from self._of_choices(item, (*here, index))
        elif isinstance(node, Mapping):
            if "reading" in node and node.keys() <= {"reading", "choices"}:
                yield from self._of_chosen(node, here)
            for name, value in node.items():
                yield from self._of_choices(value, (*here, name))

    def _of_chosen(self, chosen: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        id = chosen["reading"]
        yield from self._known(id, self._readings, "reading", (*here, "reading"))
        if id in self._readings and "choices" in chosen:
            reading = self._readings[id]
            for choice in reading.choices.keys() - chosen["choices"].keys():
                what = f"the choice {choice!r} of reading {id!r} has no value here"
                yield self._document.problem(what, (*here, "choices"), f"Add {choice}: VALUE")
            for choice in chosen["choices"]:
                yield from self._choice(reading, choice, (*here, "choices", choice))

    def _choice(self, reading: Reading, choice: str, here: Pointer) -> Iterator[Problem]:
        if not reading.allows(choice):
            yield self._missing(f"reading {reading.id!r} has no choice {choice!r}", choice, reading.choices, here)

    def _of_when(self, raw: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        for id, choices in when(raw).items():
            yield from self._known(id, self._readings, "reading", (*here, id))
            for choice in sorted(choices) if id in self._readings else ():
                yield from self._choice(self._readings[id], choice, (*here, id))

    def _of_clauses(self, ids: Iterable[str], here: Pointer) -> Iterator[Problem]:
        for id in ids:
            yield from self._known(id, self._ours.get("clauses", {}), "clause", here)

    def _of_resource(self, name: str, resource: Mapping[str, Any]) -> Iterator[Problem]:
        here = (KEYWORD, "resources", name)
        if "resource" in resource.get("parent", {}):
            yield from self._known(resource["parent"]["resource"], self._resources, "resource", (*here, "parent"))
        members, required = self._fields(name), set(self._required(resource["schema"], frozenset()))
        for field in _fields_of_key(resource.get("key", ())):
            if not any(f"{{{field}}}" in path for path in self._data.get("paths", {})):  # then only paths tell it
                yield from self._known(field, members, f"field of {name}", (*here, "key"))
            if field not in required and "seed" in resource and name not in self._created:
                what = f"{field} is part of the key of {name}, but may be absent"
                yield self._document.problem(what, (*here, "key"), f"Add {field} to required")

    def _fields(self, resource: str) -> dict[str, Any]:
        return dict(self._members(self._resources[resource]["schema"], frozenset()))

    def _required(self, schema: Any, passed: frozenset[int]) -> Iterator[str]:
        """The members that a schema and those that it is put together from require."""
        end = self._end(schema)
        if isinstance(end, Mapping) and id(end) not in passed:
            yield from end.get("required", ())
            for part in end.get("allOf", ()):
                yield from self._required(part, passed | {id(end)})

    def _of_scheme(self, scheme: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        for kind, ids in scheme.get(KEYWORD, {}).get("clauses", {}).items():
            yield from self._of_clauses(ids, (*here, KEYWORD, "clauses", kind))
        yield from self._of_choices(scheme.get(KEYWORD), (*here, KEYWORD))

    def _of_security(self, parent: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        schemes = self._data.get("components", {}).get("securitySchemes", {})
        for index, requirement in enumerate(parent.get("security", ())):
            for name in requirement:
                place = (*here, "security", index, name)
                yield from self._known(name, schemes, "security scheme", place)

    def _of_operation(self, operation: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        answers = operation.get("responses", {})
        for status, answer in answers.items():
            yield from self._of_answer(self._end(answer), (*here, "responses", status))
        yield from self._of_clauses(clauses_of(self._end(operation.get("requestBody", {}))), (*here, "requestBody"))
        ours = operation.get(KEYWORD, {})
        place = (*here, KEYWORD)
        for name, ids in ours.get("properties", {}).items():
            yield from self._of_clauses(ids, (*place, "properties", name))
        yield from self._of_success(ours.get("answer", {}), answers, (*place, "answer"))
        yield from self._of_choices(ours, place)
        for pointer, text in _expressions(ours, place):
            yield from self._of_expression(parse_expression(text), operation, here, pointer)
        yield from self._of_effect(ours, answers, place)

    def _of_success(self, answer: Any, answers: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        if isinstance(answer, str):
            yield from self._known(answer, answers, "answer", here)
            return
        for name in answer.keys() & {"status", "created"}:
            yield from self._known(answer[name], answers, "answer", (*here, name))
        for text in _texts(answer.get("body")):
            if text.startswith("$") and not text.startswith(("$item#/", "$request.", "$generated.")):
                yield from self._known(text, sorted({"$item", *_VALUES, *_PLACES}), "place", (*here, "body"))

    def _of_path(self, operation: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        path = str(here[1])
        place = here[:2]
        names = parameter_names(path)
        for name in dict.fromkeys(names):
            yield from self._known(name, self._declared(operation, here, "path"), "path parameter", place)
            if names.count(name) > 1:
                yield self._document.problem(f"{{{name}}} comes twice in the path", place, "Rename one of the two")

    def _declared(self, operation: Mapping[str, Any], here: Pointer, source: str) -> list[str]:
        """The names of the parameters of an operation that are in one part of the request."""
        item = self._data["paths"][here[1]]
        raw = (self._end(one) for one in (*item.get("parameters", ()), *operation.get("parameters", ())))
        return [one["name"] for one in raw if one["in"] == source]

    def _of_answer(self, answer: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        yield from self._of_clauses(clauses_of(answer), here)
        body = answer.get(KEYWORD, {}).get("body")
        yield from self._of_choices(body, (*here, KEYWORD, "body"))
        for text in _texts(body):
            if text.startswith("$answer."):
                yield from self._known(text, _PLACES, "place", (*here, KEYWORD, "body"))

    def _of_expression(
        self, expression: Expression, operation: Mapping[str, Any], here: Pointer, place: Pointer
    ) -> Iterator[Problem]:
        if expression.source == "body":
            yield from self._of_body_pointer(expression, operation, place)
        elif not (expression.source == "header" and expression.name.lower() in _UNDECLARED):
            declared = self._declared(operation, here, expression.source)
            yield from self._known(expression.name, declared, f"{expression.source} parameter", place)

    def _of_body_pointer(
        self, expression: Expression, operation: Mapping[str, Any], place: Pointer
    ) -> Iterator[Problem]:
        if "requestBody" not in operation:
            what = f"{expression.text} points into a body, and the operation has none"
            yield self._document.problem(what, place, "Declare a requestBody")
            return
        content: Mapping[str, Any] = self._end(operation["requestBody"])["content"]
        media: Mapping[str, Any] = next(iter(content.values()), {})
        schema = media.get("schema")
        for token in expression.pointer:
            members = dict(self._members(schema, frozenset()))
            if not members:
                return  # nothing is said about what may be there
            yield from self._known(token, members, "member of the body", place)
            schema = members.get(token)

    def _members(self, schema: Any, passed: frozenset[int]) -> Iterator[tuple[str, Any]]:
        """The properties that a schema and those that it is put together from describe."""
        end = self._end(schema)
        if not isinstance(end, Mapping) or id(end) in passed:
            return
        yield from end.get("properties", {}).items()
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in end.get(keyword, ()):
                yield from self._members(part, passed | {id(end)})

    def _of_effect(self, ours: Mapping[str, Any], answers: Mapping[str, Any], here: Pointer) -> Iterator[Problem]:
        for name in ("select", "list"):
            if name in ours:
                yield from self._known(ours[name]["resource"], self._resources, "resource", (*here, name, "resource"))
        select = ours.get("select", {})
        if select.get("absent", CREATE) not in (CREATE, ACCEPTED):
            yield from self._known(select["absent"], answers, "answer", (*here, "select", "absent"))
        for index, other in enumerate(select.get("nor", ())):
            yield from self._known(other["resource"], self._resources, "resource", (*here, "select", "nor", index))
        resource = select.get("resource", "")
        for index, step in enumerate(ours.get("apply", ())):
            place = (*here, "apply", index)
            yield from self._of_when(step.get(WHEN, {}), (*place, WHEN))
            yield from self._of_clauses(step.get("clauses", ()), (*place, "clauses"))
            for word in step.keys() & {"create", "clear"}:
                resource = step[word]["resource"]
                yield from self._known(resource, self._resources, "resource", (*place, word, "resource"))
            if resource in self._resources:
                yield from self._of_fields(step, resource, self._fields(resource), place)

    def _of_fields(self, step: Mapping[str, Any], resource: str, fields: Any, here: Pointer) -> Iterator[Problem]:
        kind = f"field of {resource}"
        for field in step.get("set", {}).get("fields", ()):
            yield from self._known(field, fields, kind, (*here, "set", "fields", field))
        for name, types in _FIELDS.items():
            if "field" not in step.get(name, {}):
                continue
            field, place = step[name]["field"], (*here, name)
            yield from self._known(field, fields, kind, (*place, "field"))
            declared = self._end(fields.get(field, {})).get("type", types[0])
            if declared not in types:
                what = f"{name} needs a field of type {' or '.join(types)}, and {field} is of type {declared}"
                yield self._document.problem(what, (*place, "field"))
            if "of" in step[name]:
                yield from self._known(step[name]["of"], self._resources, "resource", (*place, "of"))

    def _of_rule(self, place: SchemaAt) -> Iterator[Problem]:
        yield from self._of_clauses(clauses_of(place.schema), (*place.pointer, CLAUSE))
        if WHEN not in place.schema:
            return
        here = (*place.pointer, WHEN)
        yield from self._of_when(place.schema[WHEN], here)
        below = next((keyword for keyword in place.through if keyword in _DEPENDENT), None)
        if below:
            what = f"a rule with {WHEN} stands below {below}, where it says nothing by itself"
            yield self._document.problem(what, here, f"Put {WHEN} beside {below}")


def _created(data: Mapping[str, Any]) -> Iterator[str]:
    """The resources of which some operation makes items."""
    for _, operation in operations(data):
        ours = operation.get(KEYWORD, {})
        yield from (step["create"]["resource"] for step in ours.get("apply", ()) if "create" in step)
        if ours.get("select", {}).get("absent") == "create":
            yield ours["select"]["resource"]


def _fields_of_key(raw: Any) -> Iterator[str]:
    """Every field that a key names, under whichever choice."""
    if isinstance(raw, str):
        yield raw
    else:
        for part in raw["choices"].values() if isinstance(raw, Mapping) else raw:
            yield from _fields_of_key(part)


def _expressions(node: Any, here: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Every expression inside of a node, and where it is."""
    if is_expression(node):
        yield here, node
    elif isinstance(node, (list, Mapping)):
        for key, value in enumerate(node) if isinstance(node, list) else node.items():
            yield from _expressions(value, (*here, key))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, (list, Mapping)):
        for value in node if isinstance(node, list) else node.values():
            yield from _texts(value)
