"""Documents of apps, as Spring, Laravel, FastAPI and .NET write them, serve what the frontends of these apps do."""

import json

from lookalike.model.strictness import Strictness
from lookalike.service import MockService
from tests.support.pet_documents import READ, TEXT, body, described, document, mock, operation, send
from tests.support.small import ask
from tests.support.small import mock as tolerant_mock

REF = {"$ref": "#/components/schemas/Pet"}
WHOLE = {"type": "integer"}


def test_an_object_in_the_query_is_its_members_as_the_pages_of_spring_are() -> None:
    members = described(page={**WHOLE, "minimum": 0}, size=WHOLE, sort={"type": "array", "items": TEXT})
    pageable = {"name": "pageable", "in": "query", "required": True, "schema": members}
    shown = described(content={"type": "array", "items": REF}, totalElements=WHOLE)
    listed = {**operation({"200": shown}), "parameters": [pageable]}
    item = described("id title", id=WHOLE, title=TEXT)
    paths = {"/books": {"get": listed, "post": operation({"201": REF}, described("title", title=TEXT))}}
    server = mock(document({**paths, "/books/{id}": {"get": operation({"200": REF})}}, item), is_mock=True)
    for title in "abc":
        send(server, "POST", "/books", {"title": title})
    page = body(send(server, "GET", "/books?page=1&size=2"))
    assert ([one["title"] for one in page["content"]], page["totalElements"]) == (["c"], 3)
    assert [one["title"] for one in body(send(server, "GET", "/books?sort=title,desc"))["content"]] == [*"cba"]
    assert body(send(server, "GET", "/books"))["totalElements"] == 3


def test_pages_and_new_items_are_as_the_examples_of_laravel_show_them() -> None:
    post = {"id": 1, "title": "a", "status": "published"}
    item = described("id title", id=WHOLE, title=TEXT)
    page = {"data": [post], "meta": {"current_page": 1, "last_page": 1, "per_page": 2, "total": 1}}
    listed = operation({"200": {"type": "object", "example": page}}, query={"page": WHOLE})
    made = operation(
        {"201": {"type": "object", "example": {"data": {**post, "status": "draft"}}}}, described(title=TEXT)
    )
    read = operation({"200": {"type": "object", "example": {"data": post}}})
    server = mock(document({"/posts": {"get": listed, "post": made}, "/posts/{id}": {"get": read}}, item), is_mock=True)
    shown = [body(send(server, "POST", "/posts", {"title": title}))["data"]["status"] for title in "abc"]
    pages = [body(send(server, "GET", f"/posts?page={number}")) for number in (1, 2)]
    assert shown == ["draft"] * 3
    assert [[one["title"] for one in found["data"]] for found in pages] == [
        ["a", "a"],
        ["b", "c"],
    ]  # one is the example
    assert pages[1]["meta"] == {"current_page": 2, "last_page": 2, "per_page": 2, "total": 4}


def test_a_direction_alone_sorts_by_the_time_of_creation() -> None:
    item = described("id title createdAt", id=WHOLE, title=TEXT, createdAt={**TEXT, "format": "date-time"})
    listed = operation({"200": {"type": "array", "items": REF}}, query={"order": {"enum": ["ASC", "DESC"]}})
    paths = {"/events": {"get": listed, "post": operation({"201": REF}, described("title", title=TEXT))}}
    server = mock(document({**paths, "/events/{id}": {"get": operation({"200": REF})}}, item), is_mock=True)
    for title in "abc":
        send(server, "POST", "/events", {"title": title})
    found = {word: body(send(server, "GET", f"/events?order={word}")) for word in ("ASC", "DESC")}
    assert {word: [one["title"] for one in listed] for word, listed in found.items()} == {
        "ASC": [*"abc"],
        "DESC": [*"cba"],
    }


def test_a_login_gives_a_token_and_another_one_to_refresh_it() -> None:
    sent, shown = described("username password", username=TEXT, password=TEXT), described(access=TEXT, refresh=TEXT)
    paths = {
        "/login": {"post": operation({"200": shown}, sent)},
        "/refresh": {"post": operation({"200": described(access=TEXT)}, described("refresh", refresh=TEXT))},
    }
    server = mock(document(paths), is_mock=True)
    tokens = body(send(server, "POST", "/login", {"username": "asha", "password": "secret"}))
    assert tokens["access"] != tokens["refresh"]
    assert body(send(server, "POST", "/refresh", {"refresh": tokens["refresh"]}))["access"].count(".") == 2


