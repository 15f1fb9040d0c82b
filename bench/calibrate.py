"""How alike a server and the mock of its document answer, before and after a calibration: `make bench-calibrate`.

Four servers of other stacks get 500 random requests each, valid and invalid, and so does the mock
(`tests/independent`). Statuses are compared, and the documented members of successes.
"""

import argparse
import tempfile
from pathlib import Path

from tests.independent.test_calibrated_servers import SERVERS, calibrated, likeness_of, serving

HEAD = "| server | statuses alike, before | calibrated | documented members alike, before | calibrated |"


def row(name: str, seed: int, count: int) -> str:
    """The row of a server."""
    with tempfile.TemporaryDirectory() as folder:
        with serving(name) as port:
            code, output = calibrated(name, port, Path(folder))
        if code:
            raise SystemExit(f"{name}: calibrate ended with {code}: {output}")
        before = likeness_of(name, None, seed, count)
        after = likeness_of(name, Path(folder) / "profile.yaml", seed, count)
    cells = (before.statuses, after.statuses, before.members, after.members)
    return f"| {' | '.join([name, *(f'{cell:.1%}'.replace('%', ' %') for cell in cells)])} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=500, help="how many requests each server gets")
    parser.add_argument("--seed", type=int, default=11, help="which requests these are")
    chosen = parser.parse_args()
    print(f"{HEAD}\n|{' --- |' * 5}")
    for name in SERVERS:
        print(row(name, chosen.seed, chosen.requests), flush=True)


if __name__ == "__main__":
    main()
