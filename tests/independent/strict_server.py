"""The Lead API on http.server: refuses all that it may refuse, and looks the lead up before it reads the body."""

import json
import math
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

FIELDS = {"add_tags", "remove_tags", "lead_data", "new_contact_number", "new_country_code"}
RESERVED = {"tags", "contact_number", "country_code", "data"}
UPDATE = re.compile(r"/leads/([^/]*)/update")
LARGEST = 999_999_999_999_999


class Failure(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Leads:
    def __init__(self, world: dict[str, Any]) -> None:
        self.tokens: dict[str, str] = world["tokens"]
        self.lock = Lock()
        self.world = world
        self.reset(world)

    def reset(self, world: dict[str, Any]) -> None:
        copied = json.loads(json.dumps(world))
        self.tags = set(copied["tags"])
        self.by_number: dict[int, dict[str, Any]] = {lead["contact_number"]: lead for lead in copied["leads"]}

    def update(self, number: int, body: dict[str, Any]) -> None:
        """All checks come first, so that nothing is half done."""
        lead = self.by_number[number]
        check(body)
        for tag in [*body.get("add_tags", []), *body.get("remove_tags", [])]:
            require(tag in self.tags, f"there is no tag {tag}")
        new = body.get("new_contact_number")
        if new is not None and new in self.by_number:
            raise Failure(409, "the new number is taken")
        added, removed = body.get("add_tags", []), body.get("remove_tags", [])
        kept = [tag for tag in lead["tags"] if tag not in removed]
        lead["tags"] = kept + [tag for tag in dict.fromkeys(added) if tag not in kept]
        lead["data"] = merge_patch(lead["data"], body.get("lead_data", {}))
        if new is not None:
            del self.by_number[number]
            lead.update(contact_number=new, country_code=body["new_country_code"])
            self.by_number[new] = lead


def require(condition: bool, message: str) -> None:
    if not condition:
        raise Failure(400, message)


def check(body: Any) -> None:
    require(isinstance(body, dict), "the body must be an object")
    require(set(body) <= FIELDS, "the body has unknown fields")
    for name in {"add_tags", "remove_tags"} & set(body):
        require(isinstance(body[name], list) and all(map(is_number, body[name])), f"{name} must be a list of numbers")
    for name in {"new_contact_number", "new_country_code"} & set(body):
        require(is_number(body[name]), f"{name} must be a number")
    data = body.get("lead_data", {})
    require(isinstance(data, dict), "lead_data must be an object")
    require(not RESERVED & set(data), "lead_data has reserved names")
    if "new_contact_number" in body:
        require("new_country_code" in body, "new_country_code is missing")
    else:
        require(bool(data), "lead_data or new_contact_number is missing")


def is_number(value: Any) -> bool:
    return type(value) is int and 0 < value <= LARGEST


def merge_patch(old: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else no_constant(text)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    leads: Leads

    def do_PUT(self) -> None:
        self.respond(self.put)

    def do_GET(self) -> None:
        self.respond(self.get)

    def do_POST(self) -> None:
        self.respond(self.post)

    def do_OPTIONS(self) -> None:
        self.respond(self.get)

    def respond(self, operation: Any) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            with self.leads.lock:
                status, answer = operation()
        except Failure as failure:
            status, answer = failure.status, {"status": failure.status, "message": str(failure), "success": False}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if status == 405:
            self.send_header("Allow", "PUT")
        self.end_headers()
        self.wfile.write(content)

    def put(self) -> tuple[int, Any]:
        path = UPDATE.fullmatch(self.path.partition("?")[0])
        if path is None:
            raise Failure(404, "Not found")
        self.authorize()
        self.negotiate()
        number = self.number(path[1])
        if number not in self.leads.by_number:
            raise Failure(404, "Invalid contact number!")
        self.leads.update(number, self.json())
        return 201, {"status": 201, "message": "Successfully updated lead.", "success": True}

    def get(self) -> tuple[int, Any]:
        if UPDATE.fullmatch(self.path.partition("?")[0]):
            raise Failure(405, "Use PUT")
        self.authorize()
        lead = self.leads.by_number.get(self.number(self.path.removeprefix("/leads/")))
        if lead is None:
            raise Failure(404, "Invalid contact number!")
        return 200, lead

    def post(self) -> tuple[int, Any]:
        if self.path != "/reset":
            raise Failure(405, "Use PUT")
        self.leads.reset(json.loads(self.body) if self.body else self.leads.world)
        return 200, {}

    def authorize(self) -> None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self.leads.tokens.get(token.strip()) != "valid":
            raise Failure(401, "UnAuthorized Access-Token!")

    def negotiate(self) -> None:
        parts = self.headers.get("Accept", "*/*").lower().replace(" ", "").split(",")
        accepted = {part.partition(";")[0] for part in parts if not part.endswith(";q=0")}
        if not {"*/*", "application/*", "application/json"} & accepted:
            raise Failure(406, "Only application/json is offered")

    def number(self, text: str) -> int:
        require(re.fullmatch("[1-9][0-9]{0,14}", text) is not None, "the contact number must be an integer")
        return int(text)

    def json(self) -> Any:
        require(self.body != b"", "the body is missing")
        if self.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            raise Failure(415, "Only application/json is read")
        try:
            text = self.body.decode("utf-8")
            return json.loads(text, parse_constant=no_constant, parse_float=finite)
        except (ValueError, RecursionError) as error:
            raise Failure(400, f"the body is not JSON: {error}") from None

    def log_request(self, *args: Any) -> None:
        """Nothing."""


if __name__ == "__main__":
    Handler.leads = Leads(json.loads(sys.stdin.readline()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
