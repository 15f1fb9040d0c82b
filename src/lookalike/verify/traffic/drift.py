"""Drift: parts of traffic that are not in the document, and parts of the document that no exchange used."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lookalike.codecs.media_types import may_be_json
from lookalike.contract.contract import Contract, Operation
from lookalike.contract.responses import response_for
from lookalike.http import Response, essence
from lookalike.json_values import ABSENT
from lookalike.schema.directions import WRITE_ONLY
from lookalike.schema.view import SchemaView
from lookalike.verify.clauses import name_of
from lookalike.verify.oracle.comparison import value_of
from lookalike.verify.traffic.bounded_counter import BoundedCounter

_MOST_NAMED = 12
_MOST_NOTED = 1_000  # paths that are unknown, and members of a kind, however long the record is
_DEEPEST = 4  # levels of members; what is deeper is seldom what a client looks for
_MOST_ITEMS = 100  # of an array that are looked at
# Segments of a path that name an item: numbers, and keys as servers make them.
_KEY = re.compile(r"\d+|[0-9a-fA-F]{8,}|[0-9a-fA-F-]{32,}|[A-Za-z0-9_-]*\d[A-Za-z0-9_-]{7,}")


class DocumentDrift:
    """The members and operations that were seen, beside those that are documented."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._unknown = BoundedCounter[tuple[str, str]](_MOST_NOTED)
        self._statuses: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self._undocumented: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._seen: defaultdict[str, set[str]] = defaultdict(set)
        self._documented: dict[str, dict[str, None]] = {}
        self._sent: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def note_unknown(self, method: str, path: str, status: int) -> None:
        """Count an exchange with no operation of the document."""
        name = (method, "/".join("{}" if _KEY.fullmatch(part) else part for part in path.split("/")))
        counted = self._unknown.count(name, (method, "other paths"))
        self._statuses[counted].add(status)

    def note(self, operation: Operation, sent: bytes, response: Response) -> None:
        """Note the members of a request and of its response."""
        name = name_of(operation)
        media = operation.body.first if operation.body is not None else None
        if media is not None and media.members and may_be_json(media.media_type):
            body = value_of(Response(0, (), sent))
            for member in body if isinstance(body, dict) else ():
                if member not in media.members and not media.value_type.keyword("additionalProperties"):
                    _note(self._sent[name], member)
        answer = response_for(operation.responses, str(response.status))
        representation = answer.content.get(essence(response.header("Content-Type") or "")) if answer else None
        value = value_of(response) if representation is not None and representation.schema_pointer else ABSENT
        if representation is None or value is ABSENT:
            return
        view = SchemaView(self._contract.response_document, representation.schema_pointer)
        key = f"{name} {response.status}"
        if key not in self._documented:
            self._documented[key] = dict.fromkeys(_documented_members(view))
        for member, is_documented in _members(view, value):
            if is_documented:
                self._seen[key].add(member)
            else:
                _note(self._undocumented[key], member)

    def notes(self) -> Iterator[str]:
        """A sentence for each difference between the traffic and the document."""
        for (method, path), count in sorted(self._unknown.items()):
            statuses = ", ".join(map(str, sorted(self._statuses[method, path])))
            yield f"no operation of the document: {method} {path} ({count}x, answered {statuses})"
        for key, members in sorted(self._undocumented.items()):
            yield f"members that the document does not have, in {key}: {_named(members)}"
        for name, members in sorted(self._sent.items()):
            yield f"members that the document does not have, sent to {name}: {_named(members)}"
        for key, members in sorted(self._documented.items()):
            unused = [member for member in members if member not in self._seen[key]]
            if unused:
                yield f"members that the document has and no answer showed, in {key}: {_named(unused)}"


def _note(members: dict[str, None], member: str) -> None:
    if len(members) < _MOST_NOTED:
        members[member] = None


def _named(members: Iterable[str]) -> str:
    names = [*members]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _members(view: SchemaView | None, value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, bool]]:
    """The members of a value by their paths, each with whether the schema has it."""
    if view is None or depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value[:_MOST_ITEMS]:
            yield from _members(view.items, item, f"{path}[]", depth + 1)
        return
    known = _known(view)
    if not isinstance(value, dict) or not known or view.keyword("additionalProperties"):
        return
    for name, member in value.items():
        inner = f"{path}.{name}".lstrip(".")
        yield inner, name in known
        yield from _members(known.get(name), member, inner, depth + 1)


def _documented_members(view: SchemaView | None, path: str = "", depth: int = 0) -> Iterator[str]:
    """The paths of the members that a schema describes."""
    if view is None or depth > _DEEPEST:
        return
    if view.items is not None:
        yield from _documented_members(view.items, f"{path}[]", depth + 1)
    for name, member in _known(view).items():
        if member.is_marked(WRITE_ONLY):
            continue
        inner = f"{path}.{name}".lstrip(".")
        yield inner
        yield from _documented_members(member, inner, depth + 1)


def _known(view: SchemaView) -> Mapping[str, SchemaView]:
    """The members that a schema or any of its branches describes."""
    found: dict[str, SchemaView] = {}
    for one in (*view.branches, view):
        found.update(one.members)
    return found
