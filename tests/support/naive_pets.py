"""The pets of fixtures/contracts once more: plain ifs and dictionaries, which share nothing with the package."""

import copy
from typing import Any

KINDS = ("cat", "dog", "bird")
NOW = "2027-01-15T08:00:00Z"


class Pets:
    def __init__(self, pets: list[dict[str, Any]]) -> None:
        self.pets = {pet["id"]: copy.deepcopy(pet) for pet in pets}
        self.visits: dict[int, list[dict[str, Any]]] = {}
        self.counted = max(self.pets, default=0)

    def create(self, body: dict[str, Any]) -> tuple[int, Any]:
        if not is_pet(body):
            return 400, None
        self.counted += 1
        self.pets[self.counted] = {**without(body), "id": self.counted, "created_at": NOW}
        return 201, self.pets[self.counted]

    def read(self, id: int) -> tuple[int, Any]:
        return (200, self.pets[id]) if id in self.pets else (404, None)

    def list(self, kind: str, limit: int, offset: int) -> tuple[int, Any]:
        found = [pet for pet in self.pets.values() if kind in ("", pet["kind"])]
        return 200, {"data": found[offset : offset + limit], "total": len(found)}

    def replace(self, id: int, body: dict[str, Any]) -> tuple[int, Any]:
        if not is_pet(body):
            return 400, None
        if id not in self.pets:
            return 404, None
        old = self.pets[id]
        self.pets[id] = {**without(body), "id": id, "created_at": old["created_at"]}
        return 200, self.pets[id]

    def change(self, id: int, body: dict[str, Any]) -> tuple[int, Any]:
        if id not in self.pets:
            return 404, None
        after = {**self.pets[id], **without(body)}
        after = {name: value for name, value in after.items() if value is not None}
        if not is_pet(after):
            return 400, None
        self.pets[id] = after
        return 200, after

    def delete(self, id: int) -> tuple[int, Any]:
        if id not in self.pets:
            return 404, None
        del self.pets[id]
        self.visits.pop(id, None)
        return 204, None

    def visit(self, id: int, reason: str) -> tuple[int, Any]:
        if id not in self.pets:
            return 404, None
        self.visits.setdefault(id, []).append({"reason": reason})
        return 201, None

    def visits_of(self, id: int) -> tuple[int, Any]:
        return (200, self.visits.get(id, [])) if id in self.pets else (404, None)


def is_pet(body: dict[str, Any]) -> bool:
    tags = body.get("tags", [])
    return (
        isinstance(body.get("name"), str)
        and body["name"] != ""
        and body.get("kind") in KINDS
        and isinstance(tags, list)
        and all(isinstance(tag, str) for tag in tags)
    )


def without(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what only the server sets."""
    return {name: value for name, value in body.items() if name not in ("id", "created_at")}
