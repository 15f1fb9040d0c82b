"""Transcripts: exchanges that a tester wrote down, and their replay against a server.

`transcripts.schema.json` beside this file says what a transcript may hold, `fixtures/sessions/README.md` what it means.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any, Protocol

from lookalike.contract.choices import holds
from lookalike.contract.contract import Answer, Contract, Operation
from lookalike.contract.document import Document, load_document
from lookalike.contract.extension import clauses_of
from lookalike.contract.routing import Router
from lookalike.contract.schemas import Schemas
from lookalike.errors import DocumentError, Location, LookalikeError, UsageError
from lookalike.http import Headers, Request, Response

Key = int | str
Item = Mapping[str, Any]
Named = Mapping[tuple[str, Key], Item | None]

VALID_TOKEN = "tok-valid"
SENT_AT = 1_800_000_000.0
_SCHEMA = Path(__file__).with_name("transcripts.schema.json")
_BODIES = ("body", "text", "bytes")
_LONGEST = 2000


class Server(Protocol):
    """A server whose state can be looked at, as `service.Mock` is."""

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        ...

    def item(self, resource: str, key: Key) -> Item | None:
        """The item that answers to a key."""
        ...

    def state(self) -> Mapping[str, Sequence[Item]]:
        """All items by resource."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and what is expected of its answer: the status, members of the body, header fields."""

    request: Request
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """Calls that are made at once, mostly one; `items` are those that may change, or None where any may."""

    calls: tuple[Call, ...]
    items: Named | None
    place: Location


@dataclass(frozen=True, slots=True)
class Transcript:
    """Steps that a server takes as expected where it keeps the clauses and the choices that the transcript proves."""

    title: str
    clauses: tuple[str, ...]
    choices: Mapping[str, str]
    readings: Mapping[str, str]
    data: Mapping[str, Sequence[Item]] | None
    steps: tuple[Step, ...]
    place: Location


class TranscriptMismatch(LookalikeError):
    """A server that does not do what a transcript says."""

    def __init__(self, place: Location, what: str, details: Sequence[str]) -> None:
        super().__init__("\n  ".join((f"{place}: {what}", *details)))
        self.place = place
        self.details = tuple(details)


def read_transcripts(path: Path, contract: Contract) -> tuple[Transcript, ...]:
    """The transcripts of a file, which holds one or a list; raises `UsageError` or `DocumentError`, with the place."""
    document = load_document(path)
    if not isinstance(document.data, list):
        return (_Reader(document, contract, document.data, ()).transcript(),)
    raws = enumerate(document.data)
    return tuple(_Reader(document, contract, raw, (index,)).transcript() for index, raw in raws)


