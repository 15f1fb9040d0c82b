"""The API of `fixtures/contracts/tickets` on Flask, with conventions of its own.

Invalid input is a 422 with a list of errors, titles are trimmed, the newest events come first, and the code of an event
that was called off is 410 and stays taken. Members that are not known are dropped.
"""

import logging
import re
import sys
from datetime import UTC, datetime
from itertools import count
from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

app = Flask(__name__)
api = Blueprint("api", __name__, url_prefix="/v1")
events: dict[str, dict[str, Any]] = {}
tickets: dict[str, dict[str, dict[str, Any]]] = {}
customers: dict[str, dict[str, Any]] = {}
called_off: set[str] = set()
numbers = count(1)

Answer = Response | tuple[Response, int]


@app.errorhandler(HTTPException)
def as_json(error: HTTPException) -> Answer:
    return jsonify(errors=[str(error.description)], status=error.code), error.code or 500


def body() -> dict[str, Any]:
    found = request.get_json(force=True)
    if not isinstance(found, dict):
        abort(422, "the body is no object")
    return found


def checked(found: dict[str, Any], **types: type) -> dict[str, Any]:
    """The known members of a body, if all of them are of the right types."""
    for name, kind in types.items():
        if name in found and not isinstance(found[name], kind):
            abort(422, f"{name} is no {kind.__name__}")
    return {name: found[name] for name in types if name in found}


def texts(found: Any, name: str) -> list[str]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        abort(422, f"{name} is no list of texts")
    return found


def event_of(code: str) -> dict[str, Any]:
    if code in called_off:
        abort(410, f"event {code} was called off")
    if code not in events:
        abort(404, f"there is no event {code}")
    return events[code]


@api.post("/events")
def announce() -> Answer:
    found = body()
    event = checked(found, code=str, title=str)
    if "title" not in event or not re.search(r"^[a-z0-9-]+$", event.get("code", "made-up")):
        abort(422, "an event has a title, and a code of small letters")
    labels = texts(found.get("labels", []), "labels")
    code = event.get("code", f"event-{next(numbers)}")
    if code in events or code in called_off:
        abort(409, f"the code {code} is taken")
    announced = datetime.now(UTC).isoformat()
    events[code] = {"code": code, "title": event["title"].strip(), "labels": labels, "announced": announced}
    tickets[code] = {}
    answer = jsonify(events[code])
    answer.headers["Location"] = f"/v1/events/{code}"
    return answer, 201


@api.get("/events")
def list_events() -> Answer:
    page = request.args.get("page", "1")
    if not page.isdecimal() or page == "0":
        abort(422, "page is a number from 1")
    words = request.args.get("q", "").casefold()
    found = [one for one in reversed(events.values()) if words in " ".join(map(str, one.values())).casefold()]
    start = 5 * (int(page) - 1)
    return jsonify(events=found[start : start + 5], of=len(found), more=len(found) > start + 5)


@api.get("/events/<code>")
def read_event(code: str) -> Answer:
    return jsonify(event_of(code))


@api.delete("/events/<code>")
def call_off(code: str) -> Answer:
    event_of(code)
    if tickets[code]:
        abort(409, "tickets were sold")
    del events[code], tickets[code]
    called_off.add(code)
    return Response(status=204)


@api.post("/events/<code>/rename")
def rename(code: str) -> Answer:
    found = checked(body(), to=str)
    if "to" not in found:
        abort(422, "to is missing")
    event, to = event_of(code), found["to"]
    if to != code and (to in events or to in called_off):
        abort(409, f"the code {to} is taken")
    events[to], tickets[to] = {**events.pop(code), "code": to}, tickets.pop(code)
    return jsonify({**event, "code": to})


@api.put("/events/<code>/labels")
def label(code: str) -> Answer:
    found = body()
    add, remove = texts(found.get("add", []), "add"), texts(found.get("remove", []), "remove")
    event = event_of(code)
    kept = [*event["labels"], *(one for one in dict.fromkeys(add) if one not in event["labels"])]
    event["labels"] = [one for one in kept if one not in remove]
    return jsonify(event)


@api.post("/events/<code>/tickets")
def sell(code: str) -> Answer:
    wanted = body().get("tickets")
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        abort(422, "tickets are no list of objects")
    every = [checked(one, seat=str, holder=str) for one in wanted]
    if not all("seat" in one for one in every):
        abort(422, "a seat is missing")
    event_of(code)
    new = {one["seat"]: {**one, "scans": 0} for one in reversed(every) if one["seat"] not in tickets[code]}
    new = {one["seat"]: new[one["seat"]] for one in every if one["seat"] in new}
    tickets[code].update(new)
    return jsonify(sold=len(new), tickets=[*new.values()]), 201


@api.get("/events/<code>/tickets")
def list_tickets(code: str) -> Answer:
    event_of(code)
    return jsonify(tickets=[*tickets[code].values()])


@api.post("/events/<code>/tickets/<seat>/scan")
def scan(code: str, seat: str) -> Answer:
    if seat not in tickets.get(code, {}):
        abort(404, f"there is no ticket {seat}")
    tickets[code][seat]["scans"] += 1
    return jsonify(tickets[code][seat])


@api.put("/customers/<email>")
def put_customer(email: str) -> Answer:
    found = body()
    known = checked(found, name=str)
    checked(found, email=str)
    notes = texts(found.get("notes", []), "notes")
    customers[email] = {"email": email, **known, "notes": notes}
    return jsonify(customers[email])


@api.post("/customers/<email>/notes")
def add_note(email: str) -> Answer:
    found = checked(body(), note=str)
    if email not in customers:
        abort(404, f"there is no customer {email}")
    customers[email]["notes"] += [found["note"]] if "note" in found else []
    return jsonify(customers[email])


app.register_blueprint(api)

if __name__ == "__main__":
    logging.getLogger("werkzeug").disabled = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