def test_items_that_a_slug_names_have_numbers_of_their_own() -> None:
    item = described("id slug", id={**WHOLE, "readOnly": True}, slug=TEXT, name=TEXT)
    paths = {
        "/projects/": {"post": operation({"201": REF}, described("slug", slug=TEXT))},
        "/projects/{slug}/": {"get": operation({"200": REF})},
    }
    server = mock(document(paths, item), is_mock=True)
    made = [body(send(server, "POST", "/projects/", {"slug": slug})) for slug in ("alpha", "beta")]
    assert [(one["id"], one["slug"]) for one in made] == [(1, "alpha"), (2, "beta")]
    assert body(send(server, "GET", "/projects/beta/"))["id"] == 2


def test_an_envelope_of_all_answers_shows_what_each_answer_says_of_its_data_as_those_of_swaggo_do() -> None:
    envelope, page = described(code=WHOLE, message=TEXT, data={}), described(items={"type": "array"}, total=WHOLE)
    several = {"allOf": [page, {"properties": {"items": {"type": "array", "items": REF}}}]}

    def answer(data: object) -> object:
        return {"allOf": [envelope, {"type": "object", "properties": {"data": data}}]}

    made, listed = operation({"201": answer(REF)}, described("name", name=TEXT)), operation({"200": answer(several)})
    read = operation({"200": answer(REF)})
    server = mock(document({"/pets": {"get": listed, "post": made}, "/pets/{id}": {"get": read}}), is_mock=True)
    key = body(send(server, "POST", "/pets", {"name": "Rex"}))["data"]["id"]
    assert body(send(server, "GET", f"/pets/{key}"))["data"] == {"id": key, "name": "Rex"}
    assert body(send(server, "GET", "/pets"))["data"] == {"items": [{"id": key, "name": "Rex"}], "total": 1}


def test_an_action_that_shows_the_item_makes_none_of_the_items_of_its_kind_below_it() -> None:
    item = described("id name promoted", id=WHOLE, name=TEXT, promoted={"type": "boolean"})
    paths = {
        "/people": {"post": operation({"201": REF}, described("name", name=TEXT))},
        "/people/{id}": {"get": operation({"200": REF})},
        "/people/{id}/reports": {"get": operation({"200": {"type": "array", "items": REF}})},
        "/people/{id}/promote": {"post": operation({"200": REF})},
    }
    server = mock(document(paths, item), is_mock=True)
    key = body(send(server, "POST", "/people", {"name": "Asha"}))["id"]
    assert body(send(server, "POST", f"/people/{key}/promote")) == {"id": key, "name": "Asha", "promoted": True}


def deals() -> MockService:
    """A mock with a deal, which may be won or lost."""
    stage, date = {"enum": ["new", "won", "lost"]}, {"type": ["string", "null"], "format": "date"}
    item = described(
        "id title stage", id=WHOLE, title=TEXT, stage=stage, lost_reason={"type": ["string", "null"]}, closed_on=date
    )
    paths = {
        "/deals": {"post": operation({"201": REF}, described("title", title=TEXT))},
        "/deals/{id}": {"get": operation({"200": REF})},
        "/deals/{id}/win": {"put": operation({"200": REF, "409": {}})},
        "/deals/{id}/lose": {"post": operation({"200": REF}, described(reason=TEXT))},
        "/deals/{id}/close": {"post": operation({"200": REF}, described(closed_on={**TEXT, "format": "date"}))},
    }
    server = mock(document(paths, item), is_mock=True)
    send(server, "POST", "/deals", {"title": "Boat"})
    return server


def test_a_deal_is_won_once_and_lost_for_a_reason() -> None:
    server = deals()
    won, again = send(server, "PUT", "/deals/1/win"), send(server, "PUT", "/deals/1/win")
    lost = body(send(server, "POST", "/deals/1/lose", {"reason": "price"}))
    assert (body(won)["stage"], again.status, lost["stage"], lost["lost_reason"]) == ("won", 409, "lost", "price")


def test_a_date_that_is_sent_with_an_action_is_not_today() -> None:
    server = deals()
    assert body(send(server, "POST", "/deals/1/close", {"closed_on": "2020-02-02"}))["closed_on"] == "2020-02-02"
    assert body(send(server, "POST", "/deals/1/close", {}))["closed_on"] > "2026"


