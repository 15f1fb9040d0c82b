"""A soak of the mock, or of the proxy before one: always-new requests for a long time, and what they leave behind.

    python -m bench.soak [--minutes N] [--proxy]

Bodies, paths, tokens, header fields and errors are new each time, some clients send slowly, and some reset their
connection. Every tenth of the time a line tells the requests so far, the resident memory, the open descriptors, and the
longest stall of a well-behaved client. The exit code is 1 where memory or descriptors have grown after the warm-up.
"""

import argparse
import json
import random
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import NamedTuple

from bench.attack import TIMEOUT, Attacked, exchange, mock, proxy, request

GROWTH = 1.10
"""How much larger memory may be at the end than after the warm-up, which is the first fifth of the time."""

_ITEMS = 1000
# There are always new sandboxes, so that most are refused; the journals of the few others are full after the warm-up.
_BOUNDS = ("--max-sandboxes", "50", "--journal-size", "256KB")
_SANDBOXES = 4
_LINGER = 3.0  # for how long the server lets a client that it has refused go on sending, in seconds, and some more
_PAUSE = 0.1  # between two counts, in seconds
_PARTS = 10
_FORM = "application/x-www-form-urlencoded"


class Usage(NamedTuple):
    """The resident memory of a process in MiB, and its open descriptors."""

    memory: float
    descriptors: int


def usage(process: int) -> Usage:
    """What a process uses now, as Linux tells."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    resident = next(line for line in lines if line.startswith("VmRSS"))
    return Usage(int(resident.split()[1]) / 1024, len(list(Path(f"/proc/{process}/fd").iterdir())))


def requests(draw: random.Random) -> Iterator[bytes]:
    """Requests without end, no two of which are the same, for items that there are and for others."""
    while True:
        text = f"{draw.getrandbits(64):x}"
        item = json.dumps({"name": text}).encode()
        long = json.dumps({"k": text * draw.choice([50, 2000])}).encode()
        token = f"Authorization: Bearer {text}\r\nX-{text}: {text}\r\n"
        yield draw.choice(
            [
                request("PUT", f"/pets/{draw.randint(1, _ITEMS)}", item, more=token),
                request("GET", f"/pets/{draw.randint(1, 2 * _ITEMS)}?{text}={text}", more=token),
                request("GET", f"/{text}/{text}", more=f"Cookie: a={text}\r\n"),
                request("POST", "/chain", b'{"k":' * 20 + json.dumps(text).encode() + b"}" * 20),
                request("POST", "/numbers", long),
                request("POST", "/form", f"{text}[{text}]={text}".encode(), _FORM),
                request("PUT", f"/pets/{draw.randint(1, _ITEMS)}", b"{" + text.encode(), more=token),
                request(text.upper(), "/pets"),
                request("GET", f"/__sandbox/{text}/pets/1"),
                request("PUT", f"/__sandbox/s{draw.randint(1, _SANDBOXES)}/pets/{draw.randint(1, 50)}", item),
                request("GET", "/ok", more=f"Lookalike-Fault: status={draw.choice(['503', text])}\r\n"),
                request("GET", "/ok", more="Lookalike-Fault: latency=5ms\r\n"),
                request("GET", "/ok", more="Lookalike-Fault: reset\r\n"),
                request("GET", f"/authorize?response_type=code&client_id={text}&redirect_uri=http://{text}/"),
                request("POST", "/token", f"grant_type=refresh_token&refresh_token={text}".encode(), _FORM),
                request("POST", "/told", json.dumps({"url": f"http://127.0.0.1:9/{text}"}).encode()),
                request("GET", "/seeded", more=f"Prefer: dynamic=true, seed={draw.getrandbits(32)}\r\n"),
                request("GET", f"/__lookalike/{draw.choice(['', 'journal?limit=20', 'near-misses', text])}"),
                request("GET", "/ok", more=f"Accept: application/{text}\r\nPrefer: code={draw.randint(200, 599)}\r\n"),
            ]
        )


def slow_clients(port: int, draw: random.Random) -> list[socket.socket]:
    """Clients that have sent half a request, or reset their connection in the middle of one."""
    waiting = []
    for _ in range(20):
        connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        connection.sendall(request("PUT", "/pets/1", b"{" * 100)[: draw.randint(1, 150)])
        if draw.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.close()
        else:
            waiting.append(connection)
    return waiting


def listeners(port: int) -> list[socket.socket]:
    """Clients of a stream of events and of that of the journal, who take the beginning alone."""
    listening = []
    for path in ("/pets", "/__lookalike/journal/events"):
        connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        connection.sendall(request("GET", path, more="Accept: text/event-stream\r\n"))
        connection.recv(100)
        listening.append(connection)
    return listening


def load(port: int, draw: random.Random) -> int:
    """Send 400 requests, among clients that are slow or gone; the number of requests."""
    stream, sent = requests(draw), 0
    waiting = [*slow_clients(port, draw), *listeners(port)]
    for _ in range(20):
        batch = [next(stream) for _ in range(20)]
        with suppress(OSError):  # a request with an unknown method ends its connection
            exchange(port, *batch)
        sent += len(batch)
    for connection in waiting:
        connection.close()
    return sent


def settled(process: int) -> Usage:
    """What a process uses once the connections of clients that were refused have ended.

    A callback may be delivered meanwhile, so that the descriptors are the least of several counts: what is left behind
    is in each of them.
    """
    time.sleep(_LINGER)
    counts = []
    for _ in range(10):
        time.sleep(_PAUSE)
        counts.append(usage(process))
    return Usage(counts[-1].memory, min(count.descriptors for count in counts))


def soak(minutes: float, server: AbstractContextManager[Attacked]) -> list[Usage]:
    """Load a server for some minutes; what it used after each tenth of them."""
    draw, used = random.Random(1), []  # noqa: S311  # the same requests each time
    with server as (port, process, stalls):
        sent = 0
        for part in range(1, _PARTS + 1):
            until = time.monotonic() + minutes * 60 / _PARTS
            while time.monotonic() < until:
                sent += load(port, draw)
            stall = stalls.longest()
            used.append(settled(process))
            print(
                f"{part * minutes / _PARTS:.1f} min  {sent:,} requests  {used[-1].memory:.0f} MiB  "
                f"{used[-1].descriptors} descriptors  longest stall {stall:.0f} ms",
                flush=True,
            )
    return used


def main() -> None:
    """Soak a server, and tell whether it grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--store", default="memory:", help="where the mock keeps its state, as sqlite:///FILE")
    parser.add_argument("--proxy", action="store_true", help="load a proxy before the mock, instead of the mock")
    arguments = parser.parse_args()
    options = ("--store", arguments.store, *_BOUNDS)
    used = soak(arguments.minutes, (proxy if arguments.proxy else mock)(_ITEMS, *options))
    warm, last = used[1], used[-1]
    has_grown = last.memory > warm.memory * GROWTH or last.descriptors > warm.descriptors
    print("memory or descriptors have grown" if has_grown else "memory and descriptors are flat")
    sys.exit(has_grown)


if __name__ == "__main__":
    main()
