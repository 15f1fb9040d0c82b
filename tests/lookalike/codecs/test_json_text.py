"""JSON from bytes: exact, strict, and never an exception."""

import json
import math
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lookalike.codecs.json_text import (
    LONG,
    MAX_DEPTH,
    MAX_DIGITS,
    DecodedValue,
    DecodeError,
    parse_json,
    plain_numbers,
    to_json,
)
from lookalike.pacing import TakesLong, begin_turn, beside, end_turn, without_limit
from tests.support.in_process import ASHA, leads, mock, put, snapshot

# Texts that are not JSON, or not such that every digit and character of them can be kept.
NOT_JSON: dict[str, bytes] = {
    "nothing but spaces": b"  \n",
    "truncated object": b'{"add_tags": [1, 2',
    "truncated text": b'{"lead_data": {"a": "b',
    "truncated escape": b'{"lead_data": {"a": "\\',
    "truncated literal": b'{"add_tags": tru',
    "trailing comma": b'{"add_tags": [1,],}',
    "two values": b"{} {}",
    "single quotes": b"{'add_tags': []}",
    "a name without quotes": b"{add_tags: []}",
    "a comment": b"{} // done",
    "NaN": b'{"lead_data": {"a": NaN}}',
    "Infinity": b'{"lead_data": {"a": Infinity}}',
    "-Infinity": b'{"lead_data": {"a": -Infinity}}',
    "1e400": b'{"lead_data": {"a": 1e400}}',
    "-1e400": b'{"lead_data": {"a": [-1E+400]}}',
    "a leading zero": b'{"add_tags": [01]}',
    "a leading plus": b'{"add_tags": [+1]}',
    "a point without digits before it": b'{"add_tags": [.5]}',
    "a point without digits after it": b'{"add_tags": [5.]}',
    "an underscore": b'{"add_tags": [1_000]}',
    "hexadecimal": b'{"add_tags": [0x10]}',
    "digits of another script": '{"add_tags": [٣]}'.encode(),
    "one digit too many": b'{"add_tags": [%s]}' % (b"9" * (MAX_DIGITS + 1)),
    "too many digits in all": b'{"add_tags": [%s]}' % b",".join([b"9" * 4_000] * 13),
    "one digit too many, negative": b'{"add_tags": [-%s]}' % (b"9" * (MAX_DIGITS + 1)),
    "a lone high surrogate": b'{"lead_data": {"a": "\\ud800"}}',
    "a lone low surrogate": b'{"lead_data": {"a": "\\uDC00"}}',
    "surrogates in the wrong order": b'{"lead_data": {"a": "\\udc00\\ud800"}}',
    "a lone surrogate in a name": b'{"lead_data": {"\\ud800": 1}}',
    "a lone surrogate in a list": b'{"lead_data": {"a": [{"b": ["\\ud800x"]}]}}',
    "a surrogate in UTF-8": b'{"lead_data": {"a": "\xed\xa0\x80"}}',
    "Latin-1": '{"lead_data": {"a": "é"}}'.encode("latin-1"),
    "an overlong form": b'{"lead_data": {"a": "\xc0\xaf"}}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16 with its mark": '{"lead_data": {}}'.encode("utf-16"),
    "UTF-16 little endian": '{"lead_data": {}}'.encode("utf-16-le"),
    "UTF-16 big endian": '{"lead_data": {}}'.encode("utf-16-be"),
    "UTF-32": '{"lead_data": {}}'.encode("utf-32"),
    "NUL": b"\0",
    "NUL behind the value": b"{}\0",
    "NUL inside a text": b'{"lead_data": {"a": "\0"}}',
    "a line break inside a text": b'{"lead_data": {"a": "\n"}}',
    "an unknown escape": b'{"lead_data": {"a": "\\x41"}}',
    "lists one level too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "100,000 open brackets": b"[" * 100_000,
    "100,000 open objects": b'{"a":' * 100_000,
    "100,000 levels, closed": b"[" * 100_000 + b"]" * 100_000,
    "deep behind a text full of brackets": b'["' + b"[" * 500 + b'",' + b"[" * 300 + b"]" * 300 + b"]",
    "a bracket of the wrong kind": b'{"add_tags": [}]',
}


def with_both(text: bytes) -> list[bytes]:
    """The text as it is, and inside a list beside a number that only the exact parser may read."""
    return [text, b"[0.5," + text + b"]"]


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_is_refused_by_either_parser_with_a_reason(text: bytes) -> None:
    for either in with_both(text):
        with pytest.raises(DecodeError, match=r"\w+ \w+"):
            parse_json(either)


def parsed_in_parts(text: bytes) -> DecodedValue:
    with beside():
        return without_limit(partial(parse_json, text + b" " * LONG))


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON)
def test_a_long_text_that_is_not_json_is_refused_where_it_is_parsed_in_parts(text: bytes) -> None:
    for either in with_both(text):
        with pytest.raises(DecodeError, match=r"\w+ \w+"):
            parsed_in_parts(either)


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_is_answered_400_and_changes_nothing(text: bytes) -> None:
    server = mock()
    before = snapshot(server)
    for either in with_both(text):
        response = put(server, ASHA, either)
        answer = json.loads(response.body)
        assert (response.status, answer["status"], answer["success"]) == (400, 400, False)
        assert "not valid JSON" in answer["message"]
        assert len(answer["message"]) < 300
    assert snapshot(server) == before


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


