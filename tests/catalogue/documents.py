"""The documents of all shapes: those of `shapes`, and those of operations that concern more than one item."""

from collections.abc import Mapping
from typing import Any

from tests.catalogue import shapes
from tests.catalogue.shapes import (
    BINARY,
    NAME,
    NUMBER,
    PARTS,
    TEXT,
    Collection,
    Schema,
    Shape,
    at,
    crud,
    many,
    op,
    ref,
    shape,
)

FILE: Schema = {"type": "string", "format": "binary"}


def _cabins() -> Shape:
    """Items with links to themselves: in a member, by their relation, and in the Location of their creation."""
    self_link: Schema = {"type": "object", "required": ["href"], "properties": {"href": TEXT}}
    links: Schema = {"type": "object", "readOnly": True, "properties": {"self": self_link}}
    cabin: Schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"id": NUMBER, "name": NAME, "url": {**TEXT, "readOnly": True}, "_links": links},
    }
    here, item = crud("Cabin", "Cabin")
    here["post"]["responses"]["201"]["headers"] = {"Location": {"schema": {**TEXT, "format": "uri-reference"}}}
    paths = {"/cabins": here, "/cabins/{id}": {"parameters": [at("id")], **item}}
    return shape("cabins", {"Cabin": cabin}, paths, Collection("/cabins", "id"))


def _plans() -> Shape:
    """A deletion that takes along what names the deleted item, as its text says."""
    return _owned("plans", "Plan", "Step", "Deletes the plan together with all of its steps.")


def _teams() -> Shape:
    """A deletion that others prevent, as its text says."""
    return _owned("teams", "Team", "Player", "A team cannot be deleted while it has players.", 409)


def _permits() -> Shape:
    """Items whose state actions change, and operations that texts forbid in some states."""
    states: Schema = {"type": "string", "enum": ["draft", "submitted", "approved"], "readOnly": True}
    members: Schema = {"id": NUMBER, "title": NAME, "status": states}
    permit: Schema = {"type": "object", "required": ["title"], "properties": members}
    here, item = crud("Permit", "Permit")
    item["patch"] = op("changePermit", "200", ref("Permit"), 400, 404, 409, body=ref("Permit"))
    item["patch"]["description"] = "A permit cannot be changed once it is approved."
    item["delete"] = op("deletePermit", "204", None, 404, 409, description="Only drafts can be deleted.")
    del item["put"]
    submit = op("submitPermit", "200", ref("Permit"), 404, 409)
    submit["responses"]["409"] = {**submit["responses"]["409"], "description": "The permit is not a draft."}
    approve = op("approvePermit", "200", ref("Permit"), 404, 409)
    approve["description"] = "Only submitted permits can be approved."
    paths = {
        "/permits": here,
        "/permits/{id}": {"parameters": [at("id")], **item},
        "/permits/{id}/submission": {"parameters": [at("id")], "post": submit},
        "/permits/{id}/approve": {"parameters": [at("id")], "post": approve},
    }
    target = "credentials: {}\ndisposable: true\n"
    return shape("permits", {"Permit": permit}, paths, Collection("/permits", "id"), target=target)


def _tickets() -> Shape:
    """The same where clients send the state."""
    states: Schema = {"type": "string", "enum": ["open", "closed", "archived"]}
    members: Schema = {"id": NUMBER, "title": NAME, "status": states}
    ticket: Schema = {"type": "object", "properties": members}
    here, item = crud("Ticket", "Ticket")
    item["patch"] = item.pop("put") | {
        "operationId": "changeTicket",
        "description": "Archived tickets cannot be changed.",
    }
    item["delete"]["description"] = "Closed tickets cannot be deleted (409)."
    for operation in (item["patch"], item["delete"]):
        operation["responses"]["409"] = operation["responses"]["404"]
    paths = {"/tickets": here, "/tickets/{id}": {"parameters": [at("id")], **item}}
    return shape("tickets", {"Ticket": ticket}, paths, Collection("/tickets", "id"))


def _memos() -> Shape:
    """A list that leaves out what is archived, unless it is asked for, as its text says."""
    members: Schema = {"id": NUMBER, "title": NAME, "archived": {"type": "boolean"}}
    memo: Schema = {"type": "object", "required": ["title"], "properties": members}
    here, item = crud("Memo", "Memo", query={"include_archived": {"type": "boolean"}})
    here["get"]["description"] = "Archived memos are left out by default."
    here["get"]["parameters"][0]["description"] = "Whether archived memos are listed too."
    paths = {"/memos": here, "/memos/{id}": {"parameters": [at("id")], **item}}
    return shape("memos", {"Memo": memo}, paths, Collection("/memos", "id"))


