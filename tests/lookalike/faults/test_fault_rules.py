"""Fault rules: how they are read, and the reasons for which they are refused."""

from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.faults.profiles import PROFILES
from lookalike.faults.rules import (
    AFTER_COMMIT,
    REAL,
    Fault,
    LognormalLatency,
    RateLimit,
    UniformLatency,
    read_fault,
    read_rules,
)
from lookalike.openapi.document import load_document
from tests.support.paths import FIXTURES
from tests.support.small import model

CONTRACT = model(load_document(FIXTURES / "contracts" / "pets" / "openapi.yaml").data).contract
PET = {"id": 1, "name": "Rex", "kind": "dog", "created_at": "2026-01-01T00:00:00Z"}


def rule(**raw: Any) -> Any:
    (read,) = read_rules({"one": raw}, CONTRACT, "faults.yaml")
    return read


def test_a_rule_names_its_operation_by_id_or_by_method_and_path() -> None:
    for name in ("getPet", "GET /pets/{petId}"):
        assert rule(operation=name, reset=True).operation == "getPet"


def test_latency_is_fixed_uniform_or_lognormal() -> None:
    assert rule(latency="200ms").fault.latency == UniformLatency(0.2, 0.2)
    assert rule(latency={"uniform": ["50ms", "2s"]}).fault.latency == UniformLatency(0.05, 2.0)
    lognormal = {"lognormal": {"median": "100ms", "sigma": 0.5}}
    assert rule(latency=lognormal).fault.latency == LognormalLatency(0.1, 0.5)


def test_a_rate_limit_is_429_unless_it_has_another_status() -> None:
    limit = {"requests": 10, "per": "60s"}
    assert rule(limit=limit).limit == RateLimit(10, 60)
    assert rule(limit=limit).fault.status == 429
    assert rule(limit=limit, status=503).fault.status == 503


def test_a_scenario_is_a_list_of_statuses_objects_and_real_answers() -> None:
    answers = [503, {"status": 429, "retry_after": 1}, {"reset": True, "at": "after-commit"}, "real"]
    expected = (Fault(503), Fault(429, retry_after=1), Fault(reset=True, at=AFTER_COMMIT), REAL)
    assert rule(answers=answers).answers == expected


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({}, "it does nothing"),
        ({"every": 2}, "it does nothing"),
        ({"at": "after-commit"}, "it does nothing"),
        ({"statuss": 503}, "there is no member 'statuss'; there are: operation,"),
        ({"status": "503"}, "status must be a status from 200 to 599"),
        ({"status": True}, "status must be"),
        ({"status": 100}, "status must be"),
        ({"rate": 1.5, "status": 503}, "rate must be a number from 0 to 1"),
        ({"every": 0, "status": 503}, "every must be a whole number"),
        ({"latency": "2h"}, "latency must be"),
        ({"latency": {"uniform": ["2s", "1s"]}}, "latency must be"),
        ({"latency": {"lognormal": {"median": "0s", "sigma": 1}}}, "latency must be"),
        ({"limit": {"requests": 1, "per": "500ms"}}, "limit must be"),
        ({"limit": {"requests": 0, "per": "60s"}}, "limit must be"),
        ({"rate": 0.1, "every": 2, "reset": True}, "rate and every exclude each other"),
        ({"first": 1, "limit": {"requests": 1, "per": "1s"}}, "first and limit exclude each other"),
        ({"reset": True, "truncate": 1}, "reset and truncate exclude each other"),
        ({"expired": True, "status": 403}, "status and expired exclude each other"),
        ({"latency": "1s", "retry_after": 1}, "retry_after needs a status"),
        ({"answers": [503], "every": 2}, "every goes into the answers of a scenario"),
        ({"answers": [503], "status": 500}, "status goes into the answers of a scenario"),
        ({"answers": []}, "answers must be a list"),
        ({"answers": ["fake"]}, "(#/one/answers/0): expected a status"),
        ({"answers": [{"every": 2}]}, "(#/one/answers/0): every is of the whole rule"),
        ({"from": "soon", "status": 503}, "from must be a time like"),
        ({"headers": {"Content-Length": "0"}, "status": 503}, "headers must be"),
        ({"headers": {"X": "a\r\nb"}, "status": 503}, "headers must be"),
        ({"operation": "buyPet", "reset": True}, "there is no operation 'buyPet'; there are: listPets,"),
    ],
)
def test_an_invalid_rule_is_refused_with_its_place_and_the_reason(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        rule(**raw)
    assert str(refused.value).startswith("faults.yaml (#/one")
    assert words in str(refused.value)


@pytest.mark.parametrize("data", [[], "reset", {"": {"reset": True}}, {"a b": {"reset": True}}, {"a": []}, {1: {}}])
def test_rules_are_objects_by_name(data: Any) -> None:
    with pytest.raises(UsageError, match=r"^faults\.yaml"):
        read_rules(data, CONTRACT, "faults.yaml")


def test_a_body_that_fits_the_contract_may_be_forced() -> None:
    assert rule(operation="getPet", status=200, body=PET).fault.body == PET


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"operation": "getPet", "status": 200, "body": {**PET, "kind": "fish"}}, "the contract of getPet: "),
        ({"operation": "getPet", "status": 200, "body": None}, "the contract of getPet: "),
        ({"operation": "getPet", "status": 418, "body": {}}, "documents the status 418"),
        ({"operation": "deletePet", "status": 204, "body": {}}, "has no body"),
        ({"status": 200, "body": PET}, "the contract of listPets: "),
        ({"operation": "getPet", "answers": [{"status": 200, "body": []}]}, "the contract of getPet: "),
    ],
)
def test_a_body_that_breaks_the_contract_is_refused_unless_it_is_deliberate(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match="deliberate: true") as refused:
        rule(**raw)
    assert words in str(refused.value)
    answers = [{**answer, "deliberate": True} for answer in raw.get("answers", ())]
    assert rule(**{**raw, **({"answers": answers} if answers else {"deliberate": True})})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("status=503", Fault(503)),
        ("status=503; at=after-commit; retry_after=2", Fault(503, at=AFTER_COMMIT, retry_after=2)),
        ("reset, at=after-commit", Fault(reset=True, at=AFTER_COMMIT)),
        ("latency=200ms;truncate=0", Fault(latency=UniformLatency(0.2, 0.2), truncate=0)),
        ("expired", Fault(401, expired=True)),
        ('dribble="2s"', Fault(dribble=2.0)),
    ],
)
def test_a_fault_in_a_header_field_has_the_members_of_a_rule(text: str, fault: Fault) -> None:
    assert read_fault(text) == fault


@pytest.mark.parametrize(
    "text",
    [
        *("", ";", "rate=1", "every=2;reset", "status=abc", "body=1", "status", "latency=9h", "at=after-commit"),
        *("status=200, reset", "reset;expired", "reset;malformed", "reset;dribble=2s", "reset;truncate=0"),
    ],
)
def test_a_header_field_that_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="Lookalike-Fault"):
        read_fault(text)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_fits_every_contract(name: str) -> None:
    assert read_rules(PROFILES[name], CONTRACT, name)
