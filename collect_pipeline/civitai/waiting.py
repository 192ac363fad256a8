"""Waiting that can be ended early. Knows nothing of why one waits."""

import time
from collections.abc import Callable

from collect_pipeline.civitai.errors import WaitStoppedError

_SLICE = 0.25


def never() -> bool:
    """A `should_stop` that never asks to stop."""
    return False


def wait(seconds: float, should_stop: Callable[[], bool] = never, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait, asking `should_stop` before and every quarter of a second. An interrupt ends it at once as usual.

    Raises:
        WaitStoppedError: `should_stop` said yes.
    """
    while True:
        if should_stop():
            raise WaitStoppedError("Stopped while waiting for the source, as asked.")
        if seconds <= 0:
            return
        step = min(seconds, _SLICE)
        sleep(step)
        seconds -= step
