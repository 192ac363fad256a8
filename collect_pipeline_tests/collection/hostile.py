"""A source that works against the collector, and a collector that keeps coming back."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from collect_pipeline.civitai.errors import SourceError
from collect_pipeline.collection.collector import Progress
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline_tests.conftest import LANTERN, Setup, empty_warehouse

MOST_RUNS = 30
LIMITED_RUNS = 5
"""Runs that `persist` may limit to some items. Each ends inside a page, which makes two requests of it."""
QUIET_RUNS = 2


class KilledError(BaseException):
    """Stands for SIGKILL: nobody catches it."""


@contextmanager
def source(folder: Path, route: str = "feed", faults: str = "", seed: int = 3) -> Iterator[Setup]:
    """A sandbox on one route with faults, and a new warehouse."""
    with Sandbox(SandboxOptions(seed=seed, route=route, faults=faults)) as sandbox:
        yield Setup(sandbox, empty_warehouse(folder))


class Unrest:
    """Publishes and removes images whenever pages were committed, until it is told to rest."""

    def __init__(self, setup: Setup, key: VersionKey, seed: int) -> None:
        self.resting = False
        self._setup = setup
        self._key = key
        self._chance = random.Random(seed)

    def __call__(self, _: Progress) -> None:
        if self.resting or self._chance.random() < 0.5:
            return
        sandbox, version_id = self._setup.sandbox, self._key.version_id
        sandbox.publish(version_id, self._chance.randint(1, 4), age=600)
        sandbox.remove(self._chance.sample(sandbox.visible_ids(version_id), self._chance.randint(0, 2)))


class Killer:
    """Ends a run after some commits, a given number of times."""

    def __init__(self, seed: int, times: int) -> None:
        self._chance = random.Random(seed)
        self._left = times

    def __call__(self, _: Progress) -> None:
        if self._left and self._chance.random() < 0.6:
            self._left -= 1
            raise KilledError


def persist(
    setup: Setup,
    key: VersionKey = LANTERN,
    *,
    after_commit: Callable[[Progress], None] = lambda _: None,
    calm_after: Callable[[], None] | None = None,
    step: int | None = None,
) -> int:
    """Run again and again, ten minutes apart, until the version is followed. Runs that are killed or fail
    are simply run again.

    After the limited runs `calm_after` is called; `step` bounds the items of each of them. Returns the runs that
    were needed.
    """
    for number in range(MOST_RUNS):
        if number == LIMITED_RUNS and calm_after is not None:
            calm_after()
        try:
            done = setup.run(
                key,
                max_items=step if number < LIMITED_RUNS else None,
                auto_advance_on_empty=True,
                after_commit=after_commit,
            )
        except (KilledError, SourceError):
            setup.pass_time(minutes=10)
            continue
        if done.phase == "following" and done.at_end and (calm_after is None or number > LIMITED_RUNS):
            return number + 1
        setup.pass_time(hours=1) if done.phase == "suspect" else setup.pass_time(minutes=10)
    raise AssertionError(f"{key} is still {setup.state(key).phase} after {MOST_RUNS} runs")


def look_again(setup: Setup, key: VersionKey = LANTERN) -> None:
    """Two more looks, as continuous collection takes them anyway."""
    for _ in range(QUIET_RUNS):
        setup.pass_time(minutes=20)
        setup.run(key, auto_advance_on_empty=True)


def pages_shown(setup: Setup, key: VersionKey = LANTERN) -> int:
    """How many pages of a hundred the gallery has."""
    return -(-len(setup.shown(key)) // 100)


def requests_of_walks(setup: Setup) -> int:
    """Requests for images so far, without those that asked for the end of a list again."""
    [(confirming,)] = setup.query(
        "SELECT count(*) FROM raw_pages WHERE leg IN "
        "(SELECT leg FROM raw_pages WHERE page_number = 1 AND request_cursor IS NOT NULL)"
    )
    assert isinstance(confirming, int)
    return setup.image_requests() - confirming
