"""The pure parts of the benchmarks, and that the mock itself is right in all that its peers are asked."""

import json
import random
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import attack, soak
from bench.as_standards import as_standards_have_it, for_python
from bench.fitting import Fitting
from bench.peers.contract import AGAIN, BACK, CASES, EXAMPLE, MIX, OLD, is_right, large, wrong
from bench.peers.load import Load, is_disturbed, parsed, script
from bench.peers.servers import KINDS, ROOT, SEEDS, leads, versions
from bench.peers.table import Aim, Results, Sample, cell, kept, ratio, table
from lookalike.openapi.document import parse_document
from lookalike.openapi.yaml_text import load_yaml, to_yaml
from tests.support.contracts import read_contract
from tests.support.running import running_mock


def test_what_wrk_prints_is_read() -> None:
    told = "Running 4s test\n  1 threads and 32 connections\nload 81000 4000000 24300 2 512.5 1250.0\nRequests/sec: 1\n"
    load = parsed(told)
    assert load == Load(81000, 4.0, 24300, 2, 0.5125, 1.25)
    assert load.rate == 20250


def test_a_load_of_which_wrk_tells_nothing_is_an_error_with_what_it_told() -> None:
    with pytest.raises(ValueError, match="unable to connect"):
        parsed("unable to connect to 127.0.0.1:1 Connection refused")


def test_a_script_sends_each_request_in_turn() -> None:
    lines = [line.strip() for line in script(MIX).splitlines() if "wrk.format(" in line]
    assert len(lines) == 10
    assert all(sent.target in line and sent.body in line for sent, line in zip(MIX, lines, strict=True))
    assert all(f"Bearer {sent.token}" in line for sent, line in zip(MIX, lines, strict=True))


@pytest.mark.parametrize(
    ("seconds", "foreign", "dropped"), [(4.0, 0.22, False), (4.0, 0.24, True), (0.4, 0.04, False), (0.4, 0.06, True)]
)
def test_a_sample_is_disturbed_where_others_used_more_than_a_twentieth_of_a_core(
    seconds: float, foreign: float, dropped: bool
) -> None:
    assert is_disturbed(seconds, foreign) is dropped


def test_disturbed_samples_are_dropped_as_long_as_another_is_left() -> None:
    quiet, disturbed = Sample(3.0), Sample(9.0, True)
    assert kept([quiet, disturbed]) == [quiet]
    assert kept([disturbed]) == [disturbed]
    assert cell([Sample(1.0), disturbed, quiet]) == "2 (1-3)"
    assert cell([disturbed]) == "~9"
    assert cell([]) == "-"


def test_a_table_has_a_row_for_each_measure_that_somebody_has() -> None:
    results = Results()
    results.add("rate", "a", 12345.6)
    assert table(results, ["rate", "start"], [("a", "A 1"), ("b", "B 2")]).splitlines() == [
        "|  | A 1 | B 2 |",
        "| --- | --- | --- |",
        "| rate | 12,346 | - |",
    ]


def test_an_aim_is_reached_missed_or_not_measured() -> None:
    results = Results()
    aim = Aim("twice as fast", ratio(("rate", "a"), ("rate", "b")), 2)
    assert aim.row(results) == ["twice as fast", "-", "not measured"]
    results.add("rate", "a", 30)
    results.add("rate", "b", 10)
    assert aim.row(results)[1:] == ["3.00", "yes"]
    assert aim._replace(limit=2, at_least=False).row(results)[1:] == ["3.00", "no"]


def test_the_load_is_the_example_of_the_document_and_a_body_that_takes_it_back() -> None:
    put = load_yaml(ROOT / "openapi.yaml")["paths"]["/leads/{contact-number}/update"]["put"]
    assert put["requestBody"]["content"]["application/json"]["examples"]["everything"]["value"] == EXAMPLE
    assert (BACK["add_tags"], BACK["remove_tags"]) == (EXAMPLE["remove_tags"], EXAMPLE["add_tags"])


