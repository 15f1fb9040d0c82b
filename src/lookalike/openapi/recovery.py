"""Recovery: lenient parsing of a document with problems, of which all that is sound is served.

An issue is *ignored* where the rest means something without it: a bad keyword is dropped, and the schema counts. Any
other *breaks* the unit around it (an operation, a component, a path) and all that refers to that unit; the operations
among these are left out. Code that reads a document after this step finds every object where it belongs and of the
right type, and behind every reference an object of the type that its place asks for.
"""

import copy
import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from lookalike.errors import DocumentError, Problem
from lookalike.json_values import Pointer, PointerError, dereference, find, parse_fragment
from lookalike.openapi.applied_schemas import IN_PLACE, AppliedSchemas
from lookalike.openapi.document import Document
from lookalike.openapi.member_types import DISPENSABLE, ESSENTIAL, EXPECTED, MEMBERS, REFERABLE, may_be, missing_members
from lookalike.openapi.object_types import (
    OPENAPI_3,
    LinkedPointer,
    Member,
    ObjectAt,
    VisitedObjects,
    objects,
    pointer_of,
)
from lookalike.openapi.walk import METHODS
from lookalike.schema.keywords import drop_invalid_keywords, is_schema

_MOST_PLACES = 1_000  # of one object, by aliases of aliases
# A media type, or a range of them, with parameters perhaps (RFC 9110 sections 8.3.1 and 12.5.1).
_MEDIA_RANGE = re.compile(r"[!#$%&'*+.^`|~\w-]+/[!#$%&'*+.^`|~\w-]+\s*(?:;|\Z)", re.ASCII)
_HAS_CONTENT = frozenset({"header", "parameter", "request-body", "response"})

_STATUS = re.compile(r"[1-5](?:\d\d|XX)\Z|default\Z")
_TEMPLATED = re.compile(r"\{([^{}/]+)\}")


class OmittedOperation(NamedTuple):
    """An operation that is not served, and the problem that prevents it."""

    method: str
    path: str
    problem: Problem


class Issue(NamedTuple):
    """A problem before its place in the text is looked up, which takes as long as parsing the text again."""

    what: str
    pointer: Pointer
    remedy: str = ""


class Recovered(NamedTuple):
    """The sound rest of a document, the issues that were ignored, those that broke something, and what was left out."""

    document: Document
    ignored: tuple[Issue, ...]
    broken: tuple[Issue, ...]
    left_out: tuple[OmittedOperation, ...]


UNSAID_SUCCESS = "A success, about which the document says nothing."


def recover(document: Document) -> Recovered:
    """Remove from a document, in place, whatever cannot be served; raises `DocumentError` if it is not an object."""
    if not isinstance(document.data, dict):
        raise DocumentError([document.problem("an OpenAPI document is an object", (), "Start with openapi: 3.1.0")])
    return _Recovery(document).recovered()


class _Reference(NamedTuple):
    found: ObjectAt
    ref: str


