"""Links between pages, and to files of the project, lead somewhere."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.pages import anchors, inline_codes, links, page_names
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


# Files and names of the code that pages name without linking to them.

ROOTS = (ROOT, ROOT / "src" / "lookalike", ROOT / "tests", ROOT / "tests" / "support")
CODE = ["docs/develop/architecture.md", "docs/develop/decisions.md", "docs/develop/testing.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = [(code, line) for code, line in inline_codes(page) if re.fullmatch(r"\w[\w./-]*(/|\.(py|md|mjs))", code)]
    roots = (*ROOTS, (ROOT / page).parent)
    missing = [one for one in named if not any((root / one[0]).exists() for root in roots) and not is_a_room(one[0])]
    assert [f"{page}:{line}: {code}" for code, line in missing] == []


def is_a_room(name: str) -> bool:
    """Whether a folder of that name is somewhere in the package."""
    return name.endswith("/") and any((ROOT / "src").rglob(name.removesuffix("/")))


@pytest.mark.parametrize("page", CODE)
def test_every_name_of_the_code_that_a_page_names_exists(page: str) -> None:
    dotted = [code for code, _ in inline_codes(page) if re.fullmatch(r"[a-z_]\w*(\.\w+)*\.[A-Z]\w*(\.\w+)?", code)]
    assert [code for code in dotted if not exists(code)] == []
    assert dotted or page != CODE[0]


def exists(name: str) -> bool:
    """Whether a class, or a method of it, is in a module of the package."""
    module, _, rest = re.sub(r"\.(?=[A-Z])", ":", name, count=1).partition(":")
    try:
        found: object = import_module(f"lookalike.{module}")
    except ModuleNotFoundError:
        return False
    for part in rest.split("."):
        found = getattr(found, part, None)
    return found is not None


def test_readme_links_to_every_page() -> None:
    linked = {Path(target.partition("#")[0]) for target, _ in links("README.md")}
    assert not [page for page in page_names() if Path(page) not in linked and page != "README.md"]
