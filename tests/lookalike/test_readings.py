"""Each choice of each reading, and the requests in which several readings meet."""

import json
from typing import Any, NamedTuple

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import ASHA, AUTHORIZED, CONTRACT, FREE, JSON, leads, message, mock, put, snapshot

BIG = 2**53 + 1
DATA: dict[str, Any] = {"lead_data": {"k": 1}}
TAGS_ONLY = {"remove_tags": [103], "add_tags": [101]}
NO_TOKEN = JSON
TEXT_PLAIN = {**AUTHORIZED, "Content-Type": "text/plain"}


def moved(number: Any = FREE, code: Any = 91) -> dict[str, Any]:
    return {"new_contact_number": number, "new_country_code": code}


class Case(NamedTuple):
    """Under `readings`, written `id=choice id=choice`, a request and the status that it gets."""

    readings: str
    number: object
    body: object
    status: int
    headers: dict[str, str] | None = None


def choices(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split())


def answer(case: Case) -> tuple[Response, bool]:
    """The answer, and whether the state changed."""
    server = mock(choices(case.readings))
    before = snapshot(server)
    response = put(server, case.number, case.body, case.headers)
    return response, snapshot(server) != before


STATUSES: list[Case] = [
    # Which fields a body must have. The docs' rules table says one thing, what public clients send another.
    Case("", ASHA, TAGS_ONLY, 400),
    Case("", ASHA, {}, 400),
    Case("", ASHA, {"new_country_code": 91}, 400),
    Case("", ASHA, {"lead_data": {}}, 201),
    Case("requirement=tags-suffice", ASHA, TAGS_ONLY, 201),
    Case("requirement=tags-suffice", ASHA, {"add_tags": []}, 201),
    Case("requirement=tags-suffice", ASHA, {"remove_tags": []}, 201),
    Case("requirement=tags-suffice", ASHA, {"new_country_code": 91}, 400),
    Case("requirement=tags-suffice", ASHA, {}, 400),
    Case("requirement=any-field", ASHA, {"new_country_code": 91}, 201),
    Case("requirement=any-field", ASHA, {"tags": []}, 400),
    Case("requirement=any-field", ASHA, {}, 400),
    Case("requirement=not-enforced", ASHA, {}, 201),
    Case("requirement=not-enforced", ASHA, {"new_contact_number": FREE}, 400),
    Case("empty-data=absent", ASHA, {"lead_data": {}}, 400),
    Case("empty-data=absent", ASHA, {"lead_data": {}, "add_tags": [1]}, 400),
    Case("empty-data=absent", ASHA, {"lead_data": {}, **moved()}, 201),
    Case("empty-data=absent", ASHA, DATA, 201),
    Case("empty-data=absent requirement=tags-suffice", ASHA, {"lead_data": {}}, 400),
    Case("empty-data=absent requirement=tags-suffice", ASHA, {"lead_data": {}, "add_tags": []}, 201),
    Case("empty-data=absent requirement=any-field", ASHA, {"lead_data": {}, "new_country_code": 1}, 201),
    Case("empty-data=absent requirement=any-field", ASHA, {"lead_data": {}}, 400),
    Case("empty-data=absent requirement=not-enforced", ASHA, {"lead_data": {}}, 201),
    Case("empty-data=absent reserved-keys=ignored", ASHA, {"lead_data": {"tags": 1}}, 201),
    # An unknown lead, and a body that is not valid or does not parse.
    Case("", 7, {}, 400),
    Case("", 7, "{", 400),
    Case("order=lookup-first", 7, {}, 404),
    Case("order=lookup-first", 7, "{", 404),
    Case("order=lookup-first", ASHA, "{", 400),
    Case("order=parse-first", 7, {}, 404),
    Case("order=parse-first", 7, "{", 400),
    Case("order=lookup-first", 7, DATA, 404, TEXT_PLAIN),
    Case("order=parse-first", 7, DATA, 400, TEXT_PLAIN),
    Case("order=lookup-first media-type=415", 7, DATA, 404, TEXT_PLAIN),
    Case("order=lookup-first", 7, "", 404),
    # A number in the path that is none.
    *(
        Case("", number, DATA, 404)
        for number in ("abc", "1.5", "+91", "%2B91", "007", "-5", "-0", "1e3", "0x1", "%D9%A3")
    ),
    *(Case("path-type=400", number, DATA, 400) for number in ("abc", "1.5", "007", "-5", "-0", "9876543210.0", "%20")),
    Case("path-type=400", 7, DATA, 404),
    Case("path-type=400", "%39876543210", DATA, 201),
    Case("path-type=400", "abc", {}, 400),
    Case("", "abc", {}, 400),
    Case("order=lookup-first", "abc", {}, 404),
    Case("order=parse-first", "abc", "{", 400),
    Case("order=parse-first", "abc", {}, 404),
    # No valid token, and something that a framework sees before the handler does.
    *(Case(f"auth-order={order}", 7, {}, 401, NO_TOKEN) for order in ("first", "after-parse", "after-route", "last")),
    Case("auth-order=first", "abc", "{", 401, NO_TOKEN),
    Case("auth-order=after-parse", ASHA, "{", 400, NO_TOKEN),
    Case("auth-order=after-parse", "abc", DATA, 401, NO_TOKEN),
    Case("auth-order=after-parse", "abc", "{", 400, NO_TOKEN),
    Case("auth-order=after-route", ASHA, "{", 401, NO_TOKEN),
    Case("auth-order=after-route", "abc", DATA, 404, NO_TOKEN),
    Case("auth-order=after-route path-type=400", "abc", DATA, 400, NO_TOKEN),
    Case("auth-order=last", ASHA, "{", 400, NO_TOKEN),
    Case("auth-order=last", "abc", DATA, 404, NO_TOKEN),
    Case("auth-order=last", ASHA, DATA, 401, NO_TOKEN),
    Case("auth-order=last", 7, DATA, 401, NO_TOKEN),
    # Numbers.
    Case("number-spelling=rejected", ASHA, '{"new_contact_number": 5.0, "new_country_code": 1}', 400),
    Case("number-spelling=rejected", ASHA, '{"new_contact_number": 5, "new_country_code": 1e0}', 400),
    Case("number-spelling=rejected", ASHA, '{"lead_data": {"score": 5.0}, "add_tags": [1.0]}', 400),
    Case("number-spelling=rejected", ASHA, '{"lead_data": {"score": 5.0}, "add_tags": [1]}', 201),
    Case("number-spelling=rejected", ASHA, '{"lead_data": {"score": 5.0}, "add_tags": [1.5]}', 201),
    Case("precision=rejected", ASHA, moved(BIG), 400),
    Case("precision=rejected", ASHA, moved(2**53), 201),
    Case("precision=rejected", ASHA, {**DATA, "add_tags": [-BIG]}, 400),
    Case("precision=rejected", ASHA, {"lead_data": {"n": BIG}}, 201),
    Case("precision=rejected", BIG, DATA, 404),
    Case("precision=rejected path-type=400", BIG, DATA, 400),
    Case("precision=double", 10**400, DATA, 404),
    Case("number-domain=rejected", ASHA, moved(0), 400),
    Case("number-domain=rejected", ASHA, moved(-1), 400),
    Case("number-domain=rejected", ASHA, moved(FREE, 0), 400),
    Case("number-domain=rejected", ASHA, moved(10**15), 400),
    Case("number-domain=rejected", ASHA, moved(10**15 - 1), 201),
    Case("number-domain=rejected", ASHA, {**DATA, "add_tags": [0]}, 400),
    Case("number-domain=rejected", ASHA, {**DATA, "remove_tags": [10**15]}, 400),
    Case("number-domain=rejected", 0, DATA, 404),
    Case("number-domain=rejected path-type=400", 0, DATA, 400),
    Case("number-domain=rejected path-type=400", 10**15, DATA, 400),
    Case("number-domain=rejected path-type=400", 10**15 - 1, DATA, 404),
    Case("", ASHA, {**DATA, "add_tags": [0, -1, 10**20]}, 201),
    Case("", ASHA, {**DATA, "add_tags": [1.5]}, 201),
    Case("", ASHA, moved(1.5), 400),
    Case("", ASHA, moved(FREE, 1.5), 400),
    Case("fraction=rejected", ASHA, {**DATA, "add_tags": [1.5]}, 400),
    Case("fraction=rejected", ASHA, {**DATA, "add_tags": [1.0]}, 201),
    Case("fraction=rejected", ASHA, moved(1.5), 400),
    Case("fraction=truncated", ASHA, moved(1.5), 201),
    Case("fraction=truncated number-spelling=rejected", ASHA, moved(1.5), 201),
    Case("fraction=truncated number-domain=rejected", ASHA, moved(0.5), 400),
    # Tags that nobody created.
    Case("unknown-tag=rejected", ASHA, {**DATA, "add_tags": [999]}, 400),
    Case("unknown-tag=rejected", ASHA, {**DATA, "remove_tags": [999]}, 400),
    Case("unknown-tag=rejected", ASHA, {**DATA, "add_tags": [101]}, 201),
    # Fields that are null, unknown, or named like the lead's own.
    Case("", ASHA, {**DATA, "add_tags": None}, 400),
    Case("", ASHA, {**DATA, "new_contact_number": None}, 400),
    Case("null-field=absent", ASHA, {**DATA, "add_tags": None, "new_contact_number": None}, 201),
    Case("null-field=absent", ASHA, {"lead_data": None}, 400),
    Case("null-field=absent", ASHA, {"lead_data": None, "add_tags": [1]}, 400),
    Case("null-field=absent", ASHA, {"new_contact_number": FREE, "new_country_code": None}, 400),
    Case("null-field=absent", ASHA, {**DATA, "add_tags": [None]}, 400),
    Case("null-field=absent requirement=any-field", ASHA, {"add_tags": None}, 400),
    Case("null-field=absent requirement=not-enforced", ASHA, {"add_tags": None}, 201),
    Case("unknown-field=rejected", ASHA, {**DATA, "tags": []}, 400),
    Case("unknown-field=rejected null-field=absent", ASHA, {**DATA, "tags": None}, 400),
    Case("unknown-field=rejected", ASHA, {"lead_data": {"tags": []}}, 201),
    Case("reserved-keys=rejected", ASHA, {"lead_data": {"tags": []}}, 400),
    Case("reserved-keys=rejected", ASHA, {"lead_data": {"a": {"tags": []}}}, 201),
    # Numbers that are taken.
    Case("", ASHA, moved(9000000007), 400),
    Case("occupied=409", ASHA, moved(9000000007), 409),
    Case("", ASHA, moved(9000000007, 1), 400),
    Case("", ASHA, moved(ASHA), 201),
    Case("own-number=occupied", ASHA, moved(ASHA), 400),
    Case("own-number=occupied occupied=409", ASHA, moved(ASHA, 1), 409),
    Case("own-number=occupied", ASHA, {**DATA, "new_country_code": 1}, 201),
    # Media types, and no body.
    Case("", ASHA, DATA, 400, TEXT_PLAIN),
    Case("", ASHA, DATA, 400, AUTHORIZED),
    Case("media-type=415", ASHA, DATA, 415, TEXT_PLAIN),
    Case("media-type=415", ASHA, DATA, 415, AUTHORIZED),
    Case("media-type=ignored", ASHA, DATA, 201, TEXT_PLAIN),
    Case("media-type=ignored", ASHA, "{", 400, TEXT_PLAIN),
    Case("media-type=body-ignored", ASHA, "{", 400, TEXT_PLAIN),
    Case("media-type=body-ignored requirement=not-enforced", ASHA, "{", 201, TEXT_PLAIN),
    *(
        Case("", ASHA, DATA, 201, {**AUTHORIZED, "Content-Type": media_type})
        for media_type in (
            "APPLICATION/JSON",
            "application/json; charset=utf-8",
            "application/json;v=1",
            "Application/Json ;x",
        )
    ),
    *(
        Case("", ASHA, DATA, 400, {**AUTHORIZED, "Content-Type": media_type})
        for media_type in ("application/jsonp", "application/problem+json", "json", "text/plain; application/json", "")
    ),
    Case("", ASHA, "", 400),
    Case("empty-body=as-empty-object", ASHA, "", 400),
    Case("empty-body=as-empty-object requirement=not-enforced", ASHA, "", 201),
    Case("", ASHA, "", 400, AUTHORIZED),
    # Accept.
    Case("", ASHA, DATA, 201, {**AUTHORIZED, **JSON, "Accept": "text/html"}),
    Case("accept=406", ASHA, DATA, 406, {**AUTHORIZED, **JSON, "Accept": "text/html"}),
    *(
        Case("accept=406", ASHA, DATA, status, {**AUTHORIZED, **JSON, "Accept": accept})
        for accept, status in {
            "application/json": 201,
            "*/*": 201,
            "application/*;q=0.1": 201,
            "text/html, */*;q=0.1": 201,
            "application/json;q=0, */*": 406,
            "application/json;q=0": 406,
            "": 201,
            "text/html;q=1, application/xml": 406,
        }.items()
    ),
]


