"""Servers of items that name others of their kind: folders in folders."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, correct, ignoring, keeping, wrong
from tests.support.servers.serving import Answer, Asked


def list_in_parent(server: Server, asked: Asked) -> Answer:
    every, parent = server.below(asked.path), asked.query.get("parent_id")
    return Answer(200, [one for one in every if parent is None or str(one.get("parent_id")) == parent])


def list_all(server: Server, asked: Asked) -> Answer:
    return Answer(200, server.below(asked.path))


def blue_when_moved(new: Item, before: Item) -> Item:
    return {**new, "color": "blue"} if before and "parent_id" in new else new


def at_the_root_when_renamed(new: Item, before: Item) -> Item:
    return {**new, "parent_id": None} if before and "name" in new else new


def unshared_by_any_change(new: Item, before: Item) -> Item:
    return {"is_shared": False, **new} if before else new


def without_nulls(new: Item, before: Item) -> Item:
    return {name: before.get(name) if value is None else value for name, value in new.items()}


def without_empty_texts(new: Item, before: Item) -> Item:
    return {name: before.get(name) if value == "" else value for name, value in new.items()}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def dated_once(new: Item, before: Item) -> Item:
    return new if before else {**new, "updated_at": now()}


def dated(new: Item, before: Item) -> Item:
    return {**new, "updated_at": now()}


def cut(length: int) -> Callable[[Any], Any]:
    return lambda text: text[:length] if isinstance(text, str) else text


def as_number(text: Any) -> Any:
    return str(int(text)) if isinstance(text, str) and text.isdecimal() else text


def as_float32(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])


def crashing_on_unknown(server: Server, asked: Asked, answer: Answer) -> Answer:
    known = server.shape.document["components"]["schemas"]["Folder"]["properties"]
    is_unknown = asked.method == "POST" and isinstance(asked.body, dict) and bool(asked.body.keys() - known.keys())
    return server.problem(500) if is_unknown and answer.status < 300 else answer


FILED, CHANGED, KEPT = (
    "createFolder.readable-after-create",
    "changeFolder.changed-after-change",
    "changeFolder.rest-kept-after-change",
)
RIGHT: dict[str, Any] = {"does": {"listFolders": list_in_parent}}

DEFECTS: tuple[Member, ...] = (
    wrong("folders", "the parent filters nothing", "listFolders.filtered-as-asked", does={"listFolders": list_all}),
    wrong("folders", "a folder is never moved", CHANGED, kept=ignoring("parent_id"), **RIGHT),
    wrong("folders", "a move paints a folder blue", f"{CHANGED} {KEPT}", kept=blue_when_moved, **RIGHT),
    wrong("folders", "a new name moves a folder to the root", KEPT, kept=at_the_root_when_renamed, **RIGHT),
    wrong("folders", "any change ends the sharing", KEPT, kept=unshared_by_any_change, **RIGHT),
    wrong("folders", "all are blue", FILED, kept=keeping(color=lambda _: "blue"), **RIGHT),
    wrong("folders", "null changes nothing", CHANGED, kept=without_nulls, **RIGHT),
    wrong("folders", "an empty text changes nothing", CHANGED, kept=without_empty_texts, **RIGHT),
    wrong("folders", "texts are cut after 255 characters", FILED, kept=keeping(remark=cut(255)), **RIGHT),
    wrong("folders", "names are cut after 50 characters", FILED, kept=keeping(name=cut(50)), **RIGHT),
    wrong("folders", "zeros in front of a text are lost", CHANGED, kept=keeping(remark=as_number), **RIGHT),
    wrong("folders", "numbers are floats of 32 bits", FILED, kept=keeping(quota=as_float32), **RIGHT),
    wrong("folders", "the time of the last change is that of the creation", CHANGED, kept=dated_once, **RIGHT),
    wrong(
        "folders",
        "an unknown member is answered 500",
        "createFolder.answers-as-documented",
        spoil=crashing_on_unknown,
        **RIGHT,
    ),
)

CORRECT: tuple[Member, ...] = (
    correct("folders", "as it is", **RIGHT),
    correct("folders", "tells the second of the last change", kept=dated, **RIGHT),
)