KEPT: dict[str, tuple[bytes, Any]] = {
    "2^53 + 1": (b"9007199254740993", 2**53 + 1),
    "2^63": (b"9223372036854775808", 2**63),
    "2^64 - 1": (b"18446744073709551615", 2**64 - 1),
    "2^64": (b"18446744073709551616", 2**64),
    "-2^64": (b"[-18446744073709551616]", [-(2**64)]),
    "16 digits": (b"1234567890123456", 1234567890123456),
    "40 digits": (b'{"a": 1234567890123456789012345678901234567890}', {"a": 1234567890123456789012345678901234567890}),
    "as many digits as can be": (b"9" * MAX_DIGITS, 10**MAX_DIGITS - 1),
    "as many digits as can be, negative": (b"-" + b"9" * MAX_DIGITS, 1 - 10**MAX_DIGITS),
    "a fraction": (b"0.1", Decimal("0.1")),
    "a fraction of many digits": (b"1.00000000000000000000001", Decimal("1.00000000000000000000001")),
    "an exponent": (b"9.87654321e9", Decimal(9876543210)),
    "a fraction of zero": (b"9876543210.0", Decimal(9876543210)),
    "an exponent that leads to zero": (b"1e-400", Decimal("1e-400")),
    "an exponent of twenty digits": (b"-1e-99999999999999999999", Decimal("-1e-9999")),
    "zero with an exponent of twenty digits": (b"0.0e99999999999999999999", Decimal(0)),
    "zero": (b"-0", 0),
    "spaces around": (b" \t\r\n1 ", 1),
    "the last of two": (b'{"a": 1, "a": 2}', {"a": 2}),
    "NUL, escaped": (b'"\\u0000"', "\0"),
    "a pair of surrogates": (b'"\\ud83e\\udd89"', "🦉"),
    "an escaped backslash before u": (b'"\\\\ud800"', "\\ud800"),
    "brackets in a text": (b'"' + b"[" * 1000 + b'"', "[" * 1000),
    "brackets behind an escaped quote": (b'["\\"' + b"{" * 1000 + b'"]', ['"' + "{" * 1000]),
    "as deep as can be": (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, nested(MAX_DEPTH)),
    "many lists side by side": (b"[" + b"[]," * 10_000 + b"[]]", [[]] * 10_001),
}


