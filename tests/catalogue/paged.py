"""Servers of pages that tell of themselves: their number, how many there are, and a link to the next one."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Meta = dict[str, Any]


def as_it_is(meta: Meta) -> Meta:
    return meta


def paged(
    counted: Callable[[Meta], Meta] = as_it_is, linked: Callable[[int, int], str | None] | None = None
) -> Mapping[str, Any]:
    """The list, whose pages may count otherwise, or lead elsewhere than to the next page."""

    def does(server: Server, asked: Asked) -> Answer:
        every = server.below(asked.path)
        number, size = int(asked.query.get("page", 1)), int(asked.query.get("per_page", 20))
        last = max(-(-len(every) // size), 1)
        meta = {"total": len(every), "current_page": number, "last_page": last, "per_page": size}
        query = linked(number, size) if linked is not None else f"page={number + 1}&per_page={size}"
        link = f"http://elsewhere.example/api/events?{query}" if query and number < last else None
        found = every[(number - 1) * size : number * size]
        return Answer(200, {"data": found, "meta": counted(meta), "links": {"next": link}})

    return {"does": {"listEvents": does}}


PAGED = "listEvents.paged-as-asked"

DEFECTS: tuple[Member, ...] = (
    wrong("events", "the last page is not counted", PAGED, **paged(lambda meta: {**meta, "last_page": 1})),
    wrong("events", "all pages are the first", PAGED, **paged(lambda meta: {**meta, "current_page": 1})),
    wrong("events", "the total is that of the page", PAGED, **paged(lambda meta: {**meta, "total": meta["per_page"]})),
    wrong("events", "the link leads to the same page", PAGED, **paged(linked="page={}&per_page={}".format)),
    wrong("events", "the link forgets the size", PAGED, **paged(linked=lambda number, _: f"page={number + 1}")),
    wrong("events", "no page has a link", PAGED, **paged(linked=lambda *_: None)),
)

CORRECT: tuple[Member, ...] = (
    correct("events", "as it is", **paged()),
    correct("events", "counts pages from 0", **paged(lambda meta: {**meta, "current_page": meta["current_page"] - 1})),
)
