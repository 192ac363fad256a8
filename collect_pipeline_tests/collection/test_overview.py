"""What is said to be due is what the sensor goes by."""

from collect_pipeline.collection.due import plan
from collect_pipeline.collection.follow import ensure_followed
from collect_pipeline.collection.overview import VersionStatus, overview
from collect_pipeline.collection.walk import Policy
from collect_pipeline_tests.conftest import CLAY, Setup

POLICY = Policy()


def status(setup: Setup, level: int = 1) -> VersionStatus:
    [only] = overview(setup.warehouse, POLICY, level)
    return only


def complete(setup: Setup) -> None:
    with setup.client() as client:
        ensure_followed(setup.warehouse, client, CLAY)
    setup.complete(CLAY)


def test_a_failed_version_is_due_when_the_sensor_tries_it_again(setup: Setup) -> None:
    complete(setup)
    with setup.warehouse.transaction() as connection:
        connection.execute("UPDATE collection_state SET status = 'failed', updated_at = ?", [setup.now])
    due = plan(setup.warehouse, POLICY, setup.now, browsing_level=1).next_due
    assert due is not None
    assert status(setup).due == f"{due:%Y-%m-%d %H:%M} UTC"


def test_a_complete_version_is_due_at_once_when_more_levels_are_asked_for(setup: Setup) -> None:
    complete(setup)
    assert status(setup).due != "now"
    assert status(setup, level=7).due == "now"
