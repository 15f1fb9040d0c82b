"""What comes of one document in use: its mock is served over HTTP, and asked by Schemathesis and by stories.

*found*: what Schemathesis holds against the mock, one for each operation and check, given the document as the standards
have it read. Two things are counted apart: a refusal whose status the document does not have, as something has to be
answered to a request that is refused; and what the mock did rightly, as the request is not what the check takes it for
(`fitting.py`).
*unfit*: answers that break their own schema, judged by the package jsonschema.
*stories*: for each collection with POST and a path of its items with GET: create, read, list, change, delete, read.
"""

import json
import re
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin

import jsonschema
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from bench.as_standards import as_standards_have_it, end_of, with_patterns
from bench.fitting import Fitting
from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.http import Response, essence
from lookalike.openapi.yaml_text import load_yaml
from lookalike.schema.directions import WRITE_ONLY, for_direction

SECRET = "secret"  # it opens nothing
_REFUSALS = frozenset({400, 401, 403, 404, 405, 406, 409, 415, 422})
_REFUSED = 400
_EXAMPLES = 3
_SECONDS = 20


class Pair(NamedTuple):
    """A collection that can be added to, and the path of its items."""

    collection: str
    item: str


def pairs(paths: Mapping[str, Any]) -> list[Pair]:
    """The collections of a document whose items can be created and read."""
    found = []
    for item, methods in paths.items():
        collection, _, last = item.rstrip("/").rpartition("/")
        is_item = last.startswith("{") and last.endswith("}") and isinstance(methods, dict) and "get" in methods
        if is_item and "post" in (paths.get(collection) or {}):
            found.append(Pair(collection, item))
    return found


def examined(document: Path) -> dict[str, Any]:
    """What was found, to print."""
    contract = load_contract(document)
    with served(document, contract) as origin:
        raw = schemathesis.openapi.from_dict(
            as_standards_have_it(load_yaml(document)),
            config=SchemathesisConfig.from_dict(settings_for(contract, origin)),
        )
        found, apart, right, cases = by_schemathesis(raw, Fitting(contract))
        told = [Story(raw, contract, pair).told() for pair in pairs(contract.document.data["paths"])]
    return {
        "found": found,
        "apart": apart,
        "right": right,
        "cases": cases,
        "unfit": [what for story in told for what in story.unfit],
        "stories": dict(Counter(story.outcome for story in told)),
        "broken": [f"{story.pair.collection}: {story.outcome}" for story in told if "!" in story.outcome],
    }


@contextmanager
def served(document: Path, contract: Contract) -> Iterator[str]:
    """The mock of a document, which knows one token for each scheme."""
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder) / "tokens.json"
        known = {"token": SECRET}, {"username": SECRET, "password": SECRET}
        tables = {name: [known[scheme.kind == "basic"]] for name, scheme in contract.schemes.items()}
        tokens.write_text(json.dumps(tables))
        command = [sys.executable, "-m", "lookalike", "mock", str(document), "--port", "0", "--log", "off"]
        with subprocess.Popen([*command, "--tokens", str(tokens)], stdout=subprocess.PIPE, text=True) as process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                yield line.split()[-1] + contract.base_path.rstrip("/")
            finally:
                process.kill()


def settings_for(contract: Contract, origin: str) -> dict[str, Any]:
    """What Schemathesis must know: where the mock is, and how to be let in."""
    fields, query = credentials(contract)
    return {
        "base-url": origin,
        "headers": fields,
        "parameters": {f"query.{name}": value for name, value in query.items()},
        "generation": {"max-examples": _EXAMPLES, "deterministic": True, "database": "none"},
        "cache": {"enabled": False},
        "max-time": _SECONDS,
    }


