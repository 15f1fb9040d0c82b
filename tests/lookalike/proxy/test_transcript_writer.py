"""Recorded sessions: they replay where a server chooses other keys, and tell where it answers otherwise."""

import json
from pathlib import Path
from typing import Any

import pytest

import lookalike
from lookalike.contract.reader import load_contract
from lookalike.http import Headers, ObservedExchange, Request
from lookalike.proxy.exchange_order import ProxiedExchange
from lookalike.proxy.transcript_writer import TranscriptWriter
from lookalike.transcripts.captured import filled
from lookalike.transcripts.replay import TranscriptMismatch, replay
from lookalike.transcripts.transcript import Call, Transcript, read_transcripts
from lookalike.verify.traffic.base_url import BaseUrl
from lookalike.verify.traffic.secrets import TrafficSecrets
from tests.support.paths import FIXTURES

PETS = load_contract(FIXTURES / "contracts" / "pets" / "openapi.yaml")
ORIGIN = "http://shop.test"
SESSION: list[tuple[str, str, Any]] = [
    ("POST", "/pets", {"name": "Mia", "kind": "cat", "password": "secret-of-mia"}),
    ("POST", "/pets", {"name": "Tom", "kind": "dog"}),
    ("GET", "/pets/3", None),
    ("PATCH", "/pets/4", {"name": "Tim"}),
    ("GET", "/pets/2", None),
    ("POST", "/pets", {"name": 3}),
    ("DELETE", "/pets/3", None),
    ("GET", "/pets/3", None),
]


def asked(method: str, path: str, sent: Any) -> Request:
    fields = {"user-agent": "test", "authorization": "Bearer tok-of-asha-1234", "x-trace": "tok-of-asha-1234"}
    body = b"" if sent is None else json.dumps(sent).encode()
    return Request(method, path, "", Headers(fields | ({"content-type": "application/json"} if body else {})), body)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mock, secrets = lookalike.Mock(PETS), TrafficSecrets()
    writer = TranscriptWriter(tmp_path_factory.mktemp("sessions") / "new", BaseUrl(ORIGIN, "/api"), secrets)
    for number, one in enumerate(SESSION, 1):
        request = asked(*one)
        exchange = ObservedExchange(
            number, ORIGIN, request._replace(path=f"/api{request.path}"), mock.handle(request), 0.0
        )
        secrets.learn(exchange)
        writer.write(ProxiedExchange(exchange))
    elsewhere = ObservedExchange(9, ORIGIN, asked("GET", "/", None), mock.handle(asked("GET", "/", None)), 0.0)
    writer.write(ProxiedExchange(elsewhere))
    written = writer.close()
    assert written is not None
    return written


@pytest.fixture(scope="module")
def transcript(file: Path) -> Transcript:
    (found,) = read_transcripts(file, PETS)
    return found


def test_a_session_replays_where_the_server_chooses_other_keys(transcript: Transcript) -> None:
    mock = lookalike.Mock(PETS)
    mock.handle(asked("POST", "/pets", {"name": "Other", "kind": "dog"}))
    replay(transcript, mock, PETS)
    assert [one["name"] for one in mock.state()["pet"]] == ["Minka", "Bello", "Other", "Tim"]
    assert len(transcript.steps) == len(SESSION)


def test_a_server_that_answers_otherwise_is_told_with_the_step(transcript: Transcript) -> None:
    mock = lookalike.Mock(PETS)
    mock.delete_item("pet", 2)
    with pytest.raises(TranscriptMismatch, match=r"step 5 of .*, GET /pets/2\n  expected status 200, got 404"):
        replay(transcript, mock, PETS)


def test_a_server_that_does_not_show_what_was_sent_is_told(transcript: Transcript) -> None:
    class Forgetful(lookalike.Mock):
        def handle(self, request: Request) -> lookalike.Response:
            response = super().handle(request)
            return response._replace(body=response.body.replace(b"Tim", b"Tom"))

    with pytest.raises(TranscriptMismatch, match='expected name "Tim", got "Tom"'):
        replay(transcript, Forgetful(PETS), PETS)


def test_secrets_are_not_in_the_file(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "secret-of-mia" not in text
    assert "tok-of-asha" not in text
    assert "$SECRET" in text


def test_each_session_has_a_file_of_its_own_and_an_empty_one_has_none(file: Path) -> None:
    writer = TranscriptWriter(file.parent, BaseUrl(ORIGIN, "/api"), TrafficSecrets())
    assert writer.close() is None
    request = asked("GET", "/api/pets/1", None)
    writer.write(
        ProxiedExchange(ObservedExchange(1, ORIGIN, request, lookalike.Mock(PETS).handle(asked(*SESSION[4])), 0.0))
    )
    assert writer.close() == file.parent / "session-2.yaml"


def test_a_key_that_a_member_refers_to_is_expected_as_the_key_of_the_replay(tmp_path: Path) -> None:
    writer = TranscriptWriter(tmp_path, BaseUrl(ORIGIN, ""), TrafficSecrets())
    owner, pet = {"id": "2ba55f38"}, {"name": "Rex", "ownerId": "2ba55f38"}
    for number, (path, sent, shown) in enumerate((("/owners", {}, owner), ("/pets", pet, {**pet, "id": 1}))):
        response = lookalike.Response(201, (), json.dumps(shown).encode())
        writer.write(ProxiedExchange(ObservedExchange(number, ORIGIN, asked("POST", path, sent), response, 0.0)))
    written = writer.close()
    assert written is not None
    text = written.read_text(encoding="utf-8")
    assert (text.count("ownerId: ${owner_id_1}"), "2ba55f38" in text) == (2, False)


@pytest.mark.parametrize(
    ("value", "path", "body"),
    [
        (7, "/pets/7", b'{"id": 7, "note": "pet 7 of ${other}"}'),
        ("a/b", "/pets/a%2Fb", b'{"id": "a/b", "note": "pet a/b of ${other}"}'),
        ('a"b', "/pets/a%22b", b'{"id": "a\\"b", "note": "pet a\\"b of ${other}"}'),
    ],
)
def test_a_captured_value_keeps_its_type_in_json_and_is_encoded_in_a_path(value: Any, path: str, body: bytes) -> None:
    sent = Request("PUT", "/pets/${pet}", "", Headers({}), b'{"id": "${pet}", "note": "pet ${pet} of ${other}"}')
    call = filled(Call(sent, 200, {"id": "${pet}"}, {}), {"pet": value})
    assert (call.request.path, call.request.body, call.body) == (path, body, {"id": value})


def test_a_value_to_capture_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "session.yaml"
    file.write_text(
        "title: One\nproves: []\nsteps: [{request: GET /pets/1, answer: 200, capture: {owner: /owner/id}}]\n",
        encoding="utf-8",
    )
    (transcript,) = read_transcripts(file, PETS)
    with pytest.raises(TranscriptMismatch, match="expected a value at /owner/id of the body, as owner"):
        replay(transcript, lookalike.Mock(PETS), PETS)
