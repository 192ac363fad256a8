"""Runs whose process is gone: ended here, since nobody else will, and since they keep the runs behind them waiting.

Dagster's own monitoring sees the runs that the daemon started. A run of a command (`collect-pipeline run`, `dg launch`)
that was killed outright stays under way for ever, and its place in the pool with it.
"""

import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg
import psutil

from collect_pipeline.assets.failures import COMMAND_TAG, is_awaited
from collect_pipeline.assets.resources import Collection
from collect_pipeline.automation.requests import UNDER_WAY
from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.idle import mark_idle

_TIME_TO_START = timedelta(minutes=10)
_CLOCK_ERROR = 2.0


@dataclass(frozen=True)
class Process:
    """A process of this machine: its id, and a time (seconds since the epoch) at which it was alive."""

    pid: int
    alive_at: float

    def is_gone(self) -> bool:
        """Whether it has ended; a process id alone is used again."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() > self.alive_at + _CLOCK_ERROR or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


def command_tag(run_id: str, process: psutil.Process) -> str:
    """The value of `COMMAND_TAG` for a run that a command carries: host, process, its start, the run."""
    return f"{socket.gethostname()}:{process.pid}:{process.create_time():.0f}:{run_id}"


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark the runs whose process is gone as failed and free what they held. Returns their ids."""
    begun = [status for status in UNDER_WAY if status is not dg.DagsterRunStatus.QUEUED]
    records = instance.get_run_records(dg.RunsFilter(statuses=begun))
    dead = [record.dagster_run for record in records if _is_dead(instance, record.dagster_run, record.create_timestamp)]
    for run in dead:
        instance.report_run_failed(run, "The process of this run was killed. The next run goes on from there.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]


@dg.sensor(
    name="end_killed_runs",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="On by default. Ends runs whose process was killed, so that no later run waits for them. Starts none.",
)
def end_killed_runs(context: dg.SensorEvaluationContext, collection: Collection) -> dg.SkipReason:
    """End what is dead, and let the state say that nobody works on it any more."""
    ended = end_dead_runs(context.instance)
    if not ended:
        return dg.SkipReason("Every run that is under way has a process.")
    mark_idle(collection.warehouse(context.log.info))
    return dg.SkipReason(f"Ended {len(ended)} runs whose process was killed: {', '.join(ended)}.")


def _is_dead(instance: dg.DagsterInstance, run: dg.DagsterRun, created_at: datetime) -> bool:
    process = _command(run) or _last_process(instance, run)
    if process is not None:
        return process.is_gone()
    # No process has said anything of it yet. What the daemon is starting is the daemon's to watch.
    has_begun = run.status is not dg.DagsterRunStatus.NOT_STARTED
    return not has_begun and utc_now() - created_at.replace(tzinfo=None) > _TIME_TO_START


def _command(run: dg.DagsterRun) -> Process | None:
    """The command that waits for the run, if one of this machine does."""
    host, pid, started, *_ = [*run.tags.get(COMMAND_TAG, "").split(":"), "", "", ""]
    if not is_awaited(run) or host != socket.gethostname() or not (pid.isdigit() and started.isdigit()):
        return None
    return Process(int(pid), float(started))


def _last_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Process | None:
    """The process that last wrote into the run's log that it executes it."""
    for entry in reversed(instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)):
        pid = entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if isinstance(pid, dg.TextMetadataValue) and (pid.value or "").isdigit():
            return Process(int(pid.value or ""), entry.timestamp)
    return None
