"""One collection run as a Dagster run inside the command's own process: it shows in the UI like any other."""

import uuid
from collections.abc import Mapping

import dagster as dg
import psutil

from collect_pipeline.assets.failures import COMMAND_TAG
from collect_pipeline.assets.interrupts import lost_interrupts_sent_again
from collect_pipeline.automation.dead_runs import command_tag
from collect_pipeline.civitai.errors import RefusedByEdgeError, RetryableError, SourceError
from collect_pipeline.cli.exit_codes import FAILED, INTERRUPTED, SOURCE, WAREHOUSE, CommandError, VersionFailedError
from collect_pipeline.warehouse.claims import AlreadyClaimedError
from collect_pipeline.warehouse.errors import WarehouseError


def launch(instance: dg.DagsterInstance, job_name: str, partition_key: str, run_config: Mapping[str, object]) -> None:
    """Run a job for one partition and wait for its end.

    Raises:
        VersionFailedError: it failed for a reason of this version alone.
        CommandError: it failed or was interrupted; the message is the step's own sentence.
    """
    # Imported here because it takes a second, which commands that launch nothing need not spend.
    from collect_pipeline.definitions import defs

    run_id = str(uuid.uuid4())
    try:
        with lost_interrupts_sent_again():
            defs.resolve_job_def(job_name).execute_in_process(
                instance=instance,
                partition_key=partition_key,
                run_config={**run_config, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                run_id=run_id,
                tags={COMMAND_TAG: command_tag(run_id, psutil.Process())},
            )
    except dg.Failure as failure:
        kind, code = _kind(failure.__cause__)
        raise kind(failure.description or "the run failed; see it in the Dagster UI.", code) from failure
    except (dg.DagsterExecutionInterruptedError, KeyboardInterrupt) as interrupt:
        raise CommandError(
            "interrupted; what was collected is stored, and the next run goes on from there.", INTERRUPTED
        ) from interrupt


def _kind(cause: BaseException | None) -> tuple[type[CommandError], int]:
    if isinstance(cause, AlreadyClaimedError):
        return VersionFailedError, FAILED
    if isinstance(cause, SourceError):
        is_in_trouble = isinstance(cause, RetryableError | RefusedByEdgeError)
        return CommandError if is_in_trouble else VersionFailedError, SOURCE
    return CommandError, WAREHOUSE if isinstance(cause, WarehouseError) else FAILED
