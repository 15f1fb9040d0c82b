"""The console, as a browser shows it, and the access to its files."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
import requests
from playwright.sync_api import Browser, Page, expect

import lookalike
from lookalike.reports.as_json import as_json
from lookalike.server.control.access import CONSOLE
from lookalike.server.serve import MockServer
from tests.support.accessibility import serious_barriers
from tests.support.paths import FIXTURES, ROOT
from tests.support.running import PATIENCE
from tests.support.sample_report import REPORT

PETS = FIXTURES / "contracts" / "pets" / "openapi.yaml"
HOSTILE = "<img src=x onerror=document.title='hurt'><script>document.title='hurt'</script>"
SINCE = "2026-01-01T00:00:00Z"
REX = {"name": "Rex", "kind": "dog"}


@pytest.fixture(scope="module")
def contract() -> lookalike.Contract:
    return lookalike.load(PETS)


@pytest.fixture
def server(contract: lookalike.Contract) -> Iterator[MockServer]:
    with lookalike.Mock(contract).serve() as server:
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
    page.get_by_label("Filter").fill("get limit=1")
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
    other.get_by_label("Sandbox", exact=True).fill("one")
    other.get_by_label("Sandbox", exact=True).press("Tab")
    expect(other.locator("#entries tr")).to_have_count(1)
    other.close()


def test_exchanges_that_come_disturb_neither_the_focus_nor_what_is_being_written(
    server: MockServer, page: Page
) -> None:
    requests.get(f"{server.url}/pets/1")
    page.goto(console_of(server))
    page.get_by_label("Sandbox", exact=True).press_sequentially("one ")
    requests.get(f"{server.url}/pets/2")
    expect(page.locator("#entries tr")).to_have_count(2)
    expect(page.get_by_label("Sandbox", exact=True)).to_have_value("one default")
    page.get_by_label("Sandbox", exact=True).fill("default")
    page.get_by_role("button", name="GET /api/pets/1").focus()
    requests.get(f"{server.url}/pets")
    expect(page.locator("#entries tr")).to_have_count(3)
    expect(page.get_by_role("button", name="GET /api/pets/1")).to_be_focused()


def test_an_item_past_those_of_the_table_is_found_and_its_draft_kept_while_another_view_is_open(
    server: MockServer, page: Page
) -> None:
    requests.post(f"{console_of(server)}populate", json={"count": 600})
    last = {"id": 9001, "name": "Zebra", "kind": "bird", "created_at": SINCE}
    requests.put(f"{console_of(server)}state/pet/9001", json=last)
    open_view(page, server, "State")
    page.get_by_label("Find").fill("zebra")
    page.get_by_role("button", name="Edit 601").click()
    page.get_by_role("textbox", name="name", exact=True).fill("Zoe")
    page.get_by_role("button", name="Clock").click()
    page.get_by_role("button", name="State", exact=True).click()
    expect(page.get_by_role("textbox", name="name", exact=True)).to_have_value("Zoe")


def test_a_request_is_sent_again_with_another_body(server: MockServer, page: Page) -> None:
    requests.post(f"{server.url}/pets", json=REX)
    page.goto(console_of(server))
    page.locator("#entries button").first.click()
    page.get_by_role("textbox", name="Body").fill('{"name": "Max", "kind": "cat"}')
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


def open_view(page: Page, server: MockServer, view: str) -> None:
    page.goto(console_of(server))
    expect(page.get_by_role("heading", name="(mock)")).to_be_visible()
    page.get_by_role("navigation").get_by_role("button", name=view, exact=True).click()


def test_an_exchange_shows_the_offending_part_the_document_and_the_state_before_and_after(
    server: MockServer, page: Page
) -> None:
    requests.post(f"{server.url}/pets", json={"name": "Rex", "kind": 3})
    requests.patch(f"{server.url}/pets/1", json={"name": "Mia"})
    requests.get(f"{server.url}/pets?limit=abc")
    page.goto(console_of(server))
    shown = page.locator("#exchange")
    page.get_by_role("button", name="POST /api/pets").click()
    expect(shown.locator("mark")).to_have_text("3")
    expect(shown).to_contain_text("Add a pet.")
    page.get_by_role("button", name="PATCH /api/pets/1").click()
    expect(shown.get_by_role("row", name="name")).to_have_text('name"Minka""Mia"')
    expect(shown).to_contain_text("State: pet 1 was changed")
    page.get_by_role("button", name="GET /api/pets?limit=abc").click()
    expect(shown.locator("pre mark")).to_have_text("limit=abc")


def test_an_exchange_is_copied_as_commands_that_send_it_again(server: MockServer, page: Page, tmp_path: Path) -> None:
    requests.post(f"{server.url}/pets", json={"name": "D'Arcy", "kind": "dog"})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(console_of(server))
    page.locator("#entries button").first.click()
    copied = {}
    for name in ("curl", "fetch", "Python"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("#done")).to_have_text(f"{name}: copied.")
        copied[name] = page.evaluate("navigator.clipboard.readText()")
    subprocess.run(["sh", "-c", copied["curl"]], check=True, capture_output=True, timeout=PATIENCE)
    subprocess.run([sys.executable, "-c", copied["Python"]], check=True, timeout=PATIENCE)
    page.evaluate(f"(async () => {{ {copied['fetch']} }})()")
    names = [pet["name"] for pet in requests.get(f"{server.url}/pets").json()["data"]]
    assert names == ["Minka", "Bello", *["D'Arcy"] * 4]


def test_events_that_a_proxy_holds_back_are_replaced_by_looks_each_second(server: MockServer, page: Page) -> None:
    page.route("**/journal/events", lambda route: None)  # as if its answer never came
    page.clock.install()
    page.goto(console_of(server))
    expect(page.get_by_role("heading", name="Pets (mock)")).to_be_visible()
    page.clock.fast_forward(5000)
    expect(page.locator("#live")).to_contain_text("Every second")
    requests.get(f"{server.url}/pets/1")
    expect(page.locator("#entries tr")).to_have_count(1)


def test_the_page_follows_the_journal_only_while_it_shows_it(server: MockServer, page: Page) -> None:
    page.goto(console_of(server))
    expect(page.locator("#live")).to_have_text("Live")
    requests.get(f"{server.url}/pets/1")
    expect(page.locator("#entries tr")).to_have_count(1)
    requests.delete(f"{console_of(server)}journal")
    expect(page.locator("#entries tr")).to_have_count(0)
    page.get_by_role("button", name="Clock").click()
    expect(page.locator("#live")).to_be_empty()


def test_an_item_is_changed_by_a_form_of_its_schema_and_numbers_keep_every_digit(
    server: MockServer, page: Page
) -> None:
    requests.patch(f"{console_of(server)}state/pet/2", data='{"tag": 12345678901234567890}')
    open_view(page, server, "State")
    page.get_by_role("button", name="Edit 1").click()
    page.get_by_role("textbox", name="name", exact=True).fill("Mia")
    page.get_by_role("combobox", name="kind").select_option("dog")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#items")).to_contain_text("Mia")
    changed, other = requests.get(f"{console_of(server)}state/pet").json()
    assert (changed["name"], changed["kind"]) == ("Mia", "dog")
    assert other["tag"] == 12345678901234567890
    page.get_by_role("button", name="Edit 1").click()
    page.get_by_label("As JSON").fill('{"name": ')
    expect(page.locator("#item-syntax")).to_contain_text("JSON")


def test_an_item_is_found_and_changed_by_the_keyboard_alone(server: MockServer, page: Page) -> None:
    open_view(page, server, "State")
    page.get_by_label("Find").focus()
    page.keyboard.type("bello")
    expect(page.locator("#items tbody tr:visible")).to_have_count(1)
    for key in ("Tab", "Tab", "Enter"):  # over the table, which scrolls, to its button
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="pet 2")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Kira")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#item")).to_have_text("Saved.")
    expect(page.get_by_label("Find")).to_be_focused()  # since the item is not called Bello any more
    assert requests.get(f"{server.url}/pets/2").json()["name"] == "Kira"


def test_items_are_generated(server: MockServer, page: Page) -> None:
    open_view(page, server, "State")
    page.get_by_label("Items of each resource").fill("5")
    page.get_by_role("button", name="Populate").click()
    expect(page.locator("#items tbody tr")).to_have_count(5)


def test_faults_are_added_by_a_form_as_json_and_by_profiles(server: MockServer, page: Page) -> None:
    open_view(page, server, "Faults")
    page.get_by_label("For", exact=True).select_option("listPets")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#rules")).to_contain_text('{"operation":"listPets","status":503}')
    assert requests.get(f"{server.url}/pets").status_code == 503
    assert requests.get(f"{server.url}/pets/1").status_code == 200
    page.get_by_label("Rule (JSON)").fill('{"status": 42}')
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("status")
    page.get_by_role("button", name="slow").click()
    expect(page.locator("#rules tbody tr")).to_have_count(2)
    page.get_by_role("button", name="No faults").click()
    expect(page.locator("#rules")).to_contain_text("No fault is in force.")
    assert requests.get(f"{server.url}/pets").status_code == 200


def test_the_clock_is_set_moved_and_stopped(server: MockServer, page: Page) -> None:
    open_view(page, server, "Clock")
    page.get_by_role("button", name="Stop it").click()
    expect(page.locator("#how")).to_have_text("The clock stands still.")
    page.get_by_label("Time (UTC)").fill("2030-01-01T00:00:00")
    page.get_by_role("button", name="Set it").click()
    expect(page.locator("#now")).to_have_text("2030-01-01T00:00:00.000Z")
    page.get_by_role("button", name="Move it").click()
    expect(page.locator("#now")).to_have_text("2030-01-01T01:00:00.000Z")
    page.get_by_role("button", name="Real time").click()
    expect(page.locator("#how")).to_have_text("The clock shows the real time.")


def test_tokens_are_copied_and_minted(page: Page) -> None:
    with lookalike.Mock(lookalike.load(ROOT / "openapi.yaml")).serve() as server:
        open_view(page, server, "Tokens")
        expect(page.locator("#credentials")).to_contain_text("tok-expired")
        page.get_by_label("Subject").fill("ana")
        page.get_by_role("button", name="Mint").click()
        token = page.locator("#minted-token").inner_text()
        page.get_by_label("expired so long ago").check()
        page.get_by_role("button", name="Mint").click()
        expect(page.locator("#minted-token")).not_to_have_text(token)
        expired = page.locator("#minted-token").inner_text()
    claims = [jwt.decode(one, options={"verify_signature": False}) for one in (token, expired)]
    assert claims[0]["sub"] == "ana"
    assert claims[0]["exp"] > time.time() > claims[1]["exp"]


def test_a_sandbox_is_made_opened_and_deleted(server: MockServer, page: Page) -> None:
    open_view(page, server, "Sandboxes")
    page.get_by_label("New sandbox").fill("demo")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="Open demo").click()
    expect(page.locator("#all-sandboxes")).to_contain_text("demo (shown)")
    page.get_by_role("button", name="Open default").click()
    page.get_by_role("button", name="Delete demo").click()
    expect(page.locator("#all-sandboxes tbody tr")).to_have_count(1)


def test_a_snapshot_is_taken_from_a_file(server: MockServer, page: Page, tmp_path: Path) -> None:
    kept = tmp_path / "my snapshot.json"
    kept.write_text(json.dumps({"items": {"pet": [{"id": 7, "name": "Kea", "kind": "bird", "created_at": SINCE}]}}))
    open_view(page, server, "Snapshots")
    page.get_by_label("From a file").set_input_files(kept)
    page.get_by_role("button", name="Restore my-snapshot").click()
    expect(page.locator("#done")).to_have_text("The state is that of my-snapshot.")
    assert [pet["name"] for pet in requests.get(f"{server.url}/pets").json()["data"]] == ["Kea"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my-snapshot as a file").click()
    assert json.loads(download.value.path().read_text())["items"]["pet"][0]["name"] == "Kea"


def test_a_verdict_is_drawn_and_told_as_text(server: MockServer, page: Page, tmp_path: Path) -> None:
    broken = replace(REPORT, failures=tuple(replace(one, title=HOSTILE, got=HOSTILE) for one in REPORT.failures))
    (tmp_path / "report.json").write_text(as_json(broken))
    open_view(page, server, "Verdict")
    expect(page.locator("#report")).to_contain_text("No report yet")
    page.get_by_label("Report (JSON)").set_input_files(tmp_path / "report.json")
    shown = page.locator("#report")
    expect(shown.get_by_role("heading").first).to_contain_text("violates its document")
    expect(shown.locator("details")).to_have_count(len(broken.failures))
    expect(shown).to_contain_text(HOSTILE)
    expect(shown.get_by_role("img", name="violated").first).to_be_visible()
    assert shown.locator("ol li").count() == sum(len(one.story) for one in broken.failures)
    assert page.locator("main img, main script").count() == 0
    page.reload()
    page.get_by_role("button", name="Verdict").click()
    expect(shown).to_contain_text("violates its document")
    page.get_by_label("Report (JSON)").set_input_files({"name": "a.json", "mimeType": "", "buffer": b"{}"})
    expect(page.get_by_role("alert")).to_contain_text("no report")


# The views, each with an element that is there once it is drawn.
VIEWS = {
    "Journal": "#entries tr",
    "State": "#items tbody tr",
    "Readings": "#readings *",
    "Faults": "#rules tbody tr",
    "Clock": "#now:not(:empty)",
    "Tokens": "#credentials *",
    "Snapshots": "#saved li",
    "Sandboxes": "#all-sandboxes tbody tr",
    "Verdict": "#report details",
}


def test_no_view_has_a_serious_barrier_in_light_or_dark_nor_is_wider_than_a_phone(
    server: MockServer, browser: Browser
) -> None:
    requests.post(f"{server.url}/pets", json={"name": "Rex", "kind": 3})
    requests.put(f"{console_of(server)}faults/busy", json={"status": 503, "every": 2})
    requests.put(f"{console_of(server)}snapshots/one")
    requests.put(f"{console_of(server)}verdict", data=as_json(REPORT))
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(console_of(server))
    page.locator("#entries button").first.click()
    found = {}
    for view, drawn in VIEWS.items():
        page.get_by_role("navigation").get_by_role("button", name=view, exact=True).click()
        page.locator(drawn).first.wait_for()
        if view == "State":
            page.get_by_role("button", name="Edit 1").click()
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        light, dark = serious_barriers(page, "light"), serious_barriers(page, "dark")
        found[view] = (light, dark, max(overflow, 0))
    page.close()
    assert found == dict.fromkeys(VIEWS, ([], [], 0))


@pytest.mark.parametrize("name", sorted(CONSOLE))
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
