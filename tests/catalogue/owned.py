"""Servers of items that others name, whose deletion takes those along, or is prevented by them."""

from collections.abc import Callable, Iterable

from tests.catalogue.server import Place, Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]


def owned(server: Server, asked: Asked) -> list[Place]:
    """The items that name the one in a path."""
    kind, key = {"plans": ("steps", "planId"), "teams": ("players", "teamId")}[asked.path[0]]
    return [one for one, item in server.items.items() if one[0] == kind and str(item[key]) == asked.path[1]]


def every_step(server: Server, asked: Asked) -> list[Place]:
    return [one for one in server.items if one[0] == "steps"]


def nothing(server: Server, asked: Asked) -> list[Place]:
    return []


def taking_along(found: Callable[[Server, Asked], Iterable[Place]] = owned) -> Does:
    """A deletion that takes items along."""

    def does(server: Server, asked: Asked) -> Answer:
        along = [*found(server, asked)] if asked.path in server.items else ()
        for one in along:
            del server.items[one]
        return server.right(asked)

    return does


def refusing(status: int = 409, deletes: bool = False) -> Does:
    """A deletion that is refused while there are players, and may be done all the same."""

    def does(server: Server, asked: Asked) -> Answer:
        if asked.path in server.items and owned(server, asked):
            if deletes:
                del server.items[asked.path]
            return server.problem(status)
        return server.right(asked)

    return does


GONE, IN_USE = "deletePlan.absent-after-delete", "deleteTeam.refused-when-in-use"

DEFECTS: tuple[Member, ...] = (
    wrong("plans", "steps outlive their plan", GONE, does={"deletePlan": taking_along(nothing)}),
    wrong("plans", "the steps of all plans go with one", GONE, does={"deletePlan": taking_along(every_step)}),
    wrong("teams", "a team with players is deleted", IN_USE),
    wrong("teams", "players go with their team", IN_USE, does={"deleteTeam": taking_along()}),
    wrong("teams", "a team is deleted, and 409 answered", IN_USE, does={"deleteTeam": refusing(deletes=True)}),
)

CORRECT: tuple[Member, ...] = (
    correct("plans", "as it is", does={"deletePlan": taking_along()}),
    correct("teams", "as it is", does={"deleteTeam": refusing()}),
    correct("teams", "refuses with 422", does={"deleteTeam": refusing(422)}),
)
