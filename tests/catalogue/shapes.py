"""The documents of the catalogue, one for each shape that an API may have, and where its items are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 60}
NUMBER: Schema = {"type": "integer", "format": "int64", "readOnly": True}
MOMENT: Schema = {"type": "string", "format": "date-time"}
PROBLEM: Schema = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "integer"}, "message": TEXT},
}
JSON, FORM, BINARY = "application/json", "application/x-www-form-urlencoded", "application/octet-stream"
PARTS = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Collection:
    """Where the items of one resource are: the path of their list, the member that is the key, and who chooses it.

    `by` is `server`, or `client` where the path of a PUT names a new item. Lists are in the member `wrapper`, if any.
    The path of an item ends in its key, `keyed` in a way.
    """

    path: str
    key: str
    by: str = "server"
    wrapper: str = ""
    keyed: str = "/{}"

    @property
    def item_path(self) -> str:
        """The path of an item."""
        return self.path + self.keyed.format(f"{{{self.key}}}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A document, where its items are, and what the target file says beside credentials."""

    name: str
    document: Mapping[str, Any]
    collections: tuple[Collection, ...]
    target: str = "credentials: {}\n"
    links: Mapping[str, str] = field(default_factory=dict)
    is_tagged: bool = False
    envelope: str = ""
    """The member in which bodies have an item, of requests and of responses about one."""


def shape(
    name: str,
    schemas: Mapping[str, Schema],
    paths: Mapping[str, Any],
    *collections: Collection,
    target: str = "credentials: {}\n",
    links: Mapping[str, str] | None = None,
    is_tagged: bool = False,
    envelope: str = "",
    **more: Any,
) -> Shape:
    """A shape whose document has some schemas and paths."""
    components = {"schemas": {**schemas, "Problem": PROBLEM}, **more.pop("components", {})}
    document = {
        "openapi": "3.1.0",
        "info": {"title": name.capitalize(), "version": "1"},
        "paths": paths,
        "components": components,
        **more,
    }
    return Shape(name, document, collections, target, links or {}, is_tagged, envelope)


def ref(name: str) -> Schema:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(name: str) -> Schema:
    """A list of what a schema describes."""
    return {"type": "array", "items": ref(name)}


def op(
    id: str,
    success: str,
    shown: Schema | None = None,
    *refusals: int,
    body: Schema | None = None,
    media: str = JSON,
    query: Mapping[str, Schema] | None = None,
    headers: Mapping[str, Schema] | None = None,
    answered: Mapping[str, Schema] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An operation: its id, the status of success and what is shown then, and the documented refusals.

    `query` and `headers` are parameters (a name that ends in `!` is required), `answered` headers of the success.
    """
    parameters = [
        {"name": name.rstrip("!"), "in": place, "required": name.endswith("!"), "schema": schema}
        for place, every in (("query", query or {}), ("header", headers or {}))
        for name, schema in every.items()
    ]
    done: dict[str, Any] = {"description": "done"}
    if shown is not None:
        done["content"] = {JSON: {"schema": shown}}
    if answered:
        done["headers"] = {name: {"required": True, "schema": schema} for name, schema in answered.items()}
    problem = {"description": "refused", "content": {JSON: {"schema": ref("Problem")}}}
    responses = {success: done, **{str(status): problem for status in refusals}}
    sent = {"requestBody": {"required": True, "content": {media: {"schema": body}}}} if body is not None else {}
    return {
        "operationId": id,
        **({"parameters": parameters} if parameters else {}),
        **sent,
        "responses": responses,
    } | more


def at(name: str, schema: Schema | None = None) -> dict[str, Any]:
    """A path parameter."""
    return {"name": name, "in": "path", "required": True, "schema": schema or {"type": "integer", "format": "int64"}}


def crud(
    noun: str, schema: str, refusals: Sequence[int] = (400,), **of_list: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The operations on a collection and on its items."""
    kind = ref(schema)
    here = {
        "get": op(f"list{noun}s", "200", many(schema), *((400,) if of_list else ()), **of_list),
        "post": op(f"create{noun}", "201", kind, *refusals, body=kind),
    }
    item = {
        "get": op(f"get{noun}", "200", kind, 404),
        "put": op(f"replace{noun}", "200", kind, *refusals, 404, body=kind),
        "delete": op(f"delete{noun}", "204", None, 404),
    }
    return here, item


NOTE: Schema = {
    "type": "object",
    "required": ["title", "kind"],
    "additionalProperties": False,
    "properties": {
        "id": NUMBER,
        "title": {"type": "string", "minLength": 2, "maxLength": 40},
        "kind": {"type": "string", "enum": ["memo", "task", "idea"]},
        "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"},
        "price": {"type": "number", "minimum": 0, "maximum": 1000, "multipleOf": 0.5},
        "stars": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 6},
        "count": {"type": "integer", "format": "int64"},
        "due": MOMENT,
        "day": {"type": "string", "format": "date"},
        "email": {"type": "string", "format": "email"},
        "ref": {"type": "string", "format": "uuid"},
        "tags": {
            "type": "array",
            "items": {"type": "string", "maxLength": 10},
            "minItems": 1,
            "maxItems": 3,
            "uniqueItems": True,
        },
        "done": {"type": "boolean"},
        "schema": {"const": "note/1"},
        "nick": {"type": ["string", "null"], "maxLength": 12},
        "place": {
            "type": "object",
            "required": ["city"],
            "additionalProperties": False,
            "properties": {
                "city": {"type": "string", "minLength": 1},
                "zip": {"type": "string", "pattern": "^[0-9]{4}$"},
            },
        },
        "made": {**MOMENT, "readOnly": True},
    },
}
NOTE_PATCH: Schema = {
    **{name: value for name, value in NOTE.items() if name != "required"},
    "minProperties": 1,
    "properties": NOTE["properties"],
}


