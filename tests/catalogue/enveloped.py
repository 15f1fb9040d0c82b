"""Servers that take and show an item in an envelope, `{"case": {…}}`, and refuse what no schema forbids."""

from collections.abc import Callable

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, correct, ignoring, losing, wrong
from tests.support.servers.serving import Answer, Asked

CREATES, REPLACES, CHANGES, DELETES = "createCase", "replaceCase", "changeCase", "deleteCase"


def ends_late(server: Server, asked: Asked) -> Answer:
    """A case that does not end after its start is refused."""
    sent = asked.body["case"]
    before = server.items.get(asked.path, {})
    times = [sent.get(name, before.get(name, "")) for name in ("start", "end")]
    return server.problem(422, "end must be after start") if times[0] >= times[1] else server.right(asked)


def without_priority(server: Server, asked: Asked) -> Answer:
    """A priority is refused in the creation of a case."""
    if "priority" in asked.body["case"]:
        return server.problem(422, "priority can be set for an open case only")
    return server.right(asked)


def marked(server: Server, asked: Asked) -> Answer:
    """A case that is deleted is read and changed as before, but marked, and listed no more."""
    if asked.path not in server.items or "deleted_at" in server.items[asked.path]:
        return server.problem(404)
    server.items[asked.path]["deleted_at"] = "2030-01-01T00:00:00Z"
    return Answer(204)


def without_marked(server: Server, asked: Asked) -> Answer:
    """The cases that are not marked as deleted."""
    return Answer(200, [one for one in server.below(asked.path) if "deleted_at" not in one])


def keeping_mark(new: Item, before: Item) -> Item:
    """What is sent, and whether the case is deleted."""
    mark = {"deleted_at": before["deleted_at"]} if "deleted_at" in before else {}
    return {**new, **mark}


def counted(new: Item, before: Item) -> Item:
    """A number that the server sets, inside of an object."""
    return {**new, "channel": {**new["channel"], "source": 7}} if "channel" in new else new


def on_change(keeps: Callable[[Item, Item], Item]) -> Callable[[Item, Item], Item]:
    """Another way to keep what a change sends, but not what a creation does."""
    return lambda new, before: keeps(new, before) if before else new


def forgetting(server: Server, asked: Asked) -> Answer:
    """A change that keeps of a case only what it must have."""
    answer = server.right(asked)
    if answer.status == 200:
        names = {"id", "subject", "start", "end", *asked.body["case"]}
        server.items[asked.path] = {name: one for name, one in server.items[asked.path].items() if name in names}
    return answer


_LATE = {CREATES: ends_late, REPLACES: ends_late, CHANGES: ends_late}

CORRECT: tuple[Member, ...] = (
    correct("cases", "as it is"),
    correct("cases", "have to end after their start", does=_LATE),
    correct("cases", "have no priority at first", does={CREATES: without_priority}),
    correct("cases", "are marked as deleted", does={DELETES: marked, "listCases": without_marked}, kept=keeping_mark),
    correct("cases", "have a source of the server", kept=counted),
)

DEFECTS: tuple[Member, ...] = (
    wrong("cases", "the note is not kept", "createCase.readable-after-create", kept=losing("note")),
    wrong(
        "cases",
        "a change ignores the note",
        "replaceCase.changed-after-change changeCase.changed-after-change",
        kept=ignoring("note"),
    ),
    wrong(
        "cases",
        "a change loses what it was not sent",
        "changeCase.rest-kept-after-change",
        does={CHANGES: forgetting},
    ),
    wrong(
        "cases",
        "a change loses the note of cases that have to end after their start",
        "replaceCase.changed-after-change changeCase.changed-after-change",
        does=_LATE,
        kept=on_change(losing("note")),
    ),
)
