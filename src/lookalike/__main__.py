"""`python -m lookalike`, and the console script."""

import signal
import sys

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


def run() -> None:
    """Run the command line; Ctrl-C ends it without a traceback at any time."""
    handler = signal.getsignal(signal.SIGINT)
    is_ours = handler is signal.default_int_handler  # a program that nohup starts ignores it
    if is_ours:  # nothing that an import does needs cleaning up
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from lookalike.cli import main

    if is_ours:
        signal.signal(signal.SIGINT, handler)
    try:
        main()
    except KeyboardInterrupt:  # outside of what the command line itself handles
        sys.exit(INTERRUPTED)
    finally:
        if is_ours:  # nor does the end of the interpreter
            signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    run()
