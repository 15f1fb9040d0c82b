"""Lists are narrowed by selectors of labels and of members, as Kubernetes writes them."""

from typing import Any

import pytest

from lookalike.model.resources.selectors import compile_selector
from tests.support.pet_documents import REF, body, document, mock, operation, send

TEXT = {"type": "string"}
LABELS = {"type": "object", "additionalProperties": TEXT}
META = {"type": "object", "properties": {"name": TEXT, "labels": LABELS}}
POD = {"type": "object", "properties": {"metadata": META, "status": {"type": "object", "properties": {"phase": TEXT}}}}
PODS = {
    "db": {"app": "db", "tier": "back", "app.kubernetes.io/name": "pg"},
    "web": {"app": "web", "tier": "front"},
    "bare": {},
}


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("app=db", ["db"]),
        ("app==db,tier=back", ["db"]),
        ("app!=db", ["web", "bare"]),
        ("app in (db, web)", ["db", "web"]),
        ("app notin (db),tier", ["web"]),
        ("tier", ["db", "web"]),
        ("!tier", ["bare"]),
        ("app.kubernetes.io/name=pg", ["db"]),
        ("app=nothing", []),
        ("", ["db", "web", "bare"]),
    ],
)
def test_items_are_selected_by_their_labels(selector: str, names: list[str]) -> None:
    is_selected = compile_selector(selector, ("labels",))
    assert [name for name, labels in PODS.items() if is_selected({"labels": labels})] == names


def listing(path: str, *parameters: str) -> dict[str, Any]:
    items = {"type": "object", "properties": {"items": {"type": "array", "items": REF}}}
    query = dict.fromkeys(parameters, TEXT)
    return {
        path: {"get": operation({"200": items}, query=query), "post": operation({"201": REF}, REF)},
        f"{path}/{{name}}": {"get": operation({"200": REF})},
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("labelSelector=app%3Ddb", ["db"]),
        ("labelSelector=tier", ["db", "web"]),
        ("fieldSelector=metadata.name%3Dweb", ["web"]),
        ("fieldSelector=status.phase!%3DRunning&labelSelector=app%3Ddb", ["db"]),
        ("fieldSelector=status.phase%3DRunning", ["web"]),
    ],
)
def test_a_list_has_the_items_that_the_selectors_of_a_request_select(query: str, names: list[str]) -> None:
    server = mock(document(listing("/pods", "labelSelector", "fieldSelector"), POD))
    for name, labels in PODS.items():
        status = {"phase": "Running" if name == "web" else "Pending"}
        send(server, "POST", "/pods", {"metadata": {"name": name, "labels": labels}, "status": status})
    assert [one["metadata"]["name"] for one in body(send(server, "GET", f"/pods?{query}"))["items"]] == names
