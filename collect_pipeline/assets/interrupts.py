"""Ctrl-C and Terminate always arrive.

Both are an exception that a signal handler raises wherever the program happens to be. In a destructor or a callback of
the garbage collector Python cannot pass it on, prints that it is ignored, and the program goes on as if nobody had
asked it to stop.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_A_MOMENT = 0.05


@contextmanager
def lost_interrupts_sent_again() -> Iterator[None]:
    """While this lasts, an interrupt that Python could not pass on is sent once more, a moment later."""
    before = sys.unraisablehook

    def send_again(unraisable: "UnraisableHookArgs") -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt | dg.DagsterExecutionInterruptedError):
            threading.Timer(_A_MOMENT, os.kill, (os.getpid(), signal.SIGINT)).start()
        else:
            before(unraisable)

    sys.unraisablehook = send_again
    try:
        yield
    finally:
        sys.unraisablehook = before
