"""One collection run as a Dagster run inside the command's own process: it shows in the UI like any other.

A command that was killed leaves its run under way for ever, and with it the places it held in Dagster's pools, which
would keep every later run waiting. So each command first ends the runs of commands that are not alive any more.
"""

import os
import socket
import uuid
from collections.abc import Mapping

import dagster as dg
import psutil

from collect_pipeline.assets.failures import COMMAND_TAG, is_awaited
from collect_pipeline.civitai.errors import SourceError
from collect_pipeline.cli.exit_codes import FAILED, INTERRUPTED, SOURCE, WAREHOUSE, CommandError
from collect_pipeline.warehouse.claims import AlreadyClaimedError
from collect_pipeline.warehouse.errors import WarehouseError

_UNDER_WAY = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def launch(instance: dg.DagsterInstance, job_name: str, partition_key: str, run_config: Mapping[str, object]) -> None:
    """Run a job for one partition and wait for its end.

    Raises:
        CommandError: it failed or was interrupted; the message is the step's own sentence.
    """
    # Imported here because it takes a second, which commands that launch nothing need not spend.
    from collect_pipeline.definitions import defs

    run_id = str(uuid.uuid4())
    try:
        defs.resolve_job_def(job_name).execute_in_process(
            instance=instance,
            partition_key=partition_key,
            run_config={**run_config, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            run_id=run_id,
            tags={COMMAND_TAG: f"{_owner(os.getpid())}:{run_id}"},
        )
    except dg.Failure as failure:
        raise CommandError(
            failure.description or "the run failed; see it in the Dagster UI.", _code(failure)
        ) from failure
    except (dg.DagsterExecutionInterruptedError, KeyboardInterrupt) as interrupt:
        raise CommandError(
            "interrupted; what was collected is stored, and the next run goes on from there.", INTERRUPTED
        ) from interrupt


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs whose command was killed as failed and free what they held. Returns their ids."""
    runs = instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY))
    dead = [run for run in runs if is_awaited(run) and _is_dead(run.tags[COMMAND_TAG].removesuffix(f":{run.run_id}"))]
    for run in dead:
        instance.report_run_failed(
            run, "The command that carried this run was killed. The next run goes on from there."
        )
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]


def _owner(pid: int) -> str:
    """Host, process and its start: a process id alone is used again."""
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.0f}"


def _is_dead(owner: str) -> bool:
    host, _, rest = owner.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return _owner(int(pid)) != owner
    except psutil.NoSuchProcess:
        return True


def _code(failure: dg.Failure) -> int:
    cause = failure.__cause__
    if isinstance(cause, AlreadyClaimedError):
        return FAILED
    if isinstance(cause, SourceError):
        return SOURCE
    return WAREHOUSE if isinstance(cause, WarehouseError) else FAILED
