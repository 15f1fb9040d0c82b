"""Attacks on the mock, or on the proxy: what each costs the sender, and the longest stall of another client meanwhile.

    python -m bench.attack [--quick] [--proxy] [--only NAME]

The stall is the work of the server between two turns of its event loop (`bench.ticking`, on Linux), so that other work
of the machine is hardly a part of it. The tests count steps and bytes instead.
"""

import argparse
import gzip
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TIMEOUT = 60.0
_PET = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}}}
_BRANCHES = [
    {"type": "object", "required": [name], "properties": {"k": {"$ref": "#/components/schemas/X"}}} for name in "zy"
]
_OPERATORS = {
    name: {
        "type": "object",
        "required": ["op", "left", "right"],
        "properties": {
            "op": {"const": name},
            "left": {"$ref": "#/components/schemas/Expr"},
            "right": {"$ref": "#/components/schemas/Expr"},
        },
    }
    for name in ("add", "sub", "mul", "div")
}


def _takes(schema: object, media_type: str = "application/json", **more: object) -> dict[str, object]:
    responses = {"200": {"description": "OK"}, "400": {"description": "Bad"}}
    return {"post": {"requestBody": {"content": {media_type: {"schema": schema}}}, "responses": responses, **more}}


def _shows(schema: object, *media_types: str) -> dict[str, object]:
    content = {media_type: {"schema": schema} for media_type in media_types or ("application/json",)}
    return {"200": {"description": "OK", "content": content}}


_REF = {"$ref": "#/components/schemas/Pet"}
_PETS = {"type": "array", "items": _REF}
# No value fits, which thousands of proposals show.
_GREEDY = {
    "type": "object",
    "required": [f"p{n}" for n in range(30)],
    "properties": {
        f"p{n}": {
            "anyOf": [{"not": {"type": "string"}}, {"type": "string", "pattern": f"^x{n}[a-z]+y$", "maxLength": 3}]
        }
        for n in range(30)
    },
    "not": {"required": ["p1"]},
}
_NAMES = [f"b{n}" for n in range(300)]
_SEEDED = {"type": "array", "minItems": 1000, "items": {"type": "string", "pattern": "^[a-z]{8}-[0-9]{4}$"}}
_BACKTRACKING = r"^(?=(a+)+$)(a|aa)+\1$"
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Attacked", "version": "1"},
    "paths": {
        "/greedy": {"get": {"responses": _shows(_GREEDY)}},
        "/greedy-body": _takes(_GREEDY),
        "/seeded": {"get": {"responses": _shows(_SEEDED)}},
        "/broad": _takes({"dependentRequired": {f"a{n}": _NAMES for n in range(300)}}),
        "/choices": _takes({"type": "array", "items": {"enum": [f"number {n}" for n in range(5000)]}}),
        "/prices": _takes({"type": "array", "items": {"multipleOf": 0.01}}),
        "/towers": _takes({"$ref": "#/components/schemas/Tower"}),
        "/told": _takes(
            {"type": "object", "properties": {"url": {"type": "string"}}},
            callbacks={"told": {"{$request.body#/url}": {"post": {"responses": {"200": {"description": "OK"}}}}}},
        ),
        "/ok": {"get": {"responses": {"200": {"description": "OK", "content": {"text/plain": {"example": "ok"}}}}}},
        "/pets": {
            "get": {
                "parameters": [{"name": "sort", "in": "query", "schema": {"type": "string"}}],
                "responses": _shows(_PETS, "application/json", "text/event-stream", "application/xml"),
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": _REF}}},
                "responses": {"201": {"description": "OK", "content": {"application/json": {"schema": _REF}}}},
            },
        },
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"responses": _shows(_REF)},
            "put": {
                "requestBody": {"content": {"application/json": {"schema": _REF}}},
                "responses": _shows(_REF),
            },
            "patch": {
                "requestBody": {"content": {"application/json-patch+json": {"schema": {"type": "array"}}}},
                "responses": _shows(_REF),
            },
        },
        "/chain": _takes({"$ref": "#/components/schemas/X"}),
        "/expr": _takes({"$ref": "#/components/schemas/Expr"}),
        "/form": _takes({"type": "object"}, "application/x-www-form-urlencoded"),
        "/parts": _takes({"type": "object"}, "multipart/form-data"),
        "/text": _takes({"type": "string"}, "text/plain"),
        "/xml": _takes({"type": "object"}, "application/xml"),
        "/lines": _takes({"type": "array", "items": {"type": "object", "required": ["x"]}}, "application/jsonl"),
        "/unique": _takes({"type": "array", "uniqueItems": True}),
        "/numbers": _takes({"type": "array", "items": {"type": "string"}}),
        "/pattern": _takes({"type": "array", "items": {"type": "string", "pattern": _BACKTRACKING}}),
        "/names": _takes({"type": "object", "patternProperties": {_BACKTRACKING: {"type": "string"}}}),
        "/repeated": _takes({"type": "string", "pattern": "(a{1,100}){1,100}b"}),
        "/email": _takes({"type": "array", "items": {"type": "string", "format": "email"}}),
        "/query": {
            "get": {
                "parameters": [
                    {"name": "f", "in": "query", "style": "deepObject", "explode": True, "schema": {"type": "object"}},
                    {"name": "q", "in": "query", "schema": {"type": "string", "pattern": _BACKTRACKING}},
                ],
                "responses": {"200": {"description": "OK"}, "400": {"description": "Bad"}},
            }
        },
    },
    "components": {
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "flows": {
                    "authorizationCode": {
                        "authorizationUrl": "https://login.example/authorize",
                        "tokenUrl": "https://login.example/token",
                        "scopes": {},
                    }
                },
            }
        },
        "schemas": {
            "Pet": _PET,
            "X": {"anyOf": _BRANCHES},
            "Tower": {
                "not": {"not": {"not": {"$ref": "#/components/schemas/Tower"}}},
                "propertyNames": {"not": {"pattern": "^x(a+)+y$"}},
                "patternProperties": {f"^{'a' * n}": {"$ref": "#/components/schemas/Tower"} for n in range(20)},
                "allOf": [{"additionalProperties": {"$ref": "#/components/schemas/Tower"}}] * 3,
            },
            "Expr": {"oneOf": [*({"$ref": f"#/components/schemas/{name}"} for name in _OPERATORS), {"type": "number"}]},
            **_OPERATORS,
        },
    },
}


