"""The views for people who query: complete, described, and valid whatever the tables gain."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import duckdb
import pytest

from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.warehouse.connection import Connection, Warehouse
from collect_pipeline.warehouse.migrate import migrate
from collect_pipeline_tests.conftest import LANTERN, LANTERN_OLD

VIEWS = ("v_prompts", "v_images", "v_resources", "v_category_counts", "v_collection")
PAGE = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^## (\d+)\. .*?^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def snapshot(collected: Warehouse) -> Iterator[Connection]:
    with collected.snapshot() as connection:
        yield connection


def number(connection: Connection, query: str, *parameters: object) -> int:
    [(found,)] = connection.execute(query, list(parameters)).fetchall()
    return int(found)


def test_the_page_holds_ten_queries() -> None:
    assert [place for place, _ in QUERIES] == [str(place) for place in range(1, 11)]
    assert PAGE.count("```sql") == 10


@pytest.mark.parametrize(("place", "query"), QUERIES)
def test_every_query_of_the_page_finds_something(snapshot: Connection, place: str, query: str) -> None:
    assert snapshot.execute(query).fetchall(), place


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_says_what_it_means(snapshot: Connection, view: str) -> None:
    silent = snapshot.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND comment IS NULL", [view]
    ).fetchall()
    assert silent == []
    assert snapshot.execute("SELECT comment FROM duckdb_views() WHERE view_name = ?", [view]).fetchone() != (None,)


def test_views_stay_valid_when_every_table_gains_the_columns_of_all_others() -> None:
    connection = duckdb.connect()
    migrate(connection)
    columns = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (table_name)"
    ).fetchall()
    before = {view: connection.execute(f"DESCRIBE {view}").fetchall() for view in VIEWS}
    tables, names = {table for table, _ in columns}, {column for _, column in columns}
    connection.begin()
    for table, name in product(tables, names):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} VARCHAR")
    connection.commit()
    for view in VIEWS:
        assert connection.execute(f"FROM {view}").fetchall() == []
        assert connection.execute(f"DESCRIBE {view}").fetchall() == before[view]


def test_prompts_and_images_stand_once(snapshot: Connection) -> None:
    for view, table, key in (("v_prompts", "prompts", "prompt_id"), ("v_images", "images", "image_id")):
        [(rows, distinct)] = snapshot.execute(f"FROM {view} SELECT count(*), count(DISTINCT {key})").fetchall()
        assert rows == distinct == number(snapshot, f"FROM {table} SELECT count(*)") > 100


def test_a_prompt_shows_what_its_images_and_categories_say(snapshot: Connection) -> None:
    rows = snapshot.execute(
        "SELECT prompt_id, categories, keywords, primary_category, model_version_ids, reaction_count FROM v_prompts "
        "ORDER BY prompt_id LIMIT 40"
    ).fetchall()
    for prompt_id, categories, keywords, primary, versions, reactions in rows:
        stored = dict(
            snapshot.execute(
                "SELECT category, keywords FROM prompt_categories WHERE prompt_id = ? AND category <> 'uncategorized'",
                [prompt_id],
            ).fetchall()
        )
        assert keywords == stored
        assert sorted(categories) == sorted(stored)
        assert categories[:1] == ([primary] if stored else [])
        images = snapshot.execute(
            "SELECT DISTINCT i.image_id, i.reaction_count FROM images AS i WHERE i.prompt_id = ?", [prompt_id]
        ).fetchall()
        assert reactions == sum(count for _, count in images)
        assert versions
    shared = number(snapshot, "SELECT count(*) FROM v_prompts WHERE len(model_version_ids) = 2")
    assert shared > 0


def test_images_of_two_versions_name_both(snapshot: Connection) -> None:
    both = snapshot.execute(
        "SELECT DISTINCT model_version_ids FROM v_images WHERE len(model_version_ids) > 1"
    ).fetchall()
    assert both == [([LANTERN.version_id, LANTERN_OLD.version_id],)]


def test_resources_name_the_followed_version(snapshot: Connection) -> None:
    [(key, model, followed)] = snapshot.execute(
        "SELECT partition_key, model_name, followed FROM v_resources "
        "WHERE model_version_id = ? AND resource_type = 'lora'",
        [LANTERN.version_id],
    ).fetchall()
    assert (key, model, followed) == (str(LANTERN), "Paper Lantern Watercolour", True)
    assert number(snapshot, "SELECT count(*) FROM v_resources WHERE followed AND partition_key IS NULL") == 0


def test_the_collection_counts_what_is_stored(snapshot: Connection) -> None:
    rows = snapshot.execute("SELECT partition_key, image_count, page_count, levels FROM v_collection").fetchall()
    assert {key for key, *_ in rows} == {str(LANTERN), str(LANTERN_OLD)}
    for key, images, pages, levels in rows:
        version_id = VersionKey.parse(key).version_id
        assert images == number(snapshot, "SELECT count(*) FROM image_versions WHERE model_version_id = ?", version_id)
        assert pages > 0
        assert levels == "PG, PG-13, R, X, XXX"