def fleet() -> MockService:
    """A mock with two depots, a driver, and a car of the second depot."""
    place = described("id name carCount", id=WHOLE, name=TEXT, carCount={"type": "number"})
    driver = described("id name", id=WHOLE, name=TEXT)
    nullable = {"anyOf": [driver, {"type": "null"}]}
    labels = {"type": "array", "items": described("id name", id=WHOLE, name=TEXT)}
    item = described(
        "id licensePlate depot", id=WHOLE, licensePlate=TEXT, depot=place, currentDriver=nullable, labels=labels
    )
    many, one = {"type": "array", "items": REF}, {"get": operation({"200": REF})}
    add = operation({"200": REF}, described("label_ids", label_ids={"type": "array", "items": WHOLE}))
    paths = {
        "/depots": {"post": operation({"201": place}, described("name", name=TEXT))},
        "/depots/{id}": {"get": operation({"200": place})},
        "/depots/{id}/cars": {"get": operation({"200": many})},
        "/drivers": {"post": operation({"201": driver}, described("name", name=TEXT))},
        "/drivers/{id}": {"get": operation({"200": driver})},
        "/labels": {"post": operation({"201": labels["items"]}, described("name", name=TEXT))},
        "/labels/{id}": {"get": operation({"200": labels["items"]})},
        "/cars": {
            "post": operation({"201": REF, "404": {}}, described("licensePlate", licensePlate=TEXT, depotId=WHOLE))
        },
        "/cars/{id}": one,
        "/cars/by-plate/{plate}": one,
        "/cars/{id}/driver": {
            "put": operation({"200": REF}, described("driverId", driverId=WHOLE)),
            "delete": operation({"200": REF}),
        },
        "/cars/{id}/labels": {"post": add},
        "/cars/{id}/labels/{label_id}": {"delete": operation({"200": REF})},
    }
    server = mock(document(paths, item), is_mock=True)
    for path, sent in (("/depots", {"name": "North"}), ("/depots", {"name": "South"}), ("/drivers", {"name": "Mo"})):
        send(server, "POST", path, sent)
    send(server, "POST", "/labels", {"name": "new"})
    send(server, "POST", "/cars", {"licensePlate": "KI-1", "depotId": 2})
    return server


def test_items_belong_to_the_parent_that_they_show_by_its_id() -> None:
    server = fleet()
    listed = [[one["id"] for one in body(send(server, "GET", f"/depots/{key}/cars"))] for key in (1, 2)]
    assert (listed, body(send(server, "GET", "/depots/2"))["carCount"]) == ([[], [1]], 1)
    assert send(server, "POST", "/cars", {"licensePlate": "KI-2", "depotId": 9}).status == 404


def test_a_path_names_a_member_by_its_last_word() -> None:
    server = fleet()
    assert body(send(server, "GET", "/cars/by-plate/KI-1"))["id"] == 1
    assert body(send(server, "PUT", "/cars/1/driver", {"driverId": 1}))["currentDriver"] == {"id": 1, "name": "Mo"}
    assert body(send(server, "DELETE", "/cars/1/driver"))["currentDriver"] is None


def test_existing_things_are_attached_by_a_list_of_their_keys() -> None:
    server = fleet()
    assert body(send(server, "POST", "/cars/1/labels", {"label_ids": [1]}))["labels"] == [{"id": 1, "name": "new"}]
    assert body(send(server, "DELETE", "/cars/1/labels/1"))["labels"] == []


def test_a_header_field_behind_a_reference_has_its_own_name_and_the_numbers_of_the_page() -> None:
    numbers = described(total=WHOLE, total_pages=WHOLE, first_page=WHOLE, page=WHOLE, next_page=WHOLE)
    listed = operation({"200": {"type": "array", "items": REF}}, query={"page": WHOLE, "page_size": WHOLE})
    listed["responses"]["200"]["headers"] = {"X-Pagination": {"$ref": "#/components/headers/PAGINATION"}}
    paths = {"/pets": {"get": listed, "post": operation({"201": REF}, described("name", name=TEXT))}}
    data = document({**paths, "/pets/{id}": {"get": operation({"200": REF})}})
    data["components"]["headers"] = {"PAGINATION": {"schema": numbers}}
    server = mock(data, is_mock=True)
    for name in "abc":
        send(server, "POST", "/pets", {"name": name})
    shown = send(server, "GET", "/pets?page=2&page_size=2")
    assert json.loads(shown.header("X-Pagination") or "") == {"total": 3, "total_pages": 2, "first_page": 1, "page": 2}
    assert shown.header("PAGINATION") is None


