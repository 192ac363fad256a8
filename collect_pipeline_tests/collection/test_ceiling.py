"""A search that shows only its first hits: the gallery is walked in parts, and what helps nobody is said."""

from datetime import timedelta

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.collection.collector import Progress
from collect_pipeline.collection.due import plan
from collect_pipeline.collection.follow import ensure_followed
from collect_pipeline.collection.walk import Policy
from collect_pipeline_tests.conftest import LANTERN, Setup

EVERY_LEVEL = 31
BETWEEN = "ceiling:124"
"""Twice as many are less than the 251 images of the level, and more than the 246 of them that are no videos."""


def follow(setup: Setup) -> None:
    """Register the version, as the command does."""
    with CivitaiClient(setup.sandbox.url, None, RateLimiter(setup.warehouse.path.with_suffix(".limit"), 0)) as client:
        ensure_followed(setup.warehouse, client, LANTERN)


def persist(setup: Setup, level: int) -> Progress:
    """Run, ten minutes apart, until the walk rests complete or suspect."""
    for _ in range(8):
        done = setup.run(level=level)
        if done.at_end and done.phase in {"following", "suspect"}:
            return done
        setup.pass_time(minutes=10)
    raise AssertionError(f"still {done.phase}")


def asked_types(setup: Setup) -> set[object]:
    return {media_type for (media_type,) in setup.query("SELECT DISTINCT media_type FROM raw_pages")}


def asked_levels(setup: Setup) -> set[object]:
    return {level for (level,) in setup.query("SELECT DISTINCT browsing_level FROM raw_pages")}


def test_a_gallery_within_reach_of_both_ends_needs_no_parts(setup: Setup) -> None:
    setup.sandbox.set_faults("ceiling:150")
    assert persist(setup, 1).phase == "following"
    assert setup.stored() == setup.shown()
    assert (asked_levels(setup), asked_types(setup)) == ({1}, {None})


def test_a_gallery_beyond_the_ceiling_is_walked_by_browsing_level(setup: Setup) -> None:
    everything = setup.shown(level=EVERY_LEVEL)
    setup.sandbox.set_faults(f"ceiling:{len(everything) // 2 - 10}")
    assert persist(setup, EVERY_LEVEL).phase == "following"
    assert setup.stored() == everything
    assert asked_levels(setup) == {1, 2, 4, 8, 16, 31}
    assert asked_types(setup) == {None}


def test_a_level_beyond_the_ceiling_is_walked_by_media_type(setup: Setup) -> None:
    setup.sandbox.set_faults(BETWEEN)
    assert persist(setup, 1).phase == "following"
    assert setup.stored() == setup.shown()
    assert asked_types(setup) == {None, "image", "video", "audio"}


def test_a_ceiling_that_parts_do_not_get_under_is_said_and_does_not_hide_when_it_is_tried_again(setup: Setup) -> None:
    setup.sandbox.set_faults("ceiling:60")
    for _ in range(2):
        done = persist(setup, 1)
        assert done.phase == "suspect"
        assert "60 images" in (done.reason or "")
        setup.pass_time(hours=3)
    assert len(setup.stored()) == len(set(setup.stored())) > 120
    setup.sandbox.set_faults("")
    assert persist(setup, 1).phase == "following"
    assert setup.stored() == setup.shown()


def test_new_images_of_a_gallery_in_parts_are_found_by_a_look(setup: Setup) -> None:
    setup.sandbox.set_faults(BETWEEN)
    persist(setup, 1)
    setup.pass_time(hours=1)
    before = setup.image_requests()
    news = setup.sandbox.publish(LANTERN.version_id, 3, age=600)
    setup.run()
    assert set(news) <= set(setup.stored())
    assert setup.image_requests() - before <= 8


def test_a_version_that_stays_suspect_is_tried_less_and_less_often_and_not_for_ever_less(setup: Setup) -> None:
    follow(setup)
    setup.sandbox.set_faults("filter-ignored")
    waits = []
    policy = Policy()
    for _ in range(7):
        assert setup.run(auto_advance_on_empty=True).phase == "suspect"
        next_due = plan(setup.warehouse, policy, setup.now, 1).next_due
        assert next_due is not None
        waits.append((next_due - setup.now) / timedelta(hours=1))
        setup.now = next_due
    assert waits == [1, 2, 4, 8, 16, 24, 24]


def test_a_version_that_recovered_starts_with_short_waits_again(setup: Setup) -> None:
    follow(setup)
    for _ in range(2):
        setup.sandbox.set_faults("filter-ignored")
        assert setup.run(restart=True).phase == "suspect"
        next_due = plan(setup.warehouse, Policy(), setup.now, 1).next_due
        assert next_due == setup.now + timedelta(hours=1)
        setup.sandbox.set_faults("")
        setup.complete()
