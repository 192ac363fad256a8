"""Failed runs, told in one sentence each. Off until somebody turns it on; no service outside is needed.

Watches all code locations: runs that a command starts belong to none of ours, and would not be seen otherwise.
"""

import dagster as dg

from collect_pipeline.automation.requests import PARTITION_TAG


@dg.run_failure_sensor(
    name="report_failed_runs",
    monitor_all_code_locations=True,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Writes one sentence for every failed run into its log: which version, what is wrong, what to do.",
)
def report_failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Log the sentence as an error."""
    context.log.error(failure_sentence(context))


def failure_sentence(context: dg.RunFailureSensorContext) -> str:
    """What failed, why, and what to do about it."""
    run = context.dagster_run
    what = f"The run {run.run_id[:8]} of {run.job_name}"
    partition = run.tags.get(PARTITION_TAG)
    if partition:
        what += f" for version {partition}"
    said = _said_by_step(context)
    if said is not None:
        return f"{what} failed: {said.rstrip('.')}. What was collected is stored; the next run goes on from there."
    first_line = (context.failure_event.message or "its process ended").strip().splitlines()[0].rstrip(".")
    return f"{what} failed: {first_line}. Open it in the Dagster UI, mend what it says, then re-execute it."


def _said_by_step(context: dg.RunFailureSensorContext) -> str | None:
    """The sentence that a step of ours failed with; it says what to do itself."""
    for event in context.get_step_failure_events():
        user_failure = event.step_failure_data.user_failure_data
        if user_failure is not None and user_failure.description:
            return user_failure.description
    return None
