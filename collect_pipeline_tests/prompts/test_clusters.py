"""Near-duplicates find each other, in whatever order and batches they arrive."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect_pipeline.warehouse.migrate import migrate
from collect_pipeline_tests.prompts.warehouse import add_prompts, clusters, warehouse

TAGS = [f"tag {letter}" for letter in "abcdefghijklmnopqrst"]
SENTENCES = [
    "A tall woman in a green raincoat walks across the empty market square at dawn.",
    "Behind her a row of closed stalls is lit by a single flickering lantern.",
    "Wet cobblestones mirror the pale sky and the silhouettes of the old houses.",
    "A stray dog watches from the steps of the fountain, its fur dripping.",
]


def number_of_clusters(prompts: list[str]) -> int:
    with warehouse() as connection:
        add_prompts(connection, prompts)
        return len(set(clusters(connection).values()))


@pytest.mark.parametrize(
    "other",
    [
        list(reversed(TAGS)),
        [*TAGS[:-1], "something else"],
        TAGS[1:],
        [*TAGS, "one more"],
        [f"({tag}:1.1)" for tag in TAGS[:-1]],
    ],
    ids=["reordered", "one tag swapped", "one tag dropped", "one tag added", "weights and a tag dropped"],
)
def test_tag_prompts_with_nearly_the_same_tags_are_near_duplicates(other: list[str]) -> None:
    assert number_of_clusters([", ".join(TAGS), ", ".join(other)]) == 1


def test_tag_prompts_below_the_threshold_stay_apart() -> None:
    # 16 of 24 tags in common: a Jaccard similarity of 0.67.
    assert number_of_clusters([", ".join(TAGS), ", ".join([*TAGS[4:], "w", "x", "y", "z"])]) == 2


@pytest.mark.parametrize("edited", range(len(SENTENCES)))
def test_prose_with_one_edited_sentence_finds_its_origin(edited: int) -> None:
    sentences = list(SENTENCES)
    sentences[edited] = "Somewhere far away a train whistles and nobody in the city hears the sound of it."

    assert number_of_clusters([" ".join(SENTENCES), " ".join(sentences)]) == 1


@pytest.mark.parametrize("edited", range(3))
def test_prose_of_three_sentences_with_one_replaced_finds_its_origin(edited: int) -> None:
    sentences = SENTENCES[:3]
    sentences[edited] = "Somewhere far away a train whistles and nobody in the city hears it."

    assert number_of_clusters([" ".join(SENTENCES[:3]), " ".join(sentences)]) == 1


def test_one_long_sentence_with_a_word_replaced_finds_its_origin() -> None:
    sentence = SENTENCES[0].rstrip(".") + " while the first trams of the day leave the depot behind the river"

    assert number_of_clusters([sentence, sentence.replace("green", "scarlet")]) == 1


def test_unrelated_prose_stays_apart() -> None:
    assert number_of_clusters([f"{SENTENCES[0]} {SENTENCES[1]}", f"{SENTENCES[2]} {SENTENCES[3]}"]) == 2


def test_long_prose_with_little_in_common_stays_apart_though_it_shares_sentences() -> None:
    ends = [" ".join(f"{word}{number}" for number in range(300)) for word in ("ash", "elm")]

    assert number_of_clusters([f"{SENTENCES[0]} {SENTENCES[1]} {end}" for end in ends]) == 2


def test_cluster_is_named_after_its_smallest_prompt() -> None:
    with warehouse() as connection:
        add_prompts(connection, [", ".join(TAGS), ", ".join(TAGS[1:]), "a cat"])
        named = connection.sql(
            "SELECT DISTINCT cluster_id, min(prompt_id) OVER (PARTITION BY cluster_id) FROM prompts"
        ).fetchall()
    assert len(named) == 2
    assert all(cluster_id == smallest for cluster_id, smallest in named)


def test_a_late_prompt_joins_two_clusters_into_one() -> None:
    # Neighbours differ by two tags of twenty; the ends of the chain by four.
    chain = [[*TAGS[:18], "p", "q"], TAGS, [*TAGS[2:], "x", "y"]]
    first, middle, last = (", ".join(tags) for tags in chain)
    with warehouse() as connection:
        add_prompts(connection, [first, last])
        assert len(set(clusters(connection).values())) == 2
        counts = add_prompts(connection, [middle], first_id=3)
        assert len(set(clusters(connection).values())) == 1
    assert counts.clusters_touched == 1


def families(seed: int) -> list[str]:
    """Prompts in families of edits, some of them chains, tags and prose."""
    rng = random.Random(seed)
    prompts = []
    for family in range(5):
        tags = [f"{rng.choice(TAGS)} {family} {number}" for number in range(rng.randint(6, 16))]
        for _ in range(4):
            tags[rng.randrange(len(tags))] = f"new {rng.random()}"
            prompts.append(", ".join(tags))
        sentences = rng.sample(SENTENCES, 3)
        prompts.append(" ".join(sentences))
        prompts.append(" ".join([*sentences[:2], f"Number {family} is written on a wall of old bricks."]))
    return prompts


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False), size=st.integers(6, 30))
def test_order_and_batches_do_not_change_the_clusters(seed: int, order: random.Random, size: int) -> None:
    prompts = families(seed)
    with warehouse() as connection:
        add_prompts(connection, prompts)
        at_once = clusters(connection)

    order.shuffle(prompts)
    with warehouse() as connection:
        for start in range(0, len(prompts), size):
            add_prompts(connection, prompts[start : start + size], first_id=start)
        assert clusters(connection) == at_once


def test_an_emptied_index_is_filled_anew() -> None:
    prompts = families(1)
    with warehouse() as connection:
        add_prompts(connection, prompts)
        before, bands = clusters(connection), connection.sql("FROM prompt_bands ORDER BY ALL").fetchall()

        # What a migration does when the bands are computed in another way.
        connection.execute("DELETE FROM prompt_bands; UPDATE prompts SET cluster_id = prompt_id")
        add_prompts(connection, [])

        assert clusters(connection) == before
        assert connection.sql("FROM prompt_bands ORDER BY ALL").fetchall() == bands


# The buckets of "a cat, b, c" before the migration 0011.
WIDE_BUCKETS = [
    2543653511164889417, 919754817431050966, 445165694177635904, 2527985818453800859, 1095615417413896032,
    1515301329322427824, 7684003801202969688, 314988131168557235, 796186527519768398, 1135328528678646217,
    8467141116763121121, 2278219624096690159,
]  # fmt: skip


def test_buckets_from_before_they_were_narrowed_are_found() -> None:
    with warehouse() as connection:
        add_prompts(connection, ["a cat, b, c"])
        bands = connection.sql("FROM prompt_bands ORDER BY ALL").fetchall()
        (prompt_id,) = {prompt_id for prompt_id, _, _ in bands}
        connection.execute("DELETE FROM prompt_bands; DELETE FROM schema_migrations WHERE version = 11")
        connection.executemany(
            "INSERT INTO prompt_bands VALUES (?, false, ?)", [(prompt_id, bucket) for bucket in WIDE_BUCKETS]
        )

        migrate(connection)
        assert connection.sql("FROM prompt_bands ORDER BY ALL").fetchall() == bands
        add_prompts(connection, ["c, b, a cat"], first_id=2)

        assert len(set(clusters(connection).values())) == 1


def test_many_copies_with_one_edit_each_are_one_family() -> None:
    # All meet in the same buckets; the edits of different places are less like each other than like the origin.
    edited = [[f"new {place}" if at == place else tag for at, tag in enumerate(TAGS)] for place in range(len(TAGS))]
    prompts = [", ".join(TAGS), *(", ".join(tags) for tags in edited), *(", ".join(tags[::-1]) for tags in edited)]
    assert number_of_clusters(prompts) == 1


def test_parts_of_any_size_give_the_same_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = families(3)
    with warehouse() as connection:
        add_prompts(connection, prompts)
        at_once = clusters(connection)

    # A million prompts would fill the first part; smaller parts are the only difference.
    for module, name, size in (
        ("clusters", "_PROMPTS_AT_ONCE", 7),
        ("clusters", "_KEYS_AT_ONCE", 40),
        ("feature_sets", "AT_ONCE", 5),
        ("feature_sets", "_PAIRS_AT_ONCE", 3),
        ("meetings", "AT_ONCE", 9),
        ("meetings", "_PAIRS_AT_ONCE", 4),
        ("minhash", "_FEATURES_AT_ONCE", 30),
        ("sorted_arrays", "AT_ONCE", 6),
    ):
        monkeypatch.setattr(f"collect_pipeline.prompts.{module}.{name}", size)
    with warehouse() as connection:
        add_prompts(connection, prompts[::2])
        add_prompts(connection, prompts[1::2], first_id=len(prompts))
        assert clusters(connection) == at_once


def test_hash_behind_the_stored_bands_is_what_it_was() -> None:
    # If this fails after an update of DuckDB, a migration must fill prompt_bands anew.
    with warehouse() as connection:
        add_prompts(connection, ["a cat"])
        assert connection.sql("SELECT shingles('one two three')").fetchall() == [([6896279484237660440],)]
