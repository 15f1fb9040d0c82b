"""The reference page, as a browser shows it."""

from pathlib import Path
from typing import Literal

import pytest
import requests
from playwright.sync_api import Browser, expect

import lookalike
from lookalike.server import reference_page
from lookalike.server.app import create_app
from lookalike.server.mock_handler import MockOptions
from tests.support.accessibility import serious_barriers
from tests.support.paths import FIXTURES, ROOT

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
HOSTILE = "<img src=x onerror=document.title='hurt'><script>document.title='hurt'</script>"


def test_the_contract_is_read_and_tried_out_in_the_browser_without_another_host(
    browser: Browser, tmp_path: Path
) -> None:
    document = tmp_path / "pets.yaml"
    document.write_text(
        PETS.read_text().replace("description: A plain", f"description: |-\n    {HOSTILE}\n  summary: A plain")
    )
    with lookalike.Mock(lookalike.load(document)).serve(control_token="s3cret-token") as server:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://{server.host}:{server.port}/__sandbox/one/__lookalike/docs")
        expect(page.get_by_role("alert")).to_contain_text("--control-token")
        page.get_by_label("Control token").fill("s3cret-token")
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_text("getPet.unknown-is-404").first).to_be_visible()
        page.get_by_role("button", name="TRY").first.click()
        expect(page.get_by_text("Minka").last).to_be_visible()
        assert page.title() == "Lookalike reference"
        assert f"http://{server.host}:{server.port}/__sandbox/one/api/pets" in [url.partition("?")[0] for url in asked]
        assert not [url for url in asked if not url.startswith((f"http://{server.host}:{server.port}/", "data:"))]
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_texts_have_enough_contrast(browser: Browser, scheme: Literal["light", "dark"]) -> None:
    with lookalike.Mock(lookalike.load(PETS)).serve() as server:
        page = browser.new_page(color_scheme=scheme)
        page.goto(f"http://{server.host}:{server.port}/__lookalike/docs")
        expect(page.get_by_text("getPet.unknown-is-404").first).to_be_visible()
        assert "color-contrast" not in serious_barriers(page, scheme)
        page.close()


def test_the_document_for_readers_has_clauses_readings_and_grounds() -> None:
    pets = reference_page.reference_document(lookalike.load(PETS), "/api")
    described = pets["paths"]["/pets/{petId}"]["get"]["description"]
    assert "- `getPet.unknown-is-404`: " in described
    assert "- `effect`: shown" in described
    assert pets["servers"] == [{"url": "/api"}]
    lead = reference_page.reference_document(lookalike.load(ROOT / "openapi.yaml"), "")
    assert "**Reading `requirement`**" in lead["info"]["description"]
    assert "`enforced` (the default)" in lead["info"]["description"]


def test_without_the_extra_the_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_page, "_PACKAGE", "lookalike_has_no_such_package")
    answer = create_app(lookalike.Mock(lookalike.load(PETS)), MockOptions()).test_client().get("/__lookalike/docs")
    assert (answer.status_code, "pip install 'lookalike[docs]'" in answer.text) == (404, True)


@pytest.mark.parametrize("name", ["docs", "docs.js", "rapidoc.js"])
def test_the_files_run_no_script_of_others(name: str) -> None:
    with lookalike.Mock(lookalike.load(PETS)).serve() as server:
        answer = requests.get(f"http://{server.host}:{server.port}/__lookalike/{name}", timeout=30)
    policy = answer.headers["Content-Security-Policy"]
    assert (answer.status_code, "script-src 'self';" in policy) == (200, True)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
