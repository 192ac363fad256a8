"""Continuous collection: the sensor that asks for runs when the state says that something is due."""

from datetime import datetime, timedelta

import dagster as dg

from collect_pipeline.assets.partitions import model_version_partitions
from collect_pipeline.assets.resources import Collection
from collect_pipeline.automation.jobs import collect, collect_followed
from collect_pipeline.automation.requests import (
    busy_partitions,
    has_round_failed_since,
    is_round_under_way,
    round_request,
    walk_request,
)
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.due import in_turn, plan, without

WALKS_AT_A_TIME = 4


@dg.sensor(
    name="follow_versions",
    jobs=[collect, collect_followed],
    minimum_interval_seconds=60,
    description="Continuous collection: turn it on, and everything you follow is collected and kept complete. Versions "
    "that are not complete yet get a run each, a few at a time; the others are looked at every ten minutes in one run "
    "for all. Each tick says what it asked for, or when the next version is due.",
)
def follow_versions(context: dg.SensorEvaluationContext, collection: Collection) -> dg.SensorResult | dg.SkipReason:
    """Ask for what is due and for nothing that is under way already. The cursor is the partition served last."""
    settings = collection.settings()
    warehouse = collection.warehouse(context.log.info)
    policy, now = collection.policy(), utc_now()
    due = plan(warehouse, policy, now, settings.collect_browsing_level)
    if not due.followed:
        return dg.SkipReason("Nothing is followed yet: run the job follow_model, or `collect-pipeline follow URL`.")
    busy = busy_partitions(context.instance)
    room = max(0, WALKS_AT_A_TIME - len(busy))
    walks = in_turn(without(due.walks, busy), context.cursor)[:room]
    # A round fails when the source itself is in trouble; asking every minute would only add failed runs.
    patience = timedelta(seconds=policy.retry_suspect_after)
    is_held_back = has_round_failed_since(context.instance, now - patience)
    looks = [] if is_held_back or is_round_under_way(context.instance) else without(due.looks, busy)
    requests = [walk_request(key) for key in walks]
    if looks:
        requests.append(round_request(looks))
    if not requests:
        if is_held_back and due.looks:
            minutes = round(patience.total_seconds() / 60)
            return dg.SkipReason(f"The last round failed; the next is asked for {minutes} minutes after it.")
        return dg.SkipReason(_why_not(len(due.walks) + len(due.looks), due.followed, due.next_due))
    known = set(context.instance.get_dynamic_partitions(str(model_version_partitions.name)))
    missing = [key for key in walks if key not in known]
    return dg.SensorResult(
        run_requests=requests,
        cursor=walks[-1] if walks else context.cursor,
        dynamic_partitions_requests=[model_version_partitions.build_add_request(missing)] if missing else [],
    )


def _why_not(waiting: int, followed: int, next_due: datetime | None) -> str:
    if waiting:
        return f"{waiting} of {followed} followed versions are due, and runs for them are queued or under way."
    when = f"; the next is due at {next_due:%Y-%m-%d %H:%M} UTC" if next_due else ""
    return f"All {followed} followed versions are up to date{when}."
