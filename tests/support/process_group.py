"""The process group of what the tests start: it ends with them, also if they are killed and cannot clean up."""

import atexit
import subprocess
from functools import cache

# Its input ends when the process of the tests does, in whatever way; it then ends all members of its group.
_WATCH = ["sh", "-c", "trap '' TERM; cat; kill -TERM 0"]


@cache
def process_group() -> int:
    """The id of a process group for `subprocess.Popen`, whose members get SIGTERM when this process has ended."""
    watch = subprocess.Popen(_WATCH, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, process_group=0)
    atexit.register(watch.communicate)
    return watch.pid
