"""The members of the catalogue: each line is a server, correct in its own way or wrong in one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.catalogue.server import Server, Ways
from tests.support.servers.serving import NOTHING, Answer, Asked

Item = dict[str, Any]
Spoil = Callable[[Server, Asked, Answer], Answer]


@dataclass(frozen=True, slots=True)
class Member:
    """A server of some shape; a defect breaks one of its `clauses`, and a correct server has none."""

    name: str
    shape: str
    ways: Ways
    clauses: tuple[str, ...] = ()

    def server(self) -> Server:
        """The server, without any items."""
        return Server(self.shape, self.ways)


def correct(shape: str, name: str, **ways: Any) -> Member:
    """A correct server."""
    return Member(f"{shape}: {name}", shape, Ways(**ways))


def wrong(shape: str, name: str, clauses: str, **ways: Any) -> Member:
    """A server with one defect; a verdict may name any of the clauses, which are separated by spaces."""
    return Member(f"{shape}: {name}", shape, Ways(**ways), tuple(clauses.split()))


def lax(shape: str, pointer: str, clauses: str) -> Member:
    """A server that does not look at one keyword of its document."""
    return wrong(shape, f"takes what breaks {pointer}", clauses, lax=(pointer,))


# Ways to spoil


def on(id: str, change: Callable[[Answer], Answer]) -> Spoil:
    """Another answer to the operations whose ids are given, where they succeed."""

    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        is_meant = server.operation_id(asked) in id.split() and answer.status < 300
        return change(answer) if is_meant else answer

    return spoil


def refusing(id: str, change: Callable[[Answer], Answer]) -> Spoil:
    """Another answer to an operation where it is refused."""

    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        is_meant = server.operation_id(asked) in id.split() and answer.status >= 400
        return change(answer) if is_meant else answer

    return spoil


def with_status(status: int) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(status=status)


def with_body(body: Any) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(body=body)


def with_header(name: str, value: str) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(headers={**answer.headers, name: value})


def without_header(name: str) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(headers={one: value for one, value in answer.headers.items() if one != name})


def with_member(name: str, value: Any) -> Callable[[Answer], Answer]:
    return lambda answer: answer._replace(body={**answer.body, name: value})


def with_item(change: Callable[[Item], Item]) -> Callable[[Answer], Answer]:
    """The first item of a list in another way."""

    def changed(answer: Answer) -> Answer:
        return answer._replace(body=[change(one) for one in answer.body])

    return changed


def as_latin_1(answer: Answer) -> Answer:
    body = json.dumps(answer.body, ensure_ascii=False).encode("latin-1", "replace")
    return answer._replace(body=body, headers={**answer.headers, "Content-Type": "application/json; charset=utf-8"})


# Ways to keep


def keeping(**changes: Callable[[Any], Any]) -> Callable[[Item, Item], Item]:
    """Members that are kept in another way."""
    return lambda new, before: {name: changes[name](value) if name in changes else value for name, value in new.items()}


def ignoring(*names: str) -> Callable[[Item, Item], Item]:
    """Members that a change leaves as they were."""

    def kept(new: Item, before: Item) -> Item:
        old = {name: before[name] for name in names if name in before}
        return {**new, **old}

    return kept


def losing(*names: str) -> Callable[[Item, Item], Item]:
    """Members that are never kept."""
    return lambda new, before: {name: value for name, value in new.items() if name not in names}


def as_ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def as_double(number: int) -> int:
    return int(float(number))


def cross_talk(new: Item, before: Item) -> Item:
    return {**new, "code": "AAA-00"} if "code" in new and before else new


def without_empty(new: Item, before: Item) -> Item:
    """Empty values are taken for ones that were not sent."""
    return {
        **{name: value for name, value in before.items() if new.get(name, 1) in ("", 0, False, None)},
        **{n: v for n, v in new.items() if v not in ("", 0, False, None)},
    }


# What servers do instead


def right_but(*more: Callable[[Server, Asked, Answer], Answer]) -> Callable[[Server, Asked], Answer]:
    def does(server: Server, asked: Asked) -> Answer:
        answer = server.right(asked)
        for change in more:
            answer = change(server, asked, answer)
        return answer

    return does


def deletes_nothing(server: Server, asked: Asked) -> Answer:
    return Answer(204) if asked.path in server.items else server.problem(404)


def deletes_all(server: Server, asked: Asked) -> Answer:
    if asked.path not in server.items:
        return server.problem(404)
    for place in [one for one in server.items if one[:-1] == asked.path[:-1]]:
        del server.items[place]
    return Answer(204)


def leaves_children(server: Server, asked: Asked) -> Answer:
    if asked.path not in server.items:
        return server.problem(404)
    del server.items[asked.path]
    return Answer(204)


def same_id(server: Server, asked: Asked) -> Answer:
    answer = server.right(asked)
    if answer.status != 201:
        return answer
    number = str(answer.body["id"])
    item = server.items.pop((*asked.path, number))
    server.items[*asked.path, "1"] = {**item, "id": 1}
    return answer._replace(body={**answer.body, "id": 1})


def stores_nothing(server: Server, asked: Asked) -> Answer:
    answer = server.right(asked)
    if answer.status == 201:
        server.items.pop((*asked.path, str(answer.body["id"])), None)
    return answer


def not_listed(server: Server, asked: Asked, answer: Answer) -> Answer:
    return answer._replace(body=answer.body[:-1]) if isinstance(answer.body, list) else answer


def unfiltered(name: str) -> Callable[[Server, Asked], Answer]:
    def does(server: Server, asked: Asked) -> Answer:
        return server.right(asked._replace(query={one: value for one, value in asked.query.items() if one != name}))

    return does


def inverted_filter(server: Server, asked: Asked) -> Answer:
    if "kind" not in asked.query:
        return server.right(asked)
    every = server.right(asked._replace(query={})).body
    return Answer(200, [one for one in every if one.get("kind") != asked.query["kind"]])


def one_too_many(server: Server, asked: Asked) -> Answer:
    query = {**asked.query, **({"limit": str(int(asked.query["limit"]) + 1)} if "limit" in asked.query else {})}
    return server.right(asked._replace(query=query))


def total_of_page(server: Server, asked: Asked, answer: Answer) -> Answer:
    return answer._replace(body={**answer.body, "total": len(answer.body["data"])}) if answer.status == 200 else answer


def merging(server: Server, asked: Asked) -> Answer:
    before = server.items.get(asked.path, {})
    answer = server.right(asked)
    if answer.status == 200:
        server.items[asked.path] = {**before, **server.items[asked.path]}
        return answer._replace(body=server.ways.shown(server.items[asked.path]))
    return answer


def replacing(server: Server, asked: Asked) -> Answer:
    before = server.items.get(asked.path, {})
    answer = server.right(asked)
    if answer.status == 200:
        kept = {"id", "made", *asked.body, "title", "kind"}
        server.items[asked.path] = {name: value for name, value in {**before, **asked.body}.items() if name in kept}
        return answer._replace(body=server.items[asked.path])
    return answer


def changing_all(server: Server, asked: Asked) -> Answer:
    """The members that were sent go to every item."""
    answer = server.right(asked)
    if answer.status == 200:
        for place, item in server.items.items():
            if place[:-1] == asked.path[:-1]:
                server.items[place] = {**item, "title": server.items[asked.path]["title"]}
    return answer


def any_parent(server: Server, asked: Asked) -> Answer:
    """The tasks of all projects."""
    found = [item for place, item in server.items.items() if place[0] == "projects" and len(place) == 4]
    return Answer(200, found) if asked.path[:2] in server.items else Answer(404)


def under_any_parent(server: Server, asked: Asked) -> Answer:
    item = next((one for place, one in server.items.items() if len(place) == 4 and place[3] == asked.path[3]), None)
    return Answer(200, item) if item is not None else server.problem(404)


def any_body(server: Server, asked: Asked) -> Answer:
    """The stored answer for a key, whatever the body is."""
    key = asked.headers.get("idempotency-key", "")
    return server.answered[key][1] if key in server.answered else server.right(asked)


def no_parent_checked(server: Server, asked: Asked) -> Answer:
    if asked.path[:2] not in server.items:
        number = next(server.numbers)
        server.store((*asked.path, str(number)), {**asked.body, "id": number})
        return Answer(201, {**asked.body, "id": number})
    return server.right(asked)


def members_of_all(server: Server, asked: Asked) -> Answer:
    return (
        Answer(200, [item for place, item in server.items.items() if place[0] == "users"])
        if asked.path[:2] in server.items
        else server.problem(404)
    )


def answered_204(server: Server, asked: Asked) -> Answer:
    return Answer(204)


def crashing(status: int = 500) -> Callable[[Server, Asked], Answer]:
    return lambda server, asked: Answer(status)


N = "/components/schemas/Note/properties"
LAX_NOTES: Mapping[str, str] = {
    "title/maxLength": "title",
    "title/minLength": "title",
    "title/type": "",
    "kind/enum": "",
    "code/pattern": "",
    "price/minimum": "",
    "price/maximum": "",
    "price/multipleOf": "",
    "stars/exclusiveMinimum": "",
    "stars/exclusiveMaximum": "",
    "count/type": "",
    "due/format": "",
    "day/format": "",
    "email/format": "",
    "ref/format": "",
    "tags/minItems": "",
    "tags/maxItems": "",
    "tags/uniqueItems": "",
    "tags/items/maxLength": "",
    "tags/items/type": "",
    "done/type": "",
    "schema/const": "",
    "nick/maxLength": "",
    "place/additionalProperties": "",
    "place/required": "",
    "place/properties/zip/pattern": "",
}
INVALID_NOTE = "createNote.refused-when-invalid replaceNote.refused-when-invalid changeNote.refused-when-invalid"

CHANGED_NOTE = "replaceNote.changed-after-change changeNote.changed-after-change"
READ_NOTE = f"createNote.readable-after-create {CHANGED_NOTE}"

DEFECTS: tuple[Member, ...] = (
    # Input that breaks the schema and is taken
    *(lax("notes", f"{N}/{pointer}", INVALID_NOTE) for pointer in LAX_NOTES),
    lax("notes", "/components/schemas/Note/required", INVALID_NOTE),
    lax("notes", "/components/schemas/Note/additionalProperties", INVALID_NOTE),
    lax("notes", "/components/schemas/NotePatch/minProperties", "changeNote.refused-when-invalid"),
    lax("notes", "/components/schemas/NotePatch/additionalProperties", "changeNote.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/0/schema/enum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/1/schema/maximum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/1/schema/minimum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/2/schema/minimum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/3/schema/format", "listNotes.refused-when-invalid"),
    lax(
        "contacts",
        "/components/schemas/Contact/properties/name/maxLength",
        "createContact.refused-when-invalid replaceContact.refused-when-invalid",
    ),
    lax(
        "contacts",
        "/components/schemas/Contact/properties/age/maximum",
        "createContact.refused-when-invalid replaceContact.refused-when-invalid",
    ),
    lax(
        "contacts",
        "/components/schemas/Contact/properties/phone/pattern",
        "createContact.refused-when-invalid replaceContact.refused-when-invalid",
    ),
    lax("pages", "/components/schemas/Page/properties/words/minimum", "putPage.refused-when-invalid"),
    lax(
        "pages",
        "/paths/~1pages~1{slug}/parameters/0/schema/pattern",
        "putPage.refused-when-invalid getPage.refused-when-invalid",
    ),
    lax("settings", "/components/schemas/Settings/properties/motto/maxLength", "putSettings.refused-when-invalid"),
    lax("settings", "/components/schemas/Settings/properties/size/maximum", "putSettings.refused-when-invalid"),
    lax(
        "sums",
        "/paths/~1calculateSum/post/requestBody/content/application~1json/schema/properties/terms/maxItems",
        "calculateSum.refused-when-invalid",
    ),
    lax(
        "sums",
        "/paths/~1calculateSum/post/requestBody/content/application~1json/schema/properties/terms/minItems",
        "calculateSum.refused-when-invalid",
    ),
    lax(
        "sums",
        "/paths/~1calculateSum/post/requestBody/content/application~1json/schema/additionalProperties",
        "calculateSum.refused-when-invalid",
    ),
    lax("sums", "/paths/~1translate/post/parameters/0/schema/pattern", "translate.refused-when-invalid"),
    lax(
        "samples",
        "/components/schemas/Sample/properties/value/maximum",
        "createSample.refused-when-invalid replaceSample.refused-when-invalid createSamples.refused-when-invalid",
    ),
    lax(
        "samples",
        "/paths/~1samples~1batch/post/requestBody/content/application~1json/schema/maxItems",
        "createSamples.refused-when-invalid",
    ),
    lax(
        "samples",
        "/paths/~1samples~1batch/post/requestBody/content/application~1json/schema/minItems",
        "createSamples.refused-when-invalid",
    ),
    wrong("notes", "takes members that only the server sets", INVALID_NOTE, read_only="taken"),
    # Answers
    wrong(
        "notes",
        "a date-time without a zone",
        "createNote.answers-as-documented getNote.answers-as-documented",
        shown=lambda item: {**item, "made": "2030-01-01T00:00:00"},
    ),
    wrong(
        "notes",
        "an id that is a text",
        "createNote.answers-as-documented getNote.answers-as-documented",
        shown=lambda item: {**item, "id": str(item["id"])},
    ),
    wrong(
        "notes",
        "a member that the schema forbids",
        "createNote.answers-as-documented getNote.answers-as-documented",
        shown=lambda item: {**item, "owner": 1},
    ),
    wrong(
        "notes",
        "lists show another shape",
        "listNotes.answers-as-documented",
        spoil=on("listNotes", with_item(lambda item: {**item, "kind": 3})),
    ),
    wrong(
        "notes",
        "lists of items without a required member",
        "listNotes.answers-as-documented",
        spoil=on("listNotes", with_item(lambda item: {name: one for name, one in item.items() if name != "title"})),
    ),
    wrong(
        "notes",
        "an error without the documented body",
        "getNote.answers-as-documented",
        spoil=refusing("getNote", with_body(NOTHING)),
    ),
    wrong(
        "notes",
        "an error whose body has another shape",
        "createNote.answers-as-documented",
        spoil=refusing("createNote", with_body({"error": "no"})),
    ),
    wrong(
        "notes",
        "an error as HTML",
        "getNote.answers-as-documented",
        spoil=refusing(
            "getNote", lambda answer: answer._replace(body=b"<p>no</p>", headers={"Content-Type": "text/html"})
        ),
    ),
    wrong(
        "notes",
        "JSON that is called HTML",
        "getNote.answers-as-documented",
        spoil=on("getNote", with_header("Content-Type", "text/html")),
    ),
    wrong(
        "notes",
        "another charset than is told",
        "getNote.answers-as-documented createNote.readable-after-create",
        spoil=on("getNote", as_latin_1),
    ),
    wrong(
        "notes",
        "a 204 with a body",
        "deleteNote.answers-as-documented",
        spoil=on("deleteNote", with_body({"done": True})),
    ),
    wrong(
        "notes",
        "a body that is cut off",
        "listNotes.answers-as-documented",
        spoil=on("listNotes", lambda answer: answer._replace(body=json.dumps(answer.body).encode()[:-1] + b",")),
    ),
    wrong("notes", "200 in place of the documented 201", "createNote.answers-as-documented", created=200),
    wrong(
        "notes", "a 500 for what does not exist", "getNote.answers-as-documented getNote.unknown-is-404", unknown=500
    ),
    wrong(
        "articles",
        "no ETag, which is required",
        "getArticle.answers-as-documented",
        spoil=on("getArticle", without_header("ETag")),
    ),
    wrong(
        "articles",
        "an ETag that is no entity tag",
        "getArticle.answers-as-documented",
        spoil=on("getArticle", with_header("ETag", "v1")),
    ),
    wrong(
        "orders",
        "a page without its total",
        "listOrders.answers-as-documented",
        spoil=on("listOrders", lambda answer: answer._replace(body={"data": answer.body["data"]})),
    ),
    wrong(
        "orders",
        "a list in place of a page",
        "listOrders.answers-as-documented",
        spoil=on("listOrders", lambda answer: answer._replace(body=answer.body["data"])),
    ),
    wrong(
        "sums",
        "a total that is a text",
        "calculateSum.answers-as-documented",
        spoil=on("calculateSum", with_member("total", "1")),
    ),
    wrong("samples", "an undocumented 500", "putFirmware.answers-as-documented", does={"putFirmware": crashing()}),
    wrong("sums", "an operation that is not there", "translate.is-implemented", does={"translate": crashing(501)}),
    # The members of items
    *(
        wrong("notes", f"a change leaves {name} as it was", CHANGED_NOTE, kept=ignoring(name))
        for name in ("title", "price", "due", "tags", "done", "nick", "place", "count", "kind", "ref")
    ),
    *(wrong("notes", f"{name} is lost", READ_NOTE, kept=losing(name)) for name in ("code", "stars", "day", "email")),
    wrong("notes", "characters beyond ASCII are lost", READ_NOTE, kept=keeping(title=as_ascii)),
    wrong("notes", "titles are cut at twenty characters", READ_NOTE, kept=keeping(title=lambda text: text[:20])),
    wrong("notes", "fractions are lost", READ_NOTE, kept=keeping(price=int)),
    wrong("notes", "integers beyond 2^53 are rounded", READ_NOTE, kept=keeping(count=as_double)),
    wrong("notes", "integers are kept in 32 bits", READ_NOTE, kept=keeping(count=lambda number: number & 0x7FFFFFFF)),
    wrong("notes", "an empty value changes nothing", CHANGED_NOTE, kept=without_empty),
    wrong("notes", "a change of anything sets code", CHANGED_NOTE, kept=cross_talk),
    wrong("notes", "all items get one id", "createNote.readable-after-create", does={"createNote": same_id}),
    wrong(
        "notes",
        "what is created is not stored",
        "createNote.readable-after-create createNote.listed-after-create",
        does={"createNote": stores_nothing},
    ),
    wrong("notes", "a change changes every item", CHANGED_NOTE, does={"changeNote": changing_all}),
    wrong(
        "notes", "PATCH drops what was not sent", "changeNote.rest-kept-after-change", does={"changeNote": replacing}
    ),
    wrong("notes", "DELETE deletes nothing", "deleteNote.absent-after-delete", does={"deleteNote": deletes_nothing}),
    wrong("notes", "DELETE deletes all", "deleteNote.absent-after-delete", does={"deleteNote": deletes_all}),
    wrong("pages", "PUT ignores words", "putPage.changed-after-change", kept=ignoring("words")),
    wrong(
        "pages", "what is put is not listed", "putPage.listed-after-create", does={"listPages": right_but(not_listed)}
    ),
    wrong("stock", "PUT ignores the shelf", "putLevel.changed-after-change", kept=ignoring("shelf")),
    wrong("stock", "DELETE deletes nothing", "deleteLevel.absent-after-delete", does={"deleteLevel": deletes_nothing}),
    wrong(
        "contacts",
        "vip is always true",
        "createContact.readable-after-create replaceContact.changed-after-change",
        kept=keeping(vip=bool, age=lambda age: age + 1),
    ),
    wrong("settings", "the motto is not kept", "putSettings.changed-after-change", kept=losing("motto")),
    wrong(
        "tasks",
        "lists have the tasks of all projects",
        "createTask.listed-after-create listTasks.answers-as-documented",
        does={"listTasks": any_parent},
    ),
    wrong("tasks", "tasks are read below any project", "getTask.unknown-is-404", does={"getTask": under_any_parent}),
    wrong(
        "tasks",
        "tasks outlive their project",
        "deleteProject.absent-after-delete",
        does={"deleteProject": leaves_children},
    ),
    wrong(
        "tasks",
        "tasks of a project that is not there are made",
        "createTask.unknown-is-404",
        does={"createTask": no_parent_checked},
    ),
    wrong(
        "orders",
        "orders forget the customer",
        "createOrder.readable-after-create replaceOrder.changed-after-change",
        kept=keeping(customerId=lambda id: id + 1),
    ),
    # Lists
    wrong(
        "notes",
        "the last item is not listed",
        "createNote.listed-after-create",
        does={"listNotes": right_but(not_listed)},
    ),
    wrong("notes", "a filter is ignored", "listNotes.filtered-as-asked", does={"listNotes": unfiltered("kind")}),
    wrong("notes", "a filter finds the others", "listNotes.filtered-as-asked", does={"listNotes": inverted_filter}),
    wrong("orders", "limit is ignored", "listOrders.paged-as-asked", does={"listOrders": unfiltered("limit")}),
    wrong("orders", "limit is off by one", "listOrders.paged-as-asked", does={"listOrders": one_too_many}),
    wrong(
        "orders",
        "the total is that of the page",
        "listOrders.paged-as-asked",
        does={"listOrders": right_but(total_of_page)},
    ),
    wrong("orders", "a filter is ignored", "listOrders.filtered-as-asked", does={"listOrders": unfiltered("status")}),
    # Credentials
    wrong(
        "vault",
        "no token is asked for",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: True},
    ),
    wrong(
        "vault",
        "any token is taken",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: "bearer" in asked.headers.get("authorization", "").lower()},
    ),
    wrong(
        "vault",
        "a token that begins alike is taken",
        "createSecret.refused-without-credentials",
        lets_in={
            "token": lambda asked: (
                len(asked.headers.get("authorization", "")) > 8
                and "Bearer tok-write".startswith(asked.headers["authorization"])
            )
        },
    ),
    wrong(
        "vault",
        "an expired token is taken",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: asked.headers.get("authorization") == "Bearer tok-old"},
    ),
    wrong(
        "vault",
        "a revoked token is taken",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: asked.headers.get("authorization") == "Bearer tok-revoked"},
    ),
    wrong(
        "vault",
        "scopes are not looked at",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: asked.headers.get("authorization") == "Bearer tok-read"},
    ),
    wrong(
        "vault",
        "a revoked key is taken",
        "getAudit.refused-without-credentials",
        lets_in={"key": lambda asked: asked.headers.get("x-api-key") == "key-revoked"},
    ),
    wrong(
        "vault",
        "the key of a pair is not asked for",
        "getAudit.refused-without-credentials",
        lets_in={"key": lambda asked: True},
    ),
    wrong(
        "vault",
        "the user of a pair is not asked for",
        "getAudit.refused-without-credentials",
        lets_in={"user": lambda asked: True},
    ),
    wrong(
        "vault",
        "any password is taken",
        "getAudit.refused-without-credentials",
        lets_in={"user": lambda asked: asked.headers.get("authorization", "").startswith("Basic YW5u")},
    ),
    wrong(
        "vault",
        "a key is taken from a header",
        "getUsage.refused-without-credentials",
        lets_in={"query": lambda asked: asked.headers.get("api_key") == "query-67890"},
    ),
    # Links between resources
    wrong("groups", "members are not added", "addMember.listed-after-add", does={"addMember": answered_204}),
    wrong("groups", "members are not removed", "removeMember.absent-after-remove", does={"removeMember": answered_204}),
    wrong(
        "groups",
        "lists have all users",
        "addMember.listed-after-add removeMember.absent-after-remove",
        does={"listMembers": members_of_all},
    ),
)

CORRECT: tuple[Member, ...] = (
    *(
        correct(shape, "as it is")
        for shape in (
            "notes",
            "orders",
            "tasks",
            "pages",
            "stock",
            "sums",
            "contacts",
            "articles",
            "settings",
            "samples",
            "groups",
            "vault",
            "payments",
        )
    ),
    *(
        correct(shape, "refuses with 422", refused=422)
        for shape in ("notes", "orders", "contacts", "settings", "samples", "pages")
    ),
    *(
        correct(shape, "answers 204 to the deletion of what is not there", delete_unknown=204)
        for shape in ("notes", "pages", "stock", "tasks")
    ),
    *(
        correct(shape, "answers 410 for what is not there", unknown=410)
        for shape in ("notes", "tasks", "pages", "articles")
    ),
    *(correct(shape, "refuses members that only the server sets", read_only="refused") for shape in ("contacts",)),
    *(correct(shape, "lists the newest first", newest_first=True) for shape in ("notes", "orders", "tasks", "pages")),
    *(correct(shape, "has pages of three", page=3) for shape in ("notes", "orders")),
    *(
        correct(shape, "counts from a million", first_id=1_000_000)
        for shape in ("notes", "orders", "tasks", "groups", "payments", "contacts")
    ),
    *(correct(shape, "counts beyond 2^53", first_id=2**53 + 1) for shape in ("notes", "groups")),
    correct("notes", "trims titles", kept=keeping(title=str.strip)),
    correct("notes", "keeps emails in lower case", kept=keeping(email=str.lower)),
    correct(
        "notes",
        "shows a member only where it has a value",
        shown=lambda item: {name: value for name, value in item.items() if value is not None},
    ),
    correct("orders", "shows null for members without a value", shown=lambda item: item),
    correct(
        "contacts",
        "shows a link that the document does not tell of",
        shown=lambda item: {**item, "self": f"/contacts/{item['id']}"},
    ),
    correct("tasks", "shows when an item was made", shown=lambda item: {**item, "made": "2030-01-01T00:00:00Z"}),
    correct("articles", "has weak tags", tag=lambda text: f'W/"{text}"'),
    correct(
        "articles",
        "never answers 304",
        does={
            "getArticle": lambda server, asked: server.right(
                asked._replace(headers={**asked.headers, "if-none-match": ""})
            )
        },
    ),
    correct("articles", "shows a tag with a creation too", spoil=on("createArticle", with_header("ETag", '"x"'))),
    correct("pages", "replaces with 200 and creates with 200", spoil=on("putPage", with_status(200))),
    correct(
        "payments",
        "refuses another body for a key with 409",
        spoil=lambda server, asked, answer: answer._replace(status=409) if answer.status == 422 else answer,
    ),
    correct("payments", "replays a stored answer for a key with any body", does={"createPayment": any_body}),
    correct(
        "vault",
        "answers 403 to wrong credentials",
        spoil=lambda server, asked, answer: (
            answer._replace(status=403) if answer.status == 401 and asked.path[0] == "secrets" else answer
        ),
    ),
    correct(
        "groups",
        "answers 204 to a member twice removed",
        does={
            "removeMember": right_but(
                lambda server, asked, answer: (
                    answer._replace(status=204, body=NOTHING) if asked.path[:2] in server.items else answer
                )
            )
        },
    ),
    correct("tasks", "keeps steps in their order", kept=keeping(steps=list)),
    correct(
        "notes",
        "answers with a charset",
        spoil=on("getNote listNotes", with_header("Content-Type", "application/json; charset=utf-8")),
    ),
    correct(
        "notes",
        "has more in its errors",
        spoil=refusing(
            "getNote createNote",
            lambda answer: answer._replace(
                body={**(answer.body if isinstance(answer.body, dict) else {"code": 1, "message": ""}), "trace": "x"}
            ),
        ),
    ),
    correct("notes", "has prices in two decimals", kept=keeping(price=lambda number: round(number, 2))),
    correct(
        "notes",
        "shows times with milliseconds",
        shown=lambda item: {
            **item,
            **({"due": item["due"].replace("Z", ".000Z")} if item.get("due", "").endswith(":00Z") else {}),
        },
    ),
)