def _notes() -> Shape:
    here, item = crud(
        "Note",
        "Note",
        query={
            "kind": {"type": "string", "enum": ["memo", "task", "idea"]},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
            "offset": {"type": "integer", "minimum": 0},
        },
        headers={"X-Request-ID": {"type": "string", "format": "uuid"}},
    )
    item["patch"] = op("changeNote", "200", ref("Note"), 400, 404, body=ref("NotePatch"))
    schemas = {"Note": NOTE, "NotePatch": NOTE_PATCH}
    return shape(
        "notes",
        schemas,
        {"/notes": here, "/notes/{id}": {"parameters": [at("id")], **item}},
        Collection("/notes", "id"),
    )


def _books() -> Shape:
    """Books that are made at the top, name their author if they have one, and are listed below the author too."""
    book: Schema = {
        "type": "object",
        "required": ["title"],
        "properties": {
            "id": NUMBER,
            "author_id": {"type": ["integer", "null"]},
            "title": NAME,
            "language": {"type": "string", "minLength": 2, "maxLength": 2, "default": "en"},
            "links": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z]+$"},
                "additionalProperties": {"type": "string", "maxLength": 40},
            },
        },
    }
    author: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    here, item = crud("Book", "Book", refusals=(400, 422), query={"author_id": {"type": "integer"}})
    here["get"]["parameters"][0]["description"] = "Only the books of this author."
    authors, one = crud("Author", "Author")
    one["delete"] = op("deleteAuthor", "200", ref("Author"), 404)
    paths = {
        "/authors": authors,
        "/authors/{author_id}": {"parameters": [at("author_id")], **one},
        "/authors/{author_id}/books": {
            "parameters": [at("author_id")],
            "get": op("listBooksOfAuthor", "200", many("Book"), 404),
        },
        "/books": here,
        "/books/{id}": {"parameters": [at("id")], **item},
    }
    places = (Collection("/authors", "id"), Collection("/books", "id"))
    return shape("books", {"Book": book, "Author": author}, paths, *places, links={"author_id": "/authors"})


def _orders() -> Shape:
    order: Schema = {
        "type": "object",
        "required": ["customerId", "item"],
        "properties": {
            "id": NUMBER,
            "customerId": {"type": "integer", "format": "int64"},
            "item": NAME,
            "status": {"type": "string", "enum": ["open", "paid"]},
            "amount": {"type": "number", "minimum": 0},
        },
    }
    customer: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    page: Schema = {
        "type": "object",
        "required": ["data", "total"],
        "properties": {
            "data": many("Order"),
            "nextCursor": {"type": ["string", "null"]},
            "total": {"type": "integer"},
            "limit": {"type": "integer"},
        },
        "example": {
            "data": [{"id": 1, "customerId": 1, "item": "a"}, {"id": 2, "customerId": 1, "item": "b"}],
            "nextCursor": "after2",
            "total": 5,
            "limit": 2,
        },
    }
    here, item = crud("Order", "Order", refusals=(400, 422))
    here["get"] = op(
        "listOrders",
        "200",
        page,
        400,
        query={
            "status": {"type": "string", "enum": ["open", "paid"]},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
            "cursor": TEXT,
        },
    )
    customers, one = crud("Customer", "Customer")
    paths = {
        "/customers": customers,
        "/customers/{id}": {"parameters": [at("id")], **one},
        "/orders": here,
        "/orders/{id}": {"parameters": [at("id")], **item},
    }
    places = (Collection("/customers", "id"), Collection("/orders", "id", wrapper="data"))
    return shape("orders", {"Order": order, "Customer": customer}, paths, *places, links={"customerId": "/customers"})


def _invoices() -> Shape:
    """Bodies that name other items in several ways: by a key with an underscore, in an object, in a list."""
    client: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    product: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    key: Schema = {"type": "integer", "format": "int64"}
    invoice: Schema = {
        "type": "object",
        "required": ["client_id", "text"],
        "properties": {
            "id": NUMBER,
            "client_id": key,
            "payer": {"type": "object", "required": ["clientId"], "properties": {"clientId": key}},
            "product_ids": {"type": "array", "items": key},
            "product": {"type": "object", "required": ["id"], "properties": {"id": key}},
            "text": NAME,
        },
    }
    paths: dict[str, Any] = {}
    for noun in ("Client", "Product", "Invoice"):
        here, item = crud(noun, noun, refusals=(400, 422))
        path = f"/{noun.lower()}s"
        paths |= {path: here, f"{path}/{{id}}": {"parameters": [at("id")], **item}}
    schemas = {"Client": client, "Product": product, "Invoice": invoice}
    places = (Collection(f"/{noun}s", "id") for noun in ("client", "product", "invoice"))
    links = {"client_id": "/clients", "payer": "/clients", "product_ids": "/products", "product": "/products"}
    return shape("invoices", schemas, paths, *places, links=links)


def _tasks() -> Shape:
    project: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    task: Schema = {
        "type": "object",
        "required": ["title"],
        "properties": {
            "id": NUMBER,
            "projectId": {"type": "integer", "readOnly": True},
            "title": NAME,
            "steps": {"type": "array", "items": TEXT},
            "done": {"type": "boolean"},
        },
    }
    projects, project_item = crud("Project", "Project")
    tasks, task_item = crud("Task", "Task")
    tasks["post"]["responses"]["404"] = tasks["get"]["responses"]["404"] = {"description": "no such project"}
    paths = {
        "/projects": projects,
        "/projects/{id}": {"parameters": [at("id")], **project_item},
        "/projects/{projectId}/tasks": {"parameters": [at("projectId")], **tasks},
        "/projects/{projectId}/tasks/{id}": {"parameters": [at("projectId"), at("id")], **task_item},
    }
    places = (Collection("/projects", "id"), Collection("/projects/{projectId}/tasks", "id"))
    return shape("tasks", {"Project": project, "Task": task}, paths, *places)


