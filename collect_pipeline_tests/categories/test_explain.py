"""An explanation says what the collection would say, and why."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from collect_pipeline.categories import Taxonomy, categorize, explain
from collect_pipeline.prompts.macros import define_macros
from collect_pipeline.warehouse.migrate import migrate
from collect_pipeline_tests.categories.conftest import Connection, add_prompts

Small = Callable[[Mapping[str, Sequence[str]]], Taxonomy]


def test_it_names_segments_phrases_and_what_was_negated(connection: Connection, small: Small) -> None:
    taxonomy = small(
        {
            "subject": ["girl,,,", "human,,,"],
            "clothing": ["glasses,,,", "naked apron,nsfw,mature,"],
            "negation": ["no,,,", "without,,,"],
        }
    )
    found = explain(connection, "(girl:1.2) without glasses, naked_apron, no humans, girl", taxonomy)
    assert found.segments == ("girl without glasses", "naked apron", "no humans", "girl")
    assert [(p.segment, p.phrase, p.category, p.weight, p.negated) for p in found.phrases] == [
        (1, "girl", "subject", 1.0, False),
        (1, "glasses", "clothing", 0.0, True),
        (2, "naked apron", "clothing", 1.0, False),
        (2, "naked apron", "nsfw", 1.0, False),
        (3, "humans", "subject", 0.0, True),
        (4, "girl", "subject", 0.0, False),
    ]
    assert [(r.category, r.keywords) for r in found.results] == [
        ("clothing", ("naked apron",)),
        ("nsfw", ("naked apron",)),
        ("subject", ("girl",)),
    ]
    assert found.nsfw_level == "mature"


def test_what_was_categorized_earlier_is_explained_on_a_new_connection(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "collect.duckdb") as connection:
        migrate(connection)
        define_macros(connection)
        add_prompts(connection, {1: "a cat"})
        version = categorize(connection).taxonomy_version
    with duckdb.connect(tmp_path / "collect.duckdb", read_only=True) as connection:
        found = explain(connection, "a cat")
    assert ([result.category for result in found.results], found.taxonomy_version) == (["subject"], version)


def test_it_agrees_with_the_collection_and_leaves_it_alone(connection: Connection) -> None:
    prompts = {
        1: "masterpiece, 1girl, red dress, sitting on a bench, autumn park, golden hour, looking at viewer",
        2: "She stands in a rainy street lit by neon",
        3: "wtrclr1",
        4: "a calm cat",
        5: "ancient chinese temple with temple guards, chinese temple, old wise happy calm monk",
        6: "photo of knight, portrait of a queen",
        7: "photo of wtrclr1",
    }
    add_prompts(connection, prompts)
    categorize(connection)
    before = connection.execute("FROM prompt_categories ORDER BY ALL").fetchall()
    for number, prompt in prompts.items():
        rows = connection.execute(
            "SELECT category, keywords, weight, confidence, is_primary, nsfw_level FROM prompt_categories "
            "WHERE prompt_id = ? ORDER BY category",
            [number],
        ).fetchall()
        found = explain(connection, prompt)
        assert rows == [
            (r.category, list(r.keywords), r.weight, r.confidence, r.is_primary, found.nsfw_level)
            for r in sorted(found.results, key=lambda result: result.category)
        ]
    assert connection.execute("FROM prompt_categories ORDER BY ALL").fetchall() == before


def test_an_empty_prompt_is_uncategorized(connection: Connection, small: Small) -> None:
    found = explain(connection, "", small({}))
    assert (found.segments, found.phrases, found.nsfw_level) == ((), (), "none")
    assert [r.category for r in found.results] == ["uncategorized"]
