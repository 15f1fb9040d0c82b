"""What judges find of servers that are correct or have one defect: `make bench-verify` (ARGS="--sample 20 --seeds 1").

A whole run takes hours: `--only` runs the rows of a table one by one.

There are two catalogues: of the Lead API (`tests/defects`), and of plain documents (`tests/catalogue`). Each server is
served over HTTP, and judged by a process of its own: by `verify` with a target file, which sees answers alone; for the
Lead API by `verify` with the state in sight, too; and by Schemathesis alone, for the Lead API in the strictest
configuration that the document allows, with the state reset before each case, for plain documents with all of its
checks, and then without those that correct servers fail which answer more than is documented. A defect is named if one
of its clauses fails; Schemathesis knows no clauses. A run goes to its end, and its time is that of the whole process.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

from tests.catalogue.documents import SHAPES
from tests.catalogue.members import CORRECT
from tests.catalogue.members import DEFECTS as PLAIN_DEFECTS
from tests.catalogue.ways import Member
from tests.defects.catalogue import DEFECTS
from tests.defects.choices import random_choices
from tests.defects.defect import Defect
from tests.defects.serving import serving
from tests.support.in_process import PARTS, mock
from tests.support.judged import target
from tests.support.schemathesis_passes import DOCUMENT, KNOWN, RESET_BEFORE_EACH_CASE, configuration, toml
from tests.support.servers.serving import serving as serving_plain

ANSWERS, STATE, ALONE = "verify, from answers", "verify, state in sight", "Schemathesis alone"
LENIENT = "Schemathesis, fewer checks"
# Documents leave out statuses of refusals, and answers to methods that they do not have.
_OF_STRICT_DOCUMENTS = "status_code_conformance,positive_data_acceptance,unsupported_method"
_PATIENCE = 600.0  # seconds
_CORRECT_LEAD_SERVERS = 60  # each with random choices: no reading has more choices

Subject = TypeVar("Subject")


class Verdict(NamedTuple):
    """The exit code of a judge, and the clauses that failed."""

    exit_code: int
    failed: frozenset[str]


class Found(NamedTuple):
    """Whether a judge accused a server, whether it named one of its clauses, and how long it took, in seconds."""

    accused: bool
    named: bool
    seconds: float


# Takes a URL, the document (empty for the Lead API), a folder of its own, and further options.
Judge = Callable[[str, str, Path, tuple[str, ...]], Verdict]


# --- The servers ---


@contextmanager
def lead_server(subject: "Defect | int") -> Iterator[str]:
    """The URL of a server of the Lead API with a defect, or a correct one with the random choices of a number."""
    server = mock(random_choices(subject)) if isinstance(subject, int) else subject.server()
    server.credentials = PARTS.credentials
    with serving(server) as url:
        yield url


@contextmanager
def plain_server(member: Member) -> Iterator[str]:
    """The URL of a server of the catalogue of plain documents."""
    with serving_plain(member.server()) as url:
        yield url


# --- The judges ---


def verify_answers(url: str, shape: str, folder: Path, options: tuple[str, ...]) -> Verdict:
    """`verify` with a target file."""
    if shape:
        (folder / "openapi.json").write_text(json.dumps(SHAPES[shape].document))
        (folder / "target.yaml").write_text(SHAPES[shape].target)
        return _verify(folder, url, "openapi.json", "--target", "target.yaml", *options)
    known = target(owned=4)
    pool, tokens = known.usable["lead"], known.credentials["bearerAuth"]
    owned = [{field: lead[field] for field in ("contact_number", "country_code")} for lead in pool.owned]
    told = {
        "credentials": {"bearerAuth": {"valid": tokens.valid, "expired": tokens.expired, "revoked": tokens.revoked}},
        "resources": {"lead": {"owned": owned, "spare": pool.spare, "absent": pool.absent, "tags": pool.tags}},
    }
    (folder / "target.yaml").write_text(json.dumps(told))
    return _verify(folder, url, "lead", "--target", "target.yaml", *options)


def verify_state(url: str, shape: str, folder: Path, options: tuple[str, ...]) -> Verdict:
    """`verify` of a mock, whose state it sees."""
    return _verify(folder, url, *options)


def schemathesis(url: str, shape: str, folder: Path, options: tuple[str, ...]) -> Verdict:
    """Schemathesis, which knows the document alone."""
    if shape:
        (folder / "openapi.json").write_text(json.dumps(SHAPES[shape].document))
        every = ("run", "openapi.json", "--url", url, "--checks", "all", "--mode", "all")
        return Verdict(_run(folder, {}, "schemathesis.cli", *every, *options), frozenset())
    (folder / "schemathesis.toml").write_text(toml({**configuration(KNOWN), "hooks": "resetting"}))
    (folder / "resetting.py").write_text(RESET_BEFORE_EACH_CASE)
    environment = {"RESET": f"{url}/__lookalike/reset", "PYTHONPATH": str(folder)}
    code = _run(folder, environment, "schemathesis.cli", "run", str(DOCUMENT), "--url", url, *options)
    return Verdict(code, frozenset())


def schemathesis_leniently(url: str, shape: str, folder: Path, options: tuple[str, ...]) -> Verdict:
    """Schemathesis without the checks that hold only where a document has all that a server answers."""
    return schemathesis(url, shape, folder, ("--exclude-checks", _OF_STRICT_DOCUMENTS, *options))


def _verify(folder: Path, *options: str) -> Verdict:
    files = ("--report", "json=report.json", "--journal", "journal.jsonl")
    code = _run(folder, {}, "lookalike", "verify", *options, *files)
    report = json.loads((folder / "report.json").read_text())
    return Verdict(code, frozenset(one["clause"] for one in report["failures"]))


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


LEAD_JUDGES: Mapping[str, Judge] = {ANSWERS: verify_answers, STATE: verify_state, ALONE: schemathesis}
PLAIN_JUDGES: Mapping[str, Judge] = {ANSWERS: verify_answers, ALONE: schemathesis, LENIENT: schemathesis_leniently}
UNTIL_FIRST = {ANSWERS: ("--exit-first",), STATE: ("--exit-first",), ALONE: ("--max-failures", "1")}


# --- The table ---


def found(judge: Judge, url: str, shape: str, clauses: Sequence[str], options: tuple[str, ...]) -> Found:
    """What a judge finds of a server."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        verdict = judge(url, shape, Path(folder), options)
        seconds = time.perf_counter() - start
    return Found(verdict.exit_code == 1, not verdict.failed.isdisjoint(clauses), seconds)


