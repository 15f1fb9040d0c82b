"""Operations that are refused in some states of an item, as texts say."""

from typing import Any

import pytest

from lookalike.contract.inference.infer import infer
from lookalike.service import MockService
from tests.support.pet_documents import REF, TEXT, TRUTH, body, described, document, mock, operation, send

STATES = ["draft", "pending", "in_progress", "shipped", "canceled"]
ORDER = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "status": {"enum": STATES}, "archived": TRUTH, "name": TEXT},
}
SENT = described(name=TEXT, status=TEXT, archived=TRUTH)
LATER = {"status": ["pending", "in_progress", "shipped", "canceled"]}


def orders(method: str, text: str = "", refusal: str = "") -> Any:
    """The document of orders with one operation of some text; a POST cancels, and has a 409 of some description."""
    asked = operation({"204": None} if method == "delete" else {"200": REF}, SENT if method == "patch" else None)
    asked |= {"description": text}
    asked["responses"]["409"] = {"description": refusal}
    path = "/orders/{id}/cancel" if method == "post" else "/orders/{id}"
    paths = {"/orders": {"post": operation({"201": REF}, SENT)}, "/orders/{id}": {"get": operation({"200": REF})}}
    return document({**paths, path: {**paths.get(path, {}), method: asked}}, ORDER)


def guard_of(data: Any, method: str) -> Any:
    """The values with which the guarded operation is refused."""
    found = (one["select"] for (path, used), one in infer(data).operations.items() if "{" in path and used == method)
    return next(found).get("guard", {}).get("where")


@pytest.mark.parametrize(
    ("method", "text", "refused"),
    [
        ("delete", "Only drafts can be deleted.", LATER),
        ("delete", "Deletes an order. Only `draft` orders can be deleted, otherwise 409 is returned.", LATER),
        ("delete", "You can only delete drafts", LATER),
        ("patch", "An order can be edited only while it is a draft", LATER),
        ("patch", "Archived orders cannot be changed.", {"archived": [True]}),
        ("post", "Note: an order cannot be cancelled\nonce it has been shipped", {"status": ["shipped"]}),
        ("post", "Cannot be cancelled once shipped", {"status": ["shipped"]}),
        ("post", "Orders can be cancelled until they are shipped.", {"status": ["shipped"]}),
        ("post", "Cancels the order; 409 if the order is already shipped.", {"status": ["shipped"]}),
        ("post", "The order must be in 'pending' or 'in-progress' status.", {"status": ["draft", "shipped"]}),
        ("post", "Cannot be cancelled unless the order is pending", {"status": ["draft", "in_progress", "shipped"]}),
    ],
)
def test_a_text_says_in_which_states_an_operation_is_refused(method: str, text: str, refused: Any) -> None:
    assert guard_of(orders(method, text), method) == refused


@pytest.mark.parametrize(
    ("refusal", "refused"),
    [
        ("The order has already been shipped", {"status": ["shipped"]}),
        ("Order already in progress or shipped", {"status": ["in_progress", "shipped"]}),
        ("Conflict - order is no longer pending", {"status": ["draft", "in_progress", "shipped"]}),
        ("The order was canceled already", None),  # which is that it was done
    ],
)
def test_the_description_of_a_refusal_says_for_which_states_it_is(refusal: str, refused: Any) -> None:
    assert guard_of(orders("post", refusal=refusal), "post") == refused


@pytest.mark.parametrize(
    "text",
    [
        "Shipped orders cannot be cancelled by customers",
        "Shipped orders can be returned instead.",
        "Cancels an order that was shipped",
        "The order cannot be cancelled in its current state",
        "Shipped orders cannot be changed",
        "For customers: shipped orders cannot be cancelled",
        "The order status cannot be changed once shipped",
        "Only the owner of a pending order can cancel it",
    ],
)
def test_a_text_with_another_condition_or_about_another_operation_says_nothing(text: str) -> None:
    assert guard_of(orders("post", text), "post") is None


def test_a_guard_that_no_item_could_ever_pass_is_none() -> None:
    data = orders("delete", "Only shipped orders can be deleted")
    del data["paths"]["/orders"]["post"]["requestBody"]
    assert guard_of(data, "delete") is None


@pytest.fixture
def server() -> MockService:
    """A mock of orders that can only be deleted as drafts."""
    return mock(orders("delete", "Only drafts can be deleted."), is_mock=True)


def test_the_mock_refuses_an_operation_in_the_states_of_its_guard(server: MockService) -> None:
    for status in ("draft", "shipped"):
        send(server, "POST", "/orders", {"name": "a", "status": status})
    assert send(server, "DELETE", "/orders/1").status == 204
    refused = send(server, "DELETE", "/orders/2")
    assert (refused.status, body(refused)["detail"]) == (409, 'order 2 has status "shipped"')
    assert body(send(server, "GET", "/orders/2"))["status"] == "shipped"
