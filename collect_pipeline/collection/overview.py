"""Every followed version at a glance: how far, what is due, what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.collection.clock import utc_now
from collect_pipeline.collection.due import comes_up
from collect_pipeline.collection.idle import mark_idle
from collect_pipeline.collection.progress import read_walk
from collect_pipeline.collection.walk import Phase, Policy, Walk
from collect_pipeline.warehouse.claims import is_claimed
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.state import StateRow, VersionRow, read_states, read_versions


@dataclass(frozen=True)
class VersionStatus:
    """One followed version. `valid` counts its images that have a prompt; `due` is a phrase such as `now`."""

    partition_key: str
    model_name: str | None
    version_name: str | None
    phase: str
    running: bool
    total_collected: int
    valid: int
    rejected: int
    browsing_level: int | None
    last_successful_fetch_at: datetime | None
    next_page_cursor: str | None
    due: str
    wrong: str | None


def overview(warehouse: Warehouse, policy: Policy, browsing_level: int) -> list[VersionStatus]:
    """The followed versions in the order they were added, with what is due for these levels."""
    mark_idle(warehouse)
    with warehouse.transaction() as connection:
        versions = read_versions(connection)
        states = read_states(connection)
        with_prompt = dict(
            connection.execute(
                "SELECT model_version_id, count(*) FROM image_versions JOIN images USING (image_id) "
                "WHERE prompt IS NOT NULL GROUP BY model_version_id"
            ).fetchall()
        )
    now = utc_now()
    statuses = []
    for version in versions:
        state = states.get(version.partition_key)
        walk = read_walk(state) if state else None
        due = comes_up(state, walk, policy, browsing_level)
        words = "now" if due is None or due <= now else f"{due:%Y-%m-%d %H:%M} UTC"
        statuses.append(_status(warehouse, version, state, walk, with_prompt, words))
    return statuses


def next_cursors(warehouse: Warehouse, partition_keys: Sequence[str]) -> dict[str, str]:
    """Where the next run of each version begins: a cursor, `start` where there is none yet, or `end`."""
    with warehouse.transaction() as connection:
        states = read_states(connection)
    walks = {key: read_walk(states[key]) for key in partition_keys if key in states}
    return {key: _next_cursor(walks.get(key)) for key in partition_keys}


def _next_cursor(walk: Walk | None) -> str:
    if walk is None:
        return "start"
    is_at_end = walk.leg is None and walk.phase not in {Phase.DRAINING, Phase.SUSPECT}
    return "end" if is_at_end else walk.cursor or "start"


def _status(
    warehouse: Warehouse,
    version: VersionRow,
    state: StateRow | None,
    walk: Walk | None,
    with_prompt: dict[int, int],
    due: str,
) -> VersionStatus:
    return VersionStatus(
        partition_key=version.partition_key,
        model_name=version.model_name,
        version_name=version.version_name,
        phase=state.phase if state else "not begun",
        running=is_claimed(warehouse.path, version.partition_key),
        total_collected=state.total_collected if state else 0,
        valid=with_prompt.get(version.model_version_id, 0),
        rejected=state.rejected if state else 0,
        browsing_level=state.browsing_level if state else None,
        last_successful_fetch_at=state.last_successful_fetch_at if state else None,
        next_page_cursor=state.next_page_cursor if state else None,
        due=due,
        wrong=(state.last_error if state else None) or (walk.reason if walk else None),
    )
