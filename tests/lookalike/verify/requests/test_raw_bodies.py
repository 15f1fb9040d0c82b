"""Files, text and multipart forms are sent as a server expects them, and are read back as they were."""

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.contract.contract import Operation
from lookalike.contract.reader import load_contract
from lookalike.verify.requests.encoder import RequestEncoder, decode_body
from lookalike.verify.requests.values import ValueGenerator

TEXT = {"type": "string"}
FILE = {"type": "string", "format": "binary"}
NUMBERS = {"type": "array", "items": {"type": "integer"}, "minItems": 2}
FORM = {
    "type": "object",
    "required": ["title", "file", "notes"],
    "properties": {
        "title": TEXT,
        "file": FILE,
        "notes": {"type": "array", "items": {"type": "integer"}, "minItems": 2},
    },
}


def sent(folder: Path, content: dict[str, Any]) -> tuple[Operation, Any, dict[str, str], bytes]:
    """An operation that takes some content, with the value, the headers and the bytes of its first body."""
    operation = {
        "requestBody": {"required": True, "content": {name: {"schema": schema} for name, schema in content.items()}},
        "responses": {"204": {"description": "taken"}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/files": {"put": operation}}}
    (folder / "openapi.json").write_text(json.dumps(document))
    contract = load_contract(folder / "openapi.json")
    values, [found] = ValueGenerator(contract, 1), contract.operations
    value = next(values.bodies(found))
    request = RequestEncoder({}).request(found, {}, value, values.media(found))
    media = values.media(found)
    assert media is not None
    assert decode_body(request.body, media) == value
    return found, value, dict(request.headers), request.body


def test_an_image_is_one_that_programs_can_read(tmp_path: Path) -> None:
    _, _, headers, body = sent(tmp_path, {"image/*": FILE})
    assert (headers["content-type"], body[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")


def test_any_other_file_has_every_byte(tmp_path: Path) -> None:
    _, _, headers, body = sent(tmp_path, {"application/octet-stream": FILE})
    assert headers["content-type"] == "application/octet-stream"
    assert {*body} == {*range(256)}


def test_text_goes_beyond_ascii(tmp_path: Path) -> None:
    _, value, headers, body = sent(tmp_path, {"text/plain": TEXT})
    assert headers["content-type"] == "text/plain"
    assert body == value.encode() != value.encode("ascii", "replace")


def test_a_form_names_its_files_and_has_a_part_for_each_item(tmp_path: Path) -> None:
    _, _, headers, body = sent(tmp_path, {"multipart/form-data": FORM})
    assert headers["content-type"].startswith("multipart/form-data; boundary=")
    assert body.count(b'name="notes"\r\n') == 2
    assert b'name="file"; filename="' in body
    assert b'name="title"; filename' not in body


@pytest.mark.parametrize("other", ["multipart/form-data", "text/plain", "image/png"])
def test_json_is_sent_where_the_document_has_it(other: str, tmp_path: Path) -> None:
    _, _, headers, _ = sent(tmp_path, {other: FORM if other.startswith("multi") else FILE, "application/json": FORM})
    assert headers["content-type"] == "application/json"
