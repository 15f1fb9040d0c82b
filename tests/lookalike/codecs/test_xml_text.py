"""XML: the examples of OpenAPI's XML object (3.1 section 4.8.26.2), written and read back."""

from typing import Any

import pytest

from lookalike.codecs.xml_text import from_xml, to_xml
from lookalike.schema.regexes import matches
from lookalike.schema.value_types import ValueType

STRING = {"type": "string"}
ANIMALS = {"type": "array", "items": STRING}


def resolve(reference: str) -> Any:
    raise AssertionError(reference)


def animals(**more: Any) -> dict[str, Any]:
    return {"type": "object", "xml": {"name": "r"}, "properties": {"animals": {**ANIMALS, **more}}}


NAMED = {"type": "string", "xml": {"name": "animal"}}
EXAMPLES = {
    "items have the name of the member": (animals(), "<animals>a</animals><animals>b</animals>"),
    "items have a name of their own": (animals(items=NAMED), "<animal>a</animal><animal>b</animal>"),
    "the name of an array that is not wrapped has no effect": (
        animals(items=NAMED, xml={"name": "aliens"}),
        "<animal>a</animal><animal>b</animal>",
    ),
    "nor where items have none": (animals(xml={"name": "aliens"}), "<animals>a</animals><animals>b</animals>"),
    "a wrapper has the name of the member": (
        animals(xml={"wrapped": True}),
        "<animals><animals>a</animals><animals>b</animals></animals>",
    ),
    "wrapped items with a name": (
        animals(items=NAMED, xml={"name": "aliens", "wrapped": True}),
        "<aliens><animal>a</animal><animal>b</animal></aliens>",
    ),
    "wrapped items without a name have that of the wrapper": (
        animals(xml={"name": "aliens", "wrapped": True}),
        "<aliens><aliens>a</aliens><aliens>b</aliens></aliens>",
    ),
}


@pytest.mark.parametrize(("schema", "inner"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_arrays_are_written_as_the_specification_shows_and_read_back(schema: Any, inner: str) -> None:
    value = {"animals": ["a", "b"]}
    text = to_xml(value, schema, resolve, matches)
    assert text.partition("\n")[2] == f"<r>{inner}</r>"
    assert from_xml(text.encode(), ValueType((schema,), resolve)) == value


def test_text_in_pieces_is_one_text() -> None:
    assert from_xml(b"<r>a<!-- c -->b&amp;c</r>", ValueType((STRING,), resolve)) == "ab&c"


def test_texts_in_elements_and_attributes_are_read_back_as_they_were_written() -> None:
    text = "a \"b\" 'c' <d> & ]]>\te"
    names = {"attribute": {**STRING, "xml": {"attribute": True}}, "element": STRING}
    schema = {"type": "object", "xml": {"name": "r"}, "properties": names}
    value = {"attribute": f"{text}\n", "element": text}
    written = to_xml(value, schema, resolve, matches)
    assert from_xml(written.encode(), ValueType((schema,), resolve)) == value
