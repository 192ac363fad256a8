"""A migrated database in memory, prompts put into it as the pipeline does, and small taxonomies in a folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pytest

from collect_pipeline.categories import CATEGORIES, Taxonomy, load
from collect_pipeline.prompts.macros import define_macros
from collect_pipeline.warehouse.migrate import migrate

Connection = duckdb.DuckDBPyConnection
HEADER = "phrase,also,nsfw_level,scope\n"


@pytest.fixture
def connection() -> Connection:
    """An empty warehouse."""
    return new_connection()


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The package's own, read once."""
    return load()


@pytest.fixture
def small(tmp_path: Path) -> Callable[[Mapping[str, Sequence[str]]], Taxonomy]:
    """Writes a taxonomy of the given lines, file by file, and reads it."""

    def make(lines: Mapping[str, Sequence[str]]) -> Taxonomy:
        write_taxonomy(tmp_path, lines)
        return load(tmp_path)

    return make


def write_taxonomy(folder: Path, lines: Mapping[str, Sequence[str]]) -> None:
    """All files of a taxonomy; those that are not named hold their header only."""
    for name in (*CATEGORIES, "alternative", "negation", "nothing"):
        text = HEADER + "".join(f"{line}\n" for line in lines.get(name, ()))
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    words = "class,word\n" + "".join(f"{line}\n" for line in lines.get("words", ()))
    (folder / "words.csv").write_text(words, encoding="utf-8")


def new_connection() -> Connection:
    """An empty warehouse in memory."""
    connection = duckdb.connect()
    migrate(connection)
    define_macros(connection)
    return connection


def add_prompts(connection: Connection, prompts: Mapping[int, str]) -> None:
    """Put prompts and their segments into the warehouse."""
    for prompt_id, prompt in prompts.items():
        connection.execute(
            "INSERT INTO prompts VALUES (?, ?, normalize_prompt(?), ?, 1, 0, length(?), 0, 0, now()::TIMESTAMP)",
            [prompt_id, prompt, prompt, prompt_id, prompt],
        )
        connection.execute(
            "INSERT INTO prompt_segments SELECT ?, text_id(segment), position FROM (SELECT unnest(list) AS segment, "
            "unnest(range(1, len(list) + 1)) AS position FROM (SELECT split_segments(?) AS list))",
            [prompt_id, prompt],
        )
        connection.execute(
            "INSERT INTO segments SELECT DISTINCT text_id(segment), segment FROM (SELECT unnest(split_segments(?)) "
            "AS segment) WHERE text_id(segment) NOT IN (SELECT segment_id FROM segments)",
            [prompt],
        )


def categories_of(connection: Connection, prompt_id: int) -> set[str]:
    """The categories of a prompt."""
    rows = connection.execute("SELECT category FROM prompt_categories WHERE prompt_id = ?", [prompt_id]).fetchall()
    return {category for (category,) in rows}


def primary_of(connection: Connection, prompt_id: int) -> list[str]:
    """The primary categories of a prompt: one."""
    rows = connection.execute(
        "SELECT category FROM prompt_categories WHERE prompt_id = ? AND is_primary", [prompt_id]
    ).fetchall()
    return [category for (category,) in rows]


def level_of(connection: Connection, prompt_id: int) -> set[str]:
    """The nsfw levels that the rows of a prompt carry: one."""
    rows = connection.execute(
        "SELECT DISTINCT nsfw_level FROM prompt_categories WHERE prompt_id = ?", [prompt_id]
    ).fetchall()
    return {level for (level,) in rows}
