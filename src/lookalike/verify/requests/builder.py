"""The request builder: requests to one stated operation, within the limits that the target file sets."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lookalike.contract.contract import Operation
from lookalike.contract.semantics import Merge, SetFields, Step, Subtract, Union
from lookalike.http import Headers, Request
from lookalike.model.state import Key
from lookalike.verify.server.redaction import basic, half, lengthened, quoted, shortened, swapped
from lookalike.verify.server.target import UNKNOWN_KEY_PART, Credentials, UsableItems

# Sent where the target file names none, so that they are unlikely to exist, and recognisable in the log of a server.
_TAGS = (7101, 7102, 7103)
_DATA_KEYS = ("lookalike_probe", "Lookalike_Probe_2")
_UNKNOWN_TOKEN = "lookalike-unknown-token"


@dataclass(frozen=True, slots=True)
class RequestBuilder:
    """Builds requests to an operation on one resource.

    `identity` is the field that identifies an item; if a key has further fields, `prefix` is the one that stands before
    it in paths.
    """

    operation: Operation
    usable: UsableItems
    credentials: Credentials
    identity: str
    prefix: str = ""

    def request(self, key: object, body: Any, headers: Mapping[str, str] | None = None, query: str = "") -> Request:
        """A request about an item, by default with a valid token; a body of bytes is sent as it is, else as JSON."""
        fields = {**self.authorized, **self.json} if headers is None else headers
        return Request(self.operation.method, self.path(key), query, Headers(fields), self.raw(body))

    def raw(self, body: Any) -> bytes:
        """The body in bytes."""
        return body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")

    def path(self, key: object) -> str:
        """The path of the operation for an item."""
        by = self.operation.selector.by.name if self.operation.selector else ""
        return self.operation.path.replace("{" + by + "}", quote(self._before(key) + str(key), safe=""))

    def _before(self, key: object) -> str:
        """The prefix of a key in paths; a spare key gets that of the first owned item, which moves there."""
        if not self.prefix or key not in (*self.owned, *self.usable.spare):
            return ""
        own = next((item for item in self.usable.owned if item[self.identity] == key), self.usable.owned[0])
        return str(own[self.prefix])

    @property
    def authorized(self) -> dict[str, str]:
        """The header field with a valid token."""
        return {"Authorization": f"Bearer {self.credentials.valid}"}

    @property
    def json(self) -> dict[str, str]:
        """The header field with the media type of the body."""
        media_type = self.operation.body.first.media_type if self.operation.body else "application/json"
        return {"Content-Type": media_type}

    @property
    def owned(self) -> tuple[Key, ...]:
        """The keys of the items that may be changed."""
        return tuple(item[self.identity] for item in self.usable.owned)

    @property
    def first(self) -> Key:
        """The key of the item that is used wherever one is enough."""
        return self.owned[0]

    @property
    def tags(self) -> tuple[Any, ...]:
        """The elements that may be added to sets."""
        return self.usable.tags if self.usable.tags is not None else self.usable.seen_tags or _TAGS

    @property
    def knows_tags(self) -> bool:
        """Whether elements are known that may be added to sets, and are not ignored as unknown ones."""
        return bool(self.usable.tags or self.usable.seen_tags)

    @property
    def data_keys(self) -> tuple[str, ...]:
        """The members of objects that may be written."""
        return self.usable.data_keys or _DATA_KEYS

    def base(self, key: str | None = None, value: Any = "lookalike") -> dict[str, Any]:
        """A body that is valid under every reading, and changes one member that no client of the server uses."""
        merge = next((step.action for step in self.operation.steps if isinstance(step.action, Merge)), None)
        if merge is not None:
            return {merge.source.pointer[0]: {key or self.data_keys[0]: value}}
        return dict(next(iter(self.bodies()), {}))

    def bodies(self) -> Iterator[dict[str, Any]]:
        """The documented examples that are objects."""
        example = self.operation.request_example.get("")
        if isinstance(example, dict):
            yield example

    def steps(self, kind: type) -> list[Step]:
        """The steps whose action is of one class."""
        return [step for step in self.operation.steps if isinstance(step.action, kind)]

    @property
    def sets(self) -> list[tuple[Step, Step | None]]:
        """Each step that adds to a set, with the step that removes from the same set, if there is one."""
        takers = {step.action.field: step for step in self.steps(Subtract) if isinstance(step.action, Subtract)}
        return [(step, takers.get(step.action.field)) for step in self.steps(Union) if isinstance(step.action, Union)]

    @property
    def mover(self) -> Step | None:
        """The step that changes the key of an item, if there is one."""
        moves = (step for step in self.steps(SetFields) if isinstance(step.action, SetFields))
        return next(
            (step for step in moves if isinstance(step.action, SetFields) and self.identity in step.action.fields), None
        )

    @property
    def may_move(self) -> bool:
        """Whether items may get another key, and can get their own back."""
        return (
            bool(self.usable.spare) and self.mover is not None and UNKNOWN_KEY_PART not in self.usable.owned[0].values()
        )

    def move(self, to: Key) -> dict[str, Any]:
        """A body that gives an item another key: an owned item's, or a spare one with the prefix of the first."""
        owned = next((item for item in self.usable.owned if item[self.identity] == to), self.usable.owned[0])
        action = self.mover.action if self.mover else None
        fields = action.fields if isinstance(action, SetFields) else {}
        values = {**owned, self.identity: to}
        return {source.pointer[0]: values[field] for field, source in fields.items()}

    def beside(self, member: str) -> dict[str, Any]:
        """The members that must come with another one, so that only that one may be wrong."""
        move = self.move(self.usable.spare[0]) if self.may_move else {}
        return move if member in move else {}

    def plausible(self, member: str) -> Any:
        """A valid value for a member."""
        return self.beside(member).get(member, self.base().get(member, list(self.tags[:1])))

    def unauthorized(self) -> Iterator[tuple[str, str, dict[str, str], str]]:
        """Requests without valid credentials: kind of failure, description, header fields, and query."""
        valid = self.credentials.valid
        yield "missing", "no Authorization header", {}, ""
        for name, value in {
            "an empty Authorization header": "",
            "no token behind Bearer": "Bearer",
            "only a space behind Bearer": "Bearer ",
            "the token without a scheme": valid,
            "another scheme": f"Token {valid}",
            "Basic credentials": f"Basic {basic(valid)}",
            "an unknown token": f"Bearer {_UNKNOWN_TOKEN}",
            "half of the token": f"Bearer {half(valid)}",
            "all but the last character of the token": f"Bearer {shortened(valid)}",
            "one character too many": f"Bearer {lengthened(valid)}",
            "the token in another letter case": f"Bearer {swapped(valid)}",
        }.items():
            yield "invalid", name, {"Authorization": value}, ""
        for parameter in ("access_token", "token"):
            yield "invalid", f"the token in the query ({parameter})", {}, f"{parameter}={quoted(valid)}"
        for kind, token in (("expired", self.credentials.expired), ("revoked", self.credentials.revoked)):
            if token is not None:
                yield kind, f"a token that is {kind}", {"Authorization": f"Bearer {token}"}, ""