def test_the_mix_is_seven_valid_requests_in_ten() -> None:
    right = {case.sent.body: case.right for case in CASES}
    assert sum(sent.token == "tok-valid" and json.loads(sent.body) in (EXAMPLE, BACK) for sent in MIX) == 7
    assert right[MIX[2].body] == (400,)
    assert (MIX[5].token, MIX[8].number) == ("nope", 1111111111)


def test_a_right_status_with_another_body_is_wrong() -> None:
    refused = next(case for case in CASES if case.right == (401,))
    body = {"status": 401, "message": "UnAuthorized Access-Token!", "success": False}
    assert is_right(refused, 401, json.dumps(body).encode())
    others: list[Any] = [{**body, "message": "no"}, {**body, "success": True}, {**body, "more": 1}, [], "x"]
    for other in others:
        assert not is_right(refused, 401, json.dumps(other).encode())
    assert not is_right(refused, 401, b"{")
    assert not is_right(refused, 400, json.dumps({**body, "status": 400}).encode())


def test_the_mock_is_right_in_all_that_peers_are_asked(tmp_path: Path) -> None:
    assert len(CASES) == 17
    data = tmp_path / "leads.json"
    data.write_text(json.dumps(leads(SEEDS)))
    with running_mock("--data", str(data), "--log", "off") as mock:
        assert wrong(mock.port, (*CASES, *AGAIN)) == []
        assert wrong(mock.port, [case for case in CASES if case.sent.number == OLD and 201 in case.right]) != []


def test_every_peer_has_a_version() -> None:
    assert {kind.package for kind in KINDS if kind.package} < versions().keys()
    assert all(version[0].isdigit() for version in versions().values())


def test_a_thousand_operations_are_two_and_a_half_megabytes_of_yaml() -> None:
    assert 2.2e6 < len(to_yaml(large(100))) * 10 < 2.8e6


@pytest.mark.parametrize(
    ("pattern", "fit", "unfit"),
    [
        (r"^[\da-z]{2}$", ["1a"], ["1a\n", "1", "\u0661a"]),
        (r"^\w+\$$", ["a_1$"], ["\u00e9$", "a$\n"]),
        (r"^[\S]+$", ["\x1c"], ["\u00a0", "a b"]),
        (r"^\S[^\s$]$", ["\x1cb"], ["a\ufeff", "a$"]),
        (r"^[\p{L}\p{N}]*$", ["a1", ""], ["-"]),
    ],
)
def test_patterns_are_given_to_tools_in_python_as_they_are_meant(
    pattern: str, fit: list[str], unfit: list[str]
) -> None:
    judge = re.compile(for_python(pattern))
    assert [text for text in (*fit, *unfit) if judge.search(text)] == fit


def test_what_the_standards_have_ignored_is_not_given_to_tools() -> None:
    fields: list[Any] = [{"name": name, "in": "header", "schema": {}} for name in ("Accept", "authorization", "X-More")]
    answer = {"description": "", "content": {"text/plain": {}}}
    responses = {"200": answer, "204": {"$ref": "#/components/responses/A"}}
    document: dict[str, Any] = {
        "paths": {
            "/x": {
                "parameters": [{"$ref": "#/components/parameters/Accept"}],
                "get": {"parameters": fields, "responses": responses},
            }
        },
        "components": {"parameters": {"Accept": fields[0]}, "responses": {"A": answer}},
    }
    path = as_standards_have_it(document)["paths"]["/x"]
    assert path["parameters"] == []
    assert [one["name"] for one in path["get"]["parameters"]] == ["X-More"]
    assert path["get"]["responses"] == {"200": answer, "204": {"description": ""}}


REFUSED, TAKEN, CHALLENGED = "positive_data_acceptance", "negative_data_rejection", "missing_required_header"


