"""Rows of the old `collection_state`: which version each is about, and how our walk over it begins."""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from collect_pipeline.collection import walk as walking
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.progress import State
from collect_pipeline.legacy.cursors import OldCursor, read_old_cursor
from collect_pipeline.legacy.source import Row, Value
from collect_pipeline.legacy.values import read_count, read_model_or_version_id, read_time, read_words
from collect_pipeline.warehouse.legacy import OldState

_SECRET = re.compile(r"""((?:token|api_?key|authorization)["']?\s*(?:=|:|%3D)\s*["']?(?:bearer\s+)?)[^&\s"']+""", re.I)
"""A key in an address or a text: the API copies `token=` into the address of the next page."""


@dataclass(frozen=True)
class VersionState:
    """A row that names a version: where the walk begins, and the counts so far."""

    key: VersionKey
    cursor: OldCursor
    offset: int
    attempted: int
    saved: int
    duplicates: int
    last_update: datetime | None

    def begin(self, browsing_level: int, total_collected: int, now: datetime) -> State:
        """Our state: at the old cursor if it can be gone on with, else before the first page."""
        walk = walking.new_walk(browsing_level)
        if self.cursor.usable:
            walk = walking.drain(walk, now, cursor=self.cursor.cursor, offset=self.offset)
        return State(
            key=self.key,
            walk=walk,
            total_collected=total_collected,
            attempted=max(self.attempted, self.saved + self.duplicates),
            saved=self.saved,
            duplicates=self.duplicates,
            rejected=0,
            # The old tool stored nothing but images with a prompt.
            valid=self.saved + self.duplicates,
            status="idle",
            last_run_id=None,
            last_error=None,
            last_successful_fetch_at=self.last_update,
        )


def collected_versions(rows: Iterable[Row]) -> frozenset[int]:
    """Ids that the old tool used for a version and never for a model."""
    rows = list(rows)
    versions = {read_model_or_version_id(row.get("version_id")) for row in rows}
    models = {read_model_or_version_id(row.get("model_id")) for row in rows}
    return frozenset(version_id for version_id in versions - models if version_id is not None)


def pairs_of_states(rows: Iterable[Row]) -> set[tuple[int, int]]:
    """The (model id, version id) of the rows that name both."""
    pairs = set()
    for row in rows:
        model_id, version_id = (read_model_or_version_id(row.get(name)) for name in ("model_id", "version_id"))
        if model_id is not None and version_id is not None and model_id != version_id:
            pairs.add((model_id, version_id))
    return pairs


def models_of_versions(pairs: Set[tuple[int, int]], collected: Set[int]) -> dict[int, int]:
    """The model of each version that is only ever named together with one model.

    `pairs` are (model id, version id) as old rows name them; in a row that was collected for one version, the old tool
    may have written that version's id in place of the model's (`collected`).
    """
    models: dict[int, set[int]] = {}
    for model_id, version_id in pairs:
        if model_id not in collected:
            models.setdefault(version_id, set()).add(model_id)
    return {version_id: found.pop() for version_id, found in models.items() if len(found) == 1}


def read_state(row: Row, models: Mapping[int, int], browsing_level: int) -> tuple[VersionState | str, OldState]:
    """The state of a version, or why the row gives none; and the row as it is kept."""
    state = _version_state(row, models, browsing_level)
    return state, OldState(
        model_id=_text(row.get("model_id")),
        version_id=_text(row.get("version_id")),
        partition_key=str(state.key) if isinstance(state, VersionState) else None,
        next_page_cursor=_text(row.get("next_page_cursor")),
        cursor=state.cursor.cursor if isinstance(state, VersionState) else None,
        remark=state.cursor.remark if isinstance(state, VersionState) else state,
        last_offset=read_count(row.get("last_offset")),
        total_collected=read_count(row.get("total_collected")),
        planned_total=read_count(row.get("planned_total")),
        attempted=read_count(row.get("attempted")),
        duplicates=read_count(row.get("duplicates")),
        saved=read_count(row.get("saved")),
        status=_text(row.get("status")),
        summary_json=_text(row.get("summary_json")),
        last_update=_text(row.get("last_update")),
    )


def _version_state(row: Row, models: Mapping[int, int], browsing_level: int) -> VersionState | str:
    version_id = read_model_or_version_id(row.get("version_id"))
    if version_id is None:
        return "names no version: follow the model to collect it"
    model_id = read_model_or_version_id(row.get("model_id"))
    if model_id is None or model_id == version_id:
        model_id = models.get(version_id)
    if model_id is None:
        return "names no model: follow the version to collect it"
    return VersionState(
        key=VersionKey(model_id, version_id),
        cursor=read_old_cursor(_text(row.get("next_page_cursor")), version_id, browsing_level),
        offset=read_count(row.get("last_offset")) or 0,
        attempted=read_count(row.get("attempted")) or 0,
        saved=read_count(row.get("saved")) or 0,
        duplicates=read_count(row.get("duplicates")) or 0,
        last_update=read_time(row.get("last_update")),
    )


def _text(value: Value) -> str | None:
    """The value as text, without keys."""
    text = read_words(value)
    return None if text is None else _SECRET.sub(r"\1removed", text)
