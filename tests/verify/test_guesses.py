"""A guess is for the mock: a server that keeps its document and does otherwise is never accused by one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from lookalike.contract.contract import Contract, Operation
from lookalike.contract.grounds import Ground, ground_of
from lookalike.contract.reader import load_contract
from lookalike.http import Request, Response
from lookalike.verify.execution.options import Options
from lookalike.verify.results import ClauseStatus, Report
from lookalike.verify.run import Run
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.support.answering import answering
from tests.support.servers.judging import CLAUSES
from tests.support.servers.judging import judged as judged_notes
from tests.support.servers.notes import Notes
from tests.support.servers.serving import Answer, Asked, serving

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
SHIRT: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"id": {**WHOLE, "readOnly": True}, "name": TEXT, "colour": TEXT},
}
INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": TEXT, "colour": TEXT, "note": TEXT},
}


def body(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def answers(status: str, schema: Any | None = None) -> dict[str, Any]:
    return {status: {"description": "it", **(body(schema) if schema else {})}}


def operation(id: str, success: Any, takes: Any = None, query: Any = ()) -> dict[str, Any]:
    parameters = [{"in": "query", "name": name, "schema": schema} for name, schema in query]
    sent = {"requestBody": {"required": True, **body(takes)}} if takes else {}
    return {"operationId": id, **sent, "parameters": parameters, "responses": success}


def in_path(*names: str) -> dict[str, Any]:
    return {"parameters": [{"in": "path", "name": name, "required": True, "schema": TEXT} for name in names]}


LIST = operation("listShirts", answers("200", {"type": "array", "items": SHIRT}))
CREATE = operation("createShirt", answers("201", SHIRT) | answers("400"), SHIRT)
READ = operation("getShirt", answers("200", SHIRT) | answers("404"))
ITEM = {**in_path("shirtId"), "get": READ, "delete": operation("deleteShirt", answers("204"))}
SHIRTS = {"/shirts": {"get": LIST, "post": CREATE}, "/shirts/{shirtId}": ITEM}
COUNTED = {"type": "object", "properties": {"items": {"type": "array", "items": SHIRT}, "count": WHOLE}}


@dataclass
class Shirts:
    """A right server of shirts; `answer` may take over, given the request and its body, by returning a response."""

    answer: Callable[["Shirts", Request, Any], Response | None] = lambda self, request, value: None
    shirts: dict[str, Any] = field(default_factory=dict)
    ids: "count[int]" = field(default_factory=lambda: count(100))

    def __call__(self, request: Request) -> Response:
        try:
            value = json.loads(request.body) if request.body else None
        except ValueError:
            return Response(400, (), b"")
        return self.answer(self, request, value) or self.usual(request, value)

    def usual(self, request: Request, value: Any) -> Response:
        _, _, key = request.path.partition("/shirts/")
        if request.method == "POST":
            fits = isinstance(value, dict) and all(isinstance(value.get(one, ""), str) for one in INPUT["properties"])
            return self.create(value) if fits and "name" in value else Response(400, (), b"")
        if not key:
            return shown(200, [*self.shirts.values()])
        if key not in self.shirts:
            return Response(404, (), b"")
        if request.method == "DELETE":
            del self.shirts[key]
            return Response(204, (), b"")
        return shown(200, self.shirts[key])

    def create(self, value: Any) -> Response:
        id = next(self.ids)
        self.shirts[str(id)] = {**value, "id": id}
        return shown(201, self.shirts[str(id)])


def shown(status: int, value: Any) -> Response:
    return Response(status, (("Content-Type", "application/json"),), json.dumps(value).encode())


def by_name(server: Shirts, request: Request, value: Any) -> Response | None:
    """Its shirts are found by name."""
    _, _, key = request.path.partition("/shirts/")
    found = next((one for one in server.shirts.values() if one["name"] == key), None)
    if not key or request.method == "DELETE":
        return None
    return shown(200, found) if found else Response(404, (), b"")


def orders(server: Shirts, request: Request, value: Any) -> Response | None:
    """A POST on a shirt orders it, with a note, and changes nothing."""
    _, _, key = request.path.partition("/shirts/")
    if request.method != "POST" or not key:
        return None
    return shown(200, server.shirts[key]) if key in server.shirts else Response(404, (), b"")


def few(server: Shirts, request: Request, value: Any) -> Response | None:
    """Only some shirts are on offer, and the others are not in that list."""
    return shown(200, []) if request.path == "/shirts/offers" else None


def of_nobody(server: Shirts, request: Request, value: Any) -> Response | None:
    """The shirts of a customer who is not there are none."""
    customer, is_below, _ = request.path.removeprefix("/customers/").partition("/shirts")
    if is_below and request.method == "GET":
        return shown(200, [one for one in server.shirts.values() if one.get("of") == customer])
    if is_below and isinstance(value, dict):
        value = {**value, "of": customer}
        return Shirts.usual(server, request._replace(path="/shirts"), value)
    return Shirts.usual(server, request._replace(path=request.path.replace("customers", "shirts")), value)


def searches(server: Shirts, request: Request, value: Any) -> Response | None:
    """A POST on the list designs a shirt that comes close, and creates nothing."""
    if request.method != "POST":
        return None
    fits = isinstance(value, dict) and all(isinstance(value.get(one, ""), str) for one in INPUT["properties"])
    return shown(200, {"id": next(server.ids), **value}) if fits and "name" in value else Response(400, (), b"")


def by_size(server: Shirts, request: Request, value: Any) -> Response | None:
    """`size` is the size of shirts, of which there are none of size 100."""
    is_list = request.method == "GET" and request.path == "/shirts"
    return shown(200, []) if is_list and parse_qs(request.query).get("size") else None


def counts_the_page(server: Shirts, request: Request, value: Any) -> Response | None:
    """`count` counts the items of the page, of which there are two here, and the rest is behind a cursor."""
    if request.method != "GET" or request.path != "/shirts":
        return None
    start = int(parse_qs(request.query).get("cursor", ["0"])[0])
    items = [*server.shirts.values()][start : start + 2]
    return shown(200, {"items": items, "count": len(items)})


def counted_from_0(server: Shirts, request: Request, value: Any) -> Response | None:
    """Pages of three are counted from 0."""
    if request.method != "GET" or request.path != "/shirts":
        return None
    page = parse_qs(request.query).get("page", ["0"])[0]
    if not page.isdecimal():
        return Response(400, (), b"")
    start = 3 * int(page)
    return shown(200, [*server.shirts.values()][start : start + 3])


@dataclass(frozen=True)
class Guess:
    """A document, the operation and the fact that are guessed, and a right server that does otherwise."""

    paths: dict[str, Any]
    operation: str
    fact: str
    server: Callable[[Shirts, Request, Any], Response | None]
    start: int = 0
    clause: str = ""


SIZED = operation("listShirts", answers("200", {"type": "array", "items": SHIRT}), query=[("size", WHOLE)])
PAGED = operation("listShirts", answers("200", {"type": "array", "items": SHIRT}), query=[("page", WHOLE)])
WITH_COUNT = operation("listShirts", answers("200", COUNTED), query=[("cursor", TEXT)])
OFFERS = operation("listOffers", answers("200", {"type": "array", "items": SHIRT}), query=[("colour", TEXT)])
OF_CUSTOMER = operation("listShirtsOf", answers("200", {"type": "array", "items": SHIRT}))
CUSTOMERS = {
    "/customers": {"post": operation("createCustomer", answers("201", SHIRT) | answers("400"), SHIRT)},
    "/customers/{customerId}": {**in_path("customerId"), "get": operation("getCustomer", READ["responses"])},
}

GUESSES = {
    "the member that a path takes": Guess(
        {"/shirts": {"get": LIST, "post": CREATE}, "/shirts/{shirt}": {**ITEM, **in_path("shirt")}},
        "getShirt", "key", by_name, clause="createShirt.readable-after-create",
    ),
    "a POST on an item changes it": Guess(
        {**SHIRTS, "/shirts/{shirtId}": {**ITEM, "post": operation("order", answers("200", SHIRT), INPUT)}},
        "order", "effect", orders, clause="order.changed-after-change",
    ),
    "a list below a collection has all its items": Guess(
        {"/shirts": {"post": CREATE}, "/shirts/{shirtId}": ITEM, "/shirts/offers": {"get": OFFERS}},
        "listOffers", "effect", few, clause="createShirt.listed-after-create",
    ),
    "a list below an unknown item is a 404": Guess(
        {**CUSTOMERS, "/customers/{customerId}/shirts": {**in_path("customerId"), "get": OF_CUSTOMER,
         "post": operation("addShirt", answers("201", SHIRT), SHIRT)}},
        "listShirtsOf", "unknown-parent", of_nobody, clause="listShirtsOf.unknown-is-404",
    ),
    "a POST on a list creates": Guess(
        {"/shirts": {"get": LIST, "post": operation("design", answers("200", SHIRT) | answers("400"), INPUT)}},
        "design", "effect", searches, clause="design.listed-after-create",
    ),
    "size bounds a page": Guess(
        {**SHIRTS, "/shirts": {"get": SIZED, "post": CREATE}}, "listShirts", "page.limit", by_size,
    ),
    "count counts all items": Guess(
        {**SHIRTS, "/shirts": {"get": WITH_COUNT, "post": CREATE}}, "listShirts", "total", counts_the_page, start=5,
    ),
    "pages are counted from 1": Guess(
        {**SHIRTS, "/shirts": {"get": PAGED, "post": CREATE}}, "listShirts", "page.number", counted_from_0, start=4,
    ),
}  # fmt: skip


def contract_of(guess: Guess, folder: Path) -> Contract:
    file = folder / "shirts.json"
    info = {"title": "Shirts", "version": "1"}
    file.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": guess.paths}))
    return load_contract(file)


def judged(guess: Guess, contract: Contract, server: Shirts) -> Report:
    server.shirts = {str(number): {"id": number, "name": f"old {number}"} for number in range(guess.start)}
    with answering(server) as url:
        client = Client(url, ConnectionSettings(), Budget())
        return Run(environment_of(contract, client, Target({}, {}), 1), Options(examples=6)).report()


def named(contract: Contract, id: str) -> Operation:
    return next(one for one in contract.operations if one.id == id)


@pytest.mark.parametrize("name", GUESSES)
def test_a_right_server_that_does_otherwise_than_guessed_is_not_accused(name: str, tmp_path: Path) -> None:
    guess = GUESSES[name]
    contract = contract_of(guess, tmp_path)
    report = judged(guess, contract, Shirts(guess.server))
    assert [(one.clause, one.expected, one.got) for one in report.failures] == []
    assert report.exit_code == 0, report.problem
    told = {clause.id: clause for clause in report.clauses}
    if guess.clause:  # it says why nothing is known of the clause, and how to state it
        assert told[guess.clause].status is ClauseStatus.NOT_EXERCISED
        assert "overlay" in told[guess.clause].reason


@pytest.mark.parametrize("name", GUESSES)
def test_a_guess_is_marked_as_one_and_the_mock_still_goes_by_it(name: str, tmp_path: Path) -> None:
    guess = GUESSES[name]
    contract = contract_of(guess, tmp_path)
    guessed = named(contract, guess.operation)
    of_resource = contract.resources[guessed.selector.resource].grounds if guessed.selector else {}
    grounds = guessed.grounds if guess.fact != "key" else of_resource
    assert ground_of(grounds, guess.fact) is Ground.GUESSED
    assert guessed.steps or guessed.listing or guessed.success.body is not None


def test_a_key_that_was_guessed_accuses_as_soon_as_it_has_led_to_an_item(tmp_path: Path) -> None:
    guess = GUESSES["the member that a path takes"]

    def forgets(server: Shirts, request: Request, value: Any) -> Response | None:
        """Every shirt but the first is lost."""
        if request.method == "POST" and len(server.shirts) % 2:
            return shown(201, {**value, "id": next(server.ids)})
        return None

    report = judged(guess, contract_of(guess, tmp_path), Shirts(forgets))
    assert "createShirt.readable-after-create" in {one.clause for one in report.failures}


COAT: dict[str, Any] = {**SHIRT, "properties": {**SHIRT["properties"], "cut": {"enum": ["slim", "wide"]}}}

SHOWN = {
    "a path template, a schema and the member that it is named after": (SHIRTS, "createShirt", "effect"),
    "a list of the same schema on the collection": (SHIRTS, "listShirts", "effect"),
    "a 404 of a list below an item": (
        {**CUSTOMERS, "/customers/{customerId}/shirts": {**in_path("customerId"), "get": operation(
            "listShirtsOf", answers("200", {"type": "array", "items": SHIRT}) | answers("404")),
         "post": operation("addShirt", answers("201", SHIRT), SHIRT)}},
        "listShirtsOf", "unknown-parent",
    ),
    "a page size that the answer repeats": (
        {**SHIRTS, "/shirts": {"post": CREATE, "get": operation("listShirts", answers("200", {
            "type": "object", "properties": {"items": {"type": "array", "items": SHIRT}, "limit": WHOLE}}),
            query=[("limit", WHOLE)])}},
        "listShirts", "page.limit",
    ),
    "a POST on an item that takes its members and shows it": (
        {**SHIRTS, "/shirts/{shirtId}": {**ITEM, "post": operation("change", answers("200", SHIRT),
            {"type": "object", "properties": {"colour": TEXT}})}},
        "change", "effect",
    ),
    "a filter that has the choices of its member": (
        {"/coats/{coatId}": {**in_path("coatId"), "get": operation("getCoat", answers("200", COAT))},
         "/coats": {"post": operation("createCoat", answers("201", COAT), COAT), "get": operation("listShirts",
            answers("200", {"type": "array", "items": COAT}), query=[("cut", {"enum": ["slim", "wide"]})])}},
        "listShirts", "where.cut",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_a_fact_that_schemas_and_paths_show_is_no_guess(name: str, tmp_path: Path) -> None:
    paths, id, fact = SHOWN[name]
    contract = contract_of(Guess(paths, id, fact, few), tmp_path)
    assert named(contract, id).grounds[fact] is Ground.SHOWN


class FoundByTitle(Notes):
    """Notes that are also found by their titles."""

    def __call__(self, asked: Asked) -> Answer:
        if asked.path[:2] != ("notes", "titled"):
            return super().__call__(asked)
        found = (self.shown(one) for one in self.items.values() if one["title"] == asked.path[2])
        return next((Answer(200, one) for one in found), Answer(404))


def test_an_item_is_asked_for_by_the_member_that_a_path_names(tmp_path: Path) -> None:
    title = {"name": "title", "in": "path", "required": True, "schema": {"type": "string"}}
    note = {"description": "It.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}}
    read = {"operationId": "getTitled", "responses": {"200": note, "404": {"description": "There is none."}}}
    path = {"/notes/titled/{title}": {"parameters": [title], "get": read}}
    with serving(FoundByTitle()) as url:
        found = judged_notes(url, tmp_path, *CLAUSES, changes=[{"target": "$.paths", "update": path}])
    assert found.failures() == {}
    assert {"getTitled.is-implemented", "getTitled.answers-as-documented"} <= found.held()
