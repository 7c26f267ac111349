"""Ends a process together with the one that started it."""

import os
import signal
import threading

GRACE = 3.0


def end_with_parent() -> None:
    """Sends this process SIGTERM once its standard input closes, and ends it hard after `GRACE` seconds.

    The system closes the pipe when the process that holds its other end dies, however it dies. A death signal
    (`PR_SET_PDEATHSIG`) would do less: it fires when the parent's starting thread ends, and on Linux alone.
    """
    threading.Thread(target=_watch, name="parent-watch", daemon=True).start()


def _watch() -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort an interpreter that ends early.
    while os.read(0, 1024):
        pass
    threading.Timer(GRACE, os._exit, (1,)).start()
    os.kill(os.getpid(), signal.SIGTERM)
