"""How pages are stored."""

from datetime import datetime

from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.pages import PageRow, insert_pages

NOW = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the warehouse keeps UTC without a zone


def test_storing_a_page_does_not_write_the_stored_ones_anew(warehouse: Warehouse) -> None:
    for number in (1, 2, 3):
        with warehouse.transaction() as connection:
            insert_pages(connection, "1@2", [page(number)])
    assert groups(warehouse) == 3
    with warehouse.transaction() as connection:
        connection.execute("UPDATE raw_pages SET run_id = 'x' WHERE page_number = 3")
    assert groups(warehouse) == 1


def groups(warehouse: Warehouse) -> int:
    """The groups of rows that DuckDB writes at once."""
    with warehouse.transaction() as connection:
        [(count,)] = connection.execute(
            "SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('raw_pages')"
        ).fetchall()
    return int(count)


def page(number: int) -> PageRow:
    """A page without images."""
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
        item_count=0,
        payload=b"{}",
        images=(),
        rejected=(),
    )
