"""How many planted defects are found, by what, and how soon: `make bench-verify` (ARGS="--every 1" for all of them).

Each defect is served over HTTP and judged three times, each time by a process of its own: by Schemathesis alone, in the
strictest configuration that the document allows (with the state reset before each case), by
`verify` from answers alone, and by `verify` with the state in sight. A run ends with its first failure; its time is
that of the whole process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.defects.catalogue import DEFECTS
from tests.defects.defect import Defect
from tests.defects.serving import serving
from tests.support.in_process import PARTS
from tests.support.judged import target
from tests.support.schemathesis_passes import DOCUMENT, KNOWN, RESET_BEFORE_EACH_CASE, configuration, toml

ALONE, ANSWERS, STATE = "Schemathesis alone", "verify, from answers", "verify, state in sight"
_PATIENCE = 300.0  # seconds

Judge = Callable[[str, Path], int]


class Judged(NamedTuple):
    """Whether a defect was found, and how long the run took, in seconds."""

    found: bool
    seconds: float


def judged(defect: Defect, name: str) -> Judged:
    """What a judge makes of a defect."""
    server = defect.server()
    server.credentials = PARTS.credentials
    with serving(server) as url, tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        code = JUDGES[name](url, Path(folder))
        return Judged(code == 1, time.perf_counter() - start)


def _schemathesis(url: str, folder: Path) -> int:
    (folder / "schemathesis.toml").write_text(toml({**configuration(KNOWN), "hooks": "resetting"}))
    (folder / "resetting.py").write_text(RESET_BEFORE_EACH_CASE)
    environment = {"RESET": f"{url}/__lookalike/reset", "PYTHONPATH": str(folder)}
    return _run(folder, environment, "schemathesis.cli", "run", str(DOCUMENT), "--url", url, "--max-failures", "1")


def _from_answers(url: str, folder: Path) -> int:
    known = target(owned=4)
    pool, tokens = known.pools["lead"], known.credentials["bearerAuth"]
    owned = [{field: lead[field] for field in ("contact_number", "country_code")} for lead in pool.owned]
    told = {
        "credentials": {"bearerAuth": {"valid": tokens.valid, "expired": tokens.expired, "revoked": tokens.revoked}},
        "resources": {"lead": {"owned": owned, "spare": pool.spare, "absent": pool.absent, "tags": pool.tags}},
    }
    (folder / "target.yaml").write_text(json.dumps(told))
    return _run(folder, {}, "lookalike", "verify", url, "lead", "--target", "target.yaml", "--exit-first")


def _with_state(url: str, folder: Path) -> int:
    return _run(folder, {}, "lookalike", "verify", url, "--exit-first")


def _run(folder: Path, environment: Mapping[str, str], *command: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode not in {0, 1} or b"Traceback" in done.stderr:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}: {done.stdout!r}{done.stderr!r}")
    return done.returncode


JUDGES: Mapping[str, Judge] = {ALONE: _schemathesis, ANSWERS: _from_answers, STATE: _with_state}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=8, help="take every nth defect")
    chosen = list(DEFECTS)[:: parser.parse_args().every]
    shown, hidden = ([one for one in chosen if one.visible is visible] for visible in (True, False))
    results = {name: [judged(defect, name) for defect in (*shown, *hidden)] for name in JUDGES}
    known = [number for number, one in enumerate(results[ALONE]) if one.found]
    head = (
        *("found by", f"shown by answers ({len(shown)})", f"in the state only ({len(hidden)})"),
        *("a defect that it finds, median, s", f"one of the {len(known)} that Schemathesis finds, median, s"),
    )
    print(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for name, every in results.items():
        counts = (_found(every[: len(shown)]), _found(every[len(shown) :]))
        times = (_median([one for one in every if one.found]), _median([every[number] for number in known]))
        print(f"| {name} | {' | '.join(map(str, (*counts, *times)))} |", flush=True)


def _found(every: Sequence[Judged]) -> int:
    return sum(one.found for one in every)


def _median(every: Sequence[Judged]) -> str:
    return f"{median(one.seconds for one in every):.1f}" if every else "-"


if __name__ == "__main__":
    main()