@pytest.mark.parametrize("case", STATUSES)
def test_a_choice_decides_the_status(case: Case) -> None:
    response, changed = answer(case)
    assert response.status == case.status
    if case.status != 201:
        assert not changed


def test_every_reading_is_in_some_test_here() -> None:
    elsewhere = {"method", "number-form", "scheme-case", "semicolon", "second-header"}  # below, and in test_security.py
    text = " ".join([*(case.readings for case in STATUSES), *(readings for readings, *_ in EFFECTS), *BODIES])
    assert {part.partition("=")[0] for part in text.split()} | elsewhere == CONTRACT.readings.keys()


LEAD: dict[str, Any] = {
    "contact_number": 5,
    "country_code": 91,
    "tags": [1, 2],
    "data": {"a": {"b": 1, "c": 2}, "n": "x"},
}
SCALE: dict[str, Any] = {"lead": [LEAD], "tag": [{"id": 1}, {"id": 2}, {"id": 3}]}

# Under some readings, what a body makes of the lead above: only what differs is told.
EFFECTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("", {"add_tags": [3, 2], "remove_tags": [2]}, {"tags": [1, 3]}),
    ("tag-conflict=add-wins", {"add_tags": [3, 2], "remove_tags": [2, 1]}, {"tags": [2, 3]}),
    ("tag-conflict=add-wins", {"add_tags": [7], "remove_tags": [7]}, {"tags": [1, 2, 7]}),
    ("tag-conflict=remove-wins", {"add_tags": [7], "remove_tags": [7]}, {}),
    ("tag-conflict=add-wins fraction=truncated", {"add_tags": [1.9], "remove_tags": [1.2]}, {}),
    ("fraction=truncated", {"add_tags": [7.9, -0.5]}, {"tags": [1, 2, 7, 0]}),
    ("fraction=truncated", moved(8.7, 1.2), {"contact_number": 8, "country_code": 1}),
    ("", {"add_tags": [2.5, 2.0]}, {"tags": [1, 2, 2.5]}),
    ("unknown-tag=ignored", {"add_tags": [3, 7], "remove_tags": [1, 8]}, {"tags": [2, 3]}),
    ("precision=double", {"add_tags": [BIG]}, {"tags": [1, 2, 2**53]}),
    (
        "precision=double",
        {"lead_data": {"n": [BIG, {"m": 2**64 + 1}]}},
        {"data": {**LEAD["data"], "n": [2**53, {"m": 2**64}]}},
    ),
    ("precision=double", moved(BIG), {"contact_number": 2**53}),
    ("precision=exact", moved(BIG), {"contact_number": BIG}),
    ("", {"lead_data": {"a": {"d": 3}}}, {"data": {"a": {"d": 3}, "n": "x"}}),
    (
        "merge=deep",
        {"lead_data": {"a": {"d": 3, "b": {"e": 1}}}},
        {"data": {"a": {"b": {"e": 1}, "c": 2, "d": 3}, "n": "x"}},
    ),
    ("merge=deep", {"lead_data": {"a": {}, "n": {"m": 1}}}, {"data": {"a": LEAD["data"]["a"], "n": {"m": 1}}}),
    ("", {"lead_data": {"a": {}}}, {"data": {"a": {}, "n": "x"}}),
    ("merge=deep", {"lead_data": {"a": [1]}}, {"data": {"a": [1], "n": "x"}}),
    ("", {"lead_data": {"n": None, "new": None}}, {"data": {"a": LEAD["data"]["a"], "n": None, "new": None}}),
    ("null=deletes-key", {"lead_data": {"n": None, "new": None}}, {"data": {"a": LEAD["data"]["a"]}}),
    ("null=deletes-key", {"lead_data": {"a": {"b": None}}}, {"data": {"a": {"b": None}, "n": "x"}}),
    ("null=deletes-key merge=deep", {"lead_data": {"a": {"b": None}}}, {"data": {"a": {"c": 2}, "n": "x"}}),
    ("null=stored merge=deep", {"lead_data": {"a": {"b": None}}}, {"data": {"a": {"b": None, "c": 2}, "n": "x"}}),
    ("null=deletes-key merge=deep", {"lead_data": {"z": {"b": None}}}, {"data": {**LEAD["data"], "z": {}}}),
    (
        "null=deletes-key merge=deep null-in-new=stored",
        {"lead_data": {"z": {"b": None, "c": {"d": None}}, "a": {"b": None}}},
        {"data": {"a": {"c": 2}, "n": "x", "z": {"b": None, "c": {"d": None}}}},
    ),
    (
        "null=stored merge=deep null-in-new=stored",
        {"lead_data": {"z": {"b": None}}},
        {"data": {**LEAD["data"], "z": {"b": None}}},
    ),
    ("", {"lead_data": {"tags": [9]}}, {"data": {**LEAD["data"], "tags": [9]}}),
    (
        "reserved-keys=ignored",
        {"lead_data": {"tags": [9], "n": 1, "country_code": 5}},
        {"data": {**LEAD["data"], "n": 1}},
    ),
    ("reserved-keys=ignored", {"lead_data": {"tags": [9]}}, {}),
    ("", {"new_country_code": 1}, {"country_code": 1}),
    ("country-alone=ignored", {"new_country_code": 1}, {}),
    ("country-alone=ignored", moved(6, 1), {"contact_number": 6, "country_code": 1}),
    ("null-field=absent", {"new_contact_number": None, "new_country_code": 1}, {"country_code": 1}),
    ("own-number=no-op", moved(5, 1), {"country_code": 1}),
    ("", {"unknown": 1, "tags": [9]}, {}),
    ("null-field=absent", {"add_tags": None, "remove_tags": [1]}, {"tags": [2]}),
]


