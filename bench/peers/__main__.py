"""Measures Lookalike beside its peers and prints one table; ARGS="--quick" for a short run.

On standard error it tells what it does. A JSON file with all samples is written where `--json` says.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from bench.peers import measures
from bench.peers.measures import AIMS, MEASURES, Plan, Run
from bench.peers.processes import DidNotStart
from bench.peers.servers import KINDS, install, missing
from bench.peers.table import Results, markdown, table

QUICK = Plan(rounds=2, seconds=1, warming=0.1, every=60)
FULL = Plan(rounds=5, seconds=4, warming=1.0, every=8)
PARTS: Mapping[str, measures.Part] = {
    "lead": measures.lead_api,
    "large": measures.large_document,
    "leads": measures.many_leads,
    "verify": measures.whole_runs,
    "bugs": measures.planted,
}


def main() -> None:
    """Install what is missing, measure, and print."""
    parser = argparse.ArgumentParser(prog="bench.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 rounds of short windows and short warm-ups: no figures")
    parser.add_argument("--only", metavar="NAME,...", default="", help=", ".join(kind.name for kind in KINDS))
    parser.add_argument("--part", action="append", choices=list(PARTS), help="measure this alone; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples")
    arguments = parser.parse_args()
    wanted = {name.strip().lower() for name in arguments.only.split(",") if name.strip()}
    unknown = wanted - {kind.name.lower() for kind in KINDS}
    if unknown:
        parser.error(f"--only: there is no {', '.join(sorted(unknown))}; there are {', '.join(k.name for k in KINDS)}")
    kinds = [kind for kind in KINDS if not wanted or kind.name.lower() in wanted]
    if packages := missing(kinds):
        sys.exit(f"these Debian packages are missing: {' '.join(packages)}")
    if any(kind.package for kind in kinds):
        install()
    for ending in (signal.SIGINT, signal.SIGTERM):  # the former may be ignored where a shell runs it aside
        signal.signal(ending, _interrupted)

    results, plan = Results(), QUICK if arguments.quick else FULL
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in arguments.part or PARTS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            PARTS[name](Run(kinds, plan, results, folder))
    if arguments.json:
        arguments.json.write_text(json.dumps(results.samples, indent=1))
    print(table(results, MEASURES, [(kind.name, kind.title) for kind in kinds]), end="\n\n")
    print(markdown(["aim", "measured", "reached"], [aim.row(results) for aim in AIMS]), end="\n\n")
    disturbed, all_of_them = results.dropped()
    print(f"{disturbed} of {all_of_them} samples were disturbed and dropped; ~ stands where none was left without.")
    print("An aim whose figures bear it in the table was judged by disturbed samples.")
    if arguments.quick:
        print("A quick run: its figures show that it works, and nothing else.")


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except DidNotStart as error:
        sys.exit(f"a server did not start: {error}")
