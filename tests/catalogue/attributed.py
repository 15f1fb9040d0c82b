"""Servers of JSON:API, whose lists are asked for by what is in the attributes of items."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from tests.catalogue.server import Server
from tests.catalogue.ways import Item, Member, correct, wrong
from tests.support.servers.serving import Answer, Asked


def leaflets(*ignored: str, lost: str = "", kept: Callable[[Item], Item] = lambda item: item) -> dict[str, Any]:
    """A server of leaflets that does not look at some parameters, or whose link to the next page lacks one."""

    def listed(server: Server, asked: Asked) -> Answer:
        query = {name: text for name, text in asked.query.items() if name not in ignored}
        found, by = server.below(asked.path), query.get("sort", "")
        status = query.get("filter[status]")
        found = [one for one in found if status in (None, one["attributes"]["status"])]
        if by:
            found.sort(key=lambda one: one["attributes"]["pages"], reverse=by[0] == "-")
        number, size = int(query.get("page[number]", 1)), int(query.get("page[size]", 20))
        following = {name: text for name, text in asked.query.items() if name != lost} | {"page[number]": number + 1}
        link = f"/leaflets?{urlencode(following)}" if number * size < len(found) else None
        return Answer(200, {"data": found[(number - 1) * size : number * size], "links": {"next": link}})

    def create(server: Server, asked: Asked) -> Answer:
        number = str(next(server.numbers))
        sent = asked.body["data"]["attributes"]
        item = {"type": "leaflets", "id": number, "attributes": kept(sent)}
        server.store(("leaflets", number), item)
        return Answer(201, {"data": item})

    def read(server: Server, asked: Asked) -> Answer:
        answer = server.read(asked.path, asked)
        return answer._replace(body={"data": answer.body}) if answer.status == 200 else answer

    return {"does": {"listLeaflets": listed, "createLeaflet": create, "getLeaflet": read}}


FILTERED = "listLeaflets.filtered-as-asked"

DEFECTS: tuple[Member, ...] = (
    wrong("leaflets", "filter[status] is ignored", FILTERED, **leaflets("filter[status]")),
    wrong("leaflets", "the link to the next page loses the filter", FILTERED, **leaflets(lost="filter[status]")),
    wrong("leaflets", "sort is ignored", "listLeaflets.ordered-as-asked", **leaflets("sort")),
    wrong("leaflets", "page[size] is ignored", "listLeaflets.paged-as-asked", **leaflets("page[size]")),
)

CORRECT: tuple[Member, ...] = (correct("leaflets", "as it is", **leaflets()),)
