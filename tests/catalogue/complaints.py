"""Servers modelled on what users of public APIs complain about."""

from collections.abc import Callable
from html import escape
from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import (
    CHANGED_NOTE,
    READ_NOTE,
    Member,
    correct,
    keeping,
    merging,
    on,
    right_but,
    with_header,
    wrong,
)
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]


def in_one_zone(text: str) -> str:
    """The time of the clock, whatever the zone was."""
    return f"{text[:19]}Z"


def with_single_spaces(text: str) -> str:
    return " ".join(text.split())


def without_null(new: Item, before: Item) -> Item:
    """Null is taken for a member that was not sent."""
    old = {name: before[name] for name, value in new.items() if value is None and name in before}
    return {**{name: value for name, value in new.items() if value is not None}, **old}


def appending(new: Item, before: Item) -> Item:
    """Lists grow in place of being replaced."""
    more = {name: [*before.get(name, ()), *value] for name, value in new.items() if isinstance(value, list)}
    return {**new, **more}


def answering_as_before(server: Server, asked: Asked) -> Answer:
    """The answer to a change shows the item as it was."""
    before = dict(server.items.get(asked.path, {}))
    answer = server.right(asked)
    return answer._replace(body=before) if answer.status == 200 else answer


def answering_another(name: str, value: Any) -> Callable[[Server, Asked, Answer], Answer]:
    def spoil(server: Server, asked: Asked, answer: Answer) -> Answer:
        return answer._replace(body={**answer.body, name: value}) if answer.status == 201 else answer

    return spoil


def listing_as_created(server: Server, asked: Asked) -> Answer:
    """A list shows items as they were when they were made."""
    answer, old = server.right(asked), server.memory.setdefault("created", {})
    for item in answer.body if answer.status == 200 else ():
        old.setdefault(item["id"], item)
    return answer._replace(body=[old[item["id"]] for item in answer.body]) if answer.status == 200 else answer


def remembering(server: Server, asked: Asked) -> Answer:
    """A creation that is remembered for lists which never change."""
    answer = server.right(asked)
    if answer.status == 201:
        server.memory.setdefault("created", {})[answer.body["id"]] = answer.body
    return answer


def crashing_again(server: Server, asked: Asked) -> Answer:
    """The second deletion of an item crashes."""
    gone = server.memory.setdefault("gone", set())
    if asked.path in gone:
        return Answer(500)
    answer = server.right(asked)
    if answer.status == 204:
        gone.add(asked.path)
    return answer


def reviving(server: Server, asked: Asked) -> Answer:
    """A change brings back what was deleted."""
    if asked.path in server.items or asked.path not in server.versions:
        return server.right(asked)
    server.store(asked.path, {**asked.body, "id": int(asked.path[-1])})
    return Answer(200, server.items[asked.path])


def cut_off_by_quotes(server: Server, asked: Asked) -> Answer:
    """A quote in a title ends a statement of the database."""
    return Answer(500) if "'" in str(asked.body.get("title")) else server.right(asked)


def below_any_parent(server: Server, asked: Asked) -> Answer:
    """A task is found by its id alone."""
    found = next((place for place in server.items if len(place) == 4 and place[3] == asked.path[3]), asked.path)
    return server.right(asked._replace(path=found))


def empty_for_unknown(server: Server, asked: Asked) -> Answer:
    return Answer(200, []) if asked.path[:2] not in server.items else server.right(asked)


def turned(page: Callable[[Server, Asked, int], Answer]) -> Does:
    """Pages behind the first in another way."""

    def does(server: Server, asked: Asked) -> Answer:
        start = int(asked.query.get("cursor", "").removeprefix("after") or 0)
        return page(server, asked, start) if start else server.right(asked)

    return does


def at(server: Server, asked: Asked, start: int) -> Answer:
    return server.right(asked._replace(query={**asked.query, "cursor": f"after{start}"}))