class _Reader:
    """Makes a transcript of its data."""

    def __init__(self, document: Document, contract: Contract, raw: Any, here: tuple[str | int, ...]) -> None:
        self._document = document
        self._contract = contract
        self._raw = raw
        self._here = here

    def transcript(self) -> Transcript:
        schema = Schemas(load_document(_SCHEMA).data).at()
        problems = [
            self._document.problem(found.message, (*self._here, *found.pointer))
            for found in schema.violations(self._raw, "transcript", "a transcript")
        ]
        if problems:
            raise DocumentError(problems)
        choices = self._choices()
        return Transcript(
            title=self._raw["title"],
            clauses=tuple(self._clauses()),
            choices=choices,
            readings=self._readings(choices),
            data=self._raw.get("data"),
            steps=tuple(self._step(index, raw) for index, raw in enumerate(self._raw["steps"])),
            place=self._document.locate(self._here),
        )

    def _problem(self, what: str, *pointer: str | int, remedy: str = "") -> DocumentError:
        return DocumentError([self._document.problem(what, (*self._here, *pointer), remedy)])

    def _clauses(self) -> Iterator[str]:
        for index, claim in enumerate(self._raw["proves"]):
            if isinstance(claim, str):
                if claim not in self._contract.clauses:
                    known = ", ".join(self._contract.clauses)
                    raise self._problem(f"there is no clause {claim!r}", "proves", index, remedy=f"There is: {known}")
                yield claim

    def _choices(self) -> dict[str, str]:
        """The choices that are proved, which therefore are in force."""
        found: dict[str, str] = {}
        for index, claim in enumerate(self._raw["proves"]):
            for reading, choice in claim.items() if isinstance(claim, dict) else ():
                if reading in found:
                    raise self._problem(f"only one choice of {reading} can be in force", "proves", index)
                found[reading] = str(choice)
                self._check_choice(reading, str(choice), "proves", index)
        return found

    def _readings(self, proved: Mapping[str, str]) -> dict[str, str]:
        given = {reading: str(choice) for reading, choice in self._raw.get("readings", {}).items()}
        for reading, choice in given.items():
            self._check_choice(reading, choice, "readings", reading)
            if proved.get(reading, choice) != choice:
                what = f"{reading}={choice} contradicts {proved[reading]}, which is to be proved"
                raise self._problem(what, "readings", reading)
        return {**given, **proved}

    def _check_choice(self, reading: str, choice: str, *pointer: str | int) -> None:
        try:
            self._contract.choices({reading: choice})
        except UsageError as error:
            raise self._problem(str(error), *pointer) from None

    def _step(self, index: int, raw: Mapping[str, Any]) -> Step:
        here = ("steps", index)
        if "at_once" in raw:
            calls = [self._call(one, *here, "at_once", place) for place, one in enumerate(raw["at_once"])]
        else:
            calls = [self._call(raw, *here)]
        fails = all(call.status >= 400 for call in calls)
        state = raw.get("state", "unchanged" if fails else None)
        return Step(tuple(calls), _named(state), self._document.locate((*self._here, *here)))

    def _call(self, raw: Mapping[str, Any], *here: str | int) -> Call:
        method, _, target = raw["request"].partition(" ")
        path, _, query = target.partition("?")
        body = self._body(raw, *here)
        answer = raw["answer"] if isinstance(raw["answer"], dict) else {"status": raw["answer"]}
        message = {"message": answer["message"]} if "message" in answer else {}
        return Call(
            Request(method, path, query, Headers(_headers(raw)), body, SENT_AT),
            answer["status"],
            {**answer.get("body", {}), **message},
            answer.get("headers", {}),
        )

    def _body(self, raw: Mapping[str, Any], *here: str | int) -> bytes:
        given = [kind for kind in _BODIES if kind in raw]
        if len(given) > 1:
            raise self._problem(f"{' and '.join(given)} exclude each other", *here, given[1])
        if "bytes" in raw:
            try:
                return base64.b64decode(raw["bytes"], validate=True)
            except binascii.Error as error:
                raise self._problem(f"not base64: {error}", *here, "bytes") from None
        if "text" in raw:
            return "".join(map(_text, raw["text"])).encode()
        return json.dumps(raw["body"], ensure_ascii=False).encode() if "body" in raw else b""


def _text(part: str | Mapping[str, Any]) -> str:
    return part if isinstance(part, str) else part["repeat"] * part["times"]


def _headers(raw: Mapping[str, Any]) -> dict[str, str]:
    token = raw.get("token", VALID_TOKEN)
    usual = {"content-type": "application/json"} | ({} if token == "none" else {"authorization": f"Bearer {token}"})
    given = {name.lower(): value for name, value in raw.get("headers", {}).items()}
    return {name: value for name, value in (usual | given).items() if value is not None}


def _named(state: Any) -> Named | None:
    """The items that a step names; the word `unchanged` names none."""
    if state is None:
        return None
    items = {} if state == "unchanged" else state
    return {(resource, _key(key)): fields for resource, keys in items.items() for key, fields in keys.items()}


def _key(text: str) -> Key:
    return int(text) if text.isascii() and text.isdigit() else text


def replay(transcript: Transcript, server: Server, contract: Contract) -> None:
    """Take all steps; raises `TranscriptMismatch` at the first that goes otherwise, or where a clause is not named.

    The server starts with the data and the choices of the transcript.
    """
    _Replay(transcript, server, contract).run()


