"""Servers whose paths are verbs, so that bodies and queries name the items."""

from collections.abc import Callable
from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]


def create(server: Server, asked: Asked) -> Answer:
    key = f"C{next(server.numbers):04}"
    server.store(("channels", key), {**asked.body, "id": key})
    return Answer(200, {"channel": server.items["channels", key]})


def info(server: Server, asked: Asked) -> Answer:
    found = server.items.get(("channels", asked.query["channel"]))
    return Answer(200, {"channel": found}) if found is not None else server.problem(404)


def list_page(server: Server, asked: Asked) -> Answer:
    return Answer(200, {"channels": [*server.items.values()][: int(asked.query.get("limit") or 100)]})


def list_all(server: Server, asked: Asked) -> Answer:
    return Answer(200, {"channels": [*server.items.values()]})


def renamed(server: Server, asked: Asked, item: Item, **more: Any) -> Answer:
    server.store(("channels", item["id"]), {**item, "name": asked.body["name"], **more})
    return Answer(200, {"channel": server.items["channels", item["id"]]})


def rename(server: Server, asked: Asked, **more: Any) -> Answer:
    item = server.items.get(("channels", asked.body["channel"]))
    return renamed(server, asked, item, **more) if item is not None else server.problem(404)


def rename_first(server: Server, asked: Asked) -> Answer:
    is_there = ("channels", asked.body["channel"]) in server.items
    return renamed(server, asked, next(iter(server.items.values()))) if is_there else server.problem(404)


def without_topic(server: Server, asked: Asked) -> Answer:
    return rename(server, asked, topic="")


def delete(server: Server, asked: Asked) -> Answer:
    is_there = server.items.pop(("channels", asked.body["channel"]), None) is not None
    return Answer(200, {"ok": True}) if is_there else server.problem(404)


def rename_any(server: Server, asked: Asked) -> Answer:
    answer = rename(server, asked)
    item = {"id": asked.body["channel"], "name": asked.body["name"], "topic": ""}
    return answer if answer.status == 200 else Answer(200, {"channel": item})


def delete_all(server: Server, asked: Asked) -> Answer:
    answer = delete(server, asked)
    if answer.status == 200:
        server.items.clear()
    return answer


def delete_none(server: Server, asked: Asked) -> Answer:
    return Answer(200, {"ok": True}) if ("channels", asked.body["channel"]) in server.items else server.problem(404)


def channels(**does: Does) -> dict[str, Any]:
    """The procedures, of which some may do something else."""
    right: dict[str, Does] = {"createChannel": create, "channelInfo": info, "listChannels": list_page}
    return {"does": {**right, "renameChannel": rename, "deleteChannel": delete, **does}}


RENAMED, KEPT, GONE = (
    "renameChannel.changed-after-change",
    "renameChannel.rest-kept-after-change",
    "deleteChannel.absent-after-delete",
)

DEFECTS: tuple[Member, ...] = (
    wrong("channels", "the first channel is renamed", RENAMED, **channels(renameChannel=rename_first)),
    wrong("channels", "a new name clears the topic", KEPT, **channels(renameChannel=without_topic)),
    wrong("channels", "nothing is deleted", GONE, **channels(deleteChannel=delete_none)),
    wrong("channels", "all channels are deleted", GONE, **channels(deleteChannel=delete_all)),
    wrong("channels", "any channel is renamed", "renameChannel.unknown-is-404", **channels(renameChannel=rename_any)),
    wrong("channels", "a limit is ignored", "listChannels.paged-as-asked", **channels(listChannels=list_all)),
)

CORRECT: tuple[Member, ...] = (correct("channels", "as it is", **channels()),)
