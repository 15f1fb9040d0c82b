"""Salvage: of a document with flaws, all that is sound.

A flaw is *ignored* where the rest means something without it, as with a keyword whose value is none. Else it *breaks*
what it stands in, with all that refers to it, and the operations among these are left out. Behind this, every object is
where it belongs, of the type that it must have, and every reference leads to what its place asks for.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.errors import DocumentError, Problem
from lookalike.json_values import Pointer, PointerError, dereference, find, parse_fragment
from lookalike.openapi.document import Document
from lookalike.openapi.object_types import OPENAPI_3, LinkedPointer, Member, ObjectAt, objects, pointer_of
from lookalike.openapi.walk import METHODS
from lookalike.schema.keywords import drop_invalid_keywords, is_schema

_STATUS = re.compile(r"[1-5](?:\d\d|XX)\Z|default\Z")
_TEMPLATED = re.compile(r"\{([^{}/]+)\}")


class OmittedOperation(NamedTuple):
    """An operation that is not served, and why."""

    method: str
    path: str
    problem: Problem


class Issue(NamedTuple):
    """What is wrong, where, and what to do; a place in a text is found only when somebody asks."""

    what: str
    pointer: Pointer
    remedy: str = ""


class Recovered(NamedTuple):
    """What is left of a document, which flaws do not count, which do, and which operations had to go for these."""

    document: Document
    ignored: tuple[Issue, ...]
    broken: tuple[Issue, ...]
    left_out: tuple[OmittedOperation, ...]


def recover(document: Document) -> Recovered:
    """Take out of a document, in place, what cannot be served; raises `DocumentError` where nothing would be left."""
    if not isinstance(document.data, dict):
        raise DocumentError([document.problem("an OpenAPI document is an object", (), "Start with openapi: 3.1.0")])
    return _Recovery(document).salvaged()


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _security(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and all(isinstance(scopes, list) for scopes in one.values()) for one in value
    )


def _location(value: Any) -> bool:
    return value in ("path", "query", "header", "cookie", "querystring")


Fits = Callable[[Any], bool]

_WORDS: Mapping[Fits, str] = {
    _text: "a text",
    _flag: "true or false",
    _object: "an object",
    _security: "a list of requirements",
    _location: "one of path, query, header, cookie",
}

# What the members of an object must be, where they are anything that the table of kinds does not tell.
_MEMBERS: Mapping[str, Mapping[str, Fits]] = {
    "document": {"security": _security},
    "info": {"title": _text, "version": _text},
    "server": {"url": _text, "variables": _object},
    "operation": {"operationId": _text, "summary": _text, "description": _text, "deprecated": _flag}
    | {"security": _security},
    "parameter": {"name": _text, "in": _location}
    | dict.fromkeys(("required", "explode", "allowReserved", "allowEmptyValue", "deprecated"), _flag)
    | {"style": _text},
    "header": {"required": _flag, "explode": _flag, "style": _text},
    "request-body": {"required": _flag},
    "security-scheme": dict.fromkeys(("type", "scheme", "name", "in"), _text),
    "encoding": {"contentType": _text, "style": _text, "explode": _flag, "allowReserved": _flag},
}
# Without these an object is nothing.
_ESSENTIAL: Mapping[str, tuple[str, ...]] = {
    "parameter": ("name", "in"),
    "security-scheme": ("type",),
    "server": ("url",),
}
# Kinds that an operation can do without.
_DISPENSABLE = frozenset({"link", "callback", "example", "security-scheme", "server", "info", "extension", "resource"})


class _Reference(NamedTuple):
    found: ObjectAt
    ref: str


class _Recovery:
    """One document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._data: dict[str, Any] = document.data
        self._ignored: list[Issue] = []
        self._flaws: list[Issue] = []
        self._broken: dict[Pointer, Issue] = {}
        self._references: list[_Reference] = []
        self._kinds: dict[int, str] = {}
        self._targets: dict[str, Any] = {}

    def salvaged(self) -> Recovered:
        """What is left."""
        self._complete()
        seen: set[int] = set()
        self._walk(objects(self._data, seen=seen))
        self._follow_references(seen)
        self._spread()
        left_out = list(self._leave_out())
        for path, item in self._paths():
            self._fit_path(path, item)
        self._fit_security(self._data, ())
        return Recovered(self._document, tuple(self._ignored), tuple(self._flaws), tuple(left_out))

    def _paths(self) -> list[tuple[str, dict[str, Any]]]:
        return [(path, item) for path, item in self._data["paths"].items() if not path.startswith("x-")]

    def _complete(self) -> None:
        """What everybody expects to be there."""
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
            self._flaws.append(Issue(what, pointer, remedy))
            self._broken.setdefault(_unit(pointer), self._flaws[-1])

    def _walk(self, found: Iterable[ObjectAt]) -> None:
        for one in found:
            link, node, kind = one
            self._kinds[id(node)] = kind
            if "$ref" in node:
                self._note_reference(one)
            if kind == "schema":
                for what, inside in drop_invalid_keywords(node):
                    self._ignore(what, (*pointer_of(link), *inside))
                continue
            for member, fits in _MEMBERS.get(kind, {}).items():
                if member not in node or fits(node[member]):
                    continue
                what = f"{member} must be {_WORDS[fits]}"
                if kind not in _DISPENSABLE and member in _ESSENTIAL.get(kind, ()):
                    self._break(what, (link, member))
                else:
                    self._drop(link, node, member, what)
            for member, how in OPENAPI_3.get(kind, {}).items():
                if member in node:
                    self._fit_members(one, member, how)
            if "$ref" not in node:
                self._check_essential(one)

    def _note_reference(self, found: ObjectAt) -> None:
        ref = found.node["$ref"]
        if found.kind not in _REFERABLE:
            del found.node["$ref"]
        elif isinstance(ref, str):
            self._references.append(_Reference(found, ref))
        elif found.kind != "schema":
            self._dangling(found, Problem("$ref must be a text"))

    def _check_essential(self, found: ObjectAt) -> None:
        link, node, kind = found
        for member in _ESSENTIAL.get(kind, ()):
            if member not in node:
                self._break(f"{member} of this {kind} is missing", link)
        if kind == "operation":
            self._fit_responses(link, node)
        elif kind == "parameter" and not ("schema" in node or "content" in node):
            self._ignore("this parameter has neither schema nor content", pointer_of(link), "Add schema")
            node["schema"] = {}
        elif kind == "request-body" and not isinstance(node.get("content"), dict):
            self._ignore("content of this request body is missing", pointer_of(link))
            node["content"] = {}

    def _fit_responses(self, link: LinkedPointer, operation: dict[str, Any]) -> None:
        responses = operation.setdefault("responses", {})
        for status in [status for status in responses if not _STATUS.match(status) and not status.startswith("x-")]:
            self._ignore(f"{status!r} is not a status", (*pointer_of(link), "responses", status))
            del responses[status]
        if not any(_STATUS.match(status) for status in responses):
            self._ignore("no answer is documented", pointer_of(link), "Add responses")
            responses["200"] = {"description": "No answer is documented."}

    def _fit_members(self, found: ObjectAt, member: str, how: Member) -> None:
        """Take out what is not an object where one belongs."""
        link, node, _ = found
        container, kind = how
        value = node[member]
        if container == "one":
            if not (is_schema(value) if kind == "schema" else isinstance(value, dict)):
                self._drop(
                    link, node, member, f"{member} must be {'a schema' if kind == 'schema' else 'an object'}", kind
                )
            return
        if not isinstance(value, list if container == "list" else dict):
            self._drop(link, node, member, f"{member} must be {'a list' if container == 'list' else 'an object'}", kind)
            return
        entries: Iterable[tuple[Any, Any]] = enumerate(value) if isinstance(value, list) else value.items()
        extensions = container == "fields"
        wrong = [
            key
            for key, entry in entries
            if not (_stands_for(kind, entry) or (extensions and str(key).startswith("x-")))
        ]
        for key in reversed(wrong):
            missing = _missing(kind, value[key])
            what = f"{missing} is required" if missing else f"this is not a {kind}"
            self._drop((link, member), value, key, what, kind)

    def _drop(self, holder: LinkedPointer, node: Any, member: Any, what: str, kind: str = "") -> None:
        """Take a member out, which breaks what it stands in where nobody can say what was meant."""
        link = (holder, member)
        if kind in {"operation", "parameter", "request-body"}:
            self._break(what, link)
        else:
            self._ignore(what, pointer_of(link))
        del node[member]

    def _follow_references(self, seen: set[int]) -> None:
        """Resolve every reference, and walk what stands where the table of kinds does not lead."""
        done = 0
        while done < len(self._references):
            found, ref = self._references[done]
            done += 1
            try:
                target = self._target(ref)
            except DocumentError as error:
                self._dangling(found, error.problems[0])
                continue
            if isinstance(target, bool) and found.kind == "schema":
                continue
            if not isinstance(target, dict):
                self._dangling(found, Problem(f"{ref} is not a {found.kind}"))
                continue
            if id(target) not in self._kinds:
                link: LinkedPointer = None
                for token in parse_fragment(ref):
                    link = (link, token)
                self._walk(objects(target, OPENAPI_3, found.kind, link, seen))
            kind = self._kinds[id(target)]
            if kind != found.kind and {kind, found.kind} != _ALIKE:
                self._dangling(found, Problem(f"{ref} is a {kind}, not a {found.kind}"))
            elif "$ref" in target and self._is_circle(target):
                self._dangling(found, Problem(f"{ref} leads back to itself", "Remove one reference of the circle"))

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
        if found.kind in _DISPENSABLE:
            self._ignore(problem.what, pointer_of(link), problem.remedy)
            del found.node["$ref"]
        else:
            self._break(problem.what, link, problem.remedy)

    def _spread(self) -> None:
        """What refers to something broken is broken by the same flaw."""
        if not self._broken:
            return
        users: dict[Pointer, set[Pointer]] = {}
        for found, ref in self._references:
            if ref.startswith("#/"):
                target = _unit(parse_fragment(ref))
                users.setdefault(target, set()).add(_unit(pointer_of(found.link)))
        waiting = list(self._broken)
        while waiting:
            unit = waiting.pop()
            for user in sorted(users.get(unit, ()), key=str):
                if user not in self._broken:
                    self._broken[user] = self._broken[unit]
                    waiting.append(user)

    def _leave_out(self) -> Iterator[OmittedOperation]:
        """Take out what is broken; nothing that is left refers to it."""
        for path, item in self._paths():
            for method in METHODS:
                flaw = self._broken.get(("paths", path, method)) or self._broken.get(("paths", path))
                if flaw is not None and (item.pop(method, None) or ("paths", path, method) in self._broken):
                    yield OmittedOperation(method.upper(), path, self._document.problem(*flaw))
            for name in item.get("additionalOperations", ()):  # which others may refer into
                place = ("paths", path, "additionalOperations", name)
                what, remedy = f"the method {name} is not one that can be served", "Name a registered one, in capitals"
                self._flaws.append(Issue(what, place, remedy))
                yield OmittedOperation(name, path, self._document.problem(what, place, remedy))
        for unit in self._broken:
            if unit[0] != "paths":
                parent = find(self._data, unit[:-1])
                if isinstance(parent, dict):
                    parent.pop(unit[-1], None)

    def _fit_path(self, path: str, item: Mapping[str, Any]) -> None:
        """Parameters of a path: those of its template, each once."""
        names = dict.fromkeys(_TEMPLATED.findall(path))
        for method in METHODS:
            if method in item:
                self._fit_parameters(path, names, item, method)
                self._fit_security(item[method], ("paths", path, method))

    def _fit_parameters(self, path: str, names: Iterable[str], item: Mapping[str, Any], method: str) -> None:
        declared = set()
        for holder in (item, item[method]):
            for raw in holder.get("parameters", ()):
                parameter = dereference(raw, self._target)
                if parameter["in"] == "path":
                    declared.add(parameter["name"])
        for name in names:
            if name not in declared:
                remedy = _meant(name, declared) or "It is taken for a text"
                self._ignore(f"there is no path parameter {name!r}", ("paths", path), remedy)
                implied = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                item[method].setdefault("parameters", []).append(implied)

    def _fit_security(self, holder: dict[str, Any], here: Pointer) -> None:
        """A requirement of a scheme that is not there is of nobody."""
        schemes = self._data.get("components", {}).get("securitySchemes", {})
        for index, requirement in enumerate(holder.get("security", ())):
            for name in [name for name in requirement if name not in schemes]:
                what = f"there is no security scheme {name!r}"
                self._ignore(what, (*here, "security", index, name), _meant(name, schemes))
                del requirement[name]