@pytest.mark.parametrize(("readings", "body", "difference"), EFFECTS)
def test_a_choice_decides_the_effect(readings: str, body: dict[str, Any], difference: dict[str, Any]) -> None:
    server = mock(choices(readings), SCALE)
    assert put(server, 5, {"lead_data": {}, **body}).status == 201
    assert leads(server) == [{**LEAD, **difference}]


class Move(NamedTuple):
    """Under a number form and over the leads below, a request, its status, and the paths that lead to its lead then."""

    form: str
    number: int
    body: dict[str, Any]
    status: int
    paths: tuple[int, ...] = ()


# Codes and numbers whose digits run into each other: 9-1123 is written as 91-123 is, and 91-555 is 91555.
PLACES = [(123, 91), (555, 9), (91555, 7), (2123, 9)]
MOVES: list[Move] = [
    Move("national", 123, DATA, 201, (123,)),
    Move("national", 91123, DATA, 404),
    Move("international", 91123, DATA, 201, (91123,)),
    Move("international", 123, DATA, 404),
    Move("either", 91123, DATA, 201, (123, 91123)),
    Move("either", 123, DATA, 201, (123, 91123)),
    Move("national", 555, moved(1123, 9), 201, (1123,)),
    Move("international", 9555, moved(1123, 9), 400),
    Move("either", 555, moved(1123, 9), 400),
    Move("national", 555, moved(123, 9), 400),
    Move("international", 9555, moved(123, 9), 201, (9123,)),
    Move("either", 9555, moved(123, 9), 400),
    Move("either", 555, moved(91123, 1), 400),
    Move("national", 555, moved(91123, 1), 201, (91123,)),
    Move("international", 9555, moved(91123, 1), 201, (191123,)),
    Move("national", 555, {**DATA, "new_country_code": 91}, 201, (555,)),
    Move("international", 9555, {**DATA, "new_country_code": 91}, 201, (91555,)),
    Move("either", 555, {**DATA, "new_country_code": 91}, 400),
    Move("either", 555, {**DATA, "new_country_code": 1}, 201, (555, 1555)),
    Move("either", 9555, moved(777, 1), 201, (777, 1777)),
    Move("international", 791555, {**DATA, "new_country_code": 8}, 201, (891555,)),
]


