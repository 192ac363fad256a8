"""The real parts that tests start: a warehouse file, the sandbox over HTTP, the collector between them; a browser."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from collect_pipeline.categories import categorize
from collect_pipeline.civitai.client import CivitaiClient, RetryPolicy
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.collector import CollectOptions, Collector, Progress
from collect_pipeline.collection.follow import ensure_followed
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Policy
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.sandbox.content import (
    ATLAS_MODEL,
    ATLAS_VERSION,
    CLAY_EMPTY,
    CLAY_MODEL,
    CLAY_VERSION,
    FADED_MODEL,
    FADED_VERSION,
    LANTERN_MODEL,
    LANTERN_V1,
    LANTERN_V2,
    NORTHLIGHT_MODEL,
    NORTHLIGHT_V4,
)
from collect_pipeline.sandbox.options import SandboxOptions
from collect_pipeline.sandbox.sandbox import Sandbox
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import StateRow, read_state
from collect_pipeline_tests.browser.ui import find_chromium, running_browser

LANTERN = VersionKey(LANTERN_MODEL, LANTERN_V2)
"""Some 220 images at level PG."""
LANTERN_OLD = VersionKey(LANTERN_MODEL, LANTERN_V1)
CLAY = VersionKey(CLAY_MODEL, CLAY_VERSION)
"""A dozen images."""
EMPTY = VersionKey(CLAY_MODEL, CLAY_EMPTY)
ATLAS = VersionKey(ATLAS_MODEL, ATLAS_VERSION)
"""Some 1,600 images."""
NORTHLIGHT = VersionKey(NORTHLIGHT_MODEL, NORTHLIGHT_V4)
FADED = VersionKey(FADED_MODEL, FADED_VERSION)
"""No image until some are published."""


@dataclass
class Setup:
    """A sandbox, a warehouse and a clock that is moved by hand."""

    sandbox: Sandbox
    warehouse: Warehouse
    now: datetime = field(default_factory=utc_now)

    def pass_time(self, **amount: float) -> None:
        """Move the collector's clock and the sandbox's on together."""
        self.now += timedelta(**amount)
        self.sandbox.clock.advance(timedelta(**amount).total_seconds())

    def run(
        self,
        key: VersionKey = LANTERN,
        *,
        policy: Policy | None = None,
        after_commit: Callable[[Progress], None] = lambda _: None,
        level: int = 1,
        **options: object,
    ) -> Progress:
        """One collection run, without waits between attempts."""
        with self.client() as client:
            return Collector(
                self.warehouse,
                client,
                key,
                CollectOptions(browsing_level=level, **options),  # type: ignore[arg-type]  # options by name
                policy or Policy(),
                on_progress=after_commit,
                clock=lambda: self.now,
            ).run()

    def client(self) -> CivitaiClient:
        """A client of the sandbox that never waits."""
        limiter = RateLimiter(self.warehouse.path.with_suffix(".limit"), 0)
        return CivitaiClient(
            self.sandbox.url,
            None,
            limiter,
            retry_policy=RetryPolicy(attempts=6),
            sleep=lambda _: None,
            clock=lambda: self.now.replace(tzinfo=UTC),
        )

    def complete(self, key: VersionKey = LANTERN, runs: int = 12) -> Progress:
        """Run, ten minutes apart, until the version is followed."""
        for _ in range(runs):
            progress = self.run(key)
            if progress.phase == "following" and progress.at_end:
                return progress
            self.pass_time(minutes=10)
        raise AssertionError(f"{key} is still {progress.phase} after {runs} runs")

    def stored(self, key: VersionKey = LANTERN) -> list[int]:
        """The image ids stored for a version, in order, each as often as it is stored."""
        return [
            int(str(image_id))
            for (image_id,) in self.query(
                "SELECT image_id FROM images JOIN image_versions USING (image_id) "
                "WHERE model_version_id = ? ORDER BY image_id",
                key.version_id,
            )
        ]

    def shown(self, key: VersionKey = LANTERN, level: int = 1) -> list[int]:
        """The image ids that the sandbox shows for a version, in order."""
        return sorted(self.sandbox.visible_ids(key.version_id, level))

    def state(self, key: VersionKey = LANTERN) -> StateRow:
        """The stored state of a version."""
        with self.warehouse.transaction() as connection:
            row = read_state(connection, str(key))
        assert row is not None
        return row

    def query(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows of the warehouse."""
        with self.warehouse.transaction() as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def image_requests(self) -> int:
        """Requests for pages of images that the sandbox has received."""
        return sum(1 for request in self.sandbox.requests if request.path.endswith("/images"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Without it the tests that need it are skipped, but in CI, where they must not be left out silently."""
    chromium = find_chromium()
    if chromium is None:
        reason = "Chromium is not installed; `apt-get install chromium`, then run these tests again."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_browser(chromium) as browser:
        yield browser


@cache
def _empty() -> Warehouse:
    """A warehouse that knows the taxonomy and nothing else: to copy it is cheaper than to spell that out."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    warehouse = Warehouse(folder / "collect.duckdb")
    work_out(warehouse)
    return warehouse


def empty_warehouse(folder: Path) -> Warehouse:
    """An empty warehouse in a folder, that is not waited for long."""
    return copy_of(_empty(), folder)


@pytest.fixture
def no_warehouse(tmp_path: Path) -> Warehouse:
    """A warehouse whose file does not exist yet, and that is not waited for long."""
    return Warehouse(tmp_path / "collect.duckdb", patience=2.0)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse that is not waited for long."""
    return empty_warehouse(tmp_path)


@pytest.fixture
def setup(warehouse: Warehouse) -> Iterator[Setup]:
    """A sandbox over HTTP on the search route FEED, and a new warehouse."""
    with Sandbox(SandboxOptions(seed=7)) as sandbox:
        yield Setup(sandbox, warehouse)


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Both versions of a model at every level, some 400 images, deduplicated and categorized. Tests only read it."""
    warehouse = empty_warehouse(tmp_path_factory.mktemp("collected"))
    with Sandbox(SandboxOptions(seed=7)) as sandbox:
        setup = Setup(sandbox, warehouse)
        for key in (LANTERN, LANTERN_OLD):
            with setup.client() as client:
                ensure_followed(warehouse, client, key)
            setup.run(key, level=31)
    work_out(warehouse)
    return warehouse


def work_out(warehouse: Warehouse) -> None:
    """Deduplicate and categorize what is new."""
    with warehouse.transaction() as connection:
        deduplicate(connection)
        categorize(connection)


def copy_of(warehouse: Warehouse, folder: Path) -> Warehouse:
    """The same content in a file of its own, which a test may change."""
    shutil.copyfile(warehouse.path, folder / "collect.duckdb")
    return Warehouse(folder / "collect.duckdb", patience=2.0)
