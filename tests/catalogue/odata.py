"""Servers of OData: keys in parentheses, and query options that begin with a dollar."""

from collections.abc import Callable
from typing import Any

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, deletes_nothing, losing, wrong
from tests.support.servers.serving import Answer, Asked


def listed(
    *ignored: str, turned: bool = False, cut_first: bool = False, gap: int = 0, counts_page: bool = False
) -> Callable[[Server, Asked], Answer]:
    """The list, without a look at some options, in the wrong direction, cut before it is skipped, or with a gap.

    Or the count is that of the page.
    """

    def does(server: Server, asked: Asked) -> Answer:
        query = {name: text for name, text in asked.query.items() if name not in ignored}
        found = server.below(asked.path)
        for choice in reversed(query.get("$orderby", "").split(",")):
            member, _, direction = choice.partition(" ")
            if member:
                having = [one for one in found if member in one]
                having.sort(key=lambda one: one[member], reverse=(direction == "desc") != turned)
                found = [*having, *(one for one in found if member not in one)]
        skipped, most = int(query.get("$skip", 0)), int(query.get("$top", len(found)))
        total, first = len(found), skipped + (gap if skipped else 0)
        found = found[:most][first:] if cut_first else found[first:][:most]
        total = len(found) if counts_page else total
        count: dict[str, Any] = {"@odata.count": total} if query.get("$count") == "true" else {}
        return Answer(200, {**count, "value": found})

    return does


PAGED, ORDERED = "listProducts.paged-as-asked", "listProducts.ordered-as-asked"

DEFECTS: tuple[Member, ...] = (
    wrong("products", "$top is ignored", PAGED, does={"listProducts": listed("$top")}),
    wrong("products", "$skip is ignored", PAGED, does={"listProducts": listed("$skip")}),
    wrong("products", "$skip skips one more", PAGED, does={"listProducts": listed(gap=1)}),
    wrong("products", "$top comes before $skip", PAGED, does={"listProducts": listed(cut_first=True)}),
    wrong("products", "$count is ignored", PAGED, does={"listProducts": listed("$count")}),
    wrong("products", "$count counts the page", PAGED, does={"listProducts": listed(counts_page=True)}),
    wrong("products", "$orderby is ignored", ORDERED, does={"listProducts": listed("$orderby")}),
    wrong("products", "$orderby is turned around", ORDERED, does={"listProducts": listed(turned=True)}),
    wrong(
        "products",
        "the rating is not kept",
        "createProduct.readable-after-create",
        kept=losing("rating"),
        does={"listProducts": listed()},
    ),
    wrong(
        "products",
        "nothing is deleted",
        "deleteProduct.absent-after-delete",
        does={"listProducts": listed(), "deleteProduct": deletes_nothing},
    ),
)

CORRECT: tuple[Member, ...] = (correct("products", "as it is", does={"listProducts": listed()}),)
