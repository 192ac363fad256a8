"""Images that were published shortly before they came without generation data: the source may fill it in later.

Older images without it have it hidden by their makers for good. Which walk asks again is not decided here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from collect_pipeline.warehouse.connection import Connection


@dataclass(frozen=True)
class MissingMeta:
    """Images to ask for again, and when the oldest of them was published."""

    image_ids: tuple[int, ...]
    down_to: datetime


def find_missing_meta(
    connection: Connection, version_id: int, after: datetime | None, until: datetime, recent: timedelta
) -> MissingMeta | None:
    """Images of a version received from `after` (None: ever) to `until` at most `recent` after their publication and
    without generation data. None if there are none."""
    rows = connection.execute(
        "SELECT image_id, created_at FROM images JOIN image_versions USING (image_id) "
        "WHERE model_version_id = ? AND NOT has_meta AND first_collected_at <= ? "
        "AND first_collected_at > coalesce(?, TIMESTAMP '1970-01-01') AND created_at >= first_collected_at - ?",
        [version_id, until, after, recent],
    ).fetchall()
    if not rows:
        return None
    return MissingMeta(tuple(image_id for image_id, _ in rows), min(created_at for _, created_at in rows))


def count_with_meta(connection: Connection, image_ids: Collection[int]) -> int:
    """How many of some images have generation data by now."""
    row = connection.execute(
        "SELECT count(*) FROM images WHERE has_meta AND list_contains(?, image_id)", [list(image_ids)]
    ).fetchone()
    return int(row[0]) if row else 0
