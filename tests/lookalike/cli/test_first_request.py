"""The curl line of the banner: it succeeds on a fresh start of any document, and nothing was changed to find it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.cli.banner import Banner, lines
from lookalike.model.strictness import Strictness
from lookalike.server.control.access import PREFIX
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.server.serve import MockServer
from lookalike.service import MockService
from tests.support.paths import ROOT
from tests.support.running import PATIENCE, running_mock
from tests.support.small import document

TEXT = {"type": "string"}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 3}}}
ITEM = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string", "minLength": 3}},
}


def guarded(**scheme: Any) -> dict[str, Any]:
    """A document whose only operation asks for credentials of a scheme."""
    return document({"/x": {"get": {}}}, components={"securitySchemes": {"s": scheme}}, security=[{"s": []}])


def taking(*parameters: dict[str, Any]) -> dict[str, Any]:
    return document({"/x": {"get": {"parameters": list(parameters)}}})


def needed(name: str, where: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": schema or TEXT}


def posting(media_type: str, schema: Any, **media: Any) -> dict[str, Any]:
    """A document whose only operation takes a body of that type."""
    content = {media_type: {"schema": schema, **media}}
    return document({"/x": {"post": {"requestBody": {"required": True, "content": content}}}})


def kept(*methods: str, path: str = "/things") -> dict[str, Any]:
    """A document of things, with some of the operations that a collection and its items have."""
    one: dict[str, Any] = {"200": {"description": "", "content": {"application/json": {"schema": ITEM}}}}
    made = {"201": {"description": "", "content": {"application/json": {"schema": ITEM}}}}
    listed = {"type": "array", "items": ITEM}
    operations: dict[str, dict[str, Any]] = {
        "list": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": listed}}}}},
        "create": {
            "requestBody": {"required": True, "content": {"application/json": {"schema": ITEM}}},
            "responses": made,
        },
        "read": {"responses": {**one, "404": {"description": ""}}},
        "delete": {"responses": {"204": {"description": ""}, "404": {"description": ""}}},
    }
    key = needed("id", "path", type="integer")
    paths: dict[str, Any] = {path: {}, f"{path}/{{id}}": {}}
    for name in methods:
        place = path if name in ("list", "create") else f"{path}/{{id}}"
        verb = {"list": "get", "read": "get", "create": "post", "delete": "delete"}[name]
        paths[place][verb] = operations[name] if place == path else {"parameters": [key], **operations[name]}
    return document({path: item for path, item in paths.items() if item})


WITH_ITEMS = kept("list", "create", "read", "delete")
WITH_ITEMS["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["example"] = [
    {"id": 7, "name": "seven"}
]

SHAPES: dict[str, dict[str, Any]] = {
    "bearer token": guarded(type="http", scheme="bearer"),
    "OAuth 2": guarded(type="oauth2", flows={"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}),
    "user name and password": guarded(type="http", scheme="basic"),
    "another scheme of the Authorization header": guarded(type="http", scheme="digest"),
    "key in a header": guarded(type="apiKey", name="X-Key", **{"in": "header"}),
    "key in the query": guarded(type="apiKey", name="key", **{"in": "query"}),
    "key in a cookie": guarded(type="apiKey", name="sid", **{"in": "cookie"}),
    "required query parameter": taking(needed("size", "query", type="integer", minimum=10)),
    "required list in the query": taking(needed("ids", "query", type="array", items=TEXT, minItems=2)),
    "required object in the query": taking(
        {**needed("f", "query", type="object", required=["a"], properties={"a": TEXT}), "style": "deepObject"}
    ),
    "required header": taking(needed("tenant-id", "header", type="string", format="uuid")),
    "required cookie": taking(needed("session", "cookie", type="string", minLength=20)),
    "value with a space and quotes": taking(needed("q", "query", type="string", enum=['it\'s "a" & b'])),
    "JSON": posting("application/json", NAMED),
    "JSON of another name": posting("application/vnd.api+json", NAMED),
    "JSON that a shell would read": posting("application/json", TEXT, example="$HOME `id` 'x' \\n ä"),
    "form": posting("application/x-www-form-urlencoded", NAMED),
    "multipart form": posting("multipart/form-data", NAMED),
    "upload": posting(
        "multipart/form-data",
        {
            "type": "object",
            "required": ["file", "meta", "tags"],
            "properties": {
                "file": {"type": "string", "format": "binary"},
                "meta": NAMED,
                "tags": {"type": "array", "items": TEXT, "minItems": 2},
            },
        },
        encoding={"file": {"contentType": "image/png"}},
    ),
    "plain text": posting("text/plain", {"type": "string", "minLength": 1}),
    "text that curl would take for a file": posting("text/plain", TEXT, example="@nothing"),
    "bytes": posting("application/octet-stream", {"type": "string", "format": "binary"}),
    "XML": posting("application/xml", {"type": "object"}, example="<a>1</a>"),
    "only reads of nothing": kept("list", "read"),
    "only creations": kept("create"),
    "items that are there": WITH_ITEMS,
    "everything of a collection": kept("list", "create", "read", "delete"),
    "path with a key": document({"/x/{key}/y": {"get": {"parameters": [needed("key", "path", pattern="^[A-Z]{3}$")]}}}),
    "path with a space": document({"/a b/{c}": {"get": {"parameters": [needed("c", "path", enum=["ä/ö?"])]}}}),
    "base path": document({"/x": {"get": {}}}, servers=[{"url": "https://api.example.com/v1"}]),
    "servers of its own": document({"/x": {"get": {"servers": [{"url": "/other"}]}}}, servers=[{"url": "/v1"}]),
    "only HEAD": document({"/x": {"head": {}}}),
    "only changes": document({"/x/{id}": {"put": {"parameters": [needed("id", "path")]}}}),
    "the first operation is documented to fail": document(
        {"/a": {"get": {"responses": {"500": {"description": ""}}}}, "/b": {"get": {}}}
    ),
}


def written(folder: Path, data: dict[str, Any]) -> str:
    file = folder / "api.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return str(file)


class Fresh(NamedTuple):
    """A mock that was just started, and the lines of its banner."""

    mock: MockService
    url: str
    banner: list[str]

    @property
    def proposal(self) -> str:
        """The command line below `Try it:`."""
        return self.banner[self.banner.index("Try it:") + 1].strip()


@contextmanager
def fresh(
    file: str, *, security: bool = True, shows_all: bool = False, open_control: bool = True, **sources: Any
) -> Iterator[Fresh]:
    """The mock of a document, served by this process."""
    parts = load(Sources(Path(file), strictness=Strictness(security=security), **sources))
    mock, base_path = assemble(parts), parts.model.contract.base_path
    with MockServer(Dispatcher(mock, MockOptions(base_path)), "127.0.0.1", 0) as server:
        banner = Banner("127.0.0.1", base_path, security, shows_all, PREFIX if open_control else None)
        yield Fresh(mock, f"http://127.0.0.1:{server.port}", list(lines(banner, server.port, mock, parts)))


def status_of(line: str) -> int:
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return int(done.stdout.split()[1])


@pytest.mark.parametrize("shape", SHAPES)
def test_the_curl_line_succeeds_and_the_mock_was_not_changed_to_find_it(shape: str, tmp_path: Path) -> None:
    with fresh(written(tmp_path, SHAPES[shape])) as started:
        journal, before = started.mock.journal(), started.mock.state()
        started.mock.reset()
        assert (journal, before) == ([], started.mock.state())
        assert 200 <= status_of(started.proposal) < 300, started.proposal


@pytest.mark.parametrize("name", ["pets", "tickets"])
def test_the_curl_line_of_a_contract_with_state_succeeds(name: str) -> None:
    with fresh(str(ROOT / "fixtures" / "contracts" / name / "openapi.yaml")) as started:
        assert 200 <= status_of(started.proposal) < 300


def test_what_is_there_is_read_before_anything_is_created(tmp_path: Path) -> None:
    with fresh(written(tmp_path, WITH_ITEMS)) as started:
        assert started.proposal == f"curl -i {started.url}/things"
    with fresh(written(tmp_path, kept("create", "list", "delete"))) as started:
        assert "-X POST" in started.proposal


PASSWORDS = "s: [{username: me, password: 'p w'}]"


def test_credentials_come_from_the_tokens_file(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.yaml"
    tokens.write_text(PASSWORDS)
    with fresh(written(tmp_path, guarded(type="http", scheme="basic")), tokens=tokens) as started:
        assert "-u 'me:p w'" in started.proposal
        assert status_of(started.proposal) == 200


def test_without_security_no_credentials_are_shown(tmp_path: Path) -> None:
    with fresh(written(tmp_path, guarded(type="http", scheme="basic")), security=False) as started:
        assert started.proposal == f"curl -i {started.url}/x"


NOTHING = {
    "deletions": (kept("delete"), "No request to try: every operation deletes something"),
    "failures": (
        document({"/a": {"get": {"responses": {"302": {"description": ""}}}}}),
        "No request to try: GET /a answers 302",
    ),
    "nothing": (document({}), "No request to try: there is no operation"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_where_nothing_succeeds_the_banner_says_why(name: str, tmp_path: Path) -> None:
    data, words = NOTHING[name]
    with fresh(written(tmp_path, data)) as started:
        assert any(line.startswith(words) for line in started.banner)


def test_the_banner_shows_twelve_operations_and_counts_the_rest_unless_all_are_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path, document({f"/x{number}": {"get": {}} for number in range(14)}))
    with fresh(file) as started:
        assert started.banner[1:13] == [f"  GET /x{number}" for number in range(12)]
        assert started.banner[13:15] == ["  and 2 more operations; --list shows all", "Try it:"]
    with fresh(file, shows_all=True) as started:
        assert started.banner[14:16] == ["  GET /x13", "Try it:"]


def test_the_lines_about_the_control_api_are_shown_unless_they_need_its_token(tmp_path: Path) -> None:
    with fresh(written(tmp_path, WITH_ITEMS)) as started:
        assert started.banner[-2].endswith("/__lookalike/state/thing")
        assert started.banner[-1].endswith("/__lookalike/")
    with fresh(written(tmp_path, WITH_ITEMS), open_control=False) as started:
        assert started.banner[-1].strip() == started.proposal


def test_a_mock_for_other_machines_names_an_address_that_this_one_can_ask(tmp_path: Path) -> None:
    with running_mock(written(tmp_path, WITH_ITEMS), "--host", "0.0.0.0", "--list") as mock:
        assert any("curl -i http://127.0.0.1:" in line for line in iter(mock.next_line, ""))
