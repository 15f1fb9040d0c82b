"""The command line, with a clock in the event loop of the mock: how long other clients wait, whatever the machine does.

    python -m bench.ticking FILE mock ...

A thousand times a second the loop looks at its clocks. Between two looks it could not answer anyone for as long as its
process worked, and for no longer than it did not merely wait for a processor, which others had. Where that is more than
a millisecond, FILE gets a line with the milliseconds.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from lookalike.__main__ import run
from lookalike.server import serve
from lookalike.server.http1 import Connections

_INTERVAL = 0.001
_tick = serve._tick  # noqa: SLF001  # the one task that every server has


def _clocks(scheduled: int) -> tuple[float, float]:
    """The processor time of the process, and the time that this thread did not wait for a processor, in seconds."""
    return time.process_time(), time.monotonic() - int(os.pread(scheduled, 100, 0).split()[1]) / 1e9


async def _look(file: Path) -> None:
    # This file stays open: one that comes and goes would be counted as a descriptor of the server now and then.
    scheduled = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    with file.open("a", buffering=1, encoding="ascii") as lines:
        while True:
            before = _clocks(scheduled)
            await asyncio.sleep(_INTERVAL)
            stall = min(map(float.__sub__, _clocks(scheduled), before))
            if stall > _INTERVAL:
                lines.write(f"{stall * 1000:.1f}\n")


def main() -> None:
    """Run the command line with the clock."""
    file = Path(sys.argv.pop(1))

    async def tick_and_look(connections: Connections) -> None:
        await asyncio.gather(_tick(connections), _look(file))

    serve._tick = tick_and_look  # noqa: SLF001  # see there
    run()


if __name__ == "__main__":
    main()
