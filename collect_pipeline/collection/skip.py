"""Where to begin for a start offset: the nearest cursor that an earlier walk left behind."""

from dataclasses import dataclass

from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.warehouse.connection import Connection


@dataclass(frozen=True)
class Start:
    """A place in a list: the cursor to ask with (None for the first page) and the items before it."""

    cursor: str | None
    offset: int


def find_start(connection: Connection, key: VersionKey, sort: str, browsing_level: int, offset: int) -> Start:
    """The last known place at or before `offset` in the same list, the first page if none is known."""
    row = connection.execute(
        "SELECT next_cursor, first_offset + item_count AS items_before FROM raw_pages "
        "WHERE partition_key = ? AND sort = ? AND browsing_level = ? AND media_type IS NULL "
        "AND next_cursor IS NOT NULL AND items_before <= ? AND leg IN ("
        "SELECT leg FROM raw_pages WHERE partition_key = ? AND first_offset = 0 AND request_cursor IS NULL) "
        "ORDER BY items_before DESC, page_id DESC LIMIT 1",
        [str(key), sort, browsing_level, offset, str(key)],
    ).fetchone()
    return Start(row[0], row[1]) if row else Start(None, 0)
