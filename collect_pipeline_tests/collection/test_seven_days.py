"""A week of continuous collection in simulated time, started by what is due as the sensor would."""

import random
from datetime import timedelta

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.errors import SourceError
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.collection.due import plan
from collect_pipeline.collection.follow import ensure_followed
from collect_pipeline.collection.overview import overview
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Policy
from collect_pipeline_tests.conftest import CLAY, LANTERN, Setup

POLICY = Policy(look_every=4 * 3600.0)
TICK = timedelta(hours=6)
TICKS = timedelta(days=7, hours=12) // TICK
WEATHER = (
    "",
    "",
    "server-500:0.2,truncated:0.1",
    "duplicates:0.3,skips:0.2",
    "false-end:0.2,stale-copy",
    "cursor-cycle",
    "maintenance-503",
    "odd-meta:0.5,repeat-page-new:0.3",
)


def collect_what_is_due(setup: Setup) -> int:
    """Run every version that is due; what the source does to a run stands in its state. Returns the runs."""
    due = plan(setup.warehouse, POLICY, setup.now, browsing_level=1)
    for key in (*due.walks, *due.looks):
        try:
            setup.run(VersionKey.parse(key), policy=POLICY, auto_advance_on_empty=True)
        except SourceError:
            assert setup.state(VersionKey.parse(key)).status == "failed"
    return len(due.walks) + len(due.looks)


def something_happens(setup: Setup, chance: random.Random) -> set[int]:
    """Images are published, late and without meta too, and removed. Returns those removed."""
    sandbox = setup.sandbox
    key = chance.choice([CLAY, LANTERN])
    sandbox.publish(key.version_id, chance.randint(0, 6), age=600, late=chance.random() < 0.2)
    if chance.random() < 0.2:
        filled_in_later = sandbox.publish(key.version_id, 2, age=600, without_meta=True)
        sandbox.fill_meta(filled_in_later[:1])
    gone = chance.sample(sandbox.visible_ids(key.version_id), chance.randint(0, 2))
    sandbox.remove(gone)
    sandbox.set_faults(chance.choice(WEATHER))
    return set(gone)


def test_after_seven_days_everything_shown_is_stored_once_and_the_state_can_be_read(setup: Setup) -> None:
    chance = random.Random(20)
    limiter = RateLimiter(setup.warehouse.path.with_suffix(".limit"), 0)
    with CivitaiClient(setup.sandbox.url, None, limiter) as client:
        for key in (CLAY, LANTERN):
            ensure_followed(setup.warehouse, client, key)
    removed: set[int] = set()
    for _ in range(TICKS):
        removed |= something_happens(setup, chance)
        collect_what_is_due(setup)
        setup.pass_time(seconds=TICK.total_seconds())
    setup.sandbox.set_faults("")
    for _ in range(4):
        collect_what_is_due(setup)
        setup.pass_time(hours=12)
    for key in (CLAY, LANTERN):
        stored = setup.stored(key)
        assert len(stored) == len(set(stored)) == setup.state(key).total_collected
        assert set(stored) - removed == set(setup.shown(key))
    for row in overview(setup.warehouse, POLICY, browsing_level=1):
        assert (row.phase, row.running, row.wrong, row.next_page_cursor) == ("following", False, None, None)
        assert row.total_collected > 20
    assert plan(setup.warehouse, POLICY, setup.now - timedelta(hours=11), browsing_level=1).walks == ()
