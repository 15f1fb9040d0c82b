"""How many planted defects are found, by what, and how soon: `make bench-verify` (ARGS="--every 1" for all of them).

Each defect is served over HTTP and judged three times: by Schemathesis alone, in the strictest configuration that the
document allows (that of `tests/contract`, with the state reset before each case), by `verify` from answers alone, and
by `verify` with the state in sight. A run ends with its first failure.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from lookalike.verify.bench import Options
from tests.contract.passes import DOCUMENT, KNOWN, configuration
from tests.defects.catalogue import DEFECTS
from tests.defects.defect import Defect
from tests.defects.serving import serving
from tests.in_process import PARTS
from tests.judged import judged, judged_mock, target
from tests.test_contract_suite import RESET_BEFORE_EACH_CASE, toml

Judge = Callable[[str], bool]


def schemathesis(url: str) -> bool:
    """Whether Schemathesis alone finds something."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "schemathesis.toml").write_text(toml({**configuration(KNOWN), "hooks": "resetting"}))
        (Path(folder) / "resetting.py").write_text(RESET_BEFORE_EACH_CASE)
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", url, "--max-failures", "1"]
        environment = {**os.environ, "RESET": f"{url}/__lookalike/reset", "PYTHONPATH": folder}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=300, check=False)
    return done.returncode == 1


def from_answers(url: str) -> bool:
    """Whether `verify` finds something without seeing the state."""
    return judged(url, target(owned=4), Options(exit_first=True)).exit_code == 1


def with_state(url: str) -> bool:
    """Whether `verify` finds something where it can read the state."""
    return judged_mock(url, Options(exit_first=True)).exit_code == 1


JUDGES: dict[str, Judge] = {
    "Schemathesis alone": schemathesis,
    "verify, from answers": from_answers,
    "verify, state in sight": with_state,
}


def measured(defects: list[Defect], judge: Judge) -> tuple[int, float]:
    """How many of the defects a judge finds, and its median time for one, in seconds."""
    found, times = 0, []
    for defect in defects:
        server = defect.server()
        server.credentials = PARTS.credentials
        with serving(server) as url:
            start = time.perf_counter()
            found += judge(url)
            times.append(time.perf_counter() - start)
    return found, median(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=8, help="take every nth defect")
    chosen = list(DEFECTS)[:: parser.parse_args().every]
    groups = {
        "shown by answers": [one for one in chosen if one.visible],
        "in the state only": [one for one in chosen if not one.visible],
    }
    print("| found by | " + " | ".join(f"{name} ({len(group)})" for name, group in groups.items()) + " | median, s |")
    print("| --- |" + " --- |" * (len(groups) + 1))
    for name, judge in JUDGES.items():
        results = [measured(group, judge) for group in groups.values()]
        counts = " | ".join(str(found) for found, _ in results)
        print(f"| {name} | {counts} | {median([seconds for _, seconds in results]):.1f} |", flush=True)


if __name__ == "__main__":
    main()
