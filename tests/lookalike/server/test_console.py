"""The console, as a browser shows it, and the access to its files."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

import lookalike
from lookalike.server.serve import MockServer
from tests.docs.reader import chromium
from tests.support.paths import FIXTURES, ROOT

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
HOSTILE = "<img src=x onerror=document.title='hurt'><script>document.title='hurt'</script>"
REX = {"name": "Rex", "kind": "dog"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[MockServer]:
    with lookalike.Mock(lookalike.load(PETS)).serve() as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which no script fails."""
    page = browser.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda message: failures.append(message.text) if "Security Policy" in message.text else None)
    yield page
    page.close()
    assert failures == []


def console_of(server: MockServer, sandbox: str = "") -> str:
    below = f"/__sandbox/{sandbox}" if sandbox else ""
    return f"http://{server.host}:{server.port}{below}/__lookalike/"


def test_the_journal_is_live_and_tells_why_the_mock_answered_so(server: MockServer, page: Page) -> None:
    page.goto(console_of(server))
    expect(page.get_by_role("heading", name="Pets (mock)")).to_be_visible()
    requests.post(f"{server.url}/pets", json={"name": "Rex", "kind": 3})
    requests.get(f"{server.url}/pets?limit=1")
    expect(page.locator("#entries tr")).to_have_count(2)
    page.get_by_role("button", name="POST /api/pets").click()
    shown = page.locator("#exchange")
    expect(shown).to_contain_text("body kind: kind must be a string, not an integer")
    expect(shown).to_contain_text('"name": "Rex"')
    page.get_by_label("Filter").fill("limit=1")
    expect(page.locator("#entries tr")).to_have_count(1)


def test_a_change_of_the_state_changes_what_the_mock_answers_and_a_reset_brings_it_back(
    server: MockServer, page: Page
) -> None:
    page.goto(console_of(server))
    page.get_by_role("button", name="State", exact=True).click()
    page.get_by_role("button", name="Edit 1").click()
    page.get_by_label("As JSON").fill(page.get_by_label("As JSON").input_value().replace("Minka", "Mia"))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#items")).to_contain_text("Mia")
    assert requests.get(f"{server.url}/pets/1").json()["name"] == "Mia"
    page.get_by_role("button", name="Edit 2").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#items tbody tr")).to_have_count(1)
    assert requests.get(f"{server.url}/pets/2").status_code == 404
    page.get_by_role("button", name="Add an item").click()
    page.get_by_label("As JSON").fill('{"id": 9}')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("name is required")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#items")).to_contain_text("Bello")
    assert requests.get(f"{server.url}/pets/1").json()["name"] == "Minka"


def test_an_item_that_somebody_else_changed_is_not_written_over(server: MockServer, page: Page) -> None:
    page.goto(console_of(server))
    page.get_by_role("button", name="State", exact=True).click()
    page.get_by_role("button", name="Edit 1").click()
    requests.patch(f"{server.url}/pets/1", json={"name": "Tom"})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("changed meanwhile")
    assert requests.get(f"{server.url}/pets/1").json()["name"] == "Tom"


def test_what_clients_sent_is_shown_as_text(server: MockServer, page: Page) -> None:
    page.goto(console_of(server))
    requests.post(f"{server.url}/pets?a={HOSTILE}", json={"name": HOSTILE, "kind": "dog"}, headers={"X-A": HOSTILE})
    page.locator("#entries button").first.click()
    expect(page.locator("#exchange")).to_contain_text(HOSTILE)
    page.get_by_role("button", name="State", exact=True).click()
    expect(page.locator("#items")).to_contain_text(HOSTILE)
    page.get_by_role("button", name="Edit 3").click()
    assert page.locator("main img, main script").count() == 0
    assert page.title() == "Lookalike console"


def test_two_tabs_show_two_sandboxes(server: MockServer, page: Page, browser: Browser) -> None:
    requests.post(f"{server.url}/pets", json=REX, headers={"Lookalike-Sandbox": "one"})
    page.goto(console_of(server, "one"))
    expect(page.locator("#entries tr")).to_have_count(1)
    other = browser.new_page()
    other.goto(console_of(server))
    expect(other.get_by_role("heading", name="Pets (mock)")).to_be_visible()
    expect(other.locator("#entries tr")).to_have_count(0)
    other.get_by_label("Sandbox").fill("one")
    other.get_by_label("Sandbox").press("Tab")
    expect(other.locator("#entries tr")).to_have_count(1)
    other.close()


def test_a_request_is_sent_again_with_another_body(server: MockServer, page: Page) -> None:
    requests.post(f"{server.url}/pets", json=REX)
    page.goto(console_of(server))
    page.locator("#entries button").first.click()
    page.get_by_label("Body").fill('{"name": "Max", "kind": "cat"}')
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#entries tr")).to_have_count(2)
    assert [pet["name"] for pet in requests.get(f"{server.url}/pets").json()["data"]][2:] == ["Rex", "Max"]


def test_snapshots_are_saved_and_restored(server: MockServer, page: Page) -> None:
    page.goto(console_of(server))
    page.get_by_role("button", name="Snapshots").click()
    page.get_by_label("Name").fill("before")
    page.get_by_role("button", name="Save the present state").click()
    expect(page.locator("#saved li")).to_have_count(1)
    requests.delete(f"{server.url}/pets/1")
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="State", exact=True).click()
    expect(page.locator("#items")).to_contain_text("Minka")


def test_a_reading_is_switched(page: Page) -> None:
    with lookalike.Mock(lookalike.load(ROOT / "openapi.yaml")).serve() as server:
        page.goto(console_of(server))
        page.get_by_role("button", name="Readings").click()
        with page.expect_response(lambda response: response.request.method != "GET"):
            page.locator("#reading-path-type").select_option("400")
        page.get_by_role("button", name="Journal").click()
        answer = requests.put(
            f"{server.url}/leads/abc/update", json={"lead_data": {}}, headers={"Authorization": "Bearer tok-valid"}
        )
    assert answer.status_code == 400


def test_the_page_asks_for_the_control_token_and_keeps_it_out_of_urls(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with lookalike.Mock(lookalike.load(PETS)).serve(control_token="s3cret-token") as server:
        page.goto(console_of(server))
        expect(page.get_by_role("alert")).to_contain_text("--control-token")
        page.get_by_label("Control token").fill("s3cret-token")
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_role("heading", name="Pets (mock)")).to_be_visible()
        expect(page.get_by_role("alert")).to_be_hidden()
    assert not [url for url in asked if "s3cret" in url]


@pytest.mark.parametrize("name", ["", "console.css", "console.js"])
def test_the_files_are_open_to_all_and_may_run_nothing_of_others(name: str, server: MockServer) -> None:
    # As through a tunnel, which the control API itself does not answer.
    answer = requests.get(console_of(server) + name, headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "http" not in policy
    assert requests.get(console_of(server) + "state", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403


def test_a_mock_without_a_control_api_has_no_console() -> None:
    from lookalike.server.app import create_app
    from lookalike.server.mock_handler import MockOptions

    mock = lookalike.Mock(lookalike.load(PETS))
    client = create_app(mock, MockOptions(control_prefix=None)).test_client()
    assert client.get("/__lookalike/").status_code == 404
