"""The mock as a service: state edits, reset, reload, journal, and many threads at once."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from lookalike.assembly import Sources, assemble, bundled_document, load, token_tables
from lookalike.contract.contract import Contract
from lookalike.errors import StateError, UsageError
from lookalike.http import Request
from lookalike.journal import JOURNAL_LENGTH
from lookalike.model.behaviour import Model
from lookalike.openapi.document import parse_document
from lookalike.service import MockService, initial
from tests.support.contracts import read_contract
from tests.support.in_process import ASHA, CONTRACT, FREE, JSON, PARTS, leads, message, mock, put, snapshot, update

pytestmark = pytest.mark.usefixtures("impatient_threads")

VALID: dict[str, Any] = {"lead_data": {"seen": True}}
NEW: dict[str, Any] = {"contact_number": FREE, "country_code": 91}
TABLES = token_tables({"bearerAuth": [{"token": "tok-valid"}]}, "tokens")


def test_a_mock_starts_with_its_seeds_and_their_defaults() -> None:
    assert len(leads(mock())) == len(PARTS.data["lead"])
    assert mock().item("lead", 9000000007) == {"contact_number": 9000000007, "country_code": 91, "tags": [], "data": {}}


def test_reset_goes_back_to_the_seeds_and_clears_the_journal() -> None:
    server = mock()
    before = snapshot(server)
    put(server, ASHA, {"add_tags": [9], "lead_data": {"address": {"city": "x"}}})
    put(server, 2025550143, {"lead_data": {"address": None}, "new_contact_number": FREE, "new_country_code": 1})
    server.put_item("lead", 77, {"contact_number": 77, "country_code": 1})
    server.reset()
    assert (snapshot(server), server.journal()) == (before, [])


def test_two_mocks_of_one_model_do_not_meet() -> None:
    one, other = mock(), mock()
    before = snapshot(other)
    put(one, ASHA, VALID)
    assert snapshot(other) == before


def test_an_item_can_be_put_patched_and_deleted_by_hand() -> None:
    server = mock()
    assert server.put_item("lead", FREE, NEW) == {**NEW, "tags": [], "data": {}}
    assert server.patch_item("lead", FREE, {"tags": [5]}) == {**NEW, "tags": [5], "data": {}}
    assert put(server, FREE, {"add_tags": [6], **VALID}).status == 201
    assert server.item("lead", FREE) == {**NEW, "tags": [5, 6], "data": {"seen": True}}
    assert [server.delete_item("lead", FREE) for _ in range(2)] == [True, False]
    assert put(server, FREE, VALID).status == 404


def test_a_number_written_with_a_fraction_of_zero_is_the_same_key() -> None:
    server = mock()
    server.put_item("lead", FREE, {**NEW, "contact_number": float(FREE)})
    assert put(server, FREE, VALID).status == 201
    assert type((server.item("lead", FREE) or {})["contact_number"]) is int


EDITS: dict[str, tuple[int, Any, str]] = {
    "a text as number": (FREE, {**NEW, "contact_number": str(FREE)}, "contact_number must be an integer, not a string"),
    "a fraction as number": (FREE, {**NEW, "contact_number": 1.5}, "contact_number must be an integer"),
    "no country code": (FREE, {"contact_number": FREE}, "country_code is required"),
    "an unknown field": (FREE, {**NEW, "name": "x"}, "unknown member of the lead: name"),
    "a tag twice": (FREE, {**NEW, "tags": [1, 1.0]}, "tags must not hold the same item twice"),
    "tags that are texts": (FREE, {**NEW, "tags": ["1"]}, r"tags\[0\] must be a number, not a string"),
    "data that is a list": (FREE, {**NEW, "data": []}, "data must be an object, not an array"),
    "no object": (FREE, [], "the lead must be an object, not an array"),
    "nothing": (FREE, None, "the lead must be an object, not null"),
    "several at once": (
        FREE,
        {"tags": 1},
        "contact_number is required.*country_code is required.*tags must be an array",
    ),
    "the key of another": (ASHA, NEW, f"the item's own key is {FREE}, not {ASHA}"),
}


@pytest.mark.parametrize(("key", "raw", "why"), EDITS.values(), ids=EDITS)
def test_an_edit_that_does_not_fit_is_rejected_with_the_reason_and_changes_nothing(
    key: int, raw: Any, why: str
) -> None:
    server = mock()
    before = snapshot(server)
    with pytest.raises(StateError, match=why):
        server.put_item("lead", key, raw)
    assert snapshot(server) == before


def test_a_patch_may_not_move_an_item() -> None:
    server = mock()
    before = snapshot(server)
    with pytest.raises(StateError, match=f"own key is {FREE}"):
        server.patch_item("lead", ASHA, {"contact_number": FREE})
    assert snapshot(server) == before


PLACES = [{"contact_number": 123, "country_code": 91}, {"contact_number": 555, "country_code": 9}]


def test_an_edit_under_aliases_may_not_take_those_of_another() -> None:
    server = mock({"number-form": "either"}, {"lead": PLACES})
    with pytest.raises(StateError, match="another lead answers to one of"):
        server.put_item("lead", 1123, {"contact_number": 1123, "country_code": 9})
    assert len(leads(server)) == 2


def test_an_edit_by_an_alias_replaces_the_item_and_leaves_no_copy() -> None:
    server = mock({"number-form": "either"}, {"lead": PLACES})
    server.put_item("lead", 91123, {"contact_number": 1123, "country_code": 9})
    assert [lead["contact_number"] for lead in leads(server)] == [1123, 555]
    assert [server.item("lead", key) is None for key in (123, 1123, 91123)] == [True, False, False]
    assert server.delete_item("lead", 91123)
    assert [lead["contact_number"] for lead in leads(server)] == [555]


def test_the_whole_state_can_be_replaced_and_is_checked_like_seeds() -> None:
    server = mock()
    server.replace_state({"lead": [NEW]})
    assert leads(server) == [{**NEW, "tags": [], "data": {}}]
    before = snapshot(server)
    for wrong, why in WRONG_SEEDS.values():
        with pytest.raises(UsageError, match=why):
            server.replace_state(wrong)
    assert snapshot(server) == before


WRONG_SEEDS: dict[str, tuple[Any, str]] = {
    "a list": ([], "expected an object with a list of items per resource name"),
    "an unknown resource": ({"leads": []}, r"#/leads\): there is no resource 'leads'; this contract has: lead, tag"),
    "no list": ({"lead": {}}, r"#/lead\): expected a list of items"),
    "a wrong item": ({"lead": [NEW, {**NEW, "tags": 5}]}, r"#/lead/1\): tags must be an array, not an integer"),
    "the same key twice": ({"lead": [NEW, {**NEW, "country_code": 1}]}, rf"#/lead/1\): the key {FREE} is .* #/lead/0"),
    "the same tag twice": ({"tag": [{"id": 1}, {"id": 1.0}]}, r"#/tag/1\): the key 1 is already that of #/tag/0"),
}


@pytest.mark.parametrize(("data", "why"), WRONG_SEEDS.values(), ids=WRONG_SEEDS)
def test_seeds_that_do_not_fit_are_refused_with_their_place(data: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        mock(data=data)


def test_seeds_that_collide_under_one_number_form_only_are_refused_under_it_only() -> None:
    data = {"lead": [{"contact_number": 123, "country_code": 91}, {"contact_number": 1123, "country_code": 9}]}
    assert len(leads(mock(data=data))) == 2
    for form in ("international", "either"):
        with pytest.raises(UsageError, match=r"the key 91123 is already that of #/lead/0"):
            mock({"number-form": form}, data)


def test_the_journal_is_newest_first_filtered_and_limited() -> None:
    server = mock()
    for number in (ASHA, 7, ASHA, 8):
        put(server, number, VALID)
    assert [exchange.number for exchange in server.journal()] == [4, 3, 2, 1]
    assert [exchange.number for exchange in server.journal(limit=2)] == [4, 3]
    unknown = server.journal(lambda exchange: exchange.outcome.response.status == 404, limit=1)
    assert [(exchange.number, exchange.request.path) for exchange in unknown] == [(4, "/leads/8/update")]
    server.clear_journal()
    assert server.journal() == []


def test_the_journal_forgets_the_oldest() -> None:
    server = mock()
    request = Request("GET", "/nowhere")
    for _ in range(JOURNAL_LENGTH + 5):
        server.handle(request)
    journal = server.journal(limit=JOURNAL_LENGTH * 2)
    assert (len(journal), journal[0].number, journal[-1].number) == (JOURNAL_LENGTH, JOURNAL_LENGTH + 5, 6)


def test_the_journal_holds_the_request_as_it_came_and_what_was_decided() -> None:
    server = mock()
    request = update(ASHA, {**VALID, "add_tags": [5]})
    response = server.handle(request)
    (exchange,) = server.journal()
    assert (exchange.request, exchange.outcome.response) == (request, response)
    assert exchange.outcome.clauses == ("OK-1", "TAG-1", "TAG-2", "DATA-1")
    assert [change.resource for change in exchange.outcome.changes] == ["lead"]


def test_a_request_that_never_reached_the_model_is_answered_and_journaled() -> None:
    server = mock()
    response = server.refuse(update(ASHA, VALID), 413, "the body is too large")
    assert (response.status, json.loads(response.body)["success"], message(response)) == (
        413,
        False,
        "the body is too large",
    )
    assert [exchange.outcome.response for exchange in server.journal()] == [response]


TEXT = bundled_document().read_text(encoding="utf-8")


def contract_with(old: str, new: str) -> Contract:
    assert old in TEXT
    return read_contract(parse_document(TEXT.replace(old, new), "edited.yaml"))


def test_a_reload_follows_the_new_document_and_keeps_state_and_journal() -> None:
    server = mock()
    put(server, ASHA, {**VALID, "add_tags": [42]})
    before = snapshot(server)
    contract = contract_with("Successfully updated lead.", "Done.")
    server.follow(initial(Model(contract, TABLES), contract.choices({"requirement": "not-enforced"}), PARTS.data))
    assert snapshot(server) == before
    assert message(put(server, ASHA, {})) == "Done."
    assert [exchange.number for exchange in server.journal()] == [2, 1]


def test_a_reset_after_a_reload_goes_back_to_the_new_seeds() -> None:
    server = mock()
    server.follow(initial(PARTS.model, CONTRACT.choices({}), {"lead": [NEW]}))
    assert len(leads(server)) == len(PARTS.data["lead"])
    server.reset()
    assert leads(server) == [{**NEW, "tags": [], "data": {}}]


def test_a_reload_with_another_number_form_finds_the_leads_under_their_other_names() -> None:
    server = mock()
    put(server, ASHA, VALID)
    server.follow(initial(PARTS.model, CONTRACT.choices({"number-form": "international"}), PARTS.data))
    assert put(server, ASHA, VALID).status == 404
    assert put(server, f"91{ASHA}", VALID).status == 201
    server.follow(initial(PARTS.model, CONTRACT.choices({}), PARTS.data))
    assert put(server, ASHA, VALID).status == 201
    assert len(leads(server)) == len(PARTS.data["lead"])


def without_tags(contract: Contract) -> Contract:
    document = copy.deepcopy(contract.document.data)
    document["components"]["schemas"]["Lead"]["properties"]["tags"]["maxItems"] = 3
    return read_contract(parse_document(json.dumps(document), "edited.json"))


RELOADS: dict[str, tuple[Callable[[], Contract], dict[str, str], Any]] = {
    "seeds that do not fit": (lambda: CONTRACT, {}, {"lead": [{}]}),
    "state that does not fit": (lambda: without_tags(CONTRACT), {}, {"lead": []}),
    "a number form under which leads collide": (lambda: CONTRACT, {"number-form": "international"}, {"lead": []}),
}


@pytest.mark.parametrize(("contract", "readings", "data"), RELOADS.values(), ids=RELOADS)
def test_a_reload_that_cannot_be_changes_nothing(
    contract: Callable[[], Contract], readings: dict[str, str], data: Any
) -> None:
    server = mock()
    server.put_item("lead", 123, {"contact_number": 123, "country_code": 91})
    server.put_item("lead", 1123, {"contact_number": 1123, "country_code": 9})
    before = snapshot(server)
    read = contract()
    with pytest.raises(UsageError):
        server.follow(initial(Model(read, TABLES), read.choices(readings), data))
    assert snapshot(server) == before
    assert server.model is PARTS.model
    assert put(server, ASHA, VALID).status == 201
    server.reset()
    assert len(leads(server)) == len(PARTS.data["lead"])


def in_threads(*works: Callable[[], None]) -> None:
    """Run them at once; what one of them raises is raised here."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # it is raised below, where the test sees it
            errors.append(error)

    threads = [Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    for error in errors:
        raise error


THREADS, UPDATES = 8, 50


def adding(server: MockService, thread: int) -> Callable[[], None]:
    def work() -> None:
        for index in range(UPDATES):
            tag = 1000 + thread * UPDATES + index
            assert put(server, ASHA, {"add_tags": [tag], "lead_data": {f"t{tag}": index}}).status == 201

    return work


def test_no_update_is_lost_where_many_threads_change_one_lead() -> None:
    server = mock()
    in_threads(*(adding(server, thread) for thread in range(THREADS)))
    lead = server.item("lead", ASHA)
    assert lead is not None
    added = range(1000, 1000 + THREADS * UPDATES)
    assert set(lead["tags"]) == {3, 7, 103, *added}
    assert lead["data"].keys() >= {f"t{tag}" for tag in added}
    journal = server.journal(limit=JOURNAL_LENGTH)
    assert sorted(exchange.number for exchange in journal) == list(range(1, THREADS * UPDATES + 1))


def test_one_of_many_threads_gets_a_number_that_all_of_them_want() -> None:
    numbers = range(100, 100 + THREADS)
    server = mock({"occupied": "409"}, {"lead": [{"contact_number": n, "country_code": 1} for n in numbers]})
    statuses: list[int] = []

    def moving(number: int) -> Callable[[], None]:
        move = {"new_contact_number": FREE, "new_country_code": 1}
        return lambda: statuses.append(put(server, number, move).status)

    in_threads(*map(moving, numbers))
    assert sorted(statuses) == [201] + [409] * (THREADS - 1)
    assert len(leads(server)) == THREADS


def test_a_lead_that_is_moved_to_and_fro_by_many_threads_is_always_somewhere() -> None:
    server = mock(data={"lead": [{"contact_number": 1, "country_code": 1}]})

    def moving(here: int, there: int) -> Callable[[], None]:
        def work() -> None:
            for _ in range(UPDATES):
                assert put(server, here, {"new_contact_number": there, "new_country_code": 1}).status in {201, 404}
                assert len(server.state()["lead"]) == 1

        return work

    in_threads(*(moving(*pair) for pair in [(1, 2), (2, 1), (2, 3), (3, 1)] * 2))


def test_the_journal_can_be_read_and_the_mock_reloaded_while_requests_come() -> None:
    server = mock()
    server.replace_state({"lead": [{"contact_number": ASHA, "country_code": 91, "tags": [3, 7, 103]}]})

    def looking() -> None:
        for _ in range(UPDATES):
            numbers = [exchange.number for exchange in server.journal(limit=JOURNAL_LENGTH)]
            assert len(set(numbers)) == len(numbers)

    def reloading() -> None:
        for index in range(UPDATES):
            choices = CONTRACT.choices({"number-form": ("national", "either")[index % 2]})
            server.follow(initial(PARTS.model, choices, PARTS.data))

    in_threads(*(adding(server, thread) for thread in range(4)), looking, looking, reloading)
    (lead,) = leads(server)
    assert set(lead["tags"]) == {3, 7, 103, *range(1000, 1000 + 4 * UPDATES)}


def test_a_mock_is_assembled_from_files(tmp_path: Path) -> None:
    (tmp_path / "leads.yaml").write_text(f"lead:\n  - {{contact_number: {FREE}, country_code: 91}}\n")
    (tmp_path / "tokens.yaml").write_text("bearerAuth:\n  - {token: mine}\n")
    (tmp_path / "profile.yaml").write_text("readings: {requirement: not-enforced, occupied: 409}\n")
    parts = load(
        Sources(
            data=tmp_path / "leads.yaml",
            tokens=tmp_path / "tokens.yaml",
            profile=tmp_path / "profile.yaml",
            readings={"requirement": "any-field"},
        )
    )
    server = assemble(parts)
    headers = {**JSON, "Authorization": "Bearer mine"}
    assert (parts.valid_token, parts.choices["requirement"], parts.choices["occupied"]) == ("mine", "any-field", "409")
    assert put(server, FREE, {"new_country_code": 1}, headers).status == 201
    assert put(server, FREE, VALID).status == 401


def test_an_unknown_reading_or_choice_is_told_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "profile.yaml").write_text("readings: {merge: sideways}\n")
    with pytest.raises(
        UsageError, match="there is no reading 'requirements'; this contract has: requirement, empty-data"
    ):
        load(Sources(readings={"requirements": "enforced"}))
    with pytest.raises(UsageError, match="'merge' has no choice 'sideways'; it has: shallow, deep"):
        load(Sources(profile=tmp_path / "profile.yaml"))
