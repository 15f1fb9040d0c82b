"""Items that are made up look as if people had made them, and the keys that a server gives look like the example's."""

import re
from pathlib import Path
from typing import Any

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.model.resources.key_formats import shape_of
from lookalike.model.response.prefer import Variation
from lookalike.schema.uncompiled import UncompiledValidator
from tests.support.pet_documents import body, operation, saved, send

TEXT = {"type": "string"}
TIME = {"type": "string", "format": "date-time"}
CUSTOMER = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {**TEXT, "example": "cus_NffrFeUfNV2Hib"},
        "name": TEXT,
        "email": {**TEXT, "format": "email"},
        "created_at": TIME,
        "updated_at": TIME,
    },
}
ORDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "integer"},
        "number": {**TEXT, "example": "ORD-0042"},
        "customer_id": TEXT,
        "approver": {"oneOf": [TEXT, CUSTOMER]},
        "status": {"enum": ["draft", "paid", "shipped"]},
        "total": {"type": "number"},
        "starts_on": {**TEXT, "format": "date"},
        "ends_on": {**TEXT, "format": "date"},
        "country_code": {**TEXT, "maxLength": 2},
    },
}


def resource(path: str, schema: Any) -> dict[str, Any]:
    listed, created = {"200": {"type": "array", "items": schema}}, {"201": schema}
    return {
        path: {"get": operation(listed), "post": operation(created, {"type": "object"})},
        f"{path}/{{id}}": {"get": operation({"200": schema})},
    }


PATHS = {**resource("/customers", CUSTOMER), **resource("/orders", ORDER)}


def made_up(folder: Path, variation: Variation | None = None) -> tuple[list[Any], list[Any]]:
    server = assemble(load(Sources(saved(folder, PATHS, None), populate=20, variation=variation or Variation())))
    customers, orders = (body(send(server, "GET", path)) for path in ("/customers", "/orders"))
    return customers, orders


def test_items_that_are_made_up_differ_and_have_names_that_are_names(tmp_path: Path) -> None:
    customers, orders = made_up(tmp_path)
    assert len({one["name"] for one in customers}) == len({one["email"] for one in customers}) == 20
    for one in customers:
        first, last = one["name"].split()
        assert one["name"].istitle()
        assert one["email"] == f"{first}.{last}@example.com".lower(), "the address is that of the person"
    assert {one["status"] for one in orders} == {"draft", "paid", "shipped"}
    assert len({one["total"] for one in orders}) > 15
    assert all(re.fullmatch("ORD-[0-9]{4}", one["number"]) for one in orders)
    assert all(len(one["country_code"]) == 2 for one in orders)


def test_items_that_are_made_up_are_linked_to_items_that_exist(tmp_path: Path) -> None:
    customers, orders = made_up(tmp_path)
    keys = {one["id"] for one in customers}
    linked = {one["customer_id"] for one in orders}
    assert linked <= keys
    assert len(linked) > 5, "not all of them belong to the same one"


def test_the_dates_of_an_item_are_in_order(tmp_path: Path) -> None:
    customers, orders = made_up(tmp_path)
    assert all(one["created_at"] < one["updated_at"] for one in customers)
    assert all(one["starts_on"] < one["ends_on"] for one in orders)
    created = [one["created_at"] for one in customers]
    assert created == sorted(created)


def test_items_that_are_made_up_are_the_same_at_every_start_and_others_with_another_seed(tmp_path: Path) -> None:
    once = made_up(tmp_path)
    assert made_up(tmp_path) == once
    assert made_up(tmp_path, Variation(seed=1)) == once
    assert made_up(tmp_path, Variation(seed=2)) != once


FORMATS = [
    *("date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uuid"),
    *("uri-template", "json-pointer", "regex"),
]


@pytest.mark.parametrize("name", FORMATS)
def test_values_that_are_made_up_have_the_format_of_their_schema(tmp_path: Path, name: str) -> None:
    schema = {"type": "object", "properties": {"id": {"type": "integer"}, "it": {**TEXT, "format": name}}}
    server = assemble(load(Sources(saved(tmp_path, resource("/things", schema), None), populate=5)))
    wanted = {"type": "string", "format": name}
    accepts = UncompiledValidator(wanted)
    made = body(send(server, "GET", "/things"))
    assert len(made) == 5
    assert [one for one in made if not accepts((wanted,), one["it"], True)] == []


