"""What is categorized when: new prompts, changed taxonomies, ties."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from collect_pipeline.categories import Taxonomy, categorize, explain
from collect_pipeline_tests.categories.conftest import (
    Connection,
    add_prompts,
    categories_of,
    level_of,
    new_connection,
    primary_of,
)

Small = Callable[[Mapping[str, Sequence[str]]], Taxonomy]

BASE = {"subject": ["cat,,,", "dog,,,"], "mood": ["calm,,,"], "nsfw": ["nude,,mature,"], "negation": ["no,,,"]}


def test_a_prompt_carries_every_category_with_its_keywords_in_order(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a dog, calm, dog and cat"})
    counts = categorize(connection, small(BASE))
    rows = connection.execute(
        "SELECT category, keywords, weight, confidence, is_primary FROM prompt_categories ORDER BY category"
    ).fetchall()
    assert rows == [("mood", ["calm"], 1.0, 0.5, False), ("subject", ["dog", "cat"], 2.0, 0.75, True)]
    assert (counts.segments, counts.prompts, counts.uncategorized) == (3, 1, 0)


def test_a_prompt_without_a_match_is_uncategorized_and_never_nsfw(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "wtrclr1", 2: ""})
    counts = categorize(connection, small(BASE))
    rows = connection.execute(
        "SELECT prompt_id, category, confidence, keywords, is_primary, nsfw_level FROM prompt_categories ORDER BY 1"
    ).fetchall()
    assert rows == [(n, "uncategorized", 0.0, [], True, "none") for n in (1, 2)]
    assert counts.uncategorized == 2


def test_what_was_done_is_not_done_again(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a cat", 2: "wtrclr1"})
    categorize(connection, small(BASE))
    add_prompts(connection, {3: "a cat, a dog"})
    counts = categorize(connection, small(BASE))
    assert (counts.segments, counts.prompts) == (1, 1)
    assert categories_of(connection, 3) == {"subject"}


def test_a_changed_taxonomy_recategorizes_exactly_what_it_touches(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a calm sea", 2: "a cat, by the sea", 3: "a dog", 4: "a nude statue"})
    first = categorize(connection, small(BASE))
    changed = {
        "subject": ["cat,,,", "dog,,,"],
        "mood": ["calm,,,"],
        "setting": ["sea,,,"],
        "nsfw": ["nude,,suggestive,"],
        "negation": ["no,,,"],
    }
    counts = categorize(connection, small(changed))
    assert (counts.segments, counts.prompts) == (3, 3)
    assert categories_of(connection, 1) == {"mood", "setting"}
    assert categories_of(connection, 2) == {"subject", "setting"}
    assert level_of(connection, 4) == {"suggestive"}
    versions = connection.execute(
        "SELECT prompt_id FROM prompt_categories WHERE taxonomy_version = ?", [first.taxonomy_version]
    ).fetchall()
    assert versions == [(3,)]


def test_the_packages_taxonomy_is_taken_up_again_after_another(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a cat, oil painting"})
    own = categorize(connection)
    categories = categories_of(connection, 1)
    again = categorize(connection)
    assert (again.segments, again.prompts, again.taxonomy_version) == (0, 0, own.taxonomy_version)

    categorize(connection, small({"mood": ["cat,,,"]}))
    assert categories_of(connection, 1) == {"mood"}

    assert categorize(connection).taxonomy_version == own.taxonomy_version
    assert categories_of(connection, 1) == categories >= {"subject", "style"}


def test_a_phrase_taken_out_takes_its_category_along(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a calm cat", 2: "calm"})
    categorize(connection, small(BASE))
    categorize(connection, small({"subject": ["cat,,,"]}))
    assert categories_of(connection, 1) == {"subject"}
    assert categories_of(connection, 2) == {"uncategorized"}


def test_the_outcome_does_not_depend_on_the_order_of_collection(small: Small) -> None:
    prompts = {1: "a calm cat", 2: "calm", 3: "calm, dog", 4: "calm sea", 5: "a cat"}
    at_once, in_steps = new_connection(), new_connection()
    add_prompts(at_once, prompts)
    categorize(at_once, small(BASE))
    for number in sorted(prompts, reverse=True):
        add_prompts(in_steps, {number: prompts[number]})
        categorize(in_steps, small(BASE))
    query = "FROM prompt_categories ORDER BY ALL"
    assert in_steps.execute(query).fetchall() == at_once.execute(query).fetchall()


def test_phrases_of_one_category_that_follow_each_other_weigh_as_one(connection: Connection, small: Small) -> None:
    taxonomy = small({"mood": ["calm,,,", "happy,,,"], "subject": ["cat,,,", "dog,,,"]})
    add_prompts(connection, {1: "a calm happy cat", 2: "calm cat, happy calm dog", 3: "calm and happy"})
    categorize(connection, taxonomy)
    rows = connection.execute(
        "SELECT prompt_id, keywords, weight FROM prompt_categories WHERE category = 'mood' ORDER BY prompt_id"
    ).fetchall()
    assert rows == [(1, ["calm", "happy"], 1.0), (2, ["calm", "happy"], 2.0), (3, ["calm", "happy"], 2.0)]


def test_what_is_announced_has_the_weight_and_the_announcement_only_if_nothing_else_is_known(
    connection: Connection, small: Small
) -> None:
    taxonomy = small({"style": ["photo of,subject,,"], "subject": ["cat,,,", "dog,,,"]})
    add_prompts(connection, {1: "photo of a cat", 2: "photo of cat, photo of dog", 3: "photo of wtrclr1"})
    categorize(connection, taxonomy)
    rows = connection.execute(
        "SELECT prompt_id, category, weight FROM prompt_categories ORDER BY prompt_id, category"
    ).fetchall()
    assert rows == [
        (1, "style", 1.0), (1, "subject", 1.0),
        (2, "style", 1.0), (2, "subject", 2.0),
        (3, "style", 1.0), (3, "subject", 0.5),
    ]  # fmt: skip


def test_a_phrase_counts_only_within_its_scope(connection: Connection, small: Small) -> None:
    taxonomy = small({"color": ["bright,,,end", "red,,,whole", "tones of,,,start"]})
    prompts = {
        1: "red", 2: "red cat", 3: "dark red", 4: "bright", 5: "a cat is bright", 6: "bright cat",
        7: "tones of a cat", 8: "cat with tones of",
    }  # fmt: skip
    add_prompts(connection, prompts)
    categorize(connection, taxonomy)
    found = [number for number in prompts if categories_of(connection, number) == {"color"}]
    assert found == [1, 4, 5, 7]


def test_a_tie_goes_to_the_rarer_category_even_if_it_becomes_so_later(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a calm cat", 2: "a dog"})
    categorize(connection, small(BASE))
    assert primary_of(connection, 1) == ["mood"]
    add_prompts(connection, {3: "calm", 4: "calm waves"})
    categorize(connection, small(BASE))
    assert primary_of(connection, 1) == ["subject"]


def test_categories_of_prompts_that_are_gone_go(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a cat", 2: "a dog"})
    categorize(connection, small(BASE))
    connection.execute("DELETE FROM prompts WHERE prompt_id = 1")
    categorize(connection, small(BASE))
    assert categories_of(connection, 1) == set()
    assert categories_of(connection, 2) == {"subject"}


def test_nothing_is_committed(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a cat"})
    connection.begin()
    categorize(connection, small(BASE))
    connection.rollback()
    assert connection.execute("SELECT count(*) FROM prompt_categories").fetchone() == (0,)


def test_frequent_segments_that_nothing_recognises_are_listed(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "a cat, zorbing", 2: "zorbing, no cat", 3: "zorbing, quux", 4: ""})
    categorize(connection, small(BASE))
    rows = connection.execute(
        "SELECT segment, prompt_count FROM unrecognised_segments ORDER BY prompt_count DESC, segment"
    ).fetchall()
    assert rows == [("zorbing", 3), ("no cat", 1), ("quux", 1)]


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("no cat", set()),
        ("no grey cat", set()),
        ("no small grey cat", {"subject"}),
        ("no, cat", {"subject"}),
        ("no cat or dog", set()),
        ("no cat or small dog", {"subject"}),
        ("no cat, or dog", {"subject"}),
        ("grey cat or dog", {"subject"}),
    ],
)
def test_a_negation_reaches_the_next_phrase_of_its_segment_and_or_hands_it_on(
    connection: Connection, small: Small, prompt: str, found: set[str]
) -> None:
    taxonomy = small({"subject": ["cat,,,", "dog,,,"], "negation": ["no,,,"], "alternative": ["or,,,"]})
    add_prompts(connection, {1: prompt})
    categorize(connection, taxonomy)
    assert categories_of(connection, 1) == (found or {"uncategorized"})


@pytest.mark.parametrize("prompt", ["sexy bare", "bare sexy", "sexy, bare", "bare, sexy", "calm bare"])
def test_the_level_of_a_prompt_is_its_highest_in_whatever_order(
    connection: Connection, small: Small, prompt: str
) -> None:
    taxonomy = small({"nsfw": ["bare,clothing,mature,", "sexy,,suggestive,"], "mood": ["calm,,,"]})
    add_prompts(connection, {1: prompt, 2: "calm"})
    categorize(connection, taxonomy)
    assert (level_of(connection, 1), level_of(connection, 2)) == ({"mature"}, {"none"})


def test_only_the_rows_of_nsfw_carry_the_level_of_a_phrase(connection: Connection, small: Small) -> None:
    add_prompts(connection, {1: "bare"})
    categorize(connection, small({"nsfw": ["bare,clothing,mature,"]}))
    rows = connection.execute("SELECT category, nsfw_level FROM segment_categories ORDER BY ALL").fetchall()
    assert rows == [("clothing", None), ("nsfw", "mature")]


def test_spellings_of_one_form_count_wherever_one_of_them_does(connection: Connection, small: Small) -> None:
    taxonomy = small({"composition": ["close up,,,"], "style": ["close-up,,,whole", "low key,,,", "low-key,,,whole"]})
    add_prompts(connection, {1: "a close-up of hands", 2: "a low-key scene"})
    categorize(connection, taxonomy)
    assert categories_of(connection, 1) == {"composition", "style"}
    assert categories_of(connection, 2) == {"style"}


def test_parts_of_any_size_give_the_same_categories(
    connection: Connection, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["cat", "dog", "calm", "nude", "wtrclr1", "no cat", "calm dog"]
    add_prompts(connection, {n: ", ".join(words[n // 7**at % 7] for at in range(n % 4)) for n in range(1, 36)})
    categorize(connection, small(BASE))
    query = "FROM prompt_categories ORDER BY ALL"
    at_once = connection.execute(query).fetchall()
    # Thousands of prompts would fill the first part; smaller parts are the only difference.
    monkeypatch.setattr("collect_pipeline.categories.gathering._PROMPTS_READ", 12)
    monkeypatch.setattr("collect_pipeline.categories.gathering._PROMPTS_AT_ONCE", 4)
    connection.execute("DELETE FROM prompt_categories")
    assert categorize(connection, small(BASE)).prompts == 35
    assert connection.execute(query).fetchall() == at_once


def test_another_taxonomy_that_was_explained_by_is_not_taken_for_the_packages(
    connection: Connection, small: Small
) -> None:
    add_prompts(connection, {1: "a cat"})
    categorize(connection)
    assert explain(connection, "a cat", small({"mood": ["cat,,,"]})).results[0].category == "mood"
    assert explain(connection, "a cat").results[0].category == "subject"
    add_prompts(connection, {2: "a dog"})
    categorize(connection)
    assert categories_of(connection, 2) == {"subject"}
