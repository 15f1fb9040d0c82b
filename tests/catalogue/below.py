"""Servers of things below others: wheels under keys that clients choose, values of a stage, and merge patches."""

from typing import Any

from tests.catalogue.server import Item, Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

STAGES = ("prod", "test", "dev")


def merged(new: Item, before: Item) -> Item:
    """What a merge patch makes of an item (RFC 7396 section 2)."""
    found = dict(before)
    for name, value in new.items():
        inner = found.get(name)
        found[name] = merged(value, inner if isinstance(inner, dict) else {}) if isinstance(value, dict) else value
    return {name: value for name, value in found.items() if value is not None}


def replaced(new: Item, before: Item) -> Item:
    """Objects take the place of those that were there."""
    return {name: value for name, value in {**before, **new}.items() if value is not None}


def without_nulls(new: Item, before: Item) -> Item:
    return merged({name: value for name, value in new.items() if value is not None}, before)


def patched(merge: Any = merged) -> Any:
    """The change of a van."""

    def does(server: Server, asked: Asked) -> Answer:
        if asked.path not in server.items:
            return server.problem(404)
        server.store(asked.path, merge(asked.body, server.items[asked.path]))
        return Answer(200, server.items[asked.path])

    return does


def put_wheel(also: Any = lambda one, wheel: False) -> Any:
    """The wheel of a van, and what else is written by a careless statement."""

    def does(server: Server, asked: Asked) -> Answer:
        if asked.path[:2] not in server.items:
            return server.problem(404)
        is_new = asked.path not in server.items
        for one in [one for one in server.items if len(one) == 4 and also(one, asked.path)]:
            server.store(one, {"worn": False, **asked.body, "position": one[3]})
        server.store(asked.path, {"worn": False, **asked.body, "position": asked.path[3]})
        return Answer(201 if is_new else 200, server.items[asked.path])

    return does


def delete_wheel(server: Server, asked: Asked) -> Answer:
    """The wheels of that name are gone from all vans."""
    if asked.path not in server.items:
        return server.problem(404)
    for one in [one for one in server.items if one[2:] == asked.path[2:]]:
        del server.items[one]
    return Answer(204)


def one_for_all(server: Server, asked: Asked) -> Answer:
    """A photo is that of each van."""
    answer = server.right(asked)
    server.memory |= {f"vans/{one[1]}/photo": asked.sent for one in server.items if len(one) == 2}
    return answer


def photos_stay(server: Server, asked: Asked) -> Answer:
    kept = dict(server.memory)
    answer = server.right(asked)
    server.memory |= kept
    return answer


def put_value(*stages: str) -> Any:
    """A value of a stage, which some other stages get too."""

    def does(server: Server, asked: Asked) -> Answer:
        answer = server.right(asked)
        for stage in stages:
            server.store(("stages", stage, *asked.path[2:]), server.items[asked.path])
        return answer

    return does


def of_any_stage(server: Server, asked: Asked) -> Answer:
    found = (item for place, item in server.items.items() if place[-1] == asked.path[-1])
    answer = server.right(asked)
    return Answer(200, next(found, {})) if answer.status == 404 and asked.path[-1] in str(server.items) else answer


def of_all_stages(server: Server, asked: Asked) -> Answer:
    return Answer(200, [*server.items.values()])


def vans(**does: Any) -> dict[str, Any]:
    """A garage, in which some operations may do something else."""
    return {"does": {"patchVan": patched(), "putWheel": put_wheel(), **does}}


KEPT, CHANGED, GONE = (
    "patchVan.rest-kept-after-change",
    "patchVan.changed-after-change",
    "deleteVan.absent-after-delete",
)
PUT, PHOTO = "putWheel.changed-after-change putWheel.readable-after-create", "putPhoto.read-after-upload"
LISTED = "putValue.listed-after-create"

DEFECTS: tuple[Member, ...] = (
    wrong("vans", "a merge patch replaces an object", KEPT, **vans(patchVan=patched(replaced))),
    wrong("vans", "null is not looked at", CHANGED, **vans(patchVan=patched(without_nulls))),
    wrong("vans", "a wheel is written for all vans", PUT, **vans(putWheel=put_wheel(lambda one, of: one[3] == of[3]))),
    wrong("vans", "all wheels of a van are written", PUT, **vans(putWheel=put_wheel(lambda one, of: one[1] == of[1]))),
    wrong("vans", "a wheel is taken off all vans", "deleteWheel.absent-after-delete", **vans(deleteWheel=delete_wheel)),
    wrong("vans", "one photo is that of all vans", PHOTO, **vans(putPhoto=one_for_all)),
    wrong("vans", "photos outlive their van", GONE, **vans(deleteVan=photos_stay)),
    wrong("stages", "a value of another stage is read", "getValue.unknown-is-404", does={"getValue": of_any_stage}),
    wrong("stages", "values of all stages are listed", LISTED, does={"listValues": of_all_stages}),
    wrong("stages", "a value is written to each stage", LISTED, does={"putValue": put_value(*STAGES)}),
    wrong("stages", "a value is written to production too", LISTED, does={"putValue": put_value("prod")}),
)

CORRECT: tuple[Member, ...] = (correct("vans", "as it is", **vans()), correct("stages", "as it is"))
