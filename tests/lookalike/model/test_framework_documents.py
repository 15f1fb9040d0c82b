"""Items as frameworks show them: owners, related items, null, defaults inside of objects, and partial replacements."""

from typing import Any

import pytest

from lookalike.http import Headers, Request, Response
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import LOGIN, TEXT, TRUTH, body, described, document, mock, operation, send

WHOLE = {"type": "integer"}
REF = {"$ref": "#/components/schemas/Pet"}
OPTIONAL = {"anyOf": [TEXT, {"type": "null"}]}
USER = described("id username", id=WHOLE, username=TEXT, email=TEXT, password={**TEXT, "writeOnly": True})
ASHA = {"email": "asha@example.com", "password": "secret"}
TAG = described("id name", id=WHOLE, name=TEXT)
TAGS = {
    "/tags": {"post": operation({"201": TAG}, described("name", name=TEXT))},
    "/tags/{id}": {"get": operation({"200": TAG})},
}


def articles(item: Any, sent: Any, change: Any = None, **more: Any) -> MockService:
    methods = {"get": operation({"200": REF}), "put": operation({"200": REF}, change or sent)}
    paths = {
        "/articles": {"post": operation({"201": REF}, sent)},
        "/articles/{id}": {**methods, "patch": operation({"200": REF}, change or sent)},
    }
    data = document({**paths, **more}, item)
    for path in data["paths"].values():
        path["parameters"] = [{**one, "schema": TEXT if one["name"] == "slug" else WHOLE} for one in path["parameters"]]
    return mock(data, is_mock=True)


