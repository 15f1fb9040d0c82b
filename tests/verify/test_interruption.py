"""A run that is interrupted deletes what it created, ends, and leaves its signals to others."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Timer

import pytest

from lookalike.http import Request
from lookalike.verify.interruption import Interruption, deferred, interruptible
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.transport import ConnectionSettings
from tests.support.hostile import hostile
from tests.support.running import PATIENCE
from tests.support.servers.judging import started
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    post:
      operationId: createPet
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      responses: {"200": {description: it, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
    delete: {operationId: deletePet, responses: {"204": {description: gone}}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
"""
HEAD = b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


class Pets:
    """A server that is silent at the first read of an item, and from then on at deletions, unless it `deletes`."""

    def __init__(self, deletes: bool) -> None:
        self.deletes = deletes
        self.created = False
        self.asked = Event()
        self.deleting = Event()
        self.over = Event()

    def answer(self, request: bytes) -> Iterable[bytes]:
        method = request.partition(b" ")[0]
        if method == b"POST":
            self.created = True
            sent = json.loads(request.partition(b"\r\n\r\n")[2])
            body = json.dumps({**sent, "id": 1}).encode()
            return [HEAD % (b"201 Created", len(body), body)]
        if method == b"DELETE" and self.asked.is_set():
            self.deleting.set()
            return [HEAD % (b"204 No Content", 0, b"")] if self.deletes else self.silence()
        if method == b"GET" and self.created:
            self.asked.set()
            return self.silence()
        return [HEAD % (b"204 No Content", 0, b"")]

    def silence(self) -> Iterator[bytes]:
        self.over.wait(PATIENCE)
        yield b""


@contextmanager
def running(pets: Pets, folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A run of `verify` against a server, at a read that gets no answer."""
    (folder / "openapi.yaml").write_text(DOCUMENT)
    (folder / "target.yaml").write_text("{}")
    with hostile(pets.answer) as url:
        words = ["verify", url, "openapi.yaml", "--target", "target.yaml", "--timeout", "1h", *options]
        command = [sys.executable, "-m", "lookalike", *words]
        process = subprocess.Popen(
            command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        try:
            assert pets.asked.wait(PATIENCE)
            yield process
        finally:
            pets.over.set()
            process.kill()
            process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_deletes_what_it_created_and_reports(number: signal.Signals, tmp_path: Path) -> None:
    pets = Pets(deletes=True)
    with running(pets, tmp_path) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")
    assert pets.deleting.is_set()
    assert "interrupted" in out
    assert "still there" not in out


def test_a_second_signal_ends_the_run_at_once_with_the_line_that_undoes_it(tmp_path: Path) -> None:
    pets = Pets(deletes=False)
    with running(pets, tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        assert pets.deleting.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM
    assert err.startswith(
        "lookalike: ended at once; undo what is left with `lookalike restore lookalike-journal.jsonl http"
    )


def test_cleaning_up_ends_after_its_timeout_and_tells_what_stays(tmp_path: Path) -> None:
    pets = Pets(deletes=False)
    with running(pets, tmp_path, "--cleanup-timeout", "100ms") as process:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")
    assert pets.deleting.is_set()
    assert "pet 1" in out


def test_signals_are_as_before_once_a_run_is_over() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with interruptible():
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] != before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


class Finalized:
    """An object during whose finalizer a signal comes, so that Python drops what is raised there."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_is_noted_wherever_it_comes_and_a_second_one_is_raised() -> None:
    noted = Interruption()
    with deferred(noted):
        noted.check()
        Finalized()
        with pytest.raises(KeyboardInterrupt):
            noted.check()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_an_answer_that_is_waited_for_is_given_up_a_moment_after_a_signal_of_which_the_wait_knows_nothing() -> None:
    pets = Pets(deletes=True)
    with hostile(lambda request: pets.silence()) as url:
        client = Client(url, ConnectionSettings(timeout=PATIENCE), Budget())
        client.interruption.since = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            client.send(Request("GET", "/before"))
        assert client.sent == 0
        client.interruption.since = None
        with pytest.raises(KeyboardInterrupt), raised_later(client.interruption):
            client.send(Request("GET", "/while"))
        pets.over.set()
    assert client.sent == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer where a queue of connections is full")
def test_a_connection_that_nobody_answers_is_given_up_at_a_signal() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(3):  # the queue holds one or two: the system drops what comes after them
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        client = Client(url, ConnectionSettings(timeout=PATIENCE), Budget())
        with pytest.raises(KeyboardInterrupt), raised_later(client.interruption):
            client.send(Request("GET", "/"))
    assert client.unanswered == 0


@contextmanager
def raised_later(interruption: Interruption) -> Iterator[None]:
    """A signal that a thread notes, as the system wakes no wait by it."""

    def note() -> None:
        interruption.since = time.monotonic()

    timer = Timer(0.1, note)
    timer.start()
    yield
    timer.join()


class Unhurried(Notes):
    """A server that takes its time, and tells when it has notes of several stories."""

    def __init__(self) -> None:
        super().__init__()
        self.is_busy = Event()

    def __call__(self, asked: Asked) -> Answer:
        time.sleep(0.02)
        answer = super().__call__(asked)
        if len(self.items) > 3:
            self.is_busy.set()
        return answer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_of_stories_side_by_side_deletes_what_each_of_them_created(
    number: signal.Signals, tmp_path: Path
) -> None:
    server = Unhurried()
    with serving(with_others(server)) as url, started(url, tmp_path, "--concurrency", "4") as process:
        assert server.is_busy.wait(PATIENCE)
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, output
    assert sorted(server.items) == ["old-0", "old-1"], output
    assert "Traceback" not in output