@pytest.mark.parametrize("move", MOVES)
def test_the_number_form_decides_which_paths_lead_to_a_lead_and_what_collides(move: Move) -> None:
    data = {"lead": [{"contact_number": number, "country_code": code} for number, code in PLACES]}
    server = mock({"number-form": move.form}, data)
    before = snapshot(server)
    assert put(server, move.number, {**move.body, "lead_data": {"mark": 1}}).status == move.status
    if move.status != 201:
        assert snapshot(server) == before
        return
    assert reachable(server, move) == set(move.paths)


def reachable(server: MockService, move: Move) -> set[int]:
    """Which of all digits that are of interest lead to the lead that was marked."""
    candidates = {
        int(f"{code}{number}") for code in ("", 1, 7, 8, 9, 91) for number, _ in [*PLACES, (1123, 0), (777, 0)]
    }
    candidates |= {move.number, *move.paths, 191123, 91123}
    items = {path: server.item("lead", path) for path in candidates}
    return {path for path, item in items.items() if item is not None and "mark" in item["data"]}


def test_under_international_a_country_code_alone_moves_a_lead_and_collides_like_any_number() -> None:
    places = [{"contact_number": 1123, "country_code": 9}, {"contact_number": 123, "country_code": 1}]
    for country_alone, status in (("applied", 400), ("ignored", 201)):
        server = mock({"number-form": "international", "country-alone": country_alone}, {"lead": places})
        assert put(server, 1123, {**DATA, "new_country_code": 91}).status == status
        assert server.item("lead", 1123) is not None
        assert server.item("lead", 91123) == {**places[0], "tags": [], "data": {}}


