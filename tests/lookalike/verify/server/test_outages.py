"""A server, or a gateway before it, that does not work for a while is waited for, and is never accused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lookalike.http import Request
from lookalike.verify.server.client import Budget, Client, NoResponse, Unreachable
from lookalike.verify.server.transport import ConnectionSettings
from tests.support.servers.judging import CLAUSES, judged
from tests.support.servers.notes import Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

LIST, CREATE = Request("GET", "/notes", ""), Request("POST", "/notes", "", body=b'{"title": "A"}')


class Outage(Notes):
    """A server that works for so many requests, and then answers as a gateway without it for so many."""

    first, then, status = 5, 10**9, 502

    def __call__(self, asked: Asked) -> Answer:
        number = vars(self).setdefault("number", 0)
        vars(self)["number"] = number + 1
        return Answer(self.status) if self.first <= number < self.first + self.then else super().__call__(asked)


def client(url: str, slept: Callable[[float], None]) -> Client:
    return Client(url, ConnectionSettings(), Budget(), slept)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_repeated_once_the_server_works_again(status: int) -> None:
    server, waits = Outage(), list[float]()
    server.first, server.then, server.status = 1, 4, status
    with serving(server) as url:
        sender = client(url, waits.append)
        assert [sender.send(LIST).status for _ in range(2)] == [200, 200]
    assert waits == [0.5, 1.0, 2.0]


def test_a_write_is_not_repeated_since_it_may_have_been_carried_out() -> None:
    server = Outage()
    server.first, server.then = 1, 3
    with serving(server) as url:
        sender = client(url, list[float]().append)
        sender.send(LIST)
        with pytest.raises(NoResponse):
            sender.send(CREATE)
    assert not server.items


def test_a_server_that_does_not_come_back_is_unreachable() -> None:
    server = Outage()
    server.first = 1
    with serving(server) as url:
        sender = client(url, list[float]().append)
        sender.send(LIST)
        with pytest.raises(Unreachable, match="does not work any more"):
            sender.send(LIST)


def test_an_answer_of_a_gateway_counts_while_other_requests_are_answered() -> None:
    server = Notes(instead={"POST /notes": Answer(502)})
    with serving(server) as url:
        sender = client(url, list[float]().append)
        sender.send(LIST)
        assert sender.send(CREATE).status == 502


def test_a_run_against_a_server_that_went_away_is_exit_code_3_and_accuses_nobody(tmp_path: Path) -> None:
    server = Outage()
    with_others(server)
    server.first = 30
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES)
    assert (found.exit_code, found.failures()) == (3, {}), found.output
    assert "does not work any more" in found.output


def test_a_run_goes_on_after_a_short_outage(tmp_path: Path) -> None:
    server = Outage()
    with_others(server)
    server.first, server.then = 30, 4
    with serving(server) as url:
        found = judged(url, tmp_path, *CLAUSES)
    assert (found.exit_code, found.failures()) == (0, {}), found.output
    assert sorted(server.items) == ["old-0", "old-1"]
