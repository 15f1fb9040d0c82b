"""The schedule of a run: which stories are run side by side."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.verify.stories.inferred import stories
from lookalike.verify.stories.schedule import LARGEST, next_batch
from lookalike.verify.stories.story import Story
from tests.catalogue.documents import SHAPES


def batches(contract: Contract) -> Iterator[list[Story]]:
    """The stories of a contract as they are run where the server lets items of every kind be created."""
    left = [*stories(contract)]
    while left:
        batch = next_batch(left, contract.resources, LARGEST)
        yield batch
        left = [story for story in left if story not in batch]


@pytest.mark.parametrize(
    ("shape", "rule"),
    [
        ("notes", "listed-after-create"),
        ("notes", "absent-after-delete"),
        ("orders", "paged-as-asked"),
        ("films", "ordered-as-asked"),
    ],
)
def test_a_story_about_a_list_is_run_beside_none_that_touches_its_items(shape: str, rule: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(SHAPES[shape].document))
    together = [*batches(load_contract(tmp_path / "openapi.json"))]
    assert any(len(batch) > 1 for batch in together)
    found = [(story, batch) for batch in together for story in batch if story.clause.endswith(f".{rule}")]
    assert found
    for story, batch in found:
        others = [one for one in batch if one is not story and (one.touches is None or one.touches & story.watches)]
        assert (bool(story.watches), [one.clause for one in others]) == (True, [])