def test_under_precision_double_neighbours_beyond_2_53_are_one_lead() -> None:
    server = mock({"precision": "double"}, {"lead": [{"contact_number": 5, "country_code": 1}]})
    assert put(server, 5, moved(BIG)).status == 201
    assert put(server, BIG, DATA).status == 201
    assert put(server, 2**53, DATA).status == 201


BODIES: dict[str, tuple[object, int, Any]] = {
    "messages=string": ([], 400, "the body must be an object, not an array"),
    "messages=array": ({"add_tags": 1, "lead_data": 2}, 400, ["add_tags must be an array, not an integer"]),
    "extra-members=absent": (DATA, 201, {"status", "message", "success"}),
    "extra-members=present": (DATA, 201, {"status", "message", "success", "request"}),
}


@pytest.mark.parametrize("readings", BODIES)
def test_a_choice_decides_the_shape_of_the_answer(readings: str) -> None:
    body, status, expected = BODIES[readings]
    response = put(mock(choices(readings)), ASHA, body)
    content = json.loads(response.body)
    assert response.status == content["status"] == status
    if status == 201:
        assert content.keys() == expected
    else:
        assert type(content["message"]) is type(expected)
        assert content["message"] == expected or set(expected) < set(content["message"])


def test_the_method_decides_between_405_with_allow_and_404() -> None:
    get = mock({}).handle(_get())
    assert (get.status, get.header("Allow")) == (405, "PUT")
    get = mock({"method": "404"}).handle(_get())
    assert (get.status, get.header("Allow")) == (404, None)


