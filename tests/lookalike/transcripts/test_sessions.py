"""The sessions in fixtures/sessions, in this process and over HTTP, and the proof that replaying one can fail."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from lookalike.errors import DocumentError
from lookalike.http import Request, Response
from lookalike.model.state import Item, Key
from lookalike.readings import Reading
from lookalike.service import MockService
from lookalike.transcripts.replay import TranscriptMismatch, decisive_clauses, replay
from lookalike.transcripts.transcript import Transcript, read_transcripts
from tests.support.in_process import ASHA, CONTRACT, mock
from tests.support.paths import ROOT
from tests.support.running import PATIENCE, RunningMock

SESSIONS = ROOT / "fixtures" / "sessions"


def sessions() -> Iterator[tuple[str, Transcript]]:
    for path in sorted(SESSIONS.rglob("*.yaml")):
        for transcript in read_transcripts(path, CONTRACT):
            yield f"{path.relative_to(SESSIONS).with_suffix('')}: {transcript.title}", transcript


BY_ID = dict(sessions())
each_session = pytest.mark.parametrize("transcript", BY_ID.values(), ids=BY_ID)


def on_mock(transcript: Transcript) -> MockService:
    data: Any = transcript.data
    return mock(transcript.readings, data)


@each_session
def test_a_session_goes_as_it_is_written(transcript: Transcript) -> None:
    replay(transcript, on_mock(transcript), CONTRACT)


class OverHttp:
    """The served mock, as replaying sees it."""

    def __init__(self, running: RunningMock) -> None:
        self._running = running

    def handle(self, request: Request) -> Response:
        target = f"{request.path}?{request.query}" if request.query else request.path
        status, headers, body = self._running.request(request.method, target, request.body, dict(request.headers))
        return Response(status, tuple(headers.items()), body)

    def item(self, resource: str, key: Key) -> Item | None:
        status, _, body = self._running.request("GET", f"/__lookalike/state/{resource}/{key}")
        item: Item = json.loads(body)
        return item if status == 200 else None

    def state(self) -> Mapping[str, Sequence[Item]]:
        state: Mapping[str, Sequence[Item]] = self._running.state()
        return state


@pytest.fixture(scope="module")
def stage() -> Iterator[RunningMock]:
    command = [sys.executable, str(ROOT / "tests" / "support" / "stage.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield RunningMock(process, int(process.stdout.readline()))
        process.terminate()
        process.wait(PATIENCE)


@each_session
def test_a_session_goes_as_it_is_written_over_http(transcript: Transcript, stage: RunningMock) -> None:
    scene = {"readings": dict(transcript.readings), "data": transcript.data}
    assert stage.request("PUT", "/stage", scene)[0] == 204
    replay(transcript, OverHttp(stage), CONTRACT)


def claims(transcript: Transcript) -> set[str]:
    return {*transcript.clauses, *(claim(*pair) for pair in transcript.choices.items())}


def claim(reading: str, choice: str) -> str:
    """A choice that the document does not list is one of the others that its pattern allows."""
    return f"{reading}={choice if choice in CONTRACT.readings[reading].choices else '...'}"


def claimable() -> set[str]:
    choices = {claim(id, choice) for id, reading in CONTRACT.readings.items() for choice in choices_of(reading)}
    return {*CONTRACT.clauses, *choices}


def choices_of(reading: Reading) -> list[str]:
    return [*reading.choices, *(["x-access-token"] if reading.other else [])]


def unproved(transcripts: Sequence[Transcript]) -> set[str]:
    return claimable().difference(*map(claims, transcripts))


def test_every_clause_and_every_choice_of_every_reading_is_proved_by_a_session() -> None:
    assert unproved([*BY_ID.values()]) == set()


@pytest.mark.parametrize("dropped", sorted(claimable()))
def test_a_clause_or_choice_whose_sessions_are_dropped_is_missed(dropped: str) -> None:
    left = [transcript for transcript in BY_ID.values() if dropped not in claims(transcript)]
    assert dropped in unproved(left)


def others() -> Iterator[tuple[str, Transcript]]:
    """Each transcript that proves a choice, under each other choice of the same reading."""
    for name, transcript in BY_ID.items():
        for reading, proved in transcript.choices.items():
            for choice in choices_of(CONTRACT.readings[reading]):
                if claim(reading, choice) != claim(reading, proved):
                    under = replace(transcript, readings={**transcript.readings, reading: choice})
                    yield f"{name} under {reading}={choice}", under


UNDER_OTHERS = dict(others())


@pytest.mark.parametrize("transcript", UNDER_OTHERS.values(), ids=UNDER_OTHERS)
def test_a_session_that_proves_a_choice_fails_under_every_other(transcript: Transcript) -> None:
    with pytest.raises(TranscriptMismatch):
        replay(transcript, on_mock(transcript), CONTRACT)


def test_clauses_that_decide_answers_are_those_that_the_document_attaches() -> None:
    assert set(CONTRACT.clauses) - decisive_clauses(CONTRACT) == {"BODY-7", "MEDIA-1", "IDEM-1", "ATOM-1"}


def test_the_example_of_the_readme_is_a_transcript_that_goes_as_it_is_written(tmp_path: Path) -> None:
    example = re.findall(r"^```yaml\n(.*?)^```$", (SESSIONS / "README.md").read_text(), re.MULTILINE | re.DOTALL)[0]
    transcript = written(tmp_path, example)
    replay(transcript, on_mock(transcript), CONTRACT)


def written(folder: Path, text: str) -> Transcript:
    path = folder / "session.yaml"
    path.write_text(text)
    return read_transcripts(path, CONTRACT)[0]


HEAD = "title: One\nproves: []\nsteps:\n"
STEP = "  - request: PUT /leads/9876543210/update\n    body: {lead_data: {city: Mumbai}, add_tags: [101]}\n"

WRONG: dict[str, tuple[str, list[str]]] = {
    "status": ("    answer: 404\n", ["expected status 404, got 201"]),
    "message": (
        "    answer: {status: 201, message: Fine}\n",
        ['expected message "Fine", got "Successfully updated lead."'],
    ),
    "part of the message": (
        "    answer: {status: 201, message: {contains: fine}}\n",
        ['expected message to contain "fine", got "Successfully updated lead."'],
    ),
    "member": ("    answer: {status: 201, body: {success: 1}}\n", ["expected success 1, got true"]),
    "header": (
        "    answer: {status: 201, headers: {Allow: PUT}}\n",
        ['expected header Allow "PUT", got null'],
    ),
    "field": (
        "    answer: 201\n    state: {lead: {9876543210: {tags: [3], country_code: 91}}}\n",
        ["expected lead 9876543210 to have tags [3], got [3, 7, 103, 101]"],
    ),
    "unknown field": (
        "    answer: 201\n    state: {lead: {9876543210: {labels: []}}}\n",
        ["expected lead 9876543210 to have labels [], got none"],
    ),
    "item": (
        "    answer: 201\n    state: {lead: {9876543210: null, 5: {}}}\n",
        ["expected lead 9876543210 to be null, got {", "expected lead 5 to be {}, got null"],
    ),
    "other items": (
        "    answer: 201\n    state: {lead: {9000000007: {}}}\n",
        ['expected to stay as it is: lead {"contact_number": 9876543210', "expected not to appear: lead {"],
    ),
    "unchanged": (
        "    answer: 201\n    state: unchanged\n",
        ['expected to stay as it is: lead {"contact_number": 9876543210', "expected not to appear: lead {"],
    ),
}


@pytest.mark.parametrize(("expected", "differences"), WRONG.values(), ids=WRONG)
def test_a_wrong_expectation_fails_and_says_where_and_what_came(
    expected: str, differences: list[str], tmp_path: Path
) -> None:
    transcript = written(tmp_path, HEAD + STEP + expected)
    with pytest.raises(TranscriptMismatch) as caught:
        replay(transcript, on_mock(transcript), CONTRACT)
    assert str(caught.value).startswith(f"{tmp_path / 'session.yaml'}:4:5 (#/steps/0): step 1 of 'One', ")
    for found, start in zip(caught.value.details, differences, strict=False):
        assert found.startswith(start)
    assert len(caught.value.details) >= len(differences)


def test_an_answer_that_was_not_expected_is_shown_with_its_reason(tmp_path: Path) -> None:
    transcript = written(tmp_path, HEAD + "  - {request: PUT /leads/5/update, body: {lead_data: {}}, answer: 201}\n")
    with pytest.raises(TranscriptMismatch) as caught:
        replay(transcript, on_mock(transcript), CONTRACT)
    _, answer, reason = caught.value.details
    assert answer == 'the response: 404 {"status":404,"message":"Invalid contact number!","success":false}'
    assert reason.startswith("its reason: there is no lead 5")


def test_a_clause_that_no_answer_names_is_not_proved(tmp_path: Path) -> None:
    transcript = written(tmp_path, HEAD.replace("[]", "[MOVE-1, OK-1, IDEM-1]") + STEP + "    answer: 201\n")
    with pytest.raises(TranscriptMismatch) as caught:
        replay(transcript, on_mock(transcript), CONTRACT)
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'session.yaml'}:1:1: 'One' is to prove MOVE-1",
        "  no response named it in Lookalike-Clause",
        "  named were DATA-1, OK-1, TAG-1, TAG-2",
    ]


class Twisted:
    """A mock behind something that changes what passes."""

    def __init__(
        self,
        behind: MockService,
        twist: Callable[[Response], Response] = lambda response: response,
        meanwhile: Callable[[MockService], object] = lambda mock: None,
    ) -> None:
        self._mock = behind
        self._twist = twist
        self._meanwhile = meanwhile
        self.item = behind.item
        self.state = behind.state

    def handle(self, request: Request) -> Response:
        response = self._twist(self._mock.handle(request))
        self._meanwhile(self._mock)
        return response


def with_body(old: bytes, new: bytes) -> Callable[[Response], Response]:
    return lambda response: response._replace(body=response.body.replace(old, new))


TWISTS: dict[str, tuple[Callable[[Response], Response], str]] = {
    "another message": (with_body(b"Invalid", b"Bad"), 'message must be "Invalid contact number!"'),
    "another member": (with_body(b"{", b'{"more":1,'), "more is not a known member"),
    "a text for a number": (with_body(b"404", b'"404"'), "status must be"),
    "no JSON": (with_body(b"{", b"<"), "the body must be an object, not null"),
    "another media type": (
        lambda response: response._replace(headers=(("Content-Type", "text/html"), *response.headers)),
        "expected Content-Type application/json, got text/html",
    ),
}


@pytest.mark.parametrize(("twist", "difference"), TWISTS.values(), ids=TWISTS)
def test_an_answer_of_a_documented_status_is_compared_with_the_documented_one(
    twist: Callable[[Response], Response], difference: str
) -> None:
    (transcript,) = read_transcripts(SESSIONS / "clauses" / "LEAD-1-unknown-lead.yaml", CONTRACT)
    without_message = replace(transcript, steps=transcript.steps[1:])
    with pytest.raises(TranscriptMismatch) as caught:
        replay(without_message, Twisted(mock(), twist), CONTRACT)
    assert difference in str(caught.value)


def test_what_changes_with_an_error_is_found_without_being_asked_for() -> None:
    (transcript,) = read_transcripts(SESSIONS / "clauses" / "AUTH-1-no-authorization.yaml", CONTRACT)
    with pytest.raises(TranscriptMismatch, match="the state afterwards"):
        replay(transcript, Twisted(mock(), meanwhile=lambda mock: mock.delete_item("lead", ASHA)), CONTRACT)


def test_calls_at_once_are_under_way_together() -> None:
    transcript = next(each for each in BY_ID.values() if any(len(step.calls) > 1 for step in each.steps))
    both_came = Barrier(2)
    replay(transcript, Twisted(on_mock(transcript), meanwhile=lambda _: both_came.wait(PATIENCE)), CONTRACT)


ANSWER = "    answer: 201\n"
BROKEN: dict[str, tuple[str, str]] = {
    "unknown key": (
        "titel: One\nproves: []\nsteps: []\n",
        "1:1: titel is not a known member; known: title, proves, readings, data, steps",
    ),
    "unknown key of a step": (
        HEAD + STEP + ANSWER + "    states: unchanged\n",
        "(#/steps/0): steps[0].states is not a known member; known: request, token, headers, body, text, bytes, answer",
    ),
    "unknown key of an answer": (
        HEAD + STEP + "    answer: {code: 201}\n",
        "steps[0].answer.code is not a known member; known: status, message, body, headers",
    ),
    "no answer": (HEAD + STEP, "steps[0].answer is required"),
    "no steps": ("title: One\nproves: []\n", "steps is required"),
    "another word for unchanged": (HEAD + STEP + ANSWER + "    state: same\n", 'steps[0].state must be "unchanged"'),
    "unknown clause": (HEAD.replace("[]", "[AUTH-9]") + STEP + ANSWER, "there is no clause 'AUTH-9'. Known: AUTH-1"),
    "unknown reading": (HEAD.replace("[]", "[{mood: good}]") + STEP + ANSWER, "there is no reading 'mood'; this"),
    "unknown choice": (
        HEAD + STEP + ANSWER + "readings: {merge: wild}\n",
        "7:12 (#/readings/merge): reading 'merge' has no choice 'wild'; it has: shallow, deep",
    ),
    "two choices": (
        HEAD.replace("[]", "[{merge: deep}, {merge: shallow}]") + STEP + ANSWER,
        "only one choice of merge can be in force",
    ),
    "a contradiction": (
        HEAD.replace("[]", "[{merge: deep}]") + STEP + ANSWER + "readings: {merge: shallow}\n",
        "merge=shallow contradicts deep, which is to be proved",
    ),
    "two bodies": (HEAD + STEP + ANSWER + "    text: more\n", "body and text exclude each other"),
    "no base64": (HEAD + "  - {request: PUT /, bytes: '?', answer: 400}\n", "(#/steps/0/bytes): not base64"),
    "no request": (HEAD + "  - {request: /leads, answer: 400}\n", "steps[0].request must match the pattern"),
}


@pytest.mark.parametrize(("text", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_transcript_that_cannot_be_meant_so_is_refused_with_the_place(
    text: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(DocumentError) as caught:
        written(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'session.yaml'}:")
    assert problem in str(caught.value)
