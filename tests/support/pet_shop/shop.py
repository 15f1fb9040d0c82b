"""The shop: plain Flask and dictionaries, which share nothing with the package."""

import copy
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

KEY = "shop-secret"
OLD = "the-old-one"


@dataclass
class Conventions:
    """What the document leaves to a server: how keys look, which of two statuses it gives, what it adds."""

    new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    created: int = 201
    deleted: int = 204
    invalid: int = 400
    extra: dict[str, Any] = field(default_factory=dict)
    newest_first: bool = False
    lag: float = 0.0


@dataclass
class Shop:
    """What it remembers; `touched` are the keys of pets that were changed or deleted, `past` what it was, and when."""

    pets: dict[str, dict[str, Any]] = field(default_factory=dict)
    visits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    groomed: int = 0
    past: list[tuple[float, Any, Any]] = field(default_factory=list)

    def seen(self, lag: float) -> tuple[dict[str, dict[str, Any]], dict[str, list[dict[str, Any]]]]:
        """The pets and visits as reads show them, which lag behind by so many seconds."""
        now = time.monotonic()
        old = next(((pets, visits) for then, pets, visits in reversed(self.past) if then < now - lag), None)
        return old if lag and old is not None else (self.pets, self.visits)

    def note(self, then: float) -> None:
        """Keep what there is now for reads that lag behind."""
        self.past.append((then, copy.deepcopy(self.pets), copy.deepcopy(self.visits)))


Answer = Any


def app_of(shop: Shop, conventions: Conventions, defect: str = "") -> Flask:  # noqa: PLR0915  # its routes, one after the other
    """The server, with one defect or none."""
    app = Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    shop.note(float("-inf"))

    @app.before_request
    def let_in() -> Answer:
        if request.headers.get("X-Api-Key") != KEY and defect != "credentials are not checked":
            return jsonify(why="no key"), 401
        return None

    @app.after_request
    def keep(response: Response) -> Response:
        if conventions.lag and request.method != "GET":
            shop.note(time.monotonic())
        return response

    def sent(is_patch: bool = False) -> dict[str, Any] | None:
        body = request.get_json(silent=True)
        if defect == "an invalid body is a 500":
            body["name"].strip()  # type: ignore[index]
        if defect == "an invalid body is taken":
            return body if isinstance(body, dict) else {}
        return body if isinstance(body, dict) and fits(body, is_patch) else None

    def shown(pet: dict[str, Any]) -> dict[str, Any]:
        if defect == "an answer breaks its schema":
            return {**pet, "age": "old"}
        return {**pet, **conventions.extra}

    @app.get("/pets")
    def list_pets() -> Answer:
        limit, offset = request.args.get("limit", "20"), request.args.get("offset", "0")
        if not (limit.isdigit() and offset.isdigit() and 1 <= int(limit) <= 50):
            return jsonify(why="limit"), 400
        if int(offset) > 100 and defect == "a far offset is a 500":
            raise IndexError
        pets = list(shop.seen(conventions.lag)[0].values())
        if defect == "the list is never refreshed":
            pets = pets[:1]
        if conventions.newest_first:
            pets.reverse()
        if defect == "the list misses the latest":
            pets = pets[:-1]
        return jsonify([shown(pet) for pet in pets][int(offset) : int(offset) + int(limit)])

    @app.post("/pets")
    def create_pet() -> Answer:
        body = sent()
        if body is None:
            return jsonify(why="not valid"), conventions.invalid
        pet = {"kind": "cat", "name": "?", **body, "id": conventions.new_id(), "made": "2030-01-01"}
        if defect == "a member is lost":
            pet.pop("age", None)
        if defect == "names are put in lower case":
            pet["name"] = str(pet["name"]).lower()
        if defect != "what is created is not kept":
            shop.pets[pet["id"]] = pet
        if defect == "an undocumented status":
            return jsonify(shown(pet)), 203
        return jsonify(shown(pet)), conventions.created

    @app.get("/pets/<id>")
    def get_pet(id: str) -> Answer:
        if id not in shop.pets and defect == "an unknown pet is a 200":
            return jsonify(shown({"id": id, "name": "Nobody", "kind": "cat", "made": ""}))
        pets = shop.seen(conventions.lag)[0]
        return jsonify(shown(pets[id])) if id in pets else (jsonify(why="none"), 404)

    @app.put("/pets/<id>")
    def update_pet(id: str) -> Answer:
        body = sent()
        if id not in shop.pets or body is None:
            return jsonify(why="no"), (404 if id not in shop.pets else 400)
        shop.touched.add(id)
        after = {**body, "id": id, "made": shop.pets[id]["made"]}
        if defect != "a replacement is lost":
            shop.pets[id] = after
        return jsonify(shown(after))

    @app.patch("/pets/<id>")
    def patch_pet(id: str) -> Answer:
        body = sent(is_patch=True)
        if id not in shop.pets or body is None:
            return jsonify(why="no"), (404 if id not in shop.pets else 400)
        shop.touched.add(id)
        old = shop.pets[id]
        if defect == "a change forgets the rest":
            old = {name: value for name, value in old.items() if name in ("id", "made", "kind")} | {"name": "?"}
        if defect != "a change is lost":
            shop.pets[id] = {**old, **body, "id": id}
        return jsonify(shown(shop.pets[id]))

    @app.delete("/pets/<id>")
    def delete_pet(id: str) -> Answer:
        if id not in shop.pets:
            return jsonify(why="none"), 404
        shop.touched.add(id)
        if defect != "delete does not delete":
            del shop.pets[id]
            shop.visits.pop(id, None)
        return Response(status=204) if conventions.deleted == 204 else jsonify(done=True)

    add_visits(app, shop, conventions, defect)
    return app


def add_visits(app: Flask, shop: Shop, conventions: Conventions, defect: str) -> None:
    """What belongs to pets, and what is done to them."""

    @app.get("/pets/<id>/visits")
    def list_visits(id: str) -> Answer:
        pets, visits = shop.seen(conventions.lag)
        found = visits.get(id, [])
        if id not in pets:
            return jsonify(why="none"), 404
        return jsonify(visits=[] if defect == "visits are not listed" else found)

    @app.post("/pets/<id>/visits")
    def add_visit(id: str) -> Answer:
        body = request.get_json(silent=True)
        if id not in shop.pets:
            return jsonify(why="none"), 404
        if not isinstance(body, dict) or not isinstance(body.get("reason"), str):
            return jsonify(why="not valid"), 400
        visit = {"id": conventions.new_id(), "reason": body["reason"]}
        shop.visits.setdefault(id, []).append(visit)
        return jsonify(visit), 201

    @app.post("/pets/<id>/groom")
    def groom(id: str) -> Answer:
        shop.groomed += 1
        return "", 202


def fits(body: dict[str, Any], is_patch: bool) -> bool:
    """Whether a body is one of a pet, or a part of it."""
    name, kind, age, seen = (body.get(member, default) for member, default in DEFAULTS.items())
    needed = is_patch or {"name", "kind"} <= body.keys()
    well = isinstance(name, str) and name != "" and isinstance(kind, str) and kind in ("cat", "dog")
    counted = isinstance(age, int) and not isinstance(age, bool) and age >= 0
    return needed and well and counted and isinstance(seen, str) and MOMENT.match(seen) is not None


DEFAULTS: dict[str, Any] = {"name": "x", "kind": "cat", "age": 0, "seen": "2030-01-01T00:00:00Z"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d")


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The URL of an app that is served on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
