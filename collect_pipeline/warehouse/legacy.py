"""Storing what the old tool's database holds: pages made of its rows, and what only it knew.

Takes plain rows; knows nothing of SQLite or of what the old columns mean. Everything here happens inside the caller's
transaction, changes nothing when it is called twice with the same rows, and overwrites nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

from collect_pipeline.warehouse.connection import Connection
from collect_pipeline.warehouse.pages import (
    META_COLUMNS,
    ImageRow,
    PageRow,
    ResourceRow,
    insert_new_images,
    insert_pages,
    received_image,
    sha256_of,
    stage,
    stage_images,
    store_resources,
)

LEGACY = "legacy"
"""The partition key and the sort of pages made of old rows, and the source of old resources."""


@dataclass(frozen=True)
class OldImage:
    """An image of a legacy page: when it was collected (UTC without a zone), and the versions it was found under."""

    image: ImageRow
    collected_at: datetime
    version_ids: tuple[int, ...]


@dataclass(frozen=True)
class OldPage:
    """A page made of old rows. `images` are those of `page.images` in the same order."""

    page: PageRow
    images: tuple[OldImage, ...]


@dataclass(frozen=True)
class OldCategory:
    """A row of `legacy_prompt_categories`."""

    image_id: int
    category: str
    keywords: tuple[str, ...]
    confidence: float | None


@dataclass(frozen=True)
class OldResource:
    """A resource that the old tool knew of an image."""

    image_id: int
    resource: ResourceRow


@dataclass(frozen=True)
class OldState:
    """A row of `legacy_collection_state`."""

    model_id: str | None
    version_id: str | None
    partition_key: str | None
    next_page_cursor: str | None
    cursor: str | None
    remark: str
    last_offset: int | None
    total_collected: int | None
    planned_total: int | None
    attempted: int | None
    duplicates: int | None
    saved: int | None
    status: str | None
    summary_json: str | None
    last_update: str | None


def store_old_pages(connection: Connection, pages: Sequence[OldPage]) -> int:
    """Store the pages that are not stored yet, with their images and links, and correct the counts of the versions
    that got images. An image that is stored already only gets what it lacks: a prompt, settings, a version.

    Returns how many images are stored for the first time.
    """
    stored = _stored_hashes(connection)
    fresh = [page for page in pages if sha256_of(page.page.payload) not in stored]
    if not fresh:
        return 0
    ids = insert_pages(connection, LEGACY, [page.page for page in fresh])
    found = [(page_id, image) for page_id, page in zip(ids, fresh, strict=True) for image in page.images]
    stage_images(connection, [received_image(page_id, old.image, old.collected_at) for page_id, old in found])
    new = insert_new_images(connection)
    _fill_images(connection)
    _link(connection, [(old.image.image_id, v, page_id) for page_id, old in found for v in old.version_ids])
    return new


def store_old_categories(connection: Connection, rows: Sequence[OldCategory]) -> int:
    """Store the categories that are not stored yet. Returns how many those are."""
    stage(
        connection,
        "old_category",
        {"image_id": "BIGINT", "category": "VARCHAR", "keywords": ["VARCHAR"], "confidence": "DOUBLE"},
        [vars(row) for row in rows],
    )
    return _changed(
        connection,
        "INSERT INTO legacy_prompt_categories BY NAME FROM old_category EXCEPT "
        "SELECT image_id, category, keywords, confidence FROM legacy_prompt_categories "
        "WHERE image_id IN (SELECT image_id FROM old_category)",
    )


def store_old_resources(connection: Connection, rows: Sequence[OldResource]) -> tuple[int, int]:
    """Store the resources of images whose own data names none.

    Returns how many are stored for the first time, and how many are left because the image's own data names others.
    """
    columns = {
        "resource_type": "VARCHAR",
        "resource_name": "VARCHAR",
        "model_version_id": "BIGINT",
        "weight": "DOUBLE",
        "hash": "VARCHAR",
        "source": "VARCHAR",
    }
    stage(
        connection,
        "old_resource",
        {"image_id": "BIGINT", "position": "INTEGER", **columns},
        [{"image_id": row.image_id, "position": position, **vars(row.resource)} for position, row in enumerate(rows)],
    )
    names = ", ".join(columns)
    same = " AND ".join(f"own.{name} IS NOT DISTINCT FROM old.{name}" for name in columns)
    left = _changed(
        connection,
        f"""
        WITH own AS (
            FROM prompt_resources WHERE image_id IN (SELECT image_id FROM old_resource)
        )
        SELECT count(*)
        FROM old_resource AS old
        WHERE image_id IN (SELECT image_id FROM own WHERE source NOT IN ('text', '{LEGACY}'))
            AND NOT EXISTS (FROM own WHERE own.image_id = old.image_id AND {same})
            AND NOT EXISTS (
                FROM own
                WHERE own.image_id = old.image_id
                    AND own.resource_type IS NOT DISTINCT FROM old.resource_type
                    -- One source names a resource, another gives its version.
                    AND coalesce(
                        own.model_version_id = old.model_version_id,
                        lower(own.resource_name) = lower(old.resource_name),
                        false
                    )
            )
        """,  # noqa: S608 - names of our own columns
    )
    new = _changed(
        connection,
        f"""
        INSERT INTO prompt_resources BY NAME
        WITH own AS (
            FROM prompt_resources WHERE image_id IN (SELECT image_id FROM old_resource)
        ), missing AS (
            SELECT image_id, min(position) AS position, {names}
            FROM old_resource AS old
            WHERE image_id NOT IN (SELECT image_id FROM own WHERE source NOT IN ('text', '{LEGACY}'))
                AND NOT EXISTS (FROM own WHERE own.image_id = old.image_id AND {same})
            GROUP BY image_id, {names}
        ), used AS (
            SELECT image_id, max(resource_index) + 1 AS count FROM own GROUP BY image_id
        )
        SELECT
            image_id,
            coalesce(used.count, 0) + row_number() OVER (PARTITION BY image_id ORDER BY position) - 1 AS resource_index,
            {names}
        FROM missing LEFT JOIN used USING (image_id)
        """,  # noqa: S608 - names of our own columns
    )
    return new, left


def store_old_states(connection: Connection, rows: Iterable[OldState]) -> None:
    """Keep the old states that are not kept yet. What was remarked of a row does not make it another one."""
    columns = [field.name for field in fields(OldState) if field.name != "remark"]
    kept = set(
        connection.execute(f"SELECT {', '.join(columns)} FROM legacy_collection_state").fetchall()  # noqa: S608
    )
    for row in rows:
        if tuple(getattr(row, name) for name in columns) not in kept:
            connection.execute(
                f"INSERT INTO legacy_collection_state VALUES ({', '.join('?' for _ in fields(row))})",  # noqa: S608
                list(astuple(row)),
            )


def partition_keys_of(connection: Connection, version_ids: Sequence[int]) -> list[str]:
    """The partitions with a state whose version is one of these."""
    rows = connection.execute(
        "SELECT partition_key FROM collection_state WHERE list_contains(?, version_id) ORDER BY partition_key",
        [list(version_ids)],
    ).fetchall()
    return [key for (key,) in rows]


def _fill_images(connection: Connection) -> None:
    """Give known images what they lack and a staged one brings. Nothing is replaced: what is stored is of the API, or
    of an old row that said more. Settings of another prompt are not its own."""
    assignments = ", ".join(f"{column} = coalesce(images.{column}, incoming.{column})" for column in META_COLUMNS)
    connection.execute(
        f"UPDATE images SET {assignments}, has_meta = images.has_meta OR incoming.has_meta, "  # noqa: S608 - column names of our own
        "page_id = CASE WHEN incoming.fills THEN incoming.page_id ELSE images.page_id END "
        "FROM incoming WHERE incoming.known AND images.image_id = incoming.image_id "
        "AND (incoming.fills OR images.prompt = incoming.prompt)"
    )
    store_resources(
        connection,
        "FROM incoming WHERE known AND fills AND image_id NOT IN (SELECT image_id FROM prompt_resources)",
    )


def _stored_hashes(connection: Connection) -> set[str]:
    rows = connection.execute("SELECT payload_sha256 FROM raw_pages WHERE partition_key = ?", [LEGACY]).fetchall()
    return {digest for (digest,) in rows}


def _link(connection: Connection, links: Sequence[tuple[int, int, int]]) -> None:
    stage(
        connection,
        "old_link",
        {"image_id": "BIGINT", "model_version_id": "BIGINT", "first_page_id": "BIGINT"},
        [{"image_id": image, "model_version_id": version, "first_page_id": page} for image, version, page in links],
    )
    connection.execute(
        "INSERT INTO image_versions BY NAME "
        "SELECT image_id, model_version_id, min(first_page_id) AS first_page_id FROM old_link "
        "ANTI JOIN image_versions USING (image_id, model_version_id) GROUP BY image_id, model_version_id"
    )
    connection.execute(
        "UPDATE collection_state SET total_collected = stored.images FROM ("
        "SELECT model_version_id, count(*) AS images FROM image_versions "
        "SEMI JOIN old_link USING (model_version_id) GROUP BY model_version_id) AS stored "
        "WHERE version_id = stored.model_version_id AND total_collected <> stored.images"
    )


def _changed(connection: Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