@pytest.mark.parametrize(
    ("check", "path", "sent", "body", "status", "is_right"),
    [
        (REFUSED, "/x/{id}", {"id": "seven"}, b"{}", 422, True),
        (REFUSED, "/x/{id}", {"id": "7"}, b"{}", 422, False),
        (REFUSED, "/x/{id}", {"id": "7"}, b'{"n": "text"}', 422, True),
        (REFUSED, "/x/{id}", {"id": "seven"}, b"{}", 500, False),
        (TAKEN, "/x/{id}", {"id": "7"}, b'{"n": 1}', 200, True),
        (TAKEN, "/x/{id}", {"id": "7"}, b'{"n": "text"}', 200, False),
        (TAKEN, "/x/{id}", {"id": "mine"}, b'{"n": "text"}', 200, True),
        (TAKEN, "/x/{id}", {"id": "mine"}, b'{"n": "text"}', 500, False),
        (CHALLENGED, "/x/{id}", {"id": "7"}, b"{}", 403, True),
        (CHALLENGED, "/x/{id}", {"id": "7"}, b"{}", 400, False),
        ("response_schema_conformance", "/x/{id}", {"id": "seven"}, b"{}", 200, False),
        ("response_schema_conformance", "/x/{id}", {"id": ""}, b"{}", 200, False),
        ("content_type_conformance", "/x/{id}", {"id": ""}, b"{}", 404, True),
        ("content_type_conformance", "/x/{id}", {"id": "7"}, b"{}", 404, False),
        ("not_a_server_error", "/x/{id}", {"id": ""}, b"{}", 500, False),
    ],
)
def test_what_a_check_takes_a_request_for_is_judged_by_the_request(  # noqa: PLR0917  # one exchange
    check: str, path: str, sent: Any, body: bytes, status: int, is_right: bool
) -> None:
    media = {"application/json": {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}}
    answers = {"200": {"description": ""}, "403": {"description": ""}}
    put = {"requestBody": {"content": media}, "responses": answers}
    id_ = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {"/x/{id}": {"parameters": [id_], "put": put}, "/x/mine": {"put": {"responses": answers}}}
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}
    fitting = Fitting(read_contract(parse_document(json.dumps(document), "small.json")))
    headers = {"Content-Type": ["application/json"]}
    uri = "http://localhost" + path.replace("{id}", sent["id"])
    exchange = SimpleNamespace(
        request=SimpleNamespace(uri=uri, headers=headers, body=body), response=SimpleNamespace(status_code=status)
    )
    assert fitting.is_right(check, (path, "put"), sent, exchange) is is_right


IDS = {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "string", "minLength": 1}}}
SIZES = {"name": "sizes", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}}
PATCH = "application/json-patch+json"