@pytest.mark.parametrize(("text", "value"), KEPT.values(), ids=KEPT)
def test_every_digit_and_character_of_json_is_kept(text: bytes, value: Any) -> None:
    parsed = parse_json(text).value
    assert parsed == value
    if not text.startswith(b"[" * MAX_DEPTH):
        assert parse_json(b"[0.5," + text + b"]") == DecodedValue([Decimal("0.5"), value], exact=True)


@pytest.mark.parametrize(("text", "value"), KEPT.values(), ids=KEPT)
def test_a_long_text_has_the_same_value_where_it_is_parsed_in_parts(text: bytes, value: Any) -> None:
    assert parsed_in_parts(text) == DecodedValue(value, exact=True)
    if not text.startswith(b"[" * MAX_DEPTH):
        assert parsed_in_parts(b'{"a": [ {} , ' + text + b'], "b":{}}') == ({"a": [{}, value], "b": {}}, True, False)


def test_a_long_text_is_not_parsed_by_the_thread_that_serves_all_clients() -> None:
    begin_turn()
    try:
        with pytest.raises(TakesLong):
            parse_json(b"[]" + b" " * LONG)
    finally:
        end_turn()


@pytest.mark.parametrize(
    "spelling", ["9876543210", "9876543210.0", "9.87654321e9", "98765432100E-1", "9876543210.00e+0"]
)
def test_all_spellings_of_a_number_are_one_lead(spelling: str) -> None:
    server = mock(data={"lead": [{"contact_number": 5, "country_code": 1}]})
    assert put(server, 5, f'{{"new_contact_number": {spelling}, "new_country_code": 91.0}}').status == 201
    assert snapshot(server) == json.dumps(
        {"lead": [{"contact_number": ASHA, "country_code": 91, "data": {}, "tags": []}], "tag": []}
    )
    assert put(server, ASHA, {"lead_data": {}}).status == 201


@pytest.mark.parametrize("number", [2**53 + 1, 2**64, 2**64 + 1, 10**40 + 7, 10**MAX_DIGITS - 1])
def test_a_number_of_any_length_names_one_lead_in_body_and_path(number: int) -> None:
    server = mock(data={"lead": [{"contact_number": 5, "country_code": 1}, {"contact_number": 6, "country_code": 1}]})
    assert put(server, 5, {"new_contact_number": number, "new_country_code": 91, "add_tags": [number]}).status == 201
    assert put(server, 6, {"new_contact_number": number - 1, "new_country_code": 91}).status == 201
    assert put(server, number, {"lead_data": {"found": number}}).status == 201
    (lead,) = [lead for lead in leads(server) if lead["contact_number"] == number]
    assert (lead["tags"], lead["data"]) == ([number], {"found": number})


def test_a_longer_number_in_the_path_names_no_lead() -> None:
    assert put(mock(), "9" * (MAX_DIGITS + 1), {"lead_data": {}}).status == 404


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
fragments = st.sampled_from(
    [*'{}[],:"\\ \n-+.0129eEu', '"a"', "\\ud800", "\\udc00", "true", "null", "NaN", "1e5", "1e400", "9" * 16, "\0", "é"]
)
mutated_texts = st.one_of(
    st.lists(fragments, max_size=12).map("".join),
    st.builds(
        lambda value, index, fragment: json.dumps(value)[: index % 40] + fragment + json.dumps(value)[index % 40 :],
        json_values,
        st.integers(0, 39),
        fragments,
    ),
)


@settings(max_examples=300, deadline=None)
@given(value=json_values, ascii_only=st.booleans())
def test_whatever_json_can_say_comes_back(value: Any, ascii_only: bool) -> None:
    if ascii_only or is_unicode(value):
        parsed = parse_json(json.dumps(value, ensure_ascii=ascii_only).encode())
        assert normal(plain_numbers(parsed.value)) == normal(value)


def is_unicode(value: Any) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in json.dumps(value, ensure_ascii=False))


