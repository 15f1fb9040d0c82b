"""After a calibration the mock answers, and remembers, as the server does."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from lookalike.contract.profile import stated_choices
from lookalike.http import Request, Response
from lookalike.service import MockService
from lookalike.verify.calibration.calibrate import calibrate
from lookalike.verify.execution.options import Options
from lookalike.verify.results import ReadingStatus
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.defects.choices import random_choices
from tests.defects.serving import serving
from tests.support.answering import answering
from tests.support.in_process import CONTRACT, PARTS, mock
from tests.support.judged import judged, judged_mock, target
from tests.support.random_requests import random_requests

UNDOCUMENTED = {405, 406, 409, 413, 415}  # the page says nothing about their bodies
REQUESTS, ALIKE_REQUESTS = 2000, 3000
BETWEEN_RESETS = 40  # else all leads have moved away before long


def calibrated(choices: dict[str, str]) -> dict[str, str]:
    """What a calibration decides about a server that has these choices."""
    server = mock(choices)
    server.credentials = PARTS.credentials
    with serving(server) as url:
        report = judged_mock(url, Options(("probes",)))
    assert (report.failures, report.problem) == ((), "")
    return {reading.id: reading.choice for reading in report.readings if reading.status is ReadingStatus.DECIDED}


def binding(answer: Response) -> tuple[int, object]:
    """What of an answer the contract binds: not the wording of a 400, nor a body that the page does not define."""
    if answer.status in UNDOCUMENTED:
        return answer.status, None
    body = json.loads(answer.body)
    return answer.status, {**body, "message": type(body["message"])} if answer.status == 400 else body


@pytest.mark.parametrize("seed", [1, 5, 17, 21])
def test_a_calibrated_mock_answers_random_requests_as_the_server_does(seed: int) -> None:
    choices = random_choices(seed)
    ours, theirs = mock(calibrated(choices)), mock(choices)
    seen: Counter[int] = Counter()
    for number, request in enumerate(random_requests(seed, REQUESTS)):
        if number % BETWEEN_RESETS == 0:
            ours.reset()
            theirs.reset()
        answer = theirs.handle(request)
        seen[answer.status] += 1
        assert binding(ours.handle(request)) == binding(answer), request
        assert ours.state() == theirs.state(), request
    assert {400, 401, 404} < seen.keys()


def test_the_requests_find_a_mock_out_that_differs_in_one_choice() -> None:
    differing = mock({"merge": "deep"})
    right = mock()
    assert any(
        binding(differing.handle(request)) != binding(right.handle(request)) or differing.state() != right.state()
        for request in random_requests(1, REQUESTS)
    )


def with_reads(right: MockService) -> Callable[[Request], Response]:
    """The server with an operation that reads a lead by its number, in whichever form its paths have it."""

    def handle(request: Request) -> Response:
        if request.method != "GET" or request.path.endswith("/update"):
            return right.handle(request)
        number = int(request.path.rpartition("/")[2])
        lead = next((one for one in right.state()["lead"] if one["contact_number"] == number), None)
        return Response(200 if lead else 404, (("Content-Type", "application/json"),), json.dumps(lead).encode())

    return handle


@pytest.mark.parametrize("observed", [True, False], ids=["observed", "from answers"])
@pytest.mark.parametrize("seed", [4, 6])
def test_a_server_that_is_no_mock_is_calibrated_well_enough_by_its_answers(seed: int, observed: bool) -> None:
    choices = random_choices(seed)
    with answering(with_reads(mock(choices))) as url:
        client = Client(url, ConnectionSettings(), Budget())
        found = calibrate(environment_of(CONTRACT, client, target(observed), 1), 1)
    assert (found.problem, found.stopped) == ("", "")
    ours, theirs = mock(stated_choices(CONTRACT, found.profile.readings)), mock(choices)
    alike = 0
    for number, request in enumerate(random_requests(seed, ALIKE_REQUESTS)):
        if number % BETWEEN_RESETS == 0:
            ours.reset()
            theirs.reset()
        alike += binding(ours.handle(request)) == binding(theirs.handle(request))
    assert alike / ALIKE_REQUESTS >= 0.998


@pytest.mark.parametrize("tags", [(101, 102, 103), None], ids=["listed tags", "no list of tags"])
@pytest.mark.parametrize("observed", [True, False], ids=["observed", "from answers"])
def test_a_server_whose_leads_never_held_a_probe_key_contradicts_no_reading(
    observed: bool, tags: tuple[int, ...] | None
) -> None:
    right = mock({"merge": "deep", "null": "deletes-key", "null-in-new": "stored"})
    known = target(observed)
    known = replace(known, usable={"lead": replace(known.usable["lead"], tags=tags)})
    with answering(with_reads(right)) as url:
        report = judged(url, known, Options(("probes",)))
    contradicted = [reading.id for reading in report.readings if reading.status is ReadingStatus.CONTRADICTED]
    assert (contradicted, report.failures, report.problem) == ([], (), "")
    if observed:
        decided = {reading.id: reading.choice for reading in report.readings}
        assert (decided["merge"], decided["null"], decided["null-in-new"]) == ("deep", "deletes-key", "stored")
