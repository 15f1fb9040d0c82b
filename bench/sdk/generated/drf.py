"""A shop, as drf-spectacular 0.30 describes it: slugs, decimals, hyperlinks, filters, and pages without a size."""

import base64
import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bench.sdk.generated.story import URL, Client, attempt, check, models

model, at = models(), datetime(2026, 1, 1, tzinfo=UTC)
api = Client(token=base64.b64encode(b"asha:secret").decode(), prefix="Basic")
category = attempt(lambda: api.categories_create(body=model.Category(id=0, slug="tea", name="Tea")).parsed)
check("a category is created", lambda: (category.slug, category.name), ("tea", "Tea"))
check("it is read by its slug", lambda: api.categories_retrieve("tea").parsed, category)


def product(name: str, price: str, **more: Any) -> Any:
    return model.Product(id=0, name=name, price=price, category=category.id, created_at=at, updated_at=at, **more)


def page(**query: object) -> Any:
    return json.loads(api.products_list(**query).content)


def created(number: int) -> Any:
    body = product(f"P{number}", f"{number}.50", is_active=number % 2 == 1)
    return api.products_create(body=body).parsed


made = [attempt(partial(created, number)) for number in range(12)]
check("products are created", lambda: [one.name for one in made], [f"P{number}" for number in range(12)])
check("prices are kept", lambda: made[3].price, "3.50")
check("keys differ", lambda: len({one.id for one in made}), 12)
check("they are listed and counted", lambda: (len(page()["results"]), page()["count"]), (12, 12))
check("there is no other page", lambda: (page()["next"], page()["previous"], page(page=2)["results"]), (None, None, []))
check("they are filtered", lambda: page(is_active=True)["count"], 6)
check("and by category", lambda: page(category=category.id + 1)["count"], 0)
check("they are searched", lambda: [one["name"] for one in page(search="P11")["results"]], ["P11"])
check("they are ordered", lambda: page(ordering="-name")["results"][0]["name"], "P9")
first = made[0]
check(
    "a product is changed",
    lambda: api.products_partial_update(first.id, body=model.PatchedProduct(stock=7)).parsed.stock,
    7,
)
check("and keeps the rest", lambda: api.products_retrieve(first.id).parsed.price, "0.50")
check("a product is replaced", lambda: api.products_update(first.id, body=product("New", "9.00")).parsed.name, "New")
check("and was made when it was", lambda: api.products_retrieve(first.id).parsed.created_at, first.created_at)
body = attempt(
    lambda: model.Order(
        url=f"{URL}/x",
        id=0,
        customer="a@example.com",
        products=[f"{URL}/api/products/{first.id}/"],
        total="0",
        placed_at=at,
    )
)
order = attempt(lambda: api.orders_create(body=body).parsed)
check("an order is pending", lambda: order.status, "pending")
check("its url leads to it", lambda: order.url, f"{URL}/api/orders/{getattr(order, 'id', None)}/")
check("an order is cancelled", lambda: api.orders_cancel_create(order.id, body=body).parsed.status, "cancelled")
check(
    "orders are filtered",
    lambda: json.loads(api.orders_list(status=model.OrdersListStatus.PENDING).content)["count"],
    0,
)
check("a product is deleted", lambda: api.products_destroy(first.id).status_code, 204)
check("and gone", lambda: api.products_retrieve(first.id).status_code, 404)
