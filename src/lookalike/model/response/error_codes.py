"""Error codes: which of the words that a document lists for errors names the cause of a refusal.

A wrong code misleads clients, which decide by codes, more than none.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from lookalike.contract.inference.kinds import kinds_of
from lookalike.json_values import Pointer, find, with_value_at, without_value_at
from lookalike.model.response.problem_details import LISTS_BY_FIELD
from lookalike.naming.members import is_state
from lookalike.schema.validator import Schema
from lookalike.schema.view import SchemaView

_INVALID = (
    *("invalid request", "validation", "bad request", "invalid argument", "invalid arguments", "invalid input"),
    *("invalid parameter", "invalid params", "unprocessable", "malformed", "invalid"),
)
# The words for each status, the most exact first. Any refusal is a bad request, if nothing says more.
_WORDS: Mapping[int, tuple[str, ...]] = {
    400: _INVALID,
    401: ("unauthorized", "unauthenticated", "not authenticated", "authentication", "not authed", "invalid auth"),
    403: ("forbidden", "permission", "access denied", "permission denied", "not allowed", "unauthorized"),
    404: ("not found", "no such", "missing", "unknown", "does not exist", "invalid request"),
    405: ("method not allowed", "not allowed", "invalid request"),
    406: ("not acceptable", "invalid request"),
    409: ("conflict", "already exists", "duplicate", "exists", "invalid request"),
    415: ("unsupported media type", "unsupported", "invalid request"),
    422: _INVALID,
    429: ("rate limit", "too many requests", "ratelimited", "throttled"),
}
# Words that say no more than whether a request was successful.
_SUCCESSES = frozenset({"success", "successful", "ok", "succeeded"})
_FAILURES = ("failure", "failed", "fail", "error", "ko")
# Members that hold the error itself.
_HOLDERS = frozenset(
    {"error", "errors", "source", "fault", "detail", "details", "problem", "message", "meta", "status", "response"}
    | {name.lower() for name in LISTS_BY_FIELD}
)
# Words that say nothing about the cause.
_GENERIC = frozenset({"error", "err", "code", "request", "the", "a", "exception", "failed", "failure", "type", "e"})


CodedMember: TypeAlias = tuple[Pointer, list[str]]


class CodedBody(NamedTuple):
    """A body with codes that name the cause; `names_other` is true where one of them can only name another."""

    body: Any
    names_other: bool


def with_codes(coded: Iterable[CodedMember], schema: Schema, body: Any, status: int, text: str) -> CodedBody:
    """A body with the code of the cause in each member that takes one of a list of words."""
    names_other = False
    for place, words in coded:
        code = code_of(words, status, text)
        changed = with_value_at(body, place, code)
        if code is not None and schema.accepts(changed):
            body = changed
        else:
            names_other = True
    return CodedBody(body, names_other)


def code_of(words: list[str], status: int, text: str) -> str | None:
    """The word that names the cause of a refusal, all of whose words are in the text of the reason."""
    in_text = {*_tokens(text)} | _GENERIC
    for meaning in _WORDS.get(status, ()):
        wanted = meaning.split()
        fitting = [word for word in words if _contains(_tokens(word), wanted)]
        exact = [word for word in fitting if {*_tokens(word)} - {*wanted} <= in_text]
        if exact:
            return max(exact, key=lambda word: len({*_tokens(word)} & in_text - _GENERIC))
    by_plain = {word.lower(): word for word in words}
    failures = [by_plain[word] for word in _FAILURES if word in by_plain]
    return failures[0] if failures and not _SUCCESSES.isdisjoint(by_plain) else None


def without_details(view: SchemaView, schema: Schema, sampled: Any) -> Any:
    """A sample of an error without the optional objects in it, as the charge that failed: there is no such thing.

    Objects with the name of an error are kept, since they are the place of the reason.
    """
    body = sampled
    for place in [*_optional_members(view, sampled, ())]:
        is_detail = isinstance(find(body, place), dict) and str(place[-1]).lower() not in _HOLDERS
        shorter = without_value_at(body, place) if is_detail else body
        body = shorter if schema.accepts(shorter) else body
    return body


def without_invented(view: SchemaView, schema: Schema, body: Any, sampled: Any, told: Collection[Pointer] = ()) -> Any:
    """A body without the optional members that still are as in the sample: nothing is known of them.

    Those that have one possible value are known, as `"type": "error"` of any error. Those at the places `told` tell of
    the refusal, and may be as in the sample by chance. Each item of a list is made of the first one of the sample.
    """
    explained, kinds = body, kinds_of(view)
    for place in [*_optional_members(view, body, ())]:
        shown = [0 if isinstance(part, int) else part for part in place]
        member = view.inside(place)
        is_known = place in told or place[0] in kinds or (member is not None and member.has_one_value)
        if not is_known and find(explained, place) == find(sampled, shown):
            shorter = without_value_at(body, place)
            body = shorter if schema.accepts(shorter) else body
    return body


def coded_members(view: SchemaView, body: Any, path: Pointer = ()) -> Iterator[CodedMember]:
    """The members of a body that take one of a list of words, each with these."""
    for name, value in body.items() if isinstance(body, Mapping) else ():
        member = view.members.get(name)
        if member is None:
            continue
        words = _words_listed(name, member)
        if isinstance(value, str) and len(words) > 1:
            yield (*path, name), [word for word in words if isinstance(word, str)]
        yield from coded_members(member, value, (*path, name))


def words_of_success(view: SchemaView) -> dict[str, str]:
    """The members of a body that say whether a request was successful, each with the word that says so."""
    found = {}
    for name, member in view.members.items():
        by_plain = {one.lower(): one for one in _words_listed(name, member) if isinstance(one, str)}
        success = next((by_plain[word] for word in by_plain if word in _SUCCESSES), None)
        if success is not None and any(word in by_plain for word in _FAILURES):
            found[name] = success
    return found


def _words_listed(name: str, member: SchemaView) -> list[Any]:
    """The words that a member takes, by its `enum`, or in quotes where its description says `One of: "A" or "B"`."""
    words = member.keyword("enum")
    if isinstance(words, list):
        return words
    listed = _ONE_OF.search(str(member.keyword("description", ""))) if is_state(name) else None
    return _QUOTED.findall(listed[0]) if listed else []


_ONE_OF = re.compile(r'\bone of:?\s+("\w+"(?:,?\s+(?:or\s+)?"\w+")+)', re.IGNORECASE)
_QUOTED = re.compile(r'"(\w+)"')


def _optional_members(view: SchemaView, body: Any, path: Pointer) -> Iterator[Pointer]:
    """The places of optional members, inner ones first."""
    if isinstance(body, list) and view.items is not None:
        for index, item in enumerate(body):
            yield from _optional_members(view.items, item, (*path, index))
    for name, value in body.items() if isinstance(body, Mapping) else ():
        member = view.members.get(name)
        if member is None:
            continue
        yield from _optional_members(member, value, (*path, name))
        if name not in view.required:
            yield (*path, name)


def _tokens(text: str) -> list[str]:
    """The words of a text or a name, in lower case: `notFound` and `NOT_FOUND` have the same."""
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).lower())


def _contains(tokens: list[str], wanted: list[str]) -> bool:
    length = len(wanted)
    return any(tokens[start : start + length] == wanted for start in range(len(tokens) - length + 1))