def _pages() -> Shape:
    slug = {"type": "string", "pattern": "^[a-z][a-z0-9]{2,19}$"}
    page: Schema = {
        "type": "object",
        "required": ["title"],
        "properties": {"slug": {**slug, "readOnly": True}, "title": NAME, "words": {"type": "integer", "minimum": 0}},
    }
    put = op("putPage", "200", ref("Page"), 400, body=ref("Page"))
    put["responses"]["201"] = put["responses"]["200"]
    paths = {
        "/pages": {"get": op("listPages", "200", many("Page"))},
        "/pages/{slug}": {
            "parameters": [at("slug", slug)],
            "get": op("getPage", "200", ref("Page"), 404),
            "put": put,
            "delete": op("deletePage", "204", None, 404),
        },
    }
    return shape("pages", {"Page": page}, paths, Collection("/pages", "slug", by="client"))


def _stock() -> Shape:
    sku = {"type": "string", "pattern": "^[A-Z]{2}[0-9]{4}$"}
    level: Schema = {
        "type": "object",
        "required": ["amount"],
        "properties": {
            "sku": {**sku, "readOnly": True},
            "shop": {**TEXT, "readOnly": True},
            "amount": {"type": "integer", "minimum": 0},
            "shelf": NAME,
        },
    }
    put = op("putLevel", "200", ref("Level"), 400, body=ref("Level"))
    put["responses"]["201"] = put["responses"]["200"]
    paths = {
        "/shops/{shop}/stock": {"parameters": [at("shop", TEXT)], "get": op("listLevels", "200", many("Level"))},
        "/shops/{shop}/stock/{sku}": {
            "parameters": [at("shop", TEXT), at("sku", sku)],
            "get": op("getLevel", "200", ref("Level"), 404),
            "put": put,
            "delete": op("deleteLevel", "204", None, 404),
        },
    }
    target = "credentials: {}\nparameters: {shop: north}\n"
    return shape("stock", {"Level": level}, paths, Collection("/shops/{shop}/stock", "sku", by="client"), target=target)


def _sums() -> Shape:
    term: Schema = {
        "type": "object",
        "required": ["terms"],
        "additionalProperties": False,
        "properties": {
            "terms": {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 9},
            "unit": {"type": "string", "maxLength": 8},
        },
    }
    total: Schema = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}
    text: Schema = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
    paths = {
        "/calculateSum": {"post": op("calculateSum", "200", total, 400, body=term)},
        "/translate": {
            "post": op(
                "translate", "200", text, 422, body=text, query={"to!": {"type": "string", "pattern": "^[a-z]{2}$"}}
            )
        },
    }
    return shape("sums", {}, paths, target="credentials: {}\ndisposable: true\n")


def _contacts() -> Shape:
    contact: Schema = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "id": NUMBER,
            "name": {"type": "string", "minLength": 1, "maxLength": 30},
            "age": {"type": "integer", "minimum": 0, "maximum": 150},
            "phone": {"type": "string", "pattern": "^\\+[0-9]{6,12}$"},
            "vip": {"type": "boolean"},
        },
    }
    here, item = crud("Contact", "Contact")
    here["post"] = op("createContact", "201", ref("Contact"), 400, body=ref("Contact"), media=FORM)
    item["put"] = op("replaceContact", "200", ref("Contact"), 400, 404, body=ref("Contact"), media=FORM)
    paths = {"/contacts": here, "/contacts/{id}": {"parameters": [at("id")], **item}}
    return shape("contacts", {"Contact": contact}, paths, Collection("/contacts", "id"))


def _articles() -> Shape:
    article: Schema = {
        "type": "object",
        "required": ["title"],
        "properties": {"id": NUMBER, "title": NAME, "text": {"type": "string"}},
    }
    tag: Schema = {"type": "string", "pattern": '^(W/)?".+"$'}
    here, item = crud("Article", "Article")
    item["get"] = op("getArticle", "200", ref("Article"), 404, headers={"If-None-Match": TEXT}, answered={"ETag": tag})
    item["get"]["responses"]["304"] = {"description": "unchanged"}
    item["put"] = op(
        "replaceArticle", "200", ref("Article"), 400, 404, 412, 428, body=ref("Article"), headers={"If-Match": TEXT}
    )
    item["delete"] = op("deleteArticle", "204", None, 404, 412, 428, headers={"If-Match": TEXT})
    paths = {"/articles": here, "/articles/{id}": {"parameters": [at("id")], **item}}
    return shape("articles", {"Article": article}, paths, Collection("/articles", "id"), is_tagged=True)


def _cases() -> Shape:
    """Every item is sent and shown in an envelope; a case is started before it ends."""
    case: Schema = {
        "type": "object",
        "required": ["subject", "start", "end"],
        "properties": {
            "id": NUMBER,
            "subject": {"type": "string", "minLength": 1, "maxLength": 60},
            "note": {"type": ["string", "null"]},
            "priority": {"type": "string", "enum": ["low", "high"]},
            "start": MOMENT,
            "end": MOMENT,
            "channel": {
                "type": "object",
                "properties": {"via": {"type": "string"}, "source": {**NUMBER, "readOnly": True}},
            },
        },
    }
    one = {"type": "object", "required": ["case"], "properties": {"case": ref("Case")}}
    change = {**one, "properties": {"case": {**case, "required": []}}}
    schemas = {"Case": case, "CaseBody": one, "CaseChange": change}
    here, item = crud("Case", "CaseBody", (400, 422))
    here["get"] = op("listCases", "200", many("Case"))
    item["patch"] = op("changeCase", "200", ref("CaseBody"), 400, 422, 404, body=ref("CaseChange"))
    paths = {"/cases": here, "/cases/{id}": {"parameters": [at("id")], **item}}
    return shape("cases", schemas, paths, Collection("/cases", "id"), envelope="case")