def by_schemathesis(raw: Any, fitting: Fitting) -> tuple[list[str], int, int, int]:
    """What Schemathesis finds, what does not count (statuses that no document has; rightly done), and its requests."""
    found: dict[str, str] = {}
    apart, right, cases = set(), set(), 0
    for event in from_schema(raw).execute():
        if isinstance(event, events.FatalError):
            found["fatal"] = str(event.exception)
        if not isinstance(event, events.ScenarioFinished):
            continue
        cases += len(event.recorder.cases)
        for id, checks in event.recorder.checks.items():
            case, exchange = event.recorder.cases[id].value, event.recorder.interactions[id]
            operation = (case.operation.path, case.operation.method.lower())
            for check in checks:
                if check.failure_info is None:
                    continue
                label, response = f"{case.operation.label} {check.name}", exchange.response
                status = response.status_code if response is not None else 0
                if check.name == "status_code_conformance" and status in _REFUSALS:
                    apart.add(f"{label} {status}")
                elif response is not None and fitting.is_right(
                    check.name, operation, case.path_parameters or {}, exchange
                ):
                    right.add(label)
                else:
                    why = response.headers.get("lookalike-reason", [""])[0] if response is not None else ""
                    words = " ".join(str(check.failure_info.failure.message).split())[-160:]
                    found.setdefault(label, f"{status} ({why[:120]}) {words}")
    return [f"{label}: {words}" for label, words in found.items()], len(apart), len(right), cases


def credentials(contract: Contract) -> tuple[dict[str, str], dict[str, str]]:
    """The header fields and query parameters that let a client in everywhere."""
    fields, query = {}, {}
    for scheme in contract.schemes.values():
        if scheme.kind == "basic":
            fields["Authorization"] = "Basic " + b64encode(f"{SECRET}:{SECRET}".encode()).decode()
        elif scheme.kind == "apiKey" and scheme.location == "query":
            query[scheme.parameter] = SECRET
        elif scheme.kind == "apiKey":
            fields[scheme.parameter if scheme.location == "header" else "Cookie"] = SECRET
        else:
            fields.setdefault("Authorization", f"Bearer {SECRET}")
    return fields, query


class Story:
    """One thing that is created, read, listed, changed and deleted; `outcome` starts with `!` where that broke."""

    def __init__(self, raw: Any, contract: Contract, pair: Pair) -> None:
        self._raw = raw
        self._reset = urljoin(raw.config.base_url, "/__lookalike/reset")
        self._paths = contract.document.data["paths"]
        self._operations = contract.operations
        self._answers = Answers(contract)
        self._fields, self._query = credentials(contract)
        self.pair = pair
        self.outcome = ""
        self.unfit: list[str] = []

    def told(self) -> "Story":
        """The story itself, once it has ended, which begins where nobody has asked for anything."""
        requests.post(self._reset, timeout=_SECONDS).raise_for_status()
        try:
            self._tell()
        except _Ended as ended:
            self.outcome = str(ended)
        return self

    def _tell(self) -> None:
        if not self._is_stateful("get", self.pair.item):
            raise _Ended("by example")
        known, item = self._created(self.pair, {})
        sent, below = item
        shown = self._asked("get", self.pair.item, known)
        _insist(shown.status == 200, f"! read after create: {shown.status}")
        _insist(_has(shown, sent), "! what was created reads otherwise")
        if self._is_stateful("get", self.pair.collection):
            listed = self._asked("get", self.pair.collection, below)
            key = {unquote(known[_last(self.pair.item)])} & _texts(json.loads(shown.body))  # paths alone may tell it
            held = listed.status >= _REFUSED or key <= _texts(json.loads(listed.body))
            _insist(held, "! the list lacks what was created")
        for method in ("put", "patch"):
            if self._is_stateful(method, self.pair.item):
                case = self._case(method, self.pair.item, known)
                changed = self._sent(method, self.pair.item, case)
                if changed.status < _REFUSED and method == "put":
                    _insist(_has(self._asked("get", self.pair.item, known), _json(case)), f"! {method} reads otherwise")
        if self._is_stateful("delete", self.pair.item):
            gone = self._asked("delete", self.pair.item, known)
            _insist(gone.status < _REFUSED, f"! delete: {gone.status}")
            after = self._asked("get", self.pair.item, known).status
            _insist(after in {404, 410, 400}, f"! read after delete: {after}")
        raise _Ended("held")

    def _created(self, pair: Pair, known: dict[str, Any]) -> tuple[dict[str, Any], tuple[Any, dict[str, Any]]]:
        """The parameters of the path of a new item, what was sent for it, and the parameters of its collection."""
        above = [one for one in pairs(self._paths) if pair.collection.startswith(f"{one.item}/")]
        outer = max(above, key=lambda one: len(one.item), default=None)
        if outer is not None:
            known = self._created(outer, known)[0]
        if not self._is_stateful("post", pair.collection):
            raise _Ended("by example")
        case = self._case("post", pair.collection, known)
        made = self._sent("post", pair.collection, case)
        _insist(made.status < _REFUSED, f"not created: {made.status} {(made.header('Lookalike-Reason') or '')[:60]}")
        below = dict(case.path_parameters or {})
        location = (made.header("Location") or "").rstrip("/").rpartition("/")[2]
        _insist(bool(location), "nothing names what was created")
        return {**below, _last(pair.item): location}, (_without_no_key(_json(case), _last(pair.item)), below)

    def _is_stateful(self, method: str, path: str) -> bool:
        said = self._paths[path].get(method, {}).get("x-lookalike", {})
        return bool(said.keys() & {"apply", "list", "answer"})

    def _asked(self, method: str, path: str, known: Mapping[str, Any]) -> Response:
        return self._sent(method, path, self._case(method, path, known))

    def _case(self, method: str, path: str, known: Mapping[str, Any]) -> Any:
        try:
            case = valid(self._raw[path][method.upper()])
        except Unsatisfiable:
            raise _Ended("no request is drawn") from None
        case.path_parameters = {**(case.path_parameters or {}), **known}
        if method == "get":
            case.query = {name: value for name, value in (case.query or {}).items() if name in self._required(path)}
        return case

    def _required(self, path: str) -> set[str]:
        """The parameters in the query that reading demands."""
        get = next(one for one in self._operations if (one.path, one.method) == (path, "GET"))
        return {name for (source, name), one in get.parameters.items() if source == "query" and one.required}

    def _sent(self, method: str, path: str, case: Any) -> Response:
        got = case.call(headers=self._fields, params=self._query)
        fields = tuple((name, values[0]) for name, values in got.headers.items())
        answer = Response(got.status_code, fields, got.content)
        flaw = self._answers.flaw(method, path, answer)
        if flaw:
            self.unfit.append(f"{method} {path} {answer.status}: {flaw}")
        return answer