def board() -> MockService:
    """A mock with two boards, each with a column; cards are made in columns and listed on boards."""
    name, card = described("name", name=TEXT), described("title", title=TEXT)
    item = described("id columnId title", id=WHOLE, columnId=WHOLE, title=TEXT)
    column = described("id name", id=WHOLE, name=TEXT)
    many = described("cards", cards={"type": "array", "items": described("columnId title", columnId=WHOLE, title=TEXT)})
    paths = {
        "/boards": {"post": operation({"201": column}, name)},
        "/boards/{boardId}": {"get": operation({"200": column})},
        "/boards/{boardId}/columns": {"post": operation({"201": column}, name)},
        "/columns/{columnId}": {"patch": operation({"200": column}, name)},
        "/columns/{columnId}/cards": {"post": operation({"201": REF}, card)},
        "/boards/{boardId}/cards": {"get": operation({"200": {"type": "array", "items": REF}})},
        "/cards/{cardId}": {"get": operation({"200": REF})},
        "/cards/batch": {"post": operation({"201": described(cards={"type": "array", "items": REF})}, many)},
    }
    server = mock(document(paths, item), is_mock=True)
    for key in (1, 2):
        send(server, "POST", "/boards", {"name": f"Board {key}"})
        send(server, "POST", f"/boards/{key}/columns", {"name": "Todo"})
    return server


def test_cards_that_are_made_in_a_column_are_on_its_board() -> None:
    server = board()
    send(server, "POST", "/columns/2/cards", {"title": "a"})
    send(server, "POST", "/cards/batch", {"cards": [{"columnId": 1, "title": "b"}, {"columnId": 2, "title": "c"}]})
    listed = [[one["title"] for one in body(send(server, "GET", f"/boards/{key}/cards"))] for key in (1, 2)]
    assert listed == [["b"], ["a", "c"]]


DOCTOR, CATEGORY = {"$ref": "#/components/schemas/Doctor"}, {"$ref": "#/components/schemas/Category"}
NULLABLE_TIME = {"type": ["string", "null"], "format": "date-time"}


def clinic() -> MockService:
    """A mock with doctors, visits that show the name of their doctor, and a ticket that may be assigned to one."""
    names = described("firstName lastName", firstName=TEXT, lastName=TEXT)
    visit = described(
        id=WHOLE,
        doctorId=WHOLE,
        doctorName={"type": ["string", "null"]},
        startedAt={**TEXT, "format": "date-time"},
        status={"enum": ["planned", "started"]},
    )
    assignee = {"anyOf": [DOCTOR, {"type": "null"}]}
    states = {"enum": ["open", "solved"]}
    ticket = described("id status assignee", id=WHOLE, status=states, assignee=assignee, solvedAt=NULLABLE_TIME)
    change, assigned = described(doctorId=WHOLE), described("assigneeId", assigneeId=WHOLE)
    paths = {
        "/doctors": {"post": operation({"201": DOCTOR}, names)},
        "/doctors/{id}": {"get": operation({"200": DOCTOR})},
        "/visits": {"post": operation({"201": visit}, described("doctorId", doctorId=WHOLE))},
        "/visits/{id}": {"get": operation({"200": visit}), "patch": operation({"200": visit}, change)},
        "/visits/{id}/start": {"post": operation({"200": visit})},
        "/tickets": {"post": operation({"201": ticket}, described(title=TEXT))},
        "/tickets/{id}": {"get": operation({"200": ticket})},
        "/tickets/{id}/assign": {
            "post": operation({"200": ticket}, assigned),
            "delete": operation({"200": ticket}),
        },
        "/tickets/{id}/solve": {"post": operation({"200": ticket})},
        "/tickets/{id}/reopen": {"post": operation({"200": ticket})},
    }
    data = document(paths)
    doctor = described("id firstName lastName fullName", id=WHOLE, firstName=TEXT, lastName=TEXT, fullName=TEXT)
    data["components"]["schemas"]["Doctor"] = doctor
    server = mock(data, is_mock=True)
    for first, last in (("Asha", "Rao"), ("Mo", "Li")):
        send(server, "POST", "/doctors", {"firstName": first, "lastName": last})
    send(server, "POST", "/tickets", {"title": "x"})
    return server


def test_items_repeat_the_name_of_the_item_whose_key_is_sent() -> None:
    server = clinic()
    assert body(send(server, "GET", "/doctors/1"))["fullName"] == "Asha Rao"
    assert body(send(server, "POST", "/visits", {"doctorId": 1}))["doctorName"] == "Asha Rao"
    assert body(send(server, "PATCH", "/visits/1", {"doctorId": 2}))["doctorName"] == "Mo Li"