def _drafts() -> Shape:
    """Names are chosen by clients; the tag of a change is required, and a creation may ask that there is none yet."""
    name = {"type": "string", "pattern": "^[a-z][a-z0-9]{2,19}$"}
    draft: Schema = {
        "type": "object",
        "required": ["title"],
        "properties": {"name": {**name, "readOnly": True}, "title": NAME, "lines": {"type": "array", "items": TEXT}},
    }
    put = op("putDraft", "200", ref("Draft"), 400, 412, body=ref("Draft"), headers={"If-None-Match": TEXT})
    put["responses"]["201"] = put["responses"]["200"]
    paths = {
        "/drafts": {"get": op("listDrafts", "200", many("Draft"))},
        "/drafts/{name}": {
            "parameters": [at("name", name)],
            "get": op("getDraft", "200", ref("Draft"), 404),
            "put": put,
            "patch": op(
                "changeDraft", "200", ref("Draft"), 400, 404, 412, body=ref("Draft"), headers={"If-Match!": TEXT}
            ),
            "delete": op("deleteDraft", "204", None, 404),
        },
    }
    return shape("drafts", {"Draft": draft}, paths, Collection("/drafts", "name", by="client"), is_tagged=True)


def _settings() -> Shape:
    settings: Schema = {
        "type": "object",
        "required": ["theme", "size"],
        "properties": {
            "theme": {"type": "string", "enum": ["dark", "light"]},
            "size": {"type": "integer", "minimum": 8, "maximum": 32},
            "motto": {"type": "string", "maxLength": 50},
        },
    }
    paths = {
        "/settings": {
            "get": op("getSettings", "200", ref("Settings")),
            "put": op("putSettings", "200", ref("Settings"), 400, body=ref("Settings")),
        }
    }
    return shape("settings", {"Settings": settings}, paths, target="credentials: {}\ndisposable: true\n")


def _samples() -> Shape:
    sample: Schema = {
        "type": "object",
        "required": ["sensor", "value"],
        "properties": {"id": NUMBER, "sensor": NAME, "value": {"type": "number", "minimum": -100, "maximum": 100}},
    }
    here, item = crud("Sample", "Sample")
    batch: Schema = {"type": "array", "items": ref("Sample"), "minItems": 1, "maxItems": 5}
    answer: Schema = {"type": "object", "required": ["accepted"], "properties": {"accepted": {"type": "integer"}}}
    stored: Schema = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer"}}}
    paths = {
        "/samples": here,
        "/samples/{id}": {"parameters": [at("id")], **item},
        "/samples/batch": {"post": op("createSamples", "200", answer, 400, body=batch)},
        "/firmware": {
            "put": op("putFirmware", "200", stored, 400, body={"type": "string", "format": "binary"}, media=BINARY)
        },
    }
    return shape(
        "samples", {"Sample": sample}, paths, Collection("/samples", "id"), target="credentials: {}\ndisposable: true\n"
    )


def _albums() -> Shape:
    """Files: a picture, a text, and a form with a recording."""
    album: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    track: Schema = {
        "type": "object",
        "required": ["id", "title"],
        "properties": {"id": NUMBER, "title": NAME, "size": {"type": "integer", "readOnly": True}},
    }
    sent: Schema = {
        "type": "object",
        "required": ["title", "recording"],
        "properties": {"title": NAME, "recording": {"type": "string", "format": "binary"}},
    }
    albums, one = crud("Album", "Album")
    file: Schema = {"type": "string", "format": "binary"}
    picture: dict[str, Any] = {"description": "the picture", "content": {"image/png": {"schema": file}}}
    story: dict[str, Any] = {"description": "the story", "content": {"text/plain": {"schema": TEXT}}}
    cover = {
        "put": op("putCover", "204", None, 404, 415, body=file, media="image/png"),
        "get": op("getCover", "200", None, 404),
    }
    words = {
        "put": op("putStory", "204", None, 404, body=TEXT, media="text/plain"),
        "get": op("getStory", "200", None, 404),
    }
    cover["get"]["responses"]["200"], words["get"]["responses"]["200"] = picture, story
    paths = {
        "/albums": albums,
        "/albums/{id}": {"parameters": [at("id")], **one},
        "/albums/{id}/cover": {"parameters": [at("id")], **cover},
        "/albums/{id}/story": {"parameters": [at("id")], **words},
        "/albums/{id}/tracks": {
            "parameters": [at("id")],
            "post": op("createTrack", "201", ref("Track"), 400, 404, body=sent, media=PARTS),
            "get": op("listTracks", "200", many("Track"), 404),
        },
        "/albums/{id}/tracks/{trackId}": {
            "parameters": [at("id"), at("trackId")],
            "get": op("getTrack", "200", ref("Track"), 404),
            "delete": op("deleteTrack", "204", None, 404),
        },
    }
    places = (Collection("/albums", "id"),)
    return shape("albums", {"Album": album, "Track": track}, paths, *places)


def _groups() -> Shape:
    group: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    user: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    groups, one = crud("Group", "Group")
    users, user_item = crud("User", "User")
    paths = {
        "/groups": groups,
        "/groups/{id}": {"parameters": [at("id")], **one},
        "/users": users,
        "/users/{id}": {"parameters": [at("id")], **user_item},
        "/groups/{groupId}/members": {
            "parameters": [at("groupId")],
            "get": op("listMembers", "200", many("User"), 404),
        },
        "/groups/{groupId}/members/{userId}": {
            "parameters": [at("groupId"), at("userId")],
            "put": op("addMember", "204", None, 404),
            "delete": op("removeMember", "204", None, 404),
        },
    }
    return shape(
        "groups", {"Group": group, "User": user}, paths, Collection("/groups", "id"), Collection("/users", "id")
    )


