"""What holds for every request, in every state, under every choice of the readings."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.assembly import token_tables
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.model.response.outcome import Outcome
from lookalike.model.seeds import seeds
from lookalike.readings import Reading
from lookalike.stores.memory import MemoryStore
from tests.support.in_process import ASHA, AUTHORIZED, CONTRACT, FREE, JSON, NOW, PARTS, mock, put, snapshot, update

LEADS: list[dict[str, Any]] = [
    {"contact_number": 123, "country_code": 91, "tags": [1, 2.5], "data": {"a": {"b": 1}, "c": None, "tags": []}},
    {"contact_number": 1123, "country_code": 1, "tags": [], "data": {}},
    {"contact_number": 2**53, "country_code": 9, "tags": [3, 2**53], "data": {"n": 2**60}},
]
DATA = {"lead": LEADS, "tag": [{"id": 1}, {"id": 3}]}
MODEL = PARTS.model
TOKENS = token_tables({"bearerAuth": [{"token": "tok-valid"}]}, "tokens")
BIG = (2**53, 2**53 + 1, 2**64, 10**20)

numbers = st.sampled_from([0, 1, -5, 3, 9, 23, 91, 123, 1123, 555, 2.5, 3.0, -0.0, 1e17, 999999999999999.5, *BIG])
values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, "", "text", "é🦉", []]) | numbers,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
tags = st.lists(numbers, max_size=3)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "add_tags": tags,
    "remove_tags": tags,
    "lead_data": st.dictionaries(st.sampled_from(["a", "b", "c", "tags", "data"]), values, max_size=3),
    "new_contact_number": numbers,
    "new_country_code": st.sampled_from([1, 9, 91, 91.0, 0]),
    "extra": values,
}
objects = st.fixed_dictionaries({}, optional=FIELDS)
wrong_objects = st.fixed_dictionaries({}, optional={name: field | values for name, field in FIELDS.items()})
texts = st.sampled_from(
    ["", "{", "[]", "null", '{"lead_data":NaN}', '{"lead_data":{"a":1e400}}', '"\\ud800"', "\ufeff{}"]
)
bodies = st.one_of(objects, objects, wrong_objects).map(json.dumps) | texts
paths = st.sampled_from(
    ["123", "1123", "91123", "11123", str(2**53), str(2**53 + 1), "7", "0", "-5", "007", "1.5", "x"]
)
CREDENTIALS = ("Bearer tok-valid",) * 4 + ("bearer tok-valid", "Bearer tok-valid;", "bearer tok-valid;", "Basic x", "")
HEADERS: dict[str, st.SearchStrategy[str]] = {
    "Accept": st.sampled_from(["text/html", "application/json"]),
    "Prefer": st.sampled_from(["code=201", "code=404", "example=unauthorized", "code=999"]),
    "X-Access-Token": st.sampled_from(["tok-valid", "tok-expired", ""]),
    "Content-Type": st.sampled_from(["text/plain", "application/json; charset=utf-8", "APPLICATION/JSON", ""]),
}


@st.composite
def requests(draw: st.DrawFn) -> Request:
    headers = {**JSON, "Authorization": draw(st.sampled_from(CREDENTIALS))}
    for name in draw(st.sets(st.sampled_from([*HEADERS]), max_size=2)) if draw(st.booleans()) else ():
        headers[name] = draw(HEADERS[name])
    if not headers["Authorization"]:
        del headers["Authorization"]
    method = draw(st.sampled_from(["PUT"] * 9 + ["GET"]))
    return update(draw(paths), draw(bodies), headers)._replace(method=method)


def choices_of(reading: Reading) -> list[str]:
    return [*reading.choices, *(["x-access-token"] if reading.other else [])]


worlds = st.fixed_dictionaries({id: st.sampled_from(choices_of(reading)) for id, reading in CONTRACT.readings.items()})


class Decided(NamedTuple):
    outcome: Outcome
    asked: frozenset[str]


def store_under(choices: Mapping[str, str]) -> MemoryStore:
    return MemoryStore(seeds(MODEL, copy.deepcopy(DATA), choices.__getitem__, "data"))


def decide(store: MemoryStore, request: Request, choices: Mapping[str, str], model: Model = MODEL) -> Decided:
    """What the model decides, and the readings that it asked about."""
    asked: set[str] = set()

    def choose(reading: str) -> str:
        asked.add(reading)
        return choices[reading]

    outcome = store.read(lambda state: model.respond(state, request, choose))
    return Decided(outcome, frozenset(asked))


def contents(store: MemoryStore) -> str:
    return json.dumps({name: [*store.items(name)] for name in CONTRACT.resources}, sort_keys=True)


@settings(max_examples=300, deadline=None)
@given(request=requests(), choices=worlds)
def test_a_reading_that_was_not_asked_about_changes_nothing(request: Request, choices: dict[str, str]) -> None:
    store = store_under(choices)
    decided = decide(store, request, choices)
    for other in others(choices, decided.asked):
        assert decide(store, request, other) == decided


def others(choices: dict[str, str], asked: frozenset[str]) -> Iterator[dict[str, str]]:
    """The same choices but for one reading that was not asked about, and at last but for all of them."""
    last = dict(choices)
    for id, reading in CONTRACT.readings.items():
        for choice in choices_of(reading) if id not in asked else ():
            last[id] = choice
            yield {**choices, id: choice}
    yield last


@settings(max_examples=300, deadline=None)
@given(request=requests(), choices=worlds)
def test_respond_is_pure(request: Request, choices: dict[str, str]) -> None:
    store = store_under(choices)
    state, sent = contents(store), copy.deepcopy(request)
    first = decide(store, request, choices)
    assert decide(store, request, choices) == first
    assert (contents(store), request) == (state, sent)


@settings(max_examples=40, deadline=None)
@given(sent=st.lists(st.tuples(requests(), worlds), min_size=2, max_size=6))
def test_what_was_answered_before_has_no_influence(sent: list[tuple[Request, dict[str, str]]]) -> None:
    """The model keeps answers that it has made once; none may be given where it does not belong."""
    used = Model(CONTRACT, TOKENS)
    for request, choices in sent:
        fresh = Model(CONTRACT, TOKENS)
        store = store_under(choices)
        assert decide(store, request, choices, used).outcome == decide(store, request, choices, fresh).outcome


@settings(max_examples=300, deadline=None)
@given(request=requests(), choices=worlds)
def test_atom_1_an_answer_other_than_201_changes_nothing(request: Request, choices: dict[str, str]) -> None:
    server = mock(choices, DATA)
    before = snapshot(server)
    response = server.handle(request)
    assert response.status < 500
    if response.status != 201 or "prefer" in request.headers:
        assert snapshot(server) == before


@settings(max_examples=300, deadline=None)
@given(request=requests(), choices=worlds)
def test_idem_1_the_same_request_again_leaves_the_same_state(request: Request, choices: dict[str, str]) -> None:
    server = mock(choices, DATA)
    server.handle(request)
    after_one = snapshot(server)
    server.handle(request)
    assert snapshot(server) == after_one


@settings(max_examples=300, deadline=None)
@given(path=paths, body=objects.map(json.dumps), choices=worlds)
def test_move_2_only_the_lead_that_the_path_names_changes(path: str, body: str, choices: dict[str, str]) -> None:
    server = mock(choices, DATA)
    named = server.item("lead", int(path)) if path.isdecimal() else None
    others_before = texts_of(lead for lead in server.state()["lead"] if lead is not named)
    put(server, path, body)
    after = texts_of(server.state()["lead"])
    assert len(after) == len(LEADS)
    if choices["precision"] != "double":  # under it, 2^53 + 1 in the path names 2^53
        assert set(others_before) <= set(after)


def texts_of(leads: Any) -> list[str]:
    return [json.dumps(lead, sort_keys=True) for lead in leads]


@pytest.mark.parametrize("order", ["validate-first", "lookup-first", "parse-first"])
def test_move_1_after_a_move_the_new_number_answers_and_the_old_one_is_404(order: str) -> None:
    server = mock({"order": order})
    move = {"add_tags": [5], "new_contact_number": FREE, "new_country_code": 44}
    lead = server.item("lead", ASHA)
    assert lead is not None
    assert put(server, ASHA, move).status == 201
    after = snapshot(server)
    assert put(server, ASHA, move).status == 404
    assert put(server, FREE, {"lead_data": {}}).status == 201
    assert snapshot(server) == after
    assert server.item("lead", FREE) == {
        **lead,
        "contact_number": FREE,
        "country_code": 44,
        "tags": [*lead["tags"], 5],
    }


DATA_BODY: dict[str, Any] = {"lead_data": {"name": "x"}}
OCCUPIED = {"new_contact_number": 9000000007, "new_country_code": 91}
OWN = {"new_contact_number": ASHA, "new_country_code": 91}

# For each reading a request whose answer or effect hangs on it.
ASKING: dict[str, Request] = {
    "requirement": update(ASHA, {"add_tags": [1]}),
    "empty-data": update(ASHA, {"lead_data": {}}),
    "order": update(7, {}),
    "auth-order": update(ASHA, "{", JSON),
    "path-type": update("abc", DATA_BODY),
    "number-form": update(ASHA, {"new_contact_number": 9000000007, "new_country_code": 1}),
    "number-spelling": update(ASHA, '{"new_contact_number": 9.98e9, "new_country_code": 91}'),
    "precision": update(ASHA, {"new_contact_number": 2**53 + 1, "new_country_code": 91}),
    "number-domain": update(ASHA, {**DATA_BODY, "add_tags": [-1]}),
    "fraction": update(ASHA, {**DATA_BODY, "add_tags": [1.5]}),
    "unknown-tag": update(ASHA, {**DATA_BODY, "add_tags": [999]}),
    "tag-conflict": update(ASHA, {**DATA_BODY, "add_tags": [1], "remove_tags": [1]}),
    "merge": update(2025550143, {"lead_data": {"address": {"city": "x"}}}),
    "null": update(ASHA, {"lead_data": {"name": None}}),
    "null-in-new": update(ASHA, {"lead_data": {"new": {"a": None, "b": 1}}}),
    "null-field": update(ASHA, {**DATA_BODY, "add_tags": None}),
    "reserved-keys": update(ASHA, {"lead_data": {"tags": 1}}),
    "country-alone": update(ASHA, {**DATA_BODY, "new_country_code": 92}),
    "own-number": update(ASHA, OWN),
    "occupied": update(ASHA, OCCUPIED),
    "media-type": update(ASHA, DATA_BODY, {**AUTHORIZED, "Content-Type": "text/plain"}),
    "empty-body": update(ASHA, ""),
    "scheme-case": update(ASHA, DATA_BODY, {**JSON, "Authorization": "bearer tok-valid"}),
    "semicolon": update(ASHA, DATA_BODY, {**JSON, "Authorization": "Bearer tok-valid;"}),
    "second-header": update(ASHA, DATA_BODY, {**JSON, "X-Access-Token": "tok-valid"}),
    "unknown-field": update(ASHA, {**DATA_BODY, "tags": []}),
    "messages": update(ASHA, []),
    "extra-members": update(ASHA, DATA_BODY),
    "accept": update(ASHA, DATA_BODY, {**JSON, **AUTHORIZED, "Accept": "text/html"}),
    "method": Request("GET", f"/leads/{ASHA}/update", "", Headers({}), b"", NOW),
}


# Choices of other readings without which a reading makes no difference.
ONLY_UNDER = {"null-in-new": {"merge": "deep", "null": "deletes-key"}}


def test_every_reading_has_a_request_that_asks_about_it() -> None:
    assert ASKING.keys() == CONTRACT.readings.keys()


@pytest.mark.parametrize("reading", ASKING)
def test_a_reading_is_asked_about_by_a_request_that_it_changes(reading: str) -> None:
    outcomes = []
    for choice in choices_of(CONTRACT.readings[reading]):
        choices = CONTRACT.choices({**ONLY_UNDER.get(reading, {}), reading: choice})
        store = MemoryStore(seeds(MODEL, PARTS.data, choices.__getitem__, "data"))
        decided = decide(store, ASKING[reading], choices)
        assert reading in decided.asked or reading == "number-form"  # by which the state was keyed beforehand
        outcomes.append((decided.outcome.response.status, decided.outcome.response.body, decided.outcome.changes))
    assert any(outcome != outcomes[0] for outcome in outcomes)


# What a request asks about, beside `number-form` (the key of what is put) and `extra-members` (the body of any answer).
ASKED: dict[str, tuple[Request, set[str]]] = {
    "tags, data and number": (update(ASHA, {"add_tags": [1], "remove_tags": [7], **DATA_BODY, **OWN}), {"own-number"}),
    "a move to a free number": (update(ASHA, {"new_contact_number": FREE, "new_country_code": 91}), set()),
    "data": (update(ASHA, DATA_BODY), set()),
    "data for a lead that is unknown": (update(7, DATA_BODY), set()),
    "data that is a text": (update(ASHA, {"lead_data": ""}), {"messages"}),
    "a rule that no reading touches and one that does": (
        update(ASHA, {"lead_data": "", "add_tags": [-1]}),
        {"messages"},
    ),
    "an unknown token": (update(ASHA, DATA_BODY, {**JSON, "Authorization": "Bearer x"}), set()),
    "an unknown token and a body that is not valid": (update(ASHA, [], {**JSON, "Authorization": "Bearer x"}), set()),
    "nested data where there was none": (update(ASHA, {"lead_data": {"a": {"b": 1}}}), set()),
    "a tag in one list only": (update(ASHA, {**DATA_BODY, "add_tags": [1], "remove_tags": [2]}), set()),
    "the country code that the lead has": (update(ASHA, {**DATA_BODY, "new_country_code": 91}), set()),
    "no such path": (Request("PUT", "/leads"), set()),
}


@pytest.mark.parametrize(("request_", "readings"), ASKED.values(), ids=ASKED)
def test_no_reading_is_asked_about_without_need(request_: Request, readings: set[str]) -> None:
    choices = CONTRACT.choices({})
    store = MemoryStore(seeds(MODEL, PARTS.data, choices.__getitem__, "data"))
    assert decide(store, request_, choices).asked - {"number-form", "extra-members"} == readings