def _get() -> Request:
    return Request("GET", f"/leads/{ASHA}/update", "", Headers({}), b"", 0.0)


def test_what_public_clients_send_is_refused_with_the_reading_to_switch_and_works_once_switched() -> None:
    refused = put(mock(), 27005550142, TAGS_ONLY)
    assert refused.status == 400
    assert message(refused).startswith("lead_data or new_contact_number is required")
    for text in (message(refused), refused.header("Lookalike-Reason") or ""):
        assert "--reading requirement=tags-suffice" in text
        assert "by reading requirement=enforced" in text
    server = mock({"requirement": "tags-suffice"})
    for body in (TAGS_ONLY, {**TAGS_ONLY, "tags": [1]}, {"remove_tags": [101], "add_tags": []}):
        assert put(server, 27005550142, body).status == 201
    lead = server.item("lead", 27005550142)
    assert lead is not None
    assert lead["tags"] == []


def test_a_400_by_a_certain_rule_names_no_reading() -> None:
    response = put(mock(), ASHA, {"new_contact_number": FREE})
    assert message(response) == "new_country_code is required when new_contact_number is present"
    assert response.header("Lookalike-Clause") == "BODY-6, BODY-1"
    assert "reading" not in (response.header("Lookalike-Reason") or "")


@pytest.mark.parametrize("case", [case for case in STATUSES if case.status == 400 and case.readings])
def test_every_400_is_the_documented_body_with_a_reason(case: Case) -> None:
    response, _ = answer(case)
    content = json.loads(response.body)
    assert content.keys() == {"status", "message", "success"}
    assert (content["status"], content["success"]) == (400, False)
    assert len(content["message"]) > 10
    assert response.header("Lookalike-Reason")


@pytest.mark.parametrize("number", [-5, 0, 10**20])
def test_a_lead_may_get_every_number_that_is_accepted_and_then_answers_under_it(number: int) -> None:
    server = mock()
    assert put(server, ASHA, {"new_contact_number": number, "new_country_code": 91}).status == 201
    assert put(server, number, {"lead_data": {}}).status == 201
    assert put(server, ASHA, {"lead_data": {}}).status == 404