def _crews() -> Shape:
    """Memberships whose member is named by the body: one by its key, or several in a list."""
    crew: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    sailor: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    key: Schema = {"type": "integer", "format": "int64"}
    hiring: Schema = {
        "type": "object",
        "required": ["sailorId"],
        "properties": {"sailorId": key, "rank": {"type": "string", "enum": ["mate", "cook"]}},
    }
    crews, one = crud("Crew", "Crew")
    sailors, item = crud("Sailor", "Sailor")
    paths = {
        "/crews": crews,
        "/crews/{id}": {"parameters": [at("id")], **one},
        "/sailors": sailors,
        "/sailors/{id}": {"parameters": [at("id")], **item},
        "/crews/{crewId}/members": {
            "parameters": [at("crewId")],
            "get": op("listCrew", "200", many("Sailor"), 404),
            "post": op("hireSailor", "204", None, 400, 404, body=hiring),
        },
        "/crews/{crewId}/members/{sailorId}": {
            "parameters": [at("crewId"), at("sailorId")],
            "delete": op("dismissSailor", "204", None, 404),
        },
    }
    places = (Collection("/crews", "id"), Collection("/sailors", "id"))
    return shape("crews", {"Crew": crew, "Sailor": sailor}, paths, *places)


def _vault() -> Shape:
    secret: Schema = {"type": "object", "required": ["label"], "properties": {"id": NUMBER, "label": NAME}}
    here, item = crud("Secret", "Secret")
    both: list[dict[str, list[str]]] = [{"key": [], "user": []}]
    for operations, needs in ((here, [{"token": ["write"]}]), (item, [{"token": ["write"]}])):
        for operation in operations.values():
            operation["security"] = needs
            operation["responses"]["401"] = operation["responses"]["403"] = {"description": "refused"}
    here["get"]["security"] = [{"token": []}]
    paths = {
        "/secrets": here,
        "/secrets/{id}": {"parameters": [at("id")], **item},
        "/audit": {"get": op("getAudit", "200", {"type": "array", "items": TEXT}, 401, security=both)},
        "/usage": {"get": op("getUsage", "200", {"type": "array", "items": TEXT}, 401, security=[{"query": []}])},
    }
    schemes = {
        "token": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        "user": {"type": "http", "scheme": "basic"},
        "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    }
    target = (
        "credentials:\n  token: {valid: tok-write, expired: tok-old, revoked: tok-revoked, insufficient: tok-read}\n"
        "  key: {valid: key-12345, revoked: key-revoked}\n  user: {valid: 'ann:opensesame'}\n"
        "  query: {valid: query-67890}\ndisposable: true\n"
    )
    return shape(
        "vault",
        {"Secret": secret},
        paths,
        Collection("/secrets", "id"),
        target=target,
        components={"securitySchemes": schemes},
    )


def _doors() -> Shape:
    """An operation for each scheme that is not in the vault, and one that either of two opens."""

    def guarded(id: str, *needs: dict[str, list[str]]) -> dict[str, Any]:
        return {"get": op(id, "200", {"type": "array", "items": TEXT}, 401, 403, security=[*needs])}

    schemes = {
        "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
        "oauth": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "https://example.com/token", "scopes": {"read": "to read"}}},
        },
        "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com/.well-known/openid-configuration"},
    }
    paths = {
        "/visits": guarded("getVisits", {"session": []}),
        "/reports": guarded("getReports", {"oauth": ["read"]}),
        "/profile": guarded("getProfile", {"oidc": []}),
        "/lobby": guarded("getLobby", {"session": []}, {"oidc": []}),
    }
    target = (
        "credentials:\n  session: {valid: session-11, expired: session-old}\n"
        "  oauth: {valid: oauth-read, insufficient: oauth-none, revoked: oauth-revoked}\n"
        "  oidc: {valid: oidc-1234, expired: oidc-old}\n"
    )
    return shape("doors", {}, paths, target=target, components={"securitySchemes": schemes})


def _gates() -> Shape:
    """A key that may be in a header or in the query, and a user whose account may be locked."""

    def guarded(id: str, *needs: str) -> dict[str, Any]:
        return {"get": op(id, "200", {"type": "array", "items": TEXT}, 401, security=[{name: []} for name in needs])}

    schemes = {
        "keyInHeader": {"type": "apiKey", "in": "header", "name": "api_key"},
        "keyInQuery": {"type": "apiKey", "in": "query", "name": "api_key"},
        "guard": {"type": "http", "scheme": "basic"},
    }
    paths = {"/yard": guarded("getYard", "keyInHeader", "keyInQuery"), "/tower": guarded("getTower", "guard")}
    target = "credentials:\n  keyInHeader: {valid: key-24680}\n  guard: {valid: 'bob:sleepwell'}\n"
    return shape("gates", {}, paths, target=target, components={"securitySchemes": schemes})


def _payments() -> Shape:
    payment: Schema = {
        "type": "object",
        "required": ["amount", "note"],
        "properties": {"id": NUMBER, "amount": {"type": "integer", "minimum": 1}, "note": NAME},
    }
    here, item = crud("Payment", "Payment")
    here["post"] = op(
        "createPayment",
        "201",
        ref("Payment"),
        400,
        409,
        422,
        body=ref("Payment"),
        headers={"Idempotency-Key!": {"type": "string", "minLength": 1}},
    )
    del item["put"]
    paths = {"/payments": here, "/payments/{id}": {"parameters": [at("id")], **item}}
    return shape("payments", {"Payment": payment}, paths, Collection("/payments", "id"))


def _films() -> Shape:
    """A list in an order that is asked for."""
    film: Schema = {
        "type": "object",
        "required": ["title"],
        "properties": {
            "id": NUMBER,
            "title": NAME,
            "year": {"type": "integer", "minimum": 1888, "maximum": 2100},
            "shown": {"type": "string", "format": "date"},
        },
    }
    sort = {"type": "string", "enum": ["title", "-title", "year", "-year", "shown"]}
    here, item = crud("Film", "Film", query={"sort": sort})
    paths = {"/films": here, "/films/{id}": {"parameters": [at("id")], **item}}
    return shape("films", {"Film": film}, paths, Collection("/films", "id"))


