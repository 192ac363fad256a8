"""The comparison with the source: what it finds, and that it changes nothing."""

from pathlib import Path

import pytest

from collect_pipeline.civitai.client import CivitaiClient, RetryPolicy
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.verify import Verification, verify
from collect_pipeline.collection.walk import Policy
from collect_pipeline.sandbox.options import SEARCH_ROUTES
from collect_pipeline_tests.collection.hostile import persist, source
from collect_pipeline_tests.conftest import CLAY, LANTERN, Setup


def check(setup: Setup, key: VersionKey = LANTERN, level: int = 1) -> Verification:
    limiter = RateLimiter(setup.warehouse.path.with_suffix(".limit"), 0)
    policy = RetryPolicy(attempts=6)
    with CivitaiClient(setup.sandbox.url, None, limiter, retry_policy=policy, sleep=lambda _: None) as client:
        return verify(setup.warehouse, client, key, level, Policy())


@pytest.mark.parametrize("route", SEARCH_ROUTES)
def test_a_complete_version_has_no_difference_on_any_route(tmp_path: Path, route: str) -> None:
    with source(tmp_path, route) as setup:
        persist(setup)
        found = check(setup)
        assert (found.missing, found.extra, found.changed, found.trouble) == ((), (), (), None)
        assert found.shown == found.stored == len(setup.shown())


def test_images_published_since_are_missing_and_removed_ones_are_extra(setup: Setup) -> None:
    setup.complete()
    news = setup.sandbox.publish(LANTERN.version_id, 3, age=600)
    gone = setup.shown()[:2]
    setup.sandbox.remove(gone)
    found = check(setup)
    assert found.missing == tuple(sorted(news))
    assert found.extra == tuple(sorted(gone))


def test_another_prompt_than_the_stored_one_is_a_change(setup: Setup) -> None:
    setup.complete()
    [(image_id,)] = setup.query("SELECT min(image_id) FROM images WHERE prompt IS NOT NULL")
    setup.query("UPDATE images SET prompt = 'something else' WHERE image_id = ?", image_id)
    assert check(setup).changed == (image_id,)


def test_it_writes_nothing(setup: Setup) -> None:
    setup.run(CLAY)
    tables = ("raw_pages", "images", "image_versions", "collection_state")
    before = [setup.query(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]  # noqa: S608 - names above
    setup.sandbox.publish(CLAY.version_id, 2, age=600)
    assert len(check(setup, CLAY).missing) == 2
    assert [setup.query(f"SELECT * FROM {table} ORDER BY ALL") for table in tables] == before  # noqa: S608 - names above


def test_a_version_that_was_never_collected_is_missing_as_a_whole(setup: Setup) -> None:
    found = check(setup, CLAY)
    assert found.missing == tuple(setup.shown(CLAY))
    assert found.stored == 0


def test_a_false_end_of_one_list_makes_nothing_extra(setup: Setup) -> None:
    setup.complete()
    setup.sandbox.set_faults("false-end@2")
    found = check(setup)
    assert (found.missing, found.extra, found.trouble) == ((), (), None)


def test_a_gallery_that_cannot_be_walked_is_said(setup: Setup) -> None:
    setup.sandbox.set_faults("filter-ignored")
    assert "filter" in (check(setup).trouble or "")
