"""From images to distinct prompts."""

from collections.abc import Iterator

import duckdb
import pytest

from collect_pipeline.prompts.deduplicate import DedupeCounts, deduplicate
from collect_pipeline_tests.prompts.warehouse import START, add_image, add_prompts, run, warehouse


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse() as connection:
        yield connection


def prompts(connection: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[object, ...]]:
    return connection.sql(f"SELECT {columns} FROM prompts ORDER BY normalized").fetchall()  # noqa: S608 - fixed columns


def test_images_with_the_same_prompt_share_one_row(connection: duckdb.DuckDBPyConnection) -> None:
    counts = add_prompts(connection, ["a cat, night", "(A Cat:1.2), night <lora:x:1>", "a dog"])

    assert counts == DedupeCounts(images_read=3, prompts_new=2, prompts_touched=2, clusters_touched=0)
    assert prompts(connection, "normalized, image_count, tag_count") == [("a cat, night", 2, 2), ("a dog", 1, 1)]
    assert connection.sql(
        "SELECT image_id, normalized FROM images JOIN prompts USING (prompt_id) ORDER BY image_id"
    ).fetchall() == [(1, "a cat, night"), (2, "a cat, night"), (3, "a dog")]


def test_images_without_a_prompt_get_no_prompt_id(connection: duckdb.DuckDBPyConnection) -> None:
    add_image(connection, 1, None)

    assert run(connection).images_read == 0
    assert connection.sql("SELECT prompt_id FROM images").fetchall() == [(None,)]


def test_first_spelling_and_best_reactions_are_kept_whatever_the_order(connection: duckdb.DuckDBPyConnection) -> None:
    add_image(connection, 7, "A Cat, NIGHT", reactions=5, hour=3)
    run(connection)
    add_image(connection, 9, "a cat,night", reactions=50, hour=1)
    add_image(connection, 8, "a_cat, night", reactions=2, hour=1)
    counts = run(connection)

    assert (counts.prompts_new, counts.prompts_touched) == (0, 1)
    assert prompts(connection, "prompt, image_count, best_reactions, prompt_length, hour(first_seen_at)") == [
        ("a_cat, night", 3, 50, 12, START.hour + 1)
    ]


def test_a_second_call_changes_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    add_prompts(connection, ["a cat, night", "a dog"])
    tables = ("prompts", "segments", "prompt_segments", "prompt_bands", "images")
    before = [sorted(connection.sql(f"FROM {table}").fetchall(), key=repr) for table in tables]

    assert run(connection) == DedupeCounts(0, 0, 0, 0)
    assert [sorted(connection.sql(f"FROM {table}").fetchall(), key=repr) for table in tables] == before


def test_an_edited_prompt_moves_its_image(connection: duckdb.DuckDBPyConnection) -> None:
    add_prompts(connection, ["a cat", "a cat", "a dog"])
    connection.execute("UPDATE images SET prompt = 'a dog', prompt_id = NULL WHERE image_id = 1")
    run(connection)
    connection.execute("UPDATE images SET prompt = 'a bird', prompt_id = NULL WHERE image_id = 2")
    run(connection)

    assert prompts(connection, "normalized, image_count") == [("a bird", 1), ("a cat", 0), ("a dog", 2)]


@pytest.mark.parametrize("joins", [False, True], ids=["one leaves", "one leaves and one joins"])
def test_the_next_spelling_is_shown_when_the_first_image_gets_another_prompt(
    connection: duckdb.DuckDBPyConnection, joins: bool
) -> None:
    add_image(connection, 1, "A Cat", hour=0)
    add_image(connection, 2, "a (cat)", hour=1)
    run(connection)
    assert prompts(connection, "prompt") == [("A Cat",)]

    connection.execute("UPDATE images SET prompt = 'a dog', prompt_id = NULL WHERE image_id = 1")
    if joins:
        add_image(connection, 3, "A CAT", hour=2)
    run(connection)

    assert prompts(connection, "prompt, image_count") == [("a (cat)", 1 + joins), ("a dog", 1)]


