"""Finding prompts: whole words, phrases, relevance, conditions, and what is kept hidden."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collect_pipeline.categories import categorize
from collect_pipeline.prompts.deduplicate import deduplicate
from collect_pipeline.search.errors import QueryError
from collect_pipeline.search.find import Found, find
from collect_pipeline.search.query import Query, read_terms
from collect_pipeline.warehouse.connection import Connection, Warehouse
from collect_pipeline_tests.conftest import empty_warehouse

PROMPTS = {
    1: ("cat in a castle, golden hour, oil painting", 5),
    2: ("a cat and another cat, watercolor", 50),
    3: ("category theory on a blackboard, concatenated letters", 500),
    4: ("Café_au_lait on a table, looking_at_viewer", 7),
    5: ("夕焼けの港、提灯、水彩画", 8),
    6: ("golden retriever, an hour before noon, long shot of a very long road through the hills and the woods", 9),
    7: ("nude woman, studio lighting", 90),
    8: ("wtrclr1 ohwx zzkv", 3),
    9: ("knight in armor, forest, rain, best quality, 8k, red cape, long hair, bokeh, old", 30),
    10: ("knight in armor, forest, rain, best quality, 8k, red cape, long hair, bokeh, fog", 40),
    11: ("not looked at yet, lighthouse", 1),
}
UNCATEGORIZED_YET = 11
LORAS = {1: "Paper_Lantern_v2", 9: "add_detail"}
VERSIONS = {1: 100, 2: 100, 9: 200}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A read-only snapshot: searching writes nothing into the file."""
    warehouse = empty_warehouse(tmp_path_factory.mktemp("search"))
    with warehouse.transaction() as connection:
        add_images(connection, [image_id for image_id in PROMPTS if image_id != UNCATEGORIZED_YET])
        deduplicate(connection)
        categorize(connection)
        add_images(connection, [UNCATEGORIZED_YET])
        deduplicate(connection)
        for image_id, name in LORAS.items():
            connection.execute(
                "INSERT INTO prompt_resources VALUES (?, 0, 'lora', ?, NULL, 1, NULL, 'text')", [image_id, name]
            )
        connection.execute("INSERT INTO prompt_resources VALUES (2, 0, 'checkpoint', 'lantern', 5, 1, NULL, 'text')")
        for image_id, version_id in VERSIONS.items():
            connection.execute("INSERT INTO image_versions VALUES (?, ?, 1)", [image_id, version_id])
    with warehouse.snapshot() as snapshot:
        yield snapshot


def add_images(connection: Connection, image_ids: list[int]) -> None:
    for image_id in image_ids:
        prompt, reactions = PROMPTS[image_id]
        connection.execute(
            "INSERT INTO images BY NAME SELECT ? AS image_id, ? AS prompt, ? AS reaction_count, true AS has_meta, "
            "1 AS page_id, now()::TIMESTAMP AS first_collected_at, now()::TIMESTAMP AS last_seen_at",
            [image_id, prompt, reactions],
        )


def ids(found: Found) -> list[int]:
    """The images of the prompts found, in order; each of these prompts has one."""
    return [int(str(prompt.best_image).rpartition("/")[2]) for prompt in found.prompts]


def search(connection: Connection, *words: str, **conditions: object) -> list[int]:
    return ids(find(connection, Query(terms=read_terms(words), **conditions)))  # type: ignore[arg-type]  # by name


def test_words_match_whole_and_in_any_case(connection: Connection) -> None:
    assert sorted(search(connection, "CAT")) == [1, 2]
    assert search(connection, "categor") == []


def test_every_word_must_occur(connection: Connection) -> None:
    assert search(connection, "cat", "castle") == [1]
    assert search(connection, "cat", "lighthouse") == []


@pytest.mark.parametrize("typed", [["golden hour"], ['"golden hour" cat'], ["golden_hour"], ['"Golden  Hour"']])
def test_words_in_quotes_must_follow_each_other(connection: Connection, typed: list[str]) -> None:
    assert search(connection, *typed) == [1]
    assert sorted(search(connection, "golden", "hour")) == [1, 6]


def test_accents_and_underscores_do_not_count(connection: Connection) -> None:
    assert search(connection, "cafe au lait") == search(connection, "Café") == search(connection, "viewer") == [4]


@pytest.mark.parametrize("words", [["夕焼け"], ["港"], ["提灯", "水彩画"], ['"水彩画"']])
def test_cjk_words_match_without_spaces(connection: Connection, words: list[str]) -> None:
    assert search(connection, *words) == [5]
    assert search(connection, "焼夕") == []


def test_more_mentions_in_a_shorter_prompt_come_first(connection: Connection) -> None:
    found = find(connection, Query(terms=("cat",)))
    assert ids(found) == [2, 1]
    assert found.prompts[0].score > found.prompts[1].score > 0


