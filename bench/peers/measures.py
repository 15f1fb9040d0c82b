"""What is measured, in which order, and what is aimed at."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.peers.contract import AGAIN, CASES, LEAD, MIX, REFUSED, TOKEN, VALID, Sent, large, middle, wrong
from bench.peers.load import script, watched, wrk
from bench.peers.processes import DidNotStart, Server, running
from bench.peers.servers import ROOT, Command, Kind, leads, lookalike
from bench.peers.table import Aim, Results, ratio
from bench.verify import ALONE, ANSWERS, first_found
from lookalike.openapi.yaml_text import to_yaml
from tests.defects.catalogue import DEFECTS

US = "Lookalike"
FEW = 1
MANY = 1_000
LEADS = 1_000_000


class Plan(NamedTuple):
    """How long it takes: windows in seconds, `warming`, by which each warm-up is multiplied, every nth planted bug."""

    rounds: int
    seconds: int
    warming: float
    every: int


class Run(NamedTuple):
    """What is run: which servers, how long, where samples are kept, and a folder for what is written."""

    kinds: list[Kind]
    plan: Plan
    results: Results
    folder: Path

    @property
    def ours(self) -> Kind | None:
        """Lookalike, if it is among them."""
        return next((kind for kind in self.kinds if kind.name == US), None)


Part = Callable[[Run], None]


class Work(NamedTuple):
    """A load: what wrk sends, over how many connections, and the measures that it is told as."""

    requests: Sequence[Sent]
    connections: int
    rate: str
    p99: str = ""
    failed: str = ""


def _renamed(at: int) -> dict[str, object]:
    return {"add_tags": [101, 102], "remove_tags": [103], "lead_data": {"name": f"Asha {at}"}}


ONE = Work(VALID, 1, "PUT, 1 connection, requests/s", "PUT, 1 connection, p99 ms", "PUTs not answered 2xx")
PUT = Work(VALID, 32, "PUT, 32 connections, requests/s", "PUT, 32 connections, p99 ms", "PUTs not answered 2xx")
MIXED = Work(MIX, 32, "mix, 32 connections, requests/s", "mix, 32 connections, p99 ms")
REFUSALS = {status: Work([REFUSED[status]], 32, f"{status} alone, 32 connections, requests/s") for status in REFUSED}
# More bodies than Lookalike remembers, each of which comes again only when it is forgotten.
NEW = Work(
    [Sent(LEAD, json.dumps(_renamed(at))) for at in range(5_000)], 32, "PUT, each body new, 32 connections, requests/s"
)
OURS = (*REFUSALS.values(), NEW)
START, MEMORY = "start to first correct answer, s", "memory after load, MiB"
RIGHT, REMEMBERED = f"right, of {len(CASES)} requests", f"a move nobody configured, of {len(AGAIN)}"
DOCUMENT = {
    FEW: Work([middle(FEW)], 32, "1 operation: requests/s"),
    MANY: Work([middle(MANY)], 32, "1,000 operations: requests/s in the middle"),
}
LARGE_START, LARGE_YAML = "1,000 operations: start from JSON, s", "1,000 operations: start from YAML, s"
LARGE_MEMORY = "1,000 operations: memory after load, MiB"
LEADS_START, LEADS_MEMORY = "1,000,000 leads: start, s", "1,000,000 leads: memory for each, KiB"
LEADS_RATE, LEADS_FEW = "1,000,000 leads: requests/s", "2 leads, in turn with them: requests/s"
VERIFY, SCHEMATHESIS = "verify, whole run, s", "plain Schemathesis, whole run, s"
PLANTED, PLANTED_ALONE = "a planted bug that Schemathesis finds: verify, s", "the same bug: Schemathesis, s"
PLANTED_FOUND, FOUND_ALONE = "planted bugs found by verify", "planted bugs found by Schemathesis"
ENDS = {VERIFY: {0}, SCHEMATHESIS: {0, 1}}  # Schemathesis may find fault with what a reading decided

MEASURES = (
    *(RIGHT, REMEMBERED, START, MEMORY, ONE.rate, ONE.p99, PUT.rate, PUT.p99, PUT.failed, MIXED.rate, MIXED.p99),
    *(work.rate for work in OURS),
    *(LARGE_START, LARGE_YAML, LARGE_MEMORY, DOCUMENT[FEW].rate, DOCUMENT[MANY].rate),
    *(LEADS_START, LEADS_MEMORY, LEADS_FEW, LEADS_RATE, VERIFY, SCHEMATHESIS),
    *(PLANTED_FOUND, FOUND_ALONE, PLANTED, PLANTED_ALONE),
)

PEERS = ("WireMock", "Prism", "Specmatic", "Mockoon", "Scalar")


def _best_p99(results: Results) -> float | None:
    ours = results.median(PUT.p99, US)
    peers = [value for peer in PEERS if (value := results.median(PUT.p99, peer))]
    return ours / min(peers) if ours is not None and peers else None


def _median(measure: str) -> Callable[[Results], float | None]:
    return lambda results: results.median(measure, US)


def _within(measure: str, other: str) -> Callable[[Results], float | None]:
    return ratio((measure, US), (other, US))


AIMS = (
    Aim("right, of 17: all", _median(RIGHT), len(CASES)),
    Aim("requests/s at 32: >= 1.5 x WireMock", ratio((PUT.rate, US), (PUT.rate, "WireMock")), 1.5),
    Aim("requests/s at 32: >= 8 x Prism", ratio((PUT.rate, US), (PUT.rate, "Prism")), 8),
    Aim("requests/s at 1: >= 0.55 x WireMock", ratio((ONE.rate, US), (ONE.rate, "WireMock")), 0.55),
    Aim("requests/s at 1: >= 3 x Prism", ratio((ONE.rate, US), (ONE.rate, "Prism")), 3),
    Aim("p99 at 32: <= 0.25 x the best peer's", _best_p99, 0.25, at_least=False),
    Aim("401: >= 0.8 x the 201's rate", _within(REFUSALS[401].rate, PUT.rate), 0.8),
    Aim("404: >= 0.8 x the 201's rate", _within(REFUSALS[404].rate, PUT.rate), 0.8),
    Aim("400: >= 0.6 x the 201's rate", _within(REFUSALS[400].rate, PUT.rate), 0.6),
    Aim("start: <= 0.35 s", _median(START), 0.35, at_least=False),
    Aim("memory after load: <= 80 MiB", _median(MEMORY), 80, at_least=False),
    Aim("1,000 operations: start <= 1 s from JSON", _median(LARGE_START), 1, at_least=False),
    Aim("1,000 operations: start <= 2.5 s from YAML", _median(LARGE_YAML), 2.5, at_least=False),
    Aim("1,000 operations: rate >= 0.9 x one operation's", _within(DOCUMENT[MANY].rate, DOCUMENT[FEW].rate), 0.9),
    Aim("1,000,000 leads: start <= 10 s", _median(LEADS_START), 10, at_least=False),
    Aim("1,000,000 leads: <= 1 KiB each", _median(LEADS_MEMORY), 1, at_least=False),
    Aim("1,000,000 leads: rate >= 0.8 x two leads'", _within(LEADS_RATE, LEADS_FEW), 0.8),
    Aim("verify: <= 8 s", _median(VERIFY), 8, at_least=False),
    Aim("a planted bug: <= 0.5 x Schemathesis's time", _within(PLANTED, PLANTED_ALONE), 0.5, at_least=False),
)


def lead_api(run: Run) -> None:
    """The Lead API: starts one at a time, then all servers side by side, warmed, each window in turn."""
    commands = {kind: kind.lead(_inside(run.folder, kind.name)) for kind in run.kinds}
    for at in range(run.plan.rounds):
        for kind, command in commands.items():
            with _started(run, kind.name, command, VALID[0], START) as server:
                if server and not at:
                    run.results.add(RIGHT, kind.name, len(CASES) - len(_told(kind, wrong(server.port, CASES))))
                    run.results.add(REMEMBERED, kind.name, len(AGAIN) - len(_told(kind, wrong(server.port, AGAIN))))
    with ExitStack() as stack:
        servers = {
            kind: stack.enter_context(running(command, VALID[0]))
            for kind, command in commands.items()
            if run.results.of(START, kind.name)
        }
        for kind, server in servers.items():
            _warm(run, server, [PUT, MIXED], kind.warm_up * run.plan.warming)
        for _ in range(run.plan.rounds):
            for work in (ONE, PUT, MIXED, *OURS):
                for kind, server in servers.items():
                    if kind.name == US or work not in OURS:
                        _load(run, kind.name, server, work)
        for kind, server in servers.items():
            run.results.add(MEMORY, kind.name, server.memory)


def large_document(run: Run) -> None:
    """A document of 1,000 operations, and for Lookalike one of a single operation in turn with it."""
    written = {size: run.folder / f"{size}.json" for size in (FEW, MANY)}
    for size, path in written.items():
        path.write_text(json.dumps(large(size)))
    yaml = run.folder / f"{MANY}.yaml"
    yaml.write_text(to_yaml(large(MANY)))
    many, few = DOCUMENT[MANY], DOCUMENT[FEW]
    for _ in range(min(run.plan.rounds, 3)):
        for kind in run.kinds:
            if not kind.document:
                continue
            with ExitStack() as stack:
                start = _started(run, kind.name, kind.document(written[MANY]), many.requests[0], LARGE_START)
                server = stack.enter_context(start)
                if not server:
                    continue
                loads = [(server, many)]
                if kind.name == US:
                    small = stack.enter_context(running(kind.document(written[FEW]), few.requests[0]))
                    loads.append((small, few))
                for one, work in loads:
                    _warm(run, one, [work], kind.warm_up * run.plan.warming / 5)
                for one, work in loads:
                    _load(run, kind.name, one, work)
                run.results.add(LARGE_MEMORY, kind.name, server.memory)
            if kind.name == US:
                with _started(run, kind.name, kind.document(yaml), many.requests[0], LARGE_YAML):
                    pass


def many_leads(run: Run) -> None:
    """A million leads, of which a thousand are changed; beside a mock that has two, in turn."""
    if not (ours := run.ours):
        return
    first = 6_000_000_000
    data = run.folder / "leads.json"
    data.write_text(json.dumps(leads(dict.fromkeys((LEAD, *range(first, first + LEADS)), (103,)))))
    changed = [Sent(first + at * (LEADS // 1000), json.dumps(_renamed(at))) for at in range(1000)]
    many, few = Work(changed, 32, LEADS_RATE), Work([sent._replace(number=LEAD) for sent in changed], 32, LEADS_FEW)
    with (
        _started(run, US, lookalike(data), VALID[0], LEADS_START) as server,
        running(ours.lead(_inside(run.folder, "few")), VALID[0]) as small,
    ):
        if not server:
            return
        run.results.add(LEADS_MEMORY, US, (server.memory - small.memory) * 1024 / LEADS)
        for one, work in ((server, many), (small, few)):
            _warm(run, one, [work], ours.warm_up * run.plan.warming)
        for _ in range(run.plan.rounds):
            for one, work in ((server, many), (small, few)):
                _load(run, US, one, work)


def whole_runs(run: Run) -> None:
    """A run of `verify` with its defaults and one of Schemathesis with its own, against the bundled mock."""
    if not run.ours:
        return
    header = f"Authorization: Bearer {TOKEN}"
    commands = {
        VERIFY: ["lookalike", "verify", "URL"],
        SCHEMATHESIS: ["schemathesis.cli", "run", str(ROOT / "openapi.yaml"), "--url", "URL", "--header", header],
    }
    for _ in range(min(run.plan.rounds, 3)):
        for measure, arguments in commands.items():
            with (
                running(lookalike(ROOT / "fixtures" / "leads.yaml"), _BUNDLED) as server,
                watched(server.session) as watch,
            ):
                url = f"http://127.0.0.1:{server.port}"
                command = [sys.executable, "-m", *(url if one == "URL" else one for one in arguments)]
                done = subprocess.run(command, cwd=run.folder, capture_output=True, text=True, check=False)
            if done.returncode in ENDS[measure]:
                run.results.add(measure, US, watch.seconds, watch.disturbed)
            else:
                _say(f"{measure}: exit code {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}")


def planted(run: Run) -> None:
    """How soon `verify` and Schemathesis find a planted bug, of those that Schemathesis finds at all, from answers."""
    if not run.ours:
        return
    found = {ANSWERS: 0, ALONE: 0}
    for bug in [bug for bug in DEFECTS if bug.visible][:: run.plan.every]:
        runs = {}
        for judge in found:
            with watched() as watch:
                one = first_found(bug, judge)
            runs[judge] = one, watch.disturbed
            found[judge] += one.accused
        if runs[ALONE][0].accused:
            for judge, measure in ((ANSWERS, PLANTED), (ALONE, PLANTED_ALONE)):
                run.results.add(measure, US, runs[judge][0].seconds, runs[judge][1])
    run.results.add(PLANTED_FOUND, US, found[ANSWERS])
    run.results.add(FOUND_ALONE, US, found[ALONE])


_BUNDLED = Sent(9876543210, json.dumps(_renamed(0)))


@contextmanager
def _started(run: Run, name: str, command: Command, first: Sent, measure: str) -> Iterator[Server | None]:
    """A server whose start is measured; nothing where it did not start, which is told."""
    with ExitStack() as stack:
        server = None
        with watched() as watch:
            try:
                server = stack.enter_context(running(command, first))
                watch.sessions.append(server.session)
            except DidNotStart as error:
                _say(f"{name} did not start: {error}")
        if server:
            run.results.add(measure, name, watch.seconds, watch.disturbed)
        yield server


def _warm(run: Run, server: Server, works: Sequence[Work], seconds: float) -> None:
    for work in works:
        wrk(server.port, _script(run, work), work.connections, max(1, round(seconds / len(works))))


def _load(run: Run, name: str, server: Server, work: Work) -> None:
    with watched(server.session) as watch:
        load = wrk(server.port, _script(run, work), work.connections, run.plan.seconds)
    run.results.add(work.rate, name, load.rate, watch.disturbed)
    if work.p99:
        run.results.add(work.p99, name, load.p99, watch.disturbed)
    if work.failed:
        run.results.add(work.failed, name, load.refused + load.broken)


def _script(run: Run, work: Work) -> Path:
    path = run.folder / f"{''.join(filter(str.isalnum, work.rate))}.lua"
    path.write_text(script(work.requests))
    return path


def _inside(folder: Path, name: str) -> Path:
    inside = folder / name
    inside.mkdir(exist_ok=True)
    return inside


def _told(kind: Kind, faults: list[str]) -> list[str]:
    for fault in faults:
        _say(f"{kind.name}: {fault}")
    return faults


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