def without_next(server: Server, asked: Asked, answer: Answer) -> Answer:
    return answer._replace(body={**answer.body, "nextCursor": None}) if answer.status == 200 else answer


def counting_the_deleted(server: Server, asked: Asked, answer: Answer) -> Answer:
    """The total has what was deleted too."""
    total = sum(place[0] == "orders" for place in server.versions)
    return answer._replace(body={**answer.body, "total": total}) if answer.status == 200 else answer


CHANGED = "replaceNote.changed-after-change changeNote.changed-after-change"

DEFECTS: tuple[Member, ...] = (
    wrong("notes", "zones are dropped from times", READ_NOTE, kept=keeping(due=in_one_zone)),
    wrong("notes", "days are off by one", READ_NOTE, kept=keeping(day=lambda day: f"{day[:8]}01")),
    wrong("notes", "spaces inside of titles are lost", READ_NOTE, kept=keeping(title=with_single_spaces)),
    wrong("notes", "titles are escaped for HTML", READ_NOTE, kept=keeping(title=escape)),
    wrong(
        "notes", "quotes in titles crash", "createNote.answers-as-documented", does={"createNote": cut_off_by_quotes}
    ),
    wrong("notes", "null changes nothing", CHANGED_NOTE, kept=without_null),
    wrong("notes", "lists grow", CHANGED_NOTE, kept=appending),
    wrong(
        "notes",
        "PATCH answers with the item as it was",
        "changeNote.changed-after-change",
        does={"changeNote": answering_as_before},
    ),
    wrong(
        "notes",
        "a creation answers with another title",
        "createNote.readable-after-create",
        spoil=answering_another("title", "another"),
    ),
    wrong(
        "notes",
        "lists show items as they were made",
        CHANGED_NOTE,
        does={"createNote": remembering, "listNotes": listing_as_created},
    ),
    wrong(
        "notes", "the second DELETE crashes", "deleteNote.answers-as-documented", does={"deleteNote": crashing_again}
    ),
    wrong(
        "notes",
        "PUT brings back what was deleted",
        "replaceNote.unknown-is-404 deleteNote.absent-after-delete",
        does={"replaceNote": reviving},
    ),
    wrong(
        "tasks",
        "PUT finds tasks below any project",
        "replaceTask.unknown-is-404",
        does={"replaceTask": below_any_parent},
    ),
    wrong(
        "tasks",
        "DELETE finds a task below any project",
        "deleteTask.unknown-is-404",
        does={"deleteTask": below_any_parent},
    ),
    wrong(
        "tasks", "an unknown project has no tasks", "listTasks.unknown-is-404", does={"listTasks": empty_for_unknown}
    ),
    wrong(
        "orders",
        "every page is the first",
        "listOrders.paged-as-asked",
        does={"listOrders": turned(lambda server, asked, start: at(server, asked, 0))},
    ),
    wrong(
        "orders",
        "the second page begins one late",
        "listOrders.paged-as-asked",
        does={"listOrders": turned(lambda server, asked, start: at(server, asked, start + 1))},
    ),
    wrong(
        "orders",
        "the second page begins one early",
        "listOrders.paged-as-asked",
        does={"listOrders": turned(lambda server, asked, start: at(server, asked, start - 1))},
    ),
    wrong(
        "orders",
        "the first page is the last",
        "listOrders.paged-as-asked",
        does={"listOrders": right_but(without_next)},
    ),
    wrong(
        "orders",
        "the total counts the deleted",
        "listOrders.paged-as-asked",
        does={"listOrders": right_but(counting_the_deleted)},
    ),
)

CORRECT: tuple[Member, ...] = (
    correct("notes", "sorts sets", kept=keeping(tags=sorted)),
    correct("notes", "keeps with PUT what was not sent", does={"replaceNote": merging}),
    correct("notes", "shows times in another zone", kept=keeping(due=lambda due: due.replace("Z", "+00:00"))),
    correct(
        "notes", "answers to a creation with its Location", spoil=on("createNote", with_header("Location", "/notes"))
    ),
)
