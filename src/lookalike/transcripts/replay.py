"""Replay: a transcript, taken step by step against a server whose state can be observed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Barrier
from typing import Any, Protocol

from lookalike.contract.contract import Contract
from lookalike.contract.overlapping import by_route
from lookalike.contract.responses import DocumentedResponse, response_for
from lookalike.contract.routing import Router
from lookalike.errors import Location, LookalikeError
from lookalike.http import Request, Response
from lookalike.json_values import ABSENT, find, parse_pointer, values_within
from lookalike.model.state import Item, Key
from lookalike.readings import holds
from lookalike.schema.vocabulary import clauses_of
from lookalike.transcripts.captured import filled
from lookalike.transcripts.transcript import Call, ExpectedItems, Transcript, TranscriptStep

_LONGEST = 2000


class ObservableServer(Protocol):
    """A server whose state can be observed, such as `service.MockService`."""

    def handle(self, request: Request) -> Response:
        """The response to a request."""
        ...

    def item(self, resource: str, key: Key) -> Item | None:
        """The item under a key; None if there is none."""
        ...

    def state(self) -> Mapping[str, Sequence[Item]]:
        """All items by resource."""
        ...


class TranscriptMismatch(LookalikeError):
    """A server that does not behave as a transcript expects; `details` are the differences."""

    exit_code = 1

    def __init__(self, location: Location, what: str, details: Sequence[str]) -> None:
        super().__init__("\n  ".join((f"{location}: {what}", *details)))
        self.location = location
        self.what = what
        self.details = tuple(details)


def replay(transcript: Transcript, server: ObservableServer, contract: Contract) -> None:
    """Replay a transcript on a server that has its initial items and choices.

    Raises `TranscriptMismatch` at the first step with another outcome, and where a clause to prove decided no response.
    """
    _Replay(transcript, server, contract).run()


class _Replay:
    """One replay; it collects the clauses that responses name."""

    def __init__(self, transcript: Transcript, server: ObservableServer, contract: Contract) -> None:
        self._transcript = transcript
        self._server = server
        self._contract = contract
        self._choose = contract.choices(transcript.readings).__getitem__
        self._named: set[str] = set()
        self._captured: dict[str, Any] = {}
        self._router = Router(by_route((one.path, one) for one in contract.operations).items())

    def run(self) -> None:
        for number, step in enumerate(self._transcript.steps, 1):
            before = self._other_items(step.items)
            calls = [filled(call, self._captured) for call in step.calls]
            responses = _sent(calls, self._server)
            for call, response in zip(calls, responses, strict=True):
                self._check_response(number, step, call, response)
                self._captured |= _captured(call, response)
            details = [*self._item_differences(step.items or {}), *_changes(before, self._other_items(step.items))]
            if details:
                raise TranscriptMismatch(step.location, f"{self._step(number)}, the state afterwards", details)
        self._check_claims()

    def _step(self, number: int) -> str:
        return f"step {number} of {self._transcript.title!r}"

    def _check_response(self, number: int, step: TranscriptStep, call: Call, response: Response) -> None:
        self._named.update((response.header("Lookalike-Clause") or "").split(", "))
        details = [*_response_differences(call, response), *self._undocumented(call.request, response)]
        if details:
            what = f"{self._step(number)}, {call.request.method} {call.request.path}"
            raise TranscriptMismatch(step.location, what, [*details, *_excerpt(response)])

    def _undocumented(self, request: Request, response: Response) -> Iterator[str]:
        """The differences between a response and the documented one of its status."""
        answer = self._documented(request, response.status)
        if answer is None:
            return
        is_told_otherwise = not answer.media_type and response.status >= HTTPStatus.BAD_REQUEST  # as problem details
        if not is_told_otherwise and (response.header("Content-Type") or "") != answer.media_type:
            yield f"expected Content-Type {answer.media_type}, got {response.header('Content-Type')}"
        if answer.schema is not None:
            for found in answer.schema.violations(_parsed(response.body), "body", "the body"):
                if holds(found.when, self._choose):
                    yield f"as documented, {found.message}"

    def _documented(self, request: Request, status: int) -> DocumentedResponse | None:
        match = self._router.match(request.path)
        known = match.target.get(request.method) if match else None
        return response_for(known.operations[known.asked_for(request)].responses, str(status)) if known else None

    def _other_items(self, items: ExpectedItems | None) -> set[str]:
        """All items that a step does not name, as texts; none if it expects nothing of the state."""
        if items is None:
            return set()
        state = self._server.state().items()
        found = {f"{resource} {_json(item)}" for resource, listed in state for item in listed}
        return found - {f"{resource} {_json(self._server.item(resource, key))}" for resource, key in items}

    def _item_differences(self, items: ExpectedItems) -> Iterator[str]:
        """The differences between expected items and those of the server; a field is compared as a whole."""
        for (resource, key), expected in items.items():
            item = self._server.item(resource, key)
            if expected is None or item is None:
                if item is not expected:
                    yield f"expected {resource} {key} to be {_json(expected)}, got {_json(item)}"
                continue
            for field, value in expected.items():
                if field not in item or _json(item[field]) != _json(value):
                    got = _json(item[field]) if field in item else "none"
                    yield f"expected {resource} {key} to have {field} {_json(value)}, got {got}"

    def _check_claims(self) -> None:
        """Raise `TranscriptMismatch` for a clause to prove that decided no response.

        Clauses that decide no response anywhere are proved by the steps alone.
        """
        missing = (decisive_clauses(self._contract) & {*self._transcript.clauses}) - self._named
        if missing:
            what = f"{self._transcript.title!r} is to prove {', '.join(sorted(missing))}"
            details = (
                f"no response named {'it' if len(missing) == 1 else 'them'} in Lookalike-Clause",
                f"named were {', '.join(sorted(self._named))}",
            )
            raise TranscriptMismatch(self._transcript.location, what, details)


def decisive_clauses(contract: Contract) -> frozenset[str]:
    """The clauses that a contract attaches to a rule, an answer, an effect, or a way to be refused."""
    steps = [step.clauses for operation in contract.operations for step in operation.steps]
    refusals = [clauses for scheme in contract.schemes.values() for clauses in scheme.bearer.clauses.values()]
    attached = {clause for clauses in (*steps, *refusals) for clause in clauses}
    objects = (node for node in values_within(contract.document.data) if isinstance(node, dict))
    return frozenset(attached.union(*map(clauses_of, objects)))


def _sent(calls: Sequence[Call], server: ObservableServer) -> list[Response]:
    """The responses to calls that are made at the same time."""
    if len(calls) == 1:
        return [server.handle(calls[0].request)]
    all_there = Barrier(len(calls))

    def send(call: Call) -> Response:
        all_there.wait()
        return server.handle(call.request)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(send, calls))


def _response_differences(call: Call, response: Response) -> Iterator[str]:
    """The differences between a response and the one that a call expects."""
    if response.status != call.status:
        yield f"expected status {call.status}, got {response.status}"
    for name, expected in call.headers.items():
        yield from _difference(f"header {name}", expected, response.header(name))
    body = _parsed(response.body) if call.body else {}
    for name, expected in call.body.items():
        yield from _difference(name, expected, body.get(name) if isinstance(body, dict) else None)
    missing = call.capture.keys() - _captured(call, response).keys()
    yield from (f"expected a value at {call.capture[name]} of the body, as {name}" for name in sorted(missing))


def _captured(call: Call, response: Response) -> dict[str, Any]:
    """The values of a response that a call captures, by their names, as far as they are there."""
    body = _parsed(response.body) if call.capture else None
    found = {name: find(body, parse_pointer(pointer)) for name, pointer in call.capture.items()}
    return {name: value for name, value in found.items() if value is not ABSENT}


def _difference(name: str, expected: Any, got: Any) -> Iterator[str]:
    if isinstance(expected, Mapping) and expected.keys() == {"contains"}:
        if not isinstance(got, str) or expected["contains"] not in got:
            yield f"expected {name} to contain {_json(expected['contains'])}, got {_json(got)}"
    elif _json(expected) != _json(got):
        yield f"expected {name} {_json(expected)}, got {_json(got)}"


def _changes(before: set[str], after: set[str]) -> Iterator[str]:
    yield from (f"expected to stay as it is: {item}" for item in sorted(before - after))
    yield from (f"expected not to appear: {item}" for item in sorted(after - before))


def _excerpt(response: Response) -> Iterator[str]:
    yield f"the response: {response.status} {response.body.decode(errors='backslashreplace')[:_LONGEST]}"
    yield f"its reason: {response.header('Lookalike-Reason')}"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
