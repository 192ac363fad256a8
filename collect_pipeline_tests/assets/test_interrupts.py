"""An interrupt that arrives where Python cannot pass an exception on."""

import gc
import os
import signal
import sys
import time
import weakref
from collections.abc import Callable

import pytest

from collect_pipeline.assets.interrupts import lost_interrupts_sent_again


class Thing:
    """Something that can be garbage."""


def in_the_garbage_collector(interrupt: Callable[[], None]) -> None:
    def callback(phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            interrupt()

    gc.callbacks.append(callback)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(callback)


def in_a_weak_reference(interrupt: Callable[[], None]) -> None:
    thing = Thing()
    reference = weakref.ref(thing, lambda _: interrupt())
    del thing
    assert reference() is None


@pytest.mark.parametrize("place", [in_the_garbage_collector, in_a_weak_reference])
def test_an_interrupt_that_python_loses_arrives_a_moment_later(place: Callable[[Callable[[], None]], None]) -> None:
    deadline = time.monotonic() + 30
    with lost_interrupts_sent_again(), pytest.raises(KeyboardInterrupt):  # noqa: PT012 - any of these may be interrupted
        place(lambda: os.kill(os.getpid(), signal.SIGINT))
        while time.monotonic() < deadline:
            time.sleep(0.01)


def test_other_exceptions_that_python_loses_are_reported_as_ever() -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("broken on purpose")

    seen = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda unraisable: seen.append(str(unraisable.exc_value))
    try:
        with lost_interrupts_sent_again():
            Broken()
    finally:
        sys.unraisablehook = before
    assert seen == ["broken on purpose"]
