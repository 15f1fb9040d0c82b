"""How alike a server and the mock of its document answer, before and after a calibration: `make bench-calibrate`.

Five servers of other stacks get 500 random requests each, valid and invalid, and so does the mock
(`tests/independent`). With `--real`, so do servers that others wrote, by their own documents (`tests/real_servers`).
Statuses are compared, and the documented members of successes.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lookalike.contract.reader import load_contract
from tests.independent.calibrating import SERVERS, calibrated, likeness_of, serving
from tests.real_servers.likeness import calibrated as calibrated_by_real
from tests.real_servers.likeness import likeness as real_likeness
from tests.real_servers.likeness import overlays_of, sides, steps_of
from tests.real_servers.servers import SERVERS as REAL_SERVERS
from tests.real_servers.servers import RealServer, Running, started

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
    return written(name, before.statuses, after.statuses, before.members, after.members)


def written(name: str, *shares: float) -> str:
    """A row of the table."""
    return f"| {' | '.join([name, *(f'{share:.1%}'.replace('%', ' %') for share in shares)])} |"


def real_row(server: RealServer, seed: int, count: int) -> str:
    """The row of a real server, which is started anew for each measurement."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile.yaml"
        with fresh(server, folder, "calibrated") as running:
            contract = load_contract(running.document, overlays_of(server))
            code, output = calibrated_by_real(running, Path(folder), profile)
        if not profile.exists():
            raise SystemExit(f"{server.name}: calibrate ended with {code}: {output}")
        found = []
        for way in (None, profile):
            with fresh(server, folder, "before" if way is None else "after") as running:
                real, mock = sides(running, contract, way)
                found.append(real_likeness(real, mock, steps_of(real, seed, count)))
    before, after = found
    return written(server.name, before.statuses, after.statuses, before.members, after.members)


@contextmanager
def fresh(server: RealServer, folder: str, name: str) -> Iterator[Running]:
    """A real server with an empty home of its own."""
    home = Path(folder) / name
    home.mkdir()
    with started(server, home) as running:
        yield running


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=500, help="how many requests each server gets")
    parser.add_argument("--seed", type=int, default=11, help="which requests these are")
    parser.add_argument("--real", nargs="*", metavar="NAME", help="measure real servers instead, by default all")
    chosen = parser.parse_args()
    print(f"{HEAD}\n|{' --- |' * 5}")
    if chosen.real is None:
        for name in SERVERS:
            print(row(name, chosen.seed, chosen.requests), flush=True)
        return
    for server in REAL_SERVERS:
        if server.is_installed and (not chosen.real or server.name in chosen.real):
            print(real_row(server, chosen.seed, chosen.requests), flush=True)


if __name__ == "__main__":
    main()
