"""Servers whose bodies have the item inside of a member, and whose lists are described in words."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.catalogue.server import MADE, Item, Server, as_sent
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]
MADE_REPAIR = "createRepair.readable-after-create replaceRepair.changed-after-change changeRepair.changed-after-change"
BODY = "/components/schemas/RepairBody/properties/repair/properties"


def inside(does: Callable[[Server, Asked], Answer]) -> Does:
    """An operation on the item that stands inside of `repair`."""

    def outside(server: Server, asked: Asked) -> Answer:
        body = asked.body["repair"] if isinstance(asked.body, dict) else asked.body
        answer = does(server, asked._replace(body=body))
        return answer._replace(body={"repair": answer.body}) if answer.status in (200, 201) else answer

    return outside


def create(server: Server, asked: Asked) -> Answer:
    number = next(server.numbers)
    item = {"is_open": True, "labels": [], **server.ways.kept(dict(asked.body), {}), "id": number, "created_at": MADE}
    server.store((*asked.path, str(number)), item)
    return Answer(201, item)


def show(server: Server, asked: Asked) -> Answer:
    return Answer(200, server.items[asked.path]) if asked.path in server.items else server.problem(404)


def replace(server: Server, asked: Asked) -> Answer:
    if asked.path not in server.items:
        return server.problem(404)
    before = server.items[asked.path]
    kept = server.ways.kept(dict(asked.body), before)
    server.store(
        asked.path, {"is_open": True, "labels": [], **kept, "id": before["id"], "created_at": before["created_at"]}
    )
    return Answer(200, server.items[asked.path])


def change(server: Server, asked: Asked) -> Answer:
    if asked.path not in server.items:
        return server.problem(404)
    before = server.items[asked.path]
    server.store(asked.path, {**before, **server.ways.kept(dict(asked.body), before)})
    return Answer(200, server.items[asked.path])


def made_anew(server: Server, asked: Asked) -> Answer:
    """A change that moves the time of creation."""
    if asked.path in server.items:
        server.items[asked.path]["created_at"] = "2031-01-01T00:00:00Z"
    return change(server, asked)


def pages(
    filtered: bool = True, contained: bool = False, per_page: int = 0, up: bool = False, as_text: bool = False
) -> Does:
    """The list, in which a filter, the size of a page or the direction may be without effect."""

    def does(server: Server, asked: Asked) -> Answer:
        found, wanted = server.below(asked.path), asked.query.get("floor", "")
        if wanted and filtered:
            shown = [(str(one.get("floor")), one) for one in found]
            found = [one for floor, one in shown if (wanted in floor if contained else floor == wanted)]
        by = asked.query.get("sort_by", "")
        if by:
            found.sort(key=lambda one: str(one.get(by, "")) if as_text else (one.get(by) is not None, one.get(by)))
        if asked.query.get("sort_order") == "desc" and not up:
            found.reverse()
        size, number = per_page or int(asked.query.get("per_page") or 20), int(asked.query.get("page") or 1)
        page = found[(number - 1) * size : number * size]
        return Answer(200, {"repairs": page, "count": len(found)})

    return does


def counting_page(server: Server, asked: Asked) -> Answer:
    answer = pages()(server, asked)
    return answer._replace(body={**answer.body, "count": len(answer.body["repairs"])})


REPAIRS: Mapping[str, Does] = {
    "createRepair": inside(create),
    "getRepair": inside(show),
    "replaceRepair": inside(replace),
    "changeRepair": inside(change),
    "listRepairs": pages(),
}


def without_first_contact(new: Item, before: Item) -> Item:
    return {**new, "contacts": new["contacts"][1:]} if "contacts" in new else new


def in_basic_plane(value: Any) -> Any:
    """Texts without the characters that take four bytes in UTF-8, as an old MySQL keeps them."""
    if isinstance(value, str):
        return "".join(one for one in value if ord(one) < 0x10000)
    if isinstance(value, dict):
        return {name: in_basic_plane(one) for name, one in value.items()}
    return value


def emoji_lost_inside(new: Item, before: Item) -> Item:
    return {name: in_basic_plane(value) if isinstance(value, dict) else value for name, value in new.items()}


def without_second_key(new: Item, before: Item) -> Item:
    return {**new, "fields": dict([*new["fields"].items()][:1])} if "fields" in new else new


def trimmed(new: Item, before: Item) -> Item:
    return {name: value.strip() if isinstance(value, str) else value for name, value in new.items()}


def unsigned(new: Item, before: Item) -> Item:
    return {**new, "floor": abs(new["floor"])} if "floor" in new else new


def closed_again(new: Item, before: Item) -> Item:
    """False is taken for a member that was not sent."""
    return {name: value for name, value in new.items() if value is not False}


def ways(kept: Callable[[Item, Item], Item] = as_sent, **does: Does) -> dict[str, Any]:
    """The ways of a server of repairs: what it keeps, and other operations by their ids."""
    return {"kept": kept, "does": {**REPAIRS, **does}}


DEFECTS: tuple[Member, ...] = (
    wrong(
        "repairs",
        "a change moves the time of creation",
        "changeRepair.rest-kept-after-change",
        **ways(changeRepair=inside(made_anew)),
    ),
    wrong("repairs", "the first contact is lost", MADE_REPAIR, **ways(without_first_contact)),
    wrong("repairs", "emoji inside of an object are lost", MADE_REPAIR, **ways(emoji_lost_inside)),
    wrong("repairs", "a map has one member", MADE_REPAIR, **ways(without_second_key)),
    wrong("repairs", "numbers have no sign", MADE_REPAIR, **ways(unsigned)),
    wrong("repairs", "false changes nothing", MADE_REPAIR, **ways(closed_again)),
    wrong(
        "repairs",
        "the filter is not looked at",
        "listRepairs.filtered-as-asked",
        **ways(listRepairs=pages(filtered=False)),
    ),
    wrong(
        "repairs",
        "a filter finds parts of numbers",
        "listRepairs.filtered-as-asked",
        **ways(listRepairs=pages(contained=True)),
    ),
    wrong(
        "repairs", "all pages have twenty items", "listRepairs.paged-as-asked", **ways(listRepairs=pages(per_page=20))
    ),
    wrong("repairs", "the count is that of the page", "listRepairs.paged-as-asked", **ways(listRepairs=counting_page)),
    wrong(
        "repairs", "the direction is not looked at", "listRepairs.ordered-as-asked", **ways(listRepairs=pages(up=True))
    ),
    wrong(
        "repairs",
        "numbers are sorted as texts",
        "listRepairs.ordered-as-asked",
        **ways(listRepairs=pages(as_text=True)),
    ),
    *(
        wrong(
            "repairs",
            f"takes what breaks {place}",
            "createRepair.refused-when-invalid",
            lax=(f"{BODY}/{place}",),
            **ways(),
        )
        for place in ("requester/properties/email/format", "contacts/items/required")
    ),
)

CORRECT: tuple[Member, ...] = (
    correct("repairs", "as it is", **ways()),
    correct(
        "repairs",
        "keeps texts without outer spaces",
        **ways(trimmed),
    ),
)
