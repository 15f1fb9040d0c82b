"""Servers of items in stages, in some of which texts say that an operation is refused."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]


def begun_as(status: str) -> Callable[[Item, Item], Item]:
    """The status of a new item."""
    return lambda new, before: {"status": status, **before, **new}


def to(status: str, *before: str) -> Does:
    """The action that gives an item a status, if it has one of some others `before`."""

    def does(server: Server, asked: Asked) -> Answer:
        item = server.items.get(asked.path[:-1])
        if item is None:
            return server.problem(404)
        if item["status"] not in before:
            return server.problem(409)
        item["status"] = status
        return Answer(200, item)

    return does


def unless(statuses: Collection[str], refusal: int = 409) -> Does:
    """An operation that is refused while an item has one of some statuses."""

    def does(server: Server, asked: Asked) -> Answer:
        item = server.items.get(asked.path)
        return server.problem(refusal) if item and item["status"] in statuses else server.right(asked)

    return does


def staying(server: Server, asked: Asked) -> Answer:
    """A deletion that is accepted, though a permit that is no draft stays."""
    item = server.items.get(asked.path)
    return Answer(204) if item and item["status"] != "draft" else server.right(asked)


SUBMITTED, APPROVED = ("submitted", "approved"), ("approved",)
PERMITS: Mapping[str, Does] = {
    "deletePermit": unless(SUBMITTED),
    "changePermit": unless(APPROVED),
    "submitPermit": to("submitted", "draft"),
    "approvePermit": to("approved", "submitted"),
}
TICKETS: Mapping[str, Does] = {"deleteTicket": unless(("closed",)), "changeTicket": unless(("archived",))}


def permits(**does: Does) -> dict[str, Any]:
    """The ways of a server of permits, with other operations by their ids."""
    return {"kept": begun_as("draft"), "does": {**PERMITS, **does}}


def tickets(**does: Does) -> dict[str, Any]:
    """The same of tickets, whose status clients send."""
    return {"kept": begun_as("open"), "does": {**TICKETS, **does}}


def hiding(server: Server, asked: Asked) -> Answer:
    """The memos, those that are archived only if they are asked for."""
    every = server.below(asked.path)
    return Answer(200, every if asked.query.get("include_archived") == "true" else [*filter(is_current, every)])


def hiding_the_last(server: Server, asked: Asked) -> Answer:
    """The same without the memo that was made last."""
    answer = hiding(server, asked)
    return answer._replace(body=answer.body[:-1])


def is_current(memo: Item) -> bool:
    return not memo.get("archived")


DEFECTS: tuple[Member, ...] = (
    wrong("permits", "any is deleted", "deletePermit.refused-in-state", **permits(deletePermit=unless(()))),
    wrong("permits", "one stays, and 204 answered", "deletePermit.refused-in-state", **permits(deletePermit=staying)),
    wrong("permits", "approved ones are changed", "changePermit.refused-in-state", **permits(changePermit=unless(()))),
    wrong(
        "permits",
        "drafts are approved",
        "approvePermit.refused-in-state",
        **permits(approvePermit=to("approved", "draft", "submitted")),
    ),
    wrong(
        "permits",
        "approved ones are submitted",
        "submitPermit.refused-in-state",
        **permits(submitPermit=to("submitted", "draft", "approved")),
    ),
    wrong("memos", "the last one is not listed", "createMemo.listed-after-create", does={"listMemos": hiding_the_last}),
    wrong("tickets", "closed ones are deleted", "deleteTicket.refused-in-state", **tickets(deleteTicket=unless(()))),
    wrong("tickets", "archived ones are changed", "changeTicket.refused-in-state", **tickets(changeTicket=unless(()))),
)

CORRECT: tuple[Member, ...] = (
    correct("permits", "as it is", keeps=True, **permits()),
    correct(
        "permits",
        "refuses with 422 and 403",
        keeps=True,
        **permits(deletePermit=unless(SUBMITTED, 422), changePermit=unless(APPROVED, 403)),
    ),
    correct(
        "permits",
        "a submitted one is submitted again",
        keeps=True,
        **permits(submitPermit=to("submitted", "draft", "submitted")),
    ),
    correct("memos", "lists those that are archived too"),
    correct("memos", "lists those that are archived if they are asked for", does={"listMemos": hiding}),
    correct("tickets", "as it is", **tickets()),
    correct("tickets", "refuses with 423", **tickets(deleteTicket=unless(("closed",), 423))),
)
