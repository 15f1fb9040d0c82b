"""The mock over HTTPS: with a certificate that is made on the spot, and with one of the user's own."""

import json
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from lookalike.errors import UsageError
from lookalike.server.tls import Certificate, certificate_on_the_spot, tls_context
from tests.support.running import PATIENCE, running_mock

PAGES = {
    "openapi": "3.1.0",
    "info": {"title": "", "version": ""},
    "paths": {
        "/pets": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "responses": {"201": {"$ref": "#/components/responses/Pet"}},
            }
        },
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"responses": {"200": {"$ref": "#/components/responses/Pet"}}},
        },
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "url": {"type": "string", "format": "uri", "readOnly": True}},
            }
        },
        "responses": {
            "Pet": {
                "description": "",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
            }
        },
    },
}


def test_a_client_that_trusts_the_certificate_is_served_and_led_to_https(tmp_path: Path) -> None:
    document = tmp_path / "api.json"
    document.write_text(json.dumps(PAGES))
    files = certificate_on_the_spot(tmp_path / "tls")
    with running_mock(
        str(document), "--tls-cert", str(files.certificate), "--tls-key", str(files.key), "--log", "off"
    ) as mock:
        url = f"https://localhost:{mock.port}/pets"
        request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})  # of ours
        trusting = ssl.create_default_context(cafile=str(files.certificate))
        with urllib.request.urlopen(request, timeout=PATIENCE, context=trusting) as answer:  # as above
            assert json.load(answer) == {"id": 1, "url": f"{url}/1"}


def test_a_certificate_that_was_made_is_kept_so_that_clients_go_on_trusting_it(tmp_path: Path) -> None:
    first = certificate_on_the_spot(tmp_path)
    before = first.certificate.read_bytes()
    assert certificate_on_the_spot(tmp_path) == first
    assert first.certificate.read_bytes() == before
    assert first.key.stat().st_mode & 0o077 == 0, "the key is its owner's"


def test_files_that_are_no_pair_are_told_in_one_line(tmp_path: Path) -> None:
    files = certificate_on_the_spot(tmp_path)
    with pytest.raises(UsageError, match="are not a certificate and its key in PEM"):
        tls_context(Certificate(files.certificate, files.certificate))


def test_a_certificate_comes_with_its_key(tmp_path: Path) -> None:
    files = certificate_on_the_spot(tmp_path)
    command = [sys.executable, "-m", "lookalike", "mock", "--tls-cert", str(files.certificate), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert done.stderr == "lookalike: --tls-key is missing: a certificate and its key come together\n"
