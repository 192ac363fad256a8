"""Where to begin for a start offset: behind the items before it, from the nearest cursor that an earlier walk left."""

from collections.abc import Callable
from dataclasses import dataclass

from collect_pipeline.civitai.errors import InvalidCursorError, SourceError
from collect_pipeline.civitai.page import Page
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.walk import Policy
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


def skip_to(
    start: Start, offset: int, ask: Callable[[int, str | None], Page], policy: Policy, key: VersionKey
) -> Start:
    """Walk over items that are not wanted; the server knows no other way to a place in a list.

    `ask` gives the page of so many items behind a cursor.

    Raises:
        SourceError: the list ends before the offset, or does not get there.
    """
    try:
        return _walked_over(start, offset, ask, policy, key)
    except InvalidCursorError:
        if start.cursor is None:
            raise
        # A cursor that an earlier walk left behind may be of a route that answers no more.
        return _walked_over(Start(None, 0), offset, ask, policy, key)


def _walked_over(
    start: Start, offset: int, ask: Callable[[int, str | None], Page], policy: Policy, key: VersionKey
) -> Start:
    asked: set[str | None] = set()
    empty_pages = 0
    while start.offset < offset:
        asked.add(start.cursor)
        page = ask(min(policy.page_size, offset - start.offset), start.cursor)
        start = Start(page.next_cursor, start.offset + len(page.items))
        empty_pages = 0 if page.items else empty_pages + 1
        if page.next_cursor is None:
            raise SourceError(
                f"The gallery of {key} ends after {start.offset} items, before the start offset {offset}; "
                "choose a smaller one."
            )
        if page.next_cursor in asked or empty_pages >= policy.empty_pages:
            raise SourceError(
                f"The list of {key} does not get to the start offset {offset}: it runs in a circle or gives empty "
                "pages; try again later, or without a start offset."
            )
    return start
