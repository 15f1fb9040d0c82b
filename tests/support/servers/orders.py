"""Orders over HTTP, written by hand from `orders.yaml`: a server that makes members of others, and counts."""

import re
import time
from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.support.paths import ROOT
from tests.support.servers.serving import Answer, Asked

ORDERS = ROOT / "tests" / "support" / "servers" / "orders.yaml"


class Orders:
    """The server: its orders and their steps by key."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.steps: dict[str, dict[str, dict[str, Any]]] = {}
        self.numbers = count(4001)

    def __call__(self, asked: Asked) -> Answer:  # noqa: PLR0911  # its routes, one after the other
        """The answer to a request."""
        order = self.orders.get(asked.path[1]) if len(asked.path) > 1 else None
        match (asked.method, *asked.path):
            case ("GET", "orders"):
                return Answer(200, [*self.orders.values()])
            case ("POST", "orders"):
                return self.create(asked.body)
            case (_, _, _, *_) if order is None:
                return Answer(404)
            case ("GET", "orders", _):
                return Answer(200, order)
            case ("PUT", "orders", id):
                return self.replace(id, asked.body)
            case ("DELETE", "orders", id):
                del self.orders[id], self.steps[id]
                return Answer(204)
            case ("GET", "orders", id, "steps"):
                return Answer(200, [*self.steps[id].values()])
            case ("POST", "orders", id, "steps"):
                return self.add(self.steps[id], asked.body)
            case ("GET", "orders", id, "steps", code) if code in self.steps[id]:
                return Answer(200, self.steps[id][code])
            case ("DELETE", "orders", id, "steps", code) if code in self.steps[id]:
                del self.steps[id][code]
                return Answer(204)
        return Answer(404)

    def create(self, body: Any) -> Answer:
        """A new order."""
        if not is_order(body):
            return Answer(400)
        id = next(self.numbers)
        slug = re.sub("[^a-z0-9]+", "-", body["title"].lower()).strip("-")
        self.orders[str(id)], self.steps[str(id)] = (
            {"id": id, "slug": slug, "revision": 0, "placed": int(time.time()), **made(body)},
            {},
        )
        return Answer(201, self.orders[str(id)])

    def replace(self, id: str, body: Any) -> Answer:
        """The order as it was sent; its slug stays."""
        if not is_order(body):
            return Answer(400)
        order = self.orders[id]
        order |= {**made(body), "revision": order["revision"] + 1}
        return Answer(200, order)

    def add(self, steps: dict[str, dict[str, Any]], body: Any) -> Answer:
        """A new step behind the others."""
        if not is_title(body):
            return Answer(400)
        code = f"st_{next(self.numbers):04}"
        steps[code] = {"code": code, "title": body["title"], "position": len(steps) + 1}
        return Answer(201, steps[code])


def is_title(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("title"), str) and 0 < len(body["title"]) <= 80


def is_order(body: Any) -> bool:
    return is_title(body) and isinstance(body.get("stock"), int) and isinstance(body.get("lines"), list)


def made(body: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an order that follow from a body."""
    lines = body["lines"]
    return {
        **{name: body[name] for name in ("title", "stock", "lines")},
        "code": body["title"].upper(),
        "available": body["stock"] > 0,
        "total": sum(line["price"] * line["quantity"] for line in lines),
        "units": sum(line["quantity"] for line in lines),
        "size": len(lines),
        "touched": time.time_ns() // 1_000_000,
    }
