"""`python -m lookalike`, and the console script."""

import signal
import sys

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


def run() -> None:
    """Run the command line; Ctrl-C ends it at any time, without a traceback.

    The system itself ends the process, as it does at SIGTERM, so that neither an import nor native code delays that.
    Commands that have something to clean up handle both signals meanwhile (`interruptible`, `serve`).
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a program that nohup starts ignores it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from lookalike.cli import main

    try:
        main()
    except KeyboardInterrupt:  # outside of what the command line itself handles
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
