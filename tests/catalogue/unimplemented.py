"""Servers that lack one operation, and servers whose 404 is right."""

from collections.abc import Callable

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked


def answering(status: int) -> Callable[[Server, Asked], Answer]:
    """One status for every request."""

    def does(server: Server, asked: Asked) -> Answer:
        return server.problem(status)

    return does


def none_if_empty(server: Server, asked: Asked) -> Answer:
    """404 for a list without items."""
    answer = server.right(asked)
    return answer if answer.body else server.problem(404)


_MISSING = (
    ("tasks", "listTasks", 404),
    ("tasks", "getTask", 404),
    ("tasks", "deleteTask", 404),
    ("albums", "getTrack", 404),
    ("groups", "addMember", 404),
    ("groups", "addMember", 405),
    ("pages", "putPage", 405),
    ("stock", "putLevel", 415),
    ("stock", "getLevel", 404),
)

DEFECTS: tuple[Member, ...] = (
    *(
        wrong(
            shape,
            f"{operation} is always {status}",
            f"{operation}.is-implemented",
            does={operation: answering(status)},
        )
        for shape, operation, status in _MISSING
    ),
    wrong(
        "groups",
        "removeMember is always 404",
        "removeMember.absent-after-remove",
        does={"removeMember": answering(404)},
    ),
)

CORRECT: tuple[Member, ...] = (
    correct("tasks", "answers 404 for a list without items", does={"listTasks": none_if_empty}),
    correct("groups", "answers 404 for a group without members", does={"listMembers": none_if_empty}),
)
