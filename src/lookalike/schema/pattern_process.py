"""A process that matches texts against patterns: lines of JSON come in, `[pattern, text]`, and a verdict for each goes
out.

It ends when its input does, or within a match that takes too much processor time: nothing else stops native code.
Control-C is for the process that started it.
"""

import json
import signal
import sys

from lookalike.schema.regexes import matches_at_any_cost

_MOST_SECONDS = 1.0  # of processor time, for a match


def main() -> None:
    """Answer each line with another: `1` where the text matches, else `0`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin.buffer:
        pattern, text = json.loads(line)
        if sys.platform != "win32":  # where such a match takes as long as it does
            signal.setitimer(signal.ITIMER_VIRTUAL, _MOST_SECONDS)
        sys.stdout.buffer.write(b"1\n" if matches_at_any_cost(pattern, text) else b"0\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