def _posts() -> Shape:
    """A list whose order the document states."""
    post: Schema = {
        "type": "object",
        "required": ["text"],
        "properties": {"id": NUMBER, "text": NAME, "made": {**MOMENT, "readOnly": True}},
    }
    here, item = crud("Post", "Post", query={"limit": {"type": "integer", "minimum": 1, "maximum": 50}})
    here["get"]["description"] = "All posts, the newest first."
    paths = {"/posts": here, "/posts/{id}": {"parameters": [at("id")], **item}}
    return shape("posts", {"Post": post}, paths, Collection("/posts", "id"))


def _repairs() -> Shape:
    """Items inside of a member of bodies, and lists whose parameters are described in words."""
    requester: Schema = {"required": ["email"], "properties": {"name": TEXT, "email": {**TEXT, "format": "email"}}}
    contact: Schema = {"type": "object", "required": ["phone"], "properties": {"phone": TEXT, "role": TEXT}}
    members: dict[str, Schema] = {
        "title": {**NAME, "maxLength": 120},
        "floor": {"type": "integer"},
        "is_open": {"type": "boolean"},
        "labels": {"type": "array", "items": TEXT},
        "requester": {"type": "object", **requester},
        "contacts": {"type": "array", "items": contact},
        "fields": {"type": "object", "additionalProperties": TEXT},
    }
    repair: Schema = {
        "type": "object",
        "required": ["id", "title", "created_at"],
        "properties": {"id": NUMBER, "created_at": {**MOMENT, "readOnly": True}, **members},
    }
    body: Schema = {
        "type": "object",
        "required": ["repair"],
        "properties": {"repair": {"type": "object", "required": ["title"], "properties": members}},
    }
    change: Schema = {**body, "properties": {"repair": {"type": "object", "properties": members}}}
    shown: Schema = {"type": "object", "required": ["repair"], "properties": {"repair": ref("Repair")}}
    listed: Schema = {
        "type": "object",
        "required": ["repairs", "count"],
        "properties": {
            "repairs": many("Repair"),
            "count": {"type": "integer", "description": "The total number of repairs."},
        },
    }
    query: dict[str, Schema] = {
        "floor": {"type": "integer", "description": "Only repairs on this floor."},
        "sort_by": {**TEXT, "enum": ["floor", "title"]},
        "sort_order": {**TEXT, "enum": ["asc", "desc"]},
        "page": {"type": "integer", "minimum": 1, "default": 1, "description": "The page number."},
        "per_page": {"type": "integer", "minimum": 1, "maximum": 100, "description": "How many repairs a page has."},
    }
    paths = {
        "/repairs": {
            "get": op("listRepairs", "200", listed, 400, query=query),
            "post": op("createRepair", "201", shown, 422, body=ref("RepairBody")),
        },
        "/repairs/{id}": {
            "parameters": [at("id")],
            "get": op("getRepair", "200", shown, 404),
            "put": op("replaceRepair", "200", shown, 404, 422, body=ref("RepairBody")),
            "patch": op("changeRepair", "200", shown, 404, 422, body=ref("RepairChange")),
            "delete": op("deleteRepair", "204", None, 404),
        },
    }
    schemas = {"Repair": repair, "RepairBody": body, "RepairChange": change}
    return shape("repairs", schemas, paths, Collection("/repairs", "id"))


def _vans() -> Shape:
    """A merge patch, a file, and wheels whose keys clients choose."""
    size: Schema = {"long": {"type": "number", "minimum": 0}, "wide": {"type": "number", "minimum": 0}}
    sent: Schema = {"plate": NAME, "size": {"type": "object", "properties": size}, "color": {**TEXT, "maxLength": 30}}
    patch: Schema = {
        "type": "object",
        "properties": {**sent, "color": {"type": ["string", "null"], "maxLength": 30}},
    }
    van: Schema = {"type": "object", "required": ["id", "plate"], "properties": {"id": NUMBER, **sent}}
    made: Schema = {"type": "object", "required": ["plate", "size", "color"], "properties": sent}
    put: Schema = {"type": "object", "required": ["brand"], "properties": {"brand": NAME, "worn": {"type": "boolean"}}}
    wheel: Schema = {**put, "properties": {"position": TEXT, **put["properties"]}}
    photo: Schema = {"type": "string", "format": "binary"}
    get_photo = op("getPhoto", "200", None, 404)
    get_photo["responses"]["200"] = {"description": "the photo", "content": {"image/png": {"schema": photo}}}
    paths: dict[str, Any] = {
        "/vans": {"post": op("addVan", "201", ref("Van"), 400, body=ref("NewVan"))},
        "/vans/{id}": {
            "parameters": [at("id")],
            "get": op("getVan", "200", ref("Van"), 404),
            "patch": op(
                "patchVan", "200", ref("Van"), 400, 404, body=ref("VanPatch"), media="application/merge-patch+json"
            ),
            "delete": op("deleteVan", "204", None, 404),
        },
        "/vans/{id}/photo": {
            "parameters": [at("id")],
            "put": op("putPhoto", "204", None, 404, body=photo, media="image/png"),
            "get": get_photo,
        },
        "/vans/{id}/wheels/{position}": {
            "parameters": [at("id"), at("position", {**TEXT, "pattern": "^[a-z0-9-]{1,60}$"})],
            "get": op("getWheel", "200", ref("Wheel"), 404),
            "put": op("putWheel", "200", ref("Wheel"), 400, 404, body=ref("WheelBody")),
            "delete": op("deleteWheel", "204", None, 404),
        },
    }
    paths["/vans/{id}/wheels/{position}"]["put"]["responses"]["201"] = {
        "description": "new",
        "content": {JSON: {"schema": ref("Wheel")}},
    }
    schemas = {"Van": van, "NewVan": made, "VanPatch": patch, "Wheel": wheel, "WheelBody": put}
    wheels = Collection("/vans/{id}/wheels", "position", "client")
    return shape("vans", schemas, paths, Collection("/vans", "id"), wheels)