def judged(  # noqa: PLR0917  # one exchange
    check: str, uri: str, body: bytes = b"[]", allow: str = "", status: int = 200, servers: Any = ()
) -> bool:
    """Whether the mock is right about a PATCH of what may be patched and read, with a list in its query."""
    answers = {"200": {"description": ""}}
    patch = {
        "parameters": [IDS, SIZES],
        "requestBody": {"content": {PATCH: {"schema": {"type": "array"}}}},
        "responses": answers,
    }
    get = {"get": {"responses": answers}}
    paths = {
        "/x": {"patch": {**patch, **({"servers": servers} if servers else {})}},
        "/x?full=true": get,
        "/y": {"delete": {"responses": answers}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}
    fitting = Fitting(read_contract(parse_document(json.dumps(document), "small.json")))
    request = SimpleNamespace(uri=f"http://localhost{uri}", headers={"Content-Type": [PATCH]}, body=body)
    response = SimpleNamespace(status_code=400 if check == REFUSED else status, headers={"allow": [allow]})
    return fitting.is_right(check, ("/x", "patch"), {}, SimpleNamespace(request=request, response=response))


def test_an_operation_with_servers_of_its_own_is_not_there_at_the_path_of_others() -> None:
    assert judged("content_type_conformance", "/x", status=404, servers=[{"url": "https://example.com/v2"}])
    assert not judged("content_type_conformance", "/v2/x", status=404, servers=[{"url": "https://example.com/v2"}])
    assert not judged("content_type_conformance", "/x", status=404)


def test_a_path_that_became_another_may_lack_the_method() -> None:
    assert judged("content_type_conformance", "/y", status=405)
    assert not judged("content_type_conformance", "/x", status=405)
    assert not judged("content_type_conformance", "/z", status=405)


def test_a_body_that_is_declared_to_be_a_json_patch_and_is_none_may_be_refused() -> None:
    assert judged(REFUSED, "/x", b"[{}]")
    assert judged(REFUSED, "/x", b'[{"op": "paint", "path": "/a"}]')
    assert not judged(REFUSED, "/x", b'[{"op": "remove", "path": "/a"}]')
    assert not judged(TAKEN, "/x", b"[{}]")


def test_an_empty_list_in_a_query_cannot_be_told_from_a_list_of_an_empty_text() -> None:
    assert judged(TAKEN, "/x?ids=")
    assert not judged(TAKEN, "/x?ids=a&ids=")
    assert not judged(REFUSED, "/x?ids=")


def test_a_text_that_no_item_of_a_list_in_a_query_can_be_may_be_refused() -> None:
    assert judged(REFUSED, "/x?sizes=large")
    assert not judged(REFUSED, "/x?sizes=7")
    assert not judged(REFUSED, "/x?sizes=7,large"), "there are several ways to read it"
    assert not judged(TAKEN, "/x?sizes=large")


def test_bytes_that_are_no_json_web_token_may_be_refused_as_one() -> None:
    claims: Any = {"application/jwt": {"schema": {"type": "object"}}}
    post = {"requestBody": {"content": claims}, "responses": {"200": {"description": ""}}}
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {"/x": {"post": post}}}
    fitting = Fitting(read_contract(parse_document(json.dumps(document), "small.json")))
    for sent, right in ((b"\xed\xa0", True), (b"a.b", True), (b"e30.e30.c2ln", False), (b"a.b.c.d.e", False)):
        request = SimpleNamespace(uri="http://localhost/x", headers={"Content-Type": ["application/jwt"]}, body=sent)
        exchange = SimpleNamespace(request=request, response=SimpleNamespace(status_code=400))
        assert fitting.is_right(REFUSED, ("/x", "post"), {}, exchange) is right


def test_a_path_allows_the_methods_of_all_paths_that_differ_in_their_query_only() -> None:
    check = "allow_header_conformance"
    assert judged(check, "/x", allow="PATCH, GET, HEAD, OPTIONS")
    assert not judged(check, "/x", allow="PATCH, GET, OPTIONS")
    assert not judged(check, "/x", allow="PATCH, GET, DELETE, HEAD, OPTIONS")


def after_a_soak(port: int, process: int, draw: random.Random) -> soak.Usage:
    """What the mock uses after 8,000 requests."""
    for _ in range(20):
        soak.load(port, draw)
    return soak.settled(process)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells what a process uses")
def test_a_short_soak_leaves_neither_memory_nor_descriptors_behind() -> None:
    draw = random.Random(7)
    with attack.mock(50) as (port, process, _):
        warm, last = (after_a_soak(port, process, draw) for _ in range(2))
    assert last.memory <= warm.memory * soak.GROWTH
    assert last.descriptors <= warm.descriptors


def test_an_attack_is_answered_and_its_cost_is_measured() -> None:
    with attack.mock(10) as (port, _, stalls):
        assert attack.ATTACKS["chain"].send(port) == "400"
        assert attack.ATTACKS["head"].send(port) == "431"
        assert stalls.longest() > 0


def test_a_proxy_is_attacked_in_the_same_way() -> None:
    with attack.proxy(10) as (port, _, _):
        assert [attack.ATTACKS[name].send(port) for name in ("chain", "head")] == ["400", "431"]
