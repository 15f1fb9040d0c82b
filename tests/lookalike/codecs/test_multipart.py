"""Multipart forms: part headers as mail has them, and arrays and objects as the document says they are written."""

from typing import Any

import pytest

from lookalike.codecs.json_text import DecodeError
from lookalike.codecs.multipart import from_multipart, split_multipart
from lookalike.contract.requests import Encoding, MediaType
from lookalike.schema.value_types import ValueType

TYPE = "multipart/form-data; boundary=B"
SCHEMA = {
    "properties": {
        "l": {"type": "array", "items": {"type": "integer"}},
        "o": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "s": {"type": "string"},
    }
}


def body(*parts: tuple[str, str]) -> bytes:
    return "".join(f"--B\r\n{head}\r\n\r\n{content}\r\n" for head, content in parts).encode() + b"--B--\r\n"


def named(name: str, content: str) -> tuple[str, str]:
    return f'Content-Disposition: form-data; name="{name}"', content


def value(sent: bytes, **encoding: Encoding) -> dict[str, Any]:
    def refuse(name: str, message: str) -> None:
        raise AssertionError(name, message)

    return from_multipart(sent, TYPE, MediaType(TYPE, None, ValueType((SCHEMA,), lambda _: {}), encoding), refuse)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('Content-Disposition: form-data; name="a"', "a"),
        ("Content-Disposition: form-data; name=a", "a"),
        ("content-disposition:form-data;name=a ; filename=b", "a"),
        ('Content-Disposition: form-data; filename="x; name=z.txt"; name="a"', "a"),
        ('Content-Disposition: form-data; filename="x\\"; name=\\"z"; name="a"', "a"),
        ('Content-Disposition: form-data; filename="name=z"; name="a;b"', "a;b"),
        ('Content-Disposition: form-data; name="a\\"b"', 'a"b'),
        ('Content-Disposition: form-data;\r\n name="a"', "a"),
        ('Content-Disposition: form-data;\r\n\tfilename="f";\r\n name="a"\r\nContent-Type: text/plain', "a"),
        ('Content-Disposition: form-data; NAME="a"', "a"),
    ],
)
def test_the_name_of_a_part_is_a_parameter_of_its_disposition(head: str, name: str) -> None:
    (part,) = split_multipart(body((head, "1")), TYPE)
    assert part.name == name
    assert part.content == b"1"


@pytest.mark.parametrize(
    "head",
    [
        'Content-Disposition: form-data; filename="name=a"',
        "Content-Type: text/plain; name=a",
        "Content-Disposition: form-data",
        'X-Other: form-data; name="a"',
    ],
)
def test_text_that_only_looks_like_a_name_parameter_is_not_read_as_one(head: str) -> None:
    with pytest.raises(DecodeError, match="one of its parts has no name"):
        split_multipart(body((head, "1")), TYPE)


@pytest.mark.parametrize(
    ("sent", "style", "explode"),
    [
        ([("l", "1,2")], "form", False),
        ([("l", "1 2")], "spaceDelimited", False),
        ([("l", "1|2")], "pipeDelimited", False),
        ([("l", "1"), ("l", "2")], "form", True),
        ([("l", "[1, 2]")], "form", True),
    ],
)
def test_an_array_is_split_as_its_encoding_says(sent: list[tuple[str, str]], style: str, explode: bool) -> None:
    parts = body(*(named(*one) for one in sent))
    assert value(parts, l=Encoding((), style, explode)) == {"l": [1, 2]}


def test_an_empty_part_is_an_empty_array() -> None:
    assert value(body(named("l", "")), l=Encoding((), "form", False)) == {"l": []}


def test_the_members_of_a_deep_object_have_parts_of_their_own() -> None:
    sent = body(named("o[x]", "1"), named("s", "t"))
    assert value(sent, o=Encoding((), "deepObject", True)) == {"o": {"x": 1}, "s": "t"}


def test_brackets_behind_an_undescribed_name_are_part_of_it() -> None:
    assert value(body(named("u[x]", "1"))) == {"u[x]": "1"}
