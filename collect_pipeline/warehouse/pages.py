"""Storing what was collected: pages as received, the images read from them, what could not be read.

Takes plain rows; knows nothing of the API or of Dagster. Everything here happens inside the caller's transaction, so
that pages, images and the cursor after them are committed together.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from collect_pipeline.warehouse.connection import Connection


@dataclass(frozen=True)
class ResourceRow:
    """One resource of an image: a row of `prompt_resources` without its image."""

    resource_type: str | None
    resource_name: str | None
    model_version_id: int | None
    weight: float | None
    hash: str | None
    source: str


@dataclass(frozen=True)
class ImageRow:
    """One image as received; the columns of `images` that come from the item itself."""

    image_id: int
    position: int
    prompt: str | None
    negative_prompt: str | None
    post_id: int | None
    username: str | None
    created_at: datetime | None
    url: str | None
    width: int | None
    height: int | None
    media_type: str | None
    browsing_level: int | None
    nsfw_level: str | None
    base_model: str | None
    reaction_count: int | None
    comment_count: int | None
    seed: int | None
    steps: int | None
    sampler: str | None
    cfg_scale: float | None
    model_name: str | None
    has_meta: bool
    resources: tuple[ResourceRow, ...]


@dataclass(frozen=True)
class RejectedRow:
    """An item that could not be read, kept as JSON text. `position` counts from 0 within its page."""

    position: int
    reason: str
    payload: str


@dataclass(frozen=True)
class PageRow:
    """One page, ready to be stored. `payload` is the body as received, `image_ids` in the order received."""

    run_id: str | None
    page_number: int
    leg: int
    sort: str
    browsing_level: int
    request_cursor: str | None
    next_cursor: str | None
    fetched_at: datetime
    first_offset: int
    item_count: int
    payload: bytes
    images: tuple[ImageRow, ...]
    rejected: tuple[RejectedRow, ...]
    media_type: str | None = None

    @property
    def image_ids(self) -> list[int]:
        """Ids of the images that could be read, in the order received."""
        return [image.image_id for image in self.images]


@dataclass(frozen=True)
class StoredCounts:
    """What a batch of pages brought: collected = new + duplicates + rejected."""

    collected: int
    valid: int
    new: int
    duplicates: int
    rejected: int
    filled_in: int
    """Known images that got a prompt, or another one than they had."""


_IMAGE_SCHEMA: dict[str, object] = {
    "page_id": "BIGINT",
    "position": "INTEGER",
    "image_id": "BIGINT",
    "prompt": "VARCHAR",
    "negative_prompt": "VARCHAR",
    "post_id": "BIGINT",
    "username": "VARCHAR",
    "created_at": "TIMESTAMP",
    "url": "VARCHAR",
    "width": "INTEGER",
    "height": "INTEGER",
    "media_type": "VARCHAR",
    "browsing_level": "INTEGER",
    "nsfw_level": "VARCHAR",
    "base_model": "VARCHAR",
    "reaction_count": "BIGINT",
    "comment_count": "BIGINT",
    "seed": "HUGEINT",
    "steps": "INTEGER",
    "sampler": "VARCHAR",
    "cfg_scale": "DOUBLE",
    "model_name": "VARCHAR",
    "has_meta": "BOOLEAN",
    "fetched_at": "TIMESTAMP",
    "resources": [
        {
            "resource_type": "VARCHAR",
            "resource_name": "VARCHAR",
            "model_version_id": "BIGINT",
            "weight": "DOUBLE",
            "hash": "VARCHAR",
            "source": "VARCHAR",
        }
    ],
}

META_COLUMNS = ("prompt", "negative_prompt", "seed", "steps", "sampler", "cfg_scale", "model_name")
"""What the generation data of an image says; its resources beside."""


def store_pages(
    connection: Connection, partition_key: str, model_version_id: int, pages: Sequence[PageRow]
) -> StoredCounts:
    """Store a batch of pages of one version and everything on them.

    An image that is stored already is not stored again: its counts and `last_seen_at` are brought up to date, and so
    are its prompt and settings if they were missing so far or its maker has changed them. One that hides its prompt
    now keeps the one that it had.
    """
    received = []
    for page_id, page in zip(insert_pages(connection, partition_key, pages), pages, strict=True):
        received += [received_image(page_id, image, page.fetched_at) for image in page.images]
    stage_images(connection, received)
    new = insert_new_images(connection)
    filled_in = _renew_images(connection)
    _update_known_images(connection)
    connection.execute(
        "INSERT INTO image_versions SELECT image_id, ?, page_id FROM incoming "
        "WHERE image_id NOT IN (SELECT image_id FROM image_versions WHERE model_version_id = ?)",
        [model_version_id, model_version_id],
    )
    connection.execute("DROP TABLE received")
    connection.execute("DROP TABLE incoming")
    collected = sum(page.item_count for page in pages)
    rejected = sum(len(page.rejected) for page in pages)
    valid = sum(1 for page in pages for image in page.images if image.prompt is not None)
    return StoredCounts(collected, valid, new, collected - new - rejected, rejected, filled_in)


def insert_pages(connection: Connection, partition_key: str, pages: Sequence[PageRow]) -> list[int]:
    """Store pages and their rejected items, without their images. Returns the new page ids, in order."""
    # Writers take turns, so the highest id so far is not a race; a sequence would survive a rollback with a gap.
    row = connection.execute("SELECT coalesce(max(page_id), 0) + 1 FROM raw_pages").fetchone()
    first_id = int(row[0]) if row else 1
    for page_id, page in enumerate(pages, first_id):
        _insert_page(connection, page_id, partition_key, page)
        _insert_rejected(connection, page_id, page)
    return list(range(first_id, first_id + len(pages)))


def sha256_of(payload: bytes) -> str:
    """What `payload_sha256` holds."""
    return hashlib.sha256(payload).hexdigest()


def received_image(page_id: int, image: ImageRow, fetched_at: datetime) -> dict[str, object]:
    """An image with its page, as `stage_images` takes it."""
    # asdict() copies every value, which takes longer than all else that is done with an image.
    return {"page_id": page_id, "fetched_at": fetched_at, **vars(image)}


def stage_images(connection: Connection, received: Sequence[Mapping[str, object]]) -> None:
    """Make the temporary table `incoming`: one row an image, with `known` for one that is stored already and `fills`
    if it brings the prompt that the stored one lacks."""
    stage(connection, "received", _IMAGE_SCHEMA, received)
    # One row an image: a later copy wins, but never one without a prompt over one with it.
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE incoming AS SELECT received.*, stored.image_id IS NOT NULL AS known, "
        "coalesce(stored.prompt IS NULL AND received.prompt IS NOT NULL, false) AS fills "
        "FROM received LEFT JOIN images AS stored USING (image_id) "
        "QUALIFY row_number() OVER ("
        "PARTITION BY received.image_id ORDER BY received.prompt IS NULL, received.page_id DESC, position) = 1"
    )


def stage(
    connection: Connection, name: str, columns: Mapping[str, object], rows: Iterable[Mapping[str, object]]
) -> None:
    """Make a temporary table of rows in Python. `columns` are the types, in the form of DuckDB's `from_json`.

    One JSON text for each row: a statement a row is slow, and so is one text for all rows.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS "  # noqa: S608 - names of our own tables
        "SELECT unnest(from_json(text, ?), recursive := true) FROM (SELECT unnest(?::VARCHAR[]) AS text)",
        [json.dumps(columns), [_encoded(row) for row in rows]],
    )