class _Recovery:
    """One document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._data: dict[str, Any] = document.data
        self._ignored: list[Issue] = []
        self._issues: list[Issue] = []
        self._broken: dict[Pointer, Issue] = {}
        self._references: list[_Reference] = []
        self._objects: dict[int, ObjectAt] = {}  # by identity
        self._seen = VisitedObjects()
        self._targets: dict[str, Any] = {}
        self._composed: list[ObjectAt] = []
        self._unions: list[ObjectAt] = []

    def recovered(self) -> Recovered:
        """The sound rest; each step rests on those before it."""
        self._complete()
        self._walk(objects(self._data, seen=self._seen))
        self._follow_references()
        self._check_mappings()
        self._break_schemas_of_many_or_long_ways()
        self._break_users()
        left_out = list(self._leave_out())
        for path, item in self._paths():
            self._check_path(path, item)
        self._check_security(self._data, ())
        ignored = tuple(dict.fromkeys(self._ignored))  # each operation of a path meets the problems of its path
        return Recovered(self._document, ignored, tuple(self._issues), tuple(left_out))

    def _paths(self) -> list[tuple[str, dict[str, Any]]]:
        return [(path, item) for path, item in self._data["paths"].items() if not path.startswith("x-")]

    def _complete(self) -> None:
        """Put in what OpenAPI requires at the root and the title of `info`, where it is missing."""
        if not isinstance(self._data.get("paths"), dict):
            if "paths" in self._data:
                self._ignore("paths must be an object", ("paths",))
            self._data["paths"] = {}
        info = self._data.get("info")
        if not isinstance(info, dict) or not isinstance(info.get("title"), str):
            self._ignore("title is required", ("info",))
            self._data["info"] = {"version": ""} | (info if isinstance(info, dict) else {}) | {"title": "an API"}
        for path, item in list(self._data["paths"].items()):
            if path.startswith("x-"):
                continue
            if not isinstance(item, dict):
                self._ignore(f"{path} must be an object", ("paths", path))
                del self._data["paths"][path]
            elif not path.startswith("/"):
                for method in item.keys() & set(METHODS):
                    self._break("a path begins with a slash", (((None, "paths"), path), method), f"Write /{path}")

    def _ignore(self, what: str, pointer: Pointer, remedy: str = "") -> None:
        self._ignored.append(Issue(what, pointer, remedy))

    def _break(self, what: str, link: LinkedPointer, remedy: str = "") -> None:
        pointer = pointer_of(link)
        if "callbacks" in pointer[3:4] or pointer[:1] == ("webhooks",):
            self._ignore(what, pointer, remedy)
        else:
            self._issues.append(Issue(what, pointer, remedy))
            self._broken.setdefault(_unit(pointer), self._issues[-1])

    def _walk(self, found: Iterable[ObjectAt]) -> None:
        """Check each object by its type, and note what is checked when all of them are known."""
        for one in found:
            _, node, object_type = one
            self._objects[id(node)] = one
            if "$ref" in node:
                self._note_reference(one)
            if object_type == "schema":
                self._check_schema(one)
            else:
                self._check_object(one)

    def _check_schema(self, found: ObjectAt) -> None:
        node = found.node
        if isinstance(node.get("discriminator"), dict):
            self._unions.append(found)
        if not IN_PLACE.isdisjoint(node):
            self._composed.append(found)
        for what, inside in drop_invalid_keywords(node):
            self._ignore(what, (*pointer_of(found.link), *inside))

    def _check_object(self, found: ObjectAt) -> None:
        link, node, object_type = found
        if object_type in _HAS_CONTENT and isinstance(node.get("content"), dict) and "$ref" in node["content"]:
            node["content"] = self._content_behind(node["content"])
        for member, is_valid in MEMBERS.get(object_type, {}).items():
            if member not in node or is_valid(node[member]):
                continue
            what = f"{member} must be {EXPECTED[is_valid]}"
            if object_type not in DISPENSABLE and member in ESSENTIAL.get(object_type, ()):
                self._break(what, (link, member))
            else:
                self._drop(link, node, member, what)
        for member, how in OPENAPI_3.get(object_type, {}).items():
            if member in node:
                self._drop_non_objects(found, member, how)
        if object_type in _HAS_CONTENT and isinstance(node.get("content"), dict):
            self._check_media_types(link, node["content"])
        if "$ref" not in node:
            self._check_essential(found)

    def _content_behind(self, content: dict[str, Any]) -> dict[str, Any]:
        """A copy of the media types that a reference in their place leads to, as some bundlers write it."""
        target: Any = None
        if isinstance(ref := content.get("$ref"), str):
            with suppress(DocumentError):
                target = self._document.lookup(ref)
        others = {name: media for name, media in content.items() if name != "$ref"}
        return {**copy.deepcopy(target), **others} if isinstance(target, dict) else content

    def _check_media_types(self, link: LinkedPointer, content: dict[str, Any]) -> None:
        for name in content:
            if not _MEDIA_RANGE.match(name):
                remedy = "Write a type and a subtype, like application/json"
                self._ignore(f"{name!r} is not a media type", (*pointer_of(link), "content", name), remedy)

    def _check_mappings(self) -> None:
        """Tell of values of a discriminator that lead to no schema (OpenAPI 3.1 section 4.8.25)."""
        schemas = find(self._data, ("components", "schemas"), {})
        for found in self._unions:
            mapping = found.node["discriminator"].get("mapping") if "discriminator" in found.node else None
            for name, target in mapping.items() if isinstance(mapping, dict) else ():
                what = "must be a string" if not isinstance(target, str) else self._why_nowhere(target, schemas)
                if what:
                    place = (*pointer_of(found.link), "discriminator", "mapping", name)
                    self._ignore(f"the mapping of {name!r} {what}", place, _did_you_mean(str(target), schemas))

    def _why_nowhere(self, target: str, schemas: Mapping[str, Any]) -> str:
        """The reason why a mapping leads to no schema, else empty. A name without a sign of a URI is a component's."""
        if "#" not in target and "/" not in target:
            return "" if target in schemas else f"is {target!r}, and there is no such schema"
        try:
            self._target(target)
        except DocumentError as error:
            return f"leads nowhere: {error.problems[0].what}"
        return ""

    def _note_reference(self, found: ObjectAt) -> None:
        ref = found.node["$ref"]
        if found.object_type not in REFERABLE:
            del found.node["$ref"]
        elif isinstance(ref, str):
            self._references.append(_Reference(found, ref))
        elif found.object_type != "schema":
            self._dangling(found, Problem("$ref must be a string"))

    def _check_essential(self, found: ObjectAt) -> None:
        link, node, object_type = found
        for member in ESSENTIAL.get(object_type, ()):
            if member not in node:
                self._break(f"this {object_type} has no {member}", link, f"Add {member}")
        if object_type == "operation":
            self._check_responses(link, node)
        elif object_type == "parameter" and not ("schema" in node or "content" in node):
            self._ignore("this parameter has neither schema nor content", pointer_of(link), "Add schema")
            node["schema"] = {}
        elif object_type == "request-body" and not isinstance(node.get("content"), dict):
            self._ignore("this request body has no content", pointer_of(link), "Add content")
            node["content"] = {}

    def _check_responses(self, link: LinkedPointer, operation: dict[str, Any]) -> None:
        responses = operation.setdefault("responses", {})
        for name in [name for name in responses if name.startswith("x-")]:
            del responses[name]  # extensions hold anything, and code that reads responses expects objects
        for status in [status for status in responses if not _STATUS.match(status)]:
            remedy = "Write a status like 200, a range like 4XX, or default"
            self._ignore(f"{status!r} is not a status", (*pointer_of(link), "responses", status), remedy)
            del responses[status]
        if not responses:
            self._ignore("no response is documented", pointer_of(link), "Add responses")
            responses["200"] = {"description": "No response is documented."}
        elif all(status[0] in "45" for status in responses):
            what = "no response of success is documented; any 2xx is taken for one"
            self._ignore(what, (*pointer_of(link), "responses"), "Add a 2xx response")
            responses["2XX"] = {"description": UNSAID_SUCCESS}

    def _drop_non_objects(self, found: ObjectAt, member: str, how: Member) -> None:
        """Take out of a member what is not an object of the type that belongs there."""
        link, node, _ = found
        container, object_type = how
        value = node[member]
        if container == "one":
            if not (is_schema(value) if object_type == "schema" else isinstance(value, dict)):
                expected = "a schema" if object_type == "schema" else "an object"
                self._drop(link, node, member, f"{member} must be {expected}", object_type)
            return
        if not isinstance(value, list if container == "list" else dict):
            expected = "an array" if container == "list" else "an object"
            self._drop(link, node, member, f"{member} must be {expected}", object_type)
            return
        entries: Iterable[tuple[Any, Any]] = enumerate(value) if isinstance(value, list) else value.items()
        extensions = container == "fields"
        wrong = [
            key
            for key, entry in entries
            if not (may_be(object_type, entry) or (extensions and str(key).startswith("x-")))
        ]
        for key in reversed(wrong):
            missing = missing_members(object_type, value[key])
            what = f"{missing} is required" if missing else f"this is not a {object_type}"
            self._drop((link, member), value, key, what, object_type)

    def _drop(self, holder: LinkedPointer, node: Any, member: Any, what: str, object_type: str = "") -> None:
        """Take a member out; this breaks the unit around it for objects that change what an operation means."""
        link = (holder, member)
        if object_type in {"operation", "parameter", "request-body"}:
            self._break(what, link)
        else:
            self._ignore(what, pointer_of(link))
        del node[member]

    def _follow_references(self) -> None:
        """Resolve every reference, and walk the objects that only a reference leads to."""
        done = 0
        while done < len(self._references):
            found, ref = self._references[done]
            done += 1
            try:
                target = self._target(ref)
            except DocumentError as error:
                self._dangling(found, error.problems[0])
                continue
            if isinstance(target, bool) and found.object_type == "schema":
                continue
            if not isinstance(target, dict):
                self._dangling(found, Problem(f"{ref} is not a {found.object_type}"))
                continue
            if id(target) not in self._objects:
                link: LinkedPointer = None
                for token in parse_fragment(ref):
                    link = (link, token)
                self._walk(objects(target, OPENAPI_3, found.object_type, link, self._seen))
            object_type = self._objects[id(target)].object_type
            if object_type != found.object_type and {object_type, found.object_type} != _ALIKE:
                self._dangling(found, Problem(f"{ref} is a {object_type}, not a {found.object_type}"))
            elif "$ref" in target and self._is_circle(target):
                self._dangling(found, Problem(f"{ref} leads back to itself", "Remove one reference of the circle"))

    def _break_schemas_of_many_or_long_ways(self) -> None:
        """Break each schema that applies others to one value in too many ways, or too many levels."""
        applied = AppliedSchemas(self._target)
        for found in self._composed:
            excess = applied.excess(found.node)
            if applied.is_circle(found.node):
                what = "this schema applies itself to the same value, without end"
                self._ignore(what, pointer_of(found.link), "Break the circle")
            if excess is not None:
                self._break(f"this schema applies others to one value {excess[0]}", found.link, excess[1])

    def _target(self, ref: str) -> Any:
        if ref not in self._targets:
            self._targets[ref] = self._document.lookup(ref)
        return self._targets[ref]

    def _is_circle(self, node: Any) -> bool:
        try:
            dereference(node, self._target)
        except PointerError:
            return True
        except DocumentError:  # a problem of the reference that leads nowhere, further on
            return False
        return False

    def _dangling(self, found: ObjectAt, problem: Problem) -> None:
        link = (found.link, "$ref")
        if found.object_type in DISPENSABLE:
            self._ignore(problem.what, pointer_of(link), problem.remedy)
            del found.node["$ref"]
            *container, name = pointer_of(found.link)
            holder = find(self._data, container)
            if isinstance(holder, dict) and not all(one in found.node for one in ESSENTIAL.get(found.object_type, ())):
                del holder[name]  # a security scheme without a type, say, means nothing
                self._targets.clear()  # what refers to it leads nowhere from now on
        else:
            self._break(problem.what, link, problem.remedy)

    def _break_users(self) -> None:
        """Break all units that refer to a broken one, by the same issue."""
        if not self._broken:
            return
        aliases: dict[Pointer, list[Pointer]] = {}
        for one in self._seen.repeated:
            aliases.setdefault(pointer_of(self._objects[id(one.node)].link), []).append(pointer_of(one.link))
        for issue in self._issues:
            for unit in _units(issue.pointer, aliases):
                self._broken.setdefault(unit, issue)
        users: dict[Pointer, set[Pointer]] = {}
        for found, ref in self._references:
            if ref.startswith("#/"):
                target = _unit(parse_fragment(ref))
                users.setdefault(target, set()).update(_units(pointer_of(found.link), aliases))
        waiting = list(self._broken)
        while waiting:
            unit = waiting.pop()
            for user in sorted(users.get(unit, ()), key=str):
                if user not in self._broken:
                    self._broken[user] = self._broken[unit]
                    waiting.append(user)

    def _leave_out(self) -> Iterator[OmittedOperation]:
        """Take out the broken units; nothing that is left refers to them."""
        for path, item in self._paths():
            for method in METHODS:
                issue = self._broken.get(("paths", path, method)) or self._broken.get(("paths", path))
                if issue is not None and (item.pop(method, None) or ("paths", path, method) in self._broken):
                    yield OmittedOperation(method.upper(), path, self._document.problem(*issue))
            for name in item.get("additionalOperations", ()):  # not before: references may lead into these
                place = ("paths", path, "additionalOperations", name)
                what, remedy = f"the method {name} is not one that can be served", "Name a registered one, in capitals"
                self._issues.append(Issue(what, place, remedy))
                yield OmittedOperation(name, path, self._document.problem(what, place, remedy))
        for unit in self._broken:
            if unit[0] != "paths":
                parent = find(self._data, unit[:-1])
                if isinstance(parent, dict):
                    parent.pop(unit[-1], None)

    def _check_path(self, path: str, item: Mapping[str, Any]) -> None:
        """Check the parameters and the security of each operation of a path."""
        names = dict.fromkeys(_TEMPLATED.findall(path))
        for method in METHODS:
            if method in item:
                self._check_path_parameters(path, names, item, method)
                self._check_security(item[method], ("paths", path, method))

    def _check_path_parameters(self, path: str, names: Collection[str], item: Mapping[str, Any], method: str) -> None:
        declared: dict[str, Pointer] = {}
        for holder, here in ((item, ("paths", path)), (item[method], ("paths", path, method))):
            for index, raw in enumerate(holder.get("parameters", ())):
                parameter = dereference(raw, self._target)
                if parameter["in"] == "path":
                    declared.setdefault(parameter["name"], (*here, "parameters", index))
        missing = [name for name in names if name not in declared]
        for name in missing:
            remedy = _did_you_mean(name, declared) or "It is read as a string"
            self._ignore(f"there is no path parameter {name!r}", ("paths", path), remedy)
            implied = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            item[method].setdefault("parameters", []).append(implied)
        # Where one is missing, another that is not in the path is the same, in other words.
        unused = [] if missing else [name for name in declared if name not in names]
        for name in unused:
            self._ignore(f"{path} has no parameter {{{name}}}", declared[name], "Write it into the path, or remove it")

    def _check_security(self, holder: dict[str, Any], here: Pointer) -> None:
        """Drop requirements of schemes that do not exist, which no request could meet."""
        schemes = self._data.get("components", {}).get("securitySchemes", {})
        for index, requirement in enumerate(holder.get("security", ())):
            for name in [name for name in requirement if name not in schemes]:
                what = f"there is no security scheme {name!r}"
                self._ignore(what, (*here, "security", index, name), _did_you_mean(name, schemes))
                del requirement[name]


_ALIKE = {
    "header",
    "parameter",
}  # a Header Object is a Parameter Object without name and in (OpenAPI 3.1 section 4.8.21)


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    """A remedy with the known name that is similar, or an empty string."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean {close[0]}?" if close else ""


def _unit(pointer: Pointer) -> Pointer:
    """The smallest unit around a pointer that is served or left out as a whole: an operation, a component, a path."""
    if pointer[:1] == ("paths",) and (len(pointer) < 3 or pointer[2] not in METHODS):
        return pointer[:2]
    return pointer[:3]


def _units(pointer: Pointer, aliases: Mapping[Pointer, Sequence[Pointer]]) -> set[Pointer]:
    """The units that a pointer leads into, also by aliases of YAML: one object may stand in several places."""
    found, waiting = {pointer}, [pointer] if aliases else []
    while waiting:
        place = waiting.pop()
        for length in range(len(place) + 1):
            for alias in aliases.get(place[:length], ()):
                other = (*alias, *place[length:])
                if other not in found and len(found) < _MOST_PLACES:
                    found.add(other)
                    waiting.append(other)
    return set(map(_unit, found))
