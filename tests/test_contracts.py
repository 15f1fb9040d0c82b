"""The contracts in fixtures/contracts, used from start to end by transcripts, without any Python of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike.assembly import Parts, Sources, assemble, load
from lookalike.service import MockService
from lookalike.soundness import check
from lookalike.stores.memory import MemoryStore
from lookalike.transcripts.replay import replay
from lookalike.transcripts.transcript import Transcript, read_transcripts
from tests.support.paths import FIXTURES

CONTRACTS = FIXTURES / "contracts"
DOCUMENTS = sorted(CONTRACTS.glob("*/openapi.yaml"))
PARTS = {path: load(Sources(path)) for path in DOCUMENTS}


def sessions() -> Iterator[tuple[str, Path, Transcript]]:
    for path, parts in PARTS.items():
        for transcript in read_transcripts(path.with_name("sessions.yaml"), parts.model.contract):
            yield f"{path.parent.name}: {transcript.title}", path, transcript


SESSIONS = list(sessions())


def mock(parts: Parts, transcript: Transcript) -> MockService:
    if transcript.data is None:
        return assemble(parts)
    return MockService(parts.model, MemoryStore(), parts.choices, transcript.data)


@pytest.mark.parametrize(
    ("path", "transcript"), [session[1:] for session in SESSIONS], ids=[one[0] for one in SESSIONS]
)
def test_a_session_goes_as_it_is_written(path: Path, transcript: Transcript) -> None:
    parts = PARTS[path]
    replay(transcript, mock(parts, transcript), parts.model.contract)


@pytest.mark.parametrize("path", DOCUMENTS, ids=[path.parent.name for path in DOCUMENTS])
def test_a_contract_is_sound(path: Path) -> None:
    assert check(path).problems == ()
