"""From what is due to the runs that Dagster is asked for. Shared by the sensor and the schedule."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from collect_pipeline.automation.jobs import collect, collect_followed

PARTITION_TAG = "dagster/partition"
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def busy_partitions(instance: dg.DagsterInstance) -> set[str]:
    """Partitions for which a run is queued or under way."""
    runs = instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))
    return {run.tags[PARTITION_TAG] for run in runs if PARTITION_TAG in run.tags}


def is_round_under_way(instance: dg.DagsterInstance) -> bool:
    """Whether a round is queued or under way."""
    return bool(instance.get_runs(dg.RunsFilter(job_name=collect_followed.name, statuses=UNDER_WAY), limit=1))


def has_round_failed_since(instance: dg.DagsterInstance, moment: datetime) -> bool:
    """Whether the last round failed, and did so after `moment` (UTC without a zone)."""
    records = instance.get_run_records(dg.RunsFilter(job_name=collect_followed.name), limit=1)
    if not records or records[0].dagster_run.status is not dg.DagsterRunStatus.FAILURE:
        return False
    ended_at = records[0].end_time
    return ended_at is not None and ended_at > moment.replace(tzinfo=UTC).timestamp()


def walk_request(key: str) -> dg.RunRequest:
    """A run of its own for one version. Collection that nobody watches always moves its cursor on."""
    return dg.RunRequest(
        job_name=collect.name,
        partition_key=key,
        run_config={"ops": {"raw_pages": {"config": {"auto_advance_on_empty": True}}}},
    )


def round_request(keys: Sequence[str]) -> dg.RunRequest:
    """One run for many versions that only need a look."""
    return dg.RunRequest(
        job_name=collect_followed.name,
        run_config={"ops": {"collect_followed_versions": {"config": {"partition_keys": list(keys)}}}},
    )