def is_stored(connection: Connection, partition_key: str, page: PageRow) -> bool:
    """Whether this very page is stored already."""
    row = connection.execute(
        "SELECT count(*) FROM raw_pages WHERE partition_key = ? AND leg = ? AND page_number = ?",
        [partition_key, page.leg, page.page_number],
    ).fetchone()
    return row is not None and row[0] > 0


def images_stored(connection: Connection, model_version_id: int) -> int:
    """How many images are stored for a version."""
    row = connection.execute(
        "SELECT count(*) FROM image_versions WHERE model_version_id = ?", [model_version_id]
    ).fetchone()
    return int(row[0]) if row else 0


def ids_before_leg(connection: Connection, partition_key: str, model_version_id: int, leg: int) -> set[int]:
    """Images that were stored for a version before a leg of its walk began."""
    rows = connection.execute(
        "SELECT image_id FROM image_versions WHERE model_version_id = ? AND first_page_id NOT IN "
        "(SELECT page_id FROM raw_pages WHERE partition_key = ? AND leg = ?)",
        [model_version_id, partition_key, leg],
    ).fetchall()
    return {image_id for (image_id,) in rows}


def leg_history(connection: Connection, partition_key: str, leg: int) -> tuple[set[str | None], set[int]]:
    """The cursors asked for and the image ids received in a leg so far."""
    rows = connection.execute(
        "SELECT request_cursor, image_ids FROM raw_pages WHERE partition_key = ? AND leg = ?", [partition_key, leg]
    ).fetchall()
    return {cursor for cursor, _ in rows}, {image_id for _, ids in rows for image_id in ids}


