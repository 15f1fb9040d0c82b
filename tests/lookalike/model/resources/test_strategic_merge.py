"""Patches of Kubernetes: strategic merge patches, and configurations that are applied."""

import json
from typing import Any

from lookalike.http import Headers, Request, Response
from lookalike.model.behaviour import Model
from lookalike.model.strictness import Strictness
from lookalike.openapi.document import parse_document
from lookalike.service import MockService
from lookalike.stores.memory import MemoryStore
from tests.support.contracts import read_contract
from tests.support.in_process import NOW
from tests.support.pet_documents import REF, TEXT, body, described, document, operation, send

PORT = described(containerPort={"type": "integer"})
CONTAINER = described(name=TEXT, image=TEXT, ports={"type": "array", "items": PORT}, args={"type": "array"})
LIST = {"type": "array", "items": CONTAINER, "x-kubernetes-patch-merge-key": "name"}
POD = described(metadata=described(name=TEXT, labels={"type": "object"}), spec=described(containers=LIST))
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
PATCH = {
    "responses": operation({"200": REF})["responses"],
    "requestBody": {"content": {name: {"schema": {"type": "object"}} for name in (STRATEGIC, APPLY)}},
}
PATHS = {
    "/pods": {"post": operation({"201": REF}, REF)},
    "/pods/{name}": {"get": operation({"200": REF}), "patch": PATCH},
}


def pods() -> MockService:
    contract = read_contract(parse_document(json.dumps(document(PATHS, POD)), "pods.json"))
    model = Model(contract, strictness=Strictness(media_types=False), is_mock=True)
    server = MockService(model, MemoryStore(), contract.choices({}), {})
    containers = [{"name": "web", "image": "nginx:1", "ports": [{"containerPort": 80}], "args": ["a"]}, {"name": "log"}]
    send(server, "POST", "/pods", {"metadata": {"name": "p"}, "spec": {"containers": containers}})
    return server


def patch(server: MockService, name: str, media_type: str, change: Any) -> Response:
    headers = Headers({"Content-Type": media_type})
    return server.handle(Request("PATCH", f"/pods/{name}", "", headers, json.dumps(change).encode(), NOW))


def containers_of(server: MockService) -> Any:
    return body(send(server, "GET", "/pods/p"))["spec"]["containers"]


def test_a_strategic_merge_patch_changes_the_elements_of_a_list_that_it_names() -> None:
    server = pods()
    change = [{"name": "web", "image": "nginx:2", "args": ["b"]}, {"name": "new"}, {"name": "log", "$patch": "delete"}]
    assert patch(server, "p", STRATEGIC, {"spec": {"containers": change}}).status == 200
    web = {"name": "web", "image": "nginx:2", "ports": [{"containerPort": 80}], "args": ["b"]}
    assert containers_of(server) == [web, {"name": "new"}], "a list without a key is replaced"


def test_a_configuration_that_is_applied_makes_an_item_or_changes_it() -> None:
    server = pods()
    wanted = {"metadata": {"name": "q", "labels": {"app": "a"}}}
    assert body(patch(server, "q", APPLY, wanted))["metadata"] == wanted["metadata"]
    wanted["metadata"]["labels"] = {"app": "b"}
    patch(server, "q", APPLY, wanted)
    assert body(send(server, "GET", "/pods/q"))["metadata"]["labels"] == {"app": "b"}
    assert patch(server, "none", STRATEGIC, wanted).status == 404
