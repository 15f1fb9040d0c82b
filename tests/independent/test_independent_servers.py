"""Servers of other stacks, written without this package, do what the model says under the choices that they claim."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.http import Request
from lookalike.service import MockService
from lookalike.transcripts.transcript import read_transcripts
from tests.defects.requests import fields, number_of
from tests.defects.tour import EVERYTHING, TOUR
from tests.defects.worlds import agree, choices_of, deciding, leads_as_text
from tests.independent.starting import SERVERS, TOKENS, Independent, Running, started, world_of
from tests.independent.stories import random_story
from tests.support.in_process import ASHA, AUTHORIZED, CONTRACT, FREE, JSON, mock, update
from tests.support.paths import FIXTURES

SESSIONS = FIXTURES / "sessions"
STORIES, LENGTH = 20, 40
DEEP = tuple(
    update(ASHA, '{"lead_data": {"deep": ' + "[" * depth + "]" * depth + "}}") for depth in (150, 1000, 10_000, 100_000)
)

EQUAL = "more members are allowed, not demanded"
EMPTY = "an empty object is refused too"
MASKED = {
    "http.server": {
        "precision=double": "longer numbers are refused by number-domain",
        "precision=rejected": "longer numbers are refused by number-domain",
        "fraction=accepted": "no tag has a fraction, and unknown tags are refused",
        "empty-body=as-empty-object": EMPTY,
        "extra-members=present": EQUAL,
    },
    "FastAPI": {
        "null-in-new=stored": "null is a value there",
        "media-type=400": EMPTY,
        "empty-body=400": EMPTY,
        "extra-members=present": EQUAL,
    },
    "Node": {
        "null-in-new=stored": "null is a value there",
        "empty-data=absent": "nothing is required",
    },
}

Story = tuple[Any, tuple[Request, ...]]


@cache
def sessions() -> dict[str, Story]:
    """The data and the requests of each session, whatever choices it was written for."""
    found: dict[str, Story] = {}
    for path in sorted(SESSIONS.rglob("*.yaml")):
        for transcript in read_transcripts(path, CONTRACT):
            requests = tuple(call.request for step in transcript.steps for call in step.calls)
            found[f"{path.stem}: {transcript.title}"] = (transcript.data, requests)
    return found


@pytest.fixture(scope="module", params=SERVERS, ids=lambda server: server.name)
def independent(request: pytest.FixtureRequest) -> Independent:
    server: Independent = request.param
    return server


@pytest.fixture(scope="module")
def running(independent: Independent) -> Iterator[Running]:
    if which(independent.command[0]) is None:
        pytest.skip(f"{independent.command[0]} is not installed")
    with started(independent, world_of(mock().state(), TOKENS)) as server:
        yield server


def compare(model: MockService, server: Running, story: Sequence[Request], number_form: str = "") -> list[str]:
    """How a server differs from the model in a story; nothing where it does not.

    Leads are addressed as one addresses them on a server with a `number-form`, by default that of the model.
    """
    international = (number_form or model.choices["number-form"]) == "international"
    server.reset(world_of(model.state(), TOKENS))
    differences = []
    for request in story:
        sent = addressed(request, model) if international else request
        outcome = model._store.transact(deciding(sent, model.choose))
        response = server.handle(sent)
        if not agree(outcome, response, model.choose):
            due = outcome.response
            differences.append(f"{sent} -> {due.status} {due.body!r}, got {response.status} {response.body!r}")
    due_leads, leads = model.state()["lead"], shown(server, model)
    if leads_as_text(due_leads) != leads_as_text(leads):
        differences.append(f"left {due_leads}, got {leads}")
    return differences


def addressed(request: Request, model: MockService) -> Request:
    """The request with the country code before the number of its lead."""
    found = [lead for lead in model.state()["lead"] if lead["contact_number"] == number_of(request)]
    path = f"/leads/{found[0]['country_code']}{number_of(request)}/update" if found else request.path
    return request._replace(path=path)


def shown(server: Running, model: MockService) -> list[Any]:
    """The leads of the model as the server shows them, without those that it does not know."""
    numbers = {model.model.keys_of("lead", lead, model.choose)[0] for lead in model.state()["lead"]}
    return [lead for lead in map(server.lead, numbers) if lead is not None]


def test_independent_servers_know_nothing_of_the_package() -> None:
    for server in SERVERS:
        assert "lookalike" not in Path(server.command[1]).read_text().lower()


def test_each_claims_a_choice_for_every_reading_and_no_two_claim_the_same(independent: Independent) -> None:
    assert CONTRACT.choices(independent.choices) == independent.choices
    others = [server for server in SERVERS if server is not independent]
    assert all(sum(independent.choices[id] != other.choices[id] for id in CONTRACT.readings) > 10 for other in others)


def test_the_documented_examples_are_answered_as_documented(independent: Independent, running: Running) -> None:
    running.reset()
    number = f"91{ASHA}" if independent.choices["number-form"] == "international" else ASHA
    for headers, status, message in (
        (JSON, 401, "UnAuthorized Access-Token!"),
        (JSON | AUTHORIZED, 201, "Successfully updated lead."),
        (JSON | AUTHORIZED, 404, "Invalid contact number!"),
    ):
        answer = running.handle(update(number, EVERYTHING, headers))
        body = json.loads(answer.body)
        assert (answer.status, body["status"], body["message"]) == (status, status, message)
        assert body["success"] is (status == 201)
    lead = running.lead(FREE)
    assert (lead["country_code"], sorted(lead["tags"])) == (91, [3, 7, 101, 102])
    assert (lead["data"]["name"], lead["data"]["city"]) == ("Jane Smith", "Pune")


def test_a_story_with_requests_of_every_kind_goes_as_under_the_claimed_choices(
    independent: Independent, running: Running
) -> None:
    assert compare(mock(independent.choices), running, TOUR) == []


def test_sessions_go_as_under_the_claimed_choices(independent: Independent, running: Running) -> None:
    models = {name: model_of(independent, data) for name, (data, _) in sessions().items()}
    without = {name for name, model in models.items() if model is None}
    assert without <= {"number-form: A change of country code alone may meet another lead"}
    differing = {
        name: compare(model, running, sessions()[name][1])
        for name, model in models.items()
        if model is not None and not name.startswith("BODY-7")  # whose verdicts are free
    }
    assert {name: found for name, found in differing.items() if found} == {}


def model_of(server: Independent, data: Any) -> MockService | None:
    """The model under the choices of a server, or None where these leads cannot be together."""
    try:
        return mock(server.choices, data)
    except UsageError:
        return None


def test_each_choice_is_told_from_every_other(independent: Independent, running: Running) -> None:
    """But for those between which its other choices leave no difference."""
    untold = {
        f"{reading}={choice}"
        for reading in CONTRACT.readings
        for choice in choices_of(reading)
        if choice != independent.choices[reading] and not is_told(independent, running, reading, choice)
    }
    assert untold == MASKED[independent.name].keys()


def is_told(independent: Independent, running: Running, reading: str, choice: str) -> bool:
    """Whether a server is seen to differ from the model once one choice of the model is another."""
    other = replace(independent, choices={**independent.choices, reading: choice})
    stories = [story for name, story in sessions().items() if name.startswith(f"{reading}:")]
    for data, story in [*stories, (None, TOUR), (None, (fields(new_country_code=44),))]:
        for number_form in {independent.choices["number-form"], "national"}:
            model = model_of(other, data)
            if model is not None and compare(model, running, story, number_form):
                return True
    return False


def test_strange_bodies_are_answered_and_leave_a_server_that_goes_on(running: Running) -> None:
    running.reset()
    found = {name: story for name, (_, story) in sessions().items() if name.startswith("BODY-7")}
    assert len(found) == 1
    for request in *next(iter(found.values())), *DEEP:
        assert running.handle(request).status < 500, request
    running.reset()
    assert running.lead(ASHA)["country_code"] == 91


@pytest.mark.parametrize("seed", range(STORIES))
def test_a_random_story_goes_as_under_the_claimed_choices(
    independent: Independent, running: Running, seed: int
) -> None:
    assert compare(mock(independent.choices), running, random_story(seed, LENGTH)) == []
