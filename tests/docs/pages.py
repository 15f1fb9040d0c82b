"""The pages of the documentation as values: their code blocks, links and headings, with lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.paths import ROOT

_FILE = re.compile(r"(?:#|//) (\S+\.\w+)\Z")


@dataclass(frozen=True)
class Block:
    """A fenced code block; `line` is that of its fence, `info` the text behind the fence."""

    page: str
    line: int
    info: str
    text: str

    @property
    def language(self) -> str:
        """The language, or a directive of Sphinx in braces, or nothing."""
        return self.info.partition(" ")[0]

    @property
    def file(self) -> str | None:
        """The name of the file that the block shows, which a comment in its first line gives."""
        named = _FILE.match(self.text.partition("\n")[0])
        return named[1] if named else None

    @property
    def place(self) -> str:
        """The place to look at when the block is wrong."""
        return f"{self.page}:{self.line}"


def page_names() -> list[str]:
    """README.md and every page below docs/, relative to the root of the project."""
    return ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]


@cache
def tokens(page: str) -> tuple[Token, ...]:
    """The page as tokens of CommonMark with tables."""
    return tuple(MarkdownIt().enable("table").parse((ROOT / page).read_text(encoding="utf-8")))


def blocks(page: str) -> list[Block]:
    """The fenced code blocks of a page in order; indented code is not used, so that no block goes unseen."""
    assert not [token for token in tokens(page) if token.type == "code_block"], f"{page} has indented code"
    return [
        Block(page, (token.map or [0])[0] + 1, token.info.strip(), token.content)
        for token in tokens(page)
        if token.type == "fence"
    ]


def inline(page: str, kind: str) -> Iterator[tuple[Token, int]]:
    """The inline tokens of a kind, with the line of the paragraph, heading or table row that they are in."""
    for token in tokens(page):
        for child in token.children or ():
            if child.type == kind:
                yield child, (token.map or [0])[0] + 1


def inline_codes(page: str) -> list[tuple[str, int]]:
    """The code spans of a page, each with its line."""
    return [(token.content, line) for token, line in inline(page, "code_inline")]


def links(page: str) -> list[tuple[str, int]]:
    """The targets of links and images, each with its line."""
    found = [(str(token.attrGet("href")), line) for token, line in inline(page, "link_open")]
    return found + [(str(token.attrGet("src")), line) for token, line in inline(page, "image")]


def anchors(page: str) -> set[str]:
    """The fragments that lead to the headings of a page, as GitHub and MyST make them."""
    found = tokens(page)
    titles = [found[index + 1].children or [] for index, token in enumerate(found) if token.type == "heading_open"]
    return {_slug("".join(child.content for child in title)) for title in titles}


def _slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
