"""Apps by their documents, as frameworks write them: what a frontend expects of a clinic, a bank, or a chat."""

import json
from typing import Any

import pytest

from lookalike.contract.grounds import EFFECT, Ground
from lookalike.http import Headers, Request
from lookalike.service import MockService
from tests.support.in_process import NOW
from tests.support.pet_documents import LOGIN, REF, TEXT, body, described, document, mock, operation, send

WHOLE = {"type": "integer"}
NULLABLE = {"type": ["string", "null"]}
PERSON = described("id name", id=WHOLE, name=TEXT)
PEOPLE = {
    "get": operation({"200": {"type": "array", "items": PERSON}}),
    "post": operation({"201": PERSON}, described("name", name=TEXT)),
}
VISITS = {"get": operation({"200": {"type": "array", "items": REF}})}
NEW_VISIT = described("doctor_id patient_id", doctor_id=WHOLE, patient_id=WHOLE)
VISIT = described("id doctor_id patient_id", id=WHOLE, **NEW_VISIT["properties"])


def sent_with(token: str, server: MockService, method: str, path: str, value: Any = None) -> Any:
    """The value of the response to a request with a token."""
    headers = Headers({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    sent = b"" if value is None else json.dumps(value).encode()
    return body(server.handle(Request(method, path, "", headers, sent, NOW)))


@pytest.fixture
def clinic() -> MockService:
    paths = {
        "/doctors": PEOPLE,
        "/patients": PEOPLE,
        "/patients/{patient_id}": {"get": operation({"200": PERSON})},
        "/visits": {"post": operation({"201": REF}, NEW_VISIT)},
        "/visits/{visit_id}": {"get": operation({"200": REF})},
        "/doctors/{doctor_id}/visits": VISITS,
        "/patients/{patient_id}/visits": VISITS,
    }
    data = document(paths, VISIT)
    for path in data["paths"].values():
        path["parameters"] = [{**one, "schema": WHOLE} for one in path["parameters"]]
    server = mock(data, is_mock=True)
    for path in ("/doctors", "/doctors", "/patients", "/patients"):
        send(server, "POST", path, {"name": "a"})
    for doctor, patient in ((1, 1), (1, 2), (2, 2)):
        send(server, "POST", "/visits", {"doctor_id": doctor, "patient_id": patient})
    return server


@pytest.mark.parametrize(("owner", "listed"), [("doctors/1", [1, 2]), ("doctors/2", [3]), ("patients/2", [2, 3])])
def test_items_are_listed_below_each_of_the_things_that_they_name(clinic: MockService, owner: str, listed: Any) -> None:
    assert [one["id"] for one in body(send(clinic, "GET", f"/{owner}/visits"))] == listed


@pytest.mark.parametrize("owner", ["doctors", "patients"])
def test_a_list_below_something_unknown_is_404_though_nothing_reads_that(clinic: MockService, owner: str) -> None:
    assert send(clinic, "GET", f"/{owner}/9/visits").status == 404


def test_a_reason_of_an_action_is_kept_beside_the_reason_that_items_have_already() -> None:
    item = described("id", id=WHOLE, reason=TEXT, cancellation_reason=NULLABLE, status={"enum": ["open", "cancelled"]})
    paths = {
        "/pets": {"post": operation({"201": REF}, described("reason", reason=TEXT))},
        "/pets/{id}": {"get": operation({"200": REF})},
        "/pets/{id}/cancel": {"post": operation({"200": REF}, described("reason", reason=TEXT))},
    }
    server = mock(document(paths, item), is_mock=True)
    send(server, "POST", "/pets", {"reason": "cough"})
    assert body(send(server, "POST", "/pets/1/cancel", {"reason": "ill"})) == {
        "id": 1,
        "reason": "cough",
        "cancellation_reason": "ill",
        "status": "cancelled",
    }


def test_a_nullable_member_without_an_example_begins_as_null_also_where_it_must_be_there() -> None:
    shown = {**NULLABLE, "examples": ["a"]}
    item = described("id rating badge", id=WHOLE, name=TEXT, rating={"type": ["number", "null"]}, badge=shown)
    paths = {
        "/pets": {"post": operation({"201": REF}, described("name", name=TEXT))},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    made = body(send(mock(document(paths, item), is_mock=True), "POST", "/pets", {"name": "a"}))
    assert made == {"id": 1, "name": "a", "rating": None, "badge": "a"}


def test_items_are_of_the_user_who_is_shown_as_the_current_one_also_where_nobody_can_sign_up() -> None:
    user = described("id email", id={**TEXT, "format": "uuid"}, email=TEXT)
    paths = {
        **LOGIN,
        "/users/me": {"get": operation({"200": user})},
        "/pets": {"post": operation({"201": REF}, described("name", name=TEXT))},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    item = described("id owner_id", id=WHOLE, name=TEXT, owner_id={**TEXT, "format": "uuid"})
    server = mock(document(paths, item), is_mock=True)
    token = body(send(server, "POST", "/auth/login", {"email": "asha@example.com", "password": "x"}))["accessToken"]
    me = sent_with(token, server, "GET", "/users/me")
    pet = sent_with(token, server, "POST", "/pets", {"name": "a"})
    assert (pet["owner_id"], me["email"]) == (me["id"], "asha@example.com")


def test_an_envelope_whose_schema_refers_to_itself_is_read_to_an_end() -> None:
    page = {**described("items", items={"type": "array", "items": REF}), "$defs": {}}
    page["properties"]["meta"] = {"$ref": "#/components/schemas/Meta"}
    paths = {
        "/pets": {"get": operation({"200": page}), "post": operation({"201": REF}, described(name=TEXT))},
        "/pets/{id}": {"get": operation({"200": REF})},
    }
    data = document(paths)
    data["components"]["schemas"]["Meta"] = described(total=WHOLE, more={"$ref": "#/components/schemas/Meta"})
    server = mock(data, is_mock=True)
    send(server, "POST", "/pets", {"name": "a"})
    assert body(send(server, "GET", "/pets"))["meta"]["total"] == 1


NEW_ACCOUNT = described("name", name=TEXT)
MOVEMENT = described("id account_id kind", id=WHOLE, account_id=WHOLE, kind=TEXT, amount=TEXT)


@pytest.fixture
def bank() -> MockService:
    account = described(
        "id iban balance frozen status",
        id=WHOLE,
        name=TEXT,
        iban=TEXT,
        balance=TEXT,
        frozen={"type": "boolean"},
        status={**TEXT, "description": "opened, active or closed"},
    )
    paths = {
        "/accounts": {"post": operation({"201": REF}, NEW_ACCOUNT)},
        "/accounts/{id}": {"get": operation({"200": REF})},
        "/accounts/{id}/freeze": {"post": operation({"200": REF})},
        "/accounts/{id}/deposits": {"post": operation({"201": MOVEMENT}, described("amount", amount=TEXT))},
        "/accounts/{id}/movements": {"get": operation({"200": {"type": "array", "items": MOVEMENT}})},
    }
    data = document(paths, account)
    data["components"]["schemas"]["Movement"] = MOVEMENT
    shown = {"$ref": "#/components/schemas/Movement"}
    for path, method, status, schema in (
        ("/accounts/{id}/deposits", "post", "201", shown),
        ("/accounts/{id}/movements", "get", "200", {"type": "array", "items": shown}),
    ):
        data["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"] = schema
    server = mock(data, is_mock=True)
    for name in "ab":
        send(server, "POST", "/accounts", {"name": name})
    return server


def test_a_new_account_is_empty_has_a_number_of_its_own_and_the_first_state_that_the_text_lists(
    bank: MockService,
) -> None:
    first, second = (body(send(bank, "GET", f"/accounts/{number}")) for number in (1, 2))
    assert (first["balance"], first["status"]) == ("0.00", "opened")
    assert first["iban"] != second["iban"]


def test_a_verb_with_an_irregular_participle_sets_the_flag_of_that_name(bank: MockService) -> None:
    assert body(send(bank, "POST", "/accounts/1/freeze"))["frozen"] is True


def test_what_is_made_below_an_item_is_in_the_list_of_such_things_beside_it(bank: MockService) -> None:
    made = body(send(bank, "POST", "/accounts/1/deposits", {"amount": "5.00"}))
    listed = {number: body(send(bank, "GET", f"/accounts/{number}/movements")) for number in (1, 2)}
    assert (made["amount"], listed) == ("5.00", {1: [made], 2: []})
    grounds = [one.grounds for one in bank.model.contract.operations if one.path == "/accounts/{id}/deposits"]
    assert [one[EFFECT] for one in grounds] == [Ground.GUESSED]


def referring(data: Any, **schemas: Any) -> Any:
    """A document with further schemas, and references to these in place of equal ones."""

    def referred(value: Any) -> Any:
        name = next((name for name, schema in schemas.items() if schema == value), None)
        if name is not None:
            return {"$ref": f"#/components/schemas/{name}"}
        if isinstance(value, dict):
            return {key: referred(one) for key, one in value.items()}
        return [referred(one) for one in value] if isinstance(value, list) else value

    data["paths"] = referred(data["paths"])
    for name, schema in (data["components"]["schemas"] | schemas).items():
        data["components"]["schemas"][name] = {keyword: referred(one) for keyword, one in schema.items()}
    return data


USER = described("id name", id=WHOLE, name=TEXT)
MESSAGE = described("id text editedAt", id=WHOLE, text=TEXT, editedAt={**NULLABLE, "format": "date-time"})


@pytest.fixture
def chat() -> MockService:
    room = described(
        "id members memberCount lastMessage",
        id=WHOLE,
        name=TEXT,
        members={"type": "array", "items": USER},
        memberCount={"type": "number"},
        lastMessage={"anyOf": [MESSAGE, {"type": "null"}]},
    )
    new, text = described("name", name=TEXT), described("text", text=TEXT)
    paths = {
        "/users": {"get": operation({"200": {"type": "array", "items": USER}}), "post": operation({"201": USER}, new)},
        "/users/{id}": {"get": operation({"200": USER})},
        "/rooms": {"post": operation({"201": REF}, new)},
        "/rooms/{id}": {"get": operation({"200": REF})},
        "/rooms/{id}/members": {
            "get": operation({"200": {"type": "array", "items": USER}}),
            "post": operation({"201": REF}, described("userId", userId=WHOLE)),
        },
        "/rooms/{id}/members/{userId}": {"delete": operation({"204": None})},
        "/rooms/{id}/messages": {"post": operation({"201": MESSAGE}, text)},
        "/messages/{id}": {"patch": operation({"200": MESSAGE}, text), "get": operation({"200": MESSAGE})},
    }
    data = referring(document(paths, room), User=USER, Message=MESSAGE)
    for path in data["paths"].values():
        path["parameters"] = [{**one, "schema": WHOLE} for one in path["parameters"]]
    server = mock(data, is_mock=True)
    for path, name in (("/users", "Asha"), ("/users", "Moe"), ("/rooms", "general")):
        send(server, "POST", path, {"name": name})
    return server


def test_the_key_of_a_user_adds_one_to_the_members_of_a_room_which_counts_them(chat: MockService) -> None:
    for key in (1, 2):
        room = body(send(chat, "POST", "/rooms/1/members", {"userId": key}))
    assert ([one["name"] for one in room["members"]], room["memberCount"]) == (["Asha", "Moe"], 2)
    assert send(chat, "DELETE", "/rooms/1/members/1").status == 204
    assert [one["name"] for one in body(send(chat, "GET", "/rooms/1/members"))] == ["Moe"]


def test_a_room_shows_the_latest_of_its_messages(chat: MockService) -> None:
    shown = [body(send(chat, "GET", "/rooms/1"))["lastMessage"]]
    for text in ("a", "b"):
        send(chat, "POST", "/rooms/1/messages", {"text": text})
        shown.append(body(send(chat, "GET", "/rooms/1"))["lastMessage"]["text"])
    assert shown == [None, "a", "b"]


def test_the_time_of_an_edit_is_null_until_there_is_one(chat: MockService) -> None:
    assert body(send(chat, "POST", "/rooms/1/messages", {"text": "a"}))["editedAt"] is None
    assert body(send(chat, "PATCH", "/messages/1", {"text": "b"}, at=0))["editedAt"] == "1970-01-01T00:00:00Z"


LOAN = described("id book_id status renewals", id=WHOLE, book_id=WHOLE, renewals=WHOLE)
LOAN["properties"]["status"] = {"enum": ["active", "returned", "overdue"]}


@pytest.fixture
def library() -> MockService:
    book = described("id price_in_cents", id=WHOLE, price_in_cents=WHOLE)
    loans = operation({"200": {"type": "array", "items": LOAN}}, query={"status": TEXT, "search": TEXT})
    paths = {
        "/books/": {
            "get": operation({"200": {"type": "array", "items": REF}}, query={"sort": TEXT}),
            "post": operation({"201": REF}, described("price_in_cents", price_in_cents=WHOLE)),
        },
        "/books/{id}/": {"get": operation({"200": REF})},
        "/loans/": {"get": loans, "post": operation({"201": LOAN, "404": None}, described("book_id", book_id=WHOLE))},
        "/loans/{id}/": {"get": operation({"200": LOAN}), "patch": operation({"200": LOAN}, described(status=TEXT))},
        "/loans/overdue/": {"get": loans},
    }
    server = mock(referring(document(paths, book), Loan=LOAN), is_mock=True)
    for price in (200, 300, 100):
        send(server, "POST", "/books/", {"price_in_cents": price})
    return server


def test_what_names_something_unknown_is_404_where_the_creation_has_a_404(library: MockService) -> None:
    assert [send(library, "POST", "/loans/", {"book_id": key}).status for key in (1, 9)] == [201, 404]


def test_a_list_of_some_of_the_items_may_have_the_filters_of_all_and_a_slash_at_the_end(library: MockService) -> None:
    loans = [body(send(library, "POST", "/loans/", {"book_id": key})) for key in (1, 2)]
    assert [(one["status"], one["renewals"]) for one in loans] == [("active", 0)] * 2
    send(library, "PATCH", "/loans/2/", {"status": "overdue"})
    assert [one["id"] for one in body(send(library, "GET", "/loans/overdue/?status=active"))] == [2]


@pytest.mark.parametrize(
    ("word", "order"), [("price_asc", [3, 1, 2]), ("newest", [3, 2, 1]), ("oldest", [1, 2, 3]), ("-price", [2, 1, 3])]
)
def test_lists_are_sorted_by_the_beginning_of_a_name_or_by_age(
    library: MockService, word: str, order: list[int]
) -> None:
    assert [one["id"] for one in body(send(library, "GET", f"/books/?sort={word}"))] == order


TOPIC = described("id name", id=WHOLE, name=TEXT, articleCount=WHOLE)
PERSON_SHOWN = described("id username", id=WHOLE, username=TEXT)


@pytest.fixture
def tracker() -> MockService:
    """Articles of projects that have a slug and a number, with a topic, labels and an assignee, as Spring has them."""
    article = described(
        "",
        id=WHOLE,
        projectId=WHOLE,
        title=TEXT,
        slug=TEXT,
        version=WHOLE,
        topic=TOPIC,
        assignee=PERSON_SHOWN,
        labels={"type": "array", "items": TOPIC},
        status={"enum": ["draft", "published"]},
        publishedAt={"oneOf": [{**TEXT, "format": "date-time"}, {"type": "null"}]},
        updatedAt={**TEXT, "format": "date-time"},
    )
    project = described("id slug", id=WHOLE, slug=TEXT)
    new = described("title", title=TEXT, topicId=WHOLE)
    shown, named = operation({"200": REF}), described("name", name=TEXT)
    paths = {
        "/projects": {"post": operation({"201": project}, described("slug", slug=TEXT))},
        "/projects/{slug}": {"get": operation({"200": project})},
        "/projects/{slug}/articles": {
            "get": operation({"200": {"type": "array", "items": REF}}, query={"sort": TEXT}),
            "post": operation({"201": REF}, new),
        },
        "/articles": {"post": operation({"201": REF}, new)},
        "/articles/{id}": {"get": shown, "patch": operation({"200": REF}, described(title=TEXT))},
        "/articles/by-slug/{slug}": {"get": shown},
        "/articles/{id}/status": {"put": operation({"200": REF}, described("status", status=TEXT))},
        "/articles/{id}/unpublish": {"post": shown},
        "/articles/{id}/assignee": {
            "put": operation({"200": REF}, described("assigneeId", assigneeId=WHOLE)),
            "delete": shown,
        },
        "/articles/{id}/labels/{labelId}": {"put": shown, "delete": shown},
        "/topics": {
            "get": operation({"200": {"type": "array", "items": TOPIC}}),
            "post": operation({"201": TOPIC}, named),
        },
        "/topics/{id}": {"get": operation({"200": TOPIC})},
        "/users": {"post": operation({"201": PERSON_SHOWN}, described("username", username=TEXT))},
        "/users/{id}": {"get": operation({"200": PERSON_SHOWN})},
    }
    data = referring(document(paths, article), Topic=TOPIC, Person=PERSON_SHOWN, Project=project)
    for path, item in data["paths"].items():
        if "{slug}" not in path:
            item["parameters"] = [{**one, "schema": WHOLE} for one in item["parameters"]]
    server = mock(data, is_mock=True)
    for slug in ("zero", "web"):
        send(server, "POST", "/projects", {"slug": slug})
    for name in ("News", "Tips"):
        send(server, "POST", "/topics", {"name": name})
    send(server, "POST", "/users", {"username": "asha"})
    send(server, "POST", "/projects/web/articles", {"title": "How to sail", "topicId": 2})
    return server


def test_an_item_below_a_slug_has_the_number_of_its_parent(tracker: MockService) -> None:
    assert [(one["id"], one["projectId"]) for one in body(send(tracker, "GET", "/projects/web/articles"))] == [(1, 2)]
    assert body(send(tracker, "GET", "/projects/zero/articles")) == []


def test_an_item_is_read_by_another_member_than_its_key(tracker: MockService) -> None:
    assert body(send(tracker, "GET", "/articles/by-slug/how-to-sail"))["id"] == 1
    assert send(tracker, "GET", "/articles/by-slug/none").status == 404


def test_a_state_that_is_put_has_its_date_and_undoing_takes_it_back(tracker: MockService) -> None:
    published = body(send(tracker, "PUT", "/articles/1/status", {"status": "published"}, at=0))
    assert (published["publishedAt"], published["updatedAt"]) == ("1970-01-01T00:00:00Z",) * 2
    back = body(send(tracker, "POST", "/articles/1/unpublish"))
    assert (back["status"], back["publishedAt"]) == ("draft", None)
    assert back["updatedAt"] != published["updatedAt"]


def test_a_member_that_shows_a_thing_is_set_by_its_key_and_unset_by_delete(tracker: MockService) -> None:
    assert body(send(tracker, "PUT", "/articles/1/assignee", {"assigneeId": 1}))["assignee"]["username"] == "asha"
    assert "assignee" not in body(send(tracker, "DELETE", "/articles/1/assignee"))


def test_links_are_added_and_taken_away_by_their_path_alone(tracker: MockService) -> None:
    assert [one["name"] for one in body(send(tracker, "PUT", "/articles/1/labels/2"))["labels"]] == ["Tips"]
    assert body(send(tracker, "DELETE", "/articles/1/labels/2"))["labels"] == []


def test_a_thing_counts_the_items_that_name_it_and_an_item_its_changes(tracker: MockService) -> None:
    assert [one["articleCount"] for one in body(send(tracker, "GET", "/topics"))] == [0, 1]
    before = body(send(tracker, "GET", "/articles/1"))["version"]
    assert body(send(tracker, "PATCH", "/articles/1", {"title": "Other"}))["version"] == before + 1


LINES = {"type": "array", "items": described("", quantity=WHOLE, unitPrice={"type": "number"})}
PLAN = described("", id=WHOLE, name=TEXT)
STUDENT = described("id email", id=WHOLE, email=TEXT)


@pytest.fixture
def school() -> MockService:
    """Courses with enrolments, and subscriptions to plans with invoices, whose paths .NET and Laravel write."""
    enrolment = described(
        "id student enrolledAt", id=WHOLE, student=STUDENT, enrolledAt={**TEXT, "format": "date-time"}
    )
    subscription = described("", id=WHOLE, customerId=WHOLE, plan=PLAN, cancelAtPeriodEnd={"type": "boolean"})
    invoice = described("", id=WHOLE, lines=LINES, total={"type": "number"})
    course = described("id students_count", id=WHOLE, title=TEXT, students_count=WHOLE)
    named = described("name", name=TEXT)
    paths = {
        **LOGIN,
        "/users/me": {"get": operation({"200": STUDENT})},
        "/courses": {"post": operation({"201": course}, described("title", title=TEXT))},
        "/courses/{id}": {"get": operation({"200": course})},
        "/courses/{id}/enrolments": {"post": operation({"201": enrolment})},
        "/enrolments/{id}": {"get": operation({"200": enrolment})},
        "/Plans": {
            "get": operation({"200": {"type": "array", "items": PLAN}}),
            "post": operation({"201": PLAN}, named),
        },
        "/Plans/{id}": {"get": operation({"200": PLAN})},
        "/Customers": {"post": operation({"201": PLAN}, named)},
        "/Customers/{id}": {"get": operation({"200": PLAN})},
        "/Customers/{customerId}/subscriptions": {"get": operation({"200": {"type": "array", "items": REF}})},
        "/Subscriptions": {"post": operation({"201": REF}, described(customerId=WHOLE, planId=WHOLE))},
        "/Subscriptions/{id}": {"get": operation({"200": REF})},
        "/Subscriptions/{id}/change-plan": {"post": operation({"200": REF}, described("planId", planId=WHOLE))},
        "/Invoices": {"post": operation({"201": invoice}, described("lines", lines=LINES))},
        "/Invoices/{id}": {"get": operation({"200": invoice})},
    }
    data = referring(document(paths, subscription), Student=STUDENT, Course=course, Enrolment=enrolment, Plan=PLAN)
    for item in data["paths"].values():
        item["parameters"] = [{**one, "schema": WHOLE} for one in item.get("parameters", ())]
    server = mock(data, is_mock=True)
    for path, name in (("/Plans", "pro"), ("/Plans", "team"), ("/Customers", "Asha"), ("/Customers", "Moe")):
        send(server, "POST", path, {"name": name})
    send(server, "POST", "/Subscriptions", {"customerId": 2, "planId": 1})
    return server


def test_what_must_show_a_user_shows_who_asks_and_the_parent_counts_it(school: MockService) -> None:
    credentials = {"email": "asha@example.com", "password": "x"}
    token = body(send(school, "POST", "/auth/login", credentials))["accessToken"]
    send(school, "POST", "/courses", {"title": "a"})
    made = sent_with(token, school, "POST", "/courses/1/enrolments")
    assert made["student"]["email"] == "asha@example.com"
    assert made["enrolledAt"] == body(send(school, "GET", "/enrolments/1"))["enrolledAt"] != "2024-01-01T00:00:00Z"
    assert body(send(school, "GET", "/courses/1"))["students_count"] == 1


def test_a_list_is_found_though_its_path_has_other_names_of_parameters_and_another_case(school: MockService) -> None:
    listed = {key: body(send(school, "GET", f"/Customers/{key}/subscriptions")) for key in (1, 2)}
    assert [[one["id"] for one in listed[key]] for key in (1, 2)] == [[], [1]]
    assert send(school, "GET", "/Customers/9/subscriptions").status == 404


def test_an_action_takes_the_key_of_what_the_item_shows_and_a_flag_of_the_future_is_off(school: MockService) -> None:
    changed = body(send(school, "POST", "/Subscriptions/1/change-plan", {"planId": 2}))
    assert (changed["plan"]["name"], changed["cancelAtPeriodEnd"]) == ("team", False)


def test_a_total_is_the_sum_of_its_lines(school: MockService) -> None:
    lines = [{"quantity": 2, "unitPrice": 1.25}, {"quantity": 1, "unitPrice": 4}]
    assert body(send(school, "POST", "/Invoices", {"lines": lines}))["total"] == 6.5