@pytest.mark.parametrize(
    ("example", "pattern"),
    [
        ("cus_NffrFeUfNV2Hib", "cus_[0-9A-Za-z]{14}"),
        ("pm_1MqLiJLkdIwHu7ixUEgbFdYF", "pm_[0-9A-Za-z]{24}"),
        ("3ff6d40c-af9a-40a3-89ce-3c1556a25591", "[0-9a-f-]{36}"),
        ("507f1f77bcf86cd799439011", "[0-9a-f]{24}"),
        ("5e9f8f8f8f8f8f8f8f8f8f8f8f8f8f8f", "[0-9a-f]{32}"),
        ("AC4f0d2b1c9e8a7d6b5c4f3e2d1a0b9c8d", "AC[0-9a-f]{32}"),
        ("C012AB3CD", "C[0-9A-Z]{8}"),
        ("1234567", "[0-9]+"),
        ("INV-0042", "INV-[0-9]{4}"),
        ("1512085950.000216", "1512085950[.][0-9]{6}"),
    ],
)
def test_a_key_that_the_server_gives_looks_like_the_one_of_the_example(example: str, pattern: str) -> None:
    key_format = shape_of(example)
    assert key_format is not None
    keys = [key_format("customer", number) for number in range(1, 50)]
    assert len({*keys}) == len(keys)
    assert all(re.fullmatch(pattern, key) for key in keys), keys[:3]


@pytest.mark.parametrize(
    "example", ["string", "my-article", "Rex", "octocat", "production", "Area 51", "JavaScript", ""]
)
def test_a_key_that_is_a_name_says_nothing_of_the_look_of_others(example: str) -> None:
    assert shape_of(example) is None


def test_a_new_item_has_a_key_like_the_example_and_is_found_by_it(tmp_path: Path) -> None:
    server = assemble(load(Sources(saved(tmp_path, PATHS, None))))
    made = [body(send(server, "POST", "/customers", {"name": "Asha"})) for _ in range(3)]
    assert all(re.fullmatch("cus_[0-9A-Za-z]{14}", one["id"]) for one in made)
    assert [body(send(server, "GET", f"/customers/{one['id']}")) for one in made] == made


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_the_example_of_a_creation_alone_says_what_keys_look_like(is_wrapped: bool, tmp_path: Path) -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT}}
    example: dict[str, Any] = {"id": "cus_NffrFeUfNV2Hib"}
    paths = resource("/customers", schema)
    wrapped = {"type": "object", "properties": {"customer": schema}}
    created = operation({"201": wrapped if is_wrapped else schema}, {"type": "object"})
    media = created["responses"]["201"]["content"]["application/json"]
    media["example"] = {"customer": example} if is_wrapped else example
    paths["/customers"]["post"] = created
    server = assemble(load(Sources(saved(tmp_path, paths, None))))
    made = body(send(server, "POST", "/customers", {"name": "Asha"}))
    assert re.fullmatch("cus_[0-9A-Za-z]{14}", made.get("customer", made)["id"])


@pytest.mark.parametrize(("key", "written"), [("username", r"[a-z]+\.[a-z]+"), ("slug", "[a-z]+-[a-z]+")])
def test_keys_by_which_people_call_an_item_are_such_as_they_would_choose(
    key: str, written: str, tmp_path: Path
) -> None:
    user = {"type": "object", "required": [key], "properties": {key: TEXT, "email": {**TEXT, "format": "email"}}}
    read = {"get": operation({"200": user})}
    paths = {"/users": {"get": operation({"200": {"type": "array", "items": user}})}, f"/users/{{{key}}}": read}
    server = assemble(load(Sources(saved(tmp_path, paths, None), populate=20)))
    users = body(send(server, "GET", "/users"))
    assert len({one[key] for one in users}) == 20
    assert all(re.fullmatch(written, one[key]) for one in users)
    assert body(send(server, "GET", f"/users/{users[7][key]}")) == users[7]
    if key == "username":
        assert all(one["email"] == f"{one[key]}@example.com" for one in users)


ADDRESS = {"type": "object", "properties": {"city": TEXT, "state": TEXT, "country": {**TEXT, "example": "HU"}}}
HOTEL = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {**TEXT, "example": "Grand Budapest"},
        "currency": {**TEXT, "example": "huf"},
        "timezone": TEXT,
        "address": ADDRESS,
        "manager": {"type": "object", "properties": {"name": TEXT, "email": TEXT}},
        "check_in": {**TEXT, "example": "15:00"},
        "since": {"type": "integer", "example": 1998},
        "changed_at": {**TEXT, "pattern": r"^[0-9T:.-]+Z$", "example": "2024-05-05T10:00:00.000Z"},
        "status": {"enum": ["open", "closed"]},
        "closed_at": {**TIME, "type": ["string", "null"]},
        "archived": {"type": "boolean"},
        "amenities": {"type": "array", "items": TEXT, "example": ["wifi", "tv", "pool"]},
        "parent_id": {"type": "integer"},
    },
}
ROOM = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "hotel_id": {"type": "integer"}, "floor": {"type": "integer"}},
}
BOOKING = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "hotelId": {"type": "integer"},
        "roomId": {"type": "integer"},
        "hotel": {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT}},
        "check_in": {**TEXT, "format": "date"},
        "check_out": {**TEXT, "format": "date"},
    },
}


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    rooms = resource("/hotels/{hotel_id}/rooms", ROOM)
    paths = {**resource("/hotels", HOTEL), **rooms, **resource("/bookings", BOOKING)}
    server = assemble(load(Sources(saved(tmp_path_factory.mktemp("hotels"), paths, None), populate=20)))
    found = {name: body(send(server, "GET", f"/{name}")) for name in ("hotels", "bookings")}
    rooms_of = [body(send(server, "GET", f"/hotels/{one['id']}/rooms")) for one in found["hotels"]]
    return {**found, "rooms": [room for rooms in rooms_of for room in rooms]}


