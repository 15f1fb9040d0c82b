"""Lookalike and its peers: how each is installed, and configured as well as its documented features allow.

`lead` and `document` write what a server reads into a folder, and give the command that serves it at a port.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from bench.peers import contract
from bench.peers.contract import CASES, FIELDS, LEAD, MESSAGES, NEW, OLD, TOKEN, VALID, Case, Sent, envelope

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSTALLED = ROOT / ".bench-cache" / "peers"
MODULES = INSTALLED / "node_modules"
PATH = "/leads/{contact-number}/update"
BEARER = f"Bearer {TOKEN}"
SEEDS = {LEAD: [103], OLD: []}
DEBIAN = {"wrk": "wrk", "node": "nodejs", "npm": "npm", "java": "openjdk-17-jre-headless"}

Command = Callable[[int], list[str]]


class Kind(NamedTuple):
    """A server: its npm package, if it is one, and what it takes to warm it up, in seconds."""

    name: str
    package: str
    lead: Callable[[Path], Command]
    document: Callable[[Path], Command] | None
    needs: tuple[str, ...] = ("node", "npm")
    warm_up: float = 5.0

    @property
    def title(self) -> str:
        """Its name and its version."""
        return f"{self.name} {versions()[self.package]}" if self.package else self.name


def versions() -> dict[str, str]:
    """The versions of the packages."""
    pinned: dict[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]
    return pinned


def missing(kinds: list[Kind]) -> list[str]:
    """The Debian packages that these servers and wrk need, and that are not there."""
    needed = dict.fromkeys(["wrk", *(program for kind in kinds for program in kind.needs)])
    return [DEBIAN[program] for program in needed if not shutil.which(program)]


def install() -> None:
    """Install the peers with npm, where they are not there in these versions."""
    wanted, stamp = (HERE / "package.json").read_text(), INSTALLED / "installed.json"
    if not stamp.is_file() or stamp.read_text() != wanted:
        INSTALLED.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "package.json", INSTALLED)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        subprocess.run(command, cwd=INSTALLED, stdout=sys.stderr, check=True)
        stamp.write_text(wanted)
    shutil.copy(HERE / "scalar.mjs", INSTALLED)  # it imports what lies beside it


def _written(folder: Path, name: str, value: Any) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return str(path)


# Lookalike: its own document and tokens, and its journal, which is always on.
def lookalike(data: Path) -> Command:
    """The Lead API with these leads."""
    return _mock("--data", str(data))


def _mock(*arguments: str) -> Command:
    return lambda port: [sys.executable, "-m", "lookalike", "mock", "--port", str(port), "--log", "off", *arguments]


def _lookalike_lead(folder: Path) -> Command:
    return lookalike(Path(_written(folder, "leads.json", leads(SEEDS))))


def leads(tags: Mapping[int, Sequence[int]]) -> dict[str, Any]:
    """Leads as Lookalike reads them, by their numbers and tags."""
    return {"lead": [{"contact_number": number, "country_code": 91, "tags": tags[number]} for number in tags]}


def _lookalike_document(document: Path) -> Command:
    return _mock(str(document), "--tokens", str(ROOT / "fixtures" / "tokens.yaml"))


# Prism: no more than the document; violations are refused, as a contract's server does, and no log is written.
def _prism(document: Path | str) -> Command:
    program = str(MODULES / ".bin" / "prism")
    return lambda port: [program, "mock", "-p", str(port), "--errors", "-v", "error", "-m", "false", str(document)]


def _prism_lead(folder: Path) -> Command:
    operation = contract.operation("updateLead", "contact-number", contract.BODY)
    return _prism(_written(folder, "lead.json", contract.document(PATH, operation)))


# WireMock: stub mappings, by priority; a scenario tells that the lead OLD has become NEW. Its journal is off, as its
# page on performance advises; ours is on.
def _wiremock_lead(folder: Path) -> Command:
    known, renaming = {"priority": 2}, {"scenarioName": "renaming"}
    before, after = renaming | {"requiredScenarioState": "Started"}, renaming | {"requiredScenarioState": "renamed"}
    token = {"headers": {"Authorization": {"equalTo": BEARER}}}
    valid: dict[str, Any] = {
        "headers": {**token["headers"], "Content-Type": {"contains": "application/json"}},
        "bodyPatterns": [{"matchesJsonSchema": contract.BODY, "schemaVersion": "V202012"}],
    }
    moves = {"matchesJsonPath": f"$[?(@.new_contact_number == {NEW})]"}
    moving = valid | {"bodyPatterns": [*valid["bodyPatterns"], moves]}
    stubs = [
        _stub(201, str(LEAD), {"priority": 1}, **valid),
        _stub(400, str(LEAD), known, **token),
        _stub(201, str(OLD), {"priority": 1, **before, "newScenarioState": "renamed"}, **moving),
        _stub(201, str(OLD), known | before, **valid),
        _stub(400, str(OLD), {"priority": 3, **before}, **token),
        _stub(201, str(NEW), known | after, **valid),
        _stub(400, str(NEW), {"priority": 3, **after}, **token),
        _stub(404, "[^/]+", {"priority": 5}, **token),
        _stub(401, "[^/]+", {"priority": 6}),
        _stub(405, "[^/]+", {"priority": 7}, method="ANY"),
    ]
    _written(folder, "mappings/leads.json", {"mappings": stubs})
    jar = next((MODULES / "wiremock" / "build").glob("wiremock-standalone-*.jar"), "wiremock.jar")
    options = ["--bind-address", "127.0.0.1", "--no-request-journal", "--disable-gzip", "--disable-banner"]
    return lambda port: ["java", "-jar", str(jar), "--port", str(port), "--root-dir", str(folder), *options]


def _stub(status: int, number: str, more: dict[str, Any], **matched: Any) -> dict[str, Any]:
    request = {"method": "PUT", "urlPathPattern": f"/leads/{number}/update", **matched}
    json_type = {"Content-Type": "application/json"}
    return {
        **more,
        "request": request,
        "response": {"status": status, "jsonBody": envelope(status), "headers": json_type},
    }


# Specmatic: it answers from examples, so it gets one for every well-formed request that is sent; its document says
# the rule about the new number as `oneOf`, since it refuses `anyOf` beside `properties`.
def _specmatic(document: Path | str, *more: str) -> Command:
    jar = str(MODULES / "specmatic" / "specmatic.jar")
    command = ["java", "-jar", jar, "mock", "--host", "127.0.0.1", "--noConsoleLog"]
    return lambda port: [*command, "--port", str(port), *more, str(document)]


def _specmatic_lead(folder: Path) -> Command:
    without = {name: FIELDS[name] for name in FIELDS if name != "new_contact_number"}
    body = {
        "oneOf": [
            {"type": "object", "required": ["lead_data"], "properties": without},
            {"type": "object", "required": ["new_contact_number", "new_country_code"], "properties": FIELDS},
        ]
    }
    operation = contract.operation("updateLead", "contact-number", body)
    document = _written(folder, "lead.json", contract.document(PATH, operation))
    sent = (*CASES, *(Case("load", one, (201,)) for one in VALID))
    for at, case in enumerate(sent):
        if case.right[0] in {201, 401, 404} and case.sent.token:
            _written(folder, f"examples/{at}.json", _specmatic_example(case.sent, case.right[0]))
    return _specmatic(document, "--data", str(folder / "examples"))


def _specmatic_example(sent: Sent, status: int) -> dict[str, Any]:
    request = {"method": sent.method, "path": sent.target, "headers": sent.headers, "body": json.loads(sent.body)}
    return {"http-request": request, "http-response": {"status": status, "body": envelope(status)}}


# Mockoon: rules for each answer, in order, the schema in one data bucket, and the leads in another, which the
# template of the success changes.
def _mockoon(environment: Path | str) -> Command:
    program = str(MODULES / ".bin" / "mockoon-cli")
    options = ["-l", "127.0.0.1", "-X", "--disable-admin-api", "--max-transaction-logs", "1"]
    return lambda port: [program, "start", "-d", str(environment), "-p", str(port), *options]


def _mockoon_lead(folder: Path) -> Command:
    answers = [
        _mockoon_answer(401, _rule("header", "Authorization", "equals", BEARER, invert=True)),
        _mockoon_answer(404, _rule("data_bucket", "leads.{{urlParam 'number'}}", "null", "")),
        _mockoon_answer(400, _rule("body", "", "valid_json_schema", "body", invert=True)),
        _mockoon_answer(201, template=_MOCKOON_UPDATE),
    ]
    other = [_mockoon_answer(405, id="other")]
    routes = [_mockoon_route("put", answers), _mockoon_route("all", other)]
    buckets = {"leads": {str(number): {"tags": SEEDS[number]} for number in SEEDS}, "body": contract.BODY}
    environment = {
        "uuid": _uuid("environment"),
        "lastMigration": 33,
        "name": "leads",
        "port": 4010,
        "hostname": "127.0.0.1",
        "endpointPrefix": "",
        "latency": 0,
        "folders": [],
        "routes": routes,
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
        "proxyMode": False,
        "proxyHost": "",
        "proxyRemovePrefix": False,
        "tlsOptions": {"enabled": False, "type": "CERT"}
        | dict.fromkeys(("pfxPath", "certPath", "keyPath", "caPath", "passphrase"), ""),
        "cors": False,
        "headers": [],
        "proxyReqHeaders": [],
        "proxyResHeaders": [],
        "data": [
            {"uuid": _uuid(name), "id": name[:4], "name": name, "documentation": "", "value": json.dumps(value)}
            for name, value in buckets.items()
        ],
        "callbacks": [],
    }
    return _mockoon(_written(folder, "environment.json", environment))


_MOCKOON_UPDATE = (
    "{{#if (bodyRaw 'lead_data')}}{{setData 'merge' 'leads' (urlParam 'number') (bodyRaw 'lead_data')}}{{/if}}"
    "{{#if (bodyRaw 'new_contact_number')}}"
    "{{#unless (eq (urlParam 'number') (concat (bodyRaw 'new_contact_number') ''))}}"
    "{{setData 'set' 'leads' (concat (bodyRaw 'new_contact_number') '') (dataRaw 'leads' (urlParam 'number'))}}"
    "{{setData 'del' 'leads' (urlParam 'number')}}{{/unless}}{{/if}}"
)


def _mockoon_route(method: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "uuid": _uuid(method),
        "type": "http",
        "documentation": "",
        "method": method,
        "endpoint": "leads/:number/update",
        "responses": answers,
        "responseMode": None,
        "streamingMode": None,
        "streamingInterval": 0,
    }


def _mockoon_answer(status: int, *rules: dict[str, Any], template: str = "", id: str = "put") -> dict[str, Any]:
    return {
        "uuid": _uuid(f"{id} {status}"),
        "body": template + json.dumps(envelope(status)),
        "latency": 0,
        "statusCode": status,
        "label": MESSAGES[status],
        "headers": [{"key": "Content-Type", "value": "application/json"}],
        "bodyType": "INLINE",
        "filePath": "",
        "databucketID": "",
        "sendFileAsBody": False,
        "rules": rules,
        "rulesOperator": "OR",
        "disableTemplating": not template,
        "fallbackTo404": False,
        "default": not rules,
        "crudKey": "id",
        "callbacks": [],
    }


def _rule(target: str, modifier: str, operator: str, value: str, *, invert: bool = False) -> dict[str, Any]:
    return {"target": target, "modifier": modifier, "value": value, "invert": invert, "operator": operator}


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"lookalike/bench/{name}"))


# Scalar: a handler in the document changes its store. Its status follows from what it did to the store: only
# `create` gives 201, and 400 is out of reach. It gives a handler the examples of a document in OpenAPI 3.1 only.
def _scalar(document: Path | str) -> Command:
    return lambda port: ["node", str(INSTALLED / "scalar.mjs"), str(document), str(port)]


def _scalar_lead(folder: Path) -> Command:
    seeds = [{"id": str(number), "tags": SEEDS[number]} for number in SEEDS]
    operation = contract.operation("updateLead", "contact-number", contract.BODY)
    lead = {"type": "object", "properties": {"id": {"type": "string"}}, "x-seed": f"seed({json.dumps(seeds)})"}
    document = contract.document(PATH, {**operation, "x-handler": _SCALAR_UPDATE}, {"Lead": lead})
    return _scalar(_written(folder, "lead.json", {**document, "openapi": "3.1.0"}))


_SCALAR_UPDATE = """\
const id = String(req.params['contact-number']);
const lead = store.list('Lead').find(one => one.id === id && !one.moved);
if (!lead) { store.get('Lead', 'none'); return res['404']; }
const body = req.body || {};
const tags = new Set([...(lead.tags || []), ...(body.add_tags || [])]);
for (const tag of body.remove_tags || []) tags.delete(tag);
const number = body.new_contact_number === undefined ? id : String(body.new_contact_number);
if (number !== id) store.create('Lead', { id, moved: true });
store.create('Lead', { ...lead, ...(body.lead_data || {}), tags: [...tags], id: number });
return res['201'];
"""

JAVA = ("java", "npm")
KINDS = (
    Kind("Lookalike", "", _lookalike_lead, _lookalike_document, needs=()),
    Kind("WireMock", "wiremock", _wiremock_lead, None, JAVA, warm_up=45.0),  # its compiler needs as long
    Kind("Prism", "@stoplight/prism-cli", _prism_lead, _prism),
    Kind("Specmatic", "specmatic", _specmatic_lead, _specmatic, JAVA, warm_up=45.0),
    Kind("Mockoon", "@mockoon/cli", _mockoon_lead, _mockoon),
    Kind("Scalar", "@scalar/mock-server", _scalar_lead, _scalar),
)