def test_without_words_reactions_decide(connection: Connection) -> None:
    found = find(connection, Query(levels=None, similar=True, limit=4))
    assert ids(found) == [3, 7, 2, 10]
    assert [prompt.score for prompt in found.prompts] == [0, 0, 0, 0]
    assert found.matching == len(PROMPTS)


@pytest.mark.parametrize("word", ["!!", '","', "…"])
def test_a_term_without_a_word_is_refused(connection: Connection, word: str) -> None:
    with pytest.raises(QueryError, match="no word"):
        search(connection, word)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"categories": ("lighting",)}, [1, 5]),
        ({"categories": ("style", "subject")}, [1, 2, 5]),
        ({"categories": ("style", "style", "lighting")}, [1, 5]),
        ({"categories": ("uncategorized",)}, [8]),
        ({"phrases": ("Golden Hour",)}, [1]),
        ({"phrases": ("golden hour", "oil painting")}, [1]),
        ({"phrases": ("golden hour", "watercolor")}, []),
        ({"phrases": ("hour",)}, []),
        ({"loras": ("lantern",)}, [1]),
        ({"loras": ("DETAIL",)}, [9]),
        ({"loras": ("add detail",)}, [9]),
        ({"loras": ("Paper Lantern_v2",)}, [1]),
        ({"loras": ("detail", "lantern")}, []),
        ({"version_id": 100}, [2, 1]),
        ({"version_id": 999}, []),
        ({"max_length": 20}, [8, 5]),
        ({"min_length": 90}, [6]),
        ({"min_reactions": 50}, [3, 2]),
        ({"levels": ("mature", "explicit")}, [7]),
        ({"version_id": 100, "categories": ("lighting",)}, [1]),
    ],
)
def test_conditions(connection: Connection, conditions: dict[str, object], expected: list[int]) -> None:
    found = search(connection, **conditions)
    assert sorted(found) == sorted(expected)


def test_mature_wording_is_hidden_and_counted(connection: Connection) -> None:
    hidden = find(connection, Query(terms=("woman",)))
    assert (hidden.prompts, hidden.matching, hidden.hidden) == ([], 0, 1)
    shown = find(connection, Query(terms=("woman",), levels=None))
    assert ids(shown) == [7]
    assert shown.prompts[0].nsfw_level in {"mature", "explicit"}
    assert (shown.matching, shown.hidden) == (1, 0)


def test_what_is_not_categorized_yet_is_hidden_too(connection: Connection) -> None:
    found = find(connection, Query(terms=("lighthouse",)))
    assert (found.matching, found.hidden) == (0, 1)
    [prompt] = find(connection, Query(terms=("lighthouse",), levels=None)).prompts
    assert (prompt.nsfw_level, prompt.primary_category, prompt.categories) == (None, None, [])


def test_of_near_duplicates_the_best_is_listed(connection: Connection) -> None:
    found = find(connection, Query(terms=("knight",)))
    assert ids(found) == [10]
    assert (found.prompts[0].similar, found.matching) == (1, 2)
    assert ids(find(connection, Query(terms=("knight",), similar=True))) == [10, 9]


def test_a_result_says_what_is_known_of_the_prompt(connection: Connection) -> None:
    [prompt] = find(connection, Query(terms=("castle",))).prompts
    assert prompt.prompt == PROMPTS[1][0]
    assert (prompt.reactions, prompt.images, prompt.length) == (5, 1, len(prompt.prompt))
    assert prompt.keywords["lighting"] == ["golden hour"]
    assert set(prompt.keywords) == set(prompt.categories)
    assert prompt.categories[0] == prompt.primary_category
    assert prompt.model_version_ids == [100]


def test_searching_leaves_the_file_alone_and_keeps_nobody_from_writing(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "collect.duckdb", patience=0.0)
    with warehouse.transaction() as connection:
        add_images(connection, [1])
        deduplicate(connection)
    with warehouse.snapshot() as snapshot:
        with warehouse.transaction() as connection:
            add_images(connection, [2])
            deduplicate(connection)
        assert ids(find(snapshot, Query(terms=("cat",), levels=None))) == [1]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ([], ()),
        (["cat"], ("cat",)),
        (["cat", "golden hour"], ("cat", "golden hour")),
        (['cat "golden hour" dog'], ("cat", "golden hour", "dog")),
        (['"unclosed phrase'], ("unclosed phrase",)),
        (["", "  ", '""'], ()),
    ],
)
def test_what_is_typed_is_read_as_words_and_phrases(typed: list[str], terms: tuple[str, ...]) -> None:
    assert read_terms(typed) == terms
