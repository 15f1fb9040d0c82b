"""Judging servers of documents that state no clauses: by what is created, read, listed, changed and deleted."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.contract import load_contract
from lookalike.verify.client import Client, Connection, Limits
from lookalike.verify.resources.run import LAYERS_OF_RESOURCES, Asked, ResourceRun
from lookalike.verify.resources.setup import desk_of, prefixed
from lookalike.verify.results import ClauseStatus, Report
from lookalike.verify.target import Credentials, Target
from tests.pet_shop.shop import KEY, OLD, Manners, Shop, app_of, serving

SHOP = load_contract(Path(__file__).parent / "pet_shop" / "openapi.yaml")
TARGET = Target({"key": Credentials(KEY)}, {})

DEFECTS = {
    "delete does not delete": "deletePet.absent-after-delete",
    "what is created is not kept": "createPet.readable-after-create",
    "a member is lost": "createPet.readable-after-create",
    "the list misses the latest": "createPet.listed-after-create",
    "the list is never refreshed": "createPet.listed-after-create",
    "visits are not listed": "addVisit.listed-after-create",
    "a replacement is lost": "updatePet.changed-after-change",
    "a change is lost": "patchPet.changed-after-change",
    "a change forgets the rest": "patchPet.rest-kept-after-change",
    "an unknown pet is a 200": "getPet.unknown-is-404",
    "an invalid body is a 500": "createPet.refused-when-invalid",
    "an invalid body is taken": "createPet.refused-when-invalid",
    "an answer breaks its schema": "getPet.answers-as-documented",
    "an undocumented status": "createPet.answers-as-documented",
    "credentials are not checked": "getPet.refused-without-credentials",
}
NUMBERS = count(1000, 7)
MANNERS = {
    "uuids": Manners(),
    "numbers as text, 200 after deletion": Manners(lambda: str(next(NUMBERS)), 200, 200, 422),
    "more members than documented": Manners(extra={"links": {"self": "/"}}, newest_first=True),
}


def judged(url: str, asked: Asked | None = None, target: Target = TARGET, contract: Any = SHOP) -> Report:
    desk = desk_of(contract, Client(prefixed(url, contract), Connection(), Limits()), target, 1)
    return ResourceRun(desk, asked or Asked(), {}, lambda text: None).report()


def shop_with(pets: int) -> Shop:
    kept = {
        f"{OLD}-{number}": {"name": "Old", "kind": "dog", "made": "", "id": f"{OLD}-{number}"} for number in range(pets)
    }
    return Shop(pets=kept)


def statuses(report: Report) -> dict[str, str]:
    return {clause.id: f"{clause.status}: {clause.reason}" for clause in report.clauses}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_named_by_its_clause(defect: str) -> None:
    with serving(app_of(shop_with(1), Manners(), defect)) as url:
        report = judged(url, Asked(("clauses",)))
    found = {failure.clause: failure for failure in report.failures}
    assert report.exit_code == 1
    assert DEFECTS[defect] in found
    assert found[DEFECTS[defect]].reproduced == found[DEFECTS[defect]].attempts


@pytest.mark.parametrize("name", MANNERS)
@pytest.mark.parametrize(("pets", "layers"), [(0, ("clauses",)), (75, LAYERS_OF_RESOURCES)])
def test_a_server_that_keeps_the_document_in_its_own_way_is_not_accused(
    name: str, pets: int, layers: tuple[str, ...]
) -> None:
    with serving(app_of(shop_with(pets), MANNERS[name])) as url:
        report = judged(url, Asked(layers))
    assert [(one.clause, one.expected, one.got) for one in report.failures] == []
    assert report.exit_code == 0, report.problem
    lacking = {id: told for id, told in statuses(report).items() if not told.startswith(ClauseStatus.HELD)}
    unknown = "not-exercised: what it does is not known, and the server is not one that can be reset"
    rules = ("answers-as-documented", "refused-without-credentials")
    assert lacking == {f"groomPet.{rule}": unknown for rule in rules}


@pytest.mark.parametrize("layer", LAYERS_OF_RESOURCES)
def test_only_what_was_created_is_changed_and_nothing_is_left_behind(layer: str) -> None:
    shop = shop_with(3)
    before = {id: dict(pet) for id, pet in shop.pets.items()}
    with serving(app_of(shop, Manners())) as url:
        report = judged(url, Asked((layer,), examples=30))
    assert shop.pets == before
    assert not shop.visits
    assert not {id for id in shop.touched if id in before}
    assert shop.groomed == 0
    assert report.left_behind == ()


def test_a_server_that_loses_deletions_is_said_to_keep_what_was_made() -> None:
    with serving(app_of(Shop(), Manners(), "delete does not delete")) as url:
        report = judged(url, Asked(("clauses",), clauses=("createPet.readable-after-create",)))
    assert report.exit_code == 0


def test_without_credentials_in_the_target_nothing_is_judged_and_the_reason_is_told() -> None:
    with serving(app_of(Shop(), Manners())) as url:
        report = judged(url, Asked(("clauses",)), Target({}, {}))
    assert (report.exit_code, report.failures) == (3, ())
    assert "the target file gives no credentials for key" in statuses(report)["getPet.answers-as-documented"]


def test_a_wrong_base_path_is_told_as_such_and_accuses_nobody() -> None:
    with serving(app_of(Shop(), Manners())) as url:
        report = judged(f"{url}/v9", Asked(("clauses",)))
    assert (report.exit_code, report.failures) == (3, ())
    assert "the URL, the base path or the credentials are probably wrong" in report.problem


def test_a_wrong_key_is_told_as_such_and_accuses_nobody() -> None:
    with serving(app_of(Shop(), Manners())) as url:
        report = judged(url, Asked(("clauses",)), Target({"key": Credentials("wrong")}, {}))
    assert (report.exit_code, report.failures) == (3, ())


def test_credentials_appear_in_no_report() -> None:
    with serving(app_of(Shop(), Manners(), "delete does not delete")) as url:
        report = judged(url, Asked(("clauses",)))
    assert report.failures
    assert KEY not in repr(report)


def test_sequences_alone_find_what_a_change_loses_and_shrink_it() -> None:
    with serving(app_of(shop_with(1), Manners(), "a replacement is lost")) as url:
        report = judged(url, Asked(("sequences",), examples=120))
    failure = next(one for one in report.failures if one.clause == "updatePet.changed-after-change")
    assert [exchange.request.partition("/")[0].strip() for exchange in failure.story] == ["POST", "PUT", "GET"]


def test_sequences_alone_find_what_is_there_after_its_deletion() -> None:
    with serving(app_of(shop_with(1), Manners(), "delete does not delete")) as url:
        report = judged(url, Asked(("sequences",)))
    assert "deletePet.absent-after-delete" in {one.clause for one in report.failures}


def test_generated_inputs_find_what_no_plain_request_shows() -> None:
    with serving(app_of(shop_with(1), Manners(), "a far offset is a 500")) as url:
        plain, generated = judged(url, Asked(("clauses",))), judged(url, Asked(("generated",)))
    assert plain.exit_code == 0
    assert "listPets.answers-as-documented" in {one.clause for one in generated.failures}
