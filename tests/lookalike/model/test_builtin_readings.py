"""A mock that is told a choice of a built-in reading answers by it, and no other request changes."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.contract.builtin_readings import OF_HTTP, OF_MEMBER, OF_OPERATION, OF_RESOURCE, builtin_reading
from lookalike.contract.decided_readings import settled
from lookalike.contract.reader import load_contract
from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.model.strictness import Strictness
from lookalike.service import MockService
from tests.support.paths import FIXTURES, ROOT

DOCUMENT = FIXTURES / "contracts" / "pets" / "openapi.yaml"
CONTRACT = load_contract(DOCUMENT)
REX = {"name": "Rex", "kind": "dog"}
SENT = Headers({"Content-Type": "application/json"})
NO_DATA: dict[str, list[Any]] = {"pet": [], "visit": [], "user": [], "settings": [{"language": "en"}]}


class Asked(NamedTuple):
    """A request, and what is expected of its answer: the status, and values of members."""

    method: str
    path: str
    body: Any = None
    status: int = 200
    members: dict[str, Any] = {}  # noqa: RUF012  # the default of a field of a tuple
    absent: tuple[str, ...] = ()


def mock(**readings: str) -> MockService:
    chosen = {id.replace("__", ".").replace("_", "-"): choice for id, choice in readings.items()}
    return mock_of(chosen)


def mock_of(readings: Mapping[str, str]) -> MockService:
    return assemble(load(Sources(DOCUMENT, data=NO_DATA, readings=readings, strictness=Strictness(media_types=False))))


def answered(service: MockService, asked: Asked) -> tuple[int, Any]:
    content = asked.body if isinstance(asked.body, bytes) else json.dumps(asked.body).encode()
    path, _, query = asked.path.partition("?")
    request = Request(asked.method, path, query, SENT, b"" if asked.body is None else content)
    response = service.handle(request)
    return response.status, json.loads(response.body) if response.body else None


MAKE = Asked("POST", "/pets", REX, 201)
TAKES = {
    "pet.put-unknown=creates": [Asked("PUT", "/pets/77", REX, 200), Asked("GET", "/pets/77", members=REX)],
    "pet.put-unknown=refused": [Asked("PUT", "/pets/77", REX, 404)],
    "pet.delete-unknown=succeeds": [Asked("DELETE", "/pets/77", None, 204)],
    "pet.unknown=410": [Asked("GET", "/pets/77", None, 410)],
    "pet.unknown-members=dropped": [Asked("POST", "/pets", {**REX, "x": 1}, 201, REX, ("x",))],
    "createPet.unknown-members=refused": [Asked("POST", "/pets", {**REX, "x": 1}, 400), MAKE],
    "createPet.required=tags": [
        Asked("POST", "/pets", REX, 400), Asked("POST", "/pets", {**REX, "tags": ["a"]}, 201, {"tags": ["a"]}),
    ],
    "createPet.refusal=422": [Asked("POST", "/pets", {"name": "Rex"}, 422), MAKE],
    "createPet.unparsable=418": [Asked("POST", "/pets", b"{", 418)],
    "createPet.no-body=418": [Asked("POST", "/pets", None, 418), Asked("POST", "/pets", {"name": "Rex"}, 400)],
    "createPet.unchecked=body/kind:enum": [
        Asked("POST", "/pets", {"name": "Rex", "kind": "fish"}, 201, {"kind": "fish"}),
        Asked("POST", "/pets", {"name": 5, "kind": "fish"}, 400),
    ],
    "pet.name.kept=trimmed": [Asked("POST", "/pets", {**REX, "name": " Rex "}, 201, {"name": "Rex"})],
    "pet.name.kept=trimmed lower-case": [Asked("POST", "/pets", {**REX, "name": " Rex "}, 201, {"name": "rex"})],
    "pet.tags.kept=without-duplicates": [
        Asked("POST", "/pets", {**REX, "tags": ["a", "b", "a"]}, 201, {"tags": ["a", "b"]}),
    ],
    "visit.cost.kept=rounded-2": [
        MAKE, Asked("POST", "/pets/1/visits", {"reason": "a check", "cost": 2.71828}, 201, {"cost": 2.72}),
    ],
    "pet.tags.unsent=[]": [Asked("POST", "/pets", REX, 201, {"tags": []})],
    "pet.tags.unsent=absent": [Asked("POST", "/pets", REX, 201, REX, ("tags",))],
    "pet.tags.shown=no": [Asked("POST", "/pets", {**REX, "tags": ["a"]}, 201, REX, ("tags",))],
    "pet.tags.sent=ignored": [Asked("POST", "/pets", {**REX, "tags": ["a"]}, 201)],
    "pet.kind.sent=at-creation": [
        MAKE, Asked("PATCH", "/pets/1", {"name": "Max", "kind": "cat"}, members={"name": "Max", "kind": "dog"}),
        Asked("PUT", "/pets/1", {"name": "Rex", "kind": "bird"}, members=REX),
    ],
    "pet.put-unsent=kept": [
        Asked("POST", "/pets", {**REX, "tags": ["a"]}, 201),
        Asked("PUT", "/pets/1", REX, 200), Asked("GET", "/pets/1", members={"tags": ["a"]}),
    ],
    "pet.put-unsent=removed": [
        Asked("POST", "/pets", {**REX, "tags": ["a"]}, 201),
        Asked("PUT", "/pets/1", REX, 200), Asked("GET", "/pets/1", absent=("tags",)),
    ],
    # Without it, null deletes the member; stored, it breaks the schema.
    "settings.patch-null=stored": [Asked("PATCH", "/settings", {"newsletter": None}, 400)],
    "pet.unique=name": [
        MAKE, Asked("POST", "/pets", REX, 400), Asked("POST", "/pets", {**REX, "name": "Max"}, 201),
        Asked("PUT", "/pets/1", REX, 200), Asked("PUT", "/pets/2", REX, 400),
    ],
    "createPet.refusal=422 createPet.refusals=:type=400": [
        Asked("POST", "/pets", {"name": "Rex"}, 422), Asked("POST", "/pets", {**REX, "tags": "loud"}, 400),
        Asked("POST", "/pets", {"name": 1}, 400), Asked("POST", "/pets", {**REX, "kind": "fish"}, 422),
    ],
    "pet.tags.kept=lower-case sorted": [
        Asked("POST", "/pets", {**REX, "tags": ["b", "C", "a"]}, 201, {"tags": ["a", "b", "c"]}),
    ],
    "user.password.kept=masked \"***\"": [
        Asked("PUT", "/users/ann", {"email": "a@example.com", "password": "secret"}, 201, {"password": "***"}),
        Asked("GET", "/users/ann", None, 200, {"password": "***"}),
        Asked("PUT", "/users/ann", {"email": "a@example.com"}, 200, absent=("password",)),
    ],
    "listPets.ignored=kind sort limit": [
        MAKE, Asked("POST", "/pets", {"name": "Ada", "kind": "cat"}, 201),
        Asked("GET", "/pets?kind=bird&limit=1", members={"total": 2}),
        Asked("GET", "/pets?tag=loud", members={"total": 0}),
    ],
    "pet.tags.unsent=null": [
        Asked("POST", "/pets", REX, 201, {"tags": None}), Asked("PATCH", "/pets/1", {"name": "Max"}, 200),
        Asked("PATCH", "/pets/1", {"kind": "fish"}, 400),
    ],
    "pet.unique=name pet.conflict=409": [MAKE, Asked("POST", "/pets", REX, 409)],
    "visit.key-form=hex-24": [MAKE, Asked("POST", "/pets/1/visits", {"reason": "a"}, 201, {"id": f"{1:024x}"})],
    "pet.deletion=unlisted deleted=true": [
        MAKE, Asked("DELETE", "/pets/1", None, 204), Asked("GET", "/pets/1", members={"deleted": True}),
        Asked("GET", "/pets", members={"data": [], "total": 0}),
    ],
    "pet.deletion=marked name=\"\"": [
        MAKE, Asked("DELETE", "/pets/1", None, 204), Asked("GET", "/pets", members={"total": 1}),
    ],
    "pet.deleted=410": [
        MAKE, Asked("DELETE", "/pets/1", None, 204), Asked("GET", "/pets/1", None, 410),
        Asked("DELETE", "/pets/1", None, 410), Asked("GET", "/pets/77", None, 404),
        Asked("GET", "/pets", members={"data": [], "total": 0}), Asked("POST", "/pets/1/visits", {"reason": "a"}, 410),
        Asked("GET", "/pets/1/visits/00000000-0000-4000-8000-000000000001", None, 410),
    ],
    "pet.deleted=410 deletePet.deleted=404 listVisits.deleted=ignored getVisit.deleted-parent=403": [
        MAKE, Asked("DELETE", "/pets/1", None, 204), Asked("GET", "/pets/1", None, 410),
        Asked("DELETE", "/pets/1", None, 404), Asked("GET", "/pets/1/visits", None, 200),
        Asked("GET", "/pets/77/visits", None, 404),
        Asked("GET", "/pets/1/visits/00000000-0000-4000-8000-000000000001", None, 403),
    ],
    "pet.children=409": [
        MAKE, MAKE, Asked("POST", "/pets/1/visits", {"reason": "a"}, 201), Asked("DELETE", "/pets/1", None, 409),
        Asked("DELETE", "/pets/2", None, 204),
    ],
    "pet.key-reuse=server": [
        MAKE, MAKE, Asked("DELETE", "/pets/1", None, 204), Asked("POST", "/pets", REX, 201, {"id": 1}),
        Asked("POST", "/pets", REX, 201, {"id": 3}),
    ],
    "createPet.success=202": [Asked("POST", "/pets", REX, 202, REX)],
    "createPet.success=204": [Asked("POST", "/pets", REX, 204), Asked("GET", "/pets/1", members=REX)],
    "deletePet.success=200": [MAKE, Asked("DELETE", "/pets/1", None, 200), Asked("GET", "/pets/1", None, 404)],
    "createPet.effect=unseen": [MAKE, Asked("GET", "/pets", members={"data": [], "total": 0})],
    "updatePet.effect=unseen": [
        MAKE, Asked("PUT", "/pets/1", {**REX, "name": "Max"}), Asked("GET", "/pets/1", members=REX),
    ],
    "deletePet.effect=unseen": [MAKE, Asked("DELETE", "/pets/1", None, 204), Asked("GET", "/pets/1", members=REX)],
    "http.order=lookup-first": [Asked("PUT", "/pets/77", {}, 404)],
    "http.path-parameter=404": [Asked("GET", "/pets/abc", None, 404)],
    "http.method=404": [Asked("DELETE", "/pets", None, 404)],
    "vaccinatePet.unknown=ignored": [Asked("POST", "/pets/77/vaccinate", None, 202)],
    "listVisits.unknown=ignored": [Asked("GET", "/pets/77/visits", None, 200)],
}  # fmt: skip


@pytest.mark.repetitive
@pytest.mark.parametrize("choices", TAKES)
def test_a_mock_answers_by_a_choice(choices: str) -> None:
    readings = dict(_choices(choices))
    service = mock_of(readings)
    for asked in TAKES[choices]:
        status, value = answered(service, asked)
        assert status == asked.status, (asked, value)
        if asked.members or asked.absent:
            assert {name: value[name] for name in asked.members} == asked.members
            assert not value.keys() & set(asked.absent)


def _choices(text: str) -> list[tuple[str, str]]:
    """`ID=CHOICE`, of which there may be several."""
    words = text.split(" ")
    if all("." in word.partition("=")[0] for word in words):
        return [(word.partition("=")[0], word.partition("=")[2]) for word in words]
    id, _, choice = text.partition("=")
    return [(id, choice)]


@pytest.mark.parametrize(("choice", "status"), [("default", 404), ("deleted", 404), ("kept", 200)])
def test_an_item_below_a_deleted_one_stays_where_the_choice_says_so(choice: str, status: int) -> None:
    service = mock(pet__children=choice)
    answered(service, MAKE)
    _, visit = answered(service, Asked("POST", "/pets/1/visits", {"reason": "a"}))
    assert answered(service, Asked("DELETE", "/pets/1"))[0] == 204
    assert answered(service, Asked("GET", f"/pets/1/visits/{visit['id']}"))[0] == status
    assert answered(service, Asked("GET", "/pets/1/visits"))[0] == 404


ORDERS = {"newest-first": [3, 2, 1], "by name": [3, 1, 2], "by -name": [2, 1, 3], "oldest-first": [1, 2, 3]}


@pytest.mark.parametrize("order", ORDERS)
def test_a_list_has_the_order_and_the_page_of_a_choice(order: str) -> None:
    service = mock(pet__order=order, listPets__page_size="2")
    for name in ("Minka", "Rex", "Bello"):
        answered(service, Asked("POST", "/pets", {"name": name, "kind": "cat"}))
    _, shown = answered(service, Asked("GET", "/pets"))
    _, rest = answered(service, Asked("GET", "/pets?offset=2"))
    assert [one["id"] for one in shown["data"] + rest["data"]] == ORDERS[order]
    assert (len(shown["data"]), shown["total"]) == (2, 3)


@pytest.mark.parametrize("choices", TAKES)
def test_a_choice_that_is_the_default_leaves_the_contract_as_it_is(choices: str) -> None:
    defaults = {}
    for id, _ in _choices(choices):
        reading = builtin_reading(CONTRACT, id)
        assert reading is not None
        defaults[id] = reading.default
    assert settled(CONTRACT, defaults) is CONTRACT


def test_a_change_is_seen_after_the_lag_of_a_choice() -> None:
    service = mock(pet__lag="5s")

    def read_at(seconds: float) -> tuple[int, int]:
        found = service.handle(Request("GET", "/pets/1", "", SENT, b"", seconds))
        listed = json.loads(service.handle(Request("GET", "/pets", "", SENT, b"", seconds)).body)
        return found.status, listed["total"]

    made = service.handle(Request("POST", "/pets", "", SENT, json.dumps(REX).encode(), 100.0))
    assert (made.status, json.loads(made.body)["name"]) == (201, "Rex")
    assert not [name for name in json.loads(made.body) if name.startswith("lookalike")]
    assert [read_at(seconds) for seconds in (100, 104, 105, 200)] == [(404, 0), (404, 0), (200, 1), (200, 1)]
    assert service.handle(Request("DELETE", "/pets/1", "", SENT, b"", 200.0)).status == 204
    assert [read_at(seconds) for seconds in (204, 205)] == [(200, 1), (404, 0)]


@pytest.mark.parametrize(("choice", "location"), [("default", "/pets/1"), ("absent", None)])
def test_a_creation_tells_where_the_item_is_unless_a_choice_says_otherwise(choice: str, location: str | None) -> None:
    made = mock(createPet__location=choice).handle(Request("POST", "/pets", "", SENT, json.dumps(REX).encode()))
    assert (made.status, made.header("Location")) == (201, location)


def test_a_conflict_gets_the_status_of_a_choice_whatever_the_document_states() -> None:
    choices = {"event.conflict": "422", "event.key-form": "slug of title"}
    service = assemble(load(Sources(FIXTURES / "contracts" / "tickets" / "openapi.yaml", readings=choices)))
    event = Asked("POST", "/events", {"title": "The fair"}, 201, {"code": "the-fair"})
    assert answered(service, event)[1]["code"] == "the-fair"
    assert answered(service, event)[0] == 422
    assert answered(service, Asked("POST", "/events/the-fair/tickets", {"tickets": [{"seat": "A1"}]}))[0] == 201
    assert answered(service, Asked("DELETE", "/events/the-fair"))[0] == 422


@pytest.mark.parametrize(("choice", "status"), [("default", 201), ("never", 409)])
def test_a_client_gives_the_key_of_a_deleted_item_again_or_may_not(choice: str, status: int) -> None:
    document = FIXTURES / "contracts" / "tickets" / "openapi.yaml"
    service = assemble(load(Sources(document, readings={"event.key-reuse": choice})))
    event = {"code": "fair", "title": "The fair"}
    assert answered(service, Asked("POST", "/events", event))[0] == 201
    assert answered(service, Asked("DELETE", "/events/fair"))[0] == 204
    assert answered(service, Asked("GET", "/events/fair"))[0] == 404
    assert answered(service, Asked("POST", "/events", event))[0] == status


WRONG = {
    "pet.put-unknown": "perhaps",
    "pet.wings": "two",
    "createPet.refusal": "200",
    "fish.unknown": "404",
    "pet.name.kept": "shortened",
    "pet.tags.unsent": "nothing",
}


@pytest.mark.parametrize("id", WRONG)
def test_an_unknown_reading_or_choice_is_an_error_of_one_line(id: str) -> None:
    with pytest.raises(UsageError, match=id) as error:
        load(Sources(DOCUMENT, readings={id: WRONG[id]}))
    assert "\n" not in str(error.value)


def test_the_guide_names_every_subject_of_built_in_readings() -> None:
    page = (ROOT / "docs" / "guide" / "calibrate.md").read_text()
    tables = {"http": OF_HTTP, "OPERATION": OF_OPERATION, "RESOURCE": OF_RESOURCE, "RESOURCE.MEMBER": OF_MEMBER}
    ids = [f"{scope}.{subject}" for scope, subjects in tables.items() for subject in subjects]
    assert [id for id in ids if f"`{id}`" not in page] == []
