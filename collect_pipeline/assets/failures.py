"""From our errors to Dagster's: what may be tried again, when, and what a person reads in the run's page."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from collect_pipeline.assets.interrupts import lost_interrupts_sent_again
from collect_pipeline.civitai.errors import RetryableError, SourceError
from collect_pipeline.collection.partition import PartitionKeyError
from collect_pipeline.legacy.errors import LegacyFileError
from collect_pipeline.report.errors import ReportError
from collect_pipeline.settings import SettingsError
from collect_pipeline.warehouse.errors import WarehouseError, WarehouseLockedError

MAX_RETRIES = 3
_FIRST_WAIT = 20.0

COMMAND_TAG = "collect_pipeline/command"
"""Carried by a run that a person waits for at a terminal: the process of the command, then the run's id, since the UI
copies tags to re-executions, for which nobody waits. Such a run fails at once instead of waiting for a retry."""


def is_awaited(run: dg.DagsterRun) -> bool:
    """Whether a command waits for this very run."""
    return run.tags.get(COMMAND_TAG, "").endswith(run.run_id)


@contextmanager
def readable_failures(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Iterator[None]:
    """Turn errors of the source, the warehouse, the settings and the report into step failures with one sentence.

    Faults that pass are retried by Dagster after 20, 40 and 80 seconds or when the server said; permanent ones
    are not, nor is a challenge for browsers, which the client has waited for already.
    """
    try:
        with lost_interrupts_sent_again():
            yield
    except (RetryableError, WarehouseLockedError) as error:
        if is_awaited(context.run) or context.retry_number >= MAX_RETRIES:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        asked = error.retry_after if isinstance(error, SourceError) and error.retry_after else 0.0
        wait = max(asked, _FIRST_WAIT * 2**context.retry_number)
        context.log.warning(f"{error} Trying again in {wait:.0f} s.")
        raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=wait) from error
    except (SourceError, WarehouseError, SettingsError, PartitionKeyError, ReportError, LegacyFileError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
