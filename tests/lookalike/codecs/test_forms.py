"""URL-encoded forms: nested names are grouped once, and a form has a limit on fields."""

from typing import Any

import pytest

from lookalike.codecs.forms import MAX_FIELDS, from_urlencoded
from lookalike.codecs.json_text import DecodeError
from lookalike.contract.requests import MediaType
from lookalike.schema.value_types import ValueType
from tests.support.steps import grows_linearly


def form(schema: Any, **encoding: Any) -> MediaType:
    return MediaType("application/x-www-form-urlencoded", None, ValueType((schema,), lambda _: {}), encoding)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        (b"a[b][c]=1", {"a": {"b": {"c": "1"}}}),
        (b"a%5Bb%5D=1", {"a": {"b": "1"}}),
        (b"a]=1", {"a]": "1"}),
        (b"[b]=1", {"[b]": "1"}),
        (b"a=1&a=2", {"a": ["1", "2"]}),
    ],
)
def test_names_with_brackets_are_members_of_objects(body: bytes, expected: Any) -> None:
    assert from_urlencoded(body, form({})) == expected


def test_a_name_with_brackets_that_the_schema_describes_is_a_member_itself() -> None:
    schema = {"properties": {"tags[]": {"type": "array", "items": {"type": "integer"}}}}
    assert from_urlencoded(b"tags[]=1&tags[]=2", form(schema)) == {"tags[]": [1, 2]}


def test_a_form_takes_steps_in_proportion_to_its_nested_names() -> None:
    media = form({"properties": {"a": {"type": "string"}}})
    assert grows_linearly(lambda size: from_urlencoded(b"&".join(b"a%d[b]=1" % n for n in range(size)), media))
    assert grows_linearly(lambda size: from_urlencoded(b"&".join(b"a[b%d]=1" % n for n in range(size)), media))


def test_a_form_with_too_many_fields_is_refused() -> None:
    assert len(from_urlencoded(b"&".join(b"a%d=" % number for number in range(MAX_FIELDS)), form({}))) == MAX_FIELDS
    with pytest.raises(DecodeError, match="it has more than 10,000 fields"):
        from_urlencoded(b"a&" * MAX_FIELDS + b"a", form({}))
