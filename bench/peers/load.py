"""A load by wrk, and what else ran meanwhile."""

import re
import resource
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.peers.contract import Sent
from bench.peers.processes import TICK, cpu_of

# A measurement is dropped where others used more than this share of one core, plus what clock ticks may blur.
SHARE, BLUR = 0.05, 0.03


class Load(NamedTuple):
    """What wrk tells of a window: `refused` were answered 400 or more, `broken` were not answered."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: float
    """Milliseconds, as `p99` is."""
    p99: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


@dataclass
class Watch:
    """How long something took, and the CPU seconds that others used meanwhile; set at its end.

    `sessions` are those whose processes are not others; one that is started meanwhile is added to them.
    """

    sessions: list[int]
    seconds: float = 0.0
    foreign: float = 0.0

    @property
    def disturbed(self) -> bool:
        """Whether it is dropped."""
        return is_disturbed(self.seconds, self.foreign)


def is_disturbed(seconds: float, foreign: float) -> bool:
    """The rule: others used more than a twentieth of one core."""
    return foreign > SHARE * seconds + BLUR


@contextmanager
def watched(*sessions: int) -> Iterator[Watch]:
    """Watch what happens inside, which processes of these sessions do and those that are run and awaited there."""
    watch = Watch([*sessions])
    start, busy, ours = time.perf_counter(), _busy(), _ours(sessions)
    yield watch
    watch.seconds = time.perf_counter() - start
    watch.foreign = max(0.0, (_busy() - busy) - (_ours(watch.sessions) - ours))


def _busy() -> float:
    """CPU seconds that this machine used, or that its host took away.

    Interrupts count: they are packets of the load, and the kernel counts them as time of its processes too.
    """
    user, nice, system, _idle, _wait, irq, softirq, stolen = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + stolen) / TICK


def _ours(sessions: Iterable[int]) -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(map(cpu_of, sessions))


def wrk(port: int, script: Path, connections: int, seconds: int) -> Load:
    """Send the requests of a script over and over, from one thread; wrk knows whole seconds only."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", "-s", str(script)]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=True,
    )
    return parsed(done.stdout + done.stderr)


def parsed(told: str) -> Load:
    """What wrk told, by the last lines of a script; raises `ValueError` where it says nothing of the kind."""
    found = re.search(r"^load (\d+) (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)$", told, re.MULTILINE)
    if not found:
        raise ValueError(f"wrk told nothing of its load: {told[-300:]}")
    requests, microseconds, refused, broken = map(int, found.groups()[:4])
    return Load(requests, microseconds / 1e6, refused, broken, float(found[5]) / 1e3, float(found[6]) / 1e3)


def script(requests: Sequence[Sent]) -> str:
    """A program for wrk that sends these requests in turn; they are put together once, at its start."""
    made = "\n".join(f"  raw[{at}] = {_formatted(sent)}" for at, sent in enumerate(requests, 1))
    return _PROGRAM.replace("REQUESTS", made)


def _formatted(sent: Sent) -> str:
    headers = ", ".join(f"[ {_text(name)} ] = {_text(value)}" for name, value in sent.headers.items())
    return f"wrk.format({_text(sent.method)}, {_text(sent.target)}, {{{headers}}}, {_text(sent.body)})"


def _text(value: str) -> str:
    return f"[==[{value}]==]"


_PROGRAM = """\
local raw, at = {}, 0

function init()
REQUESTS
end

function request()
  at = at % #raw + 1
  return raw[at]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format("load %d %d %d %d %.1f %.1f", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
"""
