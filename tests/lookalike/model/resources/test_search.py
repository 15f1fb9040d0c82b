"""Searches over items by text, by words, and by qualifiers."""

from typing import Any

import pytest

from lookalike.model.resources.search import compile_search

ITEMS: list[dict[str, Any]] = [
    {"id": 1, "name": "Crash at start", "state": "open", "amount": 10, "metadata": {"plan": "gold"}, "tags": ["ui"]},
    {"id": 2, "name": "Crash at end", "state": "closed", "amount": 30, "metadata": {}, "tags": []},
    {"id": 3, "name": "see http://x.example", "state": "open", "amount": None, "metadata": {"plan": "tin"}, "tags": []},
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("crash", [1, 2]),
        ("crash at s", [1]),
        ("name:'Crash at end'", [2]),
        ('state:open name~"crash"', [1]),
        ("crash state:open", [1]),
        ("end crash -state:open", [2]),
        ("metadata['plan']:'gold'", [1]),
        ("metadata.plan:tin OR state:closed", [2, 3]),
        ("tags:UI", [1]),
        ("amount>10 AND amount<=30", [2]),
        ("amount:null", [3]),
        ("crash repo:me/mine", [1, 2]),
        ("start is:issue crash", [1]),
        ("see http://other.example", []),
        ("crash repo:me/mine state:closed", [2]),
        ("http://x.example", [3]),
        ("nothing", []),
    ],
)
def test_a_search_finds_texts_and_qualified_members(text: str, found: list[int]) -> None:
    finds = compile_search(text, ITEMS[0])
    assert [one["id"] for one in ITEMS if finds(one)] == found
