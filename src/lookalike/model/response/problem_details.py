"""Reasons: what is wrong with a request, told in a header field, in problem details, or in the document's own words."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from lookalike.json_values import format_pointer
from lookalike.schema.validator import Schema, Violation

_LONGEST_FIELD = 4000

# Members that are known to take a sentence, an own sentence for each violation, a status, or a place, best first.
_SENTENCES = (
    *("detail", "details", "message", "msg", "error_description", "errorMessage", "description", "reason"),
    *("issue", "problem"),
)
_TITLES = ("error", "title", "text")
_LISTS = ("errors", "details", "detail", "violations", "messages", "message", "error", "issues", "reasons", "causes")
_SETTLED = frozenset({"const", "enum"})
_STATUSES = ("status", "statusCode", "status_code", "httpStatus", "code")
_PLACES = ("field", "path", "pointer", "property", "param", "parameter", "name", "location", "loc", "in", "source")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_RULES = ("rule", "keyword", "type", "code")


def violations_field(violations: Iterable[Violation]) -> str:
    """Violations as JSON in ASCII, as many as a header field may reasonably hold."""
    kept: list[str] = []
    length = 2
    for violation in violations:
        text = json.dumps(violation_details(violation))
        length += len(text) + 2
        if length > _LONGEST_FIELD:
            break
        kept.append(text)
    return f"[{', '.join(kept)}]"


def violation_details(violation: Violation) -> dict[str, str]:
    """A violation for programs: location, JSON Pointer (RFC 6901) in it, keyword of the rule, message."""
    return {
        "location": violation.where,
        "pointer": format_pointer(violation.pointer),
        "keyword": violation.keyword,
        "message": violation.message,
    }


def problem_details(status: int, texts: Sequence[str], violations: Sequence[Violation]) -> dict[str, Any]:
    """Problem details that list every violation (RFC 9457)."""
    body = {"title": _PHRASES.get(status, f"Status {status}"), "status": status, "detail": "; ".join(texts)}
    return body | ({"errors": [violation_details(violation) for violation in violations]} if violations else {})


def with_reason(
    schema: Schema, body: Any, status: int, texts: Sequence[str], violations: Sequence[Violation] = ()
) -> Any | None:
    """A body that its schema accepts, such as an example, with the true reason in it; None where it has no room.

    Members are tried one at a time, by name and by the type of what they hold, and kept where the schema still accepts
    the whole; so a `const`, an `enum` or a pattern is never overwritten.
    """
    told = False
    for way, value, tells in _changes(body, status, texts, violations):
        if told and tells == "title":
            continue
        changed = _with(body, way, value)
        if changed != body and schema.accepts(changed):
            body, told = changed, told or bool(tells)
    return body if told else None


def with_title(schema: Schema, body: Any, status: int) -> Any:
    """A body that was made up, with the title of its status (RFC 9457 section 3.1.3) where it has one."""
    if not isinstance(body, Mapping) or not isinstance(body.get("title"), str) or status not in _PHRASES:
        return body
    changed = {**body, "title": _PHRASES[status]}
    return changed if schema.accepts(changed) else body


def has_room(schema: Schema, body: Any) -> bool:
    """Whether some member of a body may tell a reason at all, that is, a member that is neither constant nor listed."""
    tried = (_with(body, way, value) for way, value, tells in _changes(body, 0, ("?",), ()) if tells)
    return not all(any(one.keyword in _SETTLED for one in schema.violations(changed, "", "")) for changed in tried)


MemberPath = tuple[str | int, ...]


def _changes(
    body: Any, status: int, texts: Sequence[str], violations: Sequence[Violation]
) -> Iterator[tuple[MemberPath, Any, str]]:
    """What could be put where, and whether that tells the reason: as `sentence`, or as `title` if nothing else does."""
    sentence = "; ".join(texts)
    if isinstance(body, str):
        yield (), sentence, "sentence"
    elif isinstance(body, list):
        yield (), _each(body, texts, violations), "sentence"
    for way, object_ in _objects(body, ()):
        for names, tells in ((_SENTENCES, "sentence"), (_TITLES, "title")):
            yield from (((*way, name), sentence, tells) for name in names if isinstance(object_.get(name), str))
        for name in _LISTS:
            if isinstance(object_.get(name), list):
                yield (*way, name), _each(object_[name], texts, violations), "sentence"
        for name in _STATUSES:
            if _is_status(object_.get(name)):
                yield (*way, name), type(object_[name])(status), ""


def _is_status(value: Any) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and value.isdecimal())


def _objects(body: Any, way: MemberPath) -> Iterator[tuple[MemberPath, Mapping[str, Any]]]:
    """A body and the objects in it that are no items of lists, such as the error in an envelope."""
    if isinstance(body, Mapping):
        yield way, body
        for name, member in body.items():
            yield from _objects(member, (*way, name))


def _each(items: Sequence[Any], texts: Sequence[str], violations: Sequence[Violation]) -> list[Any]:
    """One item for each violation, made like the first of those that there are."""
    model = items[0] if items else ""
    if not isinstance(model, Mapping):
        return list(texts)
    if not violations:
        return [_item(model, text, None) for text in texts]
    return [_item(model, violation.message, violation) for violation in violations]


def _item(model: Mapping[str, Any], text: str, violation: Violation | None) -> dict[str, Any]:
    item = dict(model)
    names = [name for name in (*_SENTENCES, *_TITLES) if isinstance(item.get(name), str)]
    for name in names[:1]:
        item[name] = text
    if violation is not None:
        place = [violation.where, *violation.pointer]
        said: Mapping[str, str] = {
            **dict.fromkeys(_PLACES, ".".join(map(str, violation.pointer)) or violation.where),
            **dict.fromkeys(("in", "location", "source"), violation.where),
            "pointer": format_pointer(violation.pointer),
            **dict.fromkeys(_RULES, violation.keyword),
        }
        for name, value in said.items():
            if name in names[:1]:
                continue
            if isinstance(item.get(name), str):
                item[name] = value
            elif isinstance(item.get(name), list):
                item[name] = place
    return item


def _with(body: Any, way: MemberPath, value: Any) -> Any:
    if not way:
        return value
    first, *rest = way
    return {**body, first: _with(body[first], tuple(rest), value)}
