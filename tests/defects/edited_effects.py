"""Edits of what happens: steps that are dropped, guarded, exchanged or replaced."""

from typing import Any

from tests.defects.defect import hidden, shown
from tests.defects.edited import at, following, setting, step, without
from tests.defects.requests import data, fields, move, tags
from tests.support.in_process import ASHA, FREE

NUMBER = "$request.body#/new_contact_number"
ADDED = "$request.body#/add_tags"
REMOVED = "$request.body#/remove_tags"
DATA = "$request.body#/lead_data"
MOVE = move(ASHA, FREE)


def _swap_sources(document: Any) -> None:
    union, subtract = at(document, *step(0, "union")), at(document, *step(1, "subtract"))
    union["with"], subtract["with"] = subtract["with"], union["with"]
    del subtract["except"]


def _guard_tags(document: Any) -> None:
    for index in (0, 1):
        at(document, *step(index))["unless"] = NUMBER


DEFECTS = (
    hidden("add_tags adds nothing", "TAG-2 IDEM-1 ATOM-1", without(*step(0)), tags(add=[5])),
    hidden("remove_tags removes nothing", "TAG-2 IDEM-1 ATOM-1", without(*step(1)), tags(remove=[7])),
    hidden(
        "add_tags removes and remove_tags adds",
        "TAG-2 TAG-1 IDEM-1",
        following(_swap_sources),
        tags(add=[3], remove=[5]),
    ),
    hidden(
        "add_tags takes the place of all tags",
        "TAG-2 TAG-1 IDEM-1",
        setting(step(0), {"set": {"fields": {"tags": ADDED}}}),
        tags(add=[5]),
    ),
    hidden(
        "add_tags counts only without remove_tags",
        "TAG-2 ATOM-1",
        setting(step(0, "unless"), REMOVED),
        tags(add=[5], remove=[7]),
    ),
    hidden(
        "remove_tags counts only without add_tags",
        "TAG-2 ATOM-1",
        setting(step(1, "unless"), ADDED),
        tags(add=[5], remove=[7]),
    ),
    hidden(
        "add_tags counts only beside a new number", "TAG-2 IDEM-1 ATOM-1", setting(step(0, "if"), NUMBER), tags(add=[5])
    ),
    hidden(
        "remove_tags counts only beside add_tags",
        "TAG-2 IDEM-1 ATOM-1",
        setting(step(1, "if"), ADDED),
        tags(remove=[7]),
    ),
    hidden("lead_data changes nothing", "DATA-1 IDEM-1 ATOM-1", without(*step(2)), data(name="Asha")),
    hidden(
        "lead_data takes the place of all data",
        "DATA-1",
        setting(step(2), {"set": {"fields": {"data": DATA}}}),
        data(name="Asha"),
    ),
    hidden(
        "lead_data counts only without tags",
        "DATA-1 ATOM-1 TAG-2",
        setting(step(2, "unless"), ADDED),
        fields(add_tags=[3], lead_data={"name": "Asha"}),
    ),
    hidden(
        "lead_data counts only without a new number",
        "ATOM-1 DATA-1 MOVE-1",
        setting(step(2, "unless"), NUMBER),
        move(ASHA, FREE, lead_data={"name": "Asha"}),
    ),
    hidden(
        "tags count only without a new number",
        "ATOM-1 TAG-2 MOVE-1",
        following(_guard_tags),
        move(ASHA, FREE, add_tags=[5]),
    ),
    hidden(
        "a new country code is ignored beside a new number",
        "MOVE-1 ATOM-1",
        setting(step(3, "set", "fields"), {"contact_number": NUMBER}),
        move(ASHA, FREE, 44),
    ),
    shown("a new number is ignored", "MOVE-1 ATOM-1 IDEM-1", without(*step(3)), MOVE, data(FREE, name="Asha")),
    shown(
        "a new number changes the country code only",
        "MOVE-1 ATOM-1 IDEM-1",
        setting(step(3, "set", "fields"), {"country_code": "$request.body#/new_country_code"}),
        MOVE,
        data(FREE, name="Asha"),
    ),
    shown(
        "a new number counts only without lead_data",
        "MOVE-1 ATOM-1 IDEM-1",
        setting(step(3, "unless"), DATA),
        move(ASHA, FREE, lead_data={"name": "Asha"}),
        data(FREE, name="Asha"),
    ),
)
