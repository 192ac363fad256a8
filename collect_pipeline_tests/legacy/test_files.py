"""Which files are read, how little is done to them, and which are refused in one sentence."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random

import duckdb
import pytest

from collect_pipeline.legacy.errors import LegacyFileError
from collect_pipeline.legacy.source import TABLES, open_legacy
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.legacy.conftest import Importer, table
from collect_pipeline_tests.legacy.old_file import build, category_row, prompt_row, state_row


@pytest.fixture
def warehouse(no_warehouse: Warehouse) -> Warehouse:
    """None yet, which shows best that a file that is refused changes nothing."""
    return no_warehouse


def beside(path: Path) -> dict[str, str]:
    """Every file that has to do with the old file, with a hash."""
    files = path.parent.glob(f"{path.name}*")
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def whole(path: Path, journal_mode: str = "delete") -> Path:
    """A file with some pages in each table."""
    prompts = [prompt_row(number, f"{number} foxes in a row") for number in range(1, 201)]
    return build(
        path,
        prompts=prompts,
        categories=[category_row(number) for number in range(1, 201)],
        states=[state_row()],
        journal_mode=journal_mode,
    )


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_the_file_and_what_is_beside_it_stay_as_they_are(importer: Importer, tmp_path: Path, journal_mode: str) -> None:
    path = whole(tmp_path / "odd name?#%.db", journal_mode)
    before = beside(path)
    assert importer.run(path).tables[0].came_over == 200
    assert beside(path) == before


def test_a_file_that_cannot_be_written_to_is_read(importer: Importer, tmp_path: Path) -> None:
    path = whole(tmp_path / "old.db")
    path.chmod(0o400)
    assert importer.run(path).tables[0].came_over == 200


def test_what_is_still_in_the_log_is_read_and_the_log_left_alone(importer: Importer, tmp_path: Path) -> None:
    path = whole(tmp_path / "old.db", "wal")
    writer = sqlite3.connect(path)
    writer.execute("INSERT INTO civitai_prompts (civitai_id, full_prompt) VALUES ('999', 'only in the log')")
    writer.commit()
    killed = tmp_path / "killed" / "old.db"
    killed.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{path}{suffix}", f"{killed}{suffix}")
    writer.close()
    before = beside(killed)
    assert importer.run(killed).tables[0].came_over == 201
    assert importer.query("SELECT prompt FROM images WHERE image_id = 999") == [("only in the log",)]
    assert beside(killed) == before


def test_what_is_in_the_log_is_read_through_a_link_to_the_file(importer: Importer, tmp_path: Path) -> None:
    path = whole(tmp_path / "old.db", "wal")
    writer = sqlite3.connect(path)
    writer.execute("INSERT INTO civitai_prompts (civitai_id, full_prompt) VALUES ('999', 'only in the log')")
    writer.commit()
    link = tmp_path / "links" / "linked.db"
    link.parent.mkdir()
    link.symlink_to(path)
    assert importer.run(link).tables[0].came_over == 201
    writer.close()


def test_a_change_that_was_never_finished_is_not_read(importer: Importer, tmp_path: Path) -> None:
    path = whole(tmp_path / "old.db")
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA cache_size = 2")
    writer.execute("UPDATE civitai_prompts SET full_prompt = 'half done', raw_metadata = NULL")
    killed = tmp_path / "killed" / "old.db"
    killed.parent.mkdir()
    for suffix in ("", "-journal"):
        shutil.copyfile(f"{path}{suffix}", f"{killed}{suffix}")
    writer.rollback()
    writer.close()
    before = beside(killed)
    assert importer.run(killed).tables[0].came_over == 200
    assert importer.query("SELECT count(*) FROM images WHERE prompt = 'half done'") == [(0,)]
    assert beside(killed) == before


def _missing(path: Path) -> None:
    assert not path.exists()


def _folder(path: Path) -> None:
    path.mkdir()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_text("id,prompt\n" * 100)


def _duckdb(path: Path) -> None:
    duckdb.connect(path).close()


def _other_schema(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER, text TEXT)")
        connection.execute("CREATE TABLE prompts_v9 (image INTEGER, words TEXT)")
    connection.close()


def _own_names_other_columns(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE civitai_prompts (id INTEGER, body BLOB)")
    connection.close()


def _newer_sqlite(path: Path) -> None:
    whole(path)
    content = bytearray(path.read_bytes())
    content[18:20] = b"\x09\x09"
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_missing, "cannot be opened"),
        (_folder, "cannot be opened"),
        (_empty, "is empty"),
        (_text, "no SQLite database"),
        (_duckdb, "no SQLite database"),
        (_other_schema, "none of the old tool's tables"),
        (_own_names_other_columns, "none of the old tool's tables"),
        (_newer_sqlite, "newer SQLite"),
    ],
)
def test_a_foreign_file_is_one_sentence_and_changes_nothing(
    importer: Importer, tmp_path: Path, make: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "old.db"
    make(path)
    with pytest.raises(LegacyFileError, match=words) as caught:
        importer.run(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert not importer.warehouse.path.exists()


@pytest.mark.parametrize("share", [0.15, 0.5, 0.9, 0.999])
def test_a_truncated_file_changes_nothing(importer: Importer, tmp_path: Path, share: float) -> None:
    path = whole(tmp_path / "old.db")
    content = path.read_bytes()
    for cut in (int(len(content) * share), int(len(content) * share) // 4096 * 4096):
        path.write_bytes(content[:cut])
        with pytest.raises(LegacyFileError, match="damaged or was cut off"):
            importer.run(path)
    assert not importer.warehouse.path.exists()


def test_a_damaged_page_is_found_before_anything_is_changed(importer: Importer, tmp_path: Path) -> None:
    path = whole(tmp_path / "old.db")
    content = bytearray(path.read_bytes())
    content[-4096 * 5 : -4096 * 4] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(LegacyFileError, match="damaged or was cut off"):
        importer.run(path)
    assert not importer.warehouse.path.exists()


def test_damage_anywhere_is_found_before_anything_is_read(tmp_path: Path) -> None:
    whole(tmp_path / "whole.db")
    content = (tmp_path / "whole.db").read_bytes()
    path, random, refused = tmp_path / "old.db", Random(1), 0
    for _ in range(120):
        damaged = bytearray(content)
        for _ in range(random.choice([1, 3, 20])):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        path.write_bytes(damaged)
        with ExitStack() as opened:
            try:
                file = opened.enter_context(open_legacy(path))
            except LegacyFileError:
                refused += 1
                continue
            for name in TABLES:
                assert len(list(file.rows(name))) == file.count(name)
                file.distinct(name, "model_version_id")
    assert refused > 20


def test_a_file_that_is_being_written_to_is_said_to_be_locked(importer: Importer, tmp_path: Path) -> None:
    path = whole(tmp_path / "old.db")
    writer = sqlite3.connect(path)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LegacyFileError, match="locked by another program"):
        importer.run(path)
    writer.close()
    assert not importer.warehouse.path.exists()
    assert importer.run(path).tables[0].came_over == 200


def test_a_file_that_breaks_a_rule_of_its_own_is_read(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE civitai_prompts (id INTEGER PRIMARY KEY, civitai_id TEXT, full_prompt TEXT)")
        connection.execute("INSERT INTO civitai_prompts (civitai_id) VALUES ('5')")
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'full_prompt TEXT', 'full_prompt TEXT NOT NULL')"
        )
    connection.close()
    assert table(importer.run(path), "civitai_prompts").came_over == 1


def test_an_index_that_lacks_rows_hides_none(tmp_path: Path) -> None:
    path = whole(tmp_path / "old.db")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE INDEX versions ON civitai_prompts (model_version_id)")
        [schema] = connection.execute("SELECT * FROM sqlite_master WHERE name = 'versions'").fetchall()
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'versions'")
    connection.close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO civitai_prompts (civitai_id, model_version_id) VALUES ('999', '5')")
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", schema)
    connection.close()
    with open_legacy(path) as file:
        assert file.count("civitai_prompts") == len(list(file.rows("civitai_prompts"))) == 201
        assert set(file.distinct("civitai_prompts", "model_version_id")) == {"98001", "5"}


def test_tables_without_row_ids_and_in_other_letters_are_read(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            'CREATE TABLE Civitai_Prompts (Civitai_ID TEXT PRIMARY KEY, FULL_PROMPT TEXT, "an ""odd"" name") '
            "WITHOUT ROWID"
        )
        connection.execute("INSERT INTO civitai_prompts VALUES ('5', 'a fox', 1)")
    connection.close()
    assert table(importer.run(path), "civitai_prompts").came_over == 1
    assert importer.query("SELECT image_id, prompt FROM images") == [(5, "a fox")]
