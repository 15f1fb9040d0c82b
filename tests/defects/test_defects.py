"""The catalogue of defects: each is one, under whatever choices, and is as visible as it says."""

import http.client
import json
from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest

from lookalike.http import Request, Response
from lookalike.service import MockService
from tests.defects.catalogue import DEFECTS
from tests.defects.choices import random_choices, single_choices
from tests.defects.defect import Defect
from tests.defects.serving import serving
from tests.defects.tour import TOUR
from tests.defects.worlds import Seen, choices_of, explanation, leads_as_text, observed
from tests.support.in_process import CONTRACT, mock
from tests.support.running import PATIENCE

SEEDS = range(200)

each_defect = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
each_visible = pytest.mark.parametrize(
    "defect", [defect for defect in DEFECTS if defect.visible], ids=lambda defect: defect.name
)
each_hidden = pytest.mark.parametrize(
    "defect", [defect for defect in DEFECTS if not defect.visible], ids=lambda defect: defect.name
)


@each_hidden
def test_no_right_server_leaves_what_one_with_a_hidden_defect_leaves(defect: Defect) -> None:
    seen = observed(defect.server(), defect.story)
    assert explanation(defect.story, seen, with_state=True) is None
    assert explanation(defect.story, seen, with_state=False) is not None


@each_visible
def test_no_right_server_answers_what_one_with_a_visible_defect_answers(defect: Defect) -> None:
    seen = observed(defect.server(), defect.story)
    assert explanation(defect.story, seen, with_state=False) is None


@each_hidden
def test_a_hidden_defect_is_not_seen_in_answers_to_requests_of_every_kind(defect: Defect) -> None:
    assert said(defect.server()) == said_by_the_right_one()


def said(server: MockService) -> list[tuple[int, object]]:
    answers = [server.handle(request) for request in TOUR]
    return [(answer.status, json.loads(answer.body)) for answer in answers]


@cache
def said_by_the_right_one() -> list[tuple[int, object]]:
    return said(mock())


def served(server: MockService, story: Sequence[Request]) -> list[Seen]:
    """What a server does in a story that is told over HTTP; the state is read through the control API."""
    with serving(server) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
        try:
            return [_exchange(connection, request) for request in story]
        finally:
            connection.close()


def _exchange(connection: http.client.HTTPConnection, request: Request) -> Seen:
    target = f"{request.path}?{request.query}" if request.query else request.path
    connection.request(request.method, target, request.body, dict(request.headers))
    answer = connection.getresponse()
    response = Response(answer.status, tuple(answer.getheaders()), answer.read())
    connection.request("GET", "/__lookalike/state")
    return Seen(response, leads_as_text(json.loads(connection.getresponse().read())["lead"]))


@each_defect
def test_a_defect_shows_over_http_as_it_does_in_process(defect: Defect) -> None:
    over_http, in_process = served(defect.server(), defect.story), observed(defect.server(), defect.story)
    assert [seen.leads for seen in over_http] == [seen.leads for seen in in_process]
    assert [(seen.response.status, seen.response.body) for seen in over_http] == [
        (seen.response.status, seen.response.body) for seen in in_process
    ]


def test_the_right_server_is_explained_by_its_choices() -> None:
    story = TOUR[-40:]
    for seed in range(8):
        choices = random_choices(seed)
        assert explanation(story, observed(mock(choices), story), with_state=True) is not None


def test_the_names_of_defects_differ() -> None:
    assert [name for name, times in Counter(defect.name for defect in DEFECTS).items() if times > 1] == []


def test_there_are_a_hundred_defects_and_more_of_either_visibility() -> None:
    visible = sum(defect.visible for defect in DEFECTS)
    assert visible >= 100
    assert len(DEFECTS) - visible >= 50


def test_every_clause_is_the_one_that_some_defect_breaks_foremost() -> None:
    assert {defect.clauses[0] for defect in DEFECTS} == set(CONTRACT.clauses)


def test_defects_name_what_there_is_in_the_contract() -> None:
    for defect in DEFECTS:
        assert set(defect.clauses) <= set(CONTRACT.clauses), defect.name
        assert len(set(defect.clauses)) == len(defect.clauses), defect.name
        assert set(defect.readings) <= set(CONTRACT.readings), defect.name


def test_a_defective_server_forgets_on_reset_and_tells_nothing_of_clauses() -> None:
    defect = next(defect for defect in DEFECTS if defect.name == "a lead moves only once")
    server = defect.server()
    first = observed(server, defect.story)
    server.reset()
    assert observed(server, defect.story) == first
    assert not [name for seen in first for name, _ in seen.response.headers if name.startswith("Lookalike")]


def test_random_choices_hold_every_choice_of_every_reading() -> None:
    drawn = {(reading, choice) for seed in SEEDS for reading, choice in random_choices(seed).items()}
    assert drawn == {*single_choices()}
    assert all(CONTRACT.choices(random_choices(seed)) == random_choices(seed) for seed in SEEDS)


def test_random_choices_of_two_readings_meet_in_every_way() -> None:
    drawn = [random_choices(seed) for seed in SEEDS]
    for one, other in (("requirement", "empty-data"), ("order", "auth-order"), ("number-form", "own-number")):
        met = {(choices[one], choices[other]) for choices in drawn}
        assert met == {(a, b) for a in choices_of(one) for b in choices_of(other)}


def test_random_choices_are_those_of_their_seed() -> None:
    assert random_choices(7) == random_choices(7)
    assert len({tuple(random_choices(seed).values()) for seed in SEEDS}) == len(SEEDS)