_REFERABLE = frozenset(
    (
        *("callback", "example", "header", "link", "parameter", "path-item", "request-body", "response", "schema"),
        "security-scheme",
    )
)
_ALIKE = {"header", "parameter"}


def _meant(name: str, known: Iterable[str]) -> str:
    """What may have been meant by the name of nothing."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean {close[0]}?" if close else ""


def _stands_for(kind: str, entry: Any) -> bool:
    """Whether a value can be an object of a kind, as far as can be told without looking into it."""
    if not isinstance(entry, dict):
        return kind == "schema" and is_schema(entry)
    return not _missing(kind, entry)


def _missing(kind: str, entry: Any) -> str:
    """What a thing that can be done without does not have, and is nothing without."""
    if kind not in _DISPENSABLE or not isinstance(entry, dict) or (kind in _REFERABLE and "$ref" in entry):
        return ""
    members = _MEMBERS.get(kind, {})
    return ", ".join(name for name in _ESSENTIAL.get(kind, ()) if not (name in entry and members[name](entry[name])))


def _unit(pointer: Pointer) -> Pointer:
    """The smallest thing around a place that stands or falls as one: an operation, a component, a path."""
    if pointer[:1] == ("paths",) and (len(pointer) < 3 or pointer[2] not in METHODS):
        return pointer[:2]
    return pointer[:3]
