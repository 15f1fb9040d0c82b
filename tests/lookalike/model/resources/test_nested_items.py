"""Items of other resources that the creation of an item makes along with it."""

from typing import Any

import pytest

from lookalike.service import MockService
from tests.support.pet_documents import (
    COUNT,
    NUMBER,
    TEXT,
    TRUTH,
    body,
    described,
    document,
    mock,
    operation,
    send,
)


def resource(noun: str, item: Any, sent: Any, **query: Any) -> dict[str, Any]:
    """The paths of a collection and its items."""
    many, key = described("data", data={"type": "array", "items": item}), f"{noun}Id"
    return {
        f"/{noun}s": {"get": operation({"200": many}, query=query), "post": operation({"201": item}, sent)},
        f"/{noun}s/{{{key}}}": {"get": operation({"200": item}), "patch": operation({"200": item}, sent)},
    }


NAMED = {"anyOf": [TEXT, {"$ref": "#/components/schemas/Product"}]}
LINE = described("id order product", id=TEXT, order=TEXT, product=NAMED, quantity=COUNT)
SHOWN = {"$ref": "#/components/schemas/Line"}
LIST = described("data has_more", data={"type": "array", "items": SHOWN}, has_more=TRUTH)
ORDER = described("id lines", id=TEXT, buyer=TEXT, lines=LIST)
PRICE = described("id amount product", id=TEXT, amount=NUMBER, product=TEXT)
PRODUCT = described("id name", id=TEXT, name=TEXT, price={"anyOf": [TEXT, {"$ref": "#/components/schemas/Price"}]})


def shop(is_mock: bool = True) -> MockService:
    line = described(order=TEXT, product=TEXT, quantity=COUNT)
    order = described(buyer=TEXT, lines={"type": "array", "items": described(product=TEXT, quantity=COUNT)})
    price = described(amount=NUMBER, product=TEXT, product_data=described(name=TEXT))
    product = described(name=TEXT, price=TEXT, price_data=described(amount=NUMBER))
    paths = {
        **resource("line", SHOWN, line, order=TEXT),
        **resource("order", {"$ref": "#/components/schemas/Order"}, order),
        **resource("price", {"$ref": "#/components/schemas/Price"}, price),
        **resource("product", {"$ref": "#/components/schemas/Product"}, product),
    }
    expanding = operation({"200": {"$ref": "#/components/schemas/Order"}}, query={"expand": TEXT})
    paths["/orders/{orderId}"]["get"] = expanding
    data = document(paths)
    data["components"]["schemas"] |= {"Line": LINE, "Order": ORDER, "Price": PRICE, "Product": PRODUCT}
    return mock(data, is_mock=is_mock)


def test_the_lines_that_are_sent_with_an_order_are_items_of_their_own() -> None:
    server = shop()
    sent = {"buyer": "a", "lines": [{"product": "p", "quantity": 2}, {"product": "q"}]}
    order = body(send(server, "POST", "/orders", sent))
    first, second = order["lines"]["data"]
    assert (first["order"], first["quantity"], order["lines"]["has_more"]) == (order["id"], 2, False)
    assert body(send(server, "GET", f"/lines/{first['id']}")) == first
    assert body(send(server, "GET", f"/lines?order={order['id']}"))["data"] == [first, second]
    assert body(send(server, "GET", f"/orders/{order['id']}")) == order


def test_an_order_shows_its_lines_as_they_are_now_and_none_of_another() -> None:
    server = shop()
    order, other = (body(send(server, "POST", "/orders", {"lines": [{"product": "p"}]})) for _ in range(2))
    send(server, "PATCH", f"/lines/{order['lines']['data'][0]['id']}", {"quantity": 7})
    send(server, "POST", "/lines", {"order": order["id"], "product": "new"})
    shown = body(send(server, "GET", f"/orders/{order['id']}"))["lines"]["data"]
    assert [(one["product"], one.get("quantity")) for one in shown] == [("p", 7), ("new", None)]
    assert body(send(server, "GET", f"/orders/{other['id']}")) == other


def test_what_the_lines_of_an_order_name_is_shown_in_full_where_a_request_asks_for_it() -> None:
    server = shop()
    product = body(send(server, "POST", "/products", {"name": "Pro"}))
    order = body(send(server, "POST", "/orders", {"lines": [{"product": product["id"]}]}))
    shown = body(send(server, "GET", f"/orders/{order['id']}?expand=lines.data.product"))
    assert shown["lines"]["data"][0]["product"]["name"] == "Pro"


@pytest.mark.parametrize(
    ("path", "sent", "member", "made"),
    [
        ("/products", {"name": "Pro", "price_data": {"amount": 5}}, "price", "prices"),
        ("/prices", {"amount": 5, "product_data": {"name": "Pro"}}, "product", "products"),
    ],
)
def test_an_object_that_is_sent_as_data_makes_the_item_that_a_member_names(
    path: str, sent: Any, member: str, made: str
) -> None:
    server = shop()
    item = body(send(server, "POST", path, sent))
    other = body(send(server, "GET", f"/{made}/{item[member]}"))
    assert other.items() >= sent[f"{member}_data"].items()
    assert other.get("product", item["id"]) == item["id"], "the price names the product that it was sent with"
    assert len(body(send(server, "GET", f"/{made}"))["data"]) == 1


def test_the_model_of_a_server_that_is_judged_makes_nothing_along_with_an_item() -> None:
    server = shop(is_mock=False)
    send(server, "POST", "/orders", {"lines": [{"product": "p"}]})
    assert body(send(server, "GET", "/lines"))["data"] == []
