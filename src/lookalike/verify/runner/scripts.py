"""Scripts: requests about one clause of a stated operation, fixed before the first is sent, and how they are built."""

from dataclasses import dataclass
from typing import Any

from lookalike.contract.semantics import SetFields, Step
from lookalike.http import Request
from lookalike.verify.requests.builder import RequestBuilder


@dataclass(frozen=True, slots=True)
class Script:
    """Requests about one clause of a stated operation, in their order.

    If `hidden`, the answers do not show all that the requests do, so that items must be observed to judge it. If
    `strange`, the only expectation is an answer below 500. If `on_sets`, it adds elements to sets or takes them away,
    which shows nothing unless these are known to exist.
    """

    clause: str
    title: str
    requests: tuple[Request, ...]
    hidden: bool = False
    strange: bool = False
    on_sets: bool = False


@dataclass(frozen=True, slots=True)
class ScriptBuilder:
    """Builds the scripts about one clause; those `on_sets` need elements that are known to exist."""

    compose: RequestBuilder
    clause: str
    on_sets: bool = False

    def case(self, title: str, *requests: Request) -> Script:
        """A script whose answers show all of its effects."""
        return Script(self.clause, title, requests)

    def hidden(self, title: str, *requests: Request) -> Script:
        """A script whose answers do not show all of its effects."""
        return Script(self.clause, title, requests, hidden=True, on_sets=self.on_sets)

    def strange(self, title: str, request: Request) -> Script:
        """A script of one request; the only expectation is an answer below 500."""
        return Script(self.clause, title, (request,), strange=True)

    def bodies(self, title: str, *bodies: dict[str, Any]) -> Script:
        """A script of bodies for the first item, each completed to be valid under every reading."""
        whole = ({**self.compose.base(), **_named(body)} for body in bodies)
        return self.hidden(title, *(self.compose.request(self.compose.first, body) for body in whole))

    def exactly(self, title: str, *bodies: dict[str, Any]) -> Script:
        """A script of bodies for the first item, as they are."""
        return self.hidden(title, *(self.compose.request(self.compose.first, _named(body)) for body in bodies))


def property_of(compose: RequestBuilder, name: str) -> tuple[str, ...]:
    """The clauses that state a property of the operation as a whole."""
    return compose.operation.property_clauses.get(name, ())


def own_clauses(compose: RequestBuilder, step: Step) -> list[str]:
    """The clauses of a step that state no property of the operation as a whole."""
    general = {clause for clauses in compose.operation.property_clauses.values() for clause in clauses}
    return [clause for clause in step.clauses if clause not in general]


def source_of(step: Step | None) -> str:
    """The member of the body that a step reads first, or an empty string without a step."""
    if step is None:
        return ""
    action = step.action
    source = next(iter(action.fields.values())) if isinstance(action, SetFields) else getattr(action, "source", None)
    return source.pointer[0] if source else ""


def _named(body: dict[str, Any]) -> dict[str, Any]:
    """The body without the unnamed member of a step that does not exist."""
    return {name: value for name, value in body.items() if name}
