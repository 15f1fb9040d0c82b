"""The reason of a refusal in a body: problem details (RFC 9457), or the document's own error with the reason put in.

Documents describe errors with an example (`{"code": 400, "message": "Invalid input"}`); what is answered is that
example, with what is really wrong in the members that take a sentence, a status or a list of violations.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from lookalike.json_values import Pointer, find, format_pointer
from lookalike.schema.validator import Schema, Violation
from lookalike.schema.view import SchemaView

_MAX_FIELD = 4000  # characters of a header field of violations
_PHRASES = {status.value: status.phrase for status in HTTPStatus}

# --- Violations for programs, and problem details ---


def violations_field(violations: Iterable[Violation]) -> str:
    """The value of a header field with violations as JSON in ASCII: as many as 4,000 characters hold."""
    kept: list[str] = []
    length = 2
    for violation in violations:
        text = json.dumps(violation_details(violation))
        length += len(text) + 2
        if length > _MAX_FIELD:
            break
        kept.append(text)
    return f"[{', '.join(kept)}]"


def violation_details(violation: Violation) -> dict[str, str]:
    """A violation as an object: location, JSON Pointer (RFC 6901) in it, keyword of the broken rule, message."""
    return {
        "location": violation.where,
        "pointer": format_pointer(violation.pointer),
        "keyword": violation.keyword,
        "message": violation.message,
    }


def problem_details(status: int, texts: Sequence[str], violations: Sequence[Violation]) -> dict[str, Any]:
    """Problem details (RFC 9457 section 3.1), with the violations as the extension member `errors`."""
    body = {"title": _PHRASES.get(status, f"Status {status}"), "status": status, "detail": "; ".join(texts)}
    return body | ({"errors": [violation_details(violation) for violation in violations]} if violations else {})


# --- Documented bodies ---

# Names of members by what they usually hold, the best first: a sentence, a title, a list with one item for each
# violation, a status, and in such an item the place and the rule.
_SENTENCES = (
    *("detail", "details", "message", "msg", "error_description", "errorMessage", "description", "reason"),
    *("issue", "problem"),
)
_TITLES = ("error", "title", "text")
_LISTS = ("errors", "details", "detail", "violations", "messages", "message", "error", "issues", "reasons", "causes")
LISTS_BY_FIELD = (
    *("fieldErrors", "field_errors", "validationErrors", "validation_errors", "invalidParams", "invalid_params"),
)
_STATUSES = ("status", "statusCode", "status_code", "httpStatus", "code")
_WORDS = re.compile(r"[A-Za-z][A-Za-z _-]*")  # a code in words: neither a number nor a URI
_CODES = ("code", "errorCode", "error_code", "type", "error")
_PLACES = ("field", "path", "pointer", "property", "param", "parameter", "name", "location", "loc", "in", "source")
_RULES = ("rule", "keyword", "type", "code")

_ANY = (Violation("body", (), "any", "?"),)
# Rules that leave a member no room for another text.
_CONSTANT = frozenset({"const", "enum"})


class _Substitution(NamedTuple):
    """A value that could be put into a body.

    `is_reason` says whether it is the reason; a `title` only does where no other member could.
    """

    path: Pointer
    value: Any
    is_reason: bool = True
    is_title: bool = False


def with_reason(
    schema: Schema, body: Any, status: int, texts: Sequence[str], violations: Sequence[Violation] = ()
) -> Any | None:
    """A documented body with the true reason in it; None if it has no room for one.

    Members are tried one at a time, by name and type, and kept where the schema still accepts the whole. So a `const`,
    an `enum` or a pattern is never broken.
    """
    has_reason = False
    for change in _changes(body, status, texts, violations):
        if has_reason and change.is_title:
            continue
        changed = _with(body, change.path, change.value)
        if changed != body and schema.accepts(changed):
            body, has_reason = changed, has_reason or change.is_reason
    return body if has_reason else None


def with_title(schema: Schema, body: Any, status: int) -> Any:
    """A generated body, with the title of the status (RFC 9457 section 3.1.3) where it has a title."""
    if not isinstance(body, Mapping) or not isinstance(body.get("title"), str) or status not in _PHRASES:
        return body
    changed = {**body, "title": _PHRASES[status]}
    return changed if schema.accepts(changed) else body


def with_code_of_status(schema: Schema, body: Any, sampled: Any, status: int) -> Any:
    """A body whose codes are those of the status, such as `not_found`, where they still are as in the sample.

    As long as the document says of a code no more than that it is a text, a sample would be nonsense, and one that is
    an example names another cause.
    """
    phrase = _PHRASES.get(status, "")
    for path, members in [*_objects(body, ())]:
        for name in _CODES:
            text = members.get(name)
            if not phrase or not isinstance(text, str) or find(sampled, (*path, name)) != text:
                continue
            if not _WORDS.fullmatch(text):
                continue
            code = re.sub("[^A-Za-z]+", "_", phrase)
            made = phrase if name == "error" else code.upper() if text.isupper() else code.lower()
            changed = _with(body, (*path, name), made)
            body = changed if schema.accepts(changed) else body
    return body


def places_of_reason(
    body: Any, status: int, texts: Sequence[str], violations: Sequence[Violation]
) -> frozenset[Pointer]:
    """The places of an explained body that tell of the refusal."""
    told = {one.path for one in _changes(body, status, texts, violations) if find(body, one.path) == one.value}
    has_title = isinstance(body, Mapping) and body.get("title") == _PHRASES.get(status, "")
    return frozenset({*told, *([("title",)] if has_title else [])})


def lists_violations_alone(view: SchemaView) -> bool:
    """Whether an error is nothing but a list of what is wrong with a request, each with its place, as FastAPI's is."""
    lists = [one.items for one in view.members.values()]
    return bool(lists) and all(one is not None and not one.required.isdisjoint(_PLACES) for one in lists)