class _Ended(Exception):
    """How a story ended."""


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _Ended(otherwise)


def _json(case: Any) -> Any:
    """What a request says in JSON; forms turn everything into texts, and say nothing that could be compared."""
    return case.body if "json" in (case.media_type or "") else None


def _without_no_key(sent: Any, name: str) -> Any:
    """What was sent without a key that is null, which leaves it to the server."""
    is_none = isinstance(sent, dict) and sent.get(name, name) is None
    return {member: value for member, value in sent.items() if member != name} if is_none else sent


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("{")[2].rstrip("}")


def _has(response: Response, sent: Any) -> bool:
    """Whether what is shown agrees with what was sent, in the members that both have; either may be in a wrapper."""
    return not isinstance(sent, dict) or any(
        all(one[name] == value for name, value in said.items() if name in one)
        for one in _objects(json.loads(response.body))
        for said in _objects(sent)
    )


def _texts(value: Any) -> set[str]:
    """Every scalar in a value, as a text."""
    if isinstance(value, dict | list):
        members = value.values() if isinstance(value, dict) else value
        return {text for member in members for text in _texts(member)}
    return {str(value)}


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects that a value is, or is a wrapper or list of."""
    places = [value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [one for one in places if isinstance(one, dict)]


def valid(operation: Any) -> Any:
    """A valid request as Schemathesis makes it, the largest of a few, the same each time."""
    found: list[Any] = []

    @settings(
        max_examples=4,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE))
    def take(case: Any) -> None:
        found.append(case)

    take()
    return max(found, key=lambda case: len(str(case.body)))


class Answers:
    """The schemas of a document's answers, as the package jsonschema reads them."""

    def __init__(self, contract: Contract) -> None:
        self._data = with_patterns(for_direction(contract.document.data, WRITE_ONLY))

    def flaw(self, method: str, path: str, answer: Response) -> str:
        """What is wrong with the body of an answer, or nothing."""
        responses = end_of(self._data, self._data["paths"][path][method])["responses"]
        status, sent_as = str(answer.status), answer.header("Content-Type") or ""
        described = end_of(
            self._data, responses.get(status, responses.get(f"{status[0]}XX", responses.get("default", {})))
        )
        media = described.get("content", {}).get(essence(sent_as), {})
        if "schema" not in media or "json" not in sent_as:
            return ""
        judge = jsonschema.Draft202012Validator({**self._data, **media["schema"]})
        try:
            error = jsonschema.exceptions.best_match(judge.iter_errors(json.loads(answer.body)))
        except re.error:  # a pattern of ECMA-262 that Python does not know
            return ""
        return error.message[:200] if error is not None else ""