def test_a_new_item_has_no_time_of_an_action() -> None:
    server = clinic()
    assert "startedAt" not in body(send(server, "POST", "/visits", {"doctorId": 1}))
    assert body(send(server, "POST", "/visits/1/start"))["startedAt"] > "2026"


def test_a_delete_takes_back_what_the_post_of_its_path_gives() -> None:
    server = clinic()
    assert body(send(server, "POST", "/tickets/1/assign", {"assigneeId": 2}))["assignee"]["fullName"] == "Mo Li"
    assert body(send(server, "DELETE", "/tickets/1/assign"))["assignee"] is None


def test_the_date_of_a_state_is_null_once_it_is_left_by_an_action() -> None:
    server = clinic()
    assert body(send(server, "POST", "/tickets/1/solve"))["solvedAt"] > "2026"
    again = body(send(server, "POST", "/tickets/1/reopen"))
    assert (again["status"], again["solvedAt"]) == ("open", None)


def test_a_detail_is_shown_beside_the_number_of_an_item_that_a_slug_names() -> None:
    line = described("label", id={**WHOLE, "readOnly": True}, label=TEXT, price=TEXT)
    shown = {"allOf": [CATEGORY], "readOnly": True}
    lines = {"type": "array", "items": line}
    item = described(
        "id category category_detail total",
        id={**WHOLE, "readOnly": True},
        category=WHOLE,
        category_detail=shown,
        lines=lines,
        total={**TEXT, "readOnly": True, "format": "decimal"},
        tickets_sold={**WHOLE, "readOnly": True},
    )
    paths = {
        "/categories/": {"post": operation({"201": CATEGORY}, CATEGORY)},
        "/categories/{slug}/": {"get": operation({"200": CATEGORY})},
        "/products/": {"post": operation({"201": REF}, REF)},
        "/products/{id}/": {"get": operation({"200": REF})},
    }
    data = document(paths, item)
    category = described("id name slug", id={**WHOLE, "readOnly": True}, name=TEXT, slug=TEXT)
    data["components"]["schemas"]["Category"] = category
    server = mock(data, is_mock=True)
    for slug in ("tools", "saws"):
        send(server, "POST", "/categories/", {"name": slug.title(), "slug": slug})
    sent = [{"label": "a", "price": "1.25"}, {"label": "b", "price": "2.50"}]
    made = body(send(server, "POST", "/products/", {"category": 2, "lines": sent}))
    assert (made["category_detail"]["slug"], [one["id"] for one in made["lines"]]) == ("saws", [1, 2])
    assert (made["total"], made["tickets_sold"]) == ("3.75", 0)


def test_a_file_that_is_sent_to_a_path_fills_the_address_of_that_name() -> None:
    item = described("id name avatarUrl", id=WHOLE, name=TEXT, avatarUrl={"type": ["string", "null"], "format": "uri"})
    upload = operation({"200": REF})
    form = described("file", file={**TEXT, "format": "binary"})
    upload["requestBody"] = {"content": {"multipart/form-data": {"schema": form}}}
    paths = {
        "/people": {"post": operation({"201": REF}, described("name", name=TEXT))},
        "/people/{id}": {"get": operation({"200": REF})},
        "/people/{id}/avatar": {"post": upload},
    }
    server = mock(document(paths, item), is_mock=True)
    assert body(send(server, "POST", "/people", {"name": "Asha"}))["avatarUrl"] is None
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="me.png"\r\n\r\npng\r\n--x--\r\n'
    ask(server, "POST", "/people/1/avatar", {"Content-Type": "multipart/form-data; boundary=x"}, part)
    assert body(send(server, "GET", "/people/1"))["avatarUrl"].endswith("/people/1/avatar/me.png")


def test_a_deleted_item_can_be_restored_where_items_say_that_they_are_deleted() -> None:
    item = described("id name", id=WHOLE, name=TEXT, deleted_at=NULLABLE_TIME)
    paths = {
        "/notes": {
            "get": operation({"200": {"type": "array", "items": REF}}),
            "post": operation({"201": REF}, described("name", name=TEXT)),
        },
        "/notes/{id}": {"get": operation({"200": REF}), "delete": operation({"204": None})},
        "/notes/{id}/restore": {"post": operation({"200": REF})},
    }
    server = mock(document(paths, item), is_mock=True)
    send(server, "POST", "/notes", {"name": "a"})
    send(server, "DELETE", "/notes/1")
    assert (send(server, "GET", "/notes/1").status, body(send(server, "GET", "/notes"))) == (404, [])
    assert body(send(server, "POST", "/notes/1/restore")) == {"id": 1, "name": "a", "deleted_at": None}
    assert (send(server, "GET", "/notes/1").status, len(body(send(server, "GET", "/notes")))) == (200, 1)
    assert send(server, "POST", "/notes/2/restore").status == 404


