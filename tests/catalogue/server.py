"""A server of any shape, written by hand for the catalogue: dictionaries, and `jsonschema` for what it refuses.

It shares nothing with the package. Conventions (what a correct server may do otherwise) and defects are its `Ways`.
"""

import copy
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator, FormatChecker

from tests.catalogue import reception
from tests.catalogue.documents import SHAPES
from tests.catalogue.shapes import BINARY, FORM, PARTS, Collection
from tests.support.servers.serving import NOTHING, Answer, Asked

Item = dict[str, Any]
Place = tuple[str, ...]
"""The path of an item in decoded segments."""

_OTHER_TYPE = "another media type"
MADE = "2030-01-01T00:00:00Z"
FORMATS = FormatChecker(("date-time", "date", "email", "uuid"))


@FORMATS.checks("date-time")
def _is_moment(value: Any) -> bool:
    return (
        not isinstance(value, str)
        or re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value) is not None
    )


@FORMATS.checks("email")
def _is_email(value: Any) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None


def as_it_is(item: Item) -> Item:
    """The item as it is."""
    return item


def as_sent(new: Item, before: Item) -> Item:
    """What was sent."""
    return new


def as_answered(server: "Server", asked: Asked, answer: Answer) -> Answer:
    """The answer without a change."""
    return answer


@dataclass(frozen=True)
class Ways:
    """What a server does in its own way.

    `kept` makes what is stored of what was sent and of the item before, `shown` what is shown of what is stored, and
    `spoil` another answer of the right one. `does` replaces operations, by their ids. `lax` are pointers to keywords
    of the document that are not looked at. `lets_in` tells which other requests get in by a scheme. Statuses are those
    of the answers that they name.
    """

    kept: Callable[[Item, Item], Item] = as_sent
    shown: Callable[[Item], Item] = as_it_is
    spoil: Callable[["Server", Asked, Answer], Answer] = as_answered
    does: Mapping[str, Callable[["Server", Asked], Answer]] = field(default_factory=dict)
    lax: tuple[str, ...] = ()
    created: int = 0
    deleted: int = 0
    refused: int = 0
    unknown: int = 404
    delete_unknown: int = 404
    first_id: int = 1
    newest_first: bool = False
    page: int = 20
    read_only: str = "ignored"
    needs_tag: bool = False
    tag: Callable[[str], str] = lambda text: f'"{text}"'
    lets_in: Mapping[str, Callable[[Asked], bool]] = field(default_factory=dict)


@cache
def _validator(shape: str, pointer: str, lax: tuple[str, ...]) -> Draft202012Validator:
    document: Any = copy.deepcopy(SHAPES[shape].document)
    for path in lax:
        *above, last = [name.replace("~1", "/") for name in path.strip("/").split("/")]
        place = document
        for name in above:
            place = place[int(name)] if isinstance(place, list) else place[name]
        place.pop(last)
    return Draft202012Validator({"$ref": f"#{pointer}", **document}, format_checker=FORMATS)


