"""The same seed tells the same stories, at any concurrency and with any hash seed."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lookalike.verify.defaults import LAYERS
from tests.support.paths import ROOT
from tests.support.running import PATIENCE
from tests.support.servers.judging import CLAUSES, NOTES, judged, run_here
from tests.support.servers.notes import Item, Notes, with_others
from tests.support.servers.serving import Answer, Asked, serving

CHANCE = random.Random()


class Slow(Notes):
    """A server that takes its time, now more and now less, and whose ids are known by their form."""

    def __call__(self, asked: Asked) -> Answer:
        time.sleep(CHANCE.uniform(0, 0.004))  # so that stories end in another order each time
        return super().__call__(asked)

    def new_id(self, item: Item) -> str:
        return f"key{super().new_id(item)}x"


class Forgetful(Slow):
    """The same, which forgets what was not sent in a change, and fails where a title is long."""

    def change(self, id: str, asked: Asked) -> Answer:
        if id in self.items and self.fits(asked.body, is_part=True):
            self.items[id] = {name: self.items[id][name] for name in ("id", "made", "title")}
        return super().change(id, asked)

    def create(self, asked: Asked) -> Answer:
        title = asked.body.get("title", "") if isinstance(asked.body, dict) else ""
        return Answer(500) if isinstance(title, str) and len(title) > 100 else super().create(asked)


def told(notes: Notes, concurrency: int, hash_seed: str) -> Mapping[str, Any]:
    """The stories of a run in a process of its own, and its report."""
    with serving(with_others(notes)) as url:
        line = [sys.executable, "-m", "tests.support.servers.told", url, str(NOTES), str(concurrency), ",".join(LAYERS)]
        done = subprocess.run(
            line,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=ROOT,
        )
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("made", [Slow, Forgetful])
def test_each_story_sends_the_same_at_concurrency_1_and_4_and_with_any_hash_seed(made: Any) -> None:
    alone, beside = told(made(), 1, "7"), told(made(), 4, "41")
    assert alone["stories"].keys() == beside["stories"].keys()
    for story, requests in alone["stories"].items():
        assert requests == beside["stories"][story], story
    assert alone["report"] == beside["report"]
    assert bool(alone["report"]["failures"]) == (made is Forgetful)


class Racing(Slow):
    """A server that loses a change while more notes are there than a story of its own makes."""

    def change(self, id: str, asked: Asked) -> Answer:
        others = [note for note in self.items if note.startswith("key") and note != id]
        before = dict(self.items.get(id, {}))
        answer = super().change(id, asked)
        if len(others) > 2 and before:
            self.items[id] = before
        return answer


def test_what_shows_only_beside_other_stories_says_so_and_is_replayed_beside_them(tmp_path: Path) -> None:
    target = "{credentials: {}, concurrency: 4}"
    for seed in range(1, 11):  # whether stories meet is a matter of time, also on a machine with other work
        with serving(with_others(Racing())) as url:
            found = judged(url, tmp_path, *CLAUSES, "--seed", str(seed), target=target)
            report = tmp_path / "report.json"
            line = ("replay", str(report), url, str(NOTES), "--target", str(tmp_path / "target.yaml"))
            code, output = run_here(*line, "--journal", str(tmp_path / "journal.jsonl"))
        beside = [one for one in found.report["failures"] if "only beside other stories, 4 at a time" in one["got"]]
        if beside and code == 1:
            break
    assert beside, found.output
    assert {one["recipe"]["concurrency"] for one in beside} == {4}
    assert (code, "still broken" in output) == (1, True)
