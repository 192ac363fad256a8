"""A server that drops the filter shows the whole site's feed, whose oldest images name no version at all."""

from datetime import datetime

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.collection.collector import CollectOptions, Collector, Progress
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Policy
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.civitai.fake_source import Answer, FakeSource, page

KEY = VersionKey(7, 70)
PAGES = 12


def feed() -> list[Answer]:
    """Pages of images from 2023 that name no version."""
    return [
        page(
            *(
                {"id": number * 100 + place + 1, "createdAt": "2023-01-01T00:00:00.000Z", "meta": {"prompt": "a fox"}}
                for place in range(100)
            ),
            nextCursor=f"c{number}",
        )
        for number in range(PAGES)
    ]


def collect(warehouse: Warehouse, published_at: datetime) -> tuple[Progress, int]:
    with warehouse.transaction() as connection:
        connection.execute(
            "INSERT INTO model_versions BY NAME SELECT ? AS partition_key, 7 AS model_id, 70 AS model_version_id, "
            "? AS published_at, true AS followed, now()::TIMESTAMP AS added_at, now()::TIMESTAMP AS refreshed_at",
            [str(KEY), published_at],
        )
    limiter = RateLimiter(warehouse.path.with_suffix(".limit"), 0)
    with FakeSource(*feed()) as source, CivitaiClient(source.url, None, limiter, sleep=lambda _: None) as client:
        options = CollectOptions(browsing_level=1, max_items=100 * PAGES)
        done = Collector(warehouse, client, KEY, options, Policy(), on_progress=lambda _: None).run()
        return done, len(source.requests)


def test_images_much_older_than_the_version_give_a_dropped_filter_away(warehouse: Warehouse) -> None:
    done, requests = collect(warehouse, datetime(2025, 7, 1))  # noqa: DTZ001 - UTC without a zone
    assert done.phase == "suspect"
    assert "filter" in (done.reason or "")
    assert requests <= 6


def test_images_that_name_no_version_are_believed_where_the_version_is_as_old(warehouse: Warehouse) -> None:
    done, requests = collect(warehouse, datetime(2023, 1, 15))  # noqa: DTZ001 - UTC without a zone
    assert (done.phase, requests) == ("draining", PAGES)
