"""The control API: what it shows and changes, to whom, and that its document tells all of it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from werkzeug.test import Client, TestResponse

from lookalike.errors import UsageError
from lookalike.http import Headers, Request
from lookalike.model.behaviour import Model
from lookalike.openapi.document import load_document, parse_document
from lookalike.server.app import create_app
from lookalike.server.control.access import is_of_console, refusal
from lookalike.server.control.documents import DOCUMENT
from lookalike.server.dispatch import Dispatcher
from lookalike.server.mock_handler import MockOptions
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract
from tests.support.in_process import ASHA, AUTHORIZED, CONTRACT, FREE, JSON, NOW, mock, snapshot

API = "/__lookalike"
LEAD = {"contact_number": FREE, "country_code": 91, "tags": [1], "data": {"name": "Ravi"}}
HUGE = 10**40
FROM_HERE = Headers({"host": "localhost"})
HOLDER = {"Authorization": "Bearer hush"}
DESCRIPTION = load_document(DOCUMENT).data
DOCUMENTED = [(path, name) for path, item in DESCRIPTION["paths"].items() for name in item if name != "parameters"]

SHELF = """
openapi: 3.1.0
info: {title: Shelf, version: '1'}
paths: {}
x-lookalike:
  resources:
    book: {key: isbn, schema: {type: object, required: [isbn], properties: {isbn: {type: [string, integer]}}}}
