"""Members that a server makes of others, or counts, are learned, and a calibrated mock makes them so."""

import json
from typing import Any

import pytest

from lookalike.assembly import Sources, assemble, load
from lookalike.contract.derivations import parse_derivation
from lookalike.contract.reader import load_contract
from lookalike.http import Headers, Request
from lookalike.json_values import ABSENT
from lookalike.service import MockService
from lookalike.verify.calibration.calibrate import calibrate
from lookalike.verify.calibration.derived import form_of
from lookalike.verify.server.client import Budget, Client
from lookalike.verify.server.target import Target
from lookalike.verify.server.transport import ConnectionSettings
from lookalike.verify.setup import environment_of
from tests.support.servers.orders import ORDERS, Orders
from tests.support.servers.serving import serving

EXPECTED = {
    "order.slug.derived": "slug of title at first",
    "order.code.derived": "upper-case of title",
    "order.available.derived": "truth of stock",
    "order.total.derived": "sum of lines.price*quantity",
    "order.units.derived": "sum of lines.quantity",
    "order.size.derived": "length of lines",
    "order.revision.derived": "changes from 0",
    "order.placed.derived": "seconds of $now at first",
    "order.touched.derived": "milliseconds of $now",
    "order.key-form": "number from 4001",
    "step.position.derived": "place from 1",
    "step.key-form": "st_[0-9]{4}",
}
SENT = Headers({"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def learned() -> dict[str, str]:
    contract = load_contract(ORDERS)
    with serving(Orders()) as url:
        found = calibrate(environment_of(contract, Client(url, ConnectionSettings(), Budget()), Target({}, {}), 1), 1)
    return dict(found.profile.readings)


def test_the_ways_in_which_members_are_made_are_learned(learned: dict[str, str]) -> None:
    ways = {id: choice for id, choice in learned.items() if id.endswith((".derived", ".key-form"))}
    assert ways == EXPECTED


def asked(service: MockService, method: str, path: str, body: Any = None) -> Any:
    content = b"" if body is None else json.dumps(body).encode()
    return json.loads(service.handle(Request(method, path, "", SENT, content)).body)


def test_a_calibrated_mock_makes_members_and_keys_as_the_server_does(learned: dict[str, str]) -> None:
    service = assemble(load(Sources(ORDERS, readings=learned)))
    lines = [{"price": 0.1, "quantity": 3}, {"price": 2, "quantity": 1}]
    first = asked(service, "POST", "/orders", {"title": "Oak Desk", "stock": 0, "lines": lines})
    computed = {"slug": "oak-desk", "code": "OAK DESK", "available": False, "total": 2.3, "units": 4, "size": 2}
    assert {**first, **computed, "id": 4001, "revision": 0} == first
    after = asked(service, "PUT", "/orders/4001", {"title": "Elm", "stock": 2, "lines": lines[1:]})
    changed = {"slug": "oak-desk", "code": "ELM", "available": True, "total": 2, "units": 1, "size": 1, "revision": 1}
    assert {**after, **changed} == after
    assert after["placed"] == first["placed"]
    assert first["placed"] * 1000 <= first["touched"] <= after["touched"]
    steps = [asked(service, "POST", "/orders/4001/steps", {"title": "saw"}) for _ in range(2)]
    assert [(one["position"], one["code"]) for one in steps] == [(1, "st_0001"), (2, "st_0002")]


@pytest.mark.parametrize(
    ("text", "item", "value"),
    [
        ("copy of a", {"a": [1]}, [1]),
        ("slug of a", {"a": "Oak Desk"}, "oak-desk"),
        ("slug of a", {"a": 5}, ABSENT),
        ("sum of a*b", {"a": 0.1, "b": 3}, 0.3),
        ("sum of a.b", {"a": [{"b": 1}, {"b": 2}]}, 3),
        ("sum of a.b", {"a": [1]}, ABSENT),
        ("sum of a.b", {"a": [{}]}, ABSENT),
        ("length of a", {}, ABSENT),
        ("truth of a", {"a": 0}, False),
        ("seconds of $now", {}, 1),
        ("milliseconds of $now at first", {}, 1500),
    ],
)
def test_a_derivation_gives_a_value_or_none(text: str, item: dict[str, Any], value: Any) -> None:
    derivation = parse_derivation(text)
    assert derivation is not None
    assert (str(derivation), derivation.of(item, 1.5)) == (text, value)


def test_a_text_that_names_no_way_is_no_derivation() -> None:
    assert [parse_derivation(text) for text in ("", "half of a", "place from 7", "slug of")] == [None] * 4


@pytest.mark.parametrize(
    ("keys", "form"),
    [
        (["01J9ZK3V5N8Q2R4T6W8Y0A1B2C", "01J9ZK3V5N8Q2R4T6W8Y0D4E5F"], "[0-9A-Z]{26}"),
        (["cus_NffrFeUfNV2Hib", "cus_9s6XKzkNRiz8i3"], "cus_[0-9A-Za-z]{14}"),
        (["item-7", "item-12"], "item-[0-9]{1}"),
        (["5001", "5002"], "number from 5001"),
        (["1", "12"], "number"),
        (["oak-desk", "elm"], ""),
    ],
)
def test_the_form_of_keys_is_a_prefix_and_letters_behind_it(keys: list[str], form: str) -> None:
    assert form_of(keys) == form
