"""The warehouse file: created on first use, migrated once, shared in turns, unchanged by what fails."""

import multiprocessing
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.errors import WarehouseLockedError, WarehouseUnusableError
from collect_pipeline.warehouse.migrate import Migration, known_migrations, migrate


def test_the_file_and_its_folder_are_created_on_first_use(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "new" / "collect.duckdb")
    with warehouse.transaction() as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {"model_versions", "collection_state", "raw_pages", "images", "prompts", "prompt_categories"} <= tables


def test_migrations_are_applied_once_and_recorded(warehouse: Warehouse) -> None:
    assert [migration.version for migration in warehouse.migrate()] == [m.version for m in known_migrations()]
    assert warehouse.migrate() == []
    with warehouse.transaction() as connection:
        recorded = connection.execute("SELECT version, name FROM schema_migrations ORDER BY version").fetchall()
    assert recorded == [(migration.version, migration.name) for migration in known_migrations()]


def test_a_migration_that_fails_leaves_the_schema_as_it_was(warehouse: Warehouse) -> None:
    warehouse.migrate()
    broken = [
        *known_migrations(),
        Migration(9001, "first", "CREATE TABLE half_way (a INTEGER)"),
        Migration(9002, "second", "SELECT nothing_like_this"),
    ]
    with duckdb.connect(warehouse.path) as connection:
        with pytest.raises(duckdb.Error):
            migrate(connection, broken)
        assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half_way'").fetchone() == (
            0,
        )
        assert connection.execute("SELECT max(version) FROM schema_migrations").fetchone() == (
            max(migration.version for migration in known_migrations()),
        )


def test_a_migration_that_was_missing_in_between_is_applied_later(warehouse: Warehouse) -> None:
    warehouse.migrate()
    earlier = Migration(9001, "earlier", "CREATE TABLE earlier (a INTEGER)")
    later = Migration(9002, "later", "CREATE TABLE later (a INTEGER)")
    with duckdb.connect(warehouse.path) as connection:
        assert migrate(connection, [*known_migrations(), later]) == [later]
        assert migrate(connection, [*known_migrations(), earlier, later]) == [earlier]
        assert migrate(connection, [*known_migrations(), earlier, later]) == []


def test_a_file_of_a_newer_version_is_refused(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'from the future', now()::TIMESTAMP)")
    with pytest.raises(WarehouseUnusableError, match="9999"), Warehouse(warehouse.path).transaction():
        pass


def test_what_fails_inside_a_transaction_changes_nothing(warehouse: Warehouse) -> None:
    def store_and_fail() -> None:
        with warehouse.transaction() as connection:
            connection.execute("INSERT INTO image_versions VALUES (1, 2, 3)")
            raise LookupError

    with pytest.raises(LookupError):
        store_and_fail()
    with warehouse.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM image_versions").fetchone() == (0,)


def _add_rows(path: str, count: int) -> None:
    warehouse = Warehouse(Path(path))
    for _ in range(count):
        with warehouse.transaction() as connection:
            connection.execute(
                "INSERT INTO image_versions SELECT coalesce(max(image_id), 0) + 1, 1, 1 FROM image_versions"
            )


def test_several_processes_write_in_turn_and_lose_nothing(warehouse: Warehouse) -> None:
    warehouse.migrate()
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add_rows, args=(str(warehouse.path), 8)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    with warehouse.transaction() as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT image_id) FROM image_versions").fetchone() == (
            24,
            24,
        )


def test_a_program_that_holds_the_file_is_named(warehouse: Warehouse) -> None:
    warehouse.migrate()
    waited: list[str] = []
    hasty = Warehouse(warehouse.path, patience=0.3, on_wait=waited.append)
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(warehouse.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WarehouseLockedError, match=f"process {holder.pid}"), hasty.transaction():
            pass
        holder.communicate()
    assert len(waited) == 1
    with hasty.transaction():
        pass


def test_a_file_that_is_no_database_is_said_in_one_sentence_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_text("not a database " * 1000)
    with (
        pytest.raises(WarehouseUnusableError, match="not a valid DuckDB database") as caught,
        Warehouse(path).transaction(),
    ):
        pass
    assert "\n" not in str(caught.value)
    assert path.read_text() == "not a database " * 1000


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(WarehouseUnusableError, match="COLLECT_DATABASE"),
        Warehouse(tmp_path / "file" / "x.duckdb").transaction(),
    ):
        pass


def test_columns_say_what_they_mean(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        row = connection.execute(
            "SELECT comment FROM duckdb_columns() "
            "WHERE table_name = 'collection_state' AND column_name = 'total_collected'"
        ).fetchone()
    assert row
    assert "images stored" in str(row[0])


def test_a_snapshot_shows_what_was_committed_and_keeps_nobody_from_writing(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        connection.execute("INSERT INTO image_versions VALUES (1, 2, 3)")
    with warehouse.snapshot() as snapshot:
        with warehouse.transaction() as connection:
            connection.execute("INSERT INTO image_versions VALUES (4, 5, 6)")
        assert snapshot.execute("FROM image_versions").fetchall() == [(1, 2, 3)]
        with pytest.raises(duckdb.InvalidInputException):
            snapshot.execute("DELETE FROM image_versions")
    assert list(warehouse.path.parent.glob("snapshot-*")) == []


def test_a_copy_that_cannot_be_written_is_one_sentence(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(WarehouseUnusableError, match="cannot be copied"):
        warehouse.copy_to(tmp_path / "no such folder" / "copy.duckdb")
