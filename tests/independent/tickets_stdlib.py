"""The API of `fixtures/contracts/tickets` on `http.server`, with conventions of its own.

An unknown item comes before an invalid body, which is a 400 with one message. Titles are in upper case, three events
make a page and come by their titles, a holder that was not named is null, and calling an unknown event off succeeds.
"""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

events: dict[str, dict[str, Any]] = {}
seats: dict[str, dict[str, dict[str, Any]]] = {}
customers: dict[str, dict[str, Any]] = {}


class Refused(Exception):
    """A request is refused with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


def check(is_right: bool, message: str) -> None:
    if not is_right:
        raise Refused(400, message)


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def find(found: dict[str, Any], key: str) -> Any:
    if key not in found:
        raise Refused(404, f"there is no {key}")
    return found[key]


def announce(query: dict[str, str], body: Any) -> tuple[int, Any]:
    new = body()
    check(is_text(new.get("title")), "title must be a text")
    code = new.get("code", f"e{len(events) + 1}")
    check(is_text(code) and re.search(r"^[a-z0-9-]+$", code) is not None, "code must be small letters")
    check(are_texts(new.get("labels", [])), "labels must be texts")
    if code in events:
        raise Refused(409, f"{code} is taken")
    known = {"labels": [], **new, "code": code, "title": new["title"].upper()}
    events[code] = {**known, "announced": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    seats[code] = {}
    return 201, events[code]


def list_events(query: dict[str, str], body: Any) -> tuple[int, Any]:
    page = query.get("page", "1")
    check(page.isdecimal() and int(page) > 0, "page must be a number from 1")
    words = query.get("q", "").casefold()
    found = [one for one in events.values() if words in " ".join(map(str, one.values())).casefold()]
    found.sort(key=lambda one: str(one["title"]))
    start = 3 * (int(page) - 1)
    return 200, {"events": found[start : start + 3], "of": len(found), "more": start + 3 < len(found)}


def read_event(query: dict[str, str], body: Any, code: str) -> tuple[int, Any]:
    return 200, find(events, code)


def call_off(query: dict[str, str], body: Any, code: str) -> tuple[int, Any]:
    if seats.get(code):
        raise Refused(409, "tickets were sold")
    events.pop(code, None)
    seats.pop(code, None)
    return 204, None


def rename(query: dict[str, str], body: Any, code: str) -> tuple[int, Any]:
    find(events, code)
    to = body().get("to")
    check(is_text(to), "to must be a text")
    if to in events and to != code:
        raise Refused(409, f"{to} is taken")
    events[to], seats[to] = {**events.pop(code), "code": to}, seats.pop(code)
    return 200, events[to]


def label(query: dict[str, str], body: Any, code: str) -> tuple[int, Any]:
    event, asked = find(events, code), body()
    add, remove = asked.get("add", []), asked.get("remove", [])
    check(are_texts(add) and are_texts(remove), "labels must be texts")
    labels = [*event["labels"], *(one for one in dict.fromkeys(add) if one not in event["labels"])]
    event["labels"] = [one for one in labels if one not in remove]
    return 200, event


def sell(query: dict[str, str], body: Any, code: str) -> tuple[int, Any]:
    find(events, code)
    wanted = body().get("tickets")
    check(isinstance(wanted, list) and all(isinstance(one, dict) for one in wanted), "tickets must be objects")
    for one in wanted:
        check(is_text(one.get("seat")) and is_text(one.get("holder", "")), "a seat and its holder must be texts")
    new = []
    for one in wanted:
        if one["seat"] not in seats[code]:
            seats[code][one["seat"]] = {"holder": None, **one, "scans": 0}
            new.append(seats[code][one["seat"]])
    return 201, {"sold": len(new), "tickets": new}


def list_tickets(query: dict[str, str], body: Any, code: str) -> tuple[int, Any]:
    find(events, code)
    return 200, {"tickets": [*seats[code].values()]}


def scan(query: dict[str, str], body: Any, code: str, seat: str) -> tuple[int, Any]:
    ticket = find(seats.get(code, {}), seat)
    ticket["scans"] += 1
    return 200, ticket


def put_customer(query: dict[str, str], body: Any, email: str) -> tuple[int, Any]:
    new = body()
    check(is_text(new.get("email", "")) and is_text(new.get("name", "")), "email and name must be texts")
    check(are_texts(new.get("notes", [])), "notes must be texts")
    status = 200 if email in customers else 201
    customers[email] = {"notes": [], **new, "email": email}
    return status, customers[email]


def add_note(query: dict[str, str], body: Any, email: str) -> tuple[int, Any]:
    customer, note = find(customers, email), body().get("note")
    check(note is None or is_text(note), "note must be a text")
    customer["notes"] = [*customer["notes"], *([] if note is None else [note])]
    return 200, customer


ROUTES: tuple[tuple[str, str, Callable[..., tuple[int, Any]]], ...] = (
    ("POST", "/v1/events", announce),
    ("GET", "/v1/events", list_events),
    ("GET", "/v1/events/([^/]+)", read_event),
    ("DELETE", "/v1/events/([^/]+)", call_off),
    ("POST", "/v1/events/([^/]+)/rename", rename),
    ("PUT", "/v1/events/([^/]+)/labels", label),
    ("POST", "/v1/events/([^/]+)/tickets", sell),
    ("GET", "/v1/events/([^/]+)/tickets", list_tickets),
    ("POST", "/v1/events/([^/]+)/tickets/([^/]+)/scan", scan),
    ("PUT", "/v1/customers/([^/]+)", put_customer),
    ("POST", "/v1/customers/([^/]+)/notes", add_note),
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer: the second one would wait for the acknowledgement of the first

    def answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def body() -> dict[str, Any]:
            try:
                found = json.loads(content)
            except ValueError:
                raise Refused(400, "this is no JSON") from None
            check(isinstance(found, dict), "this is no object")
            return dict(found)

        try:
            status, value = self.routed(body)
        except Refused as error:
            status, value = error.status, {"message": error.message}
        written = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def routed(self, body: Callable[[], dict[str, Any]]) -> tuple[int, Any]:
        asked = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        is_known = False
        for method, pattern, handle in ROUTES:
            found = re.fullmatch(pattern, asked.path)
            is_known = is_known or found is not None
            if found is not None and method == self.command:
                return handle(query, body, *map(unquote, found.groups()))
        raise Refused(405 if is_known else 404, "there is no such operation")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # the names that http.server asks for

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
