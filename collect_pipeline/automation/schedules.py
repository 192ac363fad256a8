"""Collection once a day, for those who do not want it continuous."""

import dagster as dg

from collect_pipeline.automation.jobs import collect_followed
from collect_pipeline.automation.requests import is_round_under_way


@dg.schedule(
    name="daily_collection",
    cron_schedule="0 3 * * *",
    job=collect_followed,
    execution_timezone="UTC",
    description="At three in the morning (UTC): goes on with every followed version, all of them in one run.",
)
def daily_collection(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run a day, unless the last one is still under way."""
    if is_round_under_way(context.instance):
        return dg.SkipReason("The last round is still under way.")
    day = context.scheduled_execution_time.date().isoformat()
    return dg.RunRequest(
        run_key=f"daily:{day}",
        run_config={"ops": {"collect_followed_versions": {"config": {"everything": True}}}},
    )