def test_a_name_that_the_document_shows_is_not_that_of_all_items(populated: dict[str, list[Any]]) -> None:
    assert len({one["name"] for one in populated["hotels"]}) == 20


def test_currency_time_zone_and_state_suit_the_country(populated: dict[str, list[Any]]) -> None:
    places = {(one["address"]["country"], one["currency"], one["timezone"]) for one in populated["hotels"]}
    assert len(places) == len({country for country, *_ in places}) > 5
    assert all(len(country) == 2 and currency.islower() for country, currency, _ in places), "as the example has it"
    assert not any(one["address"]["state"] == "active" for one in populated["hotels"])


def test_the_name_beside_an_address_for_mail_is_that_of_a_person(populated: dict[str, list[Any]]) -> None:
    for one in populated["hotels"]:
        first, last = one["manager"]["name"].lower().split()
        assert one["manager"]["email"] == f"{first}.{last}@example.com"


def test_times_and_years_are_such_whichever_way_the_document_shows_them(populated: dict[str, list[Any]]) -> None:
    for one in populated["hotels"]:
        assert re.fullmatch("(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]", one["check_in"])
        assert re.fullmatch(r"202[0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9][.]000Z", one["changed_at"])
        assert 1900 < one["since"] < 2030
        assert 0 < len(one["amenities"]) == len({*one["amenities"]} & {"wifi", "tv", "pool"})
    assert all(one["check_in"] < one["check_out"] for one in populated["bookings"])


def test_only_what_is_closed_has_a_time_at_which_it_was(populated: dict[str, list[Any]]) -> None:
    hotels = populated["hotels"]
    assert {one["status"]: bool(one["closed_at"]) for one in hotels} == {"open": False, "closed": True}
    assert not any(one["archived"] for one in hotels)


def test_a_tree_has_a_root_and_no_circle(populated: dict[str, list[Any]]) -> None:
    first, *others = populated["hotels"]
    assert "parent_id" not in first
    assert all(one["parent_id"] < one["id"] for one in others)


def test_links_beside_each_other_agree(populated: dict[str, list[Any]]) -> None:
    names = {one["id"]: one["name"] for one in populated["hotels"]}
    hotels_of_rooms = {one["id"]: one["hotel_id"] for one in populated["rooms"]}
    for one in populated["bookings"]:
        assert one["hotel"] == {"id": one["hotelId"], "name": names[one["hotelId"]]}
        assert hotels_of_rooms[one["roomId"]] == one["hotelId"], "the room is in the hotel"


@pytest.mark.parametrize("shown", [True, False], ids=["with an example", "without one"])
def test_items_below_a_parent_that_the_document_does_not_describe_are_populated(shown: bool, tmp_path: Path) -> None:
    company = {"name": "companyId", "in": "path", "required": True, "schema": TEXT}
    paths = resource("/companies/{companyId}/staff", CUSTOMER)
    for item in paths.values():
        item["parameters"] = [company | ({"example": "acme"} if shown else {})]
    server = assemble(load(Sources(saved(tmp_path, paths, None), populate=20)))
    listed = body(send(server, "GET", f"/companies/{'acme' if shown else '1'}/staff"))
    assert len({one["name"] for one in listed}) == 20


def test_items_that_are_known_by_their_owner_are_those_of_users_that_exist(tmp_path: Path) -> None:
    user = {"type": "object", "required": ["login"], "properties": {"login": TEXT, "email": TEXT}}
    repo = {"type": "object", "required": ["name", "owner"], "properties": {"name": TEXT, "owner": user}}
    users = {
        "/users": {"get": operation({"200": {"type": "array", "items": user}})},
        "/users/{login}": {"get": operation({"200": user})},
    }
    repos = {
        "/user/repos": {
            "post": operation({"201": repo}, repo),
            "get": operation({"200": {"type": "array", "items": repo}}),
        },
        "/repos/{owner}/{name}": {"get": operation({"200": repo})},
    }
    server = assemble(load(Sources(saved(tmp_path, {**repos, **users}, None), populate=20)))
    found = body(send(server, "GET", "/user/repos"))
    by_login = {one["login"]: one for one in body(send(server, "GET", "/users"))}
    assert len(found) == 20
    for one in found:
        assert one["owner"] == by_login[one["owner"]["login"]]
        assert body(send(server, "GET", f"/repos/{one['owner']['login']}/{one['name']}")) == one