def has_room(schema: Schema, body: Any) -> bool:
    """Whether some member of a body may tell a reason at all: one that is neither `const` nor `enum`."""
    tried = (_with(body, one.path, one.value) for one in _changes(body, 0, ("?",), _ANY) if one.is_reason)
    return not all(any(one.keyword in _CONSTANT for one in schema.violations(changed, "", "")) for changed in tried)


def _changes(body: Any, status: int, texts: Sequence[str], violations: Sequence[Violation]) -> Iterator[_Substitution]:
    """The changes to try, the best first."""
    sentence = "; ".join(texts)
    if isinstance(body, str):
        yield _Substitution((), sentence)
    elif isinstance(body, list):
        yield _Substitution((), _items(body, status, texts, violations))
    for path, members in _objects(body, ()):
        yield from _sentences(path, members, sentence, status)
        for name in _TITLES:
            if isinstance(members.get(name), str):
                yield _Substitution((*path, name), sentence, is_title=True)
        for name in (*_LISTS, *LISTS_BY_FIELD):
            if isinstance(members.get(name), list) and (violations or name in _LISTS):
                yield _Substitution((*path, name), _items(members[name], status, texts, violations))
            elif violations and _is_by_field(name, members.get(name)):
                by_field = _by_field(violations)
                yield _Substitution((*path, name), by_field)
                yield _Substitution((*path, name), {field: "; ".join(told) for field, told in by_field.items()})
        for name in _STATUSES:
            if _is_status(members.get(name)):
                yield _Substitution((*path, name), type(members[name])(status), is_reason=False)


def _sentences(path: Pointer, members: Mapping[str, Any], sentence: str, status: int) -> Iterator[_Substitution]:
    """The reason in each member that takes a sentence; a `reason` beside one is a code, such as `NotFound`."""
    names = [name for name in _SENTENCES if isinstance(members.get(name), str)]
    for name in names:
        is_code = name == "reason" and name != names[0] and status in _PHRASES
        value = _PHRASES[status].replace(" ", "") if is_code else sentence
        yield _Substitution((*path, name), value, is_reason=not is_code)


def _objects(body: Any, path: Pointer) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """A body and the objects in it, as the error in an envelope; items of lists are made as a whole."""
    if isinstance(body, Mapping):
        yield path, body
        for name, member in body.items():
            yield from _objects(member, (*path, name))


def _is_status(value: Any) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and value.isdecimal())


def _items(examples: Sequence[Any], status: int, texts: Sequence[str], violations: Sequence[Violation]) -> list[Any]:
    """One item for each violation, in the form of the first that the document shows."""
    model = examples[0] if examples else ""
    if not isinstance(model, Mapping):
        return list(texts)
    if not violations:
        return [_item(model, status, text, None) for text in texts]
    return [_item(model, status, violation.message, violation) for violation in violations]


def _is_by_field(name: str, value: Any) -> bool:
    """Whether a member holds the messages of each member of the request, under the name of that."""
    is_named_so = name == "errors" or name in LISTS_BY_FIELD
    return is_named_so and isinstance(value, Mapping) and value.keys().isdisjoint((*_SENTENCES, *_LISTS, *_STATUSES))


def _by_field(violations: Sequence[Violation]) -> dict[str, list[str]]:
    """The messages by the member that each is about, without the name of an envelope that all members are in."""
    places = [one.member for one in violations]
    outer = {place[0] for place in places if len(place) > 1 and isinstance(place[1], str)}
    is_wrapped = len(outer) == 1 and all(len(place) > 1 for place in places)
    found: dict[str, list[str]] = {}
    for one, place in zip(violations, places, strict=True):
        found.setdefault(".".join(map(str, place[1:] if is_wrapped else place)) or one.where, []).append(one.message)
    return found


def _item(model: Mapping[str, Any], status: int, text: str, violation: Violation | None) -> dict[str, Any]:
    item = dict(model)
    names = [name for name in (*_SENTENCES, *_TITLES) if isinstance(item.get(name), str)][:1]
    for name in names:
        item[name] = text
    if isinstance(item.get("title"), str) and "title" not in names and status in _PHRASES:
        item["title"] = _PHRASES[status]
    for name in _STATUSES[:-1]:
        if isinstance(item.get(name), str | int):
            item[name] = type(item[name])(status)
    if violation is None:
        return item
    values: Mapping[str, str] = {
        **dict.fromkeys(_PLACES, ".".join(map(str, violation.member)) or violation.where),
        **dict.fromkeys(("in", "location", "source"), violation.where),
        "pointer": format_pointer(violation.member),
        **dict.fromkeys(_RULES, violation.keyword),
    }
    for name, value in values.items():
        if name in names:
            continue
        if isinstance(item.get(name), str):
            item[name] = value
        elif isinstance(item.get(name), list):
            item[name] = [violation.where, *violation.member]  # as `loc` of FastAPI
        elif isinstance(item.get(name), Mapping):
            item[name] = _source(item[name], violation)
    return item


def _source(model: Mapping[str, Any], violation: Violation) -> dict[str, str]:
    """The place of a violation as JSON:API has it: the pointer into a body, or the name of a parameter or field."""
    name = "pointer" if violation.where == "body" else "header" if violation.where == "header" else "parameter"
    text = format_pointer(violation.member) if name == "pointer" else ".".join(map(str, violation.member))
    return {name: text} if text and name in model else dict(model)


def _with(body: Any, path: Pointer, value: Any) -> Any:
    """A body with a value at a path, itself unchanged."""
    if not path:
        return value
    first, *rest = path
    return {**body, first: _with(body[first], tuple(rest), value)}