class Server:
    """The server, and what it remembers: items by their paths."""

    def __init__(self, shape: str, ways: Ways) -> None:
        self.shape, self.ways = SHAPES[shape], ways
        self.items: dict[Place, Item] = {}
        self.numbers = count(ways.first_id)
        self.versions: dict[Place, int] = {}
        self.members: dict[Place, list[Place]] = {}
        self.answered: dict[str, tuple[bytes, Answer]] = {}
        self.memory: dict[str, Any] = {}
        self.settings: Item = {"theme": "dark", "size": 12}
        self.asked: list[Asked] = []

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a request."""
        self.asked.append(asked)
        asked = asked._replace(path=tuple(part for one in asked.path for part in _key_apart(one)))
        found = self._operation(asked)
        answer = self._answer(found, asked) if found is not None else Answer(404)
        return self.ways.spoil(self, asked, answer)

    def operation_id(self, asked: Asked) -> str:
        """The id of the operation that a request is for, or nothing."""
        found = self._operation(asked)
        return str(found[1]["operationId"]) if found is not None else ""

    def _operation(self, asked: Asked) -> tuple[str, Mapping[str, Any], dict[str, str]] | None:
        for path in sorted(self.shape.document["paths"], key=lambda path: path.count("{")):
            parts = [part for one in path.strip("/").split("/") for part in _key_apart(one)]
            if len(parts) != len(asked.path):
                continue
            pairs = list(zip(parts, asked.path, strict=True))
            if all(part == sent or part.startswith("{") for part, sent in pairs):
                operation = self.shape.document["paths"][path].get(asked.method.lower())
                values = {part[1:-1]: sent for part, sent in pairs if part.startswith("{")}
                return (path, operation, values) if operation is not None else None
        return None

    def problem(self, status: int, message: str = "refused") -> Answer:
        """The documented body of a refusal."""
        return Answer(status, {"code": status, "message": message})

    # What is checked

    def _answer(self, found: tuple[str, Mapping[str, Any], dict[str, str]], asked: Asked) -> Answer:
        path, operation, values = found
        refused = self._refused_by_credentials(operation, asked)
        if refused:
            return self.problem(refused)
        wrong = self._wrong_parameter(path, operation, values, asked)
        if wrong:
            return self.problem(self._refusal(operation), wrong)
        body = self.body_of(path, operation, asked)
        if body is NOTHING and "requestBody" in operation:
            return self.problem(self._refusal(operation), "no body")
        if (
            body is not NOTHING
            and "requestBody" in operation
            and (wrong := self._wrong_body(path, operation, asked, body))
        ):
            is_of_other_type = wrong == _OTHER_TYPE and "415" in operation["responses"]
            return self.problem(415 if is_of_other_type else self._refusal(operation), wrong)
        does = self.ways.does.get(operation["operationId"])
        return does(self, asked) if does is not None else self.right(asked)

    def _refusal(self, operation: Mapping[str, Any]) -> int:
        documented = [int(one) for one in operation["responses"] if one in ("400", "422")]
        return self.ways.refused or min(documented, default=400)

    def _refused_by_credentials(self, operation: Mapping[str, Any], asked: Asked) -> int:
        alternatives = operation.get("security", ())
        verdicts = [
            max((self._verdict(name, scopes, asked) for name, scopes in one.items()), default=0) for one in alternatives
        ]
        return min(verdicts, default=0)

    def _verdict(self, scheme: str, scopes: list[str], asked: Asked) -> int:
        given = asked.headers.get("authorization", "")
        is_let_in = self.ways.lets_in.get(scheme)
        if is_let_in is not None and is_let_in(asked):
            return 0
        right: Mapping[str, bool] = {
            "token": given in ("Bearer tok-write", "Bearer tok-read"),
            "key": asked.headers.get("x-api-key") == "key-12345",
            "user": given == f"Basic {b64encode(b'ann:opensesame').decode()}",
            "query": asked.query.get("api_key") == "query-67890",
            "session": asked.headers.get("cookie") == "sid=session-11",
            "oauth": given in ("Bearer oauth-read", "Bearer oauth-none"),
            "oidc": given == "Bearer oidc-1234",
            "keyInHeader": asked.headers.get("api_key") == "key-24680",
            "keyInQuery": asked.query.get("api_key") == "key-24680",
            "guard": given == f"Basic {b64encode(b'bob:sleepwell').decode()}",
            "guest": given.startswith("Bearer ") and reception.token_in(asked) in reception.sessions(self),
            "stay": not given and reception.token_in(asked) in reception.sessions(self),
        }
        if not right[scheme]:
            return 401
        lacks = (("write", "Bearer tok-read"), ("read", "Bearer oauth-none"))
        return 403 if any(scope in scopes and given == token for scope, token in lacks) else 0

    def _wrong_parameter(self, path: str, operation: Mapping[str, Any], values: Mapping[str, str], asked: Asked) -> str:
        places = (
            *(
                (f"/paths/{_escaped(path)}/parameters/{n}", one)
                for n, one in enumerate(self.shape.document["paths"][path].get("parameters", ()))
            ),
            *(
                (f"/paths/{_escaped(path)}/{asked.method.lower()}/parameters/{n}", one)
                for n, one in enumerate(operation.get("parameters", ()))
            ),
        )
        for pointer, parameter in places:
            name = parameter["name"]
            sent = {"path": values, "query": asked.query, "header": asked.headers}[parameter["in"]]
            text = sent.get(name.lower() if parameter["in"] == "header" else name)
            if text is None:
                if parameter["required"]:
                    return f"no {name}"
            elif f"{pointer}/schema" not in self.ways.lax and not self.fits(
                f"{pointer}/schema", _coerced(text, parameter["schema"])
            ):
                return f"wrong {name}"
        return ""

    def fits(self, pointer: str, value: Any) -> bool:
        """Whether a value fits a schema of the document."""
        lax = tuple(one for one in self.ways.lax if "/schema" not in one or one.rpartition("/schema")[2])
        return _validator(self.shape.name, pointer, lax).is_valid(value)

    def body_of(self, path: str, operation: Mapping[str, Any], asked: Asked) -> Any:
        """The value of a body in the documented media type."""
        if "requestBody" not in operation or not asked.sent:
            return NOTHING
        media = next(iter(operation["requestBody"]["content"]))
        if media == BINARY or media.startswith(("image/", "text/")):
            return asked.sent
        if media == PARTS:
            return parts_of(asked)
        if media == FORM:
            schema = self._form_schema(operation)
            return {
                name: _coerced(text, schema["properties"].get(name, {}))
                for name, text in parse_qsl(asked.sent.decode(), keep_blank_values=True)
            }
        return asked.body

    def _form_schema(self, operation: Mapping[str, Any]) -> Any:
        schema = operation["requestBody"]["content"][FORM]["schema"]
        return self.shape.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]

    def _wrong_body(self, path: str, operation: Mapping[str, Any], asked: Asked, body: Any) -> str:
        media = next(iter(operation["requestBody"]["content"]))
        if asked.headers.get("content-type", "").partition(";")[0].strip().lower() != media:
            return _OTHER_TYPE
        if media in (BINARY, PARTS) or media.startswith(("image/", "text/")):
            return "" if media != PARTS or _has_parts(operation, body) else "a wrong title or no file"
        pointer = (
            f"/paths/{_escaped(path)}/{asked.method.lower()}/requestBody/content/{media.replace('/', '~1')}/schema"
        )
        if self.ways.read_only == "refused" and isinstance(body, dict) and {"id", "made"} & body.keys():
            return "a member that only the server sets"
        return "" if self.fits(pointer, body) else "a wrong body"

    # What is done

    def right(self, asked: Asked) -> Answer:
        """The right answer to a request that was let through."""
        found = self._operation(asked)
        assert found is not None
        path, operation, _ = found
        special = _OF_THEIR_OWN.get(operation["operationId"])
        if special is not None:
            return special(self, asked)
        collection = next(
            (one for one in self.shape.collections if path in (one.path, one.item_path) or _same(path, one.item_path)),
            None,
        )
        assert collection is not None, path
        body = self.body_of(path, operation, asked)
        body = body[self.shape.envelope] if self.shape.envelope and body is not NOTHING else body
        if path == collection.path:
            if self._lacks_parent(asked.path):
                return Answer(404)
            return self.list(collection, asked) if asked.method == "GET" else self.create(collection, asked, body)
        place = asked.path
        if asked.method in ("PUT", "PATCH"):
            change = self.put if asked.method == "PUT" else self.patch
            return change(collection, place, asked, body)
        return self.read(place, asked) if asked.method == "GET" else self.delete(place, asked)

    def _lacks_parent(self, path: Place) -> bool:
        above = path[:-1]
        return (
            len(above) >= 2
            and any(
                one.item_path.count("/") == len(above) and one.item_path.split("/")[1] == above[0]
                for one in self.shape.collections
            )
            and above not in self.items
        )

    def _wrong_link(self, body: Any) -> bool:
        links = self.shape.links
        return isinstance(body, dict) and any(
            (links[name].strip("/"), key) not in self.items
            for name in links
            if name in body
            for key in _keys_in(body[name])
        )

    def create(self, collection: Collection, asked: Asked, body: Any) -> Answer:
        """A new item under a key of the server."""
        key = asked.headers.get("idempotency-key", "")
        if key in self.answered:
            sent, answer = self.answered[key]
            return answer if sent == asked.sent else self.problem(422, "another body for this key")
        if self._wrong_link(body):
            return self.problem(422, "no such customer")
        number = next(self.numbers)
        item = {**self.kept(body, {}), collection.key: number, **self._set_by_server(collection, asked.path)}
        self.store((*asked.path, str(number)), item)
        answer = Answer(self.ways.created or 201, self.shown(item))
        if key:
            self.answered[key] = (asked.sent, answer)
        return answer

    def kept(self, body: Any, before: Item) -> Item:
        """What is kept of a body."""
        names = {name for name in ("id", "made", "updated_at", "slug", "sku", "shop", "projectId") if name in body}
        own = body if self.ways.read_only == "taken" else {name: body[name] for name in body if name not in names}
        return self.ways.kept(dict(own), before)

    def _set_by_server(self, collection: Collection, path: Place) -> Item:
        more: Item = {}
        if self.shape.name == "notes" and self.ways.read_only != "taken":
            more["made"] = MADE
        if self.shape.name == "tasks" and len(path) > 2:
            more["projectId"] = int(path[1])
        if self.shape.name == "stock":
            more["shop"] = path[1]
        return more

    def store(self, place: Place, item: Item) -> None:
        """Remember an item."""
        self.items[place] = item
        self.versions[place] = self.versions.get(place, 0) + 1

    def below(self, path: Place) -> list[Item]:
        """The items of a collection."""
        return [item for place, item in self.items.items() if place[:-1] == path]

    def list(self, collection: Collection, asked: Asked) -> Answer:
        """The items, as far as the page goes."""
        found = self.below(asked.path)
        filters = {name: asked.query[name] for name in ("kind", "status") if name in asked.query}
        found = [one for one in found if all(one.get(name) == value for name, value in filters.items())]
        word = asked.query.get("word")
        found = [one for one in found if word is None or word in one.get("words", ())]
        found = [one for one in found if one.get("pages", 0) >= int(asked.query.get("minPages", 0))]
        found = found[::-1] if self.ways.newest_first else found
        text = asked.query.get("cursor", "").removeprefix("after") or "0"
        if not (text.isascii() and text.isdecimal()):
            return self.problem(self.ways.refused or 400)
        start = max(int(asked.query.get("offset") or text), 0)
        limit = int(asked.query.get("limit") or self.ways.page)
        page = [self.ways.shown(one) for one in found[start : start + limit]]
        if not collection.wrapper:
            return Answer(200, page)
        following = f"after{start + limit}" if start + limit < len(found) else None
        return Answer(200, {collection.wrapper: page, "total": len(found), "nextCursor": following, "limit": limit})

    def read(self, place: Place, asked: Asked) -> Answer:
        """One item."""
        if place not in self.items:
            return self.problem(self.ways.unknown)
        tag = self.etag(place)
        if self.shape.is_tagged and tag in asked.headers.get("if-none-match", ""):
            return Answer(304, headers={"ETag": tag})
        headers = {"ETag": tag} if self.shape.is_tagged else {}
        return Answer(200, self.shown(self.items[place]), headers)

    def etag(self, place: Place) -> str:
        """The entity tag of an item."""
        return self.ways.tag(f"{'-'.join(place)}-{self.versions[place]}")

    def _failed(self, place: Place, asked: Asked) -> int:
        """The status of a change whose condition does not hold, or 0."""
        if not self.shape.is_tagged:
            return 0
        sent, none = asked.headers.get("if-match"), asked.headers.get("if-none-match", "")
        if sent is None and not none and self.ways.needs_tag:
            return 428
        is_stale = sent not in (None, "*") and self.etag(place) not in str(sent)
        return 412 if is_stale or none == "*" else 0

    def put(self, collection: Collection, place: Place, asked: Asked, body: Any) -> Answer:
        """An item as it was sent."""
        is_new = place not in self.items
        if is_new and collection.by != "client":
            return self.problem(self.ways.unknown)
        if not is_new and (failed := self._failed(place, asked)):
            return self.problem(failed)
        if self._wrong_link(body):
            return self.problem(422)
        before = self.items.get(place, {})
        key = {collection.key: before.get(collection.key, place[-1])}
        self.store(place, {**self.kept(body, before), **key, **self._set_by_server(collection, place[:-1])})
        return Answer(201 if is_new else 200, self.shown(self.items[place]))

    def patch(self, collection: Collection, place: Place, asked: Asked, body: Any) -> Answer:
        """An item with some members as they were sent."""
        if place not in self.items:
            return self.problem(self.ways.unknown)
        if failed := self._failed(place, asked):
            return self.problem(failed)
        before = self.items[place]
        self.store(place, {**before, **self.kept(body, before)})
        return Answer(200, self.shown(self.items[place]))

    def shown(self, item: Item) -> Item:
        """What a response about one item shows of it."""
        shown = self.ways.shown(item)
        return {self.shape.envelope: shown} if self.shape.envelope else shown

    def delete(self, place: Place, asked: Asked) -> Answer:
        """No item any more, nor what belongs to it."""
        if place not in self.items:
            return (
                self.problem(self.ways.delete_unknown)
                if self.ways.delete_unknown >= 400
                else Answer(self.ways.delete_unknown)
            )
        if failed := self._failed(place, asked):
            return self.problem(failed)
        for one in [one for one in self.items if one[: len(place)] == place]:
            del self.items[one]
        for file in [file for file in self.memory if file.startswith("/".join((*place, "")))]:
            del self.memory[file]
        for members in self.members.values():
            members[:] = [one for one in members if one != place]
        self.members.pop(place, None)
        return Answer(self.ways.deleted or 204)


# Operations of their own


def calculate_sum(server: Server, asked: Asked) -> Answer:
    return Answer(200, {"total": sum(asked.body["terms"])})


def translate(server: Server, asked: Asked) -> Answer:
    return Answer(200, {"text": asked.body["text"]})


def get_settings(server: Server, asked: Asked) -> Answer:
    return Answer(200, server.ways.shown(server.settings))


def put_settings(server: Server, asked: Asked) -> Answer:
    server.settings = server.ways.kept(dict(asked.body), server.settings)
    return Answer(200, server.ways.shown(server.settings))


def create_samples(server: Server, asked: Asked) -> Answer:
    for one in asked.body:
        number = next(server.numbers)
        server.store(("samples", str(number)), {**server.kept(one, {}), "id": number})
    return Answer(200, {"accepted": len(asked.body)})


def put_firmware(server: Server, asked: Asked) -> Answer:
    return Answer(200, {"size": len(asked.sent)})


def put_file(server: Server, asked: Asked) -> Answer:
    if asked.path[:2] not in server.items:
        return server.problem(404)
    server.memory["/".join(asked.path)] = asked.sent
    return Answer(204)


def get_cover(server: Server, asked: Asked) -> Answer:
    return _file(server, asked, "image/png")


def get_story(server: Server, asked: Asked) -> Answer:
    return _file(server, asked, "text/plain; charset=utf-8")


def _file(server: Server, asked: Asked, media: str) -> Answer:
    file = server.memory.get("/".join(asked.path))
    return Answer(200, file, {"Content-Type": media}) if file is not None else server.problem(404)


def create_track(server: Server, asked: Asked) -> Answer:
    if asked.path[:2] not in server.items:
        return server.problem(404)
    sent, number = parts_of(asked), next(server.numbers)
    item = {**server.kept({"title": sent["title"].decode()}, {}), "id": number, "size": len(sent["recording"])}
    server.store((*asked.path, str(number)), item)
    return Answer(201, item)


def list_tracks(server: Server, asked: Asked) -> Answer:
    return Answer(200, server.below(asked.path)) if asked.path[:2] in server.items else server.problem(404)


def get_track(server: Server, asked: Asked) -> Answer:
    return server.read(asked.path, asked)


def delete_track(server: Server, asked: Asked) -> Answer:
    return server.delete(asked.path, asked)


def list_members(server: Server, asked: Asked) -> Answer:
    group = asked.path[:2]
    if group not in server.items:
        return server.problem(404)
    return Answer(200, [server.items[one] for one in server.members.get(group, ())])


def list_labels_of(server: Server, asked: Asked) -> Answer:
    answer = list_members(server, asked)
    return Answer(200, {"_embedded": {"labels": answer.body}}) if answer.status == 200 else answer


def add_member(server: Server, asked: Asked) -> Answer:
    group, user = asked.path[:2], named_member(asked)
    if group not in server.items or user not in server.items:
        return server.problem(404)
    members = server.members.setdefault(group, [])
    members.extend([user] if user not in members else [])
    return Answer(204)


def named_member(asked: Asked) -> Place:
    """The place of the item that is named below a list of members."""
    return {"members": "users"}.get(asked.path[2], asked.path[2]), asked.path[3]


def remove_member(server: Server, asked: Asked) -> Answer:
    group, user = asked.path[:2], named_member(asked)
    if user not in server.members.get(group, ()):
        return server.problem(404)
    server.members[group].remove(user)
    return Answer(204)


def hire(server: Server, asked: Asked) -> Answer:
    body = asked.body if isinstance(asked.body, dict) else {}
    crew, sailor = asked.path[:2], ("sailors", str(body.get("sailorId")))
    if crew not in server.items or sailor not in server.items:
        return server.problem(404)
    members = server.members.setdefault(crew, [])
    members.extend([sailor] if sailor not in members else [])
    return Answer(204)


def dismiss(server: Server, asked: Asked) -> Answer:
    crew, sailor = asked.path[:2], ("sailors", asked.path[3])
    if sailor not in server.members.get(crew, ()):
        return server.problem(404)
    server.members[crew].remove(sailor)
    return Answer(204)


def get_audit(server: Server, asked: Asked) -> Answer:
    return Answer(200, ["opened"])


def open_door(server: Server, asked: Asked) -> Answer:
    return Answer(200, ["open"])


def get_usage(server: Server, asked: Asked) -> Answer:
    return Answer(200, ["little"])


_OF_THEIR_OWN: Mapping[str, Callable[[Server, Asked], Answer]] = {
    "calculateSum": calculate_sum,
    "translate": translate,
    "getSettings": get_settings,
    "putSettings": put_settings,
    "createSamples": create_samples,
    "putFirmware": put_firmware,
    "putCover": put_file,
    "getCover": get_cover,
    "putPhoto": put_file,
    "getPhoto": get_cover,
    "putStory": put_file,
    "getStory": get_story,
    "createTrack": create_track,
    "listTracks": list_tracks,
    "getTrack": get_track,
    "deleteTrack": delete_track,
    "listMembers": list_members,
    "addMember": add_member,
    "removeMember": remove_member,
    "listCrew": list_members,
    "listLabelsOf": list_labels_of,
    "addLabel": add_member,
    "removeLabel": remove_member,
    "hireSailor": hire,
    "dismissSailor": dismiss,
    "getAudit": get_audit,
    "getUsage": get_usage,
    **reception.OPERATIONS,
    **dict.fromkeys(("getVisits", "getReports", "getProfile", "getLobby", "getYard", "getTower"), open_door),
}


def _has_parts(operation: Mapping[str, Any], parts: Mapping[str, bytes]) -> bool:
    required = operation["requestBody"]["content"][PARTS]["schema"]["required"]
    return parts.keys() >= set(required) and 1 <= len(parts["title"].decode()) <= 60


def parts_of(asked: Asked) -> dict[str, bytes]:
    """The parts of a multipart form by their names, as the standard library reads them."""
    head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
    message = message_from_bytes(head + asked.sent)
    parts = message.get_payload() if message.is_multipart() else []
    named = {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in parts
        if isinstance(part, Message)
    }
    return {name: content for name, content in named.items() if isinstance(content, bytes)}


def _keys_in(link: Any) -> list[str]:
    """The keys in a link: one, those of a list, or those in an object."""
    parts = link.values() if isinstance(link, dict) else link if isinstance(link, list) else [link]
    return [str(one) for one in parts]


def _escaped(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1")


def _same(path: str, other: str) -> bool:
    return re.sub(r"\{.*?\}", "{}", path) == re.sub(r"\{.*?\}", "{}", other)


def _key_apart(segment: str) -> tuple[str, ...]:
    """A segment of a path; a key in parentheses is one of its own, as in OData."""
    found = re.fullmatch(r"(\w+)\((\w+|\{\w+\})\)", segment)
    return found.groups() if found is not None else (segment,)


def _coerced(text: str, schema: Mapping[str, Any]) -> Any:
    """A text as the type of a schema, or as it is."""
    kinds: Mapping[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "boolean": {"true": True, "false": False}.__getitem__,
    }
    kind = str(schema.get("type"))
    if kind == "array":
        return [_coerced(one, schema["items"]) for one in text.split(",")]
    try:
        return kinds[kind](text) if kind in kinds else text
    except (ValueError, KeyError):
        return text