def test_more_reactions_on_a_known_image_reach_its_prompt(connection: duckdb.DuckDBPyConnection) -> None:
    add_prompts(connection, ["a cat"])
    ((before,),) = prompts(connection, "quality_score")
    connection.execute("UPDATE images SET reaction_count = 400")

    assert run(connection).prompts_touched == 1
    ((reactions, after),) = prompts(connection, "best_reactions, quality_score")
    assert reactions == 400
    assert float(str(after)) > float(str(before))


def test_a_score_brought_up_to_date_is_the_one_that_a_new_prompt_gets(connection: duckdb.DuckDBPyConnection) -> None:
    text = "masterpiece, highly detailed, " + "word " * 15
    add_image(connection, 1, text, reactions=7)
    run(connection)
    connection.execute("UPDATE images SET reaction_count = 77")
    run(connection)
    with warehouse() as other:
        add_image(other, 1, text, reactions=77)
        run(other)
        assert prompts(connection, "quality_score") == prompts(other, "quality_score")


def test_segments_are_stored_once_and_mentioned_in_order(connection: duckdb.DuckDBPyConnection) -> None:
    add_prompts(connection, ["cat, dog, cat"])
    add_prompts(connection, ["dog, bird"], first_id=2)

    assert sorted(connection.sql("SELECT segment FROM segments").fetchall()) == [("bird",), ("cat",), ("dog",)]
    assert connection.sql(
        "SELECT normalized, list(segment ORDER BY position) FROM prompts JOIN prompt_segments USING (prompt_id) "
        "JOIN segments USING (segment_id) GROUP BY normalized ORDER BY normalized"
    ).fetchall() == [("cat, dog, cat", ["cat", "dog", "cat"]), ("dog, bird", ["dog", "bird"])]


def test_prompts_of_network_tags_only_share_one_empty_prompt(connection: duckdb.DuckDBPyConnection) -> None:
    add_prompts(connection, ["<lora:a:1>", "<lora:b:1>, ", ""])

    assert prompts(connection, "normalized, image_count, tag_count, quality_score") == [("", 3, 0, 0.0)]


def test_nothing_is_kept_of_a_transaction_that_is_rolled_back(connection: duckdb.DuckDBPyConnection) -> None:
    add_image(connection, 1, "a cat")
    connection.begin()
    counts = deduplicate(connection)
    connection.rollback()

    assert counts.prompts_new == 1
    assert connection.sql("SELECT count(*) FROM prompts").fetchall() == [(0,)]
    assert connection.sql("SELECT prompt_id FROM images").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("prompt", "reactions", "score"),
    [
        ("a cat", 0, 0.0),
        ("masterpiece, a cat", 0, 5.0),
        ("masterpiece, best quality, highly detailed, a cat", 0, 15.0),
        ("masterpiece, (masterpiece:1.2), a cat", 0, 5.0),
        ("a cat", 500, 30.0),
        ("a cat", 5_000_000, 30.0),
        (" ".join(["word"] * 15), 0, 20.0),
        (" ".join(["word"] * 80), 0, 20.0),
        (" ".join(["word"] * 81), 0, 0.0),
        ("perfectly brown, greatness, detailing", 0, 0.0),
    ],
)
def test_quality_score_adds_praise_detail_length_and_capped_reactions(
    connection: duckdb.DuckDBPyConnection, prompt: str, reactions: int, score: float
) -> None:
    add_image(connection, 1, prompt, reactions)
    run(connection)

    assert prompts(connection, "quality_score") == [(score,)]


def test_a_prompt_that_was_deleted_by_hand_comes_back_with_its_next_image() -> None:
    with warehouse() as connection:
        add_prompts(connection, ["a cat, night", "a dog"])
        connection.execute("DELETE FROM prompts WHERE normalized = 'a cat, night'")

        add_prompts(connection, ["A cat, NIGHT"], first_id=10)

        assert connection.sql("SELECT normalized, image_count FROM prompts ORDER BY 1").fetchall() == [
            ("a cat, night", 2),
            ("a dog", 1),
        ]