"""


def client(server: MockService | None = None, **options: Any) -> Client:
    return create_app(server or mock(), MockOptions(**options), lambda: NOW).test_client()


def shelf(*isbns: str | int) -> Client:
    """A mock whose items have keys of any kind."""
    model = Model(read_contract(parse_document(SHELF, "shelf.yaml")))
    return client(MockService(model, MemoryStore(), {}, {"book": [{"isbn": isbn} for isbn in isbns]}))


def refused(answer: TestResponse, status: int, *words: str) -> bool:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    assert answer.json is not None
    assert answer.json["status"] == status
    return all(word in answer.json["detail"] for word in words)


def update(api: Client, body: Any, number: int = ASHA, headers: Mapping[str, str] | None = None) -> TestResponse:
    return api.put(f"/leads/{number}/update?from=test", json=body, headers={**AUTHORIZED, **JSON, **(headers or {})})


class TestState:
    def test_the_whole_state_is_all_items_by_resource(self) -> None:
        server = mock()
        assert client(server).get(f"{API}/state").json == json.loads(json.dumps(server.state()))

    def test_putting_the_whole_state_forgets_what_is_not_in_it(self) -> None:
        api = client()
        assert api.put(f"{API}/state", json={"lead": [LEAD]}).json == {"lead": [LEAD], "tag": []}

    def test_patching_the_whole_state_changes_the_resources_named_alone(self) -> None:
        api = client()
        tags = api.get(f"{API}/state/tag").json
        assert api.patch(f"{API}/state", json={"lead": [LEAD]}).json == {"lead": [LEAD], "tag": tags}

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"lead": [{"contact_number": 1}]}, ["#/lead/0", "country_code"]),
            ({"lead": [LEAD, LEAD]}, ["#/lead/1", str(FREE)]),
            ({"leads": []}, ["leads", "lead, tag"]),
            ({"lead": {}}, ["list"]),
            ([], ["object"]),
        ],
    )
    def test_a_state_that_does_not_fit_is_a_422_that_changes_nothing(
        self, method: str, data: Any, words: list[str]
    ) -> None:
        server = mock()
        before = snapshot(server)
        assert refused(client(server).open(f"{API}/state", method=method, json=data), 422, *words)
        assert snapshot(server) == before

    def test_a_resource_is_the_list_of_its_items(self) -> None:
        server = mock()
        assert client(server).get(f"{API}/state/tag").json == server.state()["tag"]

    @pytest.mark.parametrize(
        ("method", "path", "detail"),
        [
            ("GET", "/state/deal", "there is no resource 'deal'; there are: lead, tag"),
            ("POST", "/snapshots/mine/restore", "there is no snapshot 'mine'; there are: none"),
            ("DELETE", "/faults/slow", "there is no fault 'slow'; there are: none"),
            ("GET", "/sandboxes/mine", "there is no sandbox 'mine'; there are: default"),
            ("DELETE", "/sandboxes/mine", "there is no sandbox 'mine'; there are: default"),
            ("GET", f"/snapshots/{'a' * 5000}", f"there is no snapshot '{'a' * 80}'; there are: none"),
        ],
    )
    def test_an_unknown_name_is_a_404_that_lists_the_known_ones(self, method: str, path: str, detail: str) -> None:
        response = client().open(f"{API}{path}", method=method, json={"url": "http://localhost/"})
        assert response.status_code == 404
        assert json.loads(response.data)["detail"] == detail

    def test_an_item_is_found_by_its_key(self) -> None:
        item = client().get(f"{API}/state/lead/{ASHA}").json
        assert item is not None
        assert item["data"]["name"] == "Asha Rao"

    @pytest.mark.parametrize("key", [FREE, "0", "x", f"0{ASHA}", "9" * 5000, "٣", "-1"])
    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    def test_a_key_that_no_item_has_is_a_404(self, method: str, key: object) -> None:
        assert refused(client().open(f"{API}/state/lead/{key}", method=method, json={}), 404)

    def test_an_item_that_is_put_is_there(self) -> None:
        api = client()
        created = api.put(f"{API}/state/lead/{FREE}", json=LEAD)
        assert (created.status_code, created.json) == (201, LEAD)
        replaced = api.put(f"{API}/state/lead/{FREE}", json={**LEAD, "tags": []})
        assert (replaced.status_code, api.get(f"{API}/state/lead/{FREE}").json) == (200, {**LEAD, "tags": []})

    def test_defaults_of_the_schema_are_filled_in(self) -> None:
        put = client().put(f"{API}/state/lead/{FREE}", json={"contact_number": FREE, "country_code": 91})
        assert put.json == {"contact_number": FREE, "country_code": 91, "tags": [], "data": {}}

    def test_patching_an_item_sets_the_fields_named_alone(self) -> None:
        api = client()
        before = api.get(f"{API}/state/lead/{ASHA}").json
        assert before is not None
        assert api.patch(f"{API}/state/lead/{ASHA}", json={"tags": [5]}).json == {**before, "tags": [5]}

    def test_a_deleted_item_is_gone(self) -> None:
        api = client()
        deleted = api.delete(f"{API}/state/lead/{ASHA}")
        assert (deleted.status_code, deleted.data) == (204, b"")
        assert not {"Content-Length", "Content-Type"} & set(deleted.headers.keys())
        assert api.get(f"{API}/state/lead/{ASHA}").status_code == 404
        assert update(api, {"lead_data": {}}).status_code == 404

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"contact_number": ASHA, "country_code": "91"}, ["country_code"]),
            ({"contact_number": ASHA, "country_code": 91, "tags": [1, 1]}, ["tags"]),
            ({"contact_number": ASHA, "country_code": 91, "colour": "red"}, ["colour"]),
            ({"contact_number": FREE, "country_code": 91}, [str(ASHA), str(FREE)]),
            ([], []),
            ("text", []),
        ],
    )
    def test_an_item_that_does_not_fit_is_a_422_that_changes_nothing(
        self, method: str, body: Any, words: list[str]
    ) -> None:
        server = mock()
        before = snapshot(server)
        answer = client(server).open(f"{API}/state/lead/{ASHA}", method=method, json=body)
        assert refused(answer, 422, *words)
        assert snapshot(server) == before

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000, b"9" * 10_000])
    @pytest.mark.parametrize("path", [f"/state/lead/{ASHA}", "/state"])
    def test_a_body_that_is_not_json_is_a_400(self, path: str, body: bytes) -> None:
        assert refused(client().put(API + path, data=body), 400, "JSON")

    def test_integers_keep_every_digit(self) -> None:
        api = client()
        text = f'{{"contact_number": {HUGE}, "country_code": 91, "tags": [], "data": {{"n": {HUGE + 1}}}}}'
        assert api.put(f"{API}/state/lead/{HUGE}", data=text).status_code == 201
        assert json.loads(api.get(f"{API}/state/lead/{HUGE}").data) == json.loads(text)
        assert str(HUGE + 1) in api.get(f"{API}/state").text

    def test_a_key_is_an_integer_or_a_text_as_its_item_has_it(self) -> None:
        api = shelf("42", 43, "044", "a/b", "c d")
        for path, isbn in {"42": "42", "43": 43, "044": "044", "a%2Fb": "a/b", "a/b": "a/b", "c%20d": "c d"}.items():
            assert api.get(f"{API}/state/book/{path}").json == {"isbn": isbn}

    @pytest.mark.parametrize("isbn", ["42", 42, -42, "-42", "042", "a/b", "é"], ids=repr)
    def test_an_item_can_be_put_under_any_key(self, isbn: str | int) -> None:
        api = shelf()
        assert api.put(f"{API}/state/book/{isbn}", json={"isbn": isbn}).status_code == 201
        assert api.get(f"{API}/state/book/{isbn}").json == {"isbn": isbn}
        assert api.delete(f"{API}/state/book/{isbn}").status_code == 204


def test_a_reset_brings_the_seeds_back_and_empties_the_journal() -> None:
    server = mock()
    before = snapshot(server)
    api = client(server)
    assert update(api, {"lead_data": {"name": "Other"}}).status_code == 201
    assert snapshot(server) != before
    assert api.post(f"{API}/reset").status_code == 204
    assert (snapshot(server), server.journal()) == (before, [])


class TestJournal:
    def entries(self, api: Client, query: str = "") -> list[dict[str, Any]]:
        answer = api.get(f"{API}/journal{query}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json  # type: ignore[assignment]  # it is a list, as its document says
        return found

    def test_an_exchange_is_told_with_what_it_changed_and_why(self) -> None:
        api = client()
        update(api, {"add_tags": [101], "lead_data": {"city": "Goa"}})
        (entry,) = self.entries(api)
        assert (entry["request"]["method"], entry["request"]["path"]) == ("PUT", f"/leads/{ASHA}/update")
        assert entry["request"]["query"] == "from=test"
        assert json.loads(entry["request"]["body"]["text"]) == {"add_tags": [101], "lead_data": {"city": "Goa"}}
        assert entry["response"]["status"] == 201
        assert json.loads(entry["response"]["body"]["text"])["success"] is True
        assert {"OK-1", "TAG-2"} <= set(entry["clauses"])
        (change,) = entry["changes"]
        assert (change["resource"], change["key"], change["item"]["data"]["city"]) == ("lead", ASHA, "Goa")

    def test_a_refusal_is_told_with_its_violations_and_readings(self) -> None:
        api = client()
        update(api, {"add_tags": [1]})
        (entry,) = self.entries(api)
        assert entry["readings"] == ["requirement"]
        assert entry["violations"][0]["in"] == "body"
        assert entry["changes"] == []

    def test_the_newest_comes_first(self) -> None:
        api = client()
        for number in (1, 2, 3):
            update(api, {"lead_data": {}}, number)
        paths = [entry["request"]["path"] for entry in self.entries(api)]
        assert paths == ["/leads/3/update", "/leads/2/update", "/leads/1/update"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?status=201", [ASHA]),
            ("?status=404", [FREE]),
            (f"?path=/leads/{FREE}/update", [FREE]),
            ("?path=/leads", []),
            ("?clause=LEAD-1", [FREE]),
            ("?clause=LEAD", []),
            ("?method=put", [FREE, ASHA]),
            ("?method=GET", []),
            (f"?status=201&path=/leads/{FREE}/update", []),
            ("?limit=1", [FREE]),
            ("?limit=1&status=201", [ASHA]),
        ],
    )
    def test_it_can_be_searched(self, query: str, found: list[int]) -> None:
        api = client()
        for number in (ASHA, FREE):
            update(api, {"lead_data": {}}, number)
        paths = [entry["request"]["path"] for entry in self.entries(api, query)]
        assert paths == [f"/leads/{number}/update" for number in found]

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=1001", "limit=x", "limit=", "limit=%D9%A3", f"limit={'9' * 5000}"]
    )
    def test_an_invalid_limit_is_a_400(self, query: str) -> None:
        assert refused(client().get(f"{API}/journal?{query}"), 400, "limit")

    def test_a_parameter_that_does_not_exist_is_a_400_that_lists_those_that_do(self) -> None:
        assert refused(client().get(f"{API}/journal?state=400"), 400, "state", "status", "clause")

    def test_secrets_are_redacted(self) -> None:
        api = client()
        secret = {"Cookie": "id=hush", "X-Auth": "hush", "Api-Key": "hush", "Authorization": "Bearer hush"}
        api.put(f"/leads/{ASHA}/update?access_token=hush&a=b&passwordless=hush", headers=secret)
        (entry,) = self.entries(api)
        assert "hush" not in json.dumps(entry)
        assert "a=b" in entry["request"]["query"]
        assert entry["request"]["headers"]["host"] == "localhost"

    def test_a_header_that_a_reading_names_as_that_of_the_token_is_redacted(self) -> None:
        server = mock({"second-header": "X-Lead-Door"})
        api = client(server)
        api.put(f"/leads/{ASHA}/update", json={"lead_data": {}}, headers={"X-Lead-Door": "hush"})
        assert "hush" not in json.dumps(self.entries(api))

    def test_a_body_that_is_no_text_is_in_base64(self) -> None:
        api = client()
        api.put(f"/leads/{ASHA}/update", data=b"\xff\xfe", headers={**AUTHORIZED, **JSON})
        assert self.entries(api)[0]["request"]["body"] == {"base64": "//4="}

    def test_it_can_be_cleared(self) -> None:
        api = client()
        update(api, {})
        assert api.delete(f"{API}/journal").status_code == 204
        assert self.entries(api) == []

    def test_the_control_api_is_not_in_it(self) -> None:
        api = client()
        api.get(f"{API}/state")
        assert self.entries(api) == []


def test_the_contract_is_the_document_that_is_served() -> None:
    assert client().get(f"{API}/contract").json == CONTRACT.document.data


def test_each_reading_is_told_with_the_choice_in_force() -> None:
    listed = client(mock({"requirement": "tags-suffice"})).get(f"{API}/readings").json
    assert listed is not None
    assert [reading["id"] for reading in listed] == list(CONTRACT.readings)
    found = next(reading for reading in listed if reading["id"] == "requirement")
    assert (found["choice"], found["default"]) == ("tags-suffice", "enforced")
    assert found["question"]
    assert found["quotes"]
    assert {"enforced", "tags-suffice"} <= set(found["choices"])


def test_its_document_is_valid_openapi() -> None:
    validate(DESCRIPTION)
    assert client().get(f"{API}/openapi.json").json == DESCRIPTION


def test_every_route_is_in_the_document_and_the_other_way_round() -> None:
    routes = {
        (rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}"), method)
        for rule in create_app(mock()).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not is_of_console(rule.rule, f"{API}/")
    }
    assert routes == {(API + path, method.upper()) for path, method in DOCUMENTED}


def test_the_parameters_of_the_journal_are_those_in_the_document() -> None:
    names = [one["name"] for one in DESCRIPTION["paths"]["/journal"]["get"]["parameters"]]
    assert "limit" in names
    assert {client().get(f"{API}/journal?{name}=1").status_code for name in names} == {200}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/console.html", 404), ("POST", "/state", 405), ("GET", "/reset", 405)],
)
def test_what_is_not_there_is_a_problem(method: str, path: str, status: int) -> None:
    answer = client().open(API + path, method=method)
    assert refused(answer, status, "openapi.json")
    assert ("Allow" in answer.headers) == (status == 405)


OPERATIONS = [
    (method.upper(), path.replace("{resource}", "lead").replace("{key}", str(ASHA)))
    for path, method in DOCUMENTED
    if not path.startswith("/health")
]

FOREIGN = {
    "an address elsewhere": ({}, "192.0.2.1"),
    "an IPv6 address elsewhere": ({}, "2001:db8::1"),
    "no address": ({}, ""),
    "a socket file": ({}, "unix:"),
    "a name that was rebound": ({"Host": "evil.example"}, "127.0.0.1"),
    "a name that was rebound, with a port": ({"Host": "evil.example:4010"}, "127.0.0.1"),
    "a name that looks local": ({"Host": "localhost.evil.example"}, "127.0.0.1"),
    "an address that looks local": ({"Host": "127.0.0.1.evil.example"}, "127.0.0.1"),
    "a name that ends as a local one": ({"Host": "evillocalhost"}, "127.0.0.1"),
    "a name that is no name": ({"Host": "[localhost"}, "127.0.0.1"),
    "an address of the network": ({"Host": "192.168.0.5:4010"}, "127.0.0.1"),
    "a page of another site": ({"Origin": "https://evil.example"}, "127.0.0.1"),
    "a page of another port": ({"Origin": "http://localhost:8080"}, "127.0.0.1"),
    "a page of another scheme": ({"Origin": "https://localhost"}, "127.0.0.1"),
    "a page of no origin": ({"Origin": "null"}, "127.0.0.1"),
    "an empty origin": ({"Origin": ""}, "127.0.0.1"),
    "an image of another site": ({"Sec-Fetch-Site": "cross-site"}, "127.0.0.1"),
    "an image of another port": ({"Sec-Fetch-Site": "same-site"}, "127.0.0.1"),
    "a client behind a proxy": ({"X-Forwarded-For": "192.0.2.1"}, "127.0.0.1"),
    "a client behind a proxy, by the standard": ({"Forwarded": "for=192.0.2.1"}, "127.0.0.1"),
}

LOCAL: dict[str, tuple[dict[str, str], str]] = {
    "a program": ({}, "127.0.0.1"),
    "a program by IPv6": ({"Host": "[::1]:4010"}, "::1"),
    "a program by IPv4 in IPv6": ({"Host": "127.0.0.1:4010"}, "::ffff:127.0.0.1"),
    "another loopback address": ({"Host": "127.1.2.3"}, "127.1.2.3"),
    "a name of this machine": ({"Host": "mock.localhost:4010"}, "127.0.0.1"),
    "a name in capitals": ({"Host": "LOCALHOST"}, "127.0.0.1"),
    "a page of its own": ({"Origin": "http://localhost:4010", "Host": "localhost:4010"}, "127.0.0.1"),
    "a person who typed the address": ({"Sec-Fetch-Site": "none"}, "127.0.0.1"),
    "a script of its own page": ({"Sec-Fetch-Site": "same-origin"}, "127.0.0.1"),
}


class TestAccess:
    @pytest.mark.parametrize(("headers", "address"), FOREIGN.values(), ids=FOREIGN)
    def test_without_a_token_no_other_client_reads_or_changes_anything(
        self, headers: dict[str, str], address: str
    ) -> None:
        server = mock()
        before = snapshot(server)
        asked = client(server)
        environ = {"REMOTE_ADDR": address}
        for method, path in OPERATIONS:
            answer = asked.open(API + path, method=method, json={}, headers=headers, environ_overrides=environ)
            assert refused(answer, 403, "--control-token"), (method, path)
            assert snapshot(server) == before, (method, path)

    @pytest.mark.parametrize(("headers", "address"), LOCAL.values(), ids=LOCAL)
    def test_without_a_token_programs_on_this_machine_may_use_it(self, headers: dict[str, str], address: str) -> None:
        answer = client().post(f"{API}/reset", headers=headers, environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 204

    @pytest.mark.parametrize(
        "given", [None, "", "Bearer", "Bearer ", "Bearer hus", "Bearer hushh", "Bearer h\xfcsh", "Basic hush", "hush"]
    )
    def test_with_a_token_clients_of_this_machine_need_it_too(self, given: str | None) -> None:
        server = mock()
        before = snapshot(server)
        asked = client(server, control_token="hush")
        headers = {} if given is None else {"Authorization": given}
        for method, path in OPERATIONS:
            answer = asked.open(API + path, method=method, json={}, headers=headers)
            assert refused(answer, 401, "--control-token"), (method, path)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert "hush" not in answer.text
            assert snapshot(server) == before, (method, path)

    @pytest.mark.parametrize("given", ["Bearer hush", "bearer hush", "Bearer  hush "])
    def test_a_client_with_the_token_may_use_it_from_anywhere(self, given: str) -> None:
        environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": given, "HTTP_HOST": "mock.example"}
        answer = client(control_token="hush").post(f"{API}/reset", environ_overrides=environ)
        assert answer.status_code == 204

    def test_an_empty_control_token_counts_as_no_token(self) -> None:
        headers = {"authorization": "Bearer ", "host": "mock.example"}
        assert refusal("", "192.0.2.1", "http", headers) is not None
        assert refusal("", "127.0.0.1", "http", {"host": "localhost"}) is None

    @pytest.mark.repetitive
    @pytest.mark.parametrize(("headers", "address"), FOREIGN.values(), ids=FOREIGN)
    @pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
    @pytest.mark.parametrize("token", [None, "hush"])
    def test_health_is_open_to_everyone(
        self, path: str, token: str | None, headers: dict[str, str], address: str
    ) -> None:
        api = client(control_token=token)
        environ = {"REMOTE_ADDR": address}
        answer = api.get(f"{API}{path}", headers=headers, environ_overrides=environ)
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})
        assert api.head(f"{API}{path}", headers=headers, environ_overrides=environ).status_code == 200

    @pytest.mark.parametrize("path", ["/nowhere", "/health/", "/health/../state", "//state", "/state/"])
    def test_clients_without_access_do_not_learn_which_paths_exist(self, path: str) -> None:
        answer = client().get(API + path, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
        assert answer.status_code == 403

    @pytest.mark.parametrize("method", ["GET", "OPTIONS"])
    @pytest.mark.parametrize("path", ["/health", "/state", "/reset"])
    def test_no_page_is_given_permission_by_cors(self, path: str, method: str) -> None:
        asked = {"Origin": "http://localhost", "Access-Control-Request-Method": "POST"}
        answer = client(cors=True).open(API + path, method=method, headers=asked)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


MODES = [(path, method, GenerationMode.POSITIVE) for path, method in DOCUMENTED] + [
    (path, method, GenerationMode.NEGATIVE)
    for path, method in DOCUMENTED
    if DESCRIPTION["paths"][path][method].keys() & {"requestBody", "parameters"}
]


@pytest.mark.repetitive
@pytest.mark.parametrize(("path", "method", "mode"), MODES)
def test_what_it_answers_is_what_its_document_says(path: str, method: str, mode: GenerationMode) -> None:
    application = create_app(mock(), MockOptions(control_token="hush"))
    schema = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", application, headers=HOLDER)
    operation = schema[path][method]

    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_documented(case: schemathesis.Case[Any]) -> None:
        if path == "/populate" and mode == GenerationMode.POSITIVE:
            body: Any = case.body
            body["count"] = min(body["count"], 20)  # thousands of items take seconds
        # What an item may be is said by the contract, not here, so a 422 may answer what this document allows.
        case.call_and_validate(headers=HOLDER, excluded_checks=[positive_data_acceptance])

    answers_as_documented()


class TestPrefix:
    @pytest.mark.parametrize("base_path", ["/__lookalike", "/__lookalike/v1"])
    def test_a_base_path_below_the_control_api_is_refused(self, base_path: str) -> None:
        for make in (create_app, Dispatcher):
            with pytest.raises(UsageError, match=r"is below /__lookalike/, the control API; .*--no-control"):
                make(mock(), MockOptions(base_path))

    def test_a_path_of_the_document_below_the_control_api_is_refused(self) -> None:
        for prefix in ("/leads/", "/leads/{contact-number}/update/"):
            with pytest.raises(UsageError, match=r"the path /leads/\S+ of the document is below|is not a path"):
                Dispatcher(mock(), MockOptions(control_prefix=prefix))

    @pytest.mark.parametrize("prefix", ["/", "", "a/", "/a", "//", "/a b/", "/a/%2e/"])
    def test_only_a_plain_path_is_a_prefix(self, prefix: str) -> None:
        with pytest.raises(UsageError, match="is not a path"):
            Dispatcher(mock(), MockOptions(control_prefix=prefix))

    @pytest.mark.parametrize("base_path", ["", "/api", "/__looka", "/__lookalikes"])
    def test_any_other_base_path_is_served_beside_it(self, base_path: str) -> None:
        dispatcher = Dispatcher(mock(), MockOptions(base_path))
        assert dispatcher.respond(Request("GET", f"{API}/state", "", FROM_HERE), "127.0.0.1").status == 200
        update = Request("PUT", f"{base_path}/leads/{ASHA}/update", "", Headers({**AUTHORIZED, **JSON}), b"{}")
        assert dispatcher.respond(update, "127.0.0.1").status != 404

    def test_another_prefix_moves_it_and_its_own_document(self) -> None:
        api = client(control_prefix="/admin/mock/")
        assert api.get("/admin/mock/state").status_code == 200
        assert api.get("/admin/mock/health").status_code == 200
        assert api.get(f"{API}/state").status_code == 404
        document = api.get("/admin/mock/openapi.json").json
        assert document is not None
        assert document["servers"] == [{"url": "/admin/mock"}]
        assert refused(api.get("/admin/mock/nothing"), 404, "/admin/mock/openapi.json")

    def test_without_a_prefix_there_is_no_control_api(self) -> None:
        assert client(control_prefix=None).get(f"{API}/state").status_code == 404
        dispatcher = Dispatcher(mock(), MockOptions(control_prefix=None))
        assert dispatcher.respond(Request("GET", f"{API}/health", "", FROM_HERE), "127.0.0.1").status == 404
        assert dispatcher.longest_body(f"{API}/state", FROM_HERE, "127.0.0.1") == MockOptions().max_body

    def test_a_state_has_a_limit_of_its_own_for_those_who_may_send_one(self) -> None:
        dispatcher = Dispatcher(mock())
        assert dispatcher.longest_body(f"{API}/state", FROM_HERE, "127.0.0.1") == 128 * 1024 * 1024
        assert dispatcher.longest_body(f"{API}/state", FROM_HERE, "192.0.2.1") == MockOptions().max_body
        sent = Request("PUT", f"{API}/state", "", FROM_HERE)
        refusals = [dispatcher.too_large(sent, one) for one in ("127.0.0.1", "192.0.2.1")]
        assert [one.status for one in refusals] == [413, 403]
        assert "--data FILE" in json.loads(refusals[0].body)["detail"]
