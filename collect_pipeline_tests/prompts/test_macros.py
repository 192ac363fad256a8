"""The normal form in SQL, and that it is the same in Python."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect_pipeline.prompts.macros import define_macros
from collect_pipeline.prompts.syntax import parse
from collect_pipeline_tests.prompts.test_syntax import BROKEN_PROMPTS


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"threads": 1})
    define_macros(connection)
    yield connection
    connection.close()


def value(connection: duckdb.DuckDBPyConnection, macro: str, argument: str | None) -> object:
    return connection.execute(f"SELECT {macro}(?::VARCHAR)", [argument]).fetchall()[0][0]


@pytest.mark.parametrize(
    "same",
    [
        ("masterpiece, Best_Quality", "(masterpiece:1.2), ((best quality))", "masterpiece,best quality <lora:x:0.8>,"),
        ("a cat, a dog", "a cat\na dog", "A CAT，A DOG。", "a cat BREAK a dog", "[a cat|a dog]", "a cat. a dog."),
        ("hu tao \\(genshin impact\\)", "hu_tao_(genshin_impact)", "Hu Tao (Genshin Impact)"),
        ("cafe\u0301, night", "café, night"),
        ("a cat, night", "a cat, night\nSteps: 20, Sampler: Euler a, Seed: 1", "a cat, night\nNegative prompt: dog"),
    ],
)
def test_spellings_of_one_prompt_have_one_normal_form(
    connection: duckdb.DuckDBPyConnection, same: tuple[str, ...]
) -> None:
    assert len({value(connection, "normalize_prompt", spelling) for spelling in same}) == 1


@pytest.mark.parametrize("other", ["a cat, night sky", "night, a cat", "a cats, night", "a cat night"])
def test_different_prompts_keep_different_normal_forms(connection: duckdb.DuckDBPyConnection, other: str) -> None:
    assert value(connection, "normalize_prompt", other) != value(connection, "normalize_prompt", "a cat, night")


@pytest.mark.parametrize("mark", [".", "+", "'", "!", "?", ":", "-", " ", "..", ".: ,:."])
def test_marks_before_a_comma_are_no_text(connection: duckdb.DuckDBPyConnection, mark: str) -> None:
    assert value(connection, "normalize_prompt", f"a{mark},b") == "a, b"


@pytest.mark.parametrize("mark", [".", "+", "'", "!", "?", "-", " ", ",", "..", " - ", ",,. ,"])
def test_marks_after_a_comma_are_no_text(connection: duckdb.DuckDBPyConnection, mark: str) -> None:
    assert value(connection, "normalize_prompt", f"a,{mark}b") == "a, b"


@pytest.mark.parametrize(
    ("normalized", "words"),
    [("", 0), ("cat", 1), ("a cat, night", 3), ("café au lait, night", 4), ("傑作", 1), ("美少女", 2)],
)
def test_words_are_counted(connection: duckdb.DuckDBPyConnection, normalized: str, words: int) -> None:
    assert value(connection, "word_count", normalized) == words


def test_normal_form_is_the_segments_joined(connection: duckdb.DuckDBPyConnection) -> None:
    assert value(connection, "normalize_prompt", "(Cat:1.2),dog") == "cat, dog"
    assert value(connection, "split_segments", "(Cat:1.2),dog") == ["cat", "dog"]
    assert value(connection, "split_segments", "<lora:x:1>") == []
    assert value(connection, "normalize_prompt", None) is None


def test_prompt_key_never_changes(connection: duckdb.DuckDBPyConnection) -> None:
    # Warehouses hold these numbers: another number would be another prompt.
    assert value(connection, "prompt_key", "a cat, night") == value(connection, "text_id", "a cat, night")
    assert value(connection, "text_id", "a") == 3500206983725506968


@settings(max_examples=200, deadline=None)
@given(st.one_of(BROKEN_PROMPTS.map("".join), st.text(st.characters(exclude_categories=["Cs", "Cn"]))))
def test_sql_and_python_find_the_same_segments(connection: duckdb.DuckDBPyConnection, prompt: str) -> None:
    assert value(connection, "split_segments", prompt) == [segment.text for segment in parse(prompt).segments]


def test_macros_leave_nothing_in_the_file(connection: duckdb.DuckDBPyConnection) -> None:
    stored = connection.sql(
        "SELECT count(*) FROM duckdb_functions() WHERE macro_definition IS NOT NULL AND NOT internal "
        "AND database_name <> 'temp'"
    ).fetchall()
    assert stored == [(0,)]
