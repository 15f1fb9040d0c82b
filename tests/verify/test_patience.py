"""`verify` against deployments as they are: slow, busy, flaky, and with tokens that run out."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from lookalike.verify.execution.options import Options
from lookalike.verify.results import Report
from lookalike.verify.run import Run
from lookalike.verify.safety.reset import restore_initial_state
from lookalike.verify.server.client import Budget, Client, NoResponse, Unreachable
from lookalike.verify.server.observer import PathObserver
from lookalike.verify.server.target import ReadOperation, Target, load_target
from lookalike.verify.server.token_command import RenewedToken, token_of
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.defects.catalogue import DEFECTS
from tests.support.answering import Handle, answering
from tests.support.in_process import ASHA, CONTRACT, mock, update
from tests.support.judged import judged, target
from tests.support.lead_runs import TARGET, run
from tests.support.servers.judging import judged as judged_notes
from tests.support.servers.notes import Notes
from tests.support.servers.serving import Answer, serving

CLAUSES = Options(("clauses",))
FAILURE = Response(500, (("Content-Type", "application/json"),), b"{}")
DOWN = Response(502, (("Content-Type", "text/html"),), b"<html>Bad gateway</html>")


def answer(value: Any, status: int = 200) -> Response:
    return Response(status, (("Content-Type", "application/json"),), json.dumps(value).encode())


def found_of(handle: Handle, options: Options = CLAUSES, known: Target | None = None) -> Report:
    with answering(handle) as url:
        return judged(url, known or target(), options)


# Tokens that run out


class Rotating:
    """A server whose token is another one after so many requests; a file holds the one that is valid."""

    def __init__(self, file: Path, after: int) -> None:
        self.right = mock()
        self.file = file
        self.after = after
        self.accepted = 0
        self.tokens: list[str] = []
        self.used: set[str] = set()
        self.rotate()

    def rotate(self) -> None:
        self.tokens.append(f"rotating.token-{len(self.tokens)}_{'abc' * 5}")
        self.file.write_text(self.tokens[-1] + "\n")

    def handle(self, request: Request) -> Response:
        fields = {name: self._known(value) for name, value in request.headers.items()}
        if fields.get("authorization") == "Bearer tok-valid":
            self.accepted += 1
            self.used.add(self.tokens[-1])
        response = self.right.handle(request._replace(headers=Headers(fields)))
        if self.accepted and self.accepted % self.after == 0:
            self.rotate()
            self.accepted += 1
        return response

    def _known(self, value: str) -> str:
        """The value with the token of now as the mock knows it, and every older one as one that it does not."""
        for token in self.tokens[:-1]:
            value = value.replace(token, "tok-of-old")
        return value.replace(self.tokens[-1], "tok-valid")


def printing(file: Path, log: Path) -> list[str]:
    """A command that prints what is in a file, and notes that it was run."""
    program = f"open({str(log)!r}, 'a').write('x'); print(open({str(file)!r}).read())"
    return [sys.executable, "-c", program]


def with_command(command: object) -> str:
    return TARGET.replace('valid: "${API_TOKEN}"', f"token_command: {json.dumps(command)}")


def test_a_token_that_runs_out_is_asked_for_again_and_shown_to_nobody(tmp_path: Path) -> None:
    server, log = Rotating(tmp_path / "token", after=50), tmp_path / "log"
    (tmp_path / "target.yaml").write_text(with_command(printing(server.file, log)))
    report = found_of(server.handle, known=load_target(tmp_path / "target.yaml", CONTRACT))
    assert (report.exit_code, report.failures, report.problem) == (0, (), "")
    assert len(server.tokens) > 3
    assert len(log.read_text()) == len(server.used)
    assert "rotating.token" not in repr(report)


def test_a_renewed_token_is_hidden_in_what_a_broken_server_says(tmp_path: Path) -> None:
    server = Rotating(tmp_path / "token", after=10)
    (tmp_path / "target.yaml").write_text(with_command(["cat", str(server.file)]))

    def handle(request: Request) -> Response:
        response = server.handle(request)
        echo = answer({"you sent": request.headers.get("authorization")})
        return echo if response.status == 400 else response

    with answering(handle) as url:
        reports = ("--report", "json=r.json", "--report", "html=r.html")
        done = run("verify", url, "lead", "--target", "target.yaml", "--only", "clauses", *reports, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    told = done.stdout + "".join(path.read_text() for path in tmp_path.iterdir() if path.name != "token")
    assert "you sent" in told
    assert "rotating.token" not in told


def test_a_new_token_that_is_refused_too_is_judged_and_not_asked_for_again_and_again(tmp_path: Path) -> None:
    right, calls, log = mock(), count(), tmp_path / "log"
    (tmp_path / "token").write_text("tok-valid")
    (tmp_path / "target.yaml").write_text(with_command(printing(tmp_path / "token", log)))

    def handle(request: Request) -> Response:
        return right.handle(request._replace(headers=Headers()) if next(calls) > 40 else request)

    report = found_of(handle, known=load_target(tmp_path / "target.yaml", CONTRACT))
    assert report.exit_code == 1
    assert len(log.read_text()) == 2


def test_a_command_that_fails_in_the_middle_ends_the_run_with_exit_code_3(tmp_path: Path) -> None:
    server = Rotating(tmp_path / "token", after=40)
    command = tmp_path / "fetch"
    command.write_text(f"#!/bin/sh\ncat {server.file}\n")
    command.chmod(0o755)
    (tmp_path / "target.yaml").write_text(with_command(f"{command} --for me"))

    def handle(request: Request) -> Response:
        response = server.handle(request)
        if len(server.tokens) == 2:
            command.write_text("#!/bin/sh\necho a-secret\nexit 7\n")
        return response

    with answering(handle) as url:
        report = judged(url, load_target(tmp_path / "target.yaml", CONTRACT), CLAUSES)
    assert (report.exit_code, report.failures) == (3, ())
    assert f"{str(command)!r} failed with exit status 7" in report.problem
    assert "a-secret" not in repr(report)


COMMANDS = {
    "failing": ("echo a-secret; exit 3", "'sh' failed with exit status 3"),
    "silent": ("true", "'sh' printed nothing"),
    "talkative": ("echo the token is a-secret", "it must print the token alone"),
    "hanging": ("echo a-secret; sleep 5", "took longer than 0.2 s"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_gives_no_token_is_told_without_its_output(name: str) -> None:
    script, words = COMMANDS[name]
    with pytest.raises(UsageError) as caught:
        token_of(["sh", "-c", script], longest=0.2 if name == "hanging" else 30)
    assert words in str(caught.value)
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        ("{token_command: /nowhere/to-be-found}", "'/nowhere/to-be-found' cannot be run: No such file"),
        ("{token_command: 'false with arguments'}", "'false' failed with exit status 1"),
        ("{token_command: 'unclosed \"quotation'}", "target.yaml:2:28 (#/credentials/bearerAuth/token_command)"),
        ("{token_command: 'true', valid: x}", "only one of credentials.bearerAuth.valid and"),
        ("{expired: x}", "credentials.bearerAuth.valid or credentials.bearerAuth.token_command is required"),
    ],
)
def test_credentials_that_give_no_token_are_one_message_at_the_start(
    credentials: str, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "target.yaml"
    file.write_text(f"\ncredentials: {{bearerAuth: {credentials}}}\nresources: {{}}\n")
    with pytest.raises(UsageError) as caught:
        load_target(file, CONTRACT)
    assert words in str(caught.value)


def test_a_command_that_fails_at_the_start_is_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "target.yaml").write_text(with_command("false"))
    done = run("verify", "http://127.0.0.1:1", "lead", "--target", "target.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lookalike: the token command 'false' failed with exit status 1\n"


def test_of_a_request_only_whole_tokens_are_renewed() -> None:
    token = RenewedToken("tok-1", ["echo", "tok-2"])
    token.renew()
    for before, after in {
        "Bearer tok-1": "Bearer tok-2",
        "bearer tok-1": "bearer tok-2",
        "tok-1": "tok-2",
        "Bearer tok-1;": "Bearer tok-2;",
        "Bearer tok-": "Bearer tok-",
        "Bearer tok-1x": "Bearer tok-1x",
        "Bearer TOK-1": "Bearer TOK-1",
        "Bearer another.tok-1": "Bearer another.tok-1",
    }.items():
        assert token.put_into(update(1, {}, {"Authorization": before})).headers["authorization"] == after
    assert token.put_into(Request("GET", "/", "access_token=tok-1")).query == "access_token=tok-2"


# Reads

SEARCH = ReadOperation(
    "/leads/search",
    "/results/0",
    {},
    0.0,
    "POST",
    {"filter": {"number": "{contact_number}", "text": "n:{contact_number}"}},
)


def searching(right: MockService, asked: list[Any]) -> Handle:
    """The mock, with a search beside it."""

    def handle(request: Request) -> Response:
        if request.path != "/leads/search":
            return right.handle(request)
        asked.append(json.loads(request.body)["filter"])
        lead = right.item("lead", asked[-1]["number"])
        return answer({"results": [] if lead is None else [lead]})

    return handle


def test_a_search_by_post_makes_everything_seen_and_is_no_write(tmp_path: Path) -> None:
    asked: list[Any] = []
    file = tmp_path / "target.yaml"
    body = json.dumps(SEARCH.search)
    observe = f"\nobserve: {{lead: {{post: /leads/search, item: /results/0, body: {body}}}}}\n"
    file.write_text(TARGET.replace("${API_TOKEN}", "tok-valid") + observe)
    with answering(searching(mock(), asked)) as url:
        environment = environment_of(
            CONTRACT, Client(url, ConnectionSettings(), Budget()), load_target(file, CONTRACT), 1
        )
        noted: list[Request] = []
        environment.client.before_each(noted.append)
        report = Run(environment, Options(("clauses",), require=("all",)), lambda text: None).report()
    assert (report.exit_code, report.failures) == (0, ())
    assert {"number": ASHA, "text": f"n:{ASHA}"} in asked
    assert {request.path for request in noted if request.method == "POST"} == set()
    assert report.requests == len(noted) + len(asked)


def test_a_defect_that_only_a_search_shows_is_found() -> None:
    defect = next(defect for defect in DEFECTS if defect.name == "remove_tags removes nothing")
    known = replace(target(), observe={"lead": SEARCH})
    report = found_of(searching(defect.server(), []), Options(("clauses",), exit_first=True), known)
    assert report.exit_code == 1
    assert report.failures[0].clause in defect.clauses


READS: dict[str, tuple[ReadOperation, Response, Any]] = {
    "an item": (SEARCH, answer({"results": [{"contact_number": ASHA, "tags": [1]}]}), {"tags": [1]}),
    "an empty list": (SEARCH, answer({"results": []}), None),
    "a list by a query": (ReadOperation("/leads?number={contact_number}", "/data/0"), answer({"data": []}), None),
    "no item at a path": (ReadOperation("/leads/{contact_number}"), answer({}, 404), None),
    "no such search": (SEARCH, answer({"results": []}, 404), "not seen"),
    "no such list": (ReadOperation("/leads?number={contact_number}", "/data/0"), answer({}, 404), "not seen"),
    "a failure": (SEARCH, answer({"results": []}, 500), "not seen"),
    "no JSON": (SEARCH, Response(200, (), b"<html>"), "not seen"),
    "an error": (SEARCH, answer({"errors": ["timeout"], "results": []}), "not seen"),
    "no success": (SEARCH, answer({"success": False, "results": []}), "not seen"),
    "no list": (SEARCH, answer({"message": "try again"}), "not seen"),
    "null": (SEARCH, answer({"results": None}), "not seen"),
    "null in a list": (SEARCH, answer({"results": [None]}), "not seen"),
    "another lead": (SEARCH, answer({"results": [{"contact_number": ASHA * 10, "tags": [1]}]}), "not seen"),
}


@pytest.mark.parametrize("name", READS)
def test_what_a_read_tells_is_an_item_that_there_is_none_or_nothing(name: str) -> None:
    observe, told, expected = READS[name]
    with answering(lambda request: told) as url:
        client = Client(url, ConnectionSettings(), Budget())
        seen = PathObserver(client, observe, "contact_number", ["tags"], Headers()).look([ASHA]).items
    assert seen.get(ASHA, "not seen") == expected


def test_a_search_whose_connection_drops_is_sent_again() -> None:
    calls = count()
    with answering(lambda request: None if next(calls) == 0 else answer({"results": []})) as url:
        client = Client(url, ConnectionSettings(), Budget())
        seen = PathObserver(client, SEARCH, "contact_number", ["tags"], Headers()).look([ASHA]).items
    assert (seen, client.unanswered, client.sent) == ({ASHA: None}, 1, 2)


def test_a_read_that_shows_nothing_of_an_owned_lead_is_told_before_anything_is_judged() -> None:
    right = mock()
    with answering(right.handle) as url, pytest.raises(UsageError, match="does not show the lead 9876543210"):
        judged(url, replace(target(), observe={"lead": replace(SEARCH, method="GET")}))


@pytest.mark.parametrize(
    ("observe", "words"),
    [
        ("{get: '/leads/{contact_number}', post: /search}", "only one of"),
        ("{item: /0}", "observe.lead.get or observe.lead.post is required"),
        ("{post: /search}", "observe.lead.body is required"),
        ("{get: /leads}", "{contact_number} is neither in its path nor in its body"),
        ("{post: /search, body: {number: '{number}'}}", "{contact_number} is neither in its path nor in its body"),
        ("{get: '/leads/{contact_number}', settle: soon}", "observe.lead.settle must be a duration"),
    ],
)
def test_an_observe_that_cannot_work_is_told_with_its_place(observe: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "target.yaml"
    file.write_text(TARGET.replace("${API_TOKEN}", "x") + f"\nobserve: {{lead: {observe}}}\n")
    with pytest.raises(UsageError) as caught:
        load_target(file, CONTRACT)
    assert words in str(caught.value)
    assert "target.yaml:" in str(caught.value)


@pytest.mark.parametrize(("text", "seconds"), [("2s", 2.0), ("500ms", 0.5), ("1.5m", 90.0)])
def test_settle_is_written_as_any_duration(text: str, seconds: float, tmp_path: Path) -> None:
    file = tmp_path / "target.yaml"
    observe = f"{{get: '/leads/{{contact_number}}', settle: {text}}}"
    file.write_text(TARGET.replace("${API_TOKEN}", "x") + f"\nobserve: {{lead: {observe}}}\n")
    assert load_target(file, CONTRACT).observe["lead"].settle == seconds


@pytest.mark.parametrize(("own", "seconds"), [("", 4.0), (", settle: 1s", 1.0)])
def test_settle_of_the_whole_target_holds_where_observe_says_no_other(own: str, seconds: float, tmp_path: Path) -> None:
    file = tmp_path / "target.yaml"
    observe = f"{{get: '/leads/{{contact_number}}'{own}}}"
    file.write_text(f"credentials: {{bearerAuth: {{valid: x}}}}\nsettle: 4s\nobserve: {{lead: {observe}}}\n")
    assert load_target(file, CONTRACT).observe["lead"].settle == seconds


@pytest.mark.parametrize(("settle", "code"), [(5.0, 0), (0.0, 1)])
def test_a_read_that_lags_behind_is_waited_for_where_that_is_said(settle: float, code: int) -> None:
    right, shown = mock(), dict[str, Response]()

    def handle(request: Request) -> Response:
        if request.method != "GET" or request.path.endswith("/update"):
            return right.handle(request)
        lead = right.item("lead", int(request.path.rpartition("/")[2]))
        before, now = shown.get(request.path), answer(lead or {}, 200 if lead else 404)
        shown[request.path] = now
        return before or now

    observe = ReadOperation("/leads/{contact_number}", settle=settle)
    known = replace(target(), observe={"lead": observe})
    report = found_of(handle, Options(("clauses",), clauses=("TAG-2",), exit_first=True), known)
    assert report.exit_code == code


# Servers that stop answering


def dying(after: int, how: Callable[[], Response | None], right: Callable[[Request], Response | None]) -> Handle:
    """A server that fails at every request after so many."""
    calls = count()
    return lambda request: how() if next(calls) > after else right(request)


@pytest.mark.parametrize("how", [lambda: DOWN, lambda: None], ids=["502", "dropped"])
@pytest.mark.parametrize(("exit_first", "layers"), [(False, "clauses"), (True, "clauses"), (False, "generated")])
def test_a_server_that_dies_is_not_accused_and_the_run_ends_soon(
    how: Callable[[], Response | None], exit_first: bool, layers: str
) -> None:
    asked = count()
    right = mock()

    def handle(request: Request) -> Response:
        next(asked)
        return right.handle(request)

    options = Options((layers,), exit_first=exit_first)
    waits: list[float] = []
    with answering(dying(40, how, handle)) as url:
        report = judged(url, target(), options, sleep=waits.append)
    assert sum(waits) > 10
    assert (report.exit_code, report.failures) == (3, ())
    assert "does not work any more: since" in report.problem
    assert report.requests < 100
    held = [clause for clause in report.clauses if clause.status == "held"]
    assert bool(held) == (layers == "clauses")


def test_what_was_found_before_a_server_died_is_still_a_violation() -> None:
    right = mock()

    def misspelt(request: Request) -> Response:
        response = right.handle(request)
        return (
            response._replace(body=response.body.replace(b"uccess", b"ucess")) if response.status == 201 else response
        )

    with answering(dying(40, lambda: DOWN, misspelt)) as url:
        report = judged(url, target(), CLAUSES, sleep=lambda seconds: None)
    assert (report.exit_code, [failure.clause for failure in report.failures]) == (1, ["OK-1"])
    assert "does not work any more" in report.problem


def test_a_server_that_fails_at_what_is_valid_is_broken_and_not_dead() -> None:
    right = mock()

    def handle(request: Request) -> Response:
        response = right.handle(request)
        return FAILURE if response.status == 201 and b"tags" in request.body else response

    report = found_of(handle, Options(("clauses", "sequences")))
    assert (report.exit_code, report.problem) == (1, "")
    assert [failure.clause for failure in report.failures] == ["BODY-7"]


def flaky(right: MockService, every: int, done: bool) -> Handle:
    """A server that drops every so many requests, after or before it has done what it was asked for."""
    calls = count(1)

    def handle(request: Request) -> Response | None:
        drops = next(calls) % every == 0
        return None if drops and not done else (right.handle(request), None)[drops]

    return handle


@pytest.mark.parametrize(("observed", "done"), [(True, True), (True, False), (False, True)])
def test_a_flaky_server_is_told_as_such_and_never_accused(done: bool, observed: bool) -> None:
    right = mock()
    before = {number: right.item("lead", number) for number in (ASHA, 27005550142)}
    handle = searching_of(flaky(right, 7, done), right) if observed else flaky(right, 7, done)
    known = replace(target(), observe={"lead": SEARCH}) if observed else target()
    report = found_of(handle, Options(("clauses", "sequences"), examples=10), known)
    assert (report.exit_code, report.failures) == (3, ())
    assert "a server that loses answers cannot be relied on" in report.problem
    assert sum(clause.status == "held" for clause in report.clauses) > 5
    for number, lead in before.items():
        after = right.item("lead", number)
        assert after is not None
        assert lead is not None
        assert after["country_code"] == lead["country_code"]
        assert not observed or set(after["tags"]) == set(lead["tags"])


def searching_of(handle: Handle, right: MockService) -> Handle:
    """A search beside a server."""
    search = searching(right, [])
    return lambda request: search(request) if request.path == "/leads/search" else handle(request)


def test_a_connection_that_drops_once_does_not_matter() -> None:
    right, calls = mock(), count()
    report = found_of(lambda request: None if next(calls) == 30 else right.handle(request))
    assert (report.exit_code, report.failures, report.problem) == (0, (), "")


class FailingAtDeleted(Notes):
    """Notes of which a read closes the connection once they are deleted."""

    def read(self, id: str) -> Answer:
        if id in self.dead:
            raise ConnectionError
        return super().read(id)


def test_a_request_that_never_gets_an_answer_costs_its_own_clause_and_no_other(tmp_path: Path) -> None:
    with serving(FailingAtDeleted()) as url:
        found = judged_notes(url, tmp_path, "--only", "clauses")
    assert (found.exit_code, found.failures(), found.report["problem"]) == (0, {}, "")
    unanswered = {id for id, status in found.statuses().items() if "got no answer, 3 times" in status}
    assert unanswered == {"deleteNote.absent-after-delete"}
    assert {"deleteNote.answers-as-documented", "changeNote.changed-after-change"} <= found.held()


@pytest.mark.parametrize("done", [True, False])
def test_a_lead_whose_move_was_not_answered_is_found_and_brought_back(done: bool) -> None:
    right = mock()

    def handle(request: Request) -> Response | None:
        if b"9000000101" not in request.body:
            return right.handle(request)
        return (right.handle(request), None)[1] if done else None

    with answering(handle) as url:
        environment = environment_of(CONTRACT, Client(url, ConnectionSettings(), Budget()), target(), 1)
        (stated,) = environment.stated
        compose = stated.compose
        with pytest.raises(NoResponse):
            stated.session.step(compose.request(ASHA, compose.move(9000000101)))
        stated.session.step(compose.request(compose.owned[1], compose.base()))
        assert (right.item("lead", ASHA) is None) == done
        restore_initial_state(stated)
    assert right.item("lead", ASHA) is not None
    assert right.item("lead", 9000000101) is None


# Busy servers


def waits_of(answers: Iterator[Response]) -> tuple[list[float], int]:
    """How long is waited while a server answers so, and what is answered in the end; 0 where that is given up."""
    waits: list[float] = []
    status = 0
    with answering(lambda request: next(answers)) as url, suppress(Unreachable):
        status = Client(url, ConnectionSettings(), Budget(), sleep=waits.append).send(Request("PUT", "/")).status
    return waits, status


def busy(status: int, **fields: str) -> Response:
    return Response(status, tuple((name.replace("_", "-"), value) for name, value in fields.items()))


NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
LATER = format_datetime(NOW + timedelta(seconds=5), usegmt=True)
BUSY: dict[str, tuple[Response, list[float], int]] = {
    "seconds": (busy(429, Retry_After="3"), [3.0], 201),
    "503 and seconds": (busy(503, Retry_After="3"), [3.0], 201),
    "a date": (busy(503, Retry_After=LATER, Date=format_datetime(NOW, usegmt=True)), [5.0], 201),
    "a date in the form of asctime": (
        busy(429, Retry_After="Mon May  4 12:00:05 2026", Date=format_datetime(NOW, usegmt=True)),
        [5.0],
        201,
    ),
    "a date that is over": (busy(429, Retry_After="Sun, 06 Nov 1994 08:49:37 GMT"), [0.0], 201),
    "a date far off": (busy(429, Retry_After="Fri, 31 Dec 2999 23:59:59 GMT"), [60.0], 201),
    "429 and nothing": (busy(429), [1.0], 201),
    "429 and nonsense": (busy(429, Retry_After="soon"), [1.0], 201),
    "503 and nothing": (busy(503), [], 503),
    "503 and nonsense": (busy(503, Retry_After="soon"), [], 503),
}


@pytest.mark.parametrize("name", BUSY)
def test_a_busy_server_is_left_alone_as_long_as_it_says(name: str) -> None:
    first, waits, status = BUSY[name]
    assert waits_of(iter([first, answer({}, 201)])) == (waits, status)


def test_a_server_that_stays_busy_is_given_up() -> None:
    assert waits_of(iter([busy(429)] * 9)) == ([1.0, 2.0, 4.0, 8.0, 8.0], 0)


def test_a_server_that_answers_429_now_and_then_is_judged_by_its_other_answers() -> None:
    right, calls, waits = mock(), count(), list[float]()
    with answering(lambda request: busy(429) if next(calls) % 20 == 5 else right.handle(request)) as url:
        environment = environment_of(
            CONTRACT, Client(url, ConnectionSettings(), Budget(), sleep=waits.append), target(), 1
        )
        report = Run(environment, CLAUSES, lambda text: None).report()
    assert (report.exit_code, report.problem) == (0, "")
    assert set(waits) == {1.0}
    assert 429 not in report.statuses