def test_a_json_patch_may_set_any_value_though_a_tool_describes_it_as_an_object() -> None:
    patch = {"type": "array", "items": described("op path", op=TEXT, path=TEXT, value={"type": "object"})}
    change = operation({"200": REF})
    change["requestBody"] = {"content": {"application/json-patch+json": {"schema": patch}}}
    data = document({"/pets": {"post": operation({"201": REF}, REF)}, "/pets/{id}": {**READ, "patch": change}})
    server = tolerant_mock(data, None, Strictness(media_types=False))
    send(server, "POST", "/pets", {"name": "Rex"})
    headers = {"Content-Type": "application/json-patch+json"}
    sent = [{"op": "replace", "path": "/name", "value": "Max"}]
    assert body(ask(server, "PATCH", "/pets/1", headers, json.dumps(sent).encode()))["name"] == "Max"
    assert ask(server, "PATCH", "/pets/1", headers, b'[{"op": "resemble", "path": "/name"}]').status == 400


def test_the_keys_of_groups_that_an_item_lists_are_added_and_taken_away_by_their_paths() -> None:
    item = described("id name", id=WHOLE, name=TEXT, group_ids={"type": "array", "items": WHOLE})
    name = described("name", name=TEXT)
    paths = {
        "/customers": {"post": operation({"201": REF}, name)},
        "/customers/{id}": {"get": operation({"200": REF})},
        "/customers/{id}/groups/{group_id}": {"put": operation({"204": None}), "delete": operation({"204": None})},
    }
    data = document(paths, item)
    data["paths"]["/customers/{id}/groups/{group_id}"]["parameters"][1]["schema"] = WHOLE
    server = mock(data, is_mock=True)
    send(server, "POST", "/customers", {"name": "Asha"})
    for method, key, listed in (("PUT", 7, [7]), ("PUT", 8, [7, 8]), ("PUT", 8, [7, 8]), ("DELETE", 7, [8])):
        send(server, method, f"/customers/1/groups/{key}")
        assert body(send(server, "GET", "/customers/1"))["group_ids"] == listed


def test_the_key_of_another_thing_that_was_not_given_is_left_out_of_a_new_one() -> None:
    pet = described(id=WHOLE, name=TEXT, shelter_id=TEXT, former_shelter_id=TEXT, chip_id=TEXT)
    sent = described("name", name=TEXT, note=TEXT)
    shelter = described("id name", id=TEXT, name=TEXT)
    paths = {
        "/pets": {"post": operation({"201": pet}, sent), "get": operation({"200": {"type": "array", "items": pet}})},
        "/pets/{id}": {"get": operation({"200": pet})},
        "/shelters": {
            "post": operation({"201": shelter}, sent),
            "get": operation({"200": {"type": "array", "items": shelter}}),
        },
        "/shelters/{id}": {"get": operation({"200": shelter})},
    }
    made = body(send(mock(document(paths), is_mock=True), "POST", "/pets", {"name": "a"}))
    assert made.keys() == {"id", "name", "chip_id"}, "there are no chips, so that a text is as good as none"


def test_the_key_of_one_thing_is_the_first_of_the_list_that_shows_such_things() -> None:
    file = {"properties": {"id": TEXT, "name": TEXT}}  # without a type, as tools write it by hand
    job = described("id files", id=TEXT, files={"type": "array", "items": {"$ref": "#/components/schemas/File"}})
    sent = described("file_id", file_id=TEXT)
    paths = {
        "/files": {"post": operation({"201": {"$ref": "#/components/schemas/File"}}, described("name", name=TEXT))},
        "/files/{id}": {"get": operation({"200": {"$ref": "#/components/schemas/File"}})},
        "/jobs": {"post": operation({"201": job}, sent)},
        "/jobs/{id}": {"get": operation({"200": job})},
    }
    data = document(paths)
    data["components"]["schemas"]["File"] = file
    server = mock(data, is_mock=True)
    key = body(send(server, "POST", "/files", {"name": "a.csv"}))["id"]
    assert body(send(server, "POST", "/jobs", {"file_id": key}))["files"] == [{"name": "a.csv", "id": key}]
