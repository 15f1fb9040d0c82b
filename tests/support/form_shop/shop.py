"""A server of openapi.yaml beside it, which reads forms as Flask does; it knows nothing of JSON bodies."""

from collections.abc import Callable
from itertools import count
from typing import Any

from flask import Flask, abort, jsonify, request

_READERS: dict[str, Callable[[str], Any]] = {"balance": int, "is_vip": {"true": True, "false": False}.__getitem__}


def app_of(defect: str = "") -> Flask:
    """The server, which does one thing wrong where a defect is named."""
    app, numbers = Flask(__name__), count(1)
    customers: dict[str, dict[str, Any]] = {}

    def sent() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, texts in request.form.lists():
            if name == "tags":
                found[name] = texts
            elif name in ("address", "metadata"):  # no object is written like that
                abort(400)
            elif name.startswith("metadata["):
                found.setdefault("metadata", {})[name[len("metadata[") : -1]] = texts[0]
            else:
                found[name] = _read(name, texts[0])
        return found

    def _read(name: str, text: str) -> Any:
        try:
            return _READERS.get(name, str)(text)
        except (ValueError, KeyError):
            return 0 if defect == "no number is checked" else abort(400)

    @app.get("/v1/customers")
    def listed() -> Any:
        return jsonify(data=list(customers.values()))

    @app.post("/v1/customers")
    def created() -> Any:
        body = sent()
        if not body.get("name") and defect != "a name is not required":
            abort(400)
        if defect == "lists are lost":
            body.pop("tags", None)
        id = f"cus_{next(numbers)}"
        customers[id] = {"name": "", **body, "id": id}
        return jsonify(customers[id])

    @app.get("/v1/customers/<id>")
    def read(id: str) -> Any:
        return jsonify(customers.get(id) or abort(404))

    @app.post("/v1/customers/<id>")
    def changed(id: str) -> Any:
        before, body = customers.get(id) or abort(404), sent()
        if body.get("name") == "":
            abort(400)
        customers[id] = {**({} if defect == "the rest is lost" else before), "name": before["name"], **body, "id": id}
        return jsonify(customers[id])

    @app.delete("/v1/customers/<id>")
    def deleted(id: str) -> Any:
        return ("", 204) if customers.pop(id, None) else abort(404)

    return app