@pytest.mark.parametrize(
    ("owner", "schema", "shown"),
    [
        ("author", described("id username", id=WHOLE, username=TEXT), {"id": 7, "username": "asha"}),
        ("owner_id", WHOLE, 7),
        ("createdBy", TEXT, "asha"),
    ],
)
def test_a_new_item_belongs_to_the_user_who_is_logged_in(owner: str, schema: Any, shown: Any) -> None:
    user = {"$ref": "#/components/schemas/User"}
    paths = {
        **LOGIN,
        "/users": {"post": operation({"201": user}, user)},
        "/users/{id}": {"get": operation({"200": user})},
        "/users/me": {"get": operation({"200": user})},
        "/articles": {"post": operation({"201": REF}, described(title=TEXT))},
        "/articles/{id}": {"get": operation({"200": REF})},
    }
    data = document(paths, described(f"id title {owner}", id=WHOLE, title=TEXT, **{owner: schema}))
    data["components"]["schemas"]["User"] = USER
    data["paths"]["/users/{id}"]["parameters"][0]["schema"] = WHOLE
    server = mock(data, is_mock=True)
    send(server, "POST", "/users", {"id": 7, "username": "asha", "email": "asha@example.com", "password": "secret"})
    token = body(send(server, "POST", "/auth/login", {"email": "asha@example.com", "password": "secret"}))[
        "accessToken"
    ]
    headers = Headers({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    made = body(server.handle(Request("POST", "/articles", "", headers, b'{"title": "a"}', NOW)))
    assert made[owner] == shown


def test_keys_that_are_sent_under_other_names_show_the_items_that_they_are_of() -> None:
    item = described("id title", id=WHOLE, title=TEXT, tag=TAG, tags={"type": "array", "items": TAG, "readOnly": True})
    sent = described(title=TEXT, tag_id=WHOLE, tag_ids={"type": "array", "items": WHOLE})
    server = articles(item, sent, **TAGS)
    for name in ("news", "cats"):
        send(server, "POST", "/tags", {"name": name})
    news, cats = {"id": 1, "name": "news"}, {"id": 2, "name": "cats"}
    made = body(send(server, "POST", "/articles", {"title": "a", "tag_id": 1, "tag_ids": [1, 2]}))
    assert (made["tag"], made["tags"], "tag_id" in made) == (news, [news, cats], False)
    changed = body(send(server, "PATCH", f"/articles/{made['id']}", {"tag_id": 2, "tag_ids": [2]}))
    assert (changed["tag"], changed["tags"]) == (cats, [cats])


def test_members_that_may_be_null_are_null_until_they_have_a_value() -> None:
    sent = described("title", title=TEXT, note=OPTIONAL)
    item = described("id title note", id=WHOLE, title=TEXT, note=OPTIONAL, closed=OPTIONAL)
    server = articles(item, sent, described(title=TEXT, note=OPTIONAL))
    assert body(send(server, "POST", "/articles", {"title": "a"})) == {
        "id": 1,
        "title": "a",
        "note": None,
        "closed": None,
    }
    assert body(send(server, "PATCH", "/articles/1", {"note": "n"}))["note"] == "n"
    assert body(send(server, "PATCH", "/articles/1", {"note": None}))["note"] is None


def test_a_url_of_the_item_itself_leads_to_it_though_it_may_be_null() -> None:
    item = described(id=WHOLE, url={"anyOf": [{**TEXT, "format": "uri"}, {"type": "null"}]}, note=OPTIONAL)
    made = body(send(articles(item, described(title=TEXT)), "POST", "/articles", {"title": "a"}))
    assert (made["url"].endswith("/articles/1"), made["note"]) == (True, None)


def test_objects_inside_of_an_item_get_the_defaults_of_their_schema_and_numbers_of_their_own() -> None:
    line = described("product", product=TEXT, quantity={**WHOLE, "default": 1}, note=OPTIONAL)
    shown = {**line, "required": ["id", "product"], "properties": {"id": WHOLE, **line["properties"]}}
    cash = described("type", type={"const": "cash"}, currency={**TEXT, "default": "EUR"})
    card = described("type", type={"const": "card"}, brand={**TEXT, "default": "visa"})
    payment = {"oneOf": [cash, card]}
    item = described("id lines", id=WHOLE, lines={"type": "array", "items": shown}, payment=payment)
    sent = described("lines", lines={"type": "array", "items": line}, payment=payment)
    order = {"lines": [{"product": "a", "quantity": 2}, {"product": "b"}], "payment": {"type": "card"}}
    made = body(send(articles(item, sent), "POST", "/articles", order))
    assert made["lines"] == [
        {"id": 1, "product": "a", "quantity": 2, "note": None},
        {"id": 2, "product": "b", "quantity": 1, "note": None},
    ]
    assert made["payment"] == {"type": "card", "brand": "visa"}


def test_put_keeps_what_it_does_not_name_where_its_schema_requires_nothing_that_items_must_have() -> None:
    item = described("id title", id=WHOLE, title=TEXT, text=TEXT)
    sent = described("title", title=TEXT, text=TEXT)
    for change, text in ((described(title=TEXT, text=TEXT), "old"), (sent, None)):
        server = articles(item, sent, change)
        send(server, "POST", "/articles", {"title": "a", "text": "old"})
        assert body(send(server, "PUT", "/articles/1", {"title": "b"})).get("text") == text


@pytest.mark.parametrize("name", ["averageRating", "totalOnHand", "received_quantity"])
def test_what_comes_to_an_item_later_is_nothing_at_first(name: str) -> None:
    item = described(f"id {name}", id=WHOLE, title=TEXT, **{name: {"type": "number", "minimum": -9}})
    assert body(send(articles(item, described(title=TEXT)), "POST", "/articles", {"title": "a"}))[name] == 0


def test_the_time_of_a_later_state_is_shown_as_long_as_an_item_is_in_it() -> None:
    time, states = {**TEXT, "format": "date-time"}, {**TEXT, "enum": ["OPEN", "CANCELLED"]}
    times: dict[str, Any] = {"createdAt": time, "cancelledAt": time, "frozenUntil": {**TEXT, "format": "date"}}
    server = articles(described(id=WHOLE, status=states, **times), described(status=states))
    shown = {"id", "status", "createdAt"}
    assert body(send(server, "POST", "/articles", {"status": "OPEN"})).keys() == shown
    for state, more in (("CANCELLED", {"cancelledAt"}), ("OPEN", set())):
        assert body(send(server, "PATCH", "/articles/1", {"status": state})).keys() == shown | more


def test_the_time_of_the_last_change_is_null_before_it_where_only_that_may_be() -> None:
    time = {**TEXT, "format": "date-time"}
    times = {"created_at": time, "updated_at": {"anyOf": [time, {"type": "null"}]}}
    server = articles(described("id created_at updated_at", id=WHOLE, title=TEXT, **times), described(title=TEXT))
    assert body(send(server, "POST", "/articles", {"title": "a"}))["updated_at"] is None
    assert body(send(server, "PATCH", "/articles/1", {"title": "b"}))["updated_at"] is not None


@pytest.mark.parametrize("line_id", [WHOLE, {**WHOLE, "readOnly": True}])
def test_lines_are_added_to_an_order_and_taken_away_with_their_sums(line_id: Any) -> None:
    sent = described("product quantity unit_cost", product=TEXT, quantity=WHOLE, unit_cost={"type": "number"})
    made = {"id": line_id, "received_quantity": WHOLE, "line_total": {"type": "number"}}
    line = {**sent, "required": [*made, *sent["required"]], "properties": {**made, **sent["properties"]}}
    order = described("id lines", id=WHOLE, lines={"type": "array", "items": line})
    paths = {
        "/articles/{id}/lines": {"post": operation({"200": REF}, sent)},
        "/articles/{id}/lines/{line_id}": {"delete": operation({"204": None})},
    }
    server = articles(order, described("lines", lines={"type": "array", "items": sent}), **paths)
    bolts, nuts = ({"product": name, "quantity": 3, "unit_cost": 2.5} for name in ("bolt", "nut"))
    send(server, "POST", "/articles", {"lines": [bolts, bolts]})
    shown = body(send(server, "POST", "/articles/1/lines", nuts))["lines"]
    assert shown[2] == {**nuts, "id": 3, "received_quantity": 0, "line_total": 7.5}
    assert send(server, "DELETE", "/articles/1/lines/2").status == 204
    assert [one["id"] for one in body(send(server, "GET", "/articles/1"))["lines"]] == [1, 3]


def test_a_picture_that_is_sent_in_a_form_is_shown_by_its_url_whatever_the_status_is() -> None:
    form = described("file", file={**TEXT, "contentMediaType": "application/octet-stream"})
    upload = operation({"201": REF}, form)
    upload["requestBody"] = {"content": {"multipart/form-data": {"schema": form}}}
    item = described("id photoUrl", id=WHOLE, title=TEXT, photoUrl=OPTIONAL)
    server = articles(item, described(title=TEXT), **{"/articles/{id}/photo": {"post": upload}})
    send(server, "POST", "/articles", {"title": "a"})
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="me.png"\r\n\r\nPNG\r\n--x--\r\n'
    headers = Headers({"Content-Type": "multipart/form-data; boundary=x"})
    shown = body(server.handle(Request("POST", "/articles/1/photo", "", headers, part, NOW)))
    assert (shown["title"], shown["photoUrl"].endswith("/articles/1/photo/me.png")) == ("a", True)


def test_what_is_accepted_to_be_done_later_can_be_followed() -> None:
    export = described(
        "id status kind", id=WHOLE, status={**TEXT, "enum": ["done", "pending"]}, kind=TEXT, url=OPTIONAL
    )
    paths = {
        "/exports/orders": {"post": operation({"202": REF}, described("kind", kind=TEXT))},
        "/exports/{export_id}": {"get": operation({"200": REF})},
    }
    data = document(paths, export)
    data["paths"]["/exports/{export_id}"]["parameters"][0]["schema"] = WHOLE
    server = mock(data, is_mock=True)
    made = [body(send(server, "POST", "/exports/orders", {"kind": kind})) for kind in ("csv", "pdf")]
    assert {name: made[1][name] for name in ("status", "kind")} == {"status": "pending", "kind": "pdf"}
    assert body(send(server, "GET", f"/exports/{made[1]['id']}")) == made[1]


@pytest.mark.parametrize(
    ("query", "found"), [("activeOnly=true", [1]), ("level__in=2&level__in=3", [2, 3]), ("level=2", [2])]
)
def test_a_list_is_asked_for_one_flag_alone_and_for_one_of_several_values(query: str, found: list[int]) -> None:
    item = described("id level", id=WHOLE, level=WHOLE, isActive=TRUTH)
    sent = described(level=WHOLE, isActive=TRUTH)
    asked_by = {"activeOnly": TRUTH, "level": WHOLE, "level__in": {"type": "array", "items": WHOLE}}
    listing = operation({"200": {"type": "array", "items": REF}}, query=asked_by)
    server = articles(item, sent, **{"/articles": {"get": listing, "post": operation({"201": REF}, sent)}})
    for level in (1, 2, 3):
        send(server, "POST", "/articles", {"level": level, "isActive": level == 1})
    assert [one["id"] for one in body(send(server, "GET", f"/articles?{query}"))] == found


def test_a_number_that_may_be_written_as_a_text_is_a_number() -> None:
    number = {"type": ["integer", "string"], "pattern": "^-?(?:0|[1-9]\\d*)$", "format": "int32"}
    item = described("id title size", id=number, title=TEXT, size=number)
    listing = {"get": operation({"200": {"type": "array", "items": REF}}, query={"pageSize": {**number, "minimum": 1}})}
    sent = described(title=TEXT, size=number)
    server = articles(item, sent, **{"/articles": {**listing, "post": operation({"201": REF}, sent)}})
    assert body(send(server, "POST", "/articles", {"title": "a", "size": 3})) == {"id": 1, "title": "a", "size": 3}
    assert [send(server, "GET", f"/articles?pageSize={size}").status for size in (1, 0)] == [200, 400]


def test_a_key_that_is_taken_is_refused_where_no_errors_are_described_at_all() -> None:
    item = described("slug", slug=TEXT, title=TEXT)
    paths = {"/pets": {"post": operation({"201": REF}, REF)}, "/pets/{slug}": {"get": operation({"200": REF})}}
    for is_mock, status in ((True, 409), (False, 201)):
        server = mock(document(paths, item), is_mock=is_mock)
        assert [send(server, "POST", "/pets", {"slug": "a"}).status for _ in range(2)] == [201, status]


@pytest.mark.parametrize("identifier", [WHOLE, {**TEXT, "format": "uuid"}], ids=["number", "uuid"])
def test_an_item_is_named_by_its_id_too_where_paths_know_it_by_another_member(identifier: Any) -> None:
    brand = described("id slug", id=identifier, slug=TEXT)
    item = described("id", id=WHOLE, brand_id=identifier, brand=brand)
    brands = {"/brands": {"post": operation({"201": brand}, described("slug", slug=TEXT))}}
    server = articles(
        item, described(brand_id=identifier), **brands, **{"/brands/{slug}": {"get": operation({"200": brand})}}
    )
    made = [body(send(server, "POST", "/brands", {"slug": slug})) for slug in ("saab", "audi")]
    assert body(send(server, "POST", "/articles", {"brand_id": made[1]["id"]}))["brand"] == made[1]


def test_an_item_shows_the_id_of_its_parent_where_paths_know_that_by_another_member() -> None:
    brand = described("id slug", id=WHOLE, slug=TEXT)
    paths = {
        "/brands": {"post": operation({"201": brand}, described("slug", slug=TEXT))},
        "/brands/{slug}": {"get": operation({"200": brand})},
        "/brands/{brand_slug}/offers": {"post": operation({"201": REF}, described(price=WHOLE))},
        "/brands/{brand_slug}/offers/{id}": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, described("id brand", id=WHOLE, brand=WHOLE, price=WHOLE)), is_mock=True)
    made = [body(send(server, "POST", "/brands", {"slug": slug})) for slug in ("saab", "audi")]
    assert body(send(server, "POST", "/brands/audi/offers", {"price": 1}))["brand"] == made[1]["id"]


def test_items_below_one_parent_are_listed_below_another_that_they_name() -> None:
    person = described("id name", id=WHOLE, name=TEXT)
    talk = described("id speaker", id=WHOLE, speaker=person)
    talks = {"type": "array", "items": REF}
    paths = {
        "/days": {"post": operation({"201": TAG}, described(name=TEXT))},
        "/days/{day_id}": {"get": operation({"200": TAG})},
        "/days/{day_id}/talks": {"post": operation({"201": REF}, described(speaker_id=WHOLE))},
        "/days/{day_id}/talks/{id}": {"get": operation({"200": REF})},
        "/speakers": {"post": operation({"201": person}, described(name=TEXT))},
        "/speakers/{id}": {"get": operation({"200": person})},
        "/speakers/{id}/talks": {"get": operation({"200": talks})},
    }
    data = document(paths, talk)
    for path in data["paths"].values():
        path["parameters"] = [{**one, "schema": WHOLE} for one in path["parameters"]]
    server = mock(data, is_mock=True)
    for path in ("/days", "/days", "/speakers", "/speakers"):
        send(server, "POST", path, {"name": path})
    for day, speaker in ((1, 1), (2, 1), (2, 2)):
        send(server, "POST", f"/days/{day}/talks", {"speaker_id": speaker})
    assert [len(body(send(server, "GET", f"/speakers/{id}/talks"))) for id in (1, 2)] == [2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [("minPrice=2", [2, 3]), ("maxPrice=2", [1, 2]), ("min_size=5", [3]), ("max_size=5", [1])],
)
def test_a_bound_is_about_the_only_number_that_it_may_mean(query: str, found: list[int]) -> None:
    numbers: dict[str, Any] = {"unitPrice": WHOLE, "size_min": WHOLE, "size_max": WHOLE}
    item = described("id", id=WHOLE, **numbers)
    bounds = dict.fromkeys(("minPrice", "maxPrice", "min_size", "max_size"), WHOLE)
    listing = operation({"200": {"type": "array", "items": REF}}, query=bounds)
    methods = {"get": listing, "post": operation({"201": REF}, described(**numbers))}
    server = articles(item, described(**numbers), **{"/articles": methods})
    for number in (1, 2, 3):
        sizes = {"size_min": 2 * number, "size_max": 3 * number + 1}
        send(server, "POST", "/articles", {"unitPrice": number, **sizes})
    assert [one["id"] for one in body(send(server, "GET", f"/articles?{query}"))] == found


def test_what_counts_or_marks_begins_at_nothing() -> None:
    counts = {"views": WHOLE, "likesCount": {"type": "number"}}
    flags = described("id views likesCount approved is_active", id=WHOLE, approved=TRUTH, is_active=TRUTH, **counts)
    made = body(send(articles(flags, described(title=TEXT)), "POST", "/articles", {"title": "a"}))
    assert (made["views"], made["likesCount"], made["approved"], made["is_active"]) == (0, 0, False, True)


@pytest.mark.parametrize(
    ("verb", "sent", "changed"),
    [
        ("close-signup", {}, {"signup_open": False}),
        ("check-in", {}, {"status": "checked_in"}),
        ("deactivate", {}, {"is_active": False}),
        ("mark-as-read", {}, {"read": True}),
        ("cancel", {"reason": "ill"}, {"status": "cancelled", "cancellation_reason": "ill"}),
    ],
)
def test_an_action_does_what_its_name_says(verb: str, sent: Any, changed: Any) -> None:
    states = {**TEXT, "enum": ["open", "checked_in", "cancelled"]}
    item = described("id", id=WHOLE, status=states, is_active=TRUTH, read=TRUTH, cancellation_reason=OPTIONAL)
    item["properties"]["signup_open"] = {**TRUTH, "default": True}
    action = operation({"200": REF}, described(reason=TEXT) if sent else None)
    server = articles(item, described(status=states), **{f"/articles/{{id}}/{verb}": {"post": action}})
    send(server, "POST", "/articles", {})
    send(server, "POST", f"/articles/1/{verb}", sent or None)
    after = body(send(server, "GET", "/articles/1"))
    assert {name: after[name] for name in changed} == changed


def test_an_action_gives_an_item_what_its_name_says_by_its_key() -> None:
    item = described("id current_tag", id=WHOLE, current_tag={"anyOf": [TAG, {"type": "null"}]})
    action = operation({"200": REF}, described(tag_id=WHOLE))
    server = articles(item, described(title=TEXT), **{"/articles/{id}/assign-tag": {"post": action}}, **TAGS)
    send(server, "POST", "/tags", {"name": "news"})
    assert body(send(server, "POST", "/articles", {"title": "a"}))["current_tag"] is None
    assert body(send(server, "POST", "/articles/1/assign-tag", {"tag_id": 1}))["current_tag"] == {
        "id": 1,
        "name": "news",
    }


ACCOUNT = described("id email", id=WHOLE, email=TEXT)
CREDENTIALS = described("email password", email=TEXT, password=TEXT)
TOKEN = described("token user", token=TEXT, user=REF)


BEARER: list[Any] = [{"bearer": []}]


def account_document() -> dict[str, Any]:
    change = operation({"200": described(message=TEXT)}, described(current_password=TEXT, new_password=TEXT))
    paths = {
        "/signup": {"post": operation({"201": TOKEN, "409": described(message=TEXT)}, CREDENTIALS)},
        "/login": {"post": operation({"200": TOKEN}, CREDENTIALS)},
        "/refresh": {"post": operation({"200": described(token=TEXT)}, described(refresh_token=TEXT))},
        "/users/me": {"get": {**operation({"200": described("data", data=REF)}), "security": BEARER}},
        "/users/me/password": {"patch": {**change, "security": BEARER}},
    }
    data: dict[str, Any] = document(paths, ACCOUNT)
    data["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return data


@pytest.fixture
def accounts() -> MockService:
    return mock(account_document(), is_mock=True)


def asked(server: MockService, method: str, path: str, token: str, sent: bytes = b"") -> Response:
    headers = Headers({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    return server.handle(Request(method, path, "", headers, sent, NOW))


def test_a_user_signs_up_logs_in_and_is_the_one_who_asks(accounts: MockService) -> None:
    made = body(send(accounts, "POST", "/signup", ASHA))
    found = body(send(accounts, "POST", "/login", ASHA))
    assert made["user"] == found["user"] == {"id": made["user"]["id"], "email": "asha@example.com"}
    assert body(asked(accounts, "GET", "/users/me", made["token"])) == {"data": made["user"]}
    assert body(asked(accounts, "GET", "/users/me", found["token"])) == {"data": made["user"]}
    refreshed = body(send(accounts, "POST", "/refresh", {"refresh_token": found["token"]}))["token"]
    assert body(asked(accounts, "GET", "/users/me", refreshed)) == {"data": made["user"]}


def test_a_login_is_refused_with_another_password_or_name_than_one_that_signed_up(accounts: MockService) -> None:
    assert send(accounts, "POST", "/login", ASHA).status == 200  # nobody has signed up: any password will do
    send(accounts, "POST", "/signup", ASHA)
    assert send(accounts, "POST", "/login", {**ASHA, "password": "other"}).status == 401
    assert send(accounts, "POST", "/login", {**ASHA, "email": "mo@example.com"}).status == 401
    assert send(accounts, "POST", "/signup", ASHA).status == 409
    assert "secret" not in str([*accounts.state()["user"][0].values()])


def test_tokens_that_no_login_gave_are_refused_once_a_user_has_logged_in(accounts: MockService) -> None:
    assert asked(accounts, "GET", "/users/me", "test").status == 200
    send(accounts, "POST", "/signup", ASHA)
    assert asked(accounts, "GET", "/users/me", "test").status == 200
    send(accounts, "POST", "/login", ASHA)
    assert asked(accounts, "GET", "/users/me", "test").status == 401
    assert send(accounts, "POST", "/refresh", {"refresh_token": "test"}).status == 401


def test_a_login_and_a_sign_up_need_no_credentials_unless_they_ask_for_others_than_they_give() -> None:
    data = account_document() | {"security": BEARER}
    server = mock(data, is_mock=True)
    assert [send(server, "POST", path, ASHA).status for path in ("/signup", "/login")] == [201, 200]
    assert send(server, "GET", "/users/me").status == 401
    data["paths"]["/login"]["post"]["security"] = BEARER
    assert send(mock(data, is_mock=True), "POST", "/login", ASHA).status == 200  # as all others, perhaps by a tool
    data["paths"]["/refresh"]["post"]["security"] = []
    assert send(mock(data, is_mock=True), "POST", "/login", ASHA).status == 200
    data["paths"]["/login"]["post"]["security"] = [{"key": []}]
    data["components"]["securitySchemes"]["key"] = {"type": "apiKey", "in": "header", "name": "X-Key"}
    assert send(mock(data, is_mock=True), "POST", "/login", ASHA).status == 401


def test_users_are_known_by_what_they_are_told_of_themselves_where_a_sign_up_shows_nothing() -> None:
    answer = described("accessToken type username", accessToken=TEXT, type=TEXT, username=TEXT)
    paths = {
        "/identity/register": {"post": {**operation({"200": None, "400": described(title=TEXT)}, CREDENTIALS)}},
        "/identity/login": {"post": operation({"200": answer}, CREDENTIALS)},
        "/identity/manage/info": {"get": operation({"200": described("email", email=TEXT, isConfirmed=TRUTH)})},
    }
    server = mock(document(paths), is_mock=True)
    assert [send(server, "POST", "/identity/register", ASHA).status for _ in range(2)] == [200, 400]
    assert send(server, "POST", "/identity/login", {**ASHA, "password": "other"}).status == 401
    told = body(send(server, "POST", "/identity/login", ASHA))
    assert (told["type"], told["username"]) == ("Bearer", "asha@example.com")
    assert body(asked(server, "GET", "/identity/manage/info", told["accessToken"]))["email"] == "asha@example.com"


def test_a_new_password_is_the_one_to_log_in_with(accounts: MockService) -> None:
    token = body(send(accounts, "POST", "/signup", ASHA))["token"]
    for current, status in (("wrong", 400), ("secret", 200)):
        sent = f'{{"current_password": "{current}", "new_password": "changed"}}'.encode()
        assert asked(accounts, "PATCH", "/users/me/password", token, sent).status == status
    assert send(accounts, "POST", "/login", {**ASHA, "password": "changed"}).status == 200
    assert send(accounts, "POST", "/login", ASHA).status == 401


def test_the_envelope_of_a_page_says_which_items_it_has_and_leads_to_others() -> None:
    link = {"type": ["string", "null"]}
    page = described(
        "data sort",
        data={"type": "array", "items": REF},
        links=described("prev next", prev=link, next=link),
        meta=described("from to", **{"from": WHOLE, "to": WHOLE}),
        number=WHOLE,
        totalPages=WHOLE,
        first=TRUTH,
        last=TRUTH,
        empty=TRUTH,
        numberOfElements=WHOLE,
        sort=described("empty", empty=TRUTH),
    )
    paging = {"page": WHOLE, "size": {**WHOLE, "default": 2}, "sort": {"type": "array", "items": TEXT}}
    listing = operation({"200": page}, query=paging)
    server = mock(document({"/tags": {"get": listing, "post": operation({"201": REF}, TAG)}}, TAG), is_mock=True)
    for number in range(3):
        send(server, "POST", "/tags", {"id": number, "name": f"t{number}"})
    found = body(send(server, "GET", "/tags?page=2&sort=name,desc"))
    assert [one["name"] for one in found["data"]] == ["t0"]
    assert (found["meta"], found["links"]["next"]) == ({"from": 3, "to": 3}, None)
    assert "page=1" in found["links"]["prev"]
    named = ("number", "totalPages", "first", "last", "empty", "numberOfElements")
    assert [found[name] for name in named] == [2, 2, False, True, False, 1]
    past = body(send(server, "GET", "/tags?page=9&sort=name,desc"))
    assert past["empty"] is True
    assert past["sort"]["empty"] is False  # which is said of the order


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (described(code=WHOLE, message=TEXT), {"code": 422, "message": "title is required"}),
        (
            described(title=TEXT, status=WHOLE, detail=TEXT),
            {"title": "Unprocessable Entity", "status": 422, "detail": "title is required"},
        ),
        (
            described("errors", errors={"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}),
            {"errors": {"title": ["title is required"]}},
        ),
        (
            described(message=TEXT, fieldErrors={"type": "object", "additionalProperties": TEXT}),
            {"message": "title is required", "fieldErrors": {"title": "title is required"}},
        ),
        (
            described(message=TEXT, fieldErrors={"type": "array", "items": described(field=TEXT, message=TEXT)}),
            {"message": "title is required", "fieldErrors": [{"field": "title", "message": "title is required"}]},
        ),
        (
            described(detail={"type": "array", "items": described(loc={"type": "array", "items": TEXT}, msg=TEXT)}),
            {"detail": [{"loc": ["body", "title"], "msg": "title is required"}]},
        ),
    ],
)
def test_an_error_names_the_member_that_is_missing_in_the_declared_shape(error: Any, told: Any) -> None:
    creation = operation({"201": REF, "422": error}, described("title", title=TEXT))
    server = mock(document({"/articles": {"post": creation}}), is_mock=True)
    found = body(send(server, "POST", "/articles", {}))
    assert {name: found.get(name) for name in told} == told


def test_a_schema_that_requires_nothing_is_shown_with_all_that_the_server_sets() -> None:
    item = described(id=WHOLE, title=TEXT, uuid={**TEXT, "format": "uuid"}, done=TRUTH)
    server = articles(item, described("title", title=TEXT))
    made = [body(send(server, "POST", "/articles", {"title": "a"})) for _ in range(2)]
    assert all(one["done"] is False for one in made)
    assert len({one["uuid"] for one in made}) == 2


def test_a_file_that_is_sent_below_an_item_is_downloaded_at_a_path_that_describes_nothing() -> None:
    form = {"multipart/form-data": {"schema": described("file", file={**TEXT, "format": "binary"})}}
    shown = described("id filename size", id=WHOLE, filename=TEXT, size=WHOLE)
    server = articles(
        TAG,
        described(name=TEXT),
        **{
            "/articles/{article_id}/files": {"post": {**operation({"201": shown}), "requestBody": {"content": form}}},
            "/files/{file_id}": {"get": operation({"200": None})},
        },
    )
    send(server, "POST", "/articles", {"name": "a"})
    disposition = b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    part = b"--x\r\n" + disposition + b"Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
    headers = Headers({"Content-Type": "multipart/form-data; boundary=x"})
    made = body(server.handle(Request("POST", "/articles/1/files", "", headers, part, NOW)))
    assert (made["filename"], made["size"]) == ("a.txt", 5)
    sent = send(server, "GET", f"/files/{made['id']}")
    assert (sent.body, sent.header("Content-Type")) == (b"hello", "text/plain")
    assert send(server, "GET", "/files/99").status == 404


def test_an_action_sets_what_its_query_says() -> None:
    action = operation({"200": REF}, query={"approved": TRUTH})
    item = described("id", id=WHOLE, approved=TRUTH)
    server = articles(item, described(title=TEXT), **{"/articles/{id}/approval": {"patch": action}})
    send(server, "POST", "/articles", {"title": "a"})
    assert body(send(server, "PATCH", "/articles/1/approval?approved=true"))["approved"] is True
    assert body(send(server, "PATCH", "/articles/1/approval?approved=false"))["approved"] is False


def test_a_client_may_leave_out_the_slash_at_the_end_of_a_documented_path() -> None:
    paths = {"/pets/": {"post": operation({"201": REF}, REF)}, "/pets/{petId}/": {"get": operation({"200": REF})}}
    server = mock(document(paths), is_mock=True)
    assert send(server, "POST", "/pets", {"id": 1, "name": "Rex"}).status == 201
    assert body(send(server, "GET", "/pets/1"))["name"] == "Rex"
    assert send(mock(document(paths)), "GET", "/pets/1").status == 404, "a server that is judged need not do so"


def test_a_server_makes_the_secrets_of_its_items() -> None:
    key, shown_once = described(id=TEXT, name=TEXT), described(id=TEXT, name=TEXT, secret=TEXT)
    hook, sent = described(id=TEXT, url=TEXT, signing_secret={"type": ["string", "null"]}), described(url=TEXT)
    paths = {
        "/keys": {"post": operation({"201": shown_once}, described(name=TEXT))},
        "/keys/{id}": {"get": operation({"200": key})},
        "/hooks": {"post": operation({"201": hook}, sent)},
        "/hooks/{id}": {"get": operation({"200": hook})},
    }
    server = mock(document(paths), is_mock=True)
    made = body(send(server, "POST", "/keys", {"name": "ci"}))
    assert made["secret"], "it is shown at the creation"
    assert body(send(server, "GET", f"/keys/{made['id']}")) == {"id": made["id"], "name": "ci"}
    first, second = (body(send(server, "POST", "/hooks", {"url": "https://example.com"})) for _ in range(2))
    assert len({first["signing_secret"], second["signing_secret"], None}) == 3
    assert body(send(server, "GET", f"/hooks/{first['id']}")) == first


def test_an_item_in_an_envelope_in_an_envelope_is_found_and_shown() -> None:
    account = described("id name", id=TEXT, name=TEXT)

    shown = described("data", data=described(account=account, version=WHOLE))
    read = described("data", data=described(account=account))
    sent = described(account=described(name=TEXT))
    paths = {
        "/accounts": {"post": operation({"201": shown}, sent)},
        "/accounts/{account_id}": {"get": operation({"200": read}), "delete": operation({"204": None})},
    }
    server = mock(document(paths))
    made = body(send(server, "POST", "/accounts", {"account": {"name": "Savings"}}))["data"]["account"]
    assert body(send(server, "GET", f"/accounts/{made['id']}")) == {"data": {"account": made}}
    assert made["name"] == "Savings"
    assert send(server, "DELETE", f"/accounts/{made['id']}").status == 204
    assert send(server, "GET", f"/accounts/{made['id']}").status == 404


def test_an_empty_text_unsets_a_key_of_a_map_where_the_description_says_so() -> None:
    labels = {"type": "object", "additionalProperties": TEXT, "description": "Keys can be unset by an empty value."}
    item = described(id=WHOLE, name=TEXT, labels=labels, others={**labels, "description": "Any keys."})
    sent = described(name=TEXT, labels={"anyOf": [labels, {"enum": [""]}], "description": labels["description"]})
    sent["properties"]["others"] = item["properties"]["others"]
    server = articles(item, sent, sent)
    send(server, "POST", "/articles", {"name": "n", "labels": {"a": "1", "b": "2"}, "others": {"a": "1"}})
    changed = body(send(server, "PATCH", "/articles/1", {"labels": {"a": ""}, "others": {"a": ""}}))
    assert (changed["labels"], changed["others"]) == ({"b": "2"}, {"a": ""})
    assert body(send(server, "PATCH", "/articles/1", {"labels": ""}))["labels"] == {}


def test_a_flag_at_the_creation_does_what_the_action_of_its_name_does() -> None:
    item = described(id=WHOLE, title=TEXT, status={**TEXT, "enum": ["draft", "published"]})
    paths = {
        "/articles": {"post": operation({"201": item}, described(title=TEXT, publish=TRUTH))},
        "/articles/{id}": {"get": operation({"200": item})},
        "/articles/{id}/publish": {"post": operation({"200": item})},
    }
    server = mock(document(paths), is_mock=True)
    made = [body(send(server, "POST", "/articles", {"title": "a", **more})) for more in ({}, {"publish": True})]
    made.append(body(send(server, "POST", "/articles", {"title": "a", "publish": False})))
    assert [one["status"] for one in made] == ["draft", "published", "draft"]
    assert body(send(server, "GET", "/articles/2"))["status"] == "published"


def test_an_object_that_is_put_at_the_name_of_a_member_replaces_that_member() -> None:
    address = described(street=TEXT, city=TEXT)
    item = described(id=WHOLE, name=TEXT, address=address)
    paths = {
        "/people": {"post": operation({"201": item}, item)},
        "/people/{id}": {"get": operation({"200": item})},
        "/people/{id}/address": {"put": operation({"200": item}, described(street=TEXT))},
    }
    server = mock(document(paths))
    send(server, "POST", "/people", {"name": "Ada", "address": {"street": "A", "city": "B"}})
    changed = body(send(server, "PUT", "/people/1/address", {"street": "C"}))
    assert (changed["name"], changed["address"]) == ("Ada", {"street": "C"})


def test_a_key_sent_for_an_object_is_looked_up_in_changes_and_a_filter_takes_the_key_that_its_text_names() -> None:
    milestone = described("title", number=WHOLE, title=TEXT)
    issue = described("title", id=WHOLE, title=TEXT, milestone={"anyOf": [milestone, {"type": "null"}]})
    sent = described(title=TEXT, milestone=WHOLE)
    listing = operation({"200": {"type": "array", "items": issue}}, query={"milestone": TEXT})
    listing["parameters"][0]["description"] = "A milestone by its `number` field, or `none`."
    paths = {
        "/milestones": {"post": operation({"201": milestone}, described(title=TEXT))},
        "/milestones/{number}": {"get": operation({"200": milestone})},
        "/issues": {"get": listing, "post": operation({"201": issue}, sent)},
        "/issues/{id}": {"patch": operation({"200": issue}, sent)},
    }
    server = mock(document(paths), is_mock=True)
    first, second = (body(send(server, "POST", "/milestones", {"title": title})) for title in "ab")
    send(server, "POST", "/issues", {"title": "x", "milestone": 1})
    send(server, "POST", "/issues", {"title": "y"})
    assert body(send(server, "PATCH", "/issues/2", {"milestone": 2}))["milestone"] == second
    assert [one["milestone"] for one in body(send(server, "GET", "/issues?milestone=1"))] == [first]


def test_a_new_item_has_the_state_of_a_new_one_where_only_a_filter_lists_the_states() -> None:
    ticket = described(id=WHOLE, title=TEXT, state=TEXT)
    listing = operation(
        {"200": {"type": "array", "items": ticket}}, query={"state": {"enum": ["closed", "open", "all"]}}
    )
    paths = {
        "/tickets": {"get": listing, "post": operation({"201": ticket}, described(title=TEXT))},
        "/tickets/{id}": {"patch": operation({"200": ticket}, described(state=TEXT))},
    }
    server = mock(document(paths), is_mock=True)
    made = [body(send(server, "POST", "/tickets", {"title": title})) for title in "ab"]
    assert [one["state"] for one in made] == ["open", "open"]
    send(server, "PATCH", "/tickets/1", {"state": "closed"})
    assert [one["id"] for one in body(send(server, "GET", "/tickets?state=open"))] == [2]
    assert len(body(send(server, "GET", "/tickets?state=all"))) == 2


def test_a_request_that_is_only_tried_changes_nothing() -> None:
    item = described(id=WHOLE, title=TEXT)
    tried = {"dryRun": TEXT}
    paths = {
        "/articles": {"post": operation({"201": item}, described("title", title=TEXT), query=tried)},
        "/articles/{id}": {"get": operation({"200": item}), "delete": operation({"204": None}, query=tried)},
    }
    server = mock(document(paths), is_mock=True)
    assert body(send(server, "POST", "/articles?dryRun=All", {"title": "a"})) == {"id": 1, "title": "a"}
    assert send(server, "GET", "/articles/1").status == 404
    assert send(server, "POST", "/articles?dryRun=All", {}).status == 400, "it is checked all the same"
    send(server, "POST", "/articles", {"title": "b"})
    assert send(server, "DELETE", "/articles/1?dryRun=true").status == 204
    assert body(send(server, "GET", "/articles/1"))["title"] == "b"


def test_an_unknown_item_is_not_told_in_the_form_of_invalid_input() -> None:
    flaw = described("loc msg", loc={"type": "array", "items": TEXT}, msg=TEXT)
    invalid = described(detail={"type": "array", "items": flaw})
    paths = {"/pets": {"post": operation({"201": REF, "422": invalid}, REF)}}
    paths["/pets/{id}"] = {"get": operation({"200": REF, "422": invalid})}
    server = mock(document(paths), is_mock=True)
    assert isinstance(body(send(server, "POST", "/pets", 7))["detail"], list)
    assert body(send(server, "GET", "/pets/9"))["detail"] == "there is no pet 9"


def customers(*, is_listed: bool = False) -> MockService:
    """A mock of an API in Rails, whose customers have an address and phones, which may be in a list of their own."""
    phone = described("id", id=WHOLE, number=TEXT)
    phones = {"type": "array", "items": {"$ref": "#/components/schemas/Phone"}}
    address = described(id=WHOLE, street=TEXT, city=TEXT)
    changes = {"type": "array", "items": described(id=WHOLE, number=TEXT, _destroy=TRUTH)}
    members: dict[str, Any] = {"name": TEXT, "address_attributes": address, "phones_attributes": changes}
    sent = described("customer", customer=described("", **members))
    paths = {
        "/customers": {"post": operation({"201": REF}, sent)},
        "/customers/{id}": {"get": operation({"200": REF}), "patch": operation({"200": REF}, sent)},
    }
    listed = {"get": operation({"200": phones}), "post": operation({"201": phones["items"]}, described(number=TEXT))}
    paths |= {"/customers/{id}/phones": listed} if is_listed else {}
    data = document(paths, described("id name", id=WHOLE, name=TEXT, address=address, phones=phones))
    data["components"]["schemas"]["Phone"] = phone
    server = mock(data, is_mock=True)
    nested = {"address_attributes": {"street": "Main", "city": "Pune"}, "phones_attributes": [{"number": "1"}]}
    send(server, "POST", "/customers", {"customer": {"name": "Asha", **nested}})
    return server


def test_nested_attributes_of_rails_are_shown_as_the_objects_that_they_are_of() -> None:
    shown = body(send(customers(), "GET", "/customers/1"))
    address, phone = {"id": 1, "street": "Main", "city": "Pune"}, {"id": 1, "number": "1"}
    assert shown == {"id": 1, "name": "Asha", "address": address, "phones": [phone]}


def test_nested_attributes_change_the_objects_that_are_there_and_add_or_delete_others() -> None:
    server = customers()
    phones = [{"id": 1, "_destroy": True}, {"number": "2"}, {"number": "3"}]
    change = {"address_attributes": {"city": "Goa"}, "phones_attributes": phones}
    changed = body(send(server, "PATCH", "/customers/1", {"customer": change}))
    assert changed["address"] == {"id": 1, "street": "Main", "city": "Goa"}
    assert changed["phones"] == [{"id": 2, "number": "2"}, {"id": 3, "number": "3"}]
    change = {"phones_attributes": [{"id": 3, "number": "4"}]}
    changed = body(send(server, "PATCH", "/customers/1", {"customer": change}))
    assert [one["number"] for one in changed["phones"]] == ["2", "4"]


def test_nested_attributes_make_items_that_have_paths_of_their_own() -> None:
    server = customers(is_listed=True)
    assert body(send(server, "GET", "/customers/1/phones")) == [{"id": 1, "number": "1"}]
    assert [one["number"] for one in body(send(server, "GET", "/customers/1"))["phones"]] == ["1"]
