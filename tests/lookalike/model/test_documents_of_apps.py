"""Documents of apps, as Spring, Laravel, FastAPI and .NET write them, serve what the frontends of these apps do."""

from tests.support.pet_documents import TEXT, body, described, document, mock, operation, send

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
