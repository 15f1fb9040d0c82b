"""Stripe's own SDK on a document of its shapes; nothing of it is changed but the base URL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.support.running import RunningMock, running_mock

DOCUMENT = Path(__file__).parent / "payments.yaml"


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    with running_mock(str(DOCUMENT), "--log", "off") as running:
        yield running


@pytest.fixture
def client(mock: RunningMock) -> StripeClient:
    mock.reset()
    return StripeClient("sk_test_123", base_addresses={"api": mock.url}, max_network_retries=0)


@pytest.fixture
def asha(client: StripeClient) -> Any:
    return client.v1.customers.create(
        {"email": "asha@example.com", "name": "Asha", "address": {"city": "Pune"}, "metadata": {"plan": "gold"}}
    )


def emails(customers: Any) -> list[str]:
    return [customer.email for customer in customers]


def test_a_customer_has_what_the_form_said_and_an_id_of_the_documented_shape(asha: Any) -> None:
    assert asha.id.startswith("cus_")
    assert (asha.email, asha.address.city, asha.metadata["plan"]) == ("asha@example.com", "Pune", "gold")


def test_an_update_keeps_what_it_does_not_name(client: StripeClient, asha: Any) -> None:
    client.v1.customers.update(asha.id, {"name": "Asha B.", "metadata": {"seats": "3"}})
    read = client.v1.customers.retrieve(asha.id)
    assert (read.name, read.email) == ("Asha B.", "asha@example.com")
    assert read.metadata is not None
    assert read.metadata.to_dict() == {"plan": "gold", "seats": "3"}


def test_the_sdk_pages_through_all_customers_newest_first(client: StripeClient) -> None:
    before = emails(client.v1.customers.list({"limit": 100}).data)
    for number in range(5):
        client.v1.customers.create({"email": f"c{number}@example.com"})
    page = client.v1.customers.list({"limit": 2})
    assert (emails(page.data), page.has_more) == (["c4@example.com", "c3@example.com"], True)
    assert emails(page.auto_paging_iter()) == [f"c{number}@example.com" for number in (4, 3, 2, 1, 0)] + before


def test_customers_are_filtered_by_email(client: StripeClient, asha: Any) -> None:
    client.v1.customers.create({"email": "other@example.com"})
    assert [one.id for one in client.v1.customers.list({"email": "asha@example.com"}).data] == [asha.id]


def test_a_search_finds_text_and_is_answered_in_its_own_envelope(client: StripeClient, asha: Any) -> None:
    client.v1.customers.create({"email": "other@example.com"})
    found = client.v1.customers.search({"query": "Asha"})
    assert isinstance(found, stripe.SearchResultObject)
    assert [customer.id for customer in found.data] == [asha.id]


def test_a_deleted_customer_says_so_and_is_gone(client: StripeClient, asha: Any) -> None:
    assert client.v1.customers.delete(asha.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.customers.retrieve(asha.id)
    assert caught.value.http_status == 404


def test_what_a_request_lacks_is_told_in_the_error_of_the_sdk(client: StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="currency") as caught:
        client.v1.payment_intents.create({"amount": 2000})  # type: ignore[typeddict-item]  # it lacks the currency
    assert caught.value.http_status == 400


def test_a_payment_intent_waits_for_a_payment_method_until_it_is_canceled(client: StripeClient, asha: Any) -> None:
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur", "customer": asha.id})
    assert (intent.id[:3], intent.customer, intent.status) == ("pi_", asha.id, "requires_payment_method")
    client.v1.payment_intents.cancel(intent.id)
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_a_lost_answer_can_be_asked_for_again_under_the_key_of_the_sdk(client: StripeClient, mock: RunningMock) -> None:
    again = StripeClient("sk_test_123", base_addresses={"api": mock.url}, max_network_retries=2)
    status, _, told = mock.request("PUT", "/__lookalike/faults/once", {"first": 1, "reset": True, "at": "after-commit"})
    assert status < 300, told
    assert again.v1.customers.create({"email": "once@example.com"}).email == "once@example.com"
    assert emails(client.v1.customers.list().data).count("once@example.com") == 1
