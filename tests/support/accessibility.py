"""The judge of the accessibility of a page: axe-core."""

from importlib.resources import files
from typing import Literal

from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}
RULES = {
    "light": "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})",
    "dark": "axe.run({runOnly: ['color-contrast']})",
}


def serious_barriers(page: Page, scheme: Literal["light", "dark"]) -> list[str]:
    """The rules that a page breaks in a colour scheme; colours are all that differs in the dark one."""
    page.emulate_media(color_scheme=scheme)
    if not page.evaluate("'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    return [one["id"] for one in page.evaluate(RULES[scheme])["violations"] if one["impact"] in SERIOUS]
