"""Composing: requests to an operation, put together of what the target allows to be sent."""

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
from lookalike.verify.server.target import UNKNOWN_KEY_PART, Credentials, Pool

_TAGS = (7101, 7102, 7103)
_DATA_KEYS = ("lookalike_probe", "lookalike_probe_2")
_UNKNOWN_TOKEN = "lookalike-unknown-token"


@dataclass(frozen=True, slots=True)
class RequestBuilder:
    """Makes requests to an operation on one resource.

    `identity` is the field that tells its items apart; where a key has more fields, `prefix` names the one that
    comes before it in paths.
    """

    operation: Operation
    pool: Pool
    credentials: Credentials
    identity: str
    prefix: str = ""

    def request(self, key: object, body: Any, headers: Mapping[str, str] | None = None, query: str = "") -> Request:
        """A request for an item; bytes are sent as they are, all else as JSON, with a valid token by default."""
        fields = {**self.authorized, **self.json} if headers is None else headers
        return Request(self.operation.method, self.path(key), query, Headers(fields), self.raw(body))

    def raw(self, body: Any) -> bytes:
        """The body as it is sent."""
        return body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")

    def path(self, key: object) -> str:
        """The path of the operation on an item."""
        by = self.operation.selector.by.name if self.operation.selector else ""
        return self.operation.path.replace("{" + by + "}", quote(self._before(key) + str(key), safe=""))

    def _before(self, key: object) -> str:
        """What comes before a key in paths: of a spare one, what it will have when the first item moves there."""
        if not self.prefix or key not in (*self.owned, *self.pool.spare):
            return ""
        own = next((item for item in self.pool.owned if item[self.identity] == key), self.pool.owned[0])
        return str(own[self.prefix])

    @property
    def authorized(self) -> dict[str, str]:
        """The header field with a valid token."""
        return {"Authorization": f"Bearer {self.credentials.valid}"}

    @property
    def json(self) -> dict[str, str]:
        """The header field that says what the body is."""
        media_type = self.operation.body.first.media_type if self.operation.body else "application/json"
        return {"Content-Type": media_type}

    @property
    def owned(self) -> tuple[Key, ...]:
        """The keys of the items that may be changed."""
        return tuple(item[self.identity] for item in self.pool.owned)

    @property
    def first(self) -> Key:
        """The key of the item that most requests are about."""
        return self.owned[0]

    @property
    def tags(self) -> tuple[Any, ...]:
        """Three values for sets, or as many as there are."""
        return self.pool.tags if self.pool.tags is not None else _TAGS

    @property
    def data_keys(self) -> tuple[str, ...]:
        """Names of members that may be written."""
        return self.pool.data_keys or _DATA_KEYS

    def base(self, key: str | None = None, value: Any = "lookalike") -> dict[str, Any]:
        """A body that is valid under all readings and changes next to nothing."""
        merge = next((step.action for step in self.operation.steps if isinstance(step.action, Merge)), None)
        if merge is not None:
            return {merge.source.pointer[0]: {key or self.data_keys[0]: value}}
        return dict(next(iter(self.bodies()), {}))

    def bodies(self) -> Iterator[dict[str, Any]]:
        """The documented examples."""
        example = self.operation.request_example.get("")
        if isinstance(example, dict):
            yield example

    def steps(self, kind: type) -> list[Step]:
        """The steps of one kind."""
        return [step for step in self.operation.steps if isinstance(step.action, kind)]

    @property
    def sets(self) -> list[tuple[Step, Step | None]]:
        """Each step that adds to a set, and the step that takes from the same set, if there is one."""
        takers = {step.action.field: step for step in self.steps(Subtract) if isinstance(step.action, Subtract)}
        return [(step, takers.get(step.action.field)) for step in self.steps(Union) if isinstance(step.action, Union)]

    @property
    def mover(self) -> Step | None:
        """The step that changes the key."""
        moves = (step for step in self.steps(SetFields) if isinstance(step.action, SetFields))
        return next(
            (step for step in moves if isinstance(step.action, SetFields) and self.identity in step.action.fields), None
        )

    @property
    def may_move(self) -> bool:
        """Whether items may be moved and can be moved back."""
        return bool(self.pool.spare) and self.mover is not None and UNKNOWN_KEY_PART not in self.pool.owned[0].values()

    def move(self, to: Key) -> dict[str, Any]:
        """A body that moves an item to a key: all of an owned item's, or a spare one with the rest of the first's."""
        owned = next((item for item in self.pool.owned if item[self.identity] == to), self.pool.owned[0])
        action = self.mover.action if self.mover else None
        fields = action.fields if isinstance(action, SetFields) else {}
        values = {**owned, self.identity: to}
        return {source.pointer[0]: values[field] for field, source in fields.items()}

    def beside(self, member: str) -> dict[str, Any]:
        """What must come with a member so that it alone may be wrong: a move to a spare key, or nothing."""
        move = self.move(self.pool.spare[0]) if self.may_move else {}
        return move if member in move else {}

    def plausible(self, member: str) -> Any:
        """A value that a member may have."""
        return self.beside(member).get(member, self.base().get(member, list(self.tags[:1])))

    def unauthorized(self) -> Iterator[tuple[str, str, dict[str, str], str]]:
        """Ways to be refused: the kind of failure, its name, the header fields, and the query."""
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
