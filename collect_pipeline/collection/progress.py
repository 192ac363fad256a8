"""`collection_state` as the collector sees it: the walk and the counts, read from and written to the warehouse."""

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter

from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Walk, new_walk
from collect_pipeline.warehouse.connection import Connection
from collect_pipeline.warehouse.pages import StoredCounts, images_stored
from collect_pipeline.warehouse.state import StateRow, read_state, write_state

_WALK = TypeAdapter(Walk)


@dataclass(frozen=True)
class State:
    """Counts over all runs, and the walk. `total_collected` always is the number of images stored for the version."""

    key: VersionKey
    walk: Walk
    total_collected: int
    attempted: int
    saved: int
    duplicates: int
    rejected: int
    valid: int
    status: str
    last_run_id: str | None
    last_error: str | None
    last_successful_fetch_at: datetime | None

    def after(self, connection: Connection, counts: StoredCounts, fetched_at: datetime) -> "State":
        """The state after a batch of pages was stored in this transaction."""
        return replace(
            self,
            total_collected=images_stored(connection, self.key.version_id),
            attempted=self.attempted + counts.collected,
            saved=self.saved + counts.new,
            duplicates=self.duplicates + counts.duplicates,
            rejected=self.rejected + counts.rejected,
            valid=self.valid + counts.valid,
            last_successful_fetch_at=fetched_at,
        )


def load(connection: Connection, key: VersionKey, browsing_level: int, now: datetime) -> State:
    """The stored state of a version, or a new one that is stored at once."""
    row = read_state(connection, str(key))
    if row is not None:
        return _from_row(key, row)
    state = State(key, new_walk(browsing_level), 0, 0, 0, 0, 0, 0, "idle", None, None, None)
    state = replace(state, total_collected=images_stored(connection, key.version_id))
    save(connection, state, now)
    return state


def read_walk(row: StateRow) -> Walk:
    """The walk of a stored state."""
    return _WALK.validate_json(row.walk)


def save(connection: Connection, state: State, now: datetime) -> None:
    """Write the state; `phase` says failed while the last run ended with an error."""
    walk = state.walk
    write_state(
        connection,
        StateRow(
            partition_key=str(state.key),
            model_id=state.key.model_id,
            version_id=state.key.version_id,
            phase="failed" if state.status == "failed" else walk.phase.value,
            next_page_cursor=walk.cursor,
            last_offset=walk.leg.offset if walk.leg else walk.drained_items,
            last_page_number=walk.leg.pages if walk.leg else walk.drained_pages,
            total_collected=state.total_collected,
            attempted=state.attempted,
            saved=state.saved,
            duplicates=state.duplicates,
            rejected=state.rejected,
            valid=state.valid,
            status=state.status,
            last_run_id=state.last_run_id,
            last_error=state.last_error,
            last_successful_fetch_at=state.last_successful_fetch_at,
            browsing_level=walk.browsing_level,
            walk=_WALK.dump_json(walk).decode(),
            updated_at=now,
        ),
    )


def _from_row(key: VersionKey, row: StateRow) -> State:
    return State(
        key=key,
        walk=read_walk(row),
        total_collected=row.total_collected,
        attempted=row.attempted,
        saved=row.saved,
        duplicates=row.duplicates,
        rejected=row.rejected,
        valid=row.valid,
        status=row.status,
        last_run_id=row.last_run_id,
        last_error=row.last_error,
        last_successful_fetch_at=row.last_successful_fetch_at,
    )