def _logs() -> Shape:
    """A list with a direction alone, whose text says that it is by creation."""
    direction: Schema = {"type": "string", "enum": ["ASC", "DESC"], "default": "ASC"}
    log: Schema = {"type": "object", "required": ["text"], "properties": {"id": NUMBER, "text": NAME}}
    here, item = crud("Log", "Log", query={"order": direction})
    here["get"]["parameters"][0]["description"] = "Sort order by creation date."
    paths = {"/logs": here, "/logs/{id}": {"parameters": [at("id")], **item}}
    return shape("logs", {"Log": log}, paths, Collection("/logs", "id"))


def _essays() -> Shape:
    """Memberships of items of the same noun: labels of clients' keys, and those that an essay has, in an envelope.

    Essays are found by a word of theirs, and by the least number of pages.
    """
    count: Schema = {"type": "integer", "minimum": 1, "maximum": 900}
    members: Schema = {"id": NUMBER, "name": NAME, "words": {"type": "array", "items": NAME}, "pages": count}
    essay: Schema = {"type": "object", "required": ["name"], "properties": members}
    label: Schema = {"type": "object", "required": ["text"], "properties": {"slug": TEXT, "text": NAME}}
    held: Schema = {"type": "object", "required": ["labels"], "properties": {"labels": many("Label")}}
    page: Schema = {"type": "object", "required": ["_embedded"], "properties": {"_embedded": held}}
    slug = at("slug", {**TEXT, "pattern": "^[a-z][a-z0-9-]{1,60}$"})
    essays, one = crud("Essay", "Essay", query={"word": NAME, "minPages": count})
    told = ("Only essays that have this word.", "The minimum number of pages.")
    for parameter, text in zip(essays["get"]["parameters"], told, strict=True):
        parameter["description"] = text
    put = op("putLabel", "200", ref("Label"), 400, body=ref("Label"))
    put["responses"]["201"] = put["responses"]["200"]
    paths = {
        "/essays": essays,
        "/essays/{id}": {"parameters": [at("id")], **one},
        "/essays/{id}/labels": {"parameters": [at("id")], "get": op("listLabelsOf", "200", page, 404)},
        "/essays/{id}/labels/{slug}": {
            "parameters": [at("id"), slug],
            "put": op("addLabel", "204", None, 404),
            "delete": op("removeLabel", "204", None, 404),
        },
        "/labels": {"get": op("listLabels", "200", many("Label"))},
        "/labels/{slug}": {
            "parameters": [slug],
            "get": op("getLabel", "200", ref("Label"), 404),
            "put": put,
            "delete": op("deleteLabel", "204", None, 404),
        },
    }
    places = (Collection("/essays", "id"), Collection("/labels", "slug", "client"))
    return shape("essays", {"Essay": essay, "Label": label}, paths, *places)


def _scans() -> Shape:
    """Items that a form with a file makes, whose bytes are read below them."""
    scan: Schema = {
        "type": "object",
        "required": ["id", "title", "size"],
        "properties": {"id": NUMBER, "title": NAME, "size": {"type": "integer", "description": "Its size in bytes."}},
    }
    form: Schema = {"type": "object", "required": ["title", "file"], "properties": {"title": NAME, "file": FILE}}
    here, item = crud("Scan", "Scan")
    here["post"] = op("createScan", "201", ref("Scan"), 400, body=form, media=PARTS)
    del item["put"]
    content = {"parameters": [at("id")], "get": _download("getContent")}
    paths = {"/scans": here, "/scans/{id}": {"parameters": [at("id")], **item}, "/scans/{id}/content": content}
    return shape("scans", {"Scan": scan}, paths, Collection("/scans", "id"))


def _papers() -> Shape:
    """Items to which a file is uploaded at one path, and read at another."""
    paper: Schema = {"type": "object", "required": ["title"], "properties": {"id": NUMBER, "title": NAME}}
    here, item = crud("Paper", "Paper")
    upload = op("uploadPaper", "204", None, 404, body=FILE, media=BINARY)
    paths = {
        "/papers": here,
        "/papers/{id}": {"parameters": [at("id")], **item},
        "/papers/{id}/upload": {"parameters": [at("id")], "post": upload},
        "/papers/{id}/download": {"parameters": [at("id")], "get": _download("downloadPaper")},
    }
    return shape("papers", {"Paper": paper}, paths, Collection("/papers", "id"))


def _download(id: str) -> dict[str, Any]:
    found = op(id, "200", None, 404)
    found["responses"]["200"] = {"description": "the bytes", "content": {BINARY: {"schema": FILE}}}
    return found