class Attack(NamedTuple):
    """An attack: its description, the bound that it meets, and the bytes that it sends."""

    what: str
    bound: str
    send: Callable[[int], str]


def request(method: str, target: str, body: bytes = b"", media_type: str = "application/json", more: str = "") -> bytes:
    """A request as bytes."""
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def exchange(port: int, *requests: bytes) -> str:
    """Send requests on one connection, and tell the statuses of the responses, each once."""
    statuses: dict[str, int] = {}
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        for one in requests:
            connection.sendall(one)
            status = _read_response(connection)
            statuses[status] = statuses.get(status, 0) + 1
            if status == "closed":
                break
    return ", ".join(status if count == 1 else f"{count} x {status}" for status, count in statuses.items())


def _read_response(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return "closed"
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    left = (int(length[1]) if length else 0) - len(body)
    while left > 0:
        part = connection.recv(min(left, 1 << 20))
        if not part:
            return "closed"
        left -= len(part)
    return head[9:12].decode()


def once(*requests: bytes) -> Callable[[int], str]:
    """An attack of requests on one connection."""

    def send(port: int) -> str:
        return exchange(port, *requests)

    return send


def nothing(_: int) -> str:
    """No attack."""
    time.sleep(2)
    return ""


def pipelined(port: int) -> str:
    """Two thousand requests for a large response, none of which is taken."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        connection.sendall(request("PUT", "/pets/1", json.dumps({"name": "y" * 900_000}).encode()))
        _read_response(connection)
        connection.sendall(b"GET /pets/1 HTTP/1.1\r\nHost: a\r\n\r\n" * 2000)
        time.sleep(3)
    return "its responses, as it takes them"


def idle(port: int) -> str:
    """Hundreds of connections that send one byte and wait."""
    connections = [socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) for _ in range(800)]
    for connection in connections:
        connection.sendall(b"G")
    time.sleep(1)
    for connection in connections:
        connection.close()
    return "408 after 30 s"


def resets(port: int) -> str:
    """Connections that are reset in the middle of a request."""
    for _ in range(300):
        connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.sendall(b"POST /pets HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
        connection.close()
    return "nothing"


def streams(port: int) -> str:
    """Streams of a list that are open for a while."""
    connections = [socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) for _ in range(10)]
    for connection in connections:
        connection.sendall(request("GET", "/pets", more=_EVENTS))
    time.sleep(3)
    for connection in connections:
        connection.close()
    return "items, as it takes them"


def many(number: int, piece: str, joined: str = ",", around: str = "[]") -> bytes:
    """A text that repeats a piece, in which %d is the number of the repetition."""
    pieces = [piece % index if "%d" in piece else piece for index in range(number)]
    return (around[:1] + joined.join(pieces) + around[1:]).encode()


_XML, _EVENTS = "Accept: application/xml\r\n", "Accept: text/event-stream\r\n"
_FORM = "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data; boundary=b"
_CHUNKED = b"POST /numbers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
_ARRAYS = many(150_000, "[]")
_JOURNAL = [request("PUT", "/pets/2", json.dumps({"name": f"{n}" * 15_000}).encode()) for n in range(10, 99)]
ATTACKS: dict[str, Attack] = {
    "nothing": Attack("no attack", "", nothing),
    "chain": Attack(
        "recursive anyOf, 195 levels",
        "500 values of explanation",
        once(request("POST", "/chain", b'{"k":' * 195 + b"{}" + b"}" * 195)),
    ),
    "expr": Attack(
        "recursive oneOf of five, 190 levels",
        "500 values of explanation",
        once(request("POST", "/expr", b'{"op":"add","right":1,"left":' * 190 + b'"x"' + b"}" * 190)),
    ),
    "wide": Attack(
        "recursive oneOf, a tree of 1 MB",
        "500 values of explanation",
        once(request("POST", "/expr", many(9000, '{"op":"add","right":1,"left":{"op":"sub","left":"x","right":%d}}'))),
    ),
    "deep": Attack(
        "JSON of 500,000 levels", "200 levels", once(request("POST", "/numbers", b"[" * 500_000 + b"]" * 500_000))
    ),
    "copies": Attack(
        "JSON Patch that doubles a value 26 times",
        "1 MiB added",
        once(
            request(
                "PATCH",
                "/pets/1",
                json.dumps([{"op": "copy", "from": "", "path": f"/c{n}"} for n in range(26)]).encode(),
                "application/json-patch+json",
            )
        ),
    ),
    "operations": Attack(
        "JSON Patch of 15,000 operations",
        "10,000 operations",
        once(
            request(
                "PATCH", "/pets/1", many(15_000, '{"op":"add","path":"/n%d","value":0}'), "application/json-patch+json"
            )
        ),
    ),
    "moves": Attack(
        "JSON Patch that moves 120,000 items 9,900 times",
        "10,000,000 items moved",
        once(
            request("PUT", "/pets/3", json.dumps({"data": [0] * 120_000}).encode()),
            request(
                "PATCH",
                "/pets/3",
                many(9900, '{"op":"move","from":"/data/0","path":"/data/100000"}'),
                "application/json-patch+json",
            ),
        ),
    ),
    "form": Attack(
        "form of 100,000 fields",
        "10,000 fields",
        once(request("POST", "/form", many(100_000, "a%d=1", "&", ""), _FORM)),
    ),
    "names": Attack(
        "form of 10,000 nested names",
        "10,000 fields",
        once(request("POST", "/form", many(10_000, "a%d[b][c]=1", "&", ""), _FORM)),
    ),
    "parts": Attack(
        "multipart body of 15,000 parts",
        "1,000 parts",
        once(
            request(
                "POST",
                "/parts",
                many(15_000, "--b\r\nContent-Disposition: form-data; name=a%d\r\n\r\nx\r\n", "", "") + b"--b--\r\n",
                _PARTS,
            )
        ),
    ),
    "xml": Attack(
        "XML of 70,000 siblings",
        "20,000 elements",
        once(request("POST", "/xml", b"<a>" + many(70_000, "<b>1</b>", "", "") + b"</a>", "application/xml")),
    ),
    "entities": Attack(
        "XML with entities of entities",
        "no document type",
        once(
            request(
                "POST", "/xml", b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', "application/xml"
            )
        ),
    ),
    "lines": Attack(
        "JSON lines, 100,000 that break a rule",
        "20,000 items",
        once(request("POST", "/lines", many(100_000, "{}", "\n", ""), "application/jsonl")),
    ),
    "unique": Attack(
        "uniqueItems over 100,000 objects", "linear", once(request("POST", "/unique", many(70_000, '{"a":%d}')))
    ),
    "wrong": Attack(
        "200,000 values of the wrong type",
        "500 values of explanation",
        once(request("POST", "/numbers", many(200_000, "1"))),
    ),
    "broad": Attack(
        "300 members, each of which requires 300 others",
        "8,000 errors",
        once(request("POST", "/broad", many(300, '"a%d":1', ",", "{}"))),
    ),
    "choices": Attack(
        "200,000 values that are none of 5,000 choices",
        "8,000 errors, 4,000 characters of choices",
        once(request("POST", "/choices", many(200_000, '"x"'))),
    ),
    "integers": Attack(
        "240 integers of 4,000 digits, of which multiples are wanted",
        "50,000 digits in all",
        once(request("POST", "/prices", many(240, "9" * 4000))),
    ),
    "decimals": Attack(
        "150,000 numbers with exponents",
        "a thread of its own",
        once(request("POST", "/unique", many(150_000, "1e300"))),
    ),
    "digits": Attack(
        "an integer of a million digits",
        "4,300 digits",
        once(request("POST", "/numbers", b"[" + b"9" * 1_000_000 + b"]")),
    ),
    "pattern": Attack(
        "a pattern that backtracks, 30,000 strings",
        "100 steps each",
        once(request("POST", "/pattern", many(30_000, '"aaaaaaaaaaaaaaaaaaaaaaaaaaaab"'))),
    ),
    "properties": Attack(
        "patternProperties that backtrack, 20,000 names",
        "100 steps each",
        once(request("POST", "/names", many(20_000, '"aaaaaaaaaaaaaaaaaaaaaaaa%d":1', ",", "{}"))),
    ),
    "unnamed": Attack(
        "an item with 90,000 members that no schema names",
        "a thread of its own",
        once(request("POST", "/pets", many(90_000, '"m%d":1', ",", "{}"))),
    ),
    "repeated": Attack(
        "a pattern of nested repetitions, 900 kB in one string",
        "a process of its own, for a second",
        once(request("POST", "/repeated", b'"' + b"a" * 900_000 + b'"')),
    ),
    "email": Attack(
        "format email, 900 kB in one string", "linear", once(request("POST", "/email", b'["' + b"a@" * 450_000 + b'"]'))
    ),
    "query": Attack(
        "deepObject query of 60 kB",
        "64 KiB",
        once(request("GET", "/query?" + "&".join(f"f[a{n}]=1" for n in range(6000)))),
    ),
    "search": Attack(
        "a pattern that backtracks in a query", "10,000 steps", once(request("GET", "/query?q=" + "a" * 60_000 + "b"))
    ),
    "cookies": Attack(
        "cookies of 60 kB",
        "64 KiB",
        once(request("GET", "/ok", more="Cookie: " + "; ".join(f"a{n}=b" for n in range(6000)) + "\r\n")),
    ),
    "bomb": Attack(
        "gzip of 1 GB in 1 MB",
        "1 MiB, unpacked too",
        once(request("POST", "/numbers", gzip.compress(b" " * 2**27) * 8, more="Content-Encoding: gzip\r\n")),
    ),
    "members": Attack(
        "gzip of 40,000 empty members",
        "100 members",
        once(request("POST", "/numbers", gzip.compress(b"") * 40_000, more="Content-Encoding: gzip\r\n")),
    ),
    "charset": Attack(
        "text of 900 kB in punycode",
        "charsets alone",
        once(request("POST", "/text", b"a" * 900_000, "text/plain; charset=punycode")),
    ),
    "segments": Attack(
        "a path of 30,000 segments", "16 segments are tried as a base path", once(request("GET", "/a" * 30_000))
    ),
    "head": Attack(
        "header fields of 1 MB", "64 KiB, 200 fields", once(b"GET /ok HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 170_000)
    ),
    "trailer": Attack(
        "a trailer field of 10 MB", "64 KiB", once(_CHUNKED + b"2\r\n[]\r\n0\r\nX: " + b"y" * 10_000_000)
    ),
    "towers": Attack(
        "a tower of not, propertyNames and patternProperties",
        "500 values of explanation",
        once(request("POST", "/towers", b'{"aaaaaaaaaaaaaaaaaaaa":' * 5 + b"1" + b"}" * 5)),
    ),
    "greedy": Attack(
        "the first request for a body that no value fits", "a thread of its own", once(request("GET", "/greedy"))
    ),
    "greedy-body": Attack(
        "a body that breaks thirty rules of such a schema",
        "500 values of explanation",
        once(*[request("POST", "/greedy-body", b"{}")] * 3),
    ),
    "seeded": Attack(
        "bodies of 1,000 new values each (Prefer: dynamic)",
        "a thread of its own",
        once(*[request("GET", "/seeded", more=f"Prefer: dynamic=true, seed={n}\r\n") for n in range(5)]),
    ),
    "faults": Attack(
        "300 requests for faults, of 1 kB each",
        "60 s each, on its own connection",
        once(*[request("GET", "/ok", more=f"Lookalike-Fault: {'status=503;' * 90}{n}\r\n") for n in range(300)]),
    ),
    "sign-in": Attack(
        "300 sign-ins with texts of 4 kB",
        "4,096 characters",
        once(
            *[
                request("GET", f"/authorize?response_type=code&client_id={n}&redirect_uri=http://a/&state={'x' * 4000}")
                for n in range(300)
            ]
        ),
    ),
    "callbacks": Attack(
        "300 callbacks to a port without a listener",
        "hosts that are allowed",
        once(*[request("POST", "/told", b'{"url":"http://127.0.0.1:9/%d"}' % n) for n in range(300)]),
    ),
    "console": Attack(
        "the console, a hundred times", "a file in memory", once(*[request("GET", "/__lookalike/")] * 100)
    ),
    "pipelined": Attack("2,000 pipelined requests, no response taken", "64 KiB ahead", pipelined),
    "idle": Attack("800 connections with half a request", "--header-timeout", idle),
    "resets": Attack("300 connections that are reset", "a connection each", resets),
    "list": Attack("a list of 100,000 items", "none: the list of the document", once(*[request("GET", "/pets")] * 3)),
    "sorted": Attack(
        "a list of 100,000 items, sorted by 16 fields",
        "a thread of its own, 2,000 items at a time",
        once(request("GET", f"/pets?sort={','.join(['name', '-id'] * 8)}")),
    ),
    "list-as-xml": Attack(
        "a list of 100,000 items as XML", "a thread of its own", once(request("GET", "/pets", more=_XML))
    ),
    "streams": Attack("10 streams of a list of 100,000 items", "one thread for all", streams),
    "state": Attack(
        "an export of 100,000 items", "a thread of its own", once(*[request("GET", "/__lookalike/state")] * 3)
    ),
    "journal": Attack(
        "a page of 1,000 exchanges of 60 kB",
        "a thread of its own, 64 MiB",
        once(*_JOURNAL * 12, request("GET", "/__lookalike/journal?limit=1000")),
    ),
    "arrays": Attack(
        "items of 150,000 empty arrays each",
        "256 MiB, which one garbage collection visits once",
        once(*[request("PUT", f"/pets/{n}", b'{"data":' + _ARRAYS + b"}") for n in range(1, 31)]),
    ),
    "reset": Attack(
        "resets of 100,000 items, and of those",
        "a thread of its own, one item at a time",
        once(*[request("POST", "/__lookalike/reset")] * 2),
    ),
    "sandboxes": Attack(
        "300 new sandboxes, and an item in each",
        "10,000 sandboxes of 16 MiB",
        once(*[request("PUT", f"/__sandbox/s{n}/pets/1", b'{"name":"x"}') for n in range(300)]),
    ),
}


class Stalls:
    """The stalls of a mock, from the file that its clock writes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def longest(self) -> float:
        """The longest stall since this was asked before, in milliseconds of processor time."""
        time.sleep(0.1)  # the clock of the mock looks once more
        text = self._file.read_text(encoding="ascii") if self._file.exists() else ""
        new, self._read = text[self._read :], len(text)
        return max(map(float, new.split()), default=0.0)


class Attacked(NamedTuple):
    """A server under attack: its port, its process id, and how long others wait."""

    port: int
    process: int
    stalls: Stalls


_PORT = re.compile(r"(?:is listening on |HTTP_PROXY=)\S+:(\d+)$", re.MULTILINE)


@contextmanager
def _started(folder: Path, *command: str) -> Iterator[Attacked]:
    """A command that serves, in a process of its own, with its clock; `folder` is for what both write."""
    stalls, told = folder / "stalls", folder / "told"
    whole = [sys.executable, "-m", "bench.ticking", str(stalls), *command, "--port", "0"]
    with told.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(whole, stdout=output, cwd=Path(__file__).parent.parent)
    with process:
        try:
            while (port := _PORT.search(told.read_text(encoding="utf-8"))) is None:
                if process.poll() is not None:
                    raise SystemExit(f"the {command[0]} did not start")
                time.sleep(0.05)
            yield Attacked(int(port[1]), process.pid, Stalls(stalls))
        finally:
            process.terminate()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder with the document above."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "attacked.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
        yield folder


@contextmanager
def mock(items: int, *more: str) -> Iterator[Attacked]:
    """A mock of the document above, with more options."""
    options = ["--log", "off", "--no-security", "--stream-interval", "10ms", "--populate", str(items), *more]
    with _folder() as folder, _started(folder, "mock", str(folder / "attacked.json"), *options) as attacked:
        yield attacked


@contextmanager
def proxy(items: int, *more: str) -> Iterator[Attacked]:
    """A proxy before such a mock, which judges what it passes on, and shows it in its console."""
    with mock(items, *more) as behind, _folder() as folder:
        command = ["proxy", f"http://127.0.0.1:{behind.port}", str(folder / "attacked.json"), "--console"]
        with _started(folder, *command) as attacked:
            yield attacked


def main() -> None:
    """Run the attacks and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="with 10,000 items instead of 100,000")
    parser.add_argument("--proxy", action="store_true", help="attack a proxy before the mock, instead of the mock")
    parser.add_argument("--only", choices=list(ATTACKS), action="append", help="run this attack alone; repeatable")
    arguments = parser.parse_args()
    print("| attack | bound | the sender gets | others wait, in ms |")
    print("| --- | --- | --- | --- |")
    serve = proxy if arguments.proxy else mock
    with serve(10_000 if arguments.quick else 100_000) as attacked:
        for name in arguments.only or ATTACKS:
            attack = ATTACKS[name]
            attacked.stalls.longest()
            attack.send(attacked.port)  # the first use of an operation is worked out beside; from then on, others wait
            result = attack.send(attacked.port)
            print(f"| {attack.what} | {attack.bound} | {result} | {attacked.stalls.longest():.0f} |", flush=True)


if __name__ == "__main__":
    main()
