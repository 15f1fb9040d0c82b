"""The send policy: the requests of a saved report that may be sent to a server, by its target file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lookalike.http import Request
from lookalike.json_values import is_number
from lookalike.verify.environment import StatedOperation
from lookalike.verify.requests.builder import RequestBuilder
from lookalike.verify.stories.probes import sweep
from lookalike.verify.stories.single_operation import table

_SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """The methods, paths, queries, names of header fields and new keys of the requests that a run itself sends.

    A report may come from another server, or may have been edited. `member` is the member of a body that gives an item
    another key; on a server that can be reset, `any_key` may be given.
    """

    methods: frozenset[str]
    paths: frozenset[str]
    queries: frozenset[str]
    fields: frozenset[str]
    member: str
    keys: tuple[Any, ...]
    any_key: bool

    def refusal(self, request: Request) -> str:
        """The reason why a request must not be sent, or an empty string."""
        if request.method not in self.methods:
            return f"{request.method} is a method that a run never sends"
        if request.path not in self.paths:
            return f"{request.path} names no item that is owned, spare or absent in the target file"
        if request.query not in self.queries:
            return f"?{request.query} is a query that a run never sends"
        for name in request.headers:
            if name.lower() not in self.fields:
                return f"{name} is a header field that a run never sends"
        return "" if self.any_key else self._refused_body(request.body)

    def _refused_body(self, body: bytes) -> str:
        try:
            found = list(_values(body, self.member))
        except (ValueError, RecursionError):  # the parser of the server may accept it all the same
            named = self.member and (self.member.encode() in body or b"\\u" in body)
            return f"it names {self.member} in a body that cannot be read" if named else ""
        key = next((value for value in found if value not in self.keys and _may_be_key(value, self.keys)), None)
        if key is None:
            return ""
        return f"it would give the key {key!r} to an item, which is neither owned nor spare in the target file"


def send_policy_for(stated: StatedOperation) -> SendPolicy:
    """The policy that allows every request of the stories of a run, and no other."""
    compose = stated.compose
    builders = (compose, *(replace(compose, prefix=prefix) for prefix in stated.prefixes))
    requests = [request for builder in builders for request in _requests_of_a_run(builder)]
    member = _key_member(compose)
    keys = [value for request in requests for value in _readable_values(request.body, member)]
    return SendPolicy(
        methods=frozenset({compose.operation.method, *_SAFE}),
        paths=frozenset(path for builder in builders for path in _paths(builder)),
        queries=frozenset({"", *(request.query for request in requests)}),
        fields=frozenset(name.lower() for request in requests for name in request.headers),
        member=member,
        keys=(*compose.owned, *compose.usable.spare, *keys),
        any_key=compose.usable.resettable,
    )


def _requests_of_a_run(compose: RequestBuilder) -> Iterator[Request]:
    for case in table(compose, lambda request: ()):
        yield from case.requests
    for story in sweep(compose):
        yield from story


def _paths(compose: RequestBuilder) -> Iterator[str]:
    yield from map(compose.path, (*compose.owned, *compose.usable.spare, *compose.usable.absent))
    yield from (request.path for story in sweep(compose) for request in story)


def _key_member(compose: RequestBuilder) -> str:
    """The member of a body that gives an item another key, or an empty string."""
    fields = getattr(compose.mover.action, "fields", {}) if compose.mover else {}
    return str(fields[compose.identity].pointer[0]) if fields else ""


def _may_be_key(value: Any, keys: tuple[Any, ...]) -> bool:
    """Whether a lenient server may take a value for such a key: a number also if it is in a string."""
    if isinstance(value, str):
        return any(isinstance(key, str) for key in keys[:1]) or any(character.isdigit() for character in value)
    return is_number(value)


def _readable_values(body: bytes, member: str) -> list[Any]:
    try:
        return list(_values(body, member))
    except (ValueError, RecursionError):
        return []


def _values(body: bytes, member: str) -> Iterator[Any]:
    """The values of all members of a name in a body, of duplicates too: servers differ in which one they take."""
    pairs: list[tuple[str, Any]] = []

    def note(found: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.extend(found)
        return dict(found)

    json.loads(body, object_pairs_hook=note)
    return (value for name, value in pairs if name == member)
