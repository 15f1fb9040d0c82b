"""Servers of files that are sent with an item, or uploaded to one, and read at another path."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from tests.catalogue.server import Server, parts_of
from tests.catalogue.shapes import BINARY
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]
Keep = Callable[[bytes], bytes]


def whole(file: bytes) -> bytes:
    return file


def with_newlines_of_unix(file: bytes) -> bytes:
    return file.replace(b"\r\n", b"\n")


def as_text(file: bytes) -> bytes:
    return file.decode("utf-8", "replace").encode()


def scans(kept: Keep = whole, size: Callable[[Asked, bytes], int] = lambda asked, file: len(file)) -> dict[str, Any]:
    """A server of scans, which may keep other bytes, or tell of another size."""

    def create(server: Server, asked: Asked) -> Answer:
        sent, number = parts_of(asked), str(next(server.numbers))
        item = {"id": int(number), "title": sent["title"].decode(), "size": size(asked, sent["file"])}
        server.store(("scans", number), item)
        server.memory[f"scans/{number}/content"] = kept(sent["file"])
        return Answer(201, item)

    return {"does": {"createScan": create, "getContent": download}}


def papers(upload: Does) -> dict[str, Any]:
    """A server of papers, whose uploads do something."""
    return {"does": {"uploadPaper": upload, "downloadPaper": download}}


def download(server: Server, asked: Asked) -> Answer:
    file = server.memory.get(f"{asked.path[0]}/{asked.path[1]}/content")
    return Answer(200, file, {"Content-Type": BINARY}) if file is not None else server.problem(404)


def uploaded(kept: Callable[[bytes, bytes], bytes] = lambda new, old: new, everywhere: bool = False) -> Does:
    """An upload, of which something is kept, perhaps for each paper."""

    def does(server: Server, asked: Asked) -> Answer:
        if asked.path[:2] not in server.items:
            return server.problem(404)
        for place in [one for one in server.items if everywhere or one == asked.path[:2]]:
            name = f"papers/{place[1]}/content"
            server.memory[name] = kept(asked.sent, server.memory.get(name, b""))
        return Answer(204)

    return does


SCAN, PAPER = "createScan.read-after-upload", "uploadPaper.read-after-upload"

DEFECTS: tuple[Member, ...] = (
    wrong("scans", "files are kept as text", SCAN, **scans(as_text)),
    wrong("scans", "the ends of lines are changed", SCAN, **scans(with_newlines_of_unix)),
    wrong("scans", "files are sent in base64", SCAN, **scans(b64encode)),
    wrong("scans", "the size is that of the form", SCAN, **scans(size=lambda asked, file: len(asked.sent))),
    wrong("papers", "uploads are lost", PAPER, **papers(lambda server, asked: Answer(204))),
    wrong("papers", "uploads are appended", PAPER, **papers(uploaded(lambda new, old: old + new))),
    wrong("papers", "one file is that of all papers", PAPER, **papers(uploaded(everywhere=True))),
)

CORRECT: tuple[Member, ...] = (
    correct("scans", "as it is", **scans()),
    correct("papers", "as it is", **papers(uploaded())),
    correct(
        "papers",
        "leads to another server for downloads",
        does={
            "uploadPaper": uploaded(),
            "downloadPaper": lambda server, asked: Answer(302, headers={"Location": "https://files.example.com/1"}),
        },
    ),
)
