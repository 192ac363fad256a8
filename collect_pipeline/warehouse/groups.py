"""Rows lie in the file in groups, a new one for each commit; here small groups are joined into bigger ones.

DuckDB can do that by itself, for all tables or for none, when it closes the file. It would write stored pages anew with
nearly every commit: a table is joined while it has fewer than 122,880 rows, however large these are, and an index does
not keep it from that. So it is told to join nothing (`max_vacuum_tasks`), and we join: pages once, other tables at
their end. Not to join at all is no choice: a group takes at least a block of 256 KB, and readers go through all groups.
"""

import duckdb

_PAGES = 100
"""So many pages are joined, once."""
_OFTEN = 20
"""Other tables are looked at each time that so many pages were added."""
_MANY = 10
"""A table is joined that ends in so many small groups."""
_FULL = 61_440
"""A group of so many rows is not small: half of what DuckDB puts into one at most."""


def count_pages(connection: duckdb.DuckDBPyConnection) -> int:
    """How many pages are stored."""
    [(count,)] = connection.execute("SELECT count(*) FROM raw_pages").fetchall()
    return int(count)


def join_groups(connection: duckdb.DuckDBPyConnection, before: int, after: int, look: bool) -> None:
    """Do what is due after a transaction that made `after` pages of `before` pages, in a transaction of its own.

    Args:
        look: whether to look at the tables even if few pages were added.
    """
    if before // _OFTEN == after // _OFTEN and not look:
        return
    connection.begin()
    _join_pages(connection, before, after)
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND table_name <> 'raw_pages'"
    ).fetchall()
    for (table,) in tables:
        _join_end(connection, table)
    connection.commit()


def _join_pages(connection: duckdb.DuckDBPyConnection, before: int, after: int) -> None:
    loose = after - before // _PAGES * _PAGES
    # So many that came at once are a group already.
    if loose >= _PAGES > after - before:
        [(last,)] = connection.execute("SELECT max(page_id) FROM raw_pages").fetchall()
        _write_anew(connection, "raw_pages", f"page_id > {last - loose}")


def _join_end(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    groups = connection.execute(
        "SELECT max(start + count) FROM pragma_storage_info(?) WHERE column_id = 0 "
        "GROUP BY row_group_id ORDER BY row_group_id DESC",
        [table],
    ).fetchall()
    sizes = [size for (size,) in groups]
    small = next((number for number, size in enumerate(sizes) if size >= _FULL), len(sizes))
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - a name of our own tables
    if rows < sum(sizes) * 3 / 4:
        _write_anew(connection, table, "true")  # deleted rows take their room until then
    elif small >= _MANY:
        # By number, not by rowid: dropped groups leave gaps. Deleted rows make it some rows more than those.
        offset = max(0, rows - sum(sizes[:small]))
        [(start,)] = connection.execute(f"SELECT rowid FROM {table} LIMIT 1 OFFSET {offset}").fetchall()  # noqa: S608 - as above
        _write_anew(connection, table, f"rowid >= {start}")


def _write_anew(connection: duckdb.DuckDBPyConnection, table: str, which: str) -> None:
    """`which` compares with a number: a query in it might give another one when it is asked again, and rows would be
    lost."""
    # A group that has no rows left is dropped in any case, and what is inserted by one statement becomes one group.
    connection.execute(f"CREATE TEMP TABLE written_anew AS FROM {table} WHERE {which}")
    connection.execute(f"DELETE FROM {table} WHERE {which}")  # noqa: S608 - names of our own tables
    connection.execute(f"INSERT INTO {table} FROM written_anew")
    connection.execute("DROP TABLE written_anew")
