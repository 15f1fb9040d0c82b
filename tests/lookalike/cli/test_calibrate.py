"""After a calibration the mock answers, and remembers, as the server does."""

import json
from collections import Counter

import pytest

from lookalike.http import Response
from lookalike.verify.results import ReadingStatus
from lookalike.verify.run import Options
from tests.defects.choices import random_choices
from tests.defects.serving import serving
from tests.support.in_process import PARTS, mock
from tests.support.judged import judged_mock
from tests.support.random_requests import random_requests

UNDOCUMENTED = {405, 406, 409, 413, 415}  # the page says nothing about their bodies
REQUESTS = 2000
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
