"""One rate limit for all threads and processes, whatever happens to clock, state file and processes."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from collect_pipeline.civitai.errors import ConfigurationError, WaitStoppedError
from collect_pipeline.civitai.limiter import RateLimiter

# Prints the time of every start, as the limiter itself writes it down.
_CHILD = """
import sys, time
from pathlib import Path
from collect_pipeline.civitai.limiter import RateLimiter
seen = []
def clock():
    seen.append(time.time())
    return seen[-1]
limiter = RateLimiter(Path(sys.argv[1]), float(sys.argv[2]), clock=clock)
for _ in range(int(sys.argv[3])):
    with limiter.turn():
        print(repr(seen[-1]), flush=True)
"""


class Time:
    """A clock that moves when someone sleeps, and that a test can set."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now
        self.slept = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "rate"


def limiter_with(state: Path, time: Time, interval: float = 1.0) -> RateLimiter:
    return RateLimiter(state, interval, clock=time.clock, sleep=time.sleep)


def take_turn(limiter: RateLimiter, should_stop: Callable[[], bool] = lambda: False) -> None:
    """A request that takes no time."""
    with limiter.turn(should_stop):
        pass


def start_child(state: Path, interval: float, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CHILD, str(state), str(interval), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_the_first_request_starts_at_once_and_the_next_after_the_interval(state: Path) -> None:
    time = Time()
    limiter = limiter_with(state, time)
    take_turn(limiter)
    assert time.slept == 0
    take_turn(limiter)
    assert time.slept == pytest.approx(1)


def test_only_what_is_left_of_the_interval_is_waited(state: Path) -> None:
    time = Time()
    limiter = limiter_with(state, time)
    take_turn(limiter)
    time.now += 0.75
    take_turn(limiter)
    assert time.slept == pytest.approx(0.25)
    time.now += 5
    take_turn(limiter)
    assert time.slept == pytest.approx(0.25)


def test_limiters_on_one_file_share_the_limit(state: Path) -> None:
    time = Time()
    take_turn(limiter_with(state, time))
    take_turn(limiter_with(state, time))
    assert time.slept == pytest.approx(1)


def test_an_interval_of_zero_neither_waits_nor_writes(state: Path) -> None:
    time = Time()
    limiter = limiter_with(state, time, interval=0)
    take_turn(limiter)
    take_turn(limiter)
    assert time.slept == 0
    assert not state.exists()


@pytest.mark.parametrize("jump", [-3600.0, -1e9, 3600.0])
def test_a_clock_that_jumps_costs_one_interval_at_most(state: Path, jump: float) -> None:
    time = Time()
    limiter = limiter_with(state, time)
    take_turn(limiter)
    time.now += jump
    take_turn(limiter)
    assert time.slept <= 1.001
    before = time.slept
    take_turn(limiter)
    assert time.slept - before == pytest.approx(1)


@pytest.mark.parametrize("content", [b"", b"x", b"\xff\xfe", b"nan", b"inf", b"1e999", b"[1]", b"9" * 5000])
def test_a_damaged_state_file_costs_one_interval_and_is_mended(state: Path, content: bytes) -> None:
    time = Time()
    state.parent.mkdir()
    state.write_bytes(content)
    limiter = limiter_with(state, time)
    take_turn(limiter)
    assert time.slept == pytest.approx(1)
    assert float(state.read_text()) == pytest.approx(time.now)


def test_processes_and_threads_keep_the_interval_together(state: Path) -> None:
    children = [start_child(state, 0.1, 4) for _ in range(3)]
    starts = sorted(float(line) for child in children for line in child.communicate(timeout=30)[0].split())
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert len(starts) == 12
    assert min(gaps) >= 0.099


def test_threads_of_one_process_keep_the_interval_together(state: Path) -> None:
    time = Time()
    limiter = limiter_with(state, time)
    threads = [threading.Thread(target=take_turn, args=(limiter,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert time.slept == pytest.approx(3)


def test_a_killed_process_leaves_no_lock_behind(state: Path) -> None:
    child = start_child(state, 600, 2)
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    child.stdout.close()
    time = Time(now=float(state.read_text()))
    take_turn(limiter_with(state, time, interval=1))
    assert time.slept == pytest.approx(1)


def test_a_wait_for_the_interval_ends_when_the_caller_wants_to_stop(state: Path) -> None:
    time = Time()
    limiter = limiter_with(state, time, interval=100)
    take_turn(limiter)
    with pytest.raises(WaitStoppedError):
        take_turn(limiter, lambda: time.slept >= 1)
    assert time.slept < 2


def test_a_wait_for_the_turn_ends_when_the_caller_wants_to_stop(state: Path) -> None:
    child = start_child(state, 600, 2)
    assert child.stdout is not None
    child.stdout.readline()
    asked: list[bool] = []

    def should_stop() -> bool:
        asked.append(len(asked) > 2)
        return asked[-1]

    try:
        with pytest.raises(WaitStoppedError):
            take_turn(RateLimiter(state, 600), should_stop)
    finally:
        child.kill()
        child.communicate()


def test_an_interrupt_ends_the_wait_and_frees_the_turn(state: Path) -> None:
    time = Time()

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    take_turn(limiter_with(state, time))
    with pytest.raises(KeyboardInterrupt):
        take_turn(RateLimiter(state, 1, clock=time.clock, sleep=interrupted))
    take_turn(limiter_with(state, time))
    assert time.slept == pytest.approx(1)


@pytest.mark.parametrize("interval", [-1.0, float("nan"), float("inf")])
def test_an_interval_without_sense_is_refused(state: Path, interval: float) -> None:
    with pytest.raises(ConfigurationError):
        RateLimiter(state, interval)


def test_a_place_that_cannot_hold_the_file_is_named(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.touch()
    with pytest.raises(ConfigurationError, match="cannot be used"):
        take_turn(RateLimiter(blocker / "rate", 1))
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError, match="folder"):
        take_turn(RateLimiter(tmp_path / "folder", 1))


def test_a_child_made_by_fork_shares_the_limit(state: Path) -> None:
    time = Time()
    limiter = limiter_with(state, time)
    take_turn(limiter)
    child = os.fork()
    if child == 0:
        take_turn(limiter)
        os._exit(0 if 0.99 <= time.slept <= 1.01 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_one_request_is_under_way_at_a_time(state: Path) -> None:
    under_way: list[int] = []
    most: list[int] = []

    def ask() -> None:
        with RateLimiter(state, 0.001).turn():
            under_way.append(1)
            most.append(len(under_way))
            Event().wait(0.02)
            under_way.pop()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == [1] * 5


def test_the_files_are_for_every_user_of_the_machine(state: Path) -> None:
    before = os.umask(0o077)
    try:
        take_turn(RateLimiter(state, 0.001))
    finally:
        os.umask(before)
    assert stat.S_IMODE(state.stat().st_mode) == 0o666
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o777


def test_a_link_in_place_of_the_file_is_not_followed(state: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    state.parent.mkdir()
    state.symlink_to(victim)
    with pytest.raises(ConfigurationError):
        take_turn(RateLimiter(state, 1))
    assert victim.read_text() == "precious"
