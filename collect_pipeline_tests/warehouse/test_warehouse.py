"""The warehouse file: created on first use, migrated once, shared in turns, unchanged by what fails."""

import multiprocessing
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline.warehouse.errors import WarehouseCopyError, WarehouseLockedError, WarehouseUnusableError
from collect_pipeline.warehouse.migrate import Migration, known_migrations, migrate


def test_the_file_and_its_folder_are_created_on_first_use(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "new" / "collect.duckdb")
    with warehouse.transaction() as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {"model_versions", "collection_state", "raw_pages", "images", "prompts", "prompt_categories"} <= tables


def test_migrations_are_applied_once_and_recorded(no_warehouse: Warehouse) -> None:
    warehouse = no_warehouse
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


def test_images_from_before_levels_were_read_from_words_get_theirs() -> None:
    before = [migration for migration in known_migrations() if migration.version < 10]
    words = ["None", "Soft", "Mature", "X", "Blocked", None]
    with duckdb.connect() as connection:
        migrate(connection, before)
        for image_id, (word, level) in enumerate([*((word, None) for word in words), ("X", 16)]):
            connection.execute(
                "INSERT INTO images BY NAME SELECT ? AS image_id, ? AS nsfw_level, ? AS browsing_level, 1 AS page_id, "
                "true AS has_meta, now()::TIMESTAMP AS first_collected_at, now()::TIMESTAMP AS last_seen_at",
                [image_id, word, level],
            )
        migrate(connection)
        levels = connection.execute("SELECT browsing_level FROM images ORDER BY image_id").fetchall()
    assert levels == [(1,), (2,), (4,), (8,), (None,), (None,), (16,)]


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


def test_a_snapshot_of_a_file_in_no_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(WarehouseUnusableError, match="COLLECT_DATABASE") as caught,
        Warehouse(tmp_path / "file" / "x.duckdb").snapshot(),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_what_a_killed_reader_left_is_removed_by_the_next_and_what_is_in_use_is_not(warehouse: Warehouse) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from collect_pipeline.warehouse.connection import Warehouse\n"
        "with Warehouse(Path(sys.argv[1])).snapshot(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(warehouse.path)], timeout=60, check=False)
    [left] = warehouse.path.parent.glob("snapshot-*")
    own = [warehouse.path.with_name(f"snapshot-of-mine{ending}") for ending in ("", ".duckdb")]
    own[0].mkdir()
    own[1].touch()
    with warehouse.snapshot() as first:
        assert not left.exists()
        [used] = set(warehouse.path.parent.glob("snapshot-*")) - set(own)
        with warehouse.snapshot() as second:
            assert used.exists()
            assert second.execute("FROM image_versions").fetchall() == []
        assert first.execute("FROM image_versions").fetchall() == []
    assert sorted(warehouse.path.parent.glob("snapshot-*")) == own


def test_a_copy_may_stay_open_while_the_warehouse_is_written_and_copied_again(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    target = tmp_path / "copy.duckdb"
    warehouse.copy_to(target)
    with duckdb.connect(target, read_only=True) as reader:
        with warehouse.transaction() as connection:
            connection.execute("INSERT INTO image_versions VALUES (1, 2, 3)")
        warehouse.copy_to(target)
        assert reader.execute("FROM image_versions").fetchall() == []
    script = "import duckdb, sys; print(duckdb.connect(sys.argv[1]).execute('FROM image_versions').fetchall())"
    again = subprocess.run([sys.executable, "-c", script, str(target)], capture_output=True, text=True, check=True)
    assert again.stdout.strip() == "[(1, 2, 3)]"


def test_a_copy_that_was_killed_half_way_is_overwritten(warehouse: Warehouse, tmp_path: Path) -> None:
    target = tmp_path / "copy.duckdb"
    (tmp_path / ".copy.duckdb.partial").write_bytes(b"half of a copy")
    warehouse.copy_to(target)
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == ["copy.duckdb"]


def test_a_copy_that_cannot_be_written_is_one_sentence_and_leaves_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(WarehouseCopyError, match="cannot be copied"):
        warehouse.copy_to(tmp_path / "no such folder" / "copy.duckdb")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    warehouse.migrate()
    # The system refuses to let files grow further, as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(WarehouseCopyError, match="make room"):
            warehouse.copy_to(tmp_path / "copy.duckdb")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.glob("*copy*")) == []


def test_nothing_but_an_earlier_copy_is_overwritten(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.migrate()
    notes = tmp_path / "notes.txt"
    notes.write_text("something else")
    (tmp_path / "link.duckdb").symlink_to(warehouse.path)
    other = tmp_path / "other.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("CREATE TABLE precious AS SELECT 1 AS value")
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_bytes(other.read_bytes()[:5000])
    Warehouse(tmp_path / "second.duckdb").migrate()
    for target, words in (
        (notes, "no DuckDB database"),
        (tmp_path, "no DuckDB database"),
        (warehouse.path, "the warehouse itself"),
        (tmp_path / "link.duckdb", "the warehouse itself"),
        (other, "no copy of a warehouse"),
        (damaged, "no copy of a warehouse"),
        (tmp_path / "second.duckdb", "a warehouse of its own"),
    ):
        with pytest.raises(WarehouseCopyError, match=words) as caught:
            warehouse.copy_to(target)
        assert "\n" not in str(caught.value)
    with duckdb.connect(other) as connection:
        assert connection.execute("FROM precious").fetchall() == [(1,)]
    assert notes.read_text() == "something else"
    assert warehouse.migrate() == []


def test_a_copy_with_changes_in_its_log_is_not_replaced(warehouse: Warehouse, tmp_path: Path) -> None:
    """The log would be taken for the new copy's, which could not be opened then."""
    target = tmp_path / "copy.duckdb"
    warehouse.copy_to(target)
    with duckdb.connect(target) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("CREATE TABLE notes AS SELECT 2 AS note")
    with pytest.raises(WarehouseCopyError, match=r"copy\.duckdb\.wal"):
        warehouse.copy_to(target)
    with duckdb.connect(target) as connection:
        assert connection.execute("FROM notes").fetchall() == [(2,)]
    warehouse.copy_to(target)
    Path(f"{target}.wal").write_bytes(b"left behind")
    target.unlink()
    with pytest.raises(WarehouseCopyError, match=r"copy\.duckdb\.wal"):
        warehouse.copy_to(target)
