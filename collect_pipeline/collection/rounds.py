"""One round over many versions: each goes on in turn, and one that fails for a reason of its own stops no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collect_pipeline.civitai.client import CivitaiClient
from collect_pipeline.civitai.errors import RefusedByEdgeError, RetryableError, SourceError
from collect_pipeline.collection.collector import CollectOptions, Collector, Progress
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Policy
from collect_pipeline.warehouse.claims import AlreadyClaimedError
from collect_pipeline.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Round:
    """What a round brought. `failed` and `busy` are partition keys; failures stand in the state of their version."""

    finished: tuple[Progress, ...]
    failed: tuple[str, ...]
    busy: tuple[str, ...]

    @property
    def with_news(self) -> list[Progress]:
        """The versions that got images, or generation data of images, that was not stored so."""
        return [progress for progress in self.finished if progress.linked or progress.filled_in]


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
        RetryableError, RefusedByEdgeError: the source itself is in trouble; those not reached yet stay due.
    """
    finished, failed, busy = [], [], []
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
        except (RetryableError, RefusedByEdgeError):
            raise
        except SourceError as error:
            say(f"{key}: {error}")
            failed.append(key)
        else:
            finished.append(progress)
            if progress.linked or progress.filled_in:
                say(
                    f"{key}: {progress.linked} new images, {progress.filled_in} with generation data new or changed, "
                    f"{progress.total_collected} stored."
                )
    return Round(tuple(finished), tuple(failed), tuple(busy))
