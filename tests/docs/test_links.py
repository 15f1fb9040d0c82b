"""Links between pages, and to files of the project, lead somewhere."""

from pathlib import Path

import pytest

from tests.docs.pages import anchors, links, page_names
from tests.support.paths import ROOT

OTHERS = ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "bench/README.md", "fixtures/sessions/README.md"]
PAGES = [*page_names(), *OTHERS]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    broken = [f"{page}:{line}: {target}" for target, line in links(page) if not leads_somewhere(page, target)]
    assert broken == []


def leads_somewhere(page: str, target: str) -> bool:
    """Whether a target is another site's, or a file or heading of the project."""
    if target.startswith("https://"):
        return True
    path, _, fragment = target.partition("#")
    file = ((ROOT / page).parent / path).resolve() if path else ROOT / page
    if not file.is_relative_to(ROOT) or not file.exists():
        return False
    return not fragment or fragment in anchors(str(file.relative_to(ROOT)))


@pytest.mark.parametrize(
    "target", ["nowhere.md", "docs/index.md#nowhere", "#nowhere", "http://example.com", "/etc/hosts"]
)
def test_a_link_that_leads_nowhere_is_noticed(target: str) -> None:
    assert not leads_somewhere("README.md", target)


def test_readme_links_to_every_page() -> None:
    linked = {Path(target.partition("#")[0]) for target, _ in links("README.md")}
    assert not [page for page in page_names() if Path(page) not in linked and page != "README.md"]