def _insert_page(connection: Connection, page_id: int, partition_key: str, page: PageRow) -> None:
    connection.execute(
        "INSERT INTO raw_pages (page_id, partition_key, run_id, page_number, sort, request_cursor, next_cursor, "
        "fetched_at, item_count, payload, payload_sha256, browsing_level, leg, first_offset, image_ids, "
        "media_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            page_id,
            partition_key,
            page.run_id,
            page.page_number,
            page.sort,
            page.request_cursor,
            page.next_cursor,
            page.fetched_at,
            page.item_count,
            page.payload,
            sha256_of(page.payload),
            page.browsing_level,
            page.leg,
            page.first_offset,
            page.image_ids,
            page.media_type,
        ],
    )


def _insert_rejected(connection: Connection, page_id: int, page: PageRow) -> None:
    for item in page.rejected:
        connection.execute(
            "INSERT INTO rejected_items VALUES (?, ?, ?, ?, ?)",
            [page_id, item.position, item.reason, item.payload, page.fetched_at],
        )


def insert_new_images(connection: Connection) -> int:
    """Store the staged images that are not known, with their resources. Returns how many those are."""
    row = connection.execute("SELECT count(*) FROM incoming WHERE NOT known").fetchone()
    connection.execute(
        "INSERT INTO images BY NAME SELECT * EXCLUDE (position, known, fills, resources, fetched_at), "
        "fetched_at AS first_collected_at, fetched_at AS last_seen_at FROM incoming WHERE NOT known ORDER BY image_id"
    )
    store_resources(connection, "FROM incoming WHERE NOT known")
    return int(row[0]) if row else 0


def _renew_images(connection: Connection) -> int:
    """Give known images the prompt that they lacked, or what their makers have changed since. Returns how many."""
    changed = " OR ".join(f"incoming.{column} IS DISTINCT FROM stored.{column}" for column in META_COLUMNS)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE renewed AS SELECT incoming.* "  # noqa: S608 - column names from the constant above
        "FROM incoming JOIN images AS stored USING (image_id) WHERE incoming.prompt IS NOT NULL AND known "
        f"AND (fills OR (incoming.fetched_at >= stored.last_seen_at AND ({changed})))"
    )
    assignments = ", ".join(f"{column} = renewed.{column}" for column in (*META_COLUMNS, "has_meta", "page_id"))
    row = connection.execute(
        # Deduplication works on images without a prompt_id.
        f"UPDATE images SET {assignments}, "  # noqa: S608 - column names from the constant above
        "prompt_id = CASE WHEN images.prompt = renewed.prompt THEN images.prompt_id END "
        "FROM renewed WHERE images.image_id = renewed.image_id"
    ).fetchone()
    connection.execute("DELETE FROM prompt_resources WHERE image_id IN (SELECT image_id FROM renewed)")
    store_resources(connection, "FROM renewed")
    connection.execute("DROP TABLE renewed")
    return int(row[0]) if row else 0


def _update_known_images(connection: Connection) -> None:
    connection.execute(
        "UPDATE images SET last_seen_at = greatest(last_seen_at, incoming.fetched_at), "
        "reaction_count = coalesce(incoming.reaction_count, images.reaction_count), "
        "comment_count = coalesce(incoming.comment_count, images.comment_count), "
        "browsing_level = coalesce(incoming.browsing_level, images.browsing_level), "
        "nsfw_level = coalesce(incoming.nsfw_level, images.nsfw_level) "
        "FROM incoming WHERE incoming.known AND images.image_id = incoming.image_id"
    )


def store_resources(connection: Connection, staged: str) -> None:
    """Store the resources of staged images; `staged` is a query for these."""
    connection.execute(
        "INSERT INTO prompt_resources BY NAME "  # noqa: S608 - queries of our own
        "SELECT image_id, resource_index, unnest(resource) FROM ("
        "SELECT image_id, generate_subscripts(resources, 1) - 1 AS resource_index, unnest(resources) AS resource "
        f"FROM ({staged}))"
    )


def _encoded(row: Mapping[str, object]) -> str:
    try:
        return orjson.dumps(row).decode()
    except orjson.JSONEncodeError:
        # It knows no numbers of more than 64 bits; seeds may have them.
        return json.dumps(row, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, ResourceRow):
        return vars(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")
