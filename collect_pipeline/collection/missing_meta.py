"""Images that were published shortly before they came without generation data: the source may fill it in later.

Older images without it have it hidden by their makers for good. Which walk asks again is not decided here.
"""

from datetime import datetime, timedelta

from collect_pipeline.warehouse.connection import Connection


def find_missing_meta(
    connection: Connection, version_id: int, after: datetime | None, until: datetime, recent: timedelta
) -> datetime | None:
    """When the oldest image of a version was published that was received from `after` (None: ever) to `until`, at most
    `recent` after its publication, without generation data. None if there is none."""
    row = connection.execute(
        "SELECT min(created_at) FROM images JOIN image_versions USING (image_id) "
        "WHERE model_version_id = ? AND NOT has_meta AND first_collected_at <= ? "
        "AND first_collected_at > coalesce(?, TIMESTAMP '1970-01-01') AND created_at >= first_collected_at - ?",
        [version_id, until, after, recent],
    ).fetchone()
    return row[0] if row else None