def _stages() -> Shape:
    """Values whose keys clients choose, below a parameter with a few choices."""
    sent: Schema = {"type": "object", "required": ["text"], "properties": {"text": {**TEXT, "maxLength": 90}}}
    value: Schema = {**sent, "properties": {"key": TEXT, **sent["properties"]}}
    stage = at("stage", {**TEXT, "enum": ["test", "prod", "dev"]})  # a run takes the first
    paths: dict[str, Any] = {
        "/stages/{stage}/values": {"parameters": [stage], "get": op("listValues", "200", many("Value"))},
        "/stages/{stage}/values/{key}": {
            "parameters": [stage, at("key", {**TEXT, "pattern": "^[a-z0-9-]{1,60}$"})],
            "get": op("getValue", "200", ref("Value"), 404),
            "put": op("putValue", "200", ref("Value"), 400, body=ref("ValueBody")),
            "delete": op("deleteValue", "204", None, 404),
        },
    }
    paths["/stages/{stage}/values/{key}"]["put"]["responses"]["201"] = {
        "description": "new",
        "content": {JSON: {"schema": ref("Value")}},
    }
    values = Collection("/stages/{stage}/values", "key", "client")
    return shape("stages", {"Value": value, "ValueBody": sent}, paths, values)


def _channels() -> Shape:
    """Procedures: each path is a verb, and bodies and queries name the channel."""
    name: Schema = {**TEXT, "pattern": "^[a-z0-9_-]{1,60}$"}
    topic: Schema = {**TEXT, "maxLength": 90}
    channel: Schema = {
        "type": "object",
        "required": ["id", "name", "topic"],
        "properties": {"id": TEXT, "name": TEXT, "topic": TEXT},
    }
    one: Schema = {"type": "object", "required": ["channel"], "properties": {"channel": ref("Channel")}}
    listed: Schema = {"type": "object", "required": ["channels"], "properties": {"channels": many("Channel")}}
    done: Schema = {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}
    taken: dict[str, Schema] = {
        "create": {"name": name, "topic": topic},
        "rename": {"channel": TEXT, "name": name},
        "delete": {"channel": TEXT},
    }
    bodies: dict[str, Schema] = {
        verb: {"type": "object", "required": [*members], "properties": members} for verb, members in taken.items()
    }
    limit: Schema = {"type": "integer", "minimum": 1, "maximum": 100, "description": "The maximum number of items."}
    paths = {
        "/channels.create": {"post": op("createChannel", "200", one, 400, body=bodies["create"])},
        "/channels.info": {"get": op("channelInfo", "200", one, 400, 404, query={"channel!": TEXT})},
        "/channels.list": {"get": op("listChannels", "200", listed, 400, query={"limit": limit})},
        "/channels.rename": {"post": op("renameChannel", "200", one, 400, 404, body=bodies["rename"])},
        "/channels.delete": {"post": op("deleteChannel", "200", done, 400, 404, body=bodies["delete"])},
    }
    return shape("channels", {"Channel": channel}, paths)


def _folders() -> Shape:
    """Items that name others of their kind, with texts of any length."""
    folder: Schema = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "id": NUMBER,
            "name": NAME,
            "parent_id": {"type": ["integer", "null"], "format": "int64"},
            "color": {"type": "string", "enum": ["red", "green", "blue"], "default": "blue"},
            "is_shared": {"type": "boolean", "default": False},
            "remark": {"type": ["string", "null"]},
            "quota": {"type": "number", "minimum": 0},
            "updated_at": {**MOMENT, "readOnly": True, "description": "When the folder was last changed."},
        },
    }
    patch: Schema = {key: value for key, value in folder.items() if key != "required"} | {"minProperties": 1}
    here, item = crud("Folder", "Folder", query={"parent_id": {"type": "integer", "format": "int64"}})
    here["get"]["parameters"][0]["description"] = "Only folders in this folder."
    del item["put"]
    item["patch"] = op("changeFolder", "200", ref("Folder"), 400, 404, body=ref("FolderPatch"))
    paths = {"/folders": here, "/folders/{id}": {"parameters": [at("id")], **item}}
    return shape("folders", {"Folder": folder, "FolderPatch": patch}, paths, Collection("/folders", "id"))


def _events() -> Shape:
    """Pages by number, which tell how many there are, and lead to the next one."""
    event: Schema = {"type": "object", "required": ["title"], "properties": {"id": NUMBER, "title": NAME}}
    counts = ("total", "current_page", "last_page", "per_page")
    page: Schema = {
        "type": "object",
        "required": ["data", "meta"],
        "properties": {
            "data": many("Event"),
            "meta": {"type": "object", "properties": {name: {"type": "integer"} for name in counts}},
            "links": {"type": "object", "properties": {"next": {"type": ["string", "null"], "format": "uri"}}},
        },
    }
    number, size = {"type": "integer", "minimum": 1, "default": 1}, {"type": "integer", "minimum": 1, "maximum": 50}
    here, item = crud("Event", "Event")
    here["get"] = op("listEvents", "200", page, 400, query={"page": number, "per_page": size})
    paths = {"/events": here, "/events/{id}": {"parameters": [at("id")], **item}}
    for parameter in here["get"]["parameters"]:
        parameter["description"] = {"page": "The page to show.", "per_page": "Number of events per page."}[
            parameter["name"]
        ]
    return shape("events", {"Event": event}, paths, Collection("/events", "id"))