class _Replay:
    """Takes the steps of a transcript, collecting the clauses that answers name."""

    def __init__(self, transcript: Transcript, server: Server, contract: Contract) -> None:
        self._transcript = transcript
        self._server = server
        self._contract = contract
        self._choose = contract.choices(transcript.readings).__getitem__
        self._named: set[str] = set()
        operations: dict[str, dict[str, Operation]] = {}
        for operation in contract.operations:
            operations.setdefault(operation.path, {})[operation.method] = operation
        self._router = Router(operations.items())

    def run(self) -> None:
        for number, step in enumerate(self._transcript.steps, 1):
            before = self._beside(step.items)
            responses = _sent(step.calls, self._server)
            for call, response in zip(step.calls, responses, strict=True):
                self._check_answer(number, step, call, response)
            details = [*self._misplaced(step.items or {}), *_changed(before, self._beside(step.items))]
            if details:
                raise TranscriptMismatch(step.place, f"{self._step(number)}, the state afterwards", details)
        self._check_claims()

    def _step(self, number: int) -> str:
        return f"step {number} of {self._transcript.title!r}"

    def _check_answer(self, number: int, step: Step, call: Call, response: Response) -> None:
        self._named.update((response.header("Lookalike-Clause") or "").split(", "))
        details = [*_unexpected(call, response), *self._undocumented(call.request, response)]
        if details:
            what = f"{self._step(number)}, {call.request.method} {call.request.path}"
            raise TranscriptMismatch(step.place, what, [*details, *_shown(response)])

    def _undocumented(self, request: Request, response: Response) -> Iterator[str]:
        """How an answer of a documented status differs from the documented one."""
        answer = self._documented(request, response.status)
        if answer is None:
            return
        if response.header("Content-Type") != answer.media_type:
            yield f"expected Content-Type {answer.media_type}, got {response.header('Content-Type')}"
        if answer.schema is not None:
            for found in answer.schema.violations(_parsed(response.body), "body", "the body"):
                if holds(found.when, self._choose):
                    yield f"as documented, {found.message}"

    def _documented(self, request: Request, status: int) -> Answer | None:
        match = self._router.match(request.path)
        operation = match.target.get(request.method) if match else None
        return operation.answers.get(str(status)) if operation else None

    def _beside(self, items: Named | None) -> set[str]:
        """Everything that is remembered but for the items named, as text."""
        if items is None:
            return set()
        state = self._server.state().items()
        found = {f"{resource} {_json(item)}" for resource, listed in state for item in listed}
        return found - {f"{resource} {_json(self._server.item(resource, key))}" for resource, key in items}

    def _misplaced(self, items: Named) -> Iterator[str]:
        """What is expected of the items named, and is not so; a field is compared as a whole."""
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
        """A clause that decides answers must have decided one of these; what the others ask shows in the steps."""
        missing = (decisive_clauses(self._contract) & {*self._transcript.clauses}) - self._named
        if missing:
            what = f"{self._transcript.title!r} is to prove {', '.join(sorted(missing))}"
            details = (
                f"no answer named {'it' if len(missing) == 1 else 'them'} in Lookalike-Clause",
                f"named were {', '.join(sorted(self._named))}",
            )
            raise TranscriptMismatch(self._transcript.place, what, details)


def decisive_clauses(contract: Contract) -> frozenset[str]:
    """The clauses that a contract attaches to a rule, an answer, an effect, or a way to be refused."""
    steps = [step.clauses for operation in contract.operations for step in operation.steps]
    refusals = [clauses for scheme in contract.schemes.values() for clauses in scheme.bearer.clauses.values()]
    attached = {clause for clauses in (*steps, *refusals) for clause in clauses}
    return frozenset(attached.union(_stated(contract.document.data)))


def _stated(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        yield from clauses_of(node)
    for inner in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _stated(inner)


def _sent(calls: Sequence[Call], server: Server) -> list[Response]:
    """The answers to calls that are made at once."""
    if len(calls) == 1:
        return [server.handle(calls[0].request)]
    all_there = Barrier(len(calls))

    def send(call: Call) -> Response:
        all_there.wait()
        return server.handle(call.request)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(send, calls))


def _unexpected(call: Call, response: Response) -> Iterator[str]:
    """How an answer differs from what its call expects."""
    if response.status != call.status:
        yield f"expected status {call.status}, got {response.status}"
    for name, expected in call.headers.items():
        yield from _differing(f"header {name}", expected, response.header(name))
    body = _parsed(response.body) if call.body else {}
    for name, expected in call.body.items():
        yield from _differing(name, expected, body.get(name) if isinstance(body, dict) else None)


def _differing(name: str, expected: Any, got: Any) -> Iterator[str]:
    if isinstance(expected, Mapping) and expected.keys() == {"contains"}:
        if not isinstance(got, str) or expected["contains"] not in got:
            yield f"expected {name} to contain {_json(expected['contains'])}, got {_json(got)}"
    elif _json(expected) != _json(got):
        yield f"expected {name} {_json(expected)}, got {_json(got)}"


def _changed(before: set[str], after: set[str]) -> Iterator[str]:
    yield from (f"expected to stay as it is: {item}" for item in sorted(before - after))
    yield from (f"expected not to appear: {item}" for item in sorted(after - before))


def _shown(response: Response) -> Iterator[str]:
    yield f"the answer: {response.status} {response.body.decode(errors='backslashreplace')[:_LONGEST]}"
    yield f"its reason: {response.header('Lookalike-Reason')}"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