def normal(value: Any) -> str:
    """As text, so that 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


@settings(max_examples=600, deadline=None)
@given(text=mutated_texts)
@example(text='{"a": "\\ud800\\ud83e\\udd89"}')
@example(text='"\\uD83E\\u0041"')
@example(text="1.27e-9999999999999999234")
@example(text="-0e9999999999999999234")
def test_it_agrees_with_the_standard_parser_but_for_named_differences(text: str) -> None:
    ours = outcome(text.encode())
    assert ours == standard(text)
    with_a_fraction = outcome(b"[0.5," + text.encode() + b"]")
    if ours is not None:
        assert with_a_fraction == f"[0.5, {ours}]"
    elif "," not in text:  # a text such as `1,2` is no value, but becomes a part of the list
        assert with_a_fraction is None


def outcome(text: bytes) -> str | None:
    try:
        return normal(plain_numbers(parse_json(text).value))
    except DecodeError:
        return None


def standard(text: str) -> str | None:
    """What the standard parser reads, but for NaN and its like, floats beyond the range, and lone surrogates."""
    try:
        value = json.loads(text, parse_constant=int, parse_float=finite)
    except ValueError:
        return None
    return normal(value) if is_unicode(value) else None


def finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=60))
def test_no_bytes_raise_anything_but_unparsable(content: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(parse_json(content), DecodedValue)


@settings(max_examples=200, deadline=None)
@given(values=st.lists(st.integers() | st.booleans() | st.text(alphabet='a🦉\\"', max_size=5), max_size=5))
def test_the_fast_and_the_exact_parser_agree(values: list[Any]) -> None:
    text = json.dumps(values).encode()
    exact = parse_json(b"[0.5," + text + b"]")
    assert exact.exact
    assert normal(exact.value[1]) == normal(parse_json(text).value)


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("[" * 200 + "]" * 200, False),
        ("[" * 201 + "]" * 201, True),
        ('{"a":' * 200 + "1" + "}" * 200, False),
        ('{"a":' * 201 + "1" + "}" * 201, True),
        ('[{"a":' * 100 + "1" + "}]" * 100, False),
        ('[{"a":' * 101 + "1" + "}]" * 101, True),
        ("[" + ",".join(["[[[]]]"] * 500) + "]", False),
        ("[" * 199 + ",".join(["[]"] * 300) + "]" * 199, False),
        ("[" * 199 + ",".join(["[[]]"] * 300) + "]" * 199, True),
        ('["' + "[" * 1000 + '"]', False),
        ('["\\"' + "[" * 1000 + '"]', False),
    ],
)
def test_nesting_of_more_than_200_levels_is_refused_however_it_is_mixed(text: str, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(DecodeError, match="nested deeper than 200 levels"):
            parse_json(text.encode())
    else:
        assert parse_json(text.encode()).value == json.loads(text)


@given(st.lists(st.text(st.sampled_from('\\"[]{}a')), max_size=5), st.integers(MAX_DEPTH - 3, MAX_DEPTH))
def test_texts_with_brackets_quotation_marks_and_backslashes_change_no_depth(texts: list[str], depth: int) -> None:
    value = [*texts, nested(depth), *texts]
    body = json.dumps(value).encode()
    if depth < MAX_DEPTH:
        assert parse_json(body).value == value
    else:
        with pytest.raises(DecodeError, match="nested deeper"):
            parse_json(body)


@pytest.mark.parametrize("text", ["[" * 5000, "]" * 5000, "[}" * 3000, "[" * 300 + "}" * 300, "[[]" * 1000])
def test_brackets_that_are_not_closed_are_refused_without_recursion(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_json(text.encode())


@pytest.mark.parametrize("number", [0, 1, 16, 17, 48, 49, 1000, 1234])
def test_a_long_response_is_written_in_parts_that_make_the_same_json(number: int) -> None:
    items = [{"id": index, "huge": 10**40} if index == 700 else {"id": index} for index in range(number)]
    for value in (items, {"a": items, "b": [], "c": {"d": items}}, {'"': items}, [items, items]):
        assert json.loads(to_json(value)) == value
