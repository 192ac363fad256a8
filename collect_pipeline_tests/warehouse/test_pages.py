"""How pages lie in the file: a stored page stays where it is, and yet there are not as many pieces as commits."""

import os
from dataclasses import replace
from datetime import datetime

from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.pages import ImageRow, PageRow, store_pages
from collect_pipeline.warehouse.state import StateRow, write_state

NOW = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the warehouse keeps UTC without a zone
LARGE = 300_000
"""Bytes of a page that needs blocks of its own."""
STATE = StateRow(
    partition_key="1@2",
    model_id=1,
    version_id=2,
    phase="following",
    next_page_cursor=None,
    last_offset=0,
    last_page_number=0,
    total_collected=0,
    attempted=0,
    saved=0,
    duplicates=0,
    rejected=0,
    valid=0,
    status="idle",
    last_run_id=None,
    last_error=None,
    last_successful_fetch_at=None,
    browsing_level=1,
    walk="{}",
    updated_at=NOW,
)


def test_a_commit_does_not_write_the_stored_pages_anew(warehouse: Warehouse) -> None:
    for number in (1, 2, 3):
        store(warehouse, page(number, LARGE))
    stored = blocks(warehouse)
    assert stored
    with warehouse.transaction() as connection:
        connection.execute("INSERT INTO segments VALUES (1, 'a')")
    assert blocks(warehouse) == stored
    store(warehouse, page(4, LARGE))
    assert blocks(warehouse) > stored


def test_pages_are_joined_once(warehouse: Warehouse) -> None:
    for first in range(1, 100, 11):
        store(warehouse, *[page(number) for number in range(first, first + 11)])
    payloads = rows(warehouse, "SELECT page_id, payload, image_ids FROM raw_pages ORDER BY page_id")
    assert groups(warehouse, "raw_pages") == 9
    store(warehouse, page(100))
    assert groups(warehouse, "raw_pages") == 1
    assert rows(warehouse, "SELECT page_id, payload, image_ids FROM raw_pages WHERE page_id < 100") == payloads
    stored = blocks(warehouse)
    store(warehouse, *[page(number) for number in range(101, 202)])
    store(warehouse, page(202))
    assert groups(warehouse, "raw_pages") == 3
    assert blocks(warehouse) > stored


def test_other_tables_do_not_keep_a_group_for_each_commit(warehouse: Warehouse) -> None:
    for number in range(1, 41):
        store(warehouse, page(number))
    assert rows(warehouse, "SELECT image_id FROM images") == [(number,) for number in range(1, 41)]
    assert groups(warehouse, "images") < 5
    assert groups(warehouse, "image_versions") < 5


def test_states_that_are_replaced_one_by_one_are_joined_without_a_page(warehouse: Warehouse) -> None:
    for number in range(1, 61):
        with warehouse.transaction() as connection:
            write_state(connection, replace(STATE, partition_key=f"1@{number % 30}"))
    assert len(rows(warehouse, "FROM collection_state")) == 30
    assert groups(warehouse, "collection_state") < 15


def test_deleted_rows_give_their_room_back(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        connection.execute("INSERT INTO segments SELECT i, i FROM range(100_000) AS all_of_them (i)")
        connection.execute("INSERT INTO categorized_segments SELECT i FROM range(100_000) AS all_of_them (i)")
    with warehouse.transaction() as connection:
        connection.execute("DELETE FROM segments WHERE segment_id % 3 <> 0")
        store_pages(connection, "1@2", 2, [page(number) for number in range(20)])
    assert places(warehouse, "segments") == 33_334
    assert places(warehouse, "categorized_segments") == 100_000


def store(warehouse: Warehouse, *pages: PageRow) -> None:
    with warehouse.transaction() as connection:
        store_pages(connection, "1@2", 2, pages)


def rows(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    with warehouse.transaction() as connection:
        return connection.execute(query).fetchall()


def groups(warehouse: Warehouse, table: str) -> int:
    """How many groups of rows a table has."""
    with warehouse.transaction() as connection:
        return len(
            connection.execute("SELECT DISTINCT row_group_id FROM pragma_storage_info(?)", [table]).fetchall(),
        )


def places(warehouse: Warehouse, table: str) -> int:
    """How many rows a table has room for, deleted ones included."""
    with warehouse.transaction() as connection:
        [(count,)] = connection.execute(
            "SELECT sum(count) FROM pragma_storage_info(?) WHERE column_id = 0 AND segment_type <> 'VALIDITY'", [table]
        ).fetchall()
    return int(count)


def blocks(warehouse: Warehouse) -> set[tuple[int, int]]:
    """Where in the file the payloads of the pages are."""
    with warehouse.transaction() as connection:
        return {
            (int(block), int(offset))
            for block, offset in connection.execute(
                "SELECT block_id, block_offset FROM pragma_storage_info('raw_pages') "
                "WHERE column_name = 'payload' AND segment_type = 'BLOB' AND block_id >= 0"
            ).fetchall()
        }


def page(number: int, size: int = 0) -> PageRow:
    """A page with one image of the same number."""
    image = ImageRow(
        image_id=number,
        position=0,
        prompt=None,
        negative_prompt=None,
        post_id=None,
        username=None,
        created_at=None,
        url=None,
        width=None,
        height=None,
        media_type=None,
        browsing_level=None,
        nsfw_level=None,
        base_model=None,
        reaction_count=None,
        comment_count=None,
        seed=None,
        steps=None,
        sampler=None,
        cfg_scale=None,
        model_name=None,
        has_meta=False,
        resources=(),
    )
    return PageRow(
        run_id=None,
        page_number=number,
        leg=0,
        sort="Oldest",
        browsing_level=1,
        request_cursor=None,
        next_cursor=None,
        fetched_at=NOW,
        first_offset=0,
        item_count=1,
        payload=os.urandom(size),
        images=(image,),
        rejected=(),
    )
