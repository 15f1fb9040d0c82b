"""Transcripts: requests with their expected responses and states, in files that testers or the proxy wrote.

`transcript.schema.json` beside this file defines their format, and `fixtures/sessions/README.md` explains it.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lookalike.contract.contract import Contract
from lookalike.errors import DocumentError, Location, UsageError
from lookalike.http import Headers, Request
from lookalike.model.state import Item, Key
from lookalike.openapi.document import Document, load_document
from lookalike.schema.validator import Schemas

ExpectedItems = Mapping[tuple[str, Key], Item | None]
"""Items by resource and key, with the fields that are expected; None for an item that must not exist."""

VALID_TOKEN = "tok-valid"
# The time of every request, in seconds since 1970, so that a transcript has the same outcome on every day.
SENT_AT = 1_800_000_000.0
_SCHEMA = Path(__file__).with_name("transcript.schema.json")
_BODIES = ("body", "text", "bytes")


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and the expected response: status, members of the body, and header fields.

    `capture` has the JSON Pointers of values in the body of the response by their names. Later calls have `${name}` in
    their place: keys that the server chooses.
    """

    request: Request
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, Any]
    capture: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TranscriptStep:
    """Calls that are made at the same time, mostly a single one.

    `items` are expected afterwards, while all other items stay as they are; None expects nothing of the state.
    """

    calls: tuple[Call, ...]
    items: ExpectedItems | None
    location: Location


@dataclass(frozen=True, slots=True)
class Transcript:
    """A sequence of steps that proves clauses, and choices of readings: any server that keeps them passes.

    `choices` are those to prove, `readings` all that are in force; `data` are the initial items by resource, or None
    for the initial items of the contract.
    """

    title: str
    clauses: tuple[str, ...]
    choices: Mapping[str, str]
    readings: Mapping[str, str]
    data: Mapping[str, Sequence[Item]] | None
    steps: tuple[TranscriptStep, ...]
    location: Location


def read_transcripts(path: Path, contract: Contract) -> tuple[Transcript, ...]:
    """The transcripts of a file, which holds one or a list; raises `UsageError` or `DocumentError`."""
    document = load_document(path)
    if not isinstance(document.data, list):
        return (_TranscriptReader(document, contract, document.data, ()).transcript(),)
    raws = enumerate(document.data)
    return tuple(_TranscriptReader(document, contract, raw, (index,)).transcript() for index, raw in raws)


class _TranscriptReader:
    """A reader of one transcript; `here` is the pointer to it in the document."""

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
            location=self._document.locate(self._here),
        )

    def _problem(self, what: str, *pointer: str | int, remedy: str = "") -> DocumentError:
        return DocumentError([self._document.problem(what, (*self._here, *pointer), remedy)])

    def _clauses(self) -> Iterator[str]:
        for index, claim in enumerate(self._raw["proves"]):
            if isinstance(claim, str):
                if claim not in self._contract.clauses:
                    known = ", ".join(self._contract.clauses)
                    raise self._problem(f"there is no clause {claim!r}", "proves", index, remedy=f"Known: {known}")
                yield claim

    def _choices(self) -> dict[str, str]:
        """The choices to prove."""
        choices: dict[str, str] = {}
        for index, claim in enumerate(self._raw["proves"]):
            for reading, choice in claim.items() if isinstance(claim, dict) else ():
                if reading in choices:
                    raise self._problem(f"only one choice of {reading} can be in force", "proves", index)
                choices[reading] = str(choice)
                self._check_choice(reading, str(choice), "proves", index)
        return choices

    def _readings(self, proved: Mapping[str, str]) -> dict[str, str]:
        """The choices in force: those to prove, and those that are given beside them."""
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

    def _step(self, index: int, raw: Mapping[str, Any]) -> TranscriptStep:
        here = ("steps", index)
        if "at_once" in raw:
            calls = [self._call(one, *here, "at_once", place) for place, one in enumerate(raw["at_once"])]
        else:
            calls = [self._call(raw, *here)]
        fails = all(call.status >= 400 for call in calls)
        state = raw.get("state", "unchanged" if fails else None)
        return TranscriptStep(tuple(calls), _expected_items(state), self._document.locate((*self._here, *here)))

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
            raw.get("capture", {}),
        )

    def _body(self, raw: Mapping[str, Any], *here: str | int) -> bytes:
        given = [form for form in _BODIES if form in raw]
        if len(given) > 1:
            raise self._problem(f"{' and '.join(given)} exclude each other", *here, given[1], remedy="Keep one of them")
        if "bytes" in raw:
            try:
                return base64.b64decode(raw["bytes"], validate=True)
            except binascii.Error as error:
                raise self._problem(f"not base64: {error}", *here, "bytes") from None
        if "text" in raw:
            return "".join(map(_expanded, raw["text"])).encode()
        return json.dumps(raw["body"], ensure_ascii=False).encode() if "body" in raw else b""


def _expanded(part: str | Mapping[str, Any]) -> str:
    """A part of a body, which may be a text to repeat, so that a long body is a short line."""
    return part if isinstance(part, str) else part["repeat"] * part["times"]


def _headers(raw: Mapping[str, Any]) -> dict[str, str]:
    """The header fields of a request: by default a JSON body and a valid token; null removes one of them."""
    token = raw.get("token", VALID_TOKEN)
    defaults = {"content-type": "application/json"} | ({} if token == "none" else {"authorization": f"Bearer {token}"})
    given = {name.lower(): value for name, value in raw.get("headers", {}).items()}
    return {name: value for name, value in (defaults | given).items() if value is not None}


def _expected_items(state: Any) -> ExpectedItems | None:
    """The items that a step expects; with the word `unchanged` none, so that all items stay as they are."""
    if state is None:
        return None
    items = {} if state == "unchanged" else state
    return {(resource, _key(key)): fields for resource, keys in items.items() for key, fields in keys.items()}


def _key(text: str) -> Key:
    return int(text) if text.isascii() and text.isdigit() else text