def _products() -> Shape:
    """OData: keys in parentheses, and query options that begin with a dollar."""
    product: Schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"id": NUMBER, "name": NAME, "rating": {"type": "integer", "minimum": 1, "maximum": 50}},
    }
    orders = [f"{member}{direction}" for member in ("name", "rating") for direction in ("", " desc")]
    page: Schema = {
        "type": "object",
        "required": ["value"],
        "properties": {"@odata.count": {"type": "integer"}, "value": many("Product")},
    }
    here, item = crud("Product", "Product")
    here["get"] = op(
        "listProducts",
        "200",
        page,
        400,
        query={
            "$top": {"type": "integer", "minimum": 0},
            "$skip": {"type": "integer", "minimum": 0},
            "$count": {"type": "boolean"},
        },
    )
    by = {"type": "array", "uniqueItems": True, "items": {**TEXT, "enum": orders}}
    here["get"]["parameters"].append(
        {"name": "$orderby", "in": "query", "required": False, "explode": False, "schema": by}
    )
    paths = {"/products": here, "/products({id})": {"parameters": [at("id")], **item}}
    return shape("products", {"Product": product}, paths, Collection("/products", "id", keyed="({})"))


ADDRESS: Schema = {"type": "string", "format": "email"}
LOGIN: Schema = {
    "type": "object",
    "required": ["email", "password"],
    "properties": {"email": ADDRESS, "password": TEXT},
}
GUEST: Schema = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": NUMBER, "email": ADDRESS, "name": NAME},
}


def _signing_up(says_of_logout: str, *needs: dict[str, list[str]]) -> dict[str, Any]:
    """The operations to sign up, to log in and out, and on the current user."""
    sign_up: Schema = {
        "type": "object",
        "required": ["email", "password"],
        "properties": {**LOGIN["properties"], "password": {**TEXT, "minLength": 8}, "name": NAME},
    }
    session: Schema = {"type": "object", "properties": {"accessToken": TEXT, "secondFactor": {"type": "boolean"}}}
    security: dict[str, Any] = {"security": [*needs]}
    return {
        "/auth/signup": {"post": op("signUp", "201", ref("Guest"), 400, 409, 403, body=sign_up)},
        "/auth/login": {"post": op("logIn", "200", session, 400, 401, 403, body=LOGIN)},
        "/auth/logout": {"post": op("logOut", "204", None, 401, description=says_of_logout, **security)},
        "/me": {"get": op("getMe", "200", ref("Guest"), 401, 403, **security)},
        "/rooms": {"get": op("listRooms", "200", {"type": "array", "items": TEXT}, 401, 403, **security)},
    }


def _guests() -> Shape:
    """Accounts that are signed up, and that their users can delete; a logout ends the session. Diaries are private."""
    paths = _signing_up("Revokes the access token.", {"guest": []})
    diary: Schema = {"type": "object", "required": ["title"], "properties": {"id": NUMBER, "title": NAME}}
    here, item = crud("Diary", "Diary")
    here["get"] |= {"operationId": "listDiaries", "summary": "Lists your own diaries."}
    del item["put"]
    for operation in (*here.values(), *item.values()):
        operation |= {"security": [{"guest": []}]}
        operation["responses"]["401"] = {"description": "nobody is logged in"}
    for operation in item.values():
        operation["summary"] = "There is none, or it is not yours: 404."
    paths |= {"/diaries": here, "/diaries/{id}": {"parameters": [at("id")], **item}}
    paths["/me"]["delete"] = op("deleteMe", "204", None, 401, security=[{"guest": []}])
    schemes = {"guest": {"type": "http", "scheme": "bearer"}}
    target = "credentials: {guest: {valid: of-the-manager}}\n"
    components = {"securitySchemes": schemes}
    diaries = Collection("/diaries", "id")
    return shape("guests", {"Guest": GUEST, "Diary": diary}, paths, diaries, target=target, components=components)


def _visitors() -> Shape:
    """Accounts that stay, and tokens that the server does not keep."""
    paths = _signing_up("The client forgets its token, which stays valid until it expires.", {"guest": []})
    schemes = {"guest": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    return shape("visitors", {"Guest": GUEST}, paths, components={"securitySchemes": schemes})


def _lodge() -> Shape:
    """A session in a cookie, for an account that the target file gives."""
    session: Schema = {"type": "object", "properties": {"error": TEXT}}
    needs: dict[str, Any] = {"security": [{"stay": []}]}
    login: Schema = {**LOGIN, "properties": {**LOGIN["properties"], "code": TEXT}}
    log_in = op("logIn", "200", session, 400, 401, body=login)
    log_in["responses"]["200"]["headers"] = {"Set-Cookie": {"schema": {**TEXT, "example": "stay=1234; HttpOnly"}}}
    paths = {
        "/session": {"post": log_in, "delete": op("logOut", "204", None, 401, **needs)},
        "/me": {"get": op("getMe", "200", ref("Guest"), 401, **needs)},
        "/rooms": {"get": op("listRooms", "200", {"type": "array", "items": TEXT}, 401, **needs)},
    }
    schemes = {"stay": {"type": "apiKey", "in": "cookie", "name": "stay"}}
    account = "account: {email: ann@example.com, password: opensesame}\n"
    target = f"credentials: {{stay: {{valid: of-the-manager}}}}\n{account}disposable: true\n"
    return shape("lodge", {"Guest": GUEST}, paths, target=target, components={"securitySchemes": schemes})


SHAPES: Mapping[str, Shape] = {
    one.name: one
    for one in (
        _notes(),
        _orders(),
        _books(),
        _invoices(),
        _tasks(),
        _pages(),
        _stock(),
        _sums(),
        _contacts(),
        _articles(),
        _cases(),
        _drafts(),
        _settings(),
        _samples(),
        _albums(),
        _groups(),
        _crews(),
        _vault(),
        _doors(),
        _gates(),
        _payments(),
        _films(),
        _repairs(),
        _posts(),
        _vans(),
        _stages(),
        _channels(),
        _products(),
        _folders(),
        _events(),
        _guests(),
        _visitors(),
        _lodge(),
    )
}
