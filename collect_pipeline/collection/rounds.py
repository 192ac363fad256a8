"""One round over many versions: each goes on in turn, and one that fails stops no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.errors import RefusedByEdgeError, RetryableError, SourceError
from collect_pipeline.collection.collector import CollectOptions, Collector, Progress
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Policy
from collect_pipeline.warehouse.claims import AlreadyClaimedError
from collect_pipeline.warehouse.connection import Warehouse

FAILURES_IN_A_ROW = 3
"""So many versions that the source has no answer for one after another are trouble of the source itself."""


@dataclass(frozen=True)
class Round:
    """What a round brought. `failed` and `busy` are partition keys; failures stand in the state of their version.

    `trouble` is why the round ended early, the source itself being in trouble; the versions not reached stay due.
    """

    finished: tuple[Progress, ...]
    failed: tuple[str, ...]
    busy: tuple[str, ...]
    trouble: SourceError | None

    @property
    def with_news(self) -> list[Progress]:
        """The versions with news."""
        return [progress for progress in self.finished if progress.has_news]


def collect_round(
    warehouse: Warehouse,
    client: CivitaiClient,
    keys: Sequence[str],
    policy: Policy,
    browsing_level: int,
    *,
    run_id: str | None,
    say: Callable[[str], None],
) -> Round:
    """Collect every version in turn; `say` is told of those with news and of failures.

    Raises:
        WarehouseError: the warehouse cannot be used.
    """
    finished: list[Progress] = []
    failed: list[str] = []
    busy: list[str] = []
    trouble: SourceError | None = None
    without_answer = 0
    options = CollectOptions(browsing_level=browsing_level, auto_advance_on_empty=True)
    for key in keys:
        try:
            progress = Collector(
                warehouse,
                client,
                VersionKey.parse(key),
                options,
                policy,
                run_id=run_id,
                on_progress=lambda _: None,
            ).run()
        except AlreadyClaimedError:
            busy.append(key)
        except SourceError as error:
            say(f"{key}: {error}")
            failed.append(key)
            without_answer = without_answer + 1 if isinstance(error, RetryableError) else 0
            if isinstance(error, RefusedByEdgeError) or without_answer >= FAILURES_IN_A_ROW:
                trouble = error
                break
        else:
            without_answer = 0
            finished.append(progress)
            if progress.has_news:
                say(
                    f"{key}: {progress.linked} new images, {progress.filled_in} with generation data new or changed, "
                    f"{progress.total_collected} stored."
                )
    return Round(tuple(finished), tuple(failed), tuple(busy), trouble)


def finished_in(warehouse: Warehouse, run_id: str) -> set[str]:
    """Partition keys of the versions that a run has gone on with already, and that did not fail in it."""
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "SELECT partition_key FROM collection_state WHERE last_run_id = ? AND status <> 'failed'", [run_id]
        ).fetchall()
    return {key for (key,) in rows}
