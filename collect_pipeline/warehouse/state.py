"""`collection_state`: one row a partition, and `model_versions`: one row a followed version.

Knows the tables and nothing of what the values mean to the walk.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from collect_pipeline.warehouse.connection import Connection


@dataclass(frozen=True)
class StateRow:
    """A row of `collection_state`; `walk` is JSON text that only the collection reads."""

    partition_key: str
    model_id: int
    version_id: int
    phase: str
    next_page_cursor: str | None
    last_offset: int
    last_page_number: int
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
    browsing_level: int
    walk: str
    updated_at: datetime


@dataclass(frozen=True)
class VersionRow:
    """A row of `model_versions`."""

    partition_key: str
    model_id: int
    model_version_id: int
    model_name: str | None
    version_name: str | None
    model_type: str | None
    base_model: str | None
    published_at: datetime | None
    air: str | None
    creator: str | None
    followed: bool
    added_at: datetime
    refreshed_at: datetime


_STATE_COLUMNS = ", ".join(field.name for field in fields(StateRow))
_VERSION_COLUMNS = ", ".join(field.name for field in fields(VersionRow))


def read_state(connection: Connection, partition_key: str) -> StateRow | None:
    """The state of a partition, or None if it was never collected."""
    row = connection.execute(
        f"SELECT {_STATE_COLUMNS} FROM collection_state WHERE partition_key = ?",  # noqa: S608 - names of fields
        [partition_key],
    ).fetchone()
    return StateRow(*row) if row else None


def read_states(connection: Connection) -> dict[str, StateRow]:
    """The states of all partitions, by key."""
    rows = connection.execute(f"SELECT {_STATE_COLUMNS} FROM collection_state").fetchall()  # noqa: S608 - names of fields
    return {row[0]: StateRow(*row) for row in rows}


def write_state(connection: Connection, state: StateRow) -> None:
    """Replace the state of a partition."""
    connection.execute("DELETE FROM collection_state WHERE partition_key = ?", [state.partition_key])
    _insert(connection, "collection_state", [asdict(state)])


def read_versions(connection: Connection, followed_only: bool = True) -> list[VersionRow]:
    """Followed versions (or all that ever were), in the order they were added."""
    rows = connection.execute(
        f"SELECT {_VERSION_COLUMNS} FROM model_versions WHERE followed OR NOT ? "  # noqa: S608 - names of fields
        "ORDER BY added_at, partition_key",
        [followed_only],
    ).fetchall()
    return [VersionRow(*row) for row in rows]


def save_versions(connection: Connection, versions: Sequence[VersionRow]) -> int:
    """Insert or refresh versions. Of those that are known, `added_at` and `followed` stay what they were.

    Returns how many were not known.
    """
    known = {row.partition_key: row for row in read_versions(connection, followed_only=False)}
    rows = []
    for version in versions:
        before = known.get(version.partition_key, version)
        rows.append(asdict(version) | {"added_at": before.added_at, "followed": before.followed})
    connection.execute(
        "DELETE FROM model_versions WHERE list_contains(?, partition_key)", [[row["partition_key"] for row in rows]]
    )
    _insert(connection, "model_versions", rows)
    return sum(1 for version in versions if version.partition_key not in known)


def set_followed(connection: Connection, partition_keys: Sequence[str]) -> None:
    """Follow known versions (again)."""
    connection.execute(
        "UPDATE model_versions SET followed = true WHERE NOT followed AND list_contains(?, partition_key)",
        [list(partition_keys)],
    )


def unfollow(connection: Connection, partition_keys: Sequence[str]) -> list[str]:
    """Stop following; nothing is deleted. Returns the keys that were followed until now."""
    rows = connection.execute(
        "UPDATE model_versions SET followed = false WHERE followed AND list_contains(?, partition_key) "
        "RETURNING partition_key",
        [list(partition_keys)],
    ).fetchall()
    return [key for (key,) in rows]


def _insert(connection: Connection, table: str, rows: Sequence[dict[str, object]]) -> None:
    for row in rows:
        places = ", ".join("?" for _ in row)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608 - names of our own tables
            list(row.values()),
        )
