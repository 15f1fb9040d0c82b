"""Servers of operations that make several items of one request."""

from collections.abc import Callable
from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Results = list[Item]
Spoils = Callable[[Server, Results], Results]


def as_it_is(server: Server, results: Results) -> Results:
    return results


def stored(server: Server, kind: str, sent: Item) -> Item:
    """A new item."""
    number = next(server.numbers)
    server.store((kind, str(number)), {**server.kept(sent, {}), "id": number})
    return server.items[kind, str(number)]


def forget(server: Server, kind: str, item: Item) -> None:
    server.items.pop((kind, str(item["id"])), None)


def seeds(spoils: Spoils = as_it_is) -> dict[str, Any]:
    """A server of seeds; all of a list are made, or none."""

    def create(server: Server, asked: Asked) -> Answer:
        return Answer(201, spoils(server, [stored(server, "seeds", one) for one in asked.body]))

    return {"does": {"createSeeds": create}}


def last_lost(server: Server, results: Results) -> Results:
    for one in results[1:][-1:]:
        forget(server, "seeds", one)
    return results


def first_alone(server: Server, results: Results) -> Results:
    for one in results[1:]:
        forget(server, "seeds", one)
    return results[:1]


def swapped(server: Server, results: Results) -> Results:
    """The keys of other items."""
    return [{**one, "id": other["id"]} for one, other in zip(results, reversed(results), strict=True)]


def turned(server: Server, results: Results) -> Results:
    return results[::-1]


PARCEL = "/components/schemas/Parcel"


def parcels(takes_all: bool = False, is_all_or_none: bool = False, loses_last: bool = False) -> dict[str, Any]:
    """A server of parcels; a bad one is refused alone."""

    def fits(server: Server, parcel: Any) -> bool:
        return (takes_all and isinstance(parcel, dict) and "name" in parcel) or server.fits(PARCEL, parcel)

    def create(server: Server, asked: Asked) -> Answer:
        sent = asked.body["parcels"]
        made = [stored(server, "parcels", one) if fits(server, one) else None for one in sent]
        lost = made if is_all_or_none and None in made else made[1:][-1:] if loses_last else []
        for one in lost:
            if one is not None:
                forget(server, "parcels", one)
        results = [
            {"status": 201, "parcel": one} if one is not None else {"status": 400, "error": "no"} for one in made
        ]
        return Answer(207, {"results": results})

    lax = ("/paths/~1parcels~1batch/post/requestBody/content/application~1json/schema/properties/parcels/items",)
    return {"does": {"createParcels": create}, "lax": lax}


SEEDS, PARCELS = "createSeeds.readable-after-create", "createParcels.readable-after-create"

DEFECTS: tuple[Member, ...] = (
    wrong("seeds", "the last of a list is lost", SEEDS, **seeds(last_lost)),
    wrong("seeds", "the first of a list is made alone", SEEDS, **seeds(first_alone)),
    wrong("seeds", "results have the keys of others", SEEDS, **seeds(swapped)),
    wrong("seeds", "one is answered, and all are made", SEEDS, **seeds(lambda server, results: results[:1])),
    wrong("parcels", "a bad parcel is made", "createParcels.refused-when-invalid", **parcels(takes_all=True)),
    wrong("parcels", "one bad parcel makes all vanish", PARCELS, **parcels(is_all_or_none=True)),
    wrong("parcels", "the last parcel is lost", PARCELS, **parcels(loses_last=True)),
)

CORRECT: tuple[Member, ...] = (
    correct("seeds", "as it is", **seeds()),
    correct("seeds", "answers in another order", **seeds(turned)),
    correct("parcels", "as it is", **parcels()),
)