def _leaflets() -> Shape:
    """JSON:API: what an item is stands in its attributes, and lists are filtered, sorted and paged by these."""
    attributes: dict[str, Schema] = {
        "title": NAME,
        "status": {"type": "string", "enum": ["draft", "printed"]},
        "pages": {"type": "integer", "minimum": 1, "maximum": 99},
    }
    held: Schema = {"type": "object", "required": ["title", "status", "pages"], "properties": attributes}
    kind: Schema = {"const": "leaflets"}
    leaflet: Schema = {
        "type": "object",
        "required": ["type", "id", "attributes"],
        "properties": {"type": kind, "id": TEXT, "attributes": held},
    }
    members: dict[str, Schema] = {"type": kind, "attributes": held}
    new: Schema = {"type": "object", "required": ["type", "attributes"], "properties": members}
    sent: Schema = {"type": "object", "required": ["data"], "properties": {"data": new}}
    one: Schema = {"type": "object", "required": ["data"], "properties": {"data": ref("Leaflet")}}
    links: Schema = {"type": "object", "properties": {"next": {"type": ["string", "null"]}}}
    page: Schema = {
        "type": "object",
        "required": ["data", "links"],
        "properties": {"data": many("Leaflet"), "links": links},
    }
    query: dict[str, Schema] = {
        "filter[status]": {**attributes["status"], "description": "Only leaflets with this status."},
        "sort": {"type": "string", "enum": ["pages", "-pages"]},
        "page[number]": {"type": "integer", "minimum": 1, "default": 1, "description": "The page number."},
        "page[size]": {"type": "integer", "minimum": 1, "maximum": 50, "description": "Number of leaflets per page."},
    }
    listing = op("listLeaflets", "200", page, 400, query=query)
    for parameter in listing["parameters"]:
        parameter["description"] = parameter["schema"].get("description", "")
    paths = {
        "/leaflets": {"get": listing, "post": op("createLeaflet", "201", one, 400, body=sent)},
        "/leaflets/{id}": {
            "parameters": [at("id", TEXT)],
            "get": op("getLeaflet", "200", one, 404),
            "delete": op("deleteLeaflet", "204", None, 404),
        },
    }
    return shape("leaflets", {"Leaflet": leaflet}, paths, Collection("/leaflets", "id"))


def _seeds() -> Shape:
    """Several items in a list, which are answered with a list."""
    seed: Schema = {
        "type": "object",
        "required": ["name", "weight"],
        "properties": {"id": NUMBER, "name": NAME, "weight": {"type": "integer", "minimum": 1, "maximum": 900}},
    }
    here, item = crud("Seed", "Seed")
    batch: Schema = {**many("Seed"), "minItems": 1, "maxItems": 10}
    bulk = {"post": op("createSeeds", "201", many("Seed"), 400, body=batch)}
    paths = {"/seeds": here, "/seeds/bulk": bulk, "/seeds/{id}": {"parameters": [at("id")], **item}}
    return shape("seeds", {"Seed": seed}, paths, Collection("/seeds", "id"))


def _parcels() -> Shape:
    """Several items in an envelope, which are answered with a result for each."""
    parcel: Schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"id": NUMBER, "name": NAME, "grams": {"type": "integer", "minimum": 0, "maximum": 9999}},
    }
    result: Schema = {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"type": "integer"}, "parcel": ref("Parcel"), "error": TEXT},
    }
    here, item = crud("Parcel", "Parcel")
    sent: Schema = {"type": "object", "required": ["parcels"], "properties": {"parcels": many("Parcel")}}
    shown: Schema = {"type": "object", "required": ["results"], "properties": {"results": many("Result")}}
    paths = {
        "/parcels": here,
        "/parcels/batch": {"post": op("createParcels", "207", shown, 400, body=sent)},
        "/parcels/{id}": {"parameters": [at("id")], **item},
    }
    return shape("parcels", {"Parcel": parcel, "Result": result}, paths, Collection("/parcels", "id"))


def _owned(name: str, owner: str, owned: str, text: str, *refusals: int) -> Shape:
    """Items that name an owner in a member, and an owner whose deletion has a text."""
    key = f"{owner.lower()}Id"
    one: Schema = {"type": "object", "required": ["name"], "properties": {"id": NUMBER, "name": NAME}}
    other: Schema = {**one, "required": ["name", key], "properties": {**one["properties"], key: {"type": "integer"}}}
    paths: dict[str, Any] = {}
    places = []
    for noun in (owner, owned):
        here, item = crud(noun, noun, refusals=(400, 422))
        path = f"/{noun.lower()}s"
        paths |= {path: here, f"{path}/{{id}}": {"parameters": [at("id")], **item}}
        places.append(Collection(path, "id"))
    deletion = op(f"delete{owner}", "204", None, 404, *refusals, description=text)
    paths[f"{places[0].path}/{{id}}"]["delete"] = deletion
    return shape(name, {owner: one, owned: other}, paths, *places, links={key: places[0].path})


_FURTHER = (
    *(_cabins(), _plans(), _teams(), _scans(), _essays(), _papers(), _leaflets(), _seeds(), _parcels()),
    *(_permits(), _tickets(), _logs(), _memos()),
)
SHAPES: Mapping[str, Shape] = {**shapes.SHAPES, **{one.name: one for one in _FURTHER}}
