"""A warehouse in memory with images in it, for the tests of this folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import duckdb

from collect_pipeline.prompts.deduplicate import DedupeCounts, deduplicate
from collect_pipeline.warehouse.migrate import migrate

START = datetime(2025, 1, 1)  # noqa: DTZ001 - the warehouse stores UTC without a zone


@contextmanager
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"threads": 1})
    try:
        migrate(connection)
        yield connection
    finally:
        connection.close()


def add_image(
    connection: duckdb.DuckDBPyConnection, image_id: int, prompt: str | None, reactions: int = 0, hour: int = 0
) -> None:
    at = START + timedelta(hours=hour)
    connection.execute(
        "INSERT INTO images BY NAME SELECT ? AS image_id, ? AS prompt, ? AS reaction_count, true AS has_meta, "
        "1 AS page_id, ?::TIMESTAMP AS first_collected_at, ?::TIMESTAMP AS last_seen_at",
        [image_id, prompt, reactions, at, at],
    )


def run(connection: duckdb.DuckDBPyConnection) -> DedupeCounts:
    connection.begin()
    counts = deduplicate(connection)
    connection.commit()
    return counts


def add_prompts(connection: duckdb.DuckDBPyConnection, prompts: list[str], first_id: int = 1) -> DedupeCounts:
    for image_id, prompt in enumerate(prompts, first_id):
        add_image(connection, image_id, prompt)
    return run(connection)


def clusters(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The cluster of each prompt, by its normal form."""
    return dict(connection.sql("SELECT normalized, cluster_id FROM prompts").fetchall())
