"""Which media type suits a client (RFC 9110 section 12.5.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.codecs.media_types import best_offer, concrete_type

JSON, XML, HAL, CSV = "application/json", "application/xml", "application/hal+json", "text/csv"
ALL = (JSON, XML, CSV)

CHOSEN: list[tuple[str, tuple[str, ...], str | None]] = [
    ("", ALL, JSON),
    ("*/*", ALL, JSON),
    (XML, ALL, XML),
    ("APPLICATION/XML", ALL, XML),
    (f"{XML}, {JSON}", ALL, JSON),
    (f"{XML}, {JSON};q=0.9", ALL, XML),
    (f"{JSON};q=0.1, {CSV};q=0.2, {XML};q=0.15", ALL, CSV),
    ("text/*, application/*;q=0.5", ALL, CSV),
    (f"*/*, {JSON};q=0", ALL, XML),
    (f"application/*;q=0, */*;q=0.1, {XML};q=0.2", ALL, XML),
    ("application/*;q=0, */*;q=0.1", ALL, CSV),
    ("image/png", ALL, None),
    (f"{JSON};q=0", ALL, None),
    (f"{JSON};q=wrong", ALL, JSON),
    (",, ;q=1", ALL, "application/json"),
    (JSON, (), None),
    ("*/*", (), None),
    (JSON, (HAL,), HAL),
    (JSON, (HAL, JSON), JSON),
    (f"{JSON}, {HAL};q=0", (HAL, JSON), JSON),
    (HAL, (JSON,), None),
    ("application/*+json", (XML, HAL), HAL),
    (f"{JSON};charset=utf-8", ALL, JSON),
    (f"{JSON};version=2", (f"{JSON};version=1", f"{JSON}; version=2"), f"{JSON}; version=2"),
    (f"{JSON};version=3", (f"{JSON};version=1",), None),
    (f'{JSON};q=0.5, {JSON};version="1";q=0.1, {XML};q=0.2', (f"{JSON};version=1", XML), XML),
    ("image/png", ("image/*",), "image/*"),
    ("image/png", ("*/*",), "*/*"),
    ("text/plain", ("image/*",), None),
]


@pytest.mark.parametrize(("field", "offers", "chosen"), CHOSEN)
def test_the_offer_that_is_liked_best_is_chosen(field: str, offers: tuple[str, ...], chosen: str | None) -> None:
    assert best_offer(field, offers) == chosen


@pytest.mark.parametrize(
    ("offer", "field", "sent"),
    [
        (JSON, "*/*", JSON),
        ("*/*", None, JSON),
        ("*/*", "text/html, */*;q=0.1", "text/html"),
        ("*/*", "text/html;q=0, */*", JSON),
        ("text/*", "*/*", "text/plain"),
        ("image/*", "text/html, image/webp", "image/webp"),
        ("image/*", None, "application/octet-stream"),
    ],
)
def test_of_a_range_a_type_is_sent_that_the_client_names(offer: str, field: str | None, sent: str) -> None:
    assert concrete_type(offer, field) == sent


@given(st.text(alphabet="aj/*;q=0.1, +-\u00ff", max_size=40))
def test_any_field_is_read_and_what_is_chosen_is_accepted(field: str) -> None:
    chosen = best_offer(field, ALL)
    assert chosen is None or best_offer(field, (chosen,)) == chosen
