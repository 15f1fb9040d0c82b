"""The value of a body that a server sends: whatever it is, it is judged, and nothing in it ends the run."""

from typing import Any

import pytest

from lookalike.http import Response
from lookalike.json_values import ABSENT
from lookalike.verify.oracle.comparison import value_of


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"\\udc00": "a\\ud800b"}', {"\ufffd": "a\ufffdb"}),
        (b'"\\\\ud800"', "\\ud800"),
        (b"1e999", float("inf")),
        (b"NaN", ABSENT),
        (b"[-Infinity]", ABSENT),
        (b'"\xff"', ABSENT),
        (b"[" * 100_000, ABSENT),
        (b"9" * 5000, ABSENT),
    ],
)
def test_the_value_of_a_body(body: bytes, value: Any) -> None:
    assert value_of(Response(200, (), body)) == value
