"""The pets of fixtures/contracts as `tests.support.naive_pets` has them, over HTTP; anything else is a 404."""

from typing import Any

from flask import Flask, jsonify, request

from tests.support.naive_pets import Pets


def app_of(pets: Pets) -> Flask:
    """A server of a part of that document: pets and their visits, and nothing else."""
    app = Flask(__name__)

    def answered(answer: tuple[int, Any]) -> Any:
        status, body = answer
        return ("", status) if status == 204 else (jsonify(body if status < 400 else {"error": "no"}), status)

    def body() -> dict[str, Any]:
        sent = request.get_json(silent=True)
        return sent if isinstance(sent, dict) else {"kind": "none"}

    @app.errorhandler(404)
    def unknown(error: Exception) -> Any:
        return jsonify(error="no"), 404

    @app.get("/api/pets")
    def listed() -> Any:
        limit, offset = request.args.get("limit", "20"), request.args.get("offset", "0")
        if not (limit.isdigit() and offset.isdigit()):
            return answered((400, None))
        return answered(pets.list(request.args.get("kind", ""), int(limit), int(offset)))

    @app.post("/api/pets")
    def created() -> Any:
        return answered(pets.create(body()))

    @app.route("/api/pets/<int:id>", methods=["GET", "PUT", "PATCH", "DELETE"])
    def one(id: int) -> Any:
        ways = {"GET": lambda: pets.read(id), "DELETE": lambda: pets.delete(id)}
        changes = {"PUT": pets.replace, "PATCH": pets.change}
        return answered(ways[request.method]() if request.method in ways else changes[request.method](id, body()))

    return app