def first_found(defect: Defect, name: str) -> Found:
    """What a judge finds of a defect of the Lead API in a run that ends with its first failure."""
    with lead_server(defect) as url:
        return found(LEAD_JUDGES[name], url, "", defect.clauses, UNTIL_FIRST[name])


def row(document: str, name: str, correct: Sequence[Found], defects: Sequence[Found]) -> str:
    """A row of the table."""
    named = sum(one.named for one in defects)
    cells = (
        f"{sum(one.accused for one in correct)} of {len(correct)}",
        f"{sum(one.accused for one in defects)} of {len(defects)}",
        "-" if name in {ALONE, LENIENT} else str(named),
        f"{median(one.seconds for one in (*correct, *defects)):.1f}",
    )
    return f"| {' | '.join((document, name, *cells))} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=20, help="so many servers of each kind, drawn at random; 0: all")
    parser.add_argument("--seeds", type=int, default=1, help="judge each server with so many seeds")
    parser.add_argument("--only", default="", help="only rows with this text, such as plain or Schemathesis")
    chosen = parser.parse_args()

    def judges(document: str, every: Mapping[str, Judge]) -> list[tuple[str, Judge]]:
        return [(name, judge) for name, judge in every.items() if chosen.only in f"{document}, {name}"]

    def sample(every: Sequence[Subject]) -> list[Subject]:
        pick = random.Random(chosen.sample)  # noqa: S311  # a sample that anyone can draw again
        return pick.sample(every, min(chosen.sample or len(every), len(every)))

    def of_lead(judge: Judge, subject: Defect | int, seed: int) -> Found:
        with lead_server(subject) as url:
            return found(judge, url, "", () if isinstance(subject, int) else subject.clauses, ("--seed", str(seed)))

    def of_plain(judge: Judge, member: Member, seed: int) -> Found:
        with plain_server(member) as url:
            return found(judge, url, member.shape, member.clauses, ("--seed", str(seed)))

    seeds = range(1, chosen.seeds + 1)
    print("| documents | judge | correct servers accused | defects found | named | median time of a run, s |")
    print(f"|{' --- |' * 6}")
    choices, shown = sample(range(_CORRECT_LEAD_SERVERS)), sample([one for one in DEFECTS if one.visible])
    for name, judge in judges("Lead API", LEAD_JUDGES):
        correct = [of_lead(judge, number, seed) for number in choices for seed in seeds]
        defects = [of_lead(judge, one, seed) for one in shown for seed in seeds]
        print(row("Lead API", name, correct, defects), flush=True)
    members, wrong = sample(CORRECT), sample(PLAIN_DEFECTS)
    for name, judge in judges("plain", PLAIN_JUDGES):
        correct = [of_plain(judge, one, seed) for one in members for seed in seeds]
        defects = [of_plain(judge, one, seed) for one in wrong for seed in seeds]
        print(row("plain", name, correct, defects), flush=True)


if __name__ == "__main__":
    main()
